"""`forbundsbok seal`, `unseal` and `anchor`: a complete year is sealed, opened again with the reason, kept account of.

forbundsbok seal 2024
forbundsbok unseal 2024 --reason "Periodisering av statsbidrag rättad efter revisionens granskning"
"""

from collections.abc import Callable
from datetime import date
from functools import partial, wraps
from pathlib import Path
from typing import Any, cast

import click

from forbundsbok.plugins.language import N_, tr
from forbundsbok.plugins.loading import load_ledger, refuse_errors
from forbundsbok.scripts.commands.options import (
    Command,
    DayType,
    OutType,
    ledger_option,
    say,
    tell,
    to_be_written,
    working,
    write_files,
    yes_option,
)
from forbundsbok.scripts.store.anchors import anchor_text
from forbundsbok.scripts.store.sealing import seal_year, unseal_year

year_argument = click.argument("year", metavar=N_("YEAR"), type=click.IntRange(1, 9999))
day_option = click.option(
    "--date", "day", metavar=N_("YYYY-MM-DD"), type=DayType(), help="The day of the journal's line; today without it."
)
by_option = click.option("--by", metavar=N_("NAME"), default="", help="Who does it; kept in the journal.")


def closing_options(command: Command) -> Command:
    """Give a command that closes a period the options of a trial and of a yes, as what asks whether it is `agreed`."""

    @click.option("--dry-run", is_flag=True, help="Try it with the whole ledger, and write nothing.")
    @click.option("--yes", is_flag=True, help="Write without asking.")
    @wraps(command)
    def asking(*args: Any, dry_run: bool, yes: bool, **values: Any) -> Any:
        return command(*args, agreed=partial(to_be_written, dry_run=dry_run, asked=not yes), **values)

    return cast(Command, asking)


reason_option = click.option(
    "--reason", metavar=N_("TEXT"), required=True, help="Why it is opened; kept in the journal."
)


@click.command()
@year_argument
@by_option
@day_option
@closing_options
@ledger_option
def seal(year: int, by: str, day: date | None, agreed: Callable[[str], bool], ledger: Path) -> None:
    """Seal a complete year, so that any later change in it is an error.

    Writes the digest of everything that belongs to it, chained to that of the year before, a line in the journal of
    seals, and a sealed copy in the folder sigill. A ledger with errors is not sealed, nor a year before the one that
    it builds on. Warnings that nobody has answered are told first: of a sealed year no rule warns. Then it asks. A seal
    that was lost is written back, when the year is as it was.

    \b
    forbundsbok seal 2024
    """
    if done := seal_year(ledger, year, day or date.today(), by, tell, agreed):
        say(done)


@click.command()
@year_argument
@reason_option
@by_option
@day_option
@ledger_option
def unseal(year: int, reason: str, by: str, day: date | None, ledger: Path) -> None:
    """Open a sealed year, and enter the reason into the journal of seals.

    Years are opened latest first, each with its own reason: a later seal builds on the earlier. Nothing is asked: the
    reason stands for a yes.

    \b
    forbundsbok unseal 2024 --reason "Periodisering av statsbidrag rättad efter revisionens granskning"
    """
    say(unseal_year(ledger, year, reason, day or date.today(), by, tell))


@click.command()
@click.option("--out", metavar=N_("FILE"), type=OutType(), help="The file; ankare and the day without it.")
@yes_option
@ledger_option
def anchor(out: Path | None, yes: bool, ledger: Path) -> None:
    """Write an anchor of the seals, for the auditor to keep or sign.

    A small text file with the sigill of each sealed year, and what the journal of seals holds. Held against it later
    by check --anchor, a seal that is gone or another is an error, whoever has changed what in the books. It also keeps
    what no seal covers, of which check --anchor warns: layouts, printed figures, the last commit in git.

    \b
    forbundsbok anchor --out ankare-2024.txt
    """
    from forbundsbok.scripts.store.beside import kept_files  # beside pandas, which sealing does not need

    with working(tr("Reading {file}", file=ledger)):
        loaded = load_ledger(ledger)
    refuse_errors(loaded.errors)
    day = date.today()
    path = out or Path(f"ankare-{day}.txt")
    text = anchor_text(loaded, day, kept_files(ledger.absolute().parent))
    write_files({path: text}, asked=not yes)
    say(f"{path}:\n{text}", nl=False)
