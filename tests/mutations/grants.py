"""Mutants of grants: projects misspelt, left out or another's, paid beyond their decision, expensed when they are paid.

Left out: a number of a project that is another one's, on a cost that may be of either.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from random import Random

from beancount.core.data import Directive, Transaction

from tests.mutations import (
    Mutant,
    number_of,
    place_of,
    rebooked,
    row_on,
    swapped,
    turned,
    unsealed,
    with_meta,
    with_number,
    without_meta,
)

EACH = 100
FEW = 25
OFTEN = ("DRUM", "Fossilfri", "Fullföljda-studier", "Närvårdssamverkan", "Statsbidrag", "Suicidprevention")


def mutants(entries: list[Directive], random: Random) -> Iterator[Mutant]:
    """Yield mutants of every kind."""
    entries = unsealed(entries)
    own = [entry for entry in entries if isinstance(entry, Transaction) and "projekt" in entry.meta]
    for entry in random.sample([entry for entry in own if entry.meta["projekt"] in OFTEN], EACH):
        project, place = entry.meta["projekt"], place_of(entry)
        at = random.randrange(2, len(project))
        wrong = project[:at] + project[at - 1] + project[at:]
        mutated = swapped(entries, entry, with_meta(entry, projekt=wrong))
        yield Mutant(f"{project} is {wrong}: {place}", mutated, "G105", place)
    used = [
        entry for entry in own if row_on(entry, ":2970-") and row_on(entry, "Income:") and not row_on(entry, ":3580-")
    ]
    for entry in random.sample(used, EACH):
        place = place_of(entry)
        yield Mutant(f"no project: {place}", swapped(entries, entry, without_meta(entry, "projekt")), "G106", place)
        other = with_meta(entry, projekt="Framtidens kollektivtrafik")
        yield Mutant(f"of another project: {place}", swapped(entries, entry, other), "G106", place)
    paid = [entry for entry in own if row_on(entry, ":2950-") and row_on(entry, ":1610-") and entry.date.year == 2024]
    decisions = [entry for entry in own if row_on(entry, "Expenses:") and row_on(entry, ":2950-")]
    decided: dict[str, Decimal] = defaultdict(Decimal)
    for entry in [*decisions, *paid]:
        decided[entry.meta["projekt"]] -= sum(number_of(row) for row in entry.postings if ":2950-" in row.account)
    known = {entry.meta["projekt"] for entry in decisions}
    for entry in random.sample([entry for entry in paid if entry.meta["projekt"].startswith("Utv")], FEW):
        place = place_of(entry)
        rows = [with_number(row, 3 * number_of(row)) for row in entry.postings]
        more = swapped(entries, entry, entry._replace(postings=rows))
        # Of one that others follow, they are what the decision does not reach to; some decisions reach further.
        reaches = entry.meta["projekt"] in known and decided[entry.meta["projekt"]] >= 2 * abs(number_of(rows[0])) / 3
        if not reaches and not any(
            other.meta["projekt"] == entry.meta["projekt"] and other.date > entry.date for other in paid
        ):
            yield Mutant(f"three times as much: {place}", more, "G101", place)
        stranger = entry._replace(payee="Leverantör 999 Konsult")
        stranger = without_meta(stranger, "motpart")
        if entry.meta["projekt"] in known:
            yield Mutant(f"paid to another: {place}", swapped(entries, entry, stranger), "G10[12]", place)
        unit = next(row.account.split(":")[1] for row in entry.postings if ":2950-" in row.account)
        cost = f"Expenses:{unit}:4513-Bidrag-till-kulturaktörer"
        rows = [row._replace(account=cost) if ":2950-" in row.account else row for row in entry.postings]
        again = swapped(entries, entry, entry._replace(postings=rows))
        yield Mutant(f"expensed again: {place}", again, "G10[47]", place)
    for entry in random.sample([entry for entry in decisions if entry.date.year == 2024], FEW):
        place = place_of(entry)
        alone = swapped(entries, entry, without_meta(entry, "projekt"))
        yield Mutant(f"decided for no project: {place}", alone, "G107", place)
        rows = [
            row._replace(account="Assets:FK:1610-Internbank") if ":2950-" in row.account else row
            for row in entry.postings
        ]
        at_once = swapped(entries, entry, entry._replace(postings=rows))
        yield Mutant(f"paid when it is decided: {place}", at_once, "G10[47]", place)
        turned_about = swapped(entries, entry, turned(entry))
        yield Mutant(f"taken back, not decided: {place}", turned_about, "G10[13]", entry.meta["projekt"])
        back = with_meta(turned(entry), ver="M 9002", lineno=9002)
        debit, credit = sorted(back.postings, key=number_of, reverse=True)
        income = "Income:RU:3010-Försäljning-och-övriga-intäkter"
        let_go = without_meta(back, "projekt")._replace(
            postings=[debit, credit._replace(account=income)], payee=None, date=entry.date + timedelta(days=3)
        )
        kept = rebooked(entries, entry, entry, let_go)
        yield Mutant(f"let go of no project: {place}", kept, "G109", place_of(let_go))
        again = with_meta(entry, ver="M 9001", lineno=9001, motpart="Leverantör 099 Konsult")
        again = again._replace(payee="Leverantör 099 Konsult", date=entry.date + timedelta(days=1))
        twice = rebooked(entries, entry, entry, again)
        yield Mutant(f"decided for another too: {place}", twice, "G108", place_of(again))
        first = with_meta(entry, underlag="Direktionen 2024-02-14 § 12")
        later = with_meta(first, ver="M 9003", lineno=9003, motpart="Förening 044", projekt="Ett annat projekt")
        later = later._replace(payee="Förening 044", date=entry.date + timedelta(days=50))
        anew = rebooked(entries, entry, first, later)
        yield Mutant(f"by the decision on another: {place}", anew, "G110", place_of(later))
    costs = [entry for entry in own if row_on(entry, "Expenses:") and not row_on(entry, "Expenses:RU:")]
    for entry in random.sample([entry for entry in costs if entry.date.year == 2024], min(FEW, len(costs))):
        place = place_of(entry)
        elsewhere = swapped(entries, entry, with_meta(entry, projekt="DRUM"))
        yield Mutant(f"of another unit's project: {place}", elsewhere, "G10[56]", place)
    for entry in random.sample([entry for entry in decisions if entry.date.year == 2024], FEW):
        place = place_of(entry)
        asked = with_meta(entry, underlag="underlag/2024/ansokan.pdf")
        yield Mutant(f"by no decision: {place}", swapped(entries, entry, asked), "G107", place)
