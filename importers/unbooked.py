"""What a document that came in has, and no voucher of the books does.

    2025-03-15 balance Assets:FK:1610-Internbank  571407.55 SEK
      kontoutdrag: "2025-052"

Who takes away the voucher of a document, the bank's reference from it or the balance of its statement leaves books that
agree with themselves. The document is read again: its entries, its invoice, its pay and its balances are looked for.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from beancount.core import data

from forbundsbok.importers.bank_entries import NamedEntry, references_in, references_of, rows_of
from forbundsbok.importers.document import Document
from forbundsbok.importers.formats.camt import BankStatement, read_camt
from forbundsbok.importers.formats.ubl import read_invoice
from forbundsbok.importers.payment_orders import KIND, sent_unbooked
from forbundsbok.importers.sie.codec.check import read_sie
from forbundsbok.plugins.accounts import is_clearing
from forbundsbok.plugins.corrections import number_of
from forbundsbok.plugins.findings import Message, phrase
from forbundsbok.plugins.imports import BANKREF
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.money import ZERO
from forbundsbok.plugins.roles import Role, Roles

DAY = timedelta(days=1)

Vouchers = Sequence[data.Transaction]


class Booked(NamedTuple):
    """What a document, by its path, is held against: the vouchers that name it, all of the books, the balances."""

    file: str
    own: Vouchers
    vouchers: Vouchers
    balances: Sequence[data.Balance]
    roles: Roles
    is_noted: bool = False
    """Whether a note names it: what it has of its own is nothing."""


def unbooked(kind: str, document: Document, booked: Booked) -> Iterator[Message]:
    """Yield what a document has that the books do not. Raises DocumentError."""
    if kind in READERS:
        yield from READERS[kind](document, booked)


def _of_statements(document: Document, booked: Booked) -> Iterator[Message]:
    for statement in document.records(read_camt).statements:
        rows = list(rows_of(statement.id, statement.entries))
        names = {name for row in rows for name in (row.name, row.reference)}
        own = [entry for entry in booked.own if not names.isdisjoint(_names(entry))]
        # Of an account that is not the federation's, nothing is booked.
        accounts = {row.account for entry in own for row in entry.postings if booked.roles.has(row.account, Role.MONEY)}
        if not accounts:
            continue
        known = {name for entry in booked.vouchers for name in _names(entry)}
        # What a notification has told of is called otherwise there.
        moved = {
            (entry.date, number_of(row))
            for entry in booked.vouchers
            if entry.meta.get(BANKREF)
            for row in entry.postings
            if row.account in accounts
        }
        lacking: dict[date, list[NamedEntry]] = defaultdict(list)
        for row in rows:
            day = min(max(row.entry.day, statement.first), statement.last)
            if (
                row.entry.amount
                and known.isdisjoint((row.name, row.reference))
                and (day, row.entry.amount) not in moved
            ):
                lacking[day].append(row)
        for day, of_day in lacking.items():
            together = sum((row.entry.amount for row in of_day), ZERO)
            if together and together == _told_apart(day, names, accounts, booked):
                continue
            for row in of_day:
                text = N_("{file} has {amount} kr of {day} ({reference}), and no voucher names that reference")
                values = {"amount": row.entry.amount, "day": day, "reference": row.reference}
                yield phrase(text, file=booked.file, **values)
        yield from _closing(document, statement, accounts, booked)


def _told_apart(day: date, names: Collection[str], accounts: Collection[str], booked: Booked) -> Decimal:
    """Return what notifications have told of that a statement has together: what it names nothing of."""
    return sum(
        (
            number_of(row)
            for entry in booked.vouchers
            if entry.date == day and entry.meta.get(BANKREF) and _names(entry).isdisjoint(names)
            for row in entry.postings
            if row.account in accounts
        ),
        ZERO,
    )


def _closing(document: Document, statement: BankStatement, accounts: set[str], booked: Booked) -> Iterator[Message]:
    day = statement.last + DAY
    if not any(entry.account in accounts and entry.date == day for entry in booked.balances):
        text = N_(
            "{file} says that there was {amount} kr on {accounts} after {last}, and no balance of {day} does: write it "
            "back"
        )
        values = {"amount": statement.closing, "accounts": sorted(accounts), "last": statement.last, "day": day}
        yield phrase(text, file=booked.file, **values)


def _names(entry: data.Transaction) -> set[str]:
    return {name for reference in references_of(entry) for name in references_in(reference)}


def _of_payments(document: Document, booked: Booked) -> Iterator[Message]:
    return sent_unbooked(document, booked.own)


def _of_invoice(document: Document, booked: Booked) -> Iterator[Message]:
    invoice = document.records(read_invoice)
    if not booked.own and not (booked.is_noted and not invoice.totals.payable):
        text = N_("{file} is invoice {number} from {supplier}, {amount} kr, and no voucher books it")
        values = {"number": invoice.id, "supplier": invoice.supplier.name, "amount": invoice.totals.payable}
        yield phrase(text, file=booked.file, **values)


def _of_sie(document: Document, booked: Booked) -> Iterator[Message]:
    stated = [
        (each.day, sum((max(row.amount, ZERO) for row in each.rows), ZERO), each.text)
        for each in document.records(read_sie).vouchers
    ]
    lacking = len(stated) - len(booked.own)
    if lacking <= 0:
        return
    left = Counter((entry.date, _debits(entry)) for entry in booked.vouchers)
    for day, amount, text in stated:
        if left[day, amount]:
            left[day, amount] -= 1
        elif lacking and amount:
            lacking -= 1
            told = N_('{file} has "{text}" of {day}, {amount} kr, and no voucher books it')
            yield phrase(told, file=booked.file, text=text, day=day, amount=amount)


def _debits(entry: data.Transaction) -> Decimal:
    return sum((max(number_of(row), ZERO) for row in entry.postings if not is_clearing(row.account)), ZERO)


READERS: Mapping[str, Callable[[Document, Booked], Iterator[Message]]] = {
    "camt.053": _of_statements,
    KIND: _of_payments,
    "peppol": _of_invoice,
    "sie-4I": _of_sie,
}
"""What yields that of a document of each kind which the books do not have."""
