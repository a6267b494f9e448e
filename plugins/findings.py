"""Findings: what a rule has found, as data, and the text that it becomes when it is read.

    2024-12-31 custom "bokslut" 2024

    S201 BRB 2024: ett överskott på 574 000,00 kr är inte överfört till 2025.
    Lägg till i units/brb/2024.bean:
    2024-12-31 * "Överskott 2024 överförs till 2025"
      ver: "B 38"
      ...

A finding names its rule, what it is about, the directive or posting to blame, the values of its message, and a fix
where one follows from the books. It can be sorted, counted, written as JSON and mended by machine; in which language
it is told is the reader's choice.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from pathlib import PurePath
from typing import Any, NamedTuple

from beancount.core import data
from beancount.core.amount import Amount

from forbundsbok.plugins import language
from forbundsbok.plugins.clearing import without_clearing
from forbundsbok.plugins.language import N_, places, tr
from forbundsbok.plugins.ledger_text import TextError, cleaned_text, directives_text, metadata_text
from forbundsbok.plugins.money import amount_text
from forbundsbok.plugins.numbers import FreeNumbers
from forbundsbok.plugins.places import NOWHERE, place, short_name

WARNINGS = "forbundsbok-warnings"
"""The key of a loaded ledger's options below which its warnings are, as errors are."""

LATER = "forbundsbok-later"
"""The key of the options by which whoever loads a ledger lets its rules wait (plugins.loading)."""

LISTED = 10
"""How many of a list's items a message tells; it counts the rest."""


class Subject(NamedTuple):
    """What a finding is about: a kind (`unit`, `voucher`, `account`, `asset`, ...), its name, and perhaps a year.

    Without a year it is about all of them.
    """

    kind: str
    name: str
    year: int | None = None


@dataclass(frozen=True)
class Message:
    """A part of a message, translated when it is shown; ledger text, `as_it_is`, is not."""

    text: str
    values: Mapping[str, Any] = field(default_factory=dict)
    as_it_is: bool = False

    def __post_init__(self) -> None:
        if not self.as_it_is:
            _check(self.text, self.values)

    def __str__(self) -> str:
        if self.as_it_is:
            return self.text
        return tr(self.text, **{name: shown(self.values[name]) for name in places(self.text)})


def _check(text: str, values: Mapping[str, Any]) -> None:
    """Raise ValueError where a text has places that no value fills, so that it is seen where the text is written."""
    if lacking := [name for name in places(text) if name not in values]:
        raise ValueError(f"no value fills {', '.join(lacking)} in {text!r}")


def joined(items: Iterable[str], joint: str) -> Message | str:
    """Return some items as a sentence names them: `joint` is marked by `N_`, as "{first} and {last}"."""
    *first, last = items
    return Message(joint, {"first": first, "last": last}) if first else last


def phrase(text: str, /, **values: Any) -> Message:
    """Return a text with values, translated when it is shown: `phrase("{count} years are sealed", count=3)`."""
    return Message(text, values)


def counted(count: int, one: str, many: str, /, **values: Any) -> Message:
    """Return a text with values, marked by `N_`: one of a single thing, or one of several by their `{count}`."""
    values["count"] = count
    for text in (one, many):  # the one that is not told now may not be met before somebody needs it
        _check(text, values)
    return Message(one if count == 1 else many, values)


def as_written(text: str) -> Message:
    """Return ledger text, or another text that is the same in every language."""
    return Message(text, as_it_is=True)


@dataclass(frozen=True)
class Add:
    """A step of a fix: write directives at the end of a file, the one that another directive stands in or a named one.

    The rulebook names the file of vouchers: that of their unit and year.
    """

    directives: Sequence[data.Directive]
    at: data.Directive
    file: str = ""


@dataclass(frozen=True)
class Replace:
    """A step of a fix: write directives in the place of one that stands there."""

    at: data.Directive
    directives: Sequence[data.Directive]


@dataclass(frozen=True)
class Remove:
    """A step of a fix: take a directive away."""

    at: data.Directive


@dataclass(frozen=True)
class Below:
    """A step of a fix: write metadata below a directive, in the place of what it has of the same keys."""

    at: data.Directive
    meta: Mapping[str, Any]


Step = Add | Replace | Remove | Below

FixProposal = Callable[[FreeNumbers], Sequence[Step]]
"""Makes a fix, with numbers for its vouchers; asked for when its finding is told, so that no number is lost."""


@dataclass(frozen=True, eq=False)
class Finding:
    """A broken rule.

    `message` is a text marked by `N_`, whose places `{amount}` are filled with `values`: Decimal (kronor), dates, years
    (int), names, vouchers and other directives (told by number and place), or lists of them. `plural`, where there is
    one, is told instead of `message` when `values["count"]` is not 1. `fix` holds steps that all belong together, and
    is empty where no fix follows from the books; one with new vouchers is made by a `proposal`, when the rulebook asks
    for it, and anew with the numbers that are free when it is written. `posting` is the row to blame, where it is not
    the directive whole.
    """

    at: data.Directive | None
    subject: Subject
    message: str
    values: Mapping[str, Any] = field(default_factory=dict)
    plural: str = ""
    fix: Sequence[Step] = ()
    proposal: FixProposal | None = None
    also: Sequence[Subject] = ()
    posting: data.Posting | None = None
    place: Mapping[str, Any] | None = None
    rule: str = ""
    warns: bool = False
    """Whether it is a warning: what may be as it should be, though it seldom is."""
    answer: str = ""
    """Why it is as it should be, for a warning that is acknowledged."""

    def __post_init__(self) -> None:
        for text in (self.message, self.plural):
            _check(text, self.values)

    @property
    def subjects(self) -> tuple[Subject, ...]:
        return (self.subject, *self.also)

    def renewed(self, numbers: FreeNumbers) -> "Finding":
        """Return the finding with its fix made anew, with numbers that are free now."""
        return replace(self, fix=self.proposal(numbers)) if self.proposal else self

    def __getstate__(self) -> dict[str, Any]:
        """Return what Beancount's cache can keep: a proposal holds the books."""
        return {**self.__dict__, "proposal": None}

    @property
    def source(self) -> Mapping[str, Any]:
        """Where it stands: the `filename` and `lineno` of the row or directive to blame; Beancount asks for both."""
        metas = (self.place, self.posting and self.posting.meta, self.at and self.at.meta)
        return next((meta for meta in metas if meta and "filename" in meta and "lineno" in meta), NOWHERE)

    def told(self) -> str:
        """Return what is wrong, in the reader's language, without code and fix."""
        if self.plural:
            return str(counted(self.values["count"], self.message, self.plural, **self.values))
        return str(Message(self.message, self.values))

    def text(self) -> str:
        """Return the whole message: the rule's code, what is wrong, and what to write, where it can be written."""
        head = f"{self.rule} {self.told()}"
        try:
            return "\n".join([head, *(line for step in self.fix for line in step_lines(step))])
        except TextError:
            return head


class RuleError(NamedTuple):
    """A finding in the shape of Beancount's errors; `message` begins with the rule's code."""

    source: Mapping[str, Any]
    finding: Finding
    entry: data.Directive | None

    @property
    def message(self) -> str:
        return self.finding.text()


class Warnings:
    """What the rules warn of, found when it is first asked for: most who load books have no use for it.

    `quiet` returns the codes of the rules that find nothing, for who would know it elsewhere, and says it here.
    """

    def __init__(
        self, find: Callable[[Collection[str]], Sequence[RuleError]], quiet: Callable[[], Sequence[str]]
    ) -> None:
        self.quiet = quiet
        self.known_quiet: Collection[str] = ()
        """The rules that are known to find nothing, and need not be tried."""
        self._find: Callable[[Collection[str]], Sequence[RuleError]] | None = find
        self._found: Sequence[RuleError] = ()

    def __iter__(self) -> Iterator[RuleError]:
        if self._find:
            self._found = self._find(self.known_quiet)
            self._find, self.quiet = None, tuple  # and the books that they hold are let go
        return iter(self._found)

    def __repr__(self) -> str:
        return repr([*self])

    def __reduce__(self) -> tuple[type, tuple[()]]:
        """Return what Beancount's cache can keep: nobody reads it (plugins.federation), so nothing is found for it."""
        return list, ()


class Untried(NamedTuple):
    """What the rules find, or Beancount's checks, which nobody has asked for yet: in the place of their errors."""

    found: Callable[[], Sequence[Any]]


def error_of(finding: Finding) -> RuleError:
    """Return a finding as Beancount reports it."""
    return RuleError(finding.source, finding, finding.at)


def voucher_label(entry: data.Transaction) -> str:
    """Return how a message names a voucher: its number, and where it stands."""
    ver = entry.meta.get("ver")
    number = cleaned_text(ver) if isinstance(ver, str) and ver else tr(N_("without number"))
    return f"{number} ({place(entry)})"


def shown(value: object) -> str:
    """Return a value as a message tells it, in the reader's language. Raises TypeError for what is no such value."""
    match value:
        case Message():
            return str(value)
        case Amount():
            number = value.number
            unit = tr(N_("kr")) if value.currency == "SEK" else value.currency
            return f"{amount_text(number, language.language())} {unit}" if isinstance(number, Decimal) else "?"
        case Decimal():
            return amount_text(value, language.language()) if value.is_finite() else str(value)
        case data.Transaction():
            return voucher_label(value)
        case _ if type(value) in data.ALL_DIRECTIVES:
            return place(value)  # type: ignore[arg-type]
        case bool():
            return str(value).upper()
        case date():
            return value.isoformat()
        case str() | PurePath() | Exception():
            return cleaned_text(str(value))
        case int():
            return str(value)
        case list() | tuple() | range() | Set() if not hasattr(value, "_fields"):
            return _listed([shown(each) for each in value])
    raise TypeError(f"a message cannot tell a {type(value).__name__}: {value!r}")


def _listed(items: Sequence[str]) -> str:
    told = ", ".join(items[:LISTED])
    more = len(items) - LISTED
    return tr(N_("{items} and {more} more"), items=told, more=more) if more > 0 else told


def changed_by(step: Step) -> list[data.Directive]:
    """Return the directives that a step changes, takes away or writes; `Add` only stands beside another."""
    match step:
        case Add():
            return list(step.directives)
        case Replace():
            return [step.at, *step.directives]
        case Remove() | Below():
            return [step.at]


def file_of(step: Step) -> str:
    """Return the file that a step changes, nothing for a directive that stands in none."""
    named = step.file if isinstance(step, Add) else ""
    return named or str(step.at.meta.get("filename") or "")


def step_text(step: Step) -> str:
    """Return the ledger text that a step of a fix writes. Raises TextError for what cannot be written."""
    match step:
        case Add() | Replace():
            return directives_text(without_clearing(each) for each in step.directives)
        case Below():
            return metadata_text(step.meta)
        case Remove():
            return ""


def step_lines(step: Step) -> list[str]:
    """Return a step of a fix as lines to read: what to do, and the ledger text as it is pasted. Raises TextError."""
    match step:
        case Add():
            file = file_of(step)
            head = tr(N_("Add to {file}:"), file=short_name(file)) if file else tr(N_("Add to the books:"))
        case Replace():
            head = tr(N_("Write in place of {old}:"), old=shown(step.at))
        case Remove():
            return [tr(N_("Remove {old}."), old=shown(step.at))]
        case Below():
            head = tr(N_("Write below the first line of {entry}:"), entry=shown(step.at))
    return [head, step_text(step)]
