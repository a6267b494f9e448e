"""The collected books: what a ledger holds, sorted once, so that no rule walks all entries itself.

    books = Books(entries, options_map)
    books.having(Role.SUPPLIERS)        the vouchers with a row on such accounts
    books.roles.has(account, Role.PAY)  what an account is
    books.declared(UNIT)                what the directives of a kind say
    books.closed                        the years with bokslut

What is collected is plain (`Collected`): lists of directives by kind. It can be made file by file and merged. All else
is worked out from it when it is first asked for.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any, TypeVar

from beancount.core import data

from forbundsbok.plugins.accounts import CLEARING_NUMBER, AccountName, parse_account
from forbundsbok.plugins.corrections import (
    CORRECTS,
    Booking,
    Cost,
    Row,
    bearers,
    has_amount,
    joined_bookings,
    number_of,
    rows_of,
)
from forbundsbok.plugins.directives import Kind
from forbundsbok.plugins.findings import Message
from forbundsbok.plugins.numbers import Ver
from forbundsbok.plugins.roles import KONTOSLAG, Role, Roles, roles_of
from forbundsbok.plugins.sigill import is_sealed
from forbundsbok.plugins.years import BOKSLUT, FiscalYears, fiscal_years, read_boksluts

T = TypeVar("T")


@dataclass
class Collected:
    """The directives of a ledger or of one of its files, in their order, by kind."""

    vouchers: list[data.Transaction] = field(default_factory=list)
    opens: list[data.Open] = field(default_factory=list)
    closes: list[data.Close] = field(default_factory=list)
    balances: list[data.Balance] = field(default_factory=list)
    pads: list[data.Pad] = field(default_factory=list)
    customs: dict[str, list[data.Custom]] = field(default_factory=dict)
    others: list[data.Directive] = field(default_factory=list)

    @classmethod
    def of(cls, entries: Iterable[data.Directive]) -> "Collected":
        """Return what some directives hold."""
        collected = cls()
        by_kind: dict[type, list[Any]] = {
            data.Transaction: collected.vouchers,
            data.Open: collected.opens,
            data.Close: collected.closes,
            data.Balance: collected.balances,
            data.Pad: collected.pads,
        }
        for entry in entries:
            kind = type(entry)
            if kind is data.Custom:
                collected.customs.setdefault(entry.type, []).append(entry)  # type: ignore[union-attr,arg-type]
            else:
                by_kind.get(kind, collected.others).append(entry)
        return collected

    @classmethod
    def merged(cls, parts: Iterable["Collected"]) -> "Collected":
        """Return what several files hold together, in the order of a ledger: by date, then by line."""
        return cls.of(sorted((entry for part in parts for entry in part.entries()), key=data.entry_sortkey))

    def entries(self) -> list[data.Directive]:
        """Return all directives, those of a kind in their order."""
        customs = [entry for own in self.customs.values() for entry in own]
        return [*self.vouchers, *self.opens, *self.closes, *self.balances, *self.pads, *customs, *self.others]


SOME, LEAP = 24, timedelta(days=62)
"""Of how many vouchers on one alone may be mistyped, by how long it is after all the others."""


class Books:
    """What the rules ask. Its vouchers are complete: with their clearing."""

    def __init__(
        self,
        entries: Iterable[data.Directive],
        options: Mapping[str, Any],
        incomplete: Sequence[data.Transaction] = (),
    ) -> None:
        self.entries = entries if isinstance(entries, list) else list(entries)
        self.options = options
        self.collected = Collected.of(self.entries)
        self.incomplete = incomplete
        """The vouchers that could not be completed with clearing."""
        self._made: dict[Callable[[Books], Any], Any] = {}
        self._having: dict[tuple[Role | str, ...], Sequence[data.Transaction]] = {}
        self._declared: dict[Kind[Any], tuple[list[Any], list[tuple[data.Custom, Message]]]] = {}
        self._rows: dict[int, tuple[data.Transaction, Sequence[Row]]] = {}
        """What is read, by the identity of the voucher, which is kept so that no other one gets it."""

    def once(self, make: Callable[["Books"], T]) -> T:
        """Return what a function makes of the books, made once: what several rules of a module share."""
        if make not in self._made:
            self._made[make] = make(self)
        made: T = self._made[make]
        return made

    @cached_property
    def currency(self) -> str:
        """The currency of the ledger; SEK where it does not say (U107 reports that)."""
        return self.stated_currency or "SEK"

    @cached_property
    def stated_currency(self) -> str | None:
        """The currency that the ledger states, None where it states none."""
        return next(iter(self.options.get("operating_currency") or ()), None)

    @property
    def vouchers(self) -> list[data.Transaction]:
        """All vouchers, in the order of their dates."""
        return self.collected.vouchers

    # Accounts

    @cached_property
    def opens(self) -> dict[str, data.Open]:
        """The opening of each account, in the order of the ledger; of two of the same account the last."""
        return {entry.account: entry for entry in self.collected.opens}

    @cached_property
    def names(self) -> dict[str, AccountName]:
        """What each opened account says by its name, where it follows the grammar."""
        return {account: name for account in self.opens if (name := parse_account(account))}

    @cached_property
    def digits(self) -> int:
        """How many digits most account numbers of the chart have: those of a new account are as many."""
        lengths = Counter(len(name.number) for name in self.names.values() if name.number != CLEARING_NUMBER)
        return max(lengths, key=lambda length: lengths[length], default=len(CLEARING_NUMBER))

    @cached_property
    def closes(self) -> dict[str, data.Close]:
        """The close of each account that has one."""
        return {entry.account: entry for entry in self.collected.closes}

    def is_open(self, account: str, day: date) -> bool:
        """Tell whether an account is open on a day."""
        opened, closed = self.opens.get(account), self.closes.get(account)
        return opened is not None and opened.date <= day and (closed is None or day <= closed.date)

    @cached_property
    def postings(self) -> dict[str, list[tuple[data.Transaction, data.Posting]]]:
        """The postings of each account, with their vouchers, in the order of their dates."""
        postings: dict[str, list[tuple[data.Transaction, data.Posting]]] = defaultdict(list)
        for entry in self.vouchers:
            for posting in entry.postings:
                postings[posting[0]].append((entry, posting))  # by its number, which is quicker, and so here
        return dict(postings)

    @cached_property
    def posted_names(self) -> dict[str, AccountName]:
        """What each account with postings says by its name, where it follows the grammar."""
        return {account: name for account in self.postings if (name := parse_account(account))}

    def open_accounts(self, unit: str, day: date, *roles: Role | str) -> list[str]:
        """Return the accounts of a unit that have one of some roles, and are opened by a day."""
        return [
            account
            for account, name in self.names.items()
            if name.unit == unit and self.roles.has(account, *roles) and self.opens[account].date <= day
        ]

    @cached_property
    def roles(self) -> Roles:
        """What the accounts are, by default and as the ledger says."""
        return roles_of(self.declared(KONTOSLAG))

    def having(self, *roles: Role | str) -> Sequence[data.Transaction]:
        """Return the vouchers with a row on an account that has one of some roles, by date."""
        if roles not in self._having:
            accounts = [account for account in self.postings if self.roles.has(account, *roles)]
            self._having[roles] = self.on_accounts(accounts)
        return self._having[roles]

    def on_accounts(self, accounts: Iterable[str]) -> list[data.Transaction]:
        """Return the vouchers with a row on one of some accounts, each once, in the order of the ledger."""
        own = {id(entry): entry for account in accounts for entry, _ in self.postings.get(account, ())}
        return [own[key] for key in sorted(own, key=self._order.__getitem__)]

    @cached_property
    def _order(self) -> dict[int, int]:
        return {id(entry): index for index, entry in enumerate(self.vouchers)}

    def movements(self, account: str) -> dict[int, Decimal | None]:
        """Return what an account's rows of each year come to, None where one has no amount in the ledger's currency."""
        movements: dict[int, Decimal | None] = {}
        for entry, posting in self.postings.get(account, ()):
            so_far = movements.get(entry.date.year, Decimal(0))
            if so_far is not None:
                readable = has_amount(posting, self.currency)
                movements[entry.date.year] = so_far + number_of(posting) if readable else None
        return movements

    # Vouchers

    def rows(self, entry: data.Transaction) -> Sequence[Row]:
        """Return what an accountant wrote in a voucher, row by row; many rules ask, and it is read once."""
        known = self._rows.get(id(entry))
        if known is None:
            known = self._rows[id(entry)] = entry, rows_of(entry, self.currency)
        return known[1]

    @cached_property
    def first_booked(self) -> date:
        """The day of the first voucher; the last of all days where there is none."""
        return self.vouchers[0].date if self.vouchers else date.max

    @cached_property
    def last_booked(self) -> date:
        """The day to which the books go; the first of all days where there is no voucher.

        One voucher alone, months after all the others, is mistyped: what is due by then is not asked for.
        """
        if not self.vouchers:
            return date.min
        return self.vouchers[-2 if self.stray else -1].date

    @cached_property
    def stray(self) -> data.Transaction | None:
        """The last voucher, where it stands alone months after all the others."""
        if len(self.vouchers) < SOME or self.vouchers[-1].date - self.vouchers[-2].date <= LEAP:
            return None
        return self.vouchers[-1]

    @cached_property
    def corrections(self) -> list[data.Transaction]:
        """The vouchers that say which one they correct."""
        return [entry for entry in self.vouchers if CORRECTS in entry.meta]

    @cached_property
    def bearers(self) -> dict[Ver, data.Transaction]:
        """The voucher that bears each number, the first of two."""
        return bearers(self.vouchers)

    def bookings(self, vouchers: Iterable[data.Transaction]) -> list[Booking]:
        """Return some vouchers, each with what corrects it and what it corrects within its fiscal year."""
        bookings: dict[int, Booking] = {}
        for entry in vouchers:
            booking = self._joined.get(id(entry)) or Booking((entry,))
            bookings.setdefault(id(booking.first), booking)
        return list(bookings.values())

    def cost(self, booking: Booking, *roles: Role | str) -> Cost | None:
        """Return what a booking comes to on accounts of some roles, None where that is no cost."""
        return booking.cost(lambda account: self.roles.has(account, *roles), self.currency)

    @cached_property
    def _joined(self) -> dict[int, Booking]:
        joined = joined_bookings(self.vouchers, self.corrections)
        return {id(entry): booking for booking in joined for entry in booking.vouchers}

    # Years

    @cached_property
    def boksluts(self) -> dict[int, data.Custom]:
        """The bokslut of every complete year, the earliest first: of those that follow each other without gap.

        What must be true at a year-end waits for the boksluts that are lacking before it (L803).
        """
        years = self.written_boksluts
        first = min(years, default=0)
        return {year: entry for number, (year, entry) in enumerate(years.items(), first) if year == number}

    @cached_property
    def written_boksluts(self) -> dict[int, data.Custom]:
        """Every bokslut that can be read, the earliest first, also after a gap."""
        return read_boksluts(self.customs(BOKSLUT))

    @cached_property
    def first_year(self) -> int:
        """The first year of the books: before it there is only the opening balance, which has no result."""
        if self.boksluts:
            return self.fiscal_years.first
        names = self.posted_names.items()
        results = [account for account, name in names if name.root in ("Income", "Expenses")]
        years = [year for account in results for year in self.movements(account)]
        # In books without anything, nothing is before them.
        return min(years, default=self.last_booked.year + 1 if self.vouchers else date.min.year)

    @cached_property
    def last_complete_day(self) -> date:
        """The end of the last year with bokslut; the last of all days where none is complete.

        What a register says later has come to books that were complete: it is somebody's new decision.
        """
        return max((entry.date for entry in self.written_boksluts.values()), default=date.max)

    def is_sealed(self, day: date) -> bool:
        """Tell whether a day is in a sealed year, or before one: nothing is changed there, and nothing added."""
        return day.year <= self._last_sealed

    @cached_property
    def _last_sealed(self) -> int:
        return max((year for year, entry in self.written_boksluts.items() if is_sealed(entry)), default=0)

    @cached_property
    def fiscal_years(self) -> FiscalYears:
        """The fiscal years of the books. Raises IndexError for books without vouchers and boksluts."""
        return fiscal_years(self.customs(BOKSLUT), self.vouchers)

    # Directives of ours

    def customs(self, kind: str) -> list[data.Custom]:
        """Return the custom directives of a type, in the order of the ledger."""
        return self.collected.customs.get(kind, [])

    def declared(self, kind: Kind[T]) -> list[T]:
        """Return what the directives of a kind say, without those that cannot be read."""
        return self._sorted_out(kind)[0]

    def unread(self, kind: Kind[Any]) -> list[tuple[data.Custom, Message]]:
        """Return the directives of a kind that cannot be read, each with the reason."""
        return self._sorted_out(kind)[1]

    def _sorted_out(self, kind: Kind[Any]) -> tuple[list[Any], list[tuple[data.Custom, Message]]]:
        if kind not in self._declared:
            self._declared[kind] = kind.sorted_out(self.customs(kind.type), self.currency)
        return self._declared[kind]
