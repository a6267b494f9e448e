"""Rights: who the people are, and who may approve for a unit, up to which amount and from which day.

    2023-01-01 custom "person" "AC" "Anna Carlsson"

    2023-01-01 custom "attest" "AC" "ADM" 200000.00 SEK
      roll: "Administrativ chef"
      till: 2024-03-31
      beslut: "Direktionen 2022-12-12 § 98"

`till` is the last day, where it is known when the right is given. Else the right ends by a directive of its own, whose
day is the last; and a later decision on the same person and unit takes the place of the one before, from its day on:

    2025-04-15 custom "attest-slut" "AC" "ADM"
    2025-04-16 custom "attest" "AC" "ADM" 50000.00 SEK

Where people are registered, nobody else signs.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from beancount.core import data

from forbundsbok.plugins.books import Books
from forbundsbok.plugins.decisions import DECISION, undecided
from forbundsbok.plugins.directives import (
    Field,
    Kind,
    UnreadableError,
    custom_values,
    day,
    positive_money,
    text,
    wrong,
)
from forbundsbok.plugins.findings import Finding, Message, Subject, joined
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.months import shifted
from forbundsbok.plugins.parties import folded, party_key
from forbundsbok.plugins.places import place
from forbundsbok.plugins.rulebook import rule, unreadable
from forbundsbok.plugins.spelling import nearest
from forbundsbok.plugins.units import units_in

A_DAY = timedelta(days=1)


@dataclass(frozen=True, eq=False)
class Right:
    """What a person may approve: up to how much for a unit, between which days."""

    sign: str
    unit: str
    limit: Decimal
    start: date
    end: date
    entry: data.Custom

    def holds_on(self, day: date) -> bool:
        return self.start <= day <= self.end

    def days_from(self, day: date) -> int:
        """Return how many days before it begins or after it has ended a day is, about."""
        return min(abs(self.start - day), abs(self.end - day)).days


def _one_person(value: Any, currency: str | None) -> str:
    sign = text(value, currency).strip()
    if "," in sign:
        raise wrong(N_("{sign} is not the signature of one person"), sign=sign)
    return sign


def _ends_after_it_begins(entry: data.Custom, given: Mapping[str, Any]) -> None:
    if given.get("till", date.max) < entry.date:
        raise wrong(N_("it ends {end}, before it begins"), end=given["till"])


RIGHT = Kind(
    "attest",
    values=(Field(N_("signature"), _one_person), Field(N_("unit"), text), Field(N_("largest amount"), positive_money)),
    meta=(
        Field("roll", text, required=False),
        Field("till", day, required=False),
        Field(DECISION, text, required=False),
    ),
    check=_ends_after_it_begins,
    make=lambda entry, given: Right(
        given["signature"], given["unit"], given["largest amount"], entry.date, given.get("till", date.max), entry
    ),
    example='2023-01-01 custom "attest" "SIGNATUR" "ENHET" 200000.00 SEK\n  roll: "Enhetschef"\n  till: 2024-03-31',
)

ATTEST, MOTTAGNING = "attest", "mottagning"
"""The metadata of who has approved a voucher, and of who has received what it is for."""

APPROVED_ON = "attestdag"
"""The metadata of the day on which who approves last said yes, where `forbundsbok attest` has written it."""

ANYBODY = Subject("attest", "")
"""What a right is about that names nobody: it may be anybody's."""


@dataclass(frozen=True, eq=False)
class End:
    """The last day of a person's right to approve for a unit."""

    sign: str
    unit: str
    entry: data.Custom


END = Kind(
    "attest-slut",
    values=(Field(N_("signature"), _one_person), Field(N_("unit"), text)),
    make=lambda entry, given: End(given["signature"], given["unit"], entry),
    example='2025-04-15 custom "attest-slut" "SIGNATUR" "ENHET"',
    about="attest",
)


def rights_of_units(books: Books) -> dict[str, list[Right]]:
    """Return the rights to approve for each unit, the lowest first, each as long as it holds."""
    decided: dict[tuple[str, str], list[Right]] = defaultdict(list)
    for right in sorted(books.declared(RIGHT), key=lambda right: right.start):
        decided[right.sign, right.unit].append(right)
    ends: dict[tuple[str, str], list[date]] = defaultdict(list)
    for end in books.declared(END):
        ends[end.sign, end.unit].append(end.entry.date)
    rights: dict[str, list[Right]] = defaultdict(list)
    for (sign, unit), own in decided.items():
        for right in own:
            lasts = [shifted(each.start, -A_DAY) for each in own if each.start > right.start]
            lasts += [last for last in ends.get((sign, unit), ()) if last >= right.start]
            rights[unit].append(replace(right, end=min([right.end, *lasts])))
    for own in rights.values():
        own.sort(key=lambda right: right.limit)
    return rights


def approvers(books: Books, unit: str, day: date, amount: Decimal, receivers: set[str]) -> Message | str:
    """Return who may approve an amount for a unit on a day, but those who have received it, the lowest right first."""
    signs = dict.fromkeys(
        right.sign
        for right in books.once(rights_of_units).get(unit, ())
        if right.holds_on(day) and right.limit >= amount and folded(right.sign) not in receivers
    )
    return joined(signs, N_("{first} or {last}")) if signs else Message(N_("nobody"))


# People


def signatures_of(entry: data.Transaction, key: str) -> tuple[str, ...]:
    """Return the signatures that a voucher has by a key, none where what stands there is no text."""
    written = entry.meta.get(key)
    return signs_in(written) if isinstance(written, str) else ()


@cache
def signs_in(written: str) -> tuple[str, ...]:
    """Return the signatures of a text, which commas part."""
    return tuple(sign for part in written.split(",") if (sign := part.strip()))


@dataclass(frozen=True, eq=False)
class Person:
    """Somebody who signs, and the name by which suppliers and receivers of money are known."""

    sign: str
    name: str
    entry: data.Custom


PERSON = Kind(
    "person",
    values=(Field(N_("signature"), _one_person), Field(N_("name"), text)),
    make=lambda entry, given: Person(given["signature"], given["name"], entry),
    example='2023-01-01 custom "person" "AC" "Anna Carlsson"',
)


def people(books: Books) -> dict[str, Person]:
    """Return the registered people by signature, however it is written; of two the later."""
    return {folded(each.sign): each for each in books.declared(PERSON)}


def is_named(name: str, person: Person) -> bool:
    """Tell whether a name is that of a person, whatever the order of its words; a slip of the keys may name another."""
    return party_key(name) == party_key(person.name)


unreadable(
    "A613",
    PERSON,
    title=N_("A registered person can be read: a signature and a name."),
    why=N_("Internal control 6, Right to approve: who has signed is a person that is known."),
)


@rule(
    "A612",
    title=N_("What ends a right to approve can be read, and ends a right that is there."),
    why=N_("Internal control 16, Delegation: a right begins and ends by a decision."),
    mend=N_("Write the signature and the unit as the right has them."),
    after=["A609"],
)
def ends_of_rights(books: Books) -> Iterator[Finding]:
    for entry, why in books.unread(END):
        yield replace(END.finding(entry, why, books.currency), subject=Subject("attest", _sign_of(entry)))
    for end in books.declared(END):
        own = [each for each in books.declared(RIGHT) if (each.sign, each.unit) == (end.sign, end.unit)]
        if any(right.holds_on(end.entry.date) for right in own):
            continue
        message = N_("{sign} has no right to approve for {unit} that could end {day}.")
        values: dict[str, Any] = {"sign": end.sign, "unit": end.unit, "day": end.entry.date}
        signs = {right.sign for right in books.declared(RIGHT) if right.unit == end.unit}
        if not own and (near := nearest(end.sign, signs)):
            message = N_("{sign} has no right to approve for {unit} that could end {day} (is {near} meant?).")
            values["near"] = near
        yield Finding(end.entry, Subject("attest", end.sign), message, values, also=[Subject("unit", end.unit)])


@rule(
    "A609",
    title=N_("An attest directive can be read: a signature, a unit, and the largest amount."),
    why=N_("Nobody may approve by a decision that cannot be read."),
    mend=N_("Write the directive as the message shows."),
    after=["U101", "U103"],
)
def readable_right(books: Books) -> Iterator[Finding]:
    units = {unit for entry in books.customs("unit") for unit in custom_values(entry)[:1] if isinstance(unit, str)}
    units = units or {*books.once(units_in)}
    for entry, why in books.unread(RIGHT):
        yield _unreadable(entry, why, books)
    for right in books.declared(RIGHT):
        if right.unit not in units:
            yield replace(_unreadable(right.entry, _no_unit(right, units), books), also=[Subject("unit", right.unit)])


@rule(
    "A631",
    title=N_("A right to approve that is given or raised names its decision."),
    why=N_(
        "Internal control 16, Delegation: a right begins by a decision. Who writes the register could else give "
        "themselves the right to approve their own purchases."
    ),
    mend=N_("Write beslut below the right: who decided, the day and the paragraph."),
    after=["A609"],
    warns=True,
)
def decided_rights(books: Books) -> Iterator[Finding]:
    for right in books.declared(RIGHT):
        if not undecided(right.entry, books):
            continue
        before = _right_before(right, books)
        message = N_(
            "{sign} may approve {limit} kr for {unit} from {day}, by no decision that the register names. Write below "
            'it:\n  {key}: "..."'
        )
        if before and before.limit >= right.limit and before.end >= right.end:
            continue
        if before and before.limit < right.limit:
            message = N_(
                "{sign} may approve {limit} kr for {unit} from {day}, where it was {before} kr, by no decision that "
                'the register names. Write below it:\n  {key}: "..."'
            )
        values = {
            "sign": right.sign,
            "limit": right.limit,
            "unit": right.unit,
            "day": right.start,
            "before": before.limit if before else None,
            "key": DECISION,
        }
        also = [Subject("right", place(right.entry)), Subject("unit", right.unit)]
        yield Finding(right.entry, Subject("attest", right.sign), message, values, also=also)


def _right_before(right: Right, books: Books) -> Right | None:
    """Return the right that one takes the place of: the last of the same person and unit, where it was not ended."""
    same = [each for each in books.declared(RIGHT) if (each.sign, each.unit) == (right.sign, right.unit)]
    before = max((each for each in same if each.start < right.start), key=lambda each: each.start, default=None)
    if before is None or shifted(before.end, A_DAY) < right.start:
        return None
    ends = (end.entry.date for end in books.declared(END) if (end.sign, end.unit) == (right.sign, right.unit))
    return None if any(before.start <= day and shifted(day, A_DAY) < right.start for day in ends) else before


def _unreadable(entry: data.Custom, why: Message, books: Books) -> Finding:
    return replace(RIGHT.finding(entry, why, books.currency), subject=Subject("attest", _sign_of(entry)))


def _no_unit(right: Right, units: set[str]) -> Message:
    if near := nearest(right.unit, units):
        return Message(N_("there is no unit {unit} (is {near} meant?)"), {"unit": right.unit, "near": near})
    return Message(N_("there is no unit {unit}"), {"unit": right.unit})


def _sign_of(entry: data.Custom) -> str:
    """Return the one person that a decision names, nobody where it does not."""
    try:
        return _one_person(next(iter(custom_values(entry)), None), None)
    except UnreadableError:
        return ANYBODY.name
