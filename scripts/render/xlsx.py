"""The annual accounts as an Excel workbook: a sheet a statement, and below them what they are made of.

    arsredovisning-2024.xlsx    Innehåll, resultat, resultat-RT, ... Rader, Saldon, Poster, Händelser, Siffror, Bevis

Every figure is a formula, down to the postings (formulas.py): who changes a posting sees what follows of it. Values
are cached, for who does not calculate. Texts are written as texts, whatever they begin with. Nothing comes from the
clock, so that the same books give the same bytes.
"""

import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from forbundsbok.plugins.language import N_, tr
from forbundsbok.plugins.ledger_text import cleaned_text
from forbundsbok.queries.report import AnnualReport
from forbundsbok.queries.statement import Column, Statement, StatementRow
from forbundsbok.queries.statements import StatementError
from forbundsbok.scripts.render.cells import FIRST, HEAD, Cell, Formula, Link, Listing, letters_of, of_sheet
from forbundsbok.scripts.render.formulas import LINE_CELLS, Formulas
from forbundsbok.scripts.render.sources import ACCOUNT, AMOUNT, BALANCES, FROM, TO, UNIT

MOST_ROWS = 1_048_576
MOST_LINKS = 65_000
LONGEST_TEXT = 32_767
"""What a sheet, and a cell, of a workbook holds at most."""

SPARE = 500
"""Rows below the lists that are summed too, for what somebody adds."""

TKR = "#,##0;−#,##0;0"
KRONOR = "#,##0.00;−#,##0.00;0.00"
IN_LIST = "#,##0.00_ _ ;−#,##0.00_ _ ;0.00_ _ "
"""As kronor, apart from the text that follows."""

ISO = "yyyy-mm-dd"

LEADS_TO_FORMULA = tuple("=+-@")
"""What a text begins with that would be a formula where somebody typed it: Excel is told that it is a text."""

FAINT, LINK, STRIPE, RULE = "#6B6B6B", "#1F4E79", "#F2F2F2", "#808080"


def xlsx_files(report: AnnualReport) -> Mapping[str, bytes]:
    """Return the workbook, by its name. Raises StatementError where there is more than a workbook holds."""
    return {f"{report.file_name}.xlsx": _Book(report).bytes()}


HOW = (
    N_("A figure leads to its vouchers: by → to the accounts that it is made of, and from an account to its postings."),
    N_("Every figure is a formula. Change a posting's amount, account or date, or add one below the last, and see."),
    N_("Rows behind a + in the margin are not shown: only sums take them, or there is nothing in them."),
)
"""How the workbook is used."""

OF_LINES = N_("What each row of a statement is made of, signed as the row; an account leads to its postings.")


class _Book:
    """The workbook of a report, as it is written."""

    def __init__(self, report: AnnualReport) -> None:
        import xlsxwriter  # type: ignore[import-untyped]
        from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

        class Sheet(Worksheet):  # type: ignore[misc]
            """A sheet whose formulas use no functions but old ones: to look for newer in each takes a fourth of all."""

            def _prepare_formula(self, formula: str, *_: object) -> str:
                return formula.removeprefix("=")

        self.sheet_class = Sheet
        self.report = report
        self.formulas = Formulas(report)
        self.tr = self.formulas.tr
        self.stream = io.BytesIO()
        self.book: Any = xlsxwriter.Workbook(self.stream, {"in_memory": True})
        self._formats: dict[tuple[tuple[str, object], ...], Any] = {}

    def bytes(self) -> bytes:
        """Return the finished workbook."""
        made = datetime.combine(self.report.period.end, time())
        title = f"{self.report.federation} {self.report.period_in_words}"
        self.book.set_properties({"title": title, "author": self.report.federation, "created": made})
        self._contents()
        for statement in self.report.statements:
            self._statement(statement)
        self._lines()
        for table in self.formulas.tables:
            self._table(table)
        for (sheet, column), name in self.formulas.sources.names.items():
            self._define(sheet, column, name)
        self.book.close()
        return self.stream.getvalue()

    # Cells

    def look(self, **properties: object) -> Any:
        """Return a look of cells; each exists once."""
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self.book.add_format({"font_name": "Calibri", "font_size": 10, **properties})
        return self._formats[key]

    def write(self, sheet: Any, row: int, column: int, value: Cell, **look: object) -> None:
        """Write a cell; what is a text stays one."""
        match value:
            case None:
                if look:
                    sheet.write_blank(row, column, None, self.look(**look))
            case Formula():
                sheet.write_formula(row, column, f"={value.text}", self.look(**look), value.value)
            case Link():
                look = {"font_color": LINK, **look}
                text = cleaned_text(value.text)
                if sheet.hlink_count < MOST_LINKS:
                    target = f"internal:{of_sheet(value.sheet)}A{value.row + 1}"
                    sheet.write_url(row, column, target, self.look(**look), text)
                else:
                    sheet.write_string(row, column, text, self.look(**look))
            case str():
                text = cleaned_text(value)[:LONGEST_TEXT]
                if text.startswith(LEADS_TO_FORMULA):
                    look = {**look, "quote_prefix": True}
                sheet.write_string(row, column, text, self.look(**look))
            case date():
                sheet.write_datetime(row, column, value, self.look(**{"num_format": ISO, "align": "left", **look}))
            case _:
                sheet.write_number(row, column, value, self.look(**look))

    def _sheet(self, name: str, title: str, about: str) -> Any:
        """Return a new sheet with its head, and the way back to the contents."""
        sheet = self.book.add_worksheet(name, self.sheet_class)
        self.write(sheet, 0, 0, title, bold=True, font_size=14)
        self.write(sheet, 1, 0, about, font_color=FAINT)
        if name != self.formulas.contents_sheet:
            self.write(sheet, 2, 0, Link(f"← {self.formulas.contents_sheet}", self.formulas.contents_sheet))
        sheet.hide_gridlines(2)
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer(f"&L{self._of_footer(self.report.federation)}&C{self._of_footer(title)}&R&P (&N)")
        return sheet

    def _of_footer(self, text: str) -> str:
        return cleaned_text(text).replace("&", "&&")[:100]

    # Statements

    def _statement(self, statement: Statement) -> None:
        of = self.formulas
        about = f"{self.report.federation}, {self.report.period_in_words}"
        name = of.sheets[statement.full_name]
        sheet = self._sheet(name, statement.heading(), about)
        figures, width = len(statement.columns), of.remark_column(statement)
        sheet.set_column(0, 0, _width((row.label for row in statement.lines), 24, 60))
        has_notes = any(row.note for row in statement.rows)
        sheet.set_column(1, 1, 5 if has_notes else 1)
        sheet.set_column(2, width - 1, _width((each.label for each in statement.columns), 12, 24))
        remarks = [row.remark for row in statement.rows if row.remark]
        sheet.set_column(width, width, _width(remarks, 12, 40) if remarks else 2)
        sheet.set_column(width + 1, width + 1, 2)
        sheet.set_column(width + 2, width + 1 + figures, _width((each.label for each in statement.columns), 16, 24))
        sheet.set_column(of.link_column(statement), of.link_column(statement), 10)
        sheet.set_column(of.link_column(statement) + 1, of.link_column(statement) + 1, 50)
        if reference := self._referring(statement):
            self.write(sheet, HEAD - 1, 0, reference)
        top = {"bold": True, "align": "right", "valign": "bottom", "text_wrap": True}
        for column in statement.columns:
            for place, unit in self._places(statement, column):
                self.write(sheet, HEAD - 1, place, unit, align="right", font_color=FAINT)
                self.write(sheet, HEAD, place, column.label, **top, bottom=1, **self._tone(column))
        self.write(sheet, HEAD, 0, "", bottom=1)
        self.write(sheet, HEAD, 1, self.tr(N_("Note")) if has_notes else None, bold=True, bottom=1)
        shown = {row.id for row in statement.rows}
        for place, row in enumerate(statement.lines, start=FIRST):
            if row.id not in shown:
                sheet.set_row(place, None, None, {"hidden": True, "level": 1})
            self._row(sheet, place, statement, row)
        last = FIRST + len(statement.lines)
        for place, footnote in enumerate(statement.footnotes, start=last + 1):
            self.write(sheet, place, 0, footnote, font_color=FAINT, italic=True)
        sheet.freeze_panes(FIRST, 1)
        sheet.repeat_rows(0, HEAD)
        sheet.print_area(0, 0, last + len(statement.footnotes), width if remarks else width - 1)
        if figures > 3:
            sheet.set_landscape()
        whole = f"A1:{letters_of(of.link_column(statement))}{last + 1}"
        sheet.ignore_errors({"number_stored_as_text": whole, "formula_differs": whole, "formula_range": whole})

    def _places(self, statement: Statement, column: Column) -> Sequence[tuple[int, str]]:
        """Return where the figures of a column stand, in which unit."""
        of = self.formulas
        return (
            (of.tkr_column(statement, column.key), self.tr(N_("tkr"))),
            (of.kronor_column(statement, column.key), self.tr(N_("kronor"))),
        )

    def _tone(self, column: Column) -> dict[str, object]:
        """Return the look of a column: the year asked for is darker than the one that it is compared with."""
        is_other = column.period is not None and column.period.year != self.report.period.year
        return {"font_color": FAINT} if is_other else {}

    def _row(self, sheet: Any, place: int, statement: Statement, row: StatementRow) -> None:
        of = self.formulas
        is_sum = row.kind == "sum"
        look: dict[str, object] = {"bold": row.kind in ("sum", "heading"), "italic": row.kind == "memo"}
        rule: dict[str, object] = {"top": 1, "top_color": RULE} if is_sum else {}
        indent = (
            {"indent": 1}
            if row.kind in ("line", "memo") and any(each.kind != "line" for each in statement.rows)
            else {}
        )
        self.write(sheet, place, 0, row.label, **look, **rule, **indent)
        note = f"not-{row.note}"
        leads = Link(row.note, of.sheets[note]) if row.note and note in of.sheets else row.note or None
        self.write(sheet, place, 1, leads, **rule)
        for column in statement.columns:
            figure = row.figures.get(column.key)
            (in_tkr, _), (in_kronor, _) = self._places(statement, column)
            tone = self._tone(column)
            if figure is not None:
                self.write(sheet, place, in_tkr, of.tkr(statement, row, column), num_format=TKR, **look, **rule, **tone)
                kronor = of.kronor(statement, row, column)
                self.write(sheet, place, in_kronor, kronor, num_format=KRONOR, **look, **rule, **tone)
            elif text := row.texts.get(column.key):
                self.write(sheet, place, in_tkr, text, align="right", **tone)
            elif rule:
                self.write(sheet, place, in_tkr, None, **rule)
        if row.remark:
            self.write(sheet, place, of.remark_column(statement), self._remark(statement, row, place), indent=1)
        if row.figures and (block := of.block_of(statement, row)):
            self.write(
                sheet, place, of.link_column(statement), Link(f"→ {of.lines_sheet}", of.lines_sheet, block.at), indent=1
            )
        if agrees := of.agrees_with(statement, row):
            self.write(sheet, place, of.link_column(statement) + 1, agrees)

    def _remark(self, statement: Statement, row: StatementRow, place: int) -> Cell:
        """Return what is said of a goal, so that it follows the figure that is held against it."""
        if not {"year", "least"} <= set(row.figures):
            return row.remark
        reached, least = (
            f"{letters_of(self.formulas.kronor_column(statement, key))}{place + 1}" for key in ("year", "least")
        )
        met, missed = self.tr(N_("met")), self.tr(N_("not met"))
        return Formula(f'IF(ROUND({reached}-{least},2)>=0,"{met}","{missed}")', row.remark)

    def _referring(self, statement: Statement) -> Link | None:
        """Return the way back from a note to the row that refers to it first."""
        if not statement.table.startswith("not-"):
            return None
        number = statement.table.removeprefix("not-")
        for other in self.report.statements:
            for row in other.rows:
                if row.note == number:
                    sheet = self.formulas.sheets[other.full_name]
                    place = self.formulas.statement_rows[other.full_name, row.id]
                    return Link(f"← {other.title}: {row.label}", sheet, place)
        return None

    # What they are made of

    def _lines(self) -> None:
        of = self.formulas
        sheet = self._sheet(of.lines_sheet, of.lines_sheet, self.tr(OF_LINES))
        most = max(len(each.columns) for each in self.report.statements)
        sheet.set_column(0, 0, 52)
        sheet.set_column(1, 1, 30)
        sheet.set_column(2, 2, 8)
        sheet.set_column(3, 3, 30)
        sheet.set_column(LINE_CELLS, LINE_CELLS + most - 1, 17)
        head = (ACCOUNT, N_("Name"), UNIT, N_("Taken"))
        for place, text in enumerate(head):
            self.write(sheet, HEAD, place, self.tr(text), bold=True, bottom=1)
        for place in range(most):
            self.write(sheet, HEAD, LINE_CELLS + place, self.tr(N_("kronor")), bold=True, bottom=1, align="right")
        for block in of.blocks.values():
            if not block.lines:
                continue
            statement, look = block.statement, {"bold": True, "bg_color": STRIPE}
            row = of.statement_rows[statement.full_name, block.row.id]
            called = f"{statement.heading()}: {block.row.label}"
            self.write(sheet, block.at, 0, Link(called, of.sheets[statement.full_name], row), **look)
            for place in range(1, LINE_CELLS):
                self.write(sheet, block.at, place, None, **look)
            for column in statement.columns:
                place = of.line_column(statement, column.key)
                self.write(sheet, block.at, place, column.label, **look, align="right")
            for row, line in zip(block.rows, block.lines, strict=True):
                if all(each.value == 0 for each in line.cells.values()):
                    sheet.set_row(row, None, None, {"hidden": True, "level": 1})
                self.write(sheet, row, 0, line.name)
                for place, text in enumerate((line.label, line.unit, line.taken), start=1):
                    self.write(sheet, row, place, text or None)
                for key, formula in line.cells.items():
                    self.write(sheet, row, of.line_column(statement, key), formula, num_format=KRONOR)
        self._as_list(sheet, LINE_CELLS + most)

    def _table(self, table: Listing) -> None:
        if FIRST + len(table.rows) > MOST_ROWS:
            text = N_("{sheet} would have {count} rows, and a sheet holds {most}: ask for parquet or duckdb instead.")
            values = {"sheet": table.sheet, "count": len(table.rows), "most": MOST_ROWS}
            raise StatementError(tr(text, **values))
        sheet = self._sheet(table.sheet, table.sheet, table.about)
        for place, text in enumerate(table.head):
            cells = [row[place] for row in table.rows]
            kinds = {type(_value(cell)) for cell in cells}
            head = {"align": "right"} if kinds & {Decimal, int} else {}
            self.write(sheet, HEAD, place, text, bold=True, bottom=1, text_wrap=True, **head)
            sheet.set_column(place, place, _width(map(_shown, cells), max(10, len(text) + 3), 60))
            look = {"num_format": IN_LIST} if Decimal in kinds else {}
            for row, cell in enumerate(cells, start=FIRST):
                self.write(sheet, row, place, cell, **look)
        if table.sheet == self.formulas.sources.balances_sheet:
            self._days(sheet)
        sheet.autofilter(HEAD, 0, HEAD + len(table.rows), len(table.head) - 1)
        self._as_list(sheet, len(table.head))

    def _as_list(self, sheet: Any, columns: int) -> None:
        sheet.freeze_panes(FIRST, 1)
        sheet.repeat_rows(HEAD)
        sheet.set_landscape()
        whole = f"A1:{letters_of(columns)}{MOST_ROWS}"
        sheet.ignore_errors({"number_stored_as_text": whole, "formula_differs": whole, "formula_range": whole})

    def _days(self, sheet: Any) -> None:
        """Write the days that balances are summed from and to, above their heads."""
        for row, text in ((FROM, N_("From")), (TO, N_("To"))):
            self.write(sheet, row, BALANCES - 1, self.tr(text), align="right", font_color=FAINT)
        for place, (first, last) in enumerate(self.formulas.sources.days, start=BALANCES):
            self.write(sheet, FROM, place, first, align="right", font_color=FAINT)
            self.write(sheet, TO, place, last, align="right", font_color=FAINT)

    def _define(self, sheet: str, column: str, name: str) -> None:
        """Name a column of a list, with room for rows that somebody adds."""
        table = next(each for each in self.formulas.tables if each.sheet == sheet)
        letters = letters_of(table.head.index(self.tr(column)))
        last = min(FIRST + len(table.rows) + SPARE, MOST_ROWS)
        self.book.define_name(name, f"={of_sheet(sheet)}${letters}${FIRST + 1}:${letters}${last}")

    # Contents

    def _contents(self) -> None:
        of, report = self.formulas, self.report
        sheet = self._sheet(of.contents_sheet, report.federation, report.title)
        sheet.set_column(0, 0, 58)
        sheet.set_column(1, 1, 66)
        row = 2
        for name, value, look in self._facts():
            row += 1
            self.write(sheet, row, 0, name)
            self.write(sheet, row, 1, value, align="left", **look)
        row += 1
        for text in HOW:
            row += 1
            self.write(sheet, row, 0, self.tr(text), font_color=FAINT)
        lists = [(of.lines_sheet, self.tr(OF_LINES)), *((table.sheet, table.about) for table in of.tables)]
        for title, listed in (
            (N_("Statements"), [(each.heading(), of.sheets[each.full_name], "") for each in report.statements]),
            (N_("What they are made of"), [(name, name, text) for name, text in lists]),
        ):
            row += 2
            for place, head in enumerate((self.tr(title), self.tr(N_("Sheet")) if title == N_("Statements") else "")):
                self.write(sheet, row, place, head, bold=True, bottom=1)
            for text, name, note in listed:
                row += 1
                self.write(sheet, row, 0, Link(text, name))
                self.write(sheet, row, 1, note or name, font_color=FAINT)
        sheet.repeat_rows(0)

    def _facts(self) -> Iterable[tuple[str, Cell, dict[str, object]]]:
        """Yield what is to be known of the workbook: whose it is, and whether it is as it was made."""
        of, report = self.formulas, self.report
        if report.number:
            yield self.tr(N_("Organisation number")), report.number, {}
        for seal in report.seals:
            yield self.tr(N_("Sigill {year}"), year=seal.year), seal.sigill, {}
        total = Formula(f"ROUND(SUM({of.sources.names[of.sources.postings_sheet, AMOUNT]}),2)", Decimal(0))
        yield self.tr(N_("Postings, debit less credit")), total, {"num_format": KRONOR}
        for table, text in (
            (of.figures_table, N_("Figures that are other than when the workbook was made")),
            (of.proofs_table, N_("Proofs that do not hold")),
        ):
            if table in of.tables:
                letters, last = letters_of(len(table.head) - 1), FIRST + len(table.rows)
                cells = f"{of_sheet(table.sheet)}{letters}{FIRST + 1}:{letters}{last}"
                yield self.tr(text), Formula(f"SUMPRODUCT(({cells}<>0)*1)", 0), {}


def _width(texts: Iterable[str], least: int, most: int) -> int:
    """Return how wide a column is to be for its texts."""
    return min(most, max([least, *(len(text) + 1 for text in texts)]))


def _value(cell: Cell) -> object:
    return cell.value if isinstance(cell, Formula) else cell


def _shown(cell: Cell) -> str:
    """Return about what a cell shows, to measure it."""
    match cell:
        case None:
            return ""
        case Link():
            return cell.text
        case _:
            value = _value(cell)
            return f"{value:,.2f}" if isinstance(value, Decimal) else str(value)
