"""Nothing that books or documents hold steers a terminal, turns a text round or hides in a CSV: it leaves as spaces.

Every command is run on books whose texts are full of control and direction characters, in colour as on a terminal.
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from forbundsbok.scripts.forbundsbok import main
from tests.scripts.books import MAIN, SIE, bgmax, make_books

EVIL = "\x1b[2J\x1b[8mX\x9b31m\u202eY\u2066\u200b\x07\x85\u2028\x7fZ\U000e0041"
UNSEEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u2028\u2029\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]"
)
OWN_STYLES = re.compile(r"\x1b\[(?:0|1|31)m")
VOUCHERS = f"""
2024-12-31 open Income:RT:3119-Medlemsavgifter:Norrby SEK
  label: "Norrby {EVIL}"
  benamning: "Norrby {EVIL}"
2025-02-01 * "Norrby {EVIL}" "Avgift {EVIL}"
  ver: "I 1"
  Assets:RT:1910-Kassa-och-bank             50000.00 SEK
  Income:RT:3119-Medlemsavgifter:Norrby    -50000.00 SEK
"""
WRONG = f"""
2025-03-01 * "Norrby {EVIL}" "Avgift {EVIL}"
  ver: "I {EVIL}"
  attest: "{EVIL}"
  Assets:RT:1910-Kassa-och-bank             50000.00 SEK
  Income:RT:3119-Medlemsavgifter:Norrby    -50000.01 SEK
2025-03-02 * "a" "b" "c {EVIL}"
2025-03-03 custom "unit" "R{EVIL}" "{EVIL}"
  {EVIL}
"""


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    ledger = make_books(tmp_path / "books", MAIN.replace('"Räddningstjänst"', f'"Räddningstjänst {EVIL}"'))
    file = ledger.parent / "2025.bean"
    file.write_text(file.read_text(encoding="utf-8") + VOUCHERS, encoding="utf-8")
    return ledger


def shown(*arguments: object) -> str:
    """Return what a command shows on a terminal, and assert that it holds nothing unseen but our own styles."""
    result = CliRunner().invoke(main, [str(argument) for argument in arguments], color=True)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    unseen = UNSEEN.findall(OWN_STYLES.sub("", result.output))
    assert unseen == [], result.output
    return result.output


def test_statements_and_traces(ledger: Path) -> None:
    assert "Räddningstjänst" in shown("show", "--year", "2025", "--ledger", ledger)
    shown("show", "resultat", "--year", "2025", "--unit", "RT", "--ledger", ledger)
    assert "\x1b[1m" in shown("show", "balans", "--year", "2025", "--ledger", ledger)
    traced = shown("trace", "Verksamhetens intäkter", "--statement", "resultat", "--year", "2025", "--ledger", ledger)
    assert "Norrby" in traced
    assert "Avgift" in traced
    assert shown("trace", EVIL, "--statement", "resultat", "--year", "2025", "--ledger", ledger)
    assert "Norrby" in shown("find", "norrby", "--ledger", ledger)


def test_the_plan_of_internal_control(ledger: Path) -> None:
    plan = f"""
2025-01-01 custom "internkontroll" "2" "Poster {EVIL}"
  omrade: "Redovisning {EVIL}"
  ansvarig: "Controller {EVIL}"
  ganger: 12
  urval: "alla"
  provas: "belopp {EVIL}"
2025-03-05 custom "internkontroll-utfall" "2" "2025-02" "anmarkning"
  av: "CTR"
  text: "Fel {EVIL}"
"""
    file = ledger.parent / "2025.bean"
    file.write_text(file.read_text(encoding="utf-8") + plan, encoding="utf-8")
    assert "Redovisning" in shown("control", "--ledger", ledger)
    assert "Norrby" in shown("control", "2", "--period", "2025-02", "--ledger", ledger)
    assert shown("control", "2", "--period", "2025-01", "--record", "--by", f"A{EVIL}", "--yes", "--ledger", ledger)
    assert shown("control", EVIL, "--ledger", ledger)


def test_files(ledger: Path, tmp_path: Path) -> None:
    assert shown("export", "--year", "2025", "--out", tmp_path / "out", "--ledger", ledger)
    files = list((tmp_path / "out").iterdir())
    assert {file.suffix for file in files} == {".csv", ".json", ".txt"}
    texts = {file: file.read_text(encoding="utf-8").removeprefix("\ufeff") for file in files}
    assert any("Räddningstjänst" in text for text in texts.values())
    assert {file.name: UNSEEN.findall(text) for file, text in texts.items() if UNSEEN.search(text)} == {}


def test_errors_their_fixes_and_data(ledger: Path) -> None:
    file = ledger.parent / f"fel{EVIL}.bean"
    file.write_text("\n".join(WRONG.splitlines()[:-1]) + "\n", encoding="utf-8")
    ledger.write_text(ledger.read_text(encoding="utf-8") + 'include "fel*.bean"\n', encoding="utf-8")
    for options in ([], ["--explain"], ["--strict"]):
        assert "fel" in shown("check", *options, "--ledger", ledger)
    shown("check", "--fix", "--yes", "--ledger", ledger)
    told = json.loads(shown("check", "--json", "--ledger", ledger))
    assert any(EVIL in str(error["file"]) for error in told)  # as data it is read as it is
    file.write_text(WRONG, encoding="utf-8")
    assert shown("check", "--ledger", ledger)


def test_the_difference_that_a_fix_makes(ledger: Path) -> None:
    file = ledger.parent / "2025.bean"
    clearing = "2024-12-31 open Assets:RT:1790-Avräkning SEK\n"
    rows = "".join(f"  Assets:RT:1790-Avräkning  {amount} SEK\n" for amount in ("5.00", "-5.00"))
    before = file.read_text(encoding="utf-8") + clearing
    file.write_text(before.replace('  ver: "I 1"\n', f'  ver: "I 1"\n{rows}'), encoding="utf-8")
    difference = shown("check", "--fix", "--yes", "--ledger", ledger)
    assert "-  Assets:RT:1790-Avräkning  5.00 SEK\n" in difference
    assert '"Norrby' in difference
    assert f'"Norrby {EVIL}"' in file.read_text(encoding="utf-8")  # the books keep what they have


def test_documents(ledger: Path, tmp_path: Path) -> None:
    folder = tmp_path / f"in{EVIL}"
    folder.mkdir()
    contents: dict[str, Any] = {
        "fel.xml": f"<a>{EVIL}</a>".encode(),
        "fel.txt": EVIL.encode(),
        "fel.se": SIE.replace("Medlemsavgift", EVIL[:12]).replace("3000.00", EVIL[:12]).encode("cp437", "replace"),
        "bra.se": SIE.replace("Medlemsavgift", EVIL[:12]).encode("cp437", "replace"),
        "bra.txt": bgmax("20250314", 10000),
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
        for command in (["import", "--dry-run"], ["sie", "check"], ["sie", "check", "--json"]):
            more = ["--ledger", ledger] if command[0] == "import" else []
            assert shown(*command, folder / name, *more)
    assert "bra.txt" in shown("import", folder / "bra.txt", "--ledger", ledger)


def test_what_is_asked_for_and_not_there(ledger: Path) -> None:
    for arguments in (["show", EVIL], ["show", "resultat", "--unit", EVIL], ["show", "resultat", "--layout", EVIL]):
        assert shown(*arguments, "--year", "2025", "--ledger", ledger)
    assert shown("check", "--ledger", ledger.with_name(f"{EVIL}.bean"))


def test_commands_print_by_say_or_in_styles_of_the_renderer() -> None:
    commands = Path(__file__).parents[2] / "scripts" / "commands"
    echoing = {path.stem: path.read_text(encoding="utf-8").count("click.echo(") for path in commands.glob("*.py")}
    styled = {
        "show": 2,
        "trace": 1,
        "compare": 1,
        "open_items": 1,
        "find": 1,
        "follow_up": 1,
        "attest": 1,
        "fees": 2,
        "remind": 1,
        "vat": 1,
        "payroll": 2,
        "scb": 1,
        "control": 1,
    }
    assert {name: count for name, count in echoing.items() if count and name != "options"} == styled
