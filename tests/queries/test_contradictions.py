"""The fewest printed figures that no amounts give: those known of the printed report, and those that a slip makes."""

import random
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

import pytest

from forbundsbok.queries.comparison import FigureKey
from forbundsbok.queries.contradictions import Verdict, contradictions
from forbundsbok.queries.report import AnnualReport
from forbundsbok.scripts.render.csv import read_contradictions, read_figures

PRINTED = Path("ledger/printed")


@cache
def report() -> dict[FigureKey, int]:
    return read_figures(PRINTED / "2024.csv")


@cache
def corrected() -> dict[FigureKey, int]:
    """The report with what the four should be: a ledger gives all of it, namely the books."""
    known = read_contradictions(PRINTED / "2024-contradictions.csv")
    return report() | {key: each.required for key, each in known.items()}


VerdictOn = Callable[..., Verdict]


@pytest.fixture
def verdict_on(sjuharad_report: AnnualReport) -> VerdictOn:
    """Return what judges a report by the statements that the books give."""
    return partial(contradictions, sjuharad_report.ledger, sjuharad_report.statements)


def test_the_four_of_the_printed_report(verdict_on: VerdictOn) -> None:
    known = read_contradictions(PRINTED / "2024-contradictions.csv")
    verdict = verdict_on(report(), tuple(known))
    assert verdict.judged == len(report()) == 768
    assert {each.key: each.printed for each in verdict.contradicted} == {
        key: each.printed for key, each in known.items()
    }
    for each in verdict.contradicted:
        assert each.least is not None
        assert each.most is not None
        assert each.least <= known[each.key].required <= each.most
    for impossible in verdict.impossible:  # the arithmetic is of printed figures, and rounding does not explain it
        assert abs(impossible.sum) >= impossible.rounding
        of_figures = sum(factor * report()[key] for key, factor in impossible.factors.items())
        assert of_figures == pytest.approx(impossible.sum, abs=1e-3)


def test_without_them_there_is_none(verdict_on: VerdictOn) -> None:
    assert verdict_on(corrected()).contradicted == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1))
def test_a_slip_of_the_keys_is_found_alone_and_what_it_should_be(seed: int, verdict_on: VerdictOn) -> None:
    """Only in figures that others bind can it be seen: a sum, or a row of one."""
    drawn = random.Random(seed)
    sums = [key for key in corrected() if key.row in ("Summa", "Summa tillgångar", "Verksamhetens nettokostnader")]
    wrong = drawn.choice([key for key in sums if abs(corrected()[key]) > 50])
    printed = corrected() | {wrong: corrected()[wrong] + drawn.choice((-90, 90, 900))}
    verdict = verdict_on(printed, (wrong,))
    assert [each.key for each in verdict.contradicted] == [wrong]
    [only] = verdict.contradicted
    assert only.least is not None
    assert only.most is not None
    assert only.least <= corrected()[wrong] <= only.most


def test_figures_that_no_statement_has_are_named_and_not_judged(verdict_on: VerdictOn) -> None:
    stranger = FigureKey("3.9", "Påhittad", "2024")
    verdict = verdict_on({stranger: 1, next(iter(corrected())): 5})
    assert (verdict.judged, list(verdict.unknown)) == (1, [stranger])
