"""Imports: the documents from other systems that vouchers were made of.

    2025-03-14 custom "import" "camt.053" "underlag/2025/kontoutdrag-2025-03-14.xml"
      sha256: "9f2c6d..."

The document is kept, whole, at that path below the ledger's folder. The digest tells whether a document is
the one that came, and that it came already. Vouchers that were made of it name it as their `underlag`.

A year that was kept in another system comes as "sie-4E". It was approved there: what SIE cannot carry
(signatures, purpose, participants, what a correction corrects) is not asked of its vouchers here.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from beancount.core import data

from forbundsbok.plugins.books import Books
from forbundsbok.plugins.corrections import CORRECTS
from forbundsbok.plugins.directives import Field, Kind, custom_values, text, word
from forbundsbok.plugins.findings import Finding, Subject, as_written
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.ledger_text import custom_of, directives_text
from forbundsbok.plugins.places import place
from forbundsbok.plugins.roles import Role
from forbundsbok.plugins.rulebook import Sees, rule, unreadable

IMPORT = "import"
MOVED_IN = "sie-4E"
"""The kind of a document that holds a year kept in another system."""

SHA256 = "sha256"
UNDERLAG = "underlag"
"""The metadata of a voucher that names the document behind it, by its path below the ledger's folder."""
BANKREF = "bankref"
"""The metadata of a voucher that names the movement of money that it books, as the bank does."""
NOTICE = "aviseringsref"
"""The metadata of a voucher that was written anew of a notification: what that calls the movement, by another name."""
ALTERED = "andrad"
"""The metadata of a voucher that says why it is not as its document has it."""


FROM_ELSEWHERE, FEWEST_OF_A_YEAR = Decimal("0.5"), Decimal("0.1")
"""What part of a year's vouchers until the last of a moved-in document it holds, and of the whole year, at least."""


class Import(NamedTuple):
    """A document that came in: its kind, its path below the ledger's folder, and its digest."""

    kind: str
    path: str
    sha256: str
    entry: data.Custom


IMPORT_KIND = Kind(
    IMPORT,
    values=(Field(N_("kind of document"), text), Field(N_("path"), text)),
    meta=(Field(SHA256, word("[0-9a-f]{64}", N_("the 64 digits that sha256sum prints for the file"))),),
    make=lambda entry, given: Import(given["kind of document"], given["path"], given[SHA256], entry),
    example=f'2025-03-14 custom "import" "camt.053" "underlag/2025/kontoutdrag.xml"\n  sha256: "{"0" * 64}"',
)


def read_imports(entries: Iterable[data.Directive]) -> list[Import]:
    """Return the documents that came in, in the order of the ledger, without those that cannot be read."""
    return IMPORT_KIND.read_all(entries)


def moved_in(books: Books) -> frozenset[str]:
    """Return the paths of the documents that hold years kept in another system.

    Such a document holds all that was booked of a year up to its last voucher: one that few of those name says nothing
    of who approved them, whatever its import calls it.
    """
    paths = {came.path for came in books.declared(IMPORT_KIND) if came.kind == MOVED_IN}
    return frozenset(path for path in paths if _holds_years(path, books))


def _holds_years(path: str, books: Books) -> bool:
    own = [entry for entry in books.vouchers if entry.meta.get(UNDERLAG) == path]
    last = {entry.date.year: entry.date for entry in own}
    until = sum(entry.date <= last.get(entry.date.year, date.min) for entry in books.vouchers)
    of_years = sum(entry.date.year in last for entry in books.vouchers)
    return len(own) >= FROM_ELSEWHERE * until and len(own) >= FEWEST_OF_A_YEAR * of_years


unreadable(
    "E001",
    IMPORT_KIND,
    title=N_("An import says what kind of document came in, where it is kept, and its digest."),
    why=N_("LKBR 3 kap.: a voucher's document is kept and found; the digest shows that it is the one that came."),
)


@rule(
    "E002",
    title=N_("A document comes in once."),
    why=N_("What it holds would be booked twice."),
    mend=N_("Remove the one of the two files in import/ that is the copy, with all its vouchers."),
)
def document_twice(books: Books) -> Iterator[Finding]:
    first: dict[str, Import] = {}
    for came in books.declared(IMPORT_KIND):
        other = first.setdefault(came.sha256, came)
        if other is not came:
            message = N_(
                "{path} came in before, as {other} ({place}): one of the two must go, with all vouchers made of it."
            )
            values = {"path": came.path, "other": other.path, "place": other.entry}
            yield Finding(came.entry, Subject("document", came.path), message, values)


@rule(
    "E003",
    title=N_("What the bank has moved once is booked once."),
    why=N_("The bank's reference names one movement of money: booked twice, the balance is no longer the bank's."),
    mend=N_("Remove the voucher that is the copy, or write the reference of its own movement."),
    sees=Sees(keys=(BANKREF,)),
)
def bank_reference_twice(books: Books) -> Iterator[Finding]:
    first: dict[tuple[str, str], data.Transaction] = {}
    for entry in books.vouchers:
        reference = entry.meta.get(BANKREF)
        if not isinstance(reference, str) or CORRECTS in entry.meta:
            continue
        for account in dict.fromkeys(row.account for row in entry.postings if books.roles.has(row.account, Role.MONEY)):
            other = first.setdefault((reference, account), entry)
            if other is not entry:
                message = N_("{voucher} has {key} {reference} on {account}, as {other} has: one of them is the copy.")
                values = {
                    "voucher": entry,
                    "key": BANKREF,
                    "reference": reference,
                    "account": account,
                    "other": other,
                }
                yield Finding(entry, Subject("voucher", place(entry)), message, values)


@rule(
    "E004",
    title=N_("Of the vouchers of one document no two are equal."),
    why=N_("A voucher that is copied is booked twice, though its document came in once."),
    mend=N_("Remove the copy, or acknowledge it where the document has it twice."),
    after=["E003"],
    sees=Sees(keys=(UNDERLAG,)),
    warns=True,
)
def equal_vouchers(books: Books) -> Iterator[Finding]:
    documents = {came.path for came in books.declared(IMPORT_KIND)} - books.once(moved_in)
    first: dict[object, data.Transaction] = {}
    for entry in books.vouchers if documents else ():
        path = entry.meta.get(UNDERLAG)
        if path in documents and entry.postings:
            rows = tuple((row.account, row.units) for row in entry.postings)
            same = path, entry.date, entry.payee, entry.narration, entry.meta.get(BANKREF), entry.links, rows
            other = first.setdefault(same, entry)
            if other is not entry:
                message = N_("{voucher} is equal to {other}, and both are of {path}.")
                values = {"voucher": entry, "other": other, "path": path}
                yield Finding(entry, Subject("voucher", place(entry)), message, values)


READ = (".xml", ".si", ".se", ".sie")
"""How the name of a document ends that a program reads."""


@rule(
    "E006",
    title=N_("A document that a program has read has the line that says that it came in."),
    why=N_(
        "The line holds the document's check sum, and by it the document is read again: without it the voucher is held "
        "against nothing. A warning, since a document may be kept for a voucher that is written by hand."
    ),
    mend=N_("Write the line back as it was, import the document, or acknowledge why it has not come in."),
    after=["E001", "E005"],
    sees=Sees(keys=(UNDERLAG,)),
    warns=True,
)
def came_in(books: Books) -> Iterator[Finding]:
    imported = {str(each) for entry in books.customs(IMPORT) for each in custom_values(entry)}
    told: set[str] = set()
    for entry in books.vouchers:
        path = entry.meta.get(UNDERLAG)
        if isinstance(path, str) and path.casefold().endswith(READ) and path not in imported and path not in told:
            told.add(path)
            message = N_("{voucher} names {path}, and no line says that it came in:\n{text}")
            line = custom_of(IMPORT, entry.date, ["...", path], {SHA256: "..."})
            values = {"voucher": entry, "path": path, "text": as_written(directives_text([line]))}
            yield Finding(entry, Subject("voucher", place(entry)), message, values)
