"""The command `forbundsbok`, which gathers the commands and turns what goes wrong into messages.

forbundsbok show resultat --year 2024 --unit RT
"""

import ast
import errno
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from forbundsbok import version
from forbundsbok.plugins.language import language, tr, translation
from forbundsbok.plugins.refusal import RefusalError
from forbundsbok.scripts.commands.language import choose_for, language_option, speak
from forbundsbok.scripts.store.aside import does_one_thing
from forbundsbok.scripts.store.snapshot import OPTION, answered

COMMANDS = {
    "init": ("init", "init"),
    "show": ("show", "show"),
    "export": ("export", "export"),
    "trace": ("trace", "trace"),
    "find": ("find", "find"),
    "follow-up": ("follow_up", "follow_up_of"),
    "serve": ("serve", "serve"),
    "user": ("user", "user"),
    "open": ("open_items", "open_items"),
    "compare": ("compare", "compare_figures"),
    "contradictions": ("contradictions", "contradictions_of"),
    "check": ("check", "check"),
    "rule": ("rule", "rule"),
    "import": ("import_documents", "import_documents"),
    "new": ("new", "new"),
    "attest": ("attest", "attest"),
    "pay": ("pay", "pay"),
    "fees": ("fees", "fees"),
    "remind": ("remind", "remind"),
    "vat": ("vat", "vat"),
    "payroll": ("payroll", "payroll"),
    "control": ("control", "control"),
    "open-year": ("open_year", "open_year"),
    "close": ("close", "close"),
    "sie": ("sie", "sie"),
    "seal": ("seal", "seal"),
    "unseal": ("seal", "unseal"),
    "anchor": ("seal", "anchor"),
    "audit-pack": ("audit_pack", "pack_for_audit"),
    "open-data": ("open_data", "open_data"),
    "scb": ("scb", "scb"),
    "lock": ("lock", "lock"),
    "unlock": ("lock", "unlock"),
}
"""The commands, as a year needs them: the module and the function of each, which is loaded when it is asked for."""

ANSWERING = frozenset(
    {"show", "export", "trace", "find", "follow-up", "open", "open-data", "scb"}
    | {"compare", "contradictions", "check", "rule"}
)
"""The commands that only tell what the books say, here or in files: their answers are kept (scripts.store.snapshot)."""


class _Group(click.Group):
    """Commands whose users' mistakes end in a message and exit status 1, never in a traceback.

    Only the one that is asked for is loaded, since what the others import takes its time.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in COMMANDS and cmd_name not in self.commands:
            module, function = COMMANDS[cmd_name]
            command: click.Command = getattr(import_module(f"forbundsbok.scripts.commands.{module}"), function)
            self.add_command(command)
            if cmd_name in ANSWERING:
                _no_cache_option(command)
            _with_language(command)
            speak(command)
        return super().get_command(ctx, cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands with their help as it stands in their source: no command is loaded for it."""
        listed = [click.Command(name, help=translation(_help(*home), language())) for name, home in COMMANDS.items()]
        click.Group(commands=listed).format_commands(ctx, formatter)

    def main(self, args: Sequence[str] | None = None, *more: Any, **extra: Any) -> Any:
        words = sys.argv[1:] if args is None else args

        def work() -> Any:
            choose_for(self, words)
            return super(_Group, self).main(words, *more, **extra)

        if args is None and next((word for word in words if word in COMMANDS), "") in ANSWERING:
            # Only a process that is asked one thing asks the world all that its answer follows from.
            does_one_thing()
            return answered(words, work)
        return work()

    def invoke(self, ctx: click.Context) -> Any:
        # https://no-color.org; click leaves out colour by itself where the output is no terminal.
        if os.environ.get("NO_COLOR"):
            ctx.color = False
        try:
            return self._told(ctx)
        except click.ClickException as error:  # what is wrong may be told in the words of books and documents
            from forbundsbok.plugins.ledger_text import visible  # which what is kept is told without

            error.message = visible(error.message)  # type: ignore[misc]
            raise

    def _told(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except click.MissingParameter as error:
            hint = error.param_hint or (error.param and error.param.get_error_hint(error.ctx or ctx))
            if isinstance(error.param, click.Option) and error.param.metavar:
                example = f"{max(error.param.opts, key=len)} {error.param.metavar}"
                told = tr("{what} is missing: write   {example}", what=hint, example=example)
                raise click.UsageError(told, error.ctx) from None
            raise click.UsageError(tr("{what} is missing.", what=hint), error.ctx) from None
        except RefusalError as error:
            from forbundsbok.scripts.commands.options import tell

            for message in error.messages:
                tell(message)
            raise click.ClickException(error.conclusion) from None
        except OSError as error:
            if error.errno == errno.EPIPE:  # the reader, such as `head`, has seen enough: click ends quietly
                raise
            what = error.filename or tr("writing")
            raise click.ClickException(f"{what}: {tr(error.strerror or str(error))}") from None


_no_cache_option = click.option(
    OPTION,
    is_flag=True,
    expose_value=False,
    help="Read the books anew, though nothing has changed since the same was asked.",
)
"""The option of the commands whose answers are kept. It is read before all others; here it is known, and explained."""


def _help(module: str, function: str) -> str:
    source = ast.parse(Path(__file__).with_name("commands").joinpath(f"{module}.py").read_bytes())
    texts = {each.name: ast.get_docstring(each) for each in source.body if isinstance(each, ast.FunctionDef)}
    return texts[function] or ""


def _with_language(command: click.Command) -> None:
    """Let a command, and those below it that are there, take the option of the language."""
    language_option(command)
    if isinstance(command, click.Group):
        for each in command.commands.values():
            _with_language(each)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version(), "--version", prog_name="forbundsbok", message="%(prog)s %(version)s")
def main() -> None:
    """Annual accounts of a municipal federation, computed from the vouchers of its Beancount ledger."""


_with_language(main)


if __name__ == "__main__":
    main()
