"""Charges: what is to be approved, and the part of it that is each unit's.

    2025-03-05 * "Skatteverket" "Skatter och avgifter februari"
      ver: "U 91"
      attest: "FD"
      Liabilities:NAV:2710-Preliminär-skatt     60397.00 SEK
      Liabilities:RU:2710-Preliminär-skatt      31200.00 SEK
      Assets:FK:1610-Internbank                -91597.00 SEK

All that takes money out is a charge, all that makes a debt or a cost, and all that gives up a claim or an asset: every
voucher but those that only bring in money (by Bankgirot too: plugins.deposits) or claims, that the registers of
assets and loans or the rules on internal items prove whole, and the opening balance of the books. A unit's part is what
it is debited, with its share of the VAT.

A supplier invoice and its corrections (plugins.invoices) are one charge.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from beancount.core import data

from forbundsbok.plugins.accounts import parse_account, unit_of
from forbundsbok.plugins.asset_accounts import Part, asset_account
from forbundsbok.plugins.books import Books
from forbundsbok.plugins.corrections import Row, number_of
from forbundsbok.plugins.deposits import is_deposit
from forbundsbok.plugins.findings import Add, Finding, Message, Step
from forbundsbok.plugins.internal import MARK
from forbundsbok.plugins.invoices import BookedInvoice, booked_invoices, debt_of
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.money import ZERO, rounded
from forbundsbok.plugins.open_items import TRIFLE
from forbundsbok.plugins.payment_files import confirms
from forbundsbok.plugins.review import WAITS, is_reviewed
from forbundsbok.plugins.rights import ATTEST, rights_of_units
from forbundsbok.plugins.roles import Role, Roles

ROUNDING = Decimal(1)
"""What rounding to whole kronor may cost without anybody's approval."""


PAYMENT, VOUCHER = Message(N_("Payment")), Message(N_("Voucher"))
"""What a charge is called that is no invoice."""


class Charge(NamedTuple):
    """Vouchers that are approved as one, the amount that it is about, and the part of each unit."""

    kind: Message
    vouchers: Sequence[data.Transaction]
    first: data.Transaction
    amount: Decimal
    parts: Mapping[str, Decimal]
    invoice: BookedInvoice | None = None


def charges(books: Books) -> list[Charge]:
    """Return what is to be approved, in the order of the books."""
    invoices = books.once(booked_invoices)
    own = {id(entry): invoice for invoice in invoices for entry in invoice.booking.vouchers}
    found = [_invoice(invoice, books) for invoice in invoices]
    for entry in books.vouchers:
        invoice = own.get(id(entry))
        if invoice and entry in invoice.vouchers:
            continue
        rows = books.rows(entry)
        moved = _moved(rows, books.roles)
        # A correction that lowers an invoice stands on the approval of that.
        if (invoice and moved.lowers) or not is_reviewed(entry, books) or _needs_none(entry, rows, moved, books):
            continue
        parts = _shifted(rows, books.roles) or moved.parts()
        kind = PAYMENT if moved.pays else VOUCHER
        found.append(Charge(kind, [entry], entry, sum(parts.values(), ZERO), parts))
    return found


def unapproved(books: Books) -> set[int]:
    """Return the vouchers that somebody is to approve and nobody has, by their ids."""
    if not books.once(rights_of_units):
        return set()
    return {id(entry) for charge in charges(books) for entry in charge.vouchers if ATTEST not in entry.meta}


def needs_approval(entry: data.Transaction, books: Books) -> bool:
    """Tell whether a voucher to write is to be approved by somebody."""
    rows = books.rows(entry)
    return bool(books.once(rights_of_units)) and not _needs_none(entry, rows, _moved(rows, books.roles), books)


def awaiting_approval(finding: Finding, books: Books) -> Finding:
    """Return a finding whose fix writes vouchers that are to be approved as such that wait: no program signs."""
    if not finding.fix or not books.once(rights_of_units):
        return finding

    def waiting(entry: data.Directive) -> data.Directive:
        if not isinstance(entry, data.Transaction) or ATTEST in entry.meta:
            return entry
        return entry._replace(flag=WAITS) if needs_approval(entry, books) else entry

    def steps(fix: Iterable[Step]) -> list[Step]:
        return [
            replace(step, directives=[waiting(each) for each in step.directives]) if isinstance(step, Add) else step
            for step in fix
        ]

    proposal = finding.proposal
    return replace(finding, fix=steps(finding.fix), proposal=proposal and (lambda numbers: steps(proposal(numbers))))


def _invoice(invoice: BookedInvoice, books: Books) -> Charge:
    parts = invoice.debt.parts()
    if any(ATTEST in entry.meta for entry in invoice.booking.vouchers if entry not in invoice.vouchers):
        # What a correction moves to another unit is a charge of its own, and stands on its own approval.
        own = debt_of(books, *invoice.vouchers)
        parts = {unit: amount for unit, amount in parts.items() if own and unit in own.bought}
    if len(invoice.booking.vouchers) == 1:
        # What is paid in the same voucher is owed no more, and is to be approved all the same.
        for unit, amount in _moved(books.rows(invoice.booking.first), books.roles).parts().items():
            parts[unit] = max(amount, parts.get(unit, ZERO))
    owed = max(abs(invoice.debt.owed), sum(parts.values(), ZERO))
    return Charge(invoice.kind, invoice.vouchers, invoice.booking.first, owed, parts, invoice)


class Moved(NamedTuple):
    """What a voucher moves: money that comes in, and what it debits.

    The VAT among it, and what each unit is debited but on accounts of money, without VAT.
    """

    money: Decimal
    taken: Decimal
    """Of money, from other accounts than cash, also where it only goes to another account."""
    debited: Decimal
    """Beside money and claims."""
    raised: Decimal
    """Of what is debited, beside what is owed to suppliers and the state."""
    tax: Decimal
    units: Mapping[str, Decimal]

    @property
    def pays(self) -> bool:
        return self.money < 0

    @property
    def lowers(self) -> bool:
        """Whether it lowers what is owed, and does nothing else."""
        return not self.pays and not self.raised

    @property
    def brings_in(self) -> bool:
        """Whether nothing is debited but money that comes in, and claims; cash may be paid into the bank."""
        return self.money >= 0 and not self.taken and self.debited <= ROUNDING

    def parts(self) -> Mapping[str, Decimal]:
        """Return what each unit is debited with its share of the VAT."""
        if not self.tax:
            return self.units
        whole = sum(self.units.values(), ZERO)
        return {unit: number + rounded(max(self.tax, ZERO) * number / whole) for unit, number in self.units.items()}


def _moved(rows: Iterable[Row], roles: Roles) -> Moved:
    money = taken = debited = raised = tax = ZERO
    units: dict[str, Decimal] = {}
    put: dict[str, Decimal] = {}
    for account, number in rows:
        standing = _standing(account, roles)
        if standing is Role.MONEY:
            money += number
            if number > 0:
                put[unit_of(account)] = put.get(unit_of(account), ZERO) + number
            elif not roles.has(account, Role.CASH):
                taken -= number
        elif number <= 0:
            if standing is Role.OUTPUT_VAT:
                tax += number  # by reverse charge: owed to the state, and deducted again
        elif standing in (Role.INPUT_VAT, Role.OUTPUT_VAT):
            tax += number
            debited += number
            raised += number if standing is Role.INPUT_VAT else ZERO
        else:
            unit = unit_of(account)
            units[unit] = units[unit] + number if unit in units else number
            if standing is not Role.CUSTOMERS:
                debited += number
            if standing is not Role.SUPPLIERS:
                raised += number
    return Moved(money, taken, debited, raised, tax, units or (put if taken else units))


def _shifted(rows: Sequence[Row], roles: Roles) -> Mapping[str, Decimal]:
    """Return the parts of a voucher that only says where something belongs, none of another one.

    What came in and waits as a debt settles a claim, and is the part of the unit that has the claim. A balance that
    goes to the same account of another unit charges that nothing: it is decided by whoever may decide anything there.
    """
    if not rows or any(account.startswith(_RESULT) or _standing(account, roles) is Role.MONEY for account, _ in rows):
        return {}
    debits = [row for row in rows if row[1] > 0]
    credits = [row for row in rows if row[1] < 0]
    if all(_standing(account, roles) is Role.CUSTOMERS for account, _ in credits) and all(
        roles.has(account, Role.OTHER_DEBTS, Role.LOANS, Role.ACCRUED) for account, _ in debits
    ):
        parts: dict[str, Decimal] = {}
        for account, number in credits:
            parts[unit_of(account)] = parts.get(unit_of(account), ZERO) - number
        return parts
    sums: dict[str, Decimal] = {}
    for account, number in rows:
        name = parse_account(account)
        key = name.number if name else account
        sums[key] = sums.get(key, ZERO) + number
    return dict.fromkeys((unit_of(account) for account, _ in debits), ZERO) if not any(sums.values()) else {}


_RESULT = ("Income:", "Expenses:")


def bought_past_suppliers(entry: data.Transaction, books: Books) -> Decimal:
    """Return what a voucher buys that is no supplier invoice: paid at once, or owed or set off on another account.

    Nothing is bought by what only the bank takes, as a fee, nor by what is accrued on the last day of a month: its
    invoice is to come. What is accrued on another day is, and so is the payment of what was accrued for such things. A
    customer's invoice that is named is written off, which plugins.open_items tells.
    """
    money = bought = against = ZERO
    accrued = books.once(_accrued_goods)
    for account, number in books.rows(entry):
        if _standing(account, books.roles) is Role.MONEY:
            money += number
        elif number > 0:
            bought += number if books.roles.has(account, Role.GOODS) or account in accrued else ZERO
        elif _standing(account, books.roles) is Role.CUSTOMERS:
            against -= ZERO if entry.links else number
        elif _is_owed_elsewhere(account, books.roles) or (
            books.roles.has(account, Role.ACCRUED) and not _is_last_of_month(entry.date)
        ):
            against -= number
    return bought if bought > max(money, TRIFLE) and (money < 0 or against > 0) else ZERO


def _buys(rows: Iterable[Row], roles: Roles) -> bool:
    """Tell whether a voucher makes a cost of goods and services, and none of anything else."""
    debits = [account for account, number in rows if number > 0]
    return bool(debits) and all(roles.has(account, Role.GOODS) for account in debits)


@cache
def _is_owed_elsewhere(account: str, roles: Roles) -> bool:
    """Tell whether an account is a claim that can be set off, or a debt, of others than customers and suppliers."""
    is_used = roles.has(account, Role.PREPAID)
    is_owed = roles.has(account, Role.OTHER_CLAIMS, Role.OTHER_DEBTS, Role.LOANS)
    return not is_used and is_owed and _standing(account, roles) is None


def _is_last_of_month(day: date) -> bool:
    return day == date.max or (day + timedelta(days=1)).day == 1


def _accrued_goods(books: Books) -> frozenset[str]:
    """Return the accounts on which goods and services are accrued until their invoices come."""
    found: set[str] = set()
    for account, own in books.postings.items():
        if books.roles.has(account, Role.ACCRUED):
            raising = (books.rows(entry) for entry, row in own if number_of(row) < 0)
            if any(_buys(rows, books.roles) for rows in raising):
                found.add(account)
    return frozenset(found)


@cache
def _standing(account: str, roles: Roles) -> Role | None:
    """Return what an account is to an approval: money, a claim, a debt to suppliers, or VAT; else None."""
    own = (Role.MONEY, Role.CUSTOMERS, Role.SUPPLIERS, Role.INPUT_VAT, Role.OUTPUT_VAT)
    return next((role for role in own if roles.has(account, role)), None)


def _needs_none(entry: data.Transaction, rows: Sequence[Row], moved: Moved, books: Books) -> bool:
    """Tell whether a voucher needs no approval; one without rows, which makes a number void, does."""
    if not rows:
        return False
    if moved.brings_in or is_deposit(entry, rows, books.roles):
        return True
    return _is_proven(rows, books) or _opens(entry, rows, books) or confirms(entry, rows, books)


def _is_proven(rows: Iterable[Row], books: Books) -> bool:
    """Tell whether the register of assets has all of it, the register of loans, or the rules on internal items."""
    internal, roles = books.once(_internal), books.roles
    return (
        all(account in internal for account, _ in rows)
        or all(_is_depreciation(account, roles) for account, _ in rows)
        or (all(roles.has(account, "lan", "kortfristiga-lan") for account, _ in rows) and _is_of_one_unit(rows))
    )


def _is_of_one_unit(rows: Iterable[Row]) -> bool:
    return len({unit_of(account) for account, _ in rows}) == 1


def _internal(books: Books) -> frozenset[str]:
    return frozenset(account for account, opened in books.opens.items() if opened.meta.get(MARK) is True)


@cache
def _is_depreciation(account: str, roles: Roles) -> bool:
    known = asset_account(account, roles)
    return known is not None and known.part in (Part.DEPRECIATION, Part.ACCUMULATED_DEPRECIATION)


def _opens(entry: data.Transaction, rows: Iterable[Row], books: Books) -> bool:
    """Tell whether a voucher is of the opening balance: on the first day of all that equity is booked, against it."""
    return entry.date == books.once(_opening) and any(books.roles.has(account, Role.EQUITY) for account, _ in rows)


def _opening(books: Books) -> date | None:
    """Return the day of the first voucher against equity; one that is mistyped into an earlier year opens nothing."""
    return next((entry.date for entry in books.having(Role.EQUITY)), None)
