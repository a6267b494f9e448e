"""The door of Peppol invoices: what it knows them by, which came before, and what whoever approves one should know."""

from collections.abc import Sequence
from datetime import date
from textwrap import indent
from typing import Any, ClassVar

from beancount.core import data

from forbundsbok.importers.document import Document
from forbundsbok.importers.door import Door, Proposal, remarked
from forbundsbok.importers.formats.ubl import Invoice, is_invoice, read_invoice, to_ore
from forbundsbok.importers.mapping import Table
from forbundsbok.importers.peppol.ledger import (
    booked_debt,
    credited_before,
    invoices_of,
    links_of,
    same_number,
    stated_debt,
)
from forbundsbok.importers.peppol.mapping import REVERSED, PeppolMapping, example_for, party
from forbundsbok.importers.peppol.prepayments import drawn_on_advance, is_deducted_again, paid_before
from forbundsbok.importers.peppol.refusals import IN_ADVANCE, SPECIAL, TOLD, kr, short
from forbundsbok.importers.peppol.voucher import (
    BANKS,
    InvoiceBooking,
    invoice_path,
    invoice_title,
    paid_without_transfer,
)
from forbundsbok.importers.problems import Problem, refused_whole
from forbundsbok.plugins.check_digits import is_payable
from forbundsbok.plugins.corrections import number_of
from forbundsbok.plugins.findings import Message, as_written, phrase
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.money import CURRENCY, ZERO
from forbundsbok.plugins.open_items import INVOICE, invoice_day, own_link
from forbundsbok.plugins.parties import invoice_number
from forbundsbok.plugins.roles import Role, Roles, read_roles
from forbundsbok.plugins.units import read_units


class Peppol(Door):
    """The door of supplier invoices, with the table `[peppol]` of the mapping."""

    kind: ClassVar[str] = "peppol"

    def __init__(self, table: Table) -> None:
        self._filename = table.filename
        self._mapping = PeppolMapping(table) if table else None

    def knows(self, document: Document) -> bool:
        return is_invoice(document.head)

    def in_turn(self, documents: Sequence[Document]) -> list[Document]:
        """Return invoices by their days, those that another names as what it credits or takes off before that one."""
        invoices = [(document, document.records(read_invoice)) for document in documents]
        days = {_called(each.supplier.number, each.id): each.issued for _, each in invoices if not each.is_credit_note}

        def turn(item: tuple[Document, Invoice]) -> tuple[date, int]:
            invoice = item[1]
            named = (days.get(_called(invoice.supplier.number, each)) for each in invoice.billing_references)
            kind = 2 if invoice.is_credit_note or invoice.totals.payable < 0 else invoice.type_code != IN_ADVANCE
            return max([invoice.issued, *filter(None, named)]), int(kind)

        return [document for document, _ in sorted(invoices, key=turn)]

    def propose(self, document: Document, existing: data.Directives) -> Proposal:
        """Return the voucher of an invoice. Raises DocumentError with all that stands in its way."""
        roles = read_roles(existing)
        if self._mapping is None:
            text = N_("invoices need a mapping: write in {file}, for instance\n{example}")
            accounts = (each.account for each in existing if isinstance(each, data.Open))
            example = as_written(indent(example_for(read_units(existing), accounts, roles), "  "))
            message = phrase(text, file=self._filename, example=example)
            raise refused_whole(document, message)
        invoice = document.records(read_invoice)
        before = invoices_of(invoice.supplier.number, existing, roles)
        alike = [] if invoice.type_code in SPECIAL else same_number(invoice, before, roles)
        if booked := next((entry for entry in alike if invoice_day(entry) == invoice.issued), None):
            return _come_before(document, invoice, booked, roles)
        made = InvoiceBooking(document, invoice, self._mapping, existing).booked(before)
        if isinstance(made, data.Note):
            taken = paid_before(invoice, before, roles)
            text = (
                N_(
                    "{invoice} from {supplier} is of what {vouchers} have booked, and takes all of it off: it adds "
                    "nothing, and is kept beside them"
                )
                if taken
                else N_("{invoice} from {supplier} comes to nothing: it is kept, and there is nothing to book")
            )
            note = phrase(text, invoice=invoice_title(invoice), supplier=invoice.supplier.name, vouchers=taken)
            told = [Problem(0, note).at(str(document))]
            return Proposal(remarked(existing, [made]), invoice_path(made), made.date, told)
        notes = _notes(invoice, made, before, self._mapping, roles)
        return Proposal([made], invoice_path(made), invoice.issued, notes)


def _come_before(document: Document, invoice: Invoice, booked: data.Transaction, roles: Roles) -> Proposal:
    """Return the proposal of an invoice that is booked already. Raises DocumentError when it was another amount."""
    owed, was = stated_debt(invoice), booked_debt(booked, roles)
    what: dict[str, Any] = {
        "invoice": invoice_title(invoice),
        "supplier": invoice.supplier.name,
        "voucher": booked,
    }
    if invoice.currency == CURRENCY and owed != was:
        text = N_(
            "{invoice} from {supplier} is in the ledger as {voucher} with {was}, but is of {owed} here: "
            "ask the supplier which is right, and for another number"
        )
        raise refused_whole(document, phrase(text, **what, was=kr(was), owed=kr(owed)))
    note = phrase("{invoice} from {supplier} is in the ledger as {voucher}: it adds nothing", **what)
    return Proposal([], "", invoice.issued, [Problem(0, note).at(str(document))])


def _called(supplier: str, number: str) -> tuple[str, str]:
    return party(supplier), invoice_number(number)


def _notes(
    invoice: Invoice,
    voucher: data.Transaction,
    before: Sequence[data.Transaction],
    mapping: PeppolMapping,
    roles: Roles,
) -> list[Message]:
    """Return what whoever approves an invoice should know."""
    notes: list[Message] = []

    def note(text: str, **values: object) -> None:
        what = f"{voucher.meta['ver']} {voucher.payee}, {invoice_title(invoice)}"
        notes.append(phrase(text, what=what, **values))

    if told := TOLD[invoice.is_credit_note].get(invoice.type_code):
        note(N_("{what}: of type {code}, {kind}"), code=invoice.type_code, kind=phrase(told))
    for entry in same_number(invoice, before, roles)[:1]:
        text = N_(
            "{what}: {voucher} is of the same number, but of {day}: if it is the same invoice, sent again, take this "
            "voucher away; else both stand"
        )
        note(text, voucher=entry, day=invoice_day(entry))
    for entry in credited_before(invoice, before):
        own = [row for row in voucher.postings if row.meta and row.meta.get(INVOICE) in entry.links]
        if own:
            text = N_("{what}: {voucher} is a credit note of it, and came before: {amount} less is to be paid")
            note(text, voucher=entry, amount=kr(-sum(map(number_of, own), ZERO)))
            continue
        text = N_(
            "{what}: {voucher} is a credit note of it, of {amount}, so it is not to be paid in full. Write on that, "
            'and below its row of the debt:\n    {link}\n    {key}: "{invoice}"'
        )
        link = own_link(voucher.meta["ver"], voucher.date)
        note(text, voucher=entry, amount=kr(-booked_debt(entry, roles)), link=f"^{link}", key=INVOICE, invoice=link)
    if paid := paid_before(invoice, before, roles):
        text = N_(
            "{what}: {amount} are taken off as paid before by {vouchers}, with the VAT that was deducted there: is it "
            "that?"
        )
        note(text, amount=kr(invoice.totals.prepaid), vouchers=paid)
    elif is_deducted_again(invoice, before, roles):
        text = N_(
            "{what}: {amount} are taken off as paid before, and no invoice of that is found in the books. If its VAT "
            "is deducted already, {tax} are deducted twice here: take them off from {account}, and from what is taken "
            "off as prepaid"
        )
        totals = invoice.totals
        tax = to_ore(totals.prepaid * totals.tax / totals.with_tax) if totals.with_tax else totals.tax
        note(text, amount=kr(totals.prepaid), tax=kr(tax), account=mapping.vat)
    if invoice.type_code == IN_ADVANCE:
        for entry in drawn_on_advance(before, roles):
            text = N_(
                "{what}: {voucher} takes off what was paid before, with all its VAT deducted. If it is of this "
                "invoice, {tax} are deducted twice: take them off there, from {account}, and from what is taken off "
                "as prepaid"
            )
            note(text, voucher=entry, tax=kr(invoice.totals.tax), account=mapping.vat)
    if not before:
        text = N_("{what}: the first from {number} with an organisation number in the books")
        note(text, number=invoice.supplier.number)
    for key in (*BANKS.values(), "iban", "konto"):
        paid = [entry for entry in before if entry.meta.get(key)]
        if key in voucher.meta and paid and paid[-1].meta[key] != voucher.meta[key]:
            text = N_(
                "{what}: to be paid to {key} {account}, but {voucher} says {before}: "
                "ask the supplier, by a number that you know, before it is paid"
            )
            note(text, key=key, account=voucher.meta[key], voucher=paid[-1], before=paid[-1].meta[key])
    for key in (*BANKS.values(), "iban"):
        if key in voucher.meta and not is_payable(key, voucher.meta[key]):
            text = N_(
                "{what}: {key} {account} is wrong, a digit must be mistyped: ask the supplier, by a number that you "
                "know, before it is paid"
            )
            note(text, key=key, account=voucher.meta[key])
    if invoice.billing_references and not links_of(invoice.billing_references, before):
        text = N_(
            "{what}: an invoice that the books do not know by number. It takes this off when it comes in; if it is "
            "booked by hand, write its link (^L-2025-0301) on this voucher"
        )
        note(text)
    if how := paid_without_transfer(invoice):
        text = N_(
            "{what}: is paid {how}, by what the supplier says, so no account to pay to is kept: if it is to be paid by "
            "a transfer after all, write the account on the voucher"
        )
        note(text, how=phrase(how))
    if invoice.payee and invoice.payee != invoice.supplier.name:
        note(N_("{what}: to be paid to {payee}"), payee=short(invoice.payee))
    if "forfallodag" not in voucher.meta and invoice.totals.payable > 0 and not invoice.is_credit_note:
        note(N_("{what}: without due date; terms: {terms}"), terms=short(invoice.terms) or phrase("none"))
    if invoice.totals.tax and not invoice.supplier.vat:
        text = N_("{what}: {amount} of VAT without the supplier's VAT number: is it deductible?")
        note(text, amount=kr(invoice.totals.tax))
    reverse = [each for each in invoice.subtotals if each.tax.category in REVERSED]
    for subtotal in reverse:
        text = N_("{what}: {why}. {amount} are booked as both owed and deducted with {rate} %: is that the rate?")
        why, rate = phrase(REVERSED[subtotal.tax.category]), mapping.supplier(invoice.supplier.number).rate
        note(text, why=why, amount=kr(subtotal.taxable), rate=rate)
    if not (invoice.has_swedish_vat or reverse):
        text = N_(
            "{what}: sold without VAT from {country}. Of most services, and of goods, that are bought from abroad the "
            "buyer accounts for Swedish VAT: write its rows, or see that none is due"
        )
        note(text, country=invoice.supplier.vat_country or phrase("abroad"))
    if any(roles.has(each.account, Role.REPRESENTATION) for each in voucher.postings):
        note(N_("{what}: representation: write syfte and deltagare, and see how much VAT is deductible"))
    return notes
