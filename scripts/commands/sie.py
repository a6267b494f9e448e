"""`forbundsbok sie`: SIE files that another program has written, or is to read."""

import click

from forbundsbok.scripts.commands.sie_check import check
from forbundsbok.scripts.commands.sie_export import export


@click.group()
def sie() -> None:
    """SIE files: the format in which Swedish accounting programs hand over their books."""


sie.add_command(check)
sie.add_command(export)
