"""What README and handbook show is what one sees: their examples are run, the README's other federation written out."""

import os
import re
import shlex
from functools import cache
from pathlib import Path
from textwrap import dedent

import pytest
from click.testing import CliRunner

from forbundsbok.plugins import loading
from forbundsbok.scripts.forbundsbok import main
from tests.docs.story import as_pattern
from tests.scripts.answering import run_answering

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
HANDBOOK = (ROOT / "docs" / "handbok.md").read_text(encoding="utf-8")
OTHER = README[README.index("## Another federation's books") : README.index("## Where things live")]


def blocks(text: str, language: str) -> list[str]:
    return [
        dedent(block).lstrip("\n")
        for block in re.findall(rf"^ *```{language}\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE)
    ]


def runs(text: str) -> list[tuple[str, str]]:
    """Return the commands of console blocks, each with what it prints; what make prints is not run by itself."""
    found = [
        re.findall(r"^\$ (forbundsbok .*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)
        for block in blocks(text, "console")
        if not block.startswith("$ make ")
    ]
    return [run for block in found for run in block]


@pytest.fixture
def loaded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The examples read the same books again and again, and none of them writes: each is loaded once."""
    monkeypatch.setattr(loading, "_loaded", cache(loading._loaded))


def shown(command: str) -> str:
    return CliRunner().invoke(main, shlex.split(command)[1:]).output


def test_the_other_federation_can_be_written_and_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names = re.findall(r"`(dalen/ledger/units/\S+)`", OTHER)
    files, (begun, *shown_there) = blocks(OTHER, "beancount"), runs(OTHER)
    assert (len(names), len(files), len(shown_there)) == (2, 2, 3)
    assert re.fullmatch(as_pattern(begun[1]), shown(begun[0])), shown(begun[0])
    for name, text in zip(names, files, strict=True):
        Path(name).write_text(f"{Path(name).read_text(encoding='utf-8')}\n{text}", encoding="utf-8")
    for command, output in shown_there:
        assert re.fullmatch(as_pattern(output), shown(command)), f"{command}\n{shown(command)}"


def test_the_import_demo_prints_what_is_shown(tmp_path: Path) -> None:
    shown_there = next(block for block in blocks(README, "console") if block.startswith("$ make import-demo\n"))
    alone = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    made = run_answering(
        "make",
        "--silent",
        "import-demo",
        "READY=",
        f"BIN={tmp_path}",
        folder=ROOT,
        commands=tmp_path,
        environment=alone,
    )
    assert made.returncode == 0, made.stderr
    assert re.fullmatch(as_pattern(shown_there.partition("\n")[2]), made.stdout.strip("\n")), made.stdout


@pytest.mark.parametrize(("text", "least"), [(README.replace(OTHER, ""), 2), (HANDBOOK, 3)], ids=["README", "handbok"])
@pytest.mark.usefixtures("loaded_once")
def test_the_examples_print_what_is_shown(monkeypatch: pytest.MonkeyPatch, text: str, least: int) -> None:
    monkeypatch.chdir(ROOT)
    examples = [(command, output) for command, output in runs(text) if output.strip()]
    assert len(examples) >= least
    for command, output in examples:
        assert re.fullmatch(as_pattern(output), shown(command)), f"{command}\n{shown(command)}"
