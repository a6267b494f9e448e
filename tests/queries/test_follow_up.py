"""The follow-up: every column against the vouchers and budgets as they stand in the books, read by other code."""

from collections import Counter
from dataclasses import replace
from datetime import date

import pytest
from beancount.core import data

from forbundsbok.plugins.budget import budget_of_months, read_budgets
from forbundsbok.plugins.loading import LoadedLedger
from forbundsbok.queries.follow_up import BY, FORECASTS, By, Forecast, follow_up
from forbundsbok.queries.general_ledger import GeneralLedger
from forbundsbok.queries.report import report
from forbundsbok.queries.statement import Period, Statement
from forbundsbok.queries.statements import StatementError, statement
from forbundsbok.queries.trace import figure_at, traces_of
from tests.scripts.render.test_xlsx import calculated, workbook_of

MAY = Period(2024, 1, 5)


@pytest.fixture(scope="module")
def books(sjuharad_ledger: GeneralLedger) -> GeneralLedger:
    return sjuharad_ledger


def column(made: Statement, key: str) -> dict[str, int]:
    return {row.id: row.figures[key].ore for row in made.rows if key in row.figures}


def booked(loaded: LoadedLedger, first: date, last: date, project: str = "") -> Counter[str]:
    """Return what the vouchers of some days come to on each account of the result, as printed, in öre."""
    sums: Counter[str] = Counter()
    for entry in loaded.entries:
        if not isinstance(entry, data.Transaction) or not first <= entry.date <= last:
            continue
        if project and entry.meta.get("projekt") != project:
            continue
        for account, amount, *_ in entry.postings:
            if account.startswith(("Income:", "Expenses:")):
                assert amount is not None
                assert amount.number is not None
                sums[account] -= int(amount.number * 100)
    return sums


def test_accounts_are_what_their_vouchers_and_budgets_say(books: GeneralLedger, sjuharad_loaded: LoadedLedger) -> None:
    made = follow_up(books, MAY, months=True)
    happened = booked(sjuharad_loaded, date(2024, 1, 1), date(2024, 5, 31))
    in_april = booked(sjuharad_loaded, date(2024, 4, 1), date(2024, 4, 30))
    budgets = {
        account: [int(-budget_of_months(each, 2024, first, last) * 100) for first, last in ((1, 5), (6, 12), (1, 12))]
        for account, each in read_budgets(sjuharad_loaded.entries).items()
    }
    assert len(made.rows) > 300
    checked = 0
    for row in made.rows:
        if row.id.startswith(("Income:", "Expenses:")):
            until, left, year = budgets.get(row.id, (0, 0, 0))
            of_row = {key: figure.ore for key, figure in row.figures.items()}
            assert of_row["year"] == happened[row.id] == sum(of_row[f"m{month:02}"] for month in range(1, 6))
            assert (of_row["m04"], of_row["budget"], of_row["arsbudget"]) == (in_april[row.id], until, year)
            assert of_row["avvikelse"] == happened[row.id] - until
            assert of_row["prognos"] == happened[row.id] + left
            checked += of_row["year"]
    assert checked == sum(happened.values()) == column(made, "year")["resultat"]


def test_units_come_to_the_income_statements(books: GeneralLedger) -> None:
    made = column(follow_up(books, MAY, "enhet"), "year")
    assert made.pop("resultat") == sum(made.values())
    for unit in books.units:
        result = statement(books, "resultat", MAY, None, unit).rows[-1]
        assert made[f"enhet-{unit}"] == result.figures["year"].ore
        own = column(follow_up(books, MAY, unit=unit), "prognos")
        assert own["resultat"] == result.figures["prognos"].ore


@pytest.mark.parametrize("by", ["konto", "enhet"])
def test_a_year_without_a_budget_has_no_deviation_from_it_and_no_forecast_by_it(books: GeneralLedger, by: By) -> None:
    without = replace(books, budgets={})
    for period in (Period(2024), Period(2024, 1, 5)):
        made = follow_up(without, period, by)
        assert [column.key for column in made.columns] == ["year"]
        assert "budget för 2024" in made.footnotes[0]
        assert not follow_up(books, period, by).footnotes
    by_year_before = follow_up(without, Period(2024, 1, 5), by, forecast="fjolaret")
    assert [column.key for column in by_year_before.columns] == ["year", "prognos"]


def test_the_year_before_makes_a_forecast(books: GeneralLedger, sjuharad_loaded: LoadedLedger) -> None:
    march = Period(2024, 3)
    made = column(follow_up(books, Period(2024, 3, 3), "enhet", forecast="fjolaret"), "prognos")["resultat"]
    of = [
        booked(sjuharad_loaded, date(2024, 3, 1), date(2024, 3, 31)),
        booked(sjuharad_loaded, date(2023, 1, 1), date(2023, 2, 28)),
        booked(sjuharad_loaded, date(2023, 4, 1), date(2023, 12, 31)),
    ]
    assert made == sum(sum(each.values()) for each in of)
    assert "prognos" not in column_keys(follow_up(books, replace(march, first_month=1), "enhet"))


def column_keys(made: Statement) -> list[str]:
    return [each.key for each in made.columns]


def test_projects_are_what_vouchers_name(books: GeneralLedger, sjuharad_loaded: LoadedLedger) -> None:
    made = follow_up(books, Period(2024), "projekt", months=True)
    rows = {row.label: row for row in made.rows}
    named = {
        entry.meta["projekt"]
        for entry in sjuharad_loaded.entries
        if "projekt" in entry.meta and entry.date.year == 2024
    }
    assert set(rows) - named == {"Utan projekt", "Periodens resultat"}
    for project in set(rows) & named:
        happened = booked(sjuharad_loaded, date(2024, 1, 1), date(2024, 12, 31), project)
        figure = rows[project].figures["year"]
        assert figure.ore == sum(happened.values()) == sum(line.ore for line in figure.told)
    lines = [row.figures["m03"].ore for row in made.rows if row.kind == "line"]
    assert sum(lines) == rows["Periodens resultat"].figures["m03"].ore


@pytest.mark.parametrize("by", BY)
@pytest.mark.parametrize("forecast", FORECASTS)
def test_every_figure_has_an_address_that_leads_to_its_vouchers(
    books: GeneralLedger, by: By, forecast: Forecast
) -> None:
    made = follow_up(books, MAY, by, "NAV", forecast=forecast)
    for row in made.rows:
        for key, figure in row.figures.items():
            [of] = [each for each in made.columns if each.key == key]
            found, *_ = figure_at(books, made.address(row, of), "sv")
            assert found.full_name == f"uppfoljning-{by}-NAV"
            assert {each.id: each for each in found.rows}[row.id].figures[key] == figure
            traced = sum(trace.part.sign * trace.ore for trace in traces_of(books, figure))
            assert traced + sum(each.ore for each in figure.told) == figure.ore


def test_the_workbook_says_the_same_and_is_calculated(books: GeneralLedger) -> None:
    made = tuple(follow_up(books, MAY, by, "NAV", months=True) for by in BY)
    whole = replace(report(books, MAY, None), statements=made)
    found = calculated(workbook_of(whole)).report(whole).statements
    for wanted, each in zip(made, found, strict=True):
        assert each.rows == tuple(
            replace(row, figures={key: replace(figure, sums=(), told=()) for key, figure in row.figures.items()})
            for row in wanted.rows
        )


@pytest.mark.parametrize(
    ("period", "unit", "forecast", "told"),
    [
        (Period(2030), "", "budget", "ingenting är bokfört 2030"),
        (MAY, "XX", "budget", "det finns ingen enhet XX"),
        (Period(2023, 1, 2), "", "fjolaret", "det finns inget från 2022"),
    ],
)
def test_what_is_not_there_is_said(books: GeneralLedger, period: Period, unit: str, forecast: str, told: str) -> None:
    with pytest.raises(StatementError, match=told):
        follow_up(books, period, unit=unit, forecast=forecast)  # type: ignore[arg-type]
