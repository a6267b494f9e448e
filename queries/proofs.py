"""What a statement must prove before it is shown, and the errors when it does not.

- Every account that the layout `takes` stands on exactly one line, or is eliminated.
- What is eliminated sums to zero over the federation.
- Rows that must be `equal` are so to the öre, and what `equals` a line of another statement does: a note's sum
  the line that it explains, the result what the balance sheet says of it.
- A provision's schedule comes to what is left of it, and no two rows have the same label.
- The accounts that must be `unmoved` (equity) are, taken together: then the result is the change in equity.
"""

from collections import Counter

import numpy as np

from forbundsbok.queries.builder import Builder, Request
from forbundsbok.queries.layout import ColumnLayout, RowLayout, read_layout
from forbundsbok.queries.statement import Figure, Measure, Period


class StatementError(Exception):
    """A statement that cannot be made, or does not prove itself; the message says what and where."""


def prove(builder: Builder) -> None:
    """Raise StatementError naming the accounts and amounts (kronor) of the first proof that fails."""
    for period in {builder.period_of(column): None for column in builder.columns}:
        _prove_each_account_on_one_line(builder, period)
        _prove_eliminated_is_zero(builder, period)
        _prove_unmoved(builder, period)
    for column in builder.columns:
        _prove_equal_rows(builder, column)
        for row in builder.rows:
            if row.equals:
                _prove_equals_other(builder, row, column)
    for row in builder.rows:
        if row.remaining:
            _prove_remaining(builder, row)
    _prove_rows_told_apart(builder)


def _prove_each_account_on_one_line(builder: Builder, period: Period) -> None:
    if builder.layout.takes is None:
        return
    ledger = builder.ledger
    lines = np.zeros(len(ledger.chart), dtype=int)
    for row in builder.rows:
        if not row.memo:
            for selection in row.accounts:
                measure = row.measure or builder.layout.measure
                lines += ledger.taken(selection, measure, period) & builder.within
    about = ledger.matching(builder.layout.takes) & builder.within
    for wrong, words in (
        (about & (lines == 0), "no line takes {}: give its account group a line, or number the account otherwise"),
        (about & (lines > 1), "more than one line takes {}: leave it out of all but one"),
    ):
        if wrong.any():
            raise StatementError(f"{_name(builder, period)}: {words.format(', '.join(ledger.names(wrong)))}.")


def _prove_eliminated_is_zero(builder: Builder, period: Period) -> None:
    ledger = builder.ledger
    amounts = ledger.amounts(builder.layout.measure, period)
    if amounts[builder.eliminated].sum() != 0:
        eliminated = {name: amounts[ledger.chart.index.get_loc(name)] for name in ledger.names(builder.eliminated)}
        listed = ", ".join(f"{account} {Figure(int(ore)).kronor}" for account, ore in eliminated.items() if ore)
        total = Figure(int(amounts[builder.eliminated].sum())).kronor
        raise StatementError(
            f"{_name(builder, period)}: what is left out as internal must sum to 0.00, but sums to {total}: {listed}."
        )


def _prove_unmoved(builder: Builder, period: Period) -> None:
    if builder.layout.unmoved is None:
        return
    ledger = builder.ledger
    amounts = ledger.amounts(Measure.MOVEMENT, period)
    moved = ledger.matching(builder.layout.unmoved) & builder.within & (amounts != 0)
    if amounts[moved].sum() != 0:
        listed = ", ".join(
            f"{name} {Figure(int(ore)).kronor}" for name, ore in zip(ledger.names(moved), amounts[moved], strict=True)
        )
        raise StatementError(
            f"{_name(builder, period)}: the result is not the change in equity, which moved by itself: {listed}. "
            "Only results change equity, and transfers within it: post to income or expenses."
        )


def _prove_equal_rows(builder: Builder, column: ColumnLayout) -> None:
    for first, second in builder.layout.equal:
        left, right = (builder.figures_of(builder.layout.row_of(row))[column.key] for row in (first, second))
        if left.ore != right.ore:
            names = [builder.text(builder.layout.row_of(row).label) for row in (first, second)]
            raise StatementError(
                f"{_name(builder, builder.period_of(column))}: {names[0]} is {left.kronor} but {names[1]} is "
                f"{right.kronor}, {Figure(left.ore - right.ore).kronor} apart."
            )


def _prove_equals_other(builder: Builder, row: RowLayout, column: ColumnLayout) -> None:
    period = builder.period_of(column)
    of_other_kind = column.measure or column.difference or column.goal or column.kind
    # A balance sheet tells the result from January on.
    if of_other_kind or period.first_month != 1:
        return
    name, row_id = row.equals.split(".")
    layout = read_layout(name)
    other = Builder(builder.ledger, layout, Request(name, period, None, unit=builder.request.unit))
    other_row = layout.row_of(row_id)
    mine = builder.figures_of(row)[column.key]
    same_sign = builder.sign_of(row) == other.sign_of(other_row)
    theirs = other.figures_of(other_row)["year"].times(1 if same_sign else -1)
    if mine.ore != theirs.ore:
        raise StatementError(
            f"{_name(builder, period)}: {builder.text(row.label)} is {mine.kronor}, but "
            f"{other.text(other_row.label)} of {name} is {theirs.kronor}: some account is missing here, or twice."
        )


def _prove_remaining(builder: Builder, row: RowLayout) -> None:
    """A provision's schedule comes to what is left of it."""
    moved = Figure(0)
    for other in builder.rows:
        if other.each == "plan-year":
            for column in builder.columns:
                moved += builder.figures_of(other)[column.key].times(column.sign)
    left = builder.figures_of(row)[builder.columns[0].key]
    if moved.ore != left.ore:
        raise StatementError(
            f"{_name(builder, builder.request.period)}: the years come to {moved.kronor}, "
            f"but {builder.text(row.label)} is {left.kronor}: the plan before the books and the opening balance differ."
        )


def _prove_rows_told_apart(builder: Builder) -> None:
    labels = Counter(row.label for row in builder.statement.rows if row.figures and row.printed)
    if twins := [label for label, times in labels.items() if times > 1]:
        raise StatementError(
            f"{_name(builder, builder.request.period)}: two rows are called {', '.join(twins)}: "
            "give the accounts or units labels that can be told apart."
        )


def _name(builder: Builder, period: Period) -> str:
    return " ".join(filter(None, (builder.request.name, builder.request.unit, str(period))))
