"""Commitments that stand in no balance, and that notes tell: leasing, pledges, contingent liabilities (LKBR 6, 9 kap.).

    2024-01-15 custom "leasing" "Brandbil 4" 2024-02-01 2029-01-31 120000.00 SEK
    2024-01-15 custom "pant" "Fastighetsinteckning station Norr" 2000000.00 SEK
    2024-12-31 custom "ansvar" "Pensionsförpliktelser intjänade före 1998" 3400000.00 SEK
      slag: "pensioner"

Leasing is operational: its first and last day, and the fee of a year. A later directive of the same name says what
holds from its date on; one of 0.00 SEK ends a pledge or a contingent liability.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from beancount.core import data

from forbundsbok.plugins.books import Books
from forbundsbok.plugins.directives import Field, Kind, day, not_negative_money, one_of, positive_money, text, wrong
from forbundsbok.plugins.findings import Finding, Subject
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.money import rounded
from forbundsbok.plugins.months import MONTHS_A_YEAR, Month
from forbundsbok.plugins.revisions import Registered, as_revised
from forbundsbok.plugins.rulebook import rule, unreadable

PENSIONS, OTHER = "pensioner", "ovriga"
"""The kinds of contingent liabilities that a balance sheet tells apart."""


class Fees(NamedTuple):
    """The fees of leasing that are left after a day, in kronor: within a year, from one to five years, later."""

    within_one: Decimal
    one_to_five: Decimal
    later: Decimal


@dataclass(frozen=True)
class Lease(Registered):
    """Something that is leased: its first and last day, and the fee of a year in kronor."""

    first: date
    last: date
    yearly: Decimal

    def fees_after(self, at: date) -> Fees:
        """Return what is to be paid after the end of a month, by whole months."""
        begins = max(Month.of(self.first), Month.of(at).after(1))
        months = max(0, Month.of(self.last).since(begins) + 1)
        waits = begins.since(Month.of(at).after(1))
        ends = (max(0, min(months, MONTHS_A_YEAR * years - waits)) for years in (1, 5))
        one, five = ends
        sums = [rounded(self.yearly * count / MONTHS_A_YEAR) for count in (one, five, months)]
        return Fees(sums[0], sums[1] - sums[0], sums[2] - sums[1])


@dataclass(frozen=True)
class Commitment(Registered):
    """A pledge (`kind` "") or a contingent liability (`kind` PENSIONS or OTHER), in kronor."""

    amount: Decimal
    kind: str = ""


def _may_last(entry: data.Custom, given: Any) -> None:
    if given["last day"] < given["first day"]:
        raise wrong(N_("it ends {last}, before it begins {first}"), last=given["last day"], first=given["first day"])


LEASE = Kind(
    "leasing",
    values=(
        Field(N_("name"), text),
        Field(N_("first day"), day),
        Field(N_("last day"), day),
        Field(N_("fee of a year"), positive_money),
    ),
    make=lambda entry, given: Lease(
        given["name"], given["first day"], given["last day"], given["fee of a year"], entry=entry
    ),
    check=_may_last,
    example='2024-01-15 custom "leasing" "Brandbil 4" 2024-02-01 2029-01-31 120000.00 SEK',
)

PLEDGE = Kind(
    "pant",
    values=(Field(N_("name"), text), Field(N_("amount"), not_negative_money)),
    make=lambda entry, given: Commitment(given["name"], given["amount"], entry=entry),
    example='2024-01-15 custom "pant" "Fastighetsinteckning stationen" 2000000.00 SEK',
)

LIABILITY = Kind(
    "ansvar",
    values=(Field(N_("name"), text), Field(N_("amount"), not_negative_money)),
    meta=(Field("slag", one_of(PENSIONS, OTHER)),),
    make=lambda entry, given: Commitment(given["name"], given["amount"], given["slag"], entry=entry),
    example='2024-12-31 custom "ansvar" "Pensionsförpliktelser intjänade före 1998" 3400000.00 SEK\n'
    '  slag: "pensioner"',
)

KINDS: tuple[Kind[Any], ...] = (LEASE, PLEDGE, LIABILITY)


def read_leases(entries: Iterable[data.Directive]) -> list[Lease]:
    """Return what is leased, as it has come to be (`at` a day)."""
    return as_revised(LEASE.read_all(entries))


def read_pledges(entries: Iterable[data.Directive]) -> list[Commitment]:
    """Return what is pledged, as it has come to be."""
    return as_revised(PLEDGE.read_all(entries))


def read_liabilities(entries: Iterable[data.Directive]) -> list[Commitment]:
    """Return the contingent liabilities, as they have come to be."""
    return as_revised(LIABILITY.read_all(entries))


for code, kind, title in (
    ("N111", LEASE, N_("Leasing has a name, its first and last day, and the fee of a year.")),
    ("N112", PLEDGE, N_("A pledge has a name and an amount.")),
    ("N114", LIABILITY, N_("A contingent liability has a name, an amount, and of which kind it is.")),
):
    why = N_("LKBR 9 kap. asks for it in a note; no voucher tells it.")
    unreadable(code, kind, title=title, why=why, module=__name__)


@rule(
    "N113",
    title=N_("Of a commitment one thing is said a day, and of one that is over nothing more."),
    why=N_("Of two directives one would count, and nobody sees which."),
    mend=N_("Take one of the two away, or date the later one the day from which it holds."),
    after=["N111", "N112", "N114"],
)
def said_once(books: Books) -> Iterator[Finding]:
    for kind in KINDS:
        last: dict[str, Any] = {}
        for each in books.declared(kind):
            before = last.get(each.name)
            values = {"name": each.name, "other": before.entry if before else None}
            if before and before.since == each.since:
                message = N_("{name} is told of that day already, at {other}: one of the two must go.")
            elif isinstance(each, Commitment) and not each.amount and (before is None or not before.amount):
                message = N_("{name} is ended by 0.00, but there was none of that name.")
            else:
                last[each.name] = each
                continue
            yield Finding(each.entry, Subject(kind.type, each.name), message, values)
