"""The annual accounts, or those of part of a year: all that a format prints, made once.

    report(load(Path("ledger/main.bean")), Period(2024), Period(2023))

Its statements are proven; what its figures must agree with in other statements follows from their proofs.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from forbundsbok.plugins.language import N_, translation
from forbundsbok.plugins.seal_history import SealedYear
from forbundsbok.queries.charts import Chart, charts
from forbundsbok.queries.comparison import Contradiction
from forbundsbok.queries.general_ledger import GeneralLedger
from forbundsbok.queries.statement import Period, Side, Statement
from forbundsbok.queries.statements import statements
from forbundsbok.queries.views import OWN, View


@dataclass(frozen=True)
class AnnualReport:
    """Statements in printed order, in one language, by the ledger's layouts or (`layout` "lag") the law's.

    `contradictions` are those that are known of the printed report of the year.
    """

    ledger: GeneralLedger
    period: Period
    compare: Period | None
    language: str
    layout: str
    statements: tuple[Statement, ...]
    contradictions: tuple[Contradiction, ...] = ()

    @property
    def federation(self) -> str:
        """What the federation is called."""
        return self.ledger.federation

    @property
    def number(self) -> str:
        """Its organisation number, empty where the books do not say it."""
        return self.ledger.organisation_number

    @property
    def file_name(self) -> str:
        """What a file that holds all of it is called: `arsredovisning-2024`, `delarsrapport-2024-01--08`."""
        return f"{'arsredovisning' if self.period.whole_year else 'delarsrapport'}-{self.period}"

    @property
    def period_in_words(self) -> str:
        """What it is of, in its language: `2024`, `januari–augusti 2024`."""
        return self.period.in_words(self.language)

    @property
    def title(self) -> str:
        """What it is called in its language: `Annual report 2024`."""
        text = N_("Annual report {period}") if self.period.whole_year else N_("Interim report {period}")
        return translation(text, self.language).format(period=self.period_in_words)

    @property
    def seals(self) -> Sequence[SealedYear]:
        """The sealed years up to the one that the report is of, the earliest first."""
        return [sealed for sealed in self.ledger.seals if sealed.year <= self.period.year]

    @cached_property
    def charts(self) -> tuple[Chart, ...]:
        """The charts of the period, in the report's language."""
        return charts(self.ledger, self.period, self.compare, self.language)

    @cached_property
    def agreements(self) -> Mapping[str, Sequence[Side]]:
        """What each figure must agree with, by its address: the other side of every proof that it stands in."""
        agreements: dict[str, list[Side]] = defaultdict(list)
        for proof in (proof for each in self.statements for proof in each.proofs):
            for side, other in ((proof.left, proof.right), (proof.right, proof.left)):
                if side.address:
                    agreements[side.address].append(other)
        return agreements

    def place(self, file: str, line: int) -> str:
        """Return where something stands, by its file beside the books: `units/FK/2024.bean:12`; empty for no file."""
        return self.ledger.place(file, line)

    def statement(self, name: str) -> Statement:
        """Return the statement of a full name (`resultat`, `resultat-RT`, `not-7`). Raises KeyError."""
        return {each.full_name: each for each in self.statements}[name]


def report(
    ledger: GeneralLedger,
    period: Period,
    compare: Period | None,
    language: str = "sv",
    layout: str = "",
    contradictions: Sequence[Contradiction] = (),
    view: View = OWN,
) -> AnnualReport:
    """Return the annual accounts. Raises StatementError as `statement` does."""
    made = tuple(statements(ledger, period, compare, language, layout, view))
    return AnnualReport(ledger, period, compare, language, layout, made, tuple(contradictions))
