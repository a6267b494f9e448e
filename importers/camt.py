"""The door of camt.053: what a bank has booked on an account, with the balances that the books must agree with.

Which accounts are ours, importers.bank_accounts tells. Each booked entry becomes a voucher that settles what its
payments name (importers.payments). The opening balance becomes an assertion on the statement's first day, unless the
day before is sealed, the closing balance on the day after its last:

    2025-03-15 balance Assets:FK:1610-Internbank  571407.55 SEK
      kontoutdrag: "2025-052"
      nummer: 52

How an entry is known again, importers.bank_entries tells. What a notification (importers.camt_details) has told of
before is in the ledger, and what it tells later takes the place of the voucher that waits.

What Bankgirot has told of in detail (importers.bgmax) comes here as one entry. It settles the deposit that waits on
the bankgiro number's account when it holds the bankgiro number, in any reference or text or as the creditor's
account, and the amount agrees; of several such deposits, that of the entry's day. So BgMax comes in first: where it
has not, the entry is to be observed, and says so.

Statements follow on each other: by their numbers, where the bank gives any and the mapping does not say
`numbers = "ignored"`, and by their balances. One that is missing is an error, and so is a balance that is not that
of the books. Where a statement goes on from another of the same day, that one's closing balance is no longer that of
the day: the assertion of it is taken away.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import ClassVar, NamedTuple

from beancount.core import data
from beancount.core.amount import Amount

from forbundsbok.importers.archive import dated_path
from forbundsbok.importers.bank_accounts import (
    Bank,
    Banks,
    foreign_note,
    foreign_problem,
    foreign_remark,
    known_note,
    left_out,
)
from forbundsbok.importers.bank_entries import KnownEntries, NamedEntry, is_information, payments_of, rows_of
from forbundsbok.importers.document import Document
from forbundsbok.importers.door import Door, Proposal, remarked
from forbundsbok.importers.formats.camt import BankStatement, Entry, Notification, read_camt
from forbundsbok.importers.mapping import Table
from forbundsbok.importers.open_items import OpenItems
from forbundsbok.importers.payments import (
    ORE,
    Accounts,
    BankEntry,
    Cashier,
    change_of,
    closed_message,
    read_bankgiros,
)
from forbundsbok.importers.problems import Problem, refused, refused_whole
from forbundsbok.plugins.accounts import unit_of
from forbundsbok.plugins.check_digits import printed
from forbundsbok.plugins.findings import Message, as_written, counted, phrase
from forbundsbok.plugins.imports import UNDERLAG, read_imports
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.money import ZERO
from forbundsbok.plugins.places import where
from forbundsbok.plugins.sigill import is_sealed
from forbundsbok.plugins.years import read_boksluts

STATEMENT, NUMBER, PAGE, EARLIER = "kontoutdrag", "nummer", "sida", "foregaende"
"""The metadata of a closing balance: the statement's id, its number, its last page where it is of several, and the ids
of those of its day before it."""
_BETWEEN_IDS = "; "
STATED = "enligt-banken"
"""The metadata of a closing balance that is not the books': they have more of its day, that was notified of."""
_MOST_AHEAD = 10

DAY = timedelta(days=1)
_SHOWN = 10
_MOST_SHOWN = 200

NOTIFICATION_KIND = "camt.054"


class Closing(NamedTuple):
    """How a statement ended: its closing balance, at the end of its last day."""

    id: str
    number: int | None
    last: date
    amount: Decimal
    place: str | Message
    earlier: tuple[str, ...] = ()
    """The ids of the statements of its day that it goes on from."""
    page: int = 1


class BankDoor(Door):
    """What the doors of camt share: the accounts of a mapping, and those on which deposits of Bankgirot wait."""

    def __init__(self, banks: Table, bankgiros: Table) -> None:
        self._banks = Banks(banks)
        self._filename = banks.filename
        found = [each for each in read_bankgiros(bankgiros).values() if each]
        for each in found:
            if each.account in self._banks.accounts:
                text = N_(
                    "{account} is the account of a bank and of bankgiro {number}: a deposit would be booked twice. "
                    "Give the bankgiro number an account between the two, such as   {example}"
                )
                example = f'account = "Assets:{unit_of(each.account)}:1690-Bankgiro-på-väg"'
                number = printed("bankgiro", each.number)
                message = phrase(text, account=each.account, number=number, example=example)
                raise refused_whole(self._filename, message)
        self._bankgiros = {each.number: each.account for each in found}

    def knows(self, document: Document) -> bool:
        # Without UTF-16's zeros; the header of an envelope may name the kind too.
        beginning = document.head.replace(b"\0", b"")
        return re.search(rb"[:$]" + re.escape(self.kind.encode()) + rb"\.001\.\d\d", beginning) is not None


class Camt(BankDoor):
    """Statements of the bank accounts of a mapping."""

    kind: ClassVar[str] = "camt.053"

    def in_turn(self, documents: Sequence[Document]) -> list[Document]:
        """Return documents so that each statement comes after the one that it goes on from."""
        if len(documents) < 2:
            return list(documents)
        statements = [(each, document) for document in documents for each in document.records(read_camt).statements]
        holder = {id(each): document for each, document in statements}
        ranked = sorted(documents, key=lambda each: (_begins(each), str(each), each.sha256))
        after: dict[int, set[int]] = {index: set() for index, _ in enumerate(ranked)}
        index_of = {id(document): index for index, document in enumerate(ranked)}
        chains: dict[tuple[str, str], list[BankStatement]] = defaultdict(list)
        for each, _ in statements:
            chains[each.account, each.currency].append(each)
        for own in chains.values():
            for earlier, later in pairwise(_in_order(own)):
                before, own_index = index_of[id(holder[id(earlier)])], index_of[id(holder[id(later)])]
                if before != own_index:
                    after[own_index].add(before)
        try:
            return [ranked[index] for index in _sorted_by(after)]
        except CycleError:  # two documents that are each between two parts of the other
            return ranked

    def propose(self, document: Document, existing: data.Directives) -> Proposal:
        file = document.records(read_camt)
        statements, unfinished = self._banks.named(file.statements), self._banks.named(file.unfinished)
        self._banks.check(str(document), [*statements, *unfinished], existing)
        own_accounts, notes = self._banks.own(statements)
        cashier = Cashier(existing, OpenItems(existing, self._bankgiros))
        accounts = Accounts(existing)
        entries: data.Directives = []
        replaced: data.Directives = []
        problems: list[Problem] = []
        foreign: list[tuple[BankStatement, str]] = []
        for number, of_account in own_accounts.items():
            bank = self._banks[number]
            first = min(each.first for each in of_account)
            currency = accounts.currency(bank.account, bank.observation, first, self._filename)
            foreign += [(each, currency) for each in of_account if each.currency != currency]
            reconciliation = _Reconciliation(existing, bank, currency)
            own = reconciliation.anchored(_in_order(each for each in of_account if each.currency == currency))
            for run in _runs(own):
                entries += reconciliation.booked(run, cashier)
            problems += reconciliation.problems
            notes += reconciliation.notes
            replaced += reconciliation.replaced
        goes_on, notes_of_others = self._banks.own(unfinished)
        notes += notes_of_others
        for number, parts in goes_on.items():
            notes += [note for each in parts for note in _left_for_later(each, self._banks[number].account)]
        taken = sum(map(len, own_accounts.values())) > len(foreign)
        for each, currency in foreign:
            bank = self._banks[each.account]
            if not (taken or bank.foreign_by_hand):
                problems.append(foreign_problem(each, currency))
            elif each.entries:
                notes.append(foreign_note(each, currency))
                entries += remarked(existing, [foreign_remark(each, each.last, bank.observation)])
        if problems:
            raise refused(str(document), problems)
        # Of two statements that share a day in one document, or that came before it, only the last is asserted.
        entries.sort(key=_order)
        last = max((statement.last for statement in statements), default=date.min)
        stored = dated_path(last, "kontoutdrag", ".xml")
        return Proposal(entries, stored, last, [*notes, *cashier.summary()], replaced=replaced)


def _begins(document: Document) -> date:
    return min((statement.first for statement in document.records(read_camt).statements), default=date.max)


def _left_for_later(part: Notification, account: str) -> list[Message]:
    """Return what is said of a statement of a day that goes on: all that it has comes again with the day's last."""
    if not part.entries:
        text = N_("{account}: statement {id} has no closing balance (CLBD) and no booked entries: it adds nothing")
        return [phrase(text, account=account, id=part.id or "?"), *left_out([part], account)]
    one = N_(
        "{account}: statement {id} has no closing balance (CLBD), as its day goes on: its 1 entry, of {amount}, is "
        "left out until a statement that has one brings it. Ask the bank for that, if it does not come"
    )
    many = N_(
        "{account}: statement {id} has no closing balance (CLBD), as its day goes on: its {count} entries, {amount} in "
        "all, are left out until a statement that has one brings them. Ask the bank for that, if it does not come"
    )
    total = Amount(sum((entry.amount for entry in part.entries), ZERO), part.currency)
    note = counted(len(part.entries), one, many, account=account, id=part.id or "?", amount=total)
    return [note, *left_out([part], account)]


def _sorted_by(after: dict[int, set[int]]) -> Iterator[int]:
    """Yield indices in their order, but each after those that it comes after. Raises CycleError."""
    sorter = TopologicalSorter(after)
    sorter.prepare()
    ready: list[int] = []
    while sorter.is_active():
        ready = sorted([*ready, *sorter.get_ready()])
        yield ready[0]
        sorter.done(ready.pop(0))


def _in_order(statements: Iterable[BankStatement]) -> list[BankStatement]:
    """Return the statements of an account, the earliest first.

    Those of a day whose numbers do not tell go on from each other by their balances.
    """
    found = sorted(statements, key=lambda each: (each.first, each.last, each.number or 0, each.page, each.created))
    ordered: list[BankStatement] = []
    for run in _runs(found):
        numbers = {(each.number, each.page) for each in run}
        is_told = len(numbers) == len(run) and all(each.number is not None for each in run)
        if not is_told:
            begins = ordered[-1].closing if ordered and not ordered[-1].is_adrift else None
            run = [page for pages in _by_balances(_by_pages(run), begins) for page in pages]
        ordered += run
    return ordered


def _by_pages(run: Iterable[BankStatement]) -> list[list[BankStatement]]:
    """Return statements with the pages that follow on each, where those stand for themselves.

    First are the pages that go on from one that came before: the next statement waits for them.
    """
    found: list[list[BankStatement]] = []
    for each in sorted(run, key=lambda each: each.page):  # of one page, as they stood
        before = (each.id, each.number, each.page - 1)
        own = (pages for pages in found if (pages[0].id, pages[0].number, pages[-1].last_page) == before)
        if (pages := next(own, None) if each.page > 1 else None) is None:
            found.append([each])
        else:
            pages.append(each)
    return sorted(found, key=lambda pages: pages[0].page == 1)


def _balances(pages: Sequence[BankStatement]) -> tuple[Decimal, Decimal] | None:
    """Return what the pages of a statement open and close with, where any of them tells."""
    moved = ZERO
    opening = None
    for each in pages:
        if opening is None and not each.is_adrift:
            opening = each.opening - moved
        moved += each.closing - each.opening
    return None if opening is None else (opening, opening + moved)


def _by_balances(run: Sequence[list[BankStatement]], begins: Decimal | None) -> Sequence[list[BankStatement]]:
    """Return statements so that each opens with what the one before closed with, where there is such an order.

    They are the edges of a graph of balances, of which this is a path through all (Hierholzer's algorithm). Pages
    without any balance stand before it.
    """
    told = {id(pages): balances for pages in run if (balances := _balances(pages))}
    adrift, run = [pages for pages in run if id(pages) not in told], [pages for pages in run if id(pages) in told]
    if not run:
        return adrift
    leaving: dict[Decimal, list[list[BankStatement]]] = {}
    for pages in reversed(run):
        leaving.setdefault(told[id(pages)][0], []).append(pages)
    openings, closings = zip(*(told[id(pages)] for pages in run), strict=True)
    ends = [each for each in openings if len(leaving[each]) > closings.count(each)]
    start = begins if begins in leaving and not ends else (ends or openings)[0]
    path: list[list[BankStatement]] = []
    stack: list[tuple[Decimal, list[BankStatement] | None]] = [(start, None)]
    while stack:
        balance, edge = stack[-1]
        if leaving.get(balance):
            following = leaving[balance].pop()
            stack.append((told[id(following)][1], following))
        else:
            stack.pop()
            path += [edge] if edge else []
    path.reverse()
    is_path = len(path) == len(run) and all(told[id(a)][1] == told[id(b)][0] for a, b in pairwise(path))
    return [*adrift, *(path if is_path else run)]


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


def _order(entry: data.Directive) -> tuple[date, bool]:
    return entry.date, not isinstance(entry, data.Balance)


class _Reconciliation:
    """What the ledger has on a bank account, held against its statements, with what they add one after another."""

    def __init__(self, existing: data.Directives, bank: Bank, currency: str) -> None:
        self.problems: list[Problem] = []
        self.notes: list[Message] = []
        self.replaced: data.Directives = []
        self._bank = bank
        self._known = KnownEntries(existing, bank.account)
        self._notified = {came.path for came in read_imports(existing) if came.kind == NOTIFICATION_KIND}
        self._boksluts = read_boksluts(existing)
        self._currency = currency
        self._moved = [
            (entry.date, number, entry)
            for entry in existing
            if isinstance(entry, data.Transaction) and (number := change_of(entry, bank.account))
        ]
        own = [each for each in existing if isinstance(each, data.Balance) and each.account == bank.account]
        self._asserted = own
        self._closings = [_closing_of(each) for each in own if isinstance(each.meta.get(STATEMENT), str)]

    def anchored(self, statements: Iterable[BankStatement]) -> list[BankStatement]:
        """Return statements, of which pages without a balance open with what the page before them closed with.

        That page is of the same file or in the ledger; one that is in the ledger itself adds nothing.
        """
        anchored: list[BankStatement] = []
        for each in statements:
            if each.is_adrift:
                told = [*self._closings, *map(_closing, anchored)]
                own = [page for page in told if (page.id, page.number) == (each.id, each.number)]
                of_days = (page for page in own if each.first <= page.last <= each.last)
                before = max(of_days, key=lambda page: page.page, default=None)
                if (before is None or before.page >= each.last_page) and self._is_known(each):
                    text = N_("page {page} of {statement} is in the ledger already: it adds nothing")
                    self.notes.append(phrase(text, page=each.page, statement=_called(each)))
                    continue
                if before is None or not each.page - 1 <= before.page < each.last_page:
                    text = N_(
                        "page {page} of {statement} has no balance, and is to go on from page {before}: "
                        "import that first"
                    )
                    self._report(each, phrase(text, page=each.page, statement=_called(each), before=each.page - 1))
                    continue
                each = each._replace(opening=before.amount, closing=before.amount + each.closing)
            anchored.append(each)
        return anchored

    def _is_known(self, page: BankStatement) -> bool:
        """Tell whether all entries of a page are in the ledger, after the day of which nothing more comes."""
        is_told = any(each.last >= page.last for each in self._closings)
        return is_told and all(self._known.found(list(rows_of(page.id, page.entries)), page.first, page.last))

    def booked(self, run: Sequence[BankStatement], cashier: Cashier) -> data.Directives:
        """Return what statements that share days add, balances included, and report why they cannot."""
        first, last = run[0], run[-1]
        rows = [row for each in run for row in rows_of(each.id, each.entries)]
        found, goes_on = self._found(run, rows)
        new = [row for row, voucher in zip(rows, found, strict=True) if voucher is None]
        if self._came_before(run, new, goes_on):
            return []
        if bokslut := self._boksluts.get(first.first.year):
            self._report(first, closed_message(_called(first), bokslut))
            return []
        before = len(self.problems)
        self._check_chain(run, goes_on)
        if len(self.problems) == before and goes_on is None:
            self._check_opening(first)
        if len(self.problems) > before:
            return []
        vouchers = [cashier.voucher(self._bank_entry(row, first.first, last.last)) for row in new]
        for each in vouchers:
            self._known.add(each)
        self._moved += [(each.date, change_of(each, self._bank.account), each) for each in vouchers]
        known = [voucher for voucher in found if voucher]
        self._check_closing(last, run, [*known, *vouchers])
        self._check_asserted(vouchers, last, first.first)
        self._note(run, len(known))
        gone = [where(each) for each in self.replaced]
        before_it = [
            each for each in self._closings if each.last == last.last and (each == goes_on or each.place in gone)
        ]
        earlier = [name for each in before_it for name in (*each.earlier, each.id) if name]
        closing = _closing(last)._replace(earlier=tuple(dict.fromkeys(earlier)))
        self._closings = [*(each for each in self._closings if each not in before_it), closing]
        meta: dict[str, object] = {STATEMENT: last.id}
        if last.number is not None:
            meta[NUMBER] = Decimal(last.number)
        if last.last_page > 1:
            meta[PAGE] = Decimal(last.last_page)
        books = self._balance_before(last.last + DAY)
        if books != last.closing:  # what was notified of, and another statement of the day will tell of
            meta[STATED] = Amount(last.closing.quantize(ORE), self._currency)
            text = N_("{account}: {amount} that was notified of on {day} is for a later statement of that day")
            account, ahead = self._bank.account, books - last.closing
            self.notes.append(phrase(text, account=account, amount=ahead, day=last.last))
        if closing.earlier:
            meta[EARLIER] = _BETWEEN_IDS.join(closing.earlier)
        is_asserted = goes_on or self._is_sealed(first.first - DAY)
        return [
            *([] if is_asserted else [self._balance({}, first.first, first.opening)]),
            *vouchers,
            self._balance(meta, last.last + DAY, books),
        ]

    def _found(
        self, run: Sequence[BankStatement], rows: Sequence[NamedEntry]
    ) -> tuple[list[data.Transaction | None], Closing | None]:
        """Return the vouchers of entries that are in the ledger, and the closing that statements go on from.

        Statements tell again what is in the ledger, or they go on from another of their first day, of which nothing
        is told again. Which it is, their numbers and the balances say.
        """
        first, last = run[0], run[-1]
        again = self._known.found(rows, first.first, last.last, is_told_otherwise=self._is_notified)
        same_day = [each for each in self._closings if each.last >= first.first and each.amount == first.opening]
        if not same_day:
            return again, None
        before = max(same_day, key=_order_of)

        def is_left(voucher: data.Transaction) -> bool:
            return voucher.date > before.last or self._is_notified(voucher)

        onwards = self._known.found(rows, first.first, last.last, is_left, self._is_notified)
        goes_on = self._agrees(last, rows, onwards)
        is_known = all(again)
        own = [each for each in self._closings if (each.id, each.number) == (first.id, first.number)]
        if first.page > 1 and any(each.last >= first.first for each in own):
            came = any(each.page >= first.page and each.last >= first.first for each in own)
            is_next = not came and before in own
        elif before.number is not None and first.number is not None:
            numbers = [each.number for each in self._closings if each.last == first.last]
            came = first.number < before.number or first.number in numbers
            is_next = not came and first.first >= before.last
        else:
            # One that opens with other than its day did goes on from another, by whatever name.
            named = [each for each in self._closings if each.last == last.last and last.id in (each.id, *each.earlier)]
            is_first = self._balance_before(first.first) == first.opening
            came = bool(named and is_first) or (is_known and last.closing in [each.amount for each in named])
            is_next = not came and is_known and first.first == last.last == before.last
        agrees = self._balance_before(first.first) == first.opening and self._agrees(last, rows, again)
        if goes_on and (is_next or not (agrees or came)):
            return onwards, before
        return again, None

    def _is_notified(self, voucher: data.Transaction) -> bool:
        """Tell whether a voucher is of a notification, which may come before its statement."""
        return voucher.meta.get(UNDERLAG) in self._notified

    def _agrees(
        self, last: BankStatement, rows: Sequence[NamedEntry], found: Sequence[data.Transaction | None]
    ) -> bool:
        """Tell whether the books would close with a statement, with what is new of its run."""
        new = [row.entry.amount for row, voucher in zip(rows, found, strict=True) if voucher is None]
        books = self._balance_before(last.last + DAY) + sum(new, ZERO)
        return books == last.closing or self._is_ahead(last, books - last.closing, [each for each in found if each])

    def _is_ahead(self, last: BankStatement, more: Decimal, told: Sequence[data.Transaction]) -> bool:
        """Tell whether the books have more than a statement by what was notified of its last day, and comes later."""
        own = {id(each) for each in told}
        left = [
            self._known.amount(each)
            for each in self._known.vouchers
            if each.date == last.last and self._is_notified(each) and id(each) not in own
        ]
        sums = {ZERO}
        for amount in left[:_MOST_AHEAD]:
            sums |= {amount + each for each in sums}
        return bool(more) and more in sums

    def _is_sealed(self, day: date) -> bool:
        """Tell whether what an account held at the end of a day is sealed: no assertion comes to that any more."""
        bokslut = self._boksluts.get(day.year)
        return bokslut is not None and is_sealed(bokslut)

    def _came_before(self, run: Sequence[BankStatement], new: Sequence[NamedEntry], goes_on: Closing | None) -> bool:
        """Tell whether statements are in the ledger already; one that has got more entries since is reported."""
        known = {(each.id, each.last): each for each in self._closings}
        found = [
            each
            for each in run
            if (other := known.get((each.id, each.last))) and (each.number or 0) == (other.number or 0)
        ]
        # A page that moves nothing is told apart by its name: others follow on it.
        is_next = goes_on and (
            run[-1].closing != goes_on.amount
            or (run[0].number or 0) > (goes_on.number or 0)
            or (
                run[-1].is_computed
                and run[-1].last >= goes_on.last
                and run[-1].id not in (goes_on.id, *goes_on.earlier)
            )
        )
        if not new and not is_next and any(each.last >= run[-1].last for each in self._closings):
            found = list(run)
        elif len(found) < len(run) or goes_on or (new and run[0].page > 1):
            return False
        if new:
            one = N_(
                "{statement} is in the ledger ({place}), but 1 of its entries is not, of {amount} on {day}: "
                "has the bank changed it? Remove what came of it before, and import it again"
            )
            many = N_(
                "{statement} is in the ledger ({place}), but {count} of its entries are not, the first of {amount} "
                "on {day}: has the bank changed it? Remove what came of it before, and import it again"
            )
            place, entry = known[found[0].id, found[0].last].place, new[0].entry
            message = counted(
                len(new), one, many, statement=_called(found[0]), place=place, amount=entry.amount, day=entry.day
            )
            self._report(found[0], message)
        else:
            text = N_("{statement} is in the ledger already: it adds nothing")
            self.notes += [phrase(text, statement=_called(each)) for each in found]
        return True

    def _check_chain(self, run: Sequence[BankStatement], goes_on: Closing | None) -> None:
        """Report statements that do not follow on the one before, of the ledger or of the file."""
        first = run[0].first
        if goes_on:
            self._check_follows(goes_on, run[0])
        before = [each for each in self._closings if each.last < first]
        # Days that are in the ledger are told again, by a statement of a whole month: it follows on none of them.
        if before and not any(each.last >= first for each in self._closings):
            self._check_follows(max(before, key=_order_of), run[0])
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
            is_page = later.page > 1 and later.number == earlier.number
            if later.number == earlier.number + 1:
                mend = phrase("by their numbers none is missing between them. Ask the bank which of the two is right")
            elif not begins_again and not is_page:
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
            return
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
        return

    def _check_closing(
        self, last: BankStatement, run: Sequence[BankStatement], own: Sequence[data.Transaction]
    ) -> None:
        had = self._balance_before(last.last + DAY)
        if had == last.closing or self._is_ahead(last, had - last.closing, own):
            return
        mend = phrase("remove what the bank has not booked, and what was booked by hand and comes with the statement")
        others = self._vouchers(run[0].first, last.last, {id(each) for each in own})
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

    def _check_asserted(self, vouchers: Sequence[data.Transaction], last: BankStatement, first: date) -> None:
        """See to balances of the ledger that were true, and would not be with more vouchers before them.

        That of a statement whose days are told of here is taken away: it was not the last of its day.
        """
        for each in self._asserted:
            before = [change_of(entry, self._bank.account) for entry in vouchers if entry.date < each.date]
            now = self._balance_before(each.date)
            asserted = each.amount.number or ZERO
            if now != asserted == now - sum(before, ZERO):
                if isinstance(each.meta.get(STATEMENT), str) and first < each.date <= last.last + DAY:
                    self.replaced.append(each)
                    if each.meta.get("lineno"):  # it stands in the ledger, and is not of the same run
                        text = N_(
                            "{account}: the balance of {day}, {amount} ({place}), was not the last of its day, and goes"
                        )
                        values = {"day": each.date, "amount": asserted, "place": where(each)}
                        self.notes.append(phrase(text, account=self._bank.account, **values))
                    continue
                text = N_(
                    "the ledger asserts {asserted} on {day} ({place}), but with this statement the books have {now}: "
                    "has it been asserted before all of the day was booked? Then remove it"
                )
                self._report(last, phrase(text, asserted=asserted, day=each.date, place=where(each), now=now))
        self._asserted = [each for each in self._asserted if not any(each is other for other in self.replaced)]

    def _note(self, run: Sequence[BankStatement], came_before: int) -> None:
        account = self._bank.account
        if came_before:
            self.notes.append(known_note(account, came_before))
        self.notes += left_out(run, account)
        for each in run:
            if each.is_computed:
                text = N_("{account}: {statement} does not tell both balances; the other one is by its entries")
                self.notes.append(phrase(text, account=account, statement=_called(each)))
            for entry in filter(is_information, each.entries):
                text = N_("{account}: the bank informs, and moves nothing, on {day}: {text}")
                told = " ".join([entry.message, *(detail.message for detail in entry.details)]).strip()
                self.notes.append(phrase(text, account=account, day=entry.day, text=told[:_MOST_SHOWN] or "-"))
            for entry in each.entries:
                if not run[0].first <= entry.day <= run[-1].last:
                    text = N_(
                        "{account}: the bank dates an entry of {amount} {day}, outside of {statement}: "
                        "its voucher is dated in it"
                    )
                    self.notes.append(
                        phrase(text, account=account, amount=entry.amount, day=entry.day, statement=_called(each))
                    )

    def _bank_entry(self, row: NamedEntry, first: date, last: date) -> BankEntry:
        """Return what is to be booked of an entry, dated within the days whose balances it explains."""
        day = min(max(row.entry.day, first), last)
        return bank_entry(self._bank, self._currency, row.entry, day, self._known.name(row, day))

    def _balance(self, meta: dict[str, object], day: date, number: Decimal) -> data.Balance:
        return data.Balance(meta, day, self._bank.account, Amount(number.quantize(ORE), self._currency), None, None)

    def _balance_before(self, day: date) -> Decimal:
        return sum((number for moved, number, _ in self._moved if moved < day), ZERO)

    def _vouchers(self, first: date, last: date, but: set[int]) -> list[Message]:
        """Return the vouchers on the account between two days, but some, by their ids."""
        return [
            Message("{day} {amount} {voucher}", {"day": day, "amount": number, "voucher": entry})
            for day, number, entry in self._moved
            if first <= day <= last and id(entry) not in but
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


def bank_entry(bank: Bank, currency: str, entry: Entry, day: date, name: str) -> BankEntry:
    """Return what is to be booked of an entry on a day, by the name that it has."""
    series = bank.series_in if entry.amount >= 0 else bank.series_out
    payments = payments_of(entry)
    return BankEntry(day, bank.account, bank.observation, series, currency, name, entry.message, payments)


def movements_of(document: Document) -> Iterator[tuple[str, Decimal]]:
    """Yield what a document says that the bank has moved, each with its reference. Raises DocumentError."""
    for statement in document.records(read_camt).statements:
        yield from movements_in(rows_of(statement.id, statement.entries))


def movements_in(rows: Iterable[NamedEntry]) -> Iterator[tuple[str, Decimal]]:
    """Yield the amounts of entries by each name that they may have."""
    for row in rows:
        for name in dict.fromkeys([row.name, row.reference]):
            yield name, row.entry.amount


def _order_of(closing: Closing) -> tuple[date, int, int, int, int]:
    """Return by what the last closing of a day is told: its number, how many others came before it, and its page."""
    others = [name for name in closing.earlier if name != closing.id]
    return closing.last, closing.number or 0, len(others), closing.page, len(closing.earlier)


def _closing(statement: BankStatement) -> Closing:
    line = phrase("line {line}", line=statement.line)
    return Closing(statement.id, statement.number, statement.last, statement.closing, line, page=statement.last_page)


def _closing_of(entry: data.Balance) -> Closing:
    """Return what a closing balance of the ledger says of its statement."""
    counted, page = (_counted(entry.meta.get(key)) for key in (NUMBER, PAGE))
    stated = entry.meta.get(STATED, entry.amount)
    amount = (stated.number if isinstance(stated, Amount) else entry.amount.number) or ZERO
    earlier = tuple(filter(None, str(entry.meta.get(EARLIER, "")).split(_BETWEEN_IDS)))
    return Closing(str(entry.meta[STATEMENT]), counted, entry.date - DAY, amount, where(entry), earlier, page or 1)


def _counted(value: object) -> int | None:
    """Return a number of metadata, a text where Fava has saved it."""
    return int(str(value)) if re.fullmatch("[0-9]{1,18}", str(value)) else None


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
