"""What a year-end, or the end of a month, still lacks: in the order in which it is done, with amounts and reasons.

    for step in closing_steps(books, Month(2025, 12)):
        step.title              Avskrivningar
        step.vouchers           what the registers give: to book on a yes
        step.reasons            what somebody must say: the accruals of last year that have no like this year

What the rules know of a year with bokslut (provisions, surpluses) they tell themselves of the books as they would be:
`scripts.store.closing` asks them.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from beancount.core import data
from beancount.core.amount import Amount

from forbundsbok.plugins.accounts import is_clearing
from forbundsbok.plugins.accruals import accrual_accounts
from forbundsbok.plugins.assets import lacking_depreciation
from forbundsbok.plugins.books import Books
from forbundsbok.plugins.corrections import number_of
from forbundsbok.plugins.findings import Message, phrase
from forbundsbok.plugins.internal import MARK
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.money import ZERO
from forbundsbok.plugins.months import Month, shifted
from forbundsbok.plugins.numbers import FreeNumbers, read_ver
from forbundsbok.plugins.review import WAITS
from forbundsbok.plugins.rights import ATTEST
from forbundsbok.plugins.roles import Role
from forbundsbok.plugins.years import last_day_of_year

ACCRUALS = N_("Accruals")
_FINANCIAL = ("finansiella-intakter", "finansiella-kostnader")
_BALANCE = ("Assets:", "Liabilities:", "Equity:")


@dataclass(frozen=True)
class ClosingStep:
    """A step of a closing: what it writes, and what somebody must see to first or beside it."""

    title: str
    directives: Sequence[data.Directive] = ()
    reasons: Sequence[Message] = ()

    @property
    def is_done(self) -> bool:
        return not self.directives and not self.reasons


def closing_steps(books: Books, until: Month) -> list[ClosingStep]:
    """Return the steps of a closing that the books tell, but what only a year with bokslut must have."""
    day, is_year = until.last_day, until.number == 12
    numbers = FreeNumbers(books.vouchers)
    steps = [
        ClosingStep(N_("What waits for approval"), reasons=list(_waiting(books, day))),
        ClosingStep(N_("Depreciation"), lacking_depreciation(books, until, numbers)),
        ClosingStep(ACCRUALS, reasons=list(_accruals(books, day))),
    ]
    if is_year:
        debts, interest = (list(_not_as_last_year(books, day, is_pay=each)) for each in (True, False))
        steps += [
            ClosingStep(N_("Debts for holidays and pensions"), reasons=debts),
            ClosingStep(N_("Internal interest"), reasons=interest),
        ]
    return steps


def _waiting(books: Books, day: date) -> Iterator[Message]:
    own = [each for each in books.vouchers if each.flag == WAITS and _is_of_year(each, day)]
    if own:
        text = N_("{vouchers}: somebody says yes to them, or no   forbundsbok attest")
        yield phrase(text, vouchers=[str(read_ver(each) or each.narration) for each in own])


def _is_of_year(entry: data.Transaction, day: date) -> bool:
    return entry.date.year == day.year and entry.date <= day


def _accruals(books: Books, day: date) -> Iterator[Message]:
    """Yield what was accrued on the same day of the year before, and has no like now."""
    before = Month(day.year - 1, day.month).last_day
    for account in books.once(accrual_accounts):
        now = [each.against for each in account.raised if each.entry.date == day]
        for each in account.raised:
            is_cost = books.roles.has(each.against, Role.COSTS) and not books.roles.has(each.account, Role.ACCRUED_PAY)
            if each.entry.date != before or not each.against or not is_cost:
                continue
            if each.against in now:
                now.remove(each.against)
            elif books.is_open(each.against, day):
                unit, number = each.against.split(":")[1:3]
                option = "--prepaid" if account.sign > 0 else "--accrued"
                text = N_('{account}: {voucher} had {amount} kr; nothing now   {option} "{unit} {number}=..."')
                values = {"account": each.against, "voucher": each.entry, "amount": each.number, "option": option}
                yield phrase(text, unit=unit, number=number[:4], **values)


def _not_as_last_year(books: Books, day: date, *, is_pay: bool) -> Iterator[Message]:
    """Yield the accounts that a voucher of last year's end moved, and none of this year's: what somebody reckons."""
    if day.year - 1 < books.first_year:
        return  # what the books open with is no year's
    moved: dict[str, dict[int, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for entry in books.vouchers:
        # Payroll moves the debts of pay in each month; interest is reckoned within the last one.
        is_last = entry.date == last_day_of_year(entry.date.year) if is_pay else entry.date.month == day.month
        if not is_last or not day.year - 1 <= entry.date.year <= day.year:
            continue
        for row in entry.postings:
            if _is_of_step(row.account, books, is_pay=is_pay):
                moved[row.account][entry.date.year] += number_of(row)
    for account, years in sorted(moved.items()):
        if day.year not in years and books.is_open(account, day):
            text = N_("{account}: moved by {amount} kr at the end of {before}, and not now; it stands at {balance} kr")
            balance = _balance(books, account, day)
            yield phrase(text, account=account, amount=years[day.year - 1], before=day.year - 1, balance=balance)


def _is_of_step(account: str, books: Books, *, is_pay: bool) -> bool:
    if is_pay:
        return books.roles.has(account, Role.ACCRUED_PAY)
    opened = books.opens.get(account)
    return opened is not None and opened.meta.get(MARK) is True and books.roles.has(account, *_FINANCIAL)


def _balance(books: Books, account: str, day: date) -> Decimal:
    own = (number_of(row) for entry, row in books.postings.get(account, ()) if entry.date <= day)
    return sum(own, ZERO)


def closing_balances(books: Books, year: int) -> ClosingStep:
    """Return the balances to assert at a year-end; what is in a bank or a cash box is only told."""
    day = shifted(last_day_of_year(year), timedelta(days=1))
    asserted = {entry.account for entry in books.collected.balances if entry.date == day}
    before = {each.account for each in books.collected.balances if each.date == day.replace(year=year)}
    balances: list[data.Directive] = []
    reasons = []
    for account in sorted(books.postings):
        if is_clearing(account) or not account.startswith(_BALANCE) or account in asserted:
            continue
        number = _balance(books, account, last_day_of_year(year))
        if not number or (account in books.closes and books.closes[account].date < day):
            continue
        if books.roles.has(account, Role.MONEY):
            if account in before or not before:
                text = N_("{account}: {balance} kr in the books; write the balance that the bank states for {day}")
                if books.roles.has(account, Role.CASH):
                    text = N_("{account}: {balance} kr in the books; count the cash, and write what it is for {day}")
                reasons.append(phrase(text, account=account, balance=number, day=day))
        else:
            balances.append(data.Balance({}, day, account, Amount(number, books.currency), None, None))
    return ClosingStep(N_("Balances"), balances, reasons)


def signed(directives: Iterable[data.Directive], attest: str) -> list[data.Directive]:
    """Return directives whose vouchers that wait are approved by somebody."""
    return [
        each._replace(flag="*", meta=each.meta | {ATTEST: attest})
        if attest and isinstance(each, data.Transaction) and each.flag == WAITS
        else each
        for each in directives
    ]
