"""Mutants of units: their declarations, the names and currencies of accounts, and the amounts of vouchers.

What does not change the meaning of a unit's books is not tried: the date of a declaration, a surplus that is
"overfors" instead of "behalls" (plugins.surplus finds that), a row's account within the same trees. An amount changed
by whole öre makes the voucher unbalanced, which is Beancount's to report, and so is an account that is not open.
"""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from random import Random

from beancount.core.amount import Amount
from beancount.core.data import Balance, Custom, Directive, Open, Posting, Transaction

from forbundsbok.plugins.accounts import clearing_account, parse_account
from forbundsbok.plugins.ledger_text import custom_of
from tests.mutations import (
    Mutant,
    number_of,
    place_of,
    swapped,
    with_meta,
    with_number,
    with_open_last_year,
    without_meta,
)

COUNT = 25
VOUCHERS = 600
"""The rules look at one voucher at a time, so a tenth of them will do, and is quick."""

MODULES = ("units", "labels")
"""Whose rules find them."""

OTHER_ROOTS = {
    "Assets": "Liabilities",
    "Liabilities": "Equity",
    "Equity": "Assets",
    "Income": "Expenses",
    "Expenses": "Income",
}


def mutants(entries: list[Directive], random: Random) -> Iterator[Mutant]:
    """Yield mutants of every kind."""
    kept = set(map(id, random.sample([entry for entry in entries if isinstance(entry, Transaction)], VOUCHERS)))
    entries = [entry for entry in entries if not isinstance(entry, Transaction) or id(entry) in kept]
    for kind in (_declarations, _decisions, _accounts, _amounts, _currencies, _clearing, _balances, _labels):
        yield from kind(entries, random)


def _labels(entries: list[Directive], random: Random) -> Iterator[Mutant]:
    """Print an account under the name of another."""
    opened = [entry for entry in entries if isinstance(entry, Open) and parse_account(entry.account)]
    for number in range(COUNT):
        one, other = random.sample(opened, 2)
        mine, its = parse_account(one.account), parse_account(other.account)
        if mine and its and mine.number != its.number and mine.name != its.name:
            label: Custom = custom_of("benamning", date(2024, 7, 1), (one.account, its.name.replace("-", " ")))
            label = label._replace(meta={"filename": "namn.bean", "lineno": number + 1})
            yield Mutant(f"{one.account} as {its.name}", [*entries, label], "U123", f"namn.bean:{number + 1}")


def _declarations(entries: list[Directive], random: Random) -> Iterator[Mutant]:
    units = [entry for entry in entries if isinstance(entry, Custom) and entry.type == "unit"]
    for unit in units:
        code = unit.values[0].value
        place = place_of(unit)
        yield Mutant(f"{code} is not declared", swapped(entries, unit), "U103", f"enheten {code},")
        yield Mutant(f"{code} is declared twice", [*entries, unit._replace()], "U102", place)
        yield Mutant(
            f"{code} lacks its surplus", swapped(entries, unit, without_meta(unit, "overskott")), "U101", place
        )
        for surplus in ("Behalls", "", True, None, Decimal(1), Amount(Decimal(1), "SEK"), unit.date):
            mutated = with_meta(unit, overskott=surplus)
            yield Mutant(f"{code} has surplus {surplus!r}", swapped(entries, unit, mutated), "U101", place)
        for values in ([], unit.values[:1], unit.values[1:], [*unit.values, unit.values[0]]):
            yield Mutant(
                f"{code} has {len(values)} values",
                swapped(entries, unit, unit._replace(values=values)),
                "U101",
                place,
            )
        wrong_code = [unit.values[0]._replace(value=code.lower()), unit.values[1]]
        yield Mutant(f"{code} is small", swapped(entries, unit, unit._replace(values=wrong_code)), "U101", place)
        other_code = [unit.values[0]._replace(value=f"{code}X"), unit.values[1]]
        yield Mutant(
            f"{code} is {code}X", swapped(entries, unit, unit._replace(values=other_code)), "U103", f"enheten {code},"
        )


def _decisions(entries: list[Directive], random: Random) -> Iterator[Mutant]:
    """Yield ledgers in which a unit's surplus becomes another's, and nobody has decided it."""
    entries = with_open_last_year(entries)
    for unit in [entry for entry in entries if isinstance(entry, Custom) and entry.type == "unit"]:
        other = "overfors" if unit.meta["overskott"] == "behalls" else "behalls"
        meta = {"filename": "ny.bean", "lineno": random.randint(1, 999), "overskott": other}
        later = unit._replace(date=date(2024, random.randint(2, 12), 1), meta=meta)
        for words in (None, "Enligt avtalet"):
            revised = later if words is None else with_meta(later, beslut=words)
            what = f"{unit.values[0].value} is {other}, by {words}"
            yield Mutant(what, [*entries, revised], "U117", place_of(revised))


def _accounts(entries: list[Directive], random: Random) -> Iterator[Mutant]:
    opens = [entry for entry in entries if isinstance(entry, Open) and "1790" not in entry.account]

    def renamed(what: str, codes: str, rename: Callable[[str, str, str], str]) -> Iterator[Mutant]:
        for entry in random.sample(opens, COUNT):
            root, unit, rest = entry.account.split(":", 2)
            mutated = entry._replace(account=rename(root, unit, rest))
            yield Mutant(f"{entry.account} {what}", swapped(entries, entry, mutated), codes, place_of(entry))

    yield from renamed("is of an unknown unit", "U103", lambda root, unit, rest: f"{root}:{unit}Q:{rest}")
    yield from renamed("has no unit", "U104", lambda root, unit, rest: f"{root}:{rest}")
    yield from renamed("has three digits", "U104", lambda root, unit, rest: f"{root}:{unit}:{rest[1:]}")
    yield from renamed("has no name", "U104", lambda root, unit, rest: f"{root}:{unit}:{rest[:4]}")
    yield from renamed("is under another root", "U106", lambda root, unit, rest: f"{OTHER_ROOTS[root]}:{unit}:{rest}")
    yield from renamed("is of group 86", "U106", lambda root, unit, rest: f"{root}:{unit}:86{rest[2:]}")
    yield from renamed("has the number of clearing", "U110", lambda root, unit, rest: f"Assets:{unit}:1790{rest[4:]}")


def _amounts(entries: list[Directive], random: Random) -> Iterator[Mutant]:
    vouchers = [entry for entry in entries if isinstance(entry, Transaction)]
    for entry in random.sample(vouchers, 2 * COUNT):
        rows = list(entry.postings)
        first, second = random.sample(range(len(rows)), 2)
        part = Decimal(random.randint(1, 99)) / 10**4
        rows[first] = with_number(rows[first], number_of(rows[first]) + part)
        rows[second] = with_number(rows[second], number_of(rows[second]) - part)
        mutated = swapped(entries, entry, entry._replace(postings=rows))
        yield Mutant(
            f"{entry.meta['ver']} is changed by {part}",
            mutated,
            "U108",
            place_of(min(rows[first], rows[second], key=_line)),
        )


def _currencies(entries: list[Directive], random: Random) -> Iterator[Mutant]:
    vouchers = [entry for entry in entries if isinstance(entry, Transaction)]
    for entry in random.sample(vouchers, 2 * COUNT):
        rows = list(entry.postings)
        index = random.randrange(len(rows))
        for what, row in {
            "in euro": rows[index]._replace(units=Amount(number_of(rows[index]), "EUR")),
            "with a price": rows[index]._replace(price=Amount(Decimal("0.09"), "EUR")),
        }.items():
            mutated = entry._replace(postings=[*rows[:index], row, *rows[index + 1 :]])
            yield Mutant(
                f"{entry.meta['ver']} has a row {what}", swapped(entries, entry, mutated), "U107", place_of(row)
            )
    opens = [entry for entry in entries if isinstance(entry, Open)]
    for opened in random.sample(opens, COUNT):
        euro = opened._replace(currencies=["EUR"])
        yield Mutant(f"{opened.account} is opened for euro", swapped(entries, opened, euro), "U107", place_of(opened))


def _clearing(entries: list[Directive], random: Random) -> Iterator[Mutant]:
    vouchers = [entry for entry in entries if isinstance(entry, Transaction)]
    for entry in random.sample(vouchers, COUNT):
        rows = list(entry.postings)
        index = random.randrange(len(rows))
        unit = _unit(rows[index].account)
        by_hand = rows[index]._replace(account=clearing_account(unit))
        moved = entry._replace(postings=[*rows[:index], by_hand, *rows[index + 1 :]])
        yield Mutant(
            f"{entry.meta['ver']} is moved to clearing", swapped(entries, entry, moved), "U105", place_of(by_hand)
        )
        added = entry._replace(postings=[*rows, by_hand, with_number(by_hand, -number_of(by_hand))])
        yield Mutant(
            f"{entry.meta['ver']} has clearing by hand", swapped(entries, entry, added), "U105", place_of(by_hand)
        )
    for opened in [entry for entry in entries if isinstance(entry, Open) and "1790" in entry.account]:
        about = f"{opened.account} är inte öppet"
        yield Mutant(f"no {opened.account}", swapped(entries, opened), "U109", about)
        late = opened._replace(date=opened.date.replace(year=2024))
        mutated = sorted(swapped(entries, opened, late), key=lambda entry: entry.date)
        yield Mutant(f"{opened.account} is opened late", mutated, "U109", about)


def _balances(entries: list[Directive], random: Random) -> Iterator[Mutant]:
    balances = [entry for entry in entries if isinstance(entry, Balance)]
    for entry in random.sample(balances, COUNT):
        number = entry.amount.number or Decimal(0)
        euro = entry._replace(amount=Amount(number, "EUR"))
        finer = entry._replace(amount=Amount(number + Decimal("0.004"), "SEK"))
        yield Mutant(
            f"the balance of {entry.account} is in euro", swapped(entries, entry, euro), "U107", place_of(entry)
        )
        yield Mutant(
            f"the balance of {entry.account} is finer", swapped(entries, entry, finer), "U108", place_of(entry)
        )


def _unit(account: str) -> str:
    name = parse_account(account)
    assert name is not None
    return name.unit


def _line(row: Posting) -> int:
    return int((row.meta or {})["lineno"])
