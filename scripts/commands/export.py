"""`forbundsbok export`: all statements in files."""

from collections.abc import Callable, Sequence
from pathlib import Path

import click

from forbundsbok.plugins.language import N_, language, tr
from forbundsbok.queries.statement import Period, Statement
from forbundsbok.queries.statements import comparative, statements
from forbundsbok.scripts.commands.options import read_ledger, report_options, working
from forbundsbok.scripts.render.csv import csv_files
from forbundsbok.scripts.render.json import json_files
from forbundsbok.scripts.render.text import text_files
from forbundsbok.scripts.store.files import write_atomically

FORMATS: dict[str, Callable[[Sequence[Statement]], dict[str, str]]] = {
    "csv": csv_files,
    "json": json_files,
    "txt": text_files,
}
"""What makes the files of a format: the text of each, by its name."""


@click.command()
@report_options
@click.option(
    "--out",
    metavar=N_("FOLDER"),
    type=click.Path(path_type=Path),
    required=True,
    help="Folder to write to; made if need be.",
)
@click.option(
    "--format",
    "formats",
    type=click.Choice(list(FORMATS)),
    multiple=True,
    default=list(FORMATS),
    help="May be given more than once; all without it.",
)
def export(ledger: Path, year: Period, compare: Period | None, out: Path, formats: tuple[str, ...]) -> None:
    """Write all statements of the annual report to files.

    \b
    csv   figures.csv with the printed figures in tkr, and one file a statement in kronor
    json  figures.json with every figure in kronor, its accounts and dates
    txt   one file a statement, as printed

    \b
    forbundsbok export --year 2024 --out build --format csv --format json
    """
    general_ledger = read_ledger(ledger)
    report = statements(general_ledger, year, comparative(general_ledger, year, compare), language())
    files = {name: text for each in dict.fromkeys(formats) for name, text in FORMATS[each](report).items()}
    out.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        with working(tr("Writing {file}", file=out / name)):
            write_atomically(out / name, text)
    told = N_("1 file in {folder}") if len(files) == 1 else N_("{count} files in {folder}")
    click.echo(tr(told, count=len(files), folder=out))
