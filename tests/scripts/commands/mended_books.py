"""Books with a sealed 2024 and an open 2025, a file for each unit and year, in which mistakes are made and mended."""

from collections.abc import Sequence
from pathlib import Path

from click.testing import CliRunner

from forbundsbok.scripts.forbundsbok import main
from tests.main_file import head

SIGNED = '  attest: "FD"\n  mottagning: "HL"\n'
FILES = [
    "konton",
    "enheter",
    "anlaggningar",
    "attest",
    "bokslut",
    "ingaende",
    "budget/2024",
    "budget/2025",
    *(f"enheter/{unit}/{year}" for unit in ("fk", "brb", "dso", "nav") for year in (2024, 2025)),
]
UNITS = """2023-12-31 custom "unit" "FK" "Förbundskansli"
  overskott: "behalls"
2023-12-31 custom "unit" "BRB" "Näringsliv"
  overskott: "overfors"
2023-12-31 custom "unit" "DSO" "Dataskydd"
  overskott: "overfors"
2023-12-31 custom "unit" "NAV" "Navet"
  overskott: "behalls"
"""
ACCOUNTS = [
    "Assets:FK:1610-Internbank",
    "Assets:NAV:1210-Inventarier:Datorer",
    "Assets:NAV:1219-Ackumulerade-avskrivningar",
    *(f"Assets:{unit}:1790-Avräkning" for unit in ("FK", "BRB", "DSO", "NAV")),
    "Equity:FK:2010-Eget-kapital",
    "Liabilities:FK:2510-Leverantörsskulder",
    "Income:FK:3119-Medlemsavgifter:Norrby",
    "Income:BRB:3119-Medlemsavgifter:Norrby",
    "Income:DSO:3119-Medlemsavgifter:Norrby",
    "Income:NAV:3010-Försäljning",
    "Expenses:FK:6210-Telefon",
    "Expenses:BRB:6210-Telefon",
    "Expenses:DSO:6210-Telefon",
    "Expenses:NAV:6210-Telefon",
    "Expenses:NAV:7910-Avskrivningar",
    *(f"Income:{unit}:3198-Överskott:2024" for unit in ("BRB", "DSO")),
    *(f"Liabilities:{unit}:2998-Överskott:2024" for unit in ("BRB", "DSO")),
]
INTERNAL = ["Income:FK:3610-Interna-tjänster", "Expenses:NAV:7610-Interna-tjänster"]
ASSET = """2024-01-01 custom "asset" "Datorer" Assets:NAV:1210-Inventarier:Datorer 48000.00 SEK
  manader: 48
"""
EQUITY = "Equity:FK:2010-Eget-kapital"
COMPUTERS = "Assets:NAV:1210-Inventarier:Datorer"
BANK = "Assets:FK:1610-Internbank"


def voucher(day: str, text: str, ver: str, rows: Sequence[str], amount: str, more: str = "") -> str:
    """Return a voucher of two rows."""
    debit, credit = rows
    return f'{day} * {text}\n  ver: "{ver}"\n{more}  {debit}  {amount} SEK\n  {credit}  -{amount} SEK\n\n'


def cost(day: str, ver: str, unit: str, amount: str) -> str:
    """Return a purchase from the bank."""
    return voucher(
        day, f'"Telebolaget" "Telefon {unit} {day[:7]}"', ver, [f"Expenses:{unit}:6210-Telefon", BANK], amount, SIGNED
    )


def depreciation(month: str, day: int, number: int) -> str:
    """Return a month's depreciation."""
    rows = ("Expenses:NAV:7910-Avskrivningar", "Assets:NAV:1219-Ackumulerade-avskrivningar")
    return voucher(f"{month}-{day}", f'"Avskrivning {month}"', f"A {number}", rows, "1000.00", SIGNED)


DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def surplus(day: str, text: str, ver: str, unit: str, amount: str, *, taken_in: bool) -> str:
    """Return a surplus of 2024 carried out, or taken in."""
    rows = [f"Income:{unit}:3198-Överskott:2024", f"Liabilities:{unit}:2998-Överskott:2024"]
    return voucher(day, f'"{text}"', ver, rows[::-1] if taken_in else rows, amount, SIGNED)


def texts() -> dict[str, str]:
    """Return the text of each file."""
    opens = [f"2023-12-31 open {account} SEK\n" for account in ACCOUNTS]
    opens += [f"2023-12-31 open {account} SEK\n  intern: TRUE\n" for account in INTERNAL]
    files = {
        "konton": "".join(opens),
        "enheter": UNITS,
        "anlaggningar": ASSET,
        "attest": '2023-12-31 custom "attest" "FD" "FK" 900000.00 SEK\n'
        + "".join(f'2023-12-31 custom "attest" "FD" "{unit}" 900000.00 SEK\n' for unit in ("BRB", "DSO", "NAV"))
        + '2023-12-31 custom "investment-threshold" 20000.00 SEK\n  manader: 36\n',
        "bokslut": '2024-12-31 custom "bokslut" 2024\n',
        "ingaende": voucher(
            "2023-12-31", '"Ingående balans"', "B 1", [BANK, "Equity:FK:2010-Eget-kapital"], "900000.00"
        ),
    }
    for year in (2024, 2025):
        files[f"budget/{year}"] = f'{year}-01-01 custom "budget" Expenses:NAV:6210-Telefon "yearly" 12000.00 SEK\n'
        for number, (unit, fee) in enumerate((("fk", "50000.00"), ("brb", "1000.00"), ("dso", "500.00")), 1):
            name, account = unit.upper(), f"Income:{unit.upper()}:3119-Medlemsavgifter:Norrby"
            text = voucher(
                f"{year}-02-0{number}", f'"Norrby" "Avgift {name} {year}"', f"I {number}", [BANK, account], fee
            )
            text += cost(f"{year}-03-0{number}", f"L {number}", name, f"{number * 100 + year % 10}.00")
            files[f"enheter/{unit}/{year}"] = text
    files["enheter/brb/2024"] += surplus(
        "2024-12-31", "Överskott 2024 överförs till 2025", "B 1", "BRB", "796.00", taken_in=False
    )
    files["enheter/dso/2024"] += surplus(
        "2024-12-31", "Överskott 2024 överförs till 2025", "B 2", "DSO", "196.00", taken_in=False
    )
    files["enheter/brb/2025"] += surplus(
        "2025-01-01", "Överskott 2024 intas 2025", "B 1", "BRB", "796.00", taken_in=True
    )
    files["enheter/dso/2025"] += surplus(
        "2025-01-01", "Överskott 2024 intas 2025", "B 2", "DSO", "196.00", taken_in=True
    )
    buying = voucher(
        "2024-01-02",
        '"Datorbolaget" "Datorer"',
        "L 4",
        [COMPUTERS, BANK],
        "48000.00",
        SIGNED,
    )
    files["enheter/nav/2024"] = buying + "".join(
        depreciation(f"2024-{month:02}", DAYS[month - 1], month) for month in range(1, 13)
    )
    files["enheter/nav/2025"] = "".join(
        depreciation(f"2025-{month:02}", 28 if month == 2 else DAYS[month - 1], month) for month in range(1, 7)
    )
    for year in (2024, 2025):
        rows = ("Expenses:NAV:7610-Interna-tjänster", "Income:FK:3610-Interna-tjänster")
        more = '  underlag: "underlag/tjanster.txt"\n' + SIGNED
        files[f"enheter/nav/{year}"] += voucher(f"{year}-04-30", '"Tjänster till Navet"', "N 1", rows, "700.00", more)
        files[f"enheter/nav/{year}"] += voucher(
            f"{year}-05-31", '"Kund" "Kurs"', "I 4", [BANK, "Income:NAV:3010-Försäljning"], "250.00"
        )
    return files


def write_books(folder: Path) -> Path:
    """Write the books, seal 2024, and return the main file."""
    for name, text in texts().items():
        path = folder / f"{name}.bean"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.rstrip("\n") + "\n", encoding="utf-8")
    (folder / "underlag").mkdir()
    (folder / "underlag" / "tjanster.txt").write_text("Tjänster\n", encoding="utf-8")
    ledger = folder / "main.bean"
    ledger.write_text(head("Förbundet") + "".join(f'include "{name}.bean"\n' for name in FILES), encoding="utf-8")
    result = CliRunner().invoke(main, ["seal", "2024", "--ledger", str(ledger)], input="j\n")
    assert result.exit_code == 0, result.output
    return ledger
