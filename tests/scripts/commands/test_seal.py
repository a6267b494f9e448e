"""`forbundsbok seal` and `unseal`: what they write, what they refuse, and that all else stays as it was."""

import os
import re
from pathlib import Path

import pytest
from beancount import loader
from click.testing import CliRunner, Result

from forbundsbok.plugins.canonical import canonical
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
    return write_ledger(tmp_path)


def write_ledger(folder: Path) -> Path:
    """Write a small ledger in three files, with two years to seal; return its main file."""
    for name, text in (("main", MAIN), ("bokslut", BOKSLUT), ("2023", VOUCHERS)):
        (folder / f"{name}.bean").write_text(text, encoding="utf-8")
    return folder / "main.bean"


def run(*arguments: str | Path | int, answer: str = "j\n") -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], input=answer)


def seal(ledger: Path, *years: int) -> None:
    for year in years:
        result = run("seal", year, "--date", "2025-02-15", "--ledger", ledger)
        assert result.exit_code == 0, result.output


def everything(ledger: Path) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in ledger.parent.rglob("*") if each.is_file()}


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
    """Return a file's text without seals, and without the journal at its end."""
    head = re.split(r'(?:\r?\n)?\d{4}-\d\d-\d\d custom "sigilljournal"', text)[0]
    return "".join(line for line in head.splitlines(keepends=True) if not line.startswith("  sigill"))


def journal(ledger: Path) -> list[str]:
    """Return what the journal says: what was done, to which period, why; the copies that it names are there."""
    text = bokslut(ledger).replace("\r", "")
    copies = re.findall(r'  kopia: "(.*)"\n', text)
    assert len(copies) == text.count('"forseglat"')
    assert all((ledger.parent / name).is_file() for name in copies)
    found = re.findall(
        r'sigilljournal" (\d+ "\w+" "[\d-]+").*\n((?:  .*\n)*)', re.sub("  (kopia|kedja): .*\n", "", text)
    )
    return [" ".join([line, *more.split()]) for line, more in found]


def test_sealing_writes_the_seal_and_changes_nothing_else(ledger: Path) -> None:
    result = run("seal", 2023, "--date", "2024-04-10", "--yes", "--ledger", ledger)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.output.startswith("2023 är förseglat: 7 direktiv, det första i kedjan\n")
    assert result.output.split('sigill: "')[1][:64] in bokslut(ledger)
    assert without_seals(bokslut(ledger)) == BOKSLUT
    assert bokslut(ledger).index("  sigill:") < bokslut(ledger).index("  beslut:") < bokslut(ledger).index("2024-12-31")
    # Its third directive is the line of the journal that says that 2023 is sealed.
    assert run("seal", 2024, "--date", "2025-04-10", "--by", "Anna", "--yes", "--ledger", ledger).output.startswith(
        "2024 är förseglat: 3 direktiv, kedjat till sigillet"
    )
    assert (ledger.read_text(), (ledger.parent / "2023.bean").read_text()) == (MAIN, VOUCHERS)
    assert errors(ledger) == []
    assert journal(ledger) == ['1 "forseglat" "2023"', '2 "forseglat" "2024" av: "Anna"']
    assert sorted(path.name for path in ledger.parent.iterdir()) == ["2023.bean", "bokslut.bean", "main.bean", "sigill"]
    copies = sorted(path.name for path in (ledger.parent / "sigill").iterdir())
    sigill = re.findall(r'sigill: "(.{16})', bokslut(ledger))
    assert copies == [f"2023-{sigill[0]}.txt", f"2024-{sigill[1]}.txt"]


def test_a_year_is_sealed_on_a_yes_alone(ledger: Path) -> None:
    arguments = ("seal", 2023, "--date", "2024-04-10", "--ledger", ledger)
    before = everything(ledger)
    for answer, more in (("n\n", ()), ("", ()), ("j\n", ("--dry-run",))):
        result = run(*arguments, *more, answer=answer)
        assert ("Försegla 2023, 7 direktiv? " in result.output) == (not more)
        assert everything(ledger) == before
    assert run(*arguments, "--yes", answer="").output.startswith("2023 är förseglat: 7 direktiv")


def test_what_nobody_has_answered_is_told_before_the_year_is_sealed(ledger: Path) -> None:
    replace(
        ledger,
        '2024-02-01 * "Norrby kommun"',
        """2023-12-30 * "Norrby kommun" "Bidrag till andelskapital"
  ver: "I 2"
  Assets:RT:1910-Kassa-och-bank            50000.00 SEK
  Income:RT:3119-Medlemsavgifter:Norrby   -50000.00 SEK

2024-02-01 * "Norrby kommun\"""",
    )
    first = run("seal", 2023, "--date", "2025-02-15", "--ledger", ledger)
    assert first.exit_code == 0
    assert "1 varning är obesvarad, och sägs inte mer när 2023 är förseglat:\n! " in first.stderr
    assert "2023.bean:11: T149 I 2" in first.stderr
    assert "obesvarad" not in run("seal", 2024, "--date", "2025-02-15", "--ledger", ledger).stderr


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
    assert without_seals(bokslut(ledger)) == close


def test_unsealing_enters_the_reason_and_the_seal_into_the_journal(ledger: Path) -> None:
    seal(ledger, 2023, 2024)
    broken = bokslut(ledger).split('bokslut" 2024\n  sigill: "')[1][:64]
    arguments = ("--reason", ' Moms "fel"\n i  maj ', "--by", "Anna Ek", "--date", "2025-03-01", "--ledger", ledger)
    result = run("unseal", 2024, *arguments)
    assert result.exit_code == 0, result.output
    line = (
        f'2025-03-01 custom "sigilljournal" 3 "oppnat" "2024" "{broken}"\n'
        '  skal: "Moms \\"fel\\" i maj"\n'
        '  av: "Anna Ek"\n'
    )
    line += re.findall("  kedja: .*\n", bokslut(ledger))[-1]
    assert result.output == f"2024 är öppet; skälet står i bokslut.bean:\n{line}"
    assert bokslut(ledger).endswith(line)
    assert '\n2024-12-31 custom "bokslut" 2024\n\n' in bokslut(ledger)
    assert errors(ledger) == []


def test_a_year_sealed_again_unchanged_has_the_same_seal_and_the_journal_tells(ledger: Path) -> None:
    seal(ledger, 2023, 2024)
    before = bokslut(ledger)
    run("unseal", 2024, "--reason", "Fel", "--date", "2025-03-01", "--ledger", ledger)
    assert run("seal", 2024, "--date", "2025-03-02", "--ledger", ledger).exit_code == 0
    assert bokslut(ledger).startswith(before)
    assert journal(ledger)[2:] == ['3 "oppnat" "2024" skal: "Fel"', '4 "forseglat" "2024"']
    assert errors(ledger) == []


def test_unsealing_both_years_to_mend_the_first(ledger: Path) -> None:
    """The year that was changed says so; the one after it has another sigill, and the same directives."""
    seal(ledger, 2023, 2024)
    replace(ledger, "300000.00", "299000.00")
    for year in (2024, 2023):
        arguments = ("--reason", f"Avgiften {year}", "--date", "2025-03-01", "--ledger", ledger)
        assert run("unseal", year, *arguments).exit_code == 0
    assert errors(ledger) == []
    for year in (2023, 2024):
        assert run("seal", year, "--date", "2025-03-02", "--ledger", ledger).exit_code == 0
    assert errors(ledger) == []
    assert [line[2:16] for line in journal(ledger)[2:]] == [
        '"oppnat" "2024',
        '"oppnat" "2023',
        '"forseglat" "2',
        '"forseglat" "2',
    ]
    assert bokslut(ledger).count('skal: "Avgiften') == 2
    told = run("check", "--ledger", ledger).output
    assert "Avgiften 2023; stängt på nytt 2025-03-02 med 1 ändring\n" in told
    assert "Avgiften 2024; stängt på nytt 2025-03-02\n" in told


def test_a_lost_seal_is_written_back_when_nothing_has_changed(ledger: Path) -> None:
    seal(ledger, 2023, 2024)
    sealed = bokslut(ledger)
    lost = sealed.replace(sealed[sealed.index("  sigill") : sealed.index("  beslut")], "", 1)
    (ledger.parent / "bokslut.bean").write_text(lost, encoding="utf-8")
    assert [error[:18] for error in errors(ledger)] == ["bokslut.bean: L805"]
    seal(ledger, 2023)
    assert bokslut(ledger) == sealed


def files(ledger: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in ledger.parent.rglob("*") if path.is_file()}


def refused(ledger: Path, message: str, *arguments: str | int) -> None:
    """Expect a command to end in a message, with every file as it was."""
    before = files(ledger)
    result = run(*arguments, "--ledger", ledger)
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert message in result.output
    assert files(ledger) == before


def test_what_is_refused_to_be_sealed(ledger: Path) -> None:
    refused(ledger, "Fel: försegla 2023 först: 2024 bygger på det", "seal", 2024)
    refused(ledger, '2025-12-31 custom "bokslut" 2025', "seal", 2025)
    seal(ledger, 2023)
    refused(ledger, "Fel: 2023 är redan förseglat, i ", "seal", 2023)
    replace(ledger, "300000.00", "300000.01")
    refused(ledger, "L806 Verifikation I 1", "seal", 2024, "--date", "2025-02-15")
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
    refused(ledger, "ange med --date 2025-02-15 eller en senare", "unseal", 2024, *reason, "--date", "2025-02-14")
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


# What the sealed copy tells

BUDGET = '2023-06-01 custom "budget" Income:RT:3119-Medlemsavgifter:Norrby "yearly" -300000.00 SEK\n'


def told(ledger: Path) -> list[str]:
    """Return the first lines of what is said, without the fixes."""
    return [error.splitlines()[0].split(" förseglades")[0] for error in errors(ledger)]


def test_every_change_is_told_by_name_and_place_with_what_stood_there(ledger: Path) -> None:
    """Also where several directives of a month have changed, which check sums cannot tell apart."""
    seal(ledger, 2023, 2024)
    replace(ledger, "2023-02-01", f"{BUDGET}{BUDGET.replace('yearly', 'monthly')}2023-02-01")
    replace(ledger, "310000.00 SEK\n", "310001.00 SEK\n")
    replace(
        ledger,
        "2022-12-31 open Equity:RT:2010-Eget-kapital SEK",
        "2022-12-31 open Equity:RT:2010-Eget-kapital",
        "main.bean",
    )
    budget = 'custom "budget" "Income:RT:3119-Medlemsavgifter:Norrby"'
    # That there are two budgets for one day is told besides.
    assert sorted(each for each in told(ledger) if "B905" not in each) == [
        "2023.bean: L806 Verifikation I 1 av 2024-02-01 är inte som när 2024",
        f'2023.bean: L807 {budget} "monthly" 2023 av 2023-06-01 fanns inte när 2023',
        f'2023.bean: L807 {budget} "yearly" 2023 av 2023-06-01 fanns inte när 2023',
        "main.bean: L806 open Equity:RT:2010-Eget-kapital av 2022-12-31 är inte som när 2023",
    ]
    (changed,) = [error for error in errors(ledger) if "I 1 av 2024" in error]
    assert "-310000.00 SEK" in changed


def test_the_copy_mends_what_it_tells(ledger: Path) -> None:
    seal(ledger, 2023, 2024)
    before = entries(ledger)
    replace(ledger, "2024-02-01", f"{BUDGET}2024-02-03")
    replace(ledger, VOUCHERS[VOUCHERS.index("2023-02-01") : VOUCHERS.index("2024-02-01")], "")
    assert [error.split()[1] for error in errors(ledger)] == ["L807", "L806", "L808"]
    assert "I 1 av 2023-02" in errors(ledger)[-1]
    assert run("check", "--fix", "--yes", "--ledger", ledger).exit_code == 0
    assert errors(ledger) == []
    assert entries(ledger) == before


def entries(ledger: Path) -> list[str]:
    loaded = loader.load_file(str(ledger))[0]
    return sorted(canonical(entry, str(ledger.parent)) for entry in loaded)


@pytest.mark.parametrize("how", ["lost", "altered"])
def test_without_a_copy_that_proves_itself_the_check_sums_tell(ledger: Path, how: str) -> None:
    seal(ledger, 2023, 2024)
    for copy in (ledger.parent / "sigill").iterdir():
        if how == "lost":
            copy.unlink()
        else:
            copy.write_text(copy.read_text().replace("310000", "310001"))
    replace(ledger, "310000.00", "310001.00")
    (error,) = errors(ledger)
    assert error.startswith("2023.bean: L806 Verifikation I 1 av 2024-02-01 är inte som när 2024 förseglades")
    assert "310000.00" not in error


def test_a_seal_covers_how_the_ledger_is_read(ledger: Path) -> None:
    seal(ledger, 2023, 2024)
    replace(ledger, 'option "tolerance_multiplier" "0"', 'option "booking_method" "FIFO"', "main.bean")
    (error,) = errors(ledger)
    assert error.startswith("main.bean: L810 Böckerna läses på ett annat sätt än när 2023 förseglades: ")
    assert "stod då tolerance_multiplier 0, och nu booking_method FIFO" in error


def test_a_seal_covers_the_balances_at_the_years_end(ledger: Path) -> None:
    """They are dated the day after; one that was never there is refused as well."""
    balance = "2025-01-01 balance Assets:RT:1910-Kassa-och-bank 710000.00 SEK\n"
    (ledger.parent / "2023.bean").write_text(VOUCHERS + balance, encoding="utf-8")
    seal(ledger, 2023, 2024)
    replace(ledger, balance, "")
    (error,) = errors(ledger)
    assert error.startswith("bokslut.bean: L808 balance Assets:RT:1910-Kassa-och-bank av 2024-12 i RT är borta")
    (ledger.parent / "2023.bean").write_text(VOUCHERS + balance * 2, encoding="utf-8")
    (error,) = errors(ledger)
    assert error.startswith("2023.bean: L807 balance Assets:RT:1910-Kassa-och-bank av 2025-01-01 står 2 gånger, i ")
    assert "men stod en gång när 2024 förseglades: ta bort den som har tillkommit." in error
