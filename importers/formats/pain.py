"""Payments to the bank and its answer, ISO 20022: pain.001 (credit transfers; .03 or .09), pain.002 (status).

    <Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.03">
      <CstmrCdtTrfInitn>
        <GrpHdr> <MsgId>BET-20250314</MsgId> ... <NbOfTxs>1</NbOfTxs> <CtrlSum>1250.00</CtrlSum> ...
        <PmtInf> <PmtInfId>BET-20250314-1</PmtInfId> ... <ReqdExctnDt>2025-03-14</ReqdExctnDt> ...
          <CdtTrfTxInf>
            <PmtId> <EndToEndId>L-2025-0301.20250314</EndToEndId> </PmtId>
            <Amt> <InstdAmt Ccy="SEK">1250.00</InstdAmt> </Amt>
            <CdtrAcct> 50501055, BGNR </CdtrAcct> <RmtInf> 2024517, SCOR </RmtInf>

As Swedish banks take it (their common interpretation of the standard): a bankgiro number is an account
of the scheme BGNR at member 9900 of the clearing system SESBA, a plusgiro number a BBAN at 9960, a bank account a BBAN
at the member that it begins with. A reference with right check digits goes out structured (SCOR), any other as text.
Version .09 writes the day of payment below a choice (Dt) and the bank's code as BICFI; the rest is the same.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from lxml import etree

from forbundsbok.importers.document import Document
from forbundsbok.importers.formats.xml import (
    Element,
    amount,
    child,
    children,
    day,
    line_of,
    namespace_of,
    number,
    read_xml,
    require,
    shown,
    text,
)
from forbundsbok.importers.problems import Problem, refused
from forbundsbok.plugins.findings import Message, phrase
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.ledger_text import cleaned_text
from forbundsbok.plugins.money import CURRENCY, ZERO

VERSIONS = ("03", "09")
"""The versions of pain.001 that are written here: that of most agreements, and what banks now ask for."""
_NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001."
_OLD = VERSIONS[0]
BANKGIRO, PLUSGIRO, IBAN, ACCOUNT = "bankgiro", "plusgiro", "iban", "konto"
SUPPLIERS, SALARIES = "SUPP", "SALA"
"""What payments are for, by ISO 20022 (ExternalCategoryPurpose1Code); "" for what has no code of its own."""

REJECTED = "RJCT"

_MEMBERS = {BANKGIRO: "9900", PLUSGIRO: "9960"}
_LONGEST_NAME, _LONGEST_MESSAGE = 70, 140


class CreditAccount(NamedTuple):
    """An account to pay to: what kind it is, and its digits, an IBAN with its letters."""

    kind: str
    number: str


class CreditTransfer(NamedTuple):
    """A payment to one payee: kronor above nothing. `reference` has check digits, `message` is free text."""

    id: str
    amount: Decimal
    payee: str
    account: CreditAccount
    reference: str = ""
    message: str = ""


class TransferBatch(NamedTuple):
    """Payments of one day and purpose from one account."""

    id: str
    purpose: str
    day: date
    transfers: tuple[CreditTransfer, ...]


class Payer(NamedTuple):
    """Who pays, and from which account; `bic` and `number` are told where they are known."""

    name: str
    number: str
    account: CreditAccount
    bic: str


class PaymentFile(NamedTuple):
    """What a file tells the bank to pay."""

    id: str
    created: datetime | None
    payer: Payer
    batches: tuple[TransferBatch, ...]
    version: str = _OLD

    @property
    def transfers(self) -> Iterator[CreditTransfer]:
        return (transfer for batch in self.batches for transfer in batch.transfers)


class TransferStatus(NamedTuple):
    """What the bank says of a payment or, with an empty `id`, of the rest of a batch, or of a file: a code, and why."""

    file: str
    batch: str
    id: str
    code: str
    why: str


class BankAnswer(NamedTuple):
    """What the bank answers to a file, and on which day."""

    day: date
    statuses: list[TransferStatus]


# Writing.


def write_payments(file: PaymentFile) -> bytes:
    """Return a file for the bank, with the number of its payments and their sum in each of its heads."""
    namespace = f"{_NAMESPACE}{file.version}"
    root = etree.Element(f"{{{namespace}}}Document", nsmap={None: namespace})
    body = _put(root, "CstmrCdtTrfInitn")
    head = _put(body, "GrpHdr")
    _put(head, "MsgId", file.id)
    assert file.created is not None
    _put(head, "CreDtTm", file.created.isoformat(timespec="seconds"))
    _put_sums(head, file.transfers)
    _put_party(head, "InitgPty", file.payer)
    for batch in file.batches:
        _put_batch(body, batch, file.payer, file.version)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _put_batch(body: Element, batch: TransferBatch, payer: Payer, version: str) -> None:
    own = _put(body, "PmtInf")
    _put(own, "PmtInfId", batch.id)
    _put(own, "PmtMtd", "TRF")
    _put_sums(own, batch.transfers)
    kind = _put(own, "PmtTpInf")
    _put(kind, "SvcLvl/Cd", "NURG")
    if batch.purpose:
        _put(kind, "CtgyPurp/Cd", batch.purpose)
    _put(own, "ReqdExctnDt" if version == _OLD else "ReqdExctnDt/Dt", batch.day.isoformat())
    _put_party(own, "Dbtr", payer)
    account = _put(own, "DbtrAcct")
    _put_account(account, payer.account)
    _put(account, "Ccy", CURRENCY)
    agent = _put(own, "DbtrAgt/FinInstnId")
    if payer.bic:
        _put(agent, "BIC" if version == _OLD else "BICFI", payer.bic)
    else:
        _put(agent, "Othr/Id", "NOTPROVIDED")
    for transfer in batch.transfers:
        _put_transfer(own, transfer)


def _put_transfer(batch: Element, transfer: CreditTransfer) -> None:
    own = _put(batch, "CdtTrfTxInf")
    _put(own, "PmtId/EndToEndId", transfer.id)
    _put(own, "Amt/InstdAmt", f"{transfer.amount:.2f}").set("Ccy", CURRENCY)
    if member := _member(transfer.account):
        clearing = _put(own, "CdtrAgt/FinInstnId/ClrSysMmbId")
        _put(clearing, "ClrSysId/Cd", "SESBA")
        _put(clearing, "MmbId", member)
    _put(own, "Cdtr/Nm", name_text(transfer.payee))
    _put_account(_put(own, "CdtrAcct"), transfer.account)
    if transfer.reference:
        reference = _put(own, "RmtInf/Strd/CdtrRefInf")
        _put(reference, "Tp/CdOrPrtry/Cd", "SCOR")
        _put(reference, "Ref", transfer.reference)
    elif transfer.message:
        _put(own, "RmtInf/Ustrd", message_text(transfer.message))


def _member(account: CreditAccount) -> str:
    """Return who keeps an account, by the numbers of the Swedish clearing; "" where the account itself tells."""
    return account.number[:4] if account.kind == ACCOUNT else _MEMBERS.get(account.kind, "")


def _put_account(parent: Element, account: CreditAccount) -> None:
    if account.kind == IBAN:
        _put(parent, "Id/IBAN", account.number)
        return
    other = _put(parent, "Id/Othr")
    _put(other, "Id", account.number)
    _put(
        other,
        "SchmeNm/Prtry" if account.kind == BANKGIRO else "SchmeNm/Cd",
        "BGNR" if account.kind == BANKGIRO else "BBAN",
    )


def _put_party(parent: Element, name: str, payer: Payer) -> None:
    party = _put(parent, name)
    _put(party, "Nm", name_text(payer.name))
    if payer.number:
        _put(party, "Id/OrgId/Othr/Id", payer.number)


def _put_sums(head: Element, transfers: Iterable[CreditTransfer]) -> None:
    amounts = [transfer.amount for transfer in transfers]
    _put(head, "NbOfTxs", str(len(amounts)))
    _put(head, "CtrlSum", f"{sum(amounts, ZERO):.2f}")


def _put(parent: Element, path: str, written: str = "") -> Element:
    """Write an element at a path below another, and return it."""
    for name in path.split("/"):
        parent = etree.SubElement(parent, f"{{{namespace_of(parent)}}}{name}")
    parent.text = written or None
    return parent


def name_text(name: str) -> str:
    """Return a name as a bank takes it: on one line, and no longer than 70 characters."""
    return _short(name, _LONGEST_NAME)


def message_text(message: str) -> str:
    """Return a text to a payee as a bank takes it: on one line, and no longer than 140 characters."""
    return _short(message, _LONGEST_MESSAGE)


def _short(written: str, longest: int) -> str:
    return " ".join(cleaned_text(written).split())[:longest].strip()


# Reading.


def read_payments(document: Document) -> PaymentFile:
    """Return what a payment file tells the bank to pay. Raises DocumentError, also where its sums do not agree."""
    root = read_xml(document)
    problems: list[Problem] = []
    body = child(root, "CstmrCdtTrfInitn")
    if body is None:
        raise refused(str(document), [Problem(line_of(root), phrase("{name} lacks", name="CstmrCdtTrfInitn"))])
    batches = tuple(_batch(each, problems) for each in children(body, "PmtInf"))
    head = child(body, "GrpHdr")
    if head is not None:
        _check_sums(head, [transfer for batch in batches for transfer in batch.transfers], problems)
    require(body, ("GrpHdr/MsgId", "PmtInf/DbtrAcct/Id"), problems)
    if problems:
        raise refused(str(document), problems)
    payer = child(body, "PmtInf")
    assert payer is not None
    account = child(payer, "DbtrAcct")
    assert account is not None
    return PaymentFile(
        text(body, "GrpHdr/MsgId"),
        None,
        Payer(
            text(payer, "Dbtr/Nm"),
            text(payer, "Dbtr/Id/OrgId/Othr/Id"),
            _account(account),
            text(payer, "DbtrAgt/FinInstnId/BIC") or text(payer, "DbtrAgt/FinInstnId/BICFI"),
        ),
        batches,
        namespace_of(root).removeprefix(_NAMESPACE),
    )


def _batch(element: Element, problems: list[Problem]) -> TransferBatch:
    require(element, ("PmtInfId", "ReqdExctnDt"), problems)
    transfers = tuple(
        transfer for each in children(element, "CdtTrfTxInf") if (transfer := _transfer(each, problems)) is not None
    )
    _check_sums(element, transfers, problems)
    path = "ReqdExctnDt/Dt" if child(element, "ReqdExctnDt/Dt") is not None else "ReqdExctnDt"
    on = day(element, path, problems) or date.min
    return TransferBatch(text(element, "PmtInfId"), text(element, "PmtTpInf/CtgyPurp/Cd"), on, transfers)


def _transfer(element: Element, problems: list[Problem]) -> CreditTransfer | None:
    require(element, ("PmtId/EndToEndId", "Amt/InstdAmt", "Cdtr/Nm"), problems)
    number_of_kronor = amount(element, "Amt/InstdAmt", problems)
    if number_of_kronor is None:
        return None
    currency = children(element, "Amt/InstdAmt")[0].get("Ccy")
    if currency != CURRENCY:
        message = phrase(
            "the amount is in {currency}: only {own} can be paid", currency=shown(currency or ""), own=CURRENCY
        )
        problems.append(Problem(line_of(element), message))
    account = child(element, "CdtrAcct")
    return CreditTransfer(
        text(element, "PmtId/EndToEndId"),
        number_of_kronor,
        text(element, "Cdtr/Nm"),
        _account(account) if account is not None else CreditAccount(ACCOUNT, ""),
        text(element, "RmtInf/Strd/CdtrRefInf/Ref"),
        text(element, "RmtInf/Ustrd"),
    )


def _account(element: Element) -> CreditAccount:
    if iban := text(element, "Id/IBAN"):
        return CreditAccount(IBAN, iban)
    written = text(element, "Id/Othr/Id")
    if text(element, "Id/Othr/SchmeNm/Prtry") == "BGNR":
        return CreditAccount(BANKGIRO, written)
    agent = element.getparent()
    member = text(agent, "CdtrAgt/FinInstnId/ClrSysMmbId/MmbId") if agent is not None else ""
    return CreditAccount(PLUSGIRO if member == _MEMBERS[PLUSGIRO] else ACCOUNT, written)


def _check_sums(head: Element, transfers: Sequence[CreditTransfer], problems: list[Problem]) -> None:
    """Report a count or a sum that is not that of the payments below it."""
    told, control = number(head, "NbOfTxs", problems), amount(head, "CtrlSum", problems)
    total = sum((transfer.amount for transfer in transfers), ZERO)
    message: Message | None = None
    if told is not None and told != len(transfers):
        text = N_("the number of payments is told as {count}, and there are {found}")
        message = phrase(text, count=int(told), found=len(transfers))
    elif control is not None and control != total:
        message = phrase("the control sum is {told}, and the payments come to {total}", told=control, total=total)
    if message:
        problems.append(Problem(line_of(head), message))


def read_answer(document: Document) -> BankAnswer:
    """Return what the bank answers of a file, of its batches and of single payments. Raises DocumentError."""
    root = read_xml(document)
    body = child(root, "CstmrPmtStsRpt")
    problems: list[Problem] = []
    if body is None:
        raise refused(str(document), [Problem(line_of(root), phrase("{name} lacks", name="CstmrPmtStsRpt"))])
    require(body, ("GrpHdr/CreDtTm", "OrgnlGrpInfAndSts/OrgnlMsgId"), problems)
    group, head = child(body, "GrpHdr"), child(body, "OrgnlGrpInfAndSts")
    on = day(group, "CreDtTm", problems) if group is not None else None
    if problems or on is None or head is None:
        raise refused(str(document), problems)
    file = text(head, "OrgnlMsgId")
    told = [TransferStatus(file, "", "", text(head, "GrpSts"), _why(head))]
    for batch in children(body, "OrgnlPmtInfAndSts"):
        batch_id = text(batch, "OrgnlPmtInfId")
        told.append(TransferStatus(file, batch_id, "", text(batch, "PmtInfSts"), _why(batch)))
        told += [
            TransferStatus(file, batch_id, text(each, "OrgnlEndToEndId"), text(each, "TxSts"), _why(each))
            for each in children(batch, "TxInfAndSts")
        ]
    return BankAnswer(on, [status for status in told if status.code])


def _why(element: Element) -> str:
    """Return the reasons that the bank gives, as it words them."""
    reasons = []
    for each in children(element, "StsRsnInf"):
        parts = (
            text(each, "Rsn/Cd"),
            text(each, "Rsn/Prtry"),
            *(text_of.text or "" for text_of in children(each, "AddtlInf")),
        )
        reasons.append(" ".join(" ".join(part.split()) for part in parts if part))
    return ", ".join(filter(None, reasons))
