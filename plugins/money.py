"""Money: amounts in kronor, exact to the öre, and how people and the ledger write them.

    amount_text(Decimal("1234.5"), "sv")   "1 234,50"
    ledger_number(Decimal("1234.5"))       "1234.50"

Kronor are Decimal, debit plus and credit minus; öre are whole numbers. Neither is ever a float.
"""

from decimal import ROUND_HALF_UP, Context, Decimal
from typing import NewType

Ore = NewType("Ore", int)
"""A whole number of öre, debit plus."""

CURRENCY = "SEK"
"""What the doors book."""

ZERO = Decimal(0)
ORE = Decimal("0.01")
WIDE = Context(prec=100)
"""Rounds amounts that are larger than Python expects."""
_LARGEST = Decimal(10) ** 90


def is_whole_ore(number: Decimal) -> bool:
    """Tell whether an amount, however great, has nothing finer than an öre."""
    _, digits, exponent = number.as_tuple()
    return isinstance(exponent, int) and (exponent >= -2 or not any(digits[exponent + 2 :]))


def rounded(number: Decimal) -> Decimal:
    """Return an amount rounded to the öre, half away from zero, but one that is too large for it as it is."""
    return number.quantize(ORE, ROUND_HALF_UP, WIDE) if abs(number) < _LARGEST else number


def ledger_number(number: Decimal) -> str:
    """Return an amount as the ledger writes it: two decimals, or all that it has when they are more."""
    return f"{number:.2f}" if is_whole_ore(number) else f"{number:f}"


def amount_text(number: Decimal, language: str) -> str:
    """Return an amount as a reader of a language writes it.

    Thousands are set off by a plain space and the minus is a plain hyphen: what is on the screen can be searched for
    and pasted into a spreadsheet.
    """
    text = f"{number:,.2f}" if is_whole_ore(number) else f"{number:,f}"
    text = text.replace(",", " ")
    return text.replace(".", ",") if language == "sv" else text
