"""Member fees: the tariffs that are decided for a year, whom they are for, and what each payer owes by them.

    2025-01-01 custom "avgiftsbetalare" "Norrby" "Norrby kommun"
      kommunkod: "1490"
      orgnr: "212000-0142"
    2025-01-01 custom "invanare" 2024-11-01
      antal: "1490 9731, 1491 12336"
      underlag: "underlag/2025/invanare-2024-11-01.json"
      sha256: "0c1f..."
    2025-01-01 custom "taxa" "Grundavgift"
      enheter: "KA 10,8, UT 30,2"
      per-invanare: 41.00 SEK
      index: 2.5
    2025-01-01 custom "taxa-betalare" "Grundavgift" "Norrby"
      per-invanare: 11.00 SEK

A tariff is an amount for each inhabitant, a fixed part for each payer, a total that payers share by their inhabitants,
or all of these; `index` raises it by so many per cent. Its `enheter` are the units that it pays for, with their parts
of it where they are several. Its payers are all municipalities (who have a `kommunkod`), less those of `utom`, or those
of `betalare` alone. `andel: "Regionen 50"` lets others pay so many per cent of the whole. What is agreed with one payer
is a `taxa-betalare`: an amount (`belopp`) in place of all the rest, or another rate or fixed part.

A tariff is decided for the year of its date, as a budget is: it does not run on. Of what is pinned of inhabitants in a
year, the last holds. Amounts are kronor above zero; a fee is rounded once, to the öre, and its parts of units and
quarters come to it exactly.

A payer's fee is income on the unit's account of member contributions or charges whose last part is the payer's name
(`Income:RU:3111-Avgifter:Norrby`), or on the only one of the unit. An invoice bears `avgift: "2025-Q1"`.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal
from typing import Any, NamedTuple

from beancount.core import data
from beancount.core.amount import Amount

from forbundsbok.plugins.books import Books
from forbundsbok.plugins.check_digits import is_payable, printed
from forbundsbok.plugins.corrections import has_amount, number_of
from forbundsbok.plugins.decisions import DECISION
from forbundsbok.plugins.directives import (
    KINDS,
    Field,
    Kind,
    Read,
    day,
    positive_money,
    text,
    whole_number,
    word,
    wrong,
)
from forbundsbok.plugins.documents import KEY
from forbundsbok.plugins.findings import Finding, Message, Subject, as_written
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.money import ORE, ZERO, rounded
from forbundsbok.plugins.organisation import organisation_number
from forbundsbok.plugins.parties import folded
from forbundsbok.plugins.rulebook import Sees, rule, unreadable
from forbundsbok.plugins.spelling import nearest
from forbundsbok.plugins.units import units_in
from forbundsbok.plugins.years import first_day_of_year, last_day_of_year

FEE = "avgift"
"""The metadata of an invoice of member fees: the quarter, `2025-Q1`."""

QUARTERS = 4
_QUARTER = re.compile(r"(\d{4})-Q([1-4])", re.ASCII)
_FEE_ACCOUNTS = ("medlemsbidrag", "taxor")
_CARRIED = ("overfort-overskott", "overskott-taxor")
"""What is carried between years is no fee."""
HUNDRED = Decimal(100)


# What is declared


class Portion(NamedTuple):
    """A name with its number: a unit and its part, a payer and its per cent."""

    name: str
    number: Decimal


@dataclass(frozen=True)
class FeePayer:
    """Who pays member fees: the short name that accounts end with, the whole one, and how to send an invoice."""

    name: str
    full_name: str
    code: str
    number: str
    reference: str
    address: str
    peppol: str
    entry: data.Custom


@dataclass(frozen=True)
class Inhabitants:
    """How many inhabitants each municipality had on a day, by its code, with the document that says so."""

    day: date
    counts: Mapping[str, int]
    path: str
    sha256: str
    entry: data.Custom


@dataclass(frozen=True)
class Terms:
    """Amounts in kronor: for each inhabitant, fixed, shared by inhabitants, agreed; None where nothing is said."""

    rate: Decimal | None = None
    fixed: Decimal | None = None
    total: Decimal | None = None
    agreed: Decimal | None = None


@dataclass(frozen=True)
class Tariff:
    """A tariff of a year."""

    name: str
    units: tuple[Portion, ...]
    terms: Terms
    index: Decimal
    payers: tuple[str, ...]
    without: tuple[str, ...]
    shares: tuple[Portion, ...]
    entry: data.Custom


@dataclass(frozen=True)
class TariffOfPayer:
    """What is agreed with one payer, in place of what the tariff says."""

    tariff: str
    payer: str
    terms: Terms
    entry: data.Custom


@dataclass(frozen=True)
class Sender:
    """What the federation's own invoices say: where to pay, in how many days, and whom to ask."""

    bankgiro: str
    days: int
    address: str
    contact: str
    entry: data.Custom


def _listed(value: Any, currency: str | None) -> tuple[str, ...]:
    """Read names with commas between them. A comma within a number, `FK 10,8`, is part of it."""
    return tuple(each.strip() for each in re.split(r",(?!\d)|;", text(value, currency)) if each.strip())


def _shares(*, alone: bool = False, of_hundred: bool = False) -> Read:
    """Return the reader of names with a number each; `alone` lets one name stand without."""

    def read(value: Any, currency: str | None) -> tuple[Portion, ...]:
        shares = []
        names = _listed(value, currency)
        for each in names:
            name, _, number = each.rpartition(" ")
            if alone and len(names) == 1 and not name:
                return (Portion(each, Decimal(1)),)
            if (
                not name
                or not re.fullmatch(r"\d+([.,]\d+)?", number, re.ASCII)
                or not Decimal(number.replace(",", "."))
            ):
                raise wrong(N_('"{written}" is no name with a number above zero'), written=each)
            shares.append(Portion(name.strip(), Decimal(number.replace(",", "."))))
        if twice := _twice([share.name for share in shares]):
            raise wrong(N_("{name} stands twice"), name=twice)
        if of_hundred and sum(share.number for share in shares) >= HUNDRED:
            raise wrong(N_("what others pay is less than 100 per cent"))
        return tuple(shares)

    return read


def _counts(value: Any, currency: str | None) -> Mapping[str, int]:
    counts: dict[str, int] = {}
    for each in _listed(value, currency):
        match = re.fullmatch(r"(\d{4}) (\d{1,8})", each, re.ASCII)
        if match is None or not int(match[2]):
            raise wrong(N_('"{written}" is no code of a municipality with its inhabitants'), written=each)
        if match[1] in counts:
            raise wrong(N_("{name} stands twice"), name=match[1])
        counts[match[1]] = int(match[2])
    return counts


def _rate(value: Any, currency: str | None) -> Decimal:
    """Read kronor for each inhabitant, which may be finer than an öre."""
    if not isinstance(value, Amount) or not isinstance(value.number, Decimal) or value.number <= 0:
        raise wrong(N_("{value} is no amount above zero with a currency"), value=value)
    if currency is not None and value.currency != currency:
        raise wrong(N_("its amount is in {other}, the ledger in {currency}"), other=value.currency, currency=currency)
    return value.number


def _per_cent(value: Any, currency: str | None) -> Decimal:
    if not isinstance(value, Decimal) or not -HUNDRED < value < HUNDRED:
        raise wrong(N_("{value} is no number of per cent, as 2.5"), value=value)
    return value


def _bankgiro(value: Any, currency: str | None) -> str:
    written = text(value, currency)
    if not is_payable("bankgiro", written):
        raise wrong(N_("{number} is no bankgiro number: a digit must be mistyped"), number=written)
    return printed("bankgiro", re.sub(r"\D", "", written))


def _terms(given: Mapping[str, Any]) -> Terms:
    return Terms(given.get("per-invanare"), given.get("fast"), given.get("totalt"), given.get("belopp"))


def _twice(names: Sequence[str]) -> str:
    return next((name for at, name in enumerate(names) if name in names[:at]), "")


def _says_something(entry: data.Custom, given: Mapping[str, Any]) -> None:
    if all(each is None for each in vars(_terms(given)).values()):
        raise wrong(N_("it lacks an amount: {keys}"), keys=["per-invanare", "fast", "belopp"])


def _agrees_alone(entry: data.Custom, given: Mapping[str, Any]) -> None:
    _says_something(entry, given)
    if "belopp" in given and len(given.keys() & {"per-invanare", "fast"}):
        raise wrong(N_("belopp is the whole fee: per-invanare and fast stand without it"))


def _all_or_some(entry: data.Custom, given: Mapping[str, Any]) -> None:
    if "betalare" in given and "utom" in given:
        raise wrong(N_("betalare names all who pay: utom stands without it"))


PAYER = Kind(
    "avgiftsbetalare",
    values=(Field(N_("name"), text), Field(N_("whole name"), text)),
    meta=(
        Field("kommunkod", word(r"\d{4}", N_("four digits")), required=False),
        Field("orgnr", organisation_number, required=False),
        Field("referens", text, required=False),
        Field("adress", text, required=False),
        Field("peppol", word(r"\d{4}:\S+", N_("a scheme and an identifier, as 0007:2120000142")), required=False),
    ),
    make=lambda entry, given: FeePayer(
        given["name"],
        given["whole name"],
        given.get("kommunkod", ""),
        given.get("orgnr", ""),
        given.get("referens", ""),
        given.get("adress", ""),
        given.get("peppol", ""),
        entry,
    ),
    example='2025-01-01 custom "avgiftsbetalare" "Norrby" "Norrby kommun"\n  kommunkod: "1490"\n  orgnr: "212000-0142"',
)

INHABITANTS = Kind(
    "invanare",
    values=(Field(N_("day"), day),),
    meta=(
        Field("antal", _counts),
        Field(KEY, text),
        Field("sha256", word("[0-9a-f]{64}", N_("64 digits of a SHA-256"))),
    ),
    make=lambda entry, given: Inhabitants(given["day"], given["antal"], given[KEY], given["sha256"], entry),
    example=(
        '2025-01-01 custom "invanare" 2024-11-01\n  antal: "1490 9731, 1491 12336"\n'
        f'  underlag: "underlag/2025/invanare-2024-11-01.json"\n  sha256: "{"0" * 64}"'
    ),
    yearly=True,
)

TARIFF = Kind(
    "taxa",
    values=(Field(N_("name"), text),),
    meta=(
        Field("enheter", _shares(alone=True)),
        Field("per-invanare", _rate, required=False),
        Field("fast", positive_money, required=False),
        Field("totalt", positive_money, required=False),
        Field("index", _per_cent, required=False),
        Field("betalare", _listed, required=False),
        Field("utom", _listed, required=False),
        Field("andel", _shares(of_hundred=True), required=False),
        Field(DECISION, text, required=False),
    ),
    check=_all_or_some,
    make=lambda entry, given: Tariff(
        given["name"],
        given["enheter"],
        _terms(given),
        given.get("index", ZERO),
        given.get("betalare", ()),
        given.get("utom", ()),
        given.get("andel", ()),
        entry,
    ),
    example='2025-01-01 custom "taxa" "Grundavgift"\n  enheter: "KA 10,8, UT 30,2"\n  per-invanare: 41.00 SEK',
    yearly=True,
)

TARIFF_OF_PAYER = Kind(
    "taxa-betalare",
    values=(Field(N_("tariff"), text), Field(N_("payer"), text)),
    meta=(
        Field("per-invanare", _rate, required=False),
        Field("fast", positive_money, required=False),
        Field("belopp", positive_money, required=False),
        Field(DECISION, text, required=False),
    ),
    check=_agrees_alone,
    make=lambda entry, given: TariffOfPayer(given["tariff"], given["payer"], _terms(given), entry),
    example='2025-01-01 custom "taxa-betalare" "Grundavgift" "Norrby"\n  per-invanare: 11.00 SEK',
    about="taxa",
    yearly=True,
)

SENDER = Kind(
    "fakturering",
    values=(Field(N_("bankgiro"), _bankgiro),),
    meta=(
        Field("dagar", whole_number(1, 90), required=False),
        Field("adress", text, required=False),
        Field("kontakt", text, required=False),
    ),
    make=lambda entry, given: Sender(
        given["bankgiro"], given.get("dagar", 30), given.get("adress", ""), given.get("kontakt", ""), entry
    ),
    example='2025-01-01 custom "fakturering" "5050-1055"\n  dagar: 30\n  adress: "Torget 1, 123 45 Norrby"',
)


# What is owed


@dataclass(frozen=True)
class Fee:
    """What a payer owes by a tariff for a year, with what it is made of; `parts` are those of the units.

    Of a payer of a share, `whole` is what all the others pay, who pay `rest` per cent of it all.
    """

    tariff: Tariff
    payer: str
    amount: Decimal
    parts: Mapping[str, Decimal]
    terms: Terms = Terms()
    count: int = 0
    of: int = 0
    whole: Decimal = ZERO
    share: Decimal = ZERO
    rest: Decimal = ZERO


@dataclass(frozen=True)
class YearFees:
    """The fees of a year, by tariff and then by payer, and what stands in the way of others."""

    year: int
    inhabitants: Inhabitants | None
    fees: Sequence[Fee]
    problems: Sequence[tuple[data.Custom, Message]]


def until_quarter(fee: Fee, quarter: int) -> dict[str, Decimal]:
    """Return what of a fee is invoiced for each unit when a quarter is; when the last is, its parts exactly."""
    return divided(_invoiced(fee, quarter), fee.tariff.units)


def of_quarter(fee: Fee, quarter: int) -> Decimal:
    """Return what of a fee is invoiced in a quarter: all are alike, but the last has the öre that are left."""
    return _invoiced(fee, quarter) - _invoiced(fee, quarter - 1)


def _invoiced(fee: Fee, quarter: int) -> Decimal:
    if quarter == QUARTERS:
        return fee.amount
    return (fee.amount / QUARTERS).quantize(ORE, ROUND_DOWN) * quarter


def divided(amount: Decimal, units: Sequence[Portion]) -> dict[str, Decimal]:
    """Return the part of each unit of an amount; the parts come to it exactly."""
    weight = sum((unit.number for unit in units), ZERO)
    parts, so_far, before = {}, ZERO, ZERO
    for unit in units:
        so_far += unit.number
        now = rounded(amount * so_far / weight)
        parts[unit.name], before = now - before, now
    return parts


def fees_of(books: Books, year: int) -> YearFees | None:
    """Return the fees of a year, None where no tariff is declared for it."""
    return books.once(fees_by_year).get(year)


def fees_by_year(books: Books) -> dict[int, YearFees]:
    """Return the fees of each year that has a tariff."""
    years = sorted({tariff.entry.date.year for tariff in books.declared(TARIFF)})
    return {year: _Reckoning(books, year).fees() for year in years}


def payers_of(books: Books) -> dict[str, FeePayer]:
    """Return the payers by their short names, in the order of the ledger."""
    return {payer.name: payer for payer in books.declared(PAYER)}


class _Reckoning:
    """The fees of a year, and what cannot be reckoned."""

    def __init__(self, books: Books, year: int) -> None:
        self.books, self.year = books, year
        self.payers = payers_of(books)
        self.tariffs = [each for each in books.declared(TARIFF) if each.entry.date.year == year]
        own = [each for each in books.declared(TARIFF_OF_PAYER) if each.entry.date.year == year]
        self.own = {(each.tariff, each.payer): each for each in own}
        pinned = [each for each in books.declared(INHABITANTS) if each.entry.date.year == year]
        self.inhabitants = pinned[-1] if pinned else None
        self._lacks_inhabitants = False
        self.problems: list[tuple[data.Custom, Message]] = []

    def fees(self) -> YearFees:
        self._payers_once()
        names = [each.name for each in self.tariffs]
        seen: dict[str, Tariff] = {}
        fees: list[Fee] = []
        for tariff in self.tariffs:
            if tariff.name in seen:
                self._problem(tariff.entry, N_("There are two tariffs {name} for {year}."), name=tariff.name)
            elif self._names_known(tariff):
                fees += self._of(tariff)
            seen.setdefault(tariff.name, tariff)
        for (name, payer), each in self.own.items():
            if name not in names:
                self._unknown(each.entry, name, names, N_("There is no tariff {name} for {year}{near}."))
            elif payer not in self.payers:
                self._unknown(each.entry, payer, self.payers, _NO_PAYER)
            elif payer not in self._payers(seen[name]):
                text_of = N_("{payer} is none of the payers of {name}.")
                self._problem(each.entry, text_of, payer=payer, name=name)
        self._accounts(fees)
        return YearFees(self.year, self.inhabitants, fees, self.problems)

    def _payers_once(self) -> None:
        """Tell of payers who are declared twice, or have the inhabitants of another."""
        days: dict[tuple[str, date], FeePayer] = {}
        for payer in self.books.declared(PAYER):  # one of a later day takes over
            if days.setdefault((payer.name, payer.entry.date), payer) is not payer:
                self._problem(payer.entry, N_("There are two payers {name}."), name=payer.name)
        codes: dict[str, FeePayer] = {}
        for payer in self.payers.values():
            if payer.code and codes.setdefault(payer.code, payer) is not payer:
                text_of = N_("{payer} has kommunkod {code}, which is that of {other}.")
                other = codes[payer.code].name
                self._problem(payer.entry, text_of, payer=payer.name, code=payer.code, other=other)

    def _accounts(self, fees: Iterable[Fee]) -> None:
        """Tell of the fees that have no account."""
        named = {(unit, fee.payer): fee for fee in fees for unit, part in fee.parts.items() if part}
        for (unit, payer), fee in named.items():
            if fee_account(self.books, unit, payer, last_day_of_year(self.year)):
                continue
            text_of = N_(
                "{unit} has no account for what {payer} pays by {name}, or several: it is to be one of member "
                "contributions or charges whose last part is the payer's name, as Income:{unit}:3119-Avgifter:{part}"
            )
            part_name = payer.replace(" ", "-")
            self._problem(fee.tariff.entry, text_of, unit=unit, payer=payer, name=fee.tariff.name, part=part_name)

    def _problem(self, entry: data.Custom, message: str, **values: object) -> None:
        self.problems.append((entry, Message(message, {"year": self.year, **values})))

    def _unknown(self, entry: data.Custom, name: str, known: Iterable[str], message: str) -> None:
        like = nearest(name, list(known))
        near = Message(N_(" (is {near} meant?)"), {"near": like}) if like else ""
        self._problem(entry, message, name=name, near=near)

    def _names_known(self, tariff: Tariff) -> bool:
        before = len(self.problems)
        units = self.books.once(units_in)
        for unit in tariff.units:
            if unit.name not in units:
                self._unknown(tariff.entry, unit.name, units, N_("There is no unit {name}{near}."))
        for name in (*tariff.payers, *tariff.without, *(share.name for share in tariff.shares)):
            if name not in self.payers:
                self._unknown(tariff.entry, name, self.payers, _NO_PAYER)
        if not self._payers(tariff) and len(self.problems) == before:
            self._problem(
                tariff.entry,
                N_("Nobody pays {name}: no payer of it has a kommunkod, and nothing is agreed."),
                name=tariff.name,
            )
        return len(self.problems) == before

    def _payers(self, tariff: Tariff) -> list[str]:
        """Return who pays a tariff, without those who pay a share of the whole: named, or all."""
        shared = {share.name for share in tariff.shares}
        agreed = [payer for name, payer in self.own if name == tariff.name and payer in self.payers]
        if tariff.payers:
            named: Iterable[str] = tariff.payers
        elif tariff.terms == Terms():
            named = agreed
        else:
            members = (payer.name for payer in self.payers.values() if payer.code)
            extra = (payer for payer in agreed if self.own[tariff.name, payer].terms.agreed is not None)
            named = (*members, *extra)
        return [each for each in dict.fromkeys(named) if each not in (*tariff.without, *shared)]

    def _of(self, tariff: Tariff) -> Iterator[Fee]:
        payers = self._payers(tariff)
        terms = {payer: self._terms_of(tariff, payer) for payer in payers}
        by_count = [payer for payer in payers if terms[payer].rate or terms[payer].total]
        counts = {payer: count for payer in by_count if (count := self._count(tariff, payer))}
        if len(counts) < len(by_count):
            return
        sharing = sum(counts[payer] for payer in by_count if terms[payer].total)
        whole, so_far, raised = ZERO, 0, 1 + tariff.index / HUNDRED
        for payer in payers:
            own, count = terms[payer], counts.get(payer, 0)
            if own == Terms():
                text_of = N_(
                    "{name} has no amount for {payer}: write per-invanare, fast or totalt below it, or\n{example}"
                )
                example = (
                    f'{tariff.entry.date} custom "{TARIFF_OF_PAYER.type}" "{tariff.name}" "{payer}"\n  belopp: ...'
                )
                self._problem(tariff.entry, text_of, name=tariff.name, payer=payer, example=as_written(example))
                continue
            amount = rounded(((own.agreed or ZERO) + (own.rate or ZERO) * count + (own.fixed or ZERO)) * raised)
            if own.total:  # what is shared comes to the total exactly
                before, so_far = so_far, so_far + count
                amount += rounded(own.total * raised * so_far / sharing) - rounded(
                    own.total * raised * before / sharing
                )
            whole += amount
            yield Fee(tariff, payer, amount, divided(amount, tariff.units), own, count, sharing)
        rest = HUNDRED - sum((share.number for share in tariff.shares), ZERO)
        for share in tariff.shares:
            amount = rounded(whole * share.number / rest)
            parts = divided(amount, tariff.units)
            yield Fee(tariff, share.name, amount, parts, whole=whole, share=share.number, rest=rest)

    def _terms_of(self, tariff: Tariff, payer: str) -> Terms:
        own = self.own.get((tariff.name, payer))
        if own is None:
            return tariff.terms
        if own.terms.agreed is not None:
            return own.terms
        rate = tariff.terms.rate if own.terms.rate is None else own.terms.rate
        fixed = tariff.terms.fixed if own.terms.fixed is None else own.terms.fixed
        return Terms(rate, fixed, tariff.terms.total)

    def _count(self, tariff: Tariff, payer: str) -> int:
        """Return the inhabitants of a payer; none where that is a problem."""
        code = self.payers[payer].code
        if not code:
            text_of = N_("{payer} has no kommunkod, by which {name} finds its inhabitants.")
            self._problem(self.payers[payer].entry, text_of, payer=payer, name=tariff.name)
            return 0
        if self.inhabitants is None:
            if not self._lacks_inhabitants:
                self._lacks_inhabitants = True
                text_of = N_("{name} is by inhabitants, and there are none for {year}: {command}")
                command = as_written(f"forbundsbok fees {self.year} --inhabitants ...")
                self._problem(tariff.entry, text_of, name=tariff.name, command=command)
            return 0
        count = self.inhabitants.counts.get(code, 0)
        if not count and not any(entry is self.inhabitants.entry for entry, _ in self.problems):
            text_of = N_("{payer}, with kommunkod {code}, is not among the inhabitants of {day}.")
            self._problem(self.inhabitants.entry, text_of, payer=payer, code=code, day=self.inhabitants.day)
        return count


_NO_PAYER = N_("There is no payer {name}{near}: they are declared by avgiftsbetalare.")


# Where it is booked


def fee_account(books: Books, unit: str, payer: str, on: date) -> str | None:
    """Return the account of a unit that has a payer's fee, None where there is none or it cannot be told."""
    own = [
        account
        for account in books.open_accounts(unit, on, *_FEE_ACCOUNTS)
        if not books.roles.has(account, *_CARRIED) and books.is_open(account, on)
    ]
    name = _as_part(payer)
    named = [account for account in own if _as_part(account.split(":")[-1]) == name]
    found = named or (own if len(own) == 1 and own[0].count(":") == 2 else [])
    return found[0] if len(found) == 1 else None


def _as_part(name: str) -> str:
    return folded(name.replace("-", " "))


FeesOfUnits = Sequence[tuple[Fee, str]]
"""Fees, each with a unit that has a part of it."""


def due_on_accounts(books: Books, fees: YearFees) -> dict[str, dict[str, FeesOfUnits]]:
    """Return the accounts of each payer, each with the fees of a year that belong on it."""
    due: dict[str, dict[str, list[tuple[Fee, str]]]] = defaultdict(lambda: defaultdict(list))
    on = last_day_of_year(fees.year)
    for fee in fees.fees:
        for unit, part in fee.parts.items():
            if part and (account := fee_account(books, unit, fee.payer, on)):
                due[fee.payer][account].append((fee, unit))
    return {payer: {**accounts} for payer, accounts in due.items()}


def until_on_account(fees: FeesOfUnits, quarter: int) -> Decimal:
    """Return what of the fees of an account is invoiced when a quarter is."""
    return sum((until_quarter(fee, quarter)[unit] for fee, unit in fees), ZERO)


def invoiced_on(books: Books, account: str, year: int) -> Decimal:
    """Return what is invoiced on an account in a year, less what is credited: above zero as a rule."""
    rows = (row for entry, row in books.postings.get(account, ()) if entry.date.year == year)
    return -sum((number_of(row) for row in rows if has_amount(row, books.currency)), ZERO)


def quarter_in(entry: data.Transaction) -> tuple[int, int] | None:
    """Return the year and the quarter whose fees a voucher invoices."""
    match = _QUARTER.fullmatch(str(entry.meta.get(FEE) or ""))
    return (int(match[1]), int(match[2])) if match else None


# The rules


unreadable(
    "B921",
    TARIFF,
    title=N_("A tariff has a name, the units that it pays for, and amounts in kronor."),
    why=N_("Member fees are reckoned by it; one that cannot be read is not invoiced."),
)
unreadable(
    "B922",
    TARIFF_OF_PAYER,
    title=N_("What is agreed with a payer names the tariff and the payer, with an amount in kronor."),
    why=N_("Without it the payer is invoiced what all others are."),
)
unreadable(
    "B923",
    PAYER,
    title=N_("Who pays fees has a short name, a whole one, and numbers that can be right."),
    why=N_("Who cannot be read is not invoiced, and a wrong number sends the invoice to another."),
)
unreadable(
    "B924",
    INHABITANTS,
    title=N_("Inhabitants are of a day, by municipality, with the document that says so and its SHA-256."),
    why=N_("Fees are reckoned by them, and whoever pays may ask where they are from."),
)
unreadable(
    "B925",
    SENDER,
    title=N_("The federation's own invoices say a bankgiro number that can be right."),
    why=N_("What is paid to another number does not come in."),
)


@rule(
    "B926",
    title=N_("A tariff can be reckoned: what it names is there, and each fee has an account."),
    why=N_("A fee that cannot be reckoned is not invoiced."),
    mend=N_("Write what is meant, declare the payer, open the account, or pin the inhabitants."),
    after=["B921", "B922", "B923", "B924"],
    warns=True,
)
def reckoned_fees(books: Books) -> Iterator[Finding]:
    told = set()
    for fees in books.once(fees_by_year).values():
        for entry, message in fees.problems:
            # A payer that is declared twice is so for every year.
            if (id(entry), str(message)) not in told:
                told.add((id(entry), str(message)))
                yield Finding(entry, _subject(entry), message.text, message.values)


def _subject(entry: data.Custom) -> Subject:
    return KINDS[entry.type].subject(entry)._replace(year=entry.date.year)


@rule(
    "B927",
    title=N_("What is invoiced of member fees agrees with the tariff."),
    why=N_("The members have decided what each pays: too much is to be repaid, and too little to be claimed."),
    mend=N_("Invoice the rest, credit what is too much, or put right the tariff that was declared otherwise."),
    after=["B921", "B922", "B923", "B924", "B926"],
    sees=Sees(roles=_FEE_ACCOUNTS, keys=(FEE,)),
    warns=True,
)
def invoiced_as_decided(books: Books) -> Iterator[Finding]:
    for year, fees in books.once(fees_by_year).items():
        if books.is_sealed(first_day_of_year(year)) or fees.problems:
            continue
        marked = (quarter_in(entry) for entry in books.vouchers if FEE in entry.meta)
        latest = max((quarter for of_year, quarter in filter(None, marked) if of_year == year), default=0)
        latest = QUARTERS if year in books.written_boksluts else latest
        accounts: dict[str, list[tuple[Fee, str]]] = defaultdict(list)
        for own in due_on_accounts(books, fees).values():
            for account, parts in own.items():
                accounts[account] += parts
        for account, parts in accounts.items():
            invoiced = invoiced_on(books, account, year)
            steps = [until_on_account(parts, quarter) for quarter in range(QUARTERS + 1)]
            if invoiced in steps[latest:] or (not latest and invoiced <= steps[-1]):
                continue
            last = [entry for entry, _ in books.postings.get(account, ()) if entry.date.year == year][-1:]
            message = (
                N_(
                    "On {account} {invoiced} kr are invoiced of the fees of {year}, and by the tariff it is {due} kr "
                    "for the whole year."
                )
                if latest in (0, QUARTERS)
                else N_(
                    "On {account} {invoiced} kr are invoiced of the fees of {year}, and by the tariff it is {due} kr "
                    "until quarter {quarter}."
                )
            )
            values = {
                "account": account,
                "invoiced": invoiced,
                "year": year,
                "due": steps[latest or QUARTERS],
                "quarter": latest,
            }
            at = last[0] if last else parts[0][0].tariff.entry
            yield Finding(at, Subject("fee", account, year), message, values)
