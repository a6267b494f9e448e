"""The first federation's tariffs of 2024, in its books with 2025 begun, and inhabitants that give the printed fees.

The report says the tariffs (2.1.4) and, in notes 3 to 12, what each payer was charged in thousands. The inhabitants are
ours: each lies where all that is printed of its municipality comes out.
"""

import json
from pathlib import Path

from tests.open_year import begun_2025

MUNICIPALITIES = {
    "Bollebygd": ("Bollebygds kommun", "1443", "212000-2973", 9731),
    "Borås": ("Borås stad", "1490", "212000-1561", 114710),
    "Herrljunga": ("Herrljunga kommun", "1466", "212000-1520", 9508),
    "Mark": ("Marks kommun", "1463", "212000-1504", 35297),
    "Svenljunga": ("Svenljunga kommun", "1465", "212000-1512", 10790),
    "Tranemo": ("Tranemo kommun", "1452", "212000-1462", 11921),
    "Ulricehamn": ("Ulricehamns kommun", "1491", "212000-1579", 25169),
    "Vårgårda": ("Vårgårda kommun", "1442", "212000-1454", 12336),
    "Varberg": ("Varbergs kommun", "1383", "212000-1249", 68200),
}
"""Name, whole name, code, organisation number and inhabitants."""

TARIFFS = """
2025-01-01 custom "organisationsnummer" "222000-0315"
2025-01-01 custom "fakturering" "5050-1055"
  dagar: 30
  adress: "Torget 1, 501 80 Norrby"

2025-01-01 custom "avgiftsbetalare" "HSNK" "Delregional nämnd södra"
2025-01-01 custom "avgiftsbetalare" "SÄS och Närhälsan" "SÄS och Närhälsan"

2025-01-01 custom "taxa" "Basverksamhet"
  enheter: "FK 10,788, RU 16,234, VU 13,978"
  per-invanare: 41.00 SEK
2025-01-01 custom "taxa-betalare" "Basverksamhet" "Varberg"
  per-invanare: 11.00 SEK
2025-01-01 custom "taxa" "Utvecklingsmedel"
  enheter: "RU"
  per-invanare: 37.00 SEK
  utom: "Varberg"
2025-01-01 custom "taxa" "Business Region Borås"
  enheter: "BRB"
  per-invanare: 6.00 SEK
  utom: "Varberg"
2025-01-01 custom "taxa" "Dataskyddsombud"
  enheter: "DSO"
  fast: 139100.00 SEK
  per-invanare: 6.69 SEK
  utom: "Varberg"
2025-01-01 custom "taxa" "Närvårdssamverkan"
  enheter: "NVS"
  per-invanare: 6.00 SEK
  utom: "Varberg"
  andel: "HSNK 50"
2025-01-01 custom "taxa" "Vård- och omsorgscollege"
  enheter: "VOC"
  totalt: 798000.00 SEK
  utom: "Varberg"
2025-01-01 custom "taxa-betalare" "Vård- och omsorgscollege" "SÄS och Närhälsan"
  belopp: 118000.00 SEK
2025-01-01 custom "taxa" "Medarbetarcentrum"
  enheter: "MC"
  index: 2.5
2025-01-01 custom "taxa-betalare" "Medarbetarcentrum" "Borås"
  belopp: 1641000.00 SEK
2025-01-01 custom "taxa-betalare" "Medarbetarcentrum" "Mark"
  belopp: 596000.00 SEK
2025-01-01 custom "taxa-betalare" "Medarbetarcentrum" "Svenljunga"
  belopp: 177000.00 SEK
2025-01-01 custom "taxa-betalare" "Medarbetarcentrum" "Tranemo"
  belopp: 200000.00 SEK
2025-01-01 custom "taxa" "Navet"
  enheter: "NAV"
2025-01-01 custom "taxa-betalare" "Navet" "Borås"
  belopp: 6772000.00 SEK
2025-01-01 custom "taxa-betalare" "Navet" "Herrljunga"
  belopp: 202000.00 SEK
2025-01-01 custom "taxa-betalare" "Navet" "Mark"
  belopp: 817000.00 SEK
2025-01-01 custom "taxa-betalare" "Navet" "Svenljunga"
  belopp: 235000.00 SEK
2025-01-01 custom "taxa-betalare" "Navet" "Tranemo"
  belopp: 264000.00 SEK
2025-01-01 custom "taxa-betalare" "Navet" "Ulricehamn"
  belopp: 551000.00 SEK
"""


def payers() -> str:
    """Return the municipalities as payers."""
    return "".join(
        f'2025-01-01 custom "avgiftsbetalare" "{name}" "{full}"\n  kommunkod: "{code}"\n'
        f'  orgnr: "{number}"\n  referens: "ZZ{code}"\n  adress: "Kommunhuset, 123 45 {name}"\n'
        for name, (full, code, number, _) in MUNICIPALITIES.items()
    )


def json_stat(counts: dict[str, int | None], periods: tuple[str, ...] = ("2024",)) -> bytes:
    """Return inhabitants by code as SCB's database gives them: each period has the same."""
    codes = list(counts)
    return json.dumps(
        {
            "version": "2.0",
            "class": "dataset",
            "label": "Folkmängden efter region, tabellinnehåll och år",
            "source": "SCB",
            "id": ["Region", "ContentsCode", "Tid"],
            "size": [len(codes), 1, len(periods)],
            "dimension": {
                "Region": {"label": "region", "category": {"index": {code: at for at, code in enumerate(codes)}}},
                "ContentsCode": {
                    "label": "tabellinnehåll",
                    "category": {"index": {"BE0101N1": 0}, "label": {"BE0101N1": "Folkmängd"}},
                },
                "Tid": {"label": "år", "category": {"index": {period: at for at, period in enumerate(periods)}}},
            },
            "value": [count for count in counts.values() for _ in periods],
        }
    ).encode()


COUNTS: dict[str, int | None] = {code: count for _, code, _, count in MUNICIPALITIES.values()}


def books_with_tariffs(folder: Path) -> Path:
    """Return the books with 2025 begun and the tariffs declared, no inhabitants yet, and a file of SCB beside them."""
    books = begun_2025(folder)
    (books.parent / "taxor.bean").write_text(payers() + TARIFFS, encoding="utf-8")
    text = books.read_text(encoding="utf-8")
    before = 'include "units/forbundskansli/accounts.bean"\n'
    books.write_text(text.replace(before, f'include "taxor.bean"\n{before}'), encoding="utf-8")
    (folder / "folkmangd.json").write_bytes(json_stat({"00": 10_600_000, "14": 1_750_000, **COUNTS}))
    return books
