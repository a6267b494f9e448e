"""What is found wrong in a SIE file while it is read: errors, and warnings of what is odd but harmless.

bokslut.se:18: #TRANS: '1000,00' är inget belopp: ören skrivs efter punkt, och tusental skiljs inte åt.
bokslut.se:44: ... och 12 till efter den raden: #TRANS som inte kan läsas
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from forbundsbok.importers.problems import Problem
from forbundsbok.plugins.findings import Message, phrase
from forbundsbok.plugins.language import N_


class Findings:
    """Problems by kind. So that a file of nothing but faults fills no memory, only the first of each kind are kept."""

    def __init__(self, kept: int) -> None:
        self._kept = kept
        self._problems: dict[str, list[Problem]] = {}
        self._more: Counter[str] = Counter()

    def add(self, kind: Message, line: int, message: Message) -> None:
        """Add a problem of a kind, which is a noun in the plural: "unbalanced vouchers"."""
        name = str(kind)
        problems = self._problems.setdefault(name, [])
        if len(problems) < self._kept:
            problems.append(Problem(line, message))
        else:
            self._more[name] += 1

    def all(self) -> list[Problem]:
        """Return the problems in the order of the file, and how many more there are of a kind."""
        text = N_("... and {count} more {kind} after this line")
        found = [problem for problems in self._problems.values() for problem in problems]
        found += [
            Problem(self._problems[kind][-1].line, phrase(text, count=count, kind=kind))
            for kind, count in self._more.items()
        ]
        return by_line(found)


def by_line(problems: Iterable[Problem]) -> list[Problem]:
    """Return problems in the order of the file."""
    return sorted(problems, key=lambda problem: problem.line)


def _errors() -> Findings:
    return Findings(kept=1000)


def _warnings() -> Findings:
    return Findings(kept=5)


@dataclass
class Faults:
    """What is wrong so far. `warnings_4e` hold if the file turns out to be one of a year's vouchers.

    `unread` tells that there are lines that could not be read: sums would be short of them.
    """

    errors: Findings = field(default_factory=_errors)
    warnings: Findings = field(default_factory=_warnings)
    warnings_4e: Findings = field(default_factory=_warnings)
    unread: bool = False

    def lost(self, kind: Message, line: int, message: Message) -> None:
        """Add the error of a line that cannot be read."""
        self.unread = True
        self.errors.add(kind, line, message)
