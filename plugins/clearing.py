"""Clearing: what units owe each other for a voucher that touches several trees.

An accountant writes the real rows alone:

    2024-03-05 * "Leverantör 017 IT" "Faktura 20245"
      ver: "U 311"
      Liabilities:NAV:2510-Leverantörsskulder   1000.00 SEK
      Assets:FK:1610-Internbank                -1000.00 SEK

The voucher is completed with what NAV owes FK for it,

      Assets:NAV:1790-Avräkning                -1000.00 SEK
      Assets:FK:1790-Avräkning                  1000.00 SEK

so that each unit balances by itself, and the clearing accounts sum to zero over all units. A voucher that cannot be
completed is left as it is; why it cannot the rules of plugins.units tell.

`plugin "forbundsbok.federation"` begins with this. A ledger can also name it alone, as `forbundsbok.plugins.clearing`.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar

from beancount.core import data
from beancount.core.amount import Amount

from forbundsbok.plugins.accounts import clearing_account, is_clearing, parse_account
from forbundsbok.plugins.money import ORE, ZERO, is_whole_ore

__plugins__ = ("clearing",)

COMPUTED = "__computed__"
"""The metadata by which a row is known that clearing has added; its name is one that nobody can write."""

Directive = TypeVar("Directive", bound=data.Directive)


class Completed(NamedTuple):
    """The directives of a ledger, its vouchers complete, and the vouchers among them that could not be completed."""

    entries: data.Directives
    incomplete: list[data.Transaction]


def clearing(entries: data.Directives, options: Mapping[str, Any]) -> tuple[data.Directives, list[Any]]:
    """Complete the vouchers, as a plugin of Beancount."""
    return complete_with_clearing(entries, options).entries, []


def complete_with_clearing(entries: data.Directives, options: Mapping[str, Any]) -> Completed:
    """Add the clearing rows that make every unit balance in every voucher."""
    names = {entry.account: parse_account(entry.account) for entry in entries if isinstance(entry, data.Open)}
    unit_of = {account: name.unit for account, name in names.items() if name and not is_clearing(account)}
    currency = next(iter(options.get("operating_currency") or ()), None)
    opened: set[str] = set()
    completed: data.Directives = []
    incomplete: list[data.Transaction] = []
    for entry in entries:
        if isinstance(entry, data.Transaction):
            sums = unit_sums(entry, unit_of, currency)
            if sums is None:
                incomplete.append(entry)
            elif any(sums.values()):
                owed = sorted(unit for unit, number in sums.items() if number)
                if not sum(sums.values(), ZERO) and opened.issuperset(map(clearing_account, owed)):
                    entry = _with_clearing(entry, sums, owed, currency)
                else:
                    incomplete.append(entry)
        elif isinstance(entry, data.Open):
            opened.add(entry.account)
        elif isinstance(entry, data.Close):
            opened.discard(entry.account)
        completed.append(entry)
    return Completed(completed, incomplete)


def without_clearing(entry: Directive) -> Directive:
    """Return a directive as it is written: a voucher without the rows that clearing has added."""
    if not isinstance(entry, data.Transaction):
        return entry
    return entry._replace(postings=[row for row in entry.postings if COMPUTED not in (row.meta or {})])


def unit_sums(entry: data.Transaction, unit_of: Mapping[str, str], currency: str | None) -> dict[str, Decimal] | None:
    """Return what the rows of each unit sum to, None where a row is not an amount in whole öre on a unit's account.

    `unit_of` has the accounts that may stand in a voucher: those of the trees, without clearing.
    """
    sums: dict[str, Decimal] = {}
    for account, units, cost, price, _, _ in entry.postings:
        unit = unit_of.get(account)
        if unit is None or cost is not None or price is not None or not isinstance(units, Amount):
            return None
        number, unit_currency = units
        if unit_currency != currency or not isinstance(number, Decimal):
            return None
        # Almost every amount has two decimals, which is quicker seen than that it is whole öre.
        if not number.same_quantum(ORE) and not is_whole_ore(number):
            return None
        sums[unit] = sums[unit] + number if unit in sums else number
    return sums


def _with_clearing(
    entry: data.Transaction, sums: Mapping[str, Decimal], owed: list[str], currency: Any
) -> data.Transaction:
    meta = {"filename": entry.meta.get("filename"), "lineno": entry.meta.get("lineno"), COMPUTED: True}
    # Amount() checks what it is given, which would take as long as all the rest.
    rows = [
        data.Posting(clearing_account(unit), Amount._make((-sums[unit], currency)), None, None, None, meta)
        for unit in owed
    ]
    # Quicker than _replace().
    meta_of, day, flag, payee, narration, tags, links, own = entry
    return data.Transaction(meta_of, day, flag, payee, narration, tags, links, own + rows)
