"""`forbundsbok compare`: the books against a printed report."""

import sys
from pathlib import Path

import click

from forbundsbok.plugins.language import N_, language
from forbundsbok.queries import comparison as comparing
from forbundsbok.queries.statement import Period
from forbundsbok.queries.statements import comparative, statements
from forbundsbok.scripts.commands.options import report_options
from forbundsbok.scripts.commands.reading import read_ledger
from forbundsbok.scripts.render.csv import read_contradictions, read_figures
from forbundsbok.scripts.render.text import comparison_text


@click.command("compare")
@click.argument("figures", metavar=N_("FIGURES"), type=click.Path(path_type=Path))
@report_options
@click.option(
    "--known",
    metavar=N_("FILE"),
    type=click.Path(path_type=Path),
    help="CSV of known contradictions; NAME-contradictions.csv beside NAME.csv without it, if it is there.",
)
@click.option("--allow-known", is_flag=True, help="Exit with 0 when only known contradictions differ.")
def compare_figures(
    figures: Path,
    ledger: Path,
    year: Period,
    compare: Period | None,
    known: Path | None,
    allow_known: bool,
) -> None:
    """Compare printed figures (table,row,note,column,tkr) with those of the books.

    Exit status 1 when a figure differs or is missing on either side, and when an entry of the known
    contradictions (table,row,column,printed,required,reason) does not hold.

    \b
    forbundsbok compare printed/2024.csv --year 2024
    """
    printed = read_figures(figures)
    beside_it = figures.with_name(f"{figures.stem}-contradictions.csv")
    if known is None and beside_it.exists():
        known = beside_it
    contradictions = read_contradictions(known) if known else {}
    general_ledger = read_ledger(ledger)
    report = statements(general_ledger, year, comparative(general_ledger, year, compare), language())
    booked = {figure.key: figure.tkr for figure in comparing.figures_of(report)}
    comparison = comparing.compare(printed, booked, contradictions)
    titles = {each.table: each.heading() for each in report}
    click.echo(comparison_text(comparison, titles, str(known)), nl=False)
    if comparison.stale or (comparison.unknown if allow_known else comparison.differences):
        sys.exit(1)
