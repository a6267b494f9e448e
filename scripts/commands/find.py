"""`forbundsbok find`: the vouchers in which something stands."""

from datetime import date
from pathlib import Path

import click

from forbundsbok.plugins.language import N_, tr
from forbundsbok.plugins.loading import load_ledger
from forbundsbok.plugins.units import read_units
from forbundsbok.queries.search import read_terms, vouchers_with
from forbundsbok.queries.statement import Period
from forbundsbok.scripts.commands.options import ledger_option, say, tell, working, year_option
from forbundsbok.scripts.render.json import json_text
from forbundsbok.scripts.render.vouchers import vouchers_data, vouchers_text


@click.command()
@click.argument("words", metavar=N_("WORDS..."), nargs=-1, required=True)
@year_option(required=False)
@click.option("--unit", metavar=N_("UNIT"), default="", help="Code of a unit; the whole federation without it.")
@click.option("--json", "as_json", is_flag=True, help="The vouchers as data.")
@ledger_option
def find(words: tuple[str, ...], year: Period | None, unit: str, as_json: bool, ledger: Path) -> None:
    """Find the vouchers in which all WORDS stand, wherever: number, party, text, account, document, amount.

    Several words within quotation marks are looked for as they stand. A number is an amount, the beginning of an
    account's number, or stands in a text; 1000..2000 is an amount between the two.

    \b
    forbundsbok find "L 17" --year 2024
    forbundsbok find hyra 6020 --unit RT
    forbundsbok find 38462,50
    forbundsbok find städ 10000..
    """
    terms = read_terms(words)
    if not terms:
        raise click.UsageError(tr(N_("Say what to look for.")))
    with working(tr(N_("Reading {file}"), file=ledger)):
        loaded = load_ledger(ledger)
    known = read_units(loaded.entries)
    if unit and unit.upper() not in known:
        text = N_("there is no unit {unit}; there are {units}")
        raise click.ClickException(tr(text, unit=unit, units=", ".join(known)))
    first, last = (year.start, year.end) if year else (date.min, date.max)
    found = vouchers_with(loaded.entries, terms, first, last, unit.upper())
    if loaded.errors:
        tell(tr(N_("NOTE: the books have errors (forbundsbok check); what cannot be read is not found.")))
    if as_json:
        say(json_text(vouchers_data(found), indent=2))
        return
    click.echo(vouchers_text(found, ledger.parent), nl=False)
