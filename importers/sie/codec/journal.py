"""The vouchers of a SIE file: their rows between braces, which must sum to zero.

    #VER A 1 20240315 "Avgift mars"
    {
    #BTRANS 1930 {} 9.00 20240317 "" "" CH      ; a removed row: never counts
    #RTRANS 1930 {} 1250.50                     ; an added row: its twin below counts
    #TRANS 1930 {} 1250.50
    #TRANS 3010 {1 NAV} -1250.50
    }

Sources: SIE filformat, utgåva 4B, 2008-09-30.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from forbundsbok.importers.sie.codec.checksum import covered
from forbundsbok.importers.sie.codec.faults import Faults
from forbundsbok.importers.sie.codec.front import Front
from forbundsbok.importers.sie.codec.records import WIDE, ZERO, Objects, Row, Voucher, voucher_id
from forbundsbok.importers.sie.codec.text import FieldError, Record, fields_of, named
from forbundsbok.plugins.findings import phrase
from forbundsbok.plugins.language import N_

BRACES = N_("braces")


class _UsedNumbers:
    """Voucher numbers taken in each series. Numbers that run take little room, however many they are."""

    def __init__(self) -> None:
        self._bits: dict[tuple[str, int | str], int] = {}
        """By series and number // 256, a bit for each number; by series and what is no number, one."""

    def take(self, series: str, number: str) -> bool:
        """Take a number; tell whether it was free."""
        place: int | str = number
        bit = 1
        if number.isdecimal() and len(number) <= 18:
            place, remainder = divmod(int(number), 256)
            bit = 1 << remainder
        key = (series, place)
        before = self._bits.get(key, 0)
        self._bits[key] = before | bit
        return not before & bit


class _Open:
    """A voucher whose rows are being read. `spoiled` when something in it could not be read."""

    def __init__(self, line: int, series: str = "", number: str = "", text: str = "", sign: str = "") -> None:
        self.line = line
        self.series, self.number, self.text, self.sign = series, number, text, sign
        self.day: date | None = None
        self.registered: date | None = None
        self.begun = False
        self.spoiled = False
        self.rows: list[Row] = []
        self.removed: list[Row] = []
        self.added: list[Row] = []

    @property
    def id(self) -> str:
        return voucher_id(self.series, self.number, self.line)

    @property
    def name(self) -> str:
        """What a message calls it."""
        return named(self.id)

    def closed(self) -> Voucher | None:
        """Return the voucher; None when its #VER could not be read."""
        if self.day is None:
            return None
        head = (self.line, self.series, self.number, self.day, self.text, self.registered, self.sign)
        return Voucher(*head, tuple(self.rows), tuple(self.removed), tuple(self.added))


class Journal:
    """Reads the records of vouchers; `readers` has what reads a record, by its label.

    `row_count` counts #TRANS, sound or not; `unbalanced` has the ids of vouchers.
    """

    def __init__(self, front: Front, faults: Faults) -> None:
        self.voucher_count = 0
        self.row_count = 0
        self.unbalanced: list[str] = []
        self.readers: dict[str, Callable[[Record], None]] = {
            "#VER": self._ver,
            "#TRANS": self._trans,
            "#RTRANS": self._rtrans,
            "#BTRANS": self._btrans,
        }
        self._front = front
        self._faults = faults
        self._used = _UsedNumbers()
        self._open: _Open | None = None

    @property
    def inside(self) -> bool:
        """Whether a voucher is open."""
        return self._open is not None

    def passes(self, voucher: Voucher) -> bool:
        """Take a whole voucher if there is nothing to say about it; tell whether it was taken."""
        first, last = self._front.first_and_last
        if not first <= voucher.day <= last or sum([row[3] for row in voucher.rows], ZERO):
            return False
        if voucher.number and not self._used.take(voucher.series, voucher.number):
            return False
        self.voucher_count += 1
        self.row_count += len(voucher.rows)
        return True

    def spoil(self) -> None:
        """Note that something inside the open voucher, if there is one, cannot be read."""
        if self._open:
            self._open.spoiled = True

    def garbled(self, number: int, label: str) -> None:
        """Take a line that cannot be read."""
        if label == "#VER":
            self.leave(number)
            self._open = _Open(number)
        if label == "#TRANS":
            self.row_count += 1
        self.spoil()

    # Braces

    def begin_rows(self, number: int) -> None:
        """Take a {."""
        if self._open is None:
            self._faults.errors.add(
                phrase(BRACES), number, phrase("There is a {brace} without a #VER before it.", brace="{")
            )
        elif self._open.begun:
            message = phrase("There is a second {{ in voucher {voucher}.", voucher=self._open.name)
            self._faults.errors.add(phrase(BRACES), number, message)
        else:
            self._open.begun = True

    def end_rows(self, number: int) -> Voucher | None:
        """Take a }; return the voucher that it ends, None when there is none or it could not be read."""
        voucher, self._open = self._open, None
        if voucher is None or not voucher.begun:
            message = phrase("There is a {end} without a {begin} before it.", end="}", begin="{")
            self._faults.errors.add(phrase(BRACES), number, message)
        if voucher is None:
            return None
        self.row_count += len(voucher.rows)
        if not voucher.spoiled:
            self._check_balance(voucher)
            self._check_added(voucher)
        return voucher.closed()

    def leave(self, number: int) -> None:
        """Report a voucher that is not closed where the file goes on, or ends, when `number` is 0."""
        voucher, self._open = self._open, None
        if voucher is None:
            return
        self.row_count += len(voucher.rows)
        where = (
            phrase("before line {line}", line=number)
            if number
            else phrase("before the file ends, so some of it is lost")
        )
        text = (
            N_("Voucher {voucher} is not closed: there is no }} after its rows {where}. Ask for the file anew.")
            if voucher.begun
            else N_("Voucher {voucher} has no rows between {{ and }} {where}. Ask for the file anew.")
        )
        message = phrase(text, voucher=voucher.name, where=where)
        self._faults.lost(phrase("vouchers that are not closed"), voucher.line, message)

    # Records

    def _ver(self, record: Record) -> None:
        self.voucher_count += 1
        self._open = voucher = _Open(record.number, record.text(1), record.text(2), record.text(4), record.text(6))
        voucher.day = record.day(3)
        voucher.registered = record.optional_day(5)
        if voucher.number and not self._used.take(voucher.series, voucher.number):
            message = phrase("There is a voucher {voucher} before this one.", voucher=voucher.name)
            record.warn(phrase("voucher numbers that are taken"), message)
        first, last = self._front.first_and_last
        if not first <= voucher.day <= last:
            text = N_("Voucher {voucher} of {day} is not in the year {first} to {last}.")
            message = phrase(text, voucher=voucher.name, day=voucher.day, first=first, last=last)
            self._faults.warnings_4e.add(phrase("vouchers outside the year"), record.number, message)

    def _trans(self, record: Record) -> None:
        try:
            voucher = self._voucher_of(record)
            if not voucher.begun:
                message = phrase("There is no {{ before the rows of voucher {voucher}.", voucher=voucher.name)
                self._faults.errors.add(phrase(BRACES), record.number, message)
                voucher.begun = True
            voucher.rows.append(self._row(record))
        except FieldError:
            self.row_count += 1
            raise

    def _btrans(self, record: Record) -> None:
        self._voucher_of(record).removed.append(self._row(record))

    def _rtrans(self, record: Record) -> None:
        self._voucher_of(record).added.append(self._row(record))

    def _voucher_of(self, record: Record) -> _Open:
        if self._open is None:
            raise FieldError(N_("The row is outside a voucher: there is no #VER and {brace} before it"), brace="{")
        return self._open

    def _row(self, record: Record) -> Row:
        account = self._front.account(record, 1)
        objects, place = self._front.objects_of(record, 2)
        return Row(
            record.number,
            account,
            objects,
            record.amount(place),
            record.optional_day(place + 1),
            record.text(place + 2),
            record.quantity(place + 3),
            record.text(place + 4),
        )

    # What must hold for a voucher

    def _check_balance(self, voucher: _Open) -> None:
        total = _sum(row.amount for row in voucher.rows)
        if not total:
            return
        self.unbalanced.append(voucher.id)
        debit = _sum(row.amount for row in voucher.rows if row.amount > 0)
        message = phrase(
            "Voucher {voucher} of {day} does not balance: debit {debit}, credit {credit}, difference {difference}. "
            "Ask for the file anew.",
            voucher=voucher.name,
            day=voucher.day,
            debit=debit,
            credit=WIDE.subtract(debit, total),
            difference=total,
        )
        self._faults.errors.add(phrase("unbalanced vouchers"), voucher.line, message)

    def _check_added(self, voucher: _Open) -> None:
        """An added row stands for nothing without the #TRANS that is its twin; date and sign of twins may differ."""
        if not voucher.added:
            return
        twins = Counter((row.account, row.objects, row.amount) for row in voucher.rows)
        for row in voucher.added:
            key = (row.account, row.objects, row.amount)
            if not twins[key]:
                text = N_("#RTRANS of {account}, {amount}, is not followed by a #TRANS like it: it does not count.")
                message = phrase(text, account=named(row.account), amount=row.amount)
                self._faults.warnings.add(phrase("added rows without a #TRANS"), row.line, message)
            twins[key] -= 1


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    """Return a sum, exact whatever the size of the amounts."""
    total = ZERO
    for amount in amounts:
        total = WIDE.add(total, amount)
    return total


# The short way
# A voucher that looks as nearly all do is read by one pattern, not line by line and field by field. What a field means
# is learnt from vouchers that were read the long way, which alone knows the rules.

_S = r"[ \t]"
_TEXT = r'(?:"([^"\\\n]*+)"|([^" \t\n\\{}]++))'
_DAY = r'(?:""|([0-9]{8}))'
_REST = (
    rf'(?:{_S}++(?:""|(-?[0-9]{{1,15}}(?:\.[0-9]{{1,9}})?))'  # quantity
    rf'(?:{_S}++{_TEXT}(?:{_S}++"")*)?)?'  # sign
)
_ROWS = re.compile(
    rf"^{_S}*+#TRANS{_S}++([0-9]++)"
    rf'{_S}++\{{((?:[^}}{{"\\\n]++|"[^"}}\\\n]*+")*)\}}'
    rf"{_S}++(-?[0-9]{{1,15}}(?:\.[0-9]{{1,2}})?)"
    rf"(?:{_S}++{_DAY}(?:{_S}++{_TEXT}{_REST})?)?{_S}*+$",
    re.MULTILINE,
).findall
"""Account, object list, amount, day, text in quotes or without, quantity, and sign in quotes or without."""

_VER = re.compile(
    rf"\n*+{_S}*+#VER{_S}++{_TEXT}{_S}++{_TEXT}{_S}++([0-9]{{8}})"
    rf"(?:{_S}++{_TEXT}(?:{_S}++{_DAY}(?:{_S}++{_TEXT})?)?)?{_S}*+"
).fullmatch
"""The line before the rows, after blank lines."""

_KNOWN_LISTS = 10_000


class PlainVoucher(NamedTuple):
    """A voucher that looks plain: the line of its #VER, what the patterns found, and what a checksum covers of it."""

    line: int
    head: tuple[str, ...]
    rows: list[tuple[str, ...]]


def plain_voucher(chunk: str, number: int) -> PlainVoucher | None:
    """Return the voucher that a text holds, without its }, after line `number`; None if it does not look plain."""
    head, _, body = chunk.partition("\n{\n")
    rows = _ROWS(body)
    if not rows or len(rows) != body.count("\n") + 1:
        return None
    match = _VER(head)
    return PlainVoucher(number + head.count("\n") + 1, match.groups(""), rows) if match else None


class Vocabulary:
    """What fields of plain vouchers mean."""

    def __init__(self) -> None:
        self._accounts: dict[str, str] = {}
        self._lists: dict[str, tuple[Objects, str]] = {}
        """By the text between braces: the objects, and what a checksum covers of them."""
        self._days: dict[str, date | None] = {"": None}

    def learn(self, plain: PlainVoucher, voucher: Voucher) -> None:
        """Keep what the fields of a voucher meant that was read the long way."""
        if len(plain.rows) != len(voucher.rows):
            return  # some of them are not as plain as they look
        if len(self._lists) > _KNOWN_LISTS:
            self._lists.clear()
        for (account, items, _, day, *_), row in zip(plain.rows, voucher.rows, strict=True):
            self._accounts[account] = row.account
            self._lists[items] = (row.objects, covered(fields_of(f"{{{items}}}").fields))
            self._days[day] = row.day
        self._days[plain.head[4]] = voucher.day
        if voucher.registered:
            self._days[plain.head[7]] = voucher.registered

    def voucher(self, plain: PlainVoucher) -> Voucher | None:
        """Return a voucher; None when one of its fields has not been seen."""
        line, (series, bare_series, number, bare_number, day, text, bare_text, registered, sign, bare_sign), _ = plain
        accounts, lists, days = self._accounts, self._lists, self._days
        new, row_type, decimal = tuple.__new__, Row, Decimal
        try:
            written, registered_on = days[day], days[registered]
            rows = [
                new(
                    row_type,
                    (
                        at,
                        accounts[account],
                        lists[items][0],
                        decimal(amount),
                        days[of],
                        said or bare,
                        decimal(quantity) if quantity else None,
                        by or bare_by,
                    ),
                )
                for at, (account, items, amount, of, said, bare, quantity, by, bare_by) in enumerate(
                    plain.rows, line + 2
                )
            ]
        except KeyError:
            return None
        head = (line, series or bare_series, number or bare_number, written, text or bare_text, registered_on)
        return new(Voucher, (*head, sign or bare_sign, tuple(rows), (), ()))

    def covered(self, plain: PlainVoucher) -> str:
        """Return what a checksum covers of a voucher, all fields of which have been seen."""
        records = ["#VER", *plain.head]
        for account, items, *rest in plain.rows:
            records += ["#TRANS", account, self._lists[items][1], *rest]
        return "".join(records)
