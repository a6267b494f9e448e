"""Statements on the screen: as whole texts, of the tiny federation."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from forbundsbok.scripts.forbundsbok import main

Run = Callable[..., str]


@pytest.fixture
def show(tiny: Path) -> Run:
    """Return what `forbundsbok show` prints for the tiny federation."""

    def run(*arguments: str, color: bool = False) -> str:
        result = CliRunner().invoke(main, ["show", *arguments, "--ledger", str(tiny)], color=color)
        assert result.exit_code == 0, result.output
        return result.output

    return run


def test_income_statement(show: Run) -> None:
    assert show("resultat", "--year", "2022") == (
        "Resultaträkning total\n"
        "Tkr                                  2022    2021  Not\n"
        "  Verksamhetens intäkter               25       0    1\n"
        "  Verksamhetens kostnader          -3 760  -2 850    2\n"
        "  Avskrivningar                      -145    -100    3\n"
        "Verksamhetens nettokostnader       -3 880  -2 950\n"
        "  Medlemsbidrag                     4 515   4 451    4\n"
        "Verksamhetens resultat                635   1 501\n"
        "  Finansiella intäkter                  1       0    5\n"
        "  Finansiella kostnader                -1       0    6\n"
        "Resultat efter finansiella poster     636   1 501\n"
        "Extraordinära poster                    0       0\n"
        "Årets resultat                        636   1 501\n"
    )


def test_a_unit_in_kronor_in_another_language(show: Run) -> None:
    assert show("resultat", "--year", "2022", "--unit", "UTB", "--kr", "--language", "en") == (
        "Income statement, Utbildning\n"
        "SEK                                  2022         2021\n"
        "  Operating income             145 499.99   100 000.00\n"
        "  Operating expenses          -360 000.00  -350 000.00\n"
        "  Depreciation                       0.00         0.00\n"
        "Net operating expenses        -214 500.01  -250 000.00\n"
        "  Member contributions         214 500.01   250 000.00\n"
        "Operating result                     0.00         0.00\n"
        "  Financial income                   0.00         0.00\n"
        "  Financial expenses                 0.00         0.00\n"
        "Result after financial items         0.00         0.00\n"
        "Extraordinary items                  0.00         0.00\n"
        "Result of the year                   0.00         0.00\n"
        "\n"
        "* Including internal items of 120 tkr for 2022 and 100 tkr for 2021.\n"
    )


def test_first_months_of_a_year(show: Run) -> None:
    lines = show("resultat", "--year", "2022-01--08", "--kr").splitlines()
    assert lines[1].split() == [
        *("Kronor", "Jan–aug", "2022", "Jan–aug", "2021"),
        *("Budget", "2022", "Prognos", "2022"),
        "Not",
    ]
    # The budget is 220 000 a month: what has happened and four such months are the forecast.
    amounts = ["-2", "960", "000,00", "-2", "850", "000,00", "-2", "640", "000,00", "-3", "840", "000,00"]
    assert lines[3].split() == ["Verksamhetens", "kostnader", *amounts, "2"]


def test_without_a_year_before_there_is_no_comparative(show: Run) -> None:
    assert show("resultat", "--year", "2021").splitlines()[1].split() == ["Tkr", "2021", "Not"]


def test_without_a_name_it_says_which_there_are(show: Run) -> None:
    lines = show("--year", "2022").splitlines()
    assert lines[0] == "Uppställningar för 2022:"
    assert "  resultat --unit UTB     Resultaträkning Utbildning" in lines
    assert "  not-4                   Not 4 Medlemsbidrag" in lines


def test_sums_are_bold_on_a_terminal_and_plain_elsewhere(show: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    bold = "\x1b[1mÅrets resultat"
    assert bold in show("resultat", "--year", "2022", color=True)
    assert "\x1b" not in show("resultat", "--year", "2022")
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in show("resultat", "--year", "2022", color=True)


@pytest.mark.parametrize("name", ["balans", "BALANS", "Balansräkning"])
def test_a_statement_is_found_by_what_it_is_called_in_print(tiny: Path, name: str) -> None:
    result = CliRunner().invoke(main, ["show", name, "--unit", "rt", "--year", "2022", "--ledger", str(tiny)])
    assert result.output.startswith("Balansräkning Räddningstjänst\n")


def test_part_of_a_year_stands_beside_the_right_dates(tiny: Path) -> None:
    def head(name: str) -> str:
        shown = CliRunner().invoke(main, ["show", name, "--year", "2022-01--08", "--ledger", str(tiny)]).output
        return " ".join(" ".join(shown.splitlines()[1:2]).split())

    assert head("resultat") == "Tkr Jan–aug 2022 Jan–aug 2021 Budget 2022 Prognos 2022 Not"
    assert head("balans") == "Tkr Jan–aug 2022 2021 Not"


def test_a_month_is_a_period(show: Run) -> None:
    # Expenses:RT:6010 of September 2022 alone.
    assert "Tkr                                Sep 2022  Sep 2021" in show("resultat", "--year", "2022-09")
    assert "  Verksamhetens kostnader              -800         0    2" in show("resultat", "--year", "2022-09")


def test_budget_beside_outcome_of_a_unit(show: Run) -> None:
    shown = show("drift", "--unit", "RT", "--year", "2022")
    assert shown.startswith("Driftredovisning Räddningstjänst\n")
    assert "Utfall 2022  Budget 2022  Avvikelse budget" in shown
    own = show("resultat", "--unit", "RT", "--year", "2022", "--compare", "2021")
    result = [line.split("  ")[-2:] for line in own.splitlines() if line.startswith("Årets resultat")]
    assert result
    assert all(each.strip() in shown for each in result[0])


def test_goals_of_a_year_that_is_not_over_are_not_tried(tiny: Path, tmp_path: Path) -> None:
    until_june = tmp_path / "main.bean"
    text = tiny.read_text(encoding="utf-8")
    vouchers = [
        block
        for block in text.replace('2022-12-31 custom "bokslut" 2022\n', "").split("\n\n")
        if not "2022-07" <= block[:7] <= "2023-12"
    ]
    until_june.write_text("\n\n".join(vouchers), encoding="utf-8")
    words = ["show", "mal", "--year", "2022", "--ledger"]
    assert "uppfyllt" in CliRunner().invoke(main, [*words, str(tiny)]).output
    shown = CliRunner().invoke(main, [*words, str(until_june)]).output
    assert "2022 är inte slut: detta är vad som är bokfört till och med 2022-06." in shown
    assert "uppfyllt" not in shown


def test_books_with_errors_are_shown_only_when_that_is_said_and_are_marked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    told = ("--name", "Norr", "--first-day", "2025-01-01", "--unit", "RTJ Räddning", "--opening", "1000", "--yes")
    assert CliRunner().invoke(main, ["init", "norr", *told]).exit_code == 0
    vouchers = tmp_path / "norr" / "ledger" / "units" / "raddning" / "2025.bean"
    bought = """2025-02-01 * "Kontoret" "Papper"
  ver: "U 2"
  Expenses:RTJ:6510-Kontorsmaterial   400.00 SEK
  Assets:RTJ:1910-Bank               -{}.00 SEK
"""
    vouchers.write_text(bought.format(400), encoding="utf-8")
    show = ["show", "resultat", "--year", "2025", "--kr", "--ledger", "norr/ledger/main.bean"]
    refused = CliRunner().invoke(main, show)
    assert (refused.exit_code, "V503" in refused.stderr, refused.stdout) == (1, True, "")
    shown = CliRunner().invoke(main, [*show, "--despite-errors"])
    assert shown.exit_code == 0
    assert shown.stdout.startswith("OBS: böckerna har 1 fel. Ingen siffra är att lita på förrän det är rättat")
    assert "-400,00" in shown.stdout
    # What Beancount cannot book would be missing in the figures.
    vouchers.write_text(bought.format(300), encoding="utf-8")
    assert CliRunner().invoke(main, [*show, "--despite-errors"]).exit_code == 1
