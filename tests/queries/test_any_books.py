"""Whatever is booked, if debit equals credit, the statements prove themselves and agree with each other."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forbundsbok.plugins.units import KEPT, Unit
from forbundsbok.queries.flows import FlowLine
from forbundsbok.queries.general_ledger import GeneralLedger, chart_of, movements_of
from forbundsbok.queries.statement import Figure, Measure, Period, PostingLine, Statement
from forbundsbok.queries.statements import statement, statements

pytestmark = pytest.mark.slow

UNITS = ("RT", "UTB")
ACCOUNTS = [
    f"{root}:{unit}:{name}"
    for unit in UNITS
    for root, name in (
        ("Assets", "1210-Inventarier"),
        ("Assets", "1410-Förråd"),
        ("Assets", "1510-Kundfordringar"),
        ("Assets", "1910-Bank"),
        ("Liabilities", "2350-Lån"),
        ("Liabilities", "2510-Leverantörer"),
        ("Liabilities", "2910-Semesterlöner"),
        ("Income", "3010-Försäljning"),
        ("Income", "3119-Avgifter:Norrby"),
        ("Income", "3510-Statsbidrag"),
        ("Income", "3610-Internt"),
        ("Expenses", "5010-Löner"),
        ("Expenses", "7610-Internt"),
        ("Income", "8410-Ränta"),
        ("Expenses", "8810-Extraordinärt"),
    )
]
CLEARING = {unit: f"Assets:{unit}:1790-Avräkning" for unit in UNITS}
CHART = chart_of((account, None, None, None, "Internt" in account) for account in [*ACCOUNTS, *CLEARING.values()])
EVENTS = {"1210": "forvarv", "2350": "lan-nytt"}
"""Of what happens to these accounts each posting has an event, and whichever it is stands on some row."""
EXTERNAL = [account for account in ACCOUNTS if "Internt" not in account]


@dataclass(frozen=True)
class Voucher:
    debit: str
    credit: str
    year: int
    month: int
    ore: int


vouchers = st.builds(
    Voucher,
    debit=st.sampled_from(EXTERNAL),
    credit=st.sampled_from(EXTERNAL),
    year=st.sampled_from([2021, 2022]),
    month=st.integers(1, 12),
    ore=st.integers(-(10**12), 10**12),
)
sales = st.builds(
    Voucher,
    debit=st.just("Expenses:RT:7610-Internt"),
    credit=st.just("Income:UTB:3610-Internt"),
    year=st.sampled_from([2021, 2022]),
    month=st.integers(1, 12),
    ore=st.integers(1, 10**9),
)


def books_of(booked: list[Voucher]) -> GeneralLedger:
    # Each year has some income, so that both can be asked for.
    booked = [
        Voucher("Assets:RT:1910-Bank", "Income:RT:3010-Försäljning", year, 1, 1) for year in (2021, 2022)
    ] + booked
    months = []
    for voucher in booked:
        months += [(voucher.debit, voucher.year, voucher.month, voucher.ore)]
        months += [(voucher.credit, voucher.year, voucher.month, -voucher.ore)]
        buyer, seller = (account.split(":")[1] for account in (voucher.debit, voucher.credit))
        months += [(CLEARING[buyer], voucher.year, voucher.month, -voucher.ore)]
        months += [(CLEARING[seller], voucher.year, voucher.month, voucher.ore)]
    units = {code: Unit(code, code, KEPT, {}) for code in UNITS}
    flows = [
        FlowLine(
            EVENTS[number], PostingLine(date(year, month, 1), "", "", "", account, Decimal(ore).scaleb(-2), "", at)
        )
        for at, (account, year, month, ore) in enumerate(months)
        if (number := account.split(":")[2][:4]) in EVENTS
    ]
    return GeneralLedger(CHART, movements_of(months), units, [], {}, [], flow_lines=lambda: flows)


def figure(made: Statement, row_id: str, column: str = "year") -> Figure:
    return next(row for row in made.rows if row.id == row_id).figures[column]


@settings(max_examples=60, deadline=None)
@given(st.lists(vouchers | sales, max_size=30), st.integers(1, 12))
def test_balanced_books_give_proven_statements_that_agree(booked: list[Voucher], last_month: int) -> None:
    books = books_of(booked)
    period, before = Period(2022, 1, last_month), Period(2021, 1, last_month)
    made = {each.id: each for each in statements(books, period, before) if not each.unit}

    results = [figure(statement(books, "resultat", period, before, unit), "arets-resultat") for unit in UNITS]
    total = figure(made["resultat"], "arets-resultat")
    assert total.ore == sum(result.ore for result in results)
    assert total.ore == figure(made["drift"], "arets-resultat").ore
    cash = figure(made["kassaflode"], "likvida-medel-ut").ore - figure(made["kassaflode"], "likvida-medel-in").ore
    assert figure(made["kassaflode"], "arets-kassaflode").ore == cash
    assert total.ore == figure(made["balans"], "arets-resultat").ore

    # A figure's sums say what it is made of: added up again from the movements, they give it, with what registers tell.
    moved = list(zip(books.movements.account, books.movements.month, books.movements.ore, strict=True))
    for each in made.values():
        for row in each.rows:
            for shown in row.figures.values():
                told = sum(said.ore for said in shown.told)
                assert shown.ore == sum(_recounted(books, moved, shown)) + told, (each.id, row.label)

    # These registers are empty: a deficit to restore is that of a year of the books, and nothing else.
    of = made["balanskrav"]
    left = -figure(statement(books, "balanskrav", Period(2021), None), "balanskravsresultat").ore
    assert sum(row.figures["year"].ore for row in of.rows if row.id == "underskott-in") == max(0, left)


def _recounted(books: GeneralLedger, moved: list[tuple[str, int, int]], shown: Figure) -> list[int]:
    amounts = []
    for part in shown.sums:
        first, last = (part.period.year * 12 + month - 1 for month in (part.period.first_month, part.period.last_month))
        low = first if part.measure in (Measure.MOVEMENT, Measure.SCHEDULE) else 0
        low = part.period.year * 12 if part.measure is Measure.YEAR else low
        high = first - 1 if part.measure is Measure.OPENING else last
        high = part.period.year * 12 - 1 if part.measure is Measure.EARLIER else high
        if part.flow:
            lines = (line for flow, line in books.flow_lines() if flow in part.flow and line.account in part.accounts)
            told = sum(int(line.amount.scaleb(2)) for line in lines if part.first <= line.date <= part.last)
            if "handelser" not in part.flow and "ovrigt" not in part.flow:
                amounts.append(part.sign * told)
                continue
        took = sum(int(ore) for account, month, ore in moved if account in part.accounts and low <= month <= high)
        amounts.append(0 if part.measure is Measure.BUDGET else part.sign * took)
    return amounts


@given(st.integers(-(10**15), 10**15))
def test_kronor_are_the_exact_amount(ore: int) -> None:
    assert Figure(ore).kronor * 100 == Decimal(ore)
