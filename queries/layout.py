"""Layouts: what the rows and columns of each statement are, read from `layouts/*.toml`.

    [[row]]
    id = "intakter"
    label = { sv = "Verksamhetens intäkter", en = "Operating income" }
    accounts = ["30..39 !31"]        # selections (see selection.py); several are added
    measure = "movement"             # opening, movement, closing, budget, schedule; else the layout's
    sign = -1                        # 1: debit is printed positive, -1: credit is; else the layout's

A layout says of itself
    like          the layout whose fields and rows it takes over where it has none of its own
    table, title  its printed number and heading; `{unit}`, `{name}` and `{scope}` stand for the unit
    scopes        whether it is made for the "federation" and for each "unit"
    key           a note's name, by which rows refer to it; `part_of` is the note that another one belongs to
    each          a note for each "unit" with such accounts, or each "indexed-provision"
    measure, sign what its rows have that say nothing else
    takes         the accounts that must each stand on exactly one line
    eliminates    the accounts that stand on no line of the federation's, because they sum to zero
    units_printed   false: those of single units are no part of the annual report
    unmoved       the accounts that must not move but among themselves, else the result is not the change in equity
    beside_year_end   part of a year stands beside the whole year before, as a balance sheet does (RKR R17)
    noted         false: its rows do not refer to notes
    equal         pairs of rows that must be equal in every column

and a row, besides
    like          the row of the layout's `like` that it repeats
    sum           it adds these rows, unrounded; one without `sum`, `accounts` and `change` is a heading
    change        what these rows of other layouts (`balans.fordringar`) have changed by over the period
    each          one row for each "unit", "label" of an account, "surplus", "provision" or "plan-year"
    equals        the row of another layout (`balans.inventarier`) that it must agree with
    note          the key of the note that explains it
    main          it stands out as a sum does
    memo          it says more of another line: no part of `takes`
    optional      left out when it is zero in every column
    printed       false: not in the annual report, shown on screen only
    scope         "unit" or "federation": only there
    goal          the kind of goal that its figure is held against
    remaining     its figure stands in the first column, named by the row

and a column: `period` "year" or "compare", and where it is not the rows' own measure `measure`, the `difference` of
two columns, the `goal` of a row, or one `kind` of a provision's movements with its `sign`.
"""

import dataclasses
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar

from forbundsbok.plugins.budget import GOALS
from forbundsbok.plugins.language import N_, tr
from forbundsbok.plugins.provisions import RAISES
from forbundsbok.queries.selection import Selection, parse_selection
from forbundsbok.queries.statement import Measure

LAYOUTS = Path(__file__).parent / "layouts"

Text = Mapping[str, str]
"""A text in Swedish (`sv`) and English (`en`)."""


class LayoutError(Exception):
    """A layout that cannot be read; the message names the file and what is wrong."""


@dataclass(frozen=True)
class ColumnLayout:
    """A column: `period` is "year" or "compare"; `difference` names the two columns it is the difference of."""

    key: str
    label: Text
    period: Literal["year", "compare"] = "year"
    measure: Measure | None = None
    difference: tuple[str, ...] = ()
    kind: str = ""
    sign: Literal[1, -1] = 1
    goal: bool = False
    printed: bool = True


@dataclass(frozen=True)
class RowLayout:
    """A row, its selections parsed; see the module's docstring."""

    id: str
    label: Text = field(default_factory=dict)
    accounts: tuple[Selection, ...] = ()
    measure: Measure | None = None
    sign: Literal[1, -1] | None = None
    sum: tuple[str, ...] = ()
    change: tuple[str, ...] = ()
    each: str = ""
    equals: str = ""
    note: str = ""
    main: bool = False
    memo: bool = False
    optional: bool = False
    printed: bool = True
    scope: str = ""
    goal: str = ""
    remaining: bool = False


@dataclass(frozen=True)
class FootnoteLayout:
    """A text with an amount for each year, shown where one of them is not zero."""

    label: Text
    accounts: tuple[Selection, ...]
    scope: str = ""


@dataclass(frozen=True)
class Layout:
    """A statement's layout; see the module's docstring."""

    title: Text
    table: str = ""
    key: str = ""
    part_of: str = ""
    each: str = ""
    scopes: tuple[str, ...] = ("federation",)
    measure: Measure = Measure.MOVEMENT
    sign: Literal[1, -1] = 1
    takes: Selection | None = None
    eliminates: Selection | None = None
    unmoved: Selection | None = None
    equal: tuple[tuple[str, str], ...] = ()
    beside_year_end: bool = False
    units_printed: bool = True
    noted: bool = True
    column: tuple[ColumnLayout, ...] = ()
    row: tuple[RowLayout, ...] = ()
    footnote: tuple[FootnoteLayout, ...] = ()

    def row_of(self, row_id: str) -> RowLayout:
        """Return the row of an id. Raises KeyError."""
        return {row.id: row for row in self.row}[row_id]


YEARS = (
    ColumnLayout("year", {"sv": "{year}", "en": "{year}"}),
    ColumnLayout("compare", {"sv": "{compare}", "en": "{compare}"}, period="compare"),
)
"""The columns of a layout that gives none: the year and the year to compare with."""

ANNUAL_REPORT = ("mal", "balanskrav", "investering", "resultat", "balans", "noter", "kassaflode", "drift", "fotnot")
"""The statements of the annual report, in printed order."""


def layouts_of(name: str) -> tuple[str, ...]:
    """Return the other layouts that a statement has, by name: `lkbr` for resultat.lkbr.toml."""
    return tuple(sorted(path.name.split(".")[1] for path in LAYOUTS.glob(f"{name}.*.toml")))


@cache
def read_layout(name: str) -> Layout:
    """Read a layout by file name without ending. Raises LayoutError."""
    return _layout(name, _read(name))


@cache
def read_notes() -> tuple[Layout, ...]:
    """Read the layouts of the notes, in order. Raises LayoutError."""
    return tuple(_layout(f"noter ({note.get('key') or note.get('part_of')})", note) for note in _read("noter")["note"])


WORDS: Mapping[type, Mapping[str, Sequence[object]]] = {
    RowLayout: {
        "each": ("unit", "label", "surplus", "provision", "plan-year"),
        "scope": ("unit", "federation"),
        "goal": GOALS,
        "sign": (1, -1),
    },
    ColumnLayout: {"period": ("year", "compare"), "kind": tuple(RAISES), "sign": (1, -1)},
    FootnoteLayout: {"scope": ("unit", "federation")},
    Layout: {"each": ("unit", "indexed-provision"), "sign": (1, -1)},
}
"""What the fields of a layout may say, where they choose among words."""


def _read(name: str) -> dict[str, Any]:
    try:
        return _raw(name)
    except (OSError, KeyError, ValueError) as error:  # a TOML error is a ValueError
        raise LayoutError(tr("{file} cannot be read: {why}", file=f"{name}.toml", why=error)) from error


def _raw(name: str) -> dict[str, Any]:
    with (LAYOUTS / f"{name}.toml").open("rb") as file:
        raw = tomllib.load(file)
    base = _raw(raw["like"]) if "like" in raw else {}
    rows = {row["id"]: row for row in base.get("row", [])}
    for index, row in enumerate(raw.get("row", [])):
        if "like" in row:
            raw["row"][index] = rows[row.pop("like")] | row
    raw.pop("like", None)
    return base | raw


def _layout(name: str, raw: Mapping[str, Any]) -> Layout:
    try:
        fields = dict(raw)
        fields["row"] = tuple(_parsed(RowLayout, row) for row in fields.get("row", ()))
        fields["column"] = tuple(_parsed(ColumnLayout, column) for column in fields.get("column", ())) or YEARS
        fields["footnote"] = tuple(_parsed(FootnoteLayout, footnote) for footnote in fields.get("footnote", ()))
        layout = _parsed(Layout, fields)
        ids = [row.id for row in layout.row]
        for row in layout.row:
            for part in row.sum:
                if part not in ids:
                    raise ValueError(tr('row "{row}" sums "{part}", which is no row', row=row.id, part=part))
        for column in layout.column:
            for part in column.difference:
                if part not in [other.key for other in layout.column]:
                    text = N_('column "{column}" is the difference of "{part}", which is no column')
                    raise ValueError(tr(text, column=column.key, part=part))
    except (KeyError, TypeError, ValueError) as error:
        raise LayoutError(f"{name}.toml: {error}") from error
    return layout


LayoutPart = TypeVar("LayoutPart", Layout, RowLayout, ColumnLayout, FootnoteLayout)


def _parsed(kind: type[LayoutPart], raw: Mapping[str, Any]) -> LayoutPart:
    known = {field.name for field in dataclasses.fields(kind)}
    if unknown := sorted(set(raw) - known):
        raise ValueError(tr("unknown keys {keys}", keys=", ".join(unknown)))
    for key, words in WORDS[kind].items():
        if key in raw and raw[key] not in words:
            text = N_("{key} is {value!r}, and may be {words}")
            raise ValueError(tr(text, key=key, value=raw[key], words=", ".join(map(repr, words))))
    for key in ("label", "title"):
        if raw.get(key) and set(raw[key]) != {"sv", "en"}:
            text = N_("the {key} {value} must be in Swedish (sv) and English (en)")
            raise ValueError(tr(text, key=key, value=raw[key]))
    fields = dict(raw)
    if kind is Layout:
        for key in ("takes", "eliminates", "unmoved"):
            if key in fields:
                fields[key] = parse_selection(fields[key])
    elif "accounts" in fields:
        fields["accounts"] = tuple(parse_selection(text) for text in fields["accounts"])
    if "measure" in fields:
        fields["measure"] = Measure(fields["measure"])
    for key in ("sum", "change", "difference", "scopes"):
        if key in fields:
            fields[key] = tuple(fields[key])
    if "equal" in fields:
        fields["equal"] = tuple(tuple(pair) for pair in fields["equal"])
    return kind(**fields)
