"""A rescue service: stations and a staff unit, loans, pensions, grants, buildings with components, three years.

    books = raddning()
    books.write(folder, closed=(2023, 2024, 2025))

Its members pay it on an account of group 35. It has a bank of its own, and one unit that keeps itself: with its own
bank, which is overdrawn at the end of 2024, and without clearing. A station is begun in 2024, another is closed.
"""

from datetime import date
from decimal import Decimal

from tests.federations.chart import KOMMUN_BAS
from tests.federations.events import Asset, Federation, month_end

MEMBERS = {"Norrby": 20_500_000, "Söderby": 14_100_000, "Österby": 9_400_000}
UNITS = {
    "STAB": "Ledning och stab",
    "CENT": "Station Centrum",
    "NORR": "Station Norr",
    "SODR": "Station Söder",
    "OSTR": "Station Öster",
    "VSTR": "Station Väster",
    "SKOG": "Station Skogen",
    "HAMN": "Station Hamnen",
    "OVA": "Övningsanläggningen",
}
PAY = {
    "STAB": 380_000,
    "CENT": 420_000,
    "NORR": 310_000,
    "SODR": 290_000,
    "OSTR": 260_000,
    "VSTR": 240_000,
    "SKOG": 90_000,
    "HAMN": 150_000,
}
MATERIAL = (
    ("CENT", "Slangar AB", 620_000),
    ("NORR", "Slangar AB", 380_000),
    ("SODR", "Skum AB", 410_000),
    ("OSTR", "Skum AB", 290_000),
    ("VSTR", "Slangar AB", 350_000),
    ("HAMN", "Skum AB", 300_000),
)
RAISED = {2023: Decimal(1), 2024: Decimal("1.01"), 2025: Decimal("1.055")}
MATERIAL_RAISED = {2023: Decimal(1), 2024: Decimal("1.5"), 2025: Decimal("1.3")}
OVA_BUYS = {2023: 90_000, 2024: 215_000, 2025: 40_000}
NO_VAT = Decimal(0)


def raddning() -> Federation:
    """Return the books of three years."""
    opening = date(2022, 12, 31)
    units = {code: (name, date(2024, 7, 1) if code == "HAMN" else opening) for code, name in UNITS.items()}
    books = Federation("Räddningstjänsten Tre Åar", KOMMUN_BAS, opening, date(2025, 12, 31), "STAB", units)
    books.alone = {"OVA"}
    books.banks["OVA"] = "OVA"
    owned = _opens(books)
    for year in (2023, 2024, 2025):
        _usual(books, year)
    _assets(books, owned)
    _station_norr(books)
    _loans(books)
    _provisions(books)
    _equity(books)
    _unusual(books)
    for year in (2023, 2024, 2025):
        for month in (2, 5, 8, 11):
            books.vat_settled(date(year, month, 12), month_end(date(year, month - 1, 1)))
    books.depreciated()
    books.ended("SKOG", date(2024, 12, 31), "CENT")
    return books


def _opens(books: Federation) -> dict[str, Asset]:
    """Open the books, and return the assets that something happens to later."""
    books.opens("STAB", "bank", 14_600_000)
    books.opens("OVA", "bank", 420_000)
    books.opens("STAB", "ingaende-moms", 96_400)
    books.opens("STAB", "semesterloneskuld", -1_240_000)
    books.opens("STAB", "reserv", -800_000)
    owned = [
        books.owned("Ledningssystem", "STAB", "immateriella", "Ledningssystem", 1_200_000, 60, date(2021, 1, 1)),
        books.owned("Tomt Centrum", "CENT", "mark", "Centrum", 2_400_000),
        books.owned(
            "Station Centrum stomme", "CENT", "byggnader", "Station-Centrum", 18_000_000, 600, date(2013, 1, 1)
        ),
        books.owned(
            "Station Centrum tak", "CENT", "byggnader", "Station-Centrum", 3_600_000, 300, date(2013, 1, 1), 12
        ),
        books.owned(
            "Station Centrum teknik", "CENT", "byggnader", "Station-Centrum", 5_400_000, 240, date(2013, 1, 1), 12
        ),
        books.owned("Målning i entrén", "CENT", "konst", "Entrén", 85_000),
        books.owned("Släckbil 1", "CENT", "maskiner", "Släckbil-1", 4_800_000, 180, date(2015, 1, 1)),
        books.owned("Släckbil 2", "NORR", "maskiner", "Släckbil-2", 4_320_000, 144, date(2017, 1, 1)),
        books.owned("Stegbil", "SODR", "maskiner", "Stegbil", 6_480_000, 216, date(2014, 1, 1)),
        books.owned("Båt", "SKOG", "maskiner", "Båt", 480_000, 120, date(2018, 1, 1)),
        books.owned("Tankbil", "VSTR", "maskiner", "Tankbil", 1_440_000, 120, date(2016, 1, 1)),
    ]
    books.loan_open(
        "KI 2019-1", date(2019, 3, 1), 12_000_000, 9_600_000, date(2034, 3, 1), 800_000, "2.1", short=800_000
    )
    books.provision("PENSION", books.opening, "Pensioner", pension=True)
    books.provision_open("PENSION", "Nyintjänad", 6_000_000)
    books.provision_open("PENSION", "Löneskatt", 1_455_600)
    books.provision("MARK", books.opening, "Återställning av övningsfält", total=900_000)
    books.provision_open("MARK", "Grundbelopp", 900_000)
    books.opened_with()
    books.pledge(books.opening, "Fastighetsinteckning Station Centrum", 2_000_000)
    books.contingent(books.opening, "Pensionsförpliktelser intjänade före 1998", 3_400_000, pension=True)
    books.contingent(date(2024, 6, 30), "Borgen för samverkanscentralen", 500_000)
    return {asset.name: asset for asset in owned}


def _usual(books: Federation, year: int) -> None:
    """Enter what comes every year: contributions, pay, rents, material, fees, grants, what goes over to the next."""
    members = {**MEMBERS, **({"Västerby": 2_400_000} if year > 2023 else {})}
    for half, month in (("första", 1), ("andra", 7)):
        for member, amount in members.items():
            text = f"Kommunbidrag {half} halvåret {year}"
            bill = books.contribution("STAB", date(year, month, 8), member, amount * RAISED[year] / 2, text)
            books.received(bill, date(year, month + 1, 5))
    for month in range(1, 13):
        first = date(year, month, 1)
        books.salaries(first.replace(day=25), {unit: pay for unit, pay in PAY.items() if _works(unit, first)})
    for quarter, month in enumerate((2, 5, 8, 11), start=1):
        for unit, supplier, net in MATERIAL:
            if _works(unit, date(year, month, 1)):
                text = f"Material kvartal {quarter} {year}"
                bill = books.invoice(
                    unit, date(year, month, 6), supplier, "material", net * MATERIAL_RAISED[year], text
                )
                books.paid(bill, date(year, month + 1, 4))
        lease = books.invoice(
            "STAB",
            date(year, month, 3),
            "Fordonsleasing AB",
            "leasing",
            30_000,
            f"Leasing ledningsbil kvartal {quarter} {year}",
        )
        books.paid(lease, date(year, month + 1, 2))
        books.internal(
            date(year, month, 28), "STAB", "CENT", 45_000, f"Administration Station Centrum kvartal {quarter} {year}"
        )
        fee = books.service(
            "CENT", date(year, month, 14), "Fastighetsbolaget Ek", 24_000, f"Tillsyn kvartal {quarter} {year}", "taxor"
        )
        books.received(fee, date(year, month + 1, 10))
        course = books.service(
            "OVA", date(year, month, 18), "Industrin AB", 95_000, f"Övningsdagar kvartal {quarter} {year}", "taxor"
        )
        books.received(course, date(year, month + 1, 17))
        gas = books.invoice(
            "OVA",
            date(year, month, 9),
            "Gas och Övning AB",
            "material",
            OVA_BUYS[year],
            f"Gasol kvartal {quarter} {year}",
            NO_VAT,
        )
        books.paid(gas, date(year, month + 1, 8))
    alarms = books.service("STAB", date(year, 6, 12), "Larmbolaget AB", 360_000, f"Automatlarm {year}")
    books.received(alarms, date(year, 7, 11))
    state = books.grant("STAB", date(year, 3, 20), "MSB", 420_000, f"Bidrag till höjd beredskap {year}")
    books.received(state, date(year, 4, 18))
    audit = books.invoice("STAB", date(year, 4, 22), "Revisorerna AB", "revision", 160_000, f"Revision {year - 1}")
    books.paid(audit, date(year, 5, 21))
    books.accrued("STAB", year, "revision", 165_000, f"Upplupen kostnad för revision {year}")
    books.prepaid("VSTR", year, "hyra", 150_000, f"Förutbetald hyra kvartal 1 {year + 1}")
    rent = books.invoice("VSTR", date(year, 12, 5), "Hyresvärden AB", "hyra", 150_000, f"Hyra kvartal 1 {year + 1}")
    books.paid(rent, date(year, 12, 30))
    books.holiday_pay(date(year, 12, 31), "STAB", {2023: 64_000, 2024: 71_500, 2025: -22_250}[year])
    books.interest_earned("STAB", date(year, 12, 30), {2023: 310_400, 2024: 402_150, 2025: 288_730}[year])


def _works(unit: str, month: date) -> bool:
    """Return whether a unit has people and buys material in a month."""
    return (unit != "HAMN" or month >= date(2024, 7, 1)) and (unit != "SKOG" or month < date(2024, 11, 1))


def _assets(books: Federation, owned: dict[str, Asset]) -> None:
    """Buy, write down, move, sell and scrap."""
    _, alarm = books.bought("Larmstöd", "STAB", "immateriella", 900_000, date(2023, 3, 16), "Larmteknik AB", 60)
    books.paid(alarm, date(2023, 4, 14))
    field, bill = books.bought("Övningsfält", "NORR", "mark", 300_000, date(2023, 4, 12), "Skogsbolaget AB", vat=NO_VAT)
    books.paid(bill, date(2023, 5, 11))
    books.received(books.sold(field, date(2023, 10, 20), 450_000, "Byggherren AB", vat=NO_VAT), date(2023, 11, 17))
    books.received(books.sold(owned["Tankbil"], date(2023, 8, 21), 380_000, "Fordonshandlarn AB"), date(2023, 9, 18))
    books.written_down(owned["Stegbil"], date(2023, 12, 1), 480_000)
    books.moved(owned["Släckbil 2"], date(2024, 3, 1), "VSTR")
    _, truck = books.bought("Släckbil 3", "HAMN", "maskiner", 5_400_000, date(2024, 7, 8), "Brandbilar AB", 180)
    books.paid(truck, date(2024, 8, 7))
    books.received(books.sold(owned["Båt"], date(2024, 9, 10), 100_000, "Båtklubben"), date(2024, 10, 8))
    _, masks = books.bought("Andningsskydd", "SODR", "maskiner", 720_000, date(2024, 12, 10), "Skyddsutrustning AB", 60)
    books.paid(masks, date(2025, 1, 9))
    books.written_down(owned["Stegbil"], date(2025, 6, 1), -234_000)
    books.scrapped(owned["Ledningssystem"], date(2025, 6, 18))
    _, art = books.bought("Skulptur", "STAB", "konst", 60_000, date(2025, 5, 6), "Konstnären Berg", vat=NO_VAT)
    books.paid(art, date(2025, 6, 5))
    books.sold(owned["Släckbil 1"], date(2025, 12, 10), 1_500_000, "Fordonshandlarn AB")
    shares = books.shares_bought("Kommunal Larm AB", "STAB", date(2023, 6, 15), 300_000, "Kommunal Larm AB")
    books.shares_written_down(shares, date(2024, 12, 31), 100_000)
    funds = books.shares_bought(
        "Kommunernas ränteplacering", "STAB", date(2023, 9, 6), 500_000, "Kapitalförvaltning AB"
    )
    books.shares_revalued(funds, date(2023, 12, 31), 36_000)
    books.shares_revalued(funds, date(2024, 12, 31), -21_000)


def _station_norr(books: Federation) -> None:
    """Build a station over two years: unfinished until it is taken into use, with a grant that follows its life."""
    for day, cost, paid in (
        (date(2023, 9, 14), 1_800_000, date(2023, 10, 13)),
        (date(2023, 12, 7), 2_400_000, date(2024, 1, 5)),
        (date(2024, 2, 15), 1_500_000, date(2024, 3, 15)),
    ):
        _, bill = books.bought("Station Norr", "NORR", "pagaende", cost, day, "Byggbolaget AB")
        books.paid(bill, paid)
    parts = {
        "Station Norr stomme": (3_600_000, 600),
        "Station Norr tak": (900_000, 300),
        "Station Norr teknik": (1_200_000, 240),
    }
    books.activated("NORR", date(2024, 4, 30), "Station-Norr", "byggnader", parts)
    books.investment_grant("Station Norr", "Station Norr stomme", date(2024, 4, 24), 1_140_000, "MSB")
    books.grant_released("Station Norr", date(2024, 12, 31), 8 * 1_900)
    books.grant_released("Station Norr", date(2025, 12, 31), 12 * 1_900)


def _loans(books: Federation) -> None:
    books.loan("KI 2023-1", date(2023, 5, 15), 6_000_000, date(2033, 5, 15), 300_000, "3.4")
    for year in (2023, 2024, 2025):
        books.amortised("KI 2019-1", date(year, 3, 1), 800_000, short=True)
        if year > 2023:
            books.amortised("KI 2023-1", date(year, 5, 15), 300_000, short=True)
        books.made_short("KI 2019-1", date(year, 12, 31), 800_000)
        books.made_short("KI 2023-1", date(year, 12, 31), 300_000)
        books.interest_paid(
            date(year, 6, 30), {2023: 101_200, 2024: 188_400, 2025: 164_900}[year], f"Ränta första halvåret {year}"
        )
        books.interest_accrued(year, {2023: 190_300, 2024: 171_600, 2025: 150_750}[year])
    books.interest_paid(date(2024, 1, 4), 190_300, "Ränta andra halvåret 2023")
    books.interest_paid(date(2025, 1, 3), 171_600, "Ränta andra halvåret 2024")
    books.amortised("KI 2019-1", date(2025, 10, 1), 1_000_000, short=False)


def _provisions(books: Federation) -> None:
    for year, earned, interest, paid in (
        (2023, 700_000, 210_000, 340_000),
        (2024, 760_000, 240_000, 360_000),
        (2025, 810_000, 265_000, 410_000),
    ):
        last = date(year, 12, 31)
        books.provided("PENSION", "Nyintjänad", last, earned, cost="pensionskostnad", text=f"Nyintjänad pension {year}")
        books.provided(
            "PENSION", "Ränta", last, interest, cost="ranta-pension", text=f"Ränteuppräkning av pensioner {year}"
        )
        tax = (earned + interest - paid) * Decimal("0.2426")
        books.provided("PENSION", "Löneskatt", last, tax, cost="loneskatt", text=f"Löneskatt på pensioner {year}")
        books.provision_paid("PENSION", "Utbetalning", date(year, 11, 27), paid, "Pensionsbolaget", f"Pensioner {year}")
    books.provision_taken_over("PENSION", "Övertagen", date(2024, 1, 15), 1_200_000, "Västerby", paid=True)
    books.provision_taken_over("PENSION", "Övertagen", date(2024, 1, 15), 400_000, "Söderby", paid=False)
    books.provision_paid(
        "MARK", "Utbetalning", date(2024, 9, 17), 250_000, "Markentreprenad AB", "Återställning av övningsfält, del 1"
    )
    books.provided(
        "MARK",
        "Upplösning",
        date(2025, 12, 31),
        -150_000,
        cost="avsattningskostnad",
        text="Återställningen blev billigare",
    )
    books.provision("TVIST", date(2024, 12, 9), "Tvist om entreprenad", total=400_000)
    books.provided(
        "TVIST",
        "Grundbelopp",
        date(2024, 12, 31),
        400_000,
        cost="avsattningskostnad",
        text="Avsättning för tvist om entreprenad",
    )
    books.provision_paid("TVIST", "Utbetalning", date(2025, 10, 14), 120_000, "Entreprenören AB", "Förlikning, del 1")


def _equity(books: Federation) -> None:
    books.capital(date(2024, 1, 1), "Västerby", 500_000)
    books.reserved(date(2023, 12, 31), 300_000)
    books.reserved(date(2024, 12, 31), -400_000)
    books.unit_equity(date(2025, 3, 3), "STAB", "HAMN", 1_000_000)
    books.decided(2023, "vinst-undantag", 44_000)
    books.decided(2024, "forlust-undantag", 56_000)
    books.decided(2024, "synnerliga-skal", 300_000)


def _unusual(books: Federation) -> None:
    books.lease("Ledningsbil", date(2024, 1, 1), date(2027, 12, 31), 120_000)
    books.extraordinary("STAB", date(2025, 9, 19), -350_000, "Sanering efter översvämning", "Saneringsbolaget AB")
    bill = books.invoice("OSTR", date(2023, 11, 8), "Kläder AB", "material", 80_000, "Larmställ")
    books.answer(books.paid(bill, date(2023, 12, 8)), "R924 Plaggen sändes tillbaka först efter betalningen")
    books.credited(bill, date(2023, 12, 20), "material", 16_000)
    books.refunded(bill, date(2024, 1, 22))
