"""The layouts of a ledger: the law's, which come with the program, and over them what stands beside its books.

    books/main.bean
    books/layouts/balans.toml        replaces the law's balans, or extends it where it opens so:

        utgar = "lag"
        utan = ["rur"]                       # rows of the law's that are left out, and out of the sums

        [[row]]
        id = "avgifter"                      # a row of the law's: what is said here is said otherwise
        label = "Förbundsbidrag"

        [[row]]
        id = "internbank"                    # a row that the law's has not
        efter = "kassa"                      # below which row it stands; "" for the first
        label = "Koncernkonto"
        accounts = ["161"]

    books/layouts/resultat.kort.toml another presentation of resultat, that `--layout kort` asks for
    books/layouts/eget.toml          a statement of the ledger's own

`like` takes over another layout of the same books, with the rows that it names (`layout.py`). In `noter.toml` the
notes are extended as rows are, by their `key`. Files are read when a statement is asked for, every time books are
read, but for the law's, which are read once; those of other books never.
"""

import hashlib
import re
import tomllib
from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, NamedTuple

from forbundsbok.plugins.language import N_, tr
from forbundsbok.plugins.spelling import nearest
from forbundsbok.queries.layout import (
    Fault,
    Layout,
    LayoutError,
    LayoutFault,
    RowLayout,
    name_of,
    parsed_layout,
    tables,
)

LAW = "lag"
"""What asks for the law's layouts, and what a layout extends."""

FOLDER = "layouts"
"""The folder of layouts, beside the main file of books as in the program."""

NOTES = "noter"
"""The file of the notes."""

ANNUAL_REPORT = ("mal", "balanskrav", "investering", "resultat", "balans", NOTES, "kassaflode", "drift")
"""The statements of the annual report, in printed order; those of the ledger's own come last."""


class OwnFiles(NamedTuple):
    """The layouts that stand beside the books: how many, and the check sum of them all."""

    folder: Path
    files: int
    digest: str


@dataclass(frozen=True)
class _File:
    """A layout as it stands in its file."""

    path: Path
    text: str
    raw: dict[str, Any]

    def at(self, fault: Fault) -> LayoutFault:
        """Return what is wrong, with file and line."""
        return LayoutFault(str(self.path.absolute()), self._line(fault), fault.message)

    def _line(self, fault: Fault) -> int:
        at, end = 0, len(self.text)
        for name in fault.names:
            if isinstance(name, int):
                headers = list(re.compile(r"^\s*\[\[(?:\w+\.)?row\]\]", re.MULTILINE).finditer(self.text, at, end))
                at, end = self._table(headers[name].end()) if name < len(headers) else (at, end)
            elif named := re.compile(rf'\b(?:id|key)\s*=\s*"{re.escape(name)}"').search(self.text, at, end):
                at, end = self._table(named.start())
        if fault.key and (said := re.compile(rf"\b{re.escape(fault.key)}\s*=").search(self.text, at, end)):
            at = said.start()
        return self.text.count("\n", 0, at) + 1

    def _table(self, at: int) -> tuple[int, int]:
        """Return where the table begins and ends that a place stands in."""
        line = self.text.rfind("\n", 0, at) + 1
        if "{" in self.text[line:at]:
            return line, self.text.find("\n", at) % (len(self.text) + 1)
        headers = list(re.finditer(r"^\[\[(.+?)\]\]", self.text, re.MULTILINE))
        own = max((each for each in headers if each.start() <= at), key=lambda each: each.start(), default=None)
        if own is None:
            return line, len(self.text)
        later = (each.start() for each in headers if each.start() > at and not each[1].startswith(f"{own[1]}."))
        return own.start(), min(later, default=len(self.text))


@dataclass(frozen=True)
class Layouts:
    """The layouts of some books; the law's alone where there is no folder of their own."""

    folder: Path | None = None

    @property
    def law(self) -> "Layouts":
        """The law's."""
        return _law()

    @cached_property
    def own(self) -> OwnFiles | None:
        """The files beside the books; None where there are none."""
        paths = self._paths
        digest = hashlib.sha256()
        for path in paths:
            digest.update(f"{path.name}\n{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
        return OwnFiles(self.folder, len(paths), digest.hexdigest()) if self.folder and paths else None

    @property
    def names(self) -> tuple[str, ...]:
        """The statements that there are, in printed order, the notes as one. Raises LayoutError."""
        single = [name for name in self._read.layouts if "." not in name and name not in ANNUAL_REPORT]
        return (*ANNUAL_REPORT, *sorted(single))

    def others(self, name: str) -> tuple[str, ...]:
        """Return the other layouts that a statement has: `lag`, `kort` for resultat.kort.toml. Raises LayoutError."""
        own = (other.partition(".") for other in self._read.layouts)
        return (*sorted(end for start, _, end in own if start == name and end), LAW)

    def layout(self, name: str) -> Layout:
        """Return a layout by file name without ending. Raises LayoutError."""
        return self._read.layouts[name]

    @property
    def notes(self) -> tuple[Layout, ...]:
        """The layouts of the notes, in order. Raises LayoutError."""
        return self._read.notes

    def row(self, named: str) -> tuple[Layout, RowLayout]:
        """Return the row that another layout names, `balans.fordringar`, and its layout. Raises LayoutError."""
        name, row_id = named.split(".")
        layout = self.layout(name)
        return layout, layout.row_of(row_id)

    @property
    def _paths(self) -> list[Path]:
        return sorted(self.folder.glob("*.toml")) if self.folder else []

    @cached_property
    def _read(self) -> "_Read":
        return _together(self.folder, self._paths) if self._paths else _law_alone()


@cache
def _law() -> Layouts:
    """Return the law's layouts, which are the same for all books."""
    return Layouts()


@cache
def _law_files() -> "Mapping[str, _File]":
    """Return the law's files, which no books change."""
    return _Reader(None).files(sorted((Path(__file__).parent / FOLDER).glob("*.toml")))


@cache
def _law_alone() -> "_Read":
    return _together(None, ())


def _together(folder: Path | None, own: Iterable[Path]) -> "_Read":
    """Return what the law's files and some others say together. Raises LayoutError."""
    reader = _Reader(folder)
    read = reader.read(_law_files(), reader.files(own))
    if reader.told:
        raise LayoutError(sorted(reader.told))
    return read


class _Read(NamedTuple):
    """The layouts that files hold: by file name without ending, and the notes in order."""

    layouts: Mapping[str, Layout]
    notes: tuple[Layout, ...]


class _Reader:
    """Reads the layouts of some books; `told` is what is wrong in all of them."""

    def __init__(self, folder: Path | None) -> None:
        self.told: list[LayoutFault] = []
        self._own = folder

    def files(self, paths: Iterable[Path]) -> dict[str, _File]:
        """Return the files that can be read, by name without ending."""
        files = {}
        for path in paths:
            try:
                text = path.read_text(encoding="utf-8")
                files[path.stem] = _File(path, text, tomllib.loads(text))
            except tomllib.TOMLDecodeError as error:
                line, why = _in_words(str(error))
                self.told.append(LayoutFault(str(path.absolute()), line, why))
            except UnicodeDecodeError as error:
                line = error.object.count(b"\n", 0, error.start) + 1
                why = tr("it is not in UTF-8: save it as UTF-8")
                self.told.append(LayoutFault(str(path.absolute()), line, why))
        return files

    def read(self, law: Mapping[str, _File], own: Mapping[str, _File]) -> _Read:
        """Return what the law's files and those beside the books say together."""
        for name, file in own.items():
            first = name.split(".")[0]
            near = None if first in law else nearest(first, law)
            if near:
                text = N_("there is no statement {name}: {near} is one")
                self._tell(file, Fault((), "", tr(text, name=first, near=near)))
        merged = {name: own.get(name) or law[name] for name in (*law, *own)}
        raw = {name: self._whole(name, merged, law) for name in merged}
        layouts = {}
        notes: list[Layout] = []
        for name, file in merged.items():
            if name == NOTES:
                read = [self._parsed(file, note) for note in tables(raw[name], "note")]
                notes = [note for note in read if note]
            elif layout := self._parsed(file, raw[name]):
                layouts[name] = layout
        if not self.told:
            self._hold_together(merged, layouts, notes)
        return _Read(layouts, tuple(notes))

    def _parsed(self, file: _File, raw: Mapping[str, Any]) -> Layout | None:
        faults: list[Fault] = []
        layout = parsed_layout(raw, faults)
        if file.path.stem == NOTES and not raw.get("key"):
            faults.append(Fault((), "note", tr("a note lacks its key")))
        for fault in faults:
            self._tell(file, fault)
        return layout

    def _tell(self, file: _File, fault: Fault) -> None:
        if (told := file.at(fault)) not in self.told:
            self.told.append(told)

    def _whole(self, name: str, files: Mapping[str, _File], law: Mapping[str, _File]) -> dict[str, Any]:
        """Return what a file says with what it takes over from another."""
        file = files[name]
        raw = deepcopy(file.raw)
        if "utgar" in raw:
            if raw.pop("utgar") != LAW:
                self._tell(file, Fault((), "utgar", tr('a layout goes out from the law\'s: utgar = "{law}"', law=LAW)))
            base = law.get(name.split(".")[0])
            if base is None:
                self._tell(file, Fault((), "utgar", tr("the law has no statement {name}", name=name)))
            elif base is not file:
                return self._extended(file, self._whole(base.path.stem, law, law), raw, ())
        elif "utan" in raw:
            self._tell(file, Fault((), "utan", tr('only a layout with utgar = "{law}" leaves rows out', law=LAW)))
        if "like" not in raw:
            return raw
        like = raw.pop("like")
        if like not in files or files[like] is file:
            self._tell(file, Fault((), "like", tr("there is no layout {name}", name=like)))
            return raw
        whole = self._whole(like, files, law)
        rows = {name_of(row): row for row in tables(whole, "row")}
        for place, row in enumerate(tables(raw, "row")):
            if taken := row.pop("like", None):
                if taken not in rows:
                    text = N_("{name} has no row {row}")
                    self._tell(file, Fault((), "like", tr(text, name=like, row=taken)))
                raw["row"][place] = rows.get(taken, {}) | row
        return whole | raw

    def _extended(
        self, file: _File, base: dict[str, Any], own: dict[str, Any], names: tuple[str, ...]
    ) -> dict[str, Any]:
        """Return the tables of the law's with those of the ledger's own in them, by name."""
        left_out = own.pop("utan", [])
        whole = base | {key: value for key, value in own.items() if key == "footnote" or not tables(own, key)}
        for key in ("row", "column", "note"):
            parts = tables(base, key)
            for part in tables(own, key):
                self._place(file, parts, part, names)
            if parts:
                whole[key] = parts
        known = {name_of(part) for key in ("row", "note") for part in tables(whole, key)}
        for name in left_out:
            if name not in known:
                text = N_('"{name}" is left out, and is nothing that the law\'s has')
                self._tell(file, Fault(names, "utan", tr(text, name=name)))
        for key in ("row", "note"):
            if parts := tables(whole, key):
                whole[key] = [part for part in parts if name_of(part) not in left_out]
        for row in tables(whole, "row"):
            if "sum" in row:
                row["sum"] = [part for part in row["sum"] if part not in left_out]
        return whole

    def _place(self, file: _File, parts: list[dict[str, Any]], part: dict[str, Any], names: tuple[str, ...]) -> None:
        """Enter a table of the ledger's own among the law's: over that of its name, or below the one that it says."""
        name = name_of(part)
        below = part.pop("efter", None)
        at = next((place for place, other in enumerate(parts) if name_of(other) == name), None)
        if at is None:
            new = part
            if below is None:
                text = N_('"{name}" is none of the law\'s: a new one says below which it stands, efter = "..."')
                self._tell(file, Fault((*names, name), "", tr(text, name=name)))
                return
        else:
            new = self._extended(file, parts[at], part, (*names, name))
            if below is None:
                parts[at] = new
                return
            del parts[at]
        place = next((place for place, other in enumerate(parts) if name_of(other) == below), None)
        if place is None and below != "":
            text = N_('"{name}" stands below "{other}", and there is no such one')
            self._tell(file, Fault((*names, name), "efter", tr(text, name=name, other=below)))
        parts.insert(0 if place is None else place + 1, new)

    def _hold_together(
        self, files: Mapping[str, _File], layouts: Mapping[str, Layout], notes: Iterable[Layout]
    ) -> None:
        """Tell of the rows that name a row of another layout, which that has not."""
        for name, layout in (*layouts.items(), *((NOTES, note) for note in notes)):
            for row in layout.row:
                for key, named in (*(("change", each) for each in row.change), ("equals", row.equals)):
                    other, _, other_row = named.partition(".")
                    ids = [each.id for each in layouts[other].row] if other in layouts else []
                    if not named or other_row in ids:
                        continue
                    text = N_('row "{row}" names {other}, and there is no such row')
                    at, fault = files[name], Fault((layout.key, row.id) if layout.key else (row.id,), key, "")
                    if other in files and at.path.parent != files[other].path.parent == self._own:
                        text = N_("the law's {name} is held against the row {other}, which is not here")
                        at, fault = files[other], Fault((), "", "")
                    self._tell(at, fault._replace(message=tr(text, row=row.id, name=name, other=named)))


_AT_LINE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")

_TOML = {
    "Expected '=' after a key": N_('a key is followed by =, as in   id = "intakter"'),
    "Invalid value": N_("what stands after = is no value: a text stands between quotation marks"),
    "Unclosed array": N_("a list lacks its ]"),
    "Unclosed inline table": N_("a table lacks its }}"),
    "Unterminated string": N_("a text lacks its last quotation mark"),
    "Illegal character": N_("a text lacks its last quotation mark, or holds a character that may not stand there"),
    "Cannot overwrite a value": N_("the same key stands twice in one table"),
    "Duplicate inline table key": N_("the same key stands twice in one table"),
    "Expected newline or end of document": N_("something stands after the value, on the same line"),
    "Expected ']": N_("a heading is written [[row]], with as many ] as ["),
    "Invalid statement": N_("the line is none of TOML: write   key = value   or [[row]]"),
}
"""What Python says of a file that is no TOML, by how it begins."""


def _in_words(error: str) -> tuple[int, str]:
    """Return the line of an error of TOML, 0 for none, and what it says."""
    at = _AT_LINE.search(error)
    told = next((text for start, text in _TOML.items() if error.startswith(start)), None)
    line = int(at[1]) if at and at[1] else 0
    return line, tr(told) if told else tr("it is no TOML file: {why}", why=error)
