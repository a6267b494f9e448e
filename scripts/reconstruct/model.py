"""The integer program: unknown amounts in kronor, what ties them together, and what the report says of them.

Assets:NAV:1910-Handkassa at the end of 2023                     an unknown, near 19 000
38 388 500 <= the accounts behind a printed 38 389 <= 38 389 499      a printed figure
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from random import Random

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from forbundsbok.plugins.provisions import RAISES
from forbundsbok.plugins.units import CARRIED
from forbundsbok.queries.statement import Figure, Measure, Sum
from forbundsbok.scripts.reconstruct.chart import UNITS, is_balance, number_of, unit_of
from forbundsbok.scripts.reconstruct.facts import HALF, KRONOR, OPENING, YEARS, AssetFact, Guesses, Printed

Unknown = tuple[str, str, int]
"""An unknown: its kind ("amount", "asset", "plan" or "inhabitants"), what it is of, and a year."""

Terms = dict[Unknown, float]
"""A linear expression: what each unknown is multiplied by."""

OFF = 50 * KRONOR
"""Further than any guess, and any printed figure, is from what it should be, kronor."""

PROVISIONS = {
    "E20": "Liabilities:RU:2293-Statlig-infrastruktur:E20",
    "SOC": "Liabilities:RU:2294-Socionomutbildning:SOC",
}
EXPENSED = {
    ("E20", "Index"): "Expenses:RU:4520-Statlig-infrastruktur:Index",
    ("SOC", "Grundbelopp"): "Expenses:RU:4530-Socionomutbildning:Grundbelopp",
}
FIXED = ("1310", "2010")
"""Accounts that have not moved: shares, and equity, which only results change."""

TARIFFS: Mapping[str, tuple[tuple[str, ...], float, int]] = {
    "base and development": (("FK", "ADM", "RU", "VU"), 78, 0),
    "business region": (("BRB",), 6, 0),
    "local care": (("NVS",), 6, 0),
    "data protection": (("DSO",), 6.69, 139_000),
    "care college": (("VOC",), 3.475, 0),
}
"""The fees of 2024 (2.1.4): units, kronor per inhabitant, kronor per municipality."""
TARIFF_WEIGHT = 20
INSIDE, INSIDE_WEIGHT = HALF - 150, 3
"""Amounts are drawn this near a printed figure, lest a krona's correction changes how it rounds; cost a krona."""


@dataclass(frozen=True)
class Constraint:
    """A constraint: `least` <= the expression <= `most`, kronor."""

    terms: Terms
    least: float
    most: float


@dataclass(frozen=True)
class Bound:
    """What a printed figure says: the expression of what it sums, and the kronor of it that are known (the budget)."""

    printed: Printed
    terms: Terms
    known: int

    def constraint(self) -> Constraint:
        """Return what it demands."""
        return Constraint(self.terms, self.printed.least - self.known, self.printed.most - self.known)


class Model:
    """The unknowns of a federation's two years, each with a target that its amount shall be near."""

    def __init__(self, guesses: Guesses, plan: Mapping[tuple[str, str, int], int]) -> None:
        """`guesses` in tkr, `plan` in tkr by provision, kind and year as printed."""
        self.guesses = guesses
        self.plan = plan
        self.targets = self._targets()
        self.ties = [*self._books(), *self._carriers(), *self._internal(), *self._provisions(), *self._still()]

    def _targets(self) -> dict[Unknown, int]:
        """Guessed kronor by unknown: a tkr guessed becomes some amount that rounds to it. What is guessed 0 is 0."""
        random = Random(2024)
        targets = {
            ("amount", account, year): tkr * KRONOR + random.randint(-INSIDE, INSIDE)
            for account, years in self.guesses.accounts.items()
            for year, tkr in years.items()
            if tkr
        }
        targets |= {("asset", asset.name, 0): asset.monthly for asset in self.guesses.assets}
        targets |= {("plan", f"{code}:{kind}", year): tkr * KRONOR for (code, kind, year), tkr in self.plan.items()}
        return targets

    # Expressions

    @property
    def accounts(self) -> list[str]:
        """Every account: those guessed, and those that the register and the plans give."""
        units = {asset.unit for asset in self.guesses.assets}
        of_assets = {asset.account for asset in self.guesses.assets}
        of_assets |= {f"Assets:{unit}:1219-Ackumulerade-avskrivningar" for unit in units}
        of_assets |= {f"Expenses:{unit}:7910-Avskrivningar" for unit in units}
        of_plans = {f"{PROVISIONS[code]}:{kind}" for code, kind, _ in self.plan}
        return sorted({*self.guesses.accounts, *of_assets, *of_plans})

    def amount(self, account: str, year: int) -> Terms:
        """Return an account's closing balance of a year, or its movement if it is one of result."""
        number = number_of(account)
        if number == "1210":
            bought = [asset for asset in self.guesses.assets if asset.account == account and asset.start.year <= year]
            return {("asset", asset.name, 0): asset.months for asset in bought}
        if number == "1219":
            return self._depreciation(account, lambda asset: -asset.months_until(year))
        if number == "7910" and year > OPENING:
            return self._depreciation(account, lambda asset: asset.months_until(year) - asset.months_until(year - 1))
        for code, provision in PROVISIONS.items():
            if account.startswith(f"{provision}:"):
                kind = account.rsplit(":", 1)[1]
                planned = [past for of, which, past in self.plan if (of, which) == (code, kind) and past <= year]
                return {("plan", f"{code}:{kind}", past): -1 if RAISES[kind] else 1 for past in planned}
        key = ("amount", account, year)
        return {key: 1} if key in self.targets else {}

    def _depreciation(self, account: str, months: Callable[[AssetFact], int]) -> Terms:
        return {
            ("asset", asset.name, 0): months(asset)
            for asset in self.guesses.assets
            if asset.unit == unit_of(account) and asset.start.year <= YEARS[-1]
        }

    def movement(self, account: str, year: int) -> Terms:
        """Return what an account moves in a year."""
        if not is_balance(account):
            return self.amount(account, year)
        return added([self.amount(account, year), times(self.amount(account, year - 1), -1)])

    def closing(self, account: str, year: int) -> Terms:
        """Return an account's balance at the end of a year; one of result is never closed."""
        if is_balance(account):
            return self.amount(account, year)
        return added(self.amount(account, past) for past in YEARS if past <= year)

    def of_figure(self, figure: Figure) -> Terms:
        """Return a figure of a statement as an expression; what is budgeted is known, and left out."""
        return added(
            times(self._measured(part, account), part.sign) for part in figure.sums for account in part.accounts
        )

    def _measured(self, part: Sum, account: str) -> Terms:
        year = part.period.year
        if part.measure is Measure.BUDGET:
            return {}
        if part.measure is Measure.CLOSING:
            return self.closing(account, year)
        if part.measure is Measure.OPENING:
            return self.closing(account, year - 1)
        return self.movement(account, year)

    # What holds whatever is printed

    def _books(self) -> Iterable[Constraint]:
        """Debit equals credit at the opening and in each year."""
        yield equal(added(self.amount(account, OPENING) for account in self.accounts if is_balance(account)))
        for year in YEARS:
            yield equal(added(self.movement(account, year) for account in self.accounts))

    def _carriers(self) -> Iterable[Constraint]:
        """A unit that carries its surplus has none left, and what it carries is taken in whole the year after."""
        for unit in UNITS:
            if unit.surplus == CARRIED:
                for year in YEARS:
                    own = (account for account in self.accounts if unit_of(account) == unit.code)
                    yield equal(added(self.amount(account, year) for account in own if not is_balance(account)))
        for account in self.accounts:
            if number_of(account) == "2998":
                carried = account.replace("Liabilities", "Income").replace("2998", "3198")
                surplus = int(account.rsplit(":", 1)[1])
                for year in YEARS:
                    if carried in self.guesses.accounts and year >= surplus:
                        yield equal(added([self.movement(carried, year), self.movement(account, year)]))

    def _internal(self) -> Iterable[Constraint]:
        """What a unit sells to another one, the other buys: services and interest apart."""
        for numbers in (("3610", "7610"), ("8490", "8590")):
            for year in YEARS:
                both = (account for account in self.accounts if number_of(account) in numbers)
                yield equal(added(self.amount(account, year) for account in both))

    def _provisions(self) -> Iterable[Constraint]:
        """What raises a provision is expensed; its base amounts are decided to the krona."""
        for (code, kind), expense in EXPENSED.items():
            for year in YEARS:
                planned = {key: 1.0 for key in [("plan", f"{code}:{kind}", year)] if key in self.targets}
                yield equal(added([self.amount(expense, year), times(planned, -1)]))
        for (code, kind, year), tkr in self.plan.items():
            if kind == "Grundbelopp":
                yield Constraint({("plan", f"{code}:{kind}", year): 1}, tkr * KRONOR, tkr * KRONOR)

    def _still(self) -> Iterable[Constraint]:
        for account in self.accounts:
            if number_of(account) in FIXED:
                yield from (equal(self.movement(account, year)) for year in YEARS)

    # Solving

    def fewest_contradicted(self, bounds: Iterable[Bound]) -> list[Printed]:
        """Return the figures that must give way so that all the others come out: proven to be as few as can be.

        Where one of two must, the one that is known to be contradicted does. That the amounts may have any
        decimals here only makes the proof stronger: what they cannot give, whole kronor cannot.
        """
        program = Program(self.targets, self.ties)
        bounds = list(bounds)
        gives_way = {}
        for bound in bounds:
            gives_way[bound.printed] = program.unknown(0, 1, 0.999 if bound.printed.contradicted else 1)
            row = bound.constraint()
            program.row(row.terms, row.least, np.inf, {gives_way[bound.printed]: OFF})
            program.row(row.terms, -np.inf, row.most, {gives_way[bound.printed]: -OFF})
        values = program.values(whole=gives_way.values())
        return [printed for printed, column in gives_way.items() if round(values[column])]

    def nearest(self, bounds: Iterable[Bound], contradicted: Iterable[Printed]) -> dict[Unknown, int]:
        """Return amounts that give all figures but the contradicted ones, near the targets and the tariffs.

        The nearest amounts with öre and less are found first, then whole kronor next to them: a program in
        whole numbers from the start takes minutes.
        """
        left_out = set(contradicted)
        kept = [bound for bound in bounds if bound.printed not in left_out]
        relaxed = self._near(kept, self.targets)
        # Drawn away from where its rounding turns, no printed figure hangs on a krona.
        for bound in kept:
            relaxed.inside(bound.terms, bound.printed.tkr * KRONOR - bound.known, INSIDE, INSIDE_WEIGHT)
        of_place = {place: relaxed.unknown(1_000, 1_000_000) for place in self._places()}
        for fees, place, rate, fixed in self._tariffs(relaxed):
            relaxed.near(fees | {of_place[place]: -rate}, fixed, TARIFF_WEIGHT)
        found = relaxed.values(whole=())

        # One whole number of inhabitants for each municipality, and fees in whole kronor by the tariffs.
        inhabitants = {place: round(found[column]) for place, column in of_place.items()}
        whole = self._near(kept, {key: round(found[column]) for key, column in relaxed.columns.items()})
        for fees, place, rate, fixed in self._tariffs(whole):
            whole.near(fees, fixed + round(rate * inhabitants[place]), TARIFF_WEIGHT)
        values = whole.values(whole=whole.columns.values())
        return {key: round(values[column]) for key, column in whole.columns.items()}

    def _near(self, bounds: Iterable[Bound], targets: Mapping[Unknown, int]) -> "Program":
        program = Program(self.targets, [*self.ties, *(bound.constraint() for bound in bounds)])
        for key, target in targets.items():
            program.near({program.columns[key]: 1.0}, target)
        return program

    def _places(self) -> list[str]:
        return sorted({account.rsplit(":", 1)[1] for account in self.accounts if number_of(account) == "3119"})

    def _tariffs(self, program: "Program") -> Iterator[tuple[dict[int, float], str, float, int]]:
        """Yield the fees of the last year that tariffs set: columns, place, kronor an inhabitant, kronor besides."""
        for place in self._places():
            for units, rate, fixed in TARIFFS.values():
                names = [f"Income:{unit}:{number}:{place}" for unit in units for number in FEES]
                keys = [key for name in names if (key := ("amount", name, YEARS[-1])) in self.targets]
                if keys:
                    yield {program.columns[key]: -1.0 for key in keys}, place, rate, fixed


FEES = ("3111-Förbundsbidrag", "3119-Medlemsavgifter")


class Program:
    """A program in the making: columns that are unknowns or distances, and rows that bind them."""

    def __init__(self, targets: Mapping[Unknown, int], rows: Iterable[Constraint]) -> None:
        self.bounds: list[tuple[float, float]] = []
        self.cost: list[float] = []
        self.rows: list[tuple[dict[int, float], float, float]] = []
        # An amount keeps the sign of its target.
        self.columns = {
            key: self.unknown(max(target - OFF, 0), target + OFF)
            if target > 0
            else self.unknown(target - OFF, min(target + OFF, 0))
            for key, target in targets.items()
        }
        for row in rows:
            self.row(row.terms, row.least, row.most)

    def unknown(self, least: float, most: float, cost: float = 0) -> int:
        """Add an unknown, and return its column."""
        self.bounds.append((least, most))
        self.cost.append(cost)
        return len(self.cost) - 1

    def row(self, terms: Terms, least: float, most: float, more: Mapping[int, float] | None = None) -> None:
        """Add a constraint on keyed unknowns, and on columns besides."""
        columns = {self.columns[key]: factor for key, factor in terms.items() if factor}
        self.rows.append((columns | dict(more or {}), least, most))

    def near(self, columns: Mapping[int, float], target: float, weight: float = 1) -> None:
        """Make the distance of an expression from a target cost `weight` a krona."""
        above, below = self.unknown(0, np.inf, weight), self.unknown(0, np.inf, weight)
        self.rows.append((dict(columns) | {above: -1.0, below: 1.0}, target, target))

    def inside(self, terms: Terms, middle: float, reach: float, weight: float) -> None:
        """Make what an expression is further than `reach` from `middle` cost `weight` a krona."""
        above, below = self.unknown(0, np.inf, weight), self.unknown(0, np.inf, weight)
        self.row(terms, -np.inf, middle + reach, {above: -1.0})
        self.row(terms, middle - reach, np.inf, {below: 1.0})

    def values(self, whole: Iterable[int]) -> list[float]:
        """Return every column's value at the least cost, those of `whole` integral. Raises ValueError if none fit."""
        parts = [
            (row, column, factor) for row, (terms, _, _) in enumerate(self.rows) for column, factor in terms.items()
        ]
        at, columns, factors = zip(*parts, strict=True)
        matrix = csr_array((factors, (at, columns)), shape=(len(self.rows), len(self.cost)))
        integrality = np.zeros(len(self.cost), dtype=int)
        integrality[list(whole)] = 1
        result = milp(
            c=np.array(self.cost),
            integrality=integrality,
            bounds=Bounds(*np.array(self.bounds).T),
            constraints=LinearConstraint(matrix, [row[1] for row in self.rows], [row[2] for row in self.rows]),
        )
        if not result.success:
            raise ValueError(f"no amounts give the printed figures: {result.message}")
        return [float(value) for value in result.x]


def added(parts: Iterable[Terms]) -> Terms:
    """Return the sum of expressions."""
    total: Terms = defaultdict(float)
    for part in parts:
        for key, factor in part.items():
            total[key] += factor
    return dict(total)


def times(terms: Terms, factor: float) -> Terms:
    """Return an expression multiplied."""
    return {key: factor * own for key, own in terms.items()}


def equal(terms: Terms) -> Constraint:
    """Return the constraint that an expression is zero."""
    return Constraint(terms, 0, 0)
