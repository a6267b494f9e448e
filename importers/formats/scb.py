"""Inhabitants by municipality, as the statistical database of SCB gives them: json-stat2, or CSV with a row of heads.

    {"class": "dataset", "id": ["Region", "Tid"], "size": [2, 1], "value": [9731, 12336],
     "dimension": {"Region": {"category": {"index": {"1490": 0, "1491": 1}}}, ...}}

    "region";"Folkmängd 2024"
    "1490 Norrby";9731

    read_inhabitants(document)      {"2024": {"1490": 9731, "1491": 12336}}

Regions are known by the four digits of a municipality; counties and the country are left out. Time is a year, a month
(2024M11) or a quarter (2024K4). What else the table is divided by has a single value, or a total, or is women and men.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import product
from typing import Any

from forbundsbok.importers.document import Document
from forbundsbok.importers.formats.sheet import rows_of
from forbundsbok.importers.problems import DocumentError, refused_whole
from forbundsbok.plugins.findings import phrase
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.months import Month

Counts = dict[str, dict[str, int]]
"""Inhabitants by the codes of municipalities, of each period."""

_PERIOD = re.compile(r"([12]\d{3})(?:M(0[1-9]|1[0-2])|K([1-4]))?", re.ASCII)
_ENDS_WITH_PERIOD = re.compile(r"(?:^|\s)([12]\d{3}(?:M(?:0[1-9]|1[0-2])|K[1-4])?)$", re.ASCII)
_CODE = re.compile(r"(\d{4})(?!\d)", re.ASCII)
_REGION = ("region", "kommun", "kommunkod", "geografi")
_TIME = ("tid", "år", "månad", "kvartal", "time", "year", "month", "quarter")
_TOTALS = ("tot", "1+2", "totalt", "total", "samtliga")
_SEXES = ({"1", "2"}, {"män", "kvinnor"}, {"men", "women"}, {"m", "k"})
_POPULATION = ("folkmängd", "population")
_MISSING = ("", "..", ".", "-")
MOST = 20_000_000
"""More inhabitants than this nobody has."""


def read_inhabitants(document: Document) -> Counts:
    """Return the inhabitants of municipalities in each period of a document. Raises DocumentError, OSError."""
    counts = _of_json(document) if document.head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{") else _of_csv(document)
    if not any(counts.values()):
        raise _refused(document, N_("no municipality is in it by the four digits of its code, as 1490"))
    return dict(counts)


def day_of(period: str) -> date:
    """Return the last day of a period: that on which SCB has counted."""
    match = _PERIOD.fullmatch(period)
    assert match, period
    return Month(int(match[1]), int(match[2] or 3 * int(match[3] or 4))).last_day


def _refused(document: Document, text: str, **values: object) -> DocumentError:
    return refused_whole(document, phrase(text, **values))


# json-stat2


def _of_json(document: Document) -> Counts:
    try:
        told = json.loads(document.text)
        sizes = [int(each) for each in told["size"]]
        dimensions = [_codes(told["dimension"][name]) for name in told["id"]]
        values = told["value"]
        if [len(each) for each in dimensions] != sizes:
            raise ValueError("size")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        text = N_("no json-stat2 that can be read: save the table anew as JSON-stat 2, or as CSV")
        raise _refused(document, text) from None
    names = [str(each) for each in told["id"]]
    region, time = _place(document, names, _REGION), _place(document, names, _TIME)
    chosen = [
        {code: label for code, label in codes.items() if at in (region, time) or code in _chosen(document, name, codes)}
        for at, (name, codes) in enumerate(zip(names, dimensions, strict=True))
    ]
    counts: Counts = defaultdict(dict)
    missing = set()
    for cell in product(*chosen):
        code, period = cell[region], cell[time]
        if not _CODE.fullmatch(code):
            continue
        _refuse_no_period(document, period)
        index = 0
        for size, codes, each in zip(sizes, dimensions, cell, strict=True):
            index = index * size + list(codes).index(each)
        value = values.get(str(index)) if isinstance(values, dict) else values[index] if index < len(values) else None
        if value is None:
            missing.add((period, code))
            continue
        _add(document, counts, period, code, _whole(document, code, str(value)), anew=False)
    return _without(counts, missing)


def _codes(dimension: Mapping[str, Any]) -> dict[str, str]:
    """Return the codes of a dimension in their order, each with its label."""
    category = dimension["category"]
    labels = category.get("label") or {}
    index = category.get("index", labels)
    codes = sorted(index, key=index.__getitem__) if isinstance(index, dict) and index is not labels else list(index)
    return {str(code): str(labels.get(code, code)) for code in codes}


def _place(document: Document, names: Sequence[str], known: Sequence[str]) -> int:
    at = next((at for at, name in enumerate(names) if name.casefold() in known), None)
    if at is None:
        text = N_("it is not by {what}; it has {found}")
        raise _refused(document, text, what=known[0], found=", ".join(names))
    return at


def _chosen(document: Document, name: str, codes: Mapping[str, str]) -> set[str]:
    """Return the values of another dimension that are summed: the only one, the total, or women and men."""
    if len(codes) == 1:
        return set(codes)
    folded = {code: (code.casefold(), label.casefold()) for code, label in codes.items()}
    totals = {code for code, told in folded.items() if any(each.split(" ")[0] in _TOTALS for each in told)}
    people = {code for code, told in folded.items() if told[1] in _POPULATION}
    for found in (totals, people):
        if len(found) == 1:
            return found
    if any({each[at] for each in folded.values()} == sexes for sexes in _SEXES for at in (0, 1)):
        return set(codes)
    text = N_("it is divided by {name}, without a total: choose one in the table, or none. It has {found}")
    raise _refused(document, text, name=name, found=", ".join(list(codes.values())[:6]))


# CSV


def _of_csv(document: Document) -> Counts:
    rows = rows_of(document)
    heads = [at for at, (_, cells) in enumerate(rows) if any(cell.casefold() in _REGION for cell in cells)]
    if not heads:
        text = N_("no row of heads has a column {what}: save the table of SCB as CSV or JSON-stat 2; found: {found}")
        found = ", ".join(filter(None, rows[0][1]))[:80] if rows else "-"
        raise _refused(document, text, what=_REGION[0], found=found)
    head = [cell.casefold() for cell in rows[heads[0]][1]]
    body = [cells + [""] * (len(head) - len(cells)) for _, cells in rows[heads[0] + 1 :]]
    body = [cells for cells in body if any(cells[1:])]  # what stands below the table is a text
    region = next(at for at, name in enumerate(head) if name in _REGION)
    time = next((at for at, name in enumerate(head) if name in _TIME), None)
    columns = _columns(document, rows[heads[0]][1], region, time)
    others = [at for at in range(len(head)) if at not in (region, time, *columns)]
    chosen = {at: _chosen(document, head[at], {cells[at]: cells[at] for cells in body}) for at in others if body}
    counts: Counts = defaultdict(dict)
    missing = set()
    for cells in body:
        code = _CODE.match(cells[region])
        if code is None or any(cells[at] not in wanted for at, wanted in chosen.items()):
            continue
        for column, of_column in columns.items():
            period = of_column or cells[time or 0]
            _refuse_no_period(document, period)
            if cells[column] in _MISSING:
                missing.add((period, code[1]))
                continue
            anew = not any(len(wanted) > 1 for wanted in chosen.values())
            _add(document, counts, period, code[1], _whole(document, code[1], cells[column]), anew=anew)
    return _without(counts, missing)


def _columns(document: Document, head: Sequence[str], region: int, time: int | None) -> dict[int, str]:
    """Return the columns of numbers, each with its period; of a table with a column of time, one without."""
    if time is not None:
        last = len(head) - 1
        if last not in (region, time):
            return {last: ""}
    found = {at: match[1] for at, name in enumerate(head) if (match := _ENDS_WITH_PERIOD.search(name))}
    if people := {at: each for at, each in found.items() if head[at].casefold().startswith(_POPULATION)}:
        found = people
    if not found or len(set(found.values())) < len(found):
        text = N_("no column is of inhabitants of a year or a month, as Folkmängd 2024; found: {found}")
        raise _refused(document, text, found=", ".join(filter(None, head)))
    return found


def _whole(document: Document, code: str, written: str) -> int:
    digits = re.sub(r"[\s\u00a0]", "", written)
    match = re.fullmatch(r"(\d+)(?:[.,]0*)?", digits, re.ASCII)
    if match is None or int(match[1]) > MOST:
        text = N_('municipality {code} has "{written}" inhabitants, which is no whole number')
        raise _refused(document, text, code=code, written=written)
    return int(match[1])


def _refuse_no_period(document: Document, written: str) -> None:
    if not _PERIOD.fullmatch(written):
        raise _refused(document, N_('"{written}" is no year or month, as 2024 or 2024M11'), written=written)


def _without(counts: Counts, missing: Iterable[tuple[str, str]]) -> Counts:
    """Return the counts of which no part is missing: women alone are not the inhabitants."""
    for period, code in missing:
        counts[period].pop(code, None)
    return counts


def _add(document: Document, counts: Counts, period: str, code: str, count: int, *, anew: bool) -> None:
    if anew and code in counts[period]:
        raise _refused(document, N_("municipality {code} stands twice in {period}"), code=code, period=period)
    counts[period][code] = counts[period].get(code, 0) + count


def periods_of(counts: Counts) -> Iterator[str]:
    """Yield the periods, the earliest first."""
    yield from sorted(counts, key=lambda period: (day_of(period), period))
