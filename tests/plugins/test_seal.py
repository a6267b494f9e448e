"""What a seal does not see, for it changes no meaning, and garbage, which gives an error and never a traceback."""

from pathlib import Path
from typing import Any

import pytest
from beancount import loader
from beancount.core import data

from forbundsbok.plugins.clearing import complete_with_clearing
from forbundsbok.plugins.federation import checked
from forbundsbok.plugins.sigill import seal_of
from tests.main_file import ALL_RULES, head

HEAD = head("Räddningstjänsten Norra")
PLUGIN = f'plugin "{ALL_RULES}"\n'
UNITS = """
2022-12-31 custom "unit" "RT" "Räddningstjänst"
  overskott: "behalls"
2022-12-31 custom "unit" "UTB" "Utbildning"
  overskott: "behalls"
2022-12-31 open Assets:RT:1790-Avräkning SEK
2022-12-31 open Assets:RT:1910-Kassa SEK
2022-12-31 open Assets:UTB:1790-Avräkning SEK
2022-12-31 open Income:UTB:3010-Kurser SEK
"""
VOUCHERS = """
2023-03-01 * "Norrby" "Kurs i mars" #kurs ^K-1
  ver: "I 1"
  underlag: "a.pdf"
  Assets:RT:1910-Kassa      1000.50 SEK
  Income:UTB:3010-Kurser   -1000.50 SEK

2023-04-01 * "Norrby" "Kurs i april"
  ver: "I 2"
  Assets:RT:1910-Kassa      2000.00 SEK
  Income:UTB:3010-Kurser   -2000.00 SEK
"""
BOKSLUT = '2023-12-31 custom "bokslut" 2023\n'
LEDGER = HEAD + UNITS + VOUCHERS + BOKSLUT

AS_WRITTEN_OTHERWISE = {
    "comments and white space": LEDGER.replace("2023-03-01", "; mars\n\n\n2023-03-01").replace("   -1000", " -1000"),
    "line endings": LEDGER.replace("\n", "\r\n"),
    "numbers": LEDGER.replace("2000.00 SEK", "2,000.0 SEK").replace("1000.50", "1000.5"),
    "an amount left out": LEDGER.replace("   -2000.00 SEK", ""),
    "order of directives": HEAD + BOKSLUT + VOUCHERS + UNITS,
    "order of postings": LEDGER.replace(
        "  Assets:RT:1910-Kassa      1000.50 SEK\n  Income:UTB:3010-Kurser   -1000.50 SEK\n",
        "  Income:UTB:3010-Kurser   -1000.50 SEK\n  Assets:RT:1910-Kassa      1000.50 SEK\n",
    ),
    "order of metadata": LEDGER.replace('  ver: "I 1"\n  underlag: "a.pdf"\n', '  underlag: "a.pdf"\n  ver: "I 1"\n'),
    "order of tags and links": LEDGER.replace("#kurs ^K-1", "^K-1 #kurs"),
    "txn": LEDGER.replace('2023-04-01 * "', '2023-04-01 txn "'),
    "Fava's settings": LEDGER + '2010-01-01 custom "fava-option" "language" "sv"\n',
    "a saved query": LEDGER + '2023-01-01 query "kassa" "SELECT account"\n',
    "what is dated later": LEDGER + '2024-01-01 note Assets:RT:1910-Kassa "Inventerad"\n',
}  # fmt: skip


def seal(text: str, folder: Path, name: str = "main.bean") -> dict[str, str]:
    path = folder / name
    path.write_text(text, encoding="utf-8", newline="")
    loader.initialize(use_cache=False)
    entries, _, options = loader.load_file(str(path))
    return seal_of(entries, options, 2023).metadata()


@pytest.mark.parametrize("how", AS_WRITTEN_OTHERWISE)
def test_how_the_books_are_written_does_not_matter(how: str, tmp_path: Path) -> None:
    assert AS_WRITTEN_OTHERWISE[how] != LEDGER
    assert seal(AS_WRITTEN_OTHERWISE[how], tmp_path) == seal(LEDGER, tmp_path)


def test_which_file_a_directive_stands_in_does_not_matter(tmp_path: Path) -> None:
    (tmp_path / "2023.bean").write_text(VOUCHERS, encoding="utf-8")
    assert seal(HEAD + 'include "2023.bean"\n' + UNITS + BOKSLUT, tmp_path) == seal(LEDGER, tmp_path)


def test_clearing_does_not_matter() -> None:
    """How the ledger is read does: what is compared is the same ledger, without and with its clearing."""
    entries, _, options = loader.load_string(LEDGER.replace(PLUGIN, ""))
    completed = complete_with_clearing(entries, options).entries
    assert completed != entries
    assert seal_of(completed, options, 2023) == seal_of(entries, options, 2023)


def test_a_document_is_known_by_its_path_from_the_ledger(tmp_path: Path) -> None:
    there = []
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.pdf").touch()
        there.append(seal(LEDGER + '2023-05-01 document Assets:RT:1910-Kassa "x.pdf"\n', tmp_path / folder))
    assert there[0] == there[1] != seal(LEDGER, tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        '2023-12-31 custom "bokslut"\n',
        '2023-12-31 custom "bokslut" "2023"\n',
        '2023-12-31 custom "bokslut" 2023 2024\n',
        '2023-12-31 custom "bokslut" 2023.5\n',
        '2023-12-31 custom "bokslut" 2023 SEK\n',
        '2023-12-31 custom "bokslut" TRUE\n',
        '2023-12-31 custom "bokslut" 99999999999999999999\n',
        '2023-12-31 custom "bokslut" 2023-12-31\n',
        '9999-12-31 custom "bokslut" 9999\n  sigill: ""\n',
        BOKSLUT + "  sigill: 5\n",
        BOKSLUT + "  sigill:\n",
        BOKSLUT + "  sigill: TRUE\n",
        BOKSLUT + "  sigill: 2023-12-31\n",
        BOKSLUT + "  sigill: 1.00 SEK\n",
        BOKSLUT + '  sigill-03: "1 2 3"\n',
        BOKSLUT + f'  sigill: "{"0" * 64}"\n  sigill-13: "x"\n',
        BOKSLUT + f'  sigill: "{"0" * 64}"\n  sigill-03: "{"9" * 5000} {"0" * 16} {"0" * 16}"\n',
        BOKSLUT + f'  sigill: "{"0" * 64}"\n  sigill-03: "2 {"f" * 16} {"f" * 16}"\n',
        BOKSLUT + f'  sigill: "{"0" * 64}"\n  sigill-03: 5\n',
        BOKSLUT + f'  sigill: "{"0" * 64}"\n',
        BOKSLUT + f'  sigill: "{"0" * 64}"\n  sigill-03: "2 {"0" * 16} {"1" * 16} RT 0000"\n'
        f'2023-03-05 * "x"\n  ver: "A {"9" * 4000}"\n  Assets:RT:1910-Kassa  1.00 SEK\n',
    ],
)  # fmt: skip
def test_garbage_gives_errors_of_ours(text: str) -> None:
    entries, _, options = loader.load_string(HEAD.replace(PLUGIN, "") + UNITS + VOUCHERS + text)
    _, found = checked(entries, options, ["seal"])
    assert found
    assert {error.message[:2] for error in found} == {"L8"}


def test_directives_as_no_ledger_has_them() -> None:
    meta = data.new_metadata("x.bean", 1)
    bokslut = loader.load_string(BOKSLUT + f'  sigill: "{"0" * 64}"\n')[0]
    day = bokslut[0].date
    bare = data.Posting("X", None, None, None, None, None)
    strange: list[Any] = [
        data.Transaction(meta, day, None, None, None, None, None, []),  # type: ignore[arg-type]
        data.Transaction({**meta, "ver": 5}, day, "*", None, "\udce5", frozenset(), frozenset(), []),
        data.Transaction(meta, day, "*", None, "", frozenset(), frozenset(), [bare]),
        data.Custom(meta, day, "x", None),  # type: ignore[arg-type]
        data.Custom(meta, day, "bokslut", None),  # type: ignore[arg-type]
        data.Pad(meta, day, "X", "Y"),
    ]  # fmt: skip
    for entry in strange:
        _, found = checked([entry, *bokslut], {}, ["seal"])
        assert [error.message[:2] for error in found] == ["L8"]
