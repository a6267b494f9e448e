"""Check digits: whether a number of a payment was typed as it was meant.

has_luhn("50501055")                      a bankgiro number, an OCR reference (10-modul)
has_mod_97("SE4550000000058398257466")    an IBAN, an RF reference (ISO 7064)
is_payable("bankgiro", "5050-1055")       an account that money can be sent to, as metadata tells it
printed("plusgiro", "2865434")            286543-4, as people write it
"""

import re

DIGITS = {"bankgiro": (7, 8), "plusgiro": (2, 8), "konto": (9, 16)}
"""How few and how many digits an account of each kind has."""

AFTER_HYPHEN = {"bankgiro": 4, "plusgiro": 1}
"""How many digits an account of a kind has after its hyphen."""

IBAN_FORM = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", re.ASCII)
_IBAN_OF_SWEDEN = 24


def has_luhn(digits: str) -> bool:
    """Tell whether the last of some digits is the check digit of the others, by the Luhn algorithm (10-modul)."""
    doubled = (int(each) * (1 + position % 2) for position, each in enumerate(reversed(digits)))
    return sum(each - 9 if each > 9 else each for each in doubled) % 10 == 0


def has_mod_97(text: str) -> bool:
    """Tell whether the two digits after the first two letters are the check digits of the rest."""
    return int("".join(str(int(each, 36)) for each in text[4:] + text[:4])) % 97 == 1


def is_payable(kind: str, written: str) -> bool:
    """Tell whether an account of a kind may be one: by how long it is, and by its check digits where it has any."""
    number = bare(written)
    if kind not in DIGITS:
        is_whole = number[:2] != "SE" or len(number) == _IBAN_OF_SWEDEN
        return is_whole and bool(IBAN_FORM.fullmatch(number)) and has_mod_97(number)
    least, most = DIGITS[kind]
    is_number = re.fullmatch(r"\d+", number, re.ASCII) is not None and least <= len(number) <= most
    return is_number and (kind == "konto" or has_luhn(number))


def printed(kind: str, number: str) -> str:
    """Return an account as it is printed: 991-2346, 286543-4; one of no length that its kind has, as it is."""
    least, most = DIGITS.get(kind, (0, 0))
    last = AFTER_HYPHEN.get(kind)
    if last and number.isdecimal() and least <= len(number) <= most:
        return f"{number[:-last]}-{number[-last:]}"
    return number


def bare(written: str) -> str:
    """Return the letters and digits of an account."""
    return "".join(filter(str.isalnum, written)).upper()
