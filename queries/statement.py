"""A statement: rows of figures, each figure with the sums of accounts that it is made of.

Amounts are integer öre, debit positive in the ledger, signed as printed in a figure. Nothing here
is rounded except by `Figure.tkr`, which a renderer asks for when it prints.

A figure has an address, the same in every format, which leads to its vouchers: `2024/resultat-RT/intakter/year`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Literal

from forbundsbok.plugins.language import LANGUAGES, N_, tr, translation

ORE_PER_TKR = 100_000
NOTE = N_("Note")


def kronor_of(ore: int) -> Decimal:
    """Return öre as exact kronor, with two decimals."""
    return Decimal(ore).scaleb(-2)


def grouped(number: int | Decimal) -> str:
    """Return a number with a space between thousands: -38389 as `-38 389`."""
    return f"{number:,}".replace(",", " ")


NO_BREAK, MINUS = "\N{NO-BREAK SPACE}", "\N{MINUS SIGN}"


def as_set(number: str) -> str:
    """Return a written number as it is set: not broken between its thousands, with a minus that is one."""
    return number.replace(" ", NO_BREAK).replace("-", MINUS)


def text_as_set(text: str) -> str:
    """Return a text as it is set, where it is a number."""
    return as_set(text) if re.fullmatch(r"-?\d[\d ]*([.,]\d+)?", text) else text


class Measure(StrEnum):
    """What is taken of an account over a period."""

    OPENING = "opening"  # its balance when the period begins
    MOVEMENT = "movement"  # what it moves in the period
    YEAR = "year"  # what it moves from January on until the period ends
    CLOSING = "closing"  # its balance when the period ends
    EARLIER = "earlier"  # its balance when the year begins that the period is of: with YEAR it makes CLOSING
    BUDGET = "budget"  # what the budget gives it for the period
    ADJUSTMENT = "adjustment"  # what it moves on the first day of the year, where it is equity
    SCHEDULE = "schedule"  # as MOVEMENT, and before the first year in the books as the provision's plan


@dataclass(frozen=True, order=True)
class Period:
    """Whole months of one year, both included; usually all twelve."""

    year: int
    first_month: int = 1
    last_month: int = 12

    @classmethod
    def read(cls, text: str) -> "Period":
        """Return the period that `2024`, `2024-03`, `2024-01--08` or `2024-Q1` is.

        Raises ValueError, with a message to print.
        """
        if quarter := re.fullmatch(r"([1-9]\d{3})-?[QK]([1-4])", text.upper(), re.ASCII):  # K as in kvartal
            last = 3 * int(quarter[2])
            return cls(int(quarter[1]), last - 2, last)
        match = re.fullmatch(r"([1-9]\d{3})(?:-(0[1-9]|1[0-2])(?:--(0[1-9]|1[0-2]))?)?", text, re.ASCII)
        if match is None:
            wrong = N_(
                '"{value}" is no year: write 2024, 2024-03 for its March, 2024-Q1 for its first quarter, '
                "or 2024-01--08 for its first eight months."
            )
            raise ValueError(tr(wrong, value=text))
        period = cls(int(match[1]), int(match[2] or 1), int(match[3] or match[2] or 12))
        if period.first_month > period.last_month:
            raise ValueError(tr('"{value}" ends before it begins.', value=text))
        return period

    @property
    def start(self) -> date:
        """The first day."""
        return date(self.year, self.first_month, 1)

    @property
    def end(self) -> date:
        """The last day."""
        after = date(self.year + self.last_month // 12, self.last_month % 12 + 1, 1)
        return date.fromordinal(after.toordinal() - 1)

    @property
    def whole_year(self) -> bool:
        """Whether it is all twelve months."""
        return (self.first_month, self.last_month) == (1, 12)

    def same_months(self, year: int) -> "Period":
        """Return the same months of another year."""
        return Period(year, self.first_month, self.last_month)

    def in_words(self, language: str, width: Literal["wide", "abbreviated"] = "wide") -> str:
        """Return the period as one says it: `2024`, `januari–augusti 2024`; `jan–aug 2024` with width abbreviated."""
        if self.whole_year:
            return str(self.year)
        from babel.dates import get_month_names  # what only part of a year needs

        months = get_month_names(width, "format", language)
        names = dict.fromkeys(str(months[number]).rstrip(".") for number in (self.first_month, self.last_month))
        return f"{'–'.join(names)} {self.year}"

    def __str__(self) -> str:
        """Return the year, with its months where they are not all: `2024`, `2024-03`, `2024-01--08`."""
        if self.whole_year:
            return str(self.year)
        first = f"{self.year}-{self.first_month:02}"
        return first if self.first_month == self.last_month else f"{first}--{self.last_month:02}"


@dataclass(frozen=True)
class Sum:
    """One measure of some accounts over a period, added (sign 1) or subtracted (sign -1).

    `flow`: what of it is of some events (plugins.events), all of it where none is named. `side`: that it takes the
    accounts with such a balance, and with `net` all of them where they come to it together. `others`: those that it
    would take too, had anything else been booked on them; a sum may have no accounts but such.
    """

    accounts: tuple[str, ...]
    measure: Measure
    period: Period
    sign: Literal[1, -1]
    flow: tuple[str, ...] = ()
    side: Literal["debit", "credit", ""] = ""
    net: bool = False
    others: tuple[str, ...] = ()

    @property
    def first(self) -> date:
        """The first day of what it takes; of a balance, the first that there is."""
        if self.measure in (Measure.OPENING, Measure.CLOSING, Measure.EARLIER):
            return date.min
        return self.period.start.replace(month=1) if self.measure is Measure.YEAR else self.period.start

    @property
    def last(self) -> date:
        """The last day of what it takes."""
        if self.measure is Measure.OPENING:
            return date.fromordinal(self.period.start.toordinal() - 1)
        if self.measure is Measure.EARLIER:
            return date(self.period.year - 1, 12, 31)
        return self.period.start if self.measure is Measure.ADJUSTMENT else self.period.end

    def times(self, sign: Literal[1, -1]) -> "Sum":
        """Return the sum with its sign turned where `sign` is -1."""
        return self if sign == 1 else replace(self, sign=-self.sign)


@dataclass(frozen=True)
class PostingLine:
    """A posting behind a figure; `amount` in kronor, debit positive."""

    date: date
    voucher: str
    payee: str
    narration: str
    account: str
    amount: Decimal
    file: str
    line: int


@dataclass(frozen=True)
class RegisterEntry:
    """What a register gives to a figure: who says it (`text`) of what (`name`), in öre, signed as printed.

    `file` is empty for what follows from the figures of another year.
    """

    date: date
    name: str
    text: str
    ore: int
    file: str = ""
    line: int = 0

    def times(self, sign: Literal[1, -1]) -> "RegisterEntry":
        """Return it with its sign turned where `sign` is -1."""
        return self if sign == 1 else replace(self, ore=-self.ore)


@dataclass(frozen=True)
class Figure:
    """An amount in öre, signed as printed, and what it is made of: sums of accounts, and what registers tell."""

    ore: int
    sums: tuple[Sum, ...] = ()
    told: tuple[RegisterEntry, ...] = ()

    @property
    def kronor(self) -> Decimal:
        """The exact amount in kronor, with two decimals."""
        return kronor_of(self.ore)

    @property
    def tkr(self) -> int:
        """The amount in thousands of kronor, rounded half away from zero."""
        rounded = (abs(self.ore) + ORE_PER_TKR // 2) // ORE_PER_TKR
        return rounded if self.ore >= 0 else -rounded

    @property
    def accounts(self) -> tuple[str, ...]:
        """The accounts that it sums, each once, sorted."""
        return tuple(sorted({account for part in self.sums for account in part.accounts}))

    def times(self, sign: Literal[1, -1]) -> "Figure":
        """Return the figure with its sign turned where `sign` is -1."""
        if sign == 1:
            return self
        sums, told = tuple(part.times(-1) for part in self.sums), tuple(part.times(-1) for part in self.told)
        return Figure(-self.ore, sums, told)

    def __add__(self, other: "Figure") -> "Figure":
        """Return the sum of two figures, unrounded."""
        return Figure(self.ore + other.ore, self.sums + other.sums, self.told + other.told)


def tkr_text(figure: Figure) -> str:
    """Return a figure in thousands, as it is set."""
    return as_set(grouped(figure.tkr))


@dataclass(frozen=True)
class Column:
    """A column of a statement; `printed` where the annual report has it.

    `period` is what it is of, `difference` the two columns that it is the difference of. `at` is the address of its
    figures, with `{row}` where the row's id stands.
    """

    key: str
    label: str
    printed: bool = True
    period: Period | None = None
    at: str = ""
    difference: tuple[str, ...] = ()


@dataclass(frozen=True)
class StatementRow:
    """A row of a statement: a heading without figures, or a label with a figure per column key.

    `kind` is "heading", "line", "sum" or "memo" (a figure that says more of another line).
    `column` names the figure where its column's label does not. `texts` are by column too, where what stands there is
    no amount. `remark` is text after the figures. `adds`: the ids of the rows that a sum is the sum of.
    """

    id: str
    label: str
    kind: Literal["heading", "line", "sum", "memo"] = "line"
    note: str = ""
    figures: dict[str, Figure] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    column: str = ""
    remark: str = ""
    printed: bool = True
    adds: tuple[str, ...] = ()


@dataclass(frozen=True)
class Side:
    """A side of a proof: what it is, in öre, and the address of the figure, empty where it is none that is shown."""

    text: str
    ore: int
    address: str = ""


@dataclass(frozen=True)
class Proof:
    """What has been proven of a period: `text` says what; both sides are the same amount."""

    text: str
    period: Period
    left: Side
    right: Side


@dataclass(frozen=True)
class Statement:
    """A finished, proven statement.

    `id` is what the shell calls it (`resultat`, `not-7`), `table` its number in the annual report (`3.1.9`), its full
    name where it has none; `unit` is the unit's code, empty for the whole federation; `language` is that of its labels.
    `lines`: its rows among those that are not shown, since only sums take them or there is nothing in any column.
    """

    id: str
    table: str
    title: str
    period: Period
    columns: tuple[Column, ...]
    rows: tuple[StatementRow, ...]
    unit: str = ""
    footnotes: tuple[str, ...] = ()
    language: str = LANGUAGES[0]
    proofs: tuple[Proof, ...] = ()
    lines: tuple[StatementRow, ...] = ()

    def address(self, row: StatementRow, column: Column) -> str:
        """Return the stable identifier of a figure: `2024/resultat-RT/intakter/year`."""
        return column.at.format(row=as_address(row.id))

    @cached_property
    def by_address(self) -> Mapping[str, tuple[StatementRow, Column]]:
        """The row and the column of each figure that is shown, by its address."""
        return {
            self.address(row, column): (row, column)
            for row in self.rows
            for column in self.columns
            if column.key in row.figures
        }

    def heading(self) -> str:
        """Return number and title: `3.1.9 Resultaträkning Räddningstjänst`, `Not 7 Medlemsbidrag`."""
        if self.table.startswith("not-"):
            return f"{table_in_words(self.table, self.language)} {self.title}"
        return self.title if self.table == self.full_name else f"{self.table.capitalize()} {self.title}"

    @property
    def full_name(self) -> str:
        """What it is called among all statements: `resultat`, `resultat-RT`."""
        return f"{self.id}-{self.unit}" if self.unit else self.id


def table_in_words(table: str, language: str) -> str:
    """Return the number by which a table is printed: `Not 7`, `3.1.9`."""
    return f"{translation(NOTE, language)} {table.removeprefix('not-')}" if table.startswith("not-") else table


def as_address(text: str) -> str:
    """Return a name as it stands in an address: readable, without blanks, and of no other name."""
    return re.sub(r"[^\w.,:;()&+-]|_", lambda sign: "_" if sign[0] == " " else f"%{ord(sign[0]):02X}", text)
