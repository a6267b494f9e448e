"""Rules: what a plugin reports when one is broken, and where each rule is described.

A rule has a stable code, and is described where it is enforced, in its module's docstring:

    S201: A unit that carries its surplus has a result of exactly 0.00 in every closed year.
        Why: report 2.3 and the unit's agreement; ...
        Mend: paste the voucher that the message holds into the unit's file.

`docs/regler.md` and `forbundsbok rule S201` are made from these descriptions.
"""

import re
from collections.abc import Iterable, Mapping
from types import ModuleType
from typing import Any, NamedTuple

from beancount.core import data

from forbundsbok.plugins.language import tr
from forbundsbok.plugins.rulebook import RULES


class RuleError(NamedTuple):
    """A broken rule, in the shape of Beancount's errors; `message` begins with the rule's code."""

    source: Mapping[str, Any]
    message: str
    entry: data.Directive | None


class Rule(NamedTuple):
    """A rule as its module describes it: what holds, why it must, and how to mend a breach."""

    code: str
    what: str
    why: str
    mend: str


_RULE = re.compile(
    r"^(?P<code>[A-Z]\d{3}): (?P<what>.+?)\n +Why: (?P<why>.+?)\n +Mend: (?P<mend>.+?)(?=\n\s*\n|\n[A-Z]\d{3}: |\Z)",
    re.DOTALL | re.MULTILINE,
)


def broken(entry: data.Directive, message: str, source: Mapping[str, Any] | None = None) -> RuleError:
    """Return the error of a rule broken by a directive; `source` is a posting's metadata where it is to blame."""
    return RuleError(source or entry.meta, message, entry)


def described(docstrings: Iterable[str]) -> list[Rule]:
    """Return the rules that modules describe in their docstrings, in their order."""
    return [
        Rule(match["code"], *(" ".join(match[part].split()) for part in ("what", "why", "mend")))
        for text in docstrings
        for match in _RULE.finditer(text)
    ]


def rules_of(module: ModuleType) -> list[Rule]:
    """Return the rules of a module, by code: those that it describes in its docstring, and those in the rulebook."""
    name = module.__name__.rsplit(".", 1)[-1]
    entered = (each for each in RULES.values() if each.module == name)
    told = [Rule(each.code, *map(tr, (each.title, each.why, each.mend))) for each in entered]
    return sorted([*described([module.__doc__ or ""]), *told])
