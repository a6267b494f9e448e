"""Each mistake tried: what the books say of it, beside what they should say."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple

from tests.mistakes.amounts import BALANCED, ONE_ROW, SIGNS
from tests.mistakes.books import Books2025, Told, books_2025
from tests.mistakes.company import companies
from tests.mistakes.dates import DATES
from tests.mistakes.forgotten import FORGOTTEN, TWICE
from tests.mistakes.frauds import TRICKS
from tests.mistakes.keys import KEYS
from tests.mistakes.mistake import FEL, INTE, KINDS, VARNING, Legal, Mistake
from tests.mistakes.places import ACCOUNTS, UNITS, VAT
from tests.mistakes.registers import FILES

MISTAKES: list[Mistake] = [
    *(*ONE_ROW, *BALANCED, *SIGNS, *DATES, *UNITS, *ACCOUNTS, *VAT, *KEYS, *FORGOTTEN, *TWICE, *FILES, *TRICKS)
]
HERE = Path(__file__).parent


class Outcome(NamedTuple):
    """What the books say of one mistake."""

    mistake: Mistake
    told: Sequence[Told]

    @property
    def level(self) -> str:
        """The heaviest that is said: `fel`, `varning`, or nothing."""
        levels = {told.level for told in self.told}
        return FEL if "error" in levels else VARNING if levels else ""

    @property
    def clear(self) -> bool:
        """Whether a message holds what it should, whatever kind of blank an amount is written with."""
        words = [blankless(word) for word in self.mistake.says.split("|")]
        messages = [blankless(told.message) for told in self.told]
        return any(word in message for word in words for message in messages)

    @property
    def missed(self) -> bool:
        """Whether less is said than should be: nothing, only a warning, or not the thing."""
        if self.mistake.expected == INTE:
            return False
        return not self.level or not self.clear or (self.mistake.expected == FEL and self.level != FEL)


def blankless(text: str) -> str:
    """Return a text without blanks, in small letters."""
    return "".join(text.split()).casefold()


def tried(mistakes: Sequence[Mistake], books: Books2025) -> list[Outcome]:
    """Return what the books say of each mistake, as far as it answers whether that is what they should."""
    return [_tried(mistake, books) for mistake in mistakes]


def _tried(mistake: Mistake, books: Books2025) -> Outcome:
    def enough(errors: Sequence[Told]) -> bool:
        return mistake.expected != INTE and not Outcome(mistake, errors).missed

    return Outcome(mistake, books.told(mistake.changes, enough))


def caught_together(mistakes: Sequence[Mistake], books: Books2025) -> set[str]:
    """Return the ids of the mistakes of which is said what should be, where they were made, in company."""
    known = {each.id: each for each in sorted(mistakes, key=lambda each: each.expected == FEL)}
    caught: set[str] = set()
    for company in companies(known.values(), books):
        only_errors = all(known[id].expected == FEL for id in company.written)
        for id, told in company.told(books, only_errors).items():
            if not Outcome(known[id], told).missed:
                caught.add(id)
    return caught


def accepted_together(bookings: Iterable[Legal], books: Books2025) -> set[str]:
    """Return the ids of the legal bookings that are not refused in company."""
    accepted: set[str] = set()
    for company in companies(bookings, books):
        if not books.told(company.changes, lambda errors: True):
            accepted |= company.written.keys()
    return accepted


def refusals(bookings: Iterable[Legal], books: Books2025) -> list[tuple[Legal, list[str]]]:
    """Return the legal bookings that are refused, and why."""
    errors = [(legal, books.told(legal.changes, lambda errors: True)) for legal in bookings]
    return [(legal, [told.message for told in found]) for legal, found in errors if found]


def tried_in_two(mistakes: Sequence[Mistake] = tuple(MISTAKES)) -> list[Outcome]:
    """Return what the books say of each mistake, found by two processes."""
    with ProcessPoolExecutor(2) as pool:
        halves = [half for half in (mistakes[::2], mistakes[1::2]) if half]
        found = {outcome.mistake.id: outcome for half in pool.map(_tried_alone, halves) for outcome in half}
    return [found[mistake.id] for mistake in mistakes]


def _tried_alone(mistakes: Sequence[Mistake]) -> list[Outcome]:
    with books_2025() as books:
        return tried(mistakes, books)


def listed(name: str) -> set[str]:
    """Return the ids that a file beside this one lists."""
    lines = (HERE / name).read_text("utf-8").splitlines()
    return {line.split()[0] for line in lines if line and not line.startswith("#")}


def table(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Return a line for each kind: how many, caught as error or warning, unclear, missed, not to be found."""
    yield f"{'':36} {'misstag':>8} {'fel':>5} {'varning':>8} {'oklart':>7} {'missade':>8} {'ej möjliga':>11}"
    rows = [(text, [found for found in outcomes if found.mistake.kind == kind]) for kind, text in KINDS.items()]
    for text, found in [*rows, ("Alla", list(outcomes)), ("varav kostar", costly(outcomes))]:
        counts = Counter(column(outcome) for outcome in found)
        columns = [counts[name] for name in ("fel", "varning", "oklart", "missad", "ej möjlig")]
        yield "{:36} {:>8} {:>5} {:>8} {:>7} {:>8} {:>11}".format(text, len(found), *columns)


def column(outcome: Outcome) -> str:
    """Return the column of the table in which an outcome is counted."""
    if outcome.mistake.expected == INTE and not outcome.level:
        return "ej möjlig"
    if not outcome.level:
        return "missad"
    if outcome.mistake.expected != INTE and not outcome.clear:
        return "oklart"
    return outcome.level


def costly(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Return those that cost money or misstate a figure and can be known."""
    return [found for found in outcomes if found.mistake.costs and found.mistake.expected != INTE]


def costly_caught() -> float:
    """Return what part of the mistakes that cost money, and can be known, stands in no list of missed ones."""
    known = [mistake for mistake in MISTAKES if mistake.costs and mistake.expected != INTE]
    return sum(mistake.id not in listed("missed.txt") for mistake in known) / len(known)
