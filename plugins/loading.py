"""Loading a ledger, and what is said of one with errors.

    ledger = load_ledger(Path("ledger/main.bean"))
    refuse_errors(ledger.errors)

The one way in which this program reads books, whether to show them or to write into them.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from beancount import loader

from forbundsbok.plugins.beancount_errors import in_words
from forbundsbok.plugins.findings import WARNINGS, RuleError
from forbundsbok.plugins.places import file_line, place_of


class LoadedLedger(NamedTuple):
    """A ledger as Beancount and the plugins read it: its directives, its errors and its options."""

    entries: list[Any]
    errors: list[Any]
    options: Mapping[str, Any]

    @property
    def warnings(self) -> list[RuleError]:
        """What the rules warn of, acknowledged or not, sorted by file and line."""
        return list(self.options.get(WARNINGS, ()))


class LedgerError(Exception):
    """A ledger that nothing can be made from.

    `messages` has one for each error, `file:line: message`, sorted by file and line.
    """

    def __init__(self, messages: Iterable[str]) -> None:
        self.messages = list(messages)
        super().__init__("\n".join(self.messages))


def load_ledger(path: Path) -> LoadedLedger:
    """Load a ledger, with whatever errors it has. Raises OSError for a file that cannot be read."""
    path.open("rb").close()  # what is wrong with the file itself, said more plainly than Beancount does
    loader.initialize(use_cache=False)  # a cached load would not notice an edited plugin
    return LoadedLedger(*loader.load_file(str(path)))


def refuse_errors(errors: Sequence[Any]) -> None:
    """Raise LedgerError if there are any errors."""
    if errors:
        raise ledger_error(errors)


def ledger_error(errors: Iterable[Any], *more: str) -> LedgerError:
    """Return errors of Beancount and of the rules as one, sorted by file and line, and what else there is to say."""
    return LedgerError([*(message for _, message in placed_messages(errors)), *more])


def placed_messages(errors: Iterable[Any]) -> list[tuple[tuple[str, int], str]]:
    """Return the place of each error and its message, `file:line: message`, sorted by file and line."""
    placed = sorted((place_of(error), in_words(error)) for error in errors)
    return [(place, _placed(place, message)) for place, message in placed]


def placed_message(error: Any) -> str:
    """Return an error's message with its place, `file:line: message`; alone where it has none."""
    return _placed(place_of(error), in_words(error))


def _placed(place: tuple[str, int], message: str) -> str:
    return f"{file_line(*place)}: {message}" if place[0] else message
