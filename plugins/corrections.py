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
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from beancount.core import data
from beancount.core.amount import Amount

from forbundsbok.plugins.accounts import CLEARING, is_clearing
from forbundsbok.plugins.numbers import VER, Ver, read_ver

CORRECTS = "rattar"
"""The metadata in which a correction names the voucher that it corrects."""

_CORRECTED = re.compile(rf"{VER.pattern}(?: (?P<year>[0-9]{{4}}))?")


Row = tuple[str, Decimal]
"""What is booked on an account: debit plus."""


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

    def cost(self, may: Callable[[str], bool], currency: str) -> Cost | None:
        """Return what it comes to on the accounts that may be of it, None where that is no cost.

        What is given back, or moved between units, comes to nothing or less.
        """
        rows = [
            (entry, posting) for entry, posting in self.rows() if may(posting.account) and has_amount(posting, currency)
        ]
        amount = sum((number_of(posting) for _, posting in rows), Decimal(0))
        return Cost(amount, *max(rows, key=lambda row: number_of(row[1]))) if amount > 0 else None


def corrected_numbers(entry: data.Transaction) -> list[Ver]:
    """Return the numbers that a correction names, as "L 31, L 405 2023"; none where one of them cannot be read."""
    return named_numbers(entry, CORRECTS)


def named_numbers(entry: data.Transaction, key: str) -> list[Ver]:
    """Return the numbers of vouchers that a voucher names under a key; none where one of them cannot be read."""
    named = entry.meta.get(key)
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


def rows_of(entry: data.Transaction, currency: str) -> list[Row]:
    """Return what an accountant wrote in a voucher: the rows that have an amount in a currency, without clearing."""
    return [
        (account, units.number)
        for account, units, _, _, _, _ in entry.postings
        if isinstance(units, Amount)
        and units.currency == currency
        and isinstance(units.number, Decimal)
        and not is_clearing(account)
    ]


def joined_bookings(vouchers: Sequence[data.Transaction], corrections: Sequence[data.Transaction]) -> list[Booking]:
    """Return the bookings of more than one voucher: those that correct another of its fiscal year, and what they do.

    `vouchers` are all of the ledger, and `corrections` those of them that correct another.
    """
    wanted = {
        id(entry): [ver for ver in corrected_numbers(entry) if ver.year == entry.date.year] for entry in corrections
    }
    named = {str(ver) for own in wanted.values() for ver in own}
    found = bearers(entry for entry in vouchers if entry.meta.get("ver") in named) if named else {}
    targets = {key: [found[ver] for ver in own if ver in found] for key, own in wanted.items() if own}
    groups: dict[int, list[data.Transaction]] = {}
    for entry in corrections:
        for target in targets.get(id(entry), ()):
            # Corrections that name each other in a circle correct nothing.
            if _leads_to(target, entry, targets):
                continue
            fewer, more = sorted((groups.setdefault(id(each), [each]) for each in (entry, target)), key=len)
            if fewer is not more:
                more += fewer
                groups.update((id(each), more) for each in fewer)
    distinct = {id(group): group for group in groups.values() if len(group) > 1}
    joined = {id(entry) for group in distinct.values() for entry in group}
    order = {id(entry): place for place, entry in enumerate(vouchers) if id(entry) in joined} if joined else {}
    return [
        Booking(tuple(sorted(group, key=lambda entry: (entry.date, order[id(entry)])))) for group in distinct.values()
    ]


def bearers(vouchers: Iterable[data.Transaction]) -> dict[Ver, data.Transaction]:
    """Return the voucher that bears each number, the first of two."""
    found: dict[Ver, data.Transaction] = {}
    for entry in vouchers:
        if ver := read_ver(entry):
            found.setdefault(ver, entry)
    return found


def _leads_to(start: data.Transaction, end: data.Transaction, targets: Mapping[int, list[data.Transaction]]) -> bool:
    """Tell whether what a voucher corrects, and what that corrects, and so on, comes to a voucher."""
    waiting, seen = [start], set[int]()
    while waiting:
        entry = waiting.pop()
        if entry is end:
            return True
        if id(entry) not in seen:
            seen.add(id(entry))
            waiting += targets.get(id(entry), ())
    return False
