"""The budget, and the financial goals that are decided with it.

Budgets are written as Fava reads them: per account, for a year, a quarter or a month, signed like
the account's balance. One holds until the next one for the same account, within its year.

    2024-01-01 custom "budget" Income:BRB:3119-Medlemsavgifter:Borås "yearly" -688000.00 SEK
    2024-01-01 custom "goal" "equity" 6000000.00 SEK
      label: "Förbundet ska uppvisa ett eget kapital om lägst 6 000 tkr"

A goal is the least that the figure of its kind may be: "result" (the year's result) or "equity"
(equity at the end of the year).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from beancount.core import data
from beancount.core.amount import Amount

from plugins.directives import customs, values
from plugins.rules import RuleError, broken

__plugins__ = ("check_budget",)

TIMES_A_YEAR = {"yearly": 1, "quarterly": 4, "monthly": 12}
GOALS = ("result", "equity")


@dataclass(frozen=True)
class Budget:
    """What an account may come to in a year, in kronor signed like its balance, from a date on."""

    account: str
    start: date
    yearly: Decimal


@dataclass(frozen=True)
class Goal:
    """The least that the result or the equity of a year may be, in kronor."""

    kind: str
    start: date
    least: Decimal
    label: str


def read_budgets(entries: Iterable[data.Directive]) -> dict[str, list[Budget]]:
    """Return the budgets of each account, the earliest first."""
    budgets: dict[str, list[Budget]] = defaultdict(list)
    for entry in customs(entries, "budget"):
        if _budget_mistake(entry) is None:
            account, interval, amount = values(entry)
            budgets[account].append(Budget(account, entry.date, amount.number * TIMES_A_YEAR[interval]))
    return dict(budgets)


def budget_of_months(budgets: Iterable[Budget], year: int, first: int, last: int) -> Decimal:
    """Return an account's budget in kronor for the months `first` to `last` of a year.

    Each month has a twelfth of the year's budget in force on its first day. The sum is rounded
    once, to the öre, so that the whole year is exact.
    """
    twelfths = Decimal(0)
    for month in range(first, last + 1):
        in_force = [budget for budget in budgets if budget.start <= date(year, month, 1)]
        # A budget is decided for a year: it does not run on into years that have none of their own.
        if in_force and in_force[-1].start.year == year:
            twelfths += in_force[-1].yearly
    return (twelfths / 12).quantize(Decimal("0.01"), ROUND_HALF_UP)


def read_goals(entries: Iterable[data.Directive]) -> list[Goal]:
    """Return the financial goals, the earliest first."""
    goals = []
    for entry in customs(entries, "goal"):
        if _goal_mistake(entry) is None:
            kind, least = values(entry)
            goals.append(Goal(kind, entry.date, least.number, entry.meta["label"]))
    return goals


def check_budget(entries: data.Directives, options_map: Mapping[str, Any]) -> tuple[data.Directives, list[RuleError]]:
    """Report budgets and goals that cannot be read: B901 a budget, B902 a goal."""
    errors = []
    for code, kind, mistake_of in (("B901", "budget", _budget_mistake), ("B902", "goal", _goal_mistake)):
        for entry in customs(entries, kind):
            if mistake := mistake_of(entry):
                errors.append(broken(entry, f"{code} This {kind} cannot be read: {mistake}."))
    return entries, errors


def _budget_mistake(entry: data.Custom) -> str | None:
    example = f'{entry.date} custom "budget" Income:BRB:3119-Medlemsavgifter:Borås "yearly" -688000.00 SEK'
    given = values(entry)
    if len(given) != 3 or not isinstance(given[0], str) or not isinstance(given[2], Amount):
        return f"it takes an account, an interval and an amount: {example}"
    if given[1] not in TIMES_A_YEAR:
        return f'the interval is "{given[1]}", write one of {", ".join(TIMES_A_YEAR)}'
    return None


def _goal_mistake(entry: data.Custom) -> str | None:
    given = values(entry)
    if len(given) != 2 or given[0] not in GOALS or not isinstance(given[1], Amount):
        return f'it takes a kind ({", ".join(GOALS)}) and an amount: {entry.date} custom "goal" "equity" 6000000.00 SEK'
    if not isinstance(entry.meta.get("label"), str):
        return 'write the goal as it was decided below it:   label: "..."'
    return None
