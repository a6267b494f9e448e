"""Whether a SIE file is sound: every voucher balances, its checksum holds, and its vouchers explain its balances.

`sie check` tells what is found here, and what comes into books is held to it: there is one verdict of a file.

    #IB 0 1930 500.00
    #UB 0 1930 1750.50
    #RES 0 3010 -1250.50
    #VER A 1 20240315 "Avgift mars"
    {
    #TRANS 1930 {} 1250.50
    #TRANS 3010 {} -1250.50
    }

1930 had 500.00, the vouchers add 1250.50, and it has 1750.50; 3010 begins each year at nothing. What a year opens with
sums to zero, or lacks the results of the years before (#RES -1, -2), which some systems never move to equity.

Sources: SIE filformat, utgåva 4B, 2008-09-30.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal, localcontext
from itertools import accumulate
from pathlib import Path

from forbundsbok.importers.document import Document
from forbundsbok.importers.problems import Problem, Problems, by_line, refused
from forbundsbok.importers.sie.codec.reader import SieReader
from forbundsbok.importers.sie.codec.records import (
    OBJECT_BALANCES,
    UNBOUNDED,
    Account,
    Balance,
    Heading,
    Objects,
    Row,
    SieFile,
    Voucher,
)
from forbundsbok.importers.sie.codec.text import named, shown
from forbundsbok.plugins.collector import collector_at_rest
from forbundsbok.plugins.findings import Message, phrase
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.money import ZERO

MOST = Decimal(10) ** 15
"""The greatest amount in kronor that the statements can sum."""
NO_VOUCHERS = N_("it holds no vouchers: nothing to take in")
EARLIEST = 1900
"""The first year that can be one of the books."""
LONGEST = timedelta(days=18 * 31)
"""A fiscal year has at most 18 months (bokföringslagen 3 kap. 3 §)."""


@dataclass(frozen=True)
class Report:
    """What there is in a file, and what is wrong with it.

    `transactions` counts #TRANS. `unbalanced` has the ids of vouchers, "A 17". `ksumma` is ok, bad or absent.
    `rollforward` says whether IB + vouchers = UB and vouchers = RES, account by account; None where the file has
    not both, or where some of it could not be read.
    """

    heading: Heading
    encoding: str
    accounts: int
    vouchers: int
    transactions: int
    unbalanced: list[str]
    ksumma: str
    rollforward: bool | None
    warnings: list[Problem]
    errors: list[Problem]


def check_sie(path: Path) -> Report:
    """Check a file, voucher by voucher: its size does not matter. Raises OSError."""
    return _judged(SieReader(path), lambda _: None)


def read_sie(source: Path | Document) -> SieFile:
    """Read a whole file. Raises OSError, and DocumentError with everything that is wrong in it.

    What is no fault of the file, but keeps it out of books, are its `obstacles`.
    """
    reader, vouchers = SieReader(source), list[Voucher]()
    with collector_at_rest():
        report = _judged(reader, vouchers.append)
    file = reader.file
    obstacles = set(map(id, file.obstacles))
    if errors := [each for each in report.errors if id(each) not in obstacles]:
        raise refused(str(source), errors)
    file.vouchers, file.warnings = vouchers, report.warnings
    return file


def _judged(reader: SieReader, keep: Callable[[Voucher], None]) -> Report:
    """Return what is found of a file whose vouchers are kept, or not, as they come."""
    file = reader.file
    sums, obstacles = _VoucherSums(file.balances), _Obstacles()
    errors, warnings = Problems(kept=1000), Problems(kept=5)
    with localcontext(UNBOUNDED):
        for voucher in reader.vouchers():
            sums.add(voucher.rows)
            obstacles.add(voucher)
            keep(voucher)
        holds = _roll_forward(reader, sums, errors, warnings)
        # Of a file that is not all there, its opening balances would be told to be wrong without a cause of their own.
        if not reader.errors:
            _check_opening(file, errors, warnings)
    if file.heading.type in ("4E", "4I") and not reader.errors:
        file.obstacles = obstacles.of(file, reader.journal.voucher_count)
    return Report(
        file.heading,
        file.encoding,
        len(file.accounts),
        reader.journal.voucher_count,
        reader.journal.row_count,
        reader.journal.unbalanced,
        reader.checksum.state,
        holds,
        by_line([*reader.warnings, *warnings.all()]),
        by_line([*reader.errors, *errors.all(), *file.obstacles]),
    )


class _VoucherSums:
    """What the vouchers add to each account, and to the objects of which the file states balances before them."""

    def __init__(self, balances: list[Balance]) -> None:
        self.of_account: defaultdict[str, Decimal] = defaultdict(Decimal)
        self.of_objects: dict[tuple[str, Objects], Decimal] = {}
        self._balances = balances
        self._wanted: dict[str, list[Objects]] | None = None

    def add(self, rows: tuple[Row, ...]) -> None:
        of_account = self.of_account
        for _, account, objects, amount, _, _, _, _ in rows:
            of_account[account] += amount
            if objects:
                self._add_objects(account, objects, amount)

    def _add_objects(self, account: str, objects: Objects, amount: Decimal) -> None:
        if self._wanted is None:
            self._wanted = {}
            for balance in self._balances:
                if balance.kind in OBJECT_BALANCES and balance.year == 0:
                    self.of_objects[balance.account, balance.objects] = ZERO
            for of, wanted in self.of_objects:
                self._wanted.setdefault(of, []).append(wanted)
        for wanted in self._wanted.get(account, ()):
            if all(pair in objects for pair in wanted):
                self.of_objects[account, wanted] += amount


# What keeps a sound file out of books


class _Obstacles:
    """What no books can hold: objects that say two things of a row, amounts and years that are too great."""

    def __init__(self) -> None:
        self._found = Problems(kept=1000)
        self._known: set[Objects] = {()}

    def add(self, voucher: Voucher) -> None:
        for row in voucher.rows:
            if row[2] not in self._known:
                self._add_objects(row)
            if not -MOST <= row[3] <= MOST:
                self._add_great(row.line, row.amount)

    def of(self, file: SieFile, vouchers: int) -> list[Problem]:
        """Return all that were found, with those of what stands before the vouchers."""
        for balance in file.balances:
            if not -MOST <= balance.amount <= MOST:
                self._add_great(balance.line, balance.amount)
        if not _CURRENCY.fullmatch(file.heading.currency):
            text = N_("#VALUTA is {currency}: write a currency of three capital letters, SEK")
            self._found.add(phrase("headings"), 0, phrase(text, currency=shown(file.heading.currency)))
        if file.heading.type == "4E":
            if wrong := year_wrong(file.heading):
                self._found.add(phrase("years"), 0, wrong)
            if not vouchers and _changes(file):
                text = N_("its balances change, but it holds no vouchers: export it again, with them")
                self._found.add(phrase("balances"), 0, phrase(text))
            for balance in file.balances:
                if balance.year == 0 and balance.amount and _is_misplaced(balance, file.ends):
                    text = N_("Account {account} has #{kind} {amount}, which accounts of its class have not.")
                    message = phrase(text, account=named(balance.account), kind=balance.kind, amount=balance.amount)
                    self._found.add(phrase("balances of the wrong kind"), balance.line, message)
        elif not vouchers:
            self._found.add(phrase("vouchers"), 0, phrase(NO_VOUCHERS))
        return self._found.all()

    def _add_objects(self, row: Row) -> None:
        objects = row.objects
        if len(dict(objects)) == len(objects) and all(_is_number(dimension) for dimension, _ in objects):
            if len(self._known) < _KNOWN_OBJECTS:
                self._known.add(objects)
            return
        text = N_("the row has several objects of one dimension, or one of a dimension without number: {objects}")
        message = phrase(text, objects=[f'{named(dimension)} "{named(number)}"' for dimension, number in objects])
        self._found.add(phrase("rows with objects that say two things"), row.line, message)

    def _add_great(self, line: int, amount: Decimal) -> None:
        message = phrase("{amount} is more than the ledger can sum", amount=f"{amount:.0E}")
        self._found.add(phrase("amounts that are too great"), line, message)


def year_wrong(heading: Heading) -> Message | None:
    """Return why the year of a file is none of the books; None where it may be one."""
    if 0 not in heading.years:
        return phrase("it does not say which year it is of: export it again, with #RAR 0")
    first, last = heading.years[0]
    if first.year >= EARLIEST and first <= last <= first + LONGEST:
        return None
    text = N_("its year, {first} to {last} (#RAR 0), can be no fiscal year: at most 18 months")
    return phrase(text, first=first, last=last)


_KNOWN_OBJECTS = 100_000
_CURRENCY = re.compile("[A-Z]{3}")


def _is_misplaced(balance: Balance, ends: Mapping[str, str]) -> bool:
    """Tell whether a balance carries on what begins anew each year, or is the result of what carries on."""
    carries_on = balance.account[:1] in ("1", "2")
    if balance.kind == "IB":
        return not carries_on
    return balance.kind == ends.get(balance.account) and carries_on != (balance.kind == "UB")


def _changes(file: SieFile) -> bool:
    """Tell whether balances say that something happened in the year."""
    opening = {each.account: each.amount for each in _balances(file, "IB", 0) if each.amount}
    closing = {each.account: each.amount for each in _balances(file, "UB", 0) if each.amount}
    return opening != closing or any(each.amount for each in _balances(file, "RES", 0))


def _is_number(dimension: str) -> bool:
    return dimension.isascii() and dimension.isdigit()


# What the year opens with


def _check_opening(file: SieFile, errors: Problems, warnings: Problems) -> None:
    """Tell of opening balances that do not sum to zero; what lacks for that in equity is `unmoved`."""
    opening = sum((each.amount for each in _balances(file, "IB", 0)), ZERO)
    if not opening or file.heading.type != "4E":
        return
    results = [sum((each.amount for each in _balances(file, "RES", -ago)), ZERO) for ago in range(1, _MOST_YEARS)]
    if -opening in accumulate(results):
        file.unmoved = -opening
        text = N_(
            "The opening balances (#IB) sum to {amount}: that is the result of the years before (#RES -1), which has "
            "not been moved to equity. An import moves it there."
        )
        warnings.add(phrase("balances"), 0, phrase(text, amount=opening))
        return
    text = N_(
        "the opening balances (#IB) sum to {amount}, not to zero: correct them in the other system, and export again"
    )
    errors.add(phrase("balances"), 0, phrase(text, amount=opening))


_MOST_YEARS = 20


def _balances(file: SieFile, kind: str, year: int) -> Iterable[Balance]:
    return (each for each in file.balances if each.kind == kind and each.year == year)


# IB + vouchers = UB, and vouchers = RES


def _roll_forward(reader: SieReader, sums: _VoucherSums, errors: Problems, warnings: Problems) -> bool | None:
    file = reader.file
    if file.heading.type != "4E" or not reader.journal.voucher_count or reader.faults.unread:
        return None
    stated: defaultdict[str, dict[str, Balance]] = defaultdict(dict)
    for balance in file.balances:
        if balance.year == 0:
            stated[balance.kind][balance.account] = balance
    for kind in ("UB", "RES"):
        if not stated[kind]:
            text = N_("There is no #{kind} of the year, so that the vouchers cannot be held against it.")
            warnings.add(phrase("balances"), 0, phrase(text, kind=kind))
    _check_objects(file.balances, sums, warnings)
    compared = False
    holds = True
    for account in sorted({*stated["IB"], *stated["UB"], *stated["RES"], *sums.of_account}):
        kind = _closing_kind(account, file.accounts.get(account), stated)
        if not kind:
            if sums.of_account[account]:
                text = N_("Account {account} is of no class that #UB or #RES tells of.")
                warnings.add(phrase("accounts"), 0, phrase(text, account=named(account)))
        elif stated[kind]:
            compared = True
            file.ends[account] = kind
            holds &= _agrees(account, kind, stated, sums.of_account[account], errors)
    return holds if compared else None


def _closing_kind(account: str, listed: Account | None, stated: dict[str, dict[str, Balance]]) -> str:
    """Return which balance says how an account ended, UB or RES; empty where it cannot be told."""
    of_balance = account in stated["IB"] or account in stated["UB"]
    of_result = account in stated["RES"]
    if of_balance != of_result:
        return "UB" if of_balance else "RES"
    if listed and listed.kind:
        return "UB" if listed.kind in "TS" else "RES"
    if account[:1] in "12":
        return "UB"
    return "RES" if account[:1] in "345678" else ""


def _agrees(
    account: str, kind: str, stated: dict[str, dict[str, Balance]], movement: Decimal, errors: Problems
) -> bool:
    opening, closing = stated["IB"].get(account), stated[kind].get(account)
    before = opening.amount if opening and kind == "UB" else ZERO
    after = closing.amount if closing else ZERO
    if before + movement == after:
        return True
    text = N_("#IB {before} + vouchers {movement} = {sum}") if kind == "UB" else N_("vouchers {movement}")
    sums = phrase(text, before=before, movement=movement, sum=before + movement)
    text = N_("#{kind} says {after}") if closing else N_("there is no #{kind}, which says {after}")
    says = phrase(text, kind=kind, after=after)
    line = closing.line if closing else opening.line if opening else 0
    message = phrase(
        "Account {account}: {sums}, but {says}, a difference of {difference}. "
        "Vouchers or balances are missing: ask for the file anew.",
        account=named(account),
        sums=sums,
        says=says,
        difference=after - before - movement,
    )
    errors.add(phrase("accounts that do not agree"), line, message)
    return False


def _check_objects(balances: list[Balance], sums: _VoucherSums, warnings: Problems) -> None:
    for balance, other in _object_pairs(balances):
        key = (balance.account, balance.objects)
        if key not in sums.of_objects:
            continue
        before, movement = other, sums.of_objects[key]
        if before + movement != balance.amount:
            of = named(" ".join(item for pair in balance.objects for item in pair))
            message = phrase(
                "Account {account} {objects}: #OIB {before} + vouchers {movement} = {sum}, but #OUB says {after}.",
                account=named(balance.account),
                objects=f"{{{of}}}",
                before=before,
                movement=movement,
                sum=before + movement,
                after=balance.amount,
            )
            warnings.add(phrase("balances of objects that do not agree"), balance.line, message)


def _object_pairs(balances: list[Balance]) -> Iterator[tuple[Balance, Decimal]]:
    """Yield the closing balances of objects, each with the opening amount."""
    opening = {
        (balance.account, balance.objects): balance.amount
        for balance in balances
        if balance.kind == "OIB" and balance.year == 0
    }
    for balance in balances:
        if balance.kind == "OUB" and balance.year == 0:
            yield balance, opening.get((balance.account, balance.objects), ZERO)
