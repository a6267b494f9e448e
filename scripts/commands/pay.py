"""`forbundsbok pay`: the file that tells the bank to pay what is due, and the vouchers that book it as sent.

forbundsbok pay --day 2025-03-14 --attest EK
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import click

from forbundsbok.importers.door import Proposal
from forbundsbok.importers.intake import Arrival
from forbundsbok.importers.mapping import FILE as MAPPING
from forbundsbok.importers.mapping import read_mapping
from forbundsbok.importers.payment_orders import (
    KIND,
    DuePayments,
    PaymentMapping,
    PaymentOrder,
    due_payments,
    payment_file,
    sent_document,
    sent_vouchers,
)
from forbundsbok.importers.reread import document_changes
from forbundsbok.plugins.check_digits import printed
from forbundsbok.plugins.findings import counted
from forbundsbok.plugins.imports import read_imports
from forbundsbok.plugins.language import N_, language, tr
from forbundsbok.plugins.loading import refuse_errors
from forbundsbok.plugins.money import ZERO, amount_text
from forbundsbok.plugins.places import from_here
from forbundsbok.plugins.roles import read_roles
from forbundsbok.scripts.commands.import_documents import write_batch
from forbundsbok.scripts.commands.options import DayType, confirmed, ledger_option, say, tell
from forbundsbok.scripts.store.ledger import writing

_FRIDAY = 4


@click.command()
@click.option("--day", metavar=N_("YYYY-MM-DD"), type=DayType(), help="When the bank is to pay; today without it.")
@click.option(
    "--until",
    metavar=N_("YYYY-MM-DD"),
    type=DayType(),
    help="What is due until then is paid; the day of payment without it.",
)
@click.option("--attest", metavar=N_("SIGN"), default="", help="The signature of who approves the payments.")
@click.option(
    "--mapping", metavar=N_("FILE"), type=click.Path(path_type=Path), help=f"{MAPPING} beside the ledger without it."
)
@click.option("--dry-run", is_flag=True, help="Print what would be written, checked with the whole ledger.")
@click.option("--yes", is_flag=True, help="Write without asking.")
@ledger_option
def pay(
    day: date | None, until: date | None, attest: str, mapping: Path | None, dry_run: bool, yes: bool, ledger: Path
) -> None:
    """Make the day's payment file (pain.001) of what is approved and due, and book it as sent.

    Shows what is paid, to whom and where, and what is due and cannot be paid, with the reason; writes on a yes. The
    file is kept in underlag/: send that one to the bank. What it pays is settled, and in no later file. The bank's
    statement (camt.053, camt.054) then moves what it has paid from the account between to the bank's.

    \b
    forbundsbok pay --dry-run
    forbundsbok pay --day 2025-03-14 --attest EK
    """
    if mapping:
        mapping.open("rb").close()
    table = read_mapping(mapping or ledger.with_name(MAPPING))
    on = day or date.today()
    _refuse_weekend(on)
    with writing(ledger, tell=tell) as books:
        refuse_errors(books.errors)
        refuse_errors(list(document_changes(ledger.parent, books.entries)))  # to whom, how much and where
        own = PaymentMapping(table.table("payments"), table.table("bank"), read_roles(books.entries))
        _refuse_second(books.entries, on)
        due = due_payments(books.entries, own, on, until or on)
        for line in _listed(due):
            say(line)
        if not due.orders:
            say(tr("There is nothing to pay."))
            return
        title = str(books.options.get("title") or "")
        file = payment_file(due.orders, own, title, on, datetime.now())
        document = sent_document(file)
        entries = sent_vouchers(due.orders, file, document, own, books.entries, attest)
        arrival = Arrival(document, KIND, Proposal(entries, str(document), on))
        if not dry_run and not yes and not confirmed(tr("Make the file and book the payments as sent?")):
            say(tr("nothing was written"))
            return
        for line in write_batch(books, [arrival], dry_run):
            say(line, err=dry_run)
        if not dry_run:
            say(tr("Send to the bank: {file}", file=from_here(str(ledger.parent / str(document)))))


def _refuse_weekend(day: date) -> None:
    """Refuse a day on which no bank pays: which one it would take instead is the bank's to say."""
    if day.weekday() > _FRIDAY:
        before, after = day - timedelta(day.weekday() - _FRIDAY), day + timedelta(7 - day.weekday())
        text = N_(
            "{day} is in a weekend, when no bank pays: write   --day {before} --until {after}   or   --day {after}"
        )
        raise click.ClickException(tr(text, day=day, before=before, after=after))


def _refuse_second(entries: Iterable[object], day: date) -> None:
    """Refuse a second file for a day: which of two the bank has, nobody could tell."""
    made = next((each for each in read_imports(entries) if each.kind == KIND and each.entry.date == day), None)  # type: ignore[arg-type]
    if made:
        text = N_(
            "the file of {day} is made already, {file}: what has come since is paid by that of another day (--day)"
        )
        raise click.ClickException(tr(text, day=day, file=made.path))


def _listed(due: DuePayments) -> Iterator[str]:
    """Yield a line for each payment and for what cannot be paid, and the sum."""
    for order in due.orders:
        yield f"{_amount(order):>16}  {order.transfer.payee}  {order.item.link}  {_where_to(order)}"
    if due.orders:
        total = sum((order.transfer.amount for order in due.orders), ZERO)
        count = counted(len(due.orders), N_("1 payment"), N_("{count} payments"))
        yield f"{amount_text(total, language()):>16}  {count}"
    if due.unpaid:
        yield ""
        yield tr("Due, and not paid:")
        for each in due.unpaid:
            yield f"{amount_text(each.amount, language()):>16}  {each.payee}  {each.link}: {each.why}"


def _amount(order: PaymentOrder) -> str:
    return amount_text(order.transfer.amount, language())


def _where_to(order: PaymentOrder) -> str:
    account, transfer = order.transfer.account, order.transfer
    return f"{account.kind} {printed(*account)}, {transfer.reference or transfer.message}"
