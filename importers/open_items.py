"""Open items: the invoices that customers or suppliers have not settled, and how they are named in a payment.

    2025-03-03 * "Borås stad" "Medlemsavgifter Navet kvartal 2" ^K-2025-0083
      ver: "K 83"
      ocr: "2025008319"
      Assets:NAV:1510-Kundfordringar     71407.55 SEK
      Income:NAV:3119-Medlemsavgifter   -71407.55 SEK

An invoice and all that concerns it share a link, series-year-number. What is open of it is the sum of the rows on
customer receivables (15) and supplier debts (25), account by account: positive what we are to get, negative what we
are to pay. The first voucher with the link is the invoice. A payment may name it by the link, or by what the invoice
says: `ocr`, `fakturanr`, `faktura`. Spaces, hyphens, leading zeros and case make no difference.

A voucher with the links of several invoices says on each row which one it is of: `faktura: "K-2025-0083"`. Where it
does not, a row is of the invoice of which just that is open; where that is not told either, nobody can say what is
open of them, and no payment is matched to them.

A deposit that Bankgirot has told of in detail, and the bank statement not yet, is open on the account that stands
between them, by a link of its own: BG-9912346-20250314-00056, its bankgiro number, day and number.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from beancount.core import data
from beancount.core.amount import Amount

from forbundsbok.plugins.accounts import parse_account

INVOICE = "faktura"
"""The metadata of a row that names the invoice, by its link, that the row is of."""

NAMES = ("ocr", "fakturanr", INVOICE)
"""The metadata of an invoice by which a payment may name it."""

INVOICE_LINK = re.compile(r"[A-Z]+-\d{4}-\d{4,9}", re.ASCII)
"""How the link of an invoice is written: series, year, number."""

LEDGERS = ("15", "25")
"""The groups of accounts that invoices are on."""

NO_BANKGIROS: Mapping[str, str] = MappingProxyType({})

ZERO = Decimal(0)
_DEPOSIT_LINK = re.compile(r"BG-(\d{1,10})-\d{8}-\d{1,5}", re.ASCII)


class OpenItem:
    """An invoice, or a deposit, and what is open of it by account."""

    def __init__(self, link: str, invoice: data.Transaction) -> None:
        self.link = link
        self.invoice = invoice
        self.open: dict[str, Decimal] = defaultdict(Decimal)
        self.is_certain = True
        """Whether all rows that may be of it are known to be or not to be."""

    @property
    def total(self) -> Decimal:
        return sum(self.open.values(), ZERO)

    @property
    def bankgiro(self) -> str:
        """The bankgiro number of a deposit, "" for an invoice."""
        match = _DEPOSIT_LINK.fullmatch(self.link)
        return match[1].lstrip("0") if match else ""

    def names(self) -> set[str]:
        """Return what a payment may call it."""
        meta = self.invoice.meta
        names = (self.link, self.bankgiro, *(str(meta[key]) for key in NAMES if meta.get(key)))
        return {name for each in names if (name := normal(each))}

    def settle(self) -> None:
        """Say that nothing is open of it any more."""
        self.open.clear()


class OpenItems:
    """The items of a ledger. What a document settles is taken from them, so that it is settled once.

    `bankgiros` are the accounts on which deposits of bankgiro numbers wait for the bank statement.
    """

    def __init__(self, entries: Iterable[data.Directive], bankgiros: Mapping[str, str] = NO_BANKGIROS) -> None:
        self._bankgiros = bankgiros
        self._deposits = frozenset(bankgiros.values())
        self._items: dict[str, OpenItem] = {}
        for entry in entries:
            if isinstance(entry, data.Transaction) and entry.links:
                self._add(entry)
        self._named: dict[str, list[OpenItem]] = defaultdict(list)
        for item in self._items.values():
            for name in item.names():
                self._named[name].append(item)

    def named(self, reference: str) -> list[OpenItem]:
        """Return the items that a payment may mean by a reference, settled ones among them."""
        return self._named.get(normal(reference), [])

    def bankgiro(self, references: Iterable[str]) -> tuple[str, str] | None:
        """Return the first bankgiro number among some references, and the account on which its deposits wait."""
        numbers = (number for each in references if (number := normal(each)) in self._bankgiros)
        return next(((number, self._bankgiros[number]) for number in numbers), None)

    def _add(self, entry: data.Transaction) -> None:
        links = sorted(entry.links)
        for posting in entry.postings:
            number = posting.units.number if isinstance(posting.units, Amount) else None
            if not isinstance(number, Decimal):
                continue
            pattern = self._pattern(posting.account)
            items = [self._item(link, entry) for link in links if pattern and pattern.fullmatch(link)]
            if item := _item_of(posting, number, items):
                item.open[posting.account] += number
            else:
                for each in items:
                    each.is_certain = False

    def _pattern(self, account: str) -> re.Pattern[str] | None:
        """Return how the links of rows on an account are written; None for one that has no open items."""
        if account in self._deposits:
            return _DEPOSIT_LINK
        name = parse_account(account)
        return INVOICE_LINK if name and name.number.startswith(LEDGERS) else None

    def _item(self, link: str, entry: data.Transaction) -> OpenItem:
        return self._items.setdefault(link, OpenItem(link, entry))


def normal(reference: str) -> str:
    """Return a reference as it is compared: letters and digits, without leading zeros."""
    return "".join(filter(str.isalnum, reference)).upper().lstrip("0")


def deposit_link(bankgiro: str, day: date, serial: str) -> str:
    """Return the link of a deposit."""
    return f"BG-{bankgiro}-{day:%Y%m%d}-{serial}"


def _item_of(posting: data.Posting, number: Decimal, items: list[OpenItem]) -> OpenItem | None:
    """Return the one of some items that a row is of, None where that cannot be told."""
    if len(items) == 1:
        return items[0]
    named = (posting.meta or {}).get(INVOICE)
    settled = [each for each in items if each.open[posting.account] == -number]
    return next((each for each in items if each.link == named), settled[0] if len(settled) == 1 else None)
