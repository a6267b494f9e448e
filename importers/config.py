"""The doors for beangulp's command line and for Fava's import page.

    python -m forbundsbok.importers.config extract --existing ledger/main.bean inbox/
    2025-01-01 custom "fava-option" "import-config" "../importers/config.py"
    2025-01-01 custom "fava-option" "import-dirs" "../inbox"

The mapping is import.toml beside the ledger: `ledger/main.bean`, or what the environment variable FORBUNDSBOK_LEDGER
names. Both show what a document would add, with numbers that are free then, one document at a time; neither keeps the
document, nor checks the ledger with it before it is written. `forbundsbok import` does.

Fava's Save writes vouchers, balances and notes, and no date or number in their metadata. So Fava is not given the
`import` directive: that vouchers came in is known by their `bankref`, and the document is for a person to put where
their `underlag` says. What else Fava could not save it is told before, instead of failing at Save.
"""

import os
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

import beangulp
from beancount.core import data

from forbundsbok.importers.document import Document
from forbundsbok.importers.door import Door
from forbundsbok.importers.intake import doors, placed, proposed
from forbundsbok.importers.mapping import FILE, read_mapping
from forbundsbok.importers.problems import DocumentError
from forbundsbok.plugins.imports import IMPORT
from forbundsbok.plugins.language import N_, tr

LEDGER = Path(os.environ.get("FORBUNDSBOK_LEDGER", "ledger/main.bean"))


class Importer(beangulp.Importer):  # type: ignore[misc]  # beangulp has no types
    """A door as beangulp and Fava know it."""

    def __init__(self, door: Door, is_for_fava: bool) -> None:
        self._door = door
        self._is_for_fava = is_for_fava

    @property
    def name(self) -> str:
        """The name that beangulp and Fava list it by."""
        return f"forbundsbok.{self._door.kind}"

    def identify(self, filepath: str) -> bool:
        return self._door.knows(Document(Path(filepath)))

    def account(self, filepath: str) -> str:
        """Return no account: documents are kept by voucher, not by account."""
        return ""

    def extract(self, filepath: str, existing: data.Directives) -> data.Directives:
        """Return the directives that a document would add. Raises beangulp's own error, which it shows plainly."""
        document = Document(Path(filepath))
        try:
            proposal = proposed(document, self._door, existing)
        except DocumentError as error:
            raise beangulp.exceptions.Error(str(error)) from None
        entries = placed(proposal.entries, document)
        if self._is_for_fava:
            entries = [_for_fava(entry) for entry in entries if getattr(entry, "type", "") != IMPORT]
        if proposal.replaced or (self._is_for_fava and not all(map(_is_saved, entries))):
            text = N_("it cannot be saved here, for it holds more than that writes: take it in with   {command}")
            raise beangulp.exceptions.Error(tr(text, command=f"forbundsbok import {filepath}"))
        return entries

    def sort(self, entries: data.Directives, reverse: bool = False) -> None:
        """Leave the directives in the order of the proposal."""

    def deduplicate(self, entries: data.Directives, existing: data.Directives) -> None:
        """Leave the directives as they are: a door compares by the document's own references, never by likeness."""


def _for_fava(entry: data.Directive) -> data.Directive:
    """Return a directive without numbers in a balance's metadata, which Fava cannot write: as text."""
    if not isinstance(entry, data.Balance):
        return entry
    texts = {key: str(value) for key, value in entry.meta.items() if isinstance(value, Decimal)}
    return entry._replace(meta=entry.meta | texts)


def _is_saved(entry: data.Directive) -> bool:
    """Tell whether Fava's Save writes a directive so that it is read as the same."""
    rows = entry.postings if isinstance(entry, data.Transaction) else ()
    metas = [entry.meta, *(row.meta or {} for row in rows)]
    has_others = any(isinstance(value, date | Decimal) for meta in metas for value in meta.values())
    return isinstance(entry, data.Transaction | data.Balance | data.Note) and not has_others


try:
    CONFIG = [
        Importer(door, is_for_fava=__name__ != "__main__") for door in doors(read_mapping(LEDGER.with_name(FILE)))
    ]
except DocumentError as error:
    if __name__ == "__main__":
        sys.exit(str(error))
    raise

if __name__ == "__main__":
    beangulp.Ingest(CONFIG)()
