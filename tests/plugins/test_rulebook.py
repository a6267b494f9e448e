"""The rulebook: what is told of what rules find, in which order, and with which fix."""

import pickle
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from beancount.core import data

from forbundsbok.plugins import federation, rulebook
from forbundsbok.plugins.books import Books
from forbundsbok.plugins.findings import WARNINGS, Add, Below, Finding, Remove, Replace, Step, Subject
from forbundsbok.plugins.ledger_text import custom_of, opening, voucher
from forbundsbok.plugins.numbers import FreeNumbers
from forbundsbok.plugins.rulebook import EVERY, RULES, Check, Rule, findings, in_order, rule
from forbundsbok.plugins.years import BOKSLUT
from tests.mutations import with_meta

# Kept before the tests' own fixture lets a crash be an exception.
CRASHED = rulebook.crashed

OPEN, SEALED = date(2024, 5, 1), date(2023, 5, 1)
BOOKS = Books(
    [
        with_meta(voucher(SEALED, "Förra året", "L 4", []), filename="main.bean"),
        with_meta(voucher(OPEN, "I år", "L 7", []), filename="main.bean"),
        custom_of(BOKSLUT, date(2023, 12, 31), [Decimal(2023)], {"sigill": "0" * 64}),
    ],
    {"filename": "main.bean"},
)


def _rule(code: str, *found: Finding, after: Sequence[str] = (), restores: bool = False, warns: bool = False) -> Rule:
    return Rule(code, "", "", "", lambda books: iter(found), tuple(after), EVERY, restores, warns)


def _about(name: str, year: int | None = None, **more: object) -> Finding:
    return Finding(None, Subject("unit", name, year), "Prov", **more)  # type: ignore[arg-type]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Finding]]:
    def of(*rules: Rule) -> list[Finding]:
        monkeypatch.setattr(rulebook, "RULES", {each.code: each for each in rules})
        return list(findings(BOOKS))

    return of


Told = Callable[..., list[Finding]]


@pytest.mark.parametrize(
    ("cause", "year", "is_told"),
    [
        (("NAV", 2024), 2024, False),
        (("NAV", None), 2024, False),
        (("NAV", 2024), None, False),
        (("NAV", 2023), 2024, True),
        (("BRB", 2024), 2024, True),
    ],
)
def test_what_has_a_cause_is_not_told(told: Told, cause: tuple[str, int], year: int, is_told: bool) -> None:
    second = _rule("X2", _about("NAV", year), after=["X1"])
    assert [each.rule for each in told(second, _rule("X1", _about(*cause)))] == ["X1", "X2"][: 1 + is_told]


def test_what_is_not_told_is_a_cause_all_the_same(told: Told) -> None:
    second = _rule("X2", _about("NAV", also=[Subject("unit", "BRB")]), after=["X1"])
    third = _rule("X3", _about("BRB"), after=["X2"])
    assert [each.rule for each in told(_rule("X1", _about("NAV")), second, third)] == ["X1"]


def test_thousands_of_causes_are_looked_up_at_once(told: Told) -> None:
    many = [_about(str(number), 2024) for number in range(20_000)]
    begun = time.process_time()
    assert len(told(_rule("X1", *many), _rule("X2", *many, after=["X1"]))) == len(many)
    assert time.process_time() - begun < 2


# Fixes.


def _adding(day: date, *days: date) -> Callable[[FreeNumbers], list[Step]]:
    def propose(numbers: FreeNumbers) -> list[Step]:
        at = BOOKS.vouchers[0]
        return [Add([voucher(each, "Nytt", numbers.free("L", each.year), [])], at) for each in (day, *days)]

    return propose


def _numbers(found: list[Finding]) -> list[list[str]]:
    return [[step.directives[0].meta["ver"] for step in each.fix if isinstance(step, Add)] for each in found]


def test_only_what_is_told_takes_a_number(told: Told) -> None:
    first = _rule("X1", _about("NAV"))
    second = _rule("X2", *(_about(name, proposal=_adding(OPEN)) for name in ("NAV", "BRB", "MC")), after=["X1"])
    assert _numbers(told(first, second)) == [[], ["L 8"], ["L 9"]]


def test_numbers_are_free_anew_each_time_the_books_are_tried(told: Told) -> None:
    for _ in range(2):
        one = _rule("X1", _about("NAV", proposal=_adding(OPEN, OPEN)))
        assert _numbers(told(one)) == [["L 8", "L 9"]]


def test_a_fix_that_is_not_made_takes_no_number(told: Told) -> None:
    # The first would book in the open year too.
    one = _rule("X1", _about("NAV", proposal=_adding(OPEN, SEALED)), _about("BRB", proposal=_adding(OPEN)))
    assert _numbers(told(one)) == [[], ["L 8"]]


@pytest.mark.parametrize(
    "step",
    [
        Add([opening("Assets:NAV:1990-Annat", SEALED, "SEK")], BOOKS.vouchers[1]),
        Replace(BOOKS.vouchers[0], [BOOKS.vouchers[1]]),
        Replace(BOOKS.vouchers[1], [BOOKS.vouchers[1], BOOKS.vouchers[0]]),
        Remove(BOOKS.vouchers[0]),
        Below(BOOKS.vouchers[0], {"syfte": "Möte"}),
    ],
    ids=lambda step: type(step).__name__,
)
def test_no_fix_changes_a_sealed_year(told: Told, step: Step) -> None:
    allowed = Below(BOOKS.vouchers[1], {"syfte": "Möte"})
    for more in ({"fix": [allowed, step]}, {"proposal": lambda numbers: [allowed, step]}):
        assert [each.fix for each in told(_rule("X1", _about("NAV", **more)))] == [()]
        assert [each.fix for each in told(_rule("X1", _about("NAV", **more), restores=True))] == [[allowed, step]]
    assert told(_rule("X1", _about("NAV", fix=[allowed])))[0].fix == [allowed]


def test_only_the_rules_of_seals_and_locks_restore_sealed_years() -> None:
    assert {each.module for each in RULES.values() if each.restores} == {"seal", "locks"}


@pytest.mark.parametrize(
    ("module", "entry"),
    [
        ("internal", opening("Assets:NAV:1990-Annat", SEALED, "SEK")),
        ("surplus", opening("Income:NAV:3198-Annat:2023", SEALED, "SEK")),
    ],
)
def test_accounts_of_a_sealed_year_are_left_as_they_are(module: str, entry: data.Open) -> None:
    entry.meta["intern"] = True
    in_open_year = Books([entry], {})
    assert [len(each.fix) for each in findings(in_open_year, [module])] == [1]
    sealed = Books([*BOOKS.entries, entry], {})
    assert [len(each.fix) for each in findings(sealed, [module])] == [0]


# Warnings.


def test_what_warns_is_asked_for_after_the_errors_which_may_be_its_causes(told: Told) -> None:
    warning = _rule("X1", _about("NAV"), _about("BRB", proposal=_adding(OPEN)), after=["X2"], warns=True)
    found = told(warning, _rule("X2", _about("NAV", proposal=_adding(OPEN))))
    assert [(each.rule, each.warns, each.subject.name) for each in found] == [("X2", False, "NAV"), ("X1", True, "BRB")]
    assert _numbers(found) == [["L 8"], ["L 9"]]


def test_the_rules_that_warn_are_tried_when_warnings_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []

    def check(books: Books) -> Iterator[Finding]:
        tried.append(len(books.vouchers))
        yield _about("NAV")

    warning = Rule("X1", "", "", "", check, (), EVERY, False, True)
    monkeypatch.setattr(rulebook, "RULES", {each.code: each for each in (warning, _rule("X2", _about("BRB")))})
    options: dict[str, Any] = {}
    _, errors = federation.federation(BOOKS.entries, options)
    assert ([each.finding.rule for each in errors], tried) == (["X2"], [])
    assert pickle.loads(pickle.dumps(options))[WARNINGS] == tried == []
    for _ in range(2):
        assert [(each.finding.rule, each.finding.warns) for each in options[WARNINGS]] == [("X1", True)]
    assert tried == [2]


# Rules that are wrong themselves.


def test_a_crash_hides_no_other_rule(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    def check(books: Books) -> Iterator[Finding]:
        yield _about("BRB")
        raise KeyError("E20")

    def proposal(numbers: FreeNumbers) -> list[Step]:
        raise IndexError("nothing there")

    monkeypatch.setattr(rulebook, "crashed", CRASHED)
    rules = [_rule("X1", _about("NAV")), Rule("X2", "", "", "", check, (), EVERY, False)]
    found = told(*rules, _rule("X3", _about("MC", proposal=proposal)), _rule("X4", _about("DSO")))
    assert [(each.rule, each.subject.kind) for each in found] == [
        ("X1", "unit"),
        ("X2", "unit"),
        ("X2", "rule"),
        ("X3", "rule"),
        ("X4", "unit"),
    ]
    assert found[2].text().startswith("X2 Regeln kunde inte prövas: KeyError: 'E20' (test_rulebook.py:")
    assert "IndexError: nothing there" in found[3].text()
    assert found[2].source == {"filename": "main.bean", "lineno": 1}


def test_every_rule_is_after_rules_that_there_are() -> None:
    order = in_order(RULES)
    assert sorted(order) == sorted(RULES)
    for code, each in RULES.items():
        assert all(order.index(cause) < order.index(code) for cause in each.after)


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ([_rule("X1", after=["X9", "X8"])], "X1 is after X9, X8, which no module enters"),
        ([_rule("X1", after=["X2"]), _rule("X2", after=["X1"])], "in a circle: X"),
        ([_rule("X1", after=["X2"]), _rule("X2", warns=True)], "X1 is an error, and after X2, which warns"),
    ],
)
def test_a_wrong_cause_is_told(rules: list[Rule], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        in_order({each.code: each for each in rules})


def test_causes_are_a_list_of_codes() -> None:
    with pytest.raises(TypeError, match="after is a list of codes, not the text 'V509'"):
        rule("X1", title="", why="", mend="", after="V509")


def test_a_code_is_entered_once() -> None:
    check: Check = RULES["A606"].check
    with pytest.raises(ValueError, match="A606 is entered twice"):
        rule("A606", title="", why="", mend="")(check)
