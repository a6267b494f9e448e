"""`forbundsbok vat`: the VAT return of some months, its proof, and the voucher that settles it.

forbundsbok vat 2025-03 --book
"""

from datetime import date
from pathlib import Path

import click

from forbundsbok.plugins.books import Books
from forbundsbok.plugins.language import N_, language, tr
from forbundsbok.plugins.ledger_text import directives_text
from forbundsbok.plugins.loading import load_ledger, refuse_errors
from forbundsbok.plugins.money import amount_text
from forbundsbok.plugins.months import Month
from forbundsbok.queries.general_ledger import read
from forbundsbok.queries.statement import Period
from forbundsbok.queries.vat_return import VatReturn, settlement_of, vat_return, waiting_vat
from forbundsbok.scripts.commands.options import DayType, PeriodType, ledger_option, say, tell, working
from forbundsbok.scripts.commands.voucher_writing import write_vouchers
from forbundsbok.scripts.render.json import json_text
from forbundsbok.scripts.render.vat_return import vat_return_data, vat_return_text
from forbundsbok.scripts.store.ledger import writing


@click.command("vat")
@click.argument("period", metavar=N_("PERIOD"), type=PeriodType())
@click.option("--book", is_flag=True, help="Write the voucher that settles the VAT, on a yes.")
@click.option(
    "--date",
    "day",
    metavar=N_("YYYY-MM-DD"),
    type=DayType(),
    help="The day of the settlement; without it the last one of the period, or today where that year is closed.",
)
@click.option("--attest", metavar=N_("SIGN"), default="", help="Who approves the voucher; without it it waits (!).")
@click.option("--dry-run", is_flag=True, help="With --book: show what would be written, checked with the whole ledger.")
@click.option("--yes", is_flag=True, help="Write without asking.")
@click.option("--json", "as_json", is_flag=True, help="The return as data.")
@ledger_option
def vat(
    period: Period,
    book: bool,
    day: date | None,
    attest: str,
    dry_run: bool,
    yes: bool,
    as_json: bool,
    ledger: Path,
) -> None:
    """Print the VAT return of a month or a quarter, with its proof, and the voucher that settles it.

    The boxes come from the vouchers: the rate of each row is the one at which the rows come to the VAT. They are
    proven against the balances of the accounts of VAT, and stand beside those of the period before. What no rate gives,
    or a purchase for which the buyer owes the VAT and whose box nobody has said, is told: say it by
    custom "momsruta". Sales and rents without VAT are in box 42; contributions and grants are in none.

    \b
    forbundsbok vat 2025-03
    forbundsbok vat 2025-Q1 --book --date 2025-05-12 --attest EK
    """
    if as_json and book:
        raise click.UsageError(tr(N_("--json shows, and --book writes: take one of them.")))
    first, last = Month(period.year, period.first_month), Month(period.year, period.last_month)
    if not _is_declared(period):
        text = N_("{period} is no period of a VAT return: write a month {month}, a quarter {quarter}, or {year}.")
        quarter = f"{period.year}-Q{(period.first_month + 2) // 3}"
        raise click.UsageError(tr(text, period=period, month=first, quarter=quarter, year=period.year))
    if day and day < last.last_day:
        raise click.UsageError(
            tr(N_("VAT is settled when its period has ended: --date {day} or later."), day=last.last_day)
        )
    if not book:
        with working(tr(N_("Reading {file}"), file=ledger)):
            loaded = load_ledger(ledger)
            refuse_errors(loaded.errors)
            books = Books(loaded.entries, loaded.options)
            declaration = vat_return(books, read(loaded.entries, loaded.options), first, last)
        if as_json:
            say(json_text(vat_return_data(declaration), indent=1))
            return
        _show(declaration)
        if entry := settlement_of(books, declaration, day or _day(books, declaration), attest):
            say(tr(N_("It is settled by this voucher, which --book writes:")))
            say(directives_text([entry]))
        return
    with writing(ledger, tell=tell) as locked:
        refuse_errors(locked.errors)
        books = Books(locked.entries, locked.options)
        declaration = vat_return(books, read(locked.entries, locked.options), first, last)
        _show(declaration)
        if declaration.unplaced:
            text = N_("the return is not complete: {count} vouchers are in no box")
            raise click.ClickException(tr(text, count=len(declaration.unplaced)))
        entry = settlement_of(books, declaration, day or _day(books, declaration), attest)
        if entry is None:
            text = N_("The VAT of {period} is settled: there is nothing to write.")
            if left := waiting_vat(books, declaration):
                text = N_("Of the VAT of {period} {amount} kr are left: they are booked when they are paid.")
            say(tr(text, period=declaration.name, amount=amount_text(abs(left), language())))
            return
        write_vouchers(locked, books, [entry], dry_run=dry_run, asked=not yes)


def _is_declared(period: Period) -> bool:
    """Tell whether VAT is declared for a period: a month, a quarter or a year (SFL 26 kap.)."""
    months = period.last_month - period.first_month + 1
    return months in (1, 3, 12) and period.last_month % months == 0


def _day(books: Books, declaration: VatReturn) -> date:
    """Return the day of the settlement, where none is said."""
    return date.today() if declaration.end.year in books.written_boksluts else declaration.end


def _show(declaration: VatReturn) -> None:
    click.echo(vat_return_text(declaration))
