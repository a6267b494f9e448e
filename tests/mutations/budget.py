"""Mutants of what is budgeted: the account, the day, the sign, and what stands twice."""

from collections.abc import Iterator
from random import Random
from typing import Any

from beancount.core.amount import Amount
from beancount.core.data import Custom, Directive

from tests.mutations import Mutant, changed, place_of, swapped, unsealed


def mutants(entries: list[Directive], random: Random) -> Iterator[Mutant]:
    budgets = [entry for entry in entries if isinstance(entry, Custom) and entry.type == "budget"]
    of_result = [entry for entry in budgets if entry.values[0].value.startswith(("Income", "Expenses"))]
    sorts = [(budgets, _misspelt), (budgets, _within_a_month), (budgets, _twice), (of_result, _turned)]
    yield from changed(entries, random, sorts, 65)
    yield from _forgotten(entries)


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
