"""Errors of a ledger as data: `forbundsbok check --json`.

    {"rule": "B903", "level": "error", "file": "budget/2024.bean", "line": 12, "subject": {"kind": "budget", ...},
     "message": "...", "values": {"account": "..."},
     "fix": [{"action": "replace", "file": ..., "line": ..., "text": ...}]}

Amounts are texts with two decimals, dates as 2024-12-31; vouchers and other directives are told by number, file and
line. `rule` and `subject` are null for an error of Beancount's own, `file` and `line` for what stands in no file. `fix`
is empty where none follows from the books, or where it cannot be written as text.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from beancount.core import data

from forbundsbok.plugins.beancount_errors import in_words
from forbundsbok.plugins.findings import Add, Message, RuleError, Step, file_of, step_text
from forbundsbok.plugins.ledger_text import TextError, cleaned_text
from forbundsbok.plugins.money import ledger_number
from forbundsbok.plugins.places import place_of


def as_data(error: Any) -> dict[str, Any]:
    """Return any error of a ledger as what JSON can hold."""
    file, line = place_of(error)
    level = "warning" if getattr(error, "warns", False) else "error"
    told: dict[str, Any] = {"rule": None, "level": level, "file": file or None, "line": line if file else None}
    told |= {"subject": None, "message": in_words(error)}
    if not isinstance(error, RuleError):
        return {**told, "values": {}, "fix": []}
    finding = error.finding
    if finding.warns:
        told |= {"level": "warning", "acknowledged": finding.answer or None}
    told |= {"rule": finding.rule, "subject": finding.subject._asdict(), "message": finding.told()}
    values = {name: _value(value) for name, value in finding.values.items()}
    return {**told, "values": values, "fix": _fix(finding.fix)}


def _fix(steps: Iterable[Step]) -> list[dict[str, Any]]:
    try:
        return [_step(step) for step in steps]
    except TextError:
        return []


def _step(step: Step) -> dict[str, Any]:
    line = None if isinstance(step, Add) else step.at.meta.get("lineno")
    return {"action": type(step).__name__.lower(), "file": file_of(step) or None, "line": line, "text": step_text(step)}


def _value(value: Any) -> Any:
    match value:
        case None | bool() | int():
            return value
        case Decimal():
            return ledger_number(value)
        case date():
            return value.isoformat()
        case Message():
            return str(value)
        case str():
            return cleaned_text(value)
        case data.Transaction():
            return {"ver": value.meta.get("ver"), **_place(value)}
        case _ if type(value) in data.ALL_DIRECTIVES:
            return _place(value)
        case Iterable():
            return [_value(each) for each in value]
    return cleaned_text(str(value))


def _place(entry: Any) -> dict[str, Any]:
    return {"file": entry.meta.get("filename"), "line": entry.meta.get("lineno")}
