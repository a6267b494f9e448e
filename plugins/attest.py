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

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache, cached_property
from typing import Any

from beancount.core import data

from forbundsbok.plugins.books import Books
from forbundsbok.plugins.corrections import CORRECTS
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
from forbundsbok.plugins.findings import Finding, Message, Subject, joined, phrase
from forbundsbok.plugins.invoices import INVOICES, BookedInvoice, booked_invoices
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.places import place
from forbundsbok.plugins.review import bookings_to_review
from forbundsbok.plugins.rulebook import Sees, rule
from forbundsbok.plugins.spelling import nearest

REPRESENTATION = "71"

ATTEST, MOTTAGNING = "attest", "mottagning"
"""The metadata of who has approved an invoice, and of who has received what it is for."""

AND = N_("{first} and {last}")


# Decisions: who may approve


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
    meta=(Field("roll", text, required=False), Field("till", day, required=False)),
    check=_ends_after_it_begins,
    make=lambda entry, given: Right(
        given["signature"], given["unit"], given["largest amount"], entry.date, given.get("till", date.max), entry
    ),
    example='2023-01-01 custom "attest" "SIGN" "UNIT" 200000.00 SEK\n  roll: "Enhetschef"\n  till: 2024-03-31',
)

ANYBODY = Subject("attest", "")
"""What a right is about that names nobody: it may be anybody's."""


def rights_of_units(books: Books) -> dict[str, list[Right]]:
    """Return the rights to approve for each unit, the lowest first."""
    rights: dict[str, list[Right]] = defaultdict(list)
    for right in sorted(books.declared(RIGHT), key=lambda right: right.limit):
        rights[right.unit].append(right)
    return rights


def _signatures(entry: data.Transaction, key: str) -> tuple[str, ...]:
    """Return the signatures of a voucher, none when what stands there is no text."""
    written = entry.meta.get(key)
    return _split(written) if isinstance(written, str) else ()


def _signers(invoice: BookedInvoice, key: str) -> tuple[str, ...]:
    """Return who has approved or received an invoice."""
    return tuple(sign for entry in invoice.vouchers for sign in _signatures(entry, key))


@cache
def _split(written: str) -> tuple[str, ...]:
    return tuple(sign for part in written.split(",") if (sign := part.strip()))


def _persons(signs: Iterable[str]) -> set[str]:
    """Return who has signed, however they write it."""
    return {sign.casefold() for sign in signs}


# Signatures


@rule(
    "A601",
    title=N_("A supplier invoice has `attest` and `mottagning`."),
    why=N_("Internal control 6, Right to approve: every invoice is approved, and what it is for is received."),
    mend=N_("Write below the voucher's first line who has approved and who has received it."),
    sees=INVOICES,
)
def signatures(books: Books) -> Iterator[Finding]:
    for invoice in books.once(booked_invoices):
        for entry in invoice.vouchers:
            lacking = [key for key in (ATTEST, MOTTAGNING) if not _signatures(entry, key)]
            if not lacking:
                continue
            message = N_("{kind} {voucher}, {amount} kr, lacks {lacking}: write who below its first line.")
            values = {
                "kind": invoice.kind,
                "voucher": entry,
                "amount": abs(invoice.debt.owed),
                "lacking": joined(lacking, AND),
            }
            if ATTEST in lacking:
                message = N_(
                    "{kind} {voucher}, {amount} kr, lacks {lacking}: write who below its first line. "
                    "It may be approved by {able}."
                )
                receivers = _persons(_signatures(entry, MOTTAGNING))
                parts = invoice.debt.parts().items()
                able = {unit: _approvers(books, unit, entry.date, part, receivers) for unit, part in parts}
                values["able"] = [phrase(N_("{able} for {unit}"), able=able[unit], unit=unit) for unit in able]
            yield Finding(entry, Subject("voucher", place(entry)), message, values)


@rule(
    "A602",
    title=N_("Whoever approves a supplier invoice has not received it too."),
    why=N_("Internal control 6, Right to approve: two different persons approve and receive."),
    mend=N_("Let another person receive or approve it, and write who."),
    sees=INVOICES,
)
def two_persons(books: Books) -> Iterator[Finding]:
    for invoice in books.once(booked_invoices):
        for entry in invoice.vouchers:
            receivers = _persons(_signatures(entry, MOTTAGNING))
            both = [sign for sign in _signatures(entry, ATTEST) if sign.casefold() in receivers]
            if both:
                message = N_("{kind} {voucher} is both approved and received by {both}: another person must do one.")
                values = {"kind": invoice.kind, "voucher": entry, "both": joined(both, AND)}
                yield Finding(entry, Subject("voucher", place(entry)), message, values)


# Rights


@dataclass(frozen=True)
class Approval:
    """An approval without the right to: the invoice, whose part of it, and the rights that its signers have there."""

    invoice: BookedInvoice
    unit: str
    amount: Decimal
    rights: Sequence[Right]

    @property
    def voucher(self) -> data.Transaction:
        return self.invoice.booking.first

    @property
    def day(self) -> date:
        return self.voucher.date

    @cached_property
    def signs(self) -> tuple[str, ...]:
        return _signers(self.invoice, ATTEST)

    @property
    def rights_on_day(self) -> list[Right]:
        return [right for right in self.rights if right.holds_on(self.day)]


def approvals_without_right(books: Books) -> list[Approval]:
    """Return what is approved without the right to."""
    rights, approvals = books.once(rights_of_units), []
    for invoice in books.once(booked_invoices):
        signs = _signers(invoice, ATTEST)
        for unit, amount in invoice.debt.parts().items() if signs else ():
            own = [right for right in rights.get(unit, ()) if right.sign in signs]
            if not any(right.limit >= amount and right.holds_on(invoice.booking.day) for right in own):
                approvals.append(Approval(invoice, unit, amount, own))
    return approvals


@rule(
    "A603",
    title=N_("Whoever approves a supplier invoice has the right to for the unit that it charges."),
    why=N_("Internal control 6, Right to approve: the right person approves."),
    mend=N_("Let one of those whom the message names approve it, or write the decision that gives the right."),
    after=["A609", "U101", "U103", "F101"],
    sees=INVOICES,
)
def right_for_unit(books: Books) -> Iterator[Finding]:
    for approvals in _by_cause(each for each in books.once(approvals_without_right) if not each.rights):
        message = N_("{signs} may not approve for {unit}, but has approved {approved}. It may be approved by {able}.")
        yield _one_finding(books, approvals, message, {"approved": _amounts(approvals)})


@rule(
    "A604",
    title=N_("Whoever approves a supplier invoice has the right to on its day."),
    why=N_("Internal control 6, Right to approve, and 16, Delegation: a right begins and ends by a decision."),
    mend=N_("Let one of those whom the message names approve it, or put the dates of the decision right."),
    after=["A609", "U101", "U103", "F101"],
    sees=INVOICES,
)
def right_on_day(books: Books) -> Iterator[Finding]:
    # Of a day outside the fiscal years, V504 asks which one is meant.
    without_day = (
        each
        for each in books.once(approvals_without_right)
        if each.rights and not each.rights_on_day and books.fiscal_years.have(each.day)
    )
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
    title=N_("Whoever approves a supplier invoice has the right to for its amount."),
    why=N_("Internal control 6, Right to approve, and 16, Delegation: what is larger is decided higher up."),
    mend=N_("Let one of those whom the message names approve it, or write the decision that gives the right."),
    after=["A609", "U101", "U103", "F101"],
    sees=INVOICES,
)
def right_for_amount(books: Books) -> Iterator[Finding]:
    beyond_limit = [each for each in books.once(approvals_without_right) if each.rights_on_day]
    for approvals in _by_cause(sorted(beyond_limit, key=lambda each: -each.amount), _largest_right):
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
    able = _approvers(books, largest.unit, largest.day, largest.amount, _persons(_signers(largest.invoice, MOTTAGNING)))
    values = {"signs": joined(first.signs, AND), "unit": first.unit, "able": able, **values}
    subject, *also = (Subject("attest", sign) for sign in first.signs)
    # Who may approve for a unit that there is not is no question before its own finding is mended.
    return Finding(first.voucher, subject, message, values, also=[*also, ANYBODY, Subject("unit", first.unit)])


def _approvers(books: Books, unit: str, day: date, amount: Decimal, receivers: set[str]) -> Message | str:
    """Return who may approve an amount for a unit on a day, but those who have received it, the lowest right first."""
    signs = dict.fromkeys(
        right.sign
        for right in books.once(rights_of_units).get(unit, ())
        if right.holds_on(day) and right.limit >= amount and right.sign.casefold() not in receivers
    )
    if not signs:
        return Message(N_("nobody"))
    return joined(signs, N_("{first} or {last}"))


@rule(
    "A606",
    title=N_("Representation (71xx) has `syfte` and `deltagare`."),
    why=N_("Internal control 10, Representation: account, purpose and participants; else the VAT is not deductible."),
    mend=N_("Write both below the voucher's first line."),
    sees=Sees(groups=(REPRESENTATION,), keys=(CORRECTS,)),
)
def representation(books: Books) -> Iterator[Finding]:
    for booking in bookings_to_review(books, REPRESENTATION):
        cost = booking.cost(REPRESENTATION, books.currency)
        lacking = [key for key in ("syfte", "deltagare") if not any(_says(entry, key) for entry in booking.vouchers)]
        if cost and lacking:
            message = N_("Representation of {amount} kr in {voucher} lacks {lacking}: write it below its first line.")
            values = {"amount": cost.amount, "voucher": cost.entry, "lacking": joined(lacking, AND)}
            yield Finding(cost.entry, Subject("voucher", place(cost.entry)), message, values, posting=cost.posting)


def _says(entry: data.Transaction, key: str) -> bool:
    written = entry.meta.get(key)
    return isinstance(written, str) and bool(written.strip())


@rule(
    "A609",
    title=N_("An attest directive can be read: a signature, a unit, and the largest amount."),
    why=N_("Nobody may approve by a decision that cannot be read."),
    mend=N_("Write the directive as the message shows."),
    after=["U101", "U103"],
)
def readable_right(books: Books) -> Iterator[Finding]:
    units = {unit for entry in books.customs("unit") for unit in custom_values(entry)[:1] if isinstance(unit, str)}
    for entry, why in books.unread(RIGHT):
        yield _unreadable(entry, why)
    for right in books.declared(RIGHT):
        if right.unit not in units:
            yield replace(_unreadable(right.entry, _no_unit(right, units)), also=[Subject("unit", right.unit)])


def _unreadable(entry: data.Custom, why: Message) -> Finding:
    return replace(RIGHT.finding(entry, why), subject=Subject("attest", _sign_of(entry)))


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
