"""The annual accounts as a PDF, for the board, the auditors and the archive: PDF/A-3a and PDF/UA-1, its figures inside.

    {"label": "Verksamhetens intäkter", "kind": "line", "note": "1", "cells": ["43 028", "34 851"], ...}

What is said is put together here, down to the text of each number; `report.typ` says how it stands. The books reach
typst as data, which it sets as text and never reads as code. Typst tags what heads a column, and has no word yet for
what heads a row: that is added to its tags afterwards, and to the cell of each figure the figure's address as its name.
"""

import io
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from importlib import import_module
from itertools import zip_longest
from pathlib import Path
from typing import Any

from forbundsbok.plugins.language import N_, translation
from forbundsbok.plugins.ledger_text import cleaned_text
from forbundsbok.plugins.money import amount_text
from forbundsbok.queries.builder import Builder, Request
from forbundsbok.queries.charts import Chart
from forbundsbok.queries.report import AnnualReport
from forbundsbok.queries.statement import (
    NOTE,
    Figure,
    Proof,
    Side,
    Statement,
    StatementRow,
    as_set,
    grouped,
    kronor_of,
    text_as_set,
    tkr_text,
)
from forbundsbok.scripts.render.csv import csv_files
from forbundsbok.scripts.render.json import json_files

TEMPLATE = Path(__file__).with_name("report.typ")
FONTS = ("fontpkg_source_sans_3", "fontpkg_source_serif_4")
"""The packages that hold the fonts, which are embedded; those of the machine are not looked at."""

PLAIN = {*map(chr, range(0x180)), *"–—‘’“”…−€←\u00a0"}
"""The characters that the fonts have."""

PROBE = b"""#set document(title: "-")
#set text(font: "Source Sans 3")
#for each in json(bytes(sys.inputs.report)) { par(each) }"""


NOTES = "not-"
PROVISION = re.compile(r"not-\d+-.+")
"""What the note on a single provision is called."""


@dataclass(frozen=True)
class Section:
    """What begins a page: its title, the statements in it, and the charts after them.

    One without a title is called what its first statement is. `paired`: the others stand two a page.
    """

    title: str
    names: tuple[str, ...]
    charts: tuple[str, ...] = ()
    paired: bool = False


YEAR_CHARTS = ("resultat", "intakter", "kostnader")
MOST_BARS = 12
"""How many bars of a chart the page of the year has room for; one with more stands by its statement."""

SECTIONS = (
    Section(N_("Financial goals and balanced budget"), ("mal", "balanskrav")),
    Section("", ("resultat",), paired=True),
    Section("", ("balans",)),
    Section(N_("Notes"), (NOTES,)),
    Section("", ("kassaflode",), ("kassaflode",)),
    Section(N_("Operations and investments"), ("drift", "investering"), ("kostnader", "avvikelse")),
)

WORDS = {
    "note": NOTE,
    "thousands": N_("SEK thousand"),
    "contents": N_("Contents"),
    "assessment": N_("Assessment"),
    "agrees": N_("Agrees with"),
    "page": N_("p."),
    "proven": N_("How the figures are proven"),
    "seals": N_("Sealed years"),
    "year": N_("Year"),
    "digest": N_("Sigill, the digest of the books"),
    "contradictions": N_("Known contradictions of the printed report"),
    "table": N_("Statement"),
    "row": N_("Row"),
    "column": N_("Column"),
    "printed": N_("printed"),
    "required": N_("required"),
    "reason": N_("Reason"),
    "period": N_("Period"),
    "left": N_("What"),
    "right": N_("is the same as"),
    "kronor": N_("SEK"),
}


def pdf_files(report: AnnualReport) -> dict[str, bytes]:
    """Return the annual accounts as a PDF. The same report gives the same bytes."""
    content = _Content(report).all()
    pdf = typeset(TEMPLATE.read_bytes(), read_by_typst(content), report.period.end, **ARCHIVED)
    tables = [table for section in content["sections"] for table in section["tables"]]
    return {f"{report.file_name}.pdf": _with_names(pdf, [row["names"] for table in tables for row in table["rows"]])}


def pictures(report: AnnualReport, dots_an_inch: int) -> list[bytes]:
    """Return the pages of the PDF as PNG."""
    said = read_by_typst(_Content(report).all())
    return list(typeset(TEMPLATE.read_bytes(), said, report.period.end, format="png", ppi=dots_an_inch))


# What is said


@dataclass(frozen=True)
class _Content:
    """A report as the template reads it: texts, numbers as text, and the names of what is linked to."""

    report: AnnualReport

    def all(self) -> dict[str, Any]:
        report = self.report
        subtitle = N_("Statements and notes, computed from the vouchers of the books")
        return {
            "language": report.language,
            "title": self.report.title,
            "subtitle": self.say(subtitle),
            "description": f"{report.federation}. {self.report.title}. {self.say(subtitle)}.",
            "federation": cleaned_text(report.federation),
            "facts": list(self.facts()),
            "words": {key: self.say(word) for key, word in WORDS.items()},
            "year": self.year(),
            "sections": list(self.sections()),
            "charts": {name: self.chart(chart) for name, chart in self.charts.items()},
            "proven": self.proven(),
            "attachments": list(self.attachments()),
        }

    def say(self, text: str, **values: object) -> str:
        return translation(text, self.report.language).format(**values)

    def facts(self) -> Iterator[tuple[str, str]]:
        report = self.report
        if report.number:
            yield self.say(N_("Organisation number")), report.number
        yield self.say(N_("Period")), f"{report.period.start} – {report.period.end}"
        if report.compare:
            yield self.say(N_("Beside it")), f"{report.compare.start} – {report.compare.end}"
        yield self.say(N_("Amounts")), self.say(N_("Thousands of SEK (tkr), each rounded by itself"))
        sealed = {each.year: each.sigill for each in report.seals}
        yield self.say(N_("Sigill")), sealed.get(report.period.year) or self.say(N_("The year is not sealed"))

    # The year in figures

    def year(self) -> dict[str, Any]:
        period = self.report.period_in_words
        return {
            "title": self.say(N_("{period} in figures"), period=period[:1].upper() + period[1:]),
            "figures": list(self.key_figures()),
            "charts": self.of_year,
        }

    @cached_property
    def charts(self) -> dict[str, Chart]:
        return {chart.id: chart for chart in self.report.charts}

    @property
    def of_year(self) -> list[str]:
        """The charts that the page of the year has."""
        return [each for each in YEAR_CHARTS if each in self.charts and len(self.charts[each].categories) <= MOST_BARS]

    def key_figures(self) -> Iterator[dict[str, str]]:
        """Yield what one asks of a year first, by the law's layouts: they are there for any books."""
        result, balance = self.by_law("resultat"), self.by_law("balans")
        for builder, row in (
            (result, "arets-resultat"),
            (result, "verksamhetens-nettokostnader"),
            (balance, "eget-kapital"),
        ):
            layout = builder.layout.row_of(row)
            told = {key: f"{tkr_text(figure)} tkr" for key, figure in builder.figures_of(layout).items()}
            yield self.key_figure(builder, builder.text(layout.label), told)
        equity, assets = (builder_figures(balance, row) for row in ("eget-kapital", "tillgangar"))
        shares = {key: _share(equity[key], assets[key], self.report.language) for key in equity if assets[key].ore}
        if "year" in shares:
            yield self.key_figure(balance, self.say(N_("Equity ratio, equity in relation to assets")), shares)

    def key_figure(self, builder: Builder, label: str, told: Mapping[str, str]) -> dict[str, str]:
        of = builder.compare
        beside = f"{of.in_words(self.report.language)}: {told['compare']}" if of and "compare" in told else ""
        return {"label": label, "text": told["year"], "beside": beside}

    def by_law(self, name: str) -> Builder:
        report = self.report
        ledger = report.ledger.by_law.at(report.period.end)
        request = Request(name, report.period, report.compare, report.language)
        return Builder(ledger, ledger.layouts.layout(name), request)

    # Statements

    def sections(self) -> Iterator[dict[str, Any]]:
        named = {name for section in SECTIONS for name in section.names}
        for section in SECTIONS:
            shown = [each for name in section.names for each in self.shown if _name(each) == name]
            if NOTES in section.names:  # and what a federation has besides
                shown += [each for each in self.shown if _name(each) not in named]
            if not shown:
                continue
            tables = [self.table(each) for each in shown]
            provisions = [table for table in tables if PROVISION.fullmatch(table["target"])]
            if "avsattning" in self.charts and provisions:
                provisions[-1]["charts"] = ["avsattning"]
            head = {"number": "", "title": self.say(section.title) if section.title else "", "target": None}
            if not section.title:
                head = {key: tables[0][key] for key in head}
                tables[0] |= {"title": ""}
            charts = [chart for chart in section.charts if chart in self.charts and chart not in self.of_year]
            yield {**head, "tables": tables, "charts": charts, "paired": section.paired}

    @cached_property
    def shown(self) -> list[Statement]:
        """The statements that the annual report has: not what only the screen shows of single units."""
        return [each for each in self.report.statements if any(row.printed for row in each.rows)]

    def table(self, statement: Statement) -> dict[str, Any]:
        number, title = self.heading(statement)
        noted: set[str] = set()
        rows = []
        for index, row in enumerate(statement.rows):
            told = self.row(statement, row, index)
            if told["note"] in noted:
                told["anchored"] = False
            noted.add(told["note"])
            rows.append(told)
        return {
            "target": statement.full_name,
            "number": number,
            "title": title,
            "columns": [
                {"label": column.label[:1].upper() + column.label[1:], "current": column.period == self.report.period}
                for column in statement.columns
            ],
            "rows": rows,
            "footnotes": list(statement.footnotes),
            "charts": [],
            "back": [
                {"text": self.heading(each)[0], "target": each.full_name}
                for each in self.shown
                if any(row.note and NOTES + row.note == statement.full_name for row in each.rows)
            ],
        }

    def row(self, statement: Statement, row: StatementRow, index: int) -> dict[str, Any]:
        note = NOTES + row.note if NOTES + row.note in self.targets else ""
        return {
            "label": row.label,
            "kind": row.kind,
            "leads": _leads(statement, index),
            "note": row.note,
            "note-target": note,
            "anchored": True,
            "cells": [self.cell(row, column.key) for column in statement.columns],
            "names": [*[""] * any(each.note for each in statement.rows), *self.addresses(statement, row)],
            "remark": row.remark,
            "agrees": self.agrees(statement, row),
        }

    def addresses(self, statement: Statement, row: StatementRow) -> list[str]:
        """Return the address of each figure of a row, empty where a column has none."""
        return [statement.address(row, each) if each.key in row.figures else "" for each in statement.columns]

    def cell(self, row: StatementRow, key: str) -> str:
        figure = row.figures.get(key)
        return tkr_text(figure) if figure is not None else text_as_set(row.texts.get(key, ""))

    def agrees(self, statement: Statement, row: StatementRow) -> list[dict[str, str]]:
        """Return the other statements that a row must agree with."""
        others = dict.fromkeys(
            _named(other)
            for column in statement.columns
            for other in self.report.agreements.get(statement.address(row, column), ())
            if other.address
        )
        return [
            {"text": self.heading(self.targets[name])[0], "target": name}
            for name in others
            if name in self.targets and name != statement.full_name
        ]

    @cached_property
    def targets(self) -> dict[str, Statement]:
        return {each.full_name: each for each in self.shown}

    def heading(self, statement: Statement) -> tuple[str, str]:
        """Return a statement's number, empty where it has none, and its title."""
        if statement.table.startswith(NOTES):
            return f"{self.say(NOTE)} {statement.table.removeprefix(NOTES)}", statement.title
        return ("" if statement.table == statement.full_name else statement.table), statement.title

    # Charts

    def chart(self, chart: Chart) -> dict[str, Any]:
        return {
            "kind": chart.kind,
            "title": chart.title,
            "alternative": chart.alternative,
            "categories": list(chart.categories),
            "series": [
                {
                    "label": series.label,
                    "points": [figure and {"value": figure.ore, "text": tkr_text(figure)} for figure in series.figures],
                }
                for series in chart.series
            ],
        }

    # Proofs

    def proven(self) -> dict[str, Any]:
        report = self.report
        proofs = [(statement, proof) for statement in report.statements for proof in statement.proofs]
        kinds: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for statement, proof in proofs:
            kinds[self.say(proof.text)].append(self.proof(statement, proof))
        return {
            "paragraphs": [
                self.say(
                    N_(
                        "Every figure is a sum of vouchers, exact to the öre. It is rounded to thousands by itself "
                        "when it is printed, so rows need not add up to printed sums. {count} proofs held when the "
                        "report was made; each is listed here with both its sides. Without them there would be no "
                        "report."
                    ),
                    count=as_set(grouped(len(proofs))),
                ),
                self.say(
                    N_(
                        "The figures are attached to this file as data: figures.csv as they are printed, figures.json "
                        "to the öre, with the accounts that each sums and the address that leads to its vouchers."
                    )
                ),
            ],
            "seals": [{"year": str(each.year), "digest": each.sigill} for each in report.seals],
            "contradictions": [
                {
                    "table": each.key.table,
                    "row": each.key.row,
                    "column": each.key.column,
                    "printed": as_set(grouped(each.printed)),
                    "required": as_set(grouped(each.required)),
                    "reason": each.reason,
                }
                for each in report.contradictions
            ],
            "groups": [{"title": title, "proofs": told} for title, told in kinds.items()],
        }

    def proof(self, statement: Statement, proof: Proof) -> dict[str, Any]:
        sides = {"left": proof.left, "right": proof.right}
        told: dict[str, Any] = {"period": proof.period.in_words(self.report.language)}
        for name, side in sides.items():
            text = side.text if side.address or name == "right" else f"{statement.title}: {side.text}"
            target = _named(side) if side.address else statement.full_name if name == "left" else ""
            told |= {
                name: text,
                f"{name}-target": target if target in self.targets else None,
                f"{name}-amount": as_set(amount_text(kronor_of(side.ore), self.report.language)),
            }
        return told

    def attachments(self) -> Iterator[dict[str, str]]:
        report = self.report
        files = csv_files(report) | json_files(report)
        for name, mime, told in (
            ("figures.csv", "text/csv", N_("The printed figures, in thousands of SEK")),
            ("figures.json", "application/json", N_("Every figure in SEK, with its accounts and dates")),
        ):
            yield {"name": name, "type": mime, "description": self.say(told), "content": files[name]}


def builder_figures(builder: Builder, row: str) -> dict[str, Figure]:
    return builder.figures_of(builder.layout.row_of(row))


def _share(part: Figure, whole: Figure, language: str) -> str:
    share = (Decimal(100 * part.ore) / whole.ore).quantize(Decimal("0.1"), ROUND_HALF_UP)
    text = f"{share} %".replace(".", ",") if language == "sv" else f"{share} %"
    return as_set(text)


def _name(statement: Statement) -> str:
    """Return what a section calls a statement: its id, all notes the same."""
    return NOTES if statement.id.startswith(NOTES) else statement.id


def _named(side: Side) -> str:
    """Return the full name of the statement that a side of a proof stands in."""
    return side.address.split("/")[1]


def _leads(statement: Statement, index: int) -> bool:
    """Return whether a sum begins what follows it, as in a balance sheet, rather than ends what stands before it."""
    row, before = statement.rows[index], statement.rows[:index]
    if row.kind != "sum":
        return False
    ends = any(each.id in row.adds for each in before) if row.adds else before and before[-1].kind != "sum"
    return not ends


# How it is set

ARCHIVED = {"format": "pdf", "pdf_standards": ["a-3a", "ua-1"]}
"""What makes a PDF that is kept in an archive, and read aloud."""


def read_by_typst(content: Mapping[str, Any]) -> str:
    """Return what the template reads, in characters that there are pictures of."""
    text = json.dumps({**content, "attachments": []}, ensure_ascii=False)
    lacking = "".join(_without_glyph({*text} - PLAIN))
    shown = json.loads(text.translate(str.maketrans(lacking, "\ufffd" * len(lacking))))
    return json.dumps(shown | {"attachments": content.get("attachments", [])}, ensure_ascii=False)


def _without_glyph(characters: set[str]) -> set[str]:
    """Return those that none of the fonts has: what an archive keeps must not be set with them."""
    import typst

    lacking: set[str] = set()
    while left := sorted(characters - lacking):
        try:
            typeset(PROBE, json.dumps(left), date(1970, 1, 1), format="pdf", pdf_standards=["a-3a"])
        except typst.TypstError as error:
            named = {f'"{each}"': each for each in left} | {f"u{{{ord(each):x}}}": each for each in left}
            met = {each for name, each in named.items() if name in error.message}
            if not met:
                raise
            lacking |= met
        else:
            break
    return lacking


def typeset(source: bytes, said: str, day: date, **how: Any) -> Any:
    """Return what typst makes of a source and of what it reads; the day is that of the file, never the clock's."""
    import typst

    folders = [Path(str(import_module(package).__file__)).with_name("files") for package in FONTS]
    return typst.compile(
        source,
        font_paths=typst.Fonts(include_system_fonts=False, font_paths=folders),
        sys_inputs={"report": said},
        timestamp=datetime(day.year, day.month, day.day, tzinfo=UTC),
        **how,
    )


def _with_names(pdf: bytes, names: Sequence[Sequence[str]]) -> bytes:
    """Return a tagged PDF in which the first cell of each row of a table heads the row, and the others are named.

    `names`: of the cells in the first rows of the tables, in order; empty for a cell that has none.
    """
    import pikepdf

    with pikepdf.open(io.BytesIO(pdf)) as document:
        root = document.Root.StructTreeRoot
        known = pikepdf.NameTree(root.IDTree)
        for number, (row, of_cells) in enumerate(zip_longest(_rows(root), names, fillvalue=())):
            head, *cells = _children(row)
            heads = f"row-{number}"
            head.S, head.ID = pikepdf.Name.TH, pikepdf.String(heads)
            _attributes(head).Scope = pikepdf.Name.Row
            known[heads] = head
            for cell, name in zip(cells, [*of_cells, *[""] * len(cells)], strict=False):
                _attributes(cell).Headers.append(pikepdf.String(heads))
                if name:
                    cell.ID = pikepdf.String(name)
                    known[name] = cell
        out = io.BytesIO()
        packed = pikepdf.ObjectStreamMode.generate
        document.save(out, fix_metadata_version=False, deterministic_id=True, object_stream_mode=packed)
        return out.getvalue()


def _rows(element: Any) -> Iterator[Any]:
    """Yield the rows of the bodies of tables, in order."""
    for child in _children(element):
        if element.get("/S") == "/TBody":
            yield child
        else:
            yield from _rows(child)


def _children(element: Any) -> list[Any]:
    """Return the elements below one of the structure, without its marks in the pages."""
    import pikepdf

    kids = element.get("/K", [])
    listed = kids if isinstance(kids, pikepdf.Array) else [kids]
    return [each for each in listed if isinstance(each, pikepdf.Dictionary) and "/S" in each]


def _attributes(cell: Any) -> Any:
    """Return what a cell says of its place in the table."""
    return next(each for each in cell.A if each.O == "/Table")
