"""`forbundsbok open-year`: what a year lacks to be open, shown whole, and written on a yes.

forbundsbok open-year 2025 --budget budget-2025.xlsx
"""

from collections.abc import Iterator
from pathlib import Path

import click

from forbundsbok.importers.budget import budget_of
from forbundsbok.importers.document import Document
from forbundsbok.plugins.books import Books
from forbundsbok.plugins.findings import RuleError, counted
from forbundsbok.plugins.language import N_, language, tr
from forbundsbok.plugins.loading import refuse_errors
from forbundsbok.plugins.money import amount_text
from forbundsbok.queries.year_opening import YearOpening, year_opening
from forbundsbok.scripts.commands.options import ledger_option, say, tell, to_be_written
from forbundsbok.scripts.store.ledger import FileChange, LockedLedger, writing
from forbundsbok.scripts.store.new_files import with_new_files


@click.command("open-year")
@click.argument("year", metavar=N_("YEAR"), type=click.IntRange(2, 9998))
@click.option(
    "--budget",
    metavar=N_("FILE"),
    type=click.Path(path_type=Path, dir_okay=False),
    help="The adopted budget, as CSV or Excel: the columns konto and belopp. Without it a skeleton is written.",
)
@click.option("--attest", metavar=N_("SIGN"), default="", help="Who approves the vouchers; without it they wait (!).")
@click.option("--dry-run", is_flag=True, help="Show what would be written, checked with the whole ledger.")
@click.option("--yes", is_flag=True, help="Write without asking.")
@ledger_option
def open_year(year: int, budget: Path | None, attest: str, dry_run: bool, yes: bool, ledger: Path) -> None:
    """Open a year: its files, its accounts, the surplus taken in, accruals taken back, and its budget.

    All is shown before it is written: new files, and their lines in the main file. The budget comes from a file, or is
    a skeleton of last year's as comments. What goes on by itself is listed: rights to approve, and the depreciation of
    the register; and what the books cannot know. Run again, it adds what has come since, or nothing.

    \b
    forbundsbok open-year 2025 --dry-run
    forbundsbok open-year 2025 --budget budget-2025.xlsx --attest EK
    """
    if budget:
        budget.open("rb").close()
    with writing(ledger, tell=tell) as locked:
        # What the rules ask for may be what is added.
        refuse_errors([error for error in locked.errors if not isinstance(error, RuleError)])
        books = Books(locked.entries, locked.options)
        folder = locked.path.parent
        adopted = budget_of(Document(budget), books, year) if budget else []
        opening = year_opening(books, year, folder, adopted, attest)
        for line in _told(opening):
            say(line)
        if not opening.files:
            say(tr(N_("{year} is open: there is nothing to add."), year=year))
            return
        changes = with_new_files(locked, [(each.path, each.before, each.text) for each in opening.files])
        _write(locked, changes, dry_run=dry_run, asked=not yes)


def _write(locked: LockedLedger, changes: list[FileChange], *, dry_run: bool, asked: bool) -> None:
    if dry_run:
        locked.write(changes, dry_run=True)
    if not to_be_written(tr(N_("Write this?")), dry_run=dry_run, asked=asked):
        return
    locked.write(changes)
    say(str(counted(len(changes), N_("1 file is written."), N_("{count} files are written."))))


def _told(opening: YearOpening) -> Iterator[str]:
    """Yield what is written, file by file, what goes on by itself, and what is not known."""
    for each in opening.files:
        yield f"{each.path}:"
        if each.is_skeleton:
            one, many = N_("  1 line of last year, as a comment"), N_("  {count} lines of last year, as comments")
            yield str(counted(each.text.count("\n; "), one, many))
        else:
            yield from (f"  {line}".rstrip() for line in each.text.rstrip("\n").split("\n"))
        yield ""
    if opening.depreciation:
        yield tr(N_("Depreciation {year} by the register, to book month by month:"), year=opening.year)
        for plan in opening.depreciation:
            runs = ", ".join(_run(*run) for run in plan.runs)
            yield f"  {plan.unit:<6}{_amount(plan.total):>16}   {runs}"
        yield ""
    if opening.rights:
        yield tr(N_("Rights to approve that run on:"))
        for right in opening.rights:
            yield f"  {right.unit:<6}{_amount(right.limit):>16}   {right.sign}"
        yield ""
    if opening.unknown:
        yield tr(N_("What the books cannot know:"))
        yield from (f"  {each}" for each in opening.unknown)
        yield ""


def _run(first: object, last: object, amount: object) -> str:
    months = str(first) if first == last else f"{first}--{str(last)[-2:]}"
    return f"{months} {_amount(amount)}"


def _amount(number: object) -> str:
    return amount_text(number, language())  # type: ignore[arg-type]
