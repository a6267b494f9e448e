"""Provisions: obligations that are expensed when they are decided, and paid over later years.

    2014-12-12 custom "provision" "E20" Liabilities:RU:2293-Statlig-infrastruktur:E20
      label: "Bidrag till statlig infrastruktur"
      total: 15000000.00 SEK
    2023-12-31 custom "provision-plan" "E20" "Index" -1972000.00 SEK
    2024-12-31 custom "provision-plan" "E20" "Utbetalning" 3151000.00 SEK

`Grundbelopp` (the decided amount) and `Index` raise the provision, `Utbetalning` lowers it; each
has an account of its own below the provision's. The plan also holds the years before the books.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from beancount.core import data
from beancount.core.amount import Amount

from plugins.directives import customs, values
from plugins.rules import RuleError, broken

__plugins__ = ("check_provisions",)

RAISES = {"Grundbelopp": True, "Index": True, "Utbetalning": False}
"""The kinds of movement of a provision, and whether each raises it."""


@dataclass(frozen=True)
class Provision:
    """An obligation, its account, and its plan: kronor per kind and year, payments positive."""

    code: str
    account: str
    label: str
    plan: Mapping[tuple[str, int], Decimal]
    meta: Mapping[str, Any]

    def account_of(self, kind: str) -> str:
        """Return the account of one kind of movement."""
        return f"{self.account}:{kind}"

    def planned_change(self, kind: str, year: int) -> Decimal:
        """Return what the plan moves on the account of a kind in a year: kronor, debit positive."""
        planned = self.plan.get((kind, year), Decimal(0))
        return -planned if RAISES[kind] else planned


def read_provisions(entries: Iterable[data.Directive]) -> list[Provision]:
    """Return the provisions with their plans, in the order of their directives."""
    plans: dict[str, dict[tuple[str, int], Decimal]] = {}
    entries = list(entries)
    for entry in customs(entries, "provision-plan"):
        if _plan_mistake(entry) is None:
            code, kind, amount = values(entry)
            plan = plans.setdefault(code, {})
            plan[kind, entry.date.year] = plan.get((kind, entry.date.year), Decimal(0)) + amount.number
    provisions = []
    for entry in customs(entries, "provision"):
        if _provision_mistake(entry) is None:
            code, account = values(entry)
            provisions.append(Provision(code, account, entry.meta["label"], plans.get(code, {}), entry.meta))
    return provisions


def check_provisions(
    entries: data.Directives, options_map: Mapping[str, Any]
) -> tuple[data.Directives, list[RuleError]]:
    """Report directives that cannot be read: P301 a provision, P302 a plan, P303 a plan of no provision."""
    errors = []
    for entry in customs(entries, "provision"):
        if mistake := _provision_mistake(entry):
            errors.append(broken(entry, f"P301 This provision cannot be read: {mistake}."))
    codes = [provision.code for provision in read_provisions(entries)]
    for entry in customs(entries, "provision-plan"):
        if mistake := _plan_mistake(entry):
            errors.append(broken(entry, f"P302 This plan cannot be read: {mistake}."))
        elif (code := values(entry)[0]) not in codes:
            message = f'P303 There is no provision "{code}": name one of {", ".join(codes) or "none"}.'
            errors.append(broken(entry, message))
    return entries, errors


def _provision_mistake(entry: data.Custom) -> str | None:
    given = values(entry)
    if len(given) != 2 or not all(isinstance(value, str) for value in given):
        return 'it takes a code and an account: custom "provision" "E20" Liabilities:RU:2293-Statlig-infrastruktur:E20'
    if not isinstance(entry.meta.get("label"), str):
        return 'write how it is printed below it:   label: "Bidrag till statlig infrastruktur"'
    return None


def _plan_mistake(entry: data.Custom) -> str | None:
    given = values(entry)
    if len(given) != 3 or not isinstance(given[2], Amount):
        return (
            f'it takes a code, a kind and an amount: {entry.date} custom "provision-plan" "E20" "Index" 477000.00 SEK'
        )
    if given[1] not in RAISES:
        return f'the kind is "{given[1]}", write one of {", ".join(RAISES)}'
    return None
