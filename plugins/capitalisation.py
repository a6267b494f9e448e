"""Capitalisation: which equipment is an investment, and which is expensed.

What is equipment to invest in, and not to expense on 641x, is decided in the ledger:

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

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from beancount.core import data

from forbundsbok.plugins.assets import LONGEST_LIFE, Asset, registered_assets
from forbundsbok.plugins.books import Books
from forbundsbok.plugins.corrections import CORRECTS
from forbundsbok.plugins.directives import Field, Kind, positive_money, whole_number
from forbundsbok.plugins.findings import Finding, Subject
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.places import place
from forbundsbok.plugins.review import bookings_to_review
from forbundsbok.plugins.rulebook import Sees, rule, unreadable

EQUIPMENT = "641"

SEVERAL = "antal"
"""The metadata of how many things an expense of equipment is."""

LIFE = "manader"
"""The metadata of how many months equipment lives."""


@dataclass(frozen=True)
class Threshold:
    """The least that an investment costs and the months that it lives, from a day on."""

    start: date
    least: Decimal
    months: int

    def covers(self, asset: Asset) -> bool:
        return asset.cost >= self.least and asset.months >= self.months


THRESHOLD = Kind(
    "investment-threshold",
    values=(Field(N_("amount"), positive_money),),
    meta=(Field(LIFE, whole_number(1, LONGEST_LIFE)),),
    make=lambda entry, given: Threshold(entry.date, given["amount"], given[LIFE]),
    example='2023-01-01 custom "investment-threshold" 26250.00 SEK\n  manader: 36',
)


def threshold_on(books: Books, day: date) -> Threshold | None:
    """Return the threshold in force on a day, None where that is not known because one cannot be read."""
    if books.unread(THRESHOLD):
        return None
    return next((each for each in reversed(books.declared(THRESHOLD)) if each.start <= day), None)


@rule(
    "A607",
    title=N_("Equipment at or above the threshold is an investment, not expensed on 641x."),
    why=N_("LKBR chapter 7 and RKR R4; internal control 5: what is bought to last is booked on an account of assets."),
    mend=N_("Book it on a cost account and write it into the register, or say why it is none."),
    sees=Sees(groups=(EQUIPMENT,), keys=(CORRECTS,)),
)
def expensed_equipment(books: Books) -> Iterator[Finding]:
    for booking in bookings_to_review(books, EQUIPMENT):
        cost, threshold = booking.cost(EQUIPMENT, books.currency), threshold_on(books, booking.day)
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
    "A608",
    title=N_("An investment is at or above the threshold, and lives as long as that says."),
    why=N_("LKBR chapter 7 and RKR R4; internal control 5: an asset in the register is worth and lasts what one must."),
    mend=N_(
        "Expense it on 641x and remove the directive, or put its cost or life right; one that goes on with what "
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
            message = N_(
                "{name} cost {amount} kr and lives {months} months. What costs less than {least} kr or lives shorter "
                "than {limit} months is no investment: expense it on 641x and remove the directive, or put its cost "
                "or life right."
            )
            values = {
                "name": asset.name,
                "amount": asset.cost,
                "months": asset.months,
                "least": begun.least,
                "limit": begun.months,
            }
            yield Finding(asset.entry, Subject("asset", asset.name), message, values)


unreadable(
    "A610",
    THRESHOLD,
    title=N_("An investment threshold can be read: an amount, and the shortest life in months."),
    why=N_("Without it nothing tells an investment from an expense."),
)
