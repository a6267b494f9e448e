"""Fiscal years: the calendar years of the books, and which of them are complete.

    2024-12-31 custom "bokslut" 2024

`bokslut` says that the fiscal year that ends that day is complete: what must be true at year-end is checked for the
years that have one. A year without is still being booked. The year after the last bokslut is open, and when something
is booked in it so is the next one, which runs while its bokslut is made. What is wrong with a directive is reported by
plugins.seal (L801, L802), and by it alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from beancount.core import data

from forbundsbok.plugins.directives import Field, Kind, customs, wrong
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.months import in_calendar

BOKSLUT = "bokslut"


def first_day_of_year(year: int) -> date:
    """Return the first day of a fiscal year."""
    return date(in_calendar(year), 1, 1)


def last_day_of_year(year: int) -> date:
    """Return the last day of a fiscal year."""
    return date(in_calendar(year), 12, 31)


def _year_number(value: object) -> int:
    if not isinstance(value, Decimal):
        raise wrong(N_("the year is a number"))
    return int(value) if value == value.to_integral_value() else 0


def _ends_its_year(entry: data.Custom, given: Mapping[str, object]) -> None:
    if given["year"] != entry.date.year:
        raise wrong(N_("it is dated {day}, in another year"), day=entry.date)
    if entry.date != last_day_of_year(entry.date.year):
        raise wrong(N_("it is dated {day}, but a fiscal year ends on its last day"), day=entry.date)


BOKSLUT_KIND = Kind(
    BOKSLUT,
    values=(Field(N_("year"), lambda value, _: _year_number(value)),),
    make=lambda entry, _: entry,
    check=_ends_its_year,
    example='2024-12-31 custom "bokslut" 2024',
)


def read_boksluts(entries: Iterable[data.Directive]) -> dict[int, data.Custom]:
    """Return the directive of every complete year, the earliest first.

    A directive that cannot be read is left out, and of two for the same year the second.
    """
    boksluts: dict[int, data.Custom] = {}
    for entry in BOKSLUT_KIND.read_all(entries):
        boksluts.setdefault(entry.date.year, entry)
    return dict(sorted(boksluts.items()))


@dataclass(frozen=True)
class FiscalYears:
    """The fiscal years that the books have: closed ones, and open ones from `start` to `end`."""

    closed: frozenset[int]
    start: int
    end: int

    @property
    def opening(self) -> date:
        """The day of the opening balance, before the first fiscal year."""
        return last_day_of_year(max(self.first - 1, 1))

    @property
    def first(self) -> int:
        return min(self.closed, default=self.start)

    @property
    def open(self) -> range:
        return range(self.start, self.end + 1)

    def have(self, day: date) -> bool:
        """Tell whether a voucher may be dated a day."""
        return day.year in self.closed or day.year in self.open or day == self.opening


def fiscal_years(entries: Iterable[data.Directive], vouchers: Sequence[data.Transaction]) -> FiscalYears:
    """Return the fiscal years of books that hold some vouchers, which are in the order of their dates.

    In books without any bokslut every year is open, as long as no year is left out.
    """
    # A bokslut that cannot be read has its own error, and the vouchers of its year none.
    entries = list(customs(entries, BOKSLUT))
    closed = frozenset(read_boksluts(entries)) | {entry.date.year for entry in entries}
    booked = {entry.date.year for entry in vouchers}
    if closed:
        closed = frozenset(range(min(closed), max(closed) + 1))  # one that is lacking between has its own error too
        start = max(closed) + 1
        return FiscalYears(closed, start, start + 1 if start in booked else start)
    # A mistyped year stands apart from the others, so the voucher in the middle is of a right one.
    start = end = vouchers[len(vouchers) // 2].date.year
    while start - 1 in booked:
        start -= 1
    while end + 1 in booked:
        end += 1
    return FiscalYears(closed, start, end)
