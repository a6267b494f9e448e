"""Mistakes that do not meet, made in the same books: what is said of each stands where it was made.

    for company in companies(mistakes, books):
        company.told(books)                       what is said at the paragraphs of each, by its id

Two mistakes meet that change the same paragraph, or paragraphs that name the same party, link, number, text or kind of
directive: what is said of one could be of the other. One after which a file cannot be read, or is not, must be alone:
nothing would be said of the others. What is not said in company is asked for alone (trial.py), and all is in `make
mutants`, since company may hide a mistake.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from beancount.parser import parser

from tests.mistakes.books import Books2025, Told
from tests.mistakes.change import Change, Texts
from tests.mistakes.mistake import Legal, Mistake

MAIN = "main.bean"
_HEAD = re.compile(r"^\S.*$", re.M)
_QUOTED = re.compile(r'"[^"\n]+"')
_NAME = re.compile(r'"[A-Z] ?\d+"|\^[\w-]+')


@dataclass
class Company:
    """Mistakes made in the same books."""

    texts: Texts
    changes: list[Change] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    written: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    """The paragraphs that each has written, with their files, by its id."""

    def takes(self, new: Mistake | Legal) -> bool:
        """Take a mistake in, unless it meets one of the others."""
        after = replace(self.texts, changed=dict(self.texts.changed))
        try:
            for change in new.changes:
                change(after)
        except LookupError:  # another has changed what it would
            return False
        gone, come = _paragraphs(self.texts, after), _paragraphs(after, self.texts)
        names = {name for _, paragraph in (*gone, *come) for name in _names(paragraph)}
        if names & self.names:
            return False
        self.texts = after
        self.changes += new.changes
        self.names |= names
        self.written[new.id] = come
        return True

    def told(self, books: Books2025, only_errors: bool = False) -> dict[str, list[Told]]:
        """Return what is said at the paragraphs of each, by its id."""
        places = {
            (path, line): name
            for name, come in self.written.items()
            for path, paragraph in come
            for line in _lines(paragraph, self.texts[path])
        }
        found: dict[str, list[Told]] = defaultdict(list)
        for told in books.told(self.changes, lambda errors: only_errors):
            if told.place in places:
                found[places[told.place]].append(told)
        return found


def companies(mistakes: Iterable[Mistake | Legal], books: Books2025) -> list[Company]:
    """Return mistakes in a few companies; left out are those that must be alone."""
    found: list[Company] = []
    for mistake in mistakes:
        if _is_read(books.changed(mistake.changes)) and not any(each.takes(mistake) for each in found):
            found.append(Company(books.changed()))
            found[-1].takes(mistake)
    return found


def _is_read(texts: Texts) -> bool:
    return MAIN not in texts.changed and not any(parser.parse_string(text)[1] for text in texts.changed.values())


def _paragraphs(texts: Texts, others: Texts) -> list[tuple[str, str]]:
    """Return the paragraphs that stand in some texts and not in the others, with their files."""
    found = []
    for path in dict.fromkeys((*texts.changed, *others.changed)):
        if texts[path] != others[path]:
            known = set(others[path].split("\n\n"))
            found += [(path, each) for each in texts[path].split("\n\n") if each.strip() and each not in known]
    return found


def _names(paragraph: str) -> Iterator[str]:
    for head in _HEAD.findall(paragraph):
        yield from _QUOTED.findall(head)
    yield from _NAME.findall(paragraph)


def _lines(paragraph: str, text: str) -> range:
    first = text[: text.index(paragraph)].count("\n") + 1
    return range(first, first + paragraph.count("\n") + 1)
