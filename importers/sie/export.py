"""The books as a SIE 4 file, for an auditor or another accounting system.

    file = sie_file(entries, options, (date(2024, 1, 1), date(2024, 12, 31)), "4", mapping)

Units are dimension 1, projects 6, details of an account a free one, "Delkonto"; other dimensions are as they came
(importers.sie.ledger). Clearing between units stays out. What the ledger never moves, the results of earlier years,
stands in equity, so that a year opens with what the year before closed with. The voucher's text is payee and
narration, "Marks kommun | Inbetalning: avgift", and its sign who approved it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from importlib.metadata import version
from itertools import count
from typing import Any, NamedTuple

from beancount.core import data
from beancount.core.amount import Amount

from forbundsbok.importers.sie.codec.records import (
    Account,
    Balance,
    Dimension,
    Heading,
    Object,
    Objects,
    Row,
    SieFile,
    Voucher,
)
from forbundsbok.importers.sie.ledger import (
    DETAIL_NAME,
    DIMENSION_NAMES,
    GAP,
    PROJECT,
    Place,
    SieLedger,
    identity_of,
    in_order,
    is_balance,
    other_objects,
    text_of,
)
from forbundsbok.importers.sie.mapping import SieMapping
from forbundsbok.plugins.accounts import parse_account
from forbundsbok.plugins.budget import budget_of_months, read_budgets
from forbundsbok.plugins.money import ZERO
from forbundsbok.plugins.organisation import organisation_of
from forbundsbok.plugins.roles import KOMMUN_BAS

FREE = 20
"""The first dimension that SIE leaves to the program."""

_KINDS = {"Assets": "T", "Equity": "S", "Liabilities": "S", "Income": "I", "Expenses": "K"}


class Years(NamedTuple):
    """The year of a file, first and last day, and the year before it."""

    first: date
    last: date
    first_before: date
    last_before: date


def sie_file(
    entries: data.Directives, options: Mapping[str, Any], asked: tuple[date, date], kind: str, mapping: SieMapping
) -> SieFile:
    """Return what a SIE file of a year holds: `asked` first and last day, `kind` "1" to "4" or "4I"."""
    first, last = asked
    before = first - timedelta(days=1)
    years = Years(first, last, _year_before(first), before)
    return _Export(entries, options, years, kind, mapping).file()


class _Export:
    def __init__(
        self, entries: data.Directives, options: Mapping[str, Any], years: Years, kind: str, mapping: SieMapping
    ) -> None:
        self._ledger = SieLedger(entries)
        self._options = options
        self._years = years
        self._kind = kind
        self._unit_dimension = mapping.dimension
        self._detail_dimension = mapping.detail_dimension or self._free_dimension()
        self._organisation = organisation_of(entries)
        self._budgets = read_budgets(entries)
        self._details = self._ledger.detail_objects()
        self._has_before = any(entry.date < years.first for entry in self._ledger.vouchers)
        self._opening = self._ledger.balances(years.last_before)
        self._closing = self._ledger.closing(years.first, years.last)
        self._moved = self._ledger.sums(years.first, years.last)

    def _free_dimension(self) -> str:
        """Return the first of the free dimensions that has come in with no other name than that of details."""
        kept = self._ledger.dimensions
        return next(each for each in map(str, count(FREE)) if each not in kept or kept[each][0] == DETAIL_NAME)

    def file(self) -> SieFile:
        """Return the whole file."""
        file = SieFile(heading=self._heading())
        if self._kind[0] == "4":
            file.vouchers = list(self._vouchers())
        if self._kind != "4I":
            file.balances = [*self._year_balances(), *self._period_balances()]
            if self._kind in "34":
                file.balances += self._object_balances()
        file.accounts = {each.number: each for each in self._accounts(file)}
        if self._kind[0] in "34":
            used = {pair for each in file.balances for pair in each.objects}
            used |= {pair for voucher in file.vouchers for row in voucher.rows for pair in row.objects}
            file.objects = {(each.dimension, each.number): each for each in self._objects(used)}
            file.dimensions = {each.number: each for each in self._dimensions({key[0] for key in file.objects})}
        return file

    # What stands first

    def _heading(self) -> Heading:
        years = {0: (self._years.first, self._years.last)}
        if self._has_before:
            years[-1] = (self._years.first_before, self._years.last_before)
        currencies = self._options["operating_currency"] or ["SEK"]
        return Heading(
            flag="0",
            program="forbundsbok",
            program_version=version("forbundsbok"),
            format="PC8",
            generated=date.today(),
            type="4E" if self._kind == "4" else self._kind,
            company_type="X",
            org_number=self._organisation,
            company=self._options["title"] or "",
            years={} if self._kind == "4I" else years,
            currency=currencies[0],
        )

    def _accounts(self, file: SieFile) -> Iterator[Account]:
        """Yield the accounts that are open in the year, those that the file has amounts on, and those kept."""
        ledger = self._ledger
        numbers = {each.account for each in file.balances}
        numbers |= {row.account for voucher in file.vouchers for row in voucher.rows}
        if self._kind != "4I":
            numbers |= ledger.kept_accounts.keys()
            opened = ledger.opens.items()
            numbers |= {
                ledger.places[each].number for each, entry in opened if each in ledger.places and self._is_in_use(entry)
            }
        roots = {ledger.places[each].number: _root(each) for each in ledger.places}
        for number in sorted(numbers):
            kept = ledger.kept_accounts.get(number)
            unit = kept.meta.get("enhet") if kept else ""
            yield Account(
                number, ledger.name_of_number(number) or "", _kind_of(number, roots.get(number)), str(unit or ""), ()
            )

    def _is_in_use(self, entry: data.Open) -> bool:
        return entry.date <= self._years.last

    def _dimensions(self, used: Iterable[str]) -> Iterator[Dimension]:
        kept = self._ledger.dimensions
        for number in sorted({*used, *kept, self._unit_dimension, PROJECT}, key=in_order):
            own = DIMENSION_NAMES | {self._unit_dimension: DIMENSION_NAMES["1"], self._detail_dimension: DETAIL_NAME}
            name, parent = kept.get(number, (own.get(number, f"Dimension {number}"), ""))
            yield Dimension(number, name, parent)

    def _objects(self, used: Iterable[tuple[str, str]]) -> Iterator[Object]:
        ledger = self._ledger
        units = {code: unit.at(self._years.last) for code, unit in ledger.units.items()}
        names = {(self._unit_dimension, ledger.object_of_unit[code]): unit.name for code, unit in units.items()}
        for place, (number, name) in self._details.items():
            if self._is_in_use(ledger.opens[ledger.accounts[place]]):
                names[self._detail_dimension, number] = name
        names |= ledger.objects
        for pair in used:
            names.setdefault(pair, pair[1])
        for dimension, number in sorted(names, key=self._order_of):
            if number:
                yield Object(dimension, number, names[dimension, number])

    def _order_of(self, pair: tuple[str, str]) -> tuple[str, int, str]:
        """Return what objects are sorted by: units as the ledger declares them, which is the statements' order."""
        dimension, number = pair
        units = [self._ledger.object_of_unit[code] for code in self._ledger.units]
        is_unit = dimension == self._unit_dimension and number in units
        return in_order(dimension), units.index(number) if is_unit else len(units), number

    # Balances

    def _year_balances(self) -> Iterator[Balance]:
        """Yield #IB, #UB and #RES of the year, and of the year before it."""
        years = self._years
        for year, opening, closing, moved in (
            (0, self._opening, self._closing, self._moved),
            (
                -1,
                self._ledger.balances(years.first_before - timedelta(days=1)),
                self._opening,
                self._ledger.sums(years.first_before, years.last_before),
            ),
        ):
            if year and not self._has_before:
                continue
            results = {place: amount for place, amount in moved.items() if not is_balance(place.number)}
            for kind, sums in (("IB", opening), ("UB", closing), ("RES", results)):
                for number, amount in sorted(_by_number(sums).items()):
                    if amount:
                        yield _balance(kind, year, "", number, (), amount)

    def _object_balances(self) -> Iterator[Balance]:
        """Yield #OIB and #OUB of the year: by unit and detail, and by each other object."""
        results = {place: amount for place, amount in self._moved.items() if not is_balance(place.number)}
        for kind, sums in (("OIB", self._opening), ("OUB", {**self._closing, **results})):
            for place, amount in sorted(sums.items()):
                objects = self._objects_of(place)
                if amount and objects:
                    yield _balance(kind, 0, "", place.number, objects, amount)
            for (number, objects), amount in sorted(self._by_other_objects(kind).items()):
                if amount:
                    yield _balance(kind, 0, "", number, objects, amount)

    def _by_other_objects(self, kind: str) -> dict[tuple[str, Objects], Decimal]:
        """Return what accounts have of other objects than units: what was kept, and what rows have moved since."""
        years = self._years
        last = years.last_before if kind == "OIB" else years.last
        sums: defaultdict[tuple[str, Objects], Decimal] = defaultdict(lambda: ZERO)
        combined: dict[str, set[Objects]] = defaultdict(set)
        for day, number, objects, amount in self._ledger.kept_balances:
            if day <= last:
                sums[number, objects] += amount
                if len(objects) > 1:
                    combined[number].add(objects)
        for posting in self._ledger.postings:
            since = date.min if is_balance(posting.place.number) else years.first
            if not (posting.others and since <= posting.day <= last):
                continue
            for pair in posting.others:
                sums[posting.place.number, (pair,)] += posting.amount
            own = {*posting.others, *self._objects_of(posting.place)}
            for objects in combined[posting.place.number]:
                if own.issuperset(objects):
                    sums[posting.place.number, objects] += posting.amount
        return sums

    def _period_balances(self) -> Iterator[Balance]:
        """Yield #PSALDO and #PBUDGET of the year: of accounts, and by unit and detail where the type has objects."""
        if self._kind == "1":
            return
        yield from self._by_period("PSALDO", self._moved_by_month())
        yield from self._by_period("PBUDGET", self._budget_by_month())

    def _by_period(self, kind: str, months: Mapping[tuple[int, int], Mapping[Place, Decimal]]) -> Iterator[Balance]:
        for (year, month), sums in sorted(months.items()):
            period = f"{year:04}{month:02}"
            for number, amount in sorted(_by_number(sums).items()):
                if amount:
                    yield _balance(kind, 0, period, number, (), amount)
            for place, amount in sorted(sums.items()) if self._kind in "34" else ():
                objects = self._objects_of(place)
                if amount and objects:
                    yield _balance(kind, 0, period, place.number, objects, amount)

    def _moved_by_month(self) -> dict[tuple[int, int], dict[Place, Decimal]]:
        months: dict[tuple[int, int], dict[Place, Decimal]] = defaultdict(lambda: defaultdict(lambda: ZERO))
        for posting in self._ledger.postings:
            if self._years.first <= posting.day <= self._years.last:
                months[posting.day.year, posting.day.month][posting.place] += posting.amount
        return months

    def _budget_by_month(self) -> dict[tuple[int, int], dict[Place, Decimal]]:
        """Return each month's budget. Months are rounded so that those from the first of a year on sum exactly."""
        months: dict[tuple[int, int], dict[Place, Decimal]] = defaultdict(lambda: defaultdict(lambda: ZERO))
        for year, month in _months(self._years.first, self._years.last):
            for account, budgets in self._budgets.items():
                place = self._ledger.places.get(account)
                if place is None:
                    continue
                until = budget_of_months(budgets, year, 1, month)
                until_before = budget_of_months(budgets, year, 1, month - 1) if month > 1 else ZERO
                months[year, month][place] += until - until_before
        return months

    # Vouchers

    def _vouchers(self) -> Iterator[Voucher]:
        chosen = [
            entry
            for entry in self._ledger.vouchers
            if self._years.first <= entry.date <= self._years.last and not entry.meta.get(GAP)
        ]
        for entry in sorted(chosen, key=_in_order_of_number):
            series, number = identity_of(entry)
            registered = entry.meta.get("registrerad")
            yield Voucher(
                line=0,
                series=series,
                number=number,
                day=entry.date,
                text=text_of(entry),
                registered=registered if isinstance(registered, date) else None,
                sign=_text(entry.meta.get("sign", entry.meta.get("attest"))),
                rows=tuple(self._rows(entry)),
                removed=(),
                added=(),
            )

    def _rows(self, entry: data.Transaction) -> Iterator[Row]:
        for posting in entry.postings:
            place = self._ledger.places.get(posting.account)
            if place is None or not isinstance(posting.units, Amount) or posting.units.number is None:
                continue
            meta = posting.meta or {}
            day, quantity = meta.get("datum"), meta.get("kvantitet")
            objects = (*self._objects_of(place), *other_objects(entry, posting))
            yield Row(
                line=0,
                account=place.number,
                objects=objects,
                amount=posting.units.number,
                day=day if isinstance(day, date) else None,
                text=_text(meta.get("text")),
                quantity=quantity if isinstance(quantity, Decimal) else None,
                sign=_text(meta.get("sign")),
            )

    def _objects_of(self, place: Place) -> Objects:
        unit = self._ledger.object_of_unit.get(place.unit, place.unit)
        detail = self._details[place][0] if place.detail else ""
        pairs = ((self._unit_dimension, unit), (self._detail_dimension, detail))
        return tuple(pair for pair in pairs if pair[1])


def _in_order_of_number(entry: data.Transaction) -> tuple[str, int, int, str]:
    """Order vouchers by series and number: those that have been given others, by the year of the ledger's own."""
    series, _ = identity_of(entry)
    ver = str(entry.meta.get("ver"))
    own = ver.rpartition(" ")[2]
    return series, entry.date.year, int(own) if own.isdecimal() else 0, ver


def _by_number(sums: Mapping[Place, Decimal]) -> dict[str, Decimal]:
    by_number: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
    for place, amount in sums.items():
        by_number[place.number] += amount
    return by_number


def _balance(kind: str, year: int, period: str, account: str, objects: Objects, amount: Decimal) -> Balance:
    return Balance(0, kind, year, period, account, objects, amount, None)


def _kind_of(number: str, root: str | None) -> str:
    """Return the #KTYP of an account, or nothing where its root is of another kind than its number."""
    root = root or next(iter(KOMMUN_BAS.slag_of_number(number).roots), "")
    kind = _KINDS.get(root, "")
    return kind if (kind in "TS") == is_balance(number) else ""


def _root(account: str) -> str:
    name = parse_account(account)
    return name.root if name else ""


def _months(first: date, last: date) -> Iterator[tuple[int, int]]:
    for month in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
        yield month // 12, month % 12 + 1


def _year_before(first: date) -> date:
    """Return the first day of the year before the one that begins on a day."""
    return date(first.year - 1, first.month, 28 if (first.month, first.day) == (2, 29) else first.day)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
