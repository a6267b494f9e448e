"""What stands in the way of booking an invoice: all of it is said at once, with what to write or whom to ask.

faktura.xml:41: 1000.00 SEK have VAT of category AE: omvänd betalningsskyldighet, the buyer accounts for the VAT. ...
"""

from collections.abc import Iterable
from decimal import Decimal
from textwrap import indent

from forbundsbok.importers.document import Document
from forbundsbok.importers.formats.ubl import STANDARD, Invoice, organisation_number
from forbundsbok.importers.peppol.ledger import NUMBER, SUPPLIER
from forbundsbok.importers.peppol.mapping import PeppolMapping, toml
from forbundsbok.importers.problems import DocumentError, Problem
from forbundsbok.plugins.canonical import quoted
from forbundsbok.plugins.money import ledger_number

CURRENCY = "SEK"

PLAIN = {False: ("380", "80", "82", "84", "383", "388", "393", "395", "780"), True: ("381", "81", "83", "396", "532")}
"""The types (UNTDID 1001) of invoices and of credit notes that are what they seem, also those sold to a factor."""

SPECIAL = {
    "384": "a corrected invoice, which replaces another: ask for a credit note and a new invoice",
    "386": "an invoice in advance: book it by hand on the account of what is prepaid",
    "389": "an invoice that the buyer has made: book it by hand",
    "261": "a credit note that the buyer has made: book it by hand",
}
WITHOUT_VAT = ("Z", "E", "O")
REVERSED = {
    "AE": "omvänd betalningsskyldighet, the buyer accounts for the VAT",
    "K": "bought in another EU country, the buyer accounts for the VAT",
    "G": "bought outside the EU, the buyer accounts for the VAT",
}

LONGEST = 80
"""The most characters of a name in a narration."""


class Refusals:
    """The refusals of an invoice: what stands in its way, as it is found."""

    def __init__(self, document: Document, invoice: Invoice, mapping: PeppolMapping) -> None:
        self._document = document
        self._invoice = invoice
        self._mapping = mapping
        self._messages: list[str] = []

    def __bool__(self) -> bool:
        return bool(self._messages)

    def add(self, message: str, paste: str = "", line: int = 0) -> None:
        """Add what stands in the way, with what to write, and the line of the document that it is about."""
        problem = Problem(line, "\n".join(filter(None, [message, indent(paste, "  ")])))
        self._messages.append(problem.at(str(self._document)))

    def error(self) -> DocumentError:
        """Return the error of an invoice that is refused."""
        return DocumentError(dict.fromkeys(self._messages))

    # What no accounts and no reference could put right

    def check_kind(self) -> None:
        """Add what cannot be booked by this door at all."""
        invoice, supplier = self._invoice, self._invoice.supplier
        if invoice.type_code not in PLAIN[invoice.is_credit_note]:
            self.add(
                f"it is of type {invoice.type_code}, {SPECIAL.get(invoice.type_code, 'which is no such document')}"
            )
        if invoice.currency != CURRENCY:
            self.add(
                f"{invoice.totals.payable:.2f} {invoice.currency} to pay, and the ledger is in {CURRENCY}: write the "
                f"voucher by hand at the rate of the day, with these below its first line",
                f"{SUPPLIER}: {quoted(supplier.number)}\n{NUMBER}: {quoted(invoice.id)}",
            )
        self._check_buyer()
        if not supplier.number:
            message = f"{short(supplier.name)} states no organisation number: ask for an invoice that does"
            self.add(message, line=supplier.line)
        for subtotal in invoice.subtotals:
            category = subtotal.tax.category
            if category != STANDARD and category not in WITHOUT_VAT:
                why = REVERSED.get(category, "which is not known here")
                message = f"{subtotal.taxable:.2f} {invoice.currency} have VAT of category {category}: {why}"
                self.add(f"{message}. Write the voucher by hand, with the VAT that it means", line=subtotal.line)
        self._check_vat()

    def _check_buyer(self) -> None:
        customer, buyer = self._invoice.customer, self._mapping.buyer
        stated = organisation_number(customer.number)
        if stated == buyer or (not stated and self._mapping.gln & set(customer.identifiers)):
            return
        number = customer.number or "without organisation number"
        message = f"it is to {short(customer.name)} ({number}), and we are {buyer}: send it back"
        self.add(f"{message}, or ask for an invoice with our number", line=customer.line)

    def _check_vat(self) -> None:
        """Add VAT that is not Swedish. Without a VAT number a Swedish supplier's may be: that is noted."""
        supplier, tax = self._invoice.supplier, self._invoice.totals.tax
        swedish = supplier.vat.startswith("SE") if supplier.vat else bool(organisation_number(supplier.number))
        if tax and not swedish:
            stated = f"VAT number {supplier.vat}" if supplier.vat else "no VAT number"
            self.add(
                f"{short(supplier.name)} charges {tax:.2f} {self._invoice.currency} of VAT, with {stated}: only "
                f"Swedish VAT is deducted. Ask for a right invoice, or write the voucher by hand",
                line=supplier.line,
            )

    def add_unknown_reference(self, units: Iterable[str]) -> None:
        """Add that neither the buyer's reference nor the order tells whose an invoice is."""
        invoice, filename = self._invoice, self._mapping.filename
        owed = f"{kr(invoice.totals.payable)} from {short(invoice.supplier.name)}"
        written = [each for each in (invoice.buyer_reference, invoice.order_reference) if each]
        if not written:
            message = f"{owed} have neither a buyer's reference nor an order, so nothing tells whose they are"
            self.add(f"{message}: ask for an invoice with the reference of a unit")
            return
        keys = [f'unit = "..."  # {", ".join(units)}', 'attest = "..."', 'mottagning = "..."', 'account = "..."']
        self.add(
            f"nothing tells whose {owed} are, with reference {' and order '.join(written)}: write in {filename}",
            "\n".join([f"[peppol.references.{toml(written[0])}]", *keys]),
        )


# Texts


def short(written: str) -> str:
    """Return a name that fits into a narration."""
    return written if len(written) <= LONGEST else f"{written[: LONGEST - 3].rstrip()}..."


def kr(number: Decimal) -> str:
    """Return an amount as a message has it."""
    return f"{ledger_number(number)} {CURRENCY}"
