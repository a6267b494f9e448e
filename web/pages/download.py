"""Hämta: the annual accounts, or one statement as it is on the screen, in every format.

    extension/hamta/?time=2024
    extension/hamta/fil?format=xlsx&uppstallning=resultat&enhet=RT&time=2024

What a format writes as several files comes as one, a zip.
"""

import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from http import HTTPStatus

from fava.ext import extension_endpoint
from flask import Response, abort, send_file

from forbundsbok.plugins.language import N_, telling_in, tr
from forbundsbok.plugins.refusal import RefusalError
from forbundsbok.queries.layout_files import LAW
from forbundsbok.queries.report import AnnualReport, report
from forbundsbok.scripts.render.formats import FORMATS
from forbundsbok.web.figures import Figures
from forbundsbok.web.pages.page import Choice, PageError, e
from forbundsbok.web.pages.statements import ALL_YEARS, ASKED, VIEWS, StatementsPage

WHAT = {
    "pdf": N_("Pages to read, print and keep, with the figures attached"),
    "xlsx": N_("A workbook in which every figure is a formula, down to the postings"),
    "html": N_("One page that needs nothing else, every figure a link to its accounts and postings"),
    "csv": N_("Figures in tkr, and a file for each statement in kronor"),
    "txt": N_("A text for each statement, as it is printed"),
    "json": N_("Every figure in kronor, with its accounts and dates"),
    "parquet": N_("The books and the figures as tables, for SQL"),
    "duckdb": N_("The books and the figures as a database, with a view that sums every figure anew"),
}
SLOW = N_("A workbook, and what has all postings, may take a while.")
EARLIEST = (1980, 1, 1, 0, 0, 0)
"""When files in a zip were changed, as it is told: the same books give the same bytes."""


class DownloadPage(StatementsPage):
    """What is on the screen, as files."""

    address = "hamta"
    title = N_("Download")

    def body(self) -> Iterator[str]:
        whole = Choice(
            "uppstallning",
            tr(N_("Statement")),
            [("", tr(N_("the annual accounts"))), *self.statement_choice().given],
            self.asked("uppstallning", self.names),
        )
        yield self.form([each for each in self.choices([whole]) if each.name != "belopp"])
        refuse_broken_books(self.figures)
        made = self._chosen_report()
        heading = made.title if len(made.statements) != 1 else made.statements[0].heading()
        yield self.heading(heading)
        yield "<ul>"
        asked = {name: self.asked(name) for name in ASKED}
        for name, what in WHAT.items():
            leads = self.file_link(format=name, **asked)
            yield f'<li><a data-remote href="{e(leads)}">{name}</a>: {e(tr(what))}</li>'
        yield f'</ul><p class="soft">{e(tr(SLOW))}</p>'

    def file_link(self, **asked: str) -> str:
        """Return the address of a file."""
        page, _, query = self.link(self.address, **asked).partition("?")
        return f"{page}fil?{query}"

    def _chosen_report(self) -> AnnualReport:
        beside, layout = self.beside, self.asked("mall", self.layouts)
        if self.asked("uppstallning", self.names):
            return AnnualReport(self.figures.ledger, self.period, beside, self.language, layout, (self.shown(),))
        if self.asked("enhet", self.units) or self.asked("jamfor", self._comparatives) == ALL_YEARS:
            text = N_(
                "The annual accounts are of the whole federation and of one year: choose a statement for less or more."
            )
            raise PageError(tr(text))
        view = VIEWS[self.asked("bredvid", VIEWS)]
        known = tuple(self.figures.contradictions(self.period))
        return self.figures.once(report, self.period, beside, self.language, LAW if layout == LAW else "", known, view)

    @extension_endpoint
    def fil(self) -> Response:
        """Answer with the file, or a zip of the files, of a format."""
        made_as = self.asked("format", FORMATS)
        if not made_as:
            abort(404)
        with telling_in(self.language):
            try:
                refuse_broken_books(self.figures)
                made = self._chosen_report()
                self.refuse_what_is_not_there()
                return sent(made, made_as, self.figures)
            except RefusalError as error:
                return Response(str(error), HTTPStatus.BAD_REQUEST, mimetype="text/plain")


def refuse_broken_books(figures: Figures) -> None:
    """Raise PageError for books with errors: what leaves them is sound, as what `export` writes."""
    if figures.errors:
        raise PageError(tr(N_("Nothing is given out of books with errors: put them right first (Controls).")))


def sent(made: AnnualReport, made_as: str, figures: Figures) -> Response:
    """Return the file of a format as an answer, or a zip of its files."""
    apart = figures.apart
    files = apart.alone(lambda: FORMATS[made_as](replace(made, ledger=apart.ledger)))
    name = made.file_name if len(made.statements) != 1 else f"{made.statements[0].full_name}-{made.period}"
    contents = {each: text.encode() if isinstance(text, str) else text for each, text in files.items()}
    is_one = len(contents) == 1
    content = io.BytesIO(next(iter(contents.values())) if is_one else zipped(contents))
    return send_file(content, as_attachment=True, download_name=f"{name}.{made_as if is_one else 'zip'}")


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Return files as one."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, EARLIEST), content)
    return made.getvalue()
