"""A year in the books, as docs/aret.md tells it: each command is run, and what it comes to is summed beside it."""

import re
from decimal import Decimal

import pytest

from tests.docs.story import ROOT, played

pytestmark = pytest.mark.slow

STORY = (ROOT / "docs" / "aret.md").read_text(encoding="utf-8")
BEGUN = ROOT / "docs" / "exempel" / "aret"


def test_the_year_goes_as_it_is_told() -> None:
    runs = list(played(STORY, BEGUN))
    assert len(runs) >= 80
    assert [f"$ forbundsbok {run.command}\n{run.printed}" for run in runs if not run.agrees] == []


def test_what_the_year_comes_to_is_what_happened_in_it() -> None:
    """Kronor, summed without the books: GY keeps its result, and VUX has none."""
    pay = 3 * 372000 + 9 * 380000
    rate = Decimal("0.3142")
    fees = 3 * round(372000 * rate) + 9 * round(380000 * rate)
    income = 16000 * 300 + 8000 * 300 + 184000 + (30000 - (60000 - 37500))
    rent, copies, books_of_2024, audit = 240000 + 3 * 245000, 10000 + 12400 + 27500, -27500, 40000 - 40000 + 42000
    depreciation, holidays, bank = 6 * 240000 // 48 + 6 * 180000 // 48, 9000, Decimal("62.50")
    result = income - pay - fees - rent - copies - books_of_2024 - audit - depreciation - holidays - bank
    assert re.search(rf"^Årets resultat +{round(result / 1000)} +117$", STORY, re.MULTILINE)
