"""What stands in the way of booking an invoice: all of it is said at once, with what to write or whom to ask.

faktura.xml:41: 1 000,00 kr har moms i kategori AE: omvänd betalningsskyldighet, köparen redovisar momsen. ...
"""

from collections.abc import Iterable
from decimal import Decimal
from textwrap import indent

from beancount.core.amount import Amount

from forbundsbok.importers.document import Document
from forbundsbok.importers.formats.ubl import STANDARD, Invoice, organisation_number
from forbundsbok.importers.mapping import toml_text
from forbundsbok.importers.peppol.ledger import NUMBER, SUPPLIER
from forbundsbok.importers.peppol.mapping import PeppolMapping
from forbundsbok.importers.problems import DocumentError, Problem
from forbundsbok.plugins.canonical import quoted
from forbundsbok.plugins.findings import Message, as_written, phrase
from forbundsbok.plugins.language import N_

CURRENCY = "SEK"

PLAIN = {False: ("380", "80", "82", "84", "383", "388", "393", "395", "780"), True: ("381", "81", "83", "396", "532")}
"""The types (UNTDID 1001) of invoices and of credit notes that are what they seem, also those sold to a factor."""

SPECIAL = {
    "384": N_("a corrected invoice, which replaces another: ask for a credit note and a new invoice"),
    "386": N_("an invoice in advance: book it by hand on the account of what is prepaid"),
    "389": N_("an invoice that the buyer has made: book it by hand"),
    "261": N_("a credit note that the buyer has made: book it by hand"),
}
WITHOUT_VAT = ("Z", "E", "O")
UNKNOWN = N_("which is not known here")
REVERSED = {
    "AE": N_("omvänd betalningsskyldighet, the buyer accounts for the VAT"),
    "K": N_("bought in another EU country, the buyer accounts for the VAT"),
    "G": N_("bought outside the EU, the buyer accounts for the VAT"),
}

LONGEST = 80
"""The most characters of a name in a narration."""


class Refusals:
    """The refusals of an invoice: what stands in its way, as it is found."""

    def __init__(self, document: Document, invoice: Invoice, mapping: PeppolMapping) -> None:
        self._document = document
        self._invoice = invoice
        self._mapping = mapping
        self._problems: list[Problem] = []

    def __bool__(self) -> bool:
        return bool(self._problems)

    def add(self, message: Message, paste: str = "", line: int = 0) -> None:
        """Add what stands in the way, with what to write, and the line of the document that it is about."""
        if paste:
            message = Message("{message}\n{lines}", {"message": message, "lines": as_written(indent(paste, "  "))})
        problem = Problem(line, message)
        if problem not in self._problems:
            self._problems.append(problem)

    def error(self) -> DocumentError:
        """Return the error of an invoice that is refused."""
        return DocumentError(problem.at(str(self._document)) for problem in self._problems)

    # What no accounts and no reference could put right

    def check_kind(self) -> None:
        """Add what cannot be booked by this door at all."""
        invoice, supplier = self._invoice, self._invoice.supplier
        if invoice.type_code not in PLAIN[invoice.is_credit_note]:
            what = SPECIAL.get(invoice.type_code, N_("which is no such document"))
            self.add(phrase("it is of type {code}, {what}", code=invoice.type_code, what=phrase(what)))
        if invoice.currency != CURRENCY:
            text = N_(
                "{amount} to pay, and the ledger is in {currency}: write the voucher by hand at the rate of the day, "
                "with these below its first line"
            )
            self.add(
                phrase(text, amount=Amount(invoice.totals.payable, invoice.currency), currency=CURRENCY),
                f"{SUPPLIER}: {quoted(supplier.number)}\n{NUMBER}: {quoted(invoice.id)}",
            )
        self._check_buyer()
        if not supplier.number:
            text = N_("{supplier} states no organisation number: ask for an invoice that does")
            self.add(phrase(text, supplier=short(supplier.name)), line=supplier.line)
        for subtotal in invoice.subtotals:
            category = subtotal.tax.category
            if category != STANDARD and category not in WITHOUT_VAT:
                text = N_(
                    "{amount} have VAT of category {category}: {why}. Write the voucher by hand, with the VAT that it "
                    "means"
                )
                amount = Amount(subtotal.taxable, invoice.currency)
                why = phrase(REVERSED.get(category, UNKNOWN))
                self.add(phrase(text, amount=amount, category=category, why=why), line=subtotal.line)
        self._check_vat()

    def _check_buyer(self) -> None:
        customer, buyer = self._invoice.customer, self._mapping.buyer
        stated = organisation_number(customer.number)
        if stated == buyer or (not stated and self._mapping.gln & set(customer.identifiers)):
            return
        text = N_(
            "it is to {customer} ({number}), and we are {buyer}: send it back, or ask for an invoice with our number"
        )
        number = customer.number or phrase("without organisation number")
        self.add(phrase(text, customer=short(customer.name), number=number, buyer=buyer), line=customer.line)

    def _check_vat(self) -> None:
        """Add VAT that is not Swedish. Without a VAT number a Swedish supplier's may be: that is noted."""
        supplier, tax = self._invoice.supplier, self._invoice.totals.tax
        swedish = supplier.vat.startswith("SE") if supplier.vat else bool(organisation_number(supplier.number))
        if tax and not swedish:
            text = N_(
                "{supplier} charges {amount} of VAT, with {number}: only Swedish VAT is deducted. "
                "Ask for a right invoice, or write the voucher by hand"
            )
            stated = phrase("VAT number {number}", number=supplier.vat) if supplier.vat else phrase("no VAT number")
            amount = Amount(tax, self._invoice.currency)
            self.add(
                phrase(text, supplier=short(supplier.name), amount=amount, number=stated),
                line=supplier.line,
            )

    def add_unknown_reference(self, units: Iterable[str]) -> None:
        """Add that neither the buyer's reference nor the order tells whose an invoice is."""
        invoice, filename = self._invoice, self._mapping.filename
        owed = {"amount": kr(invoice.totals.payable), "supplier": short(invoice.supplier.name)}
        written = [each for each in (invoice.buyer_reference, invoice.order_reference) if each]
        if not written:
            text = N_(
                "{amount} from {supplier} have neither a buyer's reference nor an order, so nothing tells whose they "
                "are: ask for an invoice with the reference of a unit"
            )
            self.add(phrase(text, **owed))
            return
        keys = [f'unit = "..."  # {", ".join(units)}', 'attest = "..."', 'mottagning = "..."', 'account = "..."']
        text = (
            N_("nothing tells whose {amount} from {supplier} are, with reference {reference}: write in {file}")
            if len(written) == 1
            else N_(
                "nothing tells whose {amount} from {supplier} are, with reference {reference} and order {order}: "
                "write in {file}"
            )
        )
        self.add(
            phrase(text, **owed, reference=written[0], order=written[-1], file=filename),
            "\n".join([f"[peppol.references.{toml_text(written[0])}]", *keys]),
        )


# Texts


def short(written: str) -> str:
    """Return a name that fits into a narration."""
    return written if len(written) <= LONGEST else f"{written[: LONGEST - 3].rstrip()}..."


def kr(number: Decimal) -> Amount:
    """Return an amount in the currency of the ledger."""
    return Amount(number, CURRENCY)
