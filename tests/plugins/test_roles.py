"""What accounts are: by Kommun-Bas, and by what a ledger says over it."""

import re

import pytest
from beancount.loader import load_string

from forbundsbok.plugins.roles import ABOUT, KOMMUN_BAS, ROOTS, SLAG, Role, read_roles

SAID = """
2023-01-01 custom "kontoslag" "31" "medlemsbidrag"
2023-01-01 custom "kontoslag" "12?8" "maskiner-nedskrivning"
2023-01-01 custom "kontoslag" "123" "konst"
2023-01-01 custom "kontoslag" "3510" "taxor"
2023-01-01 custom "kontoslag" Income:RTJ:3510-Kommunbidrag "medlemsbidrag"
2023-01-01 custom "kontoslag" Income:RTJ:3510-Kommunbidrag:Avtal "forsaljning"
"""


@pytest.mark.parametrize(
    ("account", "slag"),
    [
        ("Assets:RTJ:1210-Fordon", "maskiner-anskaffning"),
        ("Assets:RTJ:12101-Fordon", "maskiner-anskaffning"),
        ("Assets:RTJ:121900-Avskrivet", "maskiner-avskrivning"),
        ("Assets:RTJ:1118-Mark", "mark"),
        ("Assets:RTJ:1128-Utrangerade-byggnader", "mark-och-byggnader-utrangering"),
        ("Assets:RTJ:1790-Avräkning", "avrakning"),
        ("Assets:RTJ:1790-Annat", "interimsfordringar"),
        ("Liabilities:RTJ:2388-Investeringsbidrag:Station", "investeringsbidrag"),
        ("Liabilities:RTJ:2350-Lån", "lan"),
        ("Income:RTJ:3111-Avgifter", "taxor"),
        ("Equity:RTJ:8990-Årets-resultat", "bokslut"),
        ("Expenses:RTJ:9110-Kalkylerat", "kalkyl"),
        ("Income:RTJ:8610-Inget", "okant"),
        ("Income:Inget", "okant"),
    ],
)
def test_an_account_is_what_kommun_bas_says_of_its_number(account: str, slag: str) -> None:
    assert KOMMUN_BAS.slag(account).name == slag


@pytest.mark.parametrize(
    ("account", "slag"),
    [
        ("Income:RTJ:3111-Avgifter", "medlemsbidrag"),
        ("Income:RTJ:3198-Överskott:2023", "overfort-overskott"),
        ("Assets:RTJ:1218-Nedskrivet", "maskiner-nedskrivning"),
        ("Assets:RTJ:1230-Konst", "konst"),
        ("Assets:RTJ:1238-Nedskrivet", "maskiner-nedskrivning"),
        ("Assets:RTJ:1239-Avskrivet", "maskiner-avskrivning"),
        ("Income:RTJ:3510-Statsbidrag", "taxor"),
        ("Income:RTJ:3510-Kommunbidrag", "medlemsbidrag"),
        ("Income:RTJ:3510-Kommunbidrag:Norr", "medlemsbidrag"),
        ("Income:RTJ:3510-Kommunbidrag:Avtal", "forsaljning"),
        ("Income:RTJ:3510-Kommunbidragen", "taxor"),
    ],
)
def test_a_ledger_says_otherwise_by_account_then_by_the_longest_number(account: str, slag: str) -> None:
    assert read_roles(load_string(SAID)[0]).slag(account).name == slag


def test_ledgers_that_say_the_same_share_what_is_known() -> None:
    entries, _, _ = load_string(SAID)
    assert read_roles(entries) is read_roles(reversed(entries))
    assert read_roles(entries) is not KOMMUN_BAS is read_roles([])


def test_a_role_is_some_branches_and_a_word_one() -> None:
    has = KOMMUN_BAS.has
    assert has("Assets:A:1630-Skattekonto", Role.CUSTOMERS, Role.TAX_ACCOUNT)
    assert has("Assets:A:1630-Skattekonto", Role.OTHER_CLAIMS, "mark")
    assert has("Assets:A:1219-Avskrivet", "maskiner")
    assert not has("Assets:A:1119-Avskrivet", "maskiner", Role.MONEY)
    with pytest.raises(KeyError):
        has("Assets:A:1219-Avskrivet", "makiner")


def test_the_tree_holds_together() -> None:
    assert set(ABOUT) <= set(SLAG)
    assert all(re.fullmatch("[a-z-]+", word) for word in SLAG)
    assert all(word in SLAG for role in Role for word in role.words)
    assert {(*slag.classes, slag.name)[0] for slag in SLAG.values()} == set(ROOTS)
    numbers = [number for slag in SLAG.values() for number in slag.numbers]
    assert len(numbers) == len(set(numbers))
    assert not any(slag.numbers for slag in SLAG.values() if slag.is_class)
