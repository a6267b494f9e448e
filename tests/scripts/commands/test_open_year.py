"""`forbundsbok open-year`: what it writes is what was written by hand, once, and nothing where it may not be."""

import shutil
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter  # type: ignore[import-untyped]
from beancount.core import data
from beancount.parser import parser
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from forbundsbok.importers.budget import amount_of
from forbundsbok.plugins.budget import read_budgets
from forbundsbok.plugins.clearing import without_clearing
from forbundsbok.plugins.loading import load_ledger
from forbundsbok.scripts.forbundsbok import main
from tests.main_file import head
from tests.unchanged import read_once

BY_HAND = Path(__file__).parents[2] / "mistakes" / "2025"

BOOKS = f"""{head("Räddningstjänsten Norra")}
2024-12-31 custom "unit" "RT" "Räddningstjänst"
  overskott: "overfors"
2024-12-31 custom "attest" "CHEF" "RT" 500000.00 SEK
2024-12-31 open Assets:RT:1710-Interimsfordringar SEK
2024-12-31 open Assets:RT:1910-Kassa-och-bank SEK
2024-12-31 open Equity:RT:2010-Eget-kapital SEK
2025-01-01 open Liabilities:RT:2998-Överskott:2025 SEK
  benamning: "Överskott 2025"
2025-01-01 open Income:RT:3198-Överskott:2025 SEK
  benamning: "Överskott 2025"
2024-12-31 open Income:RT:3119-Medlemsavgifter:Norrby SEK
2024-12-31 open Expenses:RT:6020-Lokalhyror SEK

2024-12-31 * "Ingående balanser"
  ver: "B 1"
  Assets:RT:1910-Kassa-och-bank   100000.00 SEK
  Equity:RT:2010-Eget-kapital    -100000.00 SEK

2025-01-01 custom "budget" Expenses:RT:6020-Lokalhyror "yearly" 120000.00 SEK
2025-01-01 custom "budget" Income:RT:3119-Medlemsavgifter:Norrby "yearly" -120000.00 SEK

2025-03-01 * "Norrby kommun" "Medlemsavgift"
  ver: "I 1"
  Assets:RT:1910-Kassa-och-bank               120000.00 SEK
  Income:RT:3119-Medlemsavgifter:Norrby      -120000.00 SEK

2025-12-31 * "Förutbetald kostnad: lokalhyra"
  ver: "B 1"
  attest: "CHEF"
  Assets:RT:1710-Interimsfordringar     30000.00 SEK
  Expenses:RT:6020-Lokalhyror          -30000.00 SEK
"""
CLOSED = """
2025-12-31 * "Överskott 2025 överförs till 2026"
  ver: "B 2"
  attest: "CHEF"
  Income:RT:3198-Överskott:2025          150000.00 SEK
  Liabilities:RT:2998-Överskott:2025    -150000.00 SEK

2025-12-31 custom "bokslut" 2025
"""


@pytest.fixture
def books(tmp_path: Path) -> Path:
    path = tmp_path / "books" / "main.bean"
    path.parent.mkdir()
    path.write_text(BOOKS, encoding="utf-8")
    return path


def run(books: Path, *args: object, answer: str = "") -> Result:
    words = ["open-year", *map(str, args), "--ledger", str(books)]
    return CliRunner().invoke(main, words, input=answer)


def contents(books: Path) -> dict[str, bytes]:
    folder = books.parent
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.bean")}


def rows(entries: list[data.Directive]) -> Counter[object]:
    """Return what is booked on the first day of 2025, and what is opened, without numbers and texts."""
    found: Counter[object] = Counter()
    for entry in entries:
        if str(entry.date) == "2025-01-01" and isinstance(entry, data.Transaction):
            own = without_clearing(entry).postings
            found[frozenset((row.account, row.units.number) for row in own if row.units)] += 1
        elif str(entry.date) == "2025-01-01" and isinstance(entry, data.Open):
            found[entry.account] += 1
    return found


@pytest.mark.slow
def test_it_opens_the_year_as_it_was_opened_by_hand(sjuharad: Path, tmp_path: Path) -> None:
    shutil.copytree(sjuharad.parent, tmp_path / "ledger")
    books = tmp_path / "ledger" / "main.bean"
    before = contents(books)
    with read_once(books):
        result = run(books, 2025, "--yes")
        assert result.exit_code == 0, result.output
        after = contents(books)
        assert {name for name in before if before[name] != after[name]} == {"main.bean"}
        loaded = load_ledger(books)
        assert (loaded.errors, loaded.warnings) == ([], [])
        again = run(books, 2025, "--yes")
    hand = [entry for path in sorted(BY_HAND.glob("*.bean")) for entry in parser.parse_file(str(path))[0]]
    # The one asset that was bought in 2025 has an account that only its buyer could know.
    bought: Counter[object] = Counter({"Assets:NAV:1210-Inventarier:Energi-2025": 1})
    assert rows(loaded.entries) == rows(hand) - bought
    assert "2025 är öppet: det finns ingenting att lägga till." in again.output
    assert contents(books) == after


def test_nothing_is_written_but_on_a_yes(books: Path) -> None:
    before = contents(books)
    for answer in ("", "n\n"):
        assert "2026-01-01 ! " in run(books, 2026, answer=answer).output
        assert contents(books) == before
    assert "Böckerna med detta har inga fel" in run(books, 2026, "--dry-run").output
    assert contents(books) == before
    assert run(books, 2026, answer="j\n").exit_code == 0
    assert contents(books).keys() == {"main.bean", "2026.bean", "budget/2026.bean"}
    assert load_ledger(books).errors == []


def test_a_year_that_is_opened_before_the_last_is_closed_gets_the_rest_beside_it(books: Path) -> None:
    first = run(books, 2026, "--yes")
    assert "2025 har inget bokslut än" in first.output
    assert "Återföring: förutbetald kostnad: lokalhyra" in (books.parent / "2026.bean").read_text(encoding="utf-8")
    with books.open("a", encoding="utf-8") as file:
        file.write(CLOSED)
    written = (books.parent / "2026.bean").read_bytes()
    assert "S202" in str(load_ledger(books).errors)  # what the new year lacks since the old one is closed
    assert run(books, 2026, "--yes").exit_code == 0
    assert (books.parent / "2026.bean").read_bytes() == written
    assert "Överskott 2025 intas 2026" in (books.parent / "2026-oppning.bean").read_text(encoding="utf-8")
    assert load_ledger(books).errors == []
    assert "2026 är öppet" in run(books, 2026, "--yes").output


def test_books_with_other_errors_are_left_as_they_are(books: Path) -> None:
    with books.open("a", encoding="utf-8") as file:
        file.write('\n2025-05-01 * "Hyra"\n  ver: "U 1"\n  Expenses:RT:6020-Lokalhyror  1.00 SEK\n')
    before = contents(books)
    result = run(books, 2026, "--yes")
    assert result.exit_code == 1
    assert "Verifikationen balanserar inte" in result.stderr
    assert contents(books) == before


def test_files_that_a_pattern_takes_in_come_as_one(tmp_path: Path) -> None:
    books = tmp_path / "main.bean"
    (tmp_path / "ar").mkdir()
    books.write_text(f'{head("Räddningstjänsten Norra")}\ninclude "ar/*.bean"\n', encoding="utf-8")
    (tmp_path / "ar" / "2025.bean").write_text(BOOKS.removeprefix(head("Räddningstjänsten Norra")), encoding="utf-8")
    assert run(books, 2026, "--yes").exit_code == 0
    assert set(contents(books)) == {"main.bean", "ar/2025.bean", "ar/2026.bean"}
    assert load_ledger(books).errors == []
    assert "2026 är öppet" in run(books, 2026, "--yes").output


def test_a_closed_year_gives_its_surplus(books: Path) -> None:
    with books.open("a", encoding="utf-8") as file:
        file.write(CLOSED)
    assert run(books, 2026, "--yes", "--attest", "CHEF").exit_code == 0
    text = (books.parent / "2026.bean").read_text(encoding="utf-8")
    assert '2026-01-01 * "Överskott 2025 intas 2026"\n  ver: "B 1"\n  attest: "CHEF"\n' in text
    assert load_ledger(books).errors == []


@pytest.mark.parametrize(
    ("year", "why"),
    [
        ("2025", "ingenting är bokfört 2024: året att öppna efter 2025 är 2026"),
        ("2028", "ingenting är bokfört 2027: året att öppna efter 2025 är 2026"),
        ("nästa", "nästa"),
    ],
)
def test_another_year_is_refused(books: Path, year: str, why: str) -> None:
    before = contents(books)
    result = run(books, year, "--yes")
    assert result.exit_code
    assert why in result.output
    assert contents(books) == before


def test_who_may_not_approve_is_refused_and_nothing_is_written(books: Path) -> None:
    before = contents(books)
    result = run(books, 2026, "--yes", "--attest", "NÅGON")
    assert result.exit_code == 1
    assert "A603" in result.stderr
    assert contents(books) == before


def as_csv(path: Path, table: list[list[object]]) -> Path:
    path.write_text("\n".join(";".join(map(str, row)) for row in table), encoding="cp1252")
    return path


def as_workbook(path: Path, table: list[list[object]]) -> Path:
    book = xlsxwriter.Workbook(str(path.with_suffix(".xlsx")))
    sheet = book.add_worksheet("Budget")
    for at, row in enumerate(table):
        sheet.write_row(at + 1, 1, row)
    book.close()
    return path.with_suffix(".xlsx")


@pytest.mark.parametrize("saved", [as_csv, as_workbook])
def test_the_adopted_budget_comes_from_a_spreadsheet(books: Path, tmp_path: Path, saved: object) -> None:
    table = [["Konto", "Belopp"], ["rt 6020", 130000], ["Income:RT:3119-Medlemsavgifter:Norrby", 130000.5]]
    file = saved(tmp_path / "budget.csv", [*table, ["resultat", 0], ["investment-threshold", 29600]])  # type: ignore[operator]
    result = run(books, 2026, "--yes", "--budget", file)
    assert result.exit_code == 0, result.output
    budgets = {name: own[-1].yearly for name, own in read_budgets(load_ledger(books).entries).items()}
    assert budgets == {
        "Expenses:RT:6020-Lokalhyror": Decimal(130000),
        "Income:RT:3119-Medlemsavgifter:Norrby": Decimal("-130000.50"),
    }
    text = (books.parent / "budget" / "2026.bean").read_text(encoding="utf-8")
    assert '2026-01-01 custom "goal" "resultat" 0.00 SEK' in text
    assert "målen 2026" not in result.output
    assert "ingenting att lägga till" in run(books, 2026, "--yes", "--budget", file).output


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("RT 6020;mycket", '"mycket" är inget belopp i kronor'),
        ("RT 6020;1,005", '"1,005" är inget belopp i kronor'),
        ("RT 6200;1", "RT 6200 är inget konto som är öppnat"),
        ("Expenses:RT:6020-Lokalhyra;1", "(menas Expenses:RT:6020-Lokalhyror?)"),
        ("RT 6020;1\nRT 6020;1", "står på rad 2 också"),
    ],
)
def test_a_budget_that_cannot_be_read_is_refused_by_its_rows(books: Path, tmp_path: Path, row: str, why: str) -> None:
    before = contents(books)
    (tmp_path / "budget.csv").write_text(f"konto;belopp\n{row}\n", encoding="utf-8")
    result = run(books, 2026, "--yes", "--budget", tmp_path / "budget.csv")
    assert result.exit_code == 1
    assert why in result.stderr
    assert contents(books) == before


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"a,b\n1,2", b'konto;belopp\n"x;1'])
def test_what_is_no_budget_is_refused(books: Path, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "budget.csv").write_bytes(content)
    result = run(books, 2026, "--yes", "--budget", tmp_path / "budget.csv")
    assert result.exit_code == 1
    assert "budget.csv" in result.stderr


@given(st.decimals(-(10**9), 10**9, places=2), st.sampled_from(["", " ", "\u00a0"]), st.booleans())
def test_an_amount_is_read_as_people_and_spreadsheets_write_it(number: Decimal, space: str, comma: bool) -> None:
    written = f"{number:,.2f}".replace(",", space)
    assert amount_of(written.replace(".", ",") if comma else written) == number
    assert amount_of(str(float(number))) == number
