"""Notifications and reports: what a bank tells besides its statement is booked once, whichever comes first."""

import re
from itertools import permutations
from pathlib import Path

import pytest
from beancount.core import data
from click.testing import CliRunner

from forbundsbok.importers.bgmax import BgMax
from forbundsbok.importers.camt_details import Notifications, Reports
from forbundsbok.importers.door import Proposal
from forbundsbok.importers.problems import DocumentError
from forbundsbok.importers.reread import document_changes
from forbundsbok.plugins.loading import load_ledger
from forbundsbok.scripts.forbundsbok import main
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

CUSTOMERS = "Assets:NAV:1510-Kundfordringar"
INVOICES = invoice(83, "71407.55", ocr="2025008319") + invoice(84, "500.00", ocr="848484")
BATCH = camt_detail("71407.55", ["2025008319"], name="Borås stad") + camt_detail(
    "500.00", ["848484"], name="Ulricehamn"
)
TOTAL = "71907.55"


@pytest.fixture
def books(tmp_path: Path) -> Books:
    return Books(tmp_path, LEDGER + INVOICES)


def notification(*entries: str, kind: str = "054", account: str = IBAN, number: int = 1) -> str:
    """Return a camt.054, or a camt.052, with entries of an account."""
    message, part = {
        "054": ("BkToCstmrDbtCdtNtfctn", "Ntfctn"),
        "052": ("BkToCstmrAcctRpt", "Rpt"),
    }[kind]
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.{kind}.001.08"><{message}>
  <GrpHdr><MsgId>N{number}</MsgId></GrpHdr>
  <{part}><Id>A-{number}</Id><Acct><Id><IBAN>{account}</IBAN></Id><Ccy>SEK</Ccy></Acct>{"".join(entries)}</{part}>
</{message}></Document>"""


def vouchers(entries: data.Directives) -> list[data.Transaction]:
    return [entry for entry in entries if isinstance(entry, data.Transaction) and "bankref" in entry.meta]


def rows(entry: data.Transaction) -> list[tuple[str, str]]:
    return [(posting.account, str(posting.units.number)) for posting in entry.postings if posting.units]


def told(proposal: Proposal) -> str:
    return "\n".join(map(str, proposal.notes))


SETTLED = [(BANK, TOTAL), (CUSTOMERS, "-71407.55"), (CUSTOMERS, "-500.00")]
NOTIFIED = notification(camt_entry(TOTAL, "B1", BATCH))
STATED = one_day((TOTAL, "B1", ""))


@pytest.mark.parametrize("reference", ["OTHER", "B1", ""])
def test_what_is_written_anew_is_read_again_as_its_notification_has_it(tmp_path: Path, reference: str) -> None:
    """The statement's reference stays, and the notification's stands beside it where it is another."""
    ledger = tmp_path / "books" / "main.bean"
    ledger.parent.mkdir()
    ledger.write_text(LEDGER + INVOICES.replace("K 83", "K 1").replace("K 84", "K 2"), encoding="utf-8")
    ledger.with_name("import.toml").write_text(MAPPING, encoding="utf-8")
    statement = one_day((TOTAL, "R1", ""))
    notified = notification(camt_entry(TOTAL, reference, BATCH)).replace("B1", reference)
    for name, content in [("utdrag", statement), ("avisering", notified), ("igen", statement.replace("M1", "M2"))]:
        path = tmp_path / f"{name}.xml"
        path.write_text(content, encoding="utf-8")
        came = CliRunner().invoke(main, ["import", str(path), "--ledger", str(ledger)])
        assert came.exit_code == 0, came.output
        assert not list(document_changes(ledger.parent, load_ledger(ledger).entries))
    assert "inget nytt" in came.output
    [voucher] = vouchers(load_ledger(ledger).entries)
    assert (voucher.meta["bankref"], voucher.meta["aviseringsref"]) == ("R1", reference or "A-1 rad 1")
    # One amount that is not the document's is still told.
    [file] = (ledger.parent / "import").glob("*.bean")
    text = file.read_text(encoding="utf-8").replace("71907.55", "71908.55").replace(" -500.00", " -501.00")
    file.write_text(text, encoding="utf-8")
    assert [str(each.message) for each in document_changes(ledger.parent, load_ledger(ledger).entries)] != []


@pytest.mark.parametrize("reference", ["B1", "OTHER", ""])
@pytest.mark.parametrize("notified_first", [True, False])
def test_an_entry_and_its_details_are_one_voucher(books: Books, notified_first: bool, reference: str) -> None:
    statement = one_day((TOTAL, reference, ""))
    if notified_first:
        books.take(NOTIFIED, Notifications)
        assert vouchers(books.take(statement).entries) == []
    else:
        [waiting] = vouchers(books.take(statement).entries)
        assert (waiting.flag, rows(waiting)) == ("!", [(BANK, TOTAL), (OBSERVATION, f"-{TOTAL}")])
        proposal = books.take(NOTIFIED, Notifications)
        assert [each.meta["ver"] for each in vouchers(proposal.replaced)] == ["I 1"]
        assert "väntade och skrivs om med sina 2 betalningar" in told(proposal)
    [voucher] = vouchers(books.load())
    assert (voucher.flag, voucher.meta["ver"], rows(voucher)[:3]) == ("*", "I 1", SETTLED)
    assert voucher.links == {"K-2025-0083", "K-2025-0084"}
    # Sent again, neither adds anything.
    assert books.propose(NOTIFIED.replace("N1", "N2"), Notifications).entries == []
    assert books.propose(statement.replace("M1", "M2")).entries == []


def test_what_a_person_has_seen_to_stays(books: Books) -> None:
    books.take(STATED)
    books.text = books.text.replace('! "Inbetalning att utreda"', '* "Bidrag"').replace(
        '  observera: "referens saknas"\n', ""
    )
    proposal = books.propose(NOTIFIED, Notifications)
    assert (proposal.entries, proposal.replaced) == ([], [])
    assert "1 post finns redan i böckerna" in told(proposal)


def test_details_that_settle_nothing_leave_what_waits(books: Books) -> None:
    books.take(STATED)
    other = camt_detail("71907.00", ["4711"]) + camt_detail("0.55", ["4712"])
    assert books.propose(notification(camt_entry(TOTAL, "B1", other)), Notifications).entries == []


def test_equal_entries_of_a_day_are_not_guessed_at(books: Books) -> None:
    books.take(one_day(("500.00", "R1", ""), ("500.00", "R2", "")))
    one = notification(camt_entry("500.00", "N9", camt_detail("500.00", ["848484"])))
    proposal = books.propose(one, Notifications)
    assert (proposal.entries, proposal.replaced) == ([], [])
    assert "ingen verifikation känns igen som dess: den tas inte med" in told(proposal)


def test_a_notification_of_two_days_of_which_one_is_told(books: Books) -> None:
    books.take(STATED)
    entries = [camt_entry(TOTAL, "B1", BATCH), camt_entry("20.00", "B2", day="2025-03-17")]
    books.take(notification(*entries), Notifications)
    later = one_day(("20.00", "B2", ""), number=53, opening="571907.55").replace("-14", "-17")
    assert vouchers(books.take(later).entries) == []
    assert [each.meta["ver"] for each in vouchers(books.load())] == ["I 1", "I 2"]


def test_what_is_not_booked_yet_or_not_ours_is_left_out(books: Books) -> None:
    books.mapping += '[bank."SE99"]\nours = false\n'
    pending = notification(camt_entry("1.00", "R1").replace("BOOK", "PDNG"))
    proposal = books.propose(pending, Notifications)
    assert (proposal.entries, "1 post är ännu inte bokförd" in told(proposal)) == ([], True)
    theirs = books.propose(notification(camt_entry("1.00", "R1"), account="SE99"), Notifications)
    assert (theirs.entries, "är enligt" in told(theirs)) == ([], True)


def test_an_entry_without_a_day_in_what_has_no_days_is_refused(books: Books) -> None:
    """That of a statement has the day on which it ends."""
    undated = notification(re.sub("<BookgDt>.*</BookgDt>", "", camt_entry("1.00", "R1")))
    assert "BookgDt" not in undated
    with pytest.raises(DocumentError, match="posten saknar bokföringsdag"):
        books.propose(undated, Notifications)


def test_a_closed_year_takes_no_notification_in(books: Books) -> None:
    books.text += '\n2025-12-31 custom "bokslut" 2025\n'
    books.text = books.text.replace(INVOICES, "")
    path = books.folder / "avisering.xml"
    path.write_text(NOTIFIED, encoding="utf-8")
    with pytest.raises(Exception, match="posten på 71 907,55 den 2025-03-14 gäller 2025, som är avslutat"):
        books.propose(NOTIFIED, Notifications)


@pytest.mark.parametrize("paged", [True, False])
def test_a_day_that_was_notified_of_ends_with_its_last_statement(books: Books, paged: bool) -> None:
    """The first statement of a day, of one page or two, is not taken for its last because of what is notified."""
    books.take(notification(camt_entry("30.00", "N1"), camt_entry("5.00", "N2")), Notifications)
    pages = [camt_statement([camt_entry("30.00", "R1")], "500000.00", "500030.00", number=None)]
    if paged:
        first = camt_statement([camt_entry("1.00", "R0")], "500000.00", "500001.00", number=None)
        second = camt_statement([camt_entry("30.00", "R1")], "500001.00", "500031.00", number=None)
        pages = [
            each.replace("<FrToDt>", f"<StmtPgntn><PgNb>{at}</PgNb><LastPgInd>{last}</LastPgInd></StmtPgntn><FrToDt>")
            for at, (each, last) in enumerate([(first, "false"), (second, "true")], 1)
        ]
    opening = 500031 if paged else 500030
    books.take(camt(*pages).replace("2025-None", "S1"))
    later = [camt_statement([camt_entry("5.00", "R2")], f"{opening}.00", f"{opening + 5}.00", number=None)]
    books.take(camt(*later).replace("2025-None", "S2"))
    following = camt_statement([], f"{opening + 5}.00", f"{opening + 5}.00", number=None)
    books.take(camt(following).replace("2025-None", "S3").replace("03-14", "03-17"))
    assert len(vouchers(books.load())) == (3 if paged else 2)


def test_a_report_of_a_day_only_tells(books: Books) -> None:
    entries = [camt_entry(TOTAL, "B1", BATCH), camt_entry("1.00", "R1").replace("BOOK", "PDNG")]
    proposal = books.propose(notification(*entries, kind="052"), Reports)
    assert (proposal.entries, proposal.stored) == ([], "")
    assert "berättar om 1 post, på 71 907,55 kr, före kontoutdraget: inget bokförs" in told(proposal)
    assert "1 post är ännu inte bokförd av banken" in told(proposal)
    assert len(vouchers(books.take(STATED).entries)) == 1


@pytest.mark.parametrize("by", ["camt.053", "camt.054"])
def test_a_deposit_with_its_payments_settles_what_bankgirot_told_of(books: Books, by: str) -> None:
    paid = [Paid(7140755, "2025008319"), Paid(50000, "848484")]
    books.take(bgmax(bgmax_deposit(paid)), BgMax)
    more = "<AddtlNtryInf>Bankgiroinsättning BG 991-2346</AddtlNtryInf>"
    entry = camt_entry(TOTAL, "B1", BATCH, more)
    if by == "camt.054":
        books.take(notification(entry), Notifications)
    proposal = books.take(camt(camt_statement([entry], closing="571907.55")))
    assert bool(vouchers(proposal.entries)) == (by == "camt.053")
    [voucher] = [each for each in vouchers(books.load()) if each.meta["bankref"] == "B1"]
    assert (voucher.flag, rows(voucher)) == ("*", [(BANK, TOTAL), (TRANSIT, f"-{TOTAL}")])
    assert voucher.links == {"BG-9912346-20250314-00056"}


def in_folder(folder: Path, **documents: str) -> tuple[Path, dict[str, Path]]:
    folder.mkdir()
    ledger = folder / "main.bean"
    invoices = INVOICES.replace('"K 83"', '"K 1"').replace('"K 84"', '"K 2"')
    ledger.write_text((LEDGER + invoices).lstrip(), encoding="utf-8")
    (folder / "import.toml").write_text(MAPPING, encoding="utf-8")
    for name, content in documents.items():
        (folder / f"{name}.xml").write_text(content, encoding="utf-8")
    return ledger, {name: folder / f"{name}.xml" for name in documents}


def run(ledger: Path, *documents: Path) -> str:
    result = CliRunner().invoke(main, ["import", *map(str, documents), "--ledger", str(ledger)])
    assert result.exit_code == 0, result.output
    return result.output


def test_in_one_run_or_after_one_another_the_books_are_the_same(tmp_path: Path) -> None:
    made = set()
    report = notification(camt_entry(TOTAL, "B1"), kind="052")
    for position, order in enumerate(permutations(["notified", "stated", "report"])):
        for together in (True, False):
            ledger, paths = in_folder(
                tmp_path / f"{position}{together}", notified=NOTIFIED, stated=STATED, report=report
            )
            documents = [paths[name] for name in order]
            for each in [documents] if together else [[path] for path in documents]:
                run(ledger, *each)
            entries = load_ledger(ledger).entries
            made.add(tuple((each.flag, each.meta["ver"], tuple(rows(each))) for each in vouchers(entries)))
            assert "inget att lägga till" in run(ledger, *documents)
            checked = CliRunner().invoke(main, ["check", "--ledger", str(ledger)])
            assert checked.exit_code == 0, checked.output  # and reads the documents again
    assert len(made) == 1


def test_vouchers_of_several_files_are_written_anew_a_run_at_a_time(tmp_path: Path) -> None:
    later = camt_statement([camt_entry("500.00", "B2", day="2025-03-17")], "571407.55", "571907.55", number=53)
    later = later.replace("2025-03-14", "2025-03-17")
    both = [
        camt_entry("71407.55", "B1", camt_detail("71407.55", ["2025008319"])),
        camt_entry("500.00", "B2", camt_detail("500.00", ["848484"]), day="2025-03-17"),
    ]
    first = one_day(("71407.55", "B1", ""))
    ledger, paths = in_folder(tmp_path / "books", first=first, later=camt(later), notified=notification(*both))
    run(ledger, paths["first"])
    run(ledger, paths["later"])
    assert "I 2 (import/2025-03-17-camt.053.bean:" in run(ledger, paths["notified"])
    assert "1 öppen post regleras" in run(ledger, paths["notified"])
    assert "inget att lägga till" in run(ledger, paths["notified"])
    entries = load_ledger(ledger).entries
    assert [each.flag for each in vouchers(entries)] == ["*", "*"]
    assert len(list((tmp_path / "books" / "underlag" / "2025").iterdir())) == 3


def test_an_entry_that_is_the_sum_of_what_was_notified_of_is_known(books: Books) -> None:
    parts = [
        camt_entry("71407.55", "P1", camt_detail("71407.55", ["2025008319"])),
        camt_entry("500.00", "P2", camt_detail("500.00", ["848484"])),
    ]
    books.take(notification(*parts), Notifications)
    assert vouchers(books.take(one_day((TOTAL, "SUM", ""), ("-49.00", "FEE", ""))).entries)[0].meta["bankref"] == "FEE"


def test_what_was_notified_of_may_come_with_a_later_statement_of_the_day(books: Books) -> None:
    books.take(notification(camt_entry("71407.55", "B1"), camt_entry("500.00", "B2")), Notifications)
    morning = camt(camt_statement([camt_entry("71407.55", "B1")], closing="571407.55", number=52))
    proposal = books.take(morning)
    assert "500,00 som aviserats den 2025-03-14 hör till ett senare kontoutdrag" in told(proposal)
    evening = camt(camt_statement([camt_entry("500.00", "B2")], "571407.55", "571907.55", number=53))
    assert vouchers(books.take(evening).entries) == []
    next_day = camt_statement([], "571907.55", "571907.55", first="2025-03-15", last="2025-03-15", number=54)
    books.take(camt(next_day))
    for content in (morning, evening):
        assert books.propose(content.replace("M1", "M2")).entries == []
    # What no statement tells of is still found.
    books.take(notification(camt_entry("9.00", "B3", day="2025-03-16"), number=2), Notifications)
    with pytest.raises(DocumentError, match=r"9,00 för mycket"):
        books.propose(
            camt(camt_statement([], "571907.55", "571907.55", first="2025-03-17", last="2025-03-17", number=55))
        )
