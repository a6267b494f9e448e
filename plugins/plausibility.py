"""Plausibility: what may be right and seldom is, so that a person looks at it.

    2025-03-12 * "Leverantör 012 El" "Elnät mars" ^L-2025-0031
      ver: "C 1"

All rules here warn; a warning is put right, or acknowledged (plugins.acknowledgements).
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from itertools import islice

from beancount.core import data

from forbundsbok.plugins.accounts import parse_account, unit_of
from forbundsbok.plugins.assets import registers
from forbundsbok.plugins.books import Books
from forbundsbok.plugins.corrections import CORRECTS, Booking, Row, corrected_numbers, has_amount, number_of
from forbundsbok.plugins.decisions import DECISION, names_decision
from forbundsbok.plugins.findings import Finding, Message, Subject
from forbundsbok.plugins.imports import UNDERLAG, moved_in
from forbundsbok.plugins.internal import PARTY
from forbundsbok.plugins.invoices import INVOICES, booked_invoices, debt_of
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.money import ZERO
from forbundsbok.plugins.months import Month, shifted
from forbundsbok.plugins.numbers import read_ver
from forbundsbok.plugins.parties import folded, party_key
from forbundsbok.plugins.places import place
from forbundsbok.plugins.provisions import PROVISION
from forbundsbok.plugins.recurrence import lasting
from forbundsbok.plugins.review import is_reviewed
from forbundsbok.plugins.rights import ATTEST, MOTTAGNING
from forbundsbok.plugins.roles import Role, Roles
from forbundsbok.plugins.rulebook import EVERY, Sees, rule
from forbundsbok.plugins.spelling import is_misspelt
from forbundsbok.plugins.vouchers import Numbering

ESTABLISHED = 3
"""How many series books use before a new one is strange."""


@rule(
    "T101",
    title=N_("A voucher is of a series that the books use."),
    why=N_("A mistyped letter begins a series of its own with number 1, which no gap shows."),
    mend=N_("Write the right series and its next number, or acknowledge the first voucher of a new series."),
    sees=EVERY,
    warns=True,
)
def series_in_use(books: Books) -> Iterator[Finding]:
    # Books that have just begun use few series, and take each for the first time.
    by_year: dict[int, dict[str, list[data.Transaction]]] = defaultdict(lambda: defaultdict(list))
    for entry in books.vouchers:
        by_year[entry.date.year][str(entry.meta.get("ver")).partition(" ")[0]].append(entry)
    used: set[str] = set()
    for year, begun in sorted(by_year.items()):
        # Two numbers that can be read tell whether a series has one, more or none.
        readable = {series: list(islice(filter(read_ver, own), 2)) for series, own in sorted(begun.items())}
        own = {series: entries for series, entries in readable.items() if entries}
        for series, entries in own.items() if len(used) >= ESTABLISHED else ():
            if series not in used and len(entries) == 1:
                message = N_("{voucher} is the only one of series {series} in {year}, and none was used before.")
                values = {"voucher": entries[0], "series": series, "year": year}
                yield Finding(entries[0], Subject("voucher", place(entries[0])), message, values)
        used |= own.keys()


KNOWN = 20
"""How many vouchers of a kind must be of one series before one of another series is strange."""


@rule(
    "T112",
    title=N_("Invoices, payments and pay are of the series that all others of their kind are of."),
    why=N_("A voucher of another series is not where one looks for it, and its number is taken from that series."),
    mend=N_("Write the series of its kind and its next number, or acknowledge it."),
    after=["T101"],
    sees=EVERY,
    warns=True,
)
def usual_series(books: Books) -> Iterator[Finding]:
    kinds: dict[str, dict[str, list[data.Transaction]]] = defaultdict(lambda: defaultdict(list))
    for entry in books.vouchers:
        kind = _kind_of(books.rows(entry), books)
        if kind and (ver := read_ver(entry)) and CORRECTS not in entry.meta:
            kinds[kind][ver.series].append(entry)
    for kind, own in kinds.items():
        usual = max(own, key=lambda series: len(own[series]))
        strange = [entry for series, entries in own.items() if series != usual for entry in entries]
        if len(strange) == 1 and len(own[usual]) >= KNOWN and is_reviewed(strange[0], books):
            entry = strange[0]
            message = N_("{voucher} is {kind}; the {count} others are of series {usual}.")
            values = {"voucher": entry, "kind": Message(kind), "count": len(own[usual]), "usual": usual}
            yield Finding(entry, Subject("voucher", place(entry)), message, values)


_TELLING = (Role.SUPPLIERS, Role.CUSTOMERS, Role.MONEY, Role.EQUITY, Role.PAYROLL_DEBTS)
"""What accounts tell which kind of voucher one is."""


@cache
def _telling(account: str, roles: Roles) -> Role | None:
    return next((role for role in _TELLING if roles.has(account, role)), None)


def _kind_of(rows: Iterable[Row], books: Books) -> str:
    """Return what kind of voucher some rows are, "" where they are none of those that have a series of their own."""
    owed = claimed = money = ZERO
    is_pay = False
    for account, number in rows:
        telling = _telling(account, books.roles)
        if telling is Role.SUPPLIERS:
            owed -= number
        elif telling is Role.CUSTOMERS:
            claimed += number
        elif telling is Role.MONEY:
            money += number
        elif telling is Role.EQUITY:
            return ""
        elif telling is Role.PAYROLL_DEBTS and number < 0:
            is_pay = True
    if is_pay and not (owed or claimed or money):
        return N_("pay")
    if owed and not claimed and not is_pay:
        if owed < 0 and money < 0:
            return N_("a payment to a supplier")
        return "" if money or owed < 0 else N_("a supplier's invoice")
    if claimed and not owed and not is_pay:
        if claimed < 0 and money > 0:
            return N_("a customer's payment")
        return "" if money or claimed < 0 else N_("a customer's invoice")
    return ""


# Signatures

OFTEN = 5
"""How often a signature must stand before one like it is strange."""


@rule(
    "T113",
    title=N_("Who received is written as before."),
    why=N_("Where people are not registered, a mistyped signature is of nobody who can tell what was received."),
    mend=N_("Write the signature that is meant, or acknowledge that it is somebody new."),
    after=["A615"],
    sees=Sees(keys=(MOTTAGNING,)),
    warns=True,
)
def receiver_misspelt(books: Books) -> Iterator[Finding]:
    uses: dict[str, list[data.Transaction]] = defaultdict(list)
    for entry in books.vouchers:
        written = entry.meta.get(MOTTAGNING)
        if written and isinstance(written, str):
            uses[written.strip()].append(entry)
    often = [sign for sign, entries in uses.items() if len(entries) >= OFTEN]
    for sign, entries in uses.items():
        known = [each for each in often if is_misspelt(sign, each)]
        if len(entries) == 1 and known and is_reviewed(entries[0], books):
            entry = entries[0]
            near = max(known, key=lambda each: sum(_approves(other) == _approves(entry) for other in uses[each]))
            message = N_("{voucher} is received by {sign}, who has received nothing else. Is {near} meant?")
            values = {"voucher": entry, "sign": sign, "near": near}
            yield Finding(entry, Subject("voucher", place(entry)), message, values)


def _approves(entry: data.Transaction) -> object:
    return entry.meta.get(ATTEST)


# Signs

SMALL = Decimal(10)
"""Kronor below which a cost in credit, or an income in debit, is rounding or a difference."""

_REVERSES = re.compile(
    r"kredit|åter|rätt|retur|makul|rabatt|bonus|omför|omvärder|juster|ersättning|nedsätt|vidarefakt", re.IGNORECASE
)
"""What a voucher says that takes back what was booked."""

_MAY_REVERSE = (Role.PREPAID, Role.ACCRUED, Role.PROVISIONS, Role.EQUITY)

_OF_WORK = (Role.PAY, Role.PAYROLL_FEES)

_LOWERS_STORE = re.compile(r"nedskriv|utrang|inkurans|svinn|kasser|såld|sålt|uttag", re.IGNORECASE)
"""What a voucher says that leaves less in store than there was, and not more."""

_RESULT = (Role.COSTS, Role.INCOME)

SIGNS = Sees(roles=(Role.COSTS, Role.INCOME), keys=(CORRECTS,))


class _Reversed:
    """A booking that takes back costs or income, and does not say so."""

    def __init__(self, booking: Booking, sums: dict[str, Decimal], books: Books) -> None:
        self.voucher = booking.first
        self.subject = Subject("voucher", place(booking.first))
        self.cost = sum((number for account, number in sums.items() if books.roles.has(account, Role.COSTS)), ZERO)
        self.income = sum((number for account, number in sums.items() if books.roles.has(account, Role.INCOME)), ZERO)
        debt = debt_of(books, *booking.vouchers)
        self.owed = debt.owed if debt else ZERO


def taken_back(books: Books) -> list[_Reversed]:
    """Return the bookings whose costs are in credit, or whose income is in debit, with nothing that says why."""
    elsewhere = books.once(moved_in)
    odd: dict[int, data.Transaction] = {}
    for account, rows in books.postings.items():
        sign = -1 if books.roles.has(account, Role.COSTS) else 1 if books.roles.has(account, Role.INCOME) else 0
        for entry, row in rows if sign else ():
            if sign * number_of(row) > 0 and has_amount(row, books.currency):
                odd[id(entry)] = entry
    return [
        found
        for booking in books.bookings(entry for entry in odd.values() if not _says_so(entry))
        if not any(_says_so(entry) or entry.meta.get(UNDERLAG) in elsewhere for entry in booking.vouchers)
        and (sums := booking.sums(books.currency))
        and not any(number and _may_reverse(account, booking.first, books) for account, number in sums.items())
        and not _is_own_work(sums, books)
        and (found := _Reversed(booking, sums, books))
        and (found.cost <= -SMALL or found.income >= SMALL)
        and not _follows(booking.first, books)
    ]


def _may_reverse(account: str, entry: data.Transaction, books: Books) -> bool:
    """Tell whether a row lets costs stand in credit: what was booked before comes back, or a count finds more."""
    counted = books.roles.has(account, Role.STORE) and not _LOWERS_STORE.search(entry.narration or "")
    return counted or books.roles.has(account, *_MAY_REVERSE)


def _is_own_work(sums: Mapping[str, Decimal], books: Books) -> bool:
    """Tell whether pay becomes part of what unfinished plant has cost (RKR R4)."""
    built = sum((number for account, number in sums.items() if books.roles.has(account, "pagaende")), ZERO)
    pay = sum((number for account, number in sums.items() if books.roles.has(account, *_OF_WORK)), ZERO)
    return built > 0 and built == -pay


def _says_so(entry: data.Transaction) -> bool:
    return CORRECTS in entry.meta or bool(_REVERSES.search(entry.narration or ""))


def _follows(entry: data.Transaction, books: Books) -> bool:
    """Tell whether a voucher takes back one of before that has the same link."""
    accounts = [row.account for row in entry.postings if books.roles.has(row.account, Role.SUPPLIERS, Role.CUSTOMERS)]
    return bool(entry.links) and any(
        other is not entry and other.date <= entry.date and other.links and entry.links & other.links
        for account in accounts
        for other, _ in books.postings[account]
    )


@rule(
    "T102",
    title=N_("A supplier invoice owes; one that lowers what is owed is a credit note, and says so."),
    why=N_("With all signs reversed an invoice balances, but lowers both the cost and what is owed."),
    mend=N_("Turn the signs, or write in its text that it is a credit note and link it to the invoice."),
    sees=SIGNS,
    warns=True,
)
def invoice_reversed(books: Books) -> Iterator[Finding]:
    for each in books.once(taken_back):
        if each.owed < 0:
            message = N_(
                "{voucher} lowers what is owed by {amount} kr, but does not say that it is a credit note, and follows "
                "no invoice: are its signs reversed?"
            )
            yield Finding(each.voucher, each.subject, message, {"voucher": each.voucher, "amount": -each.owed})


@rule(
    "T103",
    title=N_("A cost stands in debit, unless it is taken back."),
    why=N_("With its signs reversed a voucher balances, and the cost is wrong by twice the amount."),
    mend=N_("Turn the signs, or write in its text what it takes back, as a credit note, a refund or a correction."),
    after=["T102"],
    sees=SIGNS,
    warns=True,
)
def cost_in_credit(books: Books) -> Iterator[Finding]:
    for each in books.once(taken_back):
        if each.cost <= -SMALL:
            message = N_("The costs of {voucher} are {amount} kr in credit: are its signs reversed?")
            yield Finding(each.voucher, each.subject, message, {"voucher": each.voucher, "amount": -each.cost})


@rule(
    "T104",
    title=N_("A fee or another income stands in credit, unless it is taken back."),
    why=N_("With its signs reversed a voucher balances, and the income is wrong by twice the amount."),
    mend=N_("Turn the signs, or write in its text what it takes back, as a credit note, a refund or a correction."),
    after=["T102", "T103"],
    sees=SIGNS,
    warns=True,
)
def income_in_debit(books: Books) -> Iterator[Finding]:
    for each in books.once(taken_back):
        if each.income >= SMALL:
            message = N_("The income of {voucher} is {amount} kr in debit: are its signs reversed?")
            yield Finding(each.voucher, each.subject, message, {"voucher": each.voucher, "amount": each.income})


@rule(
    "T144",
    title=N_("What a supplier pays back comes into the bank, and lowers the cost and its VAT."),
    why=N_(
        "In cash nobody sees from whom it came, and a cost that is taken back in cash can be taken out again. As "
        "income it leaves the cost too high, and VAT deducted that nobody has paid (ML 13 kap.). A warning, since a "
        "supplier may become a customer."
    ),
    mend=N_("Let it be paid to the bank, against the cost and the input VAT, or acknowledge what has been paid."),
    after=["T103", "T107"],
    sees=Sees(roles=(Role.CASH, Role.MONEY, Role.SUPPLIERS, Role.INCOME, Role.CUSTOMERS)),
    warns=True,
)
def supplier_pays_back(books: Books) -> Iterator[Finding]:
    yield from _refund_in_cash(books)
    billed, paying = Counter[str](), set[str]()
    for entry in books.having(Role.SUPPLIERS, Role.INCOME, Role.CUSTOMERS):
        party = party_key(entry.payee or "")
        if not party or party in paying:
            continue
        rows = books.rows(entry)
        if any(number < 0 and books.roles.has(account, Role.SUPPLIERS) for account, number in rows):
            has_vat = any(number > 0 and books.roles.has(account, Role.INPUT_VAT) for account, number in rows)
            billed[party] += has_vat
            continue
        income = -sum((number for account, number in rows if books.roles.has(account, Role.INCOME)), ZERO)
        claims = any(books.roles.has(account, Role.CUSTOMERS) for account, _ in rows)
        if income <= 0 and not claims:
            continue
        paying.add(party)
        has_vat = any(books.roles.has(account, Role.OUTPUT_VAT) for account, _ in rows)
        is_new = is_reviewed(entry, books) and not books.is_sealed(entry.date)
        if billed[party] >= OFTEN_BILLED and income > SMALL and not (claims or has_vat) and is_new:
            message = N_(
                "{voucher} has {amount} kr from {payee} as income without VAT; {count} invoices of that party were "
                "costs with VAT, and it has paid for nothing before. Is it a refund?"
            )
            values = {"voucher": entry, "amount": income, "payee": entry.payee, "count": billed[party]}
            yield Finding(entry, Subject("voucher", place(entry)), message, values)


OFTEN_BILLED = 3
"""How many invoices a party has sent that is a supplier."""


def _refund_in_cash(books: Books) -> Iterator[Finding]:
    for entry in books.having(Role.CASH):
        rows = books.rows(entry)
        cash = sum((number for account, number in rows if books.roles.has(account, Role.CASH)), ZERO)
        cost = sum((number for account, number in rows if books.roles.has(account, Role.COSTS)), ZERO)
        is_new = is_reviewed(entry, books) and not books.is_sealed(entry.date)
        if cash > 0 and cost <= -SMALL and CORRECTS not in entry.meta and is_new:
            message = N_("{voucher} takes back {amount} kr of cost, and the money comes in as cash.")
            values = {"voucher": entry, "amount": -cost}
            yield Finding(entry, Subject("voucher", place(entry)), message, values)


_NO_INCOME: Mapping[str, tuple[re.Pattern[str], tuple[Role | str, ...]]] = {
    N_("equity"): (re.compile(r"kapitaltillskott|insatskapital|andelskapital", re.IGNORECASE), (Role.EQUITY,)),
    N_("a grant to an investment, released over the asset's life"): (
        re.compile(r"investeringsbidrag", re.IGNORECASE),
        ("investeringsbidrag", "upplost-investeringsbidrag", Role.GRANTS_PAID),
    ),
    N_("a loan"): (re.compile(r"\b(nytt|upptaget|nyupptaget) lån\b|upplåning", re.IGNORECASE), (Role.LOANS,)),
}
"""What a text says of money that is no income, by what it is: how it says so, and where that is booked."""


@rule(
    "T149",
    title=N_("Capital, loans and grants to investments are no income when they come."),
    why=N_(
        "LKBR 5 and 6 kap., RKR R2: capital is equity, a loan is a debt, and a grant to an investment is a debt that "
        "is released over the asset's life. Taken off the asset it hides what that cost."
    ),
    mend=N_("Book it on the account that is meant, or acknowledge what it is, if its text says something else."),
    after=["N106"],
    sees=Sees(roles=(Role.INCOME, Role.FIXED_ASSETS)),
    warns=True,
)
def no_income(books: Books) -> Iterator[Finding]:
    for entry in books.having(Role.INCOME, Role.FIXED_ASSETS):
        if CORRECTS in entry.meta or books.is_sealed(entry.date):
            continue
        for what, (says, proper) in _NO_INCOME.items():
            if not says.search(entry.narration or ""):
                continue
            rows = books.rows(entry)
            is_proper = any(books.roles.has(account, *proper) for account, _ in rows)
            comes = any(
                number > 0 and books.roles.has(account, Role.MONEY, Role.OTHER_CLAIMS, Role.CUSTOMERS)
                for account, number in rows
            )
            taken = [
                (account, -number)
                for account, number in rows
                if books.roles.has(account, Role.INCOME, Role.FIXED_ASSETS)
            ]
            account, amount = max(taken, key=lambda row: row[1])
            if comes and not is_proper and amount >= SMALL:
                message = N_('{voucher} "{text}" books {amount} kr on {account}, but that is {what}.')
                values = {"voucher": entry, "text": entry.narration, "amount": amount, "account": account}
                yield Finding(entry, Subject("voucher", place(entry)), message, {**values, "what": Message(what)})
                break


@rule(
    "T145",
    title=N_("A unit that owes a supplier has bought something itself."),
    why=N_("A debt of one unit for a cost of another one makes both results wrong, and is paid by who did not buy."),
    mend=N_("Write the cost and the debt on the same unit, or acknowledge why they are apart."),
    after=["T107", "A603"],
    sees=INVOICES,
    warns=True,
)
def owes_for_another(books: Books) -> Iterator[Finding]:
    for invoice in books.once(booked_invoices):
        entry = invoice.booking.first
        if len(invoice.booking.vouchers) > 1 or books.is_sealed(entry.date):
            continue
        owing = {unit_of(account) for account, _ in books.rows(entry) if books.roles.has(account, Role.SUPPLIERS)}
        buying = sorted(unit for unit, number in invoice.debt.bought.items() if number)
        if owing and buying and owing.isdisjoint(buying):
            message = N_("{voucher} is a cost of {buying}, but owed by {owing}.")
            values = {"voucher": entry, "buying": buying, "owing": sorted(owing)}
            yield Finding(entry, Subject("voucher", place(entry)), message, values)


@rule(
    "T146",
    title=N_("The cash box is filled with what it can need."),
    why=N_(
        "Money that is taken from the bank as cash is out of sight: more than the box has ever held is for no change."
    ),
    mend=N_("Put it back into the bank, or acknowledge what so much cash is for."),
    sees=Sees(roles=(Role.CASH,)),
    warns=True,
)
def cash_from_bank(books: Books) -> Iterator[Finding]:
    held: dict[str, Decimal] = defaultdict(Decimal)
    most: dict[str, Decimal] = defaultdict(Decimal)
    for entry in books.having(Role.CASH):
        rows = books.rows(entry)
        taken = -sum((number for account, number in rows if _is_bank(account, books)), ZERO)
        for account, number in rows:
            if not books.roles.has(account, Role.CASH):
                continue
            is_new = is_reviewed(entry, books) and not books.is_sealed(entry.date) and CORRECTS not in entry.meta
            if taken >= number > most[account] > 0 and is_new:
                message = N_(
                    "{voucher} takes {amount} kr from the bank to {account}, which never held more than {most} kr."
                )
                values = {"voucher": entry, "amount": number, "account": account, "most": most[account]}
                yield Finding(entry, Subject("voucher", place(entry)), message, values)
            held[account] += number
            most[account] = max(most[account], held[account])


def _is_bank(account: str, books: Books) -> bool:
    return books.roles.has(account, Role.MONEY) and not books.roles.has(account, Role.CASH)


@rule(
    "T147",
    title=N_("Shares are worth what was paid for them, until they are sold."),
    why=N_(
        "LKBR 6 kap.: what shares may have become worth is no income; written up, they make a result that nobody has."
    ),
    mend=N_("Take the write-up back, or acknowledge by which rule it is made."),
    sees=Sees(roles=(Role.SHARES,)),
    warns=True,
)
def shares_written_up(books: Books) -> Iterator[Finding]:
    for entry in books.having(Role.SHARES):
        rows = books.rows(entry)
        raised = sum((number for account, number in rows if books.roles.has(account, Role.SHARES)), ZERO)
        earned = -sum((number for account, number in rows if books.roles.has(account, Role.INCOME)), ZERO)
        if raised > 0 and earned >= SMALL and is_reviewed(entry, books) and not books.is_sealed(entry.date):
            message = N_("{voucher} raises shares by {amount} kr, of which {earned} kr is income.")
            values = {"voucher": entry, "amount": raised, "earned": earned}
            yield Finding(entry, Subject("voucher", place(entry)), message, values)


@rule(
    "T153",
    title=N_("Shares that are sold bring in what they are worth in the books, or are sold by a decision."),
    why=N_("Shares that leave for little are given to whoever gets them; the loss is seen on no account of its own."),
    mend=N_("Write beslut below the voucher: who decided on the price, the day and the paragraph; or acknowledge it."),
    sees=Sees(roles=(Role.SHARES,)),
    warns=True,
)
def shares_given_away(books: Books) -> Iterator[Finding]:
    for entry in books.having(Role.SHARES):
        rows = books.rows(entry)
        gone = -sum((number for account, number in rows if books.roles.has(account, Role.SHARES)), ZERO)
        # What they have lost in value, and are kept, is told by its account.
        loss = sum((number for account, number in rows if _is_lost(account, books)), ZERO)
        is_new = is_reviewed(entry, books) and not books.is_sealed(entry.date) and CORRECTS not in entry.meta
        if gone > 0 and 2 * loss > gone and is_new and not names_decision(entry):
            message = N_(
                "{voucher} takes {amount} kr of shares away and loses {loss} kr, by no decision that is named."
            )
            values = {"voucher": entry, "amount": gone, "loss": loss}
            yield Finding(entry, Subject("voucher", place(entry)), message, values)


_UNREALISED = ("orealiserad-vinst", "orealiserad-forlust")
"""What becomes of the value of shares that are kept."""


def _is_lost(account: str, books: Books) -> bool:
    return books.roles.has(account, *_RESULT) and not books.roles.has(account, *_UNREALISED)


@rule(
    "T154",
    title=N_("What is left of an asset that is gone is a loss, or is paid by somebody."),
    why=N_(
        "RKR R4: an asset that is scrapped, stolen or sold leaves the books with what it is worth there. A claim on "
        "nobody in its place is a loss that is not told."
    ),
    mend=N_("Book the loss as a cost, or the claim with the payee who is to pay it."),
    after=["D702", "D704"],
    sees=Sees(roles=(Role.FIXED_ASSETS,)),
    warns=True,
)
def gone_for_a_claim(books: Books) -> Iterator[Finding]:
    for entry in books.having(Role.FIXED_ASSETS):
        rows = books.rows(entry)
        gone = -sum((number for account, number in rows if books.roles.has(account, Role.FIXED_ASSETS)), ZERO)
        kept = [row for row in rows if row[1] >= SMALL and _is_kept(row[0], books)]
        is_new = is_reviewed(entry, books) and not books.is_sealed(entry.date) and CORRECTS not in entry.meta
        if gone > 0 and kept and not entry.payee and is_new:
            message = N_("{voucher} takes away what was worth {worth} kr, and leaves {amount} kr of it on {account}.")
            values = {"voucher": entry, "worth": gone, "amount": kept[0][1], "account": kept[0][0]}
            yield Finding(entry, Subject("voucher", place(entry)), message, values)


_SOLD = re.compile(r"\b(?:försälj\w*|försål\w*|såld\w*|sålt|sälj\w*|avyttr\w*|inbyte)\b", re.IGNORECASE)
"""How a text says that something is sold."""


@rule(
    "T174",
    title=N_("An asset that is sold leaves the register."),
    why=N_(
        "RKR R4: what is sold is taken away with its depreciation, and what is over or lacks is the gain or the loss. "
        "Booked as income alone it is depreciated though somebody else has it."
    ),
    mend=N_("Write the directive utrangering with the asset's name, and take its cost and depreciation off."),
    after=["D704"],
    sees=EVERY,
    warns=True,
)
def sold_and_kept(books: Books) -> Iterator[Finding]:
    kept = [
        asset
        for register in books.once(registers)
        for asset in register.assets
        if asset.disposed is None and not asset.parts
    ]
    for entry in books.vouchers if kept else ():
        narration = entry.narration or ""
        if books.is_sealed(entry.date) or CORRECTS in entry.meta or not _SOLD.search(narration):
            continue
        rows = books.rows(entry)
        amount = -sum((number for account, number in rows if books.roles.has(account, *_RESULT)), ZERO)
        said = f" {folded(narration)} "
        sold = next((asset for asset in kept if f" {folded(asset.name)} " in said), None)
        if sold and amount > 0:
            message = N_(
                '{voucher} "{text}" brings in {amount} kr for {asset}, which the register still has. Write the day '
                'that it was sold:   {day} custom "utrangering" "{asset}"'
            )
            values = {
                "voucher": entry,
                "text": narration,
                "amount": amount,
                "asset": sold.name,
                "day": entry.date.isoformat(),
            }
            yield Finding(entry, Subject("voucher", place(entry)), message, values)


def _is_kept(account: str, books: Books) -> bool:
    """Tell whether an account is of the balance, and neither fixed assets nor money, stock or a customer's claim."""
    is_result = books.roles.has(account, *_RESULT)
    return not is_result and not books.roles.has(
        account, Role.FIXED_ASSETS, Role.MONEY, Role.CUSTOMERS, Role.OUTPUT_VAT
    )


@rule(
    "T148",
    title=N_("A cost goes from one unit to another by a sale, or by a correction."),
    why=N_("A cost that is moved between units with nothing behind it makes the one's result out of the other's."),
    mend=N_("Write which voucher it corrects (rattar), or book it as a sale between the units."),
    after=["T103", "T107", "A603"],
    sees=Sees(roles=(Role.COSTS,)),
    warns=True,
)
def cost_moved(books: Books) -> Iterator[Finding]:
    for entry in books.having(Role.COSTS):
        if CORRECTS in entry.meta or entry.payee or books.is_sealed(entry.date) or not is_reviewed(entry, books):
            continue
        sides: dict[bool, dict[str, set[str]]] = {True: defaultdict(set), False: defaultdict(set)}
        for account, number in books.rows(entry):
            name = parse_account(account)
            if name and abs(number) >= SMALL and books.roles.has(account, Role.COSTS):
                sides[number > 0][name.number].add(name.unit)
        for of_kind, to in sides[True].items():
            of = sides[False].get(of_kind, set())
            if of and to.isdisjoint(of):
                message = N_("{voucher} moves cost on {number} from {of} to {to}, and corrects no voucher.")
                values = {"voucher": entry, "number": of_kind, "of": sorted(of), "to": sorted(to)}
                yield Finding(entry, Subject("voucher", place(entry)), message, values)
                break


# Provisions


@rule(
    "T105",
    title=N_("What is paid for a provision is taken from it."),
    why=N_("Provisions were expensed when they were decided: what is paid past them is a cost for the second time."),
    mend=N_("Book the payment against the provision's account, or acknowledge that it is for something else."),
    sees=EVERY,
    warns=True,
)
def paid_past_provision(books: Books) -> Iterator[Finding]:
    declared = books.declared(PROVISION)
    if not declared:
        return
    codes = "|".join(re.escape(each.code) for each in declared)
    labels = "|".join(re.escape(each.label) for each in declared)
    named = re.compile(rf"\b(?:{codes}|{labels})\b")
    least: dict[str, Decimal] = {}
    own = books.having(Role.PROVISIONS)
    # Who has a provision's payroll tax has the taxes of every month.
    touching = {id(entry) for entry in [*own, *books.having(Role.PAYROLL_DEBTS, Role.TAX_ACCOUNT, "moms")]}
    for entry in own:
        paid = max(
            (number_of(row) for row in entry.postings if books.roles.has(row.account, Role.PROVISIONS)), default=ZERO
        )
        if entry.payee and paid > 0:
            least[entry.payee] = min(paid, least.get(entry.payee, paid))
    elsewhere = books.once(moved_in)
    past: list[tuple[data.Transaction, str, Decimal]] = []
    for entry in books.vouchers:
        says = named.search(entry.narration or "")
        if not (says or entry.payee in least) or id(entry) in touching or entry.meta.get(UNDERLAG) in elsewhere:
            continue
        out = _taken_out(entry, books)
        if out and (says or 2 * out >= least[str(entry.payee)]):
            past.append((entry, says[0] if says else "", out))
    # Who is paid past it more often than from it is paid for other things: what was booked on it may be the mistake.
    others = Counter(entry.payee for entry, name, _ in past if not name)
    from_it = Counter(entry.payee for entry in own)
    for entry, name, out in past:
        if name or others[entry.payee] <= from_it[entry.payee]:
            message = N_("{voucher} is {amount} kr for {name}, for which there is a provision, and touches none.")
            values = {"voucher": entry, "amount": out, "name": name or str(entry.payee)}
            yield Finding(entry, Subject("voucher", place(entry)), message, values)


def _taken_out(entry: data.Transaction, books: Books) -> Decimal:
    """Return what a voucher pays, or owes to suppliers; nothing where it pays an invoice."""
    owed = paid = ZERO
    for row in entry.postings:
        if books.roles.has(row.account, Role.SUPPLIERS):
            owed -= number_of(row)
        elif books.roles.has(row.account, Role.MONEY):
            paid -= number_of(row)
    return max(owed, ZERO) if owed else max(paid, ZERO)


# Depreciation

RESPITE = timedelta(days=20)
"""How long after the end of a month its depreciation may be booked."""


@rule(
    "T106",
    title=N_("Depreciation is booked in each month that is over."),
    why=N_("Report 3.5; a month without depreciation shows a result that is too good."),
    mend=N_("Book the depreciation of the months that lack it."),
    after=["D701", "D702", "D703", "D704", "D705", "D706"],
    sees=Sees(roles=(Role.FIXED_ASSETS, Role.DEPRECIATION)),
    warns=True,
)
def depreciation_lacks(books: Books) -> Iterator[Finding]:
    if not books.vouchers:
        return
    over = Month.of(shifted(books.last_booked, timedelta(days=1) - RESPITE)).after(-1)
    own = books.once(registers)
    # What one unit has booked for a month, the others have to book too.
    over = max(
        [over, *(register.due for register in own if register.assets and register.due.last_day <= books.last_booked)]
    )
    for register in own:
        amounts: dict[Month, Decimal] = defaultdict(Decimal)
        for asset in register.assets:
            for month in asset.depreciated_months(register.due.after(1), over):
                amounts[month] += asset.depreciation(month)
        lacking = sorted(month for month, amount in amounts.items() if amount)
        if lacking:
            message = N_("Depreciation of {unit} is not booked for {months}: {amount} kr by the register.")
            values = {
                "unit": register.unit,
                "months": [str(month) for month in lacking],
                "amount": sum((amounts[month] for month in lacking), ZERO),
            }
            assets = [asset for asset in register.assets if asset.depreciation(lacking[0])]
            subject = Subject("unit", register.unit, lacking[0].year)
            yield Finding(assets[-1].entry, subject, message, values)


# Members


@rule(
    "T141",
    title=N_("A member's fee stands on the account of that member."),
    why=N_(
        "Report 3.3 notes 2 and 7-12 show what each member has paid; a fee among other income stands in none of them, "
        "and is asked for by nobody."
    ),
    mend=N_("Write the member's own account, or the payee that the fee is of."),
    after=["T107"],
    sees=Sees(roles=(Role.CONTRIBUTIONS, Role.CUSTOMERS)),
    warns=True,
)
def other_member(books: Books) -> Iterator[Finding]:
    yield from _fee_among_others(books)
    members = books.once(_members)
    for entry in books.having(Role.CONTRIBUTIONS):
        named = [_member(party, members) for party in (entry.meta.get(PARTY), entry.payee)]
        rows = [
            (row, _details(row.account)) for row in entry.postings if books.roles.has(row.account, Role.CONTRIBUTIONS)
        ]
        rows = [(row, details & members.keys()) for row, details in rows if number_of(row)]
        for party, member in filter(None, named):
            other = next((row for row, details in rows if details and member not in details), None)
            if other and not any(member in details for _, details in rows):
                message = N_("{voucher} is {amount} kr of {party}, but stands on {account}.")
                values = {
                    "voucher": entry,
                    "amount": abs(number_of(other)),
                    "party": party,
                    "account": other.account,
                }
                yield Finding(entry, Subject("voucher", place(entry)), message, values, posting=other)
                break


def _fee_among_others(books: Books) -> Iterator[Finding]:
    """Yield what is invoiced as other income under the text of fees, and of fees alone."""
    fees = {id(entry) for entry in books.having(Role.CONTRIBUTIONS)}
    others = [entry for entry in books.having(Role.CUSTOMERS) if id(entry) not in fees]
    asked = [entry for entry in others if not books.is_sealed(entry.date) and is_reviewed(entry, books)]
    texts = Counter(lasting(entry.narration or "") for entry in (books.having(Role.CONTRIBUTIONS) if asked else ()))
    found = [entry for entry in asked if texts[lasting(entry.narration or "")] > ESTABLISHED]
    stray = Counter(lasting(entry.narration or "") for entry in others) if found else texts
    for entry in found:
        text = lasting(entry.narration or "")
        row = next((row for row in books.rows(entry) if row[1] < 0 and books.roles.has(row[0], Role.INCOME)), None)
        if row and text and stray[text] == 1:
            message = N_(
                '{voucher} "{text}" has {amount} kr on {account}; the {count} others of that text are on the accounts '
                "of members' fees."
            )
            values = {
                "voucher": entry,
                "text": entry.narration,
                "amount": -row[1],
                "account": row[0],
                "count": texts[text],
            }
            yield Finding(entry, Subject("voucher", place(entry)), message, values)


def _members(books: Books) -> dict[str, tuple[str, ...]]:
    """Return the members by the details of the accounts of contributions, with the words of their names."""
    details = {
        each for account in books.opens if books.roles.has(account, Role.CONTRIBUTIONS) for each in _details(account)
    }
    return {each: tuple(each.casefold().split("-")) for each in details if not each.isdigit()}


def _details(account: str) -> frozenset[str]:
    name = parse_account(account)
    return frozenset(name.detail) if name else frozenset()


def _member(party: object, members: Mapping[str, tuple[str, ...]]) -> tuple[str, str] | None:
    """Return a party with the member that its name begins with, also in the genitive: `Marks kommun`."""
    words = tuple(folded(party).split()) if isinstance(party, str) else ()
    found = [
        member
        for member, own in members.items()
        if words[: len(own) - 1] == own[:-1] and words[len(own) - 1 : len(own)] in ((own[-1],), (f"{own[-1]}s",))
    ]
    return (str(party), max(found, key=lambda member: len(members[member]))) if found else None


# What is told and what is held against the outside

SAYS_NOTHING = re.compile(r"(omföring|ombokning|justering|korrigering|rättning|diverse|övrigt)\.?", re.IGNORECASE)
"""A text that names no event."""


@rule(
    "T143",
    title=N_("A voucher that moves a result to another year says what for."),
    why=N_("LKBR 3 kap.: a voucher says what it is about; an accrual without reason hides a result."),
    mend=N_("Write what is accrued or used in the voucher's text."),
    sees=Sees(roles=(Role.ACCRUED, Role.PREPAID)),
    warns=True,
)
def accrual_of_nothing(books: Books) -> Iterator[Finding]:
    for entry in books.having(Role.ACCRUED, Role.PREPAID):
        if CORRECTS in entry.meta or not SAYS_NOTHING.fullmatch((entry.narration or "").strip()):
            continue
        rows = [row for row in entry.postings if number_of(row)]
        result = next((row for row in rows if books.roles.has(row.account, Role.INCOME, Role.COSTS)), None)
        kept = next((row for row in rows if books.roles.has(row.account, Role.ACCRUED, Role.PREPAID)), None)
        if result and kept:
            message = N_('{voucher} moves {amount} kr between {result} and {kept}, and says only "{text}".')
            values = {
                "voucher": entry,
                "amount": abs(number_of(result)),
                "result": result.account,
                "kept": kept.account,
                "text": entry.narration,
            }
            yield Finding(entry, Subject("voucher", place(entry)), message, values, posting=kept)


_TO_LOOK_INTO = re.compile(r"\batt utreda\b|\butreds\b|\boklar|\bokänd (?:avsändare|betalare)", re.IGNORECASE)
"""What a text says of money that nobody knows the reason of."""


@rule(
    "T155",
    title=N_("Money that is still to be looked into is neither income nor cost."),
    why=N_("What nobody knows the reason of may be a customer's, and is found on no invoice once it is income."),
    mend=N_("Write what was found out, and the invoice's link; until then it waits on an account of debts."),
    after=["R913", "R919", "T107"],
    sees=Sees(roles=_RESULT),
    warns=True,
)
def not_looked_into(books: Books) -> Iterator[Finding]:
    for entry in books.having(*_RESULT):
        if not _TO_LOOK_INTO.search(" ".join(filter(None, (entry.payee, entry.narration)))):
            continue
        result = [row for row in books.rows(entry) if books.roles.has(row[0], *_RESULT)]
        if result and is_reviewed(entry, books) and not books.is_sealed(entry.date):
            message = N_('{voucher} "{text}" has {amount} kr on {account}, though it is still to be looked into.')
            values = {
                "voucher": entry,
                "text": entry.narration,
                "amount": abs(result[0][1]),
                "account": result[0][0],
            }
            yield Finding(entry, Subject("voucher", place(entry)), message, values)


@rule(
    "T142",
    title=N_("A bank account that was agreed at one year-end is agreed at the next."),
    why=N_("What the bank says of the last day is what proves the balance; without it nothing has been agreed."),
    mend=N_("Write the balance that the bank states for the last day of the year."),
    warns=True,
)
def not_agreed(books: Books) -> Iterator[Finding]:
    agreed: dict[str, set[int]] = defaultdict(set)
    for entry in books.collected.balances:
        if books.roles.has(entry.account, Role.MONEY):
            # An assertion of the first day is of what was there when it began.
            before = shifted(entry.date, -timedelta(days=1))
            if (before.month, before.day) == (12, 31):
                agreed[entry.account].add(before.year)
    for account, years in agreed.items():
        closed = books.closes.get(account)
        for year, bokslut in books.boksluts.items():
            if year - 1 in years and year not in years and (closed is None or closed.date > bokslut.date):
                message = N_(
                    "{account} was agreed at the end of {before}, and is not at the end of {year}: write what the bank "
                    "had then as its balance of {day}."
                )
                values = {
                    "account": account,
                    "before": year - 1,
                    "year": year,
                    "day": shifted(bokslut.date, timedelta(days=1)),
                }
                yield Finding(bokslut, Subject("account", account, year), message, values)


@rule(
    "T151",
    title=N_("A voucher and its corrections leave all its costs on one side, and all its income."),
    why=N_("A correction that is made twice, the wrong way round or of too much leaves a cost in credit."),
    mend=N_("Correct what the message names, or acknowledge it."),
    sees=EVERY,
    warns=True,
)
def corrections_come_out(books: Books) -> Iterator[Finding]:
    for booking in books.bookings(books.corrections):
        sums = _with_earlier_years(booking, books)
        for role in (Role.COSTS, Role.INCOME):
            own = {account: number for account, number in sums.items() if books.roles.has(account, role)}
            odd = min(own, key=lambda account: abs(own[account]), default="")
            if not odd or all((number > 0) == (own[odd] > 0) for number in own.values()):
                continue
            entry = booking.vouchers[-1]
            message = N_("{voucher}, with what it corrects, leaves {amount} kr on {account}, and {others}.")
            text = N_("{amount} kr on {account}")
            others = [Message(text, {"amount": own[each], "account": each}) for each in own if each != odd]
            values = {"voucher": entry, "amount": own[odd], "account": odd, "others": others}
            yield Finding(entry, Subject("voucher", place(entry)), message, values)


def _with_earlier_years(booking: Booking, books: Books) -> dict[str, Decimal]:
    """Return what each account comes to by a booking and by the vouchers of earlier years that it corrects."""
    sums = booking.sums(books.currency)
    found = books.once(Numbering).bearers
    named = {ver: entry for entry in booking.vouchers for ver in corrected_numbers(entry)}
    for ver, entry in named.items():
        if ver.year != entry.date.year and ver in found:
            for account, number in books.rows(found[ver]):
                sums[account] = sums.get(account, ZERO) + number
    return {account: number for account, number in sums.items() if number}


@rule(
    "T152",
    title=N_("Equity changes by the opening balance, and by what is decided on it."),
    why=N_("LKBR 3 kap.: cost and income go through the result; booked on equity they are in no income statement."),
    mend=N_(
        "Book it on cost or income, or acknowledge the decision by which equity changes. A change of accounting "
        "principle (RKR R12) is booked on the first day of the year, with beslut below it: the statements show it as "
        "an adjustment of opening equity."
    ),
    sees=EVERY,
    warns=True,
)
def equity_changes(books: Books) -> Iterator[Finding]:
    for entry in books.having(Role.EQUITY):
        rows = [row for row in entry.postings if books.roles.has(row.account, Role.EQUITY) and number_of(row)]
        units = {name.unit for row in rows if (name := parse_account(row.account))}
        # The opening balance of the books, or of a unit that has nothing before it.
        if not rows or all(_first_of(unit, books) == entry.date for unit in units):
            continue
        # What moves within a unit's equity, to a reserve, leaves it as it was; to another unit, somebody decides it.
        is_within = sum(number_of(row) for row in rows) == 0
        if is_within and (len(units) == 1 or names_decision(entry)):
            continue
        # A change of accounting principle is decided, and booked on the first day of the year.
        if (entry.date.month, entry.date.day) == (1, 1) and names_decision(entry):
            continue
        message = N_("{voucher} changes equity: {rows}. Cost and income are booked as such.")
        if is_within:
            message = N_("{voucher} moves equity between units: {rows}. Write below it who decided that, as {key}.")
        text = N_("{amount} kr on {account}")
        told = [Message(text, {"amount": number_of(row), "account": row.account}) for row in rows]
        values = {"voucher": entry, "rows": told, "key": DECISION}
        yield Finding(entry, Subject("voucher", place(entry)), message, values, posting=rows[0])


def _first_of(unit: str, books: Books) -> date:
    return books.once(_first_days).get(unit, date.max)


def _first_days(books: Books) -> dict[str, date]:
    """Return the day of each unit's first voucher."""
    first: dict[str, date] = {}
    for account, own in books.postings.items():
        unit, day = unit_of(account), own[0][0].date
        first[unit] = min(first.get(unit, day), day)
    return first


@rule(
    "T175",
    title=N_("The books go on without a leap."),
    why=N_("A day and a month that changed places put a voucher months ahead, in a period that nobody reads yet."),
    mend=N_("Write the day that stands on the document, or acknowledge that nothing was booked in between."),
    after=["T116", "T166"],
    sees=EVERY,
    warns=True,
)
def leaps_ahead(books: Books) -> Iterator[Finding]:
    entry = books.stray
    if entry and not books.is_sealed(entry.date):
        message = N_("{voucher} is of {day}; the last of all others is of {last}. Have day and month changed places?")
        values = {"voucher": entry, "day": entry.date, "last": books.last_booked}
        yield Finding(entry, Subject("voucher", place(entry)), message, values)
