"""Mutants of the real ledger: one thing changed at random in what a module's rules govern."""

from typing import NamedTuple

from beancount.core.data import Directive


class Mutant(NamedTuple):
    """A ledger with one change that a module must find.

    `codes` is a regular expression of the codes of which one must be reported, `about` a text that its
    message must hold, or the `file:line` that it must point at.
    """

    what: str
    entries: list[Directive]
    codes: str
    about: str
