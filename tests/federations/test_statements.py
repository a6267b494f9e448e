"""Every figure of the statements is the answer sheet's."""

from collections.abc import Callable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

from forbundsbok.plugins.balanced_budget import results
from forbundsbok.plugins.books import Books
from forbundsbok.plugins.loading import load_ledger
from forbundsbok.queries.general_ledger import GeneralLedger, load
from forbundsbok.queries.statement import Period, Statement
from forbundsbok.queries.statements import statement, statements
from forbundsbok.queries.trace import traces_of
from tests.federations.answers import TITLES, figures
from tests.federations.bildat import bildat, odelat
from tests.federations.chart import GROUPS, KOMMUN_BAS
from tests.federations.drawn import drawn
from tests.federations.events import ORE, Federation
from tests.federations.raddning import raddning
from tests.federations.sheet import NOTHING
from tests.federations.skola import skola
from tests.federations.vatten import vatten


@pytest.mark.parametrize(
    ("made", "lines"), [(raddning, 850), (skola, 285), (bildat, 285), (odelat, 285), (vatten, 380)]
)
def test_every_figure_is_the_answer(made: Callable[[], Federation], lines: int, tmp_path: Path) -> None:
    assert _agrees(made(), tmp_path) >= lines


@pytest.mark.parametrize("number", range(5))
def test_every_figure_of_drawn_books_is_the_answer(number: int, tmp_path: Path) -> None:
    assert _agrees(drawn(number), tmp_path) > 200


@pytest.mark.parametrize("made", [raddning, skola, vatten])
def test_the_rules_judge_by_the_result_that_is_printed(made: Callable[[], Federation], tmp_path: Path) -> None:
    books = made()
    main = books.write(tmp_path, closed=books.sheet.years)
    ledger, loaded = load(main), load_ledger(main)
    judged = results(Books(loaded.entries, loaded.options))
    for year in books.sheet.years:
        shown = statement(ledger, "balanskrav", Period(year), None)
        printed = {row.id: row.figures["year"].kronor for row in shown.rows if row.figures}
        assert (year, judged[year].balance) == (year, printed["balanskravsresultat"])
        assert (year, judged[year].gains) == (year, -printed["realisationsvinster"])


def january() -> Federation:
    """Return books that open on the first day of a year, and not on the last of the one before."""
    opening = date(2024, 1, 1)
    books = Federation("Vägförbundet", KOMMUN_BAS, opening, date(2024, 12, 31), "KA", {"KA": ("Kansliet", opening)})
    books.alone = {"KA"}
    books.opens("KA", "bank", 1_300_000)
    books.opens("KA", "semesterloneskuld", -210_000)
    books.unfinished_open("KA", "Vägstation", 400_000)
    books.opened_with()
    bill = books.contribution("KA", date(2024, 2, 9), "Vägby", 900_000, "Medlemsbidrag 2024")
    books.received(bill, date(2024, 3, 8))
    return books


@pytest.mark.parametrize("made", [raddning, skola, vatten, january])
def test_the_first_year_stands_beside_what_the_books_open_with(made: Callable[[], Federation], tmp_path: Path) -> None:
    books = made()
    first = books.sheet.years[0]
    ledger = load(books.write(tmp_path, closed=books.sheet.years))
    shown = statement(ledger, "balans", Period(first), None)
    opened = books.sheet.balance(first - 1)
    said = {row.id: row.figures["compare"].kronor for row in shown.rows if row.figures and row.kind != "memo"}
    assert {row: amount for row, amount in said.items() if amount != opened[row]} == {}
    assert any(said.values())
    assert [column.label for column in shown.columns] == [str(first), str(first - 1)]
    assert str(first - 1) in shown.footnotes[0]
    assets = next(row.figures["compare"] for row in shown.rows if row.id == "tillgangar")
    assert sum((line.amount for part in assets.sums for line in ledger.postings(part)), NOTHING) == opened["tillgangar"]
    for from_the_start in (False, True):
        traces = traces_of(ledger, assets, from_the_start=from_the_start)
        assert sum(trace.ore for trace in traces) == opened["tillgangar"] * 100
    later = [year for year in books.sheet.years if year > first]
    assert all(not statement(ledger, "balans", Period(year), Period(year - 1)).footnotes for year in later)


def test_a_federation_that_is_formed_in_a_year_has_nothing_to_compare_with(tmp_path: Path) -> None:
    ledger = load(bildat().write(tmp_path))
    assert [column.key for column in statement(ledger, "balans", Period(2023), None).columns] == ["year"]


def test_a_federation_without_units_has_one_row_and_no_statements_of_units(tmp_path: Path) -> None:
    ledger = load(odelat().write(tmp_path, closed=(2023, 2024, 2025)))
    made = statements(ledger, Period(2024), Period(2023))
    assert {"resultat", "balans", "kassaflode", "balanskrav", "drift", "investering"} <= {each.id for each in made}
    assert [each.full_name for each in made if each.full_name != each.id] == []
    drift = next(each for each in made if each.id == "drift")
    units = [row.label for row in drift.rows if row.id.startswith("enhet-")]
    assert units == ["Vattenrådets kommunalförbund"]


def test_funds_banks_and_loans_are_told_one_by_one(tmp_path: Path) -> None:
    ledger = load(vatten().write(tmp_path, closed=(2024, 2025)))
    told = {
        note.title: {row.label: row.figures["year"].kronor for row in note.rows if row.figures}
        for note in statements(ledger, Period(2024), None)
        if note.id.startswith("not-")
    }
    assert told["Kortfristiga placeringar"] == {"Räntefond-Kort": 1_040_000, "Summa": 1_040_000}
    loans = told["Långfristiga skulder"]
    assert loans["KI 2021-2, 2,20 %, förfaller 2031-09-01"] == 4_200_000 - 600_000
    assert not any("KI 2020-1" in label for label in loans)  # all of it falls due within the year after
    later = {row.label: row.figures["year"].kronor for row in _note(ledger, "Kassa och bank", 2025).rows}
    assert later["Bank"] == later["Summa"] == vatten().sheet.liquid(2025) > 0


def _note(ledger: GeneralLedger, title: str, year: int) -> Statement:
    return next(each for each in statements(ledger, Period(year), None) if each.title == title)


@pytest.mark.parametrize("made", [raddning, skola])
def test_loans_have_the_terms_of_what_is_left_of_each(made: Callable[[], Federation], tmp_path: Path) -> None:
    books = made()
    ledger = load(books.write(tmp_path, closed=books.sheet.years))
    for year in books.sheet.years:
        left = {
            name: sum((ore for day, of, ore in books.owed if of == name and day.year <= year), NOTHING)
            for name in books.terms
        }
        whole = sum(left.values(), NOTHING)
        rate = sum((amount * books.terms[name][0] for name, amount in left.items()), NOTHING) / whole
        ends = {name: (due.year - year) * 12 + due.month - 12 for name, (_, due) in books.terms.items()}
        months = sum((amount * ends[name] for name, amount in left.items()), NOTHING)
        told = (f"{each.quantize(ORE, ROUND_HALF_UP)}".replace(".", ",") for each in (rate, months / whole / 12))
        [note] = [each for each in statements(ledger, Period(year), None) if each.title == "Långfristiga skulder"]
        texts = [row.texts["year"] for row in note.rows if row.id in {"lan-ranta", "lan-loptid"}]
        assert texts == [f"{number} {unit}" for number, unit in zip(told, ("%", "år"), strict=True)]


@pytest.mark.parametrize("made", [raddning, skola, bildat])
def test_the_lives_of_what_there_is_are_told_by_group(made: Callable[[], Federation], tmp_path: Path) -> None:
    """The shortest and the longest; what is written down keeps its end, and what has left is not told."""
    books = made()
    ledger = load(books.write(tmp_path, closed=books.sheet.years))
    for year in books.sheet.years:
        notes = {each.title: each for each in statements(ledger, Period(year), None)}
        for group in ("immateriella", "byggnader", "maskiner"):
            last = date(year, 12, 31)
            lives = [
                asset.months
                for asset in books.assets
                if asset.group == group and asset.months and asset.first <= last < asset.gone
            ]
            note = notes.get(TITLES[GROUPS[group][0]])
            texts = [row.texts["year"] for row in note.rows if row.id == "avskrivningstider"] if note else []
            ends = dict.fromkeys(_years(months) for months in (min(lives), max(lives))) if lives else {}
            assert [text for text in texts if text] == ([f"{'–'.join(ends)} år"] if lives else []), (year, group)


def _years(months: int) -> str:
    return str(months // 12) if months % 12 == 0 else f"{Decimal(months) / 12:.2f}".replace(".", ",")


def _agrees(books: Federation, folder: Path) -> int:
    """Compare the statements with the sheet, and return how many figures were compared."""
    compared = list(figures(books, load(books.write(folder, closed=books.sheet.years))))
    assert [each for each in compared if each.said != each.line.amount] == []
    return len(compared)
