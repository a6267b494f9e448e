"""Grants to the federation: requisitioned, advanced, accrued and deferred.

Money comes in as income of the year, as an advance (2970) that becomes income when the project
has worked it up, or the year after (1710). What is received but not yet used is deferred by
"Nollning":

    2024-09-30 * "Nollning av projektkostnader MRU DRUM kvartal 3"
      ver: "M 201"
      projekt: "DRUM"
      Income:RU:3580-Nollning                     104000.00 SEK
      Liabilities:RU:2970-Förutbetalda-intäkter  -104000.00 SEK
"""

from __future__ import annotations

import random
from datetime import date, timedelta

from forbundsbok.scripts.reconstruct.chart import (
    BANK,
    CODES,
    MUNICIPALITIES,
    OTHER_INCOME,
    REGION,
    account,
    label,
    name_of,
    number_of,
)
from forbundsbok.scripts.reconstruct.customers import invoice_customer
from forbundsbok.scripts.reconstruct.targets import ACCRUALS, DEFERRED, Targets
from forbundsbok.scripts.reconstruct.vouchers import (
    OPENING_YEAR,
    YEARS,
    Book,
    DraftRow,
    Ore,
    bankday,
    chance,
    kr,
    month_end,
    split,
    uneven,
)

GRANTORS = {
    ("NAV", "3510"): "Skolverket",
    ("RU", "3510"): "Tillväxtverket",
    ("RU", "3590"): "Tillväxtverket",
    ("BRB", "3590"): "Tillväxtverket",
}
RELEASED = 30  # per cent of a grant, or more when the solved deferrals demand it


def grant_accounts(targets: Targets, unit: str, year: int) -> dict[str, Ore]:
    """A unit's grants of the year; of 2022, which has no income here, those of 2023."""
    grants = {
        name: targets.income(name, max(year, YEARS[0]))
        for name in targets.accounts("Income", unit, "35")
        if number_of(name) != "3580"
    }
    return {name: amount for name, amount in grants.items() if amount > 0}


def grantor(account: str) -> str:
    return GRANTORS.get((account.split(":")[1], number_of(account)), REGION)


def project(account: str) -> str:
    """`LUMP` of 3525-MRU:LUMP; the label where the account has no detail."""
    return account.split(":")[-1] if name_of(account).count(":") else label(account)


def projects(targets: Targets) -> dict[tuple[str, int], list[str]]:
    """The projects that each unit runs in each year."""
    return {
        (unit, year): [project(name) for name in grant_accounts(targets, unit, year) if ":" in name_of(name)]
        for unit in CODES
        for year in YEARS
    }


def accrued_income(targets: Targets, unit: str, year: int) -> dict[str, Ore]:
    """Income accrued at a year-end, by account."""
    grants, total = targets.accruable_grants(unit, year), targets.accrued_income(unit, year)
    parts = split(total // 100, list(grants.values())) if total else []
    return {name: kr(part) for name, part in zip(grants, parts, strict=False)}


def book_grants(book: Book, targets: Targets) -> None:
    for unit in CODES:
        for year in (OPENING_YEAR, *YEARS):
            accrued = accrued_income(targets, unit, year)
            book_accrued(book, unit, year, accrued)
            if year == OPENING_YEAR:
                continue
            if grants := grant_accounts(targets, unit, year):
                book_grants_of(book, targets, unit, year, grants, accrued)
            else:
                book_prepaid_fees(book, targets, unit, year)


def book_accrued(book: Book, unit: str, year: int, accrued: dict[str, Ore]) -> None:
    """What was earned but not requisitioned by the year-end is requisitioned in February."""
    for name, amount in accrued.items():
        asset, text = account("Assets", unit, ACCRUALS), f"Upplupet bidrag {label(name)} {year}"
        if amount:
            book.add(
                date(year, 12, 31), "B", grantor(name), text, (asset, amount), (name, -amount),
                meta={"projekt": project(name), "motpart": grantor(name)},
            )  # fmt: skip
            invoice_customer(
                book, unit, bankday(date(year + 1, 2, 14)), grantor(name),
                f"Rekvisition {label(name)} avseende {year}", (asset, -amount),
                project=project(name),
            )  # fmt: skip


def book_grants_of(
    book: Book, targets: Targets, unit: str, year: int, grants: dict[str, Ore], accrued: dict[str, Ore]
) -> None:
    rng = chance("grants", unit, year)
    earned = [amount - accrued.get(name, 0) for name, amount in grants.items()]
    deferral = targets.solved("Income", unit, "3580-Nollning", year)
    growth = targets.debt(unit, DEFERRED, year) - targets.debt(unit, DEFERRED, year - 1)
    least = (deferral - growth) * 100 // sum(earned) + 5
    released = [amount * max(RELEASED, least) // 100 for amount in earned]
    advances = growth + sum(released) - deferral
    deferred = account("Liabilities", unit, DEFERRED)
    advanced = split(advances, [amount // 100 + 1 for amount in earned])
    for name, whole, part, advance in zip(grants, earned, released, advanced, strict=True):
        text = label(name)
        book_requisitions(book, unit, year, name, whole - part, f"Rekvisition {text}", name, rng)
        book_requisitions(book, unit, year, name, advance, f"Förskott {text}", deferred, rng)
        lines = [(deferred, part), (name, -part)]
        book_quarterly(book, year, f"Upparbetade medel {text}", project(name), lines, rng)
    book_deferral(book, unit, year, grants, deferral, rng)


def book_requisitions(
    book: Book, unit: str, year: int, grant: str, total: Ore, text: str, credited: str, rng: random.Random
) -> None:
    count = 1 if total < kr(300_000) else 2 if total < kr(3_000_000) else 4
    if not total:
        return
    for number, amount in enumerate(split(total, uneven(rng, count, 20))):
        day = date(year, 2, 5) + timedelta(days=280 * number // count + rng.randint(0, 60))
        invoice_customer(
            book, unit, bankday(day), grantor(grant), text, (credited, -amount),
            project=project(grant),
        )  # fmt: skip


def book_quarterly(book: Book, year: int, text: str, code: str, lines: list[DraftRow], rng: random.Random) -> None:
    weights = uneven(rng, 4, 25)
    quarters = zip(*(split(amount, weights) for _, amount in lines), strict=True)
    for quarter, amounts in enumerate(quarters, start=1):
        parts = [(name, amount) for (name, _), amount in zip(lines, amounts, strict=True)]
        parts[-1] = (parts[-1][0], -sum(amount for _, amount in parts[:-1]))
        if any(amount for _, amount in parts):
            day = month_end(year, 3 * quarter)
            meta = {"projekt": code} if code else {}
            book.add(day, "M", "", f"{text} kvartal {quarter}", *parts, meta=meta)


def book_deferral(book: Book, unit: str, year: int, grants: dict[str, Ore], deferral: Ore, rng: random.Random) -> None:
    largest = sorted(grants, key=lambda name: -grants[name])[:3]
    for name, amount in zip(largest, split(deferral, [3, 2, 1][: len(largest)]), strict=True):
        lines = [(account("Income", unit, "3580-Nollning"), amount), (account("Liabilities", unit, DEFERRED), -amount)]
        text = f"Nollning av projektkostnader {label(name)}"
        book_quarterly(book, year, text, project(name), lines, rng)


def book_prepaid_fees(book: Book, targets: Targets, unit: str, year: int) -> None:
    """Units without grants: fees paid ahead become sales; the office repays what it did not use."""
    opening, closing = (targets.debt(unit, DEFERRED, end) for end in (year - 1, year))
    deferred, used = account("Liabilities", unit, DEFERRED), opening * 3 // 4
    if not opening:
        return
    rng = chance("prepaid", unit, year)
    if unit == "FK":
        used = max(kr(300_000), opening - closing)
        day, text = bankday(date(year, 5, 15)), "Återbetalning av ej förbrukade medel"
        book.add(day, "U", REGION, text, (deferred, used), (BANK, -used), meta={"motpart": REGION})
    else:
        lines = [(deferred, used), (account("Income", unit, OTHER_INCOME), -used)]
        book_quarterly(book, year, "Förutbetalda avgifter tas i anspråk", "", lines, rng)
    received = closing - opening + used
    if received:
        for month, amount in zip((9, 10, 11), split(received, uneven(rng, 3)), strict=True):
            day = bankday(date(year, month, rng.randint(3, 18)))
            customer = REGION if unit == "FK" else rng.choice(list(MUNICIPALITIES.values()))
            text = f"Förskott avseende {year + 1}"
            invoice_customer(book, unit, day, customer, text, (deferred, -amount))
