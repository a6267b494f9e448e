"""`forbundsbok audit-pack`: a year for its auditor, in one archive."""

from pathlib import Path

import click

from forbundsbok.importers.mapping import FILE, read_mapping
from forbundsbok.importers.sie.codec.check import EARLIEST
from forbundsbok.importers.sie.codec.writer import FineAmountError
from forbundsbok.plugins.language import N_, language, tr
from forbundsbok.plugins.loading import load_ledger, refuse_errors
from forbundsbok.queries.general_ledger import read
from forbundsbok.queries.report import report
from forbundsbok.queries.statement import Period
from forbundsbok.queries.statements import comparative
from forbundsbok.scripts.commands.options import OutType, ledger_option, say, working, write_files, yes_option
from forbundsbok.scripts.render.audit_pack import audit_pack
from forbundsbok.scripts.render.csv import read_contradictions


@click.command("audit-pack")
@click.argument("year", metavar=N_("YEAR"), type=click.IntRange(EARLIEST, 9999))
@click.option(
    "--out",
    metavar=N_("FILE"),
    type=OutType(),
    help="The archive to write; revision-YEAR.zip without it.",
)
@yes_option
@ledger_option
def pack_for_audit(year: int, out: Path | None, yes: bool, ledger: Path) -> None:
    """Write a year's books and documents, SIE 4, tables, annual accounts and digests as one archive.

    The same books give the same bytes. Within stands how to prove it anew.

    \b
    forbundsbok audit-pack 2024
    """
    path = out or Path(f"revision-{year}.zip")
    with working(tr(N_("Reading {file}"), file=ledger)):
        loaded = load_ledger(ledger)
        refuse_errors(loaded.errors)
        books = read(loaded.entries, loaded.options)
    known = ledger.parent / "printed" / f"{year}-contradictions.csv"
    contradictions = tuple(read_contradictions(known).values()) if known.is_file() else ()
    made = report(books, Period(year), comparative(books, Period(year), None), language(), "", contradictions)
    try:
        content = audit_pack(made, loaded, ledger, read_mapping(ledger.parent / FILE))
    except FineAmountError as error:
        raise click.ClickException(str(error)) from None
    write_files({path: content}, asked=not yes)
    say(tr(N_("{file}: {size} kB"), file=path, size=len(content) // 1000))
