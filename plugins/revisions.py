"""Revisions: what a register says of a thing later, by a directive of the same kind and code with a later date.

    2022-12-31 custom "unit" "NAV" "Navet"
      overskott: "behalls"
    2025-01-01 custom "unit" "NAV" "Navet science center"
      overskott: "behalls"

A year that is sealed keeps what it said: who asks of a thing names the day of which it asks.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Self

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
