"""Open items as a payment may name them, and those that only documents of the bank make.

    2025-03-03 * "Borås stad" "Medlemsavgifter Navet kvartal 2" ^K-2025-0083
      ver: "K 83"
      ocr: "2025008319"
      Assets:NAV:1510-Kundfordringar     71407.55 SEK
      Income:NAV:3119-Medlemsavgifter   -71407.55 SEK

What an open item is, plugins.open_items tells. A payment may name it by the link, or by what the invoice says: `ocr`,
`fakturanr`, `faktura`. Spaces, hyphens, leading zeros and case make no difference. No payment is matched to one of
which nobody can say what is open.

A deposit that Bankgirot has told of in detail, and the bank statement not yet, is open on the account that stands
between them, by a link of its own: BG-9912346-20250314-00056, its bankgiro number, day and number.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from types import MappingProxyType

from beancount.core import data

from forbundsbok.plugins.open_items import INVOICE, OpenItem, Subledger

NAMES = ("ocr", "fakturanr", INVOICE)
"""The metadata of an invoice by which a payment may name it."""

NO_BANKGIROS: Mapping[str, str] = MappingProxyType({})

_DEPOSIT_LINK = re.compile(r"BG-(\d{1,10})-\d{8}-\d{1,5}", re.ASCII)


class OpenItems:
    """The items of a ledger. What a document settles is taken from them, so that it is settled once.

    `bankgiros` are the accounts on which deposits of bankgiro numbers wait for the bank statement.
    """

    def __init__(self, entries: Iterable[data.Directive], bankgiros: Mapping[str, str] = NO_BANKGIROS) -> None:
        self._bankgiros = bankgiros
        subledger = Subledger.of(entries, dict.fromkeys(bankgiros.values(), _DEPOSIT_LINK))
        self._named: dict[str, list[OpenItem]] = defaultdict(list)
        for item in subledger.items.values():
            for name in names_of(item):
                self._named[name].append(item)

    def named(self, reference: str) -> list[OpenItem]:
        """Return the items that a payment may mean by a reference, settled ones among them."""
        return self._named.get(normal(reference), [])

    def bankgiro(self, references: Iterable[str]) -> tuple[str, str] | None:
        """Return the first bankgiro number among some references, and the account on which its deposits wait."""
        numbers = (number for each in references if (number := normal(each)) in self._bankgiros)
        return next(((number, self._bankgiros[number]) for number in numbers), None)


def names_of(item: OpenItem) -> set[str]:
    """Return what a payment may call an item."""
    meta = item.invoice.meta
    names = (item.link, bankgiro_of(item), *(str(meta[key]) for key in NAMES if meta.get(key)))
    return {name for each in names if (name := normal(each))}


def bankgiro_of(item: OpenItem) -> str:
    """Return the bankgiro number of a deposit, "" for an invoice."""
    match = _DEPOSIT_LINK.fullmatch(item.link)
    return match[1].lstrip("0") if match else ""


def normal(reference: str) -> str:
    """Return a reference as it is compared: letters and digits, without leading zeros."""
    return "".join(filter(str.isalnum, reference)).upper().lstrip("0")


def deposit_link(bankgiro: str, day: date, serial: str) -> str:
    """Return the link of a deposit."""
    return f"BG-{bankgiro}-{day:%Y%m%d}-{serial}"
