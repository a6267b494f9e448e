"""Statements as files: CSV, JSON and text.

export_files(statements, ["csv"])    {"figures.csv": "table,row,...", "resultat-NAV.csv": "row,note,2024,..."}
"""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import click

from forbundsbok.queries.statement import Figure, Measure, Statement, Sum
from forbundsbok.scripts.figures import csv_text, figures_csv, figures_of
from forbundsbok.scripts.text import as_text


def export_files(statements: Sequence[Statement], formats: Iterable[str], language: str = "sv") -> dict[str, str]:
    """Return the text of every file of the formats, by its name."""
    files: dict[str, str] = {}
    for name in formats:
        files |= FORMATS[name](statements, language)
    return files


def _csv_files(statements: Sequence[Statement], language: str) -> dict[str, str]:
    """Return figures.csv in tkr, as printed, and a file in unrounded kronor for every statement."""
    files = {"figures.csv": figures_csv(figures_of(statements))}
    return files | {f"{file_stem(statement)}.csv": kronor_csv(statement) for statement in statements}


def _json_files(statements: Sequence[Statement], language: str) -> dict[str, str]:
    """Return figures.json: every figure in unrounded kronor, with the accounts and dates that it sums."""
    content = {"statements": [_statement(statement) for statement in statements]}
    return {"figures.json": json.dumps(content, ensure_ascii=False, indent=1) + "\n"}


def _text_files(statements: Sequence[Statement], language: str) -> dict[str, str]:
    """Return a text for every statement, as printed."""
    return {f"{file_stem(each)}.txt": click.unstyle(as_text(each, language=language)) for each in statements}


FORMATS: dict[str, Callable[[Sequence[Statement], str], dict[str, str]]] = {
    "csv": _csv_files,
    "json": _json_files,
    "txt": _text_files,
}


def file_stem(statement: Statement) -> str:
    """Return what the files of a statement are called: `resultat`, `resultat-NAV`."""
    return f"{statement.id}-{statement.unit}" if statement.unit else statement.id


def kronor_csv(statement: Statement) -> str:
    """Return a statement as CSV in kronor with öre: row, note, and a column for each of its own."""
    rows = (
        [row.label, row.note, *(str(row.figures[key].kronor) if key in row.figures else "" for key in keys)]
        for keys in [[column.key for column in statement.columns]]
        for row in statement.rows
    )
    return csv_text(["row", "note", *(column.label for column in statement.columns)], rows)


def _statement(statement: Statement) -> dict[str, Any]:
    return {
        "id": statement.id,
        "unit": statement.unit,
        "table": statement.table,
        "title": statement.title,
        "period": str(statement.period),
        "rows": [
            {
                "row": row.label,
                "kind": row.kind,
                "note": row.note,
                "remark": row.remark,
                "figures": [
                    {"column": row.column or column.label, **_figure(row.figures[column.key])}
                    for column in statement.columns
                    if column.key in row.figures
                ],
            }
            for row in statement.rows
        ],
        "footnotes": list(statement.footnotes),
    }


def _figure(figure: Figure) -> dict[str, Any]:
    return {"tkr": figure.tkr, "kronor": str(figure.kronor), "sums": [_sum(part) for part in figure.sums]}


def _sum(part: Sum) -> dict[str, Any]:
    """Return a sum with its dates: a balance has the day that it is taken on, all else its first and last day."""
    match part.measure:
        case Measure.OPENING:
            dates = {"before": part.period.start.isoformat()}
        case Measure.CLOSING:
            dates = {"at": part.period.end.isoformat()}
        case _:
            dates = {"first": part.first.isoformat(), "last": part.last.isoformat()}
    return {"measure": part.measure.value, **dates, "sign": part.sign, "accounts": list(part.accounts)}
