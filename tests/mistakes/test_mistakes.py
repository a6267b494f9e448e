"""Of each single mistake the books say what they should, or it stands in `missed.txt`; no legal booking is refused.

The two lists are exact: who mends a rule takes the line away, and a mistake that is missed again is a failure. `make
test` tries one in twelve of them, the same ones each time, in company first, and what is not caught there alone; `make
mutants` tries all, each alone.
"""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner

from forbundsbok.plugins import loading
from forbundsbok.scripts.forbundsbok import main
from tests.mistakes.books import Books2025, books_2025
from tests.mistakes.legal import LEGAL
from tests.mistakes.mistake import FEL, INTE, KINDS, VARNING
from tests.mistakes.trial import (
    MISTAKES,
    accepted_together,
    caught_together,
    costly_caught,
    listed,
    refusals,
    tried,
)
from tests.shares import SHARE

HANDBOOK = Path(__file__).parents[2] / "docs" / "handbok.md"
pytestmark = pytest.mark.xdist_group("mistakes")  # their books are read, and tried in company, by one process

CAUGHT = 0.95
"""What part of the mistakes that cost money is caught at least."""


@pytest.fixture(scope="module")
def books() -> Iterator[Books2025]:
    """Sound books, which each mistake leaves as they were."""
    with books_2025() as sound:
        yield sound


def test_the_books_that_mistakes_are_made_in_are_sound_and_controlled_as_the_handbook_shows(
    books: Books2025, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "_loaded", cache(loading._loaded))  # once for the two
    assert books.told() == []
    shown = CliRunner().invoke(main, ["control", "10", "--ledger", str(books.folder / "main.bean")]).output
    assert shown.startswith("10 Kontroll av kontering, syfte och deltagare, 2025-01--06")
    assert f"```\n{shown}```\n" in HANDBOOK.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def caught_in_company(books: Books2025) -> Callable[[], set[str]]:
    """The ids of the mistakes that need not be tried alone, found by the first test that asks."""
    known = [each for each in MISTAKES[::SHARE] if each.expected != INTE]
    return cache(lambda: set() if SHARE == 1 else caught_together(known, books))


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_of_each_mistake_is_said_what_should_be(
    books: Books2025, caught_in_company: Callable[[], set[str]], kind: str
) -> None:
    mistakes = [each for each in MISTAKES[::SHARE] if each.kind == kind and each.expected != INTE]
    alone = [each for each in mistakes if each.id not in caught_in_company()]
    missed = {outcome.mistake.id for outcome in tried(alone, books) if outcome.missed}
    assert sorted(missed) == sorted(listed("missed.txt") & {mistake.id for mistake in mistakes})


@pytest.mark.slow
def test_no_legal_booking_is_refused(books: Books2025) -> None:
    legal = LEGAL[::SHARE]
    accepted = set() if SHARE == 1 else accepted_together(legal, books)
    alone = [booking for booking in legal if booking.id not in accepted]
    refused = {booking.id: messages for booking, messages in refusals(alone, books)}
    assert sorted(refused) == sorted(listed("refused.txt") & {booking.id for booking in legal}), refused


def test_the_mistakes_that_cost_money_are_caught() -> None:
    assert costly_caught() >= CAUGHT


def test_the_list_can_be_read() -> None:
    assert len(MISTAKES) >= 300
    assert len(LEGAL) >= 37
    assert len({mistake.id for mistake in MISTAKES}) == len(MISTAKES)
    assert {mistake.kind for mistake in MISTAKES} == set(KINDS)
    assert listed("missed.txt") <= {mistake.id for mistake in MISTAKES}
    assert listed("refused.txt") <= {legal.id for legal in LEGAL}
    for mistake in MISTAKES:
        assert mistake.expected in (FEL, VARNING, INTE), mistake.id
        assert mistake.why if mistake.expected == INTE else mistake.says, mistake.id
