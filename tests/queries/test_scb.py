"""SCB's Räkenskapssammandrag: each group of accounts as the vouchers have it, held against the law's statements."""

import re
import shutil
from collections import Counter
from pathlib import Path

import pytest
from beancount.core import data
from click.testing import CliRunner

from forbundsbok.plugins.corrections import number_of
from forbundsbok.plugins.loading import LoadedLedger, load_ledger
from forbundsbok.queries import scb
from forbundsbok.queries.general_ledger import GeneralLedger, read
from forbundsbok.queries.scb import summary_of_accounts
from forbundsbok.queries.statement import Period, Statement
from forbundsbok.queries.statements import StatementError, statement
from forbundsbok.queries.trace import figure_at
from forbundsbok.scripts.forbundsbok import main
from tests.federations.raddning import raddning
from tests.scripts.render.test_xlsx import calculated

YEAR = 2024


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> LoadedLedger:
    return load_ledger(raddning().write(tmp_path_factory.mktemp("books"), closed=()))


@pytest.fixture(scope="module")
def books(loaded: LoadedLedger) -> GeneralLedger:
    return read(loaded.entries, loaded.options)


def booked(entries: list[data.Directive], root: str, *, since_ever: bool = False) -> Counter[str]:
    """Return what the vouchers have on each account number under a root, in öre, without what is between units."""
    internal = {each.account for each in entries if isinstance(each, data.Open) and each.meta.get("intern") is True}
    sums: Counter[str] = Counter()
    for entry in entries:
        if isinstance(entry, data.Transaction) and (entry.date.year == YEAR or (since_ever and entry.date.year < YEAR)):
            for row in entry.postings:
                if row.account.startswith(root) and row.account not in internal:
                    sums[row.account.split(":")[2][:4]] += int(number_of(row) * 100)
    return sums


def begins(sums: Counter[str], *starts: str) -> int:
    return sum(ore for number, ore in sums.items() if number.startswith(starts))


def shown(made: Statement) -> dict[str, int]:
    return {row.label: row.figures["year"].ore for row in made.rows if row.figures}


@pytest.mark.parametrize("federation", ["raddning", "sjuharad"])
def test_each_group_of_costs_is_what_the_vouchers_have_on_it(
    request: pytest.FixtureRequest, federation: str, loaded: LoadedLedger, books: GeneralLedger
) -> None:
    if federation == "sjuharad":
        loaded, books = map(request.getfixturevalue, ("sjuharad_loaded", "sjuharad_ledger"))
    result, balance = map(shown, summary_of_accounts(books, YEAR))
    costs = booked(loaded.entries, "Expenses:")
    groups = {label[11:13]: ore for label, ore in result.items() if label.startswith("Kontogrupp")}
    used = {number[:2] for number, ore in costs.items() if begins(costs, number[:2]) and number[:2] < "79"}
    assert {group: ore for group, ore in groups.items() if ore} == {each: -begins(costs, each) for each in used}
    assert result["Kontogrupp 57, hela, personal"] == -begins(costs, "57") != 0
    assert result["därav konto 572"] == -begins(costs, "572")
    assert result["Verksamhetens kostnader"] == sum(groups.values())
    debts = booked(loaded.entries, "Liabilities:", since_ever=True)
    assert balance["Avsättningar för pensioner, konto 221-222"] == -begins(debts, "221", "222")
    others = begins(debts, "221", "222") - begins(debts, "22")
    assert balance["Övriga avsättningar, kontogrupp 22 utan 221-222"] == others
    assert balance["Avsättningar"] == -begins(debts, "22") != 0


def test_its_rows_are_those_of_the_laws_statements(books: GeneralLedger) -> None:
    for made, name in zip(summary_of_accounts(books, YEAR), ("resultat", "balans"), strict=True):
        own, laws = shown(made), shown(statement(books, name, Period(YEAR), None, layout="lag"))
        new = {label for label in own if label.startswith(("Kontogrupp", "därav", "Avsättningar för", "Övriga avs"))}
        assert {label: ore for label, ore in laws.items() if label in own} == {
            label: ore for label, ore in own.items() if label not in new
        }
        assert {row.label for row in made.rows if row.kind == "sum"} <= set(laws)
        assert len(made.proofs) > len(own) - len(new)


@pytest.mark.parametrize(
    ("name", "old", "new"), [("resultat", "tjanster !57", "tjanster !57 !60"), ("balans", "221 222", "222")]
)
def test_a_layout_that_leaves_accounts_out_is_no_summary(
    books: GeneralLedger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, old: str, new: str
) -> None:
    folder = tmp_path / "scb"
    shutil.copytree(scb.LAYOUTS, folder)
    path = folder / f"sammandrag-{name}.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(f'"{old}"', f'"{new}"'), encoding="utf-8")
    assert path.read_text(encoding="utf-8") != text
    monkeypatch.setattr(scb, "LAYOUTS", folder)
    with pytest.raises(StatementError):
        summary_of_accounts(books, YEAR)


def test_it_is_written_as_csv_and_as_a_workbook_whose_figures_lead_to_vouchers(
    books: GeneralLedger, loaded: LoadedLedger, tmp_path: Path
) -> None:
    main_file = loaded.options["filename"]
    words = ["scb", str(YEAR), "--out", str(tmp_path / "ut"), "--ledger", main_file]
    ran = CliRunner().invoke(main, words)
    assert ran.exit_code == 0, ran.output
    assert "221 är Pensioner här; SCB menar avsättningar för pensioner" in ran.stderr
    made = summary_of_accounts(books, YEAR)
    workbook = calculated((tmp_path / "ut" / f"rakenskapssammandrag-{YEAR}.xlsx").read_bytes())
    for each in made:
        assert shown(workbook.statement(each)) == shown(each)
        lines = (tmp_path / "ut" / f"{each.full_name}.csv").read_text(encoding="utf-8").splitlines()
        assert [re.split(r",(?=[^,]*$)", line)[1] for line in lines[1:]] == [
            f"{row.figures['year'].kronor:.2f}" if row.figures else "" for row in each.rows
        ]
        for row in each.rows:
            for column in each.columns:
                if column.key in row.figures:
                    found, *_ = figure_at(books, each.address(row, column), "sv")
                    assert found.title == each.title


@pytest.mark.parametrize(("year", "why", "code"), [("2031", "ingenting är bokfört", 1), ("2024-03", "heltal", 2)])
def test_what_is_no_year_of_the_books_is_said(loaded: LoadedLedger, year: str, why: str, code: int) -> None:
    ran = CliRunner().invoke(main, ["scb", year, "--ledger", loaded.options["filename"]])
    assert ran.exit_code == code
    assert why in ran.stderr
