"""A statement proves itself before it is shown: each proof by a ledger that breaks it and nothing else.

The ledgers are loaded without the rules, which would find most of this before any statement is made.
"""

import re
import shutil
from pathlib import Path

import pytest
from beancount import loader

from forbundsbok.plugins.clearing import complete_with_clearing
from forbundsbok.plugins.loading import LedgerError
from forbundsbok.queries.general_ledger import GeneralLedger, read
from forbundsbok.queries.statement import Period
from forbundsbok.queries.statements import StatementError, statement, statements
from forbundsbok.queries.trace import find_row, traces_of
from tests.conftest import TINY
from tests.queries.test_other_federation import PRINTED

YEAR, BEFORE = Period(2022), Period(2021)


def books_of(tmp_path: Path, text: str) -> GeneralLedger:
    path = tmp_path / "main.bean"
    path.write_text(re.sub(r"^plugin .*\n", "", text, flags=re.MULTILINE), encoding="utf-8")
    loader.initialize(use_cache=False)
    entries, _, options = loader.load_file(str(path))
    completed = complete_with_clearing(entries, options).entries
    return read(completed, options)


def with_voucher(accounts: str, postings: str) -> str:
    opened = "".join(f"2020-12-31 open {account} SEK\n" for account in accounts.split())
    return f'{TINY}\n{opened}\n2022-11-30 * "Ett verifikat"\n  ver: "M 2"\n{postings}'


def test_the_tiny_federation_proves_every_statement(tmp_path: Path) -> None:
    made = {each.id for each in statements(books_of(tmp_path, TINY), YEAR, BEFORE)}
    assert {"mal", "resultat", "balans", "not-1", "kassaflode", "drift"} <= made


@pytest.mark.parametrize(
    ("name", "account", "message"),
    [
        (
            "resultat",
            "Income:RT:8610-Okänt",
            "resultat 2022: ingen rad tar med Income:RT:8610-Okänt: ge kontogruppen en rad",
        ),
        (
            "balans",
            "Liabilities:RT:8610-Fel-klass",
            "balans 2022: ingen rad tar med Liabilities:RT:8610-Fel-klass: ge kontogruppen",
        ),
        ("drift", "Income:RT:8610-Okänt", "drift 2021: ingen rad tar med Income:RT:8610-Okänt: ge kontogruppen en rad"),
    ],
)
def test_an_account_that_no_line_takes_is_named(tmp_path: Path, name: str, account: str, message: str) -> None:
    text = with_voucher(account, f"  {account}  -10.00 SEK\n  Assets:RT:1910-Kassa-och-bank  10.00 SEK\n")
    with pytest.raises(StatementError) as error:
        statement(books_of(tmp_path, text), name, YEAR, BEFORE)
    assert str(error.value).startswith(message)


def test_internal_items_that_do_not_meet_are_named_with_their_amounts(tmp_path: Path) -> None:
    text = with_voucher(
        "", "  Expenses:RT:7610-Interna-kurser  10.00 SEK\n  Assets:RT:1910-Kassa-och-bank  -10.00 SEK\n"
    )
    with pytest.raises(StatementError) as error:
        statement(books_of(tmp_path, text), "resultat", YEAR, BEFORE)
    assert str(error.value) == (
        "resultat 2022: det som utelämnas som internt ska ha summan 0,00 men har summan 10,00: "
        "Income:UTB:3610-Interna-kurser -120 000,00, Expenses:RT:7610-Interna-kurser 120 010,00."
    )


@pytest.mark.parametrize("name", ["resultat", "balans"])
def test_equity_posted_to_directly_is_not_a_result(tmp_path: Path, name: str) -> None:
    rows = "  Equity:RT:2010-Eget-kapital  10.00 SEK\n  Liabilities:RT:2510-Leverantörsskulder  -10.00 SEK\n"
    text = with_voucher("", rows)
    with pytest.raises(
        StatementError, match=r"eget kapital, som har ändrats för sig: Equity:RT:2010-Eget-kapital 10,00"
    ):
        statement(books_of(tmp_path, text), name, YEAR, BEFORE)


def test_a_change_of_principle_on_the_first_day_adjusts_opening_equity(tmp_path: Path) -> None:
    """RKR R12: it is no result of the year, and the year before stands as it closed."""
    rows = "  Equity:RT:2010-Eget-kapital  5000.00 SEK\n  Liabilities:RT:2990-Upplupet  -5000.00 SEK\n"
    text = with_voucher("Liabilities:RT:2990-Upplupet", rows).replace("2022-11-30", "2022-01-01")
    plain, books = books_of(tmp_path, TINY), books_of(tmp_path, text)

    def shown(books: GeneralLedger, title: str) -> dict[str, int]:
        [made] = [each for each in statements(books, YEAR, BEFORE) if each.title == title]
        return {row.id: row.figures["year"].ore for row in made.rows if row.figures}

    before, after = shown(plain, "Eget kapital"), shown(books, "Eget kapital")
    assert after == before | {"justering": -500000, "ut": before["ut"] - 500000}
    assert list(after) == ["in", "justering", "resultat", "ut"]
    assert shown(books, "Resultaträkning total") == shown(plain, "Resultaträkning total")
    cash = shown(books, "Kassaflödesanalys")
    assert cash == shown(plain, "Kassaflödesanalys")
    [note] = [each for each in statements(books, YEAR, BEFORE) if each.title == "Eget kapital"]
    [trace] = traces_of(books, find_row(note, "Justering av ingående eget kapital").figures["year"])
    assert [line.voucher for account in trace.accounts for line in account.postings] == ["M 2"]
    later = statements(books, Period(2022, 2, 12), None)
    assert not any(row.id == "justering" for each in later if each.title == "Eget kapital" for row in each.rows)
    with pytest.raises(StatementError, match="har ändrats för sig"):
        statement(books_of(tmp_path, text.replace("2022-01-01 *", "2022-01-02 *")), "resultat", YEAR, BEFORE)


def test_cash_flow_must_be_the_change_in_cash(tmp_path: Path) -> None:
    # No line of the cash flow statement takes equity that is moved by no event.
    rows = "  Equity:RT:2010-Eget-kapital  10.00 SEK\n  Liabilities:RT:2510-Leverantörsskulder  -10.00 SEK\n"
    text = with_voucher("", rows)
    with pytest.raises(StatementError, match=r"Årets kassaflöde är .* men Likvida medel .* skillnad 10,00"):
        statement(books_of(tmp_path, text), "kassaflode", YEAR, BEFORE)


def test_a_sold_asset_leaves_the_books_and_brings_its_price(tmp_path: Path) -> None:
    # A boat of 600 000 with 45 000 depreciated is sold for 575 000: book value 555 000, gain 20 000.
    text = with_voucher(
        "Assets:RT:1218-Försålda-inventarier Income:RT:3810-Realisationsvinst",
        "  Assets:RT:1910-Kassa-och-bank              575000.00 SEK\n"
        "  Assets:RT:1218-Försålda-inventarier       -600000.00 SEK\n"
        "  Assets:RT:1219-Ackumulerade-avskrivningar   45000.00 SEK\n"
        "  Income:RT:3810-Realisationsvinst           -20000.00 SEK\n",
    )
    books = books_of(tmp_path, text)

    def shown(name: str) -> dict[str, int]:
        return {row.id: row.figures["year"].tkr for row in statement(books, name, YEAR, BEFORE).rows if row.figures}

    note = next(each for each in statements(books, YEAR, BEFORE) if each.title == "Maskiner och inventarier")
    figures = {row.id: row.figures["year"].tkr for row in note.rows}
    assert (figures["anskaffning-inkop"], figures["anskaffning-forsaljning"]) == (600, -600)
    assert (figures["avskrivning-arets"], figures["avskrivning-forsaljning"]) == (-145, 45)
    cash = shown("kassaflode")
    assert (cash["realisationsvinster"], cash["forsaljning-materiella"], cash["forvarv-materiella"]) == (-20, 575, 0)
    assert shown("balanskrav")["realisationsvinster"] == -20


def test_a_note_must_come_to_the_line_that_it_explains(tmp_path: Path) -> None:
    # 2210 is a provision to the balance sheet, but no provision is declared that it belongs to.
    text = with_voucher(
        "Liabilities:RT:2210-Avsättning",
        "  Expenses:RT:6010-Material-och-tjänster  10.00 SEK\n  Liabilities:RT:2210-Avsättning  -10.00 SEK\n",
    )
    shutil.copytree(PRINTED, tmp_path / "layouts")  # the law's note has a line for it
    books = books_of(tmp_path, text)
    statement(books, "balans", YEAR, BEFORE)
    with pytest.raises(StatementError, match=r"Summa är 0,00, men Andra avsättningar i balans är 10,00"):
        statements(books, YEAR, BEFORE)


def test_amounts_finer_than_an_ore_are_refused(tmp_path: Path) -> None:
    text = with_voucher("", "  Expenses:RT:5010-Löner  10.005 SEK\n  Assets:RT:1910-Kassa-och-bank  -10.005 SEK\n")
    with pytest.raises(LedgerError, match="i SEK med hela ören"):
        books_of(tmp_path, text)
