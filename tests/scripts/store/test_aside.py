"""What is done aside: it comes back, is heard, and is done here where it does not come back."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Never

import pytest

from forbundsbok.scripts.store import aside as module
from forbundsbok.scripts.store.aside import aside
from forbundsbok.scripts.store.witness import Witness

pytestmark = pytest.mark.alone


@pytest.fixture(autouse=True)
def two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_does_one_thing", True)


def done(work: Callable[[], Any]) -> Any:
    with aside(work) as answer:
        return answer()


def test_it_is_done_in_another_process_and_comes_back() -> None:
    process, rows = done(lambda: [os.getpid(), ["T107", "å" * 200_000]])
    assert process != os.getpid()
    assert rows == ["T107", "å" * 200_000]


def test_what_it_asks_is_heard_here(tmp_path: Path) -> None:
    (tmp_path / "a.bean").write_text("x", encoding="utf-8")
    with Witness([]) as witness:
        assert done(lambda: (tmp_path / "a.bean").read_text(encoding="utf-8")) == "x"
    assert [(kind, name) for kind, name in witness.facts if kind == "bytes"] == [("bytes", str(tmp_path / "a.bean"))]
    assert witness.is_whole


def test_what_goes_past_the_questions_is_heard_here(tmp_path: Path) -> None:
    with Witness([]) as witness:
        assert done(lambda: (tmp_path / "a.bean").write_text("x", encoding="utf-8")) == 1
    assert not witness.is_whole


def test_what_has_changed_between_the_two_is_no_answer_to_keep(tmp_path: Path) -> None:
    file = tmp_path / "a.bean"
    file.write_text("x", encoding="utf-8")
    with Witness([]) as witness:
        told = done(lambda: file.read_text(encoding="utf-8"))
        file.unlink()
        file.symlink_to("b.bean")
        assert told == "x"
        with pytest.raises(FileNotFoundError):
            file.read_text(encoding="utf-8")
    assert not witness.is_whole


def killed() -> Never:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def raises() -> Never:
    raise SystemExit(0)


def unspeakable() -> object:
    return object()


@pytest.mark.parametrize("work", [killed, raises, unspeakable])
def test_what_does_not_come_back_is_not_known(work: Callable[[], Any]) -> None:
    assert done(work) is None


def test_where_there_can_be_no_process_nothing_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> Never:
        raise BlockingIOError

    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    monkeypatch.setattr(os, "fork", refused)
    assert done(lambda: 1) is None
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208


def test_where_there_is_no_memory_for_two_none_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sysconf", lambda name: 1000)
    assert done(os.getpid) is None


def children() -> Iterator[str]:
    yield from Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii").split()


def test_it_ends_with_the_block() -> None:
    before = set(children())
    with aside(signal.pause):
        assert len(set(children()) - before) == 1
    assert set(children()) == before
