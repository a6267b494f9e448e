"""Mutants of the chart of accounts: kinds of accounts misspelt, said twice, of numbers that none has, or too late."""

from collections.abc import Iterator
from datetime import date
from random import Random

from beancount.core.data import Custom, Directive, Transaction

from forbundsbok.plugins.ledger_text import custom_of
from forbundsbok.plugins.roles import SLAG
from tests.mutations import Mutant, place_of, swapped


def mutants(entries: list[Directive], random: Random) -> Iterator[Mutant]:
    """Yield mutants of every kind."""
    [said] = [entry for entry in entries if isinstance(entry, Custom) and entry.type == "kontoslag"]
    kept: list[Directive] = [entry for entry in entries if not isinstance(entry, Transaction)]
    what, word = (value.value for value in said.values)
    for slag in SLAG.values():
        at = random.randrange(1, len(slag.name) - 1)
        for misspelt in (slag.name[:at] + slag.name[at + 1 :], slag.name[:at] + "q" + slag.name[at:]):
            if misspelt not in SLAG:
                yield Mutant(misspelt, swapped(kept, said, _says(said, what, misspelt)), "C101", place_of(said))
        if slag.is_class:
            yield Mutant(slag.name, swapped(kept, said, _says(said, what, slag.name)), "C101", place_of(said))
        elif slag.name != word:
            two = swapped(kept, said, said, _says(said, what, slag.name))
            yield Mutant(f"{what} is {slag.name} too", two, "C102", place_of(said))
            none = swapped(kept, said, _says(said, f"{random.randrange(32, 34)}", slag.name))
            yield Mutant(f"{slag.name} is of no account", none, "C103", place_of(said))
    for number, other in (("741", "finansiella-kostnader"), ("35", "medlemsbidrag"), ("15", "ovriga-fordringar")):
        late = custom_of(said.type, date(2025, 1, 1), [number, other])._replace(meta=said.meta)
        yield Mutant(f"{number} becomes {other}", swapped(entries, said, said, late), "C108", place_of(said))


def _says(said: Custom, what: str, word: str) -> Custom:
    """Return a directive in the place of one, that says something else."""
    other = custom_of(said.type, said.date, [what, word])
    return said._replace(values=other.values)
