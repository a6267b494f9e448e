"""Amounts as the annual report prints them.

    kronor(Decimal("1234.50"), "sv")  "1 234,50"

Thousands are set off by a plain space and the minus is a plain hyphen: what is on the screen can be
searched for and pasted into a spreadsheet.
"""

from decimal import Decimal


def kronor(amount: Decimal, language: str) -> str:
    """Return kronor with öre, with the decimal sign of the language."""
    text = f"{amount:,.2f}".replace(",", " ")
    return text.replace(".", ",") if language == "sv" else text
