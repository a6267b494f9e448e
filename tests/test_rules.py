"""Every rule by ledgers: one that passes, and one that fails for that reason alone, with its whole message.

`rules/surplus/S201.bean` fails; its last lines tell how, each error as `; file:line: message`, all of them and nothing
else. `rules/surplus/S201.ok.bean` passes. Variants: `S201-deficit.bean`. See tests/rule_ledgers.py.
"""

import os
import random
import shutil
from collections import Counter
from pathlib import Path

import pytest

from forbundsbok.plugins.findings import WARNINGS, RuleError
from forbundsbok.plugins.loading import load_ledger, load_untried, placed_messages
from forbundsbok.plugins.rulebook import RULES
from forbundsbok.scripts.store.fixes import edited
from tests.rule_ledgers import FAILING, PASSING, expected_of, load, loaded, main_of, of_modules, said_of


@pytest.mark.parametrize("path", of_modules(FAILING))
def test_a_broken_rule_says_what_is_wrong_and_where(path: Path) -> None:
    expected = expected_of(path)
    assert expected, f"{path.name} does not say what it expects"
    assert said_of(path) == expected


@pytest.mark.parametrize("path", of_modules(PASSING))
def test_a_ledger_that_keeps_the_rule_has_no_errors(path: Path) -> None:
    assert said_of(path) == []


@pytest.mark.parametrize("path", of_modules(FAILING))
def test_the_fix_removes_the_finding_and_brings_no_other(path: Path, tmp_path: Path) -> None:
    _, errors, _ = loaded(path)
    findings = [error.finding for error in errors if isinstance(error, RuleError)]
    edits = edited(findings, lambda file: file.read_text(encoding="utf-8"))
    assert edits.refused == []
    if not any(finding.fix for finding in findings):
        assert edits.texts == {}
        return
    copied = {source: Path(shutil.copy(source, tmp_path)) for source in (path, path.with_name("base.bean"))}
    for file, text in edits.texts.items():
        copied[file].write_text(text, encoding="utf-8")
    left = [error for error in errors if not (isinstance(error, RuleError) and error.finding.fix)]
    _, errors, _ = load(copied[path])
    assert Counter(error.message[:4] for error in errors) == Counter(error.message[:4] for error in left)


def test_rules_that_wait_find_what_they_find_at_once(tmp_path: Path) -> None:
    """Some of the ledgers in each run, all of them with WHOLE in the environment."""
    chosen = FAILING if os.environ.get("WHOLE") else random.Random(15).sample(FAILING, 25)
    broken = 0
    for path in chosen:
        main = tmp_path / "main.bean"
        main.write_text(main_of(path), encoding="utf-8")
        now, later = load_ledger(main), load_untried(main)
        assert later.entries == now.entries
        told = placed_messages(now.errors)
        assert placed_messages(later.errors()) == told
        broken += bool(told)
        assert later.options.keys() == now.options.keys()
        assert placed_messages(later.options[WARNINGS]) == placed_messages(now.options[WARNINGS])
    assert broken > 5  # the others warn


def test_every_rule_is_described_and_has_both_ledgers() -> None:
    assert set(RULES) == {path.stem[:4] for path in FAILING} == {path.stem[:4] for path in PASSING}
