"""The budget, and the financial goals that are decided with it.

Budgets are written as Fava reads them: per account, for a year, a quarter or a month, signed like the account's
balance. One holds until the next one for the same account, within its year.

    2024-01-01 custom "budget" Income:BRB:3119-Medlemsavgifter:Borås "yearly" -688000.00 SEK
    2024-01-01 custom "goal" "eget-kapital" 6000000.00 SEK
      benamning: "Förbundet ska uppvisa ett eget kapital om lägst 6 000 tkr"

A goal is the least that the figure of its kind may be: "resultat" (the year's result) or "eget-kapital"
(equity at the end of the year). Budget and goals, and the limit of what is capitalised, are decided for each year.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby, pairwise

from beancount.core import data

from forbundsbok.plugins.books import Books
from forbundsbok.plugins.capitalisation import THRESHOLD
from forbundsbok.plugins.decisions import DECISION, names_decision, undecided
from forbundsbok.plugins.directives import Field, Kind, account_under, money, one_of, text
from forbundsbok.plugins.findings import Finding, Message, Remove, Subject
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.money import ORE, ZERO
from forbundsbok.plugins.rulebook import rule, unreadable
from forbundsbok.plugins.spelling import nearest_account

TIMES_A_YEAR = {"yearly": 1, "quarterly": 4, "monthly": 12}
NORMAL_SIDE = {"Income": -1, "Expenses": 1}
"""The sign of what is budgeted on income and expenses; an account of assets may be bought on or sold from."""

RESULT, EQUITY = GOALS = ("resultat", "eget-kapital")


@dataclass(frozen=True)
class Budget:
    """What an account may come to in a year, in kronor signed like its balance, from a date on."""

    account: str
    start: date
    yearly: Decimal
    entry: data.Custom | None = None


@dataclass(frozen=True)
class Goal:
    """The least that the result or the equity of a year may be, in kronor."""

    kind: str
    start: date
    least: Decimal
    label: str
    entry: data.Custom | None = None


BUDGET = Kind(
    "budget",
    values=(
        Field(N_("account"), account_under()),
        Field(N_("interval"), one_of(*TIMES_A_YEAR)),
        Field(N_("amount"), money),
    ),
    meta=(Field(DECISION, text, required=False),),
    make=lambda entry, given: Budget(
        given["account"], entry.date, given["amount"] * TIMES_A_YEAR[given["interval"]], entry
    ),
    example='2024-01-01 custom "budget" Expenses:ENHET:6020-Lokalhyror "yearly" 480000.00 SEK',
)

GOAL = Kind(
    "goal",
    values=(Field(N_("kind"), one_of(*GOALS)), Field(N_("amount"), money)),
    meta=(Field("benamning", text), Field(DECISION, text, required=False)),
    make=lambda entry, given: Goal(given["kind"], entry.date, given["amount"], given["benamning"], entry),
    example='2024-01-01 custom "goal" "eget-kapital" 6000000.00 SEK\n  benamning: "Eget kapital om lägst 6 000 tkr"',
)


def read_budgets(entries: Iterable[data.Directive]) -> dict[str, list[Budget]]:
    """Return the budgets of each account, the earliest first."""
    budgets: dict[str, list[Budget]] = defaultdict(list)
    for budget in BUDGET.read_all(entries):
        budgets[budget.account].append(budget)
    return dict(budgets)


def budget_of_months(budgets: Iterable[Budget], year: int, first: int, last: int) -> Decimal:
    """Return an account's budget in kronor for the months `first` to `last` of a year.

    Each month has a twelfth of the year's budget in force on its first day. The sum is rounded once, to the öre, so
    that the whole year is exact.
    """
    twelfths = sum((budget.yearly * months for budget, months in budgets_in_force(budgets, year, first, last)), ZERO)
    return (twelfths / 12).quantize(ORE, ROUND_HALF_UP)


def budgets_in_force(budgets: Iterable[Budget], year: int, first: int, last: int) -> list[tuple[Budget, int]]:
    """Return an account's budgets with how many of the months `first` to `last` of a year each is in force."""
    own = list(budgets)
    found: list[Budget] = []
    for month in range(first, last + 1):
        in_force = [budget for budget in own if budget.start <= date(year, month, 1)]
        # A budget is decided for a year: it does not run on into years that have none of their own.
        if in_force and in_force[-1].start.year == year:
            found.append(in_force[-1])
    return [(budget, len(list(months))) for budget, months in groupby(found)]


def read_goals(entries: Iterable[data.Directive]) -> list[Goal]:
    """Return the financial goals, the earliest first."""
    return GOAL.read_all(entries)


unreadable(
    "B901",
    BUDGET,
    title=N_("A budget has an account, an interval, and an amount of the ledger's currency in whole öre."),
    why=N_("Report 2.7 and 3.5 compare the outcome with the budget; one that cannot be read is in no column."),
)
unreadable(
    "B902",
    GOAL,
    title=N_("A goal has a kind, the least that its figure may be, and the words in which it was decided."),
    why=N_("Report 2.4 tells whether each goal was reached; one that cannot be read would be left out."),
)


@rule(
    "B903",
    title=N_("A budget is for an account that is open."),
    why=N_("Report 2.7 and 3.5; what is budgeted on no account of the ledger stands in no column."),
    mend=N_("Name the account that is meant, or open it."),
    after=["B904"],
)
def budget_account(books: Books) -> Iterator[Finding]:
    for budget in books.declared(BUDGET):
        if budget.account not in books.opens:
            near = nearest_account(budget.account, books.opens)
            message = N_("There is a budget for {account}, which is not open (is {near} meant?).")
            other = N_("There is a budget for {account}, which is not open.")
            subject = Subject("budget", budget.account, budget.start.year)
            yield Finding(budget.entry, subject, message if near else other, {"account": budget.account, "near": near})


@rule(
    "B904",
    title=N_("A budget holds from the first day of a month on."),
    why=N_(
        "Report 3.5; a month has a twelfth of the budget in force on its first day, so that one decided within a "
        "month, or the year before, would be left out."
    ),
    mend=N_("Date it the first day of the month that it holds from; 1 January for the whole year."),
)
def budget_day(books: Books) -> Iterator[Finding]:
    for budget in books.declared(BUDGET):
        if budget.start.day != 1:
            message = N_("This budget is dated {day}, and so holds from no month on: date it the first day of one.")
            yield Finding(
                budget.entry, Subject("budget", budget.account, budget.start.year), message, {"day": budget.start}
            )


@rule(
    "B905",
    title=N_("An account has one budget from a day on."),
    why=N_("Of two budgets for the same day one would count, and nobody could tell which was decided."),
    mend=N_("Remove one of them, or date it the first day of the month from which it holds instead of the other."),
    after=["B904"],
)
def budget_twice(books: Books) -> Iterator[Finding]:
    first: dict[tuple[str, date], Budget] = {}
    for budget in books.declared(BUDGET):
        other = first.setdefault((budget.account, budget.start), budget)
        if other is budget or budget.entry is None:
            continue
        message = N_(
            "{account} has two budgets from {day}: {amount} kr a year here, and {other_amount} kr a year at {other}. "
            "One of the two must go."
        )
        values = {
            "account": budget.account,
            "day": budget.start,
            "amount": budget.yearly,
            "other_amount": other.yearly,
            "other": other.entry,
        }
        fix = [Remove(budget.entry)] if budget.yearly == other.yearly else []
        yield Finding(budget.entry, Subject("budget", budget.account, budget.start.year), message, values, fix=fix)


@rule(
    "B906",
    title=N_("Expenses are budgeted with plus, income with minus, as they are booked."),
    why=N_("Report 2.7 and 3.5: a budget with the wrong sign makes the result wrong by twice its amount."),
    mend=N_("Turn the sign, or acknowledge that the account is to end on its other side."),
    after=["B905"],
    warns=True,
)
def budget_sign(books: Books) -> Iterator[Finding]:
    for budget in books.declared(BUDGET):
        root = budget.account.partition(":")[0]
        if budget.yearly * NORMAL_SIDE.get(root, 0) < 0:
            message = N_("{account} has a budget of {amount} kr a year: is {turned} kr meant?")
            values = {"account": budget.account, "amount": budget.yearly, "turned": -budget.yearly}
            yield Finding(budget.entry, Subject("budget", budget.account, budget.start.year), message, values)


DECIDED = {
    BUDGET.type: N_("There is no budget for {year}; there was one for {before}.{later}"),
    GOAL.type: N_('There is no goal "{what}" for {year}; there was one for {before}.{later}'),
    THRESHOLD.type: N_(
        "There is no limit for {year} above which equipment is an asset (investment-threshold); there was one for "
        "{before}.{later}"
    ),
}
"""What is decided for each year, by the type of its directive, and what is told where it lacks."""

BEGUN = 2
"""The month of a year in whose books what is decided for it must be there."""


@rule(
    "B907",
    title=N_("What was decided for last year is decided for this one: budget, goals, limit of investments."),
    why=N_(
        "Report 2.4, 2.7 and 3.5: a year without them compares with nothing. They were forgotten, or their file is not "
        "included, or they are dated in another year."
    ),
    mend=N_("Write them, include their file, or put the year of their date right."),
    after=["B901", "B902", "B904"],
    warns=True,
)
def decided_each_year(books: Books) -> Iterator[Finding]:
    year = books.last_booked.year
    if books.is_sealed(books.last_booked) or books.last_booked < date(year, BEGUN, 1):
        return
    kinds: dict[tuple[str, str], list[data.Custom]] = defaultdict(list)
    for kind in DECIDED:
        for entry in books.customs(kind):
            what = str(entry.values[0].value) if kind == GOAL.type and entry.values else ""
            kinds[kind, what].append(entry)
    for (kind, what), entries in kinds.items():
        before = [entry for entry in entries if entry.date.year == year - 1]
        if not before or any(entry.date.year == year for entry in entries):
            continue
        later = next((entry for entry in entries if entry.date.year > year), None)
        hint = Message(N_(" Is the one of {day} meant?"), {"day": later.date}) if later else ""
        values = {"what": what, "year": year, "before": year - 1, "later": hint}
        yield Finding(later or before[-1], Subject(kind, what or str(year), year), DECIDED[kind], values)


@rule(
    "B908",
    title=N_("A goal that is lowered names its decision."),
    why=N_(
        "Report 2.4 tells whether the goals were reached: who lowers one by hand lets the federation reach what it has "
        "not. KL 11 kap. 6 §: the goals are decided with the budget."
    ),
    mend=N_("Write beslut below the goal: who decided, the day and the paragraph."),
    after=["B902"],
    warns=True,
)
def lowered_goals(books: Books) -> Iterator[Finding]:
    goals = sorted(books.declared(GOAL), key=lambda goal: (goal.kind, goal.start))
    for before, goal in pairwise(goals):
        if goal.kind == before.kind and goal.least < before.least and goal.entry and undecided(goal.entry, books):
            message = N_(
                'The goal "{kind}" is {least} kr from {day}, and was {was} kr before, by no decision that is named. '
                'Write below it who decided, the day and the paragraph:\n  {key}: "..."'
            )
            values = {"kind": goal.kind, "least": goal.least, "day": goal.start, "was": before.least, "key": DECISION}
            yield Finding(goal.entry, Subject(GOAL.type, goal.kind, goal.start.year), message, values)


LARGE = Decimal("0.25")
"""The part of a budget by which a change within the year worsens the result before it is asked who decided it."""


@rule(
    "B909",
    title=N_("A budget that is changed much within its year names its decision, or is covered by another one."),
    why=N_(
        "KL 11 kap. 6 §: the budget is decided by the members' representatives. Who raises one by hand when the cost "
        "is there lets the federation keep to what it has not kept to."
    ),
    mend=N_(
        "Write beslut below the budget: who decided, the day and the paragraph; or lower another from the same day."
    ),
    after=["B901", "B903", "B904", "B905", "B906"],
    warns=True,
)
def changed_budgets(books: Books) -> Iterator[Finding]:
    before: dict[tuple[str, int], Budget] = {}
    changes: dict[date, list[tuple[Budget, Budget]]] = defaultdict(list)
    for budget in sorted(books.declared(BUDGET), key=lambda each: each.start):
        if earlier := before.get((budget.account, budget.start.year)):
            changes[budget.start].append((earlier, budget))
        before[budget.account, budget.start.year] = budget
    for own in changes.values():
        # What costs more here and less there comes to the same, and is moved by who leads the unit.
        if sum(later.yearly - earlier.yearly for earlier, later in own) <= 0:
            continue
        for earlier, later in own:
            more = later.yearly - earlier.yearly
            if later.entry and more > LARGE * abs(earlier.yearly) and undecided(later.entry, books):
                message = N_(
                    "The budget of {account} is {amount} kr a year from {day}, and was {was} kr, by no decision that "
                    'is named. Write below it who decided, the day and the paragraph:\n  {key}: "..."'
                )
                values = {
                    "account": later.account,
                    "amount": later.yearly,
                    "day": later.start,
                    "was": earlier.yearly,
                    "key": DECISION,
                }
                subject = Subject("budget", later.account, later.start.year)
                yield Finding(later.entry, subject, message, values)


TIMES = 4
"""How many times last year's a budget is, or is of it, that has a wrong interval or a digit too many."""

NOTABLE = Decimal(100_000)
"""Kronor a year below which a budget that grows or shrinks many times is of something small."""


@rule(
    "B910",
    title=N_("A budget is of the size of last year's, or names its decision."),
    why=N_(
        "Monthly for yearly makes a budget twelve times what was decided, a digit too many ten times: report 2.7 and "
        "3.5 then compare with what nobody has decided, and any cost is within it."
    ),
    mend=N_("Compare with the decided budget: put the interval or the amount right, or write beslut below it."),
    after=["B901", "B903", "B905", "B906"],
    warns=True,
)
def budget_of_usual_size(books: Books) -> Iterator[Finding]:
    years: dict[tuple[str, int], Budget] = {}
    for budget in sorted(books.declared(BUDGET), key=lambda each: each.start):
        last = years.get((budget.account, budget.start.year - 1))
        years.setdefault((budget.account, budget.start.year), budget)
        if last is None or budget.entry is None or books.is_sealed(budget.start):
            continue
        less, more = sorted((abs(last.yearly), abs(budget.yearly)))
        if last.yearly * budget.yearly > 0 and more > TIMES * less and more >= NOTABLE and not _is_decided(budget):
            message = N_("{account} has a budget of {amount} kr a year from {day}; it was {was} kr the year before.")
            values = {"account": budget.account, "amount": budget.yearly, "day": budget.start, "was": last.yearly}
            yield Finding(budget.entry, Subject("budget", budget.account, budget.start.year), message, values)


def _is_decided(budget: Budget) -> bool:
    return budget.entry is not None and names_decision(budget.entry)
