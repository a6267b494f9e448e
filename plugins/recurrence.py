"""Recurrence: what comes back month after month and year after year is booked as it was.

    2025-03-07 * "Leverantör 018 Städ" "Städning mars 2025" ^L-2025-0014
      ver: "L 14"
      Expenses:NAV:6120-Städning                    31720.00 SEK
      Assets:FK:1650-Momsfordran                     7930.00 SEK
      Liabilities:NAV:2510-Leverantörsskulder      -39650.00 SEK

Vouchers of one party with the same text, but for months, years and numbers, are alike. One that departs from all the
others has an account, a sign or an amount that was mistyped, or lacks a row. Only what all others agree on is asked of
it, so that a party that invoices now this and now that is asked for nothing. A voucher that is corrected is put right.
"""

import re
from bisect import bisect_left, bisect_right, insort
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from itertools import pairwise
from statistics import median
from typing import Any, NamedTuple

from beancount.core import data

from forbundsbok.plugins.accounts import unit_of
from forbundsbok.plugins.assets import registers
from forbundsbok.plugins.books import Books
from forbundsbok.plugins.corrections import CORRECTS, Row, number_of
from forbundsbok.plugins.findings import Finding, Message, Subject
from forbundsbok.plugins.imports import BANKREF, UNDERLAG, moved_in
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.money import ZERO
from forbundsbok.plugins.months import MONTHS, Month, shifted
from forbundsbok.plugins.numbers import read_ver
from forbundsbok.plugins.open_items import SUPPLIERS_NUMBER, bills, invoice_day, mistyped
from forbundsbok.plugins.parties import folded, invoice_number, party_key, same_party
from forbundsbok.plugins.payment_files import PAYMENT_FILE
from forbundsbok.plugins.places import place
from forbundsbok.plugins.review import put_right
from forbundsbok.plugins.roles import Role, Roles
from forbundsbok.plugins.rulebook import EVERY, Sees, rule
from forbundsbok.plugins.spelling import is_misspelt

OTHERS = 5
"""How many other vouchers must agree before one that departs from them is strange."""

SMALL = Decimal(10)
"""Kronor below which a row that no other has is rounding or a difference."""

_MONTH = re.compile(rf"\b(?:{'|'.join(MONTHS)})\b", re.IGNORECASE)
_PERIOD = re.compile(
    rf"\b(?:(?P<month>{'|'.join(MONTHS)})|(?P<kind>kvartal|tertial|vecka)\s*(?P<number>\d\d?))\b(?:\s+(?P<year>20\d\d))?"
    r"|\bavse(?:ende|r)\s+(?P<whole>20\d\d)\b",
    re.IGNORECASE,
)
_PASSING = frozenset((*MONTHS, "kvartal", "tertial", "vecka"))
"""What is another each time in texts that are alike, beside numbers."""
_WORD = re.compile(r"[^\s0-9.,:;()]+")


class RowKind(NamedTuple):
    """A row without its amount."""

    account: str
    is_debit: bool | None
    """None for a row that stands on either side."""

    @property
    def told(self) -> Message:
        if self.is_debit is None:
            return Message(N_("a row on {account}"), {"account": self.account})
        text = N_("{account} in debit") if self.is_debit else N_("{account} in credit")
        return Message(text, {"account": self.account})


def lasting(narration: str) -> str:
    """Return a text without what passes: months, years, numbers."""
    return " ".join([word for word in _WORD.findall(narration.casefold()) if word not in _PASSING])


def alike(books: Books) -> list[list[data.Transaction]]:
    """Return the vouchers that are alike: of one series and party, and of one text without what passes.

    Those that are corrected, or were kept in another system, are not among them, nor is what was paid by file, which
    has the account between where the others have the bank's.
    """
    corrected = books.once(put_right)
    groups = ([entry for entry in own if id(entry) not in corrected] for own in books.once(of_one_text))
    return [own for own in groups if len(own) > OTHERS and not books.is_sealed(own[-1].date)]


def of_one_text(books: Books) -> list[list[data.Transaction]]:
    """Return the vouchers that are alike with those that are corrected, which have come all the same."""
    elsewhere = books.once(moved_in)
    parties: dict[tuple[str, str], list[data.Transaction]] = defaultdict(list)
    for entry in books.vouchers:
        series, _, number = str(entry.meta.get("ver")).partition(" ")
        if number and entry.narration and PAYMENT_FILE not in entry.meta and CORRECTS not in entry.meta:
            parties[series, party_key(entry.payee or "")].append(entry)
    groups: list[list[data.Transaction]] = []
    for entries in parties.values():
        # A party that is seldom met, or only in sealed years, has no text that need be read.
        if len(entries) < RUN or books.is_sealed(entries[-1].date):
            continue
        texts: dict[str, list[data.Transaction]] = defaultdict(list)
        for entry in entries:
            if entry.meta.get(UNDERLAG) not in elsewhere:
                texts[lasting(entry.narration or "")].append(entry)
        groups += texts.values()
    return groups


# Rows


@cache
def _number(account: str) -> str:
    """Return an account without its unit and detail."""
    parts = account.split(":")
    return parts[2] if len(parts) > 2 else account


Shape = tuple[tuple[str, bool], ...]
"""The account of each row, and whether it is debited."""


def _shape(rows: Iterable[Row]) -> Shape:
    return tuple([(account, number > 0) for account, number in rows])


@cache
def _parts(shape: Shape) -> tuple[frozenset[RowKind], frozenset[RowKind]]:
    """Return the rows of a voucher without their amounts, in whole and by their numbers alone."""
    whole = frozenset(RowKind(account, is_debit) for account, is_debit in shape)
    return whole, frozenset(RowKind(_number(account), is_debit) for account, is_debit in shape)


@cache
def _accounts(shape: Shape) -> frozenset[str]:
    """Return the accounts of a voucher's rows, without unit and detail."""
    return frozenset(_number(account) for account, _ in shape)


def _telling(rows: Iterable[Row], books: Books) -> list[RowKind]:
    """Return the rows by which a voucher is another thing: VAT, which plugins.vat judges, and small ones are not."""
    vat = (Role.INPUT_VAT, Role.OUTPUT_VAT)
    large = [row for row in rows if abs(row[1]) >= SMALL and not books.roles.has(row[0], *vat)]
    return sorted({RowKind(_number(account), number > 0) for account, number in large})


@rule(
    "T107",
    title=N_("A voucher has the rows that all others of the same party and text have."),
    why=N_("A wrong account or unit, turned signs and a forgotten row of VAT balance, and no other rule sees them."),
    mend=N_(
        "Compare with the others, and put the rows right by a correction, or acknowledge that it is another thing."
    ),
    after=["R901", "R902", "R903", "R904", "R910", "T102", "T103", "T104", "M701", "M702", "M705"],
    sees=EVERY,
    warns=True,
)
def unlike_others(books: Books) -> Iterator[Finding]:
    for own in books.once(alike):
        shapes = [_shape(books.rows(entry)) for entry in own]
        counts = Counter(shapes)
        # Which assets are depreciated in a month, the register tells (D706).
        if len(counts) == 1 or any(books.roles.has(row.account, Role.DEPRECIATED) for row in own[-1].postings):
            continue
        whole, numbers = Counter[RowKind](), Counter[RowKind]()
        for shape, count in counts.items():
            for each, parts in zip((whole, numbers), _parts(shape), strict=True):
                each.update(dict.fromkeys(parts, count))
        always = {part for part, count in (whole | numbers).items() if count == len(own) - 1}
        # What stands now on one side, now on the other, lacks where it stands on neither.
        accounts = Counter(
            account for shape, count in counts.items() for account in _accounts(shape) for _ in range(count)
        )
        either = {account for account, count in accounts.items() if count == len(own) - 1}
        for entry, shape in zip(own, shapes, strict=True):
            if counts[shape] > 1:
                continue  # it has a fellow
            lacking = sorted(always.difference(*_parts(shape)))
            if _bought_elsewhere(entry, own, books):
                lacking = [part for part in lacking if ":" not in part.account]
            told = {part.account for part in lacking}
            lacking += [
                RowKind(account, is_debit=None)
                for account in sorted(either - _accounts(shape))
                if not told & {account, *(each for each in told if _number(each) == account)}
            ]
            strange = [part for part in _telling(books.rows(entry), books) if numbers[part] == 1]
            if lacking or strange:
                yield _unlike(entry, len(own) - 1, lacking, strange)


def _bought_elsewhere(entry: data.Transaction, own: Iterable[data.Transaction], books: Books) -> bool:
    """Tell whether a supplier's invoice is whole, cost and debt, of a unit that has none of the others.

    It has accounts of its own, as it has who approves there.
    """
    units = _buyers(entry, books)
    return len(units) == 1 and all(units.isdisjoint(_buyers(other, books)) for other in own if other is not entry)


def _buyers(entry: data.Transaction, books: Books) -> set[str]:
    """Return the units of the costs and debts of a supplier's invoice, none of what is no such invoice."""
    accounts = [account for account, _ in books.rows(entry)]
    if not any(books.roles.has(each, Role.SUPPLIERS) for each in accounts):
        return set()
    return {unit_of(each) for each in accounts if books.roles.has(each, Role.SUPPLIERS, Role.PURCHASES)}


def _unlike(entry: data.Transaction, count: int, lacking: Sequence[RowKind], strange: Sequence[RowKind]) -> Finding:
    # An account that lacks in whole is not told by its number as well.
    numbers = {RowKind(_number(part.account), part.is_debit) for part in lacking if ":" in part.account}
    told = [part.told for part in lacking if part not in numbers]
    values = {
        "voucher": entry,
        "count": count,
        "text": entry.narration,
        "lacking": told,
        "strange": [_told_with_amount(part, entry) for part in strange],
    }
    message = N_('{voucher} "{text}" has {strange}, which none of {count} others like it has, and lacks {lacking}.')
    if not strange:
        message = N_('{voucher} "{text}" lacks {lacking}, which all {count} others like it have.')
    elif not lacking:
        message = N_('{voucher} "{text}" has {strange}, which none of {count} others like it has.')
    return Finding(entry, Subject("voucher", place(entry)), message, values)


def _told_with_amount(part: RowKind, entry: data.Transaction) -> Message:
    numbers = (number_of(row) for row in entry.postings if _number(row.account) == part.account)
    amount = sum((abs(number) for number in numbers if (number > 0) == part.is_debit), ZERO)
    text = N_("{account} in debit ({amount} kr)") if part.is_debit else N_("{account} in credit ({amount} kr)")
    return Message(text, {"account": part.account, "amount": amount})


# Amounts

RECURS = 3
"""How many times an amount comes back before one like it is strange."""


@rule(
    "T108",
    title=N_("An amount that comes back is typed as it was."),
    why=N_("Two digits that changed places, or a zero too many, are seen by nobody where the voucher balances."),
    mend=N_("Compare with the document, and put the amount right, or acknowledge it."),
    sees=Sees(roles=(Role.SUPPLIERS, Role.CUSTOMERS)),
    warns=True,
)
def slip_of_recurring(books: Books) -> Iterator[Finding]:
    for account, rows in sorted(books.postings.items()):
        if not books.roles.has(account, Role.COSTS, Role.INCOME):
            continue
        parties: dict[str, list[tuple[data.Transaction, Decimal]]] = defaultdict(list)
        for entry, row in rows:
            if entry.payee:
                parties[party_key(entry.payee)].append((entry, number_of(row)))
        for own in parties.values():
            if len(own) > RECURS:
                yield from _slips(account, own, books)


def _slips(account: str, own: Sequence[tuple[data.Transaction, Decimal]], books: Books) -> Iterator[Finding]:
    counts = Counter([number for _, number in own])
    recurring = [number for number, count in counts.items() if count >= RECURS]
    for entry, number in own if recurring else ():
        if counts[number] > 1 or not _is_open_item(entry, books):
            continue
        meant = [other for other in recurring if is_slip(number, other)]
        if meant:
            message = N_("{voucher}: {amount} kr; {party} has {count} times had {meant} kr on {account}.")
            values = {
                "voucher": entry,
                "amount": abs(number),
                "party": entry.payee,
                "count": counts[meant[0]],
                "meant": abs(meant[0]),
                "account": account,
            }
            yield Finding(entry, Subject("voucher", place(entry)), message, values)


def _is_open_item(entry: data.Transaction, books: Books) -> bool:
    """Tell whether a voucher is an invoice on one account, booked here and not corrected."""
    accounts = [row.account for row in entry.postings]
    return (
        sum(books.roles.has(each, Role.COSTS, Role.INCOME) for each in accounts) == 1
        and any(books.roles.has(each, Role.SUPPLIERS, Role.CUSTOMERS) for each in accounts)
        and id(entry) not in books.once(put_right)
        and entry.meta.get(UNDERLAG) not in books.once(moved_in)
    )


def is_slip(number: Decimal, meant: Decimal) -> bool:
    """Tell whether a number is another one with two digits changed about, or with a zero too many or too few."""
    if number == meant or number * meant <= 0:
        return False
    if number in (10 * meant, 100 * meant) or meant in (10 * number, 100 * number):
        return True
    one, other = f"{abs(number):.2f}", f"{abs(meant):.2f}"
    differing = [i for i in range(min(len(one), len(other))) if one[i] != other[i]]
    return (
        len(one) == len(other)
        and len(differing) == 2
        and differing[1] == differing[0] + 1
        and (one[differing[0]], one[differing[1]]) == (other[differing[1]], other[differing[0]])
    )


def swaps(number: Decimal) -> Iterator[Decimal]:
    """Yield what a number, above zero, is with two digits beside each other that have changed places."""
    digits = str(int(number * 100))
    for at in range(len(digits) - 1):
        if digits[at] != digits[at + 1]:
            yield Decimal(digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :]) / 100


# Months and quarters

RUN = 5
"""How many months or quarters in a row make a voucher come each of them."""


class NamedPeriod(NamedTuple):
    """A month, a quarter or a year that a voucher names, by how many of its kind there are in a year."""

    in_year: int
    serial: int
    """How many of its kind from year 0."""

    @property
    def months(self) -> list[Month]:
        """The months that it is of."""
        count = 12 // self.in_year
        return [Month.at(self.serial * count + at) for at in range(count)]

    @property
    def last_day(self) -> date:
        return self.months[-1].last_day

    def after(self, count: int) -> "NamedPeriod":
        return self._replace(serial=self.serial + count)

    @property
    def told(self) -> str | Message:
        year, number = divmod(self.serial, self.in_year)
        if self.in_year == 12:
            return str(Month(year, number + 1))
        return Message(N_("quarter {number} of {year}"), {"number": number + 1, "year": str(year)})


class Periodic(NamedTuple):
    """A voucher that is of one month or one quarter, by its text."""

    period: NamedPeriod
    entry: data.Transaction

    @property
    def days_after(self) -> int:
        """How many days after the end of its period it is booked, less than nothing before that."""
        return (self.entry.date - self.period.last_day).days


def _periodic(own: Sequence[data.Transaction]) -> list[Periodic]:
    """Return the vouchers that name one month or one quarter each, in the year that is nearest to their day."""
    found = []
    for entry in own:
        named = [each for each in _PERIOD.finditer(entry.narration or "") if each["month"] or each["kind"]]
        if len(named) != 1:
            continue
        month, kind, number = named[0]["month"], (named[0]["kind"] or "").casefold(), named[0]["number"]
        if month:
            in_year, place_in_year = 12, MONTHS.index(month.casefold())
        elif kind == "kvartal" and 1 <= int(number) <= 4:
            in_year, place_in_year = 4, int(number) - 1
        else:
            continue
        booked = (entry.date.year * 12 + entry.date.month - 1) * in_year // 12
        years = range(entry.date.year - 1, entry.date.year + 2)
        serials = [year * in_year + place_in_year for year in years]
        serial = min(serials, key=lambda each: (abs(each - booked), each > booked))
        found.append(Periodic(NamedPeriod(in_year, serial), entry))
    return found


def named_period(entry: data.Transaction) -> NamedPeriod | None:
    """Return the one month, quarter or year that a voucher's text says it is of; None where it names none or several.

    Its year is the one that stands there, else the one nearest to its day.
    """
    named = list(_PERIOD.finditer(entry.narration or ""))
    if len(named) != 1:
        return None
    if whole := named[0]["whole"]:
        return NamedPeriod(1, int(whole))
    found = _periodic([entry])
    if not found:
        return None
    period = found[0].period
    year = named[0]["year"]
    return period._replace(serial=int(year) * period.in_year + period.serial % period.in_year) if year else period


def running(books: Books) -> list[list[Periodic]]:
    """Return the vouchers that are alike and name a month or a quarter each, in the order of these."""
    found = []
    for own in books.once(of_one_text):
        # What each unit books for itself has the same text in all of them.
        by_units: dict[frozenset[str], list[Periodic]] = defaultdict(list)
        of_text = _periodic(own)
        # What comes once a period is one, whichever units share it: one of them may have nobody to insure this month.
        is_one = len(of_text) - len({each.period for each in of_text}) <= 1
        for each in of_text:
            by_units[frozenset() if is_one else _units(each.entry, books)].append(each)
        for periodic in by_units.values():
            if len(periodic) >= RUN and len({each.period.in_year for each in periodic}) == 1:
                found.append(sorted(periodic, key=lambda each: (each.period, each.entry.date)))
    return found


def _units(entry: data.Transaction, books: Books) -> frozenset[str]:
    """Return the units that a voucher is of; VAT, which one unit has for all, tells none."""
    vat = (Role.INPUT_VAT, Role.OUTPUT_VAT)
    return frozenset(unit_of(account) for account, _ in books.rows(entry) if not books.roles.has(account, *vat))


def _runs(periodic: Sequence[Periodic]) -> bool:
    """Tell whether some vouchers are of one period each, without gap."""
    return all(each.period == periodic[0].period.after(at) for at, each in enumerate(periodic))


@dataclass(frozen=True)
class Monthly:
    """A voucher that is of a month, by its text."""

    month: Month
    entry: data.Transaction


def _monthly(own: Sequence[data.Transaction]) -> list[Monthly]:
    """Return the vouchers that name one month each, in the year that is nearest to their day."""
    found = []
    for entry in own:
        named = _MONTH.findall(entry.narration or "")
        if len(named) == 1:
            booked = Month.of(entry.date)
            month = min(
                (Month(year, MONTHS.index(named[0].lower()) + 1) for year in range(booked.year - 1, booked.year + 2)),
                key=lambda month: (abs(month.since(booked)), month.since(booked) > 0),
            )
            found.append(Monthly(month, entry))
    return found


@rule(
    "T109",
    title=N_("What comes each month lacks in none, and comes once."),
    why=N_("Pay, rent or VAT of a month that is forgotten, or booked twice, leaves every voucher in balance."),
    mend=N_("Book the month that lacks, or correct the one that is booked twice; acknowledge what is not so."),
    after=["T107", "T108"],
    sees=EVERY,
    warns=True,
)
def month_lacks(books: Books) -> Iterator[Finding]:
    corrected = books.once(put_right)
    for periodic in books.once(running):
        counts = Counter(each.period for each in periodic)
        for at in range(RUN, len(periodic)):
            last, each = periodic[at - 1], periodic[at]
            if not _runs(periodic[at - RUN : at]):
                continue
            values = {"voucher": each.entry, "text": each.entry.narration, "month": each.period.told}
            subject = Subject("voucher", place(each.entry))
            is_twice = each.period == last.period and counts[each.period] == 2
            if is_twice and corrected.isdisjoint((id(each.entry), id(last.entry))):
                message = N_('{voucher} "{text}" is the second for {month}; the first is {other}.')
                yield Finding(each.entry, subject, message, values | {"other": last.entry})
            elif each.period == last.period.after(2) and not _comes_by_turns(each.entry, books):
                message = N_('Before {voucher} "{text}" there is none for {lacking}; the {count} before have one each.')
                lacking = {"lacking": last.period.after(1).told, "count": RUN}
                yield Finding(each.entry, subject, message, {**values, **lacking})


def _comes_by_turns(entry: data.Transaction, books: Books) -> bool:
    """Tell whether a voucher may lack in a period: of VAT, or of depreciation that the register of assets awaits."""
    registered = {register.unit for register in books.once(registers) if register.assets}
    depreciated = (row.account for row in entry.postings if books.roles.has(row.account, Role.DEPRECIATED))
    return any(unit_of(account) in registered for account in depreciated) or _settles_vat(entry, books)


def _settles_vat(entry: data.Transaction, books: Books) -> bool:
    """Tell whether VAT is paid or comes back, which it does by turns."""
    accounts = [row.account for row in entry.postings]
    return any(books.roles.has(each, Role.MONEY) for each in accounts) and any(
        books.roles.has(each, Role.INPUT_VAT, Role.OUTPUT_VAT) for each in accounts
    )


DELAY = timedelta(days=20)
"""How much later than ever before a voucher may come."""


@rule(
    "T115",
    title=N_("What comes each month or quarter has come for the last one too."),
    why=N_(
        "Interest, depreciation or the day's takings that were not booked, or were booked away, lack last of all: no "
        "later voucher shows it."
    ),
    mend=N_("Book what lacks, or acknowledge at the last one that no more comes."),
    after=["T106", "T107", "T109"],
    sees=EVERY,
    warns=True,
)
def last_period_lacks(books: Books) -> Iterator[Finding]:
    due: list[tuple[date, Periodic, bool]] = []
    for periodic in books.once(running):
        run = periodic[-RUN:]
        last = run[-1]
        # An invoice comes when it comes, and who has not paid one is asked for it.
        if not _runs(run) or last.entry.links or _comes_by_turns(last.entry, books):
            continue
        days = max(each.days_after for each in run)
        due.append((_due(last.period, days), last, True))
        if books.last_booked <= shifted(_due(last.period.after(2), days), DELAY):
            due.append((_due(last.period.after(1), days), last, False))
    for day, last, has_come in due:
        # It is awaited when most of what comes on its day, or between that and the end of the books, has come.
        later = [come for other, _, come in due if day <= other <= books.last_booked]
        is_awaited = shifted(day, DELAY) < books.last_booked or 2 * later.count(False) < len(later)
        if not has_come and is_awaited:
            yield _last_lacks(last)


def _due(period: NamedPeriod, days: int) -> date:
    return shifted(period.last_day, timedelta(days))


def _last_lacks(last: Periodic) -> Finding:
    message = N_('After {voucher} "{text}" there is none for {lacking}; the {count} periods before have one each.')
    values = {"voucher": last.entry, "text": last.entry.narration, "lacking": last.period.after(1).told, "count": RUN}
    return Finding(last.entry, Subject("voucher", place(last.entry)), message, values)


@rule(
    "T110",
    title=N_("The month that a voucher names is as far from its day as in the others."),
    why=N_("A day in another month puts cost and income in the wrong month of report 3.5."),
    mend=N_("Put the day or the text right, or acknowledge it."),
    after=["T109"],
    sees=EVERY,
    warns=True,
)
def month_of_text(books: Books) -> Iterator[Finding]:
    for own in books.once(alike):
        if not _MONTH.search(own[-1].narration or ""):
            continue
        monthly = _monthly(own)
        apart = Counter(Month.of(each.entry.date).since(each.month) for each in monthly)
        if len(apart) != 2 or len(monthly) <= OTHERS or min(apart.values()) > 1:
            continue
        usual = apart.most_common(1)[0][0]
        for each in monthly:
            if Month.of(each.entry.date).since(each.month) != usual:
                message = N_('{voucher} "{text}" is dated {day}; by all {count} others like it, it belongs in {month}.')
                values = {
                    "voucher": each.entry,
                    "text": each.entry.narration,
                    "day": each.entry.date,
                    "count": len(monthly) - 1,
                    "month": str(each.month.after(usual)),
                }
                yield Finding(each.entry, Subject("voucher", place(each.entry)), message, values)


FIXED = Decimal("0.01")
"""The part of a fixed charge that changes without anybody's asking: a fee by use, or a rounding."""


@rule(
    "T176",
    title=N_("A charge that is the same all year is in a quarter, or a month, what it was in the one before."),
    why=N_(
        "Rents, licences and cleaning follow an agreement, and are raised when a year begins. One that is raised in "
        "the invoice and in the payment alike balances, and the difference is paid out."
    ),
    mend=N_("Compare with the agreement and the document, and put the amount right, or acknowledge what raised it."),
    after=["R911", "R915", "T108", "T109", "T114", "T127", "T129", "M705"],
    sees=Sees(roles=(Role.SUPPLIERS,)),
    warns=True,
)
def fixed_charge(books: Books) -> Iterator[Finding]:
    charges: dict[tuple[str, str, str], dict[NamedPeriod, list[tuple[data.Transaction, Decimal]]]] = {}
    for each in _periodic([invoice.entry for invoice in books.once(supplier_invoices)]):
        for account, number in books.rows(each.entry):
            if books.roles.has(account, Role.COSTS):
                key = (account, party_key(each.entry.payee or ""), lasting(each.entry.narration or ""))
                charges.setdefault(key, defaultdict(list))[each.period].append((each.entry, number))
    for (account, _, _), own in charges.items():
        amounts = {period: rows[0][1] for period, rows in own.items() if len(rows) == 1}
        for period, amount in amounts.items():
            begins = period.serial - period.serial % period.in_year
            year_before = {amounts.get(period._replace(serial=begins - back)) for back in range(1, period.in_year)}
            entry = own[period][0][0]
            if len(year_before) != 1 or None in year_before or books.is_sealed(entry.date):
                continue
            # What is agreed is raised when a year begins.
            usual = amounts.get(period.after(-1)) if period.serial > begins else None
            if usual and abs(amount - usual) > FIXED * usual:
                message = N_(
                    '{voucher} "{text}" has {amount} kr on {account}; the one before had {usual} kr, and those of the '
                    "year before it were all the same."
                )
                values = {"voucher": entry, "text": entry.narration, "amount": amount, "account": account}
                yield Finding(entry, Subject("voucher", place(entry)), message, {**values, "usual": usual})


OF_SMALLEST = 4
"""How many times smaller than the smallest before an amount is that lacks a digit."""


@rule(
    "T177",
    title=N_("What comes each month or quarter is not a fraction of what it ever was."),
    why=N_(
        "A digit that lacks, or money that has gone elsewhere, is seen where the others of its kind stand beside it."
    ),
    mend=N_("Compare with the document, and put the amount right, or acknowledge why it is so little."),
    after=["T107", "T108", "T118", "T127", "T131", "T132", "T176"],
    sees=EVERY,
    warns=True,
)
def fraction_of_usual(books: Books) -> Iterator[Finding]:
    corrected = books.once(put_right)
    for periodic in books.once(running):
        least: dict[str, Decimal] = {}
        for at, each in enumerate(periodic):
            entry = each.entry
            of_result = [row for row in books.rows(entry) if books.roles.has(row[0], Role.COSTS, Role.INCOME)]
            # A payroll's parts plugins.payroll compares.
            if len(of_result) != 1 or id(entry) in corrected:
                continue
            [(account, number)] = of_result
            smallest = least.get(account, ZERO)
            if at >= RUN and 0 < OF_SMALLEST * abs(number) < smallest and not books.is_sealed(entry.date):
                message = N_(
                    '{voucher} "{text}" has {amount} kr on {account}; the smallest of {count} before was {least} kr.'
                )
                values = {
                    "voucher": entry,
                    "text": entry.narration,
                    "amount": abs(number),
                    "account": account,
                    "count": at,
                    "least": smallest,
                }
                yield Finding(entry, Subject("voucher", place(entry)), message, values)
            least[account] = min(least.get(account, abs(number)), abs(number))


LATE = 3
"""How many months after what it is for an invoice of an earlier year may come."""


@rule(
    "T178",
    title=N_("An invoice of what was done in an earlier year is not a cost of this one."),
    why=N_(
        "Cost and income are of the year that they belong to. What comes to light long after the year "
        "is either another period than the text says, or something that nobody awaited."
    ),
    mend=N_("Write the period that the invoice is for, or acknowledge why it has come so late."),
    after=["T110", "T114", "T171", "R911"],
    sees=Sees(roles=(Role.SUPPLIERS, Role.CUSTOMERS)),
    warns=True,
)
def of_an_earlier_year(books: Books) -> Iterator[Finding]:
    corrected, elsewhere = books.once(put_right), books.once(moved_in)
    for entry in books.having(Role.SUPPLIERS, Role.CUSTOMERS):
        if books.is_sealed(entry.date) or CORRECTS in entry.meta or not _names_earlier_year(entry):
            continue
        of_result = [row for row in books.rows(entry) if books.roles.has(row[0], Role.COSTS, Role.INCOME)]
        if of_result and id(entry) not in corrected and entry.meta.get(UNDERLAG) not in elsewhere:
            account, number = max(of_result, key=lambda row: abs(row[1]))
            message = N_('{voucher} of {day} "{text}" has {amount} kr on {account}: it is of an earlier year.')
            values = {
                "voucher": entry,
                "day": entry.date,
                "text": entry.narration,
                "amount": abs(number),
                "account": account,
            }
            yield Finding(entry, Subject("voucher", place(entry)), message, values)


def _names_earlier_year(entry: data.Transaction) -> bool:
    """Tell whether a voucher names one month or quarter, with its year, that ended long ago in an earlier year.

    The day that stands on the invoice (`fakturadatum`) names one too.
    """
    day = invoice_day(entry)
    if day.year < entry.date.year and Month.of(entry.date).since(Month(day.year, 12)) > LATE:
        return True
    named = [each for each in _PERIOD.finditer(entry.narration or "") if each["year"] and not each["whole"]]
    if len(named) != 1 or int(named[0]["year"]) >= entry.date.year or (named[0]["kind"] or "kvartal") == "vecka":
        return False
    month = MONTHS.index(named[0]["month"].casefold()) + 1 if named[0]["month"] else 12
    return Month.of(entry.date).since(Month(int(named[0]["year"]), month)) > LATE


WEEK = 7
"""Within how many days of the month what is paid each month falls, and how much later than ever it is late."""


@rule(
    "T173",
    title=N_("What is paid on its day of each month is paid by that day."),
    why=N_(
        "Taxes, fees and pay that are paid late cost interest, and the money may have been used for something else "
        "meanwhile. A warning, since the bank may have been late."
    ),
    mend=N_("Compare with the bank's statement, and write the day that it says, or acknowledge why it is late."),
    after=["T109", "T110", "T116"],
    sees=EVERY,
    warns=True,
)
def paid_late(books: Books) -> Iterator[Finding]:
    for own in books.once(alike):
        count, first, last = 0, 31, 0
        for entry in own:
            rows = books.rows(entry)
            pays = any(number < 0 and books.roles.has(account, Role.MONEY) for account, number in rows)
            if entry.links or not pays:
                continue
            day = entry.date.day
            if count > OTHERS and last - first <= WEEK < day - last and not books.is_sealed(entry.date):
                message = N_('{voucher} "{text}" is of {day}; the {count} before were of day {first} to {last}.')
                values = {
                    "voucher": entry,
                    "text": entry.narration,
                    "day": entry.date,
                    "count": count,
                    "first": first,
                    "last": last,
                }
                yield Finding(entry, Subject("voucher", place(entry)), message, values)
            count, first, last = count + 1, min(first, day), max(last, day)


MEMBERS = 3
"""How many members must pay the same from quarter to quarter before one that does not is strange."""


RAISED = Decimal("1.05")
"""By how much a member's fee of a quarter may be raised by what follows prices or heads."""


@rule(
    "T118",
    title=N_("A member's fee of a quarter is what it was, where the other members' are as before."),
    why=N_(
        "A fee that is lowered, or not asked for, is paid in by nobody, or to somebody else; one that is raised is a "
        "mistyped one, or hides what another was let off."
    ),
    mend=N_("Invoice the fee that is decided, or acknowledge the decision by which it is another."),
    after=["T108", "T109", "T141"],
    sees=Sees(roles=(Role.CONTRIBUTIONS,)),
    warns=True,
)
def fee_of_a_quarter(books: Books) -> Iterator[Finding]:
    fees: dict[tuple[str, frozenset[str]], dict[NamedPeriod, dict[str, list[data.Transaction]]]] = {}
    for each in _periodic([entry for entry in books.having(Role.CONTRIBUTIONS) if CORRECTS not in entry.meta]):
        if each.period.in_year == 4 and each.entry.payee:
            units = _units(each.entry, books)
            own = fees.setdefault((lasting(each.entry.narration or ""), units), defaultdict(lambda: defaultdict(list)))
            own[each.period][party_key(each.entry.payee)].append(each.entry)
    for own in fees.values():
        for period, now in sorted(own.items()):
            before = own.get(period.after(-1), {})
            if period.serial % 4 == 0 or books.is_sealed(period.last_day):
                continue  # what is decided for a year begins with it
            sums = {party: (_fee(before[party], books), _fee(now.get(party, ()), books)) for party in before}
            odd = [party for party, (earlier, later) in sums.items() if later < earlier or later > RAISED * earlier]
            if (
                len(odd) == 1
                and len(sums) > MEMBERS
                and not (odd[0] in now and _has_varied(odd[0], period, own, books))
            ):
                yield _odd_fee(before[odd[0]][-1], now.get(odd[0], []), period, sums[odd[0]], len(sums) - 1)


def _has_varied(
    party: str, until: NamedPeriod, own: Mapping[NamedPeriod, Mapping[str, Sequence[data.Transaction]]], books: Books
) -> bool:
    """Tell whether a member's fee has been another from quarter to quarter of the year, as it may be rounded."""
    year = until.serial // 4 * 4
    earlier = [parties for period, parties in own.items() if year <= period.serial < until.serial]
    return len({_fee(parties[party], books) for parties in earlier if party in parties}) > 1


def _fee(entries: Iterable[data.Transaction], books: Books) -> Decimal:
    rows = (row for entry in entries for row in books.rows(entry))
    return -sum((number for account, number in rows if books.roles.has(account, Role.CONTRIBUTIONS)), ZERO)


def _odd_fee(
    last: data.Transaction,
    now: Sequence[data.Transaction],
    period: NamedPeriod,
    fees: tuple[Decimal, Decimal],
    count: int,
) -> Finding:
    """Return the finding of a fee that is another than in the quarter before, or lacks."""
    entry = now[-1] if now else last
    values = {
        "voucher": entry,
        "text": entry.narration,
        "party": last.payee,
        "period": period.told,
        "before": fees[0],
        "now": fees[1],
        "count": count,
    }
    message = N_(
        '{voucher} "{text}": {party} pays {now} kr for {period}, and {before} kr for the quarter before. The {count} '
        "other members pay what they did."
    )
    if not now:
        message = N_('After {voucher} "{text}" {party} has no fee for {period}; the {count} other members have one.')
    return Finding(entry, Subject("voucher", place(entry)), message, values)


# The days of a series

BESIDE = 3
"""How many numbers beside one tell in which month it was given."""

BACK = 2
"""How many months before all of those a voucher is dated back, and not only registered late."""


@rule(
    "T116",
    title=N_("A voucher's day is in the month of the numbers beside it."),
    why=N_(
        "Numbers are given as vouchers are registered: one that is dated after those that follow, or long before those "
        "that it follows, puts cost and income in another month than they came in."
    ),
    mend=N_("Write the day of the document, or acknowledge why it is registered out of its order."),
    after=["T110", "V503", "V504"],
    sees=EVERY,
    warns=True,
)
def day_of_its_number(books: Books) -> Iterator[Finding]:
    elsewhere, corrected = books.once(moved_in), books.once(put_right)
    series: dict[tuple[int, str], dict[int, data.Transaction]] = defaultdict(dict)
    for entry in books.vouchers:
        if not books.is_sealed(entry.date) and (ver := read_ver(entry)):
            series[ver.year, ver.series][ver.number] = entry
    for numbered in series.values():
        own = [numbered[number] for number in sorted(numbered)]
        months = [Month.of(entry.date).serial for entry in own]
        for at, entry in enumerate(own):
            before, after = months[max(at - BESIDE, 0) : at], months[at + 1 : at + 1 + BESIDE]
            if len(after) == BESIDE and months[at] > max(after):
                beside = own[at + 1 : at + 1 + BESIDE]
            elif len(before) == BESIDE and months[at] <= min(before) - BACK:
                beside = own[at - BESIDE : at]
            else:
                continue
            if id(entry) not in corrected and entry.meta.get(UNDERLAG) not in elsewhere:
                days = [entry.date for entry in beside]
                values = {"voucher": entry, "day": entry.date, "first": beside[0], "last": beside[-1]}
                message = N_("{voucher} is dated {day}, but {first} to {last}, beside it, {begin} to {end}.")
                values |= {"begin": min(days), "end": max(days)}
                yield Finding(entry, Subject("voucher", place(entry)), message, values)


# The day's takings


@rule(
    "T117",
    title=N_("What comes into the till is put into the bank in whole, where all else has been."),
    why=N_("Takings that are put in for less than came in, or bought for, are gone: nobody counts them again."),
    mend=N_("Put in the rest, or acknowledge what became of it."),
    after=["T107", "T109", "T115"],
    sees=Sees(roles=(Role.CASH,)),
    warns=True,
)
def takings_to_bank(books: Books) -> Iterator[Finding]:
    corrected = books.once(put_right)
    for account, rows in sorted(books.postings.items()):
        if not books.roles.has(account, Role.CASH):
            continue
        taken: list[tuple[data.Transaction, Decimal]] = []
        put: list[tuple[data.Transaction, Decimal]] = []
        for entry, row in (each for each in rows if not books.is_sealed(each[0].date)):
            others = [other for other, _ in books.rows(entry) if other != account]
            if number_of(row) > 0 and any(books.roles.has(other, Role.INCOME) for other in others):
                taken.append((entry, number_of(row)))
            elif number_of(row) < 0 and others and all(books.roles.has(other, Role.MONEY) for other in others):
                put.append((entry, -number_of(row)))
        lacking: list[tuple[data.Transaction, Decimal]] = []
        for entry, amount in taken:
            found = next((each for each in put if each[1] == amount and _soon(entry, each[0])), None)
            if found:
                put.remove(found)
            elif shifted(entry.date, DELAY) < books.last_booked:
                lacking.append((entry, amount))
        if len(lacking) == 1 and len(taken) > RECURS and id(lacking[0][0]) not in corrected:
            entry, amount = lacking[0]
            values = {"voucher": entry, "amount": amount, "account": account, "count": len(taken) - 1}
            message = N_("{amount} kr of {voucher} came into {account}, and have not been put into the bank in whole.")
            if less := next((each for each in put if _soon(entry, each[0])), None):
                message = N_("{amount} kr of {voucher} came into {account}, but {other} puts {put} kr into the bank.")
                values |= {"other": less[0], "put": less[1]}
            yield Finding(entry, Subject("voucher", place(entry)), message, values)


def _soon(taken: data.Transaction, put: data.Transaction) -> bool:
    return taken.date <= put.date <= shifted(taken.date, DELAY)


# Twice

DAYS = 10
"""Within how many days a voucher that is the same as another may be that one."""


@rule(
    "T111",
    title=N_("Nothing is booked twice."),
    why=N_("A copy of a voucher balances, and doubles cost, income or payment."),
    mend=N_("Take the second away by a correction, or acknowledge that it is another with the same text and amounts."),
    after=["T109", "V502", "R901", "R904", "R905", "R911"],
    sees=EVERY,
    warns=True,
)
def booked_twice(books: Books) -> Iterator[Finding]:
    elsewhere = books.once(moved_in)
    corrected = books.once(put_right)
    seen: dict[tuple[str, str], list[data.Transaction]] = defaultdict(list)
    for entry in books.vouchers:
        if not entry.postings or id(entry) in corrected or books.is_sealed(entry.date):
            continue
        same = seen[party_key(entry.payee or ""), folded(entry.narration or "")]
        rows = None
        for other in reversed(same):
            if (entry.date - other.date).days > DAYS:
                break
            if _are_told_apart(entry, other):
                continue
            rows = rows if rows is not None else sorted(books.rows(entry))
            if rows == sorted(books.rows(other)) and entry.meta.get(UNDERLAG) not in elsewhere:
                message = N_("{voucher} has the payee, the text and all the rows of {other}: is it booked twice?")
                values = {"voucher": entry, "other": other}
                yield Finding(entry, Subject("voucher", place(entry)), message, values)
                break
        same.append(entry)


def _are_told_apart(one: data.Transaction, other: data.Transaction) -> bool:
    """Tell whether the bank calls two movements by names of their own: two equal fees of a day are two fees."""
    mine, its = one.meta.get(BANKREF), other.meta.get(BANKREF)
    return bool(mine and its) and mine != its


_NUMBERS = re.compile(r"\d+")

OFTEN = 25
"""How many days are between two invoices at least, for their pace to be told."""


@rule(
    "T114",
    title=N_("An invoice comes once in its time, whatever unit and text it is booked with."),
    why=N_(
        "Two units may each get a copy, and a rent that is booked again with another text or another day is paid "
        "again. A warning, since two invoices may come to the same."
    ),
    mend=N_("Take the second away by a correction, or acknowledge that it is another one."),
    after=["T109", "T111", "R901", "R902", "R904", "R905", "R911"],
    sees=Sees(roles=(Role.SUPPLIERS, Role.CUSTOMERS)),
    warns=True,
)
def billed_twice(books: Books) -> Iterator[Finding]:
    elsewhere = books.once(moved_in)
    corrected = books.once(put_right)
    by_amount: dict[Decimal, list[list[data.Transaction]]] = defaultdict(list)
    amounts: dict[str, _Amounts] = defaultdict(_Amounts)
    paces = _Paces()
    for entry in books.having(Role.SUPPLIERS, Role.CUSTOMERS):
        if (
            not entry.payee
            or id(entry) in corrected
            or entry.meta.get(UNDERLAG) in elsewhere
            or not bills(entry, books.roles)
        ):
            continue
        owed = (
            number for account, number in books.rows(entry) if books.roles.has(account, Role.SUPPLIERS, Role.CUSTOMERS)
        )
        amount = sum(owed, ZERO)
        of_party = amounts[party_key(entry.payee)]
        of_party.add(amount)
        own = _of_party(entry, by_amount[amount])
        is_open = not books.is_sealed(entry.date)
        bought = _bought(entry, books) if amount < 0 else frozenset()
        if own is None:
            if amount <= -LARGE and is_open:
                found = (_of_party(entry, by_amount[each]) for each in of_party.near(amount))
                yield from _nearly_again(entry, [each[-1] for each in found if each], amount)
            by_amount[amount].append([entry])
        else:
            if amount and is_open:
                told = list(_billed_before(entry, own, abs(amount)))
                yield from told or _only_one_again(entry, own, amount, of_party, paces.may_come_back(bought))
            own.append(entry)
        paces.add(bought, own)


def _of_party(entry: data.Transaction, groups: Iterable[list[data.Transaction]]) -> list[data.Transaction] | None:
    """Return the invoices of the party of one, of some that are of one party each."""
    return next((each for each in groups if same_party(each[0].payee or "", entry.payee or "")), None)


def _bought(entry: data.Transaction, books: Books) -> frozenset[str]:
    """Return the numbers and names of what is bought, whatever the unit."""
    return frozenset(
        _number(account) for account, number in books.rows(entry) if number > 0 and _is_bought(account, books.roles)
    )


class _Amounts:
    """What the invoices of a party have come to, and how often."""

    def __init__(self) -> None:
        self.invoices = 0
        self.times = Counter[Decimal]()
        self._by_size: list[Decimal] = []

    def add(self, amount: Decimal) -> None:
        self.invoices += 1
        self.times[amount] += 1
        if self.times[amount] == 1:
            insort(self._by_size, amount)

    def near(self, amount: Decimal) -> Iterator[Decimal]:
        """Yield the amounts within a few kronor of one, and not the same."""
        within = slice(bisect_left(self._by_size, amount - SMALL), bisect_right(self._by_size, amount + SMALL))
        return (each for each in self._by_size[within] if each != amount)

    def comes_back_alone(self, amount: Decimal) -> bool:
        """Tell whether an amount has come twice, and no other one has, of many."""
        return self.times[amount] == 2 and self.invoices == len(self.times) + 1 > VARIED


class _Paces:
    """On which accounts an amount of a supplier has come back after a month or a quarter."""

    def __init__(self) -> None:
        self._invoices = Counter[frozenset[str]]()
        self._coming_back: set[str] = set()

    def add(self, bought: frozenset[str], own: Sequence[data.Transaction] | None) -> None:
        self._invoices[bought] += 1
        if own and len(own) > 1 and _is_next(own[-1], own[-2]):
            self._coming_back |= bought

    def may_come_back(self, bought: frozenset[str]) -> bool:
        """Tell whether what is bought may come back: few such are known, or one has."""
        return self._invoices[bought] < ALONE or not self._coming_back.isdisjoint(bought)


def _is_next(entry: data.Transaction, other: data.Transaction) -> bool:
    return any(least <= (entry.date - other.date).days <= most for least, most in RHYTHMS)


def _nearly_again(entry: data.Transaction, others: Sequence[data.Transaction], amount: Decimal) -> Iterator[Finding]:
    """Yield that an invoice is another one with a few kronor more or less, so that no two amounts are the same."""
    for other in others:
        days = (entry.date - other.date).days
        is_one_text = lasting(entry.narration or "") == lasting(other.narration or "")
        if (
            not is_one_text
            or days > SEASON
            or _is_next(entry, other)
            or _periods(entry)
            or len(_given(entry, other)) > 1
        ):
            continue
        message = N_(
            "{voucher} is of {payee} and {amount} kr, within {most} kr of {other}, {days} days before, and of the same "
            "text: is it booked twice?"
        )
        values = {
            "voucher": entry,
            "payee": entry.payee,
            "amount": abs(amount),
            "most": SMALL,
            "other": other,
            "days": days,
        }
        yield Finding(entry, Subject("voucher", place(entry)), message, values)
        return


def _billed_before(entry: data.Transaction, own: Sequence[data.Transaction], amount: Decimal) -> Iterator[Finding]:
    """Yield that an invoice may be one of the earlier ones, all of the same party and amount."""
    values = {"voucher": entry, "payee": entry.payee, "amount": amount}
    subject = Subject("voucher", place(entry))
    near = [other for other in own if _may_be_same(entry, other)]
    close = [other for other in near if (entry.date - other.date).days <= DAYS]
    period = _periods(entry)
    if not period and len(own) > RECURS and all(map(_periods, own)):
        period = frozenset({(MONTHS[entry.date.month - 1], "", entry.date.year)})  # where all others name theirs
    same_period = [other for other in near if period and period == _periods(other)]
    same_text = [other for other in own if lasting(other.narration or "") == lasting(entry.narration or "")]
    days = [other.date for other in same_text or own]  # what comes under a text of its own is held against them all
    gaps = [(after - before).days for before, after in pairwise(days)]
    if close or same_period:
        message = N_("{voucher} is of {payee} and {amount} kr as {other}, {days} days before: is it the same invoice?")
        if same_period:
            message = N_("{voucher} is of {payee}, {amount} kr and the same period as {other}: is it the same invoice?")
        other = (same_period or close)[-1]
        yield Finding(entry, subject, message, values | {"other": other, "days": (entry.date - other.date).days})
    elif len(gaps) >= RECURS and min(gaps) >= OFTEN and not _differ_in_period(entry, own[-1]):
        since = (entry.date - days[-1]).days
        if since * 2 < min(gaps):
            message = N_(
                "{voucher} of {payee}, {amount} kr, comes {days} days after {other}; the {count} others have been at "
                "least {least} days apart: is it booked twice?"
            )
            told = {"other": own[-1], "days": since, "count": len(days), "least": min(gaps)}
            yield Finding(entry, subject, message, values | told)


VARIED = 5
"""How many amounts of a party there are, no two of them the same, before one that comes back is strange."""

SEASON, YEAR = 92, 300
"""Within how many days an amount that comes back may be of the same invoice: of any, and of one without a period."""

RHYTHMS = ((24, 38), (84, 98))
"""How many days are between the invoices of a month and of a quarter, of which the second is the first to come back."""

EVEN = 1000
"""The kronor of which a round amount is whole: it comes back by itself."""


def _only_one_again(
    entry: data.Transaction,
    own: Sequence[data.Transaction],
    amount: Decimal,
    of_party: _Amounts,
    may_come_back: bool,
) -> Iterator[Finding]:
    """Yield that an invoice has the amount of another one, which has come once before and has no rhythm.

    What customers owe, above nothing, comes to the same more often: members pay alike in several units.
    """
    other, days = own[-1], (entry.date - own[-1].date).days
    values = {
        "voucher": entry,
        "payee": entry.payee,
        "amount": abs(amount),
        "other": other,
        "days": days,
        "count": of_party.invoices,
    }
    subject = Subject("voucher", place(entry))
    if of_party.comes_back_alone(amount) and days <= SEASON and _may_be_same(entry, other):
        message = N_(
            "{voucher} is of {payee} and {amount} kr as {other}, {days} days before; no other two of its {count} "
            "invoices have come to the same: is it booked twice?"
        )
        yield Finding(entry, subject, message, values)
    elif (
        amount < 0 and of_party.times[amount] == 2 and days <= YEAR and _comes_once(entry, other, amount, may_come_back)
    ):
        message = N_(
            "{voucher} is of {payee} and {amount} kr, to the öre as {other}, {days} days before, and that amount has "
            "come once: is it booked twice?"
        )
        yield Finding(entry, subject, message, values)


def _comes_once(entry: data.Transaction, other: data.Transaction, amount: Decimal, may_come_back: bool) -> bool:
    """Tell whether an invoice of the amount of another is no next one: its supplier, its text and its day say none."""
    days = (entry.date - other.date).days
    is_next = may_come_back and _is_next(entry, other)
    if is_next or not amount % EVEN or len(_given(entry, other)) > 1 or _periods(entry) != _periods(other):
        is_close = days <= DAYS and not is_next and len(_given(entry, other)) < 2
        return is_close and bool(amount % EVEN) and not _differ_in_period(entry, other)
    is_one_text = lasting(entry.narration or "") == lasting(other.narration or "")
    return is_one_text or bool(amount % 100)


def _given(*entries: data.Transaction) -> set[str]:
    """Return the numbers that their suppliers have given some invoices."""
    return {invoice_number(str(each.meta[SUPPLIERS_NUMBER])) for each in entries if SUPPLIERS_NUMBER in each.meta}


def _may_be_same(one: data.Transaction, other: data.Transaction) -> bool:
    """Tell whether two invoices of a party may be one by their texts and the numbers that their supplier gave them."""
    if len(_given(one, other)) > 1 or _differ_in_period(one, other):
        return False
    texts = [each.narration or "" for each in (one, other)]
    numbers = [set(_NUMBERS.findall(_PERIOD.sub("", text))) for text in texts]
    mine, its = (lasting(text) for text in texts)
    words = [set(text.split()) for text in (mine, its)]
    has_all = numbers[0] <= numbers[1] or numbers[1] <= numbers[0]
    return has_all and (words[0] <= words[1] or words[1] <= words[0] or is_misspelt(mine, its))


def _differ_in_period(one: data.Transaction, other: data.Transaction) -> bool:
    mine, its = _periods(one), _periods(other)
    return bool(mine and its and mine != its)


def _periods(entry: data.Transaction) -> frozenset[tuple[str, str, int]]:
    """Return the months, quarters and the like that an invoice names, each with its year: else that of its day."""
    return frozenset(
        (
            (each["month"] or each["kind"] or "").casefold(),
            each["number"] or "",
            int(each["year"] or each["whole"] or entry.date.year),
        )
        for each in _PERIOD.finditer(entry.narration or "")
    )


# Of another


MONTH = 31
"""Within how many days an invoice of one name may be that of another."""


@dataclass(frozen=True)
class SupplierInvoice:
    """What an invoice of a supplier owes, and for what."""

    entry: data.Transaction
    owed: Decimal
    bought: frozenset[str]
    """The numbers and names of what is bought, whatever the unit."""
    text: str


def supplier_invoices(books: Books) -> list[SupplierInvoice]:
    """Return the invoices of suppliers by date, but those that are corrected or were kept elsewhere."""
    elsewhere = books.once(moved_in)
    corrected = books.once(put_right)
    found = []
    for entry in books.having(Role.SUPPLIERS):
        if (
            not entry.payee
            or id(entry) in corrected
            or entry.meta.get(UNDERLAG) in elsewhere
            or not bills(entry, books.roles)
        ):
            continue
        owed = -sum((number for account, number in books.rows(entry) if books.roles.has(account, Role.SUPPLIERS)), ZERO)
        if owed > 0:
            found.append(SupplierInvoice(entry, owed, _bought(entry, books), lasting(entry.narration or "")))
    return sorted(found, key=lambda each: each.entry.date)


@cache
def _is_bought(account: str, roles: Roles) -> bool:
    return not roles.has(account, Role.INPUT_VAT, Role.OUTPUT_VAT, Role.SUPPLIERS)


ALONE = 12
"""How many invoices of one supplier, all for the same, make an account that supplier's."""


@rule(
    "T119",
    title=N_("What one supplier has always invoiced, period by period, is not invoiced by a stranger."),
    why=N_(
        "An invoice that looks like a supplier's own, with another name on it, is paid as the others were. A warning, "
        "since suppliers are changed, and change their names."
    ),
    mend=N_("Compare with the agreement, and acknowledge who has made sure that the supplier is another."),
    after=["R947", "T109", "T114"],
    sees=Sees(roles=(Role.SUPPLIERS,)),
    warns=True,
)
def of_a_stranger(books: Books) -> Iterator[Finding]:
    series: dict[tuple[str, frozenset[str]], Counter[str]] = defaultdict(Counter)
    alone: dict[frozenset[str], Counter[tuple[str, str]]] = defaultdict(Counter)
    met: set[str] = set()
    names: dict[str, str] = {}
    for invoice in books.once(supplier_invoices):
        entry, party = invoice.entry, party_key(invoice.entry.payee or "")
        own = series[invoice.text, invoice.bought]
        costs = frozenset(
            account for account, number in books.rows(entry) if number > 0 and books.roles.has(account, Role.COSTS)
        )
        of_account = alone[costs]
        is_asked = party not in met and entry.date.year > books.first_year and not books.is_sealed(entry.date)
        if is_asked and _periods(entry) and len(own) == 1 and own.total() > OTHERS:
            message = N_(
                '{voucher} "{text}" is of {payee}, never met before; {count} invoices like it were of {known}.'
            )
            values: dict[str, object] = {
                "voucher": entry,
                "text": entry.narration,
                "payee": entry.payee,
                "count": own.total(),
                "known": names[next(iter(own))],
            }
            yield Finding(entry, Subject("voucher", place(entry)), message, values)
        elif is_asked and costs and len(of_account) == 1 and of_account.total() >= ALONE:
            message = N_(
                "{voucher} is of {payee}, never met before; all {count} invoices on {accounts} were of {known}, for "
                "the same."
            )
            values = {
                "voucher": entry,
                "payee": entry.payee,
                "count": of_account.total(),
                "accounts": sorted(costs),
                "known": names[next(iter(of_account))[0]],
            }
            yield Finding(entry, Subject("voucher", place(entry)), message, values)
        own[party] += 1
        of_account[party, invoice.text] += 1
        met.add(party)
        names.setdefault(party, entry.payee or "")


@rule(
    "T120",
    title=N_("An invoice is of one supplier, and has one number."),
    why=N_(
        "A copy of an invoice in a name that is nearly the supplier's, or under its number with a letter more, is paid "
        "a second time. A warning, since two may charge the same for the same; of whole hundreds nothing is told."
    ),
    mend=N_("Compare the two documents, and correct the one that is not right, or acknowledge that there are two."),
    after=["R905", "R911", "R947", "T111", "T114", "T119"],
    sees=Sees(roles=(Role.SUPPLIERS,)),
    warns=True,
)
def of_two_suppliers(books: Books) -> Iterator[Finding]:
    seen: dict[tuple[Decimal, str, frozenset[str]], data.Transaction] = {}
    numbered: dict[tuple[Decimal, str], data.Transaction] = {}
    uneven: dict[tuple[Decimal, frozenset[str]], data.Transaction] = {}
    stems: dict[tuple[Decimal, str, str], tuple[str, data.Transaction]] = {}
    met: set[str] = set()
    for invoice in books.once(supplier_invoices):
        entry, party = invoice.entry, party_key(invoice.entry.payee or "")
        number = next(iter(_given(entry)), "")
        others = []
        if invoice.owed % 100:
            others.append((seen.get((invoice.owed, invoice.text, invoice.bought)), MONTH))
        if len(number) >= NUMBERED:
            others.append((numbered.get((invoice.owed, number)), YEAR))
            numbered[invoice.owed, number] = entry
        if invoice.owed % 1 and party not in met and invoice.owed >= LARGE:
            others.append((uneven.get((invoice.owed, invoice.bought)), YEAR))
        seen[invoice.owed, invoice.text, invoice.bought] = uneven[invoice.owed, invoice.bought] = entry
        met.add(party)
        stem = _LETTERED.sub("", number)
        if len(stem) >= NUMBERED:
            first = stems.setdefault((invoice.owed, party, stem), (number, entry))
            is_near = first[0] != number and (entry.date - first[1].date).days <= YEAR
            if is_near and not books.is_sealed(entry.date):
                message = N_(
                    "{voucher} is invoice {number} of {payee}, {amount} kr, and {other} is {known} of the same amount: "
                    "is it the same, with a letter more?"
                )
                values = {
                    "voucher": entry,
                    "number": str(entry.meta[SUPPLIERS_NUMBER]),
                    "payee": entry.payee,
                    "amount": invoice.owed,
                    "other": first[1],
                    "known": str(first[1].meta[SUPPLIERS_NUMBER]),
                }
                yield Finding(entry, Subject("voucher", place(entry)), message, values)
                continue
        for other, most in others if not books.is_sealed(entry.date) else ():
            if other is None or (entry.date - other.date).days > most:
                continue
            if not same_party(entry.payee or "", other.payee or ""):
                message = N_(
                    '{voucher} "{text}" of {payee} is {amount} kr, as {other} of {other_payee}: is it the same?'
                )
                values = {
                    "voucher": entry,
                    "text": entry.narration,
                    "payee": entry.payee,
                    "amount": invoice.owed,
                    "other": other,
                    "other_payee": other.payee,
                }
                yield Finding(entry, Subject("voucher", place(entry)), message, values)
                break


_LETTERED = re.compile(r"(?<=\d)[^\W\d_]{1,2}$")
"""The letters that may stand after a number to make another of it."""

NUMBERED, LARGE = 3, 5000
"""How long a supplier's number, and how large an amount with öre, is that no two invoices have by chance."""


@rule(
    "T126",
    title=N_("What a supplier invoices is booked where invoices are."),
    why=N_(
        "A purchase that is booked on an account of stock or of prepaid costs is seen in no unit's result. A warning, "
        "since the first invoice on an account may be right."
    ),
    mend=N_("Book it on what was bought, or acknowledge that the account is to have it."),
    after=["T107", "D701"],
    sees=Sees(roles=(Role.SUPPLIERS, Role.GOODS, Role.OTHER_CLAIMS)),
    warns=True,
)
def where_invoices_are(books: Books) -> Iterator[Finding]:
    used: set[str] = set()
    for invoice in books.once(supplier_invoices):
        entry = invoice.entry
        for posting in entry.postings:
            number = _number(posting.account)
            if number not in invoice.bought or number in used or not _is_kept(posting.account, books.roles):
                continue
            used.add(number)
            before = [row for each, row in books.postings[posting.account] if each.date < entry.date]
            if len(before) > OTHERS and entry.date.year > books.first_year and not books.is_sealed(entry.date):
                message = N_("{voucher} of {payee} is booked on {account}, which no supplier has invoiced on before.")
                values = {"voucher": entry, "payee": entry.payee, "account": posting.account}
                yield Finding(entry, Subject("voucher", place(entry)), message, values, posting=posting)


@cache
def _is_kept(account: str, roles: Roles) -> bool:
    """Tell whether an account is of assets that no register follows."""
    is_followed = roles.has(account, Role.FIXED_ASSETS, Role.MONEY, Role.CUSTOMERS, Role.INPUT_VAT, Role.TAX_ACCOUNT)
    return account.startswith("Assets:") and not is_followed


STEADY = 10
"""How many invoices of a supplier, or of a text, all on one account, make another account strange."""


@rule(
    "T139",
    title=N_("What a supplier always sold is what it sells."),
    why=N_(
        "A cost is hidden on an account that is read less, under the name of a supplier that is known for something "
        "else. A warning, since suppliers sell new things; it is told the first time."
    ),
    mend=N_("Book it on the account of the others, or acknowledge what else was bought."),
    after=["T107", "T119", "T126", "A607", "A621", "A635"],
    sees=Sees(roles=(Role.SUPPLIERS,)),
    warns=True,
)
def sells_another_thing(books: Books) -> Iterator[Finding]:
    for invoice, values in _departing(books, lambda invoice: party_key(invoice.entry.payee or "")):
        # What is an investment, the register follows.
        if not any(books.roles.has(account, Role.FIXED_ASSETS) for account, _ in books.rows(invoice.entry)):
            message = N_("{voucher} of {payee} is on {account}; the {count} invoices before were on {known}.")
            about = Subject("voucher", place(invoice.entry))
            yield Finding(invoice.entry, about, message, {"payee": invoice.entry.payee, **values})


@rule(
    "T156",
    title=N_("What a text names is booked where it always is."),
    why=N_(
        "LKBR 3 kap.: a voucher says what it is about. A text that is written of one thing, on the account of another, "
        "hides what was bought; a warning, since a word may be of two things. It is told the first time."
    ),
    mend=N_("Write what was bought, or book it where the others of the text are, or acknowledge it."),
    after=["T107", "T119", "T126", "T139", "A607", "A621", "A635"],
    sees=Sees(roles=(Role.SUPPLIERS,)),
    warns=True,
)
def text_of_another_account(books: Books) -> Iterator[Finding]:
    for invoice, values in _departing(books, lambda invoice: invoice.text):
        if invoice.text:
            message = N_(
                '{voucher} "{text}" is on {account}; the {count} invoices of that text before were on {known}.'
            )
            about = Subject("voucher", place(invoice.entry))
            yield Finding(invoice.entry, about, message, {"text": invoice.entry.narration, **values})


def _departing(
    books: Books, alike: Callable[[SupplierInvoice], str]
) -> Iterator[tuple[SupplierInvoice, dict[str, Any]]]:
    """Yield the invoices on none of the accounts that all before it were on that are alike, with what to tell."""
    used: dict[str, Counter[frozenset[str]]] = defaultdict(Counter)
    for invoice in books.once(supplier_invoices):
        entry, own = invoice.entry, used[alike(invoice)]
        is_asked = entry.date.year > books.first_year and not books.is_sealed(entry.date)
        if is_asked and len(own) == 1 and own.total() >= STEADY and invoice.bought.isdisjoint(known := next(iter(own))):
            values = {"voucher": entry, "account": sorted(invoice.bought), "count": own.total(), "known": sorted(known)}
            yield invoice, values
        own[invoice.bought] += 1


LITTLE = 200
"""A part of an amount so small that nobody takes it: a half per cent."""


@rule(
    "T127",
    title=N_("An amount that has been the same time after time is typed as it was."),
    why=N_(
        "A premium or a fee that is paid without an invoice is known by what it was: one digit that is raised is "
        "money that somebody may take out. A warning, since prices change."
    ),
    mend=N_("Compare with the document, and put the amount right, or acknowledge it."),
    after=["T107", "T108", "T131", "T132", "R902", "R912"],
    sees=EVERY,
    warns=True,
)
def one_digit(books: Books) -> Iterator[Finding]:
    for own in books.once(alike):
        amounts: dict[str, list[Decimal]] = defaultdict(list)
        entries: dict[str, list[data.Transaction]] = defaultdict(list)
        for entry in own:
            for account, number in books.rows(entry):
                amounts[account].append(number)
                entries[account].append(entry)
        told: set[int] = set()
        for account, numbers in amounts.items():
            if books.roles.has(account, Role.MONEY):
                continue
            for at, (number, others) in _alone(numbers).items():
                entry, usual = entries[account][at], numbers[others[0]]
                digits = mistyped(abs(number), abs(usual))
                # What is raised by so little follows a price; what comes back to what it was does not.
                is_price = others[-1] < at and abs(number - usual) * LITTLE <= abs(usual)
                if not digits or is_price or id(entry) in told or books.is_sealed(entry.date):
                    continue
                message = N_(
                    '{voucher} "{text}" has {amount} kr on {account}; the {count} before had {usual} kr.{digits}'
                )
                if others[-1] > at:
                    message = N_(
                        '{voucher} "{text}" has {amount} kr on {account}; the {count} before and after it have '
                        "{usual} kr.{digits}"
                    )
                values = {
                    "voucher": entry,
                    "text": entry.narration,
                    "amount": abs(number),
                    "account": account,
                    "count": len(others),
                    "usual": abs(usual),
                    "digits": digits,
                }
                told.add(id(entry))
                yield Finding(entry, Subject("voucher", place(entry)), message, values)


BESIDE = 3
"""How many others agree, before and after, where an amount is another once and then what it was again."""


def _alone(numbers: Sequence[Decimal]) -> dict[int, tuple[Decimal, list[int]]]:
    """Return the amounts that come once between or after others that are all the same, by place, with those places."""
    counts = Counter(numbers)
    found: dict[int, tuple[Decimal, list[int]]] = {}
    for at, number in enumerate(numbers) if len(counts) < len(numbers) else ():
        if counts[number] > 1 or not at or number * numbers[at - 1] <= 0:
            continue
        usual = numbers[at - 1]
        first = at - 1
        while first > 0 and at - first < OTHERS and numbers[first - 1] == usual:
            first -= 1
        last = at
        while last + 1 < len(numbers) and last - at < OTHERS and numbers[last + 1] == usual:
            last += 1
        others = [*range(first, at), *range(at + 1, last + 1)]
        if len(others) >= (BESIDE if last > at else OTHERS):
            found[at] = (number, others)
    return found


OF_LARGEST, OF_USUAL = Decimal("2.5"), 4
"""How many times the largest before, and the one in the middle, an amount is that has a digit too many."""

OF_PERIOD = 2
"""How many times the largest of its months or quarters an amount is that is odd: those are like each other."""


@rule(
    "T129",
    title=N_("An amount is of the size that those of its party or text have been on the account."),
    why=N_("A digit too many, or an invoice that is made up, is seen where the others of its kind stand beside it."),
    mend=N_("Compare with the document, and put the amount right, or acknowledge it."),
    after=["T107", "T108", "T127", "A603"],
    sees=EVERY,
    warns=True,
)
def of_usual_size(books: Books) -> Iterator[Finding]:
    corrected, elsewhere = books.once(put_right), books.once(moved_in)
    for account, rows in sorted(books.postings.items()):
        # What is depreciated in a month, the register tells (D706).
        if not books.roles.has(account, Role.COSTS, Role.INCOME) or books.roles.has(account, Role.DEPRECIATION):
            continue
        seen: dict[str, list[Decimal]] = defaultdict(list)
        most: dict[str, Decimal] = defaultdict(lambda: ZERO)
        for entry, row in rows:
            kind = party_key(entry.payee) if entry.payee else _of_text(entry.narration or "")
            if not kind or id(entry) in corrected or entry.meta.get(UNDERLAG) in elsewhere:
                continue
            amount, before, largest = abs(number_of(row)), seen[kind], most[kind]
            is_asked = len(before) > RECURS and entry.date.year > books.first_year and not books.is_sealed(entry.date)
            if is_asked and amount > OF_PERIOD * largest > 0 and _is_too_large(entry, amount, before):
                message = N_(
                    "{voucher} has {amount} kr on {account}; the largest of {count} others of {payee} is {largest} kr."
                )
                if not entry.payee:
                    message = N_(
                        '{voucher} "{text}" has {amount} kr on {account}; the largest of {count} others of that text '
                        "is {largest} kr."
                    )
                values = {
                    "voucher": entry,
                    "amount": amount,
                    "account": account,
                    "count": len(before),
                    "payee": entry.payee,
                    "text": entry.narration,
                    "largest": largest,
                }
                yield Finding(entry, Subject("voucher", place(entry)), message, values, posting=row)
            before.append(amount)
            most[kind] = max(largest, amount)


def _of_text(narration: str) -> str:
    """Return what is the same of all texts of a kind: takings of a week are another kind than those of a month."""
    periods = {(each["kind"] or "månad").casefold() for each in _PERIOD.finditer(narration) if not each["whole"]}
    return " ".join([lasting(narration), *sorted(periods)])


def _is_too_large(entry: data.Transaction, amount: Decimal, before: Sequence[Decimal]) -> bool:
    """Tell whether an amount, more than twice the largest before, is that by mistake."""
    if not entry.payee and (len(before) < OTHERS or _PERIOD.search(entry.narration or "")):
        return len(before) >= OTHERS
    return amount > OF_LARGEST * max(before) and amount > OF_USUAL * median(before)
