"""Open items as a payment may name them, and those that only documents of the bank make.

    2025-03-03 * "Borås stad" "Medlemsavgifter Navet kvartal 2" ^K-2025-0083
      ver: "K 83"
      ocr: "2025008319"
      Assets:NAV:1510-Kundfordringar     71407.55 SEK
      Income:NAV:3119-Medlemsavgifter   -71407.55 SEK

What an open item is, plugins.open_items tells. A payment may name it by the link, or by what the invoice says: `ocr`,
`fakturanr`, `faktura`. Spaces, hyphens, leading zeros and case make no difference. A number may come as an OCR
reference, with a check digit and perhaps a length digit before that, or as an RF reference (ISO 11649: RF18 4711),
each only where its check digits are right. No payment is matched to an item of which nobody can say what is open.

A deposit that Bankgirot has told of in detail, and the bank statement not yet, is open on the account that stands
between them, by a link of its own: BG-9912346-20250314-00056, its bankgiro number, day and number. So is a payment that
the bank has been told of (plugins.payment_files): a statement names it by its own reference, or by that of its batch
or of the whole file.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from types import MappingProxyType

from beancount.core import data

from forbundsbok.plugins.check_digits import has_luhn, has_mod_97
from forbundsbok.plugins.deposits import DEPOSIT_LINK
from forbundsbok.plugins.open_items import INVOICE, OpenItem, Subledger
from forbundsbok.plugins.payment_files import PAYMENT_FILE, TRANSFER_LINK, file_of
from forbundsbok.plugins.roles import Role, Roles, read_roles

NAMES = ("ocr", "fakturanr", INVOICE)
"""The metadata of an invoice by which a payment may name it."""

NO_BANKGIROS: Mapping[str, str] = MappingProxyType({})

_RF = re.compile(r"RF(\d\d)([0-9A-Z]{1,21})", re.ASCII)
_OCR = re.compile(r"[0-9]{5,25}", re.ASCII)


class OpenItems:
    """The items of a ledger. What a document settles is taken from them, so that it is settled once.

    `bankgiros` are the accounts on which deposits of bankgiro numbers wait for the bank statement.
    """

    def __init__(self, entries: Iterable[data.Directive], bankgiros: Mapping[str, str] = NO_BANKGIROS) -> None:
        self._bankgiros = bankgiros
        entries = list(entries)
        self.roles = read_roles(entries)
        between = dict.fromkeys(bankgiros.values(), DEPOSIT_LINK)
        between |= dict.fromkeys(_sent_on(entries, self.roles), TRANSFER_LINK)
        subledger = Subledger.of(entries, self.roles, between)
        self._named: dict[str, list[OpenItem]] = defaultdict(list)
        for item in subledger.items.values():
            for name in names_of(item):
                self._named[name].append(item)

        self._items = list(subledger.items.values())
        self._of_amount: dict[Decimal, list[OpenItem]] | None = None

    def named(self, reference: str) -> list[OpenItem]:
        """Return the items that a payment may mean by a reference, settled ones among them."""
        wholly = self._named.get(normal(reference))
        return wholly or next(filter(None, (self._named.get(each) for each in _numbers_in(reference))), [])

    def of_amount(self, amount: Decimal) -> list[OpenItem]:
        """Return the items of which just an amount is open."""
        if self._of_amount is None:
            self._of_amount = defaultdict(list)
            for item in self._items:
                if item.is_certain and item.total:
                    self._of_amount[item.total].append(item)
        return [each for each in self._of_amount.get(amount, ()) if each.total == amount]

    def bankgiro(self, references: Iterable[str]) -> tuple[str, str] | None:
        """Return the first bankgiro number among some references, and the account on which its deposits wait."""
        numbers = (number for each in references if (number := normal(each)) in self._bankgiros)
        return next(((number, self._bankgiros[number]) for number in numbers), None)


def names_of(item: OpenItem) -> set[str]:
    """Return what a payment may call an item."""
    meta = item.invoice.meta
    batch = str(meta.get(PAYMENT_FILE, "")) if is_sent(item) else ""
    told = (batch, file_of(batch)) if batch else (str(meta[key]) for key in NAMES if meta.get(key))
    names = (item.link, bankgiro_of(item), *told)
    return {name for each in names for name in (normal(each), body_of_rf(each) or "") if name}


def _sent_on(entries: Iterable[data.Directive], roles: Roles) -> set[str]:
    """Return the accounts on which what was sent to the bank stands until it is paid."""
    sent = (entry for entry in entries if isinstance(entry, data.Transaction) and PAYMENT_FILE in entry.meta)
    return {row.account for entry in sent for row in entry.postings if roles.has(row.account, Role.MONEY)}


def is_sent(item: OpenItem) -> bool:
    """Tell whether an item is a payment that was sent to the bank."""
    return TRANSFER_LINK.fullmatch(item.link) is not None


def bankgiro_of(item: OpenItem) -> str:
    """Return the bankgiro number of a deposit, "" for an invoice."""
    match = DEPOSIT_LINK.fullmatch(item.link)
    return match[1].lstrip("0") if match else ""


@cache
def normal(reference: str) -> str:
    """Return a reference as it is compared: letters and digits, without leading zeros."""
    return "".join(filter(str.isalnum, reference)).upper().lstrip("0")


@cache
def body_of_rf(reference: str) -> str | None:
    """Return the number in an RF reference, "" where its check digits are wrong; None for what is no RF reference."""
    match = _RF.fullmatch("".join(filter(str.isalnum, reference)).upper())
    if match is None:
        return None
    return normal(match[2]) if has_mod_97(match[0]) else ""


def _numbers_in(reference: str) -> Iterator[str]:
    """Yield the numbers that a reference carries with check digits: in an RF reference, or an OCR reference."""
    if (body := body_of_rf(reference)) is not None:
        yield body
        return
    digits = "".join(filter(str.isalnum, reference))
    if not _OCR.fullmatch(digits) or not has_luhn(digits):
        return
    yield normal(digits[:-1])
    if len(digits) > 5 and int(digits[-2]) == len(digits) % 10:
        yield normal(digits[:-2])


def deposit_link(bankgiro: str, day: date, serial: str) -> str:
    """Return the link of a deposit."""
    return f"BG-{bankgiro}-{day:%Y%m%d}-{serial}"
