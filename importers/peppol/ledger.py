"""What the ledger has of suppliers' invoices: by the supplier's number and its own number of the invoice.

2025-03-05 * "Leverantör 017 IT" "Faktura 20245: Licenser" ^L-2025-0301
orgnr: "556677-8899"
fakturanr: "20245"
Liabilities:NAV:2510-Leverantörsskulder  -1250.00 SEK
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from beancount.core import data
from beancount.core.amount import Amount

from forbundsbok.importers.formats.ubl import Invoice
from forbundsbok.importers.peppol.mapping import party
from forbundsbok.plugins.accounts import parse_account
from forbundsbok.plugins.money import ZERO
from forbundsbok.plugins.parties import invoice_number
from forbundsbok.plugins.roles import Role, Roles

_CREDITED = re.compile(r"Kreditfaktura .* avser (.*?)(?:: |$)")
"""How the text of a credit note tells which invoices it is of."""

SUPPLIER, NUMBER = "orgnr", "fakturanr"
"""The metadata of a supplier's invoice: the supplier's organisation number, and its own number of the invoice."""


def invoices_of(number: str, existing: data.Directives, roles: Roles) -> list[data.Transaction]:
    """Return the vouchers of a supplier's invoices, in the order of the ledger."""
    return [
        entry
        for entry in existing
        if isinstance(entry, data.Transaction)
        and NUMBER in entry.meta
        and number
        and party(str(entry.meta.get(SUPPLIER))) == party(number)
        and any(roles.has(each.account, Role.PURCHASES) for each in entry.postings)
    ]


def same_number(invoice: Invoice, before: Iterable[data.Transaction], roles: Roles) -> list[data.Transaction]:
    """Return the vouchers of invoices with the same number: a credit note may bear the number of an invoice."""
    owed, number = stated_debt(invoice), invoice_number(invoice.id)
    alike = (entry for entry in before if invoice_number(str(entry.meta[NUMBER])) == number)
    return [entry for entry in alike if booked_debt(entry, roles) * owed >= 0]


def stated_debt(invoice: Invoice) -> Decimal:
    return -invoice.totals.payable if invoice.is_credit_note else invoice.totals.payable


def booked_debt(entry: data.Transaction, roles: Roles) -> Decimal:
    """Return what a voucher owes to suppliers."""
    owed = ZERO
    for account, units, *_ in entry.postings:
        if roles.has(account, Role.SUPPLIERS) and isinstance(units, Amount):
            owed -= units.number or ZERO
    return owed


def links_of(references: Iterable[str], before: Iterable[data.Transaction]) -> set[str]:
    """Return the links of the invoices that a credit note names."""
    named_there = set(map(invoice_number, references))
    return {
        link for entry in before if invoice_number(str(entry.meta[NUMBER])) in named_there for link in entry.links or ()
    }


def credited_before(invoice: Invoice, before: Iterable[data.Transaction]) -> list[data.Transaction]:
    """Return the credit notes that came before the invoice that they name, and so have no link of it."""
    if invoice.is_credit_note or not (number := invoice_number(invoice.id)):
        return []
    return [
        entry
        for entry in before
        if len(entry.links) < 2
        and (of := _CREDITED.match(entry.narration or ""))
        and number in map(invoice_number, of[1].split(", "))
    ]


def open_accounts(existing: data.Directives, day: date) -> dict[tuple[str, str], list[str]]:
    """Return the accounts that are open on a day, by unit and number."""
    closed = {entry.account for entry in existing if isinstance(entry, data.Close) and entry.date <= day}
    accounts = defaultdict(list)
    for entry in existing:
        if isinstance(entry, data.Open) and entry.date <= day and entry.account not in closed:
            name = parse_account(entry.account)
            if name is not None:
                accounts[name.unit, name.number].append(entry.account)
    return accounts


def below_unit(account: str) -> str:
    """Return an account as it is called within its unit: 6820-Licenser."""
    return account.split(":", 2)[2]
