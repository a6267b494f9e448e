"""`forbundsbok trace`: the vouchers behind a figure."""

from pathlib import Path

import click

from forbundsbok.plugins.language import N_, language
from forbundsbok.queries.statement import Period
from forbundsbok.queries.statements import comparative, statement, statement_name, statement_names
from forbundsbok.queries.trace import find_column, find_row, traces_of
from forbundsbok.scripts.commands.options import read_ledger, report_options, statement_options
from forbundsbok.scripts.render.text import trace_text


@click.command()
@click.argument("row", metavar=N_("ROW"))
@report_options
@click.option(
    "--statement", "name", metavar=N_("STATEMENT"), required=True, help="The statement that the row stands in."
)
@statement_options
@click.option("--column", metavar=N_("COLUMN"), help="Label of a column; that of --year without it.")
@click.option(
    "--from-start",
    "from_the_start",
    is_flag=True,
    help="All vouchers behind a balance, not the opening balance and the year's.",
)
def trace(
    row: str,
    ledger: Path,
    year: Period,
    compare: Period | None,
    name: str,
    unit: str,
    layout: str,
    column: str | None,
    from_the_start: bool,
) -> None:
    """Print the postings behind a figure, with file and line, and how they make it.

    ROW is the label of a row, or the beginning of it.

    \b
    forbundsbok trace "Verksamhetens intäkter" --statement resultat --unit RT --year 2024
    """
    general_ledger = read_ledger(ledger)
    beside = comparative(general_ledger, year, compare)
    layout = layout.lower()
    name = statement_name(name, statement_names(general_ledger, year, beside, layout))
    shown = statement(general_ledger, name, year, beside, unit.upper(), layout, language())
    its_row = find_row(shown, row)
    its_column = find_column(shown, its_row, column)
    traces = traces_of(general_ledger, its_row.figures[its_column.key], from_the_start=from_the_start)
    click.echo(trace_text(shown, its_row, its_column, traces), nl=False)
