"""Books in which no year is complete yet keep all rules: what must be true at year-end is not asked of them.

Nor is there any warning: two years of true books have nothing that seldom is right.
"""

import shutil
from pathlib import Path

import pytest

from forbundsbok.plugins.loading import load_ledger, placed_messages


@pytest.mark.slow
def test_books_without_any_bokslut_have_no_errors_and_no_warnings(sjuharad: Path, tmp_path: Path) -> None:
    shutil.copytree(sjuharad.parent, tmp_path / "ledger")
    (tmp_path / "ledger" / "bokslut.bean").write_text("", encoding="utf-8")
    loaded = load_ledger(tmp_path / "ledger" / "main.bean")
    assert placed_messages([*loaded.errors, *loaded.warnings]) == []
