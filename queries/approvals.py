"""What waits for whom: the vouchers that are booked with `!`, the part of each unit, and who may say yes to it.

    2025-03-07 ! "Leverantör 018 Städ" "Städning mars"
      ver: "L 14"
      Expenses:NAV:6120-Städning                30770.00 SEK
      Liabilities:NAV:2510-Leverantörsskulder  -30770.00 SEK

    waiting(entries, options)[0].lacks      {"NAV": ("BVC-NAV",)}       who may approve for whom nobody has yet

Whoever approves is written below the voucher with the day (`attest`, `attestdag`), and so covered by the year's seal.
When no unit lacks its approval any more, the voucher waits no longer.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from beancount.core import data

from forbundsbok.plugins.books import Books
from forbundsbok.plugins.charges import charges
from forbundsbok.plugins.clearing import without_clearing
from forbundsbok.plugins.language import N_, tr
from forbundsbok.plugins.money import ZERO
from forbundsbok.plugins.numbers import read_ver
from forbundsbok.plugins.parties import folded
from forbundsbok.plugins.refusal import RefusalError
from forbundsbok.plugins.review import WAITS
from forbundsbok.plugins.rights import APPROVED_ON, ATTEST, MOTTAGNING, Right, rights_of_units, signatures_of


class ApprovalError(RefusalError):
    """Who may not approve a voucher, and why."""


@dataclass(frozen=True)
class WaitingVoucher:
    """A voucher that waits, what each unit is charged by it in kronor, and the rights that there are for these."""

    entry: data.Transaction
    parts: Mapping[str, Decimal]
    rights: Mapping[str, Sequence[Right]]

    @property
    def amount(self) -> Decimal:
        return sum(self.parts.values(), ZERO)

    @property
    def signs(self) -> tuple[str, ...]:
        """Who has approved it so far: of an imported invoice, `attest` names who is asked, until the day is there."""
        return signatures_of(self.entry, ATTEST) if APPROVED_ON in self.entry.meta else ()

    @property
    def lacks(self) -> Mapping[str, tuple[str, ...]]:
        """The units whose part nobody has approved who may, each with those who may; who is asked comes first."""
        signed = {folded(sign) for sign in self.signs}
        able = {unit: self._able(unit) for unit in self.parts}
        return {
            unit: tuple(dict.fromkeys(able[unit]))
            for unit in self.parts
            if not signed & {folded(sign) for sign in able[unit]}
        }

    def _able(self, unit: str) -> list[str]:
        receivers = {folded(sign) for sign in signatures_of(self.entry, MOTTAGNING)}
        asked = {folded(sign) for sign in signatures_of(self.entry, ATTEST)}
        able = [
            right.sign
            for right in self.rights.get(unit, ())
            if right.holds_on(self.entry.date)
            and right.limit >= self.parts[unit]
            and folded(right.sign) not in receivers
        ]
        return sorted(able, key=lambda sign: folded(sign) not in asked)

    def sign_of(self, sign: str) -> str:
        """Return a signature as the rights write it, of one whose approval it waits for; else an empty text."""
        able = (each for able in self.lacks.values() for each in able)
        return next((each for each in able if folded(each) == folded(sign)), "")

    def approved(self, sign: str, day: date, received: str = "") -> "WaitingVoucher":
        """Return it as somebody has approved it, and perhaps received what it is for.

        Raises ApprovalError for who may not, and for who has received it.
        """
        if not (own := self.sign_of(sign)):
            able = sorted({each for able in self.lacks.values() for each in able})
            text = N_("{number} does not wait for {sign}; it waits for {able}")
            number, names = read_ver(self.entry), ", ".join(able) or tr(N_("nobody"))
            raise ApprovalError(tr(text, number=number, sign=sign, able=names))
        if folded(received) == folded(own):
            text = N_("who approves has not received what was bought: another than {sign} receives")
            raise ApprovalError(tr(text, sign=own))
        return self._approved(own, day, received)

    def _approved(self, sign: str, day: date, received: str) -> "WaitingVoucher":
        meta = dict(self.entry.meta) | {ATTEST: ", ".join((*self.signs, sign)), APPROVED_ON: day}
        if received:
            meta[MOTTAGNING] = received
        own = WaitingVoucher(self.entry._replace(meta=meta), self.parts, self.rights)
        return own if own.lacks else WaitingVoucher(own.entry._replace(flag="*"), self.parts, self.rights)


def waiting(entries: Iterable[data.Directive], options: Mapping[str, Any]) -> list[WaitingVoucher]:
    """Return what waits, by day; without parts where it brings in and needs no approval."""
    entries = list(entries)
    books = Books([_as_booked(entry) for entry in entries], options)
    rights = books.once(rights_of_units)
    parts = {_at(entry): charge.parts for charge in charges(books) for entry in charge.vouchers}
    found = [
        WaitingVoucher(without_clearing(entry), parts.get(_at(entry), {}), rights)
        for entry in entries
        if isinstance(entry, data.Transaction) and entry.flag == WAITS
    ]
    return sorted(found, key=lambda each: (each.entry.date, read_ver(each.entry) or (0, "", 0)))


def _at(entry: data.Directive) -> tuple[object, object]:
    return entry.meta.get("filename"), entry.meta.get("lineno")


def _as_booked(entry: data.Directive) -> data.Directive:
    """Return what waits as if it did not: what a voucher charges is read of those that are booked."""
    return entry._replace(flag="*") if isinstance(entry, data.Transaction) and entry.flag == WAITS else entry
