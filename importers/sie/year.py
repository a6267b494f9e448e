"""What a SIE file of a year has beside vouchers: opening balances, budget, names, and the balances to arrive at.

Before the first year in a ledger its opening balances become a voucher, by unit where the file tells (#OIB):

    2023-12-31 * "Ingående balanser 2023-12-31"
      ver: "B 1"
      Assets:FK:1910-Kassa       1000.00 SEK
      Equity:FK:2010-Kapital    -1000.00 SEK

After that they must be what the ledger closes with. A budget by month (#PBUDGET) becomes Fava's directive.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from beancount.core import data
from beancount.core.amount import Amount

from forbundsbok.importers.problems import Problem, refused, refused_whole
from forbundsbok.importers.sie.accounts import Key, SieAccounts
from forbundsbok.importers.sie.codec.records import Balance, SieFile
from forbundsbok.importers.sie.ledger import (
    ACCOUNT,
    ALWAYS,
    BALANCE,
    DETAIL_NAME,
    DIMENSION,
    EQUITY,
    OBJECT,
    Place,
    SieLedger,
    detail_of,
    exact,
    is_balance,
)
from forbundsbok.importers.sie.mapping import SieMapping
from forbundsbok.plugins.accounts import parse_account
from forbundsbok.plugins.budget import budget_of_months, read_budgets
from forbundsbok.plugins.directives import UnreadableError
from forbundsbok.plugins.findings import Message, phrase
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.ledger_text import AccountText, custom_of
from forbundsbok.plugins.money import ZERO
from forbundsbok.plugins.organisation import ORGANISATION, organisation_of
from forbundsbok.plugins.parties import plain_number

Months = tuple[Decimal, ...]


_DIGITS = 10
"""How many digits of an organisation number tell it: some systems write its century before them."""


def refuse_another(filename: str, stated: str, known: str) -> None:
    """Refuse a file of another organisation than the books are of. Raises DocumentError."""
    if known and stated and plain_number(stated)[-_DIGITS:] != plain_number(known)[-_DIGITS:]:
        text = N_("the file is of {stated} (#ORGNR), the books are of {known}: is it another federation's?")
        raise refused_whole(filename, phrase(text, stated=stated, known=known))


class SieYear:
    """The year of a file, for a ledger: `first` and `last` day; `before`, the day that it opens from.

    `is_first`: whether the ledger has nothing before it. `since`: the day that accounts are opened from.
    """

    def __init__(
        self, filename: str, file: SieFile, ledger: SieLedger, accounts: SieAccounts, mapping: SieMapping
    ) -> None:
        self.filename = filename
        self.file = file
        self.first, self.last = file.heading.years[0]
        self.before = self.first - timedelta(days=1)
        self.is_first = not any(entry.date < self.first for entry in ledger.vouchers)
        # The year before may be closed and sealed: nothing is dated in it.
        self.since = self.before if self.is_first else self.first
        self._accounts = accounts
        self._mapping = mapping
        self.opening_rows: dict[str, Decimal] = {}
        self.budget_rows: dict[str, dict[str, Decimal]] = {}
        self.notes: list[Message] = []

    @property
    def is_calendar(self) -> bool:
        """Whether the year is the ledger's fiscal year, a calendar year."""
        return (self.first, self.last) == (date(self.first.year, 1, 1), date(self.first.year, 12, 31))

    @property
    def closing(self) -> date:
        """The day of the closing balances: the last of the year, or to which the file goes."""
        covers = self.file.heading.covers_to
        return covers if covers and self.first <= covers <= self.last else self.last

    # Opening

    def book_opening(self) -> None:
        """Find the accounts of the opening balances; what cannot be told is counted."""
        rows: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
        opening = self._split("IB", "OIB")
        if self.file.unmoved:
            equity = Key(self._equity(), "", "")
            opening[equity] = opening.get(equity, ZERO) + self.file.unmoved
            text = (
                N_(
                    "a surplus of earlier years, {amount}, which the file has not in equity (#RES -1), "
                    "opens on {account}"
                )
                if self.file.unmoved < 0
                else N_(
                    "a deficit of earlier years, {amount}, which the file has not in equity (#RES -1), "
                    "opens on {account}"
                )
            )
            self.notes.append(phrase(text, amount=abs(self.file.unmoved), account=equity.number))
        for key, amount in opening.items():
            account = self._accounts.account(key, self.since, [amount]) if amount else None
            if account is not None:
                rows[account] += amount
        self.opening_rows = {account: amount for account, amount in rows.items() if amount}

    def opening_voucher(self, ver: str) -> data.Transaction:
        """Return the voucher of the opening balances."""
        rows = [
            data.Posting(account, Amount(exact(amount), self._accounts.currency), None, None, None, {})
            for account, amount in sorted(self.opening_rows.items(), key=_in_order_of_unit)
        ]
        meta = {"ver": ver}
        text = f"Ingående balanser {self.before}"
        return data.Transaction(meta, self.before, "*", None, text, data.EMPTY_SET, data.EMPTY_SET, rows)

    def kept_balances(self) -> Iterator[data.Custom]:
        """Yield the first opening balances by other objects than units, which no account can hold."""
        for each in self._of_kind("OIB") if self.is_first else ():
            if each.amount and self._accounts.others(each.objects):
                given = [each.account, *(part for pair in each.objects for part in pair)]
                yield custom_of(BALANCE, self.before, [*given, Amount(exact(each.amount), self._accounts.currency)])

    def check_opening(self, ledger: SieLedger) -> None:
        """Raise DocumentError unless the ledger closes with what the file opens with."""
        text = N_("{account} opens {day} with {stated}, but the ledger closes {before} with {booked}")
        days = {"day": self.first, "before": self.before}
        self._compare(ledger, ledger.balances(self.before), "IB", text, days)
        by_unit = self._split("IB", "OIB") if any(self._of_kind("OIB")) else {}
        if not by_unit:
            return
        stated: defaultdict[Place, Decimal] = defaultdict(lambda: ZERO)
        for key, amount in by_unit.items():
            if amount:
                stated[self._place(key, ledger)] += amount
        booked: defaultdict[Place, Decimal] = defaultdict(lambda: ZERO)
        for place, amount in ledger.balances(self.before).items():
            booked[_equity_in_one(place)] += amount
        places = sorted(stated.keys() | booked.keys())
        if self.file.unmoved:  # of which unit it is, the file does not say
            places = [each for each in places if each.number != EQUITY[0]]
        compared = [(_called(each), stated[each], booked[each]) for each in places]
        self._refuse_differences(compared, text, days)

    def check_closing(self, ledger: SieLedger) -> None:
        """Raise DocumentError unless the ledger comes to the closing balances and results of the file."""
        closing = self.closing
        text = N_("{account} closes {day} with {stated}, but the ledger would close with {booked}")
        self._compare(ledger, ledger.closing(self.first, closing), "UB", text, {"day": closing})
        results = {
            place: each for place, each in ledger.sums(self.first, closing).items() if not is_balance(place.number)
        }
        text = N_("{account} has {year} come to {stated}, but the ledger would have come to {booked}")
        self._compare(ledger, results, "RES", text, {"year": self.first.year})

    # Budget

    def book_budget(self) -> None:
        """Find the accounts of the budget; what cannot be told is counted."""
        by_period: dict[str, list[Balance]] = defaultdict(list)
        left_out = 0
        for each in self._of_kind("PBUDGET"):
            if self._accounts.others(each.objects):
                left_out += 1
            else:
                by_period[each.period].append(each)
        if left_out:
            text = N_("budget by other objects than units is left out: {count} lines of #PBUDGET")
            self.notes.append(phrase(text, count=left_out))
        months = set(self._months())
        if odd := sorted(by_period.keys() - months):
            self.notes.append(phrase("budget outside of the year is left out: {periods}", periods=odd))
        rows: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(lambda: ZERO))
        for period in sorted(by_period.keys() & months):
            for key, amount in _remainders(self._accounts, by_period[period]).items():
                account = self._accounts.account(key, self.first, [amount]) if amount else None
                if account is not None:
                    rows[account][period] += amount
        self.budget_rows = rows

    def budget(self, entries: data.Directives) -> Iterator[data.Custom]:
        """Yield the budget of accounts that have none in the year."""
        known = read_budgets(entries)
        years = range(self.first.year, self.last.year + 1)
        kept = 0
        for account, by_period in sorted(self.budget_rows.items(), key=_in_order_of_unit):
            if any(budget.start.year in years for budget in known.get(account, [])):
                kept += 1
                continue
            for year in years:
                periods = [period for period in self._months() if period.startswith(str(year))]
                amounts = [by_period.get(period, ZERO) for period in periods]
                yield from _budget_of(account, periods, amounts, self._accounts.currency)
        if kept:
            self.notes.append(phrase("the ledger has a budget for {count} of the accounts, and keeps it", count=kept))

    # Names

    def organisation(self, entries: data.Directives) -> Iterator[data.Custom]:
        """Yield whose the books are, where the file says it and they do not."""
        stated, known = self.file.heading.org_number, organisation_of(entries)
        if not stated:
            return
        entry = custom_of(ORGANISATION.type, self.since, [stated])
        try:
            number = ORGANISATION.read(entry).number
        except UnreadableError as error:
            self.notes.append(phrase("#ORGNR is left out: {why}", why=error.why))
            return
        refuse_another(self.filename, number, known)
        if not known:
            yield custom_of(ORGANISATION.type, self.since, [number])

    def names(self, ledger: SieLedger) -> Iterator[data.Custom]:
        """Yield what the file names and the ledger, as it will be, does not."""
        for number, account in self.file.accounts.items():
            kept = ledger.kept_accounts.get(number)
            unit = kept.meta.get("enhet", "") if kept else ""
            named = ledger.name_of_number(number)
            if named is None or named != account.name or account.unit not in ("", unit):
                meta = {"enhet": account.unit or unit} if account.unit or unit else {}
                yield custom_of(ACCOUNT, self.since, [number, account.name], meta)
        yield from names_of_objects(self.since, self.file, self._accounts, self._mapping, ledger)

    # What the balances say

    def _of_kind(self, kind: str, year: int = 0) -> Iterator[Balance]:
        return (each for each in self.file.balances if each.kind == kind and each.year == year)

    def _months(self) -> list[str]:
        months = range(self.first.year * 12 + self.first.month - 1, self.last.year * 12 + self.last.month)
        return [f"{month // 12}{month % 12 + 1:02}" for month in months]

    def _split(self, whole: str, by_object: str) -> dict[Key, Decimal]:
        objects = [each for each in self._of_kind(by_object) if not self._accounts.others(each.objects)]
        return _remainders(self._accounts, [*self._of_kind(whole), *objects], whole_only=True)

    def _place(self, key: Key, ledger: SieLedger) -> Place:
        """Return where the ledger has what the file says; an account that it lacks is where it would be."""
        account = self._accounts.account(key, self.since, [])
        unit = self._accounts.unit(key.unit) or key.unit
        own = Place(key.number, unit, detail_of(key.detail, key.unit or unit, key.number))
        return _equity_in_one(ledger.places.get(account or "", own))

    def _compare(
        self, ledger: SieLedger, sums: Mapping[Place, Decimal], kind: str, text: str, days: Mapping[str, object]
    ) -> None:
        """Raise DocumentError unless sums are what the file states, by account number; equity in one sum."""
        given = ledger_numbers(self._accounts, ledger)
        stated: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
        for each in self._of_kind(kind):
            stated[_one_equity(given.get(each.account, each.account))] += each.amount
        if not stated:
            return  # the file tells nothing of it
        if kind != "RES":
            stated[EQUITY[0]] += self.file.unmoved
        booked: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
        for place, amount in sums.items():
            booked[_one_equity(place.number)] += amount
        numbers = sorted((stated.keys() | booked.keys()) - self._untold(kind, given))
        self._refuse_differences([(_account(each), stated[each], booked[each]) for each in numbers], text, days)

    def _untold(self, kind: str, given: Mapping[str, str]) -> set[str]:
        """Return the numbers of which the file tells otherwise than by a kind of balance how they ended, or not at all.

        Those of class 9 have neither: what is moved between them takes itself out.
        """
        if kind == "IB":
            return set()
        used = {row.account for voucher in self.file.vouchers for row in voucher.rows}
        return {_one_equity(given.get(each, each)) for each in used if self.file.ends.get(each) != kind} - {EQUITY[0]}

    def _equity(self) -> str:
        """Return the number of the account that results of years before are moved to."""
        numbers = [each.account for each in self._of_kind("IB")] + list(self.file.accounts)
        return min((each for each in numbers if each.startswith(EQUITY)), default=f"{EQUITY[0]}10")

    def _refuse_differences(
        self, compared: Iterable[tuple[Message, Decimal, Decimal]], text: str, days: Mapping[str, object]
    ) -> None:
        """Raise DocumentError, with a text of some days, unless what is stated of each account is booked there."""
        mistakes = [
            phrase(text, account=called, stated=stated, booked=booked, **days)
            for called, stated, booked in compared
            if stated != booked
        ]
        if mistakes:
            todo = phrase(
                "nothing has been taken in: correct the books that are wrong; what was booked in the one and not in "
                "the other is a voucher that lacks there"
            )
            raise refused(self.filename, [Problem(0, each) for each in (*mistakes, todo)])


def ledger_numbers(accounts: SieAccounts, ledger: SieLedger) -> dict[str, str]:
    """Return the number that an export gives each account number of a file, where it is another."""
    given: dict[str, str] = {}
    for account, keys in accounts.keys.items():
        place = ledger.places.get(account)
        for key in keys if place else ():
            given[key.number] = place.number if place else key.number
    return given


def names_of_objects(
    day: date, file: SieFile, accounts: SieAccounts, mapping: SieMapping, ledger: SieLedger
) -> Iterator[data.Custom]:
    """Yield the dimensions and objects of a file that the ledger, as it will be, does not name so."""
    for dimension in file.dimensions.values():
        number, name = dimension.number, dimension.name
        is_own = name == (DETAIL_NAME if number == accounts.detail_dimension else ALWAYS.get(number))
        if is_own and (number in ALWAYS or any(place.detail for place in ledger.places.values())):
            continue
        if ledger.dimensions.get(number) != (name, dimension.parent):
            yield custom_of(DIMENSION, day, [number, name, *([dimension.parent] if dimension.parent else [])])
    units = {(mapping.dimension, ledger.object_of_unit[code]): unit.at(day).name for code, unit in ledger.units.items()}
    for pair, each in file.objects.items():
        known = ledger.objects.get(pair, units.get(pair))
        if each.dimension != accounts.detail_dimension and known != each.name:
            yield custom_of(OBJECT, day, [*pair, each.name])


def _remainders(accounts: SieAccounts, balances: Iterable[Balance], whole_only: bool = False) -> dict[Key, Decimal]:
    """Return balances by what they say of the account: those by object, and what is left of each whole account.

    Without a balance of the whole account, it is the sum of those by object; with `whole_only`, it is zero.
    """
    whole: dict[str, Decimal] = {}
    parts: defaultdict[Key, Decimal] = defaultdict(lambda: ZERO)
    for each in balances:
        key = accounts.key(each.account, each.objects)
        if key.unit or key.detail:
            parts[key] += each.amount
        else:
            whole[each.account] = whole.get(each.account, ZERO) + each.amount
    left = dict(whole)
    for key, amount in parts.items():
        if key.number in whole or whole_only:
            left[key.number] = left.get(key.number, ZERO) - amount
    return {**parts, **{Key(number, "", ""): amount for number, amount in left.items() if amount}}


def _budget_of(account: str, periods: list[str], amounts: list[Decimal], currency: str) -> Iterator[data.Custom]:
    """Yield the directives whose months are some amounts: one for the year, or one for each step."""
    year = int(periods[0][:4]) if periods else 0
    total = sum(amounts, ZERO)
    if len(periods) == 12 and tuple(amounts) == spread(account, year, total):
        if total:
            yield _budget(account, date(year, 1, 1), "yearly", total, currency)
        return
    # Before the first step, and after a part of a year, nothing is budgeted.
    steps = [(ZERO, ""), *zip(amounts, periods, strict=True)]
    after = [(ZERO, f"{year}{int(periods[-1][4:]) + 1:02}")] if periods and periods[-1][4:] != "12" else []
    for (before, _), (amount, period) in pairwise([*steps, *after]):
        if amount != before:
            yield _budget(account, date(year, int(period[4:]), 1), "monthly", amount, currency)


def spread(account: str, year: int, total: Decimal) -> Months:
    """Return what each month has of a budget for a year; the twelve sum to it."""
    budget = read_budgets([_budget(account, date(year, 1, 1), "yearly", total, "SEK")])[account]
    sums = [ZERO, *(budget_of_months(budget, year, 1, month) for month in range(1, 13))]
    return tuple(after - before for before, after in pairwise(sums))


def _budget(account: str, day: date, interval: str, amount: Decimal, currency: str) -> data.Custom:
    return custom_of("budget", day, [AccountText(account), interval, Amount(exact(amount), currency)])


def _in_order_of_unit(item: tuple[str, object]) -> tuple[str, str]:
    name = parse_account(item[0])
    return (name.unit, name.number + item[0]) if name else ("", item[0])


def _equity_in_one(place: Place) -> Place:
    """Return a place as balances are compared: equity of a unit is one, whichever account a result was moved to."""
    return Place(EQUITY[0], place.unit) if place.number.startswith(EQUITY) else place


def _one_equity(number: str) -> str:
    return EQUITY[0] if number.startswith(EQUITY) else number


def _account(number: str) -> Message:
    return phrase("equity (accounts 20)") if number == EQUITY[0] else phrase("account {number}", number=number)


def _called(place: Place) -> Message:
    detail = f' "{place.detail}"' if place.detail else ""
    return phrase("{account}{detail} of {unit}", account=_account(place.number), detail=detail, unit=place.unit)
