"""Mutants of what carries surpluses: the transfers, the opening balances, the units' agreements, the results.

Not among them, since they change nothing that a surplus rests on: texts and numbers of vouchers; a result row
moved between two accounts of its unit; the agreement of a unit that only has deficits (they stay in its result
whether it keeps or carries its surplus); `underskott: "overfors"` for a unit that has none.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from beancount.core.data import Custom, Directive, Open, Posting, Transaction

from forbundsbok.plugins.accounts import parse_account
from forbundsbok.plugins.places import place
from forbundsbok.plugins.roles import KOMMUN_BAS
from forbundsbok.plugins.surplus import account_of, surplus_account
from forbundsbok.plugins.units import CARRIED, KEPT
from tests.mutations import Mutant, number_of, place_of, plus, rebooked, some_amount, with_meta, with_row

Key = tuple[str, int]


def mutants(entries: list[Directive], random: Random) -> Iterator[Mutant]:
    """Yield ledgers with one thing changed in what the surplus rules govern."""
    touching = [entry for entry in entries if isinstance(entry, Transaction) and _rows(entry)]
    transfers = [entry for entry in touching if len(_rows(entry)) == len(entry.postings) == 2]
    opening = next(entry for entry in touching if entry not in transfers)
    for entry in transfers:
        # Half of them, so that the test takes seconds.
        yield from (mutant for mutant in _of_transfer(entries, entry, random) if random.random() < 0.5)
    yield from _of_opening(entries, opening, random)
    yield from _of_results(entries, transfers, random)
    yield from _of_directives(entries)
    yield from _other_ways(entries, transfers, random)


def _rows(entry: Transaction) -> list[Posting]:
    return [posting for posting in entry.postings if surplus_account(posting.account, KOMMUN_BAS)]


def _key(entry: Transaction) -> Key:
    surplus = surplus_account(_rows(entry)[0].account, KOMMUN_BAS)
    assert surplus
    return surplus.unit, surplus.year


def _of_transfer(entries: list[Directive], entry: Transaction, random: Random) -> Iterator[Mutant]:
    unit, year = _key(entry)
    about, here = f"{unit} {year}:", place(entry)
    first, second = entry.postings

    def mutant(what: str, codes: str, told: str, *new: Transaction) -> Mutant:
        return Mutant(f"{entry.narration} of {unit}: {what}", rebooked(entries, entry, *new), codes, told)

    def rows(change: Callable[[Posting], Posting]) -> Transaction:
        return entry._replace(postings=[change(posting) for posting in entry.postings])

    for _ in range(3):
        number = some_amount(random)
        changed = entry._replace(postings=[plus(first, number), plus(second, -number)])
        yield mutant(f"{number} more", "S20[126]", here, changed)
    for index in (0, 1):
        number = some_amount(random)
        postings = list(entry.postings)
        postings[index] = plus(postings[index], number)
        yield mutant(f"row {index} {number} more", "S203", here, entry._replace(postings=postings))
        yield mutant(f"row {index} removed", "S203", here, entry._replace(postings=[entry.postings[1 - index]]))
        yield mutant(
            f"row {index} doubled", "S203", here, entry._replace(postings=[*entry.postings, entry.postings[index]])
        )
        for name, account in _other_accounts(entry.postings[index].account, random):
            postings = list(entry.postings)
            postings[index] = postings[index]._replace(account=account)
            yield mutant(f"row {index} on {name}", "S203", here, entry._replace(postings=postings))
    for days in (1, -1, random.randint(2, 300), -random.randint(2, 300), 366, -365):
        day = entry.date + timedelta(days)
        yield mutant(f"dated {day}", "S204", here, entry._replace(date=day))
    for years in (1, -1):
        change = _renamed(str(year), str(year + years))
        yield mutant(f"year {year + years}", "S20[34]", here, rows(change))
    for other in ("DSO", "MC", "NAV", "FK"):
        if other != unit:
            yield mutant(f"of {other}", "S20[12]", about, rows(_renamed(f":{unit}:", f":{other}:")))
    flipped = rows(lambda posting: plus(posting, -2 * number_of(posting)))
    yield mutant("sign turned", "S20[126]", here, flipped)
    yield mutant("removed", "S20[12]", about)
    yield mutant("doubled", "S20[12]", here, entry, entry._replace(meta={**entry.meta}))


def _renamed(old: str, new: str) -> Callable[[Posting], Posting]:
    return lambda posting: posting._replace(account=posting.account.replace(old, new))


def _other_accounts(account: str, random: Random) -> list[tuple[str, str]]:
    surplus = surplus_account(account, KOMMUN_BAS)
    assert surplus
    other = random.choice([unit for unit in ("BRB", "DSO", "MC", "VOC", "NVS", "NAV", "FK") if unit != surplus.unit])
    return [
        ("another unit", account_of(surplus.root, other, surplus.year)),
        ("another year", account_of(surplus.root, surplus.unit, surplus.year + random.choice((1, -1)))),
        ("the bank", "Assets:FK:1610-Internbank"),
        ("an ordinary result account", f"Income:{surplus.unit}:3010-Försäljning-och-övriga-intäkter"),
        ("an ordinary debt", f"Liabilities:{surplus.unit}:2970-Förutbetalda-intäkter"),
    ]


def _of_opening(entries: list[Directive], entry: Transaction, random: Random) -> Iterator[Mutant]:
    for index, posting in enumerate(entry.postings):
        surplus = surplus_account(posting.account, KOMMUN_BAS)
        if not surplus:
            continue
        changes = [
            ("more", [plus(posting, some_amount(random))]),
            ("sign turned", [plus(posting, -2 * number_of(posting))]),
            ("removed", []),
            ("doubled", [posting, posting]),
            ("of another year", [_renamed(":2022", ":2021")(posting)]),
            ("of another unit", [_renamed(f":{surplus.unit}:", ":MC:")(posting)]),
        ]
        for what, rows in changes:
            changed = rebooked(entries, entry, with_row(entry, index, *rows))
            yield Mutant(f"opening {surplus.unit}: {what}", changed, "S20[236]", f"{surplus.unit} 20")


def _of_results(entries: list[Directive], transfers: list[Transaction], random: Random) -> Iterator[Mutant]:
    """Change the vouchers of the units that carry: their surplus is no longer what is left."""
    carried = {_key(entry): place(entry) for entry in transfers if entry.date.month == 12}
    by_key: dict[Key, list[tuple[Transaction, int]]] = defaultdict(list)
    for entry in entries:
        if isinstance(entry, Transaction) and not _rows(entry):
            for index, posting in enumerate(entry.postings):
                name = parse_account(posting.account)
                if name and name.root in ("Income", "Expenses") and (name.unit, entry.date.year) in carried:
                    by_key[name.unit, entry.date.year].append((entry, index))
    for (unit, year), rows in by_key.items():
        here = carried[unit, year]
        for entry, index in random.sample(rows, 8):
            what, new = _changed_result(entry, index, random)
            yield Mutant(f"{entry.narration} of {unit} {year}: {what}", rebooked(entries, entry, *new), "S201", here)


def _changed_result(entry: Transaction, index: int, random: Random) -> tuple[str, list[Transaction]]:
    row = entry.postings[index]
    number = some_amount(random)
    name = parse_account(row.account)
    assert name
    moved = row.account.replace(f":{name.unit}:", ":NAV:")

    def with_rows(*rows: Posting) -> list[Transaction]:
        return [with_row(entry, index, *rows)]

    other_year = date(entry.date.year + 1, 2, 1) if entry.date.year == 2024 else date(2024, 2, 1)
    changes = [
        (f"row {number} more", with_rows(plus(row, number))),
        ("row turned", with_rows(plus(row, -2 * number_of(row)))),
        ("row removed", with_rows()),
        ("row doubled", with_rows(row, row)),
        ("row on another unit", with_rows(row._replace(account=moved))),
    ]
    if sum(number_of(posting) for posting in entry.postings if _is_result_of(posting, name.unit)):
        changes += [
            ("removed", []),
            ("doubled", [entry, entry._replace(meta={**entry.meta})]),
            (f"dated {other_year}", [entry._replace(date=other_year)]),
        ]
    return random.choice(changes)


def _is_result_of(posting: Posting, unit: str) -> bool:
    name = parse_account(posting.account)
    return bool(name and name.unit == unit and name.root in ("Income", "Expenses"))


def _of_directives(entries: list[Directive]) -> Iterator[Mutant]:
    for entry in entries:
        if isinstance(entry, Custom) and entry.type == "unit" and entry.values:
            code = entry.values[0].value
            if entry.meta["overskott"] == CARRIED:
                kept = with_meta(entry, overskott=KEPT)
                yield Mutant(f"{code} keeps", rebooked(entries, entry, kept), "S205", f"{code} behåller sitt överskott")
            elif code in ("FK", "ADM"):
                carried = with_meta(entry, overskott=CARRIED)
                yield Mutant(f"{code} carries", rebooked(entries, entry, carried), "S201", f"{code} 20")
            for deficit in ("Overfors", "", True, Decimal(1), date(2024, 1, 1)):
                changed = with_meta(entry, underskott=deficit)
                yield Mutant(f"{code} deficit {deficit}", rebooked(entries, entry, changed), "S207", place_of(entry))
        elif isinstance(entry, Open) and surplus_account(entry.account, KOMMUN_BAS):
            for account in (entry.account[:-5], f"{entry.account}:X", entry.account.replace("Överskott", "Overskott")):
                renamed = entry._replace(account=account)
                yield Mutant(f"{account} opened", rebooked(entries, entry, renamed), "S208", account)


def _other_ways(entries: list[Directive], transfers: list[Transaction], random: Random) -> Iterator[Mutant]:
    """Yield transfers between other accounts of the unit than the two of its surplus."""
    opens = [entry.account for entry in entries if isinstance(entry, Open)]
    for entry in transfers:
        unit = _key(entry)[0]
        results = [each for each in opens if each.startswith((f"Income:{unit}:30", f"Expenses:{unit}:6"))]
        kept = [each for each in opens if each.startswith((f"Liabilities:{unit}:29", f"Assets:{unit}:171"))]
        kept = [each for each in kept if not surplus_account(each, KOMMUN_BAS)]
        accounts = {"Income": random.choice(results), "Liabilities": random.choice(kept)}
        rows = [row._replace(account=accounts[row.account.split(":")[0]]) for row in entry.postings]
        changed = rebooked(entries, entry, entry._replace(postings=rows))
        yield Mutant(f"{entry.narration} of {unit} on {list(accounts.values())}", changed, "S209", place(entry))
