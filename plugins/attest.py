"""Attest: who approves what is bought, and what representation and equipment must say of themselves.

Who may approve for a unit, up to which amount and from which day, is decided in the ledger; `till` is the last day:

    2023-01-01 custom "attest" "AC" "ADM" 200000.00 SEK
      roll: "Administrativ chef"
      till: 2024-03-31

    2024-03-05 * "Leverantör 055 Restaurang" "Lunch vid möte"
      ver: "L 123"
      attest: "AC"
      mottagning: "HL-ADM"
      syfte: "Styrgruppsmöte"
      deltagare: "8 deltagare från styrgruppen"
      Expenses:ADM:7110-Representation             3000.00 SEK
      Assets:FK:1650-Momsfordran                    360.00 SEK
      Liabilities:ADM:2510-Leverantörsskulder     -3360.00 SEK

A supplier invoice is a voucher that raises what is owed to suppliers (25) mostly against what is bought:
costs, fixed assets, prepaid and accrued costs, provisions. A credit note is the reverse, and is approved
as well. Payments, refunds and set-offs stand against money, receivables or other debts, and opening
balances against equity: they are no invoices. Its amount is what is owed, VAT included. An invoice of
several units names all who approve it, `attest: "AC, VC-NAV"`, each for the part of a unit.

A voucher and its corrections (`rattar`) of the same year are judged together: what is put right is
right, and a correction that lowers what is owed needs no approval of its own.

A voucher with the flag `!` waits to be approved, with the signatures of those who are to do it: it is judged
when they have, and the flag is `*`. What was kept in another system (plugins.imports) was approved there.

What is equipment to invest in, and not to expense on 641x, is decided too:

    2023-01-01 custom "investment-threshold" 26250.00 SEK
      manader: 36

Equipment of which each piece costs less, or that lasts shorter, says so: `antal: 10` or `manader: 24`
on the voucher that expenses it.

A601: A supplier invoice has `attest` and `mottagning`.
    Why: intern kontroll 6 Attesträtt: beslutsattest and mottagningsattest of every invoice.
    Mend: write below the voucher's first line who has approved and who has received it.

A602: Whoever approves a supplier invoice has not received it too.
    Why: intern kontroll 6 Attesträtt: besluts- och mottagningsattest av två olika personer.
    Mend: let another person receive or approve it, and write who.

A603: Whoever approves a supplier invoice has the right to for the unit that it charges.
    Why: intern kontroll 6 Attesträtt: beslutsattest ska ske av rätt person.
    Mend: let one of those whom the message names approve it, or write the decision that gives the right.

A604: Whoever approves a supplier invoice has the right to on its day.
    Why: intern kontroll 6 Attesträtt and 16 Delegationsordning: a right begins and ends by a decision.
    Mend: let one of those whom the message names approve it, or put the dates of the decision right.

A605: Whoever approves a supplier invoice has the right to for its amount.
    Why: intern kontroll 6 Attesträtt and 16 Delegationsordning: what is larger is decided higher up.
    Mend: let one of those whom the message names approve it, or write the decision that gives the right.

A606: Representation (71xx) has `syfte` and `deltagare`.
    Why: intern kontroll 10 Representation: kontering, syfte och deltagare; without them the VAT is not deductible.
    Mend: write both below the voucher's first line.

A607: Equipment at or above the threshold is an investment, not expensed on 641x.
    Why: LKBR 7 kap. and RKR R4; intern kontroll 5: inventarieköp bokas på inventariekonto.
    Mend: book it on a cost account and write it into the register, or say why it is none.

A608: An investment is at or above the threshold, and lives as long as that says.
    Why: LKBR 7 kap. and RKR R4; intern kontroll 5: uppfyller kraven på inventarie.
    Mend: expense it on 641x and remove the directive, or put its cost or life right; one that goes on with what
    remained of a disposed asset names it: `ersatter: "Datorer 2023"`.

A609: An attest directive can be read: a signature, a unit, and the largest amount.
    Why: nobody may approve by a decision that cannot be read.
    Mend: write the directive as the message shows.

A610: An investment threshold can be read: an amount, and the shortest life in months.
    Why: without it nothing tells an investment from an expense.
    Mend: write the directive as the message shows.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

from beancount.core import data
from beancount.core.amount import Amount

from forbundsbok.plugins.accounts import CLEARING, parse_account
from forbundsbok.plugins.assets import ASSET, LONGEST_LIFE, Asset
from forbundsbok.plugins.corrections import CORRECTS, Booking, bookings
from forbundsbok.plugins.directives import customs, values
from forbundsbok.plugins.imports import UNDERLAG, moved_in
from forbundsbok.plugins.ledger_text import quoted
from forbundsbok.plugins.mending import (
    Numbers,
    indented,
    kronor,
    named,
    open_text,
    row,
    series_of,
    voucher,
    voucher_text,
)
from forbundsbok.plugins.money import rounded
from forbundsbok.plugins.months import Month
from forbundsbok.plugins.rules import RuleError, broken
from forbundsbok.plugins.vouchers import WAITS

__plugins__ = ("check_attest",)

PAYABLE, REPRESENTATION, EQUIPMENT = "25", "71", "641"

SPECIAL = (REPRESENTATION, EQUIPMENT)

BOUGHT = ("10", "11", "12", "13", "14", "17", "22", "29", "4", "5", "6", "7", "85", "88")
"""What an invoice is bought on: assets but money and receivables, what was provided for or accrued, costs."""

OPENING = "20"

FEW = 3
"""How many approvals without a right are a mistake each; more have the same cause."""

SEVERAL = "antal"
"""The metadata of how many things an expense of equipment is."""

ZERO = Decimal(0)


@dataclass(frozen=True)
class Right:
    """What a person may approve: up to how much for a unit, between which days."""

    sign: str
    unit: str
    limit: Decimal
    start: date
    end: date

    def holds_on(self, day: date) -> bool:
        return self.start <= day <= self.end


@dataclass(frozen=True)
class Threshold:
    """The least that an investment costs and the months that it lives, from a day on."""

    start: date
    least: Decimal
    months: int

    def covers(self, asset: Asset) -> bool:
        return asset.cost >= self.least and asset.months >= self.months


class Role(NamedTuple):
    """What an account is to these rules: "25" payable, "20" equity, "71", "641", and whether it is bought on."""

    unit: str
    group: str
    bought: bool


class Row(NamedTuple):
    """A posting on such an account: kronor, debit positive."""

    role: Role
    number: Decimal
    posting: data.Posting


@dataclass(frozen=True)
class Invoice:
    """What one or several vouchers owe to suppliers, for what is bought by each unit; negative in a credit note."""

    owed: Decimal
    bought: Mapping[str, Decimal]

    def parts(self) -> dict[str, Decimal]:
        """Return the part of each unit that it charges, as an amount above zero that has its share of the VAT."""
        charged = {unit: abs(number) for unit, number in self.bought.items() if number * self.owed > 0}
        if len(charged) == 1:
            return dict.fromkeys(charged, abs(self.owed))
        whole = sum(charged.values(), ZERO)
        return {unit: rounded(abs(self.owed) * number / whole) for unit, number in charged.items()}


@dataclass
class Approval:
    """An invoice, who has approved and received it, and the part of a unit, which may be the whole of it."""

    first: data.Transaction
    signs: tuple[str, ...]
    receivers: frozenset[str]
    unit: str
    amount: Decimal
    is_whole: bool


def check_attest(entries: data.Directives, options_map: Mapping[str, Any]) -> tuple[data.Directives, list[RuleError]]:
    """Report what is not approved as decided, and what should or should not have been an investment."""
    currency = next(iter(options_map.get("operating_currency") or ()), "SEK")
    directives = [entry for entry in entries if isinstance(entry, data.Custom)]
    units = {code for entry in customs(directives, "unit") for code in values(entry)[:1] if isinstance(code, str)}
    decisions, thresholds = list(customs(directives, "attest")), list(customs(directives, "investment-threshold"))
    no_rights = [entry for entry in decisions if _right_mistake(entry, units, currency)]
    no_thresholds = [entry for entry in thresholds if _threshold_mistake(entry, currency)]
    errors = [_unreadable_right(entry, units, currency) for entry in no_rights]
    errors += [_unreadable_threshold(entry, currency) for entry in no_thresholds]

    vouchers = Vouchers(entries, currency)
    rights = Rights(entry for entry in decisions if not _right_mistake(entry, units, currency))
    errors += _approval_errors(vouchers, rights, _silenced(no_rights))
    errors += [error for each in vouchers.special if (error := _representation_error(each, vouchers))]
    # What is above a threshold that cannot be read is not known.
    if not no_thresholds:
        in_force = sorted((_threshold(entry) for entry in thresholds), key=lambda threshold: threshold.start)
        errors += [error for each in vouchers.special if (error := _equipment_error(each, vouchers, in_force))]
        errors += _investment_errors(ASSET.read_all(directives, currency), vouchers, in_force)
    return entries, errors


class Vouchers:
    """The vouchers that these rules govern, each with its corrections, and the accounts to write in a message."""

    def __init__(self, entries: Sequence[data.Directive], currency: str) -> None:
        self.currency = currency
        self.accounts: dict[tuple[str, str], str] = {}
        self.numbers = Numbers(entries)
        self.corrections: list[data.Transaction] = []
        self._rows: dict[int, list[Row]] = {}
        governed = []
        elsewhere = moved_in(entries)
        for entry in entries:
            if isinstance(entry, data.Transaction):
                if CORRECTS in entry.meta:
                    self.corrections.append(entry)
                if is_governed(entry) and entry.flag != WAITS and entry.meta.get(UNDERLAG) not in elsewhere:
                    self._rows[id(entry)] = _rows_of(entry, currency)
                    governed.append(entry)
            elif isinstance(entry, data.Open):
                self._know(entry.account)
        self.bookings = self._with_corrections(governed, entries)
        self.special = [booking for booking in self.bookings if self._is_special(booking)]

    def _with_corrections(
        self, governed: Sequence[data.Transaction], entries: Iterable[data.Directive]
    ) -> list[Booking]:
        """Return the bookings in the order of their first vouchers; most vouchers are one alone."""
        corrected = {(entry.meta[CORRECTS], entry.date.year) for entry in self.corrections}
        alone, others = [], []
        for entry in governed:
            if CORRECTS in entry.meta or (entry.meta.get("ver"), entry.date.year) in corrected:
                others.append(entry)
            else:
                alone.append(Booking((entry,)))
        return alone + (bookings(others, self.corrections, entries) if others else [])

    def _is_special(self, booking: Booking) -> bool:
        """Tell whether a booking is of representation or equipment."""
        for entry in booking.vouchers:
            for role, _, _ in self.rows(entry):
                if role.group in SPECIAL:
                    return True
        return False

    def account(self, unit: str, group: str) -> str:
        """Return a unit's account of equipment, expensed (641) or invested in (12)."""
        default = f"Expenses:{unit}:6410-Förbrukningsinventarier" if group == EQUIPMENT else ""
        return self.accounts.get((unit, group), default or f"Assets:{unit}:1210-Inventarier")

    def opening(self, account: str, day: date) -> str:
        """Return the text that opens an account, none when it is opened."""
        if account in self.accounts.values():
            return ""
        return indented(open_text(account, day, self.currency, account.split(":")[2][5:])) + "\n\n"

    def _know(self, account: str) -> None:
        name = parse_account(account)
        if name is not None and name.number.startswith(EQUIPMENT):
            self.accounts.setdefault((name.unit, EQUIPMENT), account)
        elif name is not None and name.number.startswith("12") and name.number[3] not in "89":
            self.accounts.setdefault((name.unit, "12"), account)

    def rows(self, entry: data.Transaction) -> list[Row]:
        """Return what a voucher has on the accounts that these rules govern."""
        rows = self._rows.get(id(entry))
        return _rows_of(entry, self.currency) if rows is None else rows

    def invoice(self, entries: Iterable[data.Transaction]) -> Invoice | None:
        """Return the invoice that vouchers are together, or None where they are something else."""
        owed, credited, bought = ZERO, ZERO, dict[str, Decimal]()
        for entry in entries:
            for role, number, _ in self.rows(entry):
                if role.bought:
                    bought[role.unit] = bought.get(role.unit, ZERO) + number
                elif role.group == PAYABLE:
                    owed -= number
                    credited += max(-number, ZERO)
                elif number:
                    return None  # against equity: an opening balance
        whole = sum(bought.values(), ZERO)
        if whole > 0 and not owed:
            owed = credited  # it is paid in the same voucher
        if not owed * whole > 0 or 2 * abs(whole) < abs(owed):
            return None
        return Invoice(owed, bought)


class Rights:
    """Who may approve what, as it is decided."""

    def __init__(self, decisions: Iterable[data.Custom]) -> None:
        self.by_unit: dict[str, list[Right]] = defaultdict(list)
        for entry in decisions:
            sign, unit, limit = values(entry)
            end = entry.meta.get("till", date.max)
            self.by_unit[unit].append(Right(sign.strip(), unit, limit.number, entry.date, end))

    def allow(self, signs: Iterable[str], unit: str, day: date, amount: Decimal) -> bool:
        """Tell whether one of some persons may approve an amount for a unit on a day."""
        for right in self.by_unit.get(unit, ()):
            if right.sign in signs and right.holds_on(day) and amount <= right.limit:
                return True
        return False

    def of(self, signs: Iterable[str], unit: str) -> list[Right]:
        """Return the rights of some persons for a unit."""
        return [right for right in self.by_unit.get(unit, ()) if right.sign in signs]

    def mistake(self, approval: Approval) -> str:
        """Return the code of what an approval without a right lacks: any right, one on that day, or for so much."""
        of_unit = self.of(approval.signs, approval.unit)
        in_time = any(right.holds_on(approval.first.date) for right in of_unit)
        return "A605" if in_time else "A604" if of_unit else "A603"

    def nearest(self, approval: Approval) -> Right:
        """Return the right that is nearest in time to an approval."""
        day = approval.first.date
        of_unit = self.of(approval.signs, approval.unit)
        return min(of_unit, key=lambda right: min(abs(right.start - day), abs(right.end - day)))

    def largest(self, approval: Approval) -> Right:
        """Return the right for most, of those that hold on the day of an approval."""
        in_time = [right for right in self.of(approval.signs, approval.unit) if right.holds_on(approval.first.date)]
        return max(in_time, key=lambda right: right.limit)

    def who_may(self, approval: Approval) -> list[str]:
        """Return who may approve an invoice, but those who have received it, the lowest right first."""
        able = [
            right
            for right in self.by_unit.get(approval.unit, ())
            if right.holds_on(approval.first.date)
            and right.limit >= approval.amount
            and right.sign.casefold() not in approval.receivers
        ]
        return list(dict.fromkeys(right.sign for right in sorted(able, key=lambda right: right.limit)))


@cache
def role_of(account: str) -> Role | None:
    """Return what an account is to these rules, None for those of money, receivables and income."""
    name = parse_account(account)
    if name is None or account.endswith(f":{CLEARING}"):
        return None
    for group in (PAYABLE, OPENING, REPRESENTATION, EQUIPMENT):
        if name.number.startswith(group):
            return Role(name.unit, group, group in SPECIAL)
    return Role(name.unit, "", True) if name.number.startswith(BOUGHT) else None


def _rows_of(entry: data.Transaction, currency: str) -> list[Row]:
    rows = []
    for posting in entry.postings:
        role, units = role_of(posting.account), posting.units
        if role is not None and isinstance(units, Amount) and units.currency == currency:
            number = units.number
            if isinstance(number, Decimal):
                rows.append(Row(role, number, posting))
    return rows


def is_governed(entry: data.Transaction) -> bool:
    """Tell whether a voucher may be an invoice, or is of representation or equipment."""
    payable = bought = False
    for posting in entry.postings:
        role = role_of(posting.account)
        if role is None:
            continue
        if role.bought:
            if role.group:
                return True
            bought = True
        elif role.group == PAYABLE:
            payable = True
    return payable and bought


# A601-A605: approval


def _approval_errors(vouchers: Vouchers, rights: Rights, silenced: set[str] | None) -> list[RuleError]:
    """Return the errors of invoices; of those in `silenced` it is not known what they may approve."""
    errors: list[RuleError] = []
    wrong: dict[tuple[str, tuple[str, ...], str], list[Approval]] = defaultdict(list)
    for booking in vouchers.bookings:
        invoice = vouchers.invoice(booking.vouchers)
        if invoice is None:
            continue
        approving = _approving(booking, invoice, vouchers)
        errors += [error for entry in approving if (error := _signature_error(entry, invoice, vouchers, rights))]
        signs = tuple(sign for entry in approving for sign in _signs(entry, "attest"))
        if not signs or silenced is None or not silenced.isdisjoint(signs):
            continue
        parts = invoice.parts()
        for unit, amount in parts.items():
            if rights.allow(signs, unit, booking.day, amount):
                continue
            receivers = _persons(tuple(sign for entry in approving for sign in _signs(entry, "mottagning")))
            approval = Approval(booking.first, signs, receivers, unit, amount, len(parts) == 1)
            wrong[rights.mistake(approval), signs, unit].append(approval)
    for (code, _, _), approvals in wrong.items():
        # What lacks a right, or is done more than a few times without one, has one cause: the right.
        together = code == "A603" or len(approvals) > FEW
        for each in [approvals] if together else [[approval] for approval in approvals]:
            errors.append(_wrong_right(code, each, rights, vouchers))
    return errors


def _approving(booking: Booking, invoice: Invoice, vouchers: Vouchers) -> Sequence[data.Transaction]:
    """Return the vouchers that are the invoice or raise it; a correction that lowers it stands on its approval."""
    alone = len(booking.vouchers) == 1
    if alone and CORRECTS not in booking.first.meta:
        return booking.vouchers
    approving = []
    for entry in booking.vouchers:
        own = invoice if alone else vouchers.invoice([entry])
        lowers = own is not None and own.owed < 0 and CORRECTS in entry.meta
        if own is not None and own.owed * invoice.owed > 0 and not lowers:
            approving.append(entry)
    return approving


def _signature_error(entry: data.Transaction, invoice: Invoice, vouchers: Vouchers, rights: Rights) -> RuleError | None:
    attest, mottagning = _signs(entry, "attest"), _signs(entry, "mottagning")
    lacking = [key for key, signs in (("attest", attest), ("mottagning", mottagning)) if not signs]
    same = _persons(attest) & _persons(mottagning)
    if not lacking and not same:
        return None
    what = f"{_kind_of(invoice)}, {named(entry)}"
    if lacking:
        text = "".join(f'\n  {key}: "SIGNATUR"' for key in lacking)
        message = f"A601 {what}, {_kr(abs(invoice.owed), vouchers)}, lacks {' and '.join(lacking)}. "
        if "attest" in lacking:
            received = _persons(mottagning)
            parts = invoice.parts().items()
            able = [_able(Approval(entry, (), received, unit, amount, False), rights) for unit, amount in parts]
            message += f"{' '.join(able)} "
        return broken(entry, f"{message}Write below its first line who has signed:{text}")
    both = " and ".join(sign for sign in attest if sign.casefold() in same)
    message = f"A602 {what} is both approved and received by {both}. Let another receive it, and write who:"
    return broken(entry, f'{message}\n  mottagning: "SIGNATUR"')


def _wrong_right(code: str, approvals: Sequence[Approval], rights: Rights, vouchers: Vouchers) -> RuleError:
    """Return the one error of a right that does not hold, however many invoices it was used for."""
    first, largest = approvals[0], max(approvals, key=lambda each: each.amount)
    may, so = f"{' and '.join(first.signs)} may approve nothing for {first.unit}", ""
    if code == "A604":
        right = rights.nearest(first)
        until = f" to {right.end}" if right.end != date.max else ""
        may, so = f"{right.sign} may approve for {right.unit} from {right.start}{until}", f" of {first.first.date}"
    if code == "A605":
        right = rights.largest(largest)
        may, first = f"{right.sign} may approve up to {_kr(right.limit, vouchers)} for {right.unit}", largest
    if code != "A604":
        so = f" of {_kr(largest.amount, vouchers)}"
    more = f" and {len(approvals) - 1} more" if len(approvals) > 1 else ""
    message = f"{code} {may}, but has approved {named(first.first)}{so}{more}. "
    message += _mended(largest, min(each.first.date for each in approvals), rights, vouchers)
    return broken(first.first, message)


def _mended(approval: Approval, start: date, rights: Rights, vouchers: Vouchers) -> str:
    """Return how to mend an approval without a right: another approves, or the right is decided."""
    signs = tuple(right.sign for sign in approval.signs for right in rights.of([sign], approval.unit)[:1])
    sign = (signs or approval.signs)[0]
    right = f'  {start} custom "attest" {quoted(sign)} "{approval.unit}" {_kr(approval.amount, vouchers)}'
    able = rights.who_may(approval)
    if not able:
        return f"Nobody may; write who is given the right:\n{right}"
    # Who has approved the part of another unit stays.
    others = [] if approval.is_whole else [each for each in approval.signs if not rights.of([each], approval.unit)]
    attest = quoted(", ".join([*others, able[0]]))
    return f"Let {_one_of(able)} approve it:\n  attest: {attest}\nor write the right that is decided:\n{right}"


def _able(approval: Approval, rights: Rights) -> str:
    able, day = rights.who_may(approval), approval.first.date
    if not able:
        return f"Nobody may approve it for {approval.unit} on {day}: a directive must say who."
    return f"It may be approved for {approval.unit} on {day} by {_one_of(able)}."


def _one_of(signs: Sequence[str]) -> str:
    return " or ".join(filter(None, (", ".join(signs[:-1]), signs[-1])))


def _signs(entry: data.Transaction, key: str) -> tuple[str, ...]:
    """Return the signatures of a voucher, none when what stands there is no text."""
    text = entry.meta.get(key)
    return _divided(text) if isinstance(text, str) else ()


@cache
def _persons(signs: tuple[str, ...]) -> frozenset[str]:
    """Return who has signed, however they write it."""
    return frozenset(sign.casefold() for sign in signs)


@cache
def _divided(text: str) -> tuple[str, ...]:
    return tuple(sign for part in text.split(",") if (sign := part.strip()))


def _kind_of(invoice: Invoice) -> str:
    return "Supplier invoice" if invoice.owed > 0 else "Credit note"


def _kr(number: Decimal, vouchers: Vouchers) -> str:
    return f"{kronor(number)} {vouchers.currency}"


# A606: representation


def _representation_error(booking: Booking, vouchers: Vouchers) -> RuleError | None:
    found = _largest(booking, REPRESENTATION, vouchers)
    if found is None:
        return None
    number, entry, posting = found
    lacking = [key for key in ("syfte", "deltagare") if not any(_says(each, key) for each in booking.vouchers)]
    if not lacking:
        return None
    text = "".join(f'\n  {key}: "..."' for key in lacking)
    message = f"A606 Representation of {_kr(number, vouchers)} in {named(entry)} lacks {' and '.join(lacking)}."
    return broken(entry, f"{message} Write below its first line why, and who took part:{text}", posting.meta)


def _says(entry: data.Transaction, key: str) -> bool:
    text = entry.meta.get(key)
    return isinstance(text, str) and bool(text.strip())


def _largest(booking: Booking, group: str, vouchers: Vouchers) -> tuple[Decimal, data.Transaction, data.Posting] | None:
    """Return what a booking comes to on the accounts of a group, and the largest of its postings there.

    None where it comes to nothing: what is given back, or moved between units, was approved before.
    """
    whole, largest = ZERO, None
    for entry in booking.vouchers:
        for role, number, posting in vouchers.rows(entry):
            if role.group == group:
                whole += number
                if largest is None or number > largest[0]:
                    largest = number, entry, posting
    return (whole, *largest[1:]) if largest is not None and whole > 0 else None


# A607, A608: equipment and investments


def _equipment_error(booking: Booking, vouchers: Vouchers, thresholds: Sequence[Threshold]) -> RuleError | None:
    threshold = _in_force(thresholds, booking.day)
    found = _largest(booking, EQUIPMENT, vouchers)
    if threshold is None or found is None or found[0] < threshold.least:
        return None
    number, entry, posting = found
    if any(_is_small(each, number, threshold) for each in booking.vouchers):
        return None
    role = role_of(posting.account)
    assert role is not None, posting.account
    account, start = vouchers.account(role.unit, "12"), Month.of(entry.date).after(1).first_day
    message = (
        f"A607 Equipment of {_kr(number, vouchers)} in {named(entry)} is expensed on {posting.account}: at "
        f"{_kr(threshold.least, vouchers)} or more it is an investment, when it lives {threshold.months} months. "
        f"Book it as\n  {account}  {_kr(number, vouchers)}\nand write it into the register:\n"
        f"{vouchers.opening(account, booking.day)}"
        f'  {start} custom "asset" {quoted(booking.first.narration or "Namn")} {account} {_kr(number, vouchers)}\n'
        f"    manader: {threshold.months}\n"
        f"or, where it is several things that each cost less, or lives shorter, write below its first line how many:\n"
        f"  {SEVERAL}: {number // threshold.least + 1}\n"
        f"or for how long:\n"
        f"  manader: {max(1, threshold.months - 1)}"
    )
    return broken(entry, message, posting.meta)


def _is_small(entry: data.Transaction, number: Decimal, threshold: Threshold) -> bool:
    """Tell whether a voucher says that it is of several things below the threshold, or of a shorter life."""
    several, months = entry.meta.get(SEVERAL), entry.meta.get("manader")
    if isinstance(several, Decimal) and several >= 1 and number / several < threshold.least:
        return True
    return isinstance(months, Decimal) and 0 < months < threshold.months


def _investment_errors(
    assets: Sequence[Asset], vouchers: Vouchers, thresholds: Sequence[Threshold]
) -> Iterator[RuleError]:
    disposed = {asset.name for asset in assets if asset.disposed is not None}
    for asset in assets:
        # It may be bought in the month before, when another threshold held.
        bought = _in_force(thresholds, asset.first.after(-1).first_day)
        begun = _in_force(thresholds, asset.first.first_day)
        small = bought is not None and begun is not None and not (bought.covers(asset) or begun.covers(asset))
        if small and begun is not None and asset.replaces not in disposed:
            yield _investment_error(asset, begun, vouchers)


def _investment_error(asset: Asset, threshold: Threshold, vouchers: Vouchers) -> RuleError:
    unit, day = asset.group.unit, asset.first.first_day
    expense = vouchers.account(unit, EQUIPMENT)
    series = series_of(vouchers.corrections[-1] if vouchers.corrections else None, "M")
    rows = [
        row(expense, asset.cost, vouchers.currency),
        row(asset.account, -asset.cost, vouchers.currency),
    ]
    narration = f"Kostnadsföring: {asset.name} är ingen investering"
    written = voucher(day, narration, vouchers.numbers.free(series, day.year), rows)
    if asset.cost >= threshold.least:
        written.meta["manader"] = asset.months
    message = (
        f"A608 {asset.name}, {_kr(asset.cost, vouchers)} and {asset.months} months, is no investment: that costs "
        f"{_kr(threshold.least, vouchers)} or more and lives {threshold.months} months. "
        f"Remove the directive, and expense it:\n"
        f"{vouchers.opening(expense, day)}{indented(voucher_text(written))}"
    )
    return broken(asset.entry, message)


def _in_force(thresholds: Sequence[Threshold], day: date) -> Threshold | None:
    started = [threshold for threshold in thresholds if threshold.start <= day]
    return started[-1] if started else None


# A609, A610: directives that cannot be read


def _right_mistake(entry: data.Custom, units: set[str], currency: str) -> str | None:
    given = values(entry)
    if len(given) != 3 or not all(isinstance(value, str) for value in given[:2]) or not isinstance(given[2], Amount):
        return "it takes a signature, a unit and the largest amount"
    sign, unit, limit = given
    if _sign(entry) is None:
        return f"{quoted(sign)} is not the signature of one person"
    if unit not in units:
        return f"there is no unit {quoted(unit)}, name one of {', '.join(sorted(units)) or 'those declared'}"
    if limit.currency != currency or not isinstance(limit.number, Decimal) or limit.number <= 0:
        return f"its amount is {limit}: write more than nothing, in {currency}"
    end = entry.meta.get("till")
    if "till" in entry.meta and not (isinstance(end, date) and end >= entry.date):
        return f"till is not a day from {entry.date} on: write the last day on which it holds, without quotes"
    return None


def _silenced(no_rights: Iterable[data.Custom]) -> set[str] | None:
    """Return whose rights cannot be read, None where it may be anybody's."""
    signs = [_sign(entry) for entry in no_rights]
    return None if None in signs else {sign for sign in signs if sign is not None}


def _sign(entry: data.Custom) -> str | None:
    """Return the one person that a decision names, None where it does not."""
    sign = (values(entry) or [None])[0]
    return sign.strip() if isinstance(sign, str) and sign.strip() and "," not in sign else None


def _unreadable_right(entry: data.Custom, units: set[str], currency: str) -> RuleError:
    given = [*values(entry), None, None, None]
    sign = _sign(entry) or "SIGNATUR"
    unit = given[1] if given[1] in units else next(iter(sorted(units)), "FK")
    limit = given[2].number if isinstance(given[2], Amount) and isinstance(given[2].number, Decimal) else None
    message = f"A609 This right to approve cannot be read: {_right_mistake(entry, units, currency)}:\n"
    text = f'  {entry.date} custom "attest" {quoted(sign)} "{unit}" {kronor(abs(limit or Decimal(50000)))} {currency}'
    return broken(entry, f"{message}{text}")


def _threshold(entry: data.Custom) -> Threshold:
    return Threshold(entry.date, values(entry)[0].number, int(entry.meta["manader"]))


def _threshold_mistake(entry: data.Custom, currency: str) -> str | None:
    given, months = values(entry), entry.meta.get("manader")
    if len(given) != 1 or not isinstance(given[0], Amount) or not isinstance(given[0].number, Decimal):
        return "it takes an amount"
    if given[0].currency != currency or given[0].number <= 0:
        return f"its amount is {given[0]}: write more than nothing, in {currency}"
    if not isinstance(months, Decimal) or not 1 <= months <= LONGEST_LIFE or months != int(months):
        return "the shortest life is lacking: write a whole number of months below it"
    return None


def _unreadable_threshold(entry: data.Custom, currency: str) -> RuleError:
    given = [*values(entry), None]
    least = given[0].number if isinstance(given[0], Amount) and isinstance(given[0].number, Decimal) else None
    months = entry.meta.get("manader")
    life = int(months) if isinstance(months, Decimal) and 1 <= months <= LONGEST_LIFE else 36
    text = f'  {entry.date} custom "investment-threshold" {kronor(abs(least or Decimal(26250)))} {currency}'
    message = f"A610 This threshold cannot be read: {_threshold_mistake(entry, currency)}:"
    return broken(entry, f"{message}\n{text}\n    manader: {life}")
