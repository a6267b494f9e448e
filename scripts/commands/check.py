"""`forbundsbok check`: every rule, every document, every statement of every year; and the fixes of what is wrong."""

import difflib
import sys
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import click
from beancount.core import data

from forbundsbok.importers.reread import DocumentChange, document_changes
from forbundsbok.plugins.findings import Finding, RuleError, as_written, counted
from forbundsbok.plugins.language import N_, language, tr
from forbundsbok.plugins.loading import (
    LedgerError,
    LoadedLedger,
    UntriedLedger,
    load_ledger,
    load_untried,
    placed_message,
    placed_messages,
)
from forbundsbok.plugins.money import amount_text
from forbundsbok.plugins.numbers import FreeNumbers
from forbundsbok.plugins.places import from_here, place_of
from forbundsbok.plugins.refusal import RefusalError
from forbundsbok.plugins.review import WAITS
from forbundsbok.plugins.rulebook import RULES
from forbundsbok.plugins.seal_history import seal_history
from forbundsbok.plugins.years import last_day_of_year
from forbundsbok.queries.general_ledger import GeneralLedger, read
from forbundsbok.queries.layout import LayoutError
from forbundsbok.queries.open_items import TITLES, ItemsAt
from forbundsbok.queries.statement import Period
from forbundsbok.queries.statements import comparative, statements
from forbundsbok.scripts.commands.options import SigillType, confirmed, ledger_option, say, tell, working
from forbundsbok.scripts.render.findings import as_data
from forbundsbok.scripts.render.json import json_text
from forbundsbok.scripts.render.ranges import ranges
from forbundsbok.scripts.store import StoreError
from forbundsbok.scripts.store.anchors import (
    Anchor,
    added_documents,
    changed_documents,
    read_anchor,
    traces,
    unlike,
)
from forbundsbok.scripts.store.aside import aside
from forbundsbok.scripts.store.beside import Caution, changed_beside, unlike_mapping, unlike_print
from forbundsbok.scripts.store.fixes import edited, files_of
from forbundsbok.scripts.store.ledger import FileChange, writing
from forbundsbok.scripts.store.trust import TrustError, doubts


@click.command()
@ledger_option
@click.option("--json", "as_json", is_flag=True, help="The errors as data: rule, file, line, subject, values, fix.")
@click.option("--explain", is_flag=True, help="Below each error, what its rule says and why.")
@click.option("--fix", is_flag=True, help="Show the fixes that follow from the books, and write them on a yes.")
@click.option("--strict", is_flag=True, help="Count warnings as errors.")
@click.option("--acknowledged", is_flag=True, help="Show the acknowledged warnings too, with their answers.")
@click.option("--dry-run", is_flag=True, help="With --fix: show the fixes, and write none.")
@click.option("--yes", is_flag=True, help="With --fix: write without asking.")
@click.option(
    "--sigill",
    "sigills",
    metavar=N_("YEAR=SIGILL"),
    multiple=True,
    type=SigillType(),
    help="The sigill that a year is to have, at least its first 16 digits; may be given more than once.",
)
@click.option(
    "--anchor",
    "anchors",
    metavar=N_("FILE"),
    multiple=True,
    type=click.Path(path_type=Path),
    help="An anchor that the seals are to agree with; may be given more than once.",
)
@click.option(
    "--plugin", "plugins", metavar=N_("NAME"), multiple=True, help="A plugin of your own that may run with the books."
)
def check(
    ledger: Path,
    as_json: bool,
    explain: bool,
    strict: bool,
    acknowledged: bool,
    fix: bool,
    dry_run: bool,
    yes: bool,
    sigills: tuple[tuple[int, str], ...],
    anchors: tuple[Path, ...],
    plugins: tuple[str, ...],
) -> None:
    """Check the books: every rule, every document that came in, and every statement of every year proven.

    All errors come at once, sorted by file and line. Exit status 1 when there is one. Warnings (!) are what may be
    right, though it seldom is: look at each, and put it right or acknowledge it in the books. Vouchers that wait (!)
    for a person are no errors, and are listed, and so are the sealed years with their sigill.

    \b
    forbundsbok check
    forbundsbok check --fix
    forbundsbok check --anchor ankare-2025-04-11.txt
    """
    if fix and as_json:
        raise click.UsageError(tr(N_("--fix shows a difference, --json shows data: give one of them.")))
    if yes and not fix:
        raise click.UsageError(tr(N_("--yes writes the fixes that --fix shows: give both.")))
    if dry_run and not fix:
        raise click.UsageError(tr(N_("--dry-run shows the fixes of --fix alone: give both.")))
    if explain and as_json:
        raise click.UsageError(tr(N_("--explain is to be read, --json shows data: give one of them.")))
    mended = _fix(ledger, dry_run=dry_run, asked=not yes) if fix else None
    with working(tr(N_("Reading {file}"), file=ledger)):
        untried = UntriedLedger(*mended) if mended else load_untried(ledger)
    kept = [*(Anchor({year: sigill}) for year, sigill in sigills), *map(read_anchor, anchors)]
    with working(tr(N_("Trying the rules of {file}"), file=ledger)):
        loaded = untried.tried()
    # What is left of what is slow, the rules that warn and the proof, is done side by side. Both have what the rules
    # before them have read.
    with aside(untried.warnings.quiet) as quiet:
        with working(tr(N_("Trying the rules of {file}"), file=ledger)):
            errors = sorted([*loaded.errors, *_doubts(ledger, loaded, kept, plugins)], key=place_of)
        proof, unproven = (_NO_PROOF, None) if errors else _tried_proof(ledger, loaded)
        cautions = [
            *proof.cautions,
            *(caution for anchor in kept for caution in changed_beside(ledger, loaded, anchor)),
        ]
        with working(tr(N_("Trying the rules of {file}"), file=ledger)):
            untried.warnings.known_quiet = quiet() or ()
            found = loaded.warnings
    warnings = [each for each in found if acknowledged or not each.finding.answer]
    at_fault = bool(errors or (strict and any(not each.finding.answer for each in warnings)))
    if as_json:
        errors += _as_errors(ledger, unproven)
        at_fault = at_fault or bool(errors) or (strict and bool(cautions))
        told = sorted([*errors, *warnings, *cautions], key=place_of)
        say(json_text([as_data(error) for error in told], indent=2))
        sys.exit(1 if at_fault else 0)
    tell_error = _explained if explain else placed_message
    for warning in warnings:
        say(f"! {tell_error(warning)}")
        if answer := warning.finding.answer:
            say(tr(N_("  acknowledged: {answer}"), answer=answer))
    for caution in cautions:
        say(f"! {placed_message(caution)}")
    if errors:
        raise LedgerError(map(tell_error, errors))
    if unproven:
        raise unproven
    for line in proof.lines:
        say(line)
    _count_warnings(found, len(cautions))
    if at_fault or (strict and cautions):
        sys.exit(1)


def _doubts(
    ledger: Path, loaded: LoadedLedger, kept: Iterable[Anchor], plugins: Collection[str]
) -> Iterator[TrustError | DocumentChange]:
    """Yield why the check would prove less than it says, and what is not as it is kept outside the books."""
    yield from doubts(ledger, loaded, plugins)
    yield from traces(ledger, loaded)
    yield from changed_documents(loaded)
    yield from document_changes(ledger.parent, loaded.entries)
    for anchor in kept:
        yield from unlike(loaded, anchor)


def _count_warnings(warnings: Sequence[RuleError], cautions: int) -> None:
    """Say how many warnings there are, with what is told beside them, and how many more that are acknowledged."""
    answered = sum(bool(each.finding.answer) for each in warnings)
    if left := len(warnings) - answered + cautions:
        one = N_("1 warning (!): put it right, or acknowledge it below what it names")
        many = N_("{count} warnings (!): put them right, or acknowledge them below what they name")
        say(counted(left, one, many))
    if answered:
        say(counted(answered, N_("1 warning is acknowledged"), N_("{count} warnings are acknowledged")))


def _explained(error: Any) -> str:
    """Return an error with what its rule says, and why."""
    if not isinstance(error, RuleError):
        return placed_message(error)
    rule = RULES[error.finding.rule]
    return "\n".join([placed_message(error), f"  {tr(rule.title)}", f"  {tr(rule.why)}", f"  {tr(rule.mend)}"])


class _Proof(NamedTuple):
    """What there is to say of books that are proven, and what stands beside them and says otherwise."""

    lines: Sequence[str]
    cautions: Sequence[Caution]


_NO_PROOF = _Proof((), ())


def _tried_proof(path: Path, loaded: LoadedLedger) -> tuple[_Proof, RefusalError | None]:
    """Return what there is to say of books without errors, or why they have no proven statements."""
    try:
        return _proved(path, loaded), None
    except RefusalError as error:
        return _NO_PROOF, error


def _as_errors(path: Path, unproven: RefusalError | None) -> list[TrustError]:
    """Return why there are no proven statements, in the shape of Beancount's errors."""
    if isinstance(unproven, LayoutError):
        faults = [({"filename": each.filename, "lineno": each.line}, each.message) for each in unproven.faults]
        return [TrustError(source, as_written(message)) for source, message in faults]
    messages = (unproven.messages or [unproven.conclusion]) if unproven else []
    return [TrustError({"filename": str(path.absolute()), "lineno": 1}, as_written(each)) for each in messages]


def _proved(path: Path, loaded: LoadedLedger) -> _Proof:
    """Prove the statements of every year and the open items; return what there is to say of them."""
    ledger = read(loaded.entries, loaded.options)
    years = ledger.years
    cautions = list(unlike_mapping(path.parent, loaded.entries))
    if not years:
        text = N_("{file}: no errors; nothing is booked yet, and so there are no statements to prove")
        return _Proof([tr(text, file=path)], cautions)
    for year in years:
        with working(tr(N_("Proving the statements of {year}"), year=year)):
            report = statements(ledger, Period(year), comparative(ledger, Period(year), None))
            cautions += unlike_print(path.parent, year, report)
    told = ", ".join(map(str, years))
    proven = tr(N_("{file}: no errors; the statements of {years} prove themselves"), file=path, years=told)
    seals = [*seal_history(loaded), *map(str, added_documents(loaded))]
    lines = [proven, *_own_layouts(ledger), *_open_items(loaded, ledger), *seals, *_waiting(ledger)]
    return _Proof(lines, cautions)


def _own_layouts(ledger: GeneralLedger) -> Iterator[str]:
    """Yield what a seal does not cover: how the figures are printed, where that is not as the law has it."""
    if own := ledger.layouts.own:
        text = (
            N_("printed by {folder} (1 layout, check sum {digest}), which no seal covers")
            if own.files == 1
            else N_("printed by {folder} ({count} layouts, check sum {digest}), which no seal covers")
        )
        folder = f"{from_here(str(own.folder.absolute()))}/"
        yield tr(text, folder=folder, count=own.files, digest=own.digest[:16])


def _open_items(loaded: LoadedLedger, ledger: GeneralLedger) -> Iterator[str]:
    """Prove the open items at the end of every year and of the books; yield what is open in the end, where any is."""
    last = max(entry.date for entry in loaded.entries if isinstance(entry, data.Transaction))
    days = [*(last_day_of_year(year) for year in ledger.years if year < last.year), last]
    listings = [[at.of(role) for role in TITLES] for at in ItemsAt.each(loaded.entries, ledger, days)]
    text = N_("{title} {amount} kr")
    told = [tr(text, title=each.title, amount=amount_text(each.total, language())) for each in listings[-1]]
    if any(each.lines or each.loose for own in listings for each in own):
        yield tr(N_("open items agree with their accounts: {told}"), told=", ".join(told))


def _waiting(ledger: GeneralLedger) -> Iterator[str]:
    """Yield the vouchers of each year that wait for a person: `3 verifikationer 2025 väntar (!): I 12-13, L 301`."""
    query = f"SELECT year(date), meta('ver') FROM #transactions WHERE flag = '{WAITS}'"
    waiting = [(year, ver or "") for year, ver in ledger.ask(query)]
    for year in sorted({year for year, _ in waiting}):
        own = sorted(each for each in waiting if each[0] == year)
        one = N_("1 voucher of {year} waits (!): {numbers}")
        many = N_("{count} vouchers of {year} wait (!): {numbers}")
        yield str(counted(len(own), one, many, year=year, numbers=", ".join(ranges(own))))


# Fixes


class _WorseError(StoreError):
    """With the fixes of a file the books would have errors that they do not have."""


class _Proposal(NamedTuple):
    """What the fixes of a file make of it, how many there are, now and in the next round, and why others are none."""

    path: Path
    before: str
    after: str
    fixes: int
    refused: Sequence[str]


def _fix(ledger: Path, *, dry_run: bool, asked: bool) -> LoadedLedger | None:
    """Show the fixes file by file, and write each file's on a yes, if the ledger with it has no error more.

    A file whose fixes would bring other errors is left as it is, and hinders none of the others. Return the ledger as
    it is then; None where a person has been asked, and it may have changed before the answer came.
    """
    seen: set[Path] = set()
    written: list[Path] = []
    loaded = load_ledger(ledger)
    while proposal := _proposal(loaded, seen):
        path, before, after, _, refused = proposal
        seen.add(path)
        for why in refused:
            tell(why)
        if after == before:
            continue
        say(_difference(path, before, after), nl=False)
        if dry_run or (asked and not confirmed(tr(N_("Write this into {file}?"), file=from_here(str(path))))):
            continue
        with writing(ledger, tell=tell) as locked:
            loaded = LoadedLedger(locked.entries, locked.errors, locked.options)
            if (_proposal(loaded, seen - {path}) or ())[:3] != (path, before, after):
                raise click.ClickException(tr(N_("the ledger has been written meanwhile: nothing has been done")))

            def fewer_errors(would_be: LoadedLedger, was: Sequence[Any] = tuple(locked.errors)) -> None:
                if more := _codes(would_be.errors) - _codes(was):
                    for _, message in placed_messages(error for error in would_be.errors if _code(error) in more):
                        tell(message)
                    text = N_("with this there would be other errors ({codes}): nothing of it has been written")
                    raise _WorseError(tr(text, codes=", ".join(sorted(more))))

            try:
                locked.write([FileChange(path, _bytes(before), _bytes(after))], fewer_errors)
            except _WorseError as error:
                tell(str(error))
                continue
        written.append(path)
        say(tr(N_("written: {file}"), file=from_here(str(path))))
        loaded = load_ledger(ledger)
    left = list(_left(loaded, written))
    for line in left:
        tell(line)
    if not seen and not left:
        say(tr(N_("There is no fix that follows from the books.")))
    return None if asked and seen else loaded


def _proposal(loaded: LoadedLedger, seen: Collection[Path]) -> _Proposal | None:
    """Return what is proposed of the first file that fixes change and that has not been seen.

    Of a fix that changes several files, or what stands in no file, none is made by machine.
    """
    findings = _fixable(loaded)
    for path, *more in map(files_of, findings):
        if path is not None and not more and path not in seen:
            return _proposed(path, findings, loaded)
    return None


def _proposed(path: Path, findings: Sequence[Finding], loaded: LoadedLedger) -> _Proposal:
    vouchers = (entry for entry in loaded.entries if isinstance(entry, data.Transaction))
    before = path.read_bytes().decode("utf-8", "surrogateescape")
    own = [finding for finding in findings if files_of(finding) == {path}]
    texts, _, refused = edited(own, lambda _: before, FreeNumbers(vouchers))
    return _Proposal(path, before, texts.get(path, before), len(own) - len(refused), refused)


def _fixable(loaded: LoadedLedger) -> list[Finding]:
    errors = sorted(loaded.errors, key=place_of)
    return [error.finding for error in errors if isinstance(error, RuleError) and error.finding.fix]


def _left(loaded: LoadedLedger, written: Iterable[Path]) -> Iterator[str]:
    """Yield what is to say of the fixes that are left when files have been written."""
    findings = _fixable(loaded)
    if more := sum(_proposed(path, findings, loaded).fixes for path in written):
        yield str(counted(more, N_("1 more fix remains: run again"), N_("{count} more fixes remain: run again")))
    if by_hand := sum(len(files) > 1 or None in files for files in map(files_of, findings)):
        one = N_("1 fix is not of one file: write it by hand, as its error shows")
        many = N_("{count} fixes are not of one file: write them by hand, as their errors show")
        yield str(counted(by_hand, one, many))


def _codes(errors: Sequence[Any]) -> Counter[str]:
    return Counter(map(_code, errors))


def _code(error: Any) -> str:
    """Return what kind of error one is: the code of its rule, or what Beancount calls it."""
    return error.finding.rule if isinstance(error, RuleError) else type(error).__name__


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _difference(path: Path, before: str, after: str) -> str:
    """Return what changes in a file, line by line; bytes that are no text, as some comments', are shown as such."""
    name = from_here(str(path))
    own, new = (_bytes(text).decode("utf-8", "replace").split("\n") for text in (before, after))
    return "".join(f"{line.rstrip(chr(13))}\n" for line in difflib.unified_diff(own, new, name, name, lineterm=""))
