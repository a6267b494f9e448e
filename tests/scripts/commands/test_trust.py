"""`forbundsbok check` is not talked out of what it checks: seals taken away, rules switched off, files from elsewhere.

Each attack is one that ended in "no errors" before: the seal or its bokslut deleted and the year changed, a rule or a
voucher hidden by the books' own lines. What holds against a person who writes all of it is kept outside: an anchor.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from forbundsbok.plugins.loading import load_ledger
from tests.scripts.commands.test_seal import MAIN, bokslut, ledger, replace, run, seal, without_seals

__all__ = ("ledger",)

JOURNAL = re.compile(r'\d{4}-\d\d-\d\d custom "sigilljournal".*\n(?:  .*\n)*')
BEFORE = re.compile(r'2023-12-31 custom "bokslut" 2023[^\n]*\n(?:  .*\n)*')
LAST = re.compile(r'2024-12-31 custom "bokslut" 2024\n(?:  .*\n)*')


def check(ledger: Path, *more: str | Path) -> str:
    """Return what check says of a ledger, which is to be wrong."""
    result = run("check", "--ledger", ledger, *more)
    assert result.exit_code == 1, result.output
    return result.output


def passes(ledger: Path, *more: str | Path) -> str:
    result = run("check", "--ledger", ledger, *more)
    assert result.exit_code == 0, result.output
    return result.output


def edit(ledger: Path, change: Callable[[str], str], name: str = "bokslut.bean") -> None:
    path = ledger.parent / name
    text = path.read_text(encoding="utf-8")
    assert change(text) != text
    path.write_text(change(text), encoding="utf-8")


def without_metadata(text: str) -> str:
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("  sigill"))


ATTACKS: dict[str, Callable[[str], str]] = {
    "the sigill lines": without_metadata,
    "the sigill lines of the last year": lambda text: LAST.sub('2024-12-31 custom "bokslut" 2024\n', text),
    "the last bokslut": lambda text: LAST.sub("", text),
    "the first bokslut": lambda text: BEFORE.sub("", text),
    "both bokslut": lambda text: BEFORE.sub("", LAST.sub("", text)),
    "the journal": lambda text: JOURNAL.sub("", text),
    "the last line of the journal": lambda text: text.replace(JOURNAL.findall(text)[-1], ""),
    "the first line of the journal": lambda text: text.replace(JOURNAL.findall(text)[0], ""),
    "the last year's seal and its line": lambda text: LAST.sub("", text).replace(JOURNAL.findall(text)[-1], ""),
}
"""What is taken out of the file of the boksluts, before a year is changed."""


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_seal_taken_away_by_hand_is_an_error(ledger: Path, attack: str) -> None:
    seal(ledger, 2023, 2024)
    if attack == "the last year's seal and its line":  # all of its traces: then its copy is one
        assert "sigill/2024-" in attacked(ledger, attack)
        return
    shutil.rmtree(ledger.parent / "sigill")
    assert re.search(r"L8(05|06|08|09|12|13|14) ", attacked(ledger, attack))


def attacked(ledger: Path, attack: str) -> str:
    edit(ledger, ATTACKS[attack])
    replace(ledger, "310000.00", "290000.00")
    return check(ledger)


def test_what_is_sealed_is_told_with_day_and_sigill(ledger: Path) -> None:
    seal(ledger, 2023, 2024)
    sigill = re.findall(r'  sigill: "(.*)"', bokslut(ledger))
    told = passes(ledger)
    assert f"2023 är förseglat 2025-02-15: {sigill[0]}\n2024 är förseglat 2025-02-15: {sigill[1]}\n" in told


# What is kept outside


def forged(ledger: Path) -> None:
    """Change a sealed year, and seal the books anew, without any trace in them."""
    edit(ledger, lambda text: without_seals(text))
    shutil.rmtree(ledger.parent / "sigill")
    replace(ledger, "310000.00", "290000.00")
    seal(ledger, 2023, 2024)
    passes(ledger)  # without something kept outside nothing holds against whoever may write everything


def test_an_anchor_sees_what_the_books_cannot(ledger: Path, tmp_path: Path) -> None:
    seal(ledger, 2023, 2024)
    anchor = tmp_path / "ankare.txt"
    assert run("anchor", "--out", anchor, "--ledger", ledger).exit_code == 0
    passes(ledger, "--anchor", anchor)
    was = re.findall(r'"2024" "(.*)"', bokslut(ledger))[0]
    forged(ledger)
    told = check(ledger, "--anchor", anchor)
    assert "2024 har sigillet " in told
    assert f"och ska ha {was}" in told
    assert "De första 2 raderna i sigilljournalen är inte de som sparades" in told
    assert f"och ska ha {was[:16]}" in check(ledger, "--sigill", f"2024={was[:16]}")
    assert "2024 är inte förseglat" in unsealed(ledger, anchor)


def unsealed(ledger: Path, anchor: Path) -> str:
    run("unseal", 2024, "--reason", "Fel", "--date", "2025-03-01", "--ledger", ledger)
    told = check(ledger, "--anchor", anchor)
    assert "Sigilljournalen säger: forseglat 2025-02-15, oppnat 2025-03-01." in told
    return told


def test_opened_changed_and_sealed_again_without_the_line_of_it_is_seen(ledger: Path, tmp_path: Path) -> None:
    seal(ledger, 2023, 2024)
    anchor = tmp_path / "ankare.txt"
    run("anchor", "--out", anchor, "--ledger", ledger)
    run("unseal", 2024, "--reason", "Fel", "--date", "2025-03-01", "--ledger", ledger)
    replace(ledger, "310000.00", "290000.00")
    edit(ledger, lambda text: text.replace(JOURNAL.findall(text)[-1], ""))
    refused = run("seal", 2024, "--date", "2025-03-02", "--ledger", ledger)
    assert refused.exit_code == 1
    assert "2024 förseglades 2025-02-15 och är inte som det var då" in refused.output
    edit(ledger, lambda text: text.replace(JOURNAL.findall(text)[-1], ""))
    assert run("seal", 2024, "--date", "2025-03-02", "--ledger", ledger).exit_code == 0
    assert "är en förseglad kopia av 2024 med ett sigill som inte står i sigilljournalen" in check(ledger)
    assert "2024 har sigillet" in check(ledger, "--anchor", anchor)


def test_an_anchor_agrees_as_the_books_go_on(ledger: Path, tmp_path: Path) -> None:
    seal(ledger, 2023)
    anchor = tmp_path / "ankare.txt"
    run("anchor", "--out", anchor, "--ledger", ledger)
    seal(ledger, 2024)
    passes(ledger, "--anchor", anchor)
    run("unseal", 2024, "--reason", "Fel", "--date", "2025-03-01", "--ledger", ledger)
    passes(ledger, "--anchor", anchor)


@pytest.mark.parametrize("text", ["", "förbundsbok ankare 1\n", "2024 " + "0" * 64 + " 5\njournal 1 " + "0" * 64])
def test_what_is_no_anchor_is_refused(ledger: Path, tmp_path: Path, text: str) -> None:
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    assert "är inget ankare som forbundsbok har skrivit" in check(ledger, "--anchor", tmp_path / "a.txt")
    assert "inget år är förseglat" in run("anchor", "--out", tmp_path / "b.txt", "--ledger", ledger).output
    assert run("check", "--sigill", "2024=abc", "--ledger", ledger).exit_code == 2


def git(folder: Path, *arguments: str) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    command = ["git", "-C", str(folder), "-c", "user.name=A", "-c", "user.email=a@example.org", *arguments]
    subprocess.run(command, check=True, capture_output=True, env=environment)


def test_git_keeps_the_lines_of_the_journal(ledger: Path) -> None:
    seal(ledger, 2023, 2024)
    git(ledger.parent, "init", "--quiet")
    git(ledger.parent, "add", ".")
    git(ledger.parent, "commit", "--quiet", "-m", "Förseglat")
    passes(ledger)
    edit(ledger, lambda text: without_seals(text))
    shutil.rmtree(ledger.parent / "sigill")
    replace(ledger, "310000.00", "290000.00")
    seal(ledger, 2023, 2024)
    git(ledger.parent, "commit", "--quiet", "-a", "-m", "Putsat")
    told = check(ledger)
    assert "Rad 2 i sigilljournalen, forseglat 2024, finns i historiken i git men inte längre i böckerna" in told


# What the seal covers on disk


@pytest.mark.parametrize("kept", [True, False])
def test_the_documents_of_a_sealed_year_are_those_that_it_was_sealed_with(ledger: Path, kept: bool) -> None:
    folder = ledger.parent / "underlag"
    folder.mkdir()
    for name in ("a", "b"):
        (folder / f"{name}.pdf").write_text(name)
    replace(ledger, '  ver: "I 1"\n', '  ver: "I 1"\n  underlag: "underlag/a.pdf"\n')
    replace(ledger, '  ver: "B 1"\n', '  ver: "B 1"\n  underlag: "underlag/b.pdf"\n')
    seal(ledger, 2023, 2024)
    passes(ledger)
    if not kept:
        shutil.rmtree(ledger.parent / "sigill")
    (folder / "a.pdf").write_text("en annan")
    (folder / "b.pdf").unlink()
    told = check(ledger)
    if kept:
        assert "2023.bean:7: underlag/a.pdf är inte det underlag som det var när 2023 förseglades" in told
        assert "underlag/b.pdf fanns när 2023 förseglades och är borta" in told
    else:
        assert "Underlagen för 2023 är inte de som året förseglades med: de var 2 och är nu 1." in told


# What the books' own lines could switch off


def with_lines(*lines: str) -> Callable[[str], str]:
    return lambda text: text.replace('\nplugin "', "".join(f"\n{line}" for line in lines) + '\nplugin "')


HIDDEN = """
2024-03-01 * "Norrby kommun" "dold"
  ver: "I 2"
  Assets:RT:1910-Kassa-och-bank            310000.00 SEK
  Income:RT:3119-Medlemsavgifter:Norrby   -310000.00 SEK
"""

SWITCHES: dict[str, tuple[Callable[[str], str], str]] = {
    "only part of the plugin": (
        lambda text: text.replace('"forbundsbok.federation"', '"forbundsbok.plugins.clearing"'),
        "Ingen regel har körts",
    ),
    "raw": (with_lines('option "plugin_processing_mode" "raw"'), "L831 "),
    "a plugin after ours": (
        lambda text: text.replace('federation"\n', 'federation"\nplugin "tests.hiding"\n'),
        "L832 Tillägget tests.hiding",
    ),
    "a plugin before ours": (with_lines('plugin "tests.hiding"'), "Tillägget tests.hiding körs med böckerna"),
    "insert_pythonpath": (with_lines('option "insert_pythonpath" "TRUE"'), "Inställningen insert_pythonpath"),
    "auto_accounts": (with_lines('plugin "beancount.plugins.auto_accounts"'), "L832 "),
    "a tolerance": (lambda text: text.replace('multiplier" "0"', 'multiplier" "5000"'), "L833 "),
    "a default tolerance": (with_lines('option "inferred_tolerance_default" "SEK:5000"'), "L833 "),
    "a wide balance": (
        lambda text: text + "2025-01-31 balance Assets:RT:1910-Kassa-och-bank 500000.00 ~ 500000.00 SEK\n",
        "L834 ",
    ),
    "an extension": (lambda text: text + '2022-12-31 custom "fava-extension" "tests.hiding"\n', "L835 "),
}


@pytest.mark.parametrize("switch", SWITCHES)
def test_what_would_switch_a_rule_off_is_an_error(ledger: Path, switch: str) -> None:
    change, told = SWITCHES[switch]
    edit(ledger, change, "main.bean")
    assert told in check(ledger)


def test_a_plugin_that_is_known_may_run_before_ours(ledger: Path) -> None:
    edit(ledger, with_lines('plugin "tests.hiding"', 'plugin "beancount.plugins.leafonly"'), "main.bean")
    passes(ledger, "--plugin", "tests.hiding")


def test_a_plugin_after_ours_would_have_hidden_vouchers(ledger: Path) -> None:
    edit(ledger, lambda text: text + HIDDEN, "2023.bean")
    edit(ledger, lambda text: text.replace('federation"\n', 'federation"\nplugin "tests.hiding"\n'), "main.bean")
    assert not any("dold" in str(getattr(entry, "narration", "")) for entry in load_ledger(ledger).entries)


@pytest.mark.parametrize("how", ["outside", "link", "folder"])
def test_what_comes_from_outside_the_folder_is_an_error(
    ledger: Path, tmp_path_factory: pytest.TempPathFactory, how: str
) -> None:
    file, outside = ledger.parent / "2023.bean", tmp_path_factory.mktemp("utanför")
    shutil.move(file, outside / "2023.bean")
    if how == "outside":
        replace(ledger, '"2023.bean"', f'"{outside / "2023.bean"}"', "main.bean")
        said = "läses in från en plats utanför böckernas mapp"
    elif how == "link":
        file.symlink_to(outside / "2023.bean")
        said = "2023.bean är en länk till"
    else:
        (ledger.parent / "år").symlink_to(outside)
        replace(ledger, '"2023.bean"', '"år/2023.bean"', "main.bean")
        said = ": år är en länk till"
    assert said in check(ledger)
    assert "Fel: antal fel i böckerna: 1" in check(ledger)


def test_books_that_are_named_by_a_way_back_stand_in_their_own_folder(
    ledger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ledger.parent)
    passes(Path("..") / ledger.parent.name / ledger.name)


def test_books_that_switch_nothing_off_pass(ledger: Path) -> None:
    assert MAIN in ledger.read_text(encoding="utf-8")
    passes(ledger)


def test_an_anchor_keeps_what_no_seal_covers(ledger: Path, tmp_path: Path) -> None:
    seal(ledger, 2023, 2024)
    (layouts := ledger.parent / "layouts").mkdir()
    (printed := ledger.parent / "printed").mkdir()
    own, other = layouts / "resultat.kort.toml", layouts / "resultat.lang.toml"
    own.write_text('utgar = "lag"\n', encoding="utf-8")
    (printed / "2022.csv").write_text("table,row,note,column,tkr\n", encoding="utf-8")
    anchor = tmp_path / "ankare.txt"
    run("anchor", "--out", anchor, "--ledger", ledger)
    (printed / "2025.csv").write_text("table,row,note,column,tkr\n", encoding="utf-8")
    assert "ankaret" not in passes(ledger, "--anchor", anchor)
    own.rename(other)
    (printed / "2022.csv").write_text("table,row,note,column,tkr\n3.1,Intäkter,,2022,1\n", encoding="utf-8")
    told = passes(ledger, "--anchor", anchor)
    assert [line.split(" när ")[0].split(": ")[1] for line in told.splitlines() if " när ankaret skrevs " in line] == [
        "layouts/resultat.kort.toml fanns",
        "layouts/resultat.lang.toml fanns inte",
        "printed/2022.csv är inte som",
    ]
    assert run("check", "--strict", "--anchor", anchor, "--ledger", ledger).exit_code == 1
    edit(ledger, lambda text: text.replace('"title" "', '"title" "Nya '), "main.bean")
    assert re.search(
        r'Böckerna heter "Nya (.*)", och hette "\1" när ankaret skrevs', passes(ledger, "--anchor", anchor)
    )
    cut = anchor.read_text("utf-8").replace("filer 2", "filer 3")
    anchor.write_text(cut, encoding="utf-8")
    assert "är inget ankare" in check(ledger, "--anchor", anchor)


def test_an_anchor_keeps_the_last_commit(ledger: Path, tmp_path: Path) -> None:
    seal(ledger, 2023)
    for command in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-m", "Förseglat"]):
        git(ledger.parent, *command)
    anchor = tmp_path / "ankare.txt"
    run("anchor", "--out", anchor, "--ledger", ledger)
    git(ledger.parent, "commit", "--quiet", "--allow-empty", "-m", "Mer")
    assert "git" not in passes(ledger, "--anchor", anchor)
    git(ledger.parent, "reset", "--quiet", "--soft", "HEAD~1")
    git(ledger.parent, "commit", "--quiet", "--amend", "-m", "Omskrivet")
    assert "! Historiken i git har inte " in passes(ledger, "--anchor", anchor)
    shutil.rmtree(ledger.parent / ".git")
    assert "! Historiken i git har inte " in passes(ledger, "--anchor", anchor)


def test_documents_that_come_after_the_seal_are_told(ledger: Path) -> None:
    named = 'ver: "I 1"\n  underlag: "underlag/I-1.pdf"'
    replace(ledger, 'ver: "I 1"', named)
    seal(ledger, 2023)
    told = "1 underlag för 2023 har kommit till sedan året förseglades, och inget sigill täcker det: underlag/I-1.pdf"
    assert told not in passes(ledger)
    (ledger.parent / "underlag").mkdir()
    (ledger.parent / "underlag" / "I-1.pdf").write_bytes(b"faktura")
    assert told in passes(ledger).splitlines()


def test_the_line_that_covers_the_documents_is_given_back_by_the_copy(ledger: Path) -> None:
    replace(ledger, 'ver: "I 1"', 'ver: "I 1"\n  underlag: "I-1.pdf"')
    (ledger.parent / "I-1.pdf").write_bytes(b"faktura")
    seal(ledger, 2023)
    [line] = re.findall(r"  sigill-underlag: .*\n", bokslut(ledger))
    edit(ledger, lambda text: text.replace(line, ""))
    told = check(ledger)
    assert "L804 Kontrollsummorna för 2023 är inte de som året förseglades med, men inget annat har ändrats." in told
    assert line in told
