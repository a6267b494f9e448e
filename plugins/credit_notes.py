"""Credit notes: on their own side, booked when they are counted on, and booked before what they lower is paid.

    2025-05-06 * "Leverantör 049 Service" "Service av ventilation" ^L-2025-0042
      ver: "L 42"
      Expenses:NAV:6610-Reparation-och-underhåll      35750.00 SEK
      Liabilities:NAV:2510-Leverantörsskulder        -35750.00 SEK

    2025-05-14 * "Leverantör 049 Service" "Kreditfaktura: prisjustering" ^L-2025-0047 ^L-2025-0042
      ver: "L 47"
      Expenses:NAV:6610-Reparation-och-underhåll      -7150.00 SEK
      Liabilities:NAV:2510-Leverantörsskulder          7150.00 SEK
        faktura: "L-2025-0042"

    2025-06-05 * "Leverantör 049 Service" "Betalning: Service av ventilation efter kredit" ^L-2025-0042
      ver: "U 157"
      Liabilities:NAV:2510-Leverantörsskulder         28600.00 SEK
      Assets:FK:1610-Internbank                      -28600.00 SEK

All rules here warn: a supplier may be paid in parts, and may credit what has been paid already.
"""

import re
from collections.abc import Iterator
from decimal import Decimal

from beancount.core import data

from forbundsbok.plugins.books import Books
from forbundsbok.plugins.corrections import CORRECTS
from forbundsbok.plugins.findings import Finding, Subject
from forbundsbok.plugins.imports import UNDERLAG, moved_in
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.money import ZERO
from forbundsbok.plugins.open_items import ON_LEDGERS, TRIFLE, History, ItemMove, bills, histories
from forbundsbok.plugins.parties import party_key
from forbundsbok.plugins.places import place
from forbundsbok.plugins.review import is_reviewed, put_right
from forbundsbok.plugins.roles import Role
from forbundsbok.plugins.rulebook import rule

_CREDIT_NOTE = re.compile(r"kredit(?:faktura|nota|erar|ering)\b", re.IGNORECASE)
"""How the text of a credit note begins."""

_COUNTS_ON_CREDIT = re.compile(r"\bkredit(?!kort|upplys|institut|försäkr)", re.IGNORECASE)
"""What a payment says that is lowered by a credit note."""


@rule(
    "R922",
    title=N_("A credit note lowers what is owed, or what is claimed."),
    why=N_("With its signs reversed it is a second invoice: cost and debt are wrong by twice the amount."),
    mend=N_("Turn the signs, or write in its text what is billed."),
    sees=ON_LEDGERS,
    warns=True,
)
def credit_note_reversed(books: Books) -> Iterator[Finding]:
    elsewhere, corrected = books.once(moved_in), books.once(put_right)
    for entry in books.having(Role.SUPPLIERS, Role.CUSTOMERS):
        if not _CREDIT_NOTE.match((entry.narration or "").strip()) or id(entry) in corrected:
            continue
        rows = books.rows(entry)
        raised = sum((number for account, number in rows if books.roles.has(account, Role.CUSTOMERS)), ZERO)
        raised -= sum((number for account, number in rows if books.roles.has(account, Role.SUPPLIERS)), ZERO)
        is_paid = any(books.roles.has(account, Role.MONEY) for account, _ in rows)
        if raised > 0 and not is_paid and entry.meta.get(UNDERLAG) not in elsewhere:
            message = N_("{voucher} says that it is a credit note, but raises what is open by {amount} kr.")
            items = [Subject("item", link) for link in sorted(entry.links)]
            values = {"voucher": entry, "amount": raised}
            yield Finding(entry, Subject("voucher", place(entry)), message, values, also=items)


@rule(
    "R923",
    title=N_("A supplier's invoice is paid in whole when it is due, less the credit notes that are booked."),
    why=N_("What is left when it is due is a credit note that was forgotten, or has another amount, or a debt."),
    mend=N_("Book the credit note, put its amount right, pay the rest, or acknowledge that it is paid in parts."),
    after=["M701", "M705", "R903", "R908", "R909", "R912", "R922", "R924", "T132"],
    sees=ON_LEDGERS,
    warns=True,
)
def credit_counted_on(books: Books) -> Iterator[Finding]:
    for history in books.once(histories):
        payment = _last_payment(history, books)
        if payment is None or history.left <= TRIFLE or payment.entry.meta.get(UNDERLAG) in books.once(moved_in):
            continue
        is_counted_on = _COUNTS_ON_CREDIT.search(payment.entry.narration or "")
        if is_counted_on or payment.day >= history.due:
            message = N_("{voucher} pays {amount} kr of {link}, due {due}, and leaves {left} kr.")
            if is_counted_on:
                message = N_(
                    "{voucher} pays {amount} kr of {link} after a credit note, and leaves {left} kr: is the credit "
                    "note booked, with its amount?"
                )
            values = {
                "voucher": payment.entry,
                "amount": abs(payment.total),
                "link": history.link,
                "due": history.due,
                "left": history.left,
            }
            # An invoice whose own amount is told is the cause of what is left of it.
            causes = [Subject("item", history.link), Subject("voucher", place(history.item.invoice))]
            yield Finding(payment.entry, payment.subject, message, values, also=causes)


@rule(
    "R924",
    title=N_("A credit note comes before the payment that it lowers."),
    why=N_(
        "A payment of just what is left after a credit note of a later day has a wrong day, or the credit note has."
    ),
    mend=N_("Put the day right, or acknowledge that less was paid before the credit note came."),
    after=["R906"],
    sees=ON_LEDGERS,
    warns=True,
)
def credit_before_payment(books: Books) -> Iterator[Finding]:
    for history in books.once(histories):
        payment = next((move for move in history.moves if not move.bills and move.total * history.sign < 0), None)
        if payment is None or history.left or payment.entry.meta.get(UNDERLAG) in books.once(moved_in):
            continue
        later = [move for move in history.moves if move.bills and move.day > payment.day]
        if later and all(move.total * history.sign < 0 and not _is_loss(move, books) for move in later):
            message = N_(
                "{voucher} of {day} pays what is left of {link} after {credit}, a credit note that is booked only on "
                "{credited}: the payment is before it."
            )
            values = {
                "voucher": payment.entry,
                "day": payment.day,
                "link": history.link,
                "credit": later[0].entry,
                "credited": later[0].day,
            }
            yield Finding(payment.entry, payment.subject, message, values)


def _is_loss(move: ItemMove, books: Books) -> bool:
    """Tell whether what is not paid of a claim is a cost, and no credit note."""
    customers = any(books.roles.has(row.account, Role.CUSTOMERS) for entry in move.vouchers for row in entry.postings)
    return customers and any(books.roles.has(row.account, Role.COSTS) for row in move.entry.postings)


@rule(
    "R928",
    title=N_("A customer's invoice that is credited in whole says why."),
    why=N_(
        "Who has taken what a customer paid hides it by crediting the claim. A warning, since the reason may be that "
        "the invoice was wrong: it is written in the credit note."
    ),
    mend=N_("Write in the credit note's text what was wrong, or who has decided it."),
    after=["R904", "R909", "R922"],
    sees=ON_LEDGERS,
    warns=True,
)
def credited_in_whole(books: Books) -> Iterator[Finding]:
    for history in books.once(histories):
        if history.sign < 0 or not history.is_of_customer or not history.invoice or history.left:
            continue
        is_paid = any(not move.bills and move.total for move in history.moves)
        for move in history.moves if not is_paid else ():
            entry = move.entry
            if not move.bills or move.total != -history.invoice.total or len(move.vouchers) > 1:
                continue
            if _says_why(entry, history.invoice.entry) or entry.meta.get(UNDERLAG) in books.once(moved_in):
                continue
            message = N_('{voucher} "{text}" credits the whole of {link}, {amount} kr, and does not say why.')
            values = {"voucher": entry, "text": entry.narration, "link": history.link, "amount": -move.total}
            yield Finding(entry, move.subject, message, values)
    yield from _credited_apart(books)


def _credited_apart(books: Books) -> Iterator[Finding]:
    """Yield credit notes of a whole invoice that bear a number of their own, and not the link of what they credit."""
    billed: dict[tuple[str, str, Decimal], data.Transaction] = {}
    for entry in books.having(Role.CUSTOMERS):
        claims = [row for row in books.rows(entry) if books.roles.has(row[0], Role.CUSTOMERS)]
        if len(claims) != 1 or not entry.payee or not bills(entry, books.roles):
            continue
        [(account, number)] = claims
        key = (account, party_key(entry.payee), abs(number))
        if number > 0:
            billed[key] = entry
            continue
        invoice = billed.get(key)
        is_open = not books.is_sealed(entry.date) and entry.meta.get(UNDERLAG) not in books.once(moved_in)
        if not invoice or not is_open or CORRECTS in entry.meta or invoice.links & entry.links:
            continue
        if is_reviewed(entry, books) and len(entry.links) < 2 and not _says_why(entry, invoice):
            message = N_(
                '{voucher} "{text}" credits {payee} {amount} kr, just what {invoice} has billed, and says neither why '
                "nor which invoice it credits."
            )
            values = {
                "voucher": entry,
                "text": entry.narration,
                "payee": entry.payee,
                "amount": -number,
                "invoice": invoice,
            }
            yield Finding(entry, Subject("voucher", place(entry)), message, values)


def _says_why(credit: data.Transaction, invoice: data.Transaction) -> bool:
    """Tell whether the text of a credit note has more than what its invoice says, and that it is one."""
    said = {*_words(invoice.narration), *_words(invoice.payee)}
    return any(word not in said and not _OF_CREDIT.match(word) for word in _words(credit.narration))


def _words(text: str | None) -> list[str]:
    return _WORD.findall((text or "").casefold())


_WORD = re.compile(r"[^\W\d_]{2,}")
_OF_CREDIT = re.compile(r"kredit|kund|faktur|avse|gälle|för|av|nr|nummer|hela|belopp|kronor|kr")
"""How the words begin that a credit note has without any reason."""


def _last_payment(history: History, books: Books) -> ItemMove | None:
    """Return the last movement of a supplier's invoice where that pays it, None where it does not."""
    invoice, last = history.invoice, history.moves[-1]
    is_of_supplier = history.sign < 0 and invoice is not None and invoice is not last
    is_payment = not last.bills and last.total > 0 and any(_is_paid(entry, books) for entry in last.vouchers)
    return last if is_of_supplier and is_payment else None


def _is_paid(entry: data.Transaction, books: Books) -> bool:
    return any(books.roles.has(row.account, Role.MONEY) for row in entry.postings)
