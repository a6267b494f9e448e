"""The door of camt.053: what a bank has booked on an account, with the balances that the books must agree with.

    [bank."50000000054910000003"]             # the account as the bank calls it: IBAN or number
    account = "Assets:FK:1610-Internbank"
    observation = "Liabilities:FK:2890-Observationskonto"
    series-in = "I"
    series-out = "U"

Each booked entry becomes a voucher that settles what its payments name (importers.payments). The opening balance
becomes an assertion on the statement's first day, unless the day before is sealed, the closing balance on the day
after its last:

    2025-03-15 balance Assets:FK:1610-Internbank  571407.55 SEK
      kontoutdrag: "2025-052"
      nummer: 52

An entry is in the ledger already when a voucher on the account has its `bankref`: the bank's own reference
(AcctSvcrRef), or, where the bank gives none, the statement's id and the entry's number in it (NtryRef) or else its
position. A reference that a statement has twice is told apart by `/2`. Likeness never counts: two equal fees of one
day are two fees.

What Bankgirot has told of in detail (importers.bgmax) comes here as one entry. It settles the deposit that waits on
the bankgiro number's account when it holds the bankgiro number, in any reference or text or as the creditor's
account, and the amount agrees; of several such deposits, that of the entry's day. So BgMax comes in first: where it
has not, the entry is to be observed, and says so.

Statements follow on each other: by their numbers, where the bank gives any and the mapping does not say
`numbers = "ignored"`, and by their balances. One that is missing is an error, and so is a balance that is not that
of the books.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import ClassVar, NamedTuple

from beancount.core import data
from beancount.core.amount import Amount

from forbundsbok.importers.archive import dated_path
from forbundsbok.importers.document import Document
from forbundsbok.importers.door import Door, Proposal
from forbundsbok.importers.formats.camt import BankStatement, Detail, Entry, read_camt
from forbundsbok.importers.mapping import Table
from forbundsbok.importers.open_items import OpenItems
from forbundsbok.importers.payments import (
    ORE,
    Accounts,
    BankEntry,
    Cashier,
    Payment,
    Remittance,
    closed_message,
    known_references,
    read_bankgiros,
    series_in,
    written,
)
from forbundsbok.importers.problems import Problem, refused, refused_whole
from forbundsbok.plugins.findings import Message, as_written, phrase
from forbundsbok.plugins.imports import BANKREF
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.money import ZERO
from forbundsbok.plugins.places import where
from forbundsbok.plugins.sigill import is_sealed
from forbundsbok.plugins.years import read_boksluts

STATEMENT, NUMBER = "kontoutdrag", "nummer"
"""The metadata of a closing balance: the statement's id, and its number."""

DAY = timedelta(days=1)
_BEGINNING = 4096
_SHOWN = 10
_CAMT = re.compile(rb"camt\.053\.001\.\d\d")

EXAMPLE = """
  [bank."{number}"]
  account = "Assets:FK:1610-Internbank"
  observation = "Liabilities:FK:2890-Observationskonto"
  series-in = "I"
  series-out = "U"
"""


class Bank(NamedTuple):
    """An account at a bank by the mapping, and what it is in the ledger."""

    account: str
    observation: str
    series_in: str
    series_out: str
    counts_numbers: bool


class Closing(NamedTuple):
    """How a statement ended: its closing balance, at the end of its last day."""

    id: str
    number: int | None
    last: date
    amount: Decimal
    place: str | Message


class Camt(Door):
    """Statements of the bank accounts of a mapping."""

    kind: ClassVar[str] = "camt.053"

    def __init__(self, banks: Table, bankgiros: Table) -> None:
        self._filename = banks.filename
        self._banks = dict(_read_banks(banks))
        accounts = Counter(bank.account for bank in self._banks.values())
        if twice := [account for account, count in accounts.items() if count > 1]:
            text = N_(
                "{account} stands for several accounts of the bank: open an account for each, "
                "for each has a balance of its own"
            )
            raise refused_whole(self._filename, phrase(text, account=twice[0]))
        found = read_bankgiros(bankgiros)
        for each in found.values():
            if each.account in accounts:
                text = N_(
                    "{account} is the account of a bank and of bankgiro {number}: a deposit would be booked twice. "
                    "Give the bankgiro number an account between the two, such as   {example}"
                )
                example = 'account = "Assets:FK:1690-Bankgiro-på-väg"'
                message = phrase(text, account=each.account, number=written(each.number), example=example)
                raise refused_whole(self._filename, message)
        self._bankgiros = {each.number: each.account for each in found.values()}

    def knows(self, document: Document) -> bool:
        return _CAMT.search(document.head[:_BEGINNING].replace(b"\0", b"")) is not None  # without UTF-16's zeros

    def begins(self, document: Document) -> date:
        return min(statement.first for statement in document.records(read_camt).statements)

    def propose(self, document: Document, existing: data.Directives) -> Proposal:
        statements = document.records(read_camt).statements
        if unknown := [each for each in statements if each.account not in self._banks]:
            raise refused(str(document), self._unknown(unknown))
        last = max(statement.last for statement in statements)
        cashier = Cashier(existing, OpenItems(existing, self._bankgiros))
        accounts, known = Accounts(existing), known_references(existing)
        entries: data.Directives = []
        problems: list[Problem] = []
        notes: list[Message] = []
        for number, own in _by_account(statements).items():
            bank = self._banks[number]
            currency = accounts.currency(bank.account, bank.observation, own[0].first, self._filename)
            if foreign := [_foreign(each, currency) for each in own if each.currency != currency]:
                problems += foreign
                continue
            reconciliation = _Reconciliation(existing, bank, known[bank.account], currency)
            for run in _runs(own):
                entries += reconciliation.booked(run, cashier)
            problems += reconciliation.problems
            notes += reconciliation.notes
        if problems:
            raise refused(str(document), problems)
        entries.sort(key=_order)
        return Proposal(entries, dated_path(last, "kontoutdrag", ".xml"), last, [*notes, *cashier.summary()])

    def _unknown(self, statements: Iterable[BankStatement]) -> Iterator[Problem]:
        """Yield, for each account that the mapping does not have, what is booked on it and what to write."""
        for number, own in _by_account(statements).items():
            count = sum(len(each.entries) for each in own)
            change = sum((each.closing - each.opening for each in own), ZERO)
            text = (
                N_("account {number}, with 1 entry of {amount}, is not in {file}: write{example}")
                if count == 1
                else N_("account {number}, with {count} entries that sum to {amount}, is not in {file}: write{example}")
            )
            message = phrase(
                text,
                number=number,
                count=count,
                amount=Amount(change, own[0].currency),
                file=self._filename,
                example=as_written(EXAMPLE.format(number=number).rstrip()),
            )
            yield Problem(own[0].line, message)


def _read_banks(table: Table) -> Iterator[tuple[str, Bank]]:
    for name, each in table.tables():
        numbers = each.text("numbers", "")
        if numbers not in ("", "ignored"):
            raise each.wrong("numbers", phrase("what becomes of the statements' numbers"), 'numbers = "ignored"')
        series = series_in(each, "series-in", "I"), series_in(each, "series-out", "U")
        bank = Bank(each.account("account"), each.account("observation"), *series, not numbers)
        each.finish()
        yield name.replace(" ", ""), bank


def _by_account(statements: Iterable[BankStatement]) -> dict[str, list[BankStatement]]:
    """Return the statements of each account, the earliest first."""
    found = defaultdict(list)
    for each in statements:
        found[each.account].append(each)
    return {
        account: sorted(own, key=lambda each: (each.first, each.last, each.number or 0, each.line))
        for account, own in found.items()
    }


def _runs(statements: Iterable[BankStatement]) -> Iterator[list[BankStatement]]:
    """Yield the statements together that share a day: only before the first and after the last can be asserted."""
    run: list[BankStatement] = []
    for each in statements:
        if run and each.first > run[-1].last:
            yield run
            run = []
        run.append(each)
    if run:
        yield run


def _foreign(statement: BankStatement, currency: str) -> Problem:
    text = N_(
        "the statement is in {currency}, but the books of the account are kept in {own}: "
        "write its vouchers by hand, at the rates of their days"
    )
    return Problem(statement.line, phrase(text, currency=statement.currency, own=currency))


def _order(entry: data.Directive) -> tuple[date, bool]:
    return entry.date, not isinstance(entry, data.Balance)


class _Reconciliation:
    """What the ledger has on a bank account, held against its statements, with what they add one after another."""

    def __init__(
        self, existing: data.Directives, bank: Bank, known: dict[str, data.Transaction], currency: str
    ) -> None:
        self.problems: list[Problem] = []
        self.notes: list[Message] = []
        self._bank = bank
        self._known = known
        self._boksluts = read_boksluts(existing)
        self._currency = currency
        self._moved = [
            (entry.date, number, entry)
            for entry in existing
            if isinstance(entry, data.Transaction) and (number := _change(entry, bank.account))
        ]
        own = [each for each in existing if isinstance(each, data.Balance) and each.account == bank.account]
        self._asserted = own
        self._closings = [_closing_of(each) for each in own if isinstance(each.meta.get(STATEMENT), str)]

    def booked(self, run: Sequence[BankStatement], cashier: Cashier) -> data.Directives:
        """Return what statements that share days add, balances included, and report why they cannot."""
        first, last = run[0], run[-1]
        rows = [(reference, entry) for each in run for reference, entry in _referenced(each)]
        new = [(reference, entry) for reference, entry in rows if reference not in self._known]
        if self._came_before(run, new):
            return []
        if bokslut := self._boksluts.get(first.first.year):
            self._report(first, closed_message(_called(first), bokslut))
            return []
        before = len(self.problems)
        self._check_chain(run)
        if len(self.problems) == before:
            self._check_opening(first)
        if len(self.problems) > before:
            return []
        vouchers = [
            cashier.voucher(self._bank_entry(reference, entry, first.first, last.last)) for reference, entry in new
        ]
        self._moved += [(each.date, _change(each, self._bank.account), each) for each in vouchers]
        self._check_closing(last, run, {reference for reference, _ in rows})
        self._check_asserted(vouchers, last)
        self._note(run, len(rows) - len(new))
        self._closings.append(_closing(last))
        meta: dict[str, object] = {STATEMENT: last.id}
        if last.number is not None:
            meta[NUMBER] = Decimal(last.number)
        return [
            *([] if self._is_sealed(first.first - DAY) else [self._balance({}, first.first, first.opening)]),
            *vouchers,
            self._balance(meta, last.last + DAY, last.closing),
        ]

    def _is_sealed(self, day: date) -> bool:
        """Tell whether what an account held at the end of a day is sealed: no assertion comes to that any more."""
        bokslut = self._boksluts.get(day.year)
        return bokslut is not None and is_sealed(bokslut)

    def _came_before(self, run: Sequence[BankStatement], new: Sequence[tuple[str, Entry]]) -> bool:
        """Tell whether statements are in the ledger already; one that has got more entries since is reported."""
        known = {(each.id, each.last): each for each in self._closings}
        found = [each for each in run if (each.id, each.last) in known]
        if len(found) < len(run):
            return False
        if new:
            text = (
                N_(
                    "{statement} is in the ledger ({place}), but 1 of its entries is not, of {amount} on {day}: "
                    "has the bank changed it? Remove what came of it before, and import it again"
                )
                if len(new) == 1
                else N_(
                    "{statement} is in the ledger ({place}), but {count} of its entries are not, the first of {amount} "
                    "on {day}: has the bank changed it? Remove what came of it before, and import it again"
                )
            )
            place, entry = known[found[0].id, found[0].last].place, new[0][1]
            message = phrase(
                text,
                statement=_called(found[0]),
                place=place,
                count=len(new),
                amount=entry.amount,
                day=entry.day,
            )
            self._report(found[0], message)
        else:
            text = N_("{statement} is in the ledger already: it adds nothing")
            self.notes += [phrase(text, statement=_called(each)) for each in found]
        return True

    def _check_chain(self, run: Sequence[BankStatement]) -> None:
        """Report statements that do not follow on the one before, of the ledger or of the file."""
        first = run[0].first
        before = [each for each in self._closings if each.last < first]
        # Days that are in the ledger are told again, by a statement of a whole month: it follows on none of them.
        if before and not any(each.last >= first for each in self._closings):
            self._check_follows(max(before, key=lambda each: each.last), run[0])
        for earlier, later in pairwise(run):
            self._check_follows(_closing(earlier), later)

    def _check_follows(self, earlier: Closing, later: BankStatement) -> None:
        before = phrase(
            "statement {number} of {day} ({place})",
            number=earlier.number or earlier.id or "?",
            day=earlier.last,
            place=earlier.place,
        )
        gap = _between(earlier.last, later.first)
        mend = phrase("a statement is missing{days}. Import it first", days=gap)
        if self._bank.counts_numbers and earlier.number is not None and later.number is not None:
            begins_again = later.number == 1 and later.last.year > earlier.last.year
            if later.number == earlier.number + 1:
                mend = phrase("by their numbers none is missing between them. Ask the bank which of the two is right")
            elif not begins_again:
                text = N_(
                    "{later} does not follow on {before}: {missing}{days}. Import what is missing first; "
                    "write   {line}   in the mapping if the bank leaves numbers out"
                )
                message = phrase(
                    text,
                    later=_called(later),
                    before=before,
                    missing=_missing(earlier.number, later.number),
                    days=gap,
                    line='numbers = "ignored"',
                )
                return self._report(later, message)
        if later.opening != earlier.amount:
            message = phrase(
                "{later} opens with {opening} on {day}, but {before} closed with {closing}: {mend}",
                later=_called(later),
                opening=later.opening,
                day=later.first,
                before=before,
                closing=earlier.amount,
                mend=mend,
            )
            self._report(later, message)
        return None

    def _check_opening(self, statement: BankStatement) -> None:
        had = self._balance_before(statement.first)
        if had == statement.opening:
            return None
        same_day = [
            each for each in self._closings if each.last >= statement.first and each.amount == statement.opening
        ]
        if same_day:
            text = N_(
                "{statement} goes on from statement {number} ({place}) of the same day, which cannot be asserted, "
                "for balances are by day: ask the bank for one statement a day"
            )
            told = same_day[0]
            message = phrase(text, statement=_called(statement), number=told.id, place=told.place)
            return self._report(statement, message)
        last = max((each.last for each in self._closings if each.last < statement.first), default=None)
        hint = phrase("book what is missing, or the opening balance, first")
        if last is not None and (by_hand := self._vouchers(last + DAY, statement.first - DAY, set())):
            text = N_("since the last statement, of {day}, somebody has booked{vouchers}")
            hint = phrase(text, day=last, vouchers=_lines(by_hand))
        message = phrase(
            "the statement opens with {opening} on {day}, but {difference}: {hint}",
            opening=statement.opening,
            day=statement.first,
            difference=self._difference(had, statement.opening),
            hint=hint,
        )
        self._report(statement, message)
        return None

    def _check_closing(self, last: BankStatement, run: Sequence[BankStatement], references: set[str]) -> None:
        had = self._balance_before(last.last + DAY)
        if had == last.closing:
            return
        mend = phrase("remove what the bank has not booked, and what was booked by hand and comes with the statement")
        taken = [self._known[each] for each in sorted(references & self._known.keys())]
        elsewhere = [each for each in taken if not run[0].first <= each.date <= last.last]
        if elsewhere:
            text = N_(
                "some entries were taken for {vouchers}, of other days: {key} is the same. Are they others all the "
                "same? Then book them by hand on their days, without {key}"
            )
            mend = phrase(text, vouchers=elsewhere, key=BANKREF)
        others = self._vouchers(run[0].first, last.last, references)
        text = N_(
            "the statement closes with {closing} on {day}, but with it {difference}: of its days, and not on it, "
            "the books have{vouchers}\n  {mend}"
        )
        message = phrase(
            text,
            closing=last.closing,
            day=last.last,
            difference=self._difference(had, last.closing),
            vouchers=_lines(others) if others else phrase(" nothing"),
            mend=mend,
        )
        self._report(last, message)

    def _check_asserted(self, vouchers: Sequence[data.Transaction], last: BankStatement) -> None:
        """Report balances of the ledger that were true, and would not be with more vouchers before them."""
        for each in self._asserted:
            before = [_change(entry, self._bank.account) for entry in vouchers if entry.date < each.date]
            now = self._balance_before(each.date)
            asserted = each.amount.number or ZERO
            if now != asserted == now - sum(before, ZERO):
                text = N_(
                    "the ledger asserts {asserted} on {day} ({place}), but with this statement the books have {now}: "
                    "has it been asserted before all of the day was booked? Then remove it"
                )
                self._report(last, phrase(text, asserted=asserted, day=each.date, place=where(each), now=now))

    def _note(self, run: Sequence[BankStatement], came_before: int) -> None:
        account = self._bank.account
        if came_before:
            text = N_("{account}: {count} entries are in the ledger already, by their {key}, and are left out")
            self.notes.append(phrase(text, account=account, count=came_before, key=BANKREF))
        if not_booked := sum(each.not_booked for each in run):
            text = N_("{account}: {count} entries are not booked yet (pending), and are left out")
            self.notes.append(phrase(text, account=account, count=not_booked))
        for each in run:
            for entry in each.entries:
                if not run[0].first <= entry.day <= run[-1].last:
                    text = N_(
                        "{account}: the bank dates an entry of {amount} {day}, outside of {statement}: "
                        "its voucher is dated in it"
                    )
                    self.notes.append(
                        phrase(text, account=account, amount=entry.amount, day=entry.day, statement=_called(each))
                    )

    def _bank_entry(self, reference: str, entry: Entry, first: date, last: date) -> BankEntry:
        """Return what is to be booked of an entry, dated within the days whose balances it explains."""
        bank = self._bank
        series = bank.series_in if entry.amount >= 0 else bank.series_out
        day = min(max(entry.day, first), last)
        payments = _payments(entry)
        return BankEntry(
            day, bank.account, bank.observation, series, self._currency, reference, entry.message, payments
        )

    def _balance(self, meta: dict[str, object], day: date, number: Decimal) -> data.Balance:
        return data.Balance(meta, day, self._bank.account, Amount(number.quantize(ORE), self._currency), None, None)

    def _balance_before(self, day: date) -> Decimal:
        return sum((number for moved, number, _ in self._moved if moved < day), ZERO)

    def _vouchers(self, first: date, last: date, references: set[str]) -> list[Message]:
        """Return the vouchers on the account between two days, but those of some references."""
        return [
            Message("{day} {amount} {voucher}", {"day": day, "amount": number, "voucher": entry})
            for day, number, entry in self._moved
            if first <= day <= last and entry.meta.get(BANKREF) not in references
        ]

    def _difference(self, had: Decimal, told: Decimal) -> Message:
        text = (
            N_("the books have {amount} on {account}, {difference} too little")
            if had < told
            else N_("the books have {amount} on {account}, {difference} too much")
        )
        return phrase(text, amount=had, account=self._bank.account, difference=abs(told - had))

    def _report(self, statement: BankStatement, message: Message) -> None:
        self.problems.append(Problem(statement.line, message))


def movements_of(document: Document) -> Iterator[tuple[str, Decimal]]:
    """Yield what a document says that the bank has moved, each with its reference. Raises DocumentError."""
    for statement in document.records(read_camt).statements:
        for reference, entry in _referenced(statement):
            yield reference, entry.amount


def _referenced(statement: BankStatement) -> Iterator[tuple[str, Entry]]:
    """Yield the entries of a statement, each with the reference by which it is known again."""
    times: Counter[str] = Counter()
    for position, entry in enumerate(statement.entries, 1):
        if not entry.amount and not entry.details:
            continue  # information alone, such as a rate
        in_statement = f"{statement.id} {entry.in_statement or f'rad {position}'}"
        reference = entry.reference or in_statement.strip()
        times[reference] += 1
        yield reference if times[reference] == 1 else f"{reference}/{times[reference]}", entry


def _payments(entry: Entry) -> tuple[Payment, ...]:
    """Return the payments of an entry: one for each detail, where the bank tells how its amount is shared."""
    own = tuple(each for each in (entry.reference, entry.in_statement, *entry.numbers) if each)
    whole = Payment(entry.amount, (), (), entry.message, "", own, entry.is_reversal)
    if not entry.details:
        return (whole,)
    if len(entry.details) > 1 and all(each.amount is not None for each in entry.details):
        return tuple(_payment(each, each.amount or ZERO, whole) for each in entry.details)
    told = [_payment(each, entry.amount, whole) for each in entry.details]
    return (
        told[0]._replace(
            remittances=tuple(remittance for each in told for remittance in each.remittances),
            references=tuple(reference for each in told for reference in each.references),
            message=" ".join([*(each.message for each in entry.details), entry.message]),
            other_party=told[0].other_party if len(told) == 1 else "",
            own_references=own,
        ),
    )


def _payment(detail: Detail, number: Decimal, whole: Payment) -> Payment:
    references = tuple(each for each in detail.references if each not in whole.own_references)
    remittances = tuple(Remittance(*each) for each in detail.remittances)
    return whole._replace(
        amount=number,
        remittances=remittances,
        references=references,
        message=detail.message,
        other_party=detail.other_party,
        own_references=(),
    )


def _change(entry: data.Transaction, account: str) -> Decimal:
    """Return what a voucher changes an account by."""
    amounts = (posting.units for posting in entry.postings if posting.account == account)
    return sum((each.number for each in amounts if isinstance(each, Amount) and each.number is not None), ZERO)


def _closing(statement: BankStatement) -> Closing:
    return Closing(
        statement.id, statement.number, statement.last, statement.closing, phrase("line {line}", line=statement.line)
    )


def _closing_of(entry: data.Balance) -> Closing:
    """Return what a closing balance of the ledger says of its statement."""
    number = entry.meta.get(NUMBER)
    is_number = isinstance(number, Decimal) and number == number.to_integral_value()
    counted = int(number) if is_number and isinstance(number, Decimal) else None
    return Closing(str(entry.meta[STATEMENT]), counted, entry.date - DAY, entry.amount.number or ZERO, where(entry))


def _called(statement: BankStatement) -> Message:
    text = (
        N_("statement {number} of {first} to {last}")
        if statement.first < statement.last
        else N_("statement {number} of {last}")
    )
    number = statement.number or statement.id or "?"
    return phrase(text, number=number, first=statement.first, last=statement.last)


def _lines(vouchers: Sequence[Message]) -> Message:
    """Return vouchers a line each, not more than can be read."""
    more = len(vouchers) - _SHOWN
    lines = [*vouchers[:_SHOWN], *([phrase("and {count} more", count=more)] if more > 0 else [])]
    return as_written("".join(f"\n  {line}" for line in lines))


def _missing(earlier: int, later: int) -> Message:
    """Return which numbers are missing between two, or what should have come."""
    if later <= earlier + 2:
        return phrase("number {number} is missing", number=earlier + 1)
    return phrase("numbers {first} to {last} are missing", first=earlier + 1, last=later - 1)


def _between(earlier: date, later: date) -> Message:
    """Return the days between two, as the end of a sentence."""
    first, last = earlier + DAY, later - DAY
    if first > last:
        return as_written("")
    text = N_(", of {first}") if first == last else N_(", of {first} to {last}")
    return phrase(text, first=first, last=last)
