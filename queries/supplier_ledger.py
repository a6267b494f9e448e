"""What was bought of suppliers over a period as open data, without persons, reconciled to the supplier accounts.

    made = supplier_ledger(books, ledger, Period(2024))
    made.rows[0].cells           222000-0315  Sjuhärads kommunalförbund  L 18  Leverantör 011 Telekom  ...  18462.00
    made.sums[Standing.PERSON]   how many rows of sole traders and employees are left out, and how many kronor

A row is one posting of a supplier invoice or a credit note on what is bought, without VAT. Columns and their order are
those of the specification "leverantörsreskontra" 1.1 (https://lankadedata.se/spec/leverantorsreskontra/1.1):
fifteen, of which the first nine are compulsory. What the books do not know is empty: agreements, grounds of
a purchase, purchase codes, and the code of a municipality, which a federation is not.

A supplier is a person where its number is a personal one, or where it is a registered person. Without a number nobody
can tell, so it is left out too unless somebody has looked.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from functools import cached_property
from typing import NamedTuple

from beancount.core import data

from forbundsbok.plugins.accounts import parse_account
from forbundsbok.plugins.books import Books
from forbundsbok.plugins.corrections import number_of
from forbundsbok.plugins.invoices import debt_of
from forbundsbok.plugins.language import N_, language, tr
from forbundsbok.plugins.ledger_text import cleaned_text
from forbundsbok.plugins.money import ZERO, amount_text
from forbundsbok.plugins.numbers import read_ver
from forbundsbok.plugins.open_items import SUPPLIER, SUPPLIERS_NUMBER
from forbundsbok.plugins.parties import party_key, plain_number
from forbundsbok.plugins.review import WAITS
from forbundsbok.plugins.rights import PERSON, is_named
from forbundsbok.plugins.roles import Role
from forbundsbok.queries.general_ledger import GeneralLedger
from forbundsbok.queries.proofs import StatementError
from forbundsbok.queries.statement import Period

COLUMNS = (
    *("kopare_id", "kopare", "verifikationsnummer", "leverantor", "leverantor_id"),
    *("konto_nr", "konto_text", "belopp", "datum", "forvaltning"),
    *("fakturanummer", "grund", "avtal", "kommun_id", "s_kod_nr"),
)
"""The columns of the specification, in its order."""


class Standing(Enum):
    """Whether a row stands in the file, or why not."""

    PUBLISHED = N_("In the file")
    PERSON = N_("Left out: persons and sole traders")
    UNNUMBERED = N_("Left out: suppliers without organisation number")
    WAITING = N_("Left out: waiting for approval")


class PurchaseRow(NamedTuple):
    """A posting on what is bought; `amount` in kronor without VAT, less than nothing where it is credited."""

    entry: data.Transaction
    posting: data.Posting
    standing: Standing
    amount: Decimal
    cells: tuple[str, ...]


class StandingSum(NamedTuple):
    """How many rows there are of a kind, and what they come to in kronor."""

    rows: int
    amount: Decimal


@dataclass(frozen=True)
class SupplierLedger:
    """The purchases of a period, and how they come to what the supplier accounts say; debts are above zero."""

    period: Period
    every: Sequence[PurchaseRow]
    vat: Decimal
    other: Decimal
    """What else their vouchers book: what is paid at once, and rounding."""
    opening: Decimal
    settled: Decimal
    """What else the supplier accounts move: payments, set-offs, opening balances."""
    closing: Decimal

    @property
    def rows(self) -> list[PurchaseRow]:
        """The rows that are published, by date and number."""
        return [row for row in self.every if row.standing is Standing.PUBLISHED]

    @cached_property
    def sums(self) -> Mapping[Standing, StandingSum]:
        own = {standing: [row.amount for row in self.every if row.standing is standing] for standing in Standing}
        return {standing: StandingSum(len(amounts), sum(amounts, ZERO)) for standing, amounts in own.items()}

    @property
    def owed(self) -> Decimal:
        """What the purchases made the federation owe."""
        return sum((each.amount for each in self.sums.values()), ZERO) + self.vat + self.other


def supplier_ledger(books: Books, ledger: GeneralLedger, period: Period, *, unnumbered: bool = False) -> SupplierLedger:
    """Return the purchases of a period. Raises StatementError where they do not come to the supplier accounts' balance.

    `unnumbered` publishes suppliers without an organisation number too: somebody has seen that none is a person.
    """
    numbers = _numbers(books)
    every: list[PurchaseRow] = []
    vat = other = settled = opening = ZERO
    of_invoices: set[int] = set()
    for booking in books.bookings(books.having(Role.SUPPLIERS)):
        if debt_of(books, *booking.vouchers) is None:
            continue
        of_invoices |= {id(entry) for entry in booking.vouchers}
        for entry, posting in booking.rows():
            if not period.start <= entry.date <= period.end or books.roles.has(posting.account, Role.SUPPLIERS):
                continue
            if books.roles.has(posting.account, Role.INPUT_VAT, Role.OUTPUT_VAT):
                vat += number_of(posting)
            elif books.roles.has(posting.account, Role.PURCHASES):
                bought = [entry] if entry.payee else [each for each in booking.vouchers if each.payee]
                standing = _standing(books, entry, bought, numbers, unnumbered=unnumbered)
                cells = _cells(ledger, entry, posting, bought[0] if bought else entry, numbers)
                every.append(PurchaseRow(entry, posting, standing, number_of(posting), cells))
            else:
                other += number_of(posting)
    for account, own in books.postings.items():
        for entry, posting in own if books.roles.has(account, Role.SUPPLIERS) else ():
            if entry.date < period.start:
                opening -= number_of(posting)
            elif entry.date <= period.end and id(entry) not in of_invoices:
                settled -= number_of(posting)
    every.sort(key=lambda row: (row.entry.date, read_ver(row.entry) or (0, "", 0)))
    made = SupplierLedger(period, every, vat, other, opening, settled, _balance(ledger, period))
    if made.opening + made.owed + made.settled != made.closing:
        text = N_("the purchases of {period} come to {listed} kr of debts to suppliers; the accounts say {balance} kr")
        values = {"listed": made.opening + made.owed + made.settled, "balance": made.closing}
        told = {name: amount_text(number, language()) for name, number in values.items()}
        raise StatementError(tr(text, period=period, **told))
    return made


def _balance(ledger: GeneralLedger, period: Period) -> Decimal:
    """Return what is owed to suppliers when a period ends, asked of the books by themselves."""
    balances = ledger.balances(period.end).items()
    return -sum((number for account, number in balances if ledger.roles.has(account, Role.SUPPLIERS)), ZERO)


def _numbers(books: Books) -> dict[str, str]:
    """Return the number of each party, by any of its invoices that has it: the last one."""
    return {
        party_key(entry.payee): written
        for entry in books.vouchers
        if entry.payee and isinstance(written := entry.meta.get(SUPPLIER), str) and written.strip()
    }


def _number(entry: data.Transaction, numbers: Mapping[str, str]) -> str:
    return str(entry.meta.get(SUPPLIER) or numbers.get(party_key(entry.payee or ""), "")).strip()


def _cells(
    ledger: GeneralLedger,
    entry: data.Transaction,
    posting: data.Posting,
    bought: data.Transaction,
    numbers: Mapping[str, str],
) -> tuple[str, ...]:
    """Return a row of the file; `bought` says whose invoice it is, which a correction need not say itself."""
    account = parse_account(posting.account)
    unit = ledger.units.get(account.unit) if account else None
    cells = (
        plain_number(ledger.organisation_number),
        ledger.federation,
        str(entry.meta.get("ver") or ""),
        bought.payee or "",
        plain_number(_number(bought, numbers)).upper(),
        account.number if account else "",
        account.name.replace("-", " ") if account else posting.account,
        f"{number_of(posting):.2f}",
        entry.date.isoformat(),
        unit.name if unit else "",
        str(bought.meta.get(SUPPLIERS_NUMBER) or ""),
    )
    empty = ("",) * (len(COLUMNS) - len(cells))
    return (*map(cleaned_text, cells), *empty)


def _standing(
    books: Books,
    entry: data.Transaction,
    bought: Sequence[data.Transaction],
    numbers: Mapping[str, str],
    *,
    unnumbered: bool,
) -> Standing:
    """Return whether a voucher's rows are published: not where any of the invoices that it is of is a person's."""
    persons = books.declared(PERSON)
    if any(_is_personal(_number(each, numbers)) for each in bought):
        return Standing.PERSON
    if any(is_named(each.payee or "", person) for each in bought for person in persons):
        return Standing.PERSON
    if not unnumbered and not (bought and all(plain_number(_number(each, numbers)) for each in bought)):
        return Standing.UNNUMBERED
    return Standing.WAITING if entry.flag == WAITS else Standing.PUBLISHED


def _is_personal(written: str) -> bool:
    """Tell whether a number is of a person: its third digit is of a month, where that of an organisation is above one.

    With twelve digits a person has a century before it, and an organisation 16 (Skatteverket SKV 704, SKV 709). The
    VAT number of either has it between SE and 01.
    """
    digits = plain_number(written)
    digits = re.sub(r"^se(\d{10})01$", r"\1", digits)
    match = re.fullmatch(r"(?P<century>\d{2})?\d{2}(?P<third>\d)\d{7}", digits, re.ASCII)
    return match is not None and match["century"] != "16" and match["third"] in "01"


def lacking(made: SupplierLedger) -> Iterator[str]:
    """Yield the compulsory columns that the published rows have nothing in."""
    for at, column in enumerate(COLUMNS[:9]):
        if any(not row.cells[at] for row in made.rows):
            yield column
