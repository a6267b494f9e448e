"""What opens a year: files, accounts, the surplus taken in, accruals taken back, the budget, and what nobody can know.

    opening = year_opening(books, 2025, Path("ledger"), adopted=[], attest="")
    opening.files[0].path        units/navet/2025.bean
    opening.files[0].text        2025-01-01 ! "Återföring: förutbetald kostnad: ..."

Nothing is written into a file that is there: what lacks of a year that is begun gets a file beside it. So whoever opens
a year twice adds nothing, and whoever opens it before the last one is closed may do so again afterwards.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from pathlib import Path, PurePath
from typing import NamedTuple

from beancount.core import data
from beancount.core.amount import Amount

from forbundsbok.plugins.accounts import unit_of
from forbundsbok.plugins.accruals import AccrualMovement, year_ends
from forbundsbok.plugins.assets import registers
from forbundsbok.plugins.books import Books
from forbundsbok.plugins.budget import BUDGET, GOAL
from forbundsbok.plugins.capitalisation import THRESHOLD
from forbundsbok.plugins.clearing import without_clearing
from forbundsbok.plugins.corrections import number_of
from forbundsbok.plugins.findings import Message, counted, phrase
from forbundsbok.plugins.grants import PROJECT
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.ledger_text import directives_text, ledger_text, opening, posting, voucher
from forbundsbok.plugins.money import ZERO
from forbundsbok.plugins.months import Month, shifted
from forbundsbok.plugins.numbers import FreeNumbers, series_of
from forbundsbok.plugins.refusal import RefusalError
from forbundsbok.plugins.review import WAITS
from forbundsbok.plugins.rights import A_DAY, ATTEST, Right, rights_of_units
from forbundsbok.plugins.roles import Role
from forbundsbok.plugins.surplus import (
    DEFICIT,
    SERIES,
    SURPLUS,
    CarriedSurpluses,
    Move,
    account_of,
    surplus_numbers,
)
from forbundsbok.plugins.unit_files import files_beside_accounts, files_of_units, next_path
from forbundsbok.plugins.units import CARRIED, Unit, units_in
from forbundsbok.plugins.years import first_day_of_year, last_day_of_year

TAKEN_BACK = "Återföring: "
"""How the text of a voucher begins that takes an accrual back."""
BACK_SERIES = "M"
"""The series of what is taken back, where the books have none yet."""


class OpeningFile(NamedTuple):
    """A new file of the books, below their folder; `before` is the file of the year before that it follows."""

    path: str
    before: str
    text: str
    is_skeleton: bool = False


class DepreciationPlan(NamedTuple):
    """What a unit depreciates in a year by the register: the months in a row with the same amount, in kronor."""

    unit: str
    runs: Sequence[tuple[Month, Month, Decimal]]

    @property
    def total(self) -> Decimal:
        return sum((amount * (last.since(first) + 1) for first, last, amount in self.runs), ZERO)


@dataclass(frozen=True)
class YearOpening:
    """What a year lacks to be open, what goes on by itself, and what is not known."""

    year: int
    files: Sequence[OpeningFile]
    vouchers: Sequence[data.Transaction]
    accounts: Sequence[data.Open]
    depreciation: Sequence[DepreciationPlan]
    rights: Sequence[Right]
    unknown: Sequence[Message]


class OpeningError(RefusalError):
    """A year that cannot be opened; the text says why."""

    def __init__(self, why: Message) -> None:
        super().__init__(str(why))


def year_opening(
    books: Books, year: int, folder: Path, adopted: Sequence[data.Custom] = (), attest: str = ""
) -> YearOpening:
    """Return what a year lacks. `adopted` is what is decided for it: budget, goals, limit. Raises OpeningError."""
    _refuse_other_years(books, year)
    units = {code: unit for code, unit in books.once(units_in).items() if not unit.is_gone(first_day_of_year(year))}
    numbers = FreeNumbers(books.vouchers)
    accounts = [each for unit in units.values() for each in _accounts(books, unit, year)]
    taken_in = [each for code in units if (each := _taken_in(books, code, year, numbers))]
    accrued = sorted(_left(books, year - 1), key=lambda each: _order(each.account, units))
    back = [_taken_back(books, each, year, numbers) for each in accrued if books.roles.has(each.against, Role.COSTS)]
    vouchers = [_signed(each, attest) for each in (*taken_in, *back)]
    files = [
        *_unit_files(books, units, year, folder, accounts, vouchers),
        *_decided_files(books, year, folder, _new(books, adopted)),
    ]
    income = [each for each in accrued if not books.roles.has(each.against, Role.COSTS)]
    return YearOpening(
        year,
        files,
        vouchers,
        accounts,
        list(depreciation_plans(books, year)),
        _rights(books, units, year),
        list(_unknown(books, year, income, adopted)),
    )


def _refuse_other_years(books: Books, year: int) -> None:
    if year in books.written_boksluts:
        raise OpeningError(phrase(N_("{year} is closed: it has a bokslut"), year=year))
    booked = {entry.date.year for entry in books.vouchers if entry.date.year >= books.first_year}
    if year - 1 not in booked:
        last = max((each for each in booked if each < date.max.year), default=None)
        text = N_("nothing is booked in {before}: the year to open after {last} is {next}")
        if last is None:
            text = N_("nothing is booked yet: the first year needs no opening")
        raise OpeningError(phrase(text, before=year - 1, last=last, next=(last or 0) + 1))


# Accounts and vouchers


def _accounts(books: Books, unit: Unit, year: int) -> Iterator[data.Open]:
    """Yield the accounts that a unit's surplus of the year needs."""
    if unit.at(last_day_of_year(year)).surplus == CARRIED:
        for root in ("Liabilities", "Income"):
            name = account_of(root, unit.code, year, books.once(surplus_numbers))
            if name not in books.opens:
                yield opening(name, first_day_of_year(year), books.currency, f"{SURPLUS} {year}")


def _taken_in(books: Books, unit: str, year: int, numbers: FreeNumbers) -> data.Transaction | None:
    """Return the voucher that takes in what a unit has carried out of the year before, None where it is taken in."""
    carried = books.once(CarriedSurpluses)
    out, into = Move(unit, year - 1, False), Move(unit, year - 1, True)
    amount = carried.booked(out) - carried.booked(into)
    if not amount:
        return None
    known = next((each[0].booking.first for each in carried.transfers.values() if each), None)
    name = SURPLUS if amount > ZERO else DEFICIT
    ver = numbers.lacking(series_of(known, SERIES), into.day)
    rows = into.rows(amount, books.currency, books.once(surplus_numbers))
    return voucher(into.day, f"{name} {year - 1} intas {year}", ver, rows)


def _left(books: Books, year: int) -> list[AccrualMovement]:
    """Return what was accrued at a year-end, comes back in the next year, and has not yet; each voucher once."""
    left: dict[int, AccrualMovement] = {}
    for end in books.once(year_ends):
        back = sum((each.number for each in end.back), ZERO)
        for each in end.accrued:
            if each.entry.date.year == year and back < each.number:
                left.setdefault(id(each.entry), each)
    return list(left.values())


def _order(account: str, units: Iterable[str]) -> int:
    own = list(units)
    return own.index(unit_of(account)) if unit_of(account) in own else len(own)


def _taken_back(books: Books, accrued: AccrualMovement, year: int, numbers: FreeNumbers) -> data.Transaction:
    """Return the voucher that takes an accrual back on the first day of the next year."""
    day = first_day_of_year(year)
    text = accrued.entry.narration or ""
    ver = numbers.lacking(back_series(books, accrued.account), day)
    rows = turned_rows(accrued.entry)
    own = {row.account: number_of(row) for row in rows}
    if abs(own[accrued.account]) != accrued.number:  # a correction has changed it: what is left comes back
        sign = 1 if own[accrued.account] > 0 else -1
        amounts = ((accrued.account, sign * accrued.number), (accrued.against, -sign * accrued.number))
        rows = [posting(account, amount, books.currency) for account, amount in amounts]
    back = voucher(day, f"{TAKEN_BACK}{text[:1].lower()}{text[1:]}", ver, rows)
    kept = {PROJECT: accrued.entry.meta[PROJECT]} if PROJECT in accrued.entry.meta else {}
    return back._replace(meta=back.meta | kept)


def turned_rows(entry: data.Transaction) -> list[data.Posting]:
    """Return the rows of a voucher, each with the other sign."""
    return [
        posting(row.account, -row.units.number, row.units.currency, _own(row.meta))
        for row in without_clearing(entry).postings
        if row.units is not None and row.units.number is not None
    ]


def _own(meta: Mapping[str, object] | None) -> dict[str, object]:
    return {key: value for key, value in (meta or {}).items() if key not in ("filename", "lineno") and key[0] != "_"}


def back_series(books: Books, account: str) -> str:
    """Return the series in which the books take accruals back: on an account, or on any of its kind."""
    taken = [
        entry
        for entry in books.having(Role.PREPAID, Role.ACCRUED)
        if (entry.narration or "").startswith(TAKEN_BACK.strip())
    ]
    own = [entry for entry in taken if any(row.account == account for row in entry.postings)]
    return series_of(next(reversed(own or taken), None), BACK_SERIES)


def _signed(entry: data.Transaction, attest: str) -> data.Transaction:
    """Return a voucher that somebody has approved, or one that waits."""
    if not attest:
        return entry._replace(flag=WAITS)
    return entry._replace(meta=entry.meta | {ATTEST: attest})


# What goes on by itself, and what is not known


def depreciation_plans(books: Books, year: int) -> Iterator[DepreciationPlan]:
    """Yield what each unit depreciates in a year by the register as it stands."""
    for register in books.once(registers):
        months = [Month(year, number) for number in range(1, 13)]
        amounts = [
            sum(
                (asset.depreciation(month) for asset in register.assets if asset.begins <= month <= asset.last),
                ZERO,
            )
            for month in months
        ]
        runs = []
        for amount, run in groupby(zip(months, amounts, strict=True), key=lambda pair: pair[1]):
            own = [month for month, _ in run]
            if amount:
                runs.append((own[0], own[-1], amount))
        if runs:
            yield DepreciationPlan(register.unit, runs)


def _rights(books: Books, units: Iterable[str], year: int) -> list[Right]:
    rights = books.once(rights_of_units)
    return [right for unit in units for right in rights.get(unit, ()) if right.holds_on(first_day_of_year(year))]


def _unknown(
    books: Books, year: int, income: Sequence[AccrualMovement], adopted: Sequence[data.Custom]
) -> Iterator[Message]:
    """Yield what the books cannot tell, and somebody must."""
    before = year - 1
    if before not in books.written_boksluts:
        text = N_("{before} has no bokslut yet: open {year} again when it is closed; what came since is then added")
        yield phrase(text, before=before, year=year)
    decided = {each.type for each in adopted} | {
        each.type for kind in (BUDGET, GOAL, THRESHOLD) for each in books.customs(kind.type) if each.date.year == year
    }
    for kind, text in _UNDECIDED.items():
        if kind not in decided and any(each.date.year == before for each in books.customs(kind)):
            yield phrase(text, year=year)
    if income:
        one = N_("{amount} kr of income that {vouchers} accrued: its invoice or payment settles it")
        many = N_(
            "{amount} kr of income that {count} vouchers accrued ({vouchers}): their invoices or payments settle it"
        )
        amount = sum((each.number for each in income), ZERO)
        yield counted(
            len(income), one, many, amount=amount, vouchers=[str(each.entry.meta.get("ver")) for each in income]
        )
    for unit, rights in sorted(books.once(rights_of_units).items()):
        for right in rights:
            followed = any(right.start < other.start <= shifted(right.end, A_DAY) for other in rights)
            if right.end.year == before and not followed:
                text = N_("who approves for {unit} instead of {sign}, who may not since {day}?")
                yield phrase(text, sign=right.sign, unit=unit, day=right.end)


_UNDECIDED = {
    BUDGET.type: N_("the budget of {year}: take it from a file by --budget, or write it in the skeleton"),
    GOAL.type: N_("the goals of {year}: they are decided with the budget"),
    THRESHOLD.type: N_("the limit of {year} above which equipment is an asset (investment-threshold)"),
}


# Files


def _unit_files(
    books: Books,
    units: Mapping[str, Unit],
    year: int,
    folder: Path,
    accounts: Sequence[data.Open],
    vouchers: Sequence[data.Transaction],
) -> Iterator[OpeningFile]:
    """Yield the files of the units: each that has booked in the year before and has none, or lacks something."""
    sections: dict[str, list[tuple[str, Sequence[data.Directive]]]] = {}
    before: dict[str, str] = {}
    own: dict[str, list[str]] = defaultdict(list)
    begun = files_beside_accounts(books, year)
    for code, name in files_of_units(books, units, year - 1).items():
        was = _below(name, folder)
        path = _below(begun[code], folder) if code in begun else next_path(was, year)
        before[path] = was
        own[path].append(code)
    for path, codes in own.items():
        opened = [each for each in accounts if unit_of(each.account) in codes]
        booked = [each for each in vouchers if unit_of(each.postings[0].account) in codes]
        sections[path] = [
            *([(f"Konton som öppnas {year}", opened)] if opened else []),
            *([("Januari", booked)] if booked else []),
        ]
    there = {_below(name, folder) for name in books.options.get("include", ())}
    for path, parts in sections.items():
        if path in there and not parts:
            continue
        names = ", ".join(units[code].at(first_day_of_year(year)).name for code in own[path])
        text = f";; {names}: verifikationer {year}\n"
        yield OpeningFile(
            _free(path, folder), before[path], "\n".join([text, *([ledger_text(parts)] if parts else [])])
        )


def _decided_files(books: Books, year: int, folder: Path, adopted: Sequence[data.Custom]) -> Iterator[OpeningFile]:
    """Yield the file of what is decided for the year, or a skeleton of what was decided for the last one."""
    last = [
        each for kind in (GOAL, BUDGET, THRESHOLD) for each in books.customs(kind.type) if each.date.year == year - 1
    ]
    files = Counter(str(each.meta["filename"]) for each in last if each.type == BUDGET.type)
    was = _below(max(files, key=lambda name: files[name]), folder) if files else ""
    path = next_path(was, year) if str(year - 1) in was else f"budget/{year}.bean"
    if adopted:
        yield OpeningFile(_free(path, folder), was, ledger_text([(f"Det som är beslutat för {year}", adopted)]))
    there = {_below(name, folder) for name in books.options.get("include", ())}
    decided = any(each.date.year == year for each in books.customs(BUDGET.type))
    if last and not adopted and not decided and path not in there:
        planned = _planned(books, year)
        again = [_again(each, year, planned, books.currency) for each in last]
        head = f";; Det som beslutades för {year - 1}: skriv om det för {year}, och ta bort semikolon framför.\n"
        lines = directives_text(again).replace("\n\n", "\n").split("\n")
        yield OpeningFile(_free(path, folder), was, "\n".join([head, *(f"; {line}" for line in lines), ""]), True)


def _planned(books: Books, year: int) -> dict[str, Decimal]:
    """Return the depreciation of each unit by the register, on its account of depreciation, where it has one alone."""
    planned = {}
    for plan in depreciation_plans(books, year):
        accounts = books.open_accounts(plan.unit, first_day_of_year(year), Role.DEPRECIATION)
        if len(accounts) == 1:
            planned[accounts[0]] = plan.total
    return planned


def _again(entry: data.Custom, year: int, planned: Mapping[str, Decimal], currency: str) -> data.Custom:
    """Return what was decided as it would be decided again; depreciation as the register has it."""
    values = [each.value for each in entry.values]
    own = {key: value for key, value in _own(entry.meta).items() if key != "beslut"}
    again = entry._replace(date=entry.date.replace(year=year), meta=own)
    if entry.type == BUDGET.type and values[0] in planned and values[1] == "yearly":
        amount = Amount(planned[values[0]], currency)
        again = again._replace(values=[*entry.values[:2], entry.values[2]._replace(value=amount)])
    return again


def _new(books: Books, adopted: Sequence[data.Custom]) -> list[data.Custom]:
    """Return what is decided and does not stand in the books. Raises OpeningError for what stands there otherwise."""
    there = {
        (each.type, each.date, str(each.values[0].value)): each
        for kind in (BUDGET, GOAL, THRESHOLD)
        for each in books.customs(kind.type)
        if each.values
    }
    new = []
    for each in adopted:
        what = "" if each.type == THRESHOLD.type else str(each.values[0].value)
        old = next(
            (
                entry
                for (kind, day, name), entry in there.items()
                if (kind, day) == (each.type, each.date) and (not what or name == what)
            ),
            None,
        )
        if old is None:
            new.append(each)
        elif [value.value for value in old.values] != [value.value for value in each.values]:
            text = N_("{what} is decided otherwise in the books: {old}")
            raise OpeningError(phrase(text, what=what or each.type, old=old))
    return new


def _below(name: str, folder: Path) -> str:
    """Return a file's path below the folder of the books, as an include names it."""
    path = PurePath(name)
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.as_posix()


def _free(path: str, folder: Path) -> str:
    """Return a path that no file has: the one wanted, or one beside it."""
    own = PurePath(path)
    beside = (own.with_name(f"{own.stem}-oppning{number}.bean") for number in ("", *map(str, range(2, 1000))))
    return next(each.as_posix() for each in (own, *beside) if not (folder / each).exists())
