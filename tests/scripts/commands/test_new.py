"""`forbundsbok new`: a voucher from what is filled in and what the books know; what is wrong writes nothing."""

from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from beancount.core import data
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from forbundsbok.plugins.books import Books
from forbundsbok.plugins.corrections import number_of
from forbundsbok.plugins.loading import load_ledger
from forbundsbok.plugins.money import ZERO
from forbundsbok.plugins.roles import Role
from forbundsbok.plugins.templates import templates_of
from forbundsbok.plugins.vat import RATES
from forbundsbok.queries.voucher_forms import VoucherForm
from forbundsbok.scripts.forbundsbok import main
from tests.main_file import head

BOOKS = f"""{head("Räddningstjänsten Norra")}
2024-12-31 custom "unit" "RT" "Räddningstjänst"
  overskott: "behalls"
2024-12-31 custom "unit" "UTB" "Utbildning"
  overskott: "behalls"
2024-12-31 custom "attest" "CHEF" "RT" 500000.00 SEK
2024-12-31 custom "attest" "CHEF" "UTB" 500000.00 SEK
2024-12-31 open Assets:RT:1510-Kundfordringar SEK
2024-12-31 open Assets:RT:1650-Momsfordran SEK
2024-12-31 open Assets:RT:1710-Interimsfordringar SEK
2024-12-31 open Assets:RT:1790-Avräkning SEK
2024-12-31 open Assets:RT:1910-Kassa-och-bank SEK
2024-12-31 open Assets:UTB:1790-Avräkning SEK
2024-12-31 open Equity:RT:2010-Eget-kapital SEK
2024-12-31 open Liabilities:RT:2510-Leverantörsskulder SEK
2024-12-31 open Liabilities:RT:2610-Utgående-moms SEK
2024-12-31 open Liabilities:RT:2710-Personalens-skatt SEK
2024-12-31 open Liabilities:RT:2730-Arbetsgivaravgifter SEK
2024-12-31 open Liabilities:RT:2810-Nettolöner SEK
2024-12-31 open Liabilities:RT:2960-Upplupna-kostnader SEK
2024-12-31 open Income:RT:3010-Försäljning SEK
2024-12-31 open Income:RT:3119-Medlemsavgifter:Norrby SEK
2024-12-31 open Income:UTB:3610-Interna-kurser SEK
  intern: TRUE
2024-12-31 open Expenses:RT:5010-Löner SEK
2024-12-31 open Expenses:RT:5610-Arbetsgivaravgifter SEK
2024-12-31 open Expenses:RT:6020-Lokalhyror SEK
2024-12-31 open Expenses:RT:6510-Kontorsmaterial SEK
2024-12-31 open Expenses:RT:7610-Interna-kurser SEK
  intern: TRUE
2024-12-31 open Expenses:UTB:6510-Kontorsmaterial SEK

2024-12-31 * "Ingående balanser"
  ver: "B 1"
  Assets:RT:1910-Kassa-och-bank   100000.00 SEK
  Equity:RT:2010-Eget-kapital    -100000.00 SEK

2025-01-08 * "Kontorsbolaget AB" "Pärmar" ^L-2025-0001
  ver: "L 1"
  attest: "CHEF"
  mottagning: "VAKT"
  forfallodag: 2025-02-07
  Expenses:RT:6510-Kontorsmaterial          1000.00 SEK
  Assets:RT:1650-Momsfordran                 250.00 SEK
  Liabilities:RT:2510-Leverantörsskulder   -1250.00 SEK
"""
INVOICE = ("leverantorsfaktura", "--unit", "rt", "--payee", "kontorsbolaget ab", "--text", "Pennor", "--amount", "500")
MORE = ("--due", "2025-03-10", "--received-by", "VAKT")


@pytest.fixture
def books(tmp_path: Path) -> Path:
    path = tmp_path / "main.bean"
    path.write_text(BOOKS, encoding="utf-8")
    return path


def run(books: Path, *args: str, day: str = "2025-02-08", answer: str = "") -> Result:
    words = ["new", *args, "--ledger", str(books), *(("--date", day) if args and day else ())]
    return CliRunner().invoke(main, words, input=answer)


def text(books: Path) -> str:
    return books.read_text(encoding="utf-8").removeprefix(BOOKS)


def test_it_lists_the_kinds_that_there_are_and_the_ledgers_own(books: Path) -> None:
    with books.open("a", encoding="utf-8") as file:
        file.write(
            '\n2025-01-01 custom "mall" "hyra" "L"\n  benamning: "Lokalhyra"\n  rader: "belopp kostnad; -belopp bank"\n'
        )
    told = run(books).stdout
    assert "leverantorsfaktura  L  Leverantörsfaktura\n" in told
    assert "hyra                L  Lokalhyra\n" in told


def test_a_supplier_invoice_gets_what_the_books_know(books: Path) -> None:
    result = run(books, *INVOICE, *MORE, "--yes")
    assert result.exit_code == 0, result.output
    assert (
        text(books)
        == """
2025-02-08 ! "Kontorsbolaget AB" "Pennor" ^L-2025-0002
  ver: "L 2"
  mottagning: "VAKT"
  forfallodag: 2025-03-10
  Expenses:RT:6510-Kontorsmaterial         400.00 SEK
  Assets:RT:1650-Momsfordran               100.00 SEK
  Liabilities:RT:2510-Leverantörsskulder  -500.00 SEK
"""
    )
    assert load_ledger(books).errors == []


def test_a_document_is_named_by_its_path_below_the_books(books: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(books.parent.parent)
    kept, elsewhere = books.parent / "underlag" / "å 1.pdf", books.parent.parent / "å 2.pdf"
    kept.parent.mkdir()
    for path in (kept, elsewhere):
        path.touch()
    told_of = {kept: "skriv   --document 'underlag/å 1.pdf'", elsewhere: "å 2.pdf ligger inte i böckernas mapp: lägg"}
    for path, told in told_of.items():
        result = run(books, *INVOICE, *MORE, "--yes", "--document", str(path))
        assert (result.exit_code, text(books), told in result.stderr) == (1, "", True), result.output
    elsewhere.unlink()
    assert run(books, *INVOICE, *MORE, "--yes", "--document", "underlag/å 1.pdf").exit_code == 0


def test_a_no_and_a_dry_run_write_nothing(books: Path) -> None:
    for more in (("--dry-run",), ()):
        assert "Pennor" in run(books, *INVOICE, *MORE, *more, answer="n\n").stdout
        assert text(books) == ""
    assert run(books, *INVOICE, *MORE, answer="ja\n").exit_code == 0
    assert "Pennor" in text(books)


def test_what_lacks_is_asked_for_again_until_it_can_be_and_by_number_from_a_list(books: Path) -> None:
    answers = "RT\nNytt AB\nSkrivare\nmycket\n1 250\n25\n1\n\nVAKT\nj\n"
    result = run(books, "leverantorsfaktura", "--ask", answer=answers)
    assert result.exit_code == 0, result.output
    assert '"mycket" är inget belopp i kronor' in result.stderr
    assert "   1  Expenses:RT:6510-Kontorsmaterial" in result.stdout
    assert "Expenses:RT:6510-Kontorsmaterial         1000.00 SEK" in text(books)


def test_a_payment_settles_an_invoice_once(books: Path) -> None:
    result = run(books, "betalning", "--settles", "L 1", "--attest", "CHEF", "--yes")
    assert result.exit_code == 0, result.output
    assert '2025-02-08 * "Kontorsbolaget AB" "Betalning: Pärmar" ^L-2025-0001\n  ver: "U 1"' in text(books)
    again = run(books, "betalning", "--settles", "L 1", "--attest", "CHEF", "--yes")
    assert "är redan reglerad" in again.stderr


BANK = """
2024-12-31 open Assets:UTB:1610-Internbank SEK
2024-12-31 open Assets:RT:1911-Handkassa SEK
"""
PAID = """
2025-01-{day} * "Kontorsbolaget AB" "Betalning: Pennor" ^L-2025-00{day}
  ver: "U {number}"
  attest: "CHEF"
  Liabilities:RT:2510-Leverantörsskulder    100.00 SEK
  {account}   -100.00 SEK
"""
BOUGHT = """
2025-01-{day} * "Kontorsbolaget AB" "Pennor" ^L-2025-00{day}
  ver: "L {number}"
  attest: "CHEF"
  mottagning: "VAKT"
  Expenses:RT:6510-Kontorsmaterial          100.00 SEK
  Liabilities:RT:2510-Leverantörsskulder   -100.00 SEK
"""


def test_a_payment_goes_from_where_the_units_latest_went_and_says_so(books: Path) -> None:
    """Which is another unit's account here, and neither the own bank nor the cash box that paid the last one."""
    accounts = ["Assets:UTB:1610-Internbank", "Assets:UTB:1610-Internbank", "Assets:RT:1911-Handkassa"]
    with books.open("a", encoding="utf-8") as file:
        file.write(BANK)
        for number, account in enumerate(accounts, 1):
            file.write(BOUGHT.format(day=10 + number, number=number + 1))
            file.write(PAID.format(day=10 + number, number=number, account=account))
    result = run(books, "betalning", "--settles", "L 1", "--attest", "CHEF", "--dry-run")
    assert result.exit_code == 0, result.output
    assert "Assets:UTB:1610-Internbank              -1250.00 SEK" in result.stdout
    assert "Assets:UTB:1610-Internbank, som 2 av de 3 senaste av det här slaget i RT, den sista U 2" in result.stderr
    said = run(books, "betalning", "--settles", "L 1", "--account", "internbank=1911", "--attest", "CHEF", "--dry-run")
    assert "Assets:RT:1911-Handkassa                -1250.00 SEK" in said.stdout
    assert "senaste av det här slaget" not in said.stderr


def test_an_invoice_that_is_taken_back_is_corrected_or_owed_back_when_it_is_paid(books: Path) -> None:
    args = ("--reverse", "L 1", "--attest", "CHEF")
    unpaid = run(books, *args, "--dry-run")
    assert '"Återföring: pärmar" ^L-2025-0001\n  ver: "L 2"\n  rattar: "L 1"\n' in unpaid.stdout
    assert run(books, "betalning", "--settles", "L 1", "--attest", "CHEF", "--yes").exit_code == 0
    whole = run(books, "--correct", "L 1", "--attest", "CHEF", "--yes")
    assert whole.exit_code == 1
    assert "återför den med --reverse" in whole.stderr
    taken_back = run(books, *args, "--yes", day="2025-02-20")
    assert taken_back.exit_code == 0, taken_back.output
    assert '"Återföring: pärmar" ^L-2025-0001\n  ver: "L 2"\n  mottagning: "VAKT"\n' in text(books)
    assert load_ledger(books).errors == []
    again = run(books, "--reverse", "U 1", "--attest", "CHEF", "--yes", day="2025-02-21")  # the bank has sent it back
    assert again.exit_code == 0, again.output
    assert '"Återföring: betalning: Pärmar" ^L-2025-0001\n  ver: "U 2"\n  attest' in text(books)


def test_a_due_day_before_the_invoice_is_told_on_a_trial_also_of_one_that_waits(books: Path) -> None:
    for attest in ((), ("--attest", "CHEF")):
        result = run(books, *INVOICE, "--due", "2025-02-01", "--received-by", "VAKT", *attest, "--dry-run")
        assert result.exit_code == 0, result.output
        assert "T166 L 2" in result.stderr


@pytest.mark.parametrize(
    ("args", "rows"),
    [
        (
            (
                "kundfaktura",
                "--unit",
                "RT",
                "--payee",
                "Norrby",
                "--text",
                "Kurs",
                "--amount",
                "1250",
                "--vat",
                "25",
                "--account",
                "3010",
            ),
            {"Income:RT:3010-Försäljning": -1000, "Liabilities:RT:2610-Utgående-moms": -250},
        ),
        (
            ("medlemsavgift", "--unit", "RT", "--payee", "Norrby", "--text", "Avgift kvartal 1", "--amount", "900"),
            {"Assets:RT:1510-Kundfordringar": 900, "Income:RT:3119-Medlemsavgifter:Norrby": -900},
        ),
        (
            ("internt", "--unit", "RT", "--other-unit", "UTB", "--text", "Kurs", "--amount", "900"),
            {"Income:UTB:3610-Interna-kurser": -900, "Expenses:RT:7610-Interna-kurser": 900},
        ),
        (
            (
                "lon",
                "--unit",
                "RT",
                "--text",
                "Löner februari",
                "--amount",
                "lön=1000",
                "--amount",
                "skatt=300",
                "--amount",
                "avgifter=314,20",
                "--account",
                "personalskatter=2710",
                "--account",
                "personalskatter-2=2730",
            ),
            {"Liabilities:RT:2810-Nettolöner": -700, "Liabilities:RT:2730-Arbetsgivaravgifter": Decimal("-314.20")},
        ),
        (
            ("fri", "--text", "Flytt", "--row", "RT:6020=100", "--row", "RT:6510=-100"),
            {"Expenses:RT:6020-Lokalhyror": 100, "Expenses:RT:6510-Kontorsmaterial": -100},
        ),
    ],
)
def test_each_kind_has_its_rows(books: Path, args: tuple[str, ...], rows: dict[str, Decimal]) -> None:
    due = ("--due", "2025-03-10") if args[0] in ("kundfaktura", "medlemsavgift") else ()
    result = run(books, *args, *due, "--yes")
    assert result.exit_code == 0, result.output
    loaded = load_ledger(books)
    own = {row.account: number_of(row) for row in _last(loaded.entries).postings}
    assert {account: own[account] for account in rows} == rows


def test_rows_of_ones_own_have_what_stands_beside_a_form(books: Path) -> None:
    beside = ("--document", "Beslut § 4", "--project", "Flytten", "--due", "2025-03-10")
    assert (
        run(books, "fri", "--text", "Flytt", "--row", "RT:6020=9", "--row", "RT:6510=-9", *beside, "--yes").exit_code
        == 0
    )
    meta = _last(load_ledger(books).entries).meta
    assert (meta["underlag"], meta["projekt"], meta["forfallodag"]) == ("Beslut § 4", "Flytten", date(2025, 3, 10))


def _last(entries: list[data.Directive]) -> data.Transaction:
    return [entry for entry in entries if isinstance(entry, data.Transaction)][-1]


def test_an_accrual_comes_back_the_next_day_but_that_of_a_year_end_when_the_year_is_opened(books: Path) -> None:
    args = ("upplupen", "--unit", "RT", "--text", "Hyra augusti", "--amount", "5000", "--account", "6020", "--yes")
    assert run(books, *args, day="2025-08-31").exit_code == 0
    assert '2025-09-01 ! "Återföring: hyra augusti"\n  ver: "M 1"\n  Expenses:RT:6020-Lokalhyror' in text(books)
    assert run(books, *args, day="2025-12-31").exit_code == 0
    assert text(books).count("Återföring") == 1


def test_an_earlier_voucher_is_corrected_taken_back_and_copied(books: Path) -> None:
    assert run(books, "--correct", "L 1", "--account", "6510=6020", "--attest", "CHEF", "--yes").exit_code == 0
    corrected = text(books)
    assert 'ver: "L 2"\n  rattar: "L 1"\n  attest: "CHEF"\n' in corrected
    assert (
        "Expenses:RT:6510-Kontorsmaterial  -1000.00 SEK\n  Expenses:RT:6020-Lokalhyror        1000.00 SEK" in corrected
    )
    assert run(books, "--copy", "L 1", "--text", "Pärmar igen", "--yes").exit_code == 0
    assert '"Pärmar igen" ^L-2025-0003\n' in text(books)
    assert "forfallodag: 2025-03-10" in text(books)
    assert run(books, "--reverse", "L 3", "--yes").exit_code == 0
    assert '"Återföring: pärmar igen" ^L-2025-0003\n  ver: "L 4"\n  rattar: "L 3"\n' in text(books)
    assert load_ledger(books).errors == []


@pytest.mark.parametrize(
    ("args", "why"),
    [
        (("hyra",), "hyra är inget slag av verifikation"),
        (("leverantorsfaktura", "--unit", "XX"), '"XX" är ingen enhet: det finns RT, UTB'),
        (("leverantorsfaktura",), "det här saknas: --unit"),
        (("lon", "--unit", "RT", "--text", "Löner"), "--amount lön=, --amount avgifter=, --amount skatt="),
        ((*INVOICE, *MORE, "--vat", "20"), "momsen är 25, 12, 6, 0 procent, inte 20"),
        ((*INVOICE, *MORE, "--account", "9999"), '"9999" är inget konto som är öppet'),
        ((*INVOICE, *MORE, "--amount", "0"), "beloppet är noll"),
        ((*INVOICE, "--due", "snart", "--received-by", "VAKT"), '"snart" är inget datum'),
        (("betalning", "--settles", "L 9"), "det finns ingen verifikation L 9 av 2025, 2024"),
        (("betalning", "--settles", "nio"), '"nio" är inget verifikationsnummer'),
        (("inbetalning", "--settles", "L 1"), "har ingen rad som detta reglerar"),
        (("--correct", "L 1", "--account", "6020=6510"), "har ingenting på 6020"),
        (("--correct", "L 1", "--copy", "L 1"), "Skriv en av --copy, --reverse och --correct"),
        (("fri", "--text", "Flytt", "--row", "RT:6020=100", "--row", "RT:6510=-90"), "raderna balanserar inte: 10"),
        (("fri", "--text", "Flytt", "--row", "6020"), '"6020" är ingen rad'),
        (("fri", "--text", "Flytt", "--row", "6510=1"), '"6510" är flera konton'),
        ((*INVOICE, "--due", "2025-03-10", "--received-by", "CHEF", "--attest", "CHEF"), "A602"),
        ((*INVOICE, *MORE, "--attest", "VAKT"), "A603"),
    ],
)
def test_what_is_wrong_is_said_and_changes_nothing(books: Path, args: tuple[str, ...], why: str) -> None:
    result = run(books, *args, "--yes")
    assert result.exit_code
    assert why in result.stderr
    assert text(books) == ""


def test_a_year_that_is_not_open_is_refused(books: Path) -> None:
    result = run(books, *INVOICE, "--due", "2026-03-10", "--received-by", "VAKT", "--yes", day="2026-02-08")
    assert "öppna året först   forbundsbok open-year 2026" in result.stderr
    assert text(books) == ""


@cache
def books_read() -> Books:
    from beancount import loader

    entries, _, options = loader.load_string(BOOKS)
    return Books(entries, options)


@given(st.integers(1, 10**12), st.sampled_from(RATES), st.sampled_from(["leverantorsfaktura", "kundfaktura"]))
def test_a_voucher_balances_and_its_vat_is_at_its_rate_whatever_the_amount(ore: int, rate: int, kind: str) -> None:
    books = books_read()
    values = {"enhet": "RT", "motpart": "Nytt AB", "text": "Vara", "datum": "2025-02-08", "moms": str(rate)}
    values |= {
        "belopp": f"{Decimal(ore) / 100:.2f}",
        "forfallodag": "2025-03-10",
        "mottagning": "VAKT",
        "kostnad": "6510",
        "intakt": "3010",
    }
    [entry] = VoucherForm(books, templates_of(books)[kind], values).vouchers()
    amounts = {row.account: number_of(row) for row in entry.postings}
    vat = sum((amounts[each] for each in amounts if books.roles.has(each, Role.INPUT_VAT, Role.OUTPUT_VAT)), ZERO)
    net = sum((amounts[each] for each in amounts if books.roles.has(each, Role.COSTS, Role.INCOME)), ZERO)
    assert sum(amounts.values()) == 0
    assert abs(net + vat) == Decimal(ore) / 100
    assert abs(vat - net * rate / 100) <= Decimal("0.01")
