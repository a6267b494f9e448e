"""What goes out as SIE and comes in again, or comes in and goes out again, is the same.

Rows that were removed or added later (#BTRANS, #RTRANS) are history, which the ledger does not keep.
"""

import shutil
import tempfile
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from forbundsbok.importers.document import Document
from forbundsbok.importers.intake import proposed
from forbundsbok.importers.mapping import Table
from forbundsbok.importers.sie.codec.check import check_sie, read_sie
from forbundsbok.importers.sie.codec.records import (
    YEAR_BALANCES,
    Account,
    Balance,
    Dimension,
    Heading,
    Object,
    Objects,
    Row,
    SieFile,
    Voucher,
)
from forbundsbok.importers.sie.codec.writer import sie_bytes
from forbundsbok.importers.sie.door import SieYearDoor
from forbundsbok.importers.sie.export import sie_file
from forbundsbok.importers.sie.mapping import read_sie_mapping
from forbundsbok.importers.sie.year import spread
from forbundsbok.plugins.ledger_text import ledger_text
from forbundsbok.plugins.loading import LoadedLedger, load_ledger
from forbundsbok.queries.general_ledger import load, read
from forbundsbok.queries.statement import Period, Statement, StatementRow
from forbundsbok.queries.statements import statements
from tests.main_file import head

pytestmark = pytest.mark.slow

LEDGER = Path(__file__).parents[3] / "ledger"


def make_main(folder: Path, declared: str, *plugins: str) -> Path:
    """Write the main file of books that imports are to stand in."""
    (folder / "import").mkdir()
    (folder / "import" / "none.bean").write_text("", encoding="utf-8")
    main = folder / "main.bean"
    main.write_text(head("Norrby kommunalförbund", *plugins) + 'include "import/*.bean"\n' + declared, encoding="utf-8")
    return main


def take_in(document: Path, main: Path, mapping: dict[str, Any]) -> None:
    """Write what the door proposes for a document into the books."""
    door = SieYearDoor(Table("import.toml", "sie", mapping))
    proposal = proposed(Document(document), door, load_ledger(main).entries)
    (main.parent / "import" / f"{document.stem}.bean").write_text(
        ledger_text([(proposal.stored, proposal.entries)]), encoding="utf-8"
    )


def write_out(books: LoadedLedger, first: date, last: date, document: Path, mapping: dict[str, Any]) -> list[str]:
    """Write a year of the books as SIE 4E, and return what was replaced."""
    entries, errors, options = books
    assert [error.message for error in errors] == []
    file = sie_file(entries, options, (first, last), "4", read_sie_mapping(Table("import.toml", "sie", mapping)))
    content, replaced = sie_bytes(file)
    document.write_bytes(content)
    return list(map(str, replaced))


# Out and in again


def test_the_books_come_back_as_they_went_out(tmp_path: Path, sjuharad_loaded: LoadedLedger) -> None:
    mapping = {"intern": ["3610", "7610", "8490", "8590"]}
    # What SIE cannot carry: agreements, plans, register, rights, goals, and that the years are complete.
    kept = [f'include "{LEDGER}/{name}.bean"' for name in ("units", "provisions", "assets", "attest")]
    goals = [
        f'{year}-01-01 custom "goal" {goal} SEK\n  benamning: "{label}"'
        for year in (2023, 2024)
        for goal, label in (
            ('"resultat" 0.00', "Förbundets kostnader ska inte överstiga intäkterna"),
            ('"eget-kapital" 6000000.00', "Förbundet ska uppvisa ett eget kapital om lägst 6 000 tkr"),
        )
    ]
    boksluts = [f'{year}-12-31 custom "bokslut" {year}' for year in (2023, 2024)]
    main = make_main(tmp_path, "\n".join([*kept, *goals, *boksluts, ""]))
    shutil.copytree(LEDGER / "layouts", tmp_path / "layouts")
    for year in (2023, 2024):
        document = tmp_path / f"{year}.se"
        assert write_out(sjuharad_loaded, date(year, 1, 1), date(year, 12, 31), document, {}) == []
        report = check_sie(document)
        assert (report.rollforward, report.ksumma, report.errors, report.warnings) == (True, "ok", [], [])
        take_in(document, main, mapping)
    before, after = read(sjuharad_loaded.entries, sjuharad_loaded.options), load(main)
    for period, compare in ((Period(2024), Period(2023)), (Period(2023), None)):
        there, here = (statements(books, period, compare) for books in (after, before))
        assert list(map(without_files, there)) == list(map(without_files, here))


def without_files(statement: Statement) -> Statement:
    """Return a statement without the files of its directives: those of the goals are written anew above."""

    def moved(row: StatementRow) -> StatementRow:
        figures = {
            key: replace(figure, told=tuple(replace(each, file="", line=0) for each in figure.told))
            for key, figure in row.figures.items()
        }
        return replace(row, figures=figures)

    return replace(statement, rows=tuple(map(moved, statement.rows)), lines=tuple(map(moved, statement.lines)))


# In and out again

YEARS = [
    (date(2024, 1, 1), date(2024, 12, 31)),
    (date(2009, 7, 1), date(2010, 6, 30)),
    (date(2024, 7, 1), date(2025, 12, 31)),
]
MAPPING: dict[str, Any] = {
    "default-unit": "GEM",
    "default-series": "V",
    "opening-series": "IB",
    "units": {"Nord": "NORD", "a b": "AB"},
    "series": {"#": "H", "a": "AA", "A 1": "A"},
    "accounts": {
        "1790": "1780-Interimsposter:{number}-{name}",
        "2100-2199": "2095-Reserver:{number}-{name}",
        "1920-1929": "1910-Kassa:{number}-{name}",
        "8999": "2094-Resultat:{number}",
        "9000-9999": "3990-Internt:{number}-{name}",
    },
}
BALANCES = ("1510", "1790", "1910", "1920", "2010", "2116", "2440")
RESULTS = ("3010", "3119", "5010", "7610", "8410", "8999", "9999")

# No control characters; what ends with a backslash cannot stand before a quote; åäö by themselves tell the encoding,
# so that none is there whose byte is one of them on a Mac.
_OF_MAC = "åäöüÅÄÖÜ".encode("mac-roman")
_HIGH = [bytes([code]).decode("cp437") for code in range(0x80, 0xA0) if code not in _OF_MAC]
_LETTERS = [chr(code) for code in range(32, 127)] + _HIGH
TEXTS = st.one_of(
    st.sampled_from(
        ["", "Avgift", 'Kabel "USB"', "C:\\Bok\\ny", "Marks kommun | Avgift", " | Avgift", "{1 NAV}", "#VER"]
    ),
    st.text(_LETTERS, max_size=8),
).filter(lambda text: not text.endswith("\\"))
UNITS = ("NAV", "Nord", "1", "a b", "ÅÄÖ")
DETAILS = ("Borås", "E20:Index", "e20:index", "a/b", "a b", "2023", "3195:2023")
PROJECTS = ("P1", "a b", 'x"y', "{")
MONEY = st.integers(-(10**9), 10**9).map(lambda ore: Decimal(ore).scaleb(-2))


@st.composite
def years(draw: st.DrawFn) -> SieFile:
    """Draw a sound year of another system."""
    first, last = draw(st.sampled_from(YEARS))
    has_details = draw(st.booleans())
    dimensions = {
        "1": Dimension("1", draw(TEXTS), ""),
        "6": Dimension("6", draw(TEXTS), ""),
        "61": Dimension("61", draw(TEXTS), "6"),
        "20": Dimension("20", "Delkonto" if has_details else "Motpart", ""),
    }
    pools: dict[str, tuple[str, ...]] = {
        "1": UNITS,
        "20": DETAILS if has_details else PROJECTS,
        "6": PROJECTS,
        "61": PROJECTS,
        "7": PROJECTS,
    }
    objects = {
        (dimension, number): Object(dimension, number, draw(TEXTS))
        for dimension in pools
        for number in pools[dimension]
    }
    vouchers = [draw(_vouchers(first, last, pools)) for _ in range(draw(st.integers(0, 6)))]
    opening = _balanced({number: draw(MONEY) for number in draw(st.sets(st.sampled_from(BALANCES)))})
    parts = {
        (number, objects_of): draw(MONEY)
        for number in opening
        for objects_of in draw(st.sets(_object_lists(pools, ["1", "20"] if has_details else ["1"]), max_size=3))
        if objects_of and dict(objects_of).get("1")
    }
    others = {
        (number, (("6", project),)): draw(MONEY)
        for number in opening
        for project in draw(st.sets(st.sampled_from(PROJECTS), max_size=1))
    }
    moved: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in (row for voucher in vouchers for row in voucher.rows):
        moved[row.account] += row.amount
    closing = {number: opening.get(number, Decimal(0)) + moved[number] for number in {*opening, *moved} if number < "3"}
    balances = [
        *(_balance("IB", "", number, (), amount) for number, amount in opening.items()),
        *(_balance("UB", "", number, (), amount) for number, amount in closing.items()),
        *(_balance("RES", "", number, (), amount) for number, amount in moved.items() if number >= "3"),
        *(_balance("OIB", "", number, pairs, amount) for (number, pairs), amount in [*parts.items(), *others.items()]),
        *draw(_budgets(first, last, pools)),
    ]
    accounts = {
        number: Account(number, draw(TEXTS), "", draw(st.sampled_from(["", "Styck"])), ())
        for number in (*BALANCES, *RESULTS, "0399")
    }
    heading = Heading(type="4E", company="Norrby kommunalförbund", years={0: (first, last)})
    return SieFile(heading, accounts, dimensions, objects, balances, vouchers)


@st.composite
def _vouchers(draw: st.DrawFn, first: date, last: date, pools: dict[str, tuple[str, ...]]) -> Voucher:
    days = st.dates(first, last)
    amounts = draw(st.lists(MONEY, max_size=4))
    amounts = [*amounts, -sum(amounts, Decimal(0))] if amounts else []
    rows = tuple(
        Row(
            0,
            draw(st.sampled_from(BALANCES + RESULTS)),
            draw(_object_lists(pools, list(pools))),
            amount,
            draw(st.none() | days),
            draw(TEXTS),
            draw(st.none() | st.decimals(-1000, 1000, places=3)),
            draw(TEXTS),
        )
        for amount in amounts
    )
    return Voucher(
        0,
        draw(st.sampled_from(["A", "A", "L", "", "#", "a", "A 1"])),
        draw(st.integers(1, 12).map(str) | st.sampled_from(["007", "0", "", "x1", "2024000001"])),
        draw(days),
        draw(TEXTS),
        draw(st.none() | days),
        draw(TEXTS),
        rows,
        rows[:1],
        rows[1:2],
    )


@st.composite
def _object_lists(draw: st.DrawFn, pools: dict[str, tuple[str, ...]], dimensions: list[str]) -> Objects:
    chosen = draw(st.sets(st.sampled_from(dimensions), max_size=3))
    return tuple((dimension, draw(st.sampled_from(pools[dimension]))) for dimension in sorted(chosen))


@st.composite
def _budgets(draw: st.DrawFn, first: date, last: date, pools: dict[str, tuple[str, ...]]) -> list[Balance]:
    """Draw budgets by month, of some accounts and units: a year's, spread, or amounts of their own."""
    periods = [
        f"{month // 12}{month % 12 + 1:02}"
        for month in range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    ]
    found = []
    for number in draw(st.sets(st.sampled_from(["3010", "3119", "5010"]), max_size=2)):
        for unit in draw(st.sets(st.sampled_from(["", *pools["1"]]), max_size=2)):
            amounts = list(spread("Income:X:3010-X", first.year, draw(MONEY)))
            if draw(st.booleans()):
                amounts = draw(st.lists(MONEY, min_size=12, max_size=12))
            pairs = (("1", unit),) if unit else ()
            found += [
                _balance("PBUDGET", period, number, pairs, amount)
                for period, amount in zip(periods, amounts, strict=False)
            ]
    return found


def _balance(kind: str, period: str, account: str, objects: Objects, amount: Decimal) -> Balance:
    return Balance(0, kind, 0, period, account, objects, amount, None)


def _balanced(amounts: dict[str, Decimal]) -> dict[str, Decimal]:
    """Return opening balances with equity that makes them sum to zero."""
    others = {number: amount for number, amount in amounts.items() if number != "2010"}
    return {**others, "2010": -sum(others.values(), Decimal(0))} if others else {}


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(years())
def test_a_year_goes_out_as_it_came_in(file: SieFile) -> None:
    # A file without balances of a year is none of a year: it is refused where it has no vouchers either.
    assume(file.vouchers or any(each.amount for each in file.balances if each.kind in YEAR_BALANCES))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        came, went = folder / "came.se", folder / "went.se"
        content, replaced = sie_bytes(file)
        assert replaced == []
        came.write_bytes(content)
        main = make_main(folder, "", "tests.form_rules")
        take_in(came, main, MAPPING)
        assert write_out(load_ledger(main), *file.heading.years[0], went, MAPPING) == []
        assert check_sie(went).errors == []
        before, after = read_sie(came), read_sie(went)
        assert vouchers_of(after) == vouchers_of(before)
        assert balances_of(after, ("IB", "UB", "RES")) == balances_of(before, ("IB", "UB", "RES"))
        given_by_object = balances_of(before, ("OIB", "PBUDGET"))
        found = balances_of(after, ("OIB", "PBUDGET"))
        assert {key: found.get(key) for key in given_by_object} == given_by_object
        assert {key: after.objects.get(key) for key in before.objects if key[0] != "20"} == {
            key: each for key, each in before.objects.items() if key[0] != "20"
        }
        assert {key: after.dimensions.get(key) for key in before.dimensions} == before.dimensions
        assert {each.number: (each.name, each.unit) for each in after.accounts.values()} == {
            each.number: (each.name, each.unit) for each in before.accounts.values()
        }


def vouchers_of(file: SieFile) -> Counter[object]:
    """Return the vouchers of a file, whose rows without date are of the voucher's."""
    return Counter(
        (
            *(voucher.series, voucher.number, voucher.day, voucher.text, voucher.registered, voucher.sign),
            tuple(
                (
                    row.account,
                    frozenset(row.objects),
                    row.amount,
                    row.day or voucher.day,
                    row.text,
                    row.quantity,
                    row.sign,
                )
                for row in voucher.rows
            ),
        )
        for voucher in file.vouchers
    )


def balances_of(file: SieFile, kinds: tuple[str, ...]) -> dict[object, Decimal]:
    """Return the balances of the year that are not zero."""
    return {
        (each.kind, each.period, each.account, frozenset(each.objects)): each.amount
        for each in file.balances
        if each.kind in kinds and each.year == 0 and each.amount
    }
