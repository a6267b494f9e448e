"""Vouchers that a command proposes: checked with the whole ledger, shown, and written on a yes into their file."""

from collections.abc import Sequence

from beancount.core import data

from forbundsbok.plugins.beancount_errors import in_words
from forbundsbok.plugins.books import Books
from forbundsbok.plugins.language import N_, tr
from forbundsbok.plugins.ledger_text import directives_text
from forbundsbok.plugins.loading import LoadedLedger, refuse_errors
from forbundsbok.plugins.places import from_here
from forbundsbok.scripts.commands.options import say, tell, to_be_written
from forbundsbok.scripts.store.ledger import FileChange, LockedLedger
from forbundsbok.scripts.store.vouchers import warnings_of, with_vouchers


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
    change = with_vouchers(books, vouchers)
    changes = [change, *documents]

    def checked(would_be: LoadedLedger) -> None:
        refuse_errors(would_be.errors)
        for warning in warnings_of(would_be, vouchers):
            tell(f"! {in_words(warning)}")

    locked.write(changes, checked, dry_run=True)
    question = tr(N_("Write this into {file}?"), file=from_here(str(change.path)))
    if to_be_written(question, dry_run=dry_run, asked=asked):
        locked.write(changes)
        say(tr(N_("written: {file}"), file=from_here(str(change.path))))
