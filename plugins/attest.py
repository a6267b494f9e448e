"""Attest: who approves what is bought, and what representation says of itself.

Who may approve for a unit, up to which amount and from which day, is decided in the ledger; `till` is the last day:

    2023-01-01 custom "attest" "AC" "ADM" 200000.00 SEK
      roll: "Administrativ chef"
      till: 2024-03-31

    2024-03-05 * "Leverantör 055 Restaurang" "Lunch vid möte"
      ver: "L 123"
      attest: "AC"
      mottagning: "HL-ADM"
      syfte: "Styrgruppsmöte"
      deltagare: "8 deltagare från styrgruppen"
      Expenses:ADM:7110-Representation             3000.00 SEK
      Assets:FK:1650-Momsfordran                    360.00 SEK
      Liabilities:ADM:2510-Leverantörsskulder     -3360.00 SEK

What an invoice is, plugins.invoices tells; a credit note is approved as well. An invoice of several units names all who
approve it, `attest: "AC, VC-NAV"`, each for the part of a unit. A correction (`rattar`) that lowers what is owed needs
no approval of its own.
"""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple

from beancount.core import data

from forbundsbok.plugins.books import Books
from forbundsbok.plugins.capitalisation import THRESHOLD
from forbundsbok.plugins.charges import Charge, bought_past_suppliers, charges
from forbundsbok.plugins.corrections import CORRECTS, has_amount, number_of
from forbundsbok.plugins.decisions import DECISION, day_of_decision, is_decision, no_day
from forbundsbok.plugins.fees import TARIFF, TARIFF_OF_PAYER
from forbundsbok.plugins.findings import Finding, Message, Subject, as_written, joined
from forbundsbok.plugins.imports import BANKREF, UNDERLAG, moved_in
from forbundsbok.plugins.internal import PARTY
from forbundsbok.plugins.invoices import INVOICES
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.ledger_text import quoted
from forbundsbok.plugins.money import ZERO
from forbundsbok.plugins.months import shifted
from forbundsbok.plugins.parties import are_look_alikes, folded, party_key
from forbundsbok.plugins.places import place
from forbundsbok.plugins.provisions import PROVISION
from forbundsbok.plugins.recurrence import lasting
from forbundsbok.plugins.review import WAITS, bookings_to_review, is_reviewed
from forbundsbok.plugins.rights import (
    ANYBODY,
    ATTEST,
    MOTTAGNING,
    PERSON,
    RIGHT,
    Person,
    Right,
    approvers,
    is_named,
    people,
    rights_of_units,
    signatures_of,
    signs_in,
)
from forbundsbok.plugins.roles import Role
from forbundsbok.plugins.rulebook import EVERY, Sees, rule
from forbundsbok.plugins.spelling import first_difference, looks, nearest
from forbundsbok.plugins.units import UNIT

BOOKED_BY = "bokford"
"""The metadata of who has booked a voucher, where a federation writes it."""

AND = N_("{first} and {last}")


def _signers(charge: Charge, key: str) -> tuple[str, ...]:
    """Return who has approved or received what is charged."""
    if len(charge.vouchers) == 1:
        return signatures_of(charge.vouchers[0], key)
    return tuple(sign for entry in charge.vouchers for sign in signatures_of(entry, key))


def _people(signs: Iterable[str]) -> set[str]:
    """Return who has signed, however they write it."""
    return {folded(sign) for sign in signs}


# Signatures


@rule(
    "A601",
    title=N_("A supplier invoice has `attest` and `mottagning`."),
    why=N_("Internal control 6, Right to approve: every invoice is approved, and what it is for is received."),
    mend=N_("Write below the voucher's first line who has approved and who has received it."),
    sees=INVOICES,
)
def signatures(books: Books) -> Iterator[Finding]:
    for charge in books.once(charges):
        if charge.invoice:
            for entry in charge.vouchers:
                yield from _lacking(books, charge, entry, ATTEST, MOTTAGNING)


@rule(
    "A611",
    title=N_("Every voucher has `attest` but one that only brings in money or claims."),
    why=N_(
        "Internal control 6, Right to approve: what takes money out, makes a debt or a cost, or gives up a claim or an "
        "asset is approved, however it is booked. Depreciation and internal items, which other rules prove whole, and "
        "the opening balance need none."
    ),
    mend=N_("Write below the voucher's first line who has approved it."),
    after=["A601"],
    sees=EVERY,
)
def approved_vouchers(books: Books) -> Iterator[Finding]:
    # Before anybody may approve, a federation has no approval to ask for.
    if not books.once(rights_of_units):
        return
    for charge in books.once(charges):
        if not charge.invoice:
            yield from _lacking(books, charge, charge.first, ATTEST)


@rule(
    "A618",
    title=N_("What is bought without a supplier invoice has `mottagning` too."),
    why=N_(
        "Internal control 6, Right to approve: what is paid at once from bank or petty cash, set off, or owed to "
        "others than suppliers is received by somebody, as what is invoiced is. Salaries, grants, interest, fees of "
        "up to 100 kr and what is accrued on the last day of a month need none."
    ),
    mend=N_("Write below the voucher's first line who has received it, another person than the one who approves."),
    after=["A611"],
    sees=EVERY,
)
def received_purchases(books: Books) -> Iterator[Finding]:
    for charge in books.once(charges) if books.once(rights_of_units) else ():
        entry = charge.first
        if charge.invoice or signatures_of(entry, MOTTAGNING) or books.is_sealed(entry.date):
            continue
        bought = bought_past_suppliers(entry, books)
        if bought:
            message = N_(
                "{voucher} buys for {amount} kr without a supplier invoice, and lacks {key}: write below its first "
                "line who has received what is bought."
            )
            if _TAKES_BACK.match((entry.narration or "").strip()):
                message = N_(
                    "{voucher} is to take something back, but buys for {amount} kr: turn its signs, or write {key} "
                    "below its first line where something has been received."
                )
            values = {"voucher": entry, "amount": bought, "key": MOTTAGNING}
            yield Finding(entry, Subject("voucher", place(entry)), message, values)


_TAKES_BACK = re.compile(r"återför", re.IGNORECASE)
"""How a text says that what was accrued is taken back, which nobody receives."""


def _lacking(books: Books, charge: Charge, entry: data.Transaction, *keys: str) -> Iterator[Finding]:
    """Yield the finding of a voucher that lacks signatures."""
    lacking = [key for key in keys if not signatures_of(entry, key)]
    if not lacking:
        return
    message = N_("{kind} {voucher}, {amount} kr, lacks {lacking}: write who below its first line.")
    values = {"kind": charge.kind, "voucher": entry, "amount": charge.amount, "lacking": joined(lacking, AND)}
    if ATTEST in lacking and charge.parts:
        message = N_(
            "{kind} {voucher}, {amount} kr, lacks {lacking}: write who below its first line. "
            "It may be approved by {able}."
        )
        receivers = _people(signatures_of(entry, MOTTAGNING))
        text = N_("{able} for {unit}")
        values["able"] = [
            Message(text, {"able": approvers(books, unit, entry.date, part, receivers), "unit": unit})
            for unit, part in charge.parts.items()
        ]
    yield Finding(entry, Subject("voucher", place(entry)), message, values)


@rule(
    "A602",
    title=N_("Whoever approves a supplier invoice has not received it too."),
    why=N_("Internal control 6, Right to approve: two different persons approve and receive."),
    mend=N_("Let another person receive or approve it, and write who."),
    sees=INVOICES,
)
def two_persons(books: Books) -> Iterator[Finding]:
    for charge in books.once(charges):
        for entry in charge.vouchers:
            received = signatures_of(entry, MOTTAGNING)
            if not received:
                continue
            receivers = _people(received)
            both = [sign for sign in signatures_of(entry, ATTEST) if folded(sign) in receivers]
            if both:
                message = N_("{kind} {voucher} is both approved and received by {both}: another person must do one.")
                values = {"kind": charge.kind, "voucher": entry, "both": joined(both, AND)}
                yield Finding(entry, Subject("voucher", place(entry)), message, values)


@rule(
    "A614",
    title=N_("Nobody approves what is paid to themselves, nor what they have booked where the voucher says who has."),
    why=N_("Internal control 6, Right to approve: nobody decides alone on money to themselves."),
    mend=N_("Let another person approve it, and write who."),
    sees=EVERY,
)
def not_to_oneself(books: Books) -> Iterator[Finding]:
    registered = books.once(people)
    for charge in books.once(charges):
        for entry in charge.vouchers:
            signs = signatures_of(entry, ATTEST)
            if not signs:
                continue
            payees = [each for each in (entry.payee, entry.meta.get(PARTY)) if isinstance(each, str)]
            for sign in signs:
                known = registered.get(folded(sign))
                if any(folded(each) == folded(sign) or (known and is_named(each, known)) for each in payees):
                    message = N_("{kind} {voucher}, {amount} kr, is to {payee}, and approved by {sign}.")
                elif folded(sign) in _people(signatures_of(entry, BOOKED_BY)):
                    message = N_("{kind} {voucher}, {amount} kr, is both booked and approved by {sign}.")
                else:
                    continue
                values = {"kind": charge.kind, "voucher": entry, "amount": charge.amount, "sign": sign}
                values["payee"] = entry.payee or ""
                yield Finding(entry, Subject("voucher", place(entry)), message, values)


@rule(
    "A615",
    title=N_("A signature is written in plain letters, and is of a registered person where people are registered."),
    why=N_("Internal control 6, Right to approve: a letter that only looks like another makes two people of one."),
    mend=N_("Write the signature as the register of people has it, or register the person."),
    after=["A613"],
    sees=EVERY,
)
def known_signatures(books: Books) -> Iterator[Finding]:
    registered = {each.sign for each in books.declared(PERSON)}
    since = min((each.entry.date for each in books.declared(PERSON)), default=date.min)
    told: set[str] = set()
    read: set[str] = set()
    for entry in books.vouchers:
        for key in (ATTEST, MOTTAGNING):
            written = entry.meta.get(key)
            if not isinstance(written, str) or written in read or not is_reviewed(entry, books):
                continue
            if entry.date < since and looks(written) == written:
                continue  # nobody was registered yet
            read.add(written)
            for sign in signs_in(written):
                if sign in told or sign in registered or not (registered or looks(sign) != sign):
                    continue
                told.add(sign)
                # What an audited year says is not mistyped: whoever signed then is to be registered.
                near = "" if books.is_sealed(entry.date) else nearest(sign, registered)
                # Nothing is dated into a sealed year (L807).
                day = books.last_complete_day + timedelta(days=1) if books.is_sealed(entry.date) else entry.date
                yield _unknown_signature(entry, key, sign, near, day)


@rule(
    "A632",
    title=N_("Each who approves a voucher has a right to approve something."),
    why=N_(
        "Internal control 6, Right to approve: a name beside that of an approver looks like two, and is one; and where "
        "no unit is charged, as when VAT is settled, no right of a unit is asked for."
    ),
    mend=N_("Write only who has approved it with a right to, or write the decision that gives the right."),
    after=["A603", "A609", "A615"],
    sees=EVERY,
)
def each_may_approve(books: Books) -> Iterator[Finding]:
    able = {right.sign for right in books.declared(RIGHT)}
    told: set[str] = set()
    for charge in books.once(charges) if able else ():
        signs = _signers(charge, ATTEST)
        # Of whom nobody may, A603 tells for a unit that is charged, A637 for a number that is void.
        is_told = able.isdisjoint(signs) and (charge.parts or not charge.first.postings)
        for sign in signs if not is_told else ():
            if sign not in able and sign not in told and not books.is_sealed(charge.first.date):
                told.add(sign)
                message = N_("{key} of {voucher} names {sign}, who has no right to approve anything.")
                values: dict[str, Any] = {"key": ATTEST, "voucher": charge.first, "sign": sign}
                if near := nearest(sign, able):
                    values["near"] = near
                    message = N_(
                        "{key} of {voucher} names {sign}, who has no right to approve anything (is {near} meant?)."
                    )
                yield Finding(charge.first, Subject("attest", sign), message, values)


SELDOM = 2
"""How often somebody may have received who is new to the books, and strange."""


@rule(
    "A633",
    title=N_("Who receives is somebody that the books know."),
    why=N_(
        "Internal control 6, Right to approve: a receiver that nobody has heard of has received nothing. Of books that "
        "register people, A615 tells it; of others, who is new and signs once or twice is asked about."
    ),
    mend=N_("Write who has received it, or acknowledge that the person is new."),
    after=["A602", "A615", "T113"],
    sees=Sees(keys=(MOTTAGNING,)),
    warns=True,
)
def known_receivers(books: Books) -> Iterator[Finding]:
    if books.declared(PERSON):
        return
    received: dict[str, list[data.Transaction]] = defaultdict(list)
    for entry in books.vouchers:
        if isinstance(entry.meta.get(MOTTAGNING), str):
            for sign in signatures_of(entry, MOTTAGNING):
                received[sign].append(entry)
    able = {right.sign for right in books.declared(RIGHT)}
    known = {sign for sign, own in received.items() if len(own) > SELDOM or own[0].date <= books.last_complete_day}
    for sign, own in received.items() if books.last_complete_day < date.max and known else ():
        if sign not in known and sign not in able and is_reviewed(own[0], books):
            message = N_("{key} of {voucher} is {sign}, who has received nothing before.")
            values = {"key": MOTTAGNING, "voucher": own[0], "sign": sign}
            also = [Subject("voucher", place(own[0]))]
            yield Finding(own[0], Subject("person", sign), message, values, also=also)


RECEIVED_OFTEN = 10
"""How often somebody has received, for it to be known what for."""


@rule(
    "A638",
    title=N_("Who receives does so for the unit that is charged."),
    why=N_(
        "Internal control 6, Right to approve: who receives has seen what has come. Who receives for one unit, time "
        "after time, and now for another, signs for what others have."
    ),
    mend=N_("Write who of the unit has received it, or acknowledge that the other one has."),
    after=["A602", "A615", "A633"],
    sees=Sees(keys=(MOTTAGNING,)),
    warns=True,
)
def receivers_of_the_unit(books: Books) -> Iterator[Finding]:
    received: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    signed = [(charge, sign) for charge in books.once(charges) for sign in dict.fromkeys(_signers(charge, MOTTAGNING))]
    for charge, sign in signed:
        for unit in charge.parts:
            received[sign][unit] += 1
    own = {sign: {unit for unit, count in units.items() if count > SELDOM} for sign, units in received.items()}
    often = {sign for sign, units in received.items() if sum(units.values()) >= RECEIVED_OFTEN}
    for charge, sign in signed:
        entry, of_unit = charge.first, sorted({each for each in often for unit in charge.parts if unit in own[each]})
        others = {each for part in charge.parts for each in own[sign] if each != part}
        if sign not in often or not of_unit or not own[sign].isdisjoint(charge.parts) or books.is_sealed(entry.date):
            continue
        # One of several who receive may be of another unit, where the others are not.
        if not any(own[each].intersection(charge.parts) for each in _signers(charge, MOTTAGNING) if each in own):
            message = N_(
                "{key} of {voucher} is {sign}, who receives for {others} and not for {units}; there {known} do."
            )
            values = {"key": MOTTAGNING, "voucher": entry, "sign": sign, "others": sorted(others), "known": of_unit}
            subject = Subject("voucher", place(entry))
            yield Finding(entry, subject, message, {**values, "units": sorted(charge.parts)})


@rule(
    "A637",
    title=N_("A void number is approved by somebody who may approve."),
    why=N_(
        "RKR R1 and internal control 6, Right to approve: who makes a number void may hide what stood there, so "
        "somebody answers for it."
    ),
    mend=N_("Let somebody with a right to approve look at why the number was not used, and write who."),
    after=["A611", "A615"],
    sees=EVERY,
)
def void_by_right(books: Books) -> Iterator[Finding]:
    able = {right.sign for right in books.declared(RIGHT)}
    for entry in books.vouchers if able else ():
        signs = signatures_of(entry, ATTEST)
        if signs and not entry.postings and able.isdisjoint(signs) and not books.is_sealed(entry.date):
            message = N_("{key} of {voucher}, which is without rows, is {signs}, who has no right to approve anything.")
            values = {"key": ATTEST, "voucher": entry, "signs": list(signs)}
            yield Finding(entry, Subject("voucher", place(entry)), message, values)


def _unknown_signature(entry: data.Transaction, key: str, sign: str, near: str | None, day: date) -> Finding:
    """Return what is wrong with a signature, and how the person is registered from a day."""
    values: dict[str, Any] = {"key": key, "voucher": entry, "sign": sign, "like": looks(sign)}
    if looks(sign) != sign:
        at, written, _ = first_difference(sign, looks(sign))
        values |= {"at": at, "codes": written}
        message = N_(
            "{key} of {voucher} looks like {like}, but letter {at} ({codes}) is another one: write it in plain letters."
        )
    elif near:
        values["near"] = near
        message = N_("{key} of {voucher} is {sign}, who is not registered (is {near} meant?).")
    else:
        values["line"] = as_written(f'{day} custom "person" {quoted(sign)} "..."')
        message = N_("{key} of {voucher} is {sign}, who is not registered. Write who that is, in full:\n{line}")
    return Finding(entry, Subject("person", sign), message, values)


@rule(
    "A616",
    title=N_("What is not approved yet is not paid."),
    why=N_("Internal control 6, Right to approve: approval comes before payment; a voucher with ! still waits for it."),
    mend=N_("Let the invoice be approved first, and take away its `!`."),
    sees=Sees(roles=(Role.SUPPLIERS,), flags=WAITS),
)
def paid_before_approval(books: Books) -> Iterator[Finding]:
    # A payment that waits for a person is no debt that waits for approval, though both have the link.
    owed = (entry for entry in books.vouchers if entry.flag == WAITS and _is_owed(entry, books))
    waiting = {link: entry for entry in owed for link in entry.links or ()}
    for entry in books.having(Role.SUPPLIERS) if waiting else ():
        rows = [row for row in entry.postings if has_amount(row, books.currency)]
        paid = sum((number_of(row) for row in rows if books.roles.has(row.account, Role.MONEY)), ZERO)
        for link in sorted(entry.links or ()) if paid < 0 and entry.flag != WAITS else ():
            if link in waiting:
                message = N_("{voucher} pays {amount} kr of {invoice}, which waits (!) and is not approved.")
                values = {"voucher": entry, "amount": -paid, "invoice": waiting[link]}
                yield Finding(entry, Subject("voucher", place(entry)), message, values)


def _is_owed(entry: data.Transaction, books: Books) -> bool:
    """Tell whether a voucher makes a debt to a supplier."""
    return any(books.roles.has(row.account, Role.SUPPLIERS) and number_of(row) < 0 for row in entry.postings)


@rule(
    "A636",
    title=N_("A payment does not wait: it is approved, or has not been made."),
    why=N_(
        "Internal control 6, Right to approve: approval comes before payment. A payment with ! is no longer judged as "
        "paid, by whoever wrote the !; what a bank file brings in may wait until somebody has looked at it."
    ),
    mend=N_("Let it be approved, and write * for !; or take it away until it is paid."),
    after=["A616", "V508"],
    sees=Sees(roles=(Role.MONEY,), flags=WAITS),
    warns=True,
)
def waiting_payments(books: Books) -> Iterator[Finding]:
    for entry in books.vouchers:
        if entry.flag != WAITS or BANKREF in entry.meta or entry.meta.get(UNDERLAG) in books.once(moved_in):
            continue
        paid = sum((number for account, number in books.rows(entry) if books.roles.has(account, Role.MONEY)), ZERO)
        if paid < 0:
            message = N_(
                "{voucher} pays {amount} kr and waits (!): when it is approved, write * for !; what is not paid yet is "
                "not booked."
            )
            yield Finding(entry, Subject("voucher", place(entry)), message, {"voucher": entry, "amount": -paid})


# Decisions and the hands that they go through


@rule(
    "A642",
    title=N_("What is decided begins no earlier than the decision."),
    why=N_(
        "Internal control 16, Delegation: a decision that is made afterwards covers what has been done without one. A "
        "warning, since a decision may say that it is of an earlier day."
    ),
    mend=N_(
        "Write the day from which the decision holds, or the decision that there was then; acknowledge what is decided "
        "afterwards on purpose."
    ),
    after=["A610", "A631", "A634", "A645"],
    sees=EVERY,
    warns=True,
)
def decided_before(books: Books) -> Iterator[Finding]:
    for each in books.once(_decisions):
        entry, day = each.entry, day_of_decision(each.written)
        if not day or day <= entry.date or not each.begins:
            continue
        message = N_('It holds from {from_day}, and is decided {day} ("{decision}"): after it began.')
        values: dict[str, Any] = {"from_day": entry.date, "day": day, "decision": each.written}
        if isinstance(entry, data.Transaction):
            message = N_('{voucher} is booked {booked}, and decided {day} ("{decision}"): after it was booked.')
            values = {"voucher": entry, "booked": entry.date, "day": day, "decision": each.written}
        yield Finding(entry, each.subject, message, values)


@rule(
    "A645",
    title=N_("The day of a decision is a day of the calendar."),
    why=N_(
        "Internal control 16, Delegation: who looks up a decision finds it by its day. None is made on the 30th of "
        "February; that day was mistyped, or there is no decision."
    ),
    mend=N_("Write the day that stands in the minutes."),
    sees=EVERY,
    warns=True,
)
def decided_on_a_day(books: Books) -> Iterator[Finding]:
    for each in books.once(_decisions):
        if day := no_day(each.written):
            message = N_('"{decision}" is of {day}, a day that no calendar has.')
            yield Finding(each.entry, each.subject, message, {"decision": each.written, "day": day})


class _Decided(NamedTuple):
    """What an open year's directive or voucher says of the decision that it is by."""

    entry: data.Directive
    written: str
    begins: bool
    """Whether it holds from its own day, and so not before it is decided."""

    @property
    def subject(self) -> Subject:
        if isinstance(self.entry, data.Transaction):
            return Subject("voucher", place(self.entry))
        kind = self.entry.type if isinstance(self.entry, data.Custom) else ""
        if kind == THRESHOLD.type:
            return Subject("threshold", str(self.entry.date))
        return Subject("right" if kind == RIGHT.type else "decision", place(self.entry))


_BEGINS = frozenset(each.type for each in (RIGHT, THRESHOLD, UNIT, PROVISION, TARIFF, TARIFF_OF_PAYER))
"""The directives that hold from their own day; a budget is of a whole year or month, and may be revised within it."""


def _decisions(books: Books) -> list[_Decided]:
    """Return what is decided of the years that are open: by directives, and by vouchers that are reviewed."""
    found = []
    for kind, entries in books.collected.customs.items():
        for entry in entries:
            written = entry.meta.get(DECISION)
            if isinstance(written, str) and is_decision(written) and entry.date > books.last_complete_day:
                found.append(_Decided(entry, written, kind in _BEGINS))
    for voucher in books.vouchers:
        if books.is_sealed(voucher.date):
            continue
        written = next((voucher.meta[key] for key in (DECISION, UNDERLAG) if voucher.meta.get(key)), None)
        if isinstance(written, str) and is_decision(written) and is_reviewed(voucher, books):
            # What is decided of a year once it has ended is booked on its last day.
            is_of_year_end = (voucher.date.month, voucher.date.day) == (12, 31)
            found.append(_Decided(voucher, written, not is_of_year_end))
    return found


@rule(
    "A643",
    title=N_("A right to approve is decided by another than who gets it."),
    why=N_(
        "Internal control 16, Delegation: nobody raises their own right. A warning, since a name may be in a title."
    ),
    mend=N_("Write the decision of who may give the right, or acknowledge who made sure of it, and when."),
    after=["A631"],
    warns=True,
)
def decided_by_another(books: Books) -> Iterator[Finding]:
    known = books.once(people)
    for right in books.declared(RIGHT):
        decision = right.entry.meta.get(DECISION)
        if not isinstance(decision, str) or right.start <= books.last_complete_day:
            continue
        person = known.get(folded(right.sign))
        names = [right.sign, *([person.name] if person else [])]
        if any(_has_words(decision, name) for name in names):
            message = N_('The right of {sign} to approve {limit} kr for {unit} is decided by "{decision}": by {sign}?')
            values = {"sign": right.sign, "limit": right.limit, "unit": right.unit, "decision": decision}
            yield Finding(right.entry, Subject("right", place(right.entry)), message, values)


@rule(
    "A644",
    title=N_("Who approves or receives has no part in what is paid."),
    why=N_(
        "Internal control 6, Right to approve: two signatures are of two people, and neither of them is who is "
        "paid, or has a name in the payee's. A warning, since people share surnames; it is told the first time."
    ),
    mend=N_("Let another person sign, or acknowledge who has made sure that there is no interest in it, and when."),
    after=["A614", "A615"],
    sees=EVERY,
    warns=True,
)
def no_part_in_it(books: Books) -> Iterator[Finding]:
    registered = books.once(people)
    told: set[tuple[str, str]] = set()
    for charge in books.once(charges) if registered else ():
        entry = charge.first
        if books.is_sealed(entry.date):
            continue
        signed = {
            key: [registered[each] for each in _people(_signers(charge, key)) if each in registered] for key in KEYS
        }
        values: dict[str, Any] = {"voucher": entry, "amount": charge.amount, "payee": entry.payee or ""}
        subject = Subject("voucher", place(entry))
        twice = ((a, r) for a in signed[ATTEST] for r in signed[MOTTAGNING] if a.sign != r.sign and is_named(a.name, r))
        for approver, receiver in twice:
            if (approver.sign, receiver.sign) in told:
                continue
            told.add((approver.sign, receiver.sign))
            message = N_("{voucher}, {amount} kr, is approved by {sign} and received by {other}, who are both {name}.")
            values |= {"sign": approver.sign, "other": receiver.sign, "name": approver.name}
            yield Finding(entry, subject, message, values)
        for key, person in [(key, person) for key, own in signed.items() for person in own]:
            pair = (person.sign, party_key(entry.payee or ""))
            if pair not in told and _has_part(entry, person):
                told.add(pair)
                message = N_(
                    '{voucher} "{text}", {amount} kr, is to {payee}, and {key} is {sign}, {name}: is it to the same '
                    "person?"
                )
                values |= {"text": entry.narration or "", "key": key, "sign": person.sign, "name": person.name}
                yield Finding(entry, subject, message, values)
                break


KEYS = (ATTEST, MOTTAGNING)


def _has_part(entry: data.Transaction, person: Person) -> bool:
    """Tell whether a voucher's payee bears the name of a person, or the surname, or its text names the person."""
    payee, surname = entry.payee or "", folded(person.name).split()[-1:]
    is_surname = bool(surname) and len(surname[0]) >= SURNAME and _has_words(payee, surname[0])
    return is_named(payee, person) or is_surname or _has_words(entry.narration or "", person.name)


SURNAME = 4
"""How many letters a surname has at least that tells anything by itself."""


def _has_words(text: str, words: str) -> bool:
    """Tell whether a text has some words, in their order, as words of their own."""
    return re.search(rf"(?<!\w){re.escape(folded(words))}(?!\w)", folded(text)) is not None


# Divided purchases

CLEARLY = Decimal("1.1")
"""By how much several purchases of one day pass a limit before they seem to be one: true ones pass it by little."""


TOGETHER = timedelta(7)
"""What is bought of a supplier within so many days may be one purchase."""


class _Part(NamedTuple):
    """What a purchase charges a unit."""

    charge: Charge
    unit: str
    amount: Decimal

    @property
    def signs(self) -> tuple[str, ...]:
        return _signers(self.charge, ATTEST)

    @property
    def day(self) -> date:
        return self.charge.first.date

    @property
    def told(self) -> str:
        """What is bought, by its text without what passes."""
        return lasting(self.charge.first.narration or "")


@rule(
    "A617",
    title=N_("What is bought of one supplier within a week is approved as one, whatever it is divided into."),
    why=N_(
        "Internal control 6, Right to approve: a limit is not to be passed by dividing a purchase on invoices, days or "
        "units. A warning, since a supplier may have two commissions at once."
    ),
    mend=N_("Let somebody approve it whose right covers the whole, or acknowledge that the purchases are apart."),
    after=["A603", "A604", "A605"],
    sees=EVERY,
    warns=True,
)
def divided_purchases(books: Books) -> Iterator[Finding]:
    suppliers: dict[str, list[_Part]] = defaultdict(list)
    for charge in books.once(charges):
        payee = charge.first.payee
        if payee and _is_purchase(charge, books):
            parts = [_Part(charge, unit, amount) for unit, amount in charge.parts.items() if amount]
            suppliers[party_key(payee)] += parts
    for own in _with_look_alikes(suppliers, books):
        if len(own) < 2:
            continue
        own.sort(key=lambda part: part.day)
        if books.is_sealed(own[-1].day):
            continue
        told: set[Subject] = set()
        for together, is_one_unit in _approved_together(own):
            weeks = list(_weeks(together))
            known = _known_from(own, 2 if is_one_unit else 1) if weeks else {}
            for finding in _divided(weeks, known, is_one_unit, books):
                if finding.subject not in told:
                    told.add(finding.subject)
                    yield finding


def _with_look_alikes(suppliers: Mapping[str, list[_Part]], books: Books) -> Iterator[list[_Part]]:
    """Yield what is bought of each supplier; of one that is new, with what is bought under names that are like its."""
    new = {key: own for key, own in suppliers.items() if own and not books.is_sealed(min(part.day for part in own))}
    begins: dict[str, list[str]] = defaultdict(list)
    for key in new:
        begins[key[:1]].append(key)
    like = {key: [other for other in begins[key[:1]] if other < key and are_look_alikes(key, other)] for key in new}
    met: set[str] = set()
    for key in new if any(like.values()) else ():
        if like[key] and key not in met:
            met.update((key, *like[key]))
            yield [part for each in (key, *like[key]) for part in suppliers[each]]
    for key, own in suppliers.items():
        if key not in met:
            yield own


def _approved_together(own: Sequence[_Part]) -> Iterator[tuple[Sequence[_Part], bool]]:
    """Yield what is bought of a supplier for one unit, and for several with one approval, or under one text."""
    units = {part.unit for part in own}
    for unit in sorted(units):
        yield [part for part in own if part.unit == unit], True
    if len(units) > 1:
        for sign in sorted({sign for part in own for sign in part.signs}):
            yield [part for part in own if sign in part.signs], False
        for told in sorted({part.told for part in own}):
            yield [part for part in own if part.told == told], False


def _is_purchase(charge: Charge, books: Books) -> bool:
    if charge.invoice:
        return charge.invoice.debt.owed > 0
    return bool(bought_past_suppliers(charge.first, books)) or _grants(charge.first, books)


def _grants(entry: data.Transaction, books: Books) -> bool:
    return any(number > 0 and books.roles.has(account, Role.GRANTS_PAID) for account, number in books.rows(entry))


def _known_from(parts: Iterable[_Part], often: int) -> dict[str, date]:
    """Return the day from which something was bought so often that it comes back, by what it is."""
    days: dict[str, set[date]] = defaultdict(set)
    for part in parts:
        days[part.told].add(part.day)
    return {told: sorted(own)[often - 1] for told, own in days.items() if len(own) >= often}


def _weeks(parts: Sequence[_Part]) -> Iterator[Sequence[_Part]]:
    """Yield what is bought within a week of each purchase, where there is more than that."""
    days = [part.day for part in parts]
    for at, day in enumerate(days):
        end = bisect_right(days, shifted(day, TOGETHER), at)
        if end > at + 1:
            yield parts[at:end]


def _divided(
    weeks: Iterable[Sequence[_Part]], known: Mapping[str, date], is_one_unit: bool, books: Books
) -> Iterator[Finding]:
    """Yield the findings of purchases within a week that are above what any of those who approve them may approve.

    What was bought time after time before that is judged by the day, and by the unit: its invoices may come two in a
    week, and one for each unit, as those of a rent do.
    """
    rights = books.once(rights_of_units)
    for week in weeks:
        first = week[0]
        new = [each for each in week if known.get(each.told, date.max) >= first.day]
        of_day = [each for each in week if each.day == first.day] if is_one_unit else []
        together = new if first in new and len(new) > len(of_day) else of_day
        vouchers = {id(each.charge.first): each.charge.first for each in together}
        whole = sum((each.amount for each in together), ZERO)
        limits = {
            right.limit: right.sign
            for each in together
            for right in rights.get(each.unit, ())
            if right.sign in each.signs and right.holds_on(each.day)
        }
        if len(vouchers) > 1 and limits and max(limits) * CLEARLY < whole:
            entry = together[-1].charge.first
            message = N_(
                "{vouchers} of {payee} are of one week and {amount} kr together for {units}, of which {sign} may "
                "approve at most {limit} kr."
            )
            values = {
                "vouchers": list(vouchers.values()),
                "payee": entry.payee,
                "amount": whole,
                "units": sorted({each.unit for each in together}),
                "sign": limits[max(limits)],
                "limit": max(limits),
            }
            yield Finding(entry, Subject("voucher", place(entry)), message, values)


FORTNIGHT, MONTH = timedelta(14), timedelta(31)
"""Within how long two amounts just below a limit are one: any, and those of two texts, which do not come back."""
JUST_BELOW = Decimal("0.9")
"""The part of a limit above which an amount is just below it."""


@rule(
    "A619",
    title=N_("Two purchases of one supplier within a fortnight are not both just below a limit."),
    why=N_(
        "Internal control 6, Right to approve: a purchase that is divided on two invoices is approved by somebody who "
        "may not approve the whole. A warning, since two may come to that by chance."
    ),
    mend=N_("Let somebody approve both whose right covers the whole, or acknowledge that the purchases are apart."),
    after=["A603", "A604", "A605", "A617", "T111", "T114"],
    sees=EVERY,
    warns=True,
)
def just_below_limit(books: Books) -> Iterator[Finding]:
    rights = books.once(rights_of_units)
    last: dict[tuple[str, str, str], _Part] = {}
    for charge in books.once(charges) if rights else ():
        payee = charge.first.payee
        if not payee or books.is_sealed(charge.first.date) or not _is_purchase(charge, books):
            continue
        for unit, amount in charge.parts.items():
            part = _Part(charge, unit, amount)
            limits = {
                right.sign: right.limit
                for right in rights.get(unit, ())
                if right.sign in part.signs and right.holds_on(part.day)
            }
            sign = max(limits, key=lambda each: limits[each], default="")
            if not sign or not limits[sign] * JUST_BELOW <= amount <= limits[sign]:
                continue
            other = last.get((party_key(payee), unit, sign))
            last[party_key(payee), unit, sign] = part
            if other and abs(part.day - other.day) <= (FORTNIGHT if part.told == other.told else MONTH):
                message = N_(
                    "{vouchers} of {payee} are within a month of {amount} and {other} kr, both just below the "
                    "{limit} kr that {sign} may approve."
                )
                values = {
                    "vouchers": [other.charge.first, charge.first],
                    "payee": payee,
                    "amount": other.amount,
                    "other": amount,
                    "limit": limits[sign],
                    "sign": sign,
                }
                yield Finding(charge.first, Subject("voucher", place(charge.first)), message, values)


# Rights


@dataclass(frozen=True)
class Approval:
    """An approval without the right to: the charge, whose part of it, and the rights that its signers have there."""

    charge: Charge
    unit: str
    amount: Decimal
    rights: Sequence[Right]

    @property
    def voucher(self) -> data.Transaction:
        return self.charge.first

    @property
    def day(self) -> date:
        return self.voucher.date

    @cached_property
    def signs(self) -> tuple[str, ...]:
        return _signers(self.charge, ATTEST)

    @property
    def rights_on_day(self) -> list[Right]:
        return [right for right in self.rights if right.holds_on(self.day)]


def approvals_without_right(books: Books) -> list[Approval]:
    """Return what is approved without the right to."""
    rights, approvals = books.once(rights_of_units), []
    known: dict[tuple[str, tuple[str, ...]], list[Right]] = {}
    for charge in books.once(charges):
        signs = _signers(charge, ATTEST)
        # Before anybody may approve anything, only invoices are judged.
        for unit, amount in charge.parts.items() if signs and (rights or charge.invoice) else ():
            own = known.get((unit, signs))
            if own is None:
                own = known[unit, signs] = [right for right in rights.get(unit, ()) if right.sign in signs]
            if not any(right.limit >= amount and right.holds_on(charge.first.date) for right in own):
                approvals.append(Approval(charge, unit, amount, own))
    return approvals


@rule(
    "A603",
    title=N_("Whoever approves a voucher has the right to for the unit that it charges."),
    why=N_("Internal control 6, Right to approve: the right person approves."),
    mend=N_("Let one of those whom the message names approve it, or write the decision that gives the right."),
    after=["A609", "U101", "U103", "F101", "V504"],
    sees=EVERY,
)
def right_for_unit(books: Books) -> Iterator[Finding]:
    without = [each for each in books.once(approvals_without_right) if not each.rights]
    for approvals in _by_cause(without):
        message = N_("{signs} may not approve for {unit}, but has approved {approved}. It may be approved by {able}.")
        yield _one_finding(books, approvals, message, {"approved": _amounts(approvals)})


@rule(
    "A604",
    title=N_("Whoever approves a voucher has the right to on its day."),
    why=N_("Internal control 6, Right to approve, and 16, Delegation: a right begins and ends by a decision."),
    mend=N_("Let one of those whom the message names approve it, or put the dates of the decision right."),
    after=["A609", "U101", "U103", "F101", "V504"],
    sees=EVERY,
)
def right_on_day(books: Books) -> Iterator[Finding]:
    without_day = (each for each in books.once(approvals_without_right) if each.rights and not each.rights_on_day)
    for approvals in _by_cause(without_day, _nearest_right):
        right = _nearest_right(approvals[0])
        time = Message(
            N_("from {start}") if right.end == date.max else N_("from {start} to {end}"),
            {"start": right.start, "end": right.end},
        )
        days = [Message(N_("{voucher} on {day}"), {"voucher": each.voucher, "day": each.day}) for each in approvals]
        message = N_("{sign} may approve for {unit} {time}, but has approved {approved}. It may be approved by {able}.")
        yield _one_finding(books, approvals, message, {"sign": right.sign, "time": time, "approved": days})


@rule(
    "A605",
    title=N_("Whoever approves a voucher has the right to for its amount."),
    why=N_("Internal control 6, Right to approve, and 16, Delegation: what is larger is decided higher up."),
    mend=N_("Let one of those whom the message names approve it, or write the decision that gives the right."),
    after=["A609", "U101", "U103", "F101"],
    sees=EVERY,
)
def right_for_amount(books: Books) -> Iterator[Finding]:
    too_large = sorted(
        (each for each in books.once(approvals_without_right) if each.rights_on_day), key=lambda each: -each.amount
    )
    for approvals in _by_cause(too_large, _largest_right):
        right = _largest_right(approvals[0])
        message = N_(
            "{sign} may approve at most {limit} kr for {unit}, but has approved {approved}. "
            "It may be approved by {able}."
        )
        values = {"sign": right.sign, "limit": right.limit, "approved": _amounts(approvals)}
        yield _one_finding(books, approvals, message, values)


def _by_cause(
    approvals: Iterable[Approval], cause: Callable[[Approval], Right | None] = lambda each: None
) -> Iterable[list[Approval]]:
    """Return approvals of the same persons together: what lacks a right, or the right that does not reach, is one."""
    groups: dict[Hashable, list[Approval]] = defaultdict(list)
    for each in approvals:
        groups[each.signs, each.unit, cause(each)].append(each)
    return groups.values()


def _nearest_right(approval: Approval) -> Right:
    return min(approval.rights, key=lambda right: right.days_from(approval.day))


def _largest_right(approval: Approval) -> Right:
    return max(approval.rights_on_day, key=lambda right: right.limit)


def _amounts(approvals: Iterable[Approval]) -> list[Message]:
    return [
        Message(N_("{voucher} of {amount} kr"), {"voucher": each.voucher, "amount": each.amount}) for each in approvals
    ]


def _one_finding(books: Books, approvals: Sequence[Approval], message: str, values: Mapping[str, Any]) -> Finding:
    """Return the one finding of a right that is not there, or does not reach, however many invoices it was used for."""
    first, largest = approvals[0], max(approvals, key=lambda each: each.amount)
    able = approvers(books, largest.unit, largest.day, largest.amount, _people(_signers(largest.charge, MOTTAGNING)))
    values = {"signs": joined(first.signs, AND), "unit": first.unit, "able": able, **values}
    subject, *also = (Subject("attest", sign) for sign in first.signs)
    # Who may approve for a unit that there is not, or on a day of no fiscal year, is asked when that is mended.
    also += [ANYBODY, Subject("unit", first.unit), Subject("voucher", place(first.voucher))]
    return Finding(first.voucher, subject, message, values, also=also)


@rule(
    "A606",
    title=N_("Representation has `syfte` and `deltagare`."),
    why=N_("Internal control 10, Representation: account, purpose and participants; else the VAT is not deductible."),
    mend=N_("Write both below the voucher's first line."),
    sees=Sees(roles=(Role.REPRESENTATION,), keys=(CORRECTS,)),
)
def representation(books: Books) -> Iterator[Finding]:
    for booking in bookings_to_review(books, Role.REPRESENTATION):
        cost = books.cost(booking, Role.REPRESENTATION)
        lacking = [key for key in ("syfte", "deltagare") if not any(_says(entry, key) for entry in booking.vouchers)]
        if cost and lacking:
            message = N_("Representation of {amount} kr in {voucher} lacks {lacking}: write it below its first line.")
            values = {"amount": cost.amount, "voucher": cost.entry, "lacking": joined(lacking, AND)}
            yield Finding(cost.entry, Subject("voucher", place(cost.entry)), message, values, posting=cost.posting)


_TELLS_NOTHING = {
    "syfte": re.compile(
        r"(intern|extern|representation|möte|lunch|middag|frukost|fika|kaffe|mat|förtäring|arbete|arbetslunch|"
        r"arbetsmöte|diverse|övrigt|annat|affärs?|besök|och|vid|med|för)"
    ),
    "deltagare": re.compile(
        r"(se|enligt|bifogad|bilaga|bif|lista|listan|deltagarlista|underlag|underlaget|kvitto|kvittot|separat|diverse|"
        r"personal|personalen|alla|flera|olika|m|fl|mfl|kollegor|gäster|gäst|deltagare|okänt|okända|vi|oss|och|med)"
    ),
}
"""The words by which one says nothing of what representation was for, or of who took part."""

_WORD = re.compile(r"\w+")


@rule(
    "A639",
    title=N_("Representation says what it was for and who took part in words that somebody can try."),
    why=N_(
        "Skatteverket and the federation's policy: a lunch is representation for what was discussed and with whom; "
        '"meeting" and "see list" are said of any bill. A warning, since a list may be with the document.'
    ),
    mend=N_("Write what was discussed, and who took part: how many, and from where."),
    after=["A606"],
    sees=Sees(roles=(Role.REPRESENTATION,), keys=(CORRECTS,)),
    warns=True,
)
def representation_in_words(books: Books) -> Iterator[Finding]:
    for booking in bookings_to_review(books, Role.REPRESENTATION):
        cost = books.cost(booking, Role.REPRESENTATION)
        for key, nothing in _TELLS_NOTHING.items() if cost and not books.is_sealed(booking.day) else ():
            said = [str(entry.meta[key]) for entry in booking.vouchers if _says(entry, key)]
            if cost and said and all(_tells_nothing(each, nothing) for each in said):
                message = N_('{voucher}: {key} of representation is "{said}", which may be said of any.')
                values = {"voucher": cost.entry, "key": key, "said": said[-1]}
                subject = Subject("voucher", place(cost.entry))
                yield Finding(cost.entry, subject, message, values, posting=cost.posting)
                break


def _tells_nothing(said: str, nothing: re.Pattern[str]) -> bool:
    return all(nothing.fullmatch(word) for word in _WORD.findall(said.casefold()))


def _says(entry: data.Transaction, key: str) -> bool:
    written = entry.meta.get(key)
    return isinstance(written, str) and bool(written.strip())
