"""`forbundsbok open-data`: what was bought of suppliers, to publish, without persons."""

from pathlib import Path

import click

from forbundsbok.plugins.books import Books
from forbundsbok.plugins.language import N_, tr
from forbundsbok.plugins.loading import load_ledger, refuse_errors
from forbundsbok.queries.general_ledger import read
from forbundsbok.queries.statement import Period
from forbundsbok.queries.supplier_ledger import lacking, supplier_ledger
from forbundsbok.scripts.commands.options import (
    OutType,
    PeriodType,
    ledger_option,
    say,
    tell,
    working,
    write_files,
    yes_option,
)
from forbundsbok.scripts.render.supplier_ledger import supplier_ledger_csv, supplier_ledger_text


@click.command("open-data")
@click.argument("period", metavar=N_("PERIOD"), type=PeriodType())
@click.option("--out", metavar=N_("FILE"), type=OutType(), help="The file; leverantorsreskontra-PERIOD.csv without it.")
@click.option(
    "--unnumbered",
    is_flag=True,
    help="Publish suppliers without an organisation number too: you have seen that none of them is a person.",
)
@yes_option
@ledger_option
def open_data(period: Period, out: Path | None, unnumbered: bool, yes: bool, ledger: Path) -> None:
    """Write what was bought of suppliers as open data, without persons, reconciled to the supplier accounts.

    A row is a cost or another purchase of a supplier invoice, without VAT, in the fifteen columns of the Swedish
    specification "leverantörsreskontra" 1.1 (lankadedata.se). Sole traders with a personal number, registered persons
    and what waits for approval are left out, and counted. What is bought without an invoice in the supplier ledger is
    not in it, nor are texts of vouchers. Look at the names before you publish: a company may be called by a person.

    \b
    forbundsbok open-data 2024
    forbundsbok open-data 2024-03 --out mars.csv
    """
    with working(tr(N_("Reading {file}"), file=ledger)):
        loaded = load_ledger(ledger)
        refuse_errors(loaded.errors)
        made = supplier_ledger(
            Books(loaded.entries, loaded.options),
            read(loaded.entries, loaded.options),
            period,
            unnumbered=unnumbered,
        )
    if not made.every:
        raise click.ClickException(tr(N_("nothing is bought of suppliers in {period}"), period=period))
    say(supplier_ledger_text(made), nl=False)
    if not made.rows:
        text = N_("no row is left to publish: write orgnr on the invoices, or see that no supplier is a person, and")
        raise click.ClickException(f"{tr(text)}   forbundsbok open-data {period} --unnumbered")
    path = out or Path(f"leverantorsreskontra-{period}.csv")
    write_files({path: supplier_ledger_csv(made)}, asked=not yes)
    for column in lacking(made):
        text = N_('NOTE: {column} is compulsory, and empty in some rows: write custom "organisationsnummer"')
        if column != "kopare_id":
            text = N_("NOTE: {column} is compulsory, and empty in some rows")
        tell(tr(text, column=column))
    say(tr(N_("written: {file}"), file=path))
