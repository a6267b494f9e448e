"""Two languages: every text that is told has its Swedish, with the same places, in the words of the field."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from string import Formatter

import click
import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from click.testing import CliRunner

from forbundsbok.plugins import language
from forbundsbok.plugins.language import CATALOGUE
from forbundsbok.scripts.commands.language import parts_of
from forbundsbok.scripts.dev.messages import ROOMS, ROOT, updated
from forbundsbok.scripts.forbundsbok import main

NOT_THE_FIELDS = re.compile(
    r"\b(transaktion\w*|journalpost\w*|ledger\w*|bok(ning)?ssäll\w*|sträng\w*|parameter\w*|metadata\w*|plugin\w*)\b",
    re.I,
)
"""Words that a translation of a program would have, and an accountant's text has not."""

MODULES = [path for room in ROOMS for path in (ROOT / room).rglob("*.py")]
IN_AN_F_STRING = re.compile(r"""\{[^"\n]*\b(?:N_|tr|phrase)\('([^'\n]*)'""")
"""A text where the tools of catalogues read none."""


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="sv")


def test_the_catalogue_has_what_the_code_tells_and_nothing_else() -> None:
    assert CATALOGUE.read_text(encoding="utf-8") == updated(), "make messages, and translate what came"


def test_what_is_told_from_within_another_text_is_in_the_catalogue_too(catalogue: Catalog) -> None:
    told = {text for path in MODULES for text in IN_AN_F_STRING.findall(path.read_text(encoding="utf-8"))}
    assert told
    assert [text for text in told if text not in catalogue] == []


def test_the_catalogue_is_read_as_the_tools_of_catalogues_read_it(catalogue: Catalog) -> None:
    read = {english: swedish for english, swedish in language._catalogue().items() if english}
    assert read == {text.id: text.string for text in catalogue if text.id}


def test_every_text_is_translated_with_the_same_places(catalogue: Catalog) -> None:
    wrong = [str(text.id) for text in catalogue if text.id and places(str(text.id)) != places(str(text.string))]
    assert wrong == []
    assert [str(text.id) for text in catalogue if text.id and not text.string] == []


def test_a_translation_has_as_many_lines_as_its_text(catalogue: Catalog) -> None:
    """A merge of two translations of one text leaves both, one below the other; examples (\\b) keep their lines."""
    texts = [(str(text.id), str(text.string)) for text in catalogue if text.id]
    assert [english for english, swedish in texts if english.count("\n") != swedish.count("\n")] == []
    assert [english for english, swedish in texts if english.count("\b") != swedish.count("\b")] == []


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_the_words_are_the_fields(catalogue: Catalog) -> None:
    assert [found[0] for text in catalogue if text.id and (found := NOT_THE_FIELDS.search(str(text.string)))] == []


@pytest.mark.parametrize("command", [part for part in parts_of(main) if isinstance(part, click.Command)], ids=str)
def test_help_is_swedish_and_english_where_it_is_asked_for(command: click.Command) -> None:
    path = next(iter(paths_of(main, command)))
    swedish = CliRunner().invoke(main, [*path, "--help"]).output
    english = CliRunner().invoke(main, ["--language", "en", *path, "--help"]).output
    assert swedish.startswith("Användning: ")
    assert english.startswith("Usage: ")
    assert "Show this message and exit." in english
    assert not set(words(swedish)) & {"the", "of", "and", "with", "without", "this"}, swedish


def paths_of(group: click.Command, command: click.Command) -> list[list[str]]:
    if group is command:
        return [[]]
    if not isinstance(group, click.Group):
        return []
    return [[name, *rest] for name, each in group.commands.items() for rest in paths_of(each, command)]


def words(text: str) -> list[str]:
    return re.findall(r"[a-zåäö]+", text.lower())


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (["show", "--yeer", "2024"], "Det finns ingen flagga '--yeer'."),
        (["sho"], "Det finns inget kommando 'sho'."),
        (["show", "resultat"], "'--year' saknas"),
        (["show", "--year", "i fjol"], '"i fjol" är inget år'),
    ],
)
def test_mistakes_on_the_command_line_are_told_in_swedish(asked: list[str], told: str) -> None:
    result = CliRunner().invoke(main, asked)
    assert told in result.output
    assert "Fel: " in result.output


@pytest.fixture
def corrected(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Callable[[bytes], None]]:
    """Let an accountant's catalogue stand in the place of ours."""
    path = tmp_path / "sv.po"
    monkeypatch.setattr(language, "CATALOGUE", path)

    def write(content: bytes) -> None:
        path.write_bytes(content)

    yield write
    language._catalogue.cache_clear()
    language._translated.cache_clear()


@pytest.mark.parametrize("lost", ["{year} är stängt, {annan}", "{year är stängt, {place}", "{year} är stängt"])
def test_a_correction_that_loses_a_place_leaves_the_text_in_english(
    lost: str, corrected: Callable[[bytes], None]
) -> None:
    text = "{year} is closed, {place}"
    language._catalogue.cache_clear()
    language._translated.cache_clear()
    head = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
    corrected(f'{head}msgid "{text}"\nmsgstr "{lost}"\n'.encode())
    assert language.tr(text, year=2024, place="here") == "2024 is closed, here"


def test_what_a_tool_has_guessed_or_taken_out_is_left_in_english(corrected: Callable[[bytes], None]) -> None:
    language._catalogue.cache_clear()
    language._translated.cache_clear()
    told = (
        '#, fuzzy\nmsgid "one"\nmsgstr "ett"\n\n#~ msgid "two"\n#~ msgstr "två"\n\n'
        'msgid ""\n"a \\"long\\"\\n"\n"text\\\\"\nmsgstr ""\n"en \\"lång\\" "\n"text"'
    )
    corrected(told.encode())
    assert [language.tr(text) for text in ("one", "two", 'a "long"\ntext\\')] == ["one", "two", 'en "lång" text']


def test_a_catalogue_in_another_encoding_leaves_english(corrected: Callable[[bytes], None]) -> None:
    language._catalogue.cache_clear()
    language._translated.cache_clear()
    corrected('msgid "the books"\nmsgstr "böckerna"\n'.encode("latin-1"))
    assert language.tr("the books") == "the books"
