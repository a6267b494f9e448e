"""Sök: the vouchers in which all that is written stands, each with its document.

extension/sok/?sok=hyra 10000..20000&enhet=RT&time=2024
"""

from collections.abc import Iterator
from datetime import date

from forbundsbok.plugins.findings import counted
from forbundsbok.plugins.language import N_, tr
from forbundsbok.queries.search import FoundVoucher, read_terms, vouchers_with, words_of
from forbundsbok.web.pages.page import Choice, Page, e, time_of
from forbundsbok.web.pages.vouchers import found_vouchers

MOST = 200
"""So many vouchers are shown, the latest."""

LATEST = N_("The latest {most} are shown.")
HELP = (
    N_("A voucher's number, as L 17; a part of a supplier's name, of a text, of a document's name or of an account's."),
    N_("A number is an amount, as 38 462,50, or the beginning of an account's number; 1000..2000 is between the two."),
    N_("All words are to stand in the voucher; several within quotation marks, as they stand."),
)


class SearchPage(Page):
    """What stands in the vouchers."""

    address = "sok"
    title = N_("Search")

    def body(self) -> Iterator[str]:
        written = self.asked("sok").strip()
        ledger = self.figures.ledger
        unit = self.asked("enhet", ledger.units)
        label = e(tr(N_("What is looked for")))
        field = f'<label class="wide">{label}<input type="search" name="sok" value="{e(written)}" size="40"></label>'
        yield self.heading(self.report_title)
        yield self.form((field, self.unit_choice(list(ledger.units), unit), self._period()))
        if not written:
            yield "<ul>" + "".join(f"<li>{e(tr(each))}</li>" for each in HELP) + "</ul>"
            return
        terms = read_terms(words_of(written))
        first, last = (self.period.start, self.period.end) if self.asked("time") else (date.min, date.max)
        found = vouchers_with(self.figures.entries, terms, first, last, unit) if terms else []
        yield f'<div role="status"><h3 id="traffar">{e(self._count(found))}</h3></div>'
        if found:
            yield found_vouchers(self, "traffar", found[::-1][:MOST])

    def _count(self, found: list[FoundVoucher]) -> str:
        if not found:
            return tr(N_("No voucher."))
        count = str(counted(len(found), N_("1 voucher."), N_("{count} vouchers.")))
        return f"{count} {tr(LATEST, most=MOST)}" if len(found) > MOST else count

    def _period(self) -> Choice:
        given = [("", tr(N_("all years"))), *((str(each), str(each)) for each in reversed(self.figures.ledger.years))]
        chosen = time_of(self.period) if self.asked("time") else ""
        if chosen not in dict(given):
            given.append((chosen, self.period.in_words(self.language)))
        return Choice("time", tr(N_("Period")), given, chosen)
