"""The journal: from solved yearly amounts to the vouchers of two years, and the whole `ledger/`.

Each subject books what it knows; the later ones fill up what the earlier ones left of a row, so
their order matters: costs and income that are given first, then what suppliers and customers are
invoiced, then VAT, which follows from the invoices. What comes out is compared with the solution
to the öre before anything is written.

    write_ledger(solution, Path("ledger"))
"""

from __future__ import annotations

from pathlib import Path

from scripts.files import write_atomically
from scripts.reconstruct.box_office import book_box_office
from scripts.reconstruct.fees import book_fees
from scripts.reconstruct.grants import book_grants, projects
from scripts.reconstruct.payroll import book_payroll
from scripts.reconstruct.promises import book_promises
from scripts.reconstruct.purchases import book_investments, book_purchases
from scripts.reconstruct.sales import book_sales
from scripts.reconstruct.settlement import book_held_funds, book_vat
from scripts.reconstruct.solve import Solution
from scripts.reconstruct.targets import Targets, prove
from scripts.reconstruct.vouchers import YEARS, Book
from scripts.reconstruct.writer import ledger_files
from scripts.reconstruct.yearend import (
    book_accruals,
    book_depreciation,
    book_interest,
    book_internal,
    book_provisions,
    book_surpluses,
)
from scripts.seal import seal_year


def book_all(solution: Solution) -> Book:
    """All vouchers of the solution's years, numbered."""
    book, targets = Book(), Targets(solution)
    book_payroll(book, targets)
    book_internal(book, targets)
    book_interest(book, targets)
    book_provisions(book, targets)
    book_surpluses(book, targets)
    book_depreciation(book, solution.assets)
    book_investments(book, solution.assets)
    book_accruals(book, targets)
    book_grants(book, targets)
    book_promises(book, targets)
    book_fees(book, targets)
    book_box_office(book, targets)
    book_sales(book, targets)
    book_purchases(book, targets, projects(targets))
    book_vat(book, targets)
    book_held_funds(book, targets)
    prove(book, targets)
    book.number()
    return book


def write_ledger(solution: Solution, folder: Path) -> None:
    """Write the ledger, each file replaced whole after all are made, and seal its years."""
    for path, text in ledger_files(book_all(solution), solution).items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(file, text)
    for year in YEARS:
        seal_year(folder / "main.bean", year)
