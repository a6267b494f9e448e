"""Writing files so that a reader finds the old one or the new one, whole."""

import os
import re
import secrets
import stat
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

TEMPORARY = re.compile(r"\.(?P<name>.+)\.[0-9a-f]{16}\.tmp")
"""The name of a temporary file: hidden, so that no include of a ledger takes it in."""


def temporary_of(path: Path, content: bytes) -> Path:
    """Write a file's new content to a temporary file in its folder, with its mode, and wait until the disk has it.

    Raises OSError, which names the folder that is missing or else the file, leaving nothing.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
    try:
        with temporary.open("xb") as file:
            if path.exists():
                os.fchmod(file.fileno(), stat.S_IMODE(path.stat().st_mode))
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except BaseException as error:
        with suppress(OSError):  # a folder that is none
            temporary.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename == str(temporary):
            error.filename = str(path if path.parent.is_dir() else path.parent)
        raise
    return temporary


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write a file, text as UTF-8, by way of a temporary one. Raises OSError, leaving `path` as it was."""
    temporary = temporary_of(path, content.encode() if isinstance(content, str) else content)
    try:
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def sync_folder(folder: Path) -> None:
    """Wait until the disk has the names in a folder. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folders(folder: Path) -> list[Path]:
    """Make a folder and those above it on the disk, and return the ones that were not there, uppermost first."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()][::-1]
    folder.mkdir(parents=True, exist_ok=True)
    for each in missing:
        sync_folder(each.parent)
    return missing


def remove_empty(folders: Sequence[Path]) -> None:
    """Remove folders in which nothing is, innermost first."""
    for folder in reversed(folders):
        with suppress(OSError):
            folder.rmdir()
