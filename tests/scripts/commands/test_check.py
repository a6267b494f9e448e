"""`forbundsbok check`: its errors as data, and fixes that are written one file after the other, or not at all."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from beancount.core import data
from beancount.parser import printer
from click.testing import CliRunner, Result

from forbundsbok.plugins.books import Books
from forbundsbok.plugins.findings import Add, Below, Finding, Step, Subject
from forbundsbok.plugins.ledger_text import custom_of
from forbundsbok.plugins.loading import load_ledger
from forbundsbok.plugins.rulebook import RULES
from forbundsbok.scripts.commands import check as command
from forbundsbok.scripts.forbundsbok import main
from tests.main_file import head

MAIN = f"""{head("Räddningstjänsten Norra")}
include "2025.bean"
include "2026.bean"

2024-12-31 custom "unit" "RT" "Räddningstjänst"
  overskott: "behalls"
2024-12-31 custom "unit" "UTB" "Utbildning"
  overskott: "behalls"
2024-12-31 open Assets:RT:1790-Avräkning SEK
2024-12-31 open Assets:RT:1910-Kassa-och-bank SEK
2024-12-31 open Assets:UTB:1790-Avräkning SEK
2024-12-31 open Equity:RT:2010-Eget-kapital SEK
2024-12-31 open Income:RT:3610-Interna-kurser SEK
  intern: TRUE
2024-12-31 open Expenses:RT:6010-Material SEK
2024-12-31 open Expenses:UTB:6010-Material SEK
2024-12-31 open Expenses:UTB:7610-Interna-kurser SEK
  intern: TRUE
2024-12-31 * "Ingående balanser"
  ver: "B 1"
  Assets:RT:1910-Kassa-och-bank   100000.00 SEK
  Equity:RT:2010-Eget-kapital    -100000.00 SEK
"""
ROWS = """  Expenses:RT:6010-Material       100.00 SEK
  Assets:RT:1910-Kassa-och-bank  -100.00 SEK
"""
FIRST = f'2025-03-01 * "Material"\n  ver: "L 1"\n{ROWS}\n'
UNREADABLE = f'2025-03-02 * "Slangar"\n  ver: "L2"\n{ROWS}'
"""V501, which is mended."""
NOT_SAID = f'2025-03-03 * "Rättelse"\n  ver: "M 1"\n{ROWS}'
"""V505, which is not."""
BALANCE = "2026-04-01 balance Assets:RT:1910-Kassa-och-bank  7.00 SEK\n"
TWICE = f'2026-03-01 * "Material"\n  ver: "L 1"\n{ROWS}\n'
MIXED = """2025-03-02 * "Kurs och material"
  ver: "L 2"
  ; sagt av förmannen
  Expenses:UTB:7610-Interna-kurser    500.00 SEK ; kursen
  Income:RT:3610-Interna-kurser      -500.00 SEK
  Expenses:UTB:6010-Material           70.00 SEK
  Assets:RT:1910-Kassa-och-bank       -70.00 SEK
"""
"""I403: two vouchers in one, of two units."""
TWO_VOUCHERS = """2025-03-02 * "Kurs och material"
  ver: "L 2"
  Expenses:UTB:7610-Interna-kurser   500.00 SEK
  Income:RT:3610-Interna-kurser     -500.00 SEK

2025-03-02 * "Material"
  ver: "L 3"
  Expenses:UTB:6010-Material          70.00 SEK
  Assets:RT:1910-Kassa-och-bank      -70.00 SEK
"""
Written = Callable[..., Path]
Proposing = Callable[[Callable[[Books], Iterable[Step]]], None]


@pytest.fixture
def books(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Written:
    """Write books of two years, and return their main file."""
    monkeypatch.chdir(tmp_path)

    def write(first: str | bytes = FIRST, second: str = "") -> Path:
        for name, text in (("main.bean", MAIN), ("2025.bean", first), ("2026.bean", second)):
            Path(name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return Path("main.bean")

    return write


@pytest.fixture
def proposing(monkeypatch: pytest.MonkeyPatch) -> Proposing:
    """Let a rule find fault with all books, nowhere in particular, and propose what a function returns."""

    def enter(steps: Callable[[Books], Iterable[Step]]) -> None:
        def found(books: Books) -> Iterator[Finding]:
            yield Finding(None, Subject("prov", "x"), "prov", fix=tuple(steps(books)))

        monkeypatch.setitem(RULES, "V507", replace(RULES["V507"], check=found))

    return enter


def run(*arguments: str | Path, answers: str = "") -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], input=answers)


def fix(ledger: Path, *more: str, answers: str = "") -> Result:
    return run("check", "--fix", "--ledger", ledger, *more, answers=answers)


def files() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in Path().iterdir()}


def text_of(name: str) -> str:
    return Path(name).read_bytes().decode()


# What is written


def test_one_of_two_errors_is_mended(books: Written) -> None:
    ledger = books(FIRST + UNREADABLE + "\n" + NOT_SAID)
    result = fix(ledger, "--yes")
    assert text_of("2025.bean") == FIRST + UNREADABLE.replace('"L2"', '"L 2"') + "\n" + NOT_SAID
    assert "skrivet: 2025.bean\n" in result.stdout
    assert result.exit_code == 1
    assert "V505" in result.stderr
    assert "V501" not in result.stderr


def test_two_files_are_written_one_after_the_other(books: Written) -> None:
    ledger = books(FIRST + UNREADABLE, TWICE + TWICE)
    result = fix(ledger, answers="j\nja\n")
    assert result.stdout.index("skrivet: 2025.bean") < result.stdout.index("skrivet: 2026.bean")
    assert text_of("2025.bean") == FIRST + UNREADABLE.replace('"L2"', '"L 2"')
    assert text_of("2026.bean") == TWICE + "\n"
    assert "main.bean: inga fel" in result.stdout
    assert result.exit_code == 0


def test_a_balance_that_fails_hinders_no_fix(books: Written) -> None:
    ledger = books(FIRST + UNREADABLE, BALANCE)
    result = fix(ledger, "--yes")
    assert '"L 2"' in text_of("2025.bean")
    assert "Balance failed" in result.stderr


@pytest.mark.parametrize("answer", ["n", "", "nej"])
def test_a_no_leaves_that_file_as_it_is(answer: str, books: Written) -> None:
    ledger = books(FIRST + UNREADABLE, TWICE + TWICE)
    before = files()
    result = fix(ledger, answers=f"{answer}\nj\n")
    assert files() == {**before, "2026.bean": f"{TWICE}\n".encode()}
    assert "skrivet: 2025.bean" not in result.stdout
    assert "skrivet: 2026.bean" in result.stdout


def test_nothing_to_mend(books: Written) -> None:
    ledger = books(FIRST + NOT_SAID)
    before = files()
    result = fix(ledger, "--yes")
    assert files() == before
    assert "Det finns ingen rättning som följer av böckerna." in result.stdout
    english = run("--language", "en", "check", "--fix", "--ledger", ledger)
    assert "There is no fix that follows from the books." in english.stdout


def test_a_fix_that_would_bring_another_error_changes_nothing(books: Written, proposing: Proposing) -> None:
    def wrong(books: Books) -> Iterator[Step]:
        yield Add([data.Close({}, books.vouchers[-1].date, "Assets:RT:9999-Okänt")], books.vouchers[-1])

    ledger = books(FIRST)
    before = files()
    proposing(wrong)
    result = fix(ledger, "--yes")
    assert result.exit_code == 1
    error = "2025.bean:6: Assets:RT:9999-Okänt stängs men har aldrig öppnats"
    assert result.stderr.startswith(error)
    assert "\nmed detta skulle det bli andra fel (ValidationError): inget av det har skrivits\n" in result.stderr
    assert "V507 prov" in result.stderr
    assert "skrivet" not in result.output
    assert files() == before


def test_a_file_that_is_written_meanwhile(books: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = books(FIRST + UNREADABLE)
    changed = FIRST + UNREADABLE + "; en anteckning\n"

    def asked(_: str) -> bool:
        Path("2025.bean").write_text(changed, encoding="utf-8")
        return True

    monkeypatch.setattr(command, "confirmed", asked)
    result = fix(ledger)
    assert result.exit_code == 1
    assert "under tiden" in result.stderr
    assert text_of("2025.bean") == changed


def test_a_second_fix_of_a_voucher_waits_for_the_next_round(books: Written) -> None:
    ledger = books(FIRST + MIXED.replace('"L 2"', '"L2"'))
    result = fix(ledger, "--yes")
    assert "1 rättning återstår: kör igen\n" in result.stderr
    result = fix(ledger, "--yes")
    assert "återstår" not in result.stderr
    assert result.exit_code == 0, result.output


def test_a_voucher_of_two_units_is_divided_without_clearing_and_keeps_its_comments(books: Written) -> None:
    ledger = books(FIRST + MIXED + "\n" + NOT_SAID)
    result = fix(ledger, "--yes")
    comments = "  ; sagt av förmannen\n  ; kursen\n"
    assert text_of("2025.bean") == FIRST + TWO_VOUCHERS + comments + "\n" + NOT_SAID
    assert "Avräkning" not in result.output


def test_what_cannot_be_written_is_told_and_the_rest_is_mended(books: Written, proposing: Proposing) -> None:
    def unwritable(books: Books) -> Iterator[Step]:
        yield Below(books.vouchers[-1], {"nyckel": object()})

    ledger = books(FIRST, TWICE + TWICE)
    proposing(unwritable)
    result = fix(ledger, "--yes")
    assert "V507 rättas inte maskinellt: this cannot be written" in result.stderr
    assert text_of("2026.bean") == TWICE + "\n"
    assert "\nV507 prov\nFel: antal fel i böckerna: 1\n" in result.stderr
    told = json.loads(run("check", "--json", "--ledger", ledger).stdout)
    assert [(each["rule"], each["file"], each["line"], each["fix"]) for each in told] == [("V507", None, None, [])]


def test_a_fix_beside_a_directive_that_stands_in_no_file(books: Written, proposing: Proposing) -> None:
    def placeless(books: Books) -> Iterator[Step]:
        day = books.vouchers[-1].date
        yield Add([custom_of("prov", day, ["x"])], books.vouchers[-1]._replace(meta={}))

    ledger = books(FIRST)
    before = files()
    proposing(placeless)
    result = fix(ledger, "--yes")
    assert files() == before
    assert "1 rättning rör inte en enda fil" in result.stderr
    assert 'V507 prov\nLägg till i böckerna:\n2025-03-01 custom "prov" "x"\n' in result.stderr
    assert ".:0" not in result.stderr
    shown = run("show", "resultat", "--ledger", ledger, "--year", "2025")
    assert shown.stderr.startswith("V507 prov\n")
    [error] = load_ledger(ledger).errors
    told: str = printer.format_error(error)  # type: ignore[no-untyped-call]  # as bean-check tells it
    assert told.startswith(":0: V507 prov\n")


# What is shown


@pytest.mark.parametrize(
    ("language", "message"),
    [
        ("sv", 'Numret "L2" är inte skrivet som "L 123": serie, mellanslag och nummer.'),
        ("en", 'The number "L2" is not written as "L 123": a series, a space and a number.'),
    ],
)
def test_errors_and_fixes_as_data(language: str, message: str, books: Written) -> None:
    first = FIRST + UNREADABLE + "\n" + MIXED.replace('"L 2"', '"M 1"').replace("  ; sagt av förmannen\n", "")
    ledger = books(first, TWICE + TWICE + BALANCE)
    result = run("--language", language, "check", "--json", "--ledger", ledger)
    assert result.exit_code == 1
    number, sale, twice, balance = json.loads(result.stdout)
    file, later = (str(Path(name).resolve()) for name in ("2025.bean", "2026.bean"))
    assert number == {
        "rule": "V501",
        "level": "error",
        "file": file,
        "line": 6,
        "subject": {"kind": "voucher", "name": f"{Path().resolve().name}/2025.bean:6", "year": None},
        "message": message,
        "values": {"ver": "L2"},
        "fix": [{"action": "below", "file": file, "line": 6, "text": '  ver: "L 2"'}],
    }
    text = TWO_VOUCHERS.replace("L 2", "M 1").replace("L 3", "M 2").rstrip("\n")
    assert sale["fix"] == [{"action": "replace", "file": file, "line": 11, "text": text}]
    assert sale["values"]["voucher"] == {"ver": "M 1", "file": file, "line": 11}
    assert twice["fix"] == [{"action": "remove", "file": later, "line": 6, "text": ""}]
    assert (balance["rule"], balance["subject"], balance["fix"]) == (None, None, [])
    assert (balance["file"], balance["line"]) == (later, 11)


def test_a_sound_ledger_as_data(books: Written) -> None:
    result = run("check", "--json", "--ledger", books(FIRST))
    assert (result.exit_code, json.loads(result.stdout)) == (0, [])


def test_the_difference_shows_all_that_changes_and_nothing_else(books: Written) -> None:
    odd = "; rad\u2028två\x85tre\x0cfyra\r\n"
    ledger = books((odd + FIRST + UNREADABLE + odd).encode() + b"; latin-1: \xe5\xe4\xf6")
    result = fix(ledger, answers="j\n")
    expected = (odd + FIRST + UNREADABLE.replace('"L2"', '"L 2"') + odd).encode() + b"; latin-1: \xe5\xe4\xf6"
    assert Path("2025.bean").read_bytes() == expected
    changes = [line for line in result.stdout.split("\n") if line[:1] in "+-" and line[:3] not in ("---", "+++")]
    assert [line for line in changes if line] == ['-  ver: "L2"', '+  ver: "L 2"']


STRANGE = f'2026-03-02 * "Stegar"\n  ver: "C 1"\n{ROWS}'
"""T101, which warns: the series is not used before."""
ANSWER = '  kvittens: "T101 Ny serie för material"\n'


def warned(tmp_path: Path, text: str, *options: str) -> Result:
    """Check books with a year 2026 that a voucher is strange in."""
    (tmp_path / "main.bean").write_text(MAIN, encoding="utf-8")
    (tmp_path / "2025.bean").write_text(
        FIRST + FIRST.replace("L 1", "K 1").replace('"Material"', '"Hjälmar"'), encoding="utf-8"
    )
    (tmp_path / "2026.bean").write_text(TWICE + text, encoding="utf-8")
    return CliRunner().invoke(main, ["check", "--ledger", str(tmp_path / "main.bean"), *options])


def test_a_warning_is_shown_and_is_no_error_unless_it_is_asked_for(tmp_path: Path) -> None:
    result = warned(tmp_path, STRANGE)
    assert (result.exit_code, result.output.count("\n! "), "T101 C 1" in result.output) == (0, 0, True)
    assert result.output.startswith("! ")
    assert "1 varning (!)" in result.output
    assert warned(tmp_path, STRANGE, "--strict").exit_code == 1
    [told] = json.loads(warned(tmp_path, STRANGE, "--json").output)
    assert (told["rule"], told["level"], told["acknowledged"]) == ("T101", "warning", None)


def test_an_acknowledged_warning_is_silent_but_counted(tmp_path: Path) -> None:
    text = STRANGE.replace('  ver: "C 1"\n', f'  ver: "C 1"\n{ANSWER}')
    result = warned(tmp_path, text, "--strict")
    assert (result.exit_code, "T101" in result.output, "1 varning är kvitterad" in result.output) == (0, False, True)
    assert "  kvitterad: Ny serie för material" in warned(tmp_path, text, "--acknowledged").output
    assert json.loads(warned(tmp_path, text, "--json").output) == []
    [told] = json.loads(warned(tmp_path, text, "--json", "--acknowledged").output)
    assert told["acknowledged"] == "Ny serie för material"


def test_an_acknowledgement_of_another_warning_answers_nothing(tmp_path: Path) -> None:
    directive = '\n2026-04-30 custom "kvittens" "T101" "L 1 2026" "Ny serie för material"\n'
    assert "T101 C 1" in warned(tmp_path, STRANGE + directive).output
    assert "T101 C 1" not in warned(tmp_path, STRANGE + directive.replace("L 1", "C 1")).output


def test_what_check_says_stands_in_its_data_with_the_same_status(books: Written) -> None:
    ledger = books(FIRST.replace("Expenses:RT:6010-Material    ", "Equity:RT:2010-Eget-kapital  "))
    as_text, as_data = run("check", "--ledger", ledger), run("check", "--json", "--ledger", ledger)
    assert (as_text.exit_code, as_data.exit_code) == (1, 1)
    [error] = [each for each in json.loads(as_data.stdout) if each["level"] == "error"]
    assert error["message"] in as_text.stderr
    assert "resultatet är inte förändringen av eget kapital" in error["message"]


@pytest.mark.parametrize(("options", "said"), [(["--yes"], "--fix"), (["--explain", "--json"], "--json")])
def test_options_that_would_be_ignored_are_refused(options: list[str], said: str, books: Written) -> None:
    result = run("check", "--ledger", books(), *options)
    assert result.exit_code == 2
    assert said in result.stderr
