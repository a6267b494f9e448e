"""Supplier invoices: which vouchers are one, what it owes, and whose costs it charges.

    2024-03-05 * "Leverantör 055 Restaurang" "Lunch vid möte"
      ver: "L 123"
      Expenses:ADM:7110-Representation             3000.00 SEK
      Assets:FK:1650-Momsfordran                    360.00 SEK
      Liabilities:ADM:2510-Leverantörsskulder     -3360.00 SEK

A supplier invoice is a voucher that raises what is owed to suppliers (25) mostly against what is bought: costs, fixed
assets, prepaid and accrued costs, provisions. A credit note is the reverse. Payments, refunds and set-offs stand
against money, receivables or other debts, and opening balances against equity: they are no invoices. Its amount is what
is owed, VAT included.

A voucher and its corrections (`rattar`) of the same year are one invoice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from beancount.core import data

from forbundsbok.plugins.accounts import unit_of
from forbundsbok.plugins.books import Books
from forbundsbok.plugins.corrections import CORRECTS, Booking
from forbundsbok.plugins.findings import Message
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.money import ZERO, rounded
from forbundsbok.plugins.review import bookings_to_review
from forbundsbok.plugins.roles import Role, Roles
from forbundsbok.plugins.rulebook import Sees

CREDIT = "kredit"
"""How the text of a credit note begins."""

INVOICES = Sees(roles=(Role.SUPPLIERS,), keys=(CORRECTS,))


@dataclass(frozen=True)
class Debt:
    """What vouchers owe to suppliers together, for what each unit has bought; less than nothing in a credit note."""

    owed: Decimal
    bought: Mapping[str, Decimal]
    is_interim: bool = False
    """Whether all of it stands as prepaid or accrued."""

    def parts(self) -> dict[str, Decimal]:
        """Return the part of each unit that it charges, as an amount above zero that has its share of the VAT."""
        charges = {unit: abs(number) for unit, number in self.bought.items() if number * self.owed > 0}
        if len(charges) == 1:
            return dict.fromkeys(charges, abs(self.owed))
        whole = sum(charges.values(), ZERO)
        return {unit: rounded(abs(self.owed) * number / whole) for unit, number in charges.items()}


@dataclass(frozen=True)
class BookedInvoice:
    """A supplier invoice or a credit note with its corrections, and those of its vouchers that are to be approved."""

    booking: Booking
    debt: Debt
    vouchers: Sequence[data.Transaction]

    @property
    def kind(self) -> Message:
        if self.debt.owed > 0:
            return Message(N_("Supplier invoice"))
        # What lowers a debt, but no cost, is a credit note only where it says so.
        says_so = any((each.narration or "").casefold().startswith(CREDIT) for each in self.vouchers)
        return Message(N_("Credit note") if says_so or not self.debt.is_interim else N_("Voucher"))


def booked_invoices(books: Books) -> list[BookedInvoice]:
    """Return the invoices that are reviewed."""
    debts = ((each, debt_of(books, *each.vouchers)) for each in bookings_to_review(books, Role.SUPPLIERS))
    return [BookedInvoice(each, debt, _to_approve(each, debt, books)) for each, debt in debts if debt]


def debt_of(books: Books, *vouchers: data.Transaction) -> Debt | None:
    """Return what vouchers that are an invoice owe, None where they are something else."""
    owed = credits = ZERO
    bought: dict[str, Decimal] = {}
    is_interim = True
    for account, number in (row for entry in vouchers for row in books.rows(entry)):
        standing = _standing(account, books.roles)
        if standing is Role.SUPPLIERS:
            owed -= number
            if number < 0:
                credits -= number
        elif standing is Role.PURCHASES:
            unit = unit_of(account)
            bought[unit] = bought[unit] + number if unit in bought else number
            is_interim = is_interim and books.roles.has(account, Role.PREPAID, Role.ACCRUED)
        elif number and standing is Role.EQUITY:
            return None  # an opening balance
    whole = sum(bought.values(), ZERO)
    if whole > 0 and not owed:
        owed = credits  # it is paid in the same voucher
    return Debt(owed, bought, is_interim) if owed * whole > 0 and 2 * abs(whole) >= abs(owed) else None


@cache
def _standing(account: str, roles: Roles) -> Role | None:
    """Return what an account is to an invoice: who is owed, what is bought, or equity; else None."""
    return next((role for role in (Role.SUPPLIERS, Role.PURCHASES, Role.EQUITY) if roles.has(account, role)), None)


def _to_approve(booking: Booking, debt: Debt, books: Books) -> Sequence[data.Transaction]:
    """Return the vouchers that are the invoice or raise it; a correction that lowers it stands on its approval."""
    vouchers = []
    for entry in booking.vouchers:
        own = debt if len(booking.vouchers) == 1 else debt_of(books, entry)
        if own and own.owed * debt.owed > 0 and not (own.owed < 0 and CORRECTS in entry.meta):
            vouchers.append(entry)
    return vouchers
