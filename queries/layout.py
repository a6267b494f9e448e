"""Layouts: what the rows and columns of each statement are, as the files say that `layout_files.py` reads.

    [[row]]
    id = "intakter"
    label = { sv = "Verksamhetens intäkter", en = "Operating income" }
    accounts = ["30..39 !31"]        # selections (see selection.py); several are added
    measure = "movement"             # opening, movement, year, earlier, closing, budget, schedule; else the layout's
    flow = ["forvarv"]               # what of it is of these events (plugins/events.py); or "handelser", "ovrigt"
    sign = -1                        # 1: debit is printed positive, -1: credit is; else the layout's

    register = "pant"                # instead of accounts: what a register tells (registers.py); `sign` -1 takes it off

A layout says of itself
    like          the layout whose fields and rows it takes over where it has none of its own
    table, title  its printed number and heading; `{unit}`, `{name}` and `{scope}` stand for the unit
    scopes        whether it is made for the "federation" and for each "unit"
    key           a note's name, by which rows refer to it; `part_of` is the note whose number it shares
    each          a note for each "unit" with such accounts, for each "provision", or each "indexed-provision"
    measure, sign what its rows have that say nothing else
    takes         the accounts that must each stand on exactly one line
    eliminates    the accounts that stand on no line of the federation's, because they sum to zero, each selection
    units_printed   false: those of single units are no part of the annual report
    unmoved       the accounts that must not move but among themselves, else the result is not the change in equity
    beside_year_end   part of a year stands beside the whole year before, as a balance sheet does (RKR R17)
    beside_opening    in the first year of the books it stands beside what they opened with
    noted         false: its rows do not refer to notes
    forecast      part of a year has the budget of the whole one beside it, and a forecast (LKBR 13 kap.)
    equal         pairs of rows that must be equal in every column

and a row, besides
    like          the row of the layout's `like` that it repeats
    sum           it adds these rows, unrounded; one without `sum`, `accounts`, `register` and `change` is a heading
    change        what these rows of other layouts (`balans.fordringar`) have changed by over the period
    each          one row for each "unit", unit with "fees", "label" of an account, label of each unit ("unit-label"),
                  last "detail", "surplus", "provision", "loan", "plan-year", or "group" of accounts (two digits);
                  of a register each "entry" or "deficit"
    follows       the row whose figures of every year the deficits of a register follow
    hidden        it is shown nowhere, only summed, or held against another row
    equals        the row of another layout (`balans.inventarier`) that it must agree with
    note          the key of the note that explains it
    main          it stands out as a sum does
    memo          it says more of another line: no part of `takes`
    optional      left out when it is zero in every column
    printed       false: not in the annual report, shown on screen only
    scope         "unit" or "federation": only there
    goal          the kind of goal that its figure is held against
    remaining     its figure stands in the first column, named by the row

and a column: `period` "year", "compare" or "whole" (the whole year of which part is asked for), the `accounts` that it
is about, the accounts of which it takes what the books opened with beside the events of its rows (`begun`), the `scope`
that it stands in, and where it is not the rows' own measure `measure`, the `difference` of two columns, or in `percent`
of the second, the `forecast` of the year (what has happened, and what the budget has for the months left), the `goal`
of a row, or one `kind` of a provision's movements with its `sign`.
"""

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, TypeVar

from forbundsbok.plugins.budget import GOALS
from forbundsbok.plugins.language import LANGUAGES, N_, tr
from forbundsbok.plugins.places import file_line
from forbundsbok.plugins.provisions import RAISES
from forbundsbok.plugins.refusal import RefusalError
from forbundsbok.plugins.spelling import nearest
from forbundsbok.queries.registers import AMOUNTS, DEFICITS, TEXTS
from forbundsbok.queries.selection import Selection, parse_selection
from forbundsbok.queries.statement import Measure

Text = Mapping[str, str]
"""A text in Swedish (`sv`) and English (`en`)."""


class LayoutFault(NamedTuple):
    """What is wrong in a layout file, and where."""

    filename: str
    line: int
    message: str


class LayoutError(RefusalError):
    """Layouts that cannot be read; the message has a line for each fault, with file, line and what is wrong."""

    def __init__(self, faults: Sequence[LayoutFault]) -> None:
        self.faults = faults
        super().__init__("\n".join(f"{file_line(each.filename, each.line)}: {each.message}" for each in faults))


@dataclass(frozen=True)
class ColumnLayout:
    """A column: `period` is "year" or "compare"; `difference` names the two columns it is the difference of."""

    key: str
    label: Text
    period: Literal["year", "compare", "whole"] = "year"
    measure: Measure | None = None
    accounts: tuple[Selection, ...] = ()
    begun: tuple[Selection, ...] = ()
    scope: str = ""
    difference: tuple[str, ...] = ()
    kind: str = ""
    sign: Literal[1, -1] = 1
    goal: bool = False
    printed: bool = True
    forecast: bool = False
    percent: tuple[str, ...] = ()


@dataclass(frozen=True)
class RowLayout:
    """A row, its selections parsed; see the module's docstring."""

    id: str
    label: Text = field(default_factory=dict)
    accounts: tuple[Selection, ...] = ()
    measure: Measure | None = None
    flow: tuple[str, ...] = ()
    register: str = ""
    follows: str = ""
    sign: Literal[1, -1] | None = None
    sum: tuple[str, ...] = ()
    change: tuple[str, ...] = ()
    each: str = ""
    equals: str = ""
    note: str = ""
    main: bool = False
    memo: bool = False
    optional: bool = False
    hidden: bool = False
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
    eliminates: tuple[Selection, ...] = ()
    unmoved: Selection | None = None
    equal: tuple[tuple[str, str], ...] = ()
    beside_year_end: bool = False
    beside_opening: bool = False
    units_printed: bool = True
    noted: bool = True
    forecast: bool = False
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

WORDS: Mapping[type, Mapping[str, Sequence[object]]] = {
    RowLayout: {
        "each": (
            "unit",
            "fees",
            "label",
            "unit-label",
            "detail",
            "surplus",
            "provision",
            "plan-year",
            "entry",
            "deficit",
            "loan",
            "group",
        ),
        "register": ("", *AMOUNTS, *DEFICITS, *TEXTS),
        "scope": ("unit", "federation"),
        "goal": GOALS,
        "sign": (1, -1),
    },
    ColumnLayout: {
        "period": ("year", "compare", "whole"),
        "scope": ("unit", "federation"),
        "kind": tuple(RAISES),
        "sign": (1, -1),
    },
    FootnoteLayout: {"scope": ("unit", "federation")},
    Layout: {"each": ("unit", "provision", "indexed-provision"), "sign": (1, -1)},
}
"""What the fields of a layout may say, where they choose among words."""


class Fault(NamedTuple):
    """What is wrong in a layout: in which of its tables, by note and row (a place where it has no name), and key."""

    names: tuple[str | int, ...]
    key: str
    message: str


LayoutPart = TypeVar("LayoutPart", Layout, RowLayout, ColumnLayout, FootnoteLayout)


def parsed_layout(raw: Mapping[str, Any], faults: list[Fault]) -> Layout | None:
    """Return what a file or a note's table says, None where a part of it cannot be read; enters all faults."""
    names = (str(raw["key"]),) if isinstance(raw.get("key"), str) else ()
    fields = dict(raw)
    before = len(faults)
    for key, kind in (("row", RowLayout), ("column", ColumnLayout), ("footnote", FootnoteLayout)):
        read = (
            _parsed(kind, part, (*names, name_of(part) or place), faults)  # type: ignore[type-var]
            for place, part in enumerate(tables(raw, key))
        )
        fields[key] = tuple(part for part in read if part)
    fields["column"] = fields["column"] or YEARS
    layout = _parsed(Layout, fields, names, faults)
    if layout is None or len(faults) > before:
        return None
    faults += (Fault((*names, name), key, message) for name, key, message in _contradictions(layout))
    return layout


def tables(raw: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    """Return the tables of a key, such as the rows of a layout."""
    listed = raw.get(key, [])
    return [part for part in listed if isinstance(part, dict)] if isinstance(listed, list) else []


def name_of(part: Mapping[str, Any]) -> str:
    """Return the name of a table of a layout: a row's id, the key of a column or a note; empty where it has none."""
    return str(part.get("id") or part.get("key") or "")


def _contradictions(layout: Layout) -> Iterator[tuple[str, str, str]]:
    """Yield what parts of a layout say against each other: the part's name, the key, the message."""
    ids = [row.id for row in layout.row]
    for place, row in enumerate(layout.row):
        if row.id in ids[:place]:
            yield row.id, "id", tr('there are two rows "{row}"', row=row.id)
        for part in row.sum:
            if part not in ids:
                yield row.id, "sum", tr('row "{row}" sums "{part}", which is no row', row=row.id, part=part)
        if row.register in DEFICITS and row.follows not in ids:
            text = N_('row "{row}" follows "{part}", which is no row')
            yield row.id, "follows", tr(text, row=row.id, part=row.follows)
    for pair in layout.equal:
        for part in pair:
            if part not in ids:
                yield "", "equal", tr('"{row}" is to equal another row, and is none', row=part)
    for column in layout.column:
        for part in (*column.difference, *column.percent):
            if part not in [other.key for other in layout.column]:
                text = N_('column "{column}" is the difference of "{part}", which is no column')
                yield column.key, "difference", tr(text, column=column.key, part=part)


def _parsed(
    kind: type[LayoutPart], raw: Mapping[str, Any], names: tuple[str | int, ...], faults: list[Fault]
) -> LayoutPart | None:
    fields = {each.name: each for each in dataclasses.fields(kind)}
    before = len(faults)
    read: dict[str, Any] = {}
    for key, value in raw.items():
        if key not in fields:
            near = nearest(key, fields)
            text = N_("{key} is no key of a layout: {near} is") if near else N_("{key} is no key of a layout")
            faults.append(Fault(names, key, tr(text, key=key, near=near)))
            continue
        try:
            if (words := WORDS[kind].get(key)) and value not in words:
                text = N_("{key} is {value!r}, and may be {words}")
                raise ValueError(tr(text, key=key, value=value, words=", ".join(map(repr, words))))
            read[key] = READERS.get(fields[key].type, _as_it_is)(key, value)
        except ValueError as error:
            faults.append(Fault(names, key, str(error)))
    for each in fields.values():
        lacks_default = each.default is dataclasses.MISSING and each.default_factory is dataclasses.MISSING
        if each.name not in raw and lacks_default:
            faults.append(Fault(names, "", tr("{key} is missing", key=each.name)))
    return kind(**read) if len(faults) == before else None


def _as_it_is(_key: str, value: Any) -> Any:
    return value


def _word(key: str, value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(tr('{key} is {value!r}: write a text, "..."', key=key, value=value))
    return value


def _flag(key: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(tr("{key} is {value!r}: write true or false", key=key, value=value))
    return value


def _words(key: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise ValueError(tr('{key} is {value!r}: write a list of texts, ["..."]', key=key, value=value))
    return tuple(value)


def _label(key: str, value: Any) -> Text:
    """Return a text by language; one that is given alone is the same in all."""
    if isinstance(value, str):
        return dict.fromkeys(LANGUAGES, _filled(key, value))
    if not isinstance(value, dict) or set(value) != set(LANGUAGES):
        text = N_("the {key} {value} must be in Swedish (sv) and English (en)")
        raise ValueError(tr(text, key=key, value=value))
    return {language: _filled(key, _word(key, text)) for language, text in value.items()}


def _filled(key: str, text: str) -> str:
    try:
        text.format_map(dict.fromkeys(PLACES, ""))
    except (KeyError, ValueError, IndexError, AttributeError):
        known = ", ".join(f"{{{place}}}" for place in PLACES)
        message = N_('the {key} "{text}" may have the places {known}')
        raise ValueError(tr(message, key=key, text=text, known=known)) from None
    return text


PLACES = (
    "year", "compare", "whole", "scope", "unit", "name", "label", "Årets", "årets", "span", "price_level", "code",
    "surplus_year", "until",
)  # fmt: skip
"""The places that a text may have, which the builder fills."""


def _measure(key: str, value: Any) -> Measure:
    try:
        return Measure(value)
    except ValueError:
        words = ", ".join(map(repr, map(str, Measure)))
        text = N_("{key} is {value!r}, and may be {words}")
        raise ValueError(tr(text, key=key, value=value, words=words)) from None


def _selection(key: str, value: Any) -> Selection:
    return parse_selection(_word(key, value))


def _selections(key: str, value: Any) -> tuple[Selection, ...]:
    return tuple(map(parse_selection, _words(key, value)))


def _pairs(key: str, value: Any) -> tuple[tuple[str, ...], ...]:
    pairs = tuple(_words(key, pair) for pair in value) if isinstance(value, list) else ()
    if not pairs or any(len(pair) != 2 for pair in pairs):
        raise ValueError(tr('{key} is {value!r}: write pairs of rows, [["...", "..."]]', key=key, value=value))
    return pairs


READERS: Mapping[object, Callable[[str, Any], Any]] = {
    str: _word,
    bool: _flag,
    Text: _label,
    tuple[str, ...]: _words,
    Measure: _measure,
    Measure | None: _measure,
    Selection | None: _selection,
    tuple[Selection, ...]: _selections,
    tuple[tuple[str, str], ...]: _pairs,
}
"""How what a field holds is read, by its type."""
