"""The budget of 2024 by account, from what 3.5 prints of it by row.

The report prints the rows of the whole federation, and in 2.3 that Navet was given a deficit of a
little over 1 500 tkr. What is agreed is budgeted as it stands; the rest of each row is shared out by
the outcome. Each unit's costs are what its income leaves room for.
"""

from collections.abc import Iterable, Mapping

from forbundsbok.scripts.reconstruct.chart import CODES, UNITS, name_of, number_of, row, unit_of
from forbundsbok.scripts.reconstruct.facts import KRONOR, Guesses, Printed

YEAR = 2024
RESULTS = {"NAV": -1530, "FK": 1530}
"""The budgeted results that are not zero, tkr."""
DEPRECIATION = {"NAV": 655, "ADM": 77}
AGREED = ("3521", "3522", "3523", "4530")
"""What is agreed or decided to the krona, and so budgeted as it comes out: MRU, KN, the provision."""
STAND_INS = ("5010-Löner", "6010-Material-och-tjänster")
"""The guesses' accounts that stand for a whole row, of which a budget is spread over its accounts."""
INVESTMENT = ("Assets:NAV:1210-Inventarier:Belysning-och-lokal-2024", 1200)


def budget_of_2024(printed: Iterable[Printed], guesses: Guesses) -> dict[str, int]:
    """Return the budget in whole kronor by account, signed like the account's balance."""
    rows = {figure.row: figure.tkr for figure in printed if figure.table == "3.5" and figure.column == f"budget {YEAR}"}
    outcome = {account: tkr[YEAR] for account, tkr in guesses.accounts.items() if account.startswith(("Income", "Exp"))}
    budget = {account: -tkr for account, tkr in _fees(rows, outcome).items()}
    budget |= {account: -tkr for account, tkr in _income(rows, outcome).items()}
    budget["Income:FK:8410-Ränteintäkter"] = -rows["Finansiella intäkter"]
    budget |= {f"Expenses:{unit}:7910-Avskrivningar": tkr for unit, tkr in DEPRECIATION.items()}
    for unit in CODES:
        room = -sum(tkr for account, tkr in budget.items() if unit_of(account) == unit) - RESULTS.get(unit, 0)
        budget |= _costs(unit, room, outcome)
    account, tkr = INVESTMENT
    budget[account] = tkr
    return {account: tkr * KRONOR for account, tkr in sorted(budget.items()) if tkr}


def _fees(rows: Mapping[str, int], outcome: Mapping[str, int]) -> dict[str, int]:
    fees: dict[str, int] = {}
    for unit in UNITS:
        weights = {
            account: -tkr
            for account, tkr in outcome.items()
            if unit_of(account) == unit.code and number_of(account) in ("3111", "3119", "3150")
        }
        if any(weights.values()):
            fees |= _shared(rows[unit.fees_total or unit.fees], weights)
    return fees


def _income(rows: Mapping[str, int], outcome: Mapping[str, int]) -> dict[str, int]:
    internal = {account: -tkr for account, tkr in outcome.items() if number_of(account) == "3610"}
    external = {account: -tkr for account, tkr in outcome.items() if number_of(account)[:2] in ("30", "35") and tkr < 0}
    given = internal | {account: tkr for account, tkr in external.items() if number_of(account) in AGREED}
    rest = {account: tkr for account, tkr in external.items() if account not in given}
    return given | _shared(rows["Verksamhetens intäkter"] - sum(given.values()), rest)


def _costs(unit: str, room: int, outcome: Mapping[str, int]) -> dict[str, int]:
    """Share out what a unit may spend: internal purchases as the outcome, the rest in its proportions."""
    costs = {
        account: tkr
        for account, tkr in outcome.items()
        if unit_of(account) == unit and "45" <= number_of(account)[:2] <= "78" and tkr
    }
    given = {account: tkr for account, tkr in costs.items() if number_of(account) in ("7610", *AGREED)}
    rest = {account: tkr for account, tkr in costs.items() if account not in given}
    return given | _shared(room - sum(given.values()), rest)


def by_account(budget: Mapping[str, int], moved: Mapping[tuple[str, int], int]) -> dict[str, int]:
    """Spread the rows that a guess stands for over the accounts still in use, as last year came out, in tkr."""
    spread: dict[str, int] = {}
    for account, kronor in budget.items():
        weights = {account: 1}
        if name_of(account) in STAND_INS:
            booked = {
                name: amount
                for (name, year), amount in moved.items()
                if year == YEAR - 1 and amount > 0 and (name, YEAR) in moved
            }
            weights = {name: booked[name] for name in sorted(booked) if row(name) == row(account)}
        parts = _shared(kronor // KRONOR, weights)
        spread |= {name: tkr * KRONOR for name, tkr in parts.items() if tkr}
    return spread


def _shared(total: int, weights: Mapping[str, int]) -> dict[str, int]:
    """Share a whole number out in proportion, by largest remainder, so that the parts add up to it."""
    whole = sum(weights.values())
    parts = {name: total * weight // whole for name, weight in weights.items()}
    by_remainder = sorted(weights, key=lambda name: (-(total * weights[name] % whole), name))
    for name in by_remainder[: total - sum(parts.values())]:
        parts[name] += 1
    return parts
