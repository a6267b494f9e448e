"""Grants: what is decided for a project is paid to whom it was decided for, and no more.

    2025-02-10 * "Bidragsmottagare 031 Kultur" "Beslut om bidrag: Kulturåret 2025"
      ver: "M 16"
      attest: "UC"
      projekt: "Kulturåret 2025"
      Expenses:RU:4513-Bidrag-till-kulturaktörer   62000.00 SEK
      Liabilities:RU:2950-Beslutade-projekt       -62000.00 SEK

What is owed of a decision is the sum of the rows on an account of accrued debts whose vouchers name the project. What
was decided before the books, or names no project, is a sum on the account that payments of other projects may use up.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from beancount.core import data

from forbundsbok.plugins.books import Books
from forbundsbok.plugins.corrections import CORRECTS
from forbundsbok.plugins.findings import Finding, Subject
from forbundsbok.plugins.internal import PARTY
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.money import ZERO
from forbundsbok.plugins.parties import party_key
from forbundsbok.plugins.places import place
from forbundsbok.plugins.roles import Role, has_role
from forbundsbok.plugins.rulebook import Sees, rule

PROJECT = "projekt"

SEES = Sees(groups=Role.ACCRUED.groups, keys=(CORRECTS,))


@dataclass
class GrantDecision:
    """What is decided for a project on an account, what is left of it to pay, and for whom it is."""

    decided: Decimal = ZERO
    left: Decimal = ZERO
    receivers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class GrantPayment:
    """A payment of a project: what was left to pay before it, of that project or of what names none."""

    entry: data.Transaction
    account: str
    project: str
    amount: Decimal
    left: Decimal
    receivers: Mapping[str, str]


def _payments(books: Books) -> list[GrantPayment]:
    """Return the payments of projects in the order of the books."""
    decisions: dict[tuple[str, str], GrantDecision] = defaultdict(GrantDecision)
    unnamed: dict[str, Decimal] = defaultdict(Decimal)
    payments = []
    for entry in books.touching(*Role.ACCRUED.groups):
        project, rows = _project(entry), books.rows(entry)
        decides = any(has_role(account, Role.COSTS) and number > 0 for account, number in rows)
        takes_out = any(has_role(account, Role.MONEY, Role.SUPPLIERS) for account, _ in rows)
        for account, number in rows:
            if not has_role(account, Role.ACCRUED):
                continue
            decision = decisions[account, project]
            if not project or not (decision.decided or (decides and number < 0)):
                if project and number > 0 and takes_out:
                    left = max(-unnamed[account], ZERO)
                    payments.append(GrantPayment(entry, account, project, number, left, {}))
                unnamed[account] += number
                continue
            if number > 0 and takes_out:
                payments.append(GrantPayment(entry, account, project, number, decision.left, dict(decision.receivers)))
            decision.left -= number
            if number < 0:
                decision.decided -= number
                decision.receivers |= _receivers(entry)
    return payments


def _project(entry: data.Transaction) -> str:
    """Return the project that a voucher names, "" where it names none."""
    written = entry.meta.get(PROJECT)
    return written if isinstance(written, str) else ""


def _receivers(entry: data.Transaction) -> dict[str, str]:
    """Return whom a voucher names as the one who gets the money, as names are compared and as they are written."""
    named = (entry.payee, entry.meta.get(PARTY))
    return {party_key(each): each for each in named if isinstance(each, str) and each.strip()}


@rule(
    "G101",
    title=N_("Of a project no more is paid than is decided for it."),
    why=N_("A grant is paid by its decision; what is paid beyond it takes what was decided for somebody else."),
    mend=N_("Book the decision, or put the amount, the account or the project of the payment right."),
    sees=SEES,
    warns=True,
)
def more_than_decided(books: Books) -> Iterator[Finding]:
    for payment in books.once(_payments):
        if payment.amount > payment.left:
            message = N_(
                '{voucher} pays {amount} kr of "{project}" from {account}, where {left} kr is left of what is decided.'
            )
            values = {
                "voucher": payment.entry,
                "amount": payment.amount,
                "project": payment.project,
                "account": payment.account,
                "left": payment.left,
            }
            yield Finding(payment.entry, Subject("voucher", place(payment.entry)), message, values)


@rule(
    "G102",
    title=N_("A grant is paid to the one for whom it is decided."),
    why=N_("A grant is paid by its decision, which names the receiver."),
    mend=N_("Put the receiver of the payment right, or acknowledge that the decision lets another one get it."),
    after=["G101"],
    sees=SEES,
    warns=True,
)
def paid_to_its_receiver(books: Books) -> Iterator[Finding]:
    for payment in books.once(_payments):
        receivers = _receivers(payment.entry)
        if payment.receivers and receivers and not receivers.keys() & payment.receivers.keys():
            message = N_('{voucher} pays {amount} kr of "{project}" to {receiver}; it is decided for {receivers}.')
            values = {
                "voucher": payment.entry,
                "amount": payment.amount,
                "project": payment.project,
                "receiver": payment.entry.payee or "",
                "receivers": sorted(set(payment.receivers.values())),
            }
            yield Finding(payment.entry, Subject("voucher", place(payment.entry)), message, values)


@rule(
    "G103",
    title=N_("A grant is taken back of a decision that is booked."),
    why=N_("A decision with its signs reversed lowers cost and debt, where it should raise both."),
    mend=N_("Turn the signs, or write rattar with the number of the decision that is taken back."),
    sees=SEES,
    warns=True,
)
def taken_back(books: Books) -> Iterator[Finding]:
    decided: set[tuple[str, str]] = set()
    for entry in books.touching(*Role.ACCRUED.groups):
        project, rows = _project(entry), books.rows(entry)
        grants = [number for account, number in rows if has_role(account, Role.GRANTS_PAID)]
        for account, number in rows if project and grants else ():
            if not has_role(account, Role.ACCRUED):
                continue
            if number < 0:
                decided.add((account, project))
            elif (account, project) not in decided and sum(grants, ZERO) < 0 and CORRECTS not in entry.meta:
                message = N_('{voucher} takes {amount} kr of "{project}" back on {account}, where none is decided.')
                values = {"voucher": entry, "amount": number, "project": project, "account": account}
                yield Finding(entry, Subject("voucher", place(entry)), message, values)
