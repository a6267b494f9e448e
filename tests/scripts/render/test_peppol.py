"""An invoice of member fees for Peppol: our own reader takes it, and the published rules hold, each by its own test.

The rules are those of EN 16931 (BR-*) and of Peppol BIS Billing 3 (PEPPOL-EN16931-R*, SE-R-*) that are about what such
an invoice has, written anew from their texts as XPath. Sums (BR-CO-10 to 17, R040, R120) our own reader computes again.
"""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from beancount.core import data
from beancount.parser import parser
from lxml import etree

from forbundsbok.importers.document import Document
from forbundsbok.importers.formats.ubl import read_invoice
from forbundsbok.plugins.books import Books
from forbundsbok.plugins.fees import SENDER, fees_of
from forbundsbok.queries.fees import FeeInvoice, Issuer, fees_to_invoice
from forbundsbok.scripts.render.peppol import peppol_xml
from tests.scripts.commands.test_fees import BOOKS, BY_HAND, PINNED

UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
NAMES = {"i": f"{UBL}Invoice-2", "a": f"{UBL}CommonAggregateComponents-2", "b": f"{UBL}CommonBasicComponents-2"}
SELLER, BUYER = "a:AccountingSupplierParty/a:Party", "a:AccountingCustomerParty/a:Party"
OUTSIDE = "a:TaxTotal/a:TaxSubtotal/a:TaxCategory[b:ID='O']"

RULES = {
    "BR-01, R004": "starts-with(b:CustomizationID, 'urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc')",
    "R001, R007": "b:ProfileID = 'urn:fdc:peppol.eu:2017:poacc:billing:01:1.0'",
    "BR-02": "string-length(b:ID) > 0",
    "BR-03": "string-length(b:IssueDate) = 10",
    "BR-04, P0100": "b:InvoiceTypeCode = '380'",
    "BR-05": "b:DocumentCurrencyCode = 'SEK'",
    "BR-06": f"string-length({SELLER}/a:PartyLegalEntity/b:RegistrationName) > 0",
    "BR-07": f"string-length({BUYER}/a:PartyLegalEntity/b:RegistrationName) > 0",
    "BR-08, BR-09": f"{SELLER}/a:PostalAddress/a:Country/b:IdentificationCode = 'SE'",
    "BR-10, BR-11": f"{BUYER}/a:PostalAddress/a:Country/b:IdentificationCode = 'SE'",
    "BR-12": "a:LegalMonetaryTotal/b:LineExtensionAmount",
    "BR-13": "a:LegalMonetaryTotal/b:TaxExclusiveAmount",
    "BR-14": "a:LegalMonetaryTotal/b:TaxInclusiveAmount",
    "BR-15": "a:LegalMonetaryTotal/b:PayableAmount",
    "BR-16": "a:InvoiceLine",
    "BR-21": "not(a:InvoiceLine[not(b:ID) or b:ID = preceding-sibling::a:InvoiceLine/b:ID])",
    "BR-22, BR-23": "not(a:InvoiceLine[not(b:InvoicedQuantity/@unitCode = 'C62')])",
    "BR-24": "not(a:InvoiceLine[not(b:LineExtensionAmount)])",
    "BR-25": "not(a:InvoiceLine[string-length(a:Item/b:Name) = 0])",
    "BR-26, BR-27": "not(a:InvoiceLine[not(a:Price/b:PriceAmount >= 0)])",
    "BR-29": "translate(a:InvoicePeriod/b:EndDate, '-', '') >= translate(a:InvoicePeriod/b:StartDate, '-', '')",
    "BR-49, BR-50, BR-61": "a:PaymentMeans/b:PaymentMeansCode = '30' and a:PaymentMeans/a:PayeeFinancialAccount/b:ID",
    "BR-CO-04": "not(a:InvoiceLine[not(a:Item/a:ClassifiedTaxCategory/b:ID)])",
    "BR-CO-18": "a:TaxTotal/a:TaxSubtotal",
    "BR-CO-25": "b:DueDate or a:PaymentTerms/b:Note",
    "BR-CO-26": f"{SELLER}/a:PartyLegalEntity/b:CompanyID",
    "BR-DEC": "not(//*[@currencyID][string-length(substring-after(., '.')) > 2])",
    "BR-O-01": f"count({OUTSIDE}) = 1",
    "BR-O-02": f"not({SELLER}/a:PartyTaxScheme[a:TaxScheme/b:ID='VAT']) and not({BUYER}/a:PartyTaxScheme)",
    "BR-O-05": "not(a:InvoiceLine/a:Item/a:ClassifiedTaxCategory/b:Percent)",
    "BR-O-08": "sum(a:InvoiceLine/b:LineExtensionAmount) = number(a:TaxTotal/a:TaxSubtotal/b:TaxableAmount)",
    "BR-O-09": f"{OUTSIDE}/../b:TaxAmount = 0",
    "BR-O-10": f"{OUTSIDE}/b:TaxExemptionReasonCode = 'VATEX-EU-O'",
    "BR-O-11": "count(a:TaxTotal/a:TaxSubtotal) = 1",
    "BR-O-12": "not(a:InvoiceLine[a:Item/a:ClassifiedTaxCategory/b:ID != 'O'])",
    "BR-48": f"not({OUTSIDE}/b:Percent)",
    "R002": "count(b:Note) <= 1",
    "R003": "string-length(b:BuyerReference) > 0 or a:OrderReference/b:ID",
    "R005": "not(b:TaxCurrencyCode)",
    "R010": f"string-length({BUYER}/b:EndpointID) > 0 and {BUYER}/b:EndpointID/@schemeID",
    "R020": f"string-length({SELLER}/b:EndpointID) > 0 and {SELLER}/b:EndpointID/@schemeID",
    "R008": "not(//*[not(*) and not(normalize-space())])",
    "R051": "not(//*[@currencyID != 'SEK'])",
    "R053": "count(a:TaxTotal[a:TaxSubtotal]) = 1",
    "SE-R-003, SE-R-004": f"string-length({SELLER}/a:PartyLegalEntity/b:CompanyID) = 10 "
    f"and number({SELLER}/a:PartyLegalEntity/b:CompanyID) > 0",
    "SE-R-005": f"not({SELLER}/a:PartyTaxScheme)",
    "SE-R-008, SE-R-009": "not(a:PaymentMeans/a:PayeeFinancialAccount[a:FinancialInstitutionBranch/b:ID='SE:BANKGIRO']"
    "[not(string-length(b:ID) >= 7 and string-length(b:ID) <= 8 and number(b:ID) > 0)])",
    "SE-R-011": "a:PaymentMeans[a:PayeeFinancialAccount/a:FinancialInstitutionBranch/b:ID='SE:BANKGIRO']"
    "/b:PaymentMeansCode = '30'",
}
"""What must be true at the root of the document, by the rule that says so."""

ORDER = (
    *("CustomizationID", "ProfileID", "ID", "IssueDate", "DueDate", "InvoiceTypeCode", "Note", "DocumentCurrencyCode"),
    *("BuyerReference", "InvoicePeriod", "AccountingSupplierParty", "AccountingCustomerParty", "PaymentMeans"),
    *("TaxTotal", "LegalMonetaryTotal", "InvoiceLine"),
)
"""The elements in the order of the schema of UBL 2.1, which another order breaks."""


def invoice(*more: str) -> tuple[FeeInvoice, Issuer]:
    """Return the invoice of a payer who has all that Peppol takes."""
    entries, errors, options = parser.parse_string("".join([BOOKS, PINNED, *more]))
    assert errors == []
    books = Books(sorted((each for each in entries), key=data.entry_sortkey), options)
    fees = fees_of(books, 2025)
    assert fees is not None
    found = fees_to_invoice(books, fees, 1, date(2025, 1, 15), 30).invoices[0]
    return found, Issuer("Sjöhöjdens & Co", "222000-0315", books.declared(SENDER)[0])


def document(*more: str) -> bytes:
    return peppol_xml(*invoice(*more), "SEK")


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("more", ["", BY_HAND], ids=["plain", "with what was invoiced before"])
def test_the_published_rules_hold(rule: str, more: str) -> None:
    root = etree.fromstring(document(more))
    assert root.xpath(f"boolean({RULES[rule]})", namespaces=NAMES), rule


BREAKS = {
    "R003": ("<cbc:BuyerReference>ZZ1490</cbc:BuyerReference>", ""),
    "BR-O-10": (">VATEX-EU-O<", ">VATEX-EU-E<"),
    "BR-O-05": (
        "<cbc:ID>O</cbc:ID>\n        <cac:TaxScheme>",
        "<cbc:ID>O</cbc:ID><cbc:Percent>0</cbc:Percent><cac:TaxScheme>",
    ),
    "BR-26, BR-27": ('<cbc:PriceAmount currencyID="SEK">', '<cbc:PriceAmount currencyID="SEK">-'),
    "SE-R-008, SE-R-009": (">50501055<", ">505010555<"),
    "R008": (">ZZ1490<", "> <"),
    "BR-DEC": (".75</cbc:LineExtensionAmount>", ".751</cbc:LineExtensionAmount>"),
}


@pytest.mark.parametrize("rule", BREAKS)
def test_a_rule_that_is_broken_is_seen(rule: str) -> None:
    text = document().decode()
    before, after = BREAKS[rule]
    assert before in text
    root = etree.fromstring(text.replace(before, after).encode())
    assert not root.xpath(f"boolean({RULES[rule]})", namespaces=NAMES)


def test_our_own_reader_takes_it_as_it_was_meant(tmp_path: Path) -> None:
    meant, _ = invoice(BY_HAND)
    read = read_invoice(Document(tmp_path / "faktura.xml", document(BY_HAND)))
    assert (read.id, read.issued, read.due) == ("K-2025-0002", date(2025, 1, 15), date(2025, 2, 14))
    assert (read.supplier.number, read.customer.number) == ("222000-0315", "212000-0142")
    assert read.supplier.name == "Sjöhöjdens & Co"
    assert [line.net for line in read.lines] == [Decimal("99742.75"), Decimal("14596.50"), Decimal("-10000.00")]
    assert read.totals.payable == meant.total == Decimal("104339.25")
    assert [(each.account, each.bank, each.reference) for each in read.means] == [
        ("50501055", "SE:BANKGIRO", "K-2025-0002")
    ]


def test_the_elements_stand_in_the_order_of_the_schema() -> None:
    root = etree.fromstring(document())
    names = [re.sub(r"\{.*\}", "", str(each.tag)) for each in root]
    assert list(dict.fromkeys(names)) == list(ORDER)
    assert document() == document()
