"""Payroll: its fees and taxes are as large a part of the pay as in the unit's other months, and its debts are settled.

    2025-04-16 * "Löner Navet april"
      ver: "P 31"
      Expenses:NAV:5010-Löner                       949567.00 SEK
      Expenses:NAV:5610-Arbetsgivaravgifter         298353.00 SEK
      Liabilities:NAV:2710-Preliminär-skatt        -241189.00 SEK
      Liabilities:NAV:2730-Arbetsgivaravgift       -298353.00 SEK
      Liabilities:NAV:2810-Nettolöner              -708378.00 SEK

What is withheld, due in fees and due to employees is paid in whole, month by month, as VAT is settled: a payment is
what one month, or some months in a row, came to. What was settled otherwise before is asked for nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median
from typing import NamedTuple

from beancount.core import data

from forbundsbok.plugins.accounts import unit_of
from forbundsbok.plugins.books import Books
from forbundsbok.plugins.corrections import CORRECTS, Row, has_amount, number_of
from forbundsbok.plugins.findings import Finding, Subject
from forbundsbok.plugins.imports import UNDERLAG, moved_in
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.money import ZERO, rounded
from forbundsbok.plugins.months import Month
from forbundsbok.plugins.places import place
from forbundsbok.plugins.review import put_right
from forbundsbok.plugins.roles import Role, has_role
from forbundsbok.plugins.rulebook import Sees, rule

OTHERS = 5
"""How many other months a unit must have before one that departs from them is strange."""

MARGIN = Decimal("0.01")
"""How much further from the usual part than ever before, as a part of it, is strange."""

SEES = Sees(groups=Role.PAYROLL_DEBTS.groups, keys=(CORRECTS,))


@dataclass(frozen=True)
class Payroll:
    """The pay of a unit in a voucher, and each fee and debt as a part of it."""

    entry: data.Transaction
    unit: str
    pay: Decimal
    amounts: Mapping[str, Decimal]

    def part(self, account: str) -> Decimal:
        return abs(self.amounts.get(account, ZERO)) / self.pay


def payrolls(books: Books) -> dict[str, list[Payroll]]:
    """Return the payrolls of each unit by date, without those that correct or are corrected."""
    elsewhere = books.once(moved_in)
    corrected = books.once(put_right)
    units: dict[str, list[Payroll]] = defaultdict(list)
    paying = [account for account in books.postings if has_role(account, Role.PAY)]
    for entry in books.on_accounts(paying):
        if id(entry) not in corrected and entry.meta.get(UNDERLAG) not in elsewhere:
            for own in _payrolls(entry, books.rows(entry)):
                units[own.unit].append(own)
    return {unit: own for unit, own in units.items() if len(own) > OTHERS and not books.is_sealed(own[-1].entry.date)}


def _payrolls(entry: data.Transaction, rows: Iterable[Row]) -> Iterator[Payroll]:
    """Yield what a voucher pays in each unit."""
    units: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        units[unit_of(row[0])].append(row)
    for unit, own in units.items():
        amounts: dict[str, Decimal] = {}
        pay = ZERO
        for account, number in own:
            if has_role(account, Role.PAY):
                pay += number
            elif has_role(account, Role.PAYROLL_FEES, Role.PAYROLL_DEBTS):
                amounts[account] = amounts.get(account, ZERO) + number
        if amounts and pay > 0:
            # What holidays are owed changes a debt, and is no pay.
            owed = {-number for account, number in own if has_role(account, Role.ACCRUED)}
            if owed:
                pay -= sum((number for account, number in own if has_role(account, Role.PAY) and number in owed), ZERO)
            if pay > 0:
                yield Payroll(entry, unit, pay, amounts)


@rule(
    "T131",
    title=N_("Fees and tax are as large a part of the pay as in the unit's other months."),
    why=N_("Two digits that changed places on both rows balance, and cost, or withhold from, somebody the difference."),
    mend=N_("Compare with the payroll's own sums, and correct the rows, or acknowledge why the part is another."),
    after=["T107"],
    sees=SEES,
    warns=True,
)
def usual_parts(books: Books) -> Iterator[Finding]:
    for unit, own in sorted(books.once(payrolls).items()):
        worst: dict[int, Departure] = {}
        for account in sorted({account for each in own for account in each.amounts}):
            departure = _departure(account, [each for each in own if account in each.amounts])
            # Several rows of a voucher have one cause, which the one that departs most tells.
            if departure and departure.size >= worst.setdefault(id(departure.payroll), departure).size:
                worst[id(departure.payroll)] = departure
        for account, each, usual in worst.values():
            message = N_(
                "{voucher}: {amount} kr on {account} is {percent} % of the pay {pay} kr. In the other months of {unit} "
                "it is {usual} %, which would be {due} kr."
            )
            values = {
                "voucher": each.entry,
                "amount": abs(each.amounts[account]),
                "account": account,
                "percent": rounded(100 * each.part(account)),
                "pay": each.pay,
                "unit": unit,
                "usual": rounded(100 * usual),
                "due": rounded(usual * each.pay),
            }
            yield Finding(each.entry, Subject("voucher", place(each.entry)), message, values)


class Departure(NamedTuple):
    """A fee or a debt that is another part of the pay than usual."""

    account: str
    payroll: Payroll
    usual: Decimal

    @property
    def size(self) -> Decimal:
        """How far it is from the usual part, as a part of that."""
        return abs(self.payroll.part(self.account) / self.usual - 1)


def _departure(account: str, own: Sequence[Payroll]) -> Departure | None:
    """Return the payroll that departs from all others by more than they ever did, None where none does."""
    if len(own) <= OTHERS:
        return None
    usual = median([each.part(account) for each in own])
    if not usual:
        return None
    furthest, further = sorted((Departure(account, each, usual) for each in own), key=lambda each: -each.size)[:2]
    return furthest if furthest.size > 2 * further.size + MARGIN else None


# Debts that are settled by the month

SETTLED = (Role.PAYROLL_DEBTS, Role.OUTPUT_VAT, Role.INPUT_VAT)
SETTLEMENTS = 5
"""How many settlements of whole months in a row make the next one expected to be one."""


@rule(
    "T132",
    title=N_("Tax, fees, pay and VAT are settled with what whole months came to."),
    why=N_("A payment that is mistyped, forgotten, made twice or booked on another unit leaves a rest nobody owes."),
    mend=N_("Compare with the accounts of the months it settles, and correct it, or acknowledge why it is another."),
    after=["T107", "T109", "T111"],
    sees=Sees(groups=tuple(group for role in SETTLED for group in role.groups), keys=(CORRECTS,)),
    warns=True,
)
def settled_in_whole(books: Books) -> Iterator[Finding]:
    elsewhere = books.once(moved_in)
    told = set(books.once(put_right))
    for account, rows in sorted(books.postings.items()):
        if not has_role(account, *SETTLED):
            continue
        for settled in _departed(account, rows, books):
            if settled.voucher.meta.get(UNDERLAG) in elsewhere or id(settled.voucher) in told:
                continue
            told.add(id(settled.voucher))
            message = N_(
                "{voucher} settles {amount} kr of {account}; {month} came to {due} kr, and what was before is settled."
            )
            values = {
                "voucher": settled.voucher,
                "amount": settled.amount,
                "account": account,
                "month": str(settled.month),
                "due": settled.due,
            }
            yield Finding(settled.voucher, Subject("voucher", place(settled.voucher)), message, values)


class Settled(NamedTuple):
    """What is settled in a month, its last voucher, and what should be: what an earlier month came to."""

    voucher: data.Transaction
    amount: Decimal
    month: Month
    due: Decimal


def _departed(account: str, rows: Sequence[tuple[data.Transaction, data.Posting]], books: Books) -> Iterator[Settled]:
    """Yield what is settled otherwise than by whole months, where so many settlements before it were."""
    sign = 1 if has_role(account, Role.INPUT_VAT) else -1
    ends: dict[Month, Decimal] = {}  # what is raised in all at the end of each month
    payments: dict[Month, list[tuple[data.Transaction, Decimal]]] = defaultdict(list)
    raised = ZERO
    for entry, row in rows:
        number = sign * number_of(row) if has_amount(row, books.currency) else ZERO
        if number < 0 and _settles(entry):
            payments[Month.of(entry.date)].append((entry, -number))
        else:
            raised += number
            ends[Month.of(entry.date)] = raised
    months, whole, before = list(ends), 0, ZERO
    for month, own in payments.items():
        # A month may be settled by parts: VAT by set-off and by payment.
        amount = sum((number for _, number in own), ZERO)
        met = next((at for at, end in enumerate(months) if ends[end] == before + amount and end <= month), None)
        if met is not None:
            months, whole = months[met + 1 :], whole + 1
        else:
            if whole >= SETTLEMENTS and months:
                yield Settled(own[-1][0], amount, months[0], ends[months[0]] - before)
            whole = 0
        before += amount


def _settles(entry: data.Transaction) -> bool:
    """Tell whether a voucher settles what others raised: it has neither costs nor income."""
    return not any(has_role(row.account, Role.COSTS, Role.INCOME) for row in entry.postings)
