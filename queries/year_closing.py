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

from forbundsbok.plugins.accounts import is_clearing, unit_of
from forbundsbok.plugins.accruals import AccrualMovement, accrual_accounts
from forbundsbok.plugins.assets import lacking_depreciation
from forbundsbok.plugins.books import Books
from forbundsbok.plugins.corrections import named_numbers, number_of
from forbundsbok.plugins.findings import Message, phrase
from forbundsbok.plugins.internal import MARK
from forbundsbok.plugins.invoices import debt_of
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.money import ZERO, rounded
from forbundsbok.plugins.months import Month, shifted
from forbundsbok.plugins.numbers import FreeNumbers, in_order, read_ver
from forbundsbok.plugins.open_items import INVOICE
from forbundsbok.plugins.recurrence import lasting, named_period
from forbundsbok.plugins.review import WAITS, put_right
from forbundsbok.plugins.rights import ATTEST
from forbundsbok.plugins.roles import Role
from forbundsbok.plugins.templates import templates_of
from forbundsbok.plugins.years import last_day_of_year
from forbundsbok.queries.voucher_forms import FormError, VoucherForm

ACCRUALS = N_("Accruals")
_INTEREST = "finansiella-kostnader"
"""What internal interest is of whom pays it; whom it is paid to has the same as income."""
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
        _accruals(books, until, numbers),
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
        yield phrase(text, vouchers=in_order(own))


def _is_of_year(entry: data.Transaction, day: date) -> bool:
    return entry.date.year == day.year and entry.date <= day


def _accruals(books: Books, until: Month, numbers: FreeNumbers) -> ClosingStep:
    """Return what is to be accrued by the invoices that are booked, and what last year had and this one has not."""
    proposed: list[data.Directive] = []
    reasons: list[Message] = []
    for each in _of_other_time(books, until):
        try:
            proposed += each.vouchers(books, until, numbers)
        except FormError as error:
            text = N_("{voucher}: {amount} kr of {account} is of another time; it is accrued by hand: {why}")
            values = {"voucher": each.invoice, "amount": each.amount, "account": each.account}
            reasons.append(phrase(text, why=str(error), **values))
    costs = {row.account for each in proposed if isinstance(each, data.Transaction) for row in each.postings}
    reasons += [each for each in _as_last_year(books, until.last_day) if each.values["account"] not in costs]
    return ClosingStep(ACCRUALS, proposed, reasons)


@dataclass(frozen=True)
class _OfOtherTime:
    """What an invoice has on a cost that is of a time on the other side of a day: accrued, or prepaid."""

    invoice: data.Transaction
    account: str
    amount: Decimal
    is_prepaid: bool

    def vouchers(self, books: Books, until: Month, numbers: FreeNumbers) -> list[data.Transaction]:
        """Return what accrues it, and what takes it back where that is within the year. Raises FormError."""
        template = templates_of(books)["forutbetald" if self.is_prepaid else "upplupen"]
        text = self.invoice.narration or ""
        values = {
            "enhet": unit_of(self.account),
            "belopp": str(self.amount),
            "kostnad": self.account,
            "datum": str(until.last_day),
            "text": f"{template.label}: {text[:1].lower()}{text[1:]}",
        }
        ver = read_ver(self.invoice)
        form = VoucherForm(books, template, values)
        accounts = map(form.account, range(len(form.fields)))
        if other := next((each for each in accounts if each and unit_of(each) != form.unit), ""):
            text = N_("{unit} has no account for it; the one there is is {account}")
            raise FormError(text, unit=form.unit, account=other)
        own = form.vouchers(numbers)
        named = {INVOICE: f"{ver} {ver.year}"} if ver else {}
        return [each._replace(meta=each.meta | (named if each.date == until.last_day else {})) for each in own]


def _of_other_time(books: Books, until: Month) -> Iterator[_OfOtherTime]:
    """Yield what supplier invoices have of the other side of a day, by the one month, quarter or year that they name.

    An invoice that comes within some months after is of the time before it as far as the months of its period are; one
    that is booked before is paid in advance as far as they come after. What is accrued already is not told again.
    """
    day = until.last_day
    accrued = _accrued(books, day)
    corrected = books.once(put_right)
    for entry in books.having(Role.SUPPLIERS):
        is_later = entry.date > day
        if entry.date.year != day.year and not (is_later and Month.of(entry.date).since(until) <= _AWAITED):
            continue
        if id(entry) in corrected or read_ver(entry) is None or debt_of(books, entry) is None:
            continue
        period = named_period(entry)
        months = period.months if period else []
        beyond = [month for month in months if (month <= until) == is_later]
        if not beyond or entry.date.year - months[0].year > 1:
            continue
        for account, number in books.rows(entry):
            own_time = (Role.PAY, Role.PAYROLL_FEES, Role.GRANTS_PAID)
            if number <= 0 or not books.roles.has(account, Role.COSTS) or books.roles.has(account, *own_time):
                continue
            amount = rounded(number * len(beyond) / len(months))
            is_there = _is_accrued(accrued, account, amount, entry)
            if amount and not is_there and books.is_open(account, day):
                yield _OfOtherTime(entry, account, amount, is_prepaid=not is_later)


_AWAITED = 3
"""How many months after a day an invoice of the time before it may come."""


def _accrued(books: Books, day: date) -> list[AccrualMovement]:
    """Return what the year has accrued of costs and not taken back on a day."""
    standing = []
    for account in books.once(accrual_accounts):
        back = [each for each in account.back if each.entry.date <= day]
        for each in account.raised:
            if each.against and each.entry.date.year == day.year and each.entry.date <= day:
                met = (one for one in back if (one.against, one.number) == (each.against, each.number))
                if one := next((one for one in met if one.entry.date >= each.entry.date), None):
                    back.remove(one)
                else:
                    standing.append(each)
    return standing


def _is_accrued(accrued: list[AccrualMovement], account: str, amount: Decimal, invoice: data.Transaction) -> bool:
    """Tell whether a cost is accrued already, and take what accrues it away: by the invoice, the amount, the text."""
    own = [each for each in accrued if each.against == account]
    text = lasting(invoice.narration or "")
    for met in (
        [each for each in own if read_ver(invoice) in named_numbers(each.entry, INVOICE)],
        [each for each in own if each.number == amount],
        [each for each in own if text and text in lasting(each.entry.narration or "")],
    ):
        if met:
            accrued.remove(met[0])
            return True
    return False


def _as_last_year(books: Books, day: date) -> Iterator[Message]:
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
            text = N_(
                "{account}: moved by {amount} kr at the end of {before}, and not now; it stands at {balance} kr. "
                "{source}   forbundsbok new {kind} --unit {unit} --date {day} --amount ..."
            )
            kind, source = _KINDS[books.roles.slag(account).name if is_pay else "internranta"]
            values = {"account": account, "amount": years[day.year - 1], "before": day.year - 1, "day": day}
            said = {"kind": kind, "source": Message(source), "unit": unit_of(account)}
            yield phrase(text, balance=_balance(books, account, day), **values, **said)


_KINDS = {
    "semesterskuld": ("semesterskuld", N_("The payroll system knows what the holidays that are left are worth:")),
    "pensionsskuld-kort": ("pensionsskuld", N_("What is earned is in the report of the pension institute:")),
    "internranta": ("internranta", N_("The rate is decided, and no book has it:")),
}
"""The kind of voucher that books what no book can give, and who knows the figure."""


def _is_of_step(account: str, books: Books, *, is_pay: bool) -> bool:
    if is_pay:
        return books.roles.has(account, Role.ACCRUED_PAY)
    opened = books.opens.get(account)
    return opened is not None and opened.meta.get(MARK) is True and books.roles.has(account, _INTEREST)


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
