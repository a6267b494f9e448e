"""Internal sales: what one unit sells to another, which no statement of the whole federation shows.

The accounts for them are marked where they are opened, and stand alone in their vouchers:

    2023-01-01 open Income:ADM:3610-Interna-tjänster SEK
      intern: TRUE
    2023-01-01 open Expenses:NAV:7610-Interna-tjänster SEK
      intern: TRUE

    2023-01-31 * "Administrativa tjänster till Navet januari"
      ver: "N 8"
      Income:ADM:3610-Interna-tjänster         -162030.19 SEK
      Expenses:NAV:7610-Interna-tjänster        162030.19 SEK

What the buyer owes the seller is clearing, and is not marked. A voucher that a later one of the same
month corrects (`rattar`) is judged together with it. Rows of nothing count as not written.

I401: In every voucher internal income equals internal expense.
    Why: report 3.1 leaves both out; were one larger, income and costs would be wrong by the difference.
    Mend: write the voucher that the message holds, or take accounts without intern when the other part is external.

I402: Seller and buyer are different units.
    Why: report 3.5; a unit that sells to itself shows income and costs that it never had.
    Mend: name the unit that bought, as in the message, or remove the voucher.

I403: Internal and external accounts do not stand in the same voucher.
    Why: what is left out of report 3.1 must be whole vouchers, or a voucher would be half shown.
    Mend: write the two vouchers that the message holds instead.

I404: The mark is intern: TRUE, on accounts for income and expenses between units and on no others.
    Why: report 3.1 and 3.5; the mark decides what is left out. What units owe each other is left out as clearing.
    Mend: write the open as in the message, or remove the mark.

I405: What a unit sells to another is booked on internal accounts.
    Why: report 3.1; booked on others it would raise both the income and the costs of the federation.
    Mend: mark the accounts as in the message, or use internal accounts in the voucher.
"""

from calendar import monthrange
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from beancount.core import data

from forbundsbok.plugins.accounts import CLEARING, parse_account
from forbundsbok.plugins.corrections import CORRECTS, Booking, bookings, has_amount
from forbundsbok.plugins.mending import Numbers, indented, kronor, row, series_of, voucher_text
from forbundsbok.plugins.rules import RuleError, broken

__plugins__ = ("check_internal",)

MARK = "intern"
ZERO = Decimal(0)

# What an account is to an internal sale.
INTERNAL, EXTERNAL, BALANCE, CLEARED = "internal", "external", "balance", "cleared"


def check_internal(entries: data.Directives, options_map: Mapping[str, Any]) -> tuple[data.Directives, list[RuleError]]:
    """Report breaches of I401 to I405."""
    opens = {entry.account: entry for entry in entries if isinstance(entry, data.Open)}
    errors = [broken(entry, mistake) for entry in opens.values() if (mistake := _mark_mistake(entry))]
    # What vouchers on an account with a wrong mark should be cannot be told.
    kinds = {account: _kind(entry) for account, entry in opens.items() if _mark_mistake(entry) is None}
    wrong, unmarked = [], []
    for entry in entries:
        if isinstance(entry, data.Transaction):
            found = {kinds.get(posting.account) for posting in entry.postings}
            if INTERNAL in found:
                if not _is_plainly_right(entry, kinds):
                    wrong.append(entry)
            elif EXTERNAL in found and BALANCE not in found:
                unmarked.append(entry)
    currencies = options_map["operating_currency"]
    if currencies and (wrong or unmarked):
        books = _Books(entries, opens, kinds, currencies[0])
        errors += [*books.mixed_errors(wrong), *books.unmarked_errors(unmarked)]
    return entries, errors


def _kind(entry: data.Open) -> str:
    name = parse_account(entry.account)
    if entry.account.endswith(f":{CLEARING}"):
        return CLEARED
    if name is None or name.root not in ("Income", "Expenses"):
        return BALANCE
    return INTERNAL if entry.meta.get(MARK) is True else EXTERNAL


def _mark_mistake(entry: data.Open) -> str | None:
    mark = entry.meta.get(MARK, False)
    if mark is False or _kind(entry) in (INTERNAL, CLEARED):
        return None
    bare = _open_text(entry)
    if _kind(entry) == BALANCE:
        return f"I404 {entry.account} is of the balance sheet, where nothing is marked {MARK}: write\n{bare}"
    return f"I404 {MARK} is TRUE or not written, on {entry.account} it is neither: write\n{bare}\n    {MARK}: TRUE"


def _open_text(entry: data.Open) -> str:
    return f"  {entry.date} open {entry.account} {','.join(entry.currencies or ())}".rstrip()


def _is_plainly_right(entry: data.Transaction, kinds: Mapping[str, str]) -> bool:
    """Tell whether a voucher has internal accounts alone, and seller and buyer are different units."""
    sellers: set[str] = set()
    buyers: set[str] = set()
    for posting in entry.postings:
        kind, name = kinds.get(posting.account), parse_account(posting.account)
        if name is None or kind not in (INTERNAL, CLEARED):
            return False
        if kind == INTERNAL:
            (sellers if name.root == "Income" else buyers).add(name.unit)
    return sellers.isdisjoint(buyers)


@dataclass(frozen=True)
class _Sale:
    """What the vouchers of a booking in one month come to: internal amounts, and the external ones beside them."""

    entry: data.Transaction
    income: Mapping[str, Decimal]
    expense: Mapping[str, Decimal]
    external: Mapping[str, Decimal]
    late: data.Transaction | None = None
    """What puts it right, but first in another month."""

    @property
    def internal(self) -> dict[str, Decimal]:
        return {**self.income, **self.expense}

    @property
    def sold(self) -> Decimal:
        return -sum(self.income.values(), ZERO)

    @property
    def bought(self) -> Decimal:
        return sum(self.expense.values(), ZERO)

    @property
    def within(self) -> set[str]:
        """The units that both sell and buy."""
        return _units(self.income) & _units(self.expense)

    @property
    def is_right(self) -> bool:
        # Internal amounts alone that are not equal do not balance, which Beancount reports.
        return not self.internal or not (self.external or self.within)


class _Books:
    """The ledger that the mistakes stand in: what else its accounts are used for, and which numbers are free."""

    def __init__(
        self, entries: data.Directives, opens: Mapping[str, data.Open], kinds: Mapping[str, str], currency: str
    ) -> None:
        self._vouchers = [entry for entry in entries if isinstance(entry, data.Transaction)]
        self._opens = opens
        self._kinds = kinds
        self._currency = currency
        self._numbers = Numbers(entries)

    def mixed_errors(self, vouchers: list[data.Transaction]) -> list[RuleError]:
        """Return the errors of vouchers with internal accounts: one for an account where its mark is to blame."""
        sales = self._wrong_sales([entry for entry in vouchers if self._is_readable(entry)])
        errors = []
        while account := self._wrongly_marked(sales):
            sales = [sale for sale in sales if account not in sale.internal and account not in sale.external]
            errors.append(self._account_error(account))
        return errors + [self._sale_error(sale) for sale in sales]

    def unmarked_errors(self, vouchers: list[data.Transaction]) -> list[RuleError]:
        """Return the errors of vouchers on external accounts that are internal sales, one for each selling account."""
        by_seller: dict[str, list[data.Transaction]] = defaultdict(list)
        for entry in vouchers:
            if CORRECTS not in entry.meta and self._is_readable(entry) and (seller := self._seller(entry)):
                by_seller[seller].append(entry)
        return [self._unmarked_error(entries) for entries in by_seller.values()]

    def _is_readable(self, entry: data.Transaction) -> bool:
        """Tell whether all rows have amounts and accounts: what is wrong with others is reported elsewhere."""
        return all(has_amount(posting, self._currency) and posting.account in self._kinds for posting in entry.postings)

    def _wrong_sales(self, vouchers: list[data.Transaction]) -> list[_Sale]:
        """Return what is wrong by the vouchers, the first of each booking: what corrects it is the same mistake."""
        corrections = [entry for entry in self._vouchers if CORRECTS in entry.meta]
        wrong = {id(entry) for entry in vouchers}
        sales = []
        for booking in bookings(vouchers, corrections, self._vouchers):
            by_month: dict[tuple[int, int], list[data.Transaction]] = defaultdict(list)
            for entry in booking.vouchers:
                by_month[entry.date.year, entry.date.month].append(entry)
            months = [month for month in by_month.values() if any(id(entry) in wrong for entry in month)]
            found = [sale for month in months if not (sale := self._sale(month, wrong)).is_right]
            if found:
                late = next((entry for entry in booking.vouchers if entry.date > found[0].entry.date), None)
                whole = self._sale(list(booking.vouchers), wrong).is_right
                sales.append(replace(found[0], late=late if whole else None))
        return sales

    def _sale(self, vouchers: list[data.Transaction], wrong: set[int]) -> _Sale:
        amounts: dict[str, dict[str, Decimal]] = {"Income": {}, "Expenses": {}, "external": {}}
        for account, number in Booking(tuple(vouchers)).sums(self._currency).items():
            if number:
                part = account.split(":")[0] if self._kinds.get(account) == INTERNAL else "external"
                amounts[part][account] = number
        first = next(entry for entry in vouchers if id(entry) in wrong)
        return _Sale(first, amounts["Income"], amounts["Expenses"], amounts["external"])

    def _wrongly_marked(self, sales: list[_Sale]) -> str | None:
        """Return an account whose vouchers, more than one, are all wrong and would all be right by the other mark."""
        alone = Counter(
            next(iter(amounts))
            for sale in sales
            for amounts in (sale.internal, sale.external)
            if len(amounts) == 1 and self._kinds[next(iter(amounts))] != BALANCE
        )
        several = {account for account, count in alone.items() if count > 1}
        if not several:
            return None
        used = Counter(
            account for entry in self._vouchers for account in several & {posting.account for posting in entry.postings}
        )
        suspects = [account for account in several if alone[account] == used[account]]
        return min(suspects, key=lambda account: (-alone[account], self._kinds[account], account), default=None)

    def _account_error(self, account: str) -> RuleError:
        entry = self._opens[account]
        bare = _open_text(entry)
        if self._kinds[account] == INTERNAL:
            message = f"is marked {MARK}, but all its vouchers have external accounts: write\n{bare}"
        else:
            message = f"stands only beside internal accounts, but is not marked: write\n{bare}\n    {MARK}: TRUE"
        return broken(entry, f"I404 {account} {message}")

    def _sale_error(self, sale: _Sale) -> RuleError:
        if not sale.external:
            return self._within_error(sale)
        meta = next((posting.meta for posting in sale.entry.postings if posting.account in sale.external), None)
        if sale.sold == sale.bought:
            return broken(sale.entry, self._mixed(sale), meta)
        return broken(sale.entry, self._unequal(sale), meta)

    def _mixed(self, sale: _Sale) -> str:
        entry = sale.entry
        ver = self._numbers.free(series_of(entry, "N"), entry.date.year)
        own = self._text(entry, sale.external)
        internal = self._text(entry._replace(meta={"ver": ver}), sale.internal)
        message = f"I403 {_name(entry)} mixes internal accounts with {self._listed(sale.external)}"
        return f"{message}. Write two:\n{own}\n\n{internal}"

    def _unequal(self, sale: _Sale) -> str:
        difference = sale.sold - sale.bought
        message = (
            f"I401 {_name(sale.entry)} has internal income of {kronor(sale.sold)} and internal expense of "
            f"{kronor(sale.bought)} {self._currency}, beside {self._listed(sale.external)}"
        )
        if sale.late:
            day = _month_end(sale.entry.date)
            heading = indented(voucher_text(sale.late._replace(date=day)).splitlines()[0])
            message += f", which {_name(sale.late)} corrects first on {sale.late.date}"
            return f"{message}. Date it in the month:\n{heading}"
        lacking, others = ("Expenses", sale.income) if abs(sale.bought) < abs(sale.sold) else ("Income", sale.expense)
        account = self._account(lacking, _units(sale.external) - _units(others), _units(others))
        if account is None:
            return f"{message}. Write both parts on internal accounts, or both on others."
        equal = dict(sale.internal)
        equal[account] = equal.get(account, ZERO) + difference
        text = self._text(sale.entry, equal)
        return f"{message}. Write, if it is internal:\n{text}\nand if not, on accounts without {MARK}."

    def _within_error(self, sale: _Sale) -> RuleError:
        unit = min(sale.within)
        buying = min(account for account in sale.expense if account.split(":")[1] == unit)
        meta = next((posting.meta for posting in sale.entry.postings if posting.account == buying), None)
        message = f"I402 {_name(sale.entry)}: {unit} sells to itself {kronor(sale.expense[buying])} {self._currency}"
        account = self._account("Expenses", set(), _units(sale.income))
        if account is None:
            return broken(sale.entry, f"{message}. Remove it.", meta)
        moved = {other: number for other, number in sale.internal.items() if other != buying}
        moved[account] = moved.get(account, ZERO) + sale.expense[buying]
        text = self._text(sale.entry, moved)
        return broken(sale.entry, f"{message}. Remove it, or write the unit that bought, as:\n{text}", meta)

    def _seller(self, entry: data.Transaction) -> str | None:
        """Return the income account of an internal sale on external accounts, or None where there is none."""
        sums = Booking((entry,)).sums(self._currency)
        units: dict[str, Decimal] = defaultdict(Decimal)
        for account, number in sums.items():
            units[_unit(account)] += number
        sold = [account for account, number in sums.items() if _is_sold(account, number) and units[_unit(account)] < 0]
        bought = [
            account for account, number in sums.items() if _is_bought(account, number) and units[_unit(account)] > 0
        ]
        return min(sold) if sold and bought else None

    def _unmarked_error(self, entries: list[data.Transaction]) -> RuleError:
        first = entries[0]
        others = f" and {len(entries) - 1} more" if len(entries) > 1 else ""
        sums = Booking((first,)).sums(self._currency)
        renamed: dict[str, Decimal] = defaultdict(Decimal)
        for account, number in sums.items():
            root, unit = account.split(":")[:2]
            renamed[self._account(root, {unit}, set()) or ""] += number
        message = (
            f"I405 {_name(first)}{others}: an internal sale on accounts without {MARK}, {self._listed(sums)}. Write:\n"
        )
        if "" not in renamed and _units(renamed) == _units(sums):
            return broken(first, message + self._text(first, renamed))
        marked = [f"{_open_text(self._opens[account])}\n    {MARK}: TRUE" for account in sorted(sums)]
        return broken(first, message + "\n".join(marked))

    def _account(self, root: str, preferred: set[str], excluded: set[str]) -> str | None:
        """Return an internal account of a root, of a preferred unit if there is one and of no excluded one."""
        accounts = [account for account, kind in self._kinds.items() if kind == INTERNAL and account.startswith(root)]
        others = [account for account in accounts if _unit(account) not in excluded]
        return min(others, key=lambda account: (_unit(account) not in preferred, account), default=None)

    def _listed(self, amounts: Mapping[str, Decimal]) -> str:
        return ", ".join(f"{account} {kronor(number)} {self._currency}" for account, number in amounts.items())

    def _text(self, entry: data.Transaction, amounts: Mapping[str, Decimal]) -> str:
        postings = [row(account, number, self._currency) for account, number in amounts.items()]
        return indented(voucher_text(entry._replace(postings=postings)))


def _name(entry: data.Transaction) -> str:
    ver = entry.meta.get("ver")
    return ver if isinstance(ver, str) else f"The voucher of {entry.date}"


def _month_end(day: date) -> date:
    """Return the last day of a date's month."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def _unit(account: str) -> str:
    return account.split(":")[1]


def _units(accounts: Iterable[str]) -> set[str]:
    return {_unit(account) for account in accounts}


def _is_sold(account: str, number: Decimal) -> bool:
    return account.startswith("Income:") and number < 0


def _is_bought(account: str, number: Decimal) -> bool:
    return account.startswith("Expenses:") and number > 0
