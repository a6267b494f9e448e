"""Findings: what a message can tell, and which mistakes in it are seen where it is written."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import PurePath
from typing import Any

import pytest

from forbundsbok.plugins.findings import Finding, Message, Subject, counted, phrase, shown
from forbundsbok.plugins.ledger_text import posting, voucher

UNIT = Subject("unit", "NAV")
ROW = posting("Assets:NAV:1990-Annat", Decimal(1), "SEK")


def _finding(text: str, values: dict[str, Any]) -> object:
    return Finding(None, UNIT, text, values)


def _plural(text: str, values: dict[str, Any]) -> object:
    return Finding(None, UNIT, "One", values, plural=text)


def _of_one(text: str, values: dict[str, Any]) -> object:
    return counted(2, text, "Several", **values)


def _of_many(text: str, values: dict[str, Any]) -> object:
    return counted(1, "One", text, **values)


@pytest.mark.parametrize("make", [_finding, _plural, Message, _of_one, _of_many])
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{amount} kr on {account}", "no value fills account in '{amount} kr on {account}'"),
        ("{amount:.2f} kr", "a place is written {name}, not {amount...}"),
        ("{amount!r} kr", "a place is written {name}, not {amount...}"),
        ("{amount.real} kr", "a place is written {name}, not {amount.real...}"),
        ("{} kr", "a place is written {name}, not {...}"),
        ("{0} kr", "a place is written {name}, not {0...}"),
        ("{amount kr", "expected '}' before end of string"),
    ],
)
def test_a_wrong_place_is_seen_where_it_is_written(make: Callable[..., object], text: str, said: str) -> None:
    with pytest.raises(ValueError) as raised:
        make(text, {"amount": Decimal(1)})
    assert said in str(raised.value)


def test_braces_of_a_text_come_out_as_braces() -> None:
    assert str(phrase("write {{x}}")) == "write {x}"
    assert str(phrase("write {{x}} {times} times", times=2)) == "write {x} 2 times"
    assert Finding(None, UNIT, "write {{x}}").told() == "write {x}"


def test_a_value_may_have_braces_and_a_message_values_that_it_does_not_tell() -> None:
    assert str(phrase("write {text}", text="{x}", other=None)) == "write {x}"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("-1234.5"), "-1 234,50"),
        (2024, "2024"),
        (True, "TRUE"),
        (date(2024, 2, 29), "2024-02-29"),
        (["L 1", 2, Decimal(3)], "L 1, 2, 3,00"),
        (("L 1",), "L 1"),
        ({"L 1": 2}.keys(), "L 1"),
        ([], ""),
        (range(2023, 2025), "2023, 2024"),
        (PurePath("bok/main.bean"), "bok/main.bean"),
        (KeyError("E20"), "'E20'"),
    ],
)
def test_a_value_is_told(value: object, text: str) -> None:
    assert shown(value).replace("\N{NO-BREAK SPACE}", " ") == text


@pytest.mark.parametrize(
    "value",
    [None, ROW, [ROW], (each for each in "ab"), object(), 1.5, {"a": 1}, UNIT],
    ids=lambda value: type(value).__name__,
)
def test_what_no_message_can_tell_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="a message cannot tell a"):
        shown(value)


def test_a_voucher_is_told_by_its_number() -> None:
    assert shown(voucher(date(2024, 1, 1), "Prov", "L 1", [])).startswith("L 1 (")
