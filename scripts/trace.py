"""From a printed figure to the vouchers behind it.

3.1.9 Resultaträkning Navet science center
Verksamhetens intäkter, 2024: 15 965 tkr

Rörelse 2024-01-01 till 2024-12-31, med omvänt tecken
  Income:NAV:3010-Försäljning-och-övriga-intäkter
    2024-01-08  K 3  Kund 014 Skola, Faktura 24003  -4 250,00  ledger/units/navet/2024.bean:31
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

import click

from forbundsbok.plugins.places import file_line
from forbundsbok.queries.books import Books, PostingLine
from forbundsbok.queries.statement import Column, Figure, Measure, Row, Statement, Sum, grouped
from forbundsbok.scripts.numbers import kronor
from forbundsbok.scripts.text import GAP, heading
from forbundsbok.scripts.words import word

TEXT_WIDTH = 60
WITHOUT_VOUCHERS = (Measure.BUDGET, Measure.SCHEDULE)
"""What is taken from directives instead; a provision's schedule in part."""


class TraceError(Exception):
    """A row or column that a statement does not have (says which there are), or postings that do not make a figure."""


@dataclass(frozen=True)
class Account:
    """What an account gives to a sum, in öre, debit positive: what it opens with, and the postings by date.

    A budget or plan has no postings.
    """

    name: str
    ore: int
    opening: int
    postings: list[PostingLine]


@dataclass(frozen=True)
class Group:
    """The accounts of a sum that give anything to it."""

    part: Sum
    accounts: list[Account]

    @property
    def ore(self) -> int:
        """What they sum to in öre, debit positive."""
        return sum(account.ore for account in self.accounts)


def find_row(statement: Statement, label: str) -> Row:
    """Return the row with figures that a label means. Raises TraceError."""
    rows = [row for row in statement.rows if row.figures]
    return rows[_place(label, [row.label for row in rows], heading(statement))]


def find_column(statement: Statement, row: Row, label: str | None) -> Column:
    """Return the column that a label means; without one that of the year asked for. Raises TraceError."""
    columns = [column for column in statement.columns if column.key in row.figures]
    if label is not None:
        labels = [row.column or column.label for column in columns]
        return columns[_place(label, labels, f"{heading(statement)}, {row.label}")]
    return next((column for column in columns if column.key == "year"), columns[0])


def groups_of(books: Books, figure: Figure, *, from_the_start: bool = False) -> list[Group]:
    """Return what a figure is made of: a group for each measure, period and sign.

    A balance is what the account opened the year with and the year's postings, or all postings from the start.

    Raises TraceError where the postings of an account do not make what the figure takes of it.
    """
    groups = [Group(part, list(_accounts(books, part, from_the_start))) for part in _merged(figure.sums)]
    if sum(group.part.sign * group.ore for group in groups) != figure.ore:
        raise TraceError(f"the figure {figure.kronor} is no sum of accounts")
    return groups


def as_text(statement: Statement, row: Row, column: Column, groups: Sequence[Group], language: str = "sv") -> str:
    """Return the postings, their subtotals, and how they make the figure; styled."""
    figure = row.figures[column.key]
    sheet = _Sheet(groups, language)
    lines = [
        click.style(heading(statement, language), bold=True),
        click.style(
            f"{', '.join(dict.fromkeys((row.label, row.column or column.label)))}: {grouped(figure.tkr)} tkr", bold=True
        ),
    ]
    for group in groups:
        lines += ["", *sheet.group(group)]
    return "\n".join([*lines, "", *sheet.proof(figure, groups)]) + "\n"


def _place(wanted: str, labels: Sequence[str], where: str) -> int:
    """Return which label is meant: the same, the same but for capitals, or the only one that begins so."""
    folded = wanted.casefold()
    for found in (
        [place for place, label in enumerate(labels) if label == wanted],
        [place for place, label in enumerate(labels) if label.casefold() == folded],
        [place for place, label in enumerate(labels) if label.casefold().startswith(folded)],
    ):
        if len(found) == 1:
            return found[0]
    there = "\n  ".join(labels)
    raise TraceError(f'"{wanted}" means no single one in {where}. There are:\n  {there}')


def _merged(sums: Sequence[Sum]) -> list[Sum]:
    """Return the sums with those of the same measure, period and sign as one, unless an account stands in both."""
    merged: list[Sum] = []
    for part in sums:
        for place, other in enumerate(merged):
            alike = (other.measure, other.period, other.sign) == (part.measure, part.period, part.sign)
            if alike and not set(other.accounts) & set(part.accounts):
                merged[place] = Sum(other.accounts + part.accounts, part.measure, part.period, part.sign)
                break
        else:
            merged.append(part)
    return merged


def _accounts(books: Books, part: Sum, from_the_start: bool) -> Iterator[Account]:
    listed = part if from_the_start else _since_new_year(part)
    postings: dict[str, list[PostingLine]] = {}
    for line in books.postings(listed) if listed else []:
        postings.setdefault(line.account, []).append(line)
    measured = books.frame(part.period)
    for name in part.accounts:
        ore = int(measured[part.measure.value][name])
        moved = int(measured[listed.measure.value][name]) if listed else 0
        account = Account(name, ore, ore - moved, postings.get(name, []))
        posted = sum((line.amount for line in account.postings), Decimal(0))
        if account.postings and posted != _kronor(moved):
            raise TraceError(f"the postings of {name} sum to {posted}, the figure takes {_kronor(moved)}")
        if account.postings or account.ore:
            yield account


def _since_new_year(part: Sum) -> Sum | None:
    """Return what to list of a sum: of a balance the year's movement, of an opening balance nothing."""
    if part.measure is Measure.OPENING:
        return None
    return Sum(part.accounts, Measure.YEAR, part.period, part.sign) if part.measure is Measure.CLOSING else part


def _kronor(ore: int) -> Decimal:
    return Decimal(ore).scaleb(-2)


class _Sheet:
    """The lines of a trace, with all amounts in one column."""

    def __init__(self, groups: Sequence[Group], language: str) -> None:
        self.language = language
        postings = [line for group in groups for account in group.accounts for line in account.postings]
        self.voucher_width = max((len(line.voucher) for line in postings), default=0)
        words = ("ledger sum", "sign", "signed sum", "rounded", "by directive")
        self.label_width = max(
            *(len(self._label(line)) for line in postings), *(len(word(language, key)) for key in words)
        )
        # A sum can be wider than its postings by a few digits.
        self.amount_width = max(len(kronor(_kronor(100 * sum(abs(group.ore) for group in groups)), language)), 14)

    def group(self, group: Group) -> Iterator[str]:
        part = group.part
        dates = {"first": part.period.start, "last": part.period.end}
        sign = word(self.language, "turned" if part.sign < 0 else "added")
        yield f"{word(self.language, part.measure.value, **dates)}, {sign}"
        for account in group.accounts:
            yield f"  {account.name}"
            if account.opening:
                yield self._line(f"    {word(self.language, 'opening balance')}", _kronor(account.opening))
            for line in account.postings:
                yield self._line(self._label(line), line.amount) + GAP + file_line(line.file, line.line)
            if part.measure in WITHOUT_VOUCHERS and not account.postings:
                yield self._line(f"    {word(self.language, 'by directive')}", _kronor(account.ore))
            elif len(account.postings) + bool(account.opening) > 1:
                yield self._sum(f"    {word(self.language, 'sum')}", account.ore)
        if not group.accounts:
            yield f"  {word(self.language, 'no vouchers')}"
        elif len(group.accounts) > 1:
            yield self._sum(f"  {word(self.language, 'group sum')}", group.ore)

    def proof(self, figure: Figure, groups: Sequence[Group]) -> Iterator[str]:
        signs = {group.part.sign for group in groups}
        if signs == {1, -1}:
            yield self._sum(word(self.language, "signed sum"), figure.ore)
        else:
            yield self._sum(word(self.language, "ledger sum"), sum(group.ore for group in groups))
            if signs == {-1}:
                yield self._sum(word(self.language, "sign"), figure.ore)
        yield f"{word(self.language, 'rounded').ljust(self.label_width)}{GAP}{grouped(figure.tkr):>{self.amount_width}}"
        posted = not any(group.part.measure in WITHOUT_VOUCHERS and group.accounts for group in groups)
        yield word(self.language, "agrees" if posted else "agrees with plan")

    def _label(self, line: PostingLine) -> str:
        text = ", ".join(filter(None, (line.payee, line.narration)))
        if len(text) > TEXT_WIDTH:
            text = text[: TEXT_WIDTH - 1] + "…"
        return f"    {line.date}  {line.voucher:<{self.voucher_width}}  {text}"

    def _line(self, label: str, amount: Decimal) -> str:
        return f"{label:<{self.label_width}}{GAP}{kronor(amount, self.language):>{self.amount_width}}"

    def _sum(self, label: str, ore: int) -> str:
        return click.style(self._line(label, _kronor(ore)), bold=True)
