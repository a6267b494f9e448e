"""Charges: what is to be approved, and the part of it that is each unit's.

    2025-03-05 * "Skatteverket" "Skatter och avgifter februari"
      ver: "U 91"
      attest: "FD"
      Liabilities:NAV:2710-Preliminär-skatt     60397.00 SEK
      Liabilities:RU:2710-Preliminär-skatt      31200.00 SEK
      Assets:FK:1610-Internbank                -91597.00 SEK

All that takes money out is a charge, all that makes a debt or a cost, and all that gives up a claim or an asset: every
voucher but those that only bring in money or claims, that the register of assets or the rules on internal items prove
whole, and the opening balance of the books. A unit's part is what it is debited, with its share of the VAT.

A supplier invoice and its corrections (plugins.invoices) are one charge.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from beancount.core import data

from forbundsbok.plugins.accounts import is_clearing, unit_of
from forbundsbok.plugins.asset_accounts import Part, asset_account
from forbundsbok.plugins.books import Books
from forbundsbok.plugins.corrections import has_amount, number_of
from forbundsbok.plugins.findings import Add, Finding, Message
from forbundsbok.plugins.internal import MARK
from forbundsbok.plugins.invoices import BookedInvoice, booked_invoices
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.money import ZERO, rounded
from forbundsbok.plugins.review import WAITS, is_reviewed
from forbundsbok.plugins.rights import rights_of_units
from forbundsbok.plugins.roles import Role, has_role

ROUNDING = Decimal(1)
"""What rounding to whole kronor may cost without anybody's approval."""


@dataclass(frozen=True)
class Charge:
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
        # A correction that lowers an invoice stands on the approval of that, unless it takes money out.
        if invoice and (entry in invoice.vouchers or not _pays(entry)):
            continue
        if is_reviewed(entry, books) and not _needs_none(entry, books):
            parts = parts_of(entry, books.currency)
            kind = Message(N_("Payment") if _pays(entry) else N_("Voucher"))
            found.append(Charge(kind, [entry], entry, sum(parts.values(), ZERO), parts))
    return found


def awaiting_approval(finding: Finding, books: Books) -> Finding:
    """Return a finding whose fix writes vouchers that are to be approved as such that wait: no program signs."""
    if not finding.fix or not books.once(rights_of_units):
        return finding

    def waiting(entry: data.Directive) -> data.Directive:
        if not isinstance(entry, data.Transaction) or "attest" in entry.meta or _needs_none(entry, books):
            return entry
        return entry._replace(flag=WAITS)

    steps = [
        Add([waiting(each) for each in step.directives], step.at) if isinstance(step, Add) else step
        for step in finding.fix
    ]
    return replace(finding, fix=steps)


def _invoice(invoice: BookedInvoice, books: Books) -> Charge:
    parts = invoice.debt.parts()
    if len(invoice.booking.vouchers) == 1:
        # What is paid in the same voucher is owed no more, and is to be approved all the same.
        for unit, amount in parts_of(invoice.booking.first, books.currency).items():
            parts[unit] = max(amount, parts.get(unit, ZERO))
    owed = max(abs(invoice.debt.owed), sum(parts.values(), ZERO))
    return Charge(invoice.kind, invoice.vouchers, invoice.booking.first, owed, parts, invoice)


def parts_of(entry: data.Transaction, currency: str) -> dict[str, Decimal]:
    """Return what each unit is debited, but on accounts of money, with its share of the VAT."""
    parts: dict[str, Decimal] = defaultdict(Decimal)
    tax = ZERO
    for row in _rows(entry, currency):
        number = number_of(row)
        if number <= 0 or has_role(row.account, Role.MONEY):
            continue
        if has_role(row.account, Role.INPUT_VAT):
            tax += number
        else:
            parts[unit_of(row.account)] += number
    whole = sum(parts.values(), ZERO)
    if not whole:
        return {}
    return {unit: number + rounded(tax * number / whole) for unit, number in parts.items()}


def _rows(entry: data.Transaction, currency: str) -> list[data.Posting]:
    return [row for row in entry.postings if not is_clearing(row.account) and has_amount(row, currency)]


def _pays(entry: data.Transaction) -> bool:
    """Tell whether a voucher takes money out."""
    return sum((number_of(row) for row in entry.postings if has_role(row.account, Role.MONEY)), ZERO) < 0


def _needs_none(entry: data.Transaction, books: Books) -> bool:
    """Tell whether a voucher needs no approval; one without rows, which makes a number void, does."""
    rows = _rows(entry, books.currency)
    if not rows:
        return False
    return _brings_in(rows) or _is_proven(rows, books) or _opens(entry, rows, books)


def _brings_in(rows: Sequence[data.Posting]) -> bool:
    """Tell whether nothing is debited but money that comes in, and claims."""
    money = sum((number_of(row) for row in rows if has_role(row.account, Role.MONEY)), ZERO)
    others = (number_of(row) for row in rows if not has_role(row.account, Role.MONEY, Role.CUSTOMERS))
    return money >= 0 and sum((number for number in others if number > 0), ZERO) <= ROUNDING


def _is_proven(rows: Sequence[data.Posting], books: Books) -> bool:
    """Tell whether the register of assets has all of it, or the rules on internal items."""
    if all(_is_depreciation(row.account) for row in rows):
        return True
    opens = (books.opens.get(row.account) for row in rows)
    return all(opened is not None and opened.meta.get(MARK) is True for opened in opens)


def _is_depreciation(account: str) -> bool:
    known = asset_account(account)
    return known is not None and known.part in (Part.DEPRECIATION, Part.ACCUMULATED_DEPRECIATION)


def _opens(entry: data.Transaction, rows: Sequence[data.Posting], books: Books) -> bool:
    """Tell whether a voucher is of the opening balance: on the first day of all, against equity."""
    return entry.date == books.first_booked and any(has_role(row.account, Role.EQUITY) for row in rows)
