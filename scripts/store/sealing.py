"""Sealing a complete year, and opening it again: what stands in the ledger then.

`seal_year` writes the year's digest into its bokslut, and what the year holds into a sealed copy beside the ledger;
`unseal_year` takes the digest away. Each enters a line into the journal, at the end of the bokslut's file:

    2025-04-10 custom "sigilljournal" 1 "forseglat" "2024" "5d1c0f...e2"

Everything else in the file stays byte for byte. What is sealed and how is plugins.sigill's to know.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from beancount.core import data

from forbundsbok.importers.reread import document_changes
from forbundsbok.plugins.canonical import SIGILL
from forbundsbok.plugins.documents import digests, line_of, named_by
from forbundsbok.plugins.federation import checked
from forbundsbok.plugins.findings import WARNINGS, RuleError
from forbundsbok.plugins.journal import (
    BY,
    COPY,
    LOCKED,
    OPENED,
    PATTERN,
    REASON,
    SEALED,
    JournalLine,
    last_day_of,
    read_journal,
)
from forbundsbok.plugins.language import N_, tr
from forbundsbok.plugins.ledger_text import custom_of, directives_text, metadata_text
from forbundsbok.plugins.loading import LoadedLedger, ledger_error, refuse_errors
from forbundsbok.plugins.places import where
from forbundsbok.plugins.sealed_copy import copy_text, path_of
from forbundsbok.plugins.sigill import Seal, folder_of, is_sealed, is_sigill, year_to_seal
from forbundsbok.plugins.years import BOKSLUT, last_day_of_year, read_boksluts
from forbundsbok.scripts.store import StoreError
from forbundsbok.scripts.store.ledger import Check, FileChange, LockedLedger, without_errors, writing

WATCHING = "forbundsbok.federation"
"""The plugin that a ledger must load, lest nobody sees that a seal is broken."""

UNKNOWN = "0" * 64
"""The sigill that a line of the journal has when the one that was broken cannot be read."""

_BOKSLUT_LINE = re.compile(rf'\d{{4}}[-/]\d\d[-/]\d\d\s+custom\s+"{BOKSLUT}"')
_SEAL_LINE = re.compile(rf"[ \t]+{SIGILL}(-[-\w]+)?[ \t]*:")


def always(question: str) -> bool:
    """Say yes to a question: whoever calls has asked."""
    return True


def written_on_a_yes(
    loaded: LockedLedger,
    changes: Sequence[FileChange],
    agreed: Callable[[str], bool],
    question: str,
    check: Check = without_errors,
) -> bool:
    """Write changes where that is agreed, which is asked when they have been checked; return whether they are written.

    Raises what `check` does, before anything is asked.
    """
    loaded.write(changes, check, dry_run=True)
    if not agreed(question):
        return False
    loaded.write(changes, check)
    return True


def seal_year(
    ledger: Path,
    year: int,
    day: date,
    by: str,
    tell: Callable[[str], None],
    agreed: Callable[[str], bool] = always,
) -> str:
    """Write the seal of a complete year into a ledger, and return what was done, "" where that is not agreed.

    `agreed` is asked when all has been checked. A seal that was lost is written back as it was, if the year is as it
    was. Raises LedgerError for a ledger with errors and for documents that are not as their vouchers, since nobody
    compares those of a sealed year, StoreError for a year that cannot be sealed; the files are then as they were.
    """
    with writing(ledger, tell=tell) as loaded:
        if errors := [error for error in loaded.errors if not str(error.message).startswith("L8")]:
            raise ledger_error(errors)
        folder = folder_of(loaded.options)
        refuse_errors(list(document_changes(Path(folder), loaded.entries)))
        if (last := read_journal(loaded.entries).closed(SEALED).get(str(year))) and _lacks_its_copy(loaded, last):
            sealed, before = year_to_seal(loaded.entries, loaded.options, year)
            documents = digests(Path(folder), named_by(sealed.items, folder))
            now = sealed.computed(before, line_of(documents))
            copy = copy_text(sealed.head(before, now.lines), documents, sealed.items, folder)
            return written_back(loaded, last, now.sigill, copy_change(folder, str(year), now.sigill, copy), agreed)
        bokslut = _bokslut_to_seal(loaded, year)
        sealed, before = year_to_seal(loaded.entries, loaded.options, year)
        documents = digests(Path(folder), named_by(sealed.items, folder))
        new_seal = sealed.computed(before, line_of(documents))
        line = _line_of_seal(loaded, year, new_seal.sigill, day, by)
        _tell_unanswered(loaded, year, tell)
        # A seal that was lost may be written back while the later one misses it: what counts is what is left then.
        would_have = [*(_with_seal(entry, bokslut, new_seal) for entry in loaded.entries), *line]
        _, left = checked(would_have, loaded.options, ["seal", "journal"])
        if left := [error for error in left if not _is_of_later(error, year)]:
            raise ledger_error(left)
        path, text = _file_of(bokslut)
        after = with_line(sealed_text(text, bokslut.meta["lineno"], new_seal.metadata()), line)

        def holds(would_be: LoadedLedger) -> None:
            errors = [error for error in would_be.errors if not _is_of_later(error, year)]
            if errors or not is_sealed(read_boksluts(would_be.entries)[year]):
                text = N_(
                    "The seal does not hold: does another plugin change the vouchers after {module}? Load it first; "
                    "{file} is as it was"
                )
                raise ledger_error(errors, tr(text, module=WATCHING, file=path))

        copy = copy_text(sealed.head(before, new_seal.lines), documents, sealed.items, folder)
        changes = [
            *copy_change(folder, str(year), new_seal.sigill, copy),
            FileChange(path, text.encode(), after.encode()),
        ]
        count = sum(month.count for month in new_seal.months.values())
        text = N_("Seal {year}, {count} directives? It is opened again for a reason alone, and the journal keeps both.")
        if not written_on_a_yes(loaded, changes, agreed, tr(text, year=year, count=count), holds):
            return ""
    is_first = year - 1 not in read_boksluts(loaded.entries)
    text = (
        N_("{year} is sealed: {count} directives, the first in the chain")
        if is_first
        else N_("{year} is sealed: {count} directives, chained to the seal of {before}")
    )
    done = tr(text, year=year, count=count, before=year - 1)
    return f'{done}\n{where(bokslut)}: {SIGILL}: "{new_seal.sigill}"'


def _tell_unanswered(loaded: LockedLedger, year: int, tell: Callable[[str], None]) -> None:
    """Tell the warnings that nobody has answered of vouchers that the seal is about: afterwards none is told."""
    left = [
        each
        for each in loaded.options.get(WARNINGS, ())
        if not each.finding.answer and isinstance(each.entry, data.Transaction) and each.entry.date.year <= year
    ]
    if left:
        text = (
            N_("1 warning is not answered, and is told no more when {year} is sealed:")
            if len(left) == 1
            else N_("{count} warnings are not answered, and are told no more when {year} is sealed:")
        )
        tell(
            "\n".join(
                [tr(text, count=len(left), year=year), *(f"! {where(each.entry)}: {each.message}" for each in left)]
            )
        )


def unseal_year(ledger: Path, year: int, reason: str, day: date, by: str, tell: Callable[[str], None]) -> str:
    """Take the seal of a year out of a ledger, enter the reason into its journal, and return what was done.

    Raises LedgerError when the ledger would have more errors, StoreError for a year that cannot be opened; the files
    are then as they were.
    """
    with writing(ledger, tell=tell) as loaded:
        if not reason.strip():
            raise StoreError(tr("--reason is empty: say why the year is opened, the auditor will ask"))
        bokslut, sigill = _bokslut_to_open(loaded, year)
        meta = {REASON: " ".join(reason.split()), BY: " ".join(by.split())}
        line = [journal_line(loaded, day, OPENED, str(year), sigill, meta)]
        path, text = _file_of(bokslut)
        opened = with_line(opened_text(text, bokslut.meta["lineno"]), line)

        def is_open(would_be: LoadedLedger) -> None:
            found = read_boksluts(would_be.entries).get(year)
            if found is None or is_sealed(found) or len(would_be.errors) > len(loaded.errors):
                text = N_("{year} cannot be opened: {file} is as it was")
                raise ledger_error(would_be.errors, tr(text, year=year, file=path))

        loaded.write([FileChange(path, text.encode(), opened.encode())], is_open)
    told = tr("{year} is open; {file} keeps the reason:", year=year, file=path.name)
    return f"{told}\n{directives_text(line)}"


def journal_line(
    loaded: LockedLedger, day: date, act: str, period: str, sigill: str, meta: Mapping[str, str]
) -> data.Custom:
    """Return the line of the journal of what is done now. Raises StoreError for a day that it cannot be dated."""
    journal = read_journal(loaded.entries)
    if day <= last_day_of(period):
        wrong = N_("the journal gets a line dated {day}: give a --date after {end}, when {period} was over")
        raise StoreError(tr(wrong, day=day, end=last_day_of(period), period=period))
    if journal.lines and day < journal.lines[-1].entry.date:
        wrong = N_("the journal gets a line dated {day}: give a --date from {last} on, when its last one is dated")
        raise StoreError(tr(wrong, day=day, last=journal.lines[-1].entry.date))
    sealed = [year for year, entry in read_boksluts(loaded.entries).items() if is_sealed(entry) and str(year) != period]
    if sealed and day <= last_day_of_year(sealed[-1]):
        wrong = N_("the journal gets a line dated {day}: give a --date after {end}, for {year} is sealed")
        raise StoreError(tr(wrong, day=day, end=last_day_of_year(sealed[-1]), year=sealed[-1]))
    return journal.next_line(day, act, period, sigill, meta)


def with_line(text: str, line: Sequence[data.Directive]) -> str:
    """Return a file's text with a line of the journal at its end."""
    if not line:
        return text
    eol = "\r\n" if "\r\n" in text else "\n"
    own = directives_text(line).replace("\n", eol)
    end = "" if text.endswith("\n") or not text else eol
    is_below_another = PATTERN.match(text.splitlines()[-1]) if text else True
    return f"{text}{end}{'' if is_below_another else eol}{own}{eol}"


def copy_change(folder: str, period: str, sigill: str, text: str) -> list[FileChange]:
    """Return the change that keeps a sealed copy, none where it is kept already."""
    path = Path(folder) / path_of(period, sigill)
    content = text.encode("utf-8", "surrogatepass")
    if path.exists():
        if path.read_bytes() != content:
            text = N_("{file} is there, and is not the copy that it should be: move it away")
            raise StoreError(tr(text, file=path))
        return []
    return [FileChange(path, None, content)]


def written_back(
    loaded: LockedLedger,
    line: JournalLine,
    sigill: str,
    copy: Sequence[FileChange],
    agreed: Callable[[str], bool],
) -> str:
    """Write back the lost copy of what is closed and as it was, on a yes, and return what was done.

    Raises StoreError where it would be closed again.
    """
    if line.sigill != sigill or not copy:
        text = (
            N_("{month} is locked already, {day}") if line.act == LOCKED else N_("{year} is sealed already, at {place}")
        )
        values = {"month": line.period, "year": line.period, "day": line.entry.date, "place": where(line.entry)}
        raise StoreError(tr(text, **values))
    path, text = _file_of(line.entry)
    changes = [*copy, FileChange(path, text.encode(), text.encode())]
    question = tr(N_("Write back the sealed copy of {period}?"), period=line.period)
    if not written_on_a_yes(loaded, changes, agreed, question):
        return ""
    return tr(N_("the sealed copy of {period} is written back: {file}"), period=line.period, file=copy[0].path)


def _lacks_its_copy(loaded: LockedLedger, line: JournalLine) -> bool:
    bokslut = read_boksluts(loaded.entries).get(int(line.period))
    is_there = (Path(folder_of(loaded.options)) / path_of(line.period, line.sigill)).exists()
    return bokslut is not None and bokslut.meta.get(SIGILL) == line.sigill and not is_there


def _is_of_later(error: Any, year: int) -> bool:
    """Tell whether an error is that the seal of a later year is lost, which is written back after this one."""
    return isinstance(error, RuleError) and error.finding.rule == "L813" and (error.finding.subject.year or 0) > year


def _line_of_seal(loaded: LockedLedger, year: int, sigill: str, day: date, by: str) -> list[data.Custom]:
    """Return the line of the journal that a seal needs: none where the seal of the last one is written back."""
    last = read_journal(loaded.entries).last(str(year))
    if last is None or not last.closes:
        meta = {COPY: path_of(str(year), sigill), BY: " ".join(by.split())}
        return [journal_line(loaded, day, SEALED, str(year), sigill, meta)]
    if last.sigill != sigill:
        wrong = N_(
            "{year} was sealed {day}, and is not as it was then: write it as it was, or open it first, which keeps the "
            "reason:\n{command}"
        )
        command = f'  forbundsbok unseal {year} --reason "..."'
        raise StoreError(tr(wrong, year=year, day=last.entry.date, command=command))
    return []


def sealed_text(text: str, line: int, metadata: Mapping[str, str]) -> str:
    """Return a file's text with a seal below the bokslut that stands on a line."""
    lines, eol = _lines(text, line)
    lines[line:line] = [f"{each}{eol}" for each in metadata_text(metadata).splitlines()]
    return "".join(lines)


def opened_text(text: str, line: int) -> str:
    """Return a file's text without the seal of the bokslut that stands on a line."""
    lines, _ = _lines(text, line)
    end = line
    while end < len(lines) and lines[end][0] in " \t" and lines[end].strip():
        end += 1
    lines[line:end] = [each for each in lines[line:end] if not _SEAL_LINE.match(each)]
    return "".join(lines)


def _lines(text: str, line: int) -> tuple[list[str], str]:
    """Return the lines of a file as Beancount counts them, each with its end, and what they end with."""
    eol = "\r\n" if "\r\n" in text else "\n"
    lines = re.findall(r"[^\n]*\n", text if text.endswith("\n") else text + eol)
    if not (0 < line <= len(lines) and _BOKSLUT_LINE.match(lines[line - 1])):
        text = N_("line {line} holds no bokslut any more: the file has been written meanwhile")
        raise StoreError(tr(text, line=line))
    return lines, eol


def _bokslut_to_seal(loaded: LockedLedger, year: int) -> data.Custom:
    boksluts = read_boksluts(loaded.entries)
    if year not in boksluts:
        line = directives_text([custom_of(BOKSLUT, last_day_of_year(year), [year])])
        text = N_("{year} has no bokslut: when the year is complete, write")
        raise StoreError(f"{tr(text, year=year)}\n{line}")
    if is_sealed(boksluts[year]):
        raise StoreError(tr("{year} is sealed already, at {place}", year=year, place=where(boksluts[year])))
    if unsealed := [str(each) for each, entry in boksluts.items() if each < year and not is_sealed(entry)]:
        raise StoreError(tr("seal {years} first: {year} builds on it", years=_listed(unsealed), year=year))
    if not any(name == WATCHING for name, _ in loaded.options["plugin"]):
        raise StoreError(tr("the ledger does not watch its seals: write   {line}", line=f'plugin "{WATCHING}"'))
    return boksluts[year]


def _bokslut_to_open(loaded: LockedLedger, year: int) -> tuple[data.Custom, str]:
    """Return the bokslut of a sealed year, and the sigill that it has, or had as the journal says."""
    boksluts = read_boksluts(loaded.entries)
    line = read_journal(loaded.entries).closed(SEALED).get(str(year))
    bokslut = boksluts.get(year)
    if bokslut is None or not (is_sealed(bokslut) or line):
        raise StoreError(tr("{year} is not sealed", year=year))
    later = [str(each) for each, entry in reversed(boksluts.items()) if each > year and is_sealed(entry)]
    if later:
        text = N_("unseal {years} first, each with its reason: sealed on {year}")
        raise StoreError(tr(text, years=_listed(later), year=year))
    stated = bokslut.meta.get(SIGILL)
    return bokslut, line.sigill if line else (stated if is_sigill(stated) else UNKNOWN)


def _listed(years: Sequence[str]) -> str:
    return tr(" and ").join(years)


def _with_seal(entry: Any, bokslut: data.Custom, new_seal: Seal) -> Any:
    return entry._replace(meta={**entry.meta, **new_seal.metadata()}) if entry is bokslut else entry


def _file_of(entry: data.Directive) -> tuple[Path, str]:
    """Return the file that a directive stands in, and its text."""
    path = Path(entry.meta["filename"])
    return path, path.read_bytes().decode()
