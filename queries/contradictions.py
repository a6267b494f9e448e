"""The printed figures of a report that no books could give together, and why.

    3.4  Investeringsverksamheten 0 + Löpande verksamheten -13 - Årets kassaflöde 13 = -26, and should be 0

Which accounts a printed figure sums is read off the statements that the books give: each is a sum of unknown amounts,
within half a thousand of what is printed. What holds whatever is printed (debit equals credit in each unit, what
happens without money comes to nothing) ties the unknown amounts together. The smallest set of figures without which the
others can hold is proven to be so: sets that cannot hold are found one by one, and the fewest figures that hit all of
them are taken away, until what is left can hold (an implicit hitting set).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain, pairwise
from math import copysign, floor
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csc_array, csr_array, eye_array, hstack, vstack

from forbundsbok.queries.comparison import FigureKey
from forbundsbok.queries.general_ledger import GeneralLedger
from forbundsbok.queries.proofs import WITHOUT_MONEY
from forbundsbok.queries.statement import Figure, Statement
from forbundsbok.queries.terms import Source, Term, terms_of

HALF, ORE = 0.5, 0.00001
"""How far an amount may be from what it is printed as, and the smallest there is of it, tkr.

A half is rounded away from zero: 1 500 kronor are printed as 2, and what is printed as 1 is at most 1 499,99.
"""

NEAR = 1e-6
"""What is no more than this is nothing, tkr."""

_solved: Any = linprog
"""Its stubs know no sparse matrices, and to find that out takes seconds."""


class Unknown(NamedTuple):
    """An unknown amount in tkr: what a list has of an account over some days, `event` where it is of one."""

    source: str
    account: str
    first: date
    last: date
    event: str = ""


Factors = npt.NDArray[np.float64]

Expression = dict[Unknown, float]
"""Unknowns, and what each is multiplied by."""


@dataclass(frozen=True)
class Impossible:
    """Printed figures that cannot all hold: times their factors they come to `sum` (tkr), and should come to nothing.

    Rounding explains `rounding` of it at most.
    """

    factors: Mapping[FigureKey, float]
    sum: float
    rounding: float


@dataclass(frozen=True)
class Contradicted:
    """A figure that must give way: what it is printed as, and what the others allow it to be, in tkr.

    `least` and `most` are None where they allow anything.
    """

    key: FigureKey
    printed: int
    least: int | None
    most: int | None


@dataclass(frozen=True)
class Verdict:
    """What a report comes to: of `judged` figures the fewest that must give way, and the sums that say why.

    `unknown`: printed figures that the statements of the books do not have, and which are not judged.
    """

    judged: int
    contradicted: Sequence[Contradicted]
    impossible: Sequence[Impossible]
    unknown: Sequence[FigureKey]


def contradictions(
    ledger: GeneralLedger,
    statements: Iterable[Statement],
    printed: Mapping[FigureKey, int],
    preferred: Collection[FigureKey] = (),
) -> Verdict:
    """Return the fewest printed figures (tkr) that must give way; `preferred` ones where others would do as well."""
    figures = {
        FigureKey(statement.table, row.label, row.column or column.label): row.figures[column.key]
        for statement in statements
        for row in statement.rows
        for column in statement.columns
        if column.key in row.figures
    }
    known = {key: tkr for key, tkr in printed.items() if key in figures}
    program = _Program(ledger, {key: figures[key] for key in known}, known)
    gone, impossible = program.fewest(preferred)
    contradicted = [Contradicted(key, known[key], *program.allowed(key, gone)) for key in known if key in gone]
    return Verdict(len(known), contradicted, impossible, [key for key in printed if key not in figures])


class _Program:
    """The printed figures as rows over unknown amounts, and the ties between these."""

    def __init__(
        self, ledger: GeneralLedger, figures: Mapping[FigureKey, Figure], printed: Mapping[FigureKey, int]
    ) -> None:
        self.ledger = ledger
        self.keys = list(figures)
        self.printed = np.array([printed[key] for key in self.keys], dtype=float)
        self.least = self.printed - np.where(self.printed > 0, HALF, HALF - ORE)
        self.most = self.printed + np.where(self.printed < 0, HALF, HALF - ORE)
        taken = {
            key: [
                (part.sign, account, term)
                for part in figure.sums
                for account in part.accounts
                for term in terms_of(ledger, part, account)
            ]
            for key, figure in figures.items()
        }
        terms = [term for those in taken.values() for _, _, term in those]
        self.days = _days(terms)
        self.events = sorted({term.event for term in terms if term.event})
        rows = [self._expression(taken[key], figures[key]) for key in self.keys]
        ties = list(self._ties())
        self.columns = {unknown: at for at, unknown in enumerate(dict.fromkeys(chain(*rows, *ties)))}
        both = _told_apart(self._matrix([*rows, *ties]))
        self.rows, self.ties = both[: len(rows)], both[len(rows) :]

    def fewest(self, preferred: Collection[FigureKey]) -> tuple[set[FigureKey], list[Impossible]]:
        """Return the fewest figures without which the others can hold, and the sets of them that cannot."""
        found: list[list[int]] = []
        impossible: list[Impossible] = []
        holding: list[set[int]] = []
        while True:
            gone = self._hitting(found, preferred)
            left = [at for at in range(len(self.keys)) if at not in gone]
            begun = len(found)
            for statement in (*self._by_statement(left), left):  # what one statement shows is easiest to see
                kept = [at for at in statement if not any(at in figures for figures in found[begun:])]
                if any(each.issuperset(kept) for each in holding):
                    continue
                while cannot := self._cannot_hold(kept):
                    least = self._least(cannot)
                    found.append(least)
                    impossible.append(self._said(least))
                    kept = [at for at in kept if at not in least]
                holding.append(set(kept))  # and so does any part of them
            if len(found) == begun:
                return {self.keys[at] for at in gone}, impossible

    def _by_statement(self, figures: Sequence[int]) -> list[list[int]]:
        by_table: dict[str, list[int]] = defaultdict(list)
        for at in figures:
            by_table[self.keys[at].table].append(at)
        return list(by_table.values())

    def allowed(self, key: FigureKey, gone: Collection[FigureKey]) -> tuple[int | None, int | None]:
        """Return the least and the most in tkr that the figures that are left allow a figure to be."""
        at = self.keys.index(key)
        kept = [other for other, name in enumerate(self.keys) if name not in gone]
        row = self.rows[[at]].toarray()[0]
        least, most = (self._extreme(sign * row, kept) for sign in (1, -1))
        return None if least is None else _tkr(least), None if most is None else _tkr(-most)

    def _hitting(self, found: Sequence[Sequence[int]], preferred: Collection[FigureKey]) -> set[int]:
        """Return the fewest figures of which every set has one."""
        if not found:
            return set()
        cost = [0.999 if key in preferred else 1.0 for key in self.keys]
        of_sets = np.zeros((len(found), len(self.keys)))
        for row, figures in enumerate(found):
            of_sets[row, figures] = 1
        chosen = milp(
            cost,
            integrality=np.ones(len(cost), dtype=int),
            bounds=Bounds(0, 1),
            constraints=LinearConstraint(csr_array(of_sets), 1, np.inf),
        )
        values = np.asarray(chosen.x)
        return {at for at, value in enumerate(values.tolist()) if round(value)}

    def _cannot_hold(self, kept: Sequence[int]) -> list[int]:
        """Return some figures that cannot hold together, none where all can."""
        weights = self._weights(kept)
        return [figure for figure, weight in zip(kept, weights, strict=True) if abs(weight) > NEAR]

    def _least(self, figures: Sequence[int]) -> list[int]:
        """Return figures that cannot hold together, none of which can be left out."""
        least = list(figures)
        for figure in figures:
            without = [other for other in least if other != figure]
            if self._cannot_hold(without):
                least = without
        return least

    def _said(self, figures: Sequence[int]) -> Impossible:
        weights = self._weights(figures)
        weights = weights / np.abs(weights).min()
        factors = {self.keys[at]: round(float(weight), 6) for at, weight in zip(figures, weights, strict=True)}
        total = float(weights @ self.printed[list(figures)])
        return Impossible(factors, round(total, 6), round(HALF * float(np.abs(weights).sum()), 6))

    def _weights(self, kept: Sequence[int]) -> Factors:
        """Return what each figure is to be multiplied by to show that they cannot hold: nothing where they can.

        The amounts may miss what is printed at a cost; what it costs at least has its reason in these factors.
        """
        rows, ties = self._binding(kept)
        count, unknowns = rows.shape
        off = eye_array(count)
        over = hstack([rows, -off])
        under = hstack([-rows, -off])
        result = _solved(
            np.concatenate([np.zeros(unknowns), np.ones(count)]),
            A_ub=vstack([over, under]),
            b_ub=np.concatenate([self.most[list(kept)], -self.least[list(kept)]]),
            A_eq=hstack([ties, csr_array((ties.shape[0], count))]),
            b_eq=np.zeros(ties.shape[0]),
            bounds=[(None, None)] * unknowns + [(0, None)] * count,
        )
        marginals = np.asarray(result.ineqlin.marginals, dtype=float)
        if result.fun <= NEAR:
            return np.zeros(count)
        weights: Factors = marginals[count:] - marginals[:count]
        return weights

    def _binding(self, kept: Sequence[int]) -> tuple[csr_array, csr_array]:
        """Return the rows of some figures, and the ties that bind them: one with an amount of its own binds none."""
        rows = self.rows[list(kept)]
        in_rows = np.asarray(abs(rows).sum(axis=0)).ravel() > 0
        ties = self.ties
        while True:
            alone = ~in_rows & (np.asarray(abs(ties).sum(axis=0)).ravel() == 1)
            binds = (abs(ties) @ alone) == 0
            if binds.all():
                break
            ties = ties[binds]
        taken = in_rows | (np.asarray(abs(ties).sum(axis=0)).ravel() > 0)
        return rows[:, taken], ties[:, taken]

    def _extreme(self, row: Factors, kept: Sequence[int]) -> float | None:
        """Return the least that an expression can be, None where it can be anything."""
        rows = self.rows[list(kept)]
        result = _solved(
            row,
            A_ub=vstack([rows, -rows]),
            b_ub=np.concatenate([self.most[list(kept)], -self.least[list(kept)]]),
            A_eq=self.ties,
            b_eq=np.zeros(self.ties.shape[0]),
            bounds=(None, None),
        )
        return float(result.fun) if result.success else None

    # Expressions

    def _expression(self, taken: Iterable[tuple[int, str, Term]], figure: Figure) -> Expression:
        expression: Expression = defaultdict(float)
        for sign, account, term in taken:
            for unknown in self._unknowns(account, term):
                expression[unknown] += sign * term.sign
        for told in figure.told:  # the same register entry is the same amount, wherever it is told
            unknown = Unknown("register", f"{told.name} {told.text}", told.date, told.date)
            expression[unknown] += -1 if told.ore < 0 else 1
        return expression

    def _unknowns(self, account: str, term: Term) -> Iterator[Unknown]:
        first = term.first or date.min
        if term.source in (Source.BUDGET, Source.PLAN):
            yield Unknown(term.source, account, first, term.last)
            return
        events: Sequence[str] = ("",)
        if term.source is Source.EVENTS:
            events = (term.event,) if term.event else (*self.events, "")
        for begins, ends in self._between(first, term.last):
            for event in events:
                yield Unknown(term.source, account, begins, ends, event)

    def _between(self, first: date, last: date) -> Iterator[tuple[date, date]]:
        for begins, ends in self.days:
            if first <= begins and ends <= last:
                yield begins, ends

    def _ties(self) -> Iterator[Expression]:
        """Yield what is zero whatever is printed."""
        units = {str(account): str(unit) for account, unit in self.ledger.chart["unit"].items()}
        for begins, ends in self.days:
            for unit in set(units.values()):
                own = (account for account in units if units[account] == unit)
                yield {Unknown(Source.POSTINGS, account, begins, ends): 1 for account in own}
        for words in WITHOUT_MONEY.values():
            for year in self.ledger.years:
                within = list(self._between(date(year, 1, 1), date(year, 12, 31)))
                tie = {
                    Unknown(Source.EVENTS, account, *days, word): 1.0
                    for days in within
                    for word in words
                    if word in self.events
                    for account in units
                }
                if tie:
                    yield tie

    def _matrix(self, expressions: Sequence[Expression]) -> csr_array:
        parts = [
            (row, self.columns[unknown], factor)
            for row, expression in enumerate(expressions)
            for unknown, factor in expression.items()
            if factor
        ]
        at, columns, factors = zip(*parts, strict=True) if parts else ((), (), ())
        return csr_array((factors, (at, columns)), shape=(len(expressions), len(self.columns)))


def _told_apart(matrix: csr_array) -> csr_array:
    """Return a matrix in which unknown amounts that stand together everywhere are one: their sum is what is sought."""
    columns = csc_array(matrix)
    columns.sort_indices()
    spans = [slice(first, last) for first, last in pairwise(columns.indptr.tolist())]
    alike = {(columns.indices[span].tobytes(), columns.data[span].tobytes()): at for at, span in enumerate(spans)}
    return csr_array(columns[:, list(alike.values())])


def _tkr(amount: float) -> int:
    """Return an amount in tkr as it is printed: a half away from zero."""
    return int(copysign(floor(abs(amount) + HALF + NEAR), amount))


def _days(terms: Sequence[Term]) -> list[tuple[date, date]]:
    """Return the spans of days that all terms are made of, the first one from the beginning of time."""
    begins = {date.min}
    for term in terms:
        begins |= {term.first or date.min, term.last + timedelta(days=1)}
    return [(first, after - timedelta(days=1)) for first, after in pairwise(sorted(begins))]
