"""Supplier invoices: from the XML to a voucher that the rules accept, and what is refused on the way."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from beancount import loader
from beancount.core import data

from forbundsbok.importers.document import Document as Incoming
from forbundsbok.importers.door import Proposal
from forbundsbok.importers.intake import proposed
from forbundsbok.importers.mapping import read_mapping
from forbundsbok.importers.open_items import OpenItems
from forbundsbok.importers.peppol.door import Peppol
from forbundsbok.importers.problems import DocumentError
from forbundsbok.importers.reread import document_changes
from forbundsbok.plugins.ledger_text import directives_text
from tests.importers.peppol.ubl_files import Document, Extra, Item, changed
from tests.main_file import head

BOOKS = f"""{head("Räddningstjänsten Norra")}
2024-12-31 custom "unit" "RT" "Räddningstjänst"
  overskott: "behalls"
2024-12-31 custom "unit" "UTB" "Utbildning"
  overskott: "behalls"
2024-12-31 custom "attest" "CHEF" "UTB" 5000.00 SEK

2024-12-31 open Assets:RT:1650-Momsfordran SEK
2024-12-31 open Assets:RT:1790-Avräkning SEK
2024-12-31 open Assets:UTB:1710-Interimsfordringar SEK
2024-12-31 open Assets:UTB:1790-Avräkning SEK
2024-12-31 open Liabilities:UTB:2510-Leverantörsskulder SEK
2024-12-31 open Expenses:UTB:6120-Städning SEK
2024-12-31 open Expenses:UTB:6510-Kontorsmaterial SEK
2024-12-31 open Expenses:UTB:6820-Licenser:Elever SEK
2024-12-31 open Expenses:UTB:6820-Licenser:Lärare SEK
2024-12-31 open Expenses:UTB:7110-Representation SEK
2024-12-31 open Expenses:UTB:7890-Öresutjämning SEK
2025-06-01 open Expenses:UTB:6010-Diverse SEK

2025-01-10 * "Leverantör" "Faktura 7"
  ver: "L 1"
  attest: "CHEF"
  mottagning: "HL"
  Expenses:UTB:6120-Städning            100.00 SEK
  Liabilities:UTB:2510-Leverantörsskulder -100.00 SEK
"""
MAPPING = """
[peppol]
buyer = "222000-1234"
vat = "Assets:RT:1650-Momsfordran"
payable = "2510-Leverantörsskulder"
[peppol.references."UTB Chefen"]
unit = "UTB"
attest = "CHEF"
mottagning = "HL"
[peppol.suppliers."556677-8899"]
name = "Leverantör 017 IT"
account = "6510"
[peppol.costs]
"Städ plan 2" = "6120-Städning"
"""
MORE = '[peppol]\nrounding = "7890-Öresutjämning"\nprepaid = "1710-Interimsfordringar"\n'
INVOICE = Document(reference="utb  chefen")

VOUCHER = """
2025-03-05 ! "Leverantör 017 IT" "Faktura 20245: Licenser" ^L-2025-0002
  ver: "L 2"
  underlag: "underlag/2025/L-0002.xml"
  attest: "CHEF"
  mottagning: "HL"
  forfallodag: 2025-04-04
  orgnr: "556677-8899"
  fakturanr: "20245"
  ocr: "2024517"
  bankgiro: "5050-1055"
  Expenses:UTB:6510-Kontorsmaterial         1000.00 SEK
  Assets:RT:1650-Momsfordran                 250.00 SEK
  Liabilities:UTB:2510-Leverantörsskulder  -1250.00 SEK
"""


class Federation:
    """Books and a mapping in a folder, and what its door makes of documents."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.books = BOOKS
        self.mapping = MAPPING

    def load(self, more: str = "") -> tuple[data.Directives, list[Any]]:
        entries, errors, _ = loader.load_string(self.books + more)
        return entries, errors

    def write(self, document: Document | bytes) -> Path:
        path = self.folder / "faktura.xml"
        path.write_bytes(document if isinstance(document, bytes) else document.xml())
        return path

    def propose(self, document: Document | bytes) -> Proposal:
        (self.folder / "import.toml").write_text(self.mapping, encoding="utf-8")
        door = Peppol(read_mapping(self.folder / "import.toml").table("peppol"))
        return proposed(Incoming(self.write(document)), door, self.load()[0])

    def voucher(self, document: Document | bytes) -> data.Transaction:
        made = self.propose(document).entries[0]
        assert isinstance(made, data.Transaction)
        return made

    def rows(self, document: Document) -> dict[str, Decimal]:
        return {each.account: number(each) for each in self.voucher(document).postings}

    def refusals(self, document: Document | bytes) -> list[str]:
        """Return the messages of a refused document, without the folder."""
        with pytest.raises(DocumentError) as caught:
            self.propose(document)
        return [message.replace(f"{self.folder}/", "") for message in caught.value.messages]


@pytest.fixture
def federation(tmp_path: Path) -> Federation:
    return Federation(tmp_path)


def number(posting: data.Posting) -> Decimal:
    assert posting.units is not None
    assert posting.units.number is not None
    return posting.units.number


def booked(made: data.Transaction) -> str:
    return f"\n{directives_text([made])}\n"


# The voucher


def test_an_invoice_becomes_a_voucher_that_waits(federation: Federation) -> None:
    proposal = federation.propose(INVOICE)
    made, came = proposal.entries
    assert isinstance(made, data.Transaction)
    assert isinstance(came, data.Custom)
    assert booked(made) == VOUCHER
    assert [value.value for value in came.values] == ["peppol", "underlag/2025/L-0002.xml"]
    assert (proposal.stored, proposal.day) == ("underlag/2025/L-0002.xml", made.date)


@pytest.mark.parametrize("flag", ["!", "*"])
def test_the_rules_accept_the_voucher_waiting_and_approved(flag: str, federation: Federation) -> None:
    made = federation.voucher(INVOICE)
    entries, errors = federation.load(booked(made._replace(flag=flag)))
    assert errors == []
    assert [entry.flag for entry in entries if isinstance(entry, data.Transaction)] == ["*", flag]


def test_who_may_not_approve_so_much_is_found_when_it_is_approved(federation: Federation) -> None:
    made = federation.voucher(replace(INVOICE, items=[Item(price="4000.01")]))
    assert [error.message[:4] for error in federation.load(booked(made._replace(flag="*")))[1]] == ["A605"]


def test_a_credit_note_is_booked_the_other_way_round_with_the_link_of_its_invoice(federation: Federation) -> None:
    credit = replace(INVOICE, id="901", is_credit_note=True, of=["20245"])
    assert (
        ": en faktura som böckerna inte känner på nummer. Den drar av detta när den kommer in; bokförs den för hand, "
        "skriv dess länk (^L-2025-0301) på denna verifikation" in str(federation.propose(credit).notes[-1])
    )
    federation.books += booked(federation.voucher(INVOICE))
    assert federation.propose(credit).notes == []
    made = federation.voucher(credit)
    assert made.narration == "Kreditfaktura 901 avser 20245: Licenser"
    assert made.links == {"L-2025-0003", "L-2025-0002"}
    assert str(made.meta["forfallodag"]) == "2025-04-04"
    assert [str(each.units) for each in made.postings] == ["-1000.00 SEK", "-250.00 SEK", "1250.00 SEK"]
    assert federation.load(booked(made._replace(flag="*")))[1] == []


@pytest.mark.parametrize(
    ("net", "row_is_of", "still_open"),
    [("400.00", "L-2025-0002", "-750.00"), ("1000.00", "L-2025-0002", "0"), ("1000.01", "L-2025-0003", "-1250.00")],
)
def test_a_credit_note_is_taken_from_its_invoice_when_so_much_is_open(
    net: str, row_is_of: str, still_open: str, federation: Federation
) -> None:
    federation.books += booked(federation.voucher(INVOICE))
    made = federation.voucher(replace(INVOICE, id="901", is_credit_note=True, of=["20245"], items=(Item(price=net),)))
    [debt] = [each for each in made.postings if "2510" in each.account]
    assert debt.meta == {"faktura": row_is_of}
    items = OpenItems([*federation.load()[0], made])
    [invoice] = [each for each in items.named("20245") if each.link == "L-2025-0002"]
    assert (invoice.total, invoice.is_certain) == (Decimal(still_open), True)


def test_an_invoice_below_zero_is_booked_as_a_credit_note(federation: Federation) -> None:
    below = replace(INVOICE, items=[Item(quantity="-1")])
    made, credit = federation.voucher(below), federation.voucher(replace(INVOICE, is_credit_note=True))
    assert made.postings == credit.postings
    assert made.narration == "Kreditfaktura 20245: Licenser"


def test_accounts_come_from_the_line_the_document_the_supplier_and_the_reference(federation: Federation) -> None:
    lines = [Item("Papper", cost="6510"), Item(cost="städ  plan 2"), Item(cost="6820-Licenser:Lärare"), Item(price="1")]
    document = replace(INVOICE, cost="6120", items=lines)
    assert federation.voucher(document).narration == "Faktura 20245: Papper m.m."
    assert list(federation.rows(document).items())[:3] == [
        ("Expenses:UTB:6510-Kontorsmaterial", Decimal("1000.00")),
        ("Expenses:UTB:6120-Städning", Decimal("1001.00")),
        ("Expenses:UTB:6820-Licenser:Lärare", Decimal("1000.00")),
    ]
    assert "Expenses:UTB:6510-Kontorsmaterial" in federation.rows(INVOICE)
    federation.mapping = MAPPING.replace('account = "6510"', "").replace('"HL"', '"HL"\naccount = "6120"')
    assert "Expenses:UTB:6120-Städning" in federation.rows(INVOICE)


def test_the_order_tells_the_unit_when_the_reference_does_not(federation: Federation) -> None:
    assert federation.voucher(replace(INVOICE, reference="Anna", order="UTB Chefen")).meta["attest"] == "CHEF"


def test_allowances_and_charges_are_divided_over_the_lines_with_their_vat(federation: Federation) -> None:
    lines = [Item(price="100", cost="6510"), Item(price="200", cost="6120"), Item(percent="6", cost="7110")]
    extras = [Extra("10.00"), Extra("5.00", is_charge=True, percent="12")]
    assert federation.rows(replace(INVOICE, items=lines, extras=extras)) == {
        "Expenses:UTB:6510-Kontorsmaterial": Decimal("97.05"),  # 100 - 3.33 + 0.38
        "Expenses:UTB:6120-Städning": Decimal("194.10"),
        "Expenses:UTB:7110-Representation": Decimal("1003.85"),  # no line has 12 %: all take part
        "Assets:RT:1650-Momsfordran": Decimal("133.10"),
        "Liabilities:UTB:2510-Leverantörsskulder": Decimal("-1428.10"),
    }


def test_a_charge_on_lines_without_worth_stands_on_the_first(federation: Federation) -> None:
    free = [Item(price="0", cost="6120"), Item(price="0")]
    rows = federation.rows(replace(INVOICE, items=free, extras=[Extra("80.00", is_charge=True)]))
    assert rows["Expenses:UTB:6120-Städning"] == Decimal("80.00")


def test_rounding_and_what_is_prepaid_have_their_accounts(federation: Federation) -> None:
    federation.mapping = MAPPING.replace("[peppol]\n", MORE)
    document = replace(INVOICE, items=[Item(price="999.70")], prepaid="249.00", rounding="0.37")
    assert federation.rows(document) == {
        "Expenses:UTB:6510-Kontorsmaterial": Decimal("999.70"),
        "Assets:RT:1650-Momsfordran": Decimal("249.93"),
        "Expenses:UTB:7890-Öresutjämning": Decimal("0.37"),
        "Assets:UTB:1710-Interimsfordringar": Decimal("-249.00"),
        "Liabilities:UTB:2510-Leverantörsskulder": Decimal("-1001.00"),
    }
    assert federation.load(booked(federation.voucher(document)._replace(flag="*")))[1] == []


@pytest.mark.parametrize("category", ["E", "Z", "O"])
def test_what_is_sold_without_vat_has_no_vat(category: str, federation: Federation) -> None:
    rows = federation.rows(replace(INVOICE, items=[Item(category=category, percent="0")], supplier_vat=""))
    assert [str(number) for number in rows.values()] == ["1000.00", "-1000.00"]


@pytest.mark.parametrize(
    ("bank", "account", "key", "shown"),
    [
        ("SE:PLUSGIRO", "4155-7", "plusgiro", "4155-7"),
        ("SE:BANKGIRO", "1234567", "bankgiro", "123-4567"),
        ("SWEDSESS", "SE45 5000 0000 0583 9825 7466", "iban", "SE4550000000058398257466"),
        ("SWEDSESS", "8327-9 123 456", "konto", "83279123456"),
    ],
)
def test_how_to_pay_is_metadata(bank: str, account: str, key: str, shown: str, federation: Federation) -> None:
    assert federation.voucher(replace(INVOICE, bank=bank, account=account)).meta[key] == shown


def test_notes_tell_what_to_look_at(federation: Federation) -> None:
    assert ": den första från 556677-8899 med organisationsnummer i böckerna" in str(
        federation.propose(INVOICE).notes[0]
    )
    federation.books += booked(federation.voucher(INVOICE))
    lunch = replace(INVOICE, id="9", account="50509999", due="", payee="Factor AB", cost="7110", supplier_vat="")
    assert [str(note).split(": ", 1)[1].split("(")[0] for note in federation.propose(lunch).notes] == [
        "ska betalas till bankgiro 5050-9999, men L 2 ",
        "bankgiro 5050-9999 är fel, en siffra måste vara felskriven: fråga leverantören, på ett nummer som du känner "
        "till, innan den betalas",
        "ska betalas till Factor AB",
        "utan förfallodag; villkor: 30 dagar netto",
        "250,00 kr i moms utan leverantörens momsregistreringsnummer: är den avdragsgill?",
        "representation: skriv syfte och deltagare, och se hur mycket moms som är avdragsgill",
    ]


@pytest.mark.parametrize(
    ("document", "removed", "expected"),
    [
        (replace(INVOICE, supplier_number="556677-8899", supplier_vat=""), b"", "556677-8899"),
        (replace(INVOICE, supplier_scheme="", supplier_vat=""), b"", "556677-8899"),
        (
            replace(INVOICE, supplier_vat=""),
            b'<cbc:CompanyID schemeID="0007">5566778899</cbc:CompanyID>',
            "556677-8899",
        ),
        (replace(INVOICE, supplier_number="7350000000001", supplier_scheme="0088"), b"", "556677-8899"),
        (replace(INVOICE, supplier_number="5560009999", supplier_scheme="", supplier_vat="NO1"), b"", "5560009999"),
        (replace(INVOICE, supplier_number="123456789", supplier_scheme="0192", supplier_vat=""), b"", "123456789"),
    ],
)
def test_a_supplier_is_known_by_its_number(
    document: Document, removed: bytes, expected: str, federation: Federation
) -> None:
    federation.mapping = MAPPING.replace('"HL"', '"HL"\naccount = "6120"')
    xml = replace(document, items=[Item(category="E", percent="0")]).xml().replace(removed, b"", 1)
    made = federation.voucher(xml)
    assert made.meta["orgnr"] == expected
    federation.books += booked(made)
    assert federation.propose(xml + b"\n").entries == []


def test_a_paid_invoice_comes_in_once(federation: Federation) -> None:
    federation.mapping = MAPPING.replace("[peppol]\n", MORE)
    federation.books += booked(federation.voucher(replace(INVOICE, prepaid="1250.00")))
    assert federation.propose(replace(INVOICE, prepaid="1250.00", note="igen")).entries == []


def test_long_names_are_cut(federation: Federation) -> None:
    federation.mapping = MAPPING.replace('name = "Leverantör 017 IT"\n', "")
    made = federation.voucher(replace(INVOICE, supplier="A" * 200, items=[Item("Stol " * 40)]))
    assert made.payee == "A" * 77 + "..."
    assert made.narration == "Faktura 20245: " + ("Stol " * 40)[:77].rstrip() + "..."


def test_a_buyer_without_organisation_number_is_known_by_gln(federation: Federation) -> None:
    document = replace(INVOICE, buyer_number="", buyer_endpoint="7300010000001", buyer_scheme="0088")
    assert "den är ställd till Sjuhärads kommunalförbund (utan organisationsnummer)" in federation.refusals(document)[0]
    federation.mapping = MAPPING.replace("[peppol]\n", '[peppol]\ngln = ["7300010000001"]\n')
    assert federation.voucher(document).payee == "Leverantör 017 IT"
    assert "den är ställd till" in federation.refusals(replace(document, buyer_number="5560001111"))[0]


# What came before


def test_an_invoice_that_is_booked_adds_nothing(federation: Federation) -> None:
    federation.mapping = MAPPING.replace('"HL"', '"HL"\naccount = "6120"')
    federation.books += booked(federation.voucher(INVOICE))
    proposal = federation.propose(replace(INVOICE, note="Sänd igen"))
    assert proposal.entries == []
    assert "finns i böckerna som L 2 (" in str(proposal.notes[0])
    assert federation.propose(replace(INVOICE, supplier_number="5560009999")).entries
    assert federation.propose(replace(INVOICE, is_credit_note=True)).entries


def test_a_corrected_invoice_with_the_number_of_the_one_it_replaces_is_refused(federation: Federation) -> None:
    federation.books += booked(federation.voucher(INVOICE))
    with pytest.raises(DocumentError, match="typ 384, en rättad faktura, som ersätter en annan"):
        federation.propose(replace(INVOICE, type_code="384"))


def test_the_same_number_with_another_amount_is_refused(federation: Federation) -> None:
    federation.books += booked(federation.voucher(INVOICE))
    (message,) = federation.refusals(replace(INVOICE, items=[Item(price="800")]))
    assert "L 2" in message
    assert (
        "med 1 250,00 kr, men är här på 1 000,00 kr: fråga leverantören vad som är rätt, och be om "
        "ett annat nummer" in message
    )


@pytest.mark.parametrize("price", ["1000.00", "800.00"])
def test_the_same_number_of_another_day_is_booked_and_asked_about(price: str, federation: Federation) -> None:
    federation.mapping = MAPPING.replace('"HL"', '"HL"\naccount = "6120"')
    federation.books += booked(federation.voucher(INVOICE)._replace(flag="*"))
    later = replace(INVOICE, issued="2025-06-10", items=[Item(price=price)])
    note = federation.propose(later).notes[0]
    assert "har samma nummer, men är av den 2025-03-05: är det samma faktura som sänts igen" in str(note)
    made = federation.voucher(later)
    assert str(made.meta["fakturadatum"]) == "2025-06-10"
    assert made.meta["observera"] == "samma nummer som L 2 2025-03-05"
    for flag in "!*":
        assert federation.load(booked(made._replace(flag=flag)))[1] == []
    assert [
        error.message[:4] for error in federation.load(booked(made).replace("  fakturadatum: 2025-06-10\n", ""))[1]
    ] == ["R905"]
    federation.books += booked(made)
    for sent_again in (INVOICE, later):
        assert federation.propose(replace(sent_again, note="igen")).entries == []


def test_an_invoice_booked_on_another_day_is_known_by_its_own(federation: Federation) -> None:
    federation.mapping = MAPPING.replace('"HL"', '"HL"\naccount = "6120"')
    made = federation.voucher(INVOICE)
    late = made._replace(date=made.date.replace(month=5), meta=made.meta | {"fakturadatum": made.date})
    federation.books += booked(late)
    assert federation.propose(replace(INVOICE, note="igen")).entries == []


# The sums

RICH = replace(
    INVOICE,
    items=[
        Item(quantity="3", price="33.33", base="10", extras=[Extra("1.50"), Extra("2.00", is_charge=True)]),
        Item(price="500", percent="12"),
    ],
    extras=[Extra("50.00", base="500.00", factor="10"), Extra("25.00", is_charge=True)],
    prepaid="100.00",
    rounding="0.50",
)
NET = "Nettobeloppet på rad 1"
SUMS = [
    ("InvoicedQuantity", 0, "4", [NET]),
    ("PriceAmount", 0, "34.44", [NET]),
    ("BaseQuantity", 0, "11", [NET]),
    ("Amount", 2, "1.53", [NET]),
    ("Amount", 3, "2.03", [NET]),
    ("Amount", 0, "50.03", ["Rabatten", "AllowanceTotalAmount"]),
    ("Amount", 0, "51.00", ["Rabatten", "Momsunderlaget för S 25 %", "AllowanceTotalAmount"]),
    ("Amount", 1, "25.01", ["ChargeTotalAmount"]),
    ("Amount", 1, "26.00", ["Momsunderlaget för S 25 %", "ChargeTotalAmount"]),
    ("MultiplierFactorNumeric", 0, "10.1", ["Rabatten"]),
    ("LineExtensionAmount", 2, "500.01", ["LineExtensionAmount"]),
    (
        "LineExtensionAmount",
        2,
        "501.00",
        [f"{NET[:-1]}2", "Momsunderlaget för S 12 %", "LineExtensionAmount"],
    ),
    ("TaxableAmount", 0, "-15.50", ["Momsunderlaget för S 25 %"]),
    ("TaxAmount", 0, "56.38", ["TaxTotal/TaxAmount", "TaxInclusiveAmount"]),
    ("TaxAmount", 1, "-3.61", ["TaxTotal/TaxAmount"]),
    ("TaxAmount", 1, "-4.63", ["Momsen S 25 %", "TaxTotal/TaxAmount"]),
    ("Percent", 0, "24", ["Momsunderlaget för S 25 %", "Moms S 24 % saknar TaxSubtotal"]),
    ("LineExtensionAmount", 0, "510.49", ["LineExtensionAmount", "TaxExclusiveAmount"]),
    ("AllowanceTotalAmount", 0, "50.01", ["AllowanceTotalAmount", "TaxExclusiveAmount"]),
    ("ChargeTotalAmount", 0, "24.99", ["ChargeTotalAmount", "TaxExclusiveAmount"]),
    ("TaxExclusiveAmount", 0, "485.51", ["TaxExclusiveAmount", "TaxInclusiveAmount"]),
    ("TaxInclusiveAmount", 0, "541.88", ["TaxInclusiveAmount", "PayableAmount"]),
    ("PrepaidAmount", 0, "100.01", ["PayableAmount"]),
    ("PayableRoundingAmount", 0, "0.51", ["PayableAmount"]),
    ("PayableAmount", 0, "442.36", ["PayableAmount"]),
]


@pytest.mark.parametrize(("name", "nth", "written", "expected"), SUMS)
def test_each_sum_that_does_not_agree_is_refused(
    name: str, nth: int, written: str, expected: list[str], federation: Federation
) -> None:
    federation.mapping = MAPPING.replace("[peppol]\n", MORE)
    assert federation.voucher(RICH)
    broken = federation.refusals(changed(RICH.xml(), name, written, nth=nth))
    assert sorted(re.sub(r" är [-\d].*| men har.*|faktura.xml:\d+: ", "", message) for message in broken) == sorted(
        expected
    )
    assert all(re.search(r"-?\d+,\d\d\b.* ger -?\d+,\d\d|saknar TaxSubtotal", message) for message in broken)


def test_a_disagreement_tells_both_amounts_and_the_line(federation: Federation) -> None:
    xml = changed(INVOICE.xml(), "PayableAmount", "1249.99")
    line = xml[: xml.index(b"<cac:LegalMonetaryTotal>")].count(b"\n") + 1
    assert federation.refusals(xml) == [
        f"faktura.xml:{line}: PayableAmount är 1 249,99, men belopp med moms minus förskott plus öresavrundning "
        f"ger 1 250,00: be leverantören om en rätt faktura"
    ]


def test_prices_and_vat_by_line_may_be_rounded(federation: Federation) -> None:
    three = Document.xml(replace(INVOICE, items=[Item(price="0.50", percent="25")] * 3))  # 0.38, by line 0.13 each
    xml = changed(changed(three, "TaxAmount", "0.39"), "TaxAmount", "0.39", nth=1)
    xml = changed(changed(xml, "TaxInclusiveAmount", "1.89"), "PayableAmount", "1.89")
    assert number(federation.voucher(xml).postings[1]) == Decimal("0.39")
    within = changed(INVOICE.xml(), "PriceAmount", "1000.02")
    assert federation.voucher(within)
    assert NET in federation.refusals(changed(within, "PriceAmount", "1000.03"))[0]


@pytest.mark.parametrize("ore", [-99, -1, 50, 99])
def test_vat_may_be_rounded_as_the_standard_lets_it(ore: int, federation: Federation) -> None:
    """BR-CO-17, BR-S-08, BR-S-09: less than 1.00. The books have what the supplier charges."""
    tax, taxable = Decimal("250.00") + Decimal(ore) / 100, Decimal("1000.00") + Decimal(ore) / 100
    xml = changed(changed(INVOICE.xml(), "TaxAmount", str(tax)), "TaxAmount", str(tax), nth=1)
    xml = changed(changed(xml, "TaxInclusiveAmount", str(1000 + tax)), "PayableAmount", str(1000 + tax))
    expected = [Decimal("1000.00"), tax, -1000 - tax]
    assert [number(each) for each in federation.voucher(xml).postings] == expected
    rounded = changed(INVOICE.xml(), "TaxableAmount", str(taxable))
    assert federation.voucher(rounded).postings == federation.voucher(INVOICE).postings


@pytest.mark.parametrize("category", ["E", "Z", "O"])
def test_without_vat_its_sums_are_exact(category: str, federation: Federation) -> None:
    xml = replace(INVOICE, items=[Item(category=category, percent="0")]).xml()
    assert federation.voucher(xml)
    assert "Momsunderlaget för" in federation.refusals(changed(xml, "TaxableAmount", "1000.01"))[0]
    xml = changed(changed(xml, "TaxAmount", "0.01"), "TaxAmount", "0.01", nth=1)
    xml = changed(changed(xml, "TaxInclusiveAmount", "1000.01"), "PayableAmount", "1000.01")
    assert "Momsen" in federation.refusals(xml)[0]


# Types, envelopes, VAT of others

PLAIN = ["380", "80", "82", "84", "383", "388", "393", "395", "780"]
WORK = ["218", "219", "326", "875", "876", "877"]
OTHERS = ["71", "102", "331", "382", "389", "553", "575", "623", "751", "817", "870"]
CREDIT_NOTES = ["381", "396", "81", "83", "532"]


@pytest.mark.parametrize(
    ("type_code", "is_credit_note"),
    [*((each, False) for each in PLAIN + WORK + OTHERS), *((each, True) for each in [*CREDIT_NOTES, "261"])],
)
def test_every_type_that_peppol_lists_is_booked(type_code: str, is_credit_note: bool, federation: Federation) -> None:
    document = replace(INVOICE, is_credit_note=is_credit_note)
    proposal = federation.propose(replace(document, type_code=type_code))
    made = proposal.entries[0]
    assert isinstance(made, data.Transaction)
    assert made.postings == federation.voucher(document).postings
    told = [note for note in map(str, proposal.notes) if f"av typ {type_code}, " in note]
    assert len(told) == (type_code not in PLAIN + CREDIT_NOTES)


def test_what_is_bought_in_advance_is_prepaid(federation: Federation) -> None:
    advance = replace(INVOICE, type_code="386")
    assert "fakturan har 1 000,00 kr i förskott: skriv kontot i import.toml" in federation.refusals(advance)[0]
    federation.mapping = MAPPING.replace("[peppol]\n", MORE)
    assert federation.rows(advance) == {
        "Assets:UTB:1710-Interimsfordringar": Decimal("1000.00"),
        "Assets:RT:1650-Momsfordran": Decimal("250.00"),
        "Liabilities:UTB:2510-Leverantörsskulder": Decimal("-1250.00"),
    }


ADVANCE = replace(INVOICE, id="A-1", issued="2025-02-01", type_code="386")


@pytest.mark.parametrize("of", [["A-1"], []])
def test_vat_of_what_was_paid_in_advance_is_deducted_once(of: list[str], federation: Federation) -> None:
    federation.mapping = MAPPING.replace("[peppol]\n", MORE)
    advance = federation.voucher(ADVANCE)
    federation.books += booked(advance)
    final = replace(INVOICE, items=[Item(price="4000.00")], prepaid="1250.00", of=of)
    made = federation.voucher(final)
    assert {each.account: number(each) for each in made.postings} == {
        "Expenses:UTB:6510-Kontorsmaterial": Decimal("4000.00"),
        "Assets:RT:1650-Momsfordran": Decimal("750.00"),
        "Assets:UTB:1710-Interimsfordringar": Decimal("-1000.00"),
        "Liabilities:UTB:2510-Leverantörsskulder": Decimal("-3750.00"),
    }
    assert made.links == {"L-2025-0002", "L-2025-0003"}
    assert "observera" not in made.meta
    (note,) = federation.propose(final).notes
    assert "1 250,00 kr dras av som betalt förut enligt L 2 (" in str(note)
    assert federation.load(booked(made._replace(flag="*")))[1] == []
    # It is taken off once: another invoice that takes off as much is asked about.
    federation.books += booked(made)
    again = replace(final, id="20246", of=[])
    assert federation.rows(again)["Assets:RT:1650-Momsfordran"] == Decimal("1000.00")
    assert "ingen faktura på det finns i böckerna" in str(federation.propose(again).notes[0])


def test_an_invoice_that_is_paid_in_advance_in_full_books_its_cost_alone(federation: Federation) -> None:
    federation.mapping = MAPPING.replace("[peppol]\n", MORE)
    federation.books += booked(federation.voucher(ADVANCE)._replace(flag="*"))
    made = federation.voucher(replace(INVOICE, prepaid="1250.00"))
    assert [(each.account[-20:], number(each)) for each in made.postings] == [
        ("6510-Kontorsmaterial", Decimal("1000.00")),
        ("0-Interimsfordringar", Decimal("-1000.00")),
    ]
    assert federation.load(booked(made._replace(flag="*")))[1] == []


def test_partial_invoices_that_are_named_are_taken_off_where_they_were_booked(federation: Federation) -> None:
    for name in ("P-1", "P-2"):
        federation.books += booked(federation.voucher(replace(INVOICE, id=name, issued="2025-02-01")))
    final = replace(INVOICE, items=[Item(price="3000.00")], prepaid="2500.00", of=["P-1", "P-2"])
    assert federation.rows(final) == {
        "Expenses:UTB:6510-Kontorsmaterial": Decimal("1000.00"),
        "Assets:RT:1650-Momsfordran": Decimal("250.00"),
        "Liabilities:UTB:2510-Leverantörsskulder": Decimal("-1250.00"),
    }


def test_a_final_invoice_of_nothing_more_is_kept_beside_what_it_takes_off(federation: Federation) -> None:
    partial = booked(federation.voucher(replace(INVOICE, id="P-1", issued="2025-02-01")))
    final = replace(INVOICE, prepaid="1250.00", of=["P-1"])
    federation.books += partial
    proposal = federation.propose(final)
    remark, came = proposal.entries
    assert isinstance(remark, data.Note)
    assert remark.comment == "Faktura 20245 från Leverantör 017 IT drar av allt som L 2 2025 har bokfört"
    assert (remark.account, remark.date) == ("Liabilities:UTB:2510-Leverantörsskulder", date(2025, 3, 5))
    assert remark.meta["underlag"] == proposal.stored == "underlag/2025/faktura-2025-03-05.xml"
    assert isinstance(came, data.Custom)
    [note] = map(str, proposal.notes)
    assert "avser det som är bokfört med L 2 (" in note
    assert "drar av allt det: den tillför inget, och sparas bredvid" in note
    # The books with it are right, check finds its document beside no voucher, and it adds nothing the second time.
    text = directives_text(proposal.entries)
    kept = {partial: "underlag/2025/L-0002.xml", text: proposal.stored}
    for each, path in kept.items():
        (federation.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (federation.folder / path).write_bytes(final.xml() if each == text else b"")
    entries, errors = federation.load(f"\n{text}\n")
    assert errors == []
    assert list(document_changes(federation.folder, entries)) == []
    without: data.Directives = [each for each in entries if not isinstance(each, data.Note)]
    assert "ingen verifikation bokför den" in str(next(document_changes(federation.folder, without)).message)
    federation.books += f"\n{text}\n"
    assert federation.propose(final).entries == []
    assert federation.propose(final.xml() + b"\n").entries == []


def test_a_credit_note_of_an_invoice_in_advance_lowers_what_is_prepaid(federation: Federation) -> None:
    federation.mapping = MAPPING.replace("[peppol]\n", MORE)
    federation.books += booked(federation.voucher(ADVANCE)._replace(flag="*"))
    credit = replace(INVOICE, id="901", is_credit_note=True, of=["A-1"], issued="2025-03-10")
    assert federation.rows(credit) == {
        "Assets:UTB:1710-Interimsfordringar": Decimal("-1000.00"),
        "Assets:RT:1650-Momsfordran": Decimal("-250.00"),
        "Liabilities:UTB:2510-Leverantörsskulder": Decimal("1250.00"),
    }
    cost = "Expenses:UTB:6510-Kontorsmaterial"
    assert federation.rows(replace(credit, of=["A-2"]))[cost] == Decimal("-1000.00")
    # What was paid in advance and has been taken off since is a cost, and the credit lowers that.
    federation.books += booked(federation.voucher(replace(INVOICE, prepaid="1250.00", of=["A-1"])))
    assert federation.rows(credit)[cost] == Decimal("-1000.00")


@pytest.mark.parametrize("paid", ["1250.00", "625.00"])
def test_vat_that_may_be_deducted_twice_is_told(paid: str, federation: Federation) -> None:
    federation.mapping = MAPPING.replace("[peppol]\n", MORE)
    for name in ("A-1", "A-2"):
        federation.books += booked(federation.voucher(replace(ADVANCE, id=name)))
    final = replace(INVOICE, prepaid=paid)
    made = federation.voucher(final)
    tax = "250,00" if paid == "1250.00" else "125,00"
    assert (made.flag, made.meta["observera"]) == ("!", "momsen på det som betalats förut kan vara avdragen två gånger")
    assert f"dras {tax} kr av två gånger här: ta bort dem från Assets:RT:1650-Momsfordran" in str(
        federation.propose(final).notes[0]
    )
    untaxed = replace(final, items=[Item(category="E", percent="0")], prepaid="100.00")
    assert "observera" not in federation.voucher(untaxed).meta


def test_an_invoice_in_advance_that_comes_last_tells_what_has_taken_it_off(federation: Federation) -> None:
    federation.mapping = MAPPING.replace("[peppol]\n", MORE)
    federation.books += booked(federation.voucher(replace(INVOICE, prepaid="1250.00")))
    notes = federation.propose(ADVANCE).notes
    assert any("L 2 (" in str(each) and "dras 250,00 kr av två gånger" in str(each) for each in notes)


@pytest.mark.parametrize("items", [[Item(), Item(quantity="-1")], [Item(price="0.00")]])
@pytest.mark.parametrize("is_credit_note", [False, True])
def test_an_invoice_of_nothing_is_kept_and_noted(
    items: list[Item], is_credit_note: bool, federation: Federation
) -> None:
    proposal = federation.propose(replace(INVOICE, items=items, is_credit_note=is_credit_note))
    remark, came = proposal.entries
    assert isinstance(remark, data.Note)
    assert remark.comment.endswith("från Leverantör 017 IT är på noll kronor: det finns inget att bokföra")
    assert isinstance(came, data.Custom)
    assert [str(each).endswith("är på noll kronor: den sparas, och inget bokförs") for each in proposal.notes] == [True]
    assert federation.load(f"\n{directives_text(proposal.entries)}\n")[1] == []


def test_a_name_with_signs_that_nobody_sees_is_known_again(federation: Federation) -> None:
    federation.mapping = MAPPING.replace('name = "Leverantör 017 IT"\n', "")
    proposal = federation.propose(replace(INVOICE, supplier="Data\u200bkonsult \u202eAB"))
    text = directives_text(proposal.entries)
    (federation.folder / proposal.stored).parent.mkdir(parents=True)
    (federation.folder / proposal.stored).write_bytes((federation.folder / "faktura.xml").read_bytes())
    assert list(document_changes(federation.folder, federation.load(f"\n{text}\n")[0])) == []


@pytest.mark.parametrize(("net", "left"), [("400.00", "750.00"), ("1000.00", "0"), ("1600.00", "0")])
def test_an_invoice_takes_off_a_credit_note_that_came_before_it(net: str, left: str, federation: Federation) -> None:
    credit = replace(
        INVOICE, id="901", is_credit_note=True, of=["20244", "20245"], issued="2025-03-10", items=[Item(price=net)]
    )
    federation.books += booked(federation.voucher(credit))
    whole = Decimal(net) * Decimal("1.25")
    taken = min(whole, Decimal(1250))
    note = str(federation.propose(INVOICE).notes[0])
    assert "L 2 (" in note
    assert f"{taken:.2f}".replace(".", ",") in note.replace("1 ", "1").replace("\xa0", "")
    made = federation.voucher(INVOICE)
    assert made.meta["observera"] == "L 2 är kreditfaktura på den"
    assert made.links == {"L-2025-0002", "L-2025-0003"}
    assert "observera" not in federation.voucher(replace(INVOICE, id="20246")).meta
    federation.books += booked(made)
    entries, errors = federation.load()
    assert errors == []
    own, its = (
        next(each for each in OpenItems(entries).named(link) if each.link == link)
        for link in ("L-2025-0003", "L-2025-0002")
    )
    assert (-own.total, own.is_certain) == (Decimal(left), True)
    assert (its.total, its.is_certain) == (whole - taken, True)
    # What is left of the credit note is taken off the other invoice that it names, and no more than that.
    other = federation.voucher(replace(INVOICE, id="20244"))
    debts = [-number(row) for row in other.postings if row.account.startswith("Liabilities")]
    assert sum(debts) == Decimal(1250)
    assert sorted(debts) == ([Decimal(500), Decimal(750)] if whole > taken else [Decimal(1250)])


def test_a_credit_note_on_another_account_is_told_of_when_its_invoice_comes(federation: Federation) -> None:
    credit = replace(INVOICE, id="901", is_credit_note=True, of=["20244", "20245"], issued="2025-03-10")
    elsewhere = "Liabilities:RT:2510-Leverantörsskulder"
    federation.books += f"2024-12-31 open {elsewhere} SEK\n"
    federation.books += booked(federation.voucher(credit)).replace("Liabilities:UTB:2510-Leverantörsskulder", elsewhere)
    note = str(federation.propose(INVOICE).notes[0])
    assert "L 2 (" in note
    assert "är en kreditfaktura på den, på 1 250,00 kr" in note
    assert note.endswith('\n    ^L-2025-0003\n    faktura: "L-2025-0003"')
    made = federation.voucher(INVOICE)
    assert made.meta["observera"] == "L 2 är kreditfaktura på den"
    # As the note says: nothing is left to pay.
    linked = federation.books.replace(" ^L-2025-0002", " ^L-2025-0002 ^L-2025-0003")
    of = f"  {elsewhere}   1250.00 SEK\n"
    assert of in linked
    federation.books = linked.replace(of, f'{of}    faktura: "L-2025-0003"\n') + booked(made)
    [item] = [each for each in OpenItems(federation.load()[0]).named("20245") if each.link == "L-2025-0003"]
    assert (item.total, item.is_certain) == (Decimal(0), True)


@pytest.mark.parametrize("reverse", [False, True])
def test_invoices_of_a_run_go_in_before_what_names_them(reverse: bool, federation: Federation) -> None:
    federation.mapping = MAPPING.replace("[peppol]\n", MORE)
    (federation.folder / "import.toml").write_text(federation.mapping, encoding="utf-8")
    door = Peppol(read_mapping(federation.folder / "import.toml").table("peppol"))
    sent = {
        "kredit": replace(INVOICE, id="1", is_credit_note=True, of=["3"], issued="2025-03-01"),
        "slut": replace(INVOICE, id="2", items=[Item(price="4000.00")], prepaid="1250.00", issued="2025-03-04"),
        "vanlig": replace(INVOICE, id="3", issued="2025-03-04"),
        "forskott": replace(ADVANCE, id="4", issued="2025-03-04"),
        "annans": replace(INVOICE, id="3", supplier_number="5560009999", supplier_vat="", issued="2025-03-02"),
    }
    incoming = []
    for name, document in sorted(sent.items(), reverse=reverse):
        path = federation.folder / f"{name}.xml"
        path.write_bytes(document.xml())
        incoming.append(Incoming(path))
    names = [each.path.stem for each in door.in_turn(incoming)]
    assert (names[:2], names[-1]) == (["annans", "forskott"], "kredit")


@pytest.mark.parametrize(
    ("bank", "account", "is_right"),
    [
        ("SE:BANKGIRO", "9912346", True),
        ("SE:BANKGIRO", "9912347", False),
        ("SE:BANKGIRO", "123", False),
        ("SE:PLUSGIRO", "41557", False),
        ("SWEDSESS", "SE4550000000058398257466", True),
        ("SWEDSESS", "SE4550000000058398257467", False),
        ("SWEDSESS", "SE455000000005839825746", False),
        ("SWEDSESS", "83279123456", True),
    ],
)
def test_an_account_to_pay_to_that_can_be_none_is_told(
    bank: str, account: str, is_right: bool, federation: Federation
) -> None:
    notes = list(map(str, federation.propose(replace(INVOICE, bank=bank, account=account)).notes))
    assert any("en siffra måste vara felskriven" in each for each in notes) is not is_right


def enveloped(*documents: bytes) -> bytes:
    header = "<StandardBusinessDocumentHeader><HeaderVersion>1.0</HeaderVersion></StandardBusinessDocumentHeader>"
    within = "\n".join(each.decode().partition("?>")[2] for each in documents)
    namespace = "http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader"
    return f'<StandardBusinessDocument xmlns="{namespace}">{header}\n{within}</StandardBusinessDocument>'.encode()


@pytest.mark.parametrize("is_credit_note", [False, True])
def test_an_envelope_is_opened(is_credit_note: bool, federation: Federation) -> None:
    document = replace(INVOICE, is_credit_note=is_credit_note)
    made = federation.voucher(enveloped(document.xml()))
    assert booked(made) == booked(federation.voucher(document))
    federation.books += booked(made)
    assert federation.propose(document).entries == []


def test_an_envelope_of_several_is_refused(federation: Federation) -> None:
    (message,) = federation.refusals(enveloped(INVOICE.xml(), replace(INVOICE, id="9").xml()))
    assert message.endswith("kuvertet innehåller 2 fakturor: läs in var och en för sig")


def in_country(document: Document, code: str) -> bytes:
    """Return an invoice whose supplier has its address in a country."""
    address = f"<cac:PostalAddress><cac:Country><cbc:IdentificationCode>{code}</cbc:IdentificationCode></cac:Country>"
    return document.xml().replace(
        b"<cac:PartyLegalEntity>", f"{address}</cac:PostalAddress><cac:PartyLegalEntity>".encode(), 1
    )


@pytest.mark.parametrize(
    ("vat", "country", "percent", "is_deducted"),
    [
        ("SE556677889901", "SE", "25", True),
        ("SE556677889901", "DE", "12", True),
        ("556677889901", "SE", "6", True),
        ("", "SE", "25", True),
        ("SE556677889901", "SE", "19", False),
        ("SE556677889901", "SE", "25.5", False),
        ("DE123456789", "SE", "25", False),
        ("DE123456789", "DE", "19", False),
        ("", "FI", "25", False),
    ],
)
def test_vat_is_swedish_by_country_and_rate(
    vat: str, country: str, percent: str, is_deducted: bool, federation: Federation
) -> None:
    federation.mapping = MAPPING.replace('"HL"', '"HL"\naccount = "6120"')
    xml = in_country(replace(INVOICE, supplier_vat=vat, items=[Item(percent=percent)]), country)
    if is_deducted:
        assert federation.voucher(xml)
    else:
        assert "kr i moms" in federation.refusals(xml)[0]


def test_vat_of_a_representative_in_sweden_is_swedish(federation: Federation) -> None:
    federation.mapping = MAPPING.replace('"HL"', '"HL"\naccount = "6120"')
    xml = in_country(replace(INVOICE, supplier_vat="DE123456789"), "DE")
    scheme = "<cac:PartyTaxScheme><cbc:CompanyID>SE556677889901</cbc:CompanyID><cac:TaxScheme><cbc:ID>VAT</cbc:ID>"
    party = f"<cac:TaxRepresentativeParty>{scheme}</cac:TaxScheme></cac:PartyTaxScheme></cac:TaxRepresentativeParty>"
    assert federation.voucher(xml.replace(b"<cac:PaymentMeans>", f"{party}<cac:PaymentMeans>".encode()))


@pytest.mark.parametrize(
    ("codes", "how", "is_paid_to"),
    [
        (["30"], "", True),
        (["58"], "", True),
        (["49"], "med autogiro", False),
        (["48"], "med kort", False),
        (["97"], "genom kvittning", False),
        (["49", "30"], "", True),
    ],
)
def test_what_the_supplier_draws_is_not_paid_once_more(
    codes: list[str], how: str, is_paid_to: bool, federation: Federation
) -> None:
    xml = INVOICE.xml()
    before, means, after = re.split(b"(<cac:PaymentMeans>.*</cac:PaymentMeans>)", xml, flags=re.DOTALL)
    each = [means.replace(b"MeansCode>30<", f"MeansCode>{code}<".encode()) for code in codes]
    proposal = federation.propose(b"".join([before, *each, after]))
    [made] = [entry for entry in proposal.entries if isinstance(entry, data.Transaction)]
    assert ("bankgiro" in made.meta, made.meta["ocr"]) == (is_paid_to, INVOICE.ocr)
    told = "\n".join(map(str, proposal.notes))
    assert ("så inget konto att betala till sparas" in told, how in told) == (bool(how), True)
    assert (made.meta.get("observera") == "betalas på annat sätt än med betalfil") == bool(how)


@pytest.mark.parametrize("category", ["Z", "E", "O"])
def test_what_is_sold_from_abroad_without_vat_is_asked_about(category: str, federation: Federation) -> None:
    federation.mapping = MAPPING.replace('"HL"', '"HL"\naccount = "6120"')
    document = replace(INVOICE, supplier_vat="DE123456789", items=[Item(category=category, percent="0")])
    assert "utan moms från DE" in "\n".join(map(str, federation.propose(in_country(document, "DE")).notes))
    domestic = replace(document, supplier_vat="SE556677889901")
    assert "utan moms från" not in "\n".join(map(str, federation.propose(in_country(domestic, "SE")).notes))


REVERSE = """[peppol.reverse]
AE = "Liabilities:RT:2617-Moms-omvänd"
K = "Liabilities:RT:2617-Moms-omvänd"
vat = "Assets:RT:1651-Moms-omvänd"
"""
VAT_ACCOUNTS = """
2024-12-31 open Liabilities:RT:2617-Moms-omvänd SEK
2024-12-31 open Assets:RT:1651-Moms-omvänd SEK
"""


@pytest.mark.parametrize("is_credit_note", [False, True])
@pytest.mark.parametrize(("rate", "category", "tax"), [("", "AE", "250.01"), ("rate = 6\n", "K", "60.00")])
def test_vat_that_the_buyer_accounts_for_is_owed_and_deducted(
    rate: str, category: str, tax: str, is_credit_note: bool, federation: Federation
) -> None:
    federation.books += VAT_ACCOUNTS
    federation.mapping = MAPPING.replace('account = "6510"', f'account = "6510"\n{rate}') + REVERSE
    sold = [Item(category=category, percent="0", price="1000.02"), Item(price="100")]
    document = replace(INVOICE, items=sold, is_credit_note=is_credit_note)
    sign = -1 if is_credit_note else 1
    assert federation.rows(document) == {
        "Expenses:UTB:6510-Kontorsmaterial": sign * Decimal("1100.02"),
        "Assets:RT:1650-Momsfordran": sign * Decimal("25.00"),
        "Assets:RT:1651-Moms-omvänd": sign * Decimal(tax),
        "Liabilities:RT:2617-Moms-omvänd": -sign * Decimal(tax),
        "Liabilities:UTB:2510-Leverantörsskulder": -sign * Decimal("1125.02"),
    }
    percent = 6 if rate else 25
    assert f"1 000,02 kr bokförs både som skuld och avdrag med {percent} %" in str(
        federation.propose(document).notes[1]
    )
    assert federation.load(booked(federation.voucher(document)._replace(flag="*")))[1] == []


def test_where_reversed_vat_stands_is_asked_for(federation: Federation) -> None:
    document = replace(INVOICE, items=[Item(category="G", percent="0")])
    federation.mapping += REVERSE
    (message,) = federation.refusals(document)
    assert message.endswith(
        '\n  [peppol.reverse]\n  G = "Liabilities:RT:2617-Utgående-moms-omvänd"\n  och i böckerna:\n'
        "  2025-01-01 open Liabilities:RT:2617-Utgående-moms-omvänd SEK"
    )
    messages = federation.refusals(replace(INVOICE, items=[Item(category="AE", percent="0")]))
    assert [each.partition("\n  ")[2] for each in messages] == [
        '[peppol.reverse]\n  vat = "..."\n  och i böckerna:\n  2025-01-01 open Assets:RT:1651-Moms-omvänd SEK',
        '[peppol.reverse]\n  AE = "..."\n  och i böckerna:\n  2025-01-01 open Liabilities:RT:2617-Moms-omvänd SEK',
    ]


@pytest.mark.parametrize("of_other_days", [False, True])
@pytest.mark.parametrize("is_open", [False, True])
def test_what_a_refusal_writes_is_enough(is_open: bool, of_other_days: bool, federation: Federation) -> None:
    federation.mapping = MAPPING.replace("[peppol]\n", "[peppol]\nrounding = '7890-Öresutjämning'\n")
    if is_open:
        federation.books += "2025-01-01 open Liabilities:UTB:2614-Moms-omvänd-skattskyldighet SEK\n"
    federation.books = federation.books.replace("2024-12-31 open Expenses:UTB:7890-Öresutjämning SEK\n", "")
    document = replace(
        INVOICE, items=[Item(category="AE", percent="0")], rounding="0.12" if of_other_days else "", prepaid="10.00"
    )
    for _ in range(2):  # the first is of what no account puts right
        for message in federation.refusals(document):
            pasted, _, opened = message.partition("\n")[2].partition("\n  och i böckerna:\n")
            federation.books += f"{opened.strip()}\n"
            for table, _, line in [[each.strip() for each in pasted.partition("\n")]]:
                if '"..."' in line:
                    assert opened, message
                elif table == "[peppol]":
                    federation.mapping = federation.mapping.replace(table, f"{table}\n{line}")
                else:
                    federation.mapping += f"{table}\n{line}\n"
    owed = "Liabilities:UTB:2614-Moms-omvänd-skattskyldighet" if is_open else "Liabilities:RT:2617-Utgående-moms-omvänd"
    rows = federation.rows(document)
    assert rows[owed] == Decimal("-250.00")
    assert rows["Assets:UTB:1710-Interimsfordringar"] == Decimal("-10.00")


# What is refused


def test_all_that_the_mapping_does_not_cover_is_listed_at_once(federation: Federation) -> None:
    federation.mapping = MAPPING.replace('account = "6510"', "")
    lines = [
        Item("Dator", cost="IT"),
        Item("Mus", cost="IT", price="99.50"),
        Item(cost="6820"),
        Item(cost="6010"),
        Item(cost="1650"),
        Item(price="7"),
    ]
    messages = federation.refusals(replace(INVOICE, items=lines, rounding="0.12", prepaid="10.00"))
    assert [re.sub(r"^faktura.xml(:\d+)?: ", "", message) for message in messages] == [
        "1 099,50 kr (Dator, Mus) har köparens kontering IT, som inte är något konto: skriv i import.toml\n"
        '  [peppol.costs]\n  "IT" = "..."',
        "UTB har 2 konton 6820, för 1 000,00 kr: skriv vilket i import.toml "
        "(6820-Licenser:Elever, 6820-Licenser:Lärare)\n"
        '  [peppol.costs]\n  "6820" = "..."',
        "UTB har inget konto 6010 öppet den 2025-03-05, för 1 000,00 kr: öppna det, eller ange ett som är öppet "
        "i import.toml\n"
        '  [peppol.costs]\n  "6010" = "..."',
        "1 000,00 kr på en faktura kan inte stå på konto 1650: ange ett annat i import.toml\n"
        '  [peppol.costs]\n  "1650" = "..."',
        "det framgår inte på vilket konto 7,00 kr från Datakonsult i Borås AB ska bokföras: skriv i import.toml\n"
        '  [peppol.suppliers."556677-8899"]\n  account = "..."',
        "fakturan har 0,12 kr i öresavrundning: skriv kontot i import.toml\n"
        '  [peppol]\n  rounding = "7890-Öresutjämning"',
        "fakturan har 10,00 kr i förskott: skriv kontot i import.toml\n"
        '  [peppol]\n  prepaid = "1710-Interimsfordringar"',
    ]


def test_an_unknown_reference_is_listed_with_the_table_to_write(federation: Federation) -> None:
    (message,) = federation.refusals(replace(INVOICE, reference='Anna "A"', order="4711"))
    assert message == (
        "faktura.xml: det framgår inte vilken enhet som ska betala 1 250,00 kr från Datakonsult i Borås AB, "
        'med referens Anna "A" och ordernummer 4711: skriv i import.toml\n'
        '  [peppol.references."Anna \\"A\\""]\n'
        '  unit = "..."  # RT, UTB\n'
        '  attest = "..."\n  mottagning = "..."\n  account = "..."'
    )
    assert (
        "har varken köparens referens eller ordernummer, så det framgår inte vilken enhet som ska "
        "betala: be om en faktura med en enhets referens" in federation.refusals(replace(INVOICE, reference=""))[0]
    )


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (
            replace(INVOICE, currency="EUR"),
            "1 250,00 EUR att betala, och böckerna förs i SEK: skriv verifikationen för hand till "
            "dagskurs, med dessa rader under den första",
        ),
        (replace(INVOICE, buyer_number="5560001111"), "(556000-1111), och vi är 222000-1234"),
        (
            replace(INVOICE, type_code="384"),
            "en rättad faktura, som ersätter en annan: be om en kreditfaktura och en ny faktura",
        ),
        (replace(INVOICE, type_code="381"), "som inte är en sådan handling"),
        (
            replace(INVOICE, supplier_number="", supplier_vat=""),
            "anger inget organisationsnummer: be om en faktura med det",
        ),
        (replace(INVOICE, supplier_vat="DK12345678"), "250,00 kr i moms, med momsregistreringsnummer DK12345678"),
        (
            replace(INVOICE, items=[Item(category="AE", percent="0")]),
            "omvänd betalningsskyldighet, köparen redovisar momsen",
        ),
        (replace(INVOICE, id="1" * 101), "ID har 101 tecken, och högst"),
        (replace(INVOICE, issued="2025-02-30"), "IssueDate är '2025-02-30'"),
        (replace(INVOICE, id=""), "Invoice saknar ID"),
    ],
)
def test_what_cannot_be_booked_is_refused(document: Document, expected: str, federation: Federation) -> None:
    assert expected in "\n".join(federation.refusals(document))


@pytest.mark.parametrize("name", ["PayableAmount", "PriceAmount", "TaxableAmount", "Amount"])
def test_an_amount_in_another_currency_is_refused(name: str, federation: Federation) -> None:
    xml = replace(INVOICE, extras=[Extra("1.00")]).xml()
    written = f"<cbc:{name}".encode()
    for currency in (b' currencyID="EUR"', b""):
        (message,) = federation.refusals(xml.replace(written + b' currencyID="SEK"', written + currency))
        assert f"{name} är i {'EUR' if currency else ''!r}, men fakturan i 'SEK'" in message


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (b"xsd:Invoice-2", b"xsd:Order-2", "det är 'Invoice' ur"),
        (
            b"urn:cen.eu:en16931",
            b"urn:sfti.se:svefaktura",
            ", alltså inte Peppol BIS Billing 3: be leverantören om en sådan faktura",
        ),
        (
            b"<cac:LegalMonetaryTotal>",
            b"<cac:LegalMonetaryTotal/><cac:LegalMonetaryTotal>",
            "står en gång till och ska stå en gång",
        ),
        (b"cac:TaxTotal>", b"cac:Other>", "0 TaxTotal har TaxSubtotal, och en ska ha det"),
        (b"cac:LegalMonetaryTotal>", b"cac:Other>", "Invoice saknar LegalMonetaryTotal"),
        (b"<cbc:Percent>25</cbc:Percent>", b"", "TaxCategory saknar Percent"),
        (b"<cac:TaxSubtotal>", b"<cac:Other>", "XML-filen kan inte läsas:"),
        (b"1250.00</cbc:PayableAmount>", b"1250.00<b/></cbc:PayableAmount>", "har element i sig, där en text ska stå"),
        (
            b"1250.00</cbc:PayableAmount>",
            b"1.25E3</cbc:PayableAmount>",
            "ett tal som 1234.50, utan mellanslag och exponent",
        ),
        (b"<Invoice", b"<!DOCTYPE Invoice []><Invoice", "DOCTYPE"),
    ],
)
def test_what_is_no_such_document_is_refused(old: bytes, new: bytes, expected: str, federation: Federation) -> None:
    assert expected in "\n".join(federation.refusals(INVOICE.xml().replace(old, new)))


def test_a_closed_year_is_not_booked_but_the_voucher_to_write_is_shown(federation: Federation) -> None:
    federation.books = BOOKS + '\n2025-12-31 custom "bokslut" 2025\n'
    (message,) = federation.refusals(INVOICE)
    head, _, paste = message.partition("\n")
    assert (
        ", och 2025 är avslutat. Spara den som underlag/2026/L-0001.xml och skriv verifikationen för "
        "hand, den dag den kom" in head
    )
    entries, errors = federation.load("\n" + "\n".join(line[2:] for line in paste.splitlines()))
    assert errors == []
    assert [str(entry.date) for entry in entries if isinstance(entry, data.Transaction)] == ["2025-01-10", "2026-01-01"]


def test_a_year_that_the_books_do_not_have_is_asked_about(federation: Federation) -> None:
    federation.books = BOOKS + '\n2024-12-31 custom "bokslut" 2024\n'
    (message,) = federation.refusals(replace(INVOICE, issued="2052-03-05"))
    assert (
        "den är daterad 2052-03-05, och i böckerna är 2024 avslutat och 2025, 2026 öppet: stämmer datumet?" in message
    )


def test_a_december_invoice_comes_in_while_its_year_is_open(federation: Federation) -> None:
    assert federation.voucher(replace(INVOICE, issued="2025-12-30", due="2026-01-29")).meta["ver"] == "L 2"


# Files and mappings


def test_attached_documents_are_not_read_whatever_their_size(federation: Federation) -> None:
    made = federation.voucher(INVOICE)
    xml = replace(INVOICE, attached="QUFB\n" * 6_000_000).xml()
    assert federation.voucher(xml).postings == made.postings
    assert federation.voucher(xml.replace(b'filename="f.pdf"', b"filename = 'a>b=\"c\".pdf'")).postings == made.postings
    (message,) = federation.refusals(changed(xml, "PayableAmount", "1249.99"))
    line = xml[: xml.index(b"<cac:LegalMonetaryTotal>")].count(b"\n") + 1
    assert message.startswith(f"faktura.xml:{line}: PayableAmount")
    (message,) = federation.refusals(replace(INVOICE, note="A" * 10_100_000))
    assert "en text i den är längre än 10 MB: be avsändaren om den utan bilagor" in message


def test_invoices_are_known_from_their_beginning(federation: Federation) -> None:
    door = Peppol(read_mapping(federation.folder / "import.toml").table("peppol"))
    invoice, credit = INVOICE.xml(), replace(INVOICE, is_credit_note=True).xml()
    others = [b"", b"#FLAGGA 0", b"<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.053.001.02'/>"]
    utf16 = invoice.decode().replace("UTF-8", "UTF-16").encode("utf-16")
    known = [door.knows(Incoming(federation.write(each))) for each in [invoice, credit, utf16, *others]]
    assert known == [True, True, True, False, False, False]
    assert federation.voucher(utf16).meta["fakturanr"] == "20245"


def test_without_a_mapping_one_is_shown(federation: Federation) -> None:
    federation.mapping = ""
    (message,) = federation.refusals(INVOICE)
    assert message.startswith(
        "faktura.xml: det saknas uppgift om hur fakturor bokförs: skriv i import.toml, till exempel\n  [peppol]\n"
    )
    assert '\n  vat = "Assets:RT:1650-Momsfordran"\n  payable = "2510-Leverantörsskulder"\n' in message
    assert '\n  unit = "RT"  # RT, UTB\n' in message
    assert '[peppol.references."RT-CHEF"]' in message
    assert not any(of_others in message for of_others in ("FK", "NAV"))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda text: text.replace("payable =", "payabel ="), "peppol.payable saknas"),
        (lambda text: text.replace("mottagning =", "motagning ="), 'peppol.references."UTB Chefen".mottagning'),
        (lambda text: text.replace("222000-1234", "12"), "peppol.buyer är '12'"),
        (lambda text: text.replace("[peppol]\n", '[peppol]\nseries = "l"\n'), "peppol.series är 'l'"),
        (lambda text: text.replace("[peppol]\n", "[peppol]\nserie = 1\n"), "har serie, som inget läser; den får ha"),
        (lambda text: f'{text}"städ  PLAN 2" = "6510"', "] har 'Städ plan 2' och 'städ  PLAN 2', som betyder samma"),
        (lambda text: text.replace('unit = "UTB"', 'unit = "UBT"'), "anger enheten UBT, och i böckerna finns RT, UTB"),
        (lambda text: text.replace("RT:1650-Momsfordran", "RT:1651-Moms"), "Assets:RT:1651-Moms är inte öppet"),
        (
            lambda text: text.replace('"2510-Leverantörsskulder"', '"6510"'),
            "1 250,00 kr på en faktura kan inte stå på konto 6510: ange ett annat i",
        ),
    ],
)
def test_a_mapping_that_is_wrong_is_refused(
    change: Callable[[str], str], expected: str, federation: Federation
) -> None:
    federation.mapping = change(MAPPING)
    assert expected in "\n".join(federation.refusals(INVOICE))
