"""Find amounts in kronor whose own roundings give every printed figure at once.

The printed report rounds each figure on its own to thousands, so each one bounds a sum of unknown
amounts. Which accounts a printed figure sums is not written here: it is read off the statements
themselves (`Figure.sums`), made once from the guesses. Two integer programs are then solved: the
first proves which figures contradict the others, the second finds the amounts nearest the guesses.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from forbundsbok.plugins.accounts import clearing_account
from forbundsbok.plugins.budget import GOALS, Budget, Goal
from forbundsbok.plugins.provisions import Provision
from forbundsbok.plugins.roles import Roles
from forbundsbok.plugins.units import Unit
from forbundsbok.queries.general_ledger import GeneralLedger, chart_of, movements_of
from forbundsbok.queries.layout_files import FOLDER, Layouts
from forbundsbok.queries.statement import Figure, Measure, Period
from forbundsbok.queries.statements import statements
from forbundsbok.scripts.reconstruct import chart
from forbundsbok.scripts.reconstruct.budget import budget_of_2024
from forbundsbok.scripts.reconstruct.facts import (
    KRONOR,
    OPENING,
    YEARS,
    AssetFact,
    Printed,
    read_guesses,
    read_printed,
)
from forbundsbok.scripts.reconstruct.model import PROVISIONS, Bound, Model

__all__ = ["AssetFact", "Solution", "solve"]

PrintedPlace = tuple[str, str, str]
"""Where a figure is printed: table, row label, column."""

SCHEDULE = "not-20-e20"
KINDS = {"2013 års prisnivå": "Grundbelopp", "Index": "Index", "Utbetalning": "Utbetalning"}
SOCIONOM = ("SOC", "Grundbelopp", YEARS[-1])
PRINTED_BY = Path(__file__).parents[2] / "ledger" / FOLDER
"""The layouts that the report is printed by."""


@dataclass(frozen=True)
class Solution:
    """What the report comes to, in whole kronor.

    `amounts`: account -> year -> closing balance, or movement of the year for an account of result; debit positive.
    `plan`: provision, kind, year -> kronor, payments positive. `budget`: account -> kronor of 2024, signed like its
    balance. `contradicted`: the printed figures that no amounts can give as well as the rest.
    """

    amounts: dict[str, dict[int, int]]
    plan: dict[tuple[str, str, int], int]
    assets: tuple[AssetFact, ...]
    budget: dict[str, int]
    contradicted: tuple[Printed, ...]


def solve(report: Path) -> Solution:
    """Return the amounts behind a printed report (CSV). Raises ValueError if there are none."""
    guesses, printed = read_guesses(), read_printed(report)
    plan = _plan(printed)
    model = Model(guesses, plan)
    budget = budget_of_2024(printed, guesses)
    figures = _figures(_guessed_ledger(model, budget))
    bounds = [
        Bound(item, model.of_figure(figures[item.place]), _known(figures[item.place], budget)) for item in printed
    ]
    contradicted = model.fewest_contradicted(bounds)
    values = model.nearest(bounds, contradicted)

    def amount(account: str, year: int) -> int:
        return round(sum(factor * values[key] for key, factor in model.amount(account, year).items()))

    return Solution(
        amounts={account: {year: amount(account, year) for year in (OPENING, *YEARS)} for account in model.accounts},
        plan={(code, kind, year): values["plan", f"{code}:{kind}", year] for code, kind, year in plan},
        assets=tuple(replace(asset, monthly=values["asset", asset.name, 0]) for asset in guesses.assets),
        budget=budget,
        contradicted=tuple(contradicted),
    )


def _plan(printed: tuple[Printed, ...]) -> dict[tuple[str, str, int], int]:
    """Return the provisions' plans in tkr: E20's as its schedule prints it, and the new one of the last year."""
    plan = {
        ("E20", KINDS[item.column], int(item.row)): item.tkr
        for item in printed
        if item.table == SCHEDULE and item.row.isdigit() and item.tkr
    }
    new = next(
        item.tkr for item in printed if item.place == ("not-20", chart.LABELS["2294-Socionomutbildning"], "2024")
    )
    return plan | {SOCIONOM: new}


def _figures(ledger: GeneralLedger) -> dict[PrintedPlace, Figure]:
    period, compare = (Period(year) for year in reversed(YEARS))
    return {
        (statement.table, row.label, row.column or column.label): row.figures[column.key]
        for statement in statements(ledger, period, compare)
        for row in statement.rows
        for column in statement.columns
        if column.key in row.figures
    }


def _known(figure: Figure, budget: Mapping[str, int]) -> int:
    return sum(
        part.sign * budget.get(account, 0)
        for part in figure.sums
        if part.measure is Measure.BUDGET
        for account in part.accounts
    )


def _guessed_ledger(model: Model, budget: Mapping[str, int]) -> GeneralLedger:
    """Return the guesses as books, good enough to make statements from: the bank takes up what does not balance."""
    amounts = {
        (account, year): sum(factor * _guess(model, key) for key, factor in model.amount(account, year).items())
        for account in model.accounts
        for year in (OPENING, *YEARS)
    }
    movements: dict[tuple[str, int], int] = {}
    for (account, year), kronor in amounts.items():
        before = amounts[account, year - 1] if chart.is_balance(account) and year > OPENING else 0
        movements[account, year] = round(kronor - before)
    for year in (OPENING, *YEARS):
        movements[chart.BANK, year] -= sum(kronor for (_, moved), kronor in movements.items() if moved == year)
        for unit in chart.CODES:
            own = sum(
                kronor
                for (account, moved), kronor in movements.items()
                if (chart.unit_of(account), moved) == (unit, year)
            )
            movements[clearing_account(unit), year] = -own
    units = {unit.code: Unit(unit.code, unit.name, unit.surplus, chart.unit_metadata(unit)) for unit in chart.UNITS}
    accounts = dict.fromkeys(account for account, _ in movements)
    labelled = [(account, None, None, chart.label(account), chart.is_internal(account)) for account in accounts]
    roles = Roles(chart.KINDS)
    return GeneralLedger(
        chart=chart_of(labelled, roles),
        roles=roles,
        movements=movements_of(
            (account, year, 12, kronor * 100) for (account, year), kronor in movements.items() if kronor
        ),
        units=units,
        provisions=_provisions(model),
        budgets={
            account: [Budget(account, date(YEARS[-1], 1, 1), Decimal(kronor))] for account, kronor in budget.items()
        },
        layouts=Layouts(PRINTED_BY),
        goals=[Goal(kind, date(YEARS[0], 1, 1), Decimal(0), kind) for kind in GOALS],
    )


def _guess(model: Model, key: tuple[str, str, int]) -> int:
    kind, account, year = key
    # The guesses themselves agree with each other to the tkr; the targets do not, which are spread within it.
    return model.guesses.accounts[account][year] * KRONOR if kind == "amount" else model.targets[key]


def _provisions(model: Model) -> list[Provision]:
    return [
        Provision(
            code,
            account,
            chart.LABELS[account.split(":")[2]],
            {(kind, year): Decimal(tkr * KRONOR) for (of, kind, year), tkr in model.plan.items() if of == code},
            "2013 års prisnivå",
        )
        for code, account in PROVISIONS.items()
    ]
