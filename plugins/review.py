"""Review: which vouchers are asked for what a reader must find in them, such as signatures and purpose.

    2024-03-05 ! "Leverantör 055 Restaurang" "Lunch vid möte"
      ver: "L 123"

A voucher with the flag `!` waits for somebody, and bears the signatures of those who are to approve it: it is reviewed
when they have. What was kept in another system (plugins.imports) was reviewed there.
"""

from beancount.core import data

from forbundsbok.plugins.books import Books
from forbundsbok.plugins.corrections import Booking
from forbundsbok.plugins.imports import UNDERLAG, moved_in
from forbundsbok.plugins.roles import Role

WAITS = "!"
"""The flag of a voucher that waits for somebody: to approve it, or to say what it is."""


def is_reviewed(entry: data.Transaction, books: Books) -> bool:
    """Tell whether a voucher is reviewed here and now."""
    return entry.flag != WAITS and is_kept_here(entry, books)


def is_kept_here(entry: data.Transaction, books: Books) -> bool:
    """Tell whether a voucher was never kept in another system; it may wait."""
    return entry.meta.get(UNDERLAG) not in books.once(moved_in)


def bookings_to_review(books: Books, *roles: Role) -> list[Booking]:
    """Return the bookings of vouchers that are reviewed, and have a row on accounts of some roles."""
    return books.bookings(entry for entry in books.having(*roles) if is_reviewed(entry, books))


def put_right(books: Books) -> frozenset[int]:
    """Return which vouchers correct one of their year or are corrected, by their ids: alone they need not be right."""
    return frozenset(id(entry) for booking in books.bookings(books.corrections) for entry in booking.vouchers)
