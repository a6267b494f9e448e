"""Provisions: obligations that are expensed when they are decided, and paid over later years.

    2014-12-12 custom "provision" "E20" Liabilities:RU:2293-Statlig-infrastruktur:E20
      benamning: "Bidrag till statlig infrastruktur"
      totalbelopp: 15000000.00 SEK
    2023-12-31 custom "provision-plan" "E20" "Index" -1972256.00 SEK
    2024-12-31 custom "provision-plan" "E20" "Utbetalning" 3150999.00 SEK

`Grundbelopp` (the decided amount) and `Index` raise the provision, `Utbetalning` lowers it; each has an account
of its own below the provision's. The plan also holds the years before the books; several plans of a kind and
year add up. The directive is dated the day of the decision.

    2023-12-31 * "Indexuppräkning av avsättning E20 2023"
      ver: "B 4"
      Expenses:RU:4520-Statlig-infrastruktur:Index           -1972256.00 SEK
      Liabilities:RU:2293-Statlig-infrastruktur:E20:Index     1972256.00 SEK

    2024-04-15 * "Trafikverket" "Medfinansiering E20 enligt avtal"
      ver: "U 191"
      Liabilities:RU:2293-Statlig-infrastruktur:E20:Utbetalning  1260399.60 SEK
      Assets:FK:1610-Internbank                                 -1260399.60 SEK

A later directive of the same provision, on the same account, gives it another label or another total from its date on.
A plan is revised by the rows of the years that are not closed: another row of a kind and year adds to what is there.

A voucher and the corrections that name it (`rattar`) are judged as one.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property, partial
from itertools import groupby
from typing import Any, NamedTuple

from beancount.core import data

from forbundsbok.plugins.accounts import parse_account
from forbundsbok.plugins.books import Books
from forbundsbok.plugins.corrections import CORRECTS, Booking, has_amount
from forbundsbok.plugins.decisions import DECISION, undecided
from forbundsbok.plugins.directives import Field, Kind, account_under, money, one_of, positive_money, text
from forbundsbok.plugins.findings import Add, Finding, FixProposal, Message, Remove, Step, Subject
from forbundsbok.plugins.internal import PARTY
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.ledger_text import posting, voucher
from forbundsbok.plugins.money import ZERO
from forbundsbok.plugins.numbers import FreeNumbers, series_of
from forbundsbok.plugins.parties import same_party
from forbundsbok.plugins.places import place
from forbundsbok.plugins.revisions import Revised
from forbundsbok.plugins.roles import Role, Roles
from forbundsbok.plugins.rulebook import Sees, rule, unreadable
from forbundsbok.plugins.years import first_day_of_year

RAISES = {"Grundbelopp": True, "Index": True, "Utbetalning": False}
"""The kinds of movement of a provision, and whether each raises it."""

NARRATIONS = {"Grundbelopp": "Beslut om avsättning", "Index": "Indexuppräkning av avsättning"}
"""What a voucher that raises a provision says, before the provision's code and the year."""


@dataclass(frozen=True)
class Provision(Revised):
    """An obligation, its account, and its plan: kronor per kind and year, payments positive."""

    code: str
    account: str
    label: str
    plan: Mapping[tuple[str, int], Decimal]
    price_level: str = ""
    total: Decimal = ZERO

    @property
    def unit(self) -> str:
        name = parse_account(self.account)
        return name.unit if name else ""

    @property
    def decided(self) -> date:
        return self.states[0].since

    def revised_by(self, later: "Provision") -> "Provision":
        """Return what a later directive makes of it: what that does not write is as it was."""
        return replace(later, price_level=later.price_level or self.price_level, earlier=self.states)

    def revises(self, before: "Provision") -> bool:
        """Tell whether it says something new of the same provision, later."""
        same = (self.code, self.account) == (before.code, before.account) and before.since < self.since
        return same and before.revised_by(self) != before

    def may_raise(self, account: str) -> bool:
        """Tell whether an account may be the other side of what raises it."""
        name = parse_account(account)
        return name is not None and name.root == "Expenses" and name.unit == self.unit

    def account_of(self, kind: str) -> str:
        """Return the account of one kind of movement."""
        return f"{self.account}:{kind}"

    def planned_change(self, kind: str, year: int) -> Decimal:
        """Return what the plan moves on the account of a kind in a year: kronor, debit positive."""
        return as_planned(kind, self.plan.get((kind, year), ZERO))


class Plan(NamedTuple):
    """What is to be moved of a kind in a year: kronor, payments positive."""

    code: str
    kind: str
    year: int
    amount: Decimal
    entry: data.Custom


PROVISION = Kind(
    "provision",
    values=(Field(N_("code"), text), Field(N_("account"), account_under("Liabilities"))),
    meta=(
        Field("benamning", text),
        Field("totalbelopp", positive_money),
        Field("prisniva", text, required=False),
        Field(DECISION, text, required=False),
    ),
    make=lambda entry, given: Provision(
        given["code"],
        given["account"],
        given["benamning"],
        {},
        given.get("prisniva", ""),
        given["totalbelopp"],
        entry=entry,
    ),
    example="""2014-12-12 custom "provision" "VÄG" Liabilities:ENHET:2293-Medfinansiering:Väg
  benamning: "Medfinansiering av väg"
  totalbelopp: 15000000.00 SEK""",
)

PLAN = Kind(
    "provision-plan",
    values=(Field(N_("provision"), text), Field(N_("kind"), one_of(*RAISES)), Field(N_("amount"), money)),
    meta=(Field(DECISION, text, required=False),),
    make=lambda entry, given: Plan(given["provision"], given["kind"], entry.date.year, given["amount"], entry),
    example='2024-12-31 custom "provision-plan" "VÄG" "Utbetalning" 3000000.00 SEK',
    about="provision",
    yearly=True,
)


def read_provisions(entries: Iterable[data.Directive]) -> list[Provision]:
    """Return the provisions with their plans, in the order of their first directives, as they have come to be."""
    entries = list(entries)
    return _with_plans(PROVISION.read_all(entries), PLAN.read_all(entries))


def as_planned(kind: str, debit: Decimal) -> Decimal:
    """Return a debit signed as the plan writes it, or the other way round."""
    return -debit if RAISES.get(kind) else debit


def may_pay(account: str, roles: Roles) -> bool:
    """Tell whether an account may be the other side of a release."""
    return roles.has(account, Role.MONEY, Role.SUPPLIERS)


def _with_plans(provisions: Iterable[Provision], plans: Iterable[Plan]) -> list[Provision]:
    planned: dict[str, dict[tuple[str, int], Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for plan in plans:
        planned[plan.code][plan.kind, plan.year] += plan.amount
    return [
        replace(
            provision,
            plan=dict(planned[provision.code]),
            earlier=tuple(replace(each, plan=dict(planned[provision.code])) for each in provision.earlier),
        )
        for provision in _as_revised(provisions)
    ]


def _as_revised(declared: Iterable[Provision]) -> list[Provision]:
    """Return provisions with what later directives make of them; what is no revision stands by itself."""
    provisions: list[Provision] = []
    for each in declared:
        before = next((index for index, other in enumerate(provisions) if each.revises(other)), None)
        if before is None:
            provisions.append(each)
        else:
            provisions[before] = provisions[before].revised_by(each)
    return provisions


class ScheduleItem(NamedTuple):
    """A kind of movement of a provision in a year, a figure of the schedule of note 20: `E20 Index 2023`."""

    code: str
    kind: str
    year: int

    def __str__(self) -> str:
        return " ".join(filter(None, [self.code, self.kind, str(self.year)]))


class Movement(NamedTuple):
    """What a booking moves on one account of a provision; debit positive, kind "" for an account of no kind."""

    booking: Booking
    entry: data.Transaction
    posting: data.Posting
    debit: Decimal
    code: str
    kind: str

    @property
    def day(self) -> date:
        return self.booking.day

    @property
    def item(self) -> ScheduleItem:
        return ScheduleItem(self.code, self.kind, self.day.year)

    @property
    def subjects(self) -> list[Subject]:
        return [Subject("voucher", place(self.booking.first)), Subject("provision", self.code, self.day.year)]

    @property
    def values(self) -> dict[str, object]:
        """What messages tell of it."""
        values = {"voucher": self.entry, "amount": abs(self.debit), "code": self.code, "day": self.day}
        return {**values, "account": self.posting.account, "item": str(self.item)}


class Schedule:
    """What is planned of the provisions, and what is booked on them, item by item.

    A provision whose account is not its own (P304) is not among them.
    """

    def __init__(self, books: Books) -> None:
        plans = books.declared(PLAN)
        shared = {each.code for pair in _conflicts(books) if pair[0].code != pair[1].code for each in pair}
        self.provisions: dict[str, Provision] = {}
        for provision in _with_plans(books.declared(PROVISION), plans):
            if provision.code not in shared:
                self.provisions.setdefault(provision.code, provision)
        self.currency = books.currency
        self.roles = books.roles
        self.boksluts = books.boksluts
        self.first_year = books.first_year
        self.plans: dict[ScheduleItem, list[Plan]] = defaultdict(list)
        for plan in plans:
            if plan.code in self.provisions:
                self.plans[ScheduleItem(plan.code, plan.kind, plan.year)].append(plan)
        self.accounts = {
            account: (provision, detail if detail in RAISES else "")
            for provision in self.provisions.values()
            for account in books.postings
            if _is_below(account, provision.account)
            for detail in [account[len(provision.account) + 1 :]]
        }
        self.movements: dict[ScheduleItem, list[Movement]] = defaultdict(list)
        self.openings: dict[str, list[Movement]] = defaultdict(list)
        self.unreadable: set[tuple[str, int]] = set()  # provisions and years with rows of no amount in the currency
        for booking in books.bookings(books.on_accounts(self.accounts)):
            self._sort(booking)
        self.differences = {item: debit for item in self._items() if (debit := self._excess(item))}
        self.mix_ups = self._take_mix_ups()

    def planned(self, item: ScheduleItem) -> Decimal:
        """Return what is planned of an item, as the plan writes it."""
        return self.provisions[item.code].plan.get((item.kind, item.year), ZERO)

    def booked(self, item: ScheduleItem) -> Decimal:
        """Return what is booked of an item, as the plan writes it."""
        return as_planned(item.kind, sum((each.debit for each in self.movements.get(item, ())), ZERO))

    def rule_of(self, item: ScheduleItem) -> str:
        """Return the rule that an item breaks whose books differ from its plan; "" where each movement breaks one."""
        if item.year in self.boksluts and self.planned(item):
            return "P305" if self.movements.get(item) else "P307"
        return "P306" if item.kind else ""

    @cached_property
    def all_movements(self) -> list[Movement]:
        """The movements of the years, opening balances not among them, in the order of their dates."""
        return sorted((each for movements in self.movements.values() for each in movements), key=lambda each: each.day)

    def movements_of(self, provision: Provision) -> list[Movement]:
        """Return the movements of the years of one provision."""
        return [each for each in self.all_movements if each.code == provision.code]

    def _sort(self, booking: Booking) -> None:
        """Tell what a booking moves: opening balances, or items of its year."""
        sums = booking.sums(self.currency)
        movements: dict[str, Movement] = {}
        for entry, row in booking.rows():
            if row.account in self.accounts:
                provision, kind = self.accounts[row.account]
                if not has_amount(row, self.currency):
                    self.unreadable.add((provision.code, booking.day.year))
                elif sums.get(row.account):
                    movements[row.account] = Movement(booking, entry, row, sums[row.account], provision.code, kind)
        opens = self._is_opening(booking)
        for movement in movements.values():
            (self.openings[movement.code] if opens else self.movements[movement.item]).append(movement)

    def _is_opening(self, booking: Booking) -> bool:
        rows = booking.plain_rows()
        begin = first_day_of_year(self.first_year)
        if booking.day > begin or any(row.account.startswith(("Income:", "Expenses:")) for row in rows):
            return False
        if any(row.account.startswith("Equity:") for row in rows):
            return True
        # A payment that is dated before the books is a payment with a wrong date.
        return booking.day < begin and not all(
            row.account.endswith(":Utbetalning") if row.account in self.accounts else may_pay(row.account, self.roles)
            for row in rows
        )

    def _items(self) -> list[ScheduleItem]:
        """Return the items of the years in the books, and those that anything is booked on, by year."""
        items = {item for item in self.plans if item.year >= self.first_year} | self.movements.keys()
        return sorted(items, key=lambda item: (item.year, item.code, item.kind))

    def _excess(self, item: ScheduleItem) -> Decimal:
        """Return what the books move more than planned, debit positive; a year that is open may lack some."""
        if (item.code, item.year) in self.unreadable:
            return ZERO
        booked, planned = self.booked(item), self.planned(item)
        if item.year < self.first_year:
            planned = ZERO  # the opening balance holds it
        elif item.year not in self.boksluts:
            lowest, highest = sorted((ZERO, planned))
            planned = min(max(booked, lowest), highest)
        return as_planned(item.kind, booked - planned)

    def _take_mix_ups(self) -> list[tuple[Movement, ScheduleItem]]:
        """Return what is one item's whole excess and just what another lacks; the two differ for that cause alone."""
        mix_ups = []
        for item in list(self.differences):
            for movement in self.movements.get(item, ()):
                proper = [other for other, debit in self.differences.items() if debit == -movement.debit]
                if movement.debit == self.differences.get(item) and proper:
                    mix_ups.append((movement, proper[0]))
                    del self.differences[item], self.differences[proper[0]]
                    break
        return mix_ups


def _conflicts(books: Books) -> list[tuple[Provision, Provision]]:
    """Return the provisions that are declared again or have another's account, each with that other."""
    conflicts = []
    clear: list[Provision] = []
    for provision in _as_revised(books.declared(PROVISION)):
        others = (each for each in clear if each.code == provision.code or _share(each.account, provision.account))
        if other := next(others, None):
            conflicts.append((provision, other))
        else:
            clear.append(provision)
    return conflicts


def _share(one: str, other: str) -> bool:
    return _is_below(one, other) or _is_below(other, one)


def _is_below(account: str, above: str) -> bool:
    return f"{account}:".startswith(f"{above}:")


def _about(code: str, *years: int) -> list[Subject]:
    return [Subject("provision", code, year) for year in years]


def _finding(
    at: Movement | Plan | Provision,
    subjects: Sequence[Subject],
    message: str,
    values: Mapping[str, Any],
    fix: Sequence[Step] = (),
    proposal: FixProposal | None = None,
) -> Finding:
    row = at.posting if isinstance(at, Movement) else None
    return Finding(at.entry, subjects[0], message, values, fix=fix, proposal=proposal, also=subjects[1:], posting=row)


MOVEMENTS = Sees(roles=("eget-kapital", "avsattning", "skuld"), keys=(CORRECTS,))
"""Vouchers with a row on a liability, which a provision may be, and corrections."""

PLANS = ("P302", "P303", "P311", "P313", "P314")
"""What is wrong with a plan, and so the cause of what is not as planned."""


unreadable(
    "P301",
    PROVISION,
    title=N_("A provision has a code, an account among the liabilities, a label and a decided total."),
    why=N_("Report 3.3 note 20 prints them, and the other rules rest on them."),
)
unreadable(
    "P302",
    PLAN,
    title=N_(
        "A plan names its provision, the kind of the movement and an amount of the ledger's currency, in whole öre."
    ),
    why=N_("The other rules, and the schedule of report 3.3 note 20, rest on it."),
)


@rule(
    "P303",
    title=N_("A plan is of a provision that the ledger has."),
    why=N_("A plan of no provision plans nothing."),
    mend=N_("Name the provision that is meant, or write its directive."),
    after=["P301"],
)
def planned_provision(books: Books) -> Iterator[Finding]:
    codes = sorted({provision.code for provision in books.declared(PROVISION)})
    strays: dict[str, list[Plan]] = defaultdict(list)
    for plan in books.declared(PLAN):
        if plan.code not in codes:
            strays[plan.code].append(plan)
    message = (
        N_('There is no provision "{code}"; the ledger has {codes}.')
        if codes
        else N_('There is no provision "{code}".')
    )
    for code, plans in strays.items():
        # What these plans are of, in truth, is not planned in their years.
        meant = [subject for each in codes for subject in _about(each, *{plan.year for plan in plans})]
        yield _finding(plans[0], [Subject("provision", code), *meant], message, {"code": code, "codes": codes})


@rule(
    "P304",
    title=N_("A provision is declared once, or later with something new, and its account is its own."),
    why=N_("Two provisions in one account cannot be told apart."),
    mend=N_("Remove one of the directives, or give it another account."),
)
def own_account(books: Books) -> Iterator[Finding]:
    for provision, other in _conflicts(books):
        values = {"code": provision.code, "account": provision.account, "first": other.entry}
        message, fix = N_("{account} of {code} is not its own: {other} has {theirs} ({first})."), list[Step]()
        if provision.code == other.code:
            message = N_("Provision {code} is declared twice, first at {first}.")
            if provision.account != other.account:
                message = N_(
                    "Provision {code} is on {theirs} ({first}) and stays there: a later directive gives it another "
                    "label or total. Another account is for another provision."
                )
            same = provision == other and provision.decided == other.decided
            fix = [Remove(provision.entry)] if provision.entry and same else []
        others = {"other": other.code, "theirs": other.account}
        yield _finding(provision, [Subject("provision", provision.code)], message, {**values, **others}, fix)


@rule(
    "P316",
    title=N_("A provision that is made, or whose total is changed, names its decision."),
    why=N_(
        "RKR R9: a provision is an obligation that the federation has taken on, so somebody has decided it. Without "
        "that it is a cost that is moved to another year."
    ),
    mend=N_("Write beslut below the provision: who decided, the day and the paragraph."),
    after=["P301", "P304"],
    warns=True,
)
def decided_provisions(books: Books) -> Iterator[Finding]:
    totals: dict[str, Decimal] = {}
    for provision in books.declared(PROVISION):
        before = totals.get(provision.code)
        totals[provision.code] = provision.total
        if before == provision.total or not provision.entry or not undecided(provision.entry, books):
            continue
        message = N_(
            "The provision {code}, {total} kr, is made {day} by no decision that is named. Write below it who decided, "
            'the day and the paragraph:\n  {key}: "..."'
        )
        if before is not None:
            message = N_(
                "The provision {code} is {total} kr from {day}, and was {was} kr before, by no decision that is named. "
                'Write below it who decided, the day and the paragraph:\n  {key}: "..."'
            )
        values = {"code": provision.code, "total": provision.total, "day": provision.entry.date, "was": before}
        yield _finding(provision, [Subject("provision", provision.code)], message, {**values, "key": DECISION})


UNLIKE = N_("{item} is {booked} kr in the books and {planned} kr in the plan. Booked: {vouchers}.")
UNPLANNED = N_("{item} is not planned, but {booked} kr is booked: {vouchers}.")
TOO_EARLY = N_("{item} is before the books, whose opening balance holds it, but {booked} kr is booked: {vouchers}.")


def _unlike_plan(books: Books, code: str) -> Iterator[Finding]:
    """Yield the items that are not as planned and break one rule."""
    schedule = books.once(Schedule)
    for item in schedule.differences:
        if schedule.rule_of(item) == code:
            movements, booked, planned = schedule.movements[item], schedule.booked(item), schedule.planned(item)
            message = TOO_EARLY if item.year < schedule.first_year else UNLIKE if planned else UNPLANNED
            vouchers = [each.entry for each in movements]
            values = {"item": str(item), "booked": booked, "planned": planned, "vouchers": vouchers}
            yield _finding(movements[-1], _about(item.code, item.year), message, values)


@rule(
    "P305",
    title=N_("Per provision, year and kind, the books equal the plan in every year with bokslut."),
    why=N_("Report 3.3 note 20: the schedule is both what was decided and what was booked."),
    mend=N_("Correct the vouchers that the message lists or, where the books are right, the plan."),
    after=[*PLANS, "P312"],
    sees=MOVEMENTS,
)
def booked_as_planned(books: Books) -> Iterator[Finding]:
    return _unlike_plan(books, "P305")


@rule(
    "P306",
    title=N_(
        "Nothing moves unplanned: no kind or year without plan, no more than planned, nothing before the decision."
    ),
    why=N_("A provision is used for what it was made for, and for nothing else (RKR R9)."),
    mend=N_("Correct the voucher or, where it is right, write its plan."),
    after=[*PLANS, "P312"],
    sees=MOVEMENTS,
)
def nothing_unplanned(books: Books) -> Iterator[Finding]:
    breaches: dict[Subject, Finding] = {}
    for finding in _unplanned_movements(books.once(Schedule)):
        breaches.setdefault(finding.subject, finding)
    yield from breaches.values()
    yield from _unlike_plan(books, "P306")


def _unplanned_movements(schedule: Schedule) -> Iterator[Finding]:
    """Yield what single movements show to be wrong; of two findings about a voucher the first is the cause."""
    for movement, proper in schedule.mix_ups:
        message = N_("{voucher} moves {amount} kr as {item}, which is not planned: that amount is planned as {proper}.")
        subjects = [*movement.subjects, *_about(proper.code, proper.year)]
        yield _finding(movement, subjects, message, {**movement.values, "proper": str(proper)})
    for movement in schedule.all_movements:
        if not movement.kind:
            message = N_(
                "{voucher} moves {amount} kr on {account}, which is of no kind. A provision moves on {accounts}."
            )
            accounts = [schedule.provisions[movement.code].account_of(kind) for kind in RAISES]
            yield _finding(movement, movement.subjects, message, {**movement.values, "accounts": accounts})
    for provision in schedule.provisions.values():
        # A wrong day of decision is one mistake, however many vouchers come before it.
        for movement in [each for each in schedule.movements_of(provision) if each.day < provision.decided][:1]:
            message = N_("{voucher} moves {code} on {day}, before it was decided on {decided} ({decision}).")
            decision = {"decided": provision.decided, "decision": provision.entry}
            yield _finding(movement, movement.subjects, message, {**movement.values, **decision})


@rule(
    "P307",
    title=N_("What is planned is booked when its year has bokslut."),
    why=N_("Report 3.3 note 20; a release or an index that is forgotten gives the wrong debt and the wrong result."),
    mend=N_("Book what is planned or, where it was not to be, correct the plan."),
    after=[*PLANS, "P312"],
    sees=MOVEMENTS,
)
def planned_is_booked(books: Books) -> Iterator[Finding]:
    schedule = books.once(Schedule)
    for item in schedule.differences:
        if schedule.rule_of(item) == "P307":
            plan, planned = schedule.plans[item][-1], schedule.planned(item)
            message = N_("{item} is planned with {planned} kr, but nothing is booked, and {year} has bokslut.")
            values = {"item": str(item), "planned": planned, "year": item.year}
            proposal = partial(_booked_as_before, books, item, plan.entry.date)
            yield _finding(plan, _about(item.code, item.year), message, values, proposal=proposal)


def _booked_as_before(books: Books, item: ScheduleItem, day: date, numbers: FreeNumbers) -> list[Step]:
    """Return the step that raises a provision against the account of the last such voucher; none where none is known.

    That a release has been paid follows from no plan.
    """
    schedule = books.once(Schedule)
    provision, amount = schedule.provisions[item.code], schedule.planned(item)
    if not RAISES[item.kind]:
        return []
    for movement in reversed(schedule.all_movements):
        others = [row.account for row in movement.booking.plain_rows() if row.account != movement.posting.account]
        if movement.item[:2] == item[:2] and len(others) == 1 and provision.may_raise(others[0]):
            expense = posting(others[0], amount, books.currency)
            debt = posting(provision.account_of(item.kind), -amount, books.currency)
            ver = numbers.lacking(series_of(movement.entry, "B"), day)
            narration = f"{NARRATIONS[item.kind]} {item.code} {item.year}"
            return [Add([voucher(day, narration, ver, [expense, debt])], movement.entry)]
    return []


def _against_others(
    schedule: Schedule, movements: Iterable[Movement], may: Callable[[str], bool], message: str
) -> Iterator[Finding]:
    """Yield the bookings whose other side is not on the accounts that it may be on."""
    bookings: dict[int, list[Movement]] = defaultdict(list)
    for movement in movements:
        bookings[id(movement.booking)].append(movement)
    for of_booking in bookings.values():
        first, sums = of_booking[0], of_booking[0].booking.sums(schedule.currency)
        due = -sum((movement.debit for movement in of_booking), ZERO)
        proper = [number for account, number in sums.items() if may(account)]
        if due == sum(proper) or due in proper:
            continue
        others = [account for account in sums if account not in schedule.accounts and not may(account)]
        row = next((row for _, row in first.booking.rows() if row.account in others), first.posting)
        # Two sides that differ in amount alone are no more than an amount that is not as planned.
        subjects = first.subjects[:1] if others else first.subjects
        values = {"wrong": others or Message(N_("another amount")), "unit": schedule.provisions[first.code].unit}
        yield _finding(first._replace(posting=row), subjects, message, {**first.values, **values})


@rule(
    "P308",
    title=N_(
        "A release is paid from internal bank, bank or accounts payable (161x, 19xx, 25xx), never through the result."
    ),
    why=N_("The cost was taken when the provision was made; through the result it would be taken twice."),
    mend=N_("Book the other side of the release on one of those accounts."),
    after=["P305", "P306"],
    sees=MOVEMENTS,
)
def paid_from_the_bank(books: Books) -> Iterator[Finding]:
    schedule = books.once(Schedule)
    message = N_(
        "{voucher} moves {amount} kr as {item} against {wrong}. A release is paid from internal bank, bank or accounts "
        "payable (161x, 19xx, 25xx)."
    )
    releases = [each for each in schedule.all_movements if each.kind and not RAISES[each.kind]]
    return _against_others(schedule, releases, partial(may_pay, roles=books.roles), message)


@rule(
    "P309",
    title=N_("Base amount and index go through the expenses of the provision's own unit."),
    why=N_("Report 3.1.3 and 3.3 note 20: the unit that decided bears the cost in the year of the decision."),
    mend=N_("Book the other side on the expenses of the provision's unit."),
    after=["P305", "P306"],
    sees=MOVEMENTS,
)
def expensed_by_its_unit(books: Books) -> Iterator[Finding]:
    schedule = books.once(Schedule)
    message = N_("{voucher} moves {amount} kr as {item} against {wrong}. It goes through the expenses of {unit}.")
    for provision in schedule.provisions.values():
        raises = [each for each in schedule.movements_of(provision) if RAISES.get(each.kind)]
        yield from _against_others(schedule, raises, provision.may_raise, message)


@rule(
    "P310",
    title=N_("A provision is never overdrawn, on any date."),
    why=N_("It is a debt; what is paid beyond it is a cost that nobody has decided."),
    mend=N_("Correct the vouchers, or decide on more."),
    after=[*PLANS, "P305", "P306", "P307", "P308", "P309", "P312"],
    sees=MOVEMENTS,
)
def never_overdrawn(books: Books) -> Iterator[Finding]:
    schedule = books.once(Schedule)
    message = N_("{code} is overdrawn by {over} kr on {day}: {voucher} takes {amount} kr, but only {left} kr was left.")
    for code, provision in schedule.provisions.items():
        history = [*schedule.openings[code], *schedule.movements_of(provision)]
        debit = ZERO
        for day, of_day in groupby(sorted(history, key=lambda each: each.day), key=lambda each: each.day):
            movements = list(of_day)
            debit += sum((movement.debit for movement in movements), ZERO)
            if debit > ZERO:
                last = [movement for movement in movements if movement.debit > ZERO][-1]
                # Whatever was wrong until that day explains it.
                years = {year for _, year in provision.plan} | {each.day.year for each in history}
                subjects = _about(code, *sorted(year for year in years if year <= day.year))
                yield _finding(last, subjects, message, {**last.values, "over": debit, "left": last.debit - debit})
                break


@rule(
    "P311",
    title=N_("The base amounts of a provision never exceed the decided total."),
    why=N_("The decision is of so much and no more; only index comes on top."),
    mend=N_("Correct the plan or, after a new decision, the total."),
)
def within_the_decision(books: Books) -> Iterator[Finding]:
    schedule = books.once(Schedule)
    message = N_(
        "With this plan the base amounts of {code} come to {planned} kr, but {total} kr was decided ({decision})."
    )
    for code, provision in schedule.provisions.items():
        plans = [plan for plan in books.declared(PLAN) if plan[:2] == (code, "Grundbelopp")]
        planned = ZERO
        for plan in plans:
            planned += plan.amount
            # Each row by what was decided when it was to be booked, and all of them by what is decided now.
            decisions = [provision.at(plan.entry.date), *([provision] if plan is plans[-1] else [])]
            decided = next((each for each in decisions if planned > each.total), None)
            if decided:
                values = {"code": code, "planned": planned, "total": decided.total, "decision": decided.entry}
                yield _finding(plan, _about(code, *{each.year for each in plans}), message, values)
                break


@rule(
    "P312",
    title=N_("The opening balance of a provision equals its plan before the first year of the books."),
    why=N_("The history stands in the plan alone, so the debt that the books begin with must be what it leaves."),
    mend=N_("Correct the opening balance or the plan."),
    after=PLANS,
    sees=MOVEMENTS,
)
def opened_as_planned(books: Books) -> Iterator[Finding]:
    schedule = books.once(Schedule)
    last = schedule.first_year - 1
    # A plan that cannot be read may be of any of the years before the books.
    before = {entry.date.year for entry in books.customs(PLAN.type) if entry.date.year < last}
    for code, provision in schedule.provisions.items():
        openings = schedule.openings[code]
        differences: dict[str, Message] = {}
        for kind in RAISES:
            planned = sum(
                (amount for (of, year), amount in provision.plan.items() if of == kind and year <= last), ZERO
            )
            booked = as_planned(kind, sum((each.debit for each in openings if each.kind == kind), ZERO))
            if booked != planned and (code, last) not in schedule.unreadable:
                figures = {"kind": kind, "booked": booked, "planned": planned}
                differences[kind] = Message(N_("{kind} {booked} kr (planned {planned} kr)"), figures)
        if differences:
            message = N_("The opening balance of {code} is not what its plan until {year} leaves: {wrong}.")
            subjects = _about(code, last, *before)
            if not openings and not schedule.movements_of(provision):
                message = N_(
                    "Nothing at all is booked on {account}, nor the opening balance of {code} that its plan until "
                    "{year} leaves: {wrong}."
                )
                subjects = [Subject("provision", code)]
            order = sorted(openings, key=lambda each: each.kind not in differences)
            values = {"code": code, "year": last, "wrong": list(differences.values()), "account": provision.account}
            yield _finding(order[0] if order else provision, subjects, message, values)


@rule(
    "P313",
    title=N_("A row of a plan stands once."),
    why=N_("Rows of a kind and year add up: the same row twice plans twice the amount."),
    mend=N_("Remove one of the two; what is planned more is another row, with its own amount."),
)
def planned_once(books: Books) -> Iterator[Finding]:
    first: dict[tuple[str, str, date, Decimal], Plan] = {}
    for plan in books.declared(PLAN):
        other = first.setdefault((plan.code, plan.kind, plan.entry.date, plan.amount), plan)
        if other is not plan and not books.is_sealed(plan.entry.date):
            message = N_("{item} is planned with {amount} kr twice, first at {other}. One of the two must go.")
            item = ScheduleItem(plan.code, plan.kind, plan.year)
            values = {"item": str(item), "amount": plan.amount, "other": other.entry}
            yield _finding(plan, _about(plan.code, plan.year), message, values, fix=[Remove(plan.entry)])


@rule(
    "P314",
    title=N_("By its plan a provision never pays more than it holds."),
    why=N_("What is planned to be paid beyond what is decided and indexed is a cost that nobody has decided."),
    mend=N_("Correct the plan, or plan the index or the decision that raises the provision first."),
    after=["P302", "P303", "P311", "P313"],
)
def planned_within_holding(books: Books) -> Iterator[Finding]:
    schedule = books.once(Schedule)
    for code, provision in schedule.provisions.items():
        held = ZERO
        for year in sorted({year for _, year in provision.plan}):
            before = held
            amounts = {kind: provision.plan.get((kind, year), ZERO) for kind in RAISES}
            held += sum((amount if RAISES[kind] else -amount for kind, amount in amounts.items()), ZERO)
            paid = [plan for kind in RAISES for plan in schedule.plans.get(ScheduleItem(code, kind, year), ())]
            if held < min(before, ZERO) and not books.is_sealed(paid[-1].entry.date):
                message = N_(
                    "{code} is planned to pay {paid} kr in {year}, but would hold {held} kr: {over} kr too little."
                )
                out = sum((amount for kind, amount in amounts.items() if not RAISES[kind]), ZERO)
                raised = sum((amount for kind, amount in amounts.items() if RAISES[kind]), ZERO)
                values = {"code": code, "paid": out, "year": year, "held": before + raised, "over": -held}
                yield _finding(paid[-1], _about(code, year), message, values)
                break


@rule(
    "P315",
    title=N_("A provision is paid to the one to whom it has been paid."),
    why=N_("A provision is a promise to somebody: what is paid to another one leaves it, and the debt seems settled."),
    mend=N_("Write to whom the payment is, or acknowledge that the promise is to several, or has passed to another."),
    after=["P305", "P306", "P308"],
    sees=MOVEMENTS,
    warns=True,
)
def paid_to_the_same(books: Books) -> Iterator[Finding]:
    schedule = books.once(Schedule)
    for provision in schedule.provisions.values():
        known: list[str] = []
        for movement in sorted(schedule.movements_of(provision), key=lambda each: each.entry.date):
            if not movement.kind or RAISES[movement.kind] or movement.debit <= ZERO:
                continue
            named = (movement.entry.payee, movement.entry.meta.get(PARTY))
            payees = [each.strip() for each in named if isinstance(each, str) and each.strip()]
            payee = next((each for each in payees if not any(same_party(each, other) for other in known)), "")
            if known and payee:
                message = N_("{voucher} pays {amount} kr of {code} to {payee}; it has been paid to {others}.")
                values = {**movement.values, "payee": payee, "others": list(known)}
                yield _finding(movement, [Subject("voucher", place(movement.entry))], message, values)
            known += [each for each in dict.fromkeys(payees) if each not in known]


@rule(
    "P317",
    title=N_("What is planned to be paid beyond the plan of a year is decided."),
    why=N_("Who adds to the plan what is then paid is held to nothing: plan and books agree whatever leaves."),
    mend=N_("Write beslut below the row that is added: who decided, the day and the paragraph."),
    after=PLANS,
    warns=True,
)
def added_by_decision(books: Books) -> Iterator[Finding]:
    first: dict[ScheduleItem, Plan] = {}
    for plan in books.declared(PLAN):
        item = ScheduleItem(plan.code, plan.kind, plan.year)
        other = first.setdefault(item, plan)
        is_added = other is not plan and not RAISES[plan.kind] and plan.amount > 0
        if is_added and plan.entry and undecided(plan.entry, books):
            message = N_("{item} is planned with {amount} kr more than {planned} kr, and no decision is named.")
            values = {"item": str(item), "amount": plan.amount, "planned": other.amount}
            yield _finding(plan, _about(plan.code, plan.year), message, values)
