"""Beancount's own errors in Swedish, with its text behind, and as they are where the reader asks for English."""

from pathlib import Path

import pytest

from forbundsbok.plugins.language import choose_language
from forbundsbok.plugins.loading import load_ledger, placed_messages

HEAD = """option "operating_currency" "SEK"
option "tolerance_multiplier" "0"
2024-01-01 open Assets:A SEK
2024-01-01 open Assets:B SEK
2024-06-30 close Assets:B
"""
MISTAKES = {
    '2024-01-02 * "x"\n  Assets:A  100.00 SEK\n  Assets:B  -90.00 SEK': (
        "Verifikationen balanserar inte: 10,00 kr för mycket i debet"
    ),
    '2024-01-02 * "x"\n  Assets:A  100.00 SEK\n  Assets:B  -1234.50 SEK': (
        "Verifikationen balanserar inte: 1 134,50 kr för mycket i kredit"
    ),
    "2024-01-02 balance Assets:A 3.00 SEK": (
        "Saldot på Assets:A ska vara 3,00 kr men är 0,00 kr enligt verifikationerna: 3,00 kr mindre"
    ),
    '2024-01-02 * "x"\n  Assets:A  1.00 SEK\n  Assets:C  -1.00 SEK': "Assets:C är inte öppnat",
    '2024-07-02 * "x"\n  Assets:A  1.00 SEK\n  Assets:B  -1.00 SEK': "Assets:B är inte öppet den dagen",
    "2024-01-01 open Assets:A SEK": "Assets:A öppnas två gånger",
    '2024-01-02 * "x"\n  Assets:A\n  Assets:B': "Mer än en rad saknar belopp",
    'include "saknas*.bean"': 'include "saknas*.bean" träffar ingen fil',
    '2024-01-02 * "x" "y" "z"': "En verifikation har högst två texter på sin första rad",
    "2024-13-01 open Assets:D SEK": "Det finns ingen sådan månad",
    'plugin "plugins.federation"': (
        'Reglerna heter forbundsbok.federation sedan 0.2: skriv   plugin "forbundsbok.federation"'
    ),
    "2024-02-30 open Assets:D SEK": "Det finns ingen sådan dag i månaden",
    '2024-01-02 * "x"\n  ver: "1"\n  ver: "2"': "ver står två gånger",
}


def messages(path: Path, mistake: str) -> list[str]:
    path.write_text(HEAD + mistake + "\n", encoding="utf-8")
    return [message for _, message in placed_messages(load_ledger(path).errors)]


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_known_error_is_told_in_swedish_with_beancounts_text_behind(mistake: str, tmp_path: Path) -> None:
    (said,) = messages(tmp_path / "main.bean", mistake)
    assert MISTAKES[mistake] in said
    choose_language("en")
    try:
        (english,) = messages(tmp_path / "main.bean", mistake)
    finally:
        choose_language(None)
    assert said.endswith(f"({english.split(': ', 1)[1]})")
