"""A voucher from a form: what a template and what somebody has filled in come to, and what is still to be asked.

    form = VoucherForm(books, template, {"enhet": "RT", "motpart": "Hyresvärden", "belopp": "12 500", "moms": "25"})
    form.questions()        kostnad (konto): 6020-Lokalhyror, 6510-Kontorsmaterial, ...
    form.vouchers()         [2025-03-08 ! "Hyresvärden" "Lokalhyra" ^L-2025-0031 ...]

Values are texts, as they are typed. What the books know is filled in: the account that the payee had before, the only
account of its kind, the rate of VAT, the next number, the link. No door stands here: a command and a page ask the same.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from beancount.core import data

from forbundsbok.plugins.accounts import is_clearing, unit_of
from forbundsbok.plugins.books import Books
from forbundsbok.plugins.charges import needs_approval
from forbundsbok.plugins.clearing import without_clearing
from forbundsbok.plugins.corrections import CORRECTS, number_of
from forbundsbok.plugins.documents import KEY
from forbundsbok.plugins.findings import Message, phrase
from forbundsbok.plugins.grants import PROJECT
from forbundsbok.plugins.internal import MARK
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.ledger_text import cleaned_text, posting, voucher
from forbundsbok.plugins.money import ZERO, is_whole_ore, rounded
from forbundsbok.plugins.months import Month, shifted
from forbundsbok.plugins.numbers import VER, FreeNumbers, Ver, read_ver, series_of
from forbundsbok.plugins.open_items import DUE, bills
from forbundsbok.plugins.parties import folded, party_key, same_party
from forbundsbok.plugins.refusal import RefusalError
from forbundsbok.plugins.review import WAITS
from forbundsbok.plugins.rights import ATTEST, MOTTAGNING
from forbundsbok.plugins.roles import Role
from forbundsbok.plugins.templates import (
    DUE_DAY,
    NET,
    OTHER_UNIT,
    PAYEE,
    REST,
    TEXT,
    UNIT_WORD,
    VAT,
    WHOLE,
    Template,
    TemplateRow,
)
from forbundsbok.plugins.units import units_in
from forbundsbok.plugins.vat import RATES
from forbundsbok.plugins.years import last_day_of_year

UNIT_FIELD, DAY, SETTLES, SERIES, BACK_DAY = "enhet", "datum", "reglerar", "serie", "aterfors"
TAKEN_BACK, CORRECTION = "Återföring: ", "Rättelse: "
_BROAD = ("kostnad", "intakt", "medlemsbidrag", "taxor", "avsattning")
"""Kinds of accounts of which one is chosen each time: another voucher of the unit tells nothing."""
_LABELS = {DUE_DAY: N_("due day, as 2024-12-31"), MOTTAGNING: N_("who has received it")}
"""How fields are asked for that have other names than words of everyday."""
_LATEST = 10
"""How many of a unit's latest vouchers of a kind say from where its money goes."""
_NUMBER = re.compile(r"([A-ZÅÄÖ]+) ?([1-9]\d{0,8})(?: (\d{4}))?", re.IGNORECASE)


class FormError(RefusalError):
    """What is filled in and cannot be; the text says why."""

    def __init__(self, text: str, /, **values: object) -> None:
        super().__init__(str(phrase(text, **values)))


class Question(NamedTuple):
    """A field that is still to be filled in: its name, what is asked, what may be chosen, and what is likely."""

    field: str
    label: Message
    choices: Sequence[str] = ()
    likely: str = ""


class _Habit(NamedTuple):
    """An account that most of the latest vouchers of a kind had: in how many of how many, and the last of those."""

    account: str
    times: int
    of: int
    last: data.Transaction


class LackingError(FormError):
    """What is not filled in yet."""

    def __init__(self, questions: Sequence[Question]) -> None:
        self.questions = questions
        super().__init__(N_("this is lacking: {fields}"), fields=[each.field for each in questions])


class VoucherForm:
    """A template, and what is filled in of it by the names of the fields."""

    def __init__(self, books: Books, template: Template, values: Mapping[str, str], today: date | None = None) -> None:
        self.books = books
        self.template = template
        self.values = {name: cleaned_text(value).strip() for name, value in values.items() if value.strip()}
        self.today = today or date.today()

    # What is filled in

    @cached_property
    def day(self) -> date:
        return day_of(self.values[DAY]) if DAY in self.values else self.today

    @cached_property
    def settled(self) -> data.Transaction | None:
        """The voucher that this one settles, where it is named."""
        return numbered(self.books, self.values[SETTLES], self.day.year) if SETTLES in self.values else None

    @cached_property
    def unit(self) -> str:
        """The unit that is meant; nothing where that is not known."""
        if self.settled and UNIT_FIELD not in self.values:
            return unit_of(self._settled_row().account)
        return self._unit(self.values.get(UNIT_FIELD, ""), alone=True)

    @cached_property
    def other_unit(self) -> str:
        return self._unit(self.values.get(OTHER_UNIT, ""))

    def _unit(self, written: str, *, alone: bool = False) -> str:
        units = self.units
        if not written:
            return next(iter(units)) if alone and len(units) == 1 else ""
        known = next((code for code in units if folded(code) == folded(written)), None)
        if known is None:
            raise FormError(N_('"{unit}" is no unit: there are {units}'), unit=written, units=list(units))
        return known

    @cached_property
    def units(self) -> dict[str, str]:
        """The name of each unit that there is on the day, by code."""
        units = self.books.once(units_in).items()
        return {code: unit.at(self.day).name for code, unit in units if not unit.is_gone(self.day)}

    @cached_property
    def payee(self) -> str:
        named = self.values.get(PAYEE) or (self.settled and self.settled.payee) or self.template.payee
        if not named:
            return ""
        # A party is written as it was before, with the kind of company that it is.
        return next((each for each in self._payees if party_key(each) == party_key(named)), named)

    @cached_property
    def _payees(self) -> list[str]:
        return list(dict.fromkeys(entry.payee for entry in reversed(self.books.vouchers) if entry.payee))

    @cached_property
    def text(self) -> str:
        if TEXT in self.values:
            return self.values[TEXT]
        if self.settled:
            return f"{self.template.text or self.template.label}: {self.settled.narration}"
        return self.template.text

    # Vouchers like this one

    @cached_property
    def alike(self) -> data.Transaction | None:
        """The last voucher of this kind with the payee, where there is one."""
        named = [each for each in self._of_kind if each.payee and same_party(each.payee, self.payee)]
        return next((each for each in named if each.payee == self.payee), next(iter(named), None))

    @cached_property
    def _of_kind(self) -> list[data.Transaction]:
        """The vouchers with all the rows of the template, but VAT, the last first, and of the unit before others."""
        rows = [row for row in self.template.rows if row.amount not in (VAT, REST)]
        found = [
            entry
            for entry in reversed(self.books.vouchers)
            if entry.date <= self.day and CORRECTS not in entry.meta and all(self._match(row, entry) for row in rows)
        ]
        return sorted(found, key=lambda entry: self.unit not in {unit_of(each.account) for each in entry.postings})

    def _match(self, row: TemplateRow, entry: data.Transaction, unit: str = "") -> str | None:
        """Return the account of a voucher's row that is as one of the template."""
        for each in entry.postings:
            if number_of(each) * row.sign > 0 and not is_clearing(each.account) and self._may_be(row, each.account):
                if unit and unit_of(each.account) != unit and row.slag and set(row.slag) & set(_BROAD):
                    continue
                return each.account
        return None

    def _may_be(self, row: TemplateRow, account: str) -> bool:
        if not row.slag:
            return account == row.account.replace(f":{UNIT_WORD}:", f":{unit_of(account)}:")
        opened = self.books.opens.get(account)
        internal = opened is not None and opened.meta.get(MARK) is True
        return self.books.roles.has(account, *row.slag) and internal == row.is_internal

    # Accounts

    @cached_property
    def fields(self) -> list[str]:
        """The name of the account of each row, as it is asked for: `kostnad`, `personalskatter-2`."""
        counts: Counter[str] = Counter()
        names = []
        for row in self.template.rows:
            name = row.slag[0] if row.slag else row.account
            counts[name] += 1
            names.append(name if counts[name] == 1 else f"{name}-{counts[name]}")
        return names

    def account(self, at: int) -> str:
        """Return the account of a row; nothing where it must be asked for. Raises FormError for one that is none."""
        row, field = self.template.rows[at], self.fields[at]
        unit = self.other_unit if row.is_other_units else self.unit
        if field in self.values:
            return self.found(self.values[field], unit)
        if not row.slag:
            name = row.account.replace(f":{UNIT_WORD}:", f":{unit}:")
            if unit and not self.books.is_open(name, self.day):
                raise FormError(N_("{account} is not open on {day}"), account=name, day=self.day)
            return name
        if self.settled and self._is_settling(row):
            return self._settled_row().account
        choices = self.choices(at)
        if habit := self._habit(at):
            return habit.account
        if len(choices) == 1:
            return choices[0]
        is_chosen = not row.is_internal and set(row.slag) & set(_BROAD)
        known = [self.alike] if is_chosen else [self.alike, *self._of_kind[:1]]
        for entry in filter(None, known):
            before = self._match(row, entry, unit)
            if before in choices and "-" not in field.removeprefix(row.slag[0]):
                return before
        return ""

    def _habit(self, at: int) -> "_Habit | None":
        """Return where the unit's latest vouchers of this kind had the money of a row; None where it has had none.

        A unit with a cash box pays its invoices from an account that another one may have: only what it did tells.
        """
        row = self.template.rows[at]
        if not row.slag or not set(row.slag) <= set(Role.MONEY.words) or self.fields[at] in self.values:
            return None
        matched = ((entry, self._match(row, entry)) for entry in self._of_kind if self._is_units(entry))
        latest = [(entry, own) for entry, own in matched if own and self.books.is_open(own, self.day)][:_LATEST]
        if not latest:
            return None
        account, times = Counter(own for _, own in latest).most_common(1)[0]
        return _Habit(account, times, len(latest), next(entry for entry, own in latest if own == account))

    def _is_units(self, entry: data.Transaction) -> bool:
        return self.unit in {unit_of(each.account) for each in entry.postings if not is_clearing(each.account)}

    def notes(self) -> list[Message]:
        """Return what the form has filled in that somebody may want to see: where the money is, and why there."""
        text = N_("{account}, as {times} of the {count} latest of {unit} of this kind, the last of them {voucher}")
        habits = filter(None, map(self._habit, range(len(self.template.rows)))) if self.unit else ()
        return [
            phrase(text, account=each.account, times=each.times, count=each.of, unit=self.unit, voucher=each.last)
            for each in habits
        ]

    def field_of(self, account: str, taken: Iterable[str] = ()) -> str:
        """Return the row that an account is meant for: the first whose kind it is, else the first of many kinds."""
        rows = [pair for pair in zip(self.fields, self.template.rows, strict=True) if pair[0] not in taken]
        fitting = [field for field, row in rows if row.slag and self._may_be(row, account)]
        broad = [field for field, row in rows if set(row.slag) & set(_BROAD)]
        if not (fitting or broad):
            raise FormError(N_("no row is for {account}"), account=account)
        return (fitting or broad)[0]

    def choices(self, at: int) -> list[str]:
        """Return the accounts that a row may have: of its unit, else of any; the most used first."""
        row = self.template.rows[at]
        unit = self.other_unit if row.is_other_units else self.unit
        able = [each for each in self.books.opens if self.books.is_open(each, self.day) and self._may_be(row, each)]
        own = [each for each in able if unit_of(each) == unit] or able
        if not set(row.slag) & set(_BROAD):  # what is owed for holidays is accrued too, and has a kind of its own
            own = [each for each in own if self.books.roles.slag(each).name in row.slag] or own
        return sorted(own, key=lambda each: -len(self.books.postings.get(each, ())))

    def found(self, written: str, unit: str) -> str:
        """Return the one account that is meant by a number, a part of its name, or its whole name."""
        own = [each for each in self.books.opens if self.books.is_open(each, self.day) and not is_clearing(each)]
        if written in own:
            return written
        found = accounts_like(written, [each for each in own if not unit or unit_of(each) == unit])
        found = found or accounts_like(written, own)
        if len(found) != 1:
            several = N_('"{written}" is several accounts: {accounts}')
            text = several if found else N_('"{written}" is no account that is open')
            raise FormError(text, written=written, accounts=found)
        return found[0]

    def _is_settling(self, row: TemplateRow) -> bool:
        return bool(row.slag) and self.books.roles.has(self._settled_row().account, *row.slag)

    def _settled_row(self) -> data.Posting:
        """Return the row of the settled voucher that this one takes back. Raises FormError where there is none."""
        entry = self.settled
        for row in self.template.rows:
            for each in entry.postings if entry else ():
                if row.slag and number_of(each) * row.sign < 0 and self.books.roles.has(each.account, *row.slag):
                    return each
        raise FormError(N_("{voucher} has no row that this settles"), voucher=entry)

    # Amounts

    def amount(self, name: str) -> Decimal | None:
        """Return an amount that is filled in; of what is settled, the rest of it; None where it must be asked for."""
        if name in self.values:
            return kronor(self.values[name])
        if name == WHOLE and self.settled:
            return self._open()
        return None

    def _open(self) -> Decimal:
        """Return what is left of what is settled. Raises FormError where nothing is."""
        left = sum(self._left.values(), ZERO)
        if not left:
            raise FormError(N_("{voucher} is settled already"), voucher=self.settled)
        return left

    @cached_property
    def _left(self) -> dict[str, Decimal]:
        """What is left of what is settled on each of its accounts: an invoice may be of several units."""
        row, entry = self._settled_row(), self.settled
        assert entry is not None
        slag = next(each.slag for each in self.template.rows if each.slag and self._is_settling(each))
        rows = (each for each in entry.postings if number_of(each) * number_of(row) > 0)
        accounts = dict.fromkeys(each.account for each in rows if self.books.roles.has(each.account, *slag))
        left = {}
        for account in accounts:
            own = self.books.postings[account]
            linked = (number_of(each) for other, each in own if other is entry or other.links & entry.links)
            left[account] = abs(sum(linked, ZERO))
        return {account: number for account, number in left.items() if number}

    @cached_property
    def rate(self) -> int | None:
        """The rate of VAT, as it is filled in or as the last voucher alike had it; None where it is asked for."""
        if not self.template.has_vat:
            return 0
        if VAT in self.values:
            written = self.values[VAT].removesuffix("%").strip()
            if written not in map(str, RATES):
                raise FormError(
                    N_("VAT is {rates} per cent, not {written}"), rates=list(RATES), written=self.values[VAT]
                )
            return int(written)
        return self._rate_before()

    def _rate_before(self) -> int | None:
        if not self.alike:
            return None
        vat = self.books.roles.has
        own = [row for row in self.alike.postings if not is_clearing(row.account)]
        tax = sum((number_of(row) for row in own if vat(row.account, Role.INPUT_VAT, Role.OUTPUT_VAT)), ZERO)
        net = [number_of(row) for row in own if vat(row.account, Role.COSTS, Role.INCOME, Role.FIXED_ASSETS)]
        if len(net) != 1:
            return None
        return min(RATES, key=lambda rate: abs(tax - net[0] * rate / 100))

    def _amounts(self) -> list[Decimal]:
        """Return what stands on each row, debit plus. Raises FormError."""
        whole = self.amount(WHOLE) or ZERO
        rate = Decimal(self.rate or 0)
        vat = rounded(whole * rate / (100 + rate))
        known = {WHOLE: whole, VAT: vat, NET: whole - vat}
        rows = self.template.rows
        numbers = [row.sign * (known[row.amount] if row.amount in known else self._named(row.amount)) for row in rows]
        if REST in (each.amount for each in rows):
            numbers[[each.amount for each in rows].index(REST)] = -sum(numbers, ZERO)
        return numbers

    def _named(self, name: str) -> Decimal:
        return ZERO if name == REST else self.amount(name) or ZERO

    # What is asked, and what it comes to

    def questions(self) -> list[Question]:
        """Return what is still to be filled in, in the order in which it is asked. Raises FormError."""
        return list(self._questions())

    def _questions(self) -> Iterator[Question]:
        if not self.unit:
            yield Question(UNIT_FIELD, Message(N_("unit")), list(self.units))
            return
        if any(row.is_other_units for row in self.template.rows) and not self.other_unit:
            yield Question(
                OTHER_UNIT, Message(N_("the other unit")), [each for each in self.units if each != self.unit]
            )
            return
        if PAYEE in self.template.asks and not self.payee:
            yield Question(PAYEE, Message(N_("supplier or customer")))
            return
        if not self.text:
            likely = self.alike.narration if self.alike else ""
            yield Question(TEXT, Message(N_("text")), likely=likely or "")
        for name in self.template.amounts:
            if self.amount(name) is None:
                yield Question(name, phrase(N_("{name}, kr"), name=name))
        if self.rate is None:
            yield Question(VAT, Message(N_("VAT, per cent")), [str(each) for each in RATES])
        for at, row in enumerate(self.template.rows):
            if not self.account(at) and not (row.amount == VAT and not self.rate):
                label = phrase(N_("account ({kind})"), kind=self.fields[at])
                yield Question(self.fields[at], label, self.choices(at))
        for name in self.template.asks:
            if name not in self.values and name not in (PAYEE, TEXT):
                yield Question(name, Message(_LABELS.get(name, name)), likely=self._likely(name))
        self.meta()  # what cannot be read is said when it is filled in

    def _likely(self, name: str) -> str:
        """Return what a field was in the last voucher alike: a due day as many days on."""
        before = (self.alike or next(iter(self._of_kind), None)) if name in (DUE_DAY, MOTTAGNING) else self.alike
        value = before.meta.get(name) if before else None
        if name == DUE_DAY and before and isinstance(value, date):
            return str(shifted(self.day, value - before.date))
        return value if isinstance(value, str) else ""

    def vouchers(self, numbers: FreeNumbers | None = None) -> list[data.Transaction]:
        """Return the voucher, and the one that takes it back where the template says so. Raises FormError.

        `numbers` are those that are free, where some are given to others that are not written yet.
        """
        if lacking := self.questions():
            raise LackingError(lacking)
        numbers = numbers or FreeNumbers(self.books.vouchers)
        series = self._series()
        ver = numbers.free(series, self.day.year)
        amounts = zip(range(len(self.template.rows)), self._amounts(), strict=True)
        spread = (each for at, amount in amounts for each in self._spread(at, amount))
        rows = [posting(account, amount, self.books.currency) for account, amount in spread if amount]
        if not rows:
            raise FormError(N_("the amount is nothing"))
        own = voucher(self.day, self.text, ver, rows, self.payee or None)
        own = own._replace(meta=own.meta | self.meta(), links=self._links(ver))
        return [_waiting(own, self.books), *self._back(own, numbers)]

    def _spread(self, at: int, amount: Decimal) -> Iterator[tuple[str, Decimal]]:
        """Yield a row's account and amount; of what settles an invoice of several units, those of each unit's row."""
        row = self.template.rows[at]
        if self.settled and self.fields[at] not in self.values and self._is_settling(row) and len(self._left) > 1:
            sign, rest = (Decimal(1) if amount > 0 else Decimal(-1)), abs(amount)
            *others, last = self._left
            for account in others:
                taken = min(rest, self._left[account])
                rest -= taken
                yield account, sign * taken
            yield last, sign * rest
        else:
            yield self.account(at), amount

    def _series(self) -> str:
        if SERIES in self.values:
            written = self.values[SERIES].upper()
            if not VER.fullmatch(f"{written} 1"):
                raise FormError(N_("{series} is no series: write capital letters"), series=written)
            return written
        return series_of(self.alike or next(iter(self._of_kind), None), self.template.series)

    def meta(self) -> dict[str, object]:
        """Return what stands below a voucher's first line, beside its number. Raises FormError."""
        meta: dict[str, object] = {}
        for key in (KEY, ATTEST, MOTTAGNING, PROJECT, "syfte", "deltagare"):
            if key in self.values:
                meta[key] = self.values[key]
        if DUE_DAY in self.values:
            meta[DUE] = day_of(self.values[DUE_DAY])
        return meta

    def _links(self, ver: str) -> frozenset[str]:
        """Return the link of what is settled, or one as the last voucher of this kind has by its number."""
        if self.settled:
            return frozenset(self.settled.links)
        series, number = ver.split()
        for entry in self._of_kind[:1]:
            before = read_ver(entry)
            for link in entry.links if before else ():
                if before and link == f"{before.series}-{before.year}-{before.number:04}":
                    return frozenset({f"{series}-{self.day.year}-{int(number):04}"})
        return frozenset()

    def _back(self, own: data.Transaction, numbers: FreeNumbers) -> Iterator[data.Transaction]:
        """Yield the voucher that takes an accrual back; that of a year-end comes with the opening of the next year."""
        if not self.template.back_series or self.day == last_day_of_year(self.day.year):
            return
        day = day_of(self.values[BACK_DAY]) if BACK_DAY in self.values else Month.of(self.day).after(1).first_day
        if day <= self.day:
            raise FormError(N_("it is taken back on {day}, before it is booked"), day=day)
        yield _waiting(_turned(own, day, TAKEN_BACK, numbers.free(self.template.back_series, day.year)), self.books)


def _turned(entry: data.Transaction, day: date, prefix: str, ver: str) -> data.Transaction:
    text = entry.narration or ""
    rows = [posting(row.account, -number_of(row), row.units.currency) for row in _written(entry) if row.units]
    turned = voucher(day, f"{prefix}{text[:1].lower()}{text[1:]}", ver, rows, entry.payee)
    kept = {key: entry.meta[key] for key in (ATTEST, PROJECT) if key in entry.meta}
    return turned._replace(meta=turned.meta | kept)


def _written(entry: data.Transaction) -> list[data.Posting]:
    """Return the rows that an accountant wrote."""
    own = without_clearing(entry)
    return [row for row in own.postings if row.units is not None] if isinstance(own, data.Transaction) else []


def _waiting(entry: data.Transaction, books: Books) -> data.Transaction:
    """Return a voucher that nobody has approved, and somebody is to, as one that waits."""
    return entry._replace(flag=WAITS) if ATTEST not in entry.meta and needs_approval(entry, books) else entry


# From an earlier voucher


def numbered(books: Books, written: str, year: int) -> data.Transaction:
    """Return the voucher of a number, of the year named or of the last that has it. Raises FormError."""
    match = _NUMBER.fullmatch(written.strip())
    if match is None:
        raise FormError(N_('"{written}" is no number of a voucher: write L 31, or L 31 2024'), written=written)
    series, number, named = match[1].upper(), int(match[2]), match[3]
    years = [int(named)] if named else [year, year - 1]
    by_number = {read_ver(entry): entry for entry in books.vouchers}
    for each in years:
        if entry := by_number.get(Ver(each, series, number)):
            return entry
    raise FormError(N_("there is no voucher {written} of {years}"), written=written, years=years)


def reversed_voucher(books: Books, entry: data.Transaction, day: date, attest: str = "") -> data.Transaction:
    """Return a voucher that takes another one back, in a series of its kind.

    It has the links of that one, so that an invoice is no longer owed, or is owed again. An invoice that nobody has
    paid is corrected by it; what is paid is owed back, as by a credit note, which somebody receives.
    """
    _refuse_before(entry, day)
    ver = FreeNumbers(books.vouchers).free(series_of(entry, "M"), day.year)
    own = _turned(entry, day, TAKEN_BACK, ver)
    meta: dict[str, object] = {"ver": ver}
    if _settling(books, entry):
        meta |= {key: entry.meta[key] for key in (MOTTAGNING,) if key in entry.meta}
    elif entry.links and bills(entry, books.roles):
        meta[CORRECTS] = _named(entry, day)
    return _signed(own._replace(meta=meta | own.meta, links=entry.links), attest, books)


def _settling(books: Books, entry: data.Transaction) -> data.Transaction | None:
    """Return the first voucher that settles an invoice with money or against another one, where there is one."""
    if not bills(entry, books.roles):
        return None
    others = (each for each in books.vouchers if each is not entry and each.links & entry.links)
    return next((each for each in others if not bills(each, books.roles)), None)


def _named(entry: data.Transaction, day: date) -> str:
    """Return how a correction of some day names a voucher: with its year where that is another one."""
    ver = read_ver(entry)
    return f"{ver} {ver.year}" if ver and ver.year != day.year else str(ver)


def correction(
    books: Books, entry: data.Transaction, day: date, moved: Mapping[str, str], attest: str = ""
) -> data.Transaction:
    """Return the correction of a voucher: all of it taken back, or what stood on some accounts moved to others."""
    _refuse_before(entry, day)
    if not moved and (paid := _settling(books, entry)):
        text = N_("{voucher} is settled by {paid}: take it back by --reverse, so that what is paid is owed back")
        raise FormError(text, voucher=entry, paid=paid)
    rows = _written(entry)
    if unknown := next((each for each in moved if each not in {row.account for row in rows}), None):
        raise FormError(N_("{voucher} has nothing on {account}"), voucher=entry, account=unknown)
    ver = FreeNumbers(books.vouchers).free(series_of(entry, "M"), day.year)
    if moved:
        new = [
            each
            for row in rows
            if row.account in moved and row.units
            for each in (
                posting(row.account, -number_of(row), row.units.currency),
                posting(moved[row.account], number_of(row), row.units.currency),
            )
        ]
        own = voucher(day, f"{CORRECTION}{entry.narration}", ver, new, entry.payee)
    else:
        own = _turned(entry, day, CORRECTION, ver)._replace(narration=f"{CORRECTION}{entry.narration}")
    kept = {key: entry.meta[key] for key in (PROJECT,) if key in entry.meta}
    return _signed(own._replace(meta={"ver": ver, CORRECTS: _named(entry, day)} | kept), attest, books)


def copied(books: Books, entry: data.Transaction, day: date, text: str = "", attest: str = "") -> data.Transaction:
    """Return a voucher as an earlier one, of another day: its number, link and due day follow that."""
    old = read_ver(entry)
    ver = FreeNumbers(books.vouchers).free(series_of(entry, "M"), day.year)
    rows = [posting(row.account, number_of(row), row.units.currency) for row in _written(entry) if row.units]
    own = voucher(day, text or entry.narration or "", ver, rows, entry.payee)
    kept = {key: entry.meta[key] for key in (MOTTAGNING, PROJECT, "motpart") if key in entry.meta}
    if isinstance(due := entry.meta.get(DUE), date):
        kept[DUE] = shifted(day, max(due - entry.date, timedelta()))
    links = set()
    if old and f"{old.series}-{old.year}-{old.number:04}" in entry.links:
        series, number = ver.split()
        links = {f"{series}-{day.year}-{int(number):04}"}
    return _signed(own._replace(meta=own.meta | kept, links=frozenset(links)), attest, books)


def free_voucher(form: VoucherForm, series: str, text: str, rows: Iterable[tuple[str, Decimal]]) -> data.Transaction:
    """Return a voucher of rows that somebody has written, with what a form has beside them.

    Raises FormError where they do not balance.
    """
    own = [posting(account, amount, form.books.currency) for account, amount in rows]
    if difference := sum((number_of(row) for row in own), ZERO):
        raise FormError(N_("the rows do not balance: {amount} kr in debit"), amount=difference)
    ver = FreeNumbers(form.books.vouchers).free(series, form.day.year)
    entry = voucher(form.day, text, ver, own, form.payee or None)
    links = frozenset(form.settled.links) if form.settled else frozenset[str]()
    return _waiting(entry._replace(meta=entry.meta | form.meta(), links=links), form.books)


def _signed(entry: data.Transaction, attest: str, books: Books) -> data.Transaction:
    own = {key: value for key, value in entry.meta.items() if key != ATTEST}
    return _waiting(entry._replace(meta=own | ({ATTEST: attest} if attest else {})), books)


def _refuse_before(entry: data.Transaction, day: date) -> None:
    if day < entry.date:
        raise FormError(N_("{day} is before {voucher}, which is of {date}"), day=day, voucher=entry, date=entry.date)


# What is typed


def accounts_like(written: str, accounts: Iterable[str]) -> list[str]:
    """Return the accounts with a number that begins so, or with all the words in their names."""
    if written.isdecimal():
        return [each for each in accounts if each.split(":")[2].startswith(written)]
    words = folded(written).split()
    return [each for each in accounts if all(word in folded(each) for word in words)]


def kronor(written: str) -> Decimal:
    """Return an amount as people write it: `12 500,50`. Raises FormError."""
    text = re.sub(r"\s|kr$", "", written.strip().casefold()).replace("\N{MINUS SIGN}", "-").replace(",", ".")
    if re.fullmatch(r"[-+]?\d{1,15}(\.\d{1,2})?", text, re.ASCII) is None or not is_whole_ore(Decimal(text)):
        raise FormError(N_('"{written}" is no amount in kronor: write it as 1250 or 1250,50'), written=written)
    return Decimal(text).quantize(Decimal("0.01"))


def day_of(written: str) -> date:
    """Return a day. Raises FormError."""
    try:
        return datetime.strptime(written, "%Y-%m-%d").date()
    except ValueError:
        raise FormError(N_('"{value}" is no day: write it as 2024-12-31.'), value=written) from None
