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

L801: A bokslut names the fiscal year that ends the day it is dated.
    Why: what must be true at a year-end is checked for the years with bokslut; LKBR 1 kap. 5 §: a fiscal
        year is a calendar year.
    Mend: paste the directive that the message holds.

L802: A year has one bokslut.
    Why: a year is complete once; of two directives, only one can bear the seal.
    Mend: remove the second.

L803: Years with bokslut follow each other without gap.
    Why: a year cannot be complete before the one that its opening balances come from.
    Mend: paste the directive that the message holds, when the year between is complete.

L804: A seal is what `forbundsbok seal` writes: 64 digits, and a line of check sums a month.
    Why: a seal that cannot be read seals nothing.
    Mend: write the lines back as they were, or those that the message holds; else unseal the year, which
        keeps the reason, and seal it again.

L805: A year is sealed after the year before it.
    Why: the seal of a year is chained to that of the year before; without that one nothing can be proved.
    Mend: seal the year before again, if nothing in it has changed; else unseal the later year first.

L806: What stands in a sealed year is not changed.
    Why: LKBR 3 kap. and RKR R1: what is booked lasts, a correction is a voucher of its own with its own date;
        the books of a complete year are those that the auditors have examined.
    Mend: write the voucher as it was, and correct it by one dated after the last bokslut. Where the message
        cannot name the voucher, compare the month with the sealed copy (`git log -p`).

L807: Nothing is dated into a sealed year.
    Why: as L806; what comes to light after the bokslut belongs to the next year.
    Mend: paste what the message holds instead, dated after the bokslut.

L808: Nothing is taken out of a sealed year.
    Why: as L806; a voucher that has been part of the books stays in them.
    Mend: write it back as it was.

L809: A seal is the one that the year and the seal of the year before give.
    Why: a year that has been opened and sealed anew has changed what later years build on.
    Mend: unseal the year, with the reason, and seal it again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from beancount.core import data
from beancount.core.amount import Amount

from forbundsbok.plugins.accounts import CLEARING
from forbundsbok.plugins.canonical import SIGILL, canonical, is_of_seal
from forbundsbok.plugins.checksums import (
    BEFORE,
    EMPTY,
    NO_UNIT,
    Change,
    Item,
    Month,
    by_month,
    change_of,
    months_of,
    name_of,
    numbers_of,
)
from forbundsbok.plugins.corrections import CORRECTS
from forbundsbok.plugins.directives import customs, values
from forbundsbok.plugins.mending import VER, Numbers, indented, place, voucher_text
from forbundsbok.plugins.rules import RuleError, broken
from forbundsbok.plugins.sigill import NONE_BEFORE, Seal, Year, held_by_years, is_sealed
from forbundsbok.plugins.years import BOKSLUT, BOKSLUT_KIND, first_day_of_year, last_day_of_year, read_boksluts

__plugins__ = ("check_seals",)

_OF_ACCOUNTS = ("open", "close", "balance", "pad", "note", "document")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZÅÄÖ"
_BEYOND = 100
"""How far beyond the last number of a series a voucher that is gone is looked for."""
_DIGITS = 6
"""Of the highest number of a series: a longer one is a mistake, and the ones below it are not looked for."""


def check_seals(entries: data.Directives, options_map: Mapping[str, Any]) -> tuple[data.Directives, list[RuleError]]:
    """Report boksluts that cannot be read, and whatever is not as it was when its year was sealed."""
    errors, unread = _bokslut_errors(entries)
    boksluts = {year: entry for year, entry in read_boksluts(entries).items() if year < unread}
    gap = next((year for year in boksluts if year - 1 not in boksluts and year != min(boksluts)), None)
    if gap is not None:
        errors.append(_gap_error(boksluts[gap], max(year for year in boksluts if year < gap)))
        boksluts = {year: entry for year, entry in boksluts.items() if year < gap}
    sealed = [year for year, entry in boksluts.items() if is_sealed(entry)]
    if sealed:
        up_to_last = {year: entry for year, entry in boksluts.items() if year <= sealed[-1]}
        errors += _Check(entries, held_by_years(entries, options_map, up_to_last)).errors()
    return entries, errors


def _bokslut_errors(entries: data.Directives) -> tuple[list[RuleError], int]:
    """Return the errors of directives that cannot be read, and the first year that one of them leaves in doubt."""
    errors, doubtful = [], []
    first: dict[int, data.Custom] = {}
    for entry in customs(entries, BOKSLUT):
        if mistake := next(iter(BOKSLUT_KIND.sorted_out([entry], None)[1]), None):
            errors.append(broken(entry, f"L801 This bokslut cannot be read: {mistake[1]}"))
            doubtful += [entry.date.year, *(int(value) for value in values(entry)[:1] if _is_year(value))]
        elif first.setdefault(entry.date.year, entry) is not entry:
            message = f"L802 {entry.date.year} has a bokslut before, at {place(first[entry.date.year])}: remove one."
            errors.append(broken(entry, message))
            doubtful.append(entry.date.year)
    return errors, min(doubtful, default=10_000)


def _is_year(value: object) -> bool:
    return isinstance(value, Decimal) and value.is_finite() and 0 < value < 10_000


def _gap_error(entry: data.Custom, last: int) -> RuleError:
    year = entry.date.year
    lacking = [f'  {last_day_of_year(between)} custom "{BOKSLUT}" {between}' for between in range(last + 1, year)]
    message = f"L803 {year} has a bokslut but {last + 1} has none: a year is complete after the year before it."
    return broken(entry, "\n".join([message, *lacking]))


@dataclass
class _Check:
    """The years up to the last that is sealed, compared with their seals."""

    entries: data.Directives
    years: list[Year]
    found: list[RuleError] = field(default_factory=list)
    changes: list[tuple[Year, Change]] = field(default_factory=list)

    def errors(self) -> list[RuleError]:
        """Return the errors, one for each cause: what follows from a seal that is at fault is not told again."""
        before, before_at_fault = NONE_BEFORE, False
        previous: Year | None = None
        for year in self.years:
            if year.sealed and previous and not previous.sealed:
                self.found.append(_order_error(previous, year, before))
            if year.seal is None:
                computed = year.computed(before)
                self.found += [_unreadable_error(year, computed)] if year.sealed else []
                before, before_at_fault = computed.sigill, True
            else:
                agrees = year.sigill(before, year.seal.lines) == year.seal.sigill
                at_fault = not agrees and self._explain(year, year.seal, previous, before, before_at_fault)
                before, before_at_fault = year.seal.sigill, at_fault
            previous = year
        return self.found + self._change_errors()

    def _explain(self, year: Year, seal: Seal, previous: Year | None, before: str, before_at_fault: bool) -> bool:
        """Find out why a year does not agree with its seal, and return whether the sigill itself is at fault."""
        computed = year.computed(before)
        if computed.sigill == seal.sigill:
            self.found.append(_lines_error(year, computed))
        elif computed.lines != seal.lines:
            self._compare(year, seal, computed.months)
        else:
            self.found += [] if before_at_fault else [_chain_error(year, computed, previous)]
            return True
        return False

    def _compare(self, year: Year, seal: Seal, now: Mapping[str, Month]) -> None:
        """Collect the changes of a year that can be told by name, and one error of all the others."""
        held = by_month(year.items, year.year)
        unclear = []
        for month in sorted(seal.months.keys() | now.keys()) if seal.months else ():
            was, is_now = seal.months.get(month, EMPTY), now.get(month, EMPTY)
            if was == is_now:
                continue
            if change := change_of(month, was, is_now, held.get(month, []), lambda: self._names):
                self.changes.append((year, change))
            else:
                unclear.append(_unclear_line(year, month, was, is_now))
        if unclear or not seal.months:
            self.found.append(self._unclear_error(year, unclear))

    @cached_property
    def _names(self) -> dict[int, str]:
        """The names that a directive may have had: those in the ledger, and the voucher numbers that are not."""
        names = [name_of(entry) for entry in self.entries]
        for entry in (entry for entry in self.entries if isinstance(entry, data.Custom)):
            names += [name_of(entry._replace(date=last_day_of_year(year.year))) for year in self.years]
        accounts = {str(getattr(entry, "account", "")) for entry in self.entries}
        accounts |= {posting.account for year in self.years for item in year.items for posting in _rows(item.entry)}
        names += [f"{word} {account}" for word in _OF_ACCOUNTS for account in sorted(accounts)]
        last = dict.fromkeys(_LETTERS, 0)
        for ver in filter(None, map(VER.fullmatch, names)):
            if len(ver["number"]) <= _DIGITS:
                last[ver["series"]] = max(last.get(ver["series"], 0), int(ver["number"]))
        names += [f"{series} {number}" for series in last for number in range(1, last[series] + _BEYOND)]
        return numbers_of(names)

    def _change_errors(self) -> list[RuleError]:
        """Return an error a change; a directive that is gone from one month and new in another has been moved."""
        gone = [(year, change) for year, change in self.changes if change.item is None]
        errors = []
        for year, change in self.changes:
            if change.item is None:
                continue
            name = name_of(change.item.entry)
            moved = [(left, each) for left, each in gone if each.was == name]
            if change.was is not None:
                errors.append(self._replaced_error(year, change.was, change.item))
            elif moved:
                # The same number may be gone from two years: rather from its own.
                moved.sort(key=lambda each: each[0].year != year.year)
                gone.remove(moved[0])
                errors.append(self._moved_error(*moved[0], change.item))
            else:
                errors.append(self._added_error(year, change.item))
        return errors + [self._gone_error(year, change) for year, change in gone]

    def _replaced_error(self, year: Year, was: str, item: Item) -> RuleError:
        what = "is not as it was" if name_of(item.entry) == was else f"stands where {_called(was)} stood"
        message = f"L806 {_dated_name(item.entry)} {what} when {year.year} was sealed: "
        return broken(item.entry, message + self._restore(year, was, item.entry.date.year))

    def _moved_error(self, year: Year, change: Change, item: Item) -> RuleError:
        message = f"L806 {_dated_name(item.entry)} was dated {_month(year, change.month)} when {year.year} was sealed: "
        return broken(item.entry, message + self._restore(year, change.was, year.year))

    def _added_error(self, year: Year, item: Item) -> RuleError:
        mended = self._redated(item.entry, self._first_open_day)
        message = f"L807 {_dated_name(item.entry)} was not there when {year.year} was sealed: "
        message += f"date it {self._first_open_day} or later:\n{indented(mended)}" if mended else "take it away"
        return broken(item.entry, message + self._or_open(year))

    def _gone_error(self, year: Year, change: Change) -> RuleError:
        was = year.seal.months.get(change.month, EMPTY) if year.seal else EMPTY
        units = was.units_that_differ(months_of(year.items, year.year).get(change.month, EMPTY))
        message = f"L808 {_called(change.was or '')} of {_month(year, change.month)}{_in(units)} is gone "
        message += f"since {year.year} was sealed: write it back as it was"
        return broken(year.bokslut, message + self._or_open(year))

    def _unclear_error(self, year: Year, unclear: list[str]) -> RuleError:
        message = f"L806 {year.year} is not as it was when it was sealed"
        message += ", in more than one directive a month:" if unclear else ", and has no check sums to tell where:"
        ending = "compare with the sealed copy (git log -p) and write all as it was"
        return broken(year.bokslut, "\n".join([message, *unclear, ending]) + self._or_open(year))

    def _restore(self, year: Year, was: str | None, of: int) -> str:
        """Return how a change is undone, and what is done instead."""
        day = self._first_open_day
        if was is None or not VER.fullmatch(was):
            better = f"say what is new by a directive dated {day} or later"
        else:
            better = f'correct it by a voucher dated {day} or later, with\n  {CORRECTS}: "{was} {of}"'
        return f"write it as it was, and {better}{self._or_open(year)}"

    def _or_open(self, year: Year) -> str:
        """Return how the year is opened instead: after the later ones that follow from it."""
        later = [each for each in reversed(self.years) if each.sealed and each.year > year.year]
        follow = f", after {' and '.join(str(each.year) for each in later)} sealed on it" if later else ""
        return "\n".join([f"\nor open {year.year}{follow}:", *(f"  {_unseal(each)}" for each in [*later, year])])

    @cached_property
    def _first_open_day(self) -> date:
        last = max(read_boksluts(self.entries))
        return first_day_of_year(min(last + 1, date.max.year))

    @cached_property
    def _numbers(self) -> Numbers:
        return Numbers(self.entries)

    def _redated(self, entry: data.Directive, day: date) -> str:
        """Return a directive as it is written for another day, or nothing for what only holds on its own day."""
        if isinstance(entry, data.Open):
            return canonical(entry._replace(date=day), "")
        if not isinstance(entry, data.Transaction):
            return ""
        rows, ver = _rows(entry), VER.fullmatch(name_of(entry))
        if not ver or not rows or not all(_has_amount(posting) for posting in rows):
            return ""
        meta = {**entry.meta, "ver": self._numbers.free(ver["series"], day.year)}
        return voucher_text(entry._replace(date=day, meta=meta, postings=rows))


def _order_error(lacking: Year, year: Year, before: str) -> RuleError:
    message = f"L805 {year.year} is sealed but {lacking.year} is not: "
    if year.seal and year.sigill(before, year.seal.lines) == year.seal.sigill:
        message += f"nothing has changed since it was, write its seal back:\n  forbundsbok seal {lacking.year}"
    else:
        message += f"what {year.year} was sealed on cannot be proved, open it and seal both in order:\n  "
        message += f"{_unseal(year)}\n  forbundsbok seal {lacking.year}\n  forbundsbok seal {year.year}"
    return broken(year.bokslut, message)


def _unreadable_error(year: Year, computed: Seal) -> RuleError:
    message = f"L804 The seal of {year.year} cannot be read"
    written = {key: value for key, value in year.bokslut.meta.items() if is_of_seal(key) and isinstance(value, str)}
    lines = {key: line for key, line in computed.metadata().items() if key != SIGILL}
    if written.get(SIGILL) == computed.sigill or (lines and lines.items() <= written.items()):
        message += ", but nothing in the year has changed: write it so"
        return broken(year.bokslut, "\n".join([message + ":", *_metadata_lines(computed)]))
    message += f": {SIGILL} has 64 digits (0-9, a-f), {SIGILL}-01 to {SIGILL}-12 hold check sums. "
    message += "Write it back as it was, or:"
    return broken(year.bokslut, f"{message}\n  {_unseal(year)}\n  forbundsbok seal {year.year}")


def _lines_error(year: Year, computed: Seal) -> RuleError:
    message = (
        f"L804 The check sums of {year.year} are not those that it was sealed with, but nothing else has changed: "
    )
    return broken(year.bokslut, "\n".join([f"{message}write them so:", *_metadata_lines(computed)]))


def _chain_error(year: Year, computed: Seal, previous: Year | None) -> RuleError:
    message = f"L809 Nothing in {year.year} has changed since it was sealed, but its sigill is not what it gives"
    if previous is None:
        return broken(year.bokslut, f'{message}: write it so:\n  {SIGILL}: "{computed.sigill}"')
    message += f" after {previous.year}: {previous.year} has been opened and sealed anew, or one of the two sigill has "
    message += f"been written by hand. Find out why, then:\n  {_unseal(year)}\n  forbundsbok seal {year.year}"
    return broken(year.bokslut, message)


def _metadata_lines(seal: Seal) -> list[str]:
    return [f'  {key}: "{value}"' for key, value in seal.metadata().items()]


def _unclear_line(year: Year, month: str, was: Month, now: Month) -> str:
    units = was.units_that_differ(now)
    return f"  {_month(year, month)}{_in(units)}: {now.count} directives, {was.count} when sealed"


def _rows(entry: data.Directive) -> list[data.Posting]:
    """Return the postings that an accountant wrote."""
    if not isinstance(entry, data.Transaction):
        return []
    return [posting for posting in entry.postings if not posting.account.endswith(f":{CLEARING}")]


def _has_amount(posting: data.Posting) -> bool:
    return isinstance(posting.units, Amount) and isinstance(posting.units.number, Decimal)


def _dated_name(entry: data.Directive) -> str:
    return f"{_called(name_of(entry))} of {entry.date}"


def _called(name: str) -> str:
    return f"Voucher {name}" if VER.fullmatch(name) else name


def _month(year: Year, month: str) -> str:
    return f"before {year.year}" if month == BEFORE else f"{year.year}-{month}"


def _in(units: list[str]) -> str:
    named = [unit for unit in units if unit != NO_UNIT]
    return f" in {', '.join(named)}" if named else ""


def _unseal(year: Year) -> str:
    return f'forbundsbok unseal {year.year} --reason "..."'
