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
from forbundsbok.importers.peppol.mapping import REVERSED, PeppolMapping, reverse_text
from forbundsbok.importers.problems import DocumentError, Problem
from forbundsbok.plugins.accounts import unit_of
from forbundsbok.plugins.canonical import quoted
from forbundsbok.plugins.findings import Message, as_written, phrase
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.money import CURRENCY
from forbundsbok.plugins.vat import RATES
from forbundsbok.plugins.years import first_day_of_year

PLAIN = {False: ("80", "82", "84", "380", "383", "388", "393", "395", "780"), True: ("381", "81", "83", "396", "532")}
"""The types (UNTDID 1001) of invoices and of credit notes that are what they seem, also those sold to a factor."""

IN_ADVANCE = "386"
"""What is bought has not come, and no cost is there yet."""

TOLD = {
    False: {
        "71": N_("a request for payment: does the invoice with the VAT come by itself?"),
        "102": N_("a tax notification"),
        "218": N_("a final request for payment of work that is done"),
        "219": N_("a request for payment of units that are done"),
        "326": N_("a partial invoice"),
        "331": N_("an invoice with a packing list"),
        "382": N_("a commission note"),
        IN_ADVANCE: N_("an invoice in advance: what it buys has not come. See that its VAT is deducted once"),
        "389": N_("an invoice that the buyer has made: it is our own"),
        "553": N_("a forwarder's report of what differs from its invoice"),
        "575": N_("an insurer's invoice"),
        "623": N_("a forwarder's invoice"),
        "751": N_("told for the accounting alone: see how it is paid, it is not to be paid again"),
        "817": N_("a claim: is it right?"),
        "870": N_("a consular invoice"),
        "875": N_("a partial construction invoice"),
        "876": N_("a partial final construction invoice"),
        "877": N_("a final construction invoice: see that the partial ones are taken off"),
    },
    True: {"261": N_("a credit note that the buyer has made: it is our own")},
}
"""The other types that Peppol lists (P0100, P0101, and those of its self-billing), and what whoever approves one
should know."""

SPECIAL = {
    "384": N_("a corrected invoice, which replaces another: ask for a credit note and a new invoice"),
    "325": N_("a proforma invoice, which is not to be paid: ask for the invoice"),
}
WITHOUT_VAT = ("Z", "E", "O")
UNKNOWN = N_("which is not known here")
OF_SPAIN = N_("which is charged on Spanish islands and in Ceuta and Melilla alone")
OTHERS = {"L": OF_SPAIN, "M": OF_SPAIN, "B": N_("which is transferred to the buyer in Italy alone")}
"""Categories of VAT that are not Swedish, and no matter of whose accounts it stands on."""

LONGEST = 80
"""The most characters of a name in a narration."""


class Refusals:
    """The refusals of an invoice: what stands in its way, as it is found."""

    def __init__(self, document: Document, invoice: Invoice, mapping: PeppolMapping, of_vat: Iterable[str]) -> None:
        """`of_vat` are the accounts of output VAT that are open on the invoice's day."""
        self._document = document
        self._invoice = invoice
        self._mapping = mapping
        self._of_vat = list(of_vat)
        self._problems: list[Problem] = []

    def __bool__(self) -> bool:
        return bool(self._problems)

    def add(self, message: Message, paste: str = "", line: int = 0, opens: str = "") -> None:
        """Add what stands in the way, with what to write, and the line of the document that it is about.

        `opens` is an account that is not open: its `open`, for the ledger, is written too.
        """
        if paste:
            message = Message("{message}\n{lines}", {"message": message, "lines": as_written(indent(paste, "  "))})
        if opens:
            begins = first_day_of_year(self._invoice.issued.year)
            opened = as_written(f"  {begins} open {opens} {CURRENCY}")
            message = phrase("{message}\n  and in the ledger:\n{opened}", message=message, opened=opened)
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
        kinds = invoice.is_credit_note
        if invoice.type_code not in PLAIN[kinds] and invoice.type_code not in TOLD[kinds]:
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
            category, owed = subtotal.tax.category, self._mapping.reverse.owed
            if category in (STANDARD, *WITHOUT_VAT, *owed):
                continue
            values = {"amount": Amount(subtotal.taxable, invoice.currency), "category": category}
            if category in REVERSED:
                text = N_(
                    "{amount} have VAT of category {category}: {why}. Write its account of outgoing VAT in {file}, or "
                    "the voucher by hand"
                )
                message = phrase(text, **values, why=phrase(REVERSED[category]), file=self._mapping.filename)
                account, opens = self._account_of_reversed_vat()
                self.add(message, reverse_text(category, account), line=subtotal.line, opens=opens)
            else:
                text = N_(
                    "{amount} have VAT of category {category}: {why}. Write the voucher by hand, with the VAT that it "
                    "means"
                )
                why = phrase(OTHERS.get(category, UNKNOWN))
                self.add(phrase(text, **values, why=why), line=subtotal.line)
        self._check_vat()

    def _account_of_reversed_vat(self) -> tuple[str, str]:
        """Return an account for VAT that the buyer owes, and the same to open it when none is open."""
        unit = unit_of(self._mapping.vat)
        found = [each for each in self._of_vat if "omvänd" in each.casefold()]
        if found:
            return min(found, key=lambda each: unit_of(each) != unit), ""
        return (account := f"Liabilities:{unit}:2617-Utgående-moms-omvänd"), account

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
        """Add VAT that is not Swedish, by who charges it or by its rate (SE-R-006)."""
        invoice, supplier = self._invoice, self._invoice.supplier
        if not invoice.totals.tax:
            return
        called = short(supplier.name)
        if not invoice.has_swedish_vat:
            text = N_(
                "{supplier} charges {amount} of VAT, with {number}: only Swedish VAT is deducted. "
                "Ask for a right invoice, or write the voucher by hand"
            )
            stated = phrase("VAT number {number}", number=supplier.vat) if supplier.vat else phrase("no VAT number")
            amount = Amount(invoice.totals.tax, invoice.currency)
            self.add(phrase(text, supplier=called, amount=amount, number=stated), line=supplier.line)
            return
        for subtotal in invoice.subtotals:
            if subtotal.amount and subtotal.tax.percent not in RATES:
                text = N_(
                    "{supplier} charges {amount} of VAT, {percent} %, and Swedish VAT is 25, 12 or 6 %: "
                    "ask for a right invoice"
                )
                amount, percent = Amount(subtotal.amount, invoice.currency), f"{subtotal.tax.percent.normalize():f}"
                self.add(phrase(text, supplier=called, amount=amount, percent=percent), line=subtotal.line)

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
