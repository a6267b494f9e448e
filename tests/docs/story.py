"""A story in Markdown that is played: what it types is typed, what it edits is edited, in a folder of its own.

    ```console
    $ forbundsbok check                    is run, and prints what is shown; a line of `…` stands for any lines
    ```

    I `ledger/register.bean`:              what follows is appended to the file that the line before it names
    ```beancount

    I `ledger/import/2025-01.bean`:        what follows takes the place of what it takes away, a blank line between
    ```diff

Each question is answered yes. `python -m tests.docs.story docs/aret.md` writes what is printed where it is another.
"""

import re
import shlex
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path
from typing import NamedTuple

from click.testing import CliRunner

from forbundsbok.scripts.forbundsbok import main

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"(?:`(?P<file>\S+)`[^\n]*:\n\n?)?^```(?P<kind>\w+)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
COMMAND = re.compile(r"^\$ forbundsbok (.*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)


class Run(NamedTuple):
    """A command, what the story shows of it, and what it printed."""

    command: str
    shown: str
    printed: str

    @property
    def agrees(self) -> bool:
        return re.fullmatch(as_pattern(self.shown), self.printed) is not None


def as_pattern(output: str) -> str:
    """Return a pattern of an output in which a line of `…` stands for any lines."""
    lines = [re.escape(line) for line in output.strip("\n").split("\n")]
    return r"\n".join(r"(?:.*\n)*?.*" if line.strip("\\ ") == "…" else line for line in lines) + r"\s*"


def played(story: str, begun: Path) -> Iterator[Run]:
    """Play a story that begins with a folder, as it is told."""
    with tempfile.TemporaryDirectory() as place, chdir(place):
        shutil.copytree(begun, place, dirs_exist_ok=True)
        for block in BLOCK.finditer(story):
            match block["kind"]:
                case "console":
                    for command, shown in COMMAND.findall(block["text"]):
                        yield Run(command, shown, _printed(command))
                case "beancount":
                    file = Path(block["file"])
                    file.write_text(f"{file.read_text('utf-8')}\n{block['text']}", "utf-8")
                case "diff":
                    _edit(Path(block["file"]), block["text"])


def _printed(command: str) -> str:
    words: list[str] = []
    for word in shlex.split(command):
        found = sorted(map(str, Path().glob(word))) if {"*", "["} & set(word) else []
        words += found or [word]
    return CliRunner().invoke(main, words, input="j\n" * 99).output


def _edit(file: Path, change: str) -> None:
    text = file.read_text("utf-8")
    for lines in change.split("\n\n"):
        before = "".join(f"{line[1:]}\n" for line in lines.splitlines() if line[0] in "- ")
        after = "".join(f"{line[1:]}\n" for line in lines.splitlines() if line[0] in "+ ")
        assert text.count(before) == 1, f"{before}\n{text}"
        text = text.replace(before, after)
    file.write_text(text, "utf-8")


def rewritten(story: str, begun: Path) -> str:
    """Return a story with what its commands print where it shows something else."""
    at = 0
    for run in played(story, begun):
        told = f"$ forbundsbok {run.command}\n{run.shown}"
        at = story.index(told, at)
        if not run.agrees:
            printed = run.printed.rstrip("\n")
            new = f"$ forbundsbok {run.command}\n{printed}\n" + ("\n" if run.shown.endswith("\n\n") else "")
            story = story[:at] + new + story[at + len(told) :]
            told = new
        at += len(told)
    return story


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(rewritten(path.read_text("utf-8"), ROOT / "docs" / "exempel" / "aret"), "utf-8")
