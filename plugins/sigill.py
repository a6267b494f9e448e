"""The sigill of a year with bokslut: the digest of what it holds, and its chain to the year before.

    2024-12-31 custom "bokslut" 2024
      sigill: "5d1c0f...e2"
      sigill-01: "412 0c1f9e0b3a7d5521 1b8e44d0a96c7f03 ADM 77e1 FK 91c0 NAV 3fa2"

A year holds what is dated after the bokslut before and up to its own, and the balances that are asserted at its end.
Its sigill is the SHA-256 of the sigill of the year before, the lines that stand below it (how the ledger is read, the
check sums of each month, those of the documents), and the SHA-256 of the canonical form of each directive, sorted;
docs/sigill.md tells it exactly. What is wrong with one is reported by plugins.seal.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeGuard

from beancount.core import data

from forbundsbok.plugins.canonical import SIGILL, booked_day, canonical, is_bookkeeping, is_of_seal, settings_of
from forbundsbok.plugins.checksums import EMPTY, Item, MonthSums, months_of, read_month
from forbundsbok.plugins.documents import KEY, is_line
from forbundsbok.plugins.years import last_day_of_year, read_boksluts

FORM = "forbundsbok sigill 2"
"""The first line of what is digested: the form may change one day, and old seals must still be read."""

NONE_BEFORE = "-"
"""What stands for the seal of the year before, in the first year with bokslut."""

SETTINGS = "installningar"
"""The line that says how the ledger is read."""

DOCUMENTS = KEY
"""The line that covers the documents behind the vouchers."""

_SIGILL = re.compile("[0-9a-f]{64}", re.ASCII)
_MONTH = re.compile(r"0\d|1[0-2]", re.ASCII)


@dataclass(frozen=True)
class Seal:
    """What a bokslut says of its year: the digest, and the lines below it by their names (`03`, `installningar`)."""

    sigill: str
    lines: Mapping[str, str]

    @cached_property
    def months(self) -> dict[str, MonthSums]:
        return {key: read_month(line) or EMPTY for key, line in self.lines.items() if _MONTH.fullmatch(key)}

    def metadata(self) -> dict[str, str]:
        """Return the metadata that it is written as."""
        return {SIGILL: self.sigill, **{f"{SIGILL}-{key}": line for key, line in sorted(self.lines.items())}}


@dataclass
class Year:
    """A year with bokslut: what it holds, and its seal, if it has one that can be read."""

    year: int
    bokslut: data.Custom
    seal: Seal | None = None
    items: list[Item] = field(default_factory=list)
    settings: str = ""

    @property
    def sealed(self) -> bool:
        return is_sealed(self.bokslut)

    def sigill(self, before: str, lines: Mapping[str, str]) -> str:
        """Return the digest of the year with some lines, after the seal of the year before."""
        return digest_of(self.head(before, lines), (item.digest for item in self.items))

    def head(self, before: str, lines: Mapping[str, str]) -> list[str]:
        """Return what is digested before the directives."""
        return [FORM, str(self.year), before, *(f"{key} {line}" for key, line in sorted(lines.items()))]

    def computed(self, before: str, documents: str | None = None, settings: str | None = None) -> Seal:
        """Return the seal that the year should have.

        How the ledger is read, and the documents, are as its seal has them where its lines can be read, though the
        sigill may not: their checks are others.
        """
        lines = {month: str(held) for month, held in months_of(self.items, self.year).items()}
        stated = self.seal.lines if self.seal else _lines_of(self.bokslut)
        lines[SETTINGS] = settings or stated.get(SETTINGS, self.settings)
        if documents := documents or stated.get(DOCUMENTS):
            lines[DOCUMENTS] = documents
        return Seal(self.sigill(before, lines), lines)


def digest_of(head: Sequence[str], digests: Iterable[str]) -> str:
    """Return the SHA-256 of some lines and of digests, sorted."""
    return sha256("\n".join([*head, *sorted(digests)]).encode("utf-8", "surrogatepass")).hexdigest()


def is_sealed(bokslut: data.Custom) -> bool:
    """Tell whether a bokslut has anything of a seal, readable or not."""
    return any(is_of_seal(key) for key in bokslut.meta)


def is_sigill(value: object) -> TypeGuard[str]:
    """Tell whether a value is a sigill."""
    return isinstance(value, str) and bool(_SIGILL.fullmatch(value))


def seal_of(entries: Sequence[data.Directive], options_map: Mapping[str, Any], year: int) -> Seal:
    """Return the seal that a year with bokslut should have, after the seals that the years before it have."""
    sought, before = year_to_seal(entries, options_map, year)
    return sought.computed(before)


def year_to_seal(entries: Sequence[data.Directive], options_map: Mapping[str, Any], year: int) -> tuple[Year, str]:
    """Return a year with bokslut, with all that it holds, and the sigill of the year before."""
    boksluts = {each: entry for each, entry in read_boksluts(entries).items() if each <= year}
    *earlier, sought = held_by_years(entries, options_map, boksluts)
    before = NONE_BEFORE
    for each in earlier:
        before = each.seal.sigill if each.seal else each.computed(before).sigill
    return sought, before


def held_by_years(
    entries: Sequence[data.Directive], options_map: Mapping[str, Any], boksluts: Mapping[int, data.Custom]
) -> list[Year]:
    """Return the years with what each holds; the first holds everything before it too."""
    settings = settings_of(options_map)
    years = [Year(year, entry, _read_seal(entry), settings=settings) for year, entry in boksluts.items()]
    if not years:
        return []
    held = [year.items for year in years]
    ends = [last_day_of_year(year.year) for year in years]
    folder = folder_of(options_map)
    for entry in without_padding(entries):
        day = booked_day(entry)
        if day <= ends[-1] and is_bookkeeping(entry):
            held[bisect_left(ends, day)].append(item_of(entry, folder))
    return years


def without_padding(entries: Sequence[data.Directive]) -> Iterable[data.Directive]:
    """Return directives without the vouchers that Beancount makes of a pad, after all plugins."""
    padded = {_place(entry) for entry in entries if isinstance(entry, data.Pad)}
    return (entry for entry in entries if not _is_padding(entry, padded)) if padded else entries


def item_of(entry: data.Directive, folder: str) -> Item:
    """Return a directive with its digest."""
    return Item(entry, sha256(canonical(entry, folder).encode("utf-8", "surrogatepass")).hexdigest())


def folder_of(options: Mapping[str, Any]) -> str:
    """Return the folder of a ledger's main file, from which documents are named."""
    return str(Path(str(options.get("filename") or "")).parent)


def _is_padding(entry: data.Directive, padded: set[object]) -> bool:
    """Tell whether Beancount has made a voucher of a pad."""
    return isinstance(entry, data.Transaction) and entry.flag == "P" and _place(entry) in padded


def _place(entry: data.Directive) -> object:
    return entry.meta.get("filename"), entry.meta.get("lineno")


def _read_seal(entry: data.Custom) -> Seal | None:
    sigill, lines = entry.meta.get(SIGILL), _lines_of(entry)
    is_whole = len(lines) == sum(is_of_seal(key) and key != SIGILL for key in entry.meta)
    return Seal(sigill, lines) if is_sigill(sigill) and is_whole else None


def _lines_of(entry: data.Custom) -> dict[str, str]:
    """Return the lines below the sigill of a bokslut that can be read."""
    lines = {key.removeprefix(f"{SIGILL}-"): line for key, line in entry.meta.items() if is_of_seal(key)}
    return {key: line for key, line in lines.items() if key != SIGILL and _is_line(key, line)}


def _is_line(key: str, line: object) -> bool:
    """Tell whether a line below a sigill can be read."""
    if key == SETTINGS:
        return isinstance(line, str) and "\n" not in line
    return is_line(line) if key == DOCUMENTS else bool(_MONTH.fullmatch(key)) and read_month(line) is not None
