"""The science center's box office and shop: cards are paid to the bank, cash goes by the box.

    2024-01-12 * "Dagrapporter kassa vecka 2: entré"
      ver: "I 32"
      Assets:FK:1610-Internbank             24844.28 SEK
      Assets:NAV:1910-Handkassa              1650.00 SEK
      Income:NAV:3020-Entréavgifter        -24994.61 SEK
      Liabilities:FK:2610-Utgående-moms     -1499.67 SEK

The shop is open as long as it has a stock; what is left of it when it closes is written down.
"""

from __future__ import annotations

import random
from datetime import date, timedelta

from forbundsbok.scripts.reconstruct.chart import BANK, VAT_IN, VAT_OUT, account
from forbundsbok.scripts.reconstruct.targets import Targets
from forbundsbok.scripts.reconstruct.vouchers import (
    MONTHS,
    OPENING_YEAR,
    YEARS,
    Book,
    DraftRow,
    Ore,
    after,
    bankday,
    chance,
    kr,
    month_end,
)

CASH = account("Assets", "NAV", "1910-Handkassa")
ENTRANCE = account("Income", "NAV", "3020-Entréavgifter")
SHOP = account("Income", "NAV", "3015-Butiksförsäljning")
STOCK = account("Assets", "NAV", "1410-Varulager")
GOODS = account("Expenses", "NAV", "6490-Varor-för-återförsäljning")
WRITTEN_DOWN = account("Expenses", "NAV", "6495-Nedskrivning-av-varulager")
SMALL_THINGS = account("Expenses", "NAV", "6450-Förbrukningsmaterial")

FLOAT = kr(5_000)
GOODS_OF_SALES = 55  # per cent of what the shop sells for, without VAT


def book_box_office(book: Book, targets: Targets) -> None:
    cash = targets.asset("NAV", "1910-Handkassa", OPENING_YEAR)
    for year in YEARS:
        rng = chance("box office", year)
        opening, closing = (targets.asset("NAV", "1410-Varulager", end) for end in (year - 1, year))
        shop_share = (30, 40) if opening else (0, 0)
        cash = book_weeks(book, year, cash, targets.asset("NAV", "1910-Handkassa", year), shop_share, rng)
        book_stock(book, year, opening - closing)


def book_weeks(book: Book, year: int, cash: Ore, closing: Ore, shop_share: tuple[int, int], rng: random.Random) -> Ore:
    """Each week the day reports and a deposit, now and then a purchase; December keeps what the year-end has."""
    for week in range(1, 53):
        day = bankday(date(year, 1, 5) + timedelta(days=7 * (week - 1)))
        if week % 4 == 0:
            cash -= book_small_purchase(book, day, kr(rng.randint(150, 900)))
        cards = kr(rng.randint(11_000, 34_000)) + rng.randint(0, 99)
        taken = kr(rng.randint(900, 2_600)) + rng.randint(0, 1) * 50
        if week == 52:
            taken = max(taken, closing - cash)
        text = f"Dagrapporter kassa vecka {week}: {'entré och butik' if any(shop_share) else 'entré'}"
        sold = sale_lines(cards + taken, rng.randint(*shop_share))
        book.add(day, "I", "", text, (BANK, cards), (CASH, taken), *sold)
        cash += taken
        left = closing if week == 52 else FLOAT if week < 49 else max(FLOAT, closing)
        if cash > left:
            text = f"Insättning av dagskassor vecka {week}"
            book.add(after(day, 1), "I", "", text, (BANK, cash - left), (CASH, left - cash))
            cash = left
    return cash


def sale_lines(sold: Ore, shop_share: int) -> list[DraftRow]:
    """Entrance with 6 and shop with 25 per cent VAT, out of what was paid."""
    shop = sold * shop_share // 100
    entrance_net, shop_net = (sold - shop) * 100 // 106, shop * 100 // 125
    return [(ENTRANCE, -entrance_net), (SHOP, -shop_net), (VAT_OUT, entrance_net + shop_net - sold)]


def book_small_purchase(book: Book, day: date, paid: Ore) -> Ore:
    net = paid * 100 // 125
    lines = [(SMALL_THINGS, net), (VAT_IN, paid - net), (CASH, -paid)]
    meta = {"attest": "VC-NAV", "mottagning": "HL-NAV"}
    book.add(day, "U", "", "Inköp av förbrukningsmaterial ur handkassan", *lines, meta=meta)
    return paid


def book_stock(book: Book, year: int, used: Ore) -> None:
    """What was sold each month leaves the stock at cost; the rest is written down when the shop closes."""
    if not used:
        return
    for month in range(1, 13):
        sold = -sum(
            amount
            for voucher in book.vouchers
            for name, amount in voucher.lines
            if name == SHOP and (voucher.day.year, voucher.day.month) == (year, month)
        )
        cost = min(used, sold * GOODS_OF_SALES // 100)
        text = f"Sålda varor ur butikens lager {MONTHS[month - 1]}"
        book.add(month_end(year, month), "M", "", text, (GOODS, cost), (STOCK, -cost))
        used -= cost
    text = "Nedskrivning och utrangering av butikens kvarvarande lager när butiken stänger"
    meta = {"underlag": f"underlag/{year}/inventering-butik.pdf"}
    book.add(date(year, 12, 31), "B", "", text, (WRITTEN_DOWN, used), (STOCK, -used), meta=meta)
