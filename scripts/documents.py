"""The documents that came in: that they are kept where the ledger says, and are still the ones that came.

ledger/import/2025-03-14-camt.053.bean:17: underlag/2025/kontoutdrag-2025-03-14.xml is not there: ...
"""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from forbundsbok.plugins.imports import Import
from forbundsbok.plugins.places import where


def not_as_they_came(folder: Path, imports: Iterable[Import]) -> Iterator[str]:
    """Yield what is wrong with documents that are kept below a ledger's folder, `file:line: message`."""
    for came in imports:
        try:
            with (folder / came.path).open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            yield f"{where(came.entry)}: {came.path} cannot be read ({error.strerror}): put the document back that came"
            continue
        if digest != came.sha256:
            yield (
                f"{where(came.entry)}: {came.path} is not the document that came, its sha256 is {digest}: "
                "put back the one that came"
            )
