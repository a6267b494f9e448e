"""What the commands share: a yes is a yes in either language, and anything else changes nothing."""

import click
import pytest
from click.testing import CliRunner

from forbundsbok.plugins.language import choose_language
from forbundsbok.scripts.commands.options import confirmed


@click.command()
def asking() -> None:
    click.echo(confirmed("Skriva detta?"))


@pytest.mark.parametrize("answer", ["j", "ja", "Ja ", "y", "YES"])
def test_a_yes(answer: str) -> None:
    assert CliRunner().invoke(asking, input=f"{answer}\n").output.endswith("True\n")


@pytest.mark.parametrize("answer", ["", "n", "nej", "jag vet inte"])
def test_anything_else_is_a_no(answer: str) -> None:
    assert CliRunner().invoke(asking, input=f"{answer}\n").output.endswith("False\n")


@pytest.mark.parametrize(("language", "choice"), [("sv", "[j/N]: "), ("en", "[y/N]: ")])
def test_the_question_says_what_may_be_answered(language: str, choice: str) -> None:
    choose_language(language)
    assert f"Skriva detta? {choice}" in CliRunner().invoke(asking, input="\n").output
