"""Seals: a complete year's digest, in which any later change is seen.

    2024-12-31 custom "bokslut" 2024
      sigill: "5d1c0f...e2"
      sigill-01: "412 0c1f9e0b3a7d5521 1b8e44d0a96c7f03 ADM 77e1 FK 91c0 NAV 3fa2"
      ...

`sigill` is a SHA-256 over everything dated after the bokslut before and up to this one, and over the
year before's `sigill`: so the years hang together in a chain. It is taken over the canonical form of the
directives (plugins.canonical), so that files, order, comments and white space do not matter, nor whether
clearing has been added. Saved queries and Fava's settings are no bookkeeping and do not count. The lines
`sigill-01` to `sigill-12` (`sigill-00`: what is dated before the first year) hold the check sums of each
month (plugins.checksums), by which a change is found again; `sigill-installningar` says how the ledger is read, and
`sigill-underlag` covers the documents. docs/sigill.md tells how to recompute it all.

`forbundsbok seal 2024` writes the lines and a sealed copy (plugins.sealed_copy), by which every change is told with
what stood there, `forbundsbok unseal 2024 --reason "..."` takes the lines away. Both are entered in the journal
(plugins.journal).
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cached_property, partial
from typing import Any

from beancount.core import data
from beancount.core.amount import Amount

from forbundsbok.plugins.accounts import is_clearing
from forbundsbok.plugins.books import Books
from forbundsbok.plugins.canonical import SIGILL, booked_day, is_of_seal
from forbundsbok.plugins.checksums import (
    BEFORE,
    EMPTY,
    NO_UNIT,
    Change,
    Item,
    MonthSums,
    by_month,
    change_of,
    month_key,
    months_of,
    name_of,
    numbers_of,
    units_of,
)
from forbundsbok.plugins.directives import KINDS, custom_values
from forbundsbok.plugins.documents import line_of
from forbundsbok.plugins.findings import Add, Below, Finding, FixProposal, Message, Remove, Replace, Step, Subject
from forbundsbok.plugins.journal import SEALED, journal_of, sealing_anew
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.ledger_text import custom_of, directives_text
from forbundsbok.plugins.months import Month, same_day_in
from forbundsbok.plugins.numbers import VER, FreeNumbers, Ver, read_ver, series_of
from forbundsbok.plugins.places import place
from forbundsbok.plugins.rulebook import EVERY, rule, unreadable
from forbundsbok.plugins.sealed_copy import SealedCopy, differences, read_copy
from forbundsbok.plugins.sigill import NONE_BEFORE, SETTINGS, Seal, Year, folder_of, held_by_years, is_sealed
from forbundsbok.plugins.vouchers import Numbering, misdated
from forbundsbok.plugins.years import BOKSLUT, BOKSLUT_KIND, first_day_of_year, last_day_of_year

_OF_ACCOUNTS = ("open", "close", "balance", "pad", "note", "document")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZÅÄÖ"
_BEYOND = 100
"""How far beyond the last number of a series a voucher that is gone is looked for."""
_TOLD = ("L804", "L805", "L806", "L807", "L808", "L809", "L810")
NEAR = 31
"""How many days from the voucher before it in its series one is dated that goes on from it."""
MOST = 100
"""How many changes are told one by one; more are told by their months."""
_DIGITS = 6
"""Of the highest number of a series: a longer one is a mistake, and the ones below it are not looked for."""


# The boksluts


unreadable(
    "L801",
    BOKSLUT_KIND,
    title=N_("A bokslut names the fiscal year that ends the day it is dated."),
    why=N_(
        "What must be true at a year-end is checked for the years with bokslut; LKBR 1 kap. 5 §: a fiscal year is a "
        "calendar year."
    ),
    module=__name__,
)


@rule(
    "L802",
    title=N_("A year has one bokslut."),
    why=N_("A year is complete once; of two directives, only one can bear the seal."),
    mend=N_("Remove the second."),
    restores=True,
)
def one_bokslut(books: Books) -> Iterator[Finding]:
    for entry in books.declared(BOKSLUT_KIND):
        first = books.written_boksluts[entry.date.year]
        if entry is not first:
            message = N_("{year} has a bokslut before, at {first}: remove one of them.")
            fix = [] if is_sealed(entry) else [Remove(entry)]
            yield Finding(entry, _of_year(entry.date.year), message, {"year": entry.date.year, "first": first}, fix=fix)


@rule(
    "L803",
    title=N_("Years with bokslut follow each other without gap."),
    why=N_("A year cannot be complete before the one that its opening balances come from."),
    mend=N_("Write the directive that the message holds, when the year between is complete."),
)
def boksluts_without_gap(books: Books) -> Iterator[Finding]:
    years = _certain_years(books)
    gap = next((year for year in years if year - 1 not in years and year != min(years)), None)
    if gap is None:
        return
    last = max(year for year in years if year < gap)
    lacking = [custom_of(BOKSLUT, last_day_of_year(year), [year]) for year in range(last + 1, gap)]
    message = N_("{year} has a bokslut but {before} has none. When {before} is complete, write\n{text}")
    text = Message("\n".join(directives_text([entry]) for entry in lacking), as_it_is=True)
    yield Finding(years[gap], _of_year(gap), message, {"year": gap, "before": last + 1, "text": text})


def _certain_years(books: Books) -> dict[int, data.Custom]:
    """Return the boksluts before the first year that one that cannot be read, or a second one, leaves in doubt."""
    doubtful: list[int] = []
    for entry, _ in books.unread(BOKSLUT_KIND):
        doubtful += [entry.date.year, *(int(value) for value in custom_values(entry)[:1] if _is_year(value))]
    doubtful += [
        entry.date.year
        for entry in books.declared(BOKSLUT_KIND)
        if entry is not books.written_boksluts[entry.date.year]
    ]
    return {year: entry for year, entry in books.written_boksluts.items() if year < min(doubtful, default=10_000)}


def _is_year(value: object) -> bool:
    return isinstance(value, Decimal) and value.is_finite() and 0 < value < 10_000


def _of_year(year: int) -> Subject:
    return Subject("year", str(year), year)


# The seals: all are compared at once, and each rule tells what is its own to tell.


@rule(
    "L804",
    title=N_("A seal is what `forbundsbok seal` writes: 64 digits, and a line of check sums a month."),
    why=N_("A seal that cannot be read seals nothing."),
    mend=N_(
        "Write the lines back as they were, or those that the message holds; else unseal the year, which keeps the "
        "reason, and seal it again."
    ),
    sees=EVERY,
    restores=True,
)
def seal_can_be_read(books: Books) -> Iterable[Finding]:
    return breaches(books)["L804"]


@rule(
    "L805",
    title=N_("A year is sealed after the year before it."),
    why=N_("The seal of a year is chained to that of the year before; without that one nothing can be proved."),
    mend=N_("Seal the year before again, if nothing in it has changed; else unseal the later year first."),
    sees=EVERY,
)
def sealed_in_order(books: Books) -> Iterable[Finding]:
    return breaches(books)["L805"]


@rule(
    "L806",
    title=N_("What stands in a sealed year is not changed."),
    why=N_(
        "LKBR 3 kap. and RKR R1: what is booked lasts, a correction is a voucher of its own with its own date; the "
        "books of a complete year are those that the auditors have examined."
    ),
    mend=N_(
        "Write the voucher as it was, and correct it by one dated after the last bokslut. Where the sealed copy in the "
        "folder sigill is at hand, the message holds what stood there; else it names the voucher, or the month to "
        "compare with a copy of the books."
    ),
    sees=EVERY,
    restores=True,
)
def nothing_changed(books: Books) -> Iterable[Finding]:
    return breaches(books)["L806"]


@rule(
    "L807",
    title=N_("Nothing is dated into a sealed year."),
    why=N_("As L806; what comes to light after the bokslut belongs to the next year."),
    mend=N_("Write it with a date after the last bokslut."),
    after=["V502", "V504"],
    sees=EVERY,
    restores=True,
)
def nothing_added(books: Books) -> Iterable[Finding]:
    # One that is dated in a wrong year has a finding of its own, which asks for the day that is meant.
    for finding in breaches(books)["L807"]:
        yield replace(finding, also=[*finding.also, misdated(finding.at)]) if finding.at else finding


@rule(
    "L808",
    title=N_("Nothing is taken out of a sealed year."),
    why=N_("As L806; a voucher that has been part of the books stays in them."),
    mend=N_("Write it back as it was."),
    sees=EVERY,
    restores=True,
)
def nothing_gone(books: Books) -> Iterable[Finding]:
    return breaches(books)["L808"]


@rule(
    "L809",
    title=N_("A seal is the one that the year and the seal of the year before give."),
    why=N_("A year that has been opened and sealed anew has changed what later years build on."),
    mend=N_(
        "Find out which of the years was sealed anew and why; hold them against the anchors that the auditor keeps; "
        "then unseal the year, with the reason, and seal it again."
    ),
    sees=EVERY,
    restores=True,
)
def seals_hang_together(books: Books) -> Iterable[Finding]:
    return breaches(books)["L809"]


@rule(
    "L810",
    title=N_("The ledger is read as it was when a year was sealed."),
    why=N_(
        "Options and plugins decide what is booked, what is let pass and what is seen; with others the same vouchers "
        "say something else."
    ),
    mend=N_(
        "Write the options and plugin lines of the main file as they were, or unseal the years and seal them again."
    ),
)
def read_as_it_was(books: Books) -> Iterable[Finding]:
    return breaches(books)["L810"]


def breaches(books: Books) -> Mapping[str, list[Finding]]:
    """Return what is not as it was when its year was sealed, by the rule that it breaks (L804 to L810)."""
    return books.once(_compared)


def _compared(books: Books) -> Mapping[str, list[Finding]]:
    certain = _certain_years(books)
    if int(min(journal_of(books).closed(SEALED), default="9999")) < min(certain, default=0):
        return {code: [] for code in _TOLD}  # the first bokslut is gone, and the next one takes all before it: L813
    # After a gap nothing is chained to anything.
    years = {
        year: entry for year, entry in certain.items() if all(each in certain for each in range(min(certain), year))
    }
    sealed = [year for year, entry in years.items() if is_sealed(entry)]
    up_to_last = {year: entry for year, entry in years.items() if sealed and year <= sealed[-1]}
    comparison = _Comparison(books, held_by_years(books.entries, books.options, up_to_last))
    comparison.compare()
    return comparison.breaches


@dataclass
class _Comparison:
    """The years up to the last that is sealed, compared with their seals.

    There is one finding for each cause: what follows from a seal that is at fault is not told again.
    """

    books: Books
    years: list[Year]
    breaches: dict[str, list[Finding]] = field(default_factory=lambda: defaultdict(list))
    changes: list[tuple[Year, Change]] = field(default_factory=list)
    _miswritten: list[Year] = field(default_factory=list)
    """The years whose lines below the sigill are not those that it was made of."""
    _copies: Counter[str] = field(default_factory=Counter)
    """How many copies of each directive have been told."""

    def compare(self) -> None:
        before, before_at_fault = NONE_BEFORE, False
        previous: Year | None = None
        for year in self.years:
            if year.sealed and previous and not previous.sealed:
                self._tell_order(previous, year, before)
            if year.seal is None:
                computed = year.computed(before)
                if year.sealed:
                    self._tell_unreadable(year, computed)
                before, before_at_fault = computed.sigill, True
            else:
                agrees = year.sigill(before, year.seal.lines) == year.seal.sigill
                at_fault = not agrees and self._explain(year, year.seal, previous, before, before_at_fault)
                before, before_at_fault = year.seal.sigill, at_fault
            previous = year
        self._compare_settings()
        self._tell_changes()

    def _tell(
        self,
        code: str,
        at: data.Directive,
        year: Year,
        message: str,
        fix: Iterable[Step] = (),
        proposal: FixProposal | None = None,
        also: Iterable[Subject] = (),
        place: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> None:
        values = {"year": year.year, "reopening": self._reopening(year), **more}
        finding = Finding(
            at, _of_year(year.year), message, values, fix=tuple(fix), proposal=proposal, also=tuple(also), place=place
        )
        self.breaches[code].append(finding)

    def _explain(self, year: Year, seal: Seal, previous: Year | None, before: str, before_at_fault: bool) -> bool:
        """Find out why a year does not agree with its seal, and return whether the sigill itself is at fault."""
        computed, copy = year.computed(before), read_copy(self._folder, str(year.year), seal.sigill)
        # How the ledger is read, and the documents, as they would be if what the seal says of them were not.
        as_now = year.computed(before, copy and line_of(copy.documents), year.settings)
        if seal.sigill in (computed.sigill, as_now.sigill):
            right = computed if computed.sigill == seal.sigill else as_now
            message = N_(
                "The check sums of {year} are not those that it was sealed with, but nothing else has changed."
            )
            self._tell("L804", year.bokslut, year, message, [Below(year.bokslut, right.metadata())])
            self._miswritten.append(year)
        elif copy and self._copied(year, copy):
            return False
        elif computed.months != seal.months:
            self._find_changes(year, seal, computed.months)
        else:
            if not before_at_fault:
                self._tell_chain(year, computed, previous)
            return True
        return False

    def _compare_settings(self) -> None:
        """Tell when the ledger is read in another way than when a year was sealed: once, for it is so for all."""
        for year in self.years:
            sealed = year.seal.lines.get(SETTINGS) if year.seal else None
            if sealed is not None and sealed != year.settings and year not in self._miswritten:
                then, today = sealed.split("; "), year.settings.split("; ")
                was, now = [each for each in then if each not in today], [each for each in today if each not in then]
                message = N_(
                    "The ledger is read in another way than when {year} was sealed: the main file then had {was}, and "
                    "now has {now}. Write its options and plugin lines as they were.\n{reopening}"
                )
                if not was:
                    message = N_(
                        "The ledger is read in another way than when {year} was sealed: the main file now also has "
                        "{now}. Take that away."
                    )
                elif not now:
                    message = N_(
                        "The ledger is read in another way than when {year} was sealed: the main file then also had "
                        "{was}. Write that again."
                    )
                values: dict[str, Any] = {"was": was or then, "now": now or today}
                self._tell("L810", year.bokslut, year, message, place=self._main_file, **values)
                return

    def _copied(self, year: Year, copy: SealedCopy) -> bool:
        """Collect what has changed since a copy was made; tell whether that is something, and not too much to tell."""
        found = differences(copy, year.items, MOST)
        for old, item in found:
            day = old.day if old else booked_day(item.entry) if item else year.bokslut.date
            change = Change(month_key(day, year.year), old and old.name, item, old and old.entry)
            self.changes.append((year, change))
        return bool(found)

    def _find_changes(self, year: Year, seal: Seal, now: Mapping[str, MonthSums]) -> None:
        """Collect the changes of a year that can be told by name, and tell all the others at once."""
        held = by_month(year.items, year.year)
        unclear = []
        for month in sorted(seal.months.keys() | now.keys()) if seal.months else ():
            was, is_now = seal.months.get(month, EMPTY), now.get(month, EMPTY)
            if was == is_now:
                continue
            if change := change_of(month, was, is_now, held.get(month, []), lambda: self._names):
                self.changes.append((year, change))
            else:
                counts = {"month": _month(year, month), "units": _in(was.units_that_differ(is_now))}
                text = N_("{month}{units} has {now} directives, and had {was}")
                unclear.append(Message(text, {**counts, "now": is_now.count, "was": was.count}))
        if not seal.months:
            message = N_(
                "{year} is not as it was when it was sealed, and has no check sums to tell where: compare with the "
                "sealed copy, and write all as it was. {anew}"
            )
            self._tell("L806", year.bokslut, year, message, anew=self._anew(year))
        elif unclear:
            message = N_(
                "{year} is not as it was when it was sealed: {months}. Compare with the sealed copy, and write all as "
                "it was. {anew}"
            )
            self._tell("L806", year.bokslut, year, message, months=unclear, anew=self._anew(year))

    @property
    def _folder(self) -> str:
        return folder_of(self.books.options)

    @property
    def _main_file(self) -> Mapping[str, Any]:
        return {"filename": self.books.options.get("filename"), "lineno": 1}

    @cached_property
    def _names(self) -> dict[int, str]:
        """The names that a directive may have had: those in the ledger, and the voucher numbers that are not."""
        entries = self.books.entries
        names = [name_of(entry) for entry in entries]
        for entry in (entry for entry in entries if isinstance(entry, data.Custom)):
            names += [name_of(entry._replace(date=last_day_of_year(year.year))) for year in self.years]
        accounts = {str(getattr(entry, "account", "")) for entry in entries}
        accounts |= {posting.account for year in self.years for item in year.items for posting in _rows(item.entry)}
        names += [f"{word} {account}" for word in _OF_ACCOUNTS for account in sorted(accounts)]
        last = dict.fromkeys(_LETTERS, 0)
        for ver in filter(None, map(VER.fullmatch, names)):
            if len(ver["number"]) <= _DIGITS:
                last[ver["series"]] = max(last.get(ver["series"], 0), int(ver["number"]))
        names += [f"{series} {number}" for series in last for number in range(1, last[series] + _BEYOND)]
        return numbers_of(names)

    def _tell_changes(self) -> None:
        """Tell each change; a directive that is gone from one month and new in another has been moved."""
        gone = [(year, change) for year, change in self.changes if change.item is None]
        for year, change in self.changes:
            if change.item is None:
                continue
            moved = [(left, each) for left, each in gone if each.was == name_of(change.item.entry)]
            if change.was is not None:
                self._tell_replaced(year, change.was, change.item, change.old)
            elif moved:
                # The same number may be gone from two years: rather from its own.
                moved.sort(key=lambda each: each[0].year != year.year)
                gone.remove(moved[0])
                self._tell_moved(*moved[0], change.item)
            else:
                self._tell_added(year, change.item)
        for year, change in gone:
            self._tell_gone(year, change)

    def _tell_replaced(self, year: Year, was: str, item: Item, old: data.Directive | None) -> None:
        if name_of(item.entry) == was:
            message = N_("{name} of {day} is not as it was when {year} was sealed. {restoring}\n{reopening}")
        else:
            message = N_("{name} of {day} stands where {was} stood when {year} was sealed. {restoring}\n{reopening}")
        how = restoring(was, item.entry.date.year, self._first_open_day)
        fix = [Replace(item.entry, [old])] if old else []
        values = {**named(item.entry), "was": called(was), "restoring": how}
        also = series_of_gone(was, year.year) if name_of(item.entry) != was else []
        self._tell("L806", item.entry, year, message, fix, also=also, **values)

    def _tell_moved(self, year: Year, change: Change, item: Item) -> None:
        message = N_("{name} of {day} was dated {month} when {year} was sealed. {restoring}\n{reopening}")
        more: dict[str, Any] = {
            "month": _month(year, change.month),
            "restoring": restoring(change.was, year.year, self._first_open_day),
        }
        fix = [Replace(item.entry, [change.old])] if change.old else []
        also = series_of_gone(change.was, year.year)
        self._tell("L806", item.entry, year, message, fix, also=also, **named(item.entry), **more)

    def _tell_added(self, year: Year, item: Item) -> None:
        if equal := EqualDirectives.of(item, year.items, self.books.entries):
            self._tell_copy(year, item, equal)
            return
        message = N_("{name} of {day} was not there when {year} was sealed: date it {open_day} or later.")
        day: date | None = self._first_open_day
        if isinstance(item.entry, data.Transaction) and holds_on_another_day(item.entry):
            if meant := self._day_by_number(item.entry):
                day = meant
                message = N_(
                    "{name} of {day} was not there when {year} was sealed. By its number it is of {meant}: date it so."
                )
            elif Month.of(self.books.last_booked) > Month.of(self._first_open_day):
                day = None  # which day it is of, nothing tells
                message = N_(
                    "{name} of {day} was not there when {year} was sealed. If it is a mistyped year, date it the day "
                    "of its document; if it came to light afterwards, the day that it did, {open_day} or later; if "
                    "nobody knows of it, take it away."
                )
        if not holds_on_another_day(item.entry):
            message = N_("{name} of {day} was not there when {year} was sealed: take it away.")
            if isinstance(item.entry, data.Custom):
                message = N_(
                    "{name} of {day} was not there when {year} was sealed: take it away, or date it {open_day} or "
                    "later where it is about what came then."
                )
        values = {**named(item.entry), "open_day": self._first_open_day, "meant": day}
        proposal = partial(put_off, item.entry, day) if day else None
        self._tell("L807", item.entry, year, message, proposal=proposal, **values)

    def _day_by_number(self, entry: data.Transaction) -> date | None:
        """Return the same day of the open year, where the number goes on from one of about that day."""
        ver, meant = read_ver(entry), same_day_in(self._first_open_day.year, entry.date)
        if ver is None:
            return None
        bearers = self.books.once(Numbering).bearers
        before = bearers.get(Ver(meant.year, ver.series, ver.number - 1))
        is_free = Ver(meant.year, ver.series, ver.number) not in bearers
        is_near = before is not None and abs((meant - before.date).days) <= NEAR
        return meant if is_free and is_near else None

    def _tell_copy(self, year: Year, item: Item, equal: "EqualDirectives") -> None:
        message = N_("{name} of {day} stands {count} times, at {places}, and once when {year} was sealed: {advice}")
        advice = Message(N_("take the other one away."))
        copy = equal.copy(self._copies[item.digest])
        self._copies[item.digest] += 1
        if copy:
            advice = Message(N_("take the one at {copy} away."), {"copy": place(copy)})
        fix = [Remove(copy)] if copy else []
        values = {**equal.values, "advice": advice}
        self._tell("L807", copy or item.entry, year, message, fix, **values)

    def _tell_gone(self, year: Year, change: Change) -> None:
        was = year.seal.months.get(change.month, EMPTY) if year.seal else EMPTY
        units = was.units_that_differ(months_of(year.items, year.year).get(change.month, EMPTY))
        message = N_("{name} of {month}{units} is gone since {year} was sealed: write it back as it was.\n{reopening}")
        more: dict[str, Any] = {
            "name": called(change.was or ""),
            "month": _month(year, change.month),
            "units": _in(units),
        }
        fix = [Add([change.old], self._beside(year, change.old))] if change.old else []
        self._tell("L808", year.bokslut, year, message, fix, also=series_of_gone(change.was, year.year), **more)

    def _beside(self, year: Year, old: data.Directive) -> data.Directive:
        """Return a directive of the file that one belongs in: the nearest before it of the same kind and unit."""
        alike = (
            item.entry
            for item in reversed(year.items)
            if type(item.entry) is type(old) and item.entry.date <= old.date and units_of(item.entry) == units_of(old)
        )
        return next(alike, year.bokslut)

    def _tell_order(self, lacking: Year, year: Year, before: str) -> None:
        seal_before = f"  forbundsbok seal {lacking.year}"
        if year.seal and year.sigill(before, year.seal.lines) == year.seal.sigill:
            message = N_(
                "{year} is sealed but {lacking} is not. Nothing has changed since it was: write its seal back:\n{then}"
            )
            then = _as_it_is([seal_before])
        else:
            message = N_(
                "{year} is sealed but {lacking} is not. What {year} was sealed on cannot be proved: open it and seal "
                "both in order. {then}"
            )
            was_sealed = str(lacking.year) in journal_of(self.books).closed(SEALED)
            opening = [_unseal(year), *([_unseal(lacking)] if was_sealed else [])]
            commands = [*opening, seal_before, f"  forbundsbok seal {year.year}"]
            then = sealing_anew(lacking.year, commands)
        also = [_of_year(lacking.year)]
        self._tell("L805", year.bokslut, year, message, also=also, lacking=lacking.year, then=then)

    def _tell_unreadable(self, year: Year, computed: Seal) -> None:
        written = {key: value for key, value in year.bokslut.meta.items() if is_of_seal(key) and isinstance(value, str)}
        lines = {key: line for key, line in computed.metadata().items() if key != SIGILL}
        told = journal_of(self.books).last(str(year.year))
        is_told = told is None or told.sigill == computed.sigill
        if is_told and (written.get(SIGILL) == computed.sigill or (lines and lines.items() <= written.items())):
            message = N_("The seal of {year} cannot be read, but nothing in the year has changed.")
            self._tell("L804", year.bokslut, year, message, [Below(year.bokslut, computed.metadata())])
            return
        message = N_(
            "The seal of {year} cannot be read: sigill has 64 digits (0-9, a-f), sigill-01 to sigill-12 hold check "
            "sums. Write it back as it was, from a copy of the books or their history. {anew}"
        )
        self._tell("L804", year.bokslut, year, message, anew=self._anew(year))

    def _tell_chain(self, year: Year, computed: Seal, previous: Year | None) -> None:
        journal = journal_of(self.books)
        line, line_before = journal.last(str(year.year)), previous and journal.last(str(previous.year))
        if line and line.sigill == computed.sigill:
            message = N_(
                "Nothing in {year} has changed since it was sealed, as the journal has it, but the sigill below its "
                "bokslut is another."
            )
            self._tell("L809", year.bokslut, year, message, [Below(year.bokslut, {SIGILL: computed.sigill})])
            return
        if previous is None or (line and line_before and line_before.number < line.number):
            message = N_(
                "{year} does not give its sigill, although its check sums do: the sigill has been written by hand, or "
                "what stands in the year and its check sums together. Write all as it was. {anew}"
            )
            self._tell("L809", year.bokslut, year, message, anew=self._anew(year))
            return
        message = N_(
            "Nothing in {year} has changed since it was sealed, but its sigill is not what it gives after {previous}: "
            "{previous} has been opened and sealed anew, or one of the two sigill has been written by hand. Find out "
            "why. {anew}"
        )
        self._tell("L809", year.bokslut, year, message, previous=previous.year, anew=self._anew(year))

    def _anew(self, year: Year) -> Message:
        """Return how a year is sealed anew of which nothing tells what has changed: after the later ones."""
        later = [each for each in self.years if each.sealed and each.year > year.year]
        opening = [_unseal(each) for each in [*reversed(later), year]]
        return sealing_anew(year.year, [*opening, *(f"  forbundsbok seal {each.year}" for each in [year, *later])])

    def _reopening(self, year: Year) -> Message:
        """Return how the year is opened instead: after the later ones that follow from it."""
        later = [each for each in reversed(self.years) if each.sealed and each.year > year.year]
        commands = _as_it_is([_unseal(each) for each in [*later, year]])
        if later:
            text = N_("Or open {year}, after {later} sealed on it:\n{commands}")
            return Message(text, {"year": year.year, "later": [each.year for each in later], "commands": commands})
        return Message(N_("Or open {year}:\n{commands}"), {"year": year.year, "commands": commands})

    @cached_property
    def _first_open_day(self) -> date:
        return first_day_of_year(min(max(self.books.written_boksluts) + 1, date.max.year))


@dataclass(frozen=True)
class EqualDirectives:
    """Directives of a year that are the same, letter for letter, of which all but one are copies."""

    entries: Sequence[data.Directive]
    alone: Sequence[data.Directive]
    """Those in files that hold nothing else of the kind from that year, but of others."""

    @classmethod
    def of(cls, item: Item, items: Sequence[Item], entries: Iterable[data.Directive]) -> "EqualDirectives | None":
        """Return the directives that are as one of a year or month, None where there is no other in the books."""
        equal = [each.entry for each in items if each.digest == item.digest]
        if len(equal) < 2:
            return None
        ids = set(map(id, equal))
        kind, year = _kind(item.entry), item.entry.date.year
        files: dict[bool, set[str]] = {True: set(), False: set()}
        for each in entries:
            if id(each) not in ids and _kind(each) == kind:
                files[each.date.year == year].add(each.meta["filename"])
        alone = [entry for entry in equal if entry.meta["filename"] not in files[True]]
        if len(alone) == len(equal):
            alone = [entry for entry in equal if entry.meta["filename"] in files[False]]
        return cls(equal, alone)

    def copy(self, number: int) -> data.Directive | None:
        """Return one of the copies, None where it cannot be told which of them is the first."""
        return self.alone[number] if len(self.alone) == len(self.entries) - 1 and number < len(self.alone) else None

    @property
    def subjects(self) -> list[Subject]:
        return [Subject("voucher", place(entry)) for entry in self.entries]

    @property
    def values(self) -> dict[str, Any]:
        return {**named(self.entries[0]), "count": len(self.entries), "places": list(map(place, self.entries))}


def _kind(entry: data.Directive) -> str:
    return entry.type if isinstance(entry, data.Custom) else type(entry).__name__


def series_of_gone(was: str | None, year: int) -> list[Subject]:
    """Return the series that a voucher is missing in, which no other rule has to tell."""
    ver = VER.fullmatch(was or "")
    return [Subject("series", ver["series"], year)] if ver else []


LATER = {
    "asset": ("utrangering", "nedskrivning", "nyttjandeperiod"),
    "attest": ("attest-slut", "attest"),
    "budget": ("budget",),
    "goal": ("goal",),
    "investment-threshold": ("investment-threshold",),
    "provision-plan": ("provision-plan",),
    "provision": ("provision",),
    "unit": ("unit", "enhet-slut"),
}
"""By which directives of a later day a thing is changed, by the type of the one that entered it."""


def restoring(was: str | None, of: int, open_day: date) -> Message:
    """Return how a change is undone, and what is done instead."""
    if was and VER.fullmatch(was):
        text = N_(
            'Write it as it was, and correct it by a voucher dated {open_day} or later, with\n  rattar: "{corrected}"'
        )
        return Message(text, {"open_day": open_day, "corrected": f"{was} {of}"})
    kind = re.match(r'custom "([^"]+)"', was or "")
    later = [each for each in LATER.get(kind[1], ()) if each in KINDS] if kind else []
    if later:
        text = N_("Write it as it was; what is new is written as {later}, dated {open_day} or later.")
        return Message(text, {"later": later, "open_day": open_day})
    if was and was.startswith("open "):
        text = N_(
            "Write it as it was; another label from {open_day} is written as benamning, and what is to be booked "
            "otherwise has an account of its own."
        )
        return Message(text, {"open_day": open_day})
    return Message(N_("Write it as it was."))


def put_off(entry: data.Directive, day: date, numbers: FreeNumbers) -> list[Step]:
    """Return the step that writes a directive for an open day, or takes away what only holds on its own day."""
    if not holds_on_another_day(entry):
        return [Remove(entry)]
    if not isinstance(entry, data.Transaction):
        return [Replace(entry, [entry._replace(date=day)])]
    # A number runs within its year: there it stays, lest it leaves a gap.
    is_moved = day.year != entry.date.year
    meta = {**entry.meta, "ver": numbers.free(series_of(entry, ""), day.year)} if is_moved else entry.meta
    return [Replace(entry, [entry._replace(date=day, meta=meta, postings=_rows(entry))])]


def _as_it_is(lines: Iterable[str]) -> Message:
    return Message("\n".join(lines), as_it_is=True)


def _rows(entry: data.Directive) -> list[data.Posting]:
    """Return the postings that an accountant wrote."""
    if not isinstance(entry, data.Transaction):
        return []
    return [posting for posting in entry.postings if not is_clearing(posting.account)]


def holds_on_another_day(entry: data.Directive) -> bool:
    """Tell whether a directive can be written for a later day: an open, or a voucher with number and amounts."""
    rows = _rows(entry)
    is_whole = bool(VER.fullmatch(name_of(entry)) and rows and all(map(_has_amount, rows)))
    return isinstance(entry, data.Open) or (isinstance(entry, data.Transaction) and is_whole)


def _has_amount(posting: data.Posting) -> bool:
    return isinstance(posting.units, Amount) and isinstance(posting.units.number, Decimal)


def named(entry: data.Directive) -> dict[str, Any]:
    """Return how a message names a directive: what it is called, and its day."""
    return {"name": called(name_of(entry)), "day": entry.date}


def called(name: str) -> Message | str:
    """Return what a directive is called in a message: `Verifikation L 31`."""
    return Message(N_("Voucher {number}"), {"number": name}) if VER.fullmatch(name) else name


def _month(year: Year, month: str) -> Message | str:
    return Message(N_("before {year}"), {"year": year.year}) if month == BEFORE else f"{year.year}-{month}"


def _in(units: Iterable[str]) -> Message | str:
    named = [unit for unit in units if unit != NO_UNIT]
    return Message(N_(" in {units}"), {"units": named}) if named else ""


def _unseal(year: Year) -> str:
    return f'  forbundsbok unseal {year.year} --reason "..."'
