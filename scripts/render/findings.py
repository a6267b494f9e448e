"""Errors of a ledger as data: `forbundsbok check --json`.

    {"rule": "B903", "file": "ledger/budget/2024.bean", "line": 12, "subject": {"kind": "budget", ...},
     "message": "...", "values": {"account": "..."},
     "fix": [{"action": "replace", "file": ..., "line": ..., "text": ...}]}

Amounts are texts with two decimals, dates as 2024-12-31; vouchers and other directives are told by number, file and
line. `rule` and `subject` are null for an error of Beancount's own.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from beancount.core import data

from forbundsbok.plugins.beancount_errors import in_words
from forbundsbok.plugins.findings import Add, Below, Message, Remove, Replace, RuleError, Step
from forbundsbok.plugins.ledger_text import cleaned_text, directives_text, metadata_text
from forbundsbok.plugins.money import ledger_number
from forbundsbok.plugins.places import place_of


def as_data(error: Any) -> dict[str, Any]:
    """Return any error of a ledger as what JSON can hold."""
    file, line = place_of(error)
    told: dict[str, Any] = {"rule": None, "file": file, "line": line, "subject": None, "message": in_words(error)}
    if not isinstance(error, RuleError):
        return {**told, "values": {}, "fix": []}
    finding = error.finding
    told |= {"rule": finding.rule, "subject": finding.subject._asdict(), "message": finding.told()}
    values = {name: _value(value) for name, value in finding.values.items()}
    return {**told, "values": values, "fix": [_step(step) for step in finding.fix]}


def _step(step: Step) -> dict[str, Any]:
    meta = step.at.meta
    place = {"action": type(step).__name__.lower(), "file": str(meta.get("filename")), "line": meta.get("lineno")}
    match step:
        case Add():
            return {**place, "line": None, "text": directives_text(step.directives)}
        case Replace():
            return {**place, "text": directives_text(step.directives)}
        case Below():
            return {**place, "text": metadata_text(step.meta)}
        case Remove():
            return {**place, "text": ""}


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
    return {"file": str(entry.meta.get("filename")), "line": entry.meta.get("lineno")}
