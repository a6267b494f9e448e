"""Locking a month that has been reported, and opening it again: each a line of the journal, at the end of its file.

    2025-02-07 custom "sigilljournal" 3 "last" "2025-01" "9b1f0c...47"

What a lock covers is plugins.locks' to know; the month is kept as a sealed copy too.
"""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from beancount.core import data

from forbundsbok.importers.reread import document_changes
from forbundsbok.plugins.checksums import Item
from forbundsbok.plugins.documents import digests, line_of, named_by
from forbundsbok.plugins.findings import counted
from forbundsbok.plugins.journal import BY, COPY, LOCKED, PAPERS, REASON, SUMS, UNLOCKED, read_journal
from forbundsbok.plugins.language import N_, tr
from forbundsbok.plugins.ledger_text import directives_text
from forbundsbok.plugins.loading import LoadedLedger, ledger_error, refuse_errors
from forbundsbok.plugins.locks import booked_in, head, sigill_of, sums_of
from forbundsbok.plugins.numbers import in_order
from forbundsbok.plugins.review import WAITS
from forbundsbok.plugins.sealed_copy import copy_text, path_of
from forbundsbok.plugins.sigill import folder_of, is_sealed
from forbundsbok.plugins.years import read_boksluts
from forbundsbok.scripts.store import StoreError
from forbundsbok.scripts.store.ledger import FileChange, LockedLedger, writing
from forbundsbok.scripts.store.sealing import (
    always,
    copy_change,
    journal_line,
    with_line,
    written_back,
    written_on_a_yes,
)


def lock_month(
    ledger: Path,
    period: str,
    day: date,
    by: str,
    tell: Callable[[str], None],
    agreed: Callable[[str], bool] = always,
) -> str:
    """Lock a month, and return what was done, "" where that is not agreed, which is asked when all has been checked.

    Of one that is locked, a sealed copy that was lost is written back. Raises LedgerError for a ledger with errors and
    for documents that are not as their vouchers, StoreError for a month that cannot be locked; the files are then as
    they were.
    """
    with writing(ledger, sound=True, tell=tell) as loaded:
        _refuse_sealed(loaded, period)
        items, folder = booked_in(loaded.entries, loaded.options, [period])[period], folder_of(loaded.options)
        _refuse_waiting(items, period)
        refuse_errors(list(document_changes(Path(folder), loaded.entries)))
        documents = digests(Path(folder), named_by(items, folder))
        sums, papers = str(sums_of(items, period)), line_of(documents)
        sigill = sigill_of(items, period, papers)
        copy = copy_change(folder, period, sigill, copy_text(head(period, sums, papers), documents, items, folder))
        if line := read_journal(loaded.entries).closed(LOCKED).get(period):
            return written_back(loaded, line, sigill, copy, agreed)
        meta = {SUMS: sums, PAPERS: papers, COPY: path_of(period, sigill), BY: " ".join(by.split())}
        new = journal_line(loaded, day, LOCKED, period, sigill, meta)
        changes = [*copy, _with_line(loaded, new)]
        vouchers = counted(len(items), N_("1 voucher"), N_("{count} vouchers"))
        text = N_("Lock {month}, {vouchers}? It is opened again for a reason alone, and the journal keeps both.")
        if not written_on_a_yes(loaded, changes, agreed, tr(text, month=period, vouchers=vouchers)):
            return ""
    text = N_("{month} is locked: {vouchers}\n{line}")
    return tr(text, month=period, vouchers=vouchers, line=directives_text([new]))


def unlock_month(ledger: Path, period: str, reason: str, day: date, by: str, tell: Callable[[str], None]) -> str:
    """Open a locked month, enter the reason and who into the journal, and return what was done."""
    with writing(ledger, tell=tell) as loaded:
        if not reason.strip() or not by.strip():
            raise StoreError(tr(N_("--reason and --by say why the month is opened, and who does it: write both")))
        _refuse_sealed(loaded, period)
        line = read_journal(loaded.entries).closed(LOCKED).get(period)
        if line is None:
            raise StoreError(tr(N_("{month} is not locked"), month=period))
        meta = {REASON: " ".join(reason.split()), BY: " ".join(by.split())}
        new = journal_line(loaded, day, UNLOCKED, period, line.sigill, meta)
        had = len(loaded.errors)

        def is_open(would_be: LoadedLedger) -> None:
            if len(would_be.errors) > had:
                raise ledger_error(would_be.errors)

        loaded.write([_with_line(loaded, new)], is_open)
    return tr(N_("{month} is open:\n{line}"), month=period, line=directives_text([new]))


def _refuse_waiting(items: Sequence[Item], period: str) -> None:
    """Raise StoreError where a voucher waits: an answer to it would change the month."""
    waits = [item.entry for item in items if isinstance(item.entry, data.Transaction) and item.entry.flag == WAITS]
    if waits:
        text = N_("{vouchers} of {month} wait (!): somebody says yes or no to them before the month is locked")
        raise StoreError(tr(text, vouchers=", ".join(in_order(waits)), month=period))


def _refuse_sealed(loaded: LockedLedger, period: str) -> None:
    year = int(period[:4])
    bokslut = read_boksluts(loaded.entries).get(year)
    if bokslut is not None and is_sealed(bokslut):
        raise StoreError(tr(N_("{year} is sealed: its months are closed with it"), year=year))


def _with_line(loaded: LockedLedger, line: data.Custom) -> FileChange:
    """Return the change that writes a line of the journal: where its last one stands, or by the last bokslut."""
    before = [each.entry for each in read_journal(loaded.entries).lines] or list(read_boksluts(loaded.entries).values())
    path = Path(before[-1].meta["filename"]) if before else loaded.path
    content = path.read_bytes()
    return FileChange(path, content, with_line(content.decode(), [line]).encode())
