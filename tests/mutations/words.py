"""Mutants of words: accounts and keys as a clerk mistypes them, letter by letter."""

from collections.abc import Iterator
from random import Random

from beancount.core.data import Custom, Directive, Open, Transaction

from tests.mutations import Mutant, place_of, swapped

COUNT = 60
UNIT = ":NAV:"
"""The unit whose vouchers are kept: enough of every kind, and quick."""


def mutants(entries: list[Directive], random: Random) -> Iterator[Mutant]:
    """Yield mutants of every kind."""
    # Of the vouchers of a sealed year no warning is told.
    unsealed = [entry for entry in entries if not isinstance(entry, Custom) or entry.type != "bokslut"]
    kept = [entry for entry in unsealed if not isinstance(entry, Transaction) or _touches(entry)]
    vouchers = [entry for entry in kept if isinstance(entry, Transaction) and entry.date.year == 2024]
    for entry in random.sample(vouchers, COUNT):
        yield from _accounts(kept, entry, random)
        yield from _keys(kept, entry, random)
    for right in [entry for entry in kept if isinstance(entry, Custom) and entry.type == "attest"][:10]:
        meta = {("roll" if key != "roll" else "role"): value for key, value in right.meta.items() if key == "roll"}
        misspelt = right._replace(meta={**_place(right), **meta})
        yield Mutant(f"{right.values[0].value}: roll is role", swapped(kept, right, misspelt), "F103", place_of(right))
        named = right._replace(type="atest")
        yield Mutant(f"{right.values[0].value}: atest", swapped(kept, right, named), "F105", place_of(right))


def _touches(entry: Transaction) -> bool:
    return any(UNIT in row.account for row in entry.postings)


def _place(entry: Directive) -> dict[str, object]:
    return {key: entry.meta[key] for key in ("filename", "lineno")}


def _accounts(entries: list[Directive], entry: Transaction, random: Random) -> Iterator[Mutant]:
    index = random.randrange(len(entry.postings))
    row = entry.postings[index]
    root, unit, rest = row.account.split(":", 2)
    opened = {each.account for each in entries if isinstance(each, Open)}
    for what, other in {
        "two digits": rest[:1] + rest[2] + rest[1] + rest[3:],
        "a digit": str((int(rest[0]) + 1) % 10) + rest[1:],
        "a letter less": rest[:-2] + rest[-1],
        "two letters": rest[:6] + rest[7] + rest[6] + rest[8:],
    }.items():
        account = f"{root}:{unit}:{other}"
        if account not in opened:
            postings = [*entry.postings]
            postings[index] = row._replace(account=account)
            assert row.meta
            place = f"{str(row.meta['filename']).rsplit('/', 1)[-1]}:{row.meta['lineno']}"
            mutant = swapped(entries, entry, entry._replace(postings=postings))
            yield Mutant(f"{row.account}: {what}", mutant, "F101", place)


def _keys(entries: list[Directive], entry: Transaction, random: Random) -> Iterator[Mutant]:
    key = random.choice([key for key in entry.meta if key not in ("filename", "lineno") and key[:1] != "_"])
    for what, other in (("a letter less", key[:1] + key[2:]), ("a letter doubled", key[:2] + key[1:])):
        meta = {(other if each == key else each): value for each, value in entry.meta.items()}
        yield Mutant(f"{key}: {what}", swapped(entries, entry, entry._replace(meta=meta)), "F104", place_of(entry))
