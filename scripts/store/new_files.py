"""New files of the books, and the includes by which they count: one rename, that of the main file.

    include "units/navet/2024.bean"
    include "units/navet/2025.bean"

The include of a file stands below that of the file which it follows, else below all others.
"""

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from forbundsbok.scripts.store.ledger import FileChange, LockedLedger

NewFile = tuple[str, str, str]
"""The path of a new file below the ledger's folder, that of the one it follows (or nothing), and its text."""

_INCLUDE = re.compile(r'^include[ \t]*"([^"\n]+)"[^\n]*(?:\n|\Z)', re.MULTILINE)


def with_new_files(locked: LockedLedger, files: Sequence[NewFile]) -> list[FileChange]:
    """Return the changes that add files to a ledger. What a pattern of includes awaits comes as one file."""
    folder = locked.path.parent
    if awaited := next((path for path, _, _ in files if locked.includes(folder / path)), None):
        return [FileChange(folder / awaited, None, "\n".join(text for _, _, text in files).encode())]
    before = locked.path.read_bytes()
    after = _with_includes(before.decode("utf-8", "surrogateescape"), files, folder)
    new = [FileChange(folder / path, None, text.encode()) for path, _, text in files]
    return [*new, FileChange(locked.path, before, after.encode("utf-8", "surrogateescape"))]


def _with_includes(text: str, files: Iterable[NewFile], folder: Path) -> str:
    eol = "\r\n" if "\r\n" in text else "\n"
    for path, follows, _ in files:
        line = f'include "{path}"{eol}'
        includes = list(_INCLUDE.finditer(text))
        own = [each for each in includes if os.path.normpath(folder / each[1]) == os.path.normpath(folder / follows)]
        at = (own or includes)[-1].end() if includes else len(text)
        gap = "" if not text[:at] or text[:at].endswith("\n") else eol
        text = f"{text[:at]}{gap}{'' if includes else eol}{line}{text[at:]}"
    return text
