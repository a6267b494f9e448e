"""What a witness hears: every way in which Python asks the world, answered as without it; and what goes past it."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from glob import glob
from io import FileIO
from pathlib import Path
from typing import Any

import pytest

from forbundsbok.scripts.store.witness import Witness, asking, still_so

pytestmark = pytest.mark.alone

STDLIB = str(Path(os.__file__).parent)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "units").mkdir()
    (tmp_path / "units/a.bean").write_bytes("Å\r\nx\n".encode())
    (tmp_path / "link").symlink_to("units/a.bean")
    monkeypatch.setenv("FORBUNDSBOK_PROV", "ja")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def failing(ask: Callable[[], Any]) -> Any:
    """Return an answer, or that there is none."""
    try:
        return ask()
    except OSError as error:
        return type(error), error.errno, str(error)


def bytes_of(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read()


HEARD: dict[str, Callable[[], Any]] = {
    "bytes": lambda: Path("units/a.bean").read_bytes(),
    "a file opened": lambda: bytes_of(Path("units/a.bean")),
    "its text": lambda: Path("units/a.bean").read_text(encoding="utf-8"),
    "its lines as they are": lambda: open("units/a.bean", encoding="utf-8", newline="").readlines(),  # noqa: PTH123, SIM115
    "a file that is not there": lambda: failing(Path("units/b.bean").read_bytes),
    "a folder as a file": lambda: failing(Path("units").read_bytes),
    "whether it is there": lambda: (Path("units/a.bean").exists(), Path("units/b.bean").exists()),
    "what it is": lambda: (Path("link").is_file(), Path("link").is_symlink(), Path("units").is_dir()),
    "its size": lambda: (Path("link").stat().st_size, Path("units/a.bean").lstat().st_size),
    "where a link leads": lambda: (os.readlink("link"), os.path.realpath("link"), Path("link").resolve()),  # noqa: PTH115
    "what is in a folder": lambda: (sorted(Path().iterdir()), sorted(os.listdir()), os.listdir("units")),  # noqa: PTH208
    "what is below it": lambda: [(at, sorted(folders), sorted(files)) for at, folders, files in os.walk(".")],
    "patterns": lambda: (glob("*/*.bean"), sorted(Path().glob("**/*.bean")), sorted(Path().rglob("*"))),  # noqa: PTH207
    "a folder that is not there": lambda: (failing(lambda: os.listdir("nej")), glob("nej/*")),  # noqa: PTH207, PTH208
    "whether it may be read": lambda: (os.access("link", os.R_OK), os.access("nej", os.R_OK)),
    "variables": lambda: (os.environ["FORBUNDSBOK_PROV"], os.environ.get("FORBUNDSBOK_NEJ"), "X" in os.environ),
}


@pytest.mark.parametrize("way", HEARD)
def test_each_way_of_asking_is_heard_and_answered_as_before(way: str, folder: Path) -> None:
    without = HEARD[way]()
    with Witness([STDLIB]) as witness:
        assert HEARD[way]() == without
    assert witness.unheard == set()
    assert witness.facts
    assert all(still_so([(*asked, known)]) for asked, known in witness.facts.items())
    assert HEARD[way]() == without


def lead(link: str, to: str) -> None:
    Path(link).unlink()
    Path(link).symlink_to(to)


CHANGES: dict[str, Callable[[], object]] = {
    "bytes": lambda: Path("units/a.bean").write_bytes("Ä\r\nx\n".encode()),
    "a file that is not there": lambda: Path("units/b.bean").touch(),
    "whether it is there": lambda: Path("units/b.bean").touch(),
    "what it is": lambda: lead("link", "units"),
    "its size": lambda: Path("units/a.bean").write_bytes(b""),
    "where a link leads": lambda: lead("link", "units/b.bean"),
    "what is in a folder": lambda: Path("units/b.bean").touch(),
    "what is below it": lambda: Path("units/b.bean").touch(),
    "patterns": lambda: Path("units/b.bean").touch(),
    "a folder that is not there": lambda: Path("nej").mkdir(),
    "whether it may be read": lambda: Path("nej").touch(),
    "variables": lambda: os.environ.update(FORBUNDSBOK_PROV="nej"),
}


@pytest.mark.parametrize("way", CHANGES)
def test_what_has_changed_is_no_longer_so(way: str, folder: Path) -> None:
    """The times of what is changed are put back: nothing goes by them."""
    times = {path: path.stat() for path in folder.rglob("*")}
    with Witness([STDLIB]) as witness:
        HEARD[way]()
    CHANGES[way]()
    for path, status in times.items():
        if path.exists():
            os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert not still_so((*asked, known) for asked, known in witness.facts.items())


UNHEARD: dict[str, Callable[[], Any]] = {
    "a file is written": lambda: Path("ny").write_bytes(b""),
    "a file goes": lambda: Path("link").unlink(),
    "another way to a file": lambda: FileIO("units/a.bean").close(),
    "a descriptor": lambda: os.close(os.open("units/a.bean", os.O_RDONLY)),
    "a process": lambda: subprocess.run([sys.executable, "-c", ""], check=True),
    "the network": lambda: socket.socket().close(),
    "the person": lambda: failing(lambda: input("? ")),
    "what may be done": lambda: os.access("units", os.W_OK),
    "all variables": lambda: dict(os.environ),
    "a pipe": lambda: bytes_of(Path(os.devnull)),
}


@pytest.mark.parametrize("way", UNHEARD)
def test_what_goes_past_it_is_told(way: str, folder: Path) -> None:
    with Witness([STDLIB]) as witness:
        UNHEARD[way]()
    assert not witness.is_whole


def test_code_from_elsewhere_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "egna_regler.py").write_text("", encoding="utf-8")
    monkeypatch.syspath_prepend(str(folder))
    with Witness([STDLIB]) as witness:
        import egna_regler  # type: ignore[import-not-found]  # noqa: F401
    assert not witness.is_whole


def test_a_file_that_is_two_things_in_one_run_is_told(folder: Path) -> None:
    with Witness([STDLIB]) as witness:
        HEARD["bytes"]()
        with asking("bytes", "units"):
            CHANGES["bytes"]()
        HEARD["bytes"]()
    assert not witness.is_whole


def test_times_are_not_told(folder: Path) -> None:
    with Witness([STDLIB]):
        assert Path("link").stat().st_mtime_ns == Path("link").lstat().st_mtime == 0
