"""What stands beside a statement's own columns, and statements side by side; held against the books by hand."""

from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from beancount.core import data
from click.testing import CliRunner

from forbundsbok.plugins.loading import LoadedLedger, load_ledger
from forbundsbok.queries.general_ledger import GeneralLedger, read
from forbundsbok.queries.statement import Period, Statement
from forbundsbok.queries.statements import by_unit, by_year, statement
from forbundsbok.queries.trace import figure_at, traces_of
from forbundsbok.queries.views import ALL
from forbundsbok.scripts.forbundsbok import main
from tests.conftest import TINY

YEAR, BEFORE = Period(2024), Period(2023)
PART = Period(2024, 1, 8)


@pytest.fixture(scope="module")
def books(sjuharad_ledger: GeneralLedger) -> GeneralLedger:
    return sjuharad_ledger


def number(posting: data.Posting) -> Decimal:
    assert posting.units is not None
    assert posting.units.number is not None
    return posting.units.number


def ore(shown: Statement, column: str) -> dict[str, int]:
    return {row.id: row.figures[column].ore for row in shown.rows if column in row.figures}


def outcome(loaded: LoadedLedger, first: str, months: tuple[int, int]) -> Decimal:
    """Return what accounts that begin with some digits have taken in during some months of 2024."""
    return -sum(
        (
            number(posting)
            for entry in loaded.entries
            if isinstance(entry, data.Transaction)
            and entry.date.year == 2024
            and months[0] <= entry.date.month <= months[1]
            for posting in entry.postings
            if posting.account.split(":")[2].startswith(first)
            and posting.account.split(":")[0] in ("Income", "Expenses")
        ),
        Decimal(0),
    )


def budgeted(loaded: LoadedLedger, first: str) -> Decimal:
    """Return what is budgeted for 2024 of accounts that begin with some digits, as taken in."""
    return -sum(
        (
            entry.values[2].value.number
            for entry in loaded.entries
            if isinstance(entry, data.Custom)
            and entry.type == "budget"
            and entry.date.year == 2024
            and entry.values[0].value.split(":")[2].startswith(first)
        ),
        Decimal(0),
    )


def test_a_forecast_is_what_has_happened_and_the_budget_of_the_months_left(
    books: GeneralLedger, sjuharad_loaded: LoadedLedger
) -> None:
    shown = statement(books, "resultat", PART, None)
    forecast = ore(shown, "prognos")["finansiella-intakter"]
    expected = outcome(sjuharad_loaded, "8", (1, 8)) + budgeted(sjuharad_loaded, "8") * 4 / 12
    costs = ore(shown, "prognos")["finansiella-kostnader"]
    assert Decimal(forecast + costs).scaleb(-2) == expected.quantize(Decimal("0.01"), ROUND_HALF_UP)
    whole = ore(statement(books, "resultat", YEAR, None, view=ALL), "budget")
    assert ore(shown, "arsbudget") == whole
    assert sum(budgeted(sjuharad_loaded, each) for each in "345678") == Decimal(whole["resultat"]).scaleb(-2)


@pytest.mark.parametrize("layout", ["", "lag"])
@pytest.mark.parametrize("name", ["resultat", "drift", "balanskrav"])
def test_part_of_a_year_has_a_forecast_that_leads_to_vouchers_and_budget(
    books: GeneralLedger, name: str, layout: str
) -> None:
    shown = statement(books, name, PART, Period(2023, 1, 8), layout=layout)
    [column] = [each for each in shown.columns if each.key == "prognos"]
    assert column.label == "prognos 2024"
    for row in shown.rows:
        if column.key in row.figures:
            found, its_row, its_column = figure_at(books, shown.address(row, column), "sv")
            assert its_row.figures[its_column.key] == row.figures[column.key]
            assert found.id == name
            traces_of(books, row.figures[column.key])
    assert not [each for each in statement(books, name, YEAR, BEFORE, layout=layout).columns if each.key == "prognos"]
    assert not [
        each
        for each in statement(books, name, Period(2024, 3, 8), None, layout=layout).columns
        if each.key == "prognos"
    ]


def test_change_per_cent_and_budget_stand_beside_the_outcome(books: GeneralLedger) -> None:
    shown = statement(books, "resultat", YEAR, BEFORE, view=ALL)
    assert [each.key for each in shown.columns] == ["year", "compare", "budget", "avvikelse", "change", "percent"]
    for row in shown.rows:
        of = {key: figure.ore for key, figure in row.figures.items()}
        assert of["change"] == of["year"] - of["compare"]
        assert of["avvikelse"] == of["year"] - of["budget"]
        assert ("percent" in row.texts) == (of["compare"] != 0)
    by_label = {row.label: row.texts.get("percent") for row in shown.rows}
    # 43 028 against 34 851: 23.5 % more; costs of 80 743 against 71 114: 13.5 % more, that is less in the result.
    assert (by_label["Verksamhetens intäkter"], by_label["Verksamhetens kostnader"]) == ("23,5", "-13,5")
    english = statement(books, "resultat", YEAR, BEFORE, language="en", view=ALL)
    assert english.rows[0].texts["percent"] == "23.5"
    assert [each.printed for each in shown.columns] == [True, True, False, False, False, False]


@pytest.mark.parametrize(("name", "layout"), [("resultat", ""), ("balans", ""), ("balans", "lag"), ("drift", "")])
def test_units_side_by_side_and_what_is_internal_make_the_whole(books: GeneralLedger, name: str, layout: str) -> None:
    shown = by_unit(books, name, YEAR, layout)
    whole = statement(books, name, YEAR, None, layout=layout)
    *units, internal, total = (each.key for each in shown.columns)
    assert len(units) == 10
    assert ore(shown, total) == ore(whole, "year")
    for row in shown.rows:
        assert row.label
        if row.figures:
            parts = [row.figures[each].ore for each in (*units, internal) if each in row.figures]
            assert sum(parts) == (row.figures[total].ore if total in row.figures else 0), row.label
    # Every column keeps the addresses of the statement that it is from.
    row = next(each for each in shown.rows if {"NAV", total} <= set(each.figures))
    nav = next(each for each in shown.columns if each.key == "NAV")
    assert figure_at(books, shown.address(row, nav), "sv")[0].unit == "NAV"
    assert [each.id for each in shown.rows if each.id in ore(whole, "year")] == list(ore(whole, "year"))


def test_what_is_internal_are_the_postings_on_internal_accounts(
    books: GeneralLedger, sjuharad_loaded: LoadedLedger
) -> None:
    intern = {
        entry.account for entry in sjuharad_loaded.entries if isinstance(entry, data.Open) and entry.meta.get("intern")
    }
    booked = sum(
        number(posting)
        for entry in sjuharad_loaded.entries
        if isinstance(entry, data.Transaction) and entry.date.year == 2024
        for posting in entry.postings
        if posting.account in intern and posting.account.split(":")[2].startswith("3")
    )
    assert Decimal(ore(by_unit(books, "resultat", YEAR), "internt")["intakter"]).scaleb(-2) == booked


def test_goals_stand_beside_each_of_the_years(tmp_path: Path) -> None:
    path = tmp_path / "main.bean"
    goal = '2021-01-01 custom "goal" "resultat" 2000000.00 SEK\n  benamning: "Resultatet är minst två miljoner"\n'
    path.write_text(TINY + goal, encoding="utf-8")
    loaded = load_ledger(path)
    shown = by_year(read(loaded.entries, loaded.options), "mal", [Period(2022), Period(2021)])
    assert [column.key for column in shown.columns] == [
        *("2022", "2022-least", "2022-uppfyllt"),
        *("2021", "2021-least", "2021-uppfyllt"),
    ]
    [result] = [row for row in shown.rows if row.id == "resultat"]
    for year, least in (("2022", Decimal(0)), ("2021", Decimal(2000000))):
        came = -sum(
            (
                number(row)
                for entry in loaded.entries
                if isinstance(entry, data.Transaction) and entry.date.year == int(year)
                for row in entry.postings
                if row.account.startswith(("Income", "Expenses"))
            ),
            Decimal(0),
        )
        assert (result.figures[year].kronor, result.figures[f"{year}-least"].kronor) == (came, least)
        assert result.texts[f"{year}-uppfyllt"] == ("uppfyllt" if came >= least else "ej uppfyllt")
    assert set(result.texts.values()) == {"uppfyllt", "ej uppfyllt"}
    ran = CliRunner().invoke(main, ["show", "mal", "--year", "2022", "--years", "2", "--ledger", str(path)])
    heading = " ".join(ran.stdout.splitlines()[1].split())
    assert heading == "Tkr 2022 Lägst 2022 Mål 2022 2021 Lägst 2021 Mål 2021"


def test_years_side_by_side_are_those_years(books: GeneralLedger) -> None:
    shown = by_year(books, "balans", [YEAR, BEFORE], unit="NAV")
    for period in (YEAR, BEFORE):
        assert ore(shown, str(period)) == ore(statement(books, "balans", period, None, unit="NAV"), "year")


def test_show_says_what_rows_must_agree_with_and_what_does_not_go_together(sjuharad: Path) -> None:
    def shown(*arguments: str) -> str:
        return CliRunner().invoke(main, ["show", *arguments, "--year", "2024", "--ledger", str(sjuharad)]).output

    marks = shown("balans", "--marks")
    assert "Därav årets resultat, 2024: Resultaträkning total: Årets resultat, 510 788,00" in marks
    assert "Kortfristiga skulder, 2023: Kortfristiga skulder: Summa, 86 728 700,00" in marks
    assert "--by-unit" in shown("balans", "--by-unit", "--unit", "NAV")
    assert "Internt" in shown("resultat", "--by-unit")
    assert "Avvikelse" in shown("resultat", "--budget")
    assert shown("balans", "--years", "5").splitlines()[1].split() == ["Tkr", "2024", "2023", "Not"]
