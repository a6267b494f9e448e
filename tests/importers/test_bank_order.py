"""Statements in whatever parts, order and zones a bank sends them: what they add is the same, and added once."""

import re
from collections.abc import Callable
from decimal import Decimal
from itertools import permutations
from pathlib import Path

import pytest
from beancount.core import data
from click.testing import CliRunner

from forbundsbok.importers.problems import DocumentError
from forbundsbok.importers.reread import document_changes
from forbundsbok.plugins.loading import load_ledger
from forbundsbok.scripts.forbundsbok import main
from tests.importers.bank_files import (
    BANK,
    IBAN,
    LEDGER,
    MAPPING,
    Books,
    camt,
    camt_detail,
    camt_entry,
    camt_statement,
    invoice,
    one_day,
)


@pytest.fixture
def books(tmp_path: Path) -> Books:
    return Books(tmp_path, LEDGER + invoice(83, "71407.55", ocr="2025008319"))


def booked(entries: data.Directives) -> list[tuple[str, str, str]]:
    """Return the vouchers of the bank account: day, amount and reference."""
    return [
        (str(each.date), str(row.units.number), each.meta["bankref"])
        for each in entries
        if isinstance(each, data.Transaction) and "bankref" in each.meta
        for row in each.postings
        if row.account == BANK and row.units
    ]


def closings(entries: data.Directives) -> list[tuple[str, str]]:
    return [
        (str(each.date), str(each.amount.number))
        for each in entries
        if isinstance(each, data.Balance) and "kontoutdrag" in each.meta
    ]


def refused(books: Books, content: str) -> str:
    with pytest.raises(DocumentError) as error:
        books.propose(content)
    return str(error.value)


# Pages


def page(number: int, last: bool, entries: list[str], opening: str, closing: str, between: str = "INTM") -> str:
    """Return a page of statement 52, with interim balances where others stand before or after it."""
    told = camt_statement(entries, opening, closing)
    told = told.replace(
        "<FrToDt>", f"<StmtPgntn><PgNb>{number}</PgNb><LastPgInd>{str(last).lower()}</LastPgInd></StmtPgntn><FrToDt>"
    )
    for code, is_between in (("OPBD", number > 1), ("CLBD", not last)):
        if is_between:
            old = f"<Cd>{code}</Cd></CdOrPrtry>"
            told = told.replace(old, f"{old}<SubTp><Cd>{between}</Cd></SubTp>")
    return told


@pytest.mark.parametrize("has_opening", [True, False])
@pytest.mark.parametrize("held", ["ITBD", "CLAV"])
def test_a_statement_of_a_day_that_goes_on_waits_for_the_last_of_it(books: Books, held: str, has_opening: bool) -> None:
    """As a bank sends one by noon: what it opened with, what it has come to, and no closing balance."""
    own = [camt_entry("71407.55", "R1"), camt_entry("-20.00", "R2")]
    pending = camt_entry("1.00", "R9").replace("BOOK", "PDNG")
    goes_on = camt_statement([*own, pending], "500005.00", "571392.55").replace("<Cd>CLBD", f"<Cd>{held}")
    if not has_opening:
        goes_on = goes_on.replace("<Cd>OPBD", "<Cd>OPAV")
    proposal = books.propose(camt(goes_on))
    assert (proposal.entries, proposal.stored) == ([], "")
    first, second = map(str, proposal.notes)
    assert "2025-52 saknar utgående saldo (CLBD), för dess dag pågår: dess 2 poster, tillsammans 71 387,55" in first
    assert "1 post är ännu inte bokförd av banken" in second
    # It refuses nothing else of its document, and what the day's last statement tells is booked once.
    before = camt_statement(
        [camt_entry("5.00", "R0")], "500000.00", "500005.00", number=51, first="2025-03-13", last="2025-03-13"
    )
    books.take(camt(before, goes_on))
    books.take(camt(camt_statement([*own, camt_entry("1.00", "R9")], "500005.00", "571393.55")))
    assert [each[1] for each in booked(books.load())] == ["5.00", "71407.55", "-20.00", "1.00"]
    assert closings(books.load()) == [("2025-03-14", "500005.00"), ("2025-03-15", "571393.55")]


PAGES = [
    page(1, False, [camt_entry("500.00", "R1")], "500000.00", "500500.00"),
    page(2, False, [camt_entry("-20.00", "R2")], "500500.00", "500480.00"),
    page(3, True, [camt_entry("200.00", "R3")], "500480.00", "500680.00"),
]


INTERIM: dict[str, Callable[[str], str]] = {
    "INTM": str,
    "OIBD": lambda told: re.sub(
        "<Cd>(OP|CL)BD</Cd></CdOrPrtry><SubTp><Cd>INTM",
        lambda found: f"<Cd>ITBD</Cd></CdOrPrtry><SubTp><Cd>{found[1][0]}IBD",
        told,
    ),
    "ITBD": lambda told: re.sub(
        "<Cd>(OP|CL)BD</Cd></CdOrPrtry><SubTp><Cd>INTM</Cd></SubTp>", "<Cd>ITBD</Cd></CdOrPrtry>", told
    ),
}
"""What banks call the balances between the pages of a statement."""


@pytest.mark.parametrize("called", INTERIM)
@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_pages_of_a_document_are_one_statement(books: Books, order: tuple[int, ...], called: str) -> None:
    entries = books.take(INTERIM[called](camt(*(PAGES[each] for each in order)))).entries
    assert [reference for _, _, reference in booked(entries)] == ["R1", "R2", "R3"]
    assert closings(entries) == [("2025-03-15", "500680.00")]


@pytest.mark.parametrize("called", INTERIM)
def test_pages_in_documents_of_their_own_go_on_from_each_other(books: Books, called: str) -> None:
    for each in PAGES:
        books.take(INTERIM[called](camt(each)))
    assert [reference for _, _, reference in booked(books.load())] == ["R1", "R2", "R3"]
    assert closings(books.load()) == [("2025-03-15", "500680.00")]
    for each in PAGES:
        assert books.propose(camt(each).replace("M1", "M2")).entries == []


def test_a_page_that_moves_nothing_is_gone_on_from(books: Books) -> None:
    """Of a statement without number, the second of its day: only its name tells it from one that is sent again."""
    books.take(camt(camt_statement([camt_entry("500.00", "R1")], "500000.00", "500500.00", number=None)))
    informs = camt_entry("0.00", "R2")
    pages = [
        page(1, False, [informs], "500500.00", "500500.00").replace("<Cd>CLBD</Cd>", "<Cd>XPCD</Cd>"),
        re.sub("<Cd>(OP|CL)BD</Cd>", "<Cd>XPCD</Cd>", page(2, False, [camt_entry("7.00", "R3")], "0.00", "0.00")),
        page(3, True, [camt_entry("200.00", "R4")], "0.00", "500707.00").replace("<Cd>OPBD</Cd>", "<Cd>XPCD</Cd>"),
    ]
    for each in pages:
        told = re.sub("<ElctrncSeqNb>.*?</ElctrncSeqNb>", "", camt(each))
        books.take(told)
        assert books.propose(told.replace("M1", "M2")).entries == []
    assert [reference for _, _, reference in booked(books.load())] == ["R1", "R3", "R4"]
    assert closings(books.load()) == [("2025-03-15", "500707.00")]


def test_a_page_without_balance_between_is_computed(books: Books) -> None:
    first, second = (
        page(1, False, [camt_entry("500.00", "R1")], "500000.00", "500500.00"),
        page(2, True, [camt_entry("200.00", "R2")], "500500.00", "500700.00"),
    )
    first = first.replace("<Cd>CLBD</Cd>", "<Cd>XPCD</Cd>")
    second = second.replace("<Cd>OPBD</Cd>", "<Cd>XPCD</Cd>")
    for each in (first, second):
        books.take(camt(each))
    assert closings(books.load()) == [("2025-03-15", "500700.00")]


ADRIFT = [
    PAGES[0].replace("<Cd>CLBD</Cd>", "<Cd>XPCD</Cd>"),
    PAGES[1].replace("<Cd>OPBD</Cd>", "<Cd>XPCD</Cd>").replace("<Cd>CLBD</Cd>", "<Cd>XPCD</Cd>"),
    PAGES[2].replace("<Cd>OPBD</Cd>", "<Cd>XPCD</Cd>"),
]


@pytest.mark.parametrize("number", ["", "<ElctrncSeqNb>52</ElctrncSeqNb>"])
def test_a_page_without_any_balance_goes_on_from_the_page_before(books: Books, number: str) -> None:
    pages = [camt(each.replace("<ElctrncSeqNb>52</ElctrncSeqNb>", number)) for each in ADRIFT]
    assert "sida 2 av kontoutdrag" in (alone := refused(books, pages[1]))
    assert "har inget saldo, och ska fortsätta efter sida 1: läs in den först" in alone
    books.take(pages[0])
    assert "ingående saldo 500 480,00 den 2025-03-14, men" in refused(books, pages[2])
    books.take(pages[1])
    assert "sida 2 av kontoutdrag" in " ".join(map(str, books.propose(pages[1].replace("M1", "M2")).notes))
    books.take(pages[2])
    assert [reference for _, _, reference in booked(books.load())] == ["R1", "R2", "R3"]
    assert closings(books.load()) == [("2025-03-15", "500680.00")]
    for each in pages:
        assert books.propose(each.replace("M1", "M2")).entries == []


def test_a_page_that_is_missing_is_named(books: Books) -> None:
    assert "sida 3 följer på sida 1 i kontoutdrag 2025-52: ge alla dess sidor" in refused(
        books, camt(PAGES[0], PAGES[2])
    )
    assert "börjar" not in refused(books, camt(PAGES[1]))


# What a bank leaves out, and where it puts the document


def test_a_statement_with_its_closing_balance_alone(books: Books) -> None:
    content = one_day(("-49.00", "R1", "")).replace("<Cd>OPBD</Cd>", "<Cd>OPAV</Cd>")
    proposal = books.take(content)
    assert closings(proposal.entries) == [("2025-03-15", "499951.00")]
    assert any("anger inte båda saldona" in str(note) for note in proposal.notes)
    wrong = one_day(("-49.00", "R2", ""), opening="499950.00", number=53).replace("-14", "-15")
    assert "ingående saldo 499 950,00" in refused(books, wrong.replace("<Cd>OPBD</Cd>", "<Cd>OPAV</Cd>"))


@pytest.mark.parametrize("wrapper", ["BizMsgEnvlp", "x:Envelope", "Root/Body/Payload"])
def test_a_document_in_an_envelope(books: Books, wrapper: str) -> None:
    header, document = camt(camt_statement([camt_entry("-49.00", "R1")], closing="499951.00")).split("\n", 1)
    names = wrapper.split("/")
    app = (
        '<AppHdr xmlns="urn:iso:std:iso:20022:tech:xsd:head.001.001.02"><MsgDefIdr>camt.053.001.08</MsgDefIdr></AppHdr>'
    )
    before = "".join(f'<{name} xmlns:x="urn:x">' for name in names)
    after = "".join(f"</{name}>" for name in reversed(names))
    assert booked(books.take(f"{header}\n{before}{app}{document}{after}").entries) == [("2025-03-14", "-49.00", "R1")]
    twice = f"{header}\n{before}{app}{document}{document}{after}"
    assert "kuvertet innehåller 2 dokument" in refused(books, twice)


def test_a_document_without_its_message_says_what_lacks(books: Books) -> None:
    empty = '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"{}'
    assert "det är ett camt.053 utan sitt meddelande: BkToCstmrStmt saknas" in refused(books, empty.format("/>"))
    without = empty.format("><BkToCstmrStmt><GrpHdr/></BkToCstmrStmt></Document>")
    assert "det handlar inte om något konto: Stmt saknas under BkToCstmrStmt" in refused(books, without)


def test_a_balance_without_sign_says_only_that(books: Books) -> None:
    content = one_day(("-49.00", "R1", "")).replace("<CdtDbtInd>CRDT</CdtDbtInd>", "")
    lines = refused(books, content).splitlines()
    assert len(lines) == 2
    assert all(
        "Bal saknar CdtDbtInd, som säger om det är en insättning (CRDT) eller ett uttag" in each for each in lines
    )


@pytest.mark.parametrize(
    "details", ["", '<TxDtls><AmtDtls><TxAmt><Amt Ccy="SEK">0.00</Amt></TxAmt></AmtDtls></TxDtls>']
)
def test_information_moves_nothing_and_is_said(books: Books, details: str) -> None:
    entry = camt_entry("0.00", "R1", details, "<AddtlNtryInf>Ny räntesats 2,1 %</AddtlNtryInf>")
    proposal = books.take(camt(camt_statement([entry])))
    assert booked(proposal.entries) == []
    assert any("utan att flytta pengar: Ny räntesats 2,1 %" in str(note) for note in proposal.notes)


# Who an entry is


@pytest.mark.parametrize("placeholder", ["0", "000", "NOTPROVIDED", "Not Provided", "NONREF", "-", " . ", "n/a"])
def test_a_placeholder_is_no_reference(books: Books, placeholder: str) -> None:
    books.take(one_day(("-49.00", placeholder, ""), ("-49.00", placeholder, "")))
    later = one_day(("-49.00", placeholder, ""), number=53, opening="499902.00").replace("-14", "-17")
    books.take(later)
    assert [reference for _, _, reference in booked(books.load())] == [
        "2025-52 rad 1",
        "2025-52 rad 2",
        "2025-53 rad 1",
    ]
    assert books.propose(later.replace("M1", "M2")).entries == []


def test_statements_that_are_all_called_the_same(books: Books) -> None:
    for day, number in ((14, 52), (15, 53), (16, 54)):
        opening = f"{500000 - 49 * (day - 14)}.00"
        content = one_day(("-49.00", "", ""), number=number, opening=opening).replace("-14", f"-{day}")
        content = content.replace(f"<Id>2025-{number}", "<Id>KONTOUTDRAG")
        books.take(content)
        assert books.propose(content.replace("M1", "M2")).entries == []
    assert [reference for _, _, reference in booked(books.load())] == [
        "KONTOUTDRAG rad 1",
        "KONTOUTDRAG rad 1 2025-03-15",
        "KONTOUTDRAG rad 1 2025-03-16",
    ]
    # A month of the same bank tells of them again, by day and amount, and of one more.
    entries = [camt_entry("-49.00", day=f"2025-03-{day}") for day in (14, 15, 16)] + [
        camt_entry("-1.00", day="2025-03-20")
    ]
    month = camt(camt_statement(entries, "500000.00", "499852.00", first="2025-03-01", last="2025-03-31", number=None))
    assert booked(books.take(month).entries) == [("2025-03-20", "-1.00", "2025-None rad 4")]


def test_statements_of_a_day_that_are_all_called_the_same_and_have_no_numbers(books: Books) -> None:
    amounts, opening = ["100.00", "-40.00", "7.00"], Decimal("500000.00")
    told = []
    for position, amount in enumerate(amounts):
        closing = opening + Decimal(amount)
        statement = camt_statement([camt_entry(amount, f"R{position}")], f"{opening}", f"{closing}", number=None)
        told.append(camt(statement))
        opening = closing
        books.take(told[-1])
    assert [amount for _, amount, _ in booked(books.load())] == amounts
    assert closings(books.load()) == [("2025-03-15", "500067.00")]
    for each in told:
        assert books.propose(each.replace("M1", "M2")).entries == []


@pytest.mark.parametrize(("mapped", "told"), [("5490-00 000 03", "54900000003"), ("54900000003", "5490-0000003")])
def test_an_account_is_known_however_its_number_is_grouped(books: Books, mapped: str, told: str) -> None:
    books.mapping = books.mapping.replace(IBAN, mapped)
    content = one_day(("-49.00", "R1", "")).replace(f"<IBAN>{IBAN}</IBAN>", f"<Othr><Id>{told}</Id></Othr>")
    assert len(booked(books.take(content).entries)) == 1


def test_accounts_that_nobody_knows_are_each_given_an_account(books: Books) -> None:
    others = [camt_statement([camt_entry("1.00", "R1")], "1.00", "2.00", account=each) for each in ("SE11", "SE22")]
    assert len(set(re.findall(r'^ *account = "(.*)"', refused(books, camt(*others)), re.MULTILINE))) == 2


@pytest.mark.parametrize("amounts", [("-49.00", "-49.00"), ("49.00", "-49.00"), ("-49.00", "-1.00")])
@pytest.mark.parametrize("numbered", [True, False])
def test_one_reference_for_all_of_a_day_in_two_statements(
    books: Books, amounts: tuple[str, str], numbered: bool
) -> None:
    morning = 500000 + int(amounts[0][:-3])
    evening = morning + int(amounts[1][:-3])
    numbers: tuple[int | None, int | None] = (1, 2) if numbered else (None, None)
    first = camt_statement([camt_entry(amounts[0], "BGINB")], closing=f"{morning}.00", number=numbers[0])
    second = camt_statement([camt_entry(amounts[1], "BGINB")], f"{morning}.00", f"{evening}.00", number=numbers[1])
    second = second.replace("<Id>2025-None", "<Id>2025-B")
    for each in (first, second):
        books.take(camt(each))
    assert [amount for _, amount, _ in booked(books.load())] == list(amounts)
    assert closings(books.load()) == [("2025-03-15", f"{evening}.00")]
    for each in (first, second):
        assert books.propose(camt(each).replace("M1", "M2")).entries == []


# Several documents of one run


def run(ledger: Path, *documents: Path) -> str:
    result = CliRunner().invoke(main, ["import", *map(str, documents), "--ledger", str(ledger)])
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize("numbered", [True, False])
def test_documents_of_one_run_give_the_same_books_in_any_order(tmp_path: Path, numbered: bool) -> None:
    told = [
        ([camt_entry("500.00", "R1")], "500000.00", "500500.00", "14"),
        ([camt_entry("-500.00", "R2")], "500500.00", "500000.00", "14"),
        ([camt_entry("200.00", "R3")], "500000.00", "500200.00", "14"),
        ([camt_entry("1.00", "R4", day="2025-03-15")], "500200.00", "500201.00", "15"),
    ]
    statements = [
        camt(
            camt_statement(
                entries,
                opening,
                closing,
                first=f"2025-03-{day}",
                last=f"2025-03-{day}",
                number=number if numbered else None,
            ).replace("<Id>2025-None", f"<Id>S{number}")
        )
        for number, (entries, opening, closing, day) in enumerate(told, 1)
    ]
    made = set()
    for position, order in enumerate([(0, 1, 2, 3), (3, 2, 1, 0), (1, 3, 0, 2)]):
        folder = tmp_path / str(position)
        folder.mkdir()
        ledger = folder / "main.bean"
        ledger.write_text(LEDGER.lstrip(), encoding="utf-8")
        (folder / "import.toml").write_text(MAPPING, encoding="utf-8")
        paths = [folder / f"{each}.xml" for each in order]
        for path, each in zip(paths, order, strict=True):
            path.write_text(statements[each], encoding="utf-8")
        assert "tas bort" not in run(ledger, *paths)
        [file] = (folder / "import").iterdir()
        made.add(file.read_text(encoding="utf-8"))
        assert closings(load_ledger(ledger).entries) == [("2025-03-15", "500200.00"), ("2025-03-16", "500201.00")]
        assert "inget att lägga till" in run(ledger, *paths)
    assert len(made) == 1


@pytest.mark.parametrize("order", list(permutations(range(4)))[::5])
def test_pages_without_balances_beside_another_statement_of_the_day(tmp_path: Path, order: tuple[int, ...]) -> None:
    """Nothing has a number: the statement before opens with what the books have, and closes with what page 1 opens."""
    counted = "<ElctrncSeqNb>52</ElctrncSeqNb>"
    before = camt_statement([camt_entry("-7.00", "R0")], "500007.00", "500000.00").replace("2025-52", "S1")
    ledger = tmp_path / "main.bean"
    ledger.write_text(LEDGER.lstrip().replace("500000.00", "500007.00"), encoding="utf-8")
    (tmp_path / "import.toml").write_text(MAPPING, encoding="utf-8")
    paths = [tmp_path / f"{position}.xml" for position in order]
    for path, each in zip(paths, [before, *ADRIFT], strict=True):
        path.write_text(camt(each.replace(counted, "")), encoding="utf-8")
    run(ledger, *sorted(paths))
    assert closings(load_ledger(ledger).entries) == [("2025-03-15", "500680.00")]
    assert len(booked(load_ledger(ledger).entries)) == 4


def test_a_second_run_of_a_day_writes_into_the_file_of_the_first(tmp_path: Path) -> None:
    ledger = tmp_path / "main.bean"
    ledger.write_text(LEDGER.lstrip(), encoding="utf-8")
    (tmp_path / "import.toml").write_text(MAPPING, encoding="utf-8")
    for number, (opening, closing) in enumerate([("500000.00", "500500.00"), ("500500.00", "500700.00")], 1):
        path = tmp_path / f"{number}.xml"
        amount = {1: "500.00", 2: "200.00"}[number]
        statement = camt_statement([camt_entry(amount, f"R{number}")], opening, closing, number=number)
        path.write_text(camt(statement), encoding="utf-8")
        dry = CliRunner().invoke(main, ["import", "--dry-run", str(path), "--ledger", str(ledger)])
        assert dry.exit_code == 0, dry.output
        done = run(ledger, path)
        told = [line for line in done.splitlines() if "skrivet" not in line]
        assert all(line in dry.output for line in told)
    [file] = (tmp_path / "import").iterdir()
    text = file.read_text(encoding="utf-8")
    assert text.count("balance") == 2
    assert text.index('bankref: "R1"') < text.index('bankref: "R2"')
    assert closings(load_ledger(ledger).entries) == [("2025-03-15", "500700.00")]
    assert list(document_changes(tmp_path, load_ledger(ledger).entries)) == []


# Details that do not sum to their entry


def one_voucher(entries: data.Directives) -> data.Transaction:
    [voucher] = [each for each in entries if isinstance(each, data.Transaction)]
    return voucher


def test_what_details_leave_of_their_entry_is_observed(books: Books) -> None:
    books.text += invoice(84, "1500.00", ocr="848484")
    details = camt_detail("1500.00", ["848484"], name="Borås stad")
    [voucher] = [
        each for each in books.take(one_day(("1475.00", "R1", details))).entries if isinstance(each, data.Transaction)
    ]
    rows = [(row.account.split(":")[-1], str(row.units.number)) for row in voucher.postings if row.units]
    assert rows == [
        ("1610-Internbank", "1475.00"),
        ("1510-Kundfordringar", "-1500.00"),
        ("2890-Observationskonto", "25.00"),
    ]
    assert (voucher.flag, voucher.payee) == ("!", "Borås stad")
    assert "bokför skillnaden, -25,00, till exempel en avgift" in voucher.meta["observera"]


OF_ONE_ELEMENT = (
    '<Chrgs><Amt Ccy="SEK">20.00</Amt><CdtDbtInd>DBIT</CdtDbtInd></Chrgs><Chrgs><Amt Ccy="SEK">5.00</Amt></Chrgs>'
)
OF_RECORDS = (
    '<Chrgs><TtlChrgsAndTaxAmt Ccy="SEK">25.00</TtlChrgsAndTaxAmt><Rcrd><Amt Ccy="SEK">30.00</Amt></Rcrd>'
    '<Rcrd><Amt Ccy="SEK">5.00</Amt><CdtDbtInd>CRDT</CdtDbtInd></Rcrd></Chrgs>'
)
OF_THE_SUM = '<Chrgs><TtlChrgsAndTaxAmt Ccy="SEK">25.00</TtlChrgsAndTaxAmt></Chrgs>'


@pytest.mark.parametrize("charges", [OF_ONE_ELEMENT, OF_RECORDS, OF_THE_SUM])
@pytest.mark.parametrize("below", ["</Ntry>", "</TxDtls>"])
def test_a_charge_that_the_bank_tells_is_called_one(books: Books, charges: str, below: str) -> None:
    books.text += invoice(84, "1500.00", ocr="848484")
    content = one_day(("1475.00", "R1", camt_detail("1500.00", ["848484"])))
    told = one_voucher(books.propose(content.replace(below, f"{charges}{below}")).entries)
    assert told.meta["observera"] == "banken har tagit 25,00 i avgift: bokför den som kostnad"
    other = charges.replace("20.00", "21.00").replace("30.00", "31.00").replace("25.00", "26.00")
    unsure = one_voucher(books.propose(content.replace(below, f"{other}{below}")).entries)
    assert unsure.meta["observera"] == (
        "banken anger delar på 1 500,00 av 1 475,00, och 26,00 i avgift: bokför skillnaden, -25,00, där avgiften är "
        "26,00"
    )


@pytest.mark.parametrize(("paid", "billed", "detail"), [("1475.00", "1500.00", "1475.00"), ("1475.00", "1500.00", "")])
def test_a_payment_less_a_charge_settles_what_it_was_before_it(
    books: Books, paid: str, billed: str, detail: str
) -> None:
    """The details are net of the charge too, or tell no amount."""
    books.text += invoice(84, billed, ocr="848484")
    told = camt_detail(detail or paid, ["848484"])
    told = told if detail else re.sub("<Amt[^>]*>[^<]*</Amt>", "", told)
    content = one_day((paid, "R1", told)).replace("</Ntry>", f"{OF_THE_SUM}</Ntry>")
    voucher = one_voucher(books.propose(content).entries)
    rows = [(row.account.split(":")[-1], str(row.units.number)) for row in voucher.postings if row.units]
    assert rows == [
        ("1610-Internbank", "1475.00"),
        ("1510-Kundfordringar", "-1500.00"),
        ("2890-Observationskonto", "25.00"),
    ]
    assert voucher.meta["observera"] == "banken har tagit 25,00 i avgift: bokför den som kostnad"
    unlike = content.replace("848484", "848485")
    voucher = one_voucher(books.take(unlike).entries)
    assert voucher.meta["observera"] == "okänd referens 848485; banken har tagit 25,00 i avgift"


def test_a_charge_of_a_payment_that_nobody_knows_is_told(books: Books) -> None:
    content = one_day(("-1525.00", "R1", camt_detail("-1500.00", ["4711"])))
    voucher = one_voucher(books.take(content.replace("</Ntry>", f"{OF_THE_SUM}</Ntry>")).entries)
    assert voucher.meta["observera"] == "okänd referens 4711; banken har tagit 25,00 i avgift"


@pytest.mark.parametrize(
    ("amount", "side"), [("-49.00", "49,00 bokförs i debet på"), ("7.50", "7,50 bokförs i kredit")]
)
def test_what_is_observed_is_told_by_its_side(books: Books, amount: str, side: str) -> None:
    assert any(str(note).startswith(side) for note in books.take(one_day((amount, "R1", ""))).notes)


def test_details_that_settle_nothing_leave_one_row(books: Books) -> None:
    details = camt_detail("-1500.00", ["4711"], name="Oslo AS")
    [voucher] = [
        each for each in books.take(one_day(("-1525.00", "R1", details))).entries if isinstance(each, data.Transaction)
    ]
    assert voucher.meta["observera"] == "okänd referens 4711; banken anger delar på -1 500,00 av -1 525,00"
    assert len(voucher.postings) == 2


@pytest.mark.parametrize("version", [f"{number:02}" for number in range(1, 15)])
def test_every_version_is_known(books: Books, version: str) -> None:
    content = one_day(("-49.00", "R1", "")).replace("053.001.08", f"053.001.{version}")
    assert len(booked(books.take(content).entries)) == 1
    assert IBAN in content
