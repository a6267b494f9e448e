"""A federation that is made up: ten units, two years, as many vouchers as asked for, in the mix that a real one has.

    books/main.bean                  the rules, and all files
    books/units.bean                 what the units are, who approves, which years are complete
    books/units/U1/accounts.bean
    books/units/U1/2024.bean         as real ledgers are laid out: a file for each unit and year
    plain.bean                       the same files without the rules, and without units.bean: any Beancount can read it
    journal/main.journal             the same vouchers for hledger and ledger, a file for each of those with vouchers

No rule is broken by them.
"""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import NamedTuple, TextIO

YEARS = (2023, 2024)
UNITS = [f"U{number}" for number in range(10)]
SELLER, *BUYERS = UNITS
BANK = f"Assets:{SELLER}:1610-Internbank"

ACCOUNTS = [
    "Assets:{unit}:1510-Kundfordringar",
    "Assets:{unit}:1650-Momsfordran",
    "Assets:{unit}:1790-Avräkning",
    "Liabilities:{unit}:2510-Leverantörsskulder",
    "Liabilities:{unit}:2710-Preliminär-skatt",
    "Income:{unit}:3010-Försäljning",
    "Income:{unit}:3119-Medlemsavgifter:Norrby",
    "Expenses:{unit}:5010-Löner",
    "Expenses:{unit}:6010-Material",
]

OPTIONS = """option "title" "Mätningen"
option "operating_currency" "SEK"
option "tolerance_multiplier" "0"
option "display_precision" "SEK:0.01"
"""
PLUGIN = 'plugin "forbundsbok.federation"\n'
OWN = "units"
"""The file of our own directives."""

BILLED = {"L": "L", "U": "L", "K": "K", "I": "K"}
"""The series of an invoice and of its payment, and that of the link that they share."""

Postings = tuple[tuple[str, int], ...]
"""Accounts and whole kronor."""

APPROVED = '  attest: "CH"\n'
RECEIVED = f'{APPROVED}  mottagning: "HL"\n  underlag: "underlag/{{document}}.pdf"\n'

_VOUCHER = re.compile(r'(\d{4}-\d\d-\d\d) \* "([^"]*)" "([^"]*)"')
_ROW = re.compile(r"  [A-Z]\S*:\S+  \S+ SEK")


class MadeUp(NamedTuple):
    """Where the files of a federation stand that is made up."""

    folder: Path

    @property
    def ledger(self) -> Path:
        return self.folder / "books" / "main.bean"

    @property
    def plain(self) -> Path:
        return self.folder / "plain.bean"

    @property
    def journal(self) -> Path:
        return self.folder / "journal" / "main.journal"

    def edit(self, number: int) -> None:
        """Change the text of one voucher, in the ledger and in the journal: another one for each number."""
        for main in (self.ledger, self.journal):
            file = main.parent / "units" / BUYERS[0] / f"{YEARS[-1]}{main.suffix}"
            text = file.read_text(encoding="utf-8")
            file.write_text(
                re.sub(r"Verifikat (\d+)[^\"\n]*", rf"Verifikat \1, rättad {number}", text, count=1), "utf-8"
            )


def written(folder: Path, vouchers: int) -> MadeUp:
    """Write the files of a federation into an empty folder."""
    federation = MadeUp(folder)
    files: dict[str, tuple[TextIO, ...]] = {}
    with ExitStack() as stack:
        for name, text in generated(vouchers):
            if name not in files:
                mains = (federation.ledger,) if name == OWN else (federation.ledger, federation.journal)
                paths = [(main.parent / name).with_suffix(main.suffix) for main in mains]
                for path in paths:
                    path.parent.mkdir(parents=True, exist_ok=True)
                files[name] = tuple(stack.enter_context(path.open("w", encoding="utf-8")) for path in paths)
            ledger, *journals = files[name]
            ledger.write(text)
            for journal in journals:
                journal.writelines(f"{line}\n" for line in journal_lines(text))
    everyone = [name for name in files if name != OWN]
    includes = "".join(f'include "{name}.bean"\n' for name in files)
    federation.ledger.write_text(OPTIONS + PLUGIN + includes, encoding="utf-8")
    includes = "".join(f'include "books/{name}.bean"\n' for name in everyone)
    federation.plain.write_text(OPTIONS + includes, encoding="utf-8")
    federation.journal.write_text("".join(f"include {name}.journal\n" for name in everyone), encoding="utf-8")
    return federation


def generated(vouchers: int) -> Iterator[tuple[str, str]]:
    """Yield what is written, and the file that it stands in (`units/U1/2024`)."""
    for unit in UNITS:
        yield OWN, f'2022-12-31 custom "unit" "{unit}" "Enhet {unit}"\n  overskott: "behalls"\n'
        yield OWN, f'2022-12-31 custom "attest" "CH" "{unit}" 1000000.00 SEK\n'
        internal = f"Income:{unit}:3610-Internt" if unit == SELLER else f"Expenses:{unit}:7610-Internt"
        accounts = [*([BANK] if unit == SELLER else []), *(account.format(unit=unit) for account in ACCOUNTS)]
        yield f"units/{unit}/accounts", "".join(f"2022-12-31 open {account} SEK\n" for account in accounts)
        yield f"units/{unit}/accounts", f"2022-12-31 open {internal} SEK\n  intern: TRUE\n"
    a_year = vouchers // len(YEARS)
    for year in YEARS:
        numbers = {series: count(1) for series in "LUKIPN"}
        for index in range(a_year):
            day = date(year, 1, 1) + timedelta(days=index * 365 // a_year)
            unit = BUYERS[index // 6 % len(BUYERS)]
            series, payee, meta, postings = _kind(index, unit)
            link = f" ^{BILLED[series]}-{year}-{index // 6 + 1:04}" if series in BILLED else ""
            head = f'{day} * "{payee}" "Verifikat {index}"{link}\n  ver: "{series} {next(numbers[series])}"\n'
            rows = "".join(f"  {account}  {kronor}.00 SEK\n" for account, kronor in postings)
            yield f"units/{unit}/{year}", head + meta.format(document=f"{year}-{index}") + rows
        yield OWN, f'{year}-12-31 custom "bokslut" {year}\n'


def _kind(index: int, unit: str) -> tuple[str, str, str, Postings]:
    """Return series, payee, metadata and postings of the six kinds of voucher, in turn."""
    net = 400 + index // 6 * 7919 % 20_000 * 4
    vat, gross = net // 4, net // 4 * 5
    receivable, payable = f"Assets:{unit}:1510-Kundfordringar", f"Liabilities:{unit}:2510-Leverantörsskulder"
    bought = ((f"Expenses:{unit}:6010-Material", net), (f"Assets:{unit}:1650-Momsfordran", vat), (payable, -gross))
    pay = ((f"Expenses:{unit}:5010-Löner", net), (f"Liabilities:{unit}:2710-Preliminär-skatt", -vat), (BANK, vat - net))
    kinds: tuple[tuple[str, str, str, Postings], ...] = (
        ("L", f"Leverantör {index // 6 % 300:03}", RECEIVED, bought),
        ("U", f"Leverantör {index // 6 % 300:03}", APPROVED, ((payable, gross), (BANK, -gross))),
        ("K", "Norrby kommun", "", ((receivable, net), (f"Income:{unit}:3119-Medlemsavgifter:Norrby", -net))),
        ("I", "Norrby kommun", "", ((BANK, net), (receivable, -net))),
        ("P", "Löner", APPROVED, pay),
        ("N", "Internt", "", ((f"Expenses:{unit}:7610-Internt", vat), (f"Income:{SELLER}:3610-Internt", -vat))),
    )
    return kinds[index % 6]


def journal_lines(text: str) -> Iterator[str]:
    """Yield the lines of a ledger's vouchers as those of a journal.

    2023-01-01 * Leverantör 000 | Verifikat 0
      Expenses:U1:6010-Material      400.00 SEK
    """
    for line in text.splitlines():
        if match := _VOUCHER.match(line):
            yield f"\n{match[1]} * {match[2]} | {match[3]}"
        elif _ROW.fullmatch(line):
            yield f"  {line}"
