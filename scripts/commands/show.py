"""`forbundsbok show`: a statement on the screen."""

from collections.abc import Sequence
from pathlib import Path

import click

from forbundsbok.plugins.language import N_, language, tr
from forbundsbok.queries.statement import Period, Statement
from forbundsbok.queries.statements import comparative, statement, statement_name, statement_names, statements
from forbundsbok.scripts.commands.options import (
    read_despite_errors,
    read_ledger,
    report_options,
    say,
    statement_options,
)
from forbundsbok.scripts.render.text import statement_text


@click.command()
@click.argument("name", metavar=N_("[STATEMENT]"), default="")
@report_options
@statement_options
@click.option("--kr", "in_kronor", is_flag=True, help="Kronor with öre instead of thousands.")
@click.option("--despite-errors", is_flag=True, help="Print it although rules are broken, and say so above it.")
def show(
    name: str,
    ledger: Path,
    year: Period,
    compare: Period | None,
    unit: str,
    layout: str,
    in_kronor: bool,
    despite_errors: bool,
) -> None:
    """Print a statement as the annual report does; without one, say which there are.

    \b
    forbundsbok show resultat --year 2024 --unit RT
    forbundsbok show balans --year 2024-01--08 --language en --kr
    """
    general_ledger, mark = read_despite_errors(ledger) if despite_errors else (read_ledger(ledger), "")
    beside = comparative(general_ledger, year, compare)
    layout = layout.lower()
    if not name:
        say(mark + _contents(statements(general_ledger, year, beside, language(), layout), year))
        return
    name = statement_name(name, statement_names(general_ledger, year, beside, layout))
    shown = statement(general_ledger, name, year, beside, unit.upper(), layout, language())
    click.echo(mark + statement_text(shown, in_kronor=in_kronor), nl=False)


def _contents(report: Sequence[Statement], period: Period) -> str:
    """Return the list of statements: what to call each, and its heading."""
    names = [f"{each.id} --unit {each.unit}" if each.unit else each.id for each in report]
    width = max(map(len, names))
    lines = [f"  {name:<{width}}  {each.heading()}" for name, each in zip(names, report, strict=True)]
    return "\n".join([tr("Statements for {period}:", period=period), *lines])
