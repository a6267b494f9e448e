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

A voucher and the corrections that name it (`rattar`) are judged as one.

P301: A provision has a code, an account among the liabilities, a label and a decided total.
    Why: report 3.3 note 20 prints them, and the other rules rest on them.
    Mend: write the directive as the message shows.

P302: A plan names its provision, the kind of the movement and an amount in the ledger's currency, in whole öre.
    Why: the other rules, and the schedule of note 20, rest on it.
    Mend: write the directive as the message shows.

P303: A plan is of a provision that the ledger has.
    Why: a plan of no provision plans nothing.
    Mend: name one of the provisions that the message lists, or write its directive.

P304: A provision is declared once, and its account is its own.
    Why: two provisions in one account cannot be told apart.
    Mend: remove one of the directives, or give it another account.

P305: Per provision, year and kind, the books equal the plan in every year with bokslut.
    Why: report 3.3 note 20: the schedule is both what was decided and what was booked.
    Mend: paste the voucher that the message holds or, where the plan is what is wrong, its plan.

P306: Nothing moves that is not planned: no kind or year without plan, no more than planned, not before the decision.
    Why: a provision is used for what it was made for, and for nothing else (RKR R9).
    Mend: change or remove the voucher as the message shows or, where it is right, paste the plan.

P307: What is planned is booked when its year has bokslut.
    Why: report 3.3 note 20; a release or an index that is forgotten gives the wrong debt and the wrong result.
    Mend: paste the voucher that the message holds, with its open lines.

P308: A release is paid from the internal bank, bank or accounts payable (161x, 19xx, 25xx), never through the result.
    Why: the cost was taken when the provision was made; through the result it would be taken twice.
    Mend: write the voucher as the message shows.

P309: Base amount and index go through the expenses of the provision's own unit.
    Why: report 3.1.3 and note 20: the unit that decided bears the cost in the year of the decision.
    Mend: write the voucher as the message shows.

P310: A provision is never overdrawn, on any date.
    Why: it is a debt; what is paid beyond it is a cost that nobody has decided.
    Mend: change the vouchers as the message shows.

P311: The base amounts of a provision never exceed the decided total.
    Why: the decision is of so much and no more; only index comes on top.
    Mend: write the plan as the message shows or, after a new decision, the new total.

P312: The opening balance of a provision equals its plan before the first year of the books.
    Why: the history stands in the plan alone, so the debt that the books begin with must be what it leaves.
    Mend: write the rows of the message in the voucher of the opening balances, or correct the plan.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from beancount.core import data
from beancount.core.amount import Amount

from forbundsbok.plugins.accounts import parse_account
from forbundsbok.plugins.corrections import CORRECTS, Booking, bookings, has_amount, number_of
from forbundsbok.plugins.directives import customs, values
from forbundsbok.plugins.mending import (
    Numbers,
    indented,
    is_whole_ore,
    kronor,
    named,
    open_text,
    place,
    row,
    series_of,
    voucher,
    voucher_text,
)
from forbundsbok.plugins.rules import RuleError, broken
from forbundsbok.plugins.years import first_day_of_year, read_boksluts

__plugins__ = ("check_provisions",)

RAISES = {"Grundbelopp": True, "Index": True, "Utbetalning": False}
"""The kinds of movement of a provision, and whether each raises it."""

PAYERS = {"Assets": ("161", "19"), "Liabilities": ("25",)}
"""The groups of the accounts that pay a release: internal bank, cash and bank, accounts payable."""

ZERO = Decimal(0)


@dataclass(frozen=True)
class Provision:
    """An obligation, its account, and its plan: kronor per kind and year, payments positive."""

    code: str
    account: str
    label: str
    plan: Mapping[tuple[str, int], Decimal]
    meta: Mapping[str, Any]

    def account_of(self, kind: str) -> str:
        """Return the account of one kind of movement."""
        return f"{self.account}:{kind}"

    def planned_change(self, kind: str, year: int) -> Decimal:
        """Return what the plan moves on the account of a kind in a year: kronor, debit positive."""
        planned = self.plan.get((kind, year), Decimal(0))
        return -planned if RAISES[kind] else planned


def read_provisions(entries: Iterable[data.Directive]) -> list[Provision]:
    """Return the provisions with their plans, in the order of their directives."""
    plans: dict[str, dict[tuple[str, int], Decimal]] = {}
    entries = list(entries)
    for entry in customs(entries, "provision-plan"):
        if _plan_mistake(entry) is None:
            code, kind, amount = values(entry)
            plan = plans.setdefault(code, {})
            plan[kind, entry.date.year] = plan.get((kind, entry.date.year), Decimal(0)) + amount.number
    provisions = []
    for entry in customs(entries, "provision"):
        if _provision_mistake(entry) is None:
            code, account = values(entry)
            provisions.append(Provision(code, account, entry.meta["benamning"], plans.get(code, {}), entry.meta))
    return provisions


class Step(NamedTuple):
    """One kind of movement of one provision in one year."""

    code: str
    kind: str
    year: int

    def __str__(self) -> str:
        return " ".join(filter(None, [self.code, self.kind, str(self.year)]))


class Movement(NamedTuple):
    """What a booking moves on one account of a provision; debit positive."""

    booking: Booking
    entry: data.Transaction
    posting: data.Posting
    debit: Decimal


class Role(NamedTuple):
    """Which provision an account belongs to, and which kind of movement it holds ("" for none)."""

    code: str
    kind: str


@dataclass
class Finding:
    """A breach: where, what is wrong, and what mends it."""

    entry: data.Directive
    message: str
    code: str
    year: int
    source: Mapping[str, Any] | None = None

    def error(self) -> RuleError:
        return broken(self.entry, self.message, self.source)


@dataclass
class Facts:
    """What one pass over the ledger collects."""

    touching: list[data.Transaction] = field(default_factory=list)
    corrections: list[data.Transaction] = field(default_factory=list)
    opens: dict[str, data.Open] = field(default_factory=dict)
    begin: int = 9999  # the first year with income or expenses that no provision touches


def check_provisions(
    entries: data.Directives, options_map: Mapping[str, Any]
) -> tuple[data.Directives, list[RuleError]]:
    """Report provisions that are not planned and booked as they should be."""
    directives = [entry for entry in entries if isinstance(entry, data.Custom)]
    if not any(entry.type in ("provision", "provision-plan") for entry in directives):
        return entries, []
    currency = next(iter(options_map.get("operating_currency") or ()), "SEK")
    register = _Register(directives, currency)
    errors = register.errors
    if register.provisions:
        errors += _Check(entries, register, read_boksluts(directives), currency).errors()
    return entries, errors


def _provision_mistake(entry: data.Custom) -> str | None:
    given = values(entry)
    if len(given) != 2 or not all(isinstance(value, str) for value in given):
        return "it takes a code and an account"
    name = parse_account(given[1])
    if name is None or name.root != "Liabilities":
        return f"{given[1]} is no account of a unit's liabilities"
    if not isinstance(entry.meta.get("benamning"), str):
        return "its label is missing"
    return None


def _total_mistake(entry: data.Custom, currency: str) -> str | None:
    total = entry.meta.get("totalbelopp")
    if not isinstance(total, Amount) or total.number is None:
        return "its decided total is missing"
    if total.currency != currency or total.number <= ZERO or not is_whole_ore(total.number):
        return f"its decided total is {total.number:f} {total.currency}"
    return None


def _plan_mistake(entry: data.Custom) -> str | None:
    given = values(entry)
    if len(given) != 3 or not isinstance(given[0], str) or not isinstance(given[2], Amount) or given[2].number is None:
        return "it takes a code, a kind and an amount"
    if given[1] not in RAISES:
        return f'the kind is "{given[1]}", write one of {", ".join(RAISES)}'
    return None


def _plan_amount_mistake(entry: data.Custom, currency: str) -> str | None:
    amount = values(entry)[2]
    if amount.currency != currency:
        return f"it is in {amount.currency}, the books are in {currency}"
    return None if is_whole_ore(amount.number) else f"{amount.number:f} is no whole number of öre"


def _plan_text(step: Step, day: date, amount: Decimal, currency: str) -> str:
    return f'{day} custom "provision-plan" "{step.code}" "{step.kind}" {kronor(amount)} {currency}'


def _provision_example(entry: data.Custom, currency: str) -> str:
    """Return how a provision is written, with what can be read of the directive."""
    given = [*values(entry), None, None]
    code = given[0] if isinstance(given[0], str) else "E20"
    name = parse_account(given[1]) if isinstance(given[1], str) else None
    account = given[1] if name and name.root == "Liabilities" else "Liabilities:RU:2293-Statlig-infrastruktur:E20"
    label = entry.meta.get("benamning")
    label = label if isinstance(label, str) else "Bidrag till statlig infrastruktur"
    total = Decimal("15000000.00") if _total_mistake(entry, currency) else entry.meta["totalbelopp"].number
    lines = f'  benamning: "{label}"\n  totalbelopp: {kronor(total)} {currency}'
    return f'{entry.date} custom "provision" "{code}" {account}\n{lines}'


def _plan_example(entry: data.Custom, code: str, currency: str) -> str:
    """Return how a plan is written, with what can be read of the directive."""
    given = [*values(entry), None, None, None]
    kind = given[1] if given[1] in RAISES else "Index"
    amount = given[2].number if isinstance(given[2], Amount) else None
    step = Step(code, kind, entry.date.year)
    return _plan_text(step, entry.date, Decimal(f"{amount or Decimal(477000):.2f}"), currency)


class _Register:
    """The provisions and plans that the checks go by, and what is wrong with the directives."""

    def __init__(self, directives: list[data.Custom], currency: str) -> None:
        self.currency = currency
        self.errors: list[RuleError] = []
        self.provisions: dict[str, Provision] = {}
        self.directives: dict[str, data.Custom] = {}
        self.plans: dict[Step, list[data.Custom]] = defaultdict(list)
        # Provisions (None for any) and years whose plan is not known: nothing is said of them.
        self.unknown: set[tuple[str | None, int]] = set()
        self.missing: set[object] = set()
        self.mixed: set[str] = set()  # provisions in whose account another stands: nothing is said of them
        named_codes = set()
        for entry in customs(directives, "provision"):
            named_codes |= {given for given in values(entry)[:1] if isinstance(given, str)}
            self._read_provision(entry)
        for entry in customs(directives, "provision-plan"):
            self._read_plan(entry, named_codes)
        read = {id(provision.meta): provision for provision in read_provisions(directives)}
        self.provisions = {
            code: read[id(entry.meta)] for code, entry in self.directives.items() if code not in self.mixed
        }

    def _read_provision(self, entry: data.Custom) -> None:
        if mistake := _provision_mistake(entry) or _total_mistake(entry, self.currency):
            example = _provision_example(entry, self.currency)
            message = f"P301 This provision cannot be read: {mistake}. It is written so:\n{indented(example)}"
            self.errors.append(broken(entry, message))
            return
        code, account = values(entry)
        for known, other in self.directives.items():
            theirs = values(other)[1]
            if known == code:
                what = f"Provision {code} is declared twice, first at {place(other)}: remove one."
            elif f"{account}:".startswith(f"{theirs}:") or f"{theirs}:".startswith(f"{account}:"):
                what = (
                    f"{account} of {code} is not its own: {known} has {theirs} ({place(other)}). Name another account."
                )
            else:
                continue
            self.errors.append(broken(entry, f"P304 {what}"))
            if known != code:
                self.mixed.add(known)
            return
        self.directives[code] = entry

    def _read_plan(self, entry: data.Custom, named_codes: set[str]) -> None:
        code = next(iter(values(entry)), None)
        known = code if isinstance(code, str) and code in named_codes else None
        if mistake := _plan_mistake(entry) or _plan_amount_mistake(entry, self.currency):
            example = _plan_example(entry, known or "E20", self.currency)
            message = f"P302 This plan cannot be read: {mistake}. It is written so:\n{indented(example)}"
            self.errors.append(broken(entry, message))
        elif known is None:
            if code not in self.missing:  # all the plans of a missing provision have one cause
                codes = ", ".join(sorted(named_codes)) or "none"
                message = f'P303 There is no provision "{code}": write its directive, or name one of {codes}.'
                self.errors.append(broken(entry, message))
            self.missing.add(code)
        else:
            self.plans[Step(known, values(entry)[1], entry.date.year)].append(entry)
            return
        self.unknown.add((known, entry.date.year))

    def is_known(self, code: str, year: int) -> bool:
        return not {(code, year), (None, year)} & self.unknown

    def planned(self, step: Step) -> Decimal:
        """Return what the plan moves in a step, debit positive."""
        if not step.kind:
            return ZERO
        return self.provisions[step.code].planned_change(step.kind, step.year)


class _Roles(dict[str, Role | None]):
    """What an account is to the provisions, found out once for each."""

    def __init__(self, provisions: Iterable[Provision]) -> None:
        self._provisions = list(provisions)

    def __missing__(self, account: str) -> Role | None:
        role = None
        for provision in self._provisions:
            if account == provision.account or account.startswith(f"{provision.account}:"):
                kind = account[len(provision.account) + 1 :]
                role = Role(provision.code, kind if kind in RAISES else "")
        return self.setdefault(account, role)


class _Check:
    """The books of the provisions against their plans."""

    def __init__(
        self, entries: data.Directives, register: _Register, closed: Mapping[int, data.Custom], currency: str
    ) -> None:
        self.register = register
        self.closed = closed
        self.currency = currency
        self.roles = _Roles(register.provisions.values())
        self.facts = self._collect(entries)
        self.numbers = Numbers(entries)
        self.movements: dict[Step, list[Movement]] = defaultdict(list)
        self.openings: dict[tuple[str, str], list[Movement]] = defaultdict(list)
        self.unread: set[tuple[str, int]] = set()
        self.findings: list[Finding] = []
        self.misshapen: dict[int, Finding] = {}  # by the identity of their bookings
        self.early: set[str] = set()
        self.unequal: set[int] = set()  # bookings whose two sides differ in amount alone
        self.opened: set[str] = set()
        self.unbooked: set[str] = set()  # provisions without a single row though the plan begins before the books
        self.excess: dict[str, Decimal] = {}  # by code: what the base amounts exceed the total by
        for booking in bookings(self.facts.touching, self.facts.corrections, entries):
            self._sort(booking)

    def errors(self) -> list[RuleError]:
        self.unbooked = {code for code in self.register.provisions if self._is_unbooked(code)}
        for code in self.register.provisions:
            self._check_total(code)
            self._check_opening(code)
        self._check_steps()
        self.findings += self.misshapen.values()
        for code in self.register.provisions:
            self._check_overdrawn(code)
        return [finding.error() for finding in self.findings]

    # Collecting

    def _collect(self, entries: data.Directives) -> Facts:
        facts, roles = Facts(), self.roles
        for entry in entries:
            if isinstance(entry, data.Transaction):
                if CORRECTS in entry.meta:
                    facts.corrections.append(entry)
                touches = False
                for posting in entry.postings:
                    if roles[posting.account]:
                        touches = True
                if touches:
                    facts.touching.append(entry)
                elif facts.begin == 9999 and _has_result(entry.postings):
                    facts.begin = entry.date.year
            elif isinstance(entry, data.Open):
                facts.opens.setdefault(entry.account, entry)
        if facts.begin == 9999:
            facts.begin = min(self.closed, default=9999)
        return facts

    def _sort(self, booking: Booking) -> None:
        """Tell what a booking moves: opening balances, or steps of the year."""
        sums = booking.sums(self.currency)
        moved: dict[str, Movement] = {}
        for entry, posting in booking.rows():
            role = self.roles[posting.account]
            if role and not has_amount(posting, self.currency):
                self.unread.add((role.code, booking.day.year))
            elif role and posting.account in sums:
                moved[posting.account] = Movement(booking, entry, posting, sums[posting.account])
        opening = self._is_opening(booking)
        for account, movement in moved.items():
            role = self.roles[account]
            assert role is not None
            if not role.kind:
                self._report_no_kind(role, movement)
            if opening:
                self.openings[role.code, role.kind].append(movement)
            else:
                self.movements[Step(role.code, role.kind, booking.day.year)].append(movement)
                self._check_decided(role, movement)
        if moved and not opening:
            self._check_shape(booking, moved, sums)

    def _is_opening(self, booking: Booking) -> bool:
        rows = booking.plain_rows()
        begin = first_day_of_year(min(self.facts.begin, 9998))
        if _has_result(rows) or booking.day > begin:
            return False
        if any(posting.account.startswith("Equity:") for posting in rows):
            return True
        # A payment that is dated before the books is a payment with a wrong date.
        roles = [self.roles[posting.account] for posting in rows]
        paid = all(
            role.kind == "Utbetalning" if role else _may_meet(posting.account, "")
            for role, posting in zip(roles, rows, strict=True)
        )
        return booking.day < begin and not paid

    # What a booking looks like

    def _report_no_kind(self, role: Role, movement: Movement) -> None:
        provision = self.register.provisions[role.code]
        accounts = ", ".join(provision.account_of(kind) for kind in RAISES)
        message = (
            f"P306 The {named(movement.entry)} moves {kronor(movement.debit)} on {movement.posting.account}, "
            f"which is no kind of movement: write one of {accounts}."
        )
        self._misshape(movement, message, role.code)

    def _check_decided(self, role: Role, movement: Movement) -> None:
        decided = self.register.directives[role.code].date
        if movement.booking.day < decided and role.code not in self.early:
            self.early.add(role.code)  # a wrong day of decision is one mistake, however many vouchers come before it
            message = (
                f"P306 The {named(movement.entry)} moves {role.code} on {movement.booking.day}, before it was decided "
                f"on {decided} ({place(self.register.directives[role.code])})."
            )
            text = self._in_place(movement.entry, movement.entry._replace(date=decided))
            self._misshape(movement, f"{message}\n{text}", role.code)

    def _misshape(self, movement: Movement, message: str, code: str) -> None:
        finding = Finding(movement.entry, message, code, movement.booking.day.year, movement.posting.meta)
        self.misshapen.setdefault(id(movement.booking), finding)

    def _check_shape(self, booking: Booking, moved: Mapping[str, Movement], sums: Mapping[str, Decimal]) -> None:
        """Hold the other side of each movement against what it may be."""
        sides: dict[str, list[Movement]] = defaultdict(list)
        for account, movement in moved.items():
            role = self.roles[account]
            if role and role.kind:
                provision = self.register.provisions[role.code]
                sides[_unit_of(provision) if RAISES[role.kind] else ""].append(movement)
        for unit, movements in sides.items():
            due = -sum((movement.debit for movement in movements), ZERO)
            allowed = {account: number for account, number in sums.items() if _may_meet(account, unit)}
            if due != sum(allowed.values()) and due not in allowed.values():
                self._report_shape(booking, unit, movements, sums)

    def _report_shape(
        self, booking: Booking, unit: str, movements: list[Movement], sums: Mapping[str, Decimal]
    ) -> None:
        movement = movements[0]
        role = self.roles[movement.posting.account]
        assert role is not None
        wrong = [account for account in sums if not self.roles[account] and not _may_meet(account, unit)]
        against = ", ".join(wrong) or "another amount"
        if not wrong:
            self.unequal.add(id(booking))
        if unit:
            what = f"P309 The {named(movement.entry)} raises {role.code} against {against}: "
            rule = f"{role.kind} goes through the expenses of {unit}."
        else:
            what = f"P308 The {named(movement.entry)} pays {role.code} against {against}: "
            rule = "a release is paid from the internal bank, bank or accounts payable, never through the result."
        if booking.first is booking.vouchers[-1]:
            step = Step(role.code, role.kind, booking.day.year)
            kept = [posting for posting in booking.plain_rows() if posting.account not in wrong]
            rest = -sum((number_of(posting) for posting in kept), ZERO)
            counter = self._counter(step)
            rows = [*kept, row(counter, rest, self.currency)] if rest else kept
            opens = self._open_lines([counter], booking.day, step)
            text = self._in_place(booking.first, booking.first._replace(postings=rows), opens)
        else:
            text = f"Correct the {named(booking.vouchers[-1])} so that they come to that together."
        source = next((posting for _, posting in booking.rows() if posting.account in wrong), movement.posting)
        self._misshape(movement._replace(posting=source), f"{what}{rule}\n{text}", role.code)

    # Books and plan, step by step

    def _check_steps(self) -> None:
        """Report every step that is not as planned, a movement that belongs to another step but once."""
        differing = {step: debit for step in self._steps() if (debit := self._differs(step))}
        for step in list(differing):
            if step not in differing:
                continue
            for movement in self.movements.get(step, ()):
                proper = [other for other, debit in differing.items() if other != step and debit == -movement.debit]
                if movement.debit == differing[step] and proper:
                    self._report_misplaced(step, proper[0], movement)
                    del differing[step], differing[proper[0]]
                    break
        for step, debit in differing.items():
            if step.kind:  # what is on no kind is reported already
                self._report_step(step, debit)

    def _steps(self) -> list[Step]:
        begin = self.facts.begin
        planned = [step for step in self.register.plans if step.year >= begin]
        steps = {step for step in (*planned, *self.movements) if step.code in self.register.provisions}
        return sorted(steps, key=lambda step: (step.year, step.code, step.kind))

    def _booked(self, step: Step) -> Decimal:
        return sum((movement.debit for movement in self.movements.get(step, ())), ZERO)

    def _differs(self, step: Step) -> Decimal:
        """Return what the books move more than planned, debit positive; a year that is open may lack some."""
        if step.code in self.unbooked:
            return ZERO  # the opening balance tells it
        if (step.code, step.year) in self.unread or not self.register.is_known(step.code, step.year):
            return ZERO
        booked, planned = self._booked(step), self.register.planned(step)
        if step.year < self.facts.begin:
            planned = ZERO  # the opening balance holds it
        elif step.year not in self.closed:
            lowest, highest = sorted((ZERO, planned))
            planned = min(max(booked, lowest), highest)
        difference = booked - planned
        return ZERO if step.kind == "Grundbelopp" and difference == self.excess.get(step.code, ZERO) else difference

    def _report_misplaced(self, step: Step, proper: Step, movement: Movement) -> None:
        account = self.register.provisions[proper.code].account_of(proper.kind)
        day, ver = movement.entry.date, movement.entry.meta.get("ver")
        if proper.year != step.year:
            day = _in_year(day, proper.year)
            ver = self.numbers.free(series_of(movement.entry, "B"), proper.year)
        rows = [
            posting._replace(account=account) if posting.account == movement.posting.account else posting
            for posting in Booking((movement.entry,)).plain_rows()
        ]
        entry = movement.entry._replace(date=day, postings=rows, meta={**movement.entry.meta, "ver": ver})
        message = (
            f"P306 The {named(movement.entry)} moves {kronor(abs(movement.debit))} as {step}, which is not planned: "
            f"that amount is planned as {proper}."
        )
        opens = self._open_lines([account], day, proper)
        self.misshapen.pop(id(movement.booking), None)
        text = self._in_place(movement.entry, entry, opens)
        finding = Finding(movement.entry, f"{message}\n{text}", step.code, step.year, movement.posting.meta)
        self.findings.append(finding)

    def _report_step(self, step: Step, debit: Decimal) -> None:
        provision = self.register.provisions[step.code]
        planned, booked = (
            self._as_planned(step, self.register.planned(step)),
            self._as_planned(step, self._booked(step)),
        )
        movements = [movement for movement in self.movements.get(step, ()) if movement.debit]
        plan = self.register.plans.get(step)
        if not movements and plan:
            opens = self._open_lines([provision.account_of(step.kind), self._counter(step)], plan[-1].date, step)
            text = "\n".join(indented(part) for part in (*opens, voucher_text(self._new_voucher(step, -debit))))
            message = f"P307 {step} is planned with {kronor(planned)} and not booked. Write:\n{text}"
            self.findings.append(Finding(plan[-1], message, step.code, step.year))
            return
        last = movements[-1]
        for movement in movements:
            if id(movement.booking) in self.unequal:
                self.misshapen.pop(id(movement.booking), None)
        vouchers = ", the ".join(named(movement.entry) for movement in movements)
        if planned:
            word = "P305" if step.year in self.closed else "P306"
            what = f"{word} {step} is {kronor(booked)} in the books and {kronor(planned)} in the plan: the {vouchers}."
        else:
            what = f"P306 {step} is {kronor(booked)} in the books and not planned: the {vouchers}."
        short = planned and abs(booked) < abs(planned) and booked * planned >= ZERO
        text = self._added(step, -debit) if short else self._less(last, debit)
        directive = _plan_text(step, plan[-1].date if plan else last.entry.date, booked - planned, self.currency)
        text = f"{text}\nOr, where the books are right, add to the plan:\n{indented(directive)}"
        self.findings.append(Finding(last.entry, f"{what}\n{text}", step.code, step.year, last.posting.meta))

    def _as_planned(self, step: Step, debit: Decimal) -> Decimal:
        """Return a debit signed as the plan writes it."""
        return -debit if RAISES[step.kind] else debit

    # The decided total, the opening balance, the debt on every date

    def _check_total(self, code: str) -> None:
        directive = self.register.directives[code]
        total = directive.meta["totalbelopp"].number
        plans = [
            entry for step, given in self.register.plans.items() for entry in given if step[:2] == (code, "Grundbelopp")
        ]
        planned = ZERO
        for entry in sorted(plans, key=lambda entry: entry.date):
            amount = values(entry)[2].number
            planned += amount
            if planned <= total:
                continue
            self.excess[code] = sum((values(plan)[2].number for plan in plans), ZERO) - total
            step = Step(code, "Grundbelopp", entry.date.year)
            text = _plan_text(step, entry.date, amount - (planned - total), self.currency)
            message = (
                f"P311 With this plan the base amounts of {code} come to {kronor(planned)}, "
                f"but {kronor(total)} was decided ({place(directive)}). Write instead:\n{indented(text)}"
            )
            self.findings.append(Finding(entry, message, code, entry.date.year))
            return

    def _is_unbooked(self, code: str) -> bool:
        booked = any(step.code == code for step in self.movements) or any(known == code for known, _ in self.openings)
        return not booked and any(year < self.facts.begin for _, year in self.register.provisions[code].plan)

    def _check_opening(self, code: str) -> None:
        provision, begin = self.register.provisions[code], self.facts.begin
        years = {year for _, year in provision.plan if year < begin}
        doubtful = {year for known, year in self.register.unknown if known in (code, None) and year < begin}
        if doubtful or (code, begin - 1) in self.unread:
            return
        wrong, rows, places = [], [], []
        for kind in RAISES:
            planned = sum((provision.planned_change(kind, year) for year in years), ZERO)
            movements = self.openings.get((code, kind), [])
            booked = sum((movement.debit for movement in movements), ZERO)
            places += movements if booked != planned else []
            if booked == planned or (kind == "Grundbelopp" and booked - planned == self.excess.get(code, ZERO)):
                continue
            wrong.append(f"{kind} is {kronor(booked)} and not {kronor(planned)}")
            if planned:
                rows.append(f"{provision.account_of(kind)}  {kronor(planned)} {self.currency}")
        if not wrong:
            return
        if code in self.unbooked:
            wrong.append(f"and nothing at all is booked on {provision.account}")
        place_of = places or [
            movement for step, moved in self.openings.items() if step[0] == code for movement in moved
        ]
        entry = place_of[0].entry if place_of else self.register.directives[code]
        text = "\n".join(indented(text) for text in rows) or "  (no row)"
        message = (
            f"P312 The opening balance of {code} is not what its plan until {begin - 1} leaves: {'; '.join(wrong)}. "
            f"Write in the voucher of the opening balances:\n{text}"
        )
        source = place_of[0].posting.meta if place_of else None
        self.findings.append(Finding(entry, message, code, begin - 1, source))

    def _check_overdrawn(self, code: str) -> None:
        moved = [movement for step, given in self.movements.items() if step.code == code for movement in given]
        moved += [movement for (known, _), given in self.openings.items() if known == code for movement in given]
        moved.sort(key=lambda movement: movement.booking.day)
        debit = ZERO
        for index, movement in enumerate(moved):
            debit += movement.debit
            last_of_day = index + 1 == len(moved) or moved[index + 1].booking.day != movement.booking.day
            if debit > ZERO and last_of_day:
                self._report_overdrawn(code, movement.booking.day, debit, moved)
                return

    def _report_overdrawn(self, code: str, day: date, debit: Decimal, moved: list[Movement]) -> None:
        # What already is known to be wrong explains it.
        if any(finding.code == code and finding.year <= day.year for finding in self.findings):
            return
        if not all(self.register.is_known(code, year) for _, year in self.register.provisions[code].plan):
            return
        movement = [movement for movement in moved if movement.booking.day == day and movement.debit > ZERO][-1]
        role = self.roles[movement.posting.account]
        assert role is not None
        later = [other for other in moved if other.booking.day > day and -other.debit >= debit]
        if later and later[0].booking.day.year == day.year:
            text = self._in_place(later[0].entry, later[0].entry._replace(date=day))
        else:
            step = Step(code, role.kind, day.year)
            plan = _plan_text(step, day, self._as_planned(step, -debit), self.currency)
            text = f"{self._less(movement, debit)}\nand add to the plan:\n{indented(plan)}"
        message = (
            f"P310 {code} is overdrawn by {kronor(debit)} on {day}: the {named(movement.entry)} moves "
            f"{kronor(movement.debit)}, and {kronor(movement.debit - debit)} was left.\n{text}"
        )
        self.findings.append(Finding(movement.entry, message, code, day.year, movement.posting.meta))

    # Texts that mend

    def _in_place(self, old: data.Transaction, new: data.Transaction, opens: Iterable[str] = ()) -> str:
        rows = Booking((new,)).plain_rows()
        texts = [*opens, voucher_text(new._replace(postings=rows))]
        return "\n".join([f"Write in place of the {named(old)}:", *(indented(text) for text in texts)])

    def _added(self, step: Step, debit: Decimal) -> str:
        return f"Write the rest:\n{indented(voucher_text(self._new_voucher(step, debit)))}"

    def _less(self, movement: Movement, debit: Decimal) -> str:
        """Return the movement's voucher with so much less on its account, and on the rows that meet it."""
        if movement.entry is not movement.booking.first or movement.booking.vouchers[1:]:
            return f"Correct the {named(movement.entry)} by {kronor(-debit)} on {movement.posting.account}."
        rest = movement.debit - debit
        others = [posting for posting in movement.booking.plain_rows() if posting.account != movement.posting.account]
        if not others or (not rest and all(not self.roles[posting.account] for posting in others)):
            return self.numbers.removal(movement.entry)
        rows = [row(movement.posting.account, rest, self.currency)] if rest else []
        if len(others) == 1:
            others = [row(others[0].account, -rest, self.currency)]
        else:
            unit = "" if movement.debit > ZERO else self._unit_raising(movement)
            largest = max(others, key=lambda posting: (_may_meet(posting.account, unit), abs(number_of(posting))))
            changed = row(largest.account, number_of(largest) + debit, self.currency)
            others = [changed if posting is largest else posting for posting in others]
        return self._in_place(movement.entry, movement.entry._replace(postings=[*rows, *others]))

    def _unit_raising(self, movement: Movement) -> str:
        name = parse_account(movement.posting.account)
        return name.unit if name else ""

    def _new_voucher(self, step: Step, debit: Decimal) -> data.Transaction:
        provision = self.register.provisions[step.code]
        like = self._last_like(step)
        narration = {
            "Grundbelopp": f"Beslut om avsättning {step.code}",
            "Index": f"Indexuppräkning av avsättning {step.code} {step.year}",
            "Utbetalning": f"Utbetalning ur avsättning {step.code} {step.year}",
        }[step.kind]
        ver = self.numbers.free(series_of(like, "B" if RAISES[step.kind] else "U"), step.year)
        rows = [
            row(provision.account_of(step.kind), debit, self.currency),
            row(self._counter(step), -debit, self.currency),
        ]
        if RAISES[step.kind]:
            rows.reverse()
        return voucher(self.register.plans[step][-1].date, narration, ver, rows, like.payee if like else None)

    def _last_like(self, step: Step) -> data.Transaction | None:
        """Return the last voucher of the same kind and provision that was as it should be."""
        known = [
            movement.entry
            for other, moved in self.movements.items()
            for movement in moved
            if other[:2] == step[:2]
            and id(movement.booking) not in self.misshapen
            and not movement.booking.vouchers[1:]
        ]
        return max(known, key=lambda entry: entry.date, default=None)

    def _counter(self, step: Step) -> str:
        """Return the account that meets a movement: the one that met the last, or one by its name."""
        provision = self.register.provisions[step.code]
        unit = _unit_of(provision) if RAISES[step.kind] else ""
        like = self._last_like(step)
        met = [posting.account for posting in Booking((like,)).plain_rows()] if like else []
        opened = sorted(self.facts.opens)
        if unit:
            name = parse_account(provision.account)
            assert name is not None
            proper = f"-{name.name}:{step.kind}"
            opened = [account for account in opened if account.endswith((proper, f"-{name.name}"))]
            default = f"Expenses:{unit}:4590{proper}"
        else:
            default = f"Assets:{_unit_of(provision)}:1610-Internbank"
        allowed = [account for account in (*met, *opened) if _may_meet(account, unit)]
        return allowed[0] if allowed else default

    def _open_lines(self, accounts: Iterable[str], day: date, step: Step) -> list[str]:
        """Return the directives that open the accounts that are lacking, each once."""
        lacking = [account for account in accounts if account not in self.facts.opens and account not in self.opened]
        self.opened |= set(lacking)
        label = self.register.provisions[step.code].label
        return [open_text(account, first_day_of_year(day.year), self.currency, label) for account in lacking]


def _unit_of(provision: Provision) -> str:
    name = parse_account(provision.account)
    assert name is not None
    return name.unit


def _may_meet(account: str, unit: str) -> bool:
    """Tell whether an account may be the other side of a raise within a unit, or of a payment ("" for unit)."""
    name = parse_account(account)
    if name is None:
        return False
    if unit:
        return name.root == "Expenses" and name.unit == unit
    return name.number.startswith(PAYERS.get(name.root, ("-",)))


def _has_result(postings: Iterable[data.Posting]) -> bool:
    return any(posting.account.startswith(("Income:", "Expenses:")) for posting in postings)


def _in_year(day: date, year: int) -> date:
    return date(year, 2, 28) if (day.month, day.day) == (2, 29) else day.replace(year=year)
