"""The intake: documents are recognised, each by the one door that knows it, named, and proposed to the ledger in turn.

    2025-03-14 custom "import" "camt.053" "underlag/2025/kontoutdrag-2025-03-14.xml"
      sha256: "9f2c6d..."

This directive ends what is proposed of a document: it says that the document came in, and where it is kept. The
vouchers name the same path, as their `underlag`. A document that has come in before adds nothing.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import ClassVar

from beancount.core import data

from forbundsbok.importers.archive import free_path
from forbundsbok.importers.archives import is_for_persons, members
from forbundsbok.importers.bgmax import BgMax
from forbundsbok.importers.camt import Camt
from forbundsbok.importers.camt_details import Notifications, Reports
from forbundsbok.importers.document import Document
from forbundsbok.importers.door import Door, Proposal, with_underlag
from forbundsbok.importers.mapping import Table
from forbundsbok.importers.payment_answers import PaymentAnswers
from forbundsbok.importers.payments import OBSERVE
from forbundsbok.importers.peppol.door import Peppol
from forbundsbok.importers.problems import DocumentError, Problem, refused, refused_whole
from forbundsbok.importers.reread import booked_by, differences
from forbundsbok.importers.sie.door import SieVoucherDoor, SieYearDoor
from forbundsbok.plugins.books import Books
from forbundsbok.plugins.charges import unapproved
from forbundsbok.plugins.findings import Message, as_written, phrase
from forbundsbok.plugins.imports import IMPORT, MOVED_IN, SHA256, read_imports
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.ledger_text import cleaned, cleaned_text, custom_of
from forbundsbok.plugins.places import where
from forbundsbok.plugins.review import WAITS
from forbundsbok.plugins.roles import Role, read_roles

MOST_BYTES = 500_000_000
"""The greatest size of a document: a year of a large federation as SIE is a fifth of it."""


_OTHERS = tuple(
    (re.compile(begins, re.IGNORECASE), seems)
    for begins, seems in (
        (rb"\s*\Z", N_("the file is empty: fetch it again")),
        (rb"%PDF", N_("it is a PDF, which is for a person to read: ask for it as a file for accounting systems")),
        (rb"\xef?\xbb?\xbf?\s*<(!doctype\s+)?html", N_("it is a web page: log in, and fetch the file again")),
        (rb"\x1f\x8b|7z\xbc\xaf|Rar!", N_("it is packed in another way than zip: unpack it, and give the files")),
        (rb"PK\x03\x04|\xd0\xcf\x11\xe0", N_("it is saved by an office program: ask for the file as it was sent")),
        (
            rb"(?s).*(CrossIndustryInvoice|sfti:documents:|EHF|fakturablanketten|Finvoice)",
            N_("it is an invoice in another format: ask the supplier for Peppol BIS Billing 3"),
        ),
        (
            rb"(?s).*oasis:names:specification:ubl:schema:xsd:",
            N_("it is a document of UBL that is no invoice, such as an order: nothing is booked of it"),
        ),
        (
            rb"(?s).*xsd:(camt|pain|acmt|head|admi)\.\d{3}",
            N_("it is a message of the bank's (ISO 20022) that books nothing"),
        ),
        (rb"\xff\xfe|\xfe\xff", N_("it is saved in UTF-16: ask for the file as the system wrote it")),
        (rb"(?s).*sie\.se/sie5", N_("it is SIE 5: ask the system for SIE 4")),
        (
            rb"01AUTOGIRO|01\d{8}AUTOGIRO|11\d{10}.{6}LEVERANT|00TL1|#?00\d{6}.*TOTALIN",
            N_("it is a file of a giro that is not read here: ask the bank for BgMax, camt.053 or camt.054"),
        ),
        (rb"(\{1:.*)?\s*:20:", N_("it is MT940, an older statement: ask the bank for camt.053")),
        (
            rb"\xef?\xbb?\xbf?([ \t]*(;[^\n]*)?\r?\n)*"
            rb'((option|plugin|include) "|\d{4}-\d\d-\d\d (\*|!|open|close|custom|balance|note|pad) )',
            N_("it is a file of books as these are (Beancount): main.bean reads it by a line   include"),
        ),
        (rb"\xef?\xbb?\xbf?[^\r\n;\t]*[;\t][^\r\n]*[;\t\r\n]", N_("it is a table (CSV): ask the bank for camt.053")),
    )
)
"""How other files begin that are sent by mistake, and what is said of them."""


@dataclass(frozen=True)
class Arrival:
    """A document that comes in, with the door that knows it, and what it adds."""

    document: Document
    kind: str
    proposal: Proposal


class Beside(Door):
    """What stands in an archive beside documents, for a person to read: it adds nothing, and that is said."""

    kind: ClassVar[str] = N_("no document")

    def knows(self, document: Document) -> bool:
        return is_for_persons(document.path)

    def propose(self, document: Document, existing: data.Directives) -> Proposal:
        note = phrase("no kind of document that can come in is known in it: it is set aside")
        return Proposal([], "", date.min, [note])


BESIDE = Beside()


def doors(mapping: Table) -> Sequence[Door]:
    """Return the doors, each with its part of a mapping, in the order in which documents that come together go in.

    Invoices come before what pays them, and what Bankgirot or the bank tells in detail before the statement, which
    has it as one entry. Raises DocumentError for what the mapping cannot mean.
    """
    bank = mapping.table("bank"), mapping.table("bgmax")
    every: list[Door] = [
        SieYearDoor(mapping.table("sie")),
        SieVoucherDoor(mapping.table("sie")),
        Peppol(mapping.table("peppol")),
        BgMax(mapping.table("bgmax")),
        Notifications(*bank),
        Camt(*bank),
        Reports(*bank),
        PaymentAnswers(mapping.table("payments")),
    ]
    mapping.finish()
    return every


def recognise(documents: Iterable[Document], every: Sequence[Door]) -> list[tuple[Document, Door]]:
    """Return each document with its door, in the doors' order, those of a door from the first day to the last.

    They are read here, and never again; what an archive holds are documents of their own. Raises OSError, and
    DocumentError where no door knows a document, or several.
    """
    known, wrong = list[tuple[Document, Door]](), list[Message]()
    for document in documents:
        if not document.is_ordinary:
            wrong.append(_said_of(document, phrase("it is no file")))
            continue
        if document.size > MOST_BYTES:
            message = phrase("it has more than {size} MB: is it the right file?", size=MOST_BYTES // 1_000_000)
            wrong.append(_said_of(document, message))
            continue
        document.read()
        try:
            found = members(document, MOST_BYTES)
        except DocumentError as error:
            wrong += map(as_written, error.messages)
            continue
        of_each = [(each, [door for door in every if door.knows(each)]) for each in found]
        has_documents = len(found) > 1 and any(fitting for _, fitting in of_each)
        for each, fitting in of_each:
            if not fitting and has_documents and BESIDE.knows(each):
                known.append((each, BESIDE))
                continue
            if len(fitting) == 1:
                known.append((each, fitting[0]))
                continue
            kinds = ", ".join(door.kind for door in fitting or every)
            text = (
                N_("it is more than one of the kinds that can come in: {kinds}")
                if fitting
                else N_("it is none of the kinds that can come in: {kinds}")
            )
            seems = next((seems for begins, seems in _OTHERS if begins.match(each.head)), "")
            text = text if fitting or not seems else N_("{seems} (what can come in is {kinds})")
            wrong.append(_said_of(each, phrase(text, kinds=kinds, seems=phrase(seems) if seems else "")))
    if wrong:
        raise DocumentError(wrong)
    of_door = {id(door): door.in_turn([each for each, its in known if its is door]) for _, door in known}
    return [(document, door) for door in (*every, BESIDE) for document in of_door.get(id(door), ())]


def _said_of(document: Document, message: Message) -> Message:
    return Problem(0, message).at(str(document))


def arrivals(recognised: Iterable[tuple[Document, Door]], existing: data.Directives, ledger: Path) -> list[Arrival]:
    """Return what documents add in turn, each proposed to the ledger, by its main file, with those before it.

    What one adds and a later one replaces is left out. Raises DocumentError.
    """
    existing = list(existing)
    own = {id(entry) for entry in existing}
    came: list[tuple[Document, Door, Proposal, data.Directives]] = []
    gone: set[int] = set()
    for document, door in recognised:
        if not existing and not ledger.exists() and door.kind not in (MOVED_IN, BESIDE.kind):
            text = N_("there are no books there, and only a year as {year} can begin new ones: {document} is {kind}")
            raise refused_whole(ledger, phrase(text, year=MOVED_IN, document=str(document), kind=door.kind))
        proposal = proposed(document, door, existing, ledger.parent)
        added = placed(proposal.entries, document)
        came.append((document, door, proposal, added))
        gone |= {id(entry) for entry in proposal.replaced}
        left = (entry for entry in existing if id(entry) not in gone)
        existing = sorted([*left, *added], key=data.entry_sortkey)
    found = []
    for document, door, proposal, added in came:
        entries = [entry for entry, copy in zip(proposal.entries, added, strict=True) if id(copy) not in gone]
        replaced = [entry for entry in proposal.replaced if id(entry) in own]
        found.append(Arrival(document, door.kind, replace(proposal, entries=entries, replaced=replaced)))
    return found


def proposed(document: Document, door: Door, existing: data.Directives, folder: Path | None = None) -> Proposal:
    """Return what a document adds: vouchers that name it, and that it came; nothing if it has before.

    What is kept in a `folder` keeps its name. Raises DocumentError.
    """
    imports = read_imports(existing)
    for came in imports:
        if came.sha256 == document.sha256:
            text = N_("{document} came in before, as {file} ({place}): it adds nothing")
            note = phrase(text, document=str(document), file=came.path, place=where(came.entry))
            return Proposal([], "", came.entry.date, [note])
    proposal = door.propose(document, existing)
    if not proposal.entries:
        return replace(proposal, stored="")
    paths = {came.path for came in imports}

    def is_taken(path: str) -> bool:
        # What a run that was killed has left may be the same document.
        kept = folder / path if folder else None
        return path in paths or (kept is not None and kept.exists() and kept.read_bytes() != document.read())

    stored = free_path(cleaned_text(proposal.stored), is_taken)
    came_in = [custom_of(IMPORT, proposal.day, [door.kind, stored], {SHA256: document.sha256})]
    entries = [
        cleaned(with_underlag(entry, stored))
        for entry in (proposal.entries if door.kind == MOVED_IN else _awaiting(proposal.entries, existing))
    ]
    _prove(door.kind, document, stored, entries, existing, is_whole=not proposal.is_part)
    return replace(proposal, entries=[*entries, *([] if proposal.is_part else came_in)], stored=stored)


def _prove(
    kind: str,
    document: Document,
    stored: str,
    made: data.Directives,
    existing: data.Directives,
    *,
    is_whole: bool,
) -> None:
    """Refuse what would not be as its document has it when `check` reads that again. Raises DocumentError."""
    new = placed(made, document)
    found = differences(kind, document, booked_by(stored, new, [*existing, *new]), is_whole=is_whole)
    if wrong := [Problem(0, message) for _, message in found]:
        raise refused(str(document), wrong)


def _awaiting(made: data.Directives, existing: data.Directives) -> data.Directives:
    """Return directives, of which the vouchers that somebody is to approve wait, and say so: no document signs."""
    asked = unapproved(Books(sorted([*_bearing_on(made, existing), *made], key=lambda entry: entry.date), {}))
    return [
        entry._replace(flag=WAITS, meta={**entry.meta, OBSERVE: "attest saknas"})
        if isinstance(entry, data.Transaction) and entry.flag != WAITS and id(entry) in asked
        else entry
        for entry in made
    ]


def _bearing_on(made: data.Directives, existing: data.Directives) -> Iterator[data.Directive]:
    """Yield what tells who is to approve new vouchers: the registers, the opening balance, and what has their links."""
    links = frozenset[str]().union(*(entry.links for entry in made if isinstance(entry, data.Transaction)))
    roles = read_roles(existing)
    for entry in existing:
        is_named = isinstance(entry, data.Transaction) and not links.isdisjoint(entry.links)
        rows = entry.postings if isinstance(entry, data.Transaction) else ()
        if not rows or is_named or any(roles.has(row.account, Role.EQUITY) for row in rows):
            yield entry


def placed(entries: data.Directives, document: Document) -> data.Directives:
    """Return directives that stand in a document, as Beancount's sorting and beangulp ask for."""
    return [entry._replace(meta={"filename": str(document), "lineno": 0} | entry.meta) for entry in entries]
