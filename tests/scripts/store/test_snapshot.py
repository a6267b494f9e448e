"""A snapshot says what its command would say, to the byte and with the same exit status, or is none.

Each command runs in a process of its own, as at the shell: once with whatever is kept, and once cold.
"""

import os
import random
import shutil
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner

from forbundsbok.scripts.forbundsbok import main
from forbundsbok.scripts.store import snapshot
from tests.main_file import head
from tests.rule_ledgers import FAILING, PASSING, main_of
from tests.scripts.books import make_books
from tests.shares import SHARE

pytestmark = pytest.mark.forks
CODE = snapshot._digest_of_code()

BOOKS = f"""{head("Räddningstjänsten Norra")}
include "2025.bean"
include "units/*.bean"

2024-12-31 custom "unit" "RT" "Räddningstjänst"
  overskott: "behalls"
2024-12-31 custom "attest" "CH" "RT" 1000000.00 SEK
2024-12-31 open Assets:RT:1910-Kassa-och-bank SEK
2024-12-31 open Equity:RT:2010-Eget-kapital SEK
2024-12-31 open Liabilities:RT:2890-Observationskonto SEK
2024-12-31 open Expenses:RT:6010-Material SEK
"""
VOUCHER = """2025-02-03 * "Leverantör 001" "Slang"
  ver: "L {number}"
  attest: "CH"
  mottagning: "HL"
  underlag: "underlag/L-1.pdf"
  Expenses:RT:6010-Material   {amount} SEK
  Assets:RT:1910-Kassa-och-bank
"""


class Said(NamedTuple):
    """What a command said, and the status that it ended with."""

    status: int
    out: bytes
    err: bytes


def on_one_core() -> None:
    """Let nothing be done aside (scripts.store.aside)."""
    os.sched_getaffinity = lambda _: {0}


class Shell:
    """Runs commands in processes of their own, with snapshots in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cache = folder / "cache"
        self.has_worked = False

    @property
    def kept(self) -> list[Path]:
        """The snapshots."""
        return sorted(self.cache.glob("forbundsbok/*"))

    def said(
        self, *words: object, before: Callable[[], object] = lambda: None, environment: Mapping[str, str] = {}
    ) -> Said:
        """Return what a command says. `before` is done in its process."""
        names = [self.folder / name for name in ("out", "err", "again")]
        names[2].unlink(missing_ok=True)
        process = os.fork()
        if not process:
            self._run([str(word) for word in words], names, before, environment)
        _, status = os.waitpid(process, 0)
        self.has_worked = not names[2].exists()
        return Said(os.waitstatus_to_exitcode(status), names[0].read_bytes(), names[1].read_bytes())

    def _run(
        self, words: list[str], names: list[Path], before: Callable[[], object], environment: Mapping[str, str]
    ) -> None:
        try:
            for number, name in enumerate(names[:2], 1):
                os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
            sys.stdout, sys.stderr = (open(n, "w", encoding="utf-8", closefd=False) for n in (1, 2))  # noqa: SIM115
            sys.argv = ["forbundsbok", *words]
            sys.path[:] = [
                each for each in sys.path if Path(each).name in ("site-packages", Path(os.__file__).parent.name)
            ]
            os.environ.pop("CI", None)
            os.environ.pop("FORBUNDSBOK_NO_CACHE", None)
            os.environ.update(XDG_CACHE_HOME=str(self.cache), **environment)
            snapshot._digest_of_code = lambda: CODE  # which takes a third of the time of such small books
            say = snapshot._say

            def said_again(told: Sequence[tuple[int, str]]) -> bool:
                names[2].touch()
                return say(told)

            snapshot._say = said_again
            before()
            main()
        except SystemExit as end:
            for stream in (sys.stdout, sys.stderr):
                with suppress(OSError, AttributeError):  # where nothing can be written
                    stream.flush()
            os._exit(end.code if isinstance(end.code, int) else 0)
        finally:
            os._exit(70)

    def as_cold(self, *words: object) -> Said:
        """Return what a command says with whatever is kept, and assert that it is what it says without, on one core."""
        said = self.said(*words)
        assert said == self.said(*words, "--no-cache", before=on_one_core)
        return said


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    return begun(tmp_path / "books")


def begun(folder: Path) -> Path:
    """Write books of some files and a document, and return their main file."""
    ledger = make_books(folder, BOOKS)
    for name, text in (("units/rt.bean", VOUCHER.format(number=1, amount="125.00")), ("underlag/L-1.pdf", "faktura")):
        (folder / name).parent.mkdir()
        (folder / name).write_text(text, encoding="utf-8")
    return ledger


@pytest.fixture(scope="module", autouse=True)
def loaded(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Load the program, and let it parse its own queries, once for all processes."""
    ledger = begun(tmp_path_factory.mktemp("loaded"))
    for words in (["check"], ["show", "balans", "--year", "2025"], ["find", "slang"]):
        assert CliRunner().invoke(main, [*words, "--ledger", str(ledger)]).exit_code == 0


# What is kept


@pytest.mark.parametrize(
    "words", [("check",), ("check", "--json"), ("show", "balans", "--year", "2025"), ("find", "slang")], ids=" ".join
)
def test_what_was_said_is_said_again_without_reading(words: tuple[str, ...], shell: Shell, ledger: Path) -> None:
    first = shell.said(*words, "--ledger", ledger)
    assert shell.has_worked
    assert first.status == 0
    assert first.out
    assert len(shell.kept) == 1
    assert shell.said(*words, "--ledger", ledger) == first
    assert not shell.has_worked
    assert shell.as_cold(*words, "--ledger", ledger) == first


def test_another_question_is_another(shell: Shell, ledger: Path) -> None:
    asked = [("--year", "2025"), ("--year", "2025", "--kr"), ("--year", "2024"), ("--year", "2025", "--language", "en")]
    said = [shell.said("show", "balans", "--ledger", ledger, *words).out for words in asked]
    assert len(set(said)) == len(asked)
    said.append(
        shell.said(
            "show", "balans", "--ledger", ledger, "--year", "2025", environment={"FORBUNDSBOK_LANGUAGE": "en"}
        ).out
    )
    assert said[-1] == said[-2]
    assert said[0] == shell.said("show", "balans", "--ledger", ledger, "--year", "2025").out


def test_what_goes_wrong_is_not_kept(shell: Shell, ledger: Path) -> None:
    ledger.write_text(f"{BOOKS}2025-01-01 open Fel\n", encoding="utf-8")
    for words in (("check",), ("show", "balans", "--year", "2025"), ("show", "--nej")):
        assert shell.as_cold(*words, "--ledger", ledger).status
    assert shell.kept == []


def test_what_writes_is_not_kept(shell: Shell, ledger: Path) -> None:
    clearing = "".join(f"  Assets:RT:1790-Avräkning  {amount} SEK\n" for amount in ("5.00", "-5.00"))
    ledger.write_text(f"{BOOKS}2024-12-31 open Assets:RT:1790-Avräkning SEK\n", encoding="utf-8")
    file = ledger.parent / "units/rt.bean"
    file.write_text(VOUCHER.format(number=1, amount="125.00") + clearing, encoding="utf-8")
    assert shell.said("check", "--fix", "--yes", "--ledger", ledger).status == 0
    assert "Avräkning" not in file.read_text(encoding="utf-8")
    assert shell.kept == []


def test_files_that_were_written_are_written_again(shell: Shell, ledger: Path, tmp_path: Path) -> None:
    """They are asked about as before, and other ones when the books are."""
    folder = tmp_path / "ut"
    words = ("export", "--year", "2025", "--format", "csv", "--out", folder, "--ledger", ledger)

    def contents() -> dict[str, bytes]:
        return {file.name: file.read_bytes() for file in folder.iterdir()}

    first, made = shell.said(*words), contents()
    assert "figures.csv" in made
    assert shell.said(*words) == first
    assert not shell.has_worked
    shutil.rmtree(folder)
    assert (shell.said(*words), contents()) == (first, made)
    assert not shell.has_worked
    (folder / "figures.csv").write_text("x", encoding="utf-8")
    refused = shell.as_cold(*words)
    assert (refused.status, (folder / "figures.csv").read_text(encoding="utf-8")) == (1, "x")
    assert b"figures.csv" in refused.out
    file = ledger.parent / "units/rt.bean"
    file.write_text(VOUCHER.format(number=1, amount="2125.00"), encoding="utf-8")
    assert shell.said(*words, "--yes").status == 0
    assert shell.has_worked
    changed = contents()
    assert changed["figures.csv"] != made["figures.csv"]
    assert shell.as_cold(*words).status == 0
    assert contents() == changed
    shutil.rmtree(folder)
    folder.write_text("no folder", encoding="utf-8")
    assert shell.as_cold(*words).status == 2


def test_files_that_are_written_among_the_books_are_questions_too(shell: Shell, ledger: Path) -> None:
    """What the books' own folder holds is what a pattern finds there, whatever else is written into it."""
    folder = ledger.parent / "units"
    words = ("export", "--year", "2025", "--format", "csv", "--out", folder, "--ledger", ledger, "--yes")
    shell.said(*words)
    before = (folder / "figures.csv").read_bytes()
    (folder / "ny.bean").write_text(VOUCHER.format(number=2, amount="7000.00"), encoding="utf-8")
    shell.said(*words)
    assert shell.has_worked
    after = (folder / "figures.csv").read_bytes()
    assert after != before
    shell.as_cold(*words)
    assert (folder / "figures.csv").read_bytes() == after


@pytest.mark.parametrize("stream", ["/dev/full", None])
def test_where_nothing_can_be_written_it_ends_as_it_does_without(
    stream: str | None, shell: Shell, ledger: Path
) -> None:
    def before() -> None:
        sys.stdout = Path(stream).open("w", encoding="utf-8") if stream else None  # noqa: SIM115

    words = ("show", "balans", "--year", "2025", "--ledger", ledger)
    assert shell.said(*words).status == 0
    said = shell.said(*words, before=before)
    assert said == shell.said(*words, "--no-cache", before=before)
    assert (said.status, said.out) == ((1, b"") if stream else (0, b""))


@pytest.mark.parametrize("variable", ["FORBUNDSBOK_NO_CACHE", "CI"])
def test_it_is_left_out_where_that_is_asked_for(variable: str, shell: Shell, ledger: Path) -> None:
    assert shell.said("check", "--ledger", ledger, environment={variable: "1"}) == shell.said(
        "check", "--no-cache", "--ledger", ledger
    )
    assert shell.kept == []


# What changes


def written(name: str, text: str | bytes) -> Callable[[Path], object]:
    def change(folder: Path) -> object:
        (folder / name).parent.mkdir(exist_ok=True)
        return (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())

    return change


def added(name: str, text: str) -> Callable[[Path], object]:
    return lambda folder: written(name, (folder / name).read_bytes() + text.encode())(folder)


def moved(name: str, to: str) -> Callable[[Path], object]:
    return lambda folder: (folder / name).rename(folder / to)


def linked(folder: Path) -> None:
    """Put a link in a file's place, to the same text elsewhere."""
    (folder / "units/rt.bean").rename(folder.parent / "rt.bean")
    (folder / "units/rt.bean").symlink_to(folder.parent / "rt.bean")


CHANGES: dict[str, Callable[[Path], object]] = {
    "an amount of the same length": written("units/rt.bean", VOUCHER.format(number=1, amount="521.00")),
    "a comment": added("units/rt.bean", "; mer\n"),
    "an encoding": written("units/rt.bean", VOUCHER.format(number=1, amount="125.00").encode("latin-1")),
    "a mark of byte order": lambda folder: written("2025.bean", b"\xef\xbb\xbf" + (folder / "2025.bean").read_bytes())(
        folder
    ),
    "an option": lambda folder: written("main.bean", BOOKS.replace("Norra", "Södra"))(folder),
    "a plugin": lambda folder: written("main.bean", f'{BOOKS}plugin "beancount.plugins.noduplicates"\n')(folder),
    "a plugin of one's own": lambda folder: written("main.bean", f'{BOOKS}plugin "egna"\n')(folder),
    "an include": lambda folder: written("main.bean", BOOKS.replace("units/*", "enheter/*"))(folder),
    "a file that a pattern matches": written("units/ny.bean", VOUCHER.format(number=2, amount="1.00")),
    "a file that nothing includes": written("ny.bean", VOUCHER.format(number=2, amount="1.00")),
    "a file that is gone": lambda folder: (folder / "2025.bean").unlink(),
    "a file of another name": moved("units/rt.bean", "units/a.bean"),
    "a folder of another name": moved("units", "enheter"),
    "a link": linked,
    "a document": written("underlag/L-1.pdf", "annan!!"),
    "a document that is gone": lambda folder: (folder / "underlag/L-1.pdf").unlink(),
    "a document that looks the same": written("underlag/L-2.pdf", "faktura"),
    "a layout": written("layouts/balans.toml", "fel = ["),
    "the mapping": written("import.toml", '[bank."1"]\naccount = "Expenses:RT:6010-Material"\n'),
    "printed figures": written("printed/2025.csv", "table,row,note,column,tkr\nbalans,Kassa och bank,,2025,7\n"),
}


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """A shell in which the books have been asked for."""
    shell = Shell(tmp_path_factory.mktemp("asked"))
    shell.said("check", "--ledger", begun(shell.folder / "books"))
    return shell


@pytest.mark.parametrize("change", CHANGES)
def test_what_has_changed_is_read_anew(change: str, asked: Shell) -> None:
    """Also within the same second: the times of what was there are put back."""
    books, before = asked.folder / "books", asked.folder / "before"
    kept = asked.kept
    assert kept
    shutil.copytree(books, before)
    times = {path: path.stat() for path in books.rglob("*")}
    CHANGES[change](books)
    for path, status in times.items():
        if path.exists():
            os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    asked.as_cold("check", "--ledger", books / "main.bean")
    shutil.rmtree(books)
    before.rename(books)
    for path in set(asked.kept) - set(kept):
        path.unlink()


def test_a_rule_broken_in_clean_books_is_told(shell: Shell) -> None:
    """Of each rule that is tried the books that keep it, then those that break it, in the same files; and back."""
    ledger = shell.folder / "main.bean"
    clean = {path.name.split(".")[0]: path for path in PASSING}
    # Documents lie beside the rules' own books, and would not be found from here.
    alone = (path for path in FAILING if path.stem in clean and "underlag" not in path.read_text(encoding="utf-8"))
    pairs = [(clean[path.stem], path) for path in alone][:: 3 * SHARE]
    assert pairs
    for passing, failing in pairs:
        ledger.write_text(main_of(passing), encoding="utf-8")
        before = shell.said("check", "--ledger", ledger)
        ledger.write_text(main_of(failing), encoding="utf-8")
        broken = shell.as_cold("check", "--ledger", ledger)
        assert failing.stem[:4].encode() in broken.out + broken.err
        ledger.write_text(main_of(passing), encoding="utf-8")
        assert shell.said("check", "--ledger", ledger) == before


EDITS = (
    lambda line: line + b" ; x",
    lambda line: line.replace(b"1", b"2", 1),
    lambda line: line.replace(b"0", b"", 1),
    lambda line: b"; " + line,
    lambda line: b"",
    lambda line: line + b"\n" + line,
    lambda line: line.decode().encode("latin-1"),
    lambda line: line.replace(b"RT", b"UTB", 1),
    lambda line: line + b"\r",
)


def test_edits_at_random(shell: Shell, ledger: Path) -> None:
    """Line by line, in any file, one upon the other; now and then all is put back."""
    chance = random.Random(15)
    folder = ledger.parent
    first = {path: path.read_bytes() for path in folder.rglob("*.*")}
    statuses = set()
    for step in range(120 // SHARE):
        path = chance.choice(sorted(first))
        lines = path.read_bytes().split(b"\n")
        place = chance.randrange(len(lines))
        try:
            lines[place] = chance.choice(EDITS)(lines[place])
        except ValueError:  # what was written in another encoding before
            lines[place] = b""
        path.write_bytes(b"\n".join(lines))
        statuses.add(shell.as_cold("check", "--ledger", ledger).status)
        if step % 3 == 2:
            for each, content in first.items():
                each.write_bytes(content)
            statuses.add(shell.as_cold("check", "--ledger", ledger).status)
    assert statuses == {0, 1}


# What may befall a snapshot


def spoilt(file: Path) -> Iterator[bytes]:
    """Yield what a snapshot may hold that has not been written whole, or by somebody else."""
    content = file.read_bytes()
    yield from (content[:length] for length in (0, 64, len(content) // 2))
    yield content.replace(b"125,00", b"521,00")
    yield b"\0" * len(content)


def test_one_that_is_not_as_it_was_written_is_none(shell: Shell, ledger: Path) -> None:
    words = ("show", "balans", "--kr", "--year", "2025", "--ledger", ledger)
    first = shell.said(*words)
    for content in spoilt(shell.kept[0]):
        shell.kept[0].write_bytes(content)
        assert shell.said(*words) == first
        assert shell.has_worked


def test_one_of_another_question_is_none(shell: Shell, ledger: Path) -> None:
    asked = [("show", "balans", "--year", "2025", "--ledger", ledger, *more) for more in ((), ("--kr",))]
    said = [shell.said(*words) for words in asked]
    one, other = shell.kept
    content = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(content)
    assert [shell.said(*words) for words in asked] == said


@pytest.mark.parametrize("name", ["_digest_of_code", "_installed", "date"])
def test_another_program_and_another_day_ask_anew(name: str, shell: Shell, ledger: Path) -> None:
    class Tomorrow:
        @staticmethod
        def today() -> str:
            return "2099-01-01"

    def before() -> None:
        setattr(snapshot, name, Tomorrow if name == "date" else lambda: "another")

    first = shell.said("check", "--ledger", ledger)
    assert shell.said("check", "--ledger", ledger, before=before) == first
    assert shell.has_worked
    assert shell.said("check", "--ledger", ledger) == first
    assert not shell.has_worked


def test_the_program_is_known_by_the_bytes_of_its_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = {Path(folder).name for folder in snapshot._folders_of_code()}
    assert names >= {"forbundsbok", "plugins", "queries", "beancount", "beanquery", "site-packages"}
    (tmp_path / "rule.py").write_text("1", encoding="utf-8")
    monkeypatch.setattr(snapshot, "_packages", lambda: iter([str(tmp_path)]))
    known = {snapshot._digest_of_code()}
    for name, text in (("rule.py", "2"), ("rule.toml", ""), ("rule.toml", "1")):
        (tmp_path / name).write_text(text, encoding="utf-8")
        known.add(snapshot._digest_of_code())
    assert len(known) == 4


@pytest.mark.parametrize("moment", ["write", "replace", "unlink"])
def test_one_who_is_killed_while_it_is_written_changes_nothing(moment: str, shell: Shell, ledger: Path) -> None:
    def killed(*_: object, **__: object) -> object:
        os.kill(os.getpid(), signal.SIGKILL)
        return None

    def before() -> None:
        if moment == "write":
            snapshot._seal = lambda *_: killed()  # type: ignore[assignment]
        else:
            setattr(Path, moment, killed)

    cold = shell.said("check", "--no-cache", "--ledger", ledger)
    assert shell.said("check", "--ledger", ledger, before=before).status == -signal.SIGKILL
    for _ in range(2):
        assert shell.said("check", "--ledger", ledger) == cold
    assert not shell.has_worked


def test_a_cache_that_goes_at_any_moment_changes_nothing(shell: Shell, ledger: Path) -> None:
    def goes_at(name: str) -> Callable[[], None]:
        as_before = getattr(snapshot, name)

        def gone(*args: object) -> object:
            shutil.rmtree(shell.cache, ignore_errors=True)
            return as_before(*args)

        return lambda: setattr(snapshot, name, gone)

    first = shell.said("check", "--ledger", ledger)
    for name in ("_kept", "_overheard", "_keep", "_seal"):
        assert shell.said("check", "--ledger", ledger, before=goes_at(name)) == first


def opened(cache: Path) -> None:
    cache.chmod(0o755)


def led(cache: Path) -> None:
    cache.rename(cache.with_name("elsewhere"))
    cache.symlink_to("elsewhere")


@pytest.mark.parametrize("change", [opened, led])
def test_a_folder_that_others_may_reach_is_none(change: Callable[[Path], None], shell: Shell, ledger: Path) -> None:
    first = shell.said("check", "--ledger", ledger)
    change(shell.cache / "forbundsbok")
    assert shell.said("check", "--ledger", ledger) == first
    assert shell.has_worked or not shell.kept


def test_another_users_folder_is_none(shell: Shell, ledger: Path) -> None:
    first = shell.said("check", "--ledger", ledger)
    own = os.geteuid()
    kept = {path: path.read_bytes() for path in shell.kept}

    def before() -> None:
        os.geteuid = lambda: own + 1
        snapshot._overheard = lambda work, *_: work()  # what is left to say is that nothing is written

    assert shell.said("check", "--ledger", ledger, before=before) == first
    assert {path: path.read_bytes() for path in shell.kept} == kept


def test_the_folder_is_the_users_alone_and_holds_no_more_than_it_may(shell: Shell, ledger: Path) -> None:
    def before() -> None:
        snapshot.MOST = 2

    for year in ("2024", "2025"):
        for unit in ("", "RT"):
            shell.said("show", "balans", "--year", year, "--unit", unit, "--ledger", ledger, before=before)
    assert len(shell.kept) == 2
    assert (shell.cache / "forbundsbok").stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in shell.kept} == {0o600}
