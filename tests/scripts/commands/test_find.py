"""`forbundsbok find`: every voucher that holds all that is looked for, and no other."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from forbundsbok.scripts.forbundsbok import main
from tests.main_file import head

BOOKS = f"""{head("Prov")}
2024-12-31 custom "unit" "FK" "Förbundskansli"
  overskott: "behalls"
2024-12-31 custom "unit" "NAV" "Navet"
  overskott: "behalls"
2024-12-31 open Assets:FK:1610-Internbank SEK
2024-12-31 open Assets:FK:1790-Avräkning SEK
2024-12-31 open Assets:NAV:1790-Avräkning SEK
2024-12-31 open Equity:FK:2010-Eget-kapital SEK
2024-12-31 open Liabilities:FK:2510-Leverantörsskulder SEK
2024-12-31 open Expenses:FK:6020-Lokalhyror SEK
2024-12-31 open Expenses:NAV:6820-Licenser SEK

2024-12-31 * "Ingående balanser"
  ver: "B 1"
  Assets:FK:1610-Internbank                 900000.00 SEK
  Equity:FK:2010-Eget-kapital              -900000.00 SEK

2025-01-08 ! "Leverantör 018 IT" "Licenser, avtal 6020-7" ^L-2025-0001
  ver: "L 1"
  underlag: "underlag/L-1.pdf"
  attest: "Kalle"
  Expenses:NAV:6820-Licenser                 1250.50 SEK
  Liabilities:FK:2510-Leverantörsskulder    -1250.50 SEK

2025-02-03 * "Fastighets AB Öster" "Lokalhyra" ^L-2025-0010
  ver: "L 10"
  underlag: "Hyresavtal 2023"
  attest: "Kalle"
  Expenses:FK:6020-Lokalhyror                4000.00 SEK
  Liabilities:FK:2510-Leverantörsskulder    -4000.00 SEK

2025-02-28 * "Fastighets AB Öster" "Betalning" ^L-2025-0010
  ver: "U 1"
  Liabilities:FK:2510-Leverantörsskulder     4000.00 SEK
  Assets:FK:1610-Internbank                 -4000.00 SEK
"""


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("find") / "main.bean"
    path.write_text(BOOKS, encoding="utf-8")
    (path.parent / "underlag").mkdir()
    (path.parent / "underlag" / "L-1.pdf").write_bytes(b"%PDF")
    return path


def shown(books: Path, *args: str) -> str:
    ran = CliRunner().invoke(main, ["find", "--ledger", str(books), *args])
    assert ran.exit_code == 0, ran.output
    return ran.stdout


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        (["L 1"], ["L 1"]),  # and not L 10
        (["l-2025-0010"], ["L 10", "U 1"]),
        (["L-2025"], ["L 1", "L 10", "U 1"]),
        (["ÖSTER"], ["L 10", "U 1"]),
        (["öster", "lokalhyra"], ["L 10"]),
        (["fastighets ab", "1610"], ["U 1"]),
        (["6020"], ["L 1", "L 10"]),  # in a text, and as an account
        (["602"], ["L 10"]),  # the beginning of an account, and no part of a number in a text
        (["4000"], ["L 10", "U 1"]),
        (["-4 000,00 kr"], ["L 10", "U 1"]),
        (["1250.50"], ["L 1"]),
        (["1250"], []),
        (["1000..2000"], ["L 1"]),
        (["5000.."], ["B 1"]),
        (["..1250,50"], ["L 1"]),
        (["hyresavtal"], ["L 10"]),
        (["L-1.pdf"], ["L 1"]),
        (["2025-02"], ["L 10", "U 1"]),
        (["avräkning"], []),  # computed rows are nobody's
        (["öster", "licenser"], []),
        (["öster", "--year", "2025-02"], ["L 10", "U 1"]),
        (["öster", "--year", "2025-03"], []),
        (["1250,50", "--unit", "nav"], ["L 1"]),
        (["internbank", "--unit", "NAV"], []),
    ],
)
def test_what_holds_every_word(books: Path, words: list[str], numbers: list[str]) -> None:
    options = [word for word in words if word.startswith("--")]
    at = words.index(options[0]) if options else len(words)
    found = json.loads(shown(books, "--json", *words[at:], "--", *words[:at]))
    assert [voucher["number"] for voucher in found] == numbers


def test_a_voucher_with_its_rows_and_document_and_where_it_stands(books: Path) -> None:
    line = 1 + BOOKS[: BOOKS.index("2025-01-08")].count("\n")
    assert (
        shown(books, "L 1")
        == f"""\
2025-01-08  L 1  Leverantör 018 IT: Licenser, avtal 6020-7  (väntar på attest)  {books}:{line}
  Expenses:NAV:6820-Licenser               1 250,50
  Liabilities:FK:2510-Leverantörsskulder  -1 250,50
  {books.parent}/underlag/L-1.pdf

1 verifikation.
"""
    )


def test_a_unit_that_is_not_there_is_said(books: Path) -> None:
    ran = CliRunner().invoke(main, ["find", "hyra", "--unit", "QQ", "--ledger", str(books)])
    assert ran.exit_code == 1
    assert "det finns ingen enhet QQ; det finns FK, NAV" in ran.stderr


def test_nothing_is_not_looked_for(books: Path) -> None:
    ran = CliRunner().invoke(main, ["find", " ", "--ledger", str(books)])
    assert ran.exit_code == 2
    assert "Säg vad som söks." in ran.stderr


def test_amounts_between_that_are_turned_are_no_answer(books: Path) -> None:
    ran = CliRunner().invoke(main, ["find", "2 000..1000,50", "--ledger", str(books)])
    assert ran.exit_code == 1
    assert "menas 1000,50..2 000?" in ran.stderr
    assert "verifikation" not in ran.stdout


def test_books_with_errors_are_searched_and_the_errors_told_of(books: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "main.bean"
    wrong.write_text(BOOKS.replace("-1250.50", "-1250.00"), encoding="utf-8")
    ran = CliRunner().invoke(main, ["find", "öster", "--ledger", str(wrong)])
    assert ran.exit_code == 0
    assert "2 verifikationer." in ran.stdout
    assert "OBS: böckerna har fel" in ran.stderr
