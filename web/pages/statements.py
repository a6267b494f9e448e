"""Räkenskaper: any statement, of the whole or of a unit, of a year or of months, with what is to stand beside it.

extension/rakenskaper/?uppstallning=resultat&enhet=RT&time=2024&bredvid=forandring&belopp=kr
"""

from collections.abc import Iterator

from forbundsbok.plugins.language import N_, tr
from forbundsbok.queries.layout_files import LAW
from forbundsbok.queries.statement import Period, Statement
from forbundsbok.queries.statements import by_year, comparative, statement, statement_names
from forbundsbok.queries.views import View
from forbundsbok.web.pages.page import Choice, Page, e

VIEWS = {
    "": View(),
    "forandring": View(change=True),
    "budget": View(budget=True),
    "allt": View(change=True, budget=True),
}
"""What stands beside the columns of a statement, by what the address calls it."""

ALL_YEARS = "alla"


class StatementsPage(Page):
    """Any statement of the annual accounts, each figure leading to its vouchers."""

    address = "rakenskaper"
    title = N_("Statements of account")

    def body(self) -> Iterator[str]:
        period = self.period
        ledger = self.figures.ledger
        names = statement_names(ledger, period, comparative(ledger, period, None))
        name = self.asked("uppstallning", names) or "resultat"
        layouts = ledger.layouts.others(name) if not name.startswith("not-") else (LAW,)
        layout = self.asked("mall", layouts)
        units = ledger.units_with(ledger.in_use((period,)))
        unit = self.asked("enhet", units)
        yield self.form(
            (
                Choice("uppstallning", tr(N_("Statement")), [(each, self._title(each)) for each in names], name),
                Choice(
                    "enhet",
                    tr(N_("Unit")),
                    [("", tr(N_("the whole federation"))), *((each, self._unit(each)) for each in units)],
                    unit,
                ),
                self.period_choice(),
                self._compare_choice(period),
                Choice("bredvid", tr(N_("Also shown")), self._views, self.asked("bredvid", VIEWS)),
                Choice(
                    "mall",
                    tr(N_("Layout")),
                    [("", tr(N_("the federation's"))), *((each, _layout(each)) for each in layouts)],
                    layout,
                ),
                Choice("belopp", tr(N_("Amounts")), [("", "tkr"), ("kr", "kr")], self.asked("belopp", ("kr",))),
            )
        )
        shown = self._statement(name, period, unit, layout)
        yield f'<h2 id="{e(shown.full_name)}">{e(shown.heading())}</h2>'
        yield self.tables(in_kronor=self.asked("belopp") == "kr").statement(shown)

    def _statement(self, name: str, period: Period, unit: str, layout: str) -> Statement:
        ledger, once = self.figures.ledger, self.figures.once
        compared = self.asked("jamfor")
        if compared == ALL_YEARS:
            periods = tuple(period.same_months(year) for year in reversed(ledger.years) if year <= period.year)
            return once(by_year, name, periods, unit, layout, self.language)
        beside = comparative(ledger, period, Period(int(compared)) if compared in self._years else None)
        view = VIEWS[self.asked("bredvid", VIEWS)]
        return once(statement, name, period, beside, unit, layout, self.language, view)

    @property
    def _years(self) -> list[str]:
        return [str(year) for year in self.figures.ledger.years]

    def _compare_choice(self, period: Period) -> Choice:
        others = [(year, year) for year in reversed(self._years) if year != str(period.year)]
        given = [("", tr(N_("the year before"))), *others, (ALL_YEARS, tr(N_("all years up to it")))]
        return Choice("jamfor", tr(N_("Compared with")), given, self.asked("jamfor"))

    @property
    def _views(self) -> list[tuple[str, str]]:
        return [
            ("", tr(N_("nothing more"))),
            ("forandring", tr(N_("the change"))),
            ("budget", tr(N_("the budget"))),
            ("allt", tr(N_("change and budget"))),
        ]

    def _title(self, name: str) -> str:
        return self.figures.report(self.period, self.language).statement(name).heading()

    def _unit(self, code: str) -> str:
        return f"{code} {self.figures.ledger.at(self.period.end).units[code].name}"


def _layout(name: str) -> str:
    return tr(N_("the law's")) if name == LAW else name
