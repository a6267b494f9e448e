"""Taking documents into the books: `forbundsbok import FILE...`.

    forbundsbok import inbox/kontoutdrag-2025-03-14.xml inbox/bgmax-0314.txt

Each document is read by the door that knows its kind, all that they propose becomes one new file, and the documents
are kept where their vouchers name them:

    import/2025-03-14-BgMax-camt.053.bean
    underlag/2025/kontoutdrag-2025-03-14.xml
    underlag/2025/bgmax-0314.txt

The first time, `include "import/*.bean"` is written into the ledger's main file; where there is no ledger, a SIE file
begins one. Everything goes in or nothing does: see scripts.store.ledger.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import count, takewhile
from pathlib import Path, PurePosixPath

import click
from beancount.core import data
from beancount.parser.grammar import ValueType

from forbundsbok.importers.door import Door, Proposal, placed
from forbundsbok.importers.doors import doors
from forbundsbok.importers.mapping import FILE as MAPPING
from forbundsbok.importers.mapping import read_mapping
from forbundsbok.importers.payments import OBSERVE
from forbundsbok.importers.problems import DocumentError
from forbundsbok.plugins.canonical import quoted
from forbundsbok.plugins.directives import values
from forbundsbok.plugins.imports import IMPORT, MOVED_IN, UNDERLAG, read_imports
from forbundsbok.plugins.ledger_text import TextError, cleaned, cleaned_text, ledger_text
from forbundsbok.plugins.loading import LoadedLedger, placed_messages, refuse_errors
from forbundsbok.plugins.mending import VER, indented
from forbundsbok.plugins.places import from_here
from forbundsbok.plugins.vouchers import WAITS
from forbundsbok.scripts.commands.options import ledger_option, tell
from forbundsbok.scripts.store.ledger import FileChange, LockedLedger, writing

FOLDER = "import"
"""Where the files of imports stand, below the ledger's folder."""
INCLUDE = f'include "{FOLDER}/*.bean"'

MOST_BYTES = 500_000_000
"""The greatest size of a document: a year of a large federation as SIE is a fifth of it."""

NEW_BOOKS = """option "title" {title}
option "operating_currency" "SEK"
option "tolerance_multiplier" "0"
option "display_precision" "SEK:0.01"

plugin "forbundsbok.federation"

{include}
"""

_INCLUDE_LINE = re.compile(rb'^include[ \t]*"[^"\n]*"[^\n]*(\n|\Z)', re.MULTILINE)


@dataclass(frozen=True)
class Document:
    """A document that comes in: what it holds, and what its door proposes."""

    file: Path
    kind: str
    content: bytes
    proposal: Proposal


@click.command("import")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@ledger_option
@click.option(
    "--mapping", type=click.Path(path_type=Path), help=f"How what comes in is booked; {MAPPING} beside the ledger."
)
@click.option("--dry-run", is_flag=True, help="Print what would be written, checked with the whole ledger.")
def import_documents(files: tuple[Path, ...], ledger: Path, mapping: Path | None, dry_run: bool) -> None:
    """Take documents from other systems into the books: SIE 4, bank statements, payments, invoices.

    Each is recognised by what it holds. Its vouchers go into a new file in import/, the document itself is
    kept in underlag/. A document that has come in before adds nothing. If anything is wrong, in a document or
    with the ledger as it would be, nothing is written.

    \b
    forbundsbok import inbox/kontoutdrag.xml inbox/bgmax.txt
    forbundsbok import --dry-run inbox/faktura-4711.xml
    """
    if mapping:
        mapping.open("rb").close()
    made = doors(read_mapping(mapping or ledger.with_name(MAPPING)))
    recognised = _recognised(files, made)
    with writing(ledger, may_be_new=True, tell=tell) as books:
        refuse_errors(books.errors)
        documents = list(_documents(books, recognised))
        adding = [document for document in documents if document.proposal.entries]
        report = [line for document in documents for line in _report(document)]
        if adding:
            report += _write(books, adding, dry_run)
    for line in report:
        click.echo(line, err=dry_run)


def _recognised(files: Iterable[Path], made: Sequence[Door]) -> list[tuple[Path, Door]]:
    """Return each file with its door, in the doors' order, those of a door from the first day to the last.

    Raises DocumentError where no door knows a file, or several do.
    """
    found, wrong = [], []
    for file in files:
        if file.exists() and not file.is_file():
            wrong.append(f"{file}: it is no file")
            continue
        if file.stat().st_size > MOST_BYTES:
            wrong.append(f"{file}: it has more than {MOST_BYTES // 1_000_000} MB: is it the right file?")
            continue
        know = [door for door in made if door.identify(str(file))]
        if len(know) == 1:
            found.append((file, know[0]))
            continue
        kinds = ", ".join(door.kind for door in know or made)
        wrong.append(f"{file}: it is {'more than one' if know else 'none'} of the kinds that can come in: {kinds}")
    if wrong:
        raise DocumentError(wrong)
    several = Counter(door.kind for _, door in found)
    begins = {file: door.begins(str(file)) for file, door in found if several[door.kind] > 1}
    return sorted(found, key=lambda each: (made.index(each[1]), begins.get(each[0], date.min)))


def _documents(books: LockedLedger, recognised: Iterable[tuple[Path, Door]]) -> Iterator[Document]:
    """Yield the documents in turn, each proposed to the ledger with those before it."""
    existing = list(books.entries)
    for file, door in recognised:
        if books.is_new and not existing and door.kind != MOVED_IN:
            message = f"there are no books there, and only a year as {MOVED_IN} can begin new ones"
            raise DocumentError([f"{books.path}: {message}: {file} is {door.kind}"])
        content = file.read_bytes()
        proposal = door.proposal(str(file), existing)
        if proposal.entries:
            if file.read_bytes() != content:
                raise DocumentError([f"{file}: it has been written while it was read: try again"])
            stored = {came.path for came in read_imports(existing)}
            names = (name for name in _names(cleaned_text(proposal.stored)) if name not in stored)
            name = next(name for name in names if not _is_other(books.path.parent / name, content))
            proposal = _stored_as(proposal, name)
            existing = sorted([*existing, *placed(proposal.entries, str(file))], key=data.entry_sortkey)
        yield Document(file, door.kind, content, proposal)


def _is_other(path: Path, content: bytes) -> bool:
    """Tell whether another file has a path; one that a killed run has left may hold the same document."""
    return path.exists() and path.read_bytes() != content


def _names(path: str) -> Iterator[str]:
    """Yield a path below the ledger's folder, and what to take in turn where it is taken: `a.xml`, `a-2.xml`, ..."""
    wanted = PurePosixPath(path)
    if wanted.is_absolute() or ".." in wanted.parts:
        raise ValueError(f"{path} does not stand below the ledger's folder")
    yield path
    yield from (str(wanted.with_name(f"{wanted.stem}-{number}{wanted.suffix}")) for number in count(2))


def _stored_as(proposal: Proposal, path: str) -> Proposal:
    """Return a proposal whose document is kept at a path, with texts that a ledger can hold."""
    entries = [cleaned(_naming(entry, proposal.stored, path)) for entry in proposal.entries]
    return replace(proposal, entries=entries, stored=path)


def _naming(entry: data.Directive, old: str, new: str) -> data.Directive:
    """Return a directive that names a document by another path."""
    if isinstance(entry, data.Custom) and entry.type == IMPORT:
        kind, _ = values(entry)
        return entry._replace(values=[ValueType(kind, str), ValueType(new, str)])
    if entry.meta.get(UNDERLAG) == old:
        return entry._replace(meta=entry.meta | {UNDERLAG: new})
    return entry


def _write(books: LockedLedger, documents: Sequence[Document], dry_run: bool) -> list[str]:
    """Write what documents add, and return what was written, a line each."""
    folder = books.path.parent
    books.sweep(folder / FOLDER)
    path = next(path for name in _names(_name(documents)) if not (path := folder / name).exists())
    text = _text(documents)
    changes = [
        FileChange(kept, None, document.content)
        for document in documents
        if not (kept := folder / document.proposal.stored).exists()
    ]
    changes.append(FileChange(path, None, text.encode()))
    if books.is_new:
        changes.append(FileChange(books.path, None, _new_books(books.path, documents).encode()))
    elif not books.includes(path):
        before = books.path.read_bytes()
        changes.append(FileChange(books.path, before, with_include(before)))
    if dry_run:
        click.echo(text, nl=False)
    books.write(changes, lambda would_be: _refuse(would_be, path, text), dry_run=dry_run)
    done = "would be written" if dry_run else "written"
    return [f"{done}: {from_here(str(change.path))}" for change in changes]


def _name(documents: Sequence[Document]) -> str:
    """Return the file that the directives of documents go to: their last day, and what kinds they are."""
    kinds = "-".join(sorted({document.kind for document in documents}))
    day = max(document.proposal.day for document in documents)
    return f"{FOLDER}/{day}-{re.sub('[^A-Za-z0-9.]+', '-', kinds)}.bean"


def _text(documents: Sequence[Document]) -> str:
    """Return the file of what documents add."""
    sections = [
        (f"Inläst ur {document.proposal.stored} ({document.kind})", document.proposal.entries) for document in documents
    ]
    try:
        return ledger_text(sections)
    except TextError as error:
        files = ", ".join(str(document.file) for document in documents)
        raise DocumentError([f"{files}: what it says does not fit into a ledger: {error}"]) from None


def _new_books(path: Path, documents: Iterable[Document]) -> str:
    titles = [document.proposal.title for document in documents if document.proposal.title]
    return NEW_BOOKS.format(title=quoted(titles[0] if titles else path.parent.name), include=INCLUDE)


def with_include(main: bytes) -> bytes:
    """Return a ledger's main file with the include of imports, after its last include."""
    eol = b"\r\n" if b"\r\n" in main else b"\n"
    line = INCLUDE.encode() + eol
    includes = list(_INCLUDE_LINE.finditer(main))
    if not includes:
        return b"".join([main, *([] if main.endswith(b"\n") else [eol]), eol, line])
    at = includes[-1].end()
    return b"".join([main[:at], *([] if main[:at].endswith(b"\n") else [eol]), line, main[at:]])


def _refuse(would_be: LoadedLedger, path: Path, text: str) -> None:
    """Raise DocumentError with the errors that a ledger would have, and the new text that they stand in."""
    if not would_be.errors:
        return
    shown = {""}
    messages = []
    for (filename, line), message in placed_messages(would_be.errors):
        messages.append(message)
        block = _block(text, line) if filename == str(path) else ""
        if block not in shown:
            messages.append(f"  in what would be written there:\n{indented(indented(block))}")
        shown.add(block)
    raise DocumentError(messages)


def _block(text: str, line: int) -> str:
    """Return the directive that stands on a line of a text, counted from 1."""
    before, after = text.splitlines()[: line - 1], text.splitlines()[line - 1 :]
    head = list(takewhile(str.strip, reversed(before)))[::-1]
    return "\n".join([*head, *takewhile(str.strip, after)])


def _report(document: Document) -> list[str]:
    """Return what an accountant should know of a document, a line each."""
    proposal = document.proposal
    vouchers = [entry for entry in proposal.entries if isinstance(entry, data.Transaction)]
    numbers = f": {', '.join(ranges(_numbers(vouchers)))}" if vouchers else ""
    added = f"{_count(len(vouchers), 'voucher')}{numbers}" if proposal.entries else "nothing to add"
    lines = [f"{document.file} ({document.kind}): {added}"]
    for kind, called in ((data.Open, "new account"), (data.Balance, "balance")):
        if number := sum(isinstance(entry, kind) for entry in proposal.entries):
            lines.append(f"  {_count(number, called)}")
    if waiting := [entry for entry in vouchers if entry.flag == WAITS]:
        lines.append(f"  {len(waiting)} of the vouchers {'waits' if len(waiting) == 1 else 'wait'} (!) for a person:")
        lines += [f"    {_named(entry)}" for entry in waiting]
    return lines + [f"  {note}" for note in proposal.notes]


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _named(entry: data.Transaction) -> str:
    texts = " ".join(filter(None, [entry.payee, entry.narration]))
    why = f": {entry.meta[OBSERVE]}" if OBSERVE in entry.meta else ""
    return f"{entry.meta.get('ver')} {entry.date} {texts}{why}"


def _numbers(vouchers: Iterable[data.Transaction]) -> Iterator[tuple[int, str]]:
    return ((entry.date.year, str(entry.meta.get("ver"))) for entry in vouchers)


def ranges(vouchers: Iterable[tuple[int, str]]) -> list[str]:
    """Return the numbers of vouchers, each with its year, those that follow each other as one: ["I 13-24", "K 5"]."""
    numbers = defaultdict(list)
    for year, written in vouchers:
        if ver := VER.fullmatch(written):
            numbers[ver["series"], year].append(int(ver["number"]))
    found = []
    for (series, _), given in numbers.items():
        runs: list[list[int]] = []
        for number in sorted(given):
            if runs and number == runs[-1][-1] + 1:
                runs[-1].append(number)
            else:
                runs.append([number])
        found += [f"{series} {run[0]}-{run[-1]}" if len(run) > 1 else f"{series} {run[0]}" for run in runs]
    return found
