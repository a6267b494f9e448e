"""Mutants of payroll and of what is settled by the month: slips on both rows, payments that are not what is due.

And debts of pay on another account, and pay without tax.

Left out, because they are within what the parts were before: some kronor of fees, one part of a hundred of tax.
"""

from collections.abc import Iterator
from decimal import Decimal
from random import Random

from beancount.core.data import Directive, Transaction

from tests.mutations import Mutant, number_of, place_of, row_on, swapped, unsealed, with_number

EACH = 100
FEW = 15
FACTORS = (Decimal("0.1"), Decimal("0.8"), Decimal("1.2"), Decimal(10))


def mutants(entries: list[Directive], random: Random) -> Iterator[Mutant]:
    """Yield mutants of every kind."""
    entries = unsealed(entries)
    vouchers = [entry for entry in entries if isinstance(entry, Transaction)]
    payrolls = [entry for entry in vouchers if row_on(entry, ":5010-")]
    for entry in random.sample(payrolls, EACH):
        place, factor = place_of(entry), random.choice(FACTORS)
        for pair in ((":5610-", ":2730-"), (":2710-", ":2810-")):
            yield Mutant(
                f"{pair} by {factor}: {place}", swapped(entries, entry, _scaled(entry, pair, factor)), "T131", place
            )
    taxed = [each for each in payrolls if row_on(each, ":5720-") and row_on(each, ":2740-")]
    for entry in random.sample(taxed, FEW):
        place, factor = place_of(entry), random.choice((Decimal("0.1"), Decimal(10)))
        scaled = _scaled(entry, (":5720-", ":2740-"), factor)
        yield Mutant(f"special tax by {factor}: {place}", swapped(entries, entry, scaled), "T131", place)
    for entry in random.sample([each for each in payrolls if row_on(each, ":2910-")], FEW):
        place = place_of(entry)
        elsewhere = [
            row._replace(account=row.account.replace(":2910-Semesterlöneskuld", ":2990-Annat"))
            for row in entry.postings
        ]
        yield Mutant(
            f"2910 on 2990: {place}", swapped(entries, entry, entry._replace(postings=elsewhere)), "T133", place
        )
    for entry in random.sample([each for each in payrolls if each.date.year == 2024], FEW):
        place = place_of(entry)
        pay, bank = row_on(entry, ":5010-"), "Assets:FK:1610-Internbank"
        assert pay
        paid = [with_number(pay, Decimal(18000)), with_number(pay, Decimal(-18000))._replace(account=bank)]
        extra = entry._replace(payee=None, narration="Extra ersättning", postings=paid)
        yield Mutant(f"pay without tax instead: {place}", swapped(entries, entry, extra), "T134", place)
        rows = [row._replace(account=bank) if ":2810-" in row.account else row for row in entry.postings]
        straight = entry._replace(postings=rows)
        yield Mutant(f"paid straight from the bank: {place}", swapped(entries, entry, straight), "T133", place)
        owed = row_on(entry, ":2910-")
        lowered = [
            with_number(pay, Decimal(-25000))._replace(account=pay.account.replace(":5010-Löner", ":5190-Förändring")),
            with_number(pay, Decimal(25000))._replace(account=pay.account.split(":5010-")[0] + ":2910-Skuld"),
        ]
        lowered[1] = lowered[1]._replace(account=lowered[1].account.replace("Expenses", "Liabilities"))
        if owed and entry.date.month < 12:
            less = entry._replace(payee=None, narration="Justering av semesterlöneskuld", postings=lowered)
            yield Mutant(f"less owed for holidays: {place}", swapped(entries, entry, less), "T135", place)
    settled = [
        entry
        for entry in vouchers
        if entry.date.year == 2024
        and (row_on(entry, ":1610-") or row_on(entry, ":2610-"))
        and not row_on(entry, "Expenses:")
        and not row_on(entry, "Income:")
        and (row_on(entry, ":2810-") or row_on(entry, ":2710-") or row_on(entry, ":2610-"))
        and not row_on(entry, ":1510-")
    ]
    for entry in random.sample(settled, min(EACH, len(settled))):
        place = place_of(entry)
        row = next(row for row in entry.postings if ":1610-" not in row.account)
        other = next(each for each in entry.postings if each is not row and number_of(each) * number_of(row) < 0)
        for wrong in (Decimal("90.00"), Decimal("-270.00"), Decimal("1000.00")):
            changed = {
                id(row): with_number(row, number_of(row) + wrong),
                id(other): with_number(other, number_of(other) - wrong),
            }
            postings = [changed.get(id(each), each) for each in entry.postings]
            yield Mutant(
                f"{wrong} more: {place}", swapped(entries, entry, entry._replace(postings=postings)), "T132", place
            )


def _scaled(entry: Transaction, pair: tuple[str, str], factor: Decimal) -> Transaction:
    """Return a payroll in which one of two rows is scaled, and the other takes the difference."""
    first, second = (row_on(entry, part) for part in pair)
    assert first
    assert second
    number = (number_of(first) * factor).quantize(Decimal("0.01"))
    more = number - number_of(first)
    changed = {id(first): with_number(first, number), id(second): with_number(second, number_of(second) - more)}
    return entry._replace(postings=[changed.get(id(row), row) for row in entry.postings])
