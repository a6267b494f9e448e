"""Mutants of the register of assets, of purchases, of depreciation and of the opening balance.

Left out, because they do not change what the register says of the books:
- a depreciation voucher on another day of the same month: depreciation is by month;
- a purchase earlier, or later within the month in which the asset begins: what is bought may wait to be used;
- a disposal after the last month that is booked: it is not due.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from beancount.core.data import Custom, Directive, Posting, Transaction

from forbundsbok.plugins.ledger_text import custom_of
from forbundsbok.plugins.months import Month
from tests.mutations import Mutant, number_of, place_of, plus, swapped, with_meta, with_row

FOUND = r"D70[1-6]"
EACH = 14
"""How many mutants of each sort."""

Change = Callable[[Random, Any], tuple[str, list[Directive], str]]
"""What is changed, what stands in its place, and what the error must name."""


def mutants(entries: list[Directive], random: Random) -> Iterator[Mutant]:
    """Yield one change at a time."""
    assets = [entry for entry in entries if isinstance(entry, Custom) and entry.type == "asset"]
    vouchers = [entry for entry in entries if isinstance(entry, Transaction)]
    depreciation = [entry for entry in vouchers if _has(entry, ":79") and _has(entry, ":1219-")]
    bought = [entry for entry in vouchers if _has(entry, ":1210-") and not _has(entry, ":2010-")]
    opening = [entry for entry in vouchers if _has(entry, ":1210-") and _has(entry, ":2010-")]
    assert all((assets, depreciation, bought, opening))
    sorts: list[tuple[list[Any], Change]] = [
        *((assets, change) for change in (_cost, _life, _begin, _account, _removed, _doubled, _garbled, _disposed)),
        *(
            (depreciation, change)
            for change in (_amounts, _row, _month, _removed, _doubled, _unit, _cost_account, _sign, _split)
        ),
        *((bought, change) for change in (_bought_row, _removed, _doubled, _later, _bought_unit, _expensed)),
        *((opening, change) for change in (_opening_row, _opening_removed, _opening_doubled, _opening_moved)),
    ]
    for governed, change in sorts:
        for _ in range(EACH):
            entry = random.choice(governed)
            what, instead, about = change(random, entry)
            mutated = swapped(entries, entry, *instead)
            yield Mutant(f"{what}: {place_of(entry)}", mutated, FOUND, about)
    for months in (240, 600, 1200):
        meta = {"filename": "register.bean", "lineno": 99999}
        life = custom_of("nyttjandeperiod", date(2025, 1, 1), (assets[-1].values[0].value, Decimal(months)))
        yield Mutant(f"lives {months} months more", [*entries, life._replace(meta=meta)], "D708", "register.bean:99999")
    for entry in [each for each in assets if each.date > date(2023, 6, 1)]:
        later = entry._replace(date=Month.of(entry.date).after(random.randint(4, 6)).first_day)
        yield Mutant(f"begins later: {place_of(entry)}", swapped(entries, entry, later), "D7(06|10)", "")
    for entry in assets:
        name, account, cost = (value.value for value in entry.values)
        lineno = random.randint(10_000, 99_999)
        other = "Assets:ADM:1210-Inventarier:Äldre" if ":NAV:" in account else "Assets:NAV:1210-Inventarier:Äldre"
        moved = custom_of("overforing", date(2024, 11, 30), (name, other))
        moved = moved._replace(meta={"filename": "register.bean", "lineno": lineno})
        yield Mutant(f"moved in the register alone: {name}", [*entries, moved], "D70[29]|D706", "")
        back = custom_of("aterforing", date(2024, 11, 30), (name, cost))
        back = back._replace(meta={"filename": "register.bean", "lineno": lineno})
        yield Mutant(f"taken back though nothing was written down: {name}", [*entries, back], "D707", name)
    for since, words in ((date(2023, 1, 1), ("arsvis", "kvartalsvis")), (date(2024, 7, 1), ("halvarsvis",))):
        for word in words:
            meta = {"filename": "register.bean", "lineno": 99999}
            seldom = custom_of("avskrivning", since, (word,))._replace(meta=meta)
            yield Mutant(f"depreciation is booked {word} from {since}", [*entries, seldom], "D706", "Avskrivningarna i")


def _has(entry: Transaction, part: str) -> bool:
    return any(part in posting.account for posting in entry.postings)


def _unit_of(entry: Transaction | Custom) -> str:
    """Return the unit of the asset account that an entry names; a message names the unit."""
    if isinstance(entry, Custom):
        return str(entry.values[1].value).split(":")[1]
    return next(posting.account for posting in entry.postings if ":12" in posting.account).split(":")[1]


def _month_of(entry: Transaction) -> str:
    return f"{entry.date:%Y-%m}: "


def _some(random: Random) -> Decimal:
    """Return an amount: an öre, or some more."""
    return Decimal(random.choice([1, -1, 10, 99, random.randint(1, 500_000)])) / 100


def _replaced(entry: Custom, index: int, value: object) -> Custom:
    values = [each._replace(value=value) if i == index else each for i, each in enumerate(entry.values)]
    return entry._replace(values=values)


# Assets


def _cost(random: Random, entry: Custom) -> tuple[str, list[Directive], str]:
    amount = entry.values[2].value
    new = amount._replace(number=amount.number + _some(random))
    return f"cost {new}", [_replaced(entry, 2, new)], entry.values[1].value


def _life(random: Random, entry: Custom) -> tuple[str, list[Directive], str]:
    months = entry.meta["manader"] + random.choice([-1, 1, 12, -6, 24])
    return f"{months} months", [with_meta(entry, manader=months)], _unit_of(entry)


def _begin(random: Random, entry: Custom) -> tuple[str, list[Directive], str]:
    # What begins in the last month of a year may begin in the first of the next.
    step = random.choice([-12, -2, -1, 1, 2, 12])
    month = entry.date.year * 12 + entry.date.month - 1 + step
    return f"{step} months", [entry._replace(date=date(month // 12, month % 12 + 1, 1))], _unit_of(entry)


def _account(random: Random, entry: Custom) -> tuple[str, list[Directive], str]:
    account, unit = entry.values[1].value, _unit_of(entry)
    others = [
        account.replace(f":{unit}:", ":RU:"),
        f"Assets:{unit}:1210-Inventarier:Annat",
        f"Assets:{unit}:1220-Fordon",
        f"Assets:{unit}:1219-Ackumulerade-avskrivningar",
        f"Assets:{unit}:1510-Kundfordringar",
    ]
    new = random.choice(others)
    about = place_of(entry) if new in others[3:] else account
    return f"account {new}", [_replaced(entry, 1, new)], about


def _removed(random: Random, entry: Any) -> tuple[str, list[Directive], str]:
    return "removed", [], _unit_of(entry)


def _doubled(random: Random, entry: Any) -> tuple[str, list[Directive], str]:
    return "doubled", [entry, entry._replace(meta=dict(entry.meta))], _unit_of(entry)


def _garbled(random: Random, entry: Custom) -> tuple[str, list[Directive], str]:
    meta = {key: value for key, value in entry.meta.items() if key != "manader"}
    new = random.choice(
        [
            entry._replace(values=[]),
            entry._replace(values=entry.values[:2]),
            entry._replace(values=[*entry.values, entry.values[0]]),
            entry._replace(date=entry.date + timedelta(days=random.randint(1, 27))),
            *(
                entry._replace(meta={**meta, "manader": value})
                for value in (None, "36", True, Decimal("1.5"), Decimal(0))
            ),
            entry._replace(meta=meta),
            _replaced(entry, 0, Decimal(1)),
            _replaced(entry, 2, entry.values[2].value._replace(currency="EUR")),
        ]
    )
    return "garbled", [new], place_of(entry)


def _disposed(random: Random, entry: Custom) -> tuple[str, list[Directive], str]:
    day = max(entry.date, date(2023, 1, 1)) + timedelta(days=random.randint(0, 60))
    return f"disposed {day}", [entry, custom_of("utrangering", day, [entry.values[0].value])], entry.values[0].value


# Depreciation


def _with(entry: Transaction, postings: list[Posting]) -> list[Directive]:
    return [entry._replace(postings=postings)]


def _amounts(random: Random, entry: Transaction) -> tuple[str, list[Directive], str]:
    by = _some(random)
    first, second = entry.postings
    return f"amounts by {by}", _with(entry, [plus(first, by), plus(second, -by)]), _month_of(entry)


def _row(random: Random, entry: Transaction) -> tuple[str, list[Directive], str]:
    by, index = _some(random), random.randrange(2)
    postings = [plus(posting, by) if i == index else posting for i, posting in enumerate(entry.postings)]
    return f"row {index} by {by}", _with(entry, postings), _month_of(entry)


def _split(random: Random, entry: Transaction) -> tuple[str, list[Directive], str]:
    index = random.randrange(2)
    postings = [posting for i, posting in enumerate(entry.postings) if i != index]
    if random.random() < 0.5:
        postings = [*entry.postings, entry.postings[index]]
    return f"row {index} removed or doubled", _with(entry, postings), _month_of(entry)


def _month(random: Random, entry: Transaction) -> tuple[str, list[Directive], str]:
    days = random.choice([-365, -62, -31, 1, 31, 62, 365])
    return f"moved {days} days", [entry._replace(date=entry.date + timedelta(days=days))], _month_of(entry)


def _unit(random: Random, entry: Transaction) -> tuple[str, list[Directive], str]:
    unit = _unit_of(entry)
    other = random.choice([code for code in ("FK", "ADM", "NAV", "RU") if code != unit])
    rows = random.choice([(0,), (1,), (0, 1)])
    postings = [
        posting._replace(account=posting.account.replace(f":{unit}:", f":{other}:")) if i in rows else posting
        for i, posting in enumerate(entry.postings)
    ]
    return f"rows {rows} in {other}", _with(entry, postings), f"Avskrivningarna i {unit} "


def _cost_account(random: Random, entry: Transaction) -> tuple[str, list[Directive], str]:
    unit, (expense, accumulated) = _unit_of(entry), entry.postings
    new = random.choice(
        [
            [expense._replace(account=f"Expenses:{unit}:6410-Förbrukningsinventarier"), accumulated],
            [expense, accumulated._replace(account=f"Assets:{unit}:1210-Inventarier:Äldre")],
            [expense, accumulated._replace(account=f"Assets:{unit}:1229-Ackumulerade-avskrivningar")],
            [expense, accumulated._replace(account="Assets:FK:1610-Internbank")],
        ]
    )
    # A row on a cost account is a purchase that the register lacks.
    return "account", _with(entry, new), unit


def _sign(random: Random, entry: Transaction) -> tuple[str, list[Directive], str]:
    postings = [plus(posting, -2 * number_of(posting)) for posting in entry.postings]
    return "signs", _with(entry, postings), _month_of(entry)


# Purchases


def _asset_row(entry: Transaction) -> int:
    return next(i for i, posting in enumerate(entry.postings) if ":1210-" in posting.account)


def _bought_row(random: Random, entry: Transaction) -> tuple[str, list[Directive], str]:
    index, by = _asset_row(entry), _some(random)
    posting = entry.postings[index]
    return f"cost by {by}", [with_row(entry, index, plus(posting, by))], posting.account


def _bought_unit(random: Random, entry: Transaction) -> tuple[str, list[Directive], str]:
    index = _asset_row(entry)
    posting, unit = entry.postings[index], _unit_of(entry)
    new = random.choice([posting.account.replace(f":{unit}:", ":RU:"), f"Assets:{unit}:1210-Inventarier:Äldre"])
    return f"account {new}", [with_row(entry, index, posting._replace(account=new))], posting.account


def _expensed(random: Random, entry: Transaction) -> tuple[str, list[Directive], str]:
    index = _asset_row(entry)
    new = f"Expenses:{_unit_of(entry)}:6410-Förbrukningsinventarier"
    posting = entry.postings[index]
    return "expensed", [with_row(entry, index, posting._replace(account=new))], posting.account


def _later(random: Random, entry: Transaction) -> tuple[str, list[Directive], str]:
    days = random.randint(51, 200)
    return f"{days} days later", [entry._replace(date=entry.date + timedelta(days=days))], entry.narration or ""


# The opening balance


def _opening_place(random: Random, entry: Transaction) -> int:
    return random.choice([i for i, posting in enumerate(entry.postings) if ":12" in posting.account])


def _opening_row(random: Random, entry: Transaction) -> tuple[str, list[Directive], str]:
    index, by = _opening_place(random, entry), _some(random)
    posting = entry.postings[index]
    return f"{posting.account} by {by}", [with_row(entry, index, plus(posting, by))], posting.account


def _opening_removed(random: Random, entry: Transaction) -> tuple[str, list[Directive], str]:
    index = _opening_place(random, entry)
    account = entry.postings[index].account
    return f"{account} removed", _with(entry, entry.postings[:index] + entry.postings[index + 1 :]), account


def _opening_doubled(random: Random, entry: Transaction) -> tuple[str, list[Directive], str]:
    posting = entry.postings[_opening_place(random, entry)]
    return f"{posting.account} doubled", _with(entry, [*entry.postings, posting]), posting.account


def _opening_moved(random: Random, entry: Transaction) -> tuple[str, list[Directive], str]:
    index = _opening_place(random, entry)
    posting = entry.postings[index]
    unit = posting.account.split(":")[1]
    new = posting._replace(account=posting.account.replace(f":{unit}:", ":RU:"))
    return f"{posting.account} in RU", [with_row(entry, index, new)], posting.account
