"""`forbundsbok open`: the invoices that customers and suppliers have not settled, as the accounts say."""

from datetime import date
from pathlib import Path

import click

from forbundsbok.plugins.language import N_, tr
from forbundsbok.plugins.loading import load_ledger, refuse_errors
from forbundsbok.plugins.roles import Role
from forbundsbok.queries.general_ledger import read
from forbundsbok.queries.open_items import ItemsAt
from forbundsbok.scripts.commands.options import DayType, ledger_option, say, working
from forbundsbok.scripts.render.json import json_text
from forbundsbok.scripts.render.open_items import open_items_data, open_items_text


@click.command("open")
@click.option("--customers", is_flag=True, help="What customers have to pay.")
@click.option("--suppliers", is_flag=True, help="What suppliers are to be paid.")
@click.option("--unit", metavar=N_("UNIT"), default="", help="Code of a unit; the whole federation without it.")
@click.option("--at", "day", metavar=N_("YYYY-MM-DD"), type=DayType(), help="The day; today without it.")
@click.option("--json", "as_json", is_flag=True, help="The open items as data.")
@ledger_option
def open_items(customers: bool, suppliers: bool, unit: str, day: date | None, as_json: bool, ledger: Path) -> None:
    """Print what is open of invoices, by party and unit, and how many days each is overdue.

    Both customers and suppliers without an option. What stands on their accounts without a link is a line of its own,
    and the total is always the balance of the accounts. Invoices that wait for approval have an exclamation mark.

    \b
    forbundsbok open --suppliers --at 2024-12-31
    forbundsbok open --customers --unit RT --json
    """
    with working(tr(N_("Reading {file}"), file=ledger)):
        loaded = load_ledger(ledger)
        refuse_errors(loaded.errors)
        books = read(loaded.entries, loaded.options)
    if unit and unit.upper() not in books.units:
        text = N_("there is no unit {unit}; there are {units}")
        raise click.ClickException(tr(text, unit=unit, units=", ".join(books.units)))
    chosen = {Role.CUSTOMERS: customers, Role.SUPPLIERS: suppliers}
    roles = [role for role, is_chosen in chosen.items() if is_chosen] or list(chosen)
    items = ItemsAt.on(loaded.entries, books, day or date.today())
    listings = [items.of(role, unit.upper()) for role in roles]
    if as_json:
        say(json_text(open_items_data(listings), indent=2))
        return
    click.echo("\n".join(map(open_items_text, listings)), nl=False)
