"""The git hook for a federation's ledger repository lets sound books through, and no others."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from beancount.scripts.format import align_beancount

from tests.scripts.answering import run_answering
from tests.scripts.commands.test_seal import MAIN, VOUCHERS

pytestmark = pytest.mark.slow

HOOK = Path(__file__).parents[2] / "docs" / "ci" / "pre-commit"


BOOKS = re.sub("^include .*\n", "", MAIN, flags=re.MULTILINE) + "\n" + VOUCHERS


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / "ledger").mkdir()
    (tmp_path / "ledger" / "main.bean").write_text(align_beancount(BOOKS), encoding="utf-8")  # type: ignore[no-untyped-call]
    run(tmp_path, "git", "init", "--quiet")
    shutil.copy(HOOK, tmp_path / ".git" / "hooks" / "pre-commit")
    return tmp_path


def run(repository: Path, *command: str) -> subprocess.CompletedProcess[str]:
    commands = repository.with_name(f"{repository.name}-commands")
    commands.mkdir(exist_ok=True)
    who = {f"GIT_{role}_{what}": "ekonom@example.org" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    path = os.pathsep.join([str(commands), str(Path(sys.executable).parent), os.environ["PATH"]])
    # A hook of this very project's own commit would hand its index on.
    environment = {key: value for key, value in os.environ.items() if key not in ("GIT_DIR", "GIT_INDEX_FILE")}
    environment |= {**who, "PATH": path}
    return run_answering(*command, folder=repository, commands=commands, environment=environment)


def commit(repository: Path) -> subprocess.CompletedProcess[str]:
    run(repository, "git", "add", "ledger")
    return run(repository, "git", "commit", "--quiet", "-m", "Bokfört")


def test_sound_books_are_committed(repository: Path) -> None:
    assert commit(repository).returncode == 0


def test_a_broken_rule_stops_the_commit_and_says_where(repository: Path) -> None:
    ledger = repository / "ledger" / "main.bean"
    ledger.write_text(ledger.read_text(encoding="utf-8").replace("300000.00 SEK", "300000.01 SEK", 1), encoding="utf-8")
    stopped = commit(repository)
    assert stopped.returncode != 0
    assert "main.bean:" in stopped.stderr
    assert "does not balance" in stopped.stderr


def test_what_is_not_staged_does_not_matter(repository: Path) -> None:
    ledger = repository / "ledger" / "main.bean"
    run(repository, "git", "add", "ledger")
    ledger.write_text("nonsense", encoding="utf-8")
    assert run(repository, "git", "commit", "--quiet", "-m", "Bokfört").returncode == 0


def test_an_unformatted_file_is_named(repository: Path) -> None:
    ledger = repository / "ledger" / "main.bean"
    ledger.write_text(
        ledger.read_text(encoding="utf-8").replace("  300000.00", "          300000.00", 1), encoding="utf-8"
    )
    stopped = commit(repository)
    assert stopped.returncode != 0
    assert "bean-format -i ledger/main.bean" in stopped.stderr
