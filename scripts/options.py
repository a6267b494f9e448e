"""What several commands share: the option that names the books, and how they tell what happens meanwhile."""

from pathlib import Path

import click

ledger_option = click.option(
    "--ledger",
    type=click.Path(path_type=Path),
    default=Path("ledger/main.bean"),
    show_default=True,
    help="The main file of the books.",
)


def tell(message: str) -> None:
    """Say on the error stream what the user may want to know while a command works."""
    click.echo(message, err=True)
