"""The text of a SIE file: its bytes as lines, a line as the fields of a record, a field as an amount or a day.

    #TRANS 1930 {1 "NAV" 6 P1} -1250.50 20240315 "Kabel \\"USB\\"" 2

has the label `#TRANS`, an account at place 1, the objects `("1", "NAV", "6", "P1")` at place 2, an amount at place 3,
a day at place 4, the text `Kabel "USB"` at place 5 and a quantity at place 6. What cannot be read is a FieldError
where money is at stake, else a warning.
"""

import codecs
import errno
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

from forbundsbok.importers.document import Document
from forbundsbok.importers.problems import Problems
from forbundsbok.importers.sie.codec.records import Objects
from forbundsbok.plugins.findings import Message, phrase
from forbundsbok.plugins.language import N_

BLOCK = 1 << 17
LONGEST_LINE = 1 << 20
"""Bytes. No program writes lines of a megabyte: what has one is another kind of file."""

UTF_16 = "utf-16"
ASCII = bytes(range(128))
SWEDISH = {
    "cp437": ("åäöéü".encode("cp437"), "ÅÄÖÉÜ".encode("cp437")),
    "latin-1": ("åäöéü".encode("latin-1"), "ÅÄÖÉÜ".encode("latin-1")),
    "mac-roman": ("åäöü".encode("mac-roman"), "ÅÄÖÜ".encode("mac-roman")),
}
"""The letters, small and capital, that are most often there; Mac's é is Ä in CP437, which is the commoner."""
_LIKELY = set("§°½¼²³µ£€´`¨–—‘’“”…«»·•ºª¡¿")
_SIGNS_SHOWN = 10
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_CONTROL_BYTES = bytes({*range(32), 127} - {*b"\t\n\r"})
REPLACEMENT = "\ufffd"

Field = str | tuple[str, ...]
"""A text, or what stands in an object list: dimension, object, dimension, object..."""


class FieldError(ValueError):
    """A line or a field that cannot be read: the message, translated when it is shown, says why, and what to write."""

    def __init__(self, text: str, /, **values: object) -> None:
        super().__init__()
        self.message = Message(text, values)

    def __str__(self) -> str:
        return str(self.message)


@dataclass
class Faults:
    """What is wrong with a file so far. `errors_4e` hold if it turns out to be one of a year's vouchers.

    `unread` tells that there are lines that could not be read: sums would be short of them.
    """

    errors: Problems = field(default_factory=lambda: Problems(kept=1000))
    warnings: Problems = field(default_factory=lambda: Problems(kept=5))
    errors_4e: Problems = field(default_factory=lambda: Problems(kept=1000))
    unread: bool = False

    def lost(self, kind: Message, line: int, message: Message) -> None:
        """Add the error of a line that cannot be read."""
        self.unread = True
        self.errors.add(kind, line, message)


# Bytes as lines


class Encoding(NamedTuple):
    """What a file's bytes are written in, and the signs that are then in it but seldom in any text."""

    name: str
    unlikely: str = ""


def encoding_of(source: Path | Document) -> Encoding:
    """Return what a file's bytes are written in.

    One of `utf-8`, `cp437`, `latin-1`, `cp1252`, `mac-roman` and `utf-16` (which no reader takes). The whole file
    decides: what is valid UTF-8 is that; else the Swedish letters that would be there most often. Raises OSError.
    """
    decoder: codecs.IncrementalDecoder | None = codecs.getincrementaldecoder("utf-8")()
    high, in_words = Counter[int](), Counter[int]()
    if isinstance(source, Path) and source.exists() and not (source.is_file() or source.is_dir()):
        raise OSError(errno.EINVAL, N_("it is not an ordinary file"))  # a device need not end
    with source.open("rb") as file:
        start = file.read(2)
        if start in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) or start.count(0) == 1:
            return Encoding(UTF_16)
        file.seek(0)
        while block := file.read(BLOCK):
            if block.isascii() and not high:
                continue
            high.update(block.translate(None, ASCII))
            in_words.update(b"".join(_IN_A_WORD.findall(block)))
            decoder = _still_valid(decoder, block)
    if not high:
        return Encoding("cp437")
    if _still_valid(decoder, b"", final=True):
        return Encoding("utf-8")
    name = max(SWEDISH, key=lambda each: _score(*SWEDISH[each], high, in_words))
    if name == "latin-1" and any(0x80 <= byte <= 0x9F for byte in high):
        name = "cp1252"
    signs = {sign for byte in high if not _is_likely(sign := bytes([byte]).decode(name, "replace"))}
    return Encoding(name, "".join(sorted(signs))[:_SIGNS_SHOWN])


_IN_A_WORD = re.compile(rb"[a-z]([\x80-\xff])")


def _score(small: bytes, capital: bytes, high: Counter[int], in_words: Counter[int]) -> int:
    """Return how well the letters of an encoding fit; a capital letter after a small one seldom is one."""
    return 2 * sum(high[each] for each in small + capital) - sum(in_words[each] for each in capital)


def _is_likely(sign: str) -> bool:
    return sign in _LIKELY or sign.isspace() or unicodedata.name(sign, "").startswith("LATIN ")


def _still_valid(
    decoder: codecs.IncrementalDecoder | None, block: bytes, *, final: bool = False
) -> codecs.IncrementalDecoder | None:
    """Feed a decoder, and return it: None once what it is fed is not of its encoding."""
    try:
        if decoder:
            decoder.decode(block, final)
    except UnicodeDecodeError:
        return None
    return decoder


def blocks(source: Path | Document, encoding: str) -> Iterator[tuple[str, bool]]:
    """Yield the text of a file, some whole lines at a time, each ended by LF whatever the file has.

    With each text: whether there are control characters in it, which SIE forbids.

    Raises OSError, and FieldError at a line that is too long.
    """
    with source.open("rb") as file:
        begins = 0
        while file.read(len(codecs.BOM_UTF8)) == codecs.BOM_UTF8:  # some editors add one each
            begins = file.tell()
        file.seek(begins)
        held = b""
        while block := file.read(BLOCK):
            block = held + block
            end = block.rfind(b"\n") + 1 or _last_cr(block)
            if len(block) - end > LONGEST_LINE:
                raise FieldError(N_("A line of more than {most} bytes: this is no SIE file"), most=LONGEST_LINE)
            held = block[end:]
            if end:
                yield _text(block[:end], encoding)
        if held:
            yield _text(held + b"\n", encoding)


def _text(lines: bytes, encoding: str) -> tuple[str, bool]:
    control = len(lines.translate(None, _CONTROL_BYTES)) < len(lines)
    return _lf(lines.decode(encoding, "replace")), control


def _last_cr(block: bytes) -> int:
    """Return where the last line ends that is ended by CR alone; a CR at the very end may be half of a CRLF."""
    return block.rfind(b"\r", 0, -1) + 1


def _lf(text: str) -> str:
    if "\r" not in text:
        return text
    return text.replace("\r\n", "\n").replace("\r", "\n")


# A line as fields

_END = re.compile(r'(?<!\\)"(?=[ \t{}]|$)')
"""The quote that ends a field: not an escaped one, nor one before a letter, which is taken for a part of the text."""
_BARE = re.compile(r"[^ \t]++")
_ITEM = re.compile(r"[^ \t}]++")
_SPACE = re.compile(r"[ \t]*+")


class Fields(NamedTuple):
    """The fields of a line, its label first.

    `brace` is the one that stands open or alone at its end, if any. `stray` tells that there is a quote that neither
    begins nor ends a field, and is not escaped: it is taken for a part of the text.
    """

    fields: list[Field]
    brace: str = ""
    stray: bool = False


def fields_of(line: str, *, braces: bool = True) -> Fields:
    """Return the fields of a line; without `braces`, they are a part of its text.

    Raises FieldError for quotes and braces that are not closed.
    """
    if '"' not in line and "{" not in line and "}" not in line:
        return Fields(_BARE.findall(line))
    fields: list[Field] = []
    brace = ""
    quotes = 0
    place, end = _after_space(line, 0), len(line)
    while place < end and not brace:
        if braces and line[place] == "{":
            items, place, quoted = _items(line, place)
            if items is None:
                brace = "{"
            else:
                fields.append(items)
        elif braces and line[place] == "}":
            if line[place + 1 :].strip(" \t"):
                raise FieldError(N_("There is a {brace} in the middle of the line"), brace="}")
            brace, quoted = "}", 0
        else:
            quoted = int(line[place] == '"')
            field, place = _field(line, place, _BARE)
            fields.append(field)
        quotes += 2 * quoted
        place = _after_space(line, place)
    return Fields(fields, brace, line.replace('\\"', "").count('"') > quotes)


def _after_space(line: str, place: int) -> int:
    match = _SPACE.match(line, place)
    return match.end() if match else place


def _field(line: str, place: int, bare: re.Pattern[str]) -> tuple[str, int]:
    """Return the field that begins at a place, and where it ends."""
    is_quoted = line[place] == '"'
    match = _END.search(line, place + 1) if is_quoted else bare.match(line, place)
    if match is None:
        text = (
            N_('A quote is not closed: {text}. \\" stands for a quote in it: write /" there')
            if line.endswith('\\"')
            else N_('A quote is not closed: {text}. Write " after the text')
        )
        raise FieldError(text, text=shown(line[place:]))
    text = line[place + 1 : match.start()] if is_quoted else match[0]
    return text.replace('\\"', '"') if "\\" in text else text, match.end()


def _items(line: str, place: int) -> tuple[tuple[str, ...] | None, int, int]:
    """Return what an object list holds, where it ends, and how many items are quoted.

    None for a brace that opens a voucher's rows.
    """
    items: list[str] = []
    quoted = 0
    place = _after_space(line, place + 1)
    if place == len(line):
        return None, place, 0
    while place < len(line):
        if line[place] == "}":
            return tuple(items), place + 1, quoted
        if line[place] == "{":
            break
        quoted += line[place] == '"'
        item, place = _field(line, place, _ITEM)
        items.append(item)
        place = _after_space(line, place)
    raise FieldError(N_("An object list is not closed: {text}. Write }} after the last object"), text=shown(line))


# A field as what it says

_AMOUNT = re.compile(r"-?[0-9]+(?:\.(?:[0-9]{1,2}|[0-9]{2}0{2,}))?")
"""Three decimals might be thousands; more are öre if they are zeros."""
_DAY = re.compile(r"[0-9]{8}")


def amount_of(text: str) -> Decimal:
    """Return an amount in kronor, exact whatever its size. Raises FieldError."""
    if _AMOUNT.fullmatch(text):
        return Decimal(text)
    if not text:
        raise FieldError(N_("There is no amount"))
    if "," in text:
        why = N_("{text} is no amount: öre stand after a point, and thousands are not set apart")
        raise FieldError(why, text=shown(text))
    if re.fullmatch(r"-?[0-9]*\.[0-9]{3,}", text):
        raise FieldError(N_("{text} is no amount: it has more than two decimals"), text=shown(text))
    raise FieldError(N_("{text} is no amount: write it like -1250.50"), text=shown(text))


@lru_cache(maxsize=1000)
def day_of(text: str) -> date:
    """Return the day that YYYYMMDD is. Raises FieldError."""
    try:
        if _DAY.fullmatch(text):
            return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        raise FieldError(N_("There is no day {day}"), day=text) from None
    if not text:
        raise FieldError(N_("There is no date"))
    raise FieldError(N_("{text} is no day: write it like 20240315"), text=shown(text))


def period_of(text: str) -> str:
    """Return the month YYYYMM, as it stands. Raises FieldError."""
    if re.fullmatch(r"[0-9]{4}(?:0[1-9]|1[0-2])", text):
        return text
    raise FieldError(N_("{text} is no period: write it like 202403"), text=shown(text))


def shown(text: str) -> str:
    """Return a text as a message quotes it: short, whatever stands in it."""
    return repr(text if len(text) <= 60 else f"{text[:57]}...")


def named(text: str) -> str:
    """Return a number or a label as a message names it, without quotes."""
    return shown(text)[1:-1]


# Fields as a record


class Record:
    """A record on line `number`: its label in capitals, and its fields, the label at place 0.

    `stray` tells whether a quote stands inside a text.
    """

    __slots__ = ("_warnings", "fields", "label", "number", "stray")

    def __init__(self, number: int, label: str, fields: list[Field], stray: bool, warnings: Problems) -> None:
        self.number = number
        self.label = label
        self.fields = fields
        self.stray = stray
        self._warnings = warnings

    def warn(self, kind: Message, message: Message) -> None:
        self._warnings.add(kind, self.number, message)

    def text(self, place: int) -> str:
        """Return a text, empty where the record ends before."""
        return text_at(self.fields, place)

    def texts(self) -> tuple[str, ...]:
        """Return all fields after the label."""
        return tuple(self.text(place) for place in range(1, len(self.fields)))

    def account(self, place: int) -> str:
        account = self.fields[place] if place < len(self.fields) else ""
        if not isinstance(account, str) or not account:
            raise FieldError(N_("There is no account number"))
        if account.isascii() and account.isdigit():
            return account
        if re.search(r'["{}]', account) or not re.search("[0-9]", account):
            raise FieldError(N_("{text} is no account number"), text=shown(account))
        self.warn(
            phrase("account numbers with other characters than digits"),
            phrase("Account {account} has other characters than digits.", account=shown(account)),
        )
        return account.strip()

    def has_objects(self, place: int) -> bool:
        """Tell whether an object list stands at a place."""
        return place < len(self.fields) and not isinstance(self.fields[place], str)

    def objects(self, place: int) -> tuple[Objects, int]:
        """Return the objects at a place, those without number too, and the place after them."""
        items = self.fields[place] if place < len(self.fields) else ""
        if isinstance(items, str):
            self.warn(
                phrase("records without an object list"),
                phrase("{label} has no object list: {{}} is missing.", label=self.label),
            )
            return (), place
        if len(items) % 2:
            raise FieldError(N_("The object list {list} is not pairs of dimension and object"), list=_list(items))
        if self.stray and any('"' in item for item in items):
            raise FieldError(N_("A quote stands inside an object: {list}"), list=_list(items))
        return tuple(zip(items[::2], items[1::2], strict=True)), place + 1

    def amount(self, place: int) -> Decimal:
        return amount_of(self.text(place))

    def quantity(self, place: int) -> Decimal | None:
        text = self.text(place)
        if not text:
            return None
        if re.fullmatch(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)", text):
            return Decimal(text)
        self.warn(
            phrase("quantities that are no numbers"),
            phrase("{text} is no quantity: it is left out.", text=shown(text)),
        )
        return None

    def day(self, place: int) -> date:
        return day_of(self.text(place))

    def optional_day(self, place: int) -> date | None:
        return self.day(place) if self.text(place) else None

    def harmless_day(self, place: int) -> date | None:
        """Return a day that no amount depends on."""
        try:
            return self.optional_day(place)
        except FieldError as error:
            message = phrase("{label}: {why}. It is left out.", label=self.label, why=error.message)
            self.warn(phrase("dates in the heading"), message)
            return None

    def period(self, place: int) -> str:
        return period_of(self.text(place))

    def year(self, place: int) -> int:
        text = self.text(place)
        if re.fullmatch("-?[0-9]{1,3}", text):
            return int(text)
        why = N_("{text} is no year: write 0 for the current one, -1 for the one before")
        raise FieldError(why, text=shown(text))


def text_at(fields: list[Field], place: int) -> str:
    """Return the text at a place of a record, empty where it ends before."""
    if place >= len(fields):
        return ""
    found = fields[place]
    return found if isinstance(found, str) else " ".join(found)


def _list(items: tuple[str, ...]) -> str:
    return shown("{" + " ".join(items) + "}")


# The checksum of records
# Whether they are as they were when the file was written:
#
#     #FLAGGA 0
#     #KSUMMA
#     #PROGRAM "Bok \"4\"" 4.2
#     #TRANS 1930 {1 "N V"} -1.00
#     #KSUMMA 2298286605
#
# The number is zlib.crc32 of `#PROGRAMBok "4"4.2#TRANS19301N V-1.00`: of each record between the two, in CP437, its
# label and fields, without the quotes, braces and separators around them.

OUTSIDE = N_("records outside the checksum")


def covered(fields: Sequence[Field]) -> str:
    """Return what of a record its checksum covers: label and fields, without quotes, braces and separators."""
    return "".join([field if isinstance(field, str) else "".join(field) for field in fields])


def added(record: str, so_far: int, encoding: str = "cp437") -> int:
    """Return the sum of what is covered so far and a record."""
    return crc32(record.encode(encoding, "replace"), so_far)


class Checksum:
    """The #KSUMMA of a file: `state` is absent, ok or bad.

    It covers the records as they are in CP437. Where the file has another encoding, a program may have taken its own
    bytes: that is as good.
    """

    def __init__(self, encoding: str, faults: Faults) -> None:
        self.state = "absent"
        self.opened = 0
        """The line of the opening record, 0 when none is open."""
        self._faults = faults
        self._encodings = ["cp437"] if encoding == "cp437" else ["cp437", encoding]
        self._sums: list[int] = []
        self._covered_vouchers = 0

    def feed(self, record: str) -> None:
        """Add what is covered of a record, or of several."""
        self._sums = [
            added(record, so_far, encoding) for encoding, so_far in zip(self._encodings, self._sums, strict=True)
        ]

    def take(self, line: int, text: str, *, records_before: bool, vouchers: int) -> None:
        """Take a #KSUMMA: one without a text opens, one with a sum closes. `vouchers` stand before it."""
        if not text:
            self._open(line, records_before)
        elif not self.opened:
            text = N_("There is a #KSUMMA with a sum, but none that opens it. Ask for the file anew.")
            self._bad(line, phrase(text))
        else:
            self._close(line, text)
        self._covered_vouchers = vouchers

    def finish(self, vouchers: int) -> None:
        """Tell what is wrong when the file has ended, after so many vouchers."""
        if self.opened:
            text = N_(
                "#KSUMMA is opened, but no #KSUMMA with a sum closes it: the end of the file may be lost. "
                "Ask for the file anew."
            )
            self._bad(self.opened, phrase(text))
        after = vouchers - self._covered_vouchers
        if self.state == "ok" and after:
            text = N_("There are vouchers after the closing #KSUMMA, which does not cover them: {count}.")
            self._faults.warnings.add(phrase(OUTSIDE), 0, phrase(text, count=after))

    def _open(self, line: int, records_before: bool) -> None:
        if self.opened:
            self._bad(line, phrase("A second #KSUMMA opens before the first is closed."))
        elif records_before:
            message = phrase("There are records before #KSUMMA, which it does not cover.")
            self._faults.warnings.add(phrase(OUTSIDE), line, message)
        self.opened = line
        self._sums = [0 for _ in self._encodings]

    def _close(self, line: int, text: str) -> None:
        self.opened = 0
        if _stated(text) not in self._sums:
            told = N_(
                "#KSUMMA states {stated}, but the records make {sum}: they were changed after the file was written. "
                "Ask for the file anew; who knows why they were changed by hand may remove the two #KSUMMA records."
            )
            self._bad(line, phrase(told, stated=named(text), sum=self._sums[0]))
        elif self.state != "bad":
            self.state = "ok"

    def _bad(self, line: int, message: Message) -> None:
        self.state = "bad"
        self._faults.errors.add(phrase("checksums"), line, message)


def _stated(text: str) -> int | None:
    """Return the sum that a closing record states: some programs write the same 32 bits as a signed number."""
    number = int(text) if re.fullmatch("-?[0-9]{1,10}", text) else 2**32
    return number % 2**32 if -(2**31) <= number < 2**32 else None
