"""Loans: the register of what the federation has borrowed, on what terms, and that the accounts agree with it.

    2024-03-01 custom "lan" "Kreditbanken 1" Liabilities:ENHET:2350-Lån:Kreditbanken-1 12000000.00 SEK
      forfaller: 2034-03-01
      amortering: 600000.00 SEK
      ranta: 3.10

The directive is dated the day on which the money comes, and has the whole sum that is borrowed; each loan has an
account of its own. `forfaller` is the day on which what then remains is paid, `amortering` what is paid off in a year
(0.00: nothing before that day), `ranta` the rate in percent. What is renewed or raised later is said by another
directive of the same name, from its date on: a key that it does not write is as it was.

The part that falls due in the year after is short at a year-end (LKBR 6 kap.): a voucher moves it to an account of
short loans (plugins.roles), where it is paid off.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from beancount.core import data

from forbundsbok.plugins.accounts import unit_of
from forbundsbok.plugins.books import Books
from forbundsbok.plugins.directives import (
    Field,
    Kind,
    account_under,
    day,
    not_negative_money,
    positive_money,
    text,
    wrong,
)
from forbundsbok.plugins.findings import Finding, Subject
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.money import ZERO
from forbundsbok.plugins.parties import folded, party_key
from forbundsbok.plugins.places import place
from forbundsbok.plugins.revisions import Registered, as_revised
from forbundsbok.plugins.roles import Role
from forbundsbok.plugins.rulebook import Sees, rule, unreadable
from forbundsbok.plugins.years import last_day_of_year

LONG, SHORT = "lan", "kortfristiga-lan"
"""The kinds of account of what is borrowed for longer, and of what falls due within a year."""

HIGHEST = Decimal(100)
"""The highest rate of interest, in percent."""

SEES = Sees(roles=(LONG, SHORT))


@dataclass(frozen=True)
class Loan(Registered):
    """A loan: what is borrowed in all, what is paid off in a year (kronor), the rate (percent), the day of its end."""

    account: str
    amount: Decimal
    ends: date | None = None
    yearly: Decimal | None = None
    rate: Decimal | None = None

    def revised_by(self, later: "Loan") -> "Loan":
        """Return what a later directive makes of it: what that does not write is as it was."""
        kept = {name: getattr(self, name) for name in ("ends", "yearly", "rate") if getattr(later, name) is None}
        return super().revised_by(replace(later, **kept))

    @property
    def taken(self) -> date:
        """The day on which the money came."""
        return self.states[0].since


def _rate(value: Any, _: str | None) -> Decimal:
    if not isinstance(value, Decimal) or not -HIGHEST < value < HIGHEST:
        raise wrong(N_("{value} is no rate in percent, as 3.10"), value=f"{value}")
    return value


def _may_end(entry: data.Custom, given: Any) -> None:
    if "forfaller" in given and given["forfaller"] <= entry.date:
        raise wrong(N_("it falls due {day}, before it is taken"), day=given["forfaller"])


LOAN = Kind(
    "lan",
    values=(
        Field(N_("name"), text),
        Field(N_("account"), account_under("Liabilities")),
        Field(N_("amount"), positive_money),
    ),
    meta=(
        Field("forfaller", day, required=False),
        Field("amortering", not_negative_money, required=False),
        Field("ranta", _rate, required=False),
    ),
    make=lambda entry, given: Loan(
        given["name"],
        given["account"],
        given["amount"],
        given.get("forfaller"),
        given.get("amortering"),
        given.get("ranta"),
        entry=entry,
    ),
    check=_may_end,
    example='2024-03-01 custom "lan" "Kreditbanken 1" Liabilities:ENHET:2350-Lån:Kreditbanken-1 12000000.00 SEK\n'
    "  forfaller: 2034-03-01\n  amortering: 600000.00 SEK\n  ranta: 3.10",
)


def read_loans(entries: Iterable[data.Directive]) -> list[Loan]:
    """Return the loans, in the order of their first directives, as they have come to be (`at` a day)."""
    return as_revised(LOAN.read_all(entries), _account)


def _account(loan: Loan) -> str:
    return loan.account


def _loans(books: Books) -> list[Loan]:
    return as_revised(books.declared(LOAN), _account)  # what is no revision is told by N102


def lenders(books: Books) -> dict[str, str]:
    """Return the lender of each account of a registered loan, and of its short part, by the loan's name."""
    names = {loan.name: " ".join(filter(str.isalpha, party_key(loan.name).split())) for loan in books.declared(LOAN)}
    known = {loan.account: names[loan.name] for loan in books.declared(LOAN)}
    for account, name in books.posted_names.items():
        if name.detail and books.roles.has(account, LONG, SHORT):
            detail = folded(name.detail[-1].replace("-", " "))
            known.setdefault(account, next((names[loan] for loan in names if folded(loan) == detail), ""))
    return known


def is_lender(payee: str | None, lender: str) -> bool:
    """Tell whether a payee is a lender: all words of the one are among those of the other."""
    words, own = set(party_key(payee or "").split()), set(lender.split())
    return bool(words and own) and (words <= own or own <= words)


unreadable(
    "N101",
    LOAN,
    title=N_("A loan has a name, an account, and the sum that is borrowed."),
    why=N_("LKBR 6, 9 kap. ask what is borrowed, at what interest, when it falls due, and what of it is short."),
)


@rule(
    "N102",
    title=N_("A loan has an account of its own, of loans that are long, and one directive a day."),
    why=N_("What is new, paid off and left of each loan is what its account says."),
    mend=N_('Give each loan an account of its own, below 23, or say by custom "kontoslag" that it is of loans.'),
    after=["N101"],
    sees=SEES,
)
def own_account(books: Books) -> Iterator[Finding]:
    loans = {loan.name: loan for loan in books.once(_loans)}
    first: dict[str, Loan] = {}
    for each in books.declared(LOAN):
        owner, known = first.setdefault(each.account, each), loans[each.name].states[0]
        values = {"loan": each.name, "account": each.account, "other": known.entry, "owner": owner.name}
        if not books.roles.has(each.account, LONG):
            message = N_('{loan}: {account} is no account of loans ("lan").')
        elif each.account not in books.opens:
            message = N_("{loan}: {account} is not open.")
        elif owner.name != each.name:
            message = N_("{loan}: {account} is the account of {owner} already.")
        elif known.account != each.account:
            message = N_("{loan} is registered on another account, at {other}: what is renewed keeps its account.")
        elif each.entry not in [state.entry for state in loans[each.name].states]:
            message = N_("{loan} is registered that day already, at {other}: one of the two must go.")
        else:
            continue
        yield Finding(each.entry, Subject("loan", each.name), message, values)


@rule(
    "N103",
    title=N_("What is borrowed is what the register says."),
    why=N_("The note of loans and the cash flow tell what is newly borrowed: a sum of two sources that agree."),
    mend=N_("Put the sum right, where it is wrong: in the register, or in the voucher by which the money came."),
    after=["N101", "N102"],
    sees=SEES,
)
def borrowed_as_registered(books: Books) -> Iterator[Finding]:
    moves = [booking.sums(books.currency) for booking in books.bookings(books.having(LONG))]
    for loan in books.once(_loans):
        borrowed = owed = most = ZERO
        for sums in moves:
            moved = sums.get(loan.account, ZERO)
            if moved < 0:  # what comes back from short loans is no new money
                short = sum((number for other, number in sums.items() if books.roles.has(other, SHORT)), ZERO)
                borrowed -= min(ZERO, moved + max(ZERO, short))
            owed -= moved
            most = max(most, owed)
        values = {"loan": loan.name, "amount": loan.amount, "booked": borrowed, "account": loan.account}
        if loan.amount == most:  # a loan that is paid and taken again at the same bank
            continue
        if loan.taken <= books.first_booked:  # what of it is paid off before the books begin, they do not say
            if most > loan.amount:
                message = N_("{loan} is of {amount} kr, but {booked} kr has come on {account}.")
                yield Finding(loan.entry, Subject("loan", loan.name), message, values)
        elif borrowed != loan.amount and loan.taken <= books.last_booked:
            message = N_("{loan} is of {amount} kr, but the vouchers have {booked} kr come on {account}.")
            yield Finding(loan.entry, Subject("loan", loan.name), message, values)


@rule(
    "N104",
    title=N_("At a year-end, what falls due in the year after is short."),
    why=N_("LKBR 6 kap.: the part of a long loan that is paid within a year is a short-term liability."),
    mend=N_("Move it from the account of the loan to one of short loans, in a voucher of the last day of the year."),
    after=["N101", "N102", "N103"],
    sees=SEES,
)
def short_part(books: Books) -> Iterator[Finding]:
    loans, drawn = books.once(_loans), books.once(_drawn)
    for year, bokslut in books.boksluts.items():
        last = last_day_of_year(year)
        left = _balances(books, last)
        least: dict[str, Decimal] = defaultdict(lambda: ZERO)
        most: dict[str, Decimal] = defaultdict(lambda: ZERO)
        known = [loan.at(last) for loan in loans if loan.taken <= last]
        for loan in known:
            unit, long = unit_of(loan.account), left.get(loan.account, ZERO)
            is_due = loan.ends is not None and loan.ends <= last_day_of_year(year + 1)
            if is_due and long:
                message = N_(
                    "{loan} falls due {ends}: what stands on {account} at the end of {year}, {amount} kr, is short."
                )
                values = {"loan": loan.name, "ends": loan.ends, "amount": long, "account": loan.account, "year": year}
                yield Finding(bokslut, Subject("loan", loan.name, year), message, values)
            elif is_due or loan.yearly is None:
                moved = _made_short(books, loan.account, year)
                least[unit], most[unit] = least[unit] + moved, most[unit] + moved
            else:
                least[unit] += min(loan.yearly, long)
                most[unit] += loan.yearly
        for unit in sorted({unit_of(loan.account) for loan in known}):
            parts = (account for account in left if _is_short(books, account, unit) and account not in drawn)
            short = sum((left[account] for account in parts), ZERO)
            values = {"unit": unit, "year": year, "short": short, "least": least[unit], "most": most[unit]}
            if short < least[unit]:
                message = N_(
                    "{unit}: {least} kr of its loans is paid off the year after {year}, but {short} kr is short."
                )
            elif short > most[unit]:
                message = N_(
                    "{unit}: at most {most} kr of its loans is paid off the year after {year}, but {short} kr is short."
                )
            else:
                continue
            yield Finding(bokslut, Subject("unit", unit, year), message, values)


def _made_short(books: Books, account: str, year: int) -> Decimal:
    """Return what of a loan is moved to short loans in a year, in kronor."""
    moved = ZERO
    for entry in books.on_accounts([account]):
        rows = books.rows(entry) if entry.date.year == year else ()
        if any(books.roles.has(other, SHORT) for other, _ in rows):
            # What goes the other way is a loan that is renewed for longer.
            moved += max(ZERO, sum((number for own, number in rows if own == account), ZERO))
    return moved


def _drawn(books: Books) -> set[str]:
    """Return the accounts of short loans that are drawn on when money is needed, as an overdraft: no part of others."""
    drawn, parts = set[str](), set[str]()
    for booking in books.bookings(books.having(SHORT)):
        sums = booking.sums(books.currency)
        short = {account for account in sums if books.roles.has(account, SHORT)}
        if any(books.roles.has(account, Role.EQUITY) for account in sums):  # the opening balance has all
            continue
        if any(books.roles.has(account, LONG) for account in sums):
            parts |= short
        elif sum((number for account, number in sums.items() if books.roles.has(account, Role.MONEY)), ZERO) > 0:
            drawn |= {account for account in short if sums[account] < 0}
    return drawn - parts


def _is_short(books: Books, account: str, unit: str) -> bool:
    return unit_of(account) == unit and books.roles.has(account, SHORT)


def _balances(books: Books, day: date) -> dict[str, Decimal]:
    """Return what is owed on each account of loans at the end of a day, in kronor."""
    owed: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for entry in books.having(LONG, SHORT):
        if entry.date <= day:
            for account, number in books.rows(entry):
                if books.roles.has(account, LONG, SHORT):
                    owed[account] -= number
    return owed


@rule(
    "N105",
    title=N_("What is borrowed stands in the register."),
    why=N_("Without it nobody knows when it falls due, what of it is short, and what it costs."),
    mend=N_("Write the loan as the message shows, with its terms."),
    after=["N101", "N102"],
    sees=SEES,
    warns=True,
)
def unregistered(books: Books) -> Iterator[Finding]:
    registered = {loan.account for loan in books.once(_loans)}
    for account, owed in _balances(books, date.max).items():
        if owed and books.roles.has(account, LONG) and account not in registered:
            entry, _ = books.postings[account][0]
            message = N_('{amount} kr is borrowed on {account}, of which no custom "lan" tells the terms.')
            yield Finding(entry, Subject("account", account), message, {"amount": owed, "account": account})


@rule(
    "N106",
    title=N_("What a lender pays is a loan, unless it is interest."),
    why=N_("A loan that is booked as income makes a result that is to be paid back."),
    mend=N_("Book it on an account of loans and write it into the register, or acknowledge what it is paid for."),
    after=["N101", "N102", "N103"],
    sees=Sees(roles=(Role.INCOME,)),
    warns=True,
)
def borrowed_as_income(books: Books) -> Iterator[Finding]:
    known = sorted({lender for lender in books.once(lenders).values() if lender})
    for entry in books.having(Role.INCOME) if known else ():
        if not entry.payee or books.is_sealed(entry.date) or not any(is_lender(entry.payee, each) for each in known):
            continue
        rows = books.rows(entry)
        money = sum((number for account, number in rows if books.roles.has(account, Role.MONEY)), ZERO)
        earned = [
            (account, -number)
            for account, number in rows
            if books.roles.has(account, Role.INCOME) and not books.roles.has(account, "finansiella-intakter")
        ]
        if money > 0 and sum((number for _, number in earned), ZERO) > 0:
            account, amount = max(earned, key=lambda row: row[1])
            message = N_("{voucher} books {amount} kr of {payee}, who lends to the federation, as income on {account}.")
            values = {"voucher": entry, "amount": amount, "payee": entry.payee, "account": account}
            yield Finding(entry, Subject("voucher", place(entry)), message, values)
