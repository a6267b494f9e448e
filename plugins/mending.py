"""Mending: the ledger text that a message holds for pasting, and how it names a place in the ledger.

A voucher to paste has a number that is free in its series and year:

    2024-12-31 * "Överskott 2024 överförs till 2025"
      ver: "B 38"
      Income:BRB:3198-Överskott:2024       574000.00 SEK
      Liabilities:BRB:2998-Överskott:2024 -574000.00 SEK
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import PurePath
from typing import Any

from beancount.core import data
from beancount.core.amount import Amount

VER = re.compile(r"(?P<series>[A-ZÅÄÖ]+) (?P<number>[1-9]\d{0,8})")
"""A voucher's number: a series letter and a number within the series and the fiscal year."""


def kronor(number: Decimal) -> str:
    """Return an amount as the ledger writes it: two decimals, or all that it has when they are more."""
    return f"{number:.2f}" if is_whole_ore(number) else f"{number:f}"


def is_whole_ore(number: Decimal) -> bool:
    """Tell whether an amount, however great, has nothing finer than an öre."""
    _, digits, exponent = number.as_tuple()
    return not isinstance(exponent, int) or exponent >= -2 or not any(digits[exponent + 2 :])


def place(entry: data.Directive, source: Mapping[str, Any] | None = None) -> str:
    """Return where a directive or a posting stands, short: its folder, file and line."""
    meta = source or entry.meta
    return f"{'/'.join(PurePath(str(meta.get('filename'))).parts[-2:])}:{meta.get('lineno')}"


def named(entry: data.Transaction) -> str:
    """Return how a message names a voucher: its number, and where it stands."""
    return f"voucher {entry.meta.get('ver') or 'without number'} ({place(entry)})"


class Numbers:
    """Voucher numbers that are free, each given once."""

    def __init__(self, entries: Iterable[data.Directive]) -> None:
        self._entries = entries
        self._last: dict[tuple[str, int], int] | None = None
        self._times: Counter[tuple[str, int]] = Counter()  # how often each number of a year is used

    def free(self, series: str, year: int) -> str:
        """Return the next number of a series in a year."""
        last = self._counted()
        last[series, year] += 1
        return f"{series} {last[series, year]}"

    def removal(self, entry: data.Transaction) -> str:
        """Return how a voucher is taken away without a gap in its series."""
        last = self._counted()
        ver, year = str(entry.meta.get("ver")), entry.date.year
        match = VER.fullmatch(ver)
        gap = match and self._times[ver, year] == 1 and last[match["series"], year] != int(match["number"])
        if not gap:
            return f"Remove the {named(entry)}."
        void = voucher(entry.date, "Makulerat nummer", ver, [])
        return f"Write in place of the {named(entry)}:\n{indented(voucher_text(void))}"

    def _counted(self) -> dict[tuple[str, int], int]:
        if self._last is None:
            self._last = defaultdict(int)
            for entry in self._entries:
                if isinstance(entry, data.Transaction) and (match := VER.fullmatch(str(entry.meta.get("ver")))):
                    key = match["series"], entry.date.year
                    self._last[key] = max(self._last[key], int(match["number"]))
                    self._times[match[0], entry.date.year] += 1
        return self._last


def series_of(entry: data.Transaction | None, default: str) -> str:
    """Return the series of a voucher, or the one given where it has none."""
    ver = VER.fullmatch(str(entry.meta.get("ver"))) if entry is not None else None
    return ver["series"] if ver else default


def row(account: str, number: Decimal, currency: str) -> data.Posting:
    """Return a posting."""
    return data.Posting(account, Amount(number, currency), None, None, None, {})


def voucher(
    day: date, narration: str, ver: str, rows: Iterable[data.Posting], payee: str | None = None
) -> data.Transaction:
    """Return a voucher to write."""
    return data.Transaction({"ver": ver}, day, "*", payee, narration, data.EMPTY_SET, data.EMPTY_SET, list(rows))


def voucher_text(entry: data.Transaction) -> str:
    """Return a voucher as it is written in a ledger."""
    texts = [entry.payee, entry.narration or ""] if entry.payee is not None else [entry.narration or ""]
    words = [str(entry.date), str(entry.flag), *map(_value, texts)]
    words += [*(f"#{tag}" for tag in sorted(entry.tags or ())), *(f"^{link}" for link in sorted(entry.links or ()))]
    amounts = [_amount(posting) for posting in entry.postings]
    name_width = max((len(posting.account) for posting in entry.postings), default=0)
    number_width = max(map(len, amounts), default=0)
    rows = [
        f"  {posting.account:{name_width}}  {amount:>{number_width}}"
        for posting, amount in zip(entry.postings, amounts, strict=True)
    ]
    return "\n".join([" ".join(words), *_metadata(entry.meta), *rows])


def open_text(account: str, day: date, currency: str, label: str) -> str:
    """Return the directive that opens an account."""
    return f"{day} open {account} {currency}\n  benamning: {_value(label)}"


def indented(text: str) -> str:
    """Return a ledger text as a message holds it."""
    return "\n".join(f"  {line}" for line in text.splitlines())


def _amount(posting: data.Posting) -> str:
    units = posting.units
    if not isinstance(units, Amount) or not isinstance(units.number, Decimal):
        return ""
    return f"{kronor(units.number)} {units.currency}"


def _metadata(meta: Mapping[str, Any]) -> list[str]:
    own = {key: value for key, value in meta.items() if key not in ("filename", "lineno") and not key.startswith("_")}
    return [f"  {key}: {_value(value)}".rstrip() for key, value in own.items()]


def _value(value: object) -> str:
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    if isinstance(value, bool):
        return str(value).upper()
    return "" if value is None else str(value)
