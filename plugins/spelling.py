"""Spelling: which known word one that is not known was meant to be, and letters that only look like others.

    atest                       is near attest
    Expenses:NAV:6102-Städning  was meant to be Expenses:NAV:6120-Städning
    Städning, as a + ¨          looks like Städning, and is another word to a machine

What is near is only a question to whoever wrote it: nothing is taken for what it is near to.
"""

import unicodedata
from collections.abc import Collection, Iterable
from difflib import SequenceMatcher, get_close_matches

from forbundsbok.plugins.accounts import parse_account

_LOOKS = str.maketrans(
    # Cyrillic, Greek, hyphens and dashes
    "\u0410\u0412\u0421\u0415\u041d\u0406\u0408\u041a\u041c\u041e\u0420\u0405\u0422\u0425\u0423"
    "\u0430\u0441\u0435\u0456\u0458\u043e\u0440\u0455\u0445\u0443"
    "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03bf"
    "\u2010\u2011\u2012\u2013\u2014\u2212",
    "ABCEHIJKMOPSTXYaceijopsxyABEZHIKMNOPTYXo------",
)
"""Letters of other scripts, and dashes, as what they look like."""

_SIMILAR = 0.8
"""How alike two accounts are, of which one was meant to be the other."""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that is most like a misspelt one, None where none is like it."""
    words = sorted(known)
    if by_letters := min(((_distance(word, each), each) for each in words), default=None):
        distance, near = by_letters
        if distance <= (0 if len(word) < 3 else 1):
            return near
    return next(iter(get_close_matches(word, words, n=1, cutoff=0.7)), None)


def is_misspelt(word: str, known: str) -> bool:
    """Tell whether a word is a known one with a slip of the keys; a longer word of its own (`projektnr`) is none."""
    if word == known or (abs(len(word) - len(known)) > 1 and (word.startswith(known) or known.startswith(word))):
        return False
    return _distance(word, known) <= (0 if len(known) < 3 else 1 if len(known) < 7 else 2)


def is_one_key_off(word: str, known: str) -> bool:
    """Tell whether a word is another one with a single slip of the keys: of two, Norrdal would be Sördal."""
    return _distance(word, known) == 1


def looks(text: str) -> str:
    """Return what a text looks like: texts that look alike are the same then."""
    seen = "".join(each for each in text if unicodedata.category(each) != "Cf")
    return unicodedata.normalize("NFKC", seen).translate(_LOOKS)


def first_difference(written: str, meant: str) -> tuple[int, str, str]:
    """Return the place, counted from 1, of the first letter that is another one, and how each is written."""
    at = 0
    while written[at : at + 1] == meant[at : at + 1] != "":
        at += 1
    return at + 1, _codes(written, at), _codes(meant, at)


def _codes(text: str, at: int) -> str:
    """Return the letter at a place by its codes, with the marks that belong to it."""
    end = at + 1
    while end < len(text) and unicodedata.combining(text[end]):
        end += 1
    return " ".join(f"U+{ord(each):04X}" for each in text[at:end])


def nearest_account(account: str, opened: Collection[str]) -> str | None:
    """Return the account that was meant by one that is not open, None where that cannot be guessed.

    It looks the same, or is of the same unit and has the same number, the same name, or nearly both; or it is the one
    account of that number and name, which another unit has.
    """
    if alike := [each for each in opened if looks(each) == looks(account)]:
        return alike[0]
    name = parse_account(account)
    if name is None:
        return next(iter(get_close_matches(account, sorted(opened), n=1, cutoff=_SIMILAR)), None)
    names = {each: other for each in opened if (other := parse_account(each))}
    units = {other.unit for other in names.values()}
    unit = name.unit if name.unit in units else nearest(name.unit, units)
    meant = account.replace(f":{name.unit}:", f":{unit}:", 1) if unit else account
    own = [each for each, other in names.items() if other.unit == unit]
    for near in (
        [each for each in own if each == meant],
        [each for each in own if names[each].number == name.number],
        [each for each in own if (names[each].name, names[each].detail) == (name.name, name.detail)],
        [each for each in own if _likeness(meant, each) >= _SIMILAR],
    ):
        if near:
            return max(sorted(near), key=lambda each: _likeness(meant, each))
    _, _, rest = account.split(":", 2)
    elsewhere = [each for each in opened if each.split(":", 2)[2:] == [rest]]
    return elsewhere[0] if len(elsewhere) == 1 else None


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def _distance(one: str, other: str) -> int:
    """Return how many slips make one word of the other: a letter more, less or another, or two that changed places."""
    one, other = looks(one).casefold(), looks(other).casefold()
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        now = [row]
        for column, its in enumerate(other, 1):
            least = min(last[column] + 1, now[-1] + 1, last[column - 1] + (letter != its))
            if row > 1 and column > 1 and letter == other[column - 2] and its == one[row - 2]:
                least = min(least, before[column - 2] + 1)
            now.append(least)
        before, last = last, now
    return last[-1]
