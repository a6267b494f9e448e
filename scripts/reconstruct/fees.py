"""Member fees: invoiced four times a year to each municipality, and paid a month later.

The last invoice comes in December, when the population is settled: who has not paid at the
year-end makes up the solved receivable, so the fourth quarter is set right against the third.

    2024-12-02 * "Marks kommun" "Medlemsavgifter Dataskyddsombud kvartal 4" ^K-2024-0512

Of units that sell enough besides, customers of December owe the rest (sales).
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import combinations

from forbundsbok.scripts.reconstruct.chart import MUNICIPALITIES, REGION, UNITS, ChartUnit, name_of
from forbundsbok.scripts.reconstruct.customers import invoice_customer
from forbundsbok.scripts.reconstruct.targets import Targets
from forbundsbok.scripts.reconstruct.vouchers import OPENING_YEAR, YEARS, Book, Ore, after, bankday, chance, kr, split

FEES_OF_RECEIVABLE = 70  # about how many per cent, where a unit sells enough to have the rest


def fee_accounts(targets: Targets, unit: str, year: int) -> dict[str, int]:
    """The fee accounts of a unit with the kronor that they shall come to."""
    fees = {
        name: targets.income(name, year) // 100 for name in targets.accounts("Income", unit, "3111", "3119", "3150")
    }
    return {name: amount for name, amount in fees.items() if amount > 0}


def payer(account: str) -> str:
    return MUNICIPALITIES.get(account.split(":")[-1], REGION)


def fourth_quarters(fees: dict[str, int]) -> dict[str, int]:
    return {name: fee - 3 * (fee // 4) for name, fee in fees.items()}


def unpaid_fees(targets: Targets, unit: str, year: int) -> Ore:
    """How much of the receivable is member fees; sales are the rest."""
    whole = targets.asset(unit, "1510-Kundfordringar", year)
    if year == OPENING_YEAR:
        return whole
    last = fourth_quarters(fee_accounts(targets, unit, year))
    sales = -targets.rows[((unit, "övriga intäkter"), year)]
    if kr(sum(last.values())) < whole:
        return 0
    if sales > 2 * whole:
        late = latest_payers(last, whole * FEES_OF_RECEIVABLE // 10_000)
        part = kr(sum(last[name] for name in late))
        if 30 * whole < 100 * part < 95 * whole:
            return part
    return whole


def latest_payers(quarters: dict[str, int], unpaid: int) -> tuple[str, ...]:
    """The payers whose invoices come closest to what is unpaid."""
    choices = (chosen for size in range(1, len(quarters) + 1) for chosen in combinations(quarters, size))
    return min(choices, key=lambda chosen: abs(sum(quarters[name] for name in chosen) - unpaid))


def book_fees(book: Book, targets: Targets) -> None:
    for unit in UNITS:
        for year in (OPENING_YEAR, *YEARS):
            unpaid = unpaid_fees(targets, unit.code, year) // 100
            fees = fee_accounts(targets, unit.code, max(year, YEARS[0]))
            if fees:
                book_year_of_fees(book, unit, year, fees, unpaid)


def book_year_of_fees(book: Book, unit: ChartUnit, year: int, fees: dict[str, int], unpaid: int) -> None:
    """Four invoices to each payer; those still unpaid at the year-end are exactly `unpaid`."""
    rng = chance("fees", unit.code, year)
    last = fourth_quarters(fees)
    late = latest_payers(last, unpaid) if unpaid else ()
    changes = dict.fromkeys(fees, 0)
    if late:
        whole = [last[name] for name in late]
        changes |= dict(zip(late, split(unpaid - sum(whole), whole), strict=True))
    for name, fee in fees.items():
        quarters = [fee // 4, fee // 4, fee // 4 - changes[name], last[name] + changes[name]]
        days = [date(year, 1, 15), date(year, 4, 2), date(year, 7, 1), date(year, 12, 1)]
        for number, (amount, day) in enumerate(zip(quarters, days, strict=True), start=1):
            booked = bankday(day + timedelta(days=rng.randint(0, 2)))
            paid = after(booked, rng.randint(25, 31))
            if number == 4:
                paid = after(date(year + 1, 1, 2), rng.randint(0, 6))
                if name not in late:
                    paid = bankday(date(year, 12, rng.randint(16, 23)))
            text = f"{name_of(name)[5:].split(':')[0]} {unit.name} kvartal {number}"
            if payer(name) == REGION:
                text = f"Avgift {name.split(':')[-1].replace('-', ' ')} kvartal {number}"
            line = (name, -kr(amount))
            invoice_customer(book, unit.code, booked, payer(name), text, line, paid=paid)
