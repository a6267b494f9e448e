"""Enheter: the units side by side with what is internal between them, and how each has done.

extension/enheter/?uppstallning=resultat&time=2024-01 - 2024-08
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from forbundsbok.plugins.language import N_, tr
from forbundsbok.plugins.surplus import surplus_account
from forbundsbok.queries.general_ledger import GeneralLedger
from forbundsbok.queries.layout_files import LAW
from forbundsbok.queries.statement import Column, Figure, Measure, Period, Statement, StatementRow, Sum
from forbundsbok.queries.statements import by_unit, comparative, statement, statement_names
from forbundsbok.web.pages.page import Choice, Page, e

UNIT = "enhet-"
"""How the row of a unit begins in the operating account."""
OUTCOME = N_("Outcome of the units")
LEADS = N_("A surplus taken in, or carried out, leads to its account.")


class UnitsPage(Page):
    """The units as columns, and their outcome as rows."""

    address = "enheter"
    title = N_("Units")

    def body(self) -> Iterator[str]:
        period, ledger = self.period, self.figures.ledger
        names = [
            name
            for name in statement_names(ledger, period, comparative(ledger, period, None))
            if not name.startswith("not-") and "unit" in ledger.layouts.layout(name).scopes
        ]
        name = self.asked("uppstallning", names) or "resultat"
        titles = [(each, self.title_of(each)) for each in names]
        yield self.form(
            (
                Choice("uppstallning", tr(N_("Statement")), titles, name),
                self.period_choice(),
                self.amounts_choice(),
            )
        )
        tables = self.tables()
        shown = self.figures.once(by_unit, name, period, "", self.language)
        yield self.heading(shown.heading(), shown.full_name, of=period)
        yield tables.statement(shown)
        outcome = self.figures.once(outcome_of_units, period, self.language)
        yield f'<h2 id="{e(outcome.full_name)}">{e(tr(OUTCOME))}</h2>'
        yield tables.statement(outcome)
        yield f'<p class="soft">{e(tr(LEADS))}</p>'

    def figure_link(self, statement: Statement, row: StatementRow, column: Column) -> str:
        """Return where a figure leads; a surplus has no row in a statement, but an account."""
        figure = row.figures[column.key]
        if column.key in (TAKEN, CARRIED):
            return self.account_link(figure.accounts[0]) if len(figure.accounts) == 1 else ""
        return super().figure_link(statement, row, column)


TAKEN, CARRIED = "intaget", "overfort"


def outcome_of_units(ledger: GeneralLedger, period: Period, language: str) -> Statement:
    """Return the operating account, and what surplus each unit has taken in and carried out, as its result has it.

    Raises StatementError as `statement` does.
    """
    account = statement(ledger, "drift", period, None, "", LAW, language)
    codes = {f"{UNIT}{code}": code for code in ledger.units}
    moved = surpluses(ledger, period)
    rows = tuple(
        replace(row, figures={**row.figures, **{key: each[codes[row.id]] for key, each in moved.items()}})
        if row.id in codes
        else row
        for row in account.rows
    )
    columns = (
        *account.columns,
        Column(TAKEN, tr(N_("surplus taken in"))),
        Column(CARRIED, tr(N_("surplus carried out"))),
    )
    return replace(account, columns=columns, rows=rows)


def surpluses(ledger: GeneralLedger, period: Period) -> Mapping[str, Mapping[str, Figure]]:
    """Return what surplus of earlier years each unit takes in, and what it carries out, signed as income."""
    moved = {key: dict.fromkeys(ledger.units, Figure(0)) for key in (TAKEN, CARRIED)}
    amounts = ledger.amounts(Measure.MOVEMENT, period)
    for name, ore in zip(ledger.chart.index, amounts.tolist(), strict=True):
        account = surplus_account(name, ledger.roles)
        if ore and account and account.root == "Income" and account.unit in ledger.units:
            key = TAKEN if account.year < period.year else CARRIED
            moved[key][account.unit] += Figure(-ore, (Sum((name,), Measure.MOVEMENT, period, -1),))
    return moved
