"""An invoice of member fees as Peppol BIS Billing 3 (UBL 2.1), for whoever takes invoices so.

    <Invoice ...><cbc:ID>K-2025-0001</cbc:ID> ... <cbc:PayableAmount currencyID="SEK">99742.75</cbc:PayableAmount>

Member fees are outside the scope of VAT: category O with VATEX-EU-O, one breakdown, no rate, and no VAT numbers
(BR-O-01 to BR-O-14). Buyer and seller are addressed by their organisation numbers (scheme 0007), the buyer by a
reference as well (PEPPOL-EN16931-R003, R010, R020). It is paid to a bankgiro, by means 30. Which of the published rules
it is held against, beyond what our own reader checks, stands in tests/scripts/render/test_peppol.py.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from lxml import etree

from forbundsbok.importers.formats.ubl import SWEDEN, SWEDISH
from forbundsbok.plugins.fees import FeePayer
from forbundsbok.plugins.language import telling_in, tr
from forbundsbok.plugins.ledger_text import cleaned_text
from forbundsbok.plugins.money import ledger_number
from forbundsbok.plugins.months import Month
from forbundsbok.queries.fees import FeeInvoice, FeeLine, Issuer
from forbundsbok.scripts.render.fees import LANGUAGE, NO_VAT, line_texts

_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
_NAMESPACES = {
    None: f"{_UBL}Invoice-2",
    "cac": f"{_UBL}CommonAggregateComponents-2",
    "cbc": f"{_UBL}CommonBasicComponents-2",
}
CUSTOMIZATION = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
PROFILE = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
COMMERCIAL_INVOICE, CREDIT_TRANSFER, BANKGIRO = "380", "30", "SE:BANKGIRO"
OUTSIDE_VAT, REASON = "O", "VATEX-EU-O"
ONE = "C62"
"""The unit of what is one of its kind (UN/ECE recommendation 20)."""


def lacks_for_peppol(payer: FeePayer) -> list[str]:
    """Return the keys that a payer lacks to get an invoice by Peppol."""
    return [key for key, value in (("orgnr", payer.number), ("referens", payer.reference)) if not value]


def peppol_xml(invoice: FeeInvoice, issuer: Issuer, currency: str) -> bytes:
    """Return an invoice as XML; the payer lacks nothing for it. The same invoice gives the same bytes."""
    with telling_in(LANGUAGE):
        root = etree.Element(f"{{{_NAMESPACES[None]}}}Invoice", nsmap=_NAMESPACES)
        _Writer(root, invoice, issuer, currency).write()
        return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


class _Writer:
    def __init__(self, root: etree._Element, invoice: FeeInvoice, issuer: Issuer, currency: str) -> None:
        self.root, self.invoice, self.issuer, self.currency = root, invoice, issuer, currency

    def write(self) -> None:
        """Write all elements, in the order of the schema."""
        invoice, root, payer = self.invoice, self.root, self.invoice.payer
        first, last = Month(invoice.year, 3 * invoice.quarter - 2), Month(invoice.year, 3 * invoice.quarter)
        for name, value in (
            ("CustomizationID", CUSTOMIZATION),
            ("ProfileID", PROFILE),
            ("ID", invoice.number),
            ("IssueDate", str(invoice.voucher.date)),
            ("DueDate", str(invoice.due)),
            ("InvoiceTypeCode", COMMERCIAL_INVOICE),
            ("Note", str(invoice.voucher.narration)),
            ("DocumentCurrencyCode", self.currency),
            ("BuyerReference", payer.reference),
        ):
            self._text(root, name, value)
        self._period(root, first.first_day, last.last_day)
        supplier = self._group(root, "AccountingSupplierParty")
        number = _digits(self.issuer.number)
        self._party(supplier, SWEDISH, number, self.issuer.name, number, self.issuer.sender.address)
        scheme, _, endpoint = payer.peppol.partition(":") if payer.peppol else (SWEDISH, ":", _digits(payer.number))
        customer = self._group(root, "AccountingCustomerParty")
        self._party(customer, scheme, endpoint, payer.full_name, _digits(payer.number), payer.address)
        means = self._group(root, "PaymentMeans")
        self._text(means, "PaymentMeansCode", CREDIT_TRANSFER)
        self._text(means, "PaymentID", invoice.number)
        account = self._group(means, "PayeeFinancialAccount")
        self._text(account, "ID", _digits(self.issuer.sender.bankgiro))
        self._text(self._group(account, "FinancialInstitutionBranch"), "ID", BANKGIRO)
        self._taxes()
        self._totals()
        for place, line in enumerate(invoice.lines, 1):
            self._line(place, line)

    def _taxes(self) -> None:
        whole = self._group(self.root, "TaxTotal")
        self._money(whole, "TaxAmount", Decimal(0))
        subtotal = self._group(whole, "TaxSubtotal")
        self._money(subtotal, "TaxableAmount", self.invoice.total)
        self._money(subtotal, "TaxAmount", Decimal(0))
        category = self._group(subtotal, "TaxCategory")
        self._text(category, "ID", OUTSIDE_VAT)
        self._text(category, "TaxExemptionReasonCode", REASON)
        self._text(category, "TaxExemptionReason", tr(NO_VAT))
        self._text(self._group(category, "TaxScheme"), "ID", "VAT")

    def _totals(self) -> None:
        totals = self._group(self.root, "LegalMonetaryTotal")
        for name in ("LineExtensionAmount", "TaxExclusiveAmount", "TaxInclusiveAmount", "PayableAmount"):
            self._money(totals, name, self.invoice.total)

    def _line(self, place: int, line: FeeLine) -> None:
        what, how, _ = line_texts(line)
        group = self._group(self.root, "InvoiceLine")
        self._text(group, "ID", str(place))
        # A price is never negative (BR-27): what is taken off is less than none of it.
        quantity = self._text(group, "InvoicedQuantity", "-1" if line.amount < 0 else "1")
        quantity.set("unitCode", ONE)
        self._money(group, "LineExtensionAmount", line.amount)
        item = self._group(group, "Item")
        self._text(item, "Description", how)
        self._text(item, "Name", what)
        category = self._group(item, "ClassifiedTaxCategory")
        self._text(category, "ID", OUTSIDE_VAT)
        self._text(self._group(category, "TaxScheme"), "ID", "VAT")
        self._money(self._group(group, "Price"), "PriceAmount", abs(line.amount))

    def _party(self, above: etree._Element, scheme: str, endpoint: str, name: str, number: str, address: str) -> None:
        party = self._group(above, "Party")
        self._text(party, "EndpointID", endpoint).set("schemeID", scheme)
        self._text(self._group(party, "PartyName"), "Name", name)
        where = self._group(party, "PostalAddress")
        for element, value in _address(address):
            self._text(where, element, value)
        self._text(self._group(where, "Country"), "IdentificationCode", SWEDEN)
        legal = self._group(party, "PartyLegalEntity")
        self._text(legal, "RegistrationName", name)
        self._text(legal, "CompanyID", number).set("schemeID", SWEDISH)

    def _period(self, above: etree._Element, first: date, last: date) -> None:
        period = self._group(above, "InvoicePeriod")
        self._text(period, "StartDate", str(first))
        self._text(period, "EndDate", str(last))

    def _money(self, above: etree._Element, name: str, number: Decimal) -> None:
        self._text(above, name, ledger_number(number)).set("currencyID", self.currency)

    def _text(self, above: etree._Element, name: str, value: str) -> etree._Element:
        element = etree.SubElement(above, f"{{{_NAMESPACES['cbc']}}}{name}")
        element.text = cleaned_text(value)
        return element

    def _group(self, above: etree._Element, name: str) -> etree._Element:
        return etree.SubElement(above, f"{{{_NAMESPACES['cac']}}}{name}")


def _digits(number: str) -> str:
    return "".join(filter(str.isdigit, number))


def _address(written: str) -> Iterator[tuple[str, str]]:
    """Yield the elements of an address, written `Torget 1, 123 45 Norrby`; of another form all of it is the street."""
    street, _, town = written.rpartition(", ")
    code, place = town[:6].strip(), town[6:].strip()
    if not (len(_digits(code)) == 5 and place):
        street, code, place = written, "", ""
    named = (("StreetName", street), ("CityName", place), ("PostalZone", code))
    yield from ((name, value) for name, value in named if value)
