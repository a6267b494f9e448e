"""Mutants of the real ledger: one thing changed at random in what a module's rules govern."""

from decimal import Decimal
from random import Random
from typing import NamedTuple

from beancount.core.data import Directive, Posting


class Mutant(NamedTuple):
    """A ledger with one change that a module must find.

    `codes` is a regular expression of the codes of which one must be reported, `about` a text that its
    message must hold, or the `file:line` that it must point at.
    """

    what: str
    entries: list[Directive]
    codes: str
    about: str


def number_of(posting: Posting) -> Decimal:
    """Return the number of a posting that has one."""
    assert posting.units
    assert posting.units.number is not None
    return posting.units.number


def some_amount(random: Random) -> Decimal:
    """Return an öre, some öre or many kronor, up or down."""
    sign = random.choice((1, -1))
    return sign * Decimal(random.choice((1, random.randint(2, 99), random.randint(100, 5000000)))) / 100
