"""Surplus: what a unit has left when the year ends, and how it is carried forward.

A unit keeps its surplus (it stays in the unit's result), or carries it: its remaining result is moved whole
to the next year, so that its result is exactly 0.00. The unit's directive says which:

    2022-12-31 custom "unit" "BRB" "Business Region Borås"
      overskott: "overfors"

    2024-12-31 * "Överskott 2024 överförs till 2025"
      ver: "B 6"
      Income:BRB:3198-Överskott:2024       573762.00 SEK
      Liabilities:BRB:2998-Överskott:2024 -573762.00 SEK

    2025-01-01 * "Överskott 2024 intas 2025"
      ver: "B 1"
      Liabilities:BRB:2998-Överskott:2024  573762.00 SEK
      Income:BRB:3198-Överskott:2024      -573762.00 SEK

What a unit has left lowers the income that it is of: its members' contributions, or, where the ledger says so of the
unit's account or of the number, what it sells, its fees or its grants:

    2024-01-01 custom "kontoslag" Income:VA:3198-Överskott "overskott-taxor"

A deficit stays in the result of the unit, unless its agreement says  underskott: "overfors"  as well. The surplus
of the year before the books begin stands in the opening balance, on its Liabilities account alone. A voucher
and the corrections that name it (`rattar`) are judged as one.

The surpluses of a unit hang together: each year takes in what the year before carried out, and carries out the rest.
So a wrong amount goes on from year to year. It is one finding, whose fix puts all that follows right.
"""

import re
import weakref
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import MAXYEAR, date
from decimal import Decimal
from functools import cache, partial
from itertools import chain, islice
from typing import Any, NamedTuple

from beancount.core import data

from forbundsbok.plugins.accounts import parse_account, unit_of
from forbundsbok.plugins.books import Books
from forbundsbok.plugins.corrections import CORRECTS, Booking, has_amount, number_of
from forbundsbok.plugins.directives import UnreadableError, one_of
from forbundsbok.plugins.findings import Add, Finding, Message, Remove, Replace, Step, Subject, as_written
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.ledger_text import opening, posting, voucher
from forbundsbok.plugins.money import ZERO
from forbundsbok.plugins.numbers import FreeNumbers, read_ver, series_of
from forbundsbok.plugins.places import place
from forbundsbok.plugins.roles import KOMMUN_BAS, KONTOSLAG, Role, Roles
from forbundsbok.plugins.rulebook import EVERY, Sees, rule
from forbundsbok.plugins.units import CARRIED, KEPT, Unit, units_in
from forbundsbok.plugins.years import first_day_of_year, last_day_of_year

SURPLUS, DEFICIT = "Överskott", "Underskott"
OF_CONTRIBUTIONS = "overfort-overskott"
OF_OTHERS = {word: f"overskott-{word}" for word in ("forsaljning", "taxor", "bidrag", "ovriga-intakter")}
"""What a surplus may be of but contributions from the members, and the kind of its account then."""

KINDS = {"Income": (OF_CONTRIBUTIONS, *OF_OTHERS.values()), "Liabilities": ("overskott-att-overfora",)}
"""The two accounts of a carried surplus: what the year's result gives or takes, and what is owed until then."""

SERIES = "B"
"""The series of a transfer, where the books have none yet."""

DEFICITS = "underskott"
"""The metadata of a unit in which its agreement says what becomes of deficits."""

_TOLD = re.compile(r"\b(över|under)skott(et|en)?\b", re.IGNORECASE)
"""How the text of a voucher says that it carries a surplus or a deficit."""

TRANSFERS = Sees(roles=tuple(chain(*KINDS.values())), keys=(CORRECTS,))

SurplusYear = tuple[str, int]
"""A unit and the year of its surplus."""


class SurplusAccount(NamedTuple):
    """Whose surplus an account holds, and of which year."""

    root: str
    unit: str
    year: int


class Move(NamedTuple):
    """One of the two movements of a surplus: out of its year, or in to the next."""

    unit: str
    year: int
    taken_in: bool

    @property
    def day(self) -> date:
        return first_day_of_year(self.year + 1) if self.taken_in else last_day_of_year(self.year)

    def rows(self, amount: Decimal, currency: str, numbers: "Numbers | None" = None) -> list[data.Posting]:
        """Return the rows that move an amount, positive for a surplus."""
        debit = -amount if self.taken_in else amount
        income = posting(account_of("Income", self.unit, self.year, numbers), debit, currency)
        debt = posting(account_of("Liabilities", self.unit, self.year, numbers), -debit, currency)
        return [debt, income] if self.taken_in else [income, debt]


class Transfer(NamedTuple):
    """A booking that makes a move; the amount is positive for a surplus."""

    booking: Booking
    amount: Decimal


class Opening(NamedTuple):
    """What a unit has carried when its books begin; positive for a surplus."""

    entry: data.Transaction
    posting: data.Posting
    amount: Decimal


@dataclass
class Deviation:
    """A move whose amount is not the right one, and the later moves that are wrong because of it.

    `transfers` are those that make it: of two that take each other back, neither does.
    """

    move: Move
    transfers: list[Transfer]
    booked: Decimal
    right: Decimal
    at: data.Directive
    follow_ups: list["Deviation"] = field(default_factory=list)

    @property
    def is_deficit(self) -> bool:
        """Tell whether a deficit is carried out."""
        return not self.move.taken_in and self.booked < ZERO

    @property
    def values(self) -> dict[str, Any]:
        """What a message can tell of it."""
        return {
            "unit": self.move.unit,
            "year": self.move.year,
            "next": self.move.year + 1,
            "day": self.move.day,
            "surplus": Message(N_("a deficit") if self.right < ZERO else N_("a surplus")),
            "booked": self.booked,
            "right": self.right,
            "amount": abs(self.right),
            "voucher": self.at,
            "vouchers": [transfer.booking.first for transfer in self.transfers],
            "count": len(self.transfers),
        }


@cache
def surplus_account(account: str, roles: Roles) -> SurplusAccount | None:
    """Return whose surplus an account holds, None when it is no surplus account."""
    name = parse_account(account)
    if name is None or name.root not in KINDS or name.name != SURPLUS or len(name.detail) != 1:
        return None
    if not roles.has(account, *KINDS[name.root]):
        return None
    detail = name.detail[0]
    proper = _is_year(detail) and 1 <= int(detail) < MAXYEAR
    return SurplusAccount(name.root, name.unit, int(detail)) if proper else None


Numbers = Mapping[str, str]
"""The account numbers of a carried surplus by root; those of Kommun-Bas where nothing else is said."""


def account_of(root: str, unit: str, year: int, numbers: Numbers | None = None) -> str:
    """Return one of the two accounts of a unit's surplus of a year."""
    number = numbers[root] if numbers else KOMMUN_BAS.number_for(*KINDS[root])
    return f"{root}:{unit}:{number}-{SURPLUS}:{year:04}"


def surplus_numbers(books: Books) -> Numbers:
    """Return the numbers that the surplus accounts of the books have, in as many digits as the other accounts."""
    return {
        root: next(
            (name.number for account, name in reversed(books.names.items()) if books.roles.has(account, *kinds)),
            books.roles.number_for(*kinds, digits=books.digits),
        )
        for root, kinds in KINDS.items()
    }


def _is_year(text: str) -> bool:
    return len(text) == 4 and text.isascii() and text.isdigit()


class CarriedSurpluses:
    """The surpluses of the units that carry them, year by year: what is booked, and where that is not right."""

    def __init__(self, books: Books) -> None:
        self._books = weakref.ref(books)  # which keep this: each other's, only the collector would free them
        self.units = books.once(units_in)
        self.transfers: dict[Move, list[Transfer]] = defaultdict(list)
        self.openings: dict[SurplusYear, Opening] = {}
        # What is said of bookings on surplus accounts that are no transfers.
        self.other_bookings: list[Finding] = []
        self.wrong_days: list[Finding] = []
        self.rows_of_keepers: dict[str, list[tuple[int, data.Transaction, data.Posting]]] = defaultdict(list)
        self.deviations: list[Deviation] = []
        # Of each unit by year; a surplus is positive. What has unreadable amounts is another rule's to report.
        self.results: dict[str, dict[int, Decimal]] = defaultdict(dict)
        self.unreadable: set[SurplusYear] = set()
        if books.vouchers or books.boksluts:
            self._sum_results()
            surplus_accounts = [each for each in books.postings if surplus_account(each, books.roles)]
            for booking in books.bookings(books.on_accounts(surplus_accounts)):
                self._sort(booking)
            for unit in self._carriers():
                self.deviations += self._follow(unit)

    @property
    def books(self) -> Books:
        books = self._books()
        assert books is not None
        return books

    def agreement(self, unit: str, year: int) -> Unit:
        """Return a unit as its agreement is when a year ends."""
        return self.units[unit].at(last_day_of_year(year))

    def carries_deficits(self, unit: str, year: int) -> bool:
        # An amount cannot be compared with a text.
        return str(self.agreement(unit, year).meta.get(DEFICITS)) == CARRIED

    def _carriers(self) -> list[str]:
        return [code for code, unit in self.units.items() if any(each.surplus == CARRIED for each in unit.states)]

    def _carries(self, unit: str, year: int) -> bool:
        """Tell whether a unit moves the surplus of a year: one that has ended has no year to move it to."""
        ended = self.units[unit].is_gone(first_day_of_year(year + 1))
        return self.agreement(unit, year).surplus == CARRIED and not ended

    def _sum_results(self) -> None:
        carrying = set(self._carriers())
        for account, name in self.books.posted_names.items():
            if (
                name.unit in carrying
                and name.root in ("Income", "Expenses")
                and not surplus_account(account, self.books.roles)
            ):
                results = self.results[name.unit]
                for year, number in self.books.movements(account).items():
                    results[year] = results.get(year, ZERO) - (number or ZERO)
                    self.unreadable |= {(name.unit, year)} if number is None else set()

    # What a booking on surplus accounts is: opening balance, transfers, or nothing that a surplus allows.

    def _sort(self, booking: Booking) -> None:
        sums = booking.sums(self.books.currency)
        groups: dict[SurplusYear, dict[str, Decimal]] = defaultdict(dict)
        others: dict[str, None] = {}
        kept = []
        for entry, row in booking.rows():
            surplus = surplus_account(row.account, self.books.roles)
            if surplus is None:
                others[row.account] = None
            elif surplus.unit not in self.units:
                return  # the account's unit is another rule's to report
            elif self.agreement(surplus.unit, surplus.year).surplus == KEPT:
                kept.append((surplus.unit, (surplus.year, entry, row)))
                others[row.account] = None
            elif not has_amount(row, self.books.currency):
                self.unreadable |= {(surplus.unit, surplus.year), (surplus.unit, surplus.year + 1)}
                return
            elif row.account in sums:
                groups[surplus.unit, surplus.year][surplus.root] = sums[row.account]
        openings = [group for group, rows in groups.items() if self._is_opening(booking, *group, rows)]
        for group in openings:
            del groups[group]
            self._add_opening(booking, *group)
        if not groups:
            for unit, kept_row in kept:
                self.rows_of_keepers[unit].append(kept_row)
            return
        # A row that a correction has brought to nothing is there no more.
        beside = [account for account in others if sums.get(account, 1)]
        if beside or any(sum(rows.values()) for rows in groups.values()):
            self._add_other_booking(booking, groups, sums)
        elif about := next((group for group in groups if booking.day not in self._days(*group)), None):
            self._add_wrong_day(booking, about, self._days(*about))
        else:
            for (unit, year), rows in groups.items():
                move = Move(unit, year, booking.day != last_day_of_year(year))
                income = rows.get("Income", ZERO)
                self.transfers[move].append(Transfer(booking, -income if move.taken_in else income))

    def _is_opening(self, booking: Booking, unit: str, year: int, rows: Mapping[str, Decimal]) -> bool:
        """Tell whether the row is what a unit has carried when its books begin."""
        if "Income" in rows or year >= min(self.results[unit], default=MAXYEAR):
            return False
        by_equity = any(row.account.startswith("Equity:") for row in booking.plain_rows())
        return booking.day == last_day_of_year(year) or (by_equity and booking.day == first_day_of_year(year + 1))

    def _add_opening(self, booking: Booking, unit: str, year: int) -> None:
        own = SurplusAccount("Liabilities", unit, year)
        entry, row = next(each for each in booking.rows() if surplus_account(each[1].account, self.books.roles) == own)
        before = self.openings.get((unit, year))
        amount = (before.amount if before else ZERO) - booking.sums(self.books.currency)[row.account]
        self.openings[unit, year] = Opening(entry, row, amount)

    def _days(self, unit: str, year: int) -> list[date]:
        """Return the days on which a surplus may move."""
        into = first_day_of_year(year + 1)
        return [into] if self._is_before_the_books(unit, year) else [last_day_of_year(year), into]

    def _add_other_booking(self, booking: Booking, groups: Iterable[SurplusYear], sums: Mapping[str, Decimal]) -> None:
        about, *also = groups
        message = N_("{unit} {year}: {voucher} is no transfer between {income} and {debt}, but has {rows}.")
        values = {
            "income": account_of("Income", *about, self.books.once(surplus_numbers)),
            "debt": account_of("Liabilities", *about, self.books.once(surplus_numbers)),
            "rows": [Message("{account} {amount} kr", {"account": each, "amount": sums[each]}) for each in sums],
        }
        row = next(row for row in booking.plain_rows() if surplus_account(row.account, self.books.roles))
        self.other_bookings.append(self._finding(booking, about, also, message, values, row))

    def _add_wrong_day(self, booking: Booking, about: SurplusYear, days: list[date]) -> None:
        message = N_("{unit} {year}: {voucher} is dated {day}, but the surplus moves on {days}.")
        two = Message(N_("{first} or {last}"), {"first": days[0], "last": days[-1]})
        values = {"day": booking.day, "days": two if len(days) > 1 else days}
        self.wrong_days.append(self._finding(booking, about, [], message, values))

    def _finding(
        self,
        booking: Booking,
        about: SurplusYear,
        also: Iterable[SurplusYear],
        message: str,
        values: Mapping[str, Any],
        row: data.Posting | None = None,
    ) -> Finding:
        # By its day it may be meant for another year than its accounts say, and by its rows for other units.
        year = booking.day.year if booking.day.month > 6 else booking.day.year - 1
        meant = [(name.unit, year) for row in booking.plain_rows() if (name := parse_account(row.account))]
        subject, *others = [Subject("unit", *group) for group in (about, *also, *meant)]
        values = {**values, "unit": about[0], "year": about[1], "voucher": booking.first}
        proposal = partial(_replacement, self.books, booking)
        return Finding(booking.first, subject, message, values, also=others, posting=row, proposal=proposal)

    def _is_before_the_books(self, unit: str, year: int) -> bool:
        return year < self.books.fiscal_years.first or (unit, year) in self.openings

    # What is booked against what should be.

    def _follow(self, unit: str) -> Iterator[Deviation]:
        """Yield where the surpluses of a unit go wrong, with what follows from it."""
        booked = right = ZERO
        cause: Deviation | None = None
        for move in self._moves(unit):
            before, right_before = booked, right
            booked = self.booked(move)
            right = self._expected(move, right_before, booked)
            if booked != right and not move.taken_in:
                self._add_swapped_day(move, right)
                booked = self.booked(move)
            transfers = _net_transfers(self.transfers[move])
            if booked == right and (len(transfers) <= 1 or not move.taken_in):
                continue
            deviation = Deviation(move, transfers, booked, right, self._blamed(move, transfers))
            if cause and len(transfers) <= 1 and booked == self._expected(move, before, booked):
                cause.follow_ups.append(deviation)
            else:
                cause = deviation
                yield deviation

    def _moves(self, unit: str) -> list[Move]:
        years = {move.year for move in self.transfers if move.unit == unit} | set(self.books.boksluts)
        years |= {year for code, year in self.openings if code == unit}
        span = range(min(years, default=1), min(max(years, default=0) + 1, MAXYEAR))
        return [Move(unit, year, taken_in) for year in span for taken_in in (False, True)]

    def booked(self, move: Move) -> Decimal:
        first = self.openings.get((move.unit, move.year))
        if first and not move.taken_in:
            return first.amount
        return sum((transfer.amount for transfer in self.transfers[move]), ZERO)

    def _expected(self, move: Move, before: Decimal, booked: Decimal) -> Decimal:
        """Return what a move should come to after the one before it; what is booked, where that cannot be told."""
        unit, year, taken_in = move
        if taken_in:
            if (unit, year + 1) in self.unreadable:
                return booked
            return before if self._is_due(move) or _net_transfers(self.transfers[move]) else ZERO
        if self._is_before_the_books(unit, year):
            return booked
        if not self._carries(unit, year):
            return ZERO
        if year in self.books.boksluts and (unit, year) not in self.unreadable:
            booked = self.results[unit].get(year, ZERO) + before
        return booked if booked > ZERO or self.carries_deficits(unit, year) else ZERO

    def _is_due(self, move: Move) -> bool:
        closed = self.books.boksluts
        begun = move.year + 1 in closed or self.books.last_booked >= move.day
        known = move.year in closed or move.year + 1 in closed or self._is_before_the_books(move.unit, move.year)
        return begun and known

    def _add_swapped_day(self, out: Move, right: Decimal) -> None:
        """Tell a transfer on the day of the other move: the one move lacks it, and the other has its opposite."""
        into = out._replace(taken_in=True)
        for lacking, having in ((out, into), (into, out)):
            for transfer in self.transfers[having] if not self.transfers[lacking] else ():
                # Alone on the last day it is not taken in too early, it is carried out with the wrong sign.
                placed = having.taken_in or self.booked(having) - transfer.amount == right
                if placed and transfer.amount == -right != ZERO:
                    self.transfers[having] = _without(self.transfers[having], transfer)
                    self._add_wrong_day(transfer.booking, (out.unit, out.year), [lacking.day])
                    return

    def _blamed(self, move: Move, transfers: list[Transfer]) -> data.Directive:
        if move.taken_in:
            transfers = transfers or self.transfers[move._replace(taken_in=False)]
        else:
            transfers = self.transfers[move]
        if transfers:
            return transfers[-1].booking.first
        if first := self.openings.get((move.unit, move.year)):
            return first.entry
        closed = self.books.boksluts
        return closed.get(move.year) or closed[move.year + 1]


def _net_transfers(transfers: Iterable[Transfer]) -> list[Transfer]:
    """Return the transfers of a move without those of nothing, and those that a later one takes back."""
    net: list[Transfer] = []
    for transfer in transfers:
        opposite = next((other for other in net if other.amount == -transfer.amount), None)
        if opposite:
            net = _without(net, opposite)
        elif transfer.amount:
            net.append(transfer)
    return net


def _without(transfers: Iterable[Transfer], one: Transfer) -> list[Transfer]:
    # By identity: amounts that cannot be read cannot be compared either.
    return [each for each in transfers if each is not one]


# What puts a deviation right.


def _fix(
    books: Books, deviations: Iterable[Deviation], numbers: FreeNumbers, opened: Iterable[data.Open] = ()
) -> list[Step]:
    """Return the steps that put deviations right, none where one of them cannot be by a voucher.

    `opened` are the accounts that an earlier step of the same fix opens: a surplus moves twice on the same two.
    """
    steps: list[Step] = []
    open_before = {entry.account for entry in opened}
    for deviation in deviations:
        directives = _voucher_of(books, deviation, numbers, open_before)
        if directives is None:
            return []
        open_before |= {entry.account for entry in directives if isinstance(entry, data.Open)}
        steps.append(Add(directives, _neighbour(books, deviation)))
    return steps


def _voucher_of(
    books: Books, deviation: Deviation, numbers: FreeNumbers, opened: Collection[str]
) -> list[data.Directive] | None:
    """Return the voucher that a move lacks, with the accounts that it opens, or the correction of the one it has."""
    move, year = deviation.move, deviation.move.year
    opens = _opens_of(books, move)
    corrected = deviation.transfers[0].booking.first if deviation.transfers else None
    if not corrected and _is_on_other_accounts(books, move):
        return None
    if len(deviation.transfers) > 1 or opens is None or (corrected and not read_ver(corrected)):
        return None
    opens = [entry for entry in opens if entry.account not in opened]
    known = next((each[0].booking.first for each in books.once(CarriedSurpluses).transfers.values() if each), None)
    series = series_of(corrected or known, SERIES)
    ver = numbers.free(series, move.day.year) if corrected else numbers.lacking(series, move.day)
    rows = move.rows(deviation.right - deviation.booked, books.currency, books.once(surplus_numbers))
    if corrected:
        correction = voucher(move.day, f"Rättelse: {corrected.narration}", ver, rows)
        return [correction._replace(meta={"ver": ver, CORRECTS: str(read_ver(corrected))})]
    name = SURPLUS if deviation.right > ZERO else DEFICIT
    moved = f"intas {year + 1}" if move.taken_in else f"överförs till {year + 1}"
    return [*opens, voucher(move.day, f"{name} {year} {moved}", ver, rows)]


def _is_on_other_accounts(books: Books, move: Move) -> bool:
    """Tell whether another unit has too much on that day: what is lacking may stand on its accounts."""
    surpluses = books.once(CarriedSurpluses)
    kept = (entry for rows in surpluses.rows_of_keepers.values() for _, entry, _ in rows)
    others = (each for each in surpluses.deviations if each.move[1:] == move[1:] and each.move != move)
    return any(entry.date == move.day for entry in kept) or any(abs(each.booked) > abs(each.right) for each in others)


def _opens_of(books: Books, move: Move) -> list[data.Open] | None:
    """Return the accounts to open for a move, or None where one is opened too late."""
    accounts = [row.account for row in move.rows(ZERO, books.currency, books.once(surplus_numbers))]
    if any(books.opens[account].date > move.day for account in accounts if account in books.opens):
        return None
    name = f"{SURPLUS} {move.year}"
    return [opening(each, move.day, books.currency, name) for each in accounts if each not in books.opens]


def _neighbour(books: Books, deviation: Deviation) -> data.Directive:
    """Return what a new voucher is written beside: the one it corrects or takes in, else what asks for it."""
    if deviation.transfers:
        return deviation.transfers[0].booking.first
    return deviation.at


def _replacement(books: Books, booking: Booking, numbers: FreeNumbers) -> list[Step]:
    """Return the step that makes a booking the transfer that is lacking, where one of its two rows is that already."""
    entry, rows = booking.first, booking.plain_rows()
    if len(booking.vouchers) > 1 or len(rows) != 2 or CORRECTS in entry.meta or not read_ver(entry):
        return []
    for deviation in books.once(CarriedSurpluses).deviations:
        move, opens = deviation.move, _opens_of(books, deviation.move)
        wanted = move.rows(deviation.right, books.currency, books.once(surplus_numbers))
        alike = {(row.account, row.units) for row in rows} & {(row.account, row.units) for row in wanted}
        in_place = move.day.year == entry.date.year and not deviation.transfers
        if alike and in_place and opens is not None:
            follow_ups = _fix(books, deviation.follow_ups, numbers, opens)
            replacement = Replace(entry, [*opens, entry._replace(date=move.day, postings=wanted)])
            return [replacement, *follow_ups] if len(follow_ups) == len(deviation.follow_ups) else []
    return []


# The rules.


@rule(
    "S201",
    title=N_("A unit that carries its surplus has a result of exactly 0.00 in every year with bokslut."),
    why=N_(
        "Report 2.3 and 3.3 notes 7-12; the unit's agreement with its members. What is left is the members', and "
        "lowers the fees of the next year."
    ),
    mend=N_("Write the voucher that is lacking, or correct the one that has another amount."),
    after=["S203", "S204"],
    sees=TRANSFERS,
)
def carried_out(books: Books) -> Iterator[Finding]:
    surpluses = books.once(CarriedSurpluses)
    for each in surpluses.deviations:
        unit, year, taken_in = each.move
        if taken_in or (each.is_deficit and not surpluses.carries_deficits(unit, year)):
            continue
        if surpluses.transfers[each.move]:
            message = N_("{unit} {year}: {voucher} carries {booked} kr to {next}, but there is {right} kr to carry.")
        else:
            message = N_("{unit} {year}: {surplus} of {amount} kr is not carried to {next}.")
        proposal = partial(_fix, books, [each, *each.follow_ups])
        yield Finding(each.at, Subject("unit", unit, year), message, each.values, proposal=proposal)


@rule(
    "S202",
    title=N_("A carried surplus is taken in once and whole, on the first day of the next year."),
    why=N_("Report 3.3 notes 7-12: the surplus that one year carries out is the one that the next takes in."),
    mend=N_("Write the voucher that is lacking, or correct the one that has another amount or is one too many."),
    after=["S203", "S204"],
    sees=TRANSFERS,
)
def taken_in(books: Books) -> Iterator[Finding]:
    for each in books.once(CarriedSurpluses).deviations:
        unit, year, is_taken_in = each.move
        if not is_taken_in:
            continue
        if not each.transfers:
            message = N_("{unit} {year}: {surplus} of {amount} kr is not taken in on {day}.")
        elif len(each.transfers) > 1:
            message = N_("{unit} {year}: {surplus} of {amount} kr is taken in {count} times: {vouchers}.")
        else:
            message = N_("{unit} {year}: {voucher} takes {booked} kr in, but {right} kr was carried.")
        proposal = partial(_fix, books, [each, *each.follow_ups])
        yield Finding(each.at, Subject("unit", unit, year), message, each.values, proposal=proposal)


@rule(
    "S203",
    title=N_("A surplus moves within its unit, between the two accounts of its year; no other voucher touches them."),
    why=N_(
        "The surplus accounts then show nothing but what was carried, and every year's two figures are equal "
        "(report 3.3 notes 7-12)."
    ),
    mend=N_("Take the other rows away from the voucher, or book it on other accounts."),
    after=["S208"],
    sees=TRANSFERS,
)
def surplus_accounts(books: Books) -> list[Finding]:
    return books.once(CarriedSurpluses).other_bookings


@rule(
    "S204",
    title=N_("A surplus is carried out on the last day of its year and taken in on the first day of the next."),
    why=N_("Any other day gives a month with a result that is not its own, and a year-end that is not balanced."),
    mend=N_("Date the voucher the day that the message names."),
    sees=TRANSFERS,
)
def transfer_day(books: Books) -> list[Finding]:
    return books.once(CarriedSurpluses).wrong_days


@rule(
    "S205",
    title=N_("A unit that keeps its surplus has nothing on surplus accounts."),
    why=N_("Report 3.1: its surplus is part of the federation's result and equity."),
    mend=N_("Remove the vouchers, or write the new agreement in the unit's directive."),
    sees=TRANSFERS,
)
def kept_surplus(books: Books) -> Iterator[Finding]:
    surpluses = books.once(CarriedSurpluses)
    for unit, rows in surpluses.rows_of_keepers.items():
        year, entry, row = rows[0]
        message = N_(
            "{unit} keeps its surplus, but {account} is posted: by {vouchers}. Remove that, or where the unit carries "
            'its surplus write overskott: "overfors" below {directive}.'
        )
        vouchers = list({id(entry): entry for _, entry, _ in rows}.values())
        directive = surpluses.agreement(unit, year).entry
        values = {"unit": unit, "account": row.account, "vouchers": vouchers, "directive": directive}
        yield Finding(entry, Subject("unit", unit), message, values, posting=row)


@rule(
    "S206",
    title=N_("A deficit is carried forward only where the unit's agreement says so."),
    why=N_("A deficit that is carried is a claim on the members, who must have agreed to it (report 2.3)."),
    mend=N_('Take the transfer back, or write underskott: "overfors" below the unit\'s directive.'),
    after=["S203", "S204", "S207"],
    sees=TRANSFERS,
)
def carried_deficit(books: Books) -> Iterator[Finding]:
    surpluses = books.once(CarriedSurpluses)
    opened = [(*group, each.amount, each.entry, each.posting) for group, each in surpluses.openings.items()]
    carried = [(*each.move[:2], each.booked, each.at, None) for each in surpluses.deviations if not each.move.taken_in]
    for unit, year, amount, entry, row in [*opened, *carried]:
        if amount < ZERO and not surpluses.carries_deficits(unit, year):
            message = N_(
                "{unit} {year}: a deficit of {amount} kr is carried to {next}, but by the agreement deficits stay in "
                "the result. Take it away from {entry}, or where the agreement says so write "
                'underskott: "overfors" below {directive}.'
            )
            directive = surpluses.agreement(unit, year).entry
            values = {"amount": -amount, "entry": entry, "directive": directive, "next": year + 1}
            subject = Subject("unit", unit, year)
            yield Finding(entry, subject, message, {"unit": unit, "year": year, **values}, posting=row)


@rule(
    "S207",
    title=N_("What a unit's directive says of deficits can be read, and agrees with what it says of surpluses."),
    why=N_("Rule S206 rests on it: a deficit that is carried is a claim on the members."),
    mend=N_('Write underskott: "overfors" or underskott: "behalls" below the unit, as its agreement says.'),
)
def agreement(books: Books) -> Iterator[Finding]:
    for unit in books.once(units_in).values():
        # What one directive says wrongly all that follow say too, until one says otherwise.
        yield from islice(filter(None, map(_unclear, unit.states)), 1)


def _unclear(unit: Unit) -> Finding | None:
    """Return what is unclear in an agreement."""
    deficits, subject = unit.meta.get(DEFICITS), Subject("unit", unit.code)
    try:
        said = one_of(CARRIED, KEPT)(deficits, None) if deficits is not None else KEPT
    except UnreadableError as error:
        message = N_("{unit}: underskott cannot be read: {why}.")
        return Finding(unit.entry, subject, message, {"unit": unit.code, "why": error.why})
    if said == KEPT or unit.surplus == CARRIED:
        return None
    message = N_(
        '{unit} keeps its surplus (overskott: "behalls") and carries its deficit (underskott: "overfors"). '
        "Write what the agreement says: a unit that carries its deficit carries its surplus too."
    )
    return Finding(unit.entry, subject, message, {"unit": unit.code})


@rule(
    "S208",
    title=N_("A surplus account is named Income:UNIT:3198-Överskott:YEAR or Liabilities:UNIT:2998-Överskott:YEAR."),
    why=N_("What is carried must come out right year by year, so every year has its own two accounts."),
    mend=N_("Give the account the name that the message shows, here and in its vouchers."),
)
def surplus_name(books: Books) -> Iterator[Finding]:
    kinds, told = books.declared(KONTOSLAG), set[int]()
    for account, entry in books.opens.items():
        name = parse_account(account)
        if name is None or name.root not in KINDS or surplus_account(account, books.roles):
            continue
        years = [part for part in name.detail if _is_year(part)]
        if not books.roles.has(account, *KINDS[name.root]) and (name.name != SURPLUS or not years):
            continue
        subject = Subject("account", account)
        message = N_("{account} is no name of a surplus account, which holds unit and year: {proper}.")
        numbers = books.once(surplus_numbers)
        proper = account_of(name.root, name.unit, int(years[0]), numbers) if len(years) == 1 else ""
        said = max((each for each in kinds if each.covers(account)), key=lambda each: len(each.what), default=None)
        by_default = KOMMUN_BAS.slag_of_number(name.number).name
        if said and name.name == SURPLUS and by_default in KINDS[name.root] and said.word not in KINDS[name.root]:
            message = N_(
                '{account} is a surplus account, but {what} is said to be "{word}" ({said}). A surplus is carried on '
                "accounts of the kinds {kinds}: take that line away, or book what is of another kind on another number."
            )
            values: dict[str, Any] = {"account": account, "what": said.what, "word": said.word, "said": said.entry}
            values["kinds"] = [f'"{kind}"' for kind in KINDS[name.root]]
            if id(said) not in told:
                yield Finding(said.entry, subject, message, values, also=[Subject("unit", name.unit)])
            told.add(id(said))
        elif not surplus_account(proper, books.roles):
            proper = f"{name.root}:{name.unit}:{numbers[name.root]}-{SURPLUS}:ÅÅÅÅ"
            yield Finding(entry, subject, message, {"account": account, "proper": proper})
        elif account in books.postings:
            yield Finding(entry, subject, message, {"account": account, "proper": proper})
        elif proper in books.opens:
            message = N_("{account} is no name of a surplus account: that is {proper}, which is open ({open}).")
            values = {"account": account, "proper": proper, "open": books.opens[proper]}
            yield Finding(entry, subject, message, values, fix=[Remove(entry)])
        else:
            fix = [Replace(entry, [entry._replace(account=proper)])]
            yield Finding(entry, subject, message, {"account": account, "proper": proper}, fix=fix)


# A surplus that goes another way


@rule(
    "S209",
    title=N_("A surplus or deficit is carried on its two accounts, and on no others."),
    why=N_("Report 2.3 and 3.3 notes 7-12: elsewhere it is income that nobody had, or a debt that nobody is owed."),
    mend=N_("Book the transfer on the two accounts of its year; of a unit that keeps its surplus, take it away."),
    sees=Sees(roles=(Role.ACCRUED, Role.PREPAID, Role.EQUITY), keys=(CORRECTS,)),
)
def other_way(books: Books) -> Iterator[Finding]:
    for booking in books.bookings(books.having(Role.ACCRUED, Role.PREPAID, Role.EQUITY)):
        sums = booking.sums(books.currency)
        told = next((entry for entry in booking.vouchers if _TOLD.search(entry.narration or "")), None)
        if told is None or any(surplus_account(account, books.roles) for account in sums):
            continue
        results = [account for account in sums if books.roles.has(account, Role.INCOME, Role.COSTS) and sums[account]]
        kept = [account for account in sums if books.roles.has(account, Role.ACCRUED, Role.PREPAID, Role.EQUITY)]
        others = [account for account in sums if account not in (*results, *kept)]
        if results and kept and not others:
            name = parse_account(results[0])
            unit = name.unit if name else ""
            year = max(told.date.year - (told.date.month < 7), 1)
            units = books.once(units_in)
            keeps = unit in units and units[unit].at(last_day_of_year(year)).surplus == KEPT
            message = N_(
                "{voucher} moves {amount} kr between {result} and {kept} as a surplus, which is carried between "
                "{income} and {debt} alone."
            )
            if keeps:
                message = N_(
                    "{voucher} moves {amount} kr between {result} and {kept} as a surplus, but {unit} keeps its "
                    "surplus: it stays in the result. Take the voucher away."
                )
            values = {
                "voucher": told,
                "amount": abs(sums[results[0]]),
                "result": results[0],
                "kept": kept[0],
                "unit": unit,
                "income": account_of("Income", unit, year, books.once(surplus_numbers)),
                "debt": account_of("Liabilities", unit, year, books.once(surplus_numbers)),
            }
            row = next(row for row in told.postings if row.account in sums)
            yield Finding(told, Subject("voucher", place(told)), message, values, posting=row)


@rule(
    "S210",
    title=N_("A result of exactly 0.00 comes from a carried surplus."),
    why=N_("Income and costs never meet to the öre: somebody has moved the rest of the year to the next."),
    mend=N_("Take the voucher back, or acknowledge it where all that the unit does is paid for in arrears."),
    sees=EVERY,
    warns=True,
)
def levelled_result(books: Books) -> Iterator[Finding]:
    units = books.once(units_in)
    results: dict[SurplusYear, Decimal] = defaultdict(Decimal)
    for account, name in books.posted_names.items():
        if name.unit in units and name.root in ("Income", "Expenses"):
            for year, number in books.movements(account).items():
                results[name.unit, year] += number or ZERO
    levelled = {
        (unit, year)
        for (unit, year), result in results.items()
        if not result and units[unit].at(last_day_of_year(year)).surplus == KEPT
    }
    last: dict[SurplusYear, tuple[data.Transaction, data.Posting, data.Posting]] = {}
    for entry in books.vouchers if levelled else ():
        if entry.date != last_day_of_year(entry.date.year):
            continue
        for unit in {unit_of(row.account) for row in entry.postings}:
            if (unit, entry.date.year) in levelled and (rows := _moved(entry, unit, books)):
                last[unit, entry.date.year] = (entry, *rows)
    for (unit, year), (entry, result, kept) in last.items():
        message = N_(
            "{unit} {year}: the result is exactly 0.00 kr after {voucher}, which moves {amount} kr between {result} "
            "and {kept}."
        )
        values = {
            "unit": unit,
            "year": year,
            "voucher": entry,
            "amount": abs(number_of(result)),
            "result": result.account,
            "kept": kept.account,
        }
        yield Finding(entry, Subject("unit", unit, year), message, values, posting=result)


def _moved(entry: data.Transaction, unit: str, books: Books) -> tuple[data.Posting, data.Posting] | None:
    """Return the rows by which a voucher moves a unit's result to its balance sheet, None where it does not."""
    own = [row for row in entry.postings if unit_of(row.account) == unit and number_of(row)]
    results = [row for row in own if books.roles.has(row.account, Role.INCOME, Role.COSTS)]
    kept = [row for row in own if books.roles.has(row.account, Role.ACCRUED, Role.PREPAID, Role.EQUITY)]
    return (results[0], kept[0]) if results and kept else None


@rule(
    "S211",
    title=N_("A surplus lowers the income that it is of."),
    why=N_(
        "LKBR 5 kap.: of a unit that fees pay for, what is left is less income of the year; taken off the members' "
        "contributions, both rows are wrong, of the unit and of the federation."
    ),
    mend=N_("Write what the surplus is of, as the message shows."),
    after=["S203", "S205"],
    sees=Sees(roles=(Role.INCOME,), keys=(CORRECTS,)),
    warns=True,
)
def surplus_of_contributions(books: Books) -> Iterator[Finding]:
    has = books.roles.has
    own = [account for account in books.postings if has(account, OF_CONTRIBUTIONS)]
    for unit in sorted({unit_of(account) for account in own}):
        income = [each for each in books.postings if unit_of(each) == unit and has(each, Role.INCOME)]
        if any(has(account, Role.CONTRIBUTIONS) and account not in own for account in income):
            continue
        earned: dict[str, Decimal] = defaultdict(Decimal)
        for account in income:
            for word in OF_OTHERS:
                if has(account, word):
                    earned[word] -= sum((number or ZERO for number in books.movements(account).values()), ZERO)
        most = max(earned, key=lambda word: earned[word], default="")
        if not most or earned[most] <= 0:
            continue
        postings = [each for account in own if unit_of(account) == unit for each in books.postings[account]]
        entry, row = max(postings, key=lambda each: each[0].date)
        message = N_(
            "{unit} gets no contributions from members, but {voucher} takes its surplus off them. Write what it is "
            "of:\n{form}"
        )
        above = row.account.rsplit(":", 1)[0]
        form = f'{first_day_of_year(entry.date.year)} custom "{KONTOSLAG.type}" {above} "{OF_OTHERS[most]}"'
        values = {"unit": unit, "voucher": entry, "form": as_written(form)}
        yield Finding(entry, Subject("unit", unit), message, values, posting=row)
