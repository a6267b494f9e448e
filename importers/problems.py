"""What is wrong with a document that comes in, and where: data until it is shown, in the reader's language.

kontoutdrag.xml:112: De bokförda posterna är tillsammans 11 678,50, men saldona ändras med 11 678,00 ...
"""

from collections.abc import Iterable
from dataclasses import dataclass

from forbundsbok.plugins.findings import Message


@dataclass(frozen=True)
class Problem:
    """Something wrong on a line of a document, counted from 1; 0 when it concerns the whole document."""

    line: int
    message: Message

    def at(self, filename: str) -> Message:
        """Return it as it is printed, `file:line: message`."""
        place = f"{filename}:{self.line}" if self.line else filename
        return Message("{place}: {message}", {"place": place, "message": self.message})


class DocumentError(Exception):
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


def refused(filename: str, problems: Iterable[Problem]) -> DocumentError:
    """Return the error of a document with problems."""
    return DocumentError(problem.at(filename) for problem in sorted(problems, key=lambda problem: problem.line))


def refused_whole(filename: object, message: Message) -> DocumentError:
    """Return the error of a document, or of the mapping, with which one thing is wrong."""
    return refused(str(filename), [Problem(0, message)])
