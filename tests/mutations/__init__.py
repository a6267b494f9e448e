"""Mutants of the real ledger: one thing changed at random in what a module's rules govern.

A module here, named as the module of rules that it tries, has `mutants(entries, random)`, which yields them. What
several of them do to a directive, a posting or the whole ledger stands here:

    mutated = entry._replace(postings=[plus(first, some_amount(random)), second])
    yield Mutant("an amount changed", swapped(entries, entry, mutated), "V50[23]", place_of(entry))
"""

from bisect import insort
from decimal import Decimal
from random import Random
from typing import Any, NamedTuple

from beancount.core.data import Directive, Posting, Transaction, entry_sortkey


class Mutant(NamedTuple):
    """A ledger with one change that a module must find.

    `codes` is a regular expression of the codes of which one must be reported, `about` a text that its
    message must hold, or the `file:line` that it must point at.
    """

    what: str
    entries: list[Directive]
    codes: str
    about: str


def place_of(blamed: Any) -> str:
    """Return the `file:line` of a directive or a posting."""
    return f"{blamed.meta['filename'].rsplit('/', 1)[-1]}:{blamed.meta['lineno']}"


# Ledgers


def swapped(entries: list[Directive], old: Directive, *new: Directive) -> list[Directive]:
    """Return the entries with others where one stood, or with none."""
    mutated: list[Directive] = []
    for entry in entries:
        mutated += new if entry is old else (entry,)
    return mutated


def rebooked(entries: list[Directive], old: Directive, *new: Directive) -> list[Directive]:
    """Return the entries with others instead of one, each where its date puts it."""
    mutated = swapped(entries, old)
    for entry in new:
        insort(mutated, entry, key=entry_sortkey)
    return mutated


# Directives


def with_meta(entry: Any, **meta: object) -> Any:
    """Return a directive with some of its metadata set."""
    return entry._replace(meta={**entry.meta, **meta})


def without_meta(entry: Any, *keys: str) -> Any:
    """Return a directive without some of its metadata."""
    return entry._replace(meta={key: value for key, value in entry.meta.items() if key not in keys})


def with_row(entry: Transaction, index: int, *rows: Posting) -> Transaction:
    """Return a voucher with others where one of its rows stood, or with none."""
    return entry._replace(postings=[*entry.postings[:index], *rows, *entry.postings[index + 1 :]])


# Postings


def number_of(row: Posting) -> Decimal:
    """Return the number of a posting that has one."""
    assert row.units
    assert row.units.number is not None
    return row.units.number


def with_number(row: Posting, number: Decimal) -> Posting:
    """Return a posting of another number, in the same currency."""
    assert row.units
    return row._replace(units=row.units._replace(number=number))


def plus(row: Posting, more: Decimal) -> Posting:
    """Return a posting of a larger number."""
    return with_number(row, number_of(row) + more)


def some_amount(random: Random) -> Decimal:
    """Return an öre, some öre or many kronor, up or down."""
    sign = random.choice((1, -1))
    return sign * Decimal(random.choice((1, random.randint(2, 99), random.randint(100, 5000000)))) / 100
