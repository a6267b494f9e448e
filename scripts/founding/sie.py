"""What a year of SIE says of the federation whose books begin with it.

#FNAMN "Räddningsförbundet Norr"    #ORGNR 222000-9993    #RAR 0 20240101 20241231
#OBJEKT 1 "10" "Station Norr"
"""

import re
from datetime import date

from forbundsbok.importers.sie.codec.records import SieFile
from forbundsbok.importers.sie.ledger import slug
from forbundsbok.scripts.founding.books import NewUnit

CONTRIBUTIONS = re.compile("medlemsbidrag|förbundsbidrag|medlemsavgift", re.IGNORECASE)

UNITS = "1"
"""The dimension whose objects are units, unless a mapping names another."""


def first_day_of(file: SieFile) -> date:
    """Return the first day of a file's year. Raises KeyError where it says none."""
    return file.heading.years[0][0]


def units_of(file: SieFile) -> list[NewUnit]:
    """Return the units that a file's objects can be, with codes of their numbers or their names."""
    units: dict[str, NewUnit] = {}
    for each in file.objects.values():
        if each.dimension == UNITS:
            code = each.number if re.fullmatch("[A-ZÅÄÖ0-9]+", each.number) else _code(each.name or each.number)
            free = next(name for name in (code, *(f"{code}{count}" for count in range(2, 1000))) if name not in units)
            units[free] = NewUnit(free, each.name or each.number, object="" if free == each.number else each.number)
    return list(units.values())


def contributions_of(file: SieFile) -> str:
    """Return the account of income that is called a contribution of the members, "" where none is."""
    named = [
        each.number
        for each in file.accounts.values()
        if each.number.startswith(("3", "8"))
        and re.search("medlemsbidrag|förbundsbidrag|medlemsavgift", each.name, re.I)
    ]
    return min(named, default="")


def _code(name: str) -> str:
    letters = slug(name).upper().replace("-", "")
    return "".join(each for each in letters if re.fullmatch("[A-ZÅÄÖ0-9]", each))[:8] or "ENHET"
