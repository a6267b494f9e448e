"""Reading the files of a ledger as Beancount does, whatever stands in them.

    option "title" "Förbundet"
    include "units/*/2025.bean"

Beancount's parser crashes Python at `1/0`, ends in a traceback for other texts, and tells an include that matches
nothing without its place. Here each of these is an error at its line, like any other error of reading; what is read
without error is what Beancount reads. A file may begin with byte order marks, as some editors write them.
"""

import glob
import os
import re
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import DefaultContext, DivisionByZero, InvalidOperation, localcontext
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

from beancount import loader
from beancount.core import data
from beancount.core.number import MISSING
from beancount.parser import _parser, grammar, lexer  # type: ignore[attr-defined]
from beancount.utils import encryption

from forbundsbok.plugins.findings import LISTED, Message, phrase
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.places import place_of

DIGITS = 15
"""How many digits an amount may have before its decimal sign: sums of 28 digits then hold it to the öre."""

SOUGHT = "forbundsbok-sought"
"""The option that has what the includes look for, as absolute patterns, whether they find anything or not."""

OWN_KEYS = ("filename", "lineno")
"""Metadata by which Beancount itself notes where a directive stands."""

ONE_BY_ONE = ("attest", "mottagning", "bokford", "ver", "rattar", "kvittens", "andrad", "underlag")
"""Metadata that says of one voucher who has approved it, what it is and why: no answer for many at once."""

_MARK = b"\xef\xbb\xbf"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_SWALLOWED = re.compile(rb'\n(?:\d{4}[-/]\d\d?[-/]\d|[ \t]+[^\s:"]+:)')
"""What a text holds that lacks its last quote, and so goes on to the next one: a directive, metadata or a row."""
_WORD = re.compile(rb'[^\s";]{1,40}')
_UNDATED = re.compile(rb'[*!][ \t]+"')
"""How a voucher begins that lacks its day; Beancount takes it for a heading, and stumbles over what is below it."""


class ReadError(NamedTuple):
    """What of a ledger's files cannot be read, in the shape of Beancount's errors."""

    source: Mapping[str, Any]
    message: Message | str
    entry: data.Directive | None = None


class File(NamedTuple):
    """What a file of a ledger was read as."""

    digest: str
    """That of its bytes."""
    options: Any
    misplaced: Sequence[ReadError]
    """What may stand in the main file alone."""
    includes: Sequence[tuple[str, int]]
    booked: list[Any]
    """Its directives with their amounts completed, in their order; none before they are booked."""


@dataclass
class Read:
    """What the files of a ledger hold: directives that are not booked yet, errors, options."""

    entries: list[Any] = field(default_factory=list)
    errors: list[Any] = field(default_factory=list)
    options: dict[str, Any] = field(default_factory=dict)
    plugins: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    """Where each plugin is named, by its module."""
    files: dict[str, File] = field(default_factory=dict)
    """Its files, by their names, in the order in which they are included."""

    def by_files(self, booked: Iterable[Any]) -> list[Any]:
        """Sort directives, as they are booked, into their files; return those of all files in a ledger's order."""
        for entry in booked:
            self.files[entry.meta["filename"]].booked.append(entry)
        return sorted((entry for file in self.files.values() for entry in file.booked), key=data.entry_sortkey)

    @property
    def is_booked_alone(self) -> bool:
        """Whether each of its vouchers is booked by itself, and none by what others leave: no lots, all currencies."""
        rows: Iterator[Any] = (
            row for entry in self.entries if isinstance(entry, data.Transaction) for row in entry.postings
        )
        return all(row.cost is None and (row.units is MISSING or row.units.currency is not MISSING) for row in rows)


class Before(NamedTuple):
    """Files as they were read a moment ago, and the tree that they stand in now: /books/a.bean is ROOT/books/a.bean."""

    files: Mapping[str, File]
    root: str

    def same(self, name: str, content: bytes) -> File | None:
        """Return a file as it was read, its directives as of the tree; None for one that is not as it was.

        The path of a document depends on the file that names it: such a file is read anew.
        """
        known = self.files.get(name.removeprefix(self.root))
        if known is None or known.digest != _digest(content):
            return None
        if any(isinstance(entry, data.Document) for entry in known.booked):
            return None
        return known._replace(booked=[_placed(entry, name) for entry in known.booked])


def _placed(entry: Any, name: str) -> Any:
    """Return a directive as of a file with another name."""
    placed = entry._replace(meta={**entry.meta, "filename": name})
    if not isinstance(entry, data.Transaction):
        return placed
    rows = [row._replace(meta={**row.meta, "filename": name}) if row.meta else row for row in entry.postings]
    return placed._replace(postings=rows)


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()


def read_files(main: Path, before: Before | None = None) -> Read:
    """Read a ledger's main file, by its absolute path, and all that it includes, as Beancount does.

    Of what was read `before`, the included files that are as they were are not read again, unless the main file is
    another: what stands there is said of them all.
    """
    found = Read()
    others: list[Any] = []
    waiting = [(str(main), found_at("", 0))]
    seen: set[str] = set()
    sought: set[str] = set()
    while waiting:
        name, included_at = waiting.pop(0)
        if name in seen:
            found.errors.append(ReadError(included_at, f'Duplicate filename parsed: "{name}"'))
            continue
        try:
            content = _content(name)
        except OSError as error:
            why = phrase(error.strerror or str(error))
            message = phrase(N_("The file {file} cannot be read: {why}"), file=name, why=why)
            found.errors.append(ReadError(included_at, message))
            continue
        seen.add(name)
        file = before.same(name, content) if before else None
        if file is None or not found.options:
            before = before if file or found.options else None
            builder, entries, errors, options = _read_file(content, name)
            found.entries += entries
            found.errors += errors
            file = File(_digest(content), options, builder.misplaced, builder.includes, [])
        found.files[name] = file
        if found.options:
            found.errors += file.misplaced
            others += [] if file.misplaced else [file.options]
        else:
            found.options = file.options
            found.plugins = {module: found_at(name, line) for module, line in builder.plugins}
        for pattern, line in file.includes:
            at = found_at(name, line)
            absolute = str(Path(name).parent / pattern)
            sought.add(os.path.normpath(absolute))
            matched = glob.glob(absolute, recursive=True)  # noqa: PTH207  # as Beancount does
            if not matched:
                found.errors.append(ReadError(at, f'File glob "{pattern}" does not match any files'))
            waiting += [(os.path.normpath(each), at) for each in matched]
    if not found.options:
        found.options = grammar.Builder().options  # type: ignore[no-untyped-call]
    found.options["include"] = sorted(seen)
    found.options = dict(loader.aggregate_options_map(found.options, others))
    found.options[SOUGHT] = sorted(sought)
    found.entries.sort(key=data.entry_sortkey)
    return found


def found_at(filename: str, line: int) -> Mapping[str, Any]:
    """Return a place in the shape of Beancount's."""
    return {"filename": filename, "lineno": line}


def _content(name: str) -> bytes:
    """Return what stands in a file. Raises OSError."""
    if encryption.is_encrypted_file(name):
        return str(encryption.read_encrypted_file(name)).encode()
    content = Path(name).read_bytes()
    while content.startswith(_MARK):
        content = content.removeprefix(_MARK)
    return content


class _Builder(grammar.Builder):
    """Beancount's builder, which keeps the lines of what it would tell without, and stumbles over nothing."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.errors: list[Any] = []
        self.includes: list[tuple[str, int]] = []
        self.plugins: list[tuple[str, int]] = []
        self.misplaced: list[ReadError] = []
        self._pushed: dict[tuple[str, str], int] = {}

    def include(self, filename: str, lineno: int, include_filename: str) -> None:
        self.includes.append((include_filename, lineno))

    def plugin(self, filename: str, lineno: int, plugin_name: str, plugin_config: str | None) -> None:
        self.plugins.append((plugin_name, lineno))
        super().plugin(filename, lineno, plugin_name, plugin_config)  # type: ignore[no-untyped-call]

    def pushtag(self, filename: str, lineno: int, tag: str) -> None:
        self._pushed["tag", tag] = lineno
        super().pushtag(filename, lineno, tag)  # type: ignore[no-untyped-call]

    def pushmeta(self, filename: str, lineno: int, key_value: Any) -> None:
        if key_value.key in ONE_BY_ONE:
            text = N_("pushmeta {key}: would answer for every voucher below: write {key} below each that it is of")
            self.errors.append(ReadError(found_at(filename, lineno), phrase(text, key=key_value.key)))
        self._pushed["meta", key_value.key] = lineno
        super().pushmeta(filename, lineno, key_value)  # type: ignore[no-untyped-call]

    def custom(self, filename: str, lineno: int, day: date, kind: str, values: Any, metadata: Any) -> Any:
        # Beancount says None for a directive without values, at which its own pad stops.
        return super().custom(filename, lineno, day, kind, values or [], metadata)  # type: ignore[no-untyped-call]

    def key_value(self, filename: str, lineno: int, key: str, value: Any) -> Any:
        if key in OWN_KEYS:
            text = N_("{key} is the program's own word for where a line stands: call it something else")
            self.errors.append(ReadError(found_at(filename, lineno), phrase(text, key=key)))
            key = f"_{key}"  # beside the place, which all errors and the order of the directives need
        return grammar.KeyValue(key, value)

    def option(self, filename: str, lineno: int, key: str, value: str) -> None:
        if key == "display_precision":  # which Beancount cannot join with that of the main file
            text = N_("The option {option} counts in the main file alone: write it there")
            self.misplaced.append(ReadError(found_at(filename, lineno), phrase(text, option=key)))
        with localcontext(DefaultContext):  # an option that is no number is told by Beancount, when it is stopped
            super().option(filename, lineno, key, value)  # type: ignore[no-untyped-call]

    def build_grammar_error(
        self, filename: str, lineno: int, exc_value: Any, exc_type: Any = None, exc_traceback: Any = None
    ) -> None:
        # Beancount would name the line of its own program.
        super().build_grammar_error(filename, lineno, str(exc_value))  # type: ignore[no-untyped-call]

    def finalize(self) -> Any:
        for kind, names in (("tag", self.tags), ("meta", list(self.meta))):
            for name in names:
                text = N_("pushtag #{name} is never ended: write   poptag #{name}   where it ends")
                if kind == "meta":
                    text = N_("pushmeta {name}: is never ended: write   popmeta {name}:   where it ends")
                at = found_at(self.options["filename"], self._pushed[kind, name])
                self.errors.append(ReadError(at, phrase(text, name=name)))
        self.tags.clear()
        self.meta.clear()
        return super().finalize()  # type: ignore[no-untyped-call]

    @property
    def largest(self) -> int:
        """How many digits the largest amount has before its decimal sign."""
        return max((each.integer_max for each in self.dcontext.ccontexts.values()), default=0)


def _read_file(content: bytes, name: str) -> tuple[_Builder, list[Any], list[Any], Any]:
    """Return what one file holds: its directives, errors and options."""
    builder, has_divided = _parsed(content, name)
    entries, errors, options = builder.finalize()
    if has_divided:
        text = N_("This line divides by zero: write the amount itself")
        errors = list(_at_lines(content, name, text, lambda part: _parsed(part, name)[1]))
    elif builder.largest > DIGITS:
        text = N_("An amount on this line is too large: it has more than {digits} digits before its decimal point")
        large = _at_lines(content, name, text, lambda part: _parsed(part, name)[0].largest > DIGITS, digits=DIGITS)
        errors = [*errors, *large]
    elif errors:
        lines = {place_of(error)[1] for error in errors}
        errors = [*_encoding(content, name)] or [*_open_texts(content, name, lines)] or _with_undated(content, errors)
    return builder, entries, errors, options


def _parsed(content: bytes, name: str) -> tuple[_Builder, bool]:
    """Return what the parser makes of a content, and whether that divides by zero somewhere.

    An exception of a division kills Python in the parser; here there is none, for it gives no number.
    """
    builder = _Builder()
    with localcontext() as context:
        for signal in (DivisionByZero, InvalidOperation):
            context.traps[signal] = context.flags[signal] = False
        _parser.Parser(builder).parse(BytesIO(content), filename=name, lineno=1)
        return builder, context.flags[DivisionByZero] or context.flags[InvalidOperation]


def _at_lines(
    content: bytes, name: str, text: str, is_wrong: Callable[[bytes], bool], **values: Any
) -> Iterator[ReadError]:
    """Yield an error for each line, of a few, that makes a content wrong: without all of them it is not."""
    lines = content.split(b"\n")
    for _ in range(LISTED):
        if not is_wrong(b"\n".join(lines)):
            return
        counts = range(1, len(lines) + 1)
        first = bisect_left(counts, True, key=lambda count: is_wrong(b"\n".join(lines[:count])))
        yield ReadError(found_at(name, first + 1), phrase(text, **values))
        lines[first] = b"  ;"


def _encoding(content: bytes, name: str) -> Iterator[ReadError]:
    """Yield that a file is not UTF-8, at the first line that shows it."""
    if content.startswith(_UTF_16) or b"\0" in content[:4]:
        text = N_("The file is written in UTF-16: save it as UTF-8")
        yield ReadError(found_at(name, 1), phrase(text))
        return
    try:
        content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start)
        word = _word_at(content, error.start)
        text = N_("The file is not written in UTF-8, as {word} here shows: save it as UTF-8")
        yield ReadError(found_at(name, line + 1), phrase(text, word=word))


def _with_undated(content: bytes, errors: Sequence[Any]) -> list[Any]:
    """Return the errors, where a voucher lacks its day that instead of what cannot be read on its first two lines."""
    text = N_("The date is missing: a voucher begins with its day, as   2025-02-18 *")
    lines = content.split(b"\n")
    told: dict[Any, Any] = {}
    for error in errors:
        name, line = place_of(error)
        first = next(
            (each for each in (line - 1, line) if 0 < each <= len(lines) and _UNDATED.match(lines[each - 1])), 0
        )
        told.setdefault(first or id(error), ReadError(found_at(name, first), phrase(text)) if first else error)
    return list(told.values())


def _word_at(content: bytes, place: int) -> str:
    """Return the word at a place of a file that is not UTF-8, as it would be in the encoding that was usual before."""
    start = content.rfind(b"\n", 0, place) + 1
    words = [match for match in _WORD.finditer(content, start, place + 60) if match.start() <= place < match.end()]
    return words[0][0].decode("cp1252", "replace") if words else "?"


def _open_texts(content: bytes, name: str, error_lines: Collection[int]) -> Iterator[ReadError]:
    """Yield where a text between quotes begins that lacks its last quote, where that explains what cannot be read."""
    text = N_("A quotation mark is missing: the text that begins on this line has no end")
    for kind, end, written, _ in lexer.lex_iter(BytesIO(content)):  # type: ignore[no-untyped-call]
        is_swallowing = kind == "STRING" and end in error_lines and _SWALLOWED.search(written)
        if is_swallowing or (kind == "error" and written.startswith(b'"')):
            yield ReadError(found_at(name, end - written.count(b"\n")), phrase(text))
            return
