"""The accounts at banks by the mapping: what each is in the ledger, and which are none of ours.

    [bank."50000000054910000003"]             # the account as the bank calls it: IBAN or number
    account = "Assets:FK:1610-Internbank"
    observation = "Liabilities:FK:2890-Observationskonto"
    series-in = "I"
    series-out = "U"

    [bank."SE3550000000054910000099"]
    ours = false                              # what the bank tells of it is left out, and said

A part of a document in another currency than the account's is no amount that could be booked. It is left out with a
note, in the run's report and in the ledger, where the rest of the document is taken in; a document of nothing else is
refused, unless `foreign = "by-hand"` says that somebody books it.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple, Protocol, Self, TypeVar

from beancount.core import data
from beancount.core.amount import Amount

from forbundsbok.importers.formats.camt import Entry
from forbundsbok.importers.mapping import Table
from forbundsbok.importers.payments import AccountAdvice, series_in, spoken
from forbundsbok.importers.problems import Problem, refused, refused_whole
from forbundsbok.plugins.check_digits import bare
from forbundsbok.plugins.findings import Message, as_written, counted, phrase
from forbundsbok.plugins.imports import BANKREF
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.money import CURRENCY, ZERO

EXAMPLE = """
  [bank."{number}"]
  account = "{account}"
  observation = "{observation}"
  series-in = "I"
  series-out = "U"
"""
NOT_OURS = "ours = false"
BY_HAND = 'foreign = "by-hand"'


class Bank(NamedTuple):
    """An account at a bank by the mapping, and what it is in the ledger."""

    account: str
    observation: str
    series_in: str
    series_out: str
    counts_numbers: bool
    foreign_by_hand: bool


class Told(Protocol):
    """What a bank tells of an account in a part of a document."""

    @property
    def line(self) -> int: ...
    @property
    def id(self) -> str: ...
    @property
    def account(self) -> str: ...
    @property
    def currency(self) -> str: ...
    @property
    def entries(self) -> tuple[Entry, ...]: ...
    @property
    def not_booked(self) -> int: ...
    @property
    def for_information(self) -> int: ...

    def _replace(self, *, account: str) -> Self: ...


_IBAN = re.compile(r"SE\d{2}\d{3}(\d{17})", re.ASCII)
_BBAN = 20
"""How many digits a Swedish IBAN has behind its check digits."""

Part = TypeVar("Part", bound=Told)


class Banks:
    """The accounts of a mapping. Raises DocumentError for what it cannot mean."""

    def __init__(self, table: Table) -> None:
        self.filename = table.filename
        self._banks: dict[str, Bank | None] = {}
        for name, each in table.tables():
            self._banks[bare(name)] = _read_bank(each)
        accounts = Counter(bank.account for bank in self._banks.values() if bank)
        if twice := [account for account, count in accounts.items() if count > 1]:
            text = N_(
                "{account} stands for several accounts of the bank: open an account for each, "
                "for each has a balance of its own"
            )
            raise refused_whole(self.filename, phrase(text, account=twice[0]))
        self.accounts = set(accounts)

    def __getitem__(self, number: str) -> Bank:
        bank = self._banks[number]
        assert bank is not None, number
        return bank

    def named(self, parts: Iterable[Part]) -> list[Part]:
        """Return parts by the accounts as the mapping calls them: the number that a Swedish IBAN holds, or that one."""
        alike: dict[str, list[str]] = defaultdict(list)
        for number in self._banks:
            alike[_domestic(number)].append(number)

        def own(number: str) -> str:
            others = [] if number in self._banks else alike[_domestic(number)]
            is_told = len(others) == 1 and bool(_IBAN.match(others[0])) is not bool(_IBAN.match(number))
            return others[0] if is_told else number

        return [each._replace(account=own(each.account)) for each in parts]

    def check(self, document: str, parts: Iterable[Told], existing: data.Directives) -> None:
        """Refuse a document that tells of accounts which the mapping does not have."""
        if unknown := [each for each in parts if each.account not in self._banks]:
            raise refused(document, self._unknown(unknown, AccountAdvice(existing)))

    def own(self, parts: Iterable[Part]) -> tuple[dict[str, list[Part]], list[Message]]:
        """Return the parts of accounts that are ours, and what is said of the others."""
        found = by_account(parts)
        notes = [self._not_ours(number, each) for number, each in found.items() if self._banks[number] is None]
        return {number: each for number, each in found.items() if self._banks[number] is not None}, notes

    def _unknown(self, parts: Iterable[Told], advice: AccountAdvice) -> Iterator[Problem]:
        """Yield, for each account that the mapping does not have, what is booked on it and what to write."""
        taken = set(self.accounts)
        for number, own in by_account(parts).items():
            count = sum(len(each.entries) for each in own)
            account = advice.bank(number, taken)
            taken.add(account)
            example = EXAMPLE.format(number=number, account=account, observation=advice.observation())
            currencies = {each.currency for each in own}
            one = N_(
                "account {number}, with 1 entry of {amount}, is not in {file}: write{example}\n"
                "  or, where it is none of ours,   {not_ours}   below its [bank]"
            )
            many = N_(
                "account {number}, with {count} entries that sum to {amount}, is not in {file}: write{example}\n"
                "  or, where it is none of ours,   {not_ours}   below its [bank]"
            )
            if currencies.isdisjoint({CURRENCY, ""}):
                example += f"  {BY_HAND}\n"
                one = N_(
                    "account {number}, with 1 entry of {amount}, is not in {file}. The books are kept in {own}: it can "
                    "only be left out, with a note, and its voucher be written by hand, at the rate of the day. Write"
                    "{example}\n  or, where it is none of ours,   {not_ours}   below its [bank]"
                )
                many = N_(
                    "account {number}, with {count} entries that sum to {amount}, is not in {file}. The books are kept "
                    "in {own}: it can only be left out, with a note, and its vouchers be written by hand, at the rates "
                    "of their days. Write{example}\n  or, where it is none of ours,   {not_ours}   below its [bank]"
                )
            message = counted(
                count,
                one,
                many,
                number=number,
                own=CURRENCY,
                amount=_sum_of(own),
                file=self.filename,
                example=as_written(example.rstrip()),
                not_ours=NOT_OURS,
            )
            yield Problem(own[0].line, message)

    def _not_ours(self, number: str, parts: Sequence[Told]) -> Message:
        count = sum(len(each.entries) for each in parts)
        one = N_("account {number} is none of ours by {file}: its 1 entry, of {amount}, is left out")
        many = N_("account {number} is none of ours by {file}: its {count} entries, {amount} in all, are left out")
        return counted(count, one, many, number=number, file=self.filename, amount=_sum_of(parts))


def _domestic(number: str) -> str:
    """Return the number of a Swedish account, as it stands in its IBAN behind the bank's three digits, or alone."""
    if match := _IBAN.fullmatch(number):
        return match[1].lstrip("0")
    return (number[3:] if len(number) == _BBAN else number).lstrip("0")


def _read_bank(table: Table) -> Bank | None:
    """Return an account of the mapping, None for one that is none of ours."""
    if not table.truth("ours", default=True):
        table.finish()
        return None
    numbers, foreign = table.text("numbers", ""), table.text("foreign", "")
    if numbers not in ("", "ignored"):
        raise table.wrong("numbers", phrase("what becomes of the statements' numbers"), 'numbers = "ignored"')
    if foreign not in ("", "by-hand"):
        raise table.wrong("foreign", phrase("what becomes of other currencies"), 'foreign = "by-hand"')
    series = series_in(table, "series-in", "I"), series_in(table, "series-out", "U")
    bank = Bank(table.account("account"), table.account("observation"), *series, not numbers, foreign == "by-hand")
    table.finish()
    return bank


def by_account(parts: Iterable[Part]) -> dict[str, list[Part]]:
    """Return the parts of a document by account, in their order."""
    found: dict[str, list[Part]] = defaultdict(list)
    for each in parts:
        found[each.account].append(each)
    return dict(found)


def _sum_of(parts: Sequence[Told]) -> Amount:
    return Amount(sum((entry.amount for each in parts for entry in each.entries), ZERO), parts[0].currency)


def left_out(parts: Iterable[Told], account: str) -> list[Message]:
    """Return what is said of entries that the bank has not booked, or only tells for information."""
    parts = list(parts)
    pending, informing = sum(each.not_booked for each in parts), sum(each.for_information for each in parts)
    notes = []
    if pending:
        one = N_("{account}: 1 entry is not booked yet (pending), and is left out")
        many = N_("{account}: {count} entries are not booked yet (pending), and are left out")
        notes.append(counted(pending, one, many, account=account))
    if informing:
        one = N_("{account}: 1 entry is for information alone (INFO), and is left out")
        many = N_("{account}: {count} entries are for information alone (INFO), and are left out")
        notes.append(counted(informing, one, many, account=account))
    return notes


def known_note(account: str, count: int) -> Message:
    """Return what is said of entries that are in the ledger."""
    one = N_("{account}: 1 entry is in the ledger already, by its {key}, and is left out")
    many = N_("{account}: {count} entries are in the ledger already, by their {key}, and are left out")
    return counted(count, one, many, account=account, key=BANKREF)


def foreign_problem(part: Told, currency: str) -> Problem:
    """Return why a document of another currency alone is refused."""
    text = N_(
        "the statement is in {currency}, but the books of the account are kept in {own}: write its vouchers by hand, "
        "at the rates of their days, and   {line}   below the account in the mapping to leave it out"
    )
    return Problem(part.line, phrase(text, currency=part.currency, own=currency, line=BY_HAND))


def foreign_note(part: Told, currency: str) -> Message:
    """Return what is said of a part in another currency that is left out."""
    one = N_("{id} of account {account} is in {currency}, and is left out: book its 1 entry, of {amount}, by hand")
    many = N_(
        "{id} of account {account} is in {currency}, and is left out: book its {count} entries, {amount} in all, "
        "by hand"
    )
    amount = _sum_of([part])
    count, own = len(part.entries), part.currency
    return counted(count, one, many, id=part.id or "?", account=part.account, currency=own, amount=amount)


def foreign_remark(part: Told, day: date, account: str) -> data.Note:
    """Return the note, in the ledger, of what is to be booked by hand."""
    count = len(part.entries)
    total: Decimal = sum((entry.amount for entry in part.entries), ZERO)
    entries = "1 post" if count == 1 else f"{count} poster"
    text = (
        f"Kontoutdrag {part.id or '?'} för {part.account}, {entries}, {spoken(total)} {part.currency}, "
        "bokförs för hand till dagens kurs"
    )
    return data.Note({}, day, account, text, data.EMPTY_SET, data.EMPTY_SET)
