"""The reader of SIE 4: a file voucher by voucher, its size does not matter.

    reader = SieReader(Path("bokslut-2024.se"))
    for voucher in reader.vouchers():
        ...
    reader.errors  # what is wrong, when all are read: "#TRANS: '1000,00' är inget belopp: ..."

It is lenient where a fault is harmless, and says so in a warning, and strict where money is at stake.

Sources: SIE filformat, utgåva 4B, 2008-09-30.
"""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from forbundsbok.importers.document import Document
from forbundsbok.importers.problems import Problem, by_line
from forbundsbok.importers.sie.codec.contents import Front, Journal
from forbundsbok.importers.sie.codec.records import ROW_LABELS, Objects, Row, SieFile, Voucher
from forbundsbok.importers.sie.codec.text import (
    CONTROL,
    REPLACEMENT,
    UTF_16,
    Checksum,
    Faults,
    Field,
    FieldError,
    Record,
    blocks,
    covered,
    encoding_of,
    fields_of,
    named,
    shown,
    text_at,
)
from forbundsbok.plugins.findings import Message, phrase
from forbundsbok.plugins.language import N_

_KSUMMA = "#KSUMMA"
_AROUND = " \t\x0b\x0c\x1a\0"
"""What may stand around a record: space, page breaks, and what fills up the files of DOS after their end."""


class SieReader:
    """Reads a file voucher by voucher: `file` has what is not a voucher, and grows as it goes.

    When all vouchers are read, `errors` and `warnings` are complete, and so is the type in the heading. A file with
    errors is not to be trusted, however many vouchers came out of it. `checksum` tells whether the #KSUMMA agrees,
    `journal` how many vouchers there were, and `faults` whether some of the file could not be read.
    """

    def __init__(self, source: Path | Document) -> None:
        """Take a file, which is then read as it goes, or a document. Raises OSError."""
        encoding = encoding_of(source)
        self.file = SieFile(encoding=encoding.name, signs=encoding.unlikely)
        self.faults = Faults()
        if encoding.unlikely:
            self.faults.warnings.add(phrase("signs that are unlikely"), 0, unlikely_signs(self.file))
        self.checksum = Checksum(self.file.encoding, self.faults)
        self._front = Front(self.file, self.faults)
        self.journal = Journal(self._front, self.faults)
        self._source = source
        self._vocabulary = _Vocabulary()
        self._readers = {**self._front.readers, **self.journal.readers}
        self._control = False
        """Whether there are control characters in what is being read."""

    @property
    def errors(self) -> list[Problem]:
        """What is wrong, in the order of the file."""
        of_4e = self.faults.errors_4e.all() if self.file.heading.type == "4E" else []
        return by_line([*self.faults.errors.all(), *of_4e])

    @property
    def warnings(self) -> list[Problem]:
        """What is odd but harmless, in the order of the file."""
        return self.faults.warnings.all()

    def vouchers(self) -> Iterator[Voucher]:
        """Yield the vouchers in the order of the file, those that could be read. Raises OSError."""
        number = 0
        try:
            for text in self._texts():
                self._note_odd_characters(text, number)
                yield from self._vouchers_of(text, number)
                number += text.count("\n")
        except FieldError as error:
            self.faults.errors.add(phrase("lines that are too long"), number + 1, phrase("{why}.", why=error.message))
        self.journal.leave(0)
        self.checksum.finish(self.journal.voucher_count)
        self._front.finish(self.journal.voucher_count, self._source.suffix)

    def _texts(self) -> Iterator[str]:
        """Yield the text of the file, some whole lines at a time, nothing if it is of another kind."""
        errors = self.faults.errors
        if self.file.encoding == UTF_16:
            text = N_("The text is UTF-16: write the file anew in CP437, which is what #FORMAT PC8 says.")
            errors.add(phrase("files"), 0, phrase(text))
            return
        begun = False
        for text, control in blocks(self._source, self.file.encoding):
            self._control = control
            if not begun and (start := text.lstrip()):
                if not start.startswith("#"):
                    errors.add(phrase("files"), 1, _other_kind(start))
                    return
                begun = True
            yield text
        if not begun:
            errors.add(phrase("files"), 0, phrase("The file is empty: ask for it anew."))

    def _vouchers_of(self, text: str, number: int) -> Iterator[Voucher]:
        """Yield the vouchers that end in a text, after line `number`: the short way if they can, else the long."""
        journal, checksum, vocabulary = self.journal, self.checksum, self._vocabulary
        *chunks, rest = text.split("\n}\n")
        for chunk in chunks:
            plain = None if journal.inside or self._control else _plain_voucher(chunk, number)
            voucher = vocabulary.voucher(plain) if plain else None
            if plain and voucher and journal.passes(voucher):
                if checksum.opened:
                    checksum.feed(vocabulary.covered(plain))
                yield voucher
                number = plain.line + len(plain.rows) + 2
                continue
            for voucher in self._by_line([*chunk.split("\n"), "}"], number):
                if plain:
                    vocabulary.learn(plain, voucher)
                yield voucher
            number += chunk.count("\n") + 2
        yield from self._by_line(rest.split("\n"), number)

    def _by_line(self, lines: list[str], number: int) -> Iterator[Voucher]:
        for line in lines:
            number += 1
            if line and (voucher := self._take(number, line)):
                yield voucher

    # A line

    def _take(self, number: int, line: str) -> Voucher | None:
        """Read a line; return the voucher that it ends, if it is sound."""
        line = line.strip(_AROUND)
        if line.startswith("{"):
            self.journal.begin_rows(number)
            line = line[1:].lstrip(_AROUND)
        if not line:
            return None
        try:
            fields, brace, stray = fields_of(line, braces=not line.startswith("#PROSA"))
        except FieldError as error:
            self._garbled(number, line, error)
            return None
        if fields:
            if self._control:
                fields = [_without_control(each) for each in fields]
            self._record(number, fields, stray)
        if brace == "{":
            self.journal.begin_rows(number)
        return self.journal.end_rows(number) if brace == "}" else None

    def _garbled(self, number: int, line: str, error: FieldError) -> None:
        label = line.split(None, 1)[0].upper()
        if label.startswith("#") and label not in self._readers and label != _KSUMMA:
            self._front.note_unknown(number, label)
            return
        message = phrase("{label}: {why}.", label=named(label), why=error.message)
        self.faults.lost(phrase("lines that cannot be read"), number, message)
        self.journal.garbled(number, label)

    def _record(self, number: int, fields: list[Field], stray: bool) -> None:
        written = text_at(fields, 0)
        if not written.startswith("#") or not isinstance(fields[0], str):
            self._not_a_record(number, written)
            return
        label = written if written in self._readers else written.upper()
        if self.checksum.opened and label != _KSUMMA:
            self.checksum.feed(covered(fields))
        if label not in self._readers and label != _KSUMMA:
            self._front.note_unknown(number, written)
            return
        record = Record(number, label, fields, stray, self.faults.warnings)
        if label != written:
            message = phrase("{text} is read as {label}.", text=written, label=label)
            record.warn(phrase("labels in small letters"), message)
        self._front.first.setdefault(label, number)
        if label == _KSUMMA:
            before = len(self._front.first) > 2
            self.checksum.take(number, record.text(1), records_before=before, vouchers=self.journal.voucher_count)
        else:
            self._read(record)

    def _read(self, record: Record) -> None:
        if record.label not in ROW_LABELS and self.journal.inside:
            self.journal.leave(record.number)
        if record.stray:
            message = phrase('{label}: A quote stands inside a text: it is written \\".', label=record.label)
            record.warn(phrase("lines with a quote inside a text"), message)
        try:
            self._readers[record.label](record)
        except FieldError as error:
            kind = phrase("{label} that cannot be read", label=record.label)
            self.faults.lost(kind, record.number, phrase("{label}: {why}.", label=record.label, why=error.message))
            self.journal.spoil()

    def _not_a_record(self, number: int, start: str) -> None:
        inside = self.journal.inside
        text = (
            N_("{text} begins a line, which is no record: a record begins with # and its label. Ask for the file anew.")
            if inside
            else N_(
                "{text} begins a line, which is no record: a record begins with # and its label. The line is ignored."
            )
        )
        if inside:
            self.journal.spoil()
        findings = self.faults.errors if inside else self.faults.warnings
        findings.add(phrase("lines that are no records"), number, phrase(text, text=shown(start)))

    def _note_odd_characters(self, text: str, before: int) -> None:
        """Warn of what should not stand in a text: characters lost before the file was written, and control codes."""
        warnings = self.faults.warnings
        if self._control:
            for number, line in enumerate(text.split("\n"), before + 1):
                if match := CONTROL.search(line.strip(_AROUND)):
                    told = N_("SIE forbids control character {code}: {sign} stands for it.")
                    message = phrase(told, code=ord(match[0]), sign=REPLACEMENT)
                    warnings.add(phrase("lines with control characters"), number, message)
                elif "\0" in line:
                    told = N_("Zeros stand where text should: they are left out. Some of the file may be lost.")
                    warnings.add(phrase("lines with zeros"), number, phrase(told))
        if REPLACEMENT in text:
            for number, line in enumerate(text.split("\n"), before + 1):
                if REPLACEMENT in line:
                    told = N_("A letter is lost: {sign} stands for it. It was lost before the file was written.")
                    warnings.add(phrase("lines with lost letters"), number, phrase(told, sign=REPLACEMENT))


def unlikely_signs(file: SieFile) -> Message:
    """Return what to know of a file with signs that are seldom in any text."""
    text = N_("The text has {signs} in it, read as {encoding}: it may be another encoding. See the names.")
    return phrase(text, signs=shown(file.signs), encoding=file.encoding)


def _without_control(each: Field) -> Field:
    if isinstance(each, str):
        return CONTROL.sub(REPLACEMENT, each)
    return tuple(CONTROL.sub(REPLACEMENT, item) for item in each)


def _other_kind(start: str) -> Message:
    if start.startswith("<"):
        return phrase("This is XML or a web page, not SIE 4: ask for the file as SIE 4 (.se or .si).")
    text = N_("The file begins with {text}, not with #FLAGGA: it is no SIE 4 file.")
    return phrase(text, text=shown(start.splitlines()[0]))


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


class _PlainVoucher(NamedTuple):
    """A voucher that looks plain: the line of its #VER, what the patterns found, and what a checksum covers of it."""

    line: int
    head: tuple[str, ...]
    rows: list[tuple[str, ...]]


def _plain_voucher(chunk: str, number: int) -> _PlainVoucher | None:
    """Return the voucher that a text holds, without its }, after line `number`; None if it does not look plain."""
    head, _, body = chunk.partition("\n{\n")
    rows = _ROWS(body)
    if not rows or len(rows) != body.count("\n") + 1:
        return None
    match = _VER(head)
    return _PlainVoucher(number + head.count("\n") + 1, match.groups(""), rows) if match else None


class _Vocabulary:
    """What fields of plain vouchers mean."""

    def __init__(self) -> None:
        self._accounts: dict[str, str] = {}
        self._lists: dict[str, tuple[Objects, str]] = {}
        """By the text between braces: the objects, and what a checksum covers of them."""
        self._days: dict[str, date | None] = {"": None}

    def learn(self, plain: _PlainVoucher, voucher: Voucher) -> None:
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

    def voucher(self, plain: _PlainVoucher) -> Voucher | None:
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

    def covered(self, plain: _PlainVoucher) -> str:
        """Return what a checksum covers of a voucher, all fields of which have been seen."""
        records = ["#VER", *plain.head]
        for account, items, *rest in plain.rows:
            records += ["#TRANS", account, self._lists[items][1], *rest]
        return "".join(records)
