"""`forbundsbok import`: documents of several kinds in one run, and what is refused with every file as it was."""

import hashlib
import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from beancount import loader
from beancount.core import data
from beancount.core.amount import Amount
from click.testing import CliRunner, Result

from forbundsbok.importers.document import Document
from forbundsbok.importers.formats.bgmax import BgMaxFile, read_bgmax
from forbundsbok.importers.intake import MOST_BYTES
from forbundsbok.plugins.imports import read_imports
from forbundsbok.scripts.forbundsbok import main
from tests.importers.bank_files import IBAN, camt, camt_entry, camt_statement
from tests.scripts.books import MAIN, SIE, bgmax, make_books

PAYROLL = """#FLAGGA 0
#PROGRAM "Lön" 1.0
#FORMAT PC8
#GEN 20250325
#SIETYP 4
#FNAMN "Räddningstjänsten Norra"
#KONTO 1910 "Kassa och bank"
#KONTO 2890 "Observationskonto"
#VER P "" 20250325 "Löner mars"
{
#TRANS 1910 {} -500.00
#TRANS 2890 {} 500.00
}
"""

INCOME = """
2024-12-31 open Income:RT:3119-Medlemsavgifter SEK
2024-12-31 open Assets:RT:1690-Fordran-på-medlem SEK
2025-02-01 * "Medlemsavgift"
  ver: "K 1"
  Assets:RT:1690-Fordran-på-medlem   1.00 SEK
  Income:RT:3119-Medlemsavgifter    -1.00 SEK
"""


EXAMPLES = Path(__file__).parents[3] / "docs" / "exempel" / "inkorg"


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    return make_books(tmp_path / "books")


@pytest.fixture
def payments(tmp_path: Path) -> Path:
    return document(tmp_path, "inbet.txt", bgmax("20250314", 10000, 25050))


def document(folder: Path, name: str, content: bytes) -> Path:
    (folder / name).write_bytes(content)
    return folder / name


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def take_in(ledger: Path, *files: str | Path) -> str:
    result = run("import", *files, "--ledger", ledger)
    assert (result.exit_code, result.stderr) == (0, ""), result.output
    return result.stdout


def loaded(ledger: Path) -> tuple[data.Directives, list[Any], Any]:
    loader.initialize(use_cache=False)
    return loader.load_file(str(ledger))


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def refused(ledger: Path, *arguments: str | Path) -> str:
    """Expect an import to end in messages, with every file as it was; return them."""
    before = everything(ledger.parent.parent)
    result = run("import", *arguments, "--ledger", ledger)
    assert (result.exit_code, result.stdout) == (1, "")
    assert isinstance(result.exception, SystemExit)
    assert everything(ledger.parent.parent) == before
    assert not (ledger.parent / "import").exists()
    return result.stderr


def test_documents_of_two_kinds_become_one_file_and_are_kept(ledger: Path, tmp_path: Path, payments: Path) -> None:
    payroll = document(tmp_path, "lön mars.si", PAYROLL.encode("cp437"))
    said = take_in(ledger, payments, payroll)
    assert f"{payments} (bgmax): 2 verifikationer: I 1-2\n" in said
    assert "  2 av verifikationerna väntar (!) på att någon tar ställning:\n    I 1 2025-03-14 " in said
    assert "okänd referens 660001" in said
    assert f"{payroll} (sie-4I): 1 verifikation: P 1\n" in said

    made = ledger.parent / "import" / "2025-03-25-bgmax-sie-4I.bean"
    assert sorted(made.parent.iterdir()) == [made]
    sections = [line for line in made.read_text().splitlines() if line.startswith(";;")]
    assert sections == [
        ";; Inläst ur underlag/2025/lön mars.si (sie-4I)",
        ";; Inläst ur underlag/2025/bgmax-2025-03-14.txt (bgmax)",
    ]
    assert ledger.read_text() == MAIN.replace('2025.bean"\n', '2025.bean"\ninclude "import/*.bean"\n')
    formatted = [sys.executable, "-m", "beancount.scripts.format", str(made)]
    assert subprocess.run(formatted, capture_output=True, check=True).stdout.decode() == made.read_text()

    entries, errors, _ = loaded(ledger)
    assert errors == []
    vouchers = [entry for entry in entries if isinstance(entry, data.Transaction)]
    assert [(each.flag, each.meta["ver"]) for each in vouchers] == [
        ("*", "B 1"),
        ("!", "I 1"),
        ("!", "I 2"),
        ("*", "P 1"),
    ]
    kept = {each.path: each.sha256 for each in read_imports(entries)}
    assert kept.keys() == {"underlag/2025/bgmax-2025-03-14.txt", "underlag/2025/lön mars.si"}
    for (path, digest), original in zip(kept.items(), (payments, payroll), strict=True):
        assert (ledger.parent / path).read_bytes() == original.read_bytes()
        assert hashlib.sha256(original.read_bytes()).hexdigest() == digest

    before = everything(ledger.parent)
    said = take_in(ledger, payroll, payments)
    assert said.count("är redan inläst, som underlag/2025/") == 2
    assert everything(ledger.parent) == before


def test_what_came_in_is_told_in_english_where_it_is_asked_for(ledger: Path, payments: Path) -> None:
    result = run("import", payments, "--ledger", ledger, "--language", "en")
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[0] == f"{payments} (bgmax): 2 vouchers: I 1-2"
    assert "  2 of the vouchers wait (!) for a person:\n    I 1 2025-03-14 " in result.stdout
    assert "  350.50 is credited to Liabilities:RT:2890-Observationskonto\n" in result.stdout
    assert '  observera: "okänd referens' in (ledger.parent / "import" / "2025-03-14-bgmax.bean").read_text()


def test_what_is_refused_is_told_in_english_where_it_is_asked_for(ledger: Path, payments: Path) -> None:
    (ledger.parent / "import.toml").write_text("")
    said = refused(ledger, payments, "--language", "en")
    assert f"{payments}:5: bankgiro 991-2346, with 350.50 kr in 1 deposit, is not in " in said
    assert '  [bgmax."9912346"]\n' in said
    assert said.endswith("Error: nothing was written\n")


def test_a_dry_run_prints_what_would_be_written_and_writes_nothing(ledger: Path, payments: Path) -> None:
    before = everything(ledger.parent)
    result = run("import", payments, "--ledger", ledger, "--dry-run")
    assert result.exit_code == 0
    assert "skulle skrivas" in result.stderr
    assert everything(ledger.parent) == before
    assert sorted(path.name for path in ledger.parent.iterdir()) == ["2025.bean", "import.toml", "main.bean"]
    take_in(ledger, payments)
    assert (ledger.parent / "import" / "2025-03-14-bgmax.bean").read_text() == result.stdout


@pytest.mark.parametrize("name", ["faktura-tak.xml", "kreditfaktura-4790.xml", "lon-mars.si"])
def test_a_dry_run_and_a_real_run_say_the_same_and_twice_adds_nothing(name: str, tmp_path: Path) -> None:
    """The documents of the handbook, through the whole door."""
    shutil.copytree(EXAMPLES, tmp_path, dirs_exist_ok=True)
    ledger = tmp_path / "main.bean"
    dry = run("import", tmp_path / name, "--ledger", ledger, "--dry-run")
    real = take_in(ledger, tmp_path / name)
    assert dry.stderr.replace("skulle skrivas", "skrivet") == real
    [made] = (tmp_path / "import").iterdir()
    assert made.read_text(encoding="utf-8") == dry.stdout
    assert loaded(ledger)[1] == []
    after = everything(tmp_path)
    (tmp_path / name).write_bytes((tmp_path / name).read_bytes() + b"\n")
    assert "inget nytt" in take_in(ledger, tmp_path / name)
    (tmp_path / name).write_bytes(after[name])
    assert everything(tmp_path) == after
    checked = run("check", "--ledger", ledger)
    assert checked.exit_code == 0, checked.output
    assert "väntar (!)" in checked.output


def test_names_that_are_taken(ledger: Path, tmp_path: Path, payments: Path) -> None:
    """A document that a killed run left is used; another one at its path is left alone, and ours gets a name beside."""
    kept = ledger.parent / "underlag" / "2025"
    kept.mkdir(parents=True)
    (kept / "bgmax-2025-03-14.txt").write_bytes(b"another")
    (kept / "bgmax-2025-03-14-2.txt").write_bytes(payments.read_bytes())
    take_in(ledger, payments)
    made = (ledger.parent / "import" / "2025-03-14-bgmax.bean").read_text()
    assert made.count('"underlag/2025/bgmax-2025-03-14-2.txt"') == 3
    assert "bgmax-2025-03-14.txt" not in made
    assert (kept / "bgmax-2025-03-14.txt").read_bytes() == b"another"

    more = [document(tmp_path, f"{each}.txt", bgmax("20250314", each, serial=each)) for each in (7, 8)]
    take_in(ledger, *more)
    assert (ledger.parent / "import" / "2025-03-14-bgmax-2.bean").exists()
    entries, errors, _ = loaded(ledger)
    assert errors == []
    for came in read_imports(entries):
        assert hashlib.sha256((ledger.parent / came.path).read_bytes()).hexdigest() == came.sha256
    assert len({came.path for came in read_imports(entries)}) == 3
    assert sorted(each.meta["ver"] for each in entries if each.meta.get("bankref")) == ["I 1", "I 2", "I 3", "I 4"]


def test_what_is_no_document_is_refused(ledger: Path, tmp_path: Path, payments: Path) -> None:
    letter = document(tmp_path, "brev.txt", b"Hej")
    said = refused(ledger, payments, letter, tmp_path)
    kinds = "sie-4E, sie-4I, peppol, bgmax, camt.054, camt.053, camt.052, pain.002"
    assert said == (
        f"{letter}: den är inte av något slag som kan läsas in: {kinds}\n{tmp_path}: det är ingen fil\n"
        "Fel: inget har skrivits\n"
    )
    assert f"{tmp_path / 'nowhere.txt'}: Filen eller mappen finns inte" in refused(ledger, tmp_path / "nowhere.txt")
    with document(tmp_path, "stor.se", b"#FLAGGA 0\n").open("r+b") as large:
        large.truncate(MOST_BYTES + 1)  # a hole: it takes no room
    before = everything(ledger.parent)
    result = run("import", large.name, "--ledger", ledger)
    assert "stor.se: den är större än 500 MB: är det rätt fil?" in result.stderr
    assert everything(ledger.parent) == before
    Path(large.name).unlink()
    assert "nowhere.toml: Filen eller mappen finns inte" in refused(
        ledger, payments, "--mapping", tmp_path / "nowhere.toml"
    )
    (ledger.parent / "import.toml").write_text("[bgmx]\n")
    assert "bgmx" in refused(ledger, payments)


def test_a_ledger_with_errors_takes_nothing_in(ledger: Path, payments: Path) -> None:
    (ledger.parent / "2025.bean").write_text("2025-01-01 close Assets:RT:1910-Kassa\n")
    assert "Fel: antal fel i böckerna" in refused(ledger, payments)


def test_documents_of_a_kind_come_in_by_day_and_what_waits_is_listed(ledger: Path, tmp_path: Path) -> None:
    account = 'account = "Assets:RT:1910-Kassa-och-bank"\nobservation = "Liabilities:RT:2890-Observationskonto"\n'
    mapping = document(tmp_path, "bank.toml", f'[bank."{IBAN}"]\n{account}'.encode())
    files = []
    for number, opening, closing in ((10, "100001.00", "100003.00"), (9, "100000.00", "100001.00")):
        day = f"2025-03-{number:02}"
        entry = camt_entry(str(Decimal(closing) - Decimal(opening)), day=day)
        statement = camt(camt_statement([entry], opening, closing, first=day, last=day, number=number))
        files.append(document(tmp_path, f"kontoutdrag-{number}.xml", statement.encode()))
    said = take_in(ledger, *files, "--mapping", mapping)
    assert said.index("kontoutdrag-9.xml (camt.053): 1 verifikation: I 1\n") < said.index(
        "10.xml (camt.053): 1 verifikation: I 2"
    )

    result = run("check", "--ledger", ledger)
    assert result.exit_code == 0, result.output  # a year has statements without income or expenses too
    assert result.stdout.splitlines()[1:] == ["2 verifikationer 2025 väntar (!): I 1-2"], result.output
    (ledger.parent / "2025.bean").open("a").write(INCOME)
    result = run("check", "--ledger", ledger)
    assert result.stdout.splitlines()[1:] == ["2 verifikationer 2025 väntar (!): I 1-2"], result.output
    made = ledger.parent / "import" / "2025-03-10-camt.053.bean"
    made.write_text(made.read_text().replace("2025-03-09 !", "2025-03-09 *"))
    assert "\n1 verifikation 2025 väntar (!): I 2\n" in run("check", "--ledger", ledger).stdout
    made.write_text(made.read_text().replace("2025-03-10 !", "2025-03-10 *"))
    assert "(!)" not in run("check", "--ledger", ledger).stdout


def test_what_breaks_a_rule_is_shown_where_it_would_have_stood(ledger: Path, tmp_path: Path) -> None:
    (ledger.parent / "2025.bean").open("a").write(INCOME)
    said = refused(ledger, document(tmp_path, "2027.txt", bgmax("20270314", 10000)))
    assert f"{ledger.parent / 'import' / '2027-03-14-bgmax.bean'}:3: V504 " in said
    assert '  i det som skulle skrivas där:\n    2027-03-14 ! "Inbetalning' in said
    assert said.endswith("Fel: inget har skrivits\n")


def test_a_document_that_is_written_while_it_is_read(
    ledger: Path, payments: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is kept, and what the digest is of, are the bytes that were booked."""
    before = payments.read_bytes()

    def slow(document: Document) -> BgMaxFile:
        payments.write_bytes(bgmax("20250314", 99900))
        return read_bgmax(document)

    monkeypatch.setattr("forbundsbok.importers.bgmax.read_bgmax", slow)
    assert "(bgmax): 2 verifikationer: I 1-2\n" in take_in(ledger, payments)
    entries, errors, _ = loaded(ledger)
    [came] = read_imports(entries)
    assert errors == []
    assert (ledger.parent / came.path).read_bytes() == before != payments.read_bytes()
    assert came.sha256 == hashlib.sha256(before).hexdigest()
    booked = [entry.postings[0].units for entry in entries if isinstance(entry, data.Transaction) and entry.links]
    assert booked == [Amount(Decimal(number), "SEK") for number in ("100.00", "250.50")]


def test_import_has_one_name() -> None:
    assert "Det finns inget kommando" in run("sie", "import").stderr


def test_new_books_begin_with_a_sie_file(tmp_path: Path, payments: Path) -> None:
    ledger = tmp_path / "new" / "books" / "main.bean"
    year = document(tmp_path, "2024.se", SIE.encode("cp437"))
    result = run("import", payments, "--ledger", ledger)
    assert result.exit_code == 1
    assert "där finns inga böcker, och bara ett helt år som sie-4E kan börja nya:" in result.stderr
    assert not (tmp_path / "new").exists()
    mapping = document(tmp_path, "karta.toml", b'[sie]\ndefault-unit = "RT"\n')
    result = run("import", year, "--ledger", ledger, "--mapping", mapping)
    assert result.exit_code == 0, result.output
    entries, errors, options = loaded(ledger)
    assert errors == []
    assert options["title"] == "Räddningstjänsten Södra"
    assert ("forbundsbok.federation", None) in options["plugin"]
    assert [entry.meta["ver"] for entry in entries if isinstance(entry, data.Transaction)] == ["B 1", "I 1"]


def test_a_document_that_is_lost_or_changed_is_found_by_check(ledger: Path, payments: Path) -> None:
    take_in(ledger, payments)
    name = "underlag/2025/bgmax-2025-03-14.txt"
    kept = ledger.parent / name
    as_it_came = run("check", "--ledger", ledger)
    kept.write_bytes(kept.read_bytes().replace(b"3511", b"3512"))
    changed = run("check", "--ledger", ledger)
    kept.unlink()
    lost = run("check", "--ledger", ledger)
    assert name not in as_it_came.output
    assert f"{name} är inte underlaget som kom in" in changed.output
    assert f"{name} kan inte läsas (Filen eller mappen finns inte)" in lost.output
    assert (changed.exit_code, lost.exit_code) == (1, 1)
