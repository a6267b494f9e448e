"""The accounts of fixed assets, and what the vouchers do to them.

    Assets:ADM:1210-Inventarier:Datorer-2023      cost
    Assets:ADM:1218-Utrangerade-inventarier       cost of what is disposed of
    Assets:ADM:1219-Ackumulerade-avskrivningar    accumulated depreciation
    Expenses:ADM:7910-Avskrivningar               depreciation of the year

What each is, plugins.roles says; those whose numbers begin with the same three digits are of one group of assets. What
is written down is to the register depreciated at once. Land, unfinished plant and art (Role.NOT_DEPRECIATED) are not in
it. A correction (`rattar`) counts in the month of the voucher that it corrects.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import NamedTuple

from beancount.core import data

from forbundsbok.plugins.accounts import parse_account, unit_of
from forbundsbok.plugins.books import Books
from forbundsbok.plugins.corrections import corrected_numbers, has_amount, number_of
from forbundsbok.plugins.events import Event
from forbundsbok.plugins.flows import flows
from forbundsbok.plugins.imports import UNDERLAG, moved_in
from forbundsbok.plugins.months import Month
from forbundsbok.plugins.numbers import Ver, read_ver
from forbundsbok.plugins.roles import Role, Roles


class AssetGroup(NamedTuple):
    """A unit's assets of one group, by the first digits of their accounts: ("NAV", "121")."""

    unit: str
    number: str


NO_GROUP = AssetGroup("", "")


class Part(Enum):
    """What an account is to fixed assets."""

    COST = "cost"
    DISPOSED = "cost of what is disposed of"
    ACCUMULATED_DEPRECIATION = "accumulated depreciation"
    DEPRECIATION = "depreciation of the year"
    EQUITY = "equity, by which an opening balance is known"


COSTS = (Part.COST, Part.DISPOSED)


class AssetAccount(NamedTuple):
    """An account that the register of assets knows; those of depreciation and equity are of the unit's group ""."""

    group: AssetGroup
    part: Part


@dataclass(frozen=True)
class AssetPosting:
    """A row on an account of fixed assets: kronor, debit plus, in the month that it is of."""

    event: Event
    group: AssetGroup
    part: Part
    month: Month
    amount: Decimal
    entry: data.Transaction
    posting: data.Posting


@dataclass
class BookedAssets:
    """What the vouchers do to a unit's fixed assets, in the order of their dates.

    `opening` is the day of its opening balance, or of the first voucher of the books when it has none. A unit of which
    all was kept in another system (plugins.imports) is not `kept_here`.
    """

    opening: date
    has_opening: bool = False
    kept_here: bool = False
    postings: list[AssetPosting] = field(default_factory=list)

    def may_open(self, day: date) -> bool:
        """Tell whether a voucher against equity is of the opening balance: there is but one."""
        return not self.has_opening or self.opening == day

    @property
    def month_before(self) -> Month:
        """The last month whose depreciation is in the opening balance."""
        month = Month.of(self.opening)
        return month if self.opening == month.last_day else month.after(-1)

    def of(self, *events: Event) -> Iterator[AssetPosting]:
        """Return what some sorts of events do."""
        return (each for each in self.postings if each.event in events)


WRITE_DOWNS = (Event.WRITE_DOWN, Event.REVERSAL)

Told = tuple[Event, Decimal]
"""What of a row is of an event (plugins.flows)."""

ToldRow = tuple[AssetAccount, data.Posting, Event | None, Decimal]


@cache
def asset_account(account: str, roles: Roles) -> AssetAccount | None:
    """Return what an account is to the register of assets, None for most."""
    name = parse_account(account)
    if name is None:
        return None
    if roles.has(account, Role.NOT_DEPRECIATED):
        return None
    part = next((part for part, own in _PARTS.items() if roles.has(account, *own)), None)
    of_unit = part in (Part.EQUITY, Part.DEPRECIATION)
    return AssetAccount(AssetGroup(name.unit, "" if of_unit else name.number[:3]), part) if part else None


_PARTS = {
    Part.DISPOSED: (Role.DISPOSED,),
    Part.ACCUMULATED_DEPRECIATION: (Role.DEPRECIATED, Role.WRITTEN_DOWN),
    Part.COST: (Role.FIXED_ASSETS,),
    Part.DEPRECIATION: (Role.DEPRECIATION,),
    Part.EQUITY: (Role.EQUITY,),
}
"""What the parts are, each but for what is one of those before it."""


def account_of(part: AssetAccount, day: date, books: Books) -> str | None:
    """Return the account of a part that is open on a day, rather one of depreciation than one of write-downs."""
    own = books.open_accounts(part.group.unit, day, *_PARTS[part.part])
    own = [account for account in own if asset_account(account, books.roles) == part]
    return min(own, key=lambda account: books.roles.has(account, Role.WRITTEN_DOWN, "nedskrivningar"), default=None)


def booked_assets(books: Books) -> dict[str, BookedAssets]:
    """Return what the vouchers do to the fixed assets of each unit that has any."""
    first_day = books.first_booked
    elsewhere = books.once(moved_in)
    units: dict[str, BookedAssets] = {}
    disposals: dict[Ver, tuple[Month, bool]] = {}  # by number: the month that a voucher is of, and whether it disposes
    told: dict[int, dict[str, list[Told]]] = defaultdict(lambda: defaultdict(list))
    for flow in books.once(flows):
        told[id(flow.entry)][flow.account].append((flow.event, flow.amount))
    for entry in books.having(Role.FIXED_ASSETS, Role.DEPRECIATION):
        rows = _rows(entry, books)
        parts = {account.part for account, _ in rows}
        if parts <= {Part.EQUITY}:
            continue
        opens = Part.EQUITY in parts or (entry.date == first_day and Part.DEPRECIATION not in parts)
        month, corrects_disposal = _corrected(entry, disposals)
        moves = not opens and _moves(rows)
        disposing = set() if opens or moves else _disposing(rows, told[id(entry)])
        for account, posting, happened, amount in _of_register(
            _told_rows(rows, told[id(entry)]), told[id(entry)], books
        ):
            unit = units.setdefault(account.group.unit, BookedAssets(first_day))
            unit.kept_here |= entry.meta.get(UNDERLAG) not in elsewhere
            if opens and unit.may_open(entry.date):
                event = Event.OPENING if account.group.number else None
            elif moves:
                event = Event.TRANSFER
            else:
                event = _event(account, happened, amount, disposing, corrects_disposal)
            if event is Event.OPENING:
                unit.opening, unit.has_opening = entry.date, True
            if event:
                unit.postings.append(AssetPosting(event, *account, month, amount, entry, posting))
        if ver := read_ver(entry):
            disposals[ver] = month, corrects_disposal or bool(disposing)
    return units


def _of_register(rows: Iterable[ToldRow], told: Mapping[str, list[Told]], books: Books) -> Iterator[ToldRow]:
    """Yield rows without what writes down what no register depreciates, as land and shares."""
    outside: dict[str, Decimal] = defaultdict(Decimal)
    for account, own in told.items():
        if asset_account(account, books.roles) is None:
            outside[unit_of(account)] += sum((amount for event, amount in own if event in WRITE_DOWNS), Decimal(0))
    for part, posting, event, amount in rows:
        other = outside[part.group.unit]
        if part.part is Part.DEPRECIATION and event in WRITE_DOWNS and amount * other < 0:
            taken = min(abs(amount), abs(other)).copy_sign(amount)
            outside[part.group.unit] += taken
            amount -= taken
        if amount:
            yield part, posting, event, amount


def _rows(entry: data.Transaction, books: Books) -> list[tuple[AssetAccount, data.Posting]]:
    """Return the rows that the register knows; what has no amount in the currency is another rule's to report."""
    return [
        (account, posting)
        for posting in entry.postings
        if (account := asset_account(posting.account, books.roles)) and has_amount(posting, books.currency)
    ]


def _told_rows(rows: Sequence[tuple[AssetAccount, data.Posting]], told: Mapping[str, list[Told]]) -> Iterator[ToldRow]:
    """Yield what each account has of an event, and what it has of none, at its first row."""
    for place, (account, posting) in enumerate(rows):
        if any(earlier.account == posting.account for _, earlier in rows[:place]):
            continue
        whole = sum((number_of(row) for _, row in rows if row.account == posting.account), Decimal(0))
        own = told.get(posting.account, [])
        yield from ((account, posting, event, amount) for event, amount in own)
        if rest := whole - sum((amount for _, amount in own), Decimal(0)):
            yield account, posting, None, rest


def _corrected(entry: data.Transaction, disposals: Mapping[Ver, tuple[Month, bool]]) -> tuple[Month, bool]:
    """Return the month that a voucher is of, and whether it corrects a disposal."""
    known = (disposals[ver] for ver in corrected_numbers(entry) if ver in disposals)
    return next(known, (Month.of(entry.date), False))


def _moves(rows: Iterable[tuple[AssetAccount, data.Posting]]) -> bool:
    """Tell whether a voucher moves assets to other accounts, with their cost and what is depreciated."""
    sums: dict[Part, list[Decimal]] = defaultdict(list)
    for account, posting in rows:
        sums[account.part].append(number_of(posting))
    return set(sums) == {Part.COST, Part.ACCUMULATED_DEPRECIATION} and not any(map(sum, sums.values()))


def _disposing(rows: Iterable[tuple[AssetAccount, data.Posting]], told: Mapping[str, list[Told]]) -> set[AssetGroup]:
    """Return the groups of which a voucher disposes, by the events of its accounts.

    What is moved with its depreciation leaves a group too: the register has it as an asset that is gone, and another.
    """
    left: set[AssetGroup] = set()
    for (group, part), posting in rows:
        events = {event for event, _ in told.get(posting.account, ())}
        taken_back = part is Part.ACCUMULATED_DEPRECIATION and number_of(posting) > 0
        has_moved = Event.TRANSFER in events and (taken_back or part is Part.DISPOSED)
        if has_moved or events & {Event.SALE, Event.DISPOSAL}:
            left.add(group)
    return left


def _event(
    account: AssetAccount, happened: Event | None, amount: Decimal, disposing: set[AssetGroup], corrects_disposal: bool
) -> Event | None:
    """Return what a row is to the register, None for equity and for the loss of what leaves, which may stand on 79xx.

    What depreciates and what writes down is one to it, and so is what is bought and what is moved there.
    """
    depreciates = happened in (Event.DEPRECIATION, Event.WRITE_DOWN, Event.REVERSAL)
    if account.part is Part.EQUITY:
        return None
    if account.part is Part.DEPRECIATION:
        if happened is None:
            depreciates = not any(group.unit == account.group.unit for group in disposing)
        return Event.DEPRECIATION if depreciates and not corrects_disposal else None
    if corrects_disposal or account.part is Part.DISPOSED or happened in (Event.SALE, Event.DISPOSAL):
        return Event.DISPOSAL
    leaves = account.group in disposing and not (account.part is Part.COST and amount > 0)
    if happened in (None, Event.TRANSFER) and leaves:
        return Event.DISPOSAL
    depreciates |= happened in (None, Event.TRANSFER)
    return Event.DEPRECIATION if depreciates and account.part is not Part.COST else Event.PURCHASE


def net(postings: Iterable[AssetPosting], *parts: Part) -> Decimal:
    """Return what rows on accounts of some parts come to, in kronor."""
    return sum((each.amount for each in postings if each.part in parts), Decimal(0))


def vouchers_of(postings: Sequence[AssetPosting]) -> list[data.Transaction]:
    """Return the vouchers of some rows, each once."""
    return list({id(each.entry): each.entry for each in postings}.values())
