"""Every rule by ledgers: one that passes, and one that fails for that reason alone, with its whole message.

`rules/surplus/S201.bean` fails; its last lines tell how, each error as `; file:line: message`, all of
them and nothing else. `rules/surplus/S201.ok.bean` passes. Variants: `S201-deficit.bean`.
"""

import re
from pathlib import Path

import pytest

from forbundsbok.plugins.federation import MODULES
from forbundsbok.plugins.places import place_of
from forbundsbok.plugins.rules import described
from tests.rule_ledgers import FAILING, PASSING, load

EXPECTED = re.compile(r"^; (\S+:\d+: .*)$", re.MULTILINE)


def errors_of(path: Path) -> list[str]:
    _, errors, _ = load(path)
    return [f"{Path(place_of(error)[0]).name}:{place_of(error)[1]}: {error.message}" for error in errors]


@pytest.mark.parametrize("path", FAILING, ids=lambda path: path.stem)
def test_a_broken_rule_says_what_is_wrong_and_where(path: Path) -> None:
    expected = [line.replace("\\n", "\n") for line in EXPECTED.findall(path.read_text(encoding="utf-8"))]
    assert expected, f"{path.name} does not say what it expects"
    assert errors_of(path) == expected


@pytest.mark.parametrize("path", PASSING, ids=lambda path: path.stem)
def test_a_ledger_that_keeps_the_rule_has_no_errors(path: Path) -> None:
    assert errors_of(path) == []


def test_every_rule_is_described_and_has_both_ledgers() -> None:
    codes = {rule.code for rule in described(module.__doc__ or "" for module in MODULES)}
    assert codes == {path.stem[:4] for path in FAILING} == {path.stem[:4] for path in PASSING}
