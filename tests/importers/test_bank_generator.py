"""Documents at random, valid by their standards: none is refused, no sum is wrong, nothing comes in twice or is lost.

    python -m tests.importers.test_bank_generator 20000

tries as many of each kind by hand.
"""

import sys
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from pathlib import Path
from random import Random
from typing import Any

import pytest
from beancount import loader
from beancount.core import data
from beancount.parser import parser
from click.testing import CliRunner

from forbundsbok.importers.bgmax import BgMax
from forbundsbok.importers.camt import Camt
from forbundsbok.importers.camt_details import Notifications, Reports
from forbundsbok.importers.document import Document
from forbundsbok.importers.door import Door
from forbundsbok.importers.intake import arrivals
from forbundsbok.importers.mapping import Table
from forbundsbok.importers.payments import change_of
from forbundsbok.importers.reread import document_changes
from forbundsbok.plugins.clearing import without_clearing
from forbundsbok.plugins.loading import load_ledger
from forbundsbok.scripts.forbundsbok import main
from tests.importers.bank_files import BANK, BANKGIRO, IBAN, LEDGER, MAPPING, OBSERVATION, TRANSIT
from tests.importers.bank_generator import (
    NOT_OURS,
    OTHER_BANKGIRO,
    OTHER_TRANSIT,
    Bill,
    expected_giro,
    expected_rows,
    giro_document,
    make_bills,
    make_deposits,
    make_moves,
    make_reports,
    make_statements,
    notification_documents,
    several,
    statement_documents,
)
from tests.shares import seeds

HEAD = f"{LEDGER}\n2024-12-31 open {OTHER_TRANSIT} SEK\n"
OURS = {"account": TRANSIT, "observation": OBSERVATION, "foreign": "by-hand"}
BANKS = {IBAN: {"account": BANK, "observation": OBSERVATION}}
BANKGIROS: dict[str, Any] = {
    BANKGIRO: OURS,
    OTHER_BANKGIRO: {**OURS, "account": OTHER_TRANSIT},
    NOT_OURS: {"ours": False},
}
ELSEWHERE = Path("nowhere/main.bean")


def door_of(kind: type[Door]) -> Door:
    giros = Table("import.toml", "bgmax", BANKGIROS)
    if kind is BgMax:
        return BgMax(giros)
    banks = Table("import.toml", "bank", BANKS)
    if kind is Camt:
        return Camt(banks, giros)
    return Reports(banks, giros) if kind is Reports else Notifications(banks, giros)


@cache
def _head() -> tuple[data.Directive, ...]:
    entries, _, _ = loader.load_string(HEAD.lstrip(), dedent=False)
    return tuple(without_clearing(each) if isinstance(each, data.Transaction) else each for each in entries)


def ledger_of(bills: Iterable[Bill]) -> data.Directives:
    """Return books with invoices, without asking the rules: those are tried through the whole door."""
    text = "".join(bill.text() for bill in bills)
    entries, errors, _ = parser.parse_string(text)
    assert errors == []
    return sorted([*_head(), *entries], key=data.entry_sortkey)


@lru_cache(64)
def document_of(content: bytes) -> Document:
    """Return a document, which is read once however often it is taken in."""
    return Document(Path("document"), content)


def taken_in(books: data.Directives, runs: Iterable[list[bytes]], kind: type[Door]) -> data.Directives:
    """Return the books after some runs; what a run replaces is gone."""
    door = door_of(kind)
    for contents in runs:
        documents = [document_of(content) for content in contents]
        came = arrivals([(each, door) for each in door.in_turn(documents)], books, ELSEWHERE)
        gone = {id(entry) for arrival in came for entry in arrival.proposal.replaced}
        added = [
            entry._replace(meta={"filename": "b", "lineno": 1} | entry.meta)
            for arrival in came
            for entry in arrival.proposal.entries
        ]
        books = sorted([*(each for each in books if id(each) not in gone), *added], key=data.entry_sortkey)
    return books


def booked(books: data.Directives) -> list[tuple[str, tuple[tuple[str, int], ...]]]:
    made = []
    for entry in books:
        if isinstance(entry, data.Transaction) and "bankref" in entry.meta:
            sums: dict[str, int] = defaultdict(int)
            for row in entry.postings:
                assert row.units
                assert row.units.number is not None
                sums[row.account] += int(row.units.number.scaleb(2))
            assert sum(sums.values()) == 0
            made.append((str(entry.date), tuple(sorted((account, ore) for account, ore in sums.items() if ore))))
    return sorted(made)


def refuse_wrong_balances(books: data.Directives) -> None:
    """Hold the balances that are asserted against the vouchers, as Beancount would."""
    held = 0
    for entry in books:  # balances stand before the vouchers of their day
        if isinstance(entry, data.Transaction):
            held += int(change_of(entry, BANK).scaleb(2))
        elif isinstance(entry, data.Balance) and entry.account == BANK:
            assert entry.amount.number is not None
            assert held == int(entry.amount.number.scaleb(2)), entry


def try_statements(seed: int) -> None:
    random = Random(seed)
    bills = make_bills(random)
    books = ledger_of(bills)
    days = random.choice([1, 2, 5])
    moves = make_moves(random, bills, days)
    statements = make_statements(random, moves, days)
    documents = statement_documents(random, statements)
    after = taken_in(books, several(random, documents), Camt)
    assert booked(after) == expected_rows(moves), seed
    refuse_wrong_balances(after)
    names = [each.meta["bankref"] for each in after if isinstance(each, data.Transaction) and "bankref" in each.meta]
    assert len(set(names)) == len(names), seed
    # Sent twice, as it was and as other bytes, nothing is added; in one run the books are the same.
    again = [*documents, *(each.replace(b"<MsgId>M", b"<MsgId>N") for each in documents)]
    assert taken_in(after, [[each] for each in again], Camt) == after, seed
    together = list(documents)
    random.shuffle(together)
    assert booked(taken_in(books, [together], Camt)) == booked(after), seed


def try_notifications(seed: int) -> None:
    random = Random(seed)
    bills = make_bills(random)
    books = ledger_of(bills)
    days = random.choice([1, 2, 5])
    moves = make_moves(random, bills, days)
    for move in moves:
        move.is_notified = bool(move.parts) and random.random() < 0.6
    stated = [statement_documents(random, make_statements(random, moves, days))]
    notified = list(several(random, notification_documents(random, moves)))
    before = taken_in(taken_in(books, notified, Notifications), stated, Camt)
    after = taken_in(taken_in(books, stated, Camt), notified, Notifications)
    assert booked(before) == booked(after) == expected_rows(moves), seed
    for each in (before, after):
        refuse_wrong_balances(each)
        again = [[content.replace(b"<MsgId>M", b"<MsgId>N")] for run in notified for content in run]
        assert taken_in(each, again, Notifications) == each, seed
        resent = [[content.replace(b"<MsgId>M", b"<MsgId>N")] for run in stated for content in run]
        assert taken_in(each, resent, Camt) == each, seed


def try_reports(seed: int) -> None:
    random = Random(seed)
    bills = make_bills(random)
    books = ledger_of(bills)
    days = random.choice([1, 2, 5])
    moves = make_moves(random, bills, days)
    documents = statement_documents(random, make_statements(random, moves, days))
    plain = taken_in(books, [documents], Camt)
    reports = make_reports(random, moves)
    # Before, between and after the statements they add nothing, and refuse nothing.
    for existing in (books, plain):
        for each in reports:
            door = door_of(Reports if each.kind == "052" else Camt)
            document = document_of(each.content)
            assert door.knows(document), seed
            [came] = arrivals([(document, door)], existing, ELSEWHERE)
            assert (came.proposal.entries, came.proposal.replaced) == ([], []), seed
            said = [str(note) for note in came.proposal.notes]
            assert any(_tells(each.told, each.ore, note) for note in said), (seed, said)
            waits = [note for note in said if "ännu inte bokförd" in note]
            assert [int(note.split(": ")[1].split(" ")[0]) for note in waits] == [each.pending][: each.pending], seed
    by_noon = [each.content for each in reports if each.kind == "053"]
    assert booked(taken_in(books, [[*by_noon, *documents]], Camt)) == booked(plain) == expected_rows(moves), seed


def _tells(count: int, ore: int, note: str) -> bool:
    """Tell whether a note has how many entries there are, and their sum as it is written in Swedish."""
    kronor, rest = divmod(abs(ore), 100)
    amount = f"{'-' if ore < 0 else ''}{kronor:,},{rest:02} kr".replace(",", " ", f"{kronor:,}".count(","))
    told = {f"{count} post", f"{count} poster", f"{count} st"}
    plain = note.replace("\xa0", " ").replace("\u2212", "-")
    return amount in plain and any(each in plain for each in told)


def try_deposits(seed: int) -> None:
    random = Random(seed)
    bills = make_bills(random)
    books = ledger_of(bills)
    deposits = make_deposits(random, bills)
    at = random.randrange(len(deposits) + 1)
    documents = [giro_document(random, each) for each in (deposits[:at], deposits[at:]) if each]
    after = taken_in(books, [documents] if random.random() < 0.5 else [[each] for each in documents], BgMax)
    assert booked(after) == expected_giro(deposits), seed
    again = [*documents, *(each.replace(b"20250314173035", b"20250315173035") for each in documents)]
    assert taken_in(after, [[each] for each in again], BgMax) == after, seed
    assert booked(taken_in(books, [documents[::-1]], BgMax)) == booked(after), seed


TRIES: dict[str, Callable[[int], None]] = {
    "statements": try_statements,
    "notifications": try_notifications,
    "reports": try_reports,
    "deposits": try_deposits,
}


RARE = {
    "statements": [403, 414, 458, 526, 636],
    "notifications": [313, 330, 610, 619, 734],
    "reports": [414, 458, 526],
}
"""Pages in any order and without balances, names that are taken, references with check digits.

By 403 and 734 a statement goes on, the same day, from one with a number: no branch tells them from others, but a
breakage does.
"""


@pytest.mark.slow
@pytest.mark.parametrize("kind", TRIES)
def test_documents_at_random(kind: str) -> None:
    for seed in seeds(1000, RARE.get(kind, ())):
        TRIES[kind](seed)


@pytest.mark.parametrize("seed", [1042054, 1059392, 1059614])
def test_documents_that_were_refused_once(seed: int) -> None:
    """Pages without balances or number beside another statement of their day, found among 100 000 documents."""
    try_notifications(seed)


@pytest.mark.parametrize("seed", [1037869, 1052938, 1055515])
def test_statements_that_were_refused_once(seed: int) -> None:
    """Pages that go on from one of a run before, given with the next statement of their day."""
    try_statements(seed)


@pytest.mark.slow
def test_documents_at_random_through_the_whole_door(tmp_path: Path) -> None:
    for seed in range(8):
        random = Random(seed)
        folder = tmp_path / str(seed)
        folder.mkdir()
        ledger = folder / "main.bean"
        ledger.write_text(HEAD.lstrip(), encoding="utf-8")
        (folder / "import.toml").write_text(MAPPING, encoding="utf-8")
        days = random.choice([1, 2, 5])
        moves = make_moves(random, [], days)
        documents = statement_documents(random, make_statements(random, moves, days))
        for number, content in enumerate(documents):
            path = folder / f"{number}.xml"
            path.write_bytes(content)
            result = CliRunner().invoke(main, ["import", str(path), "--ledger", str(ledger)])
            assert result.exit_code == 0, result.output
        loaded = load_ledger(ledger)
        assert not loaded.errors
        entries = [without_clearing(each) if isinstance(each, data.Transaction) else each for each in loaded.entries]
        assert booked(entries) == expected_rows(moves)
        assert list(document_changes(folder, loaded.entries)) == []


if __name__ == "__main__":
    for name, attempt in TRIES.items():
        for seed in range(int(sys.argv[1])):
            attempt(seed)
        print(f"{sys.argv[1]} {name}: all right")
