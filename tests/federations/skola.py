"""A small federation of schools: two units, accounts of five digits, loans, a deficit that is to be restored.

    books = skola()
    books.write(folder, closed=(2024, 2025))

Its members pay it on an account of group 31, its provision stands in group 21 as in older charts, and what is disposed
of has an account of its own. It lends to a company, and keeps a store.
"""

from datetime import date
from decimal import Decimal

from tests.federations.chart import KOMMUN_BAS
from tests.federations.events import Federation, month_end

MEMBERS = {"Lillby": 11_800_000, "Storby": 19_000_000}
PAY = {"GYM": 1_350_000, "VUX": 380_000}
WITHOUT = ("maskiner-nedskrivning", "mark-nedskrivning")
# Every account of Kommun-Bas with a digit more, but for those that this federation has elsewhere.
CHART = {
    **{word: f"{name[:4]}0{name[4:]}" for word, name in KOMMUN_BAS.items() if word not in WITHOUT},
    "maskiner": "12100-Inventarier",
    "maskiner-avskrivning": "12190-Avskrivning-inventarier",
    "maskiner-utrangering": "12180-Utrangerade-inventarier",
    "andra-avsattningar": "21900-Avsättningar",
    "medlemsbidrag": "31000-Medlemsavgifter",
    "hyror": "34100-Lokaluthyrning",
}
NO_VAT = Decimal(0)


def skola() -> Federation:
    """Return the books of two years."""
    opening = date(2023, 12, 31)
    units = {"GYM": ("Gymnasieskolan", opening), "VUX": ("Vuxenutbildningen", opening)}
    books = Federation("Bygdens skolförbund", CHART, opening, date(2025, 12, 31), "GYM", units)
    books.opens("GYM", "bank", 6_250_000)
    books.opens("GYM", "forrad", 210_000)
    books.opens("GYM", "semesterloneskuld", -1_900_000)
    old = books.owned("Möbler", "GYM", "maskiner", "Möbler", 960_000, 120, date(2019, 1, 1))
    books.owned("Skolhus stomme", "GYM", "byggnader", "Skolhuset", 24_000_000, 600, date(2009, 1, 1))
    books.owned("Skolhus ventilation", "GYM", "byggnader", "Skolhuset", 6_000_000, 300, date(2009, 1, 1))
    books.loan_open(
        "KI 2009-4", date(2009, 1, 1), 20_000_000, 12_500_000, date(2034, 1, 1), 500_000, "2.6", short=500_000
    )
    books.provision("TAK", opening, "Sanering av skolans tak", total=700_000)
    books.provision_open("TAK", "Grundbelopp", 700_000)
    books.opened_with()
    books.deficit_before(2022, 90_000)
    books.deficit_before(2023, 640_000)
    for year in (2024, 2025):
        _year(books, year)
    books.scrapped(old, date(2025, 6, 12))
    _, computers = books.bought("Datorer", "GYM", "maskiner", 540_000, date(2024, 8, 13), "Datorhuset AB", 36)
    books.paid(computers, date(2024, 9, 11))
    books.bought("Svarv", "VUX", "maskiner", 288_000, date(2025, 12, 9), "Verkstadsmaskiner AB", 96)
    books.provision_paid("TAK", "Utbetalning", date(2025, 7, 15), 450_000, "Takbolaget AB", "Sanering av taket")
    books.loan("KI 2025-2", date(2025, 3, 18), 2_000_000, date(2030, 3, 18), 400_000, "3.0")
    books.made_short("KI 2025-2", date(2025, 12, 31), 400_000)
    grove, bill = books.bought("Skolskogen", "GYM", "mark", 250_000, date(2024, 9, 3), "Skogsbolaget AB", vat=NO_VAT)
    books.paid(bill, date(2024, 10, 2))
    books.written_down(grove, date(2025, 6, 1), 60_000)
    program, bill = books.bought(
        "Schemaprogram", "GYM", "immateriella", 180_000, date(2024, 1, 18), "Programhuset AB", 60
    )
    books.paid(bill, date(2024, 2, 16))
    books.received(books.sold(program, date(2025, 9, 9), 100_000, "Grannförbundet"), date(2025, 10, 8))
    shares = books.shares_bought("Bygdens fiber AB", "GYM", date(2024, 6, 11), 150_000, "Bygdens fiber AB")
    books.shares_written_down(shares, date(2024, 12, 31), 40_000)
    books.shares_sold(shares, date(2025, 4, 8), 165_000, "Fiberbolaget AB")
    books.extraordinary("VUX", date(2025, 8, 26), 90_000, "Försäkringsersättning efter storm", "Försäkringsbolaget")
    books.lent("Skolbolaget AB", "GYM", date(2024, 5, 14), 800_000)
    books.lent_short("Skolbolaget AB", "GYM", date(2024, 12, 31), 200_000)
    books.lent("Skolbolaget AB", "GYM", date(2025, 5, 14), -150_000, short=True)
    books.lent("Skolbolaget AB", "GYM", date(2025, 9, 15), -100_000)
    books.lease("Paviljong", date(2025, 1, 1), date(2033, 12, 31), 240_000)
    books.lease("Skolbuss", date(2023, 7, 1), date(2026, 6, 30), 96_000)
    for year, month in ((2024, 5), (2024, 8), (2024, 11), (2025, 2), (2025, 5), (2025, 8), (2025, 11)):
        books.vat_settled(date(year, month, 12), month_end(date(year, month - 1, 1)))
    books.depreciated()
    return books


def _year(books: Federation, year: int) -> None:
    costs = {2024: Decimal("1.15"), 2025: Decimal("0.8")}[year]
    for month in range(1, 13):
        books.salaries(date(year, month, 25), PAY)
    for quarter, month in enumerate((1, 4, 7, 10), start=1):
        for member, amount in MEMBERS.items():
            bill = books.contribution(
                "GYM", date(year, month, 9), member, amount / Decimal(4), f"Medlemsavgift kvartal {quarter} {year}"
            )
            books.received(bill, date(year, month + 1, 6))
        for unit, net in (("GYM", 640_000), ("VUX", 110_000)):
            text = f"Läromedel kvartal {quarter} {year}"
            bill = books.invoice(unit, date(year, month, 16), "Läromedel AB", "material", net * costs, text)
            books.paid(bill, date(year, month + 1, 14))
        bus = books.invoice(
            "GYM",
            date(year, month, 2),
            "Bussleasing AB",
            "leasing",
            24_000,
            f"Leasing skolbuss kvartal {quarter} {year}",
        )
        books.paid(bus, date(year, month, 30))
        books.internal(
            date(year, month, 28), "GYM", "VUX", 60_000, f"Lokaler och administration kvartal {quarter} {year}"
        )
    hall = books.service("GYM", date(year, 5, 20), "Idrottsföreningen", 45_000, f"Hyra av sporthall {year}", "hyror")
    books.received(hall, date(year, 6, 18))
    hall = books.service(
        "GYM", date(year, 12, 10), "Idrottsföreningen", 15_000 + year, f"Hyra av sporthall vinter {year}", "hyror"
    )
    if year == 2024:
        books.received(hall, date(2025, 1, 9))
    state = books.grant("VUX", date(year, 3, 12), "Skolverket", 1_150_000, f"Statsbidrag yrkesvux {year}")
    books.received(state, date(year, 4, 10))
    books.amortised("KI 2009-4", date(year, 1, 2), 500_000, short=True)
    books.made_short("KI 2009-4", date(year, 12, 31), 500_000)
    books.interest_paid(date(year, 12, 30), {2024: 312_000, 2025: 355_500}[year], f"Ränta {year}")
    books.holiday_pay(date(year, 12, 31), "GYM", {2024: 85_000, 2025: 40_000}[year])
    books.stock_taken("GYM", date(year, 12, 31), {2024: -35_000, 2025: 22_000}[year])
