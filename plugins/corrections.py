"""Corrections: a voucher that puts another right, and what the two come to together.

    2024-03-08 * "Rättelse: utbetalningen hör till avsättningen"
      ver: "M 31"
      rattar: "U 191"
      Liabilities:RU:2293-Statlig-infrastruktur:E20:Utbetalning  1260399.60 SEK
      Expenses:RU:4510-Projektbidrag                            -1260399.60 SEK

What is booked stays booked, so a voucher and its corrections are judged as one: neither alone needs
to be right.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from beancount.core import data
from beancount.core.amount import Amount

from forbundsbok.plugins.accounts import CLEARING, is_in_group
from forbundsbok.plugins.numbers import VER, Ver

CORRECTS = "rattar"
"""The metadata in which a correction names the voucher that it corrects."""

_CORRECTED = re.compile(rf"{VER.pattern}(?: (?P<year>[0-9]{{4}}))?")


class Cost(NamedTuple):
    """What a booking comes to on the accounts of a group, and the largest of its rows there."""

    amount: Decimal
    entry: data.Transaction
    posting: data.Posting


@dataclass(frozen=True)
class Booking:
    """A voucher with its corrections, in the order of their dates."""

    vouchers: tuple[data.Transaction, ...]

    @property
    def first(self) -> data.Transaction:
        return self.vouchers[0]

    @property
    def day(self) -> date:
        return self.vouchers[0].date

    def rows(self) -> list[tuple[data.Transaction, data.Posting]]:
        """Return the postings that an accountant wrote, each with its voucher."""
        return [
            (entry, posting)
            for entry in self.vouchers
            for posting in entry.postings
            if not posting.account.endswith(f":{CLEARING}")
        ]

    def plain_rows(self) -> list[data.Posting]:
        """Return the postings that an accountant wrote."""
        return [posting for _, posting in self.rows()]

    def sums(self, currency: str) -> dict[str, Decimal]:
        """Return what each account comes to, without the ones that come to nothing by a correction."""
        sums: dict[str, Decimal] = {}
        for _, posting in self.rows():
            if has_amount(posting, currency):
                sums[posting.account] = sums.get(posting.account, Decimal(0)) + number_of(posting)
        if len(self.vouchers) > 1:
            return {account: number for account, number in sums.items() if number}
        return sums

    def cost(self, group: str, currency: str) -> Cost | None:
        """Return what it comes to on the accounts whose number begins with a group, None where that is not a cost.

        What is given back, or moved between units, comes to nothing or less.
        """
        rows = [
            (entry, posting)
            for entry, posting in self.rows()
            if is_in_group(posting.account, group) and has_amount(posting, currency)
        ]
        amount = sum((number_of(posting) for _, posting in rows), Decimal(0))
        return Cost(amount, *max(rows, key=lambda row: number_of(row[1]))) if amount > 0 else None


def corrected_numbers(entry: data.Transaction) -> list[Ver]:
    """Return the numbers that a correction names, as "L 31, L 405 2023"; none where one of them cannot be read."""
    named = entry.meta.get(CORRECTS)
    matches = [_CORRECTED.fullmatch(text.strip()) for text in named.split(",")] if isinstance(named, str) else []
    if not all(matches):
        return []
    return [
        Ver(int(match["year"] or entry.date.year), match["series"], int(match["number"])) for match in matches if match
    ]


def has_amount(posting: data.Posting, currency: str) -> bool:
    """Tell whether a posting has an amount in a currency: what has none is another rule's to report."""
    units = posting.units
    return isinstance(units, Amount) and isinstance(units.number, Decimal) and units.currency == currency


def number_of(posting: data.Posting) -> Decimal:
    """Return what a posting books, nothing where it has no amount."""
    number = posting.units.number if isinstance(posting.units, Amount) else None
    return number if isinstance(number, Decimal) else Decimal(0)


def bookings(
    vouchers: Iterable[data.Transaction], corrections: Iterable[data.Transaction], entries: Iterable[data.Directive]
) -> list[Booking]:
    """Return some vouchers, each with what corrects it and what it corrects within its fiscal year.

    `corrections` are all the vouchers of the ledger that correct another.
    """
    corrections = [entry for entry in corrections if _corrects(entry)]
    if not corrections:
        return [Booking((entry,)) for entry in vouchers]
    members = {id(entry): entry for entry in vouchers}
    corrected = {(entry.meta[CORRECTS], entry.date.year) for entry in members.values() if _corrects(entry)}
    if corrected:
        for entry in entries:
            if isinstance(entry, data.Transaction) and (_ver(entry), entry.date.year) in corrected:
                members.setdefault(id(entry), entry)
    numbers = {(_ver(entry), entry.date.year) for entry in members.values()}
    for entry in corrections:
        if (entry.meta[CORRECTS], entry.date.year) in numbers:
            members.setdefault(id(entry), entry)
            numbers.add((_ver(entry), entry.date.year))
    return _grouped(list(members.values()))


def _grouped(vouchers: list[data.Transaction]) -> list[Booking]:
    by_number = {(_ver(entry), entry.date.year): entry for entry in reversed(vouchers) if _ver(entry)}
    groups: dict[int, list[data.Transaction]] = {}
    for entry in vouchers:
        groups.setdefault(id(_root(entry, by_number)), []).append(entry)
    # Most vouchers are one alone.
    return [
        Booking(tuple(sorted(group, key=lambda entry: entry.date) if len(group) > 1 else group))
        for group in groups.values()
    ]


def _root(entry: data.Transaction, by_number: Mapping[tuple[str, int], data.Transaction]) -> data.Transaction:
    """Return the voucher that a correction puts right in the end."""
    root, seen = entry, set[int]()
    while _corrects(root):
        seen.add(id(root))
        target = by_number.get((root.meta[CORRECTS], root.date.year))
        # Corrections that name each other in a circle correct nothing.
        if target is None or id(target) in seen:
            break
        root = target
    return root


def _ver(entry: data.Transaction) -> str:
    ver = entry.meta.get("ver")
    return ver if isinstance(ver, str) else ""


def _corrects(entry: data.Transaction) -> bool:
    return isinstance(entry.meta.get(CORRECTS), str)
