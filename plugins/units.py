"""Units: the account trees of a federation.

A unit is declared once, and every account names the unit that it belongs to:

    2022-12-31 custom "unit" "NAV" "Navet science center"
      overskott: "behalls"
    2022-12-31 open Assets:NAV:1510-Kundfordringar SEK

A later directive of the same unit gives it another name or agreement from its date on; a key that it does not write
is as it was. `enhet-slut` is the last day of a unit (plugins.closures):

    2025-01-01 custom "unit" "NAV" "Navet"
      overskott: "overfors"
    2025-06-30 custom "enhet-slut" "NAV"

A federation with one undivided account tree need declare none: where all accounts have one code, that is the whole
federation, and is called what the ledger is (`read_units`).

Every unit balances by itself, in every voucher, by clearing (plugins.clearing). What keeps a voucher from that is told
here.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from beancount.core import data
from beancount.core.amount import Amount
from beancount.core.convert import get_weight
from beancount.core.interpolate import compute_residual, infer_tolerances
from beancount.core.position import Cost

from forbundsbok.plugins.accounts import CLEARING_NUMBER, clearing_account, is_clearing, unit_of
from forbundsbok.plugins.books import Books
from forbundsbok.plugins.clearing import unit_sums
from forbundsbok.plugins.corrections import has_amount, number_of
from forbundsbok.plugins.decisions import DECISION, undecided
from forbundsbok.plugins.directives import Field, Kind, one_of, text, word
from forbundsbok.plugins.findings import Add, Finding, Message, Replace, Step, Subject, as_written
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.ledger_text import opening
from forbundsbok.plugins.money import ZERO, is_whole_ore, rounded
from forbundsbok.plugins.places import place
from forbundsbok.plugins.revisions import Revised
from forbundsbok.plugins.roles import KONTOSLAG
from forbundsbok.plugins.rulebook import EVERY, rule, unreadable
from forbundsbok.plugins.spelling import nearest

KEPT, CARRIED = "behalls", "overfors"
"""What becomes of a unit's surplus, or its deficit, as its directive says it."""


@dataclass(frozen=True)
class Unit(Revised):
    """An operating unit, as its directive declares it.

    `surplus` is KEPT or CARRIED; `meta` holds the directive's metadata, among them how the
    federation prints the unit's fees: `avgifter`, `avgifter-total`, `avgifter-not`. `closed` is its last day.
    """

    code: str
    name: str
    surplus: str
    meta: Mapping[str, Any]
    closed: date | None = None

    def revised_by(self, later: "Unit") -> "Unit":
        """Return what a later directive makes of it: what that does not write is as it was."""
        return replace(later, meta={**self.meta, **later.meta}, earlier=self.states)

    def is_gone(self, day: date) -> bool:
        """Tell whether its last day is past."""
        return self.closed is not None and self.closed < day


class UnitEnd(NamedTuple):
    """The last day of a unit."""

    code: str
    day: date
    entry: data.Custom


_CODE = Field(N_("code"), word("[A-ZÅÄÖ0-9]+", N_("capital letters and digits")))


UNIT = Kind(
    "unit",
    values=(_CODE, Field(N_("name"), text)),
    meta=(
        Field("overskott", one_of(KEPT, CARRIED)),
        Field("avgifter", text, required=False),
        Field("avgifter-total", text, required=False),
        Field("avgifter-not", text, required=False),
        Field(DECISION, text, required=False),
    ),
    make=lambda entry, given: Unit(given["code"], given["name"], given["overskott"], entry.meta, entry=entry),
    example='2022-12-31 custom "unit" "ENHET" "Enhetens namn"\n  overskott: "behalls"',
)

UNIT_END = Kind(
    "enhet-slut",
    values=(_CODE,),
    make=lambda entry, given: UnitEnd(given["code"], entry.date, entry),
    example='2025-06-30 custom "enhet-slut" "ENHET"',
    about="unit",
)


def read_units(entries: Iterable[data.Directive], title: str = "") -> dict[str, Unit]:
    """Return the units by code, in the order of their first directives, as they have come to be (`at` a day).

    Where none is declared and all accounts have one code, that is the federation, undivided: it has no directive,
    and the ledger's title for a name where that is told.
    """
    entries = list(entries)
    if not any(isinstance(entry, data.Custom) and entry.type == UNIT.type for entry in entries):
        codes = {unit_of(entry.account) for entry in entries if isinstance(entry, data.Open)} - {""}
        return {code: Unit(code, title or code, KEPT, {}) for code in codes if len(codes) == 1}
    units: dict[str, Unit] = {}
    for unit in UNIT.read_all(entries):
        before = units.get(unit.code)
        if before is None:
            units[unit.code] = unit
        elif before.since < unit.since:  # of two of the same day the first (U102)
            units[unit.code] = before.revised_by(unit)
    for end in UNIT_END.read_all(entries):
        if end.code in units and units[end.code].closed is None:
            units[end.code] = replace(units[end.code], closed=end.day)
    return units


def units_in(books: Books) -> dict[str, Unit]:
    """Return the units of the books; `books.once` reads them once for all rules."""
    customs = [entry for kind in (UNIT, UNIT_END) for entry in books.customs(kind.type)]
    return read_units([*books.collected.opens, *customs])


# The units and their account trees.

unreadable(
    "U101",
    UNIT,
    title=N_("A unit is declared with a code, a name and what becomes of its surplus."),
    why=N_("Report 3.1.1-3.1.10 and 3.3; every statement, fee and surplus is a unit's, under its printed name."),
)
unreadable(
    "U112",
    UNIT_END,
    title=N_("The end of a unit is its code alone, dated its last day."),
    why=N_("Its year-end and statements rest on it: what has ended is not asked for, nor booked on."),
)


@rule(
    "U102",
    title=N_("A unit is declared once a day, and what is declared later says something new of it."),
    why=N_("Two declarations of a day could say two things of the same unit's name and surplus."),
    mend=N_("Remove one of the two directives, or write what is new from its date on."),
)
def unit_twice(books: Books) -> Iterator[Finding]:
    units: dict[str, Unit] = {}
    for unit in books.declared(UNIT):
        before = units.get(unit.code)
        if before is None:
            units[unit.code] = unit
            continue
        later = before.revised_by(unit)
        if before.since < unit.since and _said(later) != _said(before):
            units[unit.code] = later
            continue
        message = N_("Unit {unit} is declared already, at {other}: one of the two must go.")
        if before.since < unit.since:
            message = N_("Unit {unit} is declared so already, at {other}: write what is new, or remove this.")
        yield Finding(unit.entry, Subject("unit", unit.code), message, {"unit": unit.code, "other": before.entry})


def _said(unit: Unit) -> tuple[str, dict[str, Any]]:
    """Return what is said of a unit, wherever it stands."""
    return unit.name, {key: value for key, value in unit.meta.items() if key not in ("filename", "lineno")}


@rule(
    "U117",
    title=N_("What becomes of a unit's surplus changes by a decision that is named."),
    why=N_(
        "Report 3.3, and the members' agreement on the unit: a surplus that is carried is theirs who paid it, one that "
        "is kept is the federation's."
    ),
    mend=N_("Write beslut below the unit's new directive: who decided, the day and the paragraph."),
    after=["U101", "U102"],
    warns=True,
)
def decided_surplus(books: Books) -> Iterator[Finding]:
    surplus: dict[str, str] = {}
    for unit in books.declared(UNIT):
        before = surplus.get(unit.code, unit.surplus)
        surplus[unit.code] = unit.surplus
        if before != unit.surplus and unit.entry and undecided(unit.entry, books):
            message = N_(
                "The surplus of {unit} is {surplus} from {day}, and was {was} before, by no decision that is named. "
                'Write below the unit who decided, the day and the paragraph:\n  {key}: "..."'
            )
            values = {
                "unit": unit.code,
                "surplus": unit.surplus,
                "day": unit.entry.date,
                "was": before,
                "key": DECISION,
            }
            yield Finding(unit.entry, Subject("unit", unit.code), message, values)


@rule(
    "U103",
    title=N_("Every account belongs to a declared unit."),
    why=N_("Report 3.5 and the unit statements show the declared units; what belongs to another is in no statement."),
    mend=N_("Declare the unit, or write the account with the code of one that is."),
    after=["U101"],
)
def account_of_no_unit(books: Books) -> Iterator[Finding]:
    declared = sorted({unit.code for unit in books.declared(UNIT)} or {*books.once(units_in)})
    strangers: dict[str, list[data.Open]] = defaultdict(list)
    for account, name in books.names.items():
        if name.unit not in declared:
            strangers[name.unit].append(books.opens[account])
    # A declaration whose code cannot be read has its own finding, and its accounts none.
    if len(strangers) <= len(books.unread(UNIT)):
        return
    for unit, opens in strangers.items():
        near = nearest(unit, declared)
        there_are = Message(
            N_("Did you mean {near}?") if near else N_("The declared units: {declared}."),
            {"near": near, "declared": declared},
        )
        if not declared:
            there_are = Message(N_("No unit is: where accounts have several codes, each of them is declared."))
        message = N_("{account} is of unit {unit}, which is not declared. {there_are}")
        plural = N_(
            "{account} and the other accounts ({count} in all) are of unit {unit}, which is not declared. {there_are}"
        )
        values = {"account": opens[0].account, "unit": unit, "there_are": there_are, "count": len(opens)}
        yield Finding(opens[0], Subject("unit", unit), message, values, plural)


@rule(
    "U104",
    title=N_("An account is named Root:UNIT:NNNN-Namn, with or without details after it."),
    why=N_("Unit, number and detail are read from the name, and statements choose accounts by them."),
    mend=N_("Rename the account in its open and in its vouchers."),
)
def account_name(books: Books) -> Iterator[Finding]:
    for account, entry in books.opens.items():
        if account not in books.names:
            message = N_(
                "{account} is not named as {example}: the root, the unit, a number of four to six digits and a name."
            )
            values = {"account": account, "example": "Expenses:ENHET:6020-Lokalhyror"}
            yield Finding(entry, Subject("account", account), message, values)


@rule(
    "U106",
    title=N_("An account stands under the root of what it is."),
    why=N_(
        "Kommun-Bas (SKR): 1 assets, 20 and 89 equity, 21-29 liabilities, 3 and 80-84, 87 income, 4-7 and 85, 88 "
        "expenses; 9 is calculatory, under income or expenses."
    ),
    mend=N_("Open the account under the root of what it is, give it another number, or say by a kontoslag what it is."),
    after=["U110"],
)
def account_class(books: Books) -> Iterator[Finding]:
    for account, name in books.names.items():
        slag = books.roles.slag(account)
        if name.root in slag.roots:
            continue
        message = N_("{account} is {slag}, by its number {number} or a kontoslag, and stands under {roots}.")
        if not slag.roots:
            message = N_(
                "The number {number} of {account} is of no class: take another, or write what it is:\n{example}"
            )
        example = as_written(f'{books.opens[account].date} custom "{KONTOSLAG.type}" {account} "..."')
        values = {"account": account, "slag": slag.name, "number": name.number, "roots": slag.roots, "example": example}
        yield Finding(books.opens[account], Subject("account", account), message, values)


@rule(
    "U110",
    title=N_("Account number 1790 is for clearing alone, by the one name that it has in every unit."),
    why=N_("Consolidated statements leave number 1790 out; anything else that stood there would be lost."),
    mend=N_("Take another number of group 17."),
)
def clearing_number(books: Books) -> Iterator[Finding]:
    for account, name in books.names.items():
        if name.number == CLEARING_NUMBER and account != clearing_account(name.unit):
            message = N_("{account} has the number of clearing, {clearing}: take another one of group {group}.")
            values = {"account": account, "clearing": clearing_account(name.unit), "group": CLEARING_NUMBER[:2]}
            yield Finding(books.opens[account], Subject("account", account), message, values)


# The currency, of the ledger, its accounts, balance assertions and vouchers.


@rule(
    "U107",
    title=N_("Every amount is in the ledger's currency, and the ledger states which that is."),
    why=N_("LKBR 3 kap.: the accounting currency is kronor; statements sum kronor, and would leave other amounts out."),
    mend=N_("Write the amount in kronor, at the rate of the day; the foreign amount may stand in metadata."),
    sees=EVERY,
)
def foreign_currency(books: Books) -> Iterator[Finding]:
    currency = books.stated_currency
    if currency is None:
        message = N_('The ledger does not say its currency. Write in the main file:\n  option "{option}" "SEK"')
        main_file = {"filename": books.options.get("filename"), "lineno": 1}
        values = {"option": "operating_currency"}
        yield Finding(None, Subject("ledger", "operating_currency"), message, values, place=main_file)
        return
    for opened in books.collected.opens:
        if opened.currencies and opened.currencies != [currency]:
            message = N_("{account} is opened for {currencies}, but the ledger is kept in {currency}.")
            account_values = {"account": opened.account, "currencies": opened.currencies, "currency": currency}
            proper = Replace(opened, [opened._replace(currencies=[currency])])
            yield Finding(opened, Subject("account", opened.account), message, account_values, fix=[proper])
    for balance in books.collected.balances:
        if balance.amount.currency != currency:
            message = N_("The balance asserted is in {other}, but the ledger is kept in {currency}.")
            values = {"other": balance.amount.currency, "currency": currency}
            yield Finding(balance, Subject("balance", place(balance)), message, values)
    for entry in _with_amounts(books):
        foreign = [row for row in entry.postings if not has_amount(row, currency) or row.price or row.cost]
        if foreign:
            message = N_("The ledger is kept in {currency}, without prices and costs, but here is {rows}.")
            rows_values = {"currency": currency, "rows": _row_messages(foreign)}
            fix = _rounded(books, entry)
            yield Finding(entry, Subject("voucher", place(entry)), message, rows_values, fix=fix, posting=foreign[0])


@rule(
    "U108",
    title=N_("No amount is finer than an öre."),
    why=N_("Nothing smaller can be paid or owed; it would make sums that no statement can show."),
    mend=N_("Round the rows so that they still sum to zero."),
    after=["U107"],
    sees=EVERY,
)
def finer_than_ore(books: Books) -> Iterator[Finding]:
    message = N_("Finer than an öre: {rows}.")
    for balance in books.collected.balances:
        number = balance.amount.number
        if isinstance(number, Decimal) and not is_whole_ore(number):
            whole = Amount(rounded(number), balance.amount.currency)
            proper = Replace(balance, [balance._replace(amount=whole)])
            yield Finding(balance, Subject("balance", place(balance)), message, {"rows": balance.amount}, fix=[proper])
    for entry in _with_amounts(books):
        finer = [row for row in entry.postings if not is_whole_ore(number_of(row))]
        if finer:
            values = {"rows": _row_messages(finer)}
            fix = _rounded(books, entry)
            yield Finding(entry, Subject("voucher", place(entry)), message, values, fix=fix, posting=finer[0])


# Vouchers that cannot be completed with clearing.


@rule(
    "U105",
    title=N_("Clearing between units is never posted by hand."),
    why=N_(
        "The clearing accounts sum to zero over all units and are in no consolidated statement; a row by hand would "
        "break both."
    ),
    mend=N_("Take the row away, or name the other unit's real account."),
    sees=EVERY,
)
def clearing_by_hand(books: Books) -> Iterator[Finding]:
    for entry in _with_amounts(books):
        by_hand = [row for row in entry.postings if is_clearing(row.account)]
        if not by_hand:
            continue
        rest = [row for row in entry.postings if not is_clearing(row.account)]
        if rest and not sum(map(number_of, rest)):
            message = N_("Clearing is posted by hand: {rows}. Leave it out; the voucher is completed with it.")
            fix = [Replace(entry, [entry._replace(postings=rest)])]
        else:
            message = N_("Clearing is posted by hand: {rows}. The other unit's own account belongs in its place.")
            fix = []
        subject = Subject("voucher", place(entry))
        yield Finding(entry, subject, message, {"rows": _row_messages(by_hand)}, fix=fix, posting=by_hand[0])


@rule(
    "U109",
    title=N_("A unit that deals with other units has its clearing account open."),
    why=N_("Without it the unit cannot balance by itself, and its balance sheet would not come out."),
    mend=N_("Open the account, from the day of the voucher or before."),
    after=["V504"],
    sees=EVERY,
)
def clearing_not_open(books: Books) -> Iterator[Finding]:
    told_of: set[str] = set()
    declared = {unit.code for unit in books.declared(UNIT)}
    for entry, sums in books.once(_unit_sums):
        owed = [unit for unit, number in sums.items() if number]
        if sum(sums.values(), ZERO):
            continue
        # A unit that is not declared has a finding of its own, and one whose account is not open has one for all.
        for unit in sorted(declared.intersection(owed) - told_of):
            if not books.is_open(clearing_account(unit), entry.date):
                told_of.add(unit)
                yield _not_open(books, entry, unit)


def _not_open(books: Books, entry: data.Transaction, unit: str) -> Finding:
    account = clearing_account(unit)
    values = {"unit": unit, "account": account, "day": entry.date}
    opened = books.opens.get(account)
    fix: Sequence[Step] = ()
    if opened is None:
        message = N_("{unit} deals with other units, but {account} is not open on {day}.")
        new = opening(account, entry.date, books.currency)
        own = next(books.opens[row.account] for row in entry.postings if books.names[row.account].unit == unit)
        fix = [Add([new], own)]
    elif opened.date > entry.date:
        message = N_("{unit} deals with other units, but {account} is not open on {day}: it is from {opened}.")
        values["opened"] = opened.date
        fix = [Replace(opened, [opened._replace(date=entry.date)])]
    else:
        message = N_("{unit} deals with other units, but {account} is not open on {day}: it is closed before.")
    return Finding(entry, Subject("unit", unit), message, values, fix=fix, also=[Subject("voucher", place(entry))])


@rule(
    "U111",
    title=N_("The rows of a voucher sum to exactly zero."),
    why=N_("LKBR 3 kap.; Beancount's tolerances let differences pass that no statement can carry."),
    mend=N_('Put the row right, and set option "tolerance_multiplier" "0" so that Beancount allows no difference.'),
    sees=EVERY,
)
def difference(books: Books) -> Iterator[Finding]:
    for entry, sums in books.once(_unit_sums):
        number = sum(sums.values(), ZERO)
        # What Beancount does not let pass it reports itself.
        if number and _passes(entry, books.options):
            message = N_(
                "The rows of the voucher sum to {amount}, which the ledger's tolerance lets pass. Put the row right, "
                'and write in the main file:\n  option "{option}" "0"'
            )
            values = {"amount": Amount(number, books.currency), "option": "tolerance_multiplier"}
            yield Finding(entry, Subject("voucher", place(entry)), message, values)


def _passes(entry: data.Transaction, options: Mapping[str, Any]) -> bool:
    tolerances = infer_tolerances(entry.postings, options)  # type: ignore[no-untyped-call]
    residual = compute_residual(entry.postings)  # type: ignore[no-untyped-call]
    return bool(residual.is_small(tolerances))


# What the rules share.


def _unit_sums(books: Books) -> list[tuple[data.Transaction, dict[str, Decimal]]]:
    """Return the incomplete vouchers in whose rows nothing is wrong, each with what those of each unit sum to."""
    unit_of = {account: name.unit for account, name in books.names.items() if not is_clearing(account)}
    summed = ((entry, unit_sums(entry, unit_of, books.stated_currency)) for entry in books.incomplete)
    return [(entry, sums) for entry, sums in summed if sums is not None]


def _with_amounts(books: Books) -> Iterator[data.Transaction]:
    """Yield the incomplete vouchers that can be judged: without a currency none can, nor where an amount is lacking."""
    for entry in books.incomplete if books.stated_currency else ():
        amounts = [row.units for row in entry.postings]
        if all(isinstance(units, Amount) and isinstance(units.number, Decimal) for units in amounts):
            yield entry


def _row_messages(rows: Iterable[data.Posting]) -> list[Message]:
    messages = []
    for row in rows:
        prices = [each for each in (row.cost, row.price) if isinstance(each, Cost | Amount)]
        paid = [Amount(each.number, each.currency) for each in prices if each.number is not None]
        template = N_("{account} {amount} at {price}") if paid else N_("{account} {amount}")
        messages.append(Message(template, {"account": row.account, "amount": row.units, "price": paid}))
    return messages


def _rounded(books: Books, entry: data.Transaction) -> Sequence[Step]:
    """Return the fix that writes what the rows are worth in whole öre, none where they would not sum to zero."""
    rows = []
    for row in entry.postings:
        worth: Amount = get_weight(row)  # type: ignore[no-untyped-call]
        if worth.currency != books.currency or not isinstance(worth.number, Decimal):
            return ()
        units = Amount(rounded(worth.number), worth.currency)
        rows.append(row._replace(units=units, cost=None, price=None))
    if sum(map(number_of, rows)):
        return ()
    return [Replace(entry, [entry._replace(postings=rows)])]
