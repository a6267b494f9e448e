"""How `make` sets up `.venv`, with stand-ins for Python and pip that install nothing:

    make .venv/ready PYTHON="en annan/python"

A Python that is too old, or a half of the packages that does not come, is told and leaves no `.venv/ready`;
Ctrl-C ends both halves.
"""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OWN_PYTHON = "PYTHON=en annan/python"
NEEDED = "Python 3.11 or newer is needed"

PYTHON = """#!/bin/sh
case "$*" in
*"-m venv"*) mkdir -p .venv/bin && cp "$0" .venv/bin ;;
*"-m pip --python .venv/bin/python install"*) cp pip .venv/bin ;;
esac
"""
PIP = """#!/bin/sh
case "$*" in *"-r .venv/$FAILS"*) exit 1 ;; esac
case "$*" in *"-r "*) [ -z "$LASTS" ] || { : > ".venv/$$.waits" && exec sleep "$LASTS"; } ;; esac
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with blanks in its name in which make can set up what the stand-ins install."""
    made = tmp_path / "böcker och år"
    made.mkdir()
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, made)
    (made / "en annan").mkdir()
    for name, text in (("en annan/python", PYTHON), ("pip", PIP), ("en annan/old", "#!/bin/sh\nexit 1\n")):
        (made / name).write_text(text, encoding="utf-8")
        (made / name).chmod(0o755)
    return made


def start(folder: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    alone = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.Popen(
        ["make", ".venv/ready", "UV=false", *arguments],
        cwd=folder,
        env=alone | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


@pytest.mark.parametrize(
    ("argument", "told"),
    [
        ("PYTHON=en annan/old", "en annan/old is not"),
        ("PYTHON=./missing", "./missing is not"),
        ("PYTHONS=false ./missing", "none of false ./missing is"),
    ],
)
def test_a_python_that_is_too_old_is_told(folder: Path, argument: str, told: str) -> None:
    made = start(folder, argument)
    said, _ = made.communicate(timeout=30)
    assert made.returncode != 0
    assert said.startswith(f"{NEEDED}: {told}\n")
    assert not (folder / ".venv").exists()


@pytest.mark.parametrize("half", ["half", "other-half"])
def test_a_half_that_is_not_installed_is_told_and_comes_with_the_next_run(folder: Path, half: str) -> None:
    made = start(folder, OWN_PYTHON, FAILS=half)
    said, _ = made.communicate(timeout=30)
    assert made.returncode != 0
    assert "Not all packages of requirements.lock are installed" in said
    assert not (folder / ".venv/ready").exists()

    made = start(folder, OWN_PYTHON, "--jobs=4", FAILS="none")
    said, _ = made.communicate(timeout=30)
    assert (made.returncode, said) == (0, "Setting up .venv with en annan/python\n")
    assert (folder / ".venv/ready").exists()
    halves = "".join((folder / ".venv" / name).read_text() for name in ("half", "other-half"))
    assert sorted(halves.splitlines()) == sorted((folder / "requirements.lock").read_text().splitlines())


def test_ctrl_c_ends_both_halves(folder: Path) -> None:
    made = start(folder, OWN_PYTHON, FAILS="none", LASTS="30")
    while len(list(folder.glob(".venv/*.waits"))) < 2:
        assert made.poll() is None
        time.sleep(0.01)
    os.killpg(made.pid, signal.SIGINT)
    made.communicate(timeout=10)
    with pytest.raises(ProcessLookupError):
        os.killpg(made.pid, signal.SIGKILL)
    assert not (folder / ".venv/ready").exists()
