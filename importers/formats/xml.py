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

import codecs
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from itertools import takewhile
from xml.parsers import expat
from zoneinfo import ZoneInfo

from lxml import etree

from forbundsbok.importers.document import Document
from forbundsbok.importers.problems import MOST_PROBLEMS, Problem, refused, refused_whole
from forbundsbok.plugins.findings import Message, as_written, phrase
from forbundsbok.plugins.language import N_

Element = etree._Element

MEGABYTE = 1_000_000
MOST_BYTES = 20 * MEGABYTE
MOST_MARKS = 1_000_000
"""The most `<` and `=` that a document may have: each may cost 200 bytes of memory when it is read."""

ENCODINGS = ("UTF-8", "UTF-16", "US-ASCII", "ISO-8859-1", "ISO-8859-15", "WINDOWS-1252")
_STANDARD_NAMES = {codecs.lookup(each).name: each for each in ENCODINGS}

_NUMBER = re.compile(r"[+-]?(?:\d{1,18}(?:\.\d{0,18})?|\.\d{1,18})", re.ASCII)
_DAY = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)(?:T(?P<time>\d\d:\d\d)(?::\d\d(?:\.\d{1,9})?)?)?"
    r"(?:Z|(?P<sign>[+-])(?P<hours>\d\d):(?P<minutes>\d\d))?",
    re.ASCII,
)
SWEDEN = ZoneInfo("Europe/Stockholm")
_END_OF_DAY = "24:00"
_TRUTH = {"true": True, "1": True, "false": False, "0": False}
_PLACE = re.compile(r"\s*(?:, line \d+, column \d+)?\s*$")
_LIMIT = re.compile("XML_PARSE_HUGE|too big|too long")
_FIRST_BYTES = 4096
_ENDING = b"\0 \t\r\n"
_CUT = N_("The file is cut short: fetch it again")
_ANEW = N_("It is not in the encoding that it says, or in UTF-8: fetch it again, and do not save it anew")
_MORE = N_("More stands after its end, such as a second document: give each in a file of its own")
_MENDS: Mapping[object, str] = {
    etree.ErrorTypes.ERR_INVALID_ENCODING: _ANEW,
    etree.ErrorTypes.ERR_INVALID_CHAR: _ANEW,
    etree.ErrorTypes.ERR_RESERVED_XML_NAME: _MORE,
    etree.ErrorTypes.ERR_DOCUMENT_END: _MORE,
}
"""What to do about what libxml2 says, in words of its own language."""
_SHOWN = 40


def read_xml(document: Document, most_bytes: int = MOST_BYTES) -> Element:
    """Return the root of a document, whose elements know their lines. Raises DocumentError; OSError for no file."""
    if (size := document.size) > most_bytes:
        text = N_(
            "the file has {size} MB, and no more than {most} MB are read: is it the right file? "
            "Ask for it without attached documents, or in parts"
        )
        raise refused_whole(document, phrase(text, size=_megabytes(size), most=_megabytes(most_bytes)))
    content = document.text
    try:
        _check_marks(content)
        return _parsed(content, _encoding(content))
    except _RefusedError as error:
        raise refused(str(document), [error.problem]) from None


def enclosed(root: Element, names: Iterable[str]) -> list[Element]:
    """Return the elements of some names, `{namespace}name`, below an envelope: the documents that it holds."""
    return list(root.iter(*names))


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
    return list(_below(element, path.split("/")))


def child(element: Element, path: str) -> Element | None:
    """Return the first element at a path below an element."""
    return next(_below(element, path.split("/")), None)


def _below(element: Element, names: Sequence[str]) -> Iterator[Element]:
    # libxml2 compares the names: an element that is none of them costs nothing here, of however many there are.
    for found in element.iterchildren(f"{{*}}{names[0]}"):
        if len(names) == 1:
            yield found
        else:
            yield from _below(found, names[1:])


def while_readable(elements: Iterable[Element], problems: Sequence[Problem]) -> Iterator[Element]:
    """Yield elements until there are more problems than anybody reads: of a document with many, the first are told."""
    return takewhile(lambda _: len(problems) < MOST_PROBLEMS, elements)


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
            problems.append(Problem(line_of(element), phrase("{name} has no {path}", name=name_of(element), path=path)))
        elif not len(found) and not own_text(found):
            problems.append(Problem(line_of(found), phrase("{path} is empty", path=path)))


def amount(element: Element, path: str, problems: list[Problem]) -> Decimal | None:
    """Return an amount of money; None when there is none, or when what stands there is reported instead."""
    value = number(element, path, problems)
    if value is not None and value != value.quantize(Decimal("0.01")):
        at = line_of(children(element, path)[0])
        text = N_("{path} is {value}: an amount has two decimals at most")
        problems.append(Problem(at, phrase(text, path=path, value=f"{value:f}")))
        return None
    return value


def number(element: Element, path: str, problems: list[Problem]) -> Decimal | None:
    """Return a number with any decimals; None when there is none, or when what stands there is reported instead."""
    written = _typed(element, path, problems)
    if written is None:
        return None
    if not _NUMBER.fullmatch(written):
        _report(element, path, phrase("a number such as 1234.50, without spaces and exponent"), problems)
        return None
    return Decimal(written)


def day(element: Element, path: str, problems: list[Problem]) -> date | None:
    """Return a date, of a time with its offset from UTC the one that it was in Sweden then; None as above."""
    written = _typed(element, path, problems)
    if written is None:
        return None
    match = _DAY.fullmatch(written)
    try:
        if match:
            return _swedish_day(match)
    except (ValueError, OverflowError):
        pass
    _report(element, path, phrase("a date such as 2025-03-14"), problems)
    return None


def _swedish_day(match: re.Match[str]) -> date:
    """Return the day of a time; one without offset, and a date, is Swedish already."""
    written = date.fromisoformat(match["day"])
    has_offset = match["sign"] or match[0].endswith("Z")
    if match["time"] in (None, _END_OF_DAY) or not has_offset:
        return written
    offset = timedelta(hours=int(match["hours"] or 0), minutes=int(match["minutes"] or 0))
    zone = timezone(-offset if match["sign"] == "-" else offset) if offset else UTC
    return datetime.fromisoformat(f"{match['day']}T{match['time']}").replace(tzinfo=zone).astimezone(SWEDEN).date()


def truth(element: Element, path: str, problems: list[Problem]) -> bool | None:
    """Return a truth value; None as above."""
    written = _typed(element, path, problems)
    if written is not None and written not in _TRUTH:
        _report(element, path, phrase("true or false"), problems)
    return _TRUTH.get(written or "")


def _typed(element: Element, path: str, problems: list[Problem]) -> str | None:
    """Return the one text at a path: which of several would be meant, nobody can tell."""
    found = children(element, path)
    if len(found) > 1:
        text = N_("{path} stands {count} times, and is meant once")
        problems.append(Problem(line_of(found[1]), phrase(text, path=path, count=len(found))))
    elif found and len(found[0]):
        text = N_("{path} has elements in it, where a text is meant")
        problems.append(Problem(line_of(found[0]), phrase(text, path=path)))
    elif found:
        return own_text(found[0])
    return None


def _report(element: Element, path: str, meant: Message, problems: list[Problem]) -> None:
    found = children(element, path)[0]
    message = phrase("{path} is {text}: write {meant}", path=path, text=shown(own_text(found)), meant=meant)
    problems.append(Problem(line_of(found), message))


def shown(written: str) -> str:
    """Return a text as a message holds it: between quotes, and cut when it is long."""
    return repr(written if len(written) <= _SHOWN else f"{written[:_SHOWN]}...")


class _RefusedError(Exception):
    def __init__(self, line: int, message: Message) -> None:
        super().__init__()
        self.problem = Problem(line, message)


class _ElementReachedError(Exception):
    """The first element: what comes before it is sound."""


class _OtherNameError(Exception):
    """An encoding by another name than the standard's, which `standard` is: "utf8"."""

    def __init__(self, standard: str) -> None:
        super().__init__()
        self.standard = standard


def _check_marks(content: bytes) -> None:
    if content.count(b"<") + content.count(b"=") > MOST_MARKS:
        text = N_("it has more than {count} elements and attributes: ask for it in parts")
        raise _RefusedError(0, phrase(text, count=MOST_MARKS // 2))


def _encoding(content: bytes) -> str | None:
    """Return the standard's name of an encoding that is declared by another; None where the document says it well."""
    try:
        _check_beginning(content, None)
    except _OtherNameError as error:
        _check_beginning(content, error.standard)
        return error.standard
    return None


def _standard_name(encoding: str) -> str | None:
    try:
        return _STANDARD_NAMES.get(codecs.lookup(encoding).name)
    except LookupError:
        return None


def _check_beginning(content: bytes, meant: str | None) -> None:
    """Refuse a DOCTYPE, and an encoding that is not read here: expat reports them before it acts on them.

    `meant` is the encoding to read it in, whatever it declares. Raises _OtherNameError where it declares one by
    another name than the standard's.
    """
    parser = expat.ParserCreate(meant)

    def declared(_: str, encoding: str | None, __: int) -> None:
        if not encoding or meant or encoding.upper() in ENCODINGS:
            return
        if standard := _standard_name(encoding):
            raise _OtherNameError(standard)
        known = ", ".join(ENCODINGS)
        text = N_("the document is written in {encoding}: it may be in {known}")
        raise _RefusedError(1, phrase(text, encoding=shown(encoding), known=known))

    def doctype(*_: object) -> None:
        text = N_(
            "the document has a DOCTYPE, which may hide what it does: neither statements nor invoices have one. "
            "Ask the sender for the document without it"
        )
        raise _RefusedError(parser.CurrentLineNumber, phrase(text))

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
        message = phrase("it is no XML: {why}", why=expat.ErrorString(error.code))
        if expat.ErrorString(error.code) == expat.errors.XML_ERROR_MISPLACED_XML_PI:
            text = N_("it does not begin with its first line, but with an empty one or more: take that away")
            message = phrase(text)
        raise _RefusedError(error.lineno, message) from None
    raise _RefusedError(0, phrase("it is no XML: there is no element in it"))


def _parsed(content: bytes, encoding: str | None) -> Element:
    parser = etree.XMLParser(
        encoding=encoding,
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
        message = phrase("the XML cannot be read: {why}", why=_plain(error.msg or ""))
        is_cut = error.code == etree.ErrorTypes.ERR_TAG_NOT_FINISHED or not content.rstrip(_ENDING).endswith(b">")
        mend = _CUT if is_cut else _MENDS.get(error.code, "")
        message = Message("{problem}. {mend}", {"problem": message, "mend": phrase(mend)}) if mend else message
        raise _RefusedError(error.lineno or 0, message) from None
    info = root.getroottree().docinfo
    if info.doctype or info.internalDTD is not None:
        raise _RefusedError(0, phrase("the document has a DOCTYPE"))  # expat and libxml2 read its beginning differently
    return root


def _plain(said: str) -> Message:
    """Return what libxml2 says without the place, which stands before it, and without options of its own."""
    said = _PLACE.sub("", said)
    if not _LIMIT.search(said):
        return as_written(said)
    if "depth" in said:
        return phrase("its elements stand more than 256 deep in each other")
    return phrase("a text in it is longer than 10 MB: ask the sender for it without attached documents")


def _megabytes(size: int) -> int:
    """Return how many megabytes a size is, those begun counted."""
    return -(-size // MEGABYTE)
