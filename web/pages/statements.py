"""Räkenskaper: any statement, of the whole or of a unit, of a year or of months, with what is to stand beside it.

extension/rakenskaper/?uppstallning=resultat&enhet=RT&time=2024&bredvid=forandring&belopp=kr
"""

from collections.abc import Iterator, Sequence

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
ASKED = ("uppstallning", "enhet", "jamfor", "bredvid", "mall")
"""What the address of the page says of a statement, beside its period."""
DOWNLOAD = N_("Download it")
NO_BUDGET = N_("There is no budget of {period}.")


class StatementsPage(Page):
    """Any statement of the annual accounts, each figure leading to its vouchers."""

    address = "rakenskaper"
    title = N_("Statements of account")

    def body(self) -> Iterator[str]:
        yield self.form(self.choices([self.statement_choice()]))
        shown = self.shown()
        yield self.heading(shown.heading(), shown.full_name, of=shown.period)
        yield self.tables().statement(shown)
        if VIEWS[self.asked("bredvid", VIEWS)].budget and not self.figures.ledger.has_budget(self.period):
            yield f'<p class="soft">{e(tr(NO_BUDGET, period=self.period.in_words(self.language)))}</p>'
        asked = {name: self.asked(name) for name in ASKED} | {"uppstallning": self.chosen}
        yield f'<p><a href="{e(self.link("hamta", **asked))}">{e(tr(DOWNLOAD))}</a></p>'

    @property
    def names(self) -> Sequence[str]:
        """The statements that there are, of the federation's own layout or of the law's."""
        ledger, period = self.figures.ledger, self.period
        return statement_names(ledger, period, comparative(ledger, period, None), self._by_law)

    @property
    def _by_law(self) -> str:
        return LAW if self.asked("mall") == LAW else ""

    @property
    def chosen(self) -> str:
        """The statement that is asked for."""
        return self.asked("uppstallning", self.names) or "resultat"

    @property
    def layouts(self) -> Sequence[str]:
        """The layouts that it has."""
        return (LAW,) if self.chosen.startswith("not-") else self.figures.ledger.layouts.others(self.chosen)

    @property
    def units(self) -> Sequence[str]:
        """The units that there are."""
        ledger = self.figures.ledger
        return ledger.units_with(ledger.in_use((self.period,)))

    def statement_choice(self) -> Choice:
        """Return the choice of a statement."""
        given = [(each, self.title_of(each, self._by_law)) for each in self.names]
        return Choice("uppstallning", tr(N_("Statement")), given, self.chosen)

    def choices(self, first: Sequence[Choice]) -> Sequence[Choice]:
        """Return what the form asks for."""
        return (
            *first,
            self.unit_choice(self.units, self.asked("enhet", self.units)),
            self.period_choice(),
            self._compare_choice(self.period),
            Choice("bredvid", tr(N_("Also shown")), self._views, self.asked("bredvid", VIEWS)),
            self.layout_choice(self.layouts, self.asked("mall", self.layouts)),
            self.amounts_choice(),
        )

    def shown(self) -> Statement:
        """Return the statement that is asked for. Raises StatementError as `statement` does."""
        ledger, once, period, name = self.figures.ledger, self.figures.once, self.period, self.chosen
        unit, layout = self.asked("enhet", self.units), self.asked("mall", self.layouts)
        if self.asked("jamfor", self._comparatives) == ALL_YEARS:
            periods = tuple(period.same_months(year) for year in reversed(ledger.years) if year <= period.year)
            return once(by_year, name, periods, unit, layout, self.language)
        view = VIEWS[self.asked("bredvid", VIEWS)]
        return once(statement, name, period, self.beside, unit, layout, self.language, view)

    @property
    def beside(self) -> Period | None:
        """The period that stands beside the one asked for."""
        compared = self.asked("jamfor", self._comparatives)
        year = Period(int(compared)) if compared and compared != ALL_YEARS else None
        return comparative(self.figures.ledger, self.period, year)

    @property
    def _years(self) -> list[str]:
        return [str(year) for year in self.figures.ledger.years]

    @property
    def _comparatives(self) -> Sequence[str]:
        return (*self._years, ALL_YEARS)

    def _compare_choice(self, period: Period) -> Choice:
        others = [(year, year) for year in reversed(self._years) if year != str(period.year)]
        given = [("", tr(N_("the year before"))), *others, (ALL_YEARS, tr(N_("all years up to it")))]
        return Choice("jamfor", tr(N_("Compared with")), given, self.asked("jamfor", self._comparatives))

    @property
    def _views(self) -> list[tuple[str, str]]:
        return [
            ("", tr(N_("nothing more"))),
            ("forandring", tr(N_("the change"))),
            ("budget", tr(N_("the budget"))),
            ("allt", tr(N_("change and budget"))),
        ]
