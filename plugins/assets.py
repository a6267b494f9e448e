"""Fixed assets: the register of what is depreciated, and that the accounts agree with it.

An asset is bought on a cost account, and depreciated in equal parts from the first day of a month on:

    2023-09-01 custom "asset" "Datorer 2023" Assets:ADM:1210-Inventarier:Datorer-2023 153036.00 SEK
      manader: 36

    2023-09-30 * "Avskrivning inventarier september"
      ver: "A 25"
      Expenses:ADM:7910-Avskrivningar                  4251.00 SEK
      Assets:ADM:1219-Ackumulerade-avskrivningar      -4251.00 SEK

Of a cost that is no whole number of öre a month, every month takes the accumulated depreciation to the nearest öre, so
that the last one takes the rest.

What becomes of it later is said when it happens, by directives of their own, so that the year in which it was bought
can be sealed. `nyttjandeperiod` gives the months in which what remains is depreciated, from the first day of a month
on. `nedskrivning` lowers its worth at the end of a month, by a voucher as of depreciation, and `aterforing` gives some
of that back; what remains is depreciated to the same last month as before:

    2024-07-01 custom "nyttjandeperiod" "Datorer 2023" 12
    2024-12-31 custom "nedskrivning" "Datorer 2023" 40000.00 SEK
    2025-12-31 custom "aterforing" "Datorer 2023" 15000.00 SEK

Depreciation is booked month by month. A ledger that books it more seldom says so, of all assets from a day on or below
an asset; what is depreciated since the last time is then due in the last month of the year, half-year, third or
quarter, and in the last month of the asset:

    2023-01-01 custom "avskrivning" "arsvis"

`utrangering` is the day on which the asset was sold or scrapped. It is depreciated to the end of that month, and a
voucher of that month, other than the depreciation, takes its cost off 12x8 (or off the cost account) and what is
depreciated off 12x9:

    2025-03-31 custom "utrangering" "Datorer 2023"

    2025-03-31 * "Utrangering av Datorer 2023"
      ver: "A 80"
      Assets:ADM:1218-Utrangerade-inventarier       -153036.00 SEK
      Assets:ADM:1219-Ackumulerade-avskrivningar      80769.00 SEK
      Expenses:ADM:7890-Förlust-vid-utrangering       72267.00 SEK

`overforing` moves it to another account, of another unit or group, at the end of a month, by a voucher of that month
that moves its cost and what is depreciated:

    2025-03-31 custom "overforing" "Datorer 2023" Assets:NAV:1210-Inventarier:Datorer

    2025-03-31 * "Datorer 2023 går över till Navet"
      ver: "A 81"
      Assets:NAV:1210-Inventarier:Datorer            153036.00 SEK
      Assets:NAV:1219-Ackumulerade-avskrivningar     -80769.00 SEK
      Assets:ADM:1210-Inventarier:Datorer-2023      -153036.00 SEK
      Assets:ADM:1219-Ackumulerade-avskrivningar      80769.00 SEK

What it costs may change after it is bought, as by a price reduction or a later invoice: `anskaffningsvarde` says what
there is of it has cost, and what then remains is depreciated to the same last month. `delutrangering` is a part of it
that is sold or scrapped, by what that part cost; its part of what is depreciated goes with it:

    2025-03-31 custom "anskaffningsvarde" "Datorer 2023" 148032.00 SEK
    2025-06-30 custom "delutrangering" "Datorer 2023" 51012.00 SEK

It may also be written as two assets: the old one disposed of, and one that begins the month after with what remained,
and names it: `ersatter: "Datorer 2023"`.

Depreciation is due in the years with bokslut, and in every month up to the last one that the unit has booked. A unit
that has nothing in the register, and nothing on these accounts but what was kept in another system (plugins.imports),
is not judged: its register begins with the first voucher that is booked here.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import partial
from itertools import groupby
from typing import Any, NamedTuple, TypeVar

from beancount.core import data
from beancount.core.amount import Amount

from forbundsbok.plugins.accounts import parse_account
from forbundsbok.plugins.asset_accounts import (
    COSTS,
    NO_GROUP,
    AssetAccount,
    AssetGroup,
    AssetPosting,
    BookedAssets,
    Part,
    account_of,
    asset_account,
    booked_assets,
    net,
    vouchers_of,
)
from forbundsbok.plugins.books import Books
from forbundsbok.plugins.corrections import CORRECTS, number_of
from forbundsbok.plugins.directives import (
    Field,
    Kind,
    UnreadableError,
    account_under,
    one_of,
    positive_money,
    text,
    units_named,
    whole_number,
    wrong,
)
from forbundsbok.plugins.events import Event
from forbundsbok.plugins.findings import Add, Finding, Message, Replace, Step, Subject
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.ledger_text import custom_of, posting, voucher
from forbundsbok.plugins.money import ZERO, rounded
from forbundsbok.plugins.months import Month
from forbundsbok.plugins.numbers import FreeNumbers, series_of
from forbundsbok.plugins.parties import same_party
from forbundsbok.plugins.places import place
from forbundsbok.plugins.roles import Role, Roles
from forbundsbok.plugins.rulebook import Sees, rule
from forbundsbok.plugins.spelling import nearest

GOT = (Event.PURCHASE, Event.TRANSFER)
"""What brings an asset to an account, or takes it to another."""

T = TypeVar("T")
K = TypeVar("K")

NEVER = Month.of(date.max)

LONGEST_LIFE = 1200
"""The longest life of an asset, in months."""

SERIES = "A"
"""The series of depreciation and disposals, in a unit that has none yet."""

SEES = Sees(roles=(Role.FIXED_ASSETS, Role.DEPRECIATION))


class Span(NamedTuple):
    """Months in a row in which an amount is depreciated in equal parts, unless another span begins before."""

    first: Month
    months: int
    amount: Decimal

    @property
    def last(self) -> Month:
        return self.first.after(self.months - 1)

    def depreciated(self, month: Month) -> Decimal:
        """Return what is depreciated of it at the end of a month, in kronor."""
        age = max(0, min(month, self.last).since(self.first) + 1)
        return rounded(self.amount * age / self.months)


class Sold(NamedTuple):
    """A part of an asset that is gone: what it cost, and what of the asset's depreciation goes with it (kronor)."""

    day: date
    cost: Decimal
    depreciated: Decimal
    unimpaired: Decimal
    """What had gone with it had the asset not been written down."""


@dataclass(frozen=True)
class Asset:
    """An asset of the register: what it cost, on which account, and what became of it.

    `spans` are those of its depreciation, the first of its cost, each of the others of what then remained;
    `unimpaired` are what they would be had it not been written down. `every` is how many months apart its depreciation
    is booked, from some months on. `stays` are the accounts on which it stood before, each with the last month; `came`
    and `left` are the first and the last month of one of them (`at_each_stay`).
    """

    name: str
    account: str
    cost: Decimal
    months: int
    replaces: str | None
    entry: data.Custom
    spans: tuple[Span, ...]
    group: AssetGroup = NO_GROUP
    write_downs: tuple[tuple[Month, Decimal], ...] = ()
    """What is written down at the end of some months; what is taken back is less than nothing."""
    unimpaired: tuple[Span, ...] = ()
    every: tuple[tuple[Month, int], ...] = ()
    disposed: date | None = None
    stays: tuple[tuple[str, AssetGroup, Month], ...] = ()
    came: Month | None = None
    left: Month | None = None
    opened: Month | None = None
    """The month at the end of which the books open."""
    costs: tuple[tuple[Month, Decimal], ...] = ()
    """What it had cost up to the end of some months in which that changed, all parts of it."""
    parts: tuple[Sold, ...] = ()

    @property
    def entered(self) -> Decimal:
        """What its account has got of its cost, and has not lost by a transfer: what was gone before was never on it.

        What is sold is a disposal; of an asset that has moved on, no more than the parts sold here has stayed.
        """
        begins = self.came.after(-1) if self.came else self.opened
        before = self.sold_at(begins) if begins else ZERO
        return (self.sold_at(self.left) if self.left else self.cost) - before

    def whole_at(self, month: Month) -> Decimal:
        """Return what it had cost at the end of a month, all parts of it, in kronor."""
        return next((before for when, before in self.costs if month < when), self.cost)

    def sold_at(self, month: Month) -> Decimal:
        """Return what the parts of it that are gone at the end of a month had cost, in kronor."""
        return sum((part.cost for part in self._gone(month)), ZERO)

    def cost_at(self, month: Month) -> Decimal:
        """Return what the parts of it that there are have cost at the end of a month, in kronor."""
        return self.whole_at(month) - self.sold_at(month)

    def _gone(self, month: Month) -> list[Sold]:
        return [part for part in self.parts if Month.of(part.day) <= month]

    @property
    def first(self) -> Month:
        """The first month in which it is depreciated."""
        return self.spans[0].first

    @property
    def last(self) -> Month:
        """The last month in which it is depreciated."""
        ends = [self.spans[-1].last, *([self.left] if self.left else [])]
        return min([*ends, Month.of(self.disposed)] if self.disposed else ends)

    @property
    def begins(self) -> Month:
        """The first month in which it is depreciated on its account."""
        return max(self.first, self.came) if self.came else self.first

    def at_each_stay(self) -> Iterator["Asset"]:
        """Yield it as it stood on each of its accounts, the last one last."""
        came: Month | None = None
        for account, group, left in self.stays:
            yield replace(self, account=account, group=group, stays=(), came=came, left=left, disposed=None)
            came = left.after(1)
        yield replace(self, stays=(), came=came) if came else self

    def accumulated_depreciation(self, month: Month) -> Decimal:
        """Return what is depreciated and written down at the end of a month of what there is of it, in kronor."""
        end = min(month, self.last)
        gone = sum((part.depreciated for part in self._gone(month)), ZERO)
        return _depreciated(self.spans, end) + self.impairment(end) - gone

    def depreciated(self, month: Month, *, impaired: bool = True) -> Decimal:
        """Return what is depreciated at the end of a month, as it is or had it not been written down."""
        if impaired:
            return self.accumulated_depreciation(month)
        gone = sum((part.unimpaired for part in self._gone(month)), ZERO)
        return _depreciated(self.unimpaired, min(month, self.last)) - gone

    def impairment(self, month: Month) -> Decimal:
        """Return what is written down, and not taken back, at the end of a month, in kronor."""
        return sum((amount for when, amount in self.write_downs if when <= month), ZERO)

    def booked_depreciation(self, month: Month) -> Decimal:
        """Return what of it should be booked at the end of a month, in kronor."""
        every = next((each for since, each in reversed(self.every) if since <= month), 1)
        until = month if month >= self.last else month.after(-(month.number % every))
        # What came with its history was depreciated to that day.
        history = [each for each in (self.came and self.came.after(-1), self.opened) if each and each <= month]
        until = max([until, *history])
        return _depreciated(self.spans, min(until, self.last)) + self.impairment(min(month, self.last))

    def depreciated_months(self, first: Month, last: Month) -> Iterator[Month]:
        """Yield the months, of some in a row, in which something may be depreciated or written down."""
        begins = min((*(span.first for span in self.spans), *(when for when, _ in self.write_downs)))
        for serial in range(max(first, begins, self.came or first).serial, min(last, self.last).serial + 1):
            yield Month.at(serial)

    def depreciation(self, month: Month) -> Decimal:
        """Return what is depreciated and written down in a month, in kronor."""
        return self.booked_depreciation(month) - self.booked_depreciation(month.after(-1))

    def remaining(self, month: Month) -> Decimal:
        """Return what is left of its cost at the end of a month, in kronor."""
        return self.cost_at(month) - self.accumulated_depreciation(month)

    def may_take_back(self, month: Month) -> Decimal:
        """Return what may be taken back of its write-downs at the end of a month: what it lacks for them, in kronor."""
        return self.depreciated(month) - self.depreciated(month, impaired=False)

    def rescheduled(self, first: Month, months: int) -> "Asset":
        """Return it with what remains before a month depreciated in so many from that month on."""
        before = first.after(-1)
        unimpaired = Span(first, months, self.cost_at(before) - self.depreciated(before, impaired=False))
        spans = (*self.spans, Span(first, months, self.remaining(before)))
        return replace(self, spans=spans, unimpaired=(*self.unimpaired, unimpaired))

    def written_down(self, month: Month, amount: Decimal) -> "Asset":
        """Return it with so much less worth at the end of a month, and what remains depreciated to the same end."""
        lower = replace(self, write_downs=(*self.write_downs, (month, amount)))
        left = self.last.since(month)
        if left <= 0:
            return lower
        return replace(lower.rescheduled(month.after(1), left), unimpaired=self.unimpaired)

    def repriced(self, month: Month, cost: Decimal) -> "Asset":
        """Return it with another cost from the end of a month on, and what remains depreciated to the same end."""
        other = replace(self, cost=cost, costs=(*self.costs, (month, self.cost)))
        return other.rescheduled(month.after(1), self.last.since(month))

    def part_of(self, day: date, cost: Decimal) -> Sold:
        """Return what a part of it takes with it at the end of a day's month, by what the part cost."""
        month = Month.of(day)
        share = cost / self.cost_at(month)
        return Sold(
            day,
            cost,
            rounded(self.depreciated(month) * share),
            rounded(self.depreciated(month, impaired=False) * share),
        )

    def without(self, part: Sold) -> "Asset":
        """Return it without a part, and what remains depreciated to the same end."""
        less, month = replace(self, parts=(*self.parts, part)), Month.of(part.day)
        left = self.last.since(month)
        return less.rescheduled(month.after(1), left) if left > 0 else less


def _depreciated(spans: Sequence[Span], end: Month) -> Decimal:
    """Return what is depreciated at the end of a month by spans of which each ends where the next one begins."""
    ends = [*(span.first.after(-1) for span in spans[1:]), end]
    return sum((span.depreciated(min(end, until)) for span, until in zip(spans, ends, strict=True)), ZERO)


EVERY = {"manadsvis": 1, "kvartalsvis": 3, "tertialvis": 4, "halvarsvis": 6, "arsvis": 12}
"""How many months apart depreciation may be booked."""


def _asset(entry: data.Custom, given: Mapping[str, Any]) -> Asset:
    first = Month.of(entry.date)
    spans = (Span(first, given["manader"], given["cost"]),)
    every = ((first, EVERY[given["avskrivs"]]),) if "avskrivs" in given else ()
    return Asset(
        given["name"],
        given["cost account"],
        given["cost"],
        given["manader"],
        given.get("ersatter"),
        entry,
        spans,
        unimpaired=spans,
        every=every,
    )


def _first_of_month(entry: data.Custom, _: Mapping[str, Any]) -> None:
    if entry.date.day != 1:
        raise wrong(N_("{day} is not the first day of the first month that is depreciated"), day=entry.date)


ASSET = Kind(
    "asset",
    values=(
        Field(N_("name"), text),
        Field(N_("cost account"), account_under("Assets")),
        Field(N_("cost"), positive_money),
    ),
    meta=(
        Field("manader", whole_number(1, LONGEST_LIFE)),
        Field("ersatter", text, required=False),
        Field("avskrivs", one_of(*EVERY), required=False),
    ),
    check=_first_of_month,
    make=lambda entry, given: _asset(entry, given),
    example='2023-09-01 custom "asset" "Datorer 2023" Assets:ENHET:1210-Inventarier 153036.00 SEK\n  manader: 36',
)

BOOKED = Kind(
    "avskrivning",
    values=(Field(N_("how often"), one_of(*EVERY)),),
    make=lambda entry, given: (Month.of(entry.date), EVERY[given["how often"]]),
    check=_first_of_month,
    example='2023-01-01 custom "avskrivning" "arsvis"',
)


@rule(
    "D701",
    title=N_(
        "An asset can be read: a name, a cost account, a cost, its life in months, and the first day of its first "
        "depreciated month."
    ),
    why=N_("The other rules read the register; what it cannot say it cannot prove."),
    mend=N_("Write the directive as the message shows."),
)
def asset_that_cannot_be_read(books: Books) -> Iterator[Finding]:
    for kind in (ASSET, BOOKED):
        for entry, why in books.unread(kind):
            yield kind.finding(entry, why, books.currency)
    for asset in books.once(_entered).elsewhere:
        message = N_("{asset} is entered on {account}, which is {slag} and no account of what assets cost.")
        values = {"asset": asset.name, "account": asset.account, "slag": books.roles.slag(asset.account).name}
        units = [Subject("unit", unit) for unit in units_named(asset.entry)]
        yield Finding(asset.entry, ASSET.subject(asset.entry), message, values, also=units)


class _Entered(NamedTuple):
    """The assets as they were entered, each in its group, and those on accounts that no asset stands on."""

    assets: list[Asset]
    elsewhere: list[Asset]


def _entered(books: Books) -> _Entered:
    entered = _Entered([], [])
    every = tuple(sorted(books.declared(BOOKED)))
    for asset in books.declared(ASSET):
        account = asset_account(asset.account, books.roles)
        if account and account.part is Part.COST:
            entered.assets.append(replace(asset, group=account.group, every=asset.every or every))
        else:
            entered.elsewhere.append(asset)
    return entered


# What becomes of an asset later


class AssetChange(NamedTuple):
    """What becomes of an asset, and the asset that it makes of what it was. `apply` raises UnreadableError."""

    name: str
    apply: Callable[[Asset], Asset]
    entry: data.Custom


def _disposed(asset: Asset, entry: data.Custom) -> Asset:
    return replace(asset, disposed=entry.date)


def _written_down(asset: Asset, entry: data.Custom, amount: Decimal) -> Asset:
    month = Month.of(entry.date)
    if amount > asset.remaining(month):
        text = N_("{asset} has {remaining} kr left at the end of {month}, less than {amount} kr")
        values = {"asset": asset.name, "remaining": asset.remaining(month), "month": str(month), "amount": amount}
        raise wrong(text, **values)
    return asset.written_down(month, amount)


def _reversed(asset: Asset, entry: data.Custom, amount: Decimal) -> Asset:
    month = Month.of(entry.date)
    if amount > (most := asset.may_take_back(month)):
        text = N_("{asset} lacks {most} kr for its write-downs at the end of {month}, less than {amount} kr")
        raise wrong(text, asset=asset.name, most=most, month=str(month), amount=amount)
    return asset.written_down(month, -amount)


def _moved(asset: Asset, entry: data.Custom, account: str) -> Asset:
    month = Month.of(entry.date)
    if account == asset.account:
        raise wrong(N_("{asset} stands on {account} already"), asset=asset.name, account=account)
    return replace(asset, account=account, stays=(*asset.stays, (asset.account, asset.group, month)))


def _repriced(asset: Asset, entry: data.Custom, cost: Decimal) -> Asset:
    month = Month.of(entry.date)
    gone = asset.accumulated_depreciation(month)
    values = {"asset": asset.name, "month": str(month), "cost": cost, "gone": gone}
    if asset.last <= month:
        raise wrong(N_("{asset} has nothing left to depreciate after {month}"), **values)
    if cost < gone:
        raise wrong(N_("{asset} has lost {gone} kr by the end of {month}, more than {cost} kr"), **values)
    return asset.repriced(month, cost + asset.sold_at(month))


def _sold(asset: Asset, entry: data.Custom, cost: Decimal) -> Asset:
    if cost >= (most := asset.cost_at(Month.of(entry.date))):
        text = N_("{asset} has cost {most} kr, and a part of it less than that: of all of it write {kind}")
        raise wrong(text, asset=asset.name, most=most, kind=DISPOSAL.type)
    return asset.without(asset.part_of(entry.date, cost))


def _rescheduled(asset: Asset, entry: data.Custom, months: int) -> Asset:
    month = Month.of(entry.date)
    if not asset.remaining(month.after(-1)):
        raise wrong(N_("{asset} has nothing left to depreciate from {month}"), asset=asset.name, month=str(month))
    return asset.rescheduled(month, months)


_OF = Field(N_("name"), text)


def _change(changed: Callable[[Asset, data.Custom, Any], Asset], field: str) -> Callable[..., AssetChange]:
    """Return how a directive is read that changes an asset by what stands in a field of it."""
    return lambda entry, given: AssetChange(given["name"], lambda asset: changed(asset, entry, given[field]), entry)


DISPOSAL = Kind(
    "utrangering",
    values=(_OF,),
    make=lambda entry, given: AssetChange(given["name"], lambda asset: _disposed(asset, entry), entry),
    example='2025-03-31 custom "utrangering" "Datorer 2023"',
    about="asset",
)
WRITE_DOWN = Kind(
    "nedskrivning",
    values=(_OF, Field(N_("amount"), positive_money)),
    make=_change(_written_down, "amount"),
    example='2024-12-31 custom "nedskrivning" "Datorer 2023" 40000.00 SEK',
    about="asset",
)
REVERSAL = Kind(
    "aterforing",
    values=(_OF, Field(N_("amount"), positive_money)),
    make=_change(_reversed, "amount"),
    example='2025-12-31 custom "aterforing" "Datorer 2023" 15000.00 SEK',
    about="asset",
)
LIFE = Kind(
    "nyttjandeperiod",
    values=(_OF, Field(N_("months that are left"), whole_number(1, LONGEST_LIFE))),
    make=_change(_rescheduled, "months that are left"),
    check=_first_of_month,
    example='2024-07-01 custom "nyttjandeperiod" "Datorer 2023" 12',
    about="asset",
)
MOVE = Kind(
    "overforing",
    values=(_OF, Field(N_("cost account"), account_under("Assets"))),
    make=_change(_moved, "cost account"),
    example='2025-03-31 custom "overforing" "Datorer 2023" Assets:ENHET:1210-Inventarier:Datorer',
    about="asset",
)
COST = Kind(
    "anskaffningsvarde",
    values=(_OF, Field(N_("cost"), positive_money)),
    make=_change(_repriced, "cost"),
    example='2025-03-31 custom "anskaffningsvarde" "Datorer 2023" 148032.00 SEK',
    about="asset",
)
PART = Kind(
    "delutrangering",
    values=(_OF, Field(N_("cost"), positive_money)),
    make=_change(_sold, "cost"),
    example='2025-06-30 custom "delutrangering" "Datorer 2023" 51012.00 SEK',
    about="asset",
)
CHANGES: tuple[Kind[AssetChange], ...] = (DISPOSAL, WRITE_DOWN, REVERSAL, LIFE, MOVE, COST, PART)


class RegisteredAssets(NamedTuple):
    """The assets as they came to be, and the changes that cannot be made, each with the reason."""

    assets: Sequence[Asset]
    refused: Sequence[tuple[AssetChange, Message]]


def registered_assets(books: Books) -> RegisteredAssets:
    """Return the assets of the books, each with what has become of it."""
    assets = list(books.once(_entered).assets)
    refused = []
    changes = (change for kind in CHANGES for change in books.declared(kind))
    for change in sorted(changes, key=lambda change: change.entry.date):
        try:
            asset = _asset_of(change, assets)
            assets[assets.index(asset)] = _placed(change.apply(asset), books.roles)
        except UnreadableError as error:
            refused.append((change, error.why))
    return RegisteredAssets(assets, refused)


def _placed(asset: Asset, roles: Roles) -> Asset:
    """Return an asset in the group of its account. Raises UnreadableError where that is of none."""
    account = asset_account(asset.account, roles)
    if account is None or account.part is not Part.COST:
        text = N_("{account} is {slag} and no account of what assets cost")
        raise wrong(text, account=asset.account, slag=roles.slag(asset.account).name)
    return replace(asset, group=account.group)


def _asset_of(change: AssetChange, assets: Iterable[Asset]) -> Asset:
    """Return the asset of which a change tells. Raises UnreadableError where it cannot be of any."""
    known = {asset.name: asset for asset in assets}
    asset = known.get(change.name)
    if asset is None and (near := nearest(change.name, known)):
        raise wrong(N_("the register has no {asset} (is {near} meant?)"), asset=change.name, near=near)
    if asset is None:
        raise wrong(N_("the register has no {asset}"), asset=change.name)
    if asset.disposed:
        raise wrong(N_("{asset} is gone since {day}"), asset=change.name, day=asset.disposed)
    if Month.of(change.entry.date) < asset.first:
        raise wrong(N_("{asset} begins {day}, after that"), asset=change.name, day=asset.first.first_day)
    return asset


@rule(
    "D707",
    title=N_("What becomes of an asset is of one in the register, while it is there and has that much left."),
    why=N_("RKR R4: depreciation, write-downs and disposals are of an asset; the register must come out by itself."),
    mend=N_("Write the asset's name as the register has it, or put the day or the amount right."),
    after=["D701"],
)
def changes_of_assets(books: Books) -> Iterator[Finding]:
    assets = {asset.name: asset for asset in books.once(registered_assets).assets}
    findings = [kind.finding(entry, reason, books.currency) for kind in CHANGES for entry, reason in books.unread(kind)]
    for change, why in books.once(registered_assets).refused:
        values = {"kind": change.entry.type, "why": why}
        message = N_("This {kind} cannot be: {why}.")
        findings.append(Finding(change.entry, Subject("asset", change.name), message, values))
    for finding in findings:
        # What the vouchers do to an asset that is meant is right, and needs no finding of its own.
        meant = nearest(finding.subject.name, assets)
        yield replace(finding, also=[Subject("unit", assets[meant].group.unit)] if meant else [])


# What the rules compare


@dataclass(frozen=True)
class AssetRegister:
    """A unit's assets beside what its vouchers do to them; depreciation is due up to a month."""

    unit: str
    assets: Sequence[Asset]
    booked: BookedAssets
    due: Month

    @property
    def subject(self) -> Subject:
        return Subject("unit", self.unit)


def registers(books: Books) -> list[AssetRegister]:
    """Return the registers that are judged, none while an asset that cannot be read may be of any unit."""
    if not all(units_named(entry) for entry, _ in books.unread(ASSET)):
        return []
    booked = books.once(booked_assets)
    stays = (stay for asset in books.once(registered_assets).assets for stay in asset.at_each_stay())
    assets = _by(stays, lambda asset: asset.group.unit)
    units = {*assets, *(unit for unit, own in booked.items() if own.kept_here)}
    first_day = books.first_booked
    return [_register(unit, assets[unit], booked.get(unit, BookedAssets(first_day)), books) for unit in sorted(units)]


def _register(unit: str, assets: Iterable[Asset], booked: BookedAssets, books: Books) -> AssetRegister:
    # What was disposed of before the books began is not in them.
    own = [asset for asset in assets if asset.disposed is None or asset.disposed > booked.opening]
    own = [
        replace(asset, opened=booked.month_before)
        for asset in own
        if asset.left is None or asset.left.last_day > booked.opening
    ]
    months = [Month(year, 12) for year in books.boksluts] + [each.month for each in booked.of(Event.DEPRECIATION)]
    return AssetRegister(unit, own, booked, max(months, default=Month(0, 12)))


def _by(items: Iterable[T], key: Callable[[T], K]) -> dict[K, list[T]]:
    """Return things by what they have in common, none for what is not there."""
    groups: dict[K, list[T]] = defaultdict(list)
    for each in items:
        groups[key(each)].append(each)
    return groups


def _asset_amounts(amounts: Iterable[tuple[Asset, Decimal]]) -> list[Message]:
    """Return assets with an amount each, without those that have none."""
    text = N_("{asset} {amount} kr")
    return [Message(text, {"asset": asset.name, "amount": amount}) for asset, amount in amounts if amount] or [
        Message(N_("no asset"))
    ]


# D708: how long it lives

OTHERS = 5
"""How many other assets of a group must be registered before a life unlike all of theirs is strange."""


@rule(
    "D708",
    title=N_("An asset lives less than twice as long as any other of its group."),
    why=N_(
        "RKR R4: a month too many by a slip of the keys, or to make the year look better, spreads the cost over years "
        "in which the asset is gone. A warning, since an asset may be of another kind than the group's others."
    ),
    mend=N_("Write the months that the asset is used, or acknowledge why it lasts longer than the others."),
    after=["D701", "D707"],
    warns=True,
)
def unlikely_life(books: Books) -> Iterator[Finding]:
    lives: dict[str, list[tuple[int, Asset]]] = defaultdict(list)
    for asset in books.once(registered_assets).assets:
        planned = asset.spans[-1].last.since(asset.first) + 1
        lives[asset.group.number].append((planned, asset))
    for own in lives.values():
        months, asset = max(own, key=lambda each: each[0])
        longest = max((each for each, other in own if other is not asset), default=0)
        changes = [each for kind in CHANGES for each in books.declared(kind) if each.name == asset.name]
        last = max((asset.entry, *(each.entry for each in changes)), key=lambda entry: entry.date)
        if len(own) > OTHERS and months >= 2 * longest and not books.is_sealed(last.date):
            message = N_("{asset} lives {months} months; of {count} others of group {group} none lives over {longest}.")
            values = {
                "asset": asset.name,
                "months": months,
                "count": len(own) - 1,
                "group": asset.group.number,
                "longest": longest,
            }
            yield Finding(last, Subject("asset", asset.name), message, values)


# D710: when it begins

LATE = 3
"""How many months after it is bought an asset is depreciated at the latest, before that is strange."""


@rule(
    "D710",
    title=N_("An asset is depreciated when it has been bought, or within a quarter of that."),
    why=N_(
        "RKR R4: depreciation begins when the asset is put to use. One that waits makes the year look better. A "
        "warning, since what is bought may be put to use later; plant that is not finished has an account of its own."
    ),
    mend=N_("Date the asset the first month in which it was used, or acknowledge when it is put to use."),
    after=["D701", "D702", "D703"],
    sees=Sees(roles=(Role.FIXED_ASSETS,)),
    warns=True,
)
def depreciated_in_time(books: Books) -> Iterator[Finding]:
    for asset in books.once(registered_assets).assets:
        if books.is_sealed(asset.entry.date) or asset.replaces or asset.account not in books.postings:
            continue
        bought = [entry for entry, row in books.postings[asset.account] if number_of(row) == asset.cost]
        first = asset.first
        if bought and all(first.since(Month.of(entry.date)) > LATE for entry in bought):
            message = N_(
                "{asset} was bought by {voucher} of {day}, and is depreciated from {first} on, {months} months later."
            )
            values = {
                "asset": asset.name,
                "voucher": bought[-1],
                "day": bought[-1].date,
                "first": str(first),
                "months": first.since(Month.of(bought[-1].date)),
            }
            yield Finding(asset.entry, Subject("asset", asset.name), message, values)


# D711: what brings its cost down


@rule(
    "D711",
    title=N_("What an asset has cost is brought down by who sold it."),
    why=N_(
        "RKR R4: a price reduction lowers what an asset has cost; what another pays for it is the price of something "
        "sold, and the rest of its worth is a loss. A warning, since a guarantee or an insurance may pay."
    ),
    mend=N_("Enter what is sold by `utrangering` or `delutrangering`, or acknowledge who gives back what, and why."),
    after=["D701", "D702", "D704"],
    sees=SEES,
    warns=True,
)
def brought_down_by_the_seller(books: Books) -> Iterator[Finding]:
    for register in books.once(registers):
        bought = _by(register.booked.of(*GOT), lambda each: each.posting.account)
        for name, postings in sorted(bought.items()):
            account = CostAccount(name, (), postings)
            for row in postings:
                if _is_price(row, account, books) and not books.is_sealed(row.entry.date):
                    message = N_(
                        "{voucher} takes {amount} kr off {account}, and is from {payee}, who has not sold what stands "
                        "there: is it the price of something sold?"
                    )
                    values = {
                        "voucher": row.entry,
                        "amount": -row.amount,
                        "account": name,
                        "payee": row.entry.payee or Message(N_("nobody who is named")),
                    }
                    yield Finding(
                        row.entry, Subject("voucher", place(row.entry)), message, values, also=[register.subject]
                    )


# D702: the cost accounts


class CostAccount(NamedTuple):
    """A cost account: what the register has on it, and what is booked."""

    name: str
    assets: Sequence[Asset]
    postings: Sequence[AssetPosting]

    @property
    def registered(self) -> Decimal:
        return sum((asset.entered for asset in self.assets), ZERO)

    @property
    def booked(self) -> Decimal:
        return net(self.postings, *COSTS)

    def message(self) -> Message:
        text = N_("{account} holds {booked} kr, the register {registered} kr ({assets})")
        assets = _asset_amounts((asset, asset.entered) for asset in self.assets)
        values = {"account": self.name, "booked": self.booked, "registered": self.registered, "assets": assets}
        return Message(text, values)


@rule(
    "D702",
    title=N_(
        "Every cost account holds what the register has on it: no asset without a purchase, no purchase without an "
        "asset."
    ),
    why=N_("LKBR 7 kap.; report 3.3 note 15, whose investments of the year are the purchases on these accounts."),
    mend=N_(
        "Write the asset into the register, or book the purchase that it lacks; what an asset has come to cost is said "
        "by `anskaffningsvarde`."
    ),
    after=["D701"],
    sees=SEES,
)
def cost_accounts(books: Books) -> Iterator[Finding]:
    for register in books.once(registers):
        for differences in _differences(register, books.roles).values():
            at, row = _blamed_account(differences)
            accounts = [each.message() for each in differences]
            message = N_("The asset register of {unit} does not agree with its accounts: {accounts}.")
            values: dict[str, Any] = {"unit": register.unit, "accounts": accounts}
            sold = [row for each in differences for row in each.postings if _is_price(row, each, books)]
            if sold and sum((row.amount for row in sold), ZERO) == sum(
                (each.booked - each.registered for each in differences), ZERO
            ):
                message = N_(
                    "The asset register of {unit} does not agree with its accounts: {accounts}. {voucher} takes "
                    "{price} kr off the cost for what it brings in, as if that were a price reduction: what is sold is "
                    "taken off with all that it has cost and all that is depreciated, and is entered by {kind}."
                )
                values |= {"voucher": sold[-1].entry, "price": -sold[-1].amount, "kind": DISPOSAL.type}
            yield Finding(at, register.subject, message, values, posting=row, fix=_cost_fix(differences, books))


def _cost_fix(differences: Sequence[CostAccount], books: Books) -> list[Step]:
    """Return what an asset has come to cost, where it is alone on its account and got cheaper after it was bought."""
    each, *others = differences
    credits = [row for row in each.postings if row.amount < 0 and row.event is Event.PURCHASE]
    if others or len(each.assets) != 1 or not credits or not all(_is_reduction(row, each, books) for row in credits):
        return []
    (asset,), last = each.assets, credits[-1]
    fallen = sum((row.amount for row in credits), ZERO)
    is_lower = 0 < each.booked == each.registered + fallen
    if not is_lower or not asset.first <= last.month < asset.last or books.is_sealed(last.entry.date):
        return []
    cost = Amount(each.booked - asset.sold_at(last.month), books.currency)
    return [Add([custom_of(COST.type, last.entry.date, [asset.name, cost])], asset.entry)]


def _is_price(row: AssetPosting, account: CostAccount, books: Books) -> bool:
    """Tell whether a row takes off the cost what somebody pays for the asset."""
    if row.amount > 0 or row.event is not Event.PURCHASE or _is_reduction(row, account, books):
        return False
    paid = (number for each, number in books.rows(row.entry) if books.roles.has(each, Role.MONEY, Role.CUSTOMERS))
    return sum(paid, ZERO) > 0


def _is_reduction(credit: AssetPosting, account: CostAccount, books: Books) -> bool:
    """Tell whether a row gives back some of what something cost: it is a supplier's who sold it, or a correction.

    What anybody else pays for it is the price of something sold.
    """
    entry = credit.entry
    if CORRECTS in entry.meta:
        return True
    sellers = [row.entry.payee for row in account.postings if row.amount > 0 and row.entry.payee]
    has_seller = bool(entry.payee) and any(same_party(entry.payee, seller) for seller in sellers)
    return has_seller and any(books.roles.has(row.account, Role.SUPPLIERS, Role.MONEY) for row in entry.postings)


def _differences(register: AssetRegister, roles: Roles) -> dict[AssetGroup, list[CostAccount]]:
    there = (asset for asset in register.assets if not asset.left or asset.entered)
    assets = _by(there, lambda asset: asset.account)
    bought = (each for each in register.booked.of(Event.OPENING, *GOT) if each.part in COSTS)
    postings = _by(bought, lambda each: each.posting.account)
    accounts = (CostAccount(name, assets[name], postings[name]) for name in sorted({*assets, *postings}))
    differing = (each for each in accounts if each.booked != each.registered)
    groups: dict[AssetGroup, list[CostAccount]] = defaultdict(list)
    for each in differing:
        if known := asset_account(each.name, roles):
            groups[known.group].append(each)
    return {group: differences for group, differences in groups.items() if not _disposed_before(differences, roles)}


def _disposed_before(differences: Iterable[CostAccount], roles: Roles) -> bool:
    """Tell whether accounts differ only by what was disposed of before the books, still in the opening balance."""
    excess = {each.name: each.booked - each.registered for each in differences}
    return not sum(excess.values(), ZERO) and any(roles.has(name, Role.DISPOSED) for name in excess)


def _blamed_account(differences: Iterable[CostAccount]) -> tuple[data.Directive, data.Posting | None]:
    """Return the latest asset of the accounts that hold less than the register, or else the latest row."""
    assets = [asset for each in differences if each.booked < each.registered for asset in each.assets]
    if assets:
        return max(assets, key=lambda asset: asset.first).entry, None
    last = max((each for account in differences for each in account.postings), key=lambda each: each.entry.date)
    return last.entry, last.posting


# D703: bought before it is depreciated


@rule(
    "D703",
    title=N_("An asset is bought before it is depreciated: by the end of its first month its cost is on the account."),
    why=N_("RKR R4: an asset is depreciated from when it can be used, never before."),
    mend=N_("Let the asset begin in the month in which it was bought, or put the date of the purchase right."),
    after=["D701", "D702"],
    sees=SEES,
)
def bought_before_depreciated(books: Books) -> Iterator[Finding]:
    for register in books.once(registers):
        postings = _by(register.booked.of(Event.OPENING, *GOT), lambda each: each.posting.account)
        there = (asset for asset in register.assets if not asset.left)
        for account, own in sorted(_by(there, lambda asset: asset.account).items()):
            yield from _early_depreciation(register, own, postings[account])


def _early_depreciation(
    register: AssetRegister, own: Sequence[Asset], postings: Sequence[AssetPosting]
) -> Iterator[Finding]:
    """Yield the first asset of an account that is depreciated with nothing of it bought."""
    # What began before the books is bought in their opening balance.
    begins = _by(own, lambda asset: max(asset.begins, register.booked.month_before))
    for month in sorted(begins):
        begun = [asset for asset in own if asset.begins <= month]
        bought = net((each for each in postings if each.month <= month), Part.COST)
        lacking = sum((asset.entered for asset in begun), ZERO) - bought
        asset = min(begins[month], key=lambda each: each.cost)
        # Invoices of a part may come later: an asset of which nothing is bought is the mistake.
        if lacking >= asset.cost:
            message = N_(
                "{asset} is depreciated from {first}, before it is bought: at the end of that month {account} holds "
                "{bought} kr, {lacking} kr less than the register."
            )
            values = {
                "asset": asset.name,
                "first": asset.begins.first_day,
                "account": asset.account,
                "bought": bought,
                "lacking": lacking,
            }
            yield Finding(asset.entry, Subject("asset", asset.name), message, values, also=[register.subject])
            return


# D704: disposals


class Disposal(NamedTuple):
    """What is disposed of in a group in a month: the assets by the register, and the rows that are booked.

    `due` is the month up to which depreciation is booked.
    """

    group: AssetGroup
    month: Month
    assets: Sequence[Asset]
    postings: Sequence[AssetPosting]
    due: Month

    @property
    def registered(self) -> tuple[Decimal, Decimal]:
        """The cost and the accumulated depreciation that the assets, or parts of them, take off the accounts."""
        whole = _disposal_amounts(filter(self._is_whole, self.assets), self.month)
        parts = [(part.cost, part.depreciated) for part in self.parts]
        return _sums([whole, *parts])

    @property
    def parts(self) -> list[Sold]:
        """The parts of assets that go in the month."""
        return [part for asset in self.assets for part in asset.parts if Month.of(part.day) == self.month]

    @property
    def days(self) -> list[date]:
        """The days on which assets and parts of them go."""
        whole = (asset.disposed for asset in filter(self._is_whole, self.assets) if asset.disposed)
        return [*whole, *(part.day for part in self.parts)]

    def _is_whole(self, asset: Asset) -> bool:
        return asset.disposed is not None and Month.of(asset.disposed) == self.month

    @property
    def booked(self) -> tuple[Decimal, Decimal]:
        """The cost and the accumulated depreciation that the vouchers take off the accounts."""
        return -net(self.postings, *COSTS), net(self.postings, Part.ACCUMULATED_DEPRECIATION)

    def message(self) -> Message:
        booked = _amounts_message(self.booked, vouchers_of(self.postings))
        registered = _amounts_message(self.registered, [asset.name for asset in self.assets])
        text = N_("{month}: {booked} is taken off, by the register {registered}")
        if self.assets and self.month > self.due:
            text = N_(
                "{month}: {booked} is taken off, by the register {registered}, with the depreciation up to {month}, "
                "which is not booked yet"
            )
        return Message(text, {"month": str(self.month), "booked": booked, "registered": registered})


def _disposal_amounts(assets: Iterable[Asset], month: Month) -> tuple[Decimal, Decimal]:
    return _sums([(asset.cost_at(month), asset.accumulated_depreciation(month)) for asset in assets])


def _sums(amounts: Sequence[tuple[Decimal, Decimal]]) -> tuple[Decimal, Decimal]:
    return sum((cost for cost, _ in amounts), ZERO), sum((depreciation for _, depreciation in amounts), ZERO)


def _amounts_message(amounts: tuple[Decimal, Decimal], by: Sequence[object]) -> Message:
    cost, depreciation = amounts
    text = N_("{cost} kr of cost and {depreciation} kr of accumulated depreciation ({by})")
    return Message(text, {"cost": cost, "depreciation": depreciation, "by": by}) if by else Message(N_("nothing"))


@rule(
    "D704",
    title=N_(
        "A disposed asset leaves the accounts in that month, its cost and what is depreciated; nothing else does."
    ),
    why=N_("RKR R4: what is sold or scrapped is no longer an asset."),
    mend=N_(
        "Book the disposal with the amounts of the message, or write an `utrangering` of the asset, a `delutrangering` "
        "of a part of it."
    ),
    after=["D701", "D702", "D707"],
    sees=SEES,
)
def disposals(books: Books) -> Iterator[Finding]:
    for register in books.once(registers):
        differences = (each for each in _disposals(register) if each.booked != each.registered)
        for group, months in _by(differences, lambda each: each.group).items():
            first = months[0]
            at = first.postings[-1].entry if first.postings else first.assets[-1].entry
            message = N_("Disposals of {unit} on {group}x are not those of the register. {months}.")
            values = {"unit": group.unit, "group": group.number, "months": [each.message() for each in months]}
            names = [Subject("asset", asset.name) for each in months for asset in each.assets]
            proposal = partial(_disposal_fix, first, register, books) if len(months) == 1 else None
            yield Finding(at, register.subject, message, values, proposal=proposal, also=names)


def _disposals(register: AssetRegister) -> Iterator[Disposal]:
    """Yield what is disposed of by group and month, by the register or by the vouchers.

    Before the depreciation of a month is booked, nothing of it is asked for; what is booked all the same is compared.
    """
    assets: dict[tuple[AssetGroup, Month], list[Asset]] = defaultdict(list)
    for asset in register.assets:
        gone = [Month.of(part.day) for part in asset.parts]
        here = [month for month in gone if (asset.came or month) <= month <= (asset.left or month)]
        for month in dict.fromkeys([*here, *([Month.of(asset.disposed)] if asset.disposed else [])]):
            if month > register.booked.month_before:
                assets[asset.group, month].append(asset)
    postings = _by(register.booked.of(Event.DISPOSAL), lambda each: (each.group, each.month))
    for key in sorted({*assets, *postings}):
        disposal = Disposal(*key, assets[key], postings[key], register.due)
        if disposal.postings or disposal.month <= register.due:
            yield disposal


def _disposal_fix(disposal: Disposal, register: AssetRegister, books: Books, numbers: FreeNumbers) -> list[Step]:
    """Return the voucher where there is none, or the day of the one asset that a voucher takes off to the öre."""
    if not disposal.postings:
        return _disposal_voucher(disposal, register, books, numbers)
    vouchers = vouchers_of(disposal.postings)
    there = (asset for asset in register.assets if asset.disposed is None and asset.left is None)
    able = [asset for asset in there if asset.group == disposal.group]
    gone = [asset for asset in able if _disposal_amounts([asset], disposal.month) == disposal.booked]
    if disposal.assets or len(vouchers) != 1:
        return []
    if len(gone) == 1:
        return [Add([custom_of(DISPOSAL.type, vouchers[0].date, [gone[0].name])], gone[0].entry)]
    cost, depreciation = disposal.booked
    part = [
        asset
        for asset in able
        if asset.first <= disposal.month
        and 0 < cost < asset.cost_at(disposal.month)
        and asset.part_of(vouchers[0].date, cost).depreciated == depreciation
    ]
    if gone or len(part) != 1:
        return []
    return [Add([custom_of(PART.type, vouchers[0].date, [part[0].name, Amount(cost, books.currency)])], part[0].entry)]


def _disposal_voucher(disposal: Disposal, register: AssetRegister, books: Books, numbers: FreeNumbers) -> list[Step]:
    """Return the voucher of a disposal, with what remains as a loss: the price of what was sold has its own."""
    group, (cost, depreciation) = disposal.group, disposal.registered
    when = max(disposal.days)
    rows = [
        (account_of(AssetAccount(group, Part.DISPOSED), when, books), -cost),
        (account_of(AssetAccount(group, Part.ACCUMULATED_DEPRECIATION), when, books), depreciation),
        (next(iter(books.open_accounts(group.unit, when, Role.LOSSES)), None), cost - depreciation),
    ]
    narration = f"Utrangering av {', '.join(asset.name for asset in disposal.assets)}"
    return _vouchers([(when, narration, rows)], register, books, numbers)


VoucherPlan = tuple[date, str, Iterable[tuple[str | None, Decimal]]]
"""The day and text of a voucher, and its rows; None where there is no such account."""


def _vouchers(plans: Iterable[VoucherPlan], register: AssetRegister, books: Books, numbers: FreeNumbers) -> list[Step]:
    """Return the steps that add vouchers in the file of the unit's depreciation, none unless all can be written."""
    last = max(register.booked.of(Event.DEPRECIATION), key=lambda each: each.entry.date, default=None)
    at = last.entry if last else register.assets[-1].entry
    vouchers = []
    for when, narration, rows in plans:
        amounts = {account: amount for account, amount in rows if amount}
        if None in amounts:
            return []
        postings = [posting(str(account), amount, books.currency) for account, amount in amounts.items()]
        vouchers.append(voucher(when, narration, "", postings))
    series = series_of(last.entry if last else None, SERIES)
    return [Add([each._replace(meta={"ver": numbers.lacking(series, each.date)})], at) for each in vouchers]


# D709: transfers


@rule(
    "D709",
    title=N_(
        "An asset is moved to another account with its cost and what is depreciated, in the month of the register."
    ),
    why=N_("LKBR 9 kap.: the notes show what is moved between groups, which is nothing bought and nothing sold."),
    mend=N_("Book the transfer with the amounts of the message, or write an `overforing` of the asset."),
    after=["D701", "D702", "D707"],
    sees=SEES,
)
def moved_as_registered(books: Books) -> Iterator[Finding]:
    told: set[object] = set()  # what one account has too much another lacks
    for register in books.once(registers):
        came = _by((asset for asset in register.assets if asset.came), lambda each: (each.group, each.came or NEVER))
        left = _by((asset for asset in register.assets if asset.left), lambda each: (each.group, each.left or NEVER))
        moves = {(group, month.after(-1)) for group, month in came} | left.keys()
        postings = _by(register.booked.of(Event.TRANSFER), lambda each: (each.group, each.month))
        for group, month in sorted({*moves, *postings}):
            rows, gone, new = postings[group, month], left[group, month], came[group, month.after(1)]
            registered = _less(_disposal_amounts(new, month), _disposal_amounts(gone, month))
            booked = net(rows, Part.COST), -net(rows, Part.ACCUMULATED_DEPRECIATION)
            is_early = not rows and month > register.due
            about = {*(asset.name for asset in [*gone, *new]), *(id(each.entry) for each in rows)}
            if booked == registered or is_early or about & told:
                continue
            told |= about
            message = N_(
                "Moved to {unit} on {group}x in {month} is {booked}, by the register {registered} (less than nothing "
                "is moved away)."
            )
            values = {
                "unit": group.unit,
                "group": group.number,
                "month": str(month),
                "booked": _amounts_message(booked, vouchers_of(rows)),
                "registered": _amounts_message(registered, [asset.name for asset in [*gone, *new]]),
            }
            at = rows[-1].entry if rows else [*gone, *new][-1].entry
            names = [Subject("asset", asset.name) for asset in [*gone, *new]]
            yield Finding(at, register.subject, message, values, also=names)


def _less(one: tuple[Decimal, Decimal], other: tuple[Decimal, Decimal]) -> tuple[Decimal, Decimal]:
    return one[0] - other[0], one[1] - other[1]


# D705: the opening balance


@rule(
    "D705",
    title=N_("Accumulated depreciation in the opening balance is that of the register."),
    why=N_("What was depreciated before the first year in the books is in no voucher, only in the register."),
    mend=N_("Put the amount in the opening balance right, or the date or the life of the asset."),
    after=["D701", "D702", "D703", "D704"],
    sees=SEES,
)
def opening_depreciation(books: Books) -> Iterator[Finding]:
    for register in books.once(registers):
        before = register.booked.month_before
        there = (asset for asset in register.assets if asset.came is None or asset.came <= before)
        assets = _by(there, lambda asset: asset.group)
        opening = (each for each in register.booked.of(Event.OPENING) if each.part is Part.ACCUMULATED_DEPRECIATION)
        postings = _by(opening, lambda each: each.group)
        for group in sorted({*assets, *postings}):
            depreciated = [(asset, asset.accumulated_depreciation(before)) for asset in assets[group]]
            registered = sum((amount for _, amount in depreciated), ZERO)
            booked = -net(postings[group], Part.ACCUMULATED_DEPRECIATION)
            if booked != registered:
                account = account_of(AssetAccount(group, Part.ACCUMULATED_DEPRECIATION), before.last_day, books)
                message = N_(
                    "The opening balance of {unit} has {booked} kr of accumulated depreciation on {account} at the end "
                    "of {month}, the register {registered} kr ({assets})."
                )
                values = {
                    "unit": group.unit,
                    "account": account or f"{group.number}x",
                    "month": str(before),
                    "booked": booked,
                    "registered": registered,
                    "assets": _asset_amounts(depreciated),
                }
                last = postings[group][-1] if postings[group] else None
                at, row = (last.entry, last.posting) if last else (assets[group][0].entry, None)
                yield Finding(at, register.subject, message, values, posting=row)


# D706: depreciation month by month


class Depreciation(NamedTuple):
    """What is depreciated in a month: the assets by the register, and the rows that are booked."""

    month: Month
    assets: Sequence[Asset]
    postings: Sequence[AssetPosting]

    @property
    def registered(self) -> dict[AssetAccount, Decimal]:
        """What the register has on each account: debit plus."""
        amounts: dict[AssetAccount, Decimal] = defaultdict(Decimal)
        for asset in self.assets:
            of_unit = AssetGroup(asset.group.unit, "")
            amounts[AssetAccount(of_unit, Part.DEPRECIATION)] += asset.depreciation(self.month)
            amounts[AssetAccount(asset.group, Part.ACCUMULATED_DEPRECIATION)] -= asset.depreciation(self.month)
        return amounts

    @property
    def booked(self) -> dict[AssetAccount, Decimal]:
        amounts: dict[AssetAccount, Decimal] = defaultdict(Decimal)
        for each in self.postings:
            amounts[_account(each)] += each.amount
        return amounts

    @property
    def excess(self) -> dict[AssetAccount, Decimal]:
        """What each account has too much, or, less than nothing, too little; that of the year first."""
        booked, registered = self.booked, self.registered
        excess = {account: booked[account] - registered[account] for account in {*booked, *registered}}
        return {account: excess[account] for account in sorted(excess, key=lambda each: each.group) if excess[account]}

    @property
    def has_too_much(self) -> bool:
        return any(
            amount > 0 if account.part is Part.DEPRECIATION else amount < 0 for account, amount in self.excess.items()
        )

    def message(self, books: Books) -> Message:
        booked, registered = self.booked, self.registered
        text = N_("account {account} {booked} kr, not {registered} kr")
        amounts = []
        for part in self.excess:
            account = parse_account(account_of(part, self.month.last_day, books) or "")
            number = account.number if account else f"{part.group.number}x"
            values = {"account": number, "booked": booked[part], "registered": registered[part]}
            amounts.append(Message(text, values))
        values = {"month": str(self.month), "amounts": amounts, "vouchers": vouchers_of(self.postings)}
        return Message(N_("{month}: {amounts} ({vouchers})") if self.postings else N_("{month}: {amounts}"), values)


@rule(
    "D706",
    title=N_("Depreciation is booked month by month as the register has it, on the accounts of every unit."),
    why=N_("Report 3.1 Avskrivningar and 3.3 note 15; RKR R4."),
    mend=N_("Book the amounts of the message; a month of a sealed year by a correction with rattar."),
    after=["D701", "D702", "D703", "D704", "D705", "D707", "D709"],
    sees=SEES,
)
def depreciation_by_month(books: Books) -> Iterator[Finding]:
    for register in books.once(registers):
        # Months in a row have one cause.
        differences = enumerate(each for each in _depreciation(register) if each.excess)
        for _, run in groupby(differences, key=lambda pair: pair[1].month.serial - pair[0]):
            months = [month for _, month in run]
            first = months[0]
            message = N_(
                "Depreciation of {unit} is not that of the register. {months}. By the register, in {first}: {assets}."
            )
            # With a bokslut all its months are due: it may be too early where nothing at all is booked in some of them.
            is_early = (
                len(months) > 2
                and books.last_booked < first.month.first_day
                and not books.is_sealed(first.month.first_day)
            )
            if is_early:
                message = N_(
                    "Depreciation of {unit} is not that of the register. {months}. By the register, in {first}: "
                    "{assets}. The books go to {last}: where {year} is not over, take its bokslut away, and book "
                    "nothing for its sake."
                )
            values = {
                "unit": register.unit,
                "last": books.last_booked,
                "year": first.month.year,
                "months": [month.message(books) for month in months],
                "first": str(first.month),
                "assets": _asset_amounts((asset, asset.depreciation(first.month)) for asset in first.assets),
            }
            at, row = _blamed(months)
            subject = Subject("unit", register.unit, first.month.year)
            proposal = None if is_early else partial(_depreciation_fix, months, register, books)
            yield Finding(at, subject, message, values, posting=row, proposal=proposal)


def _depreciation(register: AssetRegister) -> list[Depreciation]:
    assets: dict[Month, list[Asset]] = defaultdict(list)
    for asset in register.assets:
        first = max(asset.begins, register.booked.month_before.after(1))
        for serial in range(first.serial, min(asset.last, register.due).serial + 1):
            assets[Month.at(serial)].append(asset)
    postings = _by(register.booked.of(Event.DEPRECIATION), lambda each: each.month)
    return [Depreciation(month, assets[month], postings[month]) for month in sorted({*assets, *postings})]


def lacking_depreciation(books: Books, until: Month, numbers: FreeNumbers) -> list[data.Transaction]:
    """Return the vouchers of depreciation that the months of a year lack, up to one of them; none that is booked."""
    lacking = []
    for register in books.once(registers):
        booked = {each.month for each in register.booked.of(Event.DEPRECIATION)}
        plans = []
        for number in range(1, until.number + 1):
            month = Month(until.year, number)
            own = [each for each in register.assets if each.begins <= month <= each.last]
            registered = Depreciation(month, own, ()).registered
            if month not in booked and month > register.booked.month_before and any(registered.values()):
                rows = [(account_of(part, month.last_day, books), amount) for part, amount in registered.items()]
                plans.append((month.last_day, f"Avskrivning inventarier {month}", rows))
        steps = _vouchers(plans, register, books, numbers) if plans else []
        lacking += [each for step in steps if isinstance(step, Add) for each in step.directives]
    return [each for each in lacking if isinstance(each, data.Transaction)]


def _blamed(months: Sequence[Depreciation]) -> tuple[data.Directive, data.Posting | None]:
    """Return the last row of a month that has too much, or of any of the months, or an asset that has no voucher."""
    booked = sorted((each for each in months if each.postings), key=lambda each: not each.has_too_much)
    if booked:
        return booked[0].postings[-1].entry, booked[0].postings[-1].posting
    return next(asset.entry for asset in reversed(months[0].assets) if asset.depreciation(months[0].month)), None


def _depreciation_fix(
    months: Sequence[Depreciation], register: AssetRegister, books: Books, numbers: FreeNumbers
) -> list[Step]:
    """Return the vouchers of months that have none, or a voucher's amounts, where the other months are right.

    What is written down, where that has an account of its own, is a voucher that somebody must write.
    """
    lowered = {when for each in months for asset in each.assets for when, _ in asset.write_downs}
    apart = books.open_accounts(register.unit, months[-1].month.last_day, Role.WRITTEN_DOWN)
    if apart and lowered & {each.month for each in months}:
        return []
    if len(months) == 1 and months[0].postings:
        return _amounts_fix(months[0], books)
    if any(each.postings for each in months):
        return []
    if _may_stand_elsewhere(months[-1].month, register, books):
        return []
    plans = []
    for each in months:
        day = each.month.last_day
        rows = [(account_of(part, day, books), amount) for part, amount in each.registered.items()]
        plans.append((day, f"Avskrivning inventarier {each.month}", rows))
    return _vouchers(plans, register, books, numbers)


def _may_stand_elsewhere(lacking: Month, register: AssetRegister, books: Books) -> bool:
    """Tell whether the voucher of a month that lacks one may be there, in another month or on another unit.

    In a year that is open it is not where the months after it, more than one, have what they should.
    """
    if any(each.has_too_much for other in books.once(registers) for each in _depreciation(other)):
        return True
    if lacking.year in books.boksluts:
        return False
    booked = {each.month for each in register.booked.of(Event.DEPRECIATION)}
    after = range(lacking.serial + 1, register.due.serial + 1)
    return len(after) < 2 or not all(Month.at(serial) in booked for serial in after)


def _amounts_fix(month: Depreciation, books: Books) -> list[Step]:
    """Return a month's only voucher with the amounts of the register, where it has a row for each of them."""
    (entry, *others), registered = vouchers_of(month.postings), month.registered
    accounts = {_account(each): each.posting.account for each in month.postings}
    one_each = len(entry.postings) == len(month.postings) == len(accounts) == len(registered)
    if others or CORRECTS in entry.meta or not one_each or {*accounts} != {*registered}:
        return []
    amounts = {account: Amount(registered[part], books.currency) for part, account in accounts.items()}
    return [
        Replace(
            entry, [entry._replace(postings=[each._replace(units=amounts[each.account]) for each in entry.postings])]
        )
    ]


def _account(each: AssetPosting) -> AssetAccount:
    """Return the account of a row of depreciation, as far as the register knows it."""
    return AssetAccount(each.group, each.part)
