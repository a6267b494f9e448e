"""camt: what a bank tells of an account, ISO 20022, all versions: statement, report of a day, notification.

    <Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08">
      <BkToCstmrStmt>
        <Stmt>
          <Id>2025-052</Id> <ElctrncSeqNb>52</ElctrncSeqNb>
          <Acct> <Id> <IBAN>SE4550000000058398257466</IBAN> </Id> <Ccy>SEK</Ccy> </Acct>
          <Bal> OPBD 500000.00 </Bal> <Bal> CLBD 571407.55 </Bal>
          <Ntry>
            <Amt Ccy="SEK">71407.55</Amt> <CdtDbtInd>CRDT</CdtDbtInd> <Sts> <Cd>BOOK</Cd> </Sts> ...

camt.053 is a statement (Stmt), camt.052 a report of a day that goes on (Rpt), camt.054 a notification of entries, with
their details and without balances (Ntfctn). The document may stand in an envelope, beside a header (AppHdr).

Money in is positive here, money out negative, whatever CdtDbtInd calls them; RvslInd only says that the entry takes
back an earlier one. What is booked (BOOK) counts; what is pending (PDNG, FUTR) or for information (INFO) does not, and
is counted apart.
Opening balance and booked entries must give the closing balance of a statement; one that lacks is computed. What the
details of an entry sum to is the bank's affair: no rule of the standard makes them sum to it.

A statement without a closing balance is of a day that goes on, whatever it opens with and has come to (ITBD): it tells
no more than a report does.

A statement of several pages (StmtPgntn) is one, of the pages that stand in a document: the balances between them (INTM,
or ITBD of the kind OIBD or CIBD) are of no day. A page in a file of its own may have no balance.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from forbundsbok.importers.document import Document
from forbundsbok.importers.formats.xml import (
    Element,
    amount,
    child,
    children,
    day,
    enclosed,
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
from forbundsbok.plugins.check_digits import bare
from forbundsbok.plugins.findings import phrase
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.money import ZERO

NAMESPACE = re.compile(r"urn:(?:iso|swift):(?:std:iso:20022:tech:)?xsd[:$]camt\.(05[234])\.001\.(\d\d)", re.ASCII)

_UNSEEN = re.compile("[\x7f-\x9f]")

_SIGNS = {"CRDT": 1, "DBIT": -1}
_OF_PAGES = {"OIBD": "OPBD", "CIBD": "CLBD"}
"""What an interim balance (ITBD) is of its page, by its kind."""
_BOOKED, _INFORMATION = "BOOK", "INFO"
_NO_REFERENCE = {
    *("", "NOTPROVIDED", "NOTAVAILABLE", "NOTAPPLICABLE", "NOTGIVEN", "NONREF", "NOREF", "NOREFERENCE", "NONE"),
    *("NA", "NULL", "UNKNOWN", "SAKNAS", "INGENREFERENS"),
}
"""What banks write, in letters and digits alone and without leading zeros, where a reference must be and is none."""


class MessageKind(NamedTuple):
    """A message of ISO 20022: its code, the element below Document, and the element of each account in it."""

    kind: str
    element: str
    part: str


STATEMENT = MessageKind("053", "BkToCstmrStmt", "Stmt")
REPORT = MessageKind("052", "BkToCstmrAcctRpt", "Rpt")
NOTIFICATION = MessageKind("054", "BkToCstmrDbtCdtNtfctn", "Ntfctn")


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
    those of the batch that was paid. `is_reversal`: it takes back an earlier entry. `charges` are what the bank says
    that it took of it for itself, in the account's currency.
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
    charges: Decimal = ZERO


class BankStatement(NamedTuple):
    """A statement of an account; `number` is None where the bank gives none. `first` and `last` are its days.

    `page` is that which it begins with, where it is of several, and `last_page` that which it ends with; `created` when
    the bank made it, as it is written. A balance that `is_computed` the bank has not told. Pages that are `adrift` have
    none at all: they open with nothing, and what the page before closed with is to be added.
    """

    line: int
    id: str
    number: int | None
    page: int
    created: str
    account: str
    currency: str
    first: date
    last: date
    opening: Decimal
    closing: Decimal
    is_computed: bool
    entries: tuple[Entry, ...]
    not_booked: int
    for_information: int = 0
    last_page: int = 1
    is_adrift: bool = False


class CamtFile(NamedTuple):
    """A whole file: the statements in its order, and what it tells of days that go on."""

    version: str
    statements: tuple[BankStatement, ...]
    unfinished: tuple["Notification", ...]


class Notification(NamedTuple):
    """What a bank tells of an account before its statement: entries, without what the account held."""

    line: int
    id: str
    account: str
    currency: str
    entries: tuple[Entry, ...]
    not_booked: int
    for_information: int = 0


def read_camt(document: Document) -> CamtFile:
    """Return the statements that a document holds. Raises DocumentError with all that is wrong in it."""
    version, body = _body(document, STATEMENT)
    problems: list[Problem] = []
    written = children(body, STATEMENT.part)
    told = [_told(each, problems) for each in while_readable(written, problems)]
    message_page = _page_of(child(body, "GrpHdr/MsgPgntn"), problems) if len(told) == 1 else None
    if message_page and told[0].page is None:
        told = [told[0]._replace(page=message_page[0], is_last=message_page[1])]
    unfinished = [each for each in told if _is_unfinished(each)]
    finished = [each for each in told if not _is_unfinished(each)]
    statements = [found for pages in _by_statement(finished, problems) if (found := _statement(pages, problems))]
    if problems:
        raise refused(str(document), problems[:MOST_PROBLEMS])
    return CamtFile(version, tuple(statements), tuple(map(_notification, unfinished)))


def read_notifications(document: Document) -> tuple[Notification, ...]:
    """Return what a camt.054 notifies of. Raises DocumentError."""
    return _notifications(document, NOTIFICATION)


def read_reports(document: Document) -> tuple[Notification, ...]:
    """Return what a camt.052 tells of a day that goes on. Raises DocumentError."""
    return _notifications(document, REPORT)


def _notifications(document: Document, kind: MessageKind) -> tuple[Notification, ...]:
    _, body = _body(document, kind)
    problems: list[Problem] = []
    told = [_told(each, problems) for each in while_readable(children(body, kind.part), problems)]
    if problems:
        raise refused(str(document), problems[:MOST_PROBLEMS])
    return tuple(map(_notification, told))


def _body(document: Document, kind: MessageKind) -> tuple[str, Element]:
    """Return the version of a document, in an envelope or not, and its message. Raises DocumentError."""
    root = read_xml(document)
    known = [
        (match, each)
        for each in enclosed(root, ["{*}Document"])
        if (match := NAMESPACE.fullmatch(namespace_of(each))) and match[1] == kind.kind
    ]
    if len(known) > 1:
        told = N_("the envelope holds {count} documents: give each for itself")
        raise refused(str(document), [Problem(line_of(known[1][1]), phrase(told, count=len(known)))])
    if not known:
        found = f"{name_of(root)} {namespace_of(root)}".strip()[:100]
        message = phrase("it is no camt.{kind}, but {found}", kind=kind.kind, found=found)
        raise refused(str(document), [Problem(line_of(root), message)])
    match, element = known[0]
    body = child(element, kind.element)
    if body is None:
        told = N_("it is a camt.{kind} without its message: {name} is missing below Document")
        message = phrase(told, kind=kind.kind, name=kind.element)
        raise refused(str(document), [Problem(line_of(element), message)])
    if child(body, kind.part) is None:
        told = N_("there is nothing of an account in it: {name} is missing below {body}")
        message = phrase(told, name=kind.part, body=kind.element)
        raise refused(str(document), [Problem(line_of(body), message)])
    return match[2], body


class _Told(NamedTuple):
    """What one element tells of an account: a statement, or a page of one; None of a number where it has none."""

    line: int
    id: str
    number: int | None
    page: int | None
    is_last: bool
    account: str
    currency: str
    first: date | None
    created: str
    balances: tuple["_StatedBalance", ...]
    entries: tuple[Entry, ...]
    not_booked: int
    for_information: int
    is_sound: bool


def _notification(each: _Told) -> Notification:
    return Notification(
        each.line, each.id, each.account, each.currency, each.entries, each.not_booked, each.for_information
    )


def _is_unfinished(each: _Told) -> bool:
    """Tell whether a statement has no end: of a page, others may have it."""
    return each.is_sound and each.page is None and not _coded(each.balances, "CLBD")


def _told(element: Element, problems: list[Problem]) -> _Told:
    before, line = len(problems), line_of(element)
    balances = [
        balance for each in while_readable(children(element, "Bal"), problems) if (balance := _balance(each, problems))
    ]
    page, is_last = _page_of(child(element, "StmtPgntn"), problems) or (None, True)
    if page and not is_last and [each.code for each in balances] == ["ITBD", "ITBD"]:
        # Of a page between others, which some banks give no kinds: it opens with the first of them.
        balances[0] = balances[0]._replace(code="OPBD", is_between=True)
    account = bare(text(element, "Acct/Id/IBAN") or text(element, "Acct/Id/Othr/Id"))
    if not account:
        told = N_("the statement does not say of which account it is: Acct/Id has no number")
        problems.append(Problem(line, phrase(told)))
    written = children(element, "Ntry")
    currency = text(element, "Acct/Ccy") or next((each.currency for each in balances), "")
    currency = currency or next((found for each in written if (found := _currency(each, "Amt"))), "")
    statuses = [_status(each) for each in written]
    booked = [each for each, status in zip(written, statuses, strict=True) if status == _BOOKED]
    for_information = statuses.count(_INFORMATION)
    ends = _last_day(element, balances, problems)
    entries = tuple(
        entry for each in while_readable(booked, problems) if (entry := _entry(each, currency, ends, problems))
    )
    return _Told(
        line,
        _reference(element, "Id"),
        _number(element, problems),
        page,
        is_last,
        account,
        currency,
        _first_day(element, problems),
        text(element, "CreDtTm"),
        tuple(each for each in balances if each.currency == currency),
        entries,
        len(written) - len(booked) - for_information,
        for_information,
        len(problems) == before,
    )


def _page_of(element: Element | None, problems: list[Problem]) -> tuple[int, bool] | None:
    """Return the number of a page, and whether it is the last; None where no page is told."""
    if element is None or not re.fullmatch("[0-9]{1,5}", number := text(element, "PgNb")):
        return None
    return int(number), truth(element, "LastPgInd", problems) is not False


def _by_statement(told: Iterable[_Told], problems: list[Problem]) -> list[list[_Told]]:
    """Return the pages of each statement in their order; what is no page is a statement of its own."""
    statements: dict[object, list[_Told]] = {}
    for position, each in enumerate(told):
        own = (position,) if each.page is None else (each.account, each.currency, each.id, each.number)
        statements.setdefault(own, []).append(each)
    for pages in statements.values():
        pages.sort(key=lambda each: (each.page or 0, each.line))
        for earlier, later in pairwise(pages):
            if later.page != (earlier.page or 0) + 1:
                gap = N_("page {page} follows on page {earlier} of statement {id}: give all its pages")
                message = phrase(gap, page=later.page, earlier=earlier.page, id=later.id or "?")
                problems.append(Problem(later.line, message))
    return list(statements.values())


def _statement(pages: Sequence[_Told], problems: list[Problem]) -> BankStatement | None:
    """Return the statement of some pages; None when what is wrong with it is reported."""
    before, begun, ended = len(problems), pages[0], pages[-1]
    if not all(each.is_sound for each in pages):
        return None
    entries = tuple(entry for each in pages for entry in each.entries)
    total = sum((entry.amount for entry in entries), ZERO)
    opening, closing = _opening(begun.balances, problems), _closing(ended, problems)
    is_adrift = opening is None and closing is None and ended.page is not None and bool(entries)
    if closing is None and not is_adrift and (opening is None or ended.is_last):
        told = N_("page {page} of the statement has no {balance}: give all its pages in one file")
        message = phrase(told, page=ended.page, balance=phrase("closing balance (CLBD)"))
        problems.append(Problem(begun.line, message))
    if len(problems) > before:
        return None
    opens = opening.amount if opening else closing.amount - total if closing else ZERO
    closes = closing.amount if closing else opens + total
    line = begun.line
    if opening and closing:
        problems.extend(_difference(line, opening, closing, entries))
    days = [entry.day for entry in entries]
    last = closing.day if closing else max([*days, *([opening.day] if opening else [])])
    first = min(begun.first or min(days, default=last), last)
    if not (date.min < first and last < date.max):
        message = phrase("the statement's days are {first} to {last}", first=first, last=last)
        problems.append(Problem(line, message))
    return BankStatement(
        line,
        begun.id,
        begun.number,
        begun.page or 1,
        begun.created,
        begun.account,
        begun.currency,
        first,
        last,
        opens,
        closes,
        opening is None or closing is None,
        entries,
        sum(each.not_booked for each in pages),
        sum(each.for_information for each in pages),
        ended.page or 1,
        is_adrift,
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


def _last_day(element: Element, balances: Iterable["_StatedBalance"], problems: list[Problem]) -> date | None:
    """Return the last day of a statement, if it says: by its closing balance, or where its period ends."""
    closes = next((each.day for each in balances if each.code == "CLBD" and not each.is_between), None)
    return closes or _day_of(element, ("FrToDt/ToDtTm", "FrToDt/ToDt"), problems)


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
    is_between: bool
    """Whether it is between two pages (INTM), and of no day."""
    amount: Decimal
    currency: str
    day: date


def _balance(element: Element, problems: list[Problem]) -> _StatedBalance | None:
    code = text(element, "Tp/CdOrPrtry/Cd")
    if code not in ("OPBD", "PRCD", "CLBD", "ITBD"):
        return None
    number = _signed(element, problems)
    on = _day_of(element, ("Dt/Dt", "Dt/DtTm"), problems)
    if child(element, "Dt") is None:
        problems.append(Problem(line_of(element), phrase("the balance {code} has no date (Dt)", code=code)))
    if number is None or on is None:
        return None
    kind = text(element, "Tp/SubTp/Cd") or text(element, "Tp/SubTp/Prtry")
    if code == "ITBD":
        code = _OF_PAGES.get(kind, code)
    is_between = kind == "INTM" or kind in _OF_PAGES
    return _StatedBalance(line_of(element), code, is_between, number, _currency(element, "Amt"), on)


def _opening(balances: Sequence[_StatedBalance], problems: list[Problem]) -> _StatedBalance | None:
    """Return the opening balance, or the earlier statement's closing balance, which is the same."""
    found = next(filter(None, (_coded(balances, code) for code in ("OPBD", "PRCD"))), [])
    return _only(min(found, key=lambda balance: balance.day), found, problems) if found else None


def _closing(page: _Told, problems: list[Problem]) -> _StatedBalance | None:
    """Return the closing balance; of a page that others follow, what the account held then."""
    codes = ("CLBD",) if page.is_last else ("CLBD", "ITBD")
    found = next(filter(None, (_coded(page.balances, code) for code in codes)), [])
    return _only(max(found, key=lambda balance: balance.day), found, problems) if found else None


def _coded(balances: Iterable[_StatedBalance], code: str) -> list[_StatedBalance]:
    """Return the balances of a code, those between pages only where there are no others."""
    found = [each for each in balances if each.code == code]
    return [each for each in found if not each.is_between] or found


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


# Entries


def _status(element: Element) -> str:
    """Return the status of an entry: as text to version .07, as a code from .08 on, or one of the bank's own."""
    return text(element, "Sts/Prtry") or text(element, "Sts/Cd") or text(element, "Sts") or _BOOKED


def _entry(element: Element, currency: str, ends: date | None, problems: list[Problem]) -> Entry | None:
    """Return an entry; one that does not say its day, which it need not, is of the day on which its statement ends."""
    line = line_of(element)
    number = _signed(element, problems)
    on = _day_of(element, ("BookgDt/Dt", "BookgDt/DtTm", "ValDt/Dt", "ValDt/DtTm"), problems) or ends
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
    in_statement, message = _reference(element, "NtryRef"), text(element, "AddtlNtryInf")
    charges = _charges(element, currency, problems) or sum((_charges(each, currency, problems) for each in below), ZERO)
    return Entry(line, number, on, reference, in_statement, numbers, message, is_reversal, tuple(own), charges)


def _charges(element: Element, currency: str, problems: list[Problem]) -> Decimal:
    """Return what a bank says that it took for itself: to version .02 one in an element, later one in each record."""
    total = ZERO
    for each in children(element, "Chrgs"):
        for record in children(each, "Rcrd") or [each]:
            number = _amount_in(currency, record, ("Amt", "TtlChrgsAndTaxAmt"), problems) or ZERO
            total -= number * _SIGNS.get(text(record, "CdtDbtInd"), _SIGNS["DBIT"])
    return total


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
        tuple(each for each in references if not _is_none(each)),
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
    if number and not indicator:
        told = N_("{name} has no CdtDbtInd, which says whether it is money in (CRDT) or money out (DBIT)")
        problems.append(Problem(line_of(element), phrase(told, name=name_of(element))))
        return None
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
    return "".join(filter(str.isalnum, reference)).upper().lstrip("0") in _NO_REFERENCE


def _leaves(element: Element | None) -> list[Element]:
    """Return the elements below one that hold a reference, and not what kind it is of."""
    return [] if element is None else [each for each in element.iter() if not len(each) and name_of(each) != "Tp"]
