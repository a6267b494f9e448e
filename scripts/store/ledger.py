"""The one safe operation that writes into a ledger: whoever reads finds all of a change, or nothing.

    with writing(Path("ledger/main.bean")) as ledger:
        number = Numbers(ledger.entries).free("L", 2025)
        ledger.write([FileChange(path, None, text.encode())])

1. The ledger's folder is locked: who else writes by this module waits, so that a number is given once.
2. The ledger is loaded; its rules are tried where somebody asks for its errors.
3. The new files go to temporary files, each in its folder, and to the disk.
4. The whole ledger is checked with all its rules as it will be: in a tree of links to the files as they are, and to
   the temporary ones in place of those that change. What was checked so a moment ago, before somebody was asked, is
   not checked again while no file of the ledger has changed and none has come.
5. Nobody, such as an editor that knows of no lock, has written meanwhile: else nothing is done.
6. Files that nothing includes yet (documents, the first file of a folder) get their names; then, by a single rename,
   the one file by which the change counts. It changes places with what was there, which must be what was read: what an
   editor has saved at the last moment is put back, and nothing is done.

A process that is killed leaves the ledger as it was before that rename, complete after it. What else it may leave
are hidden temporary files, trees of links, and documents that nothing names: the next run sweeps the first two away and
uses the others. A file that is known by several names (hard links) keeps them, and is written over in place.
"""

import glob
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from beancount.core import data

from forbundsbok.plugins.findings import WARNINGS, RuleError
from forbundsbok.plugins.language import N_, tr
from forbundsbok.plugins.loading import (
    LoadedLedger,
    UntriedLedger,
    load_changed,
    load_ledger,
    load_untried,
    refuse_errors,
)
from forbundsbok.plugins.places import place_of
from forbundsbok.plugins.reading import SOUGHT
from forbundsbok.scripts.store import StoreError
from forbundsbok.scripts.store.files import (
    TEMPORARY,
    digest,
    is_locked,
    make_folders,
    put_in_place,
    refuse_read_only,
    remove_empty,
    sync_folder,
    temporary_of,
)
from forbundsbok.scripts.store.lock import locked


class FileChange(NamedTuple):
    """A file of a ledger, by its absolute path, as it was (None: not there) and as it is to be."""

    path: Path
    before: bytes | None
    after: bytes


Check = Callable[[LoadedLedger], None]
"""What raises for a ledger as it would be where that must not come to be."""


def without_errors(would_be: LoadedLedger) -> None:
    """Raise LedgerError for a ledger that would have errors: what every change is checked for, unless it asks more."""
    refuse_errors(would_be.errors)


def _silently(message: str) -> None:
    """Tell nobody."""


class LockedLedger:
    """A ledger that is locked, and loaded once it was.

    `entries` are there until they are let go of (`let_go`).
    """

    def __init__(self, path: Path, tell: Callable[[str], None]) -> None:
        self.path = path
        self.is_new = not path.exists()
        self._loaded: UntriedLedger | None = (
            UntriedLedger([], [], {"include": []}) if self.is_new else load_untried(path)
        )
        self.entries, self.options, self._files = self._loaded.entries, self._loaded.options, self._loaded.files
        self.is_sound = False
        """Whether it is known to have no errors, or to have none with what was to be written."""
        self._sound: tuple[Sequence[FileChange], Sequence[str], Sequence[str], Check] | None = None
        """Changes with which it has no errors, its files with them, the patterns of its includes, and who found so."""
        self._tell = tell
        self._included = [Path(name) for name in self.options["include"]]
        self._documents = [Path(entry.filename) for entry in self.entries if isinstance(entry, data.Document)]
        self._stamps = {file: _stamp(file) for file in self._included}

    @cached_property
    def errors(self) -> list[Any]:
        """The errors of the ledger as it is; its rules are tried when this is first asked for."""
        if self._loaded is None:
            return [] if self.is_new else load_ledger(self.path).errors
        return self._loaded.errors()

    def let_go(self) -> None:
        """Let go of the directives, for whoever needs them no more: the ledger as it would be takes as much memory."""
        self.entries, self._loaded = [], None
        self.options = {key: value for key, value in self.options.items() if key != WARNINGS}  # they hold the books

    def includes(self, path: Path) -> bool:
        """Tell whether a file that is there counts, or one that is not would when it came."""
        return path == self.path or path in self._included or self._is_awaited(path)

    def _is_awaited(self, path: Path) -> bool:
        """Tell whether an include matches a name that may not be there yet."""
        return any(matches(path.parts, Path(pattern).parts) for pattern in self.options.get(SOUGHT, ()))

    def sweep(self, folder: Path, *, may_be_anothers: bool = False) -> None:
        """Take away what a run that was killed left in a folder: of other books, only what is no file's second."""
        for temporary in folder.glob(".*.tmp"):
            match = TEMPORARY.fullmatch(temporary.name)
            if match is None:
                continue
            file = folder / match["name"]
            if match["after"]:
                self._keep_other(temporary, file, match["mark"], match["after"])
            elif file.is_file() and file.read_bytes() == temporary.read_bytes():
                if may_be_anothers:
                    continue
                if self._is_left_over(file):
                    file.unlink()
            temporary.unlink(missing_ok=True)

    def _keep_other(self, temporary: Path, file: Path, before: str, after: str) -> None:
        """Keep, by a name that is seen, what a run that was killed left beside a file and the file has not.

        What has changed places with the file is as it was read, unless an editor has written it at that very moment;
        and a file with several names may have been written by half.
        """
        found = digest(temporary.read_bytes())
        if found == before or (found == after and file.exists() and digest(file.read_bytes()) in (before, after)):
            return
        kept = temporary.with_name(f"{temporary.stem.removeprefix('.')}.kept")
        temporary.replace(kept)
        text = N_("a run that was killed left {kept}, which may hold what {file} lacks: compare the two")
        self._tell(tr(text, kept=kept, file=file))

    def _sweep_others(self) -> None:
        """Take away the temporary files of runs that were killed in the other folders of the books."""
        for name, folders, files in os.walk(self.path.resolve().parent):
            folders[:] = [each for each in folders if not each.startswith(".")]
            if any(TEMPORARY.fullmatch(each) for each in files) and not self._is_anothers(Path(name)):
                self.sweep(Path(name), may_be_anothers=True)

    def _is_anothers(self, folder: Path) -> bool:
        """Tell whether a folder is, or is below, one of other books, into which a process is writing."""
        own = self.path.resolve().parent
        return any(is_locked(each) for each in (folder, *folder.parents) if each != own and each.is_relative_to(own))

    def _is_left_over(self, file: Path) -> bool:
        """Tell whether a file may be one that got its name, before the run was killed that would have included it.

        It is when its mark (see `write`) is still beside it, for only a change that is complete takes the mark away
        and leaves the file. An include that comes later would take it in.
        """
        return file.is_file() and file.resolve() not in {each.resolve() for each in self._included}

    def write(
        self,
        changes: Sequence[FileChange],
        check: Check = without_errors,
        *,
        dry_run: bool = False,
    ) -> None:
        """Write all the changes, or none, when the ledger with them passes a check; a dry run writes none at all.

        Raises what `check` raises, StoreError when somebody else has written, OSError.
        """
        last = self._last(changes)
        self._sweep_others()
        first = [change for change in changes if change is not last]
        targets = {change.path: change.path.resolve() for change in changes}
        new_folders: list[Path] = []
        temporaries: dict[Path, Path] = {}
        marks: list[Path] = []
        renamed: list[Path] = []
        try:
            for path, target in targets.items():
                new_folders += make_folders(path.parent)
                self.sweep(target.parent)
            for change in changes:
                temporaries[change.path] = temporary_of(targets[change.path], change.after, self.path)
            included = self._sound_with(changes, check)
            if included is None:
                would_be = self._checked(temporaries)
                included = would_be.options["include"]
                if str(last.path) not in included:
                    raise self._by_absolute_path(last.path)
                sound = (tuple(changes), included, would_be.options[SOUGHT])
                if not would_be.errors:
                    self.is_sound, self._sound = True, (*sound, without_errors)
                check(would_be)
                if not would_be.errors:
                    self._sound = (*sound, check)
                del would_be
            self._refuse_written_meanwhile(changes)
            if dry_run:
                return
            # A second one, which stays until the change is complete: by it `sweep` knows what is ours to take away.
            for change in first:
                if str(change.path) in included:
                    marks.append(temporary_of(targets[change.path], change.after, self.path))
            for change in first:
                if not put_in_place(temporaries[change.path], targets[change.path], None, change.after):
                    raise _written_meanwhile(change.path)
                renamed.append(targets[change.path])
            for folder in {target.parent for target in renamed}:
                sync_folder(folder)
            if not put_in_place(temporaries[last.path], targets[last.path], last.before, last.after):
                raise _written_meanwhile(last.path)
            self._confirm(targets[last.path])
        finally:
            # Whatever happened then, a complete change stays.
            if renamed and not _holds(targets[last.path], last.after):
                for target in renamed:
                    target.unlink(missing_ok=True)
            for temporary in [*temporaries.values(), *marks]:
                with suppress(OSError):  # the next run sweeps it away
                    temporary.unlink(missing_ok=True)
            remove_empty(new_folders)

    def _confirm(self, path: Path) -> None:
        """Wait until the disk has the change; when it says that it cannot tell, the change is made all the same."""
        try:
            sync_folder(path.parent)
        except OSError as error:
            text = N_("{file} is written, but the disk has not confirmed it: {why}")
            self._tell(tr(text, file=path, why=tr(error.strerror or str(error))))

    def _last(self, changes: Sequence[FileChange]) -> FileChange:
        """Return the change that makes all of them count."""
        counting = [change for change in changes if self.includes(change.path)]
        if len(counting) != 1:
            names = ", ".join(str(change.path) for change in counting) or "none"
            raise RuntimeError(f"one rename must make a change count, not those of {names}")
        for change in changes:
            if (change.before is None) == change.path.exists():
                raise _written_meanwhile(change.path)
            if change.before is not None:
                refuse_read_only(change.path)
            if change is not counting[0] and change.before is not None:
                raise RuntimeError(f"{change.path} is there and nothing includes it: it is not ours to change")
        return counting[0]

    def _sound_with(self, changes: Sequence[FileChange], check: Check) -> Sequence[str] | None:
        """Return what the ledger includes with changes that it passed a check with a moment ago, without errors.

        That no file of it has been written since, `write` sees anyhow; here, that its includes match no others.
        """
        if self._sound is None or self._sound[0] != tuple(changes):
            return None
        _, included, patterns, checked = self._sound
        if check not in (without_errors, checked):
            return None
        matched = {os.path.normpath(name) for each in patterns for name in glob.glob(each, recursive=True)}  # noqa: PTH207
        return included if matched.issubset(included) else None

    def _checked(self, temporaries: Mapping[Path, Path]) -> LoadedLedger:
        """Return the ledger as it would be with temporary files in place of others; errors and includes as of these."""
        with _staged(self.path, [*self._included, *self._documents], temporaries) as root:
            entries, errors, options = load_changed(Path(root + str(self.path)), self._files, root)
            included = [name.removeprefix(root) for name in options["include"] if name.startswith(root)]
            sought = [pattern.removeprefix(root) for pattern in options.get(SOUGHT, ())]
            return LoadedLedger(
                entries,
                [_as_of_real(error, root) for error in errors],
                {**options, "include": included, SOUGHT: sought},
            )

    def _by_absolute_path(self, path: Path) -> StoreError:
        name = os.path.relpath(path, self.path.parent)
        text = N_(
            "{file} is included by its absolute path, and cannot be checked before it is written: write   {include}"
        )
        return StoreError(tr(text, file=path, include=f'include "{name}"'))

    def _refuse_written_meanwhile(self, changes: Sequence[FileChange]) -> None:
        for file, stamp in self._stamps.items():
            if _stamp(file) != stamp:
                raise _written_meanwhile(file)
        for change in changes:
            if change.before != (change.path.read_bytes() if change.path.exists() else None):
                raise _written_meanwhile(change.path)


def matches(parts: Sequence[str], pattern: Sequence[str]) -> bool:
    """Tell whether the parts of a path match those of an include, as for glob: `**` is any number of folders."""
    if not pattern or not parts:
        return not parts and all(each == "**" for each in pattern)
    is_hidden = parts[0].startswith(".")
    if pattern[0] == "**":
        return matches(parts, pattern[1:]) or (not is_hidden and matches(parts[1:], pattern))
    if is_hidden and not pattern[0].startswith("."):
        return False
    return fnmatchcase(parts[0], pattern[0]) and matches(parts[1:], pattern[1:])


@contextmanager
def writing(
    path: Path, *, may_be_new: bool = False, sound: bool = False, tell: Callable[[str], None] = _silently
) -> Iterator[LockedLedger]:
    """Lock a ledger and load it, to write into it.

    A ledger may have errors: `refuse_errors` tells, before anything is done. One that is to be `sound` needs not be
    tried before: the ledger as it would be is, and only where nothing came of that are its own errors looked for, which
    then are told first (LedgerError). `tell` gets what the user may want to know meanwhile: that one
    waits, that the disk does not confirm. Raises OSError for a ledger that is not there, unless it may be new;
    StoreError when others write for minutes.
    """
    path = Path(os.path.abspath(path))  # noqa: PTH100  # as Beancount does: a link is no other name of a ledger
    if not may_be_new:
        path.open("rb").close()  # what is wrong with the file itself, said more plainly than Beancount does
    new_folders = make_folders(path.resolve().parent)
    try:
        with locked(path.resolve().parent, tell):
            ledger = LockedLedger(path, tell)
            try:
                yield ledger
            except Exception:
                _refuse_unsound(ledger, sound)
                raise
            _refuse_unsound(ledger, sound)
    finally:
        remove_empty(new_folders)


def _refuse_unsound(ledger: LockedLedger, sound: bool) -> None:
    if sound and not ledger.is_sound:
        refuse_errors(ledger.errors)


@contextmanager
def _staged(ledger: Path, paths: Sequence[Path], contents: Mapping[Path, Path]) -> Iterator[str]:
    """Make a tree in which some files have other contents, and yield its root: `/books/main.bean` is `ROOT/books/...`.

    It has the folder that all the paths are in. In it, folders with files that have other contents are folders; all
    else is a link to what is there, so that whatever the ledger names, by whatever way, is found. Its name is that of
    the locked folder: another with that name is what a run that was killed left.
    """
    top = Path(os.path.commonpath([path.parent for path in [ledger, *paths, *contents]]))
    name = f"forbundsbok-{digest(os.fsencode(ledger.resolve().parent))}-"
    for left in Path(tempfile.gettempdir()).glob(f"{name}*"):
        if left.lstat().st_uid == os.geteuid():
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=name) as root:
        Path(root + str(top)).mkdir(parents=True, exist_ok=True)
        folders = {folder for path in contents for folder in path.parents if folder.is_relative_to(top)}
        for folder in sorted(folders | {top}):
            Path(root + str(folder)).mkdir(exist_ok=True)
        for path, content in contents.items():
            Path(root + str(path)).symlink_to(content)
        for folder in folders | {top}:
            with suppress(PermissionError):  # a folder that may be passed through, but not listed
                for child in os.scandir(folder):
                    if not os.path.lexists(root + child.path):
                        Path(root + child.path).symlink_to(child.path)
        yield root


def _as_of_real(error: Any, root: str) -> Any:
    """Return an error of a staged tree as of the files that it stands for; its kind stays, so that it can be asked."""
    filename, line = place_of(error)
    source = {"filename": filename.removeprefix(root), "lineno": line}
    if isinstance(error, RuleError):
        return error._replace(source=source, finding=replace(error.finding, place=source))
    return error._replace(source=source, message=str(error.message).replace(root, ""))


def _holds(path: Path, content: bytes) -> bool:
    return path.exists() and path.read_bytes() == content


def _written_meanwhile(path: Path) -> StoreError:
    return StoreError(tr("{file} has been written meanwhile: nothing has been done, try again", file=path))


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns
