"""Tables in HTML, for pages: statements, what is behind a figure, and postings.

    Tables("sv", Links(figure=..., note=..., account=...)).statement(statement)

Where a figure, a note or an account leads, the page says that has the table.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from html import escape
from typing import NamedTuple

from forbundsbok.plugins.language import N_, translation
from forbundsbok.plugins.ledger_text import cleaned_text
from forbundsbok.plugins.money import amount_text
from forbundsbok.queries.statement import (
    Column,
    Figure,
    PostingLine,
    RegisterEntry,
    Statement,
    StatementRow,
    Sum,
    as_set,
    kronor_of,
    text_as_set,
    tkr_text,
)
from forbundsbok.scripts.render.text import taken_text

BOOKS = "sv"
"""The language of what is written in books."""

# Babel reads no text inside an f-string.
GOAL = N_("Goal")
NOTE = N_("Note")
ROW = N_("Row")
TOTAL = N_("Total")
TOLD = N_("What the registers tell")
ACCOUNT = N_("Account")
AMOUNT = N_("Amount, kr")


class Links(NamedTuple):
    """Where what stands in a table leads; an empty text leads nowhere."""

    figure: Callable[[Statement, StatementRow, Column], str]
    note: Callable[[str], str]
    account: Callable[[str], str]
    place: Callable[[str, int], str]
    """Where something stands, as HTML."""


@dataclass(frozen=True)
class Tables:
    """What draws tables in a language, amounts of statements in tkr or in kronor."""

    language: str
    links: Links
    in_kronor: bool = False

    # Statements

    def statement(self, statement: Statement) -> str:
        """Return a statement's table, which its heading's id names, and its footnotes."""
        head = "".join(
            f'<th scope="col" class="n">{_e(column.label[:1].upper() + column.label[1:])}</th>'
            for column in statement.columns
        )
        noted = any(row.note for row in statement.rows)
        remarked = any(row.remark for row in statement.rows)
        note_head = f'<th scope="col">{self._e(NOTE)}</th>' if noted else ""
        remark_head = f'<th scope="col">{self._e(GOAL)}</th>' if remarked else ""
        body = "".join(self._row(statement, row, noted, remarked) for row in statement.rows)
        feet = "".join(f'<p class="soft">{_e(text)}</p>' for text in statement.footnotes)
        return (
            f'<div class="scroll" role="region" tabindex="0" aria-labelledby="{_e(statement.full_name)}"><table>'
            f"<caption>{statement.period.in_words(self.language)}, {'kr' if self.in_kronor else 'tkr'}</caption>"
            f'<thead><tr><th scope="col">{self._e(ROW)}</th>{note_head}{head}{remark_head}</tr></thead>'
            f"<tbody>\n{body}</tbody></table></div>{feet}"
        )

    def _row(self, statement: Statement, row: StatementRow, noted: bool, remarked: bool) -> str:
        note = ""
        if noted:
            leads = self.links.note(row.note) if row.note else ""
            note = f'<td><a href="{_e(leads)}">{_e(row.note)}</a></td>' if leads else f"<td>{_e(row.note)}</td>"
        cells = "".join(self._cell(statement, row, column) for column in statement.columns)
        remark = f"<td>{_e(row.remark)}</td>" if remarked else ""
        shown = "" if row.kind == "line" else f' class="{row.kind}"'
        return f'<tr{shown}><th scope="row">{_e(row.label)}</th>{note}{cells}{remark}</tr>\n'

    def _cell(self, statement: Statement, row: StatementRow, column: Column) -> str:
        figure = row.figures.get(column.key)
        if figure is None:
            return f'<td class="n">{_e(text_as_set(row.texts.get(column.key, "")))}</td>'
        address, leads = statement.address(row, column), self.links.figure(statement, row, column)
        amount = self.figure(figure)
        shown = f'<a href="{_e(leads)}">{amount}</a>' if leads else amount
        before = "" if column.period in (None, statement.period) else " before"
        named = f' id="{_e(address)}"' if address else ""
        return f'<td{named} class="n{before}">{shown}</td>'

    def figure(self, figure: Figure) -> str:
        """Return a figure as it stands in a statement."""
        return self.kr(figure.ore) if self.in_kronor else tkr_text(figure)

    # What is behind a figure

    def accounts(self, part: Sum, given: Iterable[tuple[str, int]]) -> str:
        """Return the accounts of a sum, with what each gives to it in öre, signed as printed."""
        given = [(name, ore) for name, ore in given if ore]
        rows = "".join(
            f'<tr><th scope="row">{self.account(name)}</th><td class="n">{self.kr(ore)}</td></tr>\n'
            for name, ore in given
        )
        total = self.kr(sum(ore for _, ore in given))
        return (
            f"<table><caption>{_e(taken_text(part, self.language))}</caption><thead><tr>"
            f"{self.heads((ACCOUNT, AMOUNT), right=(1,))}</tr></thead><tbody>\n{rows}"
            f'<tr class="sum"><th scope="row">{self._e(TOTAL)}</th><td class="n">{total}</td></tr>\n'
            "</tbody></table>"
        )

    def told(self, told: Sequence[RegisterEntry]) -> str:
        """Return what registers tell of a figure."""
        rows = "".join(
            f'<tr><th scope="row">{each.date}</th><td{self.of_books}>{_e(each.text)}</td>'
            f'<td class="place">{self.links.place(each.file, each.line)}</td>'
            f'<td class="n">{self.kr(each.ore)}</td></tr>\n'
            for each in told
        )
        heads = (N_("Date"), N_("Text"), N_("Place"), AMOUNT)
        return (
            f"<table><caption>{self._e(TOLD)}</caption>"
            f"<thead><tr>{self.heads(heads, right=(3,))}</tr></thead><tbody>\n{rows}</tbody></table>"
        )

    def account(self, name: str) -> str:
        """Return an account's name, leading to it."""
        if leads := self.links.account(name):
            return f'<a{self.of_books} href="{_e(leads)}">{_e(name)}</a>'
        return f"<span{self.of_books}>{_e(name)}</span>" if self.of_books else _e(name)

    # Postings

    def postings_head(self) -> str:
        """Return the head of a table of an account's postings."""
        heads = (N_("Date"), N_("Voucher"), N_("Text"), AMOUNT, N_("Balance, kr"), N_("Place"))
        return f"<thead><tr>{self.heads(heads, right=(3, 4))}</tr></thead>"

    def balance_row(self, day: str, text: str, balance: Decimal) -> str:
        """Return a row of such a table that says what the account has."""
        return (
            f'<tr class="sum"><td>{day}</td><td></td><td{self._of_page}>{_e(text)}</td><td></td>'
            f'<td class="n">{self.amount(balance)}</td><td></td></tr>\n'
        )

    def posting_row(self, line: PostingLine, balance: Decimal, named: str = "", voucher: str = "") -> str:
        """Return a posting's row; `voucher` is its number as HTML, where it leads to it."""
        text = ", ".join(filter(None, (line.payee, line.narration)))
        given = f' id="{named}"' if named else ""
        return (
            f"<tr{given}><td>{line.date}<td>{voucher or _e(line.voucher)}<td>{_e(text)}"
            f"<td class=n>{self.amount(line.amount)}<td class=n>{self.amount(balance)}"
            f"<td class=place>{self.links.place(line.file, line.line)}\n"
        )

    # Texts

    @cached_property
    def of_books(self) -> str:
        """The mark of what the books say, for who hears it: they are in Swedish, whatever the page is in."""
        return "" if self.language == BOOKS else f' lang="{BOOKS}"'

    @cached_property
    def _of_page(self) -> str:
        """The mark of what the page says among it."""
        return f' lang="{self.language}"' if self.of_books else ""

    def heads(self, heads: Iterable[str], right: Sequence[int] = ()) -> str:
        """Return the heads of columns; those of amounts stand to the right."""
        return "".join(
            f'<th scope="col"{" class=n" if place in right else ""}>{self._e(head)}</th>'
            for place, head in enumerate(heads)
        )

    def kr(self, ore: int) -> str:
        """Return öre as kronor, as they are set."""
        return self.amount(kronor_of(ore))

    def amount(self, amount: Decimal) -> str:
        """Return kronor as they are set."""
        return as_set(amount_text(amount, self.language))

    def _e(self, text: str) -> str:
        return _e(translation(text, self.language))


def _e(text: str) -> str:
    return escape(cleaned_text(text))
