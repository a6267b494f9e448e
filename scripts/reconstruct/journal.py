"""The journal: from solved yearly amounts to the vouchers of two years, and the whole `ledger/`.

Each subject books what it knows; the later ones fill up what the earlier ones left of a row, so
their order matters: costs and income that are given first, then what suppliers and customers are
invoiced, then VAT, which follows from the invoices. What comes out is compared with the solution
to the öre before anything is written.

    write_ledger(solution, Path("ledger"))
"""

from __future__ import annotations

import re
import shutil
from datetime import date
from pathlib import Path

from beancount.parser.parser import parse_string

from forbundsbok.plugins.journal import CHAIN, COPY, TYPE, read_journal
from forbundsbok.plugins.sealed_copy import FOLDER
from forbundsbok.scripts.reconstruct.box_office import book_box_office
from forbundsbok.scripts.reconstruct.fees import book_fees
from forbundsbok.scripts.reconstruct.grants import book_grants, projects
from forbundsbok.scripts.reconstruct.payroll import book_payroll
from forbundsbok.scripts.reconstruct.promises import book_promises
from forbundsbok.scripts.reconstruct.purchases import book_investments, book_purchases
from forbundsbok.scripts.reconstruct.sales import book_sales
from forbundsbok.scripts.reconstruct.settlement import book_held_funds, book_vat
from forbundsbok.scripts.reconstruct.solve import Solution
from forbundsbok.scripts.reconstruct.targets import Targets, prove
from forbundsbok.scripts.reconstruct.vouchers import YEARS, Book
from forbundsbok.scripts.reconstruct.writer import ledger_files
from forbundsbok.scripts.reconstruct.yearend import (
    book_accruals,
    book_depreciation,
    book_interest,
    book_internal,
    book_provisions,
    book_surpluses,
)
from forbundsbok.scripts.store import StoreError
from forbundsbok.scripts.store.files import write_atomically
from forbundsbok.scripts.store.sealing import seal_year, unseal_year

SEALED_ON = date(2025, 4, 10)
JOURNAL_LINES = re.compile(rf'^\S+ custom "{TYPE}".*', re.MULTILINE | re.DOTALL)


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
    """Write the ledger, each file replaced whole after all are made, and seal its years.

    The journal of seals stays: years that are not as they were are opened and sealed anew, as anybody's would be.
    Sealed copies are not kept, since the books can be made again.
    """
    had = folder / "bokslut.bean"
    journal = JOURNAL_LINES.search(had.read_text(encoding="utf-8")) if had.exists() else None
    for path, text in ledger_files(book_all(solution), solution).items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(file, text + (f"\n{journal[0]}" if file == had and journal else ""))
    main_file = folder / "main.bean"
    for year in YEARS:
        try:
            seal_year(main_file, year, SEALED_ON, "", print)
        except StoreError:
            unseal_year(main_file, year, "Böckerna är rekonstruerade på nytt", SEALED_ON, "", print)
            seal_year(main_file, year, SEALED_ON, "", print)
    shutil.rmtree(folder / FOLDER)
    kept = had.read_text(encoding="utf-8").splitlines(keepends=True)
    write_atomically(had, _chained("".join(line for line in kept if not line.startswith(f"  {COPY}:"))))


def _chained(text: str) -> str:
    """Return the journal with the chain that its lines give, as they stand now."""
    journal = read_journal(parse_string(text)[0])
    for line, link in zip(journal.lines, journal.chain(), strict=True):
        if written := line.entry.meta.get(CHAIN):
            text = text.replace(written, link)
    return text
