"""The sigill of a year with bokslut: the digest of what it holds, and its chain to the year before.

    2024-12-31 custom "bokslut" 2024
      sigill: "5d1c0f...e2"
      sigill-01: "412 0c1f9e0b3a7d5521 1b8e44d0a96c7f03 ADM 77e1 FK 91c0 NAV 3fa2"

A year holds what is dated after the bokslut before and up to its own. Its sigill is the SHA-256 of the
sigill of the year before, the lines of check sums, and the SHA-256 of the canonical form of each
directive, sorted; docs/sigill.md tells it exactly. What is wrong with one is reported by plugins.seal.
"""

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

from beancount.core import data

from forbundsbok.plugins.canonical import SIGILL, canonical, is_bookkeeping, is_of_seal
from forbundsbok.plugins.checksums import EMPTY, Item, MonthSums, months_of, read_month
from forbundsbok.plugins.years import last_day_of_year, read_boksluts

FORM = "forbundsbok sigill 1"
"""The first line of what is digested: the form may change one day, and old seals must still be read."""

NONE_BEFORE = "-"
"""What stands for the seal of the year before, in the first year with bokslut."""

_SIGILL = re.compile("[0-9a-f]{64}", re.ASCII)
_MONTH_KEY = re.compile(rf"{SIGILL}-(0\d|1[0-2])", re.ASCII)


@dataclass(frozen=True)
class Seal:
    """What a bokslut says of its year: the digest, and the lines of check sums by month."""

    sigill: str
    lines: Mapping[str, str]

    @cached_property
    def months(self) -> dict[str, MonthSums]:
        return {month: read_month(line) or EMPTY for month, line in self.lines.items()}

    def metadata(self) -> dict[str, str]:
        """Return the metadata that it is written as."""
        return {SIGILL: self.sigill, **{f"{SIGILL}-{month}": line for month, line in sorted(self.lines.items())}}


@dataclass
class Year:
    """A year with bokslut: what it holds, and its seal, if it has one that can be read."""

    year: int
    bokslut: data.Custom
    seal: Seal | None = None
    items: list[Item] = field(default_factory=list)

    @property
    def sealed(self) -> bool:
        return is_sealed(self.bokslut)

    def sigill(self, before: str, lines: Mapping[str, str]) -> str:
        """Return the digest of the year with some lines of check sums, after the seal of the year before."""
        head = [FORM, str(self.year), before, *(f"{month} {line}" for month, line in sorted(lines.items()))]
        return sha256("\n".join([*head, *sorted(item.digest for item in self.items)]).encode()).hexdigest()

    def computed(self, before: str) -> Seal:
        """Return the seal that the year should have."""
        lines = {month: str(held) for month, held in months_of(self.items, self.year).items()}
        return Seal(self.sigill(before, lines), lines)


def is_sealed(bokslut: data.Custom) -> bool:
    """Tell whether a bokslut has anything of a seal, readable or not."""
    return any(is_of_seal(key) for key in bokslut.meta)


def seal_of(entries: Sequence[data.Directive], options_map: Mapping[str, Any], year: int) -> Seal:
    """Return the seal that a year with bokslut should have, after the seals that the years before it have."""
    boksluts = {each: entry for each, entry in read_boksluts(entries).items() if each <= year}
    *earlier, sought = held_by_years(entries, options_map, boksluts)
    before = NONE_BEFORE
    for each in earlier:
        before = each.seal.sigill if each.seal else each.computed(before).sigill
    return sought.computed(before)


def held_by_years(
    entries: Sequence[data.Directive], options_map: Mapping[str, Any], boksluts: Mapping[int, data.Custom]
) -> list[Year]:
    """Return the years with what each holds; the first holds everything before it too."""
    years = [Year(year, entry, _read_seal(entry)) for year, entry in boksluts.items()]
    if not years:
        return []
    held = [year.items for year in years]
    ends = [last_day_of_year(year.year) for year in years]
    folder = str(Path(str(options_map.get("filename") or "")).parent)
    padded = {_place(entry) for entry in entries if isinstance(entry, data.Pad)}
    for entry in entries:
        if entry.date <= ends[-1] and is_bookkeeping(entry) and not (padded and _is_padding(entry, padded)):
            text = canonical(entry, folder).encode("utf-8", "surrogatepass")
            held[bisect_left(ends, entry.date)].append(Item(entry, sha256(text).hexdigest()))
    return years


def _is_padding(entry: data.Directive, padded: set[object]) -> bool:
    """Tell whether Beancount has made a voucher of a pad, which it does after all plugins."""
    return isinstance(entry, data.Transaction) and entry.flag == "P" and _place(entry) in padded


def _place(entry: data.Directive) -> object:
    return entry.meta.get("filename"), entry.meta.get("lineno")


def _read_seal(entry: data.Custom) -> Seal | None:
    sigill = entry.meta.get(SIGILL)
    lines = {key: line for key, line in entry.meta.items() if is_of_seal(key) and key != SIGILL}
    if not isinstance(sigill, str) or not _SIGILL.fullmatch(sigill):
        return None
    if not all(_MONTH_KEY.fullmatch(key) and read_month(line) for key, line in lines.items()):
        return None
    return Seal(sigill, {key.removeprefix(f"{SIGILL}-"): line for key, line in lines.items()})
