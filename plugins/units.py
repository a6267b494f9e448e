"""Units: the account trees of a federation, and the clearing between them.

A unit is declared once, and every account names the unit that it belongs to:

    2022-12-31 custom "unit" "FK" "Förbundskansli"
      surplus: "kept"
    2022-12-31 custom "unit" "NAV" "Navet science center"
      surplus: "kept"

    2024-03-05 * "Leverantör 017 IT" "Faktura 20245"
      ver: "U 311"
      Liabilities:NAV:2510-Leverantörsskulder   1000.00 SEK
      Assets:FK:1610-Internbank                -1000.00 SEK

The voucher touches two trees: this plugin adds what NAV owes FK for it,

      Assets:NAV:1790-Avräkning                -1000.00 SEK
      Assets:FK:1790-Avräkning                  1000.00 SEK

so that each unit balances by itself, and the clearing accounts sum to zero over all units.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from beancount.core import data
from beancount.core.amount import Amount

from plugins.directives import customs, values
from plugins.rules import RuleError, broken

__plugins__ = ("complete_with_clearing",)

CLEARING = "1790-Avräkning"
"""The account, in every unit, of what the unit has with all the others."""

ZERO = Decimal(0)
_GRAMMAR = re.compile(r"(?P<root>[^:]+):(?P<unit>[A-ZÅÄÖ0-9]+):(?P<number>\d{4})-(?P<name>[^:]+)(?P<detail>(?::.+)?)")


@dataclass(frozen=True)
class AccountName:
    """What an account says by its name: `Income:BRB:3119-Medlemsavgifter:Borås`."""

    root: str
    unit: str
    number: str
    name: str
    detail: tuple[str, ...]


@dataclass(frozen=True)
class Unit:
    """An operating unit, as its directive declares it.

    `surplus` is "kept" or "carried"; `meta` holds the directive's metadata, among them how the
    federation prints the unit's fees: `avgifter`, `avgifter-total`, `avgifter-not`.
    """

    code: str
    name: str
    surplus: str
    meta: Mapping[str, Any]


@cache
def parse_account(account: str) -> AccountName | None:
    """Return the parts of an account name, or None where it does not follow the grammar."""
    match = _GRAMMAR.fullmatch(account)
    if match is None:
        return None
    detail = tuple(match["detail"].split(":")[1:])
    return AccountName(match["root"], match["unit"], match["number"], match["name"], detail)


def clearing_account(unit: str) -> str:
    """Return the clearing account of a unit."""
    return f"Assets:{unit}:{CLEARING}"


def read_units(entries: Iterable[data.Directive]) -> dict[str, Unit]:
    """Return the units by code, in the order of their directives.

    A directive that is no proper unit is left out here; the plugin reports it.
    """
    units = {}
    for entry in customs(entries, "unit"):
        if _unit_mistake(entry) is None:
            code, name = values(entry)
            units[code] = Unit(code, name, entry.meta["surplus"], entry.meta)
    return units


def complete_with_clearing(
    entries: data.Directives, options_map: Mapping[str, Any]
) -> tuple[data.Directives, list[RuleError]]:
    """Add the clearing postings that make every unit balance in every transaction.

    Errors: U101 a unit directive that cannot be read, U102 a unit declared twice, U103 an account
    of no declared unit, U104 an account outside the grammar, U105 clearing posted by hand.
    """
    errors = _directive_errors(entries)
    units = read_units(entries)
    completed: data.Directives = []
    for entry in entries:
        if isinstance(entry, data.Open):
            errors += _account_errors(entry, units)
        elif isinstance(entry, data.Transaction):
            errors += _hand_posting_errors(entry)
            entry = _completed(entry)
        completed.append(entry)
    return completed, errors


def _completed(entry: data.Transaction) -> data.Transaction:
    owed = _imbalances(entry.postings)
    # A voucher that does not balance as a whole is left to Beancount's own error, never balanced by clearing.
    if not owed or sum(owed.values()) != ZERO:
        return entry
    meta = {"filename": entry.meta["filename"], "lineno": entry.meta["lineno"]}
    clearing = [
        data.Posting(clearing_account(unit), Amount(-number, currency), None, None, None, meta)
        for (unit, currency), number in sorted(owed.items())
    ]
    return entry._replace(postings=entry.postings + clearing)


def _imbalances(postings: Iterable[data.Posting]) -> dict[tuple[str, str], Decimal]:
    """Return what each unit's own postings sum to, per currency, where that is not zero."""
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for posting in postings:
        name = parse_account(posting.account)
        if name is not None and posting.units is not None and posting.units.number is not None:
            sums[name.unit, posting.units.currency] += posting.units.number
    return {key: number for key, number in sums.items() if number != ZERO}


def _unit_mistake(entry: data.Custom) -> str | None:
    given = values(entry)
    if len(given) != 2 or not all(isinstance(value, str) for value in given):
        return 'it takes a code and a name: custom "unit" "BRB" "Business Region Borås"'
    if not re.fullmatch("[A-ZÅÄÖ0-9]+", given[0]):
        return f'the code "{given[0]}" must be of capital letters and digits, as it stands in account names'
    if entry.meta.get("surplus") not in ("kept", "carried"):
        return 'write what becomes of its surplus below it:   surplus: "kept"   or   surplus: "carried"'
    return None


def _directive_errors(entries: Iterable[data.Directive]) -> list[RuleError]:
    errors = []
    seen: dict[str, data.Custom] = {}
    for entry in customs(entries, "unit"):
        if mistake := _unit_mistake(entry):
            errors.append(broken(entry, f"U101 This unit cannot be read: {mistake}."))
            continue
        first = seen.setdefault(values(entry)[0], entry)
        if first is not entry:
            where = f"{first.meta['filename']}:{first.meta['lineno']}"
            message = f"U102 Unit {values(entry)[0]} is declared twice, first at {where}: remove one."
            errors.append(broken(entry, message))
    return errors


def _account_errors(entry: data.Open, units: Mapping[str, Unit]) -> list[RuleError]:
    name = parse_account(entry.account)
    if name is None:
        return [broken(entry, f"U104 {entry.account} is not named Root:UNIT:NNNN-Namn[:Detalj].")]
    if name.unit not in units:
        message = (
            f"U103 {entry.account} belongs to no declared unit: "
            f'declare it (2023-01-01 custom "unit" "{name.unit}" "Namn") or name one of {", ".join(units)}.'
        )
        return [broken(entry, message)]
    return []


def _hand_posting_errors(entry: data.Transaction) -> list[RuleError]:
    return [
        broken(
            entry,
            f"U105 {posting.account} {posting.units} is posted by hand: remove the line, clearing completes itself.",
            posting.meta,
        )
        for posting in entry.postings
        if posting.account.endswith(f":{CLEARING}")
    ]
