"""Open items as text and as data.

    Debts to suppliers 2024-12-31
    Invoice          Invoiced    Due         Overdue  Unit         Open
    Leverantör 012 Energi                                      12 345,00
      L-2024-0801    2024-12-20  2025-01-19           RT       12 345,00
    Total                                                      12 345,00

Texts are styled: plain after `click.unstyle`.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import groupby, pairwise
from typing import Any

import click

from forbundsbok.plugins.language import N_, language, tr
from forbundsbok.plugins.ledger_text import cleaned_text
from forbundsbok.plugins.money import amount_text
from forbundsbok.queries.open_items import AGES, OpenLine, OpenListing, total_of
from forbundsbok.scripts.render.vat_return import table

Cells = tuple[str, str, str, str, str, str]
GAP = "  "
RIGHT = (3, 5)
"""The columns that are set to the right."""


def open_items_text(listing: OpenListing) -> str:
    """Return what is open by party and by unit."""
    rows = list(_rows(listing))
    widths = [max(len(cells[column]) for cells, is_sum in rows if not (is_sum and column == 0)) for column in range(6)]
    before_amount = sum(widths[:5]) + len(GAP) * 5
    lines = [click.style(listing.title, bold=True)]
    for cells, is_sum in rows:
        if is_sum:  # a long name runs over the empty columns after it
            lines.append(click.style(f"{cells[0]:<{before_amount}}{cells[5]:>{widths[5]}}", bold=True))
            continue
        placed = zip(range(6), cells, widths, strict=True)
        lines.append(
            GAP.join(cell.rjust(width) if column in RIGHT else cell.ljust(width) for column, cell, width in placed)
        )
    return "\n".join([*lines, "", *_units(listing)]) + "\n"


def _rows(listing: OpenListing) -> Iterator[tuple[Cells, bool]]:
    """Yield the rows of the table, and whether each is a sum."""
    yield (
        (tr(N_("Invoice")), tr(N_("Invoiced")), tr(N_("Due")), tr(N_("Days late")), tr(N_("Unit")), tr(N_("Open"))),
        False,
    )
    for payee, lines in groupby(listing.lines, lambda line: line.payee):
        own = list(lines)
        yield (cleaned_text(payee) or tr(N_("without party")), "", "", "", "", _kr(total_of(own))), True
        for line in own:
            yield _cells(line), False
    if listing.loose:
        yield (tr(N_("Without link")), "", "", "", "", _kr(total_of(listing.loose))), True
        for line in listing.loose:
            yield _cells(line), False
    yield (tr(N_("Total, as the accounts")), "", "", "", "", _kr(listing.total)), True


def _cells(line: OpenLine) -> Cells:
    name = f"{line.link} !" if line.waits else line.link or line.account
    late = str(line.overdue) if line.overdue else ""
    return f"  {name}", str(line.day or ""), str(line.due or ""), late, line.unit, _kr(line.amount)


def ageing_text(listing: OpenListing) -> str:
    """Return what each party has open, by how many days it is overdue."""
    starts = [f"{before + 1}-{days}" for before, days in pairwise(AGES)]
    heads = [tr(N_("Party")), tr(N_("Not due")), *starts, tr(N_("Over {days}"), days=AGES[-1]), tr(N_("Total"))]
    aged = listing.by_age()
    sums = [sum(column, Decimal(0)) for column in zip(*aged.values(), strict=True)]
    rows = [(cleaned_text(payee) or tr(N_("without party")), amounts) for payee, amounts in aged.items()]
    told = [
        [name, *map(_kr, amounts), _kr(sum(amounts, Decimal(0)))] for name, amounts in [*rows, (tr(N_("Total")), sums)]
    ]
    return "\n".join([click.style(listing.title, bold=True), *table([heads, *told], left=1)]) + "\n"


def _units(listing: OpenListing) -> Iterator[str]:
    cells = [(tr(N_("Unit")), tr(N_("Open")), tr(N_("Overdue")))]
    cells += [(unit, _kr(is_open), _kr(late)) for unit, (is_open, late) in listing.by_unit().items()]
    first, second, third = (max(map(len, column)) for column in zip(*cells, strict=True))
    for unit, is_open, late in cells:
        yield f"{unit:<{first}}  {is_open:>{second}}  {late:>{third}}"


def _kr(number: Decimal) -> str:
    return amount_text(number, language())


def open_items_data(listings: Sequence[OpenListing]) -> list[dict[str, Any]]:
    """Return what is open as data, amounts in kronor."""
    return [
        {
            "ledger": listing.role.name.lower(),
            "day": listing.day.isoformat(),
            "total": str(listing.total),
            "units": {
                unit: {"open": str(is_open), "overdue": str(late)}
                for unit, (is_open, late) in listing.by_unit().items()
            },
            "items": [
                {
                    "link": line.link,
                    "voucher": line.voucher,
                    "party": line.payee,
                    "date": line.day and line.day.isoformat(),
                    "due": line.due and line.due.isoformat(),
                    "days_overdue": line.overdue,
                    "waits": line.waits,
                    "unit": line.unit,
                    "account": line.account,
                    "open": str(line.amount),
                }
                for line in listing.lines
            ],
            "without_link": [
                {"unit": line.unit, "account": line.account, "open": str(line.amount)} for line in listing.loose
            ],
        }
        for listing in listings
    ]
