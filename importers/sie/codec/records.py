"""The records of a SIE file: vouchers, balances, and what the file says of itself and names.

    #VER A 1 20240315 "Avgift mars"
    {
    #TRANS 1930 {1 NAV} 1250.50
    #TRANS 3010 {} -1250.50
    }

is a `Voucher` of two `Row`s, the first with the objects `(("1", "NAV"),)`.

Sources: SIE filformat, utgåva 4B, 2008-09-30.
"""

from collections.abc import Container
from dataclasses import dataclass, field
from datetime import date
from decimal import Context, Decimal
from typing import NamedTuple

from forbundsbok.importers.problems import Problem
from forbundsbok.plugins.language import N_, tr
from forbundsbok.plugins.money import ZERO

UNBOUNDED = Context(prec=1 << 21)
"""Adds amounts of any size exactly: no line is as long."""

Objects = tuple[tuple[str, str], ...]
"""Dimension and object of each: `(("1", "NAV"), ("6", "P1"))`."""


class Row(NamedTuple):
    """A #TRANS, #RTRANS or #BTRANS: kronor, debit positive."""

    line: int
    account: str
    objects: Objects
    amount: Decimal
    day: date | None
    text: str
    quantity: Decimal | None
    sign: str


class Voucher(NamedTuple):
    """A #VER. `rows` are what counts; `removed` and `added` stand there for the record, and never count."""

    line: int
    series: str
    number: str
    day: date
    text: str
    registered: date | None
    sign: str
    rows: tuple[Row, ...]
    removed: tuple[Row, ...]
    added: tuple[Row, ...]


class Balance(NamedTuple):
    """An amount that an account has, kronor, debit positive.

    `kind` is IB, UB or RES (of a year), OIB or OUB (of a year and objects), PSALDO or PBUDGET (the change in a
    period, YYYYMM). `year` is 0 for the current, -1 for the one before.
    """

    line: int
    kind: str
    year: int
    period: str
    account: str
    objects: Objects
    amount: Decimal
    quantity: Decimal | None


class Account(NamedTuple):
    """A #KONTO. `kind` is its #KTYP: T assets, S liabilities, K expenses, I income, or empty."""

    number: str
    name: str
    kind: str
    unit: str
    sru: tuple[str, ...]


class Dimension(NamedTuple):
    """A #DIM, or an #UNDERDIM under its `parent`."""

    number: str
    name: str
    parent: str


class Object(NamedTuple):
    dimension: str
    number: str
    name: str


@dataclass
class Heading:
    """What a file says of itself; texts are empty where it says nothing.

    `type` is 1, 2, 3, 4E or 4I, empty for what is no SIE file; `years` has first and last day of the years by
    number, 0 the current.
    """

    flag: str = ""
    program: str = ""
    program_version: str = ""
    format: str = ""
    generated: date | None = None
    generated_by: str = ""
    type: str = "1"
    remarks: str = ""
    company_type: str = ""
    company_number: str = ""
    org_number: str = ""
    address: tuple[str, ...] = ()
    company: str = ""
    years: dict[int, tuple[date, date]] = field(default_factory=dict)
    tax_year: str = ""
    covers_to: date | None = None
    chart_type: str = ""
    currency: str = "SEK"
    branch: str = ""


@dataclass
class SieFile:
    """A whole file, in the order of the file, and what its check found (importers.sie.codec.check).

    `signs`: those in it that are seldom in any text, so that its encoding may be another. `ends`: which balance
    says how an account of the year ended, UB or RES; accounts of which none does are not there. `unmoved`: what
    lacks in the equity that the year opens with, results of years before. `obstacles`: why it cannot come into any
    books, sound as it may be.
    """

    heading: Heading = field(default_factory=Heading)
    accounts: dict[str, Account] = field(default_factory=dict)
    dimensions: dict[str, Dimension] = field(default_factory=dict)
    objects: dict[tuple[str, str], Object] = field(default_factory=dict)
    balances: list[Balance] = field(default_factory=list)
    vouchers: list[Voucher] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    encoding: str = "cp437"
    signs: str = ""
    ends: dict[str, str] = field(default_factory=dict)
    unmoved: Decimal = ZERO
    obstacles: list[Problem] = field(default_factory=list)


YEAR_BALANCES = ("IB", "UB", "RES")
OBJECT_BALANCES = ("OIB", "OUB")
PERIOD_BALANCES = ("PSALDO", "PBUDGET")
ROW_LABELS = ("#TRANS", "#RTRANS", "#BTRANS")


def voucher_id(series: str, number: str, line: int) -> str:
    """Return what a voucher is called in a message: `A 17`."""
    return f"{series} {number}".strip() or tr(N_("line {line}"), line=line)


def kronor(amount: Decimal) -> str:
    """Return an amount as a file states it: `-1250.50`."""
    return f"{amount:.2f}"


def is_of_a_year(balances: Container[str], suffix: str) -> bool:
    """Tell 4E from 4I, which #SIETYP does not: a file of a year has balances, of the kinds IB, UB and RES.

    Some programs state balances in what they send to be taken in: what it is called, .si, decides then.
    """
    stand = [kind in balances for kind in YEAR_BALANCES]
    return all(stand) or (any(stand) and suffix.lower() != ".si")
