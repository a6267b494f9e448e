"""Mutants of locked months: whatever is changed in a voucher of one, added to it or taken out of it."""

from collections.abc import Iterator
from datetime import date
from random import Random
from typing import Any

from beancount.core import data
from beancount.core.data import Directive

from forbundsbok.plugins.canonical import SIGILL
from forbundsbok.plugins.journal import LOCKED, SUMS, TYPE, read_journal
from forbundsbok.plugins.locks import booked_in, sigill_of, sums_of
from tests.mutations import Mutant, swapped, with_meta
from tests.mutations.seal import OF_A_VOUCHER, OF_POSTINGS

TIMES = 14
SAMPLE = 500
MONTHS = ("2024-03", "2024-04", "2024-06")
PLACE = {"filename": "journal.bean", "lineno": 1}


def mutants(entries: list[Directive], random: Random) -> Iterator[Mutant]:
    """Yield the books, without seals and with some months locked, with one change each."""
    own = [each for each in entries if isinstance(each, data.Transaction)]
    taken = {id(each) for each in random.sample(own, SAMPLE)}
    bare = [_unsealed(each) for each in entries if not isinstance(each, data.Transaction) or id(each) in taken]
    locked = _locked([each for each in bare if not (isinstance(each, data.Custom) and each.type == TYPE)])
    vouchers: list[Any] = [
        each
        for each in locked
        if isinstance(each, data.Transaction) and f"{each.date:%Y-%m}" in MONTHS and each.postings
    ]
    for _ in range(TIMES):
        for change in (*OF_A_VOUCHER, *OF_POSTINGS):
            voucher = random.choice(vouchers)
            what = f"{voucher.meta['ver']} {change.__name__}"
            yield Mutant(what, swapped(locked, voucher, change(voucher, random)), "L82[123]", voucher.meta["ver"])
        voucher = random.choice(vouchers)
        ver = voucher.meta["ver"]
        yield Mutant(f"{ver} removed", swapped(locked, voucher), "L823", ver)
        yield Mutant(f"{ver} doubled", swapped(locked, voucher, voucher, voucher), "L822", ver)
        yield Mutant(
            f"Z 1 added beside {ver}", swapped(locked, voucher, voucher, with_meta(voucher, ver="Z 1")), "L822", "Z 1"
        )
        later = voucher._replace(date=date(2024, 11, random.randint(1, 30)))
        yield Mutant(f"{ver} moved out", swapped(locked, voucher, later), "L823", ver)


def _unsealed(entry: Directive) -> Directive:
    if isinstance(entry, data.Custom) and entry.type == "bokslut":
        return entry._replace(meta={key: value for key, value in entry.meta.items() if not key.startswith(SIGILL)})
    return entry


def _locked(books: list[Directive]) -> list[Directive]:
    for period, items in booked_in(books, {}, MONTHS).items():
        meta = {SUMS: str(sums_of(items, period))}
        line = read_journal(books).next_line(date(2024, 12, 1), LOCKED, period, sigill_of(items, period), meta)
        books = [*books, line._replace(meta={**line.meta, **PLACE})]
    return books
