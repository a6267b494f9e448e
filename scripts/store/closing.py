"""A closing, asked of the rules: what the books would lack if the year were complete, until they lack nothing.

    closing = proposed_closing(locked, 2025, directives)
    closing.directives      what the rules' own fixes add: provisions, surpluses
    closing.left            what is wrong then, and follows from no books

All of it stands in one new file beside the last bokslut, so that it counts by one rename, or not at all.
"""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from beancount.core import data

from forbundsbok.plugins.beancount_errors import in_words
from forbundsbok.plugins.findings import Add, RuleError
from forbundsbok.plugins.ledger_text import custom_of, ledger_text
from forbundsbok.plugins.loading import LoadedLedger
from forbundsbok.plugins.numbers import FreeNumbers
from forbundsbok.plugins.years import BOKSLUT, last_day_of_year, read_boksluts
from forbundsbok.queries.year_closing import signed
from forbundsbok.scripts.store.ledger import FileChange, LockedLedger
from forbundsbok.scripts.store.new_files import with_new_files

ROUNDS = 8
"""How often the rules are asked: each round may bring what follows from the one before."""
WAITING = "V508"
"""The rule that nothing waits in a year with bokslut."""
_SURPLUS = "S"
"""How the codes of the rules begin that come last: a surplus is what all else leaves."""


class ProposedClosing(NamedTuple):
    """What the rules add to a closing, what they have left to say, and the books as they would be."""

    directives: Sequence[data.Directive]
    left: Sequence[str]
    waits: bool
    """Whether vouchers of the year wait for somebody, so that it cannot be complete yet."""
    would_be: LoadedLedger


class _AskedError(Exception):
    """The books as they would be: nothing is written."""

    def __init__(self, would_be: LoadedLedger) -> None:
        self.would_be = would_be


def proposed_closing(
    locked: LockedLedger, year: int, directives: Sequence[data.Directive], attest: str
) -> ProposedClosing:
    """Return what the rules add to some directives so that a year is complete, approved by somebody or waiting."""
    added: list[data.Directive] = []
    bokslut = bokslut_of(year)
    for _ in range(ROUNDS):
        would_be = asked(locked, closing_changes(locked, str(year), [*directives, *added, bokslut]))
        new = _fixes(would_be)
        if not new:
            break
        added += signed(new, attest)
    waits = [error for error in would_be.errors if isinstance(error, RuleError) and error.finding.rule == WAITING]
    left = [in_words(error) for error in would_be.errors if error not in waits]
    return ProposedClosing(added, left, bool(waits), would_be)


def bokslut_of(year: int) -> data.Custom:
    """Return the directive that says that a year is complete."""
    return custom_of(BOKSLUT, last_day_of_year(year), [Decimal(year)])


def asked(locked: LockedLedger, changes: Sequence[FileChange]) -> LoadedLedger:
    """Return the books as they would be with changes, which are not written."""

    def tell(would_be: LoadedLedger) -> None:
        raise _AskedError(would_be)

    try:
        locked.write(changes, tell, dry_run=True)
    except _AskedError as error:
        return error.would_be
    raise RuntimeError("a change is checked before it is written")


def _fixes(would_be: LoadedLedger) -> list[data.Directive]:
    """Return the directives that the rules propose: those of surpluses when nothing else is proposed."""
    findings = [error.finding for error in would_be.errors if isinstance(error, RuleError) and error.finding.fix]
    findings = [each for each in findings if all(isinstance(step, Add) for step in each.fix)]
    first = [each for each in findings if not each.rule.startswith(_SURPLUS)]
    numbers = FreeNumbers(entry for entry in would_be.entries if isinstance(entry, data.Transaction))
    steps = [step for each in first or findings for step in each.renewed(numbers).fix]
    return [each for step in steps if isinstance(step, Add) for each in step.directives]


def closing_changes(locked: LockedLedger, period: str, directives: Sequence[data.Directive]) -> list[FileChange]:
    """Return the changes that write a closing: into the file of the period, which may be there since the last time."""
    boksluts = read_boksluts(locked.entries)
    beside = Path(next(reversed(boksluts.values())).meta["filename"]) if boksluts else locked.path
    folder = locked.path.parent
    path = (beside.parent if beside.is_relative_to(folder) else folder) / f"bokslut-{period}.bean"
    text = ledger_text([(f"Bokslut {period}", directives)])
    if path.exists() and locked.includes(path):
        before = path.read_bytes()
        return [FileChange(path, before, before.rstrip(b"\n") + b"\n\n" + text.encode())]
    follows = str(beside.relative_to(folder)) if beside.is_relative_to(folder) else ""
    return with_new_files(locked, [(str(path.relative_to(folder)), follows, text)])
