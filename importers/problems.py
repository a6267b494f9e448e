"""What is wrong with a document that comes in, and where: data until it is shown, in the reader's language.

kontoutdrag.xml:112: De bokförda posterna är tillsammans 11 678,50, men saldona ändras med 11 678,00 ...
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass

from forbundsbok.plugins.findings import Message, phrase
from forbundsbok.plugins.language import N_, tr
from forbundsbok.plugins.refusal import RefusalError

MOST_PROBLEMS = 50
"""How many problems of a document are told: who mends the first of them asks again."""


@dataclass(frozen=True)
class Problem:
    """Something wrong on a line of a document, counted from 1; 0 when it concerns the whole document."""

    line: int
    message: Message

    def at(self, filename: str) -> Message:
        """Return it as it is printed, `file:line: message`."""
        place = f"{filename}:{self.line}" if self.line else filename
        return Message("{place}: {message}", {"place": place, "message": self.message})


class Problems:
    """Problems by kind. So that a document of nothing but faults fills no memory, the first of each kind are kept."""

    def __init__(self, kept: int) -> None:
        self._kept = kept
        self._problems: dict[Hashable, list[Problem]] = {}
        self._more: dict[Hashable, tuple[Message, int]] = {}

    def add(self, kind: Message, line: int, message: Message) -> None:
        """Add a problem of a kind, which is a noun in the plural: "unbalanced vouchers"."""
        name = kind.text, *kind.values.values()  # not as it is told: a document may have as many as it has lines
        problems = self._problems.setdefault(name, [])
        if len(problems) < self._kept:
            problems.append(Problem(line, message))
        else:
            _, count = self._more.get(name, (kind, 0))
            self._more[name] = kind, count + 1

    def all(self) -> list[Problem]:
        """Return the problems in the order of the document, and how many more there are of a kind."""
        text = N_("... and {count} more {kind} after this line")
        found = [problem for problems in self._problems.values() for problem in problems]
        found += [
            Problem(self._problems[name][-1].line, phrase(text, count=count, kind=kind))
            for name, (kind, count) in self._more.items()
        ]
        return by_line(found)


def by_line(problems: Iterable[Problem]) -> list[Problem]:
    """Return problems in the order of the document."""
    return sorted(problems, key=lambda problem: problem.line)


class DocumentError(RefusalError):
    """A document that cannot be taken in.

    `messages` has one for each thing that is wrong, `file:line: message`, in the order of the document.
    """

    def __init__(self, messages: Iterable[Message]) -> None:
        self._messages = list(messages)
        super().__init__()

    def __str__(self) -> str:
        return "\n".join(self.messages)

    @property
    def messages(self) -> list[str]:
        return list(map(str, self._messages))

    @property
    def conclusion(self) -> str:
        return tr("nothing was written")


def refused(filename: str, problems: Iterable[Problem]) -> DocumentError:
    """Return the error of a document with problems."""
    return DocumentError(problem.at(filename) for problem in by_line(problems))


def refused_whole(filename: object, message: Message) -> DocumentError:
    """Return the error of a document, or of the mapping, with which one thing is wrong."""
    return refused(str(filename), [Problem(0, message)])
