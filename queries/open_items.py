"""What is open at a date of customers' or suppliers' invoices, proven against the balances of their accounts.

    forbundsbok open --suppliers --at 2024-12-31

Every open invoice is a line for each account that it stands on, as an amount above zero; what is overpaid or credited
is below. What stands on the accounts without a link, an opening balance for example, is a sum of its own by account,
so that the whole is what the accounts say.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from operator import attrgetter
from typing import Self

from beancount.core import data

from forbundsbok.plugins.accounts import unit_of
from forbundsbok.plugins.language import N_, language, tr
from forbundsbok.plugins.money import ZERO, amount_text
from forbundsbok.plugins.open_items import DUE, Subledger
from forbundsbok.plugins.review import WAITS
from forbundsbok.plugins.roles import Role, Roles
from forbundsbok.queries.general_ledger import GeneralLedger
from forbundsbok.queries.proofs import StatementError

AGES = (0, 30, 60, 90)
"""How many days overdue the groups of an ageing end with; a last one has what is older."""

TITLES = {Role.CUSTOMERS: N_("Customer receivables"), Role.SUPPLIERS: N_("Debts to suppliers")}


@dataclass(frozen=True)
class OpenLine:
    """What is open of an invoice on an account; without a link, what stands on it that is of no invoice."""

    account: str
    amount: Decimal
    link: str = ""
    voucher: str = ""
    payee: str = ""
    day: date | None = None
    due: date | None = None
    overdue: int = 0
    """Days after the due date."""
    waits: bool = False
    """Whether the invoice waits for approval."""

    @property
    def unit(self) -> str:
        return unit_of(self.account)


@dataclass(frozen=True)
class OpenListing:
    """What is open at a date, by party and then by due date; `loose` is what is of no invoice, by account."""

    role: Role
    day: date
    lines: Sequence[OpenLine]
    loose: Sequence[OpenLine]

    @property
    def title(self) -> str:
        return f"{tr(TITLES[self.role])} {self.day}"

    @property
    def total(self) -> Decimal:
        return total_of([*self.lines, *self.loose])

    def by_age(self) -> dict[str, tuple[Decimal, ...]]:
        """Return what each party has open by how long it is overdue: not yet, then as AGES, then more."""
        aged: dict[str, list[Decimal]] = {}
        for line in self.lines:
            age = next((at for at, days in enumerate(AGES) if line.overdue <= days), len(AGES))
            aged.setdefault(line.payee, [ZERO] * (len(AGES) + 1))[age] += line.amount
        return {payee: tuple(amounts) for payee, amounts in aged.items()}

    def by_unit(self) -> dict[str, tuple[Decimal, Decimal]]:
        """Return what is open of each unit, and what of it is overdue."""
        every = [*self.lines, *self.loose]
        units = sorted({line.unit for line in every})
        return {
            unit: (
                total_of(line for line in every if line.unit == unit),
                total_of(line for line in every if line.unit == unit and line.overdue),
            )
            for unit in units
        }


def total_of(lines: Iterable[OpenLine]) -> Decimal:
    """Return what some lines come to."""
    return sum((line.amount for line in lines), ZERO)


class ItemsAt:
    """What is open at the end of a day, worked out once for customers and suppliers. Amounts in kronor.

    `booked` has what is booked by then, and holds until more is taken into it.
    """

    def __init__(self, booked: Subledger, ledger: GeneralLedger, day: date) -> None:
        self.booked, self.ledger, self.day = booked, ledger, day
        self.balances = ledger.balances(day)

    @classmethod
    def each(cls, entries: Iterable[data.Directive], ledger: GeneralLedger, days: Iterable[date]) -> Iterator[Self]:
        """Yield what is open on each of some days, the earliest first: it holds until the next one is asked for."""
        booked = Subledger((), ledger.roles)
        vouchers = sorted((entry for entry in entries if isinstance(entry, data.Transaction)), key=data.entry_sortkey)
        done = 0
        for day in days:
            until = bisect_right(vouchers, day, lo=done, key=attrgetter("date"))
            booked.add((entry, posting) for entry in vouchers[done:until] for posting in entry.postings)
            done = until
            yield cls(booked, ledger, day)

    @classmethod
    def on(cls, entries: Iterable[data.Directive], ledger: GeneralLedger, day: date) -> Self:
        """Return what is open at the end of a day."""
        return next(cls.each(entries, ledger, [day]))

    def of(self, role: Role, unit: str = "") -> OpenListing:
        """Return what is open, of all units or of one. Raises StatementError where it is not proven."""
        lines, rest = _lines(self.booked, self.ledger.roles, role, self.day)
        _prove([*lines, *rest], self.balances, self.ledger.roles, role, self.day)
        own = ([line for line in each if unit in ("", line.unit)] for each in (lines, rest))
        return OpenListing(role, self.day, *own)


def open_at(
    entries: Iterable[data.Directive], ledger: GeneralLedger, role: Role, day: date, unit: str = ""
) -> OpenListing:
    """Return what is open at the end of a day, of all units or of one. Raises StatementError where it is not proven."""
    return ItemsAt.on(entries, ledger, day).of(role, unit)


def _lines(booked: Subledger, roles: Roles, role: Role, day: date) -> tuple[list[OpenLine], list[OpenLine]]:
    """Return what is open of invoices, by party and due date, and what is of none, by account."""
    sign = 1 if role is Role.CUSTOMERS else -1
    lines, loose = [], dict[str, Decimal]()
    for item in booked.items.values():
        still_open = [(account, number) for account, number in item.open.items() if number and roles.has(account, role)]
        if still_open:
            invoice = item.invoice
            due = invoice.meta.get(DUE)
            due = due if isinstance(due, date) else None
            for account, number in still_open:
                lines.append(
                    OpenLine(
                        account,
                        sign * number,
                        item.link,
                        str(invoice.meta.get("ver") or ""),
                        invoice.payee or "",
                        invoice.date,
                        due,
                        max((day - due).days, 0) if due else 0,
                        invoice.flag == WAITS,
                    )
                )
    for row in booked.loose:
        if roles.has(row.account, role):
            loose[row.account] = loose.get(row.account, ZERO) + sign * row.number
    lines.sort(key=lambda line: (line.payee, line.due or line.day or day, line.link, line.account))
    return lines, [OpenLine(account, number) for account, number in sorted(loose.items()) if number]


def _prove(lines: Sequence[OpenLine], balances: Mapping[str, Decimal], roles: Roles, role: Role, day: date) -> None:
    """Raise StatementError where the lines of an account are not its balance, asked of the books by themselves."""
    sign = 1 if role is Role.CUSTOMERS else -1
    balances = {account: sign * number for account, number in balances.items() if roles.has(account, role) and number}
    sums: dict[str, Decimal] = {}
    for line in lines:
        sums[line.account] = sums.get(line.account, ZERO) + line.amount
    for account in sorted({*balances, *sums}):
        listed, balance = sums.get(account, ZERO), balances.get(account, ZERO)
        if listed != balance:
            text = N_("open items of {account} come to {listed} kr on {day}, but its balance is {balance} kr")
            told = {"listed": amount_text(listed, language()), "balance": amount_text(balance, language())}
            raise StatementError(tr(text, account=account, day=day, **told))
