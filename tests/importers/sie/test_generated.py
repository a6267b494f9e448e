"""SIE files over the width of the format, each with its vouchers computed beside, in whole öre.

    python -m tests.importers.sie.test_generated 20000

Years (4E) with units, projects, removed and added rows, checksums, results that were never moved to equity, accounts
of class 9 and of five digits, in every encoding; and payrolls (4I) with and without numbers, by employee. None may be
refused, by `sie check` neither, no row be wrong; sent twice they add nothing, and payrolls in any order give the same
books.
"""

import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any, NamedTuple
from zlib import crc32

import pytest
from beancount import loader
from beancount.core import data

from forbundsbok.importers.document import Document
from forbundsbok.importers.intake import placed, proposed
from forbundsbok.importers.mapping import Table
from forbundsbok.importers.problems import DocumentError
from forbundsbok.importers.sie.codec.check import check_sie
from forbundsbok.importers.sie.door import SieVoucherDoor, SieYearDoor
from forbundsbok.plugins.ledger_text import TextError, ledger_text
from tests.main_file import head
from tests.shares import seeds

ENCODINGS = ["cp437", "cp437", "utf-8", "utf-8-sig", "latin-1", "cp1252", "mac-roman"]
BALANCES = ["1930", "1510", "2440", "2710", "19310"]
RESULTS = ["3010", "3119", "5010", "6020", "60201"]
INTERNAL = ["9010", "9999"]
EQUITY = "2010"
UNITS = ["NAV", "RU", ""]
OTHERS = ["", "", "P1", "P 2"]
ACCOUNTS = ["1930", "2710", "5010"]
MAPPING: dict[str, Any] = {
    "default-unit": "FK",
    "accounts": {
        "9000-9999": "3990-Internt:{number}",
        "19310": "1931-Sparkonto:19310",
        "60201": "6020-Lokalhyra:60201",
    },
}
ACCOUNTS_OF_ALL = {
    **MAPPING["accounts"],
    "0000-0999": "3990-Internt:{number}",
    "2100-2199": "2090-Reserver:{number}",
    "8600-8699": "8490-Finansiellt:{number}",
    "8900-8999": "8490-Finansiellt:{number}",
}
BOOKS = head("Norrby") + "\n".join(
    f'2024-12-31 custom "unit" "{unit}" "{unit}"\n  overskott: "behalls"\n'
    f"2024-12-31 open Assets:{unit}:1930-Bank SEK\n2024-12-31 open Liabilities:{unit}:2710-Skatt SEK\n"
    f"2024-12-31 open Expenses:{unit}:5010-Löner SEK\n2024-12-31 open Assets:{unit}:1790-Avräkning SEK\n"
    for unit in ("FK", "NAV", "RU")
)


class Row(NamedTuple):
    account: str
    objects: list[str]
    ore: int

    @property
    def place(self) -> tuple[str, str, int]:
        """What it must come in as: number, unit and öre."""
        of_unit = dict(zip(self.objects[::2], self.objects[1::2], strict=True))
        return self.account, of_unit.get("1", "FK"), self.ore


class Voucher(NamedTuple):
    series: str
    number: str
    day: date
    text: str
    rows: list[Row]

    @property
    def booked(self) -> tuple[date, str, list[tuple[str, str, int]]]:
        """What it must come in as."""
        return self.day, self.text, sorted(row.place for row in self.rows)


def kr(ore: int) -> str:
    return f"{'-' if ore < 0 else ''}{abs(ore) // 100}.{abs(ore) % 100:02}"


class Text:
    """The records of a file, with the sum that covers them."""

    def __init__(self, rng: Random, checksum: bool) -> None:
        self.rng = rng
        self.lines = ["#FLAGGA 0", *(["#KSUMMA"] if checksum else [])]
        self.has_checksum = checksum
        self.sum = 0

    def add(self, label: str, *fields: str | list[str]) -> None:
        written, covered = [label], label
        for field in fields:
            covered += "".join(field)
            written.append(
                f"{{{' '.join(map(self.quoted, field))}}}" if isinstance(field, list) else self.quoted(field)
            )
        self.sum = crc32(covered.encode("cp437"), self.sum)
        self.lines.append(self.rng.choice([" ", " ", "\t"]).join(written))

    def quoted(self, field: str) -> str:
        bare = field and not set(field) & set(' "{}\t') and self.rng.random() < 0.5
        return field if bare else '"{}"'.format(field.replace('"', '\\"'))

    def bytes(self, encoding: str) -> bytes:
        lines = [*self.lines, *([f"#KSUMMA {self.sum}"] if self.has_checksum else [])]
        return (self.rng.choice(["\n", "\r\n"]).join(lines) + "\n").encode(encoding)


def drawn(rng: Random, days: list[date], accounts: list[str], *, numbered: bool, more: str = "6") -> list[Voucher]:
    """Draw vouchers that sum to zero; `more` is a dimension beside the unit's."""
    numbers: Counter[str] = Counter()
    vouchers: list[Voucher] = []
    for day in days:
        series = rng.choice(["A", "B", "LB"])
        numbers[series] += rng.choice([1, 1, 1, 2])
        text = rng.choice(["Lön", "Avgift för mars", "Kurs i Växjö", 'Köp av "kabel"']) + f" {len(vouchers)}"
        amounts = [rng.randrange(-10_000_000, 10_000_000) for _ in range(rng.randrange(1, 5))]
        placed_on = [(rng.choice(accounts), ore) for ore in [*amounts, -sum(amounts)]]
        rows = []
        for account, ore in placed_on:
            unit, other = rng.choice(UNITS), rng.choice(OTHERS)
            rows.append(Row(account, [*(["1", unit] if unit else []), *([more, other] if other else [])], ore))
        vouchers.append(Voucher(series, str(numbers[series]) if numbered else "", day, text, rows))
    return vouchers


def write(text: Text, rng: Random, vouchers: list[Voucher]) -> None:
    for series, number, day, name, rows in vouchers:
        text.add("#VER", series, number, f"{day:%Y%m%d}", name)
        text.lines.append("{")
        for account, objects, ore in rows:
            if rng.random() < 0.1:
                text.add("#BTRANS", account, objects, kr(ore + 1), f"{day:%Y%m%d}", "", "", "CH")
            if rng.random() < 0.1:
                text.add("#RTRANS", account, objects, kr(ore), f"{day:%Y%m%d}", "", "", "CH")
            more = rng.choice([[], [], [f"{day:%Y%m%d}"], ["", "Rad på räkning"], ["", "", "2.5"]])
            text.add("#TRANS", account, objects, kr(ore), *more)
        text.lines.append("}")


def heading(text: Text, rng: Random) -> None:
    text.add("#PROGRAM", "Bokföring", "4.2")
    text.add("#FORMAT", "PC8")
    text.add("#GEN", f"2025{rng.randrange(1, 13):02}{rng.randrange(1, 29):02}")
    text.add("#SIETYP", "4")
    text.add("#FNAMN", "Räddningstjänsten på Åsen")


class Year(NamedTuple):
    """A year as a file, and what it must come to; `opening` is öre by account number."""

    content: bytes
    vouchers: list[Voucher]
    opening: dict[str, int]


def year(rng: Random) -> Year:
    """Draw a year, with balances that its vouchers explain."""
    days = sorted(date(2024, 1, 1) + timedelta(days=rng.randrange(366)) for _ in range(rng.randrange(1, 8)))
    vouchers = drawn(rng, days, [*BALANCES, *RESULTS], numbered=True)
    if rng.random() < 0.3:
        ore = rng.randrange(1, 100_000)
        vouchers.append(
            Voucher("M", "1", days[-1], "Fördelning", [Row("9010", [], ore), Row("9999", ["1", "RU"], -ore)])
        )
    moved: Counter[str] = Counter()
    for voucher in vouchers:
        for account, _, ore in voucher.rows:
            moved[account] += ore
    opening = {account: rng.choice([0, rng.randrange(-10_000_000, 10_000_000)]) for account in BALANCES}
    unmoved = rng.choice([0, 0, rng.randrange(1, 1_000_000)])
    opening[EQUITY] = -sum(opening.values()) - unmoved
    text = Text(rng, rng.random() < 0.3)
    heading(text, rng)
    text.add("#RAR", "0", "20240101", "20241231")
    for number in [*BALANCES, *RESULTS, EQUITY, *INTERNAL]:
        text.add("#KONTO", number, f"Konto {number[:4]}")
    for account, ore in opening.items():
        text.add("#IB", "0", account, kr(ore))
    for account in [*BALANCES, EQUITY]:
        if opening[account] + moved[account] or rng.random() < 0.5:
            text.add("#UB", "0", account, kr(opening[account] + moved[account]))
    if unmoved:
        text.add("#RES", "-1", "3010", kr(unmoved))
    for account in RESULTS:
        if moved[account] or rng.random() < 0.5:
            text.add("#RES", "0", account, kr(moved[account]))
    write(text, rng, vouchers)
    opening[EQUITY] += unmoved
    return Year(text.bytes(rng.choice(ENCODINGS)), vouchers, {each: ore for each, ore in opening.items() if ore})


def came(entries: data.Directives) -> list[tuple[date, str, list[tuple[str, str, int]]]]:
    """Return the vouchers that came in, as `booked` has those of a file."""
    found = []
    for entry in entries:
        if isinstance(entry, data.Transaction) and not entry.meta.get("lucka"):
            rows = []
            for row in entry.postings:
                _, unit, number, *detail = row.account.split(":")
                assert row.units is not None
                assert row.units.number is not None
                rows.append((detail[0] if detail else number[:4], unit, int(row.units.number * 100)))
            found.append((entry.date, entry.narration or "", sorted(rows)))
    return sorted(found)


def try_year(seed: int, folder: Path, door: SieYearDoor) -> None:
    sent = year(Random(seed))
    path = folder / "ar.se"
    path.write_bytes(sent.content)
    report = check_sie(path)
    assert list(map(str, report.errors)) == [], seed
    assert report.rollforward is True, seed
    document = Document(path, sent.content)
    assert door.knows(document), seed
    books = placed(proposed(document, door, []).entries, document)
    opening = {number: ore for day, _, rows in came(books) if day.year == 2023 for number, _, ore in rows}
    assert opening == sent.opening, seed
    assert [each for each in came(books) if each[0].year == 2024] == sorted(each.booked for each in sent.vouchers), seed
    again = proposed(Document(folder / "igen.se", sent.content + b"\n"), door, books)
    assert again.entries == [], seed


def try_payrolls(seed: int, door: SieVoucherDoor, books: data.Directives) -> None:
    rng = Random(seed)
    numbered, files, vouchers = rng.random() < 0.5, [], []
    for month in rng.sample(range(1, 13), 3):
        own = drawn(rng, [date(2025, month, 25)] * rng.randrange(1, 4), ACCOUNTS, numbered=numbered, more="7")
        text = Text(rng, rng.random() < 0.3)
        heading(text, rng)
        write(text, rng, own)
        files.append(text.bytes(rng.choice(ENCODINGS)))
        vouchers += own
    forth, back = (taken_in(each, door, books) for each in (files, files[::-1]))
    assert came(forth) == came(back) == sorted(each.booked for each in vouchers), seed
    for content in files:
        again = proposed(Document(Path("igen.si"), content + b"\n"), door, [*books, *forth])
        assert again.entries == [], seed


MARKS = ["", "-1", "0", "1", '""', "99999999", "20240230", "20250101", "#IB", "#UB", "#RES", "#TRANS", "#VER", "{", "}"]
MARKS += [
    "6",
    "100.00",
    "3010",
    "1930",
    "2010",
    "9010",
    "8999",
    "1.005",
    "1,00",
    "9" * 20,
    "{1 NAV 1 RU}",
    "{a b}",
    "T",
]
MARKS += ["#OIB", "#KTYP", "#VALUTA", "EUR"]


def damaged(content: bytes, rng: Random) -> bytes:
    lines = [line for line in content.split(b"\n") if not line.startswith(b"#KSUMMA")]
    for _ in range(rng.choice([1, 1, 2])):
        at = rng.randrange(len(lines))
        match rng.randrange(4):
            case 0:
                lines.pop(at)
            case 1:
                lines.insert(at, lines[rng.randrange(len(lines))])
            case _:
                words = lines[at].split(b" ")
                words[rng.randrange(len(words))] = rng.choice(MARKS).encode()
                lines[at] = b" ".join(words)
    return b"\n".join(lines)


def try_verdict(seed: int, folder: Path, door: SieYearDoor) -> bool | None:
    """Judge a damaged file by `sie check` and by its import, which must agree; None for what is no file of vouchers."""
    rng = Random(seed)
    path = folder / "skadad.se"
    path.write_bytes(damaged(year(rng).content, rng))
    document, report = Document(path), check_sie(path)
    if report.heading.type != "4E" or not door.knows(document):
        return None
    try:
        ledger_text([("", proposed(document, door, []).entries)])
        said = ""
    except (DocumentError, TextError) as error:
        said = str(error)
    if "skriv i import.toml" in said:
        return None  # the mapping is asked for more, which is no fault of the file
    assert bool(said) == bool(report.errors), (seed, said, list(map(str, report.errors)))
    return not said


def taken_in(files: list[bytes], door: SieVoucherDoor, books: data.Directives) -> data.Directives:
    made: data.Directives = []
    for place, content in enumerate(files):
        document = Document(Path(f"{place}.si"), content)
        assert door.knows(document)
        made += placed(proposed(document, door, [*books, *made]).entries, document)
    return made


def run(years: Iterable[int], payrolls: Iterable[int]) -> None:
    """Try years, and payrolls of three files each, by their seeds."""
    year_door = SieYearDoor(Table("import.toml", "sie", MAPPING))
    voucher_door = SieVoucherDoor(Table("import.toml", "sie", {"default-unit": "FK"}))
    books = loader.load_string(BOOKS)[0]
    with tempfile.TemporaryDirectory() as folder:
        for seed in years:
            try_year(seed, Path(folder), year_door)
    for seed in payrolls:
        try_payrolls(seed, voucher_door, books)


@pytest.mark.slow
def test_years_come_in_as_computed_beside() -> None:
    run(seeds(1000, rare=[849]), ())


@pytest.mark.slow
def test_payrolls_come_in_as_computed_beside() -> None:
    run((), seeds(334))


@pytest.mark.slow
def test_check_and_import_agree_on_every_damaged_file(tmp_path: Path) -> None:
    mapping = MAPPING | {"default-series": "A", "accounts": ACCOUNTS_OF_ALL}
    door = SieYearDoor(Table("import.toml", "sie", mapping))
    verdicts = Counter(try_verdict(seed, tmp_path, door) for seed in range(600))
    assert min(verdicts[True], verdicts[False]) > verdicts.total() / 10


if __name__ == "__main__":
    run(range(int(sys.argv[1])), range(int(sys.argv[1]) // 3))
