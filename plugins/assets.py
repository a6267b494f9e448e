"""Fixed assets: the register of what is depreciated, and that the accounts agree with it.

An asset is bought on a cost account, and depreciated in equal parts from the first day of a month on:

    2023-09-01 custom "asset" "Datorer 2023" Assets:ADM:1210-Inventarier:Datorer-2023 153036.00 SEK
      manader: 36
      utrangerad: 2025-03-31

    2023-09-30 * "Avskrivning inventarier september"
      ver: "A 25"
      Expenses:ADM:7910-Avskrivningar                  4251.00 SEK
      Assets:ADM:1219-Ackumulerade-avskrivningar      -4251.00 SEK

Of each kind of assets, as 121x, the last digit tells 8 what is disposed of, 9 accumulated depreciation,
any other the cost. Of a cost that is no whole number of öre a month, every month takes the accumulated
depreciation to the nearest öre, so that the last one takes the rest.

`utrangerad` is the day on which the asset was sold or scrapped. It is depreciated to the end of that
month, and a voucher of that month, other than the depreciation, takes its cost off 12x8 (or off the
cost account) and what is depreciated off 12x9:

    2025-03-31 * "Utrangering av Datorer 2023"
      ver: "A 80"
      Assets:ADM:1218-Utrangerade-inventarier       -153036.00 SEK
      Assets:ADM:1219-Ackumulerade-avskrivningar      80769.00 SEK
      Expenses:ADM:7890-Förlust-vid-utrangering       72267.00 SEK

A write-down, a new life or a move to another unit is written as two assets: the old one disposed of,
and one that begins the month after with what remained, and names it: `ersatter: "Datorer 2023"`.
A correction (`rattar`) counts in the month of the voucher that it corrects. Depreciation is due in
the years with bokslut, and in every month up to the last one that the unit has booked. A unit that has
nothing in the register, and nothing on these accounts but what was kept in another system (plugins.imports),
is not judged: its register begins with the first voucher that is booked here.

D701: An asset can be read: a name, a cost account, a cost, its life in months, and the first day of its
    first depreciated month.
    Why: the rest of the rules read the register; what it cannot say it cannot prove.
    Mend: write the directive as the message shows.

D702: Every cost account holds what the register has on it: no asset without a purchase, no purchase without an asset.
    Why: LKBR 7 kap.; report 3.3 note 15, whose investments of the year are the purchases on these accounts.
    Mend: write the asset into the register, or book the purchase that it lacks.

D703: An asset is bought before it is depreciated: by the end of its first month its cost is on the account.
    Why: RKR R4: an asset is depreciated from when it can be used, never before.
    Mend: let the asset begin in the month in which it was bought, or put the date of the purchase right.

D704: A disposed asset leaves the accounts in that month, its cost and what is depreciated; nothing else does.
    Why: RKR R4: what is sold or scrapped is no longer an asset.
    Mend: paste the voucher that the message holds, or write `utrangerad` below the asset.

D705: Accumulated depreciation in the opening balance is that of the register.
    Why: what was depreciated before the first year in the books is in no voucher, only in the register.
    Mend: write the amount of the message in the opening balance, or put the asset's date or life right.

D706: Depreciation is booked month by month as the register has it, on 79xx and 12x9 of every unit.
    Why: report 3.1 Avskrivningar and 3.3 note 15; RKR R4.
    Mend: book the voucher that the message holds, in place of what the month has; a sealed month by a
    correction with `rattar`.
"""

from calendar import monthrange
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any, NamedTuple

from beancount.core import data
from beancount.core.amount import Amount

from forbundsbok.plugins import mending
from forbundsbok.plugins.accounts import parse_account
from forbundsbok.plugins.corrections import CORRECTS
from forbundsbok.plugins.directives import customs, values
from forbundsbok.plugins.imports import UNDERLAG, moved_in
from forbundsbok.plugins.mending import Numbers, indented, kronor, named, open_text, series_of, voucher, voucher_text
from forbundsbok.plugins.rules import RuleError, broken
from forbundsbok.plugins.years import read_boksluts

__plugins__ = ("check_assets",)

LONGEST = 1200
"""The longest life of an asset, in months."""

SHOWN = 3
"""How many months a message spells out; it names the rest."""

ZERO = Decimal(0)
_ORE = Decimal("0.01")
_LARGEST = Decimal(10) ** 20

Month = int
"""A month as one number, so that the next one is one more: its year times twelve and the months before it."""

Kind = tuple[str, str]
"""A unit and one kind of its assets, by the first digits of its accounts: ("NAV", "121")."""


class Role(NamedTuple):
    """What an account is to the register: the `cost`, `disposed` or `worn` of a kind, `expense` or `equity`."""

    unit: str
    kind: str
    part: str


class Row(NamedTuple):
    """A posting on such an account: kronor, debit positive."""

    role: Role
    amount: Decimal
    posting: data.Posting


@dataclass(frozen=True)
class Asset:
    """An asset of the register: what it cost, on which account, and the months in which it is depreciated."""

    name: str
    account: str
    cost: Decimal
    first: Month
    months: int
    disposed: date | None
    entry: data.Custom

    @property
    def kind(self) -> Kind:
        role = role_of(self.account)
        assert role is not None, self.account
        return role.unit, role.kind

    @property
    def last(self) -> Month:
        """The last month in which it is depreciated."""
        end = self.first + self.months - 1
        return end if self.disposed is None else min(end, month_of(self.disposed))

    def worn_by(self, month: Month) -> Decimal:
        """Return what is depreciated in all at the end of a month, in kronor."""
        age = max(0, min(month, self.last) - self.first + 1)
        return to_ore(self.cost * age / self.months)

    def worn_in(self, month: Month) -> Decimal:
        """Return what is depreciated in a month, in kronor."""
        return self.worn_by(month) - self.worn_by(month - 1)


class Purchase(NamedTuple):
    """What a voucher adds to a cost account; the opening balance adds what is older."""

    month: Month
    amount: Decimal
    entry: data.Transaction
    posting: data.Posting


@dataclass
class Disposal:
    """What the vouchers of a month take off the accounts of a kind, in kronor."""

    cost: Decimal = ZERO
    worn: Decimal = ZERO
    entry: data.Transaction | None = None

    def differs(self, disposed: Iterable[Asset], month: Month) -> bool:
        return (self.cost, self.worn) != _taken_off(disposed, month)


@dataclass
class Unit:
    """What the vouchers have on a unit's accounts of fixed assets, in kronor; depreciation is positive."""

    opened: date
    has_opening: bool = False
    purchases: dict[str, list[Purchase]] = field(default_factory=lambda: defaultdict(list))
    opening: dict[Kind, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    opening_row: tuple[data.Transaction, data.Posting] | None = None
    disposals: dict[tuple[Kind, Month], Disposal] = field(default_factory=lambda: defaultdict(Disposal))
    worn: dict[Month, dict[Kind, Decimal]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(Decimal)))
    expensed: dict[Month, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    vouchers: dict[Month, list[tuple[data.Transaction, data.Posting]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def may_open(self, day: date) -> bool:
        """Tell whether a voucher against equity is of the opening balance: there is but one."""
        return not self.has_opening or self.opened == day

    @property
    def before(self) -> Month:
        """The last month whose depreciation is in the opening balance."""
        month = month_of(self.opened)
        return month if self.opened == last_day(month) else month - 1


class Books:
    """The vouchers of fixed assets by unit, and the accounts that are opened for them."""

    def __init__(self, entries: Sequence[data.Directive], currency: str) -> None:
        self.currency = currency
        self.numbers = Numbers(entries)
        self.boksluts = read_boksluts(entries)
        self.units: dict[str, Unit] = {}
        self.kept_here: set[str] = set()
        self.accounts: dict[Role, str] = {}
        self.opened_names: set[str] = set()
        self.first_day = date.max
        self._corrected: dict[str, tuple[Month, bool]] = {}
        elsewhere = moved_in(entries)
        for entry in entries:
            if isinstance(entry, data.Transaction):
                if entry.date < self.first_day:
                    self.first_day = entry.date
                if rows := _rows(entry, currency):
                    self._read(entry, rows)
                    if entry.meta.get(UNDERLAG) not in elsewhere:
                        self.kept_here.update(row.role.unit for row in rows)
            elif isinstance(entry, data.Open):
                self.opened_names.add(entry.account)
                if (role := role_of(entry.account)) is not None:
                    self.accounts.setdefault(role, entry.account)

    def unit(self, code: str) -> Unit:
        """Return what a unit has; a unit that has nothing yet begins with the books."""
        return self.units.setdefault(code, Unit(self.first_day))

    def account(self, kind: Kind, part: str) -> str:
        """Return a unit's account by the name that it is opened with, or else would be given."""
        unit, number = kind
        if part == "expense":
            return self.accounts.get(Role(unit, "", part), f"Expenses:{unit}:7910-Avskrivningar")
        digit, name = {
            "cost": ("0", "Inventarier"),
            "disposed": ("8", "Utrangerade-inventarier"),
            "worn": ("9", "Ackumulerade-avskrivningar"),
        }[part]
        return self.accounts.get(Role(unit, number, part), f"Assets:{unit}:{number}{digit}-{name}")

    def due(self, code: str) -> Month:
        """Return the last month whose depreciation should be booked."""
        unit, closed = self.unit(code), max(self.boksluts, default=0) * 12 + 11
        return max([closed, *unit.worn, *unit.expensed])

    def _read(self, entry: data.Transaction, rows: Sequence[Row]) -> None:
        parts = {row.role.part for row in rows}
        if parts == {"equity"}:
            return
        opens = "equity" in parts or (entry.date == self.first_day and "expense" not in parts)
        month, corrects_disposal = self._corrected_by(entry)
        disposing = set() if opens else _disposing(rows)
        for role, amount, posting in rows:
            unit, kind = self.unit(role.unit), (role.unit, role.kind)
            if opens and unit.may_open(entry.date):
                _open(unit, entry, Row(role, amount, posting))
            elif corrects_disposal or (kind in disposing and not (role.part == "cost" and amount > 0)):
                _dispose(unit.disposals[kind, month], role.part, amount, entry)
            elif role.part == "cost":
                unit.purchases[posting.account].append(Purchase(month, amount, entry, posting))
            elif role.part == "worn":
                unit.worn[month][kind] -= amount
                unit.vouchers[month].append((entry, posting))
            # The loss of a disposal may stand on 79xx too, and is no depreciation.
            elif role.part == "expense" and not any(code == role.unit for code, _ in disposing):
                unit.expensed[month] += amount
                unit.vouchers[month].append((entry, posting))
        ver = entry.meta.get("ver")
        if isinstance(ver, str):
            self._corrected[ver] = month, corrects_disposal or bool(disposing)

    def _corrected_by(self, entry: data.Transaction) -> tuple[Month, bool]:
        """Return the month in which a voucher counts, and whether it corrects a disposal."""
        corrects = entry.meta.get(CORRECTS)
        own = month_of(entry.date), False
        return self._corrected.get(corrects, own) if isinstance(corrects, str) else own


def _rows(entry: data.Transaction, currency: str) -> list[Row]:
    """Return the postings of a voucher that the register knows, without those that have no amount in the currency."""
    rows = []
    for posting in entry.postings:
        role = role_of(posting.account)
        if role is not None and isinstance(posting.units, Amount) and posting.units.currency == currency:
            amount = posting.units.number
            if isinstance(amount, Decimal):
                rows.append(Row(role, amount, posting))
    return rows


def _open(unit: Unit, entry: data.Transaction, row: Row) -> None:
    role, amount, posting = row
    if role.part not in ("cost", "disposed", "worn"):
        return
    unit.opened, unit.has_opening = entry.date, True
    if role.part == "worn":
        unit.opening[role.unit, role.kind] -= amount
        unit.opening_row = entry, posting
    else:
        unit.purchases[posting.account].append(Purchase(month_of(entry.date), amount, entry, posting))


def _disposing(rows: Iterable[Row]) -> set[Kind]:
    """Return the kinds of which a voucher disposes: by 12x8, or cost and depreciation taken off together.

    A credit note lowers a cost and leaves accumulated depreciation alone.
    """
    disposed, lowered, restored = set(), set(), set()
    for role, amount, _ in rows:
        kind = role.unit, role.kind
        if role.part == "disposed":
            disposed.add(kind)
        elif role.part == "cost" and amount < 0:
            lowered.add(kind)
        elif role.part == "worn" and amount > 0:
            restored.add(kind)
    return disposed | (lowered & restored)


def _dispose(disposal: Disposal, part: str, amount: Decimal, entry: data.Transaction) -> None:
    if part == "worn":
        disposal.worn += amount
    elif part in ("cost", "disposed"):
        disposal.cost -= amount
    disposal.entry = entry


def month_of(day: date) -> Month:
    """Return the month of a day."""
    return day.year * 12 + day.month - 1


def first_day(month: Month) -> date:
    """Return the first day of a month, within what a date can say."""
    return date(min(max(month // 12, date.min.year), date.max.year), month % 12 + 1, 1)


def last_day(month: Month) -> date:
    """Return the last day of a month."""
    first = first_day(month)
    return first.replace(day=monthrange(first.year, first.month)[1])


@cache
def role_of(account: str) -> Role | None:
    """Return what an account is to the register of assets, None for most."""
    name = parse_account(account)
    if name is None:
        return None
    match name.number[:2]:
        case "12":
            return Role(name.unit, name.number[:3], {"8": "disposed", "9": "worn"}.get(name.number[3], "cost"))
        case "20":
            return Role(name.unit, "", "equity")
        case "79":
            return Role(name.unit, "", "expense")
    return None


def to_ore(number: Decimal) -> Decimal:
    """Return an amount rounded to the öre, half away from zero, but one that is too large for it as it is."""
    return number.quantize(_ORE, ROUND_HALF_UP) if abs(number) < _LARGEST else number


def quoted(text: str) -> str:
    """Return a text as the ledger writes it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def currency_of(options_map: Mapping[str, Any]) -> str:
    """Return the ledger's currency."""
    return next(iter(options_map.get("operating_currency") or ()), "SEK")


def read_assets(entries: Iterable[data.Directive], currency: str) -> list[Asset]:
    """Return the register of assets, in the order of the ledger."""
    return [_asset(entry) for entry in customs(entries, "asset") if _mistake(entry, currency) is None]


def check_assets(entries: data.Directives, options_map: Mapping[str, Any]) -> tuple[data.Directives, list[RuleError]]:
    """Report where the register of assets and the books do not agree."""
    currency = currency_of(options_map)
    unread = [entry for entry in customs(entries, "asset") if _mistake(entry, currency)]
    books = Books(entries, currency)
    errors = [_unreadable(entry, books) for entry in unread]
    silent = {_unit_named(entry) for entry in unread}
    if None in silent:  # it may be an asset of any unit: nothing is proved until it can be read
        return entries, errors
    register = _by_unit(read_assets(entries, currency), books)
    units = sorted({*register, *books.kept_here} - silent)
    differing = _differing_accounts(units, register, books)
    errors += [_register_error(each, currency) for each in differing]
    # What differs gives wrong depreciation too: that has the same cause.
    units = [unit for unit in units if not any(unit in _units_of(each) for each in differing)]
    openings: list[_Opening] = []
    causes: list[_Cause] = []
    for unit in units:
        assets = register[unit]
        moved = [*_bought_errors(unit, assets, books), *_disposal_errors(unit, assets, books)]
        errors += moved
        # So does an asset that begins or is disposed of in the wrong month.
        if not moved:
            opening = _differing_openings(unit, assets, books)
            openings += opening
            causes += _causes(unit, assets, books, opening)
    errors += _opening_errors(openings, books)
    errors += _depreciation_errors(causes, books)
    return entries, errors


def _by_unit(assets: Iterable[Asset], books: Books) -> dict[str, list[Asset]]:
    """Return the assets of each unit, without those that it disposed of before its books began."""
    register: dict[str, list[Asset]] = defaultdict(list)
    for asset in assets:
        unit = asset.kind[0]
        if asset.disposed is None or asset.disposed > books.unit(unit).opened:
            register[unit].append(asset)
    return register


# D701: directives that cannot be read


def _asset(entry: data.Custom) -> Asset:
    name, account, cost = values(entry)
    months, disposed = int(entry.meta["manader"]), entry.meta.get("utrangerad")
    return Asset(name, account, cost.number, month_of(entry.date), months, disposed, entry)


def _mistake(entry: data.Custom, currency: str) -> str | None:
    given = values(entry)
    if len(given) != 3 or not all(isinstance(value, str) for value in given[:2]) or not isinstance(given[2], Amount):
        return "it takes a name, a cost account and a cost"
    role, cost = role_of(given[1]), given[2].number
    if role is None or role.part != "cost":
        return f"{given[1]} is no account of what assets cost, as 1210"
    if given[2].currency != currency or not isinstance(cost, Decimal) or cost <= 0 or cost != to_ore(cost):
        return f"its cost is {given[2]}: write whole öre, more than nothing, in {currency}"
    if not _is_life(entry.meta.get("manader")):
        return "its life is lacking: write a whole number of months below it"
    if entry.date.day != 1:
        return f"{entry.date} is not the first day of the first month that is depreciated"
    if "utrangerad" in entry.meta and not isinstance(entry.meta["utrangerad"], date):
        return "utrangerad is not a date: write the day on which it was sold or scrapped"
    return None


def _is_life(months: object) -> bool:
    return isinstance(months, Decimal) and 1 <= months <= LONGEST and months == int(months)


def _unreadable(entry: data.Custom, books: Books) -> RuleError:
    """Return the error of a directive, with its text as it should be, of what it does say."""
    given = [*values(entry), None, None, None]
    name = given[0] if isinstance(given[0], str) else "Datorer"
    role = role_of(given[1]) if isinstance(given[1], str) else None
    if role is None or not role.kind:
        account = next((account for role, account in books.accounts.items() if role.part == "cost"), "")
        account = account or "Assets:FK:1210-Inventarier"
    else:
        account = given[1] if role.part == "cost" else books.account((role.unit, role.kind), "cost")
    cost = given[2].number if isinstance(given[2], Amount) and isinstance(given[2].number, Decimal) else ZERO
    cost = to_ore(abs(cost)) or Decimal(60000)
    months = entry.meta.get("manader")
    life = int(months) if isinstance(months, Decimal) and _is_life(months) else 60
    text = _directive(month_of(entry.date), name, account, cost, books.currency, life)
    return broken(entry, f"D701 This asset cannot be read: {_mistake(entry, books.currency)}:\n{text}")


def _unit_named(entry: data.Custom) -> str | None:
    given = values(entry)
    name = parse_account(given[1]) if len(given) > 1 and isinstance(given[1], str) else None
    return None if name is None else name.unit


def _directive(month: Month, name: str, account: str, cost: Decimal, currency: str, months: int) -> str:
    day = first_day(month)
    return f'  {day} custom "asset" {quoted(name)} {account} {kronor(cost)} {currency}\n    manader: {months}'


# D702: the register and the cost accounts


class _Differing(NamedTuple):
    """A cost account that does not hold what the register has on it; `over` is what it holds too much."""

    account: str
    assets: list[Asset]
    purchases: list[Purchase]
    over: Decimal


def _differing_accounts(
    units: Iterable[str], register: Mapping[str, Sequence[Asset]], books: Books
) -> list[list[_Differing]]:
    """Return the cost accounts that differ, those together that have one cause."""
    found: list[_Differing] = []
    for unit in units:
        by_kind: dict[Kind, list[_Differing]] = defaultdict(list)
        purchases, registered = books.unit(unit).purchases, defaultdict(list)
        for asset in register.get(unit, ()):
            registered[asset.account].append(asset)
        for account in sorted({*purchases, *registered}):
            role, bought = role_of(account), purchases.get(account, [])
            over = sum((purchase.amount for purchase in bought), ZERO)
            over -= sum((asset.cost for asset in registered[account]), ZERO)
            if over and role is not None:
                by_kind[role.unit, role.kind].append(_Differing(account, registered[account], bought, over))
        for differing in by_kind.values():
            if not _disposed_before(differing):
                found += differing
    return _paired(found)


def _paired(found: Iterable[_Differing]) -> list[list[_Differing]]:
    """Join two accounts where one lacks what the other has: it stands in the wrong place."""
    paired: list[list[_Differing]] = []
    for each in found:
        for other in paired:
            if len(other) == 1 and other[0].over == -each.over:
                other.append(each)
                break
        else:
            paired.append([each])
    return paired


def _disposed_before(differing: Iterable[_Differing]) -> bool:
    """Tell whether accounts differ only by what was disposed of before the books, still in the opening balance."""
    disposed = [each for each in differing if (role := role_of(each.account)) is not None and role.part == "disposed"]
    return bool(disposed) and sum((each.over for each in differing), ZERO) == ZERO


def _units_of(differing: Iterable[_Differing]) -> list[str]:
    names = (parse_account(each.account) for each in differing)
    return sorted({name.unit for name in names if name is not None})


def _register_error(differing: Sequence[_Differing], currency: str) -> RuleError:
    held = "; ".join(_held(each, currency) for each in differing)
    entry, posting, mend = _moved(differing, currency) or _mended(differing[0], currency)
    units = " and ".join(_units_of(differing))
    message = f"D702 The register of {units} and its accounts disagree: {held}. {mend}"
    return broken(entry, message, posting.meta if posting is not None else None)


def _held(each: _Differing, currency: str) -> str:
    registered = sum((asset.cost for asset in each.assets), ZERO)
    of = ", ".join(f"{asset.name} {kronor(asset.cost)}" for asset in each.assets)
    text = f"{each.account} holds {kronor(registered + each.over)} {currency}, "
    text += f"the register {kronor(registered)} {currency}"
    return f"{text} ({of})" if of else text


_Mend = tuple[data.Directive, data.Posting | None, str]
"""The directive to blame, its posting where one is, and the text that mends it."""


def _moved(differing: Sequence[_Differing], currency: str) -> _Mend | None:
    """Return how to mend an asset that is registered on another account than it is bought on."""
    if len(differing) != 2 or differing[0].over + differing[1].over:
        return None
    short, over = sorted(differing, key=lambda each: each.over)
    for asset in short.assets:
        if asset.cost == over.over:
            text = _directive(asset.first, asset.name, over.account, asset.cost, currency, asset.months)
            return asset.entry, None, f"{asset.name} is bought on the other account, as it seems:\n{text}"
    return None


def _mended(each: _Differing, currency: str) -> _Mend:
    """Return how to mend an account that differs: an asset to register, to book, or whose cost to change."""
    unmatched = Counter(purchase.amount for purchase in each.purchases)
    unmatched.subtract(asset.cost for asset in each.assets)
    for purchase in reversed(each.purchases):
        if purchase.amount == each.over > 0 and unmatched[purchase.amount] > 0:
            name = purchase.entry.narration or "Namn"
            text = _directive(purchase.month + 1, name, each.account, each.over, currency, 60)
            return purchase.entry, purchase.posting, f"Write what is bought into the register:\n{text}"
    for asset in reversed(each.assets):
        if asset.cost == -each.over and unmatched[asset.cost] < 0:
            text = f"  {each.account}  {kronor(asset.cost)} {currency}"
            return asset.entry, None, f"Book the purchase of {asset.name}, or remove it from the register:\n{text}"
    able = [asset for asset in each.assets if asset.cost + each.over > 0]
    if able:
        asset = max(able, key=lambda asset: (unmatched[asset.cost] < 0, asset.first))
        text = _directive(asset.first, asset.name, each.account, asset.cost + each.over, currency, asset.months)
        return asset.entry, None, f"Put the cost of an asset right, it seems of {asset.name}:\n{text}"
    if each.purchases:
        last = each.purchases[-1]
        text = f"  {each.account}  {kronor(last.amount - each.over)} {currency}"
        return last.entry, last.posting, f"Put the last purchase on the account right:\n{text}"
    asset = each.assets[-1]
    text = f"  {each.account}  {kronor(-each.over)} {currency}"
    return asset.entry, None, f"Book the purchases, or remove the assets from the register:\n{text}"


# D703: bought before it is depreciated


def _bought_errors(code: str, assets: Iterable[Asset], books: Books) -> Iterator[RuleError]:
    """Yield an error for each account on which a whole asset is depreciated before it is bought."""
    unit, by_account = books.unit(code), defaultdict(list)
    for asset in assets:
        by_account[asset.account].append(asset)
    for account, registered in sorted(by_account.items()):
        for month in sorted({max(asset.first, unit.before) for asset in registered}):
            begun = [asset for asset in registered if asset.first <= month]
            bought = sum((purchase.amount for purchase in unit.purchases[account] if purchase.month <= month), ZERO)
            lacking = sum((asset.cost for asset in begun), ZERO) - bought
            latest = min(
                (asset for asset in begun if max(asset.first, unit.before) == month), key=lambda each: each.cost
            )
            # Invoices of a part may come later: an asset of which nothing is bought is the mistake.
            if lacking >= latest.cost:
                yield _unbought(latest, bought, lacking, unit.purchases[account], books.currency)
                break


def _unbought(
    asset: Asset, bought: Decimal, lacking: Decimal, purchases: Sequence[Purchase], currency: str
) -> RuleError:
    later = [purchase for purchase in purchases if purchase.month > asset.first and purchase.amount > 0]
    first = later[0].month if later else asset.first
    text = _directive(first, asset.name, asset.account, asset.cost, currency, asset.months)
    message = (
        f"D703 {asset.name} is depreciated from {first_day(asset.first)}, before it is bought: "
        f"{asset.account} holds {kronor(bought)} {currency} at the end of that month, "
        f"{kronor(lacking)} {currency} less than the register. Let it begin when it is bought:\n{text}"
    )
    return broken(asset.entry, message)


# D704: disposals


def _disposal_errors(code: str, assets: Iterable[Asset], books: Books) -> list[RuleError]:
    """Return an error for each kind whose disposals differ, of the first month that does."""
    unit, due = books.unit(code), books.due(code)
    planned: dict[tuple[Kind, Month], list[Asset]] = defaultdict(list)
    for asset in assets:
        if asset.disposed is not None and month_of(asset.disposed) <= due:
            planned[asset.kind, month_of(asset.disposed)].append(asset)
    found: dict[Kind, RuleError] = {}
    for kind, month in sorted({*planned, *unit.disposals}):
        disposed, booked = planned[kind, month], unit.disposals.get((kind, month), Disposal())
        if kind not in found and booked.differs(disposed, month):
            others = [
                each
                for (other, when), each in unit.disposals.items()
                if other == kind and each.differs(planned[kind, when], when)
            ]
            found[kind] = _disposal_error(kind, month, disposed or _sold(booked, assets), booked, others, books)
    return list(found.values())


def _sold(booked: Disposal, assets: Iterable[Asset]) -> list[Asset]:
    """Return the asset of a disposal that the register does not know, by its cost."""
    return [asset for asset in assets if asset.disposed is None and asset.cost == booked.cost][:1]


def _disposal_error(
    kind: Kind, month: Month, disposed: Sequence[Asset], booked: Disposal, others: Iterable[Disposal], books: Books
) -> RuleError:
    currency, day = books.currency, last_day(month)
    planned = [asset for asset in disposed if asset.disposed is not None]
    cost, worn = _taken_off(planned, month)
    names = " and ".join(asset.name for asset in disposed)
    message = (
        f"D704 Disposals of {kind[0]} in {day:%Y-%m}: the vouchers take {kronor(booked.cost)} {currency} of cost and "
        f"{kronor(booked.worn)} {currency} of depreciation off the accounts {kind[1]}x, the register "
        f"{kronor(cost)} {currency} and {kronor(worn)} {currency}{f' ({names})' if planned else ''}. "
    )
    if not planned and booked.entry is not None:
        below = names or "the asset"
        mend = f"Write below {below}, or correct {named(booked.entry)}:\n  utrangerad: {booked.entry.date}"
        return broken(booked.entry, message + mend)
    for other in others:
        if other.entry is not None and other.entry is not booked.entry and other.cost == cost:
            mend = (
                f"It is booked by {named(other.entry)}. Write its day below {names}:\n  utrangerad: {other.entry.date}"
            )
            return broken(planned[-1].entry, message + mend)
    mend = f"The voucher that it should be{_instead([booked.entry] if booked.entry else [])}:\n"
    text = indented(_disposal_text(kind, month, planned, booked, books))
    return broken(booked.entry or planned[-1].entry, message + mend + text)


def _disposal_text(kind: Kind, month: Month, disposed: Sequence[Asset], booked: Disposal, books: Books) -> str:
    """Return the voucher that takes assets off the accounts, with the accounts that it needs opened."""
    cost, worn = _taken_off(disposed, month)
    day = disposed[-1].disposed or last_day(month)
    ver = _ver_of(booked.entry) or books.numbers.free(_series_of(kind[0], books), day.year)
    # Where it was sold for something, the accountant divides the loss.
    loss = f"Expenses:{kind[0]}:7890-Förlust-vid-utrangering"
    amounts = {books.account(kind, "disposed"): -cost, books.account(kind, "worn"): worn, loss: cost - worn}
    rows = [mending.row(account, amount, books.currency) for account, amount in amounts.items() if amount]
    opens = [
        open_text(each.account, first_day(month), books.currency, each.account.split(":")[2][5:].replace("-", " "))
        for each in rows
        if each.account not in books.opened_names
    ]
    narration = f"Utrangering av {' och '.join(asset.name for asset in disposed)}"
    return "\n".join([*opens, voucher_text(voucher(day, narration, ver, rows))])


def _taken_off(disposed: Iterable[Asset], month: Month) -> tuple[Decimal, Decimal]:
    """Return what assets take off the accounts when they are disposed of: their cost, and what is depreciated."""
    disposed = list(disposed)
    cost = sum((asset.cost for asset in disposed), ZERO)
    return cost, sum((asset.worn_by(month) for asset in disposed), ZERO)


# D705: the opening balance


class _Opening(NamedTuple):
    """A kind whose opening balance is not what the register depreciated before the books; `over` is too much."""

    kind: Kind
    assets: list[Asset]
    planned: Decimal
    over: Decimal


def _differing_openings(code: str, assets: Iterable[Asset], books: Books) -> list[_Opening]:
    unit = books.unit(code)
    by_kind: dict[Kind, list[Asset]] = defaultdict(list)
    for asset in assets:
        by_kind[asset.kind].append(asset)
    found = []
    for kind in sorted({*by_kind, *unit.opening}):
        planned = sum((asset.worn_by(unit.before) for asset in by_kind[kind]), ZERO)
        if over := unit.opening[kind] - planned:
            found.append(_Opening(kind, by_kind[kind], planned, over))
    return found


def _opening_errors(openings: Iterable[_Opening], books: Books) -> Iterator[RuleError]:
    """Yield an error for each opening balance that differs, one for two of which one has what the other lacks."""
    left = list(openings)
    while left:
        opening = left.pop(0)
        twin = next((other for other in left if other.over == -opening.over), None)
        if twin is not None:
            left.remove(twin)
        told = [_opening_told(each, books) for each in (opening, twin) if each is not None]
        place = books.unit(opening.kind[0]).opening_row
        if place is None and twin is not None:
            place = books.unit(twin.kind[0]).opening_row
        entry, posting = place or (opening.assets[0].entry, None)
        yield broken(entry, "D705 " + "\n".join(told), posting.meta if posting is not None else None)


def _opening_told(opening: _Opening, books: Books) -> str:
    unit, currency = books.unit(opening.kind[0]), books.currency
    worn = [(asset.name, asset.worn_by(unit.before)) for asset in opening.assets]
    of = ", ".join(f"{name} {kronor(number)}" for name, number in worn if number)
    row = f"  {books.account(opening.kind, 'worn')}  {kronor(-opening.planned)} {currency}"
    return (
        f"Accumulated depreciation of {opening.kind[0]} on {last_day(unit.before)} is "
        f"{kronor(opening.planned + opening.over)} {currency} in the opening balance, "
        f"{kronor(opening.planned)} {currency} by the register{f' ({of})' if of else ''}. "
        f"Write in the opening balance:\n{row}"
    )


# D706: depreciation month by month


class _Worn(NamedTuple):
    """What is depreciated in a month, by kind, as it is booked and as the register has it."""

    month: Month
    booked: Mapping[Kind, Decimal]
    expensed: Decimal
    planned: Mapping[Kind, Decimal]

    @property
    def whole(self) -> Decimal:
        """What the register depreciates in all."""
        return sum(self.planned.values(), ZERO)

    @property
    def over(self) -> Decimal:
        """What is booked too much, on 12x9 or else on 79xx."""
        return sum(self.booked.values(), ZERO) - self.whole or self.expensed - self.whole

    @property
    def differs(self) -> bool:
        kinds = {*self.booked, *self.planned}
        return self.expensed != self.whole or any(
            self.booked.get(kind, ZERO) != self.planned.get(kind, ZERO) for kind in kinds
        )


class _Cause(NamedTuple):
    """Months of a unit that differ by one mistake."""

    unit: str
    months: list[_Worn]
    assets: Sequence[Asset]

    def is_twin_of(self, other: "_Cause") -> bool:
        """Tell whether another unit lacks what this one has: it is booked in the wrong unit."""
        return {each.month: each.over for each in self.months} == {each.month: -each.over for each in other.months}


def _causes(unit: str, assets: Sequence[Asset], books: Books, openings: Iterable[_Opening]) -> list[_Cause]:
    """Return why months of a unit differ: months in a row, or that differ by the same amount, have one cause.

    An asset whose date or life is wrong from before the books differs in the opening balance too, and then
    in the first month or, by as much the other way, when it is worn out: that is left out here.
    """
    causes: list[list[_Worn]] = []
    for each in _differing_months(assets, books.unit(unit), books.due(unit)):
        for cause in causes:
            if each.month == cause[-1].month + 1 or abs(each.over) in {abs(other.over) for other in cause}:
                cause.append(each)
                break
        else:
            causes.append([each])
    opened = sum((opening.over for opening in openings), ZERO)
    first = books.unit(unit).before + 1
    return [
        _Cause(unit, cause, assets)
        for cause in causes
        if not (opened and (cause[0].month == first or sum((each.over for each in cause), ZERO) == -opened))
    ]


def _differing_months(assets: Iterable[Asset], unit: Unit, due: Month) -> list[_Worn]:
    planned: dict[Month, dict[Kind, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for asset in assets:
        for month in range(max(asset.first, unit.before + 1), min(asset.last, due) + 1):
            planned[month][asset.kind] += asset.worn_in(month)
    months = (
        _Worn(month, unit.worn.get(month, {}), unit.expensed.get(month, ZERO), planned.get(month, {}))
        for month in sorted({*planned, *unit.worn, *unit.expensed})
    )
    return [each for each in months if each.differs]


def _depreciation_errors(causes: Iterable[_Cause], books: Books) -> Iterator[RuleError]:
    left = list(causes)
    while left:
        cause = left.pop(0)
        twin = next((other for other in left if cause.is_twin_of(other)), None)
        if twin is not None:
            left.remove(twin)
        if twin is not None and cause.months[0].over < 0:
            cause, twin = twin, cause
        spare = _spare_numbers(cause, books)
        message = "D706 " + _explained(cause, spare, books)
        if twin is not None:
            message += "\nIt seems to be booked in the wrong unit. " + _explained(twin, spare, books)
        entry, posting = _blamed(cause, books)
        yield broken(entry, message, posting.meta if posting is not None else None)


def _explained(cause: _Cause, spare: list[str], books: Books) -> str:
    """Return how months differ from the register, and the vouchers that they should have."""
    months, first = cause.months, first_day(cause.months[0].month)
    told = "; ".join(_told(each, books.currency) for each in months[:SHOWN])
    if more := months[SHOWN:]:
        told += f"; and in {len(more)} more months to {first_day(more[-1].month):%Y-%m}"
    worn = [(asset.name, asset.worn_in(months[0].month)) for asset in cause.assets]
    of = ", ".join(f"{name} {kronor(number)}" for name, number in worn if number)
    mended = "".join(_month_mended(cause.unit, each, spare, books) for each in months[:SHOWN])
    return (
        f"Depreciation of {cause.unit} is not that of the register: {told}. "
        f"By the register, in {first:%Y-%m}: {of or 'nothing'}.{mended}"
    )


def _blamed(cause: _Cause, books: Books) -> tuple[data.Directive, data.Posting | None]:
    """Return the voucher that has too much, any of the months that differ, or an asset that has no voucher."""
    vouchers = books.unit(cause.unit).vouchers
    booked = sorted((each for each in cause.months if vouchers.get(each.month)), key=lambda each: each.over <= 0)
    if booked:
        return vouchers[booked[0].month][-1]
    return [asset for asset in cause.assets if asset.worn_in(cause.months[0].month)][-1].entry, None


def _told(each: _Worn, currency: str) -> str:
    booked = sum(each.booked.values(), ZERO)
    expensed = "" if each.expensed == booked else f" (79xx {kronor(each.expensed)} {currency})"
    month = f"{first_day(each.month):%Y-%m}"
    return f"in {month} {kronor(booked)} {currency}{expensed} is booked, not {kronor(each.whole)} {currency}"


def _month_mended(code: str, each: _Worn, spare: list[str], books: Books) -> str:
    """Return the voucher of a month as it should be, in place of what is booked; it may take a spare number."""
    day, currency = last_day(each.month), books.currency
    old, superfluous = _vouchers_of(code, each.month, books), _superfluous(code, each, books)
    if superfluous:
        return f"\n{day:%Y-%m}: remove {' and '.join(map(named, superfluous))}, or move it to where it belongs."
    rows = [mending.row(books.account((code, ""), "expense"), each.whole, currency)]
    for kind, number in sorted(each.planned.items()):
        if number:
            rows.append(mending.row(books.account(kind, "worn"), -number, currency))
    ver = _ver_of(old[0] if old else None) or (spare.pop(0) if spare else None)
    ver = ver or books.numbers.free(_series_of(code, books), day.year)
    text = voucher_text(voucher(day, f"Avskrivning inventarier {day:%Y-%m}", ver, rows))
    return f"\n{day:%Y-%m}: the voucher that it should be{_instead(old)}:\n{indented(text)}"


def _spare_numbers(cause: _Cause, books: Books) -> list[str]:
    """Return the numbers of vouchers that stand in the wrong month or unit."""
    superfluous = (entry for each in cause.months for entry in _superfluous(cause.unit, each, books))
    return [ver for entry in superfluous if (ver := _ver_of(entry))]


def _vouchers_of(code: str, month: Month, books: Books) -> list[data.Transaction]:
    return list({id(entry): entry for entry, _ in books.unit(code).vouchers.get(month, [])}.values())


def _superfluous(code: str, each: _Worn, books: Books) -> list[data.Transaction]:
    """Return the vouchers of a month beside the one that is right, all where nothing is to be depreciated."""
    old = _vouchers_of(code, each.month, books)
    if not each.whole:
        return old
    right = [entry for entry in old if _expensed(code, entry, books) == each.whole]
    return [entry for entry in old if entry is not right[-1]] if right else []


def _expensed(code: str, entry: data.Transaction, books: Books) -> Decimal:
    rows = _rows(entry, books.currency)
    return sum((amount for role, amount, _ in rows if role == Role(code, "", "expense")), ZERO)


def _instead(old: Sequence[data.Transaction]) -> str:
    return f", in place of {' and '.join(named(entry) for entry in old)}" if old else ""


def _ver_of(entry: data.Transaction | None) -> str | None:
    ver = entry.meta.get("ver") if entry is not None else None
    return ver if isinstance(ver, str) else None


def _series_of(code: str, books: Books) -> str:
    """Return the series in which the unit's depreciation is numbered."""
    vouchers = [entry for month in books.unit(code).vouchers.values() for entry, _ in month]
    return series_of(vouchers[-1] if vouchers else None, "A")
