"""What a sum takes of an account, as terms of plain lists: postings, events, the budget, and plans of provisions.

    Sum(("Assets:FK:1930-Bank",), Measure.CLOSING, Period(2024), 1)    all its postings until 2024-12-31
    ... Measure.MOVEMENT, flow=("forvarv",)                            what is of `forvarv` in the list of events

Who has the lists, in a workbook or a database, can sum every figure without knowing what a measure is.
"""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Literal

from forbundsbok.queries.general_ledger import EVENTS, OPENS, OTHER, GeneralLedger
from forbundsbok.queries.statement import Measure, Period, Sum


class Source(StrEnum):
    """The lists that amounts are taken from."""

    POSTINGS = "postings"
    EVENTS = "events"
    BUDGET = "budget"
    PLAN = "plan"


@dataclass(frozen=True)
class Term:
    """What is added (1) or taken off (-1) of a list: what it has of an account from a day to a day, both included.

    `first` is None for all that there is until the last day. `event` is the one that is meant, all where it is empty.
    """

    source: Source
    sign: Literal[1, -1]
    first: date | None
    last: date
    event: str = ""


OPENED: dict[Measure, Literal[1, -1]] = {
    Measure.OPENING: 1,
    Measure.EARLIER: 1,
    Measure.MOVEMENT: -1,
    Measure.YEAR: -1,
    Measure.SCHEDULE: -1,
}
"""Where that counts which books open with, when they open in the midst of a period."""


def terms_of(ledger: GeneralLedger, part: Sum, account: str) -> list[Term]:
    """Return what a sum takes of one of its accounts, debit positive, whatever the sum's own sign."""
    if not part.flow:
        return _of_balance(ledger, part, account)
    first = None if part.first == date.min else part.first.replace(day=1)
    last = Period(part.last.year, part.last.month, part.last.month).end
    terms = [Term(Source.EVENTS, 1, first, last, event) for event in part.flow if event not in (EVENTS, OTHER)]
    told = [Term(Source.EVENTS, 1, first, last), Term(Source.EVENTS, -1, first, last, OPENS)]
    if EVENTS in part.flow:
        terms += told
    if OTHER in part.flow:
        terms += [*_of_balance(ledger, part, account), *(replace(each, sign=-each.sign) for each in told)]
    return terms


def _of_balance(ledger: GeneralLedger, part: Sum, account: str) -> list[Term]:
    period = part.period
    if part.measure is Measure.BUDGET:
        return [Term(Source.BUDGET, 1, period.start, period.end)]
    if part.measure is Measure.SCHEDULE and ledger.is_planned(period):
        return [Term(Source.PLAN, 1, period.start, period.end)]
    if part.measure is Measure.ADJUSTMENT:
        adjusts = period.first_month == 1 and account.startswith("Equity:")
        return [Term(Source.POSTINGS, 1, part.first, part.last)] if adjusts else []
    if ledger.ends_with_opening(period):
        opened = Term(Source.EVENTS, 1, None, Period(period.year + 1, 1, 1).end, OPENS)
        return [opened] if part.measure in (Measure.OPENING, Measure.EARLIER, Measure.CLOSING) else []
    terms = [Term(Source.POSTINGS, 1, None if part.first == date.min else part.first, part.last)]
    if part.measure in OPENED and ledger.opens_in(period):
        terms.append(Term(Source.EVENTS, OPENED[part.measure], period.start, period.end, OPENS))
    return terms
