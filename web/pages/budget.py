"""Budget: outcome beside the budget by account, unit or project, with a forecast of the year.

extension/budget/?uppfoljning=konto&enhet=RT&time=2025-01 - 2025-05&manader=ja&prognos=fjolaret
extension/budget/fil?format=xlsx&uppfoljning=projekt&time=2025
"""

from collections.abc import Iterator, Sequence
from http import HTTPStatus
from typing import Literal, cast

from fava.ext import extension_endpoint
from flask import Response, abort

from forbundsbok.plugins.language import N_, telling_in, tr
from forbundsbok.plugins.refusal import RefusalError
from forbundsbok.queries.follow_up import BY, FORECASTS, By, Forecast, follow_up
from forbundsbok.queries.general_ledger import GeneralLedger
from forbundsbok.queries.report import AnnualReport
from forbundsbok.queries.statement import Period, Statement
from forbundsbok.web.pages.download import refuse_broken_books, sent
from forbundsbok.web.pages.page import Choice, Page, e
from forbundsbok.web.pages.statements import DOWNLOAD

BY_UNIT: By = "enhet"
WHAT = {"konto": N_("account"), "enhet": N_("unit"), "projekt": N_("project")}
"""What has a row each, as it is told."""


FILES = ("xlsx", "pdf", "csv", "txt")
"""The formats that a follow-up is given out in."""


class BudgetPage(Page):
    """The follow-up of a year, each figure leading to its vouchers."""

    address = "budget"
    title = N_("Budget and follow-up")

    def body(self) -> Iterator[str]:
        by, unit, months, forecast = self._chosen()
        yield self.form(
            (
                Choice("uppfoljning", tr(N_("A row for each")), [(each, self._by(each)) for each in BY], by),
                self.unit_choice(self._units, unit),
                self.period_choice(),
                Choice("manader", tr(N_("Months")), [("", tr(N_("together"))), ("ja", tr(N_("one by one")))], months),
                *([self._forecasts(forecast)] if self._has_year_before else []),
                self.amounts_choice(),
            )
        )
        made = self._made()
        yield self.heading(made.heading(), made.full_name, of=self.period)
        yield self.tables().statement(made)
        yield f"<p>{e(tr(DOWNLOAD))}: {', '.join(map(self._file_link, FILES))}</p>"
        if not unit:
            charts = self.figures.report(self.period, self.language).charts
            for each in charts:
                if each.id == "avvikelse":
                    yield self.chart(each)

    @property
    def _units(self) -> Sequence[str]:
        return self.figures.ledger.units_with(self.figures.ledger.in_use((self.period,)))

    @property
    def _has_year_before(self) -> bool:
        return self.period.year - 1 in self.figures.ledger.years and not self.period.whole_year

    def _chosen(self) -> tuple[By, str, Literal["ja", ""], Forecast]:
        """Return what the address asks for: what has a row each, a unit, months one by one, and the forecast."""
        by = cast(By, self.asked("uppfoljning", BY) or BY_UNIT)
        months: Literal["ja", ""] = "ja" if self.asked("manader", ("ja",)) else ""
        forecast = self.asked("prognos", FORECASTS[1:] if self._has_year_before else ()) or FORECASTS[0]
        return by, self.asked("enhet", self._units), months, cast(Forecast, forecast)

    def _made(self) -> Statement:
        return self.figures.once(_follow_up, self.period, *self._chosen(), self.language)

    def _file_link(self, made_as: str) -> str:
        asked = {name: self.asked(name) for name in ("uppfoljning", "enhet", "manader", "prognos")}
        page, _, query = self.link(self.address, format=made_as, **asked).partition("?")
        return f'<a data-remote href="{e(f"{page}fil?{query}")}">{made_as}</a>'

    @extension_endpoint
    def fil(self) -> Response:
        """Answer with the follow-up in a format."""
        made_as = self.asked("format", FILES)
        if not made_as:
            abort(HTTPStatus.NOT_FOUND)
        with telling_in(self.language):
            try:
                refuse_broken_books(self.figures)
                made = AnnualReport(self.figures.ledger, self.period, None, self.language, "", (self._made(),))
                self.refuse_what_is_not_there()
                return sent(made, made_as, self.figures)
            except RefusalError as error:
                return Response(str(error), HTTPStatus.BAD_REQUEST, mimetype="text/plain")

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
