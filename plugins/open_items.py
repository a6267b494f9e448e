"""Open items: what customers and suppliers have not settled, invoice by invoice.

    2025-03-03 * "Borås stad" "Medlemsavgifter Navet kvartal 2" ^K-2025-0083
      ver: "K 83"
      forfallodag: 2025-04-02
      Assets:NAV:1510-Kundfordringar     71407.55 SEK
      Income:NAV:3119-Medlemsavgifter   -71407.55 SEK

An invoice and all that concerns it share a link, series-year-number. What is open of it is the sum of the rows on
customer receivables and supplier debts, account by account: positive what we are to get, negative what we are to pay.
The voucher that bills, books against what is sold or bought, is the invoice. A correction (`rattar`) without a link is
of the invoice of what it corrects.

A voucher with the links of several invoices says on each row which one it is of: `faktura: "K-2025-0083"`. Where it
does not, a row is of the invoice of which just that is open; where that is not told either, nobody can say what is
open of them.

    2025-04-01 * "Borås stad" "Inbetalning: Medlemsavgifter Navet kvartal 2" ^K-2025-0083
      ver: "I 12"
      Assets:FK:1610-Internbank          71407.55 SEK
      Assets:NAV:1510-Kundfordringar    -71407.55 SEK

What brings money back to where it should be (a refund, a correction, what is moved to another account) ends a finding:
the rules judge what is left. What was kept in another system was judged there.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache, cached_property
from types import MappingProxyType
from typing import Any, NamedTuple

from beancount.core import data
from beancount.core.amount import Amount

from forbundsbok.plugins.books import Books
from forbundsbok.plugins.corrections import CORRECTS, Booking, bearers, corrected_numbers
from forbundsbok.plugins.findings import Finding, Message, Subject, joined
from forbundsbok.plugins.imports import BANKREF, UNDERLAG, moved_in
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.money import ZERO
from forbundsbok.plugins.months import shifted
from forbundsbok.plugins.numbers import Ver, read_ver
from forbundsbok.plugins.parties import invoice_number, party_key, plain_number, same_party
from forbundsbok.plugins.places import place
from forbundsbok.plugins.review import WAITS, is_reviewed
from forbundsbok.plugins.roles import Role, Roles
from forbundsbok.plugins.rulebook import EVERY, Sees, rule
from forbundsbok.plugins.spelling import nearest

INVOICE = "faktura"
"""The metadata of a row that names the invoice, by its link, that the row is of."""

INVOICE_LINK = re.compile(r"(?P<series>[A-ZÅÄÖ]+)-(?P<year>\d{4})-(?P<number>\d{1,9})", re.ASCII)
"""How the link of an invoice is written: series, year, number; the program fills the number up to four digits."""

LEDGERS = (Role.CUSTOMERS, Role.SUPPLIERS)
"""What the accounts are that invoices stand on."""


BookedRow = tuple[data.Transaction, data.Posting]
"""A posting with its voucher."""

NOTHING_ELSE: Mapping[str, re.Pattern[str]] = MappingProxyType({})


class ItemRow(NamedTuple):
    """What a voucher books on an account that has open items."""

    entry: data.Transaction
    account: str
    number: Decimal


class OpenItem:
    """An invoice, or something else that is to be settled, and what is open of it by account."""

    __slots__ = ("_open", "is_certain", "link", "named_by", "roles", "rows")

    def __init__(self, link: str, named_by: data.Transaction, roles: Roles) -> None:
        self.link = link
        self.roles = roles
        self.named_by = named_by
        """The first voucher with its link, whose rows may all be of other items."""
        self.rows: list[ItemRow] = []
        self.is_certain = True
        """Whether all rows that may be of it are known to be or not to be."""
        self._open: dict[str, Decimal] | None = None

    def add(self, row: ItemRow) -> None:
        """Take a row in."""
        self.rows.append(row)
        self._open = None

    @property
    def open(self) -> dict[str, Decimal]:
        """What is open by account; it is summed when it is first asked for, since of most nobody asks."""
        if self._open is None:
            self._open = {}
            for _, account, number in self.rows:
                self._open[account] = self._open.get(account, ZERO) + number
        return self._open

    @property
    def total(self) -> Decimal:
        return sum(self.open.values(), ZERO)

    @property
    def invoice(self) -> data.Transaction:
        """The first voucher that bills it, or that which it is named after; the first of all where none does."""
        entries = [row.entry for row in self.rows] or [self.named_by]
        billing = [entry for entry in entries if bills(entry, self.roles)]
        return next(_named_after(self.link, billing), (billing or entries)[0])


class Subledger:
    """The items of some postings, and the rows that are of none: without a link, or of which that cannot be told.

    The postings come with their vouchers, by date. `roles` says what their accounts are, and `others` how the links of
    rows on more accounts are written.
    """

    def __init__(
        self, postings: Iterable[BookedRow], roles: Roles, others: Mapping[str, re.Pattern[str]] = NOTHING_ELSE
    ) -> None:
        self.roles = roles
        self.items: dict[str, OpenItem] = {}
        self.loose: list[ItemRow] = []
        self._postings: list[BookedRow] = []
        self._patterns: dict[str, re.Pattern[str] | None] = dict(others)
        self.add(postings)

    def add(self, postings: Iterable[BookedRow]) -> None:
        """Take in postings that are younger than all before them."""
        added, patterns = list(postings), self._patterns
        self._postings += added
        self.__dict__.pop("_bearers", None)  # which are of all of them
        for entry, posting in added:
            account = posting.account
            if account not in patterns:
                patterns[account] = INVOICE_LINK if self.roles.has(account, *LEDGERS) else None
            if pattern := patterns[account]:
                self._add(entry, posting, pattern)

    @classmethod
    def of(
        cls, entries: Iterable[data.Directive], roles: Roles, others: Mapping[str, re.Pattern[str]] = NOTHING_ELSE
    ) -> "Subledger":
        """Return the items of some directives."""
        vouchers = (entry for entry in entries if isinstance(entry, data.Transaction))
        return cls(((entry, posting) for entry in vouchers for posting in entry.postings), roles, others)

    def _add(self, entry: data.Transaction, posting: data.Posting, pattern: re.Pattern[str]) -> None:
        number = posting.units.number if isinstance(posting.units, Amount) else None
        if not isinstance(number, Decimal):
            return
        row = ItemRow(entry, posting.account, number)
        items = [self._item(link, entry) for link in self._links(entry) if pattern.fullmatch(link)]
        item = items[0] if len(items) == 1 else _item_of(posting, row, items)
        if item:
            item.add(row)
            return
        self.loose.append(row)
        for each in items:
            each.is_certain = False

    def _item(self, link: str, entry: data.Transaction) -> OpenItem:
        item = self.items.get(link)
        if item is None:
            item = self.items[link] = OpenItem(link, entry, self.roles)
        return item

    def _links(self, entry: data.Transaction) -> Iterable[str]:
        """Return the links of a voucher, in their order; those of what it corrects where it has none of its own."""
        if len(entry.links) > 1:
            return sorted(entry.links)
        if not entry.links and CORRECTS in entry.meta:
            corrected = (self._bearers.get(ver) for ver in corrected_numbers(entry))
            return sorted({link for each in corrected if each for link in each.links})
        return entry.links

    @cached_property
    def _bearers(self) -> dict[Ver, data.Transaction]:
        return bearers(entry for entry, _ in self._postings)


def _item_of(posting: data.Posting, row: ItemRow, items: Sequence[OpenItem]) -> OpenItem | None:
    """Return the one of some items that a row is of, None where that cannot be told."""
    named = (posting.meta or {}).get(INVOICE)
    for each in items:
        if each.link == named:
            return each
    settled = [each for each in items if each.open.get(row.account) == -row.number]
    return settled[0] if len(settled) == 1 else None


def own_link(ver: str, day: date) -> str:
    """Return the link of the invoice that a voucher books: L-2025-0301 of L 301."""
    series, _, number = ver.partition(" ")
    return f"{series}-{day.year}-{number:0>4}"


def is_own_link(link: str, entry: data.Transaction) -> bool:
    """Tell whether a link is of the number that a voucher itself has, with leading zeros or without."""
    match, ver = INVOICE_LINK.fullmatch(link), read_ver(entry)
    return match is not None and ver == Ver(int(match["year"]), match["series"], int(match["number"]))


def _named_after(link: str, billing: Sequence[data.Transaction]) -> Iterator[data.Transaction]:
    """Yield the voucher that a link is of: a credit note may be dated before it."""
    if len(billing) > 1:
        yield from (entry for entry in billing if is_own_link(link, entry))


def bills(entry: data.Transaction, roles: Roles) -> bool:
    """Tell whether a voucher books something against what is sold or bought, and not against money."""
    kinds = {_stands_for(posting.account, roles) for posting in entry.postings}
    return _BILLED in kinds and _MONEY not in kinds


_MONEY, _BILLED = "money", "billed"


@cache
def _stands_for(account: str, roles: Roles) -> str:
    """Return what an account tells of a voucher with an open item: that it is paid, or that it bills."""
    if roles.has(account, Role.MONEY):
        return _MONEY
    return _BILLED if roles.has(account, Role.PURCHASES, Role.INCOME, Role.EQUITY) else ""


# What becomes of an item


DUE, SUPPLIER, SUPPLIERS_NUMBER = "forfallodag", "orgnr", "fakturanr"
INVOICE_DATE = "fakturadatum"
"""The day of a supplier's invoice, where it is not the voucher's, or where it tells two of one number apart."""
"""The metadata of an invoice: its due date, and whose it is and which, as a supplier has it."""

TRIFLE = Decimal(100)
"""What rounding, bank fees and rates of exchange come to at most."""

SMALL_PART = Decimal("0.01")
"""The part of what was open that is left of it by oversight, and by no agreement."""

ON_LEDGERS = Sees(roles=LEDGERS, keys=(CORRECTS,))


@dataclass(frozen=True)
class ItemMove:
    """What a voucher, with its corrections, does to an item, by account; more than nothing is money out, or a claim."""

    vouchers: Sequence[data.Transaction]
    numbers: Mapping[str, Decimal]
    bills: bool
    """Whether it is an invoice or takes from one without money, as a credit note does."""

    @cached_property
    def total(self) -> Decimal:
        return sum(self.numbers.values(), ZERO)

    @property
    def entry(self) -> data.Transaction:
        """The voucher to blame."""
        return self.vouchers[0]

    @property
    def day(self) -> date:
        return self.entry.date

    @property
    def subject(self) -> Subject:
        return Subject("voucher", place(self.entry))

    def against(self, roles: Roles) -> set[str]:
        """Return the accounts of what is sold or bought."""
        rows = (row for entry in self.vouchers for row in entry.postings)
        return {row.account for row in rows if _stands_for(row.account, roles) == _BILLED}


@dataclass(frozen=True)
class History:
    """An item from its invoice to its last payment."""

    item: OpenItem
    moves: Sequence[ItemMove]

    @property
    def link(self) -> str:
        return self.item.link

    @cached_property
    def invoice(self) -> ItemMove | None:
        """The first that bills something, or that which the item is named after; else the first that bills at all."""
        billing = [move for move in self.moves if move.bills]
        something = [move for move in billing if move.total]
        named = next(_named_after(self.link, [move.entry for move in something]), None)
        own = (move for move in something if named is None or move.entry is named)
        return next(own, billing[0] if billing else None)

    @cached_property
    def sign(self) -> int:
        """What it is: 1 money to get, -1 money to pay."""
        if self.invoice and self.invoice.total:
            return 1 if self.invoice.total > 0 else -1
        return 1 if self.is_of_customer else -1

    @property
    def is_of_customer(self) -> bool:
        return self.item.roles.has(self.item.rows[0].account, Role.CUSTOMERS)

    @cached_property
    def left(self) -> Decimal:
        """What is open of it in the end; less than nothing when more is settled than was billed."""
        return self.item.total * self.sign

    @property
    def payee(self) -> str:
        return (self.invoice.entry.payee or "") if self.invoice else ""

    @property
    def due(self) -> date:
        due = self.item.invoice.meta.get(DUE)
        return due if isinstance(due, date) else self.item.invoice.date

    def settling(self) -> Iterator[tuple[ItemMove, Decimal]]:
        """Yield what settles it without billing, each with what was open before."""
        is_open = ZERO
        for move in self.moves:
            if not move.bills and move.total * self.sign < 0:
                yield move, max(is_open, ZERO)
            is_open += move.total * self.sign


def subledger(books: Books) -> Subledger:
    """Return the items of the books."""
    pairs = [pair for account, own in books.postings.items() if books.roles.has(account, *LEDGERS) for pair in own]
    return Subledger(sorted(pairs, key=lambda pair: pair[0].date), books.roles)


def histories(books: Books) -> list[History]:
    """Return what became of the items of which that is known, but those that are billed and paid and no more."""
    joined = {id(entry): booking for booking in books.bookings(books.corrections) for entry in booking.vouchers}
    return [
        History(item, _moves(item, joined, books))
        for item in books.once(subledger).items.values()
        if item.rows and item.is_certain and not _is_plain(item, joined)
    ]


def _is_plain(item: OpenItem, joined: Mapping[int, Booking]) -> bool:
    """Tell whether an item is an invoice and its payment, in that order and with one party, of which no rule tells."""
    if len(item.rows) != 2:
        return False
    (bill, account, billed), (payment, paid_account, paid) = item.rows
    return (
        account == paid_account
        and billed + paid == 0
        and bill.payee == payment.payee
        and bill.date <= payment.date
        and bills(bill, item.roles)
        and not any(_stands_for(row.account, item.roles) == _BILLED for row in payment.postings)
        and id(bill) not in joined
        and id(payment) not in joined
    )


def _moves(item: OpenItem, joined: Mapping[int, Booking], books: Books) -> list[ItemMove]:
    """Return what was done to an item in order, of one day first what bills."""
    numbers: dict[int, dict[str, Decimal]] = {}
    vouchers: dict[int, Sequence[data.Transaction]] = {}
    for entry, account, number in item.rows:
        booking = joined.get(id(entry))
        key = id(booking or entry)
        vouchers[key] = booking.vouchers if booking else (entry,)
        own = numbers.setdefault(key, {})
        own[account] = own.get(account, ZERO) + number
    made = [
        ItemMove(vouchers[key], own, _is_billing(vouchers[key], own, joined, books)) for key, own in numbers.items()
    ]
    return sorted(made, key=lambda move: (move.day, not move.bills)) if len(made) > 1 else made


def _is_billing(
    vouchers: Sequence[data.Transaction],
    numbers: Mapping[str, Decimal],
    joined: Mapping[int, Booking],
    books: Books,
) -> bool:
    booking = joined.get(id(vouchers[0]))
    accounts = booking.sums(books.currency) if booking else {row.account: None for row in vouchers[0].postings}
    kinds = {_stands_for(account, books.roles) for account in accounts}
    if _BILLED not in kinds:
        return False
    # What is bought and paid at once bills; a payment from which the bank has taken a fee does not.
    return _MONEY not in kinds or all(
        (number >= 0) == books.roles.has(account, Role.CUSTOMERS) or not number for account, number in numbers.items()
    )


def _is_ours(entry: data.Transaction, books: Books) -> bool:
    """Tell whether a voucher is judged here: what was kept in another system was judged there."""
    return entry.meta.get(UNDERLAG) not in books.once(moved_in)


def _meant(books: Books, history: History, move: ItemMove) -> History | None:
    """Return the one other item of the same payee of which just that is open that a voucher settles."""
    found = [
        each for each in books.once(_by_open).get((move.entry.payee or "", -move.total), ()) if each is not history
    ]
    return found[0] if len(found) == 1 else None


def _by_open(books: Books) -> dict[tuple[str, Decimal], list[History]]:
    by_open: dict[tuple[str, Decimal], list[History]] = defaultdict(list)
    for each in books.once(histories):
        if each.left and each.payee:
            by_open[each.payee, each.item.total].append(each)
    return by_open


def _other_invoice(books: Books, history: History, move: ItemMove) -> Message | str:
    """Return the end of a message: which invoice a payment may be of."""
    other = _meant(books, history, move)
    return Message(N_(" Is {link} meant, of which just that is open?"), {"link": other.link}) if other else ""


# More than is open


class Excess(NamedTuple):
    """What settles more of an item than was open, and what more, as amounts above zero."""

    history: History
    move: ItemMove
    open: Decimal
    more: Decimal

    @property
    def is_money_out(self) -> bool:
        return self.move.total > 0


def excesses(books: Books) -> list[Excess]:
    """Return what has settled more than was open, where too much is settled in the end."""
    found = []
    for history in books.once(histories):
        if history.left >= 0 or not history.invoice:
            continue
        left = -history.left
        for move, is_open in reversed(list(history.settling())):
            more = min(abs(move.total) - is_open, left)
            if more > 0 and _is_ours(move.entry, books):
                found.append(Excess(history, move, is_open, more))
                left -= more
    return found


def _told(books: Books, excess: Excess) -> dict[str, Any]:
    history, move = excess.history, excess.move
    earlier = [each.entry for each in history.moves if each.total * history.sign < 0 and each is not move]
    return {
        "voucher": move.entry,
        "amount": abs(move.total),
        "link": history.link,
        "open": excess.open,
        "more": excess.more,
        "earlier": earlier,
        "digits": mistyped(abs(move.total), excess.open) or "",
        "other": _other_invoice(books, history, move),
    }


@rule(
    "R901",
    title=N_("An invoice is paid once."),
    why=N_(
        "What is paid twice is seldom asked back. An error, since it can always be booked as it is: when the bank has "
        "paid twice, what is to come back is a receivable until it does, and a refund with the link ends the finding."
    ),
    mend=N_(
        "Write the link of the invoice that it pays, correct the voucher that is entered twice (rattar), or book what "
        "the supplier is to pay back on a receivable (16)."
    ),
    after=["R903"],
    sees=ON_LEDGERS,
)
def paid_once(books: Books) -> Iterator[Finding]:
    for excess in books.once(excesses):
        if excess.is_money_out and not excess.open:
            message = N_(
                "{voucher} pays {amount} kr of {link}, of which nothing was open: it is settled by {earlier}.{other}"
            )
            alone = N_("{voucher} pays {amount} kr of {link}, of which nothing was open.{other}")
            told = _told(books, excess)
            yield Finding(excess.move.entry, excess.move.subject, message if told["earlier"] else alone, told)


@rule(
    "R902",
    title=N_("Not more of an invoice is paid than is open."),
    why=N_(
        "A mistyped amount costs the difference. An error, since what is paid beside the invoice, as a fee for a "
        "reminder or a rate of exchange, has a row of its own."
    ),
    mend=N_(
        "Write the amount that was paid. Was more paid than is open: book the rest on a cost of its own, or on a "
        "receivable (16) when it is to come back."
    ),
    after=["R903"],
    sees=ON_LEDGERS,
)
def paid_what_is_open(books: Books) -> Iterator[Finding]:
    for excess in books.once(excesses):
        if excess.is_money_out and excess.open:
            message = N_(
                "{voucher} pays {amount} kr of {link}, of which {open} kr was open: {more} kr too much.{digits}{other}"
            )
            yield Finding(excess.move.entry, excess.move.subject, message, _told(books, excess))


@rule(
    "R903",
    title=N_("An invoice is settled on the account that it stands on."),
    why=N_(
        "Every unit balances by itself; on another unit's account both the debt of the one and that of the other are "
        "wrong, though the federation's is right. An error, since a debt that is moved to another unit is moved by a "
        "voucher of its own, after which it is paid there."
    ),
    mend=N_("Write the account that the message names."),
    sees=ON_LEDGERS,
)
def own_account(books: Books) -> Iterator[Finding]:
    for history in books.once(histories):
        is_open = {account: number * history.sign for account, number in history.item.open.items()}
        lacking = [account for account, number in is_open.items() if number > 0]
        beyond = {account for account, number in is_open.items() if number < 0}
        if not (lacking and beyond and history.invoice):
            continue
        move = next((each for each in reversed(history.moves) if not beyond.isdisjoint(each.numbers)), None)
        if move and move is not history.invoice and _is_ours(move.entry, books):
            account = next(each for each in move.numbers if each in beyond)
            message = N_(
                "{voucher} settles {amount} kr of {link} on {account}, but {open} kr of the invoice "
                "is open on {lacking}."
            )
            told = {
                "voucher": move.entry,
                "amount": abs(move.numbers[account]),
                "link": history.link,
                "account": account,
                "open": sum((is_open[each] for each in lacking), ZERO),
                "lacking": lacking,
            }
            yield Finding(move.entry, move.subject, message, told)


@rule(
    "R904",
    title=N_("Not more is received of an invoice than is open."),
    why=N_(
        "What a customer has paid too much is a debt to the customer. A warning, since customers pay what they like; "
        "it ends when it is paid back, or set off against another invoice."
    ),
    mend=N_(
        "Write the amount that came in or the link of the invoice that it is of; pay back what is too much, or book it "
        "on another invoice of the customer's."
    ),
    after=["R903"],
    sees=ON_LEDGERS,
    warns=True,
)
def received_what_is_open(books: Books) -> Iterator[Finding]:
    for excess in books.once(excesses):
        if not excess.is_money_out:
            message = N_(
                "{voucher} receives {amount} kr of {link}, of which {open} kr was open: "
                "{more} kr too much.{digits}{other}"
            )
            yield Finding(excess.move.entry, excess.move.subject, message, _told(books, excess))


# What is billed twice


@rule(
    "R905",
    title=N_("A supplier's invoice is booked once."),
    why=N_(
        "An invoice that is booked twice is paid twice. An error, since a supplier has one invoice of a number in a "
        "year: what several units share is one voucher with a row for each."
    ),
    mend=N_(
        "Correct the one that is the copy (rattar), or write the number that stands on the invoice. Where the supplier "
        "has used the number again, write the invoice's own day (fakturadatum) below the voucher's first line."
    ),
    sees=ON_LEDGERS,
)
def numbered_once(books: Books) -> Iterator[Finding]:
    seen: dict[tuple[str, str, bool], list[tuple[data.Transaction, Decimal]]] = defaultdict(list)
    for entry in books.vouchers:
        if SUPPLIERS_NUMBER not in entry.meta or not _is_ours(entry, books):
            continue
        [booking] = books.bookings([entry])
        owed = -sum(
            (
                number
                for account, number in booking.sums(books.currency).items()
                if books.roles.has(account, Role.SUPPLIERS)
            ),
            ZERO,
        )
        if not owed or booking.first is not entry or not bills(entry, books.roles):
            continue
        number = invoice_number(str(entry.meta[SUPPLIERS_NUMBER]))
        names = {plain_number(str(entry.meta.get(SUPPLIER) or "")), party_key(entry.payee or "")} - {""}
        for name in sorted(names) if number else ():
            known = seen[name, number, owed > 0]
            others = (
                other
                for other, same in known
                if (other.date.year == entry.date.year or same == owed) and not _are_told_apart(other, entry)
            )
            if first := next(others, None):
                other, copy = _in_order(first, entry)
                message = N_(
                    "{voucher} is invoice {number} from {payee}, {amount} kr, which {other} has booked already."
                )
                told = {
                    "voucher": copy,
                    "number": str(copy.meta[SUPPLIERS_NUMBER]),
                    "payee": copy.payee or name,
                    "amount": abs(owed),
                    "other": other,
                }
                yield Finding(copy, Subject("voucher", place(copy)), message, told)
                break
        for name in names:
            seen[name, number, owed > 0].append((entry, owed))


def invoice_day(entry: data.Transaction) -> date:
    """Return the day of the invoice that a voucher has booked."""
    stated = entry.meta.get(INVOICE_DATE)
    return stated if isinstance(stated, date) else entry.date


def _are_told_apart(one: data.Transaction, other: data.Transaction) -> bool:
    """Tell whether one of two vouchers says by its day that it is of another invoice: a number may come back."""
    return any(INVOICE_DATE in each.meta for each in (one, other)) and invoice_day(one) != invoice_day(other)


def _in_order(one: data.Transaction, other: data.Transaction) -> tuple[data.Transaction, data.Transaction]:
    """Return two vouchers in the order of their numbers where they are of one series of a year, else as they are."""
    first, second = read_ver(one), read_ver(other)
    if first and second and first[:2] == second[:2] and second < first:
        return other, one
    return one, other


# Payments and their invoices


@rule(
    "R906",
    title=N_("A payment comes after its invoice."),
    why=N_(
        "What is paid before it is billed is paid for another reason, or one of the two days is wrong. A warning, "
        "since some suppliers take their money first."
    ),
    mend=N_("Put the day right, or write the link of the invoice that is paid."),
    after=["R903"],
    sees=ON_LEDGERS,
    warns=True,
)
def after_its_invoice(books: Books) -> Iterator[Finding]:
    for history in books.once(histories):
        for move, _ in history.settling():
            if history.invoice and move.day < history.invoice.day and _is_ours(move.entry, books):
                message = N_("{voucher} of {day} settles {link}, which {invoice} bills on {billed}.{other}")
                told = {
                    "voucher": move.entry,
                    "day": move.day,
                    "link": history.link,
                    "invoice": history.invoice.entry,
                    "billed": history.invoice.day,
                    "other": _other_invoice(books, history, move),
                }
                yield Finding(move.entry, move.subject, message, told)


@rule(
    "R907",
    title=N_("A payment has the link of an invoice."),
    why=N_(
        "Money that is paid for an invoice that is not there is paid for nothing that anybody has approved. An error, "
        "since what was billed before the books began has a link of that time, or none."
    ),
    mend=N_("Write the link of the invoice, or book the invoice first."),
    sees=ON_LEDGERS,
)
def with_an_invoice(books: Books) -> Iterator[Finding]:
    links = {each.link: each for each in books.once(histories)}
    for history in links.values():
        match = INVOICE_LINK.fullmatch(history.link)
        if history.invoice or not match or int(match["year"]) < books.first_year:
            continue
        for move in history.moves:
            if move.total and _is_ours(move.entry, books):
                yield _without_invoice(books, history, move)
    for row in books.once(subledger).loose:
        for link in row.entry.links:
            if _ALIKE.fullmatch(link) and not INVOICE_LINK.fullmatch(link) and _is_ours(row.entry, books):
                message = N_("{voucher} has the link {link}; that of an invoice is series, year, number: {example}.")
                told = {"voucher": row.entry, "link": link, "example": f"L-{row.entry.date.year}-0031"}
                yield Finding(row.entry, Subject("voucher", place(row.entry)), message, told)


_ALIKE = re.compile(r"[A-Za-zÅÄÖåäö]{0,2}[-_]?\d{2,4}[-_]?\d{1,9}", re.ASCII)
"""What a mistyped link of an invoice looks like."""


def _without_invoice(books: Books, history: History, move: ItemMove) -> Finding:
    near = _meant(books, history, move)
    payees = [each.link for each in books.once(histories) if each.payee and each.payee == move.entry.payee]
    told = {
        "voucher": move.entry,
        "amount": abs(move.total),
        "link": history.link,
        "near": near.link if near else _mislinked(books, history.link) or nearest(history.link, payees),
    }
    message = N_("{voucher} settles {amount} kr of {link}, and no invoice has that link (is {near} meant?).")
    other = N_("{voucher} settles {amount} kr of {link}, and no invoice has that link.")
    return Finding(move.entry, move.subject, message if told["near"] else other, told)


def _mislinked(books: Books, link: str) -> str | None:
    """Return the link of the voucher whose number a link is of, where it bears another: L 45 with L-2025-0054."""
    rows = (row for each in books.once(histories) for row in each.item.rows)
    own = (row.entry for row in rows if is_own_link(link, row.entry))
    return next((min(entry.links) for entry in own if entry.links), None)


@rule(
    "R908",
    title=N_("An invoice is paid to whom it is from."),
    why=N_(
        "Money goes astray to a payee that nobody has approved. A warning, since a supplier may have pledged its "
        "invoices, and a bank writes names in its own way; of money in it is told only when the payer is a "
        "customer too."
    ),
    mend=N_("Write the link of the payee's own invoice, or acknowledge who is paid and why."),
    after=["R901", "R902", "R903", "R904"],
    sees=ON_LEDGERS,
    warns=True,
)
def own_payee(books: Books) -> Iterator[Finding]:
    yield from _refunded_to_another(books)
    customers = books.once(_members_and_customers)
    for history in books.once(histories):
        for move in history.moves:
            invoice, entry = history.invoice, move.entry
            # A customer's claim is credited in that customer's name; what a supplier credits, a group may for it.
            is_credit = move.bills and history.is_of_customer and move.total * history.sign < 0
            if not invoice or not move.total or (move.bills and not is_credit) or _same_party(invoice.entry, entry):
                continue
            is_customer = party_key(entry.payee or "") in customers
            is_strange = is_credit or move.total > 0 or _meant(books, history, move) or is_customer
            if not _is_ours(entry, books) or not is_strange:
                continue
            message = N_("{voucher} is with {payee}, but {link} is of {other_payee}, by {invoice}.{other}")
            told = {
                "voucher": entry,
                "payee": entry.payee,
                "link": history.link,
                "other_payee": invoice.entry.payee,
                "invoice": invoice.entry,
                "other": _other_invoice(books, history, move),
            }
            yield Finding(entry, move.subject, message, told)


def _members_and_customers(books: Books) -> set[str]:
    """Return those that the federation has invoiced itself, as names are compared: they pay invoices of their own."""
    own = books.having(Role.CUSTOMERS)
    return {party_key(entry.payee) for entry in own if entry.payee and bills(entry, books.roles)}


def _refunded_to_another(books: Books) -> Iterator[Finding]:
    """Yield payments to others of items of which nobody can say what is open: whose they are is known all the same."""
    for item in books.once(subledger).items.values():
        for entry, _, number in item.rows if not item.is_certain else ():
            invoice = item.invoice if bills(item.invoice, books.roles) else item.named_by
            if (
                number <= 0
                or bills(entry, books.roles)
                or not bills(invoice, books.roles)
                or _same_party(invoice, entry)
            ):
                continue
            if _is_ours(entry, books):
                message = N_("{voucher} is with {payee}, but {link} is of {other_payee}, by {invoice}.{other}")
                told = {
                    "voucher": entry,
                    "payee": entry.payee,
                    "link": item.link,
                    "other_payee": invoice.payee,
                    "invoice": invoice,
                    "other": "",
                }
                yield Finding(entry, Subject("voucher", place(entry)), message, told)


def _same_party(one: data.Transaction, other: data.Transaction) -> bool:
    """Tell whether two vouchers may be with the same party, however its name is written."""
    if one.payee == other.payee:
        return True
    ids = [plain_number(str(each.meta.get(SUPPLIER) or "")) for each in (one, other)]
    if all(ids):
        return ids[0] == ids[1]
    return not (one.payee and other.payee) or same_party(one.payee, other.payee)


# What lowers an item without money


@rule(
    "R909",
    title=N_("A credit note takes no more than its invoice has billed."),
    why=N_(
        "A credit note beyond its invoice pays for something else, or is mistyped. A warning, since a supplier may "
        "credit several invoices at once and name one."
    ),
    mend=N_("Write the amount that is credited, or the links of all invoices that it credits."),
    sees=ON_LEDGERS,
    warns=True,
)
def credited_what_is_billed(books: Books) -> Iterator[Finding]:
    for history in books.once(histories):
        invoice = history.invoice
        if not invoice or not invoice.total:
            continue
        credits = [move for move in history.moves if move.bills and move.total * history.sign < 0]
        of = sum((move.total for move in history.moves if move.bills and move not in credits), ZERO)
        credited = sum((move.total for move in credits), ZERO)
        if not credits and len(invoice.entry.links) > 1 and history.is_of_customer is (invoice.total < 0):
            # A credit note of its own names beside its own link that of its invoice.
            items = books.once(subledger).items
            others = [items[link] for link in invoice.entry.links if link != history.link and link in items]
            of = sum((row.number for each in others for row in each.rows if row.entry is each.invoice), ZERO)
            credited = invoice.total
            credits = [invoice] if of * credited < 0 else []
        of, credited = abs(of), abs(credited)
        if credits and credited > of and _is_ours(credits[-1].entry, books):
            message = N_("{voucher} credits {amount} kr, but {link} has billed {billed} kr.{digits}")
            links = sorted({*credits[-1].entry.links} - {history.link}) or history.link
            told = {
                "voucher": credits[-1].entry,
                "amount": credited,
                "link": links if credits[-1] is invoice else history.link,
                "billed": of,
                "digits": mistyped(credited, of) or "",
            }
            yield Finding(credits[-1].entry, credits[-1].subject, message, told)


@rule(
    "R910",
    title=N_("An open item is paid, credited or set off, not written off."),
    why=N_(
        "A claim that is written off is money lost, a debt that is written off is income that nobody has billed. A "
        "warning, since customers go bankrupt and suppliers forget; rounding, bank fees and rates of exchange are "
        "not told."
    ),
    mend=N_("Book it against what the invoice was booked on, or acknowledge who has decided it and why."),
    after=["R909"],
    sees=ON_LEDGERS,
    warns=True,
)
def written_off(books: Books) -> Iterator[Finding]:
    for history in books.once(histories):
        invoice = history.invoice
        for move in history.moves:
            if not invoice or move is invoice or move.total * history.sign >= 0 or not _is_ours(move.entry, books):
                continue
            against = move.against(books.roles) - invoice.against(books.roles)
            rows = [row for entry in move.vouchers for row in entry.postings if row.account in against]
            numbers = [row.units.number or ZERO for row in rows if isinstance(row.units, Amount)]
            written = min(abs(sum((each for each in numbers if each * move.total < 0), ZERO)), abs(move.total))
            if written >= TRIFLE:
                message = N_("{voucher} writes off {amount} kr of {link} against {accounts}.")
                told = {
                    "voucher": move.entry,
                    "amount": written,
                    "link": history.link,
                    "accounts": sorted(against),
                }
                yield Finding(move.entry, move.subject, message, told)
            elif _is_written_off(move, history):
                message = N_(
                    '{voucher} "{text}" takes {amount} kr off {link}, and is neither a credit note of its own nor a '
                    "correction."
                )
                told = {
                    "voucher": move.entry,
                    "text": move.entry.narration,
                    "amount": abs(move.total),
                    "link": history.link,
                }
                yield Finding(move.entry, move.subject, message, told)
    for entry, account, number in books.once(subledger).loose:
        if number <= 0 or entry.links or not books.roles.has(account, Role.SUPPLIERS) or not _is_ours(entry, books):
            continue
        against = {other for other, _ in books.rows(entry) if not books.roles.has(other, *LEDGERS)}
        if number >= TRIFLE and against and all(books.roles.has(each, Role.INCOME) for each in against):
            message = N_("{voucher} writes off {amount} kr of {account} against {accounts}, and names no invoice.")
            told = {"voucher": entry, "amount": number, "account": account, "accounts": sorted(against)}
            yield Finding(entry, Subject("voucher", place(entry)), message, told)


def _is_written_off(move: ItemMove, history: History) -> bool:
    """Tell whether a voucher of another series takes from a claim or a debt, and bears no number of a credit note."""
    entry = move.entry
    of_series = str(history.item.invoice.meta.get("ver")).partition(" ")[0]
    is_of_another = str(entry.meta.get("ver")).partition(" ")[0] != of_series
    is_alone = len(move.vouchers) == 1 and CORRECTS not in entry.meta and entry.links <= {history.link}
    return move.bills and is_of_another and is_alone and abs(move.total) >= TRIFLE


@rule(
    "R911",
    title=N_("Nothing is booked twice."),
    why=N_(
        "Two vouchers of the same day, party and amount on the same account are often one that was entered twice. A "
        "warning, since two invoices may come to the same."
    ),
    mend=N_("Correct the one that is the copy (rattar), or acknowledge that there are two."),
    after=["R901", "R902", "R904", "R905"],
    sees=ON_LEDGERS,
    warns=True,
)
def booked_twice(books: Books) -> Iterator[Finding]:
    seen: dict[tuple[date, str, str, Decimal], data.Transaction] = {}
    told: set[int] = set()
    ledger = books.once(subledger)
    # Of an invoice that is paid once the payment is of it alone.
    rows = [row for item in ledger.items.values() for row in (item.rows if len(item.rows) > 2 else item.rows[:1])]
    for entry, account, number in [*rows, *ledger.loose]:
        if not entry.payee:
            continue
        first = seen.setdefault((entry.date, entry.payee, account, number), entry)
        if first is not entry and id(entry) not in told and _are_twins(first, entry, books):
            told.add(id(entry))
            other, copy = _in_order(first, entry)
            message = N_("{voucher} and {other} are both of {day}, {payee} and {amount} kr on {account}.")
            values = {
                "voucher": copy,
                "other": other,
                "day": entry.date,
                "payee": entry.payee,
                "amount": abs(number),
                "account": account,
            }
            yield Finding(copy, Subject("voucher", place(copy)), message, values)


def _are_twins(one: data.Transaction, other: data.Transaction, books: Books) -> bool:
    """Tell whether two vouchers book the same on open items; payments of two invoices do not."""
    both = books.bookings([one, other])
    if len(both) < 2 or not all(_is_ours(each, books) for each in (one, other)):
        return False
    if not bills(one, books.roles) and one.links != other.links and one.links and other.links:
        return False
    if len({invoice_number(str(each.meta[SUPPLIERS_NUMBER])) for each in (one, other) if _is_numbered(each)}) > 1:
        return False
    sums = [{a: n for a, n in each.sums(books.currency).items() if books.roles.has(a, *LEDGERS) and n} for each in both]
    return bool(sums[0]) and sums[0] == sums[1]


def _is_numbered(entry: data.Transaction) -> bool:
    """Tell whether an invoice bears the number that its supplier has given it."""
    return bool(entry.meta.get(SUPPLIERS_NUMBER))


# What is left open


@rule(
    "R912",
    title=N_("What is left of an invoice is left on purpose."),
    why=N_(
        "A payment that is like what is open, but is not it, is often mistyped. A warning, since an invoice may be "
        "paid in parts: only digits that have changed places, one that differs, a decimal sign that has moved, and a "
        "rest of less than a hundredth after the due date are told."
    ),
    mend=N_("Write the amount that was paid, claim the rest, or acknowledge it."),
    after=["R903", "R908"],
    sees=ON_LEDGERS,
    warns=True,
)
def left_on_purpose(books: Books) -> Iterator[Finding]:
    for history in books.once(histories):
        if history.left <= 0 or len(history.moves) < 2 or not history.invoice:
            continue
        last = next(((move, is_open) for move, is_open in history.settling() if move is history.moves[-1]), None)
        if last is None or not _is_ours(last[0].entry, books):
            continue
        move, is_open = last
        paid = abs(move.total)
        digits = mistyped(paid, is_open) if paid < is_open else None
        is_odd = history.left < SMALL_PART * is_open and history.due < books.last_booked
        if digits or is_odd:
            message = N_(
                "{voucher} settles {amount} kr of {link}, of which {open} kr was open: {left} kr is left.{digits}"
            )
            told = {
                "voucher": move.entry,
                "amount": paid,
                "link": history.link,
                "open": is_open,
                "left": history.left,
                "digits": digits or "",
            }
            yield Finding(move.entry, move.subject, message, told)


def mistyped(written: Decimal, meant: Decimal) -> Message | None:
    """Return how an amount may have become another one by mistyping; round amounts are too like each other to say."""
    one, other = (str(int(each * 100)) for each in (written, meant))
    significant = len(one.rstrip("0"))
    if one == other or significant < 3:
        return None
    if sorted(one) == sorted(other):
        return Message(N_(" Two digits may have changed places."))
    if one.rstrip("0") == other.rstrip("0"):
        return Message(N_(" The decimal sign may stand in the wrong place."))
    if significant > 4 and len(one) == len(other) + 1 and one.endswith(other):
        return Message(N_(" One digit may be too many."))
    if len(one) == len(other) and significant > 3 and sum(a != b for a, b in zip(one, other, strict=True)) == 1:
        return Message(N_(" One digit may be wrong."))
    return None


@rule(
    "R913",
    title=N_("What settles an open invoice has its link."),
    why=N_(
        "Without the link the invoice stands as open, and is paid or claimed again. A warning, since another invoice "
        "from the time before the books may come to the same."
    ),
    mend=N_("Write the link on the voucher's first line."),
    after=["R911"],
    sees=ON_LEDGERS,
    warns=True,
)
def with_its_link(books: Books) -> Iterator[Finding]:
    for row in books.once(subledger).loose:
        if row.entry.links or bills(row.entry, books.roles) or not _is_ours(row.entry, books):
            continue
        same = [
            history.link
            for history in books.once(_by_open).get((row.entry.payee or "", -row.number), ())
            if history.item.open.get(row.account) == -row.number and history.item.invoice.date <= row.entry.date
        ]
        if same:
            message = N_("{voucher} books {amount} kr with {payee}; is it {link}, of which just that is open?")
            told = {
                "voucher": row.entry,
                "amount": abs(row.number),
                "payee": row.entry.payee,
                "link": joined(same, N_("{first} or {last}")),
            }
            yield Finding(row.entry, Subject("voucher", place(row.entry)), message, told)


@rule(
    "R919",
    title=N_("Money of a party that has an open invoice of just that is of the invoice."),
    why=N_(
        "A payment that is booked as income or cost leaves its invoice open, to be claimed or paid again. A warning, "
        "since two sums may be the same by chance."
    ),
    mend=N_("Book it on the invoice, with its link, or acknowledge what else it is."),
    after=["R913"],
    sees=Sees(roles=(Role.MONEY, *LEDGERS), keys=(CORRECTS,)),
    warns=True,
)
def beside_its_invoice(books: Books) -> Iterator[Finding]:
    by_open = books.once(_by_open)
    for entry in books.having(Role.MONEY) if by_open else ():
        if not entry.payee or entry.links or books.is_sealed(entry.date) or not _is_ours(entry, books):
            continue
        rows = books.rows(entry)
        if CORRECTS in entry.meta or any(books.roles.has(account, *LEDGERS) for account, _ in rows):
            continue
        money = sum((number for account, number in rows if books.roles.has(account, Role.MONEY)), ZERO)
        same = [
            history.link
            for history in by_open.get((entry.payee, money), ())
            if history.item.invoice.date <= entry.date and history.item.invoice.flag != WAITS
        ]
        if money and same:
            message = N_(
                "{voucher} books {amount} kr with {payee}, of whose invoices {link} has just that open: is it that?"
            )
            told = {
                "voucher": entry,
                "amount": abs(money),
                "payee": entry.payee,
                "link": joined(same, N_("{first} or {last}")),
            }
            yield Finding(entry, Subject("voucher", place(entry)), message, told)


IN_WHOLE = 5
"""How many invoices a customer has paid in whole before a part of one is strange."""


@rule(
    "R920",
    title=N_("A customer that pays its invoices in whole has paid in whole."),
    why=N_(
        "What is kept of a payment that came in leaves a rest on the invoice that looks like the customer's. A "
        "warning, since a customer may dispute a part: ask what the bank has."
    ),
    mend=N_("Compare with the bank's statement, claim the rest, or acknowledge what the customer has said."),
    after=["R903", "R908", "R912"],
    sees=ON_LEDGERS,
    warns=True,
)
def paid_in_part(books: Books) -> Iterator[Finding]:
    parts = []
    for history in books.once(histories):
        if history.sign < 0 or history.left <= TRIFLE or not history.invoice:
            continue
        paid = [move for move, _ in history.settling() if _is_paid_in(move, books)]
        if paid and not books.is_sealed(paid[-1].day) and _is_ours(paid[-1].entry, books):
            parts.append((history, paid[-1]))
    whole = books.once(_paid_in_whole) if parts else {}
    for history, move in parts:
        count = whole.get(party_key(history.payee), 0)
        # What says that it is a part leaves a rest that is known, and that is asked for when it is due (R915).
        if count >= IN_WHOLE and not _IN_PART.search(move.entry.narration or ""):
            message = N_(
                "{voucher} is {amount} kr of {link}, and leaves {left} kr; {count} invoices of {payee} were paid in "
                "whole."
            )
            told = {
                "voucher": move.entry,
                "amount": abs(move.total),
                "link": history.link,
                "left": history.left,
                "count": count,
                "payee": history.payee,
            }
            yield Finding(move.entry, move.subject, message, told)


_IN_PART = re.compile(r"\b(?:del|delvis|del-?(?:betaln|inbetaln|likvid)\w*|avbetaln\w*)\b", re.IGNORECASE)
"""How a text says that a part is paid."""


def _is_paid_in(move: ItemMove, books: Books) -> bool:
    return any(_brings_in(entry, books.roles) for entry in move.vouchers)


def _paid_in_whole(books: Books) -> Mapping[str, int]:
    """Return how many invoices of each customer were paid in whole by one payment."""
    counts = Counter[str]()
    for item in books.once(subledger).items.values():
        if len(item.rows) == 2 and not item.total and books.roles.has(item.rows[0].account, Role.CUSTOMERS):
            counts[party_key(item.invoice.payee or "")] += 1
    return counts


@rule(
    "R914",
    title=N_("A row of several invoices says which one it is of."),
    why=N_("Else nobody can say what is open of them. A warning, since their sum is right all the same."),
    mend=N_("Write below the row which invoice it is of, by its link."),
    sees=ON_LEDGERS,
    warns=True,
)
def of_which_invoice(books: Books) -> Iterator[Finding]:
    for row in books.once(subledger).loose:
        links = sorted(filter(INVOICE_LINK.fullmatch, row.entry.links))
        if len(links) > 1 and row.number and _is_ours(row.entry, books):
            message = N_(
                "{voucher} has the links {links}, and its row of {amount} kr on {account} does not say which one it is "
                "of. Of one of them, write below the row:\n    {key}: {link}\nOf several, make a row of it for each."
            )
            # Of a set-off the debt is of the supplier's invoice, and the claim of the customer's.
            items = books.once(subledger).items
            own = [link for link in links if any(each.account == row.account for each in items[link].rows)] or links
            told = {
                "voucher": row.entry,
                "links": links,
                "amount": row.number,
                "account": row.account,
                "key": INVOICE,
                "link": joined([f'"{each}"' for each in own], N_("{first} or {last}")),
            }
            yield Finding(row.entry, Subject("voucher", place(row.entry)), message, told)


MOST = 20
"""Of how many payments one may lack its link, or its payee, before the books are taken to have none."""


@rule(
    "R916",
    title=N_("What lowers a debt or a claim says which invoice it is of, where nearly all others do."),
    why=N_(
        "What is paid against suppliers' debts without a link is held against no invoice, and leaves the debt wrong by "
        "as much; a claim that is lowered without one is moved where nobody looks for it. A warning, since an invoice "
        "from the time before the books has none."
    ),
    mend=N_("Write the link of the invoice that it is of, or book the invoice first."),
    after=["R907", "R911", "R913", "R914"],
    sees=ON_LEDGERS,
    warns=True,
)
def pays_no_invoice(books: Books) -> Iterator[Finding]:
    ledger = books.once(subledger)
    without = [
        row
        for row in ledger.loose
        if not row.entry.links and not books.is_sealed(row.entry.date) and _lowers_unseen(row, books.roles)
    ]
    asked = [
        row
        for row in without
        if row.entry.date.year > books.first_year and not bills(row.entry, books.roles) and _is_ours(row.entry, books)
    ]
    if not asked:
        return
    linked = sum(
        row.number > 0 and not books.is_sealed(row.entry.date) for each in ledger.items.values() for row in each.rows
    )
    for row in asked if len(without) * MOST <= linked else ():
        message = N_("{voucher} pays {amount} kr to {payee} on {account}, and names no invoice.")
        if row.number < 0:
            message = N_("{voucher} takes {amount} kr off {account}, and names no invoice.")
        told = {
            "voucher": row.entry,
            "amount": abs(row.number),
            "payee": row.entry.payee or Message(N_("nobody named")),
            "account": row.account,
        }
        yield Finding(row.entry, Subject("voucher", place(row.entry)), message, told)


def _lowers_unseen(row: ItemRow, roles: Roles) -> bool:
    """Tell whether a row lowers a supplier's debt, or a customer's claim without any money that comes in."""
    if row.number > 0:
        return roles.has(row.account, Role.SUPPLIERS)
    is_claim = row.number < 0 and roles.has(row.account, Role.CUSTOMERS)
    return is_claim and not any(roles.has(each.account, Role.MONEY) for each in row.entry.postings)


OFTEN = 3
"""How many invoices a customer has had that pays by them."""


@rule(
    "R918",
    title=N_("What a customer that is invoiced pays is of an invoice."),
    why=N_(
        "A payment whose invoice is taken away is kept as a debt or an advance, and leaves that way. A warning, since "
        "customers pay too much and too early; it is told the first time."
    ),
    mend=N_("Write the link of the invoice that is paid, or acknowledge what the customer has paid for."),
    after=["R913", "T107"],
    sees=EVERY,
    warns=True,
)
def paid_on_account(books: Books) -> Iterator[Finding]:
    billed, known = Counter[str](), set[str]()
    for entry in books.vouchers:
        party = party_key(entry.payee or "")
        if not party or party in known:
            continue
        if bills(entry, books.roles) and any(books.roles.has(row.account, Role.CUSTOMERS) for row in entry.postings):
            billed[party] += 1
        kept = next((row for row in books.rows(entry) if row[1] < 0 and _is_kept(row[0], books.roles)), None)
        if kept is None or entry.links or not _brings_in(entry, books.roles):
            continue
        known.add(party)
        is_new = entry.date.year > books.first_year and not books.is_sealed(entry.date)
        if billed[party] >= OFTEN and is_new and is_reviewed(entry, books) and CORRECTS not in entry.meta:
            message = N_("{voucher} has {amount} kr from {payee} on {account}; {count} times before it was invoiced.")
            values = {
                "voucher": entry,
                "amount": -kept[1],
                "payee": entry.payee,
                "account": kept[0],
                "count": billed[party],
            }
            yield Finding(entry, Subject("voucher", place(entry)), message, values)


def _is_kept(account: str, roles: Roles) -> bool:
    """Tell whether an account is of debts, or of what is accrued, that no invoice stands on."""
    return roles.has(account, Role.OTHER_DEBTS, Role.ACCRUED, Role.LOANS) and not roles.has(account, Role.PAYROLL_DEBTS)


@rule(
    "R917",
    title=N_("A payment that is taken back has come back to the bank."),
    why=N_(
        "A correction that takes a payment back makes room for a second one of the same invoice, while the money of "
        "the first is gone. A warning, since a payment may be booked wrongly and booked anew."
    ),
    mend=N_(
        "Compare with the bank's statement: where the money has come back, write the bank's reference (bankref) on the "
        "correction; else take away the second payment."
    ),
    after=["R901", "R902", "R903", "R908"],
    sees=ON_LEDGERS,
    warns=True,
)
def back_in_the_bank(books: Books) -> Iterator[Finding]:
    for history in books.once(histories):
        for move in history.moves:
            back = next(
                (entry for entry in move.vouchers if CORRECTS in entry.meta and _brings_in(entry, books.roles)), None
            )
            again = [each for each, _ in history.settling() if each.total > 0 and each.day >= move.day]
            if back is None or move.bills or move.total or not again or BANKREF in back.meta:
                continue
            if _is_ours(back, books):
                message = N_(
                    "{voucher} takes back a payment of {link} that the bank has made, and {again} pays it again: has "
                    "the money come back?"
                )
                told = {"voucher": back, "link": history.link, "again": again[0].entry}
                yield Finding(back, Subject("voucher", place(back)), message, told)


def _brings_in(entry: data.Transaction, roles: Roles) -> bool:
    """Tell whether a voucher says that money comes in."""
    numbers = [
        row.units.number or ZERO
        for row in entry.postings
        if isinstance(row.units, Amount) and roles.has(row.account, Role.MONEY)
    ]
    return sum(numbers, ZERO) > 0


LATE = timedelta(days=30)
"""How long after the due date what is open is late by oversight: reminders and complaints take a month."""


@rule(
    "R915",
    title=N_("What is due is settled."),
    why=N_(
        "A payment that is not booked leaves its invoice open; a supplier that is not paid claims interest, and a "
        "claim that nobody asks for is lost. A warning, since an invoice may be disputed."
    ),
    mend=N_("Book the payment or the credit note, claim it, or acknowledge why it is open."),
    after=["R901", "R902", "R903", "R908", "R912", "R922", "R923"],
    sees=ON_LEDGERS,
    warns=True,
)
def settled_when_due(books: Books) -> Iterator[Finding]:
    for history in books.once(histories):
        entry = history.item.invoice
        if history.left <= TRIFLE or shifted(history.due, LATE) >= books.last_booked or not _is_ours(entry, books):
            continue
        message = N_("{left} kr of {link} ({voucher}) is open: it was due {due}, and the books go on to {day}.")
        values = {
            "left": history.left,
            "link": history.link,
            "voucher": entry,
            "due": history.due,
            "day": books.last_booked,
        }
        # An invoice of a sealed year is open in this one: the warning stands there, and is answered by its link.
        at = None if books.is_sealed(entry.date) else entry
        yield Finding(at, Subject("item", history.link), message, values, place=entry.meta)
