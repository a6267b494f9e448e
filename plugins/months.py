"""Months, counted on from year 0, so that they are compared and subtracted as numbers.

    month_at(2024, 1)              24288
    month_at(2025, 1) - month_at(2024, 1)     12
    year_of(month_at(2024, 12))    2024

A type of its own: a month is no year, though both are whole numbers.
"""

from typing import NewType

Month = NewType("Month", int)


def month_at(year: int, number: int) -> Month:
    """Return a month of a year, 1 for January."""
    return Month(year * 12 + number - 1)


def year_of(month: Month) -> int:
    """Return the year of a month."""
    return month // 12
