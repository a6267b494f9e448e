"""In which file of the books a unit keeps the vouchers of a year, and where a new one is written.

files_of_units(books, ["NAV", "RU"], 2024)      {"NAV": ".../units/navet/2024.bean", ...}
files_beside_accounts(books, 2025)              {"NAV": ".../units/navet/2025.bean", ...}
file_beside(books, correction, corrected)       .../units/navet/2025.bean
next_path("units/navet/2024.bean", 2025)        units/navet/2025.bean
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import PurePath

from beancount.core import data

from forbundsbok.plugins.accounts import is_clearing, unit_of
from forbundsbok.plugins.books import Books
from forbundsbok.plugins.roles import Role

_SHARED = (Role.MONEY, Role.INPUT_VAT, Role.OUTPUT_VAT)
"""What is one unit's, and all have rows on: it tells nothing of whose a voucher is."""


def files_of_units(books: Books, units: Iterable[str], year: int) -> dict[str, str]:
    """Return the file of each unit that has booked in a year: of those that are mostly its own, or else of any."""
    rows: dict[str, Counter[str]] = defaultdict(Counter)
    for entry in books.vouchers:
        if entry.date.year == year:
            own = (row.account for row in entry.postings if not is_clearing(row.account))
            rows[str(entry.meta["filename"])].update(
                unit_of(each) for each in own if not books.roles.has(each, *_SHARED)
            )
    files = {}
    for unit in units:
        there = [name for name, counts in rows.items() if counts[unit]]
        own_files = [name for name in there if rows[name].most_common(1)[0][0] == unit]
        if there:
            files[unit] = max(own_files or there, key=lambda name: rows[name][unit])
    return files


def files_beside_accounts(books: Books, year: int) -> dict[str, str]:
    """Return the file of a year that the books have beside the accounts of a unit, where they have one."""
    included = {str(name) for name in books.options.get("include", ())}
    files: dict[str, str] = {}
    for account, opened in books.opens.items():
        name = str(PurePath(str(opened.meta["filename"])).with_name(f"{year}.bean"))
        if name in included:
            files.setdefault(unit_of(account), name)
    return files


def next_path(before: str, year: int) -> str:
    """Return the path of a year's file after that of the year before: its year is in the name, or beside it."""
    path = PurePath(before)
    if str(year - 1) in path.stem:
        return path.with_name(path.name.replace(str(year - 1), str(year))).as_posix()
    if str(year - 1) in path.parts:
        return PurePath(*(str(year) if part == str(year - 1) else part for part in path.parts)).as_posix()
    return path.with_name(f"{year}.bean").as_posix()


def file_of_voucher(books: Books, entry: data.Transaction) -> str | None:
    """Return the file of a new voucher: that of its unit and year, or where the year's last one stands.

    The first one of a unit stands in the file of the year beside its accounts, where the books have that.
    """
    year = entry.date.year
    own = [unit_of(row.account) for row in entry.postings if not books.roles.has(row.account, *_SHARED)]
    units = dict.fromkeys([*own, *(unit_of(row.account) for row in entry.postings)])
    included = [str(name) for name in books.options.get("include", ())]
    now, before = files_of_units(books, units, year), files_of_units(books, units, year - 1)
    first = files_beside_accounts(books, year)
    for unit in units:
        # The file of the year is there before anything stands in it.
        for name in (next_path(before[unit], year) if unit in before else "", now.get(unit, ""), first.get(unit, "")):
            if name in included:
                return name
    return next((str(each.meta["filename"]) for each in reversed(books.vouchers) if each.date.year == year), None)


def file_beside(books: Books, entry: data.Transaction, beside: data.Directive) -> str:
    """Return the file of a new voucher that is about another directive: its own year's, else where that one stands.

    The file of a year bears its name, in the folder of the other one, or holds what the unit booked in that year.
    """
    year, own = entry.date.year, str(beside.meta.get("filename") or "")
    is_voucher = isinstance(beside, data.Transaction)
    if is_voucher and beside.date.year == year:
        return own
    folder = PurePath(own).parent
    for name in map(PurePath, books.options.get("include", ())):
        if name.parent == folder and name.stem == str(year):
            return str(name)
    units = list(dict.fromkeys(unit_of(row.account) for row in entry.postings))
    files = files_of_units(books, units, year)
    booked = next((files[unit] for unit in units if unit in files), own)
    return own if is_voucher and PurePath(booked).parent != folder else booked
