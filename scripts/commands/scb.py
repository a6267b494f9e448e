"""`forbundsbok scb`: a year as SCB's Räkenskapssammandrag asks for it."""

from pathlib import Path

import click

from forbundsbok.plugins.findings import counted
from forbundsbok.plugins.language import N_, language, tr
from forbundsbok.queries.report import AnnualReport
from forbundsbok.queries.scb import called, summary_of_accounts
from forbundsbok.queries.statement import Period
from forbundsbok.scripts.commands.options import OutType, ledger_option, say, write_files, yes_option
from forbundsbok.scripts.commands.reading import read_ledger
from forbundsbok.scripts.render.csv import csv_files
from forbundsbok.scripts.render.text import statement_text
from forbundsbok.scripts.render.xlsx import xlsx_files

MEANT = {
    "221": N_("provisions for pensions"),
    "222": N_("provisions for pensions"),
    "572": N_("the change of provisions for pensions"),
}
"""What SCB means by the accounts that it names by number."""


@click.command()
@click.argument("year", metavar=N_("YEAR"), type=click.IntRange(1, 9999))
@click.option("--kr", "in_kronor", is_flag=True, help="Kronor with öre instead of thousands.")
@click.option("--out", metavar=N_("FOLDER"), type=OutType(folder=True), help="Write it as CSV and as a workbook too.")
@yes_option
@ledger_option
def scb(year: int, in_kronor: bool, out: Path | None, yes: bool, ledger: Path) -> None:
    """Print a year as SCB's Räkenskapssammandrag asks for it: result, kinds of cost, and balance.

    All of group 57 stands among the costs of personnel, with 572 by itself, and provisions on 221-222 stand apart. Each
    row that the law's statements have is proven to be the same. The form's own numbers of rows, and its division by
    activity, are sent to whom is to answer, and are not here.

    \b
    forbundsbok scb 2024
    forbundsbok scb 2024 --out scb-2024
    """
    books = read_ledger(ledger)
    made = summary_of_accounts(books, year, language())
    click.echo("\n".join(statement_text(each, in_kronor=in_kronor) for each in made), nl=False)
    if year not in books.closed:
        say(tr(N_("NOTE: {year} has no bokslut yet: this is what is booked so far."), year=year), err=True)
    for number, meant in MEANT.items():
        if names := called(books, number, year):
            text = N_("NOTE: {number} is {names} here; SCB means {meant} by it.")
            say(tr(text, number=number, names=", ".join(names), meant=tr(meant)), err=True)
    if out is not None:
        report = AnnualReport(books, Period(year), None, language(), "", made)
        [workbook] = xlsx_files(report).values()
        files = {out / name: content.encode() for name, content in csv_files(report).items()}
        files[out / f"rakenskapssammandrag-{year}.xlsx"] = workbook
        write_files(files, asked=not yes, folder=out)
        say(counted(len(files), N_("1 file in {folder}"), N_("{count} files in {folder}"), folder=out))
