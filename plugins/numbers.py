"""Voucher numbers: a series letter and a number that runs within the series and the fiscal year, as `ver: "L 123"`."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from beancount.core import data

from forbundsbok.plugins.findings import Add, Below, Finding, Remove, Replace, Step
from forbundsbok.plugins.ledger_text import voucher

VER = re.compile(r"(?P<series>[A-ZÅÄÖ]+) (?P<number>[1-9][0-9]{0,8})", re.ASCII)
"""A voucher's number as it is written."""

VOID = "Makulerat nummer"
"""The text of a voucher without rows, which accounts for a number that is not used."""


class Ver(NamedTuple):
    """The number of a voucher, unique in the books."""

    year: int
    series: str
    number: int

    def __str__(self) -> str:
        return f"{self.series} {self.number}"


def read_ver(entry: data.Transaction) -> Ver | None:
    """Return the number of a voucher, or None where it has none that can be read."""
    text = entry.meta.get("ver")
    match = VER.fullmatch(text) if isinstance(text, str) else None
    return Ver(entry.date.year, match["series"], int(match["number"])) if match else None


def series_of(entry: data.Transaction | None, default: str) -> str:
    """Return the series of a voucher, or the one given where it has none."""
    ver = read_ver(entry) if entry is not None else None
    return ver.series if ver else default


class FreeNumber(str):
    """A voucher's number that is free. What is proposed bears it until it is known which proposals are told."""

    series: str
    year: int


class FreeNumbers:
    """Voucher numbers that are free, each given once."""

    def __init__(self, vouchers: Iterable[data.Transaction]) -> None:
        self._last: dict[tuple[str, int], int] = defaultdict(int)
        self._times: Counter[Ver] = Counter()
        for entry in vouchers:
            if ver := read_ver(entry):
                self._last[ver.series, ver.year] = max(self._last[ver.series, ver.year], ver.number)
                self._times[ver] += 1

    def free(self, series: str, year: int) -> FreeNumber:
        """Return the next number of a series in a year."""
        self._last[series, year] += 1
        number = FreeNumber(f"{series} {self._last[series, year]}")
        number.series, number.year = series, year
        return number

    def removal(self, entry: data.Transaction) -> Step:
        """Return the step that takes a voucher away, without a gap in its series."""
        ver = read_ver(entry)
        leaves_gap = ver and self._times[ver] == 1 and self._last[ver.series, ver.year] != ver.number
        if not leaves_gap:
            return Remove(entry)
        return Replace(entry, [voucher(entry.date, VOID, str(ver), [])])


def renumbered(finding: Finding, numbers: FreeNumbers) -> Finding:
    """Return a finding whose free numbers are the next of `numbers`.

    Rules give numbers to all that they propose. What is silenced takes none, or a series would have a gap when the
    rest is written.
    """
    given: dict[tuple[int, str], FreeNumber] = {}

    def new(value: Any) -> Any:
        if not isinstance(value, FreeNumber):
            return value
        if (value.year, value) not in given:
            given[value.year, value] = numbers.free(value.series, value.year)
        return given[value.year, value]

    def new_meta(meta: Mapping[str, Any]) -> dict[str, Any]:
        return {key: new(value) for key, value in meta.items()}

    steps: list[Step] = []
    for step in finding.fix:
        match step:
            case Add() | Replace():
                steps.append(
                    replace(step, directives=[each._replace(meta=new_meta(each.meta)) for each in step.directives])
                )
            case Below():
                steps.append(replace(step, meta=new_meta(step.meta)))
            case Remove():
                steps.append(step)
    return replace(finding, fix=tuple(steps), values=new_meta(finding.values))
