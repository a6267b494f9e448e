"""`forbundsbok trace`: the vouchers behind a figure."""

from pathlib import Path

import click

from forbundsbok.plugins.language import N_, language, tr
from forbundsbok.queries.statement import Period
from forbundsbok.queries.statements import comparative, statement, statement_name, statement_names, statements
from forbundsbok.queries.trace import figure_at, find_column, find_row, is_address, traces_of
from forbundsbok.scripts.commands.options import compare_option, ledger_option, statement_options, year_option
from forbundsbok.scripts.commands.reading import read_ledger
from forbundsbok.scripts.render.text import trace_text


@click.command()
@click.argument("row", metavar=N_("ROW"))
@ledger_option
@year_option(required=False)
@compare_option
@click.option("--statement", "name", metavar=N_("STATEMENT"), help="The statement that the row stands in.")
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
    year: Period | None,
    compare: Period | None,
    name: str | None,
    unit: str,
    layout: str,
    column: str | None,
    from_the_start: bool,
) -> None:
    """Print the postings behind a figure, with file and line, and how they make it.

    ROW is the label of a row, or the beginning of it; or the address of a figure, as every export has it, which says
    also its year and statement.

    \b
    forbundsbok trace "Verksamhetens intäkter" --statement resultat --unit RT --year 2024
    forbundsbok trace 2024/resultat-RT/intakter/year
    """
    if year is None or name is None:
        if not is_address(row):
            raise click.UsageError(tr("Say --statement and --year too, or give the address of a figure."))
        general_ledger = read_ledger(ledger)
        shown, its_row, its_column = figure_at(general_ledger, row, language())
    else:
        general_ledger = read_ledger(ledger)
        beside = comparative(general_ledger, year, compare)
        layout = layout.lower()
        name = statement_name(name, statement_names(general_ledger, year, beside, layout))
        shown = statement(general_ledger, name, year, beside, unit.upper(), layout, language())
        its_row = find_row(shown, row, lambda: statements(general_ledger, year, beside, language(), layout))
        its_column = find_column(shown, its_row, column)
    traces = traces_of(general_ledger, its_row.figures[its_column.key], from_the_start=from_the_start)
    click.echo(trace_text(shown, its_row, its_column, traces), nl=False)
