"""What registers say that no account does, as rows of statements ask for it by a word (`register` in a layout).

pant                     what is pledged on the last day of the period
ansvar-pensioner         contingent liabilities, of pensions, and `ansvar-ovriga` the others
leasing-inom-ett-ar      the fees of leasing after that day: within a year, `leasing-ett-till-fem-ar`,
`leasing-senare`
vinst-undantag           what is decided of the year's result (plugins/balanced_budget.py), as `forlust-undantag` and
`synnerliga-skal`

underskott-in            the deficits that stood when the year began, `underskott-aterstallt` what it restores of
them, `underskott-ut` what is left, the year's own deficit with it
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from beancount.core import data

from forbundsbok.plugins.balanced_budget import (
    GAIN,
    LOSS,
    REASONS,
    Remaining,
    read_decisions,
    read_deficits,
    restored,
)
from forbundsbok.plugins.commitments import (
    OTHER,
    PENSIONS,
    Commitment,
    Lease,
    read_leases,
    read_liabilities,
    read_pledges,
)
from forbundsbok.plugins.loans import Loan, read_loans
from forbundsbok.plugins.money import ZERO
from forbundsbok.queries.statement import Period

PLEDGED = "pant"
LIABLE = {"ansvar-pensioner": PENSIONS, "ansvar-ovriga": OTHER}
LEASED = ("leasing-inom-ett-ar", "leasing-ett-till-fem-ar", "leasing-senare")
DECIDED = (GAIN, LOSS, REASONS)
DEFICITS = ("underskott-in", "underskott-aterstallt", "underskott-ut")

YEAR = Decimal("365.25")

WORDS = (PLEDGED, *LIABLE, *LEASED, *DECIDED, *DEFICITS)
"""What a row may ask for."""


@dataclass(frozen=True)
class Registers:
    """What is told by registers alone, in kronor."""

    leases: Sequence[Lease] = ()
    pledges: Sequence[Commitment] = ()
    liabilities: Sequence[Commitment] = ()
    loans: Sequence[Loan] = ()
    deficits: Mapping[int, Decimal] = field(default_factory=dict)
    decisions: Mapping[int, Mapping[str, Decimal]] = field(default_factory=dict)

    def amount(self, word: str, period: Period) -> Decimal:
        """Return what a word asks for over a period, but for the deficits, which follow from results."""
        if word in DECIDED:  # it is decided of a whole year, on its last day
            return self.decisions.get(period.year, {}).get(word, ZERO) if period.last_month == 12 else ZERO
        if word in LEASED:
            fees = [lease.at(period.end).fees_after(period.end) for lease in self.leases if _is_told(lease, period.end)]
            return sum((each[LEASED.index(word)] for each in fees), ZERO)
        return sum(self.commitments(word, period.end).values(), ZERO)

    def commitments(self, word: str, day: date) -> dict[str, Decimal]:
        """Return what is pledged, or the contingent liabilities of a kind, on a day: amounts by name."""
        listed = [each.at(day) for each in (*self.pledges, *self.liabilities) if _is_told(each, day)]
        return {each.name: each.amount for each in listed if each.amount and each.kind == LIABLE.get(word, "")}

    def terms(self, owed: Mapping[str, int], day: date) -> tuple[Decimal, Decimal] | None:
        """Return the average rate (percent) and what is left of the time (years) of the loans, by what is owed of each.

        `owed`: by account. None where no loan is owed, or one lacks its rate or its last day.
        """
        loans = [loan.at(day) for loan in self.loans if owed.get(loan.account, 0) > 0]
        weights = [owed[loan.account] for loan in loans]
        rates = [loan.rate for loan in loans if loan.rate is not None]
        days = [(loan.ends - day).days for loan in loans if loan.ends is not None]
        if not loans or len(rates) < len(loans) or len(days) < len(loans):
            return None
        rate = sum((weight * each for weight, each in zip(weights, rates, strict=True)), ZERO) / sum(weights)
        left = Decimal(sum(weight * each for weight, each in zip(weights, days, strict=True))) / sum(weights)
        return round(rate, 2), round(left / YEAR, 1)

    def restored(self, results: Mapping[int, Decimal], year: int) -> list[Remaining]:
        """Return the deficits that stood when a year began, and a year's own: what is restored of each, and left.

        `results`: of each year of the books, by the balanced budget.
        """
        own = {each: result + self.decisions.get(each, {}).get(REASONS, ZERO) for each, result in results.items()}
        told = restored(self.deficits, own, year)
        deficit = -own.get(year, ZERO)
        return [*told, Remaining(year, ZERO, deficit)] if deficit > 0 else told


def _is_told(each: Lease | Commitment, day: date) -> bool:
    return each.states[0].since <= day


def read_registers(entries: Iterable[data.Directive]) -> Registers:
    """Return what the registers of a ledger say."""
    entries = list(entries)
    return Registers(
        read_leases(entries),
        read_pledges(entries),
        read_liabilities(entries),
        read_loans(entries),
        {each.year: each.amount for each in read_deficits(entries)},
        read_decisions(entries),
    )
