"""What vouchers change in the files of books: new ones in that of their unit and year, approved ones where they are.

    locked.write([with_vouchers(books, [entry])])       at the end of units/navet/2025.bean
    locked.write(with_approvals([(voucher, done)]))     `attest`, `attestdag` and perhaps `*` in its own lines

A command and a page write the same.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

from beancount.core import data

from forbundsbok.plugins.books import Books
from forbundsbok.plugins.findings import Finding, Replace, RuleError, Subject
from forbundsbok.plugins.language import N_, tr
from forbundsbok.plugins.ledger_text import directives_text
from forbundsbok.plugins.loading import LoadedLedger
from forbundsbok.plugins.numbers import read_ver
from forbundsbok.plugins.places import place
from forbundsbok.plugins.unit_files import file_of_voucher
from forbundsbok.queries.approvals import WaitingVoucher
from forbundsbok.scripts.store import StoreError
from forbundsbok.scripts.store.fixes import edited
from forbundsbok.scripts.store.ledger import FileChange

APPROVES = N_("approval")


def with_vouchers(books: Books, vouchers: Sequence[data.Transaction]) -> FileChange:
    """Return the change that adds vouchers to the file of the first one. Raises StoreError for a year without one."""
    name = file_of_voucher(books, vouchers[0])
    if name is None:
        text = N_(
            "nothing is booked in {year} yet: give another day (--date), or open the year first   "
            "forbundsbok open-year {year}"
        )
        raise StoreError(tr(text, year=vouchers[0].date.year))
    path = Path(name)
    before = path.read_bytes()
    return FileChange(path, before, with_lines(before, directives_text(vouchers)))


def with_lines(before: bytes, text: str) -> bytes:
    """Return a file's contents with directives at its end, after a blank line."""
    gap = b"" if before.endswith(b"\n\n") or not before else b"\n" if before.endswith(b"\n") else b"\n\n"
    return b"".join([before, gap, text.encode(), b"\n"])


def warnings_of(would_be: LoadedLedger, vouchers: Iterable[data.Transaction]) -> list[RuleError]:
    """Return what the rules warn of some vouchers, by their numbers, that nobody has answered."""
    numbers = {read_ver(entry) for entry in vouchers}
    return [
        each
        for each in would_be.warnings
        if isinstance(each.finding.at, data.Transaction)
        and read_ver(each.finding.at) in numbers
        and not each.finding.answer
    ]


def with_approvals(approved: Sequence[tuple[WaitingVoucher, WaitingVoucher]]) -> list[FileChange]:
    """Return the changes by which vouchers that wait become as they are approved. Raises StoreError."""
    findings = [
        Finding(each.entry, Subject("voucher", place(each.entry)), APPROVES, fix=[Replace(each.entry, [done.entry])])
        for each, done in approved
    ]
    before = {path: path.read_bytes() for path in {Path(str(each.entry.meta["filename"])) for each, _ in approved}}
    texts, _, refused = edited(findings, lambda path: before[path].decode("utf-8", "surrogateescape"))
    if refused:
        raise StoreError(refused[0])
    changes = [(path, text.encode("utf-8", "surrogateescape")) for path, text in texts.items()]
    return [FileChange(path, before[path], text) for path, text in changes]
