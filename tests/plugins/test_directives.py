"""Directives: every description's own example can be written in a ledger, and says what it is read as."""

from typing import Any

import pytest
from beancount.core import data
from beancount.parser import parser

from forbundsbok.plugins import years
from forbundsbok.plugins.books import Books
from forbundsbok.plugins.directives import Field, Kind, text
from forbundsbok.plugins.federation import MODULES

KINDS: list[Kind[Any]] = sorted(
    {each for module in (*MODULES, years) for each in vars(module).values() if isinstance(each, Kind)},
    key=lambda kind: kind.type,
)


def _parsed(written: str) -> list[data.Directive]:
    entries, errors, _ = parser.parse_string(written)
    assert errors == []
    return list(entries)


def test_all_kinds_are_tried() -> None:
    assert len(KINDS) >= 10
    assert len({kind.type for kind in KINDS}) == len(KINDS)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.type)
def test_an_example_is_read_by_its_own_kind(kind: Kind[Any]) -> None:
    [entry] = _parsed(kind.example)
    assert isinstance(entry, data.Custom)
    assert entry.type == kind.type
    books = Books([entry], {"operating_currency": ["SEK"]})
    assert books.unread(kind) == []
    assert len(books.declared(kind)) == 1


def test_two_descriptions_of_a_type_are_read_each_as_it_says() -> None:
    [entry] = _parsed('2024-01-01 custom "prov" "A"\n')
    fields = (Field("namn", text),)
    loud = Kind("prov", fields, make=lambda entry, given: given["namn"] + "!", example="")
    quiet = Kind("prov", fields, make=lambda entry, given: given["namn"].lower(), example="")
    books = Books([entry], {})
    assert (books.declared(loud), books.declared(quiet), books.declared(loud)) == (["A!"], ["a"], ["A!"])
