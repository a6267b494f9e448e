"""`forbundsbok contradictions`: a printed report against itself."""

import sys
from pathlib import Path

import click

from forbundsbok.plugins.language import N_, language
from forbundsbok.queries.statement import Period
from forbundsbok.queries.statements import comparative, statements
from forbundsbok.scripts.commands.options import report_options, say
from forbundsbok.scripts.commands.reading import read_ledger
from forbundsbok.scripts.render.contradictions import verdict_text
from forbundsbok.scripts.render.csv import read_contradictions, read_figures


@click.command("contradictions")
@click.argument("figures", metavar=N_("FIGURES"), type=click.Path(path_type=Path))
@report_options
@click.option(
    "--known",
    metavar=N_("FILE"),
    type=click.Path(path_type=Path),
    help="CSV of figures that give way rather than others, as forbundsbok compare has it.",
)
def contradictions_of(figures: Path, ledger: Path, year: Period, compare: Period | None, known: Path | None) -> None:
    """Find the fewest printed figures (table,row,note,column,tkr) that no books could give with the others.

    The books say only which accounts each figure sums: their amounts are not asked. Below each figure stand the sums
    that cannot hold. Exit status 1 when there are any.

    \b
    forbundsbok contradictions printed/2024.csv --year 2024
    """
    from forbundsbok.queries.contradictions import contradictions  # scipy takes its time

    printed = read_figures(figures)
    preferred = read_contradictions(known) if known else {}
    general_ledger = read_ledger(ledger)
    report = statements(general_ledger, year, comparative(general_ledger, year, compare), language())
    verdict = contradictions(general_ledger, report, printed, preferred)
    say(verdict_text(verdict, printed, {each.table: each.heading() for each in report}), nl=False)
    if verdict.contradicted:
        sys.exit(1)
