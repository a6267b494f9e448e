"""Översikt: how the year has gone so far, its goals, what waits for whom, what is wrong, what is sealed, what is new.

extension/oversikt/?time=2024
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from beancount.core import data
from flask import request

from forbundsbok.plugins.clearing import without_clearing
from forbundsbok.plugins.findings import counted
from forbundsbok.plugins.language import N_, tr
from forbundsbok.queries.general_ledger import GeneralLedger
from forbundsbok.queries.layout_files import LAW
from forbundsbok.queries.search import FoundVoucher
from forbundsbok.queries.statement import Period, Statement
from forbundsbok.queries.statements import comparative, statement
from forbundsbok.web.pages.page import Page, e
from forbundsbok.web.pages.vouchers import vouchers, waiting_vouchers
from forbundsbok.web.users import LOG, LOGOUT

KEY_FIGURES = {"arets-resultat", "eget-kapital", "tillgangar"}
MOST = 10
"""So many vouchers of each kind are shown."""

BY_LAW = N_("By the law's layout, since the federation's own has not all of these rows.")
RESULT = N_("Result and equity")
GOALS = N_("Goals")
WAITS = N_("Waits for approval")
NOTHING_WAITS = N_("Nothing waits.")
RULES = N_("Rules")
SOUND = N_("No rule is broken.")
SEALS = N_("Seals")
LAST = N_("Last vouchers")
FILES = N_("Last changed files")
IN_CHARTS = N_("The year in charts")
LOG_OUT = N_("Log out")
SEE_LOG = N_("The log")


class OverviewPage(Page):
    """What one who comes to work wants to see first."""

    address = "oversikt"
    title = N_("Overview")
    has_js_module = True
    """`oversikt.js`, which Fava runs on all pages."""

    def body(self) -> Iterator[str]:
        period = self.period
        yield self.form((self.period_choice(),))
        yield from self._result(period)
        yield from self._goals(period)
        yield from self._waiting()
        yield from self._rules()
        yield from self._seals()
        yield from self._changes(period)
        yield from self._charts(period)
        yield from self._user()

    def _beside(self, period: Period) -> Period | None:
        return comparative(self.figures.ledger, period, None)

    def _result(self, period: Period) -> Iterator[str]:
        shown = self.figures.once(_key_figures, period, self._beside(period), self.language)
        yield f'<h2 id="{e(shown.full_name)}">{e(tr(RESULT))}</h2>{self.tables().statement(shown)}'

    def _goals(self, period: Period) -> Iterator[str]:
        goals = [each for each in self.figures.report(period, self.language).statements if each.id == "mal"]
        for each in goals:
            if each.rows:
                yield f'<h2 id="{e(each.full_name)}">{e(tr(GOALS))}</h2>{self.tables().statement(each)}'

    def _waiting(self) -> Iterator[str]:
        waiting = self.figures.waiting
        yield f'<h2 id="vantar">{e(tr(WAITS))}</h2>'
        if not waiting:
            yield f"<p>{e(tr(NOTHING_WAITS))}</p>"
            return
        count = counted(len(waiting), N_("1 voucher waits."), N_("{count} vouchers wait."))
        yield f"<p>{e(str(count))}</p>"
        yield waiting_vouchers(self, "vantar", waiting[:MOST])

    def _rules(self) -> Iterator[str]:
        yield f"<h2>{e(tr(RULES))}</h2>"
        broken = self.figures.broken
        if not broken:
            yield f"<p>{e(tr(SOUND))}</p>"
            return
        count = counted(len(broken), N_("1 finding to put right"), N_("{count} findings to put right"))
        leads = self.link("kontroller")
        yield f'<p><a href="{e(leads)}">{e(str(count))}</a></p>'

    def _seals(self) -> Iterator[str]:
        ledger = self.figures.ledger
        sealed = {each.year for each in ledger.seals}
        open_years = [tr(N_("{year} is not sealed."), year=year) for year in ledger.years if year not in sealed]
        told = "".join(f"<li>{e(text)}</li>" for text in (*self.figures.seals, *open_years))
        yield f"<h2>{e(tr(SEALS))}</h2><ul>{told}</ul>"

    def _changes(self, period: Period) -> Iterator[str]:
        entries = (each for each in self.figures.entries if isinstance(each, data.Transaction))
        within = [each for each in entries if period.start <= each.date <= period.end]
        yield f'<h2 id="senaste">{e(tr(LAST))}</h2>'
        last = (FoundVoucher(without_clearing(each)) for each in reversed(within[-MOST:]))
        yield vouchers(self, "senaste", last)
        yield f'<h2 id="filer">{e(tr(FILES))}</h2><ul>'
        for changed, file in self._changed_files():
            yield f"<li>{changed:%Y-%m-%d %H:%M} {self.place(file, 1)}</li>"
        yield "</ul>"

    def _changed_files(self) -> Sequence[tuple[datetime, str]]:
        files = [each for each in self.figures.options["include"] if Path(each).is_file()]
        changed = [(datetime.fromtimestamp(Path(each).stat().st_mtime), each) for each in files]
        return sorted(changed, reverse=True)[:5]

    def _charts(self, period: Period) -> Iterator[str]:
        made = self.figures.report(period, self.language).charts
        if made:
            yield f"<h2>{e(tr(IN_CHARTS))}</h2>"
        yield from (self.chart(each) for each in made)

    def _user(self) -> Iterator[str]:
        user = request.environ.get("forbundsbok.user")
        if user is None:
            return
        text = tr(N_("You are logged in as {name}, with the role {role}."), name=user.name, role=user.role)
        log = f' <a data-remote href="{LOG}">{e(tr(SEE_LOG))}</a>' if user.role == "granska" else ""
        yield f'<p class="user">{e(text)} <a data-remote href="{LOGOUT}">{e(tr(LOG_OUT))}</a>{log}</p>'


def _key_figures(ledger: GeneralLedger, period: Period, beside: Period | None, language: str) -> Statement:
    """Return the rows of the balance sheet that say how it has gone; by the law where the own layout lacks one."""
    whole = statement(ledger, "balans", period, beside, "", "", language)
    if KEY_FIGURES.difference(row.id for row in whole.rows):
        by_law = statement(ledger, "balans", period, beside, "", LAW, language)
        # Its notes have other numbers than the federation's own.
        whole = replace(by_law, rows=tuple(replace(row, note="") for row in by_law.rows), footnotes=(tr(BY_LAW),))
    return replace(whole, rows=tuple(row for row in whole.rows if row.id in KEY_FIGURES))
