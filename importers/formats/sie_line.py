"""A line of a SIE file: a record, whose fields say what their places mean.

    #TRANS 1930 {1 NAV} -1250.50 20240315 "Kabel" 2

has an account at place 1, objects at place 2, an amount at place 3, a day at place 4, a text at place 5 and a
quantity at place 6. What cannot be read is a FieldError where money is at stake, else a warning.
"""

import re
from datetime import date
from decimal import Decimal

from forbundsbok.importers.formats.sie_findings import Findings
from forbundsbok.importers.formats.sie_records import Objects
from forbundsbok.importers.formats.sie_text import Field, FieldError, amount_of, day_of, period_of, shown


class Line:
    """A record on line `number`: its label in capitals, and its fields, the label at place 0.

    `stray` tells whether a quote stands inside a text.
    """

    __slots__ = ("_warnings", "fields", "label", "number", "stray")

    def __init__(self, number: int, label: str, fields: list[Field], stray: bool, warnings: Findings) -> None:
        self.number = number
        self.label = label
        self.fields = fields
        self.stray = stray
        self._warnings = warnings

    def warn(self, kind: str, message: str) -> None:
        self._warnings.add(kind, self.number, message)

    def text(self, place: int) -> str:
        """Return a text, empty where the record ends before."""
        return text_at(self.fields, place)

    def texts(self) -> tuple[str, ...]:
        """Return all fields after the label."""
        return tuple(self.text(place) for place in range(1, len(self.fields)))

    def account(self, place: int) -> str:
        account = self.fields[place] if place < len(self.fields) else ""
        if not isinstance(account, str) or not account:
            raise FieldError("There is no account number")
        if account.isascii() and account.isdigit():
            return account
        if re.search(r'["{}]', account) or not re.search("[0-9]", account):
            raise FieldError(f"{shown(account)} is no account number")
        self.warn(
            "account numbers with other characters than digits",
            f"Account {shown(account)} has other characters than digits.",
        )
        return account.strip()

    def has_objects(self, place: int) -> bool:
        """Tell whether an object list stands at a place."""
        return place < len(self.fields) and not isinstance(self.fields[place], str)

    def objects(self, place: int) -> tuple[Objects, int]:
        """Return the objects at a place, those without number too, and the place after them."""
        items = self.fields[place] if place < len(self.fields) else ""
        if isinstance(items, str):
            self.warn("records without an object list", f"{self.label} has no object list: {{}} is missing.")
            return (), place
        if len(items) % 2:
            raise FieldError(f"The object list {_list(items)} is not pairs of dimension and object")
        if self.stray and any('"' in item for item in items):
            raise FieldError(f"A quote stands inside an object: {_list(items)}")
        return tuple(zip(items[::2], items[1::2], strict=True)), place + 1

    def amount(self, place: int) -> Decimal:
        return amount_of(self.text(place))

    def quantity(self, place: int) -> Decimal | None:
        text = self.text(place)
        if not text:
            return None
        if re.fullmatch(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)", text):
            return Decimal(text)
        self.warn("quantities that are no numbers", f"{shown(text)} is no quantity: it is left out.")
        return None

    def day(self, place: int) -> date:
        return day_of(self.text(place))

    def optional_day(self, place: int) -> date | None:
        return self.day(place) if self.text(place) else None

    def harmless_day(self, place: int) -> date | None:
        """Return a day that no amount depends on."""
        try:
            return self.optional_day(place)
        except FieldError as error:
            self.warn("dates in the heading", f"{self.label}: {error}. It is left out.")
            return None

    def period(self, place: int) -> str:
        return period_of(self.text(place))

    def year(self, place: int) -> int:
        text = self.text(place)
        if re.fullmatch("-?[0-9]{1,3}", text):
            return int(text)
        raise FieldError(f"{shown(text)} is no year: write 0 for the current one, -1 for the one before")


def text_at(fields: list[Field], place: int) -> str:
    """Return the text at a place of a record, empty where it ends before."""
    if place >= len(fields):
        return ""
    found = fields[place]
    return found if isinstance(found, str) else " ".join(found)


def _list(items: tuple[str, ...]) -> str:
    return shown("{" + " ".join(items) + "}")
