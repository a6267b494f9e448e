"""Beancount's own errors in Swedish, with its text behind, and as they are where the reader asks for English."""

from pathlib import Path

import pytest

from forbundsbok.plugins.language import choose_language
from forbundsbok.plugins.loading import load_ledger, placed_messages
from tests.rule_ledgers import FAILING, main_of

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


NINE = "Skillnaden är jämnt delbar med nio: två siffror kan ha bytt plats"


@pytest.mark.parametrize(
    ("debit", "credit", "swapped"),
    [
        ("389465.00", "-389456.00", True),
        ("38642.50", "-38462.50", True),
        ("100.12", "-100.21", True),
        ("100.00", "-90.00", False),
        ("100.00", "-99.99", False),
    ],
)
def test_a_difference_that_swapped_digits_make_is_told_as_such(
    debit: str, credit: str, swapped: bool, tmp_path: Path
) -> None:
    (said,) = messages(tmp_path / "main.bean", f'2024-01-02 * "x"\n  Assets:A  {debit} SEK\n  Assets:B  {credit} SEK')
    assert (NINE in said) == swapped


def test_a_balance_that_fails_because_of_another_error_is_held_back(tmp_path: Path) -> None:
    voucher = '2024-01-05 * "x"\n  Assets:A  100.00 SEK\n  Assets:B  -90.00 SEK\n'
    balances = "".join(f"2024-01-{day} balance Assets:A 90.00 SEK\n" for day in ("05", "06"))
    first, second = messages(tmp_path / "main.bean", voucher + balances + "2024-01-06 balance Assets:B -90.00 SEK\n")
    assert "Verifikationen balanserar inte" in first
    assert ":9: Saldot på Assets:A" in second  # of the day before it: another cause
    lacking = '2024-01-05 * "x"\n  Assets:A\n  Assets:B\n'
    (only,) = messages(tmp_path / "main.bean", lacking + "2024-01-06 balance Assets:A 5.00 SEK\n")
    assert "Mer än en rad saknar belopp" in only
    alone = voucher.replace("-90", "-100") + "2024-01-06 balance Assets:A 5.00 SEK\n"
    assert "Saldot på Assets:A" in messages(tmp_path / "main.bean", alone)[0]


def test_balances_that_fail_because_a_sealed_year_has_changed_are_held_back(tmp_path: Path) -> None:
    [late] = [path for path in FAILING if path.stem == "L807"]
    balances = "2026-01-01 balance Expenses:RT:5010-Löner 1.00 SEK\n"  # the late voucher has no row on it
    balances += "2026-01-01 balance Assets:RT:1910-Kassa-och-bank 1.00 SEK\n"
    path = tmp_path / "main.bean"
    path.write_text(main_of(late) + balances, encoding="utf-8")
    said = [message.split(": ", 1)[1] for _, message in placed_messages(load_ledger(path).errors)]
    assert sorted(message[:5] for message in said) == ["L807 ", "Saldo"]
