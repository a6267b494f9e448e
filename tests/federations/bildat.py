"""A federation that is formed in the middle of a year, with one unit and no clearing, and that rests in its last year.

    books = bildat()
    books.write(folder, closed=(2023, 2024, 2025))

It begins on 1 July 2023 with nothing but what its members pay in, and in 2025 nothing is earned and nothing is spent.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from tests.federations.chart import KOMMUN_BAS
from tests.federations.events import Federation


def bildat(chart: Mapping[str, str] = KOMMUN_BAS) -> Federation:
    """Return the books of half a year, a year, and a year that rests."""
    opening = date(2023, 6, 30)
    units = {"FBD": ("Förbundet", opening)}
    books = Federation("Vattenrådets kommunalförbund", chart, opening, date(2025, 12, 31), "FBD", units)
    books.alone = {"FBD"}
    for member, amount in (("Åby", 400_000), ("Öby", 600_000)):
        books.capital(date(2023, 7, 1), member, amount)
    for year, share in ((2023, Decimal("0.5")), (2024, Decimal(1))):
        for member, amount in (("Åby", 1_800_000), ("Öby", 2_700_000)):
            bill = books.contribution("FBD", date(year, 7, 10), member, amount * share, f"Medlemsbidrag {year}")
            books.received(bill, date(year, 8, 9))
        for month in range(7 if year == 2023 else 1, 13):
            books.salaries(date(year, month, 25), {"FBD": 130_000})
        study = books.invoice(
            "FBD", date(year, 10, 4), "Vattenkonsult AB", "tjanster", 1_150_000 * share, f"Provtagning {year}"
        )
        books.paid(study, date(year, 11, 3))
    _, boat = books.bought("Provtagningsbåt", "FBD", "maskiner", 360_000, date(2023, 9, 5), "Båtvarvet AB", 15)
    books.paid(boat, date(2023, 10, 4))
    last = books.service("FBD", date(2024, 12, 4), "Vattenverket", 90_000, "Provtagning december 2024")
    books.received(last, date(2025, 1, 3))
    for day in (date(2023, 11, 12), date(2024, 11, 12), date(2025, 2, 12)):
        books.vat_settled(day, day.replace(day=1))
    books.depreciated()
    return books


def odelat() -> Federation:
    """Return the same books, of a federation that declares no unit: all its accounts have one code, and six digits."""
    books = bildat({word: f"{name[:4]}00{name[4:]}" for word, name in KOMMUN_BAS.items()})
    books.undivided = True
    return books
