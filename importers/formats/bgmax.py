"""BgMax: Bankgirot's file of incoming payments.

    01BGMAX               0120250314173035010331P
    050009912346          SEK
    200003783511                   665760000000000007140755220000120000180
    26Borås stad
    15000000000000000000058410000010098232025031400056000000000007140755SEK00000001
    7000000001000000000000000000000001

Records of 80 columns in Latin-1, amounts in öre without sign; the first two digits tell what a record is:

    01 start    05 the bankgiro number that what follows is paid to
    20 payment  21 deduction: a credit invoice that the payer has set off against the payments
    22 reference of the payment above, with its share of it or 0   23 the same, where the share is a deduction
    25 message  26 name  27, 28 address  29 organisation number, all of the payment above
    15 deposit: what went to the bank account, the payments less the deductions, and how many they are
    70 end: how many records there are of 20, of 21, of 22 and 23, and of 15

Records of other types are for others, and passed over, as Bankgirot asks of who reads its files.

Positions and codes were taken from public descriptions of Bankgirot's manual (Bankgiro Inbetalningar, Teknisk
manual), not from the manual itself, and checked against a sample file. A deduction counts negative here, with its
references. What a deposit sums to, and what the end counts, must agree. The shares of references need not agree with
their payment: they may be keyed from paper, and the payment's amount is what was paid.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from forbundsbok.importers.document import Document
from forbundsbok.importers.problems import Problem, refused, refused_whole
from forbundsbok.plugins.findings import Message, counted, phrase
from forbundsbok.plugins.language import N_

WIDTH = 80
MOST_BYTES = 20_000_000
MOST_PROBLEMS = 50
"""After so many the file is another one, or none at all: more would help nobody."""

BEGINNING = re.compile(rb"(?:\xef\xbb\xbf)?\s*01BGMAX\s")

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_NO_LATIN_1 = re.compile(rb"[\x80-\x9f]")
_INFORMATION = ("25", "26", "27", "28", "29")


class ReferenceNumber(NamedTuple):
    """A reference of a payment, and its share in kronor; 0 when the payer has not said."""

    line: int
    reference: str
    amount: Decimal


class PaymentRecord(NamedTuple):
    """A payment, or a deduction with a negative amount; kronor. Texts are empty where the file says nothing.

    `reference_numbers` may have shares, which need not sum to the amount. `deduction` is "" for a payment; "0" a
    whole deduction, "1" one of which something is left, "2" the last of several.
    """

    line: int
    sender: str
    reference: str
    amount: Decimal
    channel: str
    serial: str
    has_image: bool
    deduction: str
    reference_numbers: tuple[ReferenceNumber, ...]
    message: str
    name: str
    address: str
    org_number: str


class Deposit(NamedTuple):
    """What went to the bank account in one amount, kronor; `serial` is its number that day at this bankgiro."""

    line: int
    bankgiro: str
    account: str
    day: date
    serial: str
    amount: Decimal
    currency: str
    payments: tuple[PaymentRecord, ...]


class BgMaxFile(NamedTuple):
    """A whole file. `is_test`: it says of itself that no money has been moved."""

    written: str
    is_test: bool
    deposits: tuple[Deposit, ...]
    warnings: tuple[Problem, ...]


def read_bgmax(document: Document) -> BgMaxFile:
    """Return what a document holds. Raises DocumentError with all that is wrong in it."""
    content = document.text
    if len(content) > MOST_BYTES:
        text = N_("the file has more than {size} MB, which no BgMax file has: is it the right file?")
        raise refused_whole(document, phrase(text, size=MOST_BYTES // 1_000_000))
    if not BEGINNING.match(content):
        raise refused(str(document), [Problem(1, phrase("it is no BgMax file, which begins with 01BGMAX"))])
    text, warnings = _decoded(content)
    reader = _Reader()
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for line, record in enumerate(lines, 1):
        if record.strip() and len(reader.problems) < MOST_PROBLEMS:
            reader.read(line, record)
    reader.finish(len(lines))
    if reader.problems:
        raise refused(str(document), reader.problems)
    return BgMaxFile(reader.written, reader.is_test, tuple(reader.deposits), (*warnings, *reader.passed_over()))


def _decoded(content: bytes) -> tuple[str, list[Problem]]:
    """Return the text: Latin-1, or what it must be instead, which only matters to names and messages."""
    content = content.rstrip(b"\x1a")  # how DOS ends a file
    try:
        text = content.decode("utf-8-sig")
        rewritten = phrase("the file has been rewritten in UTF-8: BgMax is Latin-1")
        return text, [] if content.isascii() else [Problem(0, rewritten)]
    except UnicodeDecodeError:
        if not _NO_LATIN_1.search(content):
            return content.decode("latin-1"), []
        rewritten = phrase("the file has been rewritten in code page 850: BgMax is Latin-1")
        return content.decode("cp850"), [Problem(0, rewritten)]


class _Reader:
    """Takes a file's records in their order, and keeps the deposit and the payment that are not complete yet."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.deposits: list[Deposit] = []
        self.written = ""
        self.is_test = False
        self._counts: Counter[str] = Counter()
        self._bankgiro, self._currency, self._opened = "", "", 0
        self._payments: list[PaymentRecord] = []
        self._open: PaymentRecord | None = None
        self._reference_numbers: list[ReferenceNumber] = []
        self._texts: dict[str, list[str]] = {}
        self._ended = False
        self._others: dict[str, list[int]] = {}
        self._readers: dict[str, Callable[[int, str], None]] = {
            "01": self._start,
            "05": self._opening,
            "20": self._payment,
            "21": self._payment,
            "22": self._reference_number,
            "23": self._reference_number,
            "15": self._deposit,
            "70": self._end,
        }

    def read(self, line: int, record: str) -> None:
        code = record[:2]
        if len(record.rstrip()) > WIDTH:
            text = N_("the record has {columns} columns, and may have {most}")
            return self._report(line, phrase(text, columns=len(record.rstrip()), most=WIDTH))
        if match := _CONTROL.search(record):
            text = N_("there is a control character in column {column}")
            return self._report(line, phrase(text, column=match.start() + 1))
        if re.fullmatch("[0-9]{2}", code) and code not in (*self._readers, *_INFORMATION) and self._counts:
            self._others.setdefault(code, []).append(line)
            return None
        if self._ended:
            message = phrase("something follows the end record (70): give each BgMax file for itself")
            if message not in [each.message for each in self.problems]:  # it is of all lines that follow
                self._report(line, message)
            return None
        if (code == "01") != (not self._counts):
            return self._report(line, phrase("a file has one start record (01), and begins with it"))
        self._counts[code] += 1
        record = record.ljust(WIDTH)
        if code in self._readers:
            self._readers[code](line, record)
        elif code in _INFORMATION:
            self._information(line, code, record)
        else:
            self._report(line, phrase("{code} is no record of BgMax", code=repr(code)))
        return None

    def finish(self, line: int) -> None:
        """Report what is missing at the end."""
        if not self._ended and len(self.problems) < MOST_PROBLEMS:
            self._report(line, phrase("the end record (70) is missing: the file is cut short"))

    def passed_over(self) -> Iterator[Problem]:
        """Yield the types of records that are not known, each with how often it stands and where first."""
        for code, lines in self._others.items():
            one = N_("1 record of type {code}, which is not known here, is passed over")
            many = N_("{count} records of type {code}, which is not known here, are passed over")
            yield Problem(lines[0], counted(len(lines), one, many, code=code))

    # The records, each with its positions, counted from 1.

    def _start(self, line: int, record: str) -> None:
        if (version := record[22:24]) != "01":
            text = N_("layout version {version} is not known: version 01 is read")
            self._report(line, phrase(text, version=repr(version)))
        self.written = record[24:44].strip()
        self.is_test = record[44] == "T"

    def _opening(self, line: int, record: str) -> None:
        self._close_deposit(line)
        self._bankgiro = self._digits(line, record, 3, 12, phrase("bankgiro number")).lstrip("0")
        self._currency = record[22:25].strip()
        self._opened = line
        if not re.fullmatch("[A-Z]{3}", self._currency):
            text = N_("the currency (23-25) is {currency}, and should be SEK or EUR")
            self._report(line, phrase(text, currency=repr(self._currency)))

    def _payment(self, line: int, record: str) -> None:
        self._close_payment()
        if not self._opened:
            return self._report(line, phrase("a payment stands before any bankgiro number (05)"))
        is_deduction = record[:2] == "21"
        amount = self._kronor(line, record, 38, 55)
        self._open = PaymentRecord(
            line,
            record[2:12].strip().lstrip("0"),
            record[12:37].strip(),
            -amount if is_deduction else amount,
            record[56].strip(),
            self._digits(line, record, 58, 69, phrase("serial number (BGC-löpnummer)")),
            record[69] == "1",
            record[70].strip() or "0" if is_deduction else "",
            (),
            *("", "", "", ""),
        )
        return None

    def _reference_number(self, line: int, record: str) -> None:
        if self._open is None:
            return self._report(line, phrase("a reference (22, 23) stands before any payment (20, 21)"))
        # A share may be left blank, as it may be 0.
        amount = self._kronor(line, record, 38, 55) if record[37:55].strip() else Decimal(0)
        self._reference_numbers.append(
            ReferenceNumber(line, record[12:37].strip(), -amount if record[:2] == "23" else amount)
        )
        return None

    def _information(self, line: int, code: str, record: str) -> None:
        if self._open is None:
            return self._report(line, phrase("information ({code}) stands before any payment (20, 21)", code=code))
        self._texts.setdefault(code, []).append(" ".join(record[2:].split()))
        return None

    def _deposit(self, line: int, record: str) -> None:
        self._close_payment()
        if not self._opened:
            return self._report(line, phrase("a deposit (15) stands before any bankgiro number (05)"))
        amount = self._kronor(line, record, 51, 68)
        found = sum((payment.amount for payment in self._payments), Decimal(0))
        if amount != found:
            text = N_("the deposit is {amount} (51-68), but the payments above sum to {sum}, less the deductions")
            self._report(line, phrase(text, amount=amount, sum=found))
        if (currency := record[68:71].strip()) not in ("", self._currency):
            text = N_("the deposit is in {currency} (69-71), but line {opening} says {other}")
            self._report(line, phrase(text, currency=currency, opening=self._opened, other=self._currency))
        count = self._digits(line, record, 72, 79, phrase("number of payments"))
        if count and int(count) != len(self._payments):
            text = N_("the deposit tells the number of payments as {count} (72-79), but there are {number}")
            self._report(line, phrase(text, count=int(count), number=len(self._payments)))
        serial = self._digits(line, record, 46, 50, phrase("serial number of the deposit"))
        if day := self._day(line, record[37:45]):
            account = record[2:37].strip().lstrip("0")
            payments = tuple(self._payments)
            deposit = Deposit(line, self._bankgiro, account, day, serial, amount, self._currency, payments)
            self.deposits.append(deposit)
        self._payments = []
        return None

    def _end(self, line: int, record: str) -> None:
        self._close_deposit(line)
        self._ended = True
        for name, first, codes in (
            (phrase("payments (20)"), 3, ("20",)),
            (phrase("deductions (21)"), 11, ("21",)),
            (phrase("extra references (22, 23)"), 19, ("22", "23")),
            (phrase("deposits (15)"), 27, ("15",)),
        ):
            said = self._digits(line, record, first, first + 7, phrase("number of {records}", records=name))
            found = sum(self._counts[code] for code in codes)
            if said and int(said) != found:
                text = N_("the end record tells the number of {records} as {count}, but there are {number}")
                self._report(line, phrase(text, count=int(said), records=name, number=found))

    def _close_payment(self) -> None:
        payment, self._open = self._open, None
        if payment is None:
            return
        reference_numbers, self._reference_numbers = tuple(self._reference_numbers), []
        texts, self._texts = self._texts, {}
        shares = sum((each.amount for each in reference_numbers), Decimal(0))
        if payment.deduction and shares == -payment.amount:  # the shares of the deduction, and not of what is paid
            reference_numbers = tuple(each._replace(amount=-each.amount) for each in reference_numbers)
        # A second name or address column, of what the payer is called further, is read as one text with the first.
        name, org_number = (" ".join(texts.get(code, ())) for code in ("26", "29"))
        address = ", ".join(texts.get("27", []) + texts.get("28", []))
        message = " ".join(texts.get("25", ()))
        self._payments.append(
            payment._replace(
                reference_numbers=reference_numbers, message=message, name=name, address=address, org_number=org_number
            )
        )

    def _close_deposit(self, line: int) -> None:
        self._close_payment()
        if self._payments:
            text = N_("the deposit (15) of the payments below line {opening} is missing before this")
            self._report(line, phrase(text, opening=self._opened))
            self._payments = []

    # The fields.

    def _kronor(self, line: int, record: str, first: int, last: int) -> Decimal:
        return Decimal(self._digits(line, record, first, last, phrase("amount")) or 0).scaleb(-2)

    def _digits(self, line: int, record: str, first: int, last: int, name: Message) -> str:
        """Return a field of digits alone; "" when it is something else, which is reported."""
        field = record[first - 1 : last]
        if re.fullmatch("[0-9]+", field):
            return field
        text = N_("the {name} (columns {first}-{last}) is {field}, and should be digits alone")
        self._report(line, phrase(text, name=name, first=first, last=last, field=repr(field)))
        return ""

    def _day(self, line: int, field: str) -> date | None:
        try:
            if re.fullmatch("[0-9]{8}", field):
                return date(int(field[:4]), int(field[4:6]), int(field[6:]))
        except ValueError:
            pass
        text = N_("the day (columns 38-45) is {field}, and should be as 20250314")
        self._report(line, phrase(text, field=repr(field)))
        return None

    def _report(self, line: int, message: Message) -> None:
        self.problems.append(Problem(line, message))
