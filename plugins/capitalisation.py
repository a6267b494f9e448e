"""Capitalisation: which equipment is an investment, and which is expensed.

What is equipment to invest in, and not to expense, is decided in the ledger:

    2023-01-01 custom "investment-threshold" 26250.00 SEK
      manader: 36

Equipment of which each piece costs less, or that lasts shorter, says so, `antal: 10` or `manader: 24`, on the voucher
that expenses it:

    2024-03-12 * "Leverantör 022 Inredning" "Stolar"
      ver: "L 123"
      attest: "VC-NAV"
      mottagning: "HL-NAV"
      antal: 12
      Expenses:NAV:6410-Förbrukningsinventarier    36000.00 SEK
      Assets:FK:1650-Momsfordran                    9000.00 SEK
      Liabilities:NAV:2510-Leverantörsskulder     -45000.00 SEK
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from itertools import pairwise

from beancount.core import data

from forbundsbok.plugins.accounts import unit_of
from forbundsbok.plugins.assets import LONGEST_LIFE, Asset, registered_assets
from forbundsbok.plugins.books import Books
from forbundsbok.plugins.corrections import CORRECTS, Booking, Cost, has_amount, number_of
from forbundsbok.plugins.decisions import DECISION, undecided
from forbundsbok.plugins.directives import Field, Kind, positive_money, text, whole_number
from forbundsbok.plugins.findings import Finding, Message, Subject
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.money import ZERO
from forbundsbok.plugins.parties import LONG, party_key, same_party
from forbundsbok.plugins.places import place
from forbundsbok.plugins.recurrence import lasting
from forbundsbok.plugins.review import bookings_to_review
from forbundsbok.plugins.roles import Role, Roles
from forbundsbok.plugins.rulebook import Sees, rule, unreadable
from forbundsbok.plugins.units import units_in

STEP = Decimal("1.25")
"""How much a threshold changes from a year to the next at most, when it follows prices."""

SEVERAL = "antal"
"""The metadata of how many things an expense of equipment is."""

LIFE = "manader"
"""The metadata of how many months equipment lives."""

TOGETHER = timedelta(7)
"""What is bought of a supplier within so many days is bought together."""

A_YEAR = timedelta(366)

A_MOMENT = timedelta(92)
"""How long plant that is finished may wait to be moved to its account."""


@dataclass(frozen=True)
class Threshold:
    """The least that an investment costs and the months that it lives, from a day on."""

    start: date
    least: Decimal
    months: int
    entry: data.Custom

    def covers(self, asset: Asset) -> bool:
        return asset.cost >= self.least and asset.months >= self.months


THRESHOLD = Kind(
    "investment-threshold",
    values=(Field(N_("amount"), positive_money),),
    meta=(Field(LIFE, whole_number(1, LONGEST_LIFE)), Field(DECISION, text, required=False)),
    make=lambda entry, given: Threshold(entry.date, given["amount"], given[LIFE], entry),
    example='2023-01-01 custom "investment-threshold" 26250.00 SEK\n  manader: 36',
)


def threshold_on(books: Books, day: date) -> Threshold | None:
    """Return the threshold in force on a day, None where that is not known because one cannot be read."""
    if books.unread(THRESHOLD):
        return None
    return next((each for each in reversed(books.declared(THRESHOLD)) if each.start <= day), None)


@rule(
    "A607",
    title=N_("Equipment at or above the threshold is an investment, and not expensed."),
    why=N_("LKBR chapter 7 and RKR R4; internal control 5: what is bought to last is booked on an account of assets."),
    mend=N_("Book it on a cost account and write it into the register, or say why it is none."),
    sees=Sees(roles=(Role.EQUIPMENT,), keys=(CORRECTS,)),
)
def expensed_equipment(books: Books) -> Iterator[Finding]:
    for booking in bookings_to_review(books, Role.EQUIPMENT):
        cost, threshold = books.cost(booking, Role.EQUIPMENT), threshold_on(books, booking.day)
        if cost is None or threshold is None or cost.amount < threshold.least:
            continue
        if any(_is_small(entry, cost.amount, threshold) for entry in booking.vouchers):
            continue
        message = N_(
            "{voucher} expenses equipment of {amount} kr on {account}. What costs {least} kr or more and lives "
            "{months} months or more is an investment: book it on an account of assets (12) and write it into the "
            "register. Of several cheaper things, write antal below its first line; of what lives shorter, manader."
        )
        values = {
            "voucher": cost.entry,
            "amount": cost.amount,
            "account": cost.posting.account,
            "least": threshold.least,
            "months": threshold.months,
        }
        yield Finding(cost.entry, Subject("voucher", place(cost.entry)), message, values, posting=cost.posting)


def _is_small(entry: data.Transaction, amount: Decimal, threshold: Threshold) -> bool:
    """Tell whether a voucher says that it is of several things below the threshold, or of a shorter life."""
    several, months = entry.meta.get(SEVERAL), entry.meta.get(LIFE)
    if isinstance(several, Decimal) and several >= 1 and amount / several < threshold.least:
        return True
    return isinstance(months, Decimal) and 0 < months < threshold.months


@rule(
    "A621",
    title=N_("Equipment that is bought together is judged together, on one invoice or several."),
    why=N_("LKBR chapter 7 and RKR R4: what belongs together is one investment, however its invoices are divided."),
    mend=N_("Book it as an investment, or write antal or manader below the first lines, or acknowledge the last."),
    sees=Sees(roles=(Role.EQUIPMENT,), keys=(CORRECTS,)),
    after=["A607"],
    warns=True,
)
def divided_equipment(books: Books) -> Iterator[Finding]:
    by_unit: dict[str, list[tuple[Booking, Cost]]] = defaultdict(list)
    for booking in bookings_to_review(books, Role.EQUIPMENT):
        cost, threshold = books.cost(booking, Role.EQUIPMENT), threshold_on(books, booking.day)
        if cost is None or threshold is None or cost.amount >= threshold.least or not cost.entry.payee:
            continue
        if not any(_is_small(entry, cost.amount, threshold) for entry in booking.vouchers):
            by_unit[unit_of(cost.posting.account)].append((booking, cost))
            yield from _with_material(booking, cost, threshold, books)
    for purchases in by_unit.values():
        for together in _together(purchases):
            last = together[-1]
            threshold, amount = threshold_on(books, last.entry.date), sum((each.amount for each in together), ZERO)
            if len(together) > 1 and threshold and amount >= threshold.least:
                message = N_(
                    "{vouchers} from {supplier} expense equipment of {amount} kr together on {account}, each below "
                    "{least} kr: is it one investment?"
                )
                values = {
                    "vouchers": [each.entry for each in together],
                    "supplier": last.entry.payee,
                    "amount": amount,
                    "account": last.posting.account,
                    "least": threshold.least,
                }
                yield Finding(last.entry, Subject("voucher", place(last.entry)), message, values, posting=last.posting)


def _with_material(booking: Booking, cost: Cost, threshold: Threshold, books: Books) -> Iterator[Finding]:
    """Yield that one invoice has equipment and material, which together are as much as an investment."""
    material = books.cost(booking, Role.MATERIALS)
    if material and material.amount >= threshold.least and not books.is_sealed(booking.day):
        message = N_(
            "{voucher} expenses equipment of {amount} kr on {account} and {rest} kr of material beside it: together "
            "that is {least} kr or more. Is it one investment?"
        )
        values = {
            "voucher": cost.entry,
            "amount": cost.amount,
            "account": cost.posting.account,
            "rest": material.amount - cost.amount,
            "least": threshold.least,
        }
        yield Finding(cost.entry, Subject("voucher", place(cost.entry)), message, values, posting=cost.posting)


def _together(purchases: Iterable[tuple[Booking, Cost]]) -> list[list[Cost]]:
    """Return the purchases of a unit by what follows within a few days from the same supplier, or of the same text."""
    groups: list[list[Cost]] = []
    recent: list[tuple[date, list[Cost]]] = []
    for booking, cost in sorted(purchases, key=lambda purchase: purchase[0].day):
        recent = [each for each in recent if booking.day - each[0] <= TOGETHER]
        own = next((each for _, each in recent if _belong_together(each[0].entry, cost.entry)), None)
        if own is None:
            groups.append(own := [])
        own.append(cost)
        recent = [*(each for each in recent if each[1] is not own), (booking.day, own)]
    return groups


def _belong_together(one: data.Transaction, other: data.Transaction) -> bool:
    """Tell whether two purchases are of one supplier, or parts of one thing: of the same two or more long words."""
    words = _words(one.narration or "")
    return same_party(one.payee or "", other.payee or "") or (len(words) > 1 and words == _words(other.narration or ""))


@rule(
    "A635",
    title=N_("What lasts is judged as equipment, whatever cost it is booked on."),
    why=N_(
        "LKBR chapter 7 and RKR R4: an investment booked as material, repair or licences is a cost of one year. "
        "A warning, since only the invoice shows what was bought."
    ),
    mend=N_("Book it as an investment, or write antal or manader below the first line, or acknowledge what it is."),
    sees=Sees(roles=(Role.GOODS,), keys=(CORRECTS,)),
    after=["A607", "D702", "D703", "T107"],
    warns=True,
)
def lasting_goods(books: Books) -> Iterator[Finding]:
    for booking in bookings_to_review(books, Role.GOODS):
        threshold = None if books.is_sealed(booking.day) else threshold_on(books, booking.day)
        if threshold is None or not _is_bought(booking, books):
            continue
        # A correction moves it to the account that was meant.
        sums = [
            (number, account)
            for account, number in booking.sums(books.currency).items()
            if _is_consumed(account, books.roles)
        ]
        amount, account = max(sums, default=(ZERO, ""))
        if amount < threshold.least or any(_is_small(entry, amount, threshold) for entry in booking.vouchers):
            continue
        if like := books.once(_Lasting).like(booking, account):
            message = N_(
                "{voucher} expenses {amount} kr on {account}; {like}. What costs {least} kr or more and lives {months} "
                "months or more is an investment: is it one?"
            )
            values = {
                "voucher": booking.first,
                "amount": amount,
                "account": account,
                "like": like,
                "least": threshold.least,
                "months": threshold.months,
            }
            yield Finding(booking.first, Subject("voucher", place(booking.first)), message, values)


@cache
def _is_consumed(account: str, roles: Roles) -> bool:
    """Tell whether an account is of goods and services that are a cost when they are bought."""
    return roles.has(account, Role.GOODS) and roles.has(account, Role.COSTS) and not roles.has(account, Role.EQUIPMENT)


def _is_bought(booking: Booking, books: Books) -> bool:
    return any(books.roles.has(row.account, Role.SUPPLIERS, Role.MONEY) for row in booking.plain_rows())


class _Lasting:
    """What the books know of things that last: the words for them, who sells them, and each account's use."""

    def __init__(self, books: Books) -> None:
        self.roles = books.roles
        units = books.once(units_in).values()
        self.places = {word for unit in units for state in unit.states for word in _words(state.name)}
        """The words for units and buildings, which say whose a thing is, or where, and not what."""
        self.words: set[str] = set()
        for asset in books.once(registered_assets).assets:
            self._words_for(asset.account).update(_words(asset.name))
        self.sellers: set[str] = set()
        self.used: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
        """By account and word or party, the vouchers that have it there."""
        for entry in books.having(Role.FIXED_ASSETS, Role.GOODS):
            words, party = _words(entry.narration or ""), party_key(entry.payee or "")
            for account, number in books.rows(entry):
                if number <= 0:
                    continue
                if books.roles.has(account, Role.FIXED_ASSETS, Role.EQUIPMENT):
                    self._words_for(account).update(words)
                    self.sellers.add(party)
                elif books.roles.has(account, Role.GOODS):
                    for each in (*words, f" {party}"):
                        self.used[_number(account)][each].add(id(entry))

    def _words_for(self, account: str) -> set[str]:
        return self.places if self.roles.has(account, "mark-och-byggnader", "pagaende") else self.words

    def like(self, booking: Booking, account: str) -> Message | None:
        """Return why a purchase may be of what lasts, None where nothing shows it."""
        payee, narration = booking.first.payee, booking.first.narration or ""
        party = party_key(payee or "")
        used, own = self.used[_number(account)], {id(entry) for entry in booking.vouchers}
        known = sorted((_words(narration) & self.words) - self.places)
        if word := next((each for each in known if used[each] <= own), ""):
            text = N_('"{word}" is written of equipment, and of nothing else on that account')
            return Message(text, {"word": word})
        if party and party in self.sellers and used[f" {party}"] <= own:
            return Message(N_("{payee} has sold equipment, and nothing else on that account"), {"payee": payee})
        if self.roles.has(account, Role.MATERIALS):
            return Message(N_("that is much for material"))
        return None


def _words(text: str) -> set[str]:
    """Return the words of a text that may name a thing."""
    return {word for word in lasting(text).split() if len(word) >= LONG and word not in _LITTLE}


_LITTLE = frozenset((
    "efter", "eller", "emellan", "enligt", "ersätter", "extra", "första", "från", "genom", "gäller", "hela", "inför",
    "inklusive", "innan", "kring", "medan", "mellan", "mindre", "nytt", "också", "samma", "samt", "sedan", "större",
    "tidigare", "tills", "under", "utanför", "utöver", "vidare", "övriga", "norra", "södra", "östra", "västra", "inre",
    "yttre", "övre", "nedre", "mellersta",
))  # fmt: skip
"""Words that name nothing, wherever they stand."""


def _number(account: str) -> str:
    return account.split(":")[2]


@rule(
    "A622",
    title=N_("What is prepaid becomes a cost within a year, or is an investment."),
    why=N_("LKBR chapter 7: an asset that is kept among interim receivables is never depreciated."),
    mend=N_("Expense what has been used, book an investment on its account of assets, or acknowledge it."),
    sees=Sees(roles=(Role.PREPAID,)),
    warns=True,
)
def left_as_prepaid(books: Books) -> Iterator[Finding]:
    for account in (account for account in books.postings if books.roles.has(account, Role.PREPAID)):
        rows = [(entry, row) for entry, row in books.postings[account] if has_amount(row, books.currency)]
        for entry, row, left in _left(rows):
            threshold = threshold_on(books, entry.date)
            if books.last_booked - entry.date > A_YEAR and threshold and left >= threshold.least:
                message = N_(
                    "{voucher}: {amount} kr are still prepaid on {account} at {day}. What is used is a cost, and what "
                    "lasts for years an investment."
                )
                values = {"voucher": entry, "amount": left, "account": account, "day": books.last_booked}
                yield Finding(entry, Subject("voucher", place(entry)), message, values, posting=row)


@rule(
    "A641",
    title=N_("Plant that is in use is no longer unfinished."),
    why=N_(
        "RKR R4: it is depreciated from the day on which it is put to use; kept among what is unfinished it costs "
        "nothing, and the grant to it is not released. A warning, since a project may stand still."
    ),
    mend=N_("Move it to the account of its group and write it into the register, or acknowledge why it is unfinished."),
    sees=Sees(roles=("pagaende",)),
    warns=True,
)
def left_as_unfinished(books: Books) -> Iterator[Finding]:
    for account in (account for account in books.postings if books.roles.has(account, "pagaende")):
        rows = [(entry, row) for entry, row in books.postings[account] if has_amount(row, books.currency)]
        threshold = threshold_on(books, books.last_booked)
        left = [each for each in _left(rows) if not threshold or each[2] >= threshold.least]
        if not left:
            continue
        said = next((each for each in left if _IN_USE.search(each[0].narration or "")), None)
        last, _, _ = left[-1]
        entry, message = last, ""
        if said and books.last_booked - said[0].date > A_MOMENT:
            message = N_("{amount} kr on {account} is still unfinished at {day}, though {voucher} says that it is not.")
            entry = said[0]
        elif books.last_booked - last.date > A_YEAR:
            message = N_(
                "{amount} kr on {account} is still unfinished at {day}, and {voucher} was the last of it: is it in use?"
            )
        if message:
            amount = sum((amount for _, _, amount in left), ZERO)
            values = {"account": account, "amount": amount, "day": books.last_booked, "voucher": entry}
            # A voucher of a sealed year is told where the account is opened.
            at = books.opens.get(account) if books.is_sealed(entry.date) else entry
            yield Finding(at, Subject("account", account), message, values)


_IN_USE = re.compile(
    r"\b(tas?|togs|tagits|tagen) i (bruk|drift)|driftsätt|driftsatt|färdig|slutbesikt|invig|slutfaktura", re.I
)
"""What the text of a voucher says of plant that is finished."""


def _left(
    rows: Iterable[tuple[data.Transaction, data.Posting]],
) -> Iterator[tuple[data.Transaction, data.Posting, Decimal]]:
    """Yield what is left of what an account was debited: a credit takes an equal debit back, or the earliest ones."""
    left: dict[int, tuple[data.Transaction, data.Posting, Decimal]] = {}
    equal: dict[Decimal, list[int]] = defaultdict(list)
    for place_of_row, (entry, row) in enumerate(rows):
        number = number_of(row)
        if number > 0:
            left[place_of_row] = entry, row, number
            equal[number].append(place_of_row)
            continue
        same = next((each for each in reversed(equal[-number]) if each in left and left[each][2] == -number), None)
        if same is not None:
            del left[same]
            continue
        while number < 0 and left:
            earliest = next(iter(left))
            first, debit, amount = left[earliest]
            if amount + number > 0:
                left[earliest] = first, debit, amount + number
            else:
                del left[earliest]
            number += amount
    yield from left.values()


@rule(
    "A608",
    title=N_("An investment is at or above the threshold, and lives as long as that says."),
    why=N_("LKBR chapter 7 and RKR R4; internal control 5: an asset in the register is worth and lasts what one must."),
    mend=N_(
        "Expense it and remove the directive, or put its cost or life right; one that goes on with what "
        'remained of a disposed asset names it: `ersatter: "Datorer 2023"`.'
    ),
)
def small_investment(books: Books) -> Iterator[Finding]:
    assets = books.once(registered_assets).assets
    disposed = {asset.name for asset in assets if asset.disposed is not None}
    for asset in assets:
        # It may be bought in the month before, when another threshold held.
        bought, begun = (threshold_on(books, month.first_day) for month in (asset.first.after(-1), asset.first))
        if not bought or not begun or bought.covers(asset) or begun.covers(asset):
            continue
        if asset.replaces not in disposed:
            raised = _raised_threshold(asset, begun, books)
            message = N_(
                "{name} cost {amount} kr and lives {months} months, an investment by the threshold up to {day}, {was} "
                "kr and {were} months, but not by that from {day}, {least} kr and {limit} months. Is that threshold "
                "decided, and right? Put it right if it is not; only if it is, expense what was bought and remove "
                "the directive."
            )
            if not raised:
                message = N_(
                    "{name} cost {amount} kr and lives {months} months. What costs less than {least} kr or lives "
                    "shorter than {limit} months is no investment: expense it and remove the directive, or put its "
                    "cost, its life or the threshold right."
                )
            values = {
                "name": asset.name,
                "amount": asset.cost,
                "months": asset.months,
                "least": begun.least,
                "limit": begun.months,
                "day": begun.start,
                "was": raised.least if raised else begun.least,
                "were": raised.months if raised else begun.months,
            }
            yield Finding(asset.entry, Subject("asset", asset.name), message, values)


def _raised_threshold(asset: Asset, threshold: Threshold, books: Books) -> Threshold | None:
    """Return the threshold before one of the open years, where the asset would be an investment by that."""
    before = threshold_on(books, threshold.start - timedelta(days=1))
    is_open = threshold.start > books.last_complete_day
    return before if before and is_open and before.covers(asset) else None


unreadable(
    "A610",
    THRESHOLD,
    title=N_("An investment threshold can be read: an amount, and the shortest life in months."),
    why=N_("Without it nothing tells an investment from an expense."),
)


@rule(
    "A634",
    title=N_("The threshold of investments follows prices from year to year, or names the decision that changes it."),
    why=N_(
        "RKR R4, and the federation's own rule: a threshold that is raised for one purchase lets an investment through "
        "as a cost, or a cost as an investment."
    ),
    mend=N_("Write the threshold as it is decided, and beslut below it: who decided, the day and the paragraph."),
    after=["A610"],
    warns=True,
)
def steady_threshold(books: Books) -> Iterator[Finding]:
    declared = sorted(books.declared(THRESHOLD), key=lambda each: each.start)
    for before, threshold in pairwise(declared):
        within_a_year = before.start.year == threshold.start.year
        as_prices = before.least / STEP <= threshold.least <= before.least * STEP
        if not undecided(threshold.entry, books):
            continue
        if within_a_year or not as_prices or threshold.months != before.months:
            message = N_(
                "From {day} the threshold of investments is {least} kr and {months} months; before it was {was} kr and "
                '{were} months. No decision is named: write below it\n  {key}: "..."'
            )
            values = {
                "day": threshold.start,
                "least": threshold.least,
                "months": threshold.months,
                "was": before.least,
                "were": before.months,
                "key": DECISION,
            }
            yield Finding(threshold.entry, Subject("threshold", str(threshold.start)), message, values)
