"""The VAT return: what it declares is what was settled with Skatteverket, and each kind of row has its box."""

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from beancount.core import data

from forbundsbok.plugins.books import Books
from forbundsbok.plugins.loading import LoadedLedger, load_ledger
from forbundsbok.plugins.months import Month
from forbundsbok.queries.general_ledger import GeneralLedger, read
from forbundsbok.queries.proofs import StatementError
from forbundsbok.queries.vat_return import OUTPUT, VatBalance, VatReturn, _prove, declared, settlement_of, vat_return
from tests.main_file import head

MONTHS = ["januari", "februari", "mars", "april", "maj", "juni", "juli"]
MONTHS += ["augusti", "september", "oktober", "november", "december"]

BOOKS = f"""{head("Räddningstjänsten Norra")}
2024-12-31 custom "unit" "RT" "Räddningstjänst"
  overskott: "behalls"
2024-12-31 custom "attest" "CHEF" "RT" 500000.00 SEK
2024-12-31 open Assets:RT:1510-Kundfordringar SEK
2024-12-31 open Assets:RT:1641-Ingående-moms SEK
2024-12-31 open Assets:RT:1910-Kassa-och-bank SEK
2024-12-31 open Equity:RT:2010-Eget-kapital SEK
2024-12-31 open Liabilities:RT:2510-Leverantörsskulder SEK
2024-12-31 open Liabilities:RT:2610-Utgående-moms SEK
2024-12-31 open Income:RT:3010-Försäljning SEK
2024-12-31 open Income:RT:3011-Kurser SEK
2024-12-31 open Income:RT:3119-Medlemsavgifter:Norrby SEK
2024-12-31 open Expenses:RT:6540-Molntjänster SEK
2024-12-31 * "Ingående balanser"
  ver: "B 1"
  Assets:RT:1910-Kassa-och-bank   100000.00 SEK
  Equity:RT:2010-Eget-kapital    -100000.00 SEK
"""
SALE = """
2025-01-15 * "Bolaget AB" "Brandutbildning" ^K-1
  ver: "K 1"
  forfallodag: 2025-02-14
  Assets:RT:1510-Kundfordringar     1380.00 SEK
  Income:RT:3010-Försäljning       -1000.00 SEK
  Income:RT:3011-Kurser             -120.00 SEK
  Liabilities:RT:2610-Utgående-moms -260.00 SEK
"""
FREE = """
2025-02-15 * "Norrby kommun" "Kurs och avgift"
  ver: "I 1"
  Assets:RT:1910-Kassa-och-bank            1500.00 SEK
  Income:RT:3011-Kurser                    -500.00 SEK
  Income:RT:3119-Medlemsavgifter:Norrby   -1000.00 SEK
"""
REVERSED = """
2025-02-20 * "Molntjänster Ltd" "Lagring" ^L-1
  ver: "L 1"
  attest: "CHEF"
  mottagning: "HL"
  forfallodag: 2025-03-14
  Expenses:RT:6540-Molntjänster       800.00 SEK
  Assets:RT:1641-Ingående-moms        200.00 SEK
  Liabilities:RT:2610-Utgående-moms  -200.00 SEK
  Liabilities:RT:2510-Leverantörsskulder -800.00 SEK
"""
CORRECTED = """
2025-02-25 * "Bolaget AB" "Rättelse: hela beloppet har 25 %"
  ver: "K 2"
  rattar: "K 1"
  Income:RT:3011-Kurser               10.00 SEK
  Liabilities:RT:2610-Utgående-moms  -10.00 SEK
"""


def books_of(folder: Path, *texts: str) -> tuple[Books, GeneralLedger]:
    path = folder / "main.bean"
    path.write_text(BOOKS + "".join(texts), encoding="utf-8")
    loaded = load_ledger(path)
    return Books(loaded.entries, loaded.options), read(loaded.entries, loaded.options)


def declaration_of(folder: Path, month: int, *texts: str) -> VatReturn:
    return vat_return(*books_of(folder, *texts), Month(2025, month), Month(2025, month))


def exact(declaration: VatReturn) -> dict[str, str]:
    return {box: str(number) for box, number in sorted(declaration.boxes.items()) if number}


@pytest.fixture(scope="module")
def federation(sjuharad_loaded: LoadedLedger, sjuharad_ledger: GeneralLedger) -> tuple[Books, GeneralLedger]:
    return Books(sjuharad_loaded.entries, sjuharad_loaded.options), sjuharad_ledger


def test_each_month_declares_what_was_settled_with_skatteverket(federation: tuple[Books, GeneralLedger]) -> None:
    """The settlements are vouchers of their own: they are the second source of both sides of the return."""
    output: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    deducted: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for entry in federation[0].vouchers:
        _, said, name = (entry.narration or "").partition(" av moms ")
        if said:
            of, _, year = name.partition(" ")
            for row in entry.postings:
                assert row.units is not None
                if ":2610-" in row.account:
                    output[year, of] += row.units.number or 0
                elif ":1650-" in row.account:
                    deducted[year, of] -= row.units.number or 0
    settled = [key for key in output if key[0] > "2022"]
    assert len(settled) == 22
    for year, name in settled:
        month = Month(int(year), MONTHS.index(name) + 1)
        declaration = vat_return(*federation, month, month)
        assert not declaration.unplaced
        assert sum(declaration.boxes.get(box, 0) for box in OUTPUT) == output[year, name]
        assert declaration.boxes["48"] == deducted[year, name]
        assert settlement_of(federation[0], declaration, month.last_day, "") is None


def test_a_quarter_is_its_months(federation: tuple[Books, GeneralLedger]) -> None:
    months = [vat_return(*federation, Month(2024, number), Month(2024, number)) for number in (1, 2, 3)]
    quarter = vat_return(*federation, Month(2024, 1), Month(2024, 3))
    for box in {box for each in months for box in each.boxes}:
        assert quarter.boxes[box] == sum(each.boxes.get(box, 0) for each in months)


def test_a_sale_of_two_rates_has_each_row_in_its_box(tmp_path: Path) -> None:
    mixed = SALE.replace("-260.00", "-264.40").replace("1380.00", "1384.40")
    assert exact(declaration_of(tmp_path, 1, mixed)) == {"05": "1120.00", "10": "250.00", "11": "14.40"}


def test_what_has_no_vat_is_other_sales_and_no_contribution(tmp_path: Path) -> None:
    assert exact(declaration_of(tmp_path, 2, FREE)) == {"42": "500.00"}


def test_what_is_bought_by_reverse_charge_waits_for_its_box(tmp_path: Path) -> None:
    declaration = declaration_of(tmp_path, 2, REVERSED)
    assert [each.vat for each in declaration.unplaced] == [Decimal("200.00")]
    assert "momsruta" in str(declaration.unplaced[0].why)
    told = '2025-01-01 custom "momsruta" "Molntjänster Ltd" "21"\n'
    declaration = declaration_of(tmp_path, 2, told, REVERSED)
    assert not declaration.unplaced
    assert exact(declaration) == {"21": "800.00", "30": "200.00", "48": "200.00"}
    assert declared(declaration.boxes, "49") == 0


def test_a_box_is_said_of_what_comes_after_it(tmp_path: Path) -> None:
    late = '2025-02-21 custom "momsruta" "Molntjänster Ltd" "21"\n'
    assert declaration_of(tmp_path, 2, late, REVERSED).unplaced
    own = '2025-01-01 custom "momsruta" "Income:RT:3011-Kurser" "39"\n'
    assert exact(declaration_of(tmp_path, 2, own, FREE)) == {"39": "500.00"}


def test_vat_of_no_rate_is_told(tmp_path: Path) -> None:
    declaration = declaration_of(tmp_path, 1, SALE.replace("-260.00", "-333.00").replace("1380.00", "1453.00"))
    assert [each.vat for each in declaration.unplaced] == [Decimal("333.00")]
    assert "25, 12, 6" in str(declaration.unplaced[0].why)


def test_a_correction_counts_in_its_own_month(tmp_path: Path) -> None:
    sale = SALE.replace("-260.00", "-250.00").replace("1380.00", "1370.00")
    turned = CORRECTED.replace("10.00", "24.00")
    january, february = (declaration_of(tmp_path, month, sale, turned) for month in (1, 2))
    assert exact(january) == {"05": "1000.00", "10": "250.00", "42": "120.00"}
    assert exact(february) == {"05": "96.00", "10": "24.00", "42": "-120.00"}


def test_vat_that_municipalities_are_compensated_for_is_in_no_box(tmp_path: Path) -> None:
    bought = REVERSED.replace("  Liabilities:RT:2610-Utgående-moms  -200.00 SEK\n", "").replace("-800", "-1000")
    kind = '2024-12-31 custom "kontoslag" "1641" "kommunmoms"\n'
    declaration = declaration_of(tmp_path, 2, kind, bought)
    assert declaration.compensation == 200
    assert declared(declaration.boxes, "48") == 0


def test_a_settlement_goes_to_the_account_of_returns_where_there_is_one(tmp_path: Path) -> None:
    opened = "2024-12-31 open Liabilities:RT:2650-Momsredovisning SEK\n"
    told = '2025-01-01 custom "momsruta" "Molntjänster Ltd" "21"\n'
    bought = REVERSED.replace("2025-02-20", "2025-01-20")
    sale = SALE.replace("-260.00", "-280.00").replace("1380.00", "1400.00")
    books, ledger = books_of(tmp_path, opened, told, sale, bought)
    declaration = vat_return(books, ledger, Month(2025, 1), Month(2025, 1))
    entry = settlement_of(books, declaration, Month(2025, 1).last_day, "FD")
    assert entry is not None
    assert rows(entry) == {
        "Assets:RT:1641-Ingående-moms": "-200.00",
        "Liabilities:RT:2610-Utgående-moms": "480.00",
        "Liabilities:RT:2650-Momsredovisning": "-280.00",
    }
    assert entry.meta["attest"] == "FD"


def test_output_vat_is_set_off_and_the_rest_waits(tmp_path: Path) -> None:
    bought = REVERSED.replace("2025-02-20", "2025-01-20")
    books, ledger = books_of(tmp_path, SALE.replace("-260.00", "-280.00").replace("1380.00", "1400.00"), bought)
    declaration = vat_return(books, ledger, Month(2025, 1), Month(2025, 1))
    entry = settlement_of(books, declaration, Month(2025, 1).last_day, "")
    assert entry is not None
    assert rows(entry) == {"Assets:RT:1641-Ingående-moms": "-200.00", "Liabilities:RT:2610-Utgående-moms": "200.00"}
    assert entry.flag == "!"


def test_boxes_that_are_not_the_accounts_are_never_shown(tmp_path: Path) -> None:
    books, _ = books_of(tmp_path, SALE)
    account = "Liabilities:RT:2610-Utgående-moms"
    right = VatBalance(account, Decimal(0), Decimal(-260), Decimal(0), Decimal(-260))
    _prove({"10": Decimal(260)}, [right], books)
    with pytest.raises(StatementError):
        _prove({"10": Decimal(250)}, [right], books)
    with pytest.raises(StatementError):
        _prove({"10": Decimal(260)}, [replace(right, closing=Decimal(-250))], books)


def rows(entry: data.Transaction) -> dict[str, str]:
    return {row.account: str(row.units.number) for row in entry.postings if row.units}
