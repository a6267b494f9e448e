"""What follows the calendar: internal charges, interest, depreciation, provisions, the year-end.

A unit that carries its surplus has a result of exactly 0.00 when it is carried out:

    2024-12-31 * "Överskott 2024 överförs till 2025"
      ver: "B 4"
      Income:BRB:3198-Överskott:2024        574000.00 SEK
      Liabilities:BRB:2998-Överskott:2024  -574000.00 SEK
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from forbundsbok.scripts.reconstruct.attest import approver, protocol
from forbundsbok.scripts.reconstruct.chart import BANK, CODES, UNITS, account, payable, unit_of
from forbundsbok.scripts.reconstruct.solve import AssetFact
from forbundsbok.scripts.reconstruct.targets import ACCRUED_COST, ACCRUED_COSTS, Targets
from forbundsbok.scripts.reconstruct.vouchers import (
    MONTHS,
    OPENING_YEAR,
    YEARS,
    Book,
    Draft,
    Ore,
    bankday,
    chance,
    kr,
    month_end,
    split,
    uneven,
)

INTERNAL_SALES = account("Income", "ADM", "3610-Interna-tjänster")
INTERNAL_INTEREST = account("Income", "FK", "8490-Interna-räntor")


def book_internal(book: Book, targets: Targets) -> None:
    """Seller and buyer in one voucher; the clearing accounts are the payment."""
    for unit in UNITS:
        for year in YEARS:
            rng = chance("internal", unit.code, year)
            bought = targets.solved("Expenses", unit.code, "7610-Interna-tjänster", year)
            for month, amount in enumerate(split(bought, uneven(rng, 12, 6)), start=1):
                if amount:
                    cost = account("Expenses", unit.code, "7610-Interna-tjänster")
                    text = f"Administrativa tjänster till {unit.name} {MONTHS[month - 1]}"
                    day = month_end(year, month)
                    book.add(day, "N", "", text, (INTERNAL_SALES, -amount), (cost, amount))
            interest = targets.solved("Expenses", unit.code, "8590-Interna-räntor", year)
            for quarter, amount in enumerate(split(interest, uneven(rng, 4)), start=1):
                if amount:
                    cost = account("Expenses", unit.code, "8590-Interna-räntor")
                    text = f"Intern ränta {unit.name} kvartal {quarter}"
                    day = month_end(year, 3 * quarter)
                    book.add(day, "N", "", text, (INTERNAL_INTEREST, -amount), (cost, amount))


def book_interest(book: Book, targets: Targets) -> None:
    bank, party = "Borås stad", {"motpart": "Borås stad"}
    for year in YEARS:
        for unit in CODES:
            rng = chance("interest", unit, year)
            income = account("Income", unit, "8410-Ränteintäkter")
            cost = account("Expenses", unit, "8510-Räntekostnader")
            earned = -targets.solved("Income", unit, "8410-Ränteintäkter", year)
            paid = targets.solved("Expenses", unit, "8510-Räntekostnader", year)
            weights = uneven(rng, 4, 8)
            parts = zip(split(earned, weights), split(paid, weights), strict=True)
            for quarter, (got, given) in enumerate(parts, start=1):
                day = month_end(year, 3 * quarter)
                if got:
                    text = f"Ränta internbanken kvartal {quarter}"
                    book.add(day, "I", bank, text, (BANK, got), (income, -got), meta=party)
                if given:
                    text = f"Räntekostnad och avgifter kvartal {quarter}"
                    book.add(day, "U", bank, text, (cost, given), (BANK, -given), meta=party)


def book_depreciation(book: Book, assets: Sequence[AssetFact]) -> None:
    """Straight-line, month by month: one voucher a unit."""
    for year in YEARS:
        for month in range(1, 13):
            day = month_end(year, month)
            worn: defaultdict[str, Ore] = defaultdict(int)
            for asset in assets:
                age = (year - asset.start.year) * 12 + month - asset.start.month
                if 0 <= age < asset.months:
                    worn[unit_of(asset.account)] += kr(asset.monthly)
            for unit, amount in sorted(worn.items()):
                cost = account("Expenses", unit, "7910-Avskrivningar")
                asset_worn = account("Assets", unit, "1219-Ackumulerade-avskrivningar")
                text = f"Avskrivning inventarier {MONTHS[month - 1]}"
                book.add(day, "A", "", text, (cost, amount), (asset_worn, -amount))


def book_accruals(book: Book, targets: Targets) -> None:
    """Costs of the year that are invoiced after it, reversed on the first day of the next year."""
    for year in (OPENING_YEAR, *YEARS):
        for unit in CODES:
            if unit in ACCRUED_COSTS:
                name = ACCRUED_COSTS[unit][0]
                debt = account("Liabilities", unit, ACCRUED_COST)
                text = f"Upplupen kostnad {name[5:].lower().replace('-', ' ')}"
                cost, amount = account("Expenses", unit, name), kr(ACCRUED_COSTS[unit][1][year])
                book_reversed(book, year, text, cost, debt, amount)


def book_reversed(
    book: Book, year: int, text: str, debit: str, credit: str, amount: Ore, invoice: Draft | None = None
) -> None:
    if amount:
        meta = {"faktura": invoice} if invoice else {}
        book.add(date(year, 12, 31), "B", "", text, (debit, amount), (credit, -amount), meta=meta)
        text = f"Återföring: {text[0].lower()}{text[1:]} {year}"
        book.add(date(year + 1, 1, 1), "M", "", text, (credit, amount), (debit, -amount))


def book_surpluses(book: Book, targets: Targets) -> None:
    """Carried out on the last day of the year, taken in on the first day of the next."""
    for unit in CODES:
        for year in (OPENING_YEAR, *YEARS):
            amount = targets.debt(unit, f"2998-Överskott:{year}", year)
            if amount:
                income = account("Income", unit, f"3198-Överskott:{year}")
                debt = account("Liabilities", unit, f"2998-Överskott:{year}")
                text = f"Överskott {year} överförs till {year + 1}"
                book.add(date(year, 12, 31), "B", "", text, (income, amount), (debt, -amount))
                text = f"Överskott {year} intas {year + 1}"
                book.add(date(year + 1, 1, 1), "B", "", text, (debt, amount), (income, -amount))


PROVISIONS = {
    "E20": ("Liabilities:RU:2293-Statlig-infrastruktur:E20", "Expenses:RU:4520-Statlig-infrastruktur"),
    "SOC": ("Liabilities:RU:2294-Socionomutbildning:SOC", "Expenses:RU:4530-Socionomutbildning"),
}


TRAFIKVERKET = "Trafikverket"
DECIDED = {"E20": "avsättning till E20", "SOC": "medfinansiering av socionomutbildning"}


def book_provisions(book: Book, targets: Targets) -> None:
    for (code, kind, year), kronor in sorted(targets.solution.plan.items()):
        if year not in YEARS or not kronor:
            continue
        debt, cost = (f"{name}:{kind}" for name in PROVISIONS[code])
        amount, day, name = kr(kronor), bankday(date(year, 6, 14)), DECIDED[code]
        if kind == "Utbetalning":
            book_release(book, targets, year, debt, amount)
        elif kind == "Index":
            text = f"{'Indexuppräkning' if amount > 0 else 'Indexjustering'} av {name} {year}"
            meta = {"underlag": f"{TRAFIKVERKET}s indexberäkning {year}", "attest": "FD"}
            book.add(date(year, 12, 31), "B", "", text, (cost, amount), (debt, -amount), meta=meta)
        else:
            meta = {"underlag": protocol(unit_of(debt), day), "attest": "FD"}
            book.add(day, "M", "", f"Beslut om {name}", (cost, amount), (debt, -amount), meta=meta)


def book_release(book: Book, targets: Targets, year: int, debt: str, total: Ore) -> None:
    """Two instalments; the second one is invoiced in December where the solved payables have room for it."""
    unit, text = unit_of(debt), "Medfinansiering E20 enligt avtal"
    spring, autumn = split(total, [40, 60])
    meta: dict[str, str | date | Draft] = {"motpart": TRAFIKVERKET}
    paid = [(date(year, 4, 15), spring), (date(year, 10, 15), autumn)]
    ahead = sum(charge.net + charge.vat for charge in targets.charged_ahead(unit, year))
    if targets.debt(unit, "2510-Leverantörsskulder", year) - ahead > autumn:
        day, due = bankday(date(year, 12, 16)), bankday(date(year + 1, 1, 15))
        meta |= {"attest": approver(unit, autumn, day), "mottagning": f"HL-{unit}", "forfallodag": due}
        lines = ((debt, autumn), (payable(unit), -autumn))
        invoice = book.add(day, "L", TRAFIKVERKET, text, *lines, meta=meta)
        lines = ((payable(unit), autumn), (BANK, -autumn))
        book.add(due, "U", TRAFIKVERKET, f"Betalning: {text}", *lines, settles=invoice)
        paid.pop()
    for day, amount in paid:
        lines = ((debt, amount), (BANK, -amount))
        book.add(bankday(day), "U", TRAFIKVERKET, text, *lines, meta={"motpart": TRAFIKVERKET})
