"""What is settled with others than customers and suppliers: VAT, partners' advances, held funds.

VAT of a month is declared on the 8th of the second month after, and paid or got back four or
twelve days later; so November and December stand at the year-end:

    2024-03-08 * "Momsredovisning januari"
      ver: "M 61"
      Liabilities:FK:2610-Utgående-moms    91000.00 SEK
      Assets:FK:1650-Momsfordran          -91000.00 SEK

Advances to project partners and funds held for others take what VAT leaves of their rows.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from forbundsbok.scripts.reconstruct.chart import BANK, REGION, SKATTEVERKET, VAT_IN, VAT_OUT
from forbundsbok.scripts.reconstruct.targets import PARTNER_ADVANCES, PASSED_ON, Targets
from forbundsbok.scripts.reconstruct.vouchers import (
    MONTHS,
    OPENING_YEAR,
    YEARS,
    Book,
    Ore,
    bankday,
    chance,
    split,
    uneven,
)

NOVEMBER_SHARE = 47  # per cent of the VAT in the opening balance


def book_vat(book: Book, targets: Targets) -> None:
    opening = targets.opening()
    for (year, month), (bought, sold) in sorted(monthly_vat(book, opening).items()):
        declared = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 8)
        both, text = min(bought, sold), f"moms {MONTHS[month - 1]} {year}"
        if both:
            book.add(
                bankday(declared), "M", SKATTEVERKET, f"Redovisning av {text}",
                (VAT_OUT, both), (VAT_IN, -both),
            )  # fmt: skip
        if bought > sold:
            book.add(
                bankday(declared.replace(day=20)), "I", SKATTEVERKET, f"Återbetalning av {text}",
                (BANK, bought - sold), (VAT_IN, sold - bought),
            )  # fmt: skip
        elif sold > bought:
            book.add(
                bankday(declared.replace(day=12)), "U", SKATTEVERKET, f"Inbetalning av {text}",
                (VAT_OUT, sold - bought), (BANK, bought - sold),
            )  # fmt: skip


def monthly_vat(book: Book, opening: dict[str, Ore]) -> dict[tuple[int, int], tuple[Ore, Ore]]:
    """Input and output VAT by month, with the two months that the opening balance holds."""
    bought: defaultdict[tuple[int, int], Ore] = defaultdict(int)
    sold: defaultdict[tuple[int, int], Ore] = defaultdict(int)
    for month, share in ((11, NOVEMBER_SHARE), (12, 100 - NOVEMBER_SHARE)):
        bought[OPENING_YEAR, month] = opening[VAT_IN] // 100 * share
        sold[OPENING_YEAR, month] = -opening[VAT_OUT] // 100 * share
    for voucher in book.vouchers:
        for name, amount in voucher.lines:
            if name == VAT_IN:
                bought[voucher.day.year, voucher.day.month] += amount
            elif name == VAT_OUT:
                sold[voucher.day.year, voucher.day.month] -= amount
    return {month: (bought[month], sold[month]) for month in {*bought, *sold}}


def book_held_funds(book: Book, targets: Targets) -> None:
    opening = targets.opening()
    advances, funds = opening[PARTNER_ADVANCES], -opening[PASSED_ON]
    vat_in, vat_out = opening[VAT_IN], -opening[VAT_OUT]
    for year in YEARS:
        vat_in += book.moved[VAT_IN, year]
        vat_out -= book.moved[VAT_OUT, year]
        closing = targets.advances(year, vat_in)
        book_advances(book, year, advances, closing)
        advances = closing
        closing = targets.passed_on(year, vat_out)
        book_funds(book, year, funds, closing)
        funds = closing


def book_advances(book: Book, year: int, opening: Ore, closing: Ore) -> None:
    """Partners account for last year's advances in spring and get new ones in autumn."""
    rng = chance("advances", year)
    for month, amount in zip((2, 3, 5), split(opening, uneven(rng, 3)), strict=True):
        day = bankday(date(year, month, rng.randint(5, 25)))
        text = f"Återbetalt förskott projektpartner {year - 1}"
        book.add(day, "I", "Projektpartner", text, (PARTNER_ADVANCES, -amount), (BANK, amount))
    for month, amount in zip((9, 10, 11), split(closing, uneven(rng, 3)), strict=True):
        day = bankday(date(year, month, rng.randint(5, 25)))
        text = f"Förskott till projektpartner {year}"
        book.add(day, "U", "Projektpartner", text, (PARTNER_ADVANCES, amount), (BANK, -amount))


def book_funds(book: Book, year: int, opening: Ore, closing: Ore) -> None:
    """Funds that the federation receives for others in autumn are passed on in spring."""
    rng = chance("funds", year)
    for month, amount in zip((1, 3, 4), split(opening, uneven(rng, 3)), strict=True):
        day = bankday(date(year, month, rng.randint(7, 25)))
        text = f"Förmedlade medel {year - 1} betalas vidare"
        book.add(day, "U", "Projektpartner", text, (PASSED_ON, amount), (BANK, -amount))
    for month, amount in zip((8, 9, 11), split(closing, uneven(rng, 3)), strict=True):
        day = bankday(date(year, month, rng.randint(5, 25)))
        text = f"Medel för förmedling {year}"
        book.add(day, "I", REGION, text, (PASSED_ON, -amount), (BANK, amount), meta={"motpart": REGION})
