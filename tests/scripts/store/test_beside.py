"""What stands beside the books: a printed figure, a layout or the mapping that is changed is told by `check`."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from forbundsbok.scripts.forbundsbok import main
from tests.unchanged import loaded_once

ROOT = Path(__file__).parents[3]
PAYS = ROOT / "docs" / "exempel" / "betalning"
Change = Callable[[Path], object]


def run(*arguments: object, code: int = 0) -> Result:
    result = CliRunner().invoke(main, [str(each) for each in arguments])
    assert result.exit_code == code, result.output
    return result


def replaced(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The real books, loaded once: what changes stands beside them."""
    folder = shutil.copytree(ROOT / "ledger", tmp_path_factory.mktemp("real") / "ledger")
    with loaded_once(folder / "main.bean"):
        yield folder


@pytest.fixture
def books(real: Path) -> Iterator[Path]:
    """The real books with their printed report, and return their folder."""
    yield real
    for beside in ("printed", "layouts"):
        shutil.copytree(ROOT / "ledger" / beside, real / beside, dirs_exist_ok=True)


@pytest.fixture
def paid(tmp_path: Path) -> Path:
    """Books that have sent a payment file."""
    folder = shutil.copytree(PAYS, tmp_path / "pays")
    ledger = folder / "main.bean"
    run("pay", "--attest", "CHEF", "--day", "2025-03-25", "--yes", "--ledger", ledger)
    return folder


def test_the_report_is_as_it_was_printed(books: Path) -> None:
    ledger = books / "main.bean"
    assert "!" not in run("check", "--strict", "--ledger", ledger).output
    replaced(books / "printed" / "2024.csv", ",43028\n", ",43082\n")
    told = run("check", "--strict", "--ledger", ledger, code=1).output
    assert "av de tryckta siffrorna för 2024" in told
    assert "43082" in told
    [caution] = json.loads(run("check", "--json", "--ledger", ledger).stdout)
    assert (caution["level"], Path(caution["file"]).name) == ("warning", "2024.csv")


@pytest.mark.parametrize(
    "change",
    [
        lambda layouts: replaced(layouts / "resultat.toml", "Finansiella kostnader", "Andra kostnader"),
        lambda layouts: replaced(layouts / "resultat.toml", "sign = -1", "sign = 1"),
    ],
)
def test_a_layout_prints_what_it_printed(change: Change, books: Path) -> None:
    change(books / "layouts")
    assert "av de tryckta siffrorna för 2024" in run("check", "--ledger", books / "main.bean").output


def test_payments_go_from_the_account_of_the_last_file(paid: Path) -> None:
    ledger, mapping = paid / "main.bean", paid / "import.toml"
    assert "!" not in run("check", "--ledger", ledger).output.replace("väntar (!)", "")
    replaced(mapping, 'from = "SE4550000000058398257466"', 'from = "50000000058398257466"')  # the same account
    assert "Betalningar ska göras från" not in run("check", "--ledger", ledger).output
    replaced(mapping, 'from = "50000000058398257466"', 'from = "SE3550000000054910000003"')
    assert "Betalningar ska göras från SE3550000000054910000003" in run("check", "--ledger", ledger).output


def test_what_the_bank_tells_is_booked_on_money(paid: Path) -> None:
    replaced(paid / "import.toml", 'account = "Assets:KA:1910-Bank"', 'account = "Liabilities:KA:2890-Övrigt"')
    told = run("check", "--ledger", paid / "main.bean").output
    assert "bokförs på Liabilities:KA:2890-Övrigt, som inte är något konto för pengar" in told


def test_an_account_that_is_changed_by_a_decision_is_answered_where_it_stands(paid: Path) -> None:
    ledger, mapping = paid / "main.bean", paid / "import.toml"
    other = 'from = "SE3550000000054910000003"'
    replaced(mapping, 'from = "SE4550000000058398257466"', other)
    replaced(mapping, other, f'{other}\nkvittens = "Det stämmer"')
    told = run("check", "--ledger", ledger).output
    assert "Betalningar ska göras från SE3550000000054910000003" in told
    assert 'kvittens = "Direktionen 2025-03-12 § 14: ..."' in told
    replaced(mapping, "Det stämmer", "Direktionen 2025-03-20 § 18: nytt betalkonto")
    assert "Betalningar ska göras från" not in run("check", "--ledger", ledger).output
