"""Who signed in an audited year and is in no register of people is to be registered, not taken for another."""

import shutil
from pathlib import Path

from forbundsbok.plugins.loading import load_ledger

LEDGER = Path(__file__).parents[2] / "ledger"


def test_who_signed_in_a_sealed_year_is_not_said_to_be_mistyped(tmp_path: Path) -> None:
    books = shutil.copytree(LEDGER, tmp_path / "ledger")
    with (books / "attest.bean").open("a", encoding="utf-8") as file:
        file.write('\n2025-01-01 custom "person" "TAC" "Anna Berg"\n')
    told = {each.finding.subject.name: each.message for each in load_ledger(books / "main.bean").errors}
    assert told == {}  # who signed before anybody was registered need not be
    with (books / "attest.bean").open("a", encoding="utf-8") as file:
        file.write('\n2023-01-01 custom "person" "UC" "Ulla Ceder"\n')
    told = {each.finding.subject.name: each.message for each in load_ledger(books / "main.bean").errors}
    assert "AC" in told
    assert "menas" not in told["AC"]
    assert '2025-01-01 custom "person" "AC"' in told["AC"]
