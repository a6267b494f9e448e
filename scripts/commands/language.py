"""The language of the command line: Swedish, or English by `--language en` or FORBUNDSBOK_LANGUAGE=en.

    forbundsbok --language en check

Help texts stand in English beside the commands. Click's own words ("Usage", "No such option") are asked of our
catalogue too, since it looks for its own in compiled files that nobody ships.
"""

import inspect
import os
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import click
import click.core
import click.decorators
import click.exceptions
import click.formatting
import click.parser
import click.termui
import click.types

from forbundsbok.plugins.language import LANGUAGES, N_, choose_language, language, translation

CLICK_WORDS = (
    N_("Aborted!"),
    N_("COMMAND [ARGS]..."),
    N_("Commands"),
    N_("Error: {message}"),
    N_("Got unexpected extra argument ({args})"),
    N_("Got unexpected extra arguments ({args})"),
    N_("Invalid value for {param_hint}: {message}"),
    N_("Invalid value: {message}"),
    N_("Missing command."),
    N_("No such command {name!r}."),
    N_("No such option {name!r}."),
    N_("Option {name!r} does not take a value."),
    N_("Option {name!r} requires an argument."),
    N_("Options"),
    N_("Show the version and exit."),
    N_("Show this message and exit."),
    N_("Try '{command} {option}' for help."),
    N_("Usage:"),
    N_("default: {default}"),
    N_("{name} {filename!r} does not exist."),
    N_("{name} {filename!r} is a directory."),
    N_("{name} {filename!r} is a file."),
    N_("{name} {filename!r} is not readable."),
    N_("{name} {filename!r} is not writable."),
    N_("{value!r} is not a valid {number_type}."),
    N_("{value!r} is not {choice}."),
    N_("{value!r} is not one of {choices}."),
    N_("{value} is not in the range {range}."),
    N_("Did you mean {possibility}?"),
    N_("(Did you mean one of: {possibilities}?)"),
    N_("[OPTIONS]"),
    N_("integer range"),
    N_("required"),
    N_("file"),
    N_("directory"),
    N_("path"),
)
"""What click says of itself, in the words of the version that is installed."""

SYSTEM_WORDS = (
    N_("File exists"),
    N_("File name too long"),
    N_("Input/output error"),
    N_("Is a directory"),
    N_("No space left on device"),
    N_("No such file or directory"),
    N_("Not a directory"),
    N_("Permission denied"),
    N_("Read-only file system"),
)
"""What the system says of files that cannot be read or written; it is asked to be told by `tr(error.strerror)`."""

_ASKING = (
    click.core,
    click.decorators,
    click.exceptions,
    click.formatting,
    click.parser,
    click.termui,
    click.types,
)

_english: dict[click.Command | click.Option, str] = {}
_metavars: dict[click.Parameter, str | None] = {}
_types: dict[click.ParamType[Any], str] = {}


def choose_for(root: click.Command, args: Sequence[str]) -> None:
    """Choose the language that some arguments ask for, and let click and a command speak it."""
    choose_language(_asked(args))
    for module in _ASKING:
        for name, words in (("_", _word), ("ngettext", _words)):
            if hasattr(module, name):
                setattr(module, name, words)
    speak(root)


def speak(command: click.Command) -> None:
    """Let a command, and those below it that are loaded, speak the language that is chosen."""
    for part in _own_parts(command):
        part.help = translation(help_text(part), language()) if part.help else None
    _choose_metavars(command)
    command._help_option = None  # click would keep that of the language that was chosen first
    if isinstance(command, click.Group):
        for each in command.commands.values():
            speak(each)


def _choose_metavars(command: click.Command) -> None:
    """Let a command name what its options and arguments take: `[FLAGGOR] FIL...`."""
    command.options_metavar = _word("[OPTIONS]")
    if isinstance(command, click.Group):
        command.subcommand_metavar = _word("COMMAND [ARGS]...")
    for parameter in command.params:
        metavar = _metavars.setdefault(parameter, parameter.metavar)
        parameter.metavar = _word(metavar) if metavar else None
        parameter.type.name = _word(_types.setdefault(parameter.type, parameter.type.name))


def parts_of(command: click.Command) -> Iterator[click.Command | click.Option]:
    """Yield a command, its options, and all below it."""
    yield from _own_parts(command)
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            if each := command.get_command(context, name):
                yield from parts_of(each)


def _own_parts(command: click.Command) -> Iterator[click.Command | click.Option]:
    yield command
    yield from (parameter for parameter in command.params if isinstance(parameter, click.Option))


def help_text(part: click.Command | click.Option) -> str:
    """Return a command's or an option's help in English, as the catalogue has it."""
    return _english.setdefault(part, inspect.cleandoc(part.help or ""))


def _asked(args: Sequence[str]) -> str | None:
    """Return the language that arguments ask for: the last one, as click has it; None for none that is known."""
    asked = None
    for word, following in pairwise([*args, ""]):
        if word == "--language" or word.startswith("--language="):
            value = word.partition("=")[2] or following
            asked = value if value in LANGUAGES else asked
    return asked


def _word(text: str) -> str:
    return translation(text, language())


def _words(one: str, many: str, count: int) -> str:
    return translation(one if count == 1 else many, language())


language_option = click.option(
    "--language",
    type=click.Choice(LANGUAGES),
    default=lambda: os.environ.get("FORBUNDSBOK_LANGUAGE", LANGUAGES[0])[:2],
    expose_value=False,
    help="Language of what is said: sv or en.",
)
"""The option of every command. It is read before all others (`choose_for`); here it is known, and explained."""
