"""Events: what happens to fixed assets, loans, provisions, equity and grants, told by the rows that a voucher joins.

    2024-05-14 * "Bilhandeln" "Försäljning av bil"
      ver: "K 12"
      Assets:FK:1910-Bank                           300000.00 SEK
      Assets:FK:1229-Ackumulerade-avskrivningar     300000.00 SEK     försäljning
      Assets:FK:1220-Fordon                        -480000.00 SEK     försäljning
      Income:FK:3830-Vinst-vid-försäljning         -120000.00 SEK     försäljning: the price is 300 000

Two rows that stand against each other are one event by what the accounts are (plugins.roles): depreciation against
accumulated depreciation, unfinished plant against the cost of what it has become, a long loan against its short part.
What is left of a voucher stands against money, claims and debts: then it is a purchase, a sale, a new loan, a payment.
The rows of an event that is no cash come to nothing together; those of the others come to what was paid or got. Of a
debt or a claim by which an event was paid, the part that is the event's has its name too, with the class of what was
bought or sold, so that it can be followed until it is settled.

What no pair tells is left without an event, and a rule (plugins.flows) asks for it.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum, StrEnum, auto
from functools import cache
from typing import NamedTuple

from forbundsbok.plugins.money import ZERO, rounded
from forbundsbok.plugins.roles import Slag


class Event(StrEnum):
    """What happens, as an accountant calls it."""

    OPENING = "ingaende"
    PURCHASE = "forvarv"
    SALE = "forsaljning"
    DISPOSAL = "utrangering"
    DEPRECIATION = "avskrivning"
    WRITE_DOWN = "nedskrivning"
    REVERSAL = "aterforing"
    TRANSFER = "omklassificering"
    TAKE_OVER = "overtagande"
    NEW_LOAN = "lan-nytt"
    AMORTISATION = "amortering"
    SHORT_PART = "kortfristig-del"
    REFINANCING = "omlaggning"
    LENDING = "utlaning"
    REPAYMENT = "aterbetalning"
    PROVIDED = "avsatt"
    INDEXATION = "upprakning"
    PAYMENT = "utbetalning"
    RELEASE = "upplosning"
    GRANT_RECEIVED = "bidrag-erhallet"
    GRANT_RELEASED = "bidrag-upplost"
    GRANT_REPAID = "bidrag-aterbetalat"
    CAPITAL = "kapitaltillskott"
    WITHIN = "omforing"
    ADJUSTMENT = "justering"
    REVALUATION = "vardeandring"


class Sort(Enum):
    """What a row is to an event."""

    COST = auto()
    KEPT = auto()
    """The cost of what keeps its worth: land, art."""
    UNFINISHED = auto()
    DISPOSED = auto()
    ACCUMULATED = auto()
    WRITTEN_DOWN = auto()
    SHARES = auto()
    SHARES_DOWN = auto()
    LENT = auto()
    SHORT_LENT = auto()
    INFRASTRUCTURE = auto()
    SECURITIES = auto()
    EQUITY = auto()
    CLOSING = auto()
    PROVISION = auto()
    LOAN = auto()
    SHORT_LOAN = auto()
    GRANT = auto()
    MONEY = auto()
    DUE = auto()
    """A claim that can be followed until it is settled."""
    OWED = auto()
    """A debt that can be followed until it is settled."""
    CURRENT = auto()
    """Other debts."""
    STOCK = auto()
    """What nobody is paid by: stock, VAT."""
    DEPRECIATION = auto()
    WRITE_DOWN = auto()
    GAIN = auto()
    LOSS = auto()
    UNREALISED = auto()
    FINANCIAL = auto()
    INCOME = auto()
    EXPENSE = auto()
    OTHER = auto()

    __hash__ = object.__hash__


CLASSES = ("immateriella", "materiella", "finansiella", "infrastrukturbidrag")
"""The classes of what is bought and sold, which the cash flow statement tells apart."""

GROUPS = ("immateriella", "mark-och-byggnader", "maskiner", "ovriga-materiella")
"""The groups of fixed assets: a voucher disposes of each by itself."""

_SORTS: tuple[tuple[Sort, tuple[str, ...]], ...] = (
    (Sort.KEPT, ("mark", "konst")),
    (Sort.UNFINISHED, ("pagaende",)),
    *(
        (kind, tuple(f"{group}-{part}" for group in GROUPS))
        for kind, part in (
            (Sort.COST, "anskaffning"),
            (Sort.DISPOSED, "utrangering"),
            (Sort.ACCUMULATED, "avskrivning"),
            (Sort.WRITTEN_DOWN, "nedskrivning"),
        )
    ),
    (Sort.SHARES, ("aktier",)),
    (Sort.SHARES_DOWN, ("finansiella-nedskrivning",)),
    (Sort.LENT, ("langfristiga-fordringar",)),
    (Sort.INFRASTRUCTURE, ("infrastrukturbidrag",)),
    (Sort.SECURITIES, ("placeringar",)),
    (Sort.CLOSING, ("bokslut",)),
    (Sort.EQUITY, ("eget-kapital",)),
    (Sort.PROVISION, ("avsattning",)),
    (Sort.GRANT, ("investeringsbidrag", "upplost-investeringsbidrag")),
    (Sort.LOAN, ("langfristiga",)),
    (Sort.SHORT_LOAN, ("kortfristiga-lan",)),
    (Sort.MONEY, ("kassa", "internbank", "skattekonto")),
    (Sort.CURRENT, ("semesterskuld", "pensionsskuld-kort", "forutbetalda-intakter")),
    (Sort.SHORT_LENT, ("kortfristig-utlaning",)),
    (Sort.DUE, ("kundfordringar", "ovriga-fordringar", "interimsfordringar")),
    (Sort.OWED, ("leverantorsskulder", "ovriga-skulder", "interimsskulder")),
    (Sort.STOCK, ("omsattning", "moms")),
    (Sort.CURRENT, ("kortfristiga",)),
    (Sort.DEPRECIATION, ("avskrivningar",)),
    (Sort.WRITE_DOWN, ("nedskrivningar",)),
    (Sort.GAIN, ("realisationsvinst", "realisationsvinst-finansiell")),
    (Sort.LOSS, ("realisationsforlust", "realisationsforlust-finansiell")),
    (Sort.UNREALISED, ("orealiserad-vinst", "orealiserad-forlust")),
    (Sort.FINANCIAL, ("finansiella-intakter", "finansiella-kostnader")),
    (Sort.INCOME, ("intakt",)),
    (Sort.EXPENSE, ("kostnad",)),
)  # fmt: skip
"""What accounts are to an event, the finer before what they are below."""

Sorts = frozenset[Sort]


def _some(*sorts: Sort) -> Sorts:
    return frozenset(sorts)


COSTS = _some(Sort.COST, Sort.KEPT, Sort.UNFINISHED)
TANGIBLE = COSTS | {Sort.DISPOSED, Sort.ACCUMULATED, Sort.WRITTEN_DOWN}
HOLDINGS = _some(Sort.SHARES, Sort.SHARES_DOWN)
LOANS = _some(Sort.LOAN, Sort.SHORT_LOAN)
LENDINGS = _some(Sort.LENT, Sort.SHORT_LENT)
ASSETS = TANGIBLE | HOLDINGS | {Sort.LENT, Sort.INFRASTRUCTURE}
TRACKED = ASSETS | LOANS | LENDINGS | {Sort.EQUITY, Sort.PROVISION, Sort.GRANT}
"""What a posting must have an event on."""
CASH = _some(Sort.MONEY, Sort.SECURITIES)
FOLLOWED = _some(Sort.DUE, Sort.OWED)
PAYERS = CASH | FOLLOWED | {Sort.CURRENT}
RESULT = _some(
    Sort.DEPRECIATION, Sort.WRITE_DOWN, Sort.GAIN, Sort.LOSS, Sort.UNREALISED, Sort.FINANCIAL, Sort.INCOME, Sort.EXPENSE
)  # fmt: skip
DISTINCT = TRACKED | {Sort.GAIN, Sort.LOSS, Sort.UNREALISED}
"""What a voucher has a row on that has events at all."""

PAID = frozenset(
    {
        Event.PURCHASE, Event.SALE, Event.NEW_LOAN, Event.AMORTISATION, Event.LENDING, Event.REPAYMENT, Event.PAYMENT,
        Event.GRANT_RECEIVED, Event.GRANT_REPAID, Event.CAPITAL, Event.TAKE_OVER,
    }
)  # fmt: skip
"""The events that are money, now or when what is due is settled; the rows of any other come to nothing."""

OF_CAPITAL = ("kassa", "internbank", "placeringar", "kundfordringar", "ovriga-fordringar", "ovriga-skulder")
"""What capital is paid by, or is to be paid by."""

FITTING: dict[Event, Sorts] = {
    Event.PURCHASE: TANGIBLE | HOLDINGS | {Sort.INFRASTRUCTURE},
    Event.SALE: TANGIBLE | HOLDINGS,
    Event.DISPOSAL: TANGIBLE | HOLDINGS,
    Event.DEPRECIATION: _some(Sort.COST, Sort.ACCUMULATED),
    Event.WRITE_DOWN: TANGIBLE | HOLDINGS | LENDINGS,
    Event.REVERSAL: TANGIBLE | HOLDINGS | LENDINGS,
    Event.NEW_LOAN: LOANS,
    Event.AMORTISATION: LOANS,
    Event.SHORT_PART: LOANS | LENDINGS,
    Event.REFINANCING: LOANS,
    Event.LENDING: LENDINGS,
    Event.REPAYMENT: LENDINGS,
    Event.PROVIDED: _some(Sort.PROVISION),
    Event.INDEXATION: _some(Sort.PROVISION) | LOANS | LENDINGS,
    Event.PAYMENT: _some(Sort.PROVISION),
    Event.RELEASE: LOANS | {Sort.PROVISION, Sort.INFRASTRUCTURE},
    Event.GRANT_RECEIVED: _some(Sort.GRANT, Sort.UNFINISHED),
    Event.GRANT_RELEASED: _some(Sort.GRANT),
    Event.GRANT_REPAID: _some(Sort.GRANT),
    Event.CAPITAL: _some(Sort.EQUITY),
    Event.WITHIN: _some(Sort.EQUITY, Sort.PROVISION, Sort.GRANT),
    Event.REVALUATION: HOLDINGS,
    Event.TRANSFER: ASSETS | LOANS | {Sort.PROVISION},
    Event.TAKE_OVER: TRACKED,
    Event.ADJUSTMENT: TRACKED,
}
"""What each event can happen to, which is what `handelse` on a voucher may say; what opens the books says its day."""

EVENT = "handelse"
"""The metadata in which a voucher says what has happened, where its accounts do not tell; several with commas."""
FOR_MONEY, AS_PAYMENT = "mot-likvid", "utbetalning"
"""How a provision is taken over that somebody pays for, and handed over with what is paid for it."""

OF_PROVISIONS = {
    "Grundbelopp": Event.PROVIDED,
    "Nyintjänad": Event.PROVIDED,
    "Löneskatt": Event.PROVIDED,
    "Index": Event.INDEXATION,
    "Ränta": Event.INDEXATION,
    "Utbetalning": Event.PAYMENT,
    "Använd": Event.PAYMENT,
    "Betald-löneskatt": Event.PAYMENT,
    "Upplösning": Event.RELEASE,
    "Övertagen": Event.TAKE_OVER,
    "Överlåten": Event.TAKE_OVER,
}
"""What moves on the accounts of a provision's kinds, by their names."""


class EventRow(NamedTuple):
    """A row of a voucher: debit plus."""

    account: str
    slag: Slag
    amount: Decimal


class Share(NamedTuple):
    """What of a row is of an event.

    `of` is the class of what is bought or sold, on a row that is not of it itself, or how what is taken over is paid.
    """

    row: int
    event: Event
    amount: Decimal
    of: str = ""

    @property
    def word(self) -> str:
        """What statements call it: `forvarv` of an asset, `forvarv-materiella` of the debt by which it was bought."""
        return f"{self.event}-{self.of}" if self.of else self.event.value


@cache
def sort_of(slag: Slag) -> Sort:
    """Return what an account is to an event."""
    return next((kind for kind, words in _SORTS if slag.within(*words)), Sort.OTHER)


@cache
def _class_of(slag: Slag) -> str:
    return next((word for word in CLASSES if slag.within(word)), "")


@cache
def _group_of(slag: Slag) -> str:
    return next((word for word in GROUPS if slag.within(word)), _class_of(slag))


def events_of(
    rows: Sequence[EventRow],
    *,
    opens: bool = False,
    adjusts: bool = False,
    corrects: bool = False,
    renewed: Collection[str] = (),
    said: Sequence[Event] = (),
) -> list[Share]:
    """Return what the rows of a booking are parts of; what tells of no event is in none.

    `opens`: it is an opening balance. `adjusts`: it may be a change of principle, which adjusts equity on the first day
    of a year. `corrects`: it corrects another. `renewed`: the accounts of loans that are taken or renewed on its day.
    `said`: what its `handelse` says.
    """
    if opens:
        return [Share(place, Event.OPENING, row.amount) for place, row in enumerate(rows)]
    sorting = _Sorting(rows, adjusts, corrects, renewed)
    sorting.sort(said)
    merged: dict[tuple[int, Event, str], Decimal] = defaultdict(Decimal)
    for place, event, amount, of in sorting.parts:
        merged[place, event, of] += amount
    return [Share(place, event, amount, of) for (place, event, of), amount in merged.items()]


@dataclass
class _Sorting:
    """A booking whose rows are taken apart, pair by pair, until nothing more is told."""

    rows: Sequence[EventRow]
    adjusts: bool
    corrects: bool
    renewed: Collection[str] = ()
    parts: list[Share] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.kinds = [sort_of(row.slag) for row in self.rows]
        self.left = [row.amount for row in self.rows]

    def sort(self, said: Sequence[Event]) -> None:
        for event in said:
            self._said(event)
        self._equity()
        self._depreciation()
        self._transfers()
        self._disposals()
        self._holdings()
        self._infrastructure()
        self._purchases()
        self._provisions()
        self._loans()
        self._lent()
        self._grants()
        self._pair({Sort.SECURITIES}, {Sort.UNREALISED}, Event.REVALUATION)
        self._pair({Sort.UNREALISED, Sort.WRITE_DOWN}, {Sort.SECURITIES}, Event.REVALUATION)
        self._unpaid()

    # What rows there are

    def _places(self, kinds: Sorts | set[Sort], sign: int = 0) -> list[int]:
        """Return the rows of some kinds of which something is left, on one side where a sign is given."""
        return [
            place
            for place, kind in enumerate(self.kinds)
            if kind in kinds and (self.left[place] * sign > 0 if sign else self.left[place])
        ]

    def _total(self, places: Sequence[int]) -> Decimal:
        return sum((self.left[place] for place in places), ZERO)

    def _take(self, place: int, event: Event, amount: Decimal | None = None, of: str = "") -> None:
        """Let what is left of a row, or so much of it, be of an event."""
        amount = self.left[place] if amount is None else amount
        if amount:
            self.left[place] -= amount
            self.parts.append(Share(place, event, amount, of))

    def _take_all(self, places: Sequence[int], event: Event, of: str = "") -> None:
        for place in places:
            self._take(place, event, of=of)

    def _pair(
        self,
        debits: Sorts | set[Sort],
        credits: Sorts | set[Sort],
        event: Event,
        *,
        exactly: bool = False,
        at_most: Decimal | None = None,
        of: Callable[[int, int], tuple[str, str]] = lambda debit, credit: ("", ""),
    ) -> None:
        """Let rows that stand against each other be of an event; those of equal amounts first."""
        room = at_most
        for same in (True,) if exactly else (True, False):
            for debit, credit in self._opposites(debits, credits):
                amount = min(self.left[debit], -self.left[credit])
                if amount <= 0 or (same and self.left[debit] != -self.left[credit]):
                    continue
                if room is not None:
                    amount = min(amount, room)
                    room -= amount
                of_debit, of_credit = of(debit, credit)
                self._take(debit, event, amount, of_debit)
                self._take(credit, event, -amount, of_credit)

    def _opposites(self, debits: Sorts | set[Sort], credits: Sorts | set[Sort]) -> Iterator[tuple[int, int]]:
        for debit in self._places(debits, 1):
            for credit in self._places(credits, -1):
                yield debit, credit

    # What is said

    def _said(self, event: Event) -> None:
        """Let the rows that an event can happen to be of it, and what stands against them where it is no money."""
        own = self._places(FITTING.get(event, frozenset()))
        own_kinds = {self.kinds[place] for place in own}
        if event in PAID:
            if event is Event.SALE:
                self._sell(own, self._result_of_sale(own), event)
            elif event is Event.TAKE_OVER:
                self._take_over(own)
            else:
                self._take_all(own, event)
            return
        others = RESULT | {Sort.SECURITIES, Sort.CURRENT, Sort.DUE, Sort.OWED, Sort.EQUITY, Sort.CLOSING} | TRACKED
        self._pair(own_kinds, own_kinds, event)
        self._pair(own_kinds, others - own_kinds, event)
        self._pair(others - own_kinds, own_kinds, event)

    # Equity

    def _equity(self) -> None:
        equity = _some(Sort.EQUITY)
        self._pair(equity, equity, Event.WITHIN)
        self._pair(equity, {Sort.CLOSING}, Event.WITHIN)
        self._pair({Sort.CLOSING}, equity, Event.WITHIN)
        own = self._places(equity)
        others = [place for place, left in enumerate(self.left) if left and place not in own]
        kinds = {self.kinds[place] for place in others}
        # Of a result that is booked against equity nobody can say what it is.
        if not own or not others or kinds & RESULT:
            return
        if all(self.rows[place].slag.within(*OF_CAPITAL) for place in others):
            self._take_all(own, Event.CAPITAL)
        elif self.adjusts and not kinds & CASH and not self._total([*own, *others]):
            self._take_all([*own, *others], Event.ADJUSTMENT)
        elif kinds & TRACKED:
            self._take_all([*own, *(place for place in others if self.kinds[place] is not Sort.MONEY)], Event.TAKE_OVER)

    # Fixed assets

    def _depreciation(self) -> None:
        own = _some(Sort.ACCUMULATED)
        self._pair({Sort.DEPRECIATION}, own, Event.DEPRECIATION)
        self._pair({Sort.WRITE_DOWN, Sort.DEPRECIATION}, {Sort.WRITTEN_DOWN}, Event.WRITE_DOWN)
        self._pair({Sort.WRITE_DOWN}, TANGIBLE, Event.WRITE_DOWN)
        self._pair({Sort.WRITTEN_DOWN}, {Sort.WRITE_DOWN, Sort.DEPRECIATION}, Event.REVERSAL)
        self._pair(TANGIBLE, {Sort.WRITE_DOWN}, Event.REVERSAL)
        self._pair(own, {Sort.DEPRECIATION}, Event.DEPRECIATION)

    def _transfers(self) -> None:
        """From an account to another, unit to unit, unfinished plant to what it has become."""
        for kinds in (COSTS | {Sort.DISPOSED}, {Sort.ACCUMULATED}, {Sort.WRITTEN_DOWN}, HOLDINGS):
            self._pair(kinds, kinds, Event.TRANSFER, exactly=True)
        self._pair({Sort.COST, Sort.KEPT}, {Sort.UNFINISHED}, Event.TRANSFER)
        if self._places(PAYERS | LOANS | {Sort.GAIN, Sort.INCOME}) or not self._places(COSTS, 1):
            return
        # What is written as an asset that is disposed of, and another of what is left, is worth less and no more.
        if self._places(TANGIBLE, -1) and self._total(self._places(TANGIBLE)) <= 0:
            self._pair({Sort.LOSS, Sort.DEPRECIATION}, COSTS | {Sort.DISPOSED}, Event.WRITE_DOWN)
        if not self._places(RESULT) and self._total(places := self._places(TANGIBLE)) == 0:
            self._take_all(places, Event.TRANSFER)

    def _disposals(self) -> None:
        """What leaves the accounts of a group, with the price that it got, or none."""
        groups: dict[str, list[int]] = defaultdict(list)
        for place in self._places(TANGIBLE | {Sort.SHARES, Sort.SHARES_DOWN}):
            groups[_group_of(self.rows[place].slag)].append(place)
        leaving = [place for own in groups.values() for place in self._leaving(own)]
        if leaving:
            result = self._result_of_sale(leaving)
            self._sell(leaving, result, Event.SALE if self._total([*leaving, *result]) else Event.DISPOSAL)
        elif self._places(CASH | {Sort.DUE}, 1) and not self._places({Sort.SECURITIES}, -1):
            # What is held for less than a year is no fixed asset, whatever it is sold above its worth for.
            for place in self._places({Sort.GAIN}, -1):
                financial = self.rows[place].slag.within("realisationsvinst-finansiell")
                self._take(place, Event.SALE, of="finansiella" if financial else "materiella")

    def _leaving(self, own: Sequence[int]) -> list[int]:
        """Return the rows of a group that dispose of something; a credit note lowers a cost and leaves the rest."""
        costs = [place for place in own if self.kinds[place] in COSTS | HOLDINGS and self.left[place] < 0]
        back = [place for place in own if self.kinds[place] in {Sort.ACCUMULATED, Sort.WRITTEN_DOWN, Sort.SHARES_DOWN}]
        back = [place for place in back if self.left[place] > 0]
        disposed = [place for place in own if self.kinds[place] is Sort.DISPOSED]
        is_paid = bool(self._places(CASH | {Sort.DUE}, 1)) and not self._places({Sort.OWED}, 1)
        keeps = any(self.kinds[place] in {Sort.KEPT, Sort.SHARES} for place in costs)
        told = back or self._places({Sort.GAIN, Sort.LOSS}) or self._places({Sort.DUE}, 1) or (keeps and is_paid)
        if disposed:
            # A disposal that is taken back has all its signs reversed.
            turned = self._total(disposed) > 0
            return [place for place in own if place in disposed or place in costs or place in back or turned]
        return [*costs, *back] if costs and told else []

    def _result_of_sale(self, leaving: Sequence[int]) -> list[int]:
        """Return the rows of the result that are the gain or loss of what leaves."""
        financial = any(self.kinds[place] in HOLDINGS for place in leaving)
        is_paid = bool(self._places(PAYERS | COSTS, 1))
        for kinds, sign in (
            ({Sort.GAIN, Sort.LOSS}, 0),
            (
                {Sort.FINANCIAL, Sort.UNREALISED} if financial else {Sort.DEPRECIATION, Sort.WRITE_DOWN},
                0,
            ),
            ({Sort.INCOME} if is_paid else {Sort.EXPENSE}, -1 if is_paid else 1),
        ):
            if places := self._places(kinds, sign):
                return places
        return []

    def _sell(self, leaving: Sequence[int], result: Sequence[int], event: Event) -> None:
        of = _class_of(self.rows[leaving[0]].slag) if leaving else ""
        self._take_all(leaving, event)
        self._take_all(result, event, of)

    def _holdings(self) -> None:
        """Shares that change their worth."""
        worth = {Sort.FINANCIAL, Sort.UNREALISED, Sort.WRITE_DOWN, Sort.DEPRECIATION}
        if not self._places(CASH | FOLLOWED, 1):
            self._pair(worth, HOLDINGS, Event.WRITE_DOWN)
        if not self._places(CASH | FOLLOWED, -1):
            self._pair({Sort.SHARES_DOWN}, worth, Event.REVERSAL)
            self._pair({Sort.SHARES}, {Sort.WRITE_DOWN}, Event.REVERSAL)
            self._pair({Sort.SHARES}, worth, Event.REVALUATION)

    def _infrastructure(self) -> None:
        own = _some(Sort.INFRASTRUCTURE)
        self._pair(own, {Sort.PROVISION}, Event.PROVIDED)
        self._pair(RESULT, own, Event.RELEASE)
        if self._places(PAYERS | LOANS, -1):
            self._take_all(self._places(own, 1), Event.PURCHASE)

    def _purchases(self) -> None:
        bought = self._places(COSTS | {Sort.SHARES}, 1)
        if bought and not self._is_given():
            gross = {_group_of(self.rows[place].slag) for place in bought}
            taken = self._places({Sort.ACCUMULATED, Sort.WRITTEN_DOWN}, -1)
            # What is bought with its history has the seller's depreciation too.
            taken = [place for place in taken if _group_of(self.rows[place].slag) in gross]
            paid = -self._total(self._places(PAYERS | RESULT, -1))
            unpaid = self._total([*bought, *taken]) - paid
            if unpaid > 0:
                self._pair(
                    COSTS | {Sort.SHARES},
                    LOANS | {Sort.PROVISION, Sort.GRANT},
                    Event.PURCHASE,
                    at_most=unpaid,
                    of=lambda debit, credit: ("", _class_of(self.rows[debit].slag)),
                )
            self._take_all(self._places(COSTS | {Sort.SHARES}, 1), Event.PURCHASE)
            self._take_all(taken, Event.PURCHASE)
        if self._places(PAYERS, 1):
            self._take_all(self._places(COSTS | {Sort.SHARES}, -1), Event.PURCHASE)
        elif self.corrects:
            self._take_all(self._places(COSTS, -1), Event.PURCHASE)
        self._pair({Sort.DEPRECIATION}, {Sort.COST}, Event.DEPRECIATION)
        self._pair(
            RESULT, COSTS, Event.DISPOSAL, of=lambda debit, credit: (_class_of(self.rows[credit].slag), "")
        )  # fmt: skip

    def _is_given(self) -> bool:
        """Tell whether nothing but income stands against what comes: given, or made by the federation itself."""
        against = {self.kinds[place] for place, left in enumerate(self.left) if left < 0}
        return against == {Sort.INCOME} and not self.corrects

    # Provisions

    def _provisions(self) -> None:
        own = _some(Sort.PROVISION)
        self._pair(own, own, Event.WITHIN)
        for debit, credit in [*self._opposites(RESULT, own)]:
            amount = min(self.left[debit], -self.left[credit])
            if amount > 0:
                interest = self.kinds[debit] is Sort.FINANCIAL or self._named(credit) is Event.INDEXATION
                event = Event.INDEXATION if interest else Event.PROVIDED
                self._take(debit, event, amount)
                self._take(credit, event, -amount)
        for debit, credit in [*self._opposites(own, RESULT)]:
            amount = min(self.left[debit], -self.left[credit])
            event = named if (named := self._named(debit)) in (Event.INDEXATION, Event.PROVIDED) else Event.RELEASE
            if amount > 0:
                self._take(debit, event, amount)
                self._take(credit, event, -amount)
        self._pair(own, LOANS, Event.TRANSFER)
        if self._places(PAYERS, -1):
            for place in self._places(own, 1):
                handed = self._named(place) is Event.TAKE_OVER
                self._take(place, Event.TAKE_OVER, of=AS_PAYMENT) if handed else self._take(place, Event.PAYMENT)
        for place in self._places(own, -1):
            if self._places(CASH | {Sort.DUE}, 1):
                paid_back = self._named(place) is Event.PAYMENT or self.corrects
                self._take(place, Event.PAYMENT) if paid_back else self._take_over([place])
        self._pair({Sort.OWED, Sort.CURRENT}, own, Event.TRANSFER)

    def _take_over(self, places: Sequence[int]) -> None:
        """Let rows be taken over; of a provision that is paid for it is told, since money comes with it."""
        is_paid = bool(self._places(CASH | {Sort.DUE}, 1))
        for place in places:
            self._take(place, Event.TAKE_OVER, of=FOR_MONEY if is_paid and self.kinds[place] is Sort.PROVISION else "")

    def _named(self, place: int) -> Event | None:
        """Return what the account of a provision's kind says by its name."""
        return OF_PROVISIONS.get(self.rows[place].account.rsplit(":", 1)[-1])

    # Loans, taken and given

    def _loans(self) -> None:
        both = self._places(LOANS, 1) and self._places(LOANS, -1)
        if both:
            for debit, credit in [*self._opposites(LOANS, PAYERS)]:
                if self.left[debit] == -self.left[credit] and self.kinds[credit] in CASH:
                    self._take(debit, Event.AMORTISATION)
                    self._mark(credit)
            for debit, credit in [*self._opposites(PAYERS, LOANS)]:
                if self.left[debit] == -self.left[credit] and self.kinds[debit] in CASH:
                    self._take(credit, Event.NEW_LOAN)
                    self._mark(debit)
        for debit, credit in [*self._opposites({Sort.SHORT_LOAN}, {Sort.LOAN})]:
            amount = min(self.left[debit], -self.left[credit])
            is_other = self.rows[credit].account in self.renewed or self._are_of_two_loans(debit, credit)
            if amount > 0 and is_other:
                self._take(debit, Event.REFINANCING, amount)
                self._take(credit, Event.REFINANCING, -amount)
        self._pair({Sort.LOAN}, {Sort.SHORT_LOAN}, Event.SHORT_PART)
        self._pair({Sort.SHORT_LOAN}, {Sort.LOAN}, Event.SHORT_PART)
        self._pair(LOANS, LOANS, Event.REFINANCING)
        if self._places(CASH | {Sort.DUE}, 1):
            self._take_all(self._places(LOANS, -1), Event.NEW_LOAN)
        if self._places(CASH | FOLLOWED, -1):
            self._take_all(self._places(LOANS, 1), Event.AMORTISATION)
        self._pair({Sort.FINANCIAL}, LOANS, Event.INDEXATION)
        self._pair(LOANS, {Sort.FINANCIAL, Sort.INCOME}, Event.RELEASE)
        self._pair({Sort.OWED, Sort.CURRENT}, LOANS, Event.TRANSFER)
        self._pair(LOANS, {Sort.CURRENT}, Event.TRANSFER)

    def _are_of_two_loans(self, one: int, other: int) -> bool:
        """Tell whether two accounts have details that are not the same, each its loan's."""
        details = [self.rows[place].account.split(":")[3:] for place in (one, other)]
        return all(details) and details[0] != details[1]

    def _mark(self, place: int) -> None:
        """Let a row of money stand against nothing more."""
        self.left[place] = ZERO

    def _lent(self) -> None:
        own = LENDINGS
        self._pair({Sort.SHORT_LENT}, {Sort.LENT}, Event.SHORT_PART)
        self._pair({Sort.LENT}, {Sort.SHORT_LENT}, Event.SHORT_PART)
        self._pair(own, own, Event.TRANSFER)
        # A unit that lends to another.
        self._pair(own, LOANS, Event.TRANSFER)
        self._pair(LOANS, own, Event.TRANSFER)
        self._pair({Sort.DUE}, own, Event.SHORT_PART)
        self._pair(own, {Sort.DUE}, Event.SHORT_PART)
        if self._places(CASH | {Sort.OWED}, -1):
            self._take_all(self._places(own, 1), Event.LENDING)
        if self._places(CASH, 1):
            self._take_all(self._places(own, -1), Event.REPAYMENT)
        self._pair(own, {Sort.WRITE_DOWN}, Event.REVERSAL)
        self._pair(own, {Sort.FINANCIAL}, Event.INDEXATION)
        self._pair(RESULT, own, Event.WRITE_DOWN)

    # Grants to investments

    def _grants(self) -> None:
        own = _some(Sort.GRANT)
        self._pair(own, own, Event.WITHIN)
        paid_back = bool(self._places(CASH | FOLLOWED, -1))
        if not paid_back:
            self._pair(own, RESULT, Event.GRANT_RELEASED)
        if self._places(CASH | FOLLOWED | {Sort.CURRENT}, 1) or self._places({Sort.INCOME}, 1):
            self._take_all(self._places(own, -1), Event.GRANT_RECEIVED)
        if paid_back:
            self._take_all(self._places(own, 1), Event.GRANT_REPAID)

    # What is not paid yet

    def _unpaid(self) -> None:
        """Let debts and claims by which an event was paid be of it, for the event's part of them."""
        totals: dict[tuple[Event, str], Decimal] = defaultdict(Decimal)
        for place, event, amount, of in self.parts:
            if event in PAID:
                kind = self.kinds[place]
                totals[event, of or (_class_of(self.rows[place].slag) if kind in ASSETS else "")] += amount
        for (event, of), total in totals.items():
            sign = -1 if total > 0 else 1
            payers = self._places(PAYERS, sign)
            followed = [place for place in payers if self.kinds[place] in FOLLOWED]
            due, all_paid = self._total(followed), self._total(payers)
            if not due or event is Event.TAKE_OVER:
                continue
            whole = min(abs(total) * due / all_paid, abs(due))
            taken = ZERO
            for place, until in self._until(followed):
                amount = rounded(whole * until / abs(due)) - taken
                taken += amount
                self._take(place, event, sign * amount, of)

    def _until(self, places: Sequence[int]) -> Iterator[tuple[int, Decimal]]:
        """Yield rows, each with what they come to so far."""
        so_far = ZERO
        for place in places:
            so_far += abs(self.left[place])
            yield place, so_far
