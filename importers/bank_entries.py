"""What a bank has booked, entry by entry: how it is known again, and which payments it is.

    2025-03-14 * "Borås stad" "Inbetalning: Medlemsavgifter Navet kvartal 2" ^K-2025-0083
      ver: "I 12"
      bankref: "5490000000123"

An entry is known again by the bank's own reference (AcctSvcrRef), or, where the bank gives none, by the statement's
id and the entry's number in it (NtryRef) or else its position. A reference alone tells nothing: banks use one again,
on another day, or write the same for all. So an entry is that of a voucher with its reference where the amount agrees
too, and the day, or at least the voucher is of the days that are told of again. What remains is another entry: the
second of a statement is told apart by `/2`, one of another day by its day, `5490000000123 2025-04-14`.

Likeness never counts: two equal fees of one day are two fees. Only a bank that gives no references is known by day and
amount, each entry once; and what a notification and a statement both tell of, each by another reference, is the same
where nothing else of that day has its amount, or all that was notified of sums to it. A voucher that was written anew
of a notification keeps what the statement calls it, and has the other reference beside that (`aviseringsref`).
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import chain, count
from typing import NamedTuple

from beancount.core import data

from forbundsbok.importers.formats.camt import Detail, Entry
from forbundsbok.importers.payments import Payment, Remittance, change_of
from forbundsbok.plugins.imports import ALTERED, BANKREF, NOTICE
from forbundsbok.plugins.money import ZERO

_DATED = re.compile(r" \d{4}-\d\d-\d\d$", re.ASCII)
_AGAIN = re.compile(r"/\d{1,6}$", re.ASCII)
_ROW = re.compile(r"(?:^| )rad \d+$", re.ASCII)


class NamedEntry(NamedTuple):
    """A booked entry with what it is called: `reference` by the bank, `name` among those of its document."""

    reference: str
    name: str
    entry: Entry


def rows_of(statement_id: str, entries: Iterable[Entry]) -> Iterator[NamedEntry]:
    """Yield the entries of a statement that move money."""
    times: Counter[str] = Counter()
    for position, entry in enumerate(entries, 1):
        if is_information(entry):
            continue
        in_statement = f"{statement_id} {entry.in_statement or f'rad {position}'}"
        reference = entry.reference or in_statement.strip()
        times[reference] += 1
        again = f"/{times[reference]}" if times[reference] > 1 else ""
        yield NamedEntry(reference, f"{reference}{again}", entry)


def parties_in(rows: Iterable[NamedEntry]) -> Iterator[tuple[str, str]]:
    """Yield with whom each entry of one payment is, by each name that it may have; "" where that is not told."""
    for row in rows:
        payments = payments_of(row.entry)
        party = payments[0].other_party if len(payments) == 1 else ""
        for name in dict.fromkeys([row.name, row.reference]):
            yield name, party


def is_information(entry: Entry) -> bool:
    """Tell whether an entry moves nothing, such as one that tells of a new rate."""
    return not entry.amount and not any(detail.amount for detail in entry.details)


def references_of(entry: data.Transaction) -> list[str]:
    """Return what a voucher's movement is called: by the bank's statement, and by its notification where that differs.

    The first is that of the document which the voucher names.
    """
    return [entry.meta[key] for key in (NOTICE, BANKREF) if isinstance(entry.meta.get(key), str)]


def references_in(bankref: str) -> Iterator[str]:
    """Yield what the bank may call the entry of a voucher: its reference, without what tells it apart from others."""
    yield bankref
    undated = _DATED.sub("", bankref)
    yield from (each for each in (undated, _AGAIN.sub("", undated)) if each != bankref)


class KnownEntries:
    """The vouchers of what the bank has booked on an account, and the names that they have."""

    def __init__(self, existing: Iterable[data.Directive], account: str) -> None:
        self._account = account
        self.vouchers: list[data.Transaction] = []
        self._names: set[str] = set()
        for entry in existing:
            if isinstance(entry, data.Transaction) and isinstance(entry.meta.get(BANKREF), str):
                self.add(entry)

    def add(self, entry: data.Transaction) -> None:
        """Take in a voucher, where it is on the account."""
        if any(row.account == self._account for row in entry.postings):
            self.vouchers.append(entry)
            self._names.add(entry.meta[BANKREF])

    def found(
        self,
        rows: Sequence[NamedEntry],
        first: date,
        last: date,
        among: Callable[[data.Transaction], bool] = lambda _: True,
        is_told_otherwise: Callable[[data.Transaction], bool] = lambda _: False,
    ) -> list[data.Transaction | None]:
        """Return the voucher of each entry of some days, None for one that is new; each voucher is of one entry.

        Those that are told otherwise may have another reference than here.
        """
        days = [first, last, *(row.entry.day for row in rows)]
        told = (each for each in self.vouchers if min(days) <= each.date <= max(days))
        left = {id(each): each for each in told if among(each)}
        called: dict[str, list[data.Transaction]] = defaultdict(list)
        of_day: dict[tuple[date, Decimal], list[data.Transaction]] = defaultdict(list)
        for each in left.values():
            for name in chain.from_iterable(map(references_in, references_of(each))):
                called[name].append(each)
            of_day[each.date, self.amount(each)].append(each)
        found: list[data.Transaction | None] = [None] * len(rows)

        def take(fits: Callable[[NamedEntry], Iterable[data.Transaction]]) -> None:
            for position, row in enumerate(rows):
                if found[position] is None and (voucher := next((v for v in fits(row) if id(v) in left), None)):
                    found[position] = left.pop(id(voucher))

        def agrees(row: NamedEntry, voucher: data.Transaction) -> bool:
            return self.amount(voucher) == row.entry.amount

        def is_of_day(row: NamedEntry, voucher: data.Transaction) -> bool:
            return agrees(row, voucher) and voucher.date == row.entry.day

        take(lambda row: (v for v in called[row.name] if v.meta[BANKREF] == row.name and is_of_day(row, v)))
        take(lambda row: (v for v in called[row.reference] if is_of_day(row, v)))
        take(lambda row: (v for v in called[row.reference] if agrees(row, v) and first <= v.date <= last))
        take(lambda row: (v for v in called[row.reference] if ALTERED in v.meta and first <= v.date <= last))
        take(
            lambda row: (
                v
                for v in of_day[min(max(row.entry.day, first), last), row.entry.amount]
                if not row.entry.reference or any(map(_ROW.search, references_in(v.meta[BANKREF])))
            )
        )
        others: dict[tuple[date, bool], list[data.Transaction]] = defaultdict(list)
        for voucher in filter(is_told_otherwise, left.values()):
            others[voucher.date, self.amount(voucher) >= 0].append(voucher)
        missing = [row.entry for row, voucher in zip(rows, found, strict=True) if voucher is None]
        times = Counter((entry.day, entry.amount) for entry in missing)
        for position, row in enumerate(rows):
            if found[position] is None:
                alike = others[row.entry.day, row.entry.amount >= 0]
                same = [each for each in alike if agrees(row, each)]
                if len(same) == 1 and times[row.entry.day, row.entry.amount] == 1:
                    found[position] = same[0]
                    alike.remove(same[0])
                elif len(alike) > 1 and sum(map(self.amount, alike), ZERO) == row.entry.amount:
                    found[position] = alike[0]
                    alike.clear()
        return found

    def name(self, row: NamedEntry, day: date) -> str:
        """Return what a new entry is called, which no other is."""
        dated = (f"{row.reference}{f'/{number}' if number > 1 else ''} {day}" for number in count(1))
        name = next(each for each in chain([row.name], dated) if each not in self._names)
        self._names.add(name)
        return name

    def amount(self, voucher: data.Transaction) -> Decimal:
        """Return what a voucher moves on the account."""
        return change_of(voucher, self._account)


def payments_of(entry: Entry) -> tuple[Payment, ...]:
    """Return the payments of an entry: one for each detail, where their amounts are told and sum to it.

    Else it is one payment, with the details as its parts where all amounts are told.
    """
    own = tuple(each for each in (entry.reference, entry.in_statement, *entry.numbers) if each)
    whole = Payment(entry.amount, (), (), entry.message, "", own, entry.is_reversal)
    if not entry.details:
        return (whole,)
    amounts = [each.amount for each in entry.details if each.amount is not None]
    is_told = len(amounts) == len(entry.details)
    parts = tuple(_payment(each, each.amount or ZERO, whole) for each in entry.details) if is_told else ()
    if len(parts) > 1 and sum(amounts, ZERO) == entry.amount:
        return parts
    told = [_payment(each, entry.amount, whole) for each in entry.details]
    return (
        told[0]._replace(
            remittances=tuple(remittance for each in told for remittance in each.remittances),
            references=tuple(reference for each in told for reference in each.references),
            message=" ".join([*(each.message for each in entry.details), entry.message]),
            other_party=told[0].other_party if len(told) == 1 else "",
            own_references=own,
            parts=parts if sum(amounts, ZERO) != entry.amount else (),
            charges=entry.charges,
        ),
    )


def _payment(detail: Detail, number: Decimal, whole: Payment) -> Payment:
    references = tuple(each for each in detail.references if each not in whole.own_references)
    remittances = tuple(Remittance(*each) for each in detail.remittances)
    return whole._replace(
        amount=number,
        remittances=remittances,
        references=references,
        message=detail.message,
        other_party=detail.other_party,
        own_references=(),
    )
