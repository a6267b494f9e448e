"""What Fava's pages write into the books: by the one safe write, checked by all rules, or refused with the findings.

    PUT /books/api/source_slice     one voucher as it is to be
    PUT /books/api/add_entries      what the form has: at the end of Fava's `default-file`, else of the main file
    PUT /books/api/add_document     a document, into `underlag/` beside the books, with the voucher that names it or not

Whoever may write in the books in a browser may not thereby let the server run other programs: lines that name Python
(`plugin`, `fava-extension`, `import-config`), files or options are changed in a text editor.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import Any

from fava.beans.abc import Directive
from fava.beans.funcs import get_position
from fava.beans.str import to_string
from fava.core.file import (
    ExternallyChangedError,
    FileModule,
    GeneratedEntryError,
    NonSourceFileError,
    find_entry_lines,
)
from fava.json_api import FavaJSONAPIError
from werkzeug.datastructures import FileStorage

from forbundsbok.plugins.language import N_, tr
from forbundsbok.plugins.loading import LedgerError, LoadedLedger
from forbundsbok.scripts.store import StoreError
from forbundsbok.scripts.store.files import write_atomically
from forbundsbok.scripts.store.ledger import FileChange, LockedLedger, without_errors, writing

FOLDER = "underlag"
DOCUMENTS = {".pdf", ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".xml", ".txt", ".csv", ".eml", ".docx", ".xlsx", ".odt"}
_STEERING = re.compile(r'\b(?:plugin|option|include)\s*"[^"]*"|\bcustom\s*"fava-[^\n]*')
_NAME = re.compile(r"[\w][\w .()+,-]{0,120}")


class RefusedError(FavaJSONAPIError):
    """What would be written is not, and why."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY


class SafeFiles(FileModule):
    """Stands in for Fava's own writing into files."""

    def _write(self, path: Path, change: Callable[[str], str], *documents: FileChange) -> str:
        """Write a file of the books as it is to be, with the documents that it names, and return what it holds.

        Or write nothing, and raise RefusedError.
        """
        main = Path(self.ledger.beancount_file_path)
        self._refuse_elsewhere(path)
        try:
            with self._lock, writing(main) as books:
                before = path.read_bytes()
                is_dos = b"\r\n" in before.partition(b"\n")[0] + b"\n"
                after = change(before.decode("utf-8").replace("\r\n", "\n")).replace("\r", "")
                _refuse_steering(before.decode("utf-8"), after)
                content = (after.replace("\n", "\r\n") if is_dos else after).encode()
                _refuse_taken(books, documents)
                if content != before:
                    books.write([*documents, FileChange(path, before, content)])
        except LedgerError as error:
            raise RefusedError(tr(N_("Nothing is written:")) + "\n" + "\n".join(error.messages)) from error
        except (StoreError, UnicodeError) as error:
            raise RefusedError(f"{tr(N_('Nothing is written:'))} {error}") from error
        self.ledger.watcher.notify(path)
        self.ledger.load_file()
        return after

    def write(
        self,
        make: Callable[[LockedLedger], Sequence[FileChange]],
        check: Callable[[LoadedLedger], None] = without_errors,
        *,
        dry_run: bool = False,
    ) -> None:
        """Write what is made of the books while nobody else writes, or only check it.

        Raises what `make` and `check` do, and StoreError.
        """
        main = Path(self.ledger.beancount_file_path)
        with self._lock, writing(main) as books:
            changes = make(books)
            for change in changes:
                self._refuse_elsewhere(change.path)
            books.write(changes, check, dry_run=dry_run)
        if not dry_run:
            for change in changes:
                self.ledger.watcher.notify(change.path)
            self.ledger.load_file()

    def _refuse_elsewhere(self, path: Path) -> None:
        """Raise NonSourceFileError for what is no file of the books, or not in their folder."""
        main = Path(self.ledger.beancount_file_path)
        if str(path) not in self.ledger.options["include"] or not path.resolve().is_relative_to(main.resolve().parent):
            raise NonSourceFileError(path)

    def set_source(self, path: Path, source: str, sha256sum: str) -> str:
        def whole(before: str) -> str:
            if _sha256(before) != sha256sum:
                raise ExternallyChangedError(path)
            return source

        return _sha256(self._write(path, whole))

    def insert_metadata(self, entry_hash: str, basekey: str, value: str, *documents: FileChange) -> None:
        if re.search(r'["\\\n]', value) or not re.fullmatch(r"[a-z][a-zA-Z0-9_-]*", basekey):
            raise RefusedError(tr(N_("Nothing is written:")) + f" {basekey}: {value}")
        entry = self.ledger.get_entry(entry_hash)
        path, line = _place(entry)
        indent = " " * self.ledger.fava_options.indent

        def with_metadata(before: str) -> str:
            lines = before.splitlines(keepends=True)
            return "".join([*lines[:line], f'{indent}{basekey}: "{value}"\n', *lines[line:]])

        self._write(path, with_metadata, *documents)

    def save_entry_slice(self, entry_hash: str, source_slice: str, sha256sum: str) -> str:
        self._replace_slice(entry_hash, source_slice.rstrip("\n") + "\n", sha256sum)
        return _sha256(source_slice.rstrip("\n"))

    def delete_entry_slice(self, entry_hash: str, sha256sum: str) -> None:
        self._replace_slice(entry_hash, "", sha256sum)

    def _replace_slice(self, entry_hash: str, text: str, sha256sum: str) -> None:
        path, line = _place(self.ledger.get_entry(entry_hash))

        def replaced(before: str) -> str:
            lines = before.splitlines(keepends=True)
            old = find_entry_lines(lines, line - 1)
            if _sha256("".join(old).rstrip("\n")) != sha256sum:
                raise ExternallyChangedError(path)
            return "".join([*lines[: line - 1], text, *lines[line - 1 + len(old) :]])

        self._write(path, replaced)

    def insert_entries(self, entries: Sequence[Directive]) -> None:
        options = self.ledger.fava_options
        path = Path(options.default_file or self.ledger.beancount_file_path)
        texts = [to_string(each, options.currency_column, options.indent) for each in sorted(entries, key=_day)]
        self._write(path, lambda before: "\n\n".join([before.rstrip(), *map(str.strip, texts)]) + "\n")

    def take_in(self, upload: FileStorage, entry_hash: str) -> Path:
        """Keep a document in `underlag/`, and name it in the voucher that is said; or raise RefusedError."""
        main = Path(self.ledger.beancount_file_path)
        name = (upload.filename or "").replace("/", " ").replace("\\", " ").strip()
        if not _NAME.fullmatch(name) or Path(name).suffix.lower() not in DOCUMENTS:
            text = N_("{name} is no document that is taken in: {kinds}, and a plain name.")
            raise RefusedError(tr(text, name=name, kinds=" ".join(sorted(DOCUMENTS))))
        folder = main.resolve().parent / FOLDER
        path = folder / name
        if folder.resolve() != folder:
            raise RefusedError(tr(N_("{file} is a link to another place."), file=folder))
        document = FileChange(path, None, upload.read())
        if entry_hash:
            self.insert_metadata(entry_hash, FOLDER, f"{FOLDER}/{name}", document)
            return path
        with writing(main) as books:
            _refuse_taken(books, [document])
            folder.mkdir(exist_ok=True)
            write_atomically(path, document.after)
        return path


def _refuse_taken(books: LockedLedger, documents: Iterable[FileChange]) -> None:
    """Raise RefusedError for a document whose name another has, or by which an include looks for books."""
    for document in documents:
        if document.path.exists() or document.path.is_symlink():
            raise RefusedError(tr(N_("{file} is there already."), file=document.path))
        if books.includes(document.path):
            raise RefusedError(tr(N_("{file} would be read as books."), file=document.path))


def _refuse_steering(before: str, after: str) -> None:
    """Raise RefusedError when lines that name Python, files or options are others."""
    if Counter(_STEERING.findall(before)) != Counter(_STEERING.findall(after)):
        text = N_("Nothing is written: lines that say how books are read ({kinds}) are changed in a text editor.")
        raise RefusedError(tr(text, kinds="plugin, option, include, fava-"))


def _place(entry: Directive) -> tuple[Path, int]:
    name, line = get_position(entry)
    if name.startswith("<") or not line:
        raise GeneratedEntryError
    return Path(name), line


def _day(entry: Any) -> date:
    day: date = entry.date
    return day


def _sha256(text: str) -> str:
    return sha256(text.encode()).hexdigest()
