"""Invoices at random: sound ones are booked to the öre, others are refused with a message and never a traceback."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from beancount import loader
from beancount.core import data
from beancount.parser import parser
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from forbundsbok.importers.document import Document as Incoming
from forbundsbok.importers.door import Proposal
from forbundsbok.importers.formats.xml import read_xml
from forbundsbok.importers.intake import proposed
from forbundsbok.importers.mapping import read_mapping
from forbundsbok.importers.peppol.door import Peppol
from forbundsbok.importers.problems import DocumentError
from forbundsbok.plugins.ledger_text import directives_text
from forbundsbok.plugins.roles import KOMMUN_BAS, Role
from tests.importers.peppol.test_peppol import BOOKS, INVOICE, MAPPING, MORE, RICH, number
from tests.importers.peppol.ubl_files import Document, Extra, Item, changed
from tests.shares import share_of

pytestmark = pytest.mark.slow

ENTRIES = loader.load_string(BOOKS)[0]
TOTALS = [
    "LineExtensionAmount",
    "TaxExclusiveAmount",
    "TaxInclusiveAmount",
    "AllowanceTotalAmount",
    "ChargeTotalAmount",
    "PrepaidAmount",
    "PayableRoundingAmount",
    "PayableAmount",
    "TaxableAmount",
    "TaxAmount",
]
VAT = st.sampled_from([("S", "25"), ("S", "12"), ("S", "6"), ("E", "0"), ("Z", "0"), ("O", "0")])
AMOUNTS = st.decimals("0.01", "99999", places=2).map(str)
COSTS = st.sampled_from(["", "6120", "6510", "7110", "Städ plan 2"])
TEXTS = st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn"]), min_size=1, max_size=90)


@st.composite
def extras(draw: st.DrawFn) -> Extra:
    category, percent = draw(VAT)
    return Extra(draw(AMOUNTS), draw(st.booleans()), percent, category)


@st.composite
def items(draw: st.DrawFn) -> Item:
    category, percent = draw(VAT)
    return Item(
        "Vara",
        str(draw(st.decimals("-1000", "1000", places=3))),
        str(draw(st.decimals("0", "10000", places=4))),
        draw(st.sampled_from(["", "1", "10", "100", "7"])),
        percent,
        category,
        draw(COSTS),
        draw(st.lists(extras(), max_size=2)),
    )


@st.composite
def documents(draw: st.DrawFn) -> Document:
    document = replace(
        INVOICE,
        is_credit_note=draw(st.booleans()),
        items=draw(st.lists(items(), min_size=1, max_size=6)),
        extras=draw(st.lists(extras(), max_size=3)),
        prepaid=draw(st.sampled_from(["", "100.00", "0.01"])),
        rounding=draw(st.sampled_from(["", "0.50", "-0.49"])),
    )
    assume(document.payable)
    return document


@contextmanager
def door() -> Iterator[tuple[Peppol, Path]]:
    with tempfile.TemporaryDirectory() as folder:
        mapping = Path(folder) / "import.toml"
        mapping.write_text(MAPPING.replace("[peppol]\n", MORE), encoding="utf-8")
        yield Peppol(read_mapping(mapping).table("peppol")), Path(folder) / "faktura.xml"


def propose(content: bytes) -> Proposal | None:
    """Return what a file would add, None when it is refused."""
    with door() as (peppol, path):
        path.write_bytes(content)
        incoming = Incoming(path)
        peppol.knows(incoming)
        try:
            return proposed(incoming, peppol, ENTRIES)
        except DocumentError as error:
            refused = error
        assert refused.messages
        assert all(message.startswith(str(path)) for message in refused.messages)
        return None


def voucher(content: bytes) -> data.Transaction:
    proposal = propose(content)
    assert proposal is not None
    made = proposal.entries[0]
    assert isinstance(made, data.Transaction)
    return made


@settings(max_examples=share_of(150), deadline=None)
@given(documents())
def test_a_sound_invoice_is_booked_to_the_ore(document: Document) -> None:
    sign = -1 if document.is_credit_note else 1
    sums: dict[str, Decimal] = {}
    for posting in voucher(document.xml()).postings:
        assert posting.account not in sums
        sums[posting.account] = number(posting)
    vat = sums.pop("Assets:RT:1650-Momsfordran", Decimal(0))
    owed = sum(value for account, value in sums.items() if KOMMUN_BAS.has(account, Role.SUPPLIERS))
    assert vat == sign * document.tax
    assert owed == -sign * document.payable
    assert sum(sums.values()) + vat == 0
    assert all(value == round(value, 2) and value for value in sums.values())


@settings(max_examples=150, deadline=None)
@given(documents(), st.sampled_from(TOTALS), st.integers(-500, 500).filter(bool))
def test_an_invoice_with_one_wrong_sum_is_refused(document: Document, name: str, ore: int) -> None:
    xml = document.xml()
    last = xml.index(b"<cac:LegalMonetaryTotal>") if name == "LineExtensionAmount" else 0
    found = xml.find(f"<cbc:{name} ".encode(), last)
    assume(found >= 0)
    nth = xml[:found].count(f"<cbc:{name} ".encode())
    written = xml[xml.index(b">", found) + 1 : xml.index(b"<", found + 1)].decode()
    assert propose(xml) is not None
    is_rounded = name == "TaxableAmount" and abs(ore) < 100 and next(iter(document.taxes()))[0] == "S"
    assert (propose(changed(xml, name, str(Decimal(written) + Decimal(ore) / 100), nth=nth)) is None) != is_rounded


@settings(max_examples=share_of(100), deadline=None)
@given(TEXTS, TEXTS, TEXTS)
def test_texts_come_through_the_ledger_as_they_are(supplier: str, item: str, ocr: str) -> None:
    assume(all(text.strip() for text in (supplier, item, ocr)))
    document = replace(
        INVOICE, supplier=supplier, items=[Item(item, cost="6120")], ocr=ocr, supplier_number="5560009999"
    )
    made = voucher(document.xml())
    (read,), errors, _ = parser.parse_string(directives_text([made]))
    assert errors == []
    assert isinstance(read, data.Transaction)
    assert (read.payee, read.narration, read.links) == (made.payee, made.narration, made.links)
    assert {key: read.meta[key] for key in made.meta} == made.meta
    assert read.postings[0].units == made.postings[0].units


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_garbled_invoice_gives_a_balanced_voucher_or_a_message(given_data: st.DataObject) -> None:
    content = bytearray(RICH.xml())
    for _ in range(given_data.draw(st.integers(1, 4))):
        start = given_data.draw(st.integers(0, len(content)))
        end = start + given_data.draw(st.integers(0, 30))
        piece = given_data.draw(st.sampled_from(PIECES) | st.binary(max_size=8))
        content[start:end] = piece
    proposal = propose(bytes(content))
    for entry in proposal.entries if proposal else []:
        if isinstance(entry, data.Transaction):
            assert sum(map(number, entry.postings)) == 0


PIECES = [
    b"",
    b"<",
    b"</cac:Party>",
    b"<cbc:ID>1</cbc:ID>",
    b"-1",
    b"99999999999999999",
    b"0",
    b"&#x85;",
    b"&lt;",
    b"<![CDATA[<]]>",
    b"<!DOCTYPE a>",
    b"1e9",
    b"\xc3\xa5",
    b"\xff\xfe",
    b'schemeID="0007"',
    b"<cac:TaxSubtotal/>",
    b"<cac:InvoiceLine/>",
    b"<cac:AllowanceCharge/>",
]


@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=200)
    | st.lists(st.sampled_from([*PIECES, b"<a>", b"</a>", b"<?xml version='1.0'?>"])).map(b"".join)
)
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    with door() as (_, path):
        path.write_bytes(content)
        with suppress(DocumentError):
            assert read_xml(Incoming(path)).tag
