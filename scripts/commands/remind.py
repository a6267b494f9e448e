"""`forbundsbok remind`: what customers owe by how long it is overdue, and a reminder for each who has not paid.

forbundsbok remind --at 2025-03-31 --out paminnelser
"""

import re
from collections.abc import Sequence
from datetime import date
from itertools import groupby
from pathlib import Path

import click

from forbundsbok.plugins.books import Books
from forbundsbok.plugins.fees import SENDER
from forbundsbok.plugins.language import N_, language, tr
from forbundsbok.plugins.loading import load_ledger, refuse_errors
from forbundsbok.plugins.money import amount_text
from forbundsbok.plugins.organisation import ORGANISATION, organisation_of
from forbundsbok.plugins.roles import Role
from forbundsbok.queries.fees import Issuer
from forbundsbok.queries.general_ledger import read
from forbundsbok.queries.open_items import OpenLine, OpenListing, open_at, total_of
from forbundsbok.scripts.commands.options import (
    DayType,
    OutType,
    ledger_option,
    say,
    tell,
    working,
    write_files,
    yes_option,
)
from forbundsbok.scripts.render.open_items import ageing_text


@click.command("remind")
@click.option("--at", "day", metavar=N_("YYYY-MM-DD"), type=DayType(), help="The day; today without it.")
@click.option(
    "--days",
    metavar=N_("DAYS"),
    type=click.IntRange(0),
    default=5,
    show_default=True,
    help="How many days after the due day it is reminded of: a payment may be on its way.",
)
@click.option("--out", metavar=N_("FOLDER"), type=OutType(folder=True), help="Write a reminder for each into a folder.")
@yes_option
@ledger_option
def remind(day: date | None, days: int, out: Path | None, yes: bool, ledger: Path) -> None:
    """Show what customers owe by how long it is overdue, and write reminders as PDF.

    Each who has not paid gets one reminder of all that is overdue. Nothing is booked, and no interest is claimed. What
    is paid without the number of an invoice is told first: match it before you remind anybody.

    \b
    forbundsbok remind
    forbundsbok remind --at 2025-03-31 --out paminnelser
    """
    with working(tr(N_("Reading {file}"), file=ledger)):
        loaded = load_ledger(ledger)
        refuse_errors(loaded.errors)
        books = Books(loaded.entries, loaded.options)
        listing = open_at(loaded.entries, read(loaded.entries, loaded.options), Role.CUSTOMERS, day or date.today())
    if not listing.lines:
        say(tr(N_("Nobody owes anything {day}."), day=listing.day))
        return
    click.echo(ageing_text(listing), nl=False)
    loose = total_of(line for line in listing.loose if line.amount < 0)
    if loose:
        text = N_("NOTE: {amount} kr are paid without the number of an invoice: match them first")
        tell(tr(text, amount=amount_text(-loose, language())))
    reminded = _overdue(listing, days)
    if not reminded:
        say(tr(N_("Nothing is more than {days} days overdue."), days=days))
        return
    if out is None:
        say(tr(N_("{count} customers are to be reminded: --out FOLDER writes it."), count=len(reminded)))
        return
    files = _reminders(books, reminded, listing.day, out)
    out.mkdir(parents=True, exist_ok=True)
    write_files(files, asked=not yes)
    say(tr(N_("written: {file}"), file=out))


def _overdue(listing: OpenListing, days: int) -> dict[str, list[list[OpenLine]]]:
    """Return the invoices of each customer that are overdue, each with its lines; a customer owes in all."""
    reminded: dict[str, list[list[OpenLine]]] = {}
    for payee, lines in groupby(listing.lines, lambda line: line.payee):
        own = list(lines)
        late = sorted((line for line in own if line.overdue > days and not line.waits), key=lambda line: line.link)
        invoices = [list(each) for _, each in groupby(late, lambda line: line.link)]
        invoices = [each for each in invoices if total_of(each) > 0]
        if invoices and payee and total_of(own) > 0:
            reminded[payee] = invoices
    return reminded


def _reminders(
    books: Books, reminded: dict[str, list[list[OpenLine]]], day: date, folder: Path
) -> dict[Path, str | bytes]:
    from forbundsbok.scripts.render.fee_invoice import Overdue, reminder_pdf  # beside typst

    sender, number = next(reversed(books.declared(SENDER)), None), organisation_of(books.entries)
    if sender is None or not number:
        example = SENDER.example if sender is None else ORGANISATION.example
        text = N_("a reminder says who sends it, and where to pay: write\n{example}")
        raise click.ClickException(tr(text, example=example))
    issuer = Issuer(str(books.options.get("title") or ""), number, sender)
    files: dict[Path, str | bytes] = {}
    for payee, invoices in reminded.items():
        items = [
            Overdue(each[0].link, str(each[0].day), str(each[0].due), each[0].overdue, total_of(each))
            for each in invoices
        ]
        files[folder / _named(payee, day, [path.name for path in files])] = reminder_pdf(payee, items, day, issuer)
    return files


def _named(payee: str, day: date, taken: Sequence[str]) -> str:
    """Return the name of a reminder's file, which no other customer's has."""
    name = "-".join(re.findall(r"\w+", payee)) or "-"
    count = sum(each.startswith(f"paminnelse-{day}-{name}") for each in taken)
    return f"paminnelse-{day}-{name}{f'-{count + 1}' if count else ''}.pdf"
