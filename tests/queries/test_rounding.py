"""Figures are rounded once, when printed: half a thousand away from zero, whichever the sign."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forbundsbok.queries.statement import Figure


@pytest.mark.parametrize(
    ("ore", "tkr"),
    [
        (49_999, 0),
        (50_000, 1),
        (-49_999, 0),
        (-50_000, -1),
        (149_999, 1),
        (150_000, 2),
        (250_000, 3),  # to even would be 2
        (-250_000, -3),
        (38_389_499_99, 38_389),
        (-38_389_500_00, -38_390),
        (0, 0),
    ],
)
def test_exactly_five_hundred_kronor_is_rounded_away_from_zero(ore: int, tkr: int) -> None:
    assert Figure(ore).tkr == tkr


@given(st.integers(min_value=-(10**18), max_value=10**18))
def test_a_printed_figure_is_within_half_a_thousand_and_keeps_its_sign(ore: int) -> None:
    tkr = Figure(ore).tkr
    assert abs(tkr * 100_000 - ore) <= 50_000
    assert tkr * ore >= 0
    assert Figure(-ore).tkr == -tkr
