"""What no account tells: registers in the statements, by hand."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from forbundsbok.queries.comparison import figures_of
from forbundsbok.queries.general_ledger import GeneralLedger, load
from forbundsbok.queries.report import report
from forbundsbok.queries.statement import Period, Statement
from forbundsbok.queries.statements import statement, statements
from forbundsbok.scripts.forbundsbok import main
from forbundsbok.scripts.render.csv import kronor_csv
from forbundsbok.scripts.render.json import json_files
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
        assert (figures["panter"], figures["ansvar-ovriga"]) == (pledged, 300_000)
        assert "ansvar-pensioner" not in figures
    assert "panter" not in kronor(statement(books, "balans", Period(2022), None, unit="RT"))
    [note] = [each for each in statements(books, Period(2022), Period(2021)) if each.title.startswith("Panter och")]
    assert [(row.label, row.figures["year"].tkr, row.figures["compare"].tkr) for row in note.rows] == [
        ("Inteckning i verkstaden", 500, 0),
        ("Inteckning i stationen", 0, 2000),
        ("Summa panter och därmed jämförliga säkerheter", 500, 2000),
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
    assert terms(note) == {"lan-ranta": {"year": "2,50 %"}, "lan-loptid": {"year": "5,00 år"}}


def terms(note: Statement) -> dict[str, dict[str, str]]:
    return {row.id: row.texts for row in note.rows if any(row.texts.values())}


def test_a_loan_without_terms_is_named_and_not_guessed(tmp_path: Path) -> None:
    path = tmp_path / "main.bean"
    path.write_text(TINY + REGISTERS.replace("\n  ranta: 4.00", ""), encoding="utf-8")
    [note] = [each for each in statements(load(path), Period(2022), None) if each.title == "Långfristiga skulder"]
    assert terms(note)["lan-ranta"] == {"year": "villkor saknas: Två"}


def test_a_years_result_restores_deficits_the_oldest_first(books: GeneralLedger) -> None:
    before, year = (kronor(statement(books, "balanskrav", Period(each), None)) for each in (2021, 2022))
    assert before["balanskravsresultat"] == Decimal("1500500.00")
    assert (before["underskott-in"], before["aterstallt"], before["underskott-ut"]) == (2_300_000, 1_500_500, 799_500)
    assert (before["underskott-2019"], before["underskott-2020"]) == (99_500, 700_000)
    # 635 749.74 by the income statement, and what is decided of gains and losses.
    assert year["balanskravsresultat"] == Decimal("660749.74")
    assert (year["underskott-in"], year["aterstallt"]) == (799_500, Decimal("660749.74"))
    assert year["underskott-ut"] == year["underskott-2020"] == Decimal("138750.26")


def traced(path: Path, row: str, name: str) -> list[str]:
    words = ["trace", row, "--statement", name, "--year", "2022", "--ledger", str(path)]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, result.output
    return [" ".join(line.split()) for line in result.output.splitlines() if line.startswith("    ")]


def test_what_is_of_a_register_is_traced_to_its_directives(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    at = lines.index('2022-06-30 custom "pant" "Inteckning i verkstaden" 500000.00 SEK') + 1
    assert traced(path, "Panter", "balans") == [f"2022-06-30 pant Inteckning i verkstaden 500 000,00 {path}:{at}"]


def test_what_is_left_of_a_deficit_is_traced_to_what_it_was_and_what_restored_it(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    at = lines.index('2020-12-31 custom "underskott" 2020 700000.00 SEK') + 1
    assert traced(path, "Återstår av underskott 2020", "balanskrav") == [
        f"2020-12-31 underskott 2020 700 000,00 {path}:{at}",
        "2022-12-31 återställt av 2022 -561 249,74",
    ]


def test_what_registers_tell_is_exported(books: GeneralLedger) -> None:
    made = report(books, Period(2022), None)
    [balance] = [
        each
        for each in json.loads(json_files(made)["figures.json"])["statements"]
        if each["id"] == "balans" and not each["unit"]
    ]
    [row] = [each for each in balance["rows"] if each["id"] == "panter"]
    assert row["figures"][0]["told"] == [
        {"date": "2022-06-30", "text": "pant Inteckning i verkstaden", "kronor": "500000.00"}
    ]
    [note] = [each for each in made.statements if each.title == "Långfristiga skulder"]
    assert 'Genomsnittlig ränta på lånen,,"2,50 %"' in kronor_csv(note)
    assert ("balans", "Panter och därmed jämförliga säkerheter", "2022") in {
        each.key for each in figures_of(made.statements)
    }


def test_books_without_registers_show_no_row_of_them(tmp_path: Path) -> None:
    path = tmp_path / "main.bean"
    path.write_text(TINY, encoding="utf-8")
    made = statements(load(path), Period(2022), Period(2021))
    rows = {row.id for each in made for row in each.rows}
    assert not rows & {"panter", "ansvar-pensioner", "ansvar-ovriga", "underskott-ut", "lan-ranta", "synnerliga-skal"}
    assert not [each for each in made if each.title in {"Operationell leasing", "Panter och ansvarsförbindelser"}]
