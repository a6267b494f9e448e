"""`forbundsbok check`: every rule, every document, every statement of every year."""

from collections.abc import Iterator
from pathlib import Path

import click

from forbundsbok.importers.archive import altered
from forbundsbok.plugins.loading import LedgerError
from forbundsbok.plugins.vouchers import WAITS
from forbundsbok.queries.general_ledger import GeneralLedger
from forbundsbok.queries.statement import Period
from forbundsbok.queries.statements import comparative, statements
from forbundsbok.scripts.commands.options import ledger_option, read_ledger, working
from forbundsbok.scripts.render.ranges import ranges


@click.command()
@ledger_option
def check(ledger: Path) -> None:
    """Check the books: every rule, every document that came in, and every statement of every year proven.

    All errors come at once, sorted by file and line. Exit status 1 when there is one. Vouchers that wait (!) for a
    person are no errors, and are listed.

    \b
    forbundsbok check
    """
    general_ledger = read_ledger(ledger)
    if mistakes := list(altered(ledger.parent, general_ledger.imports)):
        raise LedgerError(mistakes)
    years = general_ledger.years
    if not years:
        raise click.ClickException(f"{ledger} has no income or expenses: there are no statements to prove")
    for year in years:
        with working(f"Proving the statements of {year}"):
            statements(general_ledger, Period(year), comparative(general_ledger, Period(year), None))
    click.echo(f"{ledger}: no errors; the statements of {', '.join(map(str, years))} prove themselves")
    for line in _waiting(general_ledger):
        click.echo(line)


def _waiting(ledger: GeneralLedger) -> Iterator[str]:
    """Yield the vouchers of each year that wait for a person: `3 vouchers of 2025 wait (!): I 12-13, L 301`."""
    query = f"SELECT year(date), meta('ver') FROM #transactions WHERE flag = '{WAITS}'"
    waiting = [(year, ver or "") for year, ver in ledger.connection.execute(query).fetchall()]
    for year in sorted({year for year, _ in waiting}):
        own = sorted(each for each in waiting if each[0] == year)
        count = "1 voucher" if len(own) == 1 else f"{len(own)} vouchers"
        verb = "waits" if len(own) == 1 else "wait"
        yield f"{count} of {year} {verb} ({WAITS}): {', '.join(ranges(own))}"
