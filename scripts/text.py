"""A statement as text, set as the annual report prints it.

    3.1.9 Resultaträkning Navet science center
    Tkr                                2024     2023
      Verksamhetens intäkter         15 965   15 730
      Verksamhetens kostnader       -25 561  -24 209
    Verksamhetens nettokostnader    -10 192   -8 952

What is summed is indented, sums stand out to the left, and in bold on a terminal.
"""

from collections.abc import Sequence

import click

from forbundsbok.queries.statement import Column, Row, Statement, grouped
from forbundsbok.scripts.numbers import kronor
from forbundsbok.scripts.words import word

INDENT = {"heading": 0, "sum": 0, "line": 2, "memo": 4}
GAP = "  "


def heading(statement: Statement, language: str = "sv") -> str:
    """Return number and title: `3.1.9 Resultaträkning Navet science center`, `Not 7 Medlemsavgifter, BRB`."""
    number = statement.table
    if number.startswith("not-"):
        number = f"{word(language, 'note')} {number.removeprefix('not-')}"
    return f"{number.capitalize()} {statement.title}"


def as_text(statement: Statement, *, in_kronor: bool = False, language: str = "sv") -> str:
    """Return the statement in tkr, or in kronor with öre. Styled: plain after `click.unstyle`."""
    labels = _aligned([" " * INDENT[row.kind] + row.label for row in statement.rows], word(language, _unit(in_kronor)))
    columns = [
        _aligned([_figure(row, column.key, in_kronor, language) for row in statement.rows], _head(column), right=True)
        for column in statement.columns
    ]
    notes = []
    if any(row.note for row in statement.rows):
        notes.append(_aligned([row.note for row in statement.rows], word(language, "note"), right=True))
    head, *body = [GAP.join(cells) for cells in zip(labels, *columns, *notes, strict=True)]

    lines = [click.style(heading(statement, language), bold=True), head.rstrip()]
    for row, cells in zip(statement.rows, body, strict=True):
        line = f"{cells}{GAP}{row.remark}".rstrip()
        lines.append(click.style(line, bold=True) if row.kind in ("sum", "heading") else line)
    if statement.footnotes:
        lines += ["", *statement.footnotes]
    return "\n".join(lines) + "\n"


def _head(column: Column) -> str:
    return column.label[:1].upper() + column.label[1:]


def _unit(in_kronor: bool) -> str:
    return "kr" if in_kronor else "tkr"


def _figure(row: Row, key: str, in_kronor: bool, language: str) -> str:
    figure = row.figures.get(key)
    if figure is None:
        return ""
    return kronor(figure.kronor, language) if in_kronor else grouped(figure.tkr)


def _aligned(cells: Sequence[str], head: str, *, right: bool = False) -> list[str]:
    """Return the head and the cells below it, all as wide as the widest."""
    column = [head, *cells]
    width = max(map(len, column))
    return [cell.rjust(width) if right else cell.ljust(width) for cell in column]
