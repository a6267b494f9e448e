"""Payroll: wages, taxes on them, pensions and holiday debt, month by month and unit by unit.

December's payroll leaves the solved debts of tax and employer fees; the other months follow it,
so that the year comes to the solved personnel costs less what suppliers invoice (purchases).
Särskild löneskatt is assessed in December of the year after and paid in March of the next, so the
debt of a year-end is the tax of two years, and the premiums follow from the tax.

    2024-03-18 * "Löner Navet science center mars"
      ver: "P 30"
      Expenses:NAV:5010-Löner                    790000.00 SEK
      Expenses:NAV:5610-Arbetsgivaravgifter      255000.00 SEK
      Liabilities:NAV:2710-Preliminär-skatt     -214000.00 SEK
      Liabilities:NAV:2730-Arbetsgivaravgift    -255000.00 SEK
      Liabilities:NAV:2810-Nettolöner           -576000.00 SEK
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from forbundsbok.scripts.reconstruct.chart import BANK, CODES, SKATTEVERKET, UNITS, ChartUnit, account
from forbundsbok.scripts.reconstruct.targets import Targets
from forbundsbok.scripts.reconstruct.vouchers import (
    MONTHS,
    OPENING_YEAR,
    YEARS,
    Book,
    DraftRow,
    Ore,
    bankday,
    chance,
    kr,
    split,
    uneven,
)

EMPLOYER_FEE = 3142  # per ten thousand
PENSION_TAX = 2426
BY_PAYROLL = 985  # per mille of personnel costs; suppliers invoice the rest
OLDER_TAX = 38  # per cent of the opening debt of pension tax: that of the older of its two years
PENSION_FUND = "Leverantör 004 Pensionsförvaltare"


@dataclass(frozen=True)
class MonthlyPay:
    """One month's payroll of a unit."""

    gross: Ore
    fee: Ore
    tax: Ore
    individual_pension: Ore
    holiday: Ore  # increase of the holiday debt
    premium: Ore
    pension_tax: Ore


def book_payroll(book: Book, targets: Targets) -> None:
    months: dict[tuple[str, int, int], MonthlyPay] = {}
    for unit in UNITS:
        for year in YEARS:
            for number, month in enumerate(plan_year(targets, unit.code, year), start=1):
                months[unit.code, year, number] = month
                book_month(book, unit, date(year, number, 18), month)
            book_revaluation(book, unit, year, holiday_changes(targets, unit.code, year)[-1])
    book_tax_payments(book, targets, months)
    for year in YEARS:
        book_net_pay(book, year, months)
        book_premiums(book, year, months)
        book_march(book, targets, year)


def plan_year(targets: Targets, unit: str, year: int) -> list[MonthlyPay]:
    rng = chance("payroll", unit, year)
    total = targets.rows[(unit, "personal"), year]
    individual = targets.debt(unit, "2920-Pensioner-individuell-del", year)
    holiday = holiday_changes(targets, unit, year)
    months, at_year_end = holiday[:12], sum(holiday)
    fee = targets.debt(unit, "2730-Arbetsgivaravgift", year)
    tax = targets.debt(unit, "2710-Preliminär-skatt", year)
    gross = december_gross(fee)
    pension_tax = tax_on_pensions(targets, unit, year)
    pensions = pension_tax * 10_000 // PENSION_TAX
    wanted = (total * BY_PAYROLL // 1000 - individual - at_year_end - pensions - pension_tax) * 10_000
    wanted //= 10_000 + EMPLOYER_FEE
    level = min(1200, max(850, (wanted - gross) * 1000 // (11 * gross)))
    grosses = [*monthly_grosses(gross, level, uneven(rng, 11, 2)), gross]
    fees = [kr(amount * EMPLOYER_FEE // 1_000_000) for amount in grosses]
    weights = uneven(rng, 12, 3)
    return [
        MonthlyPay(*amounts)
        for amounts in zip(
            grosses,
            fees,
            [kr(amount * tax // gross // 100) for amount in grosses],
            split(individual, [1] * 12),
            months,
            split(pensions, weights),
            split(pension_tax, weights),
            strict=True,
        )
    ]


def tax_on_pensions(targets: Targets, unit: str, year: int) -> Ore:
    """Särskild löneskatt of a year: the debt at its end, less the tax of the year before."""
    if year < OPENING_YEAR:
        return targets.debt(unit, "2740-Särskild-löneskatt", OPENING_YEAR) * OLDER_TAX // 10_000 * 100
    return targets.debt(unit, "2740-Särskild-löneskatt", year) - tax_on_pensions(targets, unit, year - 1)


def december_gross(fee: Ore) -> Ore:
    """The least gross pay in whole kronor whose employer fee is `fee`."""
    return kr(-(-fee * 100 // EMPLOYER_FEE))


def monthly_grosses(gross: Ore, level: int, uneven_months: list[int]) -> list[Ore]:
    """January to November at `level` per mille of December; the year's rise comes in April."""
    return [
        kr(gross * level * (97 if month < 4 else 101) * weight // 100_000_000_000)
        for month, weight in enumerate(uneven_months, start=1)
    ]


def holiday_changes(targets: Targets, unit: str, year: int) -> list[Ore]:
    """Holidays are earned every month and taken in summer; a revaluation then sets the debt right."""
    name = "2910-Semesterlöneskuld"
    opening, closing = (targets.debt(unit, name, end) for end in (year - 1, year))
    earned = kr(opening // 1200)
    changes = [earned * times for times in (1, 1, 1, 1, 1, -1, -5, -2, 1, 1, 1, 1)]
    return [*changes, closing - opening - sum(changes)]


def book_month(book: Book, unit: ChartUnit, day: date, month: MonthlyPay) -> None:
    text = f"{unit.name} {MONTHS[day.month - 1]}"
    sick, holiday = split(month.gross, [3, 97])[0], 0
    if day.month in (6, 7, 8, 12):
        holiday = month.gross * {6: 10, 7: 45, 8: 25, 12: 8}[day.month] // 100
    net = month.gross - month.tax
    code = unit.code
    book.add(
        bankday(day),
        "P",
        "",
        f"Löner {text}",
        (account("Expenses", code, "5010-Löner"), month.gross - sick - holiday),
        (account("Expenses", code, "5110-Semesterlöner"), holiday),
        (account("Expenses", code, "5130-Sjuklöner"), sick),
        (account("Expenses", code, "5190-Förändring-semesterlöneskuld"), month.holiday),
        (account("Expenses", code, "5610-Arbetsgivaravgifter"), month.fee),
        (account("Expenses", code, "5720-Särskild-löneskatt"), month.pension_tax),
        (account("Expenses", code, "5730-Pension-individuell-del"), month.individual_pension),
        (account("Liabilities", code, "2710-Preliminär-skatt"), -month.tax),
        (account("Liabilities", code, "2730-Arbetsgivaravgift"), -month.fee),
        (account("Liabilities", code, "2740-Särskild-löneskatt"), -month.pension_tax),
        (account("Liabilities", code, "2810-Nettolöner"), -net),
        (account("Liabilities", code, "2910-Semesterlöneskuld"), -month.holiday),
        (account("Liabilities", code, "2920-Pensioner-individuell-del"), -month.individual_pension),
    )


def book_revaluation(book: Book, unit: ChartUnit, year: int, amount: Ore) -> None:
    """What the holidays left are worth at the year-end, at the wages of then."""
    cost = account("Expenses", unit.code, "5190-Förändring-semesterlöneskuld")
    debt = account("Liabilities", unit.code, "2910-Semesterlöneskuld")
    text = f"Omvärdering av semesterlöneskuld {unit.name} {year}"
    if amount:
        book.add(date(year, 12, 31), "B", "", text, (cost, amount), (debt, -amount))


def book_net_pay(book: Book, year: int, months: dict[tuple[str, int, int], MonthlyPay]) -> None:
    """One file to the bank each month pays all net wages."""
    for number in range(1, 13):
        lines = []
        for unit in CODES:
            month = months[unit, year, number]
            lines.append((account("Liabilities", unit, "2810-Nettolöner"), month.gross - month.tax))
        day = bankday(date(year, number, 22 if number == 12 else 25))
        pay(book, day, "Medarbetare", f"Nettolöner {MONTHS[number - 1]}", lines)


def book_tax_payments(book: Book, targets: Targets, months: dict[tuple[str, int, int], MonthlyPay]) -> None:
    """Tax and employer fees of a month are paid on the 12th of the next one."""
    for year, month in [(OPENING_YEAR, 12)] + [(y, m) for y in YEARS for m in range(1, 13)]:
        lines: list[DraftRow] = []
        for unit in CODES:
            tax = targets.debt(unit, "2710-Preliminär-skatt", OPENING_YEAR)
            fee = targets.debt(unit, "2730-Arbetsgivaravgift", OPENING_YEAR)
            if year != OPENING_YEAR:
                tax, fee = months[unit, year, month].tax, months[unit, year, month].fee
            lines.append((account("Liabilities", unit, "2710-Preliminär-skatt"), tax))
            lines.append((account("Liabilities", unit, "2730-Arbetsgivaravgift"), fee))
        day = bankday(date(year + month // 12, month % 12 + 1, 12))
        text = f"Skattekonto: avdragen skatt och arbetsgivaravgifter {MONTHS[month - 1]}"
        pay(book, day, SKATTEVERKET, text, lines)


def book_premiums(book: Book, year: int, months: dict[tuple[str, int, int], MonthlyPay]) -> None:
    for number in range(1, 13):
        lines = [
            (account("Expenses", unit, "5710-Pensionspremier"), months[unit, year, number].premium) for unit in CODES
        ]
        text = f"Pensionspremier {MONTHS[number - 1]}"
        pay(book, bankday(date(year, number, 21)), PENSION_FUND, text, lines)


def book_march(book: Book, targets: Targets, year: int) -> None:
    """In March last year's individual pensions are paid, the tax on them, and the assessed pension tax."""
    pensions, taxes, assessed = [], [], []
    for unit in CODES:
        name = account("Liabilities", unit, "2920-Pensioner-individuell-del")
        debt = targets.debt(unit, "2920-Pensioner-individuell-del", year - 1)
        pension = debt * 10_000 // (10_000 + PENSION_TAX)
        pensions.append((name, pension))
        taxes.append((name, debt - pension))
        name = account("Liabilities", unit, "2740-Särskild-löneskatt")
        assessed.append((name, tax_on_pensions(targets, unit, year - 2)))
    day, text = bankday(date(year, 3, 12)), f"Särskild löneskatt inkomståret {year - 2} enligt slutskattebesked"
    pay(book, day, SKATTEVERKET, text, assessed)
    text = f"Individuell del av pensionen {year - 1}"
    pay(book, bankday(date(year, 3, 25)), PENSION_FUND, text, pensions)
    pay(book, bankday(date(year, 3, 25)), SKATTEVERKET, f"Särskild löneskatt på individuell del {year - 1}", taxes)


def pay(book: Book, day: date, payee: str, text: str, lines: list[DraftRow]) -> None:
    """One payment for all units from the internal bank; it stands in the office's file."""
    total = sum(amount for _, amount in lines)
    book.add(day, "U", payee, text, (BANK, -total), *lines)
