"""Avsättningar: what each provision was planned to be, what was booked on it, and what is left, year by year.

extension/avsattningar/?time=2024&belopp=kr
"""

from collections.abc import Iterator

from forbundsbok.plugins.language import N_, tr
from forbundsbok.queries.charts import provision_chart
from forbundsbok.queries.provision_plans import provision_plan
from forbundsbok.web.pages.page import Page, e

NONE = N_("The books have no provisions.")


class ProvisionsPage(Page):
    """The provisions, plan beside books."""

    address = "avsattningar"
    title = N_("Provisions")

    def body(self) -> Iterator[str]:
        period = self.period
        yield f"<h2>{e(self.report_title)}</h2>"
        yield self.form((self.period_choice(), self.amounts_choice()))
        provisions = self.figures.ledger.at(period.end).provisions
        if not provisions:
            yield f"<p>{e(tr(NONE))}</p>"
        for each in provisions:
            made = self.figures.once(provision_plan, each.code, period, self.language)
            yield f'<h3 id="{e(made.full_name)}">{e(made.heading())}</h3>'
            yield self.tables().statement(made)
            if len(made.rows) > 2:  # a line of fewer points says no more than they do
                yield self.chart(self.figures.once(provision_chart, each.code, period, self.language))
