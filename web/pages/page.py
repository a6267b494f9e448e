"""What all pages have: their title and language, the period that Fava's time filter asks for, forms and links.

A page is drawn here, without scripts: what is chosen on it stands in its address, which can be sent to somebody. What
an address asks for that is not there is told, and the rest is shown.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from http import HTTPStatus
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, cast

from fava.core import FavaLedger
from fava.ext import FavaExtensionBase
from fava.util.date import parse_date
from flask import abort, current_app, request, url_for

from forbundsbok.plugins.findings import counted
from forbundsbok.plugins.language import LANGUAGES, N_, telling_in, tr, translation
from forbundsbok.plugins.ledger_text import cleaned_text
from forbundsbok.plugins.loading import LedgerError
from forbundsbok.plugins.refusal import RefusalError
from forbundsbok.queries.charts import Chart
from forbundsbok.queries.layout_files import LAW
from forbundsbok.queries.statement import Column, Period, Statement, StatementRow
from forbundsbok.scripts.render.svg import svg
from forbundsbok.scripts.render.tables import Links, Tables
from forbundsbok.web.figures import Figures
from forbundsbok.web.users import User
from forbundsbok.web.writes import SafeFiles

STYLE = (Path(__file__).parent / "page.css").read_text(encoding="utf-8")
WRITES = "FORBUNDSBOK_WRITES"
"""What tells the pages that who may write is answered here."""
NOTHING = N_("Nothing is written:")
FILTERS = ("time", "account", "filter", "interval", "conversion")
"""What Fava's own pages keep in the address from one to the next."""

FIRST = ' tabindex="-1" data-first'
"""What is read first of a page that comes (`oversikt.js`): what stands there already is not read out by itself."""

AMOUNTS = ("tkr", "kr")
SHOWN, NOT_THERE = "forbundsbok.shown", "forbundsbok.not-there"
"""Where a request has what is shown for it, and what it asks for in vain."""


class PageError(RefusalError):
    """What is asked of a page cannot be shown; says why."""


class RightError(RefusalError):
    """Who sent a form may not do what it asks for, whatever it could do when it was shown."""


class Drawn(NamedTuple):
    """A page: what it is called where there is no more room, as in a browser's tab, and its HTML."""

    title: str
    content: str


class Choice(NamedTuple):
    """What a form asks for: its name in the address, what it is called, and what there is, by what it is told as."""

    name: str
    label: str
    given: Sequence[tuple[str, str]]
    chosen: str


class Page(FavaExtensionBase, ABC):
    """A page in Fava: its address below `extension/`, its title in English, and what `body` draws."""

    address: ClassVar[str]
    title: ClassVar[str]
    figures: Figures
    """Of the books as they are loaded, given by the server."""

    @property
    def name(self) -> str:
        """What Fava calls it: its address."""
        return self.address

    @property
    def report_title(self) -> str:  # type: ignore[override]
        """What the side bar calls it."""
        return translation(self.title, self.language)

    @property
    def language(self) -> str:
        """Fava's own, as the books choose it."""
        return language_of(self.ledger)

    def drawn(self) -> Drawn:
        """Return the page, and above it what is wrong with the books or with what is asked, where anything is."""
        with telling_in(self.language):
            pieces = "".join(self._pieces())
            above = f'<style>{STYLE}</style><div class="forbundsbok">{self._not_there()}'
            title = " - ".join(dict.fromkeys((*self._shown[:1], self.report_title)))
            return Drawn(title, f"{above}{pieces}</div>")

    def heading(self, text: str, named: str = "", *, of: Period | None = None, mark: str = "") -> str:
        """Return the heading of what is shown, by which the page is called; `of` is told there alone."""
        self._shown.append(" ".join(filter(None, (text, of.in_words(self.language) if of else ""))))
        given = f' id="{e(named)}"' if named else ""
        return f"<h2{given}{mark}>{e(text)}</h2>"

    @abstractmethod
    def body(self) -> Iterator[str]:
        """Yield the page as HTML. Raises what `_pieces` tells."""

    def _pieces(self) -> Iterator[str]:
        has_form = False
        try:
            yield self.told_refusal()
            if self.figures.broken:
                count = counted(
                    len(self.figures.broken),
                    N_("The books have 1 error. No figure is to be trusted until it is put right."),
                    N_("The books have {count} errors. No figure is to be trusted until they are put right."),
                )
                there = self.link("kontroller")
                yield f'<p class="alert" role="alert"><a href="{e(there)}">{e(str(count))}</a></p>'
            for piece in self.body():
                has_form = has_form or "<form" in piece
                yield piece
        except LedgerError as error:
            yield self.alert(tr(N_("Nothing can be shown of the books:")), error.messages)
        except RefusalError as error:
            yield self.alert(str(error))
            if not has_form:
                yield self._form_of_time()

    def _form_of_time(self) -> str:
        """Return a form that asks for the same in another time, where the one that is asked for cannot be shown."""
        try:
            choice = self._periods(self.figures.latest)
        except LedgerError:
            return ""
        kept = {name: said for name, said in request.args.items() if name not in (*FILTERS, "partial")}
        return self.form((choice, *(_hidden(name, said) for name, said in kept.items())))

    def _not_there(self) -> str:
        asked = _asked_in_vain()
        text = N_("The address asks for {asked}, which is not to be had here. The rest is shown as it says.")
        return f'<p class="alert" role="status">{e(tr(text, asked=asked))}</p>' if asked else ""

    def refuse_what_is_not_there(self) -> None:
        """Raise PageError where the address asks for what there is not: a file cannot tell it."""
        if asked := _asked_in_vain():
            raise PageError(tr(N_("The address asks for {asked}, which is not to be had here."), asked=asked))

    @property
    def _shown(self) -> list[str]:
        """What the page says that it shows, in this answer."""
        shown: list[str] = request.environ.setdefault(SHOWN, [])
        return shown

    def alert(self, text: str, items: Sequence[str] = (), mark: str = "") -> str:
        """Return a text, and what there is to say in particular, as one that is read out at once."""
        listed = "".join(f"<li>{e(each)}</li>" for each in items)
        told = f"<p>{e(text[:1].upper() + text[1:])}</p>" + (f"<ul>{listed}</ul>" if listed else "")
        return f'<div class="alert" role="alert"{mark}>{told}</div>'

    def done(self, text: str, more: str = "") -> str:
        """Return that what was sent is done; `more`, in HTML, stands after it."""
        self._shown.insert(0, text.rstrip(":"))
        return f'<p class="done" role="status"{FIRST}>{e(text)} {more}</p>'

    # Who asks, and what is sent

    @property
    def user(self) -> User | None:
        """Who is logged in; None where nobody has to."""
        user: User | None = request.environ.get("forbundsbok.user")
        return user

    @property
    def may_write(self) -> bool:
        """Tell whether anything is written here, by who may."""
        return bool(current_app.config.get(WRITES)) and self.user is not None

    @property
    def files(self) -> SafeFiles:
        """What writes in the books."""
        return cast(SafeFiles, self.ledger.file)

    def posted(self) -> str:
        """Do what a form of the page asks for, and return where to go then; empty when it is refused."""
        abort(HTTPStatus.METHOD_NOT_ALLOWED)

    def refuse(self, error: RefusalError) -> str:
        """Tell on the page why what was sent is not done."""
        request.environ["forbundsbok.refused"] = error
        return ""

    @property
    def refused(self) -> RefusalError | None:
        """Why what was sent is not done."""
        error: RefusalError | None = request.environ.get("forbundsbok.refused")
        return error

    def told_refusal(self, why: Sequence[str] = ()) -> str:
        """Return why what was sent is not done, or other words of it; empty where nothing was refused."""
        if not self.refused:
            return ""
        self._shown.insert(0, tr(NOTHING).rstrip(":"))
        return self.alert(tr(NOTHING), why or self.refused.messages or [str(self.refused)], FIRST)

    # What is asked for

    def asked(self, name: str, known: Iterable[str] | None = None) -> str:
        """Return what the address asks for; empty for nothing, and for what is none of those that are known.

        That it is none, the page tells.
        """
        value = request.args.get(name, "")
        if not value or known is None or value in known:
            return value
        request.environ.setdefault(NOT_THERE, {})[name] = value
        return ""

    @property
    def period(self) -> Period:
        """What Fava's time filter asks for, the last year without it. Raises PageError for what is no whole months."""
        asked = request.args.get("time", "")
        if not asked:
            return self.figures.latest
        try:
            begins, ends = parse_date(asked, self.ledger.fava_options.fiscal_year_end)
        except (ValueError, OverflowError):  # the 13th month, and days beyond the calendar
            begins = ends = None
        if begins and ends and begins.day == ends.day == 1:
            months = (ends.year - begins.year) * 12 + ends.month - begins.month
            if 0 < months <= 13 - begins.month:
                return Period(begins.year, begins.month, begins.month + months - 1)
        text = N_("The time {time} is no whole months of one year: write 2024, 2024-03 or 2024-01 - 2024-08.")
        raise PageError(tr(text, time=asked))

    # Links and forms

    def link(self, page: "type[Page] | str", **asked: str) -> str:
        """Return the address of a page of ours, with Fava's filters as they are."""
        name = page if isinstance(page, str) else page.address
        values: dict[str, Any] = {key: said for key, said in asked.items() if said}
        return url_for("extension_report", extension_name=name, **values)

    def form(self, choices: Sequence[Choice | str]) -> str:
        """Return a form that asks for the same page otherwise; a text stands in it as it is."""
        own = {each.name for each in choices if isinstance(each, Choice)}
        kept = {name: request.args[name] for name in FILTERS if name not in own and request.args.get(name)}
        hidden = "".join(_hidden(name, said) for name, said in kept.items())
        fields = "".join(each if isinstance(each, str) else self._select(each) for each in choices)
        button = e(tr(N_("Show")))
        return f'<form class="choices" method="get">{hidden}{fields}<button type="submit">{button}</button></form>'

    def _select(self, choice: Choice) -> str:
        options = "".join(
            f'<option value="{e(value)}"{" selected" if value == choice.chosen else ""}>{e(label)}</option>'
            for value, label in choice.given
        )
        return f'<label>{e(choice.label)}<select name="{choice.name}">{options}</select></label>'

    def period_choice(self) -> Choice:
        """Return the choice of a year, or of months of one, as Fava's time filter writes them."""
        return self._periods(self.period)

    def _periods(self, chosen: Period) -> Choice:
        given = []
        for year in reversed(self.figures.ledger.years):
            periods = [Period(year), *(Period(year, 1, month) for month in range(2, 12))]
            periods += [Period(year, month, month) for month in range(1, 13)]
            given += periods
        if chosen not in given:
            given.insert(0, chosen)
        told = [(time_of(each), each.in_words(self.language)) for each in given]
        return Choice("time", tr(N_("Period")), told, time_of(chosen))

    def unit_choice(self, units: Sequence[str], chosen: str) -> Choice:
        """Return the choice of the whole federation or one of some units."""
        names = self.figures.ledger.at(self.period.end).units
        given = [("", tr(N_("the whole federation"))), *((each, f"{each} {names[each].name}") for each in units)]
        return Choice("enhet", tr(N_("Unit")), given, chosen)

    def amounts_choice(self) -> Choice:
        """Return the choice of tkr or kronor."""
        return Choice("belopp", tr(N_("Amounts")), [("", "tkr"), ("kr", "kr")], self.asked("belopp", AMOUNTS))

    def layout_choice(self, layouts: Iterable[str], chosen: str) -> Choice:
        """Return the choice of the federation's own layout or another."""
        others = [(each, tr(N_("the law's")) if each == LAW else each) for each in layouts]
        return Choice("mall", tr(N_("Layout")), [("", tr(N_("the federation's"))), *others], chosen)

    def title_of(self, name: str, layout: str = "") -> str:
        """Return the heading of a statement of the annual accounts, by the federation's own layout or the law's."""
        return self.figures.report(self.period, self.language, layout=layout).statement(name).heading()

    # What is drawn

    @property
    def in_kronor(self) -> bool:
        """Whether amounts are shown in kronor, as is chosen, and not in tkr."""
        return self.asked("belopp", AMOUNTS) == "kr"

    def tables(self) -> Tables:
        """Return what draws tables in the amounts that are chosen, each figure leading to what is behind it."""
        links = Links(self.figure_link, self.note_link, self.account_link, self.place)
        return Tables(self.language, links, in_kronor=self.in_kronor)

    def chart(self, chart: Chart) -> str:
        """Return a chart below its title."""
        title = e(chart.title)
        return f'<h3>{title}</h3><div class="scroll" role="region" tabindex="0" aria-label="{title}">{svg(chart)}</div>'

    def figure_link(self, statement: Statement, row: StatementRow, column: Column) -> str:
        """Return where a figure leads."""
        address = statement.address(row, column)
        return self.link("bakom-siffran", at=address) if address else ""

    def note_link(self, number: str) -> str:
        """Return where the number of a note leads."""
        return f"{self.link('noter', mall=self.asked('mall', (LAW,)))}#not-{number}"

    def account_link(self, name: str) -> str:
        """Return where an account leads: to Fava's own page of it."""
        return url_for("account", name=name)

    def place(self, file: str, line: int) -> str:
        """Return where something stands, leading to Fava's editor."""
        if not file:
            return ""
        leads = url_for("report", report_name="editor", file_path=file, line=str(line))
        return f'<a href="{e(leads)}">{e(self.figures.ledger.place(file, line))}</a>'


def language_of(ledger: FavaLedger) -> str:
    """Return the language that Fava shows books in, where it is one of ours."""
    asked = str(ledger.fava_options.language or "")[:2]
    return asked if asked in LANGUAGES else LANGUAGES[0]


def time_of(period: Period) -> str:
    """Return a period as Fava's time filter writes it."""
    first, _, last = str(period).partition("--")
    return f"{first} - {period.year}-{last}" if last else first


def e(text: str) -> str:
    """Return a text as it stands in HTML."""
    return escape(cleaned_text(text))


def _asked_in_vain() -> str:
    """Return what this address asks for and there is not: `enhet=XX, mall=kort`."""
    return ", ".join(f"{name}={value}" for name, value in request.environ.get(NOT_THERE, {}).items())


def _hidden(name: str, said: str) -> str:
    return f'<input type="hidden" name="{e(name)}" value="{e(said)}">'


def as_typed(lines: Iterable[str], label: str, mark: str = "") -> str:
    """Return ledger text as it is typed, line by line, below its label; `mark` says its language."""
    text = "\n".join(map(e, lines))
    return f'<pre tabindex="0" role="group" aria-label="{e(label)}"{mark}>{text}</pre>'
