"""Options that several commands take."""

from pathlib import Path

import click

ledger_option = click.option(
    "--ledger",
    type=click.Path(path_type=Path),
    default=Path("ledger/main.bean"),
    show_default=True,
    help="The main file of the books.",
)
