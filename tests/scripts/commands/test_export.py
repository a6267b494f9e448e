"""Statements in files."""

import csv
import json
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from forbundsbok.scripts.forbundsbok import main
from forbundsbok.scripts.store.files import write_atomically


def export(ledger: Path, out: Path, year: str, *arguments: str) -> None:
    result = CliRunner().invoke(
        main, ["export", "--ledger", str(ledger), "--year", year, "--out", str(out), *arguments]
    )
    assert result.exit_code == 0, result.output


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def exported(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all exports of the tiny federation."""
    out = tmp_path_factory.mktemp("out") / "made" / "here"
    export(tiny, out, "2022")
    return out


def test_figures_are_rounded_and_signed_as_printed(exported: Path) -> None:
    figures = {(row["table"], row["row"], row["column"]): row for row in read(exported / "figures.csv")}
    assert list(next(iter(figures.values()))) == ["table", "row", "note", "column", "tkr"]
    costs = figures["resultat", "Verksamhetens kostnader", "2022"]
    assert (costs["tkr"], costs["note"]) == ("-3760", "2")
    assert figures["resultat", "Medlemsbidrag", "2021"]["tkr"] == "4451"
    assert figures["resultat-UTB", "Årets resultat", "2022"]["tkr"] == "0"
    assert figures["investering", "Båt och trailer, RT", "avvikelse"]["tkr"] == "50"


def test_each_statement_has_a_file_in_kronor(exported: Path) -> None:
    rows = {row["row"]: row for row in read(exported / "resultat.csv")}
    assert rows["Verksamhetens kostnader"] == {
        "row": "Verksamhetens kostnader",
        "note": "2",
        "2022": "-3760250.25",
        "2021": "-2850000.00",
    }
    assert {"balans.csv", "resultat-RT.csv", "resultat-UTB.csv", "not-4.csv"} <= {
        path.name for path in exported.iterdir()
    }


def test_json_says_what_each_figure_is_made_of(exported: Path) -> None:
    made = json.loads((exported / "figures.json").read_text(encoding="utf-8"))["statements"]
    figures = {
        (statement["id"], statement["unit"], row["row"], figure["column"]): figure
        for statement in made
        for row in statement["rows"]
        for figure in row["figures"]
    }
    assert figures["resultat", "UTB", "Verksamhetens intäkter", "2022"] == {
        "column": "2022",
        "address": "2022/resultat-UTB/verksamhetens-intakter/year",
        "tkr": 145,
        "kronor": "145499.99",
        "sums": [
            {
                "measure": "movement",
                "first": "2022-01-01",
                "last": "2022-12-31",
                "sign": -1,
                "accounts": ["Income:UTB:3010-Försäljning", "Income:UTB:3610-Interna-kurser"],
            }
        ],
    }
    assert figures["balans", "", "Kassa och bank", "2022"]["sums"][0]["at"] == "2022-12-31"
    assert figures["investering", "", "Båt och trailer, RT", "utfall 2022"]["sums"][0]["flow"] == ["forvarv"]
    assert all(Decimal(figure["kronor"]).as_tuple().exponent == -2 for figure in figures.values())


def test_texts_are_what_show_prints(exported: Path, tiny: Path) -> None:
    shown = CliRunner().invoke(main, ["show", "balans", "--year", "2022", "--ledger", str(tiny)])
    assert (exported / "balans.txt").read_text(encoding="utf-8") == shown.output


def test_only_the_formats_asked_for_are_written_and_always_the_same(tiny: Path, tmp_path: Path) -> None:
    contents = []
    for name in ("first", "second"):
        export(tiny, tmp_path / name, "2022", "--format", "json", "--format", "json")
        assert [path.name for path in (tmp_path / name).iterdir()] == ["figures.json"]
        contents.append((tmp_path / name / "figures.json").read_bytes())
    assert contents[0] == contents[1]


def test_the_annual_report_of_2024_has_exactly_its_printed_figures(sjuharad: Path, tmp_path: Path) -> None:
    def keys(path: Path) -> list[tuple[str, ...]]:
        return sorted((row["table"], row["row"], row["note"], row["column"]) for row in read(path))

    export(sjuharad, tmp_path, "2024", "--format", "csv")
    assert keys(tmp_path / "figures.csv") == keys(sjuharad.parent / "printed" / "2024.csv")


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "figures.csv"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(UnicodeEncodeError):
        write_atomically(path, "new \udc80")
    assert [(found.name, found.read_text(encoding="utf-8")) for found in tmp_path.iterdir()] == [("figures.csv", "old")]
    write_atomically(path, "ny å")
    assert [(found.name, found.read_text(encoding="utf-8")) for found in tmp_path.iterdir()] == [
        ("figures.csv", "ny å")
    ]


def test_csv_in_swedish_form_opens_in_a_swedish_spreadsheet(tiny: Path, tmp_path: Path) -> None:
    export(tiny, tmp_path, "2022", "--format", "csv", "--csv-form", "svensk")
    content = (tmp_path / "resultat.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    lines = content.decode("utf-8-sig").split("\n")
    assert lines[0] == "row;note;2022;2021"
    assert "Verksamhetens kostnader;2;-3760250,25;-2850000,00" in lines


def test_what_is_there_is_not_written_over_unasked(tiny: Path, tmp_path: Path) -> None:
    words = ["export", "--ledger", str(tiny), "--year", "2022", "--out", str(tmp_path), "--format", "csv"]
    (tmp_path / "figures.csv").write_text("mitt\n", encoding="utf-8")
    for answer in (None, "n\n", "\n"):
        result = CliRunner().invoke(main, words, input=answer)
        assert result.exit_code == 1
        assert "figures.csv finns redan. Skriva över den? [j/N]" in result.output
        assert [(path.name, path.read_text(encoding="utf-8")) for path in tmp_path.iterdir()] == [
            ("figures.csv", "mitt\n")
        ]
    assert CliRunner().invoke(main, words, input="j\n").exit_code == 0
    assert (tmp_path / "figures.csv").read_text(encoding="utf-8").startswith("table,row")
    # The same once more asks nothing.
    assert "finns redan" not in CliRunner().invoke(main, words).output
    (tmp_path / "figures.csv").write_text("mitt\n", encoding="utf-8")
    assert CliRunner().invoke(main, [*words, "--yes"]).exit_code == 0
    assert (tmp_path / "figures.csv").read_text(encoding="utf-8").startswith("table,row")
