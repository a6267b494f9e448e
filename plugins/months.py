"""Months: a type of its own, so that a month is taken for no year and no number of months.

Month(2024, 12).after(1)                     Month(2025, 1)
Month(2025, 1).since(Month(2024, 1))         12
Month.of(date(2024, 2, 3)).last_day          2024-02-29
"""

from calendar import monthrange
from datetime import MAXYEAR, MINYEAR, date
from typing import NamedTuple

MONTHS_A_YEAR = 12


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
        return date(min(max(self.year, MINYEAR), MAXYEAR), self.number, 1)

    @property
    def last_day(self) -> date:
        """The last day, within what a date can say."""
        first = self.first_day
        return first.replace(day=monthrange(first.year, first.month)[1])

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"
