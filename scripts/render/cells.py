"""Cells of a workbook: formulas with their values, links, references, and lists of them.

    cell(4, 2, "Saldon")              Saldon!C5
    sum_of([4, 5, 6, 9], 2, "Saldon") SUM(Saldon!C5:C7,Saldon!C10)

Rows and columns are counted from 0, as they are written.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

LONGEST_NAME = 31
"""What a sheet may be called at most."""

MOST_ARGUMENTS = 250
"""A function takes five more."""

HEAD = 4
"""The row of every sheet on which its columns are named; what it holds begins on the next."""

FIRST = HEAD + 1


@dataclass(frozen=True)
class Formula:
    """A formula, and what it comes to."""

    text: str
    value: Decimal | int | str


@dataclass(frozen=True)
class Link:
    """A text that leads to a row of a sheet."""

    text: str
    sheet: str
    row: int = 0


Cell = str | date | Decimal | int | Formula | Link | None


@dataclass(frozen=True)
class Listing:
    """A sheet that is a list: what it is, what its columns are called, its rows."""

    sheet: str
    about: str
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]


class SheetNames:
    """The names of sheets that are given out: such as a workbook takes, and each once."""

    def __init__(self) -> None:
        self._given: set[str] = set()

    def give(self, wanted: str) -> str:
        """Return a name for a sheet, as near as can be to the one that is wanted."""
        plain = re.sub(r"[\[\]:*?/\\']", " ", wanted).strip() or "-"
        name, number = plain[:LONGEST_NAME], 1
        while name.casefold() in self._given:
            number += 1
            name = f"{plain[: LONGEST_NAME - 1 - len(str(number))]} {number}"
        self._given.add(name.casefold())
        return name


def letters_of(column: int) -> str:
    """Return what a workbook calls a column."""
    letters = ""
    column += 1
    while column:
        column, place = divmod(column - 1, 26)
        letters = chr(ord("A") + place) + letters
    return letters


def cell(row: int, column: int, sheet: str = "") -> str:
    """Return the reference to a cell, of another sheet where one is named."""
    return f"{of_sheet(sheet)}{letters_of(column)}{row + 1}"


def of_sheet(sheet: str) -> str:
    """Return what stands before a reference to another sheet."""
    if not sheet:
        return ""
    is_plain = sheet.isalpha() and len(sheet) > len("XFD")
    return f"{sheet}!" if is_plain else f"'{sheet}'!"


def sum_of(rows: Iterable[int], column: int, sheet: str = "") -> str:
    """Return the sum of some rows of a column; those that follow each other are one range."""
    runs: list[list[int]] = []
    for row in sorted(rows):
        if runs and row == runs[-1][1] + 1:
            runs[-1][1] = row
        else:
            runs.append([row, row])
    if len(runs) == 1 and runs[0][0] == runs[0][1]:
        return cell(runs[0][0], column, sheet)
    ranges = [cell(first, column, sheet) + (f":{cell(last, column)}" if last > first else "") for first, last in runs]
    parts = (ranges[start : start + MOST_ARGUMENTS] for start in range(0, len(ranges), MOST_ARGUMENTS))
    return "+".join(f"SUM({','.join(part)})" for part in parts)


def quoted(text: str) -> str:
    """Return a text as it stands in a formula."""
    return '"' + text.replace('"', '""') + '"'
