"""The federation itself: its organisation number, by which other systems know whose the books are.

    2025-01-01 custom "organisationsnummer" "222000-0315"

SIE carries it out and in (#ORGNR). Its last digit is a check digit (Bolagsverket; Skatteverket SKV 704).
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from beancount.core import data

from forbundsbok.plugins.books import Books
from forbundsbok.plugins.check_digits import has_luhn
from forbundsbok.plugins.directives import Field, Kind, text, wrong
from forbundsbok.plugins.findings import Finding, Subject
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.rulebook import rule, unreadable


class Organisation(NamedTuple):
    """An organisation number, as `222000-0315`."""

    number: str
    entry: data.Custom


def organisation_number(value: Any, currency: str | None) -> str:
    """Return an organisation number in its usual form. Raises UnreadableError."""
    written: str = text(value, currency)
    digits = re.fullmatch(r"(\d{6})-?(\d{4})", written.strip(), re.ASCII)
    if digits is None:
        raise wrong(N_("{number} is not ten digits, as 222000-0315"), number=written)
    if not has_luhn(digits[1] + digits[2]):
        raise wrong(N_("the last digit of {number} is not the check digit of the others"), number=written)
    return f"{digits[1]}-{digits[2]}"


ORGANISATION = Kind(
    "organisationsnummer",
    values=(Field(N_("organisation number"), organisation_number),),
    make=lambda entry, given: Organisation(given["organisation number"], entry),
    example='2025-01-01 custom "organisationsnummer" "222000-0315"',
)


def organisation_of(entries: Iterable[data.Directive]) -> str:
    """Return the organisation number that some books say, "" where they say none."""
    return next((each.number for each in ORGANISATION.read_all(entries)), "")


unreadable(
    "U131",
    ORGANISATION,
    title=N_("The organisation number is ten digits, of which the last is right."),
    why=N_("What goes to the bank, the auditor and the next system bears it."),
)


@rule(
    "U132",
    title=N_("The books have one organisation number."),
    why=N_("They are those of one federation."),
    mend=N_("Take one of the two away."),
    after=["U131"],
)
def one_organisation(books: Books) -> Iterator[Finding]:
    stated = books.declared(ORGANISATION)
    for other in stated[1:]:
        message = N_("The books are of {number} already, at {first}: one of the two must go.")
        values = {"number": stated[0].number, "first": stated[0].entry}
        yield Finding(other.entry, Subject("organisation", other.number), message, values)
