"""What is charged by contract: rent, licences, telephony, cleaning.

A charge is the same each month or quarter of a year, and three per cent more the next. Units with
prepaid costs pay rent and licences ahead, so the first quarter's invoice comes in December:

    2024-12-20 * "Leverantör 003 Fastighet" "Lokalhyra kvartal 1 2025" ^L-2024-0431
    2024-12-31 * "Förutbetald kostnad: lokalhyra kvartal 1 2025"
      faktura: "L 431"

Amounts follow from the year in which the unit spent the least, so that they fit into every year.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from forbundsbok.scripts.reconstruct.vouchers import MONTHS, OPENING_YEAR, Ore, bankday, kr

RISE = 103  # per cent of the year before
LEAST_AHEAD = kr(15_000)  # what is smaller is not worth accruing


@dataclass(frozen=True)
class Contract:
    """A periodic charge: on which account, from whom, with which VAT, how much, how often."""

    account: str
    kind: str
    text: str
    vat: int  # per cent
    share: int  # per cent of the unit's material and services, in its cheapest year
    times: int  # a year
    ahead: bool = False


OFFICE = (
    Contract("6020-Lokalhyror", "Fastighet", "Lokalhyra", 0, 22, 4, ahead=True),
    Contract("6820-Licenser-och-datakommunikation", "IT", "Licenser", 25, 8, 4, ahead=True),
    Contract("6810-Telefoni", "Telekom", "Telefoni", 25, 3, 4),
)
SCIENCE_CENTER = (
    Contract("6020-Lokalhyror", "Fastighet", "Lokalhyra", 0, 24, 4, ahead=True),
    Contract("6820-Licenser-och-datakommunikation", "IT", "Licenser", 25, 5, 4, ahead=True),
    Contract("6810-Telefoni", "Telekom", "Telefoni", 25, 1, 4),
    Contract("6120-Städning", "Städ", "Städning", 25, 5, 12),
)


@dataclass(frozen=True)
class ContractCharge:
    """One invoice of a contract."""

    contract: Contract
    day: date
    text: str
    net: Ore
    ahead: bool

    @property
    def vat(self) -> Ore:
        return self.net * self.contract.vat // 100

    @property
    def prepaid(self) -> bool:
        """Whether it is for the year after the one in which it is booked."""
        return self.ahead and self.day.month == 12


def charges(unit: str, spent: Ore, prepays: bool, year: int) -> Iterator[ContractCharge]:
    """The invoices for a year of a unit that spent so much in its cheapest year."""
    for contract in SCIENCE_CENTER if unit == "NAV" else OFFICE:
        raised = spent * contract.share * RISE ** (year - OPENING_YEAR) // 100 ** (year - OPENING_YEAR)
        net = kr(raised // contract.times // 10_000)
        ahead = prepays and contract.ahead and spent * contract.share // contract.times // 100 > LEAST_AHEAD
        for number in range(contract.times):
            first = date(year, 12 // contract.times * number + 1, 1)
            period = MONTHS[number] if contract.times == 12 else f"kvartal {number + 1}"
            day = bankday(first + timedelta(days=-12 if ahead else 6))
            yield ContractCharge(contract, day, f"{contract.text} {period} {year}", net, ahead)
