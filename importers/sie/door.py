"""SIE 4 into the ledger: a year from another system (4E), or vouchers of another system (4I) such as a payroll.

A year comes with its opening balances, chart, budget and names; what it uses is opened, and after it the ledger
has the balances that the file closes with. Vouchers are booked on the accounts that the ledger has; one that needs
approval, or that corrects another, waits (`!`), since SIE does not say by whom, or what. How objects,
accounts and series are called is the table `[sie]` of the mapping (importers.sie.mapping); what it does not cover
is listed, all at once, and nothing is written. Rows that were removed or added later (#BTRANS, #RTRANS) are
history, which the ledger does not keep.
"""

import re
from collections.abc import Iterable
from datetime import date
from typing import ClassVar

from beancount.core import data

from forbundsbok.importers.archive import kept_path
from forbundsbok.importers.document import Document
from forbundsbok.importers.door import Door, Proposal
from forbundsbok.importers.mapping import Table
from forbundsbok.importers.problems import MOST_PROBLEMS, Problem, refused, refused_whole
from forbundsbok.importers.sie.accounts import SieAccounts
from forbundsbok.importers.sie.codec.check import NO_VOUCHERS, read_sie, year_wrong
from forbundsbok.importers.sie.codec.reader import unlikely_signs
from forbundsbok.importers.sie.codec.records import YEAR_BALANCES, SieFile, is_of_a_year
from forbundsbok.importers.sie.ledger import SieLedger
from forbundsbok.importers.sie.mapping import SieMapping, read_sie_mapping
from forbundsbok.importers.sie.vouchers import (
    Coding,
    codings,
    gap,
    numbered,
    transaction,
    used_numbers,
    without_known,
    without_sent_again,
)
from forbundsbok.importers.sie.year import SieYear, names_of_objects, refuse_another
from forbundsbok.plugins.events import EVENT
from forbundsbok.plugins.findings import Message, counted, phrase
from forbundsbok.plugins.imports import MOVED_IN, UNDERLAG, read_imports
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.numbers import read_ver
from forbundsbok.plugins.organisation import organisation_of
from forbundsbok.plugins.review import WAITS
from forbundsbok.plugins.roles import Role, Roles, read_roles
from forbundsbok.plugins.vouchers import CORRECTION_WORDS

VOUCHERS = "sie-4I"
"""The kind of a document with vouchers of another system."""

_FLAG = re.compile(rb"(?:\xef\xbb\xbf)?[\s\x00]*#FLAGGA[ \t]", re.IGNORECASE)
_OF_A_YEAR = re.compile(rb"^[ \t]*#([IU]B|RES)[ \t]", re.MULTILINE | re.IGNORECASE)


class _SieDoor(Door):
    """What both kinds of SIE files have in common."""

    def __init__(self, table: Table) -> None:
        """Take the mapping's table `[sie]`. Raises DocumentError for what it cannot mean."""
        self._mapping: SieMapping = read_sie_mapping(table)

    def knows(self, document: Document) -> bool:
        """Tell whether a document is a SIE file of this kind."""
        if not _FLAG.match(document.head):
            return False
        return is_of_a_year(document.records(_balances_in), document.suffix) == (self.kind == MOVED_IN)

    def begins(self, document: Document) -> date:
        """Return the first day of a document, so that numbers are given in the order of the days."""
        file = document.records(read_sie)
        years = file.heading.years
        return min((voucher.day for voucher in file.vouchers), default=years[0][0] if 0 in years else date.min)

    def _accounts(self, document: Document, file: SieFile, ledger: SieLedger, may_open: bool) -> SieAccounts:
        accounts = SieAccounts(file, ledger, self._mapping, may_open)
        if file.heading.currency != accounts.currency:
            text = N_("it is kept in {currency}, the ledger in {own}: export it in {own}")
            message = phrase(text, currency=file.heading.currency, own=accounts.currency)
            raise refused_whole(document, message)
        return accounts


def _read(document: Document) -> SieFile:
    """Return the file of a document. Raises DocumentError for what keeps it out of any books."""
    file = document.records(read_sie)
    if file.obstacles:
        raise refused(str(document), file.obstacles)
    return file


def year_of(document: Document) -> SieFile:
    """Return the file of a document that can be a year of the books. Raises DocumentError for any other."""
    file = _read(document)
    _refuse_other_types(str(document), file)
    return file


class SieYearDoor(_SieDoor):
    """A year that was kept in another system."""

    kind: ClassVar[str] = MOVED_IN

    def propose(self, document: Document, existing: data.Directives) -> Proposal:
        """Return the year as directives: units, accounts, names, opening balances, vouchers and budget.

        Raises DocumentError for files without vouchers, for what the mapping does not cover, and where the file's
        balances are not those of the ledger before or after it.
        """
        file, filename = year_of(document), str(document)
        ledger = SieLedger(existing)
        accounts = self._accounts(document, file, ledger, may_open=True)
        year = SieYear(filename, file, ledger, accounts, self._mapping)
        organisation = list(year.organisation(existing))
        year.book_opening()
        year.book_budget()
        vouchers = codings(file.vouchers, accounts, self._mapping, year.first)
        accounts.lacks.refuse(filename, self._mapping.filename)

        if not year.is_first:
            year.check_opening(ledger)
        daily = _came_as(VOUCHERS, existing)
        known = [
            entry
            for entry in ledger.vouchers
            if year.first <= entry.date <= year.last and entry.meta.get(UNDERLAG) not in daily
        ]
        new = without_known(filename, vouchers, known)
        stored = kept_path(year.last.year, document.path.name)
        entries: data.Directives = [*organisation, *accounts.opened(year.since)]
        made, notes = _made(new, existing, accounts, year.is_calendar, self._mapping)
        _refuse_other_events(filename, self._mapping, year, [*existing, *made])
        if year.is_first and year.opening_rows:
            made.insert(0, self._opening(year, made, existing))
        entries += year.kept_balances()
        after = SieLedger([*existing, *entries, *made])
        year.check_closing(after)
        entries += year.names(after)
        entries += [*made, *year.budget(existing)]
        if len(new) < len(vouchers):
            notes.append(_left_out(len(vouchers) - len(new)))
        notes += [*year.notes, *_to_know(file)]
        return Proposal(entries, stored, year.closing, notes, title=file.heading.company)

    def _opening(self, year: SieYear, made: Iterable[data.Directive], existing: data.Directives) -> data.Transaction:
        series = self._mapping.opening_series
        used = used_numbers([*existing, *made])
        number = max(used[series, year.before.year], default=0) + 1
        return year.opening_voucher(f"{series} {number}")


class SieVoucherDoor(_SieDoor):
    """Vouchers of another system, on the accounts that the ledger has."""

    kind: ClassVar[str] = VOUCHERS

    def propose(self, document: Document, existing: data.Directives) -> Proposal:
        """Return the vouchers, numbered as the next in their series. Raises DocumentError."""
        file, filename = _read(document), str(document)
        if not file.vouchers:
            raise refused_whole(document, phrase(NO_VOUCHERS))
        refuse_another(filename, file.heading.org_number, organisation_of(existing))
        ledger = SieLedger(existing)
        accounts = self._accounts(document, file, ledger, may_open=False)
        first, last = min(each.day for each in file.vouchers), max(each.day for each in file.vouchers)
        # A later document may hold earlier vouchers of the year.
        vouchers = codings(file.vouchers, accounts, self._mapping, first.replace(month=1, day=1))
        accounts.lacks.refuse(filename, self._mapping.filename)
        _refuse_other_days(filename, vouchers, ledger, existing)
        years = {each.voucher.day.year for each in vouchers}
        daily = _came_as(VOUCHERS, existing)
        known = [entry for entry in ledger.vouchers if entry.date.year in years and entry.meta.get(UNDERLAG) in daily]
        new = without_sent_again(vouchers, known)
        stored = kept_path(last.year, document.path.name)
        made, notes = _made(new, existing, accounts, calendar=False, mapping=self._mapping)
        roles = read_roles(existing)
        made = [entry._replace(flag=WAITS) if _is_told_more_of(entry, roles) else entry for entry in made]
        if len(new) < len(vouchers):
            notes.append(_left_out(len(vouchers) - len(new)))
        if not made and any(not each.has_number for each in vouchers):
            text = N_(
                "its vouchers have no numbers, and came before with the same day, text and rows: if they are others, "
                "book them by hand, or have the other system number them"
            )
            notes.append(phrase(text))
        if not made:
            return Proposal([], "", last, notes)
        opened = list(accounts.opened(first))
        after = SieLedger([*existing, *opened])
        names = names_of_objects(first, file, accounts, self._mapping, after)
        return Proposal([*opened, *names, *made], stored, last, [*notes, *_to_know(file)])


def _to_know(file: SieFile) -> list[Message]:
    """Return what to know of a file as a whole."""
    told = [unlikely_signs(file)] if file.signs else []
    if file.heading.flag == "1":
        text = N_("#FLAGGA 1: the file says that it has been taken in before, here or in another system")
        told.append(phrase(text))
    return told


def _refuse_other_days(filename: str, vouchers: Iterable[Coding], ledger: SieLedger, existing: data.Directives) -> None:
    """Refuse vouchers of days on which accounts of the ledger are not open yet, or no longer."""
    closed = {each.account: each.date for each in existing if isinstance(each, data.Close)}
    problems: list[Problem] = []
    for each in vouchers:
        voucher, day = each.voucher, each.voucher.day
        accounts = [account for account in dict.fromkeys(each.accounts) if account in ledger.opens]
        values = {"voucher": phrase("the voucher {called}", called=" ".join(filter(None, each.identity))), "day": day}
        if early := [account for account in accounts if day < ledger.opens[account].date]:
            text = N_(
                "{voucher} is dated {day}, and the books have {accounts} from {begins} on: is the date right? Put it "
                "right in the other system and export again, or open the account from that day in the ledger"
            )
            begins = max(ledger.opens[account].date for account in early)
            problems.append(Problem(voucher.line, phrase(text, **values, accounts=early, begins=begins)))
        if late := [account for account in accounts if account in closed and day >= closed[account]]:
            text = N_(
                "{voucher} is dated {day}, and the books have closed {accounts} since {ends}: is the date right? Put "
                "it right in the other system and export again, or name another account in [sie.accounts]"
            )
            ends = min(closed[account] for account in late)
            problems.append(Problem(voucher.line, phrase(text, **values, accounts=late, ends=ends)))
    if problems:
        raise refused(filename, problems[:MOST_PROBLEMS])


def _is_told_more_of(entry: data.Transaction, roles: Roles) -> bool:
    """Tell whether a voucher is to say what it was for, who received it, or corrects: SIE has no place for that."""
    accounts = [row.account for row in entry.postings]
    is_invoice = all(any(roles.has(each, role) for each in accounts) for role in (Role.SUPPLIERS, Role.PURCHASES))
    is_told_more_of = any(roles.has(account, Role.REPRESENTATION, Role.EQUIPMENT) for account in accounts)
    return is_invoice or is_told_more_of or (entry.narration or "").startswith(CORRECTION_WORDS)


def _came_as(kind: str, existing: data.Directives) -> set[str]:
    """Return where the documents of a kind that have come in are kept."""
    return {each.path for each in read_imports(existing) if each.kind == kind}


def _refuse_other_events(filename: str, mapping: SieMapping, year: SieYear, books: data.Directives) -> None:
    """Refuse what the mapping says has happened in a voucher that the year has not."""
    years = {year.first.year, year.last.year}
    vouchers = (entry for entry in books if isinstance(entry, data.Transaction))
    known = {f"{ver} {ver.year}" for ver in map(read_ver, vouchers) if ver}
    text = N_('[sie.{key}] of {file} has "{voucher}", which is no voucher of the year')
    other = [each for each in mapping.events if int(each.split()[-1]) in years and each not in known]
    told = [phrase(text, key=EVENT, file=mapping.filename, voucher=each) for each in other]
    if told:
        raise refused(filename, [Problem(0, each) for each in told])


def _made(
    vouchers: list[Coding], existing: data.Directives, accounts: SieAccounts, calendar: bool, mapping: SieMapping
) -> tuple[list[data.Transaction], list[Message]]:
    """Return vouchers with numbers, by date, and what to know of them."""
    made: list[data.Transaction] = []
    notes: list[Message] = []
    gaps = 0
    for ver, each in numbered(vouchers, used_numbers(existing), calendar):
        if isinstance(each, Coding):
            event = mapping.events.get(f"{ver} {each.voucher.day.year}", "")
            made.append(transaction(ver, each, accounts, event))
            if each.like:
                text = N_("{ver}: {voucher} is of the same day {what}: if it is that one, sent again, take {ver} away")
                what = phrase("and has the same rows") if not each.has_number else phrase("and has the same number")
                notes.append(phrase(text, ver=ver, voucher=each.like, what=what))
        else:
            made.append(gap(ver, each))
            gaps += 1
    made.sort(key=lambda entry: entry.date)
    one = N_("a voucher without rows accounts for 1 number that the file lacks")
    many = N_("vouchers without rows account for {count} numbers that the file lacks")
    return made, [*notes, counted(gaps, one, many)] if gaps else notes


def _left_out(count: int) -> Message:
    one = N_("in the ledger already, and left out: 1 voucher")
    many = N_("in the ledger already, and left out: {count} vouchers")
    return counted(count, one, many)


def _balances_in(document: Document) -> set[str]:
    """Return the kinds of balances that a document states, which stand before its vouchers."""
    kinds: set[str] = set()
    for balance in _OF_A_YEAR.finditer(document.read()):
        kinds.add(balance[1].decode().upper())
        if len(kinds) == len(YEAR_BALANCES):
            break
    return kinds


def _refuse_other_types(filename: str, file: SieFile) -> None:
    kind = file.heading.type
    if kind in ("1", "2", "3"):
        text = N_(
            "it is a SIE file of type {type}, balances without vouchers, which cannot be a year of the books: "
            "export type 4E (transaktioner) from the other system"
        )
        raise refused_whole(filename, phrase(text, type=kind))
    if wrong := year_wrong(file.heading):
        raise refused_whole(filename, wrong)
