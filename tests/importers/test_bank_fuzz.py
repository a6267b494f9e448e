"""Whatever comes in as a bank's file: it is taken in or refused, without traceback and soon."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from beancount.core.data import Transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forbundsbok.importers.bgmax import BgMax
from forbundsbok.importers.camt import Camt
from forbundsbok.importers.camt_details import Notifications
from forbundsbok.importers.door import Door
from forbundsbok.importers.problems import DocumentError
from tests.importers.bank_files import (
    LEDGER,
    Books,
    Paid,
    bgmax,
    bgmax_deposit,
    camt_detail,
    debt,
    invoice,
    one_day,
)
from tests.shares import share_of

pytestmark = pytest.mark.slow

DOORS: tuple[type[Door], ...] = (Camt, BgMax, Notifications)
SOUND: dict[type[Door], bytes] = {
    Camt: one_day(
        ("71407.55", "R1", camt_detail("71407.55", ["2025008319"], "Faktura", "Borås stad")),
        ("-1000.00", "R2", camt_detail("-500.00", ["17"]) + camt_detail("-500.00", ["18"], shares=["500.00"])),
        ("-49.00", "", ""),
    ).encode(),
    BgMax: bgmax(
        bgmax_deposit(
            [
                Paid(7140755, "2025008319", "Åkes Färg AB", "Tack"),
                Paid(140000, refs=[("1", 100000), ("2", 90000), ("3", -50000)]),
                Paid(100, "4711", deduction=True),
            ]
        )
    ),
}
SOUND[Notifications] = (
    SOUND[Camt]
    .replace(b"camt.053", b"camt.054")
    .replace(b"BkToCstmrStmt", b"BkToCstmrDbtCdtNtfctn")
    .replace(b"Stmt>", b"Ntfctn>")
)
OF_XML = [b"<", b"</Stmt>", b"<Ntry>", b"<RmtInf><Strd/></RmtInf>", b"<!DOCTYPE a>", b"&amp;", b"&x;", b'Ccy=""', b"/"]
OF_TEXT = [b"CRDT", b"9" * 30, b"2025-13-01", b"9999-12-31", b"-", b"1e5", b"NaN", b"\0", "\u2028ｓ٣".encode(), b"04"]
OF_RECORDS = [
    b"20",
    b"15",
    b"05",
    b"\r\n",
    b"\n",
    b"0" * 18,
    b"9" * 18,
    b" " * 80,
    b"\xff",
    b"\0",
    b"-1",
    b"\xb2",
    b"EUR",
]
PIECES = {Camt: OF_XML + OF_TEXT, BgMax: OF_RECORDS, Notifications: OF_XML + OF_TEXT}
SECONDS = 10


@pytest.fixture(scope="module")
def books() -> Iterator[Books]:
    with tempfile.TemporaryDirectory() as folder:
        ledger = LEDGER + invoice(83, "71407.55", ocr="2025008319") + debt(301, "500.00", fakturanr="17")
        yield Books(Path(folder), ledger)


def came_through(books: Books, door: type[Door], content: bytes) -> bool:
    """Tell whether a file is taken in; if so, the ledger is in order with it. Anything but a refusal is raised."""
    began = time.process_time()
    taken = Books(books.folder, books.text, books.mapping)
    try:
        taken.take(content, door)
    except DocumentError as error:
        if not error.messages or not all(message.strip() for message in error.messages):
            pytest.fail(f"refused without saying why: {error.messages}")
        return False
    finally:
        assert time.process_time() - began < SECONDS
    return True


@pytest.mark.parametrize("door", DOORS)
def test_what_the_mutations_begin_with_is_sound(books: Books, door: type[Door]) -> None:
    assert came_through(books, door, SOUND[door])


@pytest.mark.parametrize("door", DOORS)
@settings(max_examples=share_of(200), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.one_of(st.binary(max_size=500), st.text(max_size=200).map(lambda text: text.encode())))
def test_any_bytes(books: Books, door: type[Door], content: bytes) -> None:
    assert not came_through(books, door, content)
    beginning = SOUND[door][:162] if door is BgMax else SOUND[door][:150]
    assert not came_through(books, door, beginning + content)


UNITS = ("FK", "NAV")
"""Names that are no outside party's."""

TEXT = st.text(st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff"), max_size=80)


@settings(max_examples=share_of(200), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=TEXT.filter(lambda name: name.strip() not in UNITS), message=TEXT, reference=TEXT)
def test_any_text_stands_in_the_ledger_as_it_came(books: Books, name: str, message: str, reference: str) -> None:
    details = camt_detail("71407.55", ["2025008319", reference], message, name)
    taken = Books(books.folder, books.text, books.mapping)
    proposal = taken.take(one_day(("71407.55", reference, details)))
    voucher = next(entry for entry in proposal.entries if isinstance(entry, Transaction))
    written = next(entry for entry in taken.load() if isinstance(entry, Transaction) and "bankref" in entry.meta)
    assert (voucher.payee, voucher.meta["bankref"]) == (written.payee, written.meta["bankref"])
    assert (voucher.payee or "") in (" ".join(name.split()), "Borås stad")


EDIT = st.tuples(st.floats(0, 1), st.integers(0, 60), st.integers(0, 19))


@pytest.mark.parametrize("door", DOORS)
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=st.lists(EDIT, min_size=1, max_size=4))
def test_sound_files_with_mistakes(books: Books, door: type[Door], edits: list[tuple[float, int, int]]) -> None:
    content = SOUND[door]
    for at, length, which in edits:
        place, pieces = int(at * len(content)), PIECES[door]
        content = content[:place] + pieces[which % len(pieces)] + content[place + length :]
    came_through(books, door, content)


@pytest.mark.parametrize("door", DOORS)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=st.integers(0, 200), second=st.integers(0, 200), kind=st.sampled_from(["leave out", "twice", "swap"]))
def test_lines_left_out_or_told_twice(books: Books, door: type[Door], first: int, second: int, kind: str) -> None:
    lines = SOUND[door].replace(b"><", b">\n<").splitlines(keepends=True)
    one, other = first % len(lines), second % len(lines)
    if kind == "leave out":
        del lines[one]
    elif kind == "twice":
        lines.insert(one, lines[one])
    else:
        lines[one], lines[other] = lines[other], lines[one]
    came_through(books, door, b"".join(lines))


def test_large_files_take_no_time_beyond_their_size(books: Books) -> None:
    entries = [(f"{number}.00", f"R{number}", camt_detail(references=[str(number)])) for number in range(1, 2001)]
    assert came_through_in(books, Camt, one_day(*entries).encode(), 4)
    paid = [Paid(100, str(number), "A", "B" * 50, [(str(number), 0)] * 3) for number in range(2000)]
    assert came_through_in(books, BgMax, bgmax(bgmax_deposit(paid)), 4)


def came_through_in(books: Books, door: type[Door], content: bytes, seconds: float) -> bool:
    began = time.process_time()
    entries = books.propose(content, door).entries
    return len(entries) >= 2000 and time.process_time() - began < seconds
