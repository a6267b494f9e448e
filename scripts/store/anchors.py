"""What is kept outside the books against their seals: anchors, history, copies and documents.

    förbundsbok ankare 1
    böcker: Räddningstjänsten Norra
    skrivet: 2025-04-11 med förbundsbok 0.2
    2023 4ef9066d81d0...e0 3638
    2024 b4094f3e7ac3...d0 3268
    journal 2 5feceb66ffc8...e9
    git 0b5a3c...4d
    filer 1
    fil "layouts/balans.toml" 8a5edab28263...1f

An anchor is for the auditor to keep or sign: each sealed year with its sigill and how many directives it holds, and the
journal of seals up to then, by its number of lines and the SHA-256 of what they say. `forbundsbok anchor` writes it,
`check --anchor` holds the books against it. Where the books are in git, so do the lines of the journal that its history
has had. The last commit then, and the files beside the books that no seal covers, may change for good reasons: that
they are others is told, and is no error.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from beancount.core import data

from forbundsbok import version
from forbundsbok.plugins.canonical import SIGILL, quoted, unquoted
from forbundsbok.plugins.checksums import Item
from forbundsbok.plugins.documents import digests, line_of, named_by
from forbundsbok.plugins.findings import Message, as_written, counted, phrase
from forbundsbok.plugins.journal import COPY, LOCKED, PATTERN, JournalLine, SealJournal, read_journal
from forbundsbok.plugins.language import N_, tr
from forbundsbok.plugins.loading import LoadedLedger
from forbundsbok.plugins.locks import booked_in
from forbundsbok.plugins.places import NOWHERE
from forbundsbok.plugins.sealed_copy import FOLDER, path_of, read_copy
from forbundsbok.plugins.sigill import DOCUMENTS, Year, folder_of, held_by_years, is_sealed, is_sigill
from forbundsbok.plugins.years import read_boksluts
from forbundsbok.scripts.store import StoreError
from forbundsbok.scripts.store.history import changed_lines, last_commit
from forbundsbok.scripts.store.trust import TrustError

_HEAD = "förbundsbok ankare 1"
_YEAR = re.compile(r"(\d{4}) ([0-9a-f]{64}) (\d+)", re.ASCII)
_JOURNAL = re.compile(r"journal (\d+) ([0-9a-f]{64})", re.ASCII)
_BOOKS = re.compile(r"böcker: ?(.*)")
_WRITTEN = re.compile(r"skrivet: (\d{4}-\d\d-\d\d) ", re.ASCII)
_COMMIT = re.compile(r"git ([0-9a-f]{40,64})", re.ASCII)
_FILES = re.compile(r"filer (\d+)", re.ASCII)
_FILE = re.compile(r'fil ("(?:[^"\\]|\\.)*") ([0-9a-f]{64})')
_COPY = re.compile(r"(\d{4}(?:-\d\d)?)-([0-9a-f]{16})\.txt", re.ASCII)


@dataclass(frozen=True)
class Anchor:
    """What is kept of a ledger's seals: the sigill of each year, and how the journal began."""

    sigill: Mapping[int, str] = field(default_factory=dict)
    lines: int = 0
    journal: str = ""
    title: str | None = None
    day: str = ""
    commit: str = ""
    files: Mapping[str, str] | None = None
    """The SHA-256 of the files beside the books, by their paths; None of an anchor from before they were kept."""


def sealed_years(loaded: LoadedLedger) -> list[Year]:
    """Return the sealed years of a ledger, with what they hold."""
    boksluts = read_boksluts(loaded.entries)
    return [year for year in held_by_years(loaded.entries, loaded.options, boksluts) if year.seal]


def anchor_text(loaded: LoadedLedger, day: date, files: Mapping[str, str]) -> str:
    """Return the anchor of a ledger and of the files beside it, their SHA-256 by their paths.

    Raises StoreError where no year is sealed.
    """
    years = sealed_years(loaded)
    if not years:
        raise StoreError(tr(N_("no year is sealed: there is nothing to keep")))
    journal = read_journal(loaded.entries)
    head = [_HEAD, f"böcker: {title_of(loaded)}", f"skrivet: {day} med förbundsbok {version()}"]
    own = [f"{year.year} {year.seal.sigill} {len(year.items)}" for year in years if year.seal]
    commit = [f"git {last}"] if (last := last_commit(Path(folder_of(loaded.options)))) else []
    beside = [f"filer {len(files)}", *(f"fil {quoted(path)} {digest}" for path, digest in sorted(files.items()))]
    told = f"journal {len(journal.lines)} {_digest(journal.lines)}"
    return "\n".join([*head, *own, told, *commit, *beside]) + "\n"


def title_of(loaded: LoadedLedger) -> str:
    """Return what the books are called, on one line."""
    return " ".join(str(loaded.options.get("title") or "").split())


def read_anchor(path: Path) -> Anchor:
    """Return an anchor. Raises StoreError for a file that is none, OSError for one that cannot be read."""
    lines = path.read_bytes().decode("utf-8", "replace").splitlines()
    years = [match for line in lines if (match := _YEAR.fullmatch(line.strip()))]
    journals = [match for line in lines if (match := _JOURNAL.fullmatch(line.strip()))]
    files = [match for line in lines if (match := _FILE.fullmatch(line.strip()))]
    counts = [int(match[1]) for line in lines if (match := _FILES.fullmatch(line.strip()))]
    is_whole = counts in ([], [len(files)])
    if not lines or lines[0].strip() != _HEAD or not years or len(journals) != 1 or not is_whole:
        raise StoreError(tr(N_("{file} is no anchor that forbundsbok has written"), file=path))
    return Anchor(
        {int(year[1]): year[2] for year in years},
        int(journals[0][1]),
        journals[0][2],
        title=next((match[1] for line in lines if (match := _BOOKS.fullmatch(line.rstrip()))), None),
        day=next((match[1] for line in lines if (match := _WRITTEN.match(line))), ""),
        commit=next((match[1] for line in lines if (match := _COMMIT.fullmatch(line.strip()))), ""),
        files={unquoted(match[1]): match[2] for match in files} if counts else None,
    )


def unlike(loaded: LoadedLedger, anchor: Anchor) -> Iterator[TrustError]:
    """Yield what of a ledger's seals is not as an anchor has it."""
    boksluts = read_boksluts(loaded.entries)
    now = {year: sigill for year, entry in boksluts.items() if is_sigill(sigill := entry.meta.get(SIGILL))}
    journal = read_journal(loaded.entries)
    for year, sigill in sorted(anchor.sigill.items()):
        told = {"year": year, "sigill": sigill, "journal": _history(journal, year)}
        if year not in now:
            text = N_("{year} is not sealed, and is to have the sigill {sigill}.{journal}")
            yield TrustError(NOWHERE, phrase(text, **told))
        elif not now[year].startswith(sigill):
            text = N_("{year} has the sigill {now}, and is to have {sigill}.{journal}")
            yield TrustError(NOWHERE, phrase(text, now=now[year], **told))
    if anchor.lines and _digest(journal.lines[: anchor.lines]) != anchor.journal:
        text = N_(
            "The first {count} lines of the journal of seals are not those that were kept: a line has been taken away "
            "or changed."
        )
        yield TrustError(NOWHERE, phrase(text, count=anchor.lines))


def _history(journal: SealJournal, year: int) -> object:
    """Return what the journal says has been done to a year: "", or " The journal: ..."."""
    lines = [line for line in journal.lines if line.period == str(year)]
    if not lines:
        return ""
    told = [f"{line.act} {line.entry.date}" for line in lines]
    return phrase(N_(" The journal says: {lines}."), lines=told)


def _digest(lines: Iterable[JournalLine]) -> str:
    return sha256("\n".join(" ".join(map(str, line.told)) for line in lines).encode()).hexdigest()


# What lies beside the books


def traces(main: Path, loaded: LoadedLedger) -> Iterator[TrustError]:
    """Yield the traces of seals that the books know no more: lines of the journal in git, sealed copies."""
    journal = read_journal(loaded.entries)
    known = {line.told for line in journal.lines}
    for told in sorted(_in_git(main.absolute().parent) - known):
        number, act, period, sigill = told
        text = N_(
            "Line {number} of the journal of seals, {act} {period}, stands in the history of git, and no more in the "
            "books: write it back, {line}"
        )
        line = f'"{act}" "{period}" "{sigill}"'
        yield TrustError(NOWHERE, phrase(text, number=number, act=act, period=period, line=line))
    yield from _lost_copies(main, journal)
    closed = {(line.period, line.sigill[:16]) for line in journal.lines}
    for file in sorted((main.absolute().parent / FOLDER).glob("*.txt")):
        if (match := _COPY.fullmatch(file.name)) and (match[1], match[2]) not in closed:
            text = N_("{file} is a sealed copy of {period} with a sigill that the journal does not have: find out why")
            yield TrustError(NOWHERE, phrase(text, file=f"{FOLDER}/{file.name}", period=match[1]))


def _lost_copies(main: Path, journal: SealJournal) -> Iterator[TrustError]:
    """Yield the sealed copies that are gone, of the lines that were written with one, or are not as they were."""
    folder = main.absolute().parent
    for line in journal.lines:
        path = path_of(line.period, line.sigill)
        is_there = (folder / path).is_file()
        if (
            not line.closes
            or read_copy(str(folder), line.period, line.sigill)
            or not (is_there or COPY in line.entry.meta)
        ):
            continue
        text = N_("{file}, the sealed copy of {period}, is gone: put it back from a safety copy")
        if is_there:
            text = N_("{file}, the sealed copy of {period}, is not as it was written: put it back from a safety copy")
        how = phrase(text, file=path, period=line.period)
        if journal.last(line.period) is line:
            command = f"  forbundsbok {'lock' if line.act == LOCKED else 'seal'} {line.period}"
            text = N_(
                "{how}; or take it away and write it anew, which can be done while nothing in {period} has changed:\n"
                "{command}"
            )
            how = phrase(text, how=how, period=line.period, command=as_written(command))
        yield TrustError(line.entry.meta, how)


def _in_git(folder: Path) -> set[tuple[int, str, str, str]]:
    """Return the lines of the journal that the history of a folder's files has had; none where git keeps none."""
    rows = map(PATTERN.match, changed_lines(folder, 'custom "sigilljournal"'))
    return {(int(row[1]), row[2], row[3], row[4]) for row in rows if row}


def changed_documents(loaded: LoadedLedger) -> Iterator[TrustError]:
    """Yield the documents of what is closed that are not as they were when it was sealed or locked."""
    folder = folder_of(loaded.options)
    for closed in _covered(loaded):
        named = named_by(closed.items, folder)
        now = digests(Path(folder), named)
        if line_of(now) == closed.line:
            continue
        told = {"year": closed.period, "month": closed.period, "command": as_written(closed.command)}
        copy = read_copy(folder, closed.period, closed.sigill)
        if copy is None:
            text = (
                N_(
                    "The documents of {month} are not those that it was locked with: there were {was}, and now {now}. "
                    "Which ones cannot be told, since the sealed copy in the folder {folder} is gone"
                )
                if closed.is_month
                else N_(
                    "The documents of {year} are not those that it was sealed with: there were {was}, and now {now}. "
                    "Which ones cannot be told, since the sealed copy in the folder {folder} is gone"
                )
            )
            told |= {"was": closed.line.split()[0], "now": str(len(now)), "folder": FOLDER}
            yield TrustError(closed.entry.meta, phrase(text, **told))
            continue
        for path in sorted(path for path, digest in copy.documents.items() if now.get(path) != digest):
            entry = named.get(path, closed.entry)
            yield TrustError(entry.meta, phrase(_CHANGED[closed.is_month, path in now], path=path, **told))


_CHANGED = {
    (False, True): N_("{path} is not the document that it was when {year} was sealed: put that one back"),
    (False, False): N_("{path} was there when {year} was sealed, and is gone: put it back"),
    (True, True): N_(
        "{path} is not the document that it was when {month} was locked: put that one back. Or unlock {month}:\n"
        "{command}"
    ),
    (True, False): N_(
        "{path} was there when {month} was locked, and is gone: put it back. Or unlock {month}:\n{command}"
    ),
}
"""What is said of a document, by whether its period is a month, and whether it is there."""


def documents_of_closed(loaded: LoadedLedger) -> set[str]:
    """Return the paths of the documents of what is closed and covers some: without them its seal does not hold."""
    folder = folder_of(loaded.options)
    return {path for closed in _covered(loaded) for path in named_by(closed.items, folder)}


def added_documents(loaded: LoadedLedger) -> Iterator[Message]:
    """Yield that documents of a sealed year have come since: no seal covers what is in them."""
    folder = folder_of(loaded.options)
    for year in sealed_years(loaded):
        seal = year.seal
        there = [path for path in named_by(year.items, folder) if Path(folder, path).is_file()]
        if seal is None or not there:
            continue
        copy = read_copy(folder, str(year.year), seal.sigill)
        covered = set(copy.documents) if copy else set()
        if copy is None and DOCUMENTS in seal.lines:
            continue  # which ones, the copy alone could tell
        if new := sorted(set(there) - covered):
            one = N_("1 document of {year} has come since it was sealed, and no seal covers it: {paths}")
            many = N_("{count} documents of {year} have come since it was sealed, and no seal covers them: {paths}")
            told = ", ".join(new[:_NAMED]) + (" ..." if len(new) > _NAMED else "")
            yield counted(len(new), one, many, year=year.year, paths=told)


_NAMED = 3
"""How many documents are named that have come since their year was sealed."""


class _Covered(NamedTuple):
    """A year or month whose documents are covered: what it holds, its sigill, and the line that covers them."""

    period: str
    entry: data.Directive
    items: Sequence[Item]
    sigill: str
    line: str

    @property
    def is_month(self) -> bool:
        return "-" in self.period

    @property
    def command(self) -> str:
        return f'  forbundsbok unlock {self.period} --reason "..." --by "..."'


def _covered(loaded: LoadedLedger) -> Iterator[_Covered]:
    """Yield the sealed years and the locked months of open years that have documents."""
    boksluts = read_boksluts(loaded.entries)
    if any(f"{SIGILL}-{DOCUMENTS}" in entry.meta for entry in boksluts.values()):
        for year in sealed_years(loaded):
            if year.seal and (line := year.seal.lines.get(DOCUMENTS)):
                yield _Covered(str(year.year), year.bokslut, year.items, year.seal.sigill, line)
    sealed = {str(year) for year, entry in boksluts.items() if is_sealed(entry)}
    locks = read_journal(loaded.entries).closed(LOCKED)
    locks = {period: lock for period, lock in locks.items() if lock.papers and period[:4] not in sealed}
    for period, items in booked_in(loaded.entries, loaded.options, locks).items() if locks else ():
        lock = locks[period]
        yield _Covered(period, lock.entry, items, lock.sigill, lock.papers)
