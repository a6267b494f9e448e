"""SIE 4 written: records as the bytes that any Swedish accounting program takes in.

    #TRANS 1930 {1 NAV 6 "P 1"} -1250.50 20240315 "Kabel \\"USB\\"" 2 CH

Every record, its fields in the order of the specification, amounts with two decimals, lines ended by CR LF, all in
CP437. What CP437 lacks is written with what comes nearest, and said. #KSUMMA covers everything but #FLAGGA.

Sources: SIE filformat, utgåva 4B, 2008-09-30.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from forbundsbok.importers.sie.codec.records import (
    YEAR_BALANCES,
    Account,
    Balance,
    Heading,
    Objects,
    Row,
    SieFile,
    Voucher,
    kronor,
)
from forbundsbok.importers.sie.codec.text import Field, added, covered
from forbundsbok.plugins.findings import Message, phrase
from forbundsbok.plugins.language import N_

NEAREST = {
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
    **dict.fromkeys("\u2018\u2019\u201a\u2032\u00b4", "'"),
    **dict.fromkeys("\u201c\u201d\u201e\u2033", '"'),
    "\u2026": "...",
    "\u2022": "*",
    "€": "EUR",
    "×": "x",
    "Ø": "O",
    "ø": "o",
    "©": "(c)",
    "®": "(R)",
    "™": "(TM)",
}
"""What stands in Swedish texts but not in CP437, and what may stand for it."""

_CODE = re.compile(r"[^\s\"{}\\]+")
"""What needs no quotes."""


class FineAmountError(ValueError):
    """An amount finer than an öre."""


def sie_bytes(file: SieFile, *, checksum: bool = True) -> tuple[bytes, list[Message]]:
    """Return a file as bytes, and the characters that had to be replaced: a line each, with how many there were.

    Of the heading, `format` is always PC8, and `flag` is 0 where it is empty. Nothing is left out because of the
    type: `balances` and `vouchers` hold what the type should have. Raises FineAmountError.
    """
    writer = _Writer()
    writer.record(("#FLAGGA", file.heading.flag or "0"))
    if checksum:
        writer.open_checksum()
    for record in _records(file):
        writer.record(record)
    if checksum:
        writer.close_checksum()
    return bytes(writer.written), writer.replaced()


class _Quoted(str):
    """A text that always stands in quotes: names and texts, as programs write them."""


Line = tuple[Field, ...]
"""A label and its fields, or a brace alone."""


class _Writer:
    def __init__(self) -> None:
        self.written = bytearray()
        self._sum: int | None = None
        self._replaced: Counter[tuple[str, str]] = Counter()

    def open_checksum(self) -> None:
        self._line("#KSUMMA")
        self._sum = 0

    def close_checksum(self) -> None:
        self._line(f"#KSUMMA {self._sum}")

    def record(self, fields: Line) -> None:
        if fields in (("{",), ("}",)):
            self._line(str(fields[0]))
            return
        sayable = [self._sayable(field) for field in fields]
        if self._sum is not None:
            self._sum = added(covered(sayable), self._sum)
        self._line(" ".join(map(_written, sayable)))

    def _line(self, text: str) -> None:
        self.written += text.encode("cp437") + b"\r\n"

    def _sayable(self, field: Field) -> Field:
        if isinstance(field, tuple):
            return tuple(str(self._sayable(item)) for item in field)
        text = field
        if not (text.isascii() and text.isprintable()):
            text = "".join(character if _is_in_cp437(character) else self._nearest(character) for character in text)
        if text.endswith("\\") and (isinstance(field, _Quoted) or not _CODE.fullmatch(text)):
            # Before the closing quote it would read as a quote inside the text.
            stripped = text.rstrip("\\")
            self._replaced["\\", "/"] += len(text) - len(stripped)
            text = stripped + "/" * (len(text) - len(stripped))
        return _Quoted(text) if isinstance(field, _Quoted) else text

    def _nearest(self, character: str) -> str:
        nearest = NEAREST.get(character)
        if nearest is None:
            bare = "".join(each for each in unicodedata.normalize("NFKD", character) if not unicodedata.combining(each))
            nearest = bare if bare and all(_is_in_cp437(each) for each in bare) else "?"
            if character.isspace() or unicodedata.category(character) == "Cc":
                nearest = " "
        self._replaced[character, nearest] += 1
        return nearest

    def replaced(self) -> list[Message]:
        """Return a line for each character that was replaced."""
        several = N_("{character} ({code}) is written {nearest}, {count} times")
        one = N_("{character} ({code}) is written {nearest}, once")
        return [
            phrase(
                several if count > 1 else one,
                character=repr(character),
                code=f"U+{ord(character):04X}",
                nearest=repr(nearest),
                count=count,
            )
            for (character, nearest), count in sorted(self._replaced.items())
        ]


def _is_in_cp437(character: str) -> bool:
    if character < " " or character == "\x7f":
        return False
    try:
        character.encode("cp437")
    except UnicodeEncodeError:
        return False
    return True


def _written(field: Field) -> str:
    if isinstance(field, tuple):
        return "{" + " ".join(map(_written, field)) + "}"
    if not isinstance(field, _Quoted) and _CODE.fullmatch(field):
        return field
    escaped = field.replace('"', '\\"')
    return f'"{escaped}"'


# The records of a file


def _records(file: SieFile) -> Iterator[Line]:
    yield from _heading(file.heading)
    for dimension in file.dimensions.values():
        if dimension.parent:
            yield "#UNDERDIM", dimension.number, _Quoted(dimension.name), dimension.parent
        else:
            yield "#DIM", dimension.number, _Quoted(dimension.name)
    for each in file.objects.values():
        yield "#OBJEKT", each.dimension, each.number, _Quoted(each.name)
    for account in file.accounts.values():
        yield from _account(account)
    for balance in file.balances:
        yield _balance(balance)
    for voucher in file.vouchers:
        yield from _voucher(voucher)


def _heading(heading: Heading) -> Iterator[Line]:
    yield "#PROGRAM", _Quoted(heading.program), heading.program_version
    yield "#FORMAT", "PC8"
    if heading.generated:
        yield "#GEN", *_ended([_day(heading.generated), heading.generated_by])
    yield "#SIETYP", heading.type[:1]
    for remark in heading.remarks.splitlines():
        yield "#PROSA", _Quoted(remark)
    yield from _if_said("#FTYP", heading.company_type)
    yield from _if_said("#FNR", heading.company_number)
    yield from _if_said("#ORGNR", heading.org_number)
    yield from _if_said("#BKOD", heading.branch)
    if heading.address:
        yield "#ADRESS", *map(_Quoted, heading.address)
    yield "#FNAMN", _Quoted(heading.company)
    for number, (first, last) in heading.years.items():
        yield "#RAR", str(number), _day(first), _day(last)
    yield from _if_said("#TAXAR", heading.tax_year)
    if heading.covers_to:
        yield "#OMFATTN", _day(heading.covers_to)
    yield from _if_said("#KPTYP", heading.chart_type)
    yield "#VALUTA", heading.currency


def _if_said(label: str, text: str) -> Iterator[Line]:
    if text:
        yield label, text


def _account(account: Account) -> Iterator[Line]:
    yield "#KONTO", account.number, _Quoted(account.name)
    if account.kind:
        yield "#KTYP", account.number, account.kind
    if account.unit:
        yield "#ENHET", account.number, _Quoted(account.unit)
    for code in account.sru:
        yield "#SRU", account.number, code


def _balance(balance: Balance) -> Line:
    fields: list[Field] = [str(balance.year)]
    if balance.period:
        fields.append(balance.period)
    fields.append(balance.account)
    if balance.kind not in YEAR_BALANCES:
        fields.append(_objects(balance.objects))
    fields.append(_amount(balance.amount))
    if balance.quantity is not None:
        fields.append(_quantity(balance.quantity))
    return (f"#{balance.kind}", *fields)


def _voucher(voucher: Voucher) -> Iterator[Line]:
    registered = _day(voucher.registered)
    head = [voucher.series, voucher.number, _day(voucher.day), _Quoted(voucher.text)]
    yield "#VER", *head, *_ended([registered, voucher.sign])
    yield ("{",)
    for row in voucher.removed:
        yield _row("#BTRANS", row)
    added = list(voucher.added)
    for row in voucher.rows:
        # An added row stands right before the row that it is the twin of.
        for twin in added:
            if (twin.account, twin.objects, twin.amount) == (row.account, row.objects, row.amount):
                added.remove(twin)
                yield _row("#RTRANS", twin)
                break
        yield _row("#TRANS", row)
    for row in added:
        yield _row("#RTRANS", row)
    yield ("}",)


def _row(label: str, row: Row) -> Line:
    rest = [_day(row.day), _Quoted(row.text), _quantity(row.quantity), row.sign]
    return (label, row.account, _objects(row.objects), _amount(row.amount), *_ended(rest))


def _ended(fields: list[str]) -> list[str]:
    """Return fields without the empty ones at the end."""
    while fields and not fields[-1]:
        fields = fields[:-1]
    return fields


def _objects(objects: Objects) -> tuple[str, ...]:
    return tuple(item for pair in objects for item in pair)


def _day(day: date | None) -> str:
    return f"{day.year:04}{day.month:02}{day.day:02}" if day else ""


def _amount(amount: Decimal) -> str:
    text = kronor(amount if amount else Decimal(0))
    if Decimal(text) != amount:
        raise FineAmountError(phrase("{amount} is finer than an öre, which SIE cannot say", amount=amount))
    return text


def _quantity(quantity: Decimal | None) -> str:
    return "" if quantity is None else f"{quantity:f}"
