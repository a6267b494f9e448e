"""A user's mistakes: each ends in a message that says what to do, never in a traceback."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from forbundsbok.scripts.forbundsbok import main


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.mark.parametrize("command", ["show", "export", "trace", "compare"])
def test_help_shows_an_example_on_a_line_of_its_own(command: str) -> None:
    result = run(command, "--help")
    assert (result.exit_code, "\\b" in result.output) == (0, False)
    assert f"\n  forbundsbok {command} " in result.output


@pytest.mark.parametrize("year", ["20x4", "24", "2022-8", "2022-13--13", "2022-08--01", "٢٠٢٢"])
def test_a_year_that_is_none(year: str, tiny: Path) -> None:
    words = ("show", "resultat", "--ledger", tiny, "--year", year)
    result = run(*words)
    assert result.exit_code == 2
    assert "Fel: '--year': " in result.output
    assert "Error: Invalid value for '--year': " in run("--language", "en", *words).output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["resultat", "--year", "2019"], "2021, 2022"),
        (["resultat", "--year", "2022", "--compare", "2019"], "2021, 2022"),
        (["vinst", "--year", "2022"], "kassaflode"),
        (["resultat", "--year", "2022", "--unit", "X"], "RT, UTB"),
        (["kassaflode", "--year", "2022", "--unit", "RT"], "Kassaflödesanalys"),
        (["resultat", "--year", "2022", "--layout", "x"], "lag"),
    ],
)
def test_what_the_books_do_not_have(arguments: list[str], message: str, tiny: Path) -> None:
    result = run("show", *arguments, "--ledger", tiny)
    assert result.exit_code == 1
    assert result.output.startswith("Fel: ")
    assert message in result.output


def test_a_ledger_with_errors_stops_with_them(tiny: Path, tmp_path: Path) -> None:
    broken = tmp_path / "main.bean"
    text = tiny.read_text(encoding="utf-8").replace("-2960000.00 SEK", "-2960000.01 SEK")
    broken.write_text(text, encoding="utf-8")
    result = run("show", "resultat", "--ledger", broken, "--year", "2022")
    assert (result.exit_code, result.stdout) == (1, "")
    line = next(number for number, line in enumerate(text.splitlines(), 1) if "Löner 2022" in line)
    assert result.stderr.startswith(f"{broken}:{line}: ")
    assert result.stderr.endswith("Fel: antal fel i böckerna: 1\n")


@pytest.mark.parametrize("kind", ["missing", "folder", "latin-1", "empty", "binary"])
def test_a_ledger_that_is_none(kind: str, tiny: Path, tmp_path: Path) -> None:
    path = tmp_path / "main.bean"
    match kind:
        case "folder":
            path.mkdir()
        case "latin-1":
            path.write_bytes(tiny.read_text(encoding="utf-8").encode("latin-1"))
        case "empty":
            path.touch()
        case "binary":
            path.write_bytes(bytes(range(256)))
    result = run("show", "resultat", "--ledger", path, "--year", "2022")
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert "Fel: " in result.stderr


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, ": Filen eller mappen finns inte"),
        (b"", ":1: kolumnerna ska vara table,row,note,column,tkr, filen har: inga"),
        (b"table;row;note;column;tkr\n", ":1: kolumnerna ska vara table,row,note,column,tkr, filen har: table;row"),
        (b"table,row,note,column,tkr\n3.1,Rad,2022,5\n", ":2: 4 kolumner, ska vara 5"),
        (b"table,row,note,column,tkr\n\n3.1,Rad,,2022,5\n", ":2: 0 kolumner, ska vara 5"),
        (b"table,row,note,column,tkr\n3.1,Rad,,2022,5.5\n", ':2: tkr är "5.5"; skriv hela tusental'),
        (
            b"table,row,note,column,tkr\n3.1,Rad,,2022,5\n3.1,Rad,,2022,5\n",
            ":3: 3.1 Rad, 2022 finns redan i filen",
        ),
        (b'table,row,note,column,tkr\n3.1,"Rad,,2022,5\n', ":2: kan inte läsas som CSV (unexpected end of data)"),
        (
            "table,row,note,column,tkr\n3.1,Årets,,2022,5\n".encode("latin-1"),
            ":2: är inte i UTF-8; spara som CSV UTF-8",
        ),
    ],
)
def test_figures_that_cannot_be_read(content: bytes | None, message: str, tiny: Path, tmp_path: Path) -> None:
    path = tmp_path / "figures.csv"
    if content is not None:
        path.write_bytes(content)
    result = run("compare", path, "--ledger", tiny, "--year", "2022")
    assert result.exit_code == 1
    assert f"Fel: {path}{message}" in result.output


def test_a_folder_as_figures(tiny: Path, tmp_path: Path) -> None:
    words = ("compare", tmp_path, "--ledger", tiny, "--year", "2022")
    result = run(*words)
    assert (result.exit_code, result.output) == (1, f"Fel: {tmp_path}: Det är en mapp\n")
    result = run(*words, "--language", "en")
    assert (result.exit_code, result.output) == (1, f"Error: {tmp_path}: Is a directory\n")


def test_known_contradictions_that_are_not_there_or_have_no_reason(tiny: Path, tmp_path: Path) -> None:
    figures, known = tmp_path / "figures.csv", tmp_path / "known.csv"
    figures.write_text("table,row,note,column,tkr\n", encoding="utf-8")
    arguments = ("compare", figures, "--ledger", tiny, "--year", "2022", "--known", known)
    assert f"Fel: {known}: Filen eller mappen finns inte" in run(*arguments).output
    known.write_text("table,row,column,printed,required,reason\n3.1,Rad,2022,1,2,\n", encoding="utf-8")
    result = run(*arguments)
    assert (result.exit_code, result.output) == (1, f"Fel: {known}:2: 3.1 Rad, 2022 saknar skäl (reason)\n")


def test_an_output_folder_that_cannot_be_written(tiny: Path, tmp_path: Path) -> None:
    there = tmp_path / "file"
    there.touch()
    below = there / "below"
    for out, code, told in (("", 2, "ange vad det ska heta"), (there, 2, "är en fil"), (below, 1, f"Fel: {below}: ")):
        result = run("export", "--ledger", tiny, "--year", "2022", "--out", out)
        assert (result.exit_code, told in result.output) == (code, True)
    assert list(tmp_path.iterdir()) == [there]
