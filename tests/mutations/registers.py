"""Mutants of the registers of loans, commitments and the balanced budget, of which the real ledger has none.

Beside it stand a loan that is taken, moved to short and paid off, a reserve, and what is leased, pledged and owed for.
Changed is one amount, day, name, account or word of a directive, or the amount of a voucher that it must agree with.
"""

from collections.abc import Iterator
from decimal import Decimal
from random import Random
from typing import Any

from beancount.core.amount import Amount
from beancount.core.data import Custom, Directive, Transaction
from beancount.parser import booking, parser

from tests.mutations import Mutant, place_of, plus, some_amount, swapped, unsealed, with_meta, with_row, without_meta

MODULES = ("loans", "commitments", "balanced_budget")
TIMES = 15
FILE = "register.bean"

BESIDE = """
2023-01-01 custom "kontoslag" "2070" "resultatutjamningsreserv"
2023-01-01 open Liabilities:FK:2350-Lån:Ett SEK
2023-01-01 open Liabilities:FK:2350-Lån:Två SEK
2023-01-01 open Liabilities:FK:2410-Kortfristig-del SEK
2023-01-01 open Equity:FK:2070-Reserv SEK

2023-03-01 custom "lan" "Banken 1" Liabilities:FK:2350-Lån:Ett 900000.00 SEK
  forfaller: 2032-03-01
  amortering: 90000.00 SEK
  ranta: 3.10
2023-05-01 custom "lan" "Banken 2" Liabilities:FK:2350-Lån:Två 400000.00 SEK
  forfaller: 2025-05-01

2023-03-01 * "Nytt lån"
  ver: "Z 1"
  Assets:FK:1610-Internbank     900000.00 SEK
  Liabilities:FK:2350-Lån:Ett  -900000.00 SEK
2023-05-01 * "Nytt lån"
  ver: "Z 2"
  Assets:FK:1610-Internbank     400000.00 SEK
  Liabilities:FK:2350-Lån:Två  -400000.00 SEK
2023-12-31 * "Nästa års amortering"
  ver: "Z 3"
  Liabilities:FK:2350-Lån:Ett           90000.00 SEK
  Liabilities:FK:2410-Kortfristig-del  -90000.00 SEK
2024-12-31 * "Nästa års amortering"
  ver: "Z 1"
  Liabilities:FK:2350-Lån:Ett           90000.00 SEK
  Liabilities:FK:2350-Lån:Två          400000.00 SEK
  Liabilities:FK:2410-Kortfristig-del -490000.00 SEK
2024-06-01 * "Amortering"
  ver: "Z 2"
  Liabilities:FK:2410-Kortfristig-del   90000.00 SEK
  Assets:FK:1610-Internbank            -90000.00 SEK
2024-12-31 * "Reservering"
  ver: "Z 3"
  Equity:FK:2010-Eget-kapital   50000.00 SEK
  Equity:FK:2070-Reserv        -50000.00 SEK

2022-12-31 custom "underskott" 2021 750000.00 SEK
2024-12-31 custom "balanskrav" "reservering" 50000.00 SEK
2024-12-31 custom "balanskrav" "synnerliga-skal" 20000.00 SEK
  beslut: "Direktionen 2025-03-12 § 14"
2024-01-15 custom "leasing" "Bil" 2024-02-01 2029-01-31 120000.00 SEK
2024-01-15 custom "pant" "Inteckning" 2000000.00 SEK
2024-12-31 custom "ansvar" "Pensioner" 3400000.00 SEK
  slag: "pensioner"
"""


def mutants(entries: list[Directive], random: Random) -> Iterator[Mutant]:
    """Yield the real books with the registers beside them, and one change in those."""
    parsed, errors, options = parser.parse_string(BESIDE)
    own, more = booking.book(parsed, options)  # type: ignore[no-untyped-call]
    assert not errors + more
    own = [each._replace(meta={**each.meta, "filename": FILE}) for each in own]
    books = sorted([*entries, *own], key=lambda each: each.date)
    directives = [each for each in own if isinstance(each, Custom) and each.type != "kontoslag"]
    vouchers = {each.meta["ver"] + str(each.date.year): each for each in own if isinstance(each, Transaction)}
    yield from _unreadable(books, directives, random)
    yield from _disagreeing(books, directives, vouchers, random)
    yield from _decided(books, directives, random)


def _unreadable(books: list[Directive], directives: list[Any], random: Random) -> Iterator[Mutant]:
    """Yield directives that cannot be what they say."""
    for entry in directives:
        place = place_of(entry)
        for index, given in enumerate(entry.values):
            for value in ("", True, None, Decimal("1.5"), Amount(Decimal(-1), "SEK"), Amount(Decimal(1), "EUR")):
                if isinstance(given.value, str) and isinstance(value, str) and value:
                    continue
                values = [
                    each if other != index else each._replace(value=value) for other, each in enumerate(entry.values)
                ]
                changed = entry._replace(values=values)
                yield Mutant(f"{place} says {value!r}", swapped(books, entry, changed), "N1[012][124]", place)
        yield Mutant(f"{place} says less", swapped(books, entry, entry._replace(values=entry.values[:-1])), "N1", place)
        yield Mutant(f"{place} twice", swapped(books, entry, entry, with_meta(entry, lineno=999)), "N1", f"{FILE}:999")
        for key in ("forfaller", "amortering", "ranta", "slag"):
            if key in entry.meta:
                yield Mutant(
                    f"{place} {key}", swapped(books, entry, with_meta(entry, **{key: "?"})), "N1[01][14]", place
                )
        for key in ("slag", "beslut"):
            if key in entry.meta:
                yield Mutant(f"{place} no {key}", swapped(books, entry, without_meta(entry, key)), "N1(14|25)", place)


def _decided(books: list[Directive], directives: list[Any], random: Random) -> Iterator[Mutant]:
    """Yield what is excepted of more than there is, deficits that are too old, and a reserve before they are restored.

    Of sealed years no rule warns.
    """
    deficit, reserved, reasons = (each for each in directives if each.type in ("underskott", "balanskrav"))
    opened = unsealed(books)
    # A year that is complete and not sealed yet has a result to reserve of.
    examined = [
        without_meta(each, *(key for key in each.meta if key.startswith("sigill")))
        if isinstance(each, Custom) and each.type == "bokslut"
        else each
        for each in books
        if not (isinstance(each, Custom) and each.type == "sigilljournal")
    ]
    for _ in range(TIMES):
        more = Amount(Decimal(random.randint(90_000_000, 900_000_000)), "SEK")

        def of(entry: Any, *values: Any) -> Any:
            new = [each._replace(value=value) for each, value in zip(entry.values[-len(values) :], values, strict=True)]
            return entry._replace(values=[*entry.values[: -len(values)], *new])

        place = place_of(reasons)
        yield Mutant(f"{place} of {more}", swapped(books, reasons, of(reasons, more)), "N126", place)
        year = Decimal(random.randint(2005, 2019))
        old = of(deficit, year, Amount(Decimal(random.randint(1, 900_000)), "SEK"))
        yield Mutant(f"a deficit of {year}", swapped(opened, deficit, old), "N127", place_of(deficit))
        large = swapped(swapped(examined, reasons), deficit, of(deficit, more))
        yield Mutant(f"a reserve beside a deficit of {more}", large, "N128", place_of(reserved))


def _disagreeing(
    books: list[Directive], directives: list[Any], vouchers: dict[str, Any], random: Random
) -> Iterator[Mutant]:
    """Yield registers and vouchers that say different things."""
    for _ in range(TIMES):
        for entry in directives:
            if entry.type == "lan" or (entry.type == "balanskrav" and "beslut" not in entry.meta):
                amount = entry.values[-1].value
                other = Amount(abs(amount.number + some_amount(random)) or Decimal(1), "SEK")
                values = [*entry.values[:-1], entry.values[-1]._replace(value=other)]
                what = f"{place_of(entry)} is of {other}"
                yield Mutant(what, swapped(books, entry, entry._replace(values=values)), "N1(03|24)", place_of(entry))
        for number, codes, about in (
            ("Z 12023", "N103", "Banken 1"),
            ("Z 22023", "N103", "Banken 2"),
            ("Z 12024", "N104", ""),
            ("Z 32024", "N124", ""),
        ):
            voucher = vouchers[number]
            more = some_amount(random)
            first, last = plus(voucher.postings[0], more), plus(voucher.postings[-1], -more)
            changed = voucher._replace(postings=[first, *voucher.postings[1:-1], last])
            yield Mutant(f"{number} by {more}", swapped(books, voucher, changed), codes, about)
    for number, codes in (("Z 32023", "N104"), ("Z 12024", "N104"), ("Z 12023", "N103"), ("Z 32024", "N124")):
        yield Mutant(f"{number} lacks", swapped(books, vouchers[number]), codes, "")
    loan = vouchers["Z 12023"]
    row = loan.postings[1]._replace(account="Liabilities:FK:2350-Lån:Två")
    yield Mutant("on another's account", swapped(books, loan, with_row(loan, 1, row)), "N103", "Banken")
