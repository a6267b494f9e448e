"""Charts as data: what a year looks like, each point a figure that leads to its vouchers.

    resultat       result and equity over the years of the books
    intakter       where the income comes from
    kostnader      what each unit costs
    avvikelse      how far each unit is from its budget
    avsattning     a provision's debt since it was decided
    kassaflode     from opening cash to closing

They are taken by the law's layouts, so that they are the same of any books. A format draws them; `alternative` says in
words what a chart shows, for who does not see it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Literal

from forbundsbok.plugins.language import N_, translation
from forbundsbok.plugins.provisions import Provision
from forbundsbok.queries.builder import Builder, Request
from forbundsbok.queries.general_ledger import GeneralLedger
from forbundsbok.queries.statement import MINUS, Figure, Measure, Period, StatementRow, grouped

MOST = 6
"""As many charts as a report has room for."""


@dataclass(frozen=True)
class Series:
    """Figures by category; None where there is none."""

    label: str
    figures: tuple[Figure | None, ...]


@dataclass(frozen=True)
class Chart:
    """A chart of tkr.

    `kind`: "columns" stand over years, "bars" lie beside names, a "line" runs over years, and a "waterfall" goes from
    its first category to its last, which are levels, by the changes between.
    """

    id: str
    kind: Literal["columns", "bars", "line", "waterfall"]
    title: str
    categories: tuple[str, ...]
    series: tuple[Series, ...]
    alternative: str = ""


def charts(ledger: GeneralLedger, period: Period, compare: Period | None, language: str) -> tuple[Chart, ...]:
    """Return the charts that the books have something for, with their titles and alternatives in a language."""
    maker = _Maker(ledger.by_law.at(period.end), period, compare, language)
    made = [
        chart
        for chart in maker.charts()
        if any(figure and figure.ore for each in chart.series for figure in each.figures)
    ]
    return tuple(replace(chart, alternative=_in_words(chart)) for chart in made[:MOST])


def provision_chart(ledger: GeneralLedger, code: str, period: Period, language: str) -> Chart:
    """Return what is left of a provision, year by year, since it was planned or until the period."""
    ledger = ledger.by_law.at(period.end)
    [provision] = [each for each in ledger.provisions if each.code == code]
    chart = _Maker(ledger, period, None, language).of_provision(provision)
    return replace(chart, id=f"avsattning-{code}", alternative=_in_words(chart))


@dataclass(frozen=True)
class _Maker:
    ledger: GeneralLedger
    period: Period
    compare: Period | None
    language: str

    def charts(self) -> Iterator[Chart]:
        yield self._over_the_years()
        yield self._by_source()
        yield self._by_unit("kostnader", N_("What the units cost, internal items included, tkr"), "kostnader")
        yield self._by_unit("avvikelse", N_("The units' deviation from the budget, tkr"), "avvikelse")
        yield from self._of_provisions()
        yield self._cash()

    def _over_the_years(self) -> Chart:
        # Part of a year beside the same part of others: a whole one would say nothing of it.
        earlier = [replace(self.period, year=year) for year in self.ledger.years if year < self.period.year]
        periods = [*earlier, self.period]
        balances = [self._builder("balans", period) for period in periods]
        rows = [(N_("Result"), "arets-resultat"), (N_("Equity"), "eget-kapital")]
        series = tuple(
            Series(self._text(label), tuple(self._figure(balance, row) for balance in balances)) for label, row in rows
        )
        title = self._text(N_("Result and equity, tkr"))
        return Chart("resultat", "columns", title, self._named(periods), series)

    def _by_source(self) -> Chart:
        income = self._builder("resultat", self.period)
        notes = {layout.key: layout for layout in self.ledger.layouts.notes}
        of_note = Builder(self.ledger, notes["intakter"], Request("not", self.period, None, self.language))
        rows = [row for row in of_note.statement.rows if row.kind == "line"]
        own = {row.id: row for row in income.statement.rows}
        rows += [
            own[row] for row in ("medlemsbidrag", "skatteintakter", "statsbidrag", "finansiella-intakter") if row in own
        ]
        return self._bars("intakter", self._text(N_("Where the income comes from, tkr")), rows, "year")

    def _by_unit(self, chart: str, title: str, column: str) -> Chart:
        builder = self._builder("drift", self.period)
        rows = [row for row in builder.statement.rows if row.id.startswith("enhet-")]
        if column == "kostnader":
            rows = [replace(row, figures={column: row.figures[column].times(-1)}) for row in rows]
        return self._bars(chart, self._text(title), [row for row in rows if column in row.figures], column)

    def _bars(self, chart: str, title: str, rows: Sequence[StatementRow], column: str) -> Chart:
        """Return bars, the greatest first."""
        rows = sorted((row for row in rows if row.figures[column].ore), key=lambda row: -row.figures[column].ore)
        series = Series(title, tuple(row.figures[column] for row in rows))
        return Chart(chart, "bars", title, tuple(row.label for row in rows), (series,))

    def _of_provisions(self) -> Iterator[Chart]:
        """Yield the debt of the provision with the longest plan: by the plan before the books, then as booked."""
        planned = {each.code: sorted({year for _, year in each.plan}) for each in self.ledger.provisions}
        longest = max(self.ledger.provisions, key=lambda each: len(planned[each.code]), default=None)
        if longest is not None and len(planned[longest.code]) > 1:
            yield self.of_provision(longest)

    def of_provision(self, provision: Provision) -> Chart:
        first = min((year for _, year in provision.plan), default=self.period.year)
        accounts = self.ledger.below(provision.account)
        periods = [*(Period(year) for year in range(first, self.period.year)), self.period]
        moved = [self.ledger.figure(accounts, Measure.SCHEDULE, period, sign=-1) for period in periods]
        debt = tuple(accumulate(moved, lambda total, figure: total + figure))
        title = self._text(N_("What is left of the provision {label}, tkr")).format(label=provision.label)
        return Chart("avsattning", "line", title, self._named(periods), (Series(title, debt),))

    def _named(self, periods: Iterable[Period]) -> tuple[str, ...]:
        return tuple(period.in_words(self.language, "abbreviated") for period in periods)

    def _cash(self) -> Chart:
        builder = self._builder("kassaflode", self.period)
        rows = {row.id: row for row in builder.layout.row}
        steps = ("likvida-medel-in", "lopande", "investering", "infrastruktur", "finansiering", "likvida-medel-ut")
        figures = {step: self._figure(builder, step) for step in steps}
        shown = [step for step in steps if figures[step].ore or step in (steps[0], steps[-1])]
        title = self._text(N_("From opening to closing cash, tkr"))
        series = Series(title, tuple(figures[step] for step in shown))
        return Chart(
            "kassaflode", "waterfall", title, tuple(builder.text(rows[step].label) for step in shown), (series,)
        )

    def _builder(self, name: str, period: Period) -> Builder:
        return Builder(self.ledger, self.ledger.layouts.layout(name), Request(name, period, None, self.language))

    def _figure(self, builder: Builder, row: str) -> Figure:
        return builder.figures_of(builder.layout.row_of(row))["year"]

    def _text(self, text: str) -> str:
        return translation(text, self.language)


def _in_words(chart: Chart) -> str:
    """Return what a chart shows: its title, and each amount."""
    told = []
    for series in chart.series:
        points = ", ".join(
            f"{category} {grouped(figure.tkr).replace('-', MINUS)}"
            for category, figure in zip(chart.categories, series.figures, strict=True)
            if figure is not None
        )
        told.append(f"{series.label}: {points}" if len(chart.series) > 1 else points)
    return f"{chart.title}. {'. '.join(told)}."
