"""Vouchers that a command proposes: checked with the whole ledger, shown, and written on a yes into their file."""

from collections.abc import Sequence
from pathlib import Path

import click
from beancount.core import data

from forbundsbok.plugins.beancount_errors import in_words
from forbundsbok.plugins.books import Books
from forbundsbok.plugins.language import N_, tr
from forbundsbok.plugins.ledger_text import directives_text
from forbundsbok.plugins.loading import LoadedLedger, refuse_errors
from forbundsbok.plugins.numbers import read_ver
from forbundsbok.plugins.places import from_here
from forbundsbok.queries.unit_files import file_of_voucher
from forbundsbok.scripts.commands.options import say, tell, to_be_written
from forbundsbok.scripts.store.ledger import FileChange, LockedLedger


def write_vouchers(
    locked: LockedLedger,
    books: Books,
    vouchers: Sequence[data.Transaction],
    *,
    dry_run: bool,
    asked: bool,
    documents: Sequence[FileChange] = (),
) -> None:
    """Show vouchers of one file, tell what the rules warn of them, and write them with their documents on a yes."""
    say(directives_text(vouchers))
    say("")
    name = file_of_voucher(books, vouchers[0])
    if name is None:
        text = N_("nothing is booked in {year} yet: open it first   forbundsbok open-year {year}")
        raise click.ClickException(tr(text, year=vouchers[0].date.year))
    path = Path(name)
    before = path.read_bytes()
    changes = [FileChange(path, before, with_lines(before, directives_text(vouchers))), *documents]
    numbers = {read_ver(entry) for entry in vouchers}

    def checked(would_be: LoadedLedger) -> None:
        refuse_errors(would_be.errors)
        for warning in would_be.warnings:
            at = warning.finding.at
            if isinstance(at, data.Transaction) and read_ver(at) in numbers and not warning.finding.answer:
                tell(f"! {in_words(warning)}")

    locked.write(changes, checked, dry_run=True)
    question = tr(N_("Write this into {file}?"), file=from_here(str(path)))
    if to_be_written(question, dry_run=dry_run, asked=asked):
        locked.write(changes)
        say(tr(N_("written: {file}"), file=from_here(str(path))))


def with_lines(before: bytes, text: str) -> bytes:
    """Return a file's contents with directives at its end, after a blank line."""
    gap = b"" if before.endswith(b"\n\n") or not before else b"\n" if before.endswith(b"\n") else b"\n\n"
    return b"".join([before, gap, text.encode(), b"\n"])
