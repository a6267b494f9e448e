"""Corrections: which vouchers are judged as one, in whatever way a correction names what it corrects."""

from datetime import date

import pytest
from beancount.core import data

from forbundsbok.plugins.books import Books
from forbundsbok.plugins.ledger_text import voucher


def _voucher(ver: str, rattar: object = None, year: int = 2024) -> data.Transaction:
    entry = voucher(date(year, 5, 1), "Prov", ver, [])
    if rattar is not None:
        entry.meta["rattar"] = rattar
    return entry


def _joined(*entries: data.Transaction) -> list[list[str]]:
    return [[entry.meta["ver"] for entry in booking.vouchers] for booking in Books(entries, {}).bookings(entries)]


@pytest.mark.parametrize(
    ("rattar", "joined"),
    [
        ("L 1", [["L 1", "M 1"], ["L 2"]]),
        ("L 1 2024", [["L 1", "M 1"], ["L 2"]]),
        ("L 1, L 2", [["L 1", "L 2", "M 1"]]),
        ("L 1,L 2 2024", [["L 1", "L 2", "M 1"]]),
        ("L 1 2023", [["L 1"], ["L 2"], ["M 1"]]),
        ("M 1", [["L 1"], ["L 2"], ["M 1"]]),
        ("L 1, två", [["L 1"], ["L 2"], ["M 1"]]),
        (date(2024, 1, 1), [["L 1"], ["L 2"], ["M 1"]]),
    ],
)
def test_a_correction_is_joined_with_what_it_names(rattar: object, joined: list[list[str]]) -> None:
    assert _joined(_voucher("L 1"), _voucher("L 2"), _voucher("M 1", rattar)) == joined


def test_corrections_of_corrections_are_joined_from_whichever_is_asked() -> None:
    first, second, third = _voucher("L 1"), _voucher("M 1", "L 1"), _voucher("M 2", "M 1 2024")
    for each in (first, second, third):
        [booking] = Books([first, second, third], {}).bookings([each])
        assert booking.vouchers == (first, second, third)


def test_corrections_in_a_circle_are_not_joined() -> None:
    assert _joined(_voucher("M 1", "M 2"), _voucher("M 2", "M 1")) == [["M 1"], ["M 2"]]


def test_a_number_of_another_year_is_another_voucher() -> None:
    before, entry, correction = _voucher("L 1", year=2023), _voucher("L 1"), _voucher("M 1", "L 1")
    assert _joined(before, entry, correction) == [["L 1"], ["L 1", "M 1"]]
