"""XML that somebody else wrote: what would do harm is refused, in little time and memory, and at its line."""

import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from forbundsbok.importers.document import Document
from forbundsbok.importers.formats.camt import read_camt
from forbundsbok.importers.formats.ubl import NAMESPACES, PROFILE, read_invoice
from forbundsbok.importers.formats.xml import (
    MOST_BYTES,
    amount,
    child,
    children,
    day,
    enclosed,
    line_of,
    number,
    read_xml,
    require,
    text,
    truth,
)
from forbundsbok.importers.problems import MOST_PROBLEMS, DocumentError, Problem

SECONDS = 5
MEGABYTES = 300
LAUGHS = '<!DOCTYPE a [<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {chr(after)} "{f"&{chr(after - 1)};" * 10}">' for after in range(ord("b"), ord("l"))
)

ATTACKS = {
    "billion laughs": f"{LAUGHS}]><a>&k;</a>".encode(),
    "billion laughs in an attribute": f'{LAUGHS}]><a b="&k;"/>'.encode(),
    "billion laughs in UTF-16": f"{LAUGHS}]><a>&k;</a>".encode("utf-16"),
    "quadratic blow-up": b'<!DOCTYPE a [<!ENTITY b "%s">]><a>%s</a>' % (b"x" * 100_000, b"&b;" * 100_000),
    "file as entity": b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    "address as entity": b'<!DOCTYPE a [<!ENTITY b SYSTEM "http://127.0.0.1:9/">]><a>&b;</a>',
    "address as DTD": b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><a/>',
    "parameter entity": b'<!DOCTYPE a [<!ENTITY % b SYSTEM "file:///etc/passwd"> %b;]><a/>',
    "DOCTYPE behind a long comment": b"<!--%s--><!DOCTYPE a []><a/>" % (b"x" * 9_000_000),
    "DOCTYPE in Latin-1": '<?xml version="1.0" encoding="ISO-8859-1"?><!-- å --><!DOCTYPE a []><a/>'.encode("latin-1"),
}
LIMITS = {
    "deep": (b"<a>" * 100_000, "elementen står djupare än 256 nivåer i varandra"),
    "long text": (
        b"<a>%s</a>" % (b"x" * 11_000_000),
        "en text i den är längre än 10 MB: be avsändaren om den utan bilagor",
    ),
    "long attribute": (
        b'<a b="%s"/>' % (b"x" * 11_000_000),
        "en text i den är längre än 10 MB: be avsändaren om den utan bilagor",
    ),
    "long name": (
        b"<%s/>" % (b"x" * 11_000_000),
        "en text i den är längre än 10 MB: be avsändaren om den utan bilagor",
    ),
    "comment without end": (b"<!--%s" % (b"x" * 19_000_000), "ingen XML"),
    "many elements": (
        b"<a>%s</a>" % (b"<b/>" * 4_000_000),
        "den har fler än 500000 element och attribut: be om den i delar",
    ),
    "many attributes": (
        b"<a %s/>" % b"".join(map(b' b%d=""'.__mod__, range(1_500_000))),
        "den har fler än 500000 element och attribut: be om den i delar",
    ),
    "UTF-7": (
        b'<?xml version="1.0" encoding="UTF-7"?><a/>',
        "filen är skriven i teckenkoden 'UTF-7': den får vara i UTF-8",
    ),
    "UTF-32": ("<a/>".encode("utf-32"), "ingen XML"),
    "EBCDIC": ('<?xml version="1.0" encoding="cp037"?><a/>'.encode("cp037"), "ingen XML"),
    "unknown entity": (b"<a>&b;</a>", "Entity 'b' not defined"),
    "nothing": (b"", "ingen XML"),
    "zeros": (b"\0" * 1000, "ingen XML"),
    "bad UTF-8": (b"<a>\xff</a>", "Invalid bytes in character encoding. Den är inte skriven i den teckenkod som den"),
    "cut within a text": (b"<a><b>x</b><c>y", "Filen är avkortad: hämta den på nytt"),
    "cut after an element": (b"<a><b>x</b>\n", "Filen är avkortad: hämta den på nytt"),
    "cut within a tag": (b"<a><b>x</b><", "Filen är avkortad: hämta den på nytt"),
    "two documents": (b'<?xml version="1.0"?><a/><?xml version="1.0"?><a/>', "ge vart och ett i en egen fil"),
    "two elements": (b"<a/><a/>", "ge vart och ett i en egen fil"),
    "an empty line first": (b'\n<?xml version="1.0"?><a/>', "den börjar inte med sin första rad, utan med en tom"),
}


@pytest.fixture
def write(tmp_path: Path) -> Callable[[bytes], Document]:
    def written(content: bytes) -> Document:
        path = tmp_path / "a.xml"
        path.write_bytes(content)
        return Document(path)

    return written


@contextmanager
def bounded() -> Iterator[None]:
    """Fail what takes long, or much memory."""
    started, before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, kilobytes elsewhere
    taken = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * unit
    assert time.process_time() - started < SECONDS
    assert taken < MEGABYTES * 1_000_000


def refusal(document: Document) -> str:
    with bounded(), pytest.raises(DocumentError) as caught:
        read_xml(document)
    return str(caught.value)


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_doctype_is_refused_before_it_does_anything(attack: str, write: Callable[[bytes], Document]) -> None:
    path = write(ATTACKS[attack])
    assert refusal(path).startswith(f"{path}:1: filen har en DOCTYPE")


@pytest.mark.parametrize("limit", LIMITS)
def test_what_is_too_much_or_no_xml_is_refused(limit: str, write: Callable[[bytes], Document]) -> None:
    content, expected = LIMITS[limit]
    message = refusal(write(content))
    assert expected in message
    assert "\n" not in message
    assert "XML_PARSE" not in message


def test_a_file_above_the_limit_is_refused_by_its_size(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    with path.open("wb") as file:
        file.truncate(10**10)  # nothing is on the disk
    assert f"filen är 10000 MB, och högst {MOST_BYTES // 10**6} MB läses" in refusal(Document(path))
    path.write_bytes(b"<a/>")
    with pytest.raises(DocumentError, match="och högst"):
        read_xml(Document(path), most_bytes=3)
    assert read_xml(Document(path), most_bytes=4).tag == "a"


def test_malformed_xml_is_refused_at_its_line(write: Callable[[bytes], Document]) -> None:
    path = write(b"<a>\n<b>\n</c></a>")
    expected = f"{path}:3: XML-filen kan inte läsas: Opening and ending tag mismatch: b line 2 and c"
    assert refusal(path) == expected


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1", "windows-1252", "utf8", "UTF_8", "utf16", "latin1", "cp1252"],
)
def test_encodings(encoding: str, write: Callable[[bytes], Document]) -> None:
    declared = encoding.removesuffix("-sig")
    root = read_xml(write(f'<?xml version="1.0" encoding="{declared}"?>\n<a>Överskott</a>'.encode(encoding)))
    assert root.text == "Överskott"


def test_several_byte_order_marks_are_read_as_one(write: Callable[[bytes], Document]) -> None:
    document = write("\ufeff\ufeff\ufeff<?xml version='1.0' encoding='UTF-8'?><a>Överskott</a>".encode())
    assert document.head.startswith("\ufeff<".encode())
    assert read_xml(document).text == "Överskott"
    assert document.read().startswith("\ufeff\ufeff\ufeff<".encode())  # what is kept is what came


def test_nothing_is_fetched_or_included(write: Callable[[bytes], Document]) -> None:
    include = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>'
    sheet = '<?xml-stylesheet href="http://127.0.0.1:9/a.xsl"?>'
    root = read_xml(write(f"{sheet}<a>{include}</a>".encode()))
    assert [text(root, name) for name in ("include", "a")] == ["", ""]


def test_a_doctype_is_refused_under_another_name_of_its_encoding_too(write: Callable[[bytes], Document]) -> None:
    assert "DOCTYPE" in refusal(write(b'<?xml version="1.0" encoding="utf8"?><!DOCTYPE a []><a/>'))


def test_what_an_envelope_holds_is_found_by_name(write: Callable[[bytes], Document]) -> None:
    root = read_xml(write(b'<e><h/><n:a xmlns:n="n"><n:b/></n:a><a/><f><a xmlns="n"/></f></e>'))
    assert [line_of(each) for each in enclosed(root, ["{n}a", "{n}c"])] == [1, 1]
    assert enclosed(root, ["{m}a"]) == []


def test_lines_are_known_beyond_the_first_65535(write: Callable[[bytes], Document]) -> None:
    root = read_xml(write(b"<a>%s<b>x</b></a>" % (b"\n" * 100_000)))
    assert line_of(children(root, "b")[0]) == 100_001


def test_elements_are_found_by_name_whatever_their_namespace(write: Callable[[bytes], Document]) -> None:
    root = read_xml(
        write(b'<a xmlns:n="n"><n:b><c> 1\n 2 </c></n:b><b xmlns="m"><c>3<!-- -->4<?n n?>5</c></b><c>5</c></a>')
    )
    assert [each.text for each in children(root, "b/c")] == [" 1\n 2 ", "345"]
    assert text(root, "b/c") == "1 2"
    assert child(root, "c/b") is None


def test_values_are_read_or_reported_at_their_lines(write: Callable[[bytes], Document]) -> None:
    good = read_xml(
        write(
            b"<a><n>-1234.50</n><n2>.5</n2><d>2025-03-14+01:00</d><d2>2025-03-14T22:59:59.999Z</d2>"
            b"<t>true</t><f>0</f><t2>1</t2><f2>false</f2></a>"
        )
    )
    problems: list[Problem] = []
    assert amount(good, "n", problems) == Decimal("-1234.50")
    assert number(good, "n2", problems) == Decimal("0.5")
    assert day(good, "d", problems) == day(good, "d2", problems) == date(2025, 3, 14)
    assert [truth(good, name, problems) for name in ("t", "f", "t2", "f2")] == [True, False, True, False]
    absent = (amount(good, "x", problems), day(good, "x", problems), truth(good, "x", problems))
    assert absent == (None, None, None)
    assert problems == []


@pytest.mark.parametrize(
    ("read", "written"),
    [
        *((amount, each) for each in ("1e3", "NaN", "Infinity", "1 000", "1,50", "", "0x1", "١", "9" * 19, "1.005")),
        *((number, each) for each in ("1e3", "--1", ".", "0." + "0" * 19, "<b/>", "1</n><n>1")),
        *((day, each) for each in ("2025-02-30", "25-03-14", "2025-03-14 10:00", "20250314", "")),
        *((truth, each) for each in ("TRUE", "yes", "")),
    ],
)
def test_a_bad_value_is_reported_at_its_line(
    read: Callable[..., object], written: str, write: Callable[[bytes], Document]
) -> None:
    problems: list[Problem] = []
    root = read_xml(write(f"<a>\n<n>{written}</n></a>".encode()))
    assert read(root, "n", problems) is None
    assert [problem.line for problem in problems] == [2]


def test_what_is_required_is_reported_when_it_is_not_there(write: Callable[[bytes], Document]) -> None:
    problems: list[Problem] = []
    require(read_xml(write(b"<a>\n<b/><c>1</c><d><e/></d></a>")), ["b", "c", "d", "e"], problems)
    assert [(each.line, str(each.message)) for each in problems] == [(2, "b är tomt"), (1, "a saknar e")]


INVOICE = next(namespace for namespace, name in NAMESPACES.items() if name == "Invoice")
INVOICE_OF = f'<Invoice xmlns="{INVOICE}"><CustomizationID>{PROFILE}</CustomizationID>%s</Invoice>'
ENTRY_OF = (
    '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt>%s</Stmt></BkToCstmrStmt>'
    "</Document>"
)


@pytest.mark.parametrize("element", ["InvoiceLine", "AllowanceCharge", "PaymentMeans", "Note", "x"])
def test_an_invoice_of_empty_elements_is_refused_soon_and_in_few_words(
    element: str, write: Callable[[bytes], Document]
) -> None:
    document = write((INVOICE_OF % (f"<{element}/>" * 240_000)).encode())
    with bounded(), pytest.raises(DocumentError) as caught:
        read_invoice(document)
    assert 0 < len(caught.value.messages) <= MOST_PROBLEMS


@pytest.mark.parametrize("element", ["Ntry", "Bal", "Acct", "x"])
def test_a_bank_statement_of_empty_elements_is_refused_soon_and_in_few_words(
    element: str, write: Callable[[bytes], Document]
) -> None:
    document = write((ENTRY_OF % (f"<{element}/>" * 240_000)).encode())
    with bounded(), pytest.raises(DocumentError) as caught:
        read_camt(document)
    assert 0 < len(caught.value.messages) <= MOST_PROBLEMS


@pytest.mark.parametrize(
    ("written", "swedish"),
    [
        ("2025-01-07T23:00:00Z", "2025-01-08"),
        ("2025-01-07T22:59:59Z", "2025-01-07"),
        ("2025-07-07T22:00:00Z", "2025-07-08"),
        ("2025-07-07T21:59:59.5+00:00", "2025-07-07"),
        ("2025-01-08T00:30:00+02:00", "2025-01-07"),
        ("2025-01-07T18:30:00-05:00", "2025-01-08"),
        ("2025-01-08T00:00:00+01:00", "2025-01-08"),
        ("2025-01-07T23:59:59", "2025-01-07"),
        ("2025-01-07T24:00:00", "2025-01-07"),
        ("2025-01-07Z", "2025-01-07"),
        ("2025-01-07-05:00", "2025-01-07"),
    ],
)
def test_a_time_is_of_the_day_that_it_was_in_sweden(
    write: Callable[[bytes], Document], written: str, swedish: str
) -> None:
    problems: list[Problem] = []
    assert str(day(read_xml(write(f"<a><d>{written}</d></a>".encode())), "d", problems)) == swedish
    assert problems == []


@pytest.mark.parametrize("written", ["0001-01-01T00:00:00+14:00", "2025-01-07T10:00:00+99:00", "2025-01-07T25:00:00Z"])
def test_a_time_that_was_never_is_reported(write: Callable[[bytes], Document], written: str) -> None:
    problems: list[Problem] = []
    assert day(read_xml(write(f"<a><d>{written}</d></a>".encode())), "d", problems) is None
    assert len(problems) == 1
