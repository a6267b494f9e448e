"""Voucher numbers: a series letter and a number that runs within the series and the fiscal year, as `ver: "L 123"`."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from beancount.core import data

VER = re.compile(r"(?P<series>[A-ZÅÄÖ]+) (?P<number>[1-9][0-9]{0,8})", re.ASCII)
"""A voucher's number as it is written."""

VOID = "Makulerat nummer"
"""How the text begins of a voucher without rows, which accounts for a number that is not used and says why."""


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
    return _read(text, entry.date.year) if isinstance(text, str) else None


@lru_cache(maxsize=2**17)  # many rules ask for the number of every voucher
def _read(text: str, year: int) -> Ver | None:
    match = VER.fullmatch(text)
    return Ver(year, match["series"], int(match["number"])) if match else None


def series_of(entry: data.Transaction | None, default: str) -> str:
    """Return the series of a voucher, or the one given where it has none."""
    ver = read_ver(entry) if entry is not None else None
    return ver.series if ver else default


def in_order(vouchers: Iterable[data.Transaction]) -> list[str]:
    """Return what vouchers are called, in the order of their numbers; first those without one, by their texts."""
    ordered = sorted(vouchers, key=lambda each: read_ver(each) or (0, "", 0))
    return [str(read_ver(each) or each.narration) for each in ordered]


def gaps_in(numbers: Collection[int]) -> list[range]:
    """Return the numbers from 1 on that are missing among some."""
    if not numbers or max(numbers) == len(numbers):
        return []
    used = [0, *sorted(numbers)]
    return [range(before + 1, number) for before, number in pairwise(used) if number - before > 1]


class FreeNumbers:
    """Voucher numbers that are free, each given once."""

    def __init__(self, vouchers: Iterable[data.Transaction]) -> None:
        self._last: dict[tuple[str, int], int] = defaultdict(int)
        self._missing: dict[tuple[str, int], list[tuple[range, date, date]]] = defaultdict(list)
        """The gaps of each series, with the days that a voucher in them may have by those before and after."""
        days: dict[tuple[str, int], dict[int, date]] = defaultdict(dict)
        for entry in vouchers:
            if ver := read_ver(entry):
                days[ver.series, ver.year][ver.number] = entry.date
        for series, own in days.items():
            self._last[series] = max(own)
            for gap in gaps_in(own):
                first = own.get(gap.start - 1, date(series[1], 1, 1))
                self._missing[series].append((gap, first, own[gap.stop]))

    def free(self, series: str, year: int) -> str:
        """Return the next number of a series in a year."""
        self._last[series, year] += 1
        return f"{series} {self._last[series, year]}"

    def lacking(self, series: str, day: date) -> str:
        """Return the number of a voucher that should be there already: a missing one, where its day is in order."""
        missing = self._missing[series, day.year]
        for index, (gap, first, last) in enumerate(missing):
            if gap and first <= day <= last:
                missing[index] = (gap[1:], first, last)
                return f"{series} {gap.start}"
        return self.free(series, day.year)

    def copy(self) -> "FreeNumbers":
        """Return the same numbers, of which those that are given from now on are not taken from these."""
        other = FreeNumbers(())
        other._last.update(self._last)
        other._missing.update((series, list(missing)) for series, missing in self._missing.items())
        return other
