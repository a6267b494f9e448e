"""`forbundsbok serve`: the books in the browser.

forbundsbok serve --ledger ledger/main.bean --port 5000
"""

from pathlib import Path

import click

from forbundsbok.plugins.language import N_
from forbundsbok.scripts.commands.options import ledger_option, say


@click.command()
@ledger_option
@click.option(
    "--port",
    metavar=N_("NUMBER"),
    type=click.IntRange(1, 65535),
    default=5000,
    show_default=True,
    help="The port of the address.",
)
def serve(ledger: Path, port: int) -> None:
    """Show the books in the browser, to be read.

    \b
    forbundsbok serve
    """
    from forbundsbok.web.serve import serve as serve_books  # Fava takes its time to load

    ledger.open("rb").close()
    serve_books(ledger, port, say)
