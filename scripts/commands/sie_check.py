"""`forbundsbok sie check`: whether a SIE file that another program has written is sound.

forbundsbok sie check bokslut-2024.se

bokslut-2024.se: SIE 4E, no errors, 1 warning
  Norrby kommunalförbund, by Bokföring 4.2
  2024-01-01 to 2024-12-31, the year before 2023-01-01 to 2023-12-31
  351 accounts, 177 vouchers, 678 rows
  cp437, checksum ok, IB + vouchers = UB and RES
bokslut-2024.se:12: warning: #FNYTT is no label of SIE 4: 3 records are ignored.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from forbundsbok.importers.problems import Problem
from forbundsbok.importers.sie.codec.check import Report, check_sie
from forbundsbok.importers.sie.codec.records import Heading
from forbundsbok.plugins.findings import phrase
from forbundsbok.plugins.language import N_, tr
from forbundsbok.scripts.commands.options import say
from forbundsbok.scripts.render.json import json_text


@click.command()
@click.argument("files", nargs=-1, required=True, metavar=N_("FILE..."), type=click.Path(path_type=Path))
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
            say("\n".join(as_lines(str(path), report)))
    if as_json:
        objects = [as_object(str(path), report) for path, report in zip(files, reports, strict=True)]
        say(json_text(objects[0] if len(objects) == 1 else objects, indent=2))
    if any(report.errors for report in reports):
        sys.exit(1)


def _checked(path: Path) -> Report:
    """Return the report of a file; of one that cannot be opened, why."""
    try:
        return check_sie(path)
    except OSError as error:
        why = phrase("The file cannot be read: {why}.", why=phrase(error.strerror) if error.strerror else str(error))
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
    return {"line": problem.line, "message": str(problem.message)}


def as_lines(file: str, report: Report) -> Iterator[str]:
    """Yield a report as an accountant reads it: what the file is, and then a line for each problem."""
    heading = report.heading
    kind = f"SIE {heading.type}, " if heading.type else ""
    errors = _count(report.errors, N_("no errors"), N_("1 error"), N_("{count} errors"))
    warnings = _count(report.warnings, N_("no warnings"), N_("1 warning"), N_("{count} warnings"))
    yield f"{file}: {kind}{errors}, {warnings}"
    if report.encoding and (heading.program or heading.company or report.accounts or report.vouchers):
        yield f"  {_origin(heading)}"
        if heading.years:
            yield f"  {_years(heading)}"
        counts = N_("accounts: {accounts}, vouchers: {vouchers}, rows: {rows}")
        counted = tr(counts, accounts=report.accounts, vouchers=report.vouchers, rows=report.transactions)
        yield f"  {counted}"
        yield f"  {report.encoding}, {tr(_KSUMMA[report.ksumma])}, {tr(_ROLLFORWARD[report.rollforward])}"
    if report.unbalanced:
        yield f"  {_unbalanced(report.unbalanced)}"
    for text, problems in ((N_("error: {problem}"), report.errors), (N_("warning: {problem}"), report.warnings)):
        for problem in problems:
            yield str(Problem(problem.line, phrase(text, problem=problem.message)).at(file))


_KSUMMA = {"ok": N_("checksum ok"), "bad": N_("checksum bad"), "absent": N_("checksum absent")}
_ROLLFORWARD = {
    True: N_("IB + vouchers = UB and RES"),
    False: N_("IB + vouchers differ from UB and RES"),
    None: N_("no vouchers to hold against balances"),
}


def _count(problems: list[Problem], none: str, one: str, many: str) -> str:
    return tr({0: none, 1: one}.get(len(problems), many), count=len(problems))


def _origin(heading: Heading) -> str:
    company = heading.company or tr("company not named")
    return tr("{company}, by {program}", company=company, program=_program(heading) or tr("a program not named"))


def _unbalanced(vouchers: list[str]) -> str:
    shown, more = ", ".join(vouchers[:20]), len(vouchers) - 20
    if more > 0:
        shown = tr("{items} and {more} more", items=shown, more=more)
    return tr("not balanced: {vouchers}", vouchers=shown)


def _program(heading: Heading) -> str:
    return f"{heading.program} {heading.program_version}".strip()


def _years(heading: Heading) -> str:
    texts = {0: N_("{first} to {last}"), -1: N_("the year before {first} to {last}")}
    other = N_("year {number} {first} to {last}")
    return ", ".join(
        tr(texts.get(number, other), number=number, first=first, last=last)
        for number, (first, last) in heading.years.items()
    )
