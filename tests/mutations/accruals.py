"""Mutants of accruals: taken back with another amount, or not at all; the balance on the wrong side; another invoice.

Left out, because an accrual may come back by parts: a smaller amount that is no slip of the digits.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from random import Random

from beancount.core.data import Directive, Transaction

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

OF_PAY = 12
ASIDE = "Expenses:FK:6990-Övriga-kostnader"
TAXED = "Income:FK:3111-Förbundsbidrag:Borås"


def mutants(entries: list[Directive], random: Random) -> Iterator[Mutant]:
    """Yield mutants of every kind."""
    entries = unsealed(entries)
    vouchers = [entry for entry in entries if isinstance(entry, Transaction)]
    taken_back = [
        entry for entry in vouchers if (entry.narration or "").startswith("Återföring") and entry.date.year == 2024
    ]
    accruals = [entry for entry in vouchers if (entry.narration or "").startswith(("Förutbetald", "Upplupen"))]
    for entry in taken_back:
        number = max(number_of(row) for row in entry.postings)
        wrong = [slipped(number), 10 * number, *(number + Decimal(random.randint(1, 9999)) for _ in range(15))]
        for amount in wrong:
            if amount:
                yield _booked(entries, entry, amount)
        rows = [row._replace(account=ASIDE) if number_of(row) > 0 else row for row in entry.postings]
        if row_on(entry, ":1710-"):
            aside = swapped(entries, entry, entry._replace(postings=rows))
            yield Mutant(f"taken back on another account: {place_of(entry)}", aside, "T138", place_of(entry))
        origin = next(each for each in accruals if each.date.year == 2023 and _undoes(entry, each))
        for what, without in (("not taken back", ()), ("taken back the wrong way", (turned(entry),))):
            about = place_of(origin)
            yield Mutant(f"{what}: {place_of(entry)}", swapped(entries, entry, *without), "T12[24]", about)
    for entry in random.sample([entry for entry in vouchers if row_on(entry, ":1910-") and entry.date.year > 2022], 60):
        row = row_on(entry, ":1910-")
        assert row
        much = [with_number(each, number_of(each) * 500) for each in entry.postings]
        if number_of(row) < 0:
            yield Mutant(
                f"more than the cash box has: {place_of(entry)}",
                swapped(entries, entry, entry._replace(postings=much)),
                "T123",
                place_of(entry),
            )
    for entry in [entry for entry in accruals if "faktura" in entry.meta]:
        yield from _of_another(entries, entry, random)
    released = [
        each for each in vouchers if row_on(each, ":2970-") and row_on(each, "Income:") and each.date.year == 2024
    ]
    for entry in random.sample(released, OF_PAY):
        rows = [row._replace(account=TAXED) if row.account.startswith("Income:") else row for row in entry.postings]
        place = place_of(entry)
        yield Mutant(f"let go as fees: {place}", swapped(entries, entry, entry._replace(postings=rows)), "T128", place)
    claims = [
        each for each in vouchers if row_on(each, ":1710-") and row_on(each, "Income:") and each.date.year == 2024
    ]
    for entry in [each for each in claims if each.payee and each.date.month == 12]:
        place = place_of(entry)
        nobody = swapped(entries, entry, entry._replace(payee=None))
        yield Mutant(f"owed by nobody: {place}", nobody, "T136", place)
    yield from _prepaid(entries, vouchers, random)
    net_pay = [entry for entry in vouchers if row_on(entry, ":2810-") and row_on(entry, ":1610-")]
    for entry in random.sample(net_pay, OF_PAY):
        early = entry._replace(date=entry.date.replace(day=1))
        what = f"net pay before its payroll: {place_of(entry)}"
        yield Mutant(what, rebooked(entries, entry, early), "T123", place_of(entry))


def _prepaid(entries: list[Directive], vouchers: list[Transaction], random: Random) -> Iterator[Mutant]:
    """Yield a cost that is moved to later months, on an account that suppliers invoice month after month."""
    bought = [each for each in vouchers if row_on(each, ":2510-") and not row_on(each, ":1710-")]
    counts = Counter(row.account for each in bought for row in each.postings if row.account.startswith("Expenses:"))
    kept = {row.account for each in vouchers if row_on(each, ":1710-") for row in each.postings}
    often = sorted(account for account, count in counts.items() if count > 16 and account not in kept)
    late = [each for each in bought if each.date > date(2024, 9, 1)]
    chosen = [(each, row) for each in late for row in each.postings if row.account in often and number_of(row) > 1000]
    for entry, row in random.sample(chosen, min(OF_PAY, len(chosen))):
        prepaid = row._replace(account="Assets:FK:1710-Interimsfordringar")
        meta = {**entry.meta, "ver": "M 9001", "lineno": entry.meta["lineno"] + 1}
        rows = [prepaid, with_number(row, -number_of(row))]
        moved = entry._replace(payee=None, narration="Förutbetald kostnad", postings=rows, meta=meta, links=frozenset())
        what = f"prepaid: {place_of(entry)}"
        yield Mutant(what, rebooked(entries, entry, entry, moved), "T137", place_of(rows[1]))


def _of_another(entries: list[Directive], entry: Transaction, random: Random) -> Iterator[Mutant]:
    """Yield an accrual that names an invoice that there is none of, or one of another cost."""
    cost = next(row.account for row in entry.postings if row.account.startswith("Expenses:"))
    others = [
        str(other.meta["ver"])
        for other in entries
        if isinstance(other, Transaction)
        and other.date.year == entry.date.year
        and row_on(other, ":2510-")
        and not row_on(other, cost)
        and other.meta["ver"].startswith("L")
    ]
    for named in ("L 9999", f"L 1 {entry.date.year - 9}", random.choice(others)):
        other = swapped(entries, entry, with_meta(entry, faktura=named))
        yield Mutant(f"of {named}: {place_of(entry)}", other, "R921", place_of(entry))


def _undoes(entry: Transaction, other: Transaction) -> bool:
    amounts = {row.account: number_of(row) for row in other.postings}
    return {row.account: -number_of(row) for row in entry.postings} == amounts


def _booked(entries: list[Directive], entry: Transaction, amount: Decimal) -> Mutant:
    rows = [with_number(row, amount if number_of(row) > 0 else -amount) for row in entry.postings]
    place = place_of(entry)
    return Mutant(
        f"{amount} taken back: {place}", swapped(entries, entry, entry._replace(postings=rows)), "T121", place
    )
