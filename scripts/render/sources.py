"""The lists that a workbook's figures are taken from, and how a formula takes something of them.

    Saldon      the balance of each account, summed of the postings between two days
    Poster      2024-03-01  K 12  Income:RT:3010-Försäljning  -25 499,99
    Budget, Planer, Händelser, Register: what no posting gives

A balance is `=SUMIFS(Poster_belopp,Poster_konto,$A45,Poster_datum,">="&G$3,Poster_datum,"<="&G$4)`, so that it follows
when the amount, the account or the day of a posting is changed.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from beancount.core import data

from forbundsbok.plugins.budget import Budget, budgets_in_force
from forbundsbok.plugins.language import N_, translation
from forbundsbok.queries.flows import FlowLine
from forbundsbok.queries.report import AnnualReport
from forbundsbok.queries.statement import (
    Measure,
    Period,
    PostingLine,
    RegisterEntry,
    Sum,
    kronor_of,
)
from forbundsbok.queries.terms import Source, Term, terms_of
from forbundsbok.scripts.render.cells import (
    FIRST,
    HEAD,
    Cell,
    Formula,
    Link,
    Listing,
    SheetNames,
    cell,
    letters_of,
    quoted,
    sum_of,
)

DAY, VOUCHER, ACCOUNT, UNIT, AMOUNT, PAYEE, TEXT, PLACE = (
    N_("Date"), N_("Voucher"), N_("Account"), N_("Unit"), N_("Amount"), N_("Party"), N_("Text"), N_("File and line"),
)  # fmt: skip
EVENT, NAME, KIND = N_("Event"), N_("Name"), N_("Kind of account")
"""What columns of the lists are called."""

BALANCES = 4
"""The column of balances at which they begin: after account, name, unit and kind."""

FROM, TO = HEAD - 2, HEAD - 1
"""The rows of the days that they are summed from and to."""

POSTED, BUDGETED, PLANNED, TOLD = 4, 7, 5, 3
"""The columns of amounts: of postings, of the budget, of plans and of registers."""

Days = tuple[date | None, date]
"""From a day (all there is, without one) to a day."""


class ListedAccount(NamedTuple):
    """What the chart says of an account, and what it is called in a workbook."""

    name: str
    label: str
    unit: str
    slag: str


class Sources:
    """The lists behind a report."""

    def __init__(self, report: AnnualReport, sheets: SheetNames) -> None:
        self.report = report
        self.ledger = report.ledger
        chart = report.ledger.at(report.period.end).chart
        names = _told_apart(chart.index)
        told = zip(chart.index, names, chart.label, chart.unit, chart.slag, strict=True)
        self.chart = {str(account): ListedAccount(name, *map(str, said)) for account, name, *said in told}
        self.places = {account: place for place, account in enumerate(self.chart)}
        self.balances_sheet = sheets.give(self.tr(N_("Balances")))
        self.postings_sheet = sheets.give(self.tr(N_("Postings")))
        self.budget_sheet = sheets.give(self.tr(N_("Budget")))
        self.plans_sheet = sheets.give(self.tr(N_("Plans")))
        self.events_sheet = sheets.give(self.tr(N_("Events")))
        self.registers_sheet = sheets.give(self.tr(N_("Registers")))

    def tr(self, text: str, **values: object) -> str:
        """Return a text in the report's language."""
        said = translation(text, self.report.language)
        return said.format(**values) if values else said

    @cached_property
    def tables(self) -> Sequence[Listing]:
        """The lists, but for those that have nothing; events are summed also where there are none."""
        lists = self._balances_table, self._postings_table, self._budget_table, self._plans_table
        others = self._events_table, self._registers_table
        return [table for table in (*lists, *others) if table.rows or table is self._events_table]

    def _table(self, sheet: str, about: str, head: Sequence[str], rows: Sequence[Sequence[Cell]]) -> Listing:
        return Listing(sheet, self.tr(about), tuple(map(self.tr, head)), rows)

    # What formulas take

    @cached_property
    def _parts(self) -> Sequence[Sum]:
        """The sums that the rows of statements are made of, each once."""
        figures = (
            figure
            for each in self.report.statements
            for row in each.lines
            if not row.adds
            for figure in row.figures.values()
        )
        return list(dict.fromkeys(part for figure in figures for part in figure.sums))

    @cached_property
    def _terms(self) -> Mapping[Term, set[str]]:
        """What is taken of the lists, and of which accounts."""
        terms: dict[Term, set[str]] = defaultdict(set)
        for part in self._parts:
            for account in (*part.accounts, *part.others):
                for term in terms_of(self.ledger, part, account):
                    terms[term].add(account)
        return terms

    def taken(self, part: Sum, account: str) -> str:
        """Return what a sum takes of an account as a formula, empty where there is nothing to take."""
        terms = terms_of(self.ledger, part, account)
        texts = [("+" if term.sign == 1 else "-", self._reference(term, account)) for term in terms]
        formula = "".join(f"{sign}{text}" for sign, text in texts if text).removeprefix("+")
        return f"({formula})" if len(terms) > 1 and formula else formula

    def _reference(self, term: Term, account: str) -> str:
        match term.source:
            case Source.POSTINGS:
                return cell(
                    FIRST + self.places[account], self._balance_columns[term.first, term.last], self.balances_sheet
                )
            case Source.EVENTS:
                return self._of_events(term, account)
            case Source.BUDGET:
                rows = self._budget_rows.get((account, (term.first, term.last)))
                return f"ROUND({sum_of(rows, BUDGETED, self.budget_sheet)},2)" if rows else ""
            case Source.PLAN:
                row = self._plan_rows.get((account, term.last.year))
                return cell(row, PLANNED, self.plans_sheet) if row else ""

    def _of_events(self, term: Term, account: str) -> str:
        of, event, on, amount = (self.names[self.events_sheet, each] for each in (ACCOUNT, EVENT, DAY, AMOUNT))
        criteria = [amount, of, quoted(self.chart[account].name), *((event, quoted(term.event)) if term.event else ())]
        criteria += [on, f'">="&{_day(term.first)}'] if term.first else []
        criteria += [on, f'"<="&{_day(term.last)}']
        return f"SUMIFS({','.join(criteria)})"

    @cached_property
    def names(self) -> Mapping[tuple[str, str], str]:
        """What the columns are called that are summed by: `Poster_belopp`."""
        by = (DAY, ACCOUNT, AMOUNT)
        named = [(self.postings_sheet, each) for each in by] + [(self.events_sheet, each) for each in (*by, EVENT)]
        return {(sheet, each): re.sub(r"\W", "_", f"{sheet}_{self.tr(each).lower()}") for sheet, each in named}

    # Balances

    @cached_property
    def days(self) -> Sequence[Days]:
        """The days that the columns of balances are summed from and to."""
        found = {(term.first, term.last) for term in self._terms if term.source is Source.POSTINGS}
        return sorted(found, key=lambda days: (days[1], days[0] or date.min))

    @cached_property
    def _balance_columns(self) -> Mapping[Days, int]:
        return {days: place for place, days in enumerate(self.days, start=BALANCES)}

    def _balance(self, account: str, days: Days) -> str:
        own = f"$A{FIRST + self.places[account] + 1}"
        letters = letters_of(self._balance_columns[days])
        since, until = f"{letters}${FROM + 1}", f"{letters}${TO + 1}"
        amount, on, of = (self.names[self.postings_sheet, each] for each in (AMOUNT, DAY, ACCOUNT))
        criteria = [amount, of, own, *((on, f'">="&{since}') if days[0] else ()), on, f'"<="&{until}']
        return f"SUMIFS({','.join(criteria)})"

    @cached_property
    def _balances(self) -> Mapping[Days, Mapping[str, Decimal]]:
        summed: dict[Days, dict[str, Decimal]] = {days: defaultdict(Decimal) for days in self.days}
        for line in self.postings:
            for (first, last), sums in summed.items():
                if (first is None or first <= line.date) and line.date <= last:
                    sums[line.account] += line.amount
        return summed

    @cached_property
    def _balances_table(self) -> Listing:
        rows: list[Sequence[Cell]] = [
            (
                Link(own.name, self.postings_sheet, self.first_postings.get(account, FIRST)),
                *own[1:],
                *(
                    Formula(self._balance(account, days), sums.get(account, Decimal(0)))
                    for days, sums in self._balances.items()
                ),
            )
            for account, own in self.chart.items()
        ]
        about = N_("What the postings of every account come to between two days, debit plus and credit minus.")
        called = [N_("Movement") if first else N_("Balance") for first, _ in self.days]
        return self._table(self.balances_sheet, about, (ACCOUNT, NAME, UNIT, KIND, *called), rows)

    # Postings

    @cached_property
    def postings(self) -> Sequence[PostingLine]:
        """The postings of the years that are needed, account by account; of what is earlier its balance."""
        terms = {term: accounts for term, accounts in self._terms.items() if term.source is Source.POSTINGS}
        since = min(each.year for each in filter(None, (self.report.period, self.report.compare)))
        until = max([self.report.period.end, *(term.last for term in terms)])
        # What is followed over the years is listed for all of them.
        whole = {account for term, own in terms.items() if term.first and term.first.year < since for account in own}
        day, text = date(since - 1, 12, 31), self.tr(N_("Balance when {year} began"), year=since)
        earlier: dict[str, Decimal] = defaultdict(Decimal)
        lines = []
        for line in self.ledger.posted(self.chart, date.min, until):
            if line.date.year < since and since > self.ledger.years[0] and line.account not in whole:
                earlier[line.account] += line.amount
            else:
                lines.append(line)
        lines += [PostingLine(day, "", "", text, account, amount, "", 0) for account, amount in earlier.items()]
        return sorted(lines, key=lambda line: (self.places[line.account], line.date, line.file, line.line))

    @cached_property
    def first_postings(self) -> Mapping[str, int]:
        """The row on which the postings of each account begin."""
        rows: dict[str, int] = {}
        for row, line in enumerate(self.postings, start=FIRST):
            rows.setdefault(line.account, row)
        return rows

    @cached_property
    def _postings_table(self) -> Listing:
        rows = [
            (
                line.date,
                line.voucher,
                self.chart[line.account].name,
                self.chart[line.account].unit,
                line.amount,
                line.payee,
                line.narration,
                self.report.place(line.file, line.line),
            )
            for line in self.postings
        ]
        about = N_("Every posting of the years that are needed, debit plus and credit minus. Change one, and see.")
        head = (DAY, VOUCHER, ACCOUNT, UNIT, AMOUNT, PAYEE, TEXT, PLACE)
        return self._table(self.postings_sheet, about, head, rows)

    # Events: what of postings is of what has happened

    @cached_property
    def _flows(self) -> Sequence[FlowLine]:
        until = max([self.report.period.end, *(term.last for term in self._terms if term.source is Source.EVENTS)])
        flows = [each for each in self.ledger.flow_lines() if each.line.date <= until]
        return sorted(flows, key=lambda each: (self.places[each.line.account], each.line.date, each.flow))

    @cached_property
    def _events_table(self) -> Listing:
        posted: dict[object, list[int]] = defaultdict(list)
        for row, line in enumerate(self.postings, start=FIRST):
            posted[_place(line)].append(row)
        parts = Counter(_place(line) for _, line in self._flows)
        rows = []
        for flow, line in self._flows:
            own = posted[_place(line)]
            is_whole = parts[_place(line)] == 1 and sum(self.postings[row - FIRST].amount for row in own) == line.amount
            amount = Formula(sum_of(own, POSTED, self.postings_sheet), line.amount) if own and is_whole else line.amount
            follows = self.tr(N_("the posting") if isinstance(amount, Formula) else N_("nothing: it is a part"))
            account = self.chart[line.account]
            said = (flow, line.date, line.voucher, account.name, account.unit, amount, follows)
            rows.append((*said, line.payee, line.narration, self.report.place(line.file, line.line)))
        about = N_("Which postings are of what has happened, as their vouchers tell; debit plus and credit minus.")
        head = (EVENT, DAY, VOUCHER, ACCOUNT, UNIT, AMOUNT, N_("Follows"), PAYEE, TEXT, PLACE)
        return self._table(self.events_sheet, about, head, rows)

    # The budget, and plans of provisions

    @cached_property
    def _budget(self) -> Sequence[tuple[str, Period, Budget, int]]:
        """The budgets in force: of which account, in which period, what each is, for how many of its months."""
        terms = sorted({(term.first, term.last) for term in self._terms if term.source is Source.BUDGET})
        periods = [Period(last.year, first.month, last.month) for first, last in terms if first]
        return [
            (account, period, budget, months)
            for account in self.chart
            for period in periods
            for budget, months in budgets_in_force(
                self.ledger.budgets.get(account, []), period.year, period.first_month, period.last_month
            )
        ]

    @cached_property
    def _budget_rows(self) -> Mapping[tuple[str, Days], list[int]]:
        rows: dict[tuple[str, Days], list[int]] = defaultdict(list)
        for row, (account, period, _, _) in enumerate(self._budget, start=FIRST):
            rows[account, (period.start, period.end)].append(row)
        return rows

    @cached_property
    def _budget_table(self) -> Listing:
        rows = []
        for row, (account, period, budget, months) in enumerate(self._budget, start=FIRST):
            share = Formula(f"{cell(row, 5)}*{cell(row, 6)}/12", budget.yearly * months / 12)
            own = self.chart[account]
            said = (own.name, own.label, own.unit, period.start, period.end, budget.yearly, months, share)
            rows.append((*said, self._of_entry(budget.entry)))
        about = N_("What is budgeted of accounts, debit plus and credit minus: each month has a twelfth of the year.")
        head = (ACCOUNT, NAME, UNIT, N_("From"), N_("To"), N_("A year"), N_("Months"), AMOUNT, PLACE)
        return self._table(self.budget_sheet, about, head, rows)

    def _of_entry(self, entry: data.Custom | None) -> str:
        return self.report.place(str(entry.meta["filename"]), int(entry.meta["lineno"])) if entry else ""

    @cached_property
    def _plans(self) -> Sequence[tuple[str, int, Decimal]]:
        """What the plans of provisions move on accounts in years before the books."""
        found = {
            (account, term.last.year)
            for term, accounts in self._terms.items()
            for account in accounts
            if term.source is Source.PLAN
        }
        planned = [(account, year, self._planned(account, year)) for account, year in found]
        return sorted((each for each in planned if each[2]), key=lambda each: (self.places[each[0]], each[1]))

    def _planned(self, account: str, year: int) -> Decimal:
        return kronor_of(int(self.ledger.amounts(Measure.SCHEDULE, Period(year))[self.places[account]]))

    @cached_property
    def _plan_rows(self) -> Mapping[tuple[str, int], int]:
        return {(account, year): row for row, (account, year, _) in enumerate(self._plans, start=FIRST)}

    @cached_property
    def _plans_table(self) -> Listing:
        codes = {each.account_of(kind): each.code for each in self.ledger.provisions for kind in each.moves}
        rows = [
            (own.name, own.label, own.unit, codes[account], year, amount)
            for account, year, amount in self._plans
            for own in [self.chart[account]]
        ]
        about = N_("What the plans of provisions say of the years before the books, debit plus and credit minus.")
        return self._table(self.plans_sheet, about, (ACCOUNT, NAME, UNIT, N_("Provision"), N_("Year"), AMOUNT), rows)

    # Registers

    @cached_property
    def _told(self) -> Sequence[tuple[tuple[str, str, str], RegisterEntry]]:
        """What registers tell of figures, by their statement's full name, row and column."""
        return [
            ((statement.full_name, row.id, key), entry)
            for statement in self.report.statements
            for row in statement.lines
            if not row.adds
            for key, figure in row.figures.items()
            for entry in figure.told
        ]

    def told_of(self, figure: tuple[str, str, str]) -> Sequence[tuple[int, RegisterEntry]]:
        """Return what registers tell of a figure, with the row on which it stands."""
        return self._told_of.get(figure, [])

    @cached_property
    def _told_of(self) -> Mapping[tuple[str, str, str], list[tuple[int, RegisterEntry]]]:
        of: dict[tuple[str, str, str], list[tuple[int, RegisterEntry]]] = defaultdict(list)
        for row, (figure, entry) in enumerate(self._told, start=FIRST):
            of[figure].append((row, entry))
        return of

    @cached_property
    def _registers_table(self) -> Listing:
        rows = [
            (each.name, each.date, each.text, kronor_of(each.ore), self.report.place(each.file, each.line))
            for _, each in self._told
        ]
        about = N_("What directives tell of figures beside the accounts, signed as the row.")
        return self._table(self.registers_sheet, about, (NAME, DAY, TEXT, AMOUNT, PLACE), rows)


def _day(day: date) -> str:
    return f"DATE({day.year},{day.month},{day.day})"


def _place(line: PostingLine) -> tuple[str, int, str]:
    return line.file, line.line, line.account


def _told_apart(accounts: Iterable[object]) -> Iterator[str]:
    """Yield what accounts are called; one that differs from another in capitals alone has a number, as SUMIFS needs."""
    given: Counter[str] = Counter()
    for account in map(str, accounts):
        given[account.casefold()] += 1
        times = given[account.casefold()]
        yield f"{account} ({times})" if times > 1 else account
