"""Printed figures: what the annual report prints, row by row, from the books or from a CSV file.

table,row,note,column,tkr
3.1,Verksamhetens intäkter,1,2024,43028
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from forbundsbok.queries.statement import Statement


class Key(NamedTuple):
    """Where a figure stands: the printed number of its statement, the labels of its row and column."""

    table: str
    row: str
    column: str


class Figure(NamedTuple):
    """A printed figure in tkr, signed as printed, and the note that its row refers to."""

    key: Key
    note: str
    tkr: int


class Contradiction(NamedTuple):
    """A figure that others in the same report contradict: as printed, and as they require, in tkr."""

    key: Key
    printed: int
    required: int
    reason: str


class CsvError(Exception):
    """A CSV file that cannot be read, with its line."""


def figures_of(statements: Iterable[Statement]) -> Iterator[Figure]:
    """Yield the figures that the annual report prints of some statements, in its order."""
    for statement in statements:
        for row in statement.rows:
            for column in statement.columns:
                figure = row.figures.get(column.key)
                if row.printed and column.printed and figure is not None:
                    key = Key(statement.table, row.label, row.column or column.label)
                    yield Figure(key, row.note, figure.tkr)


def figures_csv(figures: Iterable[Figure]) -> str:
    """Return the figures as CSV: table, row, note, column, tkr."""
    rows = ((*figure.key[:2], figure.note, figure.key.column, figure.tkr) for figure in figures)
    return csv_text(("table", "row", "note", "column", "tkr"), rows)


def csv_text(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a CSV text, its lines ended by a plain newline."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return text.getvalue()


def read_figures(path: Path) -> dict[Key, int]:
    """Return the figures of a CSV file in tkr. Raises CsvError with the line that cannot be read."""
    figures: dict[Key, int] = {}
    for line, (table, row, _, column, tkr) in _lines(path, ("table", "row", "note", "column", "tkr")):
        key = Key(table, row, column)
        if key in figures:
            raise CsvError(f"{path}:{line}: {table} {row}, {column} stands in the file before")
        figures[key] = _whole(tkr, "tkr", path, line)
    return figures


def read_contradictions(path: Path) -> dict[Key, Contradiction]:
    """Return the known contradictions of a CSV file. Raises CsvError with the line that cannot be read."""
    found: dict[Key, Contradiction] = {}
    for line, (table, row, column, printed, required, reason) in _lines(
        path, ("table", "row", "column", "printed", "required", "reason")
    ):
        key = Key(table, row, column)
        if key in found:
            raise CsvError(f"{path}:{line}: {table} {row}, {column} stands in the file before")
        if not reason:
            raise CsvError(f"{path}:{line}: {table} {row}, {column} has no reason")
        values = (_whole(printed, "printed", path, line), _whole(required, "required", path, line))
        found[key] = Contradiction(key, *values, reason)
    return found


def _lines(path: Path, head: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows below the head with the line that each ends on."""
    try:
        # utf-8-sig: spreadsheets write a byte order mark.
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise CsvError(f"{path}:{line}: is not in UTF-8; save it as CSV UTF-8") from None
    reader = csv.reader(io.StringIO(text), strict=True)
    try:
        found = next(reader, [])
        if found != list(head):
            raise CsvError(f"{path}:1: the columns must be {','.join(head)}, found: {','.join(found) or 'nothing'}")
        for cells in reader:
            if len(cells) != len(head):
                raise CsvError(f"{path}:{reader.line_num}: {len(cells)} columns, {len(head)} expected")
            yield reader.line_num, cells
    except csv.Error as error:
        raise CsvError(f"{path}:{reader.line_num}: {error}") from None


def _whole(text: str, column: str, path: Path, line: int) -> int:
    if not re.fullmatch("-?[0-9]+", text):
        raise CsvError(f'{path}:{line}: {column} is "{text}"; write whole thousands, such as -1367')
    return int(text)
