"""Parquet and DuckDB: by SQL each figure is what CSV has, and what its postings come to."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from forbundsbok.queries.report import AnnualReport
from forbundsbok.queries.statement import Figure, Period
from forbundsbok.scripts.render.csv import csv_files
from forbundsbok.scripts.render.data import MONEY, RECOMPUTED, TABLES, duckdb_files, parquet_files
from tests.federations.bildat import bildat
from tests.federations.events import Federation
from tests.federations.raddning import raddning
from tests.federations.skola import skola
from tests.open_year import LEDGER
from tests.scripts.render.conftest import ReportOf

Database = duckdb.DuckDBPyConnection
HANDBOOK = (Path(__file__).parents[3] / "docs" / "handbok.md").read_text(encoding="utf-8")
OF_DATA = HANDBOOK[HANDBOOK.index("### Böckerna som data") : HANDBOOK.index("### Lagens uppställningar")]


def of_parquet(files: Mapping[str, bytes], folder: Path) -> Database:
    """Return files read as an auditor does: each as a view of its name."""
    database = duckdb.connect()
    for name, content in files.items():
        path = folder / name
        path.write_bytes(content)
        database.execute(f"CREATE VIEW {path.stem} AS FROM '{path}'")
    return database


@pytest.fixture(scope="module")
def whole(sjuharad_report: AnnualReport) -> AnnualReport:
    return sjuharad_report


@pytest.fixture(scope="module")
def files(whole: AnnualReport) -> Mapping[str, bytes]:
    return parquet_files(whole)


@pytest.fixture(scope="module")
def books(whole: AnnualReport, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    [(name, content)] = duckdb_files(whole).items()
    path = tmp_path_factory.mktemp("database") / name
    path.write_bytes(content)
    with duckdb.connect(str(path)) as database:
        yield database


def summed(made: AnnualReport, database: Database) -> AnnualReport:
    """Return a report with every figure as SQL sums it of postings, events, budget, plans and registers."""
    found = dict(database.execute(RECOMPUTED).fetchall())
    statements = []
    for each in made.statements:
        rows = []
        for row in each.rows:
            addresses = {column.key: each.address(row, column) for column in each.columns}
            figures = {key: Figure(int(found.get(addresses[key], Decimal(0)) * 100)) for key in row.figures}
            rows.append(replace(row, figures=figures))
        statements.append(replace(each, rows=tuple(rows)))
    return replace(made, statements=tuple(statements))


def assert_same(made: AnnualReport, database: Database) -> None:
    assert csv_files(summed(made, database)) == csv_files(made)
    asked = "SELECT printed_number, row_label, note, column_label, tkr FROM figures WHERE printed"
    listed = [[str(cell) for cell in row] for row in database.execute(asked).fetchall()]
    assert listed == list(csv.reader(io.StringIO(csv_files(made)["figures.csv"])))[1:]
    [(apart,)] = database.execute(
        f"SELECT count(*) FROM figures LEFT JOIN ({RECOMPUTED}) AS anew USING (address) "
        "WHERE figures.kronor <> coalesce(anew.kronor, 0)"
    ).fetchall()
    assert apart == 0


def test_every_figure_of_a_whole_report_is_that_of_csv(
    whole: AnnualReport, files: Mapping[str, bytes], tmp_path: Path
) -> None:
    assert_same(whole, of_parquet(files, tmp_path))


@pytest.mark.parametrize(
    ("federation", "period", "layout"),
    [
        (skola, Period(2025), "lag"),
        (skola, Period(2025, 3, 8), ""),
        (bildat, Period(2023), ""),  # the books open in June
        (bildat, Period(2023, 8, 12), ""),
        (raddning, Period(2025), ""),  # a posting of 24 million kronor: more öre than 32 bits hold
    ],
)
def test_every_figure_of_another_federation_is_that_of_csv(
    federation: Callable[[], Federation], period: Period, layout: str, report_of: ReportOf, tmp_path: Path
) -> None:
    made = report_of(federation, period, layout)
    assert_same(made, of_parquet(parquet_files(made), tmp_path))


def test_amounts_are_decimals_and_files_tell_whose_they_are_and_by_which_sigill(
    whole: AnnualReport, files: Mapping[str, bytes], tmp_path: Path
) -> None:
    database = of_parquet(files, tmp_path)
    for table, columns in TABLES.items():
        told = database.execute(f"SELECT column_name, column_type FROM (DESCRIBE {table})").fetchall()
        assert dict(told) == dict(columns)
        path = tmp_path / f"{table}.parquet"
        packed = database.execute(f"SELECT DISTINCT compression FROM parquet_metadata('{path}')").fetchall()
        assert packed == [("ZSTD",)]
        pairs = database.execute(f"SELECT key, value FROM parquet_kv_metadata('{path}')").fetchall()
        metadata = {key.decode(): value.decode() for key, value in pairs}
        assert metadata["federation"] == "Sjuhärads kommunalförbund"
        assert {key: value for key, value in metadata.items() if key.startswith("sigill")} == {
            f"sigill_{seal.year}": seal.sigill for seal in whole.seals
        }
    assert len(whole.seals) == 2
    assert MONEY in TABLES["postings"].values()


def test_parquet_is_the_same_bytes_for_the_same_books(whole: AnnualReport, files: Mapping[str, bytes]) -> None:
    assert parquet_files(replace(whole)) == files


def test_vouchers_postings_movements_and_balances_are_of_each_other(books: Database) -> None:
    for none in (
        "SELECT voucher_id FROM postings GROUP BY ALL HAVING sum(amount) <> 0",
        "SELECT voucher_id FROM vouchers ANTI JOIN postings USING (voucher_id)",
        "SELECT voucher_id FROM postings ANTI JOIN vouchers USING (voucher_id)",
        "SELECT account FROM postings ANTI JOIN accounts USING (account)",
        """SELECT account, year(date), month(date), sum(amount) FROM postings GROUP BY ALL
           EXCEPT SELECT account, year, month, amount FROM movements""",
        """SELECT account, balances.date, balance FROM balances JOIN postings USING (account)
           WHERE postings.date <= balances.date GROUP BY ALL HAVING sum(amount) <> balance""",
        """SELECT voucher_id, debit FROM vouchers JOIN postings USING (voucher_id)
           GROUP BY ALL HAVING sum(greatest(amount, 0)) <> debit""",
    ):
        assert books.execute(none).fetchall() == [], none
    [(count,)] = books.execute(
        "SELECT count(*) FROM balances WHERE date = DATE '2024-12-31' AND balance <> 0"
    ).fetchall()
    assert count > 100


def test_who_stands_behind_a_voucher_is_what_its_lines_say(books: Database) -> None:
    written = re.compile(r"^\d{4}-.*?(?=^\d{4}-|\Z)", re.MULTILINE | re.DOTALL)
    told = {}
    for file in (LEDGER / "units").rglob("202*.bean"):
        for block in written.findall(file.read_text("utf-8")):
            said = dict(re.findall(r'^  (\w+): "(.*)"$', block, re.MULTILINE))
            if "ver" in said:
                told[block[:4], said["ver"]] = [said.get(key) for key in ("attest", "mottagning", "rattar", "underlag")]
    asked = "SELECT year(date)::VARCHAR, voucher, approved_by, received_by, corrects, document FROM vouchers"
    found = {
        (year, voucher): said for year, voucher, *said in books.execute(f"{asked} WHERE year(date) > 2022").fetchall()
    }
    assert found == told
    assert all(any(said[part] for said in told.values()) for part in range(4))


def test_accounts_have_their_roles(books: Database, whole: AnnualReport) -> None:
    chart = whole.ledger.chart
    for kind in ("kassa", "anlaggning", "personal"):
        own = {str(account) for account, slag in chart.slag.items() if slag.within(kind)}
        found = books.execute("SELECT account FROM accounts WHERE list_contains(kinds, ?)", [kind]).fetchall()
        assert {account for (account,) in found} == own != set()


def test_a_posting_that_is_changed_changes_the_figures_that_take_it(books: Database) -> None:
    account, day = books.execute(
        "SELECT account, date FROM postings WHERE account LIKE 'Expenses:NAV:%' AND year(date) = 2024 LIMIT 1"
    ).fetchall()[0]
    before = dict(books.execute("FROM recomputed").fetchall())
    books.execute("BEGIN")
    books.execute("UPDATE postings SET amount = amount + 1000 WHERE account = ? AND date = ?", [account, day])
    after = dict(books.execute("FROM recomputed").fetchall())
    books.execute("ROLLBACK")
    changed = {address for address in before if before[address] != after[address]}
    assert {"2024/resultat/kostnader/year", "2024/resultat-NAV/resultat/year"} <= changed
    assert not any(address.startswith("2024/resultat-FK/") or address.endswith("/compare") for address in changed)


def test_the_handbook_tells_of_every_table_and_column() -> None:
    for table, columns in TABLES.items():
        [told] = re.findall(rf"^\| `{table}` \|(.*)$", OF_DATA, re.MULTILINE)
        assert re.findall(r"`(\w+)`", told) == list(columns), table


def test_what_the_handbook_asks_gives_what_it_shows(books: Database) -> None:
    examples = re.findall(r"```sql\n(.*?)```\n\n```csv\n(.*?)```", OF_DATA, re.DOTALL)
    assert len(examples) >= 3
    for query, shown in examples:
        asked = books.execute(query)
        rows = [[column[0] for column in asked.description or ()], *asked.fetchall()]
        assert "".join(",".join(map(str, row)) + "\n" for row in rows) == shown
