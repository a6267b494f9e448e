"""The ledgers of `tests/rules/`, each loaded as the books that it is a part of.

A ledger `rules/surplus/S201.bean` holds what is particular to it, and in its last lines what must be said of it, each
error as `; file:line: message`. Options and `plugin` count in the main file only, so that they stand here once, and
every module's accounts and openings in its `base.bean`. A ledger that is about an option begins with its own, all of
them, and is loaded as it is.

    python -m tests.rule_ledgers surplus     writes what is said now into the failing ledgers of a module: read the diff
"""

import re
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from _pytest.mark import ParameterSet
from beancount import loader
from beancount.core import data

from forbundsbok.plugins.beancount_errors import own_causes
from forbundsbok.plugins.findings import WARNINGS, RuleError
from forbundsbok.plugins.places import place_of
from tests.main_file import head

RULES = Path(__file__).parent / "rules"
FAILING = sorted(path for path in RULES.rglob("[A-Z][0-9]*.bean") if not path.stem.endswith(".ok"))
PASSING = sorted(RULES.rglob("[A-Z][0-9]*.ok.bean"))

HEAD = head("Prov")
_EXPECTED = re.compile(r"^; (\S+:\d+: .*)$", re.MULTILINE)


def main_of(path: Path) -> str:
    """Return the text of a main file that has a rule's ledger in it."""
    text = path.read_text(encoding="utf-8")
    if '\noption "' in text:
        return text.replace('include "base.bean"', f'include "{path.with_name("base.bean")}"')
    return f'{HEAD}include "{path.with_name("base.bean")}"\ninclude "{path}"\n'


def load(path: Path) -> tuple[data.Directives, list[Any], dict[str, Any]]:
    """Return the directives, errors and options of a rule's ledger, never from a cache."""
    loader.initialize(use_cache=False)
    is_main = '\noption "' in path.read_text(encoding="utf-8")
    entries, errors, options = loader.load_file(str(path)) if is_main else loader.load_string(main_of(path))
    return entries, own_causes(errors), options


@cache
def _loaded(path: Path) -> tuple[data.Directives, list[Any], dict[str, Any]]:
    return load(path)


def loaded(path: Path) -> tuple[data.Directives, list[Any], dict[str, Any]]:
    """Return what `load` does of a rule's ledger, which is loaded once for all tests of a process that ask."""
    entries, errors, options = _loaded(path)
    return list(entries), list(errors), options


def of_modules(paths: Iterable[Path]) -> list[ParameterSet]:
    """Return rules' ledgers as parameters of a test; those of a module are tried in one process, which loads them."""
    return [
        pytest.param(path, id=path.stem, marks=pytest.mark.xdist_group(f"rules-{path.parent.name}")) for path in paths
    ]


def said_of(path: Path) -> list[str]:
    """Return what is said of a ledger: `file:line: message` for every error, and for the warnings of its own rule."""
    _, errors, options = loaded(path)
    told = [*errors, *(each for each in options[WARNINGS] if each.finding.rule == path.stem[:4])]
    told = [each for each in told if not isinstance(each, RuleError) or not each.finding.answer]
    return [f"{Path(place_of(each)[0]).name}:{place_of(each)[1]}: {each.message}" for each in told]


def expected_of(path: Path) -> list[str]:
    """Return what a failing ledger says must be said of it."""
    return [line.replace("\\n", "\n") for line in _EXPECTED.findall(path.read_text(encoding="utf-8"))]


def expect(path: Path) -> None:
    """Write what is said of a failing ledger now as what must be said of it."""
    text = _EXPECTED.sub("", path.read_text(encoding="utf-8")).rstrip("\n")
    said = ["; " + each.replace("\n", "\\n") for each in said_of(path)]
    path.write_text("\n".join([text, "", *said]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    for each in FAILING:
        if each.parent.name in sys.argv[1:]:
            expect(each)
