"""The statements beside an answer sheet, figure by figure.

    compared = list(figures(books, ledger))
    [each for each in compared if each.said != each.line.amount]

Statements are asked by the names of their rows alone. Every line of the sheet has its figure here; a line that no
statement prints is named in NOT_PRINTED, with why.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from forbundsbok.queries.general_ledger import GeneralLedger
from forbundsbok.queries.statement import Period, Statement
from forbundsbok.queries.statements import comparative, statement, statement_names
from tests.federations.events import Federation
from tests.federations.sheet import NOTHING, Line

WHOLE = ("resultat", "balans", "kassaflode", "balanskrav")
# The notes that are asked for by their titles, since their numbers follow from what there is.
TITLES = {
    "intakter": "Verksamhetens intäkter",
    "kostnader": "Verksamhetens kostnader",
    "finansiella-intakter": "Finansiella intäkter",
    "finansiella-kostnader": "Finansiella kostnader",
    "extraordinara-poster": "Extraordinära poster",
    "medlemsbidrag": "Medlemsbidrag",
    "immateriella": "Immateriella anläggningstillgångar",
    "mark-och-byggnader": "Mark, byggnader och tekniska anläggningar",
    "maskiner": "Maskiner och inventarier",
    "pagaende": "Övriga materiella anläggningstillgångar",
    "finansiella": "Finansiella anläggningstillgångar",
    "fordringar": "Fordringar",
    "eget-kapital": "Eget kapital",
    "langfristiga-lan": "Långfristiga skulder",
    "investeringsbidrag": "Långfristiga skulder",
    "kortfristiga-skulder": "Kortfristiga skulder",
    "leasing": "Operationell leasing",
}
# What the sheet calls a kind of income or cost, and the row that has it: several words may share one.
KINDS = {
    "arbetsgivaravgifter": "personalavgifter",
    "pensionskostnad": "pensionskostnader",
    "loneskatt": "pensionskostnader",
    "material": "forbrukningsmaterial",
    "hyra": "tjanster",
    "leasing": "tjanster",
    "avsattningskostnad": "tjanster",
    "vinst-aktier": "realisationsvinst-finansiell",
    "forlust-aktier": "realisationsforlust-finansiell",
    "nedskrivning-aktier": "finansiella-kostnader",
    "vinst-placering": "realisationsvinst-finansiell",
    "gavor": "ovriga-intakter",
}
BY_KIND = ("intakter", "kostnader", "finansiella-intakter", "finansiella-kostnader", "extraordinara-poster")


class Compared(NamedTuple):
    """A line of the sheet, and what the statement says."""

    line: Line
    said: Decimal


def figures(books: Federation, ledger: GeneralLedger, of: Sequence[int] = ()) -> Iterator[Compared]:
    """Yield each figure that the sheet and the statements have, of all years or of some."""
    years: dict[int, list[Line]] = defaultdict(list)
    for line in books.sheet.lines():
        if not of or line.year in of:
            years[line.year].append(line)
    for year, lines in years.items():
        yield from _Year(books, ledger, year).compared(lines)


class _Year:
    """The statements of a year."""

    def __init__(self, books: Federation, ledger: GeneralLedger, year: int) -> None:
        self.books, self.year = books, year
        period = Period(year)
        before = comparative(ledger, period, None)
        names = statement_names(ledger, period, before)
        made = [statement(ledger, name, period, before) for name in names]
        self.named = {each.id: each for each in made}
        for unit in ledger.units_with(ledger.in_use([period])):
            own = statement(ledger, "resultat", period, before, unit)
            self.named[own.full_name] = own
        self.titled = {each.title: each for each in made if each.id.startswith("not-")}

    def compared(self, lines: list[Line]) -> Iterator[Compared]:
        kinds: dict[tuple[str, str], Decimal] = defaultdict(lambda: NOTHING)
        for line in lines:
            table = line.table.removeprefix("not-")
            if (table, line.row) in NOT_PRINTED or table in NOT_PRINTED:
                continue
            if table in BY_KIND:
                kinds[table, KINDS.get(line.row, line.row)] += line.amount
            else:
                yield Compared(line, self._said(table, line.row))
        for (table, row), amount in kinds.items():
            said = _figure(self.titled.get(TITLES[table]), row)
            costs = table in {"kostnader", "finansiella-kostnader"}
            yield Compared(Line(table, row, self.year, amount), -said if costs else said)

    def _said(self, table: str, row: str) -> Decimal:
        """Return what the statements say of a line of the sheet."""
        if table in WHOLE or table.startswith("resultat-"):
            return _figure(self.named[table], row)
        if table == "drift":
            unit, what = row.split()
            return _figure(self.named["drift"], f"enhet-{unit}", "year" if what == "netto" else what)
        if table.startswith("investeringar"):
            unit, where = row.split()
            column = "totalt" if table.endswith("totalt") else "year"
            return _figure(self.named["investering"], f"projekt-{unit}-{where}", column)
        if table == "medlemsbidrag":
            return _figure(self.titled[TITLES[table]], f"medlem-{row}")
        if table in self.books.provisions:
            return self._provision(table, row.removeprefix("avsattning "))
        if table in {"fordringar", "kortfristiga-skulder", "leasing"}:
            return _figure(self.titled.get(TITLES[table]), row)
        block, what = row.split()
        if table == "eget-kapital":
            return _figure(self.titled[TITLES[table]], what if block in {"totalt", "kapital"} else f"{block}-{what}")
        return _figure(self.titled.get(TITLES[table]), f"{block}-{what}")

    def _provision(self, code: str, row: str) -> Decimal:
        shown = next((each for name, each in self.named.items() if name.endswith(f"-{code.lower()}")), None)
        return _figure(shown, row if row in {"in", "ut"} else f"slag-{row.capitalize()}")


def _figure(shown: Statement | None, row: str, column: str = "year") -> Decimal:
    """Return a figure; what is not printed is nothing."""
    if shown is None:
        return NOTHING
    found = [each.figures[column].kronor for each in shown.rows if each.id == row and column in each.figures]
    assert len(found) < 2, (shown.id, row)
    return found[0] if found else NOTHING


NOT_PRINTED: Mapping[str | tuple[str, str], str] = {
    ("eget-kapital", "kapital in"): "equity goes in whole, with the results",
    ("eget-kapital", "kapital ut"): "equity goes out whole",
    ("eget-kapital", "kapital omforing"): "the other side of the reserve",
}
