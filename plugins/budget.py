"""The budget, and the financial goals that are decided with it.

Budgets are written as Fava reads them: per account, for a year, a quarter or a month, signed like
the account's balance. One holds until the next one for the same account, within its year.

    2024-01-01 custom "budget" Income:BRB:3119-Medlemsavgifter:Borås "yearly" -688000.00 SEK
    2024-01-01 custom "goal" "equity" 6000000.00 SEK
      label: "Förbundet ska uppvisa ett eget kapital om lägst 6 000 tkr"

A goal is the least that the figure of its kind may be: "result" (the year's result) or "equity"
(equity at the end of the year).

B901: A budget has an account, an interval, and an amount of the ledger's currency in whole öre.
    Why: report 2.7 and 3.5 compare the outcome with the budget; one that cannot be read is in no column.
    Mend: write the directive as the message shows it.

B902: A goal has a kind, the least that its figure may be, and the words in which it was decided.
    Why: report 2.4 tells whether each goal was reached; one that cannot be read would be left out.
    Mend: write the directive as the message shows it.

B903: A budget is for an account that is open.
    Why: report 2.7 and 3.5; what is budgeted on no account of the ledger stands in no column.
    Mend: name the account that is meant, or open it.

B904: A budget holds from the first day of a month on.
    Why: report 3.5; a month has a twelfth of the budget in force on its first day, so that one decided within a
    month, or the year before, would be left out.
    Mend: date it the first day of the month that it holds from; 1 January for the whole year.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from difflib import get_close_matches
from typing import Any

from beancount.core import data
from beancount.core.amount import Amount

from forbundsbok.plugins.directives import customs, values
from forbundsbok.plugins.rules import RuleError, broken

__plugins__ = ("check_budget",)

TIMES_A_YEAR = {"yearly": 1, "quarterly": 4, "monthly": 12}
GOALS = ("result", "equity")
ORE = Decimal("0.01")


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
    return (twelfths / 12).quantize(ORE, ROUND_HALF_UP)


def read_goals(entries: Iterable[data.Directive]) -> list[Goal]:
    """Return the financial goals, the earliest first."""
    goals = []
    for entry in customs(entries, "goal"):
        if _goal_mistake(entry) is None:
            kind, least = values(entry)
            goals.append(Goal(kind, entry.date, least.number, entry.meta["label"]))
    return goals


def check_budget(entries: data.Directives, options_map: Mapping[str, Any]) -> tuple[data.Directives, list[RuleError]]:
    """Report breaches of B901 to B904."""
    currency = (options_map["operating_currency"] or ["SEK"])[0]
    opened = {entry.account for entry in entries if isinstance(entry, data.Open)}
    errors = []
    for entry in customs(entries, "budget"):
        if mistake := _budget_mistake(entry) or _amount_mistake(values(entry)[2], currency):
            errors.append(
                broken(entry, f"B901 This budget cannot be read: {mistake}. Write:\n{_budget_text(entry, currency)}")
            )
        elif entry.date.day != 1:
            errors.append(broken(entry, _within_a_month(entry, currency)))
        elif values(entry)[0] not in opened:
            errors.append(broken(entry, _stranger(entry, opened)))
    for entry in customs(entries, "goal"):
        if mistake := _goal_mistake(entry) or _amount_mistake(values(entry)[1], currency):
            errors.append(
                broken(entry, f"B902 This goal cannot be read: {mistake}. Write:\n{_goal_text(entry, currency)}")
            )
    return entries, errors


def _budget_mistake(entry: data.Custom) -> str | None:
    """Return why a budget cannot be read, as the end of a sentence, or None for a proper one."""
    given = values(entry)
    if len(given) != 3 or not isinstance(given[0], str) or not isinstance(given[2], Amount):
        return "it takes an account, an interval and an amount"
    if not isinstance(given[1], str) or given[1] not in TIMES_A_YEAR:
        return f'its interval is "{given[1]}", and may be {_either(TIMES_A_YEAR)}'
    return None


def _goal_mistake(entry: data.Custom) -> str | None:
    """Return why a goal cannot be read, as the end of a sentence, or None for a proper one."""
    given = values(entry)
    if len(given) != 2 or not isinstance(given[0], str) or not isinstance(given[1], Amount):
        return "it takes a kind and an amount"
    if given[0] not in GOALS:
        return f'its kind is "{given[0]}", and may be {_either(GOALS)}'
    if not isinstance(entry.meta.get("label"), str):
        return "it lacks the words in which it was decided"
    return None


def _amount_mistake(amount: Amount, currency: str) -> str | None:
    if amount.currency != currency:
        return f"its amount is in {amount.currency}, the ledger in {currency}"
    # The denominator tells it exactly, however many digits there are.
    if not isinstance(amount.number, Decimal) or 100 % amount.number.as_integer_ratio()[1]:
        return f"its amount {amount} is not in whole öre"
    return None


def _within_a_month(entry: data.Custom, currency: str) -> str:
    # What is decided in December is for the year to come.
    year = entry.date.year + (entry.date.month == 12)
    meant = _budget_text(entry._replace(date=date(year, 1, 1)), currency)
    message = f"B904 This budget is dated {entry.date}, and so holds from no month on"
    return f"{message}. Date it the first day of one; for a whole year:\n{meant}"


def _stranger(entry: data.Custom, opened: Iterable[str]) -> str:
    account = values(entry)[0]
    near = get_close_matches(account, sorted(opened), n=1, cutoff=0.8)
    meant = f"is {near[0]} meant? Or" if near else "name another, or"
    return f"B903 There is a budget for {account}, which is not open: {meant} open it:\n  {entry.date} open {account}"


def _budget_text(entry: data.Custom, currency: str) -> str:
    """Return the directive as it could be meant, with examples of what it lacks."""
    given = values(entry)
    accounts = [value for value in given if isinstance(value, str) and ":" in value]
    intervals = [value for value in given if isinstance(value, str) and value in TIMES_A_YEAR]
    account, interval = [*accounts, "Expenses:UNIT:6020-Lokalhyror"][0], [*intervals, "yearly"][0]
    return f'  {entry.date} custom "budget" {account} "{interval}" {_amount(given, currency)}'


def _goal_text(entry: data.Custom, currency: str) -> str:
    """Return the directive as it could be meant, with examples of what it lacks."""
    kind = next((value for value in values(entry) if isinstance(value, str) and value in GOALS), "equity")
    label = entry.meta.get("label")
    words = label.replace('"', '\\"') if isinstance(label, str) else "Förbundets mål"
    return f'  {entry.date} custom "goal" "{kind}" {_amount(values(entry), currency)}\n    label: "{words}"'


def _amount(given: Iterable[object], currency: str) -> str:
    """Return the first number among some values, as an amount in the ledger's currency."""
    for value in given:
        number = value.number if isinstance(value, Amount) else value
        if isinstance(number, Decimal):
            return f"{number:.2f} {currency}"
    return f"1000.00 {currency}"


def _either(words: Iterable[str]) -> str:
    return " or ".join(f'"{word}"' for word in words)
