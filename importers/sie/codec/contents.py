"""What the records of a SIE file say, and whether they can: its front, and its journal.

    #FNAMN "Norrby kommunalförbund"
    #RAR 0 20240101 20241231
    #KONTO 1930 Bank
    #OBJEKT 1 NAV "Navet"
    #IB 0 1930 500.00
    #PSALDO 0 202403 3010 {1 NAV} -1250.50

is the front: heading, chart of accounts, dimensions, and balances. When the file has ended, its type is told from what
was there, and what lacks or does not belong together. The journal is vouchers, whose rows must sum to zero:

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

from forbundsbok.importers.sie.codec.records import (
    OBJECT_BALANCES,
    PERIOD_BALANCES,
    UNBOUNDED,
    YEAR_BALANCES,
    Account,
    Balance,
    Dimension,
    Object,
    Objects,
    Row,
    SieFile,
    Voucher,
    is_of_a_year,
    voucher_id,
)
from forbundsbok.importers.sie.codec.text import Faults, FieldError, Record, named, shown
from forbundsbok.plugins.findings import Message, counted, phrase
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.money import ZERO

HEADINGS = N_("headings")
NOT_IN_CHART = N_("accounts that are not in #KONTO")
OTHER_LABELS = N_("other labels")
BRACES = N_("braces")

_KEPT_OBJECTS = 10_000
_KEPT_REMARKS = 10_000
_KEPT_LABELS = 100
_KEPT_SRU = 100


class Front:
    """Reads what stands before the vouchers into a file; `readers` has what reads a record, by its label."""

    def __init__(self, file: SieFile, faults: Faults) -> None:
        self.first_and_last = (date.min, date.max)
        """The days of the year."""
        self.first: dict[str, int] = {}
        """The line where each label stands first."""
        self.readers = self._readers()
        self._file = file
        self._faults = faults
        self._unknown: dict[str, list[int]] = {}
        """First line and count of labels that SIE does not have."""
        self._chart: dict[str, int] = {}
        """Account numbers of #KONTO, with their lines; the file may have some more until it ends."""
        self._amounts: dict[tuple[str, int, str, str, Objects], Decimal] = {}
        self._unlisted: dict[str, int] = {}
        """Accounts that are used before a #KONTO, with their first lines."""
        self._undeclared: dict[tuple[str, str], int] = {}
        """Objects that are used before an #OBJEKT, with their first lines."""

    def _readers(self) -> dict[str, Callable[[Record], None]]:
        return {
            "#FLAGGA": self._flagga,
            "#PROGRAM": self._program,
            "#FORMAT": self._text("format"),
            "#GEN": self._gen,
            "#SIETYP": self._text("type"),
            "#PROSA": self._prosa,
            "#FTYP": self._text("company_type"),
            "#FNR": self._text("company_number"),
            "#ORGNR": self._text("org_number"),
            "#BKOD": self._text("branch"),
            "#ADRESS": self._adress,
            "#FNAMN": self._text("company"),
            "#RAR": self._rar,
            "#TAXAR": self._text("tax_year"),
            "#OMFATTN": self._omfattn,
            "#KPTYP": self._text("chart_type"),
            "#VALUTA": self._valuta,
            "#KONTO": self._konto,
            "#KTYP": self._ktyp,
            "#ENHET": self._enhet,
            "#SRU": self._sru,
            "#DIM": self._dim,
            "#UNDERDIM": self._dim,
            "#OBJEKT": self._objekt,
            **{f"#{kind}": self._balance for kind in (*YEAR_BALANCES, *OBJECT_BALANCES, *PERIOD_BALANCES)},
        }

    # What records name

    def account(self, record: Record, place: int) -> str:
        """Return the account of a row or a balance."""
        account = record.account(place)
        if account not in self._chart:
            self._unlisted.setdefault(account, record.number)
        return account

    def objects_of(self, record: Record, place: int) -> tuple[Objects, int]:
        """Return the objects of a row or a balance, and the place after them."""
        pairs, after = record.objects(place)
        for pair in pairs:
            if pair not in self._file.objects and len(self._undeclared) < _KEPT_OBJECTS:
                self._undeclared.setdefault(pair, record.number)
        return tuple(pair for pair in pairs if pair[1]), after

    def note_unknown(self, number: int, label: str) -> None:
        """Count a record whose label SIE does not have."""
        if label not in self._unknown and len(self._unknown) >= _KEPT_LABELS:
            label = OTHER_LABELS
        first_and_count = self._unknown.setdefault(label, [number, 0])
        first_and_count[1] += 1

    # The heading

    def _text(self, attribute: str) -> Callable[[Record], None]:
        return lambda record: setattr(self._file.heading, attribute, record.text(1))

    def _flagga(self, record: Record) -> None:
        if (first := self.first["#FLAGGA"]) != record.number:
            text = N_("#FLAGGA stands on line {first} too, and begins a file: give each of the files by itself")
            raise FieldError(text, first=first)
        self._file.heading.flag = record.text(1)
        if len(self.first) > 1:
            record.warn(phrase(HEADINGS), phrase("#FLAGGA is not the first record."))
        if self._file.heading.flag == "1":
            record.warn(phrase(HEADINGS), phrase("#FLAGGA 1 says that the file has been taken in before."))

    def _program(self, record: Record) -> None:
        self._file.heading.program, self._file.heading.program_version = record.text(1), record.text(2)

    def _gen(self, record: Record) -> None:
        self._file.heading.generated, self._file.heading.generated_by = record.harmless_day(1), record.text(2)

    def _prosa(self, record: Record) -> None:
        # Some programs write it without quotes, and some over several records.
        remark = " ".join(record.texts())
        if len(self._file.heading.remarks) < _KEPT_REMARKS:
            self._file.heading.remarks = f"{self._file.heading.remarks}\n{remark}".strip("\n")

    def _adress(self, record: Record) -> None:
        self._file.heading.address = record.texts()

    def _rar(self, record: Record) -> None:
        if not record.text(2).strip("0") and not record.text(3).strip("0"):
            return  # some programs write it so: in 4I, where it need not be, and of a year before their first
        first, last = record.day(2), record.day(3)
        if last < first:
            raise FieldError(N_("The year ends on {last}, before it begins on {first}"), first=first, last=last)
        year = record.year(1)
        self._file.heading.years[year] = (first, last)
        if year == 0:
            self.first_and_last = (first, last)

    def _omfattn(self, record: Record) -> None:
        self._file.heading.covers_to = record.harmless_day(1)

    def _valuta(self, record: Record) -> None:
        self._file.heading.currency = record.text(1) or "SEK"

    # Accounts, dimensions and objects

    def _konto(self, record: Record) -> None:
        account, name = record.account(1), record.text(2)
        if account in self._chart:
            text = N_("#KONTO {account} is on line {line} too: the last one counts.")
            message = phrase(text, account=named(account), line=self._chart[account])
            record.warn(phrase("accounts that are there twice"), message)
        elif not name:
            message = phrase("#KONTO {account} has no name.", account=named(account))
            record.warn(phrase("accounts without name"), message)
        self._chart[account] = record.number
        self._file.accounts[account] = self._told_of(account)._replace(name=name)

    def _told_of(self, account: str) -> Account:
        return self._file.accounts.get(account) or Account(account, "", "", "", ())

    def _ktyp(self, record: Record) -> None:
        account, kind = record.account(1), record.text(2)
        if kind in ("T", "S", "K", "I"):
            self._file.accounts[account] = self._told_of(account)._replace(kind=kind)
        else:
            text = N_("#KTYP {account} is {text}, not T, S, K or I: it is left out.")
            record.warn(phrase("account types"), phrase(text, account=named(account), text=shown(kind)))

    def _enhet(self, record: Record) -> None:
        account = record.account(1)
        self._file.accounts[account] = self._told_of(account)._replace(unit=record.text(2))

    def _sru(self, record: Record) -> None:
        account = self._told_of(record.account(1))
        self._file.accounts[account.number] = account._replace(sru=(*account.sru[:_KEPT_SRU], record.text(2)))

    def _dim(self, record: Record) -> None:
        dimension = record.text(1)
        if dimension:
            self._file.dimensions[dimension] = Dimension(dimension, record.text(2), record.text(3))
        else:
            message = phrase("{label} has no dimension number: it is left out.", label=record.label)
            record.warn(phrase("dimensions without number"), message)

    def _objekt(self, record: Record) -> None:
        dimension, number = record.text(1), record.text(2)
        if dimension and number:
            self._file.objects[dimension, number] = Object(dimension, number, record.text(3))
        else:
            message = phrase("#OBJEKT has no dimension, or no object number: it is left out.")
            record.warn(phrase("objects without number"), message)

    # Balances

    def _balance(self, record: Record) -> None:
        kind = record.label[1:]
        year, place, period = record.year(1), 2, ""
        objects: Objects = ()
        if kind in PERIOD_BALANCES:
            period, place = record.period(2), 3
        account = self.account(record, place)
        place += 1
        if kind not in YEAR_BALANCES:
            objects, place = self.objects_of(record, place)
        elif record.has_objects(place):
            if record.text(place):
                raise FieldError(N_("There are objects, which only #OIB and #OUB have"))
            place += 1
        amount = record.amount(place)
        key = (kind, year, period, account, objects)
        if key in self._amounts:
            self._twice(record, key, amount)
            return
        self._amounts[key] = amount
        self._file.balances.append(
            Balance(record.number, kind, year, period, account, objects, amount, record.quantity(place + 1))
        )

    def _twice(self, record: Record, key: tuple[str, int, str, str, Objects], amount: Decimal) -> None:
        kind, year, period, account, _ = key
        before = self._amounts[key]
        of = " ".join([f"#{kind}", str(year), *([period] if period else []), named(account)])
        if before != amount:
            text = N_("{balance} is there before, as {before}, and here as {amount}")
            raise FieldError(text, balance=of, before=before, amount=amount)
        message = phrase("{balance} is there twice: it counts once.", balance=of)
        record.warn(phrase("balances that are there twice"), message)

    # When the file has ended

    def finish(self, vouchers: int, suffix: str) -> None:
        """Decide the type of the file, and tell what lacks: it had so many vouchers, and its name ends so."""
        if not self.first and not self._unknown:
            self._file.heading.type = ""
            return  # it is no SIE file, which is said
        if "#FLAGGA" not in self.first:
            message = phrase("There is no #FLAGGA: this is no SIE file, or its beginning is lost.")
            self._faults.errors.add(phrase("files"), 1, message)
        self._decide_type(vouchers, suffix)
        self._drop_unlisted_accounts()
        self._warn_of_encoding(self._file.encoding)
        self._warn_of_labels()
        if self._file.heading.type == "4E":
            self._warn_of_unlisted()

    def _decide_type(self, vouchers: int, suffix: str) -> None:
        """Tell the type of the file, and what does not belong to it."""
        stated = self._stated_type(vouchers)
        if stated != "4":
            self._file.heading.type = stated
            if vouchers:
                message = phrase("Type {type} has no vouchers, but there are {count}.", type=stated, count=vouchers)
                self._warn(HEADINGS, self.first["#VER"], message)
            return
        balances = {kind for kind in YEAR_BALANCES if f"#{kind}" in self.first}
        of_a_year = is_of_a_year(balances, suffix)
        self._file.heading.type = "4E" if of_a_year else "4I"
        if balances and not of_a_year:
            message = phrase("Type 4I has no balances, but there are some: no vouchers are held against them.")
            self._warn(HEADINGS, self.first.get("#SIETYP", 0), message)

    def _stated_type(self, vouchers: int) -> str:
        """Return the type, 1 to 4, that the file says that it is, or else is."""
        stated, line = self._file.heading.type, self.first.get("#SIETYP", 0)
        if stated in ("1", "2", "3", "4"):
            return stated
        if stated.upper() in ("4E", "4I"):
            self._warn(HEADINGS, line, phrase("#SIETYP {type} is written 4.", type=named(stated)))
            return "4"
        text = (
            N_("#SIETYP {type} is no type of SIE 4: what is there decides.")
            if stated
            else N_("#SIETYP is empty: what is there decides.")
        )
        self._warn(HEADINGS, line, phrase(text, type=named(stated)))
        return "4" if vouchers or not any(f"#{kind}" in self.first for kind in YEAR_BALANCES) else "1"

    def _drop_unlisted_accounts(self) -> None:
        for account in [account for account in self._file.accounts if account not in self._chart]:
            del self._file.accounts[account]
            message = phrase("Account {account} has details, but no #KONTO.", account=named(account))
            self._warn(NOT_IN_CHART, 0, message)

    def _warn_of_encoding(self, encoding: str) -> None:
        declared, line = self._file.heading.format, self.first.get("#FORMAT", 0)
        if declared.upper() != "PC8" and line:
            message = phrase("#FORMAT is {text}: SIE 4 has no other than PC8.", text=shown(declared))
            self._warn(HEADINGS, line, message)
        if encoding != "cp437":
            text = N_("The text is {encoding}, not CP437 as #FORMAT PC8 says: it is read as {encoding}.")
            self._warn(HEADINGS, line, phrase(text, encoding=encoding))

    def _warn_of_labels(self) -> None:
        needed = ["#PROGRAM", "#FORMAT", "#GEN", "#FNAMN"]
        if self._file.heading.type != "4I":
            needed += ["#RAR", "#KONTO", *(f"#{kind}" for kind in YEAR_BALANCES)]
        if lacking := [label for label in needed if label not in self.first]:
            text = N_("Type {type} should have {labels}, which is not there.")
            self._warn(N_("labels that lack"), 0, phrase(text, type=self._file.heading.type, labels=lacking))
        for label, (first, count) in self._unknown.items():
            one = N_("{label} is no label of SIE 4: 1 record is ignored.")
            many = N_("{label} is no label of SIE 4: {count} records are ignored.")
            name = phrase(label) if label == OTHER_LABELS else named(label)
            self._warn(N_("labels that SIE lacks"), first, counted(count, one, many, label=name))

    def _warn_of_unlisted(self) -> None:
        for account, line in self._unlisted.items():
            if self._chart and account not in self._chart:
                message = phrase("Account {account} is not in #KONTO.", account=named(account))
                self._warn(NOT_IN_CHART, line, message)
        for (dimension, number), line in self._undeclared.items():
            if (dimension, number) not in self._file.objects:
                text = N_("Object {object} of dimension {dimension} is not in #OBJEKT.")
                message = phrase(text, object=named(number), dimension=named(dimension))
                self._warn(N_("objects that are not in #OBJEKT"), line, message)

    def _warn(self, kind: str, line: int, message: Message) -> None:
        self._faults.warnings.add(phrase(kind), line, message)


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

    `row_count` counts #TRANS, sound or not; `unbalanced` has the ids of the vouchers that do not sum to zero, "A 17".
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
            self._faults.errors_4e.add(phrase("vouchers outside the year"), record.number, message)

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
            credit=UNBOUNDED.subtract(debit, total),
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
        total = UNBOUNDED.add(total, amount)
    return total
