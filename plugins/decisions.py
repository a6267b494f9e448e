"""Decisions: what changes a register in books that are complete is decided by somebody, and says by whom and when.

    2025-03-01 custom "attest" "BVC-NAV" "NAV" 80000.00 SEK
      beslut: "Direktionen 2025-02-24 § 12"

Rights to approve (A631), the threshold of investments (A634), goals (B908), budgets (B909), what becomes of a unit's
surplus (U117), provisions (P316), shares that are sold (T153) and changes of equity (T152) are judged in this one way.
What is decided after it has taken effect is told as well (A642), and what is decided on no day of the calendar (A645).
"""

import re
from calendar import monthrange
from datetime import date

from beancount.core import data

from forbundsbok.plugins.books import Books
from forbundsbok.plugins.months import MONTHS

DECISION = "beslut"
"""The metadata of which decision a register's directive is by."""

_WHO = re.compile(r"[^\W\d_]{2,}")
_WHICH = re.compile(r"§\s*\d|\d{4}-\d\d-\d\d|\b\d{1,2}[./]\d{1,2}\b|\b\d{1,2} [^\W\d_]{3,} \d{4}\b")
"""A paragraph, or a day as it is written in one way or another."""


def undecided(entry: data.Custom, books: Books) -> bool:
    """Tell whether a directive has come to complete books by no decision: it names none, or neither who nor which."""
    return entry.date > books.last_complete_day and not names_decision(entry)


def names_decision(entry: data.Directive) -> bool:
    """Tell whether a directive or a voucher says by which decision it is."""
    written = entry.meta.get(DECISION)
    return isinstance(written, str) and is_decision(written)


def is_decision(written: str) -> bool:
    """Tell whether a text says who has decided, and when or by which paragraph."""
    return bool(_WHO.search(written) and _WHICH.search(written))


def day_of_decision(written: object) -> date | None:
    """Return the first day that a decision names, written as 2025-02-24; None where it names none.

    The day in a file's name, as `underlag/2024/kontoutdrag-2024-12-30.xml`, is that of the file.
    """
    days = []
    if not isinstance(written, str) or _FILE.search(written) or not is_decision(written):
        return None
    for each in _DAY.findall(written):
        try:
            days.append(date.fromisoformat(each))
        except ValueError:
            continue
    return min(days, default=None)


def no_day(written: str) -> str:
    """Return the first day that a text names and no calendar has, as 2025-02-30 or 30 februari; nothing where all are.

    The day in a file's name is that of the file.
    """
    for each in () if _FILE.search(written) else _A_DAY.finditer(written):
        month = int(each["month"] or 0) or MONTHS.index(each["named"].casefold()) + 1
        year = int(each["year"] or each["last"] or LEAP_YEAR)
        if not (1 <= month <= len(MONTHS) and 1 <= int(each["day"] or each["first"]) <= monthrange(year, month)[1]):
            return each.group()
    return ""


LEAP_YEAR = 2024
"""A year with every day that a year may have."""

_A_DAY = re.compile(
    r"\b(?P<year>[12]\d{3})-(?P<month>\d\d)-(?P<day>\d\d)\b"
    rf"|\b(?P<first>\d{{1,2}}) (?P<named>{'|'.join(MONTHS)})\b(?: (?P<last>[12]\d{{3}})\b)?",
    re.ASCII | re.IGNORECASE,
)

_FILE = re.compile(r"\.[^\W\d_]\w{1,4}\s*$")
"""How the name of a file ends."""

_DAY = re.compile(r"\b\d{4}-\d\d-\d\d\b", re.ASCII)
