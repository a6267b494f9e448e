"""Rows of a spreadsheet: CSV as spreadsheets save it, or the first sheet of an Excel workbook (xlsx).

konto;belopp
Income:RT:3119-Medlemsavgifter:Norrby;-688 000

rows_of(document)       (1, ["konto", "belopp"]), (2, ["Income:RT:...", "-688 000"])
"""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterator

from lxml import etree

from forbundsbok.importers.document import Document
from forbundsbok.importers.problems import refused_whole
from forbundsbok.plugins.findings import phrase
from forbundsbok.plugins.language import N_

MOST_BYTES = 20_000_000
"""The largest part of a workbook that is read."""
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_WORKBOOK = b"PK\x03\x04"

Row = tuple[int, list[str]]


def rows_of(document: Document) -> list[Row]:
    """Return the rows that hold something, each with its number, counted from 1. Raises DocumentError, OSError."""
    rows = _of_workbook(document) if document.head.startswith(_WORKBOOK) else _of_csv(document)
    return [(number, cells) for number, cells in rows if any(cells)]


def _of_csv(document: Document) -> list[Row]:
    try:
        text = document.text.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = document.text.decode("cp1252", "replace")
    separator = max(";\t,", key=text.split("\n", 1)[0].count)
    reader = csv.reader(io.StringIO(text), delimiter=separator, strict=True)
    try:
        return [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader]
    except csv.Error as error:
        raise refused_whole(f"{document}:{reader.line_num}", phrase(N_("no CSV ({why})"), why=str(error))) from None


def _of_workbook(document: Document) -> list[Row]:
    try:
        with zipfile.ZipFile(document.open()) as archive:
            return list(_sheet_rows(archive))
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, KeyError, ValueError, etree.XMLSyntaxError) as error:
        text = N_("no workbook of Excel that can be read ({why}): save it as CSV")
        raise refused_whole(document, phrase(text, why=str(error))) from None


def _sheet_rows(archive: zipfile.ZipFile) -> Iterator[Row]:
    shared = []
    if "xl/sharedStrings.xml" in archive.namelist():
        shared = [_text(each) for each in _part(archive, "xl/sharedStrings.xml").iter(f"{_MAIN}si")]
    for row in _part(archive, _first_sheet(archive)).iter(f"{_MAIN}row"):
        cells: list[str] = []
        for cell in row.iter(f"{_MAIN}c"):
            at = _column(cell.get("r", ""), len(cells))
            cells += [""] * (at + 1 - len(cells))
            cells[at] = _value(cell, shared)
        yield int(row.get("r", "0")), cells


def _first_sheet(archive: zipfile.ZipFile) -> str:
    sheet = next(_part(archive, "xl/workbook.xml").iter(f"{_MAIN}sheet"))
    targets = {each.get("Id"): each.get("Target", "") for each in _part(archive, "xl/_rels/workbook.xml.rels")}
    target = targets[sheet.get(_RELATION)]
    return target[1:] if target.startswith("/") else f"xl/{target}"


def _part(archive: zipfile.ZipFile, name: str) -> etree._Element:
    with archive.open(name) as part:
        content = part.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise ValueError(f"{name} > {MOST_BYTES // 1_000_000} MB")
    return etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))


def _column(reference: str, default: int) -> int:
    """Return the number of a cell's column, from 0: `B7` is 1."""
    letters = re.match("[A-Z]{1,3}", reference)
    if not letters:
        return default
    number = 0
    for letter in letters[0]:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _value(cell: etree._Element, shared: list[str]) -> str:
    if cell.get("t") == "inlineStr":
        return _text(cell)
    value = cell.findtext(f"{_MAIN}v") or ""
    return shared[int(value)] if cell.get("t") == "s" else value.strip()


def _text(element: etree._Element) -> str:
    return "".join(each.text or "" for each in element.iter(f"{_MAIN}t")).strip()
