"""SCB's Räkenskapssammandrag of a municipal federation, as far as its form is public.

    for made in summary_of_accounts(ledger, 2024):
        made.title          Räkenskapssammandrag: balansräkning

SCB tells on its page (scb.se, Räkenskapssammandrag för kommunalförbund och samordningsförbund) that it asks for the
income statement, the balance sheet and what the activity costs; of the latter all of group 57, with 572 by itself, and
of the provisions the accounts 221-222 apart from the rest of 22. The numbers of the form's rows, and how it divides
costs by activity, stand in a form that only who is to answer is sent: they are not here.

The two statements are layouts over the law's (`layouts/scb`), and each row that the law's have too is held against it.
"""

from dataclasses import replace
from pathlib import Path

from forbundsbok.plugins.accounts import parse_account
from forbundsbok.queries.general_ledger import GeneralLedger
from forbundsbok.queries.layout_files import FOLDER, Layouts
from forbundsbok.queries.statement import Period, Statement
from forbundsbok.queries.statements import statement

LAYOUTS = Path(__file__).parent / FOLDER / "scb"
STATEMENTS = ("sammandrag-resultat", "sammandrag-balans")


def summary_of_accounts(ledger: GeneralLedger, year: int, language: str = "sv") -> tuple[Statement, ...]:
    """Return the statements of a year, proven. Raises StatementError as `statement` does."""
    asked = replace(ledger, layouts=Layouts(LAYOUTS))
    return tuple(statement(asked, name, Period(year), None, language=language) for name in STATEMENTS)


def summary_of_name(ledger: GeneralLedger, period: Period, name: str, language: str) -> Statement | None:
    """Return the statement of a name, where it is one of these; None else. Raises StatementError."""
    if name not in STATEMENTS or not period.whole_year:
        return None
    return {each.id: each for each in summary_of_accounts(ledger, period.year, language)}[name]


def called(ledger: GeneralLedger, number: str, year: int) -> list[str]:
    """Return what the accounts are called that begin with a number which SCB names, and are in use in a year.

    SCB means what Kommun-Bas has there: a ledger may have something else on it.
    """
    chart = ledger.chart[ledger.in_use((Period(year),)) & ledger.chart.number.str.startswith(number).to_numpy()]
    names = map(parse_account, chart.index)
    return sorted({name.name.replace("-", " ") for name in names if name})
