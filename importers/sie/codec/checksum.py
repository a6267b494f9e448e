"""The checksum of a SIE file: whether its records are as they were when it was written.

    #FLAGGA 0
    #KSUMMA
    #PROGRAM "Bok \\"4\\"" 4.2
    #TRANS 1930 {1 "N V"} -1.00
    #KSUMMA 2298286605

The number is zlib.crc32 of `#PROGRAMBok "4"4.2#TRANS19301N V-1.00`: of each record between the two, in CP437, its
label and fields, without the quotes, braces and separators around them.

Sources: SIE filformat, utgåva 4B, 2008-09-30.
"""

import re
from collections.abc import Sequence
from zlib import crc32

from forbundsbok.importers.sie.codec.faults import Faults
from forbundsbok.importers.sie.codec.text import Field, named
from forbundsbok.plugins.findings import Message, phrase
from forbundsbok.plugins.language import N_

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
