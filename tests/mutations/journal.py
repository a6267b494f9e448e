"""Mutants of the journal of seals: a line taken away, doubled, changed; a seal or a bokslut taken away beside it."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from beancount.core import data
from beancount.core.data import Directive

from forbundsbok.plugins.canonical import SIGILL
from forbundsbok.plugins.journal import BY, LOCKED, OPENED, REASON, SEALED, SUMS, TYPE, UNLOCKED, read_journal
from forbundsbok.plugins.years import read_boksluts
from tests.mutations import Mutant, swapped, with_meta

TIMES = 14
PLACE = {"filename": "journal.bean", "lineno": 1}


def mutants(entries: list[Directive], random: Random) -> Iterator[Mutant]:
    """Yield the books with one change each, after a year has been opened and sealed again, a month locked too."""
    books = _with_history([each for each in entries if not isinstance(each, data.Transaction)])
    lines: list[Any] = [line.entry for line in read_journal(books).lines]
    for _ in range(TIMES):
        yield from (_of_a_line(books, lines, index, random) for index in range(len(lines)))
        for index, line in enumerate(lines[:-1]):
            yield Mutant(f"line {index + 1} removed", swapped(books, line), "L812", "")
            yield Mutant(f"line {index + 1} doubled", swapped(books, line, line, line), "L812", "")
            number = [line.values[0]._replace(value=Decimal(random.randint(50, 99))), *line.values[1:]]
            yield Mutant(f"line {index + 1} renumbered", swapped(books, line, line._replace(values=number)), "L812", "")
        yield from (_of_what_is_said(books, line, random) for line in lines[-4:])
        yield from _of_seals(books, lines, random)


def _with_history(books: list[Directive]) -> list[Directive]:
    journal = read_journal(books)
    sealed = journal.closed(SEALED)["2024"]
    more = [
        (OPENED, "2024", sealed.sigill),
        (SEALED, "2024", sealed.sigill),
        (LOCKED, "2025-01", "1" * 64),
        (UNLOCKED, "2025-01", "1" * 64),
    ]
    for act, period, sigill in more:
        line = read_journal(books).next_line(date(2025, 5, 2), act, period, sigill, {REASON: "Fel"})
        books = [*books, line._replace(meta={**line.meta, **PLACE})]
    return books


def _of_a_line(books: list[Directive], lines: list[Any], index: int, random: Random) -> Mutant:
    """Return the books with another value in a line, its act, its period, a digit of its sigill, or its day."""
    line = lines[index]
    kind = random.choice(["act", "period", "sigill", "day", "reason"])
    values = list(line.values)
    if kind == "act":
        acts = [SEALED, OPENED, LOCKED, UNLOCKED, "förseglat"]
        values[1] = values[1]._replace(value=random.choice([act for act in acts if act != values[1].value]))
    elif kind == "period":
        values[2] = values[2]._replace(value=random.choice(["2019", "2025-13", "24", "2024-1"]))
    elif kind == "sigill" and values[1].value != UNLOCKED:
        place = random.randrange(64)
        other = "0" if values[3].value[place] != "0" else "f"
        values[3] = values[3]._replace(value=values[3].value[:place] + other + values[3].value[place + 1 :])
    elif kind == "day":
        day = line.date - timedelta(days=random.randint(800, 2000))
        return Mutant(f"line {index + 1} dated {day}", swapped(books, line, line._replace(date=day)), "L81[12]", "")
    else:
        values[0] = values[0]._replace(value=Decimal(0))
    mutant = line._replace(values=values)
    return Mutant(f"{kind} of line {index + 1} changed", swapped(books, line, mutant), "L81[1-4]", "")


def _of_what_is_said(books: list[Directive], line: Any, random: Random) -> Mutant:
    """Return the books with another reason, name or check sums in a line that has `kedja`."""
    key = random.choice([REASON, BY, SUMS])
    said = with_meta(line, **{key: f"{line.meta.get(key, '')} och annat"})
    number = str(line.values[0].value)
    return Mutant(f"{key} of line {number} changed", swapped(books, line, said), "L815", number)


def _of_seals(books: list[Directive], lines: list[Any], random: Random) -> Iterator[Mutant]:
    """Yield the books without a seal, a bokslut or the journal of it."""
    year, bokslut = random.choice(list(read_boksluts(books).items()))
    bare = {key: value for key, value in bokslut.meta.items() if not key.startswith(SIGILL)}
    yield Mutant(f"seal of {year} removed", swapped(books, bokslut, bokslut._replace(meta=bare)), "L813", str(year))
    yield Mutant(f"bokslut of {year} removed", swapped(books, bokslut), "L813", str(year))
    place = random.randrange(64)
    was = bokslut.meta[SIGILL]
    other = {**bokslut.meta, SIGILL: was[:place] + ("0" if was[place] != "0" else "f") + was[place + 1 :]}
    yield Mutant(f"sigill of {year} changed", swapped(books, bokslut, bokslut._replace(meta=other)), "L813", str(year))
    without = [each for each in books if not (isinstance(each, data.Custom) and each.type == TYPE)]
    yield Mutant("the journal removed", without, "L814", str(year))
    tail = random.randint(1, len(lines) - 3)
    kept = [each for each in books if not any(each is line for line in lines[tail:])]
    held = read_journal(kept).closed(SEALED)
    for year, bokslut in read_boksluts(books).items():
        line = held.get(str(year))
        if line is None or line.sigill != bokslut.meta[SIGILL]:
            yield Mutant(f"the journal ends after line {tail}", kept, "L81[34]", str(year))
