"""`forbundsbok serve`: the books in the browser.

forbundsbok serve --ledger ledger/main.bean --port 5000
"""

from pathlib import Path

import click

from forbundsbok.plugins.language import N_
from forbundsbok.scripts.commands.options import ledger_option, say
from forbundsbok.scripts.commands.user import users_in, users_option


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
@click.option(
    "--listen",
    metavar=N_("ADDRESS"),
    default="127.0.0.1",
    show_default=True,
    help="The computer's own address that is listened on; without it only this computer reaches the books.",
)
@click.option(
    "--address",
    "addresses",
    metavar=N_("ADDRESS"),
    multiple=True,
    help="What readers write in their browsers: https://bok.forbundet.se",
)
@click.option("--tls-cert", "certificate", metavar=N_("FILE"), type=click.Path(path_type=Path), help="The certificate.")
@click.option("--tls-key", "key", metavar=N_("FILE"), type=click.Path(path_type=Path), help="The certificate's key.")
@click.option("--behind-proxy", "is_behind_proxy", is_flag=True, help="A reverse proxy beside it has the certificate.")
@users_option
@click.option("--write", "is_written", is_flag=True, help="Who has the role bokföra writes in the books.")
def serve(
    ledger: Path,
    port: int,
    listen: str,
    addresses: tuple[str, ...],
    certificate: Path | None,
    key: Path | None,
    is_behind_proxy: bool,
    users: Path | None,
    is_written: bool,
) -> None:
    """Show the books in the browser.

    They are read there; who has the role bokföra writes, with --write, what passes all rules. Where users are entered
    (forbundsbok user add), who reads logs in. Others than this computer reach the books by users and TLS alone.

    \b
    forbundsbok serve
    forbundsbok serve --listen 10.1.2.3 --tls-cert bok.pem --tls-key bok.key --address https://bok.forbundet.se:5000
    """
    from forbundsbok.web.listening import ListenError, Site  # Fava takes its time to load
    from forbundsbok.web.serve import serve as serve_books
    from forbundsbok.web.users import UsersError

    ledger.open("rb").close()
    site = Site(listen, port, addresses, certificate, key, is_behind_proxy)
    try:
        serve_books(ledger, site, users_in(users), say, is_written=is_written)
    except (ListenError, UsersError) as error:
        raise click.ClickException(str(error)) from error
