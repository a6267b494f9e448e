"""`forbundsbok open-data`: what was bought of suppliers is published to the öre, and no person is."""

import csv
import re
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from forbundsbok.plugins.loading import LoadedLedger
from forbundsbok.scripts.forbundsbok import main
from tests.main_file import head

HEAD = f"""{head("Räddningstjänsten Norra")}
2024-12-31 custom "organisationsnummer" "222000-0315"
2024-12-31 custom "person" "AC" "Anna Carlsson"
2024-12-31 custom "person" "BL" "Berit Lund"
2024-12-31 custom "person" "DM" "David Moberg"
2024-12-31 custom "unit" "RT" "Räddningstjänst"
  overskott: "behalls"
2024-12-31 custom "unit" "UTB" "Utbildning"
  overskott: "behalls"
2024-12-31 custom "attest" "BL" "RT" 500000.00 SEK
2024-12-31 custom "attest" "BL" "UTB" 500000.00 SEK
2024-12-31 open Assets:RT:1650-Momsfordran SEK
2024-12-31 open Assets:RT:1790-Avräkning SEK
2024-12-31 open Assets:RT:1910-Kassa-och-bank SEK
2024-12-31 open Assets:UTB:1790-Avräkning SEK
2024-12-31 open Equity:RT:2010-Eget-kapital SEK
2024-12-31 open Liabilities:RT:2510-Leverantörsskulder SEK
2024-12-31 open Expenses:RT:6510-Kontorsmaterial SEK
2024-12-31 open Expenses:RT:7050-Kurser-och-konferenser:Kurs SEK
2024-12-31 open Expenses:UTB:7050-Kurser-och-konferenser SEK

2024-12-31 * "Ingående balanser"
  ver: "B 1"
  Assets:RT:1910-Kassa-och-bank            100000.00 SEK
  Liabilities:RT:2510-Leverantörsskulder     -700.00 SEK
  Equity:RT:2010-Eget-kapital              -99300.00 SEK

2025-01-20 * "Gamla AB" "Betalning"
  ver: "U 1"
  attest: "BL"
  Liabilities:RT:2510-Leverantörsskulder      700.00 SEK
  Assets:RT:1910-Kassa-och-bank              -700.00 SEK
"""


def invoice(number: int, payee: str, rows: str, meta: str = "", *, flag: str = "*", day: str = "2025-02-10") -> str:
    """Return a supplier invoice of some rows, `Expenses:RT:6510-Kontorsmaterial 100.00`, with 25 per cent VAT."""
    net = sum((Decimal(row.split()[-1]) for row in rows.strip().splitlines()), Decimal())
    own = "".join(f"  {row.strip()} SEK\n" for row in rows.strip().splitlines())
    return (
        f'\n{day} {flag} "{payee}" "Inköp {number}" ^L-2025-{number:04}\n  ver: "L {number}"\n'
        f'  attest: "BL"\n  mottagning: "DM"\n'
        f"{meta}{own}  Assets:RT:1650-Momsfordran {net / 4:.2f} SEK\n"
        f"  Liabilities:RT:2510-Leverantörsskulder {-net * 5 / 4:.2f} SEK\n"
    )


PENS = "Expenses:RT:6510-Kontorsmaterial 100.00"
BOOKS = "".join((
    HEAD,
    invoice(1, "Kontorsbolaget AB", PENS, '  orgnr: "556677-8899"\n  fakturanr: "F 17"\n'),
    invoice(2, "=Kontorsbolaget AB", PENS, '  orgnr: "556677-8899"\n'),
    invoice(3, "kontorsbolaget ab", "Expenses:RT:6510-Kontorsmaterial 40.50"),  # whose number another invoice has
    invoice(
        4,
        "Kurser GmbH",
        "Expenses:RT:7050-Kurser-och-konferenser:Kurs 1000.00\nExpenses:UTB:7050-Kurser-och-konferenser 300.00",
        '  orgnr: "DE129273398"\n',
    ),
    invoice(5, "Kontorsbolaget AB", "Expenses:RT:6510-Kontorsmaterial -20.00", day="2025-03-01"),
    invoice(6, "Elins Städ", PENS, '  orgnr: "811228-9874"\n'),
    invoice(7, "Elins Fönster", PENS, '  orgnr: "198112289874"\n'),
    invoice(8, "Elins Golv", PENS, '  orgnr: "SE811228987401"\n'),
    invoice(9, "Carlsson, Anna", "Expenses:RT:6510-Kontorsmaterial 55.55", '  orgnr: "556677-8899"\n'),
    invoice(10, "Okänd", "Expenses:RT:6510-Kontorsmaterial 4000.00"),
    invoice(11, "Kontorsbolaget AB", "Expenses:RT:6510-Kontorsmaterial 8.00", flag="!"),
    """
2025-03-05 * "Rättelse: kurs"
  ver: "M 1"
  rattar: "L 1"
  attest: "BL"
  Expenses:RT:6510-Kontorsmaterial              -100.00 SEK
  Expenses:RT:7050-Kurser-och-konferenser:Kurs   100.00 SEK

2025-03-06 * "Rättelse: städning"
  ver: "M 2"
  rattar: "L 6"
  attest: "BL"
  Expenses:RT:6510-Kontorsmaterial              -100.00 SEK
  Expenses:RT:7050-Kurser-och-konferenser:Kurs   100.00 SEK

2025-03-10 * "Kontorsbolaget AB" "Betalning" ^L-2025-0001
  ver: "U 2"
  attest: "BL"
  Liabilities:RT:2510-Leverantörsskulder         125.00 SEK
  Assets:RT:1910-Kassa-och-bank                 -125.00 SEK
""",
))  # fmt: skip
BUYER = "2220000315,Räddningstjänsten Norra"
FILE = f"""\
kopare_id,kopare,verifikationsnummer,leverantor,leverantor_id,konto_nr,konto_text,belopp,datum,forvaltning,\
fakturanummer,grund,avtal,kommun_id,s_kod_nr
{BUYER},L 1,Kontorsbolaget AB,5566778899,6510,Kontorsmaterial,100.00,2025-02-10,Räddningstjänst,F 17,,,,
{BUYER},L 2,'=Kontorsbolaget AB,5566778899,6510,Kontorsmaterial,100.00,2025-02-10,Räddningstjänst,,,,,
{BUYER},L 3,kontorsbolaget ab,5566778899,6510,Kontorsmaterial,40.50,2025-02-10,Räddningstjänst,,,,,
{BUYER},L 4,Kurser GmbH,DE129273398,7050,Kurser och konferenser,1000.00,2025-02-10,Räddningstjänst,,,,,
{BUYER},L 4,Kurser GmbH,DE129273398,7050,Kurser och konferenser,300.00,2025-02-10,Utbildning,,,,,
{BUYER},L 5,Kontorsbolaget AB,5566778899,6510,Kontorsmaterial,-20.00,2025-03-01,Räddningstjänst,,,,,
{BUYER},M 1,Kontorsbolaget AB,5566778899,6510,Kontorsmaterial,-100.00,2025-03-05,Räddningstjänst,F 17,,,,
{BUYER},M 1,Kontorsbolaget AB,5566778899,7050,Kurser och konferenser,100.00,2025-03-05,Räddningstjänst,F 17,,,,
"""


@pytest.fixture
def books(tmp_path: Path) -> Path:
    path = tmp_path / "main.bean"
    path.write_text(BOOKS, encoding="utf-8")
    return path


def run(books: Path, *args: str, answer: str = "") -> Result:
    out = str(books.parent / "ut.csv")
    return CliRunner().invoke(main, ["open-data", *args, "--out", out, "--ledger", str(books)], input=answer)


def told(result: Result) -> dict[str, list[str]]:
    """Return the numbers of each line, by its beginning."""
    lines = (re.split(r"  +", line.strip()) for line in result.stdout.splitlines())
    return {label: numbers for label, *numbers in lines}


def test_the_file_has_the_columns_of_the_specification_and_no_person(books: Path) -> None:
    result = run(books, "2025")
    assert result.exit_code == 0, result.output
    assert (books.parent / "ut.csv").read_text(encoding="utf-8") == FILE
    assert result.stderr == ""


def test_what_is_left_out_is_told_and_all_comes_to_the_supplier_account(books: Path) -> None:
    lines = told(run(books, "2025"))
    assert lines["I filen"] == ["8", "1 520,50"]
    assert lines["Utelämnat: privatpersoner och enskilda firmor"] == ["6", "355,55"]  # with what corrects them
    assert lines["Utelämnat: leverantörer utan organisationsnummer"] == ["1", "4 000,00"]
    assert lines["Utelämnat: väntar på attest"] == ["1", "8,00"]
    written = (Decimal(each) for each in re.findall(r"2510-Leverantörsskulder +(-?[\d.]+) SEK", BOOKS))
    assert lines["Skuld när perioden slutar, som på kontona"] == [f"{-sum(written):,.2f}".translate(SWEDISH)]
    march = told(run(books, "2025-03", "--yes"))
    assert march["I filen"] == ["3", "-20,00"]
    assert march["Betalt och reglerat på annat sätt"] == ["-125,00"]


SWEDISH = str.maketrans(",.", " ,")


def test_suppliers_without_number_are_published_when_somebody_has_looked(books: Path) -> None:
    lines = told(run(books, "2025", "--unnumbered"))
    assert lines["I filen"] == ["9", "5 520,50"]
    assert lines["Utelämnat: privatpersoner och enskilda firmor"] == ["6", "355,55"]
    with (books.parent / "ut.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["leverantor_id"] for row in rows if row["leverantor"] == "Okänd"] == [""]


def test_a_compulsory_column_that_is_empty_is_told(books: Path) -> None:
    books.write_text(BOOKS.replace('2024-12-31 custom "organisationsnummer" "222000-0315"\n', ""), encoding="utf-8")
    result = run(books, "2025", "--unnumbered")
    assert result.exit_code == 0
    assert "kopare_id är obligatorisk" in result.stderr
    assert "leverantor_id är obligatorisk" in result.stderr


@pytest.mark.parametrize(
    ("args", "why", "code"),
    [(("2031",), "ingenting är köpt", 1), (("2025-13",), "är inget år", 2), ((), "PERIOD", 2), (("2024",), "köpt", 1)],
)
def test_what_is_wrong_is_said_and_writes_nothing(books: Path, args: tuple[str, ...], why: str, code: int) -> None:
    result = run(books, *args)
    assert result.exit_code == code
    assert why in result.stderr
    assert not (books.parent / "ut.csv").exists()


def test_with_nobody_left_to_publish_nothing_is_written_and_another_file_only_on_a_yes(books: Path) -> None:
    books.write_text(HEAD + invoice(1, "Okänd", PENS), encoding="utf-8")
    result = run(books, "2025")
    assert result.exit_code == 1
    assert "--unnumbered" in result.stderr
    (books.parent / "ut.csv").write_text("annat", encoding="utf-8")
    assert run(books, "2025", "--unnumbered", answer="n\n").exit_code == 1
    assert (books.parent / "ut.csv").read_text(encoding="utf-8") == "annat"


def test_all_purchases_of_the_books_are_in_it(sjuharad_loaded: LoadedLedger, sjuharad: Path, tmp_path: Path) -> None:
    """Held against what the vouchers of the series of supplier invoices have beside their debt and their VAT."""
    out = tmp_path / "ut.csv"
    words = ["open-data", "2024", "--unnumbered", "--out", str(out), "--ledger", str(sjuharad)]
    ran = CliRunner().invoke(main, words)
    assert ran.exit_code == 0, ran.output
    expected = sum(
        (
            row.units.number
            for entry in sjuharad_loaded.entries
            if entry.date.year == 2024 and str(entry.meta.get("ver")).startswith("L ")
            for row in entry.postings
            if not re.search(r":(2510|1650|2610|1790)-", row.account)
        ),
        Decimal(),
    )
    with out.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert sum((Decimal(row["belopp"]) for row in rows), Decimal()) == expected
    assert all(row["leverantor"] and row["forvaltning"] and row["konto_nr"] for row in rows)
