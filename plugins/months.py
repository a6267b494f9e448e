"""Months: a type of its own, so that a month is taken for no year and no number of months; and days near them.

Month(2024, 12).after(1)                     Month(2025, 1)
Month(2025, 1).since(Month(2024, 1))         12
Month.of(date(2024, 2, 3)).last_day          2024-02-29
shifted(date(2024, 12, 31), timedelta(1))    2025-01-01
"""

from calendar import monthrange
from datetime import MAXYEAR, MINYEAR, date, timedelta
from typing import NamedTuple

MONTHS_A_YEAR = 12

MONTHS = (
    "januari", "februari", "mars", "april", "maj", "juni",
    "juli", "augusti", "september", "oktober", "november", "december",
)  # fmt: skip
"""How the months are named in the texts of vouchers and decisions."""


class Month(NamedTuple):
    """A month of a year. Months follow each other: `Month(2024, 12).after(1)` is `Month(2025, 1)`."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> "Month":
        return cls(day.year, day.month)

    @classmethod
    def at(cls, serial: int) -> "Month":
        """Return the month of a `serial`."""
        return cls(serial // 12, serial % 12 + 1)

    @property
    def serial(self) -> int:
        """The months from year 0 to this one, for tables whose columns hold numbers."""
        return self.year * 12 + self.number - 1

    def after(self, months: int) -> "Month":
        """Return the month so many months later, or earlier; it may be outside what a date can say."""
        return Month.at(self.serial + months)

    def since(self, other: "Month") -> int:
        """Return how many months this one is after another."""
        return self.serial - other.serial

    @property
    def first_day(self) -> date:
        """The first day, within what a date can say."""
        return date(in_calendar(self.year), self.number, 1)

    @property
    def last_day(self) -> date:
        """The last day, within what a date can say."""
        first = self.first_day
        return first.replace(day=monthrange(first.year, first.month)[1])

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"


# Days: any may be mistyped as the first or the last that there is


def in_calendar(year: int) -> int:
    """Return a year, or the nearest that there is."""
    return min(max(year, MINYEAR), MAXYEAR)


def same_day_in(year: int, day: date) -> date:
    """Return a day in another year; the last of February where that year has no 29th."""
    year = in_calendar(year)
    return date(year, 2, 28) if (day.month, day.day) == (2, 29) else day.replace(year=year)


def shifted(day: date, by: timedelta) -> date:
    """Return the day that is so much later, or the last or first that there is."""
    try:
        return day + by
    except OverflowError:
        return date.max if by > timedelta() else date.min
