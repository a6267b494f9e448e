"""Locked months: what is booked in a month that has been reported does not change any more.

    2025-02-07 custom "sigilljournal" 3 "last" "2025-01" "9b1f0c...47"
      summor: "412 0c1f9e0b3a7d5521 1b8e44d0a96c7f03 ADM 77e1 FK 91c0 NAV 3fa2"
  underlagen: "398 5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9"
      av: "Anna Andersson"

A lock is a light seal: a line of the journal, whose sigill is the SHA-256 of a head, the check sums of the month, the
line that covers its documents on disk (plugins.documents), and the SHA-256 of the canonical form of each voucher that
belongs to it, sorted. A month without documents, as each that was locked before they were covered, has the first form.
Registers may go on, and so may what only says what an account held: the bank's statement of the next month asserts
where it begins. `forbundsbok lock 2025-01` writes the line, `unlock` another one with the reason and who. When its year
is sealed, the seal takes over.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property, partial
from typing import Any

from beancount.core import data

from forbundsbok.plugins.books import Books
from forbundsbok.plugins.checksums import (
    EMPTY,
    Change,
    Item,
    MonthSums,
    change_of,
    month_key,
    months_of,
    name_of,
    numbers_of,
    read_month,
)
from forbundsbok.plugins.documents import KEY, line_of
from forbundsbok.plugins.findings import Add, Below, Finding, Message, Replace, Step, Subject, as_written
from forbundsbok.plugins.journal import LOCKED, PAPERS, SUMS, JournalLine, journal_of, month_of
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.months import Month
from forbundsbok.plugins.numbers import VER
from forbundsbok.plugins.rulebook import EVERY, rule
from forbundsbok.plugins.seal import (
    MOST,
    EqualDirectives,
    called,
    holds_on_another_day,
    named,
    put_off,
    restoring,
    series_of_gone,
)
from forbundsbok.plugins.sealed_copy import SealedCopy, differences, read_copy
from forbundsbok.plugins.sigill import digest_of, folder_of, item_of, without_padding

FORM, WITH_PAPERS = "forbundsbok manad 1", "forbundsbok manad 2"
"""The first line of what is digested; with the line that covers the documents it is another form."""

BOOKED = (data.Transaction, data.Pad)
"""What a lock covers."""

_BEYOND = 100
"""How far beyond the numbers of a month a voucher that is gone is looked for."""


def head(period: str, sums: object, papers: object = "") -> list[str]:
    """Return what is digested of a month before its directives; `papers` is the line that covers its documents."""
    return [WITH_PAPERS, period, str(sums), f"{KEY} {papers}"] if papers else [FORM, period, str(sums)]


def booked_in(
    entries: Sequence[data.Directive], options: Mapping[str, Any], periods: Iterable[str]
) -> dict[str, list[Item]]:
    """Return what is booked in some months, by month."""
    folder = folder_of(options)
    held: dict[str, list[Item]] = {period: [] for period in periods}
    wanted = {month_of(period): items for period, items in held.items()}
    for entry in without_padding(entries):
        if isinstance(entry, BOOKED) and (items := wanted.get(Month.of(entry.date))) is not None:
            items.append(item_of(entry, folder))
    return held


def sums_of(items: Iterable[Item], period: str) -> MonthSums:
    """Return the check sums of a month."""
    month = month_of(period)
    return months_of(items, month.year).get(month_key(month.first_day, month.year), EMPTY)


def sigill_of(items: Sequence[Item], period: str, papers: object = "") -> str:
    """Return the sigill of a month."""
    return digest_of(head(period, sums_of(items, period), papers), (item.digest for item in items))


@rule(
    "L821",
    title=N_("What is booked in a locked month is not changed."),
    why=N_(
        "What has been reported is what others have decided by; a correction is a voucher of its own, in an open month."
    ),
    mend=N_(
        "Write the voucher as it was, and correct it in the open month; or unlock the month, with reason and name."
    ),
    sees=EVERY,
    restores=True,
)
def month_is_as_it_was(books: Books) -> Iterable[Finding]:
    return books.once(_compared)["L821"]


@rule(
    "L822",
    title=N_("Nothing is booked in a locked month."),
    why=N_("As L821; what comes to light after the report is booked in the month that is open."),
    mend=N_("Date it in the open month."),
    sees=EVERY,
    restores=True,
)
def nothing_comes_to_a_month(books: Books) -> Iterable[Finding]:
    return books.once(_compared)["L822"]


@rule(
    "L823",
    title=N_("Nothing is taken out of a locked month."),
    why=N_("As L821; a voucher that has been reported stays."),
    mend=N_("Write it back as it was, and correct it in the open month."),
    sees=EVERY,
    restores=True,
)
def nothing_goes_from_a_month(books: Books) -> Iterable[Finding]:
    return books.once(_compared)["L823"]


def _compared(books: Books) -> Mapping[str, list[Finding]]:
    """Return what is not as it was when its month was locked, by the rule that it breaks."""
    found: dict[str, list[Finding]] = defaultdict(list)
    locks = journal_of(books).closed(LOCKED)
    locks = {period: line for period, line in locks.items() if not books.is_sealed(month_of(period).first_day)}
    for period, items in booked_in(books.entries, books.options, locks).items():
        if sigill_of(items, period, locks[period].papers) != locks[period].sigill:
            for code, finding in _Lock(books, locks, period, items).breaches():
                found[code].append(finding)
        elif SUMS in locks[period].entry.meta and locks[period].entry.meta[SUMS] != str(sums_of(items, period)):
            found["L821"].append(_Lock(books, locks, period, items).other_sums())
    return found


class _Lock:
    """A locked month that is not as it was, and what has changed in it."""

    def __init__(self, books: Books, locks: Mapping[str, JournalLine], period: str, items: list[Item]) -> None:
        self._books, self._items, self._period, self._line = books, items, period, locks[period]
        self._open_day = _open_day(locks, period)

    def breaches(self) -> Iterator[tuple[str, Finding]]:
        changes = self._changes()
        for change in changes:
            if change.item is None:
                yield self._gone(change)
            elif change.was is None:
                yield self._added(change.item)
            else:
                yield self._altered(change.item, change)
        if not changes and self._copy is not None:
            yield "L821", self._miswritten(self._copy)
        elif not changes:
            was = self._sums
            counts: dict[str, Any] = {
                "now": sums_of(self._items, self._period).count,
                "was": was.count if was else "?",
            }
            message = N_(
                "{month} is not as it was when it was locked {locked}: it has {now} vouchers, and had "
                "{was}. Write all as it was, by a copy of the books.\n{unlocking}"
            )
            yield "L821", self._finding(self._line.entry, message, **counts)

    def _miswritten(self, copy: SealedCopy) -> Finding:
        """Return the finding of a line of the journal that is not as it was, while the vouchers are."""
        papers = line_of(copy.documents)
        if not papers:
            message = N_(
                "No voucher of {month} has changed since it was locked {locked}, without documents: take {key} away "
                "below its line in the journal.\n{unlocking}"
            )
            return self._finding(self._line.entry, message, key=PAPERS)
        message = N_(
            "No voucher of {month} has changed since it was locked {locked}, but what its line in the journal says of "
            "the documents has: write it back.\n{unlocking}"
        )
        return self._finding(self._line.entry, message, [Below(self._line.entry, {PAPERS: papers})])

    def other_sums(self) -> Finding:
        """Return the finding of check sums that have been changed, while the month is as it was."""
        message = N_(
            "No voucher of {month} has changed since it was locked {locked}, but the check sums of its line in the "
            "journal have: write them back, or a change in the month is not found again."
        )
        sums = {SUMS: str(sums_of(self._items, self._period))}
        return self._finding(self._line.entry, message, [Below(self._line.entry, sums)])

    @cached_property
    def _copy(self) -> SealedCopy | None:
        return read_copy(folder_of(self._books.options), self._period, self._line.sigill)

    @property
    def _sums(self) -> MonthSums | None:
        return read_month(self._line.entry.meta.get(SUMS))

    def _changes(self) -> list[Change]:
        """Return the changes that can be told: all by the copy, one by the check sums."""
        if copy := self._copy:
            found = differences(copy, self._items, MOST)
            return [Change(self._period, old and old.name, item, old and old.entry) for old, item in found]
        if (was := self._sums) is None:
            return []
        now = sums_of(self._items, self._period)
        change = change_of(self._period, was, now, self._items, self._names)
        return [change] if change else []

    def _names(self) -> Mapping[int, str]:
        """Return what a voucher that is gone may have been called."""
        names = [name_of(entry) for entry in self._books.entries if isinstance(entry, BOOKED)]
        last: dict[str, int] = {}
        for ver in filter(None, map(VER.fullmatch, names)):
            if len(ver["number"]) < len("1000000"):
                last[ver["series"]] = max(last.get(ver["series"], 0), int(ver["number"]))
        names += [f"{series} {number}" for series in last for number in range(1, last[series] + _BEYOND)]
        names += [f"pad {account}" for account in self._books.opens]
        return numbers_of(names)

    def _altered(self, item: Item, change: Change) -> tuple[str, Finding]:
        message = N_("{name} of {day} is not as it was when {month} was locked {locked}. {restoring}\n{unlocking}")
        if name_of(item.entry) != change.was:
            message = N_(
                "{name} of {day} stands where {was} stood when {month} was locked {locked}. {restoring}\n{unlocking}"
            )
        how = restoring(change.was, item.entry.date.year, self._open_day)
        fix = [Replace(item.entry, [change.old])] if change.old else []
        values = {**named(item.entry), "was": called(change.was or ""), "restoring": how}
        return "L821", self._finding(item.entry, message, fix, **values)

    def _added(self, item: Item) -> tuple[str, Finding]:
        if equal := EqualDirectives.of(item, self._items, self._books.entries):
            message = N_(
                "{name} of {day} stands {count} times, at {places}, and once when {month} was locked {locked}: take "
                "the other one away."
            )
            finding = self._finding(item.entry, message, **equal.values)
            return "L822", replace(finding, also=equal.subjects)
        message = N_(
            "{name} of {day} was not there when {month} was locked {locked}: date it {open_day} or later.\n{unlocking}"
        )
        if not holds_on_another_day(item.entry):
            message = N_("{name} of {day} was not there when {month} was locked {locked}: take it away.\n{unlocking}")
        finding = self._finding(item.entry, message, **named(item.entry))
        return "L822", replace(finding, proposal=partial(put_off, item.entry, self._open_day))

    def _gone(self, change: Change) -> tuple[str, Finding]:
        message = N_("{name} is gone since {month} was locked {locked}. {restoring}\n{unlocking}")
        how = restoring(change.was, month_of(self._period).year, self._open_day)
        near = next((item.entry for item in reversed(self._items) if type(item.entry) is type(change.old)), None)
        fix = [Add([change.old], near)] if change.old and near else []
        values = {"name": called(change.was or ""), "restoring": how}
        also = series_of_gone(change.was, month_of(self._period).year)
        return "L823", replace(self._finding(self._line.entry, message, fix, **values), also=also)

    def _finding(self, at: data.Directive, message: str, fix: Sequence[Step] = (), **more: Any) -> Finding:
        command = f'  forbundsbok unlock {self._period} --reason "..." --by "..."'
        unlocking = Message(
            N_("Or unlock {month}:\n{command}"), {"month": self._period, "command": as_written(command)}
        )
        values = {"month": self._period, "locked": self._line.entry.date, "open_day": self._open_day, **more}
        return Finding(at, Subject("month", self._period), message, {**values, "unlocking": unlocking}, fix=tuple(fix))


def _open_day(locks: Mapping[str, JournalLine], period: str) -> date:
    """Return the first day after a month that is in no locked one."""
    month = month_of(period)
    while str(month) in locks and month.year < date.max.year:
        month = month.after(1)
    return month.first_day
