"""Mutants of what comes back: an account, a sign, a row or an amount that departs, a month that lacks, a copy.

Left out, because what others agree on is all that is asked:
- vouchers whose party and text have few others, or others that do not agree.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from beancount.core.data import Directive, Posting, Transaction

from forbundsbok.plugins.months import MONTHS
from forbundsbok.plugins.numbers import read_ver
from forbundsbok.plugins.recurrence import _PERIOD, lasting
from tests.mutations import (
    Mutant,
    number_of,
    place_of,
    rebooked,
    row_on,
    slipped,
    swapped,
    turned,
    unsealed,
    with_meta,
    with_number,
)

EACH = 75
FEW = 20
LAST = 2024
SERIES = ("K", "L", "P")
"""The series that are kept, with what pays taxes: half of the vouchers, which is quick."""

Key = tuple[str, str, str]
"""The series, the party and the lasting text of vouchers that are alike."""


def mutants(entries: list[Directive], random: Random) -> Iterator[Mutant]:
    """Yield mutants of every kind."""
    whole = unsealed(entries)
    entries = [
        entry
        for entry in whole
        if not isinstance(entry, Transaction) or entry.meta["ver"][0] in SERIES or row_on(entry, ":2710-")
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
    yield from _departures(entries, vouchers, random)
    yield from _periods(entries, vouchers, random)
    yield from _fixed(entries, vouchers)
    yield from _fractions(whole)
    bills = [
        each for each in vouchers if each.meta["ver"][0] in ("K", "L") and each.payee and "rattar" not in each.meta
    ]
    yield from _copies(entries, bills, random)
    for entry in random.sample([each for each in bills if each.postings], EACH):
        rows = [row._replace(account=re.sub(":[A-Z]+:", ":ANNAN:", row.account, count=1)) for row in entry.postings]
        meta = {**entry.meta, "lineno": 99999}
        payee = f"{(entry.payee or '').upper()} AB"
        copied = entry._replace(date=entry.date + timedelta(days=1), meta=meta, payee=payee, postings=rows)
        name = entry.meta["filename"].rsplit("/", 1)[-1]
        what = f"in another unit: {place_of(entry)}"
        yield Mutant(what, rebooked([*entries], entry, entry, copied), "T1(07|09|14)", f"{name}:99999")


def _copies(entries: list[Directive], bills: list[Transaction], random: Random) -> Iterator[Mutant]:
    """Copy a supplier's invoice of an odd amount in another's name, some days later."""
    odd = [each for each in bills if (row := row_on(each, ":2510-")) and number_of(row) % 100 and number_of(row) < 0]
    for entry in random.sample(odd, min(EACH, len(odd))):
        day = entry.date + timedelta(days=random.randint(1, 20))
        copy = entry._replace(date=day, payee="Leverantör 999 Kopia", meta={**entry.meta, "lineno": 99999})
        copy = copy._replace(links=frozenset())
        name = entry.meta["filename"].rsplit("/", 1)[-1]
        what = f"in another's name: {place_of(entry)}"
        yield Mutant(what, rebooked([*entries], entry, entry, copy), "T1(14|19|20)", f"{name}:99999")


def _departures(entries: list[Directive], vouchers: list[Transaction], random: Random) -> Iterator[Mutant]:
    """Yield what departs from its like: a day, a supplier, an account, a size, a digit."""
    late = [each for each in vouchers if each.date.year == LAST and each.postings and "rattar" not in each.meta]
    bills = [each for each in late if each.meta["ver"].startswith("L ") and row_on(each, "Expenses:") and each.payee]
    for entry in random.sample([each for each in bills if each.date.month < 9], FEW):
        moved = entry._replace(date=entry.date + timedelta(random.randint(80, 110)))
        yield Mutant(f"dated later: {place_of(entry)}", rebooked(entries, entry, moved), "T116", place_of(entry))
    yield from _other_things(entries, vouchers)
    sizes: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
    for each in vouchers:
        for row in each.postings if each.payee and each.date < date(LAST, 6, 1) else ():
            if row.account.startswith("Expenses:") and each.meta["ver"].startswith("L "):
                sizes[each.payee or "", row.account].append(number_of(row))
    after = [each for each in bills if each.date.month > 6 and number_of(cost_row(each)) > 0]
    usual = [(each, sizes.get((each.payee or "", cost_row(each).account), [])) for each in after]
    for entry, own in random.sample([each for each in usual if len(each[1]) > 4], FEW):
        factor = (12 * max(own) / number_of(cost_row(entry))).quantize(Decimal(1)) + 1
        rows = [with_number(row, number_of(row) * factor) for row in entry.postings]
        larger = swapped(entries, entry, entry._replace(postings=rows))
        yield Mutant(f"{factor} times as much: {place_of(entry)}", larger, "T1(07|08|27|29)", place_of(entry))
    for entry in random.sample([each for each in bills if number_of(cost_row(each)) > 1000], FEW):
        meta = {**entry.meta, "ver": "L 9001", "lineno": entry.meta["lineno"] + 1}
        rows = [
            with_number(row, (number_of(row) * Decimal("1.0173")).quantize(Decimal("0.01"))) for row in entry.postings
        ]
        first = entry._replace(postings=rows)
        copy = first._replace(payee="Firma Nyberg", date=entry.date + timedelta(9), meta=meta, links=frozenset())
        both = rebooked(entries, entry, first, copy)
        yield Mutant(f"of two suppliers: {place_of(entry)}", both, "T1(19|20)", place_of(copy))
    once = [each for each in bills if number_of(cost_row(each)) > 8000 and not _PERIOD.search(each.narration or "")]
    for entry in random.sample([each for each in once if each.date.month < 12 and len(each.postings) == 3], FEW):
        meta = {**entry.meta, "ver": "L 9001", "lineno": entry.meta["lineno"] + 1}
        rows = [with_number(row, number_of(row) + {"E": 1, "L": -1}.get(row.account[0], 0)) for row in entry.postings]
        copy = entry._replace(postings=rows, date=entry.date + timedelta(20), meta=meta, links=frozenset())
        again = rebooked(entries, entry, entry, copy)
        yield Mutant(f"again with a krona more: {place_of(entry)}", again, "T1(07|08|14|29)", place_of(copy))


def _periods(entries: list[Directive], vouchers: list[Transaction], random: Random) -> Iterator[Mutant]:
    """Yield what comes each month or quarter and is of a stranger, lacks last of all, or is another fee."""
    groups: dict[Key, list[Transaction]] = defaultdict(list)
    for entry in vouchers:
        if (ver := read_ver(entry)) and entry.postings:
            groups[ver.series, entry.payee or "", lasting(entry.narration or "")].append(entry)
    monthly = [own for own in groups.values() if len(own) == 24 and all(_month(entry) for entry in own)]
    for own in [each for each in monthly if not each[-1].links]:
        without = [other for other in entries if other is not own[-1]]
        yield Mutant(f"the last lacks: {place_of(own[-1])}", without, "T115", place_of(own[-2]))
    for own in [each for each in groups.values() if each[-1].meta["ver"].startswith("L ") and len(each) > 7]:
        named = [each for each in own if _month(each) or "kvartal" in (each.narration or "")]
        texts = [each for (_, _, text), each in groups.items() if text == lasting(own[-1].narration or "")]
        if len(named) == len(own) and own[-1].date.year == LAST and len(texts) == 1:
            stranger = own[-1]._replace(payee="Firma Nyberg")
            mutated = swapped(entries, own[-1], stranger)
            yield Mutant(f"of a stranger: {place_of(stranger)}", mutated, "T119", place_of(stranger))
    for own in [each for each in groups.values() if len(each) == 24 and not each[-1].links]:
        paid = [each for each in own if row_on(each, ":1610-") and each.date.year == LAST and 5 < each.date.day < 17]
        for entry in paid[:-1] if _pays(own[-1]) else ():
            late = entry._replace(date=entry.date.replace(day=28))
            both = rebooked(entries, entry, late)
            yield Mutant(f"paid late: {place_of(entry)}", both, "T1(10|16|73)", place_of(entry))
    fees = [each for each in vouchers if row_on(each, ":311") and each.payee and "kvartal 2" in (each.narration or "")]
    for entry in random.sample([each for each in fees if len(each.postings) == 2], FEW):
        factor = random.choice((Decimal("0.8"), Decimal("0.97"), Decimal("1.1"), Decimal("1.6")))
        rows = [with_number(row, (number_of(row) * factor).quantize(Decimal(1))) for row in entry.postings]
        other = swapped(entries, entry, entry._replace(postings=rows))
        yield Mutant(f"a fee by {factor}: {place_of(entry)}", other, "T1(08|18)", place_of(entry))


def _fixed(entries: list[Directive], vouchers: list[Transaction]) -> Iterator[Mutant]:
    """Yield charges of a quarter that are raised, and invoices of the year before that come in the summer."""
    bills = [each for each in vouchers if each.meta["ver"].startswith("L ") and each.date.year == LAST]
    rents = [each for each in bills if "kvartal 3" in (each.narration or "") and row_on(each, ":6020-")]
    for entry in rents:
        rows = [with_number(row, number_of(row) + {"E": 7001, "L": -7001}[row.account[0]]) for row in entry.postings]
        raised = swapped(entries, entry, entry._replace(postings=rows))
        yield Mutant(f"raised by 7 001: {place_of(entry)}", raised, "T1(08|27|29|76)", place_of(entry))
    summer = [each for each in bills if each.date.month in (5, 6) and not _PERIOD.search(each.narration or "")]
    for entry in [each for each in summer if row_on(each, "Expenses:") and "rattar" not in each.meta][:FEW]:
        named = entry._replace(narration=f"{entry.narration} december {LAST - 1}")
        yield Mutant(f"of last year: {place_of(entry)}", swapped(entries, entry, named), "T178", place_of(entry))
        dated = with_meta(entry, fakturadatum=date(entry.date.year - 1, 11, 12))
        yield Mutant(f"dated last year: {place_of(entry)}", swapped(entries, entry, dated), "T178", place_of(entry))


def _fractions(entries: list[Directive]) -> Iterator[Mutant]:
    """Yield interest of a quarter that lacks a digit."""
    for entry in entries:
        if isinstance(entry, Transaction) and entry.date.year == LAST and row_on(entry, ":8410-"):
            rows = [with_number(row, (number_of(row) / 10).quantize(Decimal("0.01"))) for row in entry.postings]
            tenth = swapped(entries, entry, entry._replace(postings=rows))
            if entry.date.month > 3:
                yield Mutant(f"a tenth: {place_of(entry)}", tenth, "T177", place_of(entry))


def _pays(entry: Transaction) -> bool:
    row = row_on(entry, ":1610-")
    return row is not None and number_of(row) < 0


def _other_things(entries: list[Directive], vouchers: list[Transaction]) -> Iterator[Mutant]:
    """Yield invoices of a supplier, or of a text, that are on another account than all before them."""
    kinds: dict[tuple[str, str], list[Transaction]] = defaultdict(list)
    for each in vouchers:
        if each.meta["ver"].startswith("L ") and each.payee and "rattar" not in each.meta:
            kinds["payee", each.payee].append(each)
            kinds["text", lasting(each.narration or "")].append(each)
    for own in kinds.values():
        entry = own[-1]
        is_alone = len(own) > 12 and len({_bought(each) for each in own}) == 1 and entry.date.year == LAST
        # Of several rows one alone is moved, and a credit note takes back what another bought.
        if is_alone and number_of(row := cost_row(entry)) > 0 and len(entry.postings) < 4:
            moved = _with(entry, row, row._replace(account=f"Expenses:{row.account.split(':')[1]}:7690-Annat"))
            place = place_of(entry)
            yield Mutant(f"for another thing: {place}", swapped(entries, entry, moved), "T1(07|19|39|56)", place)


def _bought(entry: Transaction) -> frozenset[str]:
    return frozenset(row.account.split(":")[2] for row in entry.postings if row.account.startswith("Expenses:"))


def cost_row(entry: Transaction) -> Posting:
    row = row_on(entry, "Expenses:")
    assert row
    return row


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
