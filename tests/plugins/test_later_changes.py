"""What changes later is dated in the open year: for every directive and field there is a way that keeps the seals.

The ways stand in the handbook, in the table of what is changed in a sealed year; here each of them is written into the
sealed books of the federation, whose next year is open: one of each directive at once by `make test`, each alone by
`make mutants`.
"""

import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from itertools import zip_longest
from pathlib import Path
from textwrap import dedent
from typing import Any, NamedTuple

import pytest
from beancount.core import data
from beancount.core.data import entry_sortkey
from beancount.parser import booking, parser

from forbundsbok.plugins.corrections import number_of
from forbundsbok.plugins.directives import KINDS
from forbundsbok.plugins.federation import federation
from forbundsbok.plugins.language import tr
from forbundsbok.plugins.ledger_text import voucher
from forbundsbok.plugins.reading import read_files
from forbundsbok.plugins.roles import KOMMUN_BAS
from forbundsbok.plugins.sigill import is_sealed
from forbundsbok.plugins.surplus import Move, surplus_account
from forbundsbok.queries.general_ledger import GeneralLedger, read
from forbundsbok.queries.statement import Period, Statement
from forbundsbok.queries.statements import statement
from tests.shares import SHARE
from tests.unchanged import worked_out_once

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
HANDBOOK = (ROOT / "docs" / "handbok.md").read_text(encoding="utf-8")
SECTION = HANDBOOK.partition("### Ändra det som står i ett förseglat år\n")[2].partition("\n## ")[0]
BLOCKS = [
    dedent(block).lstrip("\n")
    for block in re.findall(r"^ *```beancount\n(.*?)^ *```", HANDBOOK, re.DOTALL | re.MULTILINE)
]
OPEN, SEALED = 2025, 2024
ENDS = "upphör"
"""What the table says of a thing besides its fields: how it ends."""


class Way(NamedTuple):
    """A row of the table: what is changed of a directive, how that is written, and what follows or why it is not."""

    directive: str
    field: str
    text: str
    told: str


def ways() -> Iterator[Way]:
    for row in re.findall(r"^\| (.*) \|$", SECTION, re.MULTILINE)[1:]:
        directive, field, written, told = row.split(" | ")
        lines = re.findall(r"`([^`]+)`", written)
        text = "".join(line if line[0].isdigit() else f"  {line}" for line in (f"{each}\n" for each in lines))
        yield Way(directive.strip("`"), field.strip("`"), text, told)


WAYS = list(ways())
WRITTEN = [way for way in WAYS if way.text]


def in_company() -> list[list[Way]]:
    """Return the ways that are written, those of different directives together."""
    by_directive: dict[str, list[Way]] = {}
    for way in WRITTEN:
        by_directive.setdefault(way.directive, []).append(way)
    return [[way for way in some if way] for some in zip_longest(*by_directive.values())]


def whole(text: str) -> str:
    """Return an example with what is booked for it, where the handbook shows that too."""
    return next((block for block in BLOCKS if block.startswith(text)), text)


@cache
def sealed_books() -> tuple[list[Any], dict[str, Any]]:
    """Return the books as they are parsed, and the first vouchers of the open year: the surpluses that it takes in."""
    main = ROOT / "ledger" / "main.bean"
    read_in = read_files(main)
    assert not read_in.errors
    booked, errors = booking.book(read_in.entries, read_in.options)  # type: ignore[no-untyped-call]
    assert not errors
    carried: dict[str, Any] = {}
    for entry in booked:
        for row in entry.postings if isinstance(entry, data.Transaction) else ():
            if (of := surplus_account(row.account, KOMMUN_BAS)) and (of.root, of.year) == ("Liabilities", SEALED):
                carried[of.unit] = carried.get(of.unit, 0) - number_of(row)
    assert carried
    taken_in = [
        voucher(date(OPEN, 1, 1), "Överskott intas", f"B {number}", Move(unit, SEALED, True).rows(amount, "SEK"))
        for number, (unit, amount) in enumerate(sorted(carried.items()), start=1)
    ]
    approved = [each._replace(meta={**each.meta, "attest": "FD"}) for each in taken_in]
    placed = [each._replace(meta={**each.meta, "filename": str(main), "lineno": 900}) for each in approved]
    return booked + placed, read_in.options


@pytest.fixture(scope="module", autouse=True)
def worked_out() -> Iterator[None]:
    """The sealed books are completed and read once for all that is written into them."""
    with worked_out_once(*sealed_books()):
        yield


def books_with(text: str) -> tuple[list[Any], dict[str, Any], list[str]]:
    """Return the books with what is written in the open year, complete, and what the rules say of them."""
    entries, options = sealed_books()
    written, errors, _ = parser.parse_string(text)
    assert not errors, errors
    booked, errors = booking.book(written, options)  # type: ignore[no-untyped-call]
    assert not errors, errors
    options = dict(options)
    complete, told = federation(sorted([*entries, *booked], key=entry_sortkey), options)
    return complete, options, [each.message for each in told]


def ledger_with(text: str) -> GeneralLedger:
    complete, options, told = books_with(text)
    assert told == []
    return read(complete, options)


def labels(printed: Statement) -> list[str]:
    return [row.label for row in printed.rows]


def test_the_books_have_sealed_years_and_an_open_one() -> None:
    complete, _, told = books_with("")
    sealed = [each.date.year for each in complete if isinstance(each, data.Custom) and is_sealed(each)]
    assert max(sealed) == SEALED
    assert told == []


def test_every_field_of_every_directive_has_a_way_or_a_reason() -> None:
    fields = {
        (kind.type, field)
        for kind in KINDS.values()
        for field in (*(tr(each.name) for each in kind.values), *(each.name for each in kind.meta))
    }
    told = [(way.directive, way.field) for way in WAYS]
    assert len(told) == len(set(told))
    assert {each for each in told if each[1] != ENDS} == fields
    assert all(re.search(r"\w+ \w+ \w+", way.told) for way in WAYS)


@pytest.mark.parametrize("ways", [[way] for way in WRITTEN] if SHARE == 1 else in_company())
def test_what_is_written_in_the_open_year_keeps_the_seals(ways: list[Way]) -> None:
    for way in ways:
        days = re.findall(r"^(\d{4})-", whole(way.text), re.MULTILINE)
        assert days
        assert min(map(int, days)) >= OPEN
    assert books_with("\n".join(whole(way.text) for way in ways))[2] == []


def test_the_same_in_the_sealed_year_breaks_its_seal() -> None:
    way = next(way for way in WRITTEN if (way.directive, way.field) == ("unit", "namn"))
    told = books_with(way.text.replace(str(OPEN), str(SEALED)))[2]
    assert any(" L8" in f" {message}" for message in told)


# What a later directive does to what is printed.

ANOTHER_NAME = '2025-01-01 custom "unit" "NAV" "Navet"\n  overskott: "behalls"\n'
MEMBER_FEE = "Income:NAV:3119-Medlemsavgifter:Borås"
ANOTHER_LABEL = f'2025-01-01 custom "benamning" {MEMBER_FEE} "Borås stad"\n'
ANOTHER_DECISION = """2025-03-14 custom "provision" "E20" Liabilities:RU:2293-Statlig-infrastruktur:E20
  benamning: "Medfinansiering av E20"
  totalbelopp: 16000000.00 SEK
2025-12-31 custom "provision-plan" "E20" "Grundbelopp" 1000000.00 SEK
"""


@pytest.fixture(scope="module")
def changed() -> GeneralLedger:
    """Books in which a unit has another name, an account another label and a provision another decision."""
    return ledger_with(ANOTHER_NAME + ANOTHER_LABEL + ANOTHER_DECISION)


def test_a_unit_has_its_old_name_in_the_old_year_and_keeps_what_is_not_written(changed: GeneralLedger) -> None:
    titles = {
        year: statement(changed, "resultat", Period(year), None, unit="NAV").title for year in (2023, SEALED, OPEN)
    }
    assert "Navet science center" in titles[2023]
    assert "Navet science center" in titles[SEALED]
    assert "Navet" in titles[OPEN]
    assert "science" not in titles[OPEN]
    assert changed.units["NAV"].meta["avgifter"] == "Medlemsavgifter, Navet"


def test_a_label_is_printed_from_its_day_on_and_so_beside_it(changed: GeneralLedger) -> None:
    old, new = "Borås", "Borås stad"
    note = next(name for name in (f"not-{number}" for number in range(3, 13)) if _is_of(changed, name, "Navet"))
    assert old in labels(statement(changed, note, Period(SEALED), Period(2023)))
    assert new not in labels(statement(changed, note, Period(SEALED), Period(2023)))
    beside = statement(changed, note, Period(OPEN), Period(SEALED))
    assert new in labels(beside)
    assert old not in labels(beside)


def _is_of(ledger: GeneralLedger, note: str, unit: str) -> bool:
    return unit in statement(ledger, note, Period(SEALED), Period(2023)).title


def test_a_provision_is_called_and_decided_as_it_was_in_the_old_year(changed: GeneralLedger) -> None:
    before, after = (changed.at(date(year, 12, 31)).provisions[0] for year in (SEALED, OPEN))
    assert (before.label, after.label) == ("Bidrag till statlig infrastruktur", "Medfinansiering av E20")
    assert after.price_level == before.price_level == "2013 års prisnivå"
    assert after.decided == before.decided == date(2014, 12, 12)
    assert any("P311" in message for message in books_with(ANOTHER_DECISION.replace("1000000.00", "1000000.01"))[2])


def test_a_surplus_goes_by_the_agreement_when_its_year_ends() -> None:
    """A unit that begins to carry has nothing to take in from the year before; one that ceases takes in the last."""
    begins = '2025-01-01 custom "unit" "NAV" "Navet science center"\n  overskott: "overfors"\n'
    ceases = '2025-01-01 custom "unit" "MC" "Medarbetarcentrum"\n  overskott: "behalls"\n'
    bokslut = '2025-12-31 custom "bokslut" 2025\n'
    assert books_with(begins + ceases)[2] == []
    told = [message for message in books_with(begins + ceases + bokslut)[2] if message.startswith("S201")]
    assert not any(message.startswith("S201 MC 2025") for message in told)
    assert any(message.startswith("S201 BRB 2025") for message in told)


def test_a_unit_that_has_ended_is_printed_until_its_last_year() -> None:
    ended = next(whole(way.text) for way in WRITTEN if (way.directive, way.field) == ("unit", ENDS))
    later = """
2026-01-02 * "Banken" "Avgift"
  ver: "U 1"
  attest: "FD"
  Expenses:FK:6020-Lokalhyror   100.00 SEK
  Assets:FK:1610-Internbank    -100.00 SEK
"""
    ledger = ledger_with(ended + later)
    units = {year: ledger.units_with(ledger.in_use([Period(year)])) for year in (SEALED, OPEN, OPEN + 1)}
    assert "DSO" in units[SEALED]
    assert "DSO" in units[OPEN]
    assert "DSO" not in units[OPEN + 1]
    assert statement(ledger, "balans", Period(OPEN), Period(SEALED), unit="DSO")


def test_a_unit_that_ends_has_nothing_left_when_the_books_go_on() -> None:
    """Not before: the end may be known long before its day."""
    end = '2025-06-30 custom "enhet-slut" "DSO"\n'
    assert books_with(end)[2] == []
    on = """
2025-07-01 * "Banken" "Avgift"
  ver: "U 1"
  attest: "FD"
  Expenses:FK:6020-Lokalhyror   100.00 SEK
  Assets:FK:1610-Internbank    -100.00 SEK

2025-07-02 * "Banken" "Avgift för kort"
  ver: "U 2"
  attest: "FD"
  Expenses:FK:6020-Lokalhyror   150.00 SEK
  Assets:FK:1610-Internbank    -150.00 SEK
"""
    (told,) = [message for message in books_with(end + on)[2] if message.startswith("U115")]
    assert "156 313,00" in told.replace("\xa0", " ")
    assert "571 760,00" in told.replace("\xa0", " ")
