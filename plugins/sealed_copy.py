"""The sealed copy: what a year or a month held when it was closed, so that a later change is told with its old text.

    sigill/2024-d77e75320d8002be.txt

    forbundsbok sigill 2
    2024
    e65e57f5752364b85dce339d992556c7c94b749b93fac08813bd9ee6330a733c
    03 1 0a57985b48b0f7c3 0a43d208cc43a386 RT 3406
    underlag "underlag/2024/L-0001.pdf" 5feceb66ffc8...

    2024-03-05 * "Leverantör 017" "Slang"
      underlag: "underlag/2024/L-0001.pdf"
      ...

Its first lines are those that are digested, below them stand the documents that were on disk, and then the canonical
form of each directive. So it proves itself: who digests it gets the sigill that it is named by, and a copy that does
not is none. A copy that is lost takes nothing from the seal, only from what can be told of a change.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from beancount.core import data
from beancount.parser import parser

from forbundsbok.plugins.canonical import booked_day, canonical, unquoted
from forbundsbok.plugins.checksums import Item, name_of
from forbundsbok.plugins.documents import KEY, line_of, listed
from forbundsbok.plugins.sigill import digest_of

FOLDER = "sigill"
"""The folder of the copies, beside the main file."""

_DOCUMENT = re.compile(rf'{KEY} ("(?:[^"\\]|\\.)*") ([0-9a-f]{{64}})')


class Kept(NamedTuple):
    """A directive as it was: its canonical form, what it was called, and itself where Beancount can read the form."""

    text: str
    name: str
    entry: data.Directive | None

    @property
    def day(self) -> date:
        """The day that it belonged to."""
        return booked_day(self.entry) if self.entry else date.fromisoformat(self.text[:10])


class SealedCopy(NamedTuple):
    """What a copy holds: the digest and the canonical form of each directive, and the documents by their paths."""

    texts: Sequence[tuple[str, str]]
    documents: Mapping[str, str]


def path_of(period: str, sigill: str) -> str:
    """Return the path of a copy from the ledger's folder."""
    return f"{FOLDER}/{period}-{sigill[:16]}.txt"


def copy_text(head: Sequence[str], documents: Mapping[str, str], items: Iterable[Item], folder: str) -> str:
    """Return the text of a copy."""
    blocks = ["\n".join([*head, *listed(documents)]), *sorted(canonical(entry, folder) for entry, _ in items)]
    return "\n\n".join(blocks) + "\n"


def read_copy(folder: str, period: str, sigill: str) -> SealedCopy | None:
    """Return the copy of what was closed with a sigill; None where there is none that proves itself."""
    try:
        text = (Path(folder) / path_of(period, sigill)).read_bytes().decode("utf-8", "surrogatepass")
    except (OSError, ValueError):
        return None
    first, *blocks = text.removesuffix("\n").split("\n\n")
    head, documents = [], {}
    for line in first.split("\n"):
        if match := _DOCUMENT.fullmatch(line):
            documents[unquoted(match[1])] = match[2]
        else:
            head.append(line)
    texts = [(sha256(block.encode("utf-8", "surrogatepass")).hexdigest(), block) for block in blocks]
    if digest_of(head, (digest for digest, _ in texts)) != sigill:
        return None
    covered = [line for line in head if line.startswith(f"{KEY} ")]
    if covered != ([f"{KEY} {line_of(documents)}"] if documents else []):
        return None
    return SealedCopy(texts, documents)


def differences(copy: SealedCopy, items: Iterable[Item], most: int) -> list[tuple[Kept | None, Item | None]]:
    """Return what was and what is now, None for what was not there or is gone; [] where that is too much to tell."""
    now: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        now[item.digest].append(item)
    lost: list[str] = []
    for digest, text in copy.texts:
        if now[digest]:
            now[digest].pop()
        else:
            lost.append(text)
    new = [item for left in now.values() for item in left]
    if len(new) + len(lost) > most:
        return []
    gone: dict[str, list[Kept]] = defaultdict(list)
    for each in map(kept, lost):
        gone[each.name].append(each)
    found: list[tuple[Kept | None, Item | None]] = []
    for item in sorted(new, key=lambda item: data.entry_sortkey(item.entry)):
        same = gone[name_of(item.entry)]
        found.append((same.pop(0) if same else None, item))
    return found + [(each, None) for left in gone.values() for each in left]


def kept(text: str) -> Kept:
    """Return a directive of a copy."""
    entries, errors, _ = parser.parse_string(text)
    if errors or len(entries) != 1:
        return Kept(text, text.split("\n", 1)[0], None)
    entry = entries[0]
    for each in (entry, *(entry.postings if isinstance(entry, data.Transaction) else ())):
        each.meta.pop("filename", None)
        each.meta.pop("lineno", None)
    return Kept(text, name_of(entry), entry)


def changed_names(before: SealedCopy, after: SealedCopy) -> set[str]:
    """Return what is in one of two copies of a period and not in the other, each change by its name."""
    one, other = Counter(before.texts), Counter(after.texts)
    return {kept(text).name for _, text in [*(one - other), *(other - one)]}
