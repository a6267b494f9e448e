"""The statements of a region's federations by SQL, over the Parquet of the export: DuckDB on one machine, and Spark.

    python -m forbundsbok.scripts.dev.benchmark_region ledger/main.bean --year 2024 --postings 10_000_000
    python -m forbundsbok.scripts.dev.benchmark_region ledger/main.bean --year 2024 --spark    needs pyspark and Java

The region is the federation many times over: number k has k times its amounts, so that each of its figures is k times
the one that the export has. Every figure of every federation is summed anew by the query that the export's database has
as a view, and held against that before a time is printed. Each engine is timed as a process of its own.
"""

import importlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from forbundsbok.scripts.render.data import RECOMPUTED

GIVEN = ("postings", "events", "budget", "plans", "told", "figures")
"""What each federation has of its own; what a figure takes, and from when to when, is the same for all."""
SAME = ("parts", "cuts")

PERIODS = (
    "SELECT federation, account, {more}cut AS date, sum(amount) AS amount FROM {table} JOIN cuts USING (date) "
    "GROUP BY federation, account, {more}cut"
)
"""What an account moves between two days at which a figure begins or ends: a figure takes all of it or nothing."""

CUTS = """
WITH ends AS (SELECT until AS cut FROM parts UNION SELECT since - 1 FROM parts WHERE since IS NOT NULL),
days AS (SELECT DISTINCT date FROM given_postings UNION SELECT date FROM given_events)
SELECT date, min(cut) AS cut FROM days JOIN ends ON cut >= date GROUP BY date
"""
"""Each day with the next one at which a figure ends, or after which one begins."""

SUMS = RECOMPUTED.replace("SELECT address,", "SELECT federation, address,").replace(
    "GROUP BY address", "GROUP BY federation, address"
)

DIFFERING = f"""
SELECT count(*), count(CASE WHEN figures.kronor <> coalesce(sums.kronor, 0) THEN 1 END), sum(figures.kronor)
FROM figures LEFT JOIN ({SUMS}) sums USING (federation, address)
"""


def build_region(given: Path, region: Path, federations: int) -> int:
    """Write the tables of so many federations, and return how many postings they have."""
    import duckdb

    database = duckdb.connect()
    for table in GIVEN:
        database.execute(f"CREATE VIEW given_{table} AS SELECT * FROM '{given / f'{table}.parquet'}'")
        amount = "kronor" if table == "figures" else "amount"
        (region / table).mkdir()
        for first in range(1, federations + 1, 50):
            last = min(first + 50, federations + 1)
            database.execute(
                f"COPY (SELECT * REPLACE (({amount} * federation)::DECIMAL(18,2) AS {amount}) FROM given_{table}, "
                f"(SELECT unnest(range({first}, {last})) AS federation)) "
                f"TO '{region / table / f'{first:06}.parquet'}' (FORMAT parquet, COMPRESSION zstd)"
            )
    database.execute(f"CREATE VIEW parts AS SELECT * FROM '{given / 'parts.parquet'}'")
    database.execute(f"COPY (SELECT * FROM parts) TO '{region / 'parts.parquet'}'")
    database.execute(f"COPY ({CUTS}) TO '{region / 'cuts.parquet'}'")
    return int(database.execute(f"SELECT count(*) FROM '{region}/postings/*.parquet'").fetchall()[0][0])


def by_duckdb(region: Path) -> Iterable[Any]:
    """Return how many figures there are, how many differ, and their sum."""
    import duckdb

    database = duckdb.connect(config={"memory_limit": "12GB", "temp_directory": str(region / "spill")})
    for table in (*SAME, *GIVEN):
        where = f"{region}/{table}/*.parquet" if table in GIVEN else f"{region}/{table}.parquet"
        database.execute(f"CREATE VIEW all_{table} AS SELECT * FROM '{where}'")
        database.execute(f"CREATE VIEW {table} AS {_view(table)}")
    return database.execute(DIFFERING).fetchall()[0]


def by_spark(region: Path) -> Iterable[Any]:
    """As `by_duckdb`, in Spark's local mode on all cores."""
    sql = importlib.import_module("pyspark.sql")
    builder = sql.SparkSession.builder.master("local[*]").config("spark.driver.memory", "12g")
    spark = builder.config("spark.sql.shuffle.partitions", "16").config("spark.ui.enabled", "false").getOrCreate()
    for table in (*SAME, *GIVEN):
        where = region / table if table in GIVEN else region / f"{table}.parquet"
        spark.read.parquet(str(where)).createOrReplaceTempView(f"all_{table}")
        spark.sql(_view(table)).createOrReplaceTempView(table)
    return tuple(spark.sql(DIFFERING).collect()[0])


ENGINES = {"duckdb": by_duckdb, "spark": by_spark}


def _view(table: str) -> str:
    if table in ("postings", "events"):
        return PERIODS.format(table=f"all_{table}", more="event, " if table == "events" else "")
    return f"SELECT * FROM all_{table}"


def _timed(engine: str, region: Path) -> tuple[float, float, list[Any]]:
    """Return the seconds of a whole process, the most memory that it took in GB, and its answer."""
    begun = time.monotonic()
    command = [sys.executable, "-m", __spec__.name, "--engine", engine, "--region", str(region)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, start_new_session=True)
    if done.returncode:
        raise click.ClickException(f"{engine}: {done.stderr[-2000:]}")
    answer = json.loads(done.stdout.splitlines()[-1])
    return time.monotonic() - begun, answer["memory"], answer["figures"]


def _most_memory() -> float:
    """Return what the processes of this session, Spark's in Java too, have taken at most, in GB."""
    most = 0
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            if os.getsid(int(status.parent.name)) == os.getsid(0):
                most += int(re.findall(r"VmHWM:\s+(\d+)", status.read_text())[0])
        except (OSError, IndexError):
            continue  # ended meanwhile
    return most / 1e6


@click.command()
@click.argument("ledger", type=click.Path(path_type=Path, dir_okay=False), default=Path("ledger/main.bean"))
@click.option("--year", default="2024", show_default=True)
@click.option("--postings", default=1_000_000, show_default=True, help="How many the region has at least.")
@click.option("--spark", is_flag=True, help="Also Spark: pip install pyspark, and Java.")
@click.option("--engine", type=click.Choice(list(ENGINES)), hidden=True)
@click.option("--region", type=click.Path(path_type=Path), hidden=True)
def main(ledger: Path, year: str, postings: int, spark: bool, engine: str | None, region: Path | None) -> None:
    if engine and region:
        figures = [str(each) for each in ENGINES[engine](region)]
        click.echo(json.dumps({"figures": figures, "memory": _most_memory()}))
        return
    with tempfile.TemporaryDirectory() as place:
        given, own = Path(place, "given"), Path(place, "region")
        given.mkdir()
        own.mkdir()
        program = Path(sys.executable).with_name("forbundsbok")
        asked: list[str | Path] = ["--ledger", ledger, "--year", year, "--format", "parquet", "--out", given, "--yes"]
        subprocess.run([program, "export", *asked], check=True, capture_output=True)
        import duckdb

        each = int(duckdb.execute(f"SELECT count(*) FROM '{given / 'postings.parquet'}'").fetchall()[0][0])
        federations = -(-postings // each)
        begun = time.monotonic()
        count = build_region(given, own, federations)
        size = sum(path.stat().st_size for path in own.rglob("*.parquet")) / 1e6
        click.echo(
            f"{federations} federations of {each} postings: {count} postings, {size:.0f} MB of Parquet, "
            f"written in {time.monotonic() - begun:.0f} s, {os.cpu_count()} cores"
        )
        first = 0.0
        for name in ["duckdb", *(["spark"] if spark else [])]:
            seconds, memory, (figures, differing, total) = _timed(name, own)
            if int(differing):
                raise click.ClickException(f"{name}: {differing} of {figures} figures differ")
            first = first or seconds
            click.echo(
                f"{name:7} {seconds:7.1f} s  {seconds / first:5.2f}  {1e6 * seconds / count:5.2f} s a million "
                f"{memory:5.1f} GB  {figures} figures, none differs (sum {total})"
            )


if __name__ == "__main__":
    main()
