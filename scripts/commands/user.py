"""`forbundsbok user`: who may log in to the books in the browser, and what each may do there.

forbundsbok user add anna --role bokföra
"""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from forbundsbok.plugins.language import N_, tr
from forbundsbok.scripts.commands.options import say

if TYPE_CHECKING:
    from forbundsbok.web.users import Users

users_option = click.option(
    "--users",
    metavar=N_("FILE"),
    type=click.Path(path_type=Path),
    help="The file of users; users.json in forbundsbok of your settings.",
)


def users_in(path: Path | None) -> "Users":
    """Return the users of a file, or of the one that is asked when no other is named."""
    from forbundsbok.web.users import Users, users_file  # what it hashes by takes its time to load

    return Users(path or users_file())


@click.group()
def user() -> None:
    """Enter who may see the books in the browser (forbundsbok serve), and who may write in them."""


@user.command()
@click.argument("name", metavar=N_("NAME"))
@click.option(
    "--role",
    type=click.Choice(("läsa", "granska", "bokföra")),
    default="läsa",
    show_default=True,
    help="läsa sees the books, granska the log too, bokföra also writes.",
)
@click.option(
    "--signature",
    "sign",
    metavar=N_("SIGNATURE"),
    help="How the books' rights name this person, who then approves in the browser; as it was without it.",
)
@users_option
def add(name: str, role: str, sign: str | None, users: Path | None) -> None:
    """Enter somebody, or give somebody who is there another role and password; the password is asked for.

    \b
    forbundsbok user add anna --role bokföra
    forbundsbok user add vera --signature VC-RT
    """
    from forbundsbok.web.users import UsersError

    password = click.prompt(tr(N_("Password")), hide_input=True, confirmation_prompt=tr(N_("Once more")))
    try:
        users_in(users).add(name, role, password, sign)
    except UsersError as error:
        raise click.ClickException(str(error)) from error
    say(tr(N_("{name} may log in, with the role {role}."), name=name, role=role))


@user.command("list")
@users_option
def list_users(users: Path | None) -> None:
    """Print who may log in, and their roles."""
    from forbundsbok.web.users import UsersError

    try:
        entered = users_in(users).read()
    except UsersError as error:
        raise click.ClickException(str(error)) from error
    for each in sorted(entered.values()):
        say("  ".join(filter(None, (each.name, each.role, each.sign))))


@user.command()
@click.argument("name", metavar=N_("NAME"))
@users_option
def remove(name: str, users: Path | None) -> None:
    """Take somebody away; a session of theirs ends at once.

    \b
    forbundsbok user remove anna
    """
    from forbundsbok.web.users import UsersError

    try:
        users_in(users).remove(name)
    except UsersError as error:
        raise click.ClickException(str(error)) from error
    say(tr(N_("{name} may not log in any more."), name=name))
