"""Payments: what each settles, and the voucher of what the bank has booked.

    2025-03-14 * "Borås stad" "Inbetalning: Medlemsavgifter Navet kvartal 2" ^K-2025-0083
      ver: "I 12"
      underlag: "underlag/2025/kontoutdrag-2025-03-14.xml"
      bankref: "AAAASESS-FP-CN_98765/01"
      Assets:FK:1610-Internbank          71407.55 SEK
      Assets:NAV:1510-Kundfordringar    -71407.55 SEK

A payment settles an open item when it names it and the amounts agree: money in what we are to get, a receivable or a
supplier's refund; money out what we are to pay. Exactly one item must be meant. A payment that names several settles
them when each share agrees, or, where no shares are told, when together they are open with just what was paid. A
reference that nobody knows is read in parts: `FAKTURA 1000017`, or several numbers in one field.
Anything else goes to the observation account, the voucher waits (`!`), and says why in Swedish:

      observera: "referensen avser K-2025-0083, där 71 407,55 är öppet, men beloppet är 70 000,00"
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence, Set
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from beancount.core import data
from beancount.core.amount import Amount

from forbundsbok.importers.mapping import Table
from forbundsbok.importers.open_items import OpenItems, bankgiro_of, body_of_rf, is_sent, normal
from forbundsbok.importers.problems import Problem, refused
from forbundsbok.plugins.accounts import parse_account, unit_of
from forbundsbok.plugins.check_digits import printed
from forbundsbok.plugins.corrections import number_of
from forbundsbok.plugins.findings import Message, counted, phrase
from forbundsbok.plugins.imports import BANKREF
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.ledger_text import posting
from forbundsbok.plugins.money import CURRENCY, ZERO, amount_text
from forbundsbok.plugins.numbers import FreeNumbers
from forbundsbok.plugins.open_items import INVOICE, OpenItem
from forbundsbok.plugins.payment_files import PAYMENT_FILE
from forbundsbok.plugins.places import where
from forbundsbok.plugins.review import WAITS
from forbundsbok.plugins.roles import Role, read_roles
from forbundsbok.plugins.sigill import is_sealed

OBSERVE = "observera"
"""The metadata of why a voucher waits."""

ORE = Decimal("0.01")
_LONGEST_TEXT = 200
_LONGEST_MESSAGE = 10_000
_SHOWN = 5
_WORD = re.compile(r"[^\W_](?:[^\s,;]*[^\W_])?")
_NUMBER = re.compile(r"\d{5,}", re.ASCII)
_BETWEEN = re.compile(r"[\s,;/+&|:]+")
_RF_WORD = re.compile(r"\bRF[0-9]{2}(?=[\s0-9A-Z])[0-9A-Z]*", re.ASCII | re.IGNORECASE)
_MOST_OF_RF = 25
_MOST_REMARKS = 10
_SHORTEST_WORD = 4
"""Characters of the shortest word of free text that may be a reference: shorter ones are said of other things."""


class Remittance(NamedTuple):
    """An invoice that a payment is for: the references that may name it, and its share where that is told."""

    references: tuple[str, ...]
    amount: Decimal | None = None


class Payment(NamedTuple):
    """A payment as a document tells of it, money in positive.

    `references` are others than of invoices, which may name one all the same; so may words of the `message`, and
    `own_references`, the bank's. `takes_back`: it takes back an earlier payment, and settles nothing. `doubt` says, in
    Swedish, why it settles nothing for a person to see to. `parts` are what it is said to consist of, where they do
    not sum to it: a fee was taken, or only some are told. `charges` are what the bank says that it took for itself.
    """

    amount: Decimal
    remittances: tuple[Remittance, ...] = ()
    references: tuple[str, ...] = ()
    message: str = ""
    other_party: str = ""
    own_references: tuple[str, ...] = ()
    takes_back: bool = False
    doubt: str = ""
    parts: "tuple[Payment, ...]" = ()
    charges: Decimal = ZERO


class Settlement(NamedTuple):
    """What a payment settled: the items, what was open of each by account, the rest, and what is to be observed."""

    shares: list[tuple[OpenItem, dict[str, Decimal]]]
    rest: Decimal
    remarks: list[str]


class BankEntry(NamedTuple):
    """What the bank has booked in one amount, of one payment or of several, and where it is to be booked here."""

    day: date
    account: str
    observation: str
    series: str
    currency: str
    bankref: str
    message: str
    payments: tuple[Payment, ...]
    links: frozenset[str] = frozenset()

    @property
    def total(self) -> Decimal:
        return sum((payment.amount for payment in self.payments), ZERO)


class Cashier:
    """Makes the vouchers of a document in the order in which they are asked for."""

    def __init__(self, existing: data.Directives, items: OpenItems) -> None:
        self._items = items
        self._numbers = FreeNumbers(entry for entry in existing if isinstance(entry, data.Transaction))
        self._settled = 0
        self._observed: dict[str, Decimal] = defaultdict(Decimal)

    def voucher(self, bank_entry: BankEntry, ver: str = "") -> data.Transaction:
        """Return the voucher of what the bank has booked, with the next free number, or with one that it has."""
        whole = _deposit(bank_entry, self._items)
        payments = (whole,) if whole else bank_entry.payments
        found = [settle(payment, bank_entry.day, self._items) for payment in payments]
        items = [item for settled in found for item, _ in settled.shares]
        remarks = [remark for settled in found for remark in settled.remarks]
        self._settled += len(items)
        self._observed[bank_entry.observation] += sum((settled.rest for settled in found), ZERO)
        ver = ver or self._numbers.free(bank_entry.series, bank_entry.day.year)
        meta = {"ver": ver, BANKREF: bank_entry.bankref}
        if remarks:
            more = len(remarks) - _MOST_REMARKS
            meta[OBSERVE] = "; ".join([*remarks[:_MOST_REMARKS], *([f"och {more} till"] if more > 0 else [])])
        return data.Transaction(
            meta,
            bank_entry.day,
            WAITS if remarks else "*",
            _payee(bank_entry, items),
            _narration(bank_entry, items),
            data.EMPTY_SET,
            frozenset(item.link for item in items) | bank_entry.links,
            list(_rows(bank_entry, found, is_told_by_link=len(items) < 2)),
        )

    def settles(self, bank_entry: BankEntry) -> bool:
        """Tell whether a payment of what the bank has booked names something that is open, with its amount."""
        whole = _deposit(bank_entry, self._items)
        for payment in (whole,) if whole else bank_entry.payments:
            closely = payment._replace(remittances=tuple(_in_parts(payment.remittances, self._items)))
            alternatives = [closely, *closely.parts]
            shares = [Payment(each.amount, (each,)) for each in closely.remittances if each.amount is not None]
            if any(not isinstance(_found(each, bank_entry.day, self._items), str) for each in alternatives + shares):
                return True
        return False

    def summary(self) -> list[Message]:
        """Return what became of the payments, a line each."""
        one = N_("1 open item is settled")
        many = N_("{count} open items are settled")
        observed = ((account, number) for account, number in self._observed.items() if number)
        return [
            *([counted(self._settled, one, many)] if self._settled else []),
            *(_observed_on(account, number) for account, number in observed),
        ]


def _observed_on(account: str, number: Decimal) -> Message:
    """Return what is said of money, in when above zero, that stands on an account until somebody has seen to it."""
    text = N_("{amount} is credited to {account}") if number > 0 else N_("{amount} is debited to {account}")
    return phrase(text, amount=abs(number), account=account)


def _rows(bank_entry: BankEntry, found: Iterable[Settlement], is_told_by_link: bool) -> Iterator[data.Posting]:
    """Yield the rows of a voucher; those of several invoices say which each is of."""
    if total := bank_entry.total:
        yield _row(bank_entry, bank_entry.account, total)
    for settled in found:
        for item, shares in settled.shares:
            named = {} if is_told_by_link else {INVOICE: item.link}
            for account, number in shares.items():
                yield _row(bank_entry, account, -number)._replace(meta=named)
        if settled.rest:
            yield _row(bank_entry, bank_entry.observation, -settled.rest)


def _row(bank_entry: BankEntry, account: str, number: Decimal) -> data.Posting:
    return posting(account, number.quantize(ORE), bank_entry.currency)


# What a payment settles


def _deposit(bank_entry: BankEntry, items: OpenItems) -> Payment | None:
    """Return as one the payments of a deposit that a file of Bankgirot has told of already, payment by payment."""
    if len(bank_entry.payments) < 2:
        return None
    references = [each for payment in bank_entry.payments for each in (*payment.references, *payment.own_references)]
    words = _words(Payment(ZERO, message=bank_entry.message))
    waiting = _named([*references, *words], items)
    if not any(bankgiro_of(each) and each.total == bank_entry.total for each in waiting):
        return None
    return Payment(bank_entry.total, (), tuple(references), bank_entry.message)


def settle(payment: Payment, day: date, items: OpenItems) -> Settlement:
    """Return what a payment of a day settles of the open items, and take it from them."""
    if payment.takes_back:
        references = [*(name for each in payment.remittances for name in each.references), *payment.references]
        of = f" med referens {_listed(references)}" if references else ""
        mend = "för raden till den fordran eller skuld som åter är öppen, med fakturans länk"
        return Settlement([], payment.amount, [f"banken har tagit tillbaka en tidigare post{of}: {mend}"])
    if payment.doubt:
        return Settlement([], payment.amount, [payment.doubt])
    payment = payment._replace(remittances=tuple(_in_parts(payment.remittances, items)))
    told = [each.amount for each in payment.remittances if each.amount is not None]
    if len(told) == len(payment.remittances) > 1 and sum(told, ZERO) == payment.amount:
        remittances = [(Remittance(each.references), each.amount) for each in payment.remittances if each.amount]
        shares = [settle(Payment(amount, (remittance,)), day, items) for remittance, amount in remittances]
        return Settlement(
            [share for each in shares for share in each.shares],
            sum((each.rest for each in shares), ZERO),
            [remark for each in shares for remark in each.remarks],
        )
    found = _found(payment, day, items)
    if isinstance(found, str):
        if payment.charges and not payment.parts:  # what the charge was taken of
            payment = payment._replace(parts=(payment._replace(amount=payment.amount + payment.charges, charges=ZERO),))
        remark = f"{found}; {_said_of_parts(payment)}" if payment.parts else found
        return _settled_in_part(payment, day, items) or Settlement([], payment.amount, [remark])
    remarks = [
        f"{each.link} är inte attesterad" for each in found if each.invoice.flag == WAITS and not bankgiro_of(each)
    ]
    taken = [(each, {account: number for account, number in each.open.items() if number}) for each in found]
    for each in found:
        each.open.clear()
    return Settlement(taken, ZERO, remarks)


def _settled_in_part(payment: Payment, day: date, items: OpenItems) -> Settlement | None:
    """Return what the parts of a payment settle, and what they leave of it; None where they settle nothing."""
    parts = [settle(each, day, items) for each in payment.parts]
    shares = [share for each in parts for share in each.shares]
    if not shares:
        return None
    told = sum((each.amount for each in payment.parts), ZERO)
    is_charge = payment.charges and told - payment.amount == payment.charges
    of_charge = f"där avgiften är {spoken(payment.charges)}" if payment.charges else "till exempel en avgift"
    mend = f"bokför skillnaden, {spoken(payment.amount - told)}, {of_charge}"
    lacks = f"{_said_of_parts(payment)}: {'bokför den som kostnad' if is_charge else mend}"
    remarks = [*(remark for each in parts for remark in each.remarks), lacks]
    return Settlement(shares, sum((each.rest for each in parts), ZERO) + payment.amount - told, remarks)


def _said_of_parts(payment: Payment) -> str:
    """Return what the bank says of parts that do not sum to their payment: of a charge, where it took just that."""
    told = sum((each.amount for each in payment.parts), ZERO)
    if payment.charges and told - payment.amount == payment.charges:
        return f"banken har tagit {spoken(payment.charges)} i avgift"
    charges = f", och {spoken(payment.charges)} i avgift" if payment.charges else ""
    return f"banken anger delar på {spoken(told)} av {spoken(payment.amount)}{charges}"


def _in_parts(remittances: Iterable[Remittance], items: OpenItems) -> Iterator[Remittance]:
    """Yield remittances, one whose references nobody knows as the parts of them that are known."""
    for each in remittances:
        known = any(items.named(name) for name in each.references)
        parts = [] if known else [name for whole in each.references for name in _parts(whole) if items.named(name)]
        distinct = list({tuple(item.link for item in items.named(name)): name for name in parts}.values())
        if each.amount is not None:
            yield each._replace(references=(*each.references, *distinct))
        elif distinct:
            yield from (Remittance((name,)) for name in distinct)
        else:
            yield each


def _parts(reference: str) -> list[str]:
    """Return what may be references in one: its words and longer numbers; none of an RF reference, which is whole."""
    if _RF_WORD.match(reference.strip()):
        return []
    words = [each for each in _BETWEEN.split(reference) if each]
    numbers = [number for word in words for number in _NUMBER.findall(word)]
    return [each for each in (*words, *numbers) if each != reference and len(normal(each)) >= _SHORTEST_WORD]


def _found(payment: Payment, day: date, items: OpenItems) -> list[OpenItem] | str:
    """Return the items that a payment settles, or why there are none: first by what it says that it is for."""
    named = [_named(each.references, items) for each in payment.remittances]
    everything = [*(name for each in payment.remittances for name in each.references), *payment.references]
    anything = _named([*everything, *(part for each in everything for part in _parts(each)), *_words(payment)], items)
    for candidates in (_distinct(named), anything):
        agreeing = [each for each in candidates if each.total == payment.amount]
        if len(agreeing) > 1:
            agreeing = [each for each in agreeing if bankgiro_of(each) and each.invoice.date == day] or agreeing
        if len(agreeing) == 1:
            return agreeing
        if agreeing:
            return f"flera har samma referens och belopp: {_listed(each.link for each in agreeing)}"
    # Several, without their shares: all that are named, and each of them known.
    several = _distinct(named) if len(named) > 1 else anything
    is_told = all(len(each) == 1 for each in named) or len(named) < 2
    if is_told and len(several) > 1 and sum((each.total for each in several), ZERO) == payment.amount:
        return several
    # A batch of a payment file, or the whole of it, each by its name: the bank may give both.
    for name in (*everything, *payment.own_references, *_words(payment)):
        sent = _named([name], items)
        if sent and all(map(is_sent, sent)) and sum((each.total for each in sent), ZERO) == payment.amount:
            return sent
    return _why_not(payment, everything, anything, items)


def _named(references: Iterable[str], items: OpenItems) -> list[OpenItem]:
    """Return the items, each once, of which something is open and certain."""
    found = {each.link: each for name in references for each in items.named(name)}
    return [each for each in found.values() if each.total and each.is_certain]


def _distinct(named: Iterable[list[OpenItem]]) -> list[OpenItem]:
    return list({item.link: item for items in named for item in items}.values())


def _why_not(payment: Payment, references: Sequence[str], named: list[OpenItem], items: OpenItems) -> str:
    """Return why a payment settles nothing, as the voucher says it."""
    if len(named) == 1:
        opposite = (named[0].total < 0) != (payment.amount < 0)
        is_open = spoken(named[0].total if opposite else abs(named[0].total))
        paid = spoken(payment.amount if opposite else abs(payment.amount))
        return f"referensen avser {named[0].link}, där {is_open} är öppet, men beloppet är {paid}"
    if named:
        together = spoken(sum((each.total for each in named), ZERO))
        links = _listed(each.link for each in named)
        return f"referenserna avser {links} med tillsammans {together} öppet, men beloppet är {spoken(payment.amount)}"
    everything = [*references, *_words(payment)]
    known = [each for name in everything for each in items.named(name) if not bankgiro_of(each)]
    if doubtful := [each.link for each in known if not each.is_certain]:
        return f"det framgår inte vad som är öppet av {_listed(doubtful)}: ange {INVOICE} på raderna som rör dem"
    if known and all(map(is_sent, known)):
        paid = (
            f"här betalas {spoken(abs(payment.amount))}: har banken betalat två gånger, eller det som den har avvisat?"
        )
        return f"{_listed(map(_sent, _distinct([known])))} är redan reglerad, och {paid}"
    if known:
        return f"{_listed(each.link for each in known)} är redan reglerad"
    if deposit := items.bankgiro(everything):
        number, account = deposit
        lacks = f"ingen insättning på {spoken(payment.amount)} från bankgiro {printed('bankgiro', number)} väntar"
        return f"{lacks}: läs in BgMax-filen, och för raden till {account} med insättningens länk"
    same = [each.link for each in items.of_amount(payment.amount) if not bankgiro_of(each)]
    hint = f"; just {spoken(abs(payment.amount))} är öppet på {_listed(same)}" if same else ""
    return f"okänd referens {_listed(references)}{hint}" if references else f"referens saknas{hint}"


def _sent(item: OpenItem) -> str:
    """Return what a payment that was sent is called, with what was sent and to whom."""
    number = sum(
        (abs(number_of(row)) for row in item.invoice.postings if item.roles.has(row.account, Role.MONEY)), ZERO
    )
    return f"{item.link} på {spoken(number)} till {item.invoice.payee or '?'}"


def _words(payment: Payment) -> list[str]:
    """Return what may be references in free text: words, and longer numbers in them (Faktura8014573)."""
    text = " ".join((payment.message[:_LONGEST_MESSAGE], *payment.own_references))
    rf = list(_rf_references(text))
    for each in rf:
        text = text.replace(each, " ")
    words = _WORD.findall(text)
    numbers = [number for word in words for number in _NUMBER.findall(word)]
    return [each for each in (*rf, *words, *numbers) if len(normal(each)) >= _SHORTEST_WORD]


def _rf_references(text: str) -> Iterator[str]:
    """Yield the RF references of a text, printed in groups (RF18 5390 0754) or not: wherever one may end."""
    for match in _RF_WORD.finditer(text):
        rest = text[match.start() : match.start() + 2 * _MOST_OF_RF]
        ends = [each.end() for each in re.finditer(r"\S+", rest)]
        yield from (rest[:end] for end in ends if body_of_rf(rest[:end]))


def _listed(texts: Iterable[str]) -> str:
    """Return some texts, each once, and not more than a voucher can hold."""
    distinct = list(dict.fromkeys(texts))
    more = f" och {len(distinct) - _SHOWN} till" if len(distinct) > _SHOWN else ""
    return ", ".join(_plain(each) for each in distinct[:_SHOWN]) + more


# What the voucher says


def _payee(bank_entry: BankEntry, items: Sequence[OpenItem]) -> str | None:
    """Return who has paid or been paid: as the bank says, or else as the invoice does."""
    told = {_plain(payment.other_party) for payment in bank_entry.payments}
    if len(told) == 1 and any(told):
        return told.pop()
    payees = {item.invoice.payee for item in items if not bankgiro_of(item)}
    return payees.pop() if len(payees) == 1 and len(bank_entry.payments) == 1 else None


def _narration(bank_entry: BankEntry, items: Sequence[OpenItem]) -> str:
    """Return the text of a voucher: that of the invoice, or else of the bank."""
    kind = "Inbetalning" if bank_entry.total >= 0 else "Betalning"
    if any(bankgiro_of(item) for item in items):
        bankgiros = (printed("bankgiro", bankgiro_of(item)) for item in items if bankgiro_of(item))
        return f"Insättning från bankgiro {_listed(bankgiros)}"
    if sent := {str(item.invoice.meta[PAYMENT_FILE]) for item in items if is_sent(item)}:
        return f"Betalt enligt betalfil {_listed(sorted(sent))}"
    texts = {item.invoice.narration or "" for item in items}
    if len(texts) == 1 and any(texts):
        return f"{kind}: {texts.pop()}"
    if items:
        return f"{kind}: {len(items)} fakturor"
    message = _plain(bank_entry.message or next((each.message for each in bank_entry.payments if each.message), ""))
    return f"{kind}: {message}" if message else f"{kind} att utreda"


def _plain(text: str) -> str:
    """Return a text of a document on one line, and not longer than a voucher's text should be."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_TEXT else f"{line[:_LONGEST_TEXT]}..."


def spoken(number: Decimal) -> str:
    """Return an amount as a voucher's text has it, whoever reads it: 71 407,55."""
    return amount_text(number, "sv")


# What the doors of the bank share


class Bankgiro(NamedTuple):
    """A bankgiro number by the mapping: `account` is where its deposits go."""

    number: str
    account: str
    observation: str
    series: str
    foreign_by_hand: bool


def read_bankgiros(table: Table) -> dict[str, Bankgiro | None]:
    """Return the bankgiro numbers of a mapping, [bgmax."9912346"], None of one that is none of ours.

    Raises DocumentError.
    """
    found: dict[str, Bankgiro | None] = {}
    for name, each in table.tables():
        number = normal(name)
        if not each.truth("ours", default=True):
            found[number] = None
            each.finish()
            continue
        foreign = each.text("foreign", "")
        if foreign not in ("", "by-hand"):
            raise each.wrong("foreign", phrase("what becomes of other currencies"), 'foreign = "by-hand"')
        account, observation = each.account("account"), each.account("observation")
        found[number] = Bankgiro(number, account, observation, series_in(each, "series", "I"), foreign == "by-hand")
        each.finish()
    return found


def series_in(table: Table, key: str, default: str) -> str:
    """Return a series of vouchers. Raises DocumentError."""
    series = table.text(key, default)
    if not re.fullmatch("[A-ZÅÄÖ]+", series):
        raise table.wrong(key, phrase("the capital letters of a series"), f'{key} = "{default}"')
    return series


class Accounts:
    """The accounts of a ledger: from when to when they are open, and in which currency."""

    def __init__(self, existing: Iterable[data.Directive]) -> None:
        self._opens = {entry.account: entry for entry in existing if isinstance(entry, data.Open)}
        self._closes = {entry.account: entry.date for entry in existing if isinstance(entry, data.Close)}

    def currency(self, account: str, observation: str, day: date, mapping: str) -> str:
        """Return the currency of a bank account. Raises DocumentError for an account that is not open on a day."""
        problems = []
        for each in dict.fromkeys((account, observation)):
            opened = self._opens.get(each)
            if opened is None:
                text = N_("{account} is no account of the ledger: write the one that is, or open it\n  {line}")
                problems.append(Problem(0, phrase(text, account=each, line=f"{day} open {each} SEK")))
            elif opened.date > day or self._closes.get(each, date.max) <= day:
                text = N_("{account} is not open on {day}, when the bank has booked on it")
                problems.append(Problem(0, phrase(text, account=each, day=day)))
        if problems:
            raise refused(mapping, problems)
        currencies = self._opens[account].currencies
        return currencies[0] if currencies else CURRENCY


class AccountAdvice:
    """Accounts of a ledger to propose in a mapping: one that is open and fits, else one to open in the same unit."""

    def __init__(self, existing: Iterable[data.Directive]) -> None:
        existing = list(existing)
        roles = read_roles(existing)
        closed = {entry.account for entry in existing if isinstance(entry, data.Close)}
        opened = (entry.account for entry in existing if isinstance(entry, data.Open))
        self._open = [account for account in opened if parse_account(account) and account not in closed]
        self._money = [account for account in self._open if roles.has(account, Role.MONEY)]
        first = next(iter([*self._money, *self._open]), "")
        self._unit = unit_of(first) if first else "..."

    def bank(self, number: str, taken: Set[str]) -> str:
        """Return the account of an account at a bank, none of those that stand for others."""
        free = (each for each in self._money if each not in taken)
        return next(free, f"Assets:{self._unit}:1920-Bank-{number[-4:]}")

    def between(self) -> str:
        """Return the account on which deposits of Bankgirot wait for the statement."""
        return self._called("bankgiro", "Assets:", "1690-Bankgiro-på-väg")

    def observation(self) -> str:
        """Return the account of what somebody is to look at."""
        return self._called("observation", "Liabilities:", "2890-Observationskonto")

    def _called(self, word: str, root: str, other: str) -> str:
        found = (each for each in self._open if each.startswith(root) and word in each.lower())
        return next(found, f"{root}{self._unit}:{other}")


def change_of(entry: data.Transaction, account: str) -> Decimal:
    """Return what a voucher changes an account by."""
    amounts = (posting.units for posting in entry.postings if posting.account == account)
    return sum((each.number for each in amounts if isinstance(each, Amount) and each.number is not None), ZERO)


def known_references(existing: Iterable[data.Directive]) -> dict[str, dict[str, data.Transaction]]:
    """Return, by account, the vouchers of what the bank has booked, by the bank's reference."""
    known: dict[str, dict[str, data.Transaction]] = defaultdict(dict)
    for entry in existing:
        if isinstance(entry, data.Transaction) and isinstance(reference := entry.meta.get(BANKREF), str):
            for posting in entry.postings:
                known[posting.account].setdefault(reference, entry)
    return known


def closed_message(what: Message, bokslut: data.Custom) -> Message:
    """Return why nothing is booked of what the bank told of a closed year, and what to do."""
    year = bokslut.date.year
    text = N_(
        "{what} is of {year}, which is closed ({place}): nothing more can be booked there. "
        "Begin with what came after it, or open the year first   {command}"
    )
    if not is_sealed(bokslut):
        text = N_(
            "{what} is of {year}, which is closed ({place}): nothing more can be booked there. "
            "Begin with what came after it, or take away the bokslut first, and write it back when all is booked"
        )
    opened = f'forbundsbok unseal {year} --reason "..."'
    return phrase(text, what=what, year=year, place=where(bokslut), command=opened)
