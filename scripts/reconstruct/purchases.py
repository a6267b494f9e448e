"""Supplier invoices: booked, attested, paid when due, corrected when coded wrong.

What a unit's row of costs still lacks when its contracts and all else are booked is invoiced by
suppliers. What is invoiced late in the year is together, VAT included, the solved debt at the
year-end; the other invoices are paid within the year.

    2024-03-05 * "Leverantör 024 Service" "Underhåll av utställning" ^L-2024-0123
      ver: "L 123"
      attest: "VC-NAV"
      mottagning: "HL-NAV"
      underlag: "underlag/2024/L-0123.pdf"
      forfallodag: 2024-04-04
      Expenses:NAV:6610-Reparation-och-underhåll         10000.00 SEK
      Assets:FK:1650-Momsfordran                          2500.00 SEK
      Liabilities:NAV:2510-Leverantörsskulder           -12500.00 SEK
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from forbundsbok.scripts.reconstruct.attest import approver
from forbundsbok.scripts.reconstruct.chart import BANK, CODES, MATERIAL, VAT_IN, account, name_of, payable, unit_of
from forbundsbok.scripts.reconstruct.solve import AssetFact
from forbundsbok.scripts.reconstruct.targets import ACCRUALS, Targets
from forbundsbok.scripts.reconstruct.vouchers import (
    OPENING_YEAR,
    YEARS,
    Book,
    Draft,
    Ore,
    after,
    bankday,
    chance,
    kr,
    split,
    uneven,
)
from forbundsbok.scripts.reconstruct.yearend import book_reversed


@dataclass(frozen=True)
class Purchase:
    """What a unit buys: on which account, from whom, with which VAT, how much, how often."""

    account: str
    kind: str
    text: str
    vat: int  # per cent
    share: int  # of the unit's purchases
    times: int  # a year, for a large unit
    most: int = 0  # kronor of one invoice; 0: no limit


Order = tuple[Purchase, date, int]  # what, when, weight

CONSULTANT = Purchase("7410-Konsulttjänster", "Konsult", "Konsultuppdrag", 25, 14, 24)
PARTNER = Purchase("7430-Köp-av-verksamhet", "Projektpart", "Nedlagd tid enligt avtal", 0, 12, 8)
SUPPLIES = Purchase("6510-Kontorsmaterial", "Kontor", "Kontorsmaterial", 25, 4, 9, most=18_000)
OFFICE = (
    Purchase("7310-Försäkringar", "Försäkring", "Försäkringspremie", 0, 2, 1, most=90_000),
    Purchase("6410-Förbrukningsinventarier", "Inredning", "Kontorsutrustning", 25, 4, 5, most=24_000),
    Purchase("6610-Reparation-och-underhåll", "Service", "Service och underhåll", 25, 3, 4, most=60_000),
    Purchase("7010-Resor", "Resor", "Tågresor", 6, 5, 10, most=26_000),
    Purchase("7110-Representation", "Restaurang", "Lunch vid möte", 12, 1, 4, most=3_500),
    Purchase("7210-Information-och-annonser", "Kommunikation", "Annons", 25, 6, 6, most=70_000),
    Purchase("7050-Kurser-och-konferenser", "Konferens", "Konferens och föreläsare", 12, 7, 6, most=120_000),
    Purchase("7050-Kurser-och-konferenser", "Utbildning", "Kurs", 25, 2, 4, most=40_000),
    Purchase("7640-Medlemsavgifter", "Organisation", "Medlemsavgift", 0, 2, 1, most=60_000),
    SUPPLIES,
    PARTNER,
    CONSULTANT,
)
SCIENCE_CENTER = (
    Purchase("6210-El-och-värme", "Energi", "El och värme", 25, 7, 12),
    Purchase("6460-Undervisningsmaterial", "Läromedel", "Undervisningsmaterial", 25, 6, 16, most=24_000),
    Purchase("6610-Reparation-och-underhåll", "Service", "Underhåll av utställning", 25, 8, 9),
    Purchase("7510-Inhyrd-personal", "Bemanning", "Pedagoger vid helgöppet", 25, 4, 4, most=90_000),
    *(purchase for purchase in OFFICE if purchase.kind != "Service"),
)
STAFF = (
    Purchase("5330-Friskvård", "Friskvård", "Friskvårdsbidrag", 0, 3, 2),
    Purchase("5340-Företagshälsovård", "Hälsa", "Företagshälsovård", 0, 4, 4),
)
REVISION = (Purchase("7450-Revision", "Revision", "Granskning enligt revisionsplan", 25, 1, 3),)
EQUIPMENT = Purchase("1210-Inventarier", "Inredning", "", 25, 1, 1)

CREDITED = replace(CONSULTANT, text="Kreditfaktura: del av förskottsfakturerat uppdrag som inte utförts")
MISCODED = ("Service", "Resor", "Kommunikation", "Konferens")  # what is now and then taken for office supplies
LATE = 55  # days before 28 December: from when on invoices are unpaid at the year-end
OF_PROJECTS = ("Konsult", "Konferens", "Kommunikation", "Resor")
SUPPLIERS = {
    "Bemanning": (71,), "Energi": (12,), "Fastighet": (3,), "Friskvård": (63,),
    "Försäkring": (9,), "Hälsa": (61,), "Inredning": (22, 45), "IT": (17, 41, 58),
    "Kommunikation": (26, 27, 52), "Konferens": (29, 47, 66), "Konsult": (38, 39, 74, 81),
    "Kontor": (14, 15), "Läromedel": (31, 32, 36), "Organisation": (69,), "Projektpart": (82, 84, 85, 88),
    "Resor": (20,),
    "Restaurang": (55, 56, 57), "Revision": (7,), "Service": (24, 49), "Städ": (18,),
    "Telekom": (11,), "Utbildning": (42, 43, 64),
}  # fmt: skip
INVOICES = {
    "FK": 26, "ADM": 42, "RU": 62, "VU": 15, "BRB": 24, "DSO": 12, "MC": 20, "VOC": 12,
    "NAV": 102, "NVS": 21,
}  # fmt: skip
CORRECTIONS = {"FK": 1, "ADM": 1, "RU": 2, "NAV": 2}
REPRESENTATION = "71"
A_HEAD = (kr(150), kr(280))  # VAT is deducted up to 300 kronor
MEETINGS = (
    ("Möte med medlemskommunernas kontaktpersoner", "medlemskommunerna"),
    ("Styrgruppsmöte", "styrgruppen"),
    ("Samråd med regionen", "Västra Götalandsregionen"),
    ("Nätverksträff", "kommunernas nätverk"),
)


def book_investments(book: Book, assets: Sequence[AssetFact]) -> None:
    """An asset is bought the month before it is first depreciated."""
    for asset in assets:
        if asset.start.year in YEARS:
            unit, net = unit_of(asset.account), kr(asset.monthly * asset.months)
            purchase = replace(EQUIPMENT, account=name_of(asset.account), text=asset.name)
            day = bankday(asset.start - timedelta(days=19))
            book_invoice(book, unit, day, purchase, net, net * 25 // 100, root="Assets")


def book_purchases(book: Book, targets: Targets, projects: dict[tuple[str, int], list[str]]) -> None:
    """Fill every unit's rows of costs with what suppliers invoice."""
    for unit in CODES:
        palette = SCIENCE_CENTER if unit == "NAV" else OFFICE
        for year in (OPENING_YEAR, *YEARS):
            charged = book_contracts(book, targets, unit, year)
            unpaid = book_unpaid(book, targets, unit, year, palette)
            if year == OPENING_YEAR:
                continue
            count, known = INVOICES[unit] - unpaid - charged, projects[unit, year]
            staff = targets.left(book, unit, "personal", year)
            book_invoices(book, unit, year, STAFF, 3 + count // 20, staff)
            if audit := targets.left_on(book, "Expenses", unit, REVISION[0].account, year):
                book_invoices(book, unit, year, REVISION, 3, audit)
            material = targets.left(book, unit, MATERIAL, year)
            book_invoices(book, unit, year, palette, count, material, known)


def book_contracts(book: Book, targets: Targets, unit: str, year: int) -> int:
    """A year's invoices of contracts; those for the next one are accrued, each by its invoice."""
    charged = [charge for each in (year, year + 1) for charge in targets.charges(unit, each) if charge.day.year == year]
    for charge in charged:
        contract = charge.contract
        supplier = SUPPLIERS[contract.kind][CODES.index(unit) % len(SUPPLIERS[contract.kind])]
        purchase = Purchase(contract.account, contract.kind, charge.text, contract.vat, 0, contract.times)
        invoice = book_invoice(
            book, unit, charge.day, purchase, charge.net, charge.vat,
            days=30 if charge.ahead else 15, supplier=supplier,
        )  # fmt: skip
        if charge.prepaid:
            asset, cost = account("Assets", unit, ACCRUALS), account("Expenses", unit, contract.account)
            text = f"Förutbetald kostnad: {charge.text.lower()}"
            book_reversed(book, year, text, asset, cost, charge.net, invoice)
    return len(charged)


def book_unpaid(book: Book, targets: Targets, unit: str, year: int, palette: Sequence[Purchase]) -> int:
    """Late invoices, unpaid at the year-end; a debit balance is a credit note above them."""
    rng = chance("unpaid", unit, year)
    debt = targets.debt(unit, "2510-Leverantörsskulder", year)
    credit = 0 if debt > 0 else -debt + kr(rng.randint(9_000, 15_000))
    gross = debt + credit + book.left_on(payable(unit), year)
    count = min(INVOICES[unit] // 4, max(2, gross // kr(14_000)))
    amounts = split(gross, uneven(rng, count, 60))
    irregular = [purchase for purchase in palette if purchase.times > 1]
    shares = [purchase.share for purchase in irregular]
    for amount in amounts:
        purchase = rng.choices(irregular, shares)[0]
        if purchase.most and amount > kr(purchase.most):
            purchase = rng.choice((PARTNER, PARTNER, CONSULTANT))
        net = amount * 100 // (100 + purchase.vat)
        day = bankday(date(year, 12, 28) - timedelta(days=rng.randint(5 if credit else 0, LATE)))
        days = 30 if day + timedelta(days=30) > date(year, 12, 31) else 60
        book_invoice(book, unit, day, purchase, net, amount - net, rng, days=days)
    if credit:
        net = credit * 100 // (100 + CONSULTANT.vat)
        day = bankday(date(year, 12, 28))
        book_invoice(book, unit, day, CREDITED, -net, net - credit, rng, days=12)
    return count


def book_invoices(
    book: Book, unit: str, year: int, palette: Sequence[Purchase], count: int, total: Ore, projects: Sequence[str] = ()
) -> None:
    """Invoices of January to November, `total` kronor without VAT; some are coded wrong."""
    if total <= 0:
        raise ValueError(f"{unit} {year}: {total / 100} kronor remain for {palette[0].account}")
    rng = chance("invoices", unit, year, palette[0].account)
    orders = list(plan_orders(palette, count, year, rng))
    amounts = affordable(orders, split(total, [weight for _, _, weight in orders]), rng)
    able = [i for i, order in enumerate(orders) if order[0].kind in MISCODED]
    wrong = rng.sample(able, CORRECTIONS.get(unit, 0) if len(able) > 5 else 0)
    for index, ((bought, day, _), net) in enumerate(zip(orders, amounts, strict=True)):
        coded = SUPPLIES if index in wrong else bought
        project = rng.choice(projects) if projects and bought.kind in OF_PROJECTS else ""
        purchase = replace(bought, account=coded.account)
        vat = net * bought.vat // 100
        invoice = book_invoice(book, unit, day, purchase, net, vat, rng, project=project)
        if coded != bought:
            book_correction(book, invoice, unit, coded, bought, net, rng)


def plan_orders(palette: Sequence[Purchase], count: int, year: int, rng: random.Random) -> Iterator[Order]:
    """About `count` orders over January to November."""
    whole = sum(purchase.times for purchase in palette)
    for purchase in palette:
        times = max(1, purchase.times * count // whole)
        for number in range(times):
            days = (2 * number + 1) * 318 // (2 * times) + rng.randint(-150 // times, 150 // times)
            weight = purchase.share * 100 // times * rng.randint(5_500, 14_500)
            day = date(year, 1, 8) + timedelta(days=days)
            if day.month == 7 and purchase.account.startswith(REPRESENTATION):
                day += timedelta(days=40)
            yield purchase, bankday(day), weight


def affordable(orders: Sequence[Order], amounts: Sequence[Ore], rng: random.Random) -> list[Ore]:
    """The amounts within the limits of each purchase; the last kind of order takes what is over."""
    within = []
    for (purchase, _, _), amount in zip(orders, amounts, strict=True):
        if purchase.most and amount > kr(purchase.most):
            amount = kr(purchase.most) * rng.randint(450, 999) // 1000 + rng.randint(0, 99)
        within.append(amount)
    last = [i for i, order in enumerate(orders) if order[0] == orders[-1][0]]
    over = split(sum(amounts) - sum(within), [amounts[i] for i in last])
    for index, amount in zip(last, over, strict=True):
        within[index] += amount
    return within


def book_invoice(
    book: Book,
    unit: str,
    day: date,
    purchase: Purchase,
    net: Ore,
    vat: Ore,
    rng: random.Random | None = None,
    *,
    days: int = 30,
    root: str = "Expenses",
    project: str = "",
    supplier: int = 0,
) -> Draft:
    """The invoice and its payment; a credit note is paid back."""
    rng = rng or chance("invoice", unit, day)
    payee = f"Leverantör {supplier or rng.choice(SUPPLIERS[purchase.kind]):03d} {purchase.kind}"
    gross, due = net + vat, day + timedelta(days=days)
    facts: dict[str, str | date | Draft] = {
        "attest": approver(unit, gross, day),
        "mottagning": f"HL-{unit}",
        "forfallodag": due,
    }
    if project:
        facts["projekt"] = project
    if purchase.account.startswith(REPRESENTATION):
        purpose, party = rng.choice(MEETINGS)
        fewest = -(-net // A_HEAD[1])
        heads = rng.randint(fewest, max(fewest, net // A_HEAD[0]))
        facts |= {"syfte": purpose, "deltagare": f"{heads} deltagare från {party}"}
    invoice = book.add(
        day,
        "L",
        payee,
        purchase.text,
        (account(root, unit, purchase.account), net),
        (VAT_IN, vat),
        (payable(unit), -gross),
        meta=facts,
    )
    series, what = ("U", "Betalning") if gross > 0 else ("I", "Återbetalning")
    lines = ((payable(unit), gross), (BANK, -gross))
    book.add(bankday(due), series, payee, f"{what}: {purchase.text}", *lines, settles=invoice)
    return invoice


def book_correction(
    book: Book, invoice: Draft, unit: str, coded: Purchase, bought: Purchase, net: Ore, rng: random.Random
) -> None:
    book.add(
        after(invoice.day, rng.randint(5, 20)),
        "M",
        "",
        f"Rättelse av felkonterad faktura: {bought.text.lower()}",
        (account("Expenses", unit, bought.account), net),
        (account("Expenses", unit, coded.account), -net),
        meta={"rattar": invoice},
    )
