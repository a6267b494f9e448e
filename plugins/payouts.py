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

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from statistics import median

from beancount.core import data

from forbundsbok.plugins.accounts import parse_account
from forbundsbok.plugins.books import Books
from forbundsbok.plugins.charges import bought_past_suppliers
from forbundsbok.plugins.check_digits import bare, has_luhn, is_payable
from forbundsbok.plugins.corrections import CORRECTS, number_of
from forbundsbok.plugins.findings import Finding, Message, Subject
from forbundsbok.plugins.grants import PROJECT
from forbundsbok.plugins.imports import BANKREF
from forbundsbok.plugins.internal import PARTY
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.loans import is_lender, lenders
from forbundsbok.plugins.money import ZERO
from forbundsbok.plugins.open_items import DUE, MOST, SUPPLIER, TRIFLE, History, bills, histories
from forbundsbok.plugins.parties import (
    ACCOUNTS,
    are_look_alikes,
    folded,
    party_key,
    plain_number,
    same_party,
)
from forbundsbok.plugins.places import place
from forbundsbok.plugins.review import is_reviewed, put_right
from forbundsbok.plugins.rights import PERSON
from forbundsbok.plugins.roles import Role, Roles
from forbundsbok.plugins.rulebook import EVERY, Sees, rule

WELL_KNOWN = 3
"""How many times something is met before another one is strange beside it."""

RECENT = timedelta(30)
"""How long after its invoice a supplier is one that invoices."""

ALWAYS = 6
"""How many payments to one party make an account that party's."""

_HELD = (Role.CUSTOMERS, Role.OTHER_CLAIMS, Role.OTHER_DEBTS, Role.LOANS, Role.ACCRUED)
_ELSEWHERE = (Role.MONEY, Role.TAX_ACCOUNT, Role.INPUT_VAT, Role.PAYROLL_DEBTS)


@cache
def _holds_parties(account: str, roles: Roles) -> bool:
    """Tell whether an account is of claims on parties, or debts to them, that no other rule follows."""
    return roles.has(account, *_HELD) and not roles.has(account, *_ELSEWHERE)


def _paid(entry: data.Transaction, books: Books, *but: Role) -> Decimal:
    """Return what a voucher pays out, nothing where money comes in or only goes to another account."""
    money = ZERO
    for account, number in books.rows(entry):
        if books.roles.has(account, Role.MONEY) and not books.roles.has(account, *but):
            money -= number
    return max(money, ZERO)


def _is_judged(entry: data.Transaction, books: Books) -> bool:
    """Tell whether a voucher is judged: in an open year, and not in the first, whose debts are of an older time."""
    is_open = not books.is_sealed(entry.date) and entry.date.year > books.first_year
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
        if name and _holds_parties(account, books.roles):
            rows[name.number] += own
    for own in rows.values():
        yield from _without_origin(sorted(own, key=lambda row: row[0].date), books)


def _without_origin(rows: Sequence[tuple[data.Transaction, data.Posting]], books: Books) -> Iterator[Finding]:
    held: dict[str, Decimal] = defaultdict(Decimal)
    paid_before: set[str] = set()
    known = books.once(lenders)
    for entry, row in rows:
        number, party = number_of(row), _party(entry, row, known, books)
        if number > 0 and not (books.roles.has(row.account, Role.CUSTOMERS) and entry.links) and _paid(entry, books):
            is_known = number <= held[party] + TRIFLE or (party and party in paid_before)
            # Of what is owed no more is paid than is owed to all.
            is_known = is_known and (row.account.startswith("Assets:") or number <= sum(held.values(), ZERO) + TRIFLE)
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


def _party(entry: data.Transaction, row: data.Posting, known: Mapping[str, str], books: Books) -> str:
    """Return the party that a row is of: whom the voucher names, else whom the register of loans knows on its account.

    What is moved to a short debt is of the lender whose loan becomes so much less.
    """
    party = party_key(entry.payee or "")
    lender = known.get(row.account, "")
    if not lender and not party and known:
        moved = (known.get(account) for account, number in books.rows(entry) if number == -number_of(row))
        lender = next(filter(None, moved), "")
    return lender if lender and (not party or is_lender(entry.payee, lender)) else party


@rule(
    "R942",
    title=N_("Income is paid back to whom it came from."),
    why=N_(
        "A refund that nobody has paid for is money given away, and lowers the income where no cost is seen. A "
        "warning, since visitors pay without giving a name. A member's fee is decided, billed, and lowered by a credit "
        "note on its invoice."
    ),
    mend=N_("Write the payee as in the invoice or the payment that is refunded, or acknowledge what is refunded."),
    after=["T104", "R941"],
    sees=Sees(roles=(Role.INCOME,)),
    warns=True,
)
def refunded_income(books: Books) -> Iterator[Finding]:
    refunds: dict[int, tuple[data.Transaction, Decimal]] = {}
    came: dict[str, Decimal] = defaultdict(Decimal)
    for account, own in books.postings.items():
        if not books.roles.has(account, Role.INCOME):
            continue
        for entry, row in own:
            number = number_of(row)
            if number <= 0:
                came[party_key(entry.payee or "")] -= number
            elif CORRECTS not in entry.meta and _is_judged(entry, books) and _leaves(entry, books):
                refunds[id(entry)] = (entry, refunds.get(id(entry), (entry, ZERO))[1] + number)
    for entry, amount in refunds.values():
        party = party_key(entry.payee or "")
        is_fee = not entry.links and any(books.roles.has(row.account, Role.CONTRIBUTIONS) for row in entry.postings)
        if amount > TRIFLE and (not party or came[party] < amount or is_fee):
            message = N_("{voucher} refunds {amount} kr of income to {payee}, of whom {came} kr is booked as income.")
            if party and came[party] >= amount:
                message = N_("{voucher} refunds {amount} kr of fees to {payee}, and names no invoice that is credited.")
            values = {
                "voucher": entry,
                "amount": amount,
                "payee": entry.payee or Message(N_("nobody named")),
                "came": came[party] if party else ZERO,
            }
            yield Finding(entry, Subject("voucher", place(entry)), message, values)


def _leaves(entry: data.Transaction, books: Books) -> bool:
    """Tell whether a voucher pays out, or makes a debt that is to be paid out."""
    owed = (
        number for account, number in books.rows(entry) if books.roles.has(account, Role.SUPPLIERS, Role.OTHER_DEBTS)
    )
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
    sees=Sees(roles=(Role.OTHER_DEBTS, Role.ACCRUED, Role.CUSTOMERS)),
    warns=True,
)
def credited_beside(books: Books) -> Iterator[Finding]:
    claims: dict[str, list[History]] = defaultdict(list)
    for each in books.once(histories):
        if each.sign > 0 and each.left > 0 and each.payee:
            claims[party_key(each.payee)].append(each)
    for entry in books.having(Role.OTHER_DEBTS, Role.ACCRUED) if claims else ():
        own = [each for each in claims.get(party_key(entry.payee or ""), ()) if each.item.invoice.date <= entry.date]
        rows = books.rows(entry)
        credited = sum((number for account, number in rows if books.roles.has(account, Role.INCOME)), ZERO)
        kept = [row for row in rows if books.roles.has(row[0], Role.OTHER_DEBTS, Role.ACCRUED) and row[1] < 0]
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
            comes_with_payment = kind == "account" and not before and entry.links and _is_judged(entry, books)
            if new and not books.is_sealed(entry.date) and (before or (comes_with_payment and _paid(entry, books))):
                message = N_("{voucher} of {payee} names {new}; before it was {before}.")
                if not before:
                    message = N_("{voucher} pays {payee} on {new}, which no invoice has named.")
                values = {
                    "voucher": entry,
                    "payee": entry.payee,
                    "new": sorted(new.values()),
                    "before": sorted(before.values()),
                }
                yield Finding(entry, Subject("voucher", place(entry)), message, values)
            before.update(written)


@rule(
    "R947",
    title=N_("A payee is written as it always was."),
    why=N_(
        "Who wants money in a supplier's name sends an invoice in one that looks like it. A warning, since names are "
        "mistyped, and change; what the bank has written is not told."
    ),
    mend=N_("Write the payee as before, or acknowledge that it is another one, and who has made sure."),
    after=["R908", "R941"],
    sees=EVERY,
    warns=True,
)
def look_alike_payee(books: Books) -> Iterator[Finding]:
    names: dict[str, Counter[str]] = defaultdict(Counter)
    for entry in books.vouchers:
        if not (entry.payee and entry.payee.strip()):
            continue
        known, written = names[party_key(entry.payee)], folded(entry.payee)
        is_asked = written not in map(folded, known) and BANKREF not in entry.meta and _is_judged(entry, books)
        if is_asked and (_paid(entry, books) or _is_suppliers(entry, books)):
            # A party that has been met is compared with itself, another one with all.
            others = [known] if known else [each for each in names.values() if _is_look_alike(entry.payee, each)]
            near = max((each for each in others if each.total() >= WELL_KNOWN), key=Counter.total, default=None)
            if near:
                message = N_("{voucher} is with {payee}, a new name that is like {known}, met in {count} vouchers.")
                values = {
                    "voucher": entry,
                    "payee": entry.payee,
                    "known": max(near, key=lambda each: near[each]),
                    "count": near.total(),
                }
                yield Finding(entry, Subject("voucher", place(entry)), message, values)
        known[entry.payee] += 1


def _is_look_alike(name: str, known: Counter[str]) -> bool:
    return any(are_look_alikes(name, each) for each in known)


def _is_suppliers(entry: data.Transaction, books: Books) -> bool:
    """Tell whether a voucher is an invoice of a supplier."""
    return any(books.roles.has(row.account, Role.SUPPLIERS) for row in entry.postings) and bills(entry, books.roles)


@rule(
    "R953",
    title=N_("A supplier is none of those who work for the federation."),
    why=N_(
        "Who is paid wages or repaid expenses, or signs for the federation, and sends it an invoice, sells to oneself: "
        "KL and the rules on conflicts of interest, and tax on pay that is none. A warning, since it may be allowed."
    ),
    mend=N_("Pay it as wages, or acknowledge who decided to buy of somebody who works here, and when."),
    after=["A614", "R947"],
    sees=EVERY,
    warns=True,
)
def supplier_at_work_here(books: Books) -> Iterator[Finding]:
    here = books.once(_at_work_here)
    for entry in books.having(Role.SUPPLIERS) if here else ():
        is_here = party_key(entry.payee or "") in here and not _OUTLAY.match(entry.narration or "")
        if is_here and _is_judged(entry, books) and _is_suppliers(entry, books):
            message = N_("{voucher} is an invoice of {payee}, who works for the federation.")
            values = {"voucher": entry, "payee": entry.payee}
            yield Finding(entry, Subject("voucher", place(entry)), message, values)


@rule(
    "R957",
    title=N_("A grant, or an asset that leaves, is to none of those who work for the federation."),
    why=N_(
        "KL 6 kap. 28 §: who is paid wages or repaid expenses here does not take part in what is decided for oneself, "
        "and what is paid as a grant, or sold below its worth, may be pay. A warning, since a decision may allow it."
    ),
    mend=N_("Write to whom it is, or acknowledge who decided it, and when, knowing who it is."),
    after=["R947", "G101", "G102", "T154"],
    sees=EVERY,
    warns=True,
)
def given_to_one_at_work_here(books: Books) -> Iterator[Finding]:
    here = books.once(_at_work_here)
    for entry in books.having(Role.GRANTS_PAID, Role.FIXED_ASSETS) if here else ():
        named = (entry.payee, entry.meta.get(PARTY))
        to = next((each for each in named if isinstance(each, str) and party_key(each) in here), None)
        is_grant = any(
            number > 0 and books.roles.has(account, Role.GRANTS_PAID) for account, number in books.rows(entry)
        )
        if to and is_grant and CORRECTS not in entry.meta and _is_judged(entry, books):
            message = N_("{voucher} is a grant to {payee}, who works for the federation.")
            yield Finding(entry, Subject("voucher", place(entry)), message, {"voucher": entry, "payee": to})
            continue
        worth = -sum((number for each, number in books.rows(entry) if books.roles.has(each, Role.FIXED_ASSETS)), ZERO)
        if to and worth > 0 and CORRECTS not in entry.meta and _is_judged(entry, books):
            message = N_(
                "{voucher} lets {payee}, who works for the federation, have an asset that is {worth} kr in the books "
                "for {paid} kr."
            )
            paid = sum((number for each, number in books.rows(entry) if books.roles.has(each, *_PAYS)), ZERO)
            values = {"voucher": entry, "payee": to, "worth": worth, "paid": paid}
            yield Finding(entry, Subject("voucher", place(entry)), message, values)


_PAYS = (Role.MONEY, Role.CUSTOMERS, Role.OTHER_CLAIMS, Role.PAYROLL_DEBTS)
"""Where what somebody gives for an asset stands: in the bank, or as a claim."""


def _at_work_here(books: Books) -> set[str]:
    """Return the names and signatures of those who work for the federation, as names are compared."""
    here = {party_key(name) for person in books.declared(PERSON) for name in (person.sign, person.name)}
    return here | {party_key(entry.payee) for entry in books.vouchers if entry.payee and _is_repaid(entry, books)}


_OUTLAY = re.compile(r"\W*(utlägg|traktamente|reseräkning|reseersättning|milersättning)", re.IGNORECASE)
"""How the text of a voucher begins that repays what somebody has laid out for the federation."""


def _is_repaid(entry: data.Transaction, books: Books) -> bool:
    """Tell whether a voucher repays what somebody who works here has laid out."""
    return bool(_OUTLAY.match(entry.narration or "")) and not any(
        books.roles.has(row.account, Role.SUPPLIERS) for row in entry.postings
    )


@rule(
    "R954",
    title=N_("What somebody has laid out is repaid once."),
    why=N_(
        "A receipt that is handed in twice, or whose invoice the federation has paid too, is paid twice. A warning, "
        "since a ticket may cost the same again."
    ),
    mend=N_("Compare the two documents, and correct the copy (rattar), or acknowledge that there are two."),
    after=["R901", "R905", "R911", "T109", "T111", "T114"],
    sees=EVERY,
    warns=True,
)
def repaid_once(books: Books) -> Iterator[Finding]:
    paid: dict[tuple[str, Decimal], list[data.Transaction]] = defaultdict(list)
    eaten: dict[tuple[str, str, Decimal], data.Transaction] = {}
    corrected = books.once(put_right)
    for entry in books.vouchers:
        cost = _cost(entry, books)
        if cost <= 0 or id(entry) in corrected or not is_reviewed(entry, books):
            continue
        said = [folded(str(entry.meta.get(key) or "")) for key in ("syfte", "deltagare")]
        other = eaten.setdefault((said[0], said[1], cost), entry) if all(said) else entry
        if _is_repaid(entry, books) and entry.payee:
            of_party = paid[party_key(entry.payee), cost]
            if len(of_party) == 1 and entry.date - of_party[0].date < TERM:
                other = of_party[0]
            of_party.append(entry)
        if other is not entry and _is_judged(entry, books):
            message = N_(
                '{voucher} "{text}" is {amount} kr to {payee}, to the öre as {other} of {day}: is it the same?'
            )
            values = {
                "voucher": entry,
                "text": entry.narration or "",
                "amount": cost,
                "payee": entry.payee or "",
                "other": other,
                "day": other.date,
            }
            yield Finding(entry, Subject("voucher", place(entry)), message, values)


TERM = timedelta(366)
"""Within how long a receipt is handed in again."""


def _cost(entry: data.Transaction, books: Books) -> Decimal:
    """Return what a voucher has of costs."""
    return sum((number for account, number in books.rows(entry) if books.roles.has(account, Role.COSTS)), ZERO)


@rule(
    "R955",
    title=N_("What is paid to those who work here, beside their pay, is of the size that it has been."),
    why=N_(
        "A large outlay, a subsidy or a gift that no receipt of that size has stood behind before is money out without "
        "an invoice, and may be pay to be taxed. A warning, since somebody may lay out for all."
    ),
    mend=N_("Compare with the receipt and the rules for the subsidy or gift, or acknowledge who has looked at it."),
    after=["R941", "R948", "R954", "T129", "T134"],
    sees=EVERY,
    warns=True,
)
def outlays_of_usual_size(books: Books) -> Iterator[Finding]:
    here = books.once(_at_work_here)
    largest: dict[str, Decimal] = defaultdict(lambda: ZERO)
    usual: dict[str, list[Decimal]] = defaultdict(list)
    for entry in books.vouchers:
        is_outlay = (
            bool(entry.payee)
            and (party_key(entry.payee or "") in here or _is_gift(entry))
            and not any(books.roles.has(row.account, Role.SUPPLIERS) for row in entry.postings)
            and _paid(entry, books) > 0
        )
        is_judged = is_outlay and CORRECTS not in entry.meta and _is_judged(entry, books)
        for account, number in books.rows(entry):
            name = parse_account(account)
            if not name or number <= 0 or not books.roles.has(account, Role.COSTS):
                continue
            before, known = largest[name.number], usual[name.number]
            # The first gift or subsidy to one is beside none: what is bought for all stands on an invoice.
            if (
                is_judged
                and number >= NOTABLE
                and (
                    (not before and _is_gift(entry))
                    or number > OUTLAY * (before or median(known or [ZERO]))
                    or number > max(known, default=number)
                )
            ):
                message = N_(
                    '{voucher} "{text}" pays {payee} {amount} kr on {account}; the largest so paid before is '
                    "{largest} kr, and the middle of all there {middle} kr."
                )
                values = {
                    "voucher": entry,
                    "text": entry.narration or "",
                    "payee": entry.payee,
                    "amount": number,
                    "account": account,
                    "largest": before,
                    "middle": median(known or [ZERO]),
                }
                yield Finding(entry, Subject("voucher", place(entry)), message, values)
            known.append(number)
            if is_outlay:
                largest[name.number] = max(before, number)


NOTABLE, OUTLAY = Decimal(5000), 5
"""Kronor that nobody often lays out, and how many times the largest before, or the middle one, is too much."""

_GIFT = re.compile(r"\b(gåva|gåvor|gåvokort|presentkort|present|avtackning|friskvård)\w*", re.IGNORECASE)
"""What is given to those who work here."""


def _is_gift(entry: data.Transaction) -> bool:
    return _GIFT.search(entry.narration or "") is not None


@rule(
    "R956",
    title=N_(
        "A supplier's number of organisation and account have their check digits, and the number is one supplier's."
    ),
    why=N_(
        "Money that is sent to a mistyped account goes astray or comes back, and two suppliers of one number are one. "
        "A warning, since a company may have branches and change its name."
    ),
    mend=N_("Write the number as the invoice has it, or acknowledge that the two names are of one company."),
    after=["R905", "R947", "R951"],
    sees=Sees(keys=(SUPPLIER, *ACCOUNTS)),
    warns=True,
)
def numbers_of_suppliers(books: Books) -> Iterator[Finding]:
    whose: dict[str, data.Transaction] = {}
    for entry in books.vouchers:
        if not _is_judged(entry, books):
            continue
        subject = Subject("voucher", place(entry))
        for key in (SUPPLIER, *ACCOUNTS):
            written = entry.meta.get(key)
            if not isinstance(written, str) or not written.strip():
                continue
            digits = bare(written)
            if is_payable(key, written) if key != SUPPLIER else _is_organisation(digits):
                continue
            message = N_("{key} {written} of {voucher} is no such number: its check digit or its length is wrong.")
            yield Finding(entry, subject, message, {"key": key, "written": written, "voucher": entry})
        number = plain_number(str(entry.meta.get(SUPPLIER) or ""))
        other = whose.setdefault(number, entry) if number and entry.payee else entry
        if other is not entry and not same_party(entry.payee or "", other.payee or ""):
            message = N_(
                "{voucher} of {payee} and {other} of {other_payee} have the same number, {number}: are they one?"
            )
            values = {
                "voucher": entry,
                "payee": entry.payee,
                "other": other,
                "other_payee": other.payee,
                "number": str(entry.meta[SUPPLIER]),
            }
            yield Finding(entry, subject, message, values)


def _is_organisation(digits: str) -> bool:
    """Tell whether ten digits, or twelve with a century or 16 before them, may number a company; others are foreign."""
    if not (digits.isdecimal() and len(digits) in (10, 12)):
        return not digits.isdecimal()
    return has_luhn(digits[-10:])


@rule(
    "R948",
    title=N_("What is bought of a supplier that invoices is paid by its invoice."),
    why=N_(
        "A purchase straight from the bank goes past the ledger of suppliers: the same thing is paid again when its "
        "invoice comes. A warning, since a supplier may take cards too; it is told the first time."
    ),
    mend=N_("Book the invoice on suppliers' debts with a link, and the payment on that, or acknowledge the purchase."),
    after=["R941", "R947"],
    sees=EVERY,
    warns=True,
)
def past_its_invoices(books: Books) -> Iterator[Finding]:
    billed, straight = Counter[str](), set[str]()
    last: dict[str, date] = {}
    for entry in books.vouchers:
        party = party_key(entry.payee or "")
        if not party or party in straight:
            continue
        if _is_suppliers(entry, books):
            billed[party] += 1
            last[party] = entry.date
        elif _paid(entry, books, Role.CASH) and bought_past_suppliers(entry, books) and CORRECTS not in entry.meta:
            straight.add(party)
            invoices = billed[party] >= WELL_KNOWN or (party in last and entry.date - last[party] <= RECENT)
            if invoices and _is_judged(entry, books):
                message = N_(
                    "{voucher} buys of {payee} for {amount} kr straight from the bank; before there was an invoice "
                    "({count})."
                )
                values = {
                    "voucher": entry,
                    "payee": entry.payee,
                    "amount": _paid(entry, books, Role.CASH),
                    "count": billed[party],
                }
                yield Finding(entry, Subject("voucher", place(entry)), message, values)


@rule(
    "R949",
    title=N_("Withheld tax, fees, VAT and premiums are paid to whom they always were."),
    why=N_(
        "What is due to the state or a pension fund is large, comes back, and is seldom read: a small part of it that "
        "goes to somebody else is not missed. A warning, since an account may get a second payee."
    ),
    mend=N_("Book it on what it is, or write who is paid; acknowledge a payee that is new on the account."),
    after=["R941", "R947", "T132"],
    sees=EVERY,
    warns=True,
)
def usual_payee(books: Books) -> Iterator[Finding]:
    rows: dict[str, list[tuple[data.Transaction, data.Posting]]] = defaultdict(list)
    for account, own in books.postings.items():
        name = parse_account(account)
        if name and _is_ones_own(account, books.roles):
            rows[name.number] += own
    for number, own in sorted(rows.items()):
        paid: dict[str, dict[int, data.Transaction]] = defaultdict(dict)
        for entry, row in sorted(own, key=lambda each: each[0].date):
            party = party_key(entry.payee or "")
            if not party or number_of(row) <= 0 or not _paid(entry, books):
                continue
            usual = next(iter(paid), None) if len(paid) == 1 else None
            if usual and usual != party and len(paid[usual]) >= ALWAYS and _is_judged(entry, books):
                message = N_(
                    "{voucher} pays {amount} kr to {payee} on {number}; {count} payments before went to {usual}."
                )
                values = {
                    "voucher": entry,
                    "amount": number_of(row),
                    "payee": entry.payee,
                    "number": number,
                    "count": len(paid[usual]),
                    "usual": next(iter(paid[usual].values())).payee,
                }
                yield Finding(entry, Subject("voucher", place(entry)), message, values, posting=row)
            paid[party][id(entry)] = entry
    yield from _tax_to_another(rows, books)


def _tax_to_another(
    rows: Mapping[str, Sequence[tuple[data.Transaction, data.Posting]]], books: Books
) -> Iterator[Finding]:
    """Yield tax that is seldom paid, as that on pensions once a year, to another than all other tax is paid to."""
    paid: dict[str, list[tuple[data.Transaction, data.Posting]]] = {}
    for number, own in rows.items():
        if books.roles.has(own[0][1].account, "personalskatter"):
            paid[number] = [each for each in own if each[0].payee and number_of(each[1]) > 0 and _paid(each[0], books)]
    for number, own in sorted(paid.items()):
        others = [entry for other, each in paid.items() if other != number for entry, _ in each]
        known = Counter(party_key(entry.payee or "") for entry in others)
        is_seldom = len({id(entry) for entry, _ in own}) < ALWAYS
        for entry, row in own if is_seldom and len(known) == 1 and known.total() >= ALWAYS else ():
            if party_key(entry.payee or "") not in known and _is_judged(entry, books):
                message = N_("{voucher} pays {amount} kr to {payee} on {number}; all other tax is paid to {usual}.")
                values = {
                    "voucher": entry,
                    "amount": number_of(row),
                    "payee": entry.payee,
                    "number": number,
                    "usual": others[0].payee,
                }
                yield Finding(entry, Subject("voucher", place(entry)), message, values, posting=row)


@cache
def _is_ones_own(account: str, roles: Roles) -> bool:
    """Tell whether an account is of debts and costs that one party is paid."""
    return roles.has(account, Role.PAYROLL_DEBTS, Role.OUTPUT_VAT, Role.TAX_ACCOUNT, Role.PAYROLL_FEES)


@rule(
    "R951",
    title=N_("An account that money goes to is one party's."),
    why=N_(
        "Two suppliers with one bankgiro are one, or somebody has written the own account on another's invoice. A "
        "warning, since suppliers pledge their invoices to one bank, and change their names."
    ),
    mend=N_("Compare with the invoices, and write the account that stands on each, or acknowledge who has made sure."),
    after=["R945", "R947"],
    sees=Sees(keys=ACCOUNTS),
    warns=True,
)
def account_of_another(books: Books) -> Iterator[Finding]:
    holders: dict[str, data.Transaction] = {}
    for entry in books.vouchers:
        for key in ACCOUNTS if entry.payee else ():
            number = plain_number(str(entry.meta.get(key) or ""))
            holder = holders.setdefault(number, entry) if number else entry
            # Whose an account is, is known in the first year of the books as in any other.
            is_asked = not books.is_sealed(entry.date) and is_reviewed(entry, books)
            if same_party(holder.payee or "", entry.payee or "") or not is_asked:
                continue
            message = N_("{voucher} of {payee} names {key} {account}, which {other} has as that of {other_payee}.")
            values = {
                "voucher": entry,
                "payee": entry.payee,
                "key": key,
                "account": entry.meta[key],
                "other": holder,
                "other_payee": holder.payee,
            }
            yield Finding(entry, Subject("voucher", place(entry)), message, values)


@rule(
    "R952",
    title=N_("What is paid, or owed to a supplier, is of the party that it is with."),
    why=N_("A grant, a fee or an invoice that is one party's is paid to another, under the name of the first."),
    mend=N_("Write the payee and `motpart` of the one who is paid, or acknowledge who is paid for whom."),
    after=["R908", "R941", "R949"],
    sees=Sees(roles=(Role.MONEY, Role.SUPPLIERS)),
    warns=True,
)
def party_is_paid(books: Books) -> Iterator[Finding]:
    for entry in books.having(Role.MONEY, Role.SUPPLIERS):
        if not entry.payee or not _is_judged(entry, books):
            continue
        party = entry.meta.get(PARTY)
        if isinstance(party, str) and party and not same_party(party, entry.payee) and _paid(entry, books):
            message = N_("{voucher} pays {amount} kr to {payee}, while {key} is {party}.")
            values = {
                "voucher": entry,
                "amount": _paid(entry, books),
                "payee": entry.payee,
                "key": PARTY,
                "party": party,
            }
            yield Finding(entry, Subject("voucher", place(entry)), message, values)
            continue
        for row in entry.postings:
            of_row = (row.meta or {}).get(PARTY)
            known = [each for each in (entry.payee, party) if isinstance(each, str)]
            if not (isinstance(of_row, str) and of_row) or any(same_party(of_row, each) for each in known):
                continue
            # A cost may be of another than who is paid: of a shop that took the card, or of who did the work.
            if number_of(row) < 0 and books.roles.has(row.account, Role.MONEY, Role.SUPPLIERS):
                message = N_("{voucher} is with {payee}, but {amount} kr on {account} is for {party} by its {key}.")
                values = {
                    "voucher": entry,
                    "payee": entry.payee,
                    "amount": -number_of(row),
                    "account": row.account,
                    "party": of_row,
                    "key": PARTY,
                }
                yield Finding(entry, Subject("voucher", place(entry)), message, values, posting=row)
                break


@rule(
    "R929",
    title=N_("A supplier that is new is paid when its invoice is due, not long before."),
    why=N_(
        "Who is to be paid before anybody looks asks to be paid at once. A warning, since a discount or a reminder may "
        "be behind it; it is told of a first payment, where no invoice has been paid so early."
    ),
    mend=N_("Let who approved it say why it could not wait, and acknowledge it, or put the day or the due day right."),
    after=["R906", "R908", "R924", "T116", "T166", "T172"],
    sees=Sees(roles=(Role.SUPPLIERS,)),
    warns=True,
)
def paid_early(books: Books) -> Iterator[Finding]:
    due: dict[str, date] = {}
    counted, earliest, known = 0, 0, set[str]()
    for entry in books.having(Role.SUPPLIERS):
        if len(entry.links) != 1:
            continue
        [link] = entry.links
        if isinstance(day := entry.meta.get(DUE), date):
            due.setdefault(link, day)
        if link not in due or not _paid(entry, books):
            continue
        early = (due[link] - entry.date).days
        party = party_key(entry.payee or "")
        is_far = early > max(OF_EARLIEST * earliest, earliest + A_WEEK) and party not in known
        known.add(party)
        if counted >= PAID_OFTEN and is_far and _is_judged(entry, books):
            message = N_(
                "{voucher} pays {amount} kr to {payee} {days} days before it is due; of the {count} paid before, none "
                "was more than {most} days early."
            )
            values = {
                "voucher": entry,
                "amount": _paid(entry, books),
                "payee": entry.payee or Message(N_("nobody named")),
                "days": early,
                "count": counted,
                "most": earliest,
            }
            yield Finding(entry, Subject("voucher", place(entry)), message, values)
            continue
        counted, earliest = counted + 1, max(earliest, early)


PAID_OFTEN, OF_EARLIEST, A_WEEK = 30, 2, 7
"""How many payments tell when invoices are paid, and how many times, and days, earlier than any one is strange."""


# Where money is kept


@rule(
    "R946",
    title=N_("A new account of money is decided on."),
    why=N_(
        "The board decides where the federation keeps its money. What is received on an account that nobody knows of "
        "is out of reach."
    ),
    mend=N_("Acknowledge the account where it is opened, with the decision: its day and paragraph."),
    after=["C107"],
    sees=EVERY,
    warns=True,
)
def new_money_account(books: Books) -> Iterator[Finding]:
    for account, opened in books.opens.items():
        is_new = bool(books.vouchers) and opened.date.year > books.first_year and not books.is_sealed(opened.date)
        if books.roles.has(account, Role.MONEY) and is_new:
            message = N_("{account} is an account of money that is opened {day}: who has decided it?")
            values = {"account": account, "day": opened.date}
            yield Finding(opened, Subject("account", account), message, values)
