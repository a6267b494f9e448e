"""Who may approve supplier invoices: for which unit, up to what amount, between which dates.

    2023-01-01 custom "attest" "VC-NAV" "NAV" 500000.00 SEK
      roll: "Verksamhetschef Navet"

Signatures are roles. The first in the list who may approve an invoice does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from forbundsbok.scripts.reconstruct.chart import CODES
from forbundsbok.scripts.reconstruct.vouchers import YEARS, Ore, kr

START = date(YEARS[0], 1, 1)


@dataclass(frozen=True)
class Attest:
    """Who may approve a unit's invoices, up to how many kronor, and between which dates."""

    sign: str
    role: str
    unit: str
    limit: int
    start: date = START
    end: date | None = None


ATTESTS = (
    Attest("BVC-NAV", "Biträdande verksamhetschef Navet", "NAV", 40_000),
    Attest("UL-RU", "Utvecklingsledare", "RU", 30_000),
    Attest("AC", "Administrativ chef", "FK", 200_000, end=date(2024, 3, 31)),
    Attest("AC", "Administrativ chef", "ADM", 200_000, end=date(2024, 3, 31)),
    Attest("TAC", "Tillförordnad administrativ chef", "FK", 150_000, start=date(2024, 4, 1)),
    Attest("TAC", "Tillförordnad administrativ chef", "ADM", 150_000, start=date(2024, 4, 1)),
    Attest("UC", "Utvecklingschef", "RU", 500_000),
    Attest("UC", "Utvecklingschef", "VU", 200_000),
    Attest("VL-BRB", "Verksamhetsledare", "BRB", 200_000),
    Attest("VL-DSO", "Verksamhetsledare", "DSO", 100_000),
    Attest("VL-MC", "Verksamhetsledare", "MC", 100_000),
    Attest("PL-VOC", "Processledare", "VOC", 100_000),
    Attest("VC-NAV", "Verksamhetschef Navet", "NAV", 500_000),
    Attest("VL-NVS", "Verksamhetsledare", "NVS", 200_000),
    *(Attest("FD", "Förbundsdirektör", unit, 3_000_000) for unit in CODES),
)


HIGHEST = max(attest.limit for attest in ATTESTS)


def protocol(unit: str, day: date) -> str:
    """Where a decision on a unit's money stands: one paragraph a unit and meeting."""
    return f"Direktionen {day} § {10 * day.month + CODES.index(unit)}"


def signatory(unit: str, amount: Ore, day: date) -> str:
    """Who signs what is no invoice; the highest right has no limit here."""
    return approver(unit, min(abs(amount), kr(HIGHEST)), day)


def approver(unit: str, gross: Ore, day: date) -> str:
    """The first who may approve so much for the unit on that day."""
    day = max(day, START)  # what is older is not in the book
    for attest in ATTESTS:
        in_time = attest.start <= day and (attest.end is None or day <= attest.end)
        if attest.unit == unit and in_time and abs(gross) <= kr(attest.limit):
            return attest.sign
    raise ValueError(f"Nobody may approve {gross / 100} kronor for {unit} on {day}")
