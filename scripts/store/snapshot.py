"""The snapshot: what a command said of the books, said again while nothing that it asked has changed.

    ~/.cache/forbundsbok/3f0c...e2      ["bytes", "/books/main.bean", "5feceb66..."] ...; [1, "Balansräkning ..."]

It is found by the question: the words of the command, the program's own code and the versions that it stands on, the
day. It is told when every fact that its command was told (scripts.store.witness) is still as it was.
Only what went well is kept. Whatever is odd about a snapshot, it is none: the command does its work.
"""

import hashlib
import json
import os
import secrets
import stat
import sys
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TextIO

import forbundsbok
from forbundsbok.scripts.store.files import is_another, write_atomically
from forbundsbok.scripts.store.history import GIT, state
from forbundsbok.scripts.store.witness import QUESTIONS, Witness, at_rest, still_so

OPTION = "--no-cache"
COLD = ("FORBUNDSBOK_NO_CACHE", "CI")
"""The variables that, set to anything, let every command do its work."""

MOST = 200
"""How many snapshots are kept; the oldest go first."""

FORM = 1

_ROOMS = ("plugins", "importers", "queries", "scripts", "web")
_CODE = ("beancount", "beanquery", *(f"forbundsbok.{room}" for room in _ROOMS))
"""The packages whose code makes the answers, each file by its bytes; of the others that are installed the versions."""

QUESTIONS[GIT] = state

_FILES = 3
"""What files are said to, beside the two streams."""

_said: list[tuple[int, str]] | None = None
"""What is said while somebody listens."""

_PROGRESS = "\r\x1b[K"
"""How a line begins that is there only while the command works."""


def answered(words: Sequence[str], work: Callable[[], Any]) -> Any:
    """Say what is kept of a question; else do the work, and keep what it says and asks if it exits with status 0.

    It may be called once in a process, before anything of what the work reads has been read.
    """
    question = None if OPTION in words or any(map(os.environ.get, COLD)) else _question(words)
    shelf = _shelf() if question else None
    if question is None or shelf is None:
        return work()
    file = shelf / question
    if (told := _kept(file, question)) and _written(told) and _say(told):
        sys.exit(0)
    witness = Witness(_folders_of_code())
    said: list[tuple[int, str]] = []
    try:
        return _overheard(work, witness, said)
    except SystemExit as end:
        if not end.code and witness.is_whole and question == _question(words):
            with suppress(OSError):
                _keep(file, question, witness.facts, said)
        raise


@contextmanager
def written_again(files: Mapping[Path, bytes], folder: Path | None, *, asked: bool) -> Iterator[None]:
    """Write files meanwhile that are no books, which whoever asks the same again gets again, in a folder that is made.

    Where it is asked before others are written over, it is asked again.
    """
    if _said is not None:
        contents = {str(path.absolute()): b64encode(content).decode() for path, content in files.items()}
        _said.append((_FILES, json.dumps([asked, str(folder.absolute()) if folder else "", contents])))
    with at_rest():
        yield


def _files_in(said: Sequence[tuple[int, str]]) -> Iterator[tuple[bool, str, Mapping[str, str]]]:
    """Yield what was said to files: whether it is asked, the folder, and each file's content by its name."""
    return (json.loads(text) for number, text in said if number == _FILES)


def _written(told: Sequence[tuple[int, str]]) -> bool:
    """Write the files that were written; return whether that could be done, and nobody has to be asked."""
    for asked, folder, files in _files_in(told):
        contents = {Path(name): b64decode(content) for name, content in files.items()}
        try:
            if asked and any(is_another(path, content) for path, content in contents.items()):
                return False
            if folder:
                Path(folder).mkdir(parents=True, exist_ok=True)
            for path, content in contents.items():
                write_atomically(path, content)
        except OSError:  # which the work tells of when it stumbles over it in turn
            return False
    return True


def _say(told: Sequence[tuple[int, str]]) -> bool:
    """Say what was said, to the streams that it was said to; return whether that could be done."""
    try:
        for number, text in told:
            if number == _FILES:
                continue
            stream = sys.stderr if number == 2 else sys.stdout
            stream.write(text)
            stream.flush()
    except BrokenPipeError:  # the reader, such as `head`, has seen enough: end quietly, as click does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError:  # a full disk, which the work tells of when it stumbles over it in turn
        return False
    return True


def _overheard(work: Callable[[], Any], witness: Witness, said: list[tuple[int, str]]) -> Any:
    """Do some work, and note what it asks and what it says."""
    global _said
    before = sys.stdout, sys.stderr
    with witness:
        try:
            _said = said
            sys.stdout, sys.stderr = (_Overheard(each, n, said, witness) for n, each in enumerate(before, 1))
            return work()
        finally:
            _said = None
            sys.stdout, sys.stderr = before


class _Overheard:
    """A stream of text, as it is, whose texts are noted."""

    def __init__(self, stream: TextIO, number: int, said: list[tuple[int, str]], witness: Witness) -> None:
        self._stream, self._number, self._said, self._witness = stream, number, said, witness

    def write(self, text: str) -> int:
        if not text.startswith(_PROGRESS):
            self._said.append((self._number, text))
        with self._witness.unless_it_fails("what is written"):
            return self._stream.write(text)

    def __getattr__(self, name: str) -> Any:
        if name == "buffer":
            self._witness.unheard.add("bytes are written")
        return getattr(self._stream, name)


# What a question is known by


def _question(words: Sequence[str]) -> str | None:
    """Return what a question is known by; None where that cannot be said, or where nobody is to be told."""
    if sys.stdout is None or sys.stderr is None:  # closed by whoever started the process
        return None
    try:
        streams = [(stream.isatty(), stream.encoding) for stream in (sys.stdout, sys.stderr)]
        size = tuple(os.get_terminal_size(1)) if streams[0][0] else ()
        python = [sys.version, sys.path, list(sys.flags), sys.getfilesystemencoding()]
        known = [FORM, list(words), os.getcwd(), str(date.today()), streams, size, python]  # noqa: PTH109
        known += [sorted(_installed()), _digest_of_code()]
    except OSError:
        return None
    return hashlib.sha256(json.dumps(known).encode()).hexdigest()


def _installed() -> Iterator[str]:
    """Yield the names and versions of the packages that are installed."""
    for folder in sys.path:
        with suppress(OSError):
            yield from (name for name in os.listdir(folder) if name.endswith((".dist-info", ".egg-info", ".pth")))  # noqa: PTH208


def _digest_of_code() -> str:
    """Return what the program's code is known by. Raises OSError."""
    digest = hashlib.sha256()
    for file in (file for folder in _packages() for file in _files(folder)):
        with open(file, "rb", buffering=0) as opened:  # noqa: PTH123  # four times as fast as by a Path
            content = opened.read()
        digest.update(f"{file}\0{len(content)}\0".encode("utf-8", "surrogateescape") + content)
    return digest.hexdigest()


def _packages() -> Iterator[str]:
    yield from forbundsbok.__path__
    for name in _CODE:
        spec = find_spec(name)
        yield from (spec and spec.submodule_search_locations) or ()


def _files(folder: str) -> Iterator[str]:
    with os.scandir(folder) as found:
        entries = sorted(found, key=lambda entry: entry.name)
    for entry in entries:
        if not entry.is_dir():
            yield entry.path
        elif entry.name != "__pycache__":
            yield from _files(entry.path)


def _folders_of_code() -> set[str]:
    """Return the folders that code may be loaded from for an answer that is kept."""
    libraries = {each for each in sys.path if Path(each).name in ("site-packages", "dist-packages", "lib-dynload")}
    return {*libraries, *_packages(), str(Path(os.__file__).parent)}


# Where it is kept


def _shelf() -> Path | None:
    """Return the folder of the snapshots, which nobody else may read or write; None where there is no such."""
    try:
        named = Path(os.environ.get("XDG_CACHE_HOME", ""))
        folder = (named if named.is_absolute() else Path.home() / ".cache") / "forbundsbok"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = folder.lstat()
    except (OSError, RuntimeError):
        return None
    is_ours = stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid() and not status.st_mode & 0o077
    return folder if is_ours else None


def _kept(file: Path, question: str) -> Sequence[tuple[int, str]] | None:
    """Return what was said, where it may be said again."""
    try:
        with os.fdopen(os.open(file, os.O_RDONLY | os.O_NOFOLLOW), "rb") as opened:
            if os.fstat(opened.fileno()).st_uid != os.geteuid():
                return None
            seal, _, content = opened.read().partition(b"\n")
    except OSError:
        return None
    if seal != _seal(question, content):
        return None
    snapshot = json.loads(content)
    return snapshot["said"] if still_so(snapshot["facts"]) else None


def _keep(file: Path, question: str, facts: Any, said: Sequence[tuple[int, str]]) -> None:
    """Keep a snapshot, whole or not at all. Raises OSError."""
    content = json.dumps({"facts": [[*asked, known] for asked, known in facts.items()], "said": said}).encode()
    temporary = file.with_name(f".{secrets.token_hex(8)}")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(_seal(question, content) + b"\n" + content)
        temporary.replace(file)
    finally:
        temporary.unlink(missing_ok=True)
    kept = sorted(file.parent.iterdir(), key=lambda each: each.stat().st_mtime)
    for old in kept[:-MOST]:
        old.unlink(missing_ok=True)


def _seal(question: str, content: bytes) -> bytes:
    """Return the digest of a snapshot, which is no one else's and no half one's."""
    return hashlib.sha256(question.encode() + content).hexdigest().encode()
