"""The invoices of member fees: what is due of a quarter by the tariffs, less what is invoiced, as vouchers to book.

    quarter = fees_to_invoice(books, fees_of(books, 2025), 1, date(2025, 1, 15), 30)
    quarter.invoices[0].lines       Basverksamhet, 9 731 x 41,00 kr, 99 742,75
    quarter.invoices[0].voucher     2025-01-15 * "Norrby kommun" "Medlemsavgifter 2025 kvartal 1" ^K-2025-0001

Each payer gets one invoice of a quarter. What is on the accounts counts, whoever wrote it: an invoice written by hand
is taken off, and who runs it again finds nothing more to invoice.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from beancount.core import data

from forbundsbok.plugins.accounts import unit_of
from forbundsbok.plugins.books import Books
from forbundsbok.plugins.documents import KEY
from forbundsbok.plugins.fees import (
    FEE,
    Fee,
    FeePayer,
    FeesOfUnits,
    Sender,
    YearFees,
    due_on_accounts,
    invoiced_on,
    of_quarter,
    payers_of,
    until_on_account,
)
from forbundsbok.plugins.findings import Message, phrase
from forbundsbok.plugins.internal import PARTY
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.ledger_text import posting, voucher
from forbundsbok.plugins.money import ZERO, amount_text
from forbundsbok.plugins.numbers import FreeNumbers, series_of
from forbundsbok.plugins.open_items import DUE, bills, own_link
from forbundsbok.plugins.refusal import RefusalError
from forbundsbok.plugins.roles import Role

SERIES = "K"
"""The series of customers' invoices, where the books have none yet."""


class FeeError(RefusalError):
    """Why fees cannot be invoiced."""

    def __init__(self, text: str, /, **values: object) -> None:
        super().__init__(str(phrase(text, **values)))


class FeeLine(NamedTuple):
    """A line of an invoice: a tariff and what of the year's fee it charges; without one, what is invoiced before."""

    fee: Fee | None
    amount: Decimal
    vouchers: Sequence[data.Transaction] = ()


@dataclass(frozen=True)
class FeeInvoice:
    """An invoice of a payer's fees of a quarter, and its voucher."""

    payer: FeePayer
    year: int
    quarter: int
    lines: Sequence[FeeLine]
    voucher: data.Transaction
    due: date

    @property
    def number(self) -> str:
        """The number of the invoice, K-2025-0001: it is unique among all years."""
        return own_link(str(self.voucher.meta["ver"]), self.voucher.date)

    @property
    def total(self) -> Decimal:
        return sum((line.amount for line in self.lines), ZERO)


class Issuer(NamedTuple):
    """Who sends an invoice: the federation's name and organisation number, and where it is paid."""

    name: str
    number: str
    sender: Sender


@dataclass(frozen=True)
class Quarter:
    """The invoices of a quarter that are to be written, and what whoever writes them should know."""

    invoices: Sequence[FeeInvoice]
    notes: Sequence[Message]


def arithmetic(fee: Fee, language: str) -> str:
    """Return how a fee of a year is reckoned: `9 731 x 41,00 kr + 139 100,00 kr`, and the index."""

    def kr(number: Decimal) -> str:
        exact = number if number != number.quantize(Decimal("0.01")) else number.quantize(Decimal("0.01"))
        return f"{amount_text(exact, language)} kr"

    def plain(number: Decimal) -> str:
        text = f"{number.normalize():f}"
        return text.replace(".", ",") if language == "sv" else text

    count = f"{fee.count:,}".replace(",", " ")
    terms = []
    if fee.share:
        return f"{kr(fee.whole)} × {plain(fee.share)} / {plain(fee.rest)}"
    if fee.terms.agreed is not None:
        terms.append(kr(fee.terms.agreed))
    if fee.terms.rate is not None:
        terms.append(f"{count} × {kr(fee.terms.rate)}")
    if fee.terms.fixed is not None:
        terms.append(kr(fee.terms.fixed))
    if fee.terms.total is not None:
        of = f"{fee.of:,}".replace(",", " ")
        terms.append(f"{kr(fee.terms.total)} × {count} / {of}")
    if not fee.tariff.index:
        return " + ".join(terms)
    whole = f"({' + '.join(terms)})" if len(terms) > 1 else terms[0]
    return f"{whole} × {plain(1 + fee.tariff.index / 100)}"


def fees_to_invoice(books: Books, fees: YearFees, quarter: int, day: date, days: int) -> Quarter:
    """Return the invoices of a quarter that are still to be written. Raises FeeError."""
    invoices, notes = [], []
    numbers = FreeNumbers(books.vouchers)
    series = _series(books)
    for name, accounts in due_on_accounts(books, fees).items():
        payer = payers_of(books)[name]
        rest = {account: _rest(books, account, parts, fees.year, quarter) for account, parts in accounts.items()}
        before = {account: until_on_account(parts, quarter - 1) for account, parts in accounts.items()}
        invoiced = {account: invoiced_on(books, account, fees.year) for account in accounts}
        lacking = sum((max(before[each] - invoiced[each], ZERO) for each in accounts), ZERO)
        if quarter > 1 and lacking:
            text = N_(
                "of {payer} {amount} kr of quarter {before} or earlier are not invoiced: write --quarter {before} first"
            )
            raise FeeError(text, payer=payer.full_name, amount=lacking, before=quarter - 1)
        too_much = sum((-each for each in rest.values() if each < 0), ZERO)
        total = sum(rest.values(), ZERO)
        hand = _by_hand(books, accounts, fees.year)
        if too_much:
            text = N_("{payer}: {amount} kr more than until quarter {quarter} are invoiced already ({vouchers})")
            notes.append(phrase(text, payer=payer.full_name, amount=too_much, quarter=quarter, vouchers=hand or "-"))
        if total <= 0 or too_much:
            # What is too much of one unit is not taken back by another's invoice: whoever sees it decides.
            if total > 0:
                text = N_("{payer} gets no invoice: credit what is too much, or write the rest ({amount} kr) by hand")
                notes.append(phrase(text, payer=payer.full_name, amount=sum(filter(_above, rest.values()), ZERO)))
            continue
        charged = {fee.tariff.name: fee for own in accounts.values() for fee, _ in own}
        lines = [FeeLine(fee, amount) for fee in charged.values() if (amount := of_quarter(fee, quarter))]
        taken = total - sum((line.amount for line in lines), ZERO)
        if taken:
            lines.append(FeeLine(None, taken, hand))
            text = N_("{payer}: {amount} kr are invoiced by hand already ({vouchers}), and taken off")
            if taken < 0:
                notes.append(phrase(text, payer=payer.full_name, amount=-taken, vouchers=hand or "-"))
        ver = numbers.free(series, day.year)
        due = day + timedelta(days)
        entry = _voucher(books, payer, fees.year, quarter, day, due, ver, rest)
        invoices.append(FeeInvoice(payer, fees.year, quarter, lines, entry, due))
    return Quarter(invoices, notes)


def _above(number: Decimal) -> bool:
    return number > 0


def _rest(books: Books, account: str, parts: FeesOfUnits, year: int, quarter: int) -> Decimal:
    return until_on_account(parts, quarter) - invoiced_on(books, account, year)


def _by_hand(books: Books, accounts: Mapping[str, object], year: int) -> list[data.Transaction]:
    """Return the vouchers of a year on some accounts that no quarter's invoice is."""
    own = books.on_accounts(accounts)
    return [entry for entry in own if entry.date.year == year and FEE not in entry.meta]


def _series(books: Books) -> str:
    """Return the series of the latest invoice to a customer."""
    billed = (entry for entry in reversed(books.having(Role.CUSTOMERS)) if bills(entry, books.roles))
    return series_of(next(billed, None), SERIES)


def _voucher(
    books: Books, payer: FeePayer, year: int, quarter: int, day: date, due: date, ver: str, rest: Mapping[str, Decimal]
) -> data.Transaction:
    claims: dict[str, dict[str, Decimal]] = {}
    for unit in dict.fromkeys(map(unit_of, rest)):
        own = {account: number for account, number in rest.items() if unit_of(account) == unit and number}
        if own:
            claims.setdefault(_claim(books, unit, own, day), {}).update(own)
    rows = []
    for claim, own in claims.items():
        rows.append(posting(claim, sum(own.values(), ZERO), books.currency))
        rows += [posting(account, -number, books.currency) for account, number in own.items()]
    entry = voucher(day, f"Medlemsavgifter {year} kvartal {quarter}", ver, rows, payer.full_name)
    link = own_link(ver, day)
    meta = {
        KEY: f"{KEY}/{day.year}/{document_name(ver)}.pdf",
        DUE: due,
        PARTY: payer.full_name,
        FEE: f"{year}-Q{quarter}",
    }
    return entry._replace(links=frozenset((link,)), meta={**entry.meta, **meta})


def document_name(ver: str) -> str:
    """Return what the documents of an invoice are called: K-0001."""
    series, _, number = ver.partition(" ")
    return f"{series}-{number:0>4}"


def _claim(books: Books, unit: str, fees: Mapping[str, Decimal], day: date) -> str:
    """Return the account of customers for a unit's fees: where they stood most, or the only one there is.

    Its own accounts come first; a unit that has none leaves its claims with another.
    """
    every = [each for each in books.opens if books.is_open(each, day) and books.roles.has(each, Role.CUSTOMERS)]
    for able in ([each for each in every if unit_of(each) == unit], every):
        used = Counter(
            row.account for entry in books.on_accounts(fees) for row in entry.postings if row.account in able
        )
        if used:
            return used.most_common(1)[0][0]
        if len(able) == 1:
            return able[0]
    raise FeeError(N_("{unit} has no account of customers, or several: open one, of group 15"), unit=unit)


def by_payer(fees: YearFees) -> Iterator[tuple[str, list[Fee]]]:
    """Yield each payer with its fees, in the order of the tariffs."""
    for payer in dict.fromkeys(fee.payer for fee in fees.fees):
        yield payer, [fee for fee in fees.fees if fee.payer == payer]
