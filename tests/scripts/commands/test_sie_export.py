"""`forbundsbok sie export`: what a SIE file of the books holds, and what it does not."""

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from forbundsbok.importers.sie.codec.check import check_sie, read_sie
from forbundsbok.importers.sie.codec.records import SieFile
from forbundsbok.scripts.forbundsbok import main
from tests.main_file import head

BOOKS = f"""{head("Räddningstjänsten Norra")}
2022-12-31 custom "unit" "RT" "Räddningstjänst"
  overskott: "behalls"
2022-12-31 custom "unit" "UTB" "Utbildning"
  overskott: "behalls"
2022-12-31 open Assets:RT:1790-Avräkning SEK
2022-12-31 open Assets:RT:1910-Kassa-och-bank SEK
2022-12-31 open Equity:RT:2010-Eget-kapital SEK
2022-12-31 open Assets:UTB:1790-Avräkning SEK
2022-12-31 open Income:RT:3119-Medlemsavgifter:Norrby SEK
2022-12-31 open Income:RT:3119-Medlemsavgifter:Öster SEK
  benamning: "Österby kommun"
2022-12-31 open Income:RT:3199-Övrigt:Öster SEK
  benamning: "Österdalen"
2022-12-31 open Expenses:UTB:6510-Kontorsmaterial SEK

2022-12-31 * "Ingående balanser"
  ver: "B 1"
  Assets:RT:1910-Kassa-och-bank        1000.00 SEK
  Equity:RT:2010-Eget-kapital         -1000.00 SEK

2023-05-01 * "Norrby kommun" "Avgift → 2023"
  ver: "K 1"
  Assets:RT:1910-Kassa-och-bank         500.00 SEK
  Income:RT:3119-Medlemsavgifter:Norrby

2024-02-01 * "Österby kommun" "Avgift"
  ver: "K 1"
  attest: "EC"
  Assets:RT:1910-Kassa-och-bank         300.00 SEK
  Income:RT:3119-Medlemsavgifter:Öster -200.00 SEK
  Income:RT:3199-Övrigt:Öster          -100.00 SEK

2024-03-01 * "Papper"
  ver: "U 1"
  projekt: "Kurs"
  Expenses:UTB:6510-Kontorsmaterial      80.00 SEK
  Assets:RT:1910-Kassa-och-bank         -80.00 SEK

2024-01-01 custom "budget" Income:RT:3119-Medlemsavgifter:Norrby "yearly" -100.00 SEK
"""


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    path = tmp_path / "main.bean"
    path.write_text(BOOKS, encoding="utf-8")
    return path


def export(ledger: Path, *arguments: str) -> Result:
    """Run the command."""
    out = str(ledger.parent / "out.se")
    return CliRunner().invoke(main, ["sie", "export", "--ledger", str(ledger), "--out", out, *arguments])


def exported(ledger: Path, *arguments: str) -> SieFile:
    """Return what was exported, over what was exported before, which is sound."""
    result = export(ledger, "--yes", *arguments)
    assert result.exit_code == 0, result.output
    report = check_sie(ledger.parent / "out.se")
    assert (report.errors, report.warnings, report.ksumma) == ([], [], "ok")
    return read_sie(ledger.parent / "out.se")


def amounts(file: SieFile, kind: str, year: int = 0) -> dict[str, str]:
    """Return the balances of a kind, as "account objects" or "account"."""
    return {
        " ".join([each.period, each.account, *(number for _, number in each.objects)]).strip(): str(each.amount)
        for each in file.balances
        if (each.kind, each.year) == (kind, year)
    }


def test_a_year_with_vouchers_and_the_balances_of_the_year_before(ledger: Path) -> None:
    file = exported(ledger, "--year", "2024")
    heading = file.heading
    assert (heading.type, heading.company, heading.company_type) == ("4E", "Räddningstjänsten Norra", "X")
    assert heading.years[-1] == (date(2023, 1, 1), date(2023, 12, 31))
    # The result of 2023, 500.00, is in equity when 2024 opens; clearing is nowhere.
    assert amounts(file, "IB") == amounts(file, "UB", -1) == {"1910": "1500.00", "2010": "-1500.00"}
    assert amounts(file, "UB") == {"1910": "1720.00", "2010": "-1500.00"}
    assert amounts(file, "RES") == {"3119": "-200.00", "3199": "-100.00", "6510": "80.00"}
    assert amounts(file, "RES", -1) == {"3119": "-500.00"}
    assert amounts(file, "OIB") == {"1910 RT": "1500.00", "2010 RT": "-1500.00"}
    assert amounts(file, "OUB")["6510 Kurs"] == amounts(file, "OUB")["6510 UTB"] == "80.00"
    assert "1790" not in file.accounts
    first, second = file.vouchers
    assert (first.series, first.number, first.text, first.sign) == ("K", "1", "Österby kommun | Avgift", "EC")
    assert [(row.account, row.objects) for row in second.rows] == [
        ("6510", (("1", "UTB"), ("6", "Kurs"))),
        ("1910", (("1", "RT"), ("6", "Kurs"))),
    ]


def test_details_that_print_differently_are_objects_of_their_own(ledger: Path) -> None:
    file = exported(ledger, "--year", "2024")
    assert {key: each.name for key, each in file.objects.items() if key[0] == "20"} == {
        ("20", "Norrby"): "Norrby",
        ("20", "Öster"): "Österby kommun",
        ("20", "3199:Öster"): "Österdalen",
    }
    assert [row.objects for row in file.vouchers[0].rows[1:]] == [
        (("1", "RT"), ("20", "Öster")),
        (("1", "RT"), ("20", "3199:Öster")),
    ]


def test_a_budget_by_month_sums_to_the_year(ledger: Path) -> None:
    budget = amounts(exported(ledger, "--year", "2024"), "PBUDGET")
    assert (budget["202401 3119"], budget["202402 3119"], budget["202403 3119"]) == ("-8.33", "-8.34", "-8.33")
    assert budget["202402 3119 RT Norrby"] == "-8.34"
    assert len(budget) == 24


@pytest.mark.parametrize(
    ("kind", "kinds", "vouchers", "objects"),
    [
        ("1", {"IB", "UB", "RES"}, 0, False),
        ("2", {"IB", "UB", "RES", "PSALDO", "PBUDGET"}, 0, False),
        ("3", {"IB", "UB", "RES", "OIB", "OUB", "PSALDO", "PBUDGET"}, 0, True),
        ("4", {"IB", "UB", "RES", "OIB", "OUB", "PSALDO", "PBUDGET"}, 2, True),
        ("4i", set(), 2, True),
    ],
)
def test_each_type_holds_what_it_should(ledger: Path, kind: str, kinds: set[str], vouchers: int, objects: bool) -> None:
    file = exported(ledger, "--year", "2024", "--type", kind)
    assert file.heading.type == {"4": "4E", "4i": "4I"}.get(kind, kind)
    assert {each.kind for each in file.balances} == kinds
    assert len(file.vouchers) == vouchers
    assert bool(file.objects) == bool(file.dimensions) == objects
    assert any(each.objects for each in file.balances) == ({"OIB"} <= kinds)


def test_what_the_format_cannot_write_is_replaced_and_listed(ledger: Path) -> None:
    result = export(ledger, "--year", "2023")
    assert "'→' (U+2192) skrivs" in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert result.stdout.endswith("out.se: konton: 5, verifikationer: 1, rader: 2\n")


def test_a_broken_year(ledger: Path) -> None:
    file = exported(ledger, "--from", "2023-07-01", "--to", "2024-06-30")
    assert file.heading.years == {
        0: (date(2023, 7, 1), date(2024, 6, 30)),
        -1: (date(2022, 7, 1), date(2023, 6, 30)),
    }
    assert amounts(file, "IB") == {"1910": "1500.00", "2010": "-1500.00"}
    assert len(file.vouchers) == 2


def test_the_organisation_number_stands_in_the_books(ledger: Path) -> None:
    stated = '\n2023-12-31 custom "organisationsnummer" "2220009993"\n'
    ledger.write_text(BOOKS + stated, encoding="utf-8")
    assert exported(ledger, "--year", "2024").heading.org_number == "222000-9993"


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--from", "2024-01-01"),
        ("--year", "2024", "--to", "2024-12-31"),
        ("--from", "2024-06-30", "--to", "2024-01-01"),
    ],
)
def test_a_year_must_be_told(ledger: Path, arguments: tuple[str, ...]) -> None:
    assert export(ledger, *arguments).exit_code == 2
    assert not (ledger.parent / "out.se").exists()


def test_a_ledger_with_errors_is_not_exported(ledger: Path) -> None:
    ledger.write_text(BOOKS.replace('ver: "U 1"', 'ver: "U 2"'), encoding="utf-8")
    result = export(ledger, "--year", "2024")
    assert (result.exit_code, "V503" in result.stderr) == (1, True)
    assert not (ledger.parent / "out.se").exists()


def test_what_was_exported_begins_new_books(ledger: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "out.se", tmp_path / "new" / "main.bean"
    second.parent.mkdir()
    for year in ("2023", "2024"):
        assert export(ledger, "--year", year, "--yes").exit_code == 0
        result = CliRunner().invoke(main, ["import", str(first), "--ledger", str(second)])
        assert result.exit_code == 0, result.output
        before = amounts(read_sie(first), "OUB")
        assert amounts(exported(second, "--year", year), "OUB") == before


def test_a_year_that_the_books_do_not_have_is_an_error(ledger: Path) -> None:
    result = export(ledger, "--year", "2030")
    assert result.exit_code == 1
    assert "inga verifikationer från 2030-01-01 till 2030-12-31; de har åren 2022, 2023, 2024" in result.output
    assert not (ledger.parent / "out.se").exists()


def test_a_file_that_is_there_is_written_over_on_a_yes_only(ledger: Path) -> None:
    out = ledger.parent / "out.se"
    out.write_bytes(b"mitt")
    result = export(ledger, "--year", "2024")
    assert (result.exit_code, out.read_bytes()) == (1, b"mitt")
    assert f"{out} finns redan. Skriva över den?" in result.output
    assert export(ledger, "--year", "2024", "--yes").exit_code == 0
    assert out.read_bytes().startswith(b"#FLAGGA")


def test_a_folder_that_is_missing_is_named(ledger: Path) -> None:
    missing = ledger.parent / "saknas"
    words = ["sie", "export", "--ledger", str(ledger), "--year", "2024", "--out", str(missing / "out.se")]
    result = CliRunner().invoke(main, words)
    assert (result.exit_code, result.output) == (1, f"Fel: {missing}: Filen eller mappen finns inte\n")
