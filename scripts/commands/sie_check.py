"""`forbundsbok sie check`: whether a SIE file that another program has written is sound.

forbundsbok sie check bokslut-2024.se

bokslut-2024.se: SIE 4E, no errors, 1 warning
  Norrby kommunalförbund, by Bokföring 4.2
  2024-01-01 to 2024-12-31, the year before 2023-01-01 to 2023-12-31
  351 accounts, 177 vouchers, 678 transactions
  cp437, checksum ok, IB + vouchers = UB and RES
bokslut-2024.se:12: warning: #FNYTT is no label of SIE 4: 3 records are ignored.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from forbundsbok.importers.problems import Problem
from forbundsbok.importers.sie.codec.check import Report, check_sie
from forbundsbok.importers.sie.codec.records import Heading


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="For programs: an object, or a list of them for several files.")
def check(files: tuple[Path, ...], as_json: bool) -> None:
    """Check SIE files of types 1, 2, 3, 4E and 4I, and tell what is in them.

    Exit status 1 when there are errors in any of them; all are checked.

    \b
    forbundsbok sie check bokslut-2024.se
    """
    reports = []
    for path in files:
        report = _checked(path)
        reports.append(report)
        if not as_json:
            click.echo("\n".join(as_lines(str(path), report)))
    if as_json:
        objects = [as_object(str(path), report) for path, report in zip(files, reports, strict=True)]
        click.echo(json.dumps(objects[0] if len(objects) == 1 else objects, ensure_ascii=False, indent=2))
    if any(report.errors for report in reports):
        sys.exit(1)


def _checked(path: Path) -> Report:
    """Return the report of a file; of one that cannot be opened, why."""
    try:
        return check_sie(path)
    except OSError as error:
        why = f"The file cannot be read: {error.strerror or error}."
        return Report(Heading(type=""), "", 0, 0, 0, [], "absent", None, [], [Problem(0, why)])


def as_object(file: str, report: Report) -> dict[str, Any]:
    """Return a report as JSON has it; what a file does not say is null."""
    heading = report.heading
    return {
        "file": file,
        "type": heading.type or None,
        "program": _program(heading) or None,
        "company": heading.company or None,
        "encoding": report.encoding or None,
        "years": {str(number): [str(first), str(last)] for number, (first, last) in heading.years.items()},
        "accounts": report.accounts,
        "vouchers": report.vouchers,
        "transactions": report.transactions,
        "unbalanced": report.unbalanced,
        "ksumma": report.ksumma,
        "rollforward": report.rollforward,
        "warnings": [_problem(problem) for problem in report.warnings],
        "errors": [_problem(problem) for problem in report.errors],
    }


def _problem(problem: Problem) -> dict[str, Any]:
    return {"line": problem.line, "message": problem.message}


def as_lines(file: str, report: Report) -> Iterator[str]:
    """Yield a report as an accountant reads it: what the file is, and then a line for each problem."""
    heading = report.heading
    kind = f"SIE {heading.type}, " if heading.type else ""
    yield f"{file}: {kind}{_count(report.errors, 'error')}, {_count(report.warnings, 'warning')}"
    if report.encoding and (heading.program or heading.company or report.accounts or report.vouchers):
        yield f"  {heading.company or 'company not named'}, by {_program(heading) or 'a program not named'}"
        if heading.years:
            yield f"  {_years(heading)}"
        yield f"  {report.accounts} accounts, {report.vouchers} vouchers, {report.transactions} transactions"
        yield f"  {report.encoding}, checksum {report.ksumma}, {_ROLLFORWARD[report.rollforward]}"
    if report.unbalanced:
        shown = ", ".join(report.unbalanced[:20])
        more = f" and {len(report.unbalanced) - 20} more" if len(report.unbalanced) > 20 else ""
        yield f"  not balanced: {shown}{more}"
    for severity, problems in (("error", report.errors), ("warning", report.warnings)):
        for problem in problems:
            yield Problem(problem.line, f"{severity}: {problem.message}").at(file)


_ROLLFORWARD = {
    True: "IB + vouchers = UB and RES",
    False: "IB + vouchers differ from UB and RES",
    None: "no vouchers to hold against balances",
}


def _count(problems: list[Problem], noun: str) -> str:
    number = len(problems)
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"


def _program(heading: Heading) -> str:
    return f"{heading.program} {heading.program_version}".strip()


def _years(heading: Heading) -> str:
    names = {0: "", -1: "the year before "}
    return ", ".join(
        f"{names.get(number, f'year {number} ')}{first} to {last}" for number, (first, last) in heading.years.items()
    )
