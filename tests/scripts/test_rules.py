"""The catalogue of rules, as a file and on the screen."""

from pathlib import Path

from click.testing import CliRunner

from forbundsbok.scripts.forbundsbok import main
from forbundsbok.scripts.rules import catalogue

CATALOGUE = Path(__file__).parents[2] / "docs" / "regler.md"


def test_the_catalogue_is_what_code_and_tests_make_it() -> None:
    assert CATALOGUE.read_text(encoding="utf-8") == catalogue(), "make docs puts this right"


def test_a_rule_is_printed_by_its_code_in_any_case() -> None:
    printed = CliRunner().invoke(main, ["rule", "s201"]).output
    assert printed.startswith("S201  A unit that carries its surplus has a result of exactly 0.00")
    assert "\nWhy: " in printed
    assert "\nMend: Paste the voucher that the message holds" in printed


def test_an_unknown_rule_lists_the_codes() -> None:
    result = CliRunner().invoke(main, ["rule", "X1"])
    assert result.exit_code == 1
    assert "there is no rule X1; there are A601, A602" in result.output
