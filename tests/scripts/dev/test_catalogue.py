"""The catalogue of rules, as a file."""

from pathlib import Path

from forbundsbok.scripts.dev.catalogue import catalogue

CATALOGUE = Path(__file__).parents[3] / "docs" / "regler.md"


def test_the_catalogue_is_what_code_and_tests_make_it() -> None:
    assert CATALOGUE.read_text(encoding="utf-8") == catalogue(), "make docs puts this right"
