"""Statements of the bank: what they add to a ledger, and what is wrong with them."""

import re
from datetime import date
from pathlib import Path

import pytest
from beancount.core import data

from forbundsbok.importers.bgmax import BgMax
from forbundsbok.importers.camt import Camt
from forbundsbok.importers.document import Document
from forbundsbok.importers.problems import DocumentError
from forbundsbok.scripts.store.sealing import seal_year
from tests.importers.bank_files import (
    BANK,
    IBAN,
    LEDGER,
    MAPPING,
    OBSERVATION,
    TRANSIT,
    Books,
    Paid,
    bgmax,
    bgmax_deposit,
    camt,
    camt_detail,
    camt_entry,
    camt_statement,
    invoice,
    one_day,
)

BY_HAND = """
2025-03-14 * "Hyra, bokförd för hand"
  ver: "M 1"
  Assets:FK:1610-Internbank               -3500.00 SEK
  Liabilities:FK:2890-Observationskonto    3500.00 SEK
"""


@pytest.fixture
def books(tmp_path: Path) -> Books:
    return Books(tmp_path, LEDGER + invoice(83, "71407.55", ocr="2025008319"))


def vouchers(entries: data.Directives) -> list[data.Transaction]:
    return [entry for entry in entries if isinstance(entry, data.Transaction)]


def links_of(entry: data.Transaction) -> set[str]:
    return set(entry.links)


def rows(entry: data.Transaction) -> list[tuple[str, str]]:
    return [(posting.account, str(posting.units.number)) for posting in entry.postings if posting.units]


def refused(books: Books, content: str) -> str:
    with pytest.raises(DocumentError) as error:
        books.propose(content)
    return str(error.value)


PAID = camt_detail("71407.55", ["2025008319"], name="Borås stad")


@pytest.mark.parametrize("version", ["02", "04", "08", "14"])
def test_every_version_gives_the_same(books: Books, version: str) -> None:
    content = one_day(("71407.55", "R1", PAID)).replace("053.001.08", f"053.001.{version}")
    if version < "08":  # the status is a text there, and the parties have no Pty
        content = content.replace("<Sts><Cd>BOOK</Cd></Sts>", "<Sts>BOOK</Sts>")
        content = content.replace("<Pty>", "").replace("</Pty>", "")
    if version == "02":  # and payments no amount of their own
        own = '<TxDtls><Amt Ccy="SEK">71407.55</Amt><CdtDbtInd>CRDT</CdtDbtInd>'
        below = '<TxDtls><AmtDtls><TxAmt><Amt Ccy="SEK">71407.55</Amt></TxAmt></AmtDtls>'
        assert own in content
        content = content.replace(own, below)
    [voucher] = vouchers(books.take(content).entries)
    assert (voucher.flag, voucher.payee, voucher.narration) == (
        "*",
        "Borås stad",
        "Inbetalning: Medlemsavgifter kvartal 2",
    )
    assert voucher.links == {"K-2025-0083"}
    assert voucher.meta["bankref"] == "R1"
    assert rows(voucher) == [(BANK, "71407.55"), ("Assets:NAV:1510-Kundfordringar", "-71407.55")]


def test_balances_become_assertions_also_when_nothing_moved(books: Books) -> None:
    for content in (one_day(("71407.55", "R1", PAID)), one_day(number=53, opening="571407.55").replace("-14", "-17")):
        opening, *_, closing = [each for each in books.take(content).entries if isinstance(each, data.Balance)]
        assert (opening.date.day + 1, opening.account) == (closing.date.day, BANK)
    assert str(closing.amount) == "571407.55 SEK"
    assert (closing.meta["kontoutdrag"], int(closing.meta["nummer"])) == ("2025-53", 53)


@pytest.mark.parametrize("sealed", [False, True])
def test_no_balance_is_asserted_at_the_end_of_a_sealed_year(books: Books, sealed: bool) -> None:
    """A balance of 1 January is what the account held when the year before ended, and sealed with that."""
    main = books.folder / "main.bean"
    books.text = books.text.replace(invoice(83, "71407.55", ocr="2025008319"), "")
    books.text += '\n2024-12-31 custom "bokslut" 2024\n'
    if sealed:
        main.write_text(books.text, encoding="utf-8")
        seal_year(main, 2024, date(2025, 2, 15), "", print)
        books.text = main.read_text(encoding="utf-8")
    statement = camt_statement([], "500000.00", "500000.00", first="2025-01-01", last="2025-01-31")
    asserted = [each.date for each in books.propose(camt(statement)).entries if isinstance(each, data.Balance)]
    assert asserted == ([] if sealed else [date(2025, 1, 1)]) + [date(2025, 2, 1)]


def test_a_batch_is_one_voucher_with_a_row_for_each_payment(books: Books) -> None:
    books.text += invoice(84, "500.00", ocr="848")
    details = PAID + camt_detail("500.00", ["848"]) + camt_detail("20.00", ["999"])
    [voucher] = vouchers(books.take(one_day(("71927.55", "R1", details))).entries)
    customers = "Assets:NAV:1510-Kundfordringar"
    assert rows(voucher)[1:] == [(customers, "-71407.55"), (customers, "-500.00"), (OBSERVATION, "-20.00")]
    assert (voucher.flag, voucher.meta["observera"]) == ("!", "okänd referens 999")
    # The rows say which invoice each is of, so that nothing is open of either any more.
    again = one_day(("500.00", "R2", camt_detail("500.00", ["848"])), number=53, opening="571927.55")
    [later] = vouchers(books.take(again.replace("-14", "-15")).entries)
    assert later.meta["observera"] == "K-2025-0084 är redan reglerad"


def test_equal_fees_of_a_day_are_two_and_known_ones_are_left_out(books: Books) -> None:
    fees = [("-49.00", "R1", ""), ("-49.00", "R2", ""), ("-49.00", "R2", ""), ("-49.00", "", ""), ("-49.00", "", "")]
    first = vouchers(books.take(one_day(*fees)).entries)
    assert [entry.meta["bankref"] for entry in first] == ["R1", "R2", "R2/2", "2025-52 rad 4", "2025-52 rad 5"]
    again = books.propose(one_day(*fees).replace("<MsgId>M1", "<MsgId>M2"))
    assert again.entries == []
    assert "finns redan i böckerna: inget att lägga till" in str(again.notes[0])


def test_a_month_over_days_that_came_in_adds_what_is_new(books: Books) -> None:
    books.take(camt(camt_statement(first="2025-02-28", last="2025-02-28", number=51)))
    books.take(one_day(("-49.00", "R1", ""), ("-49.00", "R2", "")))
    entries = [camt_entry("-49.00", "R1"), camt_entry("-49.00", "R2"), camt_entry("-1.00", "R9", day="2025-03-20")]
    month = camt_statement(entries, "500000.00", "499901.00", first="2025-03-01", last="2025-03-31", number=3)
    proposal = books.take(camt(month))
    assert [entry.meta["bankref"] for entry in vouchers(proposal.entries)] == ["R9"]
    assert any(": 2 poster finns redan i böckerna enligt" in str(note) for note in proposal.notes)


def test_the_same_document_adds_nothing(books: Books) -> None:
    books.take(one_day(("-49.00", "R1", "")))
    assert books.propose(one_day(("-49.00", "R1", ""))).entries == []


def test_a_statement_that_the_bank_changed_is_refused(books: Books) -> None:
    books.take(one_day(("-49.00", "R1", "")))
    message = refused(books, one_day(("-49.00", "R1", ""), ("-5.00", "R2", "")))
    assert "kontoutdrag 52 för 2025-03-14 finns i böckerna (" in message
    assert "), men 1 av dess poster saknas, -5,00 den 2025-03-14: har banken ändrat det?" in message


@pytest.mark.parametrize(
    ("number", "opening", "said"),
    [
        (
            54,
            "499951.00",
            ["kontoutdrag 54 för 2025-03-18", "kontoutdrag 52 för 2025-03-14", "nummer 53 saknas", "2025-03-15 till"],
        ),
        (60, "499951.00", ["nummer 53 till 59 saknas, för 2025-03-15 till 2025-03-17"]),
        (
            53,
            "499950.99",
            ["ingående saldo 499 950,99 den 2025-03-18", "utgående saldo 499 951,00: enligt numren saknas inget"],
        ),
        (
            None,
            "499950.99",
            ["utgående saldo 499 951,00: ett kontoutdrag saknas, för 2025-03-15 till 2025-03-17. Läs in"],
        ),
    ],
)
@pytest.mark.parametrize("in_one_file", [True, False])
def test_gaps_between_statements(
    books: Books, number: int | None, opening: str, said: list[str], in_one_file: bool
) -> None:
    first = camt_statement([camt_entry("-49.00", "R1")], closing="499951.00")
    later = camt_statement([], opening, opening, first="2025-03-18", last="2025-03-18", number=number)
    if in_one_file:
        message = refused(books, camt(later, first))
    else:
        books.take(camt(first))
        message = refused(books, camt(later))
    assert all(each in message for each in said), message
    assert len(message.splitlines()) == 1
    if opening == "499951.00":
        books.mapping = MAPPING.replace("series-in", 'numbers = "ignored"\nseries-in')
        assert books.propose(camt(later) if not in_one_file else camt(later, first)).entries


def test_numbers_begin_again_with_the_year(books: Books) -> None:
    books.take(camt(camt_statement(first="2025-12-30", last="2025-12-30", number=250)))
    assert books.take(camt(camt_statement(first="2026-01-02", last="2026-01-02", number=1))).entries


def test_the_books_must_have_the_opening_balance(books: Books) -> None:
    message = refused(books, one_day(opening="501000.00"))
    assert "ingående saldo 501 000,00 den 2025-03-14, men böckerna har 500 000,00" in message
    assert ", 1 000,00 för lite" in message


def test_vouchers_by_hand_are_told_where_the_balance_does_not_agree(books: Books) -> None:
    books.text += BY_HAND
    message = refused(books, one_day(("71407.55", "R1", PAID)))
    assert "utgående saldo 571 407,55 den 2025-03-14" in message
    assert re.search(r"2025-03-14 -3 500,00 M 1 \(", message)
    assert "I 1 (" not in message
    # Booked by hand between two statements:
    books.text = books.text.replace(BY_HAND, "")
    books.take(one_day())
    books.text += BY_HAND.replace("03-14", "03-15")
    message = refused(books, one_day(number=53).replace("-14", "-17"))
    assert "böckerna har 496 500,00" in message
    assert "2025-03-15 -3 500,00 M 1 (" in message


def test_two_statements_of_a_day_are_asserted_around_both(books: Books) -> None:
    morning = camt_statement([camt_entry("-49.00", "R1")], closing="499951.00", number=1)
    evening = camt_statement([camt_entry("-1.00", "R2")], "499951.00", "499950.00", number=2)
    balances = [each for each in books.take(camt(evening, morning)).entries if isinstance(each, data.Balance)]
    assert [str(each.amount.number) for each in balances] == ["500000.00", "499950.00"]


def test_a_second_statement_of_a_day_that_is_in_the_ledger_closes_the_day(books: Books) -> None:
    books.take(camt(camt_statement([camt_entry("-49.00", "R1")], closing="499951.00", number=1)))
    evening = camt_statement([camt_entry("-1.00", "R2")], "499951.00", "499950.00", number=2)
    proposal = books.take(camt(evening))
    assert [each.meta["kontoutdrag"] for each in proposal.replaced] == ["2025-1"]
    assert any("var inte dagens sista och tas bort" in str(note) for note in proposal.notes)
    balances = [each for each in books.load() if isinstance(each, data.Balance)]
    assert [(str(each.date), str(each.amount.number)) for each in balances] == [
        ("2025-03-14", "500000.00"),
        ("2025-03-15", "499950.00"),
    ]
    third = camt_statement([], "499950.00", "499950.00", number=4)
    assert "kontoutdrag 4 för 2025-03-14 följer inte på kontoutdrag 2 " in refused(books, camt(third))


CLOSING = """<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="SEK">571407.00</Amt>
  <CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2025-03-14</Dt></Dt></Bal>"""
ENTRY = "71407.55</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>"


@pytest.mark.parametrize(
    ("old", "new", "at", "said"),
    [
        (
            '<Amt Ccy="SEK">' + ENTRY,
            '<Amt Ccy="SEK">71407.54' + ENTRY[8:],
            "<Stmt>",
            "de bokförda posterna är tillsammans 71 407,54, men saldot går från",
        ),
        (
            "571407.55",
            "571407.50",
            "<Stmt>",
            "de bokförda posterna är tillsammans 71 407,55, men saldot går från 500 000,00 till 571 407,50, alltså",
        ),
        ("<CdtDbtInd>CRDT</CdtDbtInd><Sts>", "<Sts>", "<Ntry>", "Ntry saknar CdtDbtInd, som säger om det är"),
        ('<Ntry><Amt Ccy="SEK">', '<Ntry><Amt Ccy="EUR">', "<Ntry>", "posten är i EUR, men kontot i SEK"),
        ("<BookgDt><Dt>2025-03-14", "<BookgDt><Dt>2025-02-30", "<BookgDt>", "är '2025-02-30'"),
        (ENTRY, "71 407" + ENTRY[8:], "<Ntry>", "Amt är '71 407'"),
        (
            "</CdtDbtInd><Sts>",
            "T</CdtDbtInd><Sts>",
            "<Ntry>",
            "CdtDbtInd är 'CRDTT': det ska vara CRDT (insättning) eller DBIT (uttag)",
        ),
        (f"<IBAN>{IBAN}", "<IBAN>", "<Stmt>", "Acct/Id saknar nummer"),
        ("<ElctrncSeqNb>52", "<ElctrncSeqNb>52a", "<Stmt>", "'52a'"),
        ("<Ntry>", CLOSING + "\n<Ntry>", CLOSING, "saldot CLBD för 2025-03-14 anges två gånger: 571 407,55 på rad"),
        ("camt.053.001.08", "camt.054.001.08", "<Document", "det är inget camt.053 utan"),
        ("<Stmt>", "<Stmts>", "<Document", "kan inte läsas"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(books: Books, old: str, new: str, at: str, said: str) -> None:
    content = one_day(("71407.55", "R1", PAID))
    assert old in content
    wrong = content.replace(old, new)
    line = wrong[: wrong.index(at)].count("\n") + 1
    message = refused(books, wrong)
    assert said in message
    assert said == "kan inte läsas" or any(f"document:{line}: " in each for each in message.splitlines()), message


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("OPBD", "PRCD"),
        ("<BookgDt><Dt>2025-03-14</Dt></BookgDt>", ""),
        ("<BookgDt><Dt>2025-03-14</Dt></BookgDt>", "<ValDt><Dt>2025-03-14</Dt></ValDt>"),
        ("<AcctSvcrRef>R1</AcctSvcrRef>", "<AcctSvcrRef>NOTPROVIDED</AcctSvcrRef>"),
        ("<AcctSvcrRef>R1</AcctSvcrRef>", ""),
        ("71407.55</Amt><CdtDbtInd>CRDT</CdtDbtInd><Rltd", "71500</Amt><Chrgs/><Rltd"),
        ('Ccy="SEK">71407.55</Amt><CdtDbtInd>CRDT</CdtDbtInd><Rltd', 'Ccy="EUR">6000</Amt><Rltd'),
    ],
)
def test_what_banks_write_in_ways_of_their_own(books: Books, old: str, new: str) -> None:
    content = one_day(
        ("71407.55", "R1", PAID.replace("<RmtInf>", "<Refs><AcctSvcrRef>R1 </AcctSvcrRef></Refs><RmtInf>"))
    )
    assert old in content
    [voucher] = vouchers(books.take(content.replace(old, new)).entries)
    assert (voucher.flag, voucher.meta["bankref"]) == ("*", "R1")


def test_what_is_not_booked_does_not_count(books: Books) -> None:
    pending = camt_entry("1.00", "R1").replace("BOOK", "PDNG") + camt_entry("2.00", "R2").replace("BOOK", "INFO")
    proposal = books.take(camt(camt_statement([pending])))
    assert vouchers(proposal.entries) == []
    assert [str(note).removeprefix("Assets:FK:1610-Internbank: ") for note in proposal.notes] == [
        "1 post är ännu inte bokförd av banken och tas inte med",
        "1 post är bara en upplysning från banken (INFO) och tas inte med",
    ]


def test_a_statement_of_nothing_adds_nothing(books: Books) -> None:
    content = re.sub("<Bal>.*</Bal>|<Ntry>.*</Ntry>", "", one_day(("1.00", "R1", "")), flags=re.DOTALL)
    proposal = books.take(content)
    assert (proposal.entries, [str(note).split(" saknar ")[1] for note in proposal.notes]) == (
        [],
        ["utgående saldo (CLBD) och bokförda poster: inget att lägga till"],
    )


def test_several_entries_that_are_not_booked_are_counted_by_what_they_are(books: Books) -> None:
    statuses = ["PDNG", "FUTR", "INFO", "INFO"]
    left = [camt_entry("1.00", f"R{at}").replace("BOOK", status) for at, status in enumerate(statuses)]
    said = " ".join(map(str, books.take(camt(camt_statement(left))).notes))
    assert "2 poster är ännu inte bokförda av banken" in said
    assert "2 poster är bara upplysningar från banken (INFO)" in said


def test_what_the_bank_takes_back_settles_nothing(books: Books) -> None:
    content = one_day(("71407.55", "R1", PAID)).replace("<BookgDt>", "<RvslInd>true</RvslInd><BookgDt>")
    content = content.replace("<Dbtr>", "<Cdtr>").replace("</Dbtr>", "</Cdtr>")
    [voucher] = vouchers(books.take(content).entries)
    assert (voucher.flag, voucher.payee, rows(voucher)[1]) == ("!", "Borås stad", (OBSERVATION, "-71407.55"))
    assert "en tidigare post med referens 2025008319: för raden till" in voucher.meta["observera"]


def test_another_currency_is_for_somebody_to_book_by_hand(books: Books) -> None:
    euros = camt_statement([camt_entry("20.00", "R1")], "0.00", "20.00").replace('"SEK"', '"EUR"')
    euros = euros.replace("<Ccy>SEK", "<Ccy>EUR")
    message = refused(books, camt(euros))
    assert "kontoutdraget är i EUR, men kontot bokförs i SEK: skriv verifikationerna för hand till dagskurs" in message
    kronor = camt_statement([camt_entry("-49.00", "R1")], closing="499951.00")
    for with_setting, content in ((False, camt(kronor, euros)), (True, camt(euros))):
        books.mapping = MAPPING.replace("series-in", 'foreign = "by-hand"\nseries-in') if with_setting else MAPPING
        proposal = books.take(content)
        assert len(vouchers(proposal.entries)) == (not with_setting)
        [told] = [str(note) for note in proposal.notes if "EUR" in str(note)]
        assert "är i EUR och tas inte med: bokför dess 1 post, på 20,00 EUR, för hand" in told
    # An account that the mapping lacks is told what it can be, and what is proposed says so.
    other = refused(books, camt(euros.replace(IBAN, "SE3550000000054910000003")))
    assert "Böckerna förs i SEK: kontot kan bara lämnas utanför, med en anteckning, och postens verifikation" in other
    assert '\n  foreign = "by-hand"\n' in other
    # It is noted in the ledger, once.
    [note] = [each for each in books.load() if isinstance(each, data.Note)]
    assert (note.account, "1 post, 20,00 EUR" in note.comment) == (OBSERVATION, True)


@pytest.mark.parametrize("number", ["50000000058398257466", "58398257466", "5839-8257466", "0000058398257466"])
@pytest.mark.parametrize("is_mapped_by_iban", [True, False])
def test_an_account_is_known_by_the_number_in_its_iban(books: Books, number: str, is_mapped_by_iban: bool) -> None:
    content = one_day(("71407.55", "R1", PAID))
    other = content.replace(f"<IBAN>{IBAN}</IBAN>", f"<Othr><Id>{number}</Id></Othr>")
    if not is_mapped_by_iban:
        books.mapping = books.mapping.replace(IBAN, number)
        content, other = other, content
    assert len(vouchers(books.take(other).entries)) == 1
    assert books.propose(content).entries == []
    # Another bank's IBAN with the same digits is another account.
    if is_mapped_by_iban:
        assert "saknas i" in refused(books, content.replace(IBAN, "SE9780000000058398257466"))


def test_what_waits_for_many_reasons_says_the_first_of_them(books: Books) -> None:
    details = "".join(camt_detail("5.00", [f"99{number:05}"]) for number in range(200))
    [voucher] = vouchers(books.take(one_day(("1000.00", "R1", details))).entries)
    assert voucher.meta["observera"].endswith("; okänd referens 9900009; och 190 till")


def test_an_account_that_is_none_of_ours_is_left_out_and_said(books: Books) -> None:
    theirs = camt_statement([camt_entry("5.00", "R1")], closing="500005.00", account="SE99")
    ours = camt_statement([camt_entry("-49.00", "R1")], closing="499951.00")
    assert "eller, om det inte är ert,   ours = false" in refused(books, camt(theirs, ours))
    books.mapping += '[bank."SE99"]\nours = false\n'
    proposal = books.take(camt(theirs, ours))
    assert [each.meta["bankref"] for each in vouchers(proposal.entries)] == ["R1"]
    assert any("kontot SE99 är enligt" in str(note) and "5,00 kr" in str(note) for note in proposal.notes)
    assert books.propose(camt(theirs).replace("M1", "M2")).entries == []


def test_all_accounts_that_the_mapping_lacks_are_listed(books: Books) -> None:
    one = camt_statement([camt_entry("5.00", "R1")], closing="500005.00", account="123")
    message = refused(books, camt(one, camt_statement(account="SE99"), camt_statement(account="123", number=53)))
    assert "kontot 123, med 1 post på 5,00 kr, saknas i" in message
    assert '[bank."SE99"]' in message


def test_a_mapping_that_would_book_a_deposit_twice_is_refused(books: Books) -> None:
    books.mapping = MAPPING.replace(TRANSIT, BANK)
    with pytest.raises(DocumentError, match="en insättning skulle bokföras två gånger"):
        books.doors()


def test_accounts_of_the_mapping_are_open_in_the_ledger(books: Books) -> None:
    books.mapping = MAPPING.replace(OBSERVATION, "Liabilities:FK:2899-Obs", 1)
    assert "open Liabilities:FK:2899-Obs SEK" in refused(books, one_day())


@pytest.mark.parametrize("place", ["text", "reference", "account"])
def test_a_deposit_that_bankgirot_told_of_is_settled_by_its_entry(books: Books, place: str) -> None:
    paid = bgmax(bgmax_deposit([Paid(10000, "4711"), Paid(7140755, "2025008319")]))
    deposit = books.take(paid, BgMax)
    assert [rows(each)[0] for each in vouchers(deposit.entries)] == [(TRANSIT, "100.00"), (TRANSIT, "71407.55")]
    own = f"<RltdPties><CdtrAcct><Id><Othr><Id>{9912346}</Id></Othr></Id></CdtrAcct></RltdPties>"
    details = f"<TxDtls>{own}</TxDtls>" if place == "account" else "<TxDtls/>"
    more = "<AddtlNtryInf>Bankgiroinsättning BG 991-2346</AddtlNtryInf>" if place == "text" else ""
    reference = "9912346-00056" if place == "reference" else "R1"
    entry = camt_entry("71507.55", reference, details, more)
    [voucher] = vouchers(books.take(camt(camt_statement([entry], closing="571507.55"))).entries)
    # Although what was paid with 4711 waits.
    assert (voucher.flag, links_of(voucher)) == ("*", {"BG-9912346-20250314-00056"})
    assert rows(voucher) == [(BANK, "71507.55"), (TRANSIT, "-71507.55")]
    assert voucher.narration == "Insättning från bankgiro 991-2346"


def test_a_deposit_that_nobody_told_of_waits_for_its_file(books: Books) -> None:
    entry = camt_entry("71507.55", "R1", more="<AddtlNtryInf>BG 991-2346</AddtlNtryInf>")
    [voucher] = vouchers(books.take(camt(camt_statement([entry], closing="571507.55"))).entries)
    assert voucher.flag == "!"
    lacks = "ingen insättning på 71 507,55 från bankgiro 991-2346 väntar: läs in BgMax-filen"
    assert voucher.meta["observera"].startswith(lacks)


def test_of_equal_deposits_the_one_of_the_day_is_settled(books: Books) -> None:
    deposits = [bgmax_deposit([Paid(100)], day=date(2025, 3, day)) for day in (13, 14)]
    books.take(bgmax(*deposits), BgMax)
    entry = camt_entry("1.00", "R1", more="<AddtlNtryInf>BG 9912346</AddtlNtryInf>")
    [voucher] = vouchers(books.take(camt(camt_statement([entry], closing="500001.00"))).entries)
    assert voucher.links == {"BG-9912346-20250314-00056"}


def test_it_knows_its_files(tmp_path: Path, books: Books) -> None:
    camt_door, bgmax_door, *others = books.doors()
    path = tmp_path / "file"
    for content, of_camt, of_bgmax in (
        (one_day().encode(), True, False),
        (one_day().replace('encoding="UTF-8"', 'encoding="UTF-16"').encode("utf-16"), True, False),
        (bgmax(bgmax_deposit([])), False, True),
        (b"\xef\xbb\xbf" + bgmax(bgmax_deposit([])), False, True),
        (b"", False, False),
        (b"\xff\x00", False, False),
    ):
        path.write_bytes(content)
        document = Document(path)
        assert (camt_door.knows(document), bgmax_door.knows(document)) == (of_camt, of_bgmax)
        assert not any(door.knows(document) for door in others)
    assert isinstance(camt_door, Camt)


def test_an_assertion_of_the_ledger_that_would_break_is_named(books: Books) -> None:
    books.text += "\n2025-04-01 balance Assets:FK:1610-Internbank  500000.00 SEK\n"
    message = refused(books, one_day(("-49.00", "R1", "")))
    assert "böckerna stämmer av saldot 500 000,00 den 2025-04-01 (" in message
    assert "), men med detta kontoutdrag har de 499 951,00: stämdes det av innan hela dagen var bokförd?" in message


def test_an_entry_dated_outside_of_its_statement_is_booked_within(books: Books) -> None:
    entry = camt_entry("-49.00", "R1", day="2025-03-10")
    proposal = books.take(camt(camt_statement([entry], closing="499951.00")))
    assert str(vouchers(proposal.entries)[0].date) == "2025-03-14"
    assert any(": banken daterar en post på -49,00 2025-03-10, utanför" in str(note) for note in proposal.notes)


def test_a_batch_of_which_only_some_payments_are_told_is_one_payment(books: Books) -> None:
    batch = "<Btch><NbOfTxs>7</NbOfTxs></Btch>" + camt_detail("-20.00", ["998"]) + camt_detail("-30.00", ["999"])
    [voucher] = vouchers(books.take(one_day(("-700.00", "R1", batch))).entries)
    assert rows(voucher) == [(BANK, "-700.00"), (OBSERVATION, "700.00")]


def test_a_reference_that_the_bank_uses_again_is_another_entry(books: Books) -> None:
    books.take(one_day(("-49.00", "R1", "")))
    again = camt_entry("-49.00", "R1", day="2025-03-17")
    content = camt(camt_statement([again], "499951.00", "499902.00", first="2025-03-17", last="2025-03-17", number=53))
    [voucher] = vouchers(books.take(content).entries)
    assert voucher.meta["bankref"] == "R1 2025-03-17"
    # Both are known again.
    entries = [camt_entry("-49.00", "R1"), again]
    month = camt_statement(entries, "500000.00", "499902.00", first="2025-03-01", last="2025-03-17", number=3)
    assert vouchers(books.propose(camt(month)).entries) == []


def test_two_accounts_of_the_bank_are_two_in_the_ledger(books: Books) -> None:
    books.mapping += f'[bank."123"]\naccount = "{BANK}"\nobservation = "{OBSERVATION}"\n'
    with pytest.raises(DocumentError, match="står för flera av bankens konton"):
        books.doors()


def test_a_closed_year_takes_nothing_in_but_knows_what_came(books: Books) -> None:
    content = one_day(("-49.00", "R1", ""))
    deposit = bgmax(bgmax_deposit([Paid(1000, "777")]))
    books.take(content)
    books.take(deposit, BgMax)
    books.text = books.text.replace(" ! ", " * ") + '\n2025-12-31 custom "bokslut" 2025\n'
    assert books.propose(content.replace("\n      <", "\n <")).entries == []
    assert books.propose(deposit.replace(b"\r\n", b"\n"), BgMax).entries == []
    said = "2025-03-14 gäller 2025, som är avslutat ("
    with pytest.raises(DocumentError, match=rf"document:4: kontoutdrag 52 för {re.escape(said)}.*ta bort bokslutet"):
        books.propose(one_day(("-50.00", "R2", "")).replace("<Id>2025-52", "<Id>other"))
    with pytest.raises(DocumentError, match=rf"document:4: insättning 00057 den {re.escape(said)}.*ta bort bokslutet"):
        books.propose(bgmax(bgmax_deposit([Paid(1000, "777")], serial=57)), BgMax)


def test_an_unknown_account_is_told_with_accounts_of_these_books(books: Books) -> None:
    """One that stands for another account already is not proposed again."""
    other = one_day(("1.00", "R1", "")).replace(IBAN, "50000000017")
    with pytest.raises(
        DocumentError, match=r'account = "Assets:FK:1920-Bank-0017"\n  observation = "Liabilities:FK:2890'
    ):
        books.propose(other)
    books.mapping = ""
    with pytest.raises(DocumentError, match=f'account = "{BANK}"'):
        books.propose(other)
