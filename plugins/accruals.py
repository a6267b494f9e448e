"""Accruals: what is prepaid or accrued at year-end comes back in the next year, with the same amount.

    2024-12-31 * "Förutbetald kostnad: lokalhyra kvartal 1 2025"
      ver: "B 44"
      Assets:NAV:1710-Interimsfordringar            456389.00 SEK
      Expenses:NAV:6020-Lokalhyror                 -456389.00 SEK

    2025-01-01 * "Återföring: förutbetald kostnad: lokalhyra kvartal 1 2025"
      ver: "M 11"
      Expenses:NAV:6020-Lokalhyror                  456389.00 SEK
      Assets:NAV:1710-Interimsfordringar           -456389.00 SEK

What is prepaid (17) is an asset, what is accrued (29) a debt: neither has the other sign. Accrued costs of the year's
last day are taken back before the end of March, as all prepaid ones are; pay, grants and income that are accrued are
settled in their own time.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from beancount.core import data

from forbundsbok.plugins.accounts import is_in_group
from forbundsbok.plugins.books import Books
from forbundsbok.plugins.corrections import has_amount, number_of
from forbundsbok.plugins.findings import Finding, Subject
from forbundsbok.plugins.imports import UNDERLAG, moved_in
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.money import ZERO
from forbundsbok.plugins.places import place
from forbundsbok.plugins.review import put_right
from forbundsbok.plugins.roles import Role, has_role
from forbundsbok.plugins.rulebook import Sees, rule
from forbundsbok.plugins.years import last_day_of_year

TAKEN_BACK = (3, 31)
"""The month and day by which what was accrued at year-end has come back."""

CASH = "191"
"""The beginning of the account numbers of petty cash."""

SEES = Sees(groups=(*Role.PREPAID.groups, *Role.ACCRUED.groups))
_RESULT = (Role.COSTS, Role.INCOME)


@dataclass(frozen=True)
class AccrualMovement:
    """What a voucher moves on an account of accruals, against an account of costs or income."""

    entry: data.Transaction
    account: str
    against: str
    number: Decimal

    @property
    def subject(self) -> Subject:
        return Subject("voucher", place(self.entry))


@dataclass(frozen=True)
class YearEnd:
    """What is accrued on an account at a year-end, and what comes back in the next year, without those that agree."""

    accrued: Sequence[AccrualMovement]
    back: Sequence[AccrualMovement]


def year_ends(books: Books) -> list[YearEnd]:
    """Return what does not agree of the accruals of each account and year-end."""
    elsewhere = books.once(moved_in)
    joined = {id(booking.first): booking for booking in books.bookings(books.corrections) if len(booking.vouchers) > 1}
    corrected = books.once(put_right)
    ends: list[YearEnd] = []
    for account, rows in sorted(books.postings.items()):
        sign = 1 if has_role(account, Role.PREPAID) else -1 if has_role(account, Role.ACCRUED) else 0
        accrued: dict[int, list[AccrualMovement]] = defaultdict(list)
        back: dict[int, list[AccrualMovement]] = defaultdict(list)
        for entry, row in rows if sign else ():
            number = sign * number_of(row)
            if id(entry) in joined:
                number = sign * joined[id(entry)].sums(books.currency).get(account, ZERO)
            elif id(entry) in corrected:
                continue
            if not number or not has_amount(row, books.currency) or entry.meta.get(UNDERLAG) in elsewhere:
                continue
            against = _against(entry)
            if number > 0 and entry.date == last_day_of_year(entry.date.year) and _comes_back(sign, against):
                accrued[entry.date.year].append(AccrualMovement(entry, account, against, number))
            elif number < 0:
                back[entry.date.year].append(AccrualMovement(entry, account, against, -number))
        ends += [_unlike(own, back[year + 1]) for year, own in accrued.items()]
    return [end for end in ends if end.accrued]


def _against(entry: data.Transaction) -> str:
    """Return the one account of costs or income of a voucher, none where it has others or several."""
    accounts = {row.account for row in entry.postings if has_role(row.account, *_RESULT)}
    return accounts.pop() if len(accounts) == 1 else ""


def _comes_back(sign: int, against: str) -> bool:
    if sign > 0:
        return has_role(against, *_RESULT)
    own_time = (Role.PAY, Role.PAYROLL_FEES, Role.GRANTS_PAID)
    return has_role(against, Role.COSTS) and not has_role(against, *own_time)


def _unlike(accrued: Sequence[AccrualMovement], back: Sequence[AccrualMovement]) -> YearEnd:
    """Return what is left when each amount is taken from both sides, those of the same other account first."""
    waiting, left = list(back), list(accrued)
    for same in (True, False):
        for each in list(left):
            met = (one for one in waiting if one.number == each.number and (one.against == each.against) == same)
            if one := next(met, None):
                waiting.remove(one)
                left.remove(each)
    return YearEnd(left, waiting)


@rule(
    "T121",
    title=N_("What was accrued at year-end comes back with the amount that it had."),
    why=N_("What comes back with another amount leaves a rest in the balance that no invoice or payment explains."),
    mend=N_("Correct the amount by a voucher with rattar, or acknowledge that it comes back by parts."),
    sees=SEES,
    warns=True,
)
def comes_back_as_it_was(books: Books) -> Iterator[Finding]:
    for end in books.once(year_ends):
        for back in end.back:
            meant = _meant(back, end)
            if meant:
                message = N_("{voucher} takes back {amount} kr of {account}, but {accrued} accrued {meant} kr.")
                values = {
                    "voucher": back.entry,
                    "amount": back.number,
                    "account": back.account,
                    "accrued": meant.entry,
                    "meant": meant.number,
                }
                yield Finding(back.entry, back.subject, message, values, also=[meant.subject])


def _meant(back: AccrualMovement, end: YearEnd) -> AccrualMovement | None:
    """Return the accrual that a voucher takes back with another amount: more, or the same digits in another order."""
    own = [each for each in end.accrued if each.against == back.against and back.against]
    slips = [each for each in own if sorted(str(each.number)) == sorted(str(back.number))]
    more = [each for each in own if len(own) == 1 and back.number > each.number]
    return next(iter(slips or more), None)


@rule(
    "T122",
    title=N_("What was accrued at year-end comes back before the end of March."),
    why=N_("What stays is a cost or an income of the wrong year, and an asset or a debt that is none any more."),
    mend=N_("Take it back, or acknowledge why it stays."),
    after=["T121"],
    sees=SEES,
    warns=True,
)
def comes_back(books: Books) -> Iterator[Finding]:
    for end in books.once(year_ends):
        by_parts = sum((each.number for each in end.back), ZERO)
        for each in end.accrued:
            due = date(each.entry.date.year + 1, *TAKEN_BACK)
            if books.last_booked > due and by_parts < each.number:
                message = N_("{amount} kr on {account}, which {voucher} accrued, has not come back by {due}.")
                values = {"amount": each.number, "account": each.account, "voucher": each.entry, "due": due}
                yield Finding(_at(each, books), each.subject, message, values)


def _at(accrued: AccrualMovement, books: Books) -> data.Directive:
    """Return where an accrual that does not come back is told: in the year that it should come back in."""
    # The voucher itself stands in a year that may be sealed, of which nothing is told.
    opened = books.opens.get(accrued.account)
    return opened if opened and books.is_sealed(accrued.entry.date) else accrued.entry


@rule(
    "T123",
    title=N_("Prepaid and accrued amounts, and cash, are on their own side of the balance."),
    why=N_(
        "A prepaid cost in credit, an accrued one in debit, or a cash box with less than nothing is a mistyped row."
    ),
    mend=N_("Look for the voucher that turned it: its sign, amount, account or unit, or that it is booked twice."),
    after=["T121"],
    sees=Sees(groups=(*SEES.groups, CASH)),
    warns=True,
)
def own_side(books: Books) -> Iterator[Finding]:
    for account, rows in sorted(books.postings.items()):
        sign = _side(account)
        balance, turned = ZERO, None
        for at, (entry, row) in enumerate(rows) if sign else ():
            before = balance
            balance += sign * number_of(row)
            if balance >= 0:
                turned = None
            elif before >= 0 or turned is None:
                turned = entry
            is_last = at + 1 == len(rows) or rows[at + 1][0].date > entry.date
            if is_last and turned and not books.is_sealed(entry.date):
                message = N_("{voucher} leaves {account} with {balance} kr on the wrong side.")
                values = {"voucher": turned, "account": account, "balance": -balance}
                yield Finding(turned, Subject("voucher", place(turned)), message, values)
                break


def _side(account: str) -> int:
    if has_role(account, Role.PREPAID) or is_in_group(account, CASH):
        return 1
    return -1 if has_role(account, Role.ACCRUED) else 0
