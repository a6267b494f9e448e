"""`forbundsbok show`: a statement on the screen."""

from collections.abc import Sequence
from pathlib import Path

import click

from forbundsbok.plugins.language import N_, language, tr
from forbundsbok.queries.report import report
from forbundsbok.queries.statement import Period, Statement
from forbundsbok.queries.statements import by_unit as statements_by_unit
from forbundsbok.queries.statements import (
    by_year,
    comparative,
    statement,
    statement_name,
    statement_names,
    statements,
)
from forbundsbok.queries.views import View
from forbundsbok.scripts.commands.options import report_options, say, statement_options, view_options
from forbundsbok.scripts.commands.reading import read_despite_errors, read_ledger
from forbundsbok.scripts.render.text import agreements_text, statement_text


@click.command()
@click.argument("name", metavar=N_("[STATEMENT]"), default="")
@report_options
@statement_options
@view_options
@click.option("--by-unit", is_flag=True, help="A column for each unit, what is internal between them, and the whole.")
@click.option(
    "--years",
    metavar=N_("COUNT"),
    type=click.IntRange(min=2),
    help="So many years side by side, up to the one asked for.",
)
@click.option("--marks", is_flag=True, help="Say which figures of other statements each row must agree with.")
@click.option("--kr", "in_kronor", is_flag=True, help="Kronor with öre instead of thousands.")
@click.option("--despite-errors", is_flag=True, help="Print it although rules are broken, and say so above it.")
def show(
    name: str,
    ledger: Path,
    year: Period,
    compare: Period | None,
    unit: str,
    layout: str,
    view: View,
    by_unit: bool,
    years: int | None,
    marks: bool,
    in_kronor: bool,
    despite_errors: bool,
) -> None:
    """Print a statement as the annual report does; without one, say which there are.

    \b
    forbundsbok show resultat --year 2024 --unit RT
    forbundsbok show balans --year 2024-01--08 --language en --kr
    forbundsbok show resultat --year 2024 --change --budget
    forbundsbok show resultat --year 2024 --by-unit
    forbundsbok show balans --year 2024 --years 5
    """
    general_ledger, mark = read_despite_errors(ledger) if despite_errors else (read_ledger(ledger), "")
    beside = comparative(general_ledger, year, compare)
    layout = layout.lower()
    if not name:
        say(mark + _contents(statements(general_ledger, year, beside, language(), layout), year))
        return
    name = statement_name(name, statement_names(general_ledger, year, beside, layout))
    unit = unit.upper()
    if by_unit and (unit or years):
        raise click.UsageError(tr("--by-unit shows all units of one year: leave out --unit and --years."))
    if by_unit:
        shown = statements_by_unit(general_ledger, name, year, layout, language())
    elif years:
        first = year.year - years + 1
        periods = [year.same_months(each) for each in reversed(general_ledger.years) if first <= each <= year.year]
        shown = by_year(general_ledger, name, periods, unit, layout, language())
    else:
        shown = statement(general_ledger, name, year, beside, unit, layout, language(), view)
    click.echo(mark + statement_text(shown, in_kronor=in_kronor), nl=False)
    if marks:
        agreements = report(general_ledger, year, beside, language(), layout).agreements
        click.echo(agreements_text(shown, agreements), nl=False)


def _contents(report: Sequence[Statement], period: Period) -> str:
    """Return the list of statements: what to call each, and its heading."""
    names = [f"{each.id} --unit {each.unit}" if each.unit else each.id for each in report]
    width = max(map(len, names))
    lines = [f"  {name:<{width}}  {each.heading()}" for name, each in zip(names, report, strict=True)]
    return "\n".join([tr("Statements for {period}:", period=period), *lines])
