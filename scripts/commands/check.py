"""`forbundsbok check`: every rule, every document, every statement of every year; and the fixes of what is wrong."""

import difflib
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from forbundsbok.importers.archive import altered
from forbundsbok.plugins.beancount_errors import in_words
from forbundsbok.plugins.findings import RuleError
from forbundsbok.plugins.language import N_, tr
from forbundsbok.plugins.loading import LedgerError, LoadedLedger, ledger_error, load_ledger
from forbundsbok.plugins.places import file_line, from_here, place_of
from forbundsbok.plugins.rulebook import RULES
from forbundsbok.plugins.vouchers import WAITS
from forbundsbok.queries.general_ledger import GeneralLedger
from forbundsbok.queries.statement import Period
from forbundsbok.queries.statements import comparative, statements
from forbundsbok.scripts.commands.options import confirmed, ledger_option, read_ledger, tell, working
from forbundsbok.scripts.render.findings import as_data
from forbundsbok.scripts.render.ranges import ranges
from forbundsbok.scripts.store.fixes import edited
from forbundsbok.scripts.store.ledger import FileChange, writing


@click.command()
@ledger_option
@click.option("--json", "as_json", is_flag=True, help="The errors as data: rule, file, line, subject, values, fix.")
@click.option("--explain", is_flag=True, help="Below each error, what its rule says and why.")
@click.option("--fix", is_flag=True, help="Show the fixes that follow from the books, and write them on a yes.")
@click.option("--yes", is_flag=True, help="With --fix: write without asking.")
def check(ledger: Path, as_json: bool, explain: bool, fix: bool, yes: bool) -> None:
    """Check the books: every rule, every document that came in, and every statement of every year proven.

    All errors come at once, sorted by file and line. Exit status 1 when there is one. Vouchers that wait (!) for a
    person are no errors, and are listed.

    \b
    forbundsbok check
    forbundsbok check --fix
    """
    if fix:
        _fix(ledger, asked=not yes)
    with working(tr(N_("Reading {file}"), file=ledger)):
        errors = sorted(load_ledger(ledger).errors, key=place_of)
    if as_json:
        click.echo(json.dumps([as_data(error) for error in errors], ensure_ascii=False, indent=2))
        sys.exit(1 if errors else 0)
    if errors:
        raise LedgerError([_explained(error) if explain else _placed(error) for error in errors])
    _prove(ledger)


def _placed(error: Any) -> str:
    return f"{file_line(*place_of(error))}: {in_words(error)}"


def _explained(error: Any) -> str:
    """Return an error with what its rule says, and why."""
    if not isinstance(error, RuleError):
        return _placed(error)
    rule = RULES[error.finding.rule]
    return "\n".join([_placed(error), f"  {tr(rule.title)}", f"  {tr(rule.why)}", f"  {tr(rule.mend)}"])


def _prove(path: Path) -> None:
    ledger = read_ledger(path)
    if mistakes := list(altered(path.parent, ledger.imports)):
        raise LedgerError(mistakes)
    years = ledger.years
    if not years:
        text = N_("{file} has no income or expenses: there are no statements to prove")
        raise click.ClickException(tr(text, file=path))
    for year in years:
        with working(tr(N_("Proving the statements of {year}"), year=year)):
            statements(ledger, Period(year), comparative(ledger, Period(year), None))
    told = ", ".join(map(str, years))
    click.echo(tr(N_("{file}: no errors; the statements of {years} prove themselves"), file=path, years=told))
    for line in _waiting(ledger):
        click.echo(line)


def _waiting(ledger: GeneralLedger) -> Iterator[str]:
    """Yield the vouchers of each year that wait for a person: `3 verifikationer 2025 väntar (!): I 12-13, L 301`."""
    query = f"SELECT year(date), meta('ver') FROM #transactions WHERE flag = '{WAITS}'"
    waiting = [(year, ver or "") for year, ver in ledger.connection.execute(query).fetchall()]
    for year in sorted({year for year, _ in waiting}):
        own = sorted(each for each in waiting if each[0] == year)
        text = (
            N_("1 voucher of {year} waits (!): {numbers}")
            if len(own) == 1
            else N_("{count} vouchers of {year} wait (!): {numbers}")
        )
        yield tr(text, count=len(own), year=year, numbers=", ".join(ranges(own)))


# Fixes


def _fix(ledger: Path, *, asked: bool) -> None:
    """Show the fixes file by file, and write each file's on a yes, if the ledger with it has no error more."""
    left: set[Path] = set()
    while proposal := _proposal(load_ledger(ledger), left):
        path, before, after = proposal
        left.add(path)
        click.echo(_difference(path, before, after), nl=False)
        if asked and not confirmed(tr(N_("Write this into {file}?"), file=from_here(str(path)))):
            continue
        with writing(ledger, tell=tell) as locked:
            loaded = LoadedLedger(locked.entries, locked.errors, locked.options)
            if _proposal(loaded, left - {path}) != proposal:
                raise click.ClickException(tr(N_("the ledger has been written meanwhile: nothing has been done")))

            def fewer_errors(would_be: LoadedLedger, was: Sequence[Any] = tuple(locked.errors)) -> None:
                if more := _codes(would_be.errors) - _codes(was):
                    text = N_("with this there would be other errors ({codes}): nothing has been written")
                    raise ledger_error(would_be.errors, tr(text, codes=", ".join(sorted(more))))

            locked.write([FileChange(path, before.encode(), after.encode())], fewer_errors)
        click.echo(tr(N_("written: {file}"), file=from_here(str(path))))
    if not left:
        click.echo(tr(N_("There is no fix that follows from the books.")))


def _proposal(loaded: LoadedLedger, left: set[Path]) -> tuple[Path, str, str] | None:
    """Return the first file that fixes change and that is not left, its text as it is and as it would be.

    Of a fix that changes several files none is changed by machine.
    """
    findings = [error.finding for error in sorted(loaded.errors, key=place_of) if isinstance(error, RuleError)]
    for finding in findings:
        files = {Path(str(step.at.meta["filename"])) for step in finding.fix}
        if len(files) == 1 and not files & left:
            (path,) = files
            own = [each for each in findings if {str(step.at.meta["filename"]) for step in each.fix} == {str(path)}]
            before = path.read_bytes().decode()
            after = edited(own, lambda _, text=before: text.replace("\r\n", "\n"))[path]  # type: ignore[misc]
            return path, before, after.replace("\n", "\r\n") if "\r\n" in before else after
    return None


def _codes(errors: Sequence[Any]) -> Counter[str]:
    return Counter(error.finding.rule if isinstance(error, RuleError) else type(error).__name__ for error in errors)


def _difference(path: Path, before: str, after: str) -> str:
    name = from_here(str(path))
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), name, name, lineterm="")
    return "".join(f"{line}\n" for line in lines)
