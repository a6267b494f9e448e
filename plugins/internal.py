"""Internal sales: what one unit sells to another, which no statement of the whole federation shows.

The accounts for them are marked where they are opened, and stand alone in their vouchers:

    2023-01-01 open Income:ADM:3610-Interna-tjänster SEK
      intern: TRUE
    2023-01-01 open Expenses:NAV:7610-Interna-tjänster SEK
      intern: TRUE

    2023-01-31 * "Administrativa tjänster till Navet januari"
      ver: "N 8"
      Income:ADM:3610-Interna-tjänster         -162030.19 SEK
      Expenses:NAV:7610-Interna-tjänster        162030.19 SEK

What the buyer owes the seller is clearing, and is not marked: a unit invoices no other, and no row on a bank of nothing
or of an öre makes a sale to another unit one to the outside. A voucher that a later one of the same
month corrects (`rattar`) is judged together with it. Rows of nothing count as not written.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial

from beancount.core import data

from forbundsbok.plugins.accounts import is_clearing, parse_account
from forbundsbok.plugins.books import Books
from forbundsbok.plugins.corrections import CORRECTS, Booking, has_amount, number_of
from forbundsbok.plugins.findings import Finding, Message, Replace, Subject
from forbundsbok.plugins.findings import Step as FixStep
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.ledger_text import voucher
from forbundsbok.plugins.money import ORE, ZERO
from forbundsbok.plugins.months import Month
from forbundsbok.plugins.numbers import FreeNumbers, series_of
from forbundsbok.plugins.parties import folded
from forbundsbok.plugins.places import place
from forbundsbok.plugins.review import put_right
from forbundsbok.plugins.rights import ATTEST, MOTTAGNING
from forbundsbok.plugins.roles import Role
from forbundsbok.plugins.rulebook import EVERY, Sees, rule
from forbundsbok.plugins.units import units_in

MARK = "intern"
SERIES = "N"
"""The series of internal sales, where a voucher has none that can be read."""

# What an account is to an internal sale.
INTERNAL, EXTERNAL, BALANCE, CLEARED = "internal", "external", "balance", "cleared"

PARTY = "motpart"
"""The metadata of whom a voucher is with."""

ROUNDING = Decimal("0.01")
"""The part of a sale that is no payment beside it."""

SALES = Sees(roles=(Role.INCOME, Role.COSTS), keys=(CORRECTS,))


def _kind(entry: data.Open) -> str:
    name = parse_account(entry.account)
    if is_clearing(entry.account):
        return CLEARED
    if name is None or name.root not in ("Income", "Expenses"):
        return BALANCE
    return INTERNAL if entry.meta.get(MARK) is True else EXTERNAL


def _is_wrong_mark(entry: data.Open) -> bool:
    return entry.meta.get(MARK, False) is not False and _kind(entry) not in (INTERNAL, CLEARED)


def _kinds(books: Books) -> dict[str, str]:
    """Return what each account is; what vouchers on one with a wrong mark should be cannot be told."""
    return {account: _kind(entry) for account, entry in books.opens.items() if not _is_wrong_mark(entry)}


@dataclass(frozen=True)
class Sale:
    """What the vouchers of a booking in one month come to: internal amounts, and the external ones beside them."""

    vouchers: tuple[data.Transaction, ...]
    entry: data.Transaction
    income: Mapping[str, Decimal]
    expense: Mapping[str, Decimal]
    external: Mapping[str, Decimal]
    late: data.Transaction | None = None
    """What puts it right, but first in another month."""
    passing: Mapping[str, Decimal] = field(default_factory=dict)
    """What goes out and in on external accounts in one voucher, so that it comes to nothing there."""
    to_and_fro: Mapping[str, Decimal] = field(default_factory=dict)
    """What one voucher books on an internal account in debit and in credit: the unit sells it to itself."""

    @property
    def sold(self) -> Decimal:
        return -sum(self.income.values(), ZERO)

    @property
    def bought(self) -> Decimal:
        return sum(self.expense.values(), ZERO)

    @property
    def within(self) -> set[str]:
        """The units that both sell and buy."""
        both = {_unit(account) for account in self.income} & {_unit(account) for account in self.expense}
        return both | {_unit(account) for account in self.to_and_fro}

    @property
    def is_right(self) -> bool:
        # Internal amounts alone that are not equal do not balance, which Beancount reports.
        return not (self.income or self.expense or self.to_and_fro) or not (self.external or self.within)

    @property
    def subject(self) -> Subject:
        return Subject("voucher", place(self.entry))

    def row_on(self, accounts: Iterable[str]) -> data.Posting | None:
        """Return its first row on one of some accounts."""
        return next((row for row in self.entry.postings if row.account in accounts), None)


def _wrong_sales(books: Books) -> list[Sale]:
    """Return what is wrong by the vouchers, the first of each booking: what corrects it is the same mistake."""
    kinds = books.once(_kinds)
    internal = books.on_accounts(account for account, kind in kinds.items() if kind == INTERNAL)
    wrong = [entry for entry in internal if not _is_plainly_right(entry, kinds) and _is_readable(books, entry)]
    ids = {id(entry) for entry in wrong}
    sales = []
    for booking in books.bookings(wrong):
        by_month: dict[Month, list[data.Transaction]] = defaultdict(list)
        for entry in booking.vouchers:
            by_month[Month.of(entry.date)].append(entry)
        months = [month for month in by_month.values() if any(id(entry) in ids for entry in month)]
        found = [sale for month in months if not (sale := _sale(books, month, ids)).is_right]
        if found:
            late = next((entry for entry in booking.vouchers if entry.date > found[0].vouchers[-1].date), None)
            whole = _sale(books, booking.vouchers, ids).is_right
            sales.append(replace(found[0], late=late if whole else None))
    return sales


def _is_plainly_right(entry: data.Transaction, kinds: Mapping[str, str]) -> bool:
    """Tell whether a voucher has internal accounts alone, and seller and buyer are different units."""
    units: dict[str, set[str]] = {"Income": set(), "Expenses": set()}
    seen: set[str] = set()
    for row in entry.postings:
        kind = kinds.get(row.account)
        if kind == INTERNAL:
            if row.account in seen:
                return False
            seen.add(row.account)
            root, unit = row.account.split(":")[:2]
            units[root].add(unit)
        elif kind != CLEARED:
            return False
    return units["Income"].isdisjoint(units["Expenses"])


def _is_readable(books: Books, entry: data.Transaction) -> bool:
    """Tell whether all rows have amounts and accounts: what is wrong with others is reported elsewhere."""
    kinds = books.once(_kinds)
    return all(has_amount(row, books.currency) and row.account in kinds for row in entry.postings)


def _sale(books: Books, vouchers: Iterable[data.Transaction], wrong: set[int]) -> Sale:
    booking = Booking(tuple(vouchers))
    amounts: dict[str, dict[str, Decimal]] = {"Income": {}, "Expenses": {}, EXTERNAL: {}}
    for account, number in booking.sums(books.currency).items():
        if number:
            part = account.split(":")[0] if books.once(_kinds).get(account) == INTERNAL else EXTERNAL
            amounts[part][account] = number
    first = next(entry for entry in booking.vouchers if id(entry) in wrong)
    passing = {} if amounts[EXTERNAL] else _passing(books, booking)
    external = amounts[EXTERNAL] or passing
    to_and_fro = {} if external else _to_and_fro(books, booking)
    parts = amounts["Income"], amounts["Expenses"], external
    return Sale(booking.vouchers, first, *parts, passing=passing, to_and_fro=to_and_fro)


def _to_and_fro(books: Books, booking: Booking) -> dict[str, Decimal]:
    """Return what a voucher that is alone moves to and fro on internal accounts, so that nothing is left there."""
    sums = booking.sums(books.currency)
    amounts: dict[str, Decimal] = defaultdict(Decimal)
    for row in booking.plain_rows() if len(booking.vouchers) == 1 else ():
        if books.once(_kinds).get(row.account) == INTERNAL and not sums[row.account] and number_of(row) > 0:
            amounts[row.account] += number_of(row)
    return dict(amounts)


def _passing(books: Books, booking: Booking) -> dict[str, Decimal]:
    """Return what goes out and in on external accounts in one of the vouchers, where that comes to nothing."""
    passing: dict[str, Decimal] = defaultdict(Decimal)
    for row in (row for entry in booking.vouchers for row in entry.postings if number_of(row) > 0):
        if books.once(_kinds).get(row.account) not in (INTERNAL, CLEARED):
            passing[row.account] += number_of(row)
    # A correction takes back what the voucher before it has written: that goes nowhere.
    return {} if len(booking.vouchers) > 1 else dict(passing)


def _doubted_marks(books: Books) -> dict[str, list[Sale]]:
    """Return the accounts whose vouchers, more than one, are all wrong, and would all be right by the other mark."""
    kinds = books.once(_kinds)
    alone: dict[str, list[Sale]] = defaultdict(list)
    for sale in books.once(_wrong_sales):
        for amounts in ({**sale.income, **sale.expense}, sale.external):
            if len(amounts) == 1 and kinds[account := next(iter(amounts))] != BALANCE:
                alone[account].append(sale)
    used = {account: len(books.on_accounts([account])) for account, sales in alone.items() if len(sales) > 1}
    doubted: dict[str, list[Sale]] = {}
    explained: set[int] = set()
    for account in sorted(used, key=lambda account: (-used[account], kinds[account], account)):
        own = [sale for sale in alone[account] if id(sale) not in explained]
        if len(own) == used[account]:
            doubted[account] = own
            explained |= {id(sale) for sale in own}
    return doubted


def _unit(account: str) -> str:
    return account.split(":")[1]


def _listed(amounts: Mapping[str, Decimal]) -> list[Message]:
    return [Message("{account} {amount} kr", {"account": each, "amount": amounts[each]}) for each in amounts]


@rule(
    "I401",
    title=N_("In every voucher internal income equals internal expense."),
    why=N_("Report 3.1 leaves both out; were one larger, income and costs would be wrong by the difference."),
    mend=N_("Write both parts on internal accounts, or both on others when the other part is external."),
    after=["I404"],
    sees=SALES,
)
def equal_parts(books: Books) -> Iterator[Finding]:
    for sale in books.once(_wrong_sales):
        if not sale.external or sale.sold == sale.bought:
            continue
        message = N_(
            "{voucher} has {internal} internally beside {external}: internal income is {sold} kr, internal expense "
            "{bought} kr."
        )
        if sale.late:
            message = N_(
                "{voucher} has {internal} internally beside {external}; {late} corrects it first on {day}: date the "
                "correction in the same month."
            )
        values = {
            "voucher": sale.entry,
            "sold": sale.sold,
            "bought": sale.bought,
            "internal": _listed({**sale.income, **sale.expense}),
            "external": _listed(sale.external),
            "late": sale.late,
            "day": sale.late.date if sale.late else None,
        }
        yield Finding(sale.entry, sale.subject, message, values, posting=sale.row_on(sale.external))


@rule(
    "I402",
    title=N_("Seller and buyer are different units."),
    why=N_("Report 3.5; a unit that sells to itself shows income and costs that it never had."),
    mend=N_("Name the unit that bought, or remove the sale."),
    after=["I404"],
    sees=SALES,
)
def other_buyer(books: Books) -> Iterator[Finding]:
    for sale in books.once(_wrong_sales):
        if not sale.external:
            unit = min(sale.within)
            internal = {**sale.to_and_fro, **sale.expense}
            bought = {account: number for account, number in internal.items() if _unit(account) == unit}
            message = N_("{voucher}: {unit} sells to itself for {amount} kr.")
            values = {"voucher": sale.entry, "unit": unit, "amount": sum(bought.values(), ZERO)}
            blamed = max((row for row in sale.entry.postings if row.account in bought), key=number_of, default=None)
            yield Finding(sale.entry, sale.subject, message, values, posting=blamed)


@rule(
    "I403",
    title=N_("Internal and external accounts do not stand in the same voucher."),
    why=N_("What is left out of report 3.1 must be whole vouchers, or a voucher would be half shown."),
    mend=N_("Write two vouchers instead, one of the internal sale."),
    after=["I404"],
    sees=SALES,
)
def whole_vouchers(books: Books) -> Iterator[Finding]:
    for sale in books.once(_wrong_sales):
        if sale.external and sale.sold == sale.bought:
            message = N_("{voucher} has an internal sale of {amount} kr beside {external}: write two vouchers.")
            if sale.passing:
                message = N_(
                    "{voucher} books {amount} kr internally, but {external} goes both out and in: what is paid to or "
                    "by others is no internal sale. Book it on accounts that are not marked intern."
                )
            values = {"voucher": sale.entry, "amount": sale.sold, "external": _listed(sale.external)}
            proposal = partial(_two_vouchers, sale)
            yield Finding(
                sale.entry, sale.subject, message, values, proposal=proposal, posting=sale.row_on(sale.external)
            )


def _text_of(rows: Iterable[data.Posting]) -> str:
    """Return a text for a voucher with some rows: what it cost or gave, by the names of its accounts."""
    names = [name for row in rows if (name := parse_account(row.account))]
    of_result = [name for name in names if name.root in ("Income", "Expenses")] or names
    return ", ".join(dict.fromkeys(name.name.replace("-", " ") for name in of_result))


def _two_vouchers(sale: Sale, numbers: FreeNumbers) -> list[FixStep]:
    """Return the step that divides a voucher, where it has no corrections, and no links that are of one part.

    The sale is what it is about, and keeps number, text and document. The rest is told by its account, and was approved
    with the sale.
    """
    entry = sale.entry
    if len(sale.vouchers) > 1 or sale.late or sale.passing or entry.links:
        return []
    rows = [row for row in Booking((entry,)).plain_rows() if number_of(row)]
    external = [row for row in rows if row.account in sale.external]
    internal = [row for row in rows if row.account not in sale.external]
    meta = {"ver": numbers.free(series_of(entry, SERIES), entry.date.year)}
    meta |= {key: entry.meta[key] for key in (ATTEST, MOTTAGNING) if key in entry.meta}
    rest = voucher(entry.date, _text_of(external), meta["ver"], external)._replace(flag=entry.flag, meta=meta)
    return [Replace(entry, [entry._replace(postings=internal), rest])]


@rule(
    "I404",
    title=N_("The mark is intern: TRUE, on accounts for income and expenses between units and on no others."),
    why=N_("Report 3.1 and 3.5; the mark decides what is left out. What units owe each other is left out as clearing."),
    mend=N_("Write the mark where it lacks, or remove it; or book on other accounts."),
    sees=SALES,
)
def mark(books: Books) -> Iterator[Finding]:
    for account, entry in books.opens.items():
        if not _is_wrong_mark(entry):
            continue
        subject = Subject("account", account)
        if _kind(entry) == BALANCE:
            bare = entry._replace(meta={key: value for key, value in entry.meta.items() if key != MARK})
            message = N_("{account} is of the balance sheet, where nothing is marked intern.")
            yield Finding(entry, subject, message, {"account": account}, fix=[Replace(entry, [bare])])
        else:
            message = N_("The mark of {account} cannot be read: write intern: TRUE, or nothing.")
            yield Finding(entry, subject, message, {"account": account})
    for account, sales in books.once(_doubted_marks).items():
        if books.once(_kinds)[account] == INTERNAL:
            message = N_("{account} is marked intern, but none of its vouchers is an internal sale: {vouchers}.")
        else:
            message = N_("{account} is not marked intern, but all its vouchers are internal sales: {vouchers}.")
        values = {"account": account, "vouchers": [sale.entry for sale in sales]}
        also = [sale.subject for sale in sales]
        yield Finding(books.opens[account], Subject("account", account), message, values, also=also)


@rule(
    "I405",
    title=N_("What a unit sells to another is booked on internal accounts."),
    why=N_("Report 3.1; booked on others it would raise both the income and the costs of the federation."),
    mend=N_("Use internal accounts in the voucher, or mark its accounts intern: TRUE."),
    sees=EVERY,
)
def unmarked_sale(books: Books) -> Iterator[Finding]:
    kinds = books.once(_kinds)
    by_seller: dict[str, list[data.Transaction]] = defaultdict(list)
    for entry in books.vouchers:
        if CORRECTS in entry.meta or not _joins_income_and_cost(entry):
            continue
        outside = _outside(entry, kinds, books)
        if outside is not None and _is_readable(books, entry) and (seller := _seller(entry, books.currency, outside)):
            by_seller[seller].append(entry)
    for entries in by_seller.values():
        sums = Booking((entries[0],)).sums(books.currency)
        message = N_("{vouchers} is an internal sale on accounts that are not marked intern: {amounts}.")
        plural = N_("{vouchers} are internal sales on accounts that are not marked intern, the first {amounts}.")
        values = {"vouchers": entries, "count": len(entries), "amounts": _listed(sums)}
        subject, *also = [Subject("voucher", place(entry)) for entry in entries]
        yield Finding(entries[0], subject, message, values, plural=plural, also=also)


def _joins_income_and_cost(entry: data.Transaction) -> bool:
    roots = {row.account[:7] for row in entry.postings}
    return "Income:" in roots and "Expense" in roots


def _outside(entry: data.Transaction, kinds: Mapping[str, str], books: Books) -> Decimal | None:
    """Return what a voucher without internal accounts moves on accounts of the balance sheet, None of another voucher.

    Receivables and debts do not count: a unit that invoices another has sold to it all the same.
    """
    amounts: dict[str, Decimal] = defaultdict(Decimal)
    for row in entry.postings:
        kind = kinds.get(row.account)
        if kind not in (EXTERNAL, BALANCE, CLEARED):
            return None
        if kind == BALANCE and not books.roles.has(row.account, Role.CUSTOMERS, Role.SUPPLIERS):
            amounts[row.account] += number_of(row)
    return sum(map(abs, amounts.values()), ZERO)


def _seller(entry: data.Transaction, currency: str, outside: Decimal) -> str | None:
    """Return the income account of an internal sale on external accounts, or None where there is none.

    One unit's income meets another's cost, and what comes from outside beside it is no payment: at most an öre.
    """
    sums = Booking((entry,)).sums(currency)
    units: dict[str, Decimal] = defaultdict(Decimal)
    for account, number in sums.items():
        if account.startswith(("Income:", "Expenses:")):
            units[_unit(account)] += number

    def moved(root: str, sign: int) -> dict[str, Decimal]:
        own = {account: number * sign for account, number in sums.items() if account.startswith(f"{root}:")}
        return {each: own[each] for each in own if own[each] > 0 and units[_unit(each)] * sign > 0}

    sold, bought = moved("Income", -1), moved("Expenses", 1)
    met = min(sum(sold.values(), ZERO), sum(bought.values(), ZERO))
    return min(sold) if met and outside <= max(met * ROUNDING, ORE) else None


@rule(
    "I406",
    title=N_("Units of the federation do not invoice each other."),
    why=N_("Report 3.2; a claim of one unit on another is no claim of the federation, and its income none either."),
    mend=N_("Write one voucher of the internal sale, on the accounts marked intern: what is owed is clearing."),
    sees=Sees(roles=(Role.CUSTOMERS, Role.SUPPLIERS)),
)
def own_invoice(books: Books) -> Iterator[Finding]:
    names = books.once(_own_names)
    for entry in books.having(Role.CUSTOMERS, Role.SUPPLIERS):
        other = _own_unit(entry, names)
        row = next(
            (row for row in entry.postings if books.roles.has(row.account, Role.CUSTOMERS, Role.SUPPLIERS)), None
        )
        if other and row and number_of(row):
            message = N_(
                "{voucher} has {amount} kr on {account} with {party}, which is {unit} of the federation: write the "
                "sale between the units on accounts that are marked intern, without receivable and debt."
            )
            party, unit = other
            values = {"voucher": entry, "account": row.account, "amount": number_of(row), "party": party, "unit": unit}
            yield Finding(entry, Subject("voucher", place(entry)), message, values, posting=row)


OTHERS = 5
"""How many other sales of a pair of units there must be before one unlike them is strange."""

TIMES = 5
"""How many times the largest of the others a sale is that has a digit too many."""


@rule(
    "I407",
    title=N_("A sale between two units is of the size that their sales are."),
    why=N_(
        "Nobody pays what one unit sells to another, so nobody sees a digit too many: it moves a result from unit to "
        "unit. A warning, since a sale may be of a whole year."
    ),
    mend=N_("Compare with the agreement of the two units, and correct the amount, or acknowledge it."),
    after=["I401", "I402", "I403", "I404", "T107"],
    sees=SALES,
    warns=True,
)
def usual_size(books: Books) -> Iterator[Finding]:
    corrected = books.once(put_right)
    kinds = books.once(_kinds)
    ends = {code: unit.closed for code, unit in books.once(units_in).items()}
    pairs: dict[tuple[str, str], list[tuple[Decimal, data.Transaction]]] = defaultdict(list)
    for entry in books.on_accounts(account for account, kind in kinds.items() if kind == INTERNAL):
        rows = [row for row in books.rows(entry) if kinds.get(row[0]) == INTERNAL]
        sellers = {account for account, number in rows if account.startswith("Income:") and number < 0}
        for buyer, number in rows if len(sellers) == 1 and id(entry) not in corrected else ():
            # On its last day a unit hands over what it is worth (U115).
            is_last = entry.date in (ends.get(_unit(min(sellers))), ends.get(_unit(buyer)))
            if number > 0 and not is_last:
                pairs[min(sellers), buyer].append((number, entry))
    sizes = sorted(number for sales in pairs.values() for number, _ in sales)
    for (seller, buyer), sales in pairs.items():
        (number, first), own = sales[0], (_unit(seller), _unit(buyer))
        is_new = first.date.year > books.first_year and not books.is_sealed(first.date)
        if is_new and number > sizes[len(sizes) // 2] and len(sizes) > OTHERS:
            message = N_("{voucher}: {seller} sells for {amount} kr to {buyer}, and never has before ({account}).")
            values = {"voucher": first, "seller": own[0], "buyer": own[1], "amount": number, "account": seller}
            yield Finding(first, Subject("voucher", place(first)), message, values)
        if len(sales) <= OTHERS:
            yield from _above_the_few(sales, own, sizes[len(sizes) // 2], books)
            continue
        usual, (amount, entry) = sorted(number for number, _ in sales)[-2], max(sales, key=lambda sale: sale[0])
        if amount >= TIMES * usual and not books.is_sealed(entry.date):
            message = N_(
                "{voucher}: {seller} sells for {amount} kr to {buyer}; the largest of {count} other such sales is "
                "{usual} kr."
            )
            values = {
                "voucher": entry,
                "seller": _unit(seller),
                "buyer": _unit(buyer),
                "amount": amount,
                "usual": usual,
                "count": len(sales) - 1,
            }
            yield Finding(entry, Subject("voucher", place(entry)), message, values)


def _above_the_few(
    sales: Sequence[tuple[Decimal, data.Transaction]], own: tuple[str, str], median: Decimal, books: Books
) -> Iterator[Finding]:
    """Yield a sale that is many times what the few before it of the same units were, and larger than most of all."""
    largest = ZERO
    for amount, entry in sales:
        if amount > TIMES * largest > 0 and amount > median and not books.is_sealed(entry.date):
            message = N_(
                "{voucher}: {seller} sells for {amount} kr to {buyer}; before it has sold for {usual} kr at most."
            )
            values = {"voucher": entry, "seller": own[0], "buyer": own[1], "amount": amount, "usual": largest}
            yield Finding(entry, Subject("voucher", place(entry)), message, values)
        largest = max(largest, amount)


def _own_names(books: Books) -> dict[tuple[str, ...], str]:
    """Return the unit that each of its names is of, word by word: its code, its name, and how its name begins."""
    names: dict[tuple[str, ...], str] = {}
    for code, unit in books.once(units_in).items():
        for words in [_words(state.name) for state in unit.states]:
            for length in range(1, len(words) + 1):
                names.setdefault(words[:length], code)
        names.setdefault(_words(code), code)
    return names


def _own_unit(entry: data.Transaction, names: Mapping[tuple[str, ...], str]) -> tuple[str, str] | None:
    """Return the party that a voucher names and the unit that it is, None where it is of the outside."""
    for party in (entry.payee, entry.meta.get(PARTY)):
        if isinstance(party, str) and (unit := names.get(_words(party))):
            return party, unit
    return None


def _words(text: str) -> tuple[str, ...]:
    return tuple(folded(text).split())
