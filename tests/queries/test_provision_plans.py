"""A provision's plan beside the books: each year against the directives and vouchers, read by other code."""

from collections import Counter, defaultdict
from decimal import Decimal

import pytest
from beancount.core import data

from forbundsbok.plugins.loading import LoadedLedger
from forbundsbok.queries.general_ledger import GeneralLedger
from forbundsbok.queries.provision_plans import provision_plan
from forbundsbok.queries.statement import Period, Statement
from forbundsbok.queries.statements import StatementError
from forbundsbok.queries.trace import figure_at, traces_of

E20 = "Liabilities:RU:2293-Statlig-infrastruktur:E20"


@pytest.fixture(scope="module")
def books(sjuharad_ledger: GeneralLedger) -> GeneralLedger:
    return sjuharad_ledger


def kronor(made: Statement) -> dict[tuple[str, str], Decimal]:
    return {(row.id, key): figure.kronor for row in made.rows for key, figure in row.figures.items()}


def test_each_year_is_what_the_plan_and_the_vouchers_say(books: GeneralLedger, sjuharad_loaded: LoadedLedger) -> None:
    planned: Counter[tuple[str, str]] = Counter()
    booked: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for entry in sjuharad_loaded.entries:
        if isinstance(entry, data.Custom) and entry.type == "provision-plan" and entry.values[0].value == "E20":
            kind, amount = entry.values[1].value, entry.values[2].value.number
            planned[str(entry.date.year), kind] += -amount if kind == "Utbetalning" else amount
        if isinstance(entry, data.Transaction) and entry.date.year > 2022:
            for account, amount, *_ in entry.postings:
                if account.startswith(f"{E20}:") and amount is not None and amount.number is not None:
                    booked[str(entry.date.year), account.rpartition(":")[2]] -= amount.number
    made = provision_plan(books, "E20", Period(2024))
    told = kronor(made)
    assert {key: each for key, each in told.items() if key[1].startswith("plan-")} == {
        (year, f"plan-{kind}"): amount for (year, kind), amount in planned.items() if amount
    }
    for (year, kind), amount in booked.items():
        assert told[year, f"bokfort-{kind}"] == amount
    left = Decimal(0)
    for row in made.rows:
        left += sum(amount for (year, _), amount in planned.items() if year == row.id)
        assert told[row.id, "kvar-plan"] == left
        assert told.get((row.id, "avvikelse"), 0) == 0
    assert told["2024", "kvar"] == left == Decimal("5340651.00")  # the report's note 20


@pytest.mark.parametrize("period", [Period(2024, 1, 11), Period(2024, 11, 11)])
def test_part_of_a_year_is_held_against_the_plan_of_the_year_when_it_is_over(
    books: GeneralLedger, period: Period
) -> None:
    """Until then the row has what is booked since the year began, as what is left has it, whatever months are asked."""
    made = provision_plan(books, "E20", period)
    told = kronor(made)
    assert ("2024", "avvikelse") not in told
    assert told["2023", "avvikelse"] == 0
    booked = sum(amount for (year, key), amount in told.items() if year == "2024" and key.startswith("bokfort-"))
    assert told["2023", "kvar"] + booked == told["2024", "kvar"]
    assert {row.id: row.label for row in made.rows}["2024"] == "januari–november 2024"
    [told_below] = made.footnotes
    assert "2024-11-30" in told_below


def test_every_figure_has_an_address_that_leads_back_to_it(books: GeneralLedger) -> None:
    made = provision_plan(books, "E20", Period(2024))
    for row in made.rows:
        for column in made.columns:
            if column.key in row.figures:
                found, same, _ = figure_at(books, made.address(row, column), "sv")
                figure = same.figures[column.key]
                assert (found.full_name, figure) == ("avsattning-E20", row.figures[column.key])
                traced = sum(trace.part.sign * trace.ore for trace in traces_of(books, figure))
                assert traced + sum(each.ore for each in figure.told) == figure.ore


def test_a_provision_that_is_not_there_is_said(books: GeneralLedger) -> None:
    with pytest.raises(StatementError, match="det finns ingen avsättning E21; det finns E20, SOC"):
        provision_plan(books, "E21", Period(2024))
