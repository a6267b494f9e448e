"""The options that several commands take, and how they tell what they do.

forbundsbok show balans --year 2024-01--08 --compare 2023 --language en --ledger books/main.bean
"""

import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from functools import wraps
from os import PathLike
from pathlib import Path
from typing import Any, TypeVar, cast

import click

from forbundsbok.plugins.language import N_, tr
from forbundsbok.plugins.ledger_text import cleaned_text, visible
from forbundsbok.plugins.places import from_here
from forbundsbok.queries.statement import Period
from forbundsbok.scripts.store.files import is_another, write_atomically
from forbundsbok.scripts.store.snapshot import written_again
from forbundsbok.scripts.store.witness import at_rest

Command = TypeVar("Command", bound=Callable[..., Any])


class PeriodType(click.ParamType[Period]):
    """A year, or whole months of one: `2024`, `2024-03`, `2024-Q1`, `2024-01--08`."""

    name = "year"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Period:
        try:
            return value if isinstance(value, Period) else Period.read(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


class DayType(click.ParamType[date]):
    """A day: `2024-12-31`."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        try:
            return value if isinstance(value, date) else datetime.strptime(str(value), "%Y-%m-%d").date()
        except ValueError:
            self.fail(tr('"{value}" is no day: write it as 2024-12-31.', value=value), param, ctx)


class OutType(click.Path):
    """A file or a folder to write, by its name: an empty one would be the folder that one stands in."""

    def __init__(self, *, folder: bool = False) -> None:
        super().__init__(path_type=Path, file_okay=not folder, dir_okay=folder)

    def convert(
        self, value: str | PathLike[str], param: click.Parameter | None, ctx: click.Context | None
    ) -> str | bytes | PathLike[str]:
        if value == "":
            self.fail(tr("say what it is to be called; . is the folder that you stand in."), param, ctx)
        with at_rest():  # what is there is asked about anew each time that it is written over
            return super().convert(value, param, ctx)


class LedgerType(click.Path):
    """The main file of the books, named as Beancount names what it includes: without any `..` to step back by."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(self, value: str | PathLike[str], param: click.Parameter | None, ctx: click.Context | None) -> Path:
        path = Path(super().convert(value, param, ctx))  # type: ignore[arg-type]  # never bytes
        if path.is_dir() and (file := path / "main.bean").is_file():
            self.fail(tr(N_("{folder} is a folder: write {file}"), folder=path, file=file), param, ctx)
        return Path(from_here(os.path.abspath(path))) if ".." in path.parts else path  # noqa: PTH100  # as Beancount


class SigillType(click.ParamType[tuple[int, str]]):
    """A year and its sigill, whole or its beginning: `2024=b4094f3e7ac3e2a9`."""

    name = "sigill"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, str]:
        match = re.fullmatch(r"([1-9]\d{3})=([0-9a-f]{16,64})", str(value).strip().lower(), re.ASCII)
        if match is None:
            text = N_('"{value}" is no year and sigill: write 2024= and at least the first 16 digits of the sigill.')
            self.fail(tr(text, value=value), param, ctx)
        return int(match[1]), match[2]


ledger_option = click.option(
    "--ledger",
    metavar=N_("FILE"),
    type=LedgerType(),
    default=Path("ledger/main.bean"),
    show_default=True,
    help="The main file of the books.",
)


compare_option = click.option(
    "--compare",
    metavar=N_("YEAR"),
    type=PeriodType(),
    help="Year beside it; the year before, if the ledger has it.",
)


def year_option(*, required: bool) -> Callable[[Command], Command]:
    """Return the option of the period that is asked for."""
    return click.option(
        "--year",
        metavar=N_("YEAR"),
        type=PeriodType(),
        required=required,
        help="2024; 2024-03 for its March; 2024-Q1 for its first quarter; 2024-01--08 for its first eight months.",
    )


def report_options(command: Command) -> Command:
    """Give a command the options of all that has to do with the annual report."""
    for option in (compare_option, year_option(required=True), ledger_option):
        command = option(command)
    return command


def statement_options(command: Command) -> Command:
    """Give a command the options that choose one presentation of a statement."""
    for option in (
        click.option(
            "--layout",
            metavar=N_("NAME"),
            default="",
            help="Another presentation: lag for the law's, whatever stands beside the books.",
        ),
        click.option("--unit", metavar=N_("UNIT"), default="", help="Code of a unit; the whole federation without it."),
    ):
        command = option(command)
    return command


def view_options(command: Command) -> Command:
    """Give a command the options of what stands beside a statement's own columns, as one `view`."""

    @click.option("--budget", is_flag=True, help="The budget beside the outcome, and how far it is from it.")
    @click.option("--change", is_flag=True, help="The change from the year before, also in per cent.")
    @wraps(command)
    def viewed(*args: Any, change: bool, budget: bool, **values: Any) -> Any:
        from forbundsbok.queries.views import View  # beside pandas: what only a command that is called needs

        return command(*args, view=View(change, budget), **values)

    return cast(Command, viewed)


def say(text: object, *, nl: bool = True, err: bool = False) -> None:
    """Print a text, of characters that can be seen: what books and documents hold must not steer a terminal."""
    click.echo(visible(str(text)), nl=nl, err=err)


def tell(message: str) -> None:
    """Say on the error stream what the user may want to know while a command works."""
    say(message, err=True)


yes_option = click.option("--yes", is_flag=True, help="Write over files that are there, without asking.")


def write_files(files: Mapping[Path, str | bytes], *, asked: bool, folder: Path | None = None) -> None:
    """Write files that are no books; over others of the same names only on a yes. Raises ClickException, OSError.

    A `folder` that they are in is made if need be.
    """
    contents = {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}
    with at_rest():  # what is asked about what is there is asked anew each time
        others = [path for path, content in contents.items() if asked and is_another(path, content)]
    if others:
        there = tr(N_("{file} is there already. Write over it?"), file=others[0])
        if len(others) > 1:
            text = N_("{file} and {count} more files are there already. Write over them?")
            there = tr(text, file=others[0], count=len(others) - 1)
        try:
            is_wanted = confirmed(there)
        except click.Abort:  # nobody is there to answer
            click.echo()
            is_wanted = False
        if not is_wanted:
            text = N_("nothing has been written: name another place, or write over what is there by --yes")
            raise click.ClickException(tr(text))
    with written_again(contents, folder, asked=asked):
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        for path, content in contents.items():
            with working(tr("Writing {file}", file=path)):
                write_atomically(path, content)


def to_be_written(question: str, *, dry_run: bool, asked: bool) -> bool:
    """Tell whether what has been checked is to be written: not on a trial, and if asked only on a yes."""
    if dry_run:
        say(tr(N_("The ledger with this has no errors. Nothing has been written.")))
        return False
    if asked and not confirmed(question):
        say(tr(N_("Nothing has been written.")))
        return False
    return True


def confirmed(question: str) -> bool:
    """Ask, and return whether the answer is a yes, in either language; anything else leaves all as it is."""
    answer = click.prompt(visible(question), prompt_suffix=tr(" [y/N]: "), default="", show_default=False)
    return str(answer).strip().lower() in ("j", "ja", "y", "yes")


@contextmanager
def working(what: str) -> Iterator[None]:
    """Say what is being done while it lasts, on a terminal only."""
    on_terminal = sys.stderr is not None and sys.stderr.isatty()  # None where whoever started it has closed it
    if on_terminal:
        click.echo(f"\r\x1b[K{cleaned_text(what)} ...", err=True, nl=False)
    try:
        yield
    finally:
        if on_terminal:
            click.echo("\r\x1b[K", err=True, nl=False)
