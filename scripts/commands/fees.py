"""`forbundsbok fees`: what each member pays in a year by the tariffs, and the invoices of a quarter.

forbundsbok fees 2025 --quarter 1 --book
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click
from beancount.core import data

from forbundsbok.importers.document import Document
from forbundsbok.importers.formats.scb import day_of, read_inhabitants
from forbundsbok.importers.inhabitants import pinned_inhabitants
from forbundsbok.plugins.books import Books
from forbundsbok.plugins.documents import KEY
from forbundsbok.plugins.fees import INHABITANTS, PAYER, SENDER, TARIFF, Inhabitants, Sender, YearFees, fees_of
from forbundsbok.plugins.language import N_, tr
from forbundsbok.plugins.ledger_text import directives_text
from forbundsbok.plugins.loading import load_ledger, refuse_errors
from forbundsbok.plugins.organisation import ORGANISATION, organisation_of
from forbundsbok.plugins.places import from_here, place
from forbundsbok.queries.fees import FeeError, FeeInvoice, Issuer, fees_to_invoice
from forbundsbok.scripts.commands.options import (
    DayType,
    ledger_option,
    say,
    tell,
    to_be_written,
    working,
)
from forbundsbok.scripts.commands.voucher_writing import write_vouchers
from forbundsbok.scripts.render.fees import fees_data, fees_text, invoice_text
from forbundsbok.scripts.render.json import json_text
from forbundsbok.scripts.store.ledger import FileChange, LockedLedger, writing
from forbundsbok.scripts.store.vouchers import with_lines


@click.command("fees")
@click.argument("year", metavar=N_("YEAR"), type=click.IntRange(1900, 2999))
@click.option(
    "--inhabitants",
    metavar=N_("FILE"),
    type=click.Path(path_type=Path, dir_okay=False),
    help="Take in the inhabitants of a file of SCB (JSON-stat 2 or CSV), and keep it among the documents.",
)
@click.option("--period", metavar=N_("PERIOD"), default="", help="Which period of that file: 2024, or 2024M11.")
@click.option("--quarter", metavar=N_("QUARTER"), type=click.IntRange(1, 4), help="Show the invoices of a quarter.")
@click.option("--book", is_flag=True, help="With --quarter: write its invoices and their vouchers, on a yes.")
@click.option(
    "--date", "day", metavar=N_("YYYY-MM-DD"), type=DayType(), help="The day of the invoices; today without it."
)
@click.option("--dry-run", is_flag=True, help="Show what would be written, checked with the whole ledger.")
@click.option("--yes", is_flag=True, help="Write without asking.")
@click.option("--json", "as_json", is_flag=True, help="The fees as data.")
@ledger_option
def fees(
    year: int,
    inhabitants: Path | None,
    period: str,
    quarter: int | None,
    book: bool,
    day: date | None,
    dry_run: bool,
    yes: bool,
    as_json: bool,
    ledger: Path,
) -> None:
    """Show what each member pays in a year by each tariff, how it is reckoned, and invoice it quarter by quarter.

    Tariffs and payers are directives of the books: custom "taxa", "taxa-betalare" and "avgiftsbetalare". The
    inhabitants are pinned by --inhabitants, with the file, its day and its digest. Each payer gets one invoice of a
    quarter, as a PDF and for Peppol, beside its voucher. What is invoiced already, also by hand, is taken off: run
    again it adds nothing.

    \b
    forbundsbok fees 2025 --inhabitants folkmangd.json
    forbundsbok fees 2025
    forbundsbok fees 2025 --quarter 1 --book --date 2025-01-15
    """
    if inhabitants and (quarter or as_json):
        raise click.UsageError(tr(N_("--inhabitants pins a file: take --quarter and --json for themselves.")))
    if period and not inhabitants:
        raise click.UsageError(tr(N_("--period says what is meant of the file of --inhabitants.")))
    if quarter and as_json:
        raise click.UsageError(tr(N_("--json shows the year, and --quarter invoices: take one of them.")))
    if book and not quarter:
        raise click.UsageError(tr(N_("--book writes the invoices of a quarter: say which by --quarter.")))
    if inhabitants:
        with writing(ledger, tell=tell) as locked:
            _pin(locked, Document(inhabitants), year, period, dry_run=dry_run, asked=not yes)
        return
    if not quarter:
        with working(tr(N_("Reading {file}"), file=ledger)):
            loaded = load_ledger(ledger)
            refuse_errors(loaded.errors)
            books = Books(loaded.entries, loaded.options)
            reckoned = _reckoned(books, year, ledger.parent)
        if as_json:
            say(json_text(fees_data(books, reckoned), indent=1))
        else:
            click.echo(fees_text(books, reckoned), nl=False)
        return
    with writing(ledger, tell=tell) as locked:
        refuse_errors(locked.errors)
        books = Books(locked.entries, locked.options)
        reckoned = _reckoned(books, year, locked.path.parent)
        _invoice(locked, books, reckoned, quarter, day, book=book, dry_run=dry_run, asked=not yes)


def _reckoned(books: Books, year: int, folder: Path) -> YearFees:
    """Return the fees of a year, held against the document of the inhabitants. Raises ClickException, FeeError."""
    reckoned = fees_of(books, year)
    if reckoned is None:
        others = sorted({each.entry.date.year for each in books.declared(TARIFF)})
        unread = books.unread(TARIFF)
        text = N_("no tariff is declared for {year}: write, dated in that year,\n{example}")
        if others:
            text = N_(
                "no tariff is declared for {year}, but for {others}: each is decided for one year. Write\n{example}"
            )
        example = TARIFF.example.replace("2025", str(year))
        if unread:
            text = N_("the tariff at {place} cannot be read: forbundsbok check says why")
        at = place(unread[0][0]) if unread else ""
        raise click.ClickException(tr(text, year=year, others=", ".join(map(str, others)), example=example, place=at))
    kinds = (TARIFF, PAYER, INHABITANTS)
    for entry, why in [each for kind in kinds for each in books.unread(kind)]:
        tell(f"{place(entry)}: {kind_of(entry)} {why}")
    for entry, why in reckoned.problems:
        tell(f"{place(entry)}: {why}")
    if reckoned.problems or any(books.unread(kind) for kind in kinds):
        raise click.ClickException(tr(N_("the fees of {year} cannot be reckoned"), year=year))
    if reckoned.inhabitants:
        _hold_against(reckoned.inhabitants, folder)
    return reckoned


def kind_of(entry: data.Custom) -> str:
    """Return how a directive is named beside what is wrong with it."""
    return f'"{entry.type}"'


def _hold_against(pinned: Inhabitants, folder: Path) -> None:
    """Tell where the document of the inhabitants is gone; refuse where it is another, or says something else."""
    path = folder / pinned.path
    if not path.is_file():
        tell(tr(N_("NOTE: {path}, where the inhabitants are from, is not there"), path=pinned.path))
        return
    document = Document(path)
    if document.sha256 != pinned.sha256:
        text = N_("{path} is not what was pinned at {place}: its SHA-256 is {digest}. Pin it anew by --inhabitants")
        raise click.ClickException(tr(text, path=pinned.path, place=place(pinned.entry), digest=document.sha256))
    told = next((own for period, own in document.records(read_inhabitants).items() if day_of(period) == pinned.day), {})
    for code, count in pinned.counts.items():
        if told.get(code) != count:
            text = N_("{place} says {count} inhabitants of {code}, but {path} {told}: pin it anew by --inhabitants")
            values = {"place": place(pinned.entry), "count": count, "code": code, "path": pinned.path}
            raise click.ClickException(tr(text, told=told.get(code, "-"), **values))


def _pin(locked: LockedLedger, document: Document, year: int, period: str, *, dry_run: bool, asked: bool) -> None:
    """Write the inhabitants of a file beside the tariffs of the year, and keep the file."""
    books = Books(locked.entries, locked.options)
    entry = pinned_inhabitants(document, books.declared(PAYER), year, period)
    before = [each for each in books.declared(INHABITANTS) if each.entry.date.year == year]
    new = INHABITANTS.read(entry)
    if before and (before[-1].sha256, before[-1].counts, before[-1].day) == (new.sha256, new.counts, new.day):
        text = N_("The inhabitants of {day} are pinned already, at {place}: nothing is added.")
        say(tr(text, day=new.day, place=place(before[-1].entry)))
        return
    folder = locked.path.parent
    kept = _free(folder, new.path, document.read())
    entry.meta[KEY] = kept
    beside = [each.entry for each in books.declared(TARIFF) if each.entry.date.year == year]
    beside += [each.entry for each in books.declared(PAYER)]
    path = Path(str(beside[0].meta["filename"]))
    say(directives_text([entry]))
    say("")
    for each in before[-1:]:
        changed = {code: count for code, count in new.counts.items() if each.counts.get(code) != count}
        text = N_("NOTE: they take the place of those of {day} at {place}; {count} municipalities change")
        tell(tr(text, day=each.day, place=place(each.entry), count=len(changed)))
    content = path.read_bytes()
    changes = [FileChange(path, content, with_lines(content, directives_text([entry])))]
    if not (folder / kept).exists():
        changes.append(FileChange(folder / kept, None, document.read()))
    locked.write(changes, dry_run=True)
    if to_be_written(tr(N_("Write this into {file}?"), file=from_here(str(path))), dry_run=dry_run, asked=asked):
        locked.write(changes)
        say(tr(N_("written: {file}"), file=from_here(str(path))))
        say(tr(N_("written: {file}"), file=from_here(str(folder / kept))))


def _free(folder: Path, path: str, content: bytes) -> str:
    """Return the path of a document, with a number where another document has its name."""
    wanted = Path(path)
    number = 1
    while (folder / path).exists() and (folder / path).read_bytes() != content:
        number += 1
        path = wanted.with_name(f"{wanted.stem}-{number}{wanted.suffix}").as_posix()
    return path


def _invoice(
    locked: LockedLedger,
    books: Books,
    reckoned: YearFees,
    quarter: int,
    day: date | None,
    *,
    book: bool,
    dry_run: bool,
    asked: bool,
) -> None:
    day = day or date.today()
    if day.year != reckoned.year:
        text = N_("the invoices of {year} are dated in that year: say their day by   --date {year}-01-15")
        raise click.UsageError(tr(text, year=reckoned.year))
    sender = next(reversed(books.declared(SENDER)), None)
    found = fees_to_invoice(books, reckoned, quarter, day, sender.days if sender else 30)
    for note in found.notes:
        tell(f"! {note}")
    if not found.invoices:
        text = N_("The fees of {year} until quarter {quarter} are invoiced: there is nothing to write.")
        say(tr(text, year=reckoned.year, quarter=quarter))
        return
    for invoice in found.invoices:
        click.echo(invoice_text(invoice))
    if not book:
        say(tr(N_("They are written, with their vouchers, by --book.")))
        return
    documents = _documents(locked, books, found.invoices, _sender(sender))
    vouchers = [invoice.voucher for invoice in found.invoices]
    write_vouchers(locked, books, vouchers, dry_run=dry_run, asked=asked, documents=documents)


def _sender(sender: Sender | None) -> Sender:
    if sender is None:
        text = N_("the books do not say where an invoice is to be paid: write\n{example}")
        raise FeeError(text, example=SENDER.example)
    return sender


def _documents(
    locked: LockedLedger, books: Books, invoices: Sequence[FeeInvoice], sender: Sender
) -> Sequence[FileChange]:
    """Return the PDF of each invoice, and its XML for Peppol where the payer has what that takes. Raises FeeError."""
    from forbundsbok.scripts.render.fee_invoice import invoice_pdf  # beside typst
    from forbundsbok.scripts.render.peppol import lacks_for_peppol, peppol_xml

    number = organisation_of(books.entries)
    if not number:
        text = N_("an invoice bears the federation's organisation number: write\n{example}")
        raise FeeError(text, example=ORGANISATION.example)
    issuer = Issuer(str(books.options.get("title") or ""), number, sender)
    changes = []
    for invoice in invoices:
        path = locked.path.parent / str(invoice.voucher.meta[KEY])
        changes.append(FileChange(path, None, invoice_pdf(invoice, issuer)))
        if lacking := lacks_for_peppol(invoice.payer):
            text = N_("NOTE: {payer} gets no invoice for Peppol: write {keys} below avgiftsbetalare")
            tell(tr(text, payer=invoice.payer.full_name, keys=", ".join(lacking)))
        else:
            changes.append(FileChange(path.with_suffix(".xml"), None, peppol_xml(invoice, issuer, books.currency)))
    if taken := next((change.path for change in changes if change.path.exists()), None):
        raise FeeError(
            N_("{path} is there already, and is no document of these books: move it"), path=from_here(str(taken))
        )
    return changes
