"""Directives of ours, each described once: its values and metadata, what they may be, an example.

    2023-01-01 custom "unit" "BRB" "Business Region Borås"
      overskott: "overfors"

From the description (`Kind`) come what is read, the finding when it cannot be read, the nearest known word for a
misspelt one, and the documentation.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Generic, TypeVar

from beancount.core import data
from beancount.core.amount import Amount
from beancount.parser import parser

from forbundsbok.plugins.accounts import parse_account
from forbundsbok.plugins.findings import Finding, Message, Subject, as_written
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.ledger_text import TextError, directive_text
from forbundsbok.plugins.money import is_whole_ore
from forbundsbok.plugins.months import same_day_in
from forbundsbok.plugins.places import place
from forbundsbok.plugins.spelling import nearest

T = TypeVar("T")

Read = Callable[[Any, str | None], Any]
"""Reads a value as it stands in the ledger, whose currency comes with it (None: any). Raises UnreadableError."""


class UnreadableError(Exception):
    """Why a directive or a value cannot be read, as the end of a sentence."""

    def __init__(self, why: Message) -> None:
        super().__init__(why.text)
        self.why = why


def wrong(text: str, **values: object) -> UnreadableError:
    """Return the exception for what cannot be read; `text` is marked by `N_`."""
    return UnreadableError(Message(text, values))


@dataclass(frozen=True)
class Field:
    """A value or a metadata key of a directive: how it is read, and whether it must be there.

    The name of a value is marked by `N_`, and told in the reader's language; that of a key is as it is typed.
    """

    name: str
    read: Read
    required: bool = True
    unless: str = ""
    """The key beside which it need not be there."""

    def is_required(self, entry: data.Custom) -> bool:
        return self.required and (not self.unless or self.unless not in entry.meta)


KINDS: dict[str, "Kind[Any]"] = {}
"""All kinds of directives of ours, by type, as their modules describe them."""


@dataclass(frozen=True, eq=False)
class Kind(Generic[T]):
    """A kind of custom directive. `make` gets the directive and its fields by name; `check` raises UnreadableError.

    `about` is the kind of subject that its first text names, where that is not the type; `yearly` says that each
    directive is about the year of its date alone; the values of one that is `whole` mean nothing but together, so that
    none of the example's stands among those that somebody has written.
    """

    type: str
    values: tuple[Field, ...]
    make: Callable[[data.Custom, Mapping[str, Any]], T]
    example: str
    meta: tuple[Field, ...] = ()
    check: Callable[[data.Custom, Mapping[str, Any]], None] = field(default=lambda entry, given: None)
    about: str = ""
    yearly: bool = False
    whole: bool = False

    def __post_init__(self) -> None:
        KINDS.setdefault(self.type, self)

    def read(self, entry: data.Custom, currency: str | None = None) -> T:
        """Return what a directive says. Raises UnreadableError."""
        given = custom_values(entry)
        if len(given) != len(self.values):
            raise wrong(N_("it takes {fields}"), fields=[Message(each.name) for each in self.values])
        fields = {each.name: each.read(value, currency) for each, value in zip(self.values, given, strict=True)}
        for each in self.meta:
            if entry.meta.get(each.name) is not None:
                fields[each.name] = self._read_key(each, entry, currency)
            elif each.is_required(entry):
                raise self._lacking(each, entry)
            elif each.name in entry.meta:
                raise wrong(N_("nothing is written after {key}"), key=each.name)
        self.check(entry, fields)
        return self.make(entry, fields)

    def read_all(self, entries: Iterable[data.Directive], currency: str | None = None) -> list[T]:
        """Return what the directives of this kind say, in their order, without those that cannot be read."""
        read, _ = self.sorted_out(customs(entries, self.type), currency)
        return read

    def sorted_out(
        self, entries: Iterable[data.Custom], currency: str | None
    ) -> tuple[list[T], list[tuple[data.Custom, Message]]]:
        """Return what directives of this kind say, and those that cannot be read with the reason."""
        read: list[T] = []
        unread: list[tuple[data.Custom, Message]] = []
        for entry in entries:
            try:
                read.append(self.read(entry, currency))
            except UnreadableError as error:
                unread.append((entry, error.why))
        return read, unread

    def finding(self, entry: data.Custom, why: Message, currency: str) -> Finding:
        """Return the finding of a directive that cannot be read."""
        return Finding(
            entry,
            self.subject(entry),
            N_('This "{type}" cannot be read: {why}. It is written so:\n{example}'),
            {"type": self.type, "why": why, "example": as_written(self.form(entry, currency))},
            also=[Subject("unit", unit) for unit in units_named(entry)],
        )

    def form(self, entry: data.Custom, currency: str) -> str:
        """Return how a directive is written: its own date and what of it can be read, the rest as in the example."""
        example: Any = parser.parse_string(self.example)[0][0]
        later = entry.date.year - example.date.year
        meta = {}
        for each in self.meta:
            own = entry.meta.get(each.name)
            if each.name in entry.meta and self._reads(each, own, currency):
                meta[each.name] = own
            elif each.name in example.meta and (each.is_required(entry) or each.name in entry.meta):
                meta[each.name] = _years_later(example.meta[each.name], later)
        values = example.values
        if len(values) == len(entry.values or ()):
            pairs = zip(self.values, values, entry.values, strict=True)
            read = [own if self._reads(each, own.value, currency) else other for each, other, own in pairs]
            values = read if not self.whole or read == list(entry.values) else values
        for given in (values, example.values):
            form = example._replace(date=entry.date, values=given, meta=meta)
            try:
                self.read(form, currency)
                return directive_text(form)
            except (UnreadableError, TextError):
                continue
        return self.example

    @staticmethod
    def _reads(each: Field, value: Any, currency: str) -> bool:
        try:
            each.read(value, currency)
        except UnreadableError:
            return False
        return True

    def subject(self, entry: data.Custom) -> Subject:
        """Return what a directive of this kind is about: by its first text, or else by its place."""
        name = next((value for value in custom_values(entry) if isinstance(value, str)), place(entry))
        return Subject(self.about or self.type, name, entry.date.year if self.yearly else None)

    def _read_key(self, each: Field, entry: data.Custom, currency: str | None) -> Any:
        try:
            return each.read(entry.meta[each.name], currency)
        except UnreadableError as error:
            raise wrong(N_("{key}: {why}"), key=each.name, why=error.why) from None

    def _lacking(self, each: Field, entry: data.Custom) -> UnreadableError:
        known = {field.name for field in self.meta}
        strangers = [key for key in entry.meta if key not in known]
        if near := nearest(each.name, strangers):
            return wrong(N_("it lacks {key} (is {near} meant for it?)"), key=each.name, near=near)
        return wrong(N_("it lacks {key}"), key=each.name)


def customs(entries: Iterable[data.Directive], kind: str) -> Iterator[data.Custom]:
    """Yield the custom directives of a type, in the order of the ledger."""
    return (entry for entry in entries if isinstance(entry, data.Custom) and entry.type == kind)


def custom_values(entry: data.Custom) -> list[Any]:
    """Return the values that a custom directive was given, none when it has none."""
    return [value.value for value in entry.values or ()]


def units_named(entry: data.Custom) -> list[str]:
    """Return the units of the accounts that a custom directive was given."""
    names = (parse_account(value) for value in custom_values(entry) if isinstance(value, str))
    return [name.unit for name in names if name]


# How values are read.


def text(value: Any, _: str | None) -> str:
    """Read a text that says something."""
    if not isinstance(value, str) or not value.strip():
        raise wrong(N_("{value} is no text between quotes"), value=_value_text(value))
    return value


def word(pattern: str, means: str) -> Read:
    """Return the reader of a text that follows a pattern; `means` says which, as `N_("capital letters and digits")`."""

    def read(value: Any, currency: str | None) -> str:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            raise wrong(N_("{value} is not of {means}"), value=_value_text(value), means=Message(means, {}))
        return value

    return read


def one_of(*words: str) -> Read:
    """Return the reader of one of some words."""

    def read(value: Any, currency: str | None) -> str:
        if isinstance(value, str) and value in words:
            return value
        if isinstance(value, str) and (near := nearest(value, words)):
            near_text = N_("{value} is not one of {words} (is {near} meant?)")
            raise wrong(near_text, value=_value_text(value), words=list(words), near=near)
        raise wrong(N_("{value} is not one of {words}"), value=_value_text(value), words=list(words))

    return read


def account_under(*roots: str) -> Read:
    """Return the reader of an account of a unit, under one of some roots (none: any)."""

    def read(value: Any, currency: str | None) -> str:
        name = parse_account(value) if isinstance(value, str) else None
        if name is None or (roots and name.root not in roots):
            under = Message(N_(" under {roots}"), {"roots": list(roots)}) if roots else ""
            raise wrong(N_("{value} is no account of a unit{under}"), value=_value_text(value), under=under)
        return str(value)

    return read


def money(value: Any, currency: str | None) -> Decimal:
    """Read an amount of the ledger's currency in whole öre."""
    if not isinstance(value, Amount) or not isinstance(value.number, Decimal):
        raise wrong(N_("{value} is no amount with a currency"), value=_value_text(value))
    if currency is not None and value.currency != currency:
        raise wrong(N_("its amount is in {other}, the ledger in {currency}"), other=value.currency, currency=currency)
    if currency is not None and not is_whole_ore(value.number):
        raise wrong(N_("its amount {amount} is not in whole öre"), amount=value)
    return value.number


def positive_money(value: Any, currency: str | None) -> Decimal:
    """Read an amount that is more than nothing."""
    number = money(value, currency)
    if number <= 0:
        raise wrong(N_("its amount {amount} is not more than nothing"), amount=number)
    return number


def not_negative_money(value: Any, currency: str | None) -> Decimal:
    """Read an amount that is nothing or more."""
    number = money(value, currency)
    if number < 0:
        raise wrong(N_("its amount {amount} is less than nothing"), amount=number)
    return number


def whole_number(least: int, most: int) -> Read:
    """Return the reader of a whole number within bounds."""

    def read(value: Any, currency: str | None) -> int:
        if not isinstance(value, Decimal) or not least <= value <= most or value != int(value):
            bounds = {"least": least, "most": most}
            raise wrong(N_("{value} is no whole number from {least} to {most}"), value=_value_text(value), **bounds)
        return int(value)

    return read


def day(value: Any, _: str | None) -> date:
    """Read a day."""
    if not isinstance(value, date):
        raise wrong(N_("{value} is no day: write it as 2024-12-31, without quotes"), value=_value_text(value))
    return value


def _years_later(value: Any, years: int) -> Any:
    """Return a day in another year, and what is no day as it is."""
    return same_day_in(value.year + years, value) if isinstance(value, date) else value


def _value_text(value: Any) -> str:
    """Return a value as it stands in the ledger, near enough to be found there."""
    return f'"{value}"' if isinstance(value, str) else str(value).upper() if isinstance(value, bool) else str(value)
