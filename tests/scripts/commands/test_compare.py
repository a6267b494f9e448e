"""Printed figures against the books."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from forbundsbok.queries.comparison import Contradiction, FigureKey, compare
from forbundsbok.scripts.forbundsbok import main

KEY = FigureKey("3.1.9", "Årets resultat", "2024")
KNOWN = {KEY: Contradiction(KEY, -1367, -1366, "tryckfel")}


@pytest.fixture
def printed(tiny: Path, tmp_path: Path) -> Path:
    """A figures.csv that agrees with the books of the tiny federation."""
    assert run("export", "--ledger", str(tiny), "--out", str(tmp_path), "--format", "csv").exit_code == 0
    return tmp_path / "figures.csv"


def run(command: str, *arguments: str) -> Result:
    return CliRunner().invoke(main, [command, *arguments, "--year", "2022"])


def test_agreeing_figures(printed: Path, tiny: Path) -> None:
    result = run("compare", str(printed), "--ledger", str(tiny))
    count = len(printed.read_text(encoding="utf-8").splitlines()) - 1
    assert (result.exit_code, result.output) == (0, f"{count} av {count} siffror stämmer\n")


def test_differing_and_missing_figures_by_statement(printed: Path, tiny: Path) -> None:
    text = printed.read_text(encoding="utf-8")
    text = text.replace(
        "resultat-UTB,Verksamhetens intäkter,,2022,145", "resultat-UTB,Verksamhetens intäkter,,2022,1145"
    )
    text = text.replace("balans,Kassa och bank,9,2022,4001\n", "")
    printed.write_text(text + "3.9,Nytt,,2022,7\n", encoding="utf-8")
    result = run("compare", str(printed), "--ledger", str(tiny))
    assert result.exit_code == 1
    count = len(text.splitlines())
    assert result.output == (
        "Resultaträkning Utbildning\n"
        "                                tryckt  böckerna\n"
        "  Verksamhetens intäkter, 2022   1 145       145\n"
        "\n"
        "Balansräkning\n"
        "                        tryckt  böckerna\n"
        "  Kassa och bank, 2022  saknas     4 001\n"
        "\n"
        "3.9\n"
        "              tryckt  böckerna\n"
        "  Nytt, 2022       7    saknas\n"
        "\n"
        f"{count - 2} av {count} siffror stämmer, 2 skiljer sig, 1 i böckerna saknas i filen\n"
    )


def test_known_contradictions_are_listed_and_pass_only_when_allowed(printed: Path, tiny: Path) -> None:
    text = printed.read_text(encoding="utf-8")
    printed.write_text(
        text.replace("resultat,Årets resultat,,2022,636", "resultat,Årets resultat,,2022,663"), encoding="utf-8"
    )
    known = printed.with_name("figures-contradictions.csv")
    known.write_text(
        "table,row,column,printed,required,reason\nresultat,Årets resultat,2022,663,636,Omkastade siffror.\n",
        encoding="utf-8",
    )
    arguments = ("compare", str(printed), "--ledger", str(tiny))
    assert run(*arguments).exit_code == 1
    result = run(*arguments, "--allow-known")
    assert result.exit_code == 0
    assert "    känd motsägelse: Omkastade siffror.\n" in result.output
    assert result.output.endswith("stämmer, 1 skiljer sig, varav 1 kända motsägelser\n")

    printed.write_text(text, encoding="utf-8")
    result = run(*arguments, "--allow-known")
    assert result.exit_code == 1
    assert "resultat Årets resultat, 2022: siffran skiljer sig inte längre" in result.output


@pytest.mark.parametrize(
    ("printed", "booked", "unknown", "stale"),
    [
        (-1367, -1366, 0, 0),
        (-1366, -1366, 0, 1),
        (-1367, -1300, 1, 1),
        (-1300, -1366, 1, 1),
        (None, -1366, 1, 1),
        (None, None, 0, 1),
    ],
)
def test_a_known_contradiction_holds_with_both_its_figures_only(
    printed: int | None, booked: int | None, unknown: int, stale: int
) -> None:
    def of(figure: int | None) -> dict[FigureKey, int]:
        return {} if figure is None else {KEY: figure}

    result = compare(of(printed), of(booked), KNOWN)
    assert (len(result.unknown), len(result.stale)) == (unknown, stale)


def test_the_annual_report_of_2024(sjuharad: Path) -> None:
    """764 of 768 figures agree; the four others contradict the rest of the report."""
    printed = str(sjuharad.parent / "printed" / "2024.csv")
    arguments = ["compare", printed, "--ledger", str(sjuharad), "--year", "2024", "--allow-known"]
    result = CliRunner().invoke(main, arguments)
    assert result.output.splitlines()[-1] == "764 av 768 siffror stämmer, 4 skiljer sig, varav 4 kända motsägelser"
    assert result.exit_code == 0
