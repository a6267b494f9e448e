"""The federation's books with 2025 begun: what a clerk types into, in a copy.

books = begun_2025(folder)                       its main file; check finds nothing
type_in(books, "2025-03-10 * ...")               writes at the end of the unit's file of 2025
"""

import shutil
from pathlib import Path

LEDGER = Path(__file__).parent.parent / "ledger"
FILE = "units/navet/2025.bean"

FIRST = """2025-01-08 * "Leverantör 018 Städ" "Städning januari 2025" ^L-2025-0001
  ver: "L 1"
  underlag: "underlag/2025/L-0001.pdf"
  attest: "BVC-NAV"
  mottagning: "HL-NAV"
  forfallodag: 2025-01-23
  Expenses:NAV:6120-Städning                30770.00 SEK
  Assets:FK:1650-Momsfordran                 7692.50 SEK
  Liabilities:NAV:2510-Leverantörsskulder  -38462.50 SEK
"""


TAKEN_IN = """
2025-01-01 ! "Överskott 2024 intas 2025"
  ver: "{number}"
  Liabilities:{unit}:2998-Överskott:2024   {amount} SEK
  Income:{unit}:3198-Överskott:2024       -{amount} SEK
"""
SURPLUSES = {
    "business-region-boras": ("BRB", "573650.00"),
    "dataskyddsombud": ("DSO", "571760.00"),
    "medarbetarcentrum": ("MC", "429031.00"),
    "narvardssamverkan": ("NVS", "2342350.00"),
    "vard-och-omsorgscollege": ("VOC", "324945.00"),
}


def begun_2025(folder: Path) -> Path:
    """Copy the books, begin 2025 as the program proposes (tests/ledger/test_typing.py), and return their main file."""
    copy = folder / "ledger"
    shutil.copytree(LEDGER, copy, ignore=shutil.ignore_patterns(".*"))
    books = copy / "main.bean"
    text = books.read_text(encoding="utf-8")
    before = 'include "units/navet/2024.bean"\n'
    assert before in text
    books.write_text(text.replace(before, f'{before}include "{FILE}"\n'), encoding="utf-8")
    (copy / FILE).write_text(FIRST, encoding="utf-8")
    for number, name in enumerate(SURPLUSES, 1):
        with (copy / "units" / name / "2024.bean").open("a", encoding="utf-8") as file:
            file.write(taken_in(name, f"B {number}"))
    return books


def taken_in(name: str, number: str) -> str:
    """Return how a unit, by its folder, takes in its surplus of 2024."""
    unit, amount = SURPLUSES[name]
    return TAKEN_IN.format(number=number, unit=unit, amount=amount)


def type_in(books: Path, text: str, file: str = FILE) -> None:
    """Write at the end of a file of the books."""
    path = books.parent / file
    path.write_text(f"{path.read_text(encoding='utf-8')}\n{text}", encoding="utf-8")
