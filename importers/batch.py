"""A batch: the documents of one run, as one new file of the ledger.

    import/2025-03-14-BgMax-camt.053.bean
    underlag/2025/kontoutdrag-2025-03-14.xml
    underlag/2025/bgmax-0314.txt

The first time, `include "import/*.bean"` is written into the ledger's main file; where there is no ledger, a SIE file
begins one.
"""

import re
from collections.abc import Sequence
from pathlib import Path

from forbundsbok.importers.archive import free_path
from forbundsbok.importers.intake import Arrival
from forbundsbok.importers.problems import refused_whole
from forbundsbok.plugins.canonical import quoted
from forbundsbok.plugins.findings import phrase
from forbundsbok.plugins.ledger_text import TextError, ledger_text

FOLDER = "import"
"""Where the files of batches stand, below the ledger's folder."""
INCLUDE = f'include "{FOLDER}/*.bean"'

NEW_BOOKS = """option "title" {title}
option "operating_currency" "SEK"
option "tolerance_multiplier" "0"
option "display_precision" "SEK:0.01"

plugin "forbundsbok.federation"

{include}
"""

_INCLUDE_LINE = re.compile(rb'^include[ \t]*"[^"\n]*"[^\n]*(\n|\Z)', re.MULTILINE)


def batch_path(batch: Sequence[Arrival], folder: Path) -> Path:
    """Return the free path of a batch's file in a ledger's folder: its last day, and what kinds there are."""
    kinds = re.sub("[^A-Za-z0-9.]+", "-", "-".join(sorted({arrival.kind for arrival in batch})))
    day = max(arrival.proposal.day for arrival in batch)
    return folder / free_path(f"{FOLDER}/{day}-{kinds}.bean", lambda path: (folder / path).exists())


def batch_text(batch: Sequence[Arrival]) -> str:
    """Return the text of a batch's file. Raises DocumentError for what no ledger can hold."""
    sections = [
        (f"Inläst ur {arrival.proposal.stored} ({arrival.kind})", arrival.proposal.entries) for arrival in batch
    ]
    try:
        return ledger_text(sections)
    except TextError as error:
        documents = ", ".join(str(arrival.document) for arrival in batch)
        message = phrase("what it says does not fit into a ledger: {why}", why=str(error))
        raise refused_whole(documents, message) from None


def new_books(batch: Sequence[Arrival], name: str) -> bytes:
    """Return the main file of new books, by the title that a document gives them, else by a name."""
    titles = [arrival.proposal.title for arrival in batch if arrival.proposal.title]
    return NEW_BOOKS.format(title=quoted(titles[0] if titles else name), include=INCLUDE).encode()


def with_include(main: bytes) -> bytes:
    """Return a ledger's main file with the include of batches, after its last include."""
    eol = b"\r\n" if b"\r\n" in main else b"\n"
    line = INCLUDE.encode() + eol
    includes = list(_INCLUDE_LINE.finditer(main))
    if not includes:
        return b"".join([main, *([] if main.endswith(b"\n") else [eol]), eol, line])
    at = includes[-1].end()
    return b"".join([main[:at], *([] if main[:at].endswith(b"\n") else [eol]), line, main[at:]])
