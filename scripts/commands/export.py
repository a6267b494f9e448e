"""`forbundsbok export`: all statements in files."""

from pathlib import Path

import click

from forbundsbok.plugins.findings import counted
from forbundsbok.plugins.language import N_, language
from forbundsbok.queries.layout_files import LAW
from forbundsbok.queries.report import report
from forbundsbok.queries.statement import Period
from forbundsbok.queries.statements import comparative
from forbundsbok.queries.views import View
from forbundsbok.scripts.commands.options import OutType, report_options, say, view_options, write_files, yes_option
from forbundsbok.scripts.commands.reading import read_ledger
from forbundsbok.scripts.render.csv import read_contradictions, swedish_csv
from forbundsbok.scripts.render.formats import FORMATS

USUAL = ("csv", "json", "txt")
"""The formats that nobody needs to ask for."""

CSV_FORMS = ("standard", "svensk")


@click.command()
@report_options
@click.option(
    "--out",
    metavar=N_("FOLDER"),
    type=OutType(folder=True),
    required=True,
    help="Folder to write to; made if need be.",
)
@click.option(
    "--format",
    "formats",
    type=click.Choice(list(FORMATS)),
    multiple=True,
    default=USUAL,
    show_default=True,
    help="May be given more than once.",
)
@click.option(
    "--csv-form",
    type=click.Choice(CSV_FORMS),
    default=CSV_FORMS[0],
    show_default=True,
    help="svensk has semicolons and decimal commas, as a Swedish spreadsheet opens it.",
)
@click.option(
    "--layout",
    metavar=N_("NAME"),
    type=click.Choice([LAW]),
    help="lag for the law's layouts, whatever stands beside the books.",
)
@view_options
@yes_option
def export(
    ledger: Path,
    year: Period,
    compare: Period | None,
    out: Path,
    formats: tuple[str, ...],
    csv_form: str,
    layout: str | None,
    view: View,
    yes: bool,
) -> None:
    """Write all statements of the annual report to files.

    \b
    csv   figures.csv with the printed figures in tkr, and one file a statement in kronor
    json  figures.json with every figure in kronor, its accounts and dates
    txt   one file a statement, as printed
    xlsx  a workbook in which every figure is a formula, down to the postings
    pdf   the annual accounts to read, print and keep, with their figures attached
    html  one page, every figure a link to its accounts and postings
    parquet, duckdb  the books and the figures as tables, for SQL

    \b
    forbundsbok export --year 2024 --out build --format csv --format json
    forbundsbok export --year 2024 --out build --format pdf
    forbundsbok export --year 2024 --out build --format csv --csv-form svensk
    """
    general_ledger = read_ledger(ledger)
    known = ledger.parent / "printed" / f"{year}-contradictions.csv"
    contradictions = read_contradictions(known).values() if known.is_file() else ()
    beside = comparative(general_ledger, year, compare)
    made = report(general_ledger, year, beside, language(), layout or "", tuple(contradictions), view)
    files = {out / name: content for each in dict.fromkeys(formats) for name, content in FORMATS[each](made).items()}
    if csv_form != CSV_FORMS[0]:
        csvs = {path: text for path, text in files.items() if path.suffix == ".csv" and isinstance(text, str)}
        files |= {path: swedish_csv(text) for path, text in csvs.items()}
    write_files(files, asked=not yes, folder=out)
    say(counted(len(files), N_("1 file in {folder}"), N_("{count} files in {folder}"), folder=out))
