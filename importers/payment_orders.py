"""What is to be paid by a file to the bank, and the vouchers that book it as sent.

    [payments]
    from = "50000000054910000003"                        # our account at the bank: its number or IBAN
    bic = "ESSESESS"                                     # of that bank
    sent = "Assets:FK:1990-Utbetalningar-på-väg"         # between the file and the bank's statement
    organisation = "222000-1234"
    series = "U"
    version = "09"                                       # of pain.001, where the bank asks for that; "03" without it
    accounts = ["Liabilities:FK:2820-Löneskulder"]       # what else is paid by file, besides suppliers' invoices

Paid is what is open of an invoice, or of another debt with a link on one of `accounts`, when it is due, approved and
certain, and says where to: `bankgiro`, `plusgiro`, `iban` or `konto` (with clearing number). Where the rows of a debt
say so, each with its payee (`mottagare`), each is a payment: salaries, grants to several.

    2025-03-20 * "Löner mars" ^P-2025-0012
      ver: "P 12"
      forfallodag: 2025-03-25
      Expenses:NAV:5010-Löner                  42000.00 SEK
      Liabilities:FK:2820-Löneskulder         -22000.00 SEK
        mottagare: "Anställd 17"
        konto: "6000 123 456 789"
      Liabilities:FK:2820-Löneskulder         -20000.00 SEK
        mottagare: "Anställd 18"
        bankgiro: "5050-1055"

What is due and cannot be paid is told, with the reason. One file is made a day; what it pays is settled by its
vouchers, so that nothing is in two.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from beancount.core import data

from forbundsbok.importers.archive import kept_path
from forbundsbok.importers.document import Document
from forbundsbok.importers.formats.pain import (
    ACCOUNT,
    IBAN,
    SALARIES,
    SUPPLIERS,
    VERSIONS,
    CreditAccount,
    CreditTransfer,
    Payer,
    PaymentFile,
    TransferBatch,
    message_text,
    name_text,
    read_payments,
    write_payments,
)
from forbundsbok.importers.mapping import Table
from forbundsbok.importers.open_items import body_of_rf
from forbundsbok.importers.payments import series_in
from forbundsbok.importers.problems import refused_whole
from forbundsbok.plugins.check_digits import IBAN_FORM, bare, has_luhn, is_payable, printed
from forbundsbok.plugins.corrections import number_of
from forbundsbok.plugins.findings import Message, as_written, phrase
from forbundsbok.plugins.imports import BANKREF, IMPORT, SHA256, UNDERLAG
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.ledger_text import custom_of, posting
from forbundsbok.plugins.money import CURRENCY, ZERO
from forbundsbok.plugins.numbers import FreeNumbers
from forbundsbok.plugins.open_items import DUE, INVOICE, INVOICE_LINK, ItemRow, OpenItem, Subledger, own_link
from forbundsbok.plugins.parties import ACCOUNTS, party_key
from forbundsbok.plugins.payment_files import PAYMENT_FILE
from forbundsbok.plugins.review import WAITS
from forbundsbok.plugins.rights import ATTEST
from forbundsbok.plugins.roles import Role, Roles

KIND = "pain.001"
"""What the `import` directive calls a payment file."""

PAYEE = "mottagare"
"""The metadata of a row that is a payment of its own: whom it pays."""

_OCR = re.compile(r"\d{2,25}", re.ASCII)


class PaymentMapping:
    """How a federation pays, by its mapping. Raises DocumentError."""

    def __init__(self, table: Table, banks: Table, roles: Roles) -> None:
        if not table:
            example = f'  [payments]\n  from = "50000000054910000003"\n  sent = "{_sent_in(table.unit)}"'
            text = N_("nothing tells from which account is paid: write\n{example}")
            raise refused_whole(table.filename, phrase(text, example=as_written(example)))
        self.filename, self.roles = table.filename, roles
        number = "".join(table.text("from").split())
        self.account = CreditAccount(IBAN if IBAN_FORM.fullmatch(number) else ACCOUNT, number)
        self.bic, self.organisation = table.text("bic", ""), table.text("organisation", "")
        self.sent, self.series = table.account("sent"), series_in(table, "series", "U")
        self.accounts = frozenset(table.texts("accounts", []))
        self.version = table.text("version", VERSIONS[0])
        if self.version not in VERSIONS:
            raise table.wrong("version", phrase("one of {versions}", versions=list(VERSIONS)), 'version = "09"')
        if not roles.has(self.sent, Role.MONEY):
            raise table.wrong("sent", phrase("an account of money"), f'sent = "{_sent_in(table.unit)}"')
        if self.sent in {each.text("account", "") for _, each in banks.tables()}:
            text = N_(
                "{account} is the bank's own: what is sent stands on an account of its own until the bank has paid"
            )
            raise refused_whole(table.filename, phrase(text, account=self.sent))
        table.finish()

    def pays(self, account: str) -> bool:
        """Tell whether what is owed on an account is paid by file."""
        return self.roles.has(account, Role.SUPPLIERS) or account in self.accounts


def _sent_in(unit: str) -> str:
    return f"Assets:{unit}:1990-Utbetalningar-på-väg"


class PaymentOrder(NamedTuple):
    """A payment to make: of which item, which debts it settles (above zero), and what the bank is told."""

    item: OpenItem
    debts: Mapping[str, Decimal]
    purpose: str
    transfer: CreditTransfer


class Unpaid(NamedTuple):
    """What is due and is not paid: the link, whom it is owed to, how much, and why not."""

    link: str
    payee: str
    amount: Decimal
    why: Message


class DuePayments(NamedTuple):
    """What is paid on a day, and what is due and is not."""

    orders: list[PaymentOrder]
    unpaid: list[Unpaid]


def due_payments(entries: Iterable[data.Directive], mapping: PaymentMapping, day: date, until: date) -> DuePayments:
    """Return what is to be paid on a day of what is due until another, by the day it is due and by payee."""
    found = DuePayments([], [])
    subledger = Subledger.of(entries, mapping.roles, dict.fromkeys(mapping.accounts, INVOICE_LINK))
    for item in subledger.items.values():
        debts = {account: -number for account, number in item.open.items() if number and mapping.pays(account)}
        total = sum(debts.values(), ZERO)
        due = item.invoice.meta.get(DUE)
        if not total or (isinstance(due, date) and due > until):
            continue
        payee = item.invoice.payee or ""
        if why := _why_not(item, total, due):
            found.unpaid.append(Unpaid(item.link, payee, total, why))
            continue
        orders = list(_orders(item, debts, day))
        wrong = [order for order in orders if isinstance(order, Unpaid)]
        found.unpaid.extend(wrong)
        if not wrong:
            found.orders.extend(order for order in orders if isinstance(order, PaymentOrder))
    _hold_credited(found)
    found.unpaid.extend(_without_link(subledger.loose, mapping, until))
    found.orders.sort(key=lambda order: (order.item.invoice.meta[DUE], order.transfer.payee, order.transfer.id))
    return found


def _hold_credited(found: DuePayments) -> None:
    """Keep back what is owed to those who owe us as much: it is to be set off first."""
    owed_to_us: dict[str, Decimal] = defaultdict(Decimal)
    for each in found.unpaid:
        owed_to_us[party_key(each.payee)] -= min(each.amount, ZERO)
    for order in list(found.orders):
        payee, amount = order.transfer.payee, order.transfer.amount
        if owed_to_us[party_key(payee)] >= amount:
            text = N_(
                '{payee} owes us {credit} kr: set it off first, by   {key}: "{link}"   on the row of the credit note'
            )
            credit = owed_to_us[party_key(payee)]
            why = phrase(text, payee=payee, credit=credit, key=INVOICE, link=order.item.link)
            found.orders.remove(order)
            found.unpaid.append(Unpaid(order.item.link, payee, amount, why))


def _without_link(loose: Sequence[ItemRow], mapping: PaymentMapping, until: date) -> Iterator[Unpaid]:
    """Yield what is due of invoices that no link tells apart, while something is owed on their accounts without one."""
    owed: dict[str, Decimal] = defaultdict(Decimal)
    for row in loose:
        owed[row.account] -= row.number
    for row in loose:
        due = row.entry.meta.get(DUE)
        if mapping.pays(row.account) and row.number < 0 < owed[row.account] and isinstance(due, date) and due <= until:
            text = N_("its voucher has no link by which it is paid once: write   ^{link}   on its first line")
            link = own_link(str(row.entry.meta.get("ver")), row.entry.date)
            yield Unpaid(str(row.entry.meta.get("ver")), row.entry.payee or "", -row.number, phrase(text, link=link))


def _why_not(item: OpenItem, total: Decimal, due: object) -> Message | None:
    """Return why nothing of an item is paid, None where it may be."""
    waiting = next((row.entry for row in item.rows if row.entry.flag == WAITS), None)
    if not item.is_certain:
        return phrase("nobody can say what is open of it: name the invoice on the rows of its vouchers")
    if waiting is not None:
        return phrase("{voucher} waits for approval", voucher=waiting)
    if total < 0:
        return phrase("it is owed to us: set it off against an invoice, or ask for it")
    if not isinstance(due, date):
        return phrase("its voucher does not say when it is due: write   {key}: 2025-04-30", key=DUE)
    return None


def _orders(item: OpenItem, debts: Mapping[str, Decimal], day: date) -> Iterator[PaymentOrder | Unpaid]:
    """Yield the payments of an item: of each row that says where to, or else of the whole."""
    invoice, total = item.invoice, sum(debts.values(), ZERO)
    rows = [row for row in invoice.postings if row.account in debts and _account_key(row.meta or {})]
    if rows and sum(map(number_of, rows), ZERO) != -total:
        text = N_("its rows that say where to come to {rows} kr, and {open} kr is open: pay what is left by hand")
        rows_total = -sum(map(number_of, rows), ZERO)
        why = phrase(text, rows=rows_total, open=total)
        yield Unpaid(item.link, invoice.payee or "", total, why)
        return
    parts: list[tuple[Mapping[str, object], str, Mapping[str, Decimal]]] = [
        (row.meta or {}, str((row.meta or {}).get(PAYEE) or invoice.payee or ""), {row.account: -number_of(row)})
        for row in rows
    ]
    for number, (meta, payee, own) in enumerate(parts or [(invoice.meta, invoice.payee or "", debts)], 1):
        amount = sum(own.values(), ZERO)
        account = _account_of(meta)
        if isinstance(account, Message):
            yield Unpaid(item.link, payee, amount, account)
        elif not payee:
            yield Unpaid(item.link, payee, amount, phrase("its voucher does not say whom it is owed to"))
        elif amount <= 0:
            yield Unpaid(
                item.link, payee, amount, phrase("it is owed to us: set it off against an invoice, or ask for it")
            )
        else:
            which = f".{number}" if len(parts) > 1 else ""
            reference, message = _reference(meta, item)
            link = f"{item.link}.{day:%Y%m%d}{which}"
            transfer = CreditTransfer(link, amount, name_text(payee), account, reference, message_text(message))
            yield PaymentOrder(item, own, _purpose(own, item.roles), transfer)


def _purpose(debts: Iterable[str], roles: Roles) -> str:
    debts = list(debts)
    if all(roles.has(each, Role.SUPPLIERS) for each in debts):
        return SUPPLIERS
    return SALARIES if all(roles.has(each, Role.PAYROLL_DEBTS) for each in debts) else ""


def _account_key(meta: Mapping[str, object]) -> str:
    return next((key for key in ACCOUNTS if meta.get(key)), "")


def _account_of(meta: Mapping[str, object]) -> CreditAccount | Message:
    """Return the account that metadata tells of, or why it can be none."""
    key = _account_key(meta)
    if not key:
        *kinds, last = ACCOUNTS
        return phrase("it does not say where to: write its {kinds} or {last}", kinds=kinds, last=last)
    written = str(meta[key])
    if not is_payable(key, written):
        return phrase("{key} {number} is wrong: a digit must be mistyped", key=key, number=written)
    return CreditAccount(key, bare(written))


def _reference(meta: Mapping[str, object], item: OpenItem) -> tuple[str, str]:
    """Return the reference that the payee asks for, where its check digits are right, or else a text that tells it."""
    asked = "".join(str(meta.get("ocr") or "").split())
    if (_OCR.fullmatch(asked) and has_luhn(asked)) or body_of_rf(asked):
        return asked, ""
    named = asked or str(item.invoice.meta.get("fakturanr") or "")
    return "", f"Faktura {named}" if named else f"{item.invoice.narration or item.link}"


# The file, and its vouchers.


def payment_file(
    orders: Sequence[PaymentOrder], mapping: PaymentMapping, name: str, day: date, now: datetime
) -> PaymentFile:
    """Return what tells the bank to pay on a day, a batch for each purpose."""
    file = f"BET-{day:%Y%m%d}"
    purposes = sorted({order.purpose for order in orders}, reverse=True)
    batches = (
        TransferBatch(
            f"{file}-{number}", purpose, day, tuple(each.transfer for each in orders if each.purpose == purpose)
        )
        for number, purpose in enumerate(purposes, 1)
    )
    payer = Payer(name, mapping.organisation, mapping.account, mapping.bic)
    return PaymentFile(file, now, payer, tuple(batches), mapping.version)


def sent_document(file: PaymentFile) -> Document:
    """Return the file as the bank gets it, kept by its day. Raises DocumentError if it is not read as it was meant."""
    day = file.batches[0].day
    document = Document(Path(kept_path(day.year, f"betalning-{day}.xml")), write_payments(file))
    assert list(read_payments(document).transfers) == list(file.transfers)
    return document


def sent_vouchers(
    orders: Sequence[PaymentOrder],
    file: PaymentFile,
    document: Document,
    mapping: PaymentMapping,
    existing: Iterable[data.Directive],
    attest: str,
) -> data.Directives:
    """Return the vouchers that book payments as sent, with the approval of whoever pays, and the file's own line."""
    numbers = FreeNumbers(entry for entry in existing if isinstance(entry, data.Transaction))
    batch_of = {transfer.id: batch for batch in file.batches for transfer in batch.transfers}
    stored = str(document)
    entries: data.Directives = []
    for order in orders:
        batch, transfer, invoice = batch_of[order.transfer.id], order.transfer, order.item.invoice
        meta = {"ver": numbers.free(mapping.series, batch.day.year), UNDERLAG: stored}
        meta |= {ATTEST: attest} if attest else {}
        kind, number = transfer.account
        meta |= {PAYMENT_FILE: batch.id, BANKREF: transfer.id, kind: printed(kind, number)}
        rows = [posting(account, number, CURRENCY) for account, number in order.debts.items()]
        rows.append(posting(mapping.sent, -transfer.amount, CURRENCY))
        links = frozenset({order.item.link, transfer.id})
        text = f"Betalning: {invoice.narration or order.item.link}"
        entries.append(data.Transaction(meta, batch.day, "*", transfer.payee, text, data.EMPTY_SET, links, rows))
    came = custom_of(IMPORT, file.batches[0].day, [KIND, stored], {SHA256: document.sha256})
    return [*entries, came]


def sent_otherwise(
    document: Document, vouchers: Sequence[data.Transaction], roles: Roles
) -> Iterator[tuple[data.Transaction, Message]]:
    """Yield the vouchers of payments that a file pays otherwise than they say, or not. Raises DocumentError."""
    sent = {transfer.id: transfer for transfer in document.records(read_payments).transfers}
    for entry in vouchers:
        transfer = sent.get(str(entry.meta.get(BANKREF)))
        booked = -sum((number_of(row) for row in entry.postings if roles.has(row.account, Role.MONEY)), ZERO)
        if transfer is None:
            text = N_("{voucher} of {booked} kr is not in {file}, which tells the bank what to pay")
            yield entry, phrase(text, voucher=entry, booked=booked, file=str(document.path.name))
        elif transfer.amount != booked:
            text = N_("{voucher} has {booked} kr, and {file} tells the bank to pay {sent} kr")
            values = {"voucher": entry, "booked": booked, "file": document.path.name, "sent": transfer.amount}
            yield entry, phrase(text, **values)
        elif transfer.account.number != bare(str(entry.meta.get(transfer.account.kind))):
            text = N_("{voucher} says {key} {booked}, and {file} tells the bank to pay {sent}")
            kind, number = transfer.account
            values = {"voucher": entry, "key": kind, "booked": entry.meta.get(kind) or "-", "sent": number}
            yield entry, phrase(text, file=document.path.name, **values)
        elif name_text(entry.payee or "") != transfer.payee:
            text = N_("{voucher} is to {payee}, and {file} tells the bank to pay {sent}")
            yield entry, phrase(text, voucher=entry, payee=entry.payee, file=document.path.name, sent=transfer.payee)


def sent_unbooked(document: Document, vouchers: Iterable[data.Transaction]) -> Iterator[Message]:
    """Yield what a file tells the bank to pay that no voucher books. Raises DocumentError."""
    booked = {entry.meta.get(BANKREF) for entry in vouchers}
    for transfer in document.records(read_payments).transfers:
        if transfer.id not in booked:
            text = N_("{file} tells the bank to pay {amount} kr to {payee} ({link}), and no voucher books it")
            values = {"amount": transfer.amount, "payee": transfer.payee, "link": transfer.id}
            yield phrase(text, file=document.path.name, **values)
