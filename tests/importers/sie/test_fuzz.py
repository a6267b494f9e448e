"""The codec of SIE 4 with anything in it: what is written is read back, and nothing that is read does harm."""

import tempfile
import tracemalloc
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from forbundsbok.importers.problems import DocumentError
from forbundsbok.importers.sie.codec.check import Report, check_sie, read_sie
from forbundsbok.importers.sie.codec.reader import SieReader
from forbundsbok.importers.sie.codec.records import SieFile, Voucher
from forbundsbok.importers.sie.codec.writer import sie_bytes
from tests.importers.sie.files import SOUND, files, of_many_vouchers, saved
from tests.shares import share_of

pytestmark = pytest.mark.slow

ONE_FOLDER = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
"""Each example overwrites the file of the one before."""


def _without_lines(file: SieFile) -> SieFile:
    """Return a file without what says where in a text it stood."""
    return SieFile(
        file.heading,
        file.accounts,
        file.dimensions,
        file.objects,
        [balance._replace(line=0) for balance in file.balances],
        [_voucher_without_lines(voucher) for voucher in file.vouchers],
        [],
        file.encoding,
    )


def _voucher_without_lines(voucher: Voucher) -> Voucher:
    rows, removed, added = (
        tuple(row._replace(line=0) for row in rows) for rows in (voucher.rows, voucher.removed, voucher.added)
    )
    return voucher._replace(line=0, rows=rows, removed=removed, added=added)


@ONE_FOLDER
@given(files(), st.booleans())
def test_what_is_written_is_read_back(tmp_path: Path, file: SieFile, checksum: bool) -> None:
    content, replaced = sie_bytes(file, checksum=checksum)
    path = saved(tmp_path, content)
    assert replaced == []
    assert _without_lines(read_sie(path)) == file
    report = check_sie(path)
    assert report.ksumma == ("ok" if checksum else "absent")
    assert report.rollforward is (True if file.vouchers else None)
    assert report.transactions == sum(len(voucher.rows) for voucher in file.vouchers)


# Vouchers that look as nearly all do are read by a shorter way once their fields have been seen: it must say the same.

_PLAIN_ROW = st.tuples(
    st.sampled_from(["#TRANS", "  #TRANS", "#TRANS\t"]),
    st.sampled_from(["1930", "3010", "4010"]),
    st.sampled_from(["{}", "{1 NAV}", '{"1" "NAV" 6 "P 1"}', "{1 X}"]),
    st.sampled_from(["", " 20240315", ' "" "Kabel"', ' 20240316 Kabel ""', ' 20240317 "Kabel åäö"  ']),
    st.sampled_from(["", "", ' "" "" 2.5', ' "" Kabel -1 CH', ' 20240315 "" "" "C H" "" ', ' "" "" två CH']),
)
_PLAIN_HEAD = st.tuples(
    st.sampled_from(["#VER", "\n\n#VER", " #VER"]),
    st.sampled_from(["A", '"A"', "B", '""']),
    st.sampled_from([*"123456789", '""', "A1"]),
    st.sampled_from(["20240315", "20240316", "20240317", "20250101"]),
    st.sampled_from(["", ' "Köp av kabel"', ' Köp ""', ' "" 20240316', ' "Köp" 20240317 "CH"', " Köp 20240230"]),
)
_CENTS = st.lists(st.sampled_from(["100.00", "250.5", "7", "-0.00"]), min_size=1, max_size=2)


@st.composite
def _plain_files(draw: st.DrawFn) -> str:
    year, _, _ = SOUND.partition("#VER")
    lines = [year + "#KSUMMA"]
    for head in draw(st.lists(_PLAIN_HEAD, min_size=6, max_size=12)):
        lines += [" ".join(head[:4]) + head[4], "{"]
        for amount in draw(_CENTS):
            signs = draw(st.sampled_from(["+-", "+-", "+-", "+-", "+-", "++"]))
            for sign in signs:
                label, account, objects, rest, fuller = draw(_PLAIN_ROW)
                lines.append(f"{label} {account} {objects} {amount if sign == '+' else f'-{amount}'}{fuller or rest}")
        lines.append("}")
    return "\n".join([*lines, "#KSUMMA 1", ""]).replace("--", "")


@ONE_FOLDER
@given(_plain_files())
def test_the_short_way_says_what_the_long_way_says(tmp_path: Path, text: str) -> None:
    short, long = (
        SieReader(saved(tmp_path, text)),
        SieReader(saved(tmp_path, text.replace("\n{\n", "\n{ \n"), "long.se")),
    )
    assert list(short.vouchers()) == list(long.vouchers())
    assert short.errors == long.errors, "the sum of the records among them"
    assert short.warnings == long.warnings
    assert short.journal.voucher_count == long.journal.voucher_count
    assert short.journal.row_count == long.journal.row_count
    assert short.journal.unbalanced == long.journal.unbalanced


_NUMBERS = st.one_of(st.integers(0, 600).map(str), st.sampled_from(["007", "A1", "a1", "9" * 18, "9" * 19, "-1"]))


@ONE_FOLDER
@given(st.lists(st.tuples(st.sampled_from(["A", "B"]), _NUMBERS), max_size=300))
def test_a_number_is_taken_once_in_a_series_in_whatever_order(tmp_path: Path, ids: list[tuple[str, str]]) -> None:
    year, _, _ = SOUND.partition("#IB")
    vouchers = "".join(f"#VER {series} {number} 20240315\n{{\n}}\n" for series, number in ids)
    warnings = check_sie(saved(tmp_path, year + vouchers)).warnings
    different = {(series, int(number) if number.isdecimal() else number) for series, number in ids}
    told = [
        str(problem.message)
        for problem in warnings
        if "står redan tidigare i filen." in str(problem.message) or "upptagna" in str(problem.message)
    ]
    more = sum(int(message.split()[2]) - 1 for message in told if message.startswith("... och "))
    assert len(told) + more == len(ids) - len(different)


_CHANGES = st.lists(st.tuples(st.integers(0, 10_000), st.sampled_from(b"abcxyz0123456789")), min_size=8, max_size=8)


@settings(ONE_FOLDER, max_examples=25)  # a file takes far longer to draw than a change of it to find
@given(files(), _CHANGES)
def test_a_checksum_finds_every_changed_character(
    tmp_path: Path, file: SieFile, changes: list[tuple[int, int]]
) -> None:
    content, _ = sie_bytes(file)
    start, end = content.index(b"#PROGRAM"), content.rindex(b"#KSUMMA")
    places = [at for at in range(start, end) if chr(content[at]).isalnum() and content[at] < 128]
    for which, letter in changes:
        place = places[which % len(places)]
        if letter != content[place]:
            report = check_sie(saved(tmp_path, content[:place] + bytes([letter]) + content[place + 1 :]))
            assert report.ksumma == "bad"
            assert any("#KSUMMA" in str(problem.message) for problem in report.errors)


def test_what_cp437_lacks_is_replaced_and_told(tmp_path: Path) -> None:
    file = read_sie(saved(tmp_path, SOUND))
    file.heading.company = "Łódź – 5 € „x” 漢\n漢"
    file.heading.program = "C:\\Norrby\\"
    content, replaced = sie_bytes(file)
    read = read_sie(saved(tmp_path, content)).heading
    assert read.company == 'Lódz - 5 EUR "x" ? ?'.replace("Lódz", "?ódz")
    assert read.program == "C:\\Norrby/"
    assert list(map(str, replaced)) == [
        "'\\n' (U+000A) skrivs ' ', en gång",
        "'\\\\' (U+005C) skrivs '/', en gång",
        "'Ł' (U+0141) skrivs '?', en gång",
        "'ź' (U+017A) skrivs 'z', en gång",
        "'–' (U+2013) skrivs '-', en gång",
        "'”' (U+201D) skrivs '\"', en gång",
        "'„' (U+201E) skrivs '\"', en gång",
        "'€' (U+20AC) skrivs 'EUR', en gång",
        "'漢' (U+6F22) skrivs '?', 2 gånger",
    ]


def test_less_than_an_ore_cannot_be_written(tmp_path: Path) -> None:
    file = read_sie(saved(tmp_path, SOUND))
    file.balances[0] = file.balances[0]._replace(amount=Decimal("1.005"))
    with pytest.raises(ValueError, match=r"1,005 har fler än två decimaler"):
        sie_bytes(file)


# Nothing that is read does harm


def _judged(path: Path) -> Report:
    """Check a file, and read it: it must be one that can be read exactly if there are no errors in it."""
    report = check_sie(path)
    try:
        read_sie(path)
        refused = False
    except DocumentError:
        refused = True
    assert not refused or report.errors
    assert all(problem.line >= 0 and str(problem.message).isprintable() for problem in report.errors + report.warnings)
    return report


@ONE_FOLDER
@given(st.binary(max_size=300))
@example(b"\xef\xbb\xbf")
@example(b"#FLAGGA 0\n{\n{\n}\n}\n")
@example(b"#VER {\n#TRANS {{}}\n}")
@example(b"#KSUMMA\n#KSUMMA\n#KSUMMA x\n")
def test_any_bytes(tmp_path: Path, content: bytes) -> None:
    _judged(saved(tmp_path, content))


_LABELS = "VER TRANS RTRANS BTRANS IB UB RES OIB PSALDO KONTO RAR DIM OBJEKT KSUMMA SIETYP FLAGGA"
_FIELDS = '"" " \\" \\ 0 -1 1930 3010 20240315 20241399 202403 1000.00 -1000.00 1,00 1e9 NAV { } {} {1 {1} "{ å'
_TOKENS = st.sampled_from(
    [
        *(f"#{label}" for label in _LABELS.split()),
        *_FIELDS.split(),
        *("\n", "\r\n", "\t", "\0", "\x1a", " ", "\n{\n", "\n}\n"),
    ]
)


@ONE_FOLDER
@given(st.lists(_TOKENS, max_size=60))
def test_any_fields_in_any_order(tmp_path: Path, tokens: list[str]) -> None:
    _judged(saved(tmp_path, "#FLAGGA 0\n" + " ".join(tokens)))


@ONE_FOLDER
@given(st.lists(st.tuples(st.integers(0, len(SOUND) - 1), st.integers(0, 40), _TOKENS), min_size=1, max_size=4))
def test_any_change_of_a_sound_file(tmp_path: Path, changes: list[tuple[int, int, str]]) -> None:
    text = SOUND
    for place, length, new in changes:
        text = text[:place] + new + text[place + length :]
    _judged(saved(tmp_path, text))


@ONE_FOLDER
@given(st.integers(0, len(SOUND) - 1))
def test_a_file_that_is_cut_anywhere_inside_a_voucher_is_refused(tmp_path: Path, place: int) -> None:
    report = _judged(saved(tmp_path, SOUND[:place]))
    # Where nothing is cut but the end of the last line, nothing is lost.
    if place < SOUND.rindex("}"):
        assert report.errors or SOUND[:place].count("#VER") == SOUND[:place].count("}")


@pytest.mark.parametrize(
    "content",
    [
        b'#FLAGGA 0\n#PROSA "' + b'\\"' * 400_000,
        b"#FLAGGA 0\n#PROSA " + b" " * 900_000 + b'"',
        b"#FLAGGA 0\n#VER A 1 20240315 x\n{\n#TRANS 1 {" + b"1 " * share_of(400_000),
        b"#FLAGGA 0\n#VER A 1 20240315 x\n{\n#TRANS 1 {} 1.00" + b" " * 900_000 + b"{\n}\n",
        b"#FLAGGA 0\n#IB 0 1930 " + b"9" * 900_000 + b"\n",
        b"#FLAGGA 0\n" + b"{" * 900_000,
        b"#FLAGGA 0\n" + b"\n" * 900_000,
        b"#FLAGGA 0\n" + b"#\n" * share_of(100_000),
        b"#FLAGGA 0\n" + b"#VER A 1 20240315 x\n" * share_of(50_000),
        b"#FLAGGA 0\n" + b"x\n" * share_of(100_000),
        b"#FLAGGA 0\n" + b"#TRANS 1930 {} 1,00\n" * share_of(50_000),
    ],
    ids=["escapes", "spaces", "list", "row", "amount", "braces", "blank", "labels", "vouchers", "words", "rows"],
)
def test_what_is_long_is_read_in_time_and_memory(tmp_path: Path, content: bytes) -> None:
    path = saved(tmp_path, content)
    tracemalloc.start()
    try:
        report = check_sie(path)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 20 * len(content)
    assert len(report.errors) < 3000


def test_memory_does_not_grow_with_the_number_of_vouchers(tmp_path: Path) -> None:
    def most(vouchers: int) -> int:
        path = saved(tmp_path, of_many_vouchers(vouchers))
        tracemalloc.start()
        try:
            report = check_sie(path)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
            assert (report.vouchers, report.rollforward) == (vouchers, True)

    few, many = most(2_000), most(20_000)
    assert many < 1.2 * few


def test_vouchers_come_one_at_a_time() -> None:
    with tempfile.TemporaryDirectory() as folder:
        reader = SieReader(saved(Path(folder), of_many_vouchers(10_000)))
        assert next(reader.vouchers()).number == "1"
        assert reader.journal.voucher_count < 10_000
