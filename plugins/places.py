"""Places: the file and line that a message names.

ledger/units/navet/2024.bean:31: Transaction does not balance: (0.01 SEK)
"""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path, PurePath
from typing import Any

from beancount.core import data

NOWHERE: Mapping[str, Any] = {"filename": "", "lineno": 0}
"""The place of what stands in no file."""


def place_of(error: Any) -> tuple[str, int]:
    """Return the file and line of any Beancount error, for sorting; an error without any comes first."""
    source = error.source if isinstance(error.source, Mapping) else {}
    line = source.get("lineno")
    return str(source.get("filename") or ""), line if isinstance(line, int) else 0


def file_line(filename: str, line: int) -> str:
    """Return a file and line as every message names them, the file as it is named from the working directory.

    What stands on line 0 is not written yet: it has no line.
    """
    return f"{from_here(filename)}:{line}" if line else from_here(filename)


def where(entry: data.Directive) -> str:
    """Return the file and line of a directive."""
    return file_line(str(entry.meta.get("filename", "?")), entry.meta.get("lineno", 0))


def from_here(filename: str) -> str:
    """Return a file as it is named from the working directory, or as it is where that is outside."""
    here, path = Path.cwd(), Path(filename)
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def place(entry: data.Directive, source: Mapping[str, Any] | None = None) -> str:
    """Return where a directive or a posting stands, short: its folder, file and line."""
    meta = source or entry.meta
    name, line = short_name(str(meta.get("filename"))), meta.get("lineno")
    return name if line == 0 else f"{name}:{line}"


@lru_cache(maxsize=1024)  # of as many files as books have, every rule names its vouchers
def short_name(filename: str) -> str:
    """Return a file's name with its folder's."""
    return "/".join(PurePath(filename).parts[-2:])
