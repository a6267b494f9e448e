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
month (plugins.checksums), by which a change is found again. docs/sigill.md tells how to recompute it all.

`forbundsbok seal 2024` writes the lines, `forbundsbok unseal 2024 --reason "..."` takes them away and leaves
a note of the reason.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property, partial
from typing import Any

from beancount.core import data
from beancount.core.amount import Amount

from forbundsbok.plugins.accounts import is_clearing
from forbundsbok.plugins.books import Books
from forbundsbok.plugins.canonical import SIGILL, is_of_seal
from forbundsbok.plugins.checksums import (
    BEFORE,
    EMPTY,
    NO_UNIT,
    Change,
    Item,
    MonthSums,
    by_month,
    change_of,
    months_of,
    name_of,
    numbers_of,
)
from forbundsbok.plugins.directives import custom_values
from forbundsbok.plugins.findings import Below, Finding, FixProposal, Message, Remove, Replace, Step, Subject
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.ledger_text import custom_of, directives_text
from forbundsbok.plugins.numbers import VER, FreeNumbers, series_of
from forbundsbok.plugins.rulebook import EVERY, rule, unreadable
from forbundsbok.plugins.sigill import NONE_BEFORE, Seal, Year, held_by_years, is_sealed
from forbundsbok.plugins.years import BOKSLUT, BOKSLUT_KIND, first_day_of_year, last_day_of_year

_OF_ACCOUNTS = ("open", "close", "balance", "pad", "note", "document")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZÅÄÖ"
_BEYOND = 100
"""How far beyond the last number of a series a voucher that is gone is looked for."""
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
        first = books.boksluts[entry.date.year]
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
        entry.date.year for entry in books.declared(BOKSLUT_KIND) if entry is not books.boksluts[entry.date.year]
    ]
    return {year: entry for year, entry in books.boksluts.items() if year < min(doubtful, default=10_000)}


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
        "Write the voucher as it was, and correct it by one dated after the last bokslut. Where the message cannot "
        "name the voucher, compare the month with the sealed copy."
    ),
    sees=EVERY,
)
def nothing_changed(books: Books) -> Iterable[Finding]:
    return breaches(books)["L806"]


@rule(
    "L807",
    title=N_("Nothing is dated into a sealed year."),
    why=N_("As L806; what comes to light after the bokslut belongs to the next year."),
    mend=N_("Write it with a date after the last bokslut."),
    sees=EVERY,
    restores=True,
)
def nothing_added(books: Books) -> Iterable[Finding]:
    return breaches(books)["L807"]


@rule(
    "L808",
    title=N_("Nothing is taken out of a sealed year."),
    why=N_("As L806; a voucher that has been part of the books stays in them."),
    mend=N_("Write it back as it was."),
    sees=EVERY,
)
def nothing_gone(books: Books) -> Iterable[Finding]:
    return breaches(books)["L808"]


@rule(
    "L809",
    title=N_("A seal is the one that the year and the seal of the year before give."),
    why=N_("A year that has been opened and sealed anew has changed what later years build on."),
    mend=N_("Unseal the year, with the reason, and seal it again."),
    sees=EVERY,
    restores=True,
)
def seals_hang_together(books: Books) -> Iterable[Finding]:
    return breaches(books)["L809"]


def breaches(books: Books) -> Mapping[str, list[Finding]]:
    """Return what is not as it was when its year was sealed, by the rule that it breaks (L804 to L809)."""
    return books.once(_compared)


def _compared(books: Books) -> Mapping[str, list[Finding]]:
    certain = _certain_years(books)
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
        self._tell_changes()

    def _tell(
        self,
        code: str,
        at: data.Directive,
        year: Year,
        message: str,
        fix: Iterable[Step] = (),
        proposal: FixProposal | None = None,
        **more: Any,
    ) -> None:
        values = {"year": year.year, "reopening": self._reopening(year), **more}
        self.breaches[code].append(Finding(at, _of_year(year.year), message, values, fix=tuple(fix), proposal=proposal))

    def _explain(self, year: Year, seal: Seal, previous: Year | None, before: str, before_at_fault: bool) -> bool:
        """Find out why a year does not agree with its seal, and return whether the sigill itself is at fault."""
        computed = year.computed(before)
        if computed.sigill == seal.sigill:
            message = N_(
                "The check sums of {year} are not those that it was sealed with, but nothing else has changed."
            )
            self._tell("L804", year.bokslut, year, message, [Below(year.bokslut, computed.metadata())])
        elif computed.lines != seal.lines:
            self._find_changes(year, seal, computed.months)
        else:
            if not before_at_fault:
                self._tell_chain(year, computed, previous)
            return True
        return False

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
                "sealed copy, and write all as it was.\n{reopening}"
            )
            self._tell("L806", year.bokslut, year, message)
        elif unclear:
            message = N_(
                "{year} is not as it was when it was sealed: {months}. Compare with the sealed copy, and write all as "
                "it was.\n{reopening}"
            )
            self._tell("L806", year.bokslut, year, message, months=unclear)

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
                self._tell_replaced(year, change.was, change.item)
            elif moved:
                # The same number may be gone from two years: rather from its own.
                moved.sort(key=lambda each: each[0].year != year.year)
                gone.remove(moved[0])
                self._tell_moved(*moved[0], change.item)
            else:
                self._tell_added(year, change.item)
        for year, change in gone:
            self._tell_gone(year, change)

    def _tell_replaced(self, year: Year, was: str, item: Item) -> None:
        if name_of(item.entry) == was:
            message = N_("{name} of {day} is not as it was when {year} was sealed. {restoring}\n{reopening}")
        else:
            message = N_("{name} of {day} stands where {was} stood when {year} was sealed. {restoring}\n{reopening}")
        restoring = self._restoring(was, item.entry.date.year)
        self._tell("L806", item.entry, year, message, **_named(item.entry), was=_called(was), restoring=restoring)

    def _tell_moved(self, year: Year, change: Change, item: Item) -> None:
        message = N_("{name} of {day} was dated {month} when {year} was sealed. {restoring}\n{reopening}")
        more: dict[str, Any] = {
            "month": _month(year, change.month),
            "restoring": self._restoring(change.was, year.year),
        }
        self._tell("L806", item.entry, year, message, **_named(item.entry), **more)

    def _tell_added(self, year: Year, item: Item) -> None:
        message = N_("{name} of {day} was not there when {year} was sealed: date it {open_day} or later.")
        if not _holds_on_another_day(item.entry):
            message = N_("{name} of {day} was not there when {year} was sealed: take it away.")
        values = {**_named(item.entry), "open_day": self._first_open_day}
        self._tell("L807", item.entry, year, message, proposal=partial(self._put_off, item.entry), **values)

    def _tell_gone(self, year: Year, change: Change) -> None:
        was = year.seal.months.get(change.month, EMPTY) if year.seal else EMPTY
        units = was.units_that_differ(months_of(year.items, year.year).get(change.month, EMPTY))
        message = N_("{name} of {month}{units} is gone since {year} was sealed: write it back as it was.\n{reopening}")
        more: dict[str, Any] = {
            "name": _called(change.was or ""),
            "month": _month(year, change.month),
            "units": _in(units),
        }
        self._tell("L808", year.bokslut, year, message, **more)

    def _tell_order(self, lacking: Year, year: Year, before: str) -> None:
        seal_before = f"  forbundsbok seal {lacking.year}"
        if year.seal and year.sigill(before, year.seal.lines) == year.seal.sigill:
            message = N_(
                "{year} is sealed but {lacking} is not. Nothing has changed since it was: write its seal back:\n"
                "{commands}"
            )
            commands = [seal_before]
        else:
            message = N_(
                "{year} is sealed but {lacking} is not. What {year} was sealed on cannot be proved: open it and seal "
                "both in order:\n{commands}"
            )
            commands = [_unseal(year), seal_before, f"  forbundsbok seal {year.year}"]
        self._tell("L805", year.bokslut, year, message, lacking=lacking.year, commands=_as_it_is(commands))

    def _tell_unreadable(self, year: Year, computed: Seal) -> None:
        written = {key: value for key, value in year.bokslut.meta.items() if is_of_seal(key) and isinstance(value, str)}
        lines = {key: line for key, line in computed.metadata().items() if key != SIGILL}
        if written.get(SIGILL) == computed.sigill or (lines and lines.items() <= written.items()):
            message = N_("The seal of {year} cannot be read, but nothing in the year has changed.")
            self._tell("L804", year.bokslut, year, message, [Below(year.bokslut, computed.metadata())])
            return
        message = N_(
            "The seal of {year} cannot be read: sigill has 64 digits (0-9, a-f), sigill-01 to sigill-12 hold check "
            "sums. Write it back as it was, or:\n{commands}"
        )
        commands = _as_it_is([_unseal(year), f"  forbundsbok seal {year.year}"])
        self._tell("L804", year.bokslut, year, message, commands=commands)

    def _tell_chain(self, year: Year, computed: Seal, previous: Year | None) -> None:
        if previous is None:
            message = N_(
                "Nothing in {year} has changed since it was sealed, but its sigill is not what the year gives."
            )
            self._tell("L809", year.bokslut, year, message, [Below(year.bokslut, {SIGILL: computed.sigill})])
            return
        message = N_(
            "Nothing in {year} has changed since it was sealed, but its sigill is not what it gives after {previous}: "
            "{previous} has been opened and sealed anew, or one of the two sigill has been written by hand. Find out "
            "why, then:\n{commands}"
        )
        commands = _as_it_is([_unseal(year), f"  forbundsbok seal {year.year}"])
        self._tell("L809", year.bokslut, year, message, previous=previous.year, commands=commands)

    def _restoring(self, was: str | None, of: int) -> Message:
        """Return how a change is undone, and what is done instead."""
        if was is None or not VER.fullmatch(was):
            text = N_("Write it as it was, and say what is new by a directive dated {open_day} or later.")
            return Message(text, {"open_day": self._first_open_day})
        text = N_(
            'Write it as it was, and correct it by a voucher dated {open_day} or later, with\n  rattar: "{corrected}"'
        )
        return Message(text, {"open_day": self._first_open_day, "corrected": f"{was} {of}"})

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
        return first_day_of_year(min(max(self.books.boksluts) + 1, date.max.year))

    def _put_off(self, entry: data.Directive, numbers: FreeNumbers) -> list[Step]:
        """Return the step that writes a directive for an open day, or takes away what only holds on its own day."""
        day = self._first_open_day
        if not _holds_on_another_day(entry):
            return [Remove(entry)]
        if not isinstance(entry, data.Transaction):
            return [Replace(entry, [entry._replace(date=day)])]
        meta = {**entry.meta, "ver": numbers.free(series_of(entry, ""), day.year)}
        return [Replace(entry, [entry._replace(date=day, meta=meta, postings=_rows(entry))])]


def _as_it_is(lines: Iterable[str]) -> Message:
    return Message("\n".join(lines), as_it_is=True)


def _rows(entry: data.Directive) -> list[data.Posting]:
    """Return the postings that an accountant wrote."""
    if not isinstance(entry, data.Transaction):
        return []
    return [posting for posting in entry.postings if not is_clearing(posting.account)]


def _holds_on_another_day(entry: data.Directive) -> bool:
    """Tell whether a directive can be written for a later day: an open, or a voucher with number and amounts."""
    rows = _rows(entry)
    is_whole = bool(VER.fullmatch(name_of(entry)) and rows and all(map(_has_amount, rows)))
    return isinstance(entry, data.Open) or (isinstance(entry, data.Transaction) and is_whole)


def _has_amount(posting: data.Posting) -> bool:
    return isinstance(posting.units, Amount) and isinstance(posting.units.number, Decimal)


def _named(entry: data.Directive) -> dict[str, Any]:
    return {"name": _called(name_of(entry)), "day": entry.date}


def _called(name: str) -> Message | str:
    return Message(N_("Voucher {number}"), {"number": name}) if VER.fullmatch(name) else name


def _month(year: Year, month: str) -> Message | str:
    return Message(N_("before {year}"), {"year": year.year}) if month == BEFORE else f"{year.year}-{month}"


def _in(units: Iterable[str]) -> Message | str:
    named = [unit for unit in units if unit != NO_UNIT]
    return Message(N_(" in {units}"), {"units": named}) if named else ""


def _unseal(year: Year) -> str:
    return f'  forbundsbok unseal {year.year} --reason "..."'
