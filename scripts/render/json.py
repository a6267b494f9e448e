"""Statements as JSON: every figure in unrounded kronor, with what it is made of.

{"row": "Kassa och bank", "figures": [{"column": "2024", "address": "2024/balans/kassa/year", "tkr": 6,
  "kronor": "6210.50",
  "sums": [{"measure": "closing", "at": "2024-12-31", "sign": 1, "accounts": ["Assets:RT:1910-Kassa"]}]}]}

What a figure must agree with stands in its "agrees", what registers tell of it in its "told"; what a row has that is no
amount in its "texts".
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from forbundsbok.plugins.ledger_text import escaped
from forbundsbok.queries.report import AnnualReport
from forbundsbok.queries.statement import (
    Figure,
    Measure,
    RegisterEntry,
    Side,
    Statement,
    StatementRow,
    Sum,
    kronor_of,
)


def json_files(report: AnnualReport) -> dict[str, str]:
    """Return figures.json: every figure in unrounded kronor, with the accounts and dates that it sums."""
    content = {"statements": [_statement(statement, report.agreements) for statement in report.statements]}
    return {"figures.json": json_text(content, indent=1) + "\n"}


def json_text(content: Any, indent: int) -> str:
    """Return content as JSON, its letters as they are, and what nobody sees written out."""
    return escaped(json.dumps(content, ensure_ascii=False, indent=indent))


def _statement(statement: Statement, agreements: Mapping[str, Sequence[Side]]) -> dict[str, Any]:
    return {
        "id": statement.id,
        "unit": statement.unit,
        "table": statement.table,
        "title": statement.title,
        "period": str(statement.period),
        "rows": [
            {
                "id": row.id,
                "row": row.label,
                "kind": row.kind,
                "note": row.note,
                "remark": row.remark,
                "figures": [
                    {
                        "column": row.column or column.label,
                        "address": statement.address(row, column),
                        **_figure(row.figures[column.key]),
                        **_agrees(agreements.get(statement.address(row, column), ())),
                    }
                    for column in statement.columns
                    if column.key in row.figures
                ],
                **_texts(statement, row),
            }
            for row in statement.rows
        ],
        "footnotes": list(statement.footnotes),
    }


def _figure(figure: Figure) -> dict[str, Any]:
    told = {"told": [_told(each) for each in figure.told]} if figure.told else {}
    sums = [_sum(part) for part in figure.sums if part.accounts]
    return {"tkr": figure.tkr, "kronor": str(figure.kronor), "sums": sums, **told}


def _agrees(sides: Sequence[Side]) -> dict[str, Any]:
    """Return what a figure must agree with."""
    listed = [{"text": side.text, "address": side.address or None} for side in dict.fromkeys(sides)]
    return {"agrees": listed} if listed else {}


def _told(told: RegisterEntry) -> dict[str, Any]:
    return {"date": told.date.isoformat(), "text": told.text, "kronor": str(kronor_of(told.ore))}


def _texts(statement: Statement, row: StatementRow) -> dict[str, Any]:
    """Return what stands in the columns where it is no amount."""
    texts = [(column.label, row.texts[column.key]) for column in statement.columns if row.texts.get(column.key)]
    return {"texts": [{"column": label, "text": text} for label, text in texts]} if texts else {}


def _sum(part: Sum) -> dict[str, Any]:
    """Return a sum with its dates: a balance has the day that it is taken on, all else its first and last day."""
    match part.measure:
        case Measure.OPENING:
            dates = {"before": part.period.start.isoformat()}
        case Measure.EARLIER:
            dates = {"before": part.period.start.replace(month=1).isoformat()}
        case Measure.CLOSING if not part.flow:
            dates = {"at": part.period.end.isoformat()}
        case _:
            dates = {"first": part.first.isoformat(), "last": part.last.isoformat()}
    flow = {"flow": list(part.flow)} if part.flow else {}
    return {"measure": part.measure.value, **flow, **dates, "sign": part.sign, "accounts": list(part.accounts)}
