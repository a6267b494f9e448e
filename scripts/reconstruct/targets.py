"""What the vouchers must come to: the solved amounts, row by printed row.

A row is what the report prints of a unit as one figure. Some solved accounts are divided here
between accounts of the same row, so that a year has what real years have:

    Assets:RU:1710-Interimsfordringar        what is invoiced ahead, and accrued grants
    Assets:RU:1750-Förskott-till-projektpartner   the rest of the row, whatever VAT leaves of it
    Liabilities:RU:2960-Upplupna-kostnader   invoices that come after the year-end
    Liabilities:RU:2970-Förutbetalda-intäkter     the solved balance less those

`prove` compares every row with the solution to the öre.
"""

from __future__ import annotations

from collections import defaultdict

from forbundsbok.scripts.reconstruct.chart import (
    MATERIAL,
    VAT_IN,
    PrintedRow,
    account,
    is_balance,
    number_of,
    row,
    unit_of,
)
from forbundsbok.scripts.reconstruct.contracts import ContractCharge, charges
from forbundsbok.scripts.reconstruct.solve import Solution
from forbundsbok.scripts.reconstruct.vouchers import OPENING_YEAR, YEARS, Book, Ore, kr

# Invoices that come after the year-end: the cost account and kronor at each year-end.
ACCRUED_COSTS = {
    "FK": ("7450-Revision", {2022: 48_000, 2023: 50_000, 2024: 52_000}),
    "RU": ("7410-Konsulttjänster", {2022: 165_000, 2023: 210_000, 2024: 185_000}),
    "NAV": ("6210-El-och-värme", {2022: 118_000, 2023: 96_000, 2024: 104_000}),
}
PARTNER_ADVANCES = account("Assets", "RU", "1750-Förskott-till-projektpartner")
PASSED_ON = account("Liabilities", "FK", "2890-Övriga-kortfristiga-skulder")
ACCRUALS = "1710-Interimsfordringar"
ACCRUED_COST = "2960-Upplupna-kostnader"
DEFERRED = "2970-Förutbetalda-intäkter"

NOT_ACCRUED = ("3521", "3522", "3523", "3580")  # grants paid whole by agreement, and deferrals
ACCRUED_SHARE = {"RU": 60}  # per cent of the solved accruals; the rest are advances to partners
LEAST_ACCRUED = kr(100_000)  # what a grant comes to in a year; less is not worth accruing
MOST_ACCRUED = 60  # per cent of a year's grants


class Targets:
    """The solution in öre, by account and by row."""

    def __init__(self, solution: Solution) -> None:
        self.solution = solution
        self.rows: defaultdict[tuple[PrintedRow, int], Ore] = defaultdict(int)
        for name, years in solution.amounts.items():
            for year, amount in years.items():
                if is_balance(name) or year in YEARS:
                    self.rows[row(name), year] += kr(amount)

    def solved(self, root: str, unit: str, name: str, year: int) -> Ore:
        return kr(self.solution.amounts.get(account(root, unit, name), {}).get(year, 0))

    def asset(self, unit: str, name: str, year: int) -> Ore:
        """The closing balance that the vouchers shall leave."""
        if name == ACCRUALS:
            return self.prepaid(unit, year) + self.accrued_income(unit, year)
        return self.solved("Assets", unit, name, year)

    def charges(self, unit: str, year: int) -> list[ContractCharge]:
        """What a unit is invoiced by contract for a year."""
        least = min(self.rows[(unit, MATERIAL), each] for each in YEARS)
        return list(charges(unit, least, bool(self.accounts("Assets", unit, ACCRUALS[:4])), year))

    def charged_ahead(self, unit: str, year: int) -> list[ContractCharge]:
        """The invoices of a year's December that are for the next one."""
        return [charge for charge in self.charges(unit, year + 1) if charge.prepaid and charge.day.year == year]

    def prepaid(self, unit: str, year: int) -> Ore:
        return sum(charge.net for charge in self.charged_ahead(unit, year))

    def accruable_grants(self, unit: str, year: int) -> dict[str, Ore]:
        """Grants that may be worked up before they are requisitioned; of 2022, those of 2023."""
        return {
            name: amount
            for name in self.accounts("Income", unit, "35")
            if number_of(name) not in NOT_ACCRUED and (amount := self.income(name, max(year, YEARS[0]))) > LEAST_ACCRUED
        }

    def accrued_income(self, unit: str, year: int) -> Ore:
        """Grants worked up but not requisitioned at a year-end, in whole kronor."""
        grants = sum(self.accruable_grants(unit, year).values()) * MOST_ACCRUED // 100
        solved = self.solved("Assets", unit, ACCRUALS, year) * ACCRUED_SHARE.get(unit, 100) // 100
        return max(0, min(grants, solved - self.prepaid(unit, year))) // 100 * 100

    def debt(self, unit: str, name: str, year: int) -> Ore:
        """The closing balance of a liability, credit positive."""
        if name == ACCRUED_COST:
            return kr(ACCRUED_COSTS[unit][1][year]) if unit in ACCRUED_COSTS else 0
        solved = -self.solved("Liabilities", unit, name, year)
        return solved - self.debt(unit, ACCRUED_COST, year) if name == DEFERRED else solved

    def accounts(self, root: str, unit: str, *numbers: str) -> list[str]:
        """The solved accounts of a unit whose numbers begin so."""
        return [
            name
            for name in self.solution.amounts
            if name.startswith(f"{root}:{unit}:") and number_of(name).startswith(numbers)
        ]

    def income(self, account: str, year: int) -> Ore:
        """The year's movement of an income account, credit positive."""
        return -kr(self.solution.amounts[account].get(year, 0)) if year in YEARS else 0

    def left(self, book: Book, unit: str, kind: str, year: int) -> Ore:
        """What remains to book on a row of income or costs, debit positive."""
        booked = sum(
            amount
            for (name, moved_year), amount in book.moved.items()
            if moved_year == year and row(name) == (unit, kind)
        )
        return self.rows[(unit, kind), year] - booked

    def left_on(self, book: Book, root: str, unit: str, name: str, year: int) -> Ore:
        """What remains to book on one account of income or costs, debit positive."""
        return self.solved(root, unit, name, year) - book.moved[account(root, unit, name), year]

    def opening(self) -> dict[str, Ore]:
        """The balances of 2022-12-31, account by account."""
        balances: dict[str, Ore] = {}
        for name in filter(is_balance, self.solution.amounts):
            root, unit, rest = name.split(":", 2)
            if root == "Assets":
                balances[name] = self.asset(unit, rest, OPENING_YEAR)
            elif root == "Liabilities":
                balances[name] = -self.debt(unit, rest, OPENING_YEAR)
            else:
                balances[name] = self.solved(root, unit, rest, OPENING_YEAR)
        for unit in ACCRUED_COSTS:
            balances[account("Liabilities", unit, ACCRUED_COST)] = -self.debt(unit, ACCRUED_COST, OPENING_YEAR)
        balances[PARTNER_ADVANCES] = self.advances(OPENING_YEAR, balances[VAT_IN])
        return {name: amount for name, amount in balances.items() if amount}

    def advances(self, year: int, vat: Ore) -> Ore:
        """What the receivables row leaves for advances to partners, when VAT is `vat`."""
        accrued = sum(
            self.asset(unit_of(name), ACCRUALS, year) for name in self.solution.amounts if name.endswith(ACCRUALS)
        )
        return self.rows[("", "interimsfordringar"), year] - accrued - vat

    def passed_on(self, year: int, vat: Ore) -> Ore:
        """What the row of VAT and other debts leaves for funds held for others, credit positive."""
        return -self.rows[("", "moms mm"), year] - vat


def prove(book: Book, targets: Targets) -> None:
    """Raise an error that names every row where the vouchers do not give the solution."""
    booked: defaultdict[tuple[PrintedRow, int], Ore] = defaultdict(int)
    for name, amount in targets.opening().items():
        for year in (OPENING_YEAR, *YEARS):
            booked[row(name), year] += amount
    for (name, moved_year), amount in book.moved.items():
        for year in YEARS:
            if year == moved_year or (is_balance(name) and year > moved_year):
                booked[row(name), year] += amount
    wrong = [
        f"{unit} {kind} {year}: {booked[(unit, kind), year] / 100} booked, "
        f"{targets.rows[(unit, kind), year] / 100} solved"
        for (unit, kind), year in sorted({*booked, *targets.rows})
        if booked[(unit, kind), year] != targets.rows[(unit, kind), year]
    ]
    if wrong:
        raise ValueError("The vouchers do not give the solved amounts:\n" + "\n".join(wrong))
