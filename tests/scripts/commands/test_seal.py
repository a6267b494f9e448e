"""`forbundsbok seal` and `unseal`: what they write, what they refuse, and that all else stays as it was."""

import os
from pathlib import Path

import pytest
from beancount import loader
from click.testing import CliRunner, Result

from forbundsbok.plugins.places import place_of
from forbundsbok.scripts.forbundsbok import main
from forbundsbok.scripts.store import sealing
from tests.main_file import head

MAIN = f"""{head("Räddningstjänsten Norra")}
include "bokslut.bean"
include "2023.bean"

2022-12-31 custom "unit" "RT" "Räddningstjänst"
  overskott: "behalls"
2022-12-31 open Assets:RT:1910-Kassa-och-bank SEK
2022-12-31 open Equity:RT:2010-Eget-kapital SEK
2022-12-31 open Income:RT:3119-Medlemsavgifter:Norrby SEK
"""
VOUCHERS = """2022-12-31 * "Ingående balanser"
  ver: "B 1"
  Assets:RT:1910-Kassa-och-bank   100000.00 SEK
  Equity:RT:2010-Eget-kapital    -100000.00 SEK

2023-02-01 * "Norrby kommun" "Medlemsavgift 2023"
  ver: "I 1"
  Assets:RT:1910-Kassa-och-bank            300000.00 SEK
  Income:RT:3119-Medlemsavgifter:Norrby   -300000.00 SEK

2024-02-01 * "Norrby kommun" "Medlemsavgift 2024"
  ver: "I 1"
  Assets:RT:1910-Kassa-och-bank            310000.00 SEK
  Income:RT:3119-Medlemsavgifter:Norrby   -310000.00 SEK
"""
BOKSLUT = """;; Räkenskapsår som är färdiga.

2023-12-31 custom "bokslut" 2023 ; fastställd
  beslut: "§ 12"

2024-12-31 custom "bokslut" 2024
"""


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    """A small ledger in three files, with two years to seal."""
    for name, text in (("main", MAIN), ("bokslut", BOKSLUT), ("2023", VOUCHERS)):
        (tmp_path / f"{name}.bean").write_text(text, encoding="utf-8")
    return tmp_path / "main.bean"


def run(*arguments: str | Path | int) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def seal(ledger: Path, *years: int) -> None:
    for year in years:
        result = run("seal", year, "--ledger", ledger)
        assert result.exit_code == 0, result.output


def errors(ledger: Path) -> list[str]:
    loader.initialize(use_cache=False)
    return [f"{Path(place_of(error)[0]).name}: {error.message}" for error in loader.load_file(str(ledger))[1]]


def bokslut(ledger: Path) -> str:
    return (ledger.parent / "bokslut.bean").read_bytes().decode()


def replace(ledger: Path, old: str, new: str, name: str = "2023.bean") -> None:
    path = ledger.parent / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def without_seals(text: str) -> str:
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("  sigill"))


def test_sealing_writes_the_seal_and_changes_nothing_else(ledger: Path) -> None:
    result = run("seal", 2023, "--ledger", ledger)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.output.startswith("2023 är förseglat: 7 direktiv, det första i kedjan\n")
    assert result.output.split('sigill: "')[1][:64] in bokslut(ledger)
    assert without_seals(bokslut(ledger)) == BOKSLUT
    assert bokslut(ledger).index("  sigill:") < bokslut(ledger).index("  beslut:") < bokslut(ledger).index("2024-12-31")
    assert run("seal", 2024, "--ledger", ledger).output.startswith(
        "2024 är förseglat: 2 direktiv, kedjat till sigillet"
    )
    assert (ledger.read_text(), (ledger.parent / "2023.bean").read_text()) == (MAIN, VOUCHERS)
    assert errors(ledger) == []
    assert sorted(path.name for path in ledger.parent.iterdir()) == ["2023.bean", "bokslut.bean", "main.bean"]


def test_a_change_in_a_sealed_year_is_an_error_at_the_voucher(ledger: Path) -> None:
    seal(ledger, 2023, 2024)
    replace(ledger, "300000.00", "300000.01")
    (error,) = errors(ledger)
    assert error.startswith("2023.bean: L806 Verifikation I 1 av 2023-02-01 är inte som när 2023 förseglades")


@pytest.mark.parametrize("text", [BOKSLUT, BOKSLUT.replace("\n", "\r\n"), BOKSLUT.rstrip("\n")])
def test_line_ends_stay(ledger: Path, text: str) -> None:
    path = ledger.parent / "bokslut.bean"
    path.write_bytes(text.encode())
    seal(ledger, 2023, 2024)
    kept = without_seals(bokslut(ledger))
    assert kept in (text, text + "\n")
    assert ("\r\n" in bokslut(ledger)) == ("\r\n" in text)
    assert bokslut(ledger).count("\r") in (0, bokslut(ledger).count("\n"))
    result = run("unseal", 2024, "--reason", "Fel", "--date", "2025-03-01", "--ledger", ledger)
    assert result.exit_code == 0, result.output
    assert bokslut(ledger).count("\r") in (0, bokslut(ledger).count("\n"))
    assert errors(ledger) == []


def test_the_file_keeps_its_mode_and_a_link_stays_a_link(ledger: Path) -> None:
    path, real = ledger.parent / "bokslut.bean", ledger.parent / "år.bean"
    path.rename(real)
    path.symlink_to(real)
    real.chmod(0o640)
    seal(ledger, 2023)
    assert path.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640


def test_bokslut_and_other_directives_without_blank_lines(ledger: Path) -> None:
    close = '2023-12-31 custom "bokslut" 2023\n2024-12-31 custom "bokslut" 2024\n2025-01-01 event "ort" "Norrby"\n'
    (ledger.parent / "bokslut.bean").write_text(close, encoding="utf-8")
    seal(ledger, 2023, 2024)
    assert run("unseal", 2024, "--reason", "Fel", "--date", "2025-03-01", "--ledger", ledger).exit_code == 0
    assert errors(ledger) == []
    assert bokslut(ledger).endswith('\n\n2025-01-01 event "ort" "Norrby"\n')


def test_unsealing_leaves_a_note_that_holds_the_reason_and_the_seal(ledger: Path) -> None:
    seal(ledger, 2023, 2024)
    broken = bokslut(ledger).split('bokslut" 2024\n  sigill: "')[1][:64]
    result = run("unseal", 2024, "--reason", ' Moms "fel"\n i  maj ', "--date", "2025-03-01", "--ledger", ledger)
    assert result.exit_code == 0, result.output
    note = (
        '2025-03-01 note Equity:RT:2010-Eget-kapital "Sigillet för 2024 brutet: Moms \\"fel\\" i maj"\n'
        f'  sigill: "{broken}"\n'
    )
    assert result.output == f"2024 är öppet; skälet står i bokslut.bean:\n{note}"
    assert bokslut(ledger).endswith(f'\n2024-12-31 custom "bokslut" 2024\n\n{note}')
    assert errors(ledger) == []


def test_a_year_sealed_again_unchanged_has_the_same_seal_and_the_note_stays(ledger: Path) -> None:
    seal(ledger, 2023, 2024)
    before = bokslut(ledger)
    run("unseal", 2024, "--reason", "Fel", "--date", "2025-03-01", "--ledger", ledger)
    note = bokslut(ledger).split("\n\n")[-1]
    seal(ledger, 2024)
    assert bokslut(ledger) == f"{before}\n{note}"
    assert note.startswith("2025-03-01 note ")


def test_unsealing_both_years_to_mend_the_first(ledger: Path) -> None:
    seal(ledger, 2023, 2024)
    replace(ledger, "300000.00", "299000.00")
    for year in (2024, 2023):
        arguments = ("--reason", f"Avgiften {year}", "--date", "2025-03-01", "--ledger", ledger)
        assert run("unseal", year, *arguments).exit_code == 0
    assert errors(ledger) == []
    seal(ledger, 2023, 2024)
    assert errors(ledger) == []
    assert bokslut(ledger).count("brutet: Avgiften") == 2


def test_a_lost_seal_is_written_back_when_nothing_has_changed(ledger: Path) -> None:
    seal(ledger, 2023, 2024)
    sealed = bokslut(ledger)
    lost = sealed.replace(sealed[sealed.index("  sigill") : sealed.index("  beslut")], "", 1)
    (ledger.parent / "bokslut.bean").write_text(lost, encoding="utf-8")
    assert [error[:18] for error in errors(ledger)] == ["bokslut.bean: L805"]
    seal(ledger, 2023)
    assert bokslut(ledger) == sealed


def refused(ledger: Path, message: str, *arguments: str | int) -> None:
    """Expect a command to end in a message, with every file as it was."""
    before = {path: path.read_bytes() for path in ledger.parent.iterdir()}
    result = run(*arguments, "--ledger", ledger)
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert message in result.output
    assert {path: path.read_bytes() for path in ledger.parent.iterdir()} == before


def test_what_is_refused_to_be_sealed(ledger: Path) -> None:
    refused(ledger, "Fel: försegla 2023 först: 2024 bygger på det", "seal", 2024)
    refused(ledger, '2025-12-31 custom "bokslut" 2025', "seal", 2025)
    seal(ledger, 2023)
    refused(ledger, "Fel: 2023 är redan förseglat, i ", "seal", 2023)
    replace(ledger, "300000.00", "300000.01")
    refused(ledger, "L806 Verifikation I 1", "seal", 2024)
    replace(ledger, "300000.01", "300000.00")
    replace(ledger, "-310000.00", "-310000.01")
    refused(ledger, "Transaction does not balance", "seal", 2024)


def test_a_ledger_that_does_not_watch_its_seals(ledger: Path) -> None:
    replace(ledger, 'plugin "forbundsbok.federation"', 'plugin "forbundsbok.plugins.clearing"', "main.bean")
    refused(ledger, 'skriv   plugin "forbundsbok.federation"', "seal", 2023)


def test_what_is_refused_to_be_unsealed(ledger: Path) -> None:
    reason = ("--reason", "Fel")
    refused(ledger, "Fel: 2023 är inte förseglat", "unseal", 2023, *reason)
    refused(ledger, "Fel: 2030 är inte förseglat", "unseal", 2030, *reason)
    seal(ledger, 2023, 2024)
    refused(ledger, "Fel: öppna 2024 först, vart och ett med sitt skäl", "unseal", 2023, *reason)
    refused(ledger, "--reason är tomt", "unseal", 2024, "--reason", " \n")
    refused(ledger, "ange med --date en dag efter 2024-12-31", "unseal", 2024, *reason, "--date", "2024-12-31")
    assert run("unseal", 2024, "--ledger", ledger).exit_code == 2
    assert run("unseal", 2024, *reason, "--date", "i dag", "--ledger", ledger).exit_code == 2


def test_a_year_can_be_opened_although_it_has_been_changed_or_its_seal_mangled(ledger: Path) -> None:
    seal(ledger, 2023, 2024)
    replace(ledger, "310000.00", "310500.00")
    replace(ledger, 'bokslut" 2024\n  sigill: "', 'bokslut" 2024\n  sigill: "x', "bokslut.bean")
    assert len(errors(ledger)) == 1
    assert run("unseal", 2024, "--reason", "Fel", "--date", "2025-03-01", "--ledger", ledger).exit_code == 0
    assert errors(ledger) == []


def test_a_file_written_meanwhile_is_not_overwritten(ledger: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = ledger.parent / "bokslut.bean"
    real = sealing.sealed_text

    def slow(text: str, line: int, metadata: dict[str, str]) -> str:
        path.write_text(BOKSLUT + ";; medan\n", encoding="utf-8")
        return real(text, line, metadata)

    monkeypatch.setattr(sealing, "sealed_text", slow)
    result = run("seal", 2023, "--ledger", ledger)
    assert (result.exit_code, bokslut(ledger)) == (1, BOKSLUT + ";; medan\n")
    assert "har ändrats under tiden: inget har gjorts, försök igen" in result.output


def test_a_seal_that_would_not_hold_is_taken_back(ledger: Path, tmp_path: Path) -> None:
    """A plugin after ours that changes vouchers would make every seal fail at once."""
    (tmp_path / "rewriting_plugin.py").write_text(
        "__plugins__ = ('rewrite',)\n"
        "def rewrite(entries, options):\n"
        "    return [e._replace(narration='x') if hasattr(e, 'narration') else e for e in entries], []\n"
    )
    replace(
        ledger,
        'plugin "forbundsbok.federation"\n',
        'plugin "forbundsbok.federation"\nplugin "rewriting_plugin"\n',
        "main.bean",
    )
    replace(ledger, 'option "title"', 'option "insert_pythonpath" "TRUE"\noption "title"', "main.bean")
    refused_with = run("seal", 2023, "--ledger", ledger)
    assert refused_with.exit_code == 1
    assert "Sigillet håller inte" in refused_with.output
    assert bokslut(ledger) == BOKSLUT


def test_a_crash_while_writing_leaves_the_old_file(ledger: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(descriptor: int) -> None:
        raise OSError(28, "No space left on device", "bokslut.bean")

    monkeypatch.setattr(os, "fsync", crash)
    result = run("seal", 2023, "--ledger", ledger)
    assert (result.exit_code, bokslut(ledger)) == (1, BOKSLUT)
    assert "Disken är full" in result.output
    assert len(list(ledger.parent.iterdir())) == 3
