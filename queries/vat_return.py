"""The VAT return of some months: its boxes from the rows of the vouchers, proven against the balances of VAT.

    2025-03-05 * "Norrby kommun" "Konsulttjänst"              05   10 000
      Assets:RT:1510-Kundfordringar        12500.00 SEK
      Income:RT:3010-Försäljning          -10000.00 SEK
      Liabilities:RT:2610-Utgående-moms    -2500.00 SEK       10    2 500

The rate of a row is the one at which the rows of its voucher come to the VAT. A voucher and its corrections are one
booking: a period has what the booking comes to by its end, less what it came to before. What no rate gives, or a
purchase with reverse charge whose box nobody has said, is in no box of its own: it is told, and the return is not
complete. What only settles VAT with Skatteverket is none of it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import product

from beancount.core import data

from forbundsbok.plugins.books import Books
from forbundsbok.plugins.corrections import CORRECTS, Booking, Row, number_of
from forbundsbok.plugins.findings import Message, phrase
from forbundsbok.plugins.internal import MARK
from forbundsbok.plugins.language import N_, language, tr
from forbundsbok.plugins.ledger_text import posting, voucher
from forbundsbok.plugins.money import ZERO, amount_text, rounded
from forbundsbok.plugins.months import Month
from forbundsbok.plugins.numbers import FreeNumbers, series_of
from forbundsbok.plugins.review import WAITS
from forbundsbok.plugins.rights import ATTEST
from forbundsbok.plugins.roles import Role
from forbundsbok.plugins.vat import MANY, MOMSRUTA, NO_BOX, PURCHASE_BOXES, RATES, ROUNDING, SALES_BOXES, VAT
from forbundsbok.queries.general_ledger import GeneralLedger
from forbundsbok.queries.proofs import StatementError

LABELS: Mapping[str, str] = {
    "05": N_("Taxable sales that are not in 06, 07 or 08"),
    "06": N_("Taxable withdrawals"),
    "07": N_("Basis of taxation by profit margin"),
    "08": N_("Rents by voluntary liability to tax"),
    "10": N_("Output VAT of 25 %"),
    "11": N_("Output VAT of 12 %"),
    "12": N_("Output VAT of 6 %"),
    "20": N_("Purchases of goods from another EU country"),
    "21": N_("Purchases of services from another EU country by the main rule"),
    "22": N_("Purchases of services from outside the EU"),
    "23": N_("Purchases of goods in Sweden for which the buyer owes the VAT"),
    "24": N_("Other purchases of services in Sweden for which the buyer owes the VAT"),
    "30": N_("Output VAT of 25 % on purchases"),
    "31": N_("Output VAT of 12 % on purchases"),
    "32": N_("Output VAT of 6 % on purchases"),
    "35": N_("Sales of goods to another EU country"),
    "36": N_("Sales of goods outside the EU"),
    "37": N_("Middleman's purchases of goods in a three-party trade"),
    "38": N_("Middleman's sales of goods in a three-party trade"),
    "39": N_("Sales of services for which the buyer owes the VAT in another EU country"),
    "40": N_("Other sales of services outside Sweden"),
    "41": N_("Sales for which the buyer owes the VAT in Sweden"),
    "42": N_("Other sales, free of VAT"),
    "50": N_("Basis of taxation of imports"),
    "60": N_("Output VAT of 25 % on imports"),
    "61": N_("Output VAT of 12 % on imports"),
    "62": N_("Output VAT of 6 % on imports"),
    "48": N_("Input VAT to deduct"),
    "49": N_("VAT to pay, or to get back (-)"),
}
"""The boxes of the return (SKV 4700), in the order of the form."""

INPUT, TO_PAY = "48", "49"
COMPENSATED = "kommunmoms"
"""Input VAT that is no box of the return: municipalities and their federations are compensated for it."""
UNPLACED = ""
"""Output VAT that no box has."""
_OUTPUT = dict.fromkeys(SALES_BOXES, "1") | dict.fromkeys(PURCHASE_BOXES, "3") | {"50": "6"}
"""With what digit the boxes of output VAT begin, by the box of what it is on."""
OUTPUT = tuple(f"{first}{number}" for first in "136" for number in range(3))
SETTLES = "Redovisning av moms"
"""How the text of a settlement begins, in the books."""
_SOLD = ("forsaljning", "hyror")
"""What is sold, also where it is free of VAT; contributions, grants and the like are not."""
_SETTLING = (*VAT, Role.DECLARED_VAT, Role.MONEY, Role.TAX_ACCOUNT, "ovriga-fordringar", "ovriga-skulder")
_BALANCES = (*VAT, Role.DECLARED_VAT, Role.MONEY, Role.TAX_ACCOUNT, Role.CUSTOMERS, Role.SUPPLIERS, Role.PAYROLL_DEBTS)
_KRONA = Decimal(1)
"""What is less than this beside a settlement is its rounding."""

Boxes = dict[str, Decimal]


@dataclass(frozen=True)
class Unplaced:
    """Output VAT that no box has, and why."""

    voucher: data.Transaction
    vat: Decimal
    why: Message


@dataclass(frozen=True)
class VatBalance:
    """What stands on an account of VAT, debit plus: when the period begins, what it has and settles, when it ends."""

    account: str
    opening: Decimal
    booked: Decimal
    settled: Decimal
    closing: Decimal


@dataclass(frozen=True)
class VatReturn:
    """The boxes of some months in kronor and öre, beside those of as many months before."""

    start: date
    end: date
    boxes: Mapping[str, Decimal]
    before: Mapping[str, Decimal] | None
    """None where the books do not go back so far."""
    balances: Sequence[VatBalance]
    unplaced: Sequence[Unplaced]
    vouchers: int
    """How many bookings there is something of in its boxes."""

    @property
    def name(self) -> str:
        """The period, as `2024-03` or `2024-01--03`."""
        first, last = Month.of(self.start), Month.of(self.end)
        return str(first) if first == last else f"{first}--{last.number:02}"

    @property
    def compensation(self) -> Decimal:
        """The input VAT that the federation is compensated for as a municipality."""
        return self.boxes.get(COMPENSATED, ZERO)

    def lines(self) -> Iterator[tuple[str, int, int | None]]:
        """Yield each box with its whole kronor in this period and the one before: those that have something."""
        for box in LABELS:
            now = declared(self.boxes, box)
            then = None if self.before is None else declared(self.before, box)
            if now or then or box in (INPUT, TO_PAY):
                yield box, now, then


def declared(boxes: Mapping[str, Decimal], box: str) -> int:
    """Return a box in whole kronor, as it is declared: öre are left out (SFL 22 kap. 1 §)."""
    if box == TO_PAY:
        return sum(declared(boxes, each) for each in OUTPUT) - declared(boxes, INPUT)
    return int(boxes.get(box, ZERO))


def vat_return(books: Books, ledger: GeneralLedger, first: Month, last: Month) -> VatReturn:
    """Return the declaration of some months in a row. Raises StatementError where the balances do not prove it."""
    refuse_empty(books, first, last)
    length = last.since(first) + 1
    start, end = first.first_day, last.last_day
    parts = list(_parts(books, start, end))
    boxes = _summed(part for _, part in parts)
    earlier = first.after(-length)
    before = None
    if books.first_booked < start:
        own = _parts(books, earlier.first_day, first.after(-1).last_day)
        before = _summed(part for _, part in own)
    unplaced = [Unplaced(entry, part[UNPLACED], _why(entry, books)) for entry, part in parts if part.get(UNPLACED)]
    balances = list(_balances(books, ledger, start, end))
    _prove(boxes, balances, books)
    return VatReturn(start, end, boxes, before, balances, unplaced, len(parts))


def refuse_empty(books: Books, first: Month, last: Month) -> None:
    """Raise StatementError for months in which nothing is booked but what was taken in before the first year."""
    days = [entry.date for entry in books.vouchers if entry.date.year >= books.first_year]
    if not any(first.first_day <= day <= last.last_day for day in days):
        text = N_("nothing is booked in {period}; the books go from {first} to {last}")
        if not days:
            text = N_("nothing is booked yet")
        period = str(first) if first == last else f"{first}--{last.number:02}"
        raise StatementError(tr(text, period=period, first=min(days, default=""), last=max(days, default="")))


def _summed(parts: Iterable[Boxes]) -> Boxes:
    sums: Boxes = defaultdict(Decimal)
    for part in parts:
        for box, number in part.items():
            sums[box] += number
    return dict(sums)


# The boxes of a booking


def _parts(books: Books, start: date, end: date) -> Iterator[tuple[data.Transaction, Boxes]]:
    """Yield what each booking adds to the boxes of a period, with its last voucher there."""
    own = [entry for entry in books.vouchers if start <= entry.date <= end]
    for booking in books.bookings(own):
        part = _boxes_until(booking, end, books)
        for box, number in _boxes_until(booking, start - timedelta(1), books).items():
            part[box] = part.get(box, ZERO) - number
        part = {box: number for box, number in part.items() if number}
        if part:
            yield next(entry for entry in reversed(booking.vouchers) if entry.date <= end), part


def _boxes_until(booking: Booking, day: date, books: Books) -> Boxes:
    """Return the boxes of what a booking comes to at the end of a day."""
    vouchers = [entry for entry in booking.vouchers if entry.date <= day]
    if not vouchers:
        return {}
    rows: Sequence[Row] = books.rows(vouchers[0])
    if len(vouchers) > 1:
        rows = list(Booking(tuple(vouchers)).sums(books.currency).items())
    return _boxes(vouchers[-1], [(account, number) for account, number in rows if number], books)


def _boxes(entry: data.Transaction, rows: Sequence[Row], books: Books) -> Boxes:
    roles = books.roles
    if any(roles.has(account, Role.EQUITY) for account, _ in rows) or _settles(rows, books):
        return {}
    boxes: Boxes = defaultdict(Decimal)
    output = -_sum(rows, Role.OUTPUT_VAT, books=books)
    boxes[COMPENSATED] = _sum(rows, COMPENSATED, books=books)
    boxes[INPUT] = _sum(rows, Role.INPUT_VAT, books=books) - boxes[COMPENSATED]
    on = [(account, number) for account, number in rows if not roles.has(account, *_BALANCES)]
    sold = [(account, -number) for account, number in on if roles.has(account, Role.INCOME)]
    untaxed = sold
    if output:
        basis, rates = _taxed(output, sold, on, boxes[INPUT] + boxes[COMPENSATED], books)
        box = _box_of(entry, basis, books) if rates else None
        is_bought = basis is not sold and bool(boxes[INPUT] + boxes[COMPENSATED])
        box = box or ("" if is_bought else SALES_BOXES[0])
        if not rates or box not in _OUTPUT or (is_bought != (box in PURCHASE_BOXES)):
            boxes[UNPLACED] += output
        else:
            _place(boxes, box, output, basis, rates)
        taxed = [row for row, rate in zip(basis, rates, strict=False) if rate]
        untaxed = [row for row in sold if row not in taxed]
    if any(roles.has(account, Role.CUSTOMERS, Role.MONEY) for account, _ in rows):
        for account, number in untaxed:
            box = _box_of(entry, [(account, number)], books)
            if box is None and roles.slag(account).name in _SOLD and not _is_internal(account, books):
                box = "42"
            if box not in (None, NO_BOX) and box not in _OUTPUT:
                boxes[str(box)] += number
    return boxes


def _sum(rows: Iterable[Row], *roles: Role | str, books: Books) -> Decimal:
    return sum((number for account, number in rows if books.roles.has(account, *roles)), ZERO)


def _settles(rows: Sequence[Row], books: Books) -> bool:
    """Tell whether rows only move VAT: against itself, Skatteverket, or the bank, but for a rounding."""
    return all(books.roles.has(account, *_SETTLING) or abs(number) < _KRONA for account, number in rows)


def _is_internal(account: str, books: Books) -> bool:
    opened = books.opens.get(account)
    return opened is not None and opened.meta.get(MARK) is True


def _taxed(
    output: Decimal, sold: Sequence[Row], on: Sequence[Row], deducted: Decimal, books: Books
) -> tuple[Sequence[Row], Sequence[int]]:
    """Return the rows that output VAT is on, and the rate of each; no rates where none come to it."""
    if sold and (rates := _rates(output, sold)):
        return sold, rates
    bought = [(account, number) for account, number in on if not books.roles.has(account, Role.INCOME)]
    # Of a purchase with reverse charge what is bought is the basis; an asset that goes, or a claim that is lost, too.
    basis = bought if deducted else [(account, -number) for account, number in on]
    return basis, _rates(output, basis) or ()


def _rates(vat: Decimal, rows: Sequence[Row]) -> Sequence[int] | None:
    """Return a rate for each row by which they come to an amount of VAT, the same for all where there is one."""
    net = sum((number for _, number in rows), ZERO)
    for rate in RATES:
        if rate and abs(vat - net * rate / 100) <= ROUNDING:
            return [rate] * len(rows)
    if len(rows) > MANY:
        return None
    fitting = [
        (abs(off), len(set(rates)), rates)
        for rates in product(RATES, repeat=len(rows))
        if abs(off := vat - sum((n * rate / 100 for (_, n), rate in zip(rows, rates, strict=True)), ZERO)) <= ROUNDING
    ]
    return min(fitting)[2] if fitting else None


def _place(boxes: Boxes, box: str, output: Decimal, basis: Sequence[Row], rates: Sequence[int]) -> None:
    """Add what VAT is on, and the VAT of each rate; what rounding leaves is of the one that has most."""
    by_rate: Boxes = defaultdict(Decimal)
    for (_, number), rate in zip(basis, rates, strict=True):
        if rate:
            boxes[box] += number
            by_rate[f"{_OUTPUT[box]}{RATES.index(rate)}"] += number * rate / 100
    shares = {each: rounded(number) for each, number in by_rate.items()}
    most = max(shares, key=lambda each: abs(shares[each]))
    shares[most] += output - sum(shares.values(), ZERO)
    for each, number in shares.items():
        boxes[each] += number


def _box_of(entry: data.Transaction, rows: Iterable[Row], books: Books) -> str | None:
    """Return the box that is said of a voucher's party, or of one of its accounts, by its day."""
    names = {entry.payee, *(account for account, _ in rows)} - {None}
    said = [each for each in books.declared(MOMSRUTA) if each.what in names and each.entry.date <= entry.date]
    return max(said, key=lambda each: each.entry.date).box if said else None


def _why(entry: data.Transaction, books: Books) -> Message:
    rows = books.rows(entry)
    if _sum(rows, Role.INPUT_VAT, books=books) and entry.payee:
        text = N_('{voucher}: the buyer owes the VAT. Say its box: custom "momsruta" "{party}" "21", or another')
        return phrase(text, voucher=entry, party=entry.payee)
    text = N_("{voucher}: no rates of 25, 12, 6 and 0 % on its rows come to its VAT")
    return phrase(text, voucher=entry)


# The proof


def _balances(books: Books, ledger: GeneralLedger, start: date, end: date) -> Iterator[VatBalance]:
    """Yield each account of VAT: its balances asked of the books by themselves, its movements by vouchers."""
    opening, closing = (ledger.balances(day) for day in (start - timedelta(1), end))
    for account in sorted(each for each in books.postings if books.roles.has(each, *VAT)):
        booked = settled = ZERO
        for entry in books.on_accounts([account]):
            if start <= entry.date <= end:
                rows = books.rows(entry)
                number = sum((each for name, each in rows if name == account), ZERO)
                if _is_settling(entry, books):
                    settled += number
                else:
                    booked += number
        amounts = (opening.get(account, ZERO), booked, settled, closing.get(account, ZERO))
        if any(amounts):
            yield VatBalance(account, *amounts)


def _is_settling(entry: data.Transaction, books: Books) -> bool:
    """Tell whether a voucher only settles VAT, or takes balances in; a correction is as the booking it is of."""
    booking = next(iter(books.bookings([entry])))
    vouchers = [entry] if CORRECTS in booking.first.meta else booking.vouchers
    rows = [row for each in vouchers for row in books.rows(each)]
    return _settles(rows, books) or any(books.roles.has(account, Role.EQUITY) for account, _ in rows)


def _prove(boxes: Mapping[str, Decimal], balances: Sequence[VatBalance], books: Books) -> None:
    """Raise StatementError where the boxes are not what the accounts of VAT move, or an account is not its balance."""
    for each in balances:
        if each.opening + each.booked + each.settled != each.closing:
            text = N_("{account} is {closing} kr on the last day, but its vouchers come to {sum} kr")
            come_to = each.opening + each.booked + each.settled
            told = {"closing": amount_text(each.closing, language()), "sum": amount_text(come_to, language())}
            raise StatementError(tr(text, account=each.account, **told))
    output = sum((boxes.get(box, ZERO) for box in (*OUTPUT, UNPLACED)), ZERO)
    deducted = boxes.get(INPUT, ZERO) + boxes.get(COMPENSATED, ZERO)
    for role, in_boxes in ((Role.OUTPUT_VAT, -output), (Role.INPUT_VAT, deducted)):
        booked = sum((each.booked for each in balances if books.roles.has(each.account, role)), ZERO)
        if booked != in_boxes:
            text = N_("the boxes have {boxes} kr of VAT, but the accounts have {booked} kr")
            told = {"boxes": amount_text(in_boxes, language()), "booked": amount_text(booked, language())}
            raise StatementError(tr(text, **told))


# Its settlement


def settlement_of(books: Books, declaration: VatReturn, day: date, attest: str) -> data.Transaction | None:
    """Return the voucher that settles what is left of a period's VAT, None where that is done.

    With an account for what returns come to, or else one for the tax account, all goes there; with neither, output VAT
    is set off against as much input VAT, and what is left of one of them waits for Skatteverket.
    """
    left = {account: number for account, number in _left(books, declaration) if number}
    if not left:
        return None
    rows: list[Row] = []
    net = sum(left.values(), ZERO)
    units = [account.split(":")[1] for account in left]
    where = (Role.DECLARED_VAT, Role.TAX_ACCOUNT)
    declared_on = [each for role in where for unit in units for each in books.open_accounts(unit, day, role)]
    if declared_on:
        rows = [(account, -number) for account, number in left.items()]
        rows += [(declared_on[0], net)] if net else []
    else:
        owed = sum((-number for number in left.values() if number < 0), ZERO)
        claimed = sum((number for number in left.values() if number > 0), ZERO)
        off = {-1: min(owed, claimed), 1: min(owed, claimed)}
        for account, number in left.items():
            sign = 1 if number > 0 else -1
            part = min(abs(number), off[sign])
            off[sign] -= part
            rows += [(account, -sign * part)] if part else []
        if not rows:
            return None
    earlier = [each for each in books.having(Role.OUTPUT_VAT) if _is_settling(each, books) and each.payee]
    ver = FreeNumbers(books.vouchers).free(series_of(earlier[-1] if earlier else None, "M"), day.year)
    written = [posting(account, number, books.currency) for account, number in rows]
    own = voucher(day, f"{SETTLES} {declaration.name}", ver, written, earlier[-1].payee if earlier else "Skatteverket")
    return own._replace(meta=own.meta | {ATTEST: attest}) if attest else own._replace(flag=WAITS)


def waiting_vat(books: Books, declaration: VatReturn) -> Decimal:
    """Return what is left of a period's VAT in kronor, what is to come back as plus."""
    return sum((number for _, number in _left(books, declaration)), ZERO)


def _left(books: Books, declaration: VatReturn) -> Iterator[Row]:
    """Yield what each account has of the period's VAT that no settlement, of whatever day, has taken: oldest first."""
    for each in declaration.balances:
        settled = through = ZERO
        for entry, row in books.postings[each.account]:
            number = number_of(row)
            if _is_settling(entry, books) and not _opens(entry, books):
                settled -= number
            elif entry.date <= declaration.end:
                through += number
        sign = 1 if each.booked > 0 else -1
        yield each.account, sign * max(ZERO, min(sign * each.booked, sign * (through - settled)))


def _opens(entry: data.Transaction, books: Books) -> bool:
    return any(books.roles.has(account, Role.EQUITY) for account, _ in books.rows(entry))
