"""Mutants of what is budgeted: the account, the day, the sign, and what stands twice."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

from beancount.core.amount import Amount
from beancount.core.data import Custom, Directive

from forbundsbok.plugins.money import ORE
from tests.mutations import (
    Mutant,
    changed,
    place_of,
    swapped,
    unsealed,
    values_of,
    with_meta,
    with_open_last_year,
)


def mutants(entries: list[Directive], random: Random) -> Iterator[Mutant]:
    budgets = [entry for entry in entries if isinstance(entry, Custom) and entry.type == "budget"]
    of_result = [entry for entry in budgets if entry.values[0].value.startswith(("Income", "Expenses"))]
    sorts = [(budgets, _misspelt), (budgets, _within_a_month), (budgets, _twice), (of_result, _turned)]
    yield from changed(entries, random, sorts, 65)
    yield from _forgotten(entries)
    yield from _undecided(entries, random)


def _forgotten(entries: list[Directive]) -> Iterator[Mutant]:
    """Yield ledgers in which what was decided for 2023 is not for 2024, or is dated in another year."""
    entries = unsealed(entries)
    for entry in entries:
        if isinstance(entry, Custom) and entry.type in ("goal", "investment-threshold") and entry.date.year == 2024:
            what = f"{entry.type}: {place_of(entry)}"
            yield Mutant(f"forgotten: {what}", swapped(entries, entry), "B907", "2024")
            for year in (2042, 2204):
                wrong = entry._replace(date=entry.date.replace(year=year))
                yield Mutant(f"of {year}: {what}", swapped(entries, entry, wrong), "B907", str(year))


def _undecided(entries: list[Directive], random: Random) -> Iterator[Mutant]:
    """Yield ledgers in which a goal is lowered, or a budget raised within the year, and nobody has decided it."""
    entries = with_open_last_year(entries)
    customs = [entry for entry in entries if isinstance(entry, Custom) and entry.date.year == 2024]
    for entry in [entry for entry in customs if entry.type == "goal"]:
        for less in (1, 1000, 500_000):
            lower = _with_amount(entry, values_of(entry)[1].number - less)
            yield Mutant(f"{less} lower: {place_of(entry)}", swapped(entries, entry, lower), "B908", place_of(entry))
    costs = [each for each in customs if each.type == "budget" and values_of(each)[0].startswith("Expenses")]
    for entry in random.sample(costs, 20):
        number = values_of(entry)[2].number
        if number < 0:
            continue
        later = entry._replace(date=date(2024, random.randint(2, 12), 1), meta={"filename": "ny.bean", "lineno": 1})
        for words in (None, "Enligt chefen", "Enligt beslut"):
            meta = {} if words is None else {"beslut": words}
            raised = with_meta(_with_amount(later, number * random.randint(13, 30) / 10), **meta)
            yield Mutant(f"raised: {place_of(entry)}", [*entries, raised], "B909", "ny.bean:1")


def _with_amount(entry: Custom, number: Decimal) -> Custom:
    *values, amount = entry.values or []
    return entry._replace(values=[*values, amount._replace(value=Amount(number.quantize(ORE), "SEK"))])


def _misspelt(random: Random, entry: Any) -> tuple[str, list[Directive], str, str]:
    account, interval, amount = entry.values
    letters = list(account.value)
    at = random.randrange(account.value.index("-") + 2, len(letters))
    letters[at] = "q" if letters[at] != "q" else "x"
    other = entry._replace(values=[account._replace(value="".join(letters)), interval, amount])
    return "for an account that is none", [other], "B903", place_of(entry)


def _within_a_month(random: Random, entry: Any) -> tuple[str, list[Directive], str, str]:
    other = entry._replace(date=entry.date.replace(day=random.randint(2, 28)))
    return "dated within a month", [other], "B904", place_of(entry)


def _twice(random: Random, entry: Any) -> tuple[str, list[Directive], str, str]:
    account, interval, amount = entry.values
    more = Amount(amount.value.number + random.randint(0, 1), amount.value.currency)
    other = entry._replace(
        values=[account, interval, amount._replace(value=more)], meta={**entry.meta, "lineno": entry.meta["lineno"] + 1}
    )
    return "twice", [entry, other], "B905", place_of(other)


def _turned(random: Random, entry: Any) -> tuple[str, list[Directive], str, str]:
    account, interval, amount = entry.values
    turned = Amount(-amount.value.number, amount.value.currency)
    other = entry._replace(values=[account, interval, amount._replace(value=turned)])
    return "with the other sign", [other], "B906", place_of(entry)
