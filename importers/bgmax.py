"""The door of BgMax: what has been paid to a bankgiro number, payment by payment.

    [bgmax."9912346"]
    account = "Assets:FK:1690-Bankgiro-på-väg"
    observation = "Liabilities:FK:2890-Observationskonto"
    series = "I"

A payment becomes a voucher that settles the invoices it names (importers.payments). Its own reference, `bankref`, is
the bankgiro number, the deposit's day and number, and the payment's number at Bankgirot: what is in the ledger by
that reference is left out.

The bank statement tells of the same money again, one amount for the whole deposit. `account` is therefore one that
stands between the two: the vouchers here debit it, linked by ^BG-9912346-20250314-00056, and the statement's entry
credits it (importers.camt). Where no statement comes in, `account` is the bank account itself.

Deposits of a number that is none of ours, `ours = false`, are left out with a note. What the mapping does not have is
refused, for nobody would know of it.

A deposit in another currency than the account's is no amount that could be booked: the file is refused, unless
`foreign = "by-hand"` says that somebody books such deposits; each is then left out, with a note.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import ClassVar

from beancount.core import data
from beancount.core.amount import Amount

from forbundsbok.importers.archive import dated_path
from forbundsbok.importers.bank_accounts import NOT_OURS
from forbundsbok.importers.document import Document
from forbundsbok.importers.door import Door, Proposal, remarked
from forbundsbok.importers.formats import bgmax
from forbundsbok.importers.formats.bgmax import BEGINNING, BgMaxFile, Deposit, read_bgmax
from forbundsbok.importers.mapping import Table
from forbundsbok.importers.open_items import OpenItems, deposit_link
from forbundsbok.importers.payments import (
    AccountAdvice,
    Accounts,
    BankEntry,
    Bankgiro,
    Cashier,
    Payment,
    Remittance,
    closed_message,
    known_references,
    read_bankgiros,
    spoken,
)
from forbundsbok.importers.problems import Problem, refused
from forbundsbok.plugins.check_digits import printed
from forbundsbok.plugins.findings import as_written, counted, phrase
from forbundsbok.plugins.imports import BANKREF
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.years import read_boksluts

EXAMPLE = """
  [bgmax."{number}"]
  account = "{account}"   # där insättningarna väntar på kontoutdraget
  observation = "{observation}"
  series = "I"
"""


class BgMax(Door):
    """Payments to the bankgiro numbers of a mapping."""

    kind: ClassVar[str] = "bgmax"

    def __init__(self, bankgiros: Table) -> None:
        self._filename = bankgiros.filename
        self._bankgiros = read_bankgiros(bankgiros)

    def knows(self, document: Document) -> bool:
        return BEGINNING.match(document.head[:1000]) is not None

    def in_turn(self, documents: Sequence[Document]) -> list[Document]:
        return sorted(documents, key=_key) if len(documents) > 1 else list(documents)

    def propose(self, document: Document, existing: data.Directives) -> Proposal:
        file, filename = document.records(read_bgmax), str(document)
        notes = [problem.at(filename) for problem in file.warnings]
        self._check(filename, file, existing)
        if not file.deposits:  # a day without payments
            return Proposal([], "", date.min, [*notes, phrase("there is no deposit (15) in it: nothing has been paid")])
        day = max(deposit.day for deposit in file.deposits)
        # What is paid here is never itself what a statement tells of: deposits are not among the open items.
        cashier = Cashier(existing, OpenItems(existing))
        known, accounts = known_references(existing), Accounts(existing)
        entries: data.Directives = []
        came_before, foreign, closed = 0, list[Problem](), list[Problem]()
        boksluts = read_boksluts(existing)
        left_out: dict[str, list[Deposit]] = {}
        for deposit in sorted(file.deposits, key=lambda deposit: deposit.day):
            bankgiro = self._bankgiros[deposit.bankgiro]
            if bankgiro is None:
                left_out.setdefault(deposit.bankgiro, []).append(deposit)
                continue
            booked_on = bankgiro.account, bankgiro.observation
            if deposit.currency != accounts.currency(*booked_on, deposit.day, self._filename):
                foreign.append(_foreign(deposit))
                entries += remarked(existing, [_left_out(deposit, bankgiro)])
                continue
            bank_entries = list(_bank_entries(deposit, bankgiro))
            new = [each for each in bank_entries if each.bankref not in known[bankgiro.account]]
            came_before += len(bank_entries) - len(new)
            if new and (bokslut := boksluts.get(deposit.day.year)):
                what = phrase("deposit {number} of {day}", number=deposit.serial, day=deposit.day)
                closed.append(Problem(deposit.line, closed_message(what, bokslut)))
                continue
            entries += map(cashier.voucher, new)
        if closed:
            raise refused(filename, closed)
        self._check_foreign(filename, file, foreign)
        for number, deposits in left_out.items():
            count = len(deposits)
            one = N_("bankgiro {number} is none of ours by {file}: its 1 deposit, of {amount}, is left out")
            many = N_(
                "bankgiro {number} is none of ours by {file}: its {count} deposits, {amount} in all, are left out"
            )
            amount = Amount(sum((each.amount for each in deposits), Decimal(0)), deposits[0].currency)
            notes.append(
                counted(count, one, many, number=printed("bankgiro", number), file=self._filename, amount=amount)
            )
        if came_before:
            one = N_("1 payment is in the ledger already, by its {key}, and is left out")
            many = N_("{count} payments are in the ledger already, by their {key}, and are left out")
            notes.append(counted(came_before, one, many, key=BANKREF))
        notes += [phrase("{problem}: it is left out", problem=problem.at(filename)) for problem in foreign]
        return Proposal(entries, dated_path(day, "bgmax", ".txt"), day, [*notes, *cashier.summary()])

    def _check(self, filename: str, file: BgMaxFile, existing: data.Directives) -> None:
        """Refuse a file that is a test, or that tells of what the mapping does not have."""
        problems = []
        if file.is_test:
            text = N_("it says of itself that it is a test (T in column 45): no money has been paid")
            problems.append(Problem(1, phrase(text)))
        counts = Counter((deposit.bankgiro, deposit.day, deposit.serial) for deposit in file.deposits)
        for deposit in file.deposits:
            if counts[deposit.bankgiro, deposit.day, deposit.serial] > 1:
                text = N_("several deposits are number {number} of {day}: nobody can tell them apart")
                problems.append(Problem(deposit.line, phrase(text, number=deposit.serial, day=deposit.day)))
        if problems:
            raise refused(filename, problems)
        if unknown := [deposit for deposit in file.deposits if deposit.bankgiro not in self._bankgiros]:
            raise refused(filename, self._unknown(unknown, AccountAdvice(existing)))

    def _unknown(self, deposits: Iterable[Deposit], advice: AccountAdvice) -> Iterable[Problem]:
        """Yield, for each bankgiro number that the mapping does not have, what was paid and what to write."""
        sums: dict[tuple[str, str], list[Deposit]] = {}
        for deposit in deposits:
            sums.setdefault((deposit.bankgiro, deposit.currency), []).append(deposit)
        for (number, currency), each in sums.items():
            example = EXAMPLE.format(number=number, account=advice.between(), observation=advice.observation())
            one = N_(
                "bankgiro {number}, with {amount} in 1 deposit, is not in {file}: write{example}\n"
                "  or, where it is none of ours,   {not_ours}   below its [bgmax]"
            )
            many = N_(
                "bankgiro {number}, with {amount} in {count} deposits, is not in {file}: write{example}\n"
                "  or, where it is none of ours,   {not_ours}   below its [bgmax]"
            )
            message = counted(
                len(each),
                one,
                many,
                number=printed("bankgiro", number),
                amount=Amount(sum((deposit.amount for deposit in each), Decimal(0)), currency),
                file=self._filename,
                example=as_written(example.rstrip()),
                not_ours=NOT_OURS,
            )
            yield Problem(each[0].line, message)

    def _check_foreign(self, filename: str, file: BgMaxFile, foreign: list[Problem]) -> None:
        """Refuse deposits in other currencies, unless the mapping says that they are booked by hand."""
        by_hand = {
            deposit.line
            for deposit in file.deposits
            if (bankgiro := self._bankgiros[deposit.bankgiro]) and bankgiro.foreign_by_hand
        }
        if refusing := [problem for problem in foreign if problem.line not in by_hand]:
            text = N_(
                "{problem}: write   {line}   below its bankgiro in {file} to leave it out, and book it "
                "at the rate of the day"
            )
            line = 'foreign = "by-hand"'
            raise refused(
                filename,
                [
                    Problem(each.line, phrase(text, problem=each.message, line=line, file=self._filename))
                    for each in refusing
                ],
            )


def _key(document: Document) -> tuple[object, ...]:
    """Return by what documents come in turn: the first deposit of each."""
    deposits = document.records(read_bgmax).deposits
    first = min(((each.day, each.bankgiro, each.serial) for each in deposits), default=(date.min, "", ""))
    return *first, str(document), document.sha256


def payments_of(document: Document) -> Iterator[tuple[str, Decimal]]:
    """Yield the payments of a document, each with its reference. Raises DocumentError."""
    for deposit in document.records(read_bgmax).deposits:
        for reference, payment in _referenced(deposit):
            yield reference, payment.amount


def payers_of(document: Document) -> Iterator[tuple[str, str]]:
    """Yield who has made each payment of a document, by its reference; "" where that is not told."""
    for deposit in document.records(read_bgmax).deposits:
        for reference, payment in _referenced(deposit):
            yield reference, payment.name


def _referenced(deposit: Deposit) -> Iterator[tuple[str, bgmax.PaymentRecord]]:
    """Yield the payments of a deposit, each with a reference of its own."""
    times: Counter[str] = Counter()
    for payment in deposit.payments:
        times[payment.serial] += 1
        again = f"/{times[payment.serial]}" if times[payment.serial] > 1 else ""
        yield f"{deposit.bankgiro} {deposit.day} {deposit.serial} {payment.serial}{again}", payment


def _bank_entries(deposit: Deposit, bankgiro: Bankgiro) -> Iterable[BankEntry]:
    """Yield what is to be booked of a deposit, a payment at a time, each with a reference of its own."""
    for reference, payment in _referenced(deposit):
        if payment.amount or payment.reference_numbers:
            yield BankEntry(
                deposit.day,
                bankgiro.account,
                bankgiro.observation,
                bankgiro.series,
                deposit.currency,
                reference,
                payment.message,
                (_payment(payment),),
                frozenset([deposit_link(deposit.bankgiro, deposit.day, deposit.serial)]),
            )


def _payment(payment: bgmax.PaymentRecord) -> Payment:
    """Return a payment: of one reference, or of several with or without their shares."""
    if not payment.reference_numbers:
        own = (Remittance((payment.reference,)),) if payment.reference else ()
        return Payment(payment.amount, own, (), payment.message, payment.name)
    shares = [each.amount for each in payment.reference_numbers]
    remittances = tuple(
        Remittance((each.reference,), each.amount or None) for each in payment.reference_numbers if each.reference
    )
    # The payment's own reference is then what the payer wrote of them himself.
    message = f"{payment.reference} {payment.message}"
    doubt = ""
    if all(shares) and sum(shares) != payment.amount:
        doubt = (
            f"delbeloppen för {', '.join(name for each in remittances for name in each.references)} är tillsammans "
            f"{spoken(sum(shares, Decimal(0)))}, men betalningen är {spoken(payment.amount)}: "
            "fråga betalaren vad den avser"
        )
    return Payment(payment.amount, remittances, (), message, payment.name, doubt=doubt)


def _foreign(deposit: Deposit) -> Problem:
    count = len(deposit.payments)
    one = N_("deposit {number} of {day} is {amount} in 1 payment, which is another currency")
    many = N_("deposit {number} of {day} is {amount} in {count} payments, which is another currency")
    amount = Amount(deposit.amount, deposit.currency)
    return Problem(deposit.line, counted(count, one, many, number=deposit.serial, day=deposit.day, amount=amount))


def _left_out(deposit: Deposit, bankgiro: Bankgiro) -> data.Note:
    """Return the note, in the ledger, of a deposit that is to be booked by hand."""
    what = f"Insättning {deposit.serial} från bankgiro {printed('bankgiro', deposit.bankgiro)}"
    text = f"{what}, {spoken(deposit.amount)} {deposit.currency}, bokförs för hand till dagens kurs"
    return data.Note({}, deposit.day, bankgiro.observation, text, data.EMPTY_SET, data.EMPTY_SET)
