"""Reading XML that somebody else wrote: bank statements and supplier invoices.

    root = read_xml(Document(Path("faktura.xml")))
    payable = amount(root, "LegalMonetaryTotal/PayableAmount", problems)

Elements are named by path and without namespace, for a bank statement keeps its names through all its versions:
`Acct/Id/IBAN`. A format that cares looks at the namespace of the root.

XML can hold more than a document should: a DOCTYPE declares entities, which a few hundred bytes make into
gigabytes, or into what stands in a file or at an address. Neither statements nor invoices have one, so a document
that has one is refused before anything in it is read. What else could be made too large is bounded: the file, its
elements and attributes, how deep they stand, and one text (10 MB, libxml2's own limit, which an attached document
of 7 MB just keeps within).
"""

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from xml.parsers import expat

from lxml import etree

from forbundsbok.importers.document import Document
from forbundsbok.importers.problems import DocumentError, Problem, refused

Element = etree._Element

MEGABYTE = 1_000_000
MOST_BYTES = 20 * MEGABYTE
MOST_MARKS = 1_000_000
"""The most `<` and `=` that a document may have: each may cost 200 bytes of memory when it is read."""

ENCODINGS = ("UTF-8", "UTF-16", "US-ASCII", "ISO-8859-1", "ISO-8859-15", "WINDOWS-1252")

_NUMBER = re.compile(r"[+-]?(?:\d{1,18}(?:\.\d{0,18})?|\.\d{1,18})", re.ASCII)
_DAY = re.compile(r"(\d{4}-\d\d-\d\d)(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)?(?:Z|[+-]\d\d:\d\d)?", re.ASCII)
_TRUTH = {"true": True, "1": True, "false": False, "0": False}
_PLACE = re.compile(r"\s*(?:, line \d+, column \d+)?\s*$")
_LIMIT = re.compile("XML_PARSE_HUGE|too big|too long")
_FIRST_BYTES = 4096
_SHOWN = 40


def read_xml(document: Document, most_bytes: int = MOST_BYTES) -> Element:
    """Return the root of a document, whose elements know their lines. Raises DocumentError; OSError for no file."""
    if (size := document.size) > most_bytes:
        message = (
            f"{document}: the file has {_megabytes(size)} MB, and no more than {_megabytes(most_bytes)} MB are read"
        )
        raise DocumentError([f"{message}: is it the right file? Ask for it without attached documents, or in parts"])
    content = document.read()
    try:
        _check_marks(content)
        _check_beginning(content)
        return _parsed(content)
    except _RefusedError as error:
        raise refused(str(document), [error.problem]) from None


def name_of(element: Element) -> str:
    """Return an element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def namespace_of(element: Element) -> str:
    """Return an element's namespace, "" when it has none."""
    return str(element.tag).rpartition("}")[0].removeprefix("{")


def line_of(element: Element) -> int:
    """Return the line on which an element begins."""
    return element.sourceline or 0


def children(element: Element, path: str) -> list[Element]:
    """Return all elements at a path below an element, in the order of the document."""
    found = [element]
    for name in path.split("/"):
        found = [below for each in found for below in each if name_of(below) == name]
    return found


def child(element: Element, path: str) -> Element | None:
    """Return the first element at a path below an element."""
    found = children(element, path)
    return found[0] if found else None


def text(element: Element, path: str) -> str:
    """Return the text of the first element at a path, on one line; "" when there is none."""
    return own_text(child(element, path))


def own_text(element: Element | None) -> str:
    """Return the text of an element, on one line."""
    return "" if element is None else " ".join((element.text or "").split())


def require(element: Element, paths: Iterable[str], problems: list[Problem]) -> None:
    """Report the paths at which an element has nothing, or an empty text."""
    for path in paths:
        found = child(element, path)
        if found is None:
            problems.append(Problem(line_of(element), f"{name_of(element)} has no {path}"))
        elif not len(found) and not own_text(found):
            problems.append(Problem(line_of(found), f"{path} is empty"))


def amount(element: Element, path: str, problems: list[Problem]) -> Decimal | None:
    """Return an amount of money; None when there is none, or when what stands there is reported instead."""
    value = number(element, path, problems)
    if value is not None and value != value.quantize(Decimal("0.01")):
        at = line_of(children(element, path)[0])
        problems.append(Problem(at, f"{path} is {value:f}: an amount has two decimals at most"))
        return None
    return value


def number(element: Element, path: str, problems: list[Problem]) -> Decimal | None:
    """Return a number with any decimals; None when there is none, or when what stands there is reported instead."""
    written = _typed(element, path, problems)
    if written is None:
        return None
    if not _NUMBER.fullmatch(written):
        _report(element, path, "a number such as 1234.50, without spaces and exponent", problems)
        return None
    return Decimal(written)


def day(element: Element, path: str, problems: list[Problem]) -> date | None:
    """Return a date, as it is written whatever its time zone; None as above. A time of the day is left out."""
    written = _typed(element, path, problems)
    if written is None:
        return None
    match = _DAY.fullmatch(written)
    try:
        return date.fromisoformat(match[1] if match else "")
    except ValueError:
        _report(element, path, "a date such as 2025-03-14", problems)
        return None


def truth(element: Element, path: str, problems: list[Problem]) -> bool | None:
    """Return a truth value; None as above."""
    written = _typed(element, path, problems)
    if written is not None and written not in _TRUTH:
        _report(element, path, "true or false", problems)
    return _TRUTH.get(written or "")


def _typed(element: Element, path: str, problems: list[Problem]) -> str | None:
    """Return the one text at a path: which of several would be meant, nobody can tell."""
    found = children(element, path)
    if len(found) > 1:
        problems.append(Problem(line_of(found[1]), f"{path} stands {len(found)} times, and is meant once"))
    elif found and len(found[0]):
        problems.append(Problem(line_of(found[0]), f"{path} has elements in it, where a text is meant"))
    elif found:
        return own_text(found[0])
    return None


def _report(element: Element, path: str, meant: str, problems: list[Problem]) -> None:
    found = children(element, path)[0]
    problems.append(Problem(line_of(found), f"{path} is {shown(own_text(found))}: write {meant}"))


def shown(written: str) -> str:
    """Return a text as a message holds it: between quotes, and cut when it is long."""
    return repr(written if len(written) <= _SHOWN else f"{written[:_SHOWN]}...")


class _RefusedError(Exception):
    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.problem = Problem(line, message)


class _ElementReachedError(Exception):
    """The first element: what comes before it is sound."""


def _check_marks(content: bytes) -> None:
    if content.count(b"<") + content.count(b"=") > MOST_MARKS:
        raise _RefusedError(0, f"it has more than {MOST_MARKS // 2} elements and attributes: ask for it in parts")


def _check_beginning(content: bytes) -> None:
    """Refuse a DOCTYPE, and an encoding that is not read here: expat reports them before it acts on them."""
    parser = expat.ParserCreate()

    def declared(_: str, encoding: str | None, __: int) -> None:
        if encoding and encoding.upper() not in ENCODINGS:
            known = ", ".join(ENCODINGS)
            raise _RefusedError(1, f"the document is written in {shown(encoding)}: it may be in {known}")

    def doctype(*_: object) -> None:
        message = "the document has a DOCTYPE, which may hide what it does: neither statements nor invoices have one"
        raise _RefusedError(parser.CurrentLineNumber, f"{message}. Ask the sender for the document without it")

    def element(*_: object) -> None:
        raise _ElementReachedError

    parser.XmlDeclHandler = declared
    parser.StartDoctypeDeclHandler = doctype
    parser.StartElementHandler = element
    start, size = 0, _FIRST_BYTES
    try:
        # Each piece is twice the one before: expat begins a long comment anew with each piece.
        while start < len(content):
            parser.Parse(content[start : start + size])
            start, size = start + size, size * 2
        parser.Parse(b"", True)
    except _ElementReachedError:
        return
    except expat.ExpatError as error:
        raise _RefusedError(error.lineno, f"it is no XML: {expat.ErrorString(error.code)}") from None
    raise _RefusedError(0, "it is no XML: there is no element in it")


def _parsed(content: bytes) -> Element:
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        recover=False,
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise _RefusedError(error.lineno or 0, f"the XML cannot be read: {_plain(error.msg or '')}") from None
    info = root.getroottree().docinfo
    if info.doctype or info.internalDTD is not None:
        raise _RefusedError(0, "the document has a DOCTYPE")  # expat and libxml2 read its beginning differently
    return root


def _plain(said: str) -> str:
    """Return what libxml2 says without the place, which stands before it, and without options of its own."""
    said = _PLACE.sub("", said)
    if not _LIMIT.search(said):
        return said
    if "depth" in said:
        return "its elements stand more than 256 deep in each other"
    return "a text in it is longer than 10 MB: ask the sender for it without attached documents"


def _megabytes(size: int) -> str:
    return f"{size / MEGABYTE:.1f}"
