"""The documents behind the vouchers, as far as they are on disk: their digests, which a seal covers.

    2024-03-05 * "Leverantör 017" "Slang"
      ver: "L 1"
      underlag: "underlag/2024/L-0001.pdf"

    sigill-underlag: "1 0c1f9e0b3a7d5521..."

The line counts the documents, and has the SHA-256 of their list, as the sealed copy keeps it (plugins.sealed_copy):

    underlag "underlag/2024/L-0001.pdf" 5feceb66ffc8...

Reading documents takes time: `forbundsbok seal` and `check` do, the rules do not.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from beancount.core import data

from forbundsbok.plugins.canonical import path_from, quoted

KEY = "underlag"
"""The metadata of a voucher that names its document, by the path from the ledger's folder."""

_LINE = re.compile(r"\d{1,9} [0-9a-f]{64}", re.ASCII)


def named_by(items: Iterable[tuple[data.Directive, str]], folder: str) -> dict[str, data.Directive]:
    """Return the paths below the ledger's folder that directives name, each with the first that names it."""
    named: dict[str, data.Directive] = {}
    for entry, _ in items:
        path = path_from(folder, entry.filename) if isinstance(entry, data.Document) else entry.meta.get(KEY)
        if isinstance(path, str) and path and _is_below(path):
            named.setdefault(path, entry)
    return named


def _is_below(path: str) -> bool:
    return not path.startswith("/") and ".." not in path.split("/") and "\0" not in path


def digests(folder: Path, paths: Iterable[str]) -> dict[str, str]:
    """Return the SHA-256 of the documents that are on disk, by their paths."""
    found = {}
    for path in paths:
        file = folder / path
        if file.is_file():
            with file.open("rb") as document:
                found[path] = hashlib.file_digest(document, "sha256").hexdigest()
    return found


def listed(documents: Mapping[str, str]) -> list[str]:
    """Return the list of some documents, a line each."""
    return sorted(f"{KEY} {quoted(path)} {digest}" for path, digest in documents.items())


def line_of(documents: Mapping[str, str]) -> str:
    """Return the line of a seal that covers some documents; "" where there are none."""
    text = "\n".join(listed(documents))
    return f"{len(documents)} {hashlib.sha256(text.encode()).hexdigest()}" if documents else ""


def is_line(text: object) -> bool:
    """Tell whether a text is the line of a seal that covers documents."""
    return isinstance(text, str) and bool(_LINE.fullmatch(text))
