"""Statements from the general ledger, each proven before it is handed out: the door that all others use.

ledger = load(Path("ledger/main.bean"))
statement(ledger, "resultat", Period(2024), Period(2023), unit="RT")
statements(ledger, Period(2024), Period(2023))          # the whole annual report
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from forbundsbok.plugins.language import N_, tr, translation
from forbundsbok.plugins.provisions import Provision
from forbundsbok.queries.builder import Builder, Request, comparative
from forbundsbok.queries.general_ledger import GeneralLedger
from forbundsbok.queries.layout import Layout
from forbundsbok.queries.layout_files import LAW, NOTES
from forbundsbok.queries.proofs import StatementError, prove
from forbundsbok.queries.registers import AMOUNTS
from forbundsbok.queries.statement import Period, Statement
from forbundsbok.queries.views import OWN, View, of_year, seen, side_by_side, with_goals, with_internal

__all__ = [
    "StatementError",
    "by_unit",
    "by_year",
    "comparative",
    "statement",
    "statement_name",
    "statement_names",
    "statements",
]


@dataclass(frozen=True)
class NumberedNote:
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
    ledger: GeneralLedger,
    name: str,
    period: Period,
    compare: Period | None,
    unit: str = "",
    layout: str = "",
    language: str = "sv",
    view: View = OWN,
) -> Statement:
    """Return one statement, proven.

    `name` is what the report calls it (`resultat`, `not-7`), `unit` a unit's code or empty for the federation,
    `layout` another presentation of the statement ("lag" for the law's), `language` that of the labels, "sv" or "en",
    `view` what is to stand beside its own columns.
    Units and accounts are called what they are when the period ends, in the year to compare with too.
    Raises StatementError for what there is not, saying what there is, and for a proof that fails.
    """
    check_years(ledger, period, compare)
    ledger = _presented(ledger, layout).at(period.end)
    asked_layout, layout = layout, "" if layout == LAW else layout
    periods = tuple(filter(None, (period, compare)))
    in_use = ledger.in_use(periods)
    notes = {note.name: note for note in ledger.once(_numbered_notes, periods)}
    names = _names(ledger, notes)
    units = ledger.units_with(in_use)
    if name not in names:
        text = N_("there is no statement {name} of {period}; there are {names}")
        raise StatementError(tr(text, name=name, period=period, names=", ".join(names)))
    check_unit(unit, units, period)
    if layout and layout not in (others := ledger.layouts.others(name)):
        text = N_("{name} has no layout {layout}; there are {layouts}")
        raise StatementError(tr(text, name=name, layout=layout, layouts=", ".join(others)))
    note = notes.get(name)
    chosen = note.layout if note else ledger.layouts.layout(f"{name}.{layout}" if layout else name)
    request = Request(
        name=name,
        period=period,
        compare=compare,
        language=language,
        unit=note.unit if note else unit,
        provision=note.provision if note else None,
        notes={(other.layout.key, other.unit): str(other.number) for other in notes.values()},
        asked_layout=asked_layout,
    )
    if unit and "unit" not in chosen.scopes:
        title = Builder(ledger, chosen, replace(request, unit="")).title
        raise StatementError(tr("{title} is not made for a single unit, only for the whole federation", title=title))
    builder = Builder(ledger, seen(chosen, view), request)
    return replace(builder.statement, proofs=prove(builder))


def by_unit(ledger: GeneralLedger, name: str, period: Period, layout: str = "", language: str = "sv") -> Statement:
    """Return a statement with a column for each unit, what is internal between them, and the whole.

    Raises StatementError as `statement` does.
    """
    whole = statement(ledger, name, period, None, "", layout, language)
    units = ledger.units_with(ledger.in_use((period,)))
    made = [statement(ledger, name, period, None, unit, layout, language) for unit in units]
    columns = [of_year(each, each.unit, each.unit) for each in made]
    total = of_year(whole, "year", translation(N_("total"), language))
    base = replace(whole, title=translation(N_("{title} by unit"), language).format(title=whole.title))
    return with_internal(side_by_side(base, [*made, whole], [*columns, total]), units, language)


def by_year(
    ledger: GeneralLedger, name: str, periods: Sequence[Period], unit: str = "", layout: str = "", language: str = "sv"
) -> Statement:
    """Return a statement with a column for each period, as it is of the first; goals stand beside their years.

    Raises StatementError as `statement` does.
    """
    made = [statement(ledger, name, period, None, unit, layout, language) for period in periods]
    headings = [each.period.in_words(language, "abbreviated") for each in made]
    columns = [of_year(each, str(each.period), heading) for each, heading in zip(made, headings, strict=True)]
    layouts = _presented(ledger, layout).layouts
    goals = [column.key for column in layouts.layout(name).column if column.goal] if name in layouts.names else []
    return with_goals(side_by_side(made[0], made, columns), made, goals, language)


def statements(
    ledger: GeneralLedger,
    period: Period,
    compare: Period | None,
    language: str = "sv",
    layout: str = "",
    view: View = OWN,
) -> list[Statement]:
    """Return the statements of the annual report, in printed order; by the law where `layout` is "lag".

    Raises StatementError as `statement` does.
    """
    presented = _presented(ledger, layout)
    in_use = ledger.in_use(filter(None, (period, compare)))
    report = []
    for name in statement_names(presented, period, compare):
        units = [""]
        if not name.startswith("not-") and "unit" in presented.layouts.layout(name).scopes:
            # The own statements of a federation that is undivided would say what its statements do.
            is_undivided = len(ledger.units) == 1 and not any(unit.entry for unit in ledger.units.values())
            units += [] if is_undivided else ledger.units_with(in_use)
        report += [statement(ledger, name, period, compare, unit, layout, language, view) for unit in units]
    return report


def statement_names(ledger: GeneralLedger, period: Period, compare: Period | None, layout: str = "") -> list[str]:
    """Return what the statements of the annual report are called, in printed order. Raises StatementError."""
    check_years(ledger, period, compare)
    ledger = _presented(ledger, layout).at(period.end)
    periods = tuple(filter(None, (period, compare)))
    return _names(ledger, (note.name for note in ledger.once(_numbered_notes, periods)))


def _presented(ledger: GeneralLedger, layout: str) -> GeneralLedger:
    """Return the books with the layouts that are asked for."""
    return ledger.by_law if layout == LAW else ledger


def statement_name(asked: str, names: Sequence[str]) -> str:
    """Return the name that is meant: capitals, dots over letters and a longer word do not matter (`Balansräkning`)."""
    wanted = _folded(asked)
    for meant in (
        [name for name in names if name == wanted],
        [name for name in names if wanted.startswith(name) and not name.startswith("not-")],
    ):
        if len(meant) == 1:
            return meant[0]
    return asked


def _folded(text: str) -> str:
    letters = unicodedata.normalize("NFD", text.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).replace(" ", "-")


def _names(ledger: GeneralLedger, notes: Iterable[str]) -> list[str]:
    """Return the names of the statements of the annual report, in printed order."""
    return [name for listed in ledger.layouts.names for name in (notes if listed == NOTES else [listed])]


def _numbered_notes(ledger: GeneralLedger, periods: tuple[Period, ...]) -> list[NumberedNote]:
    """Return the notes with their numbers: each that has accounts in use, or of which registers tell; fees by unit."""
    in_use = ledger.in_use(periods)
    notes: list[NumberedNote] = []
    for layout in ledger.layouts.notes:
        last = notes[-1].number if notes else 0
        taken = ledger.matching_any(chosen for row in layout.row for chosen in row.accounts) & in_use
        registered = any(
            ledger.registers().amounts(row.register, each)
            for row in layout.row
            for each in periods
            if row.register in AMOUNTS
        )
        if layout.each == "unit":
            notes += [
                NumberedNote(last + index, layout, unit) for index, unit in enumerate(ledger.units_with(taken), start=1)
            ]
        elif layout.each in ("provision", "indexed-provision"):
            indexed = [item for item in ledger.provisions if any(kind == "Index" for kind, _ in item.plan)]
            about = ledger.provisions if layout.each == "provision" else indexed
            whole = [note.number for note in notes if note.layout.key == layout.part_of]
            notes += [NumberedNote(number, layout, provision=provision) for number in whole for provision in about]
        elif taken.any() or registered:
            notes.append(NumberedNote(last + 1, layout))
    return notes


def check_unit(unit: str, units: Iterable[str], period: Period) -> None:
    """Raise StatementError for a unit that is none of those there are."""
    if unit and unit not in units:
        text = N_("there is no unit {unit} in {period}; there are {units}")
        raise StatementError(tr(text, unit=unit, period=period, units=", ".join(units)))


def check_years(ledger: GeneralLedger, period: Period, compare: Period | None) -> None:
    """Raise StatementError for a year that the books do not have, and for one that stands beside itself."""
    if period == compare:
        raise StatementError(tr("{period} cannot be compared with itself", period=period))
    for asked in (period, compare):
        if asked is not None and asked.year not in ledger.years:
            text = N_("nothing is booked in {year}; the years of the books: {years}")
            there_are = ", ".join(map(str, ledger.years)) or tr("none")
            raise StatementError(tr(text, year=asked.year, years=there_are))
