"""Flows: which event every posting is of that moves fixed assets, loans, provisions, equity or grants.

A voucher is classified, with its corrections (`rattar`), by the accounts that it joins (plugins.events). Where they do
not tell what has happened, or tell it wrong, the voucher says it:

    2025-03-31 * "Medlemskommun" "Utrustning som kommunen för över"
      ver: "B 14"
      handelse: "overtagande"
      Assets:FK:1210-Inventarier                    90000.00 SEK
      Income:FK:3990-Övriga-intäkter               -90000.00 SEK

A year that was kept in another system cannot say it: the mapping does, before it comes in (importers.sie.mapping).

What was bought or sold on credit is money when it is paid: the debt or the claim is followed by its link, or where it
has none by its amount on the same account, and what settles it has the event.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from beancount.core import data

from forbundsbok.plugins.accounts import unit_of
from forbundsbok.plugins.books import Books
from forbundsbok.plugins.corrections import CORRECTS, Booking, number_of
from forbundsbok.plugins.events import (
    CASH,
    DISTINCT,
    EVENT,
    FITTING,
    FOLLOWED,
    PAID,
    RESULT,
    TRACKED,
    Event,
    EventRow,
    Share,
    Sort,
    events_of,
    sort_of,
)
from forbundsbok.plugins.findings import Finding, Message, Subject
from forbundsbok.plugins.imports import UNDERLAG, moved_in
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.loans import LOAN
from forbundsbok.plugins.money import ZERO, rounded
from forbundsbok.plugins.numbers import read_ver
from forbundsbok.plugins.open_items import LEDGERS, OpenItem, subledger
from forbundsbok.plugins.parties import same_party
from forbundsbok.plugins.places import place
from forbundsbok.plugins.rulebook import Sees, rule
from forbundsbok.plugins.spelling import nearest
from forbundsbok.plugins.years import first_day_of_year


class Flow(NamedTuple):
    """What of a posting is of an event: kronor, debit plus. `word` is what statements call the event."""

    entry: data.Transaction
    account: str
    event: Event
    word: str
    amount: Decimal


@dataclass(frozen=True)
class EventBooking:
    """A voucher with its corrections, its rows as they come to, and what they are parts of."""

    booking: Booking
    rows: Sequence[EventRow]
    parts: Sequence[Share]
    said: Sequence[Event] = ()

    def left(self) -> Iterator[tuple[EventRow, Decimal]]:
        """Yield the rows that must have an event, with what of them has none."""
        told: dict[int, Decimal] = defaultdict(Decimal)
        for part in self.parts:
            told[part.row] += part.amount
        for index, row in enumerate(self.rows):
            if sort_of(row.slag) in TRACKED and row.amount != told[index]:
                yield row, row.amount - told[index]

    @property
    def is_corrected(self) -> bool:
        """Whether it is a voucher and what corrects it."""
        return any(CORRECTS in entry.meta for entry in self.booking.vouchers)

    def posting_of(self, account: str) -> tuple[data.Transaction, data.Posting]:
        """Return the last posting on an account."""
        return [(entry, row) for entry, row in self.booking.rows() if row.account == account][-1]


def event_bookings(books: Books) -> list[EventBooking]:
    """Return what the vouchers are that have a row with an event, each with its corrections."""
    slag = books.roles.slag
    accounts = [account for account in books.postings if sort_of(slag(account)) in DISTINCT]
    return [_classified(booking, books) for booking in books.bookings(books.on_accounts(accounts))]


def _classified(booking: Booking, books: Books) -> EventBooking:
    rows = _rows(booking, books)
    said = [event for word in _said(booking) if (event := _event(word))]
    parts = events_of(
        rows,
        opens=_opens(booking, rows, books),
        # A change of principle comes from nobody.
        adjusts=booking.day == first_day_of_year(booking.day.year) and not booking.first.payee,
        corrects=any(CORRECTS in entry.meta for entry in booking.vouchers),
        renewed=books.once(_renewed).get(booking.day, ()),
        said=said,
    )
    return EventBooking(booking, rows, parts, said)


def _renewed(books: Books) -> dict[date, set[str]]:
    """Return the accounts of the loans that are taken or renewed on a day, by the register."""
    days: dict[date, set[str]] = defaultdict(set)
    for loan in books.declared(LOAN):
        days[loan.since].add(loan.account)
    return days


def _rows(booking: Booking, books: Books) -> list[EventRow]:
    """Return the rows of a voucher; of one that is corrected what each account comes to."""
    slag = books.roles.slag
    if len(booking.vouchers) == 1:
        return [EventRow(account, slag(account), number) for account, number in books.rows(booking.first)]
    sums = booking.sums(books.currency)
    return [EventRow(account, slag(account), number) for account, number in sums.items()]


def _opens(booking: Booking, rows: Sequence[EventRow], books: Books) -> bool:
    """Tell whether a booking is an opening balance: against equity, without result, before anything else is booked.

    Capital that is paid in on the first day of the first year opens nothing.
    """
    kinds = {sort_of(row.slag) for row in rows}
    if Sort.EQUITY not in kinds or kinds & RESULT:
        return False
    if booking.day < first_day_of_year(books.first_year):
        return True
    return booking.day == books.first_booked and books.once(_brings_more_than_money)


def _brings_more_than_money(books: Books) -> bool:
    """Tell whether anything but money stands against equity on the first day of the books."""
    first = (entry for entry in books.vouchers if entry.date == books.first_booked)
    own = ({sort_of(books.roles.slag(account)) for account, _ in books.rows(entry)} for entry in first)
    return any(Sort.EQUITY in sorts and not sorts <= CASH | {Sort.EQUITY} and not sorts & RESULT for sorts in own)


def _said(booking: Booking) -> list[str]:
    """Return the words of what a voucher says has happened; a correction's go before those of what it corrects."""
    texts = [entry.meta[EVENT] for entry in booking.vouchers if EVENT in entry.meta]
    return [word.strip() for word in str(texts[-1]).split(",")] if texts else []


def _event(word: str) -> Event | None:
    return next((event for event in Event if event.value == word), None)


# The flows


def flows(books: Books) -> list[Flow]:
    """Return what of each posting is of an event, in the order of the vouchers' first rows."""
    told = [flow for each in books.once(event_bookings) for flow in _flows_of(each, books)]
    return [*told, *_settled(told, books)]


def _flows_of(each: EventBooking, books: Books) -> Iterator[Flow]:
    """Yield the flows of a booking, each at the posting that moves the account."""
    vouchers = each.booking.vouchers
    if len(vouchers) == 1:
        for part in each.parts:
            yield Flow(vouchers[0], each.rows[part.row].account, part.event, part.word, part.amount)
        return
    parts: dict[str, list[Share]] = defaultdict(list)
    for part in each.parts:
        parts[each.rows[part.row].account].append(part)
    sums = {row.account: row.amount for row in each.rows}
    alone = dict(_first_alone(each, books))
    for entry in vouchers:
        for account, number in books.rows(entry):
            own = parts.get(account, [])
            if account not in sums:
                # What a correction takes back whole is what it was.
                own, whole = ([alone[account]] if account in alone else []), ZERO
            else:
                whole = sums[account]
            if len(own) == 1 and own[0].amount == (whole if account in sums else own[0].amount):
                yield Flow(entry, account, own[0].event, own[0].word, number)
    for account, own in parts.items():
        if len(own) > 1 or own[0].amount != sums[account]:
            yield from _spread(each, account, own, books)


def _first_alone(each: EventBooking, books: Books) -> Iterator[tuple[str, Share]]:
    """Yield the event that each account has in the first voucher with it, by that voucher alone."""
    known = {row.account for row in each.rows}
    for entry in reversed(each.booking.vouchers):
        if any(account not in known for account, _ in books.rows(entry)):
            own = _classified(Booking((entry,)), books)
            for part in own.parts:
                if (account := own.rows[part.row].account) not in known:
                    yield account, part


def _spread(each: EventBooking, account: str, parts: Sequence[Share], books: Books) -> Iterator[Flow]:
    """Yield the parts of an account on its postings, the first that has room first; the last takes what is left.

    Where the parts are all that the account comes to, what a correction takes back of a posting is of the first.
    """
    entries = [entry for entry in each.booking.vouchers for name, _ in books.rows(entry) if name == account]
    room = [number for entry in each.booking.vouchers for name, number in books.rows(entry) if name == account]
    for part in parts:
        left = part.amount
        for index, entry in enumerate(entries):
            amount = min(left, room[index]) if left > 0 else max(left, room[index])
            if left * room[index] > 0:
                room[index] -= amount
                left -= amount
                yield Flow(entry, account, part.event, part.word, amount)
        if left:
            yield Flow(entries[-1], account, part.event, part.word, left)
            room[-1] -= left
    if not sum(room, ZERO):
        for entry, rest in zip(entries, room, strict=True):
            if rest:
                yield Flow(entry, account, parts[0].event, parts[0].word, rest)


# What is settled later


@dataclass
class _Open:
    """What is open of a debt or a claim, and the events that it is of."""

    left: Decimal = ZERO
    parts: dict[tuple[Event, str], Decimal] = field(default_factory=lambda: defaultdict(Decimal))

    def settle(self, number: Decimal) -> Iterator[tuple[tuple[Event, str], Decimal]]:
        """Take off what a row settles; yield each event's part of it."""
        share = min(-number / self.left, Decimal(1))
        for key, amount in self.parts.items():
            if part := rounded(amount * share):
                self.parts[key] -= part
                yield key, -part
        self.left += number


def _settled(told: Iterable[Flow], books: Books) -> Iterator[Flow]:
    """Yield the flows of what settles debts and claims that are of an event."""
    slag = books.roles.slag
    shares: dict[tuple[int, str], list[Flow]] = defaultdict(list)
    for flow in told:
        if flow.event in PAID and sort_of(slag(flow.account)) in FOLLOWED:
            shares[id(flow.entry), flow.account].append(flow)
    if not shares:
        return
    linked: set[tuple[int, str]] = set()
    for item in books.once(subledger).items.values():
        keys = {(id(row.entry), row.account) for row in item.rows}
        if keys & shares.keys():
            linked |= keys
            yield from _settled_of(item, shares)
    yield from _settled_by_amount({key: own for key, own in shares.items() if key not in linked}, linked, books)


def _settled_of(item: OpenItem, shares: Mapping[tuple[int, str], list[Flow]]) -> Iterator[Flow]:
    opened: dict[str, _Open] = defaultdict(_Open)
    taken: set[tuple[int, str]] = set()
    for entry, account, number in item.rows:
        one, key = opened[account], (id(entry), account)
        if key in shares and key not in taken:
            taken.add(key)
            for flow in shares[key]:
                one.parts[flow.event, flow.word] += flow.amount
            one.left += number
        elif key not in shares and one.left * number < 0:
            for (event, word), amount in one.settle(number):
                yield Flow(entry, account, event, word, amount)
        else:
            one.left += number


def _settled_by_amount(
    shares: Mapping[tuple[int, str], list[Flow]], linked: set[tuple[int, str]], books: Books
) -> Iterator[Flow]:
    """Yield what settles rows without a link: one of just their amount, of suppliers and customers else the oldest."""
    for account in {account for _, account in shares}:
        waiting: list[_Open] = []
        for entry, row in books.postings[account]:
            key, number = (id(entry), account), number_of(row)
            if key in linked or not number:
                continue
            own = shares.get(key, [])
            for one in _first_settled(waiting, number, books.roles.has(account, *LEDGERS)):
                part = max(-one.left, number) if number < 0 else min(-one.left, number)
                number -= part
                settled = list(one.settle(part))
                if not own:
                    yield from (Flow(entry, account, event, word, amount) for (event, word), amount in settled)
                if not number:
                    break
            waiting = [one for one in waiting if one.left]
            if number:
                waiting.append(_Open(number, {(flow.event, flow.word): flow.amount for flow in own}))


def _first_settled(waiting: Sequence[_Open], number: Decimal, oldest: bool) -> list[_Open]:
    """Return what a row may settle, in this order."""
    same = [one for one in waiting if one.left == -number][:1]
    return same or ([one for one in waiting if one.left * number < 0] if oldest else [])


# What is not told

DEPRECIATED = frozenset({Sort.COST, Sort.DISPOSED, Sort.ACCUMULATED, Sort.WRITTEN_DOWN})
"""What the register of assets knows."""


_SIDES: Mapping[Event, int] = {
    Event.NEW_LOAN: -1,
    Event.AMORTISATION: 1,
    Event.LENDING: 1,
    Event.REPAYMENT: -1,
    Event.PAYMENT: 1,
    Event.PROVIDED: -1,
    Event.RELEASE: 1,
    Event.GRANT_RECEIVED: -1,
    Event.GRANT_RELEASED: 1,
    Event.GRANT_REPAID: 1,
    Event.WRITE_DOWN: -1,
    Event.REVERSAL: 1,
}
"""The side on which an event is booked, where it is on one."""

SEES = Sees(
    roles=("anlaggning", "infrastrukturbidrag", "kortfristig-utlaning", "placeringar", "eget-kapital", "avsattning",
           "langfristiga", "kortfristiga-lan", "realisationsvinst", "realisationsforlust", "finansiella-intakter",
           "finansiella-kostnader"),
    keys=(CORRECTS, EVENT),
)  # fmt: skip


@rule(
    "F001",
    title=N_("What a voucher does to fixed assets, loans, provisions, equity or grants is told by its accounts."),
    why=N_(
        "LKBR 8 and 9 kap.: the cash flow statement and the notes show what has happened, purchases, sales, new loans, "
        "and not how balances differ. Of what nobody can tell they would show something else."
    ),
    mend=N_("Book the other side on the account that was meant, or write `handelse` below the voucher's first line."),
    after=["D704", "D706", "P306", "P308", "P309"],
    sees=SEES,
)
def untold_events(books: Books) -> Iterator[Finding]:
    for each in books.once(event_bookings):
        for row, amount in each.left():
            entry, posting = each.posting_of(row.account)
            message = N_(
                "{voucher} books {amount} kr on {account} ({slag}) against {others}: that does not tell what has "
                "happened. Book the other side on the account that was meant or, where this is right, write below the "
                'first line which it is: {key}: "{first}" (or {words}).'
            )
            if entry.meta.get(UNDERLAG) in books.once(moved_in):
                message = N_(
                    "{voucher} books {amount} kr on {account} ({slag}) against {others}: that does not tell what has "
                    "happened. It was kept in another system: write which it is before it is taken in, in import.toml "
                    'below [sie.{key}]:   "{number}" = "{first}"   (or {words}); once it has come in, below its first '
                    'line: {key}: "{first}".'
                )
            others = sorted({other.account for other in each.rows if other.account != row.account})
            is_given = amount > 0 and books.roles.has(others[0], "intakt") if others else False
            words = sorted(_fitting(row, amount), key=lambda word: is_given and word != Event.TAKE_OVER)
            first, *words = words
            values = {
                "voucher": entry,
                "amount": abs(amount),
                "account": row.account,
                "slag": row.slag.name,
                "others": others,
                "key": EVENT,
                "number": f"{ver} {ver.year}" if (ver := read_ver(entry)) else "",
                "first": first,
                "words": words,
            }
            # What the registers of assets and provisions find about the same rows is the cause.
            about = [Subject("voucher", place(each.booking.first))]
            if sort_of(row.slag) in DEPRECIATED:
                about.append(Subject("unit", unit_of(row.account), entry.date.year))
            yield Finding(entry, Subject("voucher", place(entry)), message, values, posting=posting, also=about)
            break


def _fitting(row: EventRow, amount: Decimal) -> list[str]:
    """Return the words of what can have happened to a row."""
    kind = sort_of(row.slag)
    return [event.value for event, kinds in FITTING.items() if kind in kinds and _SIDES.get(event, 0) * amount >= 0]


@rule(
    "F002",
    title=N_("What a voucher says has happened is a word that statements know."),
    why=N_("A misspelt event is none, and the voucher is shown as what its accounts tell."),
    mend=N_("Write one of the words of the message."),
    sees=SEES,
)
def known_events(books: Books) -> Iterator[Finding]:
    for entry in books.vouchers:
        if EVENT not in entry.meta:
            continue
        for word in _said(Booking((entry,))):
            if _event(word) is None:
                known = [event.value for event in Event]
                near = nearest(word, known)
                message = N_('{voucher} says {key}: "{word}", which is no event. There are {known}.')
                if near:
                    message = N_('{voucher} says {key}: "{word}", which is no event. Is {near} meant?')
                values = {"voucher": entry, "key": EVENT, "word": word, "known": known, "near": near}
                yield Finding(entry, Subject("voucher", place(entry)), message, values)


@rule(
    "F003",
    title=N_("What a voucher says has happened can have happened to its accounts."),
    why=N_("A write-down is no money and a new loan no debit: what cannot be is a mistake in the word or in the rows."),
    mend=N_("Write what has happened, or put the rows right; without `handelse` the accounts tell it."),
    after=["F001", "F002"],
    sees=SEES,
)
def possible_events(books: Books) -> Iterator[Finding]:
    elsewhere = {id(entry) for each in books.once(event_bookings) for entry in each.booking.vouchers}
    for entry in books.vouchers:
        if EVENT in entry.meta and id(entry) not in elsewhere:
            for word in _said(Booking((entry,))):
                yield from _impossible(entry, word)
    for each in books.once(event_bookings):
        told = {part.event for part in each.parts}
        for event in each.said:
            if event not in told or _is_turned(each, event):
                entry = next(entry for entry in reversed(each.booking.vouchers) if EVENT in entry.meta)
                yield from _impossible(entry, event.value)


def _impossible(entry: data.Transaction, word: str) -> Iterator[Finding]:
    if _event(word):
        message = N_('{voucher} says {key}: "{word}", but none of its rows can be of that.')
        values = {"voucher": entry, "key": EVENT, "word": word}
        yield Finding(entry, Subject("voucher", place(entry)), message, values)


def _is_turned(each: EventBooking, event: Event) -> bool:
    """Tell whether an event stands on the other side than it can, in what corrects nothing."""
    side = _SIDES.get(event, 0)
    if not side or any(CORRECTS in entry.meta for entry in each.booking.vouchers):
        return False
    own = (
        part
        for part in each.parts
        if part.event is event and sort_of(each.rows[part.row].slag) in FITTING.get(event, frozenset())
    )
    return sum((part.amount for part in own), ZERO) * side < 0


@rule(
    "F004",
    title=N_("What is credited on unfinished plant by somebody who has sold nothing to it is told."),
    why=N_(
        "RKR R2 and LKBR 8 kap.: a grant to an investment is a debt, released over the life of what it paid for, and "
        "is received. Taken off the cost it is shown as less bought, or as a sale."
    ),
    mend=N_("Book a grant on an account of grants to investments, or write what else it is, as the message shows."),
    after=["F001", "F002", "F003"],
    sees=SEES,
)
def grant_taken_off_cost(books: Books) -> Iterator[Finding]:
    sellers: list[str] = []
    for each in books.once(event_bookings):
        payee, own = each.booking.first.payee or "", [part for part in each.parts if part.event in _DEALS]
        own = [part for part in own if sort_of(each.rows[part.row].slag) is Sort.UNFINISHED]
        if any(part.amount > 0 for part in own):
            sellers.append(payee)
            continue
        is_known = any(same_party(payee, seller) for seller in sellers if payee and seller)
        settles_debt = any(sort_of(row.slag) is Sort.OWED and row.amount > 0 for row in each.rows)
        if not own or is_known or settles_debt or each.said or each.is_corrected:
            continue
        account = each.rows[own[0].row].account
        entry, posting = each.posting_of(account)
        message = N_(
            "{voucher} credits {amount} kr on {account}, which is not finished, and {payee} has sold nothing to it. "
            "Book a grant on an account of grants to investments (2388). Where it is taken off the cost after all, or "
            'is something else, write which below the first line: {key}: "{grant}" (or {purchase} where the price is '
            "lower, {sale} where it is sold)."
        )
        values = {
            "voucher": entry,
            "amount": -sum((part.amount for part in own), ZERO),
            "account": account,
            "payee": payee or Message(N_("who pays it")),
            "key": EVENT,
            "grant": Event.GRANT_RECEIVED.value,
            "purchase": Event.PURCHASE.value,
            "sale": Event.SALE.value,
        }
        yield Finding(entry, Subject("voucher", place(entry)), message, values, posting=posting)


_DEALS = (Event.PURCHASE, Event.SALE)
"""What a credit on unfinished plant counts as, where nothing is said of it."""
