"""camt.053: a bank's statement of an account, ISO 20022 BankToCustomerStatement, versions .02 to .14.

    <Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08">
      <BkToCstmrStmt>
        <Stmt>
          <Id>2025-052</Id> <ElctrncSeqNb>52</ElctrncSeqNb>
          <Acct> <Id> <IBAN>SE4550000000058398257466</IBAN> </Id> <Ccy>SEK</Ccy> </Acct>
          <Bal> OPBD 500000.00 </Bal> <Bal> CLBD 571407.55 </Bal>
          <Ntry>
            <Amt Ccy="SEK">71407.55</Amt> <CdtDbtInd>CRDT</CdtDbtInd> <Sts> <Cd>BOOK</Cd> </Sts> ...

Money in is positive here, money out negative, whatever CdtDbtInd calls them; RvslInd only says that the entry takes
back an earlier one. What is booked (BOOK) counts; what is pending or for information does not, and is counted apart.
Opening balance and booked entries must give the closing balance, and details their entry.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from forbundsbok.importers.document import Document
from forbundsbok.importers.formats.xml import (
    Element,
    amount,
    child,
    children,
    day,
    line_of,
    name_of,
    namespace_of,
    own_text,
    read_xml,
    shown,
    text,
    truth,
    while_readable,
)
from forbundsbok.importers.problems import MOST_PROBLEMS, Problem, refused
from forbundsbok.plugins.findings import Message, phrase
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.money import ZERO

NAMESPACE = re.compile(r"urn:(?:iso|swift):(?:std:iso:20022:tech:)?xsd[:$]camt\.053\.001\.(\d\d)", re.ASCII)

_UNSEEN = re.compile("[\x7f-\x9f]")

_SIGNS = {"CRDT": 1, "DBIT": -1}
_NO_REFERENCE = ("NOTPROVIDED", "NOT PROVIDED", "NOTAVAILABLE", "NONREF", "NONE")
"""What banks write where there must be a reference and is none."""


class StructuredRemittance(NamedTuple):
    """An invoice that a payment is for: what it is called (OCR, number), and its share where the payer told it."""

    references: tuple[str, ...]
    amount: Decimal | None


class Detail(NamedTuple):
    """One payment of an entry. `amount`: in the account's currency; None when it is not told in that.

    `references` are all but those of invoices: the payer's own for the payment, the bank's, the account or giro
    number that it came to. `message` is free text. `other_party` has paid, or has been paid.
    """

    line: int
    amount: Decimal | None
    remittances: tuple[StructuredRemittance, ...]
    references: tuple[str, ...]
    message: str
    other_party: str


class Entry(NamedTuple):
    """A booked row of the statement; money in is positive. Texts are empty where the bank says nothing.

    `reference` is the bank's own (AcctSvcrRef), `in_statement` what it calls the entry there (NtryRef), `numbers`
    those of the batch that was paid. `is_reversal`: it takes back an earlier entry.
    """

    line: int
    amount: Decimal
    day: date
    reference: str
    in_statement: str
    numbers: tuple[str, ...]
    message: str
    is_reversal: bool
    details: tuple[Detail, ...]


class BankStatement(NamedTuple):
    """A statement of an account; `number` is None where the bank gives none. `first` and `last` are its days."""

    line: int
    id: str
    number: int | None
    account: str
    currency: str
    first: date
    last: date
    opening: Decimal
    closing: Decimal
    entries: tuple[Entry, ...]
    not_booked: int


class CamtFile(NamedTuple):
    """A whole file: the statements in its order."""

    version: str
    statements: tuple[BankStatement, ...]


def read_camt(document: Document) -> CamtFile:
    """Return what a document holds. Raises DocumentError with all that is wrong in it."""
    root = read_xml(document)
    match = NAMESPACE.fullmatch(namespace_of(root))
    body = child(root, "BkToCstmrStmt")
    if name_of(root) != "Document" or match is None or body is None:
        found = f"{name_of(root)} {namespace_of(root)}".strip()
        raise refused(
            str(document), [Problem(line_of(root), phrase("it is no camt.053, but {found}", found=found[:100]))]
        )
    problems: list[Problem] = []
    statements = []
    for element in while_readable(children(body, "Stmt"), problems):
        if statement := _statement(element, problems):
            statements.append(statement)
    if not statements and not problems:
        problems.append(Problem(line_of(body), phrase("there is no statement (Stmt) in it")))
    if problems:
        raise refused(str(document), problems[:MOST_PROBLEMS])
    return CamtFile(match[1], tuple(statements))


def _statement(element: Element, problems: list[Problem]) -> BankStatement | None:
    """Return a statement; None when what is wrong with it is reported."""
    before, line = len(problems), line_of(element)
    balances = [
        balance for each in while_readable(children(element, "Bal"), problems) if (balance := _balance(each, problems))
    ]
    account = (text(element, "Acct/Id/IBAN") or text(element, "Acct/Id/Othr/Id")).replace(" ", "")
    if not account:
        told = N_("the statement does not say of which account it is: Acct/Id has no number")
        problems.append(Problem(line, phrase(told)))
    currency = text(element, "Acct/Ccy") or next((each.currency for each in balances), "")
    written = children(element, "Ntry")
    booked = [each for each in written if _is_booked(each)]
    entries = tuple(entry for each in while_readable(booked, problems) if (entry := _entry(each, currency, problems)))
    number = _number(element, problems)
    own = [balance for balance in balances if balance.currency == currency]
    opening, closing = _opening(line, own, problems), _closing(line, own, problems)
    if opening is None or closing is None or len(problems) > before:
        return None
    problems.extend(_difference(line, opening, closing, entries))
    first = min(_first_day(element, problems) or min((e.day for e in entries), default=closing.day), closing.day)
    if not (date.min < first and closing.day < date.max):
        message = phrase("the statement's days are {first} to {last}", first=first, last=closing.day)
        problems.append(Problem(closing.line, message))
    amounts = opening.amount, closing.amount
    left_out = len(written) - len(booked)
    return BankStatement(
        line, _reference(element, "Id"), number, account, currency, first, closing.day, *amounts, entries, left_out
    )


def _difference(
    line: int, opening: "_StatedBalance", closing: "_StatedBalance", entries: Iterable[Entry]
) -> list[Problem]:
    """Return what the entries lack of the change from the opening to the closing balance."""
    total, change = sum((entry.amount for entry in entries), ZERO), closing.amount - opening.amount
    if total == change:
        return []
    told = (
        N_(
            "the booked entries sum to {total}, but the balances go from {opening} to {closing}, which is {change}: "
            "{difference} is missing"
        )
        if change > total
        else N_(
            "the booked entries sum to {total}, but the balances go from {opening} to {closing}, which is {change}: "
            "{difference} too much"
        )
    )
    message = phrase(
        told,
        total=total,
        opening=opening.amount,
        closing=closing.amount,
        change=change,
        difference=abs(change - total),
    )
    return [Problem(line, message)]


def _first_day(element: Element, problems: list[Problem]) -> date | None:
    """Return where the period of a statement begins, if it says.

    The date of the opening balance does not tell: at some banks it is that day, at others the day before.
    """
    return _day_of(element, ("FrToDt/FrDtTm", "FrToDt/FrDt"), problems)


def _number(element: Element, problems: list[Problem]) -> int | None:
    """Return the number of a statement among those of its account: the electronic one, or else the legal one."""
    written = text(element, "ElctrncSeqNb") or text(element, "LglSeqNb")
    if written and not re.fullmatch("[0-9]{1,18}", written):
        told = N_("the statement's number (ElctrncSeqNb) is {number}, and should be digits alone")
        problems.append(Problem(line_of(element), phrase(told, number=shown(written))))
        return None
    return int(written) if written else None


# Balances


class _StatedBalance(NamedTuple):
    line: int
    code: str
    amount: Decimal
    currency: str
    day: date


def _balance(element: Element, problems: list[Problem]) -> _StatedBalance | None:
    code = text(element, "Tp/CdOrPrtry/Cd")
    if code not in ("OPBD", "PRCD", "CLBD"):
        return None
    number = _signed(element, problems)
    on = _day_of(element, ("Dt/Dt", "Dt/DtTm"), problems)
    if child(element, "Dt") is None:
        problems.append(Problem(line_of(element), phrase("the balance {code} has no date (Dt)", code=code)))
    if number is None or on is None:
        return None
    return _StatedBalance(line_of(element), code, number, _currency(element, "Amt"), on)


def _opening(line: int, balances: Sequence[_StatedBalance], problems: list[Problem]) -> _StatedBalance | None:
    """Return the opening balance, or the earlier statement's closing balance, which is the same."""
    found = [each for each in balances if each.code == "OPBD"] or [each for each in balances if each.code == "PRCD"]
    if not found:
        problems.append(Problem(line, _lacks(phrase("opening balance (OPBD)"))))
        return None
    first = min(found, key=lambda balance: balance.day)
    return _only(first, found, problems)


def _closing(line: int, balances: Sequence[_StatedBalance], problems: list[Problem]) -> _StatedBalance | None:
    found = [each for each in balances if each.code == "CLBD"]
    if not found:
        problems.append(Problem(line, _lacks(phrase("closing balance (CLBD)"))))
        return None
    last = max(found, key=lambda balance: balance.day)
    return _only(last, found, problems)


def _only(chosen: _StatedBalance, found: Iterable[_StatedBalance], problems: list[Problem]) -> _StatedBalance:
    """Return a balance, and report another of the same day that is not the same."""
    for other in found:
        if other.day == chosen.day and other.amount != chosen.amount:
            message = phrase(
                "the balance {code} of {day} is told twice: {amount} on line {line} and {other} here",
                code=chosen.code,
                day=chosen.day,
                amount=chosen.amount,
                line=chosen.line,
                other=other.amount,
            )
            problems.append(Problem(other.line, message))
    return chosen


def _lacks(balance: Message) -> Message:
    told = N_("the statement has no {balance}: is it one page of several? Ask the bank for the whole statement in one")
    return phrase(told, balance=balance)


# Entries


def _is_booked(element: Element) -> bool:
    """Tell whether an entry counts: its status is BOOK, as text to version .07, as a code from .08 on."""
    return (text(element, "Sts/Cd") or text(element, "Sts") or "BOOK") == "BOOK" and not text(element, "Sts/Prtry")


def _entry(element: Element, currency: str, problems: list[Problem]) -> Entry | None:
    line = line_of(element)
    number = _signed(element, problems)
    on = _day_of(element, ("BookgDt/Dt", "BookgDt/DtTm", "ValDt/Dt", "ValDt/DtTm"), problems)
    if number is None:
        return None
    if (other := _currency(element, "Amt")) != currency:
        told = N_("the entry is in {currency}, but the account in {own}")
        none = phrase("no currency")
        problems.append(Problem(line, phrase(told, currency=other or none, own=currency or none)))
    if on is None:
        problems.append(Problem(line, phrase("the entry has no booking date (BookgDt)")))
        return None
    is_reversal = bool(truth(element, "RvslInd", problems))
    sign = 1 if number >= 0 else -1
    below = children(element, "NtryDtls/TxDtls")
    own = [_detail(each, currency, sign, is_reversal, problems) for each in while_readable(below, problems)]
    reference = _reference(element, "AcctSvcrRef")
    if not reference and len(below) == 1:  # some banks write it on the payment alone
        reference = _reference(below[0], "Refs/AcctSvcrRef")
    numbers = _texts(element, ("NtryDtls/Btch/PmtInfId", "NtryDtls/Btch/MsgId"))
    details = _checked(element, number, own, problems)
    in_statement, message = _reference(element, "NtryRef"), text(element, "AddtlNtryInf")
    return Entry(line, number, on, reference, in_statement, numbers, message, is_reversal, details)


def _checked(element: Element, total: Decimal, details: list[Detail], problems: list[Problem]) -> tuple[Detail, ...]:
    """Return the details of an entry, which must sum to it where all tell their amount.

    Where there are charges the amounts may be told with or without them, and of a batch only some payments: where they
    do not sum they are then left out.
    """
    amounts = [detail.amount for detail in details if detail.amount is not None]
    found = sum(amounts, ZERO)
    if not details or len(amounts) < len(details) or found == total:
        return tuple(details)
    has_charges = child(element, "Chrgs") is not None or children(element, "NtryDtls/TxDtls/Chrgs")
    is_part = text(element, "NtryDtls/Btch/NbOfTxs") not in ("", str(len(details)))
    if not has_charges and not is_part:
        told = N_("the entry is {amount}, but its {count} details (TxDtls) sum to {sum}")
        problems.append(Problem(line_of(element), phrase(told, amount=total, count=len(details), sum=found)))
    return tuple(detail._replace(amount=None) for detail in details)


def _detail(element: Element, currency: str, sign: int, is_reversal: bool, problems: list[Problem]) -> Detail:
    sign = _SIGNS.get(text(element, "CdtDbtInd"), sign)
    number = _amount_in(currency, element, ("Amt", "AmtDtls/TxAmt/Amt", "AmtDtls/CntrValAmt/Amt"), problems)
    # Who has paid is the debtor, also when the payment is taken back.
    came_in = (sign > 0) != is_reversal
    other, own = ("Dbtr", "Cdtr") if came_in else ("Cdtr", "Dbtr")
    parties = [f"RltdPties/{other}{below}/Nm" for below in ("", "/Pty")]
    references = [own_text(each) for each in _leaves(child(element, "Refs"))]
    references += _texts(element, (f"RltdPties/{own}Acct/Id/Othr/Id", f"RltdPties/{own}Acct/Id/IBAN"))
    remittances = [
        remittance
        for each in children(element, "RmtInf/Strd")
        for remittance in _remittances(each, currency, sign, problems)
    ]
    messages = _texts(element, ("RmtInf/Ustrd", "RmtInf/Strd/AddtlRmtInf", "AddtlTxInf"))
    return Detail(
        line_of(element),
        None if number is None else number * sign,
        tuple(remittances),
        tuple(each for each in references if each and not _is_none(each)),
        " ".join(messages),
        next(iter(_texts(element, parties)), ""),
    )


def _remittances(element: Element, currency: str, sign: int, problems: list[Problem]) -> list[StructuredRemittance]:
    """Return the invoices of structured remittance information (Strd), which tells a reference, a number or both."""
    references = _texts(element, ("CdtrRefInf/Ref",))
    numbers = _texts(element, ("RfrdDocInf/Nb",))
    if len(numbers) > 1:
        return [StructuredRemittance((each,), None) for each in (*references, *numbers)]
    if not references and not numbers:
        return []
    share = _amount_in(currency, element, ("RfrdDocAmt/RmtdAmt", "RfrdDocAmt/DuePyblAmt"), problems)
    if share is None and (credit := _amount_in(currency, element, ("RfrdDocAmt/CdtNoteAmt",), problems)):
        share = -credit
    return [StructuredRemittance((*references, *numbers), None if share is None else share * sign)]


# What stands in several places


def _signed(element: Element, problems: list[Problem]) -> Decimal | None:
    """Return the amount of a balance or an entry with its sign; None when it is reported."""
    before = len(problems)
    number = amount(element, "Amt", problems)
    indicator = text(element, "CdtDbtInd")
    if number is None:
        if len(problems) == before:
            problems.append(Problem(line_of(element), phrase("{name} has no amount (Amt)", name=name_of(element))))
        return None
    if indicator not in _SIGNS and number:
        told = N_("CdtDbtInd is {text}: it should be CRDT (money in) or DBIT (money out)")
        problems.append(Problem(line_of(element), phrase(told, text=shown(indicator))))
        return None
    return number * _SIGNS.get(indicator, 1)


def _amount_in(currency: str, element: Element, paths: Iterable[str], problems: list[Problem]) -> Decimal | None:
    """Return the first amount that is in a currency; some banks write 0 where they do not tell it."""
    for path in paths:
        if _currency(element, path) == currency and (number := amount(element, path, problems)):
            return number
    return None


def _currency(element: Element, path: str) -> str:
    found = child(element, path)
    return "" if found is None else str(found.get("Ccy") or "")


def _day_of(element: Element, paths: Iterable[str], problems: list[Problem]) -> date | None:
    return next((day(element, path, problems) for path in paths if child(element, path) is not None), None)


def _texts(element: Element, paths: Iterable[str]) -> tuple[str, ...]:
    """Return all texts that stand at some paths, none of them empty."""
    return tuple(found for path in paths for each in children(element, path) if (found := own_text(each)))


def _reference(element: Element, path: str) -> str:
    """Return what something is known by, of characters that can be seen: it must be the same wherever it is kept."""
    found = " ".join(_UNSEEN.sub(" ", text(element, path)).split())
    return "" if _is_none(found) else found


def _is_none(reference: str) -> bool:
    return reference.upper() in _NO_REFERENCE


def _leaves(element: Element | None) -> list[Element]:
    """Return the elements below one that hold a reference, and not what kind it is of."""
    return [] if element is None else [each for each in element.iter() if not len(each) and name_of(each) != "Tp"]
