"""Parties: when two names are of the same supplier, customer, unit or person, and which number an invoice has.

    Leverantör 018 Städ        LEVERANTOR 018 STAD AB      Städ, Leverantör 018 (publ)     one party
    Bygg AB                    Anders Bygg AB Konsult                                      two
    Leverantör 018 Städ        Leverantör 18 Städ                                          one party
    Leverantör 018 Städ        Leverantör 081 Städ                                         two

People write capitals, blanks, marks and what kind of company it is as they like, and so do banks. All other words must
be there, in any order; a slip of the keys is forgiven in a long word, and never in a number.
"""

import re
import unicodedata
from collections import Counter
from functools import cache

from forbundsbok.plugins.spelling import first_difference, is_misspelt, is_one_key_off, looks

LEGAL_FORMS = frozenset((
    "ab", "aktiebolag", "aktiebolaget", "publ", "hb", "handelsbolag", "kb", "kommanditbolag", "ef", "ek", "ekonomisk",
    "for", "forening", "filial", "och", "as", "asa", "aps", "oy", "oyj", "gmbh", "ltd", "inc", "llc", "bv", "sa",
))  # fmt: skip
"""Words of a name that say what kind of company it is, or nothing."""

LONG = 5
"""How many letters a word has in which a slip of the keys makes no other word."""

CUT = 18
"""How many letters a bank shows of a name at least, where it shows no more."""

_PARTS = re.compile(r"[^\W\d_]+|\d+")

ACCOUNTS = ("bankgiro", "plusgiro", "iban", "konto")
"""The metadata that says where a party is paid: on an invoice, on a row of it, and on the voucher that pays."""


@cache
def folded(text: str) -> str:
    """Return a name or a signature as it looks, whatever capitals, blanks and alphabets it is written with."""
    return " ".join(looks(text).casefold().split())


@cache
def party_key(name: str) -> str:
    """Return what is the same of all ways to write a party's name, slips of the keys apart."""
    return " ".join(sorted(_words(name)))


@cache
def same_party(one: str, other: str) -> bool:
    """Tell whether two names are of one party."""
    if one == other or party_key(one) == party_key(other):
        return True
    first, second = _words(one), _words(other)
    if "".join(first) == "".join(second) or _is_cut(first, second) or _is_cut(second, first):
        return True
    return len(first) == len(second) and all(
        mine == its or (min(len(mine), len(its)) >= LONG and is_one_key_off(mine, its))
        for mine, its in zip(sorted(first), sorted(second), strict=True)
    )


@cache
def are_look_alikes(one: str, other: str) -> bool:
    """Tell whether one of two names may pass for the other: all words but one are the same, and it is like its own.

    Words that are numbers tell parties apart.
    """
    if same_party(one, other):
        return True
    first, second = Counter(_words(one)), Counter(_words(other))
    mine, its = list((first - second).elements()), list((second - first).elements())
    if len(mine) != 1 or len(its) != 1:
        return False
    word, known = mine[0], its[0]
    if min(len(word), len(known)) < LONG or word.isdigit() or known.isdigit():
        return False
    first_other, _, _ = first_difference(word, known)
    return is_misspelt(word, known) or 3 * (first_other - 1) >= 2 * max(len(word), len(known))


def _is_cut(short: tuple[str, ...], whole: tuple[str, ...]) -> bool:
    """Tell whether a name is the beginning of another one, as a bank shows it that has no room for all of it."""
    joined = "".join(short)
    return len(joined) >= CUT and len(short) == len(whole) and "".join(whole).startswith(joined)


@cache
def _words(name: str) -> tuple[str, ...]:
    """Return the words of a name that tell it from others, letters and numbers apart, without accents."""
    plain = unicodedata.normalize("NFKD", folded(name))
    words = _PARTS.findall("".join(each for each in plain if not unicodedata.combining(each)))
    words = [each.lstrip("0") or each for each in words]  # 38 is 038
    return tuple(each for each in words if each not in LEGAL_FORMS) or tuple(words)


@cache
def plain_number(written: str) -> str:
    """Return a number of an invoice, an account or a company without what only makes it easy to read."""
    return "".join(filter(str.isalnum, looks(written))).casefold()


@cache
def invoice_number(written: str) -> str:
    """Return an invoice's number as it is compared: F-1001, f1001 and F 1OO1 are one."""
    return plain_number(written).translate(_DIGITS).lstrip("0")


_DIGITS = str.maketrans("oil", "011")
"""Letters that are read as digits."""
