"""The doors of camt.054 and camt.052: what a bank tells of an account's entries besides its statement.

    forbundsbok import inbox/avisering.xml inbox/kontoutdrag.xml

A notification (camt.054) has the payments of entries that the statement (camt.053) may have in one amount. Each entry
is booked once, whichever comes first. Before the statement, the notification books it, and the statement finds its
voucher (importers.bank_entries). After it, the voucher that waits on the observation account is written anew, with the
same number and the payments; one that a person has seen to stays. Where the statement of a day is in the ledger and no
voucher of it is the entry's, nobody can say what the entry is: it is left out, and said.

Vouchers that are written anew stand in a file of the ledger, and a run changes one file: what waits in others is for
another run of the same document, and said.

A report (camt.052) tells of a day that goes on. All that it has the statement will bring, so it only tells.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import ClassVar

from beancount.core import data
from beancount.core.amount import Amount

from forbundsbok.importers.archive import dated_path
from forbundsbok.importers.bank_accounts import (
    Bank,
    foreign_note,
    foreign_problem,
    foreign_remark,
    known_note,
    left_out,
)
from forbundsbok.importers.bank_entries import KnownEntries, NamedEntry, rows_of
from forbundsbok.importers.camt import NOTIFICATION_KIND, STATEMENT, BankDoor, bank_entry, movements_in
from forbundsbok.importers.document import Document
from forbundsbok.importers.door import Proposal, remarked
from forbundsbok.importers.formats.camt import Notification, read_notifications, read_reports
from forbundsbok.importers.open_items import OpenItems
from forbundsbok.importers.payments import OBSERVE, Accounts, BankEntry, Cashier, closed_message
from forbundsbok.importers.problems import Problem, refused
from forbundsbok.plugins.findings import Message, counted, phrase
from forbundsbok.plugins.imports import BANKREF, NOTICE
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.money import ZERO
from forbundsbok.plugins.review import WAITS
from forbundsbok.plugins.years import read_boksluts


class Notifications(BankDoor):
    """Entries of the bank accounts of a mapping, with their payments."""

    kind: ClassVar[str] = NOTIFICATION_KIND

    def begins(self, document: Document) -> date:
        return _days(document.records(read_notifications))[0]

    def in_turn(self, documents: Sequence[Document]) -> list[Document]:
        return sorted(documents, key=lambda each: (self.begins(each), str(each), each.sha256))

    def propose(self, document: Document, existing: data.Directives) -> Proposal:
        parts = self._banks.named(document.records(read_notifications))
        self._banks.check(str(document), parts, existing)
        own_accounts, notes = self._banks.own(parts)
        cashier = Cashier(existing, OpenItems(existing, self._bankgiros))
        accounts = Accounts(existing)
        last = _days(parts)[1]
        entries: data.Directives = []
        replaced: data.Directives = []
        problems: list[Problem] = []
        is_part = False
        for number, of_account in own_accounts.items():
            bank = self._banks[number]
            first = _days(of_account)[0]
            if first == date.min:
                notes += left_out(of_account, bank.account)
                continue
            currency = accounts.currency(bank.account, bank.observation, first, self._filename)
            own = [each for each in of_account if each.currency == currency]
            for each in of_account:
                if each.currency == currency or not each.entries:
                    continue
                if not own and not bank.foreign_by_hand:
                    problems.append(foreign_problem(each, currency))
                    continue
                notes.append(foreign_note(each, currency))
                entries += remarked(existing, [foreign_remark(each, _days([each])[1], bank.observation)])
            details = _Details(existing, bank, currency, cashier, replaced)
            for each in own:
                entries += details.booked(each)
            problems += details.problems
            notes += [*details.notes, *left_out(own, bank.account)]
            is_part = is_part or details.is_part
        if problems:
            raise refused(str(document), problems)
        entries.sort(key=lambda entry: entry.date)
        stored = dated_path(last, "avisering", ".xml")
        return Proposal(entries, stored, last, [*notes, *cashier.summary()], replaced=replaced, is_part=is_part)


def _days(parts: Sequence[Notification]) -> tuple[date, date]:
    """Return the first and the last day of what is notified of."""
    days = [entry.day for each in parts for entry in each.entries]
    return min(days, default=date.min), max(days, default=date.min)


class _Details:
    """What the ledger has on a bank account, and what notifications add to it or explain of it."""

    def __init__(
        self,
        existing: data.Directives,
        bank: Bank,
        currency: str,
        cashier: Cashier,
        replaced: data.Directives,
    ) -> None:
        self.problems: list[Problem] = []
        self.notes: list[Message] = []
        self.is_part = False
        self._bank = bank
        self._currency = currency
        self._cashier = cashier
        self._replaced = replaced
        self._known = KnownEntries(existing, bank.account)
        self._taken: set[int] = set()
        self._boksluts = read_boksluts(existing)
        closings = (
            each.date
            for each in existing
            if isinstance(each, data.Balance) and each.account == bank.account and STATEMENT in each.meta
        )
        self._told_before = max(closings, default=date.min)
        """The day after the last that a statement has told of."""

    def booked(self, part: Notification) -> data.Directives:
        """Return what a part of a document adds, and see to what it takes the place of."""
        rows = list(rows_of(part.id, part.entries))
        days = [row.entry.day for row in rows]
        if not rows:
            return []

        def is_left(voucher: data.Transaction) -> bool:
            return id(voucher) not in self._taken

        def is_stated(voucher: data.Transaction) -> bool:
            return voucher.date < self._told_before and self._waits(voucher)

        found = self._known.found(rows, min(days), max(days), is_left, is_stated)
        self._taken |= {id(voucher) for voucher in found if voucher}
        entries: data.Directives = []
        came_before = 0
        for row, voucher in zip(rows, found, strict=True):
            if voucher is None:
                entries += self._new(part, row)
            elif again := self._anew(row, voucher):
                entries.append(again)
            else:
                came_before += 1
        if came_before:
            self.notes.append(known_note(self._bank.account, came_before))
        return entries

    def _new(self, part: Notification, row: NamedEntry) -> Iterator[data.Transaction]:
        """Yield the voucher of an entry that no statement has told of, if it can be booked."""
        day = row.entry.day
        if bokslut := self._boksluts.get(day.year):
            what = phrase("the entry of {amount} on {day}", amount=row.entry.amount, day=day)
            self.problems.append(Problem(row.entry.line, closed_message(what, bokslut)))
        elif day < self._told_before:
            text = N_(
                "{account}: the entry of {amount} on {day} is of a day that a statement has told of, and no voucher "
                "is known as its: it is left out"
            )
            self.notes.append(phrase(text, account=self._bank.account, amount=row.entry.amount, day=day))
        else:
            voucher = self._cashier.voucher(self._entry(row, day, self._known.name(row, day)))
            self._known.add(voucher)
            self._taken.add(id(voucher))
            yield voucher

    def _anew(self, row: NamedEntry, voucher: data.Transaction) -> data.Transaction | None:
        """Return a voucher that waits as the details have it; None where it does not wait, or they add nothing."""
        if not self._waits(voucher) or voucher.date.year in self._boksluts:
            return None
        ver = str(voucher.meta.get("ver", ""))
        entry = self._entry(row, voucher.date, voucher.meta[BANKREF])
        if not self._cashier.settles(entry):
            return None
        if any(_file_of(each) != _file_of(voucher) for each in self._replaced):
            self.is_part = True
            text = N_("{voucher} stands in another file than the first that is written anew: import the same again")
            self.notes.append(phrase(text, voucher=voucher))
            return None
        self._replaced.append(voucher)
        count = len(entry.payments)
        one = N_("{voucher} waited, and is written anew with its payment")
        many = N_("{voucher} waited, and is written anew with its {count} payments")
        self.notes.append(counted(count, one, many, voucher=voucher))
        anew = self._cashier.voucher(entry, ver)
        return anew if row.name == entry.bankref else anew._replace(meta={**anew.meta, NOTICE: row.name})

    def _entry(self, row: NamedEntry, day: date, name: str) -> BankEntry:
        return bank_entry(self._bank, self._currency, row.entry, day, name)

    def _waits(self, voucher: data.Transaction) -> bool:
        """Tell whether a voucher waits as it came: all of it on the observation account."""
        others = {row.account for row in voucher.postings} - {self._bank.account, self._bank.observation}
        return voucher.flag == WAITS and OBSERVE in voucher.meta and not others


def _file_of(entry: data.Directive) -> str:
    return str(entry.meta.get("filename"))


def notified_movements(document: Document) -> Iterator[tuple[str, Decimal]]:
    """Yield what a document says that the bank has moved, each with its reference. Raises DocumentError."""
    for each in document.records(read_notifications):
        yield from movements_in(rows_of(each.id, each.entries))


class Reports(BankDoor):
    """Reports of a day that goes on, which only tell."""

    kind: ClassVar[str] = "camt.052"

    def propose(self, document: Document, existing: data.Directives) -> Proposal:
        parts = self._banks.named(document.records(read_reports))
        self._banks.check(str(document), parts, existing)
        own, notes = self._banks.own(parts)
        for number, of_account in own.items():
            bank = self._banks[number]
            for each in of_account:
                count = len(each.entries)
                total = Amount(sum((entry.amount for entry in each.entries), ZERO), each.currency)
                one = N_(
                    "{account}: the bank tells of 1 entry, of {amount}, before its statement: nothing is booked "
                    "until the statement (camt.053) brings it"
                )
                many = N_(
                    "{account}: the bank tells of {count} entries, {amount} in all, before its statement: nothing "
                    "is booked until the statement (camt.053) brings them"
                )
                notes.append(counted(count, one, many, account=bank.account, amount=total))
            notes += left_out(of_account, bank.account)
        return Proposal([], "", _days(parts)[1], notes)
