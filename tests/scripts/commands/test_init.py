"""Books begin: from options, from answers, from a year of SIE; and what is wrong leaves nothing."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from forbundsbok.scripts.forbundsbok import main

DALEN = Path(__file__).parents[3] / "docs" / "exempel" / "dalen" / "bokforing-2024.se"
TOLD = (
    *("--name", 'Räddningsförbundet "Norr"', "--organisation", "2220009993", "--first-day", "2025-01-01"),
    *("--unit", "RTJ Räddningstjänsten", "--unit", "UTB Utbildning", "--carries", "UTB", "--carries-deficit", "UTB"),
    *("--member", "Norrdals kommun", "--member", "Sördal", "--contributions", "35101", "--opening", "1 500 000,50"),
    *("--approver", "FD 500000 Anna Carlsson", "--threshold", "25000", "--yes"),
)


def run(*arguments: str | Path, answers: str = "") -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], input=answers)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def readme_example(folder: Path) -> str:
    [example] = re.findall(r"```beancount\n(.*?)```", (folder / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    return str(example)


def test_from_nothing_to_a_first_statement(here: Path) -> None:
    assert run("init", "norr", *TOLD).exit_code == 0
    assert [each.name for each in here.iterdir()] == ["norr"]
    ledger = here / "norr" / "ledger" / "main.bean"
    assert "inga fel; uppställningarna för 2025" in run("check", "--ledger", ledger).output
    assert "1 500 000,50" in run("show", "balans", "--year", "2025", "--kr", "--ledger", ledger).output
    opened = [path.read_text(encoding="utf-8") for path in ledger.parent.glob("units/*/accounts.bean")]
    numbers = {number for text in opened for number in re.findall(r"^\S+ open \w+:\w+:(\d+)-", text, re.MULTILINE)}
    assert {number for number in numbers if len(number) != len("35101")} == {"1790"}
    assert {"15100", "29980", "31980", "35101"} < numbers
    vouchers = here / "norr" / "ledger" / "units" / "raddningstjansten" / "2025.bean"
    vouchers.write_text(vouchers.read_text(encoding="utf-8") + readme_example(here / "norr"), encoding="utf-8")
    assert "inga fel" in run("check", "--ledger", ledger).output
    shown = run("show", "resultat", "--year", "2025", "--ledger", ledger).output
    assert re.search(r"Årets resultat +100\n", shown)


def test_the_first_voucher_is_written_where_the_unit_has_its_year(here: Path) -> None:
    assert run("init", "norr", *TOLD).exit_code == 0
    ledger = here / "norr" / "ledger" / "main.bean"
    words = ("--text", "Kurs", "--row", "UTB:30=-100", "--row", "RTJ:19=100", "--date", "2025-02-01", "--yes")
    result = run("new", "fri", *words, "--ledger", ledger)
    assert result.exit_code == 0, result.output
    assert '"Kurs"' in (ledger.parent / "units" / "utbildning" / "2025.bean").read_text(encoding="utf-8")
    assert "inga fel" in run("check", "--ledger", ledger).output


def test_a_federation_without_units_is_one_tree_of_its_name(here: Path) -> None:
    told = ("--name", "Avfallsförbundet mitt i dalen", "--first-day", "2025-01-01", "--opening", "800000", "--yes")
    result = run("init", "avfall", *told)
    assert result.exit_code == 0, result.output
    ledger = here / "avfall" / "ledger" / "main.bean"
    assert 'custom "unit" "AMID"' in (ledger.parent / "units.bean").read_text(encoding="utf-8")
    assert "finns AMID" in run("init", "annat", *told, "--carries", "UTB").output
    assert re.search(r"Kassa och bank +800", run("show", "balans", "--year", "2025", "--ledger", ledger).output)


def test_what_no_option_says_is_asked_for(here: Path) -> None:
    answers = "Norr\n222000-9992\n222000-9993\n2025-01-01\nRTJ\nRTJ Räddning\n\nn\nSördal\n\n3110\nbank\n0\n\n0\nj\n"
    result = run("init", "norr", answers=answers)
    assert result.exit_code == 0, result.output
    assert "kontrollsiffra" in result.output
    assert '"RTJ" är ingen enhet' in result.output
    checked = run("check", "--ledger", here / "norr" / "ledger" / "main.bean")
    assert (checked.exit_code, "ingenting är bokfört ännu" in checked.output) == (0, True)


def test_a_no_writes_nothing(here: Path) -> None:
    answers = "Norr\n\n2025-01-01\nRTJ Räddning\n\nn\n\n3110\nbank\n0\n\n0\nn\n"
    assert run("init", "norr", answers=answers).exit_code == 1
    assert list(here.iterdir()) == []


@pytest.mark.parametrize("folder", ["dalen", "."])
def test_a_year_of_another_system_begins_the_books(folder: str, here: Path) -> None:
    result = run(
        "init", folder, "--sie", DALEN, "--mapping", DALEN.with_name("import.toml"), "--carries", "VUX", "--yes"
    )
    assert result.exit_code == 0, result.output
    told = [line.removeprefix("skrivet: ") for line in result.output.splitlines() if line.startswith("skrivet: ")]
    assert sorted(told) == sorted(str(each.relative_to(here)) for each in here.rglob("*") if each.is_file())
    ledger = here / folder / "ledger" / "main.bean"
    assert 'custom "organisationsnummer" "222000-9993"' in ledger.read_text(encoding="utf-8")
    assert "inga fel; uppställningarna för 2024 stämmer" in run("check", "--ledger", ledger).output
    # The year after has its files beside the units' accounts: what lacks there is written beside them.
    assert run("open-year", "2025", "--ledger", ledger, "--yes").exit_code == 0
    new = [str(each.relative_to(ledger.parent)) for each in ledger.parent.rglob("*oppning*")]
    assert new == ["units/vuxenutbildningen/2025-oppning.bean"]
    assert len(list((ledger.parent / "import").iterdir())) == 1
    assert 'title" "Utbildningsförbundet Dalen"' in ledger.read_text(encoding="utf-8")
    out = here / "ut.se"
    assert run("sie", "export", "--year", "2024", "--type", "4", "--out", out, "--ledger", ledger).exit_code == 0
    assert b"#ORGNR 222000-9993" in out.read_bytes()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--unit", "rtj Räddning"), "är ingen enhet"),
        (("--unit", "RTJ Räddning", "--unit", "RTJ Annan"), "två enheter heter RTJ"),
        (("--unit", "RTJ Räddning", "--carries", "UTB"), "UTB"),
        (("--unit", "RTJ Räddning", "--organisation", "222000-9992"), "kontrollsiffra"),
        (("--unit", "RTJ Räddning", "--contributions", "5010"), "inget intäktskonto"),
        (("--unit", "RTJ Räddning", "--opening", "mycket"), "inget belopp"),
        (("--sie", "finns-inte.se"), "finns-inte.se"),
    ],
)
def test_what_cannot_be_is_told_and_leaves_nothing(more: tuple[str, ...], said: str, here: Path) -> None:
    result = run("init", "norr", "--name", "Norr", "--yes", *more)
    assert result.exit_code != 0
    assert said in result.output
    assert list(here.iterdir()) == []


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        ("[sie", "karta.toml: "),
        ("[sie]\nfel = 1\n", "karta.toml: "),
        ("", "norr/ledger/import/2024-12-31-sie-4E.bean:"),
    ],
)
def test_a_year_that_cannot_come_in_names_files_as_they_are_or_will_be(mapping: str, said: str, here: Path) -> None:
    (here / "karta.toml").write_text(mapping, encoding="utf-8")
    result = run("init", "norr", "--sie", DALEN, "--mapping", "karta.toml", "--yes")
    assert (result.exit_code, result.output.splitlines()[0].startswith(said)) == (1, True), result.output
    assert ".norr." not in result.output
    assert [each.name for each in here.iterdir()] == ["karta.toml"]


def test_a_folder_in_use_is_left_alone(here: Path) -> None:
    (here / "norr").mkdir()
    (here / "norr" / "viktigt.txt").write_text("x", encoding="utf-8")
    result = run("init", "norr", *TOLD)
    assert (result.exit_code, "inte tom" in result.output) == (1, True)
    assert [each.name for each in (here / "norr").iterdir()] == ["viktigt.txt"]
