"""From a printed figure to the vouchers behind it.

    row = find_row(statement, "Verksamhetens intäkter")
    traces_of(ledger, row.figures["year"])      # a trace for each sum, with its accounts and their postings

    figure_at(ledger, "2024/resultat/intakter/year", "sv")     # the same row and column, by its address

The postings are held against the figure: they make it to the öre, or there is an error and no trace.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import NamedTuple

from forbundsbok.plugins.language import N_, language, tr
from forbundsbok.plugins.money import amount_text
from forbundsbok.plugins.refusal import RefusalError
from forbundsbok.queries.follow_up import follow_up_of_name
from forbundsbok.queries.general_ledger import GeneralLedger
from forbundsbok.queries.provision_plans import provision_plan_of_name
from forbundsbok.queries.scb import summary_of_name
from forbundsbok.queries.statement import (
    Column,
    Figure,
    Measure,
    Period,
    PostingLine,
    Statement,
    StatementRow,
    Sum,
    kronor_of,
)
from forbundsbok.queries.statements import comparative, statement, statement_names
from forbundsbok.queries.views import ALL

WITHOUT_VOUCHERS = (Measure.BUDGET, Measure.SCHEDULE)
"""What is taken from directives instead; a provision's schedule in part."""


class TraceError(RefusalError):
    """A row or column that a statement does not have (says which there are), or postings that do not make a figure."""


@dataclass(frozen=True)
class AccountTrace:
    """What an account gives to a sum, in öre, debit positive: what it opens with, and the postings by date.

    A budget or plan has no postings.
    """

    name: str
    ore: int
    opening: int
    postings: list[PostingLine]


@dataclass(frozen=True)
class SumTrace:
    """The accounts of a sum that give anything to it."""

    part: Sum
    accounts: list[AccountTrace]

    @property
    def ore(self) -> int:
        """What they sum to in öre, debit positive."""
        return sum(account.ore for account in self.accounts)


def find_row(statement: Statement, label: str, others: Callable[[], Iterable[Statement]] = tuple) -> StatementRow:
    """Return the row with figures that a label means. Raises TraceError, which names others that have such a row."""
    labels = _labels(statement)
    if not _places(label, labels):
        _refuse_of_others(label, labels, statement.heading(), {other.id: _labels(other) for other in others()})
    return _rows(statement)[_place(label, labels, statement.heading())]


def _refuse_of_others(wanted: str, labels: Sequence[str], where: str, others: Mapping[str, Sequence[str]]) -> None:
    """Raise TraceError for a label that other statements have, or that is within theirs, by their names."""
    if having := [name for name, own in others.items() if _places(wanted, own)]:
        text = N_('There is no "{wanted}" in {where}. It stands in {others}: write   --statement {other}')
        raise TraceError(tr(text, wanted=wanted, where=where, others=", ".join(having), other=having[0]))
    words = wanted.casefold()
    within = {(each, name): None for name, own in others.items() for each in own if words in each.casefold()}
    if within and not any(words in each.casefold() for each in labels):
        text = N_('There is no "{wanted}" in {where}. Which one is meant, and where it stands:')
        ways = [f'"{each}" --statement {name}' for each, name in [*within][:_MANY]]
        raise TraceError("\n  ".join([tr(text, wanted=wanted, where=where), *ways]))


_MANY = 12
"""How many rows of other statements are named."""


def _rows(statement: Statement) -> list[StatementRow]:
    return [row for row in statement.rows if row.figures]


def _labels(statement: Statement) -> list[str]:
    return [row.label for row in _rows(statement)]


def find_column(statement: Statement, row: StatementRow, label: str | None) -> Column:
    """Return the column that a label means; without one that of the year asked for. Raises TraceError."""
    columns = [column for column in statement.columns if column.key in row.figures]
    if label is not None:
        labels = [row.column or column.label for column in columns]
        return columns[_place(label, labels, f"{statement.heading()}, {row.label}")]
    return next((column for column in columns if column.key == "year"), columns[0])


def is_address(text: str) -> bool:
    """Return whether a text is meant as the address of a figure, and not as a row's label."""
    return text.count("/") == 3 and text[:4].isdigit()


def figure_at(ledger: GeneralLedger, address: str, language: str) -> tuple[Statement, StatementRow, Column]:
    """Return the figure of an address (`2024/resultat-RT/intakter/year?layout=lag`): its statement, row and column.

    Raises TraceError for an address that leads to none, StatementError as `statement` does.
    """
    path, _, options = address.partition("?")
    parts = path.split("/")
    asked = dict(option.partition("=")[::2] for option in options.split("&") if option)
    if len(parts) != 4 or not set(asked) <= {"layout", "compare", "forecast"}:
        raise TraceError(tr('"{address}" is no address of a figure, as 2024/resultat/intakter/year', address=address))
    try:
        period = Period.read(parts[0])
        compare = comparative(ledger, period, Period.read(asked["compare"]) if "compare" in asked else None)
    except ValueError as error:
        raise TraceError(str(error)) from None
    asked_of = _Asked(parts[1], period, compare, asked.get("layout", ""), asked.get("forecast", ""), language)
    found = ledger.once(_statement_of, asked_of)
    if address not in found.by_address:
        raise TraceError(tr("there is no figure {address} in {statement}", address=address, statement=found.heading()))
    return found, *found.by_address[address]


class _Asked(NamedTuple):
    """What an address says of the statement that it leads into: its full name, and what was chosen."""

    name: str
    period: Period
    compare: Period | None
    layout: str
    forecast: str
    language: str


def _statement_of(ledger: GeneralLedger, asked: _Asked) -> Statement:
    """Return the statement that an address leads into: made once, for all its figures."""
    found = (
        provision_plan_of_name(ledger, asked.period, asked.name, asked.language)
        or follow_up_of_name(ledger, asked.period, asked.name, asked.forecast, asked.language)
        or summary_of_name(ledger, asked.period, asked.name, asked.language)
    )
    if found is not None:
        return found
    name, unit = asked.name, ""
    if name not in statement_names(ledger, asked.period, asked.compare, asked.layout):
        name, _, unit = name.rpartition("-")
    name = name or asked.name
    return statement(ledger, name, asked.period, asked.compare, unit, asked.layout, asked.language, ALL)


def traces_of(ledger: GeneralLedger, figure: Figure, *, from_the_start: bool = False) -> list[SumTrace]:
    """Return what a figure is made of: a trace for each measure, period and sign.

    A balance is what the account opened the year with and the year's postings, or all postings from the start.

    Raises TraceError where the postings of an account do not make what the figure takes of it.
    """
    traces = [SumTrace(part, list(_accounts(ledger, part, from_the_start))) for part in _merged(figure.sums)]
    told = sum(each.ore for each in figure.told)
    if sum(trace.part.sign * trace.ore for trace in traces) + told != figure.ore:
        amount = amount_text(figure.kronor, language())
        raise TraceError(tr("the figure {amount} is no sum of accounts", amount=amount))
    return traces


def _places(wanted: str, labels: Sequence[str]) -> list[int]:
    """Return which labels may be meant: the same, the same but for capitals, or those that begin so."""
    folded = wanted.casefold()
    same = [place for place, label in enumerate(labels) if label == wanted]
    alike = [place for place, label in enumerate(labels) if label.casefold() == folded]
    begin = [place for place, label in enumerate(labels) if label.casefold().startswith(folded)]
    return next((places for places in (same, alike, begin) if len(places) == 1), begin)


def _place(wanted: str, labels: Sequence[str], where: str) -> int:
    """Return the one label that is meant. Raises TraceError for several, with those, and for none, with all."""
    places = _places(wanted, labels)
    if len(places) == 1:
        return places[0]
    several = N_('"{wanted}" means no single one in {where}. There are:')
    none = N_('There is no "{wanted}" in {where}. There are:')
    told = tr(several if places else none, wanted=wanted, where=where)
    raise TraceError("\n  ".join([told, *([labels[place] for place in places] or labels)]))


def _merged(sums: Sequence[Sum]) -> list[Sum]:
    """Return the sums with those of the same measure, period and sign as one, unless an account stands in both."""
    merged: list[Sum] = []
    for part in sums:
        if not part.accounts:
            continue
        for place, other in enumerate(merged):
            alike = _taken(other) == _taken(part)
            if alike and not set(other.accounts) & set(part.accounts):
                merged[place] = replace(part, accounts=other.accounts + part.accounts)
                break
        else:
            merged.append(part)
    return merged


def _taken(part: Sum) -> tuple[object, ...]:
    """Return what a sum takes of accounts, however they are chosen."""
    return part.measure, part.period, part.sign, part.flow


def _accounts(ledger: GeneralLedger, part: Sum, from_the_start: bool) -> Iterator[AccountTrace]:
    listed = part if from_the_start else _since_new_year(part)
    postings: dict[str, list[PostingLine]] = {}
    for line in ledger.postings(listed) if listed else []:
        postings.setdefault(line.account, []).append(line)
    measured, listing = (
        dict(zip(ledger.chart.index, ledger.amounts(each.measure, each.period, each.flow), strict=True)) if each else {}
        for each in (part, listed)
    )
    for name in part.accounts:
        ore, moved = int(measured[name]), int(listing.get(name, 0))
        account = AccountTrace(name, ore, ore - moved, postings.get(name, []))
        posted = sum((line.amount for line in account.postings), Decimal(0))
        if account.postings and posted != kronor_of(moved):
            sums = [amount_text(amount, language()) for amount in (posted, kronor_of(moved))]
            text = N_("the postings of {account} sum to {posted}, the figure takes {taken}")
            raise TraceError(tr(text, account=name, posted=sums[0], taken=sums[1]))
        if account.postings or account.ore:
            yield account


def _since_new_year(part: Sum) -> Sum | None:
    """Return what to list of a sum: of a balance the year's movement, of an opening balance nothing."""
    if part.measure in (Measure.OPENING, Measure.EARLIER):
        return None
    return replace(part, measure=Measure.YEAR) if part.measure is Measure.CLOSING and not part.flow else part
