"""The rulebook: every rule of a federation's books, each one function with its text beside it.

    @rule(
        "A606",
        title=N_("Representation says its purpose and who took part."),
        why=N_("Skatteverket and the federation's policy: ..."),
        mend=N_("Write syfte and deltagare below the voucher's first line."),
        sees=Sees(groups=("71",)),
    )
    def representation(books: Books) -> Iterator[Finding]:
        ...

A rule gets the collected books and yields findings. `after` names the rules whose finding about the same subject is
the cause of its own, which then is not told: one cause, one finding.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from graphlib import TopologicalSorter
from typing import Any, NamedTuple

from beancount.core import data

from forbundsbok.plugins.books import Books
from forbundsbok.plugins.directives import Kind
from forbundsbok.plugins.findings import Finding, Subject
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.numbers import FreeNumbers, renumbered

Check = Callable[[Books], Iterable[Finding]]


class Sees(NamedTuple):
    """Which vouchers a rule must see whole; of the others it asks the sums and numbers that the books keep.

    `groups` are the beginnings of the account numbers that a voucher has a row on, `keys` metadata that it bears, and
    `flags` its flag; one of them is enough. `every` is for rules that look at each voucher.
    """

    groups: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    flags: str = ""
    every: bool = False

    def vouchers(self, books: Books) -> list[data.Transaction]:
        """Return the vouchers that are seen whole, with what corrects them and what they correct, by date."""
        if self.every:
            return books.vouchers
        seen = {id(entry) for entry in books.touching(*self.groups)} if self.groups else set()
        for entry in books.vouchers:
            if (entry.flag or " ") in self.flags or any(key in entry.meta for key in self.keys):
                seen.add(id(entry))
        own = [entry for entry in books.vouchers if id(entry) in seen]
        seen.update(id(entry) for booking in books.bookings(own) for entry in booking.vouchers)
        return [entry for entry in books.vouchers if id(entry) in seen]


NOTHING = Sees()
EVERY = Sees(every=True)


@dataclass(frozen=True)
class Rule:
    """A rule: its code, what must hold, why, how a breach is mended, and the function that finds breaches."""

    code: str
    title: str
    why: str
    mend: str
    check: Check
    after: tuple[str, ...]
    sees: Sees

    @property
    def module(self) -> str:
        """The module of the rule, by its last name: `attest`."""
        return self.check.__module__.rsplit(".", 1)[-1]


RULES: dict[str, Rule] = {}
"""All rules by code, in the order of their modules."""


def rule(
    code: str, *, title: str, why: str, mend: str, after: Iterable[str] = (), sees: Sees = NOTHING
) -> Callable[[Check], Check]:
    """Enter a function into the rulebook."""

    def enter(check: Check) -> Check:
        if code in RULES:
            raise ValueError(f"{code} is entered twice")
        RULES[code] = Rule(code, title, why, mend, check, tuple(after), sees)
        return check

    return enter


def unreadable(code: str, kind: Kind[Any], *, title: str, why: str, module: str = "") -> None:
    """Enter the rule that every directive of a kind can be read, as its description says.

    The rule is of the module that describes the directive, unless another is named.
    """

    def check(books: Books) -> Iterator[Finding]:
        return (kind.finding(entry, reason) for entry, reason in books.unread(kind))

    check.__module__ = module or kind.make.__module__
    rule(code, title=title, why=why, mend=N_("Write the directive as the message shows."))(check)


def findings(books: Books, modules: Iterable[str] = ()) -> Iterator[Finding]:
    """Yield what the rules find (those of some modules only, where any are named), causes before what follows."""
    causes: dict[str, list[Subject]] = {}
    named = set(modules)
    numbers: FreeNumbers | None = None
    for code in _in_order():
        each = RULES[code]
        if named and each.module not in named:
            continue
        for finding in each.check(books):
            causes.setdefault(code, []).extend(finding.subjects)
            if _has_cause(finding, each, causes):
                continue
            if finding.fix:
                numbers = numbers or FreeNumbers(books.vouchers)
                finding = renumbered(finding, numbers)
            yield replace(finding, rule=code)


def _in_order() -> list[str]:
    """Return the codes, every rule after those that it names in `after`."""
    order = TopologicalSorter({code: each.after for code, each in RULES.items()})
    return list(order.static_order())


def _has_cause(finding: Finding, of: Rule, causes: Mapping[str, list[Subject]]) -> bool:
    # What is not told for its cause is a cause all the same: what follows from it has the same one.
    known = [subject for code in of.after for subject in causes.get(code, ())]
    return any(mine.meets(cause) for mine in finding.subjects for cause in known)
