"""Whatever stands in a ledger, the rules answer with errors, never with a traceback.

Ledgers of the rules' own tests are taken, and words in them replaced by others of every kind: dates, amounts,
texts, accounts, booleans, nothing. Beancount reports an exception in a plugin as an error with its traceback.
"""

import re
from io import StringIO

import pytest
from beancount import loader
from beancount.parser import printer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forbundsbok.plugins.findings import WARNINGS
from tests.rule_ledgers import FAILING, HEAD, PASSING
from tests.shares import SHARE

pytestmark = pytest.mark.slow

LEDGERS = [path for path in FAILING + PASSING if '\noption "' not in path.read_text(encoding="utf-8")]
DAY = re.compile(r"\b20\d\d-\d\d-\d\d\b")
WORDS = re.compile(r'"[^"\n]*"|[^\s"]+')
OTHERS = [
    *(
        "2024-02-29",
        "2024-12-31",
        "0001-01-01",
        "9999-12-31",
        "*",
        "!",
        "custom",
        "open",
        "close",
        "pad",
        "balance",
        "note",
    ),
    *(
        "1000.00",
        "-0.00",
        "0.005",
        "12.50",
        "99999999999999999999999999.99",
        "1000.00 SEK",
        "5 EUR",
        "{10.00 SEK}",
        "@ 2 EUR",
    ),
    *(
        "SEK",
        "TRUE",
        "NULL",
        '""',
        '"BRB"',
        '"2024"',
        '"unit"',
        '"bokslut"',
        '"asset"',
        '"attest"',
        '"budget"',
        '"goal"',
    ),
    *(
        "Assets:NAV:1790-Avräkning",
        "Income:BRB:3198-Överskott:2024",
        "Assets:Fel",
        "Expenses:ÅÄÖ:0000-X",
        "#tag",
        "^länk",
    ),
    *("ver:", "manader:", "attest:", "rattar:", ""),
]


BEANCOUNTS_OWN = 'Error applying plugin "beancount.ops.pad"'
"""Beancount's pad stops at a directive without values before our rules run; read our way it does not (test_reading)."""


def tracebacks(text: str) -> list[str]:
    """Return what bean-check would tell of exceptions in the rules; it can print every error."""
    _, errors, options = loader.load_string(text)
    told = [*errors, *options.get(WARNINGS, ())]
    printer.print_errors(told, file=StringIO())  # type: ignore[no-untyped-call]
    messages = [str(error.message) for error in told]
    return [each for each in messages if "Traceback" in each and not each.startswith(BEANCOUNTS_OWN)]


@st.composite
def garbled(draw: st.DrawFn) -> str:
    path = draw(st.sampled_from(LEDGERS))
    text = path.read_text(encoding="utf-8")
    for _ in range(draw(st.integers(1, 6))):
        word = draw(st.sampled_from(list(WORDS.finditer(text))))
        text = text[: word.start()] + draw(st.sampled_from(OTHERS)) + text[word.end() :]
    return f'{HEAD}include "{path.with_name("base.bean")}"\n{text}'


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(garbled())
def test_no_ledger_gives_a_traceback(text: str) -> None:
    assert not tracebacks(text), text


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_no_day_gives_a_traceback(day: str) -> None:
    """All days of a ledger, its first or its last one may be mistyped as the first or the last that there is."""
    for path in LEDGERS[:: 2 * SHARE]:
        text = path.read_text(encoding="utf-8")
        days = list(DAY.finditer(text))
        variants = [
            DAY.sub(day, text),
            *(f"{text[: at.start()]}{day}{text[at.end() :]}" for at in days[:1] + days[-1:]),
        ]
        for variant in variants:
            ledger = f'{HEAD}include "{path.with_name("base.bean")}"\n{variant}'
            assert not tracebacks(ledger), (path.name, variant)
