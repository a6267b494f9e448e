"""Member fees: the tariffs of 2024 give what the report prints, and what is divided comes to the whole."""

import csv
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from beancount.core import data
from beancount.parser import parser
from hypothesis import given
from hypothesis import strategies as st

from forbundsbok.plugins.books import Books
from forbundsbok.plugins.fees import (
    QUARTERS,
    TARIFF,
    Fee,
    Portion,
    divided,
    fee_account,
    fees_of,
    of_quarter,
    until_quarter,
)
from forbundsbok.queries.fees import arithmetic, by_payer
from tests.fees import COUNTS, TARIFFS, payers
from tests.open_year import LEDGER

NOTES = {"not-3": "FK", "not-5": "RU", "not-6": "VU", "not-7": "BRB", "not-8": "DSO", "not-9": "MC", "not-10": "VOC"}
NOTES |= {"not-11": "NAV", "not-12": "NVS"}
INVOICED = "Fakturerat "
OTHERS = ("Summa", "Överskott", "Medfinansiering", "Beslutade")
"""The rows of the notes that are no payer's."""

PINNED = f"""
2025-01-01 custom "invanare" 2024-12-31
  antal: "{", ".join(f"{code} {count}" for code, count in COUNTS.items())}"
  underlag: "underlag/2025/invanare.json"
  sha256: "{"0" * 64}"
"""


@pytest.fixture(scope="module")
def books() -> Books:
    """The accounts of the first federation, with the tariffs and the inhabitants and nothing booked."""
    files = [LEDGER / "units.bean", LEDGER / "kontoslag.bean", *sorted(LEDGER.glob("units/*/accounts.bean"))]
    text = "\n".join([*(path.read_text(encoding="utf-8") for path in files), payers(), TARIFFS, PINNED])
    entries, errors, options = parser.parse_string(text)
    assert errors == []
    return Books(sorted(entries, key=data.entry_sortkey), options)


def printed() -> dict[tuple[str, str], int]:
    """Return what the notes of 2024 print of each payer, in thousands of kronor."""
    with Path(LEDGER / "printed/2024.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["table"] in NOTES and row["column"] == "2024"]
    return {
        (NOTES[row["table"]], row["row"].removeprefix(INVOICED)): int(row["tkr"])
        for row in rows
        if not row["row"].startswith(OTHERS)
    }


def test_the_tariffs_of_2024_give_the_printed_fees(books: Books) -> None:
    fees = fees_of(books, 2025)
    assert fees is not None
    assert fees.problems == []
    told: dict[tuple[str, str], Decimal] = {}
    for fee in fees.fees:
        for unit, part in fee.parts.items():
            told[unit, fee.payer] = told.get((unit, fee.payer), Decimal(0)) + part
    rounded = {key: int((part / 1000).quantize(Decimal(1), ROUND_HALF_UP)) for key, part in told.items()}
    assert rounded == printed()
    assert len(rounded) == 71
    # What is shared by inhabitants comes to the whole.
    assert sum(fee.amount for fee in fees.fees if fee.terms.total) == 798_000


def test_each_fee_has_the_account_of_its_unit_and_payer(books: Books) -> None:
    fees = fees_of(books, 2025)
    assert fees is not None
    day = next(iter(books.opens.values())).date.replace(year=2025)
    assert fee_account(books, "NVS", "HSNK", day) == "Income:NVS:3150-Fakturerat:HSNK"
    assert fee_account(books, "VOC", "SÄS och Närhälsan", day) == "Income:VOC:3150-Fakturerat:SÄS-och-Närhälsan"
    assert fee_account(books, "MC", "Varberg", day) is None


def test_the_arithmetic_is_told_as_people_write_it(books: Books) -> None:
    fees = fees_of(books, 2025)
    assert fees is not None
    told = {name: [arithmetic(fee, "sv") for fee in own] for name, own in by_payer(fees)}
    assert told["Varberg"] == ["68 200 × 11,00 kr"]
    assert told["Tranemo"][3] == "11 921 × 6,69 kr + 139 100,00 kr"
    assert told["Tranemo"][5:] == ["798 000,00 kr × 11 921 / 229 462", "200 000,00 kr × 1,025", "264 000,00 kr"]
    assert told["HSNK"] == ["1 376 772,00 kr × 50 / 50"]


AMOUNTS = st.integers(0, 10**11).map(lambda ore: Decimal(ore) / 100)
[ANY] = TARIFF.read_all(parser.parse_string(TARIFF.example)[0])
WEIGHTS = st.lists(st.decimals("0.001", "1000", places=3), min_size=1, max_size=6)


@given(AMOUNTS, WEIGHTS)
def test_parts_and_quarters_come_to_the_whole(amount: Decimal, weights: list[Decimal]) -> None:
    units = tuple(Portion(f"U{at}", weight) for at, weight in enumerate(weights))
    fee = Fee(replace(ANY, units=units), "Norrby", amount, divided(amount, units))
    assert sum(fee.parts.values()) == amount == sum(of_quarter(fee, quarter) for quarter in range(1, QUARTERS + 1))
    assert until_quarter(fee, QUARTERS) == fee.parts
    assert until_quarter(fee, 0) == dict.fromkeys(fee.parts, 0)
    first, second, third, last = (of_quarter(fee, quarter) for quarter in range(1, QUARTERS + 1))
    assert first == second == third <= last
    for quarter in range(1, QUARTERS + 1):
        now, before = until_quarter(fee, quarter), until_quarter(fee, quarter - 1)
        assert sum(now.values()) - sum(before.values()) == of_quarter(fee, quarter)
