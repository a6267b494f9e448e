"""The follow-up of a year: what has happened month by month, the budget beside it, and where the year ends.

    follow_up(ledger, Period(2025, 1, 5), by="konto", unit="RT", months=True)
    trace.figure_at(ledger, "2025-01--05/uppfoljning-konto-RT/Expenses:RT:5010-Löner/prognos", "sv")

Every account, every unit or every project has a row, signed as the income statement prints it: income positive, cost
negative, so that the last row is the result of the period. A project is what vouchers name as one:

    2025-03-14 * "Leverantör 017" "Faktura 7"
      ver: "L 12"
      projekt: "Kulturåret 2025"

Budgets are decided for accounts (plugins.budget): projects have none, and no forecast, and a year may have none. What a
unit sells to another is an income of one and a cost of the other, and nothing in the last row of all.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Literal

from forbundsbok.plugins.language import N_, tr, translation
from forbundsbok.plugins.money import ORE
from forbundsbok.queries.general_ledger import GeneralLedger
from forbundsbok.queries.selection import RESULT_ROOTS, Mask
from forbundsbok.queries.statement import (
    Column,
    Figure,
    Measure,
    Period,
    RegisterEntry,
    Statement,
    StatementRow,
)
from forbundsbok.queries.statements import StatementError, check_unit, check_years

By = Literal["konto", "enhet", "projekt"]
BY: tuple[By, ...] = ("konto", "enhet", "projekt")
"""What has a row each."""

Forecast = Literal["budget", "fjolaret"]
FORECASTS: tuple[Forecast, ...] = ("budget", "fjolaret")
"""What the months left are thought to give: what is budgeted for them, or what they gave the year before."""

NAME = "uppfoljning"
TITLES = {
    "konto": N_("Follow-up by account"),
    "enhet": N_("Follow-up by unit"),
    "projekt": N_("Follow-up by project"),
}
RESULT = N_("Result of the period")
NO_BUDGET = N_("There is no budget of {year}, and so no deviation from it and no forecast by it.")

ON_PROJECTS = """
SELECT date, entry_meta('projekt') AS project, entry_meta('ver') AS voucher, narration, number,
       entry_meta('filename') AS file, entry_meta('lineno') AS line
WHERE account IN %(accounts)s AND date >= %(first)s AND date <= %(last)s AND entry_meta('projekt') IS NOT NULL
ORDER BY date, file, line
"""


@dataclass(frozen=True)
class _Taken:
    """A column before its figures: what is summed for it."""

    column: Column
    measures: tuple[tuple[Measure, Period], ...]


def follow_up(
    ledger: GeneralLedger,
    period: Period,
    by: By = "konto",
    unit: str = "",
    *,
    months: bool = False,
    forecast: Forecast = "budget",
    language: str = "sv",
) -> Statement:
    """Return the follow-up of the months of a period, as a statement in kronor and tkr like the others.

    Raises StatementError for a year or a unit that the books do not have, and for a forecast from a year before that
    they do not have either.
    """
    ledger = ledger.at(period.end)
    check_years(ledger, period, None)
    check_unit(unit, ledger.units, period)
    if forecast == "fjolaret" and period.year - 1 not in ledger.years:
        text = N_("there is nothing of {year} to make a forecast from: leave out --forecast, for one from the budget")
        raise StatementError(tr(text, year=period.year - 1))
    result = ledger.chart.root.isin(RESULT_ROOTS).to_numpy()
    within: Mask = result & ledger.of("unit", unit) if unit else result
    options = f"?forecast={forecast}" if forecast != FORECASTS[0] and not period.whole_year else ""
    name = "-".join(filter(None, (NAME, by, unit)))
    made = _Made(ledger, period, within, f"{period}/{name}/{{row}}/{{column}}{options}", language)
    if by == "projekt":
        columns, rows = made.of_projects(months=months)
    else:
        taken = list(made.columns(months=months, forecast=forecast))
        rows = made.of_accounts(taken) if by == "konto" else made.of_units(taken)
        columns = [each.column for each in taken]
    is_budgeted = by == "projekt" or ledger.has_budget(Period(period.year))
    title = " ".join(filter(None, (translation(TITLES[by], language), ledger.units[unit].name if unit else "")))
    return Statement(
        id=f"{NAME}-{by}",
        table=name,
        title=title,
        period=period,
        columns=tuple(columns),
        rows=(shown := tuple(rows)),
        lines=shown,
        unit=unit,
        footnotes=() if is_budgeted else (translation(NO_BUDGET, language).format(year=period.year),),
        language=language,
    )


def follow_up_of_name(
    ledger: GeneralLedger, period: Period, name: str, forecast: str, language: str
) -> Statement | None:
    """Return the follow-up that an address names, `uppfoljning-konto-RT`, with all its columns; None for another name.

    Raises StatementError as `follow_up` does.
    """
    first, _, rest = name.partition("-")
    by, _, unit = rest.partition("-")
    found = next((each for each in BY if each == by), None)
    chosen = next((each for each in FORECASTS if each == (forecast or FORECASTS[0])), None)
    if first != NAME or found is None or chosen is None:
        return None
    return follow_up(ledger, period, found, unit, months=True, forecast=chosen, language=language)


@dataclass(frozen=True)
class _Made:
    ledger: GeneralLedger
    period: Period
    within: Mask
    """The accounts of the result that it is about."""
    at: str
    """The address of its figures, with `{row}` and `{column}`."""
    language: str

    def columns(self, *, months: bool, forecast: Forecast) -> Iterable[_Taken]:
        period, year = self.period, Period(self.period.year)
        if months:
            for each in self._months():
                yield self._taken(f"m{each.first_month:02}", self._heading(each), [(Measure.MOVEMENT, each)])
        outcome = (Measure.MOVEMENT, period)
        yield self._taken("year", self._text(N_("outcome {period}")), [outcome])
        is_budgeted = self.ledger.has_budget(year)
        if is_budgeted:
            yield self._taken("budget", self._text(N_("budget {period}")), [(Measure.BUDGET, period)])
            difference = ("year", "budget")
            yield self._taken("avvikelse", self._text(N_("deviation")), [outcome, (Measure.BUDGET, period)], difference)
        if period.whole_year or not (is_budgeted or forecast == "fjolaret"):
            return
        if forecast == "fjolaret":
            rest = [(Measure.MOVEMENT, part.same_months(part.year - 1)) for part in _left(period)]
        else:
            rest = [(Measure.BUDGET, part) for part in _left(period)]
        if is_budgeted:
            yield self._taken("arsbudget", self._text(N_("budget {year}")), [(Measure.BUDGET, year)])
        yield self._taken("prognos", self._text(N_("forecast {year}")), [outcome, *rest])

    def of_accounts(self, taken: Sequence[_Taken]) -> Iterable[StatementRow]:
        """Yield a row for each account that anything stands on, under its unit, and what it all comes to."""
        units = self.ledger.units_with(self.within)
        for unit in units:
            own = self.within & self.ledger.of("unit", unit)
            rows = [row for row in (self._account(name, taken) for name in self.ledger.names(own)) if row]
            if not rows:
                continue
            if len(units) > 1:
                yield StatementRow(f"rubrik-{unit}", self.ledger.units[unit].name, "heading")
            yield from rows
            if len(units) > 1:
                adds = tuple(row.id for row in rows)
                label = translation(N_("Result of {unit}"), self.language).format(unit=self.ledger.units[unit].name)
                yield StatementRow(f"enhet-{unit}", label, "sum", figures=self._figures(own, taken), adds=adds)
        yield self._result(taken)

    def of_units(self, taken: Sequence[_Taken]) -> Iterable[StatementRow]:
        """Yield a row for each unit with a result, and what they come to together."""
        rows = []
        for unit in self.ledger.units_with(self.within):
            own = self.within & self.ledger.of("unit", unit)
            figures = self._figures(own, taken)
            if any(figure.ore for figure in figures.values()):
                rows.append(StatementRow(f"enhet-{unit}", self.ledger.units[unit].name, figures=figures))
        yield from rows
        yield self._result(taken, tuple(row.id for row in rows))

    def of_projects(self, *, months: bool) -> tuple[Sequence[Column], Iterable[StatementRow]]:
        """Return the columns and a row for each project, what is of none, and what it all comes to."""
        parts = {f"m{each.first_month:02}": each for each in self._months()} if months else {}
        taken = [self._taken(key, self._heading(part), [(Measure.MOVEMENT, part)]) for key, part in parts.items()]
        parts["year"] = self.period
        taken.append(self._taken("year", self._text(N_("outcome {period}")), [(Measure.MOVEMENT, self.period)]))
        left = self._figures(self.within, taken)
        lines = self._of_projects()
        rows = []
        for project in sorted(lines, key=str.casefold):
            told = {key: _told(lines[project], part) for key, part in parts.items()}
            left = {key: left[key] + told[key].times(-1) for key in left}
            rows.append(StatementRow(f"projekt-{project}", project, figures=told))
        if any(figure.ore for figure in left.values()):
            rows.append(StatementRow("utan-projekt", translation(N_("Without a project"), self.language), figures=left))
        rows.append(self._result(taken, tuple(row.id for row in rows)))
        return [each.column for each in taken], rows

    def _of_projects(self) -> Mapping[str, list[RegisterEntry]]:
        """Return what is booked on each project, posting by posting, as printed."""
        found: dict[str, list[RegisterEntry]] = defaultdict(list)
        names = set(self.ledger.names(self.within))
        rows = self.ledger.ask(ON_PROJECTS, accounts=names, first=self.period.start, last=self.period.end)
        for day, project, voucher, narration, number, file, line in rows:
            ore = -int(number / ORE)
            found[str(project)].append(RegisterEntry(day, voucher or "", narration or "", ore, file, line))
        return found

    def _account(self, account: str, taken: Sequence[_Taken]) -> StatementRow | None:
        figures = self._figures(self.ledger.only(account), taken)
        if not any(figure.ore for figure in figures.values()):
            return None
        return StatementRow(account, _label(account), figures=figures)

    def _result(self, taken: Sequence[_Taken], adds: tuple[str, ...] = ()) -> StatementRow:
        figures = self._figures(self.within, taken)
        return StatementRow("resultat", translation(RESULT, self.language), "sum", figures=figures, adds=adds)

    def _figures(self, accounts: Mask, taken: Sequence[_Taken]) -> dict[str, Figure]:
        """Return what some accounts come to in each column, as printed."""
        figures: dict[str, Figure] = {}
        for each in taken:
            if each.column.difference:
                first, second = each.column.difference
                figures[each.column.key] = figures[first] + figures[second].times(-1)
            else:
                parts = [self.ledger.figure(accounts, *part, sign=-1) for part in each.measures]
                figures[each.column.key] = reduce(add, parts)
        return figures

    def _taken(
        self,
        key: str,
        label: str,
        measures: Sequence[tuple[Measure, Period]],
        difference: tuple[str, ...] = (),
    ) -> _Taken:
        at = self.at.replace("{column}", key)
        column = Column(key, label, printed=False, period=self.period, at=at, difference=difference)
        return _Taken(column, tuple(measures))

    def _months(self) -> Iterable[Period]:
        return (
            Period(self.period.year, month, month)
            for month in range(self.period.first_month, self.period.last_month + 1)
        )

    def _heading(self, period: Period) -> str:
        return period.in_words(self.language, "abbreviated")

    def _text(self, text: str) -> str:
        return translation(text, self.language).format(period=self._heading(self.period), year=self.period.year)


def _label(account: str) -> str:
    """Return the number and the name of an account, with what it is divided by: `3119 Medlemsavgifter, Borås`."""
    _, _, name, *detail = account.split(":")
    number, _, words = name.partition("-")
    return ", ".join([f"{number} {words}", *detail]).replace("-", " ")


def _told(lines: Iterable[RegisterEntry], period: Period) -> Figure:
    own = tuple(line for line in lines if period.start <= line.date <= period.end)
    return Figure(sum(line.ore for line in own), told=own)


def _left(period: Period) -> Iterable[Period]:
    """Yield the months of the year that a period does not have: those before it and those after it."""
    if period.first_month > 1:
        yield Period(period.year, 1, period.first_month - 1)
    if period.last_month < 12:
        yield Period(period.year, period.last_month + 1, 12)
