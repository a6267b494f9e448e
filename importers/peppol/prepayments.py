"""What an invoice takes off as paid before: the invoices in the books that it was, so that VAT is deducted once.

    2025-01-10 * "Leverantör 017 IT" "Faktura 20245: Licenser" ^L-2025-0301
      Assets:NAV:1710-Interimsfordringar       1000.00 SEK
      Assets:FK:1650-Momsfordran                250.00 SEK
      Liabilities:NAV:2510-Leverantörsskulder -1250.00 SEK

    2025-03-05 ! "Leverantör 017 IT" "Faktura 20311: Licenser" ^L-2025-0312 ^L-2025-0301
      Expenses:NAV:6820-Licenser               4000.00 SEK
      Assets:FK:1650-Momsfordran                750.00 SEK
      Assets:NAV:1710-Interimsfordringar      -1000.00 SEK
      Liabilities:NAV:2510-Leverantörsskulder -3750.00 SEK

The final invoice states all VAT, and what is left to pay: it takes off what was booked of the first, its VAT too. They
are the invoices that it names, when they come to just what it takes off, or else the only one in advance of just that.
Each is taken off once: the voucher that has done so has its link.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from beancount.core import data

from forbundsbok.importers.formats.ubl import Invoice
from forbundsbok.importers.peppol.ledger import NUMBER, booked_debt
from forbundsbok.importers.peppol.mapping import REVERSED
from forbundsbok.plugins.accounts import is_clearing
from forbundsbok.plugins.corrections import number_of
from forbundsbok.plugins.money import ZERO
from forbundsbok.plugins.parties import invoice_number
from forbundsbok.plugins.roles import Role, Roles


def paid_before(invoice: Invoice, before: Sequence[data.Transaction], roles: Roles) -> list[data.Transaction]:
    """Return the invoices, of those of its supplier before it, that an invoice takes off as paid; none if unsure."""
    whole = invoice.totals.prepaid
    if invoice.is_credit_note or whole <= 0:
        return []
    free = [entry for entry in before if booked_debt(entry, roles) > 0 and not _is_taken_off(entry, before, roles)]
    names = set(map(invoice_number, invoice.billing_references))
    named = [entry for entry in free if invoice_number(str(entry.meta[NUMBER])) in names]
    if named:
        return named if sum((booked_debt(entry, roles) for entry in named), ZERO) == whole else []
    in_advance = [entry for entry in free if booked_debt(entry, roles) == whole and _is_in_advance(entry, roles)]
    return in_advance if len(in_advance) == 1 else []


def is_deducted_again(invoice: Invoice, before: Sequence[data.Transaction], roles: Roles) -> bool:
    """Tell whether an invoice takes off as paid what the books do not know, with whose VAT nobody can tell."""
    has_vat = invoice.totals.tax or any(each.tax.category in REVERSED for each in invoice.subtotals)
    is_taken_off = bool(has_vat) and invoice.totals.prepaid > 0 and not invoice.is_credit_note
    return is_taken_off and not paid_before(invoice, before, roles)


def taken_off(entries: Sequence[data.Transaction], roles: Roles) -> Iterator[tuple[str, Decimal]]:
    """Yield the rows by which invoices are taken off: all but their debts, and clearing, the other way round."""
    for row in (row for entry in entries for row in entry.postings):
        if not (roles.has(row.account, Role.SUPPLIERS) or is_clearing(row.account)):
            yield row.account, -number_of(row)


def drawn_on_advance(before: Sequence[data.Transaction], roles: Roles) -> list[data.Transaction]:
    """Return the invoices that have taken off what was paid before, and name no other invoice as that."""
    return [
        entry
        for entry in before
        if len(entry.links) < 2
        and any(roles.has(row.account, Role.PREPAID) and number_of(row) < 0 for row in entry.postings)
    ]


def credits_advance(invoice: Invoice, before: Sequence[data.Transaction], roles: Roles) -> bool:
    """Tell whether a credit note is of invoices in advance alone, none taken off: it lowers what is prepaid."""
    names = set(map(invoice_number, invoice.billing_references))
    named = [entry for entry in before if invoice_number(str(entry.meta[NUMBER])) in names]
    named = [entry for entry in named if booked_debt(entry, roles) > 0]
    return (
        invoice.is_credit_note
        and bool(named)
        and not any(_is_taken_off(entry, before, roles) or not _is_in_advance(entry, roles) for entry in named)
    )


def _is_taken_off(entry: data.Transaction, before: Sequence[data.Transaction], roles: Roles) -> bool:
    return any(each is not entry and booked_debt(each, roles) >= 0 and each.links & entry.links for each in before)


def _is_in_advance(entry: data.Transaction, roles: Roles) -> bool:
    """Tell whether all that an invoice is of is prepaid."""
    bought = [row for row in entry.postings if roles.has(row.account, Role.PURCHASES)]
    return bool(bought) and all(roles.has(row.account, Role.PREPAID) or abs(number_of(row)) < 1 for row in bought)
