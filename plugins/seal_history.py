"""The history of seals in words: which years are sealed and which months locked, and what has been opened again.

2025-04-10 custom "sigilljournal" 1 "forseglat" "2024" "5d1c0f...e2"

2024 är förseglat 2025-04-10: 5d1c0f...e2; öppnat 2025-05-02 av EK: fel konto; stängt på nytt 2025-05-03 ...
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from beancount.core import data

from forbundsbok.plugins.canonical import SIGILL
from forbundsbok.plugins.journal import BY, LOCKED, REASON, SEALED, JournalLine, SealJournal, read_journal
from forbundsbok.plugins.language import N_, tr
from forbundsbok.plugins.loading import LoadedLedger
from forbundsbok.plugins.sealed_copy import changed_names, read_copy
from forbundsbok.plugins.sigill import folder_of, is_sealed
from forbundsbok.plugins.years import read_boksluts

SEALED_YEAR = N_("{year} is sealed {day}: {sigill}")


class SealedYear(NamedTuple):
    """A sealed year: the day when it was sealed, and its sigill."""

    year: int
    day: date
    sigill: str


def read_seals(entries: Sequence[data.Directive]) -> Iterator[SealedYear]:
    """Yield the sealed years of a ledger, the earliest first."""
    lines = read_journal(entries).closed(SEALED)
    for year, bokslut in read_boksluts(entries).items():
        if is_sealed(bokslut):
            told_by = lines[str(year)].entry if str(year) in lines else bokslut
            yield SealedYear(year, told_by.date, bokslut.meta[SIGILL])


def seal_history(loaded: LoadedLedger) -> Iterator[str]:
    """Yield the sealed years, `2024 är förseglat 2025-04-10: 3dce...`, the locked months, and what is open again."""
    journal, folder = read_journal(loaded.entries), folder_of(loaded.options)
    for each in read_seals(loaded.entries):
        yield tr(SEALED_YEAR, **each._asdict()) + _reopened(folder, journal, str(each.year))
    if locked := [period for period in journal.closed(LOCKED) if not _is_sealed(loaded, period)]:
        months = ", ".join(f"{period}{_reopened(folder, journal, period)}" for period in locked)
        yield tr(N_("Locked months: {months}"), months=months)
    for period in dict.fromkeys(line.period for line in journal.lines):
        if (last := journal.last(period)) and not last.closes and not _is_sealed(loaded, period):
            yield tr(N_("{period} is open again{history}"), period=period, history=_reopened(folder, journal, period))


def _reopened(folder: str, journal: SealJournal, period: str) -> str:
    """Return how a period has been opened and closed again: `; öppnat 2025-03-02 av EK: skäl; stängt på nytt ...`."""
    told = ""
    for line in journal.reopened(period):
        by, why = (" ".join(str(line.entry.meta.get(key) or "").split()) for key in (BY, REASON))
        values = {"day": line.entry.date, "by": by or tr(N_("nobody named")), "why": why}
        told += tr(N_("; closed anew {day}") if line.closes else N_("; opened {day} by {by}: {why}"), **values)
        told += _changed(folder, journal, line) if line.closes else ""
    return told


def _changed(folder: str, journal: SealJournal, line: JournalLine) -> str:
    """Return what has changed in a period since it was closed the time before, as far as its copies tell."""
    before = [each for each in journal.lines if each.period == line.period and each.number < line.number][-1]
    if before.sigill == line.sigill:
        return tr(N_(", as it was"))
    was, is_now = (read_copy(folder, line.period, each.sigill) for each in (before, line))
    count = len(changed_names(was, is_now)) if was and is_now else 0
    text = N_(" with 1 change") if count == 1 else N_(" with {count} changes")
    return tr(text, count=count) if count else ""


def _is_sealed(loaded: LoadedLedger, period: str) -> bool:
    bokslut = read_boksluts(loaded.entries).get(int(period[:4]))
    return bokslut is not None and is_sealed(bokslut)
