"""`forbundsbok vat`: it shows and proves; it writes the settlement once, on a yes, and nothing else."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from forbundsbok.scripts.forbundsbok import main
from tests.queries.test_vat_return import BOOKS, REVERSED, SALE

TOLD = '2025-01-01 custom "momsruta" "Molntjänster Ltd" "21"\n'
BOUGHT = REVERSED.replace("2025-02-20", "2025-01-20")
SOLD = SALE.replace("-260.00", "-280.00").replace("1380.00", "1400.00")


@pytest.fixture
def books(tmp_path: Path) -> Path:
    path = tmp_path / "books" / "main.bean"
    path.parent.mkdir()
    path.write_text(BOOKS + TOLD + SOLD + BOUGHT, encoding="utf-8")
    return path


def run(books: Path, *args: str, answer: str = "") -> Result:
    return CliRunner().invoke(main, ["vat", *args, "--ledger", str(books)], input=answer)


def test_the_boxes_stand_beside_the_proof(books: Path) -> None:
    result = run(books, "2025-01")
    assert result.exit_code == 0, result.output
    told = {line[:2]: line.split()[-3:] for line in result.output.splitlines() if line[:2].isdigit()}
    assert told["10"][0] == "280"
    assert told["21"][0] == "800"
    assert told["49"][0] == "280"
    assert "Redovisning av moms 2025-01" in result.output


def test_it_is_written_once_on_a_yes(books: Path) -> None:
    before = books.read_bytes()
    for args, answer in ((["--dry-run"], ""), ([], "nej\n")):
        result = run(books, "2025-01", "--book", *args, answer=answer)
        assert result.exit_code == 0, result.output
        assert books.read_bytes() == before
    assert run(books, "2025-01", "--book", answer="ja\n").exit_code == 0
    after = books.read_text(encoding="utf-8")
    assert after.startswith(before.decode())
    assert after.count("Redovisning av moms 2025-01") == 1
    assert run(books, "2025-01", "--book", "--yes").exit_code == 0
    assert books.read_text(encoding="utf-8") == after


def test_with_a_tax_account_all_goes_there_and_without_one_what_is_left_is_told(books: Path) -> None:
    assert run(books, "2025-01", "--book", "--yes").exit_code == 0
    assert "är 280,00 kr kvar" in run(books, "2025-01", "--book", "--yes").output
    with books.open("a", encoding="utf-8") as file:
        file.write("2025-01-01 open Assets:RT:1630-Skattekonto SEK\n")
    written = run(books, "2025-01", "--book", "--yes").output
    assert "  Assets:RT:1630-Skattekonto         -280.00 SEK\n" in written
    assert "Momsen 2025-01 är redovisad" in run(books, "2025-01", "--book", "--yes").output


def test_a_return_that_is_not_complete_is_not_settled(books: Path) -> None:
    books.write_text(books.read_text(encoding="utf-8").replace(TOLD, ""), encoding="utf-8")
    before = books.read_bytes()
    result = run(books, "2025-01", "--book", "--yes")
    assert result.exit_code == 1
    assert "momsruta" in result.output
    assert books.read_bytes() == before


def test_as_data(books: Path) -> None:
    told = json.loads(run(books, "2025-01", "--json").output)
    assert told["boxes"] == {"05": 1120, "10": 280, "21": 800, "30": 200, "48": 200, "49": 280}
    assert told["is_complete"]
    assert run(books, "2025-01", "--json", "--book").exit_code == 2


def test_a_quarter_is_written_as_such(books: Path) -> None:
    assert run(books, "2025-Q1").output == run(books, "2025-01--03").output == run(books, "2025k1").output


@pytest.mark.parametrize("period", ["2025-02--04", "2025-01--02", "2025-01--06", "2025-01--11"])
def test_what_is_declared_for_no_such_months_is_told(books: Path, period: str) -> None:
    result = run(books, period)
    assert result.exit_code == 2
    assert "skriv en månad 2025-0" in result.output
    assert "ett kvartal 2025-Q1" in result.output


@pytest.mark.parametrize("period", ["2025-13", "mars", "2025-03--01", "2025-Q5", "2025-Q", ""])
def test_what_is_no_period_is_told(books: Path, period: str) -> None:
    assert run(books, period).exit_code == 2


def test_months_without_a_voucher_are_no_empty_return(books: Path) -> None:
    for period in ("2024-12", "2025-03", "1999-01"):
        result = run(books, period)
        assert result.exit_code == 1
        assert "2025-01-15" in result.output


def test_vat_is_not_settled_before_its_period_has_ended(books: Path) -> None:
    before = books.read_bytes()
    result = run(books, "2025-01", "--book", "--yes", "--date", "2025-01-30")
    assert result.exit_code == 2
    assert "2025-01-31" in result.output
    assert books.read_bytes() == before
