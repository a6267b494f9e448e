"""Mutants of what tells an event: the other side of what moves assets, provisions and equity, and what is said of it.

Not among them, since another event is told, and nobody can know that it is not the right one: a row on another account
that such an event may stand against, as a purchase that is paid by another bank.
"""

from collections.abc import Iterator
from random import Random

from beancount.core.data import Directive, Transaction

from tests.mutations import Change, Mutant, changed, place_of, with_meta, with_row

EXPENSES = ("6410-Förbrukningsinventarier", "5010-Löner", "4510-Projektbidrag", "7110-Representation")
MODULES = ("flows", "assets")
"""What is said against the register of assets, the register finds."""

EVENTS = ("lan-nytt", "amortering", "kapitaltillskott", "bidrag-erhallet", "utlaning", "upprakning")
"""Those that can have happened to no account of the real books but provisions and equity."""


def mutants(entries: list[Directive], random: Random) -> Iterator[Mutant]:
    """Yield ledgers in which a voucher does not tell what has happened, or says what cannot have."""
    vouchers = [entry for entry in entries if isinstance(entry, Transaction) and entry.date.year > 2022]
    depreciations = [entry for entry in vouchers if _has(entry, ":1219-")]
    bought = [entry for entry in vouchers if _has(entry, ":1210-")]
    plain = [entry for entry in vouchers if not _has(entry, ":12", ":13", ":20", ":22")]
    plain = [entry for entry in plain if _has(entry, "Income:", "Expenses:")]
    sorts: list[tuple[list[Transaction], Change]] = [
        (depreciations, _other_side),
        (depreciations, _against_equity),
        (plain, _cost_of_equity),
        (depreciations + bought + plain, _impossible),
        (depreciations + bought + plain, _misspelt),
        (depreciations, _said),
    ]
    yield from changed(entries, random, sorts, 60)


def _row(entry: Transaction, part: str) -> int | None:
    return next((place for place, row in enumerate(entry.postings) if part in row.account), None)


def _has(entry: Transaction, *parts: str) -> bool:
    return any(_row(entry, part) is not None for part in parts)


def _moved(entry: Transaction, place: int, account: str) -> Transaction:
    return with_row(entry, place, entry.postings[place]._replace(account=account))


def _other_side(random: Random, entry: Transaction) -> tuple[str, list[Directive], str, str]:
    """Depreciation that is expensed as a cost of another kind."""
    place = _row(entry, ":7910-")
    assert place is not None
    unit = entry.postings[place].account.split(":")[1]
    new = _moved(entry, place, f"Expenses:{unit}:{random.choice(EXPENSES)}")
    return "another cost", [new], "F001|D706", unit


def _against_equity(_: Random, entry: Transaction) -> tuple[str, list[Directive], str, str]:
    """Depreciation that is taken off equity, with a row of the result beside it."""
    place = _row(entry, ":1219-")
    assert place is not None
    unit = entry.postings[place].account.split(":")[1]
    new = _moved(entry, place, f"Equity:{unit}:2010-Eget-kapital")
    return "off equity", [new], "F001", f"Equity:{unit}:2010-"


def _cost_of_equity(random: Random, entry: Transaction) -> tuple[str, list[Directive], str, str]:
    """A cost or an income, of which one row is on equity instead."""
    places = [place for place, row in enumerate(entry.postings) if not row.account.startswith(("Income", "Expenses"))]
    place = random.choice(places or [0])
    unit = entry.postings[place].account.split(":")[1]
    new = _moved(entry, place, f"Equity:{unit}:2010-Eget-kapital")
    return "on equity", [new], "F001", f"Equity:{unit}:2010-"


def _impossible(random: Random, entry: Transaction) -> tuple[str, list[Directive], str, str]:
    word = random.choice(EVENTS)
    return f"says {word}", [with_meta(entry, handelse=word)], "F003", place_of(entry)


def _misspelt(random: Random, entry: Transaction) -> tuple[str, list[Directive], str, str]:
    word = random.choice(("avskrivnig", "forvärv", "köp", "", "försäljning", "avskrivning och forvarv"))
    return f"says {word}", [with_meta(entry, handelse=word)], "F002", place_of(entry)


def _said(random: Random, entry: Transaction) -> tuple[str, list[Directive], str, str]:
    """Depreciation that is said to be something else: the register lacks it, or has nothing of the kind."""
    word = random.choice(("forvarv", "forsaljning", "utrangering", "overtagande", "justering"))
    place = _row(entry, ":1219-")
    assert place is not None
    unit = entry.postings[place].account.split(":")[1]
    return f"says {word}", [with_meta(entry, handelse=word)], "D70|F003", unit
