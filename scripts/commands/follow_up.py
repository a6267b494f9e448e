"""`forbundsbok follow-up`: outcome beside the budget, month by month, and where the year ends."""

from pathlib import Path

import click

from forbundsbok.plugins.language import N_, language, tr
from forbundsbok.queries.follow_up import BY, FORECASTS, By, Forecast, follow_up
from forbundsbok.queries.report import AnnualReport
from forbundsbok.queries.statement import Period
from forbundsbok.scripts.commands.options import (
    OutType,
    ledger_option,
    write_files,
    year_option,
    yes_option,
)
from forbundsbok.scripts.commands.reading import read_ledger
from forbundsbok.scripts.render.text import statement_text
from forbundsbok.scripts.render.xlsx import xlsx_files


@click.command("follow-up")
@year_option(required=True)
@click.option("--by", type=click.Choice(BY), default=BY[0], show_default=True, help="What has a row each.")
@click.option("--unit", metavar=N_("UNIT"), default="", help="Code of a unit; the whole federation without it.")
@click.option("--months", is_flag=True, help="A column for each month too.")
@click.option(
    "--forecast",
    type=click.Choice(FORECASTS),
    default=FORECASTS[0],
    show_default=True,
    help="What the months left are thought to give: their budget, or what they gave the year before.",
)
@click.option("--kr", "in_kronor", is_flag=True, help="Kronor with öre instead of thousands.")
@click.option("--out", metavar=N_("FILE"), type=OutType(), help="A workbook (.xlsx) to write it to as well.")
@yes_option
@ledger_option
def follow_up_of(
    year: Period,
    by: By,
    unit: str,
    months: bool,
    forecast: Forecast,
    in_kronor: bool,
    out: Path | None,
    yes: bool,
    ledger: Path,
) -> None:
    """Print the outcome beside the budget by account, unit or project, with a forecast of the year.

    \b
    forbundsbok follow-up --year 2025-01--05
    forbundsbok follow-up --year 2025-01--05 --unit RT --months --kr
    forbundsbok follow-up --year 2025-01--05 --by enhet --forecast fjolaret
    forbundsbok follow-up --year 2025 --by projekt --out projekt.xlsx
    """
    if out is not None and out.suffix != ".xlsx":
        raise click.UsageError(tr("--out writes a workbook: give it a name that ends in .xlsx."))
    books = read_ledger(ledger)
    made = follow_up(books, year, by, unit.upper(), months=months, forecast=forecast, language=language())
    click.echo(statement_text(made, in_kronor=in_kronor), nl=False)
    if out is not None:
        [content] = xlsx_files(AnnualReport(books, year, None, language(), "", (made,))).values()
        write_files({out: content}, asked=not yes)
