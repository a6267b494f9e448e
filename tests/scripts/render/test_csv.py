"""CSV that a spreadsheet opens: no text in it is a formula, and read back it is what it was."""

import csv
import io
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forbundsbok.plugins.loading import load_ledger
from forbundsbok.queries.comparison import FigureKey
from forbundsbok.queries.general_ledger import read
from forbundsbok.queries.report import report
from forbundsbok.queries.statement import Period
from forbundsbok.scripts.render.csv import as_text, csv_files, read_figures, read_text, swedish_csv
from tests.conftest import TINY


@given(st.text(alphabet="'=+-@\t\r1,.a") | st.text())
def test_a_text_is_read_back_as_it_was_and_is_no_formula(text: str) -> None:
    written = as_text(text)
    assert read_text(written) == text
    assert written[:1] not in set("=+@\t\r")
    assert not written.startswith("-") or re.fullmatch(r"-[0-9]+([.,][0-9]+)?", written)


@pytest.mark.parametrize("number", ["-1367", "0", "-2850000.00", "-2850000,00", "12"])
def test_numbers_stay_numbers(number: str) -> None:
    assert as_text(number) == number == read_text(number)


def test_a_name_that_begins_like_a_formula_is_marked_in_every_file_and_read_back(tmp_path: Path) -> None:
    evil = "=HYPERLINK(1)"
    path = tmp_path / "main.bean"
    path.write_text(TINY.replace('"Båt och trailer"', f'"{evil}"'), encoding="utf-8")
    loaded = load_ledger(path)
    made = report(read(loaded.entries, loaded.options), Period(2022), Period(2021))
    files = csv_files(made)
    for text in files.values():
        for written, delimiter in ((text, ","), (swedish_csv(text).removeprefix("\ufeff"), ";")):
            cells = [cell for row in csv.reader(io.StringIO(written), delimiter=delimiter) for cell in row]
            assert not any(cell.startswith(("=", "+", "@")) for cell in cells)
    (tmp_path / "figures.csv").write_text(files["figures.csv"], encoding="utf-8")
    assert "'=HYPERLINK(1), RT" in files["figures.csv"]
    assert FigureKey("investering", f"{evil}, RT", "avvikelse") in read_figures(tmp_path / "figures.csv")
