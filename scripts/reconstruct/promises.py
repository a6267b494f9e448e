"""Grants from the federation to others: decided, a debt (2950) until they are paid in parts.

    2024-02-14 * "Borås stad" "Beslut om bidrag till Utvecklingsprojekt RU 2024-01"
      ver: "M 44"
      projekt: "Utvecklingsprojekt RU 2024-01"
      Expenses:RU:4511-Bidrag-till-kommuner   222000.00 SEK
      Liabilities:RU:2950-Beslutade-projekt  -222000.00 SEK

Fees of the year that a decision gives to projects (3190, 3195) become the same debt.
"""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass
from datetime import date, timedelta

from forbundsbok.scripts.reconstruct.attest import protocol
from forbundsbok.scripts.reconstruct.chart import BANK, CODES, MUNICIPALITIES, REGION, account, label, number_of
from forbundsbok.scripts.reconstruct.targets import Targets
from forbundsbok.scripts.reconstruct.vouchers import OPENING_YEAR, YEARS, Book, Ore, bankday, chance, kr, split, uneven

DECISIONS = {"RU": 26, "VU": 3, "NVS": 3}
RECIPIENTS = {
    "4510-Projektbidrag": tuple(f"Bidragsmottagare {number:03d} Förening" for number in (2, 5, 8, 13, 21, 27)),
    "4511-Bidrag-till-kommuner": tuple(MUNICIPALITIES.values()),
    "4512-Bidrag-till-högskola-och-region": ("Högskolan i Borås", REGION),
    "4513-Bidrag-till-kulturaktörer": tuple(f"Bidragsmottagare {number:03d} Kultur" for number in (31, 34, 38, 45)),
}
DECIDED = "2950-Beslutade-projekt"


@dataclass
class Promise:
    """A decided grant, and what is left to pay of it."""

    day: date
    recipient: str
    project: str
    left: Ore


def book_promises(book: Book, targets: Targets) -> None:
    for unit in CODES:
        opening = targets.debt(unit, DECIDED, OPENING_YEAR)
        if not opening:
            continue
        rng = chance("promises", unit, OPENING_YEAR)
        amounts = split(opening, uneven(rng, 2 + opening // kr(800_000), 50))
        waiting = deque(
            Promise(date(OPENING_YEAR, 12, 1), recipient(rng)[1], project_code(unit, OPENING_YEAR, number), amount)
            for number, amount in enumerate(amounts, start=1)
        )
        for year in YEARS:
            decided = decide(book, targets, unit, year)
            decided += set_aside(book, targets, unit, year)
            to_pay = targets.debt(unit, DECIDED, year - 1) - targets.debt(unit, DECIDED, year)
            to_pay += sum(promise.left for promise in decided)
            waiting.extend(sorted(decided, key=lambda promise: promise.day))
            pay_out(book, unit, year, waiting, to_pay)


def recipient(rng: random.Random) -> tuple[str, str]:
    """The account of a kind of recipient, and one of them."""
    name = rng.choice(list(RECIPIENTS))
    return name, rng.choice(RECIPIENTS[name])


def project_code(unit: str, year: int, number: int) -> str:
    return f"Utvecklingsprojekt {unit} {year}-{number:02d}"


def decide(book: Book, targets: Targets, unit: str, year: int) -> list[Promise]:
    """The year's decisions on grants to others: a cost and a debt on the day of the meeting."""
    rng = chance("decisions", unit, year)
    promises = []
    total = targets.left(book, unit, "bidrag", year)
    amounts = split(total // 100_000, uneven(rng, DECISIONS.get(unit, 1), 60)) if total else []
    for number, thousands in enumerate(amounts):
        amount = kr(1000) * thousands + (total % 100_000 if number == 0 else 0)
        meeting = bankday(date(year, (2, 3, 4, 6, 8, 9, 10)[7 * number // len(amounts)], 14))
        cost, payee = recipient(rng)
        code = project_code(unit, year, number + 1)
        book.add(
            meeting, "M", payee, f"Beslut om bidrag till {code}",
            (account("Expenses", unit, cost), amount),
            (account("Liabilities", unit, DECIDED), -amount),
            meta={"underlag": protocol(unit, meeting), "attest": "FD", "projekt": code, "motpart": payee},
        )  # fmt: skip
        promises.append(Promise(meeting, payee, code, amount))
    return promises


def set_aside(book: Book, targets: Targets, unit: str, year: int) -> list[Promise]:
    """Fees of the year that a decision gives to projects: less income, more debt."""
    promises = []
    for name in targets.accounts("Income", unit, "3190", "3195"):
        amount, text = -targets.income(name, year), label(name)
        if amount:
            internal = number_of(name) == "3195"
            day = date(year, 12, 31) if internal else bankday(date(year, 6, 14))
            payee = "Högskolan i Borås" if "Högskolan" in name else ""
            meta = {"underlag": protocol(unit, bankday(date(year, 12, 13)) if internal else day), "attest": "FD"}
            meta |= {"motpart": payee} if payee else {}
            debt = account("Liabilities", unit, DECIDED)
            book.add(
                day, "B" if internal else "M", payee, text, (name, amount), (debt, -amount),
                meta=meta | {"projekt": text},
            )  # fmt: skip
            promises.append(Promise(day, payee or "Projektägare", text, amount))
    return promises


def pay_out(book: Book, unit: str, year: int, waiting: deque[Promise], total: Ore) -> None:
    """Pay the promises in turn, some each month; what is paid in part waits for the next month.

    Where more is owed at the year-end than was decided, a recipient has paid back what it did not need yet.
    """
    debt = account("Liabilities", unit, DECIDED)
    if total < 0:
        promise = waiting[0]
        promise.left -= total
        text, meta = f"Återbetalt bidrag: {promise.project}", {"projekt": promise.project, "motpart": promise.recipient}
        book.add(bankday(date(year, 11, 15)), "I", promise.recipient, text, (BANK, -total), (debt, total), meta=meta)
        return
    behind = 0
    for month, share in enumerate(split(total, uneven(chance("payouts", unit, year), 11, 30)), start=2):
        day = bankday(date(year, month, 20))
        behind += share
        while behind and waiting and waiting[0].day + timedelta(days=21) < day:
            promise = waiting[0]
            amount = min(behind, promise.left)
            if amount < promise.left and month < 12:
                amount -= amount % kr(1000)  # instalments are even, but December pays the exact sum
            if amount:
                text = f"Utbetalning av bidrag: {promise.project}"
                meta = {"projekt": promise.project, "motpart": promise.recipient}
                book.add(day, "U", promise.recipient, text, (debt, amount), (BANK, -amount), meta=meta)
                behind -= amount
                promise.left -= amount
            if promise.left:
                break
            waiting.popleft()
    if behind:
        raise ValueError(f"{unit} {year}: {behind / 100} kronor of grants cannot be paid out")
