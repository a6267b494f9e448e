"""The ledgers of `tests/rules/`, each loaded as the books that it is a part of.

A ledger `rules/surplus/S201.bean` holds what is particular to it. Options and `plugin` count in the main file only,
so that they stand here once, and every module's accounts and openings in its `base.bean`. A ledger that is about an
option begins with its own, all of them, and is loaded as it is.
"""

from pathlib import Path
from typing import Any

from beancount import loader
from beancount.core import data

from tests.main_file import head

RULES = Path(__file__).parent / "rules"
FAILING = sorted(path for path in RULES.rglob("[A-Z][0-9]*.bean") if not path.stem.endswith(".ok"))
PASSING = sorted(RULES.rglob("[A-Z][0-9]*.ok.bean"))

HEAD = head("Prov")


def main_of(path: Path) -> str:
    """Return the text of a main file that has a rule's ledger in it."""
    text = path.read_text(encoding="utf-8")
    if '\noption "' in text:
        return text.replace('include "base.bean"', f'include "{path.with_name("base.bean")}"')
    return f'{HEAD}include "{path.with_name("base.bean")}"\ninclude "{path}"\n'


def load(path: Path) -> tuple[data.Directives, list[Any], dict[str, Any]]:
    """Return the directives, errors and options of a rule's ledger, never from a cache."""
    loader.initialize(use_cache=False)
    if '\noption "' in path.read_text(encoding="utf-8"):
        return loader.load_file(str(path))
    return loader.load_string(main_of(path))
