"""`forbundsbok attest`: what waits for whom, a yes that is written with its day, and what is refused."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from forbundsbok.plugins.loading import load_ledger
from forbundsbok.scripts.forbundsbok import main
from tests.main_file import head

BOOKS = f"""{head("Prov")}
2024-12-31 custom "unit" "FK" "Förbundskansli"
  overskott: "behalls"
2024-12-31 custom "unit" "NAV" "Navet"
  overskott: "behalls"
2024-12-31 custom "attest" "FD" "FK" 500000.00 SEK
  roll: "Förbundsdirektör"
2024-12-31 custom "attest" "FD" "NAV" 500000.00 SEK
  roll: "Förbundsdirektör"
2024-12-31 custom "attest" "VC-NAV" "NAV" 5000.00 SEK
  roll: "Verksamhetschef"
2024-12-31 open Assets:FK:1610-Internbank SEK
2024-12-31 open Assets:FK:1790-Avräkning SEK
2024-12-31 open Assets:NAV:1790-Avräkning SEK
2024-12-31 open Equity:FK:2010-Eget-kapital SEK
2024-12-31 open Liabilities:FK:2510-Leverantörsskulder SEK
2024-12-31 open Liabilities:NAV:2510-Leverantörsskulder SEK
2024-12-31 open Expenses:FK:6820-Licenser SEK
2024-12-31 open Expenses:NAV:6820-Licenser SEK

2024-12-31 * "Ingående balanser"
  ver: "B 1"
  Assets:FK:1610-Internbank                 900000.00 SEK
  Equity:FK:2010-Eget-kapital              -900000.00 SEK

2025-01-08 ! "Leverantör 018 IT" "Licenser" ^L-2025-0001
  ver: "L 1"
  mottagning: "HL-NAV" ; kvitterat på lagret
  forfallodag: 2025-01-23
  Expenses:NAV:6820-Licenser                 1000.00 SEK
  Expenses:FK:6820-Licenser                  8250.50 SEK
  Liabilities:NAV:2510-Leverantörsskulder   -1000.00 SEK
  Liabilities:FK:2510-Leverantörsskulder    -8250.50 SEK

2025-01-09 ! "Leverantör 019 IT" "Större licenser" ^L-2025-0002
  ver: "L 2"
  forfallodag: 2025-01-24
  Expenses:NAV:6820-Licenser                 7000.00 SEK
  Liabilities:NAV:2510-Leverantörsskulder   -7000.00 SEK
"""


@pytest.fixture
def books(tmp_path: Path) -> Path:
    path = tmp_path / "main.bean"
    path.write_text(BOOKS, encoding="utf-8")
    return path


def run(books: Path, *args: str, answer: str = "") -> Result:
    return CliRunner().invoke(main, ["attest", "--ledger", str(books), "--date", "2025-01-15", *args], input=answer)


def test_what_waits_for_whom_with_what_each_unit_is_charged(books: Path) -> None:
    told = run(books).stdout
    assert "  FK, 8 250,50 kr: FD\n" in told
    assert "  NAV, 1 000,00 kr: VC-NAV, FD\n" in told
    assert "  NAV, 7 000,00 kr: FD\n" in told  # more than the head of the unit may
    assert told.endswith("2 verifikationer väntar.\n")
    own = run(books, "--by", "vc-nav").stdout
    assert "Licenser" in own
    assert "Större" not in own


def test_who_an_imported_invoice_asks_comes_first_and_has_not_said_yes(books: Path) -> None:
    text = books.read_text(encoding="utf-8")
    books.write_text(text.replace('  mottagning: "HL-NAV" ;', '  attest: "FD"\n  mottagning: "HL-NAV" ;'), "utf-8")
    assert "  NAV, 1 000,00 kr: FD, VC-NAV\n" in run(books).stdout
    assert run(books, "L 1", "--by", "FD", answer="j\n").exit_code == 0
    written = books.read_text(encoding="utf-8")
    assert '2025-01-08 * "Leverantör 018 IT"' in written
    assert '  attest: "FD"\n  mottagning: "HL-NAV"' in written
    assert "  attestdag: 2025-01-15\n" in written


def test_several_of_one_file_are_approved_at_once(books: Path) -> None:
    told = run(books, "L 1-2", "L 2", "--by", "FD", "--received-by", "HL-NAV", answer="j\nj\n")
    assert told.exit_code == 0, told.output
    assert books.read_text(encoding="utf-8").count("  attestdag: 2025-01-15\n") == 2
    assert run(books).stdout == "Inget väntar.\n"
    assert "ingen verifikation L 3-9 väntar" in run(books, "L 3-9", "--by", "FD").output


def test_those_of_two_files_are_approved_too(books: Path) -> None:
    first, day, second = books.read_text(encoding="utf-8").partition("2025-01-09 !")
    books.write_text(f'{first}include "later.bean"\n', encoding="utf-8")
    (books.parent / "later.bean").write_text(day + second, encoding="utf-8")
    told = run(books, "L 1-2", "--by", "FD", "--received-by", "HL-NAV", answer="j\nj\n")
    assert told.exit_code == 0, told.output
    assert run(books).stdout == "Inget väntar.\n"


def test_it_waits_until_every_unit_has_somebody_who_may(books: Path) -> None:
    first = run(books, "L 1", "--by", "vc-nav", answer="j\n")
    assert first.exit_code == 0, first.output
    assert "Den väntar fortfarande på FK: FD" in first.stderr
    text = books.read_text(encoding="utf-8")
    assert '2025-01-08 ! "Leverantör 018 IT"' in text
    books.write_text(text.replace('attest: "VC-NAV"', 'attest: "VC-NAV,"'), encoding="utf-8")
    second = run(books, "L 1", "--by", "FD", answer="ja\n")
    assert second.exit_code == 0, second.output
    [voucher] = [each for each in load_ledger(books).entries if each.meta.get("ver") == "L 1"]
    assert (voucher.flag, voucher.meta["attest"], str(voucher.meta["attestdag"])) == ("*", "VC-NAV, FD", "2025-01-15")
    text = books.read_text(encoding="utf-8")
    assert "; kvitterat på lagret" in text
    before, after = (each[: each.index("2025-01-08")] for each in (BOOKS, text))
    assert before == after
    assert BOOKS[BOOKS.index("2025-01-09") :] in text
    again = run(books, "L 1", "--by", "FD", answer="j\n")
    assert (again.exit_code, "är redan attesterad av VC-NAV, FD" in again.stderr) == (1, True), again.stderr


@pytest.mark.parametrize(
    ("args", "answer", "told"),
    [
        (["L 2", "--by", "VC-NAV"], "j\n", "L 2 väntar inte på VC-NAV; den väntar på FD"),
        (["L 1", "--by", "HL-NAV"], "j\n", "L 1 väntar inte på HL-NAV; den väntar på FD, VC-NAV"),
        (["L 7", "--by", "FD"], "j\n", "ingen verifikation L 7 väntar"),
        (["L 1"], "j\n", "Säg vem som attesterar"),
        (["L 1", "--by", "FD"], "nej\n", "Ingenting har skrivits."),
        (["l1", "--by", "FD", "--dry-run"], "j\n", "Ingenting har skrivits."),
        (["L 2", "--by", "FD"], "j\n", "mottagning"),  # the rules ask who has received it
        (["L 2", "--by", "FD", "--received-by", "FD"], "j\n", "en annan än FD tar emot"),
    ],
)
def test_what_is_not_written(books: Path, args: list[str], answer: str, told: str) -> None:
    ran = run(books, *args, answer=answer)
    assert told in ran.output
    assert books.read_text(encoding="utf-8") == BOOKS
    assert sorted(path.name for path in books.parent.iterdir() if path.name != ".forbundsbok.lock") == ["main.bean"]


def test_with_a_receiver_the_rules_let_it_through(books: Path) -> None:
    ran = run(books, "L 2", "--by", "FD", "--received-by", "HL-NAV", answer="j\n")
    assert ran.exit_code == 0, ran.output
    assert '2025-01-09 * "Leverantör 019 IT"' in books.read_text(encoding="utf-8")
    assert load_ledger(books).errors == []
