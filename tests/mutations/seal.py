"""Mutants of the sealed books: whatever is changed in them after they were sealed.

The books are sealed here, as `forbundsbok seal` does, so that the mutants do not hang on how they are sealed in
the ledger. Changes that survive, for they change no meaning, and are therefore not made: the order of directives
and of a voucher's postings, and a line break, zeros or commas written in another way.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from beancount.core import data
from beancount.core.amount import Amount
from beancount.core.data import Directive

from forbundsbok.plugins.canonical import SIGILL
from forbundsbok.plugins.checksums import name_of
from forbundsbok.plugins.journal import TYPE
from forbundsbok.plugins.sigill import seal_of
from forbundsbok.plugins.years import read_boksluts
from tests.mutations import Mutant, place_of, swapped, with_meta, with_number

TIMES = 14
"""How often each kind of change is made."""

SAMPLE = 500
"""How many of the vouchers are taken: a seal is as tight over some as over all, and each mutant is digested anew."""


def mutants(entries: list[Directive], random: Random) -> Iterator[Mutant]:
    """Yield the sealed books with one change each."""
    taken = {
        id(each) for each in random.sample([each for each in entries if isinstance(each, data.Transaction)], SAMPLE)
    }
    sealed = seal_all([each for each in entries if not isinstance(each, data.Transaction) or id(each) in taken])
    first, *_, last = read_boksluts(sealed)
    vouchers = [each for each in sealed if isinstance(each, data.Transaction) and first <= each.date.year <= last]
    for _ in range(TIMES):
        for change in (*OF_A_VOUCHER, *OF_POSTINGS):
            voucher = random.choice([each for each in vouchers if each.postings])
            changed = change(voucher, random)
            yield _with(
                sealed, voucher, [changed], _what(change, voucher), "L806", f"{_called(voucher)} av {changed.date}"
            )
        yield from _of_whole_vouchers(sealed, vouchers, random)
        yield from _of_other_directives(sealed, random)
        yield from _of_seals(sealed, random)


def seal_all(entries: list[Directive]) -> list[Directive]:
    """Return the books with every year sealed that has a bokslut, and without the journal of how it was before."""
    entries = [each for each in entries if not (isinstance(each, data.Custom) and each.type == TYPE)]
    for year in read_boksluts(entries):
        bokslut = read_boksluts(entries)[year]
        seal = seal_of(entries, OPTIONS, year).metadata()
        bare = {key: value for key, value in bokslut.meta.items() if not key.startswith(SIGILL)}
        entries = swapped(entries, bokslut, bokslut._replace(meta={**bare, **seal}))
    return entries


# One voucher: its head, and its postings


def _flag(voucher: data.Transaction, random: Random) -> data.Transaction:
    return voucher._replace(flag="!" if voucher.flag == "*" else "*")


def _payee(voucher: data.Transaction, random: Random) -> data.Transaction:
    return voucher._replace(payee=f"{voucher.payee or ''}a")


def _narration(voucher: data.Transaction, random: Random) -> data.Transaction:
    text = voucher.narration or ""
    place = random.randint(0, len(text))
    return voucher._replace(narration=f"{text[:place]} {text[place:]}")


def _tag(voucher: data.Transaction, random: Random) -> data.Transaction:
    return voucher._replace(tags=frozenset({"granskad"}))


def _link(voucher: data.Transaction, random: Random) -> data.Transaction:
    return voucher._replace(links=frozenset(list(voucher.links)[1:]) or frozenset({"L-2024-9999"}))


def _day_of_month(voucher: data.Transaction, random: Random) -> data.Transaction:
    day = voucher.date.replace(day=random.choice([day for day in range(1, 29) if day != voucher.date.day]))
    return voucher._replace(date=day)


def _month(voucher: data.Transaction, random: Random) -> data.Transaction:
    month = random.choice([month for month in range(1, 13) if month != voucher.date.month])
    return voucher._replace(date=date(voucher.date.year, month, min(voucher.date.day, 28)))


def _more_metadata(voucher: data.Transaction, random: Random) -> Any:
    return with_meta(voucher, anteckning="se bilaga")


def _other_metadata(voucher: data.Transaction, random: Random) -> Any:
    """Change or remove a value; that of `ver` is another kind of change."""
    keys = [key for key in voucher.meta if key not in ("filename", "lineno", "ver") and not key.startswith("__")]
    if not keys:
        return _more_metadata(voucher, random)
    key = random.choice(keys)
    meta = {each: value for each, value in voucher.meta.items() if each != key}
    return voucher._replace(meta=meta if random.random() < 0.5 else {**meta, key: f"{voucher.meta[key]}1"})


OF_A_VOUCHER = (_flag, _payee, _narration, _tag, _link, _day_of_month, _month, _more_metadata, _other_metadata)


def _postings(change: Callable[[Any, Random], list[Any]]) -> Any:
    """Return the change of a voucher that changes one of its postings."""

    def of_voucher(voucher: data.Transaction, random: Random) -> data.Transaction:
        place = random.randrange(len(voucher.postings))
        rows = list(voucher.postings)
        rows[place : place + 1] = change(rows[place], random)
        return voucher._replace(postings=rows)

    of_voucher.__name__ = change.__name__
    return of_voucher


def _ore(row: Any, random: Random) -> list[Any]:
    return [with_number(row, row.units.number + random.choice([-1, 1]) * Decimal("0.01"))]


def _kronor(row: Any, random: Random) -> list[Any]:
    return [with_number(row, row.units.number * random.randint(2, 1000))]


def _sign(row: Any, random: Random) -> list[Any]:
    return [with_number(row, -row.units.number)]


def _account(row: Any, random: Random) -> list[Any]:
    root, unit, rest = row.account.split(":", 2)
    number, name = rest[:4], rest[4:]
    return [row._replace(account=f"{root}:{unit}:{(int(number) + random.randint(1, 9)) % 10000:04}{name}")]


def _unit(row: Any, random: Random) -> list[Any]:
    root, unit, rest = row.account.split(":", 2)
    return [row._replace(account=f"{root}:{'NAV' if unit != 'NAV' else 'BRB'}:{rest}")]


def _currency(row: Any, random: Random) -> list[Any]:
    return [row._replace(units=Amount(row.units.number, "EUR"))]


def _row_metadata(row: Any, random: Random) -> list[Any]:
    return [with_meta(row, projekt="E20")]


def _row_flag(row: Any, random: Random) -> list[Any]:
    return [row._replace(flag="!")]


def _row_removed(row: Any, random: Random) -> list[Any]:
    return []


def _row_doubled(row: Any, random: Random) -> list[Any]:
    return [row, row]


OF_POSTINGS = [
    _postings(change)
    for change in (
        _ore,
        _kronor,
        _sign,
        _account,
        _unit,
        _currency,
        _row_metadata,
        _row_flag,
        _row_removed,
        _row_doubled,
    )
]


# Whole vouchers


def _of_whole_vouchers(sealed: list[Directive], vouchers: list[Any], random: Random) -> Iterator[Mutant]:
    voucher, other = random.sample([each for each in vouchers if each.postings], 2)
    after = max(read_boksluts(sealed)) + 1
    yield _with(
        sealed, voucher, [], f"{_called(voucher)} removed", "L808", f"{_called(voucher)} av {voucher.date:%Y-%m}"
    )
    later = voucher._replace(date=date(after, 1, random.randint(1, 31)))
    what = f"{_called(voucher)} moved out of the sealed years"
    yield _with(sealed, voucher, [later], what, "L808", f"{_called(voucher)} av {voucher.date:%Y-%m}")
    yield _with(sealed, voucher, [voucher, voucher], f"{_called(voucher)} doubled", "L807", _called(voucher))
    added = with_meta(voucher, ver=f"Z {random.randint(1, 500)}")
    yield _with(
        sealed, voucher, [voucher, added], f"{_called(added)} added", "L807", f"{_called(added)} av {added.date}"
    )
    what = f"{_called(voucher)} renumbered to {_called(added)}"
    yield _with(sealed, voucher, [added], what, "L806", f"står där {_called(voucher)} stod")
    both = swapped(sealed, voucher, with_meta(voucher, ver=other.meta["ver"]))
    both = swapped(both, other, with_meta(other, ver=voucher.meta["ver"]))
    yield Mutant(
        f"numbers av {_called(voucher)} and {_called(other)} swapped", both, "L80[678]", _either(voucher, other)
    )
    moved = swapped(sealed, voucher, voucher._replace(postings=voucher.postings[1:]))
    moved = swapped(moved, other, other._replace(postings=[*other.postings, voucher.postings[0]]))
    yield Mutant(f"row moved from {_called(voucher)} to {_called(other)}", moved, "L806", _either(voucher, other))
    if voucher.date.year != other.date.year:
        elsewhere = voucher._replace(date=other.date)
        what = f"{_called(voucher)} moved to another sealed year"
        yield _with(sealed, voucher, [elsewhere], what, "L80[678]", _called(voucher))


def _either(voucher: data.Transaction, other: data.Transaction) -> str:
    """Return what a message of two changed vouchers names: the month of both, or each by its number."""
    same_month = f"{voucher.date:%Y-%m}" == f"{other.date:%Y-%m}"
    return f"{voucher.date:%Y-%m}" if same_month else _called(voucher)


# Other directives, and the seals themselves


def _of_other_directives(sealed: list[Directive], random: Random) -> Iterator[Mutant]:
    last = max(read_boksluts(sealed))
    others = [each for each in sealed if not isinstance(each, data.Transaction) and each.date.year <= last]
    others = [each for each in others if not (isinstance(each, data.Custom) and each.type == "bokslut")]
    kind = random.choice(sorted({type(each).__name__ for each in others}))
    entry: Any = random.choice([each for each in others if type(each).__name__ == kind])
    name = name_of(entry)
    labelled = with_meta(entry, benamning="Något annat")
    yield _with(sealed, entry, [labelled], f"{name} has another label", "L806", name)
    yield _with(sealed, entry, [entry, entry], f"{name} doubled", "L807", name)
    what = f"{name} av {entry.date} removed"
    # The name of what is gone is known only where something else in the books still bears it.
    left = {account for each in sealed if each is not entry for account in _accounts(each)}
    known = kind != "Custom" and entry.account in left
    yield _with(sealed, entry, [], what, "L80[68]", name if known else _sealed_month(sealed, entry))
    later = entry._replace(date=entry.date + timedelta(days=1))
    yield _with(sealed, entry, [later], f"{name} av {entry.date} a day later", "L80[678]", "")
    if kind == "Balance":
        more = Amount(entry.amount.number + Decimal("0.01"), entry.amount.currency)
        yield _with(sealed, entry, [entry._replace(amount=more)], f"{name} an öre more", "L806", name)
    elif kind == "Custom":
        changed = [value._replace(value=_other(value.value)) for value in entry.values[-1:]]
        mutant = entry._replace(values=[*entry.values[:-1], *changed])
        yield _with(
            sealed, entry, [mutant], f"{name} has another value", "L806", _place_or_month(sealed, entry, mutant)
        )


def _accounts(entry: Any) -> list[str]:
    if isinstance(entry, data.Transaction):
        return [posting.account for posting in entry.postings]
    return [entry.account] if hasattr(entry, "account") else []


def _other(value: Any) -> Any:
    if isinstance(value, Amount):
        return Amount((value.number or Decimal(0)) + Decimal("0.01"), value.currency)
    return value + 1 if isinstance(value, Decimal) else f"{value}A"


def _sealed_month(sealed: list[Directive], entry: Directive) -> str:
    years = read_boksluts(sealed)
    return f"{entry.date:%Y-%m}" if entry.date.year in years else f"före {min(years)}"


def _place_or_month(sealed: list[Directive], entry: Directive, mutant: Directive) -> str:
    return name_of(entry) if name_of(entry) == name_of(mutant) else _sealed_month(sealed, entry)


OPTIONS = {
    "operating_currency": ["SEK"],
    "tolerance_multiplier": Decimal(0),
    "plugin": [("forbundsbok.federation", None)],
}
"""How the real books are read."""


def _of_seals(sealed: list[Directive], random: Random) -> Iterator[Mutant]:
    year, bokslut = random.choice(list(read_boksluts(sealed).items()))
    key = random.choice([key for key in bokslut.meta if key.startswith(SIGILL)])
    text = bokslut.meta[key]
    place = random.choice([place for place, letter in enumerate(text) if letter in "0123456789abcdef"])
    digit = random.choice([letter for letter in "0123456789abcdef" if letter != text[place]])
    edited = {**bokslut.meta, key: text[:place] + digit + text[place + 1 :]}
    what = f"a digit av {key} av {year} changed"
    yield _with(sealed, bokslut, [bokslut._replace(meta=edited)], what, "L80[49]", place_of(bokslut))
    without = {each: value for each, value in bokslut.meta.items() if each != key}
    what = f"{key} av {year} removed"
    yield _with(sealed, bokslut, [bokslut._replace(meta=without)], what, "L804", place_of(bokslut))
    more = with_meta(bokslut, beslut="§ 12")
    what = f"metadata added to the bokslut av {year}"
    yield _with(sealed, bokslut, [more], what, "L806", place_of(bokslut))
    for entry in list(read_boksluts(sealed).values())[:-1]:
        bare = entry._replace(meta={each: text for each, text in entry.meta.items() if not each.startswith(SIGILL)})
        what = f"seal av {entry.date.year} removed"
        yield _with(sealed, entry, [bare], what, "L805", str(entry.date.year))


# Ledgers with a change


def _with(sealed: list[Directive], old: Any, new: list[Any], what: str, codes: str, about: str) -> Mutant:
    return Mutant(what, swapped(sealed, old, *new), codes, about)


def _called(voucher: data.Transaction) -> str:
    return f"Verifikation {voucher.meta['ver']}"


def _what(change: Any, voucher: data.Transaction) -> str:
    return f"{_called(voucher)} {voucher.date}: {change.__name__.strip('_').replace('_', ' ')}"
