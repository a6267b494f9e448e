"""Revisions: what a register says of a thing later, by a directive of the same kind and code with a later date.

    2022-12-31 custom "unit" "NAV" "Navet"
      overskott: "behalls"
    2025-01-01 custom "unit" "NAV" "Navet science center"
      overskott: "behalls"

A year that is sealed keeps what it said: who asks of a thing names the day of which it asks.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Self, TypeVar

from beancount.core import data


@dataclass(frozen=True, kw_only=True)
class Revised:
    """What a directive says of a thing, and what earlier ones said of it, the first one first."""

    entry: data.Custom | None = field(default=None, compare=False)
    earlier: tuple[Self, ...] = field(default=(), compare=False, repr=False)

    @property
    def states(self) -> tuple[Self, ...]:
        """All that has been said of it, the first one first."""
        return (*self.earlier, self)

    @property
    def revised(self) -> list[date]:
        """The days from which it is another than it was."""
        return [state.since for state in self.states[1:]]

    @property
    def since(self) -> date:
        """The day from which it is so."""
        return self.entry.date if self.entry else date.min

    def at(self, day: date) -> Self:
        """Return it as it is at the end of a day; before the first day as it first was."""
        return next((state for state in reversed(self.states) if state.since <= day), self.states[0])


@dataclass(frozen=True)
class Registered(Revised):
    """A thing that a register knows by its name."""

    name: str

    def revised_by(self, later: Self) -> Self:
        """Return what a later directive makes of it."""
        return replace(later, earlier=self.states)


R = TypeVar("R", bound=Registered)


def as_revised(declared: Iterable[R], kept: Callable[[R], object] = lambda each: None) -> list[R]:
    """Return things as they have come to be, in the order of their first directives.

    `kept` is what a revision keeps, as its account; what differs in it, or is no later, is no revision, and left out.
    """
    known: dict[str, R] = {}
    for each in declared:
        before = known.setdefault(each.name, each)
        if before.since < each.since and kept(before) == kept(each):
            known[each.name] = before.revised_by(each)
    return list(known.values())
