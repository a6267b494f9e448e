"""The command `forbundsbok`: statements on the screen and in files, and what stands behind them.

forbundsbok show resultat --year 2024 --unit NAV
"""

import errno
import os
import re
import sys
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from forbundsbok import __version__
from forbundsbok.importers.problems import DocumentError
from forbundsbok.plugins.loading import LedgerError
from forbundsbok.plugins.vouchers import WAITS
from forbundsbok.queries.books import Books, load
from forbundsbok.queries.layout import LayoutError
from forbundsbok.queries.statement import Period, Statement
from forbundsbok.queries.statements import StatementError, statement, statement_names, statements
from forbundsbok.scripts import compare as comparing
from forbundsbok.scripts import export as exporting
from forbundsbok.scripts import importing
from forbundsbok.scripts import rules as describing
from forbundsbok.scripts import seal as sealing
from forbundsbok.scripts import trace as tracing
from forbundsbok.scripts.commands.sie import sie
from forbundsbok.scripts.documents import not_as_they_came
from forbundsbok.scripts.figures import CsvError, figures_of, read_contradictions, read_figures
from forbundsbok.scripts.options import ledger_option
from forbundsbok.scripts.store import StoreError
from forbundsbok.scripts.store.files import write_atomically
from forbundsbok.scripts.text import as_text, heading
from forbundsbok.scripts.words import LANGUAGES, word

Command = TypeVar("Command", bound=Callable[..., Any])


class _PeriodType(click.ParamType[Period]):
    """A year, or whole months of one: `2024`, `2024-01--08`."""

    name = "year"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Period:
        match = re.fullmatch(r"([1-9]\d{3})(?:-(0[1-9]|1[0-2])--(0[1-9]|1[0-2]))?", str(value), re.ASCII)
        if isinstance(value, Period):
            return value
        if match is None:
            self.fail(f'"{value}" is no year: write 2024, or 2024-01--08 for its first eight months.', param, ctx)
        period = Period(int(match[1]), int(match[2] or 1), int(match[3] or 12))
        if period.first_month > period.last_month:
            self.fail(f'"{value}" ends before it begins.', param, ctx)
        return period


class _Group(click.Group):
    """Commands whose users' mistakes end in a message and exit status 1, never in a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        # https://no-color.org; click leaves out colour by itself where the output is no terminal.
        if os.environ.get("NO_COLOR"):
            ctx.color = False
        try:
            return super().invoke(ctx)
        except LedgerError as error:
            for message in error.messages:
                click.echo(message, err=True)
            raise click.ClickException(f"the ledger has errors: {len(error.messages)}") from None
        except DocumentError as error:
            for message in error.messages:
                click.echo(message, err=True)
            raise click.ClickException("nothing was written") from None
        except (StatementError, LayoutError, tracing.TraceError, CsvError, StoreError) as error:
            raise click.ClickException(str(error)) from None
        except OSError as error:
            if error.errno == errno.EPIPE:  # the reader, such as `head`, has seen enough: click ends quietly
                raise
            raise click.ClickException(f"{error.filename or 'writing'}: {error.strerror}") from None


def _common(command: Command) -> Command:
    """Give a command the options that all have."""
    for option in (
        click.option(
            "--language",
            type=click.Choice(LANGUAGES),
            default="sv",
            show_default=True,
            help="Language of the statements.",
        ),
        click.option("--compare", type=_PeriodType(), help="Year beside it; the year before, if the ledger has it."),
        click.option("--year", type=_PeriodType(), required=True, help="2024; 2024-01--08 for its first eight months."),
        ledger_option,
    ):
        command = option(command)
    return command


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "--version", prog_name="forbundsbok", message="%(prog)s %(version)s")
def main() -> None:
    """Annual accounts of a municipal federation, computed from the vouchers of its Beancount ledger."""


@main.command()
@click.argument("name", metavar="[STATEMENT]", default="")
@_common
@click.option("--unit", default="", help="Code of a unit; the whole federation without it.")
@click.option("--layout", default="", help="Another presentation, such as lkbr of resultat.")
@click.option("--kr", "in_kronor", is_flag=True, help="Kronor with öre instead of thousands.")
def show(
    name: str,
    ledger: Path,
    year: Period,
    compare: Period | None,
    language: str,
    unit: str,
    layout: str,
    in_kronor: bool,
) -> None:
    """Print a statement as the annual report does; without one, say which there are.

    \b
    forbundsbok show resultat --year 2024 --unit NAV
    forbundsbok show balans --year 2024-01--08 --language en --kr
    """
    books = _load(ledger)
    beside = _beside(books, year, compare)
    if not name:
        click.echo(_contents(statements(books, year, beside, language), year, language))
        return
    name = _meant(name, statement_names(books, year, beside))
    shown = statement(books, name, year, beside, unit.upper(), layout.lower(), language)
    click.echo(as_text(shown, in_kronor=in_kronor, language=language), nl=False)


@main.command()
@_common
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder to write to; made if need be.")
@click.option(
    "--format",
    "formats",
    type=click.Choice(list(exporting.FORMATS)),
    multiple=True,
    default=list(exporting.FORMATS),
    help="May be given more than once; all without it.",
)
def export(
    ledger: Path, year: Period, compare: Period | None, language: str, out: Path, formats: tuple[str, ...]
) -> None:
    """Write all statements of the annual report to files.

    \b
    csv   figures.csv with the printed figures in tkr, and one file a statement in kronor
    json  figures.json with every figure in kronor, its accounts and dates
    txt   one file a statement, as printed

    \b
    forbundsbok export --year 2024 --out build --format csv --format json
    """
    books = _load(ledger)
    made = statements(books, year, _beside(books, year, compare), language)
    files = exporting.export_files(made, dict.fromkeys(formats), language)
    out.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        with _working(f"Writing {out / name}"):
            write_atomically(out / name, text)
    click.echo(f"{len(files)} files in {out}")


@main.command()
@click.argument("row")
@_common
@click.option("--statement", "name", required=True, help="The statement that the row stands in.")
@click.option("--unit", default="", help="Code of a unit; the whole federation without it.")
@click.option("--layout", default="", help="Another presentation, such as lkbr of resultat.")
@click.option("--column", help="Label of a column; that of --year without it.")
@click.option(
    "--from-the-start", is_flag=True, help="All vouchers behind a balance, not the opening balance and the year's."
)
def trace(
    row: str,
    ledger: Path,
    year: Period,
    compare: Period | None,
    language: str,
    name: str,
    unit: str,
    layout: str,
    column: str | None,
    from_the_start: bool,
) -> None:
    """Print the postings behind a figure, with file and line, and how they make it.

    ROW is the label of a row, or the beginning of it.

    \b
    forbundsbok trace "Verksamhetens intäkter" --statement resultat --unit NAV --year 2024
    """
    books = _load(ledger)
    beside = _beside(books, year, compare)
    name = _meant(name, statement_names(books, year, beside))
    of = statement(books, name, year, beside, unit.upper(), layout.lower(), language)
    found_row = tracing.find_row(of, row)
    found_column = tracing.find_column(of, found_row, column)
    groups = tracing.groups_of(books, found_row.figures[found_column.key], from_the_start=from_the_start)
    click.echo(tracing.as_text(of, found_row, found_column, groups, language), nl=False)


@main.command("compare")
@click.argument("figures", type=click.Path(path_type=Path))
@_common
@click.option(
    "--known",
    type=click.Path(path_type=Path),
    help="CSV of known contradictions; NAME-contradictions.csv beside NAME.csv without it, if it is there.",
)
@click.option("--allow-known", is_flag=True, help="Exit with 0 when only known contradictions differ.")
def compare_figures(
    figures: Path,
    ledger: Path,
    year: Period,
    compare: Period | None,
    language: str,
    known: Path | None,
    allow_known: bool,
) -> None:
    """Compare printed figures (table,row,note,column,tkr) with those of the books.

    Exit status 1 when a figure differs or is missing on either side, and when an entry of the known
    contradictions (table,row,column,printed,required,reason) does not hold.

    \b
    forbundsbok compare ledger/printed/2024.csv --year 2024
    """
    printed = read_figures(figures)
    beside_it = figures.with_name(f"{figures.stem}-contradictions.csv")
    if known is None and beside_it.exists():
        known = beside_it
    contradictions = read_contradictions(known) if known else {}
    books = _load(ledger)
    made = statements(books, year, _beside(books, year, compare), language)
    booked = {figure.key: figure.tkr for figure in figures_of(made)}
    result = comparing.compare(printed, booked, contradictions)
    titles = {each.table: heading(each, language) for each in made}
    click.echo(comparing.as_text(result, titles, str(known), language), nl=False)
    if result.stale or (result.unknown if allow_known else result.differences):
        sys.exit(1)


@main.command()
@ledger_option
def check(ledger: Path) -> None:
    """Check the books: every rule, every document that came in, and every statement of every year proven.

    All errors come at once, sorted by file and line. Exit status 1 when there is one. Vouchers that wait (!) for a
    person are no errors, and are listed.

    \b
    forbundsbok check
    """
    books = _load(ledger)
    if mistakes := list(not_as_they_came(ledger.parent, books.imports)):
        raise LedgerError(mistakes)
    if not books.years:
        raise click.ClickException(f"{ledger} has no income or expenses: there are no statements to prove")
    for year in books.years:
        with _working(f"Proving the statements of {year}"):
            statements(books, Period(year), _beside(books, Period(year), None))
    click.echo(f"{ledger}: no errors; the statements of {', '.join(map(str, books.years))} prove themselves")
    for line in _waiting(books):
        click.echo(line)


@main.command()
@click.argument("code")
def rule(code: str) -> None:
    """Print a rule: what must hold, why, and how a breach is mended.

    \b
    forbundsbok rule S201
    """
    try:
        click.echo(describing.as_text(describing.find_rule(code)), nl=False)
    except KeyError as error:
        raise click.ClickException(error.args[0]) from None


main.add_command(importing.import_documents)
main.add_command(sealing.seal)
main.add_command(sealing.unseal)
main.add_command(sie)


def _waiting(books: Books) -> Iterator[str]:
    """Yield the vouchers of each year that wait for a person: `3 vouchers of 2025 wait (!): I 12-13, L 301`."""
    query = f"SELECT year(date), meta('ver') FROM #transactions WHERE flag = '{WAITS}'"
    waiting = [(year, ver or "") for year, ver in books.connection.execute(query).fetchall()]
    for year in sorted({year for year, _ in waiting}):
        own = sorted(each for each in waiting if each[0] == year)
        count = "1 voucher" if len(own) == 1 else f"{len(own)} vouchers"
        verb = "waits" if len(own) == 1 else "wait"
        yield f"{count} of {year} {verb} ({WAITS}): {', '.join(importing.ranges(own))}"


def _load(ledger: Path) -> Books:
    with _working(f"Reading {ledger}"):
        return load(ledger)


def _meant(asked: str, names: Sequence[str]) -> str:
    """Return the name that is meant: capitals, dots over letters and a longer word do not matter (`Balansräkning`)."""
    wanted = _folded(asked)
    for found in (
        [name for name in names if name == wanted],
        [name for name in names if wanted.startswith(name) and not name.startswith("not-")],
    ):
        if len(found) == 1:
            return found[0]
    return asked


def _folded(text: str) -> str:
    letters = unicodedata.normalize("NFD", text.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).replace(" ", "-")


def _beside(books: Books, period: Period, compare: Period | None) -> Period | None:
    """Return the period to print beside another: the same months of the year asked for, or of the year before."""
    if compare is None:
        before = period.same_months(period.year - 1)
        return before if before.year in books.years else None
    whole = compare == Period(compare.year)
    return period.same_months(compare.year) if whole else compare


def _contents(made: list[Statement], period: Period, language: str) -> str:
    """Return the list of statements: what to call each, and its heading."""
    names = [f"{each.id} --unit {each.unit}" if each.unit else each.id for each in made]
    width = max(map(len, names))
    lines = [f"  {name:<{width}}  {heading(each, language)}" for name, each in zip(names, made, strict=True)]
    return "\n".join([word(language, "statements", period=period), *lines])


@contextmanager
def _working(what: str) -> Iterator[None]:
    """Say what is being done while it lasts, on a terminal only."""
    on_terminal = sys.stderr.isatty()
    if on_terminal:
        click.echo(f"\r\x1b[K{what} ...", err=True, nl=False)
    try:
        yield
    finally:
        if on_terminal:
            click.echo("\r\x1b[K", err=True, nl=False)


if __name__ == "__main__":
    main()
