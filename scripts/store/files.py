"""Writing files so that a reader finds the old one or the new one, whole, and nobody's change is lost."""

import ctypes
import errno
import fcntl
import functools
import glob
import hashlib
import os
import re
import secrets
import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

TEMPORARY = re.compile(r"\.(?P<name>.+)\.(?P<mark>[0-9a-f]{16})(?:-(?P<after>[0-9a-f]{16}))?\.tmp")
"""The name of a temporary file: hidden, so that no include of a ledger takes it in.

One whose content is about to change places with a file's is named by what both are to hold: before, and after.
"""

_NO_REPLACE, _EXCHANGE = 1, 2  # renameat2(2)
_HERE = -100  # AT_FDCWD
_NOT_SUPPORTED = (errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP, errno.EPERM)


def temporary_of(path: Path, content: bytes, like: Path | None = None) -> Path:
    """Write a file's new content to a temporary file in its folder, and wait until the disk has it.

    It has the mode and the owner of the file, or for a new one is no more open than another, `like`. Raises OSError,
    which names the folder that is missing or else the file, leaving nothing.
    """
    with _temporary(path, content, like) as temporary:
        return temporary


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write a file, text as UTF-8, by way of a temporary one. Raises OSError, leaving `path` as it was."""
    refuse_read_only(path)
    for left in _left_over(path):
        left.unlink(missing_ok=True)
    with _temporary(path, content.encode() if isinstance(content, str) else content, None) as temporary:
        temporary.replace(path)


def is_another(path: Path, content: bytes) -> bool:
    """Tell whether a file is there that has another content. Raises OSError."""
    return path.is_file() and path.read_bytes() != content


def refuse_read_only(path: Path) -> None:
    """Raise PermissionError for a file that is not to be written, though its folder would let it be replaced."""
    if path.exists() and not (path.stat().st_mode & 0o222 and os.access(path, os.W_OK)):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))


@contextmanager
def _temporary(path: Path, content: bytes, like: Path | None) -> Iterator[Path]:
    """Yield a temporary file, which is locked meanwhile: so one that is not is left over."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
    try:
        with temporary.open("xb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            _set_access(file.fileno(), path, like)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            yield temporary
    except BaseException as error:
        with suppress(OSError):  # a folder that is none
            temporary.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename == str(temporary):
            error.filename = str(path if path.parent.is_dir() else path.parent)
        raise


def _set_access(descriptor: int, path: Path, like: Path | None) -> None:
    """Let a new file be owned and opened as the one in whose place it comes, or be no more open than another."""
    own = os.fstat(descriptor)
    if path.exists():
        wanted = path.stat()
        mode = stat.S_IMODE(wanted.st_mode)
    elif like is not None and like.exists():
        wanted = like.stat()
        mode = stat.S_IMODE(own.st_mode) & stat.S_IMODE(wanted.st_mode)
    else:
        return
    for owner in (wanted.st_uid, -1):
        with suppress(PermissionError):
            os.fchown(descriptor, owner, wanted.st_gid)
            break
    if os.fstat(descriptor).st_gid != wanted.st_gid:
        mode &= ~stat.S_IRWXG  # it would be another group's
    os.fchmod(descriptor, mode)


def _left_over(path: Path) -> Iterator[Path]:
    """Yield the temporary files of a path that no process is writing."""
    for found in path.parent.glob(f".{glob.escape(path.name)}.*.tmp"):
        match = TEMPORARY.fullmatch(found.name)
        if match and match["name"] == path.name and not is_locked(found):
            yield found


def is_locked(path: Path) -> bool:
    """Tell whether a process has locked a file or a folder."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def put_in_place(temporary: Path, path: Path, before: bytes | None, after: bytes) -> bool:
    """Give a temporary file's content to a path, if that holds what was there `before`, None for nothing.

    Return whether it does; else somebody has written it, and has kept what was written, however late that was. A file
    that has several names keeps them all.
    """
    if before is None:
        return _moved(temporary, path)
    named = temporary.with_name(f".{path.name}.{digest(before)}-{digest(after)}.tmp")
    temporary.replace(named)
    try:
        if path.stat().st_nlink > 1:
            return _written_over(path, before, after)
        if not _renamed(named, path, _EXCHANGE):
            if path.read_bytes() != before:
                return False
            named.replace(path)
            return True
        if named.read_bytes() != before:
            _renamed(named, path, _EXCHANGE)
            return False
        return True
    finally:
        with suppress(OSError):  # the next run sweeps it away
            if digest(named.read_bytes()) in (digest(before), digest(after)):
                named.unlink()


def digest(content: bytes) -> str:
    """Return what tells a content from others, in the name of a temporary file."""
    return hashlib.sha256(content).hexdigest()[:16]


def _moved(temporary: Path, path: Path) -> bool:
    """Move a file to a name, and return whether nothing was there."""
    try:
        if _renamed(temporary, path, _NO_REPLACE):
            return True
    except FileExistsError:
        return False
    if path.exists():
        return False
    temporary.replace(path)
    return True


def _written_over(path: Path, before: bytes, after: bytes) -> bool:
    """Write a file's new content into it, as it is known by other names too, and return whether it was as before.

    Whoever is killed meanwhile leaves the whole new content in a temporary file.
    """
    with path.open("r+b") as file:
        if file.read() != before:
            return False
        try:
            _overwrite(file, after)
        except BaseException:
            _overwrite(file, before)
            raise
    return True


def _overwrite(file: BinaryIO, content: bytes) -> None:
    file.seek(0)
    file.write(content)
    file.truncate()
    file.flush()
    os.fsync(file.fileno())


def _renamed(source: Path, target: Path, flag: int) -> bool:
    """Rename as renameat2 does, and return whether this system can. Raises OSError."""
    rename = _renameat2()
    if rename is None:
        return False
    sys.audit("os.rename", str(source), str(target), -1, -1)
    if rename(_HERE, os.fsencode(source), _HERE, os.fsencode(target), flag) == 0:
        return True
    code = ctypes.get_errno()
    if code in _NOT_SUPPORTED:
        return False
    raise OSError(code, os.strerror(code), str(source), None, str(target))


@functools.cache
def _renameat2() -> Callable[[int, bytes, int, bytes, int], int] | None:
    try:
        found: Callable[[int, bytes, int, bytes, int], int] = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):  # only Linux has it
        return None
    return found


def sync_folder(folder: Path) -> None:
    """Wait until the disk has the names in a folder. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folders(folder: Path) -> list[Path]:
    """Make a folder and those above it on the disk, and return the ones that were not there, uppermost first.

    A new one is no more open than the one it is in.
    """
    missing = [each for each in (folder, *folder.parents) if not each.exists()][::-1]
    for each in missing:
        each.mkdir(stat.S_IMODE(each.parent.stat().st_mode) & 0o777, exist_ok=True)
    try:
        for each in missing:
            sync_folder(each.parent)
    except BaseException:
        remove_empty(missing)
        raise
    return missing


def remove_empty(folders: Sequence[Path]) -> None:
    """Remove folders in which nothing is, innermost first."""
    for folder in reversed(folders):
        with suppress(OSError):
            folder.rmdir()
