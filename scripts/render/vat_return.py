"""A VAT return as text and as data.

    VAT return 2025-03                                   2025-03       2025-02     Change
    05  Taxable sales that are not in 06, 07 or 08        10 000         8 000      2 000
    10  Output VAT of 25 %                                 2 500         2 000        500
    48  Input VAT to deduct                                1 100         1 500       -400
    49  VAT to pay, or to get back (-)                     1 400           500        900

Texts are styled: plain after `click.unstyle`.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import click

from forbundsbok.plugins.language import N_, language, tr
from forbundsbok.plugins.money import amount_text
from forbundsbok.queries.statement import grouped
from forbundsbok.queries.vat_return import LABELS, TO_PAY, VatReturn, declared

GAP = "  "


def vat_return_text(declaration: VatReturn) -> str:
    """Return the boxes beside those of the period before, and the proof by the accounts."""
    return "\n".join([*_boxes(declaration), "", *_proof(declaration)]) + "\n"


def _boxes(declaration: VatReturn) -> Iterator[str]:
    yield click.style(tr(N_("VAT return {period}"), period=declaration.name), bold=True)
    has_before = declaration.before is not None
    head = [tr(N_("Box")), "", tr(N_("Kronor"))] + ([tr(N_("Before")), tr(N_("Change"))] if has_before else [])
    rows = [
        [box, tr(LABELS[box]), grouped(now), *([grouped(then), grouped(now - then)] if then is not None else [])]
        for box, now, then in declaration.lines()
    ]
    for text, cells in zip(table([head, *rows]), [head, *rows], strict=True):
        yield click.style(text, bold=True) if cells[0] == TO_PAY else text
    if declaration.compensation:
        text = N_("Compensation for VAT of municipalities, applied for by itself: {amount} kr")
        yield tr(text, amount=_kr(declaration.compensation))


def _proof(declaration: VatReturn) -> Iterator[str]:
    head = [tr(each) for each in (N_("Account"), N_("Before"), N_("The period"), N_("Settled"), N_("After"))]
    rows = [
        [each.account, *map(_kr, (each.opening, each.booked, each.settled, each.closing))]
        for each in declaration.balances
    ]
    yield from table([head, *rows], left=1)
    if declaration.unplaced:
        yield ""
        yield click.style(tr(N_("In no box yet: the return is not complete.")), bold=True)
        yield from (f"  {each.why}: {_kr(each.vat)} kr" for each in declaration.unplaced)


def table(rows: Sequence[Sequence[str]], left: int = 2) -> Iterator[str]:
    """Yield rows with their columns below each other, the first of them to the left."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = zip(row, widths, strict=True)
        yield GAP.join(
            cell.ljust(width) if number < left else cell.rjust(width) for number, (cell, width) in enumerate(cells)
        )


def _kr(number: Decimal) -> str:
    return amount_text(number, language())


def vat_return_data(declaration: VatReturn) -> dict[str, Any]:
    """Return a VAT return as data: boxes in whole kronor, as declared, all other amounts in kronor and öre."""
    return {
        "start": declaration.start.isoformat(),
        "end": declaration.end.isoformat(),
        "is_complete": not declaration.unplaced,
        "boxes": {box: now for box, now, _ in declaration.lines() if now or box == TO_PAY},
        "exact": {box: str(number) for box, number in sorted(declaration.boxes.items()) if box in LABELS and number},
        "before": None
        if declaration.before is None
        else {box: each for box in LABELS if (each := declared(declaration.before, box))},
        "compensation": str(declaration.compensation),
        "accounts": [
            {
                "account": each.account,
                "opening": str(each.opening),
                "booked": str(each.booked),
                "settled": str(each.settled),
                "closing": str(each.closing),
            }
            for each in declaration.balances
        ],
        "unplaced": [
            {"voucher": each.voucher.meta.get("ver"), "vat": str(each.vat), "why": str(each.why)}
            for each in declaration.unplaced
        ],
    }
