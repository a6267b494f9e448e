"""`forbundsbok lock` and `unlock`: a month that has been reported stays as it was, and says how it is corrected."""

import re
import shutil
from pathlib import Path

import pytest

from forbundsbok.plugins.locks import sigill_of
from forbundsbok.plugins.sigill import digest_of
from tests.scripts.commands.test_seal import errors, everything, refused, run, seal, write_ledger

JANUARY = """
2025-01-15 * "Norrby kommun" "Medlemsavgift januari"
  ver: "I 1"
  Assets:RT:1910-Kassa-och-bank            1000.00 SEK
  Income:RT:3119-Medlemsavgifter:Norrby   -1000.00 SEK

2025-01-20 * "Norrby kommun" "Medlemsavgift januari, resten"
  ver: "I 2"
  Assets:RT:1910-Kassa-och-bank            2000.00 SEK
  Income:RT:3119-Medlemsavgifter:Norrby   -2000.00 SEK

2025-02-01 balance Assets:RT:1910-Kassa-och-bank  713000.00 SEK

2025-02-03 * "Norrby kommun" "Medlemsavgift februari"
  ver: "I 3"
  Assets:RT:1910-Kassa-och-bank            1000.00 SEK
  Income:RT:3119-Medlemsavgifter:Norrby   -1000.00 SEK
"""
REASON = ("--reason", "Fel  enhet", "--by", "Anna Ek")


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger with two sealed years, and an open one whose January is reported."""
    ledger = write_ledger(tmp_path_factory.mktemp("locked"))
    seal(ledger, 2023, 2024)
    with (ledger.parent / "2023.bean").open("a", encoding="utf-8") as file:
        file.write(JANUARY)
    result = run("lock", "2025-01", "--by", "Bo", "--date", "2025-02-16", "--yes", "--ledger", ledger)
    assert result.exit_code == 0, result.output
    assert result.output.startswith("2025-01 är låst: 2 verifikationer\n2025-02-16 custom ")
    assert errors(ledger) == []
    return ledger


@pytest.fixture
def ledger(locked: Path, tmp_path: Path) -> Path:
    """A copy of it, to change."""
    shutil.copytree(locked.parent, tmp_path, dirs_exist_ok=True)
    return tmp_path / "main.bean"


def edit(ledger: Path, old: str, new: str) -> None:
    path = ledger.parent / "2023.bean"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def add(ledger: Path, text: str) -> None:
    edit(ledger, JANUARY, JANUARY + text)


LATE = """
2025-01-30 * "Norrby kommun" "Sent"
  ver: "I 4"
  Assets:RT:1910-Kassa-och-bank            50.00 SEK
  Income:RT:3119-Medlemsavgifter:Norrby   -50.00 SEK
"""


def test_a_month_is_locked_on_a_yes_alone(ledger: Path) -> None:
    arguments = ("lock", "2025-02", "--date", "2025-03-02", "--ledger", ledger)
    before = everything(ledger)
    for answer, more in (("nej\n", ()), ("j\n", ("--dry-run",))):
        result = run(*arguments, *more, answer=answer)
        assert ("Låsa 2025-02, 1 verifikation? " in result.output) == (not more)
        assert "Ingenting har skrivits" in result.output
        assert everything(ledger) == before
    assert "2025-02 är låst" in run(*arguments, "--yes", answer="").output


@pytest.mark.parametrize("copy", [True, False])
def test_what_is_done_to_a_locked_month_is_told_with_the_way_to_correct_it(ledger: Path, copy: bool) -> None:
    if not copy:
        shutil.rmtree(ledger.parent / "sigill")
    kept = (ledger.parent / "2023.bean").read_text(encoding="utf-8")
    voucher = JANUARY[JANUARY.index("2025-01-20") : JANUARY.index("2025-02-01")]
    for old, new, said in (
        ("januari, resten", "jan, resten", "2023.bean: L821 Verifikation I 2 av 2025-01-20 är inte som när 2025-01"),
        (voucher, "", "bokslut.bean: L823 Verifikation I 2 är borta sedan 2025-01 låstes 2025-02-16."),
        (voucher, voucher.replace("2025-01-20", "2025-01-21"), "L821 Verifikation I 2 av 2025-01-21 är inte som när"),
    ):
        edit(ledger, old, new)
        error = next(error for error in errors(ledger) if "L82" in error)
        assert said in error
        assert 'rätta den med en verifikation daterad 2025-02-01 eller senare, med\n  rattar: "I 2 2025"' in error
        assert '  forbundsbok unlock 2025-01 --reason "..." --by "..."' in error
        (ledger.parent / "2023.bean").write_text(kept, encoding="utf-8")
    add(ledger, LATE.replace("Sent", "Sent"))
    error = next(error for error in errors(ledger) if "L82" in error)
    assert "2023.bean: L822 Verifikation I 4 av 2025-01-30 fanns inte när 2025-01 låstes 2025-02-16: datera" in error
    assert "2025-02-01 eller senare" in error


def test_what_came_late_is_put_off_by_the_fix(ledger: Path) -> None:
    edit(ledger, "2025-02-03 *", LATE.strip() + "\n\n2025-02-03 *")
    assert sorted({code for error in errors(ledger) for code in re.findall(r"L8\d\d", error)}) == ["L822"]
    run("check", "--fix", "--yes", "--ledger", ledger)
    assert [error for error in errors(ledger) if "L82" in error] == []
    assert "2025-02-01 * " in (ledger.parent / "2023.bean").read_text(encoding="utf-8")


def test_several_changes_without_a_copy_are_counted(ledger: Path) -> None:
    shutil.rmtree(ledger.parent / "sigill")
    edit(ledger, "Medlemsavgift januari", "Avgift januari")
    (error,) = errors(ledger)
    assert "bokslut.bean: L821 2025-01 är inte som när månaden låstes 2025-02-16: den har 2 verifikationer" in error


def test_registers_of_a_locked_month_go_on(ledger: Path) -> None:
    add(
        ledger,
        "\n2025-01-01 open Expenses:RT:6010-Material SEK\n"
        '2025-01-01 custom "budget" Income:RT:3119-Medlemsavgifter:Norrby "yearly" -300000.00 SEK\n'
        "2025-01-21 balance Assets:RT:1910-Kassa-och-bank 713000.00 SEK\n"
        '2025-01-10 note Assets:RT:1910-Kassa-och-bank "Inventerad"\n',
    )
    assert errors(ledger) == []


def test_a_month_is_opened_with_reason_and_name_changed_and_locked_again(ledger: Path) -> None:
    result = run("unlock", "2025-01", *REASON, "--date", "2025-02-20", "--ledger", ledger)
    assert result.exit_code == 0, result.output
    assert re.search(r'  skal: "Fel enhet"\n  av: "Anna Ek"\n  kedja: "[0-9a-f]{64}"\n$', result.output)
    edit(ledger, "januari, resten", "jan, resten")
    assert errors(ledger) == []
    assert run("lock", "2025-01", "--date", "2025-02-21", "--ledger", ledger).exit_code == 0
    assert errors(ledger) == []
    told = run("check", "--ledger", ledger).output
    history = "öppnat 2025-02-20 av Anna Ek: Fel enhet; stängt på nytt 2025-02-21 med 1 ändring"
    assert f"Låsta månader: 2025-01; {history}\n" in told
    lines = re.findall(r'sigilljournal" (\d) "(\w+)" "2025-01"', (ledger.parent / "bokslut.bean").read_text())
    assert lines == [("3", "last"), ("4", "upplast"), ("5", "last")]


def test_a_month_that_is_locked_again_as_it_was_is_told_so(ledger: Path) -> None:
    run("unlock", "2025-01", *REASON, "--date", "2025-02-20", "--ledger", ledger)
    run("lock", "2025-01", "--date", "2025-02-21", "--ledger", ledger)
    assert "Fel enhet; stängt på nytt 2025-02-21, som det var\n" in run("check", "--ledger", ledger).output


def test_a_month_that_is_open_again_is_told(ledger: Path) -> None:
    assert run("unlock", "2025-01", *REASON, "--date", "2025-02-20", "--ledger", ledger).exit_code == 0
    assert "2025-01 är öppet igen; öppnat 2025-02-20 av Anna Ek: Fel enhet\n" in run("check", "--ledger", ledger).output


@pytest.fixture(scope="module")
def locked_with_documents(locked: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ledger with a document behind each voucher of January, locked anew."""
    ledger = tmp_path_factory.mktemp("documents") / "main.bean"
    shutil.copytree(locked.parent, ledger.parent, dirs_exist_ok=True)
    folder = ledger.parent / "underlag"
    folder.mkdir()
    assert run("unlock", "2025-01", *REASON, "--date", "2025-02-20", "--ledger", ledger).exit_code == 0
    for number in (1, 2):
        (folder / f"I-{number}.pdf").write_text(f"{number}", "utf-8")
        edit(
            ledger,
            f'januari{", resten" if number == 2 else ""}"\n',
            f'januari{", resten" if number == 2 else ""}"\n  underlag: "underlag/I-{number}.pdf"\n',
        )
    assert run("lock", "2025-01", "--date", "2025-02-21", "--ledger", ledger).exit_code == 0
    assert run("check", "--ledger", ledger).exit_code == 0
    return ledger


@pytest.fixture
def with_documents(locked_with_documents: Path, tmp_path: Path) -> Path:
    """A copy of it, to change."""
    shutil.copytree(locked_with_documents.parent, tmp_path, dirs_exist_ok=True)
    return tmp_path / "main.bean"


@pytest.mark.parametrize("copy", [True, False])
def test_the_documents_of_a_locked_month_stay(with_documents: Path, copy: bool) -> None:
    folder = with_documents.parent
    if not copy:
        shutil.rmtree(folder / "sigill")
    (folder / "underlag" / "I-1.pdf").write_text("9", "utf-8")
    (folder / "underlag" / "I-2.pdf").unlink()
    told = run("check", "--ledger", with_documents).output
    if copy:
        assert "2023.bean:16: underlag/I-1.pdf är inte det underlag som det var när 2025-01 låstes: lägg" in told
        assert "2023.bean:22: underlag/I-2.pdf fanns när 2025-01 låstes och är borta: lägg tillbaka det. Eller" in told
        assert '  forbundsbok unlock 2025-01 --reason "..." --by "..."' in told
    else:
        assert "Underlagen för 2025-01 är inte de som månaden låstes med: de var 2 och är nu 1." in told
    (folder / "underlag" / "I-1.pdf").write_text("1", "utf-8")
    (folder / "underlag" / "I-2.pdf").write_text("2", "utf-8")
    assert "underlag" not in run("check", "--ledger", with_documents).output.replace("forbundsbok", "")


def test_what_the_line_says_of_the_documents_is_locked_too(with_documents: Path) -> None:
    path = with_documents.parent / "bokslut.bean"
    text = path.read_text("utf-8")
    line = next(line for line in text.splitlines(keepends=True) if line.startswith("  underlagen:"))
    for changed in (text.replace(line, ""), text.replace(line, line.replace('"2 ', '"1 '))):
        path.write_text(changed, "utf-8")
        (error,) = errors(with_documents)
        assert "L821 Ingen verifikation i 2025-01 har ändrats sedan månaden låstes 2025-02-21, men det som" in error
        run("check", "--fix", "--yes", "--ledger", with_documents)
        assert errors(with_documents) == []
    path.write_text(text, "utf-8")


def test_a_month_locked_before_documents_were_covered_is_as_it_was(ledger: Path) -> None:
    assert "underlagen" not in (ledger.parent / "bokslut.bean").read_text("utf-8")
    assert sigill_of([], "2025-03") == digest_of(
        ["forbundsbok manad 1", "2025-03", "0 " + "0" * 16 + " " + "0" * 16], []
    )
    folder = ledger.parent / "underlag"
    folder.mkdir()
    (folder / "I-1.pdf").write_text("1", "utf-8")
    assert run("check", "--ledger", ledger).exit_code == 0


def test_a_line_says_documents_of_a_month_that_had_none(ledger: Path) -> None:
    path = ledger.parent / "bokslut.bean"
    path.write_text(path.read_text("utf-8").rstrip("\n") + f'\n  underlagen: "1 {"0" * 64}"\n', "utf-8")
    (error,) = errors(ledger)
    assert "utan underlag: ta bort underlagen under dess rad i journalen" in error


def test_a_sealed_copy_that_is_gone_or_changed_is_told_and_written_back(with_documents: Path) -> None:
    kept = {path: path.read_bytes() for path in (with_documents.parent / "sigill").glob("*.txt")}
    assert len(kept) == 4
    shutil.rmtree(with_documents.parent / "sigill")
    told = run("check", "--ledger", with_documents)
    assert told.exit_code == 1
    assert told.output.count("är borta: lägg tillbaka den från en säkerhetskopia") == 4
    assert told.output.count("skrivas på nytt") == 3  # that of the month as it was first cannot be
    for command in (("seal", 2023), ("seal", 2024), ("lock", "2025-01")):
        result = run(*command, "--yes", "--ledger", with_documents)
        assert result.exit_code == 0, result.output
        assert result.output.startswith(f"den förseglade kopian av {command[1]} är tillbaka: ")
    (left,) = [path for path in kept if not path.exists()]
    assert all(path.read_bytes() == content for path, content in kept.items() if path != left)
    left.write_bytes(kept[left])
    assert run("check", "--ledger", with_documents).exit_code == 0
    for path, content in kept.items():
        for changed in (content.replace(b"kommun", b"stad"), content.replace(b'underlag "', b'underlag "x'), b""):
            if changed != content:
                path.write_bytes(changed)
                said = run("check", "--ledger", with_documents).output
                assert f"sigill/{path.name}, den förseglade kopian" in said
                assert "är inte som den skrevs" in said
        path.write_bytes(content)


def test_a_copy_is_not_written_back_of_what_has_changed(with_documents: Path) -> None:
    shutil.rmtree(with_documents.parent / "sigill")
    (with_documents.parent / "underlag" / "I-1.pdf").write_text("9", "utf-8")
    refused(with_documents, "2025-01 är redan låst, 2025-02-21", "lock", "2025-01", "--date", "2025-02-22")


def test_a_file_that_nothing_includes_is_told(ledger: Path) -> None:
    late = ledger.parent / "rest" / "2025.bean"
    late.parent.mkdir()
    late.write_text(";; Glömd\n" + LATE, "utf-8")
    told = run("check", "--ledger", ledger)
    assert told.exit_code == 0
    assert "rest/2025.bean:3: L836 rest/2025.bean har 1 direktiv som inte finns i böckerna" in told.output
    assert '  include "rest/2025.bean"\n' in told.output
    late.write_text(";; Bara en kommentar\n", "utf-8")
    assert "L836" not in run("check", "--ledger", ledger).output


def test_a_lock_taken_away_by_hand_leaves_its_copy(ledger: Path) -> None:
    path = ledger.parent / "bokslut.bean"
    text = path.read_text(encoding="utf-8")
    path.write_text(text[: text.index('2025-02-16 custom "sigilljournal" 3')], encoding="utf-8")
    assert "är en förseglad kopia av 2025-01 med ett sigill som inte står" in run("check", "--ledger", ledger).output


def test_what_is_refused(ledger: Path) -> None:
    refused(ledger, "2025-01 är redan låst, 2025-02-16", "lock", "2025-01", "--date", "2025-02-17")
    refused(ledger, "2024 är förseglat: månaderna är stängda med det", "lock", "2024-05", "--date", "2025-02-17")
    refused(ledger, "ange med --date en dag efter 2025-02-28", "lock", "2025-02", "--date", "2025-02-17")
    refused(ledger, "2025-02 är inte låst", "unlock", "2025-02", *REASON, "--date", "2025-03-17")
    refused(ledger, "--reason och --by", "unlock", "2025-01", "--reason", " ", "--by", "Bo")
    assert run("unlock", "2025-01", "--reason", "Fel", "--ledger", ledger).exit_code == 2
    assert run("lock", "2025-13", "--ledger", ledger).exit_code == 2


def test_a_month_with_a_voucher_that_waits_is_not_locked(ledger: Path) -> None:
    add(ledger, LATE.replace("2025-01-30 *", "2025-02-01 !"))
    edit(ledger, "2025-02-03 *", "2025-02-03 !")
    refused(ledger, "I 3, I 4 i 2025-02 väntar (!)", "lock", "2025-02", "--date", "2025-03-02")


def test_an_empty_month_is_locked_too(ledger: Path) -> None:
    assert run("lock", "2025-03", "--date", "2025-04-02", "--ledger", ledger).exit_code == 0
    edit(ledger, "2025-02-03 *", LATE.strip().replace("2025-01-30", "2025-03-30") + "\n\n2025-02-03 *")
    assert any("L822 Verifikation I 4 av 2025-03-30" in error for error in errors(ledger))
