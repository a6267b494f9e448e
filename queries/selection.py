"""Which accounts a line of a statement takes, in the short language of the layouts.

    "maskiner !konst"   all kinds of machines and equipment (plugins/roles.py), but not art
    "moms net debit"    the accounts of VAT, where they come to a debit together
    "15 16 !161"        the groups 15 and 16, but not 161
    "30..39 !31 extern" the groups 30 to 39, but not 31, external accounts only
    "12?0"              1200, 1210, ... 1290
    "alla result"       all accounts of income and expenses
    "25..29 debit"      those of the groups 25 to 29 whose balance is a debit

Words are of the tree of kinds, a class with all that is below it. Numbers are beginnings of account numbers; `?`
stands for any digit. `alla` is every account, `result` chooses income and expenses, `extern` and `intern` by the
account's `intern` mark, `debit` and `credit` by the sign of its balance at the date in question, and with `net` by the
sign of what all of them come to.
"""

import re
from functools import cache
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from forbundsbok.plugins.language import N_, tr
from forbundsbok.plugins.roles import SLAG, Slag
from forbundsbok.plugins.spelling import nearest

RESULT_ROOTS = ("Income", "Expenses")

Mask = npt.NDArray[np.bool_]


class Selection(NamedTuple):
    """A parsed selection: kinds and patterns of account numbers, and what else must hold."""

    takes: tuple[str, ...]
    leaves: tuple[str, ...]
    intern: bool | None = None
    kind: Literal["result", ""] = ""
    side: Literal["debit", "credit", ""] = ""
    net: bool = False

    def matches(self, accounts: "Selectable") -> Mask:
        """Return the accounts whose kind or number, and `intern` mark fit."""
        kinds = np.array([_fits(self.takes, self.leaves, *each) for each in accounts.kinds], dtype=bool)
        chosen: Mask = kinds[accounts.kind]
        if self.intern is not None:
            chosen &= accounts.intern == self.intern
        if self.kind:
            chosen &= accounts.result
        return chosen

    def on_side(self, balances: npt.NDArray[np.int64]) -> Mask:
        """Return which balances (öre, debit positive) are on the side that it asks for; zero counts as credit.

        The balances are those of the accounts that may be taken, and of no other.
        """
        if self.net:
            balances = np.full(len(balances), balances.sum())
        if self.side == "debit":
            return balances > 0
        if self.side == "credit":
            return balances <= 0
        return np.ones(len(balances), dtype=bool)


class Selectable(NamedTuple):
    """What selections choose by, of the accounts of a chart; units have the same kinds and numbers."""

    kinds: list[tuple[Slag, str]]
    """What an account is and its number: each once."""
    kind: npt.NDArray[np.intp]
    """Which of them each account is."""
    intern: Mask
    result: Mask

    @classmethod
    def of(cls, chart: pd.DataFrame) -> "Selectable":
        """Return them for a chart (general_ledger)."""
        named = list(zip(chart.slag, chart.number, strict=True))
        places = {each: place for place, each in enumerate(dict.fromkeys(named))}
        of_result = chart.root.isin(RESULT_ROOTS).to_numpy(dtype=bool)
        kind = np.array([places[each] for each in named], dtype=np.intp)
        return cls(list(places), kind, chart.intern.to_numpy(dtype=bool), of_result)


def parse_selection(text: str) -> Selection:
    """Read a selection. Raises ValueError naming the word that it does not know."""
    takes: list[str] = []
    leaves: list[str] = []
    intern: bool | None = None
    kind: Literal["result", ""] = ""
    side: Literal["debit", "credit", ""] = ""
    net = False
    for word in text.split():
        if word in ("intern", "extern"):
            intern = word == "intern"
        elif word == "result":
            kind = "result"
        elif word == "net":
            net = True
        elif word == "debit":
            side = "debit"
        elif word == "credit":
            side = "credit"
        elif word.removeprefix("!") in SLAG or re.fullmatch(r"!?(alla|\d[\d?]{0,5}|(\d{1,6})\.\.\d{1,6})", word):
            (leaves if word.startswith("!") else takes).append(word.removeprefix("!"))
        else:
            near = nearest(word.removeprefix("!"), SLAG)
            unknown = N_('"{word}" in the selection "{selection}" is no account group')
            if near:
                unknown = N_('"{word}" in the selection "{selection}" is no account group: is {near} meant?')
            raise ValueError(tr(unknown, word=word, selection=text, near=near))
    if net and not side:
        raise ValueError(tr('the selection "{selection}" is net on no side: write debit or credit too', selection=text))
    if not takes:
        raise ValueError(tr('the selection "{selection}" takes no account group', selection=text))
    return Selection(tuple(takes), tuple(leaves), intern, kind, side, net)


@cache
def _fits(takes: tuple[str, ...], leaves: tuple[str, ...], slag: Slag, number: str) -> bool:
    """Return whether an account is taken. Units have the same numbers, and layouts the same patterns: told once."""
    return any(_match(each, slag, number) for each in takes) and not any(_match(each, slag, number) for each in leaves)


def _match(pattern: str, slag: Slag, number: str) -> bool:
    if pattern in SLAG:
        return slag.within(pattern)
    if pattern == "alla":
        return True
    if ".." in pattern:
        low, high = pattern.split("..")
        return low <= number[: len(low)] and number[: len(high)] <= high
    return all(wanted in ("?", digit) for wanted, digit in zip(pattern, number, strict=False))
