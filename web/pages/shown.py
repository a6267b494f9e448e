"""What was shown when somebody said yes: by it a yes holds for that alone, and counts once.

    <input type="hidden" name="visad" value="9b1f0c...">
    <input type="hidden" name="nummer" value="L 15 2025">

A page that was left open says yes to what the books no longer are; two clicks say the same yes twice.
"""

from collections.abc import Iterable
from hashlib import sha256

from beancount.core import data
from flask import request

from forbundsbok.plugins.clearing import without_clearing
from forbundsbok.plugins.language import N_, tr
from forbundsbok.plugins.ledger_text import directives_text
from forbundsbok.plugins.numbers import read_ver
from forbundsbok.plugins.refusal import RefusalError
from forbundsbok.web.pages.page import e

CHANGED = N_("The books have changed since it was shown: look at it as it is now.")


class ChangedError(RefusalError):
    """What was shown is not what would be written now."""

    def __init__(self) -> None:
        super().__init__(tr(CHANGED))


class DoneError(RefusalError):
    """What was shown is written already, by the same yes."""


def named(entry: data.Transaction) -> str:
    """Return a voucher's number with its year."""
    ver = read_ver(entry)
    return f"{ver} {ver.year}" if ver else ""


def mark(entry: data.Transaction) -> str:
    """Return what a voucher's text hashes to, without the clearing that is computed."""
    return sha256(directives_text([without_clearing(entry)]).encode()).hexdigest()


def fields(vouchers: Iterable[data.Transaction]) -> str:
    """Return the fields by which a form says which vouchers it showed."""
    vouchers = list(vouchers)
    marks, number = " ".join(map(mark, vouchers)), named(vouchers[0])
    return f'<input type="hidden" name="visad" value="{marks}"><input type="hidden" name="nummer" value="{e(number)}">'


def asked_of(entries: Iterable[data.Directive]) -> data.Transaction | None:
    """Return the voucher with the number that was sent."""
    number = request.form.get("nummer", "")
    return voucher_of(number, entries)


def voucher_of(number: str, entries: Iterable[data.Directive]) -> data.Transaction | None:
    """Return the voucher of a number with its year, `L 15 2025`."""
    own = (each for each in entries if isinstance(each, data.Transaction) and each.date.year == _year(number))
    return next((each for each in own if named(each) == number), None)


def _year(number: str) -> int:
    year = number.rpartition(" ")[2]
    return int(year) if year.isdecimal() and len(year) == 4 else 0


def marks() -> list[str]:
    """Return what the vouchers that were shown hash to."""
    return request.form.get("visad", "").split()
