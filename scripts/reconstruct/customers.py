"""Customer invoices and their payment.

    2024-01-15 * "Borås stad" "Medlemsavgifter Navet science center kvartal 1" ^K-2024-0021
      ver: "K 21"
      underlag: "underlag/2024/K-0021.pdf"
      forfallodag: 2024-02-14
      motpart: "Borås stad"
      Assets:NAV:1510-Kundfordringar          1693076.00 SEK
      Income:NAV:3119-Medlemsavgifter:Borås  -1693076.00 SEK

Public parties are named; other customers are kinds.
"""

from __future__ import annotations

from datetime import date, timedelta

from forbundsbok.scripts.reconstruct.chart import BANK, receivable
from forbundsbok.scripts.reconstruct.vouchers import Book, Draft, DraftRow, after


def invoice_customer(
    book: Book,
    unit: str,
    day: date,
    customer: str,
    text: str,
    *lines: DraftRow,
    paid: date | None = None,
    project: str = "",
) -> Draft:
    """An invoice of what `lines` credit, and its payment about a month later."""
    gross = -sum(amount for _, amount in lines)
    meta: dict[str, str | date | Draft] = {"forfallodag": day + timedelta(days=30)}
    if not customer.startswith("Kund"):
        meta["motpart"] = customer
    if project:
        meta["projekt"] = project
    invoice = book.add(day, "K", customer, text, (receivable(unit), gross), *lines, meta=meta)
    book.add(
        paid or after(day, 30),
        "I",
        customer,
        f"Inbetalning: {text}",
        (BANK, gross),
        (receivable(unit), -gross),
        settles=invoice,
    )
    return invoice
