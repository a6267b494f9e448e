"""What the commands share: a yes is a yes in either language, and anything else changes nothing; who is told."""

import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from forbundsbok.plugins.language import choose_language, tr
from forbundsbok.scripts.commands.options import confirmed
from forbundsbok.scripts.forbundsbok import main


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


def test_whoever_has_closed_the_stream_of_messages_gets_the_answer_all_the_same(
    tiny: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`forbundsbok check 2>&-`: Python then has no such stream."""
    monkeypatch.setattr(sys, "stderr", None)
    main(["show", "balans", "--year", "2021", "--ledger", str(tiny)], standalone_mode=False)
    assert "Summa tillgångar" in capsys.readouterr().out


def test_a_folder_and_a_year_that_lacks_are_told_with_what_to_write(tiny: Path) -> None:
    told = CliRunner().invoke(main, ["check", "--ledger", str(tiny.parent)]).output
    assert f"{tiny.parent} är en mapp: skriv {tiny.parent / 'main.bean'}" in told
    assert "'--year' saknas: skriv   --year ÅR" in CliRunner().invoke(main, ["show", "balans", "2024"]).output


EXCEPTIONS = {"attest": ["--dry-run"], "import": ["--dry-run"], "init": ["--yes"], "unseal": [], "unlock": []}
"""What takes a person's own yes, asks nothing, begins a folder of its own, and for what the reason is the yes."""


def test_what_writes_books_can_be_tried_and_asks_before() -> None:
    context = click.Context(main)
    found = {}
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        assert command is not None
        options = {name: each for each in command.params if isinstance(each, click.Option) for name in each.opts}
        own = [each for each in ("--dry-run", "--yes") if each in options]
        others = tr("Write over files that are there, without asking.")
        over_files = own == ["--yes"] and options["--yes"].help == others
        if (own and not over_files) or "--reason" in options:
            found[name] = own
            assert name in EXCEPTIONS or own == ["--dry-run", "--yes"], name
    assert {name: found[name] for name in EXCEPTIONS} == EXCEPTIONS
    assert len(found) > len(EXCEPTIONS) + 7
