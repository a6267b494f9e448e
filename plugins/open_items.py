"""Open items: what customers and suppliers have not settled, invoice by invoice.

    2025-03-03 * "Borås stad" "Medlemsavgifter Navet kvartal 2" ^K-2025-0083
      ver: "K 83"
      forfallodag: 2025-04-02
      Assets:NAV:1510-Kundfordringar     71407.55 SEK
      Income:NAV:3119-Medlemsavgifter   -71407.55 SEK

An invoice and all that concerns it share a link, series-year-number. What is open of it is the sum of the rows on
customer receivables and supplier debts, account by account: positive what we are to get, negative what we are to pay.
The voucher that bills, books against what is sold or bought, is the invoice. A correction (`rattar`) without a link is
of the invoice of what it corrects.

A voucher with the links of several invoices says on each row which one it is of: `faktura: "K-2025-0083"`. Where it
does not, a row is of the invoice of which just that is open; where that is not told either, nobody can say what is
open of them.
"""

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from beancount.core import data
from beancount.core.amount import Amount

from forbundsbok.plugins.corrections import CORRECTS, bearers, corrected_numbers
from forbundsbok.plugins.money import ZERO
from forbundsbok.plugins.numbers import Ver
from forbundsbok.plugins.roles import Role, has_role

INVOICE = "faktura"
"""The metadata of a row that names the invoice, by its link, that the row is of."""

INVOICE_LINK = re.compile(r"[A-ZÅÄÖ]+-(?P<year>\d{4})-\d{4,9}", re.ASCII)
"""How the link of an invoice is written: series, year, number."""

LEDGERS = (Role.CUSTOMERS, Role.SUPPLIERS)
"""What the accounts are that invoices stand on."""


class ItemRow(NamedTuple):
    """What a voucher books on an account that has open items."""

    entry: data.Transaction
    account: str
    number: Decimal


class OpenItem:
    """An invoice, or something else that is to be settled, and what is open of it by account."""

    __slots__ = ("is_certain", "link", "named_by", "open", "rows")

    def __init__(self, link: str, named_by: data.Transaction) -> None:
        self.link = link
        self.named_by = named_by
        """The first voucher with its link, whose rows may all be of other items."""
        self.rows: list[ItemRow] = []
        self.open: dict[str, Decimal] = {}
        self.is_certain = True
        """Whether all rows that may be of it are known to be or not to be."""

    def add(self, row: ItemRow) -> None:
        """Take a row in."""
        self.rows.append(row)
        self.open[row.account] = self.open.get(row.account, ZERO) + row.number

    @property
    def total(self) -> Decimal:
        return sum(self.open.values(), ZERO)

    @property
    def invoice(self) -> data.Transaction:
        """The first voucher that bills it; the first of all where none does."""
        entries = [row.entry for row in self.rows] or [self.named_by]
        return next(filter(bills, entries), entries[0])


class Subledger:
    """The items of a ledger, and the rows that are of none: those without a link, or of which that cannot be told.

    `others` says how the links of rows on more accounts are written.
    """

    def __init__(self, entries: Iterable[data.Directive], others: dict[str, re.Pattern[str]] | None = None) -> None:
        self.items: dict[str, OpenItem] = {}
        self.loose: list[ItemRow] = []
        self._vouchers = [entry for entry in entries if type(entry) is data.Transaction]
        self._bearers: dict[Ver, data.Transaction] = {}
        self._patterns: dict[str, re.Pattern[str] | None] = dict(others or {})
        patterns = self._patterns
        for entry in self._vouchers:
            for posting in entry.postings:
                account = posting.account
                if account not in patterns:
                    patterns[account] = INVOICE_LINK if has_role(account, *LEDGERS) else None
                if patterns[account] is not None:
                    self._add(entry, posting)

    def _add(self, entry: data.Transaction, posting: data.Posting) -> None:
        number = posting.units.number if isinstance(posting.units, Amount) else None
        if not isinstance(number, Decimal):
            return
        row = ItemRow(entry, posting.account, number)
        pattern = self._patterns[posting.account]
        links = [link for link in self._links(entry) if pattern and pattern.fullmatch(link)]
        items = [self._item(link, entry) for link in links]
        if item := _item_of(posting, row, items):
            item.add(row)
            return
        self.loose.append(row)
        for each in items:
            each.is_certain = False

    def _item(self, link: str, entry: data.Transaction) -> OpenItem:
        item = self.items.get(link)
        if item is None:
            item = self.items[link] = OpenItem(link, entry)
        return item

    def _links(self, entry: data.Transaction) -> Sequence[str]:
        """Return the links of a voucher, in their order; those of what it corrects where it has none of its own."""
        if len(entry.links) > 1:
            return sorted(entry.links)
        if not entry.links and CORRECTS in entry.meta:
            self._bearers = self._bearers or bearers(self._vouchers)
            corrected = (self._bearers.get(ver) for ver in corrected_numbers(entry))
            return sorted({link for each in corrected if each for link in each.links})
        return tuple(entry.links)


def _item_of(posting: data.Posting, row: ItemRow, items: Sequence[OpenItem]) -> OpenItem | None:
    """Return the one of some items that a row is of, None where that cannot be told."""
    if len(items) < 2:
        return items[0] if items else None
    named = (posting.meta or {}).get(INVOICE)
    for each in items:
        if each.link == named:
            return each
    settled = [each for each in items if each.open.get(row.account) == -row.number]
    return settled[0] if len(settled) == 1 else None


def bills(entry: data.Transaction) -> bool:
    """Tell whether a voucher books something against what is sold or bought, and not against money."""
    kinds = {_kind(posting.account) for posting in entry.postings}
    return "billed" in kinds and "money" not in kinds


@cache
def _kind(account: str) -> str:
    """Return what an account that stands against an open item makes of the voucher."""
    if has_role(account, Role.MONEY):
        return "money"
    return "billed" if has_role(account, Role.PURCHASES, Role.INCOME, Role.EQUITY) else ""
