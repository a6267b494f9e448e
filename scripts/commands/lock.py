"""`forbundsbok lock` and `unlock`: a month that has been reported is locked, and opened again with reason and name.

forbundsbok lock 2025-01
forbundsbok unlock 2025-01 --reason "Faktura från januari bokförd i fel enhet" --by "Anna Andersson"
"""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import click

from forbundsbok.plugins.language import N_, tr
from forbundsbok.scripts.commands.options import ledger_option, say, tell
from forbundsbok.scripts.commands.seal import by_option, closing_options, day_option, reason_option
from forbundsbok.scripts.store.locking import lock_month, unlock_month


class MonthType(click.ParamType[str]):
    """A month: `2025-01`."""

    name = "month"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if not re.fullmatch(r"[1-9]\d{3}-(0[1-9]|1[0-2])", str(value), re.ASCII):
            self.fail(tr(N_('"{value}" is no month: write 2025-01.'), value=value), param, ctx)
        return str(value)


month_argument = click.argument("month", metavar=N_("MONTH"), type=MonthType())


@click.command()
@month_argument
@by_option
@day_option
@closing_options
@ledger_option
def lock(month: str, by: str, day: date | None, agreed: Callable[[str], bool], ledger: Path) -> None:
    """Lock a month that has been reported, so that what is booked in it does not change.

    A voucher that is changed, taken away or added in it is then an error, which tells how it is corrected in an open
    month. Registers go on: accounts, budgets and rights to approve are not locked. It asks before it writes.

    \b
    forbundsbok lock 2025-01
    """
    if done := lock_month(ledger, month, day or date.today(), by, tell, agreed):
        say(done)


@click.command()
@month_argument
@reason_option
@click.option("--by", metavar=N_("NAME"), required=True, help="Who does it; kept in the journal.")
@day_option
@ledger_option
def unlock(month: str, reason: str, by: str, day: date | None, ledger: Path) -> None:
    """Open a locked month, and enter the reason and who into the journal of seals.

    Nothing is asked: the reason stands for a yes.

    \b
    forbundsbok unlock 2025-01 --reason "Faktura bokförd i fel enhet" --by "Anna Andersson"
    """
    say(unlock_month(ledger, month, reason, day or date.today(), by, tell))
