"""The journal that peers are given has the same balances as the ledger; other ones end the benchmark before a time."""

import re
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from forbundsbok.scripts.dev.benchmark_peers import balances, refuse_other
from forbundsbok.scripts.dev.generated import written


def test_the_journal_has_the_same_balances(tmp_path: Path) -> None:
    federation = written(tmp_path, 120)
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    vouchers = 0
    for line in _lines(federation.journal):
        if line.startswith("    "):
            account, amount = line.removesuffix(" SEK").split()
            sums[account] += Decimal(amount)
        elif line:
            vouchers += 1
    assert vouchers == 120
    assert sum(sums.values()) == 0
    refuse_other(
        "the journal", balances(federation.ledger), {account: total for account, total in sums.items() if total}
    )
    refuse_other("the plain ledger", balances(federation.plain), balances(federation.ledger))


def test_an_edit_changes_a_line_of_each(tmp_path: Path) -> None:
    federation = written(tmp_path, 120)
    before = balances(federation.ledger)
    for main in (federation.ledger, federation.journal):
        texts = []
        for number in (1, 2):
            federation.edit(number)
            texts.append(_lines(main))
        assert sum(one != other for one, other in zip(*texts, strict=True)) == 1
    assert balances(federation.ledger) == before


def _lines(main: Path) -> list[str]:
    """Return the lines of the files that a main file includes."""
    includes = re.findall(r'^include "?([^"\n]+)"?$', main.read_text(encoding="utf-8"), re.MULTILINE)
    return [line for name in includes for line in (main.parent / name).read_text(encoding="utf-8").splitlines()]


def test_other_balances_end_it() -> None:
    ours = {"Assets:U1:1910-Bank": Decimal(7)}
    for theirs in ({}, {"Assets:U1:1910-Bank": Decimal(8)}, {**ours, "Assets:U2:1910-Bank": Decimal(1)}):
        with pytest.raises(SystemExit, match="peer has other balances of 1 accounts, the first Assets:U"):
            refuse_other("peer", ours, theirs)
