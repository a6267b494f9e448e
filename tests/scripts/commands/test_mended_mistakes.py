"""No fix books money twice: mistakes of a clerk, each mended by `check --fix --yes`, or left as it stands.

A mistake that is MENDED leaves every account of every year with what it had before. Of one that is LEFT no fix follows
from the books, and none is written.
"""

import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from beancount.core import data
from click.testing import CliRunner, Result

from forbundsbok.plugins.clearing import without_clearing
from forbundsbok.plugins.findings import RuleError
from forbundsbok.plugins.loading import LoadedLedger, load_ledger
from forbundsbok.scripts.commands import check
from forbundsbok.scripts.forbundsbok import main
from tests.scripts.commands import mended_books
from tests.scripts.commands.mended_books import FILES, SIGNED, cost, depreciation, surplus, texts, write_books
from tests.unchanged import as_it_was, read_once

Change = Callable[[Path], None]
MENDED, LEFT = True, False
BRB, DSO, FK, NAV = (f"enheter/{unit}/2025" for unit in ("brb", "dso", "fk", "nav"))
TEXTS = texts()
BRB_IN = surplus("2025-01-01", "Överskott 2024 intas 2025", "B 1", "BRB", "796.00", taken_in=True)
DSO_IN = surplus("2025-01-01", "Överskott 2024 intas 2025", "B 2", "DSO", "196.00", taken_in=True)
SALE = TEXTS[NAV][TEXTS[NAV].index('2025-04-30 * "Tjänster') :].split("\n\n")[0] + "\n"
SALE_2024 = (
    TEXTS["enheter/nav/2024"][TEXTS["enheter/nav/2024"].index('2024-04-30 * "Tjänster') :].split("\n\n")[0] + "\n"
)
BUDGET_2024 = TEXTS["budget/2024"]
A_COMMENT = "; här kommer 2025\n"


def file(folder: Path, name: str) -> Path:
    return folder / f"{name}.bean"


def swap(name: str, old: str, new: str) -> Change:
    def change(folder: Path) -> None:
        text = file(folder, name).read_text(encoding="utf-8")
        assert old.rstrip() in text, f"{old} stands not in {name}"
        file(folder, name).write_text(text.replace(old.rstrip(), new.rstrip(), 1), encoding="utf-8")

    return change


def end(name: str, text: str) -> Change:
    def change(folder: Path) -> None:
        file(folder, name).write_text(file(folder, name).read_text(encoding="utf-8") + "\n" + text, encoding="utf-8")

    return change


def both(*changes: Change) -> Change:
    def change(folder: Path) -> None:
        for each in changes:
            each(folder)

    return change


def empty(name: str) -> Change:
    return lambda folder: void(file(folder, name).write_text(A_COMMENT, encoding="utf-8"))


def open_surplus_of(folder: Path, unit: str) -> None:
    names = (f"Income:{unit}:3198-Överskott:2024", f"Liabilities:{unit}:2998-Överskott:2024")
    end("konton", "".join(f"2025-01-01 open {name} SEK\n" for name in names))(folder)


def void(_: object) -> None:
    """Return nothing of what a function returns."""


MISTAKES = {
    # What stands in a sealed year
    "a sealed voucher pasted into an open file": (end(FK, cost("2024-03-01", "L 1", "FK", "104.00")), MENDED),
    "the same before all the other lines": (
        lambda folder: void(
            file(folder, FK).write_text(cost("2024-03-01", "L 1", "FK", "104.00") + TEXTS[FK], encoding="utf-8")
        ),
        MENDED,
    ),
    "a sealed voucher pasted into its own file": (
        end("enheter/fk/2024", cost("2024-03-01", "L 1", "FK", "104.00")),
        LEFT,
    ),
    "a sealed voucher pasted twice": (
        both(end(FK, cost("2024-03-01", "L 1", "FK", "104.00")), end(BRB, cost("2024-03-01", "L 1", "FK", "104.00"))),
        MENDED,
    ),
    "last year's budget copied into this year's file": (end("budget/2025", BUDGET_2024), MENDED),
    "last year's internal sale pasted": (end(NAV, SALE_2024), MENDED),
    "a sealed amount altered": (swap("enheter/fk/2024", "104.00 SEK", "140.00 SEK"), MENDED),
    "a sealed voucher deleted": (swap("enheter/fk/2024", cost("2024-03-01", "L 1", "FK", "104.00"), ""), MENDED),
    "a sealed depreciation deleted": (swap("enheter/nav/2024", depreciation("2024-06", 30, 6), ""), MENDED),
    "a sealed transfer deleted": (
        swap(
            "enheter/brb/2024",
            surplus("2024-12-31", "Överskott 2024 överförs till 2025", "B 1", "BRB", "796.00", taken_in=False),
            "",
        ),
        MENDED,
    ),
    "a sealed asset's cost altered": (swap("anlaggningar", "48000.00", "49000.00"), MENDED),
    # The year that begins
    "no surplus taken in": (both(swap(BRB, BRB_IN, ""), swap(DSO, DSO_IN, "")), MENDED),
    "the first surplus not taken in": (swap(BRB, BRB_IN, ""), MENDED),
    "the second surplus not taken in": (swap(DSO, DSO_IN, ""), MENDED),
    "a surplus on another unit's accounts": (swap(DSO, DSO_IN, DSO_IN.replace(":DSO:", ":BRB:")), LEFT),
    "a surplus on the accounts of a unit that keeps its own": (
        both(swap(DSO, DSO_IN, DSO_IN.replace(":DSO:", ":NAV:")), lambda folder: open_surplus_of(folder, "NAV")),
        LEFT,
    ),
    "a surplus half on another unit's accounts": (swap(DSO, "Income:DSO:3198", "Income:BRB:3198"), MENDED),
    "a surplus taken in twice": (end(BRB, BRB_IN.replace("B 1", "B 3")), LEFT),
    "a surplus pasted twice": (end(BRB, BRB_IN), MENDED),
    "a surplus with swapped digits": (swap(BRB, BRB_IN, BRB_IN.replace("796", "769")), MENDED),
    "a surplus taken in a day late": (swap(BRB, BRB_IN, BRB_IN.replace("2025-01-01", "2025-01-02")), MENDED),
    "a surplus taken in the year after": (swap(BRB, BRB_IN, BRB_IN.replace("2025-01-01", "2026-01-01")), LEFT),
    # Numbers and dates
    "a number twice": (swap(BRB, '"L 2"', '"L 1"'), LEFT),
    "a number misspelt": (swap(BRB, '"L 2"', '"L2"'), MENDED),
    "no number": (swap(BRB, '\n  ver: "L 2"', ""), MENDED),
    "a voucher pasted twice": (end(BRB, cost("2025-03-02", "L 2", "BRB", "205.00")), MENDED),
    "a voucher pasted into another unit's file": (end(DSO, cost("2025-03-02", "L 2", "BRB", "205.00")), MENDED),
    "a mistyped year": (swap(FK, "2025-03-01", "2026-03-01"), LEFT),
    "a mistyped year of the last": (swap(DSO, "2025-03-03", "2026-03-03"), LEFT),
    "a year far away": (swap(FK, "2025-03-01", "2052-03-01"), LEFT),
    "a day of the sealed year": (swap(FK, "2025-03-01", "2024-03-01"), LEFT),
    # Depreciation
    "a month without depreciation": (swap(NAV, depreciation("2025-03", 31, 3), ""), MENDED),
    "the first month without depreciation": (swap(NAV, depreciation("2025-01", 31, 1), ""), MENDED),
    "the last month but one": (swap(NAV, depreciation("2025-05", 31, 5), ""), LEFT),
    "depreciation dated the year after": (swap(NAV, "2025-02-28", "2026-02-28"), LEFT),
    "depreciation dated a month late": (swap(NAV, "2025-06-30", "2025-07-31"), LEFT),
    "depreciation with swapped digits": (
        swap(NAV, depreciation("2025-03", 31, 3), depreciation("2025-03", 31, 3).replace("1000.00", "1900.00")),
        MENDED,
    ),
    "depreciation twice": (end(NAV, depreciation("2025-06", 30, 7)), LEFT),
    "a year skipped by its bokslut": (end("bokslut", '2026-12-31 custom "bokslut" 2026\n'), LEFT),
    "a bokslut of another year than its date": (end("bokslut", '2025-12-31 custom "bokslut" 2026\n'), LEFT),
    "a second bokslut": (end("bokslut", '2024-12-31 custom "bokslut" 2024\n'), MENDED),
    # Internal sales
    "a sale to oneself": (swap(NAV, "Expenses:NAV:7610", "Expenses:FK:7610"), LEFT),
    "a sale without its buyer": (swap(NAV, "Expenses:NAV:7610-Interna-tjänster", "Expenses:NAV:6210-Telefon"), LEFT),
    # Rows
    "swapped digits on one row": (swap(FK, "105.00", "150.00"), LEFT),
    "another unit's account": (swap(BRB, "Expenses:BRB:6210", "Expenses:DSO:6210"), LEFT),
    "an account misspelt": (swap(BRB, "6210-Telefon", "6210-Telefn"), LEFT),
    "a correction of what is not there": (
        end(FK, cost("2025-06-01", "L 4", "FK", "1.00").replace(SIGNED, '  rattar: "L 9"\n')),
        LEFT,
    ),
    "a purchase that nobody has approved": (end(FK, cost("2025-06-01", "L 4", "FK", "1.00").replace(SIGNED, "")), LEFT),
    "a budget twice": (end("budget/2025", TEXTS["budget/2025"]), LEFT),
}


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of the books, without mistakes, of which what is not changed is read and booked once."""
    folder = tmp_path_factory.mktemp("books")
    ledger = write_books(folder)
    assert load_ledger(ledger).errors == []
    with read_once(ledger):
        yield folder


@pytest.fixture(autouse=True)
def no_statements(monkeypatch: pytest.MonkeyPatch) -> None:
    """What `check` proves besides, when the books have no errors, is not asked for here (test_check.py)."""
    monkeypatch.setattr(check, "statements", lambda *_: [])


@pytest.fixture(scope="module")
def right(sealed: Path) -> dict[tuple[str, int], Decimal]:
    """What stands on each account in each year of the books without mistakes."""
    return sums(loaded(sealed))


@pytest.fixture
def books(sealed: Path) -> Iterator[Path]:
    """The folder of the books, to make a mistake in: after each test they are as they were."""
    with as_it_was(sealed):
        yield sealed


def mend(folder: Path) -> list[Result]:
    """Write the fixes, until there are no more."""
    results: list[Result] = []
    while len(results) < 5:
        before = written(folder)
        command = ["check", "--fix", "--yes", "--ledger", str(folder / "main.bean")]
        results.append(CliRunner().invoke(main, command))
        if written(folder) == before:
            break
    return results


def written(folder: Path) -> dict[str, str]:
    return {name: file(folder, name).read_text(encoding="utf-8") for name in FILES}


def loaded(folder: Path) -> LoadedLedger:
    return load_ledger(folder / "main.bean")


def sums(books: LoadedLedger) -> dict[tuple[str, int], Decimal]:
    """Return what stands on each account in each year, without clearing."""
    found: dict[tuple[str, int], Decimal] = defaultdict(Decimal)
    for entry in books.entries:
        for row in without_clearing(entry).postings if isinstance(entry, data.Transaction) else ():
            found[row.account, entry.date.year] += (row.units and row.units.number) or 0
    return {key: number for key, number in found.items() if number}


def codes(books: LoadedLedger) -> Iterator[str]:
    for error in books.errors:
        yield error.finding.rule if isinstance(error, RuleError) else type(error).__name__


@pytest.mark.parametrize("name", MISTAKES)
def test_no_fix_books_money_twice(name: str, books: Path, right: dict[tuple[str, int], Decimal]) -> None:
    change, is_mended = MISTAKES[name]
    texts_before = written(books)
    change(books)
    assert written(books) != texts_before
    mistaken = {} if is_mended else sums(loaded(books))
    mend(books)
    after = loaded(books)
    if is_mended:
        assert sums(after) == right
        assert list(codes(after)) == []
    else:
        assert sums(after) == mistaken
        assert not {"LoadError", "ReadError"} & set(codes(after))


def test_each_file_is_mended_with_the_numbers_that_are_free_then(books: Path) -> None:
    empty(BRB)(books)
    empty(DSO)(books)
    answers = CliRunner().invoke(main, ["check", "--fix", "--ledger", str(books / "main.bean")], input="n\nj\n")
    assert written(books)[BRB] == A_COMMENT
    assert 'ver: "B 1"' in written(books)[DSO], answers.output
    [result, *_] = mend(books)
    assert 'ver: "B 2"' in written(books)[BRB], result.output
    assert "Serie B" not in result.output


def test_a_fix_stands_in_the_file_of_its_unit_and_year(books: Path) -> None:
    before = written(books)
    empty(BRB)(books)
    swap(NAV, depreciation("2025-01", 31, 1), "")(books)
    mend(books)
    changed = {name for name, text in written(books).items() if text != before[name]}
    assert changed == {BRB, NAV}
    assert written(books)[BRB].startswith(A_COMMENT)
    assert 'Överskott 2024 intas 2025"\n  ver: "B 1"' in written(books)[BRB]
    assert '"Avskrivning inventarier 2025-01"\n  ver: "A 1"' in written(books)[NAV]


def test_of_two_equal_budgets_the_true_one_stays(books: Path) -> None:
    before = written(books)
    # A fix of whichever is read first, or last, would be right by chance in one of the two.
    for text in (BUDGET_2024 + TEXTS["budget/2025"], TEXTS["budget/2025"] + "\n\n" + BUDGET_2024):
        file(books, "budget/2025").write_text(text, encoding="utf-8")
        mend(books)
        assert written(books)["budget/2024"] == before["budget/2024"]
        assert BUDGET_2024.strip() not in written(books)["budget/2025"]
        assert TEXTS["budget/2025"].strip() in written(books)["budget/2025"]


def test_what_is_sold_keeps_number_text_and_document(books: Path) -> None:
    rows = "  Expenses:NAV:6210-Telefon  70.00 SEK\n  Assets:FK:1610-Internbank  -70.00 SEK\n"
    swap(NAV, SALE, SALE + rows)(books)
    mend(books)
    assert list(codes(loaded(books))) == []
    vouchers = load_ledger(books / "main.bean").entries
    own = [each for each in vouchers if isinstance(each, data.Transaction) and str(each.date) == "2025-04-30"]
    sale, purchase = (next(each for each in own if each.meta["ver"] == ver) for ver in ("N 1", "N 2"))
    assert sale.narration == "Tjänster till Navet"
    assert "underlag" in sale.meta
    assert not {row.account for row in sale.postings} & {"Assets:FK:1610-Internbank"}
    assert (purchase.narration, "underlag" in purchase.meta) == ("Telefon", False)


def test_what_follows_from_a_sealed_voucher_is_told_once(books: Path) -> None:
    swap("enheter/fk/2024", cost("2024-03-01", "L 1", "FK", "104.00"), "")(books)
    assert list(codes(loaded(books))) == ["L808"]
    shutil.rmtree(books / "sigill")
    assert "V503" not in list(codes(loaded(books)))


def test_a_mistyped_year_is_told_with_the_number_that_is_missing(books: Path) -> None:
    swap(DSO, "2025-03-03", "2026-03-03")(books)
    [error] = load_ledger(books / "main.bean").errors
    assert "L 3 2026 står utan L 2 före sig, medan serien 2025 fortsätter med L 3" in error.message


@pytest.mark.parametrize(
    ("name", "old", "new", "advice"),
    [
        (
            "anlaggningar",
            "48000.00",
            "49000.00",
            "som utrangering, nedskrivning, nyttjandeperiod, daterat",
        ),
        ("attest", "900000.00", "100000.00", "det nya skrivs som attest-slut, attest, daterat"),
        ("budget/2024", "12000.00", "13000.00", "det nya skrivs som budget, daterat"),
        ("konton", "Borttaget SEK", "Borttaget EUR", "en annan benämning från 2025-01-01 skrivs som benamning"),
    ],
)
def test_what_is_said_of_a_changed_directive_can_be_followed(
    name: str, old: str, new: str, advice: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mended_books, "ACCOUNTS", [*mended_books.ACCOUNTS, "Expenses:FK:6990-Borttaget"])
    ledger = write_books(tmp_path)
    swap(name, old, new)(tmp_path)
    told = [error.message for error in load_ledger(ledger).errors]
    assert [message for message in told if message.startswith("L806") and advice in message], told
