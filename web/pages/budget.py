"""Budget: outcome beside the budget by account, unit or project, with a forecast of the year.

extension/budget/?uppfoljning=konto&enhet=RT&time=2025-01 - 2025-05&manader=ja&prognos=fjolaret
"""

from collections.abc import Iterator
from typing import Literal, cast

from forbundsbok.plugins.language import N_, tr
from forbundsbok.queries.follow_up import BY, FORECASTS, By, Forecast, follow_up
from forbundsbok.queries.general_ledger import GeneralLedger
from forbundsbok.queries.statement import Period, Statement
from forbundsbok.web.pages.page import Choice, Page

BY_UNIT: By = "enhet"
WHAT = {"konto": N_("account"), "enhet": N_("unit"), "projekt": N_("project")}
"""What has a row each, as it is told."""


class BudgetPage(Page):
    """The follow-up of a year, each figure leading to its vouchers."""

    address = "budget"
    title = N_("Budget and outcome")

    def body(self) -> Iterator[str]:
        ledger, period = self.figures.ledger, self.period
        units = ledger.units_with(ledger.in_use((period,)))
        unit = self.asked("enhet", units)
        by = cast(By, self.asked("uppfoljning", BY) or BY_UNIT)
        months = self.asked("manader", ("ja",))
        before = period.year - 1 in ledger.years and not period.whole_year
        forecast = cast(Forecast, self.asked("prognos", FORECASTS[1:] if before else ()) or FORECASTS[0])
        yield self.form(
            (
                Choice("uppfoljning", tr(N_("A row for each")), [(each, self._by(each)) for each in BY], by),
                self.unit_choice(units, unit),
                self.period_choice(),
                Choice("manader", tr(N_("Months")), [("", tr(N_("together"))), ("ja", tr(N_("one by one")))], months),
                *([self._forecasts(forecast)] if before else []),
                self.amounts_choice(),
            )
        )
        made = self.figures.once(_follow_up, period, by, unit, months, forecast, self.language)
        yield self.heading(made.heading(), made.full_name, of=period)
        yield self.tables().statement(made)
        if not unit:
            charts = self.figures.report(period, self.language).charts
            for each in charts:
                if each.id == "avvikelse":
                    yield self.chart(each)

    def _forecasts(self, chosen: Forecast) -> Choice:
        given = [
            ("", tr(N_("the budget of the months left"))),
            (FORECASTS[1], tr(N_("the same months the year before"))),
        ]
        return Choice("prognos", tr(N_("Forecast by")), given, "" if chosen == FORECASTS[0] else chosen)

    def _by(self, by: By) -> str:
        return tr(WHAT[by])


def _follow_up(
    ledger: GeneralLedger,
    period: Period,
    by: By,
    unit: str,
    months: Literal["ja", ""],
    forecast: Forecast,
    language: str,
) -> Statement:
    return follow_up(ledger, period, by, unit, months=bool(months), forecast=forecast, language=language)
