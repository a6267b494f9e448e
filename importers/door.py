"""A door: what knows one kind of document, and proposes directives of it.

A door reads a document with its format's codec, and writes nothing. Who recognises documents, names them and asks the
doors is the intake (importers.intake).
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar

from beancount.core import data

from forbundsbok.importers.document import Document
from forbundsbok.plugins.findings import Message
from forbundsbok.plugins.imports import UNDERLAG


@dataclass(frozen=True)
class Proposal:
    """What a document would add to a ledger.

    `entries`: directives in the order to write them, vouchers with their numbers.
    `stored`: where the document is to be kept, below the ledger's folder; empty when nothing is added.
    `day`: the last day that the document is about.
    `notes`: what the accountant should know, a line each.
    `replaced`: directives of the ledger that these take the place of, such as a balance that is no longer a day's last.
    `is_part`: there is more in the document, which is for another run: it has not come in yet.
    `title`: the name of the federation, of a document that new books can begin with; else empty.
    """

    entries: data.Directives
    stored: str
    day: date
    notes: list[Message] = field(default_factory=list)
    title: str = ""
    replaced: data.Directives = field(default_factory=list)
    is_part: bool = False


class Door(ABC):
    """What takes in one kind of document."""

    kind: ClassVar[str]
    """What the `import` directive calls it: "camt.053"."""

    @abstractmethod
    def knows(self, document: Document) -> bool:
        """Tell whether a document is of this kind, from its beginning. Raises OSError alone."""

    @abstractmethod
    def propose(self, document: Document, existing: data.Directives) -> Proposal:
        """Return what a document that has not come in before would add to the ledger `existing`.

        The vouchers' numbers are free in `existing`; where the document is kept is for the intake to say in them.
        Raises DocumentError.
        """

    def begins(self, document: Document) -> date:
        """Return the first day of a document, by which several of a kind come in turn. Raises DocumentError."""
        return date.min

    def in_turn(self, documents: Sequence[Document]) -> list[Document]:
        """Return documents of this kind in the order in which they are to come in. Raises DocumentError."""
        return sorted(documents, key=self.begins) if len(documents) > 1 else list(documents)


def with_underlag(entry: data.Directive, path: str) -> data.Directive:
    """Return a voucher that names the document behind it, right after its number, or a note; others as they are."""
    if not isinstance(entry, data.Transaction | data.Note):
        return entry
    number = {key: entry.meta[key] for key in ("ver",) if key in entry.meta}
    return entry._replace(meta=number | {UNDERLAG: path} | entry.meta)


def remarked(existing: Iterable[data.Directive], remarks: Iterable[data.Note]) -> data.Directives:
    """Return the notes that are not in the ledger yet."""
    known = {(each.date, each.account, each.comment) for each in existing if isinstance(each, data.Note)}
    return [each for each in remarks if (each.date, each.account, each.comment) not in known]
