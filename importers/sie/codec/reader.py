"""The reader of SIE 4: a file voucher by voucher, its size does not matter.

    reader = SieReader(Path("bokslut-2024.se"))
    for voucher in reader.vouchers():
        ...
    reader.errors  # what is wrong, when all are read: "#TRANS: '1000,00' är inget belopp: ..."

It is lenient where a fault is harmless, and says so in a warning, and strict where money is at stake.

Sources: SIE filformat, utgåva 4B, 2008-09-30.
"""

import gc
from collections.abc import Iterator
from pathlib import Path

from forbundsbok.importers.document import Document
from forbundsbok.importers.problems import Problem, refused
from forbundsbok.importers.sie.codec.checksum import Checksum, covered
from forbundsbok.importers.sie.codec.faults import Faults, by_line
from forbundsbok.importers.sie.codec.front import Front
from forbundsbok.importers.sie.codec.journal import Journal, Vocabulary, plain_voucher
from forbundsbok.importers.sie.codec.records import ROW_LABELS, SieFile, Voucher
from forbundsbok.importers.sie.codec.text import (
    CONTROL,
    REPLACEMENT,
    UTF_16,
    Field,
    FieldError,
    Record,
    blocks,
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


def read_sie(source: Path | Document) -> SieFile:
    """Read a whole file. Raises OSError, and DocumentError with everything that is wrong in it."""
    reader = SieReader(source)
    # Nothing of a file is garbage while it is read, and looking for some takes as long as reading it.
    looked_for_garbage = gc.isenabled()
    gc.disable()
    try:
        vouchers = list(reader.vouchers())
    finally:
        if looked_for_garbage:
            gc.enable()
    if errors := reader.errors:
        raise refused(str(source), errors)
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


class SieReader:
    """Reads a file voucher by voucher: what is not a voucher is in the attributes, which grow as it goes.

    When all vouchers are read, `errors` and `warnings` are complete, and so is `heading.type`. A file with errors
    is not to be trusted, however many vouchers came out of it.
    """

    def __init__(self, source: Path | Document) -> None:
        """Take a file, which is then read as it goes, or a document. Raises OSError."""
        self.source = source
        self.encoding = encoding_of(source)
        self._faults = Faults()
        self._front = front = Front(self._faults)
        self.heading, self.accounts, self.balances = front.heading, front.accounts, front.balances
        self.dimensions, self.objects = front.dimensions, front.objects
        self._journal = Journal(front, self._faults)
        self._checksum = Checksum(self.encoding, self._faults)
        self._vocabulary = Vocabulary()
        self._readers = {**front.readers, **self._journal.readers}
        self._control = False
        """Whether there are control characters in what is being read."""

    @property
    def voucher_count(self) -> int:
        return self._journal.voucher_count

    @property
    def row_count(self) -> int:
        """How many #TRANS, sound or not."""
        return self._journal.row_count

    @property
    def unbalanced(self) -> list[str]:
        """The ids of vouchers, "A 17", whose rows do not sum to zero."""
        return self._journal.unbalanced

    @property
    def unread(self) -> bool:
        """Whether there are lines that could not be read: sums would be short of them."""
        return self._faults.unread

    @property
    def checksum(self) -> str:
        """Whether the #KSUMMA agrees: ok, bad or absent."""
        return self._checksum.state

    @property
    def errors(self) -> list[Problem]:
        """What is wrong, in the order of the file."""
        return self._faults.errors.all()

    @property
    def warnings(self) -> list[Problem]:
        """What is odd but harmless, in the order of the file."""
        of_4e = self._faults.warnings_4e.all() if self.heading.type == "4E" else []
        return by_line([*self._faults.warnings.all(), *of_4e])

    def vouchers(self) -> Iterator[Voucher]:
        """Yield the vouchers in the order of the file, those that could be read. Raises OSError."""
        number = 0
        try:
            for text in self._texts():
                self._note_odd_characters(text, number)
                yield from self._vouchers_of(text, number)
                number += text.count("\n")
        except FieldError as error:
            self._faults.errors.add(phrase("lines that are too long"), number + 1, phrase("{why}.", why=error.message))
        self._journal.leave(0)
        self._checksum.finish(self.voucher_count)
        self._front.finish(self.voucher_count, self.source.suffix, self.encoding)

    def _texts(self) -> Iterator[str]:
        """Yield the text of the file, some whole lines at a time, nothing if it is of another kind."""
        errors = self._faults.errors
        if self.encoding == UTF_16:
            text = N_("The text is UTF-16: write the file anew in CP437, which is what #FORMAT PC8 says.")
            errors.add(phrase("files"), 0, phrase(text))
            return
        begun = False
        for text, control in blocks(self.source, self.encoding):
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
        journal, checksum, vocabulary = self._journal, self._checksum, self._vocabulary
        *chunks, rest = text.split("\n}\n")
        for chunk in chunks:
            plain = None if journal.inside or self._control else plain_voucher(chunk, number)
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
            self._journal.begin_rows(number)
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
            self._journal.begin_rows(number)
        return self._journal.end_rows(number) if brace == "}" else None

    def _garbled(self, number: int, line: str, error: FieldError) -> None:
        label = line.split(None, 1)[0].upper()
        if label.startswith("#") and label not in self._readers and label != _KSUMMA:
            self._front.note_unknown(number, label)
            return
        message = phrase("{label}: {why}.", label=named(label), why=error.message)
        self._faults.lost(phrase("lines that cannot be read"), number, message)
        self._journal.garbled(number, label)

    def _record(self, number: int, fields: list[Field], stray: bool) -> None:
        written = text_at(fields, 0)
        if not written.startswith("#") or not isinstance(fields[0], str):
            self._not_a_record(number, written)
            return
        label = written if written in self._readers else written.upper()
        if self._checksum.opened and label != _KSUMMA:
            self._checksum.feed(covered(fields))
        if label not in self._readers and label != _KSUMMA:
            self._front.note_unknown(number, written)
            return
        record = Record(number, label, fields, stray, self._faults.warnings)
        if label != written:
            message = phrase("{text} is read as {label}.", text=written, label=label)
            record.warn(phrase("labels in small letters"), message)
        self._front.first.setdefault(label, number)
        if label == _KSUMMA:
            before = len(self._front.first) > 2
            self._checksum.take(number, record.text(1), records_before=before, vouchers=self.voucher_count)
        else:
            self._read(record)

    def _read(self, record: Record) -> None:
        if record.label not in ROW_LABELS and self._journal.inside:
            self._journal.leave(record.number)
        if record.stray:
            message = phrase('{label}: A quote stands inside a text: it is written \\".', label=record.label)
            record.warn(phrase("lines with a quote inside a text"), message)
        try:
            self._readers[record.label](record)
        except FieldError as error:
            kind = phrase("{label} that cannot be read", label=record.label)
            self._faults.lost(kind, record.number, phrase("{label}: {why}.", label=record.label, why=error.message))
            self._journal.spoil()

    def _not_a_record(self, number: int, start: str) -> None:
        inside = self._journal.inside
        text = (
            N_("{text} begins a line, which is no record: a record begins with # and its label. Ask for the file anew.")
            if inside
            else N_(
                "{text} begins a line, which is no record: a record begins with # and its label. The line is ignored."
            )
        )
        if inside:
            self._journal.spoil()
        findings = self._faults.errors if inside else self._faults.warnings
        findings.add(phrase("lines that are no records"), number, phrase(text, text=shown(start)))

    def _note_odd_characters(self, text: str, before: int) -> None:
        """Warn of what should not stand in a text: characters lost before the file was written, and control codes."""
        warnings = self._faults.warnings
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


def _without_control(each: Field) -> Field:
    if isinstance(each, str):
        return CONTROL.sub(REPLACEMENT, each)
    return tuple(CONTROL.sub(REPLACEMENT, item) for item in each)


def _other_kind(start: str) -> Message:
    if start.startswith("<"):
        return phrase("This is XML or a web page, not SIE 4: ask for the file as SIE 4 (.se or .si).")
    text = N_("The file begins with {text}, not with #FLAGGA: it is no SIE 4 file.")
    return phrase(text, text=shown(start.splitlines()[0]))
