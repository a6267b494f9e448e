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

`slag` says that it is of another kind, which moves in other ways (`MOVES`), and `okar` and `minskar` name ways of its
own. A pension provision has no decided total; it may be taken over from a member, against bank or equity, and what is
soon to be paid of it is moved to a short debt:

    2022-12-31 custom "provision" "PENSION" Liabilities:STAB:2210-Pensioner
      benamning: "Pensioner"
      slag: "pension"
      okar: "Ändrat-antagande"
    2023-12-31 custom "provision-plan" "PENSION" "Nyintjänad" 700000.00 SEK
    2023-12-31 custom "provision-plan" "PENSION" "Utbetalning" 340000.00 SEK

A later directive of the same provision, on the same account, gives it another label or another total from its date on.
A plan is revised by the rows of the years that are not closed: another row of a kind and year adds to what is there.

A voucher and the corrections that name it (`rattar`) are judged as one.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import cached_property, partial
from itertools import groupby
from typing import Any, NamedTuple

from beancount.core import data

from forbundsbok.plugins.accounts import parse_account
from forbundsbok.plugins.books import Books
from forbundsbok.plugins.corrections import CORRECTS, Booking, has_amount, number_of
from forbundsbok.plugins.decisions import DECISION, undecided
from forbundsbok.plugins.directives import (
    Field,
    Kind,
    UnreadableError,
    account_under,
    money,
    one_of,
    positive_money,
    text,
    wrong,
)
from forbundsbok.plugins.findings import Add, Finding, FixProposal, Message, Remove, Step, Subject, as_written
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


class Against(Enum):
    """What the other side of a movement is."""

    COST = "costs of its own unit"
    ASSET = "the asset that it is part of the cost of"
    PAYER = "what it is paid from, or is to be paid from"
    OTHERS = "the bank, a claim or equity, where it comes from somebody else or goes to them"


class MovementKind(NamedTuple):
    """A kind of movement: whether it raises the provision, and what may be its other side."""

    raises: bool
    against: tuple[Against, ...]

    @property
    def is_paid(self) -> bool:
        return self.against == (Against.PAYER,)

    @property
    def is_taken_over(self) -> bool:
        return self.against == (Against.OTHERS,)


MOVES: Mapping[str, MovementKind] = {
    "Grundbelopp": MovementKind(True, (Against.COST, Against.ASSET)),
    "Index": MovementKind(True, (Against.COST, Against.ASSET)),
    "Nyintjänad": MovementKind(True, (Against.COST,)),
    "Ränta": MovementKind(True, (Against.COST,)),
    "Löneskatt": MovementKind(True, (Against.COST,)),
    "Övertagen": MovementKind(True, (Against.OTHERS,)),
    "Utbetalning": MovementKind(False, (Against.PAYER,)),
    "Använd": MovementKind(False, (Against.PAYER,)),
    "Betald-löneskatt": MovementKind(False, (Against.PAYER,)),
    "Upplösning": MovementKind(False, (Against.COST,)),
    "Överlåten": MovementKind(False, (Against.OTHERS,)),
}
"""The kinds of movement by name. `Övertagen` comes from a member with what it pays for it, `Överlåten` goes so."""

USUAL = ("Grundbelopp", "Index", "Utbetalning")
"""The kinds of a provision that does not say what it is."""

OWN_RISING = MovementKind(True, (Against.COST, Against.ASSET, Against.OTHERS))
OWN_LOWERING = MovementKind(False, (Against.COST, Against.PAYER, Against.OTHERS))
"""The kinds that a ledger names itself."""

RAISES: Mapping[str, bool] = {kind: move.raises for kind, move in MOVES.items()}
"""The kinds of movement, and whether each raises the provision."""

PENSION = "pension"
PENSIONS = ("pensionsavsattning", "pensionsloneskatt")
"""The kinds of account of provisions for pensions."""

SLAG = (PENSION, "ovrigt")
"""What a provision may say that it is."""

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
    total: Decimal | None = None
    slag: str = ""
    own: Mapping[str, MovementKind] = field(default_factory=dict)

    @property
    def unit(self) -> str:
        name = parse_account(self.account)
        return name.unit if name else ""

    @property
    def decided(self) -> date:
        return self.states[0].since

    def revised_by(self, later: "Provision") -> "Provision":
        """Return what a later directive makes of it: what that does not write is as it was."""
        return replace(
            later,
            price_level=later.price_level or self.price_level,
            total=self.total if later.total is None else later.total,
            slag=later.slag or self.slag,
            own={**self.own, **later.own},
            earlier=self.states,
        )

    def revises(self, before: "Provision") -> bool:
        """Tell whether it says something new of the same provision, later."""
        same = (self.code, self.account) == (before.code, before.account) and before.since < self.since
        return same and before.revised_by(self) != before

    @cached_property
    def moves(self) -> Mapping[str, MovementKind]:
        """The kinds of movement that it may have."""
        return {**(MOVES if self.slag else {kind: MOVES[kind] for kind in USUAL}), **self.own}

    def may_stand_against(self, account: str, against: Iterable[Against], roles: Roles) -> bool:
        """Tell whether an account may be the other side of a movement."""
        return any(self._is_against(account, each, roles) for each in against)

    def _is_against(self, account: str, against: Against, roles: Roles) -> bool:
        name = parse_account(account)
        if name is None:
            return False
        if against is Against.COST:
            return name.root == "Expenses" and name.unit == self.unit
        if against is Against.ASSET:
            return bool(self.slag) and roles.has(account, "infrastrukturbidrag", "anlaggning")
        if against is Against.PAYER:
            is_short = bool(self.slag) and roles.has(account, *SHORT_DEBTS)
            return roles.has(account, Role.MONEY, Role.SUPPLIERS) or (
                is_short and not roles.has(account, Role.PREPAID_INCOME)
            )
        return roles.has(account, Role.MONEY, Role.CUSTOMERS, Role.OTHER_CLAIMS, Role.OTHER_DEBTS, Role.EQUITY)

    def account_of(self, kind: str) -> str:
        """Return the account of one kind of movement."""
        return f"{self.account}:{kind}"

    def planned_change(self, kind: str, year: int) -> Decimal:
        """Return what the plan moves on the account of a kind in a year: kronor, debit positive."""
        return self.as_planned(kind, self.plan.get((kind, year), ZERO))

    def as_planned(self, kind: str, debit: Decimal) -> Decimal:
        """Return a debit signed as the plan writes it, or the other way round."""
        return -debit if kind in self.moves and self.moves[kind].raises else debit


class Plan(NamedTuple):
    """What is to be moved of a kind in a year: kronor, payments positive."""

    code: str
    kind: str
    year: int
    amount: Decimal
    entry: data.Custom


SHORT_DEBTS = (Role.PAYROLL_DEBTS, Role.OTHER_DEBTS, Role.ACCRUED)
"""The debts to which what is soon to be paid is moved: payroll tax, pensions, others."""


def _kinds(value: Any, currency: str | None) -> list[str]:
    """Read kinds of movement with commas between, each of which is the last part of an account."""
    kinds = [each.strip() for each in text(value, currency).split(",")]
    for kind in kinds:
        if not re.fullmatch(r"[^\W_a-zåäö][^\W_-]*(-[^\W_]+)*", kind):
            raise wrong(N_('"{kind}" cannot be the last part of an account, as "Ändrat-antagande"'), kind=kind)
        if kind in MOVES:
            raise wrong(N_('"{kind}" is known: it needs no word of its own'), kind=kind)
    return kinds


def _provision(entry: data.Custom, given: Mapping[str, Any]) -> Provision:
    own = dict.fromkeys(given.get("okar", ()), OWN_RISING)
    return Provision(
        given["code"],
        given["account"],
        given["benamning"],
        {},
        given.get("prisniva", ""),
        given.get("totalbelopp"),
        given.get("slag", ""),
        {**own, **dict.fromkeys(given.get("minskar", ()), OWN_LOWERING)},
        entry=entry,
    )


PROVISION = Kind(
    "provision",
    values=(Field(N_("code"), text), Field(N_("account"), account_under("Liabilities"))),
    meta=(
        Field("benamning", text),
        Field("totalbelopp", positive_money, unless="slag"),
        Field("slag", one_of(*SLAG), required=False),
        Field("okar", _kinds, required=False),
        Field("minskar", _kinds, required=False),
        Field("prisniva", text, required=False),
        Field(DECISION, text, required=False),
    ),
    make=_provision,
    example="""2014-12-12 custom "provision" "VÄG" Liabilities:ENHET:2293-Medfinansiering:Väg
  benamning: "Medfinansiering av väg"
  totalbelopp: 15000000.00 SEK""",
)

PLAN = Kind(
    "provision-plan",
    values=(Field(N_("provision"), text), Field(N_("kind"), text), Field(N_("amount"), money)),
    meta=(Field(DECISION, text, required=False),),
    make=lambda entry, given: Plan(given["provision"], given["kind"], entry.date.year, given["amount"], entry),
    example='2024-12-31 custom "provision-plan" "VÄG" "Utbetalning" 3000000.00 SEK',
    about="provision",
    yearly=True,
)


def read_provisions(entries: Iterable[data.Directive]) -> list[Provision]:
    """Return the provisions with their plans, in the order of their first directives, as they have come to be."""
    entries = list(entries)
    provisions = _as_revised(PROVISION.read_all(entries))
    return _with_plans(provisions, _sorted_plans(provisions, PLAN.read_all(entries)).plans)


class _SortedPlans(NamedTuple):
    """The plans that are of a kind that their provision has, and the others, each with the reason."""

    plans: list[Plan]
    of_no_kind: list[tuple[Plan, Message]]


def _sorted_plans(provisions: Iterable[Provision], plans: Iterable[Plan]) -> _SortedPlans:
    moves = {each.code: each.moves for each in reversed(list(provisions))}
    in_order = _SortedPlans([], [])
    for plan in plans:
        try:
            # What a provision may be that is not there, nobody knows.
            one_of(*moves.get(plan.code, [plan.kind]))(plan.kind, None)
            in_order.plans.append(plan)
        except UnreadableError as error:
            in_order.of_no_kind.append((plan, error.why))
    return in_order


def sorted_plans(books: Books) -> _SortedPlans:
    """Return the plans of the books."""
    begin = _opened(books)
    plans = books.declared(PLAN)
    if begin > first_day_of_year(books.first_year):
        # What a federation that is formed within a year brings with it is of before its books.
        brought = [plan.year == books.first_year and plan.entry.date <= begin for plan in plans]
        plans = [plan._replace(year=plan.year - each) for plan, each in zip(plans, brought, strict=True)]
    return _sorted_plans(_as_revised(books.declared(PROVISION)), plans)


def _opened(books: Books) -> date:
    """Return the last day of an opening balance: the first day of the first year, or later when all begins later."""
    first_day = first_day_of_year(books.first_year)
    return books.first_booked if first_day < books.first_booked < date.max else first_day


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
        for provision in provisions
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
        plans = books.once(sorted_plans).plans
        shared = {each.code for pair in _conflicts(books) if pair[0].code != pair[1].code for each in pair}
        self.provisions: dict[str, Provision] = {}
        for provision in _with_plans(_as_revised(books.declared(PROVISION)), plans):
            if provision.code not in shared:
                self.provisions.setdefault(provision.code, provision)
        self.currency = books.currency
        self.roles = books.roles
        self.boksluts = books.boksluts
        self.first_year = books.first_year
        self.opened = _opened(books)
        self.plans: dict[ScheduleItem, list[Plan]] = defaultdict(list)
        for plan in plans:
            if plan.code in self.provisions:
                self.plans[ScheduleItem(plan.code, plan.kind, plan.year)].append(plan)
        self.accounts = {
            account: (provision, detail if detail in provision.moves else "")
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
        debit = sum((each.debit for each in self.movements.get(item, ())), ZERO)
        return self.provisions[item.code].as_planned(item.kind, debit)

    def moves(self, movement: "Movement") -> MovementKind:
        """Return what kind of movement it is. Raises KeyError where its account is of none."""
        return self.provisions[movement.code].moves[movement.kind]

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
        own = {row.account: self.accounts[row.account] for row in rows if row.account in self.accounts}
        moves = [provision.moves.get(kind) for provision, kind in own.values()]
        if moves and all(move and move.is_taken_over for move in moves):
            return False
        begin = self.opened
        if booking.day > begin or any(row.account.startswith(("Income:", "Expenses:")) for row in rows):
            return False
        if any(row.account.startswith("Equity:") for row in rows):
            return True
        # A payment that is dated before the books is a payment with a wrong date.
        paid = all(move and move.is_paid for move in moves)
        payers = [row.account for row in rows if row.account not in own]
        may_pay = next((provision.may_stand_against for provision, _ in own.values()), None)
        return booking.day < begin and not (
            paid and may_pay and all(may_pay(account, (Against.PAYER,), self.roles) for account in payers)
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
        return self.provisions[item.code].as_planned(item.kind, booked - planned)

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


@rule(
    "P302",
    title=N_(
        "A plan names its provision, the kind of the movement and an amount of the ledger's currency, in whole öre."
    ),
    why=N_("The other rules, and the schedule of report 3.3 note 20, rest on it."),
    mend=N_("Write the directive as the message shows."),
)
def plan_that_cannot_be_read(books: Books) -> Iterator[Finding]:
    for entry, why in books.unread(PLAN):
        yield PLAN.finding(entry, why, books.currency)
    provisions = {each.code: each for each in _as_revised(books.declared(PROVISION))}
    for plan, why in books.once(sorted_plans).of_no_kind:
        code, kind, amount = PLAN.values
        of_its_kinds = replace(kind, read=one_of(*provisions[plan.code].moves))
        of_provision = replace(PLAN, values=(code, of_its_kinds, amount))
        yield of_provision.finding(plan.entry, why, books.currency)


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
    for plan in books.once(sorted_plans).plans:
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
    totals: dict[str, Decimal | None] = {}
    for provision in books.declared(PROVISION):
        is_new, before = provision.code not in totals, totals.get(provision.code)
        totals[provision.code] = provision.total
        # What is earned of pensions nobody decides.
        if provision.slag == PENSION or not (is_new or before != provision.total):
            continue
        if not provision.entry or not undecided(provision.entry, books):
            continue
        message = N_(
            "The provision {code}, {total} kr, is made {day} by no decision that is named. Write below it who decided, "
            'the day and the paragraph:\n  {key}: "..."'
        )
        if provision.total is None:
            message = N_(
                "The provision {code} is made {day} by no decision that is named. Write below it who decided, the day "
                'and the paragraph:\n  {key}: "..."'
            )
        elif before is not None:
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
            provision = schedule.provisions[movement.code]
            accounts = [provision.account_of(kind) for kind in provision.moves]
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
    if not provision.moves[item.kind].raises:
        return []
    for movement in reversed(schedule.all_movements):
        others = [row.account for row in movement.booking.plain_rows() if row.account != movement.posting.account]
        if movement.item[:2] != item[:2] or len(others) != 1:
            continue
        if provision.may_stand_against(others[0], (Against.COST,), books.roles):
            expense = posting(others[0], amount, books.currency)
            debt = posting(provision.account_of(item.kind), -amount, books.currency)
            ver = numbers.lacking(series_of(movement.entry, "B"), day)
            narration = f"{NARRATIONS.get(item.kind, item.kind)} {item.code} {item.year}"
            return [Add([voucher(day, narration, ver, [expense, debt])], movement.entry)]
    return []


def _against_others(
    schedule: Schedule, movements: Iterable[Movement], message: Callable[[Provision], str]
) -> Iterator[Finding]:
    """Yield the bookings whose other side is not on the accounts that it may be on."""
    bookings: dict[int, list[Movement]] = defaultdict(list)
    for movement in movements:
        bookings[id(movement.booking)].append(movement)
    for of_booking in bookings.values():
        first, sums = of_booking[0], of_booking[0].booking.sums(schedule.currency)
        provision = schedule.provisions[first.code]
        against = {each for movement in of_booking for each in schedule.moves(movement).against}
        due = -sum((movement.debit for movement in of_booking), ZERO)
        # The VAT of the invoice by which it is used stands on the side of what is used.
        taxed = {
            account
            for account, number in sums.items()
            if all(schedule.moves(movement).is_paid for movement in of_booking)
            and schedule.roles.has(account, Role.INPUT_VAT)
            and number * due < 0
        }

        def may(
            account: str,
            against: set[Against] = against,
            provision: Provision = provision,
            taxed: set[str] = taxed,
        ) -> bool:
            own = account in schedule.accounts
            return not own and (account in taxed or provision.may_stand_against(account, against, schedule.roles))

        proper = [number for account, number in sums.items() if may(account)]
        if due == sum(proper) or due in proper:
            continue
        others = [account for account in sums if account not in schedule.accounts and not may(account)]
        row = next((row for _, row in first.booking.rows() if row.account in others), first.posting)
        # Two sides that differ in amount alone are no more than an amount that is not as planned.
        subjects = first.subjects[:1] if others else first.subjects
        values = {"wrong": others or Message(N_("another amount")), "unit": provision.unit}
        yield _finding(first._replace(posting=row), subjects, message(provision), {**first.values, **values})


@rule(
    "P308",
    title=N_("A release is paid from internal bank, bank or accounts payable, never through the result."),
    why=N_("The cost was taken when the provision was made; through the result it would be taken twice."),
    mend=N_("Book the other side of the release on one of those accounts."),
    after=["P305", "P306"],
    sees=MOVEMENTS,
)
def paid_from_the_bank(books: Books) -> Iterator[Finding]:
    schedule = books.once(Schedule)
    usual = N_(
        "{voucher} moves {amount} kr as {item} against {wrong}. A release is paid from internal bank, bank or accounts "
        "payable."
    )
    of_slag = N_(
        "{voucher} moves {amount} kr as {item} against {wrong}. It is paid from bank or accounts payable, or moved to "
        "a short debt from which it is paid."
    )
    releases = [each for each in schedule.all_movements if each.kind and schedule.moves(each).is_paid]
    return _against_others(schedule, releases, lambda provision: of_slag if provision.slag else usual)


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
    costs = N_("{voucher} moves {amount} kr as {item} against {wrong}. It goes through the expenses of {unit}.")
    others = N_(
        "{voucher} moves {amount} kr as {item} against {wrong}. What comes from somebody else, or goes to them, does "
        "so with money, a claim or a debt, or against equity."
    )
    for provision in schedule.provisions.values():
        moved = [each for each in schedule.movements_of(provision) if each.kind and not schedule.moves(each).is_paid]
        taken_over = [each for each in moved if schedule.moves(each).is_taken_over]
        yield from _against_others(schedule, (each for each in moved if each not in taken_over), lambda _: costs)
        yield from _against_others(schedule, taken_over, lambda _: others)


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
        plans = [plan for plan in books.once(sorted_plans).plans if plan[:2] == (code, "Grundbelopp")]
        planned = ZERO
        for plan in plans:
            planned += plan.amount
            # Each row by what was decided when it was to be booked, and all of them by what is decided now.
            decisions = [provision.at(plan.entry.date), *([provision] if plan is plans[-1] else [])]
            decided = next((each for each in decisions if each.total is not None and planned > each.total), None)
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
        for kind in provision.moves:
            planned = sum(
                (amount for (of, year), amount in provision.plan.items() if of == kind and year <= last), ZERO
            )
            booked = provision.as_planned(kind, sum((each.debit for each in openings if each.kind == kind), ZERO))
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
    for plan in books.once(sorted_plans).plans:
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
            raises = {kind: move.raises for kind, move in provision.moves.items()}
            amounts = {kind: provision.plan.get((kind, year), ZERO) for kind in raises}
            held += sum((amount if raises[kind] else -amount for kind, amount in amounts.items()), ZERO)
            paid = [plan for kind in raises for plan in schedule.plans.get(ScheduleItem(code, kind, year), ())]
            if held < min(before, ZERO) and not books.is_sealed(paid[-1].entry.date):
                message = N_(
                    "{code} is planned to pay {paid} kr in {year}, but would hold {held} kr: {over} kr too little."
                )
                out = sum((amount for kind, amount in amounts.items() if not raises[kind]), ZERO)
                raised = sum((amount for kind, amount in amounts.items() if raises[kind]), ZERO)
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
        if provision.slag == PENSION:  # which is a promise to many
            continue
        known: list[str] = []
        for movement in sorted(schedule.movements_of(provision), key=lambda each: each.entry.date):
            if not movement.kind or not schedule.moves(movement).is_paid or movement.debit <= ZERO:
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
    title=N_("What is planned to be paid beyond the plan of a year, or to be taken back, is decided."),
    why=N_("Who adds to the plan what is then paid is held to nothing: plan and books agree whatever leaves."),
    mend=N_("Write beslut below the row that is added: who decided, the day and the paragraph."),
    after=PLANS,
    warns=True,
)
def added_by_decision(books: Books) -> Iterator[Finding]:
    first: dict[ScheduleItem, Plan] = {}
    provisions = {each.code: each for each in _as_revised(books.declared(PROVISION))}
    for plan in books.once(sorted_plans).plans:
        provision = provisions.get(plan.code)
        if provision and provision.slag == PENSION:
            continue
        item = ScheduleItem(plan.code, plan.kind, plan.year)
        other = first.setdefault(item, plan)
        is_added = other is not plan and not RAISES.get(plan.kind, True) and plan.amount > 0
        is_taken_back = RAISES.get(plan.kind, False) and plan.amount < 0
        if (is_added or is_taken_back) and plan.entry and undecided(plan.entry, books):
            message = N_("{item} is planned with {amount} kr more than {planned} kr, and no decision is named.")
            if is_taken_back:
                message = N_("{item} is planned with {amount} kr: what is taken back of a provision is decided.")
            values = {"item": str(item), "amount": plan.amount, "planned": other.amount}
            yield _finding(plan, _about(plan.code, plan.year), message, values)


@rule(
    "P318",
    title=N_("What is provided for stands in a plan."),
    why=N_(
        "LKBR 9 kap.: the notes show of each provision what was made, indexed, used and released. A debt of which no "
        "directive tells what it is for can be none of those."
    ),
    mend=N_("Write the provision that the message shows, with its plan, or book the debt on the account it is of."),
    after=["P301", "P304"],
    sees=MOVEMENTS,
    warns=True,
)
def unplanned_provision(books: Books) -> Iterator[Finding]:
    declared = books.declared(PROVISION)
    for account in sorted(books.postings):
        if not books.roles.has(account, Role.PROVISIONS) or any(_is_below(account, each.account) for each in declared):
            continue
        owed = -sum((number_of(row) for _, row in books.postings[account]), ZERO)
        if owed:
            entry, row = books.postings[account][0]
            # Its kinds of movement have accounts of their own below the provision's.
            above, _, last = account.rpartition(":")
            of = above if last in MOVES else account
            pension = books.roles.has(account, "pensionsavsattning")
            code = of.rsplit(":", 1)[-1].lstrip("0123456789-").upper()
            directive = (
                f'{entry.date} custom "provision" "{code}" {of}\n  benamning: "..."\n  slag: "{SLAG[not pension]}"'
            )
            message = N_(
                "{amount} kr is provided for on {account}, of which no directive tells what it is for. Write it, and "
                "its plan year by year, each kind on an account of its own below it ({kinds}):\n{directive}"
            )
            kinds = ["Nyintjänad", "Ränta", "Löneskatt", "Utbetalning"] if pension else ["Grundbelopp", "Utbetalning"]
            values = {
                "amount": owed,
                "account": account,
                "kinds": kinds,
                "directive": as_written(directive),
            }
            yield Finding(entry, Subject("account", account), message, values, posting=row)


@rule(
    "P319",
    title=N_("A provision is of the kind that its account is of."),
    why=N_("LKBR 6 kap.: pensions stand on a line of their own; the note and the balance sheet tell the same."),
    mend=N_("Write the slag that it is of, or say what its account is, as the message shows."),
    after=["P301", "P304"],
)
def of_its_accounts_kind(books: Books) -> Iterator[Finding]:
    for provision in books.once(Schedule).provisions.values():
        name, kind = parse_account(provision.account), books.roles.slag(provision.account).name
        is_of = books.roles.has(provision.account, Role.PROVISIONS)
        if not provision.slag or not name or not is_of or (provision.slag == PENSION) == (kind in PENSIONS):
            continue
        proper = PENSIONS[0] if provision.slag == PENSION else "andra-avsattningar"
        message = N_(
            '{code} is "{slag}", but its account {account} is of the kind "{kind}". Write another slag below it, or '
            "say what the account is:\n{line}"
        )
        day = provision.decided if provision.entry else date.min
        line = as_written(f'{day} custom "kontoslag" "{name.number}" "{proper}"')
        values = {"code": provision.code, "slag": provision.slag, "account": provision.account, "kind": kind}
        yield _finding(provision, [Subject("provision", provision.code)], message, {**values, "line": line})


_TAKEN_OVER = re.compile(r"(?=.*pension)(?=.*(överta|tas? över|lämnas? över))", re.IGNORECASE)
"""What a voucher is called by which pension obligations are taken over."""


@rule(
    "P320",
    title=N_("What is got for pension obligations that are taken over is no income."),
    why=N_(
        "LKBR 3 and 6 kap.: who hands over an obligation pays for a debt. As income, with the debt as a cost, both are "
        "of a year in which nothing of it was earned, and the note tells it as earned."
    ),
    mend=N_(
        "Book what is got against the provision, as Övertagen, with its plan; or acknowledge what the income is of."
    ),
    after=["P308", "P309"],
    sees=Sees(roles=("intakt",)),
    warns=True,
)
def taken_over_as_income(books: Books) -> Iterator[Finding]:
    for entry in books.having(Role.INCOME):
        if books.is_sealed(entry.date) or not _TAKEN_OVER.search(entry.narration or ""):
            continue
        got = [row for row in books.rows(entry) if books.roles.has(row[0], Role.INCOME) and row[1] < 0]
        if got:
            account, number = got[0]
            message = N_(
                "{voucher} books {amount} kr on {account}, for pensions that are taken over: that is no income but a "
                "provision, {kind}, against what is got for it."
            )
            values = {"voucher": entry, "amount": -number, "account": account, "kind": "Övertagen"}
            yield Finding(entry, Subject("voucher", place(entry)), message, values)
