"""Check digits: whether a number of a payment was typed as it was meant.

has_luhn("50501055")                      a bankgiro number, an OCR reference (10-modul)
has_mod_97("SE4550000000058398257466")    an IBAN, an RF reference (ISO 7064)
"""


def has_luhn(digits: str) -> bool:
    """Tell whether the last of some digits is the check digit of the others, by the Luhn algorithm (10-modul)."""
    doubled = (int(each) * (1 + position % 2) for position, each in enumerate(reversed(digits)))
    return sum(each - 9 if each > 9 else each for each in doubled) % 10 == 0


def has_mod_97(text: str) -> bool:
    """Tell whether the two digits after the first two letters are the check digits of the rest."""
    return int("".join(str(int(each, 36)) for each in text[4:] + text[:4])) % 97 == 1
