"""The door of Peppol invoices: what it knows them by, which came before, and what whoever approves one should know."""

from collections.abc import Sequence
from datetime import date
from textwrap import indent
from typing import ClassVar

from beancount.core import data

from forbundsbok.importers.document import Document
from forbundsbok.importers.door import Door, Proposal
from forbundsbok.importers.formats.ubl import Invoice, is_invoice, read_invoice
from forbundsbok.importers.mapping import Table
from forbundsbok.importers.peppol.ledger import booked_debt, invoices_of, links_of, same_invoice, stated_debt
from forbundsbok.importers.peppol.mapping import EXAMPLE, PeppolMapping
from forbundsbok.importers.peppol.refusals import CURRENCY, PLAIN, kr, short
from forbundsbok.importers.peppol.voucher import BANKS, InvoiceBooking, invoice_path, invoice_title
from forbundsbok.importers.problems import DocumentError
from forbundsbok.plugins.accounts import is_in_group
from forbundsbok.plugins.attest import REPRESENTATION
from forbundsbok.plugins.findings import voucher_label


class Peppol(Door):
    """The door of supplier invoices, with the table `[peppol]` of the mapping."""

    kind: ClassVar[str] = "peppol"

    def __init__(self, table: Table) -> None:
        self._filename = table.filename
        self._mapping = PeppolMapping(table) if table else None

    def knows(self, document: Document) -> bool:
        return is_invoice(document.head)

    def begins(self, document: Document) -> date:
        return document.records(read_invoice).issued

    def propose(self, document: Document, existing: data.Directives) -> Proposal:
        """Return the voucher of an invoice. Raises DocumentError with all that stands in its way."""
        if self._mapping is None:
            message = f"{document}: invoices need a mapping: write in {self._filename}, for instance"
            raise DocumentError([f"{message}\n{indent(EXAMPLE, '  ')}"])
        invoice = document.records(read_invoice)
        before = invoices_of(invoice.supplier.number, existing)
        if invoice.type_code in PLAIN[invoice.is_credit_note] and (booked := same_invoice(invoice, before)):
            return _come_before(document, invoice, booked)
        voucher = InvoiceBooking(document, invoice, self._mapping, existing).voucher(before)
        return Proposal([voucher], invoice_path(voucher), invoice.issued, _notes(invoice, voucher, before))


def _come_before(document: Document, invoice: Invoice, booked: data.Transaction) -> Proposal:
    """Return the proposal of an invoice that is booked already. Raises DocumentError when it was another amount."""
    owed, was = stated_debt(invoice), booked_debt(booked)
    title = f"{document}: {invoice_title(invoice)} from {invoice.supplier.name}"
    what = f"{title} is in the ledger as voucher {voucher_label(booked)}"
    if invoice.currency == CURRENCY and owed != was:
        ask = "ask the supplier which is right, and for another number"
        raise DocumentError([f"{what} with {kr(was)}, but is of {kr(owed)} here: {ask}"])
    return Proposal([], "", invoice.issued, [f"{what}: it adds nothing"])


def _notes(invoice: Invoice, voucher: data.Transaction, before: Sequence[data.Transaction]) -> list[str]:
    """Return what whoever approves an invoice should know."""
    what, notes = f"{voucher.meta['ver']} {voucher.payee}, {invoice_title(invoice)}", []
    if not before:
        notes.append(f"{what}: the first from {invoice.supplier.number} with an organisation number in the books")
    for key in (*(key for key, _ in BANKS.values()), "iban", "konto"):
        paid = [entry for entry in before if entry.meta.get(key)]
        if key in voucher.meta and paid and paid[-1].meta[key] != voucher.meta[key]:
            notes.append(
                f"{what}: to be paid to {key} {voucher.meta[key]}, but voucher {voucher_label(paid[-1])} says "
                f"{paid[-1].meta[key]}: ask the supplier, by a number that you know, before it is paid"
            )
    if invoice.billing_references and not links_of(invoice.billing_references, before):
        mend = "write its link (^L-2025-0301) on this voucher when it has come in"
        notes.append(f"{what}: an invoice that the books do not know by number: {mend}")
    if invoice.payee and invoice.payee != invoice.supplier.name:
        notes.append(f"{what}: to be paid to {short(invoice.payee)}")
    if "forfallodag" not in voucher.meta and invoice.totals.payable > 0 and not invoice.is_credit_note:
        notes.append(f"{what}: without due date; terms: {short(invoice.terms) or 'none'}")
    if invoice.totals.tax and not invoice.supplier.vat:
        notes.append(f"{what}: {kr(invoice.totals.tax)} of VAT without the supplier's VAT number: is it deductible?")
    if any(is_in_group(each.account, REPRESENTATION) for each in voucher.postings):
        notes.append(f"{what}: representation: write syfte and deltagare, and see how much VAT is deductible")
    return notes
