"""Fiscal years: the calendar years of the books, and which of them are complete.

    2024-12-31 custom "bokslut" 2024

`bokslut` says that the fiscal year that ends that day is complete: what must be true at year-end is
checked for the years that have one. A year without is still being booked. What is wrong with a
directive is reported by plugins.seal (L801, L802), and by it alone.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from beancount.core import data

from forbundsbok.plugins.directives import customs, values

BOKSLUT = "bokslut"


def first_day(year: int) -> date:
    """Return the first day of a fiscal year."""
    return date(year, 1, 1)


def last_day(year: int) -> date:
    """Return the last day of a fiscal year."""
    return date(year, 12, 31)


def read_boksluts(entries: Iterable[data.Directive]) -> dict[int, data.Custom]:
    """Return the directive of every complete year, the earliest first.

    A directive that cannot be read is left out, and of two for the same year the second.
    """
    boksluts: dict[int, data.Custom] = {}
    for entry in customs(entries, BOKSLUT):
        if bokslut_mistake(entry) is None:
            boksluts.setdefault(entry.date.year, entry)
    return dict(sorted(boksluts.items()))


def bokslut_mistake(entry: data.Custom) -> str | None:
    """Return why a bokslut cannot be read, as the end of a sentence, or None for a proper one."""
    given = values(entry)
    year = entry.date.year
    if len(given) != 1 or not isinstance(given[0], Decimal):
        return f"it takes the year as a number:\n  {_proper(year)}"
    if given[0] != year:
        return f"it is of {given[0]:f} but dated {entry.date}:\n  {_proper(year)}"
    if entry.date != last_day(year):
        return f"it is dated {entry.date}, but a fiscal year ends on its last day:\n  {_proper(year)}"
    return None


def _proper(year: int) -> str:
    return f'{last_day(year)} custom "{BOKSLUT}" {year}'
