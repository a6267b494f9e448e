"""`forbundsbok payroll`: it shows, tells by its exit status what does not agree, and writes nothing."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from forbundsbok.scripts.forbundsbok import main
from tests.main_file import head

BOOKS = f"""{head("Räddningstjänsten Norra")}
2024-12-31 custom "unit" "RT" "Räddningstjänst"
  overskott: "behalls"
2024-12-31 custom "attest" "CHEF" "RT" 500000.00 SEK
2024-12-31 open Assets:RT:1910-Kassa-och-bank SEK
2024-12-31 open Equity:RT:2010-Eget-kapital SEK
2024-12-31 open Liabilities:RT:2710-Preliminärskatt SEK
2024-12-31 open Liabilities:RT:2730-Arbetsgivaravgift SEK
2024-12-31 open Expenses:RT:5010-Löner SEK
2024-12-31 open Expenses:RT:5610-Arbetsgivaravgifter SEK
2024-12-31 * "Ingående balanser"
  ver: "B 1"
  Assets:RT:1910-Kassa-och-bank   300000.00 SEK
  Equity:RT:2010-Eget-kapital    -300000.00 SEK
2025-02-25 * "Löner februari"
  ver: "P 1"
  attest: "CHEF"
  Expenses:RT:5010-Löner                    100000.00 SEK
  Expenses:RT:5610-Arbetsgivaravgifter       31420.00 SEK
  Liabilities:RT:2710-Preliminärskatt       -25000.00 SEK
  Liabilities:RT:2730-Arbetsgivaravgift     -31420.00 SEK
  Assets:RT:1910-Kassa-och-bank             -75000.00 SEK
"""


@pytest.fixture
def books(tmp_path: Path) -> Path:
    path = tmp_path / "main.bean"
    path.write_text(BOOKS, encoding="utf-8")
    return path


def run(books: Path, *args: str) -> Result:
    return CliRunner().invoke(main, ["payroll", *args, "--ledger", str(books)])


def test_pay_that_is_paid_out_at_once_is_declared(books: Path) -> None:
    told = json.loads(run(books, "2025-02", "--json").output)
    assert told["boxes"] == {"011": 100000, "497": 25000, "487": 31420}
    assert told["units"][0]["percent"] == "31.42"


def test_sick_pay_is_what_the_books_say(books: Path) -> None:
    said = '2024-12-31 custom "kontoslag" "5010" "sjukloner"\n'
    books.write_text(BOOKS + said, encoding="utf-8")
    assert json.loads(run(books, "2025-02", "--json").output)["boxes"]["499"] == 100000


def test_what_does_not_agree_has_a_cross_and_an_exit_status(books: Path, tmp_path: Path) -> None:
    before = books.read_bytes()
    path = tmp_path / "konto.csv"
    path.write_text("2025-03-12;Avdragen skatt februari 2025;-25000\n", encoding="utf-8")
    assert run(books, "2025-02", "--tax-account", str(path)).exit_code == 0
    path.write_text("2025-03-12;Avdragen skatt februari 2025;-52000\n", encoding="utf-8")
    result = run(books, "2025-02", "--tax-account", str(path))
    assert result.exit_code == 1
    assert [line for line in result.output.splitlines() if line.startswith("x ") and "25 000,00" in line]
    assert books.read_bytes() == before


@pytest.mark.parametrize("period", ["2025", "2025-01--02", "februari"])
def test_it_is_of_one_month(books: Path, period: str) -> None:
    assert run(books, period).exit_code == 2


def test_a_file_that_is_not_there(books: Path, tmp_path: Path) -> None:
    assert run(books, "2025-02", "--tax-account", str(tmp_path / "saknas.csv")).exit_code == 1


def test_a_month_without_a_voucher_is_no_empty_declaration(books: Path) -> None:
    result = run(books, "2025-03")
    assert result.exit_code == 1
    assert "2025-02-25" in result.output
