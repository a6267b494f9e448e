"""Printed figures against those of the books.

    3.1.9 Resultaträkning Navet science center
                            tryckt  böckerna
      Årets resultat, 2024  -1 367    -1 366
        känd motsägelse: ...

    764 av 768 siffror stämmer, 4 skiljer sig, varav 4 kända motsägelser

A known contradiction is one that a file lists with both figures and the reason. It must list what
is so: an entry whose figure no longer differs, or differs otherwise, is itself a fault.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

import click

from forbundsbok.queries.statement import grouped
from forbundsbok.scripts.figures import Contradiction, Key
from forbundsbok.scripts.text import GAP
from forbundsbok.scripts.words import word


@dataclass(frozen=True)
class Difference:
    """A figure in tkr as printed and as in the books, None where one lacks it; `reason` when it is known."""

    key: Key
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


def compare(
    printed: Mapping[Key, int], booked: Mapping[Key, int], known: Mapping[Key, Contradiction] | None = None
) -> Comparison:
    """Compare figures in tkr. Differences come in the order of the books, what the books lack last."""
    known = known or {}
    differences = []
    stale = []
    for key in dict.fromkeys([*booked, *printed, *known]):
        found = Difference(key, printed.get(key), booked.get(key))
        entry = known.get(key)
        if entry and (found.printed, found.booked) == (entry.printed, entry.required) and found.printed != found.booked:
            differences.append(Difference(key, found.printed, found.booked, entry.reason))
            continue
        if entry:
            stale.append((entry, found))
        if found.printed != found.booked:
            differences.append(found)
    agreeing = sum(booked.get(key) == value for key, value in printed.items())
    return Comparison(len(printed), agreeing, tuple(differences), tuple(stale))


def as_text(comparison: Comparison, titles: Mapping[str, str], known_file: str = "", language: str = "sv") -> str:
    """Return the differences by statement and the count, styled. `titles` are the statements' by table."""
    blocks = [
        _block(titles.get(table, table), list(differences), language)
        for table, differences in groupby(comparison.differences, lambda difference: difference.key.table)
    ]
    if comparison.stale:
        head = click.style(word(language, "stale", file=known_file), bold=True)
        blocks.append("\n".join([head, *(f"  {_stale(*pair, language)}" for pair in comparison.stale)]))
    return "\n\n".join([*blocks, _count(comparison, language)]) + "\n"


def _block(title: str, differences: list[Difference], language: str) -> str:
    """Return the differences of a statement as a table, known ones with their reason below, others in red."""
    cells = [("", word(language, "in file"), word(language, "in books"))]
    for each in differences:
        label = f"  {each.key.row}, {each.key.column}"
        cells.append((label, _shown(each.printed, language), _shown(each.booked, language)))
    label_width, *widths = (max(map(len, column)) for column in zip(*cells, strict=True))
    head, *rows = [GAP.join([label.ljust(label_width), *map(str.rjust, figures, widths)]) for label, *figures in cells]
    lines = [click.style(title, bold=True), head]
    for each, row in zip(differences, rows, strict=True):
        if each.reason:
            lines += [row, f"    {word(language, 'known')}: {each.reason}"]
        else:
            lines.append(click.style(row, fg="red"))
    return "\n".join(lines)


def _stale(entry: Contradiction, found: Difference, language: str) -> str:
    if found.printed is not None and found.printed == found.booked:
        why = word(language, "no longer differs")
    else:
        why = word(
            language,
            "other figures",
            printed=grouped(entry.printed),
            required=grouped(entry.required),
            file=_shown(found.printed, language),
            books=_shown(found.booked, language),
        )
    return f"{entry.key.table} {entry.key.row}, {entry.key.column}: {why}"


def _count(comparison: Comparison, language: str) -> str:
    parts = [word(language, "agree", agreeing=grouped(comparison.agreeing), figures=grouped(comparison.figures))]
    if differing := comparison.figures - comparison.agreeing:
        parts.append(word(language, "differ", count=grouped(differing)))
    if known := len(comparison.differences) - len(comparison.unknown):
        parts.append(word(language, "of which known", count=grouped(known)))
    if lacking := sum(difference.printed is None for difference in comparison.differences):
        parts.append(word(language, "not in file", count=grouped(lacking)))
    return ", ".join(parts)


def _shown(figure: int | None, language: str) -> str:
    return word(language, "missing") if figure is None else grouped(figure)
