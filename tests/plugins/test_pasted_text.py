"""What a message offers to paste is read as it was meant, also where names hold quotes, backslashes, line breaks."""

import re
from datetime import date
from pathlib import Path

import pytest
from beancount import loader
from hypothesis import given, settings
from hypothesis import strategies as st

from forbundsbok.plugins.findings import Add, Below, Replace, RuleError
from forbundsbok.plugins.ledger_text import custom_of, directives_text, quoted, refuse_unlike
from tests.rule_ledgers import FAILING, HEAD

FIRST = date(2024, 1, 1)
ODD = st.text(alphabet='aå"\\\n\t;#^*:{} 1', max_size=12)
TEXT = re.compile(r'^((?:\d{4}-\d\d-\d\d [*!]|  benamning:) )"([^"\\\n]*)"', re.MULTILINE)
"""The texts that no rule judges: of vouchers, and names that are printed."""


@settings(max_examples=150, deadline=None, derandomize=True)
@given(path=st.sampled_from(FAILING), odd=ODD)
def test_every_fix_is_read_as_it_was_meant(path: Path, odd: str) -> None:
    text = path.read_text(encoding="utf-8")
    if '\noption "' in text:
        return
    changed = TEXT.sub(lambda match: match[1] + quoted(match[2] + odd), text)
    _, errors, _ = loader.load_string(f'{HEAD}include "{path.with_name("base.bean")}"\n{changed}')
    ours: list[RuleError] = [error for error in errors if isinstance(error, RuleError)]  # type: ignore[misc]
    for step in (step for error in ours for step in error.finding.fix):
        if isinstance(step, (Add, Replace)):
            refuse_unlike(directives_text(step.directives), list(step.directives))
        elif isinstance(step, Below):
            written = custom_of("below", step.at.date, ["x"], step.meta)
            refuse_unlike(directives_text([written]), [written])


@pytest.mark.parametrize("odd", ['"', "\\", "\n", '\\"', "a\\"])
def test_a_text_with_odd_characters_is_read_again(odd: str) -> None:
    refuse_unlike(directives_text([entry := custom_of("x", FIRST, [odd], {"benamning": odd})]), [entry])
