"""`forbundsbok control`: a sample is drawn and read, what came of it is entered, and the year is summed up."""

import csv
import io
import re
from pathlib import Path

import pikepdf
import pytest
from click.testing import CliRunner, Result

from forbundsbok.plugins.loading import load_ledger
from forbundsbok.scripts.forbundsbok import main
from tests.main_file import head

PLAN = """;; Internkontrollplanen

2025-01-01 custom "internkontroll" "2a" "Leverantörsfakturor och kontering"
  omrade: "Redovisning"
  ansvarig: "Controller"
  ganger: 2
  urval: "kredit leverantorsskulder"
  provas: "belopp, konto"
  regler: "A601"

2025-01-01 custom "internkontroll" "2b" "Utbetalningar"
  omrade: "Redovisning"
  ansvarig: "Controller"
  ganger: 2
  urval: "debet leverantorsskulder"

2025-01-01 custom "internkontroll" "9" "Kontokorten är aktuella"
  omrade: "Företagskort"
  ansvarig: "Ekonom | kansli"
  ganger: 1
  metod: "Genomgång"
"""
BOOKS = f"""{head("Räddningstjänsten Norra")}
include "internkontroll.bean"
include "2025.bean"
2024-12-31 custom "unit" "RT" "Räddningstjänst"
  overskott: "behalls"
2024-12-31 custom "unit" "UTB" "Utbildning"
  overskott: "behalls"
2024-12-31 custom "attest" "CHEF" "RT" 500000.00 SEK
2024-12-31 custom "attest" "CHEF" "UTB" 500000.00 SEK
2025-01-01 custom "arkiv" "Förbundets e-arkiv"
2024-12-31 open Assets:RT:1910-Kassa-och-bank SEK
2024-12-31 open Assets:RT:1790-Avräkning SEK
2024-12-31 open Assets:UTB:1790-Avräkning SEK
2024-12-31 open Equity:RT:2010-Eget-kapital SEK
2024-12-31 open Liabilities:RT:2510-Leverantörsskulder SEK
2024-12-31 open Liabilities:UTB:2510-Leverantörsskulder SEK
2024-12-31 open Expenses:RT:6020-Lokalhyror SEK
2024-12-31 open Expenses:UTB:6020-Lokalhyror SEK
2024-12-31 * "Ingående balanser"
  ver: "B 1"
  Assets:RT:1910-Kassa-och-bank   300000.00 SEK
  Equity:RT:2010-Eget-kapital    -300000.00 SEK
"""


def invoice(number: int, day: str, kronor: int, unit: str = "RT", more: str = "") -> str:
    return f"""
{day} * "Leverantör {number:03} Hyror" "Hyra {number}" ^L-2025-{number:04}
  ver: "L {number}"
  underlag: "underlag/L-{number:04}.pdf"
  attest: "CHEF"
  mottagning: "HL"
  forfallodag: 2025-12-31
{more}  Expenses:{unit}:6020-Lokalhyror             {kronor}.00 SEK
  Liabilities:{unit}:2510-Leverantörsskulder  -{kronor}.00 SEK
"""


VOUCHERS = "".join(
    invoice(number, f"2025-0{number // 3 + 1}-1{number % 3}", 900 + 317 * number, "UTB" if number % 3 else "RT")
    for number in range(1, 16)
)


@pytest.fixture
def books(tmp_path: Path) -> Path:
    path = tmp_path / "main.bean"
    for name, text in (("main.bean", BOOKS), ("internkontroll.bean", PLAN), ("2025.bean", VOUCHERS)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "underlag").mkdir()
    for number in range(1, 8):
        (tmp_path / "underlag" / f"L-{number:04}.pdf").write_bytes(b"%PDF")
    return path


def run(books: Path, *args: str) -> Result:
    return CliRunner().invoke(main, ["control", *args, "--ledger", str(books)])


def protocol(books: Path, item: str = "2a") -> tuple[str, list[str], str]:
    """Return the protocol's number, the vouchers that it has, and all of it."""
    result = run(books, item, "--period", "2025-01--06")
    assert result.exit_code == 0, result.output
    numbers = re.findall(r"protokoll (\w{8})", result.output)
    return numbers[0] if numbers else "", re.findall(r"^\d+\. \S+  (\S+ \d+)", result.output, re.M), result.output


def record(books: Path, *args: str, item: str = "2a", by: str = "CTR", day: str = "2025-08-14") -> Result:
    given = ["--period", "2025-01--06", "--record", "--by", by, "--date", day, "--yes", *args]
    return run(books, item, *given)


def told(books: Path) -> list[tuple[str, str]]:
    """Return what the rules of internal control say: the rule, and its message."""
    loaded = load_ledger(books)
    found = [*loaded.errors, *loaded.warnings]
    return [(each.finding.rule, each.message) for each in found if each.finding.rule.startswith("H")]


def test_a_sample_is_drawn_read_and_entered_once(books: Path) -> None:
    number, vouchers, text = protocol(books)
    assert protocol(books) == (number, vouchers, text)
    assert len(vouchers) == 5
    assert "5 av 15 verifikationer" in text
    assert text.count("[ ] belopp  [ ] konto  [ ] utan anmärkning  [ ] anmärkning: __") == 5
    assert "A601 har sett alla 15 verifikationer: inga fynd" in text
    kept = [f"underlag/L-{int(each.split()[1]):04}.pdf" for each in vouchers]
    missing = [f"{each}, finns inte i böckernas mapp" in text for each in kept]
    assert missing == [int(each.split()[1]) > 7 for each in vouchers]

    before = (books.parent / "internkontroll.bean").read_text(encoding="utf-8")
    assert record(books, "--protocol", number, "--dry-run").exit_code == 0
    assert (books.parent / "internkontroll.bean").read_text(encoding="utf-8") == before
    assert record(books, "--protocol", number.upper(), "--note", "Inga brister").exit_code == 0
    after = (books.parent / "internkontroll.bean").read_text(encoding="utf-8")
    assert after.startswith(before)
    assert f'verifikationer: "{", ".join(vouchers)}"' in after
    again = record(books, "--protocol", number, "--note", "Inga brister")
    assert (again.exit_code, "Det står redan i böckerna" in again.output) == (0, True)
    assert (books.parent / "internkontroll.bean").read_text(encoding="utf-8") == after
    assert "Redan kontrollerat: utan anmärkning: Inga brister (CTR 2025-08-14" in protocol(books)[2]
    assert told(books) == []


def test_a_voucher_that_is_changed_after_it_was_drawn_is_read_again(books: Path) -> None:
    number, vouchers, _ = protocol(books)
    changed = int(vouchers[2].split()[1])
    file = books.parent / "2025.bean"
    file.write_text(file.read_text(encoding="utf-8").replace(f'"Hyra {changed}"', '"Hyra, annan"'), encoding="utf-8")
    refused = record(books, "--protocol", number)
    assert refused.exit_code == 1
    assert f"protokollet {number} är inte för dessa verifikationer" in refused.output
    assert (books.parent / "internkontroll.bean").read_text(encoding="utf-8") == PLAN
    assert record(books, "--protocol", protocol(books)[0]).exit_code == 0
    file.write_text(file.read_text(encoding="utf-8").replace('"Hyra, annan"', '"Hyra, ny"'), encoding="utf-8")
    [(rule, message)] = told(books)
    assert (rule, vouchers[2] in message) == ("H110", True)


def test_what_comes_to_the_period_after_the_draw_leaves_the_protocol_as_it_is(books: Path) -> None:
    number, vouchers, _ = protocol(books)
    late = "".join(invoice(each, "2025-06-30", 50 * each, "RT") for each in range(16, 40))
    file = books.parent / "2025.bean"
    file.write_text(file.read_text(encoding="utf-8") + late, encoding="utf-8")
    assert protocol(books)[1] != vouchers
    assert record(books, "--protocol", number).exit_code == 1
    assert record(books, "--protocol", number, "--vouchers", ", ".join(vouchers)).exit_code == 0
    assert record(books, "--protocol", number, "--vouchers", "L 900").exit_code == 1
    assert record(books, "--protocol", number, "--vouchers", "tolv").exit_code == 1


def test_a_corrected_voucher_is_read_with_its_correction(books: Path) -> None:
    _, vouchers, _ = protocol(books)
    corrected = vouchers[0]
    rows = """
2025-06-20 * "Rättelse av enhet"
  ver: "M 1"
  attest: "CHEF"
  rattar: "{}"
  Expenses:RT:6020-Lokalhyror    100.00 SEK
  Expenses:UTB:6020-Lokalhyror  -100.00 SEK
"""
    file = books.parent / "2025.bean"
    file.write_text(file.read_text(encoding="utf-8") + rows.format(corrected), encoding="utf-8")
    _, same, text = protocol(books)
    assert same == vouchers
    assert text.count("rättad av M 1 2025-06-20: läs dem tillsammans") == 1


def test_nobody_controls_what_they_have_approved(books: Path) -> None:
    number, _, _ = protocol(books)
    refused = record(books, "--protocol", number, by="CHEF")
    assert refused.exit_code == 1
    assert "H108" in refused.output
    assert (books.parent / "internkontroll.bean").read_text(encoding="utf-8") == PLAN
    assert record(books, "--protocol", number, by="CHEF, CTR").exit_code == 0


def test_what_cannot_be_drawn_or_entered_says_why(books: Path) -> None:
    number, _, _ = protocol(books)
    for args, status, said in (
        (["8"], 1, "det finns ingen punkt 8 i planen; den har 2a, 2b, 9"),
        (["2a", "--period", "2025-Q1"], 1, "2a kontrolleras inte för 2025-01--03, utan för 2025-01--06, 2025-07--12"),
        (["2a", "--period", "2924-01--06"], 1, "2924-01--06 slutar 2924-06-30"),
        (["2a", "--period", "2024-01--06"], 1, "2a står inte i planen för 2024"),
        (["--period", "2024"], 1, "det finns ingen internkontrollplan för 2024"),
        (["--period", "2025-01"], 2, "Planen visas för ett år"),
        (["2a", "--out", str(books.with_name("p.doc"))], 2, "p.doc skrivs som .txt, .pdf"),
        (["2a", "--by", "CTR"], 2, "hör till --record"),
        (["2a", "--record"], 2, "vem som har kontrollerat"),
        (["2", "--record", "--by", "CTR"], 1, "2 har flera kontroller, var och en med sitt utfall: 2a, 2b"),
        (["2a", "--period", "2025-01--06", "--record", "--by", "CTR"], 1, "säg vilket protokoll som är ifyllt"),
        (["2a", "--period", "2025-07--12", "--record", "--by", "CTR"], 1, "är inte helt bokförd"),
    ):
        result = run(books, *args)
        assert (result.exit_code, said in result.output) == (status, True), (args, result.output)
    early = record(books, "--protocol", number, day="2025-05-02")
    assert (early.exit_code, "H105" in early.output) == (1, True)
    books.with_name("internkontroll.bean").write_text("", encoding="utf-8")
    assert "det finns ingen internkontrollplan" in run(books, "2a").output


def test_where_nothing_can_be_drawn_it_says_so(books: Path) -> None:
    _, vouchers, text = protocol(books, "2b")
    assert vouchers == []
    assert "det finns ingen verifikation att dra i perioden" in text
    assert record(books, item="2b").exit_code == 0


def test_a_year_is_summed_up_in_every_form(books: Path, tmp_path: Path) -> None:
    number, vouchers, _ = protocol(books)
    assert record(books, "--protocol", number, "--remark", f"{vouchers[0]} saknar projekt").exit_code == 0
    shown = run(books, "--period", "2025").output
    assert f"2025-01--06  anmärkning: {vouchers[0]} saknar projekt (CTR 2025-08-14: {', '.join(vouchers)})" in shown
    assert "2025-07--12  inte kontrollerad" in shown
    for name in ("ar.csv", "ar.md", "ar.pdf", "ar.txt"):
        assert run(books, "--out", str(tmp_path / name)).exit_code == 0
    assert (tmp_path / "ar.txt").read_text(encoding="utf-8") == shown
    heads, *rows = csv.reader(io.StringIO((tmp_path / "ar.csv").read_text(encoding="utf-8")))
    assert heads[0] == "Granskningsområde"
    assert [row[0] for row in rows] == ["2a Redovisning", "2b Redovisning", "9 Företagskort"]
    assert rows[0][2:4] == ["5 stickprov", "2 ggr/år samt löpande"]
    assert rows[0][5].startswith(f"2025-01--06: anmärkning: {vouchers[0]} saknar projekt; 2025-07--12: inte kontroll")
    assert "| Ekonom \\| kansli |" in (tmp_path / "ar.md").read_text(encoding="utf-8")
    first = (tmp_path / "ar.pdf").read_bytes()
    assert run(books, "--out", str(tmp_path / "ar.pdf"), "--yes").exit_code == 0
    assert (tmp_path / "ar.pdf").read_bytes() == first


def test_the_protocols_of_an_item_are_a_pdf_with_a_page_each(books: Path, tmp_path: Path) -> None:
    out = tmp_path / "p.pdf"
    assert run(books, "2", "--period", "2025-01--06", "--out", str(out)).exit_code == 0
    with pikepdf.open(out) as document:
        assert len(document.pages) == 2
        assert str(document.docinfo.Title) == "Internkontroll 2, 2025-01--06"
