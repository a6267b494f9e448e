"""Vouchers (verifikationer): their numbers, their fiscal years, and what corrects them.

Every transaction is a voucher, with a number that runs within its series and fiscal year:

    2024-01-24 * "Leverantör 017 IT" "Licenser kvartal 1"
      ver: "L 31"
      Expenses:NAV:6820-Licenser                 1000.00 SEK
      Liabilities:NAV:2510-Leverantörsskulder   -1000.00 SEK

Numbers are given as vouchers are registered, so their dates need not rise with them. A number that
was given and not used is accounted for by a voucher without rows. A correction names the number of
what it corrects, with the year when that is another one, and several with commas between:

    2024-02-05 * "Rättelse av felkonterad faktura"
      ver: "M 12"
      rattar: "L 31, L 405 2023"

A fiscal year is a calendar year. `custom "bokslut"` closes it; the year after the last bokslut is
open, and when something is booked in it so is the next one, which runs while its bokslut is made.
Before the first closed year there is only the opening balance, on the last day of the year before.
In books without any bokslut every year is open, as long as no year is left out.

V501: Every voucher has a number: a series of capital letters and a number from 1, as "L 123".
    Why: LKBR 3 kap. and RKR R1: every posting is traced to its voucher by the number.
    Mend: write the metadata that the message holds; its number is free.

V502: A number is borne by one voucher in its series and fiscal year.
    Why: LKBR 3 kap. and RKR R1: a number that two vouchers bear identifies neither.
    Mend: give the voucher the number in the message, or remove it when it is the same one twice.

V503: In each series and fiscal year the numbers run from 1 without gap.
    Why: RKR R1: only an unbroken series shows that no voucher has been taken away.
    Mend: write the missing voucher; account for a number that was never used by the empty voucher in the message.

V504: A voucher is dated in a fiscal year of the books, closed or open.
    Why: LKBR 1 kap. 5 §, the fiscal year is the calendar year; what lies outside the books' years is in no statement.
    Mend: write the date as in the message, or close the year before.

V505: A correction names the voucher that it corrects, which is in the books and not younger than it.
    Why: RKR R1: one must be able to find the correction from what it corrects, and the other way round.
    Mend: write the number of the corrected voucher as rattar, with the year when it is of another one.

V506: A correction changes an account that the voucher that it corrects has changed.
    Why: what has no account in common corrects nothing of that voucher: another one must be meant.
    Mend: write the number of the voucher that is meant, or correct the account.

V507: Nothing is booked by pad: what a balance lacks is a voucher.
    Why: LKBR 3 kap.: Beancount would book the difference without voucher, number and approval.
    Mend: remove the pad, see what the balance assertion lacks, and write a voucher that says why.

V508: A closed year has no voucher that waits.
    Why: the flag ! says that somebody is still to approve the voucher, or to find out what it is; LKBR 3 kap.: the
        annual accounts are made of what has been.
    Mend: approve the voucher, or book what it was, and write * for !.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any, NamedTuple

from beancount.core import data
from beancount.core.amount import Amount

from forbundsbok.plugins.accounts import CLEARING
from forbundsbok.plugins.corrections import CORRECTS
from forbundsbok.plugins.directives import customs
from forbundsbok.plugins.imports import UNDERLAG, moved_in
from forbundsbok.plugins.mending import Numbers, indented, place, row, voucher_text
from forbundsbok.plugins.rules import RuleError, broken
from forbundsbok.plugins.years import BOKSLUT, last_day_of_year, read_boksluts

__plugins__ = ("check_vouchers",)

CORRECTION_WORDS = ("Rättelse", "Rättning")
"""How the text of a voucher begins that says itself to be a correction."""

WAITS = "!"
"""The flag of a voucher that waits for somebody: to approve it, or to say what it is."""

SHOWN = 10
"""How many gaps a message lists."""

_VER = re.compile("([A-ZÅÄÖ]+) ([1-9][0-9]{0,8})")
_CORRECTED = re.compile("([A-ZÅÄÖ]+) ([1-9][0-9]{0,8})(?: ([0-9]{4}))?")


class Ver(NamedTuple):
    """The number of a voucher, unique in the books."""

    year: int
    series: str
    number: int

    def __str__(self) -> str:
        return f"{self.series} {self.number}"

    @property
    def full(self) -> str:
        return f"{self} of {self.year}"


Series = tuple[int, str]
"""A fiscal year and the letters of a series."""


def read_ver(entry: data.Transaction) -> Ver | None:
    """Return the number of a voucher, or None where it has none that can be read."""
    text = entry.meta.get("ver")
    match = _VER.fullmatch(text) if isinstance(text, str) else None
    return Ver(entry.date.year, match[1], int(match[2])) if match else None


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

    def have(self, day: date) -> bool:
        """Tell whether a voucher may be dated a day."""
        return day.year in self.closed or self.start <= day.year <= self.end or day == self.opening

    def __str__(self) -> str:
        still_open = ", ".join(map(str, range(self.start, self.end + 1))) + " open"
        return ", ".join(map(str, sorted(self.closed))) + f" closed, {still_open}" if self.closed else still_open


def fiscal_years(entries: Iterable[data.Directive], vouchers: list[data.Transaction]) -> FiscalYears:
    """Return the fiscal years of books that hold some vouchers, which are in the order of their dates."""
    # A bokslut that cannot be read has its own error, and the vouchers of its year none.
    closed = frozenset(read_boksluts(entries)) | {entry.date.year for entry in customs(entries, BOKSLUT)}
    booked = {entry.date.year for entry in vouchers}
    if closed:
        start = max(closed) + 1
        return FiscalYears(closed, start, start + 1 if start in booked else start)
    # A mistyped year stands apart from the others, so the voucher in the middle is of a right one.
    start = end = vouchers[len(vouchers) // 2].date.year
    while start - 1 in booked:
        start -= 1
    while end + 1 in booked:
        end += 1
    return FiscalYears(closed, start, end)


def check_vouchers(entries: data.Directives, options_map: Mapping[str, Any]) -> tuple[data.Directives, list[RuleError]]:
    """Report breaches of V501 to V508."""
    errors = [_pad_error(entry) for entry in entries if isinstance(entry, data.Pad)]
    book = _Book(entries)
    if book.vouchers:
        errors += _waiting_errors(entries, book.vouchers)
        errors += [error for entry in book.corrections if (error := _correction_error(entry, book))]
        years = fiscal_years(entries, book.vouchers)
        outside = book.take_outside(years)
        errors += _Numbering(book).errors(years, outside)
    return entries, errors


def _waiting_errors(entries: Iterable[data.Directive], vouchers: Iterable[data.Transaction]) -> Iterator[RuleError]:
    boksluts = read_boksluts(entries)
    for entry in vouchers:
        if entry.flag == WAITS and (bokslut := boksluts.get(entry.date.year)):
            message = (
                f"V508 {_called(entry)} waits (flag {WAITS}) while {entry.date.year} is closed ({place(bokslut)}): "
            )
            heading = _heading(entry._replace(flag="*"), entry.date)
            yield broken(entry, f"{message}see that it is approved, and that its rows are right, and write\n{heading}")


class _Book:
    """The vouchers of the books by their numbers."""

    def __init__(self, entries: data.Directives) -> None:
        self.vouchers = [entry for entry in entries if isinstance(entry, data.Transaction)]
        self.unnumbered: list[data.Transaction] = []
        self.corrections: list[data.Transaction] = []
        self.bearers: dict[Series, dict[int, data.Transaction]] = defaultdict(dict)
        self.twins: list[tuple[Ver, data.Transaction]] = []
        self._by_row: dict[tuple[str, Decimal], list[data.Transaction]] | None = None
        elsewhere = moved_in(entries)
        for entry in self.vouchers:
            is_asked = entry.flag != WAITS and entry.meta.get(UNDERLAG) not in elsewhere
            says_so = is_asked and (entry.narration or "").startswith(CORRECTION_WORDS)
            if CORRECTS in entry.meta or says_so:
                self.corrections.append(entry)
            ver = read_ver(entry)
            if ver is None:
                self.unnumbered.append(entry)
            elif self.bearers[ver.year, ver.series].setdefault(ver.number, entry) is not entry:
                self.twins.append((ver, entry))

    def find(self, ver: Ver) -> data.Transaction | None:
        """Return the voucher that bears a number, of twins the first."""
        return self.bearers.get((ver.year, ver.series), {}).get(ver.number)

    def with_row(self, account: str, number: Decimal) -> list[data.Transaction]:
        """Return the vouchers that have a row, the latest first."""
        if self._by_row is None:
            self._by_row = defaultdict(list)
            for entry in reversed(self.vouchers):
                for row in _rows(entry):
                    self._by_row[row].append(entry)
        return self._by_row.get((account, number), [])

    def take_outside(self, years: FiscalYears) -> dict[int, list[data.Transaction]]:
        """Take out the vouchers that are dated in no fiscal year, and return them by year."""
        booked = {entry.date.year for entry in self.unnumbered} | {year for year, _ in self.bearers}
        foreign = {year for year in booked if not years.have(date(year, 1, 1))}
        outside: dict[int, list[data.Transaction]] = defaultdict(list)
        for entry in self.vouchers if foreign else ():
            if entry.date.year in foreign and not years.have(entry.date):
                outside[entry.date.year].append(entry)
                ver = read_ver(entry)
                if ver and self.find(ver) is entry:
                    del self.bearers[ver.year, ver.series][ver.number]
        self.twins = [(ver, entry) for ver, entry in self.twins if ver.year not in outside]
        return outside


class _Numbering:
    """What is wrong with the numbers: each voucher that bears a wrong one, and the numbers that are missing.

    A voucher with a wrong number leaves its right one missing. The two are one mistake, and one error.
    """

    def __init__(self, book: _Book) -> None:
        self._book = book
        self._numbers = Numbers(book.vouchers)
        self._series_by_accounts: dict[frozenset[str], str] | None = None
        self._missing = {series: missing for series in book.bearers if (missing := _gaps(book.bearers[series]))}

    def errors(self, years: FiscalYears, outside: Mapping[int, list[data.Transaction]]) -> list[RuleError]:
        """Return the errors, those of vouchers before those of missing numbers: what they explain is not missing."""
        errors = [self._outside_error(years, entries) for entries in outside.values()]
        errors += [self._twin_error(ver, entry) for ver, entry in self._book.twins]
        errors += [self._stranger_error(ver, home) for ver, home in self._strangers()]
        errors += [self._unnumbered_error(entry) for entry in self._book.unnumbered]
        errors += [self._missing_error(series, gaps) for series, gaps in self._missing.items() if gaps]
        return errors

    def _outside_error(self, years: FiscalYears, entries: list[data.Transaction]) -> RuleError:
        homes = [home for entry in entries if (home := self._take_in_other_year(read_ver(entry)))]
        first, year = entries[0], entries[0].date.year
        known = [*years.closed, *range(years.start, years.end + 1)]
        right = homes[0].year if homes else min(known, key=lambda other: abs(other - year))
        dated = f"Write its date:\n{_heading(first, _in_year(first.date, right))}"
        closing = self._closing_that_helps(years, year)
        closed = (
            f'When {closing} is complete, write:\n  {last_day_of_year(closing)} custom "{BOKSLUT}" {closing}'
            if closing
            else ""
        )
        others = f" and {len(entries) - 1} more" if len(entries) > 1 else ""
        message = f"V504 {_called(first)}{others} of {year}: the books have {years}, after the opening {years.opening}."
        # Where its number is missing in another year, it is the date that must be wrong.
        mends = [dated, closed] if homes or not closing else [closed, dated]
        return broken(first, "\nOr: ".join([f"{message} {mends[0]}", *filter(None, mends[1:])]))

    def _closing_that_helps(self, years: FiscalYears, year: int) -> int | None:
        """Return the year that must be closed for another one to be a fiscal year of the books."""
        if year == years.first - 1:
            return year
        booked = {other for other, _ in self._book.bearers}
        return years.start if year == years.start + 2 and year - 1 in booked else None

    def _twin_error(self, ver: Ver, entry: data.Transaction) -> RuleError:
        first = self._book.bearers[ver.year, ver.series][ver.number]
        # The one to blame is the one whose date is out of order, or else the later one.
        blamed, other = (first, entry) if self._fits(ver, entry) and not self._fits(ver, first) else (entry, first)
        message = f"V502 {ver.full} is borne by two vouchers, the other at {place(other)}. If they are two, "
        home = self._take_near(ver, blamed.date) or self._take_in_other_year(ver) or self._take_in_other_series(ver)
        return broken(blamed, message + self._mend(blamed, home or self._next(ver)))

    def _strangers(self) -> Iterator[tuple[Ver, Ver]]:
        """Yield the numbers that stand alone after a gap while they are missing in another year or series."""
        for series in list(self._missing):
            bearers = self._book.bearers[series]
            for gap in self._missing[series]:
                ver = Ver(*series, gap.stop)
                if ver.number not in bearers or ver.number + 1 in bearers:
                    continue
                if home := self._take_in_other_year(ver) or self._take_in_other_series(ver):
                    yield ver, home

    def _stranger_error(self, ver: Ver, home: Ver) -> RuleError:
        entry = self._book.bearers[ver.year, ver.series].pop(ver.number)
        self._missing[ver.year, ver.series] = _gaps(self._book.bearers[ver.year, ver.series])
        before = ver._replace(number=ver.number - 1)
        message = f"V503 {ver.full} comes without {before}, while {home.full} is missing: "
        return broken(entry, message + self._mend(entry, home))

    def _unnumbered_error(self, entry: data.Transaction) -> RuleError:
        home = self._take_meant(entry) or self._take_fitting(entry) or self._next(self._like(entry))
        given = entry.meta.get("ver")
        said = "This voucher has no number" if given is None else f'The number "{given}" is not as "{home}"'
        return broken(entry, f'V501 {said}. Write below its first line:\n    ver: "{home}"')

    def _missing_error(self, series: Series, gaps: list[range]) -> RuleError:
        bearers, (year, letters) = self._book.bearers[series], series
        message = f"V503 Series {letters} of {year} lacks {_listed(letters, gaps)}"
        if home := self._home_of_last(bearers, gaps):
            last = bearers[max(bearers)]
            return broken(last, f'{message}. For {letters} {max(bearers)} write:\n    ver: "{letters} {home}"')
        first = gaps[0].start
        follower = bearers[min(number for number in bearers if number > first)]
        before = bearers.get(first - 1)
        after = f", where {_called(before)} comes before ({place(before)})" if before else ""
        missing = [number for gap in gaps for number in gap[:SHOWN]][:SHOWN]
        unused = "\n".join(
            f'  {follower.date} * "Makulerat nummer"\n    ver: "{letters} {number}"' for number in missing
        )
        return broken(
            follower, f"{message}{after}. Write what is missing, or for a number that was never used:\n{unused}"
        )

    def _home_of_last(self, bearers: Collection[int], gaps: list[range]) -> int | None:
        """Return the number that the last one of a series should have, where it is to blame for all the gaps."""
        alone, others = gaps[-1], gaps[:-1]
        if alone.stop != max(bearers) or sum(map(len, others)) > 1:
            return None
        if others:
            return others[0].start
        # A single number that is missing is more likely a voucher that is.
        return alone.start if len(alone) > 1 else None

    def _mend(self, entry: data.Transaction, home: Ver) -> str:
        """Return what gives a voucher the number that it should have: another date, or another number."""
        if home.year != entry.date.year:
            return f"write its date:\n{_heading(entry, _in_year(entry.date, home.year))}"
        return f'write the number that is free:\n    ver: "{home}"'

    # Numbers that are missing, and may be those that vouchers should have. Each is taken once.

    def _take(self, ver: Ver) -> Ver | None:
        gaps = self._missing.get((ver.year, ver.series), [])
        gap = next((gap for gap in gaps if ver.number in gap), None)
        if gap is None:
            return None
        parts = range(gap.start, ver.number), range(ver.number + 1, gap.stop)
        gaps[gaps.index(gap) : gaps.index(gap) + 1] = [part for part in parts if part]
        return ver

    def _take_near(self, ver: Ver, day: date) -> Ver | None:
        """Take a number of the series: the one that the date fits, or else the first."""
        gaps = self._missing.get((ver.year, ver.series), [])
        numbers = [Ver(ver.year, ver.series, gap.start) for gap in gaps]
        number = next((number for number in numbers if self._between(number, day)), numbers[0] if numbers else None)
        return self._take(number) if number else None

    def _take_in_other_year(self, ver: Ver | None) -> Ver | None:
        years = sorted({year for year, _ in self._missing})
        return next((taken for year in years if ver and (taken := self._take(ver._replace(year=year)))), None)

    def _take_in_other_series(self, ver: Ver) -> Ver | None:
        letters = sorted({series for _, series in self._missing})
        return next((taken for series in letters if (taken := self._take(ver._replace(series=series)))), None)

    def _take_meant(self, entry: data.Transaction) -> Ver | None:
        """Take the number that a voucher's unreadable one may mean, as "l120" means L 120."""
        match = re.fullmatch(r"\W*([A-ZÅÄÖ]+)\W*0*([1-9][0-9]{0,8})\W*", str(entry.meta.get("ver")).upper())
        if match is None:
            return None
        meant = Ver(entry.date.year, match[1], int(match[2]))
        # What is written past the end of its series leaves no gap.
        return self._take(meant) or (meant if meant == self._next(meant) else None)

    def _take_fitting(self, entry: data.Transaction) -> Ver | None:
        """Take a number that the voucher's date fits, of the series of similar vouchers if there is one."""
        gaps = [Ver(*series, gap.start) for series, gaps in sorted(self._missing.items()) for gap in gaps]
        fitting = [ver for ver in gaps if ver.year == entry.date.year and self._between(ver, entry.date)]
        like = self._like(entry).series
        number = next((ver for ver in fitting if ver.series == like), fitting[0] if fitting else None)
        return self._take(number) if number else None

    def _like(self, entry: data.Transaction) -> Ver:
        """Return a number of the series of vouchers on the same accounts, or else of any series."""
        if self._series_by_accounts is None:
            numbered = [(ver, other) for other in self._book.vouchers if (ver := read_ver(other))]
            self._series_by_accounts = {frozenset(_accounts(other)): ver.series for ver, other in reversed(numbered)}
        series = self._series_by_accounts.get(frozenset(_accounts(entry)))
        return Ver(entry.date.year, series or min(self._series_by_accounts.values(), default="A"), 1)

    def _next(self, ver: Ver) -> Ver:
        series, number = self._numbers.free(ver.series, ver.year).split()
        return Ver(ver.year, series, int(number))

    def _fits(self, ver: Ver, entry: data.Transaction) -> bool:
        return self._between(ver, entry.date)

    def _between(self, ver: Ver, day: date) -> bool:
        """Tell whether a date lies between those of the vouchers before and after a number."""
        bearers = self._book.bearers[ver.year, ver.series]
        before = bearers.get(ver.number - 1)
        after = bearers.get(ver.number + 1)
        return (before is None or before.date <= day) and (after is None or day <= after.date)


def _gaps(numbers: Collection[int]) -> list[range]:
    """Return the numbers from 1 on that are missing among some."""
    if not numbers or max(numbers) == len(numbers):
        return []
    used = [0, *sorted(numbers)]
    return [range(before + 1, number) for before, number in pairwise(used) if number - before > 1]


def _listed(letters: str, gaps: list[range]) -> str:
    parts = [f"{letters} {gap.start}" + (f" to {letters} {gap.stop - 1}" if len(gap) > 1 else "") for gap in gaps]
    return ", ".join(parts[:SHOWN]) + (f" and {len(parts) - SHOWN} more" if len(parts) > SHOWN else "")


def _called(entry: data.Transaction) -> str:
    ver = read_ver(entry)
    return str(ver) if ver else f"the voucher of {entry.date}"


def _heading(entry: data.Transaction, day: date) -> str:
    """Return the first line of a voucher as it is on another day."""
    text = voucher_text(entry._replace(date=day, postings=[row("", Decimal(0), "")]))
    return indented(text.splitlines()[0])


def _in_year(day: date, year: int) -> date:
    return date(year, day.month, 28 if (day.month, day.day) == (2, 29) else day.day)


# Corrections.


def _correction_error(entry: data.Transaction, book: _Book) -> RuleError | None:
    given = entry.meta.get(CORRECTS)
    if given is None:
        return broken(
            entry, f"V505 {_called(entry)} is a correction but does not say of what: write\n{_meant(entry, book)}"
        )
    corrected = _read_corrected(given, entry.date.year)
    if not corrected:
        return broken(entry, f'V505 "{given}" is no voucher\'s number: write\n{_meant(entry, book)}')
    return next((error for ver in corrected if (error := _reference_error(entry, ver, book))), None)


def _read_corrected(given: object, year: int) -> list[Ver]:
    """Return the numbers that a correction names, or none when one of them cannot be read."""
    texts = given.split(",") if isinstance(given, str) else []
    matches = [_CORRECTED.fullmatch(text.strip()) for text in texts]
    numbers = [Ver(int(match[3] or year), match[1], int(match[2])) for match in matches if match]
    return numbers if len(numbers) == len(texts) else []


def _reference_error(entry: data.Transaction, ver: Ver, book: _Book) -> RuleError | None:
    corrected = book.find(ver)
    if corrected is None:
        return broken(
            entry, f"V505 {_called(entry)} corrects {ver.full}, which is not in the books: write\n{_meant(entry, book)}"
        )
    if corrected is entry:
        return broken(entry, f"V505 {_called(entry)} corrects itself: write\n{_meant(entry, book)}")
    if corrected.date > entry.date:
        message = (
            f"V505 {_called(entry)} of {entry.date} corrects {ver} ({place(corrected)}), which is of {corrected.date}"
        )
        return broken(entry, f"{message}. Write its date:\n{_heading(entry, corrected.date)}")
    if not _accounts(entry) & _accounts(corrected):
        message = f"V506 {_called(entry)} changes no account that {ver} ({place(corrected)}) has changed"
        return broken(entry, f"{message}: write what it corrects\n{_meant(entry, book)}")
    return None


def _accounts(entry: data.Transaction) -> set[str]:
    return {posting.account for posting in entry.postings if not posting.account.endswith(f":{CLEARING}")}


def _rows(entry: data.Transaction) -> Iterator[tuple[str, Decimal]]:
    accounts = _accounts(entry)
    for posting in entry.postings:
        if (
            posting.account in accounts
            and isinstance(posting.units, Amount)
            and isinstance(posting.units.number, Decimal)
        ):
            yield posting.account, posting.units.number


def _meant(entry: data.Transaction, book: _Book) -> str:
    """Return the metadata of a correction: of the latest voucher with a row that it reverses, if there is one."""
    reversed_by_it = [other for account, number in _rows(entry) for other in book.with_row(account, -number)]
    numbers = [
        ver for other in reversed_by_it if other is not entry and other.date <= entry.date and (ver := read_ver(other))
    ]
    if not numbers:
        return f'    {CORRECTS}: "L 123"\nwith the number of the voucher that it corrects'
    ver = max(numbers, key=lambda ver: ver.year)
    return f'    {CORRECTS}: "{ver}{"" if ver.year == entry.date.year else f" {ver.year}"}"'


def _pad_error(entry: data.Pad) -> RuleError:
    message = (
        f"V507 Pad would book on {entry.account} without a voucher: remove it, and write a voucher "
        f"against {entry.source_account} for what the next balance assertion lacks."
    )
    return broken(entry, message)
