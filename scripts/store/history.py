"""What git keeps of the books' files, where it keeps them.

    git -C ledger log --patch -G'custom "sigilljournal"' HEAD -- '*.bean'

No program that a repository names is run, and no file of it says what is text.
"""

import errno
import os
import subprocess
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from forbundsbok.scripts.store.witness import asking

SECONDS = 20
"""How long the history of a repository may take to be asked."""

GIT = "git"
"""What a witness calls the question after a history."""

_CUT_OFF = ("--git-path", "shallow", "--git-path", "info/grafts")
"""How to ask for the files of a repository that say where its history is cut off, or goes on elsewhere."""


def changed_lines(folder: Path, pattern: str) -> Iterable[str]:
    """Return the lines with a pattern, and those about them, that the history of a folder's ledger files has had.

    None where git keeps none, or cannot tell in time.
    """
    command = ["log", "--patch", "--unified=0", "--format=", "--no-color", "--no-ext-diff", "--no-textconv", "--text"]
    command += ["--no-renames", f"-G{pattern}", "HEAD", "--", "*.bean"]
    with asking(GIT, str(folder)) as no_sure_answer:
        try:
            status, found, _ = _run(folder, command)
            if status and not _run(folder, ["rev-parse", "HEAD"])[0]:  # there is a history, which may be read tomorrow
                no_sure_answer()
        except subprocess.TimeoutExpired:
            no_sure_answer()
            return ()
        except OSError:  # no git
            return ()
    lines = [] if status else found.decode("utf-8", "replace").splitlines()
    return [line[1:] for line in lines if line[:1] in ("+", "-")]


def last_commit(folder: Path) -> str:
    """Return the last commit of the history that a folder is in; "" where there is none."""
    try:
        status, found, _ = _run(folder, ["rev-parse", "HEAD"])
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return "" if status else found.decode("ascii").strip()


def is_in_history(folder: Path, commit: str) -> bool:
    """Tell whether a folder's history has a commit, or cannot tell in time."""
    with asking(GIT, str(folder)) as no_sure_answer:
        try:
            return not _run(folder, ["merge-base", "--is-ancestor", commit, "HEAD"])[0]
        except subprocess.TimeoutExpired:
            no_sure_answer()
            return True
        except OSError:  # no git
            return False


def state(folder: str) -> tuple[str, None]:
    """Return what the history of a folder is known by: its last commit, which names all before, and how it is read."""
    commands = (["rev-parse", "HEAD", *_CUT_OFF], ["config", "--list"], ["for-each-ref", "refs/replace"])
    try:
        told = [_run(Path(folder), command) for command in commands]
    except subprocess.TimeoutExpired as error:
        raise TimeoutError(errno.ETIMEDOUT, str(error)) from None
    paths = [Path(folder, os.fsdecode(line)) for line in told[0][1].splitlines()[1:]]
    cut_off = [path.read_bytes() if path.is_file() else b"" for path in paths]
    return sha256(repr((told, cut_off)).encode()).hexdigest(), None


def _run(folder: Path, command: Iterable[str]) -> tuple[int, bytes, bytes]:
    """Return git's exit status and what it says. Raises OSError, TimeoutExpired."""
    whole = ["git", "-C", str(folder), "-c", "core.fsmonitor=false", *command]
    # Variables of git's, as a hook has them, would name another repository.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run(whole, env=environment, capture_output=True, timeout=SECONDS, check=False)
    return done.returncode, done.stdout, done.stderr
