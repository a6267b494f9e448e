"""`forbundsbok open`: what is open by party and unit, late or not, as table and as data."""

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
2024-12-31 open Assets:NAV:1510-Kundfordringar SEK
2024-12-31 open Assets:NAV:1790-Avräkning SEK
2024-12-31 open Equity:FK:2010-Eget-kapital SEK
2024-12-31 open Liabilities:FK:2510-Leverantörsskulder SEK
2024-12-31 open Liabilities:NAV:2510-Leverantörsskulder SEK
2024-12-31 open Income:NAV:3119-Medlemsavgifter:Borås SEK
2024-12-31 open Expenses:FK:6820-Licenser SEK
2024-12-31 open Expenses:NAV:6820-Licenser SEK

2024-12-31 * "Ingående balanser"
  ver: "B 1"
  Assets:FK:1610-Internbank                 900000.00 SEK
  Liabilities:FK:2510-Leverantörsskulder     -4000.00 SEK
  Equity:FK:2010-Eget-kapital              -896000.00 SEK

2025-01-08 ! "Leverantör 018 IT" "Licenser" ^L-2025-0001
  ver: "L 1"
  forfallodag: 2025-01-23
  Expenses:NAV:6820-Licenser                 1000.00 SEK
  Expenses:FK:6820-Licenser                   250.50 SEK
  Liabilities:NAV:2510-Leverantörsskulder   -1000.00 SEK
  Liabilities:FK:2510-Leverantörsskulder     -250.50 SEK

2025-01-20 ! "Leverantör 018 IT" "Kreditfaktura: Licenser" ^L-2025-0001
  ver: "L 2"
  Liabilities:NAV:2510-Leverantörsskulder     400.00 SEK
  Expenses:NAV:6820-Licenser                 -400.00 SEK

2025-01-15 * "Borås stad" "Medlemsavgifter kvartal 1" ^K-2025-0001
  ver: "K 1"
  forfallodag: 2025-02-14
  Assets:NAV:1510-Kundfordringar          71407.55 SEK
  Income:NAV:3119-Medlemsavgifter:Borås  -71407.55 SEK

2025-02-14 * "Borås stad" "Inbetalning: Medlemsavgifter kvartal 1" ^K-2025-0001
  ver: "I 1"
  Assets:FK:1610-Internbank               71407.55 SEK
  Assets:NAV:1510-Kundfordringar         -71407.55 SEK
"""


@pytest.fixture
def books(tmp_path: Path) -> Path:
    path = tmp_path / "main.bean"
    path.write_text(BOOKS, encoding="utf-8")
    return path


def shown(books: Path, *args: str) -> str:
    ran = CliRunner().invoke(main, ["open", "--ledger", str(books), *args])
    assert ran.exit_code == 0, ran.output
    return ran.stdout


def test_a_debt_by_party_and_unit_with_days_late_and_what_is_without_link(books: Path) -> None:
    assert (
        shown(books, "--suppliers", "--at", "2025-01-31")
        == """\
Leverantörsskulder 2025-01-31
Faktura                                   Fakturadag  Förfaller   Dagar sen  Enhet     Öppet
Leverantör 018 IT                                                                     850,50
  L-2025-0001 !                           2025-01-08  2025-01-23          8  FK       250,50
  L-2025-0001 !                           2025-01-08  2025-01-23          8  NAV      600,00
Utan länk                                                                           4 000,00
  Liabilities:FK:2510-Leverantörsskulder                                     FK     4 000,00
Summa, som på kontona                                                               4 850,50

Enhet     Öppet  Förfallet
FK     4 250,50     250,50
NAV      600,00     600,00
"""
    )


def test_both_ledgers_without_an_option_and_nothing_of_what_is_settled(books: Path) -> None:
    before, after = (shown(books, "--at", day) for day in ("2025-02-13", "2025-02-14"))
    for text in (before, after):
        assert text.index("Kundfordringar 2025-02") < text.index("Leverantörsskulder 2025-02")
    assert "  K-2025-0001  2025-01-15  2025-02-14             NAV    71 407,55" in before
    assert "K-2025-0001" not in after
    assert "Leverantör" not in shown(books, "--customers", "--at", "2025-02-14")


def test_the_same_as_data_and_of_a_unit(books: Path) -> None:
    [ledger] = json.loads(shown(books, "--suppliers", "--unit", "nav", "--at", "2025-01-31", "--json"))
    assert ledger == {
        "ledger": "suppliers",
        "day": "2025-01-31",
        "total": "600.00",
        "units": {"NAV": {"open": "600.00", "overdue": "600.00"}},
        "items": [
            {
                "link": "L-2025-0001",
                "voucher": "L 1",
                "party": "Leverantör 018 IT",
                "date": "2025-01-08",
                "due": "2025-01-23",
                "days_overdue": 8,
                "waits": True,
                "unit": "NAV",
                "account": "Liabilities:NAV:2510-Leverantörsskulder",
                "open": "600.00",
            }
        ],
        "without_link": [],
    }


def test_a_unit_that_is_not_there(books: Path) -> None:
    ran = CliRunner().invoke(main, ["open", "--ledger", str(books), "--unit", "NVA"])
    assert ran.exit_code == 1
    assert "det finns ingen enhet NVA; det finns FK, NAV" in ran.output


def test_check_proves_them(books: Path) -> None:
    ran = CliRunner().invoke(main, ["check", "--ledger", str(books)])
    assert ran.exit_code == 0, ran.output
    told = "Kundfordringar 2025-02-14 0,00 kr, Leverantörsskulder 2025-02-14 4 850,50 kr"
    assert f"de öppna posterna stämmer med sina konton: {told}" in ran.output
