"""The general ledger: loaded books as the few tables that every statement is computed from.

    ledger = load(Path("ledger/main.bean"))
    dict(zip(ledger.chart.index, ledger.amounts(Measure.CLOSING, Period(2024))))      # öre, debit positive

The books are loaded and queried once into one pandas frame; everything after that is sums over its columns.
"""

import weakref
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache, cached_property, lru_cache
from itertools import accumulate, groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeVar

import beanquery
import beanquery.parser
import numpy as np
import numpy.typing as npt
import pandas as pd
from beancount.core import data

from forbundsbok.plugins.accounts import parse_account
from forbundsbok.plugins.books import Books
from forbundsbok.plugins.budget import Budget, Goal, budget_of_months, read_budgets, read_goals
from forbundsbok.plugins.corrections import number_of
from forbundsbok.plugins.labels import Label, read_labels
from forbundsbok.plugins.language import N_, language, tr
from forbundsbok.plugins.ledger_text import metadata_text
from forbundsbok.plugins.loading import LedgerError, load_ledger, refuse_errors
from forbundsbok.plugins.money import amount_text
from forbundsbok.plugins.months import Month
from forbundsbok.plugins.organisation import organisation_of
from forbundsbok.plugins.provisions import Provision, read_provisions
from forbundsbok.plugins.roles import KOMMUN_BAS, Roles, read_roles
from forbundsbok.plugins.seal_history import SealedYear, read_seals
from forbundsbok.plugins.units import Unit, read_units
from forbundsbok.plugins.years import read_boksluts
from forbundsbok.queries.flows import FlowLine, flow_lines
from forbundsbok.queries.layout_files import FOLDER, Layouts
from forbundsbok.queries.registers import Registers, read_registers
from forbundsbok.queries.selection import RESULT_ROOTS, Mask, Selectable, Selection
from forbundsbok.queries.statement import Figure, Measure, Period, PostingLine, Sum

Amounts = npt.NDArray[np.int64]
T = TypeVar("T")
Asked = TypeVar("Asked", bound=Hashable)

QUERIES = Path(__file__).parent


MOST = Decimal(10) ** 15
"""The greatest amount in kronor of an account in a month: sums of such stay exact in 64 bits of öre."""


MOST_MADE = 200
"""So many things made of a ledger are kept: statements, and the notes that there are."""


OTHER = "ovrigt"
"""What of a movement is of no event, where a layout asks for flows."""

EVENTS = "handelser"
"""What of a movement is of any event."""

OPENS = "ingaende"
"""The event that opens the books."""


class Movements(NamedTuple):
    """What accounts move, month by month: the columns are as long as each other."""

    accounts: int
    """How many there are."""
    places: npt.NDArray[np.int64]
    """Which account: its place among them."""
    months: npt.NDArray[np.int64]
    amounts: Amounts

    def between(self, first: int, last: int) -> Amounts:
        """Return what every account moves from one month to another, both included; int öre, so that sums are exact."""
        chosen = (self.months >= first) & (self.months <= last)
        sums = np.zeros(self.accounts, dtype=np.int64)
        np.add.at(sums, self.places[chosen], self.amounts[chosen])
        return sums


@dataclass(frozen=True)
class GeneralLedger:
    """What every account has moved, month by month, and what the books say beside it.

    `chart`: a row per account in order of number and name, with the columns `unit`, `root`, `number`, `label`,
    `detail`, `intern`, `slag` (what it is, as `roles` says), `opened` and `closed` (dates, or None).
    `movements`: columns `account`, `month` (as plugins.months counts), `ore` (int, debit positive).
    `adjustments`: those of equity on the first day of a year, which the year before closed without: a change of
    accounting principle is no result of any year (RKR R12).
    """

    chart: pd.DataFrame
    movements: pd.DataFrame
    units: Mapping[str, Unit]
    provisions: list[Provision]
    budgets: Mapping[str, list[Budget]]
    goals: list[Goal]
    labels: Sequence[Label] = ()
    closed: frozenset[int] = frozenset()
    adjustments: pd.DataFrame = field(default_factory=lambda: movements_of([]))
    roles: Roles = KOMMUN_BAS
    connection: Any = None
    layouts: Layouts = field(default_factory=Layouts)
    flow_lines: Callable[[], Sequence[FlowLine]] = tuple
    """What the postings are of events, told when it is first asked for."""
    postings_of: Callable[[], Mapping[str, Sequence[tuple[data.Transaction, data.Posting]]]] = dict
    """The postings of each account with their vouchers, looked up when one is first asked for."""
    registers: Callable[[], Registers] = Registers
    """What registers tell beside the accounts, read when it is first asked for."""
    folder: str = ""
    """The folder of the main file."""
    federation: str = ""
    organisation_number: str = ""
    seals: tuple[SealedYear, ...] = ()

    @cached_property
    def by_law(self) -> "GeneralLedger":
        """It with the law's layouts, whatever stands beside the books."""
        return replace(self, layouts=self.layouts.law)

    def once(self, make: Callable[["GeneralLedger", Asked], T], asked: Asked) -> T:
        """Return what a function makes of the ledger for what is asked, made once: what each statement asks."""
        made: T = self._made(make, asked)
        return made

    @cached_property
    def _made(self) -> Callable[[Callable[["GeneralLedger", Any], Any], Any], Any]:
        own = weakref.ref(self)  # a ledger that its own cache held only the collector would free

        @lru_cache(MOST_MADE)
        def made(make: Callable[["GeneralLedger", Any], Any], asked: Any) -> Any:
            ledger = own()
            assert ledger is not None
            return make(ledger, asked)

        return made

    def place(self, file: str, line: int) -> str:
        """Return where something stands, by its file beside the books: `units/FK/2024.bean:12`; empty for no file."""
        if file and file not in self._beside:
            path = Path(file)
            inside = path.is_relative_to(self.folder)
            self._beside[file] = path.relative_to(self.folder).as_posix() if inside else path.name
        return f"{self._beside[file]}:{line}" if file else ""

    @cached_property
    def _beside(self) -> dict[str, str]:
        return {}

    # As it was

    def at(self, day: date) -> "GeneralLedger":
        """Return it with its units, provisions and labels as they are at the end of a day."""
        if not self._changes:
            return self
        changed = max((each for each in self._changes if each <= day), default=date.min)
        if changed not in self._as_of:
            self._as_of[changed] = self._on(changed)
        return self._as_of[changed]

    @cached_property
    def _changes(self) -> list[date]:
        """The days on which any of them is revised, the earliest first."""
        registers = [*self.units.values(), *self.provisions]
        return sorted({*(day for each in registers for day in each.revised), *(each.start for each in self.labels)})

    @cached_property
    def _as_of(self) -> dict[date, "GeneralLedger"]:
        return {}

    def _on(self, day: date) -> "GeneralLedger":
        labels = {each.account: each.label for each in self.labels if each.start <= day}
        label = [labels.get(str(account), label) for account, label in self.chart.label.items()]
        return replace(
            self,
            chart=self.chart.assign(label=label),
            units={code: unit.at(day) for code, unit in self.units.items()},
            provisions=[each.at(day) for each in self.provisions],
        )

    @cached_property
    def years(self) -> tuple[int, ...]:
        """The years that statements can be made for: from the first that is booked to the last, also without result.

        A December before them that has opening balances alone is no year of theirs, and the next one is, though nothing
        is booked in it yet.
        """
        months = self.movements.month
        if months.empty:
            return ()
        first, last = Month.at(int(months.min())), Month.at(int(months.max()))
        own = self.movements[months <= Month(first.year, 12).serial]
        opens = first == Month(first.year, 12) and not own.account.str.startswith(RESULT_ROOTS).any()
        start = first.year + 1 if opens else first.year
        return tuple(range(start, max(start, last.year) + 1))

    @cached_property
    def opening_year(self) -> int | None:
        """The year whose end the books open with, on its last day or on the first day of the next; None without."""
        if not self.years:
            return None
        december = Month(self.years[0] - 1, 12)
        opened = self._flowed((OPENS,), december.serial, december.after(1).serial)
        return december.year if opened.any() else None

    def is_over(self, year: int) -> bool:
        """Whether a year has its bokslut, or is booked at least into its December."""
        return year in self.closed or bool((self.movements.month >= Month(year, 12).serial).any())

    def booked_until(self, year: int) -> Month:
        """Return the last month of a year in which anything is booked; the first where nothing is."""
        months = self.movements.month[self.movements.month <= Month(year, 12).serial]
        return max(Month.at(int(months.max())), Month(year, 1)) if len(months) else Month(year, 1)

    @cached_property
    def _measured(self) -> dict[Period, Mapping[Measure, Amounts]]:
        return {}

    def _measures(self, period: Period) -> Mapping[Measure, Amounts]:
        """Return every measure of every account over a period."""
        if period not in self._measured:
            self._measured[period] = self._measure(period)
        return self._measured[period]

    def _measure(self, period: Period) -> Mapping[Measure, Amounts]:
        first = Month(period.year, period.first_month).serial
        last = Month(period.year, period.last_month).serial
        moved = self._moved
        opening = moved.between(0, first - 1)
        movement = moved.between(first, last)
        year = moved.between(Month(period.year, 1).serial, last)
        if self.opens_in(period):
            opened = self._flowed((OPENS,), first, last)
            opening, movement, year = opening + opened, movement - opened, year - opened
        if self.ends_with_opening(period):  # perhaps on the first day of the next year
            opening = self._flowed((OPENS,), first, last + 1)
        planned = self._planned(period.year) if self.is_planned(period) else {}
        return {
            Measure.OPENING: opening,
            Measure.MOVEMENT: movement,
            Measure.CLOSING: opening + movement,
            Measure.BUDGET: self._placed(self._budgeted(period), np.zeros_like(movement)),
            Measure.EARLIER: opening + movement - year,
            Measure.YEAR: year,
            Measure.ADJUSTMENT: self._adjusted.between(first, first if period.first_month == 1 else first - 1),
            Measure.SCHEDULE: self._placed(planned, movement),
        }

    @cached_property
    def _moved(self) -> "Movements":
        return self._by_place(self.movements)

    @cached_property
    def _adjusted(self) -> "Movements":
        return self._by_place(self.adjustments)

    def _by_place(self, months: pd.DataFrame) -> "Movements":
        """Return what accounts move, by their place in the chart."""
        places = self.chart.index.get_indexer(pd.Index(months.account))
        known = places >= 0
        return Movements(len(self.chart), places[known], months.month.to_numpy()[known], months.ore.to_numpy()[known])

    def _placed(self, amounts: Mapping[str, int], others: Amounts) -> Amounts:
        """Return the amounts of some accounts, and of the others what they have."""
        named = zip(self.chart.index, others.tolist(), strict=True)
        return np.array([amounts.get(name, ore) for name, ore in named], dtype=np.int64)

    def opens_in(self, period: Period) -> bool:
        """Whether the books open in a period, as in the middle of a year: what they open with is no movement of it."""
        first, last = (Month(period.year, month).serial for month in (period.first_month, period.last_month))
        return self._begins is not None and first <= self._begins <= last

    @cached_property
    def _begins(self) -> int | None:
        """The first month in which anything is booked."""
        return None if self.movements.empty else int(self.movements.month.min())

    def ends_with_opening(self, period: Period) -> bool:
        """Whether a period ends with what the books open with."""
        return self.is_planned(period) and period.whole_year and period.year == self.opening_year

    def is_planned(self, period: Period) -> bool:
        """Whether a period lies before the books, so that a provision's schedule goes by the plan."""
        return bool(self.years) and period.year < self.years[0]

    def _budgeted(self, period: Period) -> dict[str, int]:
        return {
            account: _ore(budget_of_months(budgets, period.year, period.first_month, period.last_month))
            for account, budgets in self.budgets.items()
        }

    def has_budget(self, period: Period) -> bool:
        """Whether anything is budgeted for a period."""
        return bool(self.amounts(Measure.BUDGET, period).any())

    def _planned(self, year: int) -> dict[str, int]:
        return {
            provision.account_of(kind): _ore(provision.planned_change(kind, year))
            for provision in self.provisions
            for kind in provision.moves
        }

    # Which accounts, as masks over the chart

    @cached_property
    def _masks(self) -> dict[object, Mask]:
        return {}

    def matching(self, selection: Selection) -> Mask:
        """Return the accounts that a selection may take, whatever their balance."""
        if selection not in self._masks:
            self._masks[selection] = selection.matches(self._accounts)
        return self._masks[selection]

    @cached_property
    def _accounts(self) -> Selectable:
        return Selectable.of(self.chart)

    def matching_any(self, selections: Iterable[Selection]) -> Mask:
        """Return the accounts that any of the selections may take."""
        chosen = np.zeros(len(self.chart), dtype=bool)
        for selection in selections:
            chosen |= self.matching(selection)
        return chosen

    def taken(self, selection: Selection, measure: Measure, period: Period, within: Mask) -> Mask:
        """Return which accounts of some a selection takes, with the balances that a measure gives over a period."""
        taken = self.matching(selection) & within
        if selection.side:
            taken[taken] = selection.on_side(self.amounts(measure, period)[taken])
        return taken

    def of(self, column: str, value: str) -> Mask:
        """Return the accounts with a value in a column of the chart: a unit, a label, a last detail."""
        if (column, value) not in self._masks:
            self._masks[column, value] = self.chart[column].to_numpy() == value
        return self._masks[column, value]

    def only(self, account: str) -> Mask:
        """Return an account alone."""
        alone = np.zeros(len(self.chart), dtype=bool)
        alone[self.chart.index.get_loc(account)] = True
        return alone

    def below(self, account: str) -> Mask:
        """Return an account and those below it."""
        if account not in self._masks:
            names = self.chart.index
            self._masks[account] = (names == account) | names.str.startswith(f"{account}:")
        return self._masks[account]

    def in_use(self, periods: Iterable[Period]) -> Mask:
        """Return the accounts that are open at some time in one of the periods."""
        asked = tuple(periods)
        if asked not in self._masks:
            self._masks[asked] = self._open_in(asked)
        return self._masks[asked]

    def _open_in(self, periods: tuple[Period, ...]) -> Mask:
        return np.array(
            [
                any(
                    (opened is None or opened <= period.end) and (closed is None or closed > period.start)
                    for period in periods
                )
                for opened, closed in zip(self.chart.opened, self.chart.closed, strict=True)
            ],
            dtype=bool,
        )

    def units_with(self, accounts: Mask) -> list[str]:
        """Return the units that have some of the accounts, in the order of their directives."""
        have = set(self._unit_of[accounts])
        return [unit for unit in self.units if unit in have]

    def names(self, mask: Mask) -> tuple[str, ...]:
        """Return the account names of a mask, in the chart's order."""
        return tuple(self._account_of[mask])

    # As plain strings: to walk those of pandas again and again takes a quarter of a statement's time.

    @cached_property
    def _unit_of(self) -> npt.NDArray[np.object_]:
        return self.chart.unit.to_numpy(dtype=object)

    @cached_property
    def _account_of(self) -> npt.NDArray[np.object_]:
        return self.chart.index.to_numpy(dtype=object)

    def amounts(self, measure: Measure, period: Period, flow: tuple[str, ...] = ()) -> Amounts:
        """Return a measure of every account over a period: int öre, debit positive, in the chart's order.

        `flow`: what of it is of some events, `handelser` being what is of any, `ovrigt` what is of none.
        """
        key = measure, period, flow
        if key not in self._amounts:
            self._amounts[key] = self._flows_of(measure, period, flow) if flow else self._measures(period)[measure]
        return self._amounts[key]

    def figure(self, accounts: Mask, measure: Measure, period: Period, *, sign: Literal[1, -1]) -> Figure:
        """Return what some accounts come to over a period, whatever side each is on."""
        ore = sign * int(self.amounts(measure, period)[accounts].sum())
        return Figure(ore, (Sum(self.names(accounts), measure, period, sign),))

    @cached_property
    def _amounts(self) -> dict[tuple[Measure, Period, tuple[str, ...]], Amounts]:
        return {}

    def _flows_of(self, measure: Measure, period: Period, flow: tuple[str, ...]) -> Amounts:
        part = Sum((), measure, period, 1)
        first, last = (Month(day.year, day.month).serial for day in (part.first, part.last))
        amounts = self._flowed(flow, first, last)
        if EVENTS in flow or OTHER in flow:
            told = self._flowed([each for each in self._flows if each != OPENS], first, last)
            amounts = amounts + (told if EVENTS in flow else self.amounts(measure, period) - told)
        return amounts

    def _flowed(self, flow: Iterable[str], first: int, last: int) -> Amounts:
        """Return what of the movements of some months is of some events."""
        nothing = np.zeros(len(self.chart), dtype=np.int64)
        return sum((self._flows[each].between(first, last) for each in flow if each in self._flows), nothing)

    @cached_property
    def _flows(self) -> "Mapping[str, Movements]":
        """What is of each event."""
        places = {account: place for place, account in enumerate(self._account_of)}
        rows: dict[str, list[tuple[int, int, int]]] = defaultdict(list)
        for flow, line in self.flow_lines():
            if line.account in places:
                rows[flow].append((places[line.account], Month.of(line.date).serial, _ore(line.amount)))
        return {flow: Movements(len(places), *np.array(moved, dtype=np.int64).T) for flow, moved in rows.items()}

    def ask(self, query: str, **values: object) -> list[Any]:
        """Return the rows that a query of the books gives, with values for its `%(name)s`."""
        return _asked(self.connection, query, **values)

    def postings(self, part: Sum) -> list[PostingLine]:
        """Return the postings that a sum is made of, by date; none for a budget or a plan."""
        if part.measure is Measure.BUDGET or (part.measure is Measure.SCHEDULE and self.is_planned(part.period)):
            return []
        if self.ends_with_opening(part.period):
            stands = part.measure in (Measure.OPENING, Measure.EARLIER, Measure.CLOSING)
            opened = (line for flow, line in self.flow_lines() if flow == OPENS and line.account in part.accounts)
            return sorted(opened, key=_place) if stands else []
        flows = [
            (flow, line)
            for flow, line in (self.flow_lines() if part.flow else ())
            if line.account in part.accounts and part.first <= line.date <= part.last
        ]
        chosen = [line for flow, line in flows if flow in part.flow or (EVENTS in part.flow and flow != OPENS)]
        if part.flow and OTHER not in part.flow:
            return sorted(chosen, key=_place)
        lines = self.posted(part.accounts, part.first, part.last)
        if not part.flow:
            return lines
        left: dict[tuple[object, ...], Decimal] = defaultdict(Decimal)
        for _, line in flows:
            left[_place(line)] += line.amount
        for line in lines:
            of_events = left.pop(_place(line), Decimal(0))
            if line.amount != of_events:
                chosen.append(replace(line, amount=line.amount - of_events))
        return sorted(chosen, key=_place)

    def balances(self, day: date) -> dict[str, Decimal]:
        """Return the balance at the end of a day of each account that is booked on by then, in kronor."""
        until = ((account, bisect_right(days, day), sums) for account, (days, sums) in self._balances.items())
        return {account: sums[booked - 1] for account, booked, sums in until if booked}

    @cached_property
    def _balances(self) -> Mapping[str, tuple[Sequence[date], Sequence[Decimal]]]:
        """The days on which each account is booked on, with what it comes to then: asked once, for every day."""
        query = "SELECT account, date, sum(number) GROUP BY account, date ORDER BY account, date"
        balances = {}
        for account, rows in groupby(self.ask(query), key=itemgetter(0)):
            _, days, numbers = zip(*rows, strict=True)
            balances[account] = days, list(accumulate(numbers))
        return balances

    def posted(self, accounts: Iterable[str], first: date, last: date) -> list[PostingLine]:
        """Return the postings on some accounts from a day to a day, by date."""
        postings_of = self.postings_of()
        lines = (
            _line(voucher, posting)
            for account in set(accounts)
            for voucher, posting in postings_of.get(account, ())
            if first <= voucher.date <= last
        )
        return sorted(lines, key=_place)


def _place(line: PostingLine) -> tuple[date, str, int, str]:
    return line.date, line.file, line.line, line.account


def load(path: Path) -> GeneralLedger:
    """Load a ledger.

    Raises LedgerError with every error that Beancount and the plugins find, with accounts outside
    the account grammar, and with amounts that are not whole öre of the ledger's currency.
    """
    entries, errors, options = load_ledger(path)
    refuse_errors(errors)
    return read(entries, options)


def read(entries: data.Directives, options: Mapping[str, Any]) -> GeneralLedger:
    """Return the general ledger of loaded books without errors. Raises LedgerError as `load` does."""
    connection = beanquery.connect("beancount:", entries=entries, errors=[], options=options)
    units = read_units(entries, options["title"])
    roles = read_roles(entries)
    books = cache(lambda: Books(entries, options))
    return GeneralLedger(
        chart=_ended(chart_of(_asked(connection, _query("accounts")), roles), units),
        movements=_movements_of(_asked(connection, _query("movements")), options),
        adjustments=_movements_of(_asked(connection, _query("adjustments")), options),
        units=units,
        provisions=read_provisions(entries),
        budgets=read_budgets(entries),
        goals=read_goals(entries),
        labels=read_labels(entries),
        closed=frozenset(read_boksluts(entries)),
        roles=roles,
        connection=connection,
        flow_lines=cache(lambda: flow_lines(books())),
        postings_of=lambda: books().postings,
        registers=cache(lambda: read_registers(entries, books)),
        folder=str(Path(options["filename"]).parent),
        federation=str(options.get("title") or ""),
        organisation_number=organisation_of(entries),
        seals=tuple(read_seals(entries)),
        layouts=Layouts(main.with_name(FOLDER)) if (main := Path(options["filename"])).is_file() else Layouts(),
    )


def chart_of(
    accounts: Iterable[tuple[str, date | None, date | None, str | None, bool | None]], roles: Roles = KOMMUN_BAS
) -> pd.DataFrame:
    """Return the chart of accounts, in order of number and name.

    `accounts`: account, dates of opening and closing, printed label, whether it is internal; None for what is not said.
    Raises LedgerError naming the accounts outside the account grammar.
    """
    rows, strangers = [], []
    for account, opened, closed, label, intern in accounts:
        name = parse_account(account)
        if name is None:
            text = N_("{account} is not named Root:UNIT:NNNN-Namn[:Detalj]; does the ledger load {module}?")
            strangers.append(tr(text, account=account, module="forbundsbok.federation"))
            continue
        detail = name.detail[-1] if name.detail else ""
        if label is not None and (not isinstance(label, str) or "\n" in label):
            text = N_("{account}: its benamning is a text of one line: write   {line}")
            first_line = str(label).splitlines()[0]
            strangers.append(tr(text, account=account, line=metadata_text({"benamning": first_line}).strip()))
            continue
        shown = label or detail or name.name
        rows.append(
            (
                account,
                name.unit,
                name.root,
                name.number,
                shown,
                detail,
                bool(intern),
                roles.slag(account),
                opened,
                closed,
            )
        )
    if strangers:
        raise LedgerError(strangers)
    columns = ["account", "unit", "root", "number", "label", "detail", "intern", "slag", "opened", "closed"]
    return pd.DataFrame(rows, columns=columns).sort_values(["number", "account"]).set_index("account")


def _ended(chart: pd.DataFrame, units: Mapping[str, Unit]) -> pd.DataFrame:
    """Return a chart in which the accounts of a unit that has ended are in no later use."""
    ended = {code: unit.closed for code, unit in units.items() if unit.closed and unit.closed < date.max}
    days = {code: day + timedelta(days=1) for code, day in ended.items()}
    ends = [closed or days.get(unit) for unit, closed in zip(chart.unit, chart.closed, strict=True)]
    return chart.assign(closed=pd.Series(ends, index=chart.index, dtype=object)) if days else chart


def movements_of(months: Iterable[tuple[str, int, int, int]]) -> pd.DataFrame:
    """Return the movements table of rows of account, year, month, öre."""
    rows = [(account, Month(year, month).serial, ore) for account, year, month, ore in months]
    return pd.DataFrame(rows, columns=["account", "month", "ore"]).astype({"month": np.int64, "ore": np.int64})


def _movements_of(rows: list[tuple[str, int, int, str, Decimal]], options: Mapping[str, Any]) -> pd.DataFrame:
    currencies = options["operating_currency"] or ["SEK"]
    text = N_(
        "{account} has amounts in {currency} in {month}: "
        "books are kept in whole öre of {own_currency}, no amount above {most}"
    )
    most = amount_text(MOST, language())
    wrong = [
        tr(text, account=account, currency=currency, month=Month(year, month), own_currency=currencies[0], most=most)
        for account, year, month, currency, amount in rows
        if currency != currencies[0] or amount != round(amount, 2) or abs(amount) > MOST
    ]
    if wrong:
        raise LedgerError(wrong)
    return movements_of((account, year, month, _ore(amount)) for account, year, month, _, amount in rows)


def _ore(kronor: Decimal) -> int:
    return int(kronor.scaleb(2))


def _line(voucher: data.Transaction, posting: data.Posting) -> PostingLine:
    meta = voucher.meta
    named = meta.get("ver") or "", voucher.payee or "", voucher.narration or "", posting.account
    return PostingLine(voucher.date, *named, number_of(posting), meta["filename"], meta["lineno"])


@cache
def _query(name: str) -> str:
    return (QUERIES / f"{name}.bql").read_text(encoding="utf-8")


def _asked(connection: beanquery.Connection, query: str, **values: object) -> list[Any]:
    rows: list[Any] = connection.execute(_parsed(query), values).fetchall()
    return rows


@cache
def _parsed(query: str) -> beanquery.parser.ast.Node:
    """Return what beanquery reads a query as. To read one takes longer than to answer it, and there are few."""
    return beanquery.parser.parse(query)
