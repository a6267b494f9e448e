"""The purchases of a period as open data (CSV, UTF-8, commas and points), and how they come to the accounts, as text.

In the file                                         431   9 512 321,50
Left out: persons and sole traders                    2      12 000,00
"""

from forbundsbok.plugins.language import N_, language, tr
from forbundsbok.plugins.money import amount_text
from forbundsbok.queries.supplier_ledger import COLUMNS, SupplierLedger
from forbundsbok.scripts.render.csv import csv_text


def supplier_ledger_csv(made: SupplierLedger) -> str:
    """Return the published rows, a line each."""
    return csv_text(COLUMNS, (row.cells for row in made.rows))


def supplier_ledger_text(made: SupplierLedger) -> str:
    """Return how many rows are published and left out, and how they come to what suppliers are owed."""
    lines = [(tr(standing.value), str(own.rows), own.amount) for standing, own in made.sums.items()]
    lines += [
        (tr(N_("VAT on them")), "", made.vat),
        (tr(N_("Other rows of their vouchers")), "", made.other),
        (tr(N_("What they made the federation owe")), "", made.owed),
        (tr(N_("Owed to suppliers when the period began")), "", made.opening),
        (tr(N_("Paid and settled otherwise")), "", made.settled),
        (tr(N_("Owed when the period ends, as on the accounts")), "", made.closing),
    ]
    cells = [(tr(N_("Purchases {period}"), period=made.period), tr(N_("Rows")), tr(N_("Kronor")))]
    cells += [(label, rows, amount_text(amount, language())) for label, rows, amount in lines]
    first, second, third = (max(map(len, column)) for column in zip(*cells, strict=True))
    return "".join(f"{label:<{first}}  {rows:>{second}}  {amount:>{third}}\n" for label, rows, amount in cells)
