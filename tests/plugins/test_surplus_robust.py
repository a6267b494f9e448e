"""Whatever stands in a ledger, the rules of surpluses and provisions give errors of theirs, never a traceback."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest
from beancount.core.amount import Amount
from beancount.core.data import Custom, Directive, Open, Posting, Transaction, entry_sortkey
from beancount.core.number import MISSING
from beancount.parser import booking, parser
from beancount.parser.grammar import ValueType
from hypothesis import given, settings
from hypothesis import strategies as st

from forbundsbok.plugins.federation import checked
from forbundsbok.plugins.units import CARRIED

RULES = Path(__file__).parent.parent / "rules"
E20 = "Liabilities:RU:2293-Statlig-infrastruktur:E20"
DAYS = [
    date.min,
    date(2022, 12, 31),
    date(2023, 1, 1),
    date(2024, 2, 29),
    date(2024, 12, 31),
    date(2025, 1, 1),
    date.max,
]
NUMBERS: list[Any] = [Decimal(0), Decimal("0.001"), Decimal("9" * 40), None, MISSING]
AMOUNTS = [Amount(number, "SEK") for number in NUMBERS]
UNITS: list[Any] = [None, MISSING, Amount(Decimal(1), "EUR"), *AMOUNTS]
JUNK = [*UNITS, *DAYS, True, Decimal(2024), Decimal("1e30"), "", CARRIED, "E20", "Index", E20]
ACCOUNTS = [
    *("X", "Equity:X", E20, f"{E20}:Index", f"{E20}:Annat", "Expenses:RU:4520-Statlig-infrastruktur"),
    *(f"Liabilities:{unit}:2998-Överskott:{year}" for unit in ("BRB", "NAV") for year in ("0001", "2023", "9998")),
    *(f"Income:BRB:3198-Överskott:{year}" for year in ("2024", "9999", "24")),
]


def booked(path: Path) -> Any:
    parsed = [parser.parse_file(str(name)) for name in (path, path.parent / "base.bean")]
    entries = [entry for read, _, _ in parsed for entry in read]
    entries, _ = booking.book(sorted(entries, key=entry_sortkey), parsed[0][2])  # type: ignore[no-untyped-call]
    return entries


@cache
def ledgers() -> list[Any]:
    """Return the ledgers of the rules that are spoilt, booked."""
    return [
        booked(path) for module in ("surplus", "provisions") for path in sorted((RULES / module).glob("[A-Z]*.bean"))
    ]


def spoilt(entry: Directive, random: Random) -> Directive:
    changes: list[Callable[[Any], Any]] = [lambda entry: entry._replace(date=random.choice(DAYS))]
    if isinstance(entry, Transaction):
        keys = {"ver": random.choice(["B 1", *JUNK]), "rattar": random.choice(["B 1", *JUNK])}
        changes += [
            lambda entry: entry._replace(meta={**entry.meta, **keys}, tags=None),
            lambda entry: entry._replace(postings=[spoilt_row(row, random) for row in entry.postings]),
            lambda entry: entry._replace(postings=entry.postings[1:]),
        ]
    elif isinstance(entry, Custom):
        key = random.choice(["overskott", "underskott", "benamning", "totalbelopp"])
        given_values = [ValueType(random.choice(JUNK), str) for _ in range(random.randint(0, 4))]
        some = [ValueType(random.choice([value.value, *JUNK]), str) for value in entry.values or ()]
        changes += [
            lambda entry: entry._replace(meta={**entry.meta, key: random.choice(JUNK)}),
            lambda entry: entry._replace(values=random.choice([None, given_values, some])),
        ]
    elif isinstance(entry, Open):
        changes.append(lambda entry: entry._replace(account=random.choice(ACCOUNTS)))
    changed: Directive = random.choice(changes)(entry)
    return changed


def spoilt_row(row: Posting, random: Random) -> Posting:
    changes = [row, row._replace(units=random.choice(UNITS)), row._replace(account=random.choice(ACCOUNTS), meta=None)]
    return random.choice(changes)


@pytest.mark.slow
@pytest.mark.parametrize("module", ["surplus", "provisions"])
@settings(max_examples=400, deadline=None, derandomize=True)
@given(random=st.randoms(use_true_random=False))
def test_nothing_in_a_ledger_raises(module: str, random: Random) -> None:
    entries = list(random.choice(ledgers()))
    for _ in range(random.randint(1, 5)):
        index = random.randrange(len(entries))
        entries[index] = spoilt(entries[index], random)
    _, errors = checked(entries, random.choice([{}, {"operating_currency": ["SEK"]}]), [module])
    assert all(error.message[0] in "SP" for error in errors)
