"""Account names: what each says of its root, unit, number and detail.

    Income:BRB:3119-Medlemsavgifter:Borås        root Income, unit BRB, number 3119, detail Borås
    Assets:BRB:1790-Avräkning                    what the unit has with all the others

Every unit has one clearing account, by which it balances by itself (plugins.clearing).
"""

import re
from dataclasses import dataclass
from functools import cache

CLEARING = "1790-Avräkning"
"""The account, in every unit, of what the unit has with all the others."""

CLEARING_NUMBER = CLEARING[:4]

_GRAMMAR = re.compile(
    r"(?P<root>[^:]+):(?P<unit>[A-ZÅÄÖ0-9]+):(?P<number>[0-9]{4,6})-(?P<name>[^:]+)(?P<detail>(?::.+)?)"
)


@dataclass(frozen=True)
class AccountName:
    """What an account says by its name: `Income:BRB:3119-Medlemsavgifter:Borås`."""

    root: str
    unit: str
    number: str
    name: str
    detail: tuple[str, ...]


@cache
def parse_account(account: str) -> AccountName | None:
    """Return the parts of an account name, or None where it does not follow the grammar."""
    match = _GRAMMAR.fullmatch(account)
    if match is None:
        return None
    detail = tuple(match["detail"].split(":")[1:])
    return AccountName(match["root"], match["unit"], match["number"], match["name"], detail)


@cache
def clearing_account(unit: str) -> str:
    """Return the clearing account of a unit."""
    return f"Assets:{unit}:{CLEARING}"


@cache
def is_clearing(account: str) -> bool:
    """Tell whether an account is a unit's clearing account."""
    return account.endswith(f":{CLEARING}")


@cache
def unit_of(account: str) -> str:
    """Return the unit that an account belongs to, none where its name does not follow the grammar."""
    name = parse_account(account)
    return name.unit if name is not None else ""
