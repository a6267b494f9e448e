"""Vouchers, and the book that collects and numbers them.

Amounts are whole öre (`Ore`), debit positive. Every subject of the journal (payroll, purchases,
sales ...) adds its vouchers to one book; what falls before or after the book's years is dropped,
so an invoice of December 2022 leaves only its payment of January 2023, and the opening balance
carries the debt. When all is booked the vouchers are numbered by series and year in date order:

    2024-01-24 * "Leverantör 017 IT" "Datakommunikation och licenser" ^L-2024-0031
      ver: "L 31"
      ...
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

Ore = int
DraftRow = tuple[str, Ore]

BANK_UNIT = "FK"
OPENING_YEAR = 2022
YEARS = (2023, 2024)
MONTHS = (
    "januari", "februari", "mars", "april", "maj", "juni",
    "juli", "augusti", "september", "oktober", "november", "december",
)  # fmt: skip
HOLIDAYS = {(1, 1), (1, 6), (5, 1), (6, 6), (12, 24), (12, 25), (12, 26), (12, 31)}
AFTER_EASTER = (-2, 1, 39)  # days: Good Friday, Easter Monday, Ascension Day


@dataclass(eq=False)
class Draft:
    """A voucher; `meta` may name another voucher, whose number is known when all are numbered."""

    day: date
    series: str
    payee: str
    narration: str
    lines: list[DraftRow]
    meta: dict[str, str | date | Draft]
    settles: Draft | None = None  # the invoice that this voucher pays
    number: int = 0  # 0: not in the book

    @property
    def ver(self) -> str:
        return f"{self.series} {self.number}"

    @property
    def unit(self) -> str:
        """The unit in whose file the voucher stands: the only one besides the bank's, if there is
        one, else that of its first line.
        """
        units = {account.split(":")[1] for account, _ in self.lines}
        others = units - {BANK_UNIT}
        return others.pop() if len(others) == 1 else self.lines[0][0].split(":")[1]


class Book:
    """All vouchers of the two years; knows what each account has moved in a year.

    What an account is left with also counts the vouchers outside the years, which are not kept.
    """

    def __init__(self) -> None:
        self.vouchers: list[Draft] = []
        self.moved: defaultdict[tuple[str, int], Ore] = defaultdict(int)
        self._ever: defaultdict[tuple[str, int], Ore] = defaultdict(int)

    def left_on(self, account: str, year: int) -> Ore:
        """What the vouchers up to a year-end leave on an account."""
        return sum(amount for (name, moved), amount in self._ever.items() if name == account and moved <= year)

    def add(
        self,
        day: date,
        series: str,
        payee: str,
        narration: str,
        *lines: DraftRow,
        settles: Draft | None = None,
        meta: Mapping[str, str | date | Draft] | None = None,
    ) -> Draft:
        kept = [line for line in lines if line[1]]
        if not kept or sum(amount for _, amount in kept) != 0:
            raise ValueError(f"{day} {payee} {narration}: the lines do not balance: {lines}")
        voucher = Draft(day, series, payee, narration, kept, dict(meta or {}), settles)
        for account, amount in kept:
            self._ever[account, day.year] += amount
        if day.year in YEARS:
            self.vouchers.append(voucher)
            for account, amount in kept:
                self.moved[account, day.year] += amount
        return voucher

    def number(self) -> None:
        """Put the vouchers in date order and number them 1..n by series and calendar year."""
        self.vouchers.sort(key=lambda voucher: voucher.day)
        last: defaultdict[tuple[str, int], int] = defaultdict(int)
        for voucher in self.vouchers:
            last[voucher.series, voucher.day.year] += 1
            voucher.number = last[voucher.series, voucher.day.year]


def kr(kronor: int) -> Ore:
    return kronor * 100


def chance(*subject: object) -> random.Random:
    """The dice of one subject: the same at every run, whatever other subjects do."""
    return random.Random(" ".join(map(str, subject)))


def split(total: int, weights: Sequence[int]) -> list[int]:
    """Whole parts of `total` in proportion to the weights; they sum to it exactly."""
    whole, parts, taken, weight_taken = sum(weights), [], 0, 0
    for weight in weights:
        weight_taken += weight
        part = total * weight_taken // whole - taken
        parts.append(part)
        taken += part
    return parts


def uneven(rng: random.Random, count: int, spread: int = 40) -> list[int]:
    """Weights around 10 000 that differ by at most `spread` per cent."""
    return [rng.randint((100 - spread) * 100, (100 + spread) * 100) for _ in range(count)]


def bankday(day: date) -> date:
    """The day itself, or the next day on which banks and offices are open."""
    while day.weekday() > 4 or is_holiday(day):
        day += timedelta(days=1)
    return day


def is_holiday(day: date) -> bool:
    """Whether a weekday is none for banks: a fixed day, one that follows Easter, or Midsummer Eve."""
    midsummer_eve = day.month == 6 and 19 <= day.day <= 25 and day.weekday() == 4
    return midsummer_eve or (day.month, day.day) in HOLIDAYS or (day - easter(day.year)).days in AFTER_EASTER


def easter(year: int) -> date:
    """Easter Sunday, by the method of Meeus, Jones and Butcher."""
    century, of_century = divmod(year, 100)
    golden = year % 19
    moon = (19 * golden + century - century // 4 - (8 * century + 13) // 25 + 15) % 30
    sunday = (32 + 2 * (century % 4) + 2 * (of_century // 4) - moon - of_century % 4) % 7
    late = (golden + 11 * moon + 22 * sunday) // 451
    month, day = divmod(moon + sunday - 7 * late + 114, 31)
    return date(year, month, day + 1)


def after(day: date, days: int) -> date:
    return bankday(day + timedelta(days=days))


def month_end(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
