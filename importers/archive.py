"""The documents that are kept in `underlag/` beside a ledger: by which names, and whether they are as they came.

    underlag/2025/kontoutdrag-2025-03-14.xml
    underlag/2025/L-0301.xml

ledger/import/2025-03-14-camt.053.bean:17: underlag/2025/kontoutdrag-2025-03-14.xml cannot be read ...
"""

import hashlib
import re
from collections.abc import Callable
from datetime import date
from itertools import count
from pathlib import Path, PurePosixPath

from forbundsbok.plugins.findings import Message, phrase
from forbundsbok.plugins.imports import UNDERLAG, Import
from forbundsbok.plugins.language import N_, tr


def kept_path(year: int, name: str) -> str:
    """Return the path that a document of a year is to be kept at."""
    return f"{UNDERLAG}/{year}/{name}"


def dated_path(day: date, name: str, suffix: str) -> str:
    """Return the path of a document that is known by its last day."""
    stem = re.sub(r"[^0-9A-Za-zÅÄÖåäö-]+", "-", f"{name}-{day}")
    return kept_path(day.year, f"{stem}{suffix}")


def free_path(wanted: str, is_taken: Callable[[str], bool]) -> str:
    """Return a path below the ledger's folder, or the first beside it that is free: `a.xml`, `a-2.xml`, ..."""
    path = PurePosixPath(wanted)
    if path.is_absolute() or ".." in path.parts:
        raise ValueError(f"{wanted} does not stand below the ledger's folder")
    beside = (str(path.with_name(f"{path.stem}-{number}{path.suffix}")) for number in count(2))
    return wanted if not is_taken(wanted) else next(each for each in beside if not is_taken(each))


def alteration(folder: Path, came: Import) -> Message | None:
    """Return what is wrong with a document that is kept below a ledger's folder, None where it is the one that came."""
    try:
        with (folder / came.path).open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        text = N_("{file} cannot be read ({why}): put the document back that came")
        return phrase(text, file=came.path, why=tr(error.strerror or str(error)))
    text = N_("{file} is not the document that came, its sha256 is {sum}: put back the one that came")
    return phrase(text, file=came.path, sum=digest) if digest != came.sha256 else None
