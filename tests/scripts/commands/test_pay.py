"""Payment files: what is due and approved goes to the bank once, valid, and what the bank says settles it.

The files are held against the ISO schema that a package ships (sepaxml), and read back by another library (xmlschema).
"""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import xmlschema
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from forbundsbok.importers.document import Document
from forbundsbok.importers.formats.pain import (
    VERSIONS,
    CreditAccount,
    CreditTransfer,
    Payer,
    PaymentFile,
    TransferBatch,
    read_payments,
    write_payments,
)
from forbundsbok.plugins.check_digits import has_luhn, has_mod_97
from forbundsbok.plugins.loading import load_ledger
from forbundsbok.plugins.roles import Role
from forbundsbok.queries.general_ledger import read
from forbundsbok.queries.open_items import open_at
from forbundsbok.scripts.forbundsbok import main
from tests.importers.bank_files import IBAN, camt, camt_detail, camt_entry, camt_statement
from tests.importers.test_notifications import notification
from tests.main_file import head
from tests.shares import SHARE

XSD = {version: str(files("sepaxml") / "schemas" / f"pain.001.001.{version}.xsd") for version in VERSIONS}


@cache
def fast_schema(version: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(XSD[version]))


@cache
def schema() -> Any:
    return xmlschema.XMLSchema(XSD["03"])


MAPPING = f"""
[bank."{IBAN}"]
account = "Assets:FK:1610-Internbank"
observation = "Liabilities:FK:2890-Observationskonto"

[payments]
from = "{IBAN}"
bic = "ESSESESS"
sent = "Assets:FK:1990-Utbetalningar-på-väg"
organisation = "222000-1234"
accounts = ["Liabilities:FK:2820-Löneskulder", "Liabilities:FK:2891-Beslutade-bidrag"]
"""

BOOKS = f"""{head("Kommunalförbundet Väst")}
2024-12-31 custom "unit" "FK" "Förbundskansli"
  overskott: "behalls"
2024-12-31 custom "unit" "NAV" "Navet"
  overskott: "behalls"
2024-12-31 custom "attest" "FD" "NAV" 1000000.00 SEK
2024-12-31 custom "attest" "FD" "FK" 1000000.00 SEK
2024-12-31 custom "attest" "EC" "NAV" 1000000.00 SEK

2024-12-31 open Assets:FK:1610-Internbank SEK
2024-12-31 open Assets:FK:1650-Momsfordran SEK
2024-12-31 open Assets:FK:1790-Avräkning SEK
2024-12-31 open Assets:FK:1990-Utbetalningar-på-väg SEK
2024-12-31 open Assets:NAV:1790-Avräkning SEK
2024-12-31 open Equity:FK:2010-Eget-kapital SEK
2024-12-31 open Liabilities:FK:2710-Personalskatt SEK
2024-12-31 open Liabilities:FK:2820-Löneskulder SEK
2024-12-31 open Liabilities:FK:2890-Observationskonto SEK
2024-12-31 open Liabilities:FK:2891-Beslutade-bidrag SEK
2024-12-31 open Liabilities:NAV:2510-Leverantörsskulder SEK
2024-12-31 open Expenses:FK:4510-Lämnade-bidrag SEK
2024-12-31 open Expenses:FK:5010-Löner SEK
2024-12-31 open Expenses:NAV:6120-Städning SEK

2024-12-31 * "Ingående balanser"
  ver: "B 1"
  Assets:FK:1610-Internbank    500000.00 SEK
  Equity:FK:2010-Eget-kapital
"""

BANKGIRO, PLUSGIRO, ACCOUNT, ABROAD = "5050-1055", "28 65 43-4", "6000 123 456 782", "DE75 5121 0800 1245 1261 99"


def invoice(number: int, net: str, flag: str = "*", due: str = "2025-03-14", **meta: str) -> str:
    """Return an invoice of a supplier to Navet, with VAT of 25 %."""
    told = {"mottagning": "HL-NAV", "orgnr": f"55667{number}-8899", "fakturanr": f"{number}7"}
    told |= {"attest": "FD"} if flag == "*" else {}
    more = "".join(f'\n  {key}: "{value}"' for key, value in (told | meta).items())
    when = f"\n  forfallodag: {due}" if due else ""
    tax = Decimal(net) / 4
    return f"""
2025-03-0{number} {flag} "Städ {number} & Söner AB" "Städning del {number}" ^L-2025-000{number}
  ver: "L {number}"{more}{when}
  Expenses:NAV:6120-Städning               {net} SEK
  Assets:FK:1650-Momsfordran               {tax:.2f} SEK
  Liabilities:NAV:2510-Leverantörsskulder
"""


@pytest.fixture
def books(tmp_path: Path) -> Callable[..., Path]:
    def make(*vouchers: str) -> Path:
        (tmp_path / "import.toml").write_text(MAPPING, encoding="utf-8")
        path = tmp_path / "main.bean"
        path.write_text(BOOKS + "".join(vouchers), encoding="utf-8")
        return path

    return make


def run(ledger: Path, *words: str) -> Result:
    return CliRunner().invoke(main, [*words, "--ledger", str(ledger)])


def pay(ledger: Path, day: str = "2025-03-14", *more: str) -> Result:
    return run(ledger, "pay", "--day", day, "--attest", "FD", "--yes", *more)


def taken(ledger: Path, name: str, content: str) -> Result:
    """Take in what the bank says."""
    path = ledger.parent / name
    path.write_text(content, encoding="utf-8")
    return run(ledger, "import", str(path))


def balance(ledger: Path, account: str) -> Decimal:
    loaded = load_ledger(ledger)
    assert loaded.errors == []
    rows = [row for entry in loaded.entries for row in getattr(entry, "postings", ()) if row.account == account]
    return sum((row.units.number for row in rows), Decimal(0))


def debts(ledger: Path, day: str = "2025-12-31") -> Decimal:
    """Return what suppliers are owed, proven by the balances of their accounts."""
    loaded = load_ledger(ledger)
    assert loaded.errors == []
    return open_at(loaded.entries, read(loaded.entries, loaded.options), Role.SUPPLIERS, date.fromisoformat(day)).total


def told(path: Path) -> list[dict[str, Any]]:
    """Return the payments of a file as xmlschema reads them, checked by the schema."""
    schema().validate(str(path))
    body = schema().to_dict(str(path))["CstmrCdtTrfInitn"]
    return [each for batch in body["PmtInf"] for each in batch["CdtTrfTxInf"]]


def amounts(transfers: list[dict[str, Any]]) -> list[Decimal]:
    return [Decimal(str(each["Amt"]["InstdAmt"]["$"])) for each in transfers]


def test_what_is_due_and_approved_is_paid_once_and_agrees_with_the_open_items(books: Callable[..., Path]) -> None:
    ledger = books(
        invoice(1, "1000.00", bankgiro=BANKGIRO, ocr="2024511"),
        invoice(2, "2000.00", plusgiro=PLUSGIRO),
        invoice(3, "300.40", iban=ABROAD),
        invoice(4, "100.00", flag="!", bankgiro=BANKGIRO),
        invoice(5, "100.00", bankgiro="5050-1056"),
        invoice(6, "100.00"),
        invoice(7, "100.00", due="2025-03-15", bankgiro=BANKGIRO),
    )
    owed = debts(ledger)
    shown = pay(ledger, "2025-03-14", "--dry-run")
    assert shown.exit_code == 0, shown.output
    assert not (ledger.parent / "underlag").exists()
    made = pay(ledger)
    assert made.exit_code == 0, made.output
    unpaid = made.output[made.output.index("Förfallet, men inte betalt:") :]
    assert "L-2025-0004: L 4 (" in unpaid
    assert ") väntar på attest" in unpaid
    assert "L-2025-0005: bankgiro 5050-1056 är fel: någon siffra måste vara felskriven" in unpaid
    assert "L-2025-0006: mottagarens konto saknas: skriv bankgiro, plusgiro, iban eller konto" in unpaid
    assert "L-2025-0007" not in made.output
    transfers = told(ledger.parent / "underlag/2025/betalning-2025-03-14.xml")
    assert sum(amounts(transfers)) == owed - debts(ledger) == Decimal("4125.50")
    assert balance(ledger, "Assets:FK:1990-Utbetalningar-på-väg") == Decimal("-4125.50")
    accounts = [each["CdtrAcct"]["Id"] for each in transfers]
    assert [each["PmtId"]["EndToEndId"] for each in transfers] == [f"L-2025-000{n}.20250314" for n in (1, 2, 3)]
    assert accounts == [
        {"Othr": {"Id": "50501055", "SchmeNm": {"Prtry": "BGNR"}}},
        {"Othr": {"Id": "2865434", "SchmeNm": {"Cd": "BBAN"}}},
        {"IBAN": ABROAD.replace(" ", "")},
    ]
    assert [each["RmtInf"] for each in transfers] == [
        {"Strd": [{"CdtrRefInf": {"Tp": {"CdOrPrtry": {"Cd": "SCOR"}}, "Ref": "2024511"}}]},
        {"Ustrd": ["Faktura 27"]},
        {"Ustrd": ["Faktura 37"]},
    ]
    before = list((ledger.parent / "import").iterdir())
    again = pay(ledger)
    assert again.exit_code == 1
    assert "filen för 2025-03-14 är redan gjord" in again.output
    assert pay(ledger, "2025-03-17").output.count("L-2025-0001") == 0
    assert len(list(before)) == 1


def test_what_nobody_may_approve_is_not_sent(books: Callable[..., Path]) -> None:
    ledger = books(invoice(1, "1000.00", bankgiro=BANKGIRO))
    before = ledger.read_bytes()
    for signature in ("", "EK"):
        refused = run(ledger, "pay", "--day", "2025-03-14", "--attest", signature, "--yes")
        assert refused.exit_code == 1
        assert "A611" in refused.output or "A603" in refused.output or "A602" in refused.output
    assert (ledger.read_bytes(), (ledger.parent / "underlag").exists()) == (before, False)


def test_a_no_writes_nothing(books: Callable[..., Path]) -> None:
    ledger = books(invoice(1, "1000.00", bankgiro=BANKGIRO))
    words = ["pay", "--day", "2025-03-14", "--attest", "FD", "--ledger", str(ledger)]
    assert "inget har skrivits" in CliRunner().invoke(main, words, input="n\n").output
    assert not (ledger.parent / "underlag").exists()


SALARIES = f"""
2025-03-20 * "Löner" "Löner mars" ^P-2025-0001
  ver: "P 1"
  attest: "FD"
  forfallodag: 2025-03-25
  Expenses:FK:5010-Löner               60000.00 SEK
  Liabilities:FK:2710-Personalskatt   -18000.00 SEK
  Liabilities:FK:2820-Löneskulder     -22000.00 SEK
    mottagare: "Anställd 17"
    konto: "{ACCOUNT}"
  Liabilities:FK:2820-Löneskulder     -20000.00 SEK
    mottagare: "Anställd 18"
    bankgiro: "{BANKGIRO}"

2025-03-20 * "Företagarna i Väst" "Bidrag till mässa" ^M-2025-0001
  ver: "M 1"
  attest: "FD"
  forfallodag: 2025-03-25
  bankgiro: "{BANKGIRO}"
  Expenses:FK:4510-Lämnade-bidrag       5000.00 SEK
  Liabilities:FK:2891-Beslutade-bidrag -5000.00 SEK
"""


def test_salaries_row_by_row_and_grants_are_paid_in_batches_of_their_own(books: Callable[..., Path]) -> None:
    ledger = books(SALARIES, invoice(1, "1000.00", bankgiro=BANKGIRO, due="2025-03-25"))
    made = pay(ledger, "2025-03-25")
    assert made.exit_code == 0, made.output
    path = ledger.parent / "underlag/2025/betalning-2025-03-25.xml"
    assert sorted(amounts(told(path))) == [Decimal(each) for each in ("1250", "5000", "20000", "22000")]
    file = read_payments(Document(path))
    assert {batch.purpose: {each.id for each in batch.transfers} for batch in file.batches} == {
        "SUPP": {"L-2025-0001.20250325"},
        "SALA": {"P-2025-0001.20250325.1", "P-2025-0001.20250325.2"},
        "": {"M-2025-0001.20250325"},
    }
    assert balance(ledger, "Liabilities:FK:2820-Löneskulder") == 0
    assert balance(ledger, "Liabilities:FK:2891-Beslutade-bidrag") == 0


def sent(books: Callable[..., Path]) -> Path:
    ledger = books(
        invoice(1, "1000.00", bankgiro=BANKGIRO, ocr="2024511"),
        invoice(2, "2000.00", plusgiro=PLUSGIRO),
        invoice(3, "300.40", iban=ABROAD),
    )
    assert pay(ledger).exit_code == 0
    return ledger


def detail(amount: str, end_to_end: str) -> str:
    return camt_detail(amount).replace("<TxDtls>", f"<TxDtls><Refs><EndToEndId>{end_to_end}</EndToEndId></Refs>")


ONE_BY_ONE = [
    camt_entry("-1250.00", "S1", detail("-1250.00", "L-2025-0001.20250314")),
    camt_entry("-2500.00", "S2", detail("-2500.00", "L-2025-0002.20250314")),
    camt_entry("-375.50", "S3", detail("-375.50", "L-2025-0003.20250314")),
]
WITH_DETAILS = [
    camt_entry(
        "-4125.50",
        "S1",
        detail("-1250.00", "L-2025-0001.20250314")
        + detail("-2500.00", "L-2025-0002.20250314")
        + detail("-375.50", "L-2025-0003.20250314"),
    )
]


def in_one_amount(amount: str, batch: str) -> str:
    return camt_entry(amount, "S1").replace("</Ntry>", f"<NtryDtls><Btch>{batch}</Btch></NtryDtls></Ntry>")


IN_ONE_AMOUNT = [in_one_amount("-4125.50", "<PmtInfId>BET-20250314-1</PmtInfId>")]
FILE = "<MsgId>BET-20250314</MsgId>"


@pytest.mark.parametrize(
    "entries",
    [ONE_BY_ONE, WITH_DETAILS, IN_ONE_AMOUNT, [in_one_amount("-4125.50", FILE)]],
    ids=["one by one", "details", "batch", "file"],
)
def test_the_banks_statement_settles_what_was_sent(books: Callable[..., Path], entries: list[str]) -> None:
    ledger = sent(books)
    came = taken(ledger, "kontoutdrag.xml", camt(camt_statement(entries, "500000.00", "495874.50")))
    assert came.exit_code == 0, came.output
    assert "väntar" not in came.output
    assert balance(ledger, "Assets:FK:1990-Utbetalningar-på-väg") == 0
    assert balance(ledger, "Assets:FK:1610-Internbank") == Decimal("495874.50")
    checked = run(ledger, "check")
    assert checked.exit_code == 0, checked.output


TWO_SALARIES = """
2025-03-10 * "Löner" "Löner mars" ^P-2025-0001
  ver: "P 1"
  attest: "FD"
  forfallodag: 2025-03-14
  Expenses:FK:5010-Löner                     900.00 SEK
  Liabilities:FK:2820-Löneskulder           -500.00 SEK
    mottagare: "Anställd 17"
    konto: "6000 123 456 782"
  Liabilities:FK:2820-Löneskulder           -400.00 SEK
    mottagare: "Anställd 18"
    konto: "6000 123 456 782"
"""


@pytest.mark.parametrize(
    "entries",
    [
        [in_one_amount("-2150.00", FILE)],
        [
            in_one_amount("-900.00", FILE + "<PmtInfId>BET-20250314-2</PmtInfId>"),
            in_one_amount("-1250.00", "<PmtInfId>BET-20250314-1</PmtInfId>" + FILE).replace("S1", "S2"),
        ],
    ],
    ids=["file", "batches"],
)
def test_a_file_and_its_batches_are_told_apart_by_their_sums(books: Callable[..., Path], entries: list[str]) -> None:
    ledger = books(invoice(1, "1000.00", bankgiro=BANKGIRO), TWO_SALARIES)
    assert pay(ledger).exit_code == 0
    came = taken(ledger, "kontoutdrag.xml", camt(camt_statement(entries, "500000.00", "497850.00")))
    assert came.exit_code == 0, came.output
    assert "väntar" not in came.output
    assert balance(ledger, "Assets:FK:1990-Utbetalningar-på-väg") == 0
    # What a notification tells of the single payments afterwards is in the ledger.
    single = [
        camt_entry("-1250.00", "N1", detail("-1250.00", "L-2025-0001.20250314")),
        camt_entry("-500.00", "N2", detail("-500.00", "P-2025-0001.20250314.1")),
        camt_entry("-400.00", "N3", detail("-400.00", "P-2025-0001.20250314.2")),
    ]
    later = taken(ledger, "avisering.xml", notification(*single))
    assert later.exit_code == 0, later.output
    assert "inget nytt" in later.output
    assert run(ledger, "check").exit_code == 0


def test_a_file_that_is_paid_in_part_is_not_guessed_at(books: Callable[..., Path]) -> None:
    ledger = sent(books)
    came = taken(
        ledger, "utdrag.xml", camt(camt_statement([in_one_amount("-4000.00", FILE)], "500000.00", "496000.00"))
    )
    assert came.exit_code == 0, came.output
    assert "tillsammans -4 125,50 öppet, men beloppet är -4 000,00" in came.output
    assert balance(ledger, "Assets:FK:1990-Utbetalningar-på-väg") == Decimal("-4125.50")


@pytest.mark.parametrize(
    ("amount", "more", "why"),
    [
        ("-1252.00", "", "banken anger delar på -1 250,00 av -1 252,00"),
        ("-1300.00", detail("-50.00", "OKAND"), "okänd referens OKAND"),
    ],
    ids=["fee", "unknown detail"],
)
def test_what_comes_with_more_than_was_sent_waits_with_the_rest(
    books: Callable[..., Path], amount: str, more: str, why: str
) -> None:
    """The entry moves what was sent, which is approved; only the rest of it waits for somebody."""
    ledger = sent(books)
    entry = camt_entry(amount, "S1", detail("-1250.00", "L-2025-0001.20250314") + more)
    closing = f"{500000 + Decimal(amount):.2f}"
    came = taken(ledger, "kontoutdrag.xml", camt(camt_statement([entry], "500000.00", closing)))
    assert came.exit_code == 0, came.output
    assert why in came.output
    rest = -1250 - Decimal(amount)
    assert balance(ledger, "Assets:FK:1990-Utbetalningar-på-väg") == Decimal("-2875.50")
    assert balance(ledger, "Liabilities:FK:2890-Observationskonto") == rest
    assert run(ledger, "check").exit_code == 0
    # Booked as a cost, the rest is what somebody approves.
    [path] = (ledger.parent / "import").glob("*camt.053.bean")
    text = path.read_text(encoding="utf-8")
    seen = text.replace(" ! ", " * ").replace(
        "Liabilities:FK:2890-Observationskonto", "Expenses:FK:4510-Lämnade-bidrag"
    )
    path.write_text(seen, encoding="utf-8")
    told = run(ledger, "check").output
    assert "A611" in told
    assert f" {abs(rest):.0f},00 kr, saknar attest" in told


def test_what_the_bank_pays_twice_waits_and_names_the_payment(books: Callable[..., Path]) -> None:
    ledger = sent(books)
    entries = [camt_entry("-1250.00", name, detail("-1250.00", "L-2025-0001.20250314")) for name in ("S1", "S2")]
    came = taken(ledger, "kontoutdrag.xml", camt(camt_statement(entries, "500000.00", "497500.00")))
    assert came.exit_code == 0, came.output
    assert (
        "L-2025-0001.20250314 på 1 250,00 till Städ 1 & Söner AB är redan reglerad, och här betalas 1 250,00: "
        "har banken betalat två gånger"
    ) in came.output
    assert "1 av verifikationerna väntar" in came.output
    assert run(ledger, "check").exit_code == 0


def test_a_rejection_of_what_the_statement_has_paid_books_nothing(books: Callable[..., Path]) -> None:
    ledger = sent(books)
    statement = camt(camt_statement(ONE_BY_ONE, "500000.00", "495874.50"))
    assert taken(ledger, "kontoutdrag.xml", statement).exit_code == 0
    before = sorted((path.name, path.read_bytes()) for path in (ledger.parent / "import").iterdir())
    came = taken(ledger, "svar.xml", answer("RJCT", why="DT01"))
    assert came.exit_code == 0, came.output
    assert came.output.count("men kontoutdraget visar att") == 3
    assert "2 500,00 kr" in came.output
    assert sorted((path.name, path.read_bytes()) for path in (ledger.parent / "import").iterdir()) == before
    assert debts(ledger) == 0


def test_what_the_bank_paid_without_a_file_waits_for_approval(books: Callable[..., Path]) -> None:
    ledger = books(invoice(1, "1000.00", ocr="2024511"))
    entry = camt_entry("-1250.00", "S1", camt_detail("-1250.00", ["2024511"]))
    came = taken(ledger, "kontoutdrag.xml", camt(camt_statement([entry], "500000.00", "498750.00")))
    assert came.exit_code == 0, came.output
    assert "Betalning: Städning del 1: attest saknas" in came.output
    assert debts(ledger) == 0


def answer(status: str, end_to_end: str = "", why: str = "") -> str:
    """Return a pain.002 on a file, or on one payment of it."""
    reason = f"<StsRsnInf><Rsn><Cd>{why}</Cd></Rsn><AddtlInf>kontot finns inte</AddtlInf></StsRsnInf>" if why else ""
    one = f"<TxInfAndSts><OrgnlEndToEndId>{end_to_end}</OrgnlEndToEndId><TxSts>{status}</TxSts>{reason}</TxInfAndSts>"
    batch = f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>BET-20250314-1</OrgnlPmtInfId>{one}</OrgnlPmtInfAndSts>"
    whole = f"<GrpSts>{'PART' if end_to_end else status}</GrpSts>{'' if end_to_end else reason}"
    return f"""<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.03"><CstmrPmtStsRpt>
  <GrpHdr><MsgId>A1</MsgId><CreDtTm>2025-03-14T12:00:00</CreDtTm></GrpHdr>
  <OrgnlGrpInfAndSts><OrgnlMsgId>BET-20250314</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.03</OrgnlMsgNmId>{whole}
  </OrgnlGrpInfAndSts>{batch if end_to_end else ""}</CstmrPmtStsRpt></Document>"""


def test_what_the_bank_rejects_is_owed_again_and_paid_by_a_later_file(books: Callable[..., Path]) -> None:
    ledger = sent(books)
    came = taken(ledger, "svar.xml", answer("RJCT", "L-2025-0002.20250314", "AC01"))
    assert came.exit_code == 0, came.output
    assert debts(ledger) == Decimal("2500.00")
    assert '"Rättelse: banken har avvisat Städning del 2 (AC01 kontot finns inte)"' in "".join(
        path.read_text(encoding="utf-8") for path in (ledger.parent / "import").iterdir()
    )
    assert "tillför inget" in taken(ledger, "svar2.xml", answer("RJCT", "L-2025-0002.20250314", "AC02")).output
    later = pay(ledger, "2025-03-17")
    assert later.exit_code == 0, later.output
    assert amounts(told(ledger.parent / "underlag/2025/betalning-2025-03-17.xml")) == [Decimal("2500")]
    assert debts(ledger) == 0


def test_a_correction_of_another_year_with_the_same_number_is_no_correction_of_it(books: Callable[..., Path]) -> None:
    """The payment of 2025 is U 1, as one of 2026 is that was paid in error: the bank's rejection still counts."""
    ledger = sent(books)
    ledger.write_text(f"{ledger.read_text(encoding='utf-8')}{PAID_IN_ERROR}", encoding="utf-8")
    came = taken(ledger, "svar.xml", answer("RJCT", "L-2025-0001.20250314", "AC01"))
    assert came.exit_code == 0, came.output
    assert "är redan rättad" not in came.output
    assert debts(ledger) == Decimal("1250.00")


PAID_IN_ERROR = """
2026-01-07 * "Städ 9 AB" "Betalt av misstag"
  ver: "U 1"
  attest: "FD"
  motpart: "Städ 9 AB"
  Liabilities:FK:2890-Observationskonto       80.00 SEK
  Assets:FK:1610-Internbank                  -80.00 SEK

2026-01-08 * "Städ 9 AB" "Rättelse: betalt av misstag"
  ver: "U 2"
  rattar: "U 1"
  attest: "FD"
  motpart: "Städ 9 AB"
  Assets:FK:1610-Internbank                   80.00 SEK
  Liabilities:FK:2890-Observationskonto      -80.00 SEK
"""


def test_a_file_of_the_version_that_the_bank_asks_for(books: Callable[..., Path]) -> None:
    ledger = books(invoice(1, "1000.00", bankgiro=BANKGIRO, ocr="2024511"), invoice(2, "2000.00", plusgiro=PLUSGIRO))
    mapping = ledger.with_name("import.toml")
    mapping.write_text(MAPPING.replace("[payments]", '[payments]\nversion = "9"'), encoding="utf-8")
    assert "payments.version är '9': skriv en av 03, 09, till exempel   version = \"09\"" in pay(ledger).output
    mapping.write_text(MAPPING.replace("[payments]", '[payments]\nversion = "09"'), encoding="utf-8")
    made = pay(ledger)
    assert made.exit_code == 0, made.output
    assert "plusgiro 286543-4, Faktura 27" in made.output
    path = ledger.parent / "underlag/2025/betalning-2025-03-14.xml"
    newer: Any = xmlschema.XMLSchema(XSD["09"])
    newer.validate(str(path))
    [batch] = newer.to_dict(str(path))["CstmrCdtTrfInitn"]["PmtInf"]
    assert (batch["ReqdExctnDt"], batch["DbtrAgt"]) == ({"Dt": "2025-03-14"}, {"FinInstnId": {"BICFI": "ESSESESS"}})
    assert amounts(batch["CdtTrfTxInf"]) == [Decimal("1250.00"), Decimal("2500.00")]
    entries = [in_one_amount("-3750.00", FILE)]
    came = taken(ledger, "kontoutdrag.xml", camt(camt_statement(entries, "500000.00", "496250.00")))
    assert came.exit_code == 0, came.output
    assert balance(ledger, "Assets:FK:1990-Utbetalningar-på-väg") == 0
    assert run(ledger, "check").exit_code == 0


def test_a_file_that_the_bank_rejects_is_owed_again_whole(books: Callable[..., Path]) -> None:
    ledger = sent(books)
    assert taken(ledger, "svar.xml", answer("RJCT", why="DT01")).exit_code == 0
    assert debts(ledger) == Decimal("4125.50")
    assert balance(ledger, "Assets:FK:1990-Utbetalningar-på-väg") == 0


def test_what_the_bank_accepts_books_nothing(books: Callable[..., Path]) -> None:
    ledger = sent(books)
    came = taken(ledger, "svar.xml", answer("ACCP"))
    assert "banken avvisar ingen av de 3 betalningarna" in came.output
    assert balance(ledger, "Assets:FK:1990-Utbetalningar-på-väg") == Decimal("-4125.50")


def test_a_file_and_its_vouchers_that_differ_are_told(books: Callable[..., Path]) -> None:
    ledger = sent(books)
    [path] = (ledger.parent / "import").glob("*pain*")
    sound = path.read_text(encoding="utf-8")
    second = sound[sound.index('2025-03-14 * "Städ 2') : sound.index('2025-03-14 * "Städ 3')]
    file = "betalning-2025-03-14.xml"
    for changed, said in {
        sound.replace("2500.00", "2400.00"): f"har 2 400,00 kr, men {file} säger åt banken att betala 2 500,00 kr",
        sound.replace(
            'plusgiro: "286543-4"', 'plusgiro: "407-3"'
        ): f"men {file} säger åt banken att betala till 2865434",
        sound.replace(
            '  plusgiro: "286543-4"\n', ""
        ): f"har plusgiro -, men {file} säger åt banken att betala till 2865434",
        sound.replace(second, ""): f"{file} säger åt banken att betala 2 500,00 kr till Städ 2 & Söner AB",
    }.items():
        assert changed != sound
        path.write_text(changed, encoding="utf-8")
        assert said in run(ledger, "check").output.replace("\xa0", " ")
    path.write_text(sound, encoding="utf-8")
    text = ledger.read_text(encoding="utf-8")
    ledger.write_text(text.replace(PLUSGIRO, "4073"), encoding="utf-8")
    assert "R933 U 2" in run(ledger, "check").output


@pytest.mark.parametrize(
    ("changed", "into"),
    [("Städ 1 & Söner AB", "Städ  1 & " + "Söner " * 30 + "AB"), ('fakturanr: "17"', f'fakturanr: "{"17" * 90}"')],
    ids=["a long name", "a long number"],
)
def test_what_a_bank_would_cut_is_cut_before(books: Callable[..., Path], changed: str, into: str) -> None:
    ledger = books(invoice(1, "1000.00", bankgiro=BANKGIRO).replace(changed, into))
    made = pay(ledger)
    assert made.exit_code == 0, made.output
    assert amounts(told(ledger.parent / "underlag/2025/betalning-2025-03-14.xml")) == [Decimal(1250)]


def test_what_is_not_paid_says_why(books: Callable[..., Path]) -> None:
    loose = invoice(1, "1000.00", bankgiro=BANKGIRO).replace(" ^L-2025-0001", "")
    credit = invoice(2, "-3000.00").replace("Städ 2", "Städ 3")
    ledger = books(loose, credit, invoice(3, "2000.00", bankgiro=BANKGIRO))
    made = pay(ledger)
    assert "L 1: verifikationen saknar länk" in made.output, made.output
    assert "^L-2025-0001" in made.output
    assert "Städ 3 & Söner AB är skyldig oss 3 750,00 kr: kvitta det först" in made.output.replace("\xa0", " ")
    assert "Det finns inget att betala." in made.output


def test_without_a_mapping_one_of_these_books_is_shown(books: Callable[..., Path]) -> None:
    ledger = books()
    own = MAPPING[: MAPPING.index("[payments]")].replace("Assets:FK", "Assets:NAV")
    ledger.with_name("import.toml").write_text(own, encoding="utf-8")
    assert 'sent = "Assets:NAV:1990-Utbetalningar-på-väg"' in pay(ledger).output


def test_no_bank_pays_in_a_weekend(books: Callable[..., Path]) -> None:
    ledger = books(invoice(1, "1000.00", bankgiro=BANKGIRO))
    refused = pay(ledger, "2025-03-16")
    assert refused.exit_code == 1
    assert "--day 2025-03-14 --until 2025-03-17" in refused.output


def digits_with_luhn(body: str) -> str:
    return next(f"{body}{last}" for last in range(10) if has_luhn(f"{body}{last}"))


def iban_of(country: str, body: str) -> str:
    return next(each for n in range(100) if has_mod_97(each := f"{country}{n:02}{body}"))


NUMBERS = st.text("0123456789", min_size=6, max_size=7)
KINDS = st.one_of(
    NUMBERS.map(lambda body: CreditAccount("bankgiro", digits_with_luhn(body))),
    NUMBERS.map(lambda body: CreditAccount("plusgiro", digits_with_luhn(body))),
    st.text("0123456789", min_size=20, max_size=20).map(lambda body: CreditAccount("iban", iban_of("SE", body))),
    st.text("123456789", min_size=11, max_size=15).map(lambda number: CreditAccount("konto", number)),
)
LETTERS = st.characters(codec="utf-8", exclude_categories=("C", "Z"))
TEXT = st.text(LETTERS, min_size=1, max_size=40) | st.text(LETTERS, min_size=70, max_size=70)
"""Up to the longest name that is written whole."""
TRANSFERS = st.builds(
    CreditTransfer,
    id=st.integers(1, 99999).map(lambda number: f"L-2025-{number:04}.20250314"),
    amount=st.decimals("0.01", "99999999", places=2),
    payee=TEXT,
    account=KINDS,
    reference=st.just(""),
    message=TEXT,
)


@settings(max_examples=1000 // SHARE, deadline=None)
@given(
    transfers=st.lists(TRANSFERS, min_size=1, max_size=5),
    purpose=st.sampled_from(["SUPP", "SALA", ""]),
    version=st.sampled_from(VERSIONS),
)
def test_any_payments_are_valid_and_read_back_as_they_were(
    transfers: list[CreditTransfer], purpose: str, version: str
) -> None:
    payer = Payer("Förbundet", "222000-1234", CreditAccount("iban", IBAN), "ESSESESS")
    batch = TransferBatch("BET-20250314-1", purpose, date(2025, 3, 14), tuple(transfers))
    content = write_payments(PaymentFile("BET-20250314", datetime(2025, 3, 14, 8), payer, (batch,), version))
    fast_schema(version).assertValid(etree.fromstring(content))
    read = read_payments(Document(Path("fil.xml"), content))
    assert read == PaymentFile("BET-20250314", None, payer, (batch,), version)
