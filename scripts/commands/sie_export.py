"""`forbundsbok sie export`: a year of the books as a SIE 4 file, for an auditor or another accounting system.

    forbundsbok sie export --year 2024 --type 4 --out bokforing-2024.se

What the file holds: forbundsbok.importers.sie.export.
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click
from beancount.core import data

from forbundsbok.importers.mapping import FILE, read_mapping
from forbundsbok.importers.sie.codec.check import EARLIEST
from forbundsbok.importers.sie.codec.writer import FineAmountError, sie_bytes
from forbundsbok.importers.sie.export import sie_file
from forbundsbok.importers.sie.mapping import read_sie_mapping
from forbundsbok.plugins.language import N_, tr
from forbundsbok.plugins.loading import load_ledger, refuse_errors
from forbundsbok.scripts.commands.options import DayType, OutType, ledger_option, say, write_files, yes_option

TYPES = {"1": "1", "2": "2", "3": "3", "4": "4", "4e": "4", "4i": "4I"}
"""The types that can be asked for, and what they are called here."""


@click.command()
@click.option(
    "--year", metavar=N_("YEAR"), type=click.IntRange(EARLIEST, 9999), help="The fiscal year, a calendar year."
)
@click.option(
    "--from",
    "first",
    metavar=N_("YYYY-MM-DD"),
    type=DayType(),
    help="First day of a broken fiscal year.",
)
@click.option(
    "--to",
    "last",
    metavar=N_("YYYY-MM-DD"),
    type=DayType(),
    help="Last day of a broken fiscal year.",
)
@click.option(
    "--type",
    "kind",
    type=click.Choice(list(TYPES), case_sensitive=False),
    default="4",
    show_default=True,
    help="1 balances, 2 and by period, 3 and by object, 4 (4e) and vouchers; 4i vouchers alone.",
)
@click.option(
    "--out",
    metavar=N_("FILE"),
    type=OutType(),
    required=True,
    help="The file to write.",
)
@yes_option
@ledger_option
def export(
    year: int | None, first: date | None, last: date | None, kind: str, out: Path, yes: bool, ledger: Path
) -> None:
    """Write a year of the books as a SIE 4 file.

    Characters that the format lacks are replaced, and listed.

    \b
    forbundsbok sie export --year 2024 --type 4 --out bokforing-2024.se
    forbundsbok sie export --from 2009-07-01 --to 2010-06-30 --type 4 --out bokforing.se
    """
    asked = _asked(year, first, last)
    mapping = read_sie_mapping(read_mapping(ledger.parent / FILE).table("sie"))
    loaded = load_ledger(ledger)
    refuse_errors(loaded.errors)
    _refuse_other_years(loaded.entries, *asked)
    file = sie_file(loaded.entries, loaded.options, asked, TYPES[kind], mapping)
    try:
        content, replaced = sie_bytes(file)
    except FineAmountError as error:
        raise click.ClickException(str(error)) from None
    write_files({out: content}, asked=not yes)
    for line in replaced:
        say(line, err=True)
    rows = sum(len(voucher.rows) for voucher in file.vouchers)
    told = N_("{file}: accounts: {accounts}, vouchers: {vouchers}, rows: {rows}")
    say(tr(told, file=out, accounts=len(file.accounts), vouchers=len(file.vouchers), rows=rows))


def _refuse_other_years(entries: Sequence[data.Directive], first: date, last: date) -> None:
    """Raise ClickException for a year in which nothing is booked: its file would look like that of an idle one."""
    days = [entry.date for entry in entries if isinstance(entry, data.Transaction)]
    if not any(first <= day <= last for day in days):
        text = N_("the books have no vouchers from {first} to {last}; the years that they have: {years}")
        years = ", ".join(map(str, sorted({day.year for day in days}))) or tr("none")
        raise click.ClickException(tr(text, first=first, last=last, years=years))


def _asked(year: int | None, first: date | None, last: date | None) -> tuple[date, date]:
    if year and not (first or last):
        return date(year, 1, 1), date(year, 12, 31)
    if year or not (first and last):
        raise click.UsageError(
            tr("Give the year, --year 2024, or the first and last day of a broken one, --from and --to.")
        )
    if last < first or first.year < EARLIEST:
        raise click.UsageError(tr("{first} to {last} is no fiscal year.", first=first, last=last))
    return first, last
