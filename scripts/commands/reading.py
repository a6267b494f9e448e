"""How the commands that show figures read the books.

forbundsbok show balans --year 2024 --ledger books/main.bean
"""

from pathlib import Path

from forbundsbok.plugins.findings import RuleError
from forbundsbok.plugins.language import N_, tr
from forbundsbok.plugins.loading import load_ledger, refuse_errors
from forbundsbok.queries.general_ledger import GeneralLedger, load, read
from forbundsbok.scripts.commands.options import working


def read_ledger(path: Path) -> GeneralLedger:
    """Read the books. Raises LedgerError for books with errors, OSError for a file that cannot be read."""
    with working(tr("Reading {file}", file=path)):
        return load(path)


def read_despite_errors(path: Path) -> tuple[GeneralLedger, str]:
    """Read the books although rules are broken; return with them what must stand above all that is made of them.

    Raises LedgerError for what Beancount itself cannot read or book: without that something would be missing.
    """
    with working(tr("Reading {file}", file=path)):
        loaded = load_ledger(path)
        refuse_errors([error for error in loaded.errors if not isinstance(error, RuleError)])
        ledger = read(loaded.entries, loaded.options)
    count = len(loaded.errors)
    text = (
        N_("NOTE: the books have 1 error. No figure is to be trusted until it is put right (forbundsbok check).")
        if count == 1
        else N_(
            "NOTE: the books have {count} errors. No figure is to be trusted until they are put right "
            "(forbundsbok check)."
        )
    )
    return ledger, f"{tr(text, count=count)}\n\n" if count else ""
