"""An asset to which anything happens is worth nothing at its end, and what is gone with its parts is gone for good."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from random import Random

import pytest
from beancount.core import data

from forbundsbok.plugins.assets import Asset, Span
from forbundsbok.plugins.months import Month

FIRST, MONTHS, COST = Month(2023, 1), 60, Decimal(600_000)
ACCOUNT = "Assets:NAV:1210-Inventarier:Scen"


def asset() -> Asset:
    spans = (Span(FIRST, MONTHS, COST),)
    entry = data.Custom({}, FIRST.first_day, "asset", [])
    return Asset("Scen", ACCOUNT, COST, MONTHS, None, entry, spans, unimpaired=spans)


def test_a_part_takes_its_share_and_the_rest_goes_on() -> None:
    """Of 600 000 kr 240 000 is depreciated in two years: a third that is sold takes 80 000 of it."""
    end = Month(2024, 12)
    part = asset().part_of(end.last_day, Decimal(200_000))
    assert (part.cost, part.depreciated) == (Decimal(200_000), Decimal(80_000))
    rest = asset().without(part)
    assert (rest.cost_at(end.after(-1)), rest.cost_at(end), rest.remaining(end)) == (
        Decimal(600_000),
        Decimal(400_000),
        Decimal(240_000),
    )
    assert rest.depreciation(end) == 10_000
    assert rest.depreciation(end.after(1)) == Decimal("6666.67")
    assert rest.remaining(FIRST.after(MONTHS - 1)) == 0


def test_a_price_reduction_changes_nothing_before_it() -> None:
    """Of 600 000 kr 120 000 is depreciated in a year: of 552 000 the 432 000 that remain go in 48 months."""
    end = Month(2023, 12)
    cheaper = asset().repriced(end, Decimal(552_000))
    assert (cheaper.cost_at(end.after(-1)), cheaper.cost_at(end)) == (Decimal(600_000), Decimal(552_000))
    assert (cheaper.depreciation(end), cheaper.depreciation(end.after(1))) == (Decimal(10_000), Decimal(9_000))
    assert cheaper.remaining(FIRST.after(MONTHS - 1)) == 0


def test_a_part_of_what_is_written_down_takes_its_share_of_that() -> None:
    """Written down by 90 000 kr after two years, a half goes: of the rest 45 000 may come back."""
    end = Month(2024, 12)
    lower = asset().written_down(end, Decimal(90_000))
    assert lower.may_take_back(end) == 90_000
    half = lower.without(lower.part_of(end.last_day, Decimal(300_000)))
    assert (half.remaining(end), half.may_take_back(end)) == (Decimal(135_000), Decimal(45_000))


def test_what_its_accounts_have_is_what_came_less_what_went_before() -> None:
    """A part is sold where it was first, and another where it stands now: each account loses its own."""
    sold = asset().without(asset().part_of(date(2023, 6, 30), Decimal(150_000)))
    moved = replace(sold, account="Assets:FK:1210-Inventarier:Scen", stays=((ACCOUNT, sold.group, Month(2023, 8)),))
    again = moved.without(moved.part_of(date(2024, 2, 29), Decimal(50_000)))
    there, here = again.at_each_stay()
    assert (there.entered, here.entered) == (Decimal(150_000), Decimal(450_000))
    assert here.cost_at(Month(2024, 2)) == 400_000


@pytest.mark.parametrize("number", range(60))
def test_it_is_worth_nothing_at_its_end(number: int) -> None:
    chance, made = Random(number), asset()
    serials = sorted(chance.sample(range(FIRST.serial, FIRST.serial + MONTHS - 6), 5))
    for serial in serials:
        month = Month.at(serial)
        left, before = made.remaining(month), made.depreciated(month)
        what = chance.choice(("down", "back", "price", "part", "life") if month < made.last else ("part",))
        if what == "down":
            made = made.written_down(month, left // 3)
        elif what == "back":
            made = made.written_down(month, -(made.may_take_back(month) // 2))
        elif what == "price":
            made = made.repriced(month, made.cost_at(month) + Decimal(chance.randint(-5_000, 9_000)))
        elif what == "life":
            made = made.rescheduled(month.after(1), chance.randint(6, 90))
        else:
            part = made.part_of(month.last_day, made.cost_at(month) // 4)
            made = made.without(part)
            assert made.depreciated(month) == before - part.depreciated
        assert made.may_take_back(month) >= -Decimal("0.02")
    end = max(made.last, Month.at(serials[-1]))
    assert made.remaining(end) == 0
    assert abs(made.depreciated(end, impaired=False) - made.cost_at(end)) <= Decimal("0.02")
    months = [made.depreciation(each) for each in made.depreciated_months(FIRST, end)]
    gone = sum((part.depreciated for part in made.parts), Decimal(0))
    assert sum(months, Decimal(0)) == made.cost_at(end) + gone
