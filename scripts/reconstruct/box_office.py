"""The science center's box office and shop: cards are paid to the bank, cash goes by the box.

    2024-01-08 * "Kortinlösen" "Entré och butik vecka 1"
      ver: "I 32"
      Assets:FK:1610-Internbank             24844.28 SEK
      Income:NAV:3020-Entréavgifter        -19922.30 SEK
      Income:NAV:3015-Butiksförsäljning     -2981.31 SEK
      Liabilities:FK:2610-Utgående-moms     -1940.67 SEK

The shop's stock is sold out month by month.
"""

from __future__ import annotations

import random
from datetime import date, timedelta

from scripts.reconstruct.chart import BANK, VAT_IN, VAT_OUT, account
from scripts.reconstruct.targets import Targets
from scripts.reconstruct.vouchers import OPENING_YEAR, YEARS, Book, Line, Ore, bankday, chance, kr, split, uneven

CASH = account("Assets", "NAV", "1910-Handkassa")
ENTRANCE = account("Income", "NAV", "3020-Entréavgifter")
SHOP = account("Income", "NAV", "3015-Butiksförsäljning")
STOCK = account("Assets", "NAV", "1410-Varulager")
GOODS = account("Expenses", "NAV", "6590-Varor-för-återförsäljning")


def book_box_office(book: Book, targets: Targets) -> None:
    """Entrance and shop: cards are paid to the bank each week, cash goes by the cash box."""
    cash = targets.asset("NAV", "1910-Handkassa", OPENING_YEAR)
    for year in YEARS:
        rng = chance("box office", year)
        for week in range(52):
            day = date(year, 1, 7) + timedelta(days=7 * week)
            sold = kr(rng.randint(11_000, 34_000)) + rng.randint(0, 99)
            book.add(
                bankday(day) if week < 51 else date(year, 12, 30),
                "I",
                "Kortinlösen",
                f"Entré och butik vecka {week + 1}",
                *sale_lines(BANK, sold, rng.randint(15, 30)),
            )
        cash = book_cash(book, year, cash, targets.asset("NAV", "1910-Handkassa", year), rng)
        book_stock(book, targets, year, rng)


def sale_lines(paid_to: str, sold: Ore, shop_share: int) -> list[Line]:
    """Entrance with 6 and shop with 25 per cent VAT, out of what was paid."""
    shop = sold * shop_share // 100
    entrance_net, shop_net = (sold - shop) * 100 // 106, shop * 100 // 125
    return [(paid_to, sold), (ENTRANCE, -entrance_net), (SHOP, -shop_net), (VAT_OUT, entrance_net + shop_net - sold)]


def book_cash(book: Book, year: int, cash: Ore, closing: Ore, rng: random.Random) -> Ore:
    """Twice a month: takings in, now and then a purchase, and a deposit before there is much."""
    for half in range(24):
        day = bankday(date(year, half // 2 + 1, 13 if half % 2 == 0 else 26))
        if half % 3 == 2:
            paid = kr(rng.randint(150, 900))
            cash -= paid
            net = paid * 100 // 125
            bought = (account("Expenses", "NAV", "6010-Material-och-tjänster"), net)
            lines = [bought, (VAT_IN, paid - net), (CASH, -paid)]
            book.add(day, "U", "", "Inköp av förbrukningsmaterial ur handkassan", *lines)
        taken = kr(rng.randint(2_500, 6_500)) + rng.randint(0, 1) * 50
        if half == 23:
            taken = max(taken, closing - cash)
        text = f"Kontantförsäljning entré till och med {day}"
        book.add(day, "I", "", text, *sale_lines(CASH, taken, 10))
        cash += taken
        left = closing if half == 23 else kr(5_000)
        if cash > left and (half == 23 or cash > kr(16_000)):
            lines = [(BANK, cash - left), (CASH, left - cash)]
            book.add(day, "M", "", "Insättning av dagskassor", *reversed(lines))
            cash = left
    return cash


def book_stock(book: Book, targets: Targets, year: int, rng: random.Random) -> None:
    """The shop's stock, month by month, until what the year-end has is left."""
    opening, closing = (targets.asset("NAV", "1410-Varulager", end) for end in (year - 1, year))
    if opening == closing:
        return
    for month, amount in enumerate(split(opening - closing, uneven(rng, 12, 30)), start=1):
        day = bankday(date(year, month, 27))
        book.add(day, "M", "", "Sålda varor ur butikens lager", (GOODS, amount), (STOCK, -amount))
