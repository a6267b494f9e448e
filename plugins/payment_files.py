"""Payments that the bank has been told of, and what it has paid of them.

    2025-03-14 * "Leverantör 017 IT" "Betalning: Licenser" ^L-2025-0301 ^L-2025-0301.20250314
      ver: "U 80"
      underlag: "underlag/2025/betalning-2025-03-14.xml"
      attest: "EK"
      betalfil: "BET-20250314-1"
      bankref: "L-2025-0301.20250314"
      bankgiro: "5050-1055"
      Liabilities:NAV:2510-Leverantörsskulder    1250.00 SEK
      Assets:FK:1990-Utbetalningar-på-väg       -1250.00 SEK

    2025-03-14 * "Leverantör 017 IT" "Betalning enligt betalfil" ^L-2025-0301.20250314
      ver: "U 81"
      Assets:FK:1990-Utbetalningar-på-väg        1250.00 SEK
      Assets:FK:1610-Internbank                 -1250.00 SEK

`forbundsbok pay` books the first of these, with the approval of whoever pays; the bank's statement brings the second,
which needs no approval of its own: it moves what was sent, under its link, and no more.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from beancount.core import data

from forbundsbok.plugins.books import Books
from forbundsbok.plugins.corrections import CORRECTS, Row, number_of
from forbundsbok.plugins.findings import Finding, Subject
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.money import ZERO
from forbundsbok.plugins.months import shifted
from forbundsbok.plugins.open_items import INVOICE, INVOICE_LINK
from forbundsbok.plugins.parties import ACCOUNTS, plain_number
from forbundsbok.plugins.places import place
from forbundsbok.plugins.roles import Role
from forbundsbok.plugins.rulebook import EVERY, rule

PAYMENT_FILE = "betalfil"
"""The metadata of a voucher that books a payment as sent: the batch of the file that tells the bank of it."""

TRANSFER_LINK = re.compile(rf"{INVOICE_LINK.pattern}\.\d{{8}}(?:\.\d{{1,4}})?", re.ASCII)
"""How the link of a payment is written: what it pays, the day, and which of several it is."""

PATIENCE = timedelta(days=7)
"""How long the bank may take, at Easter too, before it is asked why."""


class SentTransfer(NamedTuple):
    """A payment that the bank has been told of: the account between, what was sent, and what has become of it.

    `paid` is what the bank has paid, `taken_back` what a correction owes again, as of a payment that it has rejected.
    """

    entry: data.Transaction
    account: str
    sent: Decimal
    paid: Decimal = ZERO
    taken_back: Decimal = ZERO

    @property
    def left(self) -> Decimal:
        """What is neither paid nor taken back."""
        return self.sent - self.paid - self.taken_back


def transfer_link(links: Iterable[str]) -> str:
    """Return the link of the payment that a voucher books as sent; "" where it has none, or several."""
    found = [link for link in links if TRANSFER_LINK.fullmatch(link)]
    return found[0] if len(found) == 1 else ""


def file_of(batch: str) -> str:
    """Return the file of which a batch is: BET-20250314-1 is of BET-20250314."""
    return batch.rpartition("-")[0]


def sent_transfers(books: Books) -> dict[str, SentTransfer]:
    """Return the payments that were sent, by their links."""
    sent: dict[str, SentTransfer] = {}
    for entry in books.vouchers:
        if PAYMENT_FILE in entry.meta and (link := transfer_link(entry.links)):
            rows = [row for row in entry.postings if books.roles.has(row.account, Role.MONEY) and number_of(row) < 0]
            if len(rows) == 1 and link not in sent:
                sent[link] = SentTransfer(entry, rows[0].account, -number_of(rows[0]))
    if not sent:
        return sent
    first = {id(transfer.entry) for transfer in sent.values()}
    for entry in books.vouchers:
        own = [link for link in entry.links if link in sent] if id(entry) not in first else []
        for link in own:
            transfer = sent[link]
            moved = _moved_back(entry, link, own, transfer)
            if CORRECTS in entry.meta and moved > 0:
                sent[link] = transfer._replace(taken_back=transfer.taken_back + moved)
            else:
                sent[link] = transfer._replace(paid=transfer.paid + moved)
    return sent


def _moved_back(entry: data.Transaction, link: str, links: Sequence[str], transfer: SentTransfer) -> Decimal:
    """Return what a voucher with a payment's link puts back on the account between, for that payment."""
    rows = [row for row in entry.postings if row.account == transfer.account]
    if len(links) > 1:
        rows = [row for row in rows if (row.meta or {}).get(INVOICE) == link]
    return sum(map(number_of, rows), ZERO)


def confirms(entry: data.Transaction, rows: Iterable[Row], books: Books) -> bool:
    """Tell whether a voucher only moves what was sent, on the accounts of money and under the links of the payments."""
    sent: Mapping[str, SentTransfer] = books.once(sent_transfers)
    own = [sent[link] for link in entry.links if link in sent]
    if not own or PAYMENT_FILE in entry.meta:
        return False
    amounts = {transfer.account: ZERO for transfer in own}
    for transfer in own:
        amounts[transfer.account] += transfer.sent
    rows = list(rows)
    return all(books.roles.has(account, Role.MONEY) for account, _ in rows) and all(
        number <= amounts.get(account, ZERO) for account, number in rows
    )


@rule(
    "R931",
    title=N_("A payment that was sent to the bank is paid once."),
    why=N_("Internal control 5, Payments: what the bank pays twice, or more than it was told, is to come back."),
    mend=N_("Ask the bank for what was paid too much, or write the link of the payment that the voucher is of."),
    after=["E003"],
    sees=EVERY,
)
def paid_more_than_sent(books: Books) -> Iterator[Finding]:
    for link, transfer in books.once(sent_transfers).items():
        if transfer.left < 0:
            message = (
                N_(
                    "Of {link} ({voucher}) {sent} kr was sent to the bank; {paid} kr is booked as paid, and {back} kr "
                    "is taken back by a correction."
                )
                if transfer.taken_back
                else N_("Of {link} ({voucher}) {sent} kr was sent to the bank, and {paid} kr is booked as paid.")
            )
            values = {
                "link": link,
                "voucher": transfer.entry,
                "sent": transfer.sent,
                "paid": transfer.paid,
                "back": transfer.taken_back,
            }
            yield Finding(transfer.entry, Subject("voucher", place(transfer.entry)), message, values)


@rule(
    "R932",
    title=N_("What was sent to the bank is paid within a week."),
    why=N_("Internal control 5, Payments: the bank may have refused it, and the payee waits."),
    mend=N_("Import the bank's statement or its answer (pain.002), or ask the bank."),
    after=["R931"],
    sees=EVERY,
    warns=True,
)
def sent_and_not_paid(books: Books) -> Iterator[Finding]:
    transfers = books.once(sent_transfers)
    last = max((entry.date for entry in books.vouchers), default=date.min) if transfers else date.min
    for link, transfer in transfers.items():
        if transfer.left > 0 and shifted(transfer.entry.date, PATIENCE) < last:
            message = N_("{left} kr of {link} ({voucher}) was sent to the bank {day}, and is not booked as paid.")
            values = {"left": transfer.left, "link": link, "voucher": transfer.entry, "day": transfer.entry.date}
            yield Finding(transfer.entry, Subject("voucher", place(transfer.entry)), message, values)


@rule(
    "R933",
    title=N_("A payment goes where its invoice says."),
    why=N_("Who changes an account after the file was made, or before, has the money."),
    mend=N_("Ask the bank where it went, and correct the voucher or the invoice with the reason."),
    sees=EVERY,
)
def sent_elsewhere(books: Books) -> Iterator[Finding]:
    sent = {link: each for link, each in books.once(sent_transfers).items() if _accounts_of(each.entry.meta)}
    if not sent:
        return
    said: dict[str, list[tuple[Decimal, set[str]]]] = {}
    items = {link.partition(".")[0] for link in sent}
    for entry in books.vouchers:
        for link in entry.links & items if PAYMENT_FILE not in entry.meta else ():
            own = [(-number_of(row), _accounts_of(row.meta or {})) for row in entry.postings]
            said.setdefault(link, []).extend([(ZERO, _accounts_of(entry.meta)), *own])
    for link, each in sent.items():
        rows = [row for row in said.get(link.partition(".")[0], ()) if row[1]]
        # Of a debt to several each row says where its own amount goes.
        known = set().union(*(accounts for number, accounts in [row for row in rows if row[0] == each.sent] or rows))
        if known and not known & _accounts_of(each.entry.meta):
            message = N_("{voucher} was paid to {sent}, and its invoice says {known}.")
            values = {"voucher": each.entry, "sent": sorted(_accounts_of(each.entry.meta)), "known": sorted(known)}
            yield Finding(each.entry, Subject("voucher", place(each.entry)), message, values)


def _accounts_of(meta: Mapping[str, object]) -> set[str]:
    """Return the accounts to pay to that metadata tells of, each with its digits alone."""
    return {f"{key} {plain_number(str(meta[key]))}" for key in ACCOUNTS if meta.get(key)}


@rule(
    "R934",
    title=N_("All payments of a file stand on one account until the bank has paid them."),
    why=N_("What is credited to another account is found by no statement, and the one between does not come out."),
    mend=N_("Write the account that the others of the file have."),
    sees=EVERY,
)
def sent_on_other_account(books: Books) -> Iterator[Finding]:
    first: dict[str, SentTransfer] = {}
    for each in books.once(sent_transfers).values():
        other = first.setdefault(str(each.entry.meta[PAYMENT_FILE]).rpartition("-")[0], each)
        if other.account != each.account:
            message = N_("{voucher} is sent from {account}, and {other} of the same file from {first}.")
            values = {"voucher": each.entry, "account": each.account, "other": other.entry, "first": other.account}
            yield Finding(each.entry, Subject("voucher", place(each.entry)), message, values)
