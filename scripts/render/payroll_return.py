"""An employer's declaration, and the tax account beside the books, as text and as data.

    Employer's declaration 2025-02
    Box                                  Kronor
    011  Pay in cash, all employees     100 000
    487  Fees of the employer            31 420

Texts are styled: plain after `click.unstyle`.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import click

from forbundsbok.plugins.language import N_, language, tr
from forbundsbok.plugins.ledger_text import cleaned_text
from forbundsbok.plugins.money import amount_text
from forbundsbok.queries.payroll_return import FULL_RATE, LABELS, PayrollReturn, Reconciled
from forbundsbok.queries.statement import grouped
from forbundsbok.scripts.render.vat_return import table


def payroll_return_text(declaration: PayrollReturn) -> str:
    """Return the boxes, the units, and the proof by the accounts of the debts."""
    return "\n".join(_lines(declaration)) + "\n"


def _lines(declaration: PayrollReturn) -> Iterator[str]:
    yield click.style(tr(N_("Employer's declaration {month}"), month=str(declaration.month)), bold=True)
    boxes = [[box, tr(LABELS[box]), grouped(int(number))] for box, number in declaration.boxes().items()]
    yield from table([[tr(N_("Box")), "", tr(N_("Kronor"))], *boxes])
    yield ""
    rate = amount_text(FULL_RATE, language())
    head = [tr(N_("Unit")), tr(N_("Pay")), tr(N_("Tax")), tr(N_("Fees")), "%", tr(N_("above {rate} %"), rate=rate)]
    units = [
        [each.unit, *map(_kr, (each.pay, each.tax, each.fees)), _percent(each.percent), _kr(each.off)]
        for each in declaration.units
    ]
    yield from table([head, *units], left=1)
    yield ""
    head = [tr(each) for each in (N_("Debt"), N_("Before"), N_("The month"), N_("Paid"), N_("After"))]
    debts = [
        [each.account, *map(_kr, (each.opening, each.raised, each.settled, each.closing))] for each in declaration.debts
    ]
    yield from table([head, *debts], left=1)


def reconciled_text(rows: Sequence[Reconciled]) -> str:
    """Return the rows of the tax account with what the books have; a cross is what does not agree."""
    lines = [click.style(tr(N_("The tax account beside the books")), bold=True)]
    cells = [
        ["" if each.agrees else "x", str(each.day), f"{cleaned_text(each.text)}: {each.found}", _kr(each.amount)]
        for each in rows
    ]
    lines += [line.rstrip() for line in table(cells, left=3)]
    return "\n".join(lines) + "\n"


def _kr(number: Decimal) -> str:
    return amount_text(number, language())


def _percent(number: Decimal | None) -> str:
    return "" if number is None else amount_text(number, language())


def payroll_return_data(declaration: PayrollReturn, rows: Sequence[Reconciled]) -> dict[str, Any]:
    """Return a declaration, and the tax account where it is there, as data; amounts in kronor and öre."""
    return {
        "month": str(declaration.month),
        "boxes": {box: int(number) for box, number in declaration.boxes().items()},
        "units": [
            {
                "unit": each.unit,
                "pay": str(each.pay),
                "tax": str(each.tax),
                "fees": str(each.fees),
                "percent": each.percent and str(each.percent),
            }
            for each in declaration.units
        ],
        "debts": [
            {
                "account": each.account,
                "opening": str(each.opening),
                "raised": str(each.raised),
                "settled": str(each.settled),
                "closing": str(each.closing),
            }
            for each in declaration.debts
        ],
        "tax_account": [
            {
                "date": each.day.isoformat(),
                "text": each.text,
                "amount": str(each.amount),
                "agrees": each.agrees,
                "found": str(each.found),
            }
            for each in rows
        ],
    }
