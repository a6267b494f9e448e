"""Payroll: its fees and taxes are as large a part of the pay as in the unit's other months, and its debts are settled.

    2025-04-16 * "Löner Navet april"
      ver: "P 31"
      Expenses:NAV:5010-Löner                       949567.00 SEK
      Expenses:NAV:5610-Arbetsgivaravgifter         298353.00 SEK
      Liabilities:NAV:2710-Preliminär-skatt        -241189.00 SEK
      Liabilities:NAV:2730-Arbetsgivaravgift       -298353.00 SEK
      Liabilities:NAV:2810-Nettolöner              -708378.00 SEK

What is withheld, due in fees and due to employees is paid in whole, month by month, as VAT is settled: a payment is
what one month, or some months in a row, came to. What was settled otherwise before is asked for nothing.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from statistics import median
from typing import Any, NamedTuple

from beancount.core import data

from forbundsbok.plugins.accounts import unit_of
from forbundsbok.plugins.books import Books
from forbundsbok.plugins.corrections import CORRECTS, Row, has_amount, number_of
from forbundsbok.plugins.findings import Finding, Subject
from forbundsbok.plugins.imports import UNDERLAG, moved_in
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.money import ZERO, rounded
from forbundsbok.plugins.months import Month
from forbundsbok.plugins.parties import party_key
from forbundsbok.plugins.places import place
from forbundsbok.plugins.recurrence import is_slip, swaps
from forbundsbok.plugins.review import put_right
from forbundsbok.plugins.roles import Role
from forbundsbok.plugins.rulebook import Sees, rule
from forbundsbok.plugins.vat import invoiced, is_at_a_rate, unusual_rates

OTHERS = 5
"""How many other months a unit must have before one that departs from them is strange."""

MARGIN = Decimal("0.01")
"""How much further from the usual part than ever before, as a part of it, is strange."""

FAR = Decimal("0.25")
"""How far from the usual part of its own year, as a part of it, is no holiday and no change of staff."""

SEES = Sees(roles=(Role.PAYROLL_DEBTS,), keys=(CORRECTS,))


@dataclass(frozen=True)
class Payroll:
    """The pay of a unit in a voucher, and each fee and debt as a part of it."""

    entry: data.Transaction
    unit: str
    pay: Decimal
    amounts: Mapping[str, Decimal]

    def part(self, account: str) -> Decimal:
        return abs(self.amounts.get(account, ZERO)) / self.pay


def payrolls(books: Books) -> dict[str, list[Payroll]]:
    """Return the payrolls of each unit by date, without those that correct or are corrected."""
    elsewhere = books.once(moved_in)
    corrected = books.once(put_right)
    units: dict[str, list[Payroll]] = defaultdict(list)
    paying = [account for account in books.postings if books.roles.has(account, Role.PAY)]
    for entry in books.on_accounts(paying):
        if id(entry) not in corrected and entry.meta.get(UNDERLAG) not in elsewhere:
            for own in _payrolls(entry, books.rows(entry), books):
                units[own.unit].append(own)
    return {unit: own for unit, own in units.items() if len(own) > OTHERS and not books.is_sealed(own[-1].entry.date)}


def _payrolls(entry: data.Transaction, rows: Iterable[Row], books: Books) -> Iterator[Payroll]:
    """Yield what a voucher pays in each unit."""
    units: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        units[unit_of(row[0])].append(row)
    for unit, own in units.items():
        amounts: dict[str, Decimal] = {}
        pay = ZERO
        for account, number in own:
            if books.roles.has(account, Role.PAY):
                pay += number
            elif books.roles.has(account, Role.PAYROLL_FEES, Role.PAYROLL_DEBTS):
                amounts[account] = amounts.get(account, ZERO) + number
        if amounts and pay > 0:
            # What holidays are owed changes a debt, and is no pay.
            owed = {-number for account, number in own if books.roles.has(account, Role.ACCRUED)}
            if owed:
                pay -= sum(
                    (number for account, number in own if books.roles.has(account, Role.PAY) and number in owed), ZERO
                )
            if pay > 0:
                yield Payroll(entry, unit, pay, amounts)


@rule(
    "T131",
    title=N_("Fees and tax are as large a part of the pay as in the unit's other months."),
    why=N_("Two digits that changed places on both rows balance, and cost, or withhold from, somebody the difference."),
    mend=N_("Compare with the payroll's own sums, and correct the rows, or acknowledge why the part is another."),
    after=["T107"],
    sees=SEES,
    warns=True,
)
def usual_parts(books: Books) -> Iterator[Finding]:
    for unit, own in sorted(books.once(payrolls).items()):
        worst: dict[int, Departure] = {}
        for account in sorted({account for each in own for account in each.amounts}):
            with_account = [each for each in own if account in each.amounts]
            # A rate that is new from a year on parts the years: what is far from the others of its own is told too.
            of_years = (_departure(account, year) for year in _years(with_account))
            far = (each for each in of_years if each and each.size > FAR)
            for departure in filter(None, [_departure(account, with_account), *far, *_swapped(account, with_account)]):
                # Several rows of a voucher have one cause, which the one that departs most tells.
                if departure.size >= worst.setdefault(id(departure.payroll), departure).size:
                    worst[id(departure.payroll)] = departure
        for account, each, usual, meant in worst.values():
            message = N_(
                "{voucher}: {amount} kr on {account} is {percent} % of the pay {pay} kr. In the other months of {unit} "
                "it is {usual} %, which would be {due} kr."
            )
            if meant:
                message = N_(
                    "{voucher}: {amount} kr on {account} is unlike the other months of {unit}. With two digits the "
                    "other way round it is like them: {due} kr."
                )
            values = {
                "voucher": each.entry,
                "amount": abs(each.amounts[account]),
                "account": account,
                "percent": rounded(100 * each.part(account)),
                "pay": each.pay,
                "unit": unit,
                "usual": rounded(100 * usual),
                "due": meant or rounded(usual * each.pay),
            }
            yield Finding(each.entry, Subject("voucher", place(each.entry)), message, values)


class Departure(NamedTuple):
    """A fee or a debt that is another part of the pay than usual."""

    account: str
    payroll: Payroll
    usual: Decimal
    meant: Decimal = ZERO
    """What was meant, where two digits have changed places."""

    @property
    def size(self) -> Decimal:
        """How far it is from the usual part, as a part of that."""
        return abs(self.payroll.part(self.account) / self.usual - 1)


def _departure(account: str, own: Sequence[Payroll]) -> Departure | None:
    """Return the payroll that departs from all others by more than they ever did, None where none does."""
    if len(own) <= OTHERS:
        return None
    usual = median([each.part(account) for each in own])
    if not usual:
        return None
    furthest, further = sorted((Departure(account, each, usual) for each in own), key=lambda each: -each.size)[:2]
    return furthest if furthest.size > 2 * further.size + MARGIN else None


def _swapped(account: str, payrolls: Sequence[Payroll]) -> Iterator[Departure]:
    """Yield the payrolls of a year that are like the others of it but for two digits that have changed places."""
    for own in _years(payrolls):
        if len(own) <= OTHERS:
            continue
        parts = sorted(each.part(account) for each in own)
        amounts = sorted(abs(each.amounts[account]) for each in own)
        for each in own:
            amount = abs(each.amounts[account])
            # Some are a part of the pay, others the same each month: the others hold to what of the two varies less.
            measures = ((each.pay, parts), (Decimal(1), amounts))
            found = [(*_others(amount / divisor, ordered), divisor) for divisor, ordered in measures]
            low, high, divisor = min(found, key=lambda each: each[1] / each[0] if each[0] else Decimal("Infinity"))
            # What is no further from the others than they are from each other is not asked.
            if max(low - amount / divisor, amount / divisor - high) <= high - low:
                continue
            if meant := [other for other in swaps(amount) if low <= other / divisor <= high]:
                others = [other.part(account) for other in own if other is not each]
                yield Departure(account, each, median(others), meant[0])


def _years(payrolls: Iterable[Payroll]) -> list[list[Payroll]]:
    years: dict[int, list[Payroll]] = defaultdict(list)
    for each in payrolls:
        years[each.entry.date.year].append(each)
    return list(years.values())


def _others(number: Decimal, ordered: Sequence[Decimal]) -> tuple[Decimal, Decimal]:
    """Return the least and the greatest of some numbers, in their order, but one of them."""
    low = ordered[1] if number == ordered[0] else ordered[0]
    high = ordered[-2] if number == ordered[-1] else ordered[-1]
    return low, high


# Holidays

TENFOLD = 4
"""How many times the largest of its year before a change of what holidays are owed is that has a digit too many."""

MONTHS_BEFORE = 3
"""How many months of a year must have raised, or lowered, what holidays are owed before one is beside them."""


@rule(
    "T179",
    title=N_("What is owed for holidays changes as in the months before, and the same way as in the other units."),
    why=N_(
        "Holidays are earned and taken at the same time by all: a debt that falls in one unit while it rises in the "
        "others has its sign turned, and one that changes tenfold a digit too many. Cost and debt agree all the same."
    ),
    mend=N_("Compare with the payroll's own sums, and correct the rows, or acknowledge why it is another."),
    after=["T107", "T129", "T131", "T133"],
    sees=Sees(roles=(Role.ACCRUED_PAY,), keys=(CORRECTS,)),
    warns=True,
)
def holidays_owed(books: Books) -> Iterator[Finding]:
    months: dict[Month, list[tuple[data.Transaction, str, Decimal]]] = defaultdict(list)
    elsewhere, corrected = books.once(moved_in), books.once(put_right)
    for entry in books.having("semesterskuld"):
        rows = books.rows(entry)
        if id(entry) in corrected or entry.meta.get(UNDERLAG) in elsewhere:
            continue
        if any(books.roles.has(account, Role.PAYROLL_DEBTS) for account, _ in rows):
            months[Month.of(entry.date)] += [
                (entry, account, -number) for account, number in rows if books.roles.has(account, "semesterskuld")
            ]
    before: dict[tuple[int, str, bool], list[Decimal]] = defaultdict(list)
    for month, own in sorted(months.items()):
        for entry, account, number in own:
            year = before[month.year, account, number > 0]
            others = {other > 0 for each, name, other in own if name != account and other}
            count = len({name for _, name, _ in own}) - 1
            if not books.is_sealed(entry.date) and number:
                message = ""
                if len(others) == 1 and count > 1 and (number > 0) not in others:
                    message = N_(
                        "{voucher} changes {account} by {amount} kr; in the same month it went the other way in all "
                        "{count} other units."
                    )
                elif len(year) >= MONTHS_BEFORE and abs(number) > TENFOLD * max(year):
                    message = N_(
                        "{voucher} changes {account} by {amount} kr; the most of {count} months before in the year is "
                        "{most} kr."
                    )
                    count = len(year)
                values = {"voucher": entry, "account": account, "amount": abs(number), "count": count}
                if message:
                    subject = Subject("voucher", place(entry))
                    yield Finding(entry, subject, message, {**values, "most": max(year, default=ZERO)})
            year.append(abs(number))


# Whose debt it is, and tax


@rule(
    "T133",
    title=N_("Each cost of pay is owed on the account where it was owed before."),
    why=N_(
        "What is owed for holidays, fees or pensions on another account leaves both balances wrong. Wages that are "
        "paid straight from the bank pass by the run that everybody sees: somebody who has left may be paid so."
    ),
    mend=N_("Write the account that the others have, or acknowledge that it is another thing."),
    after=["T107", "T131", "T134"],
    sees=Sees(roles=(Role.PAY, *SEES.roles), keys=SEES.keys),
    warns=True,
)
def owed_as_before(books: Books) -> Iterator[Finding]:
    for unit, own in sorted(books.once(payrolls).items()):
        owed: dict[str, list[tuple[data.Transaction, Decimal, str]]] = defaultdict(list)
        for each in own:
            for cost, number, debt in _mirrored(
                [row for row in books.rows(each.entry) if unit_of(row[0]) == unit], books
            ):
                owed[cost].append((each.entry, number, debt))
        for cost, cases in owed.items():
            counts = Counter(debt for _, _, debt in cases)
            (usual, count), *others = counts.most_common()
            if count < OTHERS or len(others) != 1 or others[0][1] > 1:
                continue
            for entry, number, debt in cases:
                if debt != usual:
                    message = N_(
                        "{voucher} owes the {amount} kr of {cost} on {account}; the {count} others of {unit} owe it on "
                        "{usual}."
                    )
                    values = {
                        "voucher": entry,
                        "amount": abs(number),
                        "cost": cost,
                        "account": debt,
                        "count": count,
                        "unit": unit,
                        "usual": usual,
                    }
                    yield Finding(entry, Subject("voucher", place(entry)), message, values)
        yield from _paid_at_once(unit, [each.entry for each in own], books)


def _paid_at_once(unit: str, own: Sequence[data.Transaction], books: Books) -> Iterator[Finding]:
    """Yield what is paid as wages straight from the bank, beside the run in which all others are owed first."""
    taken = [entry for entry in own if _takes_money(entry, books)]
    others = len(own) - len(taken)
    for entry in taken if others >= OTHERS * len(taken) else ():
        if not books.is_sealed(entry.date) and not _is_past_payroll(entry, books):
            message = N_(
                "{voucher} pays {amount} kr of wages straight from the bank; the {count} others of {unit} owe them "
                "first, and are paid together."
            )
            paid = -sum((number for account, number in books.rows(entry) if books.roles.has(account, Role.MONEY)), ZERO)
            values = {"voucher": entry, "amount": paid, "count": others, "unit": unit}
            yield Finding(entry, Subject("voucher", place(entry)), message, values)


def _takes_money(entry: data.Transaction, books: Books) -> bool:
    rows = books.rows(entry)
    is_pay = any(number > 0 and books.roles.has(account, Role.PAY) for account, number in rows)
    return is_pay and any(number < 0 and books.roles.has(account, Role.MONEY) for account, number in rows)


def _mirrored(rows: Sequence[Row], books: Books) -> Iterator[tuple[str, Decimal, str]]:
    """Yield each cost of pay whose amount is owed on one account alone, with that account."""
    costs = [(account, number) for account, number in rows if books.roles.has(account, Role.PAY, Role.PAYROLL_FEES)]
    for account, number in costs:
        owed = [
            other
            for other, owes in rows
            if owes == -number and books.roles.has(other, Role.PAYROLL_DEBTS, Role.ACCRUED)
        ]
        if number and len(owed) == 1 and [other for _, other in costs].count(number) == 1:
            yield account, number, owed[0]


@rule(
    "T134",
    title=N_("Tax is withheld from pay, and fees are due on it."),
    why=N_("Skatteförfarandelagen 10 kap.: who pays wages withholds tax; pay past the payroll has no tax."),
    mend=N_("Pay by the payroll, or acknowledge that what is paid is no pay, and book it as what it is."),
    sees=Sees(roles=(Role.PAY,), keys=(CORRECTS,)),
    warns=True,
)
def pay_without_tax(books: Books) -> Iterator[Finding]:
    elsewhere, corrected = books.once(moved_in), books.once(put_right)
    for account, rows in sorted(books.postings.items()):
        if not books.roles.has(account, Role.PAY):
            continue
        past = {id(entry): (entry, row) for entry, row in rows if number_of(row) > 0 and _is_past_payroll(entry, books)}
        # An account on which pay mostly stands without tax is for what is no pay, as travels or courses.
        if len(rows) - len(past) < max(OTHERS, len(past)):
            continue
        for entry, row in past.values():
            if id(entry) not in corrected and entry.meta.get(UNDERLAG) not in elsewhere:
                message = N_("{voucher} pays {amount} kr as {account}, with neither tax nor fees.")
                values = {"voucher": entry, "amount": number_of(row), "account": account}
                yield Finding(entry, Subject("voucher", place(entry)), message, values, posting=row)


def _is_past_payroll(entry: data.Transaction, books: Books) -> bool:
    """Tell whether a voucher pays, or owes to a supplier, and withholds nothing."""
    accounts = [row.account for row in entry.postings if number_of(row)]
    return any(books.roles.has(each, Role.MONEY, Role.SUPPLIERS) for each in accounts) and not any(
        books.roles.has(each, Role.PAYROLL_DEBTS) for each in accounts
    )


# Debts that are settled by the month

VAT = (Role.OUTPUT_VAT, Role.INPUT_VAT)
SETTLED = (Role.PAYROLL_DEBTS, *VAT)
SETTLEMENTS = 5
"""How many settlements of whole months in a row make the next one expected to be one."""

HOLIDAYS = 3
"""How many days later than ever before what is left of VAT that is set off may be paid or refunded."""

OF_PARTY = 3
"""How many others of a party tell what it usually has."""


@rule(
    "T135",
    title=N_("What is owed for holidays and pensions falls with the pay, and at the end of the year."),
    why=N_("It is counted person by person; a debt that is only lowered makes a result that nobody has earned."),
    mend=N_("Book it with the pay, or acknowledge the count by which less is owed."),
    sees=Sees(roles=(Role.ACCRUED_PAY,)),
    warns=True,
)
def pay_owed_falls(books: Books) -> Iterator[Finding]:
    elsewhere = books.once(moved_in)
    for entry in books.having(Role.ACCRUED_PAY):
        rows = books.rows(entry)
        lowered = [
            (account, number) for account, number in rows if number > 0 and books.roles.has(account, Role.ACCRUED_PAY)
        ]
        cost = sum((number for account, number in rows if books.roles.has(account, Role.PAY, Role.PAYROLL_FEES)), ZERO)
        is_pay = any(books.roles.has(account, Role.PAYROLL_DEBTS, Role.MONEY, Role.EQUITY) for account, _ in rows)
        is_year_end = (entry.date.month, entry.date.day) == (12, 31)
        if not lowered or cost >= 0 or is_pay or is_year_end or CORRECTS in entry.meta:
            continue
        if entry.meta.get(UNDERLAG) not in elsewhere:
            account, number = lowered[0]
            message = N_("{voucher} lowers {account} by {amount} kr against the cost, without any pay.")
            values = {"voucher": entry, "account": account, "amount": number}
            yield Finding(entry, Subject("voucher", place(entry)), message, values)


@rule(
    "T132",
    title=N_("Tax, fees, pay and VAT are settled with what whole months came to."),
    why=N_("A payment that is mistyped, forgotten, made twice or booked on another unit leaves a rest nobody owes."),
    mend=N_("Compare with the accounts of the months it settles, and correct it, or acknowledge why it is another."),
    after=["M701", "M702", "M703", "M705", "T107", "T109", "T111", "T131", "T133"],
    sees=Sees(roles=(*SETTLED, Role.MONEY), keys=(CORRECTS,)),
    warns=True,
)
def settled_in_whole(books: Books) -> Iterator[Finding]:
    elsewhere = books.once(moved_in)
    told = set(books.once(put_right))
    for account, rows in sorted(books.postings.items()):
        if not books.roles.has(account, *SETTLED):
            continue
        for settled in _departed(account, rows, books):
            blamed = settled.blamed
            if blamed.meta.get(UNDERLAG) in elsewhere or id(blamed) in told:
                continue
            told.add(id(blamed))
            values: dict[str, Any] = {
                "voucher": blamed,
                "settlements": [voucher for voucher, _ in settled.own],
                "amount": settled.amount,
                "account": account,
                "month": str(settled.month),
                "due": settled.due,
                "difference": abs(settled.more),
                "later": str(settled.later),
                "own": sum((number for voucher, number in settled.own if voucher is blamed), ZERO),
            }
            if settled.at_fault:
                _, number = settled.at_fault
                values |= {"number": number, "meant": number - settled.more}
            yield Finding(blamed, Subject("voucher", place(blamed)), _of_settled(settled), values)


def _of_settled(settled: "Settled") -> str:
    """Return what is told of a month that is not settled in whole; a figure to write only where one is mistyped."""
    if settled.later:
        return N_(
            "{amount} kr of {account} are settled by {settlements}, which is what {later} came to. {month}, {due} kr, "
            "is not settled: its payment lacks, or is booked on another account."
        )
    if settled.at_fault and settled.at_fault[1] == settled.more:
        return N_(
            "All of {month} on {account} is settled by {settlements} but the {number} kr of {voucher}: should they "
            "stand there? If they should, the settlement is wrong."
        )
    if settled.at_fault:
        return N_(
            "{voucher} has {number} kr on {account}. By what is settled of {month}, {amount} kr by {settlements}, it "
            "should be {meant} kr."
        )
    if settled.elsewhere:
        return N_(
            "{voucher} pays or brings in {difference} kr, which is just what lacks of {month} on {account}, but has "
            "booked it on another account."
        )
    if settled.is_unpaid:
        return N_(
            "{amount} kr of the {due} kr that {month} came to on {account} are settled by {settlements}. What is left, "
            "{difference} kr, is neither paid nor refunded: that voucher lacks, or is booked on another account."
        )
    if settled.mistyped:
        return N_(
            "{voucher} settles {own} kr of {account}. In all {amount} kr are settled of {month}, which came to {due} "
            "kr, and what was before is settled: {difference} kr differ."
        )
    return N_(
        "{month} came to {due} kr on {account}, of which {amount} kr are settled by {settlements}: {difference} kr "
        "differ. Either these are wrong, or a voucher of {month} on the account is. The books do not tell which: "
        "compare with the documents before anything is changed."
    )


Raised = tuple[data.Transaction, Decimal]
"""A voucher, and by how much it raises, or settles, what is to be settled."""


class Settled(NamedTuple):
    """What is settled in a month otherwise than what an earlier month came to, and what there is to say of it."""

    own: Sequence[Raised]
    month: Month
    due: Decimal
    later: Month | None = None
    """The month whose amount it is, where it is that of a later one."""
    at_fault: Raised | None = None
    elsewhere: data.Transaction | None = None
    """The payment that has what lacks, on another account."""
    is_unpaid: bool = False
    """Whether it is set off only, where a payment came with it before."""

    @property
    def amount(self) -> Decimal:
        return sum((number for _, number in self.own), ZERO)

    @property
    def more(self) -> Decimal:
        """How much more the month came to than is settled."""
        return self.due - self.amount

    @property
    def mistyped(self) -> data.Transaction | None:
        """The settlement that is what it should be but for its digits."""
        return next((entry for entry, number in self.own if is_slip(number, number + self.more)), None)

    @property
    def blamed(self) -> data.Transaction:
        found = self.at_fault[0] if self.at_fault else self.elsewhere or self.mistyped
        return found or self.own[-1][0]


def _departed(account: str, rows: Sequence[tuple[data.Transaction, data.Posting]], books: Books) -> Iterator[Settled]:
    """Yield what is settled otherwise than by whole months, where so many settlements before it were."""
    sign = 1 if books.roles.has(account, Role.INPUT_VAT) else -1
    ends: dict[Month, Decimal] = {}  # what is raised in all at the end of each month
    raises: dict[Month, list[Raised]] = defaultdict(list)
    payments: dict[Month, list[Raised]] = defaultdict(list)
    raised = ZERO
    for entry, row in rows:
        number = sign * number_of(row) if has_amount(row, books.currency) else ZERO
        if number < 0 and _settles(entry, books):
            payments[Month.of(entry.date)].append((entry, -number))
        else:
            raised += number
            ends[Month.of(entry.date)] = raised
            raises[Month.of(entry.date)].append((entry, number))
    months, whole, before, with_money, longest = list(ends), 0, ZERO, False, 0
    for month, own in payments.items():
        # A month may be settled by parts: VAT by set-off and by payment.
        amount = sum((number for _, number in own), ZERO)
        met = next((at for at, end in enumerate(months) if ends[end] == before + amount and end <= month), None)
        is_paid = any(_has_money(entry, books) for entry, _ in own)
        if met is not None:
            months, whole, with_money = months[met + 1 :], whole + 1, is_paid
            longest = max(longest, (own[-1][0].date - own[0][0].date).days)
        else:
            # The payment comes some time after what is set off.
            since = (books.last_booked - own[-1][0].date).days
            waits = with_money and not is_paid and since <= longest + HOLIDAYS
            if whole >= SETTLEMENTS and months and not waits:
                settled = Settled(own, months[0], ends[months[0]] - before, is_unpaid=with_money and not is_paid)
                yield _explained(account, settled, ends, raises, books)
            whole = 0
        before += amount


def _explained(
    account: str,
    settled: Settled,
    ends: Mapping[Month, Decimal],
    raises: Mapping[Month, Sequence[Raised]],
    books: Books,
) -> Settled:
    """Return what is settled with what explains it, where the books tell."""
    last = settled.own[-1][0]
    for before, month in pairwise(ends):
        if settled.month < month < Month.of(last.date) and ends[month] - ends[before] == settled.amount:
            return settled._replace(later=month)
    if at_fault := _at_fault(account, settled, raises, books):
        return settled._replace(at_fault=at_fault)
    if not settled.is_unpaid:
        return settled
    beside = [
        entry
        for entry in books.having(Role.MONEY)
        if Month.of(entry.date) == Month.of(last.date) and _moves(abs(settled.more), entry, books)
    ]
    return settled._replace(elsewhere=beside[0]) if len(beside) == 1 else settled


def _at_fault(account: str, settled: Settled, raises: Mapping[Month, Sequence[Raised]], books: Books) -> Raised | None:
    """Return the one voucher that makes a month come to something else than is settled, None where none does.

    Where the settlement itself may be the slip, it is that which is looked at. What has the whole difference comes
    before what may be mistyped, and that before what is only unlike the others of its party.
    """
    month, more = settled.month, settled.more
    if settled.mistyped:
        return None
    raised = raises[month]
    is_vat = books.roles.has(account, *VAT)
    bought = [each for each in books.once(invoiced) if each.rate and each.net > 0 and not each.reverses_charge]
    bought = [each for each in bought if Month.of(each.voucher.date) == month] if is_vat else []
    is_output = books.roles.has(account, Role.OUTPUT_VAT)
    found: list[list[Raised]] = [
        [each for each in raised if each[1] == more],
        [
            (entry, number)
            for entry, number in raised
            if is_slip(number, number - more) or (is_vat and _has_rate(entry, number, number - more, books))
        ],
        # What has no VAT, and should have, has no row on the account.
        [
            (each.invoiced.voucher, abs(each.invoiced.vat))
            for each in books.once(unusual_rates)
            if is_vat and Month.of(each.invoiced.voucher.date) == month and each.more == -more
        ],
        # Nor has what the buyer owes VAT on, and is booked with the seller's.
        [(each.voucher, ZERO) for each in bought if is_output and each.vat == -more],
        [(each.voucher, ZERO) for each in bought if is_output and is_at_a_rate(-more, each.whole)],
        [each for each in raised if _is_unlike(each, more, raises)],
    ]
    slips = next(filter(None, found), [])
    return slips[0] if len(slips) == 1 else None


def _is_unlike(each: Raised, more: Decimal, raises: Mapping[Month, Sequence[Raised]]) -> bool:
    """Tell whether a voucher has more than any other of its party, and would have what they have without the rest."""
    entry, number = each
    if not entry.payee or more <= 0:
        return False
    key = party_key(entry.payee)
    others = [
        other
        for own in raises.values()
        for voucher, other in own
        if voucher is not entry and voucher.payee and party_key(voucher.payee) == key
    ]
    return len(others) >= OF_PARTY and min(others) <= number - more <= max(others) < number


def _has_rate(entry: data.Transaction, vat: Decimal, meant: Decimal, books: Books) -> bool:
    """Tell whether VAT of another amount would be at a rate of what a voucher sells or buys, or of what was meant."""
    rows = [number for account, number in books.rows(entry) if books.roles.has(account, Role.COSTS, Role.INCOME)]
    net = abs(sum(rows, ZERO))
    # Where the whole stays, what VAT has less the cost or the income has more; or all of it is net, where the buyer
    # owes the VAT.
    if any(is_at_a_rate(abs(meant), each) for each in (net, net + abs(vat) - abs(meant), net + abs(vat))):
        return True
    # Where the digits of all rows are mistyped, the rate is the same.
    return net > 0 and is_at_a_rate(abs(vat), net) and is_slip(net, rounded(net * abs(meant) / abs(vat)))


def _settles(entry: data.Transaction, books: Books) -> bool:
    """Tell whether a voucher settles what others raised: it has neither costs nor income."""
    return not any(books.roles.has(row.account, Role.COSTS, Role.INCOME) for row in entry.postings)


def _moves(amount: Decimal, entry: data.Transaction, books: Books) -> bool:
    """Tell whether a voucher pays or brings in an amount."""
    return any(abs(number) == amount for account, number in books.rows(entry) if books.roles.has(account, Role.MONEY))


def _has_money(entry: data.Transaction, books: Books) -> bool:
    return any(books.roles.has(row.account, Role.MONEY) for row in entry.postings)
