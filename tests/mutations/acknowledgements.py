"""Mutants of answers to warnings: that cannot be read, say nothing, come before their question, or lack a decision.

Not tried, since nothing in the books tells: an answer that is a lie, and one of a warning that later vouchers bring.
"""

from collections.abc import Iterator
from datetime import date
from random import Random

from beancount.core.data import Custom, Directive, Transaction

from forbundsbok.plugins.acknowledgements import BY_DECISION
from forbundsbok.plugins.ledger_text import custom_of
from tests.mutations import Mutant, place_of, swapped, unsealed, with_meta

EACH = 40
LAST = 2024
SAYS_NOTHING = ("ok", "Helt rätt", "Allt stämmer som det ska vara", "Det är i sin ordning")
UNDECIDED = ("Ny medarbetare sedan i juni", "Kontrollerat med den som köpte", "Två inköp av olika slag")
UNREADABLE = ("R911", "rätt enligt avtalet", "R91 två anläggningar", "T101:", "")


def mutants(entries: list[Directive], random: Random) -> Iterator[Mutant]:
    """Yield mutants of every kind."""
    entries = unsealed(entries)
    kept = random.sample([entry for entry in entries if isinstance(entry, Transaction)], 10 * EACH)
    ids = set(map(id, kept))
    entries = [entry for entry in entries if not isinstance(entry, Transaction) or id(entry) in ids]
    for entry in random.sample(kept, EACH):
        place, asked = place_of(entry), random.choice(sorted(BY_DECISION))

        def answered(text: str, of: Transaction = entry) -> list[Directive]:
            return swapped(entries, of, with_meta(of, kvittens=text))

        nothing, undecided = random.choice(SAYS_NOTHING[1:]), random.choice(UNDECIDED)
        yield Mutant(f"unreadable: {place}", answered(random.choice(UNREADABLE)), "K002", place)
        yield Mutant(f"of an error: {place}", answered("V503 Numret finns i försystemet"), "K002", place)
        yield Mutant(f"says nothing: {place}", answered(f"T101 {nothing}"), "K003", place)
        yield Mutant(f"of {asked} by nobody: {place}", answered(f"{asked} {undecided}"), "K005", place)
        early = random.choice(("T111", "T119", "T120", "T127"))
        if entry.date.year == LAST:
            yield Mutant(f"before {early}: {place}", answered(f"{early} Enligt avtal med kommunen"), "K006", place)
    for _ in range(EACH):
        lineno = random.randint(10_000, 99_999)
        ver = f"L {random.randint(2000, 9999)} 2024"
        yield _said(entries, ("R911", ver, "Två anläggningar"), lineno, "K004")
        yield _said(entries, ("R911", ver), lineno, "K001")
        ver = f"{(entry := random.choice(kept)).meta['ver']} {entry.date.year}"
        yield _said(entries, ("T101", ver, random.choice(SAYS_NOTHING)), lineno, "K003")


def _said(entries: list[Directive], values: tuple[str, ...], lineno: int, code: str) -> Mutant:
    said: Custom = custom_of("kvittens", date(2024, 12, 30), values)
    said = said._replace(meta={"filename": "svar.bean", "lineno": lineno})
    return Mutant(f"{values} is answered: {lineno}", [*entries, said], code, f"svar.bean:{lineno}")
