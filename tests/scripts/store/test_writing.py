"""Writing into a ledger: complete or not at all, whoever is killed, whatever fails, however many write at once.

Hundreds of imports are forked, each to be killed or to fail, by two processes that have loaded nothing else:
to fork the one that all tests run in, with all that they hold, takes longer than an import. Most leave what another
has left: whether that is a ledger as before or complete, and whether the next import works, is tried once of each.
"""

import contextlib
import errno
import fcntl
import gc
import glob
import hashlib
import os
import random
import re
import shutil
import signal
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, ProcessPoolExecutor
from itertools import count
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from beancount import loader
from beancount.core import data
from click.testing import CliRunner, Result

from forbundsbok.importers.batch import with_include
from forbundsbok.plugins.imports import read_imports
from forbundsbok.plugins.loading import LedgerError, LoadedLedger, load_changed, load_ledger, refuse_errors
from forbundsbok.plugins.places import place_of
from forbundsbok.scripts.forbundsbok import main
from forbundsbok.scripts.store import StoreError, files, lock
from forbundsbok.scripts.store import ledger as ledger_module
from forbundsbok.scripts.store.files import digest, write_atomically
from forbundsbok.scripts.store.ledger import FileChange, matches, writing
from tests.scripts.books import MAIN, SIE, bgmax, make_books
from tests.shares import share_of

ROOT = Path(__file__).parents[3]
KILLS = share_of(200)
"""How many imports are killed at random times: none leaves what none that is killed at a write does, but for a tree of
links that is half taken away again."""
Outcomes = Counter[str]
WRITING = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.symlink", "fcntl.flock")
"""What Python calls the changes of a folder, and the lock, when it tells its audit hooks."""

Files = Mapping[str, bytes]
Left = tuple[tuple[str, int, bytes | str], ...]
"""What is left on the disk: of each file and folder its name, its mode, and what it holds or where it leads."""


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def loaded(ledger: Path) -> tuple[data.Directives, list[Any], Any]:
    loader.initialize(use_cache=False)
    return loader.load_file(str(ledger))


def counting(ledger: Path) -> Files:
    """Return the files that a ledger includes, which has no errors."""
    if not ledger.exists():
        return {}
    _, errors, options = loaded(ledger)
    assert errors == []
    return {os.path.relpath(name, ledger.parent): Path(name).read_bytes() for name in options["include"]}


def everything(folder: Path) -> Files:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


class Scene:
    """Books, and documents that one import takes in; what counts before and after it."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder / name
        self.original = self.folder / "books"
        self.is_new = name == "new books"
        self.documents = self._prepared(later=name == "later import")
        self.before = counting(self.original / "main.bean")
        self.came_before = len(read_imports(loaded(self.original / "main.bean")[0])) if self.before else 0
        with self.copy() as ledger:
            assert self.take_in(ledger) == 0
            self.after = counting(ledger)
        assert self.after != self.before
        self.seconds = statistics.median(self._seconds() for _ in range(5))

    def _prepared(self, later: bool) -> list[Path]:
        ledger = make_books(self.original)
        year, first, second = (self.folder / name for name in ("2024.se", "first.txt", "second.txt"))
        year.write_bytes(SIE.encode("cp437"))
        first.write_bytes(bgmax("20250314", 10000, 25050))
        second.write_bytes(bgmax("20250315", 30000))
        if self.is_new:
            for path in self.original.glob("*.bean"):
                path.unlink()
            return [year]
        if later:
            assert run("import", first, "--ledger", ledger).exit_code == 0
        return [second] if later else [first, second]

    def _seconds(self) -> float:
        with self.copy() as ledger:
            started = time.perf_counter()
            os.waitpid(forked(lambda: self.take_in(ledger)), 0)
            return time.perf_counter() - started

    @contextlib.contextmanager
    def copy(self) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            shutil.copytree(self.original, Path(folder) / "books")
            yield Path(folder) / "books" / "main.bean"

    def take_in(self, ledger: Path, *more: Path) -> int:
        return run("import", *self.documents, *more, "--ledger", ledger).exit_code

    def outcome(self, ledger: Path) -> str:
        """Tell whether a ledger is as before or complete: nothing else is allowed; and that the next import works."""
        left = self.folder, left_by(ledger)
        if left not in OUTCOMES:
            found = counting(ledger)
            assert found in (self.before, self.after)
            self._next_import_works(ledger)
            OUTCOMES[left] = "complete" if found == self.after else "as before"
        return OUTCOMES[left]

    def _next_import_works(self, ledger: Path) -> None:
        """Take the documents in again, with one more: then nothing is lost, nothing is there twice or left over."""
        more = self.folder / "more.txt"
        more.write_bytes(bgmax("20250620", 77700, serial=9))
        if self.is_new:
            assert self.take_in(ledger) == 0
            assert counting(ledger) == self.after
            return
        assert self.take_in(ledger, more) == 0
        entries, errors, options = loaded(ledger)
        assert errors == []
        came = [each.path for each in read_imports(entries)]
        assert len(came) == self.came_before + len(self.documents) + 1
        included = {os.path.relpath(name, ledger.parent) for name in options["include"]}
        assert everything(ledger.parent).keys() == {*included, *came, "import.toml"}
        assert trees_of(ledger) == []


OUTCOMES: dict[tuple[Path, Left], str] = {}
"""What an import into the books of a folder has come to, by what it left."""


def left_by(ledger: Path) -> Left:
    """Return what an import that ended anyhow has left, without what is drawn by chance in names."""

    def named(path: Path) -> str:
        return re.sub(r"\.[0-9a-f]{16}\.tmp$", ".tmp", str(path)).replace(ledger.parent.parent.name, "")

    def held(path: Path) -> bytes | str:
        if path.is_symlink():
            return named(path.readlink())
        return path.read_bytes() if path.is_file() else ""

    return tuple(
        sorted(
            (named(path.relative_to(folder)), path.lstat().st_mode, held(path))
            for folder in (ledger.parent, *trees_of(ledger))
            for path in folder.rglob("*")
        )
    )


def trees_of(ledger: Path) -> list[Path]:
    """Return the trees of links in which a ledger has been checked and that are left."""
    return [Path(found) for found in glob.glob(f"{trees(ledger.parent)}*")]  # noqa: PTH207


def trees(books: Path) -> str:
    """Return what the names of trees of links to books begin with."""
    return f"{tempfile.gettempdir()}/forbundsbok-{digest(os.fsencode(books.resolve()))}-"


def forked(work: Callable[[], int]) -> int:
    """Run work in a process of its own, without a word, and return the id of that process."""
    child = os.fork()
    if child:
        return child
    status = 70
    try:
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        status = work()
    finally:
        os._exit(status)


@pytest.fixture(scope="module")
def scenes_folder() -> Iterator[Path]:
    # Where there is one, a disk in memory: to a process that is killed all disks are alike.
    memory = Path("/dev/shm")
    place = memory if os.access(memory, os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=place) as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def processes(scenes_folder: Path) -> Iterator[Executor]:
    """Two processes, on two cores, that have loaded this module and nothing else."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "path", [str(ROOT), *sys.path])  # for them to find this module
        with ProcessPoolExecutor(2, get_context("spawn"), _begin, (str(scenes_folder),)) as pool:
            yield pool


def _begin(folder: str) -> None:
    tempfile.tempdir = folder
    gc.collect()
    gc.freeze()  # else each that is forked would copy what its collector looks at


@pytest.fixture(scope="module")
def scenes(scenes_folder: Path, processes: Executor) -> list[Scene]:
    return [*processes.map(Scene, [scenes_folder] * 3, ("first import", "later import", "new books"))]


def killed_at_random(scene: Scene, kills: int, seed: int) -> Outcomes:
    """Kill so many imports, each at a random time of its course, and count what they left."""
    chance = random.Random(seed)
    outcomes: Outcomes = Counter()
    while outcomes["killed"] < kills:
        with scene.copy() as ledger:
            renames, rename = os.pipe()
            child = forked(lambda ledger=ledger, rename=rename: telling_renames(scene, ledger, rename))  # type: ignore[misc]
            os.close(rename)
            if chance.random() < 0.75:
                time.sleep(chance.uniform(0, 1.1) * scene.seconds)
            else:  # the short time around the one rename that counts
                os.read(renames, 1)
                time.sleep(chance.uniform(0, 0.003))
            os.kill(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
            os.close(renames)
            if os.WIFSIGNALED(status):
                outcomes.update(["killed", scene.outcome(ledger)])
    return outcomes


def telling_renames(scene: Scene, ledger: Path, pipe: int) -> int:
    """Take in, and tell through a pipe when a file is about to get its name."""

    def tell(event: str, _: object) -> None:
        if event == "os.rename":
            os.write(pipe, b".")

    sys.addaudithook(tell)
    return scene.take_in(ledger)


@pytest.mark.slow
def test_killed_at_any_time_the_ledger_is_as_before_or_complete(scenes: list[Scene], processes: Executor) -> None:
    outcomes = sum(processes.map(killed_at_random, scenes * 2, [KILLS // 6 + 1] * 6, range(6)), Outcomes())
    print(f"killed {outcomes['killed']}: {outcomes['as before']} as before, {outcomes['complete']} complete")
    assert outcomes["killed"] >= KILLS
    assert outcomes["as before"] > 0
    assert outcomes["complete"] > 0


def at_write(number: int, places: tuple[str, ...], act: Callable[[], None]) -> None:
    """Do something when this process is about to write, into one of some places, for the nth time."""
    times = count(1)

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        writes = event in WRITING or (event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR))
        is_here = event == "fcntl.flock" or str(arguments[event == "os.symlink"]).startswith(places)
        if writes and is_here and next(times) == number:
            act()

    real = os.fsync

    def fsync(fd: Any) -> None:
        if next(times) == number:
            act()
        real(fd)

    sys.addaudithook(watch)
    os.fsync = fsync


def at_each_write(scene: Scene, act: Callable[[], None], *, of_links: bool) -> Iterator[tuple[int, Path]]:
    """Yield status and ledger of imports to which something happened at their first write, their second, and so on.

    Writes are those into the books, and of the tree of links in which they are checked.
    """
    for number in count(1):
        with scene.copy() as ledger:
            happened = ledger.with_name(".happened.tmp")

            def work(ledger: Path = ledger, number: int = number, happened: Path = happened) -> int:
                def mark_and_act() -> None:
                    os.mkfifo(happened)
                    act()

                places = (str(ledger.parent), trees(ledger.parent))
                at_write(number, places if of_links else places[:1], mark_and_act)
                return scene.take_in(ledger)

            _, status = os.waitpid(forked(work), 0)
            if not happened.exists():
                return
            happened.unlink()
            yield status, ledger


def killed_at_each_write(scene: Scene) -> Outcomes:
    """Kill imports at each of their writes, and count what they left."""
    outcomes: Outcomes = Counter()
    for status, ledger in at_each_write(scene, lambda: os.kill(os.getpid(), signal.SIGKILL), of_links=True):
        assert os.WIFSIGNALED(status)
        outcomes[scene.outcome(ledger)] += 1
    return outcomes


@pytest.mark.slow
def test_killed_at_each_write_the_ledger_is_as_before_or_complete(scenes: list[Scene], processes: Executor) -> None:
    outcomes = sum(processes.map(killed_at_each_write, scenes), Outcomes())
    print(f"killed at {outcomes.total()} writes: {dict(outcomes)}")
    assert outcomes.total() > 120
    assert outcomes["as before"] > 0
    assert outcomes["complete"] > 0


def fail() -> None:
    raise OSError(errno.EIO, "Input/output error", "disk")


def failed_at_each_write(scene: Scene) -> Outcomes:
    """Let each write of an import fail, and count what is left."""
    outcomes: Outcomes = Counter()
    original = everything(scene.original)
    for status, ledger in at_each_write(scene, fail, of_links=False):
        left = everything(ledger.parent)
        outcome = scene.outcome(ledger)
        outcomes[outcome] += 1
        assert os.waitstatus_to_exitcode(status) == (0 if outcome == "complete" else 1)
        if outcome == "as before":
            assert {name: left[name] for name in left if not name.endswith(".tmp")} == original
    return outcomes


@pytest.mark.slow
def test_when_any_write_fails_every_byte_is_as_before_unless_it_is_complete(
    scenes: list[Scene], processes: Executor
) -> None:
    outcomes = sum(processes.map(failed_at_each_write, scenes), Outcomes())
    print(f"failed at {outcomes.total()} writes: {dict(outcomes)}")
    assert outcomes["as before"] > 30


def test_ten_imports_at_once_all_go_in(tmp_path: Path) -> None:
    ledger = make_books(tmp_path / "books")
    documents = [tmp_path / f"{serial}.txt" for serial in range(10)]
    for serial, document in enumerate(documents):
        document.write_bytes(bgmax(f"202503{10 + serial}", 10000 + serial, 20000 + serial, serial=serial))
    children = [
        forked(lambda document=document: run("import", document, "--ledger", ledger).exit_code)  # type: ignore[misc]
        for document in documents
    ]
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0] * 10
    entries, errors, _ = loaded(ledger)
    assert errors == []
    assert len({each.sha256 for each in read_imports(entries)}) == 10
    for each in read_imports(entries):
        kept = (ledger.parent / each.path).read_bytes()
        assert hashlib.sha256(kept).hexdigest() == each.sha256
        assert kept in [document.read_bytes() for document in documents]
    paid = [entry for entry in entries if isinstance(entry, data.Transaction) and "bankref" in entry.meta]
    assert sorted(int(entry.meta["ver"].removeprefix("I ")) for entry in paid) == list(range(1, 21))
    amounts = {str(entry.postings[0].units) for entry in paid}
    assert amounts == {f"{kronor}.{serial:02} SEK" for serial in range(10) for kronor in (100, 200)}
    assert len(list((ledger.parent / "import").iterdir())) == 10
    assert list(ledger.parent.rglob("*.tmp")) == []


def wait_or_give_up(ledger: Path, patch: pytest.MonkeyPatch) -> Result:
    folder = os.open(ledger.parent, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    try:
        return run("seal", "2025", "--yes", "--ledger", ledger)
    finally:
        os.close(folder)


def test_who_waits_says_so_and_gives_up_at_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = make_books(tmp_path)
    monkeypatch.setattr(lock, "PATIENCE", 0.05)
    monkeypatch.setattr(lock, "LIMIT", 0.2)
    result = wait_or_give_up(ledger, monkeypatch)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"en annan inläsning skriver i {tmp_path}: väntar\n")
    assert "inget har gjorts, försök igen när den är klar" in result.stderr


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    return make_books(tmp_path / "books")


def refused(ledger: Path, changes: list[FileChange], message: str, kind: type[Exception] = StoreError) -> None:
    before = everything(ledger.parent)
    with pytest.raises(kind, match=re.escape(message)), writing(ledger) as books:
        books.write(changes)
    assert everything(ledger.parent) == before


def test_a_change_that_breaks_a_rule_leaves_every_byte(ledger: Path) -> None:
    old = (ledger.parent / "2025.bean").read_bytes()
    change = FileChange(ledger.parent / "2025.bean", old, old.replace(b"-100000.00", b"-100000.01"))
    refused(ledger, [change], "2025.bean:1: Verifikationen balanserar inte", LedgerError)
    change = FileChange(ledger, ledger.read_bytes(), ledger.read_bytes().replace(b"2025.bean", b"2026.bean"))
    refused(ledger, [change], "2026.bean", LedgerError)


def test_errors_of_the_ledger_as_it_would_be_keep_their_kind_and_have_their_real_place(ledger: Path) -> None:
    def kinds(errors: list[Any]) -> list[tuple[str, str, int]]:
        return sorted((type(error).__name__, *place_of(error)) for error in errors)

    file = ledger.parent / "2025.bean"
    old = file.read_bytes()
    wrong = b'2025-02-01 balance Assets:RT:1910-Kassa-och-bank 1.00 SEK\n2025-02-01 * "utan nummer"\n'
    would_be: list[Any] = []
    with writing(ledger) as books:
        books.write([FileChange(file, old, old + wrong)], lambda loaded: would_be.extend(loaded.errors))
    last = old.count(b"\n")
    expected = [("BalanceError", str(file), last + 1), ("RuleError", str(file), last + 2)]
    assert kinds(would_be) == kinds(load_ledger(ledger).errors) == expected
    assert [error.message for error in would_be] == [error.message for error in load_ledger(ledger).errors]


def test_what_is_asked_about_before_it_is_written_is_checked_once(
    ledger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unless something has come meanwhile that makes other books of it."""
    loads: list[Path] = []

    def counted(path: Path, *before: Any) -> LoadedLedger:
        loads.append(path)
        return load_changed(path, *before)

    def times(text: bytes, meanwhile: Callable[[], object], after: bytes = b"") -> int:
        loads.clear()
        with writing(ledger) as books:
            old = ledger.read_bytes()
            books.write([FileChange(ledger, old, old + text)], dry_run=True)
            assert ledger.read_bytes() == old
            meanwhile()
            books.write([FileChange(ledger, old, old + text + after)])
        assert ledger.read_bytes() == old + text + after
        return len(loads)

    monkeypatch.setattr(ledger_module, "load_changed", counted)
    (ledger.parent / "fler").mkdir()
    (ledger.parent / "fler" / "a.bean").write_bytes(b"")
    assert times(b'include "fler/*.bean"\n', lambda: None) == 1
    assert times(b";; ett\n", lambda: None, after=b";; till\n") == 2
    assert times(b";; ett\n", lambda: (ledger.parent / "fler" / "b.bean").write_bytes(b";; ny\n")) == 2
    wrong = ledger.parent / "fler" / "c.bean"
    with pytest.raises(LedgerError, match=r"c\.bean:1"):
        times(b";; ett\n", lambda: wrong.write_bytes(b"2025-01-01 opn Assets:RT:1920-X\n"))


def test_books_that_must_be_sound_are_refused_whatever_comes_of_it(ledger: Path) -> None:
    def used(change: bytes = b"", error: Exception | None = None) -> None:
        with writing(ledger, sound=True) as books:
            if error:
                raise error
            if change:
                old = ledger.read_bytes()
                books.let_go()
                books.write([FileChange(ledger, old, old + change)])

    used()
    with pytest.raises(StoreError, match=r"^annat$"):
        used(error=StoreError("annat"))
    wrong = ledger.parent / "2025.bean"
    wrong.write_bytes(wrong.read_bytes().replace(b'  ver: "B 1"\n', b""))
    before = everything(ledger.parent)
    for attempt in ({}, {"error": StoreError("annat")}, {"change": b";; ett\n"}):
        with pytest.raises(LedgerError, match=r"2025\.bean:1: "):
            used(**attempt)
    assert everything(ledger.parent) == before


def test_a_change_that_one_rename_cannot_make_is_refused(ledger: Path) -> None:
    other = ledger.parent / "2025.bean"
    changes = [FileChange(path, path.read_bytes(), path.read_bytes() + b"\n") for path in (ledger, other)]
    refused(ledger, changes, "one rename must make a change count", RuntimeError)
    refused(ledger, [FileChange(ledger.parent / "x.bean", None, b"")], "one rename must", RuntimeError)


def test_what_somebody_writes_meanwhile_is_not_lost(ledger: Path) -> None:
    def written_over(file: Path, changes: Callable[[], list[FileChange]]) -> None:
        file.parent.mkdir(exist_ok=True)
        with writing(ledger) as books:
            made = changes()
            file.write_bytes(b";; medan\n")
            books.write(made)

    old, new = ledger.read_bytes(), ledger.parent / "import" / "x.bean"
    included = [FileChange(new, None, b""), FileChange(ledger, old, with_include(old))]
    for file, changes in (
        (ledger.parent / "2025.bean", [FileChange(ledger, old, old + b"\n")]),
        (new, included),
        (ledger, included),
    ):
        with pytest.raises(StoreError, match="har ändrats under tiden: inget har gjorts, försök igen"):
            written_over(file, lambda made=changes: made)  # type: ignore[misc]
        assert file.read_bytes() == b";; medan\n"


def test_links_modes_documents_and_files_elsewhere(tmp_path: Path) -> None:
    """Whatever a ledger names is found when it is checked, and only the content of a file that changes is another."""
    ledger = make_books(tmp_path / "books")
    real = tmp_path / "elsewhere" / "konton.bean"
    real.parent.mkdir()
    real.write_bytes(b"2024-12-31 open Income:RT:3010-Avgifter SEK\r\n")
    real.chmod(0o640)
    (ledger.parent / "konton.bean").symlink_to(real)
    (tmp_path / "gemensamt.bean").write_text("2024-12-31 open Expenses:RT:6010-Material SEK\n")
    (tmp_path / "avtal.pdf").write_bytes(b"%PDF")
    extra = 'include "konton.bean"\ninclude "../gemensamt.bean"\ninclude "enheter/**/*.bean"\n'
    extra += '2025-01-01 document Assets:RT:1910-Kassa-och-bank "../avtal.pdf"\n'
    ledger.write_text(MAIN + extra)
    (ledger.parent / "enheter" / "a").mkdir(parents=True)
    (ledger.parent / "enheter" / "a" / "x.bean").write_text("2025-01-01 close Expenses:RT:6010-Material\n")
    (tmp_path / "link").symlink_to(ledger.parent)
    linked = tmp_path / "link" / "main.bean"
    assert loaded(linked)[1] == []
    kept = real.read_bytes()
    with writing(linked) as books:
        assert books.includes(linked.parent / "enheter" / "b" / "c" / "y.bean")
        assert not books.includes(linked.parent / "enheter" / "b" / "c" / ".y.bean.tmp")
        assert not books.includes(linked.parent / "import" / "y.bean")
        books.write([FileChange(linked.parent / "konton.bean", kept, kept + b";; mer\r\n")])
    assert (ledger.parent / "konton.bean").is_symlink()
    assert real.read_bytes() == kept + b";; mer\r\n"
    assert real.stat().st_mode & 0o777 == 0o640
    new = linked.parent / "enheter" / "b" / "y.bean"
    with writing(linked) as books:
        books.write([FileChange(new, None, b"2025-01-01 close Expenses:RT:6010-Materia\n")], lambda found: None)
    assert new.exists()
    with pytest.raises(LedgerError, match=re.escape(f"{new}:1: ")), writing(linked) as books:
        refuse_errors(books.errors)
    assert list(tmp_path.rglob("*.tmp")) == []


def test_a_file_that_is_included_by_its_absolute_path_is_refused(ledger: Path) -> None:
    other = ledger.parent / "2025.bean"
    ledger.write_text(MAIN.replace("2025.bean", str(other)))
    change = FileChange(other, other.read_bytes(), other.read_bytes() + b"\n")
    refused(ledger, [change], 'skriv   include "2025.bean"')


def test_what_a_killed_run_left_is_swept_and_nothing_else(ledger: Path) -> None:
    folder = ledger.parent
    old = (folder / "2025.bean").read_bytes()
    left, mine = folder / ".2025.bean.0123456789abcdef.tmp", folder / ".2025.bean.tmp"
    for path in (left, mine, folder / "orphan.bean", folder / "edited.bean"):
        path.write_bytes(b";; ett")
    for name in ("orphan", "edited"):
        (folder / f".{name}.bean.0123456789abcdef.tmp").write_bytes(b";; ett")
    (folder / "edited.bean").write_bytes(b";; ett och mer")
    with writing(ledger) as books:
        books.write([FileChange(folder / "2025.bean", old, old + b"\n")])
    found = {"main.bean", "2025.bean", "import.toml", "edited.bean", mine.name}
    assert {path.name for path in folder.iterdir()} == found


def saved_in_place(path: Path) -> None:
    path.write_bytes(b";; sparat i sista stund\n")


def saved_by_renaming(path: Path) -> None:
    other = path.with_name("editor~")
    other.write_bytes(b";; sparat i sista stund\n")
    other.replace(path)


@pytest.fixture
def at_the_last_moment(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], None]], None]:
    """Do something after all checks, when a file is about to get its new content, once."""

    def when(act: Callable[[], None]) -> None:
        rename, acts = files._renamed, [act]

        def renamed(source: Path, target: Path, flag: int) -> bool:
            if acts:
                acts.pop()()
            return rename(source, target, flag)

        monkeypatch.setattr(files, "_renamed", renamed)

    return when


@pytest.mark.parametrize("save", [saved_in_place, saved_by_renaming])
def test_what_an_editor_saves_at_the_last_moment_is_not_lost(
    save: Callable[[Path], None], ledger: Path, at_the_last_moment: Callable[[Callable[[], None]], None]
) -> None:
    file = ledger.parent / "2025.bean"
    old, before = file.read_bytes(), everything(ledger.parent)
    at_the_last_moment(lambda: save(file))
    with pytest.raises(StoreError, match="har ändrats under tiden: inget har gjorts"), writing(ledger) as books:
        books.write([FileChange(file, old, old + b"\n")])
    assert everything(ledger.parent) == {**before, "2025.bean": b";; sparat i sista stund\n"}


def test_a_new_file_that_somebody_saves_at_the_last_moment_is_not_lost(
    ledger: Path, at_the_last_moment: Callable[[Callable[[], None]], None]
) -> None:
    new, old, before = ledger.parent / "import" / "x.bean", ledger.read_bytes(), everything(ledger.parent)
    at_the_last_moment(lambda: saved_in_place(new))
    with pytest.raises(StoreError, match="har ändrats under tiden: inget har gjorts"), writing(ledger) as books:
        books.write([FileChange(new, None, b""), FileChange(ledger, old, with_include(old))])
    assert everything(ledger.parent) == {**before, "import/x.bean": b";; sparat i sista stund\n"}


def test_what_an_editor_saved_just_before_a_kill_is_kept_by_the_next_run(
    ledger: Path, at_the_last_moment: Callable[[Callable[[], None]], None]
) -> None:
    file = ledger.parent / "2025.bean"
    old = file.read_bytes()

    def killed() -> int:
        at_the_last_moment(lambda: saved_in_place(file))
        sys.addaudithook(lambda event, arguments: event == "open" and is_swapped() and kill())  # type: ignore[func-returns-value]
        with writing(ledger) as books:
            books.write([FileChange(file, old, old + b"\n")])
        return 0

    def is_swapped() -> bool:
        return file.exists() and file.stat().st_size == len(old) + 1

    def kill() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    _, status = os.waitpid(forked(killed), 0)
    assert os.WIFSIGNALED(status)
    told: list[str] = []
    with writing(ledger, tell=told.append) as books:
        now = file.read_bytes()
        books.write([FileChange(file, now, now + b"\n")])
    [kept] = ledger.parent.glob("*.kept")
    assert kept.read_bytes() == b";; sparat i sista stund\n"
    assert str(kept) in told[0]
    assert list(ledger.parent.rglob(".*.tmp")) == []


def test_a_system_that_cannot_swap_files_writes_all_the_same(ledger: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_renameat2", lambda: None)
    new, old = ledger.parent / "import" / "x.bean", ledger.read_bytes()
    with writing(ledger) as books:
        books.write([FileChange(new, None, b""), FileChange(ledger, old, with_include(old))])
    assert ledger.read_bytes() == with_include(old)
    assert new.read_bytes() == b""
    assert list(ledger.parent.rglob(".*.tmp")) == []


def test_names_and_owner_of_a_file_are_kept(ledger: Path, tmp_path: Path) -> None:
    file, other = ledger.parent / "2025.bean", tmp_path / "samma.bean"
    owner = (1234, 5678) if os.geteuid() == 0 else (os.geteuid(), os.getegid())
    for has_names in (False, True):
        if has_names:
            other.hardlink_to(file)
        os.chown(file, *owner)
        file.chmod(0o640)
        old = file.read_bytes()
        with writing(ledger) as books:
            books.write([FileChange(file, old, old + b";; nytt\n")])
        status = file.stat()
        assert (status.st_uid, status.st_gid) == owner
        assert status.st_mode & 0o777 == 0o640
        assert file.read_bytes() == old + b";; nytt\n"
        assert list(ledger.parent.rglob(".*.tmp")) == []
    assert other.samefile(file)


def test_what_is_written_over_in_place_is_as_before_when_that_fails(
    ledger: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = ledger.parent / "2025.bean"
    (tmp_path / "samma.bean").hardlink_to(file)
    old, overwrite, times = file.read_bytes(), files._overwrite, count(1)

    def full_once(opened: Any, content: bytes) -> None:
        if next(times) == 1:
            overwrite(opened, content[:5])
            raise OSError(errno.ENOSPC, "No space left on device", str(file))
        overwrite(opened, content)

    monkeypatch.setattr(files, "_overwrite", full_once)
    refused(ledger, [FileChange(file, old, old + b"\n")], "No space left on device", OSError)


def test_a_read_only_file_is_not_written(ledger: Path, tmp_path: Path) -> None:
    file = ledger.parent / "2025.bean"
    old = file.read_bytes()
    file.chmod(0o440)
    refused(ledger, [FileChange(file, old, old + b"\n")], str(file), PermissionError)
    printed = tmp_path / "figures.csv"
    printed.touch(0o444)
    with pytest.raises(PermissionError, match=re.escape(str(printed))):
        write_atomically(printed, "nytt")
    assert printed.read_bytes() == b""


def test_new_files_and_folders_are_no_more_open_than_the_books(ledger: Path) -> None:
    old = ledger.read_bytes()
    ledger.chmod(0o600)
    ledger.parent.chmod(0o700)
    new = ledger.parent / "import" / "2025" / "x.bean"
    with writing(ledger) as books:
        after = old + b'include "import/2025/x.bean"\n'
        books.write([FileChange(new, None, b""), FileChange(ledger, old, after)])
    assert new.stat().st_mode & 0o777 == 0o600
    assert [folder.stat().st_mode & 0o777 for folder in (new.parent, new.parent.parent)] == [0o700, 0o700]


def test_what_killed_runs_left_anywhere_is_swept_but_not_what_others_write(ledger: Path) -> None:
    folder, file = ledger.parent, ledger.parent / "2025.bean"
    name = ".x.bean.0123456789abcdef.tmp"
    for other in ("underlag/2024", "andras", ".git"):
        (folder / other).mkdir(parents=True)
        (folder / other / name).write_bytes(b";; ett")
    tree = Path(tempfile.mkdtemp(prefix=f"forbundsbok-{digest(os.fsencode(folder))}-"))
    (tree / "main.bean").symlink_to(ledger)
    others_tree = Path(tempfile.mkdtemp(prefix="forbundsbok-0123456789abcdef-"))
    others = os.open(folder / "andras", os.O_RDONLY)
    fcntl.flock(others, fcntl.LOCK_EX)
    try:
        with writing(ledger) as books:
            old = file.read_bytes()
            books.write([FileChange(file, old, old + b"\n")])
        assert {path.parent.name for path in folder.rglob(name)} == {"andras", ".git"}
        assert trees_of(ledger) == []
        assert others_tree.exists()
        assert ledger.exists()
    finally:
        os.close(others)
        others_tree.rmdir()


def test_an_export_sweeps_what_a_killed_one_left(tmp_path: Path) -> None:
    path, left, others, another = (
        tmp_path / name
        for name in (
            "a.csv",
            ".a.csv.0123456789abcdef.tmp",
            ".a.csv.1123456789abcdef.tmp",
            ".b.csv.0123456789abcdef.tmp",
        )
    )
    for each in (left, others, another):
        each.touch()
    with others.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        write_atomically(path, "nytt")
    assert {each.name for each in tmp_path.iterdir()} == {path.name, others.name, another.name}


@pytest.mark.parametrize(
    "pattern", ["*.bean", "**", "**/*.bean", "a/**/x.bean", "a/*/x.bean", ".*", "*/.x.bean", "[ab]/x.bean", "x.bean"]
)
def test_includes_match_as_those_of_beancount(tmp_path: Path, pattern: str) -> None:
    for name in ("x.bean", ".x.bean", "a/x.bean", "a/.x.bean", "a/b/x.bean", "a/b/c/x.bean", ".a/x.bean", "b/x.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    matched = {path for path in files if matches(path.parts, (tmp_path / pattern).parts)}
    assert matched == {Path(name) for name in glob.glob(str(tmp_path / pattern), recursive=True)} & set(files)  # noqa: PTH207
