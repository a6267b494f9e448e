"""Two names are of one party, however they are written, and of two where a word that tells is another one."""

import pytest

from forbundsbok.plugins.parties import folded, invoice_number, party_key, same_party


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Leverantör 018 Städ", "LEVERANTOR 018 STAD AB"),
        ("Leverantör 018 Städ", "Städ, Leverantör 018 (publ)"),
        ("Anders Bygg & Konsult AB", "AB Anders Bygg och Konsult"),
        ("Andersbygg", "Anders Bygg AB"),
        ("Anders Bygg Konsult", "Andres Bygg Konsult"),
        ("Leverantör 045 Inredning och Utställning", "LEVERANTOR 045 INREDNING OCH UTSTALLN"),
        ("Stadsbyggarna Ekonomisk Förening", "Stadsbyggarna ek. för."),
        ("AB", "ab"),
    ],
)
def test_one_party(one: str, other: str) -> None:
    assert same_party(one, other)
    assert same_party(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Bygg AB", "Anders Bygg AB Konsult"),
        ("Anders Bygg", "Anders Bygg Konsult"),
        ("Leverantör 018 Städ", "Leverantör 081 Städ"),
        ("Leverantör 018 Städ", "Leverantör 18 Städ Konsult"),
        ("Leverantör 018", "Leverantör 018 Städ"),
        ("Bygg AB", "Mygg AB"),
        ("Norrdals kommun", "Sördals kommun"),
        ("AB", "HB"),
    ],
)
def test_two_parties(one: str, other: str) -> None:
    assert not same_party(one, other)
    assert not same_party(other, one)


def test_the_same_key_is_of_the_same_words() -> None:
    assert party_key("Städ, Leverantör 018 AB") == party_key("leverantör 018 städ")
    assert party_key("Leverantör 018 Städ") != party_key("Leverantör 019 Städ")


def test_what_looks_alike_is_one_signature() -> None:
    assert folded(" \u0412VC-NAV\u200b ") == folded("bvc-nav")
    assert folded("AB-NAV") != folded("HB-NAV")


def test_an_invoice_has_one_number_however_it_is_spelt() -> None:
    assert {invoice_number(each) for each in ("F-1001", "F1001", "f 1OO1")} == {invoice_number("F1001")}
    assert invoice_number("F-1001") != invoice_number("F-1010")
