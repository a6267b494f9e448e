"""A provision's plan beside the books: what was to happen each year, what did, and what is left.

    provision_plan(ledger, "E20", Period(2024))

A row is a year, from the first that the plan has until its last. What raises the provision is positive, what is paid of
it negative, and what is left is the debt. Years before the books have their plan alone, and so have those to come. A
year is planned as a whole: of one that is begun, what is booked until the period's end stands beside its plan, and is
no deviation yet.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from forbundsbok.plugins.language import N_, tr, translation
from forbundsbok.plugins.money import ORE
from forbundsbok.plugins.provisions import Provision
from forbundsbok.queries.general_ledger import GeneralLedger
from forbundsbok.queries.statement import (
    Column,
    Figure,
    Measure,
    Period,
    RegisterEntry,
    Statement,
    StatementRow,
)
from forbundsbok.queries.statements import StatementError

NAME = "avsattning"

PLANNED = N_("plan, {kind}")
BOOKED = N_("booked, {kind}")
LEFT_BY_PLAN = N_("left by the plan")
LEFT = N_("left by the books")
DEVIATION = N_("deviation")
BEGUN = N_("The plan is of the whole of {year}: what is booked until {end} is held against it when the year is over.")


def provision_plan(ledger: GeneralLedger, code: str, period: Period, language: str = "sv") -> Statement:
    """Return the plan and the books of a provision, as they are at the end of a period. Raises StatementError."""
    ledger = ledger.at(period.end)
    found = [each for each in ledger.provisions if each.code == code]
    if not found:
        there_are = ", ".join(each.code for each in ledger.provisions) or tr("none")
        raise StatementError(tr(N_("there is no provision {code}; there are {codes}"), code=code, codes=there_are))
    made = _Made(ledger, found[0], period, language)
    rows = tuple(made.rows())
    shown = tuple(each for each in made.columns() if any(each.key in row.figures for row in rows))
    title = translation(N_("Provision {label}"), language).format(label=found[0].label)
    name = f"{NAME}-{code}"
    told = translation(BEGUN, language).format(year=period.year, end=period.end)
    footnotes = () if period.last_month == 12 else (told,)
    return Statement(name, name, title, period, shown, rows, footnotes=footnotes, language=language, lines=rows)


def provision_plan_of_name(ledger: GeneralLedger, period: Period, name: str, language: str) -> Statement | None:
    """Return the plan that an address names, `avsattning-E20`; None for another name. Raises StatementError."""
    first, _, code = name.partition("-")
    return provision_plan(ledger, code, period, language) if first == NAME and code else None


@dataclass(frozen=True)
class _Made:
    ledger: GeneralLedger
    provision: Provision
    period: Period
    language: str

    def columns(self) -> Iterator[Column]:
        for kind in self._kinds:
            yield self._column(f"plan-{kind}", self._text(PLANNED, kind))
            yield self._column(f"bokfort-{kind}", self._text(BOOKED, kind))
        yield self._column("kvar-plan", self._text(LEFT_BY_PLAN))
        yield self._column("kvar", self._text(LEFT))
        yield self._column("avvikelse", self._text(DEVIATION), ("kvar", "kvar-plan"))

    def rows(self) -> Iterator[StatementRow]:
        left = Figure(0)
        for year in self._years:
            figures: dict[str, Figure] = {}
            for kind in self._kinds:
                planned = self._planned(kind, year)
                left += planned
                if planned.ore:
                    figures[f"plan-{kind}"] = planned
                if self._is_booked(year):
                    accounts = self.provision.account_of(kind)
                    figures[f"bokfort-{kind}"] = self._booked(accounts, Measure.MOVEMENT, year)
            figures["kvar-plan"] = left
            if self._is_booked(year) or self.ledger.ends_with_opening(Period(year)):
                figures["kvar"] = self._booked(self.provision.account, Measure.CLOSING, year)
                if self._of(year).whole_year:
                    figures["avvikelse"] = figures["kvar"] + left.times(-1)
            yield StatementRow(str(year), self._of(year).in_words(self.language), figures=figures)

    @property
    def _years(self) -> range:
        planned = [year for _, year in self.provision.plan]
        booked = [year for year in self.ledger.years if year <= self.period.year]
        every = [*planned, *booked, self.period.year]
        return range(min(every), max(every) + 1)

    @property
    def _kinds(self) -> list[str]:
        """The kinds of movement that are planned or booked, in the order that the provision has them."""
        planned = {kind for kind, _ in self.provision.plan}
        return [
            kind
            for kind in self.provision.moves
            if kind in planned or self.ledger.below(self.provision.account_of(kind)).any()
        ]

    def _is_booked(self, year: int) -> bool:
        return year in self.ledger.years and year <= self.period.year

    def _of(self, year: int) -> Period:
        """The part of a year that is told of: the year itself, but until the end of the period in its year."""
        return Period(year, 1, self.period.last_month) if year == self.period.year else Period(year)

    def _planned(self, kind: str, year: int) -> Figure:
        amount = -self.provision.planned_change(kind, year)
        ore = int(Decimal(amount) / ORE)
        text = f"{kind} {year}"
        return Figure(ore, told=(RegisterEntry(date(year, 12, 31), self.provision.code, text, ore),) if ore else ())

    def _booked(self, account: str, measure: Measure, year: int) -> Figure:
        return self.ledger.figure(self.ledger.below(account), measure, self._of(year), sign=-1)

    def _column(self, key: str, label: str, difference: tuple[str, ...] = ()) -> Column:
        at = f"{self.period}/{NAME}-{self.provision.code}/{{row}}/{key}"
        return Column(key, label, printed=False, at=at, difference=difference)

    def _text(self, text: str, kind: str = "") -> str:
        return translation(text, self.language).format(kind=kind.lower())
