"""Which account of the ledger a row of a SIE file is booked on: by what is open, by the mapping, or newly opened.

    #TRANS 6020 {1 Nord 20 Hyra} 1000.00

is of the unit NORD and its account 6020, below which "Hyra" is a detail: `Expenses:NORD:6020-Lokalhyror:Hyra`. What
none of them tells is a lack of the mapping.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from beancount.core import data

from forbundsbok.importers.mapping import toml_text
from forbundsbok.importers.sie.codec.records import Objects, SieFile
from forbundsbok.importers.sie.ledger import (
    DETAIL_NAME,
    SIE,
    SIE_DETAIL,
    Place,
    SieLedger,
    detail_of,
    detail_slug,
    root_of,
    slug,
)
from forbundsbok.importers.sie.mapping import CODE, Lacks, SieMapping
from forbundsbok.plugins.accounts import CLEARING_NUMBER, clearing_account, parse_account
from forbundsbok.plugins.findings import as_written, phrase
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.ledger_text import custom_of
from forbundsbok.plugins.spelling import nearest
from forbundsbok.plugins.units import KEPT

_DIGITS = range(4, 7)
"""How many digits an account number of the ledger may have."""
_EXAMPLES = 5
"""How many of the accounts that could be meant a message names."""


class Key(NamedTuple):
    """What a row says of its account: number, object of the unit, and object of the detail; empty without."""

    number: str
    unit: str
    detail: str


class SieAccounts:
    """The ledger's accounts for the rows of a file, and those to open for them.

    `may_open`: whether accounts and units that the ledger lacks are opened by their own numbers and codes.
    """

    def __init__(self, file: SieFile, ledger: SieLedger, mapping: SieMapping, may_open: bool) -> None:
        self.lacks = Lacks()
        held = (entry.currencies[0] for entry in ledger.opens.values() if entry.currencies)
        self.currency = next(held, file.heading.currency)
        self._file = file
        self._ledger = ledger
        self._mapping = mapping
        self._may_open = may_open
        own = next((each.number for each in file.dimensions.values() if each.name == DETAIL_NAME), "")
        self.detail_dimension = mapping.detail_dimension or own
        self._codes = {number: code for code, number in ledger.object_of_unit.items()}
        self._names = {
            name.number: name.name
            for account, place in ledger.places.items()
            if (name := parse_account(account)) and place.number == name.number
        }
        self._by_number: dict[tuple[str, str], list[str]] = defaultdict(list)
        for account, place in ledger.places.items():
            self._by_number[place.unit, place.number].append(account)
        self._found: dict[Key, str | None] = {}
        self._places: dict[str, Place] = dict(ledger.places)
        self._since: dict[str, date] = {}
        self.keys: dict[str, set[Key]] = defaultdict(set)
        """What stands on each account that the file uses."""

    # Rows

    def key(self, number: str, objects: Objects) -> Key:
        """Return what a row says of its account."""
        by_dimension = dict(objects)
        return Key(number, by_dimension.get(self._mapping.dimension, ""), by_dimension.get(self.detail_dimension, ""))

    def others(self, objects: Objects) -> Objects:
        """Return the objects of a row but those of unit and detail."""
        return tuple(each for each in objects if each[0] not in (self._mapping.dimension, self.detail_dimension))

    def account(self, key: Key, since: date, amounts: Iterable[Decimal]) -> str | None:
        """Return the account of a row, open since a day; None where it cannot be told, which is counted."""
        if key not in self._found:
            unit = self.unit(key.unit)
            self._found[key] = self._looked_up(key, unit) if unit else None
        account = self._found[key]
        if account is None:
            self._count(key, list(amounts))
            return None
        self.keys[account].add(key)
        self._since[account] = min(self._since.get(account, since), since)
        return account

    def unit(self, number: str) -> str | None:
        """Return the code of the unit that an object is, or None where that cannot be told."""
        mapping = self._mapping
        if not number:
            code: str | None = mapping.default_unit or self._codes.get("")
        else:
            legal = number if CODE.fullmatch(number) else None
            code = mapping.units.get(number) or self._codes.get(number) or legal
        return code if code in self._ledger.units or self._may_open else None

    # What to open

    def opened(self, day: date) -> Iterator[data.Directive]:
        """Yield the units and accounts to open, the units from a day on."""
        used = {code for account in self.keys if (code := self._places[account].unit)}
        objects = defaultdict(set)
        for keys in self.keys.values():
            for key in keys:
                objects[self.unit(key.unit)].add(key.unit)
        # In the order of the file's objects: it is that of the statements.
        places = {self.unit(number): place for place, (_, number) in enumerate(self._file.objects)}
        for code in sorted(used - self._ledger.units.keys(), key=lambda each: (places.get(each, len(places)), each)):
            yield self._unit_entry(code, objects[code], day)
        if self._may_open:
            lacking = (clearing_account(code) for code in sorted(used))
            yield from (self._open(account, day, {}) for account in lacking if account not in self._ledger.opens)
        for account in sorted(
            self.keys.keys() - self._ledger.opens.keys(), key=lambda each: (self._places[each], each)
        ):
            yield self._open(account, self._since[account], self._metadata(account))

    # How they are found

    def _looked_up(self, key: Key, unit: str) -> str | None:
        ledger, number = self._ledger, key.number
        place = Place(number, unit, detail_of(key.detail, key.unit or unit, number))
        exact = ledger.accounts.get(place)
        if exact and SIE in ledger.opens[exact].meta:
            return exact
        name = self._file.accounts[number].name if number in self._file.accounts else ""
        target = self._mapping.target(number, name, unit)
        if target is not None:
            return self._mapped(target, place)
        if exact:
            return exact
        fitting = self._by_number[unit, number]
        # A file of details says it of every row that has one; other files leave no doubt where there is one account.
        if len(fitting) == 1 and not place.detail and not self.detail_dimension:
            return fitting[0]
        if (fitting and not self.detail_dimension) or not self._may_open:
            return None
        root = root_of(number)
        if root is None:
            return None
        below = f"{number}-{self._names.get(number) or slug(name) or 'Konto'}"
        return self._free(":".join([root, unit, below, *_parts(place.detail)]), place)

    def _mapped(self, target: str, place: Place) -> str | None:
        account = ":".join([target, *_parts(place.detail)])
        if account in self._ledger.opens and not place.detail:
            return account
        name = parse_account(account)
        if name is None or not (self._may_open or name.unit in self._ledger.units):
            return None
        return self._free(account, place._replace(unit=name.unit))

    def _free(self, account: str, place: Place) -> str:
        """Return an account's name, or one like it when it is that of another detail, spelt differently."""
        count = 1
        name = account
        while self._places.setdefault(name, place).detail != place.detail:
            count += 1
            name = f"{account}-{count}"
        return name

    def _metadata(self, account: str) -> data.Meta:
        """Return what an account's open keeps of the file, so that an export gives it back."""
        name = parse_account(account)
        keys = self.keys[account]
        if name is None:
            return {}
        meta: data.Meta = {}
        numbers = {key.number for key in keys}
        details = {detail_of(key.detail, key.unit or name.unit, key.number) for key in keys}
        number, detail = min(numbers), min(details)
        if len(numbers) == 1 and len(details) == 1:
            own = ":".join(name.detail)
            if number != name.number or (own and not detail):
                meta[SIE] = number
            if detail != ("" if SIE in meta else own):
                meta[SIE_DETAIL] = detail
        label = self._label(next(iter(sorted(keys))), detail)
        if label and label != (name.detail[-1] if name.detail else name.name):
            meta["benamning"] = label
        if self._mapping.is_intern(account):
            meta["intern"] = True
        return meta

    def _label(self, key: Key, detail: str) -> str:
        """Return what an account is called in the file: its detail, or else its number."""
        if self.detail_dimension:
            for prefix in (f"{key.unit}:{key.number}:", f"{key.number}:", ""):
                named = self._file.objects.get((self.detail_dimension, prefix + detail))
                if named and prefix + detail:
                    return named.name
        number = self._file.accounts.get(key.number)
        return number.name if number and not detail else ""

    def _open(self, account: str, day: date, meta: data.Meta) -> data.Open:
        return data.Open(meta, day, account, [self.currency], None)

    def _unit_entry(self, code: str, objects: set[str], day: date) -> data.Custom:
        named = [self._file.objects.get((self._mapping.dimension, number)) for number in sorted(objects)]
        name = next((each.name for each in named if each and each.name.strip()), code)
        meta: data.Meta = {"overskott": self._mapping.surplus.get(code, KEPT)}
        own = sorted(objects - {""})
        if code not in own and len(own) < 2:
            meta[SIE] = own[0] if own else ""
        return custom_of("unit", day, [code, name], meta)

    # What cannot be told

    def _count(self, key: Key, amounts: list[Decimal]) -> None:
        if self.unit(key.unit) is None:
            self._count_unit(key.unit, amounts)
            return
        number, unit = key.number, self.unit(key.unit) or ""
        name = self._file.accounts[number].name if number in self._file.accounts else ""
        text = N_("account {number} ({name})") if name else N_("account {number}")
        called = phrase(text, number=number, name=name)
        fitting = self._by_number[unit, number]
        if fitting:
            several = ", ".join(fitting[:_EXAMPLES]) + (", ..." if len(fitting) > _EXAMPLES else "")
            text = (
                N_('{account} with object "{object}" may be any of {unit}\'s {several}')
                if key.detail
                else N_("{account} may be any of {unit}'s {several}")
            )
            what = phrase(text, account=called, object=key.detail, unit=unit, several=several)
            self.lacks.add("sie.accounts", f"{number} {unit}", what, f'"{number}" = "{fitting[0]}"', amounts)
        elif number == CLEARING_NUMBER:
            text = N_("{account} has the number that the ledger has for clearing between units alone")
            what = phrase(text, account=called)
            self.lacks.add("sie.accounts", number, what, f'"{number}" = "NNNN-{slug(name) or "Konto"}"', amounts)
        elif short := self._shorter(number, unit):
            what = phrase("{account} has more digits than accounts of the ledger", account=called)
            line = f'"{number}" = "{self._shortened(number, short, unit)}"'
            self.lacks.add("sie.accounts", number, what, line, amounts)
        elif root_of(number) is None:
            what = phrase("{account} is of no group that the ledger has", account=called)
            self.lacks.add("sie.accounts", number, what, f'"{number}" = "NNNN-{slug(name) or "Konto"}"', amounts)
        else:
            what = phrase("{account} is not open in {unit}", account=called, unit=unit)
            line = f'"{number}" = "{root_of(number)}:{unit}:{number}-{slug(name) or "Konto"}"'
            self.lacks.add("sie.accounts", f"{number} {unit}", what, line, amounts)

    def _shorter(self, number: str, unit: str) -> str:
        """Return the first digits of a number that are the chart's, "" where all of it may be an account's."""
        lengths = [digits for digits in reversed(_DIGITS) if digits < len(number)]
        own = next((number[:digits] for digits in lengths if self._by_number[unit, number[:digits]]), "")
        return own or (number[: max(_DIGITS)] if len(number) not in _DIGITS and root_of(number[:4]) else "")

    def _shortened(self, number: str, short: str, unit: str) -> str:
        """Return the account that a number of more digits is, by the first of them."""
        fitting = self._by_number[unit, short]
        if len(fitting) == 1 and not self._may_open:
            return fitting[0]
        name = self._names.get(short) or slug(self._file.accounts[number].name if number in self._file.accounts else "")
        # A number has one name, whatever the accounts are called that begin with it.
        below = f"{short}-{self._names.setdefault(short, name or 'Konto')}"
        return f"{below}:{number}" if self._may_open else f"{root_of(short)}:{unit}:{below}"

    def _count_unit(self, number: str, amounts: list[Decimal]) -> None:
        dimension = self._mapping.dimension
        units = as_written(", ".join(self._ledger.units)) if self._ledger.units else phrase("none")
        if not number:
            code = self._mapping.default_unit
            text = (
                N_("unit {unit}, of rows without one, is not among those of the ledger ({units})")
                if code
                else N_("rows without object of dimension {dimension}, which is the unit")
            )
            what = phrase(text, unit=code, units=units, dimension=dimension)
            self.lacks.add("sie", "default-unit", what, f"default-unit = {self._proposed_unit('')}", amounts)
            return
        named = self._file.objects.get((dimension, number))
        name = f" ({named.name})" if named and named.name else ""
        text = (
            N_('object "{object}" of dimension {dimension}{name} is no unit')
            if self._may_open
            else N_('object "{object}" of dimension {dimension}{name} is no unit of the ledger ({units})')
        )
        what = phrase(text, object=number, dimension=dimension, name=name, units=units)
        line = f"{toml_text(number)} = {self._proposed_unit(number, named.name if named else '')}"
        self.lacks.add("sie.units", number, what, line, amounts)

    def _proposed_unit(self, number: str, name: str = "") -> str:
        """Return what to write as the unit that an object is: one of the ledger's, or else which there are to choose.

        What would be refused again is never proposed.
        """
        letters = "".join(CODE.findall(number.upper()))
        units = {code: unit.name for code, unit in self._ledger.units.items()}
        called = {each.casefold(): code for code, text in units.items() for each in (code, text)}
        meant = next(filter(None, map(called.get, (name.casefold(), number.casefold(), letters.casefold()))), None)
        if meant is None and not self._may_open and (near := nearest(name.casefold(), called)):
            meant = called[near]
        if meant is None and self._may_open:
            own = (code for dimension, code in self._file.objects if dimension == self._mapping.dimension)
            meant = letters or ("" if units else next(filter(CODE.fullmatch, own), "KOD"))
        if not meant and len(units) == 1:
            (meant,) = units
        return f'"{meant}"' if meant else f'"..."  # {", ".join(units)}'


def _parts(detail: str) -> list[str]:
    return [detail_slug(part) for part in detail.split(":")] if detail else []
