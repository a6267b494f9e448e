"""The books and the annual accounts as data: tables in Parquet files, or in one DuckDB database.

    SELECT balance FROM 'balances.parquet' WHERE account LIKE 'Assets:FK:19%' AND date = DATE '2024-12-31'

Amounts are DECIMAL(18,2), debit plus and credit minus, those of figures signed as printed. `parts` says what every
figure takes of postings, events, budget and plans (queries/terms.py), so that it can be summed anew without knowing how
it was made. The sigill of each sealed year stands in the files' metadata. Parquet files are the same bytes for the same
books; a DuckDB database is not, since each has a number of its own by chance.
"""

import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from beancount.core import data

from forbundsbok.plugins.attest import BOOKED_BY
from forbundsbok.plugins.corrections import CORRECTS
from forbundsbok.plugins.documents import KEY
from forbundsbok.plugins.months import Month
from forbundsbok.plugins.review import WAITS
from forbundsbok.plugins.rights import APPROVED_ON, ATTEST, MOTTAGNING
from forbundsbok.queries.report import AnnualReport
from forbundsbok.queries.statement import Column, Figure, Measure, Period, PostingLine, Statement, StatementRow
from forbundsbok.queries.terms import Source, Term, terms_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MONEY = "DECIMAL(18,2)"
KRONOR = "{}::BIGINT::DECIMAL(18,0) * 0.01::DECIMAL(3,2)"
"""An amount in öre as kronor, exactly: a product of decimals is a decimal, and a quotient is not."""

POSTED = {
    "date": "DATE",
    "voucher": "VARCHAR",
    "account": "VARCHAR",
    "unit": "VARCHAR",
    "amount": MONEY,
    "party": "VARCHAR",
    "text": "VARCHAR",
    "place": "VARCHAR",
}

TABLES: Mapping[str, Mapping[str, str]] = {
    "accounts": {
        "account": "VARCHAR",
        "unit": "VARCHAR",
        "root": "VARCHAR",
        "number": "VARCHAR",
        "name": "VARCHAR",
        "kind": "VARCHAR",
        "kinds": "VARCHAR[]",
        "internal": "BOOLEAN",
        "opened": "DATE",
        "closed": "DATE",
    },
    "vouchers": {
        "voucher_id": "INTEGER",
        "date": "DATE",
        "voucher": "VARCHAR",
        "party": "VARCHAR",
        "text": "VARCHAR",
        "place": "VARCHAR",
        "debit": MONEY,
        "waits": "BOOLEAN",
        "approved_by": "VARCHAR",
        "approved": "DATE",
        "received_by": "VARCHAR",
        "booked_by": "VARCHAR",
        "corrects": "VARCHAR",
        "document": "VARCHAR",
    },
    "postings": {"voucher_id": "INTEGER", **POSTED},
    "movements": {"account": "VARCHAR", "year": "INTEGER", "month": "INTEGER", "amount": MONEY},
    "balances": {"account": "VARCHAR", "date": "DATE", "balance": MONEY},
    "events": {"event": "VARCHAR", **POSTED},
    "budget": {"account": "VARCHAR", "since": "DATE", "until": "DATE", "amount": MONEY},
    "plans": {"account": "VARCHAR", "since": "DATE", "until": "DATE", "amount": MONEY},
    "figures": {
        "address": "VARCHAR",
        "statement": "VARCHAR",
        "printed_number": "VARCHAR",
        "heading": "VARCHAR",
        "unit": "VARCHAR",
        "row_id": "VARCHAR",
        "row_label": "VARCHAR",
        "row_kind": "VARCHAR",
        "note": "VARCHAR",
        "column_id": "VARCHAR",
        "column_label": "VARCHAR",
        "period": "VARCHAR",
        "kronor": MONEY,
        "tkr": "BIGINT",
        "printed": "BOOLEAN",
    },
    "parts": {
        "address": "VARCHAR",
        "source": "VARCHAR",
        "sign": "TINYINT",
        "account": "VARCHAR",
        "event": "VARCHAR",
        "since": "DATE",
        "until": "DATE",
    },
    "told": {
        "address": "VARCHAR",
        "date": "DATE",
        "name": "VARCHAR",
        "text": "VARCHAR",
        "amount": MONEY,
        "place": "VARCHAR",
    },
}
"""The tables with their columns; the handbook says what each is."""

RECOMPUTED = """
SELECT address, sum(amount)::DECIMAL(18,2) AS kronor FROM (
    SELECT address, sign * amount AS amount FROM parts JOIN postings USING (account)
    WHERE source = 'postings' AND date <= until AND (since IS NULL OR date >= since)
    UNION ALL
    SELECT address, sign * amount FROM parts JOIN events USING (account)
    WHERE source = 'events' AND date <= until AND (since IS NULL OR date >= since) AND parts.event IN ('', events.event)
    UNION ALL
    SELECT address, sign * amount FROM parts JOIN budget USING (account, since, until) WHERE source = 'budget'
    UNION ALL
    SELECT address, sign * amount FROM parts JOIN plans USING (account, since, until) WHERE source = 'plan'
    UNION ALL
    SELECT address, amount FROM told
) GROUP BY address
"""
"""Every figure that is made of anything, summed anew; a view of the database."""

Record = Sequence[object]


def parquet_files(report: AnnualReport) -> Mapping[str, bytes]:
    """Return a file for each table, by its name."""
    with tempfile.TemporaryDirectory() as folder, _filled(report, ":memory:") as database:
        metadata = ", ".join(f"{key}: {_quoted(value)}" for key, value in _metadata(report).items())
        for table in TABLES:
            path = Path(folder, f"{table}.parquet")
            options = f"FORMAT parquet, COMPRESSION zstd, KV_METADATA {{{metadata}}}"
            database.execute(f"COPY {table} TO {_quoted(str(path))} ({options})")
        return {path.name: path.read_bytes() for path in sorted(Path(folder).iterdir())}


def duckdb_files(report: AnnualReport) -> Mapping[str, bytes]:
    """Return the database, by its name: the tables, one of what they are of, and a view that sums each figure anew."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"forbundsbok-{report.period}.duckdb")
        with _filled(report, str(path)) as database:
            database.execute("CREATE TABLE metadata (key VARCHAR, value VARCHAR)")
            database.executemany("INSERT INTO metadata VALUES (?, ?)", list(_metadata(report).items()))
            database.execute(f"CREATE VIEW recomputed AS {RECOMPUTED}")
        return {path.name: path.read_bytes()}


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _metadata(report: AnnualReport) -> dict[str, str]:
    told = {
        "federation": report.federation,
        "organisation_number": report.number,
        "period": str(report.period),
        "compare": str(report.compare or ""),
        "language": report.language,
        "layout": report.layout,
    }
    return told | {f"sigill_{each.year}": each.sigill for each in report.seals}


def _filled(report: AnnualReport, path: str) -> "DuckDBPyConnection":
    """Return a database with the tables of a report."""
    import duckdb

    # One thread: rows are kept in their order, and files are the same bytes.
    database = duckdb.connect(path, config={"threads": 1})
    records = _Records(report)
    for table, columns in TABLES.items():
        database.execute(f"CREATE TABLE {table} ({', '.join(f'{name} {kind}' for name, kind in columns.items())})")
        given = pd.DataFrame(list(getattr(records, table)()), columns=list(columns), dtype=object)
        # duckdb takes the type of a column of objects from a sample of them: too narrow for the great ones beside it.
        given = given.astype({name: "Int64" for name, kind in columns.items() if kind in (MONEY, "BIGINT")})
        taken = (KRONOR.format(name) if kind == MONEY else name for name, kind in columns.items())
        database.register("given", given)
        database.execute(f"INSERT INTO {table} SELECT {', '.join(taken)} FROM given")
        database.unregister("given")
    return database


class _Records:
    """The rows of the tables, amounts in öre."""

    def __init__(self, report: AnnualReport) -> None:
        self.report = report
        self.ledger = report.ledger
        self.chart = report.ledger.at(report.period.end).chart
        self.unit_of = dict(zip(self.chart.index, self.chart.unit, strict=True))

    def accounts(self) -> Iterator[Record]:
        for account, own in self.chart.iterrows():
            kinds = [*own.slag.classes, own.slag.name]
            opened, closed = (day if isinstance(day, date) else None for day in (own.opened, own.closed))
            said = (account, own.unit, own.root, own.number, own.label, own.slag.name, kinds, bool(own.intern))
            yield (*said, opened, closed)

    # The books

    def vouchers(self) -> Iterator[Record]:
        for number, lines in enumerate(self._vouchers.values(), start=1):
            debit = sum(_ore(line) for line in lines if line.amount > 0)
            first = lines[0]
            said = first.date, first.voucher, first.payee, first.narration, self._place(first)
            yield number, *said, debit, *self._trail(first)

    def _trail(self, line: PostingLine) -> Record:
        """Return whether a voucher waits, who stands behind it, what it corrects, and its document."""
        entry = self._entries[line.file, line.line]
        day = entry.meta.get(APPROVED_ON)
        by, received, booked, corrects, document = (
            None if entry.meta.get(key) is None else str(entry.meta[key])
            for key in (ATTEST, MOTTAGNING, BOOKED_BY, CORRECTS, KEY)
        )
        return entry.flag == WAITS, by, day if isinstance(day, date) else None, received, booked, corrects, document

    @cached_property
    def _entries(self) -> Mapping[tuple[str, int], data.Transaction]:
        """The vouchers of the books, by where they stand."""
        return {
            (entry.meta["filename"], entry.meta["lineno"]): entry
            for postings in self.ledger.postings_of().values()
            for entry, _ in postings
        }

    def postings(self) -> Iterator[Record]:
        for number, lines in enumerate(self._vouchers.values(), start=1):
            for line in lines:
                yield number, *self._posted(line)

    def _posted(self, line: PostingLine) -> Record:
        said = line.date, line.voucher, line.account, self.unit_of[line.account]
        return *said, _ore(line), line.payee, line.narration, self._place(line)

    def _place(self, line: PostingLine) -> str:
        return self.report.place(line.file, line.line)

    @cached_property
    def _vouchers(self) -> Mapping[tuple[date, str, int], Sequence[PostingLine]]:
        """The postings of the books until the last day that a figure takes, voucher by voucher."""
        vouchers: dict[tuple[date, str, int], list[PostingLine]] = defaultdict(list)
        for line in self.ledger.posted(self.chart.index, date.min, self._until):
            vouchers[line.date, line.file, line.line].append(line)
        return vouchers

    @cached_property
    def _until(self) -> date:
        return max([self.report.period.end, *(term.last for _, _, term, _ in self._terms)])

    def movements(self) -> Iterator[Record]:
        for (account, month), ore in self._months.items():
            yield account, Month.at(month).year, Month.at(month).number, ore

    @cached_property
    def _months(self) -> Mapping[tuple[str, int], int]:
        moved: dict[tuple[str, int], int] = defaultdict(int)
        for lines in self._vouchers.values():
            for line in lines:
                moved[line.account, Month.of(line.date).serial] += _ore(line)
        return dict(sorted(moved.items()))

    def balances(self) -> Iterator[Record]:
        """Yield what each account has at the end of each month, from the first in which it moves."""
        last = Month.of(self._until).serial
        by_account: dict[str, dict[int, int]] = defaultdict(dict)
        for (account, month), ore in self._months.items():
            by_account[account][month] = ore
        for account, moved in by_account.items():
            balance = 0
            for serial in range(min(moved), last + 1):
                balance += moved.get(serial, 0)
                yield account, Month.at(serial).last_day, balance

    def events(self) -> Iterator[Record]:
        for event, line in self.ledger.flow_lines():
            if line.date <= self._until:
                yield event, *self._posted(line)

    def budget(self) -> Iterator[Record]:
        return self._of_directives(Source.BUDGET, Measure.BUDGET)

    def plans(self) -> Iterator[Record]:
        return self._of_directives(Source.PLAN, Measure.SCHEDULE)

    def _of_directives(self, source: Source, measure: Measure) -> Iterator[Record]:
        """Yield what directives give to accounts in the periods that figures take it of."""
        taken = {(term.first, term.last) for _, _, term, _ in self._terms if term.source is source}
        for first, last in sorted(taken, key=lambda days: (days[1], days[0] or date.min)):
            assert first
            amounts = self.ledger.amounts(measure, Period(last.year, first.month, last.month)).tolist()
            for account, ore in zip(self.chart.index, amounts, strict=True):
                if ore:
                    yield account, first, last, ore

    # The annual accounts

    @cached_property
    def _figures(self) -> Sequence[tuple[str, Statement, StatementRow, Column, Figure]]:
        return [
            (each.address(row, column), each, row, column, row.figures[column.key])
            for each in self.report.statements
            for row in each.rows
            for column in each.columns
            if column.key in row.figures
        ]

    def figures(self) -> Iterator[Record]:
        for address, statement, row, column, figure in self._figures:
            of_statement = statement.full_name, statement.table, statement.heading(), statement.unit
            of_row = row.id, row.label, row.kind, row.note
            of_column = column.key, row.column or column.label, str(column.period or "")
            is_printed = row.printed and column.printed
            yield address, *of_statement, *of_row, *of_column, figure.ore, figure.tkr, is_printed

    @cached_property
    def _terms(self) -> Sequence[tuple[str, str, Term, int]]:
        """What each figure takes: its address, the account, the term, and the sign that it has in the figure."""
        return [
            (address, account, term, part.sign * term.sign)
            for address, _, _, _, figure in self._figures
            for part in figure.sums
            for account in part.accounts
            for term in terms_of(self.ledger, part, account)
        ]

    def parts(self) -> Iterator[Record]:
        for address, account, term, sign in self._terms:
            yield address, term.source.value, sign, account, term.event, term.first, term.last

    def told(self) -> Iterator[Record]:
        for address, _, _, _, figure in self._figures:
            for each in figure.told:
                yield address, each.date, each.name, each.text, each.ore, self.report.place(each.file, each.line)


def _ore(line: PostingLine) -> int:
    return int(line.amount.scaleb(2))
