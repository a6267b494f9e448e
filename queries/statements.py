"""Statements from books, each proven before it is handed out: the door that all others use.

books = load(Path("ledger/main.bean"))
statement(books, "resultat", Period(2024), Period(2023), unit="NAV")
statements(books, Period(2024), Period(2023))          # the whole annual report
"""

from dataclasses import dataclass

from plugins.provisions import Provision
from queries.books import Books
from queries.builder import Builder, Request
from queries.layout import ANNUAL_REPORT, Layout, layouts_of, read_layout, read_notes
from queries.proofs import StatementError, prove
from queries.statement import Period, Statement

__all__ = ["StatementError", "statement", "statement_names", "statements"]


@dataclass(frozen=True)
class Note:
    """A note of the report: its number, its layout, and the unit or provision that it is about."""

    number: int
    layout: Layout
    unit: str = ""
    provision: Provision | None = None

    @property
    def name(self) -> str:
        """What the shell calls it: `not-7`, `not-20-e20`."""
        return f"not-{self.number}" + (f"-{self.provision.code.lower()}" if self.provision else "")


def statement(
    books: Books,
    name: str,
    period: Period,
    compare: Period | None,
    unit: str = "",
    layout: str = "",
    language: str = "sv",
) -> Statement:
    """Return one statement, proven.

    `name` is one of `statement_names`, `unit` a unit's code or empty for the federation, `layout` another
    presentation of the statement ("lkbr"), `language` that of the labels, "sv" or "en".
    Raises StatementError for what there is not, saying what there is, and for a proof that fails.
    """
    notes = {note.name: note for note in numbered_notes(books)}
    _check_request(books, name, period, compare, unit)
    if layout and layout not in layouts_of(name):
        raise StatementError(f"{name} has no layout {layout}; there are {', '.join(layouts_of(name)) or 'no others'}")
    note = notes.get(name)
    chosen = note.layout if note else read_layout(f"{name}.{layout}" if layout else name)
    if unit and "unit" not in chosen.scopes:
        raise StatementError(f"{name} is not made for a single unit, only for the whole federation")
    request = Request(
        name=name,
        period=period,
        compare=compare,
        language=language,
        unit=note.unit if note else unit,
        provision=note.provision if note else None,
        notes={(other.layout.key, other.unit): str(other.number) for other in notes.values()},
    )
    builder = Builder(books, chosen, request)
    prove(builder)
    return builder.statement()


def statements(books: Books, period: Period, compare: Period | None, language: str = "sv") -> list[Statement]:
    """Return the statements of the annual report, in printed order. Raises StatementError as `statement` does."""
    made = []
    for name in statement_names(books):
        made.append(statement(books, name, period, compare, language=language))
        if name == "resultat":
            made += [statement(books, name, period, compare, unit, language=language) for unit in books.units]
    return made


def statement_names(books: Books) -> list[str]:
    """Return the names of the statements of the annual report, in printed order."""
    notes = [note.name for note in numbered_notes(books)]
    return [name for listed in ANNUAL_REPORT for name in (notes if listed == "noter" else [listed])]


def numbered_notes(books: Books) -> list[Note]:
    """Return the notes with their numbers: in the layouts' order, that of fees once for each unit that has some."""
    notes: list[Note] = []
    for layout in read_notes():
        last = notes[-1].number if notes else 0
        if layout.each == "unit":
            units = [unit for unit in books.units if _has_accounts(books, layout, unit)]
            notes += [Note(last + index, layout, unit) for index, unit in enumerate(units, start=1)]
        elif layout.each == "indexed-provision":
            number = next(note.number for note in notes if note.layout.key == layout.part_of)
            indexed = [item for item in books.provisions if any(kind == "Index" for kind, _ in item.plan)]
            notes += [Note(number, layout, provision=provision) for provision in indexed]
        else:
            notes.append(Note(last + 1, layout))
    return notes


def _has_accounts(books: Books, layout: Layout, unit: str) -> bool:
    of_unit = books.of("unit", unit)
    return any(bool((books.matching(taken) & of_unit).any()) for row in layout.row for taken in row.accounts)


def _check_request(books: Books, name: str, period: Period, compare: Period | None, unit: str) -> None:
    names = statement_names(books)
    if name not in names:
        raise StatementError(f"there is no statement {name}; there are {', '.join(names)}")
    if unit and unit not in books.units:
        raise StatementError(f"there is no unit {unit}; there are {', '.join(books.units)}")
    for asked in (period, compare):
        if asked is not None and asked.year not in books.years:
            there_are = ", ".join(str(year) for year in books.years) or "none"
            raise StatementError(
                f"the ledger has no income or expenses in {asked.year}; the years that it has: {there_are}"
            )
