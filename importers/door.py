"""A door: an importer of one kind of document, for this project's own import, for beangulp and for Fava.

A door reads a document with its format's codec, and proposes directives; it writes nothing. What it proposes
for a document ends with the directive that says that the document came in:

    2025-03-14 custom "import" "camt.053" "underlag/2025/kontoutdrag-2025-03-14.xml"
      sha256: "9f2c6d..."
"""

import hashlib
from abc import abstractmethod
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import ClassVar

import beangulp
from beancount.core import data
from beancount.parser.grammar import ValueType

from forbundsbok.importers.problems import DocumentError
from forbundsbok.plugins.imports import IMPORT, SHA256, read_imports
from forbundsbok.plugins.places import where


@dataclass(frozen=True)
class Proposal:
    """What a document would add to a ledger.

    `entries`: directives in the order to write them, vouchers with their numbers.
    `stored`: where the document is to be kept, below the ledger's folder; empty when nothing is added.
    `day`: the last day that the document is about.
    `notes`: what the accountant should know, a line each.
    `title`: the name of the federation, of a document that new books can begin with; else empty.
    """

    entries: data.Directives
    stored: str
    day: date
    notes: list[str] = field(default_factory=list)
    title: str = ""


class Door(beangulp.Importer):  # type: ignore[misc]  # beangulp has no types
    """An importer of one kind of document. Subclasses say what the kind is, know it, and propose."""

    kind: ClassVar[str]
    """What the `import` directive calls it: "camt.053"."""

    @property
    def name(self) -> str:
        """The name that beangulp and Fava list it by."""
        return f"forbundsbok.{self.kind}"

    @abstractmethod
    def identify(self, filepath: str) -> bool:
        """Tell whether a file is of this kind, from its beginning. Raises OSError alone."""

    @abstractmethod
    def propose(self, filepath: str, existing: data.Directives) -> Proposal:
        """Return what a document that has not come in before would add to the ledger `existing`.

        The vouchers' numbers are free in `existing`. Raises DocumentError.
        """

    def begins(self, filepath: str) -> date:
        """Return the first day of a document, by which several of a kind come in turn. Raises DocumentError."""
        return date.min

    def proposal(self, filepath: str, existing: data.Directives) -> Proposal:
        """Return what a document would add, with the directive that says that it came: nothing if it has before."""
        with Path(filepath).open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        for came in read_imports(existing):
            if came.sha256 == digest:
                note = f"{filepath} came in before, as {came.path} ({where(came.entry)}): it adds nothing"
                return Proposal([], "", came.entry.date, [note])
        proposal = self.propose(filepath, existing)
        if not proposal.entries:
            return proposal
        came_in = data.Custom(
            {SHA256: digest}, proposal.day, IMPORT, [ValueType(self.kind, str), ValueType(proposal.stored, str)]
        )
        return replace(proposal, entries=[*proposal.entries, came_in])

    # What beangulp and Fava ask for

    def account(self, filepath: str) -> str:
        """Return no account: documents are kept by voucher, not by account."""
        return ""

    def extract(self, filepath: str, existing: data.Directives) -> data.Directives:
        """Return the directives that a document would add. Raises beangulp's own error, which it shows plainly."""
        try:
            return placed(self.proposal(filepath, existing).entries, filepath)
        except DocumentError as error:
            raise beangulp.exceptions.Error(str(error)) from None

    def sort(self, entries: data.Directives, reverse: bool = False) -> None:
        """Leave the directives in the order of the proposal."""

    def deduplicate(self, entries: data.Directives, existing: data.Directives) -> None:
        """Leave the directives as they are: a door compares by the document's own references, never by likeness."""


def placed(entries: data.Directives, filepath: str) -> data.Directives:
    """Return directives that stand in a document, as Beancount's sorting and beangulp ask for."""
    return [entry._replace(meta={"filename": filepath, "lineno": 0} | entry.meta) for entry in entries]
