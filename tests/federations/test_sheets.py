"""The answer sheets hold together, and agree with the vouchers that were written beside them."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from tests.federations.bildat import bildat
from tests.federations.drawn import drawn
from tests.federations.events import Federation
from tests.federations.raddning import raddning
from tests.federations.sheet import NOTHING
from tests.federations.skola import skola
from tests.federations.vatten import vatten

MADE: list[Callable[[], Federation]] = [raddning, skola, bildat, vatten]
DRAWN = range(40)
# The notes that end with what stands on a line of the balance.
LINES = {
    "immateriella": "immateriella",
    "mark-och-byggnader": "mark-och-byggnader",
    "maskiner": "maskiner",
    "pagaende": "ovriga-materiella",
    "finansiella": "finansiella",
}


@pytest.mark.parametrize("made", MADE)
def test_a_sheet_holds_together(made: Callable[[], Federation]) -> None:
    _holds_together(made())


@pytest.mark.parametrize("number", DRAWN)
def test_a_drawn_sheet_holds_together(number: int) -> None:
    _holds_together(drawn(number))


def test_the_same_number_draws_the_same_books() -> None:
    assert drawn(3).text() == drawn(3).text() != drawn(4).text()


def test_the_sheets_have_what_a_federation_may_have() -> None:
    """No row of the cash flow, of the result or of the balance is nothing in all the books."""
    seen: dict[tuple[str, str], bool] = {}
    for made in MADE:
        for line in made().sheet.lines():
            key = line.table, line.row
            seen[key] = seen.get(key, False) or line.amount != 0
    never = {row for (table, row), some in seen.items() if not some and not table.startswith(("drift", "resultat-"))}
    assert never == set()


def test_the_cash_flow_of_the_rescue_service_is_what_one_counts_by_hand() -> None:
    """Land is bought and sold in a year, plant bought on credit, a car sold above its worth, a loan partly short."""
    sheet = raddning().sheet
    first, second, third = (sheet.cash_flow(year) for year in sheet.years)
    assert first["forvarv-materiella"] == -300_000 - 1_800_000
    assert first["forsaljning-materiella"] == 450_000 + 380_000
    assert first["realisationsvinster"] == -150_000 - (380_000 - (1_440_000 - 92 * 12_000))
    assert first["forvarv-immateriella"] == -900_000
    assert first["forvarv-finansiella"] == -300_000 - 500_000
    assert first["nya-lan"] == 6_000_000
    assert first["amortering"] == -800_000
    assert second["forvarv-materiella"] == -2_400_000 - 1_500_000 - 5_400_000
    assert second["forsaljning-materiella"] == 100_000
    assert second["investeringsbidrag"] == 1_140_000
    assert second["kapitaltillskott"] == 500_000
    assert second["utbetalning-av-avsattningar"] == -360_000 - 250_000
    assert third["forvarv-materiella"] == -720_000 - 60_000
    assert third["forsaljning-materiella"] == 0
    assert third["amortering"] == -800_000 - 300_000 - 1_000_000
    assert [sheet.overdraft(year) for year in sheet.years] == [0, 40_000, 0]


def _holds_together(books: Federation) -> None:
    sheet = books.sheet
    for year in sheet.years:
        balance, flow = sheet.balance(year), sheet.cash_flow(year)
        assert balance["tillgangar"] == balance["eget-kapital-avsattningar-och-skulder"]
        assert flow["arets-kassaflode"] == flow["likvida-medel-ut"] - flow["likvida-medel-in"]
        assert flow["likvida-medel-ut"] == balance["kassa-och-bank"] - sheet.overdraft(year)
        units = [amount for row, amount in sheet.units(year).items() if row.endswith("netto")]
        assert sum(units, NOTHING) == sheet.result_of(year)
        assert _written(books, year, "Income", "Expenses") == -sheet.result_of(year)
        assert _banked(books, year) == flow["arets-kassaflode"]
        notes = {(line.table, line.row): line.amount for line in sheet.notes(year)}
        for note, row in LINES.items():
            ends = [
                amount for (table, name), amount in notes.items() if table == f"not-{note}" and name.endswith(" ut")
            ]
            assert sum(ends, NOTHING) == balance[row], note
        for line in ("fordringar", "kortfristiga-skulder"):
            kinds = (amount for (table, _), amount in notes.items() if table == f"not-{line}")
            assert sum(kinds, NOTHING) == balance[line]
        for (table, row), amount in notes.items():
            if row.endswith(" ut") and not row.startswith("totalt"):
                block = row.removesuffix("ut")
                parts = (part for (of, name), part in notes.items() if of == table and name.startswith(block))
                assert sum(parts, -amount) == amount


def _written(books: Federation, year: int, *roots: str) -> Decimal:
    rows = (row for voucher in books.vouchers if voucher.day.year == year for row in voucher.rows)
    return sum((amount for account, amount in rows if account.startswith(roots)), NOTHING)


def _banked(books: Federation, year: int) -> Decimal:
    banks = {books.bank(unit) for unit in books.units}
    rows = (
        row
        for voucher in books.vouchers
        if voucher.day.year == year and voucher.day > books.opening
        for row in voucher.rows
    )
    return sum((amount for account, amount in rows if account in banks), NOTHING)
