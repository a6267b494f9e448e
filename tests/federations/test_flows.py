"""What every posting is an event of, by the program, comes to what the events came to when they were written."""

from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from forbundsbok.plugins.books import Books
from forbundsbok.plugins.flows import flows
from forbundsbok.plugins.loading import load_ledger
from tests.federations.bildat import bildat
from tests.federations.drawn import drawn
from tests.federations.events import Federation
from tests.federations.raddning import raddning
from tests.federations.sheet import NOTHING
from tests.federations.skola import skola
from tests.federations.vatten import vatten

CLASSES = ("immateriella", "materiella", "finansiella")
# A block of a note: the branches of the tree that it is of.
BLOCKS = {
    "immateriella": "immateriella",
    "mark-och-byggnader": "mark-och-byggnader",
    "maskiner": "maskiner",
    "pagaende": "pagaende",
}
# What the sheet calls a move, and what the program calls the event.
MOVES = {
    "nedskrivning": {"nedskrivning", "aterforing"},
    "inkop": {"forvarv"},
    "forsaljning": {"forsaljning", "utrangering"},
    "omklassificering": {"omklassificering"},
    "aterforing": {"aterforing"},
    "bidrag": {"bidrag-erhallet"},
    "overtagande": {"overtagande"},
}

Sums = dict[tuple[int, str, str], Decimal]


@pytest.mark.parametrize("made", [raddning, skola, bildat, vatten])
def test_flows_are_the_events(made: Callable[[], Federation], tmp_path: Path) -> None:
    _compare(made(), tmp_path)


@pytest.mark.parametrize("number", range(8))
def test_flows_of_drawn_books_are_the_events(number: int, tmp_path: Path) -> None:
    _compare(drawn(number), tmp_path)


def _compare(books: Federation, folder: Path) -> None:
    ledger = load_ledger(books.write(folder))
    read = Books(ledger.entries, ledger.options)
    told: dict[tuple[int, str, str], Decimal] = defaultdict(lambda: NOTHING)
    for flow in flows(read):
        slag = read.roles.slag(flow.account)
        if flow.entry.date <= books.opening:
            continue
        for branch in {*CLASSES, *BLOCKS.values()} if slag.within("anlaggning") else ():
            if slag.within(branch):
                told[flow.entry.date.year, f"{branch} {flow.word}", _block(slag.name)] += flow.amount
        told[flow.entry.date.year, flow.word, _side(slag)] += flow.amount
    wrong = {}
    for year in books.sheet.years:
        for name, (said, meant) in {**_moved(books, year, told), **_cash(books, year, told)}.items():
            if said != meant:
                wrong[year, name] = (said, meant)
    assert not wrong, wrong


def _block(name: str) -> str:
    return next((block for block in ("avskrivning", "nedskrivning") if name.endswith(block)), "anskaffning")


def _side(slag: object) -> str:
    within = slag.within  # type: ignore[attr-defined]
    if within("intakt", "kostnad"):
        return "result"
    return next(
        (side for side in ("anlaggning", "avsattning", "eget-kapital", "skuld", "omsattning") if within(side)), ""
    )


def _moved(books: Federation, year: int, told: Sums) -> dict[str, tuple[Decimal, Decimal]]:
    """Return what the notes of fixed assets move by, as the program and as the sheet have it."""
    pairs = {}
    for line in books.sheet.notes(year):
        note = line.table.removeprefix("not-")
        if note not in BLOCKS or line.row.endswith((" in", " ut")):
            continue
        block, what = line.row.split()
        words = MOVES.get(what) or {block}
        said = sum((told.get((year, f"{BLOCKS[note]} {word}", block), NOTHING) for word in words), NOTHING)
        pairs[f"{note} {line.row}"] = said, line.amount
    return pairs


def _cash(books: Federation, year: int, told: Sums) -> dict[str, tuple[Decimal, Decimal]]:
    """Return the rows of the cash flow that are events, as the program and as the sheet have them."""
    flow = books.sheet.cash_flow(year)

    def taken(words: set[str], *sides: str) -> Decimal:
        return sum(
            (amount for (of, word, side), amount in told.items() if of == year and word in words and side in sides),
            NOTHING,
        )

    everywhere = ("result", "anlaggning", "avsattning", "eget-kapital", "skuld", "omsattning")
    pairs = {
        "av-och-nedskrivningar": taken({"avskrivning", "nedskrivning", "aterforing"}, "result"),
        "nya-lan": -taken({"lan-nytt"}, "skuld"),
        "amortering": -taken({"amortering"}, "skuld"),
        "investeringsbidrag": -taken({"bidrag-erhallet"}, "skuld", "anlaggning")
        - taken({"bidrag-erhallet-materiella"}, "omsattning"),
        "kapitaltillskott": -taken({"kapitaltillskott"}, "eget-kapital"),
        "okning-langfristiga-fordringar": -taken({"utlaning"}, "anlaggning", "omsattning"),
        "minskning-langfristiga-fordringar": -taken({"aterbetalning"}, "anlaggning", "omsattning"),
        "utbetalning-av-avsattningar": -taken({"utbetalning"}, "avsattning"),
        "gjorda-avsattningar": -taken({"avsatt", "upprakning", "upplosning", "overtagande-mot-likvid"}, "avsattning"),
        "ovriga-ej-likviditetspaverkande": taken({"bidrag-upplost", "vardeandring"}, "result")
        - taken({"overtagande"}, *everywhere),
    }
    for kind in CLASSES:
        for row, event in (("forvarv", "forvarv"), ("forsaljning", "forsaljning")):
            own = sum(
                (
                    told.get((year, f"{kind} {event}", block), NOTHING)
                    for block in ("anskaffning", "avskrivning", "nedskrivning")
                ),
                NOTHING,
            )
            pairs[f"{row}-{kind}"] = -own - taken({f"{event}-{kind}"}, *everywhere)
    return {row: (said, flow[row]) for row, said in pairs.items()}
