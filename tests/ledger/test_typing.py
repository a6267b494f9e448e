"""What one meets when typing: one mistake in the books with 2025 begun, and all that is said of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from forbundsbok.plugins.loading import load_ledger
from forbundsbok.scripts.forbundsbok import main
from tests.open_year import FIRST, SURPLUSES, begun_2025, taken_in, type_in
from tests.unchanged import as_it_was, read_once

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("typing")]

VOUCHER = FIRST.replace("2025-01", "2025-03").replace("januari", "mars").replace("L 1", "L 2").replace("0001", "0002")
AFTER = FIRST.replace("2025-01", "2025-04").replace("januari", "april").replace("L 1", "L 3").replace("0001", "0003")


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    main = begun_2025(tmp_path_factory.mktemp("begun"))
    with read_once(main):
        yield main


@pytest.fixture
def books(begun: Path) -> Iterator[Path]:
    """The books with 2025 begun, to type into: after each test they are as they were."""
    with as_it_was(begun.parent):
        yield begun


def told(books: Path, text: str) -> list[str]:
    """Return the first line of each error of the books with a text typed in."""
    type_in(books, text)
    return [error.message.split("\n")[0] for error in load_ledger(books).errors]


def test_two_vouchers_more_are_right(books: Path) -> None:
    assert told(books, f"{VOUCHER}\n{AFTER}") == []


@pytest.mark.parametrize("year", ["2052", "2015", "1925", "0025"])
def test_a_year_that_is_none_is_one_error_that_names_the_day(books: Path, year: str) -> None:
    messages = told(books, f"{VOUCHER.replace('2025-03-08', f'{year}-03-08')}\n{AFTER}")
    assert len(messages) == 1, messages
    [message] = messages
    assert message.startswith(f"V504 L 2 (navet/2025.bean:11) är daterad {year}-03-08: menade du 2025-03-08? ")
    assert message.endswith(" L 2 2025 saknas.")


def test_the_last_voucher_of_a_wrong_year_leaves_no_gap_and_is_asked_for_all_the_same(books: Path) -> None:
    [message] = told(books, VOUCHER.replace("2025-03-08", "2205-03-08"))
    assert message.startswith("V504 L 2 (navet/2025.bean:11) är daterad 2205-03-08: menade du 2025-03-08? ")


def test_the_year_that_was_is_asked_for_and_no_voucher_of_it_is_blamed(books: Path) -> None:
    [message] = told(books, f"{VOUCHER.replace('2025-03-08', '2024-01-02')}\n{AFTER}")
    assert message == (
        "V502 L 2 2024 är nummer på två verifikationer, den här och den i administration/2024.bean:49. "
        "L 2 2025 saknas: menade du 2025-01-02?"
    )


def test_the_year_to_come_is_asked_for(books: Path) -> None:
    [message] = told(books, f"{VOUCHER.replace('2025-03-08', '2026-03-08')}\n{AFTER}")
    assert message == "V503 L 2 2026 står utan L 1 före sig, medan L 2 2025 saknas. Menade du 2025-03-08?"


def test_each_misspelt_account_is_one_error(books: Path) -> None:
    misspelt = {
        "Expenses:NAV:6102-Städning": "Expenses:NAV:6120-Städning",
        "Expenses:NVA:6120-Städning": "Expenses:NAV:6120-Städning",
        "Assets:NAV:2510-Leverantörsskulder": "Liabilities:NAV:2510-Leverantörsskulder",
        "Assets:NAV:1650-Momsfordran": "Assets:FK:1650-Momsfordran",
    }
    vouchers = []
    for number, (typed, right) in enumerate(misspelt.items(), 2):
        assert right in FIRST
        voucher = FIRST.replace("2025-01", f"2025-0{number}").replace("januari", f"månad {number}")
        vouchers.append(voucher.replace("L 1", f"L {number}").replace("0001", f"000{number}").replace(right, typed))
    assert told(books, "\n".join(vouchers)) == [
        f"F101 {typed} är inte öppnat. Menade du {right}?" for typed, right in misspelt.items()
    ]


def test_a_misspelt_unit_is_one_error(books: Path) -> None:
    units = books.parent / "units.bean"
    units.write_text(units.read_text(encoding="utf-8").replace('"unit" "NAV"', '"unit" "NVA"'), encoding="utf-8")
    messages = told(books, VOUCHER)
    assert not [each for each in messages if each.startswith(("A60", "B9"))]
    assert [each for each in messages if each.startswith("U103") and each.endswith("Menade du NVA?")]


def test_the_year_begins_as_proposed_and_a_no_to_one_file_takes_no_number_from_the_next(books: Path) -> None:
    files = {name: books.parent / "units" / name / "2024.bean" for name in SURPLUSES}
    for number, (name, path) in enumerate(files.items(), 1):
        text = path.read_text(encoding="utf-8")
        assert text.endswith(taken_in(name, f"B {number}"))
        path.write_text(text.removesuffix(taken_in(name, f"B {number}")), encoding="utf-8")
    without = {name: path.read_text(encoding="utf-8") for name, path in files.items()}
    result = CliRunner().invoke(main, ["check", "--ledger", str(books), "--fix"], input="n\nj\nn\nn\nn\n")
    written = {name: path.read_text(encoding="utf-8").removeprefix(without[name]) for name, path in files.items()}
    [(second, text)] = [(name, text) for name, text in written.items() if text]
    assert text == taken_in(second, "B 1"), result.output
    shown = "\n".join(line[1:] for line in result.output.split("\n") if line.startswith("+"))
    asked = sorted(files, key=lambda name: shown.index(f"{name}/2024.bean"))
    assert asked[1] == second
    for number, name in zip((1, 1, 2, 2, 2), asked, strict=True):
        assert taken_in(name, f"B {number}") in shown, result.output
