"""Voucher numbers: a series letter and a number that runs within the series and the fiscal year, as `ver: "L 123"`."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from beancount.core import data

from forbundsbok.plugins.findings import Remove, Replace, Step
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

    @property
    def full(self) -> str:
        """The number with its year, as a correction of another year names it."""
        return f"{self} {self.year}"


def read_ver(entry: data.Transaction) -> Ver | None:
    """Return the number of a voucher, or None where it has none that can be read."""
    text = entry.meta.get("ver")
    match = VER.fullmatch(text) if isinstance(text, str) else None
    return Ver(entry.date.year, match["series"], int(match["number"])) if match else None


def series_of(entry: data.Transaction | None, default: str) -> str:
    """Return the series of a voucher, or the one given where it has none."""
    ver = read_ver(entry) if entry is not None else None
    return ver.series if ver else default


class FreeNumbers:
    """Voucher numbers that are free, each given once."""

    def __init__(self, vouchers: Iterable[data.Transaction]) -> None:
        self._last: dict[tuple[str, int], int] = defaultdict(int)
        self._times: Counter[Ver] = Counter()
        for entry in vouchers:
            if ver := read_ver(entry):
                self._last[ver.series, ver.year] = max(self._last[ver.series, ver.year], ver.number)
                self._times[ver] += 1

    def free(self, series: str, year: int) -> str:
        """Return the next number of a series in a year."""
        self._last[series, year] += 1
        return f"{series} {self._last[series, year]}"

    def removal(self, entry: data.Transaction) -> Step:
        """Return the step that takes a voucher away, without a gap in its series."""
        ver = read_ver(entry)
        leaves_gap = ver and self._times[ver] == 1 and self._last[ver.series, ver.year] != ver.number
        if not leaves_gap:
            return Remove(entry)
        return Replace(entry, [voucher(entry.date, VOID, str(ver), [])])
