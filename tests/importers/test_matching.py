"""What a payment settles: reference and amount agree with one open item, and nothing is guessed."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from beancount.core import data
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forbundsbok.importers.bgmax import BgMax
from tests.importers.bank_files import (
    BANK,
    LEDGER,
    OBSERVATION,
    Books,
    Paid,
    bgmax,
    bgmax_deposit,
    camt_detail,
    debt,
    invoice,
    one_day,
)

SETTLED = "K-2025-0083"
CUSTOMERS = "Assets:NAV:1510-Kundfordringar"
SUPPLIERS = "Liabilities:NAV:2510-Leverantörsskulder"


def paid(books: Books, amount: str, details: str, more: str = "") -> data.Transaction:
    """Return the voucher of one entry of a statement, taken into the ledger."""
    content = one_day((amount, "R1", details)).replace("</Ntry>", f"{more}</Ntry>")
    [voucher] = [entry for entry in books.take(content).entries if isinstance(entry, data.Transaction)]
    return voucher


def links_of(entry: data.Transaction) -> set[str]:
    return set(entry.links)


def rows(entry: data.Transaction) -> list[tuple[str, str]]:
    return [(posting.account, str(posting.units.number)) for posting in entry.postings if posting.units][1:]


@pytest.mark.parametrize(
    "details",
    [
        camt_detail(references=["2025008319"]),
        camt_detail(references=["0002025 008319"]),
        camt_detail(references=["k-2025-0083"]),
        camt_detail(text="Faktura K2025-0083, tack"),
        camt_detail(text="OCR2025008319"),
        camt_detail(references=["4711"], text="avser 2025008319."),
        "<TxDtls><Refs><EndToEndId>2025008319</EndToEndId></Refs></TxDtls>",
        "<TxDtls><RmtInf><Strd><RfrdDocInf><Nb>2025008319</Nb></RfrdDocInf></Strd></RmtInf></TxDtls>",
    ],
)
def test_ways_to_name_an_invoice(tmp_path: Path, details: str) -> None:
    books = Books(tmp_path, LEDGER + invoice(83, "71407.55", ocr="2025008319"))
    voucher = paid(books, "71407.55", details)
    assert (voucher.flag, links_of(voucher), rows(voucher)) == ("*", {SETTLED}, [(CUSTOMERS, "-71407.55")])


def rf(number: str) -> str:
    """Return an RF reference (ISO 11649) of a number, its check digits found by trying them."""
    valid = (f"RF{digits:02}{number}" for digits in range(2, 99) if int(f"{number}2715{digits:02}") % 97 == 1)
    return next(valid)


def grouped(reference: str) -> str:
    return " ".join(reference[at : at + 4] for at in range(0, len(reference), 4))


RF = rf("2025008319")
WRONG_RF = f"RF{(int(RF[2:4]) + 1) % 100:02}{RF[4:]}"


@pytest.mark.parametrize(
    "details",
    [
        camt_detail(references=["FAKTURA 2025008319"]),
        camt_detail(references=["Faktura:2025008319"]),
        camt_detail(references=["2025008319/mars"]),
        camt_detail(references=["K-2025-0083 2025008319"]),
        camt_detail(references=[RF]),
        camt_detail(references=[grouped(RF).lower()]),
        camt_detail(text=f"avser {grouped(RF)} tack"),
        camt_detail(text=f"{RF}, tack"),
        camt_detail(references=["20250083191"]),  # with a check digit
        camt_detail(references=["0000020250083191"]),
        camt_detail(references=["202500831922"]),  # with length and check digits
        "<TxDtls><Refs><EndToEndId>FAKTURA 2025008319</EndToEndId></Refs></TxDtls>",
    ],
)
def test_an_invoice_is_named_by_parts_of_a_reference_and_with_check_digits(tmp_path: Path, details: str) -> None:
    books = Books(tmp_path, LEDGER + invoice(83, "71407.55", ocr="2025008319"))
    voucher = paid(books, "71407.55", details)
    assert (voucher.flag, links_of(voucher), rows(voucher)) == ("*", {SETTLED}, [(CUSTOMERS, "-71407.55")])


@pytest.mark.parametrize("reference", [WRONG_RF, grouped(WRONG_RF), "20250083194", "202500831932", "92025008319"])
def test_wrong_check_digits_name_nothing(tmp_path: Path, reference: str) -> None:
    books = Books(tmp_path, LEDGER + invoice(83, "71407.55", ocr="2025008319"))
    voucher = paid(books, "71407.55", camt_detail(references=[reference]))
    assert (voucher.flag, links_of(voucher)) == ("!", set())
    # What is known is said all the same.
    assert voucher.meta["observera"] == f"okänd referens {reference}; just 71 407,55 är öppet på K-2025-0083"


def test_an_invoice_that_has_an_rf_reference_is_named_by_its_number(tmp_path: Path) -> None:
    books = Books(tmp_path, LEDGER + invoice(83, "71407.55", ocr=RF))
    assert links_of(paid(books, "71407.55", camt_detail(references=["2025008319"]))) == {SETTLED}


@pytest.mark.parametrize(
    "field", ["2025008319 848484", "2025008319,848484", "2025008319/848484", "FAKT 2025008319+848484"]
)
def test_several_references_in_one_field(tmp_path: Path, field: str) -> None:
    ledger = LEDGER + invoice(83, "71407.55", ocr="2025008319") + invoice(84, "100.00", ocr="848484")
    for details in (camt_detail(references=[field]), camt_detail(references=[field, "999999"])):
        voucher = paid(Books(tmp_path, ledger), "71507.55", details)
        assert links_of(voucher) == ({SETTLED, "K-2025-0084"} if "999999" not in details else set())


@pytest.mark.parametrize(
    ("ledger", "amount", "details", "why"),
    [
        ("", "70000.00", camt_detail(references=["2025008319"]), "avser K-2025-0083, där 71 407,55 är öppet"),
        ("", "71407.55", camt_detail(references=["8988777"]), "okänd referens 8988777"),
        ("", "71407.55", "", "referens saknas"),
        ("", "-71407.55", camt_detail(references=["2025008319"]), "där 71 407,55 är öppet, men beloppet är -71 407,55"),
        (invoice(84, "84.00", ocr="848"), "84.00", camt_detail(text="mars 848"), "referens saknas"),
        (
            invoice(84, "71407.55", ocr="2025008319"),
            "71407.55",
            camt_detail(references=["2025008319"]),
            "flera har samma referens och belopp: K-2025-0083, K-2025-0084",
        ),
        (
            invoice(84, "100.00", ocr="848"),
            "71000.00",
            camt_detail(references=["2025008319", "848"]),
            "avser K-2025-0083, K-2025-0084 med tillsammans 71 507,55 öppet, men beloppet är 71 000,00",
        ),
        (
            invoice(84, "100.00", ocr="848"),
            "71507.55",
            camt_detail(references=["2025008319", "848", "999"]),
            "avser K-2025-0083, K-2025-0084 med tillsammans 71 507,55",
        ),
    ],
)
def test_what_is_not_certain_is_observed_with_its_reason(
    tmp_path: Path, ledger: str, amount: str, details: str, why: str
) -> None:
    books = Books(tmp_path, LEDGER + invoice(83, "71407.55", ocr="2025008319") + ledger)
    voucher = paid(books, amount, details)
    assert (voucher.flag, rows(voucher)) == ("!", [(OBSERVATION, str(-Decimal(amount)))])
    assert why in voucher.meta["observera"]
    assert not voucher.links


def test_money_out_settles_a_debt_and_money_in_a_suppliers_refund(tmp_path: Path) -> None:
    refund = debt(302, "-250.00", fakturanr="F 18").replace("--", "")
    books = Books(tmp_path, LEDGER + debt(301, "1000.00", fakturanr="F-0017") + refund)
    content = one_day(
        ("-1000.00", "R1", camt_detail(references=["F0017"])), ("250.00", "R2", camt_detail(references=["f 18"]))
    )
    out, back = [entry for entry in books.take(content).entries if isinstance(entry, data.Transaction)]
    assert (rows(out), rows(back)) == ([(SUPPLIERS, "1000.00")], [(SUPPLIERS, "-250.00")])
    assert (out.narration, out.payee, out.meta["ver"]) == ("Betalning: Licenser kvartal 2", "Leverantör 017 IT", "U 1")
    # The invoices wait for approval, and so does what paid them.
    assert (out.flag, out.meta["observera"]) == ("!", "L-2025-0301 är inte attesterad")


def test_an_invoice_of_several_units_is_settled_on_each_account(tmp_path: Path) -> None:
    both = invoice(83, "1000.00").replace(
        "  Income",
        "  Assets:FK:1510-Kundfordringar 500.00 SEK\n  Income:NAV:3119-Medlemsavgifter -500.00 SEK\n  Income",
    )
    voucher = paid(Books(tmp_path, LEDGER + both), "1500.00", camt_detail(references=[SETTLED]))
    assert sorted(rows(voucher)) == [("Assets:FK:1510-Kundfordringar", "-500.00"), (CUSTOMERS, "-1000.00")]


@pytest.mark.parametrize("shares", [(), ("71407.55", "100.00")])
def test_several_invoices_of_one_payment(tmp_path: Path, shares: tuple[str, ...]) -> None:
    ledger = LEDGER + invoice(83, "71407.55", ocr="2025008319") + invoice(84, "100.00", ocr="848")
    voucher = paid(Books(tmp_path, ledger), "71507.55", camt_detail("", ["2025008319", "848"], shares=shares))
    assert rows(voucher) == [(CUSTOMERS, "-71407.55"), (CUSTOMERS, "-100.00")]
    assert (voucher.flag, links_of(voucher)) == ("*", {SETTLED, "K-2025-0084"})
    named = [posting.meta["faktura"] for posting in voucher.postings if posting.meta and "faktura" in posting.meta]
    assert named == [SETTLED, "K-2025-0084"]


def test_shares_are_judged_each_for_itself(tmp_path: Path) -> None:
    ledger = LEDGER + invoice(83, "71407.55", ocr="2025008319") + invoice(84, "100.00", ocr="848")
    details = camt_detail("", ["2025008319", "848"], shares=("71407.55", "90.00"))
    voucher = paid(Books(tmp_path, ledger), "71497.55", details)
    assert rows(voucher) == [(CUSTOMERS, "-71407.55"), (OBSERVATION, "-90.00")]
    assert (voucher.flag, links_of(voucher)) == ("!", {SETTLED})


def test_shares_that_are_not_those_of_the_payment_do_not_count(tmp_path: Path) -> None:
    ledger = LEDGER + invoice(83, "71407.55", ocr="2025008319") + invoice(84, "100.00", ocr="848")
    details = camt_detail("", ["2025008319", "848"], shares=("71407.55", "90.00"))
    assert paid(Books(tmp_path, ledger), "71407.55", details).links == {SETTLED}


def test_a_credit_note_is_set_off_in_a_payment(tmp_path: Path) -> None:
    refund = debt(302, "-250.00", fakturanr="18").replace("--", "")
    books = Books(tmp_path, LEDGER + debt(301, "1000.00", fakturanr="17") + refund)
    strd = "<Strd><RfrdDocInf><Nb>{}</Nb></RfrdDocInf><RfrdDocAmt><{} Ccy='SEK'>{}</{}></RfrdDocAmt></Strd>"
    parts = strd.format(17, "RmtdAmt", 900, "RmtdAmt") + strd.format(18, "CdtNoteAmt", 250, "CdtNoteAmt")
    details = f"<TxDtls><RmtInf>{parts}</RmtInf></TxDtls>" + camt_detail("-20.00", ["999"])
    details = details.replace("<TxDtls>", '<TxDtls><Amt Ccy="SEK">650</Amt><CdtDbtInd>DBIT</CdtDbtInd>', 1)
    voucher = paid(books, "-670.00", details)
    assert rows(voucher) == [(SUPPLIERS, "-250.00"), (OBSERVATION, "900.00"), (OBSERVATION, "20.00")]


def test_an_item_is_settled_once_in_a_document(tmp_path: Path) -> None:
    books = Books(tmp_path, LEDGER + invoice(83, "500.00", ocr="83838"))
    details = camt_detail(references=["83838"])
    taken = books.take(one_day(("500.00", "R1", details), ("500.00", "R2", details))).entries
    first, second = [entry for entry in taken if isinstance(entry, data.Transaction)]
    assert (first.flag, second.flag) == ("*", "!")
    assert second.meta["observera"] == "K-2025-0083 är redan reglerad"


def test_rows_that_nobody_can_tell_apart_leave_their_invoices_uncertain(tmp_path: Path) -> None:
    together = """
2025-03-05 * "Betalning av båda" ^K-2025-0083 ^K-2025-0084
  ver: "M 1"
  Assets:NAV:1510-Kundfordringar          -500.00 SEK
  Liabilities:FK:2890-Observationskonto    500.00 SEK
"""
    ledger = LEDGER + invoice(83, "500.00") + invoice(84, "500.00") + together
    voucher = paid(Books(tmp_path, ledger), "500.00", camt_detail(references=[SETTLED]))
    assert "ange faktura på raderna" in voucher.meta["observera"]
    named = together.replace("-500.00 SEK\n", '-500.00 SEK\n    faktura: "K-2025-0084"\n')
    books = Books(tmp_path, ledger.replace(together, named))
    assert paid(books, "500.00", camt_detail(references=[SETTLED])).links == {SETTLED}


# Whatever is open and whatever is paid

OCR = st.integers(1, 5).map(lambda number: f"9000{number}")
ORE = st.integers(1, 4).map(lambda number: number * 100)
INVOICES = st.lists(st.tuples(OCR, ORE), max_size=5)
PART = st.tuples(OCR, st.one_of(st.just(0), ORE, ORE.map(int.__neg__)))
PAID = st.tuples(ORE, OCR, st.lists(PART, max_size=3), st.booleans())


def payments(drawn: Iterable[tuple[int, str, list[tuple[str, int]], bool]]) -> list[Paid]:
    made = []
    for ore, reference, refs, is_deduction in drawn:
        shared = sum(share for _, share in refs)
        # What a file cannot hold: shares that are not those of the payment.
        total = shared if shared > 0 else ore
        parts = refs if shared > 0 else [(name, 0) for name, _ in refs]
        made.append(Paid(total, reference, refs=parts, deduction=is_deduction and not refs))
    return made


@pytest.mark.slow
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(INVOICES, st.lists(PAID, max_size=6))
def test_nothing_is_settled_beyond_what_is_open(
    tmp_path: Path, invoices: list[tuple[str, int]], drawn: list[tuple[int, str, list[tuple[str, int]], bool]]
) -> None:
    texts = [invoice(number, f"{ore // 100}.00", ocr=ocr) for number, (ocr, ore) in enumerate(invoices, 1)]
    books = Books(tmp_path, LEDGER + "".join(texts))
    made = payments(drawn)
    if sum(-each.ore if each.deduction else each.ore for each in made) < 0:
        made = [each for each in made if not each.deduction]  # a deposit is never negative
    entries = books.take(bgmax(bgmax_deposit(made)), BgMax).entries if made else []
    vouchers = [entry for entry in entries if isinstance(entry, data.Transaction)]
    open_items: dict[str, Decimal] = {
        f"K-2025-{number:04}": Decimal(ore) / 100 for number, (_, ore) in enumerate(invoices, 1)
    }
    settled: dict[str, Decimal] = defaultdict(Decimal)
    for voucher, each in zip(vouchers, made, strict=True):
        numbers: dict[str, Decimal] = defaultdict(Decimal)
        for posting in voucher.postings:
            numbers[posting.account] += number_of(posting)
        assert sum(numbers.values()) == 0
        links = [link for link in voucher.links if not link.startswith("BG-")]
        for posting in voucher.postings:
            if posting.account == CUSTOMERS:
                named = (posting.meta or {}).get("faktura") or links[0]
                settled[named] -= number_of(posting)
        total = Decimal(-each.ore if each.deduction else each.ore) / 100
        assert -(numbers[OBSERVATION] + numbers[CUSTOMERS]) == total
        assert (voucher.flag == "!") == ("observera" in voucher.meta)
        assert voucher.flag == "!" or not numbers[OBSERVATION]
        assert not numbers[BANK]
    # Wholly or not at all.
    assert all(amount == open_items[link] for link, amount in settled.items())


def number_of(posting: Any) -> Decimal:
    return Decimal(posting.units.number)
