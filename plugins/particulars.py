"""Particulars: what a voucher says of itself as all others of its series do, its document, party and due date.

    2025-03-07 * "Leverantör 018 Städ" "Städning mars 2025" ^L-2025-0014
      ver: "L 14"
      underlag: "underlag/2025/L-0014.pdf"
      forfallodag: 2025-04-06

Only what a series' other vouchers of the year and of the year before have is asked of one, so that books without due
dates are asked for none. A document is looked for on disk where most of the year's documents are there. Books whose
documents are kept elsewhere say where, once for all years:

    2025-01-01 custom "arkiv" "Förbundets dokumentarkiv, e-arkiv Sydväst"
"""

import hashlib
import os
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from functools import cache
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from beancount.core import data

from forbundsbok.plugins.books import Books
from forbundsbok.plugins.corrections import CORRECTS, Row
from forbundsbok.plugins.directives import Field, Kind, text
from forbundsbok.plugins.documents import KEY
from forbundsbok.plugins.findings import Finding, Replace, Subject, as_written
from forbundsbok.plugins.imports import IMPORT_KIND
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.money import ZERO
from forbundsbok.plugins.months import shifted
from forbundsbok.plugins.numbers import read_ver
from forbundsbok.plugins.open_items import DUE, INVOICE_DATE, bills
from forbundsbok.plugins.places import place
from forbundsbok.plugins.review import is_kept_here, is_reviewed
from forbundsbok.plugins.roles import Role
from forbundsbok.plugins.rulebook import EVERY, Sees, rule, unreadable
from forbundsbok.plugins.words import meant

OTHERS = 5
"""How many others of a series must have something before one that lacks it is strange."""

ONE_IN = 20
"""Of how many that have something one may lack it: where more lack it, the series does not ask for it."""

LONGEST = timedelta(days=180)
"""How long after its invoice a due date may be."""

ON_ITEMS = Sees(roles=(Role.SUPPLIERS, Role.CUSTOMERS))


Series = dict[tuple[int, str], list[data.Transaction]]
"""Vouchers by year and series."""


def all_series(books: Books) -> Series:
    """Return the vouchers of each year and series, without void numbers."""
    series: Series = defaultdict(list)
    for entry in books.vouchers:
        if entry.postings:
            series[entry.date.year, str(entry.meta.get("ver")).partition(" ")[0]].append(entry)
    return series


def open_series(books: Books) -> Series:
    """Return the vouchers of each series of the years that are not sealed."""
    return {key: own for key, own in books.once(all_series).items() if not books.is_sealed(own[0].date)}


def _lacking(
    books: Books, has: Callable[[data.Transaction], object], asked: Callable[[data.Transaction], bool]
) -> Iterator[tuple[data.Transaction, str, int]]:
    """Yield the vouchers that lack what their series' others have, with the series and how many have it.

    The others are those of the year and of the year before: a series that has begun anew is asked as it was.
    """
    for (year, series), own in books.once(open_series).items():
        lacking = [entry for entry in own if not has(entry)]
        if not lacking:
            continue
        both = [*books.once(all_series).get((year - 1, series), ()), *own]
        known = [entry for entry in both if has(entry)]
        without = [entry for entry in lacking if asked(entry)]
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


ARCHIVE = Kind(
    "arkiv",
    values=(Field(N_("where the documents are kept"), text),),
    make=lambda entry, given: str(given["where the documents are kept"]),
    example='2025-01-01 custom "arkiv" "Förbundets dokumentarkiv"',
)

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)
_ELSEWHERE = re.compile(r"[A-Za-z]:[\\/]|[\\/~]")
"""How a path begins that stands below no folder: that of a disk, of a machine, of a person."""
_PLACED = re.compile(r"\d")
"""What a decision or another paper is found by: its day, its paragraph, its number, its year."""


def _names_one(entry: data.Transaction) -> bool:
    """Tell whether a voucher names something that can be found: a file, or a paper by its day, number or year."""
    document = _document(entry)
    return _is_path(document) or bool(_PLACED.search(document))


unreadable(
    "T170",
    ARCHIVE,
    title=N_("What says where the documents are kept can be read."),
    why=N_("LKBR 3 kap.: behind each voucher there is a document, and the books say where it is found."),
)


@rule(
    "T161",
    title=N_("A voucher names its document, where all others of its series do."),
    why=N_("LKBR 3 kap.: behind each voucher there is a document, which an auditor asks for."),
    mend=N_("Write underlag below the voucher's first line, or acknowledge that there is none."),
    after=["F104"],
    sees=EVERY,
    warns=True,
)
def document_lacks(books: Books) -> Iterator[Finding]:
    for entry, series, count in _lacking(books, _names_one, lambda entry: True):
        message = N_("{voucher} names no document; the {count} others of series {series} do. Write {key} below it.")
        if _document(entry):
            message = N_(
                '{voucher} names "{document}", which has neither a path nor a day, number or year to find it by; '
                "the {count} others of series {series} have. Write {key} below it as they do."
            )
        values = {"voucher": entry, "count": count, "series": series, "key": KEY, "document": _document(entry)}
        yield Finding(entry, Subject("voucher", place(entry)), message, values, also=[meant(KEY, entry)])


@rule(
    "E005",
    title=N_("A document is named by its path below the ledger's folder."),
    why=N_(
        "What stands elsewhere is not kept with the books: another one may stand there tomorrow, and no seal covers it."
    ),
    mend=N_("Put the document into the ledger's folder, and write its path from there."),
    sees=EVERY,
)
def document_elsewhere(books: Books) -> Iterator[Finding]:
    for entry in books.vouchers:
        document = _document(entry)
        if not document or books.is_sealed(entry.date):
            continue
        if _ELSEWHERE.match(document) or ".." in re.split(r"[\\/]", document):
            message = N_(
                "{voucher} names {path}, which does not stand below the ledger's folder: put the document into "
                "{folder}/ there, and write its path from the ledger's folder."
            )
            values = {"voucher": entry, "path": document, "folder": KEY}
            yield Finding(entry, Subject("voucher", place(entry)), message, values)


@rule(
    "T162",
    title=N_("The document that a voucher names is on disk, where the books keep theirs."),
    why=N_("A mistyped path leads to no document, or to one that nobody has kept."),
    mend=N_("Write the path that the document has, or put the document there."),
    after=["E005"],
    sees=EVERY,
    warns=True,
)
def document_on_disk(books: Books) -> Iterator[Finding]:
    kept = books.once(_on_disk)
    for entries, missing in books.once(_missing).values():
        # Where most are not there, documents of that year are kept elsewhere.
        for entry in missing if 2 * len(missing) < len(entries) else ():
            message = N_("{voucher}: there is no document {path}.")
            if _normal(_document(entry)) in kept:
                message = N_("{voucher}: the document {path} is empty.")
            values = {"voucher": entry, "path": _document(entry)}
            yield Finding(entry, Subject("voucher", place(entry)), message, values)


@rule(
    "T169",
    title=N_("The documents that the books name are kept beside them, or the books say where."),
    why=N_("LKBR 3 kap.: a document that nobody finds proves nothing, and while all lack one more is not seen."),
    mend=N_("Put the documents there, or write where they are kept."),
    after=["T170"],
    sees=EVERY,
    warns=True,
)
def documents_kept(books: Books) -> Iterator[Finding]:
    if books.declared(ARCHIVE):
        return
    for year, (entries, missing) in sorted(books.once(_missing).items(), reverse=True):
        if len(entries) >= OTHERS and 2 * len(missing) >= len(entries):
            message = N_(
                "Of {count} documents that the vouchers of {year} name, {missing} are not in the ledger's folder. Put "
                "them there, or write where they are kept:\n{text}"
            )
            written = as_written(f'  {date(year, 1, 1)} custom "{ARCHIVE.type}" "..."')
            values = {"year": year, "count": len(entries), "missing": len(missing), "text": written}
            at = {"filename": books.options.get("filename"), "lineno": 1}
            yield Finding(None, Subject("archive", KEY), message, values, place=at)
            return  # what is said of one year is said of all


def _missing(books: Books) -> dict[int, tuple[list[data.Transaction], list[data.Transaction]]]:
    """Return by open year the vouchers that name a file, and those of them whose file is not there or is empty."""
    named: dict[int, list[data.Transaction]] = defaultdict(list)
    for entry in books.vouchers:
        document = _document(entry)
        is_file = _is_path(document) and not _ADDRESS.match(document)
        if is_file and not books.is_sealed(entry.date) and is_reviewed(entry, books):
            named[entry.date.year].append(entry)
    return {year: (own, [entry for entry in own if not _is_kept(entry, books)]) for year, own in named.items()}


def _is_kept(entry: data.Transaction, books: Books) -> bool:
    """Tell whether the document of a voucher is on disk, and holds something."""
    file = books.once(_on_disk).get(_normal(_document(entry)))
    return file is not None and file.size > 0


class KeptFile(NamedTuple):
    """A file in the folder of the documents."""

    path: Path
    size: int


def _on_disk(books: Books) -> dict[str, KeptFile]:
    """Return the documents in the folder beside the main file, by their paths from there; none where there is none."""
    main = Path(str(books.options.get("filename") or ""))
    folder = main.parent / KEY
    found = {}
    for at, _, names in os.walk(folder) if main.is_file() else ():
        for name in names:
            file = Path(at) / name
            try:
                size = file.stat().st_size
            except OSError:  # a link that leads nowhere, or in a circle
                continue
            found[_normal(file.relative_to(main.parent).as_posix())] = KeptFile(file, size)
    return found


@cache
def _normal(document: str) -> str:
    """Return a path as paths are compared, however it is written."""
    return unicodedata.normalize("NFC", PurePosixPath(document).as_posix())


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
    for users in books.once(_users).values():
        for first, second in _apart(users, books):
            message = N_("{voucher} names the document {path}, which is that of {other}.")
            values = {"voucher": second, "path": _document(second), "other": first}
            yield Finding(second, Subject("voucher", place(second)), message, values)


@rule(
    "T168",
    title=N_("The document of a voucher is no copy of another's."),
    why=N_("As T163: a document that is copied under another name is the same one, and proves one invoice or payment."),
    mend=N_("Put the voucher's own document there, or acknowledge that both are on one."),
    after=["T163", "R905", "R911", "T111"],
    sees=EVERY,
    warns=True,
)
def document_copied(books: Books) -> Iterator[Finding]:
    alike: dict[object, list[data.Transaction]] = defaultdict(list)
    sizes: dict[int, list[str]] = defaultdict(list)
    users, kept = books.once(_users), books.once(_on_disk)
    for path in users:
        if (file := kept.get(path)) and file.size:
            sizes[file.size].append(path)
    for size, paths in sizes.items():
        # What is as large as no other is no copy, and of years that are sealed none is told.
        if len(paths) > 1 and not all(books.is_sealed(users[path][-1].date) for path in paths):
            for path in paths:
                alike[size, _digest(kept[path].path, kept[path].path.stat().st_mtime_ns)] += users[path]
    for entries in alike.values():
        for first, second in _apart(sorted(entries, key=lambda entry: entry.date), books):
            if _normal(_document(first)) != _normal(_document(second)):
                message = N_("{voucher} has the document {path}, which is a copy of {copied}, that of {other}.")
                values = {
                    "voucher": second,
                    "path": _document(second),
                    "copied": _document(first),
                    "other": first,
                }
                yield Finding(second, Subject("voucher", place(second)), message, values)


@cache
def _digest(file: Path, changed: int) -> str:
    """Return the SHA-256 of a document as it was changed last."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _users(books: Books) -> dict[str, list[data.Transaction]]:
    """Return the vouchers that name each document by its path; what came in as one document makes many."""
    came = {_normal(each.path) for each in books.declared(IMPORT_KIND)}
    users: dict[str, list[data.Transaction]] = defaultdict(list)
    for entry in books.vouchers:
        document = _document(entry)
        if _is_path(document) and (path := _normal(document)) not in came:
            users[path].append(entry)
    return users


def _apart(entries: Sequence[data.Transaction], books: Books) -> Iterator[tuple[data.Transaction, data.Transaction]]:
    """Yield the vouchers on one document that nothing joins with those before, each with the first of them.

    Vouchers are joined by a link, by a correction, or by naming another's number. What is behind several of one day is
    a list of them, as that of a payroll; and what only accrues a cost is on the document of its invoice.
    """
    is_list = len(entries) > 2 and len({entry.date for entry in entries}) == 1
    if len(entries) < 2 or is_list:
        return
    first: data.Transaction | None = None
    known: set[object] = set()
    for entry in entries:
        if not _pays_or_owes(entry, books):
            continue
        shared, numbers, named = _joins(entry, books)
        if first is None:
            first = entry
        elif known.isdisjoint({*shared, *(("names", each) for each in numbers), *(("is", each) for each in named)}):
            yield first, entry
        known |= {*shared, *(("is", each) for each in numbers), *(("names", each) for each in named)}


def _joins(entry: data.Transaction, books: Books) -> tuple[set[object], set[str], set[str]]:
    """Return what joins a voucher to another: links and its booking, the ways to write its number, and what it names.

    One that is named by another is joined to it, as what a correction over the year-end corrects.
    """
    ver = read_ver(entry)
    numbers = {str(ver), f"{ver} {ver.year}"} if ver else set()
    named = {value for key, value in entry.meta.items() if key != "ver" and isinstance(value, str)}
    return {*entry.links, id(books.bookings([entry])[0].first)}, numbers, named


def _pays_or_owes(entry: data.Transaction, books: Books) -> bool:
    """Tell whether a voucher moves money, or makes or settles a debt or a claim on somebody."""
    return any(
        books.roles.has(row.account, Role.SUPPLIERS, Role.CUSTOMERS, Role.MONEY, Role.OTHER_DEBTS)
        for row in entry.postings
    )


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
    for entry, series, count in _lacking(
        books, lambda entry: (entry.payee or "").strip(), lambda entry: _is_of_item(entry, books)
    ):
        message = N_(
            "{voucher} does not say with whom it is; the {count} others of series {series} do. Write the party before "
            "the text on its first line."
        )
        values = {"voucher": entry, "count": count, "series": series}
        yield Finding(entry, Subject("voucher", place(entry)), message, values)


def _is_of_item(entry: data.Transaction, books: Books) -> bool:
    return CORRECTS not in entry.meta and any(
        books.roles.has(row.account, Role.SUPPLIERS, Role.CUSTOMERS) for row in entry.postings
    )


# Due dates


@rule(
    "R925",
    title=N_("A due date is a date."),
    why=N_("What is written otherwise is no due date to any list of what is to be paid."),
    mend=N_("Write it as year, month and day, without quotation marks: 2025-07-12."),
    sees=Sees(keys=(DUE,)),
)
def due_date_is_a_date(books: Books) -> Iterator[Finding]:
    for own in books.once(open_series).values():
        for entry in own:
            written = entry.meta.get(DUE)
            if written is None or isinstance(written, date) or not is_reviewed(entry, books):
                continue
            message = N_("{voucher}: {key} is {written}, which is no date. It is written so: {key}: {example}")
            values = {"voucher": entry, "key": DUE, "written": str(written), "example": str(shifted(entry.date, MONTH))}
            fix = []
            if day := _as_date(written):
                fix = [Replace(entry, [entry._replace(meta={**entry.meta, DUE: day})])]
            yield Finding(entry, Subject("voucher", place(entry)), message, values, fix=fix)


MONTH = timedelta(days=30)


def _as_date(written: object) -> date | None:
    """Return the date that stands in quotation marks, None where it is written in a form that may be another one."""
    try:
        return date.fromisoformat(str(written).strip())
    except ValueError:
        return None


@rule(
    "T165",
    title=N_("An invoice has a due date, where all others of its series do."),
    why=N_("What has no due date is in no list of what is to be paid, or has not been paid in time."),
    mend=N_("Write forfallodag below the voucher's first line."),
    after=["F104", "R925"],
    sees=ON_ITEMS,
    warns=True,
)
def due_date_lacks(books: Books) -> Iterator[Finding]:
    def is_invoice(entry: data.Transaction) -> bool:
        return CORRECTS not in entry.meta and _is_invoice(books.rows(entry), books)

    for entry, series, count in _lacking(books, lambda entry: isinstance(entry.meta.get(DUE), date), is_invoice):
        message = N_(
            "{voucher} has no due date; the {count} other invoices of series {series} do. Write {key} below it."
        )
        values = {"voucher": entry, "count": count, "series": series, "key": DUE}
        yield Finding(entry, Subject("voucher", place(entry)), message, values, also=[meant(DUE, entry)])


def _is_invoice(rows: Iterable[Row], books: Books) -> bool:
    """Tell whether a voucher makes a debt to a supplier or a claim on a customer, and pays nothing."""
    owed = ZERO
    for account, number in rows:
        if books.roles.has(account, Role.MONEY):
            return False
        if books.roles.has(account, Role.SUPPLIERS):
            owed -= number
        elif books.roles.has(account, Role.CUSTOMERS):
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
            # What waits is told too: whoever approves it reads when it is to be paid.
            if is_kept_here(entry, books) and CORRECTS not in entry.meta:
                yield Finding(entry, Subject("voucher", place(entry)), message, values)


KNOWN, APART = 12, 2
"""How many due dates there are before a term is odd, and how many times the longest or the shortest of them it is."""


@rule(
    "T172",
    title=N_("An invoice falls due in the time that the others do."),
    why=N_(
        "A claim that falls due late lends the customer money; an invoice that is due the day it comes is paid before "
        "anybody has looked at it. A warning, since terms differ; it is told the first time."
    ),
    mend=N_("Write the due date that stands on the invoice, or acknowledge what has been agreed."),
    after=["T165", "T166"],
    sees=Sees(roles=(Role.SUPPLIERS, Role.CUSTOMERS), keys=(DUE,)),
    warns=True,
)
def term_is_odd(books: Books) -> Iterator[Finding]:
    terms: dict[bool, list[int]] = {True: [], False: []}
    for entry in books.having(Role.SUPPLIERS, Role.CUSTOMERS):
        due = entry.meta.get(DUE)
        rows = books.rows(entry)
        if not isinstance(due, date) or CORRECTS in entry.meta or not _is_invoice(rows, books):
            continue
        own = terms[any(books.roles.has(account, Role.CUSTOMERS) for account, _ in rows)]
        days = (due - entry.date).days
        is_asked = len(own) >= KNOWN and entry.date.year > books.first_year and not books.is_sealed(entry.date)
        if is_asked and is_reviewed(entry, books) and not min(own) <= APART * days <= APART * APART * max(own):
            message = N_("{voucher} is due {due}, {days} days after its day; the {count} before had {least} to {most}.")
            values = {
                "voucher": entry,
                "due": due,
                "days": days,
                "count": len(own),
                "least": min(own),
                "most": max(own),
            }
            yield Finding(entry, Subject("voucher", place(entry)), message, values)
        own.append(days)


OLDEST = timedelta(days=365)
"""How long after its own day an invoice is booked at the latest, before that day is strange."""


@rule(
    "T171",
    title=N_("A supplier's invoice is of the year before it is booked."),
    why=N_("A mistyped day makes two invoices of one; what is years old may have been paid, or be owed no more."),
    mend=N_("Write the day that stands on the invoice, or acknowledge why it comes so late."),
    sees=Sees(keys=(INVOICE_DATE,)),
    warns=True,
)
def invoice_date_is_odd(books: Books) -> Iterator[Finding]:
    for entry in books.vouchers:
        day = entry.meta.get(INVOICE_DATE)
        if not isinstance(day, date) or books.is_sealed(entry.date) or not is_reviewed(entry, books):
            continue
        if not day <= entry.date <= shifted(day, OLDEST):
            message = N_("{voucher} is booked {day}, but its invoice is of {dated} ({key}).")
            values = {"voucher": entry, "day": entry.date, "dated": day, "key": INVOICE_DATE}
            yield Finding(entry, Subject("voucher", place(entry)), message, values)


def _with_odd_due_date(entries: Sequence[data.Transaction]) -> Iterator[data.Transaction]:
    for entry in entries:
        due = entry.meta.get(DUE)
        if isinstance(due, date) and not entry.date <= due <= shifted(entry.date, LONGEST):
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
    def is_bill(entry: data.Transaction) -> bool:
        return CORRECTS not in entry.meta and bills(entry, books.roles)

    for entry, series, count in _lacking(books, lambda entry: entry.links, is_bill):
        message = N_("{voucher} has no link; the {count} other invoices of series {series} do: ^{example}.")
        ver = read_ver(entry)
        example = f"{series}-{entry.date.year}-{ver.number if ver else 1:04}"
        values = {"voucher": entry, "count": count, "series": series, "example": example}
        yield Finding(entry, Subject("voucher", place(entry)), message, values)
