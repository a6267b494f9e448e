"""`forbundsbok sie export`: a year of the books as a SIE 4 file, for an auditor or another accounting system.

    forbundsbok sie export --year 2024 --type 4 --out bokforing-2024.se

What the file holds: forbundsbok.importers.sie.export.
"""

from datetime import date
from pathlib import Path
from typing import Any

import click

from forbundsbok.importers.mapping import FILE, read_mapping
from forbundsbok.importers.sie.codec.writer import sie_bytes
from forbundsbok.importers.sie.export import sie_file
from forbundsbok.importers.sie.mapping import read_sie_mapping
from forbundsbok.importers.sie.year import EARLIEST
from forbundsbok.plugins.loading import load_ledger, refuse_errors
from forbundsbok.scripts.commands.options import ledger_option
from forbundsbok.scripts.store.files import write_atomically

TYPES = {"1": "1", "2": "2", "3": "3", "4": "4", "4e": "4", "4i": "4I"}
"""The types that can be asked for, and what they are called here."""


@click.command()
@click.option("--year", type=click.IntRange(EARLIEST, 9999), help="The fiscal year, a calendar year.")
@click.option("--from", "first", type=click.DateTime(["%Y-%m-%d"]), help="First day of a broken fiscal year.")
@click.option("--to", "last", type=click.DateTime(["%Y-%m-%d"]), help="Last day of it.")
@click.option(
    "--type",
    "kind",
    type=click.Choice(list(TYPES), case_sensitive=False),
    default="4",
    show_default=True,
    help="1 balances, 2 and by period, 3 and by object, 4 (4e) and vouchers; 4i vouchers alone.",
)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The file to write.")
@ledger_option
def export(year: int | None, first: Any, last: Any, kind: str, out: Path, ledger: Path) -> None:
    """Write a year of the books as a SIE 4 file.

    Characters that the format lacks are replaced, and listed.

    \b
    forbundsbok sie export --year 2024 --type 4 --out bokforing-2024.se
    forbundsbok sie export --from 2009-07-01 --to 2010-06-30 --type 4 --out bokforing.se
    """
    asked = _asked(year, first and first.date(), last and last.date())
    mapping = read_sie_mapping(read_mapping(ledger.parent / FILE).table("sie"))
    loaded = load_ledger(ledger)
    refuse_errors(loaded.errors)
    file = sie_file(loaded.entries, loaded.options, asked, TYPES[kind], mapping)
    try:
        content, replaced = sie_bytes(file)
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    write_atomically(out, content)
    for line in replaced:
        click.echo(line, err=True)
    rows = sum(len(voucher.rows) for voucher in file.vouchers)
    click.echo(f"{out}: {len(file.accounts)} accounts, {len(file.vouchers)} vouchers, {rows} rows")


def _asked(year: int | None, first: date | None, last: date | None) -> tuple[date, date]:
    if year and not (first or last):
        return date(year, 1, 1), date(year, 12, 31)
    if year or not (first and last):
        raise click.UsageError(
            "Give the year, --year 2024, or the first and last day of a broken one, --from and --to."
        )
    if last < first or first.year < EARLIEST:
        raise click.UsageError(f"{first} to {last} is no fiscal year.")
    return first, last
