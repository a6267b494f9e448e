"""The rulebook: every rule of a federation's books, each one function with its text beside it.

    @rule(
        "A606",
        title=N_("Representation says its purpose and who took part."),
        why=N_("Skatteverket and the federation's policy: ..."),
        mend=N_("Write syfte and deltagare below the voucher's first line."),
        sees=Sees(roles=(Role.REPRESENTATION,)),
    )
    def representation(books: Books) -> Iterator[Finding]:
        ...

A rule gets the collected books and yields findings. `after` names the rules whose finding about the same subject is
the cause of its own, which then is not told: one cause, one finding. A fix that would change a sealed year is not
told either, but for the rules that restore what is sealed.

A rule that `warns` finds what may be as it should be, though it seldom is: bean-check and the safe write let it pass,
`forbundsbok check` shows it, and it can be acknowledged (plugins.acknowledgements). Of the vouchers of a sealed year,
which the auditors have examined and nobody can change, it tells nothing. No error is `after` a warning, so that whoever
asks for errors alone need not wait for the rules that warn.
"""

import traceback
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any, NamedTuple

from beancount.core import data

from forbundsbok.plugins.books import Books
from forbundsbok.plugins.directives import Kind
from forbundsbok.plugins.findings import Add, Finding, FixProposal, Step, Subject, changed_by
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.numbers import FreeNumbers
from forbundsbok.plugins.roles import Role
from forbundsbok.plugins.unit_files import file_beside

Check = Callable[[Books], Iterable[Finding]]


class Sees(NamedTuple):
    """Which vouchers a rule must see whole; of the others it asks what the books keep.

    They keep sums, numbers, days, and the last voucher of each unit.

    `roles` are those of the accounts that a voucher has a row on, `keys` metadata that it bears, and `flags` its flag;
    one of them is enough. `every` is for rules that look at each voucher.
    """

    roles: tuple[Role | str, ...] = ()
    keys: tuple[str, ...] = ()
    flags: str = ""
    every: bool = False

    def vouchers(self, books: Books) -> list[data.Transaction]:
        """Return the vouchers that are seen whole, with what corrects them and what they correct, by date."""
        if self.every:
            return books.vouchers
        seen = {id(entry) for entry in books.having(*self.roles)} if self.roles else set()
        for entry in books.vouchers:
            if (entry.flag or " ") in self.flags or any(key in entry.meta for key in self.keys):
                seen.add(id(entry))
        own = [entry for entry in books.vouchers if id(entry) in seen]
        seen.update(id(entry) for booking in books.bookings(own) for entry in booking.vouchers)
        return [entry for entry in books.vouchers if id(entry) in seen]


NOTHING = Sees()
EVERY = Sees(every=True)


@dataclass(frozen=True, eq=False)
class Rule:
    """A rule: its code, what must hold, why, how a breach is mended, and the function that finds breaches."""

    code: str
    title: str
    why: str
    mend: str
    check: Check
    after: tuple[str, ...]
    sees: Sees
    restores: bool
    """Whether its fixes restore a sealed year; those of other rules change none."""
    warns: bool = False

    @cached_property
    def module(self) -> str:
        """The module of the rule, by its last name: `attest`."""
        return self.check.__module__.rsplit(".", 1)[-1]


RULES: dict[str, Rule] = {}
"""All rules by code, in the order of their modules."""


def rule(
    code: str,
    *,
    title: str,
    why: str,
    mend: str,
    after: Iterable[str] = (),
    sees: Sees = NOTHING,
    restores: bool = False,
    warns: bool = False,
) -> Callable[[Check], Check]:
    """Enter a function into the rulebook."""
    if isinstance(after, str):
        raise TypeError(f"{code}: after is a list of codes, not the text {after!r}")

    def enter(check: Check) -> Check:
        if code in RULES:
            raise ValueError(f"{code} is entered twice")
        RULES[code] = Rule(code, title, why, mend, check, tuple(after), sees, restores, warns)
        return check

    return enter


def unreadable(code: str, kind: Kind[Any], *, title: str, why: str, module: str = "") -> None:
    """Enter the rule that every directive of a kind can be read, as its description says.

    The rule is of the module that describes the directive, unless another is named.
    """

    def check(books: Books) -> Iterator[Finding]:
        return (kind.finding(entry, reason, books.currency) for entry, reason in books.unread(kind))

    check.__module__ = module or kind.make.__module__
    rule(code, title=title, why=why, mend=N_("Write the directive as the message shows."))(check)


def findings(books: Books, names: Iterable[str] = ()) -> Iterator[Finding]:
    """Yield what the rules find (of some modules or codes only, where any are named), causes before what follows."""
    telling = Telling(books, names)
    yield from telling.errors()
    yield from telling.warnings()


def in_order(rules: Mapping[str, Rule]) -> list[str]:
    """Return the codes of rules, each after those that it names in `after`. Raises ValueError."""
    return [each.code for each in _sorted(tuple(rules.values()))]


@cache  # one order for each load of a process
def _sorted(rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
    by_code = {each.code: each for each in rules}
    for code, each in by_code.items():
        if unknown := [other for other in each.after if other not in by_code]:
            raise ValueError(f"{code} is after {', '.join(unknown)}, which no module enters")
        if not each.warns and (warning := [other for other in each.after if by_code[other].warns]):
            raise ValueError(f"{code} is an error, and after {', '.join(warning)}, which warns")
    order = TopologicalSorter({code: each.after for code, each in by_code.items()})
    try:
        return tuple(by_code[code] for code in order.static_order())
    except CycleError as error:
        raise ValueError(f"rules are after each other in a circle: {', '.join(error.args[1])}") from None


def crashed(rule: Rule, error: Exception, books: Books) -> Finding:
    """Return the finding that a rule could not be tried: it must hide neither itself nor what the others find."""
    message = N_("The rule could not be tried: {error}. That is a fault of the program, not of the books.")
    frame = traceback.extract_tb(error.__traceback__)[-1]
    values = {"error": f"{type(error).__name__}: {error} ({Path(frame.filename).name}:{frame.lineno})"}
    main_file = {"filename": books.options.get("filename"), "lineno": 1}
    subject = Subject("rule", rule.code)
    return Finding(None, subject, message, values, place=main_file, rule=rule.code, warns=rule.warns)


class Telling:
    """What is told of the findings: those whose cause is not told before, with the fixes that can be made.

    The warnings are asked for after the errors, which may be their causes.
    """

    def __init__(self, books: Books, names: Iterable[str] = ()) -> None:
        self._books = books
        self._causes: dict[str, dict[tuple[str, str], set[int | None]]] = defaultdict(lambda: defaultdict(set))
        named = set(names)
        rules = _sorted(tuple(RULES.values()))
        self._rules = [each for each in rules if not named or each.module in named or each.code in named]

    def errors(self) -> Iterator[Finding]:
        """Yield what is told of what must not be."""
        return self._of_all(each for each in self._rules if not each.warns)

    def warnings(self, quiet: Collection[str] = ()) -> Iterator[Finding]:
        """Yield what is told of what may be as it should be, but for rules that are known to find nothing."""
        return self._of_all(each for each in self._rules if each.warns and each.code not in quiet)

    def quiet(self) -> list[str]:
        """Return the codes of the rules that warn, and find nothing, whatever is told of the others."""
        return [each.code for each in self._rules if each.warns and self._finds_nothing(each)]

    def _finds_nothing(self, rule: Rule) -> bool:
        try:
            return not any(True for _ in rule.check(self._books))
        except Exception:  # which is told when it is tried
            return False

    def _of_all(self, rules: Iterable[Rule]) -> Iterator[Finding]:
        for each in rules:
            try:
                yield from self._of(each)
            except Exception as error:
                yield crashed(each, error, self._books)

    def _of(self, rule: Rule) -> Iterator[Finding]:
        """Yield what is told of what a rule finds."""
        for finding in rule.check(self._books):
            # What is not told for its cause is a cause all the same: what follows from it has the same one.
            for kind, name, year in finding.subjects:
                self._causes[rule.code][kind, name].add(year)
            if not self._has_cause(finding, rule) and not (rule.warns and self._is_examined(finding.at)):
                told = replace(finding, rule=rule.code, warns=rule.warns, proposal=self._proposal(finding, rule))
                yield told if told.proposal is None else self._numbered(told)

    def _is_examined(self, entry: data.Directive | None) -> bool:
        return isinstance(entry, data.Transaction) and self._books.is_sealed(entry.date)

    def _has_cause(self, finding: Finding, rule: Rule) -> bool:
        for known in (self._causes[code] for code in rule.after if code in self._causes):
            for kind, name, year in finding.subjects:
                years = known.get((kind, name))
                if years and (year is None or None in years or year in years):
                    return True
        return False

    def _proposal(self, finding: Finding, rule: Rule) -> FixProposal | None:
        """Return what makes the fix of a finding, which is none where one of its steps changes a sealed year."""

        def made(numbers: FreeNumbers) -> Sequence[Step]:
            fix = finding.proposal(numbers) if finding.proposal else finding.fix
            return [self._in_its_file(step) for step in fix] if self._may_be_made(fix, rule) else ()

        return made if finding.proposal or finding.fix else None

    def _in_its_file(self, step: Step) -> Step:
        voucher = next((each for each in changed_by(step) if isinstance(each, data.Transaction)), None)
        if not isinstance(step, Add) or voucher is None:
            return step
        return replace(step, file=file_beside(self._books, voucher, step.at))

    def _numbered(self, finding: Finding) -> Finding:
        """Return a finding with its fix; what cannot be mended takes no numbers."""
        numbers = self._numbers.copy()
        told = finding.renewed(numbers)
        if not told.fix:
            return replace(told, proposal=None)
        self._numbers = numbers
        return told

    @cached_property
    def _numbers(self) -> FreeNumbers:
        return FreeNumbers(self._books.vouchers)

    def _may_be_made(self, fix: Iterable[Step], rule: Rule) -> bool:
        return rule.restores or not any(self._books.is_sealed(entry.date) for step in fix for entry in changed_by(step))
