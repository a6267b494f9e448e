"""The annual report as one page that needs nothing else: `arsredovisning-2024.html`.

Every figure leads to what it is made of, that to its accounts, and each account to its postings, with opening and
running balance, voucher, file and line; each posting stands once. Links need no script: a section is shown when it is
the one that the address of the page points at. A script searches, and nothing else.

    <td id="2024/balans/bank/year"><a href="#b7">6 210</a>      a figure, by its address
    <section id="b7">                                           the accounts behind it
    <section id="k12">                                          an account, with its postings
"""

import base64
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from html import escape
from pathlib import Path
from urllib.parse import quote

from forbundsbok.plugins.language import N_, translation
from forbundsbok.plugins.ledger_text import cleaned_text
from forbundsbok.plugins.seal_history import SEALED_YEAR
from forbundsbok.queries.report import AnnualReport
from forbundsbok.queries.selection import RESULT_ROOTS
from forbundsbok.queries.statement import (
    Column,
    Figure,
    Measure,
    Period,
    PostingLine,
    Side,
    Statement,
    StatementRow,
    Sum,
    kronor_of,
    tkr_text,
)
from forbundsbok.scripts.render.svg import svg
from forbundsbok.scripts.render.tables import ACCOUNT, AMOUNT, Links, Tables

FILES = Path(__file__).parent / "files"

# Babel reads no text inside an f-string.
TO_CONTENTS = N_("To the contents")
NUMBER = N_("Organisation number")
CONTENTS = N_("Contents")
IN_CHARTS = N_("The year in charts")
PROVEN = N_("How the figures are proven")
SEARCH = N_("Search the postings")
SEARCHED = N_("voucher, amount, payee, text")
BEHIND = N_("Behind the figures")
FOLLOW = N_("Follow a figure above: what it is made of is shown here.")
AGREES = N_("It must agree with, and does:")
CONTRADICTIONS = N_("Known contradictions in the printed report")
NOT_SEALED = N_("No year is sealed.")


def html_files(report: AnnualReport) -> dict[str, str]:
    """Return the page."""
    return {f"{report.file_name}.html": "".join(_Page(report).text())}


@dataclass(frozen=True)
class _Behind:
    """What some figures are made of: all those that have the same sums and the same entries of registers."""

    id: str
    figure: Figure
    shown_as: list[tuple[str, str]] = field(default_factory=list)
    """Where it is shown: the address of each figure, and what it is."""


@dataclass(frozen=True)
class _Page:
    report: AnnualReport

    def text(self) -> Iterator[str]:
        tables = [self._statement(each) for each in self.report.statements]  # first: it collects what is behind them
        title = self.report.title
        script, style = (_file(name) for name in ("page.js", "page.css"))
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; form-action 'none'"
        yield (
            f'<!DOCTYPE html>\n<html lang="{self.report.language}">\n<head>\n<meta charset="utf-8">\n'
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<title>{_e(f'{title}, {self.report.federation}')}</title>\n<style>\n{style}</style>\n</head>\n<body>\n"
            f'<a class="skip" href="#innehall">{self._e(TO_CONTENTS)}</a>\n'
            f"<header><p>{_e(self.report.federation)}</p><h1>{_e(title)}</h1>"
            f'<p class="soft">{_e(self._about())}</p></header>\n'
        )
        yield from self._contents()
        yield "<main>\n"
        yield from self._search()
        yield from self._charts()
        yield from tables
        yield from self._proofs()
        yield f'<h2 id="bakom">{self._e(BEHIND)}</h2>\n'
        yield f'<p class="soft">{self._e(FOLLOW)}</p>\n'
        for behind in self._behind.values():
            yield from self._made_of(behind)
        for account in self._accounts:
            yield from self._account(account)
        yield f"</main>\n<footer>{self._seals()}</footer>\n<script>{script}</script>\n</body>\n</html>\n"

    def _about(self) -> str:
        number = f"{self._t(NUMBER)} {self.report.number}. " if self.report.number else ""
        return number + self._t(N_("Amounts in thousands of SEK (tkr), where kronor are not said."))

    def _contents(self) -> Iterator[str]:
        yield f'<nav id="innehall" aria-label="{self._e(CONTENTS)}"><h2>{self._e(CONTENTS)}</h2><ul>\n'
        if self.report.charts:
            yield f'<li><a href="#diagram">{self._e(IN_CHARTS)}</a>\n'
        for each in self.report.statements:
            of_unit = ' class="unit"' if each.unit else ""
            yield f'<li{of_unit}><a href="#{_href(each.full_name)}">{_e(each.heading())}</a>\n'
        yield f'<li><a href="#bevis">{self._e(PROVEN)}</a>\n</ul></nav>\n'

    def _search(self) -> Iterator[str]:
        heads = (ACCOUNT, N_("Date"), N_("Voucher"), N_("Text"), AMOUNT, N_("Place"))
        told = self._e(N_("{count} postings, {shown} shown"))
        yield (
            f'<div class="search" role="search"><label for="q">{self._e(SEARCH)}</label><br>'
            f'<input id="q" type="search" placeholder="{self._e(SEARCHED)}">'
            f'<p id="count" role="status" data-text="{told}"></p>'
            '<div class="scroll" role="region" tabindex="0" aria-labelledby="count">'
            f'<table id="found" hidden><thead><tr>{self._heads(heads, right=(4,))}</tr></thead>'
            f"<tbody{self._of_books}></tbody></table>"
            "</div></div>\n"
        )

    def _charts(self) -> Iterator[str]:
        if self.report.charts:
            yield f'<h2 id="diagram">{self._e(IN_CHARTS)}</h2>\n'
        for chart in self.report.charts:
            yield f"<h3>{_e(chart.title)}</h3>\n{svg(chart)}\n"

    # Statements

    def _statement(self, statement: Statement) -> str:
        name = _e(statement.full_name)
        return (
            f'<section><h2 id="{name}">{_e(statement.heading())}</h2>\n{self._tables.statement(statement)}</section>\n'
        )

    @cached_property
    def _tables(self) -> Tables:
        return Tables(self.report.language, Links(self._figure_link, self._note_link, self._account_link, self._place))

    def _note_link(self, number: str) -> str:
        return next((f"#{_href(each.full_name)}" for each in self.report.statements if each.id == f"not-{number}"), "")

    def _figure_link(self, statement: Statement, row: StatementRow, column: Column) -> str:
        label = ", ".join((statement.heading(), row.label, row.column or column.label))
        behind = self._behind_of(row.figures[column.key])
        behind.shown_as.append((statement.address(row, column), label))
        return f"#{behind.id}"

    def _account_link(self, name: str) -> str:
        return f"#{self._account_id(name)}" if name in self._postings else ""

    def _place(self, file: str, line: int) -> str:
        return _e(self.report.place(file, line))

    # What is behind them

    @cached_property
    def _behind(self) -> dict[tuple[object, ...], _Behind]:
        return {}

    def _behind_of(self, figure: Figure) -> _Behind:
        key = (figure.ore, figure.sums, figure.told)
        return self._behind.setdefault(key, _Behind(f"b{len(self._behind) + 1}", figure))

    def _made_of(self, behind: _Behind) -> Iterator[str]:
        figure = behind.figure
        links = "".join(f'<li><a href="#{_href(address)}">{_e(label)}</a>' for address, label in behind.shown_as)
        yield (
            f'<section class="behind" id="{behind.id}"><h3>{self._kr(figure.ore)} kr, {tkr_text(figure)} tkr</h3>'
            f"<ul>{links}</ul>"
        )
        here = {address for address, _ in behind.shown_as}
        sides = {
            side for address in here for side in self.report.agreements.get(address, ()) if side.address not in here
        }
        if sides:
            agreeing = "".join(f"<li>{self._side(side)}" for side in sorted(sides, key=lambda side: side.text))
            yield f"<p>{self._e(AGREES)}</p><ul>{agreeing}</ul>"
        for part in figure.sums:
            yield self._sum(part)
        if figure.told:
            yield self._tables.told(figure.told)
        yield "</section>\n"

    def _sum(self, part: Sum) -> str:
        amounts = self.report.ledger.amounts(part.measure, part.period, part.flow)
        return self._tables.accounts(
            part, ((name, part.sign * int(amounts[self._places[name]])) for name in part.accounts)
        )

    # Accounts

    def _account_id(self, name: str) -> str:
        return f"k{self._places[name]}"

    @cached_property
    def _places(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(self.report.ledger.chart.index)}

    @cached_property
    def _years(self) -> list[Period]:
        """The years whose postings are shown: from the one to compare with to the one that is asked for."""
        period, compare = self.report.period, self.report.compare
        first = min(each.year for each in (period, compare) if each)
        return [*(Period(year) for year in range(first, period.year)), Period(period.year, 1, period.last_month)]

    @cached_property
    def _postings(self) -> dict[str, dict[int, list[PostingLine]]]:
        """The postings of every account that has any, or a balance, by year."""
        ledger = self.report.ledger
        postings: dict[str, dict[int, list[PostingLine]]] = defaultdict(lambda: defaultdict(list))
        for year in self._years:
            for line in ledger.postings(Sum(tuple(ledger.chart.index), Measure.MOVEMENT, year, 1)):
                postings[line.account][year.year].append(line)
        closing = ledger.amounts(Measure.CLOSING, self._years[-1])
        stands = (name for name, ore in zip(ledger.chart.index, closing, strict=True) if ore)
        return {**postings, **{name: defaultdict(list) for name in stands if name not in postings}}

    @cached_property
    def _accounts(self) -> list[str]:
        return [name for name in self.report.ledger.chart.index if name in self._postings]

    def _account(self, name: str) -> Iterator[str]:
        ledger = self.report.ledger
        by_year = self._postings[name]
        yield (
            f'<section class="account" tabindex="0" id="{self._account_id(name)}" data-account="{_e(name)}">'
            f"<h3{self._of_books}>{_e(name)}</h3>"
            f"<table>{self._tables.postings_head()}<tbody{self._of_books}>\n"
        )
        number = 0
        for year in self._years:
            lines = by_year.get(year.year, [])
            moved = sum((line.amount for line in lines), Decimal(0))
            # What a result account has come to begins anew each year.
            measure = Measure.YEAR if name.startswith(RESULT_ROOTS) else Measure.CLOSING
            balance = kronor_of(int(ledger.amounts(measure, year)[self._places[name]])) - moved
            opens = self._t(N_("Opening balance {year}")).format(year=year.year)
            yield self._tables.balance_row(str(year.start), opens, balance)
            for line in lines:
                number += 1
                balance += line.amount
                yield self._tables.posting_row(line, balance, f"{self._account_id(name)}-{number}")
        yield "</tbody></table></section>\n"

    # Proofs

    def _proofs(self) -> Iterator[str]:
        heads = (N_("Statement"), N_("What is proven"), N_("Period"), N_("One side, kr"), N_("The other side, kr"))
        yield (
            f'<section><h2 id="bevis">{self._e(PROVEN)}</h2>'
            '<div class="scroll" role="region" tabindex="0" aria-labelledby="bevis">'
            f"<table><thead><tr>{self._heads(heads, right=(3, 4))}</tr></thead><tbody>\n"
        )
        for statement in self.report.statements:
            for proof in statement.proofs:
                sides = "".join(f'<td class="n">{self._linked(side)}</td>' for side in (proof.left, proof.right))
                yield (
                    f'<tr><th scope="row">{_e(statement.heading())}</th><td>{_e(proof.text)}</td>'
                    f"<td>{proof.period.in_words(self.report.language)}</td>{sides}</tr>\n"
                )
        yield "</tbody></table></div>"
        if self.report.contradictions:
            yield f"<h3>{self._e(CONTRADICTIONS)}</h3><ul>"
            for each in self.report.contradictions:
                yield f"<li{self._of_books}>{_e(', '.join(each.key))}: {_e(each.reason)}"
            yield "</ul>"
        yield "</section>\n"

    def _linked(self, side: Side) -> str:
        amount = self._kr(side.ore)
        return f'<a href="#{_href(side.address)}" title="{_e(side.text)}">{amount}</a>' if side.address else amount

    def _side(self, side: Side) -> str:
        text = f"{_e(side.text)}, {self._kr(side.ore)} kr"
        return f'<a href="#{_href(side.address)}">{text}</a>' if side.address else text

    def _seals(self) -> str:
        sealed = self._t(SEALED_YEAR)
        lines = [sealed.format(**each._asdict()) for each in self.report.seals]
        return "".join(f"<p>{_e(line)}</p>" for line in lines) or f"<p>{self._e(NOT_SEALED)}</p>"

    # Texts

    @property
    def _of_books(self) -> str:
        return self._tables.of_books

    def _heads(self, heads: Iterable[str], right: Sequence[int]) -> str:
        return self._tables.heads(heads, right)

    def _kr(self, ore: int) -> str:
        return self._tables.kr(ore)

    def _t(self, text: str) -> str:
        return translation(text, self.report.language)

    def _e(self, text: str) -> str:
        return _e(self._t(text))


def _e(text: str) -> str:
    return escape(cleaned_text(text))


def _href(name: str) -> str:
    return quote(name, safe="/?&=.,:;()+-")


def _file(name: str) -> str:
    return (FILES / name).read_text(encoding="utf-8")
