"""SIE 4: the records of a file, and the reader of them. SIE is how Swedish accounting programs hand over their books.

    #FLAGGA 0
    #PROGRAM "Bokföring" 4.2
    #FORMAT PC8
    #GEN 20250110
    #SIETYP 4
    #FNAMN "Norrby kommunalförbund"
    #RAR 0 20240101 20241231
    #KONTO 1930 Bank
    #KONTO 3010 Avgifter
    #IB 0 1930 500.00
    #UB 0 1930 1750.50
    #RES 0 3010 -1250.50
    #VER A 1 20240315 "Avgift mars"
    {
    #TRANS 1930 {} 1250.50
    #TRANS 3010 {1 NAV} -1250.50
    }

Type 1 has the balances of a year, 2 those of its months, 3 those of objects (units, projects), 4E its vouchers
too, and 4I nothing but vouchers: what a payroll or an invoicing program sends to the books. The reader is lenient
where a fault is harmless, and says so in a warning, and strict where money is at stake.

Sources: SIE filformat, utgåva 4B, 2008-09-30.
"""

import gc
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Context, Decimal
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

from importers.formats.sie_text import (
    CONTROL,
    REPLACEMENT,
    UTF_16,
    Field,
    FieldError,
    amount_of,
    blocks,
    covered,
    day_of,
    encoding_of,
    fields_of,
    named,
    period_of,
    shown,
)
from importers.problems import Problem, refused

WIDE = Context(prec=1_000_000)
"""Adds amounts of any size exactly."""

# The records

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
    """A whole file, in the order of the file."""

    heading: Heading = field(default_factory=Heading)
    accounts: dict[str, Account] = field(default_factory=dict)
    dimensions: dict[str, Dimension] = field(default_factory=dict)
    objects: dict[tuple[str, str], Object] = field(default_factory=dict)
    balances: list[Balance] = field(default_factory=list)
    vouchers: list[Voucher] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    encoding: str = "cp437"


RESERVED_DIMENSIONS = frozenset(str(number) for number in range(1, 20))
"""They have their meanings without a #DIM: 1 kostnadsställe, 2 kostnadsbärare, 6 projekt, 7 anställd..."""

YEAR_BALANCES = ("IB", "UB", "RES")
OBJECT_BALANCES = ("OIB", "OUB")
PERIOD_BALANCES = ("PSALDO", "PBUDGET")
ROW_LABELS = ("#TRANS", "#RTRANS", "#BTRANS")


def voucher_id(series: str, number: str, line: int) -> str:
    """Return what a voucher is called in a message: `A 17`."""
    return f"{series} {number}".strip() or f"line {line}"


def read_sie(path: Path) -> SieFile:
    """Read a whole file. Raises OSError, and DocumentError with everything that is wrong in it."""
    reader = SieReader(path)
    # Nothing of a file is garbage while it is read, and looking for some takes as long as reading it.
    looked_for_garbage = gc.isenabled()
    gc.disable()
    try:
        vouchers = list(reader.vouchers())
    finally:
        if looked_for_garbage:
            gc.enable()
    if errors := reader.errors:
        raise refused(str(path), errors)
    return SieFile(
        reader.heading,
        reader.accounts,
        reader.dimensions,
        reader.objects,
        reader.balances,
        vouchers,
        reader.warnings,
        reader.encoding,
    )


# What is found wrong


class Findings:
    """Problems by kind. So that a file of nothing but faults fills no memory, only the first of each kind are kept."""

    def __init__(self, kept: int) -> None:
        self._kept = kept
        self._problems: dict[str, list[Problem]] = {}
        self._more: Counter[str] = Counter()

    def add(self, kind: str, line: int, message: str) -> None:
        """Add a problem of a kind, which is a noun in the plural: "unbalanced vouchers"."""
        problems = self._problems.setdefault(kind, [])
        if len(problems) < self._kept:
            problems.append(Problem(line, message))
        else:
            self._more[kind] += 1

    def all(self) -> list[Problem]:
        """Return the problems in the order of the file, and how many more there are of a kind."""
        found = [problem for problems in self._problems.values() for problem in problems]
        found += [
            Problem(self._problems[kind][-1].line, f"... and {count} more {kind} after this line")
            for kind, count in self._more.items()
        ]
        return sorted(found, key=lambda problem: problem.line)


class _Taken:
    """Voucher numbers taken in each series, as ranges: numbers that run take the same room however many they are."""

    def __init__(self) -> None:
        self._starts: dict[str, list[int]] = {}
        self._ends: dict[str, list[int]] = {}
        self._texts: set[tuple[str, str]] = set()

    def take(self, series: str, number: str) -> bool:
        """Take a number; tell whether it was free."""
        if not number.isdecimal() or len(number) > 18:
            free = (series, number) not in self._texts
            self._texts.add((series, number))
            return free
        value = int(number)
        ends = self._ends.setdefault(series, [])
        if ends and value == ends[-1] + 1:
            ends[-1] = value
            return True
        starts = self._starts.setdefault(series, [])
        before = bisect_right(starts, value) - 1
        if before >= 0 and value <= ends[before]:
            return False
        if before >= 0 and ends[before] == value - 1:
            ends[before] = value
        else:
            starts.insert(before + 1, value)
            ends.insert(before + 1, value)
        return True


class _Checksum:
    """The #KSUMMA of a file: `state` is absent, ok or bad.

    It covers the records between the opening #KSUMMA and the closing one as they are in CP437. Where the file has
    another encoding, a program may have taken its own bytes: that is as good.
    """

    def __init__(self, encoding: str) -> None:
        self.state = "absent"
        self.opened = 0
        """The line of the opening record, 0 when none is open."""
        self.covered_vouchers = 0
        self._encodings = ["cp437"] if encoding == "cp437" else ["cp437", encoding]
        self._sums: list[int] = []

    def open(self, line: int) -> None:
        self.opened = line
        self._sums = [0 for _ in self._encodings]

    def feed(self, record: str) -> None:
        self._sums = [
            crc32(record.encode(encoding, "replace"), so_far)
            for encoding, so_far in zip(self._encodings, self._sums, strict=True)
        ]

    def close(self, text: str) -> bool:
        """Tell whether the sum is the one that a closing record states, an unsigned number or the same bits signed."""
        stated = int(text) % 2**32 if re.fullmatch("-?[0-9]{1,10}", text) else None
        holds = stated in self._sums
        self.state = "ok" if holds and self.state != "bad" else "bad"
        self.opened = 0
        return holds

    @property
    def computed(self) -> int:
        return self._sums[0]


# The reader

_TEXT = r'(?:"([^"\\\n]*+)"|([^" \t\n\\{}]++))'
_PLAIN_ROWS = re.compile(
    r"^[ \t]*+#TRANS[ \t]++([0-9]++)"
    r'[ \t]++\{((?:[^}{"\\\n]++|"[^"}\\\n]*+")*+)\}'
    r"[ \t]++(-?[0-9]{1,15}(?:\.[0-9]{1,2})?+)"
    rf'(?:[ \t]++([0-9]{{8}}|"")(?:[ \t]++{_TEXT}(?:[ \t]++"")*+)?+)?+[ \t]*+$',
    re.MULTILINE,
).findall
"""Rows as nearly all are: account, object list, amount, day, and text in quotes or without."""

_PLAIN_VER = re.compile(
    rf"\n*+[ \t]*+#VER[ \t]++{_TEXT}[ \t]++{_TEXT}[ \t]++([0-9]{{8}})"
    rf'(?:[ \t]++{_TEXT}(?:[ \t]++([0-9]{{8}}|"")(?:[ \t]++{_TEXT})?+)?+)?+[ \t]*+'
).fullmatch
"""The line before the rows as nearly all are, after blank lines."""

_KNOWN_LISTS = 10_000

_NO_DAYS: dict[str | None, date | None] = {None: None, "": None, '""': None}
ZERO = Decimal(0)


class _Open:
    """A voucher whose rows are being read. `spoiled` when something in it could not be read."""

    def __init__(self, line: int, fields: list[Field]) -> None:
        self.line = line
        self.series, self.number, _, self.text, _, self.sign = (text_at(fields, place) for place in range(1, 7))
        self.day: date | None = None
        self.registered: date | None = None
        self.begun = False
        self.spoiled = False
        self.wide = False
        self.rows: list[Row] = []
        self.removed: list[Row] = []
        self.added: list[Row] = []

    @property
    def id(self) -> str:
        return voucher_id(self.series, self.number, self.line)

    def total(self) -> Decimal:
        """Return the sum of the rows, exact."""
        if not self.wide:
            return sum([row.amount for row in self.rows], ZERO)
        total = ZERO
        for row in self.rows:
            total = WIDE.add(total, row.amount)
        return total


def text_at(fields: list[Field], place: int) -> str:
    """Return the text at a place of a record, empty where it ends before."""
    if place >= len(fields):
        return ""
    found = fields[place]
    return found if isinstance(found, str) else " ".join(found)


class SieReader:
    """Reads a file voucher by voucher: what is not a voucher is in the attributes, which grow as it goes.

    When all vouchers are read, `errors` and `warnings` are complete, and so is `heading.type`. A file with errors
    is not to be trusted, however many vouchers came out of it.
    """

    def __init__(self, path: Path) -> None:
        """Raises OSError."""
        self.path = path
        self.encoding = encoding_of(path)
        self.heading = Heading()
        self.accounts: dict[str, Account] = {}
        self.dimensions: dict[str, Dimension] = {}
        self.objects: dict[tuple[str, str], Object] = {}
        self.balances: list[Balance] = []
        self.voucher_count = 0
        self.row_count = 0
        """How many #TRANS, sound or not."""
        self.unbalanced: list[str] = []
        self.unread = False
        """Whether there are rows, vouchers or balances that could not be read: sums would be short of them."""
        self._errors = Findings(kept=1000)
        self._warnings = Findings(kept=5)
        self._checksum = _Checksum(self.encoding)
        self._first: dict[str, int] = {}
        """The line where each label stands first."""
        self._unknown: dict[str, list[int]] = {}
        """First line and count of labels that SIE does not have."""
        self._chart: dict[str, int] = {}
        """Account numbers of #KONTO, with their lines; `accounts` may hold some more until the file ends."""
        self._amounts: dict[tuple[str, int, str, str, Objects], Decimal] = {}
        self._unlisted: dict[str, int] = {}
        self._undeclared: dict[tuple[str, str], int] = {}
        self._warnings_4e = Findings(kept=5)
        """Warnings that hold if the file turns out to be one of a year's vouchers."""
        self._taken = _Taken()
        self._open: _Open | None = None
        self._control = False
        """Whether there are control characters in what is being read."""
        self._stray = False
        """Whether a quote stands inside a text of the line that is being read."""
        self._year = (date.min, date.max)
        self._seen_accounts: dict[str, str] = {}
        self._seen_lists: dict[str, tuple[Objects, str]] = {}
        """By the text between braces: the objects, and what a checksum covers of them."""
        self._seen_days: dict[str | None, date | None] = dict(_NO_DAYS)
        self._readers = self._by_label()

    @property
    def checksum(self) -> str:
        """Whether the #KSUMMA agrees: ok, bad or absent."""
        return self._checksum.state

    @property
    def errors(self) -> list[Problem]:
        """What is wrong, in the order of the file."""
        return self._errors.all()

    @property
    def warnings(self) -> list[Problem]:
        """What is odd but harmless, in the order of the file."""
        warnings = self._warnings.all()
        if self.heading.type == "4E":
            warnings += self._warnings_4e.all()
        return sorted(warnings, key=lambda problem: problem.line)

    def vouchers(self) -> Iterator[Voucher]:
        """Yield the vouchers in the order of the file, those that could be read. Raises OSError."""
        number = 0
        try:
            for text in self._texts():
                self._note_odd_characters(text, number)
                yield from self._vouchers_of(text, number)
                number += text.count("\n")
        except FieldError as error:
            self._errors.add("lines that are too long", number + 1, f"{error}.")
        self._finish()

    def _texts(self) -> Iterator[str]:
        """Yield the text of the file, some whole lines at a time, nothing if it is of another kind."""
        if self.encoding == UTF_16:
            self._error("files", 0, "The text is UTF-16: write the file anew in CP437, which is what #FORMAT PC8 says.")
            return
        begun = False
        for text, control in blocks(self.path, self.encoding):
            self._control = control
            if not begun and (start := text.lstrip()):
                if not start.startswith("#"):
                    self._error("files", 1, _other_kind(start))
                    return
                begun = True
            yield text
        if not begun:
            self._error("files", 0, "The file is empty: ask for it anew.")

    def _vouchers_of(self, text: str, number: int) -> Iterator[Voucher]:
        """Yield the vouchers that end in a text, after line `number`.

        Nearly all vouchers of a large file look alike: they take the short way, with what their fields meant the
        time before. All others go line by line.
        """
        *chunks, rest = text.split("\n}\n")
        for chunk in chunks:
            found: list[tuple[str, ...]] = []
            voucher = None
            if self._open is None and not self._control:
                head, _, body = chunk.partition("\n{\n")
                found = _PLAIN_ROWS(body)
                if found and len(found) == body.count("\n") + 1 and (match := _PLAIN_VER(head)):
                    voucher = self._plain(number + head.count("\n") + 1, match.groups(), found)
                else:
                    found = []
            if voucher:
                yield voucher
                number = voucher.line + len(found) + 2
                continue
            for voucher in self._by_line([*chunk.split("\n"), "}"], number):
                self._learn(found, voucher.rows)
                yield voucher
            number += chunk.count("\n") + 2
        yield from self._by_line(rest.split("\n"), number)

    def _by_line(self, lines: list[str], number: int) -> Iterator[Voucher]:
        for line in lines:
            number += 1
            if line and (voucher := self._take(number, line)):
                yield voucher

    def _plain(self, line: int, head: tuple[str | None, ...], found: list[tuple[str, ...]]) -> Voucher | None:
        """Return the voucher whose #VER is on a line; None for one that there is more to say about."""
        series, bare_series, number, bare_number, written, text, bare_text, registered, sign, bare_sign = head
        series, number = series or bare_series or "", number or bare_number or ""
        text, sign = text or bare_text or "", sign or bare_sign or ""
        accounts, lists, days = self._seen_accounts, self._seen_lists, self._seen_days
        new, row_type, decimal = tuple.__new__, Row, Decimal
        try:
            day, registered_on = days[written], days[registered]
            rows = [
                new(
                    row_type,
                    (at, accounts[account], lists[items][0], decimal(amount), days[of], said or bare, None, ""),
                )
                for at, (account, items, amount, of, said, bare) in enumerate(found, line + 2)
            ]
        except KeyError:
            return None
        if day is None or sum([row[3] for row in rows], ZERO) or not self._year[0] <= day <= self._year[1]:
            return None
        if number and not self._taken.take(series, number):
            return None
        if self._checksum.opened:
            records = [f"#VER{series}{number}{written}{text}{_bare(registered)}{sign}"]
            for account, items, amount, of, said, bare in found:
                records.append(f"#TRANS{account}{lists[items][1]}{amount}{_bare(of)}{said}{bare}")
            self._checksum.feed("".join(records))
        self.voucher_count += 1
        self.row_count += len(rows)
        return new(
            Voucher,
            (line, series, number, day, text, registered_on, sign, tuple(rows), (), ()),
        )

    def _learn(self, found: list[tuple[str, ...]], rows: tuple[Row, ...]) -> None:
        """Keep what the fields of plain rows meant."""
        if len(self._seen_lists) > _KNOWN_LISTS:
            self._seen_lists.clear()
        if len(found) != len(rows):
            return  # some of them are not as plain as they look
        for (account, items, _, day, _, _), row in zip(found, rows, strict=True):
            self._seen_accounts[account] = row.account
            self._seen_lists[items] = (row.objects, covered(fields_of(f"{{{items}}}").fields))
            self._seen_days[day] = row.day

    # A line

    def _take(self, number: int, line: str) -> Voucher | None:
        """Read a line; return the voucher that it ends, if it is sound."""
        line = line.strip(" \t")
        if line.startswith("{"):
            self._begin_rows(number)
            line = line[1:].lstrip(" \t")
        if not line or line == "\x1a":  # Ctrl-Z ended the files of DOS
            return None
        try:
            fields, brace, self._stray = fields_of(line)
        except FieldError as error:
            self._garbled(number, line, error)
            return None
        if fields:
            if self._control:
                fields = [_without_control(each) for each in fields]
            self._record(number, fields)
        if brace == "{":
            self._begin_rows(number)
        return self._end_rows(number) if brace == "}" else None

    def _garbled(self, number: int, line: str, error: FieldError) -> None:
        label = line.split(None, 1)[0].upper()
        if label.startswith("#") and label not in self._readers and label != "#KSUMMA":
            self._note_unknown(number, label)
            return
        self.unread = True
        self._errors.add("lines that cannot be read", number, f"{named(label)}: {error}.")
        if label == "#VER":
            self._leave_open(number)
            self._open = _Open(number, [])
        if label == "#TRANS":
            self.row_count += 1
        if self._open:
            self._open.spoiled = True

    def _record(self, number: int, fields: list[Field]) -> None:
        label = text_at(fields, 0)
        if not label.startswith("#") or not isinstance(fields[0], str):
            self._no_record(number, fields)
            return
        if label == "#KSUMMA":
            self._take_checksum(number, fields)
            return
        if self._checksum.opened:
            self._checksum.feed(covered(fields))
        if label not in self._readers:
            if label.upper() not in self._readers:
                self._note_unknown(number, label)
                return
            self._warnings.add("labels in small letters", number, f"{label} is read as {label.upper()}.")
            label = label.upper()
        self._first.setdefault(label, number)
        if self._open and label not in ROW_LABELS:
            self._leave_open(number)
        if self._stray:
            self._warnings.add(
                "lines with a quote inside a text", number, f'{label}: A quote stands inside a text: it is written \\".'
            )
        try:
            self._readers[label](number, fields)
        except FieldError as error:
            self._errors.add(f"{label} that cannot be read", number, f"{label}: {error}.")
            self.unread = True
            if self._open:
                self._open.spoiled = True

    def _note_unknown(self, number: int, label: str) -> None:
        if label not in self._unknown and len(self._unknown) >= 100:
            label = "other labels"
        first_and_count = self._unknown.setdefault(label, [number, 0])
        first_and_count[1] += 1

    def _no_record(self, number: int, fields: list[Field]) -> None:
        message = f"{shown(text_at(fields, 0))} begins a line, which is no record: a record begins with # and its label"
        if self._open:
            self._open.spoiled = True
            self._errors.add("lines that are no records", number, f"{message}. Ask for the file anew.")
        else:
            self._warnings.add("lines that are no records", number, f"{message}. The line is ignored.")

    def _note_odd_characters(self, text: str, before: int) -> None:
        """Warn of what should not stand in a text: characters lost before the file was written, and control codes."""
        if self._control:
            for number, line in enumerate(text.split("\n"), before + 1):
                if (match := CONTROL.search(line)) and line.strip() != "\x1a":
                    self._warnings.add(
                        "lines with control characters",
                        number,
                        f"SIE forbids control character {ord(match[0])}: {REPLACEMENT} stands for it.",
                    )
        if REPLACEMENT in text:
            for number, line in enumerate(text.split("\n"), before + 1):
                if REPLACEMENT in line:
                    self._warnings.add(
                        "lines with lost letters",
                        number,
                        f"A letter is lost: {REPLACEMENT} stands for it. It was lost before the file was written.",
                    )

    # The checksum

    def _take_checksum(self, number: int, fields: list[Field]) -> None:
        text = text_at(fields, 1)
        if not text:
            if self._checksum.opened:
                self._error("checksums", number, "A second #KSUMMA opens before the first is closed.")
            elif len(self._first) > 1:
                self._warnings.add(
                    "records outside the checksum", number, "There are records before #KSUMMA, which it does not cover."
                )
            self._checksum.open(number)
        elif not self._checksum.opened:
            self._checksum.state = "bad"
            self._error(
                "checksums", number, "There is a #KSUMMA with a sum, but none that opens it. Ask for the file anew."
            )
        elif not self._checksum.close(text):
            self._error(
                "checksums",
                number,
                f"#KSUMMA states {named(text)}, but the records make {self._checksum.computed}: they were changed "
                "after the file was written. Ask for the file anew; who knows why they were changed by hand may remove "
                "the two #KSUMMA records.",
            )
        self._checksum.covered_vouchers = self.voucher_count
        self._first.setdefault("#KSUMMA", number)

    # Vouchers

    def _ver(self, number: int, fields: list[Field]) -> None:
        self.voucher_count += 1
        self._open = voucher = _Open(number, fields)
        voucher.day = self._day(fields, 3)
        voucher.registered = self._optional_day(fields, 5)
        if voucher.number and not self._taken.take(voucher.series, voucher.number):
            self._warnings.add(
                "voucher numbers that are taken", number, f"There is a voucher {named(voucher.id)} before this one."
            )
        first, last = self._year
        if not first <= voucher.day <= last:
            self._warnings_4e.add(
                "vouchers outside the year",
                number,
                f"Voucher {named(voucher.id)} of {voucher.day} is not in the year {first} to {last}.",
            )

    def _begin_rows(self, number: int) -> None:
        if self._open is None:
            self._error("braces", number, "There is a { without a #VER before it.")
        elif self._open.begun:
            self._error("braces", number, f"There is a second {{ in voucher {named(self._open.id)}.")
        else:
            self._open.begun = True

    def _end_rows(self, number: int) -> Voucher | None:
        voucher = self._open
        if voucher is None or not voucher.begun:
            self._error("braces", number, "There is a } without a { before it.")
        self._open = None
        if voucher is None:
            return None
        self.row_count += len(voucher.rows)
        if not voucher.spoiled:
            self._check_balance(voucher)
            self._check_added(voucher)
        if voucher.day is None:
            return None
        return Voucher(
            voucher.line,
            voucher.series,
            voucher.number,
            voucher.day,
            voucher.text,
            voucher.registered,
            voucher.sign,
            tuple(voucher.rows),
            tuple(voucher.removed),
            tuple(voucher.added),
        )

    def _leave_open(self, number: int) -> None:
        """Report a voucher that is not closed where the file goes on, or ends."""
        voucher, self._open = self._open, None
        if voucher is None:
            return
        self.unread = True
        self.row_count += len(voucher.rows)
        what = "has no rows between { and }" if not voucher.begun else "is not closed: there is no } after its rows"
        where = f"before line {number}" if number else "before the file ends, so some of it is lost"
        self._error(
            "vouchers that are not closed",
            voucher.line,
            f"Voucher {named(voucher.id)} {what} {where}. Ask for the file anew.",
        )

    def _check_balance(self, voucher: _Open) -> None:
        total = voucher.total()
        if not total:
            return
        self.unbalanced.append(voucher.id)
        debit = WIDE.divide(WIDE.add(total, _magnitude(voucher.rows)), Decimal(2))
        self._error(
            "unbalanced vouchers",
            voucher.line,
            f"Voucher {named(voucher.id)} of {voucher.day} does not balance: debit {kronor(debit)}, "
            f"credit {kronor(WIDE.subtract(debit, total))}, difference {kronor(total)}. Ask for the file anew.",
        )

    def _check_added(self, voucher: _Open) -> None:
        """An added row stands for nothing without the #TRANS that is its twin; date and sign of twins may differ."""
        if not voucher.added:
            return
        twins = Counter((row.account, row.objects, row.amount) for row in voucher.rows)
        for row in voucher.added:
            key = (row.account, row.objects, row.amount)
            if not twins[key]:
                self._warnings.add(
                    "added rows without a #TRANS",
                    row.line,
                    f"#RTRANS of {row.account}, {kronor(row.amount)}, is not followed by a #TRANS like it: "
                    "it does not count.",
                )
            twins[key] -= 1

    def _trans(self, number: int, fields: list[Field]) -> None:
        if self._open is None:
            self.row_count += 1
            raise FieldError("The row is outside a voucher: there is no #VER and { before it")
        if not self._open.begun:
            self._error("braces", number, f"There is no {{ before the rows of voucher {named(self._open.id)}.")
            self._open.begun = True
        try:
            row = self._row(number, fields)
        except FieldError:
            self.row_count += 1
            raise
        self._open.wide |= len(text_at(fields, 2)) > 15 or len(text_at(fields, 3)) > 15
        self._open.rows.append(row)

    def _btrans(self, number: int, fields: list[Field]) -> None:
        self._other_row(number, fields, self._open.removed if self._open else None)

    def _rtrans(self, number: int, fields: list[Field]) -> None:
        self._other_row(number, fields, self._open.added if self._open else None)

    def _other_row(self, number: int, fields: list[Field], rows: list[Row] | None) -> None:
        if rows is None:
            raise FieldError("The row is outside a voucher: there is no #VER and { before it")
        rows.append(self._row(number, fields))

    def _row(self, number: int, fields: list[Field]) -> Row:
        account = self._account(number, fields, 1)
        if account not in self._chart:
            self._unlisted.setdefault(account, number)
        objects, place = self._objects(number, fields, 2)
        return Row(
            number,
            account,
            objects,
            amount_of(text_at(fields, place)),
            self._optional_day(fields, place + 1),
            text_at(fields, place + 2),
            self._quantity(number, fields, place + 3),
            text_at(fields, place + 4),
        )

    # Fields

    def _account(self, number: int, fields: list[Field], place: int) -> str:
        account = fields[place] if place < len(fields) else ""
        if not isinstance(account, str) or not account:
            raise FieldError("There is no account number")
        if not (account.isascii() and account.isdigit()):
            if '"' in account or not re.search("[0-9]", account):
                raise FieldError(f"{shown(account)} is no account number")
            self._warnings.add(
                "account numbers with other characters than digits",
                number,
                f"Account {shown(account)} has other characters than digits.",
            )
        return account

    def _objects(self, number: int, fields: list[Field], place: int) -> tuple[Objects, int]:
        """Return the objects at a place, and the place after them."""
        items = fields[place] if place < len(fields) else ""
        if isinstance(items, str):
            self._warnings.add(
                "records without an object list", number, f"{fields[0]} has no object list: {{}} is missing."
            )
            return (), place
        if len(items) % 2:
            raise FieldError(
                f"The object list {shown('{' + ' '.join(items) + '}')} is not pairs of dimension and object"
            )
        if self._stray and any('"' in item for item in items):
            raise FieldError(f"A quote stands inside an object: {shown('{' + ' '.join(items) + '}')}")
        pairs = tuple(zip(items[::2], items[1::2], strict=True))
        for pair in pairs:
            if pair not in self.objects and len(self._undeclared) < _KNOWN_LISTS:
                self._undeclared.setdefault(pair, number)
        return tuple(pair for pair in pairs if pair[1]), place + 1

    def _quantity(self, number: int, fields: list[Field], place: int) -> Decimal | None:
        text = text_at(fields, place)
        if not text:
            return None
        if re.fullmatch(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)", text):
            return Decimal(text)
        self._warnings.add("quantities that are no numbers", number, f"{shown(text)} is no quantity: it is left out.")
        return None

    def _day(self, fields: list[Field], place: int) -> date:
        text = text_at(fields, place)
        day = self._seen_days.get(text)
        if day is None:
            if len(self._seen_days) > _KNOWN_LISTS:
                self._seen_days = dict(_NO_DAYS)
            day = self._seen_days[text] = day_of(text)
        return day

    def _optional_day(self, fields: list[Field], place: int) -> date | None:
        return self._day(fields, place) if text_at(fields, place) else None

    def _harmless_day(self, number: int, fields: list[Field], place: int) -> date | None:
        """Return a day that no amount depends on."""
        try:
            return self._optional_day(fields, place)
        except FieldError as error:
            self._warnings.add("dates in the heading", number, f"{fields[0]}: {error}. It is left out.")
            return None

    # The other records

    def _by_label(self) -> dict[str, "Callable[[int, list[Field]], None]"]:
        heading = self.heading

        def text(attribute: str) -> Callable[[int, list[Field]], None]:
            return lambda _, fields: setattr(heading, attribute, text_at(fields, 1))

        return {
            "#FLAGGA": self._flagga,
            "#PROGRAM": self._program,
            "#FORMAT": text("format"),
            "#GEN": self._gen,
            "#SIETYP": text("type"),
            "#PROSA": self._prosa,
            "#FTYP": text("company_type"),
            "#FNR": text("company_number"),
            "#ORGNR": text("org_number"),
            "#BKOD": text("branch"),
            "#ADRESS": self._adress,
            "#FNAMN": text("company"),
            "#RAR": self._rar,
            "#TAXAR": text("tax_year"),
            "#OMFATTN": self._omfattn,
            "#KPTYP": text("chart_type"),
            "#VALUTA": self._valuta,
            "#KONTO": self._konto,
            "#KTYP": self._ktyp,
            "#ENHET": self._enhet,
            "#SRU": self._sru,
            "#DIM": self._dim,
            "#UNDERDIM": self._dim,
            "#OBJEKT": self._objekt,
            **{f"#{kind}": self._balance for kind in (*YEAR_BALANCES, *OBJECT_BALANCES, *PERIOD_BALANCES)},
            "#VER": self._ver,
            "#TRANS": self._trans,
            "#RTRANS": self._rtrans,
            "#BTRANS": self._btrans,
        }

    def _flagga(self, number: int, fields: list[Field]) -> None:
        self.heading.flag = text_at(fields, 1)
        if len(self._first) > 1:
            self._warnings.add("headings", number, "#FLAGGA is not the first record.")
        if self.heading.flag == "1":
            self._warnings.add("headings", number, "#FLAGGA 1 says that the file has been taken in before.")

    def _program(self, number: int, fields: list[Field]) -> None:
        self.heading.program, self.heading.program_version = text_at(fields, 1), text_at(fields, 2)

    def _gen(self, number: int, fields: list[Field]) -> None:
        self.heading.generated = self._harmless_day(number, fields, 1)
        self.heading.generated_by = text_at(fields, 2)

    def _prosa(self, number: int, fields: list[Field]) -> None:
        # Some programs write it without quotes, and some over several records.
        remark = " ".join(text_at(fields, place) for place in range(1, len(fields)))
        if len(self.heading.remarks) < 10_000:
            self.heading.remarks = f"{self.heading.remarks}\n{remark}".strip("\n")

    def _adress(self, number: int, fields: list[Field]) -> None:
        self.heading.address = tuple(text_at(fields, place) for place in range(1, len(fields)))

    def _rar(self, number: int, fields: list[Field]) -> None:
        if not text_at(fields, 2) and not text_at(fields, 3):
            return  # some programs write it so in 4I, where it need not be
        first, last = self._day(fields, 2), self._day(fields, 3)
        if last < first:
            raise FieldError(f"The year ends on {last}, before it begins on {first}")
        year = _year(fields, 1)
        self.heading.years[year] = (first, last)
        if year == 0:
            self._year = (first, last)

    def _omfattn(self, number: int, fields: list[Field]) -> None:
        self.heading.covers_to = self._harmless_day(number, fields, 1)

    def _valuta(self, number: int, fields: list[Field]) -> None:
        self.heading.currency = text_at(fields, 1) or "SEK"

    def _konto(self, number: int, fields: list[Field]) -> None:
        account, name = self._account(number, fields, 1), text_at(fields, 2)
        if account in self._chart:
            self._warnings.add(
                "accounts that are there twice",
                number,
                f"#KONTO {named(account)} is on line {self._chart[account]} too: the last one counts.",
            )
        elif not name:
            self._warnings.add("accounts without name", number, f"#KONTO {named(account)} has no name.")
        self._chart[account] = number
        self.accounts[account] = self._told_of(account)._replace(name=name)

    def _told_of(self, account: str) -> Account:
        return self.accounts.get(account) or Account(account, "", "", "", ())

    def _ktyp(self, number: int, fields: list[Field]) -> None:
        account, kind = self._account(number, fields, 1), text_at(fields, 2)
        if kind in ("T", "S", "K", "I"):
            self.accounts[account] = self._told_of(account)._replace(kind=kind)
        else:
            self._warnings.add(
                "account types", number, f"#KTYP {named(account)} is {shown(kind)}, not T, S, K or I: it is left out."
            )

    def _enhet(self, number: int, fields: list[Field]) -> None:
        account = self._account(number, fields, 1)
        self.accounts[account] = self._told_of(account)._replace(unit=text_at(fields, 2))

    def _sru(self, number: int, fields: list[Field]) -> None:
        account = self._told_of(self._account(number, fields, 1))
        self.accounts[account.number] = account._replace(sru=(*account.sru[:100], text_at(fields, 2)))

    def _dim(self, number: int, fields: list[Field]) -> None:
        dimension = text_at(fields, 1)
        if not dimension:
            raise FieldError("There is no dimension number")
        self.dimensions[dimension] = Dimension(dimension, text_at(fields, 2), text_at(fields, 3))

    def _objekt(self, number: int, fields: list[Field]) -> None:
        key = (text_at(fields, 1), text_at(fields, 2))
        if not all(key):
            raise FieldError("There is no dimension, or no object number")
        self.objects[key] = Object(*key, text_at(fields, 3))

    def _balance(self, number: int, fields: list[Field]) -> None:
        kind = text_at(fields, 0).upper()[1:]
        year, place, period = _year(fields, 1), 2, ""
        objects: Objects = ()
        if kind in PERIOD_BALANCES:
            period, place = period_of(text_at(fields, 2)), 3
        account = self._account(number, fields, place)
        place += 1
        if kind not in YEAR_BALANCES:
            objects, place = self._objects(number, fields, place)
        elif place < len(fields) and not isinstance(fields[place], str):
            if fields[place]:
                raise FieldError("There are objects, which only #OIB and #OUB have")
            place += 1
        if account not in self._chart:
            self._unlisted.setdefault(account, number)
        amount = amount_of(text_at(fields, place))
        key = (kind, year, period, account, objects)
        if key in self._amounts:
            self._twice(number, key, amount)
            return
        self._amounts[key] = amount
        quantity = self._quantity(number, fields, place + 1)
        self.balances.append(Balance(number, kind, year, period, account, objects, amount, quantity))

    def _twice(self, number: int, key: tuple[str, int, str, str, Objects], amount: Decimal) -> None:
        kind, year, period, account, _ = key
        before = self._amounts[key]
        of = " ".join([f"#{kind}", str(year), *([period] if period else []), named(account)])
        if before != amount:
            raise FieldError(f"{of} is there before, as {kronor(before)}, and here as {kronor(amount)}")
        self._warnings.add("balances that are there twice", number, f"{of} is there twice: it counts once.")

    # When the file has ended

    def _finish(self) -> None:
        self._leave_open(0)
        if self._checksum.opened:
            self._checksum.state = "bad"
            self._error(
                "checksums",
                self._checksum.opened,
                "#KSUMMA is opened, but no #KSUMMA with a sum closes it: the end of the file may be lost. "
                "Ask for the file anew.",
            )
        after = self.voucher_count - self._checksum.covered_vouchers
        if self._checksum.state == "ok" and after:
            message = f"There are vouchers after the closing #KSUMMA, which does not cover them: {after}."
            self._warnings.add("records outside the checksum", 0, message)
        if not self._first and not self._unknown:
            self.heading.type = ""
            return  # it is no SIE file, which is said
        if "#FLAGGA" not in self._first:
            self._error("files", 1, "There is no #FLAGGA: this is no SIE file, or its beginning is lost.")
        self._decide_type()
        self._drop_unlisted_accounts()
        self._warn_of_encoding()
        self._warn_of_what_lacks()
        for label, (first, count) in self._unknown.items():
            records = "1 record is" if count == 1 else f"{count} records are"
            self._warnings.add(
                "labels that SIE lacks", first, f"{named(label)} is no label of SIE 4: {records} ignored."
            )
        if self.heading.type == "4E":
            self._warn_of_rows()

    def _decide_type(self) -> None:
        """Tell 4E from 4I, which #SIETYP does not: a file of a year has balances."""
        stated, line = self.heading.type, self._first.get("#SIETYP", 0)
        balances = any(f"#{kind}" in self._first for kind in YEAR_BALANCES)
        if stated.upper() in ("4E", "4I"):
            self._warnings.add("headings", line, f"#SIETYP {named(stated)} is written 4.")
        elif stated not in ("1", "2", "3", "4"):
            self._warnings.add("headings", line, f"#SIETYP {named(stated)} is no type of SIE 4: what is there decides.")
            stated = "4" if self.voucher_count or not balances else "1"
        if stated in ("1", "2", "3"):
            self.heading.type = stated
            if self.voucher_count:
                self._warnings.add(
                    "headings",
                    self._first["#VER"],
                    f"Type {stated} has no vouchers, but there are {self.voucher_count}.",
                )
            return
        # Some programs state balances in what they send to be taken in: what it is called decides then.
        complete = all(f"#{kind}" in self._first for kind in YEAR_BALANCES)
        of_a_year = complete or (balances and self.path.suffix.lower() != ".si")
        self.heading.type = "4E" if of_a_year else "4I"
        if balances and not of_a_year:
            self._warnings.add(
                "headings", line, "Type 4I has no balances, but there are some: no vouchers are held against them."
            )

    def _drop_unlisted_accounts(self) -> None:
        for account in [account for account in self.accounts if account not in self._chart]:
            del self.accounts[account]
            self._warnings.add(
                "accounts that are not in #KONTO", 0, f"Account {named(account)} has details, but no #KONTO."
            )

    def _warn_of_encoding(self) -> None:
        declared, line = self.heading.format, self._first.get("#FORMAT", 0)
        if declared.upper() != "PC8" and line:
            self._warnings.add("headings", line, f"#FORMAT is {shown(declared)}: SIE 4 has no other than PC8.")
        if self.encoding != "cp437":
            self._warnings.add(
                "headings",
                line,
                f"The text is {self.encoding}, not CP437 as #FORMAT PC8 says: it is read as {self.encoding}.",
            )

    def _warn_of_what_lacks(self) -> None:
        needed = ["#PROGRAM", "#FORMAT", "#GEN", "#FNAMN"]
        if self.heading.type != "4I":
            needed += ["#RAR", "#KONTO", *(f"#{kind}" for kind in YEAR_BALANCES)]
        if lacking := [label for label in needed if label not in self._first]:
            self._warnings.add(
                "labels that lack", 0, f"Type {self.heading.type} should have {', '.join(lacking)}, which is not there."
            )

    def _warn_of_rows(self) -> None:
        for account, line in self._unlisted.items():
            if self._chart and account not in self._chart:
                self._warnings.add(
                    "accounts that are not in #KONTO", line, f"Account {named(account)} is not in #KONTO."
                )
        for (dimension, number), line in self._undeclared.items():
            if (dimension, number) not in self.objects:
                self._warnings.add(
                    "objects that are not in #OBJEKT",
                    line,
                    f"Object {named(number)} of dimension {named(dimension)} is not in #OBJEKT.",
                )

    def _error(self, kind: str, line: int, message: str) -> None:
        self._errors.add(kind, line, message)


def kronor(amount: Decimal) -> str:
    """Return an amount as a message shows it, and as a file may state it: `-1250.50`."""
    return f"{amount:.2f}"


def _magnitude(rows: Iterable[Row]) -> Decimal:
    total = ZERO
    for row in rows:
        total = WIDE.add(total, abs(row.amount))
    return total


def _bare(day: str | None) -> str:
    return day if day and day != '""' else ""


def _without_control(each: Field) -> Field:
    if isinstance(each, str):
        return CONTROL.sub(REPLACEMENT, each)
    return tuple(CONTROL.sub(REPLACEMENT, item) for item in each)


def _year(fields: list[Field], place: int) -> int:
    text = text_at(fields, place)
    if re.fullmatch("-?[0-9]{1,3}", text):
        return int(text)
    raise FieldError(f"{shown(text)} is no year: write 0 for the current one, -1 for the one before")


def _other_kind(start: str) -> str:
    if start.startswith("<"):
        return "This is XML or a web page, not SIE 4: ask for the file as SIE 4 (.se or .si)."
    return f"The file begins with {shown(start.splitlines()[0])}, not with #FLAGGA: it is no SIE 4 file."
