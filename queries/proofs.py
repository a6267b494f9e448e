"""What a statement must prove before it is shown, and the errors when it does not.

- Every account that the layout `takes` stands on exactly one line, with each part of its balance where lines take
  parts, or is eliminated.
- What is eliminated sums to zero over the federation, each selection by itself.
- Rows that must be `equal` are so to the öre, and what `equals` a line of another statement does: a note's sum
  the line that it explains, the result what the balance sheet says of it.
- What happened without money, where rows tell what happened, comes to nothing over a year: the rows of the result and
  those of the balance are of the same events.
- A provision's schedule comes to what is left of it, and no two rows have the same label.
- The accounts that must be `unmoved` (equity) are, taken together, but for what is of an event (capital that is paid
  in, what is taken over) and the first day of the year, which adjusts what it opens with: then the result is the change
  in equity.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from forbundsbok.plugins.balanced_budget import DECIDED
from forbundsbok.plugins.events import CLASSES, PAID, Event
from forbundsbok.plugins.language import N_, language, tr, translation
from forbundsbok.plugins.money import amount_text
from forbundsbok.plugins.refusal import RefusalError
from forbundsbok.queries.builder import Builder, Request
from forbundsbok.queries.general_ledger import GeneralLedger
from forbundsbok.queries.layout import ColumnLayout, RowLayout
from forbundsbok.queries.statement import Figure, Measure, Period, Proof, Side, as_address, kronor_of

PARTS = {Measure.CLOSING: (Measure.EARLIER, Measure.YEAR)}
"""What a measure is made of, where lines may take a part each."""

WITHOUT_MONEY = {
    event: (event.value, *(f"{event}-{of}" for of in CLASSES)) for event in Event if event not in {*PAID, Event.OPENING}
}
"""The events whose rows come to nothing together, with what statements call them."""

EXPLAINED = ("kapitaltillskott", "overtagande", "justering", "omforing")
"""What moves equity, and is no result."""


ON_ONE_LINE = N_("Every account stands on one line")
ELIMINATED = N_("What is left out as internal comes to nothing")
UNMOVED = N_("The result is the change in equity, but for what is told of it")
NO_MONEY = N_("What happened without money comes to nothing")
EQUAL = N_("Two rows are equal")
AGREES = N_("The row agrees with another statement")
SCHEDULE = N_("The years come to what is left of the provision")

NOTHING = N_("Nothing")


class StatementError(RefusalError):
    """A statement that cannot be made, or does not prove itself; the message says what and where."""


def prove(builder: Builder) -> tuple[Proof, ...]:
    """Return what has been proven, each with both its sides.

    Raises StatementError naming the accounts and amounts (kronor) of the first proof that fails.
    """
    proofs: list[Proof] = []
    for period in {builder.period_of(column): None for column in builder.columns}:
        proofs += _each_account_on_one_line(builder, period)
        proofs += _eliminated_is_zero(builder, period)
        proofs += _unmoved(builder, period)
        proofs += _without_money(builder, period)
    for column in builder.columns:
        proofs += _equal_rows(builder, column)
        for row in builder.rows:
            if row.equals:
                proofs += _equals_other(builder, row, column)
    for row in builder.rows:
        if row.remaining:
            proofs.append(_remaining(builder, row))
    _prove_rows_told_apart(builder)
    return tuple(proofs)


def _proof(builder: Builder, text: str, period: Period, left: Side, right: Side) -> Proof:
    return Proof(translation(text, builder.request.language), period, left, right)


def _amount(builder: Builder, text: str, ore: int) -> Side:
    """Return an amount that is no figure of a statement as a side of a proof."""
    return Side(translation(text, builder.request.language), ore)


def _figure(builder: Builder, row: RowLayout, column: ColumnLayout, figure: Figure) -> Side:
    """Return a row's figure as a side of a proof; it has an address where it is shown, as one line."""
    lines = builder.lines_of(row)
    text = f"{builder.title}: {lines[0].label}" if len(lines) == 1 else builder.title
    is_shown = len(lines) == 1 and not row.hidden and (figure.ore or not row.optional)
    return Side(text, figure.ore, builder.at(column).format(row=as_address(lines[0].id)) if is_shown else "")


def _each_account_on_one_line(builder: Builder, period: Period) -> Iterator[Proof]:
    if builder.layout.takes is None:
        return
    ledger = builder.ledger
    taken = PARTS.get(builder.layout.measure, (builder.layout.measure,))
    lines = {part: np.zeros(len(ledger.chart), dtype=int) for part in taken}
    for row in builder.rows:
        measure = row.measure or builder.layout.measure
        for part in PARTS.get(measure, (measure,)):
            if part in lines and not row.memo:
                for selection in row.accounts:
                    lines[part] += ledger.taken(selection, measure, period, builder.within)
    about = ledger.matching(builder.layout.takes) & builder.within
    lacking = [about & (of_part == 0) for of_part in lines.values()]
    double = [about & (of_part > 1) for of_part in lines.values()]
    for wrongs, words in (
        (
            lacking,
            N_("{statement}: no line takes {accounts}: give the account group a line, or the account another number."),
        ),
        (double, N_("{statement}: more than one line takes {accounts}: leave it out of all but one.")),
    ):
        wrong = np.logical_or.reduce(wrongs)
        if wrong.any():
            raise StatementError(tr(words, statement=_name(builder, period), accounts=", ".join(ledger.names(wrong))))
    of_rows = sum(int((ledger.amounts(part, period) * of_part).sum()) for part, of_part in lines.items())
    of_accounts = int(ledger.amounts(builder.layout.measure, period)[about].sum())
    sides = _amount(builder, N_("The accounts"), of_accounts), _amount(builder, N_("The lines"), of_rows)
    yield _proof(builder, ON_ONE_LINE, period, *sides)


def _eliminated_is_zero(builder: Builder, period: Period) -> Iterator[Proof]:
    ledger = builder.ledger
    amounts = ledger.amounts(builder.layout.measure, period)
    for selection in builder.layout.eliminates:
        own = ledger.matching(selection) & builder.eliminated
        if total := int(amounts[own].sum()):
            named = zip(ledger.names(own), amounts[own], strict=True)
            listed = ", ".join(f"{account} {_kronor(int(ore))}" for account, ore in named if ore)
            text = N_(
                "{statement}: what is left out as internal must sum to {nothing}, but sums to {total}: {accounts}."
            )
            values = {"statement": _name(builder, period), "nothing": _kronor(0), "total": _kronor(total)}
            raise StatementError(tr(text, **values, accounts=listed))
        if own.any():
            left_out = _amount(builder, N_("What is left out"), total)
            yield _proof(builder, ELIMINATED, period, left_out, _amount(builder, NOTHING, 0))


def _unmoved(builder: Builder, period: Period) -> Iterator[Proof]:
    if builder.layout.unmoved is None:
        return
    ledger = builder.ledger
    amounts = ledger.amounts(Measure.MOVEMENT, period) - ledger.amounts(Measure.MOVEMENT, period, EXPLAINED)
    moved = ledger.matching(builder.layout.unmoved) & builder.within & (amounts != 0)
    if amounts[moved].sum() != 0:
        listed = ", ".join(
            f"{name} {_kronor(int(ore))}" for name, ore in zip(ledger.names(moved), amounts[moved], strict=True)
        )
        text = N_(
            "{statement}: the result is not the change in equity, which moved by itself: {accounts}. "
            "Only results change equity, and transfers within it: post to income or expenses. A change of accounting "
            "principle is booked on the first day of the year."
        )
        raise StatementError(tr(text, statement=_name(builder, period), accounts=listed))
    changes = _amount(builder, N_("Other changes"), int(amounts[moved].sum()))
    yield _proof(builder, UNMOVED, period, changes, _amount(builder, NOTHING, 0))


def _without_money(builder: Builder, period: Period) -> Iterator[Proof]:
    # What corrects another voucher may come in a later month of its year.
    if not period.whole_year or not any(row.flow for row in builder.rows):
        return
    ledger = builder.ledger
    apart = 0
    for event, words in WITHOUT_MONEY.items():
        amounts = ledger.amounts(Measure.MOVEMENT, period, words)
        if total := int(amounts.sum()):
            moved = amounts != 0
            named = zip(ledger.names(moved), amounts[moved], strict=True)
            text = N_("{statement}: {event} is no money, but its rows come to {total}: {accounts}.")
            values = {"statement": _name(builder, period), "event": event.value, "total": _kronor(total)}
            listed = ", ".join(f"{account} {_kronor(int(ore))}" for account, ore in named)
            raise StatementError(tr(text, **values, accounts=listed))
        apart += total
    yield _proof(builder, NO_MONEY, period, _amount(builder, N_("Its rows"), apart), _amount(builder, NOTHING, 0))


def _equal_rows(builder: Builder, column: ColumnLayout) -> Iterator[Proof]:
    period = builder.period_of(column)
    is_decided = period.whole_year and period.year in builder.ledger.closed
    for first, second in () if column.percent or column.forecast else builder.layout.equal:
        if _is_of_decisions(builder, first) and not is_decided:
            continue
        left, right = (builder.figures_of(builder.layout.row_of(row))[column.key] for row in (first, second))
        if left.ore != right.ore:
            names = [builder.text(builder.layout.row_of(row).label) for row in (first, second)]
            raise StatementError(
                tr(
                    "{statement}: {first} is {left} but {second} is {right}, {difference} apart.",
                    statement=_name(builder, builder.period_of(column)),
                    first=names[0],
                    left=_kronor(left.ore),
                    second=names[1],
                    right=_kronor(right.ore),
                    difference=_kronor(left.ore - right.ore),
                )
            )
        rows = zip(map(builder.layout.row_of, (first, second)), (left, right), strict=True)
        sides = (_figure(builder, row, column, figure) for row, figure in rows)
        yield _proof(builder, EQUAL, period, *sides)


def _is_of_decisions(builder: Builder, row_id: str) -> bool:
    """Return whether a row tells what is decided of a year, which may be booked on another day of it, until it ends."""
    row = builder.layout.row_of(row_id)
    return row.register in DECIDED or any(_is_of_decisions(builder, part) for part in row.sum)


def _equals_other(builder: Builder, row: RowLayout, column: ColumnLayout) -> Iterator[Proof]:
    period = builder.period_of(column)
    of_other_kind = (
        column.measure or column.accounts or column.difference or column.goal or column.kind or column.percent
    )
    # A balance sheet tells the result from January on.
    if of_other_kind or column.forecast or period.first_month != 1:
        return
    name = row.equals.split(".")[0]
    layout, other_row = builder.ledger.layouts.row(row.equals)
    other = builder.ledger.once(_other, (name, period, builder.request.unit))
    mine = builder.figures_of(row)[column.key]
    same_sign = builder.sign_of(row) == other.sign_of(other_row)
    theirs = other.figures_of(other_row)["year"].times(1 if same_sign else -1)
    if mine.ore != theirs.ore:
        raise StatementError(
            tr(
                "{statement}: {row} is {amount}, but {other_row} of {other} is {other_amount}: "
                "some account is missing here, or twice.",
                statement=_name(builder, period),
                row=builder.text(row.label),
                amount=_kronor(mine.ore),
                other_row=other.text(other_row.label),
                other=name,
                other_amount=_kronor(theirs.ore),
            )
        )
    printed = Builder(builder.ledger, layout, replace(builder.request, name=name))
    there = {each.key: each for each in printed.columns}.get(column.key)
    stands = there and printed.period_of(there) == period
    right = _figure(printed, other_row, there or column, theirs)
    yield _proof(
        builder, AGREES, period, _figure(builder, row, column, mine), right if stands else replace(right, address="")
    )


def _other(ledger: GeneralLedger, asked: tuple[str, Period, str]) -> Builder:
    """Return the statement of a name, period and unit that others are held against: figured once for all of them."""
    name, period, unit = asked
    return Builder(ledger, ledger.layouts.layout(name), Request(name, period, None, unit=unit))


def _remaining(builder: Builder, row: RowLayout) -> Proof:
    """A provision's schedule comes to what is left of it."""
    moved = Figure(0)
    for other in builder.rows:
        if other.each == "plan-year":
            for column in builder.columns:
                moved += builder.figures_of(other)[column.key].times(column.sign)
    left = builder.figures_of(row)[builder.columns[0].key]
    if moved.ore != left.ore:
        raise StatementError(
            tr(
                "{statement}: the years come to {sum}, but {row} is {left}: "
                "the plan before the books and the opening balance differ.",
                statement=_name(builder, builder.request.period),
                sum=_kronor(moved.ore),
                row=builder.text(row.label),
                left=_kronor(left.ore),
            )
        )
    years = _amount(builder, N_("What the years come to"), moved.ore)
    return _proof(builder, SCHEDULE, builder.request.period, years, _figure(builder, row, builder.columns[0], left))


def _prove_rows_told_apart(builder: Builder) -> None:
    labels = Counter(row.label for row in builder.statement.rows if row.figures and row.printed)
    if twins := [label for label, times in labels.items() if times > 1]:
        text = N_(
            "{statement}: two rows are called {labels}: give the accounts or units labels that can be told apart."
        )
        raise StatementError(tr(text, statement=_name(builder, builder.request.period), labels=", ".join(twins)))


def _kronor(ore: int) -> str:
    return amount_text(kronor_of(ore), language())


def _name(builder: Builder, period: Period) -> str:
    return " ".join(filter(None, (builder.request.name, builder.request.unit, str(period))))
