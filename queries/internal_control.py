"""Internal control: the sample of a control, what is read of it, and what came of the plan in a year.

    protocol = protocol_of(books, lambda: loaded.warnings, control, interval)
    protocol.number                 the digits by which the outcome is known to be of these vouchers as they are
    plan_in(books, lambda: loaded.warnings, 2025)  each control with its periods, and what rules have seen in full

The warnings are asked for only where the plan names rules, since finding them takes as long as loading the books.

A sample follows from the books, the item and the period alone, so that anybody can draw it again: the vouchers are
ordered by amount and cut into as many classes as are to be drawn, and of each class, from the largest amounts down, one
is taken of a unit that has been taken least, whichever the lot falls on. The lot of a voucher is the SHA-256 of item,
period and number: `2b 2025-01--06 L 12`.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from typing import NamedTuple

from beancount.core import data

from forbundsbok.plugins.books import Books
from forbundsbok.plugins.corrections import CORRECTS, corrected_numbers
from forbundsbok.plugins.findings import RuleError
from forbundsbok.plugins.internal_control import (
    DIGITS,
    Candidate,
    Control,
    Interval,
    Outcome,
    candidates,
    outcomes,
    plan_of,
    sum_of,
)
from forbundsbok.plugins.numbers import Ver
from forbundsbok.plugins.rulebook import NOTHING, RULES, Rule


class SeenInFull(NamedTuple):
    """What a rule has seen of an interval: how many vouchers (None: it reads registers alone), and what it found."""

    rule: Rule
    vouchers: int | None
    found: int
    answered: int
    """How many of the findings are acknowledged."""


class ReadVoucher(NamedTuple):
    """A voucher of a sample: what it is now, what corrects it, and what it corrects."""

    candidate: Candidate
    sum: str
    corrected_by: Sequence[data.Transaction]
    corrects: Sequence[Ver]

    @property
    def number(self) -> str:
        return str(self.candidate.ver)


class Protocol(NamedTuple):
    """What is read of a control in an interval: the sample, of how many, and what rules have seen in full."""

    control: Control
    interval: Interval
    sample: Sequence[ReadVoucher]
    there: int
    in_full: Sequence[SeenInFull]
    outcome: Outcome | None

    @property
    def number(self) -> str:
        return protocol_number(self.control, self.interval, ((each.number, each.sum) for each in self.sample))


class Controlled(NamedTuple):
    """A control in a year: its intervals, each with what came of it, and what rules have seen in full."""

    control: Control
    outcomes: Sequence[tuple[Interval, Outcome | None]]
    in_full: Sequence[SeenInFull]


def protocol_number(control: Control, interval: Interval, sums: Iterable[tuple[str, str]]) -> str:
    """Return the digits of a protocol: those of what is controlled, and of each voucher as it is."""
    lines = [f"{control.name} {interval}", *sorted(f"{number} {own}" for number, own in sums)]
    return sha256("\n".join(lines).encode()).hexdigest()[:DIGITS]


def drawn(control: Control, interval: Interval, there: Sequence[Candidate]) -> list[Candidate]:
    """Return the sample of a control among the vouchers there are, by date: all of them where they are no more."""
    ordered = sorted(there, key=lambda each: (each.amount, each.ver))
    count = min(control.sample, len(ordered))
    taken: Counter[str] = Counter()
    sample = []
    for number in reversed(range(count)):
        own = ordered[number * len(ordered) // count : (number + 1) * len(ordered) // count]
        each = min(own, key=lambda each: (taken[each.unit], lot(control, interval, each.ver)))
        taken[each.unit] += 1
        sample.append(each)
    return sorted(sample, key=lambda each: (each.entry.date, each.ver))


def lot(control: Control, interval: Interval, ver: Ver) -> str:
    """Return what falls on a voucher."""
    return sha256(f"{control.name} {interval} {ver}".encode()).hexdigest()


def protocol_of(
    books: Books, warnings: Callable[[], Sequence[RuleError]], control: Control, interval: Interval
) -> Protocol:
    """Return what is to be read of a control as the plan said in an interval."""
    there = candidates(books, control, interval)
    sample = [read_voucher(books, each) for each in drawn(control, interval, there)]
    seen = [_seen(books, warnings, code, interval) for code in control.rules]
    done = outcomes(books).get((control.name, str(interval)))
    return Protocol(control, interval, sample, len(there), seen, done)


def read_voucher(books: Books, each: Candidate) -> ReadVoucher:
    """Return a voucher of a sample as it is, with its corrections."""
    correcting = [entry for entry in books.corrections if each.ver in corrected_numbers(entry)]
    own = corrected_numbers(each.entry) if CORRECTS in each.entry.meta else []
    return ReadVoucher(each, sum_of(each.entry, books), correcting, own)


def plan_in(books: Books, warnings: Callable[[], Sequence[RuleError]], year: int) -> list[Controlled]:
    """Return the plan of a year, with what came of it; what rules see, they have seen in all of the year."""
    done = outcomes(books)
    found = []
    for control in plan_of(books):
        states = list(control.intervals(year))
        if states:
            state, _ = states[-1]
            own = [(each, done.get((control.name, str(each)))) for _, each in states]
            whole = Interval(states[0][1].first, states[-1][1].last)
            found.append(Controlled(state, own, [_seen(books, warnings, code, whole) for code in state.rules]))
    return found


def _seen(books: Books, warnings: Callable[[], Sequence[RuleError]], code: str, interval: Interval) -> SeenInFull:
    """Return what a rule has seen; of books that are read without errors it has found nothing but warnings."""
    rule = RULES[code]
    count = None
    if rule.sees != NOTHING:
        count = sum(bool(entry.postings) and interval.has(entry.date) for entry in rule.sees.vouchers(books))
    own = [each.finding for each in warnings() if each.finding.rule == code]
    own = [each for each in own if each.at is None or interval.has(each.at.date)]
    return SeenInFull(rule, count, len(own), sum(bool(each.answer) for each in own))
