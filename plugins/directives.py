"""Reading Beancount's `custom` directives, for the concepts that are written as such.

2023-01-01 custom "unit" "BRB" "Business Region Borås"
"""

from collections.abc import Iterable, Iterator
from typing import Any

from beancount.core import data


def customs(entries: Iterable[data.Directive], kind: str) -> Iterator[data.Custom]:
    """Yield the custom directives of a type, in the order of the ledger."""
    return (entry for entry in entries if isinstance(entry, data.Custom) and entry.type == kind)


def values(entry: data.Custom) -> list[Any]:
    """Return the values that a custom directive was given, none when it has none."""
    return [value.value for value in entry.values or ()]
