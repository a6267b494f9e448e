"""`forbundsbok payroll`: the employer's declaration of a month, its proof, and the tax account beside the books.

forbundsbok payroll 2025-02 --tax-account skattekonto.csv
"""

from pathlib import Path

import click

from forbundsbok.importers.document import Document
from forbundsbok.importers.tax_account import tax_account_statement
from forbundsbok.plugins.books import Books
from forbundsbok.plugins.findings import counted
from forbundsbok.plugins.language import N_, tr
from forbundsbok.plugins.loading import load_ledger, refuse_errors
from forbundsbok.plugins.months import Month
from forbundsbok.queries.general_ledger import read
from forbundsbok.queries.payroll_return import payroll_return, reconciled
from forbundsbok.queries.statement import Period
from forbundsbok.scripts.commands.options import PeriodType, ledger_option, say, working
from forbundsbok.scripts.render.json import json_text
from forbundsbok.scripts.render.payroll_return import payroll_return_data, payroll_return_text, reconciled_text


@click.command("payroll")
@click.argument("period", metavar=N_("MONTH"), type=PeriodType())
@click.option(
    "--tax-account",
    metavar=N_("FILE"),
    type=click.Path(path_type=Path, dir_okay=False),
    help="The statement of the tax account, CSV or Excel, to hold against the books.",
)
@click.option("--json", "as_json", is_flag=True, help="The declaration as data.")
@ledger_option
def payroll(period: Period, tax_account: Path | None, as_json: bool, ledger: Path) -> None:
    """Print the employer's declaration of a month, by unit, with its proof.

    Tax and fees are what the vouchers of pay owe, and agree with the balances of the accounts of these debts; beside
    the fees stands how far they are from the full rate. The statement of the tax account has each row beside what the
    books have: a tax or fee beside its month's, a payment beside its voucher. What does not agree has a cross, and the
    exit status is then 1. Nothing is written.

    \b
    forbundsbok payroll 2025-02
    forbundsbok payroll 2025-02 --tax-account skattekonto.csv
    """
    if period.first_month != period.last_month:
        raise click.UsageError(tr(N_("The declaration is of one month: write 2025-02.")))
    statement = tax_account_statement(Document(tax_account)) if tax_account else None
    with working(tr(N_("Reading {file}"), file=ledger)):
        loaded = load_ledger(ledger)
        refuse_errors(loaded.errors)
        books = Books(loaded.entries, loaded.options)
        month = Month(period.year, period.first_month)
        declaration = payroll_return(books, read(loaded.entries, loaded.options), month)
        rows = reconciled(books, statement.rows) if statement else []
    if as_json:
        say(json_text(payroll_return_data(declaration, rows), indent=1))
    else:
        click.echo(payroll_return_text(declaration))
        if rows:
            click.echo(reconciled_text(rows))
    if wrong := sum(not each.agrees for each in rows):
        one, many = N_("1 row does not agree with the books"), N_("{count} rows do not agree with the books")
        raise click.ClickException(str(counted(wrong, one, many)))
