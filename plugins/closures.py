"""What ends: a unit, and an account.

    2025-06-30 custom "enhet-slut" "NVS"
    2025-12-31 close Assets:NAV:1910-Kassa

The day is the last one. What is left then is moved to what goes on, in a voucher of that day or before: each account
to the same one of another unit, and what the unit is worth by transactions between the two. The books are asked for it
as soon as they go on after that day.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

from beancount.core import data

from forbundsbok.plugins.accounts import is_clearing
from forbundsbok.plugins.books import Books
from forbundsbok.plugins.corrections import has_amount, number_of
from forbundsbok.plugins.findings import Finding, Message, Subject
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.money import ZERO
from forbundsbok.plugins.rulebook import EVERY, rule
from forbundsbok.plugins.units import UNIT_END, Unit, UnitEnd, units_in

BALANCES = ("Assets", "Liabilities", "Equity")
OWNED = ("Assets", "Liabilities")
"""The roots of what a unit owns and owes: their sum is what it is worth."""


@rule(
    "U113",
    title=N_("A unit ends once, and after it has begun."),
    why=N_("After its last day nothing is booked on a unit; a day that is not its own would stop the wrong one."),
    mend=N_("Write the unit's code as it is declared, or put the day right."),
    after=["U101", "U112"],
)
def unit_end(books: Books) -> Iterator[Finding]:
    units = books.once(units_in)
    ended: dict[str, UnitEnd] = {}
    for end in books.declared(UNIT_END):
        unit, first = units.get(end.code), ended.setdefault(end.code, end)
        values = {"unit": end.code, "day": end.day, "declared": sorted(units), "first": first.entry}
        subject = Subject("unit", end.code)
        if unit is None:
            message = N_("{unit} is not declared, and so cannot end. The declared units: {declared}.")
        elif first is not end:
            message = N_("{unit} has ended already, at {first}: one of the two must go.")
        elif late := [state for state in unit.states if state.since > end.day]:
            message = N_("{unit} ends {day}, before it is declared at {later}.")
            values["later"] = late[0].entry
        else:
            continue
        yield Finding(end.entry, subject, message, values)


@rule(
    "U114",
    title=N_("Nothing is booked on a unit after its last day."),
    why=N_("A unit that has ended is in no later statement; what is booked on it would be in none."),
    mend=N_("Book it on the unit that has taken over, or put the day of the voucher, or of the end, right."),
    after=["U113"],
    sees=EVERY,
)
def booked_after_the_end(books: Books) -> Iterator[Finding]:
    for unit, day, entry in books.once(_ended):
        late = [
            (voucher, row)
            for account in _accounts(books, unit.code)
            for voucher, row in books.postings.get(account, ())
            if voucher.date > day and not is_clearing(account)
        ]
        if late:
            vouchers = list(
                {id(voucher): voucher for voucher, _ in sorted(late, key=lambda pair: pair[0].date)}.values()
            )
            message = N_(
                "{unit} has ended {day} ({end}), but is booked on later, by {vouchers}. Book it on the unit that has "
                "taken over, or put the day right."
            )
            values = {"unit": unit.code, "day": day, "end": entry, "vouchers": vouchers}
            yield Finding(vouchers[0], Subject("unit", unit.code), message, values, posting=late[0][1])


@rule(
    "U115",
    title=N_("A unit that has ended owns and owes nothing."),
    why=N_("It is in no later balance sheet; what was left on its accounts would be in none of any unit."),
    mend=N_("Move each amount to the unit that takes over, in a voucher of the last day or before."),
    after=["U113", "U114"],
    sees=EVERY,
)
def left_at_the_end(books: Books) -> Iterator[Finding]:
    for unit, day, entry in books.once(_ended):
        if not _goes_on(books, day):
            continue
        owned = [account for account in _accounts(books, unit.code) if account.startswith(OWNED)]
        balances = {account: amount for account in owned if (amount := _balance(books, account, day))}
        worth = sum(balances.values(), ZERO)
        left = [
            Message("{account} {amount} kr", {"account": account, "amount": amount})
            for account, amount in balances.items()
            if not is_clearing(account)
        ]
        values = {"unit": unit.code, "day": day, "left": left, "worth": worth}
        if left and worth:
            message = N_(
                "{unit} has ended {day}, but has {left}. Move each to the same account of the unit that takes over, "
                "and give it the {worth} kr that {unit} then is worth: an expense of one and an income of the other, "
                "on accounts with intern: TRUE. The vouchers are dated {day} or before."
            )
        elif left:
            message = N_(
                "{unit} has ended {day}, but has {left}. Move each to the same account of the unit that takes over, in "
                "a voucher dated {day} or before."
            )
        elif worth:
            message = N_(
                "{unit} has ended {day}, but is worth {worth} kr. Give it to the unit that takes over: an expense of "
                "one and an income of the other, on accounts with intern: TRUE, in a voucher dated {day} or before."
            )
        else:
            continue
        yield Finding(entry, Subject("unit", unit.code), message, values)


@rule(
    "U116",
    title=N_("An account that is closed is empty."),
    why=N_("Nothing can be booked on it any more: what was left on it would stand in the balance sheet for ever."),
    mend=N_("Move what is left to another account on that day or before, or take the close away."),
    after=["U115"],
    sees=EVERY,
)
def closed_with_a_balance(books: Books) -> Iterator[Finding]:
    for account, close in books.closes.items():
        if not account.startswith(BALANCES) or books.is_sealed(close.date):
            continue
        if left := _balance(books, account, close.date):
            name = books.names.get(account)
            message = N_(
                "{account} is closed {day} with {left} kr left. Move it to another account, in a voucher dated {day} "
                "or before."
            )
            values = {"account": account, "day": close.date, "left": left}
            also = [Subject("unit", name.unit)] if name else []
            yield Finding(close, Subject("account", account), message, values, also=also)


def _ended(books: Books) -> list[tuple[Unit, date, data.Custom]]:
    """Return the units that end, with their last days and what says so."""
    ends = {end.code: end.entry for end in reversed(books.declared(UNIT_END))}
    return [(unit, unit.closed, ends[code]) for code, unit in books.once(units_in).items() if unit.closed]


def _goes_on(books: Books, day: date) -> bool:
    """Tell whether the books have come past a day, so that what should be booked until then is asked for."""
    return books.last_booked > day or any(bokslut.date >= day for bokslut in books.boksluts.values())


def _accounts(books: Books, unit: str) -> Iterable[str]:
    return (account for account, name in books.posted_names.items() if name.unit == unit)


def _balance(books: Books, account: str, day: date) -> Decimal:
    """Return what is on an account at the end of a day: debit plus."""
    rows = (row for entry, row in books.postings.get(account, ()) if entry.date <= day)
    return sum((number_of(row) for row in rows if has_amount(row, books.currency)), ZERO)
