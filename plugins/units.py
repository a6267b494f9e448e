"""Units: the account trees of a federation, and the clearing between them.

A unit is declared once, and every account names the unit that it belongs to:

    2022-12-31 custom "unit" "FK" "Förbundskansli"
      overskott: "behalls"
    2022-12-31 custom "unit" "NAV" "Navet science center"
      overskott: "behalls"

    2024-03-05 * "Leverantör 017 IT" "Faktura 20245"
      ver: "U 311"
      Liabilities:NAV:2510-Leverantörsskulder   1000.00 SEK
      Assets:FK:1610-Internbank                -1000.00 SEK

The voucher touches two trees: this plugin adds what NAV owes FK for it,

      Assets:NAV:1790-Avräkning                -1000.00 SEK
      Assets:FK:1790-Avräkning                  1000.00 SEK

so that each unit balances by itself, and the clearing accounts sum to zero over all units.

U101: A unit is declared with a code, a name and what becomes of its surplus.
    Why: report 3.1.1-3.1.10 and 3.3; every statement, fee and surplus is a unit's, under its printed name.
    Mend: write the directive as the message shows it.

U102: A unit is declared once.
    Why: two declarations could say two things of the same unit's name and surplus.
    Mend: remove one of the two directives.

U103: Every account belongs to a declared unit.
    Why: report 3.5 and the unit statements show the declared units; what belongs to another is in no statement.
    Mend: declare the unit, or write the account with the code of one that is.

U104: An account is named Root:UNIT:NNNN-Namn, with or without details after it.
    Why: unit, number and detail are read from the name, and statements choose accounts by them.
    Mend: rename the account in its open and in its vouchers.

U105: Clearing between units is never posted by hand.
    Why: the clearing accounts sum to zero over all units and are in no consolidated statement; a row by
        hand would break both.
    Mend: replace the voucher with the one in the message, or name the other unit's real account.

U106: An account's number is of a class that stands under its root.
    Why: Kommun-Bas (SKR): 1 assets, 20 equity, 22-29 liabilities, 3 and 80-84, 87 income, 4-7 and 85, 88 expenses.
    Mend: open the account under the root of its class, or give it a number of a class that its root has.

U107: Every amount is in the ledger's currency, and the ledger states which that is.
    Why: LKBR 3 kap.: the accounting currency is kronor; statements sum kronor, and would leave other amounts out.
    Mend: write the amount in kronor, at the rate of the day; the foreign amount may stand in metadata.

U108: No amount is finer than an öre.
    Why: nothing smaller can be paid or owed; it would make sums that no statement can show.
    Mend: round the rows so that they still sum to zero, as in the message.

U109: A unit that deals with other units has its clearing account open.
    Why: without it the unit cannot balance by itself, and its balance sheet would not come out.
    Mend: write the open that the message holds, or move the one that there is.

U110: Account number 1790 is for clearing alone, by the one name that it has in every unit.
    Why: consolidated statements leave number 1790 out; anything else that stood there would be lost.
    Mend: take another number of group 17.

U111: The rows of a voucher sum to exactly zero.
    Why: LKBR 3 kap.; Beancount's tolerances let differences pass that no statement can carry.
    Mend: put the row right, and set option "tolerance_multiplier" "0" so that Beancount allows no difference.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any, NamedTuple

from beancount.core import data
from beancount.core.amount import Amount
from beancount.core.convert import get_weight
from beancount.core.interpolate import compute_residual, infer_tolerances
from beancount.core.number import D
from beancount.core.position import Cost

from forbundsbok.plugins.accounts import CLEARING, CLEARING_NUMBER, AccountName, clearing_account, parse_account
from forbundsbok.plugins.directives import customs, values
from forbundsbok.plugins.mending import indented, kronor, place, voucher_text
from forbundsbok.plugins.mending import row as posting
from forbundsbok.plugins.rules import RuleError, broken

__plugins__ = ("complete_with_clearing",)

NUMBERS = {
    "Assets": ("1",),
    "Equity": ("20",),
    "Liabilities": ("22", "23", "24", "25", "26", "27", "28", "29"),
    "Income": ("3", "80", "81", "82", "83", "84", "87"),
    "Expenses": ("4", "5", "6", "7", "85", "88"),
}
"""How the account numbers under each root begin: classes and groups of Kommun-Bas."""

KEPT, CARRIED = "behalls", "overfors"
"""What becomes of a unit's surplus, or its deficit, as its directive says it."""

ZERO = Decimal(0)
ORE = Decimal("0.01")
WIDE = Context(prec=100)
"""Rounds amounts that are larger than Python expects."""

_CODE = re.compile("[A-ZÅÄÖ0-9]+")


@dataclass(frozen=True)
class Unit:
    """An operating unit, as its directive declares it.

    `surplus` is KEPT or CARRIED; `meta` holds the directive's metadata, among them how the
    federation prints the unit's fees: `avgifter`, `avgifter-total`, `avgifter-not`.
    """

    code: str
    name: str
    surplus: str
    meta: Mapping[str, Any]


def read_units(entries: Iterable[data.Directive]) -> dict[str, Unit]:
    """Return the units by code, in the order of their directives.

    A directive that is no proper unit is left out here; the plugin reports it.
    """
    units: dict[str, Unit] = {}
    for entry in customs(entries, "unit"):
        if _unit_mistake(entry) is None:
            code, name = values(entry)
            units.setdefault(code, Unit(code, name, entry.meta["overskott"], entry.meta))
    return units


def complete_with_clearing(
    entries: data.Directives, options_map: Mapping[str, Any]
) -> tuple[data.Directives, list[RuleError]]:
    """Add the clearing postings that make every unit balance in every voucher, and report breaches of U101 to U111."""
    opens = [entry for entry in entries if isinstance(entry, data.Open)]
    declarations = list(customs(entries, "unit"))
    books = _Books(options_map, read_units(declarations), opens)
    completed = [books.completed(entry) for entry in entries]
    errors = [
        *_currency_errors(options_map),
        *_declaration_errors(declarations),
        *_tree_errors(opens, declarations),
        *(error for entry in opens if (error := _name_error(entry, books.currency))),
    ]
    return completed, errors + books.errors


class _Books:
    """Takes the directives in the order of the ledger: completes the vouchers, and collects what is wrong with them."""

    def __init__(self, options_map: Mapping[str, Any], units: Mapping[str, Unit], opens: Iterable[data.Open]) -> None:
        self.errors: list[RuleError] = []
        self.currency = _currency_of(options_map)
        self._options_map = options_map
        self._units = units
        self._clearing = {entry.account: entry for entry in opens if _is_clearing(entry.account)}
        # What may stand in a voucher: the accounts of the trees, without clearing.
        names = ((entry.account, parse_account(entry.account)) for entry in opens)
        self._unit_of = {account: name.unit for account, name in names if name and account not in self._clearing}
        self._open: set[str] = set()
        self._reported: set[str] = set()

    def completed(self, entry: data.Directive) -> data.Directive:
        """Return a directive, with its clearing postings where it is a voucher of several units."""
        if isinstance(entry, data.Transaction):
            return self._completed(entry)
        if isinstance(entry, data.Open):
            self._open.add(entry.account)
            self.errors += _held_currency_errors(entry, self.currency)
        elif isinstance(entry, data.Close):
            self._open.discard(entry.account)
        elif isinstance(entry, data.Balance):
            self.errors += _balance_errors(entry, self.currency)
        return entry

    def _completed(self, entry: data.Transaction) -> data.Transaction:
        sums = self._sums_by_unit(entry)
        if not any(sums.values()):
            return entry
        if difference := sum(sums.values(), ZERO):
            self.errors += _difference_errors(entry, difference, self._options_map)
            return entry
        owed = [unit for unit, number in sums.items() if number]
        if not self._can_clear(entry, owed):
            return entry
        meta = {"filename": entry.meta.get("filename"), "lineno": entry.meta.get("lineno")}
        # Amount() checks what it is given, which would take as long as all the rest.
        clearing = [
            data.Posting(clearing_account(unit), Amount._make((-sums[unit], self.currency)), None, None, None, meta)
            for unit in sorted(owed)
        ]
        meta_of, day, flag, payee, narration, tags, links, rows = entry
        return data.Transaction(meta_of, day, flag, payee, narration, tags, links, rows + clearing)

    def _sums_by_unit(self, entry: data.Transaction) -> dict[str, Decimal]:
        """Return what the rows of each unit sum to: nothing where something else must be mended first."""
        sums: dict[str, Decimal] = {}
        for account, units, cost, price, _, _ in entry.postings:
            unit = self._unit_of.get(account)
            if unit is None or cost is not None or price is not None or not isinstance(units, Amount):
                return self._report_rows(entry)
            number, currency = units
            if currency != self.currency or not isinstance(number, Decimal):
                return self._report_rows(entry)
            # Almost every amount has two decimals, which is quicker seen than that it is whole öre.
            if not number.same_quantum(ORE) and _is_finer_than_ore(number):
                return self._report_rows(entry)
            sums[unit] = sums[unit] + number if unit in sums else number
        return sums

    def _report_rows(self, entry: data.Transaction) -> dict[str, Decimal]:
        self.errors += _row_errors(entry, self.currency)
        return {}

    def _can_clear(self, entry: data.Transaction, owed: Iterable[str]) -> bool:
        """Tell whether the clearing accounts of some units are open; a unit whose is not is reported once."""
        lacking = [unit for unit in owed if clearing_account(unit) not in self._open]
        for unit in lacking:
            # A unit that is not declared has an error of its own.
            if unit in self._units and unit not in self._reported:
                self._reported.add(unit)
                self.errors.append(self._lacks_clearing(entry, unit))
        return not lacking

    def _lacks_clearing(self, entry: data.Transaction, unit: str) -> RuleError:
        account = clearing_account(unit)
        message = f"U109 {unit} deals with other units, but {account} is not open on {entry.date}"
        opened = self._clearing.get(account)
        if opened is None:
            first = min([entry.date, *(other.date for other in self._clearing.values())])
            return broken(entry, f"{message}: write\n  {first} open {account} {self.currency}")
        if opened.date > entry.date:
            earlier = f"  {entry.date} open {account} {self.currency}"
            return broken(entry, f"{message} but from {opened.date} ({place(opened)}): open it earlier\n{earlier}")
        return broken(entry, f"{message}: remove its close, or date the voucher before it.")


# The rows of vouchers.


class _Row(NamedTuple):
    """A posting with an amount; `worth` is the same in the currency of its price or cost."""

    account: str
    number: Decimal
    currency: str
    priced: str
    worth: Amount
    meta: Mapping[str, Any] | None


def _row_errors(entry: data.Transaction, currency: str | None) -> list[RuleError]:
    rows = _rows(entry)
    # What a voucher with a row without amount should be cannot be told; without a currency there is one error for all.
    if currency is None or len(rows) < len(entry.postings):
        return []
    errors = []
    if by_hand := [row for row in rows if _is_clearing(row.account)]:
        errors.append(broken(entry, _by_hand(entry, rows, by_hand), by_hand[0].meta))
    if foreign := [row for row in rows if row.currency != currency or row.priced]:
        errors.append(broken(entry, _foreign(entry, rows, foreign, currency), foreign[0].meta))
    elif finer := [row for row in rows if _is_finer_than_ore(row.number)]:
        message = f"U108 Finer than an öre: {_named(finer)}. Write:\n{_pasted(entry, _rounded(rows))}"
        errors.append(broken(entry, message, finer[0].meta))
    return errors


def _rows(entry: data.Transaction) -> list[_Row]:
    rows = []
    for account, units, cost, price, _, meta in entry.postings:
        if isinstance(units, Amount) and isinstance(units.number, Decimal):
            worth: Amount = get_weight(data.Posting(account, units, cost, price, None, None))  # type: ignore[no-untyped-call]
            paid = f" {{{cost.number} {cost.currency}}}" if isinstance(cost, Cost) else ""
            paid += f" @ {price}" if price else ""
            rows.append(_Row(account, units.number, units.currency, paid, worth, meta))
    return rows


def _by_hand(entry: data.Transaction, rows: list[_Row], by_hand: list[_Row]) -> str:
    message = f"U105 Clearing is posted by hand: {_named(by_hand)}"
    rest = [row for row in rows if row not in by_hand]
    if rest and not sum(row.number for row in rest):
        return f"{message}. Leave it out, it completes itself:\n{_pasted(entry, rest)}"
    return f"{message}. Name the other unit's own account instead, clearing completes itself."


def _foreign(entry: data.Transaction, rows: list[_Row], foreign: list[_Row], currency: str) -> str:
    message = f"U107 The ledger is kept in {currency}, without prices and costs, but here is {_named(foreign)}"
    if all(row.worth.currency == currency for row in rows):
        return f"{message}. Write what it was worth:\n{_pasted(entry, _rounded(rows))}"
    return f"{message}. Write the voucher in {currency} at the rate of the day."


def _rounded(rows: Iterable[_Row]) -> list[_Row]:
    """Return the worth of rows in whole öre that sum to zero."""
    exact = [row._replace(number=D(row.worth.number), currency=row.worth.currency, priced="") for row in rows]
    rounded = [row._replace(number=row.number.quantize(ORE, ROUND_HALF_UP, WIDE)) for row in exact]
    # The largest of the rows that were rounded takes what the rounding leaves.
    finer = [index for index, row in enumerate(exact) if _is_finer_than_ore(row.number)] or [0]
    largest = max(finer, key=lambda index: abs(rounded[index].number))
    left = sum(row.number for row in rounded)
    rounded[largest] = rounded[largest]._replace(number=rounded[largest].number - left)
    return rounded


def _named(rows: Iterable[_Row]) -> str:
    return ", ".join(f"{row.account} {kronor(row.number)} {row.currency}{row.priced}" for row in rows)


def _pasted(entry: data.Transaction, rows: Iterable[_Row]) -> str:
    postings = [posting(row.account, row.number, row.currency) for row in rows]
    return indented(voucher_text(entry._replace(postings=postings)))


def _difference_errors(entry: data.Transaction, difference: Decimal, options_map: Mapping[str, Any]) -> list[RuleError]:
    tolerances = infer_tolerances(entry.postings, options_map)  # type: ignore[no-untyped-call]
    residual = compute_residual(entry.postings)  # type: ignore[no-untyped-call]
    if not residual.is_small(tolerances):
        return []  # Beancount reports it.
    currency = _currency_of(options_map)
    message = (
        f"U111 The rows of the voucher sum to {kronor(difference)} {currency}, which the ledger's tolerance lets pass: "
        'correct the row that is wrong, and write in the main file\n  option "tolerance_multiplier" "0"'
    )
    return [broken(entry, message)]


def _is_clearing(account: str) -> bool:
    return account.endswith(f":{CLEARING}")


def _is_finer_than_ore(number: Decimal) -> bool:
    # The denominator tells it exactly, however many digits there are.
    return 100 % number.as_integer_ratio()[1] != 0


# The currency of the ledger, of accounts and of balance assertions.


def _currency_of(options_map: Mapping[str, Any]) -> str | None:
    currencies = options_map["operating_currency"]
    return currencies[0] if currencies else None


def _currency_errors(options_map: Mapping[str, Any]) -> list[RuleError]:
    if _currency_of(options_map):
        return []
    message = 'U107 The ledger does not say its currency: write in the main file\n  option "operating_currency" "SEK"'
    return [RuleError({"filename": options_map.get("filename"), "lineno": 1}, message, None)]


def _held_currency_errors(entry: data.Open, currency: str | None) -> list[RuleError]:
    if currency is None or not entry.currencies or entry.currencies == [currency]:
        return []
    message = f"U107 The ledger is kept in {currency}, but {entry.account} is opened for {', '.join(entry.currencies)}"
    return [broken(entry, f"{message}: write\n  {_open_text(entry, currency)}")]


def _balance_errors(entry: data.Balance, currency: str | None) -> list[RuleError]:
    amount = entry.amount
    if currency is None or not isinstance(amount.number, Decimal):
        return []
    if amount.currency != currency:
        message = f"U107 The ledger is kept in {currency}, but the balance asserted is {amount}"
        return [broken(entry, f"{message}. Assert what it was worth in {currency}.")]
    if _is_finer_than_ore(amount.number):
        rounded = amount.number.quantize(ORE, ROUND_HALF_UP, WIDE)
        message = (
            f"U108 Finer than an öre: {amount}. Write:\n  {entry.date} balance {entry.account} {rounded} {currency}"
        )
        return [broken(entry, message)]
    return []


# The units and their account trees.


def _unit_mistake(entry: data.Custom) -> str | None:
    """Return why a unit cannot be read, as the end of a sentence, or None for a proper one."""
    given = values(entry)
    if len(given) != 2 or not all(isinstance(value, str) and value.strip() for value in given):
        return "it takes a code and a name"
    if not _CODE.fullmatch(given[0]):
        return f'its code "{given[0]}" must be of capital letters and digits, as it stands in account names'
    # An amount cannot be compared with a text.
    if str(entry.meta.get("overskott")) not in (KEPT, CARRIED):
        return f"it must say what becomes of its surplus, {KEPT} or {CARRIED}"
    return None


def _declaration_errors(declarations: Iterable[data.Custom]) -> list[RuleError]:
    errors = []
    seen: dict[str, data.Custom] = {}
    for entry in declarations:
        if mistake := _unit_mistake(entry):
            errors.append(broken(entry, f"U101 This unit cannot be read: {mistake}. Write:\n{_unit_text(entry)}"))
            continue
        code = values(entry)[0]
        first = seen.setdefault(code, entry)
        if first is not entry:
            errors.append(broken(entry, f"U102 Unit {code} is declared twice, first at {place(first)}: remove one."))
    return errors


def _unit_text(entry: data.Custom) -> str:
    """Return the directive as it could be meant, with examples of what it lacks."""
    words = [value for value in values(entry) if isinstance(value, str) and value.strip()]
    name = next((word for word in words[-1:] if len(words) > 1 or not _CODE.fullmatch(word)), "Namn")
    surplus = CARRIED if str(entry.meta.get("overskott")) == CARRIED else KEPT
    return _declaration(entry.date, _code_meant(entry) or "UNIT", name.replace('"', '\\"'), surplus)


def _code_meant(entry: data.Custom) -> str | None:
    """Return the code of a unit, also of one that cannot be read, as "nav" means NAV."""
    words = [value for value in values(entry) if isinstance(value, str) and value.strip()]
    if words and (len(words) > 1 or _CODE.fullmatch(words[0])):
        return "".join(_CODE.findall(words[0].upper())) or None
    return None


def _declaration(day: date, code: str, name: str, surplus: str = KEPT) -> str:
    return f'  {day} custom "unit" "{code}" "{name}"\n    overskott: "{surplus}"'


def _tree_errors(opens: Iterable[data.Open], declarations: Iterable[data.Custom]) -> list[RuleError]:
    """Report each unit that has accounts without being declared, once, at its first account."""
    codes = [_code_meant(entry) for entry in declarations]
    declared = {code for code in codes if code}
    strangers: dict[str, list[data.Open]] = defaultdict(list)
    for entry in opens:
        name = parse_account(entry.account)
        if name is not None and name.unit not in declared:
            strangers[name.unit].append(entry)
    # A declaration that cannot be read has its own error, and its accounts none.
    if len(strangers) <= codes.count(None):
        return []
    return [_stranger(unit, entries, declared) for unit, entries in strangers.items()]


def _stranger(unit: str, entries: list[data.Open], declared: Iterable[str]) -> RuleError:
    first = entries[0]
    others = f" and {len(entries) - 1} more" if len(entries) > 1 else ""
    are = "are" if others else "is"
    units = ", ".join(sorted(declared)) or "none"
    message = f"U103 {first.account}{others} {are} of unit {unit}, not declared. Name one that is ({units}), or write:"
    return broken(first, f"{message}\n{_declaration(first.date, unit, unit)}")


def _name_error(entry: data.Open, currency: str | None) -> RuleError | None:
    name = parse_account(entry.account)
    if name is None:
        message = "is not named Root:UNIT:NNNN-Namn[:Detalj], as Expenses:UNIT:6020-Lokalhyror"
        return broken(entry, f"U104 {entry.account} {message}. Name it so, here and in its vouchers.")
    if name.number == CLEARING_NUMBER and entry.account != clearing_account(name.unit):
        message = f"number {CLEARING_NUMBER} is for {clearing_account(name.unit)} alone"
        return broken(entry, f"U110 {entry.account}: {message}. Take another number of group {CLEARING_NUMBER[:2]}.")
    if not name.number.startswith(NUMBERS.get(name.root, ())):
        return broken(entry, f"U106 {entry.account}: {_class_mistake(entry, name, currency)}")
    return None


def _class_mistake(entry: data.Open, name: AccountName, currency: str | None) -> str:
    groups = f"{name.root} has {_groups(name.root)}" if name.root in NUMBERS else "There is no such root"
    root = next((root for root, numbers in NUMBERS.items() if name.number.startswith(numbers)), None)
    if root is None:
        return f"no account has a number of group {name.number[:2]}. {groups}."
    renamed = entry._replace(account=entry.account.replace(name.root, root, 1))
    return f"number {name.number} stands under {root}. {groups}; or write:\n  {_open_text(renamed, currency)}"


def _groups(root: str) -> str:
    return ", ".join(NUMBERS[root])


def _open_text(entry: data.Open, currency: str | None) -> str:
    return f"{entry.date} open {entry.account} {currency or ''}".rstrip()
