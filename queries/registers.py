"""What registers tell statements, and no account does: commitments, decisions of a result, deficits, terms of loans.

    2024-01-15 custom "pant" "Fastighetsinteckning station Norr" 2000000.00 SEK

    registers.amounts("pant", Period(2024))         # [RegisterEntry(2024-01-15, "Fastighetsinteckning ...", 200000000)]
    registers.text("lan-ranta", ledger, mask, Period(2024), "sv")   # "2,52 %"

A register tells what holds at the end of a period; what is decided of a result, what is dated within it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

from beancount.core import data

from forbundsbok.plugins.assets import Asset, registered_assets
from forbundsbok.plugins.balanced_budget import (
    DECIDED,
    REASONS,
    YEARS,
    Decision,
    Deficit,
    Realised,
    read_decisions,
    read_deficits,
    realised,
    restored,
)
from forbundsbok.plugins.books import Books
from forbundsbok.plugins.commitments import (
    OTHER,
    PENSIONS,
    Commitment,
    Lease,
    read_leases,
    read_liabilities,
    read_pledges,
)
from forbundsbok.plugins.language import N_, tr, translation
from forbundsbok.plugins.loans import Loan, read_loans
from forbundsbok.plugins.money import ZERO, amount_text
from forbundsbok.plugins.months import MONTHS_A_YEAR, Month
from forbundsbok.plugins.years import last_day_of_year
from forbundsbok.queries.statement import Period, RegisterEntry

HUNDREDTH = Decimal("0.01")


@dataclass(frozen=True)
class Registers:
    """What the directives of some books register."""

    pledges: Sequence[Commitment] = ()
    liabilities: Sequence[Commitment] = ()
    leases: Sequence[Lease] = ()
    loans: Sequence[Loan] = ()
    deficits: Sequence[Deficit] = ()
    decisions: Sequence[Decision] = ()
    assets: Callable[[], Sequence[Asset]] = tuple
    realised: Callable[[], Sequence[Realised]] = tuple

    def amounts(self, register: str, period: Period) -> list[RegisterEntry]:
        """Return what a register of AMOUNTS tells of a period, thing by thing."""
        return [each for each in AMOUNTS[register](self, period) if each.ore]

    def deficits_of(self, register: str, year: int, results: Mapping[int, Decimal]) -> list[RegisterEntry]:
        """Return what one of DEFICITS tells of the deficits of a year, by the years that they are of.

        `results`: those by the balanced budget, of the years of the books up to it, in kronor.
        """
        began = {each.year: each.amount for each in self.deficits}
        counted = {of: self._to_restore(of, result) for of, result in results.items()}
        parts = {past: {each.year: each.restored for each in restored(began, counted, past)} for past in results}
        told = []
        for of in sorted({*began, *(past for past, result in results.items() if result < 0)}):
            back = {
                past: RegisterEntry(
                    last_day_of_year(past), str(of), tr("restored by {year}", year=past), -_ore(amounts[of])
                )
                for past, amounts in sorted(parts.items())
                if amounts.get(of)
            }
            if register == DEFICITS[1]:
                chosen = [each.times(-1) for past, each in back.items() if past == year]
            elif register == DEFICITS[0]:
                chosen = [*self._origin(of, results), *(each for past, each in back.items() if past < year)]
                chosen = chosen if of < year else []
            else:
                chosen = [*self._origin(of, results), *back.values()]
            told += chosen
        return told

    def _excusing(self, year: int) -> list[Decision]:
        return [each for each in self.decisions if (each.year, each.kind) == (year, REASONS)]

    def _to_restore(self, year: int, result: Decimal) -> Decimal:
        """Return a result without what of its deficit there are reasons not to restore."""
        excused = sum((each.amount for each in self._excusing(year)), ZERO)
        return min(ZERO, result + excused) if result < 0 else result

    def _origin(self, year: int, results: Mapping[int, Decimal]) -> Iterator[RegisterEntry]:
        """Yield what a year's deficit was: registered when the books began, or its result and what is excused of it."""
        for deficit in self.deficits:
            if deficit.year == year:
                yield _told(deficit.entry, str(year), deficit.amount)
        if results.get(year, ZERO) < 0:
            left = -results[year]
            text = tr("balanced budget result of {year}", year=year)
            yield RegisterEntry(last_day_of_year(year), str(year), text, _ore(left))
            for decision in self._excusing(year):
                yield _told(decision.entry, str(year), -min(left, decision.amount))
                left -= min(left, decision.amount)

    # Terms, which are no amounts

    def text(self, register: str, balances: Mapping[str, int], period: Period, language: str) -> str:
        """Return what a register of TEXTS tells of some accounts, with their balances in öre, at a period's end."""
        return TEXTS[register](self, balances, period, language)

    def owed(self, balances: Mapping[str, int], day: date) -> dict[str, tuple[Loan | None, int]]:
        """Return the öre that are left on each account of loans, with the loan as it is registered on a day."""
        known = {loan.account: loan.at(day) for loan in self.loans if loan.taken <= day}
        return {account: (known.get(account), -ore) for account, ore in balances.items() if ore}


def read_registers(entries: data.Directives, books: Callable[[], Books]) -> Registers:
    """Return what the directives of books register; the books are asked for what is booked of it."""
    return Registers(
        read_pledges(entries),
        read_liabilities(entries),
        read_leases(entries),
        read_loans(entries),
        read_deficits(entries),
        read_decisions(entries),
        cache(lambda: books().once(registered_assets).assets),
        cache(lambda: list(realised(books()))),
    )


# What registers tell, by the words of the layouts


def _pledged(registers: Registers, period: Period) -> Iterator[RegisterEntry]:
    return _committed(registers.pledges, period)


def _liable(kind: str) -> "Tells":
    def tells(registers: Registers, period: Period) -> Iterator[RegisterEntry]:
        return _committed((each for each in registers.liabilities if each.at(period.end).kind == kind), period)

    return tells


def _committed(commitments: Iterable[Commitment], period: Period) -> Iterator[RegisterEntry]:
    for each in commitments:
        if each.states[0].since <= period.end:
            now = each.at(period.end)
            yield _told(now.entry, now.name, now.amount)


def _fees(place: int) -> "Tells":
    def tells(registers: Registers, period: Period) -> Iterator[RegisterEntry]:
        for each in registers.leases:
            if each.states[0].since <= period.end:
                now = each.at(period.end)
                yield _told(now.entry, now.name, now.fees_after(period.end)[place])

    return tells


def _decided(kind: str) -> "Tells":
    def tells(registers: Registers, period: Period) -> Iterator[RegisterEntry]:
        for each in registers.decisions:
            if each.kind == kind and period.start <= each.entry.date <= period.end:
                yield _told(each.entry, kind, each.amount)

    return tells


def _realised(registers: Registers, period: Period) -> Iterator[RegisterEntry]:
    for each in registers.realised():
        if period.start <= each.entry.date <= period.end:
            file, line = str(each.entry.meta["filename"]), int(each.entry.meta["lineno"])
            text = str(each.entry.narration)
            yield RegisterEntry(each.entry.date, each.account, text, _ore(each.amount), file, line)


Tells = Callable[[Registers, Period], Iterator[RegisterEntry]]

AMOUNTS: Mapping[str, Tells] = {
    "pant": _pledged,
    "ansvar-pensioner": _liable(PENSIONS),
    "ansvar-ovriga": _liable(OTHER),
    "leasing-inom-ett-ar": _fees(0),
    "leasing-ett-till-fem-ar": _fees(1),
    "leasing-senare": _fees(2),
    **{kind: _decided(kind) for kind in DECIDED},
    "realiserat": _realised,
}
"""The registers that tell amounts, in kronor, more than nothing."""

DEFICITS = ("underskott-in", "underskott-aterstallt", "underskott-ut")
"""Those of deficits to restore: what there was when a year began, what it restores, what is left."""


def _interest(registers: Registers, balances: Mapping[str, int], period: Period, language: str) -> str:
    """Return the average rate of loans, weighted by what is left of each."""
    return _average(registers, balances, period, language, lambda loan: loan.rate, N_("{average} %"))


def _maturity(registers: Registers, balances: Mapping[str, int], period: Period, language: str) -> str:
    """Return the average time until loans fall due, weighted by what is left of each: by whole months, in years."""

    def years(loan: Loan) -> Decimal | None:
        return Decimal(Month.of(loan.ends).since(Month.of(period.end))) / MONTHS_A_YEAR if loan.ends else None

    return _average(registers, balances, period, language, years, N_("{average} years"))


def _average(
    registers: Registers,
    balances: Mapping[str, int],
    period: Period,
    language: str,
    term: Callable[[Loan], Decimal | None],
    text: str,
) -> str:
    """Return the average of a term; of which loans it is not registered, where it is not of all of them."""
    weighed, owed, lacking = ZERO, 0, []
    for account, (loan, left) in registers.owed(balances, period.end).items():
        value = term(loan) if loan else None
        if value is None:
            lacking.append(loan.name if loan else account)
        else:
            weighed, owed = weighed + value * left, owed + left
    if lacking:
        return translation(N_("not registered: {loans}"), language).format(loans=", ".join(lacking))
    return translation(text, language).format(average=amount_text(_nearest(weighed / owed), language)) if owed else ""


def _lives(registers: Registers, balances: Mapping[str, int], period: Period, language: str) -> str:
    """Return the shortest and the longest time over which what there is of assets is depreciated, in years."""
    end = Month.of(period.end)
    months = []
    for asset in registers.assets():
        gone = asset.disposed is not None and asset.disposed <= period.end
        spans = [span for span in asset.spans if span.first <= end]
        if asset.account in balances and spans and not gone:
            months.append(spans[-1].last.since(asset.first) + 1)
    if not months:
        return ""
    ends = dict.fromkeys(_years_text(count, language) for count in (min(months), max(months)))
    return translation(N_("{life} years"), language).format(life="–".join(ends))


def _years_text(months: int, language: str) -> str:
    years, over = divmod(months, MONTHS_A_YEAR)
    return amount_text(_nearest(Decimal(months) / MONTHS_A_YEAR), language) if over else str(years)


def _nearest(number: Decimal) -> Decimal:
    return number.quantize(HUNDREDTH, ROUND_HALF_UP)


TEXTS: Mapping[str, Callable[[Registers, Mapping[str, int], Period, str], str]] = {
    "lan-ranta": _interest,
    "lan-loptid": _maturity,
    "avskrivningstider": _lives,
}
"""The registers that tell terms of what stands on accounts, which are no amounts."""


def loan_text(loan: Loan, language: str) -> str:
    """Return what a loan is called, with the terms that are known: `Kreditbanken 1, 3,10 %, förfaller 2034-03-01`."""
    told = [loan.name]
    if loan.rate is not None:
        told.append(translation(N_("{average} %"), language).format(average=amount_text(loan.rate, language)))
    if loan.ends:
        told.append(translation(N_("due {day}"), language).format(day=loan.ends))
    return ", ".join(told)


def restored_until(year: str) -> str:
    """Return the year within which the deficit of a year is to be restored."""
    return str(int(year) + YEARS)


def _told(entry: data.Custom | None, name: str, kronor: Decimal) -> RegisterEntry:
    assert entry is not None  # only what is made in a test comes from no directive
    said = (str(each.value) for each in entry.values if isinstance(each.value, str | Decimal))
    file, line = str(entry.meta["filename"]), int(entry.meta["lineno"])
    return RegisterEntry(entry.date, name, " ".join([entry.type, *said]), _ore(kronor), file, line)


def _ore(kronor: Decimal) -> int:
    return int(kronor.scaleb(2))
