"""Mutants of equipment that is expensed, of assets in the register, and of what tells the two apart.

Left out, because they do not change what is an investment:
- a cost or a life on the same side of the threshold;
- an asset that began with the books: what the threshold was when it was bought is not known.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from beancount.core.amount import Amount
from beancount.core.data import Custom, Directive, Transaction

from forbundsbok.plugins.corrections import corrected_numbers
from forbundsbok.plugins.numbers import read_ver
from tests.mutations import (
    Change,
    Mutant,
    bought_row,
    changed,
    cost_of,
    in_account,
    number_of,
    owed_by,
    place_of,
    row_on,
    scaled,
    swapped,
    unit_of,
    unsealed,
    values_of,
    with_meta,
    with_number,
)

EACH = 42
"""How many mutants of each sort."""


def mutants(entries: list[Directive], random: Random) -> Iterator[Mutant]:
    """Yield one change at a time."""
    customs = [entry for entry in entries if isinstance(entry, Custom)]
    thresholds = [entry for entry in customs if entry.type == "investment-threshold"]
    invoices = [entry for entry in entries if isinstance(entry, Transaction) and "mottagning" in entry.meta]
    equipment = [entry for entry in invoices if row_on(entry, ":6410-") is not None]
    assets = [entry for entry in customs if entry.type == "asset" and entry.date > date(2023, 2, 1)]
    least = _Least(thresholds)
    costs = [entry for entry in invoices if cost_of(entry) >= least.on(entry.date) and row_on(entry, ":12") is None]
    assert all((thresholds, equipment, costs, assets))
    sorts: list[tuple[list[Any], Change]] = [
        (equipment, _dear(least)),
        (costs, _as_equipment),
        (assets, _cheap(least)),
        (assets, _short),
        (thresholds, _raised(assets, thresholds)),
        (thresholds, _garbled),
    ]
    yield from changed(entries, random, sorts, EACH)
    yield from _divided(unsealed(entries), costs, least, random)
    # Of what is corrected later the correction tells.
    corrected = {ver for entry in entries if isinstance(entry, Transaction) for ver in corrected_numbers(entry)}
    yield from _as_material(unsealed(entries), [each for each in costs if read_ver(each) not in corrected], random)
    yield from _moved(entries, thresholds[-1])


def _as_material(entries: list[Directive], costs: list[Transaction], random: Random) -> Iterator[Mutant]:
    """Yield purchases that are booked as what is used up."""
    for entry in random.sample(costs, min(EACH, len(costs))):
        used_up = in_account(entry, f"Expenses:{unit_of(entry)}:6450-Förbrukningsmaterial")
        yield Mutant(f"as material: {place_of(entry)}", swapped(entries, entry, used_up), "A635", entry.meta["ver"])


def _moved(entries: list[Directive], threshold: Custom) -> Iterator[Mutant]:
    """Yield thresholds of the open year that nobody has decided: within the year, and far from the one before."""
    least = Decimal(values_of(threshold)[0].number)
    new = date(threshold.date.year + 1, 1, 1)
    for day, factor in ((new, 2), (new, Decimal("0.5")), (new.replace(month=6), Decimal("1.01"))):
        amount = threshold.values[0]._replace(value=Amount(least * factor, "SEK"))
        later = threshold._replace(date=day, values=[amount], meta={**threshold.meta, "lineno": 99999})
        first = later._replace(date=new, values=threshold.values, meta={**threshold.meta, "lineno": 99998})
        mutated = [*entries, *([first] if day > new else []), later]
        yield Mutant(f"a threshold of {least * factor} from {day}", mutated, "A634", place_of(later))


def _divided(entries: list[Directive], costs: list[Transaction], least: "_Least", random: Random) -> Iterator[Mutant]:
    """Yield purchases that are expensed as equipment in several parts, each below the threshold."""
    for entry in random.sample(costs, min(EACH, len(costs))):
        count = int(cost_of(entry) / least.on(entry.date)) + 2
        account = f"Expenses:{unit_of(entry)}:6410-Förbrukningsinventarier"
        part = in_account(scaled(entry, (owed_by(entry) / count).quantize(Decimal("0.01"))), account)
        parts = [part._replace(meta={**part.meta}) for _ in range(count)]
        yield Mutant(f"in {count} parts: {place_of(entry)}", swapped(entries, entry, *parts), "A621", entry.meta["ver"])
        thing = "Monter till utställningen"
        of_many = [
            each._replace(payee=f"Leverantör 99{number % 10} Bygg", narration=f"{thing}, del {number + 1}")
            for number, each in enumerate(parts)
        ]
        what = f"of {count} suppliers: {place_of(entry)}"
        yield Mutant(what, swapped(entries, entry, *of_many), "A621", entry.meta["ver"])
        row = bought_row(parts[0])
        rest = row._replace(account=f"Expenses:{unit_of(entry)}:6450-Förbrukningsmaterial")
        rest = with_number(rest, cost_of(entry) - number_of(row))
        postings = [with_number(each, number_of(each)) for each in in_account(entry, account).postings]
        at = next(at for at, each in enumerate(postings) if each.account == account)
        beside = entry._replace(postings=[*postings[:at], row, rest, *postings[at + 1 :]])
        yield Mutant(f"with material: {place_of(entry)}", swapped(entries, entry, beside), "A621", entry.meta["ver"])


class _Least:
    """The least that an investment costs, on a day."""

    def __init__(self, thresholds: list[Custom]) -> None:
        self.thresholds = thresholds

    def on(self, day: date) -> Decimal:
        in_force = [entry for entry in self.thresholds if entry.date <= day]
        return Decimal(values_of(max(in_force, key=lambda entry: entry.date))[0].number)


def _dear(least: _Least) -> Change:
    def change(random: Random, entry: Transaction) -> tuple[str, list[Directive], str, str]:
        net = least.on(entry.date) + random.choice(
            [Decimal(0), Decimal("0.01"), Decimal(random.randint(1, 10**6)) / 100]
        )
        row = bought_row(entry)
        dear = with_number(row, net)
        postings = [dear if each is row else each for each in scaled(entry, net * Decimal("1.25")).postings]
        postings[entry.postings.index(row)] = dear
        return f"for {net}", [entry._replace(postings=postings)], "A607", entry.meta["ver"]

    return change


def _as_equipment(random: Random, entry: Transaction) -> tuple[str, list[Directive], str, str]:
    account = f"Expenses:{unit_of(entry)}:6410-Förbrukningsinventarier"
    return "as equipment", [in_account(entry, account)], "A607", entry.meta["ver"]


def _cheap(least: _Least) -> Change:
    def change(random: Random, entry: Custom) -> tuple[str, list[Directive], str, str]:
        lower = min(least.on(entry.date), least.on(entry.date - timedelta(days=31)))
        cost = lower - random.choice([Decimal("0.01"), Decimal(random.randint(1, 2_000_000)) / 100])
        values = [*entry.values[:2], entry.values[2]._replace(value=Amount(cost, "SEK"))]
        return f"for {cost}", [entry._replace(values=values)], "A608", place_of(entry)

    return change


def _short(random: Random, entry: Custom) -> tuple[str, list[Directive], str, str]:
    months = Decimal(random.choice([35, 24, 12, 1]))
    return f"{months} months", [with_meta(entry, manader=months)], "A608", place_of(entry)


def _raised(assets: list[Custom], thresholds: list[Custom]) -> Change:
    def change(random: Random, entry: Custom) -> tuple[str, list[Directive], str, str]:
        later = [each.date for each in thresholds if each.date > entry.date]
        end = min(later, default=date.max)
        governed = [each for each in assets if entry.date + timedelta(days=31) < each.date < end]
        if random.random() < 0.5:
            asset = min(governed, key=lambda each: each.meta["manader"])
            months = asset.meta["manader"] + random.choice([1, 12])
            return f"{months} months", [with_meta(entry, manader=months)], "A608", place_of(asset)
        asset = min(governed, key=lambda each: values_of(each)[2].number)
        least = values_of(asset)[2].number + random.choice([Decimal("0.01"), Decimal(1000)])
        values = [entry.values[0]._replace(value=Amount(least, "SEK"))]
        return f"{least}", [entry._replace(values=values)], "A608", place_of(asset)

    return change


def _garbled(random: Random, entry: Custom) -> tuple[str, list[Directive], str, str]:
    (least,) = entry.values
    if random.random() < 0.5:
        months = random.choice([None, "36", True, Decimal(0), Decimal("1.5"), Decimal(-36)])
        return f"{months!r} months", [with_meta(entry, manader=months)], "A610", place_of(entry)
    instead = random.choice(
        [
            [],
            [least, least],
            [least._replace(value=Decimal(26250))],
            [least._replace(value=Amount(Decimal(0), "SEK"))],
            [least._replace(value=Amount(Decimal(26250), "EUR"))],
        ]
    )
    return "garbled", [entry._replace(values=instead)], "A610", place_of(entry)
