"""The employer's declaration of a month: pay, withheld tax and fees by unit, proven against the accounts of the debts.

    2025-02-18 * "Löner Räddningstjänst februari"          011   100 000
      Expenses:RT:5010-Löner                100000.00 SEK
      Expenses:RT:5610-Arbetsgivaravgifter   31420.00 SEK
      Liabilities:RT:2710-Preliminärskatt   -25000.00 SEK   497    25 000
      Liabilities:RT:2730-Arbetsgivaravgift -31420.00 SEK   487    31 420
      Liabilities:RT:2810-Nettolöner        -75000.00 SEK

What a voucher with money, or on the tax account, takes off the debts is their settlement. The statement of the tax
account is held against all this: each tax and fee against its month's, each payment against its voucher.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from beancount.core import data

from forbundsbok.plugins.accounts import unit_of
from forbundsbok.plugins.books import Books
from forbundsbok.plugins.findings import Message, phrase
from forbundsbok.plugins.language import N_, language, tr
from forbundsbok.plugins.money import ZERO, amount_text, rounded
from forbundsbok.plugins.months import Month
from forbundsbok.plugins.roles import Role
from forbundsbok.queries.general_ledger import GeneralLedger
from forbundsbok.queries.proofs import StatementError
from forbundsbok.queries.vat_return import refuse_empty

TAX, FEES = "preliminarskatt", "arbetsgivaravgifter"
SICK_PAY = "sjukloner"
FULL_RATE = Decimal("31.42")
"""The fees of pay in per cent, for all but the young and the old (SAL 2 kap. 26 §, and the general payroll tax)."""
NEAR = timedelta(days=10)
"""How long a bank and Skatteverket may take with a payment."""

_MONTHS = ("jan", "feb", "mar", "apr", "maj", "jun", "jul", "aug", "sep", "okt", "nov", "dec")
_MONTH = re.compile(rf"\b({'|'.join(_MONTHS)})[a-zå]*\.?\s+(20\d\d)\b", re.IGNORECASE)
_CHARGED = (
    (re.compile(r"avdragen\s+(prelimin\S*\s+)?skatt", re.IGNORECASE), TAX),
    (re.compile(r"arbetsgivaravgift|socialavgift", re.IGNORECASE), FEES),
)

LABELS = {
    "011": N_("Pay in cash, all employees"),
    "497": N_("Withheld tax"),
    "487": N_("Fees of the employer"),
    "499": N_("Cost of sick pay"),
}
"""The boxes of the declaration (SKV 4786); 011 is the sum of what each employee's own part has."""


@dataclass(frozen=True)
class UnitPay:
    """What a unit pays in a month, what is withheld of it, and the fees on it."""

    unit: str
    pay: Decimal
    tax: Decimal
    fees: Decimal
    sick_pay: Decimal

    @property
    def percent(self) -> Decimal | None:
        """The fees as a part of the pay, in per cent."""
        return rounded(100 * self.fees / self.pay) if self.pay else None

    @property
    def off(self) -> Decimal:
        """How much the fees are above those of the full rate."""
        return self.fees - rounded(self.pay * FULL_RATE / 100)


@dataclass(frozen=True)
class PayrollDebt:
    """A debt of tax or fees, credit plus: when the month begins, what it raises and settles, when it ends."""

    account: str
    opening: Decimal
    raised: Decimal
    settled: Decimal
    closing: Decimal


@dataclass(frozen=True)
class PayrollReturn:
    """The declaration of a month."""

    month: Month
    units: Sequence[UnitPay]
    debts: Sequence[PayrollDebt]

    def boxes(self) -> dict[str, Decimal]:
        """Return each box that has something, in kronor and öre."""
        boxes = {
            "011": sum((each.pay for each in self.units), ZERO),
            "497": sum((each.tax for each in self.units), ZERO),
            "487": sum((each.fees for each in self.units), ZERO),
            "499": sum((each.sick_pay for each in self.units), ZERO),
        }
        return {box: number for box, number in boxes.items() if number or box != "499"}


def payroll_return(books: Books, ledger: GeneralLedger, month: Month) -> PayrollReturn:
    """Return the declaration of a month. Raises StatementError where the accounts of the debts do not prove it."""
    refuse_empty(books, month, month)
    sums: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    own = books.having(Role.PAYROLL_DEBTS)  # what a supplier invoices on an account of pay is none
    for entry in (each for each in own if Month.of(each.date) == month and not _settles(each, books)):
        rows = books.rows(entry)
        # What holidays are owed changes a debt, and is no pay.
        owed = {(unit_of(account), -number) for account, number in rows if books.roles.has(account, Role.ACCRUED)}
        for account, number in rows:
            if books.roles.has(account, Role.PAY) and (unit_of(account), number) not in owed:
                sums[unit_of(account)]["pay"] += number
            for kind, sign in ((TAX, -1), (FEES, -1), (SICK_PAY, 1)):
                if books.roles.has(account, kind):
                    sums[unit_of(account)][kind] += sign * number
    units = [
        UnitPay(unit, each["pay"], each[TAX], each[FEES], each[SICK_PAY])
        for unit, each in sorted(sums.items())
        if any(each.values())
    ]
    debts = list(_debts(books, ledger, month))
    _prove(units, debts, books)
    return PayrollReturn(month, units, debts)


def _settles(entry: data.Transaction, books: Books) -> bool:
    """Tell whether a voucher pays tax and fees, or takes balances in."""
    rows = books.rows(entry)
    if any(books.roles.has(account, Role.EQUITY) for account, _ in rows):
        return True
    is_paid = any(books.roles.has(account, Role.MONEY, Role.TAX_ACCOUNT) for account, _ in rows)
    return is_paid and not any(books.roles.has(account, Role.COSTS) for account, _ in rows)


def _debts(books: Books, ledger: GeneralLedger, month: Month) -> Iterator[PayrollDebt]:
    """Yield each debt of tax and fees: its balances asked of the books by themselves, its movements by vouchers."""
    opening, closing = (ledger.balances(day) for day in (month.first_day - timedelta(1), month.last_day))
    for account in sorted(each for each in books.postings if books.roles.has(each, TAX, FEES)):
        moved = {True: ZERO, False: ZERO}
        for entry in books.on_accounts([account]):
            if Month.of(entry.date) == month:
                moved[_settles(entry, books)] -= sum((n for name, n in books.rows(entry) if name == account), ZERO)
        debt = PayrollDebt(account, -opening.get(account, ZERO), moved[False], moved[True], -closing.get(account, ZERO))
        if debt.opening or debt.raised or debt.settled or debt.closing:
            yield debt


def _prove(units: Sequence[UnitPay], debts: Sequence[PayrollDebt], books: Books) -> None:
    """Raise StatementError where a debt is not its balance, or the boxes are not what the debts are raised by."""
    for each in debts:
        come_to = each.opening + each.raised + each.settled
        if come_to != each.closing:
            text = N_("{account} is {closing} kr on the last day, but its vouchers come to {sum} kr")
            raise StatementError(tr(text, account=each.account, closing=_kr(each.closing), sum=_kr(come_to)))
    for kind, declared in ((TAX, [each.tax for each in units]), (FEES, [each.fees for each in units])):
        raised = sum((each.raised for each in debts if books.roles.has(each.account, kind)), ZERO)
        if raised != sum(declared, ZERO):
            text = N_("the boxes have {boxes} kr of {kind}, but the accounts have {booked} kr")
            told = {"boxes": _kr(sum(declared, ZERO)), "booked": _kr(raised)}
            raise StatementError(tr(text, kind=kind, **told))


def _kr(number: Decimal) -> str:
    return amount_text(number, language())


# The tax account


@dataclass(frozen=True)
class Reconciled:
    """A row of the tax account's statement, or a payment that it has not, with what the books have."""

    day: date
    text: str
    amount: Decimal
    found: Message
    agrees: bool


def reconciled(books: Books, rows: Iterable[tuple[date, str, Decimal]]) -> list[Reconciled]:
    """Return the rows of a tax account's statement, each with what the books have, and what only the books have."""
    own = sorted(rows)
    first, last = own[0][0], own[-1][0]
    payments = list(_payments(books, first - NEAR, last + NEAR))
    charges = _charges(books)
    found: list[Reconciled] = []
    drawn: list[Reconciled] = []
    for day, text, amount in own:
        near = [each for each in payments if each[1] == amount and abs(each[0].date - day) <= NEAR]
        if near:
            match = min(near, key=lambda each: abs(each[0].date - day))
            payments.remove(match)
            found.append(Reconciled(day, text, amount, phrase(N_("{voucher}"), voucher=match[0]), agrees=True))
        else:
            found.append(_charged(day, text, amount, charges))
            drawn += [found[-1]] if found[-1].agrees else []
    for entry, amount in payments:
        # What is drawn for a month's pay is one voucher in the books, and a row for the tax and one for the fees.
        is_drawn = amount == sum(row.amount for row in drawn if abs(row.day - entry.date) <= NEAR)
        if is_drawn or not first <= entry.date <= last - NEAR:
            continue
        told = phrase(N_("is not on the tax account"))
        text = " ".join(filter(None, (str(entry.meta.get("ver") or ""), entry.narration)))
        found.append(Reconciled(entry.date, text, amount, told, agrees=False))
    return found


def _payments(books: Books, first: date, last: date) -> Iterator[tuple[data.Transaction, Decimal]]:
    """Yield what the books have on the tax account; without one, what is paid to Skatteverket of its debts."""
    has_account = any(books.roles.has(account, Role.TAX_ACCOUNT) for account in books.postings)
    for entry in books.having(Role.TAX_ACCOUNT) if has_account else books.having(TAX, FEES, "moms", "ingaende-moms"):
        if not first <= entry.date <= last or (not has_account and not _settles(entry, books)):
            continue
        role, sign = (Role.TAX_ACCOUNT, 1) if has_account else (Role.MONEY, -1)
        amount = sum((sign * number for account, number in books.rows(entry) if books.roles.has(account, role)), ZERO)
        if amount:
            yield entry, amount


def _charges(books: Books) -> Mapping[tuple[str, Month], Decimal]:
    """Return what each month raises of tax and of fees."""
    sums: dict[tuple[str, Month], Decimal] = defaultdict(Decimal)
    for entry in books.having(TAX, FEES):
        if not _settles(entry, books):
            for account, number in books.rows(entry):
                for kind in (TAX, FEES):
                    if books.roles.has(account, kind):
                        sums[kind, Month.of(entry.date)] -= number
    return sums


def _charged(day: date, text: str, amount: Decimal, charges: Mapping[tuple[str, Month], Decimal]) -> Reconciled:
    kind = next((kind for pattern, kind in _CHARGED if pattern.search(text)), None)
    if kind is None:
        return Reconciled(day, text, amount, phrase(N_("is not in the books")), agrees=False)
    said = _MONTH.search(text)
    # What names no month is of the one before, as it is declared.
    month = Month(int(said[2]), _MONTHS.index(said[1].lower()) + 1) if said else Month.of(day).after(-1)
    booked = charges.get((kind, month), ZERO)
    if booked == -amount:
        return Reconciled(day, text, amount, phrase(N_("as the pay of {month}"), month=str(month)), agrees=True)
    told = phrase(N_("the pay of {month} has {booked} kr"), month=str(month), booked=booked)
    return Reconciled(day, text, amount, told, agrees=False)
