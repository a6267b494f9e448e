"""Printed figures against those of the books.

    printed  {("3.1.9", "Årets resultat", "2024"): -1367}
    booked   {("3.1.9", "Årets resultat", "2024"): -1366}    a difference, known or not

A known contradiction is one that a file lists with both figures and the reason. It must list what is so: an entry
whose figure no longer differs, or differs otherwise, is itself a fault.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from forbundsbok.queries.statement import Statement


class FigureKey(NamedTuple):
    """Where a figure stands: the printed number of its statement, the labels of its row and column."""

    table: str
    row: str
    column: str


class PrintedFigure(NamedTuple):
    """A printed figure in tkr, signed as printed, and the note that its row refers to."""

    key: FigureKey
    note: str
    tkr: int


class Contradiction(NamedTuple):
    """A figure that others in the same report contradict: as printed, and as they require, in tkr."""

    key: FigureKey
    printed: int
    required: int
    reason: str


@dataclass(frozen=True)
class Difference:
    """A figure in tkr as printed and as in the books, None where one lacks it; `reason` when it is known."""

    key: FigureKey
    printed: int | None
    booked: int | None
    reason: str = ""


@dataclass(frozen=True)
class Comparison:
    """What came of comparing `figures` printed figures; `stale` are known contradictions that do not hold."""

    figures: int
    agreeing: int
    differences: tuple[Difference, ...]
    stale: tuple[tuple[Contradiction, Difference], ...]

    @property
    def unknown(self) -> tuple[Difference, ...]:
        """The differences that are no known contradictions."""
        return tuple(difference for difference in self.differences if not difference.reason)


def figures_of(statements: Iterable[Statement]) -> Iterator[PrintedFigure]:
    """Yield the figures that the annual report prints of some statements, in its order."""
    for statement in statements:
        for row in statement.rows:
            for column in statement.columns:
                figure = row.figures.get(column.key)
                if row.printed and column.printed and figure is not None:
                    key = FigureKey(statement.table, row.label, row.column or column.label)
                    yield PrintedFigure(key, row.note, figure.tkr)


def compare(
    printed: Mapping[FigureKey, int],
    booked: Mapping[FigureKey, int],
    known: Mapping[FigureKey, Contradiction] | None = None,
) -> Comparison:
    """Compare figures in tkr. Differences come in the order of the books, what the books lack last."""
    known = known or {}
    differences = []
    stale = []
    for key in dict.fromkeys([*booked, *printed, *known]):
        pair = Difference(key, printed.get(key), booked.get(key))
        differs = pair.printed != pair.booked
        entry = known.get(key)
        if entry and differs and (pair.printed, pair.booked) == (entry.printed, entry.required):
            differences.append(replace(pair, reason=entry.reason))
            continue
        if entry:
            stale.append((entry, pair))
        if differs:
            differences.append(pair)
    agreeing = sum(booked.get(key) == value for key, value in printed.items())
    return Comparison(len(printed), agreeing, tuple(differences), tuple(stale))
