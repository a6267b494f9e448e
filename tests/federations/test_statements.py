"""Every figure of the statements is the answer sheet's."""

from collections.abc import Callable
from pathlib import Path

import pytest

from forbundsbok.queries.general_ledger import load
from tests.federations.answers import figures
from tests.federations.bildat import bildat
from tests.federations.drawn import drawn
from tests.federations.events import Federation
from tests.federations.raddning import raddning
from tests.federations.skola import skola


@pytest.mark.parametrize(("made", "lines"), [(raddning, 850), (skola, 285), (bildat, 285)])
def test_every_figure_is_the_answer(made: Callable[[], Federation], lines: int, tmp_path: Path) -> None:
    assert _agrees(made(), tmp_path) >= lines


@pytest.mark.parametrize("number", range(5))
def test_every_figure_of_drawn_books_is_the_answer(number: int, tmp_path: Path) -> None:
    assert _agrees(drawn(number), tmp_path) > 200


def _agrees(books: Federation, folder: Path) -> int:
    """Compare the statements with the sheet, and return how many figures were compared."""
    compared = list(figures(books, load(books.write(folder, closed=books.sheet.years))))
    assert [each for each in compared if each.said != each.line.amount] == []
    return len(compared)
