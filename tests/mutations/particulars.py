"""Mutants of what vouchers say of themselves: a document, a party or a due date that lacks or is another's.

Left out, because the series does not ask for it: a party of what is no invoice and no payment of one, and a party and a
due date of corrections. A document on disk is changed in tests/plugins/test_documents.py.
"""

from collections.abc import Iterator
from datetime import timedelta
from random import Random

from beancount.core.data import Directive, Transaction

from tests.mutations import Mutant, place_of, row_on, swapped, unsealed, with_meta, without_meta

EACH = 60
LAST = 2024


def mutants(entries: list[Directive], random: Random) -> Iterator[Mutant]:
    """Yield mutants of every kind."""
    entries = unsealed(entries)
    vouchers = [
        entry
        for entry in entries
        if isinstance(entry, Transaction)
        and entry.postings
        and entry.date.year > 2022
        and entry.meta["ver"][0] in "LKUIMP"
    ]
    for entry in random.sample(vouchers, EACH):
        place = place_of(entry)
        yield Mutant(f"no document: {place}", swapped(entries, entry, without_meta(entry, "underlag")), "T161", place)
        words = with_meta(entry, underlag=random.choice(("muntligt", "-", "se pärmen", "faktura")))
        yield Mutant(f"a document that nobody finds: {place}", swapped(entries, entry, words), "T161", place)
        path = random.choice(("/tmp/{}", "../{}", "underlag/../../{}", "C:\\{}", "\\\\server\\{}", "~/{}"))
        away = with_meta(entry, underlag=path.format("faktura.pdf"))
        yield Mutant(f"a document elsewhere, {path}: {place}", swapped(entries, entry, away), "E005", place)
    vouchers = [entry for entry in vouchers if "rattar" not in entry.meta]
    invoices = [entry for entry in vouchers if entry.meta["ver"][0] in "LK" and entry.payee]
    for entry in random.sample([each for each in invoices if "Kredit" not in str(each.narration)], EACH):
        place = place_of(entry)
        if entry.date.year == LAST:
            odd = with_meta(entry, forfallodag=entry.date + timedelta(random.choice((0, 1, 150, 170))))
            yield Mutant(f"due at an odd time: {place}", swapped(entries, entry, odd), "T172", place)
        yield Mutant(
            f"no due date: {place}", swapped(entries, entry, without_meta(entry, "forfallodag")), "T165", place
        )
        day = entry.date + timedelta(days=random.choice((-1, -30, -365, 181, 365)))
        odd = swapped(entries, entry, with_meta(entry, forfallodag=day))
        yield Mutant(f"due {day}: {place}", odd, "T166", place)
        day = entry.date + timedelta(days=random.choice((1, 30, -366, -730)))
        old = swapped(entries, entry, with_meta(entry, fakturadatum=day))
        yield Mutant(f"an invoice of {day}: {place}", old, "T171", place)
    items = [entry for entry in vouchers if entry.payee and (row_on(entry, ":2510-") or row_on(entry, ":1510-"))]
    for entry in random.sample([each for each in items if each.meta["ver"][0] in "LK"], EACH):
        place = place_of(entry)
        yield Mutant(f"no party: {place}", swapped(entries, entry, entry._replace(payee=None)), "T164", place)
    for _ in range(EACH):
        at, later = sorted(random.sample(range(len(items)), 2))
        first, second = items[at], items[later]
        place = place_of(second)
        path = str(first.meta["underlag"])
        taken = with_meta(second, underlag=random.choice((path, f"./{path}", path.replace("/", "//"))))
        if not first.links & second.links:
            yield Mutant(f"the document of another: {place}", swapped(entries, second, taken), "T163", place)
