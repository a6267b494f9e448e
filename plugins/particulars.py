"""Particulars: what a voucher says of itself as all others of its series do, its document, party and due date.

    2025-03-07 * "Leverantör 018 Städ" "Städning mars 2025" ^L-2025-0014
      ver: "L 14"
      underlag: "underlag/2025/L-0014.pdf"
      forfallodag: 2025-04-06

Only what a series' other vouchers of the year have is asked of one, so that books that keep no documents beside them,
or no due dates, are asked for none. A document is looked for on disk where most of the year's documents are there.
"""

import os
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

from beancount.core import data

from forbundsbok.plugins.books import Books
from forbundsbok.plugins.corrections import CORRECTS, Row
from forbundsbok.plugins.documents import KEY
from forbundsbok.plugins.findings import Finding, Subject
from forbundsbok.plugins.imports import IMPORT_KIND
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.money import ZERO
from forbundsbok.plugins.numbers import read_ver
from forbundsbok.plugins.open_items import DUE, bills
from forbundsbok.plugins.places import place
from forbundsbok.plugins.review import is_reviewed
from forbundsbok.plugins.roles import Role, has_role
from forbundsbok.plugins.rulebook import EVERY, Sees, rule

OTHERS = 5
"""How many others of a series must have something before one that lacks it is strange."""

ONE_IN = 20
"""Of how many that have something one may lack it: where more lack it, the series does not ask for it."""

LONGEST = timedelta(days=180)
"""How long after its invoice a due date may be."""

ON_ITEMS = Sees(groups=(*Role.SUPPLIERS.groups, *Role.CUSTOMERS.groups))


def open_series(books: Books) -> dict[tuple[int, str], list[data.Transaction]]:
    """Return the vouchers of each year that is not sealed and each series, without corrections and void numbers."""
    series: dict[tuple[int, str], list[data.Transaction]] = defaultdict(list)
    for entry in books.vouchers:
        if entry.postings and CORRECTS not in entry.meta and not books.is_sealed(entry.date):
            series[entry.date.year, str(entry.meta.get("ver")).partition(" ")[0]].append(entry)
    return series


def _lacking(
    books: Books, has: Callable[[data.Transaction], object], asked: Callable[[data.Transaction], bool]
) -> Iterator[tuple[data.Transaction, str, int]]:
    """Yield the vouchers that lack what their series' others have, with the series and how many have it."""
    for (_, series), own in books.once(open_series).items():
        known = [entry for entry in own if has(entry)]
        if not OTHERS <= len(known) < len(own):
            continue
        without = [entry for entry in own if not has(entry) and asked(entry)]
        having = sum(map(asked, known))
        if having >= OTHERS and len(without) <= max(1, having // ONE_IN):
            for entry in without:
                if is_reviewed(entry, books):
                    yield entry, series, having


def _document(entry: data.Transaction) -> str:
    """Return the document that a voucher names, "" where it names none."""
    written = entry.meta.get(KEY)
    return written.strip() if isinstance(written, str) else ""


def _is_path(document: str) -> bool:
    """Tell whether a document is named by its path: a decision is named by its day and paragraph."""
    return "/" in document


# Documents


@rule(
    "T161",
    title=N_("A voucher names its document, where all others of its series do."),
    why=N_("LKBR 3 kap.: behind each voucher there is a document, which an auditor asks for."),
    mend=N_("Write underlag below the voucher's first line, or acknowledge that there is none."),
    sees=EVERY,
    warns=True,
)
def document_lacks(books: Books) -> Iterator[Finding]:
    for entry, series, count in _lacking(books, _document, lambda entry: True):
        message = N_("{voucher} names no document; the {count} others of series {series} do. Write {key} below it.")
        values = {"voucher": entry, "count": count, "series": series, "key": KEY}
        yield Finding(entry, Subject("voucher", place(entry)), message, values)


@rule(
    "T162",
    title=N_("The document that a voucher names is on disk, where the books keep theirs."),
    why=N_("A mistyped path leads to no document, or to one that nobody has kept."),
    mend=N_("Write the path that the document has, or put the document there."),
    sees=EVERY,
    warns=True,
)
def document_on_disk(books: Books) -> Iterator[Finding]:
    kept = books.once(_on_disk)
    named: dict[int, list[data.Transaction]] = defaultdict(list)
    for (year, _), own in books.once(open_series).items() if kept else ():
        named[year] += [entry for entry in own if _is_path(_document(entry)) and is_reviewed(entry, books)]
    for entries in named.values():
        missing = [entry for entry in entries if unicodedata.normalize("NFC", _document(entry)) not in kept]
        # Where most are not there, documents of that year are kept elsewhere.
        for entry in missing if 2 * len(missing) < len(entries) else ():
            message = N_("{voucher}: there is no document {path}.")
            values = {"voucher": entry, "path": _document(entry)}
            yield Finding(entry, Subject("voucher", place(entry)), message, values)


def _on_disk(books: Books) -> frozenset[str]:
    """Return the documents in the folder beside the main file, by their paths from there; none where there is none."""
    main = Path(str(books.options.get("filename") or ""))
    folder = main.parent / KEY
    return frozenset(
        unicodedata.normalize("NFC", (Path(at) / name).relative_to(main.parent).as_posix())
        for at, _, names in (os.walk(folder) if main.is_file() else ())
        for name in names
    )


@rule(
    "T163",
    title=N_("A document is behind one invoice or payment."),
    why=N_("A document that is used for a second payment proves nothing of it: it may be a copy, or a made-up cost."),
    mend=N_("Write the voucher's own document, or acknowledge that both are on one."),
    after=["T162", "R905", "R911", "T111"],
    sees=EVERY,
    warns=True,
)
def document_twice(books: Books) -> Iterator[Finding]:
    came = {each.path for each in books.declared(IMPORT_KIND)}
    users: dict[str, list[data.Transaction]] = defaultdict(list)
    for entry in books.vouchers:
        document = entry.meta.get(KEY)
        if document and isinstance(document, str) and _is_path(document):
            users[document].append(entry)
    for document, entries in users.items():
        # What is behind many vouchers is a list of them, as a bank's.
        if len(entries) != 2 or document in came or not all(map(_pays_or_owes, entries)):
            continue
        first, second = entries
        if not (first.links and second.links and first.links & second.links) and len(books.bookings(entries)) == 2:
            message = N_("{voucher} names the document {path}, which is that of {other}.")
            values = {"voucher": second, "path": document, "other": first}
            yield Finding(second, Subject("voucher", place(second)), message, values)


def _pays_or_owes(entry: data.Transaction) -> bool:
    return any(has_role(row.account, Role.SUPPLIERS, Role.CUSTOMERS, Role.MONEY) for row in entry.postings)


# Parties


@rule(
    "T164",
    title=N_("An invoice or a payment says with whom it is, where all others of its series do."),
    why=N_("Without its party nobody can tell who is owed or paid, and what is booked twice is not found."),
    mend=N_("Write the party first on the voucher's first line, before its text."),
    sees=ON_ITEMS,
    warns=True,
)
def party_lacks(books: Books) -> Iterator[Finding]:
    for entry, series, count in _lacking(books, lambda entry: (entry.payee or "").strip(), _is_of_item):
        message = N_(
            "{voucher} does not say with whom it is; the {count} others of series {series} do. Write the party before "
            "the text on its first line."
        )
        values = {"voucher": entry, "count": count, "series": series}
        yield Finding(entry, Subject("voucher", place(entry)), message, values)


def _is_of_item(entry: data.Transaction) -> bool:
    return any(has_role(row.account, Role.SUPPLIERS, Role.CUSTOMERS) for row in entry.postings)


# Due dates


@rule(
    "T165",
    title=N_("An invoice has a due date, where all others of its series do."),
    why=N_("What has no due date is in no list of what is to be paid, or has not been paid in time."),
    mend=N_("Write forfallodag below the voucher's first line."),
    sees=ON_ITEMS,
    warns=True,
)
def due_date_lacks(books: Books) -> Iterator[Finding]:
    def is_invoice(entry: data.Transaction) -> bool:
        return _is_invoice(books.rows(entry))

    for entry, series, count in _lacking(books, lambda entry: isinstance(entry.meta.get(DUE), date), is_invoice):
        message = N_(
            "{voucher} has no due date; the {count} other invoices of series {series} do. Write {key} below it."
        )
        values = {"voucher": entry, "count": count, "series": series, "key": DUE}
        yield Finding(entry, Subject("voucher", place(entry)), message, values)


def _is_invoice(rows: Iterable[Row]) -> bool:
    """Tell whether a voucher makes a debt to a supplier or a claim on a customer, and pays nothing."""
    owed = ZERO
    for account, number in rows:
        if has_role(account, Role.MONEY):
            return False
        if has_role(account, Role.SUPPLIERS):
            owed -= number
        elif has_role(account, Role.CUSTOMERS):
            owed += number
    return owed > 0


@rule(
    "T166",
    title=N_("A due date is not before its invoice, nor more than half a year after."),
    why=N_("A mistyped due date makes an invoice overdue when it comes, or leaves it unpaid for a year."),
    mend=N_("Write the due date that stands on the invoice, or acknowledge it."),
    after=["T165"],
    sees=Sees(keys=(DUE,)),
    warns=True,
)
def due_date_is_odd(books: Books) -> Iterator[Finding]:
    for own in books.once(open_series).values():
        for entry in _with_odd_due_date(own):
            message = N_("{voucher} is of {day}, and due {due}, more than {days} days later.")
            if entry.meta[DUE] < entry.date:
                message = N_("{voucher} is of {day}, but due before that, {due}.")
            values = {"voucher": entry, "day": entry.date, "due": entry.meta[DUE], "days": LONGEST.days}
            if is_reviewed(entry, books):
                yield Finding(entry, Subject("voucher", place(entry)), message, values)


def _with_odd_due_date(entries: Sequence[data.Transaction]) -> Iterator[data.Transaction]:
    for entry in entries:
        due = entry.meta.get(DUE)
        if isinstance(due, date) and not entry.date <= due <= entry.date + LONGEST:
            yield entry


@rule(
    "T167",
    title=N_("An invoice bears a link, where all others of its series do."),
    why=N_("By its link an invoice is found when it is paid; without one nobody sees that it is open."),
    mend=N_("Write the link on the invoice's first line, and on its payments."),
    sees=ON_ITEMS,
    warns=True,
)
def link_lacks(books: Books) -> Iterator[Finding]:
    for entry, series, count in _lacking(books, lambda entry: entry.links, bills):
        message = N_("{voucher} has no link; the {count} other invoices of series {series} do: ^{example}.")
        ver = read_ver(entry)
        example = f"{series}-{entry.date.year}-{ver.number if ver else 1:04}"
        values = {"voucher": entry, "count": count, "series": series, "example": example}
        yield Finding(entry, Subject("voucher", place(entry)), message, values)
