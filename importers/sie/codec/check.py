"""Whether a SIE file is sound: every voucher balances, its checksum holds, and its vouchers explain its balances.

    #IB 0 1930 500.00
    #UB 0 1930 1750.50
    #RES 0 3010 -1250.50
    #VER A 1 20240315 "Avgift mars"
    {
    #TRANS 1930 {} 1250.50
    #TRANS 3010 {} -1250.50
    }

1930 had 500.00, the vouchers add 1250.50, and it has 1750.50; 3010 begins each year at nothing.

Sources: SIE filformat, utgåva 4B, 2008-09-30.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, localcontext
from pathlib import Path

from forbundsbok.importers.problems import Problem, Problems, by_line
from forbundsbok.importers.sie.codec.reader import SieReader
from forbundsbok.importers.sie.codec.records import (
    OBJECT_BALANCES,
    UNBOUNDED,
    Account,
    Balance,
    Heading,
    Objects,
    Row,
)
from forbundsbok.importers.sie.codec.text import named
from forbundsbok.plugins.findings import phrase
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.money import ZERO


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
    reader = SieReader(path)
    sums = _VoucherSums(reader.file.balances)
    with localcontext(UNBOUNDED):
        for voucher in reader.vouchers():
            sums.add(voucher.rows)
        errors, warnings = Problems(kept=1000), Problems(kept=5)
        holds = _roll_forward(reader, sums, errors, warnings)
    return Report(
        reader.file.heading,
        reader.file.encoding,
        len(reader.file.accounts),
        reader.journal.voucher_count,
        reader.journal.row_count,
        reader.journal.unbalanced,
        reader.checksum.state,
        holds,
        by_line([*reader.warnings, *warnings.all()]),
        by_line([*reader.errors, *errors.all()]),
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
