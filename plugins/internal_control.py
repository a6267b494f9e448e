"""Internal control: the board's plan of what is controlled, how often and by whom, and what came of it.

    2025-01-01 custom "internkontroll" "2b" "Kontroll av leverantörsfakturor och kontering"
      omrade: "Redovisning"
      ansvarig: "Ekonom kansli, controller"
      ganger: 2
      urval: "kredit leverantorsskulder"
      stickprov: 5
      provas: "belopp, konto, moms"
      regler: "A601, A602"

`ganger` is how often in a year, 0 from the day on which an item leaves the plan. `urval` says which vouchers a sample
is drawn from: those with a row on accounts of a kind, or of a number ("7110"), in debit, in credit or both; "alla" are
all. `regler` are those that see each voucher, so that nothing of them is drawn; an item with nothing else needs no
outcome. What came of an item in a period is a directive of its own, which `forbundsbok control` writes:

    2025-08-14 custom "internkontroll-utfall" "2b" "2025-01--06" "utan-anmarkning"
      av: "CTR"
      verifikationer: "L 12, L 40"
      kontrollsummor: "9a3f01c2 77b1e6d0"

The sums are the first digits of those that a seal has of the vouchers (docs/sigill.md): what is changed after it was
controlled is told.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from beancount.core import data

from forbundsbok.plugins.accounts import parse_account, unit_of
from forbundsbok.plugins.attest import BOOKED_BY
from forbundsbok.plugins.books import Books
from forbundsbok.plugins.decisions import DECISION
from forbundsbok.plugins.directives import Field, Kind, one_of, text, whole_number, word, wrong
from forbundsbok.plugins.findings import Finding, Subject, as_written
from forbundsbok.plugins.internal import PARTY
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.money import ZERO
from forbundsbok.plugins.months import MONTHS_A_YEAR, Month
from forbundsbok.plugins.numbers import VER, Ver, read_ver
from forbundsbok.plugins.parties import folded
from forbundsbok.plugins.review import WAITS
from forbundsbok.plugins.revisions import Registered, as_revised
from forbundsbok.plugins.rights import ATTEST, MOTTAGNING, is_named, people, signatures_of
from forbundsbok.plugins.roles import SLAG, Role, Roles
from forbundsbok.plugins.rulebook import EVERY, RULES, rule, unreadable
from forbundsbok.plugins.sigill import folder_of, item_of
from forbundsbok.plugins.spelling import looks, nearest

SAMPLE = 5
"""How many vouchers are drawn where the plan does not say."""
OFTEN = (0, 1, 2, 3, 4, 6, 12)
"""How many times a year something may be controlled: what twelve months are divided by, and no more."""
ALL, DEBIT, CREDIT = "alla", "debet", "kredit"
SOUND, REMARK = "utan-anmarkning", "anmarkning"
DIGITS = 8
"""How many digits of a voucher's digest an outcome keeps."""

_CODE = word("[1-9][0-9]{0,2}[a-zåäö]?", N_("a number, with a letter where an item has several controls, as 2b"))
_NUMBER = re.compile("[0-9][0-9?]{0,5}")


# The plan


class Rows(NamedTuple):
    """Rows that vouchers are drawn by: of a kind of account or of a number, on a side (empty for both)."""

    side: str
    what: str

    def take(self, account: str, number: Decimal, roles: Roles) -> bool:
        """Tell whether a row, debit plus, is one of them."""
        if (self.side == DEBIT and number <= 0) or (self.side == CREDIT and number >= 0):
            return False
        if not _NUMBER.fullmatch(self.what):
            return roles.has(account, self.what)
        name = parse_account(account)
        return name is not None and re.match(self.what.replace("?", "[0-9]"), name.number) is not None


class Interval(NamedTuple):
    """Whole months of a year that an item is controlled for; as text `2025`, `2025-03` or `2025-01--06`."""

    first: Month
    last: Month

    @property
    def year(self) -> int:
        return self.first.year

    @property
    def first_day(self) -> date:
        return self.first.first_day

    @property
    def last_day(self) -> date:
        return self.last.last_day

    def has(self, day: date) -> bool:
        return self.first_day <= day <= self.last_day

    def __str__(self) -> str:
        if self.last.since(self.first) == MONTHS_A_YEAR - 1:
            return str(self.year)
        return str(self.first) if self.first == self.last else f"{self.first}--{self.last.number:02}"


@dataclass(frozen=True)
class Control(Registered):
    """A control of the plan; its name is the item's number, `2b`."""

    what: str
    area: str
    responsible: str
    times: int | None = None
    """How often in a year; None for what rules alone see, all the time."""
    rows: tuple[Rows, ...] | None = None
    """What is drawn: vouchers with any of such rows; none named for all vouchers, None where nothing is drawn."""
    sample: int = SAMPLE
    tried: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    method: str = ""
    decision: str = ""

    @property
    def item(self) -> str:
        """The number of the item that it is of: `2`."""
        return self.name.rstrip("abcdefghijklmnopqrstuvwxyzåäö")

    def intervals(self, year: int) -> Iterator[tuple["Control", Interval]]:
        """Yield the intervals of a year that it is controlled for, each with what the plan said when it ended."""
        for state in self.states:
            months = MONTHS_A_YEAR // (state.times or 1)
            for first in range(1, MONTHS_A_YEAR + 1, months) if state.times != 0 else ():
                interval = Interval(Month(year, first), Month(year, first + months - 1))
                if state.since <= interval.last_day and self.at(interval.last_day) is state:
                    yield state, interval


def _listed(value: Any, currency: str | None) -> tuple[str, ...]:
    return tuple(each.strip() for each in text(value, currency).split(",") if each.strip())


def _rows(value: Any, currency: str | None) -> tuple[Rows, ...]:
    words = _listed(value, currency)
    return () if words == (ALL,) else tuple(map(_row, words))


def _row(written: str) -> Rows:
    side, _, what = written.rpartition(" ")
    if side not in ("", DEBIT, CREDIT):
        raise wrong(N_('"{word}" is no side: write {debit} or {credit}'), word=side, debit=DEBIT, credit=CREDIT)
    if what not in SLAG and not _NUMBER.fullmatch(what):
        if near := nearest(what, (*SLAG, ALL)):
            raise wrong(N_('"{word}" is no kind of account (is {near} meant?)'), word=what, near=near)
        raise wrong(N_('"{word}" is no kind of account'), word=what)
    return Rows(side, what)


def _often(value: Any, currency: str | None) -> int:
    times: int = whole_number(0, MONTHS_A_YEAR)(value, currency)
    if times not in OFTEN:
        raise wrong(N_("{times} times do not divide a year: write one of {often}"), times=times, often=list(OFTEN))
    return times


def _can_be_controlled(entry: data.Custom, given: Mapping[str, Any]) -> None:
    if "ganger" not in given and "regler" not in given:
        raise wrong(N_("it lacks both {often} and {rules}: nobody controls it"), often="ganger", rules="regler")
    if "stickprov" in given and "urval" not in given:
        raise wrong(N_("it has {sample}, but no {rows} to draw from"), sample="stickprov", rows="urval")


CONTROL = Kind(
    "internkontroll",
    values=(Field(N_("item"), _CODE), Field(N_("what is controlled"), text)),
    meta=(
        Field("omrade", text),
        Field("ansvarig", text),
        Field("ganger", _often, required=False),
        Field("urval", _rows, required=False),
        Field("stickprov", whole_number(1, 1000), required=False),
        Field("provas", _listed, required=False),
        Field("regler", _listed, required=False),
        Field("metod", text, required=False),
        Field(DECISION, text, required=False),
    ),
    check=_can_be_controlled,
    make=lambda entry, given: Control(
        given["item"],
        given["what is controlled"],
        given["omrade"],
        given["ansvarig"],
        given.get("ganger"),
        given.get("urval"),
        given.get("stickprov", SAMPLE),
        given.get("provas", ()),
        given.get("regler", ()),
        given.get("metod", ""),
        given.get(DECISION, ""),
        entry=entry,
    ),
    example=(
        '2025-01-01 custom "internkontroll" "10" "Kontering, syfte och deltagare"\n  omrade: "Representation"\n'
        '  ansvarig: "Ekonom kansli"\n  ganger: 2\n  urval: "representation"\n  stickprov: 5'
    ),
)


def plan_of(books: Books) -> list[Control]:
    """Return the plan as it has come to be, in the order of its items."""
    controls = as_revised(books.declared(CONTROL))
    return sorted(controls, key=lambda each: (int(each.item), each.name))


def plan_by_name(books: Books) -> dict[str, Control]:
    """Return the plan by the numbers of its items."""
    return {each.name: each for each in plan_of(books)}


# What a sample is drawn from


class Candidate(NamedTuple):
    """A voucher that may be drawn: its number, the unit that most of it is of, and what its rows come to (kronor)."""

    entry: data.Transaction
    ver: Ver
    unit: str
    amount: Decimal


def candidates(books: Books, control: Control, interval: Interval) -> list[Candidate]:
    """Return the vouchers of an interval that a control draws from, by date; what waits is not booked yet."""
    if control.rows is None:
        return []
    found = []
    for entry in _with_rows(books, control.rows):
        ver = read_ver(entry)
        if ver is None or entry.flag == WAITS or not interval.has(entry.date):
            continue
        rows = [row for row in books.rows(entry) if row[1] and _is_taken(row, control.rows, books.roles)]
        if rows:
            # The money of most units is one unit's: the other side tells whose a voucher is.
            own = [row for row in rows if not books.roles.has(row[0], Role.MONEY)] or rows
            amount = sum((abs(number) for _, number in rows), ZERO) / (1 if control.rows else 2)
            found.append(Candidate(entry, ver, unit_of(max(own, key=lambda row: abs(row[1]))[0]), amount))
    return found


def _with_rows(books: Books, rows: Sequence[Rows]) -> Sequence[data.Transaction]:
    if not rows:
        return books.vouchers
    whole = [each._replace(side="") for each in rows]
    return books.on_accounts(
        account for account in books.postings if any(each.take(account, ZERO, books.roles) for each in whole)
    )


def _is_taken(row: tuple[str, Decimal], rows: Sequence[Rows], roles: Roles) -> bool:
    return not rows or any(each.take(*row, roles) for each in rows)


def sum_of(entry: data.Transaction, books: Books) -> str:
    """Return the digits by which a voucher is known to be as it was: the first of those that a seal digests."""
    return item_of(entry, folder_of(books.options)).digest[:DIGITS]


# What came of it


@dataclass(frozen=True, eq=False)
class Outcome:
    """What came of a control in an interval: by whom, which vouchers were read, and what they were then."""

    name: str
    period: str
    result: str
    by: tuple[str, ...]
    vouchers: tuple[str, ...]
    sums: tuple[str, ...]
    text: str
    entry: data.Custom

    @property
    def year(self) -> int:
        return int(self.period[:4])


def _vers(value: Any, currency: str | None) -> tuple[str, ...]:
    numbers = _listed(value, currency)
    if other := next((each for each in numbers if not VER.fullmatch(each)), None):
        raise wrong(N_('"{number}" is no number of a voucher, as L 12'), number=other)
    if twice := next((each for each in numbers if numbers.count(each) > 1), None):
        raise wrong(N_("it names {number} twice"), number=twice)
    return numbers


def _sums(value: Any, currency: str | None) -> tuple[str, ...]:
    sums = tuple(text(value, currency).split())
    if other := next((each for each in sums if not re.fullmatch(f"[0-9a-f]{{{DIGITS}}}", each)), None):
        raise wrong(N_('"{sum}" is no check sum of a voucher: {digits} digits, 0-9 and a-f'), sum=other, digits=DIGITS)
    return sums


def _says_what(entry: data.Custom, given: Mapping[str, Any]) -> None:
    if given["result"] == REMARK and "text" not in given:
        raise wrong(N_("it has a remark, but no {key} that says which"), key="text")
    vouchers, sums = given.get("verifikationer", ()), given.get("kontrollsummor")
    if sums is not None and len(sums) != len(vouchers):
        counts = {"vouchers": len(vouchers), "sums": len(sums)}
        raise wrong(N_("it names {vouchers} vouchers, and has {sums} check sums"), **counts)


OUTCOME = Kind(
    "internkontroll-utfall",
    values=(
        Field(N_("item"), _CODE),
        Field(N_("period"), word(r"\d{4}(-\d\d(--\d\d)?)?", N_("a period, as 2025 or 2025-01--06"))),
        Field(N_("result"), one_of(SOUND, REMARK)),
    ),
    meta=(
        Field("av", _listed),
        Field("verifikationer", _vers, required=False),
        Field("kontrollsummor", _sums, required=False),
        Field("text", text, required=False),
    ),
    check=_says_what,
    make=lambda entry, given: Outcome(
        given["item"],
        given["period"],
        given["result"],
        given["av"],
        given.get("verifikationer", ()),
        given.get("kontrollsummor", ()),
        given.get("text", ""),
        entry,
    ),
    example=(
        '2025-08-14 custom "internkontroll-utfall" "10" "2025-01--06" "utan-anmarkning"\n'
        '  av: "CTR"\n  verifikationer: "L 12, L 40"'
    ),
)


def outcomes(books: Books) -> dict[tuple[str, str], Outcome]:
    """Return what came of each control in each period, by its number and the period; of two the later."""
    said = sorted(books.declared(OUTCOME), key=lambda each: each.entry.date)
    return {(each.name, each.period): each for each in said}


def interval_of(books: Books, outcome: Outcome) -> tuple[Control, Interval] | None:
    """Return the control that an outcome is of, as the plan said, with its interval; None where the plan has none."""
    control = books.once(plan_by_name).get(outcome.name)
    intervals = control.intervals(outcome.year) if control else ()
    return next((each for each in intervals if str(each[1]) == outcome.period), None)


def vouchers_of(books: Books, outcome: Outcome) -> dict[str, data.Transaction | None]:
    """Return the vouchers that an outcome names, by their numbers, None for one that is not there."""
    found = books.bearers
    matches = {number: VER.fullmatch(number) for number in outcome.vouchers}
    return {
        number: found.get(Ver(outcome.year, match["series"], int(match["number"])))
        for number, match in matches.items()
        if match
    }


def _subject(outcome: Outcome) -> Subject:
    return Subject(OUTCOME.type, f"{outcome.name} {outcome.period}")


# The rules

unreadable(
    "H101",
    CONTROL,
    title=N_("What is to be controlled can be read: what, of which area, by whom, how often or by which rules."),
    why=N_("KL 6 kap. 6 §: the board sees to it that internal control is enough. What nobody can read, nobody does."),
)

unreadable(
    "H102",
    OUTCOME,
    title=N_("What came of a control can be read: of which item and period, by whom, and with what result."),
    why=N_("The board is told what was controlled and what was found; by what cannot be read it is told nothing."),
)


@rule(
    "H103",
    title=N_("The rules that the plan of internal control names are there."),
    why=N_("What is said to be seen in full by a rule that is not there is seen by nobody."),
    mend=N_("Write the code of the rule that is meant: forbundsbok check --explain and the rules' page have them."),
    after=["H101"],
)
def named_rules(books: Books) -> Iterator[Finding]:
    for control in books.declared(CONTROL):
        for code in control.rules:
            if code not in RULES:
                message = N_("{item} is to be seen in full by the rule {code}, and there is none.")
                values = {"item": control.name, "code": code}
                yield Finding(control.entry, Subject(CONTROL.type, control.name), message, values)


@rule(
    "H104",
    title=N_("What came of a control is of an item of the plan, and of one of its periods."),
    why=N_("An outcome of no item is not in what the board is told, and the item seems not to be controlled."),
    mend=N_("Write the item and the period as the message says, or enter the item into the plan."),
    after=["H101", "H102"],
)
def of_the_plan(books: Books) -> Iterator[Finding]:
    plan = books.once(plan_by_name)
    unread = {str(entry.values[0].value) for entry, _ in books.unread(CONTROL) if entry.values}
    for outcome in books.declared(OUTCOME):
        if outcome.name in unread or interval_of(books, outcome):
            continue
        control = plan.get(outcome.name)
        periods = [str(interval) for _, interval in control.intervals(outcome.year)] if control else []
        values = {"item": outcome.name, "period": outcome.period, "year": outcome.year}
        if periods:
            message = N_("{item} is not controlled for {period}, but for {periods}.")
            values["periods"] = periods
        elif control:
            message = N_("{item} is not in the plan of {year}.")
        else:
            message = N_("There is no {item} in the plan; it has {items}.")
            values["items"] = list(plan) or [as_written("-")]
        yield Finding(outcome.entry, _subject(outcome), message, values)


@rule(
    "H105",
    title=N_("A period has ended before it is controlled."),
    why=N_("A sample of a period that still goes on is drawn from a part of it; what comes later is drawn by nobody."),
    mend=N_("Draw the sample when the period has ended, and date the outcome then."),
    after=["H102", "H104"],
)
def ended_before(books: Books) -> Iterator[Finding]:
    for outcome in books.declared(OUTCOME):
        found = interval_of(books, outcome)
        if found and outcome.entry.date < found[1].last_day:
            message = N_("{item} is controlled for {period} by {day}, but the period ends {end}.")
            values = {"item": outcome.name, "period": outcome.period, "day": outcome.entry.date}
            yield Finding(outcome.entry, _subject(outcome), message, {**values, "end": found[1].last_day})


@rule(
    "H106",
    title=N_("The vouchers that a control names are there, and of its period."),
    why=N_("Who reads the outcome must find what was read."),
    mend=N_("Write the numbers as the protocol has them."),
    after=["H102", "H104"],
    sees=EVERY,
)
def named_vouchers(books: Books) -> Iterator[Finding]:
    for outcome in books.declared(OUTCOME):
        found = interval_of(books, outcome)
        for number, entry in vouchers_of(books, outcome).items() if found else ():
            values: dict[str, Any] = {"item": outcome.name, "period": outcome.period, "number": number}
            if entry is None:
                message = N_("{item} for {period} names {number}, which is not in the books of that year.")
            elif found and not found[1].has(entry.date):
                message = N_("{item} for {period} names {voucher}, which is of {day}.")
                values |= {"voucher": entry, "day": entry.date}
            else:
                continue
            yield Finding(outcome.entry, _subject(outcome), message, values)


@rule(
    "H107",
    title=N_("Who has controlled is a person that is registered, where people are."),
    why=N_("Internal control is done by somebody who can be asked."),
    mend=N_("Write the signature as the register of people has it, or register the person."),
    after=["H102"],
)
def known_controllers(books: Books) -> Iterator[Finding]:
    registered = books.once(people)
    signs = [person.sign for person in registered.values()]
    for outcome in books.declared(OUTCOME):
        for sign in outcome.by:
            if folded(sign) in registered or not (registered or looks(sign) != sign):
                continue
            values = {"item": outcome.name, "period": outcome.period, "sign": sign}
            message = N_("{item} for {period} is controlled by {sign}, who is not registered.")
            if near := nearest(sign, signs):
                values["near"] = near
                message = N_("{item} for {period} is controlled by {sign}, who is not registered (is {near} meant?).")
            yield Finding(outcome.entry, _subject(outcome), message, values)


@rule(
    "H108",
    title=N_("Nobody alone controls what they have booked, approved or received, or been paid."),
    why=N_("Who controls their own work sees what they meant, and not what they did."),
    mend=N_("Let another person control the voucher, and write that one too after av."),
    after=["H102", "H104", "H106"],
    sees=EVERY,
)
def not_ones_own(books: Books) -> Iterator[Finding]:
    for outcome in books.declared(OUTCOME):
        for entry in vouchers_of(books, outcome).values():
            parts = [_part_in(entry, sign, books) if entry else "" for sign in outcome.by]
            if entry and all(parts):
                message = N_("{item} for {period}: {voucher} is controlled by {by} alone, named there by {parts}.")
                values = {"item": outcome.name, "period": outcome.period, "voucher": entry}
                values |= {"by": list(outcome.by), "parts": list(dict.fromkeys(parts))}
                yield Finding(outcome.entry, _subject(outcome), message, values)


def _part_in(entry: data.Transaction, sign: str, books: Books) -> str:
    """Return the key by which a voucher names somebody, the one for who is paid among them; "" where none does."""
    for key in (ATTEST, MOTTAGNING, BOOKED_BY):
        if folded(sign) in map(folded, signatures_of(entry, key)):
            return key
    person = books.once(people).get(folded(sign))
    payees = [each for each in (entry.payee, entry.meta.get(PARTY)) if isinstance(each, str)]
    is_paid = any(folded(each) == folded(sign) or (person and is_named(each, person)) for each in payees)
    return PARTY if is_paid else ""


@rule(
    "H109",
    title=N_("Of a control one thing is said a day."),
    why=N_("Of two directives one would count, and nobody sees which."),
    mend=N_("Take one of the two away, or date the later one the day from which it holds."),
    after=["H101", "H102"],
)
def said_once(books: Books) -> Iterator[Finding]:
    said: dict[tuple[Subject, date], data.Custom] = {}
    named = [(each.name, Subject(CONTROL.type, each.name), each.entry) for each in books.declared(CONTROL)]
    named += [(each.name, _subject(each), each.entry) for each in books.declared(OUTCOME)]
    for item, subject, entry in named:
        before = said.setdefault((subject, entry.date), entry) if entry else None
        if entry and before is not entry:
            message = N_("{item} is told of that day already, at {other}: one of the two must go.")
            yield Finding(entry, subject, message, {"item": item, "other": before})


@rule(
    "H110",
    title=N_("What was controlled is as it was then."),
    why=N_("A voucher that is changed after it was read is one that nobody has read."),
    mend=N_("Read it again, and write a new outcome of the period: the later one counts."),
    after=["H102", "H104", "H106"],
    sees=EVERY,
    warns=True,
)
def as_it_was(books: Books) -> Iterator[Finding]:
    for outcome in outcomes(books).values():
        found = interval_of(books, outcome)
        if found is None or books.is_sealed(found[1].first_day):
            continue
        for (number, entry), then in zip(vouchers_of(books, outcome).items(), outcome.sums, strict=False):
            if entry and sum_of(entry, books) != then:
                message = N_("{voucher} is not as it was when {item} was controlled for {period}, {day}: read it anew.")
                values = {"voucher": entry, "item": outcome.name, "period": outcome.period, "day": outcome.entry.date}
                also = [Subject("voucher", number)]
                yield Finding(outcome.entry, _subject(outcome), message, values, also=also)


@rule(
    "H111",
    title=N_("As many vouchers are read as the plan says."),
    why=N_("The board has decided how many; of fewer it is told that all is well by less than it asked for."),
    mend=N_("Draw the sample again, read what is lacking, and write a new outcome; or acknowledge why it is enough."),
    after=["H101", "H102", "H104", "H106"],
    sees=EVERY,
    warns=True,
)
def whole_sample(books: Books) -> Iterator[Finding]:
    for outcome in outcomes(books).values():
        found = interval_of(books, outcome)
        if found is None or books.is_sealed(found[1].first_day):
            continue
        control, interval = found
        if len(outcome.vouchers) < control.sample and control.rows is not None:
            there = len(candidates(books, control, interval))
            if len(outcome.vouchers) < (asked := min(control.sample, there)):
                message = N_("{item} for {period} has read 1 voucher, of {there}; the plan asks for {asked}.")
                plural = N_("{item} for {period} has read {count} vouchers, of {there}; the plan asks for {asked}.")
                values: dict[str, Any] = {"item": outcome.name, "period": outcome.period}
                values |= {"count": len(outcome.vouchers), "there": there, "asked": asked}
                yield Finding(outcome.entry, _subject(outcome), message, values, plural)


@rule(
    "H112",
    title=N_("What the plan of internal control asks for is done when its period has passed."),
    why=N_(
        "The plan is the board's own decision, and is reported to it with the annual accounts. It is told when the "
        "books have come more than a month beyond the period, or its year has a bokslut; of a period without vouchers "
        "to draw, nothing is."
    ),
    mend=N_("Control it, and write what came of it: forbundsbok control shows what is left."),
    after=["H101", "H102", "H104"],
    sees=EVERY,
    warns=True,
)
def done_in_time(books: Books) -> Iterator[Finding]:
    done = outcomes(books)
    for control in books.once(plan_of):
        for year in books.once(_open_years):
            for state, interval in control.intervals(year):
                if state.times and (control.name, str(interval)) not in done and _has_passed(books, interval):
                    if state.rows is not None and not candidates(books, state, interval):
                        continue
                    message = N_("{item}, {what}, is not controlled for {period}.\n{command}")
                    command = as_written(f"  forbundsbok control {control.name} --period {interval}")
                    values = {"item": control.name, "what": state.what, "period": str(interval), "command": command}
                    about = Subject(CONTROL.type, f"{control.name} {interval}")
                    yield Finding(state.entry, about, message, values)


def _open_years(books: Books) -> list[int]:
    """Return the years that are not sealed, in which something is booked."""
    if not books.vouchers:
        return []
    years = sorted(books.fiscal_years.closed.union(books.fiscal_years.open))
    return [year for year in years if year <= books.last_booked.year and not books.is_sealed(date(year, 1, 1))]


def _has_passed(books: Books, interval: Interval) -> bool:
    is_complete = interval.year in books.written_boksluts
    return is_complete or books.last_booked > interval.last.after(1).last_day
