"""Invoices over the width of the standard, each with its sums computed beside, in whole öre.

    python -m tests.importers.peppol.test_generated 20000

Categories of VAT, types, rounding within its room, allowances and charges, what is prepaid, envelopes, currencies that
the VAT is told in: none may be refused, no sum be wrong. Sent twice they add nothing, and in any order they give the
same books.
"""

import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any
from xml.sax.saxutils import escape

import pytest
from beancount import loader
from beancount.core import data

from forbundsbok.importers.document import Document
from forbundsbok.importers.intake import placed, proposed
from forbundsbok.importers.mapping import Table
from forbundsbok.importers.peppol.door import Peppol
from tests.main_file import head
from tests.shares import seeds

UNITS = ("RT", "UTB")
COSTS = {"6120": "Städning", "6510": "Kontorsmaterial", "6820": "Licenser", "7110": "Representation"}
OPEN = [
    *(f"Assets:{unit}:{rest}" for unit in UNITS for rest in ("1710-Interimsfordringar", "1790-Avräkning")),
    *(f"Liabilities:{unit}:2510-Leverantörsskulder" for unit in UNITS),
    *(f"Expenses:{unit}:{number}-{name}" for unit in UNITS for number, name in COSTS.items()),
    *(f"Expenses:{unit}:7890-Öresutjämning" for unit in UNITS),
    "Assets:RT:1650-Momsfordran",
    "Assets:RT:1651-Moms-omvänd",
    *(f"Liabilities:RT:{number}-Moms-omvänd" for number in (2614, 2615, 2617)),
]
BOOKS = head("Norrby") + "\n".join(
    [
        *(f'2024-12-31 custom "unit" "{unit}" "{unit}"\n  overskott: "behalls"' for unit in UNITS),
        *(f"2024-12-31 open {account} SEK" for account in OPEN),
        "",
    ]
)
REFERENCE = {"attest": "CHEF", "mottagning": "HL", "account": "6510"}
MAPPING: dict[str, Any] = {
    "buyer": "222000-1234",
    "vat": "Assets:RT:1650-Momsfordran",
    "payable": "2510",
    "rounding": "7890",
    "prepaid": "1710",
    "references": {unit: REFERENCE | {"unit": unit} for unit in UNITS},
    "reverse": {
        "AE": "Liabilities:RT:2617-Moms-omvänd",
        "K": "Liabilities:RT:2614-Moms-omvänd",
        "G": "Liabilities:RT:2615-Moms-omvänd",
        "vat": "Assets:RT:1651-Moms-omvänd",
    },
}
INVOICES = ["380"] * 20 + ["71", "80", "82", "84", "102", "218", "219", "326", "331", "382", "383", "386", "388", "389"]
INVOICES += ["393", "395", "553", "575", "623", "751", "780", "817", "870", "875", "876", "877"]
CREDIT_NOTES = ["381"] * 5 + ["396", "81", "83", "532", "261"]
SWEDISH = [("S", 25)] * 6 + [("S", 12), ("S", 6), ("E", 0), ("Z", 0), ("O", 0), ("AE", 0)]
FOREIGN = [("K", 0), ("G", 0), ("AE", 0), ("Z", 0), ("E", 0), ("O", 0)]
CBC, CAC, UBL = (
    f"urn:oasis:names:specification:ubl:schema:xsd:{name}"
    for name in ("CommonBasicComponents-2", "CommonAggregateComponents-2", "{}-2")
)
PROFILE = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
SBDH = "http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader"


@dataclass(frozen=True)
class Sent:
    """An invoice as it is sent, and what it must come to: öre by account; `costs` is None where they are divided."""

    xml: bytes
    day: date
    rows: dict[str, int]
    cost: int
    costs: dict[str, int] | None


def half_up(amount: Fraction) -> int:
    whole = (abs(amount) * 2 + 1) // 2
    return int(whole if amount >= 0 else -whole)


def rounded(amount: Fraction, rng: Random) -> int:
    """Round to the öre in one of the ways in which sellers do."""
    ways = [half_up(amount), round(amount), int(amount), half_up(amount / 5) * 5]
    return rng.choice([half_up(amount), half_up(amount), *ways])


def kr(ore: int) -> str:
    return f"{'-' if ore < 0 else ''}{abs(ore) // 100}.{abs(ore) % 100:02}"


class Draft:
    """An invoice while it is drawn."""

    def __init__(self, rng: Random, number: str) -> None:
        self.rng, self.number = rng, number
        self.is_credit_note = rng.random() < 0.2
        self.kind = "CreditNote" if self.is_credit_note else "Invoice"
        self.type_code = rng.choice(CREDIT_NOTES if self.is_credit_note else INVOICES)
        self.is_foreign = rng.random() < 0.2
        self.unit = rng.choice(UNITS)
        self.day = date(2025, 1, 1) + timedelta(days=rng.randrange(330))
        self.taxed: dict[tuple[str, int], list[int]] = defaultdict(list)
        self.cost_of: dict[str, int] = defaultdict(int)

    def money(self, name: str, ore: int) -> str:
        return f'<cbc:{name} currencyID="SEK">{kr(ore)}</cbc:{name}>'

    def category(self) -> tuple[str, int]:
        return self.rng.choice(FOREIGN if self.is_foreign else SWEDISH)

    def tax(self, name: str, category: str, percent: int) -> str:
        written = self.rng.choice([f"{percent}", f"{percent}.0", f"{percent}.00"])
        rate = "" if category == "O" else f"<cbc:Percent>{written}</cbc:Percent>"
        scheme = "<cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme>"
        return f"<cac:{name}><cbc:ID>{category}</cbc:ID>{rate}{scheme}</cac:{name}>"

    def allowance(self, of: tuple[str, int] | None) -> tuple[str, int]:
        """Return an allowance or a charge, and what it adds in öre."""
        rng, is_charge = self.rng, self.rng.random() < 0.5
        base, percent = rng.randrange(1, 500_000), rng.randrange(1, 50)
        ore = half_up(Fraction(base * percent, 100))
        of_base = f"<cbc:MultiplierFactorNumeric>{percent}</cbc:MultiplierFactorNumeric>" if rng.random() < 0.5 else ""
        xml = (
            f"<cac:AllowanceCharge><cbc:ChargeIndicator>{str(is_charge).lower()}</cbc:ChargeIndicator>{of_base}"
            f"{self.money('Amount', ore)}{self.money('BaseAmount', base) if of_base else ''}"
            f"{self.tax('TaxCategory', *of) if of else ''}</cac:AllowanceCharge>"
        )
        return xml, ore if is_charge else -ore

    def line(self, number: int) -> str:
        rng, of = self.rng, self.category()
        quantity, price = rng.randrange(-2000, 50_000), rng.randrange(0, 5_000_000)
        base = rng.choice([1, 1, 1, 10, 100, 7])
        extras = [self.allowance(None) for _ in range(rng.choice([0, 0, 0, 1, 2]))]
        worth = Fraction(quantity * price * 100, 1000 * 10_000 * base)
        net = half_up(worth) + sum(added for _, added in extras) + rng.choice([0, 0, 0, 1, -1])
        self.taxed[of].append(net)
        cost = rng.choice(["", *COSTS])
        advance = f"Assets:{self.unit}:1710-Interimsfordringar"
        number_of_cost = cost or "6510"
        account = f"Expenses:{self.unit}:{number_of_cost}-{COSTS[number_of_cost]}"
        self.cost_of[advance if self.type_code == "386" else account] += net
        count = "Credited" if self.is_credit_note else "Invoiced"
        return (
            f"<cac:{self.kind}Line><cbc:ID>{number}</cbc:ID>"
            f'<cbc:{count}Quantity unitCode="C62">{quantity / 1000:.3f}</cbc:{count}Quantity>'
            f"{self.money('LineExtensionAmount', net)}"
            f"{f'<cbc:AccountingCost>{cost}</cbc:AccountingCost>' if cost else ''}{''.join(xml for xml, _ in extras)}"
            f"<cac:Item><cbc:Name>{escape(rng.choice(['Vara', 'Tjänst & råd', 'Hyra <mars>']))}</cbc:Name>"
            f"{self.tax('ClassifiedTaxCategory', *of)}</cac:Item>"
            f'<cac:Price><cbc:PriceAmount currencyID="SEK">{price / 10_000:.4f}</cbc:PriceAmount>'
            f"{f'<cbc:BaseQuantity>{base}</cbc:BaseQuantity>' if base != 1 else ''}</cac:Price></cac:{self.kind}Line>"
        )

    def sent(self) -> Sent:
        """Draw the whole of it."""
        rng = self.rng
        lines = [self.line(number) for number in range(1, rng.randrange(2, 7))]
        net = sum(sum(parts) for parts in self.taxed.values())
        extras = []
        for _ in range(rng.choice([0, 0, 0, 1, 2])):
            of = rng.choice(list(self.taxed)) if rng.random() < 0.8 else self.category()
            xml, added = self.allowance(of)
            extras.append((xml, added))
            self.taxed[of].append(added)
        without_tax = net + sum(added for _, added in extras)
        subtotals, tax, reversed_tax = [], 0, dict[str, int]()
        for (category, percent), parts in self.taxed.items():
            own, taxable = 0, sum(parts)
            if percent:
                taxable += rng.choice([0, 0, 0, rng.randrange(-99, 100)])
                by_line = sum(half_up(Fraction(part * percent, 100)) for part in parts)
                whole = Fraction(taxable * percent, 100)
                own = rng.choice([rounded(whole, rng), half_up(whole) + rng.randrange(-98, 99), by_line])
                own = own if abs(own - half_up(whole)) < 100 else half_up(whole)
            tax += own
            if category in MAPPING["reverse"]:
                account = MAPPING["reverse"][category]
                reversed_tax[account] = reversed_tax.get(account, 0) + half_up(Fraction(taxable * 25, 100))
            subtotals.append(
                f"<cac:TaxSubtotal>{self.money('TaxableAmount', taxable)}{self.money('TaxAmount', own)}"
                f"{self.tax('TaxCategory', category, percent)}</cac:TaxSubtotal>"
            )
        with_tax = without_tax + tax
        prepaid = rng.choice([0, 0, 0, rng.randrange(1, 100_000)])
        rounding = rng.choice([0, 0, -(with_tax - prepaid) % 100, rng.randrange(-50, 50)])
        payable = with_tax - prepaid + rounding
        totals = [
            self.money("LineExtensionAmount", net),
            self.money("TaxExclusiveAmount", without_tax),
            self.money("TaxInclusiveAmount", with_tax),
            self.money("AllowanceTotalAmount", -sum(added for _, added in extras if added < 0)),
            self.money("ChargeTotalAmount", sum(added for _, added in extras if added > 0)),
            self.money("PrepaidAmount", prepaid) if prepaid else "",
            self.money("PayableRoundingAmount", rounding) if rounding else "",
            self.money("PayableAmount", payable),
        ]
        sign = -1 if self.is_credit_note else 1
        rows = {
            "Assets:RT:1650-Momsfordran": tax,
            "Assets:RT:1651-Moms-omvänd": sum(reversed_tax.values()),
            **{account: -ore for account, ore in reversed_tax.items()},
            f"Expenses:{self.unit}:7890-Öresutjämning": rounding,
            f"Liabilities:{self.unit}:2510-Leverantörsskulder": -payable,
        }
        advance = f"Assets:{self.unit}:1710-Interimsfordringar"
        costs = {account: ore for account, ore in self.cost_of.items() if account != advance}
        rows[advance] = self.cost_of.get(advance, 0) - prepaid
        divided = bool(extras)
        if divided and advance in self.cost_of:  # what is added stands there too
            rows[advance] += sum(added for _, added in extras)
        return Sent(
            self._document("".join(extra for extra, _ in extras), tax, subtotals, totals, lines),
            self.day,
            {account: sign * ore for account, ore in rows.items() if ore},
            sign * (0 if advance in self.cost_of else without_tax),
            None if divided else {account: sign * ore for account, ore in costs.items() if ore},
        )

    def _document(self, extras: str, tax: int, subtotals: list[str], totals: list[str], lines: list[str]) -> bytes:
        rng, kind = self.rng, self.kind
        euro = rng.random() < 0.2
        other_tax = f'<cac:TaxTotal><cbc:TaxAmount currencyID="EUR">{kr(tax // 11)}</cbc:TaxAmount></cac:TaxTotal>'
        body = "\n".join(
            [
                f'<{kind} xmlns="{UBL.format(kind)}" xmlns:cac="{CAC}" xmlns:cbc="{CBC}">',
                f"<cbc:CustomizationID>{PROFILE}</cbc:CustomizationID><cbc:ID>{self.number}</cbc:ID>",
                f"<cbc:IssueDate>{self.day}</cbc:IssueDate><cbc:{kind}TypeCode>{self.type_code}</cbc:{kind}TypeCode>",
                "<cbc:DocumentCurrencyCode>SEK</cbc:DocumentCurrencyCode>",
                "<cbc:TaxCurrencyCode>EUR</cbc:TaxCurrencyCode>" if euro else "",
                f"<cbc:BuyerReference>{self.unit}</cbc:BuyerReference>",
                self._attached() if rng.random() < 0.1 else "",
                self._supplier(),
                '<cac:AccountingCustomerParty><cac:Party><cbc:EndpointID schemeID="0007">2220001234</cbc:EndpointID>'
                "</cac:Party></cac:AccountingCustomerParty>",
                extras,
                other_tax if euro else "",
                f"<cac:TaxTotal>{self.money('TaxAmount', tax)}{''.join(subtotals)}</cac:TaxTotal>",
                f"<cac:LegalMonetaryTotal>{''.join(totals)}</cac:LegalMonetaryTotal>",
                *lines,
                f"</{kind}>",
            ]
        )
        if rng.random() < 0.2:
            header = "<StandardBusinessDocumentHeader/>"
            body = f'<StandardBusinessDocument xmlns="{SBDH}">{header}{body}</StandardBusinessDocument>'
        encoding = rng.choice(["UTF-8", "utf8", "ISO-8859-1", "UTF-16"])
        return f'<?xml version="1.0" encoding="{encoding}"?>\n{body}\n'.encode(encoding)

    def _attached(self) -> str:
        binary = f'<cbc:EmbeddedDocumentBinaryObject mimeCode="application/pdf">{"QUFB" * self.rng.randrange(1000)}'
        attachment = f"<cac:Attachment>{binary}</cbc:EmbeddedDocumentBinaryObject></cac:Attachment>"
        return f"<cac:AdditionalDocumentReference><cbc:ID>1</cbc:ID>{attachment}</cac:AdditionalDocumentReference>"

    def _supplier(self) -> str:
        country = self.rng.choice(["DE", "NO", "US"]) if self.is_foreign else "SE"
        vat = f"{country}123456789" if self.is_foreign else self.rng.choice(["SE556677889901", "556677889901", ""])
        number, scheme = ("HRB 12345", "") if self.is_foreign else ("5566778899", ' schemeID="0007"')
        return (
            "<cac:AccountingSupplierParty><cac:Party><cac:PartyName><cbc:Name>Säljaren</cbc:Name></cac:PartyName>"
            f"<cac:PostalAddress><cac:Country><cbc:IdentificationCode>{country}</cbc:IdentificationCode></cac:Country>"
            "</cac:PostalAddress>"
            + (
                f"<cac:PartyTaxScheme><cbc:CompanyID>{vat}</cbc:CompanyID><cac:TaxScheme><cbc:ID>VAT</cbc:ID>"
                "</cac:TaxScheme></cac:PartyTaxScheme>"
                if vat
                else ""
            )
            + f"<cac:PartyLegalEntity><cbc:CompanyID{scheme}>{number}</cbc:CompanyID></cac:PartyLegalEntity>"
            "</cac:Party></cac:AccountingSupplierParty>"
        )


def drawn(rng: Random, number: str) -> Sent:
    """Draw an invoice that comes to something."""
    while True:
        sent = Draft(rng, number).sent()
        if sent.rows or sent.costs:
            return sent


def booked(entry: data.Transaction) -> dict[str, int]:
    rows: Counter[str] = Counter()
    for row in entry.postings:
        assert row.units is not None
        assert row.units.number is not None
        rows[row.account] += int(row.units.number * 100)
    return dict(rows)


def try_batch(seed: int, size: int, door: Peppol, entries: data.Directives, *, again: bool) -> None:
    """Take in some invoices; with `again` also in another order, and a second time."""
    rng = Random(seed)
    batch = [drawn(rng, f"F-{number}") for number in range(size)]
    books = taken_in(batch, door, entries)
    for sent, entry in zip(batch, books, strict=True):
        rows = booked(entry)
        assert (entry.flag, entry.date, sum(rows.values())) == ("!", sent.day, 0), seed
        cost = {account: ore for account, ore in rows.items() if account not in sent.rows}
        assert {account: rows.get(account) for account in sent.rows} == sent.rows, (seed, sent.xml)
        assert sum(cost.values()) == sent.cost, (seed, sent.xml)
        assert sent.costs is None or cost == sent.costs, (seed, sent.xml)
    if again:
        backwards = taken_in(batch[::-1], door, entries)
        assert list(map(booked, backwards[::-1])) == list(map(booked, books)), seed
        for sent in batch:
            resent = Document(Path("igen.xml"), sent.xml.replace(*_SPACES[sent.xml[:2] in (b"\xff\xfe", b"\xfe\xff")]))
            assert proposed(resent, door, [*entries, *backwards]).entries == [], seed


_SPACES = {False: (b"?>\n<", b"?>\n\n<"), True: ("?>\n<".encode("utf-16-le"), "?>\n\n<".encode("utf-16-le"))}


def taken_in(batch: list[Sent], door: Peppol, entries: data.Directives) -> list[data.Transaction]:
    made: list[data.Transaction] = []
    for sent in batch:
        document = Document(Path("faktura.xml"), sent.xml)
        assert door.knows(document)
        proposal = proposed(document, door, [*entries, *made])
        [entry] = [each for each in placed(proposal.entries, document) if isinstance(each, data.Transaction)]
        made.append(entry)
    return made


def run(batches: Iterable[int]) -> None:
    """Try batches of ten, by their seeds."""
    entries = loader.load_string(BOOKS)[0]
    door = Peppol(Table("import.toml", "peppol", MAPPING))
    for batch in batches:
        try_batch(batch, 10, door, entries, again=batch % 5 == 0)


@pytest.mark.slow
def test_invoices_are_booked_as_computed_beside() -> None:
    run(seeds(100))


if __name__ == "__main__":
    run(range(int(sys.argv[1]) // 10))
