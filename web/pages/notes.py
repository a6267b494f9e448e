"""Noter: all notes of the annual accounts, as they follow each other there.

extension/noter/?time=2024#not-7
"""

from collections.abc import Iterator

from forbundsbok.plugins.language import N_, tr
from forbundsbok.queries.layout_files import LAW
from forbundsbok.web.pages.page import Page, e

CONTENTS = N_("Contents")
NONE = N_("There are no notes of the period.")


class NotesPage(Page):
    """The notes."""

    address = "noter"
    title = N_("Notes")

    def body(self) -> Iterator[str]:
        layout = self.asked("mall", (LAW,))
        yield self.form((self.period_choice(), self.layout_choice((LAW,), layout), self.amounts_choice()))
        report = self.figures.report(self.period, self.language, layout=layout)
        notes = [each for each in report.statements if each.id.startswith("not-")]
        yield f"<h2>{e(self.report_title)}</h2>"
        if not notes:
            yield f"<p>{e(tr(NONE))}</p>"
            return
        links = "".join(f'<li><a href="#{each.full_name}">{e(each.heading())}</a></li>' for each in notes)
        yield f'<nav class="contents" aria-label="{e(tr(CONTENTS))}"><ol>{links}</ol></nav>'
        tables = self.tables()
        for each in notes:
            yield f'<section><h3 id="{e(each.full_name)}">{e(each.heading())}</h3>{tables.statement(each)}</section>'
