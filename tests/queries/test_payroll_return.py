"""The employer's declaration: what it declares is what was paid to Skatteverket, and the tax account agrees with it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from beancount.core import data
from beancount.core.amount import Amount

from forbundsbok.importers.document import Document
from forbundsbok.importers.problems import DocumentError
from forbundsbok.importers.tax_account import tax_account_statement
from forbundsbok.plugins.books import Books
from forbundsbok.plugins.canonical import is_of_seal
from forbundsbok.plugins.loading import LoadedLedger
from forbundsbok.plugins.months import Month
from forbundsbok.plugins.payroll import usual_parts
from forbundsbok.queries.general_ledger import GeneralLedger
from forbundsbok.queries.payroll_return import PayrollReturn, _prove, payroll_return, reconciled
from forbundsbok.queries.proofs import StatementError

JANUARY = Month(2024, 1)


@pytest.fixture(scope="module")
def books(sjuharad_loaded: LoadedLedger) -> Books:
    return Books(sjuharad_loaded.entries, sjuharad_loaded.options)


@pytest.fixture(scope="module")
def ledger(sjuharad_ledger: GeneralLedger) -> GeneralLedger:
    return sjuharad_ledger


@pytest.fixture(scope="module")
def january(books: Books, ledger: GeneralLedger) -> PayrollReturn:
    return payroll_return(books, ledger, JANUARY)


def paid(books: Books) -> dict[Month, Decimal]:
    """Return what the bank paid of tax and fees, by the month that it was for."""
    return {
        Month.of(entry.date).after(-1): -sum((n for account, n in books.rows(entry) if ":1610-" in account), Decimal(0))
        for entry in books.vouchers
        if (entry.narration or "").startswith("Skattekonto: avdragen skatt")
    }


def test_each_month_declares_what_was_paid(books: Books, ledger: GeneralLedger) -> None:
    payments = paid(books)
    months = [month for month in payments if month.year > 2022]
    assert len(months) == 23
    for month in months:
        boxes = payroll_return(books, ledger, month).boxes()
        assert boxes["497"] + boxes["487"] == payments[month]


def test_fees_are_the_full_rate_of_what_is_paid_to_employees(january: PayrollReturn) -> None:
    """What a supplier invoices on an account of pay, and what holidays are owed, are no pay: else no unit agreed."""
    assert len(january.units) == 10
    assert all(abs(each.off) < 1 for each in january.units)
    assert {each.percent for each in january.units} == {Decimal("31.42")}


def test_a_debt_that_is_not_its_balance_is_never_shown(books: Books, january: PayrollReturn) -> None:
    _prove(january.units, january.debts, books)
    first, *others = january.debts
    with pytest.raises(StatementError):
        _prove(january.units, [replace(first, closing=first.closing + 1), *others], books)
    with pytest.raises(StatementError):
        _prove(january.units[1:], january.debts, books)


def statement(folder: Path, text: str) -> list[tuple[date, str, Decimal]]:
    path = folder / "skattekonto.csv"
    path.write_text(text, encoding="cp1252")
    return list(tax_account_statement(Document(path)).rows)


STATEMENT = """;Ingående saldo 2024-02-01;;0
2024-02-12;Inbetalning bokförd 240212;1 391 621;1 391 621
2024-02-12;Avdragen skatt jan 2024;-627 042;764 579
2024-02-12;Arbetsgivaravgift jan 2024;-764 579;0
;Utgående saldo 2024-02-29;;0
"""


def test_the_tax_account_agrees(books: Books, tmp_path: Path) -> None:
    rows = reconciled(books, statement(tmp_path, STATEMENT))
    assert [each.agrees for each in rows] == [True] * 3
    assert "U 87" in str(rows[-1].found)


def test_what_the_tax_account_has_otherwise_is_told(books: Books, tmp_path: Path) -> None:
    text = STATEMENT.replace("-627 042;764 579", "-672 042;719 579").replace(";0\n;Utg", ";-45 000\n;Utg")
    text = text.replace("02-29;;0", "02-29;;-45 000").replace("-764 579;0", "-764 579;-45 000")
    wrong = [each for each in reconciled(books, statement(tmp_path, text)) if not each.agrees]
    assert [(each.text, each.amount) for each in wrong] == [("Avdragen skatt jan 2024", Decimal(-672042))]
    assert "627" in str(wrong[0].found)


def test_a_payment_that_the_tax_account_lacks_and_interest_that_the_books_lack(books: Books, tmp_path: Path) -> None:
    text = "2024-02-01;Intäktsränta;12\n2024-02-29;Kostnadsränta;-3\n"
    wrong = reconciled(books, statement(tmp_path, text))
    assert not any(each.agrees for each in wrong)
    assert Decimal(1391621) in [each.amount for each in wrong]
    assert {"Intäktsränta", "Kostnadsränta"} < {each.text for each in wrong}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "konto;belopp\n",
        "2024-02-12;Avdragen skatt jan 2024;sexhundra\n",
        ";Ingående saldo;5\n2024-02-12;Avdragen skatt jan 2024;-10\n;Utgående saldo;5\n",
        "2024-02-12;Avdragen skatt jan 2024;-10\n2024-02-31;Arbetsgivaravgift;-10\n",
    ],
)
def test_what_is_no_statement_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(DocumentError):
        statement(tmp_path, text)


def test_fees_typed_with_two_digits_the_other_way_round_are_found(sjuharad_loaded: LoadedLedger) -> None:
    """Both rows have the slip, so that the voucher balances: what tells it is the unit's other months."""
    entries = [unsealed(entry) for entry in sjuharad_loaded.entries]
    right = next(entry for entry in entries if isinstance(entry, data.Transaction) and is_meant(entry))
    wrong = right._replace(postings=[mistyped(row) for row in right.postings])
    books = Books([wrong if entry is right else entry for entry in entries], sjuharad_loaded.options)
    told = [finding for finding in usual_parts(books) if finding.at is wrong]
    assert [round(finding.values["due"] - 267501) for finding in told] == [0]
    assert not [finding for finding in usual_parts(Books(entries, sjuharad_loaded.options)) if finding.at is right]


def unsealed(entry: data.Directive) -> data.Directive:
    """Return a directive as it is in an open year: what is sealed is not asked about."""
    if isinstance(entry, data.Custom) and entry.type == "bokslut":
        return entry._replace(meta={key: value for key, value in entry.meta.items() if not is_of_seal(key)})
    return entry


def is_meant(entry: data.Transaction) -> bool:
    return entry.narration == "Löner Navet science center januari" and entry.date.year == 2024


def mistyped(row: data.Posting) -> data.Posting:
    """Return a row of 267 501 kr as one of 276 501 kr."""
    turned = {Decimal(267501): Decimal(276501), Decimal(-267501): Decimal(-276501)}
    assert row.units is not None
    assert row.units.number is not None
    return row._replace(units=Amount(turned.get(row.units.number, row.units.number), row.units.currency))
