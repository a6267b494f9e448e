"""What is near a word: a slip of the keys is, and a word of somebody's own is not."""

import unicodedata

import pytest

from forbundsbok.plugins.spelling import first_difference, is_misspelt, looks, nearest, nearest_account

OPENED = [
    "Assets:FK:1650-Momsfordran",
    "Expenses:NAV:6120-Städning",
    "Expenses:NAV:6510-Kontorsmaterial",
    "Expenses:MC:6120-Städning",
    "Income:NAV:3531-VGR:Tekniktrappan",
    "Liabilities:NAV:2510-Leverantörsskulder",
]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Expenses:NAV:6102-Städning", "Expenses:NAV:6120-Städning"),
        ("Expenses:NAV:6120-Städ", "Expenses:NAV:6120-Städning"),
        ("Expenses:NAV:6121-Städning", "Expenses:NAV:6120-Städning"),
        ("Expenses:NVA:6120-Städning", "Expenses:NAV:6120-Städning"),
        ("Assets:NAV:2510-Leverantörsskulder", "Liabilities:NAV:2510-Leverantörsskulder"),
        ("Assets:NAV:1650-Momsfordran", "Assets:FK:1650-Momsfordran"),
        ("Income:NAV:3531-VGR:Tekniktrapan", "Income:NAV:3531-VGR:Tekniktrappan"),
        ("Expenses:NAV:6515-Kontorsmateriel", "Expenses:NAV:6510-Kontorsmaterial"),
        ("Expenses:NAV:7010-Resor", None),
        ("Expenses:X:7010-Resor", None),
    ],
)
def test_the_account_that_is_meant(written: str, meant: str | None) -> None:
    assert nearest_account(written, OPENED) == meant


def test_the_unit_that_is_meant_by_two_letters_that_changed_places() -> None:
    assert nearest("NVA", ["FK", "NAV", "NVS", "MC"]) == "NAV"
    assert nearest("XX", ["FK", "NAV", "MC"]) is None


@pytest.mark.parametrize(
    ("word", "known"), [("atest", "attest"), ("tilll", "till"), ("motagnig", "mottagning"), ("vre", "ver")]
)
def test_a_slip_of_the_keys(word: str, known: str) -> None:
    assert is_misspelt(word, known)


@pytest.mark.parametrize(
    ("word", "known"),
    [("projektnr", "projekt"), ("roll", "till"), ("bankgironr", "bankgiro"), ("leverans", "deltagare"), ("ver", "ver")],
)
def test_a_word_of_its_own(word: str, known: str) -> None:
    assert not is_misspelt(word, known)


def test_letters_that_only_look_alike_are_told_apart() -> None:
    decomposed = unicodedata.normalize("NFD", "Städning")
    assert looks(decomposed) == looks("Städning")
    assert first_difference(decomposed, "Städning") == (3, "U+0061 U+0308", "U+00E4")
    assert looks("\u041aassa\u200b \u2013 bank") == "Kassa - bank"
    assert first_difference("\u041aassa", "Kassa") == (1, "U+041A", "U+004B")
    assert first_difference("Kass", "Kassa") == (5, "", "U+0061")
