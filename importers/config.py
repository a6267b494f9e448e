"""The doors for beangulp's command line and for Fava's import page.

    python -m forbundsbok.importers.config extract --existing ledger/main.bean inbox/
    2025-01-01 custom "fava-option" "import-config" "../importers/config.py"
    2025-01-01 custom "fava-option" "import-dirs" "../inbox"

The mapping is import.toml beside the ledger: `ledger/main.bean`, or what the environment variable FORBUNDSBOK_LEDGER
names. Both show what a document would add, with numbers that are free then, one document at a time; neither keeps the
document, nor checks the ledger with it before it is written. `forbundsbok import` does.
"""

import os
import sys
from pathlib import Path

import beangulp
from beancount.core import data

from forbundsbok.importers.document import Document
from forbundsbok.importers.door import Door
from forbundsbok.importers.intake import doors, placed, proposed
from forbundsbok.importers.mapping import FILE, read_mapping
from forbundsbok.importers.problems import DocumentError
from forbundsbok.plugins.language import N_, tr

LEDGER = Path(os.environ.get("FORBUNDSBOK_LEDGER", "ledger/main.bean"))


class Importer(beangulp.Importer):  # type: ignore[misc]  # beangulp has no types
    """A door as beangulp and Fava know it."""

    def __init__(self, door: Door) -> None:
        self._door = door

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
        if proposal.replaced:
            text = N_("it changes what is in the ledger, which only this does:   {command}")
            raise beangulp.exceptions.Error(tr(text, command=f"forbundsbok import {filepath}"))
        return placed(proposal.entries, document)

    def sort(self, entries: data.Directives, reverse: bool = False) -> None:
        """Leave the directives in the order of the proposal."""

    def deduplicate(self, entries: data.Directives, existing: data.Directives) -> None:
        """Leave the directives as they are: a door compares by the document's own references, never by likeness."""


try:
    CONFIG = [Importer(door) for door in doors(read_mapping(LEDGER.with_name(FILE)))]
except DocumentError as error:
    if __name__ == "__main__":
        sys.exit(str(error))
    raise

if __name__ == "__main__":
    beangulp.Ingest(CONFIG)()
