"""A batch: what a run adds to a ledger's files."""

from datetime import date
from pathlib import Path

import pytest

from forbundsbok.importers.batch import batch_path, new_books, with_include
from forbundsbok.importers.document import Document
from forbundsbok.importers.door import Proposal
from forbundsbok.importers.intake import Arrival


def arrival(kind: str, day: date, title: str = "") -> Arrival:
    return Arrival(Document(Path("a"), b""), kind, Proposal([], "", day, title=title))


def test_a_batch_is_called_by_its_last_day_and_its_kinds(tmp_path: Path) -> None:
    batch = [
        arrival("sie-4I", date(2025, 3, 25)),
        arrival("bgmax", date(2025, 3, 14)),
        arrival("bgmax", date(2025, 3, 1)),
    ]
    path = batch_path(batch, tmp_path)
    assert path == tmp_path / "import" / "2025-03-25-bgmax-sie-4I.bean"
    path.parent.mkdir()
    path.touch()
    assert batch_path(batch, tmp_path) == path.with_name("2025-03-25-bgmax-sie-4I-2.bean")


def test_new_books_have_the_title_of_the_year_or_else_of_their_folder() -> None:
    year, more = arrival("sie-4E", date(2024, 12, 31), 'Förbundet "Norr"'), arrival("bgmax", date(2024, 12, 30))
    assert new_books([more, year], "x").decode().startswith('option "title" "Förbundet \\"Norr\\""\n')
    assert new_books([more], "dalen").decode().startswith('option "title" "dalen"\n')


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b'include "a.bean"\ninclude "b.bean" ; b\n\n;; slut\n', b'include "b.bean" ; b\ninclude "import/*.bean"\n\n'),
        (b'include "a.bean"', b'include "a.bean"\ninclude "import/*.bean"\n'),
        (b'include "a.bean"\r\n;; slut\r\n', b'include "a.bean"\r\ninclude "import/*.bean"\r\n;; slut\r\n'),
        (b'option "title" "x"', b'option "title" "x"\n\ninclude "import/*.bean"\n'),
    ],
)
def test_the_include_stands_below_the_last_one(before: bytes, after: bytes) -> None:
    made = with_include(before)
    assert after in made
    assert sorted(made.split()) == sorted([*before.split(), b"include", b'"import/*.bean"'])
