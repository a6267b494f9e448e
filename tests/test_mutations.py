"""Mutants of the real ledger: change one thing that a module governs, and its rules must say so, and where.

The mutants change loaded entries, so that a thousand of them take seconds. `make test` tries one in twelve of each
module, the same ones each time, with the rules that may say it; `make mutants` tries all, with all rules of the module.
"""

import importlib
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest
from beancount.core.data import Directive, entry_sortkey
from beancount.parser import booking, parser

from forbundsbok.plugins.federation import checked
from forbundsbok.plugins.places import place_of
from forbundsbok.plugins.rulebook import RULES
from tests.mutations import Mutant
from tests.shares import SHARE
from tests.unchanged import worked_out_once

pytestmark = pytest.mark.slow

LEDGER = Path(__file__).parent.parent / "ledger" / "main.bean"
SEED = 2024
MUTATED = [path.stem for path in sorted((Path(__file__).parent / "mutations").glob("[a-z]*.py"))]


@pytest.fixture(scope="module")
def booked() -> Iterator[tuple[list[Directive], dict[str, Any]]]:
    """The real ledger as it is parsed and booked, before any plugin."""
    entries, errors, options = parser.parse_file(str(LEDGER))
    for name in options["include"]:
        included, more, _ = parser.parse_file(str(LEDGER.parent / name))
        entries, errors = entries + included, errors + more
    entries, more = booking.book(sorted(entries, key=entry_sortkey), options)  # type: ignore[no-untyped-call]
    assert not errors + more
    with worked_out_once(entries, options):
        yield entries, options


@pytest.mark.parametrize("name", MUTATED)
def test_every_mutant_is_found_where_it_is(
    name: str, booked: tuple[list[Directive], dict[str, Any]], record_property: Callable[[str, object], None]
) -> None:
    entries, options = booked
    module = importlib.import_module(f"tests.mutations.{name}")
    rules = getattr(module, "MODULES", (name,))
    assert checked(entries, options, rules)[1] == []
    mutants: Iterator[Mutant] = module.mutants(entries, Random(SEED))
    survivors, count, tried = [], 0, 0
    for mutant in mutants:
        count += 1
        if count % SHARE:
            continue
        tried += 1
        _, errors = checked(mutant.entries, options, rules if SHARE == 1 else _saying(mutant.codes, rules))
        if not any(_names(error, mutant) for error in errors):
            said = "; ".join(error.message.splitlines()[0] for error in errors[:3]) or "nothing"
            survivors.append(f"{mutant.what}: {said}")
    record_property("mutants", tried)
    assert survivors == []
    assert count >= 250


@cache
def _saying(codes: str, modules: tuple[str, ...]) -> list[str]:
    """Return the rules of some modules that have one of some codes, and those that can be the cause of what they find.

    What these tell does not depend on any other rule.
    """
    own = [each for each in RULES.values() if each.module in modules]
    saying = [each for each in own if re.match(codes, each.code)]
    causes = {code for each in saying for code in each.after}
    return [each.code for each in own if each in saying or each.code in causes]


def _names(error: Any, mutant: Mutant) -> bool:
    filename, line = place_of(error)
    place = f"{Path(filename).name}:{line}"
    return bool(re.match(mutant.codes, error.message)) and (mutant.about in error.message or mutant.about == place)
