"""Imports: the documents from other systems that vouchers were made of.

    2025-03-14 custom "import" "camt.053" "underlag/2025/kontoutdrag-2025-03-14.xml"
      sha256: "9f2c6d..."

The document is kept, whole, at that path below the ledger's folder. The digest tells whether a document is
the one that came, and that it came already. Vouchers that were made of it name it as their `underlag`.

A year that was kept in another system comes as "sie-4E". It was approved there: what SIE cannot carry
(signatures, purpose, participants, what a correction corrects) is not asked of its vouchers here.

E001: An import says what kind of document came in, where it is kept, and its digest.
    Why: LKBR 3 kap.: a voucher's document is kept and can be found; the digest shows that it is the one that came.
    Mend: write the directive as the message shows.

E002: A document comes in once.
    Why: what it holds would be booked twice.
    Mend: remove the one of the two files in import/ that is the copy, with all its vouchers.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from beancount.core import data

from forbundsbok.plugins.directives import customs, values
from forbundsbok.plugins.mending import place
from forbundsbok.plugins.rules import RuleError, broken

__plugins__ = ("check_imports",)

IMPORT = "import"
MOVED_IN = "sie-4E"
"""The kind of a document that holds a year kept in another system."""

SHA256 = "sha256"
UNDERLAG = "underlag"
"""The metadata of a voucher that names the document behind it, by its path below the ledger's folder."""

_DIGEST = re.compile("[0-9a-f]{64}")


class Import(NamedTuple):
    """A document that came in: its kind, its path below the ledger's folder, and its digest."""

    kind: str
    path: str
    sha256: str
    entry: data.Custom


def check_imports(entries: data.Directives, options_map: Mapping[str, Any]) -> tuple[data.Directives, list[RuleError]]:
    """Report breaches of E001 and E002."""
    errors, first = [], dict[str, Import]()
    for entry in customs(entries, IMPORT):
        came = _import_of(entry)
        if came is None:
            errors.append(broken(entry, _unreadable(entry)))
        elif first.setdefault(came.sha256, came) is not came:
            other = first[came.sha256]
            message = f"E002 {came.path} came in before, as {other.path} ({place(other.entry)}): remove one of the two"
            errors.append(broken(entry, f"{message}, with all vouchers that were made of it."))
    return entries, errors


def read_imports(entries: Iterable[data.Directive]) -> list[Import]:
    """Return the documents that came in, in the order of the ledger; what cannot be read the plugin reports."""
    return [came for entry in customs(entries, IMPORT) if (came := _import_of(entry))]


def moved_in(entries: Iterable[data.Directive]) -> frozenset[str]:
    """Return the paths of the documents that hold years kept in another system."""
    return frozenset(came.path for came in read_imports(entries) if came.kind == MOVED_IN)


def _import_of(entry: data.Custom) -> Import | None:
    match [*values(entry), entry.meta.get(SHA256)]:
        case [str(kind), str(path), str(digest)] if kind and path and _DIGEST.fullmatch(digest):
            return Import(kind, path, digest, entry)
    return None


def _unreadable(entry: data.Custom) -> str:
    texts = [value for value in values(entry) if isinstance(value, str) and value]
    kind, path = [*texts, *["camt.053", "underlag/ÅR/FIL"][len(texts) :]][:2]
    directive = f'{entry.date} custom "{IMPORT}" "{kind}" "{path}"\n    {SHA256}: "what sha256sum prints for the file"'
    return f"E001 This import cannot be read: write\n  {directive}"
