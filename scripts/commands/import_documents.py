"""`forbundsbok import`: documents from other systems into the books.

    forbundsbok import inbox/kontoutdrag-2025-03-14.xml inbox/bgmax-0314.txt

What recognises and books them is importers.intake, what is written of them importers.batch. Everything goes in or
nothing does: see scripts.store.ledger.
"""

from collections.abc import Iterable, Sequence
from itertools import takewhile
from pathlib import Path
from textwrap import indent

import click
from beancount.core import data

from forbundsbok.importers.batch import FOLDER, batch_path, batch_text, new_books, with_include
from forbundsbok.importers.document import Document
from forbundsbok.importers.intake import Arrival, arrivals, doors, recognise
from forbundsbok.importers.mapping import FILE as MAPPING
from forbundsbok.importers.mapping import read_mapping
from forbundsbok.importers.payments import OBSERVE
from forbundsbok.importers.problems import DocumentError, refused_whole
from forbundsbok.importers.reread import document_changes
from forbundsbok.plugins.findings import Message, as_written, counted, phrase
from forbundsbok.plugins.language import N_, tr
from forbundsbok.plugins.loading import LoadedLedger, placed_messages
from forbundsbok.plugins.places import from_here, place_of
from forbundsbok.plugins.review import WAITS
from forbundsbok.scripts.commands.options import ledger_option, say, tell
from forbundsbok.scripts.render.ranges import ranges
from forbundsbok.scripts.store.fixes import without
from forbundsbok.scripts.store.ledger import FileChange, LockedLedger, writing


@click.command("import")
@click.argument("files", metavar=N_("FILE..."), nargs=-1, required=True, type=click.Path(path_type=Path))
@ledger_option
@click.option(
    "--mapping",
    metavar=N_("FILE"),
    type=click.Path(path_type=Path),
    help=f"How what comes in is booked; {MAPPING} beside the ledger.",
)
@click.option("--dry-run", is_flag=True, help="Print what would be written, checked with the whole ledger.")
def import_documents(files: tuple[Path, ...], ledger: Path, mapping: Path | None, dry_run: bool) -> None:
    """Take documents from other systems into the books: SIE 4, bank statements, payments, invoices.

    Each is recognised by what it holds. Its vouchers go into a new file in import/, the document itself is
    kept in underlag/. A document that has come in before adds nothing. If anything is wrong, in a document or
    with the ledger as it would be, nothing is written. Nothing is asked: what was there stays as it is, and what needs
    somebody waits (!).

    \b
    forbundsbok import inbox/kontoutdrag.xml inbox/bgmax.txt
    forbundsbok import --dry-run inbox/faktura-4711.xml
    """
    if mapping:
        mapping.open("rb").close()
    for line in take_in(files, ledger, mapping or ledger.with_name(MAPPING), dry_run):
        say(line, err=dry_run)


def take_in(files: Iterable[Path], ledger: Path, mapping: Path, dry_run: bool = False) -> list[str]:
    """Take documents into a ledger, and return what an accountant should know of it, a line each.

    Raises DocumentError for what cannot come in, LedgerError for books with errors; then nothing is written.
    """
    recognised = recognise(map(Document, files), doors(read_mapping(mapping)))
    with writing(ledger, may_be_new=True, sound=True, tell=tell) as books:
        came = arrivals(recognised, books.entries, ledger)
        report = [line for arrival in came for line in _report(arrival)]
        if batch := [arrival for arrival in came if arrival.proposal.entries]:
            earlier = placed_messages(sorted(document_changes(ledger.parent, books.entries), key=place_of))
            report += write_batch(books, batch, dry_run)
            _tell_earlier([message for _, message in earlier])
    return report


def _tell_earlier(wrong: Sequence[str]) -> None:
    """Tell what is wrong with documents that came before, which is no reason to keep out what comes now."""
    if wrong:
        one = N_("Of a document that came in before, 1 thing is wrong, as forbundsbok check says too:")
        many = N_("Of documents that came in before, {count} things are wrong, as forbundsbok check says too:")
        tell("\n".join([str(counted(len(wrong), one, many)), *(f"! {message}" for message in wrong)]))


def write_batch(books: LockedLedger, batch: Sequence[Arrival], dry_run: bool) -> list[str]:
    """Write what documents add, and return what was written, a line each."""
    folder = books.path.parent
    books.sweep(folder / FOLDER)
    text = batch_text(batch)
    changes = [
        FileChange(kept, None, arrival.document.read())
        for arrival in batch
        if not (kept := folder / arrival.proposal.stored).exists()
    ]
    path, before = _target(batch, folder)
    whole = text
    if before is not None:
        replaced = [each for arrival in batch for each in arrival.proposal.replaced]
        left = without(before.decode("utf-8"), replaced)
        whole = f"{left.rstrip()}\n\n{text}"
    changes.append(FileChange(path, before, whole.encode()))
    if books.is_new:
        changes.append(FileChange(books.path, None, new_books(batch, folder.name)))
    elif not books.includes(path):
        before = books.path.read_bytes()
        changes.append(FileChange(books.path, before, with_include(before)))
    if dry_run:
        say(text, nl=False)
    books.let_go()
    books.write(changes, lambda would_be: _refuse(would_be, path, whole), dry_run=dry_run)
    done = N_("would be written: {file}") if dry_run else N_("written: {file}")
    return [tr(done, file=from_here(str(change.path))) for change in changes]


def _target(batch: Sequence[Arrival], folder: Path) -> tuple[Path, bytes | None]:
    """Return the file to write, and what it holds: a new one, or the one in which directives are replaced.

    The two go together, and a single rename makes them count. Raises DocumentError for several such files.
    """
    files = {str(each.meta["filename"]) for arrival in batch for each in arrival.proposal.replaced}
    if not files:
        return batch_path(batch, folder), None
    if len(files) > 1:
        text = N_("what they replace stands in {files}: give the documents one at a time")
        documents = ", ".join(str(arrival.document) for arrival in batch if arrival.proposal.replaced)
        raise refused_whole(documents, phrase(text, files=", ".join(map(from_here, sorted(files)))))
    path = Path(files.pop())
    return path, path.read_bytes()


def _refuse(would_be: LoadedLedger, path: Path, text: str) -> None:
    """Raise DocumentError with the errors that a ledger would have, and the new text that they stand in."""
    if not would_be.errors:
        return
    shown = {""}
    messages: list[Message] = []
    for (filename, line), message in placed_messages(would_be.errors):
        messages.append(as_written(message))
        block = _block(text, line) if filename == str(path) else ""
        if block not in shown:
            head = tr("in what would be written there:")
            messages.append(as_written(f"  {head}\n{indent(block, '    ')}"))
        shown.add(block)
    raise DocumentError(messages)


def _block(text: str, line: int) -> str:
    """Return the directive that stands on a line of a text, counted from 1."""
    before, after = text.splitlines()[: line - 1], text.splitlines()[line - 1 :]
    head = list(takewhile(str.strip, reversed(before)))[::-1]
    return "\n".join([*head, *takewhile(str.strip, after)])


def _report(arrival: Arrival) -> list[str]:
    """Return what an accountant should know of an arrival, a line each."""
    proposal = arrival.proposal
    vouchers = [entry for entry in proposal.entries if isinstance(entry, data.Transaction)]
    numbers = ranges((entry.date.year, str(entry.meta.get("ver"))) for entry in vouchers)
    count = counted(len(vouchers), N_("1 voucher"), N_("{count} vouchers"))
    told = ": ".join(filter(None, [str(count), ", ".join(numbers)])) if proposal.entries else tr("nothing to add")
    lines = [f"{arrival.document} ({tr(arrival.kind)}): {told}"]
    for kind, one, many in (
        (data.Open, N_("1 new account"), N_("{count} new accounts")),
        (data.Balance, N_("1 balance"), N_("{count} balances")),
        (data.Note, N_("1 note"), N_("{count} notes")),
    ):
        if number := sum(isinstance(entry, kind) for entry in proposal.entries):
            lines.append(f"  {counted(number, one, many)}")
    if waiting := [entry for entry in vouchers if entry.flag == WAITS]:
        one, many = (
            N_("1 of the vouchers waits (!) for a person:"),
            N_("{count} of the vouchers wait (!) for a person:"),
        )
        lines.append(f"  {counted(len(waiting), one, many)}")
        lines += [f"    {_waiting(entry)}" for entry in waiting]
    return lines + [f"  {note}" for note in proposal.notes]


def _waiting(entry: data.Transaction) -> str:
    texts = " ".join(filter(None, [entry.payee, entry.narration]))
    why = f": {entry.meta[OBSERVE]}" if OBSERVE in entry.meta else ""
    return f"{entry.meta.get('ver')} {entry.date} {texts}{why}"
