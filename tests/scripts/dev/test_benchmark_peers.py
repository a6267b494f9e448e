"""The journal that peers are given has the same balances as the ledger; other ones end the benchmark before a time."""

from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from forbundsbok.scripts.dev.benchmark import OPTIONS, generated
from forbundsbok.scripts.dev.benchmark_peers import balances, journal, refuse_other


def test_the_journal_has_the_same_balances(tmp_path: Path) -> None:
    ledger = tmp_path / "main.bean"
    text = "".join(generated(120))
    ledger.write_text(OPTIONS + text, encoding="utf-8")
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    vouchers = 0
    for line in journal(text):
        if line.startswith("    "):
            account, amount = line.removesuffix(" SEK").split()
            sums[account] += Decimal(amount)
        else:
            vouchers += 1
    assert vouchers == 120
    assert sum(sums.values()) == 0
    refuse_other("the journal", balances(ledger), {account: total for account, total in sums.items() if total})


def test_other_balances_end_it() -> None:
    ours = {"Assets:U1:1910-Bank": Decimal(7)}
    for theirs in ({}, {"Assets:U1:1910-Bank": Decimal(8)}, {**ours, "Assets:U2:1910-Bank": Decimal(1)}):
        with pytest.raises(SystemExit, match="peer has other balances of 1 accounts, the first Assets:U"):
            refuse_other("peer", ours, theirs)
