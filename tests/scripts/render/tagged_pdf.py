"""A tagged PDF as a screen reader meets it: its elements in order, each with the text that the page has for it.

    [table] = document.named("Table");  table.rows()[1]      ["Verksamhetens intäkter", "43 028", "34 851"]

The text is what the marked content of the pages shows, read through the fonts' own maps to Unicode (ISO 32000-1, 9.10.3
and 14.7): nothing here knows how the file was made.
"""

import io
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import pikepdf

Texts = Mapping[int, str]
"""What each piece of marked content of a page shows, by its number; what has none, by -1."""


class Line(NamedTuple):
    """A text that a page shows at one place, from its left to its right side in points."""

    text: str
    left: float
    right: float


@dataclass
class Element:
    """An element of the structure: what it is, what it says of itself, what is below it, and the text of its own."""

    kind: str
    raw: Any
    alternative: str = ""
    parts: list["Element | str"] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(part if isinstance(part, str) else part.text for part in self.parts)

    @property
    def below(self) -> list["Element"]:
        return [part for part in self.parts if isinstance(part, Element)]

    @property
    def kids(self) -> list[Any]:
        """What is below it, as the file has it: elements, marks in pages, and objects such as links."""
        kids = self.raw.get("/K", [])
        listed = kids if isinstance(kids, pikepdf.Array) else [kids]
        return [each for each in listed if isinstance(each, pikepdf.Dictionary)]

    def named(self, *kinds: str) -> Iterator["Element"]:
        """Yield the elements of some kinds in it, in order."""
        for part in self.below:
            if part.kind in kinds:
                yield part
            yield from part.named(*kinds)

    def said(self, key: str) -> Any:
        """Return what it says as a cell of a table (`/Scope`, `/Headers`), None where it says nothing."""
        return next((each.get(key) for each in self.raw.get("/A", []) if each.get("/O") == "/Table"), None)

    def rows(self) -> list[list[str]]:
        """Return the text of a table's cells."""
        return [[cell.text.strip() for cell in row.below] for row in self.named("TR")]


class TaggedPdf:
    """A PDF that is read."""

    def __init__(self, content: bytes) -> None:
        self.file = pikepdf.open(io.BytesIO(content))
        self._texts = {page.obj.objgen: _texts(page) for page in self.file.pages}

    @cached_property
    def structure(self) -> Element:
        return self._element(self.file.Root.StructTreeRoot, None)

    def named(self, *kinds: str) -> list[Element]:
        return list(self.structure.named(*kinds))

    def page_text(self, number: int) -> str:
        """Return all that a page shows, also what is no part of the structure: what heads and foots it."""
        return " ".join(self._texts[self.file.pages[number].obj.objgen].values())

    def lines(self, number: int) -> list[Line]:
        """Return the lines of a page in the order in which they are drawn."""
        return list(_lines(self.file.pages[number]))

    def page_of(self, raw: Any) -> int:
        return next(number for number, page in enumerate(self.file.pages) if page.obj.objgen == raw.objgen)

    @property
    def metadata(self) -> str:
        return self.file.Root.Metadata.read_bytes().decode()

    def _element(self, raw: Any, page: Any) -> Element:
        page = raw.get("/Pg", page)
        element = Element(str(raw.get("/S", "/Root"))[1:], raw, str(raw.get("/Alt", "")))
        kids = raw.get("/K", [])
        for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
            if not isinstance(kid, pikepdf.Dictionary):
                element.parts.append(self._texts[page.objgen].get(int(kid), ""))
            elif kid.get("/Type") == "/MCR":
                element.parts.append(self._texts[kid.get("/Pg", page).objgen].get(int(kid.MCID), ""))
            elif "/S" in kid:
                element.parts.append(self._element(kid, page))
        return element


def _texts(page: pikepdf.Page) -> Texts:
    fonts = {name: _to_unicode(font) for name, font in page.Resources.get("/Font", {}).items()}
    shown: dict[int, str] = defaultdict(str)
    marks: list[int] = []
    font: Mapping[bytes, str] = {}
    for instruction in pikepdf.parse_content_stream(page):
        operands: Any = instruction.operands
        match str(instruction.operator):
            case "BDC":
                inside = marks[-1] if marks else -1
                properties = operands[1]
                marks.append(int(properties.get("/MCID", inside)) if isinstance(properties, pikepdf.Dictionary) else -1)
            case "BMC":
                marks.append(-1)
            case "EMC":
                marks.pop()
            case "Tf":
                font = fonts[str(operands[0])]
            case "Tj" | "TJ":
                strings = operands[0] if isinstance(operands[0], pikepdf.Array) else operands
                for string in strings:
                    if isinstance(string, pikepdf.String):
                        code = bytes(string)
                        pairs = (code[at : at + 2] for at in range(0, len(code), 2))
                        shown[marks[-1] if marks else -1] += "".join(font[pair] for pair in pairs)
    return shown


def _lines(page: pikepdf.Page) -> Iterator[Line]:
    """Yield what each piece of marked content with a single place shows, with the widths of its glyphs."""
    fonts = {name: (_to_unicode(font), _widths(font)) for name, font in page.Resources.get("/Font", {}).items()}
    name, size, left = "", 0.0, 0.0
    for instruction in pikepdf.parse_content_stream(page):
        operands: Any = instruction.operands
        match str(instruction.operator):
            case "cm":
                left = float(operands[4])
            case "Tf":
                name, size = str(operands[0]), float(operands[1])
            case "TJ":
                to_unicode, widths = fonts[name]
                codes = [bytes(each) for each in operands[0] if isinstance(each, pikepdf.String)]
                pairs = [code[at : at + 2] for code in codes for at in range(0, len(code), 2)]
                text = "".join(to_unicode[pair] for pair in pairs)
                moved = sum(float(each) for each in operands[0] if not isinstance(each, pikepdf.String))
                blank = len(text) - len(text.rstrip())
                seen = sum(widths[int.from_bytes(pair, "big")] for pair in pairs[: len(pairs) - blank])
                yield Line(text.strip(), left, left + (seen - moved) / 1000 * size)


def _widths(font: Any) -> dict[int, float]:
    """Return the width of each glyph in thousandths of the size (ISO 32000-1, 9.7.4.3)."""
    [below] = font.DescendantFonts
    widths: dict[int, float] = {}
    told = list(below.W)
    while told:
        first, second, *told = told
        if isinstance(second, pikepdf.Array):
            widths |= {int(first) + step: float(width) for step, width in enumerate(second)}
        else:
            width, *told = told
            widths |= dict.fromkeys(range(int(first), int(second) + 1), float(width))
    return widths


def _to_unicode(font: Any) -> Mapping[bytes, str]:
    """Return the text of each code of two bytes, by the font's own map."""
    map_text = font.ToUnicode.read_bytes().decode("latin-1")
    told: dict[bytes, str] = {}
    for block in re.findall(r"beginbfchar(.*?)endbfchar", map_text, re.DOTALL):
        for code, text in re.findall(r"<(\w+)>\s*<(\w*)>", block):
            told[bytes.fromhex(code)] = bytes.fromhex(text).decode("utf-16-be")
    for block in re.findall(r"beginbfrange(.*?)endbfrange", map_text, re.DOTALL):
        for first, last, text in re.findall(r"<(\w+)>\s*<(\w+)>\s*<(\w+)>", block):
            start = int(bytes.fromhex(text).decode("utf-16-be").encode("utf-32-be").hex(), 16)
            for step, code in enumerate(range(int(first, 16), int(last, 16) + 1)):
                told[code.to_bytes(2, "big")] = chr(start + step)
    return told
