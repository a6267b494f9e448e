"""What no account tells: registers in the statements, by hand."""

from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from forbundsbok.queries.general_ledger import GeneralLedger, load
from forbundsbok.queries.statement import Period, Statement
from forbundsbok.queries.statements import statement, statements
from forbundsbok.scripts.forbundsbok import main
from tests.conftest import TINY

LOAN = "Liabilities:RT:2350-Lån"
REGISTERS = f"""
2020-12-31 custom "pant" "Inteckning i stationen" 2000000.00 SEK
2022-06-30 custom "pant" "Inteckning i stationen" 0.00 SEK
2022-06-30 custom "pant" "Inteckning i verkstaden" 500000.00 SEK
2020-12-31 custom "ansvar" "Borgen" 300000.00 SEK
  slag: "ovriga"
2023-01-01 custom "ansvar" "Borgen" 900000.00 SEK
  slag: "ovriga"
2021-01-01 custom "leasing" "Brandbil" 2021-01-01 2029-12-31 120000.00 SEK
2021-03-01 custom "lan" "Ett" {LOAN}:Ett 3000000.00 SEK
  forfaller: 2026-12-31
  ranta: 2.00
2021-03-01 custom "lan" "Två" {LOAN}:Två 1000000.00 SEK
  forfaller: 2030-12-31
  ranta: 4.00
2021-01-01 open {LOAN}:Ett SEK
2021-01-01 open {LOAN}:Två SEK
2021-03-01 * "Två lån"
  ver: "I 2"
  Assets:RT:1910-Kassa-och-bank               4000000.00 SEK
  {LOAN}:Ett                                 -3000000.00 SEK
  {LOAN}:Två                                 -1000000.00 SEK
2020-12-31 custom "underskott" 2019 1600000.00 SEK
2020-12-31 custom "underskott" 2020 700000.00 SEK
2022-12-31 custom "balanskrav" "vinst-undantag" 5000.00 SEK
2022-12-31 custom "balanskrav" "forlust-undantag" 20000.00 SEK
"""


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("books") / "main.bean"
    path.write_text(TINY + REGISTERS, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def books(path: Path) -> GeneralLedger:
    return load(path)


def kronor(shown: Statement, column: str = "year") -> dict[str, object]:
    return {row.id: row.figures[column].kronor for row in shown.rows if column in row.figures}


def test_what_is_pledged_and_guaranteed_stands_below_the_balance_as_it_was_each_year(books: GeneralLedger) -> None:
    shown = statement(books, "balans", Period(2022), Period(2021))
    for column, pledged in (("year", 500_000), ("compare", 2_000_000)):
        figures = kronor(shown, column)
        assert (figures["panter"], figures["ansvar-pensioner"], figures["ansvar-ovriga"]) == (pledged, 0, 300_000)
    assert "panter" not in kronor(statement(books, "balans", Period(2022), None, unit="RT"))
    [note] = [each for each in statements(books, Period(2022), Period(2021)) if each.title.startswith("Panter och")]
    assert [(row.label, row.figures["year"].tkr, row.figures["compare"].tkr) for row in note.rows] == [
        ("Inteckning i verkstaden", 500, 0),
        ("Inteckning i stationen", 0, 2000),
        ("Summa panter", 500, 2000),
        ("Borgen", 300, 300),
        ("Summa övriga ansvarsförbindelser", 300, 300),
    ]


def test_leasing_is_told_by_when_it_falls_due(books: GeneralLedger) -> None:
    [note] = [each for each in statements(books, Period(2022), Period(2021)) if each.title == "Operationell leasing"]
    assert kronor(note) == {"inom-ett-ar": 120_000, "ett-till-fem-ar": 480_000, "senare": 240_000, "summa": 840_000}
    assert kronor(note, "compare")["summa"] == 960_000


def test_loans_have_their_average_terms_by_what_is_owed(books: GeneralLedger) -> None:
    [note] = [each for each in statements(books, Period(2022), None) if each.title == "Långfristiga skulder"]
    # 3 of 4 million at 2 %, four years left; 1 at 4 %, eight years.
    assert note.footnotes == ("* Genomsnittlig ränta 2,50 %, genomsnittlig återstående löptid 5,0 år.",)


def test_a_years_result_restores_deficits_the_oldest_first(books: GeneralLedger) -> None:
    before, year = (kronor(statement(books, "balanskrav", Period(each), None)) for each in (2021, 2022))
    assert before["balanskravsresultat"] == Decimal("1500500.00")
    assert (before["underskott-in"], before["aterstallt"], before["underskott-ut"]) == (2_300_000, 1_500_500, 799_500)
    assert (before["underskott-2019"], before["underskott-2020"]) == (99_500, 700_000)
    # 635 749.74 by the income statement, and what is decided of gains and losses.
    assert year["balanskravsresultat"] == Decimal("660749.74")
    assert (year["underskott-in"], year["aterstallt"]) == (799_500, Decimal("660749.74"))
    assert year["underskott-ut"] == year["underskott-2020"] == Decimal("138750.26")


def test_what_is_of_a_register_has_no_vouchers(path: Path) -> None:
    words = ["trace", "Panter", "--statement", "balans", "--year", "2022", "--ledger", str(path)]
    result = CliRunner().invoke(main, words)
    assert (result.exit_code, result.output) == (1, "Fel: siffran 500 000,00 är ingen summa av konton\n")
