"""The adopted budget, as a spreadsheet: an account and the amount of the year on each row, goals and limit among them.

    konto;belopp
    Income:RT:3119-Medlemsavgifter:Norrby;688 000
    RT 6020;480 000
    resultat;0
    investment-threshold;29 400

    budget_of(document, books, 2025)        custom "budget" Income:RT:3119-... "yearly" -688000.00 SEK, ...

An account is named whole, or by its unit and number where that is one account. Where all income stands with plus, it is
turned: the books have it with minus. Words and signs are the only things that are guessed.
"""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation

from beancount.core import data
from beancount.core.amount import Amount

from forbundsbok.importers.document import Document
from forbundsbok.importers.formats.sheet import Row, rows_of
from forbundsbok.importers.problems import Problem, refused, refused_whole
from forbundsbok.plugins.books import Books
from forbundsbok.plugins.budget import BUDGET, GOAL, GOALS
from forbundsbok.plugins.capitalisation import LIFE, THRESHOLD
from forbundsbok.plugins.findings import Message, phrase
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.ledger_text import AccountText, custom_of
from forbundsbok.plugins.money import ORE, ZERO, is_whole_ore
from forbundsbok.plugins.spelling import nearest_account
from forbundsbok.plugins.years import first_day_of_year

ACCOUNT, AMOUNT = ("konto", "account"), ("belopp", "budget", "helår", "amount")
"""What the heads of the two columns may be called."""
LARGEST = Decimal(10) ** 15


def budget_of(document: Document, books: Books, year: int) -> list[data.Custom]:
    """Return what a spreadsheet says is decided for a year. Raises DocumentError with each row that cannot be read."""
    rows = rows_of(document)
    head, *rows = rows or [(0, [])]
    columns = [_column(head[1], names) for names in (ACCOUNT, AMOUNT)]
    if None in columns:
        text = N_("the first row names the columns: konto and belopp; found: {found}")
        raise refused_whole(document, phrase(text, found=", ".join(filter(None, head[1])) or "-"))
    problems: list[Problem] = []
    amounts: dict[str, tuple[int, Decimal]] = {}
    for line, name, written in _cells(rows, *columns):
        what, wrong = _named(name, books)
        amount = amount_of(written)
        if amount is None or abs(amount) >= LARGEST:
            text = N_('"{written}" is no amount in kronor: write it as 1250 or 1250,50')
            wrong = wrong or phrase(text, written=written)
        elif what in amounts:
            wrong = phrase(N_("{what} stands in row {line} too"), what=what, line=amounts[what][0])
        if wrong or amount is None:
            problems.append(Problem(line, wrong or Message("")))
        else:
            amounts[what] = (line, amount)
    if problems:
        raise refused(str(document), problems)
    return list(_decided(amounts, books, year))


def _column(head: Iterable[str], names: Iterable[str]) -> int | None:
    return next((at for at, cell in enumerate(head) if cell.casefold() in names), None)


def _cells(rows: Iterable[Row], *columns: int | None) -> Iterator[tuple[int, str, str]]:
    for line, cells in rows:
        name, written = (cells[at] if at is not None and at < len(cells) else "" for at in columns)
        if name or written:
            yield line, name, written


def _named(name: str, books: Books) -> tuple[str, Message | None]:
    """Return the account, or the goal or limit, that a row names, or why it names none."""
    if name in books.opens or name.casefold() in (*GOALS, THRESHOLD.type):
        return name if name in books.opens else name.casefold(), None
    match = re.fullmatch(r"(\w+)[ :](\d+)", name)
    own = [
        account
        for account, parsed in books.names.items()
        if match and (parsed.unit, parsed.number) == (match[1].upper(), match[2])
    ]
    if len(own) == 1:
        return own[0], None
    if own:
        text = N_("{name} is several accounts: {accounts}")
        return name, phrase(text, name=name, accounts=own)
    near = nearest_account(name, books.opens)
    text = (
        N_("{name} is no account that is open (is {near} meant?)") if near else N_("{name} is no account that is open")
    )
    return name, phrase(text, name=name, near=near)


def amount_of(written: str) -> Decimal | None:
    """Return an amount in kronor, as people and spreadsheets write it; None for what is none."""
    text = re.sub(r"\s|kr$", "", written.strip().casefold()).replace("\N{MINUS SIGN}", "-")
    if re.fullmatch(r"[-+]?\d+([.,]\d+)?(e[-+]?\d{1,2})?", text, re.ASCII) is None:
        return None
    try:
        number = Decimal(text.replace(",", "."))
        rounded = number.quantize(ORE)
    except InvalidOperation:
        return None
    # A spreadsheet keeps 1234.56 as 1234.5599999999999.
    return rounded if is_whole_ore(number) or abs(number - rounded) < Decimal("0.000001") else None


def _decided(amounts: dict[str, tuple[int, Decimal]], books: Books, year: int) -> Iterator[data.Custom]:
    day = first_day_of_year(year)
    income = [amount for what, (_, amount) in amounts.items() if what.startswith("Income:")]
    turned = -1 if sum(income, ZERO) > 0 else 1
    labels = {goal.kind: goal.label for goal in books.declared(GOAL)}
    lives = [each.months for each in books.declared(THRESHOLD)]
    for what, (_, amount) in amounts.items():
        sign = turned if what.startswith("Income:") else 1
        value = Amount((sign * amount).quantize(ORE), books.currency)
        if what in GOALS:
            yield custom_of(GOAL.type, day, [what, value], {"benamning": labels.get(what, what)})
        elif what == THRESHOLD.type:
            yield custom_of(THRESHOLD.type, day, [value], {LIFE: Decimal(lives[-1] if lives else 36)})
        else:
            yield custom_of(BUDGET.type, day, [AccountText(what), "yearly", value])
