"""`forbundsbok close`: what a year-end lacks is found, and booked on a yes; then nothing lacks."""

import re
import shutil
from pathlib import Path

import pytest
from beancount.core import data
from click.testing import CliRunner, Result

from forbundsbok.plugins.corrections import number_of
from forbundsbok.plugins.loading import load_ledger
from forbundsbok.scripts.forbundsbok import main
from tests.main_file import head

BOOKS = f"""{head("Räddningstjänsten Norra")}
2024-12-31 custom "unit" "RT" "Räddningstjänst"
  overskott: "overfors"
2024-12-31 custom "attest" "CHEF" "RT" 900000.00 SEK
2024-12-31 open Assets:RT:1210-Inventarier:Båt SEK
2024-12-31 open Assets:RT:1219-Ackumulerade-avskrivningar SEK
2024-12-31 open Assets:RT:1710-Interimsfordringar SEK
2024-12-31 open Assets:RT:1910-Kassa-och-bank SEK
2024-12-31 open Equity:RT:2010-Eget-kapital SEK
2024-12-31 open Liabilities:RT:2293-Statlig-infrastruktur:VÄG:Grundbelopp SEK
2024-12-31 open Liabilities:RT:2293-Statlig-infrastruktur:VÄG:Index SEK
2024-12-31 open Liabilities:RT:2293-Statlig-infrastruktur:VÄG:Utbetalning SEK
2024-12-31 open Liabilities:RT:2910-Semesterlöneskuld SEK
2024-12-31 open Liabilities:RT:2960-Upplupna-kostnader SEK
2024-12-31 open Income:RT:3119-Medlemsavgifter:Norrby SEK
2024-12-31 open Expenses:RT:4590-Bidrag-till-statlig-infrastruktur SEK
2024-12-31 open Expenses:RT:5190-Förändring-semesterlöneskuld SEK
2024-12-31 open Expenses:RT:7450-Revision SEK
2024-12-31 open Expenses:RT:7910-Avskrivningar SEK

2025-01-01 custom "asset" "Båt" Assets:RT:1210-Inventarier:Båt 120000.00 SEK
  manader: 120

2025-03-01 custom "provision" "VÄG" Liabilities:RT:2293-Statlig-infrastruktur:VÄG
  benamning: "Bidrag till väg"
  totalbelopp: 50000.00 SEK
  beslut: "Direktionen 2025-03-01 § 5"

2025-12-31 custom "provision-plan" "VÄG" "Grundbelopp" 30000.00 SEK
2026-12-31 custom "provision-plan" "VÄG" "Grundbelopp" 20000.00 SEK

2024-12-31 * "Ingående balanser"
  ver: "B 1"
  Assets:RT:1210-Inventarier:Båt   120000.00 SEK
  Assets:RT:1910-Kassa-och-bank    100000.00 SEK
  Equity:RT:2010-Eget-kapital     -220000.00 SEK

2025-03-01 * "Norrby kommun" "Medlemsavgift"
  ver: "I 1"
  Assets:RT:1910-Kassa-och-bank            400000.00 SEK
  Income:RT:3119-Medlemsavgifter:Norrby   -400000.00 SEK
"""
CASH = """
2025-04-01 * "Insatt på banken"
  ver: "U 1"
  attest: "CHEF"
  Assets:RT:1990-Bank              1000.00 SEK
  Assets:RT:1910-Kassa-och-bank   -1000.00 SEK
"""
LAST = """
2025-12-31 * "Grundbelopp VÄG 2025"
  ver: "B 1"
  attest: "CHEF"
  Expenses:RT:4590-Bidrag-till-statlig-infrastruktur                30000.00 SEK
  Liabilities:RT:2293-Statlig-infrastruktur:VÄG:Grundbelopp        -30000.00 SEK

2025-12-31 * "Upplupen kostnad revision"
  ver: "B 2"
  attest: "CHEF"
  Expenses:RT:7450-Revision                 20000.00 SEK
  Liabilities:RT:2960-Upplupna-kostnader   -20000.00 SEK

2025-12-31 * "Semesterlöneskuld 2025"
  ver: "B 3"
  attest: "CHEF"
  Expenses:RT:5190-Förändring-semesterlöneskuld   9000.00 SEK
  Liabilities:RT:2910-Semesterlöneskuld          -9000.00 SEK
"""
NEXT = """
2026-03-01 * "Norrby kommun" "Medlemsavgift"
  ver: "I 1"
  Assets:RT:1910-Kassa-och-bank            410000.00 SEK
  Income:RT:3119-Medlemsavgifter:Norrby   -410000.00 SEK
"""


@pytest.fixture
def books(tmp_path: Path) -> Path:
    path = tmp_path / "main.bean"
    path.write_text(BOOKS + LAST, encoding="utf-8")
    return path


def run(books: Path, period: str, *args: str, answer: str = "", command: str = "close") -> Result:
    return CliRunner().invoke(main, [command, period, *args, "--ledger", str(books)], input=answer)


def contents(books: Path) -> dict[str, bytes]:
    return {str(path.relative_to(books.parent)): path.read_bytes() for path in sorted(books.parent.rglob("*.bean"))}


def vouchers(books: Path, text: str) -> list[data.Transaction]:
    entries = load_ledger(books).entries
    return [each for each in entries if isinstance(each, data.Transaction) and text in (each.narration or "")]


def test_a_year_gets_what_it_lacks_in_order_and_then_lacks_nothing(books: Path) -> None:
    before = contents(books)
    result = run(books, "2025", "--attest", "CHEF", "--yes")
    assert result.exit_code == 0, result.output
    assert contents(books)["main.bean"] == before["main.bean"] + b'\ninclude "bokslut-2025.bean"\n'
    assert len(vouchers(books, "Avskrivning inventarier")) == 12
    [surplus] = vouchers(books, "Överskott 2025 överförs till 2026")
    # 400 000 in fees, less the road, the audit, the holidays and a year of the boat.
    assert [str(number_of(row)) for row in surplus.postings] == ["329000.00", "-329000.00"]
    assert surplus.meta["attest"] == "CHEF"
    text = (books.parent / "bokslut-2025.bean").read_text(encoding="utf-8")
    assert "2026-01-01 balance Liabilities:RT:2960-Upplupna-kostnader" in text
    assert "balance Assets:RT:1910" not in text  # that is the bank's to say
    assert "Assets:RT:1910-Kassa-och-bank: 500 000,00 kr i böckerna" in result.stdout
    assert load_ledger(books).errors == []
    after = contents(books)
    again = run(books, "2025", "--attest", "CHEF", "--yes")
    assert "2025 är färdigt: ingenting saknas" in again.output
    assert contents(books) == after


def test_what_is_in_the_cash_box_is_counted_and_asked_of_no_bank(books: Path) -> None:
    with books.open("a", encoding="utf-8") as file:
        file.write("\n2024-12-31 open Assets:RT:1990-Bank SEK\n" + CASH)
    told = run(books, "2025", "--dry-run").stdout
    assert "Assets:RT:1910-Kassa-och-bank: 499 000,00 kr i böckerna; räkna kassan" in told
    assert "Assets:RT:1990-Bank: 1 000,00 kr i böckerna; skriv det saldo som banken" in told


def test_nothing_is_written_but_on_a_yes(books: Path) -> None:
    before = contents(books)
    assert "Böckerna med detta har inga fel" in run(books, "2025", "--dry-run").output
    for answer in ("", "n\n"):
        assert "Överskott 2025 överförs" in run(books, "2025", answer=answer).output
        assert contents(books) == before


def test_without_an_approval_the_vouchers_wait_and_the_year_is_closed_when_they_wait_no_longer(books: Path) -> None:
    assert "när ingenting väntar" in run(books, "2025", "--yes").stdout
    [surplus] = vouchers(books, "Överskott 2025 överförs till 2026")
    assert surplus.flag == "!"
    assert load_ledger(books).errors == []
    again = run(books, "2025", "--yes").stdout
    assert "forbundsbok attest" in again
    assert len(vouchers(books, "Överskott 2025 överförs till 2026")) == 1
    words = ["attest", str(surplus.meta["ver"]), "--by", "CHEF", "--date", "2026-01-20", "--ledger", str(books)]
    assert CliRunner().invoke(main, words, input="j\n").exit_code == 0
    assert "2025 är färdigt: ingenting saknas" in run(books, "2025", "--yes").stdout
    assert load_ledger(books).errors == []


def test_what_has_no_like_this_year_is_told_with_what_it_was(books: Path) -> None:
    assert run(books, "2025", "--attest", "CHEF", "--yes").exit_code == 0
    assert run(books, "2026", "--attest", "CHEF", "--yes", command="open-year").exit_code == 0
    with books.open("a", encoding="utf-8") as file:
        file.write(NEXT)
    told = run(books, "2026", "--dry-run", "--attest", "CHEF").stdout
    assert "Expenses:RT:7450-Revision: B 2 (" in told
    assert 'hade 20 000,00 kr; inget nu   --accrued "RT 7450=..."' in told
    assert "RT 5190" not in told  # that is reckoned from what the people have left of their holidays
    assert "Liabilities:RT:2910-Semesterlöneskuld: ändrades med -9 000,00 kr" in told
    assert "forbundsbok new semesterskuld --unit RT --date 2026-12-31 --amount ..." in told
    words = ["new", "semesterskuld", "--unit", "RT", "--date", "2026-12-31", "--amount", "-1500"]
    more = ["--text", "Sparade dagar", "--attest", "CHEF", "--yes", "--ledger", str(books)]
    booked = CliRunner().invoke(main, [*words, *more])
    assert booked.exit_code == 0, booked.output
    [debt] = vouchers(books, "Sparade dagar")
    assert [(row.account.split(":")[2][:4], str(number_of(row))) for row in debt.postings] == [
        ("5190", "-1500.00"),
        ("2910", "1500.00"),
    ]
    assert "Semesterlöne- och pensionsskuld: klart" in run(books, "2026", "--dry-run", "--attest", "CHEF").stdout
    with_it = run(books, "2026", "--accrued", "rt 7450=21 500,50", "--attest", "CHEF", "--yes")
    assert with_it.exit_code == 0, with_it.output
    assert "RT 7450=..." not in with_it.stdout
    [planned] = vouchers(books, "VÄG 2026")  # as the plan has it, against what it was before
    assert [str(number_of(row)) for row in planned.postings] == ["20000.00", "-20000.00"]
    [own] = vouchers(books, "Upplupen kostnad revision 2026-12")
    assert {str(row.units.number) for row in own.postings if row.units} == {"21500.50", "-21500.50"}


INTEREST = """
2025-01-01 custom "unit" "UTB" "Utbildning"
  overskott: "behalls"
2025-01-01 open Income:RT:8490-Interna-räntor SEK
  intern: TRUE
2025-01-01 open Expenses:UTB:8590-Interna-räntor SEK
  intern: TRUE
2025-01-01 open Assets:RT:1790-Avräkning SEK
2025-01-01 open Assets:UTB:1790-Avräkning SEK

2025-12-31 * "Intern ränta 2025"
  ver: "N 1"
  Income:RT:8490-Interna-räntor      -400.00 SEK
  Expenses:UTB:8590-Interna-räntor    400.00 SEK
"""


def test_internal_interest_is_asked_for_until_it_is_booked_in_the_last_month(books: Path) -> None:
    with books.open("a", encoding="utf-8") as file:
        file.write(INTEREST)
    assert run(books, "2025", "--attest", "CHEF", "--yes").exit_code == 0
    assert run(books, "2026", "--attest", "CHEF", "--yes", command="open-year").exit_code == 0
    with books.open("a", encoding="utf-8") as file:
        file.write(NEXT)
    asked = "Expenses:UTB:8590-Interna-räntor: ändrades med 400,00 kr i bokslutet 2025"
    told = run(books, "2026", "--dry-run", "--attest", "CHEF").stdout
    assert asked in told
    assert told.count("forbundsbok new internranta --unit UTB --date 2026-12-31") == 1
    words = ["new", "internranta", "--unit", "UTB", "--other-unit", "RT", "--date", "2026-12-31", "--amount", "410"]
    tried = CliRunner().invoke(main, [*words, "--text", "Intern ränta", "--dry-run", "--ledger", str(books)])
    assert "Income:RT:8490-Interna-räntor     -410.00 SEK\n  Expenses:UTB:8590-" in tried.stdout
    with books.open("a", encoding="utf-8") as file:
        file.write(INTEREST.partition("\n\n")[2].replace("2025", "2026").replace("12-31", "12-20"))
    assert "Interna räntor: klart" in run(books, "2026", "--dry-run", "--attest", "CHEF").stdout


def test_what_is_in_the_way_is_told_and_nothing_is_written(books: Path) -> None:
    books.write_text(BOOKS, encoding="utf-8")  # what is planned for the road has never been booked: against what?
    before = contents(books)
    result = run(books, "2025", "--attest", "CHEF", "--yes")
    assert result.exit_code == 1
    assert "P307" in result.stderr
    assert "2025 är inte avslutat" in result.stderr
    assert contents(books) == before


def test_a_month_is_closed_with_accruals_that_come_back_and_locked(books: Path) -> None:
    books.write_text(BOOKS, encoding="utf-8")
    args = ("--accrued", "RT 7450=12000", "--attest", "CHEF", "--yes", "--lock", "--by", "Anna")
    result = run(books, "2025-08", *args)
    assert result.exit_code == 0, result.output
    assert len(vouchers(books, "Avskrivning inventarier")) == 8
    own, back = vouchers(books, "pplupen kostnad revision 2025-08")
    assert (str(own.date), str(back.date)) == ("2025-08-31", "2025-09-01")
    assert result.stdout.count("är låst") == 8
    loaded = load_ledger(books)
    assert (loaded.errors, loaded.warnings) == ([], [])
    assert "Det finns ingenting att skriva för 2025-08" in run(books, "2025-08", "--yes").output


INVOICED = """
2024-12-31 open Liabilities:RT:2510-Leverantörsskulder SEK

2025-07-10 * "Revisorn AB" "Granskning kvartal 3 2025" ^L-2025-0001
  ver: "L 1"
  attest: "CHEF"
  mottagning: "VAKT"
  forfallodag: 2025-08-09
  Expenses:RT:7450-Revision                 3000.00 SEK
  Liabilities:RT:2510-Leverantörsskulder   -3000.00 SEK
"""


def test_what_an_invoice_has_of_later_months_is_prepaid_once_and_comes_back(books: Path) -> None:
    books.write_text(BOOKS + INVOICED, encoding="utf-8")
    result = run(books, "2025-08", "--attest", "CHEF", "--yes")
    assert result.exit_code == 0, result.output
    own, back = vouchers(books, "örutbetald kostnad: granskning kvartal 3 2025")
    assert (str(own.date), str(back.date)) == ("2025-08-31", "2025-09-01")
    assert own.meta["faktura"] == "L 1 2025"
    assert str(number_of(own.postings[0])) == "1000.00"
    assert load_ledger(books).errors == []
    assert "Månaderna är fortfarande öppna: 2025-01" in result.stdout
    after = contents(books)
    assert "Det finns ingenting att skriva för 2025-08" in run(books, "2025-08", "--yes").output
    assert contents(books) == after


def test_an_accrual_that_is_proposed_is_not_named_too(books: Path) -> None:
    books.write_text(BOOKS + INVOICED, encoding="utf-8")
    before = contents(books)
    proposed = run(books, "2025-08", "--attest", "CHEF", "--dry-run").output
    row = re.search(r"\n   2025-08-31 .*?\n     Expenses:(\w+):(\d+)\S* +-([\d.]+) SEK", proposed, re.DOTALL)
    assert row
    result = run(books, "2025-08", "--prepaid", f"{row[1]} {row[2]}={row[3]}", "--yes")
    assert result.exit_code == 1
    assert "annars står det två gånger" in result.output
    assert contents(books) == before


def test_what_is_invoiced_in_a_year_that_is_begun_is_accrued_in_the_old_one_and_comes_back(books: Path) -> None:
    later = INVOICED.replace("2025-07-10", "2026-01-12").replace("2025-08-09", "2026-02-12").replace("-2025-", "-2026-")
    assert run(books, "2026", "--attest", "CHEF", "--yes", command="open-year").exit_code == 0
    with books.open("a", encoding="utf-8") as file:
        file.write(later.replace("kvartal 3 2025", "december 2025"))
    closed = run(books, "2025", "--attest", "CHEF", "--yes")
    assert closed.exit_code == 0, closed.output
    assert "Det periodiserade återförs 2026, som är påbörjat:   forbundsbok open-year 2026" in closed.stdout
    assert run(books, "2026", "--attest", "CHEF", "--yes", command="open-year").exit_code == 0
    own, back = vouchers(books, "pplupen kostnad: granskning december 2025")
    assert (str(own.date), str(back.date), own.meta["faktura"]) == ("2025-12-31", "2026-01-01", "L 1 2026")
    assert [str(number_of(row)) for row in (*own.postings, *back.postings)] == [
        *("3000.00", "-3000.00"),
        *("-3000.00", "3000.00"),
    ]
    assert load_ledger(books).errors == []


@pytest.mark.parametrize(
    ("args", "why"),
    [
        (("2031",), "ingenting är bokfört 2031"),
        (("nyss",), "nyss"),
        (("2025-08", "--accrued", "7450"), '"7450" är ingen periodisering'),
        (("2025-08", "--accrued", "XX 7450=1"), '"XX" är ingen enhet'),
        (("2025-08", "--accrued", "RT 9999=1"), '"9999" är inget konto'),
        (("2025-08", "--accrued", "RT 7450=tio"), '"tio" är inget belopp'),
        (("2025", "--attest", "NÅGON"), "A603"),
        (("2025-08", "--accrued", "RT 7450=12000", "--lock"), "inte så länge något i den väntar: B 4"),
    ],
)
def test_what_is_wrong_is_said_and_changes_nothing(books: Path, args: tuple[str, ...], why: str) -> None:
    before = contents(books)
    result = run(books, args[0], *args[1:], "--yes")
    assert result.exit_code
    assert why in result.stderr
    assert contents(books) == before


@pytest.mark.slow
def test_complete_books_lack_nothing_and_stay_as_they_are(sjuharad: Path, tmp_path: Path) -> None:
    shutil.copytree(sjuharad.parent, tmp_path / "ledger")
    books = tmp_path / "ledger" / "main.bean"
    before = contents(books)
    assert "2024 är färdigt och förseglat: ingenting saknas" in run(books, "2024", "--yes").output
    assert contents(books) == before
