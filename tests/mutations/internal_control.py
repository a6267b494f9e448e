"""Mutants of a plan of internal control and of what came of it, of which the real ledger has none.

Beside it stands a plan for 2024 with outcomes of both halves of the year, drawn from its own vouchers. Changed is one
word of a directive, who controlled or when, which vouchers, or a voucher after it was controlled.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from beancount.core.data import Custom, Directive, Transaction
from beancount.parser import parser

from forbundsbok.plugins.books import Books
from forbundsbok.plugins.clearing import complete_with_clearing
from forbundsbok.plugins.internal_control import CONTROL, OUTCOME, Interval, candidates, plan_of, sum_of
from forbundsbok.plugins.ledger_text import custom_of
from forbundsbok.queries.internal_control import drawn
from tests.mutations import Mutant, place_of, swapped, unsealed, with_meta, without_meta

FILE = "internkontroll.bean"
TIMES = 12
WORDS = ("", True, None, Decimal("1.5"))
PLAN = """
2024-01-01 custom "internkontroll" "2a" "Bokförda poster"
  omrade: "Redovisning"
  ansvarig: "Controller"
  ganger: 2
  urval: "alla"
2024-01-01 custom "internkontroll" "2b" "Leverantörsfakturor"
  omrade: "Redovisning"
  ansvarig: "Controller"
  ganger: 2
  urval: "kredit leverantorsskulder"
2024-01-01 custom "internkontroll" "10" "Representation"
  omrade: "Representation"
  ansvarig: "Controller"
  ganger: 1
  urval: "debet representation"
  regler: "A606"
"""


def mutants(entries: list[Directive], random: Random) -> Iterator[Mutant]:
    """Yield the real books with the plan beside them, and one change in that or in what was controlled."""
    plan = [each._replace(meta={**each.meta, "filename": FILE}) for each in parser.parse_string(PLAN)[0]]
    folder = str(next(each.meta["filename"] for each in entries if isinstance(each, Transaction)))
    options = {"operating_currency": ["SEK"], "filename": folder}
    opened = unsealed(entries)
    books = Books(complete_with_clearing(sorted([*opened, *plan], key=_order), options).entries, options)
    outcomes = [
        _outcome(books, control, interval, number)
        for control in plan_of(books)
        for number, (_, interval) in enumerate(control.intervals(2024))
    ]
    outcomes = [each._replace(meta={**each.meta, "lineno": 100 + at}) for at, each in enumerate(outcomes)]
    whole = sorted([*opened, *plan, *outcomes], key=_order)
    yield from _unreadable(whole, [*plan, *outcomes])
    yield from _misnamed(whole, outcomes, random)
    yield from _changed_afterwards(whole, outcomes, random)


def _order(entry: Directive) -> date:
    return entry.date


def _outcome(books: Books, control: Any, interval: Interval, number: int) -> Custom:
    sample = [each.entry for each in drawn(control, interval, candidates(books, control, interval))]
    meta = {
        "filename": FILE,
        "av": "CTR",
        "verifikationer": ", ".join(each.meta["ver"] for each in sample),
        "kontrollsummor": " ".join(sum_of(each, books) for each in sample),
    }
    day = interval.last_day + timedelta(days=20 + number)
    return custom_of(OUTCOME.type, day, [control.name, str(interval), "utan-anmarkning"], meta)


def _values(entry: Custom, index: int, value: object) -> Custom:
    values = [each._replace(value=value) if at == index else each for at, each in enumerate(entry.values)]
    return entry._replace(values=values)


def _unreadable(books: list[Directive], directives: list[Any]) -> Iterator[Mutant]:
    """Yield directives that cannot be what they say."""
    for entry in directives:
        place, code = place_of(entry), "H101" if entry.type == CONTROL.type else "H102"
        for index in range(len(entry.values)):
            for value in WORDS:
                yield Mutant(
                    f"{place} says {value!r}", swapped(books, entry, _values(entry, index, value)), code, place
                )
        for key in [each for each in entry.meta if each not in ("filename", "lineno")]:
            for value in WORDS:
                # A key that is there and says nothing is as if it were not, unless it must be.
                if value is not None:
                    changed = with_meta(entry, **{key: value})
                    yield Mutant(f"{place} {key} {value!r}", swapped(books, entry, changed), code, place)
        for key in ("omrade", "ansvarig", "av"):
            if key in entry.meta:
                yield Mutant(f"{place} no {key}", swapped(books, entry, without_meta(entry, key)), code, place)
        twice = with_meta(entry, lineno=999)
        yield Mutant(f"{place} twice", swapped(books, entry, entry, twice), "H109", f"{FILE}:999")


def _misnamed(books: list[Directive], outcomes: list[Custom], random: Random) -> Iterator[Mutant]:
    """Yield outcomes of no item, of another period, too early, of other vouchers, or by who approved them."""
    vouchers = {(each.date.year, each.meta.get("ver")): each for each in books if isinstance(each, Transaction)}
    for entry in outcomes:
        place = place_of(entry)

        def mutant(what: str, changed: Custom, code: str, place: str = place, entry: Custom = entry) -> Mutant:
            return Mutant(f"{place} {what}", swapped(books, entry, changed), code, place)

        numbers = entry.meta["verifikationer"].split(", ")
        for _ in range(TIMES):
            code = random.choice(("1", "2c", "11", "2", "19"))
            yield mutant(f"of {code}", _values(entry, 0, code), "H104")
            period = random.choice(("2024-01--03", "2024-02", "2024-12", "2023", "2022"))
            yield mutant(f"for {period}", _values(entry, 1, period), "H104")
            early = entry.date - timedelta(days=random.randint(60, 300))
            yield mutant(f"of {early}", entry._replace(date=early), "H105")
            at = random.randrange(len(numbers))
            other = [*numbers[:at], f"X {random.randint(1, 99)}", *numbers[at + 1 :]]
            yield mutant(f"names {other}", with_meta(entry, verifikationer=", ".join(other)), "H106")
            # A voucher of the other half of the year, where the item has two.
            half = [each for each in vouchers.values() if each.date.year == 2024 and _half(each) != _half_of(entry)]
            if entry.values[1].value != "2024":
                wrong = random.choice([str(each.meta["ver"]) for each in half])
                named = with_meta(entry, verifikationer=", ".join([wrong, *numbers[1:]]))
                yield mutant(f"names {wrong}", named, "H106")
            voucher = vouchers[2024, random.choice(numbers)]
            if approver := voucher.meta.get("attest"):
                yield mutant(f"by {approver}", with_meta(entry, av=approver), "H108")


def _half(entry: Transaction) -> int:
    return (entry.date.month - 1) // 6


def _half_of(entry: Custom) -> int:
    return 0 if entry.values[1].value.startswith("2024-01") else 1


def _changed_afterwards(books: list[Directive], outcomes: list[Custom], random: Random) -> Iterator[Mutant]:
    """Yield vouchers that are changed after they were controlled, samples that are too small, and no outcome."""
    vouchers = {(each.date.year, each.meta.get("ver")): each for each in books if isinstance(each, Transaction)}
    for entry in outcomes:
        place = place_of(entry)
        numbers, sums = entry.meta["verifikationer"].split(", "), entry.meta["kontrollsummor"].split()
        for _ in range(TIMES):
            voucher = vouchers[2024, random.choice(numbers)]
            text = f"{voucher.narration} {random.randint(1, 99)}"
            changed = voucher._replace(narration=text)
            yield Mutant(f"{place_of(voucher)} {text}", swapped(books, voucher, changed), "H110", place)
            later = with_meta(voucher, underlag=f"underlag/2024/{random.randint(1, 99)}.pdf")
            yield Mutant(f"{place_of(voucher)} document", swapped(books, voucher, later), "H110", place)
            at = random.randrange(len(numbers))
            left = with_meta(
                entry,
                verifikationer=", ".join(numbers[:at] + numbers[at + 1 :]),
                kontrollsummor=" ".join(sums[:at] + sums[at + 1 :]),
            )
            if len(numbers) > 1:
                yield Mutant(f"{place} less {numbers[at]}", swapped(books, entry, left), "H111", place)
        named = f"{entry.values[0].value}, "
        # What ends with the year is due when it has a bokslut, or the next one has begun.
        if entry.values[1].value == "2024-01--06":
            yield Mutant(f"{place} is gone", swapped(books, entry), "H112", named)
