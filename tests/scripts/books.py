"""A small federation's books, and the BgMax documents that come into them."""

from pathlib import Path

from tests.main_file import head

MAIN = f"""{head("Räddningstjänsten Norra")}
include "2025.bean"

2024-12-31 custom "unit" "RT" "Räddningstjänst"
  overskott: "behalls"
2024-12-31 open Assets:RT:1910-Kassa-och-bank SEK
2024-12-31 open Equity:RT:2010-Eget-kapital SEK
2024-12-31 open Liabilities:RT:2890-Observationskonto SEK
"""
VOUCHERS = """2024-12-31 * "Ingående balanser"
  ver: "B 1"
  Assets:RT:1910-Kassa-och-bank   100000.00 SEK
  Equity:RT:2010-Eget-kapital    -100000.00 SEK
"""
MAPPING = """[bgmax."9912346"]
account = "Assets:RT:1910-Kassa-och-bank"
observation = "Liabilities:RT:2890-Observationskonto"

[sie]
default-unit = "RT"
"""


def make_books(folder: Path, main: str = MAIN) -> Path:
    """Write books with a mapping, and return their main file."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in (("main.bean", main), ("2025.bean", VOUCHERS), ("import.toml", MAPPING)):
        (folder / name).write_text(text, encoding="utf-8")
    return folder / "main.bean"


def bgmax(day: str, *ore: int, serial: int = 1) -> bytes:
    """Return a BgMax file of one deposit, on a day as 20250314, with a payment of each amount."""
    payments = [
        f"200003783511{number:>25}{each:018}21{number:012}0".ljust(80) for number, each in enumerate(ore, 660001)
    ]
    records = [
        f"01{'BGMAX':20}01{'20250314173035010331P'}",
        f"05{9912346:010}{'':10}SEK",
        *payments,
        f"15{58410000010098232:035}{day}{serial:05}{sum(ore):018}SEK{len(ore):08}",
        f"70{len(ore):08}{0:08}{0:08}{1:08}",
    ]
    return "\r\n".join(record.ljust(80) for record in records).encode("latin-1")


SIE = """#FLAGGA 0
#PROGRAM "Ekonomi" 1.0
#FORMAT PC8
#GEN 20250102
#SIETYP 4
#FNAMN "Räddningstjänsten Södra"
#RAR 0 20240101 20241231
#KONTO 1910 "Kassa och bank"
#KONTO 2010 "Eget kapital"
#KONTO 3119 "Medlemsavgifter"
#IB 0 1910 1000.00
#UB 0 1910 4000.00
#IB 0 2010 -1000.00
#UB 0 2010 -1000.00
#RES 0 3119 -3000.00
#VER I 1 20240301 "Medlemsavgift"
{
#TRANS 1910 {} 3000.00
#TRANS 3119 {} -3000.00
}
"""
