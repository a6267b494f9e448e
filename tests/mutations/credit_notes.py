"""Mutants of credit notes: forgotten, on the wrong side, after the payment that they lower, and without a reason.

Left out: a part payment before the due date that says nothing of a credit note.
"""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from random import Random

from beancount.core.data import Directive, Posting, Transaction

from tests.mutations import Mutant, number_of, place_of, rebooked, row_on, swapped, unsealed, with_meta, with_number

EACH = 75
SUPPLIERS, CUSTOMERS = ":2510-", ":1510-"


def mutants(entries: list[Directive], random: Random) -> Iterator[Mutant]:
    """Yield mutants of every kind, of a quarter of the items, which is quick."""
    links = sorted({link for entry in entries if isinstance(entry, Transaction) for link in entry.links})
    kept = set(random.sample(links, len(links) // 4))
    entries = [
        entry
        for entry in unsealed(entries)
        if not isinstance(entry, Transaction) or not kept.isdisjoint(entry.links) or entry.meta["ver"].startswith("B")
    ]
    vouchers = [entry for entry in entries if isinstance(entry, Transaction) and len(entry.links) == 1]
    bills = [entry for entry in vouchers if (row := row_on(entry, SUPPLIERS)) and number_of(row) < -1000]
    invoices = {link: entry for entry in bills for link in entry.links if not row_on(entry, ":1610-")}
    paid = [
        (entry, invoices[link])
        for entry in vouchers
        if row_on(entry, ":1610-")
        for link in entry.links
        if link in invoices and len([other for other in vouchers if other.links == entry.links]) == 2
    ]
    for entry in random.sample(list(invoices.values()), EACH):
        place = place_of(entry)
        credit = entry._replace(narration=f"Kreditfaktura: {entry.narration}")
        yield Mutant(f"a credit note that owes: {place}", swapped(entries, entry, credit), "R922", place)
    due = [pair for pair in paid if pair[0].date >= pair[1].meta["forfallodag"]]
    for entry, _ in random.sample(due, min(EACH, len(due))):
        place = place_of(entry)
        yield Mutant(f"half is paid when due: {place}", swapped(entries, entry, _half(entry)), "R923", place)
    for entry, _ in random.sample(paid, EACH):
        place = place_of(entry)
        after = _half(entry)._replace(narration=f"{entry.narration} efter kredit")
        yield Mutant(f"the credit note was forgotten: {place}", swapped(entries, entry, after), "R923", place)
    for entry, invoice in random.sample(paid, EACH):
        place = place_of(entry)
        lowered = _times(invoice, Decimal(-1) / 2)
        credit = with_meta(lowered, ver="L 9001", lineno=9001)._replace(
            narration="Kreditfaktura", date=entry.date + timedelta(days=random.randint(1, 20))
        )
        rest = _of(entry, -number_of(_debt(invoice)) - number_of(_debt(lowered)))
        mutated = rebooked(rebooked(entries, entry, rest), invoice, invoice, credit)
        yield Mutant(f"credited after its payment: {place}", mutated, "R924", place)
    billed = [each for each in vouchers if (row := row_on(each, CUSTOMERS)) and number_of(row) > 0]
    for entry in random.sample(billed, EACH):
        credit = with_meta(_times(entry, Decimal(-1)), ver="K 9001", lineno=9001)
        credit = credit._replace(narration=f"Kreditfaktura: {entry.narration}", date=entry.date + timedelta(days=9))
        unpaid = [each for each in entries if each is entry or getattr(each, "links", None) != entry.links]
        mutated = rebooked(unpaid, entry, entry, credit)
        yield Mutant(f"credited without a reason: {place_of(entry)}", mutated, "R928", place_of(credit))
        apart = credit._replace(links=frozenset(("K-2024-9001",)))
        mutated = rebooked(entries, entry, entry, apart)
        yield Mutant(f"credited apart: {place_of(entry)}", mutated, "R928", place_of(credit))


def _debt(entry: Transaction) -> Posting:
    row = row_on(entry, SUPPLIERS)
    assert row
    return row


def _half(entry: Transaction) -> Transaction:
    return _times(entry, Decimal(1) / 2)


def _times(entry: Transaction, factor: Decimal) -> Transaction:
    rows = [with_number(row, (number_of(row) * factor).quantize(Decimal("0.01"))) for row in entry.postings]
    return entry._replace(postings=rows)


def _of(entry: Transaction, amount: Decimal) -> Transaction:
    """Return a payment of another amount."""
    return entry._replace(postings=[with_number(row, amount.copy_sign(number_of(row))) for row in entry.postings])
