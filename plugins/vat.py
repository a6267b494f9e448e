"""VAT: its arithmetic, its side, and what may be deducted; what departs from it is shown, as exceptions exist.

    2024-03-05 * "Leverantör 055 Restaurang" "Lunch vid möte"
      ver: "L 123"
      deltagare: "12 deltagare från styrgruppen"
      Expenses:ADM:7110-Representation             3000.00 SEK
      Assets:FK:1650-Momsfordran                    360.00 SEK
      Liabilities:ADM:2510-Leverantörsskulder     -3360.00 SEK

The VAT of a voucher is 25, 12, 6 or 0 % of each of its rows. A purchase has input VAT and a sale output VAT; a purchase
with reverse charge has both, equal. A voucher and its corrections are judged as one. What only moves VAT, as its
settlement with Skatteverket, has no row that it is on and is not judged; nor are opening balances.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, cached_property
from typing import NamedTuple

from beancount.core import data

from forbundsbok.plugins.books import Books
from forbundsbok.plugins.corrections import CORRECTS, Booking, Row, number_of
from forbundsbok.plugins.directives import Field, Kind, one_of, text
from forbundsbok.plugins.findings import Finding, Message, Subject
from forbundsbok.plugins.imports import UNDERLAG, moved_in
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.money import ZERO, rounded
from forbundsbok.plugins.parties import party_key
from forbundsbok.plugins.places import place
from forbundsbok.plugins.review import put_right
from forbundsbok.plugins.roles import Role, Roles
from forbundsbok.plugins.rulebook import Sees, rule, unreadable

RATES = (25, 12, 6, 0)
"""The rates of VAT, in per cent."""

ROUNDING = Decimal("0.10")
"""How far VAT may be from its rate: an invoice rounds each of its lines by itself."""

MANY = 6
"""Rows from which on some mixture of rates comes to almost anything: then only the highest rate is asked."""

REPRESENTATION_BASE = 300
"""Kronor without VAT for each who takes part, on which VAT on representation may be deducted (13 kap. ML)."""

VAT = (Role.INPUT_VAT, Role.OUTPUT_VAT)
_NOT_TAXED = (
    Role.INPUT_VAT,
    Role.OUTPUT_VAT,
    Role.DECLARED_VAT,
    Role.MONEY,
    Role.TAX_ACCOUNT,
    Role.CUSTOMERS,
    Role.SUPPLIERS,
    Role.PAYROLL_DEBTS,
    Role.EQUITY,
)
_PERSONS = re.compile(r"\s*(?P<count>[1-9][0-9]{0,3})\b")


class TaxedRow(NamedTuple):
    """What an account comes to in a booking: debit plus."""

    account: str
    number: Decimal


@dataclass(frozen=True)
class TaxedBooking:
    """A booking with VAT, and the rows that VAT may be on."""

    booking: Booking
    rows: Sequence[TaxedRow]
    input: Decimal
    output: Decimal
    accounts: frozenset[str]
    roles: Roles

    @property
    def voucher(self) -> data.Transaction:
        """The voucher to blame: the last that has VAT, which left it as it is."""
        return next(
            entry
            for entry, row in reversed(self.booking.rows())
            if self.roles.has(row.account, Role.INPUT_VAT, Role.OUTPUT_VAT)
        )

    @property
    def subject(self) -> Subject:
        return Subject("voucher", place(self.voucher))

    @cached_property
    def sold(self) -> list[TaxedRow]:
        return [row for row in self.rows if self.roles.has(row.account, Role.INCOME)]

    @cached_property
    def bought(self) -> list[TaxedRow]:
        return [row for row in self.rows if not self.roles.has(row.account, Role.INCOME)]

    @property
    def is_purchase(self) -> bool:
        """Tell whether something is bought and nothing sold."""
        has_debt, has_claim = self._has(Role.SUPPLIERS), self._has(Role.CUSTOMERS)
        cost = sum((row.number for row in self.rows if self.roles.has(row.account, Role.COSTS)), ZERO)
        # What is sold at a loss is a cost too, but an asset goes.
        is_disposal = any(row.number < 0 and self.roles.has(row.account, Role.FIXED_ASSETS) for row in self.rows)
        return not self.sold and not has_claim and (has_debt or (cost > 0 and not is_disposal))

    @property
    def is_sale(self) -> bool:
        """Tell whether something is sold and nothing bought."""
        return not self.bought and not self._has(Role.SUPPLIERS) and sum((row.number for row in self.sold), ZERO) < 0

    @property
    def reverses_charge(self) -> bool:
        return bool(self.input and self.output) and self.is_purchase

    def _has(self, role: Role) -> bool:
        return any(self.roles.has(account, role) for account in self.accounts)

    def charges(self) -> Iterator[tuple[Decimal, Sequence[TaxedRow]]]:
        """Yield each amount of VAT with the rows that it is on, both with the sign of what is bought."""
        if self.input and self.output and self.sold and self.bought:
            yield self.input, self.bought
            yield self.output, self.sold
        elif self.reverses_charge:
            yield self.input, self.rows
        else:
            yield self.input + self.output, self.rows


def taxed_bookings(books: Books) -> list[TaxedBooking]:
    """Return the bookings with VAT on something, without those that were kept in another system."""
    elsewhere = books.once(moved_in)
    entries = (entry for entry in books.having(*VAT) if entry.meta.get(UNDERLAG) not in elsewhere)
    return [taxed for booking in books.bookings(entries) if (taxed := _taxed(booking, books))]


def _taxed(booking: Booking, books: Books) -> TaxedBooking | None:
    if CORRECTS in booking.first.meta:
        return None  # it corrects what is in another year
    rows: list[TaxedRow] = []
    input_vat = output_vat = ZERO
    accounts = []
    for account, number in _numbers(booking, books):
        accounts.append(account)
        match _kind(account, books.roles):
            case Role.INPUT_VAT:
                input_vat += number
            case Role.OUTPUT_VAT:
                output_vat += number
            case Role.EQUITY if number:
                return None
            case None if number:
                rows.append(TaxedRow(account, number))
    if not rows or not (input_vat or output_vat):
        return None
    return TaxedBooking(booking, rows, input_vat, output_vat, frozenset(accounts), books.roles)


def _numbers(booking: Booking, books: Books) -> Iterable[Row]:
    """Return the rows of a voucher, two on one account apart (their rates may differ), or what several leave."""
    if len(booking.vouchers) > 1:
        return booking.sums(books.currency).items()
    return books.rows(booking.first)


@cache
def _kind(account: str, roles: Roles) -> Role | None:
    """Return the role of an account that VAT is not on, None where it may be."""
    return next((role for role in _NOT_TAXED if roles.has(account, role)), None)


# The arithmetic


def _is_at_rates(vat: Decimal, rows: Sequence[TaxedRow]) -> bool:
    """Tell whether VAT is what some rates of the rows come to."""
    net = sum((row.number for row in rows), ZERO)
    if any(_is_near(vat, net, rate) for rate in RATES if rate):
        return True
    if len(rows) > MANY:
        return ZERO <= vat * (1 if net >= 0 else -1) <= max(RATES) * abs(net) / 100 + ROUNDING
    sums = {ZERO}
    for row in rows:
        sums = {so_far + row.number * rate / 100 for so_far in sums for rate in RATES}
    return any(abs(vat - each) <= ROUNDING for each in sums)


def _is_near(vat: Decimal, net: Decimal, rate: int) -> bool:
    return abs(vat - net * rate / 100) <= ROUNDING


def is_at_a_rate(vat: Decimal, net: Decimal) -> bool:
    """Tell whether VAT is on an amount by one of the rates that are more than nothing."""
    return any(_is_near(vat, net, rate) for rate in RATES if rate)


def _per_cent(vat: Decimal, net: Decimal) -> Decimal:
    return rounded(100 * vat / net)


@rule(
    "M701",
    title=N_("VAT is 25, 12, 6 or 0 % of each row."),
    why=N_("ML 9 kap.; VAT that is read or typed wrongly is claimed from, or paid to, Skatteverket wrongly."),
    mend=N_(
        "Compare the rows with the invoice. Where it mixes rates, write a row for each; a part of VAT that may not be "
        "deducted, and other exceptions, are acknowledged."
    ),
    after=["M702", "M703", "M704"],
    sees=Sees(roles=VAT),
    warns=True,
)
def rate(books: Books) -> Iterator[Finding]:
    for taxed in books.once(taxed_bookings):
        for vat, rows in taxed.charges():
            net = sum((row.number for row in rows), ZERO)
            if _is_at_rates(vat, rows) or _may_be_limited(taxed, books):
                continue
            values = {"voucher": taxed.voucher, "vat": abs(vat), "net": abs(net)}
            if vat * net < 0:
                message = N_("{voucher}: VAT {vat} kr stands on the other side than the {net} kr that it is on.")
            elif not net:
                message = N_("{voucher}: VAT {vat} kr is on rows that come to nothing.")
            elif len(rows) == 1:
                values |= {f"at_{each}": rounded(abs(net) * each / 100) for each in RATES}
                values["percent"] = _per_cent(vat, net)
                message = N_(
                    "{voucher}: VAT {vat} kr on {net} kr is {percent} %; 25 % is {at_25} kr, 12 % {at_12} kr and 6 % "
                    "{at_6} kr."
                )
            else:
                values |= {"percent": _per_cent(vat, net), "due": rounded(abs(net) * max(RATES) / 100)}
                message = N_(
                    "{voucher}: VAT {vat} kr on {net} kr is {percent} %, which no rates of 25, 12, 6 and 0 % on its "
                    "rows come to; 25 % of all is {due} kr."
                )
            yield Finding(taxed.voucher, taxed.subject, message, values)


# Its side


@rule(
    "M702",
    title=N_("A purchase has input VAT, a sale output VAT."),
    why=N_("ML 13 kap.; Skatteverket is told both, each in a box of its own, and the accounts must say the same."),
    mend=N_("Write the VAT of a purchase on the account of input VAT, that of a sale on the account of output VAT."),
    sees=Sees(roles=VAT),
    warns=True,
)
def side(books: Books) -> Iterator[Finding]:
    for taxed in books.once(taxed_bookings):
        message = ""
        if taxed.output and not taxed.input and taxed.is_purchase:
            message = N_("{voucher} is a purchase, but its VAT {vat} kr is booked as output VAT ({account}).")
        elif taxed.input and not taxed.output and taxed.is_sale:
            message = N_("{voucher} is a sale, but its VAT {vat} kr is booked as input VAT ({account}).")
        if message:
            account = next(
                name for name in sorted(taxed.accounts) if books.roles.has(name, Role.INPUT_VAT, Role.OUTPUT_VAT)
            )
            values = {"voucher": taxed.voucher, "vat": abs(taxed.input + taxed.output), "account": account}
            yield Finding(taxed.voucher, taxed.subject, message, values)


@rule(
    "M703",
    title=N_("Of a purchase with reverse charge, input and output VAT are equal."),
    why=N_("ML 16 kap.; the buyer accounts for the VAT and deducts the same amount, where all may be deducted."),
    mend=N_("Write the same amount on both; what may be deducted in part only is acknowledged."),
    sees=Sees(roles=VAT),
    warns=True,
)
def reverse_charge(books: Books) -> Iterator[Finding]:
    for taxed in books.once(taxed_bookings):
        if taxed.reverses_charge and taxed.input + taxed.output:
            message = N_("{voucher}: with reverse charge, input VAT {input} kr is not output VAT {output} kr.")
            if taxed.input * taxed.output > 0:
                message = N_(
                    "{voucher}: with reverse charge, input VAT {input} kr and output VAT {output} kr stand on the same "
                    "side."
                )
            values = {"voucher": taxed.voucher, "input": abs(taxed.input), "output": abs(taxed.output)}
            yield Finding(taxed.voucher, taxed.subject, message, values)


# Representation


@dataclass(frozen=True)
class Representation:
    """The VAT on representation, and how many took part, where that is told by a number."""

    taxed: TaxedBooking
    persons: int | None

    @property
    def net(self) -> Decimal:
        return sum((row.number for row in self.taxed.rows), ZERO)

    @property
    def base(self) -> Decimal:
        """What VAT may be deducted on."""
        return min(self.net, Decimal(REPRESENTATION_BASE * (self.persons or 0)))

    def highest(self) -> tuple[int, Decimal]:
        """Return the rate of the voucher, 25 % where it cannot be told, and the VAT that may be deducted by it."""
        rate = next((each for each in RATES if each and _is_near(self.taxed.input, self.net, each)), max(RATES))
        return rate, rounded(self.base * rate / 100)


def _representation(taxed: TaxedBooking, books: Books) -> Representation | None:
    """Return what a voucher is on representation alone, None where it is on something else too."""
    if not taxed.input or not all(books.roles.has(row.account, Role.REPRESENTATION) for row in taxed.rows):
        return None
    told = next((each.meta["deltagare"] for each in taxed.booking.vouchers if "deltagare" in each.meta), None)
    match = _PERSONS.match(told) if isinstance(told, str) else None
    return Representation(taxed, int(match["count"]) if match else None)


def _may_be_limited(taxed: TaxedBooking, books: Books) -> bool:
    """Tell whether less than all VAT may have been deducted, as it is representation that costs more than its base."""
    own = _representation(taxed, books)
    return own is not None and (own.persons is None or own.net > own.base) and 0 < taxed.input <= own.net / 4 + ROUNDING


@rule(
    "M704",
    title=N_("VAT on representation is deducted on at most 300 kr for each who takes part."),
    why=N_("ML 13 kap.; Skatteverket lets no more be deducted, without VAT and for each occasion."),
    mend=N_("Book the rest of the VAT as representation, or put right how many took part."),
    sees=Sees(roles=VAT),
    warns=True,
)
def representation_limit(books: Books) -> Iterator[Finding]:
    for own in (each for taxed in books.once(taxed_bookings) if (each := _representation(taxed, books))):
        rate, highest = own.highest()
        is_limited = any(_is_near(own.taxed.input, own.base, each) for each in RATES)
        if own.persons is None or own.net <= own.base or own.taxed.input <= highest or is_limited:
            continue
        message = N_(
            "{voucher}: VAT {vat} kr on representation for {count} persons is deducted on {net} kr. At most {limit} kr "
            "each may be counted: {rate} % of {base} kr is {highest} kr."
        )
        values = {
            "voucher": own.taxed.voucher,
            "vat": own.taxed.input,
            "count": own.persons,
            "net": own.net,
            "limit": REPRESENTATION_BASE,
            "rate": rate,
            "base": own.base,
            "highest": highest,
        }
        yield Finding(own.taxed.voucher, own.taxed.subject, message, values)


# What is usual

ALIKE = 6
"""How many other invoices of a party must agree before one that differs is strange."""

ALL_ALIKE = 25
"""How many other invoices on an account must agree before one that differs is strange."""


LEAST = Decimal(1)
"""Kronor of VAT below which no unusual rate is told."""


class Invoiced(NamedTuple):
    """What is invoiced, or sold and bought for cash, on one account, and the rate of its VAT."""

    voucher: data.Transaction
    party: str
    account: str
    net: Decimal
    vat: Decimal
    rate: int
    reverses_charge: bool

    @property
    def whole(self) -> Decimal:
        """What is paid."""
        return self.net if self.reverses_charge else self.net + self.vat

    def vat_at(self, rate: int) -> Decimal:
        """Return what its VAT would be at another rate: on what it has as net, or, where it has no VAT, within all."""
        net = self.net if self.rate or self.reverses_charge else 100 * self.whole / (100 + rate)
        return rounded(abs(net) * rate / 100)


def invoiced(books: Books) -> list[Invoiced]:
    """Return what is invoiced, or paid at once, on one account, with its rate."""
    taxed = {id(each.booking.first): each for each in books.once(taxed_bookings)}
    elsewhere, corrected = books.once(moved_in), books.once(put_right)
    billed: set[int] = set()
    paid: set[int] = set()
    own: dict[int, tuple[data.Transaction, data.Posting] | None] = {}
    for account, rows in books.postings.items():
        if books.roles.has(account, Role.SUPPLIERS, Role.CUSTOMERS):
            billed.update([id(entry) for entry, _ in rows])
        elif books.roles.has(account, Role.MONEY):
            paid.update([id(entry) for entry, _ in rows])
        elif books.roles.has(account, Role.INCOME, Role.COSTS):
            for entry, row in rows:
                own[id(entry)] = None if id(entry) in own else (entry, row)
    return [
        each
        for key, found in own.items()
        if found
        and key not in corrected
        and not (key not in taxed and _REMINDS.search(found[0].narration or ""))
        and ((key in billed and found[0].payee) or (key in paid and _sells(*found, books)))
        if found[0].meta.get(UNDERLAG) not in elsewhere
        if (each := _invoiced(*found, taxed.get(key)))
    ]


_REMINDS = re.compile(r"påminnelse|inkasso|dröjsmål", re.IGNORECASE)
"""What the text of a voucher says that is of a payment that is late: its fee and its interest have no VAT."""

_LACKS = re.compile(r"differens", re.IGNORECASE)
"""What the text of a voucher says that books what the till lacks, or has too much of."""


def _sells(entry: data.Transaction, row: data.Posting, books: Books) -> bool:
    """Tell whether a row sells or buys for cash: what comes back, or is lacking in the till, has no VAT."""
    is_bought = number_of(row) * (-1 if books.roles.has(row.account, Role.INCOME) else 1) > 0
    return is_bought and not _LACKS.search(entry.narration or "")


def _invoiced(entry: data.Transaction, row: data.Posting, taxed: TaxedBooking | None) -> Invoiced | None:
    if taxed and len(taxed.rows) != 1:
        return None
    net, vat, rate = number_of(row), ZERO, 0
    reverses_charge = bool(taxed and taxed.reverses_charge)
    if taxed:
        vat = taxed.input if reverses_charge else taxed.input + taxed.output
        near = next((each for each in RATES if each and _is_near(vat, net, each)), None)
        if near is None:
            return None
        rate = near
    return Invoiced(entry, entry.payee or "", _name(row.account), net, vat, rate, reverses_charge)


@cache
def _name(account: str) -> str:
    """Return an account by its number and name, whichever unit it is of."""
    return account.split(":")[2]


@rule(
    "M705",
    title=N_("VAT has the rate that the party's other invoices have, and all others of the account."),
    why=N_("A VAT row that is forgotten, or of another rate, makes the cost or the income wrong by all of the VAT."),
    mend=N_("Compare with the invoice, and write its VAT. Where it is as the invoice says, acknowledge it."),
    after=["M701", "M702", "M703", "M704"],
    sees=Sees(roles=(*VAT, Role.SUPPLIERS, Role.CUSTOMERS, Role.MONEY)),
    warns=True,
)
def usual_rate(books: Books) -> Iterator[Finding]:
    for each in books.once(unusual_rates):
        values = {
            "voucher": each.invoiced.voucher,
            "rate": _told(each.invoiced.rate, each.invoiced.vat),
            "usual": _told(each.usual, each.usual_vat),
            "count": each.others,
            "party": each.invoiced.party,
            "account": each.invoiced.account,
        }
        message = N_("{voucher} has {rate}, but all {count} others on {account} have {usual}.")
        if each.is_of_party and each.invoiced.party:
            message = N_("{voucher} has {rate}, but all {count} others of {party} on {account} have {usual}.")
        elif each.is_of_party:
            message = N_("{voucher} has {rate}, but all {count} others for cash on {account} have {usual}.")
        yield Finding(each.invoiced.voucher, Subject("voucher", place(each.invoiced.voucher)), message, values)


class UnusualRate(NamedTuple):
    """What has another rate than all others of its party or its account, and how many those are."""

    invoiced: Invoiced
    usual: int
    others: int
    is_of_party: bool

    @property
    def usual_vat(self) -> Decimal:
        """The VAT that it would have by the usual rate."""
        return self.invoiced.vat_at(self.usual)

    @property
    def more(self) -> Decimal:
        """How much more VAT that is, less than nothing where it is less."""
        return self.usual_vat - abs(self.invoiced.vat)


def unusual_rates(books: Books) -> list[UnusualRate]:
    """Return what has an unusual rate, where that makes more than some öre."""
    own = books.once(invoiced)
    of_account = {id(each.voucher): (usual, count) for each, usual, count in _odd(own, lambda each: (each.account,))}
    # A party may invoice what has another rate, but hardly where all others on the account have its usual one.
    found = {
        id(each.voucher): UnusualRate(each, usual, count, is_of_party=True)
        for each, usual, count in _odd(own, lambda each: (each.party, each.account), is_party=True)
        if each.rate == 0 or usual == 0 or id(each.voucher) in of_account
    }
    for each in own:
        usual, count = of_account.get(id(each.voucher), (0, 0))
        # What is bought from abroad has the rate that it has here.
        if usual and (each.reverses_charge or (each.rate == 0 and count >= ALL_ALIKE)):
            found.setdefault(id(each.voucher), UnusualRate(each, usual, count, is_of_party=False))
    return [each for each in found.values() if abs(each.more) >= LEAST]


def _odd(
    invoices: Iterable[Invoiced], key: Callable[[Invoiced], tuple[str, ...]], *, is_party: bool = False
) -> list[tuple[Invoiced, int, int]]:
    """Return the invoices whose rate is another than that of all others of the same key, with it and their number."""
    groups: dict[tuple[str, ...], list[Invoiced]] = defaultdict(list)
    for each in invoices:
        groups[key(each)].append(each)
    odd: list[tuple[Invoiced, int, int]] = []
    for group in groups.values():
        rates = Counter(each.rate for each in group)
        (usual, count), *others = rates.most_common()
        # What mostly has no VAT on an account may have it, where it is no public task; a supplier that never had any
        # may be registered since, which the invoice says.
        bought = is_party and group[0].party and group[0].net > 0
        if (usual or bought) and len(others) == 1 and others[0][1] == 1 and count >= ALIKE:
            odd += [(each, usual, count) for each in group if each.rate != usual]
    return odd


def _told(rate: int, vat: Decimal) -> Message:
    text = N_("VAT of {rate} % ({vat} kr)") if rate else N_("no VAT")
    return Message(text, {"rate": rate, "vat": abs(vat)})


# Its boxes

SALES_BOXES = ("05", "06", "07", "08")
PURCHASE_BOXES = ("20", "21", "22", "23", "24", "50")
UNTAXED_BOXES = ("35", "36", "37", "38", "39", "40", "41", "42")
NO_BOX = "ingen"


class VatBox(NamedTuple):
    """In which box of the VAT return a party's, or an account's, rows stand from a day on."""

    what: str
    box: str
    entry: data.Custom


MOMSRUTA = Kind(
    "momsruta",
    values=(
        Field(N_("account or party"), text),
        Field(N_("box"), one_of(*SALES_BOXES, *PURCHASE_BOXES, *UNTAXED_BOXES, NO_BOX)),
    ),
    make=lambda entry, given: VatBox(given["account or party"], given["box"], entry),
    example='2025-01-01 custom "momsruta" "Molntjänster Ltd" "21"',
)
unreadable(
    "M706",
    MOMSRUTA,
    title=N_("A box of the VAT return is said of an account or a party, by its number."),
    why=N_("What is bought by reverse charge, or sold abroad, has a box that no account and no rate tells."),
)


# What has no VAT, and what the buyer owes it on

_UNTAXED = re.compile("försäkring")
"""What the name of an account says that it is, when what is bought on it has no VAT."""


@rule(
    "M709",
    title=N_("Insurance has no VAT, nor has a gift card."),
    why=N_(
        "ML 10 kap.: insurance is not taxed; VAT that is deducted on it is claimed from Skatteverket wrongly. ML 5 "
        "kap.: a card for whatever a shop sells is taxed when it is used, by who uses it."
    ),
    mend=N_(
        "Book all of the invoice as the premium or the gift, or, where it is for something else, on the account of "
        "that; acknowledge a card that is for one thing alone."
    ),
    after=["M701", "M702", "M703", "M705"],
    sees=Sees(roles=VAT),
    warns=True,
)
def insurance_untaxed(books: Books) -> Iterator[Finding]:
    for taxed in books.once(taxed_bookings):
        if taxed.input <= 0 or books.is_sealed(taxed.voucher.date):
            continue
        if taxed.rows and all(_UNTAXED.search(_name(row.account).casefold()) for row in taxed.rows):
            message = N_("{voucher} deducts VAT {vat} kr on {account}: insurance has none.")
            values = {"voucher": taxed.voucher, "vat": taxed.input, "account": taxed.rows[0].account}
            yield Finding(taxed.voucher, taxed.subject, message, values)
        elif taxed.is_purchase and _GIFT_CARD.search(taxed.voucher.narration or ""):
            message = N_('{voucher} "{text}" deducts VAT {vat} kr: a gift card has none until it is used.')
            values = {"voucher": taxed.voucher, "text": taxed.voucher.narration or "", "vat": taxed.input}
            yield Finding(taxed.voucher, taxed.subject, message, values)


_GIFT_CARD = re.compile(r"\b(presentkort|gåvokort|värdekort)", re.IGNORECASE)
"""What the text of a voucher says of a card that buys whatever a shop sells."""


_REVERSED = re.compile(r"\bomvänd\w* (skatt|betalning|moms)|\breverse charge", re.IGNORECASE)
"""What the text of a voucher says of a purchase on which the buyer owes the VAT."""


@rule(
    "M707",
    title=N_("VAT that the buyer owes is not paid to the seller."),
    why=N_(
        "ML 16 kap.: a seller abroad, or of building services, invoices without VAT, and the buyer books it both as "
        "output and as input VAT. What is deducted and paid to the seller is owed to Skatteverket all the same."
    ),
    mend=N_("Book the output VAT beside the input VAT, and pay the seller the amount without VAT."),
    after=["M701", "M702", "M703", "M705", "M709"],
    sees=Sees(roles=VAT),
    warns=True,
)
def reverse_charge_paid(books: Books) -> Iterator[Finding]:
    purchases = [each for each in books.once(taxed_bookings) if each.is_purchase and each.input > 0]
    charged: dict[str, set[bool]] = defaultdict(set)
    for taxed in purchases:
        if books.is_sealed(taxed.voucher.date):
            charged[party_key(taxed.voucher.payee or "")].add(taxed.reverses_charge)
    for taxed in purchases:
        entry = taxed.voucher
        if books.is_sealed(entry.date):
            continue
        party = party_key(entry.payee or "")
        says = bool(_REVERSED.search(entry.narration or ""))
        if not taxed.reverses_charge and (says or (party and charged[party] == {True})):
            message = N_(
                "{voucher} of {payee} deducts VAT {vat} kr and books none to pay; by its text, or as in all of that "
                "seller's invoices before, the buyer owes the VAT."
            )
            values = {"voucher": entry, "payee": entry.payee or "", "vat": taxed.input}
            yield Finding(entry, taxed.subject, message, values)
        charged[party].add(taxed.reverses_charge)


# Meals

_MEAL = re.compile(r"\b(middag|julbord|lunch|restaurang|krog|bistro)", re.IGNORECASE)
"""What the text of a voucher, or the payee's name, says of a meal."""

_FEAST = re.compile(r"\W*(julbord|jullunch|middag|supé|personalfest|sommarfest|julfest)", re.IGNORECASE)
"""How the text of a voucher begins that is of a feast, whatever VAT its invoice has: rooms and drinks have 25 %."""

MEAL_RATE = 12
"""The rate of VAT on meals, in per cent."""


@rule(
    "M708",
    title=N_("A meal at a restaurant says its purpose and who took part, whatever account it is on."),
    why=N_(
        "A dinner among the courses or the materials is deducted in whole, and nobody sees who was invited. A warning, "
        "since a meal may be part of a course."
    ),
    mend=N_("Book it as representation, or write syfte and deltagare below the voucher's first line."),
    after=["A606", "M704", "M705", "T139", "T156"],
    sees=Sees(roles=VAT),
    warns=True,
)
def meal_elsewhere(books: Books) -> Iterator[Finding]:
    for taxed in books.once(taxed_bookings):
        entry = taxed.voucher
        net = sum((row.number for row in taxed.rows), ZERO)
        told = entry.narration or "", entry.payee or ""
        is_meal = taxed.is_purchase and (_is_near(taxed.input, net, MEAL_RATE) or _FEAST.match(told[0]))
        if books.is_sealed(entry.date) or not is_meal or not (any(map(_MEAL.search, told)) or _FEAST.match(told[0])):
            continue
        is_told = any(books.roles.has(row.account, Role.REPRESENTATION) for row in taxed.rows)
        if not is_told and not all(entry.meta.get(key) for key in ("syfte", "deltagare")):
            message = N_('{voucher} "{text}" of {payee} is a meal on {account}, without its purpose or who took part.')
            values = {
                "voucher": entry,
                "text": told[0],
                "payee": told[1],
                "account": taxed.rows[0].account,
            }
            yield Finding(entry, taxed.subject, message, values)
