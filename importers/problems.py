"""What is wrong with a document that comes in, and where.

kontoutdrag.xml:112: The entries sum to 11 678,50, but the balances differ by 11 678,00: ...
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """Something wrong on a line of a document, counted from 1; 0 when it concerns the whole document."""

    line: int
    message: str

    def at(self, filename: str) -> str:
        """Return it as it is printed, `file:line: message`."""
        place = f"{filename}:{self.line}" if self.line else filename
        return f"{place}: {self.message}"


class DocumentError(Exception):
    """A document that cannot be taken in.

    `messages` has one for each thing that is wrong, `file:line: message`, in the order of the document.
    """

    def __init__(self, messages: Iterable[str]) -> None:
        self.messages = list(messages)
        super().__init__("\n".join(self.messages))


def refused(filename: str, problems: Iterable[Problem]) -> DocumentError:
    """Return the error of a document with problems."""
    return DocumentError(problem.at(filename) for problem in sorted(problems, key=lambda problem: problem.line))
