"""A ledger as SIE sees it: where each account stands in a file, and what it comes to there.

What a SIE file says beyond units, accounts and vouchers is kept in the ledger, so that it can be given back:

    2023-12-31 custom "unit" "NORD" "Kontor Nord"
      overskott: "behalls"
      sie: "Nord"                                        ; the unit's object, where it is not its code
    2023-12-31 open Equity:NORD:2090-Reserver:2116-Fond SEK
      sie: "2116"                                        ; the account's number, where it is another
      sie-delkonto: "e20/index"                          ; its object of the dimension Delkonto
    2023-12-31 custom "sie-account" "1068" "Hyresrätter" ; an account that is not used, or is called otherwise here
    2023-12-31 custom "sie-dimension" "61" "Drift" "6"   ; a dimension, and the one that it is a part of
    2023-12-31 custom "sie-object" "6" "P1" "Bygget"     ; the name of an object
    2023-12-31 custom "sie-balance" "1930" "2" "A" 7600.00 SEK   ; an opening balance by other objects

    2024-01-31 * "Faktura 12"
      ver: "A 12"
      sie: "1 0012"                                      ; the voucher's series and number, where they are others
      Expenses:NORD:6020-Lokalhyror  1000.00 SEK
        projekt: "P1"                                    ; dimension 6
        faktura: "K-2024-0012"                           ; dimension 10
        dimension-7: "12"                                ; the other dimensions

A number is one name over the whole ledger; a detail below it (`3119-Medlemsavgifter:Borås`) is an object of the
free dimension "Delkonto". The object is the detail, unless two accounts print the same detail differently: then
it begins with the number, or the unit and the number, of its account ("3195:2023").

Results of earlier years are never moved in the ledger. SIE has them in equity when a year opens: on the unit's
lowest account 20. A year's own result is not yet there when it closes: balances and vouchers sum to it.
Clearing between units (1790) is no part of it.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from beancount.core import data
from beancount.core.amount import Amount

from forbundsbok.importers.sie.codec.records import Objects
from forbundsbok.plugins.accounts import CLEARING_NUMBER, parse_account
from forbundsbok.plugins.directives import custom_values, customs
from forbundsbok.plugins.money import ORE, WIDE, ZERO
from forbundsbok.plugins.open_items import INVOICE
from forbundsbok.plugins.roles import KOMMUN_BAS, SLAG
from forbundsbok.plugins.units import read_units

SIE = "sie"
SIE_DETAIL = "sie-delkonto"
ACCOUNT, DIMENSION, OBJECT, BALANCE = "sie-account", "sie-dimension", "sie-object", "sie-balance"

PROJECT, PROJECT_KEY = "6", "projekt"
KEYS = {PROJECT: PROJECT_KEY, "10": INVOICE}
"""The metadata of the dimensions that the ledger knows by name."""
DETAIL_NAME = "Delkonto"
ALWAYS = {"1": "Enhet", "6": "Projekt"}
"""The dimensions that every export has, unless the ledger keeps another name of them."""
DIMENSION_NAMES = {
    **ALWAYS,
    "2": "Kostnadsbärare",
    "7": "Anställd",
    "8": "Kund",
    "9": "Leverantör",
    "10": "Faktura",
}
"""What an export calls dimensions of which the ledger keeps no name."""
GAP = "lucka"
"""The metadata of a voucher that only accounts for a number that the file does not have."""

EQUITY = SLAG["ovrigt-eget-kapital"].numbers
"""How the numbers of equity begin: in a file as in Kommun-Bas."""
BETWEEN = " | "
"""What stands between payee and narration in a voucher's text."""

OTHER_DIMENSION = re.compile(r"dimension-(\d+)")


class Place(NamedTuple):
    """Where an account stands in a file: its number, the unit's code, and its detail."""

    number: str
    unit: str
    detail: str = ""


class SiePosting(NamedTuple):
    """A posting of a voucher, without clearing: kronor, debit positive; `others`: its objects but unit and detail."""

    day: date
    place: Place
    amount: Decimal
    others: Objects


class SieLedger:
    """The parts of a ledger that a SIE file holds."""

    def __init__(self, entries: Iterable[data.Directive]) -> None:
        entries = list(entries)
        opens = [entry for entry in entries if isinstance(entry, data.Open)]
        self.opens = {entry.account: entry for entry in opens}
        self.places = {entry.account: place for entry in opens if (place := _place(entry)) is not None}
        self.accounts: dict[Place, str] = {}
        for account, place in self.places.items():
            self.accounts.setdefault(place, account)
        self.units = read_units(entries)
        self.object_of_unit = {code: str(unit.meta.get(SIE, code)) for code, unit in self.units.items()}
        self.kept_accounts = {number: entry for entry, (number, _) in _texts(entries, ACCOUNT, 2)}
        self.dimensions = {each[0]: (each[1], each[2]) for _, each in _texts(entries, DIMENSION, 3)}
        self.objects = {(each[0], each[1]): each[2] for _, each in _texts(entries, OBJECT, 3)}
        self.vouchers = [entry for entry in entries if isinstance(entry, data.Transaction)]
        self.postings = [each for entry in self.vouchers for each in self._postings(entry)]
        self.kept_balances = list(_kept_balances(entries))

    # Names

    def name_of_number(self, number: str) -> str | None:
        """Return what an account number is called: as the other system spelt it, else as the ledger does."""
        if number in self.kept_accounts:
            return str(custom_values(self.kept_accounts[number])[1])
        spelt = None
        for account, place in self.places.items():
            name = parse_account(account)
            if place.number != number or name is None:
                continue
            own = name.detail[-1] if name.detail and SIE in self.opens[account].meta else name.name
            label = _text(self.opens[account].meta.get("benamning"))
            if not place.detail and label and (SIE in self.opens[account].meta or slug(label) == own):
                return label
            spelt = spelt or own.replace("-", " ")
        return spelt

    def detail_objects(self) -> dict[Place, tuple[str, str]]:
        """Return the object of each detail, number and name, and of each account that prints as its number does not."""
        named: dict[Place, str] = {}
        for account, place in self.places.items():
            label = _text(self.opens[account].meta.get("benamning"))
            if place.detail:
                named[place] = label or place.detail.split(":")[-1]
            elif label and label != self.name_of_number(place.number):
                named[place] = label
        times = Counter((place.detail, name) for place, name in named.items())
        found: dict[Place, tuple[str, str]] = {}
        taken: dict[str, str] = {}
        # The commonest name of a detail has the object that is called as the detail is.
        for place, name in sorted(named.items(), key=lambda item: (-times[item[0].detail, item[1]], item[0])):
            unit = self.object_of_unit.get(place.unit, place.unit)
            for prefix in ("", f"{place.number}:", f"{unit}:{place.number}:"):
                number = prefix + place.detail
                fits = number and detail_of(number, unit, place.number) == place.detail
                if fits and taken.setdefault(number, name) == name:
                    break
            found[place] = number, name
        return found

    # Amounts

    def balances(self, day: date) -> dict[Place, Decimal]:
        """Return what the balance accounts come to at the end of a day, with the results up to then in equity."""
        sums = self.sums(date.min, day)
        balances = defaultdict(lambda: ZERO, {place: each for place, each in sums.items() if is_balance(place.number)})
        for place, each in sums.items():
            if not is_balance(place.number):
                balances[self.equity_of(place.unit)] += each
        return {place: each for place, each in balances.items() if each}

    def closing(self, first: date, last: date) -> dict[Place, Decimal]:
        """Return what the balance accounts come to at the end of a year, before its result is moved to equity."""
        closing = defaultdict(lambda: ZERO, self.balances(first - timedelta(days=1)))
        for place, each in self.sums(first, last).items():
            if is_balance(place.number):
                closing[place] += each
        return {place: each for place, each in closing.items() if each}

    def sums(self, first: date, last: date) -> dict[Place, Decimal]:
        """Return what each account is changed by from one day to another, both included."""
        sums: defaultdict[Place, Decimal] = defaultdict(lambda: ZERO)
        for posting in self.postings:
            if first <= posting.day <= last:
                sums[posting.place] += posting.amount
        return dict(sums)

    def equity_of(self, unit: str) -> Place:
        """Return where the results of a unit go: its lowest account 20, or the lowest number that there is."""
        of_equity = sorted(place for place in self.places.values() if place.number.startswith(EQUITY))
        own = [place for place in of_equity if place.unit == unit]
        return own[0] if own else Place(of_equity[0].number if of_equity else f"{EQUITY[0]}10", unit)

    # Rows

    def _postings(self, entry: data.Transaction) -> Iterator[SiePosting]:
        for posting in entry.postings:
            place = self.places.get(posting.account)
            if place is not None and isinstance(posting.units, Amount) and isinstance(posting.units.number, Decimal):
                yield SiePosting(entry.date, place, posting.units.number, other_objects(entry, posting))


def other_objects(entry: data.Transaction, posting: data.Posting) -> Objects:
    """Return the objects of a row but unit and detail, by dimension."""
    meta: dict[str, Any] = {**entry.meta, **(posting.meta or {})}
    found = []
    named = {key: dimension for dimension, key in KEYS.items()}
    for key, value in meta.items():
        dimension = named.get(key) or ((match := OTHER_DIMENSION.fullmatch(key)) and match[1])
        if dimension and isinstance(value, str):
            found.append((dimension, value))
    return tuple(sorted(found, key=lambda each: (in_order(each[0]), each[1])))


def in_order(dimension: str) -> str:
    """Return a key that sorts dimensions by their numbers."""
    return dimension.zfill(9)


def key_of(dimension: str) -> str:
    """Return the metadata key of a dimension."""
    return KEYS.get(dimension, f"dimension-{dimension}")


def identity_of(entry: data.Transaction) -> tuple[str, str]:
    """Return a voucher's series and number in a file."""
    return _identity(str(entry.meta.get(SIE, entry.meta.get("ver")) or ""))


def identity_text(series: str, number: str) -> str:
    """Return what a ledger keeps of a voucher's series and number in a file: the one that there is, or both."""
    text = f"{series} {number}"
    return text.strip() if _identity(text.strip()) == (series, number) else text


def _identity(text: str) -> tuple[str, str]:
    """Return the series and the number that a text tells: one word alone is a number if it is of digits."""
    series, between, number = text.rpartition(" ")
    return (series, number) if between or text.isdecimal() else (text, "")


def text_of(entry: data.Transaction) -> str:
    """Return a voucher's text in a file."""
    narration = entry.narration or ""
    return narration if entry.payee is None else f"{entry.payee}{BETWEEN}{narration}"


def payee_and_narration(text: str) -> tuple[str | None, str]:
    """Return the payee and the narration of a voucher's text."""
    payee, between, narration = text.partition(BETWEEN)
    return (payee, narration) if payee and between else (None, text)


def exact(amount: Decimal) -> Decimal:
    """Return an amount with its öre written out, and zero without sign."""
    return amount.quantize(ORE, context=WIDE) + 0


def is_balance(number: str) -> bool:
    """Tell whether an account number has balances that go on from year to year, and not results."""
    return number.startswith(("1", "2"))


def root_of(number: str) -> str | None:
    """Return the root that an account number stands under, or None where no ledger account may have it."""
    if not re.fullmatch("[0-9]{4,6}", number) or number == CLEARING_NUMBER:
        return None
    return next(iter(KOMMUN_BAS.slag_of_number(number).roots), None)


def detail_of(number: str, unit: str, account: str) -> str:
    """Return the detail that an object of a unit's account stands for."""
    prefix = next((each for each in (f"{unit}:{account}:", f"{account}:") if number.startswith(each)), "")
    return number[len(prefix) :]


def slug(text: str) -> str:
    """Return a text as a part of an account name: letters, digits and hyphens."""
    letters = (each if _may_stand(each) else "-" for each in unicodedata.normalize("NFC", text))
    return re.sub("-+", "-", "".join(letters)).strip("-")


def detail_slug(text: str) -> str:
    """Return a text as a part of an account name of its own, which begins with a capital letter or a digit."""
    word = slug(text) or "Utan-namn"
    word = word[0].upper() + word[1:]
    return word if unicodedata.category(word[0]) in ("Lu", "Nd") and slug(word) == word else f"K-{word}"


def _may_stand(letter: str) -> bool:
    category = unicodedata.category(letter)
    return category.startswith("L") or category == "Nd" or letter == "-"


def _place(entry: data.Open) -> Place | None:
    name = parse_account(entry.account)
    if name is None or name.number == CLEARING_NUMBER:
        return None
    number, detail = entry.meta.get(SIE), entry.meta.get(SIE_DETAIL)
    own = "" if isinstance(number, str) else ":".join(name.detail)
    return Place(
        number if isinstance(number, str) else name.number, name.unit, detail if isinstance(detail, str) else own
    )


def _texts(entries: Iterable[data.Directive], kind: str, most: int) -> Iterator[tuple[data.Custom, list[str]]]:
    """Yield the directives of a kind that hold texts, at least two, with empty ones for what they leave out."""
    for entry in customs(entries, kind):
        given = custom_values(entry)
        if 2 <= len(given) <= most and all(isinstance(each, str) for each in given):
            yield entry, [*given, *[""] * (most - len(given))]


def _kept_balances(entries: Iterable[data.Directive]) -> Iterator[tuple[date, str, Objects, Decimal]]:
    for entry in customs(entries, BALANCE):
        match custom_values(entry):
            case [str(number), *objects, Amount() as amount] if len(objects) % 2 == 0 and amount.number is not None:
                pairs = zip(map(str, objects[::2]), map(str, objects[1::2]), strict=True)
                yield entry.date, number, tuple(pairs), amount.number


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
