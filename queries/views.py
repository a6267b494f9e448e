"""What is shown beside a statement's own columns, and statements side by side.

    statement(ledger, "resultat", Period(2024), Period(2023), view=View(change=True, budget=True))
    by_unit(ledger, "resultat", Period(2024))                 # a column for each unit, what is internal, the whole
    by_year(ledger, "balans", [Period(2022), Period(2023), Period(2024)])

Part of a year has the budget of the whole year and a forecast beside it (LKBR 13 kap.): what has happened, and what the
budget has for the months left. Every figure keeps the address of the statement that it is from.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from forbundsbok.plugins.language import N_, translation
from forbundsbok.queries.layout import ColumnLayout, Layout
from forbundsbok.queries.statement import Column, Figure, Measure, Statement, StatementRow


@dataclass(frozen=True)
class View:
    """What is to stand beside a statement: `change` from the year before, also in per cent; the `budget`."""

    change: bool = False
    budget: bool = False


OWN = View()
"""A statement's own columns alone."""

ALL = View(change=True, budget=True)

CHANGE = (
    ColumnLayout("change", {"sv": "förändring", "en": "change"}, difference=("year", "compare"), printed=False),
    ColumnLayout("percent", {"sv": "förändring, %", "en": "change, %"}, percent=("year", "compare"), printed=False),
)
BUDGET = (
    ColumnLayout("budget", {"sv": "budget {year}", "en": "budget {year}"}, measure=Measure.BUDGET, printed=False),
    ColumnLayout("avvikelse", {"sv": "avvikelse", "en": "deviation"}, difference=("year", "budget"), printed=False),
)
FORECAST = (
    ColumnLayout("arsbudget", {"sv": "budget {whole}", "en": "budget {whole}"}, period="whole", measure=Measure.BUDGET),
    ColumnLayout("prognos", {"sv": "prognos {whole}", "en": "forecast {whole}"}, forecast=True),
)


def seen(layout: Layout, view: View) -> Layout:
    """Return a layout with the columns of a view, where it has what they are made of."""
    keys = {column.key for column in layout.column}
    columns = list(layout.column)
    # What is of events has no budget of its own, and a budget of all that its accounts have would not be its.
    budgeted = layout.forecast and not any(row.flow for row in layout.row)
    if view.budget and budgeted and "budget" not in keys:
        columns += BUDGET
    if view.change and {"year", "compare"} <= keys:
        columns += CHANGE
    if layout.forecast:
        columns += FORECAST if budgeted else FORECAST[1:]
    return replace(layout, column=tuple(columns))


def side_by_side(base: Statement, statements: Sequence[Statement], columns: Sequence[Column]) -> Statement:
    """Return statements as one, as `base` is: of each the figures of its year, in the column of its place.

    Rows are those of any of them, in the order of the longest; where a statement lacks a row, its column is empty.
    """
    rows: dict[str, StatementRow] = {}
    order: list[str] = []
    for statement in sorted(statements, key=lambda each: -len(each.rows)):
        place = 0
        for row in statement.rows:
            if row.id not in rows:
                order.insert(place, row.id)
                rows[row.id] = replace(row, figures={}, texts={}, remark="", adds=())
            place = order.index(row.id) + 1
    for statement, column in zip(statements, columns, strict=True):
        for row in statement.rows:
            if "year" in row.figures:
                rows[row.id].figures[column.key] = row.figures["year"]
    shown = tuple(rows[each] for each in order)
    return replace(base, columns=tuple(columns), rows=shown, lines=shown, footnotes=(), proofs=())


def with_goals(
    statement: Statement, statements: Sequence[Statement], goals: Collection[str], language: str
) -> Statement:
    """Return statements side by side with each year's goals, by the keys of their columns, and whether they are met."""
    columns: list[Column] = []
    rows = {row.id: replace(row, figures=dict(row.figures), texts=dict(row.texts)) for row in statement.rows}
    for column, each in zip(statement.columns, statements, strict=True):
        columns.append(column)
        for goal in each.columns:
            if goal.key in goals and any(goal.key in row.figures for row in each.rows):
                key = f"{column.key}-{goal.key}"
                columns.append(replace(goal, key=key, label=f"{goal.label} {column.label}", printed=False))
                for row in each.rows:
                    rows[row.id].figures.update({key: row.figures[goal.key]} if goal.key in row.figures else {})
        if any(row.remark for row in each.rows):
            told = f"{column.key}-{MET}"
            columns.append(Column(told, f"{translation(N_('Goal'), language)} {column.label}", printed=False))
            for row in each.rows:
                rows[row.id].texts.update({told: row.remark} if row.remark else {})
    shown = tuple(rows.values())
    return replace(statement, columns=tuple(columns), rows=shown, lines=shown)


MET = "uppfyllt"
"""The column that says of each goal of a year whether it is met."""


def with_internal(statement: Statement, units: Sequence[str], language: str) -> Statement:
    """Return units side by side with what is internal between them: what the whole has beside their sum."""
    whole = statement.columns[-1]
    column = Column("internt", translation(N_("internal"), language), printed=False)
    rows = tuple(replace(row, figures=_internal(row, units, column.key, whole.key)) for row in statement.rows)
    return replace(statement, columns=(*statement.columns[:-1], column, whole), rows=rows, lines=rows)


def _internal(row: StatementRow, units: Sequence[str], internal: str, whole: str) -> dict[str, Figure]:
    if not row.figures:
        return {}
    of_units = sum((row.figures[unit] for unit in units if unit in row.figures), Figure(0))
    between = row.figures.get(whole, Figure(0)) + of_units.times(-1)
    return {**row.figures, internal: between}


def of_year(statement: Statement, key: str, label: str) -> Column:
    """Return the column of a statement's year under another key and label, its figures' addresses kept."""
    [column] = [each for each in statement.columns if each.key == "year"]
    return replace(column, key=key, label=label, printed=False)
