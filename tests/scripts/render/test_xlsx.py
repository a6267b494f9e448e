"""The workbook, calculated anew from its postings: all that was cached in it is made wrong before it is read."""

import io
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import formualizer
import pytest
from beancount.core import data

from forbundsbok.plugins.loading import LoadedLedger
from forbundsbok.queries.general_ledger import load, read
from forbundsbok.queries.report import AnnualReport, report
from forbundsbok.queries.statement import Figure, Period, Statement, StatementRow
from forbundsbok.queries.statements import StatementError
from forbundsbok.scripts.render import xlsx
from forbundsbok.scripts.render.csv import csv_files
from forbundsbok.scripts.render.xlsx import xlsx_files
from tests.conftest import TINY
from tests.federations.bildat import bildat
from tests.federations.events import Federation
from tests.federations.skola import skola
from tests.scripts.render.conftest import LoadFederation, ReportOf, made_of

HEAD = 5
"""The row with the heads of columns, counted from 1 as a workbook does."""


@dataclass(frozen=True)
class Calculated:
    """A workbook calculated anew, all of its `poisoned` cached values wrong before."""

    book: Any
    poisoned: int

    def rows(self, sheet: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
        """Yield the rows of a list by their heads, with where each stands."""
        heads: list[str] = []
        while head := self.book.get_value(sheet, HEAD, len(heads) + 1):
            heads.append(head)
        row = HEAD + 1
        while any(cells := [self.book.get_value(sheet, row, place) for place in range(1, len(heads) + 1)]):
            yield row, dict(zip(heads, cells, strict=True))
            row += 1

    def statement(self, made: Statement) -> Statement:
        """Return a statement as its sheet has it, in kronor; what is printed there in tkr is the same, rounded."""
        sheet, count = made.full_name, len(made.columns)
        heads = [self.book.get_value(sheet, HEAD, place) for place in range(3, 2 * count + 5)]
        assert heads[:count] == heads[count + 2 :] == [column.label for column in made.columns]
        rows = []
        for at, row in enumerate(made.lines, start=HEAD + 1):
            assert self.book.get_value(sheet, at, 1) == row.label
            figures = {}
            for place, column in enumerate(made.columns, start=3):
                if column.key in row.figures:
                    tkr, kronor = (self.book.get_value(sheet, at, each) for each in (place, place + count + 2))
                    assert self.book.get_formula(sheet, at, place).startswith("=ROUND(ROUND(")
                    figures[column.key] = Figure(round(kronor * 100))
                    assert tkr == figures[column.key].tkr, (sheet, row.label, column.label)
            rows.append(replace(row, figures=figures))
        shown = {row.id for row in made.rows}
        return replace(made, rows=tuple(row for row in rows if row.id in shown), lines=tuple(rows))

    def report(self, made: AnnualReport) -> AnnualReport:
        """Return a report as the workbook has it."""
        return replace(made, statements=tuple(map(self.statement, made.statements)))


def calculated(content: bytes, change: Callable[[Any], None] = lambda _: None) -> Calculated:
    """Return a workbook calculated anew, when something in it has been changed."""
    poisoned, stream = 0, io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as cached, zipfile.ZipFile(stream, "w") as wrong:
        for name in cached.namelist():
            part, count = re.subn(r"(</f><v>)[^<]*(?=</v>)", r"\g<1>-98765.4321", cached.read(name).decode())
            poisoned += count
            wrong.writestr(name, part)
    book = formualizer.Workbook.from_bytes(stream.getvalue())
    change(book)
    book.evaluate_all()
    return Calculated(book, poisoned)


def workbook_of(made: AnnualReport) -> bytes:
    [content] = xlsx_files(made).values()
    return content


@pytest.fixture(scope="module")
def school(load_federation: LoadFederation) -> LoadedLedger:
    return load_federation(skola)


@pytest.fixture(scope="module")
def of_school(report_of: ReportOf) -> tuple[AnnualReport, bytes]:
    made = report_of(skola, Period(2025), "")
    return made, workbook_of(made)


# Every figure follows from the postings


def assert_same(made: AnnualReport, least: int) -> None:
    """Hold every figure of a workbook against CSV."""
    book = calculated(workbook_of(made))
    assert book.poisoned > least
    assert csv_files(book.report(made)) == csv_files(made)


def test_every_figure_of_a_whole_report_is_that_of_csv(sjuharad_report: AnnualReport) -> None:
    assert_same(sjuharad_report, least=20_000)


@pytest.mark.parametrize(
    ("federation", "period", "layout"),
    [
        (skola, Period(2025), "lag"),
        (skola, Period(2025, 3, 8), ""),
        (bildat, Period(2023), ""),  # the books open in June
        (bildat, Period(2023, 8, 12), ""),
        (bildat, Period(2024, 1, 6), ""),
    ],
)
def test_every_figure_of_another_federation_is_that_of_csv(
    federation: Callable[[], Federation], period: Period, layout: str, report_of: ReportOf
) -> None:
    assert_same(report_of(federation, period, layout), least=800)


# Who changes a posting sees what follows of it


class Edit(NamedTuple):
    """What is changed of a posting of 2025: what is added to its amount, its account, or its day."""

    voucher: str
    account: str
    amount: int = 0
    to_account: str = ""
    day: date | None = None

    def in_books(self, entries: data.Directives) -> data.Directives:
        """Return the books with it. Nobody asks the rules whether they may be so."""
        changed = [self._changed(entry) if self._is_of(entry) else entry for entry in entries]
        assert changed != entries
        return changed

    def _is_of(self, entry: data.Directive) -> bool:
        return isinstance(entry, data.Transaction) and (entry.meta.get("ver"), entry.date.year) == (self.voucher, 2025)

    def _changed(self, entry: data.Directive) -> data.Directive:
        assert isinstance(entry, data.Transaction)
        postings = [self._posting(each) if each.account == self.account else each for each in entry.postings]
        return entry._replace(postings=postings, date=self.day or entry.date)

    def _posting(self, posting: data.Posting) -> data.Posting:
        assert posting.units
        assert isinstance(posting.units.number, Decimal)
        units = posting.units._replace(number=posting.units.number + self.amount)
        return posting._replace(units=units, account=self.to_account or posting.account)

    def in_workbook(self, book: Any) -> None:
        """Change the cells of the list of postings."""
        own = [
            (row, cells)
            for row, cells in Calculated(book, 0).rows("Poster")
            if (cells["Verifikation"], cells["Datum"].year) == (self.voucher, 2025)
        ]
        for row, cells in own:
            if cells["Konto"] == self.account:
                book.set_value("Poster", row, 5, cells["Belopp"] + self.amount)
                book.set_value("Poster", row, 3, self.to_account or self.account)
            if self.day:
                book.set_value("Poster", row, 1, self.day)


BOUGHT, PAID = "L 5", "U 32"
COST, VAT, DEBT, BANK = (
    "Expenses:GYM:64600-Material", "Assets:GYM:16500-Ingående-moms", "Liabilities:GYM:25100-Leverantörsskulder",
    "Assets:GYM:19300-Bank",
)  # fmt: skip


@pytest.mark.parametrize(
    ("edits", "rows"),
    [
        (
            [Edit(BOUGHT, COST, 4_000), Edit(BOUGHT, DEBT, -4_000)],
            {"Förbrukningsinventarier och material", "Leverantörsskulder"},
        ),
        # The bank is overdrawn, and the supplier owes: both stand on the other side of the balance sheet.
        ([Edit(PAID, DEBT, 30_000_000), Edit(PAID, BANK, -30_000_000)], {"Övertrasserade bankkonton"}),
        ([Edit(BOUGHT, VAT, 5_000_000), Edit(BOUGHT, DEBT, -5_000_000)], {"Momsfordran"}),
        ([Edit(BOUGHT, COST, to_account="Expenses:GYM:50100-Löner")], {"Löner och andra ersättningar"}),
        ([Edit(BOUGHT, COST, day=date(2024, 12, 16))], {"Årets resultat"}),
    ],
)
def test_who_changes_a_posting_sees_the_statements_of_the_changed_books(
    edits: list[Edit], rows: set[str], school: LoadedLedger, of_school: tuple[AnnualReport, bytes]
) -> None:
    made, content = of_school
    entries = school.entries
    for edit in edits:
        entries = edit.in_books(entries)
    ledger = read(sorted(entries, key=lambda entry: entry.date), school.options)
    changed = report(ledger, made.period, made.compare)

    def change(book: Any) -> None:
        for edit in edits:
            edit.in_workbook(book)

    book = calculated(content, change)
    others = set()
    for before, after in zip(made.statements, changed.statements, strict=True):
        known = {row.id: row for row in after.lines}
        for was, now in zip(before.lines, book.statement(before).lines, strict=True):
            for key, figure in now.figures.items():
                if known[now.id].figures[key].told:  # what follows from the results of years is no sum of postings
                    continue
                assert figure.ore == known[now.id].figures[key].ore, (before.full_name, now.label, key)
                if figure.ore != was.figures[key].ore:
                    others.add(now.label)
    assert rows <= others
    assert len(others) < 60


def test_the_workbook_tells_which_figures_are_other_than_when_it_was_made(
    of_school: tuple[AnnualReport, bytes],
) -> None:
    _, content = of_school
    asked = {"Poster, debet minus kredit", "Siffror som är andra än när arbetsboken gjordes", "Bevis som inte håller"}

    def told(book: Calculated) -> dict[str, float]:
        cells = ([book.book.get_value("Innehåll", row, place) for place in (1, 2)] for row in range(1, 12))
        return {name: value for name, value in cells if name in asked}

    assert set(told(calculated(content)).values()) == {0}
    assert len(told(calculated(content))) == len(asked)
    one_sided = told(calculated(content, Edit(BOUGHT, COST, 4_000).in_workbook))
    assert one_sided["Poster, debet minus kredit"] == 4_000
    assert one_sided["Siffror som är andra än när arbetsboken gjordes"] > 5
    assert one_sided["Bevis som inte håller"] > 0


# What stands in it


def test_every_figure_has_its_address_and_each_once(of_school: tuple[AnnualReport, bytes]) -> None:
    made, content = of_school
    listed = [cells for _, cells in calculated(content).rows("Siffror")]
    figures = {
        each.address(row, column): row.figures[column.key]
        for each in made.statements
        for row in each.rows
        for column in each.columns
        if column.key in row.figures
    }
    assert [cells["Adress"] for cells in listed] == list(figures)
    assert [cells["Tkr"] for cells in listed] == [figure.tkr for figure in figures.values()]
    assert {cells["Ändrat sedan dess"] for cells in listed} == {0}


def test_links_lead_where_they_say(of_school: tuple[AnnualReport, bytes]) -> None:
    """An account of a row leads to its first posting, a row to what it is made of, a note's number to the note."""
    made, content = of_school
    book = calculated(content)
    parts = Parts(content)
    postings: dict[str, int] = {}
    for row, cells in book.rows("Poster"):
        postings.setdefault(cells["Konto"], row)
    lines = parts.links("Rader")
    accounts = {cell: where for cell, where in lines.items() if where[0] == "Poster"}
    for cell, (_, row) in accounts.items():
        account = book.book.get_value("Rader", int(cell[1:]), 1)
        assert row == postings.get(account, HEAD + 1)
    assert len(accounts) > 500
    agreeing = 0
    for statement in made.statements:
        links = parts.links(statement.full_name)
        for at, line in enumerate(statement.lines, start=HEAD + 1):
            own = [where for cell, where in links.items() if re.fullmatch(rf"[A-Z]+{at}", cell)]
            for sheet, row in own:
                told = book.book.get_value(sheet, row, 1)
                if sheet == "Rader":
                    assert line.adds or told == f"{statement.heading()}: {line.label}"
                elif sheet != f"not-{line.note}":
                    agreeing += 1
                    sides = {side.text for address in addresses(statement, line) for side in made.agreements[address]}
                    assert any(text.endswith(f": {told}") for text in sides)
            assert not line.note or (f"not-{line.note}", 1) in own
    assert agreeing > 10


def addresses(statement: Statement, line: StatementRow) -> list[str]:
    """Return those of a row's figures that must agree with others."""
    return [statement.address(line, column) for column in statement.columns if column.key in line.figures]


def test_heads_stay_and_are_printed_on_every_page_one_page_wide(of_school: tuple[AnnualReport, bytes]) -> None:
    made, content = of_school
    parts = Parts(content)
    for name in [*(each.full_name for each in made.statements), "Rader", "Saldon", "Poster", "Siffror"]:
        sheet = parts.sheet(name)
        assert 'state="frozen"' in sheet
        assert f'topLeftCell="B{HEAD + 1}"' in sheet
        assert '<pageSetUpPr fitToPage="1"/>' in sheet
        assert re.search(rf"_xlnm.Print_Titles[^>]*>'?{name}'?!\$\d:\${HEAD}<", parts.workbook)


class Parts:
    """The files that a workbook is made of."""

    def __init__(self, content: bytes) -> None:
        self.archive = zipfile.ZipFile(io.BytesIO(content))
        self.workbook = self.archive.read("xl/workbook.xml").decode()
        self.names = re.findall(r'<sheet name="([^"]+)"', self.workbook)

    def sheet(self, name: str) -> str:
        return self.archive.read(f"xl/worksheets/sheet{self.names.index(name) + 1}.xml").decode()

    def links(self, name: str) -> dict[str, tuple[str, int]]:
        """Return the links of a sheet: from which cell, to which sheet and row."""
        found = re.findall(r'<hyperlink ref="(\w+)" location="\'?([^!\']+)\'?!A(\d+)"', self.sheet(name))
        assert {sheet for _, sheet, _ in found} <= set(self.names)
        return {cell: (sheet, int(row)) for cell, sheet, row in found}


def test_no_text_becomes_a_formula(tmp_path: Path) -> None:
    """Neither what a voucher says, who it is with, nor what an account is called, whatever each begins with."""
    evils = {number: f"{begins}HYPERLINK({number})" for number, begins in enumerate(["=", "+", "-", "@", "\t=", "\r="])}
    books = TINY
    for number, evil in evils.items():
        boat = f"Assets:RT:1210-Inventarier:Båt{number}"
        books += f'\n2020-12-31 open {boat} SEK\n  benamning: "{evil.strip()}"\n'
        books += f'\n2022-04-11 * "{evil}" "{evil}"\n  ver: "E {number + 1}"\n  {boat} 1.00 SEK\n'
        books += "  Assets:RT:1910-Kassa-och-bank -1.00 SEK\n"
    path = tmp_path / "main.bean"
    path.write_text(books, encoding="utf-8", newline="")
    content = workbook_of(made_of(load(path), Period(2022)))
    book = calculated(content)
    postings, told = list(book.rows("Poster")), [cells["Benämning"] for _, cells in book.rows("Saldon")]
    for number, evil in evils.items():
        row, cells = next(each for each in postings if each[1]["Verifikation"] == f"E {number + 1}")
        assert cells["Motpart"].strip() == cells["Text"].strip() == evil.strip()
        assert book.book.get_formula("Poster", row, 6) is None
        assert evil.strip() in told
    parts = Parts(content)
    assert 'quotePrefix="1"' in parts.archive.read("xl/styles.xml").decode()
    assert not re.search(r"<f>[^<]*HYPERLINK", "".join(map(parts.sheet, parts.names)))


def test_accounts_that_differ_in_capitals_alone_are_kept_apart(tmp_path: Path) -> None:
    """A workbook compares texts whatever their capitals."""
    books = TINY.replace("3119-Medlemsavgifter:Österby SEK", "3119-Medlemsavgifter:Österby SEK\n" + TWIN)
    books += VOUCHER_OF_TWIN
    path = tmp_path / "main.bean"
    path.write_text(books, encoding="utf-8")
    made = made_of(load(path), Period(2022))
    book = calculated(workbook_of(made))
    assert csv_files(book.report(made)) == csv_files(made)
    fees = {cells["Konto"]: cells["Rörelse"] for _, cells in book.rows("Saldon") if ":3119-" in cells["Konto"]}
    # Which of the two comes first is a matter of their order.
    assert fees["Income:RT:3119-Medlemsavgifter:ÖSTERBY"] == -7
    assert fees["Income:RT:3119-Medlemsavgifter:Österby (2)"] == -1_200_000


TWIN = "2020-12-31 open Income:RT:3119-Medlemsavgifter:ÖSTERBY SEK"
VOUCHER_OF_TWIN = """
2022-05-05 * "Österby" "Tillägg"
  ver: "K 3"
  Assets:RT:1910-Kassa-och-bank                       7.00 SEK
  Income:RT:3119-Medlemsavgifter:ÖSTERBY             -7.00 SEK
"""


def test_the_same_books_give_the_same_bytes_and_no_clock_is_read(tiny: Path) -> None:
    first, second = (workbook_of(made_of(load(tiny), Period(2022))) for _ in range(2))
    assert first == second
    told = Parts(first).archive.read("docProps/core.xml").decode()
    assert set(re.findall(r"\d{4}-\d\d-\d\d", told)) == {"2022-12-31"}


def test_in_english_all_but_the_names_of_the_books_is_english(tiny: Path) -> None:
    made = report(load(tiny), Period(2022), Period(2021), "en")
    assert list(xlsx_files(made)) == ["arsredovisning-2022.xlsx"]
    content = workbook_of(made)
    assert {"Contents", "Rows", "Balances", "Postings"} <= set(Parts(content).names)
    assert csv_files(calculated(content).report(made)) == csv_files(made)


def test_more_than_a_sheet_holds_is_told(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "MOST_ROWS", 40)
    with pytest.raises(StatementError, match=r"Poster skulle få .* rader, och ett blad rymmer 40"):
        workbook_of(made_of(load(tiny), Period(2022)))
