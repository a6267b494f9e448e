"""Water, waste and rescue: fees that pay for units, a fund, loans that are laid over, and grants that go back.

    books = vatten()
    books.write(folder, closed=(2024, 2025))

The unit of waste carries what is left of its fees, which is less income of the year and nothing of the members'
contributions. Plant is unfinished when the books open, and the bank is overdrawn when a year ends.
"""

from datetime import date
from decimal import Decimal

from tests.federations.chart import KOMMUN_BAS
from tests.federations.events import Federation, month_end

MEMBERS = {"Älvby": 9_600_000, "Kustby": 8_400_000}
UNITS = {"KA": "Kansliet", "VA": "Vatten", "AV": "Avfall", "RN": "Räddning"}
PAY = {"KA": 210_000, "VA": 160_000, "AV": 140_000, "RN": 760_000}
NO_VAT = Decimal(0)


def vatten() -> Federation:
    """Return the books of two years."""
    opening = date(2023, 12, 31)
    units = {code: (name, opening) for code, name in UNITS.items()}
    books = Federation("Älvens vatten, avfall och räddning", KOMMUN_BAS, opening, date(2025, 12, 31), "KA", units)
    books.carrying["AV"] = "taxor"
    _opens(books)
    for year in (2024, 2025):
        _year(books, year)
    _assets(books)
    _money(books)
    for year, month in ((2024, 5), (2024, 8), (2024, 11), (2025, 2), (2025, 5), (2025, 8), (2025, 11)):
        books.vat_settled(date(year, month, 12), month_end(date(year, month - 1, 1)))
    books.depreciated()
    for year in (2024, 2025):
        books.surplus_carried("AV", year)
    return books


def _opens(books: Federation) -> None:
    books.opens("KA", "bank", -150_000)
    books.opens("KA", "semesterloneskuld", -620_000)
    books.unfinished_open("RN", "Station-Södra", 1_200_000)
    books.owned("Vattenverk", "VA", "byggnader", "Vattenverk", 14_400_000, 480, date(2014, 1, 1))
    books.owned("Sopbil", "AV", "maskiner", "Sopbil", 2_400_000, 96, date(2022, 1, 1))
    books.loan_open("KI 2020-1", date(2020, 6, 1), 3_000_000, 3_000_000, date(2025, 6, 1), 0, "1.4")
    books.loan_open(
        "KI 2021-2", date(2021, 9, 1), 6_000_000, 4_800_000, date(2031, 9, 1), 600_000, "2.2", short=600_000
    )
    books.opened_with()


def _year(books: Federation, year: int) -> None:
    for month in range(1, 13):
        books.salaries(date(year, month, 25), PAY)
    for half, month in (("första", 1), ("andra", 7)):
        for member, amount in MEMBERS.items():
            text = f"Medlemsbidrag {half} halvåret {year}"
            bill = books.contribution("KA", date(year, month, 9), member, Decimal(amount) / 2, text)
            books.received(bill, date(year, month + 1, 6))
    for quarter, month in enumerate((2, 5, 8, 11), start=1):
        for unit, net in (("VA", 1_150_000), ("AV", {2024: 990_000, 2025: 760_000}[year])):
            fee = books.service(
                unit, date(year, month, 14), f"Abonnenter {unit}", net, f"Taxa {quarter} {year}", "taxor"
            )
            books.received(fee, date(year, month + 1, 12))
        for unit, supplier, net in (("VA", "Kemi AB", 310_000), ("RN", "Slangar AB", 240_000)):
            bill = books.invoice(unit, date(year, month, 7), supplier, "material", net, f"Material {quarter} {year}")
            books.paid(bill, date(year, month + 1, 5))
    books.amortised("KI 2021-2", date(year, 9, 1), 600_000, short=True)
    books.made_short("KI 2021-2", date(year, 12, 31), 600_000)
    books.interest_paid(date(year, 12, 30), {2024: 147_600, 2025: 171_300}[year], f"Ränta {year}")
    books.holiday_pay(date(year, 12, 31), "KA", {2024: 31_000, 2025: 18_500}[year])


def _assets(books: Federation) -> None:
    for day, cost, paid in (
        (date(2024, 3, 14), 2_100_000, date(2024, 4, 12)),
        (date(2025, 2, 13), 700_000, date(2025, 3, 14)),
    ):
        _, bill = books.bought("Station-Södra", "RN", "pagaende", cost, day, "Byggbolaget AB")
        books.paid(bill, paid)
    grant = books.grant_off_cost("RN", "Station-Södra", date(2024, 12, 9), 400_000, "Beredskapsmyndigheten")
    books.received(grant, date(2025, 1, 8))
    parts = {"Station Södra stomme": (2_700_000, 600), "Station Södra teknik": (900_000, 240)}
    books.activated("RN", date(2025, 6, 30), "Station-Södra", "byggnader", parts)
    _, pump = books.bought("Pumpstation", "VA", "maskiner", 1_800_000, date(2024, 4, 11), "Pumpar AB", 120)
    books.paid(pump, date(2024, 5, 10))
    books.investment_grant("Pumpstation", "Pumpstation", date(2024, 5, 6), 600_000, "Staten")
    books.grant_released("Pumpstation", date(2024, 12, 31), 8 * 5_000)
    books.grant_repaid("Pumpstation", date(2025, 6, 16), 107_000, "Staten")
    books.grant_released("Pumpstation", date(2025, 12, 31), 12 * 5_000 - 7 * 1_000)
    loader, bill = books.bought("Hjullastare", "VA", "maskiner", 960_000, date(2024, 3, 6), "Maskiner AB", 96)
    books.paid(bill, date(2024, 4, 5))
    books.price_reduced(loader, date(2025, 2, 17), 60_000, "Maskiner AB")
    bins, bill = books.bought("Kärl", "AV", "maskiner", 600_000, date(2024, 2, 8), "Kärl AB", 60)
    books.paid(bill, date(2024, 3, 8))
    books.received(books.part_sold(bins, date(2025, 5, 13), 150_000, 120_000, "Kustby"), date(2025, 6, 11))
    books.scrapped(bins, date(2025, 11, 20))
    field, bill = books.bought("Slamfält", "VA", "mark", 900_000, date(2024, 2, 20), "Lantbruket AB", vat=NO_VAT)
    books.paid(bill, date(2024, 3, 20))
    books.written_down(field, date(2024, 11, 1), 350_000)
    books.written_down(field, date(2025, 9, 1), -120_000)
    books.given("Terrängbil", "RN", "maskiner", 360_000, date(2024, 10, 8), "Älvby", 60)


def _money(books: Federation) -> None:
    books.fund_bought("Räntefond Kort", "KA", date(2024, 6, 12), 1_000_000)
    books.fund_revalued("Räntefond Kort", "KA", date(2024, 12, 31), 40_000)
    books.fund_sold("Räntefond Kort", "KA", date(2025, 3, 18), 264_000, Decimal("0.25"))
    books.fund_sold("Räntefond Kort", "KA", date(2025, 10, 21), 801_000)
    books.made_short("KI 2020-1", date(2024, 12, 31), 3_000_000)
    books.refinanced("KI 2020-1", "KI 2025-1", date(2025, 6, 1), 3_000_000, date(2030, 6, 1), "2.9")
