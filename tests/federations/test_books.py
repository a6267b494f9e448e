"""Books that are right are accepted: no rule refuses a voucher, and what seldom is right has been answered."""

from collections.abc import Callable
from pathlib import Path

import pytest

from forbundsbok.plugins.loading import load_ledger, placed_messages
from tests.federations.bildat import bildat, odelat
from tests.federations.drawn import drawn
from tests.federations.events import Federation
from tests.federations.raddning import raddning
from tests.federations.skola import skola
from tests.federations.vatten import vatten


@pytest.mark.parametrize("made", [raddning, skola, bildat, odelat, vatten])
@pytest.mark.parametrize("closed", [True, False])
def test_books_that_are_right_are_accepted(made: Callable[[], Federation], closed: bool, tmp_path: Path) -> None:
    books = made()
    loaded = load_ledger(books.write(tmp_path, closed=books.sheet.years if closed else ()))
    assert placed_messages([*loaded.errors, *(each for each in loaded.warnings if not each.finding.answer)]) == []


@pytest.mark.parametrize("number", range(6))
def test_drawn_books_are_accepted(number: int, tmp_path: Path) -> None:
    books = drawn(number)
    assert placed_messages(load_ledger(books.write(tmp_path, closed=books.sheet.years)).errors) == []
