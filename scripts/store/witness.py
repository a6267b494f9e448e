"""What a command asks of the world while it works: which bytes a file has, what a folder lists, where a link leads.

    with Witness(code) as witness:
        ...                         # whatever reads
    if witness.is_whole:
        witness.facts               # {("bytes", "/books/main.bean"): "5feceb66...", ("list", "/books/underlag"): ...}

Who is told the same says the same: what a command said may be said again while every fact is still as it was. Nobody
keeps a list of what a command reads, which would lack the next rule's file: Python's own ways of asking are replaced
while a witness listens, and hand out what it noted. What goes past them Python tells by its audit events (PEP 578):
a written file, a process, a question to the person, code from elsewhere. Then the witness is not whole.
"""

import builtins
import hashlib
import io
import json
import os
import re
import stat
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

Question = Callable[[Any], tuple[str, Any]]
"""What is asked of a subject: returns what the answer is known by, and the answer itself. Raises OSError."""

HARMLESS = re.compile(
    r"array\.__new__|builtins\.id|(code|function)\.__new__|compile|exec|import|(gc|marshal|object|pickle)\.\w+"
    r"|ctypes\.(addressof|cdata|create_string_buffer|dlopen|dlsym).*|glob\.glob(/2)?|os\.(putenv|unsetenv|walk)"
    r"|pathlib\.Path\.r?glob|sys\._\w+|sys\.(excepthook|set_asyncgen_hooks_finalizer|unraisablehook)"
)
"""The audit events of what stays within the process, or is told by the questions that it asks."""

_open, _stat, _lstat, _readlink = builtins.open, os.stat, os.lstat, os.readlink
_scandir, _listdir, _access = os.scandir, os.listdir, os.access
_environment = vars(type(os.environ))["__getitem__"]


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _bytes(path: Any) -> tuple[str, bytes]:
    path = os.fspath(path)
    if stat.S_IFMT(_stat(path).st_mode) not in (stat.S_IFREG, stat.S_IFDIR):
        raise _UnrepeatableError
    with _open(path, "rb", buffering=0) as file:
        content = file.read()
    return _digest(content), content


class _UnrepeatableError(Exception):
    """What is asked is gone when it has been answered, as what comes through a pipe."""


class _Entry:
    """What a folder lists, as os.DirEntry."""

    def __init__(self, entry: "os.DirEntry[str]") -> None:
        self.name, self.path = entry.name, entry.path
        self.kind = (entry.is_symlink(), entry.is_dir(), entry.is_file())

    def __fspath__(self) -> str:
        return self.path

    def is_symlink(self) -> bool:
        return self.kind[0]

    def is_dir(self, *, follow_symlinks: bool = True) -> bool:
        return self.kind[1] and (follow_symlinks or not self.kind[0])

    def is_file(self, *, follow_symlinks: bool = True) -> bool:
        return self.kind[2] and (follow_symlinks or not self.kind[0])

    def stat(self, *, follow_symlinks: bool = True) -> os.stat_result:
        return os.stat(self.path, follow_symlinks=follow_symlinks)  # noqa: PTH116  # which is a question

    def inode(self) -> int:
        return self.stat(follow_symlinks=False).st_ino


class _Listing:
    """A folder's entries, as what os.scandir returns."""

    def __init__(self, entries: Sequence[_Entry]) -> None:
        self.entries = entries
        self._left = iter(entries)

    def __iter__(self) -> "_Listing":
        return self

    def __next__(self) -> _Entry:
        return next(self._left)

    def __enter__(self) -> "_Listing":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._left = iter(())


def _list(path: Any) -> tuple[str, _Listing]:
    with _scandir(path) as found:
        entries = list(map(_Entry, found))
    # In the order of the file system, which a command may depend on.
    return _digest(json.dumps([[each.name, *each.kind] for each in entries]).encode()), _Listing(entries)


def _of_status(status: os.stat_result) -> tuple[str, os.stat_result]:
    """Return what a status is known by, and the status without its times, which nothing may go by."""
    size = status.st_size if stat.S_ISREG(status.st_mode) else 0
    return f"{status.st_mode:o} {size}", os.stat_result((*status[:6], size, *(0,) * 12))


def _link(path: Any) -> tuple[str, Any]:
    target = _readlink(path)
    return os.fsdecode(target), target


def _variable(name: Any) -> tuple[str, str | None]:
    try:
        value = str(_environment(os.environ, name))
    except KeyError:
        return "", None
    return _digest(value.encode("utf-8", "surrogateescape")), value


QUESTIONS: dict[str, Question] = {
    "bytes": _bytes,
    "list": _list,
    "stat": lambda path: _of_status(_stat(path)),
    "lstat": lambda path: _of_status(_lstat(path)),
    "link": _link,
    "readable": lambda path: (str(may := _access(path, os.R_OK)), may),
    "environment": _variable,
}
"""What can be asked; a module that asks something else, and of a process, enters it here."""


def still_so(facts: Iterable[tuple[str, str, str]]) -> bool:
    """Tell whether every question gets the answer that it got before."""
    return all(_answer(kind, subject)[0] == known for kind, subject, known in facts)


def _answer(kind: str, subject: Any) -> tuple[str, Any]:
    try:
        return QUESTIONS[kind](subject)
    except OSError as error:
        return f"errno {error.errno}", error
    except _UnrepeatableError as error:
        return "unrepeatable", error


class Witness:
    """Listens while a command works; one in a process, since it does not hear what was read before.

    `code` names the folders that code may be loaded from.
    """

    def __init__(self, code: Iterable[str]) -> None:
        self.facts: dict[tuple[str, str], str] = {}
        self.unheard: set[str] = set()
        self._code = tuple(f"{each}{os.sep}" for each in code)
        self._folder = os.getcwd()  # noqa: PTH109
        self._own_variables: set[str] = set()
        self._at_rest = False

    @property
    def is_whole(self) -> bool:
        """Whether the facts are all that the command was told."""
        return not self.unheard

    def ask(self, kind: str, subject: Any) -> Any:
        """Ask, and note what the answer is. Raises OSError as what is asked does."""
        if self._at_rest:
            return QUESTIONS[kind](subject)[1]
        with self.at_rest():
            known, answer = _answer(kind, subject)
        if known == "unrepeatable":
            self.unheard.add(f"{kind} {subject}")
            return None
        name = os.fsdecode(subject)
        if kind != "environment":  # not in its shortest form: a link may stand before ".."
            name = os.path.join(self._folder, name)  # noqa: PTH118
        self.note(kind, name, known)
        if isinstance(answer, OSError):
            raise answer
        return answer

    def note(self, kind: str, name: str, known: str) -> None:
        """Note what an answer is known by, which is to be the same each time."""
        if self.facts.setdefault((kind, name), known) != known:
            self.unheard.add(f"{kind} {name} has changed")

    @contextmanager
    def at_rest(self) -> Iterator[None]:
        """Listen to nothing meanwhile."""
        before, self._at_rest = self._at_rest, True
        try:
            yield
        finally:
            self._at_rest = before

    @contextmanager
    def unless_it_fails(self, what: str) -> Iterator[None]:
        """Be whole only if what is done meanwhile goes well."""
        try:
            yield
        except BaseException:
            self.unheard.add(what)
            raise

    def hear(self, event: str, args: tuple[Any, ...]) -> None:
        """Note what goes past the questions."""
        if self._at_rest or HARMLESS.fullmatch(event):
            return
        loads = sys._getframe(2).f_code.co_filename.startswith("<frozen importlib")
        if not loads or not f"{args[0]}{os.sep}".startswith(self._code):
            self.unheard.add(f"{event} {args[:1]}")

    def __enter__(self) -> "Witness":
        global _listening
        if not _hooked:
            sys.addaudithook(_heard)
            _hooked.append(True)
        self._before = [(owner, name, vars(owner)[name]) for owner, name, _ in self._ways()]
        for owner, name, way in self._ways():
            setattr(owner, name, way)
        _listening = self
        return self

    def __exit__(self, *_: object) -> None:
        global _listening
        _listening = None
        for owner, name, way in self._before:
            setattr(owner, name, way)

    def _ways(self) -> list[tuple[Any, str, Any]]:
        """Return the ways in which Python asks, each with the one that takes its place."""
        environment = type(os.environ)
        return [
            (builtins, "open", self._opened),
            (io, "open", self._opened),
            (os, "stat", self._status),
            (os, "lstat", lambda path, **more: self._status(path, follow_symlinks=False, **more)),
            (os, "readlink", self._target),
            (os, "scandir", lambda path=None: self.ask("list", path or ".") if _is_text(path) else _scandir(path)),
            (os, "listdir", lambda path=None: self._names(path or ".") if _is_text(path) else _listdir(path)),
            (os, "access", self._may),
            (environment, "__getitem__", lambda _, name: self._value(name)),
            (environment, "__iter__", self._named(vars(environment)["__iter__"])),
            (environment, "__setitem__", self._set_value(vars(environment)["__setitem__"])),
        ]

    def _opened(self, file: Any, mode: str = "r", buffering: int = -1, *more: Any, **options: Any) -> Any:
        if isinstance(file, int) or not set(mode) <= set("rbt") or any(map(options.get, ("opener", "dir_fd"))):
            return _open(file, mode, buffering, *more, **options)
        content = self.ask("bytes", file)
        if content is None:
            return _open(file, mode, buffering, *more, **options)
        raw = io.BytesIO(content)
        raw.name = file
        options.pop("closefd", None)
        return raw if "b" in mode else io.TextIOWrapper(raw, *more[:3], **options)

    def _status(self, path: Any, *, dir_fd: int | None = None, follow_symlinks: bool = True) -> Any:
        if isinstance(path, int):  # of a file that is open
            return _stat(path)
        self._below(path, dir_fd)
        return self.ask("stat" if follow_symlinks else "lstat", path)

    def _target(self, path: Any, *, dir_fd: int | None = None) -> Any:
        self._below(path, dir_fd)
        return self.ask("link", path)

    def _below(self, path: Any, folder: int | None) -> None:
        if folder is not None:
            self.unheard.add(f"{path!r} below an open folder")

    def _may(self, path: Any, mode: int, **more: Any) -> bool:
        if mode == os.R_OK and not more:
            return bool(self.ask("readable", path))
        self.unheard.add(f"access {path} {mode}")
        return _access(path, mode, **more)

    def _names(self, path: Any) -> list[str]:
        return [each.name for each in self.ask("list", path).entries]

    def _value(self, name: Any) -> str:
        if name in self._own_variables:
            return str(_environment(os.environ, name))
        value = self.ask("environment", name)
        if value is None:
            raise KeyError(name)
        return str(value)

    def _named(self, as_before: Callable[[Any], Iterator[Any]]) -> Callable[[Any], Iterator[Any]]:
        def named(environment: Any) -> Iterator[Any]:
            if not self._at_rest:
                self.unheard.add("which variables there are")
            return as_before(environment)

        return named

    def _set_value(self, as_before: Callable[[Any, Any, Any], None]) -> Callable[[Any, Any, Any], None]:
        def set_value(environment: Any, name: Any, value: Any) -> None:
            self._own_variables.add(name)
            as_before(environment, name, value)

        return set_value


def _is_text(path: Any) -> bool:
    return not isinstance(path, int | bytes)


_listening: Witness | None = None
_hooked: list[bool] = []


def _heard(event: str, args: tuple[Any, ...]) -> None:
    if _listening is not None:
        _listening.hear(event, args)


@contextmanager
def at_rest() -> Iterator[None]:
    """Let whoever listens hear nothing meanwhile."""
    if _listening is None:
        yield
        return
    with _listening.at_rest():
        yield


Heard = tuple[list[tuple[str, str, str]], list[str]]
"""Facts, each by what is asked, of what, and what the answer is known by; and what goes past the questions."""


def hearing() -> Callable[[], Heard]:
    """Return what returns what whoever listens hears from now on, for a process that works aside; nothing if nobody."""
    witness = _listening
    before = set(witness.facts) if witness else set()

    def heard() -> Heard:
        if witness is None:
            return [], []
        new = [(*asked, known) for asked, known in witness.facts.items() if asked not in before]
        return new, sorted(witness.unheard)

    return heard


def hear_from(facts: Iterable[tuple[str, str, str]], unheard: Iterable[str]) -> None:
    """Let whoever listens have heard what a process that worked aside has asked."""
    witness = _listening
    if witness is not None:
        for kind, name, known in facts:
            witness.note(kind, name, known)
        witness.unheard.update(unheard)


@contextmanager
def asking(kind: str, subject: str) -> Iterator[Callable[[], None]]:
    """Let what is done meanwhile be one question, of QUESTIONS; yield what says that it had no sure answer."""
    witness = _listening
    if witness is None:
        yield lambda: None
        return
    for moment in ("before", "after"):
        with suppress(OSError):  # which is an answer, and known as such
            witness.ask(kind, subject)
        if moment == "before":
            with witness.at_rest():
                yield lambda: witness.unheard.add(f"{kind} {subject}")
