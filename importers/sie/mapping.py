"""The table `[sie]` of a mapping: how objects, accounts and series of a SIE file are called in the ledger.

    [sie]
    dimension = "1"                    # the dimension whose objects are units
    default-unit = "FK"                # the unit of rows without such an object
    default-series = "M"               # the series of vouchers without one
    opening-series = "B"               # the series of the opening balance
    detail-dimension = "20"            # the dimension of details below an account; without it, one called Delkonto
    intern = ["3600-3699", "7610"]     # accounts of the ledger for transactions between units

    [sie.units]                        # object -> unit, where they differ
    "Nord" = "NORD"

    [sie.surplus]                      # unit -> what becomes of its surplus, of units that an import declares
    NVS = "overfors"

    [sie.accounts]                     # account or range -> account below the unit, or a whole account
    "1920-1949" = "1910-Kassa-och-bank"
    "2100-2199" = "2090-Obeskattade-reserver:{number}-{name}"
    "1930" = "Assets:FK:1610-Internbank"

    [sie.series]                       # series -> series of the ledger
    "1" = "L"

    [sie.handelse]                     # voucher of the ledger -> what happened, where its accounts do not tell (F001)
    "A 17 2024" = "overtagande"

`{number}` and `{name}` are what the file says. Of several ranges, the narrowest counts. All of it may be left
out: an object that can be a unit's code is one, a series of capital letters is itself, and an account of
Kommun-Bas is opened by its own number and name. What none of that tells is counted, so that all of it can be said at
once, with the lines to write here:

    year.se: objekt "Nord" i dimension 1 (Kontor Nord) är ingen enhet: 12 rader, debet 14 450,00
    year.se: konto 2116 (Periodiseringsfond) hör till ingen kontogrupp i böckerna: 2 rader, debet 0,00
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from forbundsbok.importers.mapping import Table
from forbundsbok.importers.problems import Problem, refused, refused_whole
from forbundsbok.importers.sie.ledger import PROJECT, detail_slug, root_of, slug
from forbundsbok.plugins.accounts import parse_account
from forbundsbok.plugins.events import EVENT
from forbundsbok.plugins.findings import Message, as_written, counted, phrase
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.money import ZERO
from forbundsbok.plugins.units import CARRIED, KEPT

SERIES = re.compile("[A-ZÅÄÖ]+")
CODE = re.compile("[A-ZÅÄÖ0-9]+")

_VOUCHER = re.compile(r"[A-ZÅÄÖ]+ [1-9][0-9]* [0-9]{4}")
_RANGE = re.compile(r"([0-9]+)(?:-([0-9]+))?")
_BELOW = re.compile(r"[0-9]{4,6}-[^:\s]+(:[^:\s]+)*")


class Range(NamedTuple):
    """Account numbers of the same length, from the first to the last."""

    first: str
    last: str

    def __contains__(self, number: object) -> bool:
        return isinstance(number, str) and len(number) == len(self.first) and self.first <= number <= self.last

    @property
    def width(self) -> int:
        return int(self.last) - int(self.first)


@dataclass(frozen=True)
class SieMapping:
    """What a federation's mapping says of SIE files; texts are empty where it says nothing."""

    filename: str
    dimension: str
    detail_dimension: str
    default_unit: str
    default_series: str
    opening_series: str
    intern: tuple[Range, ...]
    units: dict[str, str]
    surplus: dict[str, str]
    accounts: tuple[tuple[Range, str], ...]
    series: dict[str, str]
    events: dict[str, str]

    def target(self, number: str, name: str, unit: str) -> str | None:
        """Return the account that the mapping gives an account of the file in a unit, or None."""
        fitting = [(each.width, each, target) for each, target in self.accounts if number in each]
        return _filled(min(fitting)[2], number, name, unit) if fitting else None

    def is_intern(self, account: str) -> bool:
        """Tell whether an account of the ledger is one for transactions between units."""
        name = parse_account(account)
        return name is not None and any(name.number in each for each in self.intern)


def read_sie_mapping(table: Table) -> SieMapping:
    """Return what the table `[sie]` says. Raises DocumentError naming the file and the key."""
    accounts = {key: (_range(table, key), target) for key, target in table.table("accounts").pairs()}
    mapping = SieMapping(
        filename=table.filename,
        dimension=table.text("dimension", "1"),
        detail_dimension=table.text("detail-dimension", ""),
        default_unit=table.text("default-unit", ""),
        default_series=table.text("default-series", ""),
        opening_series=table.text("opening-series", "B"),
        intern=tuple(_range(table, each) for each in table.texts("intern", [])),
        units=dict(table.table("units").pairs()),
        surplus=dict(table.table("surplus").pairs()),
        accounts=tuple(accounts.values()),
        series=dict(table.table("series").pairs()),
        events=dict(table.table(EVENT).pairs()),
    )
    table.finish()
    mistakes = [
        *_mistakes("dimension", [mapping.dimension], phrase("a dimension but that of projects"), _is_dimension),
        *_mistakes(
            "detail-dimension", [mapping.detail_dimension or "20"], phrase("a dimension of its own"), _is_dimension
        ),
        *_mistakes("default-unit", [mapping.default_unit or "X"], phrase("a unit's code"), _is_code),
        *_mistakes("units", mapping.units.values(), phrase("a unit's code"), _is_code),
        *_mistakes("default-series", [mapping.default_series or "A"], phrase("capital letters"), _is_series),
        *_mistakes("opening-series", [mapping.opening_series], phrase("capital letters"), _is_series),
        *_mistakes(EVENT, mapping.events, phrase('a voucher of a year, "A 17 2024"'), _is_voucher),
        *_mistakes("series", mapping.series.values(), phrase("capital letters"), _is_series),
        *_mistakes(
            "surplus",
            mapping.surplus.values(),
            phrase('one of "{kept}" and "{carried}"', kept=KEPT, carried=CARRIED),
            _is_surplus,
        ),
        *_mistakes(
            "accounts",
            [target for _, target in mapping.accounts],
            phrase(
                'an account below the unit, "1910-Kassa-och-bank", by a number that Kommun-Bas has, or a whole one, '
                '"{whole}"',
                whole=f"Assets:{mapping.default_unit or table.unit}:1610-Internbank",
            ),
            _is_target,
        ),
    ]
    if mapping.dimension == mapping.detail_dimension:
        text = N_("{key}: units and details cannot be objects of the same dimension")
        mistakes.append(phrase(text, key="detail-dimension"))
    if mistakes:
        name = table.name or "sie"
        raise refused(
            table.filename,
            [Problem(0, Message("[{table}] {mistake}", {"table": name, "mistake": each})) for each in mistakes],
        )
    return mapping


def _range(table: Table, text: str) -> Range:
    match = _RANGE.fullmatch(text)
    found = Range(match[1], match[2] or match[1]) if match else None
    if found is None or len(found.first) != len(found.last) or found.last < found.first:
        told = N_(
            '[{table}] "{text}" is no range of accounts: write an account number or a range of them, "1930" or '
            '"2100-2199"'
        )
        raise refused_whole(table.filename, phrase(told, table=table.name, text=text))
    return found


def _filled(target: str, number: str, name: str, unit: str) -> str:
    """Return the whole account that a target means."""
    parts = target.split(":")
    filled = []
    for part in parts:
        text = part.replace("{number}", number).replace("{name}", slug(name) or "Konto")
        filled.append(detail_slug(text) if "{" in part else text)
    if parse_account(":".join(filled)) is not None:
        return ":".join(filled)
    return f"{root_of(_digits(filled[0]))}:{unit}:{':'.join(filled)}"


def _mistakes(key: str, given: Iterable[str], what: Message, is_right: Callable[[str], bool]) -> list[Message]:
    text = N_('{key}: "{text}" must be {what}')
    return [Message(text, {"key": key, "text": each, "what": what}) for each in given if not is_right(each)]


def _is_dimension(text: str) -> bool:
    return text.isascii() and text.isdigit() and text != PROJECT


def _is_code(text: str) -> bool:
    return bool(CODE.fullmatch(text))


def _is_series(text: str) -> bool:
    return bool(SERIES.fullmatch(text))


def _is_voucher(text: str) -> bool:
    return bool(_VOUCHER.fullmatch(text))


def _is_surplus(text: str) -> bool:
    return text in (KEPT, CARRIED)


def _digits(written: str) -> str:
    """Return the number of an account that is written as `6820-Licenser`."""
    return written.partition("-")[0]


def _is_target(text: str) -> bool:
    filled = text.replace("{number}", "1234").replace("{name}", "Namn")
    name = parse_account(filled)
    if name is not None:
        return root_of(name.number) == name.root and "{" not in _digits(text.split(":")[2])
    return bool(_BELOW.fullmatch(filled)) and "{" not in _digits(text) and root_of(_digits(text)) is not None


# What it lacks


@dataclass
class _Lack:
    what: Message
    table: str
    line: str
    rows: int = 0
    debit: Decimal = ZERO


class Lacks:
    """What the mapping does not cover, with how many rows and which amounts it is about."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], _Lack] = {}

    def add(self, table: str, value: str, what: Message, line: str, amounts: Iterable[Decimal]) -> None:
        """Count some amounts for a value that a table of the mapping lacks; `line` is what to write there."""
        lack = self._found.setdefault((table, value), _Lack(what, table, line))
        for amount in amounts:
            lack.rows += 1
            lack.debit += max(amount, ZERO)

    def refuse(self, filename: str, mapping: str) -> None:
        """Raise DocumentError when anything lacks."""
        if not self._found:
            return
        lacks = sorted(self._found.values(), key=lambda lack: lack.table)
        lines: dict[str, list[str]] = defaultdict(list)
        for lack in lacks:
            lines[lack.table].append(lack.line)
        pasted = "\n".join("\n".join([f"[{table}]", *dict.fromkeys(each)]) for table, each in lines.items())
        text = N_("nothing has been taken in: write in {file}, as it should be,\n{lines}")
        todo = phrase(text, file=mapping, lines=as_written(pasted))
        raise refused(filename, [Problem(0, each) for each in (*map(_with_amounts, lacks), todo)])


def _with_amounts(lack: _Lack) -> Message:
    one = N_("{what}: 1 row, debit {amount}")
    many = N_("{what}: {count} rows, debit {amount}")
    return counted(lack.rows, one, many, what=lack.what, amount=lack.debit)
