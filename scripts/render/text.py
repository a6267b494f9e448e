"""Statements, differences and traces as text, set as the annual report prints them.

    3.1.9 Resultaträkning Räddningstjänst
    Tkr                                2024     2023
      Verksamhetens intäkter         15 965   15 730
      Verksamhetens kostnader       -25 561  -24 209
    Verksamhetens nettokostnader    -10 192   -8 952

What is summed is indented, sums stand out to the left, and in bold on a terminal. Thousands are set off by a plain
space and the minus is a plain hyphen: what is on the screen can be searched for and pasted into a spreadsheet.
All texts are styled: plain after `click.unstyle`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any

import click

from forbundsbok.plugins.language import N_, language, tr, translation
from forbundsbok.plugins.ledger_text import cleaned_text
from forbundsbok.plugins.money import amount_text
from forbundsbok.plugins.places import file_line
from forbundsbok.queries.comparison import Comparison, Contradiction, Difference
from forbundsbok.queries.report import AnnualReport
from forbundsbok.queries.statement import (
    NOTE,
    Column,
    Figure,
    Measure,
    PostingLine,
    RegisterEntry,
    Side,
    Statement,
    StatementRow,
    Sum,
    grouped,
    kronor_of,
)
from forbundsbok.queries.trace import WITHOUT_VOUCHERS, SumTrace

INDENT = {"heading": 0, "sum": 0, "line": 2, "memo": 4}
GAP = "  "
TEXT_WIDTH = 60
"""How much a trace shows of a payee and narration."""


def statement_text(statement: Statement, *, in_kronor: bool = False) -> str:
    """Return the statement in tkr, or in kronor with öre. Styled: plain after `click.unstyle`."""
    into = statement.language
    unit = translation(N_("SEK") if in_kronor else N_("SEK thousand"), into)
    labels = _aligned([" " * INDENT[row.kind] + row.label for row in statement.rows], unit)
    columns = [
        _aligned([_figure(row, column.key, in_kronor, into) for row in statement.rows], _head(column), right=True)
        for column in statement.columns
    ]
    notes = []
    if any(row.note for row in statement.rows):
        notes.append(_aligned([row.note for row in statement.rows], translation(NOTE, into), right=True))
    head, *body = [GAP.join(cells) for cells in zip(labels, *columns, *notes, strict=True)]

    lines = [_styled(statement.heading(), bold=True), head.rstrip()]
    for row, cells in zip(statement.rows, body, strict=True):
        line = f"{cells}{GAP}{row.remark}".rstrip()
        lines.append(_styled(line, bold=True) if row.kind in ("sum", "heading") else line)
    if statement.footnotes:
        lines += ["", *statement.footnotes]
    return _joined(lines) + "\n"


def agreements_text(statement: Statement, agreements: Mapping[str, Sequence[Side]]) -> str:
    """Return what a statement's figures must agree with, a line each: row, column, the other side, its amount."""
    lines = [
        f"  {row.label}, {column.label}: {side.text}, {amount_text(kronor_of(side.ore), statement.language)}"
        for row in statement.rows
        for column in statement.columns
        for side in dict.fromkeys(agreements.get(statement.address(row, column), ()))
    ]
    return _joined(["", tr("Must agree with, and does:"), *(lines or [f"  {tr('nothing')}"])]) + "\n"


def text_files(report: AnnualReport) -> dict[str, str]:
    """Return a text for every statement, as printed."""
    return {f"{each.full_name}.txt": click.unstyle(statement_text(each)) for each in report.statements}


class _Styled(str):
    """A line in bold or in colour, made of characters that can be seen."""


def _styled(line: str, **how: Any) -> _Styled:
    return _Styled(click.style(cleaned_text(line), **how))


def _joined(lines: Iterable[str]) -> str:
    """Return lines as a text in which nothing steers a terminal but our own styles."""
    return "\n".join(line if isinstance(line, _Styled) else cleaned_text(line) for line in lines)


def _head(column: Column) -> str:
    return column.label[:1].upper() + column.label[1:]


def _figure(row: StatementRow, key: str, in_kronor: bool, into: str) -> str:
    figure = row.figures.get(key)
    if figure is None:
        return row.texts.get(key, "")
    return amount_text(figure.kronor, into) if in_kronor else grouped(figure.tkr)


def _aligned(cells: Sequence[str], head: str, *, right: bool = False) -> list[str]:
    """Return the head and the cells below it, all as wide as the widest."""
    column = [head, *cells]
    width = max(map(len, column))
    return [cell.rjust(width) if right else cell.ljust(width) for cell in column]


# Figures that differ


def comparison_text(comparison: Comparison, titles: Mapping[str, str], known_file: str = "") -> str:
    """Return the differences by statement and the count, styled. `titles` are the statements' by table."""
    blocks = [
        _differences(titles.get(table, table), list(differences))
        for table, differences in groupby(comparison.differences, lambda difference: difference.key.table)
    ]
    if comparison.stale:
        head = _styled(tr("Entries of {file} that do not hold:", file=known_file), bold=True)
        blocks.append(_joined([head, *(f"  {_stale(*pair)}" for pair in comparison.stale)]))
    return "\n\n".join([*blocks, _tally(comparison)]) + "\n"


def _differences(title: str, differences: list[Difference]) -> str:
    """Return the differences of a statement as a table, known ones with their reason below, others in red."""
    cells = [("", tr("printed"), tr("the books"))]
    for each in differences:
        label = f"  {each.key.row}, {each.key.column}"
        cells.append((label, _tkr(each.printed), _tkr(each.booked)))
    label_width, *widths = (max(map(len, column)) for column in zip(*cells, strict=True))
    head, *rows = [GAP.join([label.ljust(label_width), *map(str.rjust, figures, widths)]) for label, *figures in cells]
    lines = [_styled(title, bold=True), head]
    for each, row in zip(differences, rows, strict=True):
        if each.reason:
            lines += [row, "    " + tr("known contradiction: {reason}", reason=each.reason)]
        else:
            lines.append(_styled(row, fg="red"))
    return _joined(lines)


def _stale(entry: Contradiction, pair: Difference) -> str:
    if pair.printed is not None and pair.printed == pair.booked:
        why = tr("the figure no longer differs")
    else:
        why = tr(
            "says printed {printed} and required {required}, but the figures are {file} and {books}",
            printed=grouped(entry.printed),
            required=grouped(entry.required),
            file=_tkr(pair.printed),
            books=_tkr(pair.booked),
        )
    return f"{entry.key.table} {entry.key.row}, {entry.key.column}: {why}"


def _tally(comparison: Comparison) -> str:
    agreeing, figures = grouped(comparison.agreeing), grouped(comparison.figures)
    parts = [tr("{agreeing} of {figures} figures agree", agreeing=agreeing, figures=figures)]
    if differing := comparison.figures - comparison.agreeing:
        parts.append(tr("{count} differ", count=grouped(differing)))
    if known := len(comparison.differences) - len(comparison.unknown):
        parts.append(tr("of which {count} known contradictions", count=grouped(known)))
    if lacking := sum(difference.printed is None for difference in comparison.differences):
        parts.append(tr("{count} of the books are missing in the file", count=grouped(lacking)))
    return ", ".join(parts)


def _tkr(figure: int | None) -> str:
    return tr("missing") if figure is None else grouped(figure)


# The postings behind a figure


OPENING = N_("Opening balance of the year")
TOTAL = N_("Total in the books, debit plus, credit minus")
SIGNED_TOTAL = N_("Total, signed as the row")
REVERSED = N_("Sign reversed, as the row is printed")
ROUNDED = N_("Rounded, SEK thousand")
BY_DIRECTIVE = N_("from the budget or plan, without vouchers")

TAKEN = {
    Measure.MOVEMENT: N_("Movement {first} to {last}"),
    Measure.YEAR: N_("Movement from the beginning of the year to {last}"),
    Measure.OPENING: N_("Opening balance {first}"),
    Measure.CLOSING: N_("Balance {last}"),
    Measure.EARLIER: N_("Balance when {year} began"),
    Measure.BUDGET: N_("Budget {first} to {last}"),
    Measure.ADJUSTMENT: N_("Adjustment {first}"),
    Measure.SCHEDULE: N_("Movement or plan {first} to {last}"),
}
"""What a sum takes of its accounts."""


def taken_text(part: Sum, into: str) -> str:
    """Return what a sum takes of its accounts, in a language: `Saldo 2024-12-31`."""
    days = {"first": part.period.start, "last": part.period.end, "year": part.period.year}
    taken = translation(TAKEN[part.measure], into).format(**days)
    if not part.flow:
        return taken
    return translation(N_("{taken}, of that {flow}"), into).format(taken=taken, flow=", ".join(part.flow))


def trace_text(statement: Statement, row: StatementRow, column: Column, traces: Sequence[SumTrace]) -> str:
    """Return the postings, their subtotals, and how they make the figure; styled."""
    figure = row.figures[column.key]
    sheet = _Sheet(traces, figure.told)
    lines: list[str] = [
        _styled(statement.heading(), bold=True),
        _styled(
            f"{', '.join(dict.fromkeys((row.label, row.column or column.label)))}: {grouped(figure.tkr)} tkr", bold=True
        ),
    ]
    for trace in traces:
        lines += ["", *sheet.trace(trace)]
    if figure.told or not traces:
        lines += ["", *sheet.told()]
    return _joined([*lines, "", *sheet.proof(figure, traces)]) + "\n"


class _Sheet:
    """The lines of a trace, with all amounts in one column."""

    def __init__(self, traces: Sequence[SumTrace], told: Sequence[RegisterEntry]) -> None:
        self.directives = told
        postings = [line for trace in traces for account in trace.accounts for line in account.postings]
        self.voucher_width = max((len(line.voucher) for line in postings), default=0)
        words = (TOTAL, REVERSED, SIGNED_TOTAL, ROUNDED, BY_DIRECTIVE)
        self.label_width = max(
            *(len(self._label(line)) for line in postings),
            *(len(self._said(each)) for each in told),
            *(len(tr(each)) for each in words),
        )
        # A sum can be wider than its postings by a few digits.
        most = sum(abs(trace.ore) for trace in traces) + sum(abs(each.ore) for each in told)
        self.amount_width = max(len(amount_text(kronor_of(100 * most), language())), 14)

    def trace(self, trace: SumTrace) -> Iterator[str]:
        part = trace.part
        taken = taken_text(part, language())
        yield tr(N_("{taken}, sign reversed") if part.sign < 0 else N_("{taken}, added"), taken=taken)
        for account in trace.accounts:
            yield f"  {account.name}"
            if account.opening:
                yield self._line(f"    {tr(OPENING)}", kronor_of(account.opening))
            for line in account.postings:
                yield self._line(self._label(line), line.amount) + GAP + file_line(line.file, line.line)
            if part.measure in WITHOUT_VOUCHERS and not account.postings:
                yield self._line(f"    {tr(BY_DIRECTIVE)}", kronor_of(account.ore))
            elif len(account.postings) + bool(account.opening) > 1:
                yield self._sum("    " + tr("Total"), account.ore)
        if not trace.accounts:
            yield "  " + tr("no vouchers")
        elif len(trace.accounts) > 1:
            yield self._sum("  " + tr("Total of accounts"), trace.ore)

    def told(self) -> Iterator[str]:
        yield tr("What the registers tell, signed as the row")
        for each in self.directives:
            place = GAP + file_line(each.file, each.line) if each.file else ""
            yield self._line(self._said(each), kronor_of(each.ore)) + place
        if not self.directives:
            yield "  " + tr("nothing")

    def proof(self, figure: Figure, traces: Sequence[SumTrace]) -> Iterator[str]:
        signs = {trace.part.sign for trace in traces}
        if signs == {1, -1} or figure.told or not traces:
            yield self._sum(tr(SIGNED_TOTAL), figure.ore)
        else:
            yield self._sum(tr(TOTAL), sum(trace.ore for trace in traces))
            if signs == {-1}:
                yield self._sum(tr(REVERSED), figure.ore)
        yield f"{tr(ROUNDED).ljust(self.label_width)}{GAP}{grouped(figure.tkr):>{self.amount_width}}"
        posted = not any(trace.part.measure in WITHOUT_VOUCHERS and trace.accounts for trace in traces)
        if figure.told or not traces:
            yield tr("Vouchers and registers give the row's figure to the öre.")
        elif posted:
            yield tr("The vouchers give the row's figure to the öre.")
        else:
            yield tr("Vouchers and budget or plan give the row's figure to the öre.")

    def _label(self, line: PostingLine) -> str:
        text = ", ".join(filter(None, (line.payee, line.narration)))
        if len(text) > TEXT_WIDTH:
            text = text[: TEXT_WIDTH - 1] + "…"
        return f"    {line.date}  {line.voucher:<{self.voucher_width}}  {text}"

    def _said(self, told: RegisterEntry) -> str:
        return f"    {told.date}  {told.text}"

    def _line(self, label: str, amount: Decimal) -> str:
        return f"{label:<{self.label_width}}{GAP}{amount_text(amount, language()):>{self.amount_width}}"

    def _sum(self, label: str, ore: int) -> str:
        return _styled(self._line(label, kronor_of(ore)), bold=True)
