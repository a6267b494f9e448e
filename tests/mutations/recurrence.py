"""Mutants of what comes back: an account, a sign, a row or an amount that departs, a month that lacks, a copy.

Left out, because what others agree on is all that is asked:
- vouchers whose party and text have few others, or others that do not agree.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from random import Random

from beancount.core.data import Directive, Posting, Transaction

from forbundsbok.plugins.numbers import read_ver
from forbundsbok.plugins.recurrence import MONTHS, lasting
from tests.mutations import Mutant, number_of, place_of, rebooked, slipped, swapped, turned, unsealed, with_number

EACH = 75
SERIES = ("K", "L", "P")
"""The series that are kept: half of the vouchers, which is quick."""

Key = tuple[str, str, str]
"""The series, the party and the lasting text of vouchers that are alike."""


def mutants(entries: list[Directive], random: Random) -> Iterator[Mutant]:
    """Yield mutants of every kind."""
    entries = [
        entry for entry in unsealed(entries) if not isinstance(entry, Transaction) or entry.meta["ver"][0] in SERIES
    ]
    vouchers = [entry for entry in entries if isinstance(entry, Transaction)]
    groups: dict[Key, list[Transaction]] = defaultdict(list)
    for entry in vouchers:
        ver = read_ver(entry)
        if ver and len(entry.postings) < 4:
            groups[ver.series, entry.payee or "", lasting(entry.narration or "")].append(entry)
    uniform = [own for own in groups.values() if len(own) > 8 and len({_kinds(entry) for entry in own}) == 1]
    for entry in random.sample([entry for own in uniform for entry in own], EACH):
        place = place_of(entry)
        yield Mutant(f"signs reversed: {place}", swapped(entries, entry, turned(entry)), "T107", place)
        row = max(entry.postings, key=lambda row: abs(number_of(row)))
        strange = row._replace(account=f"Expenses:{row.account.split(':')[1]}:7690-Annat")
        moved = _with(entry, row, strange)
        yield Mutant(f"another account: {place}", swapped(entries, entry, moved), "T107", place)
    yield from _slips(entries, uniform, random)
    yield from _months(entries, groups, random)
    for entry in random.sample([each for each in vouchers if each.postings and "rattar" not in each.meta], EACH):
        later = entry._replace(date=entry.date + timedelta(days=3), meta={**entry.meta, "lineno": 99999})
        name = entry.meta["filename"].rsplit("/", 1)[-1]
        yield Mutant(
            f"twice: {place_of(entry)}", rebooked([*entries], entry, entry, later), "T1(09|11)", f"{name}:99999"
        )
    bills = [
        each for each in vouchers if each.meta["ver"][0] in ("K", "L") and each.payee and "rattar" not in each.meta
    ]
    for entry in random.sample([each for each in bills if each.postings], EACH):
        rows = [row._replace(account=re.sub(":[A-Z]+:", ":ANNAN:", row.account, count=1)) for row in entry.postings]
        meta = {**entry.meta, "lineno": 99999}
        payee = f"{(entry.payee or '').upper()} AB"
        copied = entry._replace(date=entry.date + timedelta(days=1), meta=meta, payee=payee, postings=rows)
        name = entry.meta["filename"].rsplit("/", 1)[-1]
        what = f"in another unit: {place_of(entry)}"
        yield Mutant(what, rebooked([*entries], entry, entry, copied), "T1(07|09|14)", f"{name}:99999")


def _kinds(entry: Transaction) -> frozenset[tuple[str, bool]]:
    return frozenset((row.account.split(":")[2], number_of(row) > 0) for row in entry.postings)


def _with(entry: Transaction, row: Posting, other: Posting) -> Transaction:
    return entry._replace(postings=[other if each is row else each for each in entry.postings])


def _slips(entries: list[Directive], uniform: list[list[Transaction]], random: Random) -> Iterator[Mutant]:
    """Yield slips of amounts that have come back more than three times, in all rows of the voucher."""
    recurring = []
    for entry in (entry for own in uniform for entry in own if len(entry.postings) == 2):
        result = next((row for row in entry.postings if row.account.startswith(("Expenses", "Income"))), None)
        open_item = next((row for row in entry.postings if ":1510-" in row.account or ":2510-" in row.account), None)
        if result and open_item:
            recurring.append((entry, result.account, number_of(result)))
    counts = defaultdict(list)
    for entry, account, number in recurring:
        counts[entry.payee, account, number].append(entry)
    often = [own for own in counts.values() if len(own) > 3]
    for own in random.sample(often, min(EACH, len(often))):
        entry, place = own[-1], place_of(own[-1])
        number = abs(number_of(entry.postings[0]))
        for wrong in (slipped(number), 10 * number):
            if wrong and wrong != number:
                rows = [with_number(row, wrong if number_of(row) > 0 else -wrong) for row in entry.postings]
                yield Mutant(
                    f"{number} as {wrong}: {place}",
                    swapped(entries, entry, entry._replace(postings=rows)),
                    "T108",
                    place,
                )


def _months(entries: list[Directive], groups: dict[Key, list[Transaction]], random: Random) -> Iterator[Mutant]:
    monthly = [own for own in groups.values() if len(own) == 24 and all(_month(entry) for entry in own)]
    for own in monthly:
        at = random.randrange(8, 22)
        entry, after = own[at], own[at + 1]
        if _month(entry) != entry.date.month:
            continue
        without = [other for other in entries if other is not entry]
        yield Mutant(f"a month lacks: {place_of(entry)}", without, "T109", place_of(after))
        late = entry._replace(date=after.date)
        yield Mutant(f"a month late: {place_of(entry)}", rebooked(entries, entry, late), "T110", place_of(entry))


def _month(entry: Transaction) -> int:
    named = [number for number, name in enumerate(MONTHS, 1) if name in (entry.narration or "").lower().split()]
    return named[0] if len(named) == 1 else 0
