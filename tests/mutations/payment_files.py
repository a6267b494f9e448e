"""Mutants of payments that were sent by file: paid twice or never, to another account than the invoice has, or apart.

The real ledger pays by hand, so that a payment is made one of a file first: sent on an account between, and confirmed.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from beancount.core.data import Directive, Open, Transaction

from tests.mutations import Mutant, number_of, place_of, rebooked, row_on, unsealed, with_meta, with_number

EACH = 70
YEAR, LAST = 2024, date(2024, 11, 30)
BETWEEN, OTHER = "Assets:FK:1930-Betalningar-på-väg", "Assets:FK:1931-Betalningar-på-väg"


def mutants(entries: list[Directive], random: Random) -> Iterator[Mutant]:
    """Yield mutants of every kind, among a tenth of the vouchers, which is quick."""
    entries = unsealed(entries)
    vouchers = [entry for entry in entries if isinstance(entry, Transaction)]
    paid = [entry for entry in vouchers if entry.date.year == YEAR and entry.date < LAST and _pays(entry)]
    chosen = random.sample(paid, EACH)
    links = {link for entry in chosen for link in entry.links}
    kept = {*map(id, random.sample(vouchers, len(vouchers) // 10)), id(vouchers[-1])}
    entries = [
        entry
        for entry in entries
        if not isinstance(entry, Transaction) or id(entry) in kept or not links.isdisjoint(entry.links)
    ]
    day = date(YEAR, 1, 1)
    opened = [Open({"filename": "a.bean", "lineno": 1}, day, each, ["SEK"], None) for each in (BETWEEN, OTHER)]
    entries = [*opened, *entries]
    for entry, other in zip(chosen, [*chosen[1:], chosen[0]], strict=True):
        yield from _of_payment(entries, entry, other)


def _pays(entry: Transaction) -> bool:
    row = row_on(entry, ":2510-")
    return bool(row and number_of(row) > 0 and row_on(entry, ":1610-") and len(entry.links) == 1)


def _of_payment(entries: list[Directive], entry: Transaction, other: Transaction) -> Iterator[Mutant]:
    place, sent, bank = place_of(entry), _sent(entry, BETWEEN), _confirmed(entry)
    yield Mutant(f"never paid: {place}", rebooked(entries, entry, sent), "R932", place)
    again = with_meta(bank, ver="U 9003")
    yield Mutant(f"paid twice: {place}", rebooked(entries, entry, sent, bank, again), "R931", place)
    invoice = next(
        each for each in entries if isinstance(each, Transaction) and each is not entry and each.links & entry.links
    )
    said = rebooked(entries, invoice, with_meta(invoice, bankgiro="5050-1055"))
    elsewhere = with_meta(sent, bankgiro="999-9996")
    yield Mutant(f"paid elsewhere: {place}", rebooked(said, entry, elsewhere, bank), "R933", place)
    apart = _sent(other, OTHER)
    both = rebooked(rebooked(entries, entry, sent), other, apart)
    late = max(entry, other, key=lambda each: (each.date, each.meta["lineno"]))
    yield Mutant(f"on two accounts: {place}", both, "R934", place_of(late))


def _sent(entry: Transaction, between: str) -> Transaction:
    """Return a payment as it is sent: on the account between."""
    [link] = entry.links
    rows = [row._replace(account=between) if ":1610-" in row.account else row for row in entry.postings]
    sent = entry._replace(postings=rows, links=frozenset({link, f"{link}.{entry.date:%Y%m%d}"}))
    of_file: Transaction = with_meta(sent, betalfil="BET-20240101-1")
    return of_file


def _confirmed(entry: Transaction) -> Transaction:
    """Return what the bank has paid of it the next day."""
    [link] = entry.links
    row = row_on(entry, ":1610-")
    assert row
    rows = [row, with_number(row, -number_of(row))._replace(account=BETWEEN)]
    paid = entry._replace(
        date=entry.date + timedelta(1), postings=rows, links=frozenset({f"{link}.{entry.date:%Y%m%d}"})
    )
    confirmed: Transaction = with_meta(paid, ver="U 9002", lineno=entry.meta["lineno"] + 1)
    return confirmed
