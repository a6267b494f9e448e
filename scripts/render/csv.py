"""Statements and printed figures as CSV, written and read.

table,row,note,column,tkr
3.1,Verksamhetens intäkter,1,2024,43028

A spreadsheet takes a text that begins with = + - or @ for a formula, whatever quotes it stands in. Such a text has an
apostrophe before it, as a spreadsheet writes what is a text; one that begins with apostrophes and such a sign has one
more. Read here, it is what it was. Numbers are written as they are.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from forbundsbok.plugins.language import N_, tr
from forbundsbok.plugins.ledger_text import cleaned_text
from forbundsbok.plugins.refusal import RefusalError
from forbundsbok.queries.comparison import Contradiction, FigureKey, PrintedFigure, figures_of
from forbundsbok.queries.report import AnnualReport
from forbundsbok.queries.statement import Statement

_DECIMAL = re.compile(r"-?[0-9]+\.[0-9]+")
_NUMBER = re.compile(r"-?[0-9]+([.,][0-9]+)?")
_FORMULA = re.compile(r"'*[=+@\t\r-]")
_MARKED = re.compile(r"''*[=+@\t\r-]")


class CsvError(RefusalError):
    """A CSV file that cannot be read, with its line."""


def csv_files(report: AnnualReport) -> dict[str, str]:
    """Return figures.csv in tkr, as printed, and a file in unrounded kronor for every statement."""
    files = {"figures.csv": figures_csv(figures_of(report.statements))}
    return files | {f"{statement.full_name}.csv": kronor_csv(statement) for statement in report.statements}


def kronor_csv(statement: Statement) -> str:
    """Return a statement as CSV in kronor with öre: row, note, and a column for each of its own."""
    rows = (
        [
            row.label,
            row.note,
            *(str(row.figures[key].kronor) if key in row.figures else row.texts.get(key, "") for key in keys),
        ]
        for keys in [[column.key for column in statement.columns]]
        for row in statement.rows
    )
    return csv_text(["row", "note", *(column.label for column in statement.columns)], rows)


def figures_csv(figures: Iterable[PrintedFigure]) -> str:
    """Return the figures as CSV: table, row, note, column, tkr."""
    rows = ((*figure.key[:2], figure.note, figure.key.column, figure.tkr) for figure in figures)
    return csv_text(("table", "row", "note", "column", "tkr"), rows)


def csv_text(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a CSV text, its lines ended by a plain newline."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for row in (head, *rows):
        writer.writerow(as_text(cleaned_text(str(cell))) for cell in row)
    return text.getvalue()


def as_text(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula: marked by an apostrophe where it begins like one."""
    return f"'{cell}" if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell) else cell


def read_text(cell: str) -> str:
    """Return what a cell was before `as_text`."""
    return cell[1:] if _MARKED.match(cell) else cell


def swedish_csv(text: str) -> str:
    """Return a CSV text as spreadsheets in Swedish open it: semicolons, decimal commas, a byte order mark."""
    swedish = io.StringIO()
    writer = csv.writer(swedish, delimiter=";", lineterminator="\n")
    for cells in csv.reader(io.StringIO(text)):
        writer.writerow(cell.replace(".", ",") if _DECIMAL.fullmatch(cell) else cell for cell in cells)
    return f"\ufeff{swedish.getvalue()}"


def read_figures(path: Path) -> dict[FigureKey, int]:
    """Return the figures of a CSV file in tkr. Raises CsvError with the line that cannot be read."""
    figures: dict[FigureKey, int] = {}
    for line, (table, row, _, column, tkr) in _lines(path, ("table", "row", "note", "column", "tkr")):
        key = FigureKey(table, row, column)
        if key in figures:
            raise CsvError(_twice(path, line, key))
        figures[key] = _whole(tkr, "tkr", path, line)
    return figures


def read_contradictions(path: Path) -> dict[FigureKey, Contradiction]:
    """Return the known contradictions of a CSV file. Raises CsvError with the line that cannot be read."""
    known: dict[FigureKey, Contradiction] = {}
    for line, (table, row, column, printed, required, reason) in _lines(
        path, ("table", "row", "column", "printed", "required", "reason")
    ):
        key = FigureKey(table, row, column)
        if key in known:
            raise CsvError(_twice(path, line, key))
        if not reason:
            raise CsvError(tr("{place}: {figure} has no reason", place=f"{path}:{line}", figure=_told(key)))
        values = (_whole(printed, "printed", path, line), _whole(required, "required", path, line))
        known[key] = Contradiction(key, *values, reason)
    return known


def _lines(path: Path, head: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows below the head with the line that each ends on."""
    try:
        # utf-8-sig: spreadsheets write a byte order mark.
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise CsvError(tr("{place}: is not in UTF-8; save it as CSV UTF-8", place=f"{path}:{line}")) from None
    reader = csv.reader(io.StringIO(text), strict=True)
    try:
        names = next(reader, [])
        if names != list(head):
            text = N_("{place}: the columns must be {columns}, found: {found}")
            there = ",".join(names) or tr("none")
            raise CsvError(tr(text, place=f"{path}:1", columns=",".join(head), found=there))
        for cells in reader:
            if len(cells) != len(head):
                text = N_("{place}: {count} columns, {expected} expected")
                place = f"{path}:{reader.line_num}"
                raise CsvError(tr(text, place=place, count=len(cells), expected=len(head)))
            yield reader.line_num, [read_text(cell) for cell in cells]
    except csv.Error as error:
        place = f"{path}:{reader.line_num}"
        raise CsvError(tr("{place}: no CSV ({why})", place=place, why=error)) from None


def _whole(text: str, column: str, path: Path, line: int) -> int:
    if not re.fullmatch("-?[0-9]+", text):
        wrong = N_('{place}: {column} is "{found}"; write whole thousands, such as -1367')
        raise CsvError(tr(wrong, place=f"{path}:{line}", column=column, found=text))
    return int(text)


def _twice(path: Path, line: int, key: FigureKey) -> str:
    return tr("{place}: {figure} stands in the file before", place=f"{path}:{line}", figure=_told(key))


def _told(key: FigureKey) -> str:
    return f"{key.table} {key.row}, {key.column}"
