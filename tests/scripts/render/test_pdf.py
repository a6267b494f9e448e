"""The PDF: every figure is that of the CSV, and it says to a screen reader and an archive what they need."""

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from forbundsbok.queries.general_ledger import load
from forbundsbok.queries.report import AnnualReport, report
from forbundsbok.queries.statement import Period
from forbundsbok.queries.statements import comparative
from forbundsbok.scripts.render.csv import csv_files, kronor_csv, read_contradictions
from forbundsbok.scripts.render.json import json_files
from forbundsbok.scripts.render.pdf import pdf_files
from tests.conftest import TINY
from tests.federations.raddning import raddning
from tests.scripts.render.conftest import ReportOf
from tests.scripts.render.tagged_pdf import Element, TaggedPdf

pytestmark = pytest.mark.xdist_group("pdf")  # one process sets the report that they share


@pytest.fixture(scope="module")
def made(sjuharad: Path, sjuharad_report: AnnualReport) -> AnnualReport:
    known = read_contradictions(sjuharad.parent / "printed" / "2024-contradictions.csv")
    return replace(sjuharad_report, contradictions=tuple(known.values()))


@pytest.fixture(scope="module")
def document(made: AnnualReport) -> TaggedPdf:
    [(name, content)] = pdf_files(made).items()
    assert name == "arsredovisning-2024.pdf"
    return TaggedPdf(content)


# Figures


def test_every_figure_of_every_table_is_that_of_the_csv(made: AnnualReport, document: TaggedPdf) -> None:
    assert _agreeing(made, document) > 770


def test_every_printed_figure_is_in_a_table(made: AnnualReport, document: TaggedPdf) -> None:
    shown = {
        (heading, cells[0], column): cell
        for heading, table in _tables(document)
        for head, *rows in [table.rows()]
        for cells in rows
        for column, cell in zip(head, cells, strict=False)
    }
    titles = {each.table: each.heading() for each in made.statements}
    printed = list(csv.DictReader(io.StringIO(csv_files(made)["figures.csv"])))
    for each in printed:
        title, row, column = titles[each["table"]], each["row"], each["column"][:1].upper() + each["column"][1:]
        if each["column"] == row:  # what is left of a provision: named by its row, it stands in the first column
            column = dict(_tables(document))[title].rows()[0][1]
        assert _amount(shown[title, row, column]) == int(each["tkr"])
    assert len(printed) == 768


def test_the_cell_of_a_figure_is_named_by_its_address(made: AnnualReport, document: TaggedPdf) -> None:
    named = {str(cell.raw.ID): cell.text for cell in document.named("TD") if "/ID" in cell.raw}
    shown = {each.full_name for each in made.statements if any(row.printed for row in each.rows)}
    told = {
        figure["address"]: figure["tkr"]
        for statement in json.loads(json_files(made)["figures.json"])["statements"]
        for row in statement["rows"]
        for figure in row["figures"]
        if figure["address"].split("/")[1] in shown
    }
    assert {address: _amount(text) for address, text in named.items()} == told
    assert named["2024/balans/tillgangar/year"] == "118 012"


@pytest.mark.slow
def test_another_federation(report_of: ReportOf) -> None:
    """By the law's layouts: three columns, long rows, notes on provisions, headings within tables, a unit that ends."""
    made = report_of(raddning, Period(2025), "")
    assert made.ledger.years[-1] == made.period.year
    assert _agreeing(made, TaggedPdf(_only(pdf_files(made)))) > 680


def test_part_of_a_year_in_english(tiny: Path) -> None:
    ledger = load(tiny)
    period = Period(2022, 1, 8)
    made = report(ledger, period, comparative(ledger, period, None), "en")
    files = pdf_files(made)
    assert list(files) == ["delarsrapport-2022-01--08.pdf"]
    document = TaggedPdf(_only(files))
    assert document.file.Root.Lang == "en"
    assert document.file.docinfo.Title == "Interim report January–August 2022"
    headings = [each.text for each in document.named("H1", "H2")]
    assert {"January–August 2022 in figures", "Income statement, total", "Notes", "How the figures are proven"} <= {
        *headings
    }
    assert _agreeing(made, document) > 150
    assert {cells[0] for _, table in _tables(document) for cells in table.rows()[:1]} == {"SEK thousand"}


def test_the_same_books_give_the_same_bytes(tmp_path: Path) -> None:
    files = []
    for folder in ("one", "two"):
        main = tmp_path / folder / "main.bean"
        main.parent.mkdir()
        main.write_text(TINY, encoding="utf-8")
        files.append(pdf_files(report(load(main), Period(2022), Period(2021))))
    assert files[0] == files[1]


def test_text_of_the_books_is_never_read_as_code(tmp_path: Path) -> None:
    odd = r'#panic("x") *fet* _kursiv_ $x$ @not-1 <not-1> = // /* \ [x]'
    main = tmp_path / "main.bean"
    written = odd.replace("\\", r"\\").replace('"', r"\"")
    text = TINY.replace("Båt och trailer", written).replace('"Räddningstjänst"', '"Räddning 漢字😀"')
    main.write_text(text, encoding="utf-8")
    document = TaggedPdf(_only(pdf_files(report(load(main), Period(2022), Period(2021)))))
    rows = {cells[0] for table in document.named("Table") for cells in table.rows()}
    assert f"{odd}, RT" in rows
    assert "Resultaträkning Räddning \ufffd\ufffd\ufffd" in [each.text for each in document.named("H2")]


def test_a_hairline_stands_above_what_ends_in_a_sum_and_nowhere_else(document: TaggedPdf) -> None:
    tables = dict(_tables(document))
    assert _ruled(tables["3.2 Balansräkning"]) == ["Summa tillgångar", "Summa eget kapital, avsättningar och skulder"]
    assert _ruled(tables["3.1 Resultaträkning total"]) == [
        "Verksamhetens nettokostnader",
        "Resultat före extraordinära poster",
        "Årets resultat",
    ]
    assert _ruled(tables["2.4 Finansiella mål"]) == []


# What it is to a screen reader


def test_it_is_tagged_and_says_its_language_and_title(document: TaggedPdf) -> None:
    root = document.file.Root
    assert root.MarkInfo.Marked
    assert root.Lang == "sv"
    assert root.ViewerPreferences.DisplayDocTitle
    assert document.file.docinfo.Title == "Årsredovisning 2024"
    assert document.file.docinfo.Author == "Sjuhärads kommunalförbund"
    assert all(page.obj.Tabs == "/S" for page in document.file.pages)
    [title] = document.named("Title")
    assert title.text == "Årsredovisning 2024"


def test_headings_follow_each_other_and_are_the_bookmarks(document: TaggedPdf) -> None:
    headings = document.named("H1", "H2", "H3")
    levels = [int(each.kind[1]) for each in headings]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    with document.file.open_outline() as outline:
        told = [item.title for top in outline.root for item in (top, *top.children)]
    assert told == [each.text for each in headings]
    assert [each.text for each in headings if each.kind == "H1"] == [
        "Innehåll",
        "2024 i siffror",
        "Finansiella mål och balanskrav",
        "3.1 Resultaträkning total",
        "3.2 Balansräkning",
        "Noter",
        "3.4 Kassaflödesanalys",
        "Drift och investeringar",
        "Så är siffrorna bevisade",
    ]


def test_every_cell_has_the_headers_of_its_column_and_its_row(document: TaggedPdf) -> None:
    tables = document.named("Table")
    names = [str(each.raw.ID) for table in tables for each in table.named("TH", "TD") if "/ID" in each.raw]
    assert len(names) == len({*names})
    known = pikepdf.NameTree(document.file.Root.StructTreeRoot.IDTree)
    assert {*names} == {*known}
    for table in tables:
        head, *rows = table.named("TR")
        assert [(each.kind, each.said("/Scope")) for each in head.below] == [("TH", "/Column")] * len(head.below)
        assert all(each.text.strip() for each in head.below)
        for row in rows:
            first, *cells = row.below
            assert (first.kind, first.said("/Scope")) == ("TH", "/Row")
            for column, cell in zip(head.below[1:], cells, strict=bool(cells)):
                assert cell.kind == "TD"
                assert [*map(str, cell.said("/Headers"))] == [str(column.raw.ID), str(first.raw.ID)]


def test_every_chart_has_its_amounts_in_words(made: AnnualReport, document: TaggedPdf) -> None:
    charts = document.named("Figure")
    assert [each.alternative for each in charts] == [each.alternative for each in _in_order(made)]
    assert len(charts) == 6
    for chart, drawn in zip(_in_order(made), charts, strict=True):
        figures = [figure for series in chart.series for figure in series.figures if figure]
        amounts = [f"{figure.tkr:,}".replace(",", " ") for figure in figures]
        told = drawn.text.replace("\u2212", "-")
        assert all(amount in told for amount in amounts)
        assert all(amount.replace("-", "\u2212") in drawn.alternative for amount in amounts)
        assert all(category in drawn.text for category in chart.categories)


def test_notes_are_links_there_and_back(document: TaggedPdf) -> None:
    headings = {each.text: each for each in document.named("H1", "H2")}
    income = dict(_tables(document))["3.1 Resultaträkning total"]
    for row in income.named("TR"):
        note = row.below[1].text.strip()
        if note.isdigit():
            [heading] = [each for text, each in headings.items() if text.startswith(f"Not {note} ")]
            [link] = row.below[1].named("Link")
            assert _goes_to(document, link) == _page_of(document, heading)
    assert all(each.get("/Contents") for page in document.file.pages for each in page.obj.get("/Annots", []))
    back = [each for each in document.named("Link") if each.text == "3.1"]
    assert {_goes_to(document, each) for each in back} == {_page_of(document, headings["3.1 Resultaträkning total"])}
    assert len(back) > 14


def test_every_page_but_the_cover_has_the_period_and_its_number(document: TaggedPdf) -> None:
    pages = [document.page_text(number) for number in range(len(document.file.pages))]
    for number, text in enumerate(pages[1:], start=2):
        assert "Sjuhärads kommunalförbund" in text
        assert re.search(rf"Årsredovisning 2024\D*{number}(?!\d)", text)  # what heads the page, and what foots it


def test_on_the_cover_each_fact_stands_clear_of_its_name(tmp_path: Path) -> None:
    main = tmp_path / "main.bean"
    main.write_text(f'{TINY}\n2021-01-01 custom "organisationsnummer" "222000-0315"\n', encoding="utf-8")
    lines = TaggedPdf(_only(pdf_files(report(load(main), Period(2022), Period(2021))))).lines(0)
    names = [each.text for each in lines].index("Organisationsnummer")
    facts = lines[names:]
    longest = max(name.right for name in facts[::2])
    assert {told.left - longest > 5 for told in facts[1::2]} == {True}
    assert len({told.left for told in facts[1::2]}) == 1


# What it is to an archive


def test_it_says_that_it_is_pdf_a_and_pdf_ua(document: TaggedPdf) -> None:
    assert "<pdfaid:part>3</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance>" in document.metadata
    assert "<pdfuaid:part>1</pdfuaid:part>" in document.metadata
    assert "<rdf:li>sv</rdf:li>" in document.metadata
    assert document.file.docinfo.CreationDate == "D:20241231000000Z"
    [intent] = document.file.Root.OutputIntents
    assert "/DestOutputProfile" in intent


def test_its_fonts_are_free_and_embedded(document: TaggedPdf) -> None:
    names = set()
    for font in document.file.objects:
        if isinstance(font, pikepdf.Dictionary) and font.get("/Type") == "/Font" and "/DescendantFonts" in font:
            [below] = font.DescendantFonts
            assert "/FontFile2" in below.FontDescriptor or "/FontFile3" in below.FontDescriptor
            assert "/ToUnicode" in font
            names.add(str(font.BaseFont).split("+")[1].split("-")[0])
    assert names == {"SourceSans3", "SourceSerif4Roman"}


def test_its_figures_are_attached_as_data(made: AnnualReport, document: TaggedPdf) -> None:
    attached = document.file.attachments
    wanted = {"figures.csv": csv_files(made)["figures.csv"], **json_files(made)}
    assert {name: attached[name].get_file().read_bytes().decode() for name in attached} == wanted
    assert [str(each.AFRelationship) for each in document.file.Root.AF] == ["/Data", "/Data"]
    assert {attached[name].get_file().mime_type for name in attached} == {"text/csv", "application/json"}


def test_proofs_seals_and_contradictions_are_told(made: AnnualReport, document: TaggedPdf) -> None:
    pages = "".join(document.page_text(number) for number in range(len(document.file.pages)))
    assert all(each.sigill in pages for each in made.seals)
    told = [table for heading, table in _tables(document, "Så är siffrorna bevisade")]
    proofs = [row for table in told for row in table.rows()[1:] if len(row) == 5]
    assert len(proofs) == sum(len(each.proofs) for each in made.statements)
    assert all(row[3] == row[4] for row in proofs)
    contradictions = [row for table in told for row in table.rows()[1:] if len(row) == 6]
    assert [row[5] for row in contradictions] == [each.reason for each in made.contradictions]
    assert len(contradictions) == 4


def _ruled(table: Element) -> list[str]:
    """Return the rows with a line above one of their cells."""
    return [
        row.below[0].text
        for row in table.named("TR")
        if any(each.get("/BorderThickness", [0])[0] for cell in row.below for each in cell.raw.A)
    ]


def _only(files: dict[str, bytes]) -> bytes:
    [content] = files.values()
    return content


def _amount(text: str) -> int:
    return int(text.replace(" ", "").replace("\u2212", "-"))


def _tables(document: TaggedPdf, within: str = "") -> Iterator[tuple[str, Element]]:
    """Yield the tables of statements with the heading above each; or those `within` a heading, and after it."""
    heading, top = "", ""
    for each in document.named("H1", "H2", "Table"):
        if each.kind == "Table":
            if top == within or (not within and top not in ("Så är siffrorna bevisade", "How the figures are proven")):
                yield heading, each
        else:
            heading = each.text
            top = heading if each.kind == "H1" else top


def _agreeing(made: AnnualReport, document: TaggedPdf) -> int:
    """Compare each table with the CSV of its statement, whole, and return how many figures there were."""
    tables = dict(_tables(document))
    shown = [each for each in made.statements if any(row.printed for row in each.rows)]
    assert [*tables] == [each.heading() for each in _as_set(shown)]
    figures = 0
    for statement in shown:
        wanted_head, *wanted = csv.reader(io.StringIO(kronor_csv(statement)))
        head, *rows = tables[statement.heading()].rows()
        noted = any(note for _, note, *_ in wanted)
        assert head[1 : 1 + noted] == wanted_head[1 : 1 + noted] or noted
        columns = [each[:1].upper() + each[1:] for each in wanted_head[2:]]
        assert head[1 + noted : 1 + noted + len(columns)] == columns
        for (label, note, *amounts), cells in zip(wanted, rows, strict=True):
            assert cells[0] == label
            if len(cells) == 1:
                assert not any(amounts)
                continue
            assert cells[1 : 1 + noted] == [note][:noted]
            for amount, cell in zip(amounts, cells[1 + noted :], strict=False):
                if re.fullmatch(r"-?\d+\.\d\d", amount):
                    rounded = (Decimal(amount) / 1000).quantize(Decimal(1), ROUND_HALF_UP)
                    assert cell == f"{int(rounded):,}".replace(",", " ").replace("-", "\u2212")
                    figures += 1
                else:
                    assert cell == amount
    return figures


def _as_set(statements: list[Any]) -> list[Any]:
    """Return statements in the order in which the PDF has them."""
    order = ("mal", "balanskrav", "resultat", "balans", "not-", "kassaflode", "drift", "investering")

    def place(statement: Any) -> int:
        name = "not-" if statement.id.startswith("not-") or statement.id not in order else statement.id
        return order.index(name)

    return sorted(statements, key=place)


def _in_order(made: AnnualReport) -> list[Any]:
    order = ("resultat", "intakter", "kostnader", "avsattning", "kassaflode", "avvikelse")
    return sorted(made.charts, key=lambda chart: order.index(chart.id))


def _goes_to(document: TaggedPdf, link: Element) -> int:
    """Return the page that a link leads to."""
    [annotation] = [each.Obj for each in link.kids if each.get("/Type") == "/OBJR"]
    target = annotation.get("/Dest") or annotation.A.D
    if isinstance(target, pikepdf.String):
        target = pikepdf.NameTree(document.file.Root.Names.Dests)[str(target)]
    return document.page_of((target if isinstance(target, pikepdf.Array) else target.D)[0])


def _page_of(document: TaggedPdf, element: Element) -> int:
    return document.page_of(next(each.Pg for each in (element.raw, *element.kids) if "/Pg" in each))
