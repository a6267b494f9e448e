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

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal

from forbundsbok.importers.formats.sie_findings import Found
from forbundsbok.importers.formats.sie_front import Front
from forbundsbok.importers.formats.sie_line import Line
from forbundsbok.importers.formats.sie_records import WIDE, ZERO, Row, Voucher, kronor, voucher_id
from forbundsbok.importers.formats.sie_text import FieldError, named


class _Taken:
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

    def __init__(self, front: Front, found: Found) -> None:
        self.voucher_count = 0
        self.row_count = 0
        self.unbalanced: list[str] = []
        self.readers: dict[str, Callable[[Line], None]] = {
            "#VER": self._ver,
            "#TRANS": self._trans,
            "#RTRANS": self._rtrans,
            "#BTRANS": self._btrans,
        }
        self._front = front
        self._found = found
        self._taken = _Taken()
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
        if voucher.number and not self._taken.take(voucher.series, voucher.number):
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
            self._found.errors.add("braces", number, "There is a { without a #VER before it.")
        elif self._open.begun:
            self._found.errors.add("braces", number, f"There is a second {{ in voucher {named(self._open.id)}.")
        else:
            self._open.begun = True

    def end_rows(self, number: int) -> Voucher | None:
        """Take a }; return the voucher that it ends, None when there is none or it could not be read."""
        voucher, self._open = self._open, None
        if voucher is None or not voucher.begun:
            self._found.errors.add("braces", number, "There is a } without a { before it.")
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
        what = "has no rows between { and }" if not voucher.begun else "is not closed: there is no } after its rows"
        where = f"before line {number}" if number else "before the file ends, so some of it is lost"
        self._found.lost(
            "vouchers that are not closed",
            voucher.line,
            f"Voucher {named(voucher.id)} {what} {where}. Ask for the file anew.",
        )

    # Records

    def _ver(self, line: Line) -> None:
        self.voucher_count += 1
        self._open = voucher = _Open(line.number, line.text(1), line.text(2), line.text(4), line.text(6))
        voucher.day = line.day(3)
        voucher.registered = line.optional_day(5)
        if voucher.number and not self._taken.take(voucher.series, voucher.number):
            line.warn("voucher numbers that are taken", f"There is a voucher {named(voucher.id)} before this one.")
        first, last = self._front.first_and_last
        if not first <= voucher.day <= last:
            self._found.warnings_4e.add(
                "vouchers outside the year",
                line.number,
                f"Voucher {named(voucher.id)} of {voucher.day} is not in the year {first} to {last}.",
            )

    def _trans(self, line: Line) -> None:
        try:
            voucher = self._voucher_of(line)
            if not voucher.begun:
                message = f"There is no {{ before the rows of voucher {named(voucher.id)}."
                self._found.errors.add("braces", line.number, message)
                voucher.begun = True
            voucher.rows.append(self._row(line))
        except FieldError:
            self.row_count += 1
            raise

    def _btrans(self, line: Line) -> None:
        self._voucher_of(line).removed.append(self._row(line))

    def _rtrans(self, line: Line) -> None:
        self._voucher_of(line).added.append(self._row(line))

    def _voucher_of(self, line: Line) -> _Open:
        if self._open is None:
            raise FieldError("The row is outside a voucher: there is no #VER and { before it")
        return self._open

    def _row(self, line: Line) -> Row:
        account = self._front.account(line, 1)
        objects, place = self._front.objects_of(line, 2)
        return Row(
            line.number,
            account,
            objects,
            line.amount(place),
            line.optional_day(place + 1),
            line.text(place + 2),
            line.quantity(place + 3),
            line.text(place + 4),
        )

    # What must hold for a voucher

    def _check_balance(self, voucher: _Open) -> None:
        total = _sum(row.amount for row in voucher.rows)
        if not total:
            return
        self.unbalanced.append(voucher.id)
        debit = _sum(row.amount for row in voucher.rows if row.amount > 0)
        self._found.errors.add(
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
                self._found.warnings.add(
                    "added rows without a #TRANS",
                    row.line,
                    f"#RTRANS of {named(row.account)}, {kronor(row.amount)}, is not followed by a #TRANS like it: "
                    "it does not count.",
                )
            twins[key] -= 1


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    """Return a sum, exact whatever the size of the amounts."""
    total = ZERO
    for amount in amounts:
        total = WIDE.add(total, amount)
    return total
