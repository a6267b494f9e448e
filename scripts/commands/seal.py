"""`forbundsbok seal` and `unseal`: a complete year is sealed, and opened again with the reason.

forbundsbok seal 2024
forbundsbok unseal 2024 --reason "Periodisering av statsbidrag rättad efter revisionens granskning"
"""

from datetime import date
from pathlib import Path

import click

from forbundsbok.plugins.language import N_
from forbundsbok.scripts.commands.options import DayType, ledger_option, say, tell
from forbundsbok.scripts.store.sealing import seal_year, unseal_year


@click.command()
@click.argument("year", metavar=N_("YEAR"), type=click.IntRange(1, 9999))
@ledger_option
def seal(year: int, ledger: Path) -> None:
    """Seal a complete year, so that any later change in it is an error.

    Writes the digest of everything dated up to its bokslut, chained to that of the year before. A
    ledger with errors is not sealed, nor a year before the one that it builds on.

    \b
    forbundsbok seal 2024
    """
    say(seal_year(ledger, year, tell))


@click.command()
@click.argument("year", metavar=N_("YEAR"), type=click.IntRange(1, 9999))
@click.option(
    "--reason", metavar=N_("TEXT"), required=True, help="Why the year is opened; kept in the ledger as a note."
)
@click.option(
    "--date",
    "day",
    metavar=N_("YYYY-MM-DD"),
    type=DayType(),
    help="The day of the note, after the year; today without it.",
)
@ledger_option
def unseal(year: int, reason: str, day: date | None, ledger: Path) -> None:
    """Open a sealed year, and leave a note of the reason in the ledger.

    Years are opened latest first, each with its own reason: a later seal builds on the earlier.

    \b
    forbundsbok unseal 2024 --reason "Periodisering av statsbidrag rättad efter revisionens granskning"
    """
    say(unseal_year(ledger, year, reason, day or date.today(), tell))
