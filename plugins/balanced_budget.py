"""The balanced budget (balanskrav): what the board decides of a year's result, and deficits that are to be restored.

    2022-12-31 custom "underskott" 2022 750000.00 SEK
    2024-12-31 custom "balanskrav" "reservering" 400000.00 SEK
    2025-12-31 custom "balanskrav" "synnerliga-skal" 300000.00 SEK
      beslut: "Direktionen 2026-03-12 § 14: engångskostnad för saneringen"

A deficit by the balanced budget is restored within the three years after it (KL 11 kap. 12 §); those of the years in
the books are worked out from their results, `underskott` tells what is left of earlier ones when the books begin. What
is decided of a year is dated its last day:

    reservering, anvandning     to and from the reserve for equalising results (KL 11 kap. 14 §)
    vinst-undantag, forlust-undantag    gains on sales that count all the same, losses that do not (LKBR 11 kap. 2 §)
    synnerliga-skal             what of a deficit is not restored (KL 11 kap. 13 §)
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from beancount.core import data

from forbundsbok.plugins.books import Books
from forbundsbok.plugins.corrections import number_of
from forbundsbok.plugins.decisions import DECISION
from forbundsbok.plugins.directives import Field, Kind, one_of, positive_money, text, whole_number, wrong
from forbundsbok.plugins.events import Event, Sort, sort_of
from forbundsbok.plugins.findings import Finding, Subject
from forbundsbok.plugins.flows import SEES, flows
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.money import ZERO, rounded
from forbundsbok.plugins.roles import Role
from forbundsbok.plugins.rulebook import EVERY, Sees, rule, unreadable
from forbundsbok.plugins.years import last_day_of_year

YEARS = 3
"""Within how many years after it a deficit is to be restored (KL 11 kap. 12 §)."""

RESERVED, USED, GAIN, LOSS, REASONS = DECIDED = (
    "reservering",
    "anvandning",
    "vinst-undantag",
    "forlust-undantag",
    "synnerliga-skal",
)

SALES = ("forsaljning-immateriella", "forsaljning-materiella", "forsaljning-finansiella")
"""The events whose gains the result by the balanced budget leaves out."""

UNREALISED = ("orealiserad-vinst", "orealiserad-forlust")
"""The kinds of account of what securities have become worth."""

RESERVES = ("resultatutjamningsreserv", "resultatreserv")
"""The kinds of account of the reserves."""


class Deficit(NamedTuple):
    """What is left of a year's deficit when the books begin, in kronor."""

    year: int
    amount: Decimal
    entry: data.Custom


class Decision(NamedTuple):
    """What is decided of a year's result, in kronor."""

    year: int
    kind: str
    amount: Decimal
    entry: data.Custom


@dataclass(frozen=True)
class Remaining:
    """What is left of a year's deficit after a later year, and what that year has restored of it (kronor)."""

    year: int
    restored: Decimal
    left: Decimal


def _last_day(entry: data.Custom, given: Any) -> None:
    if entry.date != last_day_of_year(entry.date.year):
        raise wrong(N_("it is dated {day}, and not the last day of the year that it is of"), day=entry.date)


DEFICIT = Kind(
    "underskott",
    values=(Field(N_("year"), whole_number(1900, 9999)), Field(N_("amount"), positive_money)),
    make=lambda entry, given: Deficit(given["year"], given["amount"], entry),
    example='2022-12-31 custom "underskott" 2022 750000.00 SEK',
)

DECISION_OF_RESULT = Kind(
    "balanskrav",
    values=(Field(N_("kind"), one_of(*DECIDED)), Field(N_("amount"), positive_money)),
    meta=(Field(DECISION, text, required=False),),
    make=lambda entry, given: Decision(entry.date.year, given["kind"], given["amount"], entry),
    check=_last_day,
    example='2024-12-31 custom "balanskrav" "reservering" 400000.00 SEK',
    yearly=True,
)


def read_deficits(entries: Iterable[data.Directive]) -> list[Deficit]:
    """Return what is left of the deficits of the years before the books."""
    return DEFICIT.read_all(entries)


def read_decisions(entries: Iterable[data.Directive]) -> list[Decision]:
    """Return what is decided of the years' results."""
    return DECISION_OF_RESULT.read_all(entries)


def restored(deficits: Mapping[int, Decimal], results: Mapping[int, Decimal], year: int) -> list[Remaining]:
    """Return the deficits that stood when a year began, the oldest first, with what it restores and what is left.

    `deficits`: what was left of each earlier year when the books began; `results`: the year's result by the balanced
    budget of every year of the books, what has synnerliga skäl taken out of it (kronor). A surplus restores the oldest
    first.
    """
    left = dict(deficits)
    told: list[Remaining] = []
    for each in sorted(own for own in results if own <= year):
        free = max(ZERO, results[each])
        told = []
        for old in sorted(old for old, amount in left.items() if amount and old < each):
            part = min(free, left[old])
            free, left[old] = free - part, left[old] - part
            told.append(Remaining(old, part, left[old]))
        if results[each] < 0:
            left[each] = left.get(each, ZERO) - results[each]
    return told


class Realised(NamedTuple):
    """What of earlier changes of value a sale of securities realises: kronor, a gain more than nothing."""

    entry: data.Transaction
    account: str
    amount: Decimal


def realised(books: Books) -> Iterator[Realised]:
    """Yield what sales realise of the changes of value that no result by the balanced budget has counted.

    Of securities held for less than a year: what is sold of a fixed asset is no result of the balanced budget at all.
    A sale takes its part of what the account has gained and lost, unless its voucher takes that back itself.
    """
    slag = books.roles.slag
    revalued: dict[tuple[int, str], Decimal] = defaultdict(lambda: ZERO)
    unrealised = {
        id(flow.entry)
        for flow in books.once(flows)
        if flow.event is Event.REVALUATION and sort_of(slag(flow.account)) is Sort.UNREALISED
    }
    for flow in books.once(flows):
        if flow.event is Event.REVALUATION and id(flow.entry) in unrealised:
            revalued[id(flow.entry), flow.account] += flow.amount
    for account in sorted({account for _, account in revalued if sort_of(slag(account)) is Sort.SECURITIES}):
        worth = gained = ZERO
        for entry in books.on_accounts([account]):
            changed = revalued[id(entry), account]
            moved = sum((number_of(row) for row in entry.postings if row.account == account), -changed)
            worth, gained = worth + changed, gained + changed
            if moved < 0 < worth and (part := rounded(gained * min(-moved / worth, Decimal(1)))):
                yield Realised(entry, account, part)
                gained -= part
            worth += moved


class YearsResult(NamedTuple):
    """What a year of the books comes to by the balanced budget, before its deficit is excused (kronor)."""

    gains: Decimal
    """What sales of assets, and of securities, have brought above what was sold."""
    losses: Decimal
    balance: Decimal


def results(books: Books) -> dict[int, YearsResult]:
    """Return what each year with bokslut comes to: its result without gains and changes of value, as is decided."""
    result: dict[int, Decimal] = defaultdict(Decimal)
    unrealised: dict[int, Decimal] = defaultdict(Decimal)
    gains: dict[int, Decimal] = defaultdict(Decimal)
    losses: dict[int, Decimal] = defaultdict(Decimal)
    for account in books.postings:
        if books.roles.has(account, Role.INCOME, Role.COSTS):
            for year, number in books.movements(account).items():
                result[year] -= number or ZERO
                if books.roles.has(account, *UNREALISED):
                    unrealised[year] -= number or ZERO
    for flow in books.once(flows):
        if flow.word in SALES and not books.roles.has(flow.account, *UNREALISED):
            if books.roles.has(flow.account, Role.INCOME):
                gains[flow.entry.date.year] -= flow.amount
            elif books.roles.has(flow.account, Role.COSTS):
                losses[flow.entry.date.year] += flow.amount
    for each in realised(books):
        unrealised[each.entry.date.year] -= each.amount
    moves: dict[int, Decimal] = defaultdict(Decimal)
    for decision in books.declared(DECISION_OF_RESULT):
        if decision.kind != REASONS:
            moves[decision.year] += -decision.amount if decision.kind == RESERVED else decision.amount
    return {
        year: YearsResult(gains[year], losses[year], result[year] - gains[year] - unrealised[year] + moves[year])
        for year in books.boksluts
    }


def _excused(books: Books, year: int) -> Decimal:
    """Return what of a year's deficit the board has found reasons not to restore."""
    told = (each for each in books.declared(DECISION_OF_RESULT) if (each.year, each.kind) == (year, REASONS))
    return sum((each.amount for each in told), ZERO)


def _remaining(books: Books) -> dict[int, list[Remaining]]:
    """Return, for each year with bokslut, the deficits that stood when it began, and what of them is left."""
    began = {each.year: each.amount for each in books.declared(DEFICIT)}
    if not began and len(books.boksluts) <= YEARS and not books.declared(DECISION_OF_RESULT):
        return {}  # none is of a year so long ago, and nothing is put aside: what sales have brought need not be asked
    counted = {}
    for year, each in books.once(results).items():
        excused = _excused(books, year) if each.balance < 0 else ZERO
        counted[year] = min(ZERO, each.balance + excused) if each.balance < 0 else each.balance
    return {year: restored(began, counted, year) for year in counted}


unreadable(
    "N121",
    DEFICIT,
    title=N_("A deficit to restore has its year and what is left of it."),
    why=N_("KL 11 kap. 12 §: it is restored within three years, and until then the report tells what remains."),
    module=__name__,
)
unreadable(
    "N122",
    DECISION_OF_RESULT,
    title=N_("What is decided of a year's result by the balanced budget is of a kind that the law has."),
    why=N_("KL 11 kap. 12-14 §§, LKBR 11 kap.: the inquiry into the balanced budget has a row for each of them."),
    module=__name__,
)


@rule(
    "N123",
    title=N_("A deficit to restore is of a year before the books, and told once."),
    why=N_("Those of the years in the books are worked out: told besides, they would count twice."),
    mend=N_("Take the directive away."),
    after=["N121"],
)
def earlier_deficit(books: Books) -> Iterator[Finding]:
    first: dict[int, Deficit] = {}
    for each in books.declared(DEFICIT):
        other = first.setdefault(each.year, each)
        values = {"year": each.year, "other": other.entry, "first": books.first_year}
        if other is not each:
            message = N_("The deficit of {year} is told already, at {other}: one of the two must go.")
        elif each.year >= books.first_year > date.min.year:
            message = N_("{year} is a year of the books: its deficit is worked out from its result.")
        else:
            continue
        yield Finding(each.entry, Subject("deficit", str(each.year)), message, values)


@rule(
    "N124",
    title=N_("What is put to the reserve, or used of it, is what its account moves by."),
    why=N_("The inquiry into the balanced budget and the note of equity tell the same decision."),
    mend=N_("Move the amount within equity on the last day of the year, or put the directive right."),
    after=["N122"],
    sees=Sees(roles=RESERVES),
)
def reserve_moves(books: Books) -> Iterator[Finding]:
    decided: dict[int, Decimal] = defaultdict(lambda: ZERO)
    said: dict[int, data.Custom] = {}
    for each in books.declared(DECISION_OF_RESULT):
        if each.kind in (RESERVED, USED):
            decided[each.year] += each.amount if each.kind == RESERVED else -each.amount
            said.setdefault(each.year, each.entry)
    moved: dict[int, Decimal] = defaultdict(lambda: ZERO)
    last: dict[int, data.Transaction] = {}
    for entry in books.having(*RESERVES):
        if entry.date.year < books.first_year:
            continue
        last[entry.date.year] = entry
        for account, number in books.rows(entry):
            if books.roles.has(account, *RESERVES):
                moved[entry.date.year] -= number
    unread = {entry.date.year for entry, _ in books.unread(DECISION_OF_RESULT)}
    for year in sorted({*decided, *(year for year, amount in moved.items() if amount)}):
        blamed = said.get(year) or last.get(year)
        if moved[year] != decided[year] and year not in unread and (year in books.boksluts or year in last):
            message = N_(
                "{year}: the reserve moves by {moved} kr, but what is decided of it (balanskrav) is {decided} kr."
            )
            values = {"year": year, "moved": moved[year], "decided": decided[year]}
            yield Finding(blamed, Subject("balanskrav", str(year), year), message, values)


@rule(
    "N125",
    title=N_("What is decided of a result is told once for each kind, and who decided it."),
    why=N_("KL 11 kap. 13 §: synnerliga skäl are the board's to find."),
    mend=N_("Write beslut: and what the board decided, below the directive; add up two of a kind."),
    after=["N122"],
)
def decided_once(books: Books) -> Iterator[Finding]:
    first: dict[tuple[int, str], Decision] = {}
    for each in books.declared(DECISION_OF_RESULT):
        other = first.setdefault((each.year, each.kind), each)
        values = {"kind": each.kind, "year": each.year, "other": other.entry}
        if other is not each:
            message = N_("{kind} of {year} is told already, at {other}: one of the two must go.")
        elif each.kind == REASONS and not each.entry.meta.get(DECISION):
            message = N_("{kind} of {year} lacks what the board has decided: write beslut: below it.")
        else:
            continue
        yield Finding(each.entry, Subject("balanskrav", f"{each.kind} {each.year}", each.year), message, values)


@rule(
    "N126",
    title=N_("No more of a gain, a loss or a deficit is excepted than there is."),
    why=N_("LKBR 11 kap. 2 §, KL 11 kap. 13 §: what is excepted is a part of what the year has."),
    mend=N_("Put the amount right, or book the sale that it is of."),
    after=["N122", "N125"],
    sees=SEES,
)
def excepted_of_what_is(books: Books) -> Iterator[Finding]:
    texts = {
        GAIN: N_("{kind} of {year} is {amount} kr, but what is sold that year has brought a gain of {booked} kr."),
        LOSS: N_("{kind} of {year} is {amount} kr, but what is sold that year has brought a loss of {booked} kr."),
        REASONS: N_("{kind} of {year} is {amount} kr, but the deficit of the year is {booked} kr."),
    }
    for each in books.declared(DECISION_OF_RESULT):
        if each.kind not in texts or each.year not in books.boksluts:
            continue
        of = books.once(results)[each.year]
        booked = {GAIN: of.gains, LOSS: of.losses, REASONS: max(ZERO, -of.balance)}[each.kind]
        if each.amount > booked:
            values = {"kind": each.kind, "year": each.year, "amount": each.amount, "booked": booked}
            subject = Subject("balanskrav", f"{each.kind} {each.year}", each.year)
            yield Finding(each.entry, subject, texts[each.kind], values)


@rule(
    "N127",
    title=N_("A deficit is restored within the three years after it."),
    why=N_("KL 11 kap. 12 §: what is left then, the members have to answer for. A warning, since no voucher mends it."),
    mend=N_("Put the register right or, where it is so, acknowledge what the board has decided of it."),
    after=["N121", "N122", "N123", "N126"],
    sees=EVERY,
    warns=True,
)
def restored_in_time(books: Books) -> Iterator[Finding]:
    last = {year: entry for year, entry in books.boksluts.items() if not books.is_sealed(entry.date)}
    remaining = books.once(_remaining) if last else {}
    registered = {each.year: each.entry for each in books.declared(DEFICIT)}
    told = set[int]()
    for each in books.declared(DEFICIT):
        if each.year + YEARS < books.first_year and not books.is_sealed(each.entry.date):
            told.add(each.year)
            message = N_("The deficit of {of}, {left} kr, was to be restored by {term}, before the books begin.")
            values = {"left": each.amount, "of": each.year, "term": last_day_of_year(each.year + YEARS)}
            yield Finding(each.entry, Subject("deficit", str(each.year)), message, values)
    for year, bokslut in last.items():
        for old in remaining.get(year, ()):
            term = old.year + YEARS
            if old.left and term <= year and old.year not in told:
                told.add(old.year)
                message = N_(
                    "{left} kr of the deficit of {of} is not restored at the end of {year}: it was to be by {term}."
                )
                values = {"left": old.left, "of": old.year, "year": year, "term": last_day_of_year(term)}
                at = registered.get(old.year, bokslut)
                yield Finding(at, Subject("deficit", str(old.year)), message, values)


@rule(
    "N128",
    title=N_("Deficits are restored before anything is put to the reserve."),
    why=N_("KL 11 kap. 14 §: the reserve is of what is left of a surplus when what is to be restored is."),
    mend=N_("Take the reservation back, in the directive and in the voucher that moves it within equity."),
    after=["N121", "N122", "N123", "N124", "N126"],
    sees=EVERY,
    warns=True,
)
def restored_before_reserved(books: Books) -> Iterator[Finding]:
    for each in books.declared(DECISION_OF_RESULT):
        if each.kind != RESERVED or books.is_sealed(each.entry.date):
            continue
        left = [old for old in books.once(_remaining).get(each.year, ()) if old.left]
        if left:
            message = N_(
                "{amount} kr is put to the reserve of {year}, but {left} kr of the deficits of {of} is not restored."
            )
            values = {
                "amount": each.amount,
                "year": each.year,
                "left": sum((old.left for old in left), ZERO),
                "of": [old.year for old in left],
            }
            subject = Subject("balanskrav", f"{each.kind} {each.year}", each.year)
            yield Finding(each.entry, subject, message, values)
