"""BgMax files: their records, what must agree in them, and what they add to a ledger."""

from decimal import Decimal
from pathlib import Path

import pytest
from beancount.core import data

from forbundsbok.importers.bgmax import BgMax
from forbundsbok.importers.document import Document
from forbundsbok.importers.formats.bgmax import read_bgmax
from forbundsbok.importers.problems import DocumentError
from tests.importers.bank_files import LEDGER, MAPPING, OBSERVATION, TRANSIT, Books, Paid, bgmax, bgmax_deposit, invoice

SEVERAL = Paid(140000, refs=[("749557", 100000), ("695668", 50000), ("8988777", 40000), ("74450", -50000)], serial=30)
LISTED = Paid(180000, refs=[("665760", 0), ("665869", 0)], name="Åkes Färg AB", message="Avser 665760 och 665869")
CREDIT = [Paid(5000, deduction=True, refs=[("4711", 6000 * sign), ("4712", -1000 * sign)]) for sign in (1, -1)]


@pytest.fixture
def books(tmp_path: Path) -> Books:
    return Books(tmp_path, LEDGER + invoice(83, "71407.55", ocr="2025008319"))


def vouchers(entries: data.Directives) -> list[data.Transaction]:
    return [entry for entry in entries if isinstance(entry, data.Transaction)]


def links_of(entry: data.Transaction) -> set[str]:
    return set(entry.links)


def refused(books: Books, content: bytes) -> str:
    with pytest.raises(DocumentError) as error:
        books.propose(content, BgMax)
    return str(error.value)


def test_records(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(bgmax(bgmax_deposit([SEVERAL, LISTED]), bgmax_deposit([*CREDIT, Paid(19000)], serial=57)))
    file = read_bgmax(Document(path))
    first, second = file.deposits
    assert (first.bankgiro, str(first.day), first.serial, first.amount) == (
        "9912346",
        "2025-03-14",
        "00056",
        Decimal("3200.00"),
    )
    several, listed = first.payments
    assert [each.amount for each in several.reference_numbers] == [Decimal(each) for each in (1000, 500, 400, -500)]
    assert (several.serial, several.sender) == ("000000000030", "3783511")
    assert (listed.name, listed.message) == ("Åkes Färg AB", "Avser 665760 och 665869")
    for credit in second.payments[:2]:  # a deduction counts negative, whichever way its shares are told
        shares = [each.amount for each in credit.reference_numbers]
        assert [credit.amount, *shares] == [Decimal(each) for each in (-50, -60, 10)]
    assert second.amount == Decimal("90.00")


def changed(line: int, first: int, text: str) -> bytes:
    """Return a file in which the columns from `first` on, of a record, hold another text."""
    records = bgmax(bgmax_deposit([SEVERAL, LISTED]), end="\n").decode("latin-1").splitlines()
    record = records[line - 1]
    records[line - 1] = record[: first - 1] + text + record[first - 1 + len(text) :]
    return "\n".join(records).encode("latin-1")


@pytest.mark.parametrize(
    ("line", "first", "text", "said"),
    [
        (
            3,
            38,
            "000000000000140001",
            "13: insättningen är 3 200,00 (51-68), men betalningarna ovan är tillsammans 3 200,01 efter avdragen",
        ),
        (3, 38, "00000000000014000O", "3: belopp (position 38-55):"),
        (4, 38, "²00000000000100000", "4: belopp (position 38-55):"),
        (
            13,
            51,
            "000000000000320001",
            "13: insättningen är 3 200,01 (51-68), men betalningarna ovan är tillsammans 3 200,00 efter avdragen",
        ),
        (13, 72, "00000003", "13: insättningen anger antalet betalningar till 3 (72-79), men det finns 2"),
        (13, 69, "EUR", "13: insättningen är i EUR (69-71), men rad 2 säger SEK"),
        (13, 38, "20250230", "13: dagen (position 38-45) är '20250230' men ska skrivas som 20250314"),
        (14, 3, "00000003", "14: slutposten anger antalet betalningar (20) till 3, men det finns 2"),
        (14, 11, "00000001", "14: slutposten anger antalet avdrag (21) till 1, men det finns 0"),
        (14, 19, "00000005", "14: slutposten anger antalet extra referenser (22, 23) till 5, men det finns 6"),
        (14, 27, "00000002", "14: slutposten anger antalet insättningar (15) till 2, men det finns 1"),
        (14, 1, "26", "14: en informationspost (26) står före första betalningen (20, 21)"),
        (14, 1, "26", "14: slutposten (70) saknas: filen är avkortad"),
        (13, 1, "9x", "13: '9x' är ingen posttyp i BgMax"),
        (13, 1, "99", "14: insättningen (15) för betalningarna under rad 2 saknas före denna rad"),
        (2, 1, "25", "2: en informationspost (25) står före första betalningen (20, 21)"),
        (1, 23, "02", "1: layoutversion '02' är okänd: version 01 är den som läses"),
        (1, 1, "02", "1: det är ingen BgMax-fil: en sådan börjar med 01BGMAX"),
        (1, 45, "T", "1: filen är märkt som test (T i position 45): inga pengar är betalda"),
        (11, 9, "\t", "11: ett styrtecken står i position 9"),
        (11, 81, "x", "11: posten är 81 tecken lång och får vara"),
    ],
)
def test_what_does_not_agree_is_said_with_its_line(books: Books, line: int, first: int, text: str, said: str) -> None:
    message = refused(books, changed(line, first, text))
    assert any(f"document:{said}" in each for each in message.splitlines()), message


def test_records_of_other_types_are_passed_over_and_said(books: Books) -> None:
    lines = bgmax(bgmax_deposit([Paid(7140755, "2025008319")])).split(b"\r\n")
    for at in (5, 3, 2):
        lines.insert(at, b"30SE1250000000050000000017")
    lines.insert(4, b"28 Malung")
    proposal = books.take(b"\r\n".join(lines), BgMax)
    assert links_of(vouchers(proposal.entries)[0]) == {"K-2025-0083", "BG-9912346-20250314-00056"}
    assert any("3 poster av typ 30, som inte är känd här, hoppas över" in str(note) for note in proposal.notes)


@pytest.mark.parametrize(
    ("ore", "refs", "why"),
    [
        (2050000, [("1000017", 1250000), ("1000025", 700000)], "delbeloppen för 1000017, 1000025 är tillsammans 19 5"),
        (100, [("1000017", 50), ("1000025", -150)], "är tillsammans -1,00, men betalningen är 1,00"),
        (2050000, [("1000017", 1250000), ("1000025", 800000)], ""),
        (2050000, [("1000017", 1250000), ("1000025", 0)], ""),
        (2050000, [("1000017 1000025", 0)], ""),
        (2050000, [("FAKTURA 1000017", 1250000), ("NR 1000025", 800000)], ""),
    ],
)
def test_shares_of_a_payment_agree_with_it_or_it_is_observed(
    books: Books, ore: int, refs: list[tuple[str, int]], why: str
) -> None:
    books.text += invoice(1, "12500.00", ocr="1000017") + invoice(2, "8000.00", ocr="1000025")
    [voucher] = vouchers(books.take(bgmax(bgmax_deposit([Paid(ore, refs=refs)])), BgMax).entries)
    assert why in voucher.meta.get("observera", "")
    assert voucher.flag == ("!" if why else "*")
    assert ("K-2025-0002" in links_of(voucher)) == (not why)


def test_a_bankgiro_number_that_is_none_of_ours_is_left_out_and_said(books: Books) -> None:
    other = [record.replace("9912346", "1112222") for record in bgmax_deposit([Paid(500)], serial=57)]
    content = bgmax(bgmax_deposit([Paid(100)]), other)
    assert "bankgiro 111-2222, med 5,00 kr i 1 insättning, saknas i" in refused(books, content)
    books.mapping += '[bgmax."111-2222"]\nours = false\n'
    proposal = books.take(content, BgMax)
    assert len(vouchers(proposal.entries)) == 1
    assert any("bankgiro 111-2222 är enligt" in str(note) and "5,00 kr" in str(note) for note in proposal.notes)


@pytest.mark.parametrize("kind", ["LF", "CR", "blank lines", "short lines", "UTF-8", "BOM", "BOMs", "850", "Ctrl-Z"])
def test_what_is_harmless_is_read(books: Books, kind: str) -> None:
    content = bgmax(bgmax_deposit([Paid(7140755, "2025008319", "Åkes Färg AB")]))
    text = content.decode("latin-1")
    written = {
        "LF": content.replace(b"\r", b""),
        "CR": content.replace(b"\n", b""),
        "blank lines": content.replace(b"\r\n", b"\r\n\r\n") + b"\r\n\r\n",
        "short lines": "\r\n".join(line.rstrip() for line in text.splitlines()).encode("latin-1"),
        "UTF-8": text.encode(),
        "BOM": text.encode("utf-8-sig"),
        "BOMs": f"\ufeff{text}".encode("utf-8-sig"),
        "850": text.encode("cp850"),
        "Ctrl-Z": content + b"\x1a",
    }[kind]
    proposal = books.take(written, BgMax)
    [voucher] = vouchers(proposal.entries)
    assert (voucher.flag, voucher.payee, links_of(voucher)) == (
        "*",
        "Åkes Färg AB",
        {"K-2025-0083", "BG-9912346-20250314-00056"},
    )
    assert any("sparats om" in str(note) for note in proposal.notes) == (kind in ("UTF-8", "BOM", "BOMs", "850"))


def test_a_payment_settles_and_what_is_known_is_left_out(books: Books) -> None:
    first = books.take(bgmax(bgmax_deposit([Paid(7140755, "2025008319")])), BgMax)
    [voucher] = vouchers(first.entries)
    assert voucher.meta["bankref"] == "9912346 2025-03-14 00056 000000000001"
    assert [(row.account, str(row.units.number)) for row in voucher.postings if row.units] == [
        (TRANSIT, "71407.55"),
        ("Assets:NAV:1510-Kundfordringar", "-71407.55"),
    ]
    # The same deposit in a longer file, with one that is new, and two of the same serial number that are two.
    more = bgmax_deposit([Paid(100, serial=7), Paid(100, serial=7)], serial=57)
    second = books.take(bgmax(bgmax_deposit([Paid(7140755, "2025008319")]), more), BgMax)
    assert [entry.meta["bankref"] for entry in vouchers(second.entries)] == [
        "9912346 2025-03-14 00057 000000000007",
        "9912346 2025-03-14 00057 000000000007/2",
    ]
    assert "1 betalning finns redan i böckerna enligt bankref och tas inte med" in map(str, second.notes)
    assert books.propose(bgmax(bgmax_deposit([Paid(7140755, "2025008319")]), end="\n"), BgMax).entries == []


def test_a_deduction_settles_a_credit_invoice(books: Books) -> None:
    books.text += invoice(84, "-50.00", ocr="848").replace("--", "")
    content = bgmax(bgmax_deposit([Paid(7140755, "2025008319"), Paid(5000, "848", deduction=True)]))
    paid, deducted = vouchers(books.take(content, BgMax).entries)
    assert (paid.flag, deducted.flag) == ("*", "*")
    assert "K-2025-0084" in deducted.links
    assert str(deducted.postings[0].units) == "-50.00 SEK"


def test_other_currencies_are_refused_or_left_to_somebody(books: Books) -> None:
    euros = bgmax_deposit([Paid(40000), Paid(100)], serial=57, currency="EUR")
    content = bgmax(bgmax_deposit([Paid(100)]), euros)
    message = refused(books, content)
    assert "document:8: insättning 00057 den 2025-03-14 är 401,00 EUR i 2 betalningar, alltså i annan valuta" in message
    assert 'foreign = "by-hand"' in message
    books.mapping = MAPPING.replace('series = "I"', 'series = "I"\nforeign = "by-hand"')
    proposal = books.take(content, BgMax)
    assert len(vouchers(proposal.entries)) == 1
    [note] = [entry for entry in proposal.entries if isinstance(entry, data.Note)]
    assert (note.account, "401,00 EUR" in note.comment) == (OBSERVATION, True)
    assert any("401,00 EUR" in str(note) and "den tas inte med" in str(note) for note in proposal.notes)


def test_bankgiro_numbers_that_the_mapping_lacks_are_listed(books: Books) -> None:
    books.mapping = MAPPING.replace("9912346", "1112222")
    message = refused(books, bgmax(bgmax_deposit([Paid(100)]), bgmax_deposit([Paid(250)], serial=57)))
    assert "bankgiro 991-2346, med 3,50 kr i 2 insättningar, saknas i" in message
    assert '[bgmax."9912346"]' in message


def test_deposits_that_nobody_can_tell_apart_are_refused(books: Books) -> None:
    message = refused(books, bgmax(bgmax_deposit([Paid(100)]), bgmax_deposit([Paid(100)])))
    assert "document:4: flera insättningar har nummer 00056 den 2025-03-14: de går inte att skilja åt" in message


def test_what_follows_the_end_is_refused(books: Books) -> None:
    content = bgmax(bgmax_deposit([Paid(100)]))
    assert "document:6: något följer efter slutposten (70): läs in varje BgMax-fil för sig" in refused(
        books, content + content.splitlines()[2]
    )


def test_a_payment_of_nothing_is_no_voucher(books: Books) -> None:
    assert len(vouchers(books.take(bgmax(bgmax_deposit([Paid(0, "1"), Paid(100)])), BgMax).entries)) == 1


def test_a_day_without_payments_adds_nothing_and_says_so(books: Books) -> None:
    proposal = books.propose(bgmax(), BgMax)
    assert (proposal.entries, proposal.stored) == ([], "")
    assert [str(note) for note in proposal.notes] == ["den har ingen insättningspost (15): inget är betalt"]
    # What is cut short is no such day.
    assert "slutpost" in refused(books, bgmax().splitlines(keepends=True)[0])


def test_an_unknown_bankgiro_is_told_with_accounts_of_these_books(books: Books) -> None:
    books.mapping = ""
    message = refused(books, bgmax(bgmax_deposit([Paid(100)])))
    assert (
        f'account = "{TRANSIT}"   # där insättningarna väntar på kontoutdraget\n  observation = "{OBSERVATION}"\n'
        in message
    )
    books.text = books.text.replace(":FK:", ":XX:").replace('"FK"', '"XX"').replace("1690-Bankgiro", "1690-Insatt")
    assert 'account = "Assets:XX:1690-Bankgiro-på-väg"' in refused(books, bgmax(bgmax_deposit([Paid(100)])))
