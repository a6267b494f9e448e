"""Surplus: what a unit has left when the year ends, and how it is carried forward.

A unit keeps its surplus (it stays in the unit's result), or carries it: its remaining result is moved whole
to the next year, so that its result is exactly 0.00. The unit's directive says which:

    2022-12-31 custom "unit" "BRB" "Business Region Borås"
      overskott: "overfors"

    2024-12-31 * "Överskott 2024 överförs till 2025"
      ver: "B 6"
      Income:BRB:3198-Överskott:2024       573762.00 SEK
      Liabilities:BRB:2998-Överskott:2024 -573762.00 SEK

    2025-01-01 * "Överskott 2024 intas 2025"
      ver: "B 1"
      Liabilities:BRB:2998-Överskott:2024  573762.00 SEK
      Income:BRB:3198-Överskott:2024      -573762.00 SEK

A deficit stays in the result of the unit, unless its agreement says  underskott: "overfors"  as well. The surplus
of the year before the books begin stands in the opening balance, on its Liabilities account alone. A voucher
and the corrections that name it (`rattar`) are judged as one.

S201: A unit that carries its surplus has a result of exactly 0.00 in every year with bokslut.
    Why: report 2.3 and 3.3 notes 7-12; the unit's agreement with its members. What is left is the members',
        and lowers the fees of the next year.
    Mend: paste the voucher that the message holds, with its open lines, into the unit's file of the year.
        Where one has the wrong amount, put it in that one's place.

S202: A carried surplus is taken in once and whole, on the first day of the next year.
    Why: report 3.3 notes 7-12: the surplus that one year carries out is the one that the next takes in.
    Mend: paste the voucher that the message holds, or remove the one that it names.

S203: A surplus moves within its unit, between the two accounts of its year; no other voucher touches them.
    Why: the surplus accounts then show nothing but what was carried, and every year's two figures are equal.
    Mend: take the rows that the message names away from the voucher, or write it as the message shows.

S204: A surplus is carried out on the last day of its year and taken in on the first day of the next.
    Why: any other day gives a month with a result that is not its own, and a year-end that is not balanced.
    Mend: change the date as the message shows.

S205: A unit that keeps its surplus has nothing on surplus accounts.
    Why: report 3.1: its surplus is part of the federation's result and equity.
    Mend: remove the vouchers that the message names, or write the new agreement in the unit's directive.

S206: A deficit is carried forward only where the unit's agreement says so.
    Why: a deficit that is carried is a claim on the members, who must have agreed to it (report 2.3: Navet's
        deficit stays in its result).
    Mend: remove the voucher that the message names, or write  underskott: "overfors"  below the unit's directive.

S207: What a unit's directive says of deficits can be read, and agrees with what it says of surpluses.
    Why: rule S206 rests on it.
    Mend: write  underskott: "overfors"  or  underskott: "behalls"  as the message shows.

S208: A surplus account is named Income:UNIT:3198-Överskott:YEAR or Liabilities:UNIT:2998-Överskott:YEAR.
    Why: what is carried must come out right year by year, so every year has its own two accounts.
    Mend: give the account the name that the message shows.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import MAXYEAR, date
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

from beancount.core import data
from beancount.core.amount import Amount

from forbundsbok.plugins.accounts import parse_account
from forbundsbok.plugins.corrections import CORRECTS, Booking, bookings, has_amount, number_of
from forbundsbok.plugins.mending import (
    Numbers,
    indented,
    kronor,
    named,
    open_text,
    place,
    row,
    series_of,
    voucher,
    voucher_text,
)
from forbundsbok.plugins.rules import RuleError, broken
from forbundsbok.plugins.units import CARRIED, KEPT, Unit, read_units
from forbundsbok.plugins.years import first_day_of_year, last_day_of_year, read_boksluts

__plugins__ = ("check_surpluses",)

SURPLUS = "Överskott"
NUMBERS = {"Income": "3198", "Liabilities": "2998"}
"""The two accounts of a carried surplus: what the year's result gives or takes, and what is owed until then."""

ZERO = Decimal(0)


class SurplusAccount(NamedTuple):
    """Whose surplus an account holds, and of which year."""

    root: str
    unit: str
    year: int


class Step(NamedTuple):
    """One of the two movements of a surplus: out of its year, or in to the next."""

    unit: str
    year: int
    taken_in: bool

    @property
    def day(self) -> date:
        return first_day_of_year(self.year + 1) if self.taken_in else last_day_of_year(self.year)


class Transfer(NamedTuple):
    """A booking that makes a step as it should be made; the amount is positive for a surplus."""

    booking: Booking
    amount: Decimal


class Opening(NamedTuple):
    """What a unit has carried when its books begin; positive for a surplus."""

    entry: data.Transaction
    posting: data.Posting
    amount: Decimal


@dataclass
class Finding:
    """A breach: where, what is wrong, and the texts that mend it together with what follows from it."""

    entry: data.Directive
    what: str
    source: Mapping[str, Any] | None = None
    mends: list[str] = field(default_factory=list)
    otherwise: str = ""

    def error(self) -> RuleError:
        mends = [text for text in self.mends if text] or [self.otherwise]
        return broken(self.entry, "\n".join(filter(None, [self.what, *mends])), self.source)


@dataclass
class Facts:
    """What one pass over the ledger collects."""

    results: defaultdict[int, defaultdict[str, Decimal]]  # year -> unit -> ordinary result, a surplus positive
    unread: set[tuple[str, int]]  # units and years with amounts that are another rule's to report
    touching: dict[int, data.Transaction]  # by identity
    corrections: list[data.Transaction]
    opens: dict[str, data.Open]
    customs: list[data.Custom]
    last: date


@cache
def surplus_account(account: str) -> SurplusAccount | None:
    """Return whose surplus an account holds, None when it is no surplus account."""
    name = parse_account(account)
    if name is None or NUMBERS.get(name.root) != name.number or name.name != SURPLUS or len(name.detail) != 1:
        return None
    detail = name.detail[0]
    proper = len(detail) == 4 and detail.isascii() and detail.isdigit() and 1 <= int(detail) < 9999
    return SurplusAccount(name.root, name.unit, int(detail)) if proper else None


def account_of(root: str, unit: str, year: int) -> str:
    """Return one of the two accounts of a unit's surplus of a year."""
    return f"{root}:{unit}:{NUMBERS[root]}-{SURPLUS}:{year}"


def check_surpluses(
    entries: data.Directives, options_map: Mapping[str, Any]
) -> tuple[data.Directives, list[RuleError]]:
    """Report surpluses that are not carried as their units' agreements say."""
    currency = next(iter(options_map.get("operating_currency") or ()), "SEK")
    facts = _facts(entries, currency)
    errors = _name_errors(facts.opens, currency)
    units = read_units(facts.customs)
    errors += _Check(entries, facts, units, currency).errors()
    return entries, errors


class _Roles(dict[str, "str | SurplusAccount | None"]):
    """What an account means here: the unit of an ordinary result account, or whose surplus it holds."""

    def __missing__(self, account: str) -> "str | SurplusAccount | None":
        name = parse_account(account)
        ordinary = name.unit if name is not None and name.root in ("Income", "Expenses") else None
        return self.setdefault(account, surplus_account(account) or ordinary)


def _facts(entries: data.Directives, currency: str) -> Facts:
    # Nothing that can be decided once for an account is decided for every posting: the pass must be quick.
    facts = Facts(defaultdict(lambda: defaultdict(Decimal)), set(), {}, [], {}, [], date.min)
    roles = _Roles()
    for entry in entries:
        if isinstance(entry, data.Transaction):
            facts.last = entry.date
            if CORRECTS in entry.meta:
                facts.corrections.append(entry)
            results = facts.results[entry.date.year]
            for posting in entry.postings:
                role = roles[posting.account]
                if role is None:
                    continue
                units = posting.units
                if isinstance(role, SurplusAccount):
                    facts.touching[id(entry)] = entry
                elif isinstance(units, Amount) and units.currency == currency and isinstance(units.number, Decimal):
                    results[role] -= units.number
                else:
                    facts.unread.add((role, entry.date.year))
        elif isinstance(entry, data.Open):
            facts.opens.setdefault(entry.account, entry)
        elif isinstance(entry, data.Custom):
            facts.customs.append(entry)
    for entry in facts.touching.values():
        _leave_out(entry, facts, roles, currency)
    return facts


def _leave_out(entry: data.Transaction, facts: Facts, roles: _Roles, currency: str) -> None:
    """A voucher of a surplus has no other rows; where it has, it is reported, and they count for nothing."""
    results = facts.results[entry.date.year]
    for posting in entry.postings:
        role = roles[posting.account]
        if isinstance(role, str) and has_amount(posting, currency):
            results[role] += number_of(posting)


def _name_errors(opens: Mapping[str, data.Open], currency: str) -> list[RuleError]:
    errors = []
    for account, entry in opens.items():
        name = parse_account(account)
        if name is None or name.root not in NUMBERS or surplus_account(account):
            continue
        years = [part for part in name.detail if len(part) == 4 and part.isascii() and part.isdigit()]
        if name.number == NUMBERS[name.root] or (name.name == SURPLUS and years):
            year = int(years[0]) if years else entry.date.year
            proper = account_of(name.root, name.unit, year)
            text = open_text(proper, entry.date, currency, f"{SURPLUS} {year}")
            mend = f"Write instead:\n{indented(text)}"
            if proper in opens:
                mend = f"Use {proper}, which is open ({place(opens[proper])}), and remove this."
            message = (
                f"S208 {account} is no proper name of a surplus account, which names the unit and the year. {mend}"
            )
            errors.append(broken(entry, message))
    return errors


class _Check:
    """The surpluses of all units, year by year: what is booked against what should be."""

    def __init__(self, entries: data.Directives, facts: Facts, units: Mapping[str, Unit], currency: str) -> None:
        self.facts = facts
        self.units = units
        self.unread = set(facts.unread)
        self.currency = currency
        self.closed = read_boksluts(facts.customs)
        with_results = [year for year, results in facts.results.items() if results]
        self.begin = min(with_results or self.closed, default=9999)
        self.numbers = Numbers(entries)
        self.transfers: dict[Step, list[Transfer]] = defaultdict(list)
        self.openings: dict[tuple[str, int], Opening] = {}
        self.on_kept: dict[str, list[tuple[data.Transaction, data.Posting]]] = defaultdict(list)
        self.tainted: dict[Step, tuple[Finding, data.Transaction]] = {}
        self.findings: list[Finding] = []
        self.given: set[int] = set()
        self.opened: set[str] = set()
        for booking in bookings(facts.touching.values(), facts.corrections, entries):
            self._sort(booking)

    def errors(self) -> list[RuleError]:
        for code, unit in self.units.items():
            carries_deficits = self._carries_deficits(unit)
            if unit.surplus == CARRIED:
                _Chain(self, code, carries_deficits).follow()
        for code, rows in self.on_kept.items():
            self._report_kept(code, rows)
        return [finding.error() for finding in self.findings]

    def number_of(self, replaced: data.Transaction) -> str:
        """Return the number of a voucher that another text takes the place of: once, then there is none."""
        ver = replaced.meta.get("ver")
        if not isinstance(ver, str) or id(replaced) in self.given:
            return ""
        self.given.add(id(replaced))
        return ver

    def open_text(self, account: str, step: Step) -> str:
        """Return the directive that an account lacks for a step, if it does; each once."""
        known = self.facts.opens.get(account)
        if account in self.opened or (known and known.date <= step.day):
            return ""
        self.opened.add(account)
        text = open_text(account, first_day_of_year(step.year), self.currency, f"{SURPLUS} {step.year}")
        return f"; in place of {place(known)}\n{text}" if known else text

    def booked(self) -> list[tuple[Step, Transfer]]:
        return [(step, transfer) for step, transfers in self.transfers.items() for transfer in transfers]

    # Sorting the bookings that touch surplus accounts

    def _sort(self, booking: Booking) -> None:
        """Tell what a booking is: opening balance, transfers out or in, or nothing that a surplus allows."""
        sums = booking.sums(self.currency)
        groups: dict[tuple[str, int], dict[str, Decimal]] = defaultdict(dict)
        others, on_kept = [], []
        for entry, posting in booking.rows():
            surplus = surplus_account(posting.account)
            if surplus is None:
                others.append(posting.account)
            elif surplus.unit not in self.units:
                return  # the account's unit is another rule's to report
            elif self.units[surplus.unit].surplus == KEPT:
                on_kept.append((surplus.unit, entry, posting))
            elif not has_amount(posting, self.currency):
                self.unread |= {(surplus.unit, surplus.year), (surplus.unit, surplus.year + 1)}
                return
            elif posting.account in sums:
                groups[surplus.unit, surplus.year][surplus.root] = sums[posting.account]
        openings = {group for group, rows in groups.items() if self._opens(booking, *group, rows)}
        for group in openings:
            self._open(booking, *group, groups.pop(group)["Liabilities"])
        if not groups:
            for unit, entry, posting in on_kept:
                self.on_kept[unit].append((entry, posting))
            return
        # A row that a correction has brought to nothing is there no more.
        others = [name for name in [*others, *(posting.account for *_, posting in on_kept)] if sums.get(name, 1)]
        others = list(dict.fromkeys(others))
        if what := self._mistake(booking, groups, others, bool(openings)):
            self._report(booking, groups, what)
            return
        for (unit, year), rows in groups.items():
            taken_in = booking.day != last_day_of_year(year)
            income = rows.get("Income", ZERO)
            amount = -income if taken_in else income
            self.transfers[Step(unit, year, taken_in)].append(Transfer(booking, amount))

    def _opens(self, booking: Booking, unit: str, year: int, rows: Mapping[str, Decimal]) -> bool:
        """Tell whether the row is what a unit has carried when its books begin."""
        if "Income" in rows or any(unit in results for known, results in self.facts.results.items() if known <= year):
            return False
        if booking.day == last_day_of_year(year):
            return not _has_results_of(booking, unit)
        equity = any(posting.account.startswith("Equity:") for _, posting in booking.rows())
        return booking.day == first_day_of_year(year + 1) and equity and not _has_results_of(booking, unit)

    def _open(self, booking: Booking, unit: str, year: int, debit: Decimal) -> None:
        account = account_of("Liabilities", unit, year)
        entry, posting = next((entry, posting) for entry, posting in booking.rows() if posting.account == account)
        before = self.openings.get((unit, year))
        amount = -debit + (before.amount if before else ZERO)
        self.openings[unit, year] = Opening(entry, posting, amount)

    def _mistake(
        self, booking: Booking, groups: Mapping[tuple[str, int], Mapping[str, Decimal]], others: list[str], opens: bool
    ) -> str:
        (unit, year), rows = next(iter(groups.items()))
        pair = " and ".join(account_of(root, unit, year) for root in NUMBERS)
        rule = f"the surplus of {unit} for {year} moves only between {pair}"
        if others:
            return f"S203 The {named(booking.first)} has {', '.join(others)} besides surplus accounts: {rule}."
        if opens:
            return f"S203 The {named(booking.first)} has opening balances besides a transfer: {rule}."
        for (unit, year), rows in groups.items():
            if sum(rows.values()) != ZERO or (len(rows) == 1 and any(rows.values())):
                income, debt = (kronor(rows.get(root, ZERO)) for root in NUMBERS)
                pair = f"{account_of('Income', unit, year)} {income} and {account_of('Liabilities', unit, year)} {debt}"
                return f"S203 The {named(booking.first)} has {pair}: the two must cancel out."
        for (unit, year), _ in groups.items():
            before = year < self.begin or (unit, year) in self.openings
            days = [first_day_of_year(year + 1)] if before else [last_day_of_year(year), first_day_of_year(year + 1)]
            if booking.day not in days or booking.vouchers[-1].date.year != booking.day.year:
                proper = f"{'' if before else f'carried out on {days[0]} or '}taken in on {days[-1]}"
                about = f"the surplus of {unit} for {year} is {proper}"
                return f"S204 The {named(booking.first)} is dated {booking.day}: {about}."
        return ""

    def _report(self, booking: Booking, groups: Iterable[tuple[str, int]], what: str) -> None:
        """Report a booking, and remember which steps may lack or have too much because of it."""
        source = next(posting.meta for _, posting in booking.rows() if surplus_account(posting.account))
        finding = Finding(booking.first, what, source if what.startswith("S203") else None)
        finding.otherwise = "Nothing is lacking without it: remove it, or book it on other accounts."
        self.findings.append(finding)
        day = booking.day
        steps = [Step(unit, year, taken_in) for unit, year in groups for taken_in in (False, True)]
        for unit in dict.fromkeys(unit for unit, _ in groups):
            steps.append(Step(unit, day.year, False) if day.month > 6 else Step(unit, day.year - 1, True))
        for step in steps:
            self.tainted.setdefault(step, (finding, booking.first))

    def report_day(self, booking: Booking, unit: str, year: int, proper: date) -> None:
        what = (
            f"S204 The {named(booking.first)} is dated {booking.day}: it moves the surplus of {unit} for {year} as is"
        )
        self._report(booking, [(unit, year)], f"{what} done on {proper}.")

    # What the units' directives say

    def _carries_deficits(self, unit: Unit) -> bool:
        deficit = unit.meta.get("underskott")
        if deficit is not None and str(deficit) not in (CARRIED, KEPT):
            written = f'"{deficit}"' if isinstance(deficit, str) else str(deficit).upper()
            self._report_deficit(
                unit, f"underskott is {written}. Write below the unit, where it carries its deficits:", CARRIED
            )
            # What the agreement says is not known: take it that the books follow it.
            return any(step.unit == unit.code and transfer.amount < ZERO for step, transfer in self.booked())
        if str(deficit) == CARRIED and unit.surplus == KEPT:
            self._report_deficit(unit, "it keeps its surplus and carries its deficit. Write below the unit:", KEPT)
        return str(deficit) == CARRIED

    def _directive_of(self, unit: str) -> data.Custom:
        mine = (entry for entry in self.facts.customs if entry.meta is self.units[unit].meta)
        return next(mine)

    def place_of(self, unit: str) -> str:
        return place(self._directive_of(unit))

    def _report_deficit(self, unit: Unit, what: str, proper: str) -> None:
        message = f'S207 The agreement of {unit.code} cannot be read: {what}\n  underskott: "{proper}"'
        self.findings.append(Finding(self._directive_of(unit.code), message))

    def _report_kept(self, unit: str, rows: list[tuple[data.Transaction, data.Posting]]) -> None:
        vouchers = list({id(entry): entry for entry, _ in rows}.values())
        entry, posting = rows[0]
        message = (
            f"S205 {unit} keeps its surplus, but {posting.account} is posted. "
            f"Remove the {', the '.join(named(entry) for entry in vouchers)}; or, where {unit} carries its surplus, "
            f"write so below the unit at {self.place_of(unit)}:\n"
            '  overskott: "overfors"'
        )
        self.findings.append(Finding(entry, message, posting.meta))


class _Chain:
    """The surpluses of one unit: each year takes in what the year before carried out, and carries out the rest.

    What a breach brings with it in later steps is mended in the same message: it has one cause.
    """

    def __init__(self, check: _Check, unit: str, carries_deficits: bool) -> None:
        self.check = check
        self.unit = unit
        self.carries_deficits = carries_deficits
        self.cause: Finding | None = None
        # What is and what should be: carried out of the year at hand, and taken in to it.
        self.out, self.right_out = ZERO, ZERO
        self.taken, self.right_taken = ZERO, ZERO

    def follow(self) -> None:
        check = self.check
        years = {step.year for step in (*check.transfers, *check.tainted) if step.unit == self.unit}
        years |= {year for unit, year in check.openings if unit == self.unit} | set(check.closed)
        for year in range(min(years, default=1), min(max(years, default=0) + 1, MAXYEAR)):
            if self._before_the_books(year):
                self._follow_opening(year)
            else:
                self._follow_out(Step(self.unit, year, False))
            self._follow_in(Step(self.unit, year, True))

    def _before_the_books(self, year: int) -> bool:
        return year < self.check.begin or (self.unit, year) in self.check.openings

    def _follow_opening(self, year: int) -> None:
        opening = self.check.openings.get((self.unit, year))
        self.out = self.right_out = opening.amount if opening else ZERO
        if opening and opening.amount < ZERO and not self.carries_deficits:
            what = f"S206 {self.unit} has a deficit of {kronor(-opening.amount)} for {year} in the opening balance"
            self._find(
                Finding(
                    opening.entry, f"{what}, {self._no_agreement()}, the row has no place there.", opening.posting.meta
                )
            )

    def _follow_out(self, step: Step) -> None:
        check, year = self.check, step.year
        self.out = self._sum(step)
        if year not in check.closed or (self.unit, year) in check.unread:
            self.right_out = self._allowed(self.out)
        else:
            result = check.facts.results[year].get(self.unit, ZERO)
            self.right_out = self._allowed(result + self.right_taken)
            self._find_on_the_wrong_day(year)
            self.out = self._sum(step)
            follows = self.out == self._allowed(result + self.taken)
            if self.out != self.right_out and self._explained(step, self.right_out, follows):
                return
        if self.out != self.right_out:
            self._find(self._wrong_out(step), self._mend(step, self.right_out))

    def _find_on_the_wrong_day(self, year: int) -> None:
        """Report a transfer on the day of the other step: the one step lacks it, and the other has its opposite."""
        check = self.check
        steps = Step(self.unit, year, False), Step(self.unit, year, True)
        for lacking, having in (steps, reversed(steps)):
            for transfer in check.transfers.get(having, []):
                rest = self._sum(having) - transfer.amount
                # Alone on the last day it is not taken in too early, it is carried out with the wrong sign.
                placed = having.taken_in or rest == self.right_out
                if placed and not check.transfers.get(lacking) and transfer.amount == -self.right_out != ZERO:
                    check.transfers[having].remove(transfer)
                    check.report_day(transfer.booking, self.unit, year, lacking.day)
                    return

    def _sum(self, step: Step) -> Decimal:
        return sum((transfer.amount for transfer in self.check.transfers.get(step, ())), ZERO)

    def _follow_in(self, step: Step) -> None:
        check, year = self.check, step.year
        live = _live(check.transfers.get(step, []))
        self.taken = sum((transfer.amount for transfer in live), ZERO)
        begun = check.facts.last >= step.day or year + 1 in check.closed
        due = begun and (year in check.closed or year + 1 in check.closed or self._before_the_books(year))
        self.right_taken = self.right_out if due or live else ZERO
        if self.unit_is_unread(year + 1) or (self.taken == self.right_taken and len(live) <= 1):
            return
        tainted = step in check.tainted or Step(self.unit, year, False) in check.tainted
        known = year >= self.check.begin or (self.unit, year) in self.check.openings
        if tainted and not known:
            return  # the opening balance is reported: what should be taken in is not known
        follows = self.taken == self.out != self.right_out and len(live) <= 1
        if not self._explained(step, self.right_taken, follows):
            self._find(self._wrong_in(step, live), self._mend(step, self.right_taken))

    def unit_is_unread(self, year: int) -> bool:
        return (self.unit, year) in self.check.unread

    def _allowed(self, rest: Decimal) -> Decimal:
        return rest if rest > ZERO or self.carries_deficits else ZERO

    # What is found, and what explains it

    def _find(self, finding: Finding, *mends: str) -> None:
        finding.mends += mends
        self.cause = finding
        self.check.findings.append(finding)

    def _explained(self, step: Step, right: Decimal, follows: bool) -> bool:
        """Mend a step in the message of what made it wrong, if that is known."""
        if step in self.check.tainted:
            self.cause, replaced = self.check.tainted[step]
            self.cause.mends.append(self._mend(step, right, replaced))
            return True
        if follows and self.cause:
            self.cause.mends.append(self._mend(step, right))
            return True
        return False

    def _wrong_out(self, step: Step) -> Finding:
        transfers = self.check.transfers.get(step)
        entry = transfers[-1].booking.first if transfers else self.check.closed[step.year]
        left, right = self.right_out - self.out, self.right_out
        if self.out < ZERO and not self.carries_deficits:
            what = f"S206 {self.unit} carries a deficit of {kronor(-self.out)} for {step.year}, {self._no_agreement()}:"
        elif not transfers:
            what = (
                f"S201 The {_noun(right)} of {self.unit} for {step.year}, {kronor(abs(right))}, is not carried: "
                "its result must be 0.00 in a year with bokslut."
            )
        elif right == ZERO:
            what = f"S201 {self.unit} carries {kronor(self.out)} out of {step.year}, but has no surplus to carry."
        else:
            what = (
                f"S201 {self.unit} carries {kronor(self.out)} out of {step.year}, but has {kronor(right)} to carry: "
                f"its result is {kronor(left)} and must be 0.00 in a year with bokslut."
            )
        return Finding(entry, what)

    def _wrong_in(self, step: Step, live: list[Transfer]) -> Finding:
        right, noun = self.right_taken, _noun(self.right_taken or self.taken)
        about = f"S202 The {noun} of {self.unit} for {step.year}"
        if not live:
            what = f"{about}, {kronor(abs(right))}, is not taken in on {step.day}."
        elif len(live) > 1:
            vouchers = ", the ".join(named(transfer.booking.first) for transfer in live)
            what = f"{about}, {kronor(abs(right))}, is taken in {len(live)} times: the {vouchers}."
        elif right == ZERO:
            what = f"{about} is taken in with {kronor(abs(self.taken))}, but nothing was carried."
        else:
            what = f"{about} is taken in with {kronor(abs(self.taken))}, but {kronor(abs(right))} was carried."
        return Finding(self._place_of(step, live), what)

    def _place_of(self, step: Step, live: list[Transfer]) -> data.Directive:
        carried = self.check.transfers.get(Step(self.unit, step.year, False), [])
        vouchers = [transfer.booking.first for transfer in (*live[-1:], *carried[-1:])]
        opening = self.check.openings.get((self.unit, step.year))
        bokslut = self.check.closed.get(step.year) or self.check.closed.get(step.year + 1)
        return next(entry for entry in (*vouchers, opening and opening.entry, bokslut) if entry)

    def _no_agreement(self) -> str:
        return (
            "and its agreement carries none: a deficit stays in the result. Where the agreement says so, write below "
            f'the unit at {self.check.place_of(self.unit)}:\n  underskott: "overfors"\nWhere it does not'
        )

    # Vouchers that mend

    def _mend(self, step: Step, right: Decimal, replaced: data.Transaction | None = None) -> str:
        """Return the text that makes a step right; `replaced` is a voucher that should have made it."""
        live = _live(self.check.transfers.get(step, []))
        if not live:
            return self._new_voucher(step, right, replaced) if right else ""
        if not step.taken_in:
            others = sum((transfer.amount for transfer in live[:-1]), ZERO)
            return self._changed(step, live[-1], right - others)
        removed = [self._changed(step, transfer, ZERO) for transfer in live[1:]]
        changed = [self._changed(step, live[0], right)] if live[0].amount != right else []
        return "\n".join(changed + removed)

    def _new_voucher(self, step: Step, right: Decimal, replaced: data.Transaction | None) -> str:
        check, currency = self.check, self.check.currency
        ver = check.number_of(replaced) if replaced else ""
        last = [transfer.booking.first for _, transfer in check.booked()][-1:]
        ver = ver or check.numbers.free(series_of(last[0] if last else replaced, "B"), step.day.year)
        opens = [text for root in NUMBERS if (text := check.open_text(account_of(root, self.unit, step.year), step))]
        word = SURPLUS if right > ZERO else "Underskott"
        moved = f"intas {step.year + 1}" if step.taken_in else f"överförs till {step.year + 1}"
        debit = -right if step.taken_in else right
        rows = [
            row(account_of("Income", self.unit, step.year), debit, currency),
            row(account_of("Liabilities", self.unit, step.year), -debit, currency),
        ]
        if step.taken_in:
            rows.reverse()
        text = voucher_text(voucher(step.day, f"{word} {step.year} {moved}", ver, rows))
        head = "Write in its place:" if replaced and ver == str(replaced.meta.get("ver")) else "Write:"
        return "\n".join([head, *(indented(text) for text in (*opens, text))])

    def _changed(self, step: Step, transfer: Transfer, amount: Decimal) -> str:
        """Return a transfer's voucher with another amount; with corrections, the last of them is changed."""
        income, debt = (account_of(root, self.unit, step.year) for root in NUMBERS)
        pairs = [
            entry
            for entry in transfer.booking.vouchers
            if {income, debt} <= {posting.account for posting in entry.postings}
        ]
        if not pairs:
            return f"Write a correction of the {named(transfer.booking.first)} by {kronor(amount - transfer.amount)}."
        entry = pairs[-1]
        own = sum((number_of(posting) for posting in entry.postings if posting.account == income), ZERO)
        new = own + (transfer.amount - amount if step.taken_in else amount - transfer.amount)
        amounts = {income: new, debt: -new}
        rows = []
        for posting in Booking((entry,)).plain_rows():
            if posting.account not in (income, debt):
                rows.append(posting)
            elif posting.account in amounts and new:
                rows.append(row(posting.account, amounts.pop(posting.account), self.check.currency))
        if not rows:
            return self.check.numbers.removal(entry)
        return f"Write in place of the {named(entry)}:\n{indented(voucher_text(entry._replace(postings=rows)))}"


def _live(transfers: Iterable[Transfer]) -> list[Transfer]:
    """Return the transfers of a step without those of nothing, and those that a later one takes back."""
    live: list[Transfer] = []
    for transfer in transfers:
        opposite = next((other for other in live if other.amount == -transfer.amount), None)
        if opposite:
            live.remove(opposite)
        elif transfer.amount:
            live.append(transfer)
    return live


def _noun(amount: Decimal) -> str:
    return "deficit" if amount < ZERO else "surplus"


def _has_results_of(booking: Booking, unit: str) -> bool:
    names = (parse_account(posting.account) for _, posting in booking.rows())
    return any(name is not None and name.unit == unit and name.root in ("Income", "Expenses") for name in names)
