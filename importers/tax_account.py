"""The statement of the tax account at Skatteverket, as rows of a spreadsheet: day, text, amount, and balances.

    ;Ingående saldo 2025-03-01;;12 500
    2025-03-12;Inbetalning bokförd 250312;1 391 621;
    2025-03-12;Avdragen skatt februari 2025;-616 000;
    ;Utgående saldo 2025-03-31;;12 500

Columns are told apart by what stands in them, so that a heading, other separators, and a running balance do no harm:
the first amount of a row after its text is what moves; a row that names a balance has it last.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from forbundsbok.importers.budget import amount_of
from forbundsbok.importers.document import Document
from forbundsbok.importers.formats.sheet import rows_of
from forbundsbok.importers.problems import Problem, refused, refused_whole
from forbundsbok.plugins.findings import phrase
from forbundsbok.plugins.language import N_

_DAY = re.compile(r"20\d\d-\d\d-\d\d", re.ASCII)
_BALANCE = re.compile(r"(ingående|utgående)\s+saldo", re.IGNORECASE)


@dataclass(frozen=True)
class TaxAccountStatement:
    """What moves on the tax account, plus in the federation's favour, and its balances where they are told."""

    rows: Sequence[tuple[date, str, Decimal]]
    opening: Decimal | None
    closing: Decimal | None


def tax_account_statement(document: Document) -> TaxAccountStatement:
    """Return what a statement holds. Raises DocumentError, OSError."""
    rows: list[tuple[date, str, Decimal]] = []
    balances: dict[str, Decimal] = {}
    problems = []
    for line, cells in rows_of(document):
        told = [cell for cell in cells if cell]
        day = next((found for cell in told if (found := _day(cell))), None)
        text = next((cell for cell in told if _day(cell) is None and amount_of(cell) is None), "")
        amounts = [number for cell in told if (number := amount_of(cell)) is not None]
        if (named := _BALANCE.search(text)) and amounts:
            balances[named[1].casefold()] = amounts[-1]
        elif day and text and amounts:
            rows.append((day, text, amounts[0]))
        elif amounts and rows:
            problems.append(_problem(line, cells))
    if problems:
        raise refused(str(document), problems)
    if not rows:
        text = N_("no statement of a tax account: no row has a day, a text and an amount")
        raise refused_whole(document, phrase(text))
    opening, closing = balances.get("ingående"), balances.get("utgående")
    moved = sum((amount for _, _, amount in rows), Decimal(0))
    if opening is not None and closing is not None and opening + moved != closing:
        text = N_("from {opening} kr its rows lead to {sum} kr, but it ends at {closing} kr: rows are lacking")
        raise refused_whole(document, phrase(text, opening=opening, sum=opening + moved, closing=closing))
    return TaxAccountStatement(rows, opening, closing)


def _problem(line: int, cells: Sequence[str]) -> Problem:
    return Problem(line, phrase(N_('"{row}" has no day, or no text'), row=";".join(cells)))


def _day(cell: str) -> date | None:
    if _DAY.fullmatch(cell) is None:
        return None
    try:
        return datetime.strptime(cell, "%Y-%m-%d").date()
    except ValueError:
        return None
