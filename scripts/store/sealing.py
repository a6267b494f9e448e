"""Sealing a complete year, and opening it again: what stands in the ledger then.

`seal_year` writes the year's digest into its bokslut; `unseal_year` takes it away and leaves, below the bokslut,

    2025-03-01 note Equity:FK:2010-Eget-kapital "Sigillet för 2024 brutet: Periodisering av ..."
      sigill: "5d1c0f...e2"

with the seal that was broken. A note belongs to an account: it stands on the equity of the first unit, which is what a
seal guards, and is dated after the year, so that it is itself sealed with the year it is dated in. Everything else in
the file stays byte for byte. What is sealed and how is plugins.sigill's to know.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from beancount.core import data

from forbundsbok.plugins.accounts import parse_account
from forbundsbok.plugins.canonical import SIGILL
from forbundsbok.plugins.federation import checked
from forbundsbok.plugins.language import N_, tr
from forbundsbok.plugins.ledger_text import custom_of, directives_text, metadata_text
from forbundsbok.plugins.loading import LoadedLedger, ledger_error
from forbundsbok.plugins.places import where
from forbundsbok.plugins.sigill import Seal, is_sealed, seal_of
from forbundsbok.plugins.units import read_units
from forbundsbok.plugins.years import BOKSLUT, last_day_of_year, read_boksluts
from forbundsbok.scripts.store import StoreError
from forbundsbok.scripts.store.ledger import FileChange, LockedLedger, writing

WATCHING = "forbundsbok.federation"
"""The plugin that a ledger must load, lest nobody sees that a seal is broken."""

_BOKSLUT_LINE = re.compile(rf'\d{{4}}[-/]\d\d[-/]\d\d\s+custom\s+"{BOKSLUT}"')
_SEAL_LINE = re.compile(rf"[ \t]+{SIGILL}(-[-\w]+)?[ \t]*:")


def seal_year(ledger: Path, year: int, tell: Callable[[str], None]) -> str:
    """Write the seal of a complete year into a ledger, and return what was done.

    Raises LedgerError for a ledger with errors, StoreError for a year that cannot be sealed; the files are
    then as they were.
    """
    with writing(ledger, tell=tell) as loaded:
        if errors := [error for error in loaded.errors if not str(error.message).startswith("L8")]:
            raise ledger_error(errors)
        bokslut = _bokslut_to_seal(loaded, year)
        new_seal = seal_of(loaded.entries, loaded.options, year)
        # A seal that was lost may be written back while the later one misses it: what counts is what is left then.
        _, left = checked([_with_seal(entry, bokslut, new_seal) for entry in loaded.entries], loaded.options, ["seal"])
        if left:
            raise ledger_error(left)
        path, text = _file_of(bokslut)
        sealed = sealed_text(text, bokslut.meta["lineno"], new_seal.metadata())

        def holds(would_be: LoadedLedger) -> None:
            if would_be.errors or not is_sealed(read_boksluts(would_be.entries)[year]):
                text = N_(
                    "The seal does not hold: does another plugin change the vouchers after {module}? Load it first; "
                    "{file} is as it was"
                )
                raise ledger_error(would_be.errors, tr(text, module=WATCHING, file=path))

        loaded.write([FileChange(path, text.encode(), sealed.encode())], holds)
    count = sum(month.count for month in new_seal.months.values())
    is_first = year - 1 not in read_boksluts(loaded.entries)
    text = (
        N_("{year} is sealed: {count} directives, the first in the chain")
        if is_first
        else N_("{year} is sealed: {count} directives, chained to the seal of {before}")
    )
    done = tr(text, year=year, count=count, before=year - 1)
    return f'{done}\n{where(bokslut)}: {SIGILL}: "{new_seal.sigill}"'


def unseal_year(ledger: Path, year: int, reason: str, day: date, tell: Callable[[str], None]) -> str:
    """Take the seal of a year out of a ledger, with a note of the reason, and return what was done.

    Raises LedgerError when the ledger would have more errors, StoreError for a year that cannot be opened; the files
    are then as they were.
    """
    with writing(ledger, tell=tell) as loaded:
        bokslut = _bokslut_to_open(loaded, year)
        note = _note(loaded, bokslut, reason, day)
        path, text = _file_of(bokslut)
        opened = opened_text(text, bokslut.meta["lineno"], note)

        def is_open(would_be: LoadedLedger) -> None:
            found = read_boksluts(would_be.entries).get(year)
            if found is None or is_sealed(found) or len(would_be.errors) > len(loaded.errors):
                text = N_("{year} cannot be opened: {file} is as it was")
                raise ledger_error(would_be.errors, tr(text, year=year, file=path))

        loaded.write([FileChange(path, text.encode(), opened.encode())], is_open)
    told = tr("{year} is open; {file} keeps the reason:", year=year, file=path.name)
    return f"{told}\n{note}"


def sealed_text(text: str, line: int, metadata: Mapping[str, str]) -> str:
    """Return a file's text with a seal below the bokslut that stands on a line."""
    lines, eol = _lines(text, line)
    lines[line:line] = [f"{each}{eol}" for each in metadata_text(metadata).splitlines()]
    return "".join(lines)


def opened_text(text: str, line: int, note: str) -> str:
    """Return a file's text without the seal of the bokslut that stands on a line, and with a note below it."""
    lines, eol = _lines(text, line)
    end = line
    while end < len(lines) and lines[end][0] in " \t" and lines[end].strip():
        end += 1
    kept = [each for each in lines[line:end] if not _SEAL_LINE.match(each)]
    next_is_close = end < len(lines) and lines[end].strip()
    below = ["", *note.splitlines(), *([""] if next_is_close else [])]
    lines[line:end] = [*kept, *(each + eol for each in below)]
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


def _bokslut_to_open(loaded: LockedLedger, year: int) -> data.Custom:
    boksluts = read_boksluts(loaded.entries)
    if year not in boksluts or not is_sealed(boksluts[year]):
        raise StoreError(tr("{year} is not sealed", year=year))
    later = [str(each) for each, entry in reversed(boksluts.items()) if each > year and is_sealed(entry)]
    if later:
        text = N_("unseal {years} first, each with its reason: sealed on {year}")
        raise StoreError(tr(text, years=_listed(later), year=year))
    return boksluts[year]


def _note(loaded: LockedLedger, bokslut: data.Custom, reason: str, day: date) -> str:
    """Return the note of a broken seal."""
    year = bokslut.date.year
    if not reason.strip():
        raise StoreError(tr("--reason is empty: say why the year is opened, the auditor will ask"))
    if day <= bokslut.date:
        wrong = N_("the note is dated {day}: give a --date after {end}, when {year} was over")
        raise StoreError(tr(wrong, day=day, end=bokslut.date, year=year))
    text = f"Sigillet för {year} brutet: {' '.join(reason.split())}"
    broken = bokslut.meta.get(SIGILL)
    meta = {SIGILL: broken} if isinstance(broken, str) else {}
    return directives_text([data.Note(meta, day, _account_of_note(loaded, day), text, None, None)])


def _account_of_note(loaded: LockedLedger, day: date) -> str:
    """Return the equity account of the first unit that has one open on a day."""
    closed = {entry.account for entry in loaded.entries if isinstance(entry, data.Close) and entry.date <= day}
    accounts = sorted(
        entry.account
        for entry in loaded.entries
        if isinstance(entry, data.Open) and entry.date <= day and entry.account not in closed
    )
    for unit in read_units(loaded.entries):
        for account in accounts:
            name = parse_account(account)
            if name and name.unit == unit and name.root == "Equity":
                return account
    raise StoreError(tr("no unit has an equity account open on {day} that the note could stand on", day=day))


def _listed(years: Sequence[str]) -> str:
    return tr(" and ").join(years)


def _with_seal(entry: Any, bokslut: data.Custom, new_seal: Seal) -> Any:
    return entry._replace(meta={**entry.meta, **new_seal.metadata()}) if entry is bokslut else entry


def _file_of(entry: data.Directive) -> tuple[Path, str]:
    """Return the file that a directive stands in, and its text."""
    path = Path(entry.meta["filename"])
    return path, path.read_bytes().decode()
