"""The short way to read a voucher that looks as nearly all do: by one pattern, not line by line and field by field.

    #VER A 17 20240315 "Avgift mars" 20240316
    {
    #TRANS 1930 {} 1250.50 20240315 "Avgift mars" 0 CH
    #TRANS 3010 {1 "NAV"} -1250.50
    }

Which account, objects or day a field means is learnt from vouchers that were read line by line, the long way, which
alone knows the rules: a voucher goes the short way once all of its fields have been seen.
"""

import re
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from forbundsbok.importers.formats.sie_checksum import covered
from forbundsbok.importers.formats.sie_records import Objects, Row, Voucher
from forbundsbok.importers.formats.sie_text import fields_of

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


class Plain(NamedTuple):
    """A voucher that looks plain: the line of its #VER, what the patterns found, and what a checksum covers of it."""

    line: int
    head: tuple[str, ...]
    rows: list[tuple[str, ...]]


def plain(chunk: str, number: int) -> Plain | None:
    """Return the voucher that a text holds, without its }, after line `number`; None if it does not look plain."""
    head, _, body = chunk.partition("\n{\n")
    rows = _ROWS(body)
    if not rows or len(rows) != body.count("\n") + 1:
        return None
    match = _VER(head)
    return Plain(number + head.count("\n") + 1, match.groups(""), rows) if match else None


class Known:
    """What fields of plain vouchers mean."""

    def __init__(self) -> None:
        self._accounts: dict[str, str] = {}
        self._lists: dict[str, tuple[Objects, str]] = {}
        """By the text between braces: the objects, and what a checksum covers of them."""
        self._days: dict[str, date | None] = {"": None}

    def learn(self, found: Plain, voucher: Voucher) -> None:
        """Keep what the fields of a voucher meant that was read the long way."""
        if len(found.rows) != len(voucher.rows):
            return  # some of them are not as plain as they look
        if len(self._lists) > _KNOWN_LISTS:
            self._lists.clear()
        for (account, items, _, day, *_), row in zip(found.rows, voucher.rows, strict=True):
            self._accounts[account] = row.account
            self._lists[items] = (row.objects, covered(fields_of(f"{{{items}}}").fields))
            self._days[day] = row.day
        self._days[found.head[4]] = voucher.day
        if voucher.registered:
            self._days[found.head[7]] = voucher.registered

    def voucher(self, found: Plain) -> Voucher | None:
        """Return a voucher; None when one of its fields has not been seen."""
        line, (series, bare_series, number, bare_number, day, text, bare_text, registered, sign, bare_sign), _ = found
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
                    found.rows, line + 2
                )
            ]
        except KeyError:
            return None
        head = (line, series or bare_series, number or bare_number, written, text or bare_text, registered_on)
        return new(Voucher, (*head, sign or bare_sign, tuple(rows), (), ()))

    def covered(self, found: Plain) -> str:
        """Return what a checksum covers of a voucher, all fields of which have been seen."""
        records = ["#VER", *found.head]
        for account, items, *rest in found.rows:
            records += ["#TRANS", account, self._lists[items][1], *rest]
        return "".join(records)
