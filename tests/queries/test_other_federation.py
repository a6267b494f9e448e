"""Figures of a federation that is not Sjuhärad, by hand: provisions, goals, losses, undeclared units."""

import re
import shutil
from pathlib import Path

import pytest

from forbundsbok.queries.general_ledger import GeneralLedger, load
from forbundsbok.queries.statement import Period, Statement
from forbundsbok.queries.statements import StatementError, statement, statements
from tests.conftest import TINY

YEAR, BEFORE = Period(2022), Period(2021)
PRINTED = Path(__file__).parents[2] / "ledger" / "layouts"
"""The first federation's own layouts: they print a provision's schedule, and are made for no one federation's books."""
BRIDGE = """
2019-06-01 custom "provision" "BRO" Liabilities:RT:2293-Bro:BRO
  benamning: "Bidrag till bro"
  totalbelopp: 1000000.00 SEK
  prisniva: "2019 års prisnivå"
2019-12-31 custom "provision-plan" "BRO" "Grundbelopp" 1000000.00 SEK
2020-12-31 custom "provision-plan" "BRO" "Index" 10000.00 SEK
2020-12-31 custom "provision-plan" "BRO" "Utbetalning" 200000.00 SEK
2022-12-31 custom "provision-plan" "BRO" "Index" -5000.00 SEK
2020-12-31 open Liabilities:RT:2293-Bro:BRO:Grundbelopp SEK
2020-12-31 open Liabilities:RT:2293-Bro:BRO:Index SEK
2020-12-31 open Liabilities:RT:2293-Bro:BRO:Utbetalning SEK
2020-12-31 open Expenses:RT:4520-Bro:Index SEK
2020-12-31 * "Avsättning i ingående balans"
  ver: "B 2"
  Equity:RT:2010-Eget-kapital                  810000.00 SEK
  Liabilities:RT:2293-Bro:BRO:Grundbelopp    -1000000.00 SEK
  Liabilities:RT:2293-Bro:BRO:Index            -10000.00 SEK
  Liabilities:RT:2293-Bro:BRO:Utbetalning      200000.00 SEK
2022-12-31 * "Indexjustering av avsättning till bro"
  ver: "B 3"
  Liabilities:RT:2293-Bro:BRO:Index              5000.00 SEK
  Expenses:RT:4520-Bro:Index                    -5000.00 SEK
"""


def made(tmp_path: Path, text: str) -> dict[str, Statement]:
    path = tmp_path / "main.bean"
    shutil.copytree(PRINTED, tmp_path / "layouts", dirs_exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return {each.id: each for each in statements(load(path), YEAR, BEFORE) if not each.unit}


def tkr(shown: Statement, column: str = "year") -> dict[str, int]:
    return {row.label: row.figures[column].tkr for row in shown.rows if column in row.figures}


def test_an_indexed_provision_has_its_schedule_from_before_the_books(tmp_path: Path) -> None:
    shown = made(tmp_path, TINY + BRIDGE)
    schedule = next(each for name, each in shown.items() if name.endswith("-bro"))
    assert [column.label for column in schedule.columns] == ["2019 års prisnivå", "Index", "Utbetalning"]
    assert tkr(schedule, "grundbelopp") == {
        "2019": 1000, "2020": 0, "2021": 0, "2022": 0, "Summa": 1000, "Återstående skuld": 805
    }  # fmt: skip
    assert tkr(schedule, "index") == {"2019": 0, "2020": 10, "2021": 0, "2022": -5, "Summa": 5}
    assert tkr(schedule, "utbetalning") == {"2019": 0, "2020": 200, "2021": 0, "2022": 0, "Summa": 200}
    assert tkr(shown["kassaflode"])["Justering för gjorda avsättningar"] == -5


def test_a_schedule_that_does_not_come_to_what_is_left_is_not_shown(tmp_path: Path) -> None:
    late = BRIDGE.replace('2020-12-31 * "Avsättning', '2021-01-01 * "Avsättning').replace('ver: "B 2"', 'ver: "B 9"')
    shutil.copytree(PRINTED, tmp_path / "layouts")
    late = re.sub(r"^plugin .*\n", "", TINY, flags=re.MULTILINE) + late
    path = tmp_path / "main.bean"
    path.write_text(late, encoding="utf-8")
    with pytest.raises(
        StatementError, match=r"åren blir tillsammans 1 615 000,00, men Återstående skuld är 805 000,00"
    ):
        statement(load(path), "not-10-bro", YEAR, BEFORE)


def test_goals_are_met_or_not_and_only_for_whole_years(tmp_path: Path) -> None:
    text = TINY.replace('custom "goal" "eget-kapital" 1000000.00', 'custom "goal" "eget-kapital" 9000000.00')
    remarks = {row.id: row.remark for row in made(tmp_path, text)["mal"].rows}
    assert remarks == {"resultat": "uppfyllt", "eget-kapital": "ej uppfyllt"}
    part = statement(load(tmp_path / "main.bean"), "mal", Period(2022, 1, 8), None)
    assert {row.remark for row in part.rows} == {""}


def test_a_scrapped_asset_is_a_loss_without_a_price(tmp_path: Path) -> None:
    scrapped = """
2020-12-31 open Assets:RT:1218-Utrangerade-inventarier SEK
2020-12-31 open Expenses:RT:7890-Förlust-vid-utrangering SEK
2022-12-31 * "Båten utrangeras"
  ver: "M 2"
  Assets:RT:1218-Utrangerade-inventarier       -600000.00 SEK
  Assets:RT:1219-Ackumulerade-avskrivningar      45000.00 SEK
  Expenses:RT:7890-Förlust-vid-utrangering      555000.00 SEK
"""
    path = tmp_path / "main.bean"
    path.write_text(TINY + scrapped, encoding="utf-8")
    figures = tkr(statement(load(path), "kassaflode", YEAR, BEFORE))
    assert figures["Justering för realisationsförluster"] == 555
    assert figures["Försäljning av materiella anläggningstillgångar"] == 0
    assert figures["Årets kassaflöde"] == 1751


def test_income_that_no_unit_is_declared_for_is_no_result(tmp_path: Path) -> None:
    shutil.copytree(PRINTED, tmp_path / "layouts")  # it has a row for each unit's fees
    text = re.sub(r"^plugin .*\n", "", TINY, flags=re.MULTILINE) + (
        '2020-12-31 open Income:NY:3119-Medlemsavgifter:Norrby SEK\n2022-05-05 * "Avgift"\n  ver: "K 9"\n'
        "  Assets:RT:1910-Kassa-och-bank  1000.00 SEK\n  Income:NY:3119-Medlemsavgifter:Norrby\n"
    )
    path = tmp_path / "main.bean"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(StatementError, match=r"Årets resultat är .*, men Därav årets resultat i balans är"):
        statement(load(path), "resultat", YEAR, BEFORE)


@pytest.mark.slow
def test_the_laws_income_statement_of_sjuharad_comes_to_the_printed_result(sjuharad_ledger: GeneralLedger) -> None:
    by_law = statement(sjuharad_ledger, "resultat", Period(2024), Period(2023), layout="lag")
    ore = {row.label: row.figures["year"].ore for row in by_law.rows}
    assert ore["Verksamhetens resultat"] == ore["Verksamhetens nettokostnader"] + ore["Medlemsbidrag"]
    shown = tkr(by_law)
    assert (shown["Verksamhetens nettokostnader"], shown["Resultat efter finansiella poster"]) == (-38_389, 511)
    assert (shown["Extraordinära poster"], shown["Årets resultat"]) == (0, 511)
    assert {each.period.year for each in statements(sjuharad_ledger, Period(2023), Period(2024))} == {2023}
