"""A file that nothing includes, and what is advised of it."""

from pathlib import Path

from forbundsbok.plugins.loading import load_ledger
from tests.main_file import head

BOOKS = """2023-12-31 custom "unit" "FK" "Förbundskansli"
  overskott: "behalls"

2023-12-31 open Assets:FK:1610-Internbank SEK
2023-12-31 open Equity:FK:2010-Eget-kapital SEK

2023-12-31 * "Ingående balanser"
  ver: "B 1"
  Assets:FK:1610-Internbank     500000.00 SEK
  Equity:FK:2010-Eget-kapital  -500000.00 SEK
"""
OTHER = '\n2023-12-31 * "Makulerat nummer: förbrukat vid avbruten registrering"\n  ver: "B 2"\n'


def advice_of(folder: Path, left_out: str) -> str:
    """Return what is said of books beside which a file lies that nothing includes."""
    (folder / "2023.bean").write_text(BOOKS, encoding="utf-8")
    (folder / "annan.bean").write_text(left_out, encoding="utf-8")
    main = folder / "main.bean"
    main.write_text(f'{head("Prov")}include "2023.bean"\n', encoding="utf-8")
    [warning] = load_ledger(main).warnings
    assert warning.finding.rule == "L836"
    return str(warning.message)


def test_a_copy_of_an_included_file_is_not_to_be_included_too(tmp_path: Path) -> None:
    advice = advice_of(tmp_path, BOOKS.replace("500000.00", "400000.00"))
    assert 'include "annan.bean"' not in advice
    assert "1 av dess verifikationsnummer står i 2023.bean" in advice


def test_a_file_of_other_vouchers_is_to_be_included(tmp_path: Path) -> None:
    assert 'include "annan.bean"' in advice_of(tmp_path, OTHER)
