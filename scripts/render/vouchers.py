"""Vouchers as text and as data.

    2024-01-03  L 17  Leverantör 031 Fastigheter: Lokalhyra januari     ledger/units/navet/2024.bean:19
      Expenses:NAV:6020-Lokalhyror                   12 345,00
      Liabilities:NAV:2510-Leverantörsskulder       -12 345,00
      underlag/2024/L-0017.pdf

Texts are styled: plain after `click.unstyle`.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click
from beancount.core import data

from forbundsbok.plugins.findings import counted
from forbundsbok.plugins.language import N_, language, tr
from forbundsbok.plugins.ledger_text import cleaned_text
from forbundsbok.plugins.money import amount_text, ledger_number
from forbundsbok.plugins.places import where
from forbundsbok.plugins.review import WAITS
from forbundsbok.queries.search import FoundVoucher

WAITING = N_("waits for approval")


def vouchers_text(vouchers: Sequence[FoundVoucher], folder: Path, *, counted_at_end: bool = True) -> str:
    """Return vouchers with their rows, and their documents as they are named below the ledger's folder."""
    blocks = ["\n".join(_lines(voucher, folder)) for voucher in vouchers]
    count = (
        str(counted(len(vouchers), N_("1 voucher."), N_("{count} vouchers."))) if vouchers else tr(N_("No voucher."))
    )
    return "\n\n".join([*blocks, *([count] if counted_at_end else [])]) + "\n"


def _lines(voucher: FoundVoucher, folder: Path) -> Iterator[str]:
    entry = voucher.entry
    text = ": ".join(each for each in (entry.payee, entry.narration) if each)
    head = "  ".join(each for each in (str(entry.date), voucher.number, text) if each)
    waits = f"  ({tr(WAITING)})" if entry.flag == WAITS else ""
    yield f"{click.style(cleaned_text(head), bold=True)}{waits}  {cleaned_text(where(entry))}"
    amounts = [_amount(row) for row in voucher.rows]
    name_width = max((len(row.account) for row in voucher.rows), default=0)
    amount_width = max(map(len, amounts), default=0)
    for row, amount in zip(voucher.rows, amounts, strict=True):
        yield f"  {row.account:<{name_width}}  {amount:>{amount_width}}"
    if voucher.document:
        kept = folder / voucher.document
        yield "  " + cleaned_text(str(kept) if kept.is_file() else voucher.document)


def _amount(row: data.Posting) -> str:
    return amount_text(row.units.number, language()) if row.units and row.units.number is not None else ""


def vouchers_data(vouchers: Sequence[FoundVoucher]) -> list[dict[str, Any]]:
    """Return vouchers as lists and texts, amounts in kronor as texts, debit positive."""
    return [
        {
            "date": voucher.entry.date.isoformat(),
            "number": voucher.number,
            "party": voucher.entry.payee or "",
            "text": voucher.entry.narration or "",
            "links": sorted(voucher.entry.links),
            "waits": voucher.entry.flag == WAITS,
            "document": voucher.document,
            "file": voucher.entry.meta.get("filename", ""),
            "line": voucher.entry.meta.get("lineno", 0),
            "rows": [
                {"account": row.account, "amount": ledger_number(row.units.number)}
                for row in voucher.rows
                if row.units and row.units.number is not None
            ],
        }
        for voucher in vouchers
    ]
