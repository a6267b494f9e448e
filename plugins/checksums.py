"""Check sums: what a month held when its year was sealed, so that a later change can be told by name.

    sigill-03: "187 0c1f9e0b3a7d5521 1b8e44d0a96c7f03 FK 91c0 NAV 3fa2"

March held 187 directives. Every directive has two numbers: one of its text, one of its name (U 311). The
first sum is that of the texts, the second that of each text times its name. When one voucher has been
changed, the first sum differs by d and the second by d times the voucher's name: the quotient is the name.
The same holds for a voucher added or removed. Where more than one has changed, what is left are the
units, each with the first digits of a digest of all that touches it. "-" stands for no unit.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any, NamedTuple

from beancount.core import account, data

from forbundsbok.plugins.accounts import parse_account
from forbundsbok.plugins.canonical import booked_day, quoted

PRIME = 2**61 - 1
"""The sums are counted modulo this prime, so that every number but 0 can be divided by."""

BEFORE = "00"
"""The month of everything dated before the fiscal year, in the first year with bokslut."""

NO_UNIT = "-"
_DIGITS = 15  # of a digest in hexadecimal: 60 bits, less than PRIME
_LINE = re.compile(r"(\d{1,9}) ([0-9a-f]{16}) ([0-9a-f]{16})((?: \S+ [0-9a-f]{4})*)", re.ASCII)


class Item(NamedTuple):
    """A directive of a sealed year, and the SHA-256 of its canonical form."""

    entry: data.Directive
    digest: str


@dataclass(frozen=True)
class MonthSums:
    """What a month holds, as numbers: two check sums, and the digits of its units."""

    count: int
    texts: int
    names: int
    units: Mapping[str, str]

    def __str__(self) -> str:
        units = "".join(f" {unit} {check}" for unit, check in sorted(self.units.items()))
        return f"{self.count} {self.texts:016x} {self.names:016x}{units}"

    def units_that_differ(self, other: "MonthSums") -> list[str]:
        """Return the units that are not the same in two months."""
        units = self.units.keys() | other.units.keys()
        return sorted(unit for unit in units if self.units.get(unit) != other.units.get(unit))


EMPTY = MonthSums(0, 0, 0, {})


@dataclass(frozen=True)
class Change:
    """One directive that is not as it was: its name when sealed, and what it is now.

    `was` is None when it was not there, `item` when it is there no more. `old` is the directive as it was, where a copy
    of it is kept.
    """

    month: str
    was: str | None
    item: Item | None
    old: data.Directive | None = None


def read_month(text: object) -> MonthSums | None:
    """Return the month that a line of check sums tells of, or None when it is no such line."""
    match = _LINE.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        return None
    words = match[4].split()
    units = dict(zip(words[::2], words[1::2], strict=True))
    month = MonthSums(int(match[1]), int(match[2], 16), int(match[3], 16), units)
    return month if str(month) == text else None


def months_of(items: Iterable[Item], year: int) -> dict[str, MonthSums]:
    """Return the months of a fiscal year that hold anything."""
    return {month: _summed(held) for month, held in sorted(by_month(items, year).items())}


def by_month(items: Iterable[Item], year: int) -> dict[str, list[Item]]:
    """Return the items of each month of a fiscal year, by two digits."""
    months: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        months[month_key(booked_day(item.entry), year)].append(item)
    return months


def month_key(day: date, year: int) -> str:
    """Return the month of a fiscal year that a day belongs to, by two digits."""
    return f"{day.month:02}" if day.year == year else BEFORE


def name_of(entry: Any) -> str:
    """Return what a directive is called, whatever else it says: a voucher by its number, others by what they are of."""
    match entry:
        case data.Transaction():
            ver = entry.meta.get("ver")
            return ver if isinstance(ver, str) and ver else quoted(str(entry.narration or ""))
        case data.Custom():
            texts = [quoted(value.value) for value in entry.values or () if isinstance(value.value, str)]
            return " ".join(["custom", quoted(entry.type), *texts, str(entry.date.year)])
        case data.Commodity() | data.Price():
            return f"{_word(entry)} {entry.currency}"
        case data.Event():
            return f"event {quoted(entry.type)}"
    return f"{_word(entry)} {entry.account}"


def units_of(entry: Any) -> set[str]:
    """Return the units whose accounts a directive names; NO_UNIT when it names none."""
    match entry:
        case data.Transaction():
            accounts = [posting.account for posting in entry.postings]
        case data.Custom():
            accounts = [value.value for value in entry.values or () if value.dtype == account.TYPE]
        case _:
            accounts = [entry.account] if hasattr(entry, "account") else []
    return {name.unit for each in accounts if (name := parse_account(each))} or {NO_UNIT}


def change_of(
    month: str, sealed: MonthSums, now: MonthSums, items: Sequence[Item], names: Callable[[], Mapping[int, str]]
) -> Change | None:
    """Return the one directive that makes a month differ from what was sealed, or None when it is not one.

    `names` returns the names that a directive may have had, by their numbers.
    """
    texts, weighted = (now.texts - sealed.texts) % PRIME, (now.names - sealed.names) % PRIME
    match now.count - sealed.count:
        case 1:
            added = (item for item in reversed(items) if _text(item) == texts and _weighted(item) == weighted)
            return next((Change(month, None, item) for item in added), None)
        case -1:
            gone = names().get(_quotient(weighted, texts))
            return Change(month, gone, None) if gone is not None else None
        case 0:
            return next(_replaced(month, texts, weighted, items, names), None)
    return None


def numbers_of(names: Iterable[str]) -> dict[int, str]:
    """Return names by their numbers."""
    return {_number(name): name for name in names}


def _replaced(
    month: str, texts: int, weighted: int, items: Sequence[Item], names: Callable[[], Mapping[int, str]]
) -> Iterator[Change]:
    """Yield the change that one directive in the place of another makes: first of the same name, then of any."""
    for item in items:
        if texts * _number(name_of(item.entry)) % PRIME == weighted:
            yield Change(month, name_of(item.entry), item)
    known = names()
    for item in items:
        was = known.get(_quotient(_weighted(item) - weighted, _text(item) - texts))
        if was is not None:
            yield Change(month, was, item)


def _summed(items: Sequence[Item]) -> MonthSums:
    units: dict[str, list[str]] = defaultdict(list)
    for entry, digest in items:
        for unit in units_of(entry):
            units[unit].append(digest)
    checks = {unit: sha256("\n".join(sorted(digests)).encode()).hexdigest()[:4] for unit, digests in units.items()}
    return MonthSums(len(items), sum(map(_text, items)) % PRIME, sum(map(_weighted, items)) % PRIME, checks)


def _text(item: Item) -> int:
    return int(item.digest[:_DIGITS], 16)


def _weighted(item: Item) -> int:
    return _text(item) * _number(name_of(item.entry)) % PRIME


def _number(name: str) -> int:
    return int(sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS], 16)


def _quotient(dividend: int, divisor: int) -> int:
    return dividend * pow(divisor, -1, PRIME) % PRIME if divisor % PRIME else 0


def _word(entry: data.Directive) -> str:
    return type(entry).__name__.lower()
