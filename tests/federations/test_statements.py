"""Every figure of the statements is the answer sheet's."""

from collections.abc import Callable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

from forbundsbok.queries.general_ledger import load
from forbundsbok.queries.statement import Period
from forbundsbok.queries.statements import statements
from tests.federations.answers import TITLES, figures
from tests.federations.bildat import bildat
from tests.federations.chart import GROUPS
from tests.federations.drawn import drawn
from tests.federations.events import ORE, Federation
from tests.federations.raddning import raddning
from tests.federations.sheet import NOTHING
from tests.federations.skola import skola


@pytest.mark.parametrize(("made", "lines"), [(raddning, 850), (skola, 285), (bildat, 285)])
def test_every_figure_is_the_answer(made: Callable[[], Federation], lines: int, tmp_path: Path) -> None:
    assert _agrees(made(), tmp_path) >= lines


@pytest.mark.parametrize("number", range(5))
def test_every_figure_of_drawn_books_is_the_answer(number: int, tmp_path: Path) -> None:
    assert _agrees(drawn(number), tmp_path) > 200


@pytest.mark.parametrize("made", [raddning, skola])
def test_loans_have_the_terms_of_what_is_left_of_each(made: Callable[[], Federation], tmp_path: Path) -> None:
    books = made()
    ledger = load(books.write(tmp_path, closed=books.sheet.years))
    for year in books.sheet.years:
        left = {
            name: sum((ore for day, of, ore in books.owed if of == name and day.year <= year), NOTHING)
            for name in books.terms
        }
        whole = sum(left.values(), NOTHING)
        rate = sum((amount * books.terms[name][0] for name, amount in left.items()), NOTHING) / whole
        ends = {name: (due.year - year) * 12 + due.month - 12 for name, (_, due) in books.terms.items()}
        months = sum((amount * ends[name] for name, amount in left.items()), NOTHING)
        told = (f"{each.quantize(ORE, ROUND_HALF_UP)}".replace(".", ",") for each in (rate, months / whole / 12))
        [note] = [each for each in statements(ledger, Period(year), None) if each.title == "Långfristiga skulder"]
        texts = [row.texts["year"] for row in note.rows if row.id in {"lan-ranta", "lan-loptid"}]
        assert texts == [f"{number} {unit}" for number, unit in zip(told, ("%", "år"), strict=True)]


@pytest.mark.parametrize("made", [raddning, skola, bildat])
def test_the_lives_of_what_there_is_are_told_by_group(made: Callable[[], Federation], tmp_path: Path) -> None:
    """The shortest and the longest; what is written down keeps its end, and what has left is not told."""
    books = made()
    ledger = load(books.write(tmp_path, closed=books.sheet.years))
    for year in books.sheet.years:
        notes = {each.title: each for each in statements(ledger, Period(year), None)}
        for group in ("immateriella", "byggnader", "maskiner"):
            last = date(year, 12, 31)
            lives = [
                asset.months
                for asset in books.assets
                if asset.group == group and asset.months and asset.first <= last < asset.gone
            ]
            note = notes.get(TITLES[GROUPS[group][0]])
            texts = [row.texts["year"] for row in note.rows if row.id == "avskrivningstider"] if note else []
            ends = dict.fromkeys(_years(months) for months in (min(lives), max(lives))) if lives else {}
            assert [text for text in texts if text] == ([f"{'–'.join(ends)} år"] if lives else []), (year, group)


def _years(months: int) -> str:
    return str(months // 12) if months % 12 == 0 else f"{Decimal(months) / 12:.2f}".replace(".", ",")


def _agrees(books: Federation, folder: Path) -> int:
    """Compare the statements with the sheet, and return how many figures were compared."""
    compared = list(figures(books, load(books.write(folder, closed=books.sheet.years))))
    assert [each for each in compared if each.said != each.line.amount] == []
    return len(compared)
