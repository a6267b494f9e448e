"""Payouts: money goes to whom it is owed, and on the account where that party has it.

    2025-06-18 * "Västra Götalandsregionen" "Återbetalning av ej förbrukade medel"
      ver: "U 230"
      attest: "FD"
      Liabilities:FK:2970-Förutbetalda-intäkter     300000.00 SEK
      Assets:FK:1610-Internbank                    -300000.00 SEK

What suppliers are owed is judged by their invoices (plugins.open_items), grants by their decisions (plugins.grants),
pay, tax and VAT by the months that they are of. All rules here warn: a loan, a deposit or an advance has its first
time, and is acknowledged with the decision behind it.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import cache

from beancount.core import data

from forbundsbok.plugins.accounts import parse_account
from forbundsbok.plugins.books import Books
from forbundsbok.plugins.corrections import CORRECTS, number_of
from forbundsbok.plugins.findings import Finding, Message, Subject
from forbundsbok.plugins.grants import PROJECT
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.money import ZERO
from forbundsbok.plugins.open_items import SUPPLIER, TRIFLE, History, first_year, histories
from forbundsbok.plugins.parties import ACCOUNTS, party_key, plain_number
from forbundsbok.plugins.places import place
from forbundsbok.plugins.review import is_reviewed
from forbundsbok.plugins.roles import Role, has_role
from forbundsbok.plugins.rulebook import EVERY, Sees, rule

MOST = 20
"""Of how many payments from the bank one may lack its payee, before the books are taken to name none."""

_HELD = (Role.CUSTOMERS, Role.OTHER_CLAIMS, Role.OTHER_DEBTS, Role.LOANS, Role.ACCRUED)
_ELSEWHERE = (Role.MONEY, Role.TAX_ACCOUNT, Role.INPUT_VAT, Role.PAYROLL_DEBTS)


@cache
def _holds_parties(account: str) -> bool:
    """Tell whether an account is of claims on parties, or debts to them, that no other rule follows."""
    return has_role(account, *_HELD) and not has_role(account, *_ELSEWHERE)


def _paid(entry: data.Transaction, books: Books, *but: Role) -> Decimal:
    """Return what a voucher pays out, nothing where money comes in or only goes to another account."""
    money = ZERO
    for account, number in books.rows(entry):
        if has_role(account, Role.MONEY) and not has_role(account, *but):
            money -= number
    return max(money, ZERO)


def _is_judged(entry: data.Transaction, books: Books) -> bool:
    """Tell whether a voucher is judged: in an open year, and not in the first, whose debts are of an older time."""
    is_open = not books.is_sealed(entry.date) and entry.date.year > first_year(books)
    return is_open and is_reviewed(entry, books)


# Balance accounts


@rule(
    "R941",
    title=N_("What is paid out against a claim or a debt is paid to whom the account holds it for."),
    why=N_(
        "A payout against an interim account has no invoice that somebody has received, and no cost that anybody "
        "misses. A warning, since a loan, a deposit or an advance has its first time, and money is passed on."
    ),
    mend=N_(
        "Book it on what it is, or write the payee as the account has it; acknowledge it with the decision behind it."
    ),
    after=["R901", "R902", "R904", "R907", "G101", "G102"],
    sees=EVERY,
    warns=True,
)
def without_origin(books: Books) -> Iterator[Finding]:
    rows: dict[str, list[tuple[data.Transaction, data.Posting]]] = defaultdict(list)
    for account, own in books.postings.items():
        name = parse_account(account)
        if name and _holds_parties(account):
            rows[name.number] += own
    for own in rows.values():
        yield from _without_origin(sorted(own, key=lambda row: row[0].date), books)


def _without_origin(rows: Sequence[tuple[data.Transaction, data.Posting]], books: Books) -> Iterator[Finding]:
    held: dict[str, Decimal] = defaultdict(Decimal)
    paid_before: set[str] = set()
    for entry, row in rows:
        number, party = number_of(row), party_key(entry.payee or "")
        if number > 0 and not (has_role(row.account, Role.CUSTOMERS) and entry.links) and _paid(entry, books):
            is_known = number <= held[party] + TRIFLE or (party and party in paid_before)
            if _is_judged(entry, books) and not is_known and PROJECT not in entry.meta:
                message = N_(
                    "{voucher} pays {amount} kr to {payee} against {account}, which holds {held} kr for that party."
                )
                values = {
                    "voucher": entry,
                    "amount": number,
                    "payee": entry.payee or Message(N_("nobody named")),
                    "account": row.account,
                    "held": max(held[party], ZERO) if party else ZERO,
                }
                yield Finding(entry, Subject("voucher", place(entry)), message, values, posting=row)
            paid_before.add(party)
        held[party] -= number


@rule(
    "R942",
    title=N_("Income is paid back to whom it came from."),
    why=N_(
        "A refund that nobody has paid for is money given away, and lowers the income where no cost is seen. A "
        "warning, since visitors pay without giving a name."
    ),
    mend=N_("Write the payee as in the invoice or the payment that is refunded, or acknowledge what is refunded."),
    after=["T104", "R941"],
    sees=Sees(groups=Role.INCOME.groups),
    warns=True,
)
def refunded_income(books: Books) -> Iterator[Finding]:
    refunds: dict[int, tuple[data.Transaction, Decimal]] = {}
    came: dict[str, Decimal] = defaultdict(Decimal)
    for account, own in books.postings.items():
        if not has_role(account, Role.INCOME):
            continue
        for entry, row in own:
            number = number_of(row)
            if number <= 0:
                came[party_key(entry.payee or "")] -= number
            elif CORRECTS not in entry.meta and _is_judged(entry, books) and _leaves(entry, books):
                refunds[id(entry)] = (entry, refunds.get(id(entry), (entry, ZERO))[1] + number)
    for entry, amount in refunds.values():
        party = party_key(entry.payee or "")
        if amount > TRIFLE and (not party or came[party] < amount):
            message = N_("{voucher} refunds {amount} kr of income to {payee}, of whom {came} kr is booked as income.")
            values = {
                "voucher": entry,
                "amount": amount,
                "payee": entry.payee or Message(N_("nobody named")),
                "came": came[party] if party else ZERO,
            }
            yield Finding(entry, Subject("voucher", place(entry)), message, values)


def _leaves(entry: data.Transaction, books: Books) -> bool:
    """Tell whether a voucher pays out, or makes a debt that is to be paid out."""
    owed = (number for account, number in books.rows(entry) if has_role(account, Role.SUPPLIERS, Role.OTHER_DEBTS))
    return bool(_paid(entry, books)) or sum(owed, ZERO) < 0


@rule(
    "R943",
    title=N_("A customer is credited on the invoice that is open."),
    why=N_(
        "A credit that is kept as a debt beside the customer's open invoice lets the invoice be claimed, and the "
        "credit be paid out to somebody else."
    ),
    mend=N_("Book the credit on the customer's receivables, with the link of the invoice."),
    after=["R942"],
    sees=Sees(groups=(*Role.OTHER_DEBTS.groups, *Role.ACCRUED.groups, *Role.CUSTOMERS.groups)),
    warns=True,
)
def credited_beside(books: Books) -> Iterator[Finding]:
    claims: dict[str, list[History]] = defaultdict(list)
    for each in books.once(histories):
        if each.sign > 0 and each.left > 0 and each.payee:
            claims[party_key(each.payee)].append(each)
    for entry in books.touching(*Role.OTHER_DEBTS.groups, *Role.ACCRUED.groups) if claims else ():
        own = [each for each in claims.get(party_key(entry.payee or ""), ()) if each.item.invoice.date <= entry.date]
        rows = books.rows(entry)
        credited = sum((number for account, number in rows if has_role(account, Role.INCOME)), ZERO)
        kept = [row for row in rows if has_role(row[0], Role.OTHER_DEBTS, Role.ACCRUED) and row[1] < 0]
        if not own or credited <= TRIFLE or not kept or not _is_judged(entry, books):
            continue
        message = N_("{voucher} credits {payee} {amount} kr on {account}, while {links} of that customer is open.")
        values = {
            "voucher": entry,
            "payee": entry.payee,
            "amount": -kept[0][1],
            "account": kept[0][0],
            "links": sorted(each.link for each in own),
        }
        yield Finding(entry, Subject("voucher", place(entry)), message, values)


# Payees


@rule(
    "R944",
    title=N_("A payment from the bank says to whom it goes, where nearly all others do."),
    why=N_("Money that goes to nobody is found in no list of what somebody has been paid."),
    mend=N_("Write the payee first on the voucher's first line, before its text."),
    after=["T164", "R941", "R942"],
    sees=EVERY,
    warns=True,
)
def payee_lacks(books: Books) -> Iterator[Finding]:
    named, without = 0, []
    for entry in books.vouchers:
        # What goes from the bank into the cash box is paid to nobody.
        if not books.is_sealed(entry.date) and _paid(entry, books, Role.CASH) and _paid(entry, books):
            if (entry.payee or "").strip():
                named += 1
            elif is_reviewed(entry, books):
                without.append(entry)
    for entry in without if len(without) * MOST <= named else ():
        message = N_("{voucher} pays {amount} kr from the bank, and does not say to whom.")
        values = {"voucher": entry, "amount": _paid(entry, books, Role.CASH)}
        yield Finding(entry, Subject("voucher", place(entry)), message, values)


@rule(
    "R945",
    title=N_("A supplier is paid where it was paid before, under the organisation number that it had."),
    why=N_(
        "Who sends an invoice in a supplier's name wants the money on another account. A warning, since suppliers do "
        "change their bank: call the number that was known before."
    ),
    mend=N_("Ask the supplier by a way that was known before, and acknowledge who has confirmed it."),
    sees=Sees(keys=(*ACCOUNTS, SUPPLIER)),
    warns=True,
)
def other_account(books: Books) -> Iterator[Finding]:
    known: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for entry in books.vouchers:
        party = party_key(entry.payee or "")
        for kind, keys in (("account", ACCOUNTS), (SUPPLIER, (SUPPLIER,))) if party else ():
            written = {
                plain_number(str(entry.meta[key])): f"{key} {entry.meta[key]}" for key in keys if entry.meta.get(key)
            }
            before = known[party, kind]
            new = {number: told for number, told in written.items() if number and number not in before}
            if new and before and not books.is_sealed(entry.date):
                message = N_("{voucher} of {payee} names {new}; before it was {before}.")
                values = {
                    "voucher": entry,
                    "payee": entry.payee,
                    "new": sorted(new.values()),
                    "before": sorted(before.values()),
                }
                yield Finding(entry, Subject("voucher", place(entry)), message, values)
            before.update(written)


# Where money is kept


@rule(
    "R946",
    title=N_("A new account of money is decided on."),
    why=N_(
        "The board decides where the federation keeps its money. What is received on an account that nobody knows of "
        "is out of reach."
    ),
    mend=N_("Acknowledge the account where it is opened, with the decision: its day and paragraph."),
    sees=EVERY,
    warns=True,
)
def new_money_account(books: Books) -> Iterator[Finding]:
    for account, opened in books.opens.items():
        is_new = bool(books.vouchers) and opened.date.year > first_year(books) and not books.is_sealed(opened.date)
        if has_role(account, Role.MONEY) and is_new:
            message = N_("{account} is an account of money that is opened {day}: who has decided it?")
            values = {"account": account, "day": opened.date}
            yield Finding(opened, Subject("account", account), message, values)
