"""Services that units sell: invoices that fill what is left of their row of other income.

    2024-03-12 * "Tranemo kommun" "Handledning och kurser" ^K-2024-0181
      ver: "K 181"
      motpart: "Tranemo kommun"
      Assets:MC:1510-Kundfordringar        31250.00 SEK
      Income:MC:3040-Sålda-tjänster       -25000.00 SEK
      Liabilities:FK:2610-Utgående-moms    -6250.00 SEK

Those of December are unpaid at the year-end: what member fees leave of the solved receivable.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta

from forbundsbok.scripts.reconstruct.chart import MUNICIPALITIES, OTHER_INCOME, REGION, VAT_OUT, account
from forbundsbok.scripts.reconstruct.customers import invoice_customer
from forbundsbok.scripts.reconstruct.fees import unpaid_fees
from forbundsbok.scripts.reconstruct.targets import Targets
from forbundsbok.scripts.reconstruct.vouchers import YEARS, Book, Ore, bankday, chance, kr, split, uneven


@dataclass(frozen=True)
class Offer:
    """What a unit sells: on which account, to whom, with which VAT, how much, how often."""

    account: str
    customers: tuple[str, ...]
    text: str
    vat: int  # per cent
    share: int
    times: int  # a year


MEMBERS = tuple(MUNICIPALITIES.values())
SCHOOLS = ("Kund 011 Skola", "Kund 012 Skola", "Kund 018 Skola", "Kund 023 Friskola")
COMPANIES = ("Kund 031 Företag", "Kund 032 Företag", "Kund 040 Företag", "Kund 044 Förening")
SALES = {
    "FK": (Offer(OTHER_INCOME, (REGION, "Borås stad"), "Ersättning för deltagande", 0, 1, 4),),
    "ADM": (
        Offer("3040-Sålda-tjänster", MEMBERS, "Administrativa tjänster", 25, 5, 14),
        Offer(OTHER_INCOME, COMPANIES, "Uthyrning av konferensrum", 25, 2, 10),
    ),
    "RU": (
        Offer(OTHER_INCOME, (*MEMBERS, REGION), "Medfinansiering av projekt", 0, 8, 16),
        Offer("3050-Konferensavgifter", (*MEMBERS, *COMPANIES), "Konferensavgifter", 25, 1, 14),
    ),
    "VU": (Offer(OTHER_INCOME, MEMBERS, "Ersättning för utbildningsdag", 0, 1, 4),),
    "BRB": (
        Offer(OTHER_INCOME, MEMBERS, "Medverkan på mässa", 25, 3, 10),
        Offer(OTHER_INCOME, ("Högskolan i Borås", REGION), "Medfinansiering av projekt", 0, 2, 4),
    ),
    "MC": (Offer("3040-Sålda-tjänster", MEMBERS, "Handledning och kurser", 25, 1, 26),),
    "NAV": (
        Offer("3030-Skolprogram", (*MEMBERS, *SCHOOLS), "Skolprogram", 0, 10, 50),
        Offer("3040-Sålda-tjänster", (*COMPANIES, *MEMBERS), "Lärarfortbildning", 25, 4, 20),
        Offer("3060-Uthyrning-av-utställningar", ("Kund 052 Science center",
              "Kund 053 Museum", "Kund 057 Science center"), "Hyra av utställning", 25, 2, 8),
        Offer(OTHER_INCOME, ("Högskolan i Borås", REGION), "Medverkan i projekt", 0, 3, 6),
    ),
    "NVS": (Offer(OTHER_INCOME, MEMBERS, "Deltagaravgifter", 0, 1, 6),),
}  # fmt: skip


def book_sales(book: Book, targets: Targets) -> None:
    """Fill every unit's row of sales with invoices; December's leave the rest of the receivable."""
    for unit, palette in SALES.items():
        for year in YEARS:
            rng = chance("sales", unit, year)
            unpaid = targets.asset(unit, "1510-Kundfordringar", year)
            unpaid -= unpaid_fees(targets, unit, year)
            if unpaid:
                book_unpaid_sales(book, unit, year, palette, unpaid, rng)
            left = -targets.left(book, unit, "övriga intäkter", year)
            if left:
                book_year_of_sales(book, unit, year, palette, left, rng)


def book_unpaid_sales(
    book: Book, unit: str, year: int, palette: tuple[Offer, ...], unpaid: Ore, rng: random.Random
) -> None:
    for gross in split(unpaid, uneven(rng, max(2, min(9, unpaid // kr(40_000))))):
        sale = rng.choice(palette)
        day = bankday(date(year, 12, rng.randint(4, 19)))
        book_sale(book, unit, day, sale, gross * 100 // (100 + sale.vat), rng, gross=gross)


def book_year_of_sales(
    book: Book, unit: str, year: int, palette: tuple[Offer, ...], total: Ore, rng: random.Random
) -> None:
    if total < 0:
        raise ValueError(f"{unit} {year}: sales exceed the solved income by {-total / 100} kronor")
    orders = [
        (sale, date(year, 1, 9) + timedelta(days=rng.randint(0, 315))) for sale in palette for _ in range(sale.times)
    ]
    weights = [sale.share * 1000 // sale.times * rng.randint(50, 150) for sale, _ in orders]
    for (sale, day), net in zip(orders, split(total, weights), strict=True):
        book_sale(book, unit, bankday(day), sale, net, rng)


def book_sale(
    book: Book, unit: str, day: date, sale: Offer, net: Ore, rng: random.Random, gross: Ore | None = None
) -> None:
    vat = net * sale.vat // 100 if gross is None else gross - net
    lines = [(account("Income", unit, sale.account), -net), (VAT_OUT, -vat)]
    invoice_customer(book, unit, day, rng.choice(sale.customers), sale.text, *lines)
