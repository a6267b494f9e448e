"""Grants: what is decided for a project is paid to whom it was decided for, and no more.

    2025-02-10 * "Bidragsmottagare 031 Kultur" "Beslut om bidrag: Kulturåret 2025"
      ver: "M 16"
      attest: "UC"
      projekt: "Kulturåret 2025"
      Expenses:RU:4513-Bidrag-till-kulturaktörer   62000.00 SEK
      Liabilities:RU:2950-Beslutade-projekt       -62000.00 SEK

What is owed of a decision is the sum of the rows on an account of accrued debts whose vouchers name the project. What
was decided before the books, or names no project, is a sum on the account that payments of other projects may use up.

A project is written the same each time, also on the costs and the income of a grant that is got.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from beancount.core import data

from forbundsbok.plugins.accounts import unit_of
from forbundsbok.plugins.books import Books
from forbundsbok.plugins.corrections import CORRECTS, Row
from forbundsbok.plugins.decisions import is_decision, names_decision
from forbundsbok.plugins.findings import Finding, Subject
from forbundsbok.plugins.imports import UNDERLAG, moved_in
from forbundsbok.plugins.internal import PARTY
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.money import ZERO
from forbundsbok.plugins.parties import folded, party_key
from forbundsbok.plugins.places import place
from forbundsbok.plugins.review import is_reviewed, put_right
from forbundsbok.plugins.roles import Role
from forbundsbok.plugins.rulebook import Sees, rule
from forbundsbok.plugins.spelling import is_misspelt

PROJECT = "projekt"

SEES = Sees(roles=(Role.ACCRUED,), keys=(CORRECTS,))


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
    for entry in books.having(Role.ACCRUED):
        project, rows = _project(entry), books.rows(entry)
        decides = any(books.roles.has(account, Role.COSTS, Role.INCOME) and number > 0 for account, number in rows)
        is_paid = _takes_out(rows, books)
        for account, number in rows:
            if not books.roles.has(account, Role.ACCRUED):
                continue
            decision = decisions[account, project]
            if not project or not (decision.decided or (decides and number < 0)):
                if project and number > 0 and is_paid:
                    left = max(-unnamed[account], ZERO)
                    payments.append(GrantPayment(entry, account, project, number, left, {}))
                unnamed[account] += number
                continue
            if number > 0 and is_paid:
                payments.append(GrantPayment(entry, account, project, number, decision.left, dict(decision.receivers)))
            decision.left -= number
            if number < 0:
                decision.decided -= number
                decision.receivers |= _receivers(entry)
    return payments


def _takes_out(rows: Iterable[Row], books: Books) -> bool:
    return any(books.roles.has(account, Role.MONEY, Role.SUPPLIERS) for account, _ in rows)


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
    title=N_("A grant is taken back of a decision that is booked, and of what is not paid of it."),
    why=N_("A decision with its signs reversed lowers cost and debt, where it should raise both."),
    mend=N_("Turn the signs, or write rattar with the number of the decision that is taken back."),
    sees=SEES,
    warns=True,
)
def taken_back(books: Books) -> Iterator[Finding]:
    decided: set[tuple[str, str]] = set()
    waiting: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for entry in books.having(Role.ACCRUED):
        project, rows = _project(entry), books.rows(entry)
        grants = [number for account, number in rows if books.roles.has(account, Role.GRANTS_PAID)]
        for account, number in rows if project else ():
            if not books.roles.has(account, Role.ACCRUED):
                continue
            left = waiting[account, project]
            waiting[account, project] -= number
            if not grants:
                continue
            if number < 0:
                decided.add((account, project))
            elif (
                (account, project) in decided and sum(grants, ZERO) < 0 and number > left and CORRECTS not in entry.meta
            ):
                message = N_(
                    '{voucher} takes {amount} kr of "{project}" back on {account}, where {left} kr is left to pay.'
                )
                values = {
                    "voucher": entry,
                    "amount": number,
                    "project": project,
                    "account": account,
                    "left": max(left, ZERO),
                }
                yield Finding(entry, Subject("voucher", place(entry)), message, values)
            elif (account, project) not in decided and sum(grants, ZERO) < 0 and CORRECTS not in entry.meta:
                message = N_('{voucher} takes {amount} kr of "{project}" back on {account}, where none is decided.')
                values = {"voucher": entry, "amount": number, "project": project, "account": account}
                yield Finding(entry, Subject("voucher", place(entry)), message, values)


@rule(
    "G104",
    title=N_("A grant that is decided is a cost once."),
    why=N_("It is a cost when it is decided; what is expensed again when it is paid leaves the debt as it was."),
    mend=N_("Book the payment against the account of the decision, or acknowledge that it is another grant."),
    after=["G101", "G102"],
    sees=Sees(roles=(Role.ACCRUED, Role.GRANTS_PAID), keys=(CORRECTS,)),
    warns=True,
)
def expensed_once(books: Books) -> Iterator[Finding]:
    waiting: dict[tuple[str, str], dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    decisions: dict[tuple[str, str], data.Transaction] = {}
    corrected = books.once(put_right)
    for entry in books.having(Role.ACCRUED, Role.GRANTS_PAID):
        project, rows = _project(entry), books.rows(entry)
        owed = [(account, number) for account, number in rows if books.roles.has(account, Role.ACCRUED)]
        granted = [
            (account, number) for account, number in rows if books.roles.has(account, Role.GRANTS_PAID) and number > 0
        ]
        for account, number in owed if project else ():
            waiting[unit_of(account), project][account] -= number
            if granted and number < 0:
                decisions[unit_of(account), project] = entry
        if owed or not project or id(entry) in corrected:
            continue
        for account, number in granted:
            decision = decisions.get((unit_of(account), project))
            left = {debt: open for debt, open in waiting[unit_of(account), project].items() if open > 0}
            if decision and left and _takes_out(rows, books):
                message = N_(
                    '{voucher} expenses {amount} kr of "{project}" as {account}. It was a cost when {decision} decided '
                    "it, and {left} kr of that waits on {debt}."
                )
                debt = max(left, key=lambda each: left[each])
                values = {
                    "voucher": entry,
                    "amount": number,
                    "project": project,
                    "account": account,
                    "decision": decision,
                    "left": left[debt],
                    "debt": debt,
                }
                yield Finding(entry, Subject("voucher", place(entry)), message, values)


# How a project is written


ON_INCOME, WITH_PARTY = 3, 5
"""How many others on an account of income, and of a party on one of costs, must agree for one to be odd."""

LONGER = 3
"""More letters than this has a word in which a slip is seen: shorter ones name units."""

_DIGIT = re.compile(r"\d")

SELDOM, OFTEN = 2, 3
"""How often a misspelt project stands at most, and how many times as often the one that is meant."""


@rule(
    "G105",
    title=N_("A project is written as it was before, and is of the unit that it was of."),
    why=N_(
        "A misspelt project is another one, in which no report finds what belongs to the grant; one of another unit "
        "is claimed from whoever pays for that."
    ),
    mend=N_("Write the project that is meant, or acknowledge that it is a new one, or one that units share."),
    sees=Sees(keys=(PROJECT,)),
    warns=True,
)
def project_misspelt(books: Books) -> Iterator[Finding]:
    uses: dict[str, list[data.Transaction]] = defaultdict(list)
    for entry in books.vouchers:
        if project := _project(entry):
            uses[project].append(entry)
    yield from _of_another_unit(uses, books)
    for project, own in uses.items():
        if len(own) > SELDOM or all(books.is_sealed(entry.date) for entry in own):
            continue
        known = [each for each in uses if len(uses[each]) >= OFTEN * len(own) and _is_misspelt(project, each)]
        for entry in own if known else ():
            message = N_('{voucher} names the project "{project}". Is "{near}" meant, which {count} others name?')
            near = max(known, key=lambda each: len(uses[each]))
            values = {"voucher": entry, "project": project, "near": near, "count": len(uses[near])}
            yield Finding(entry, Subject("voucher", place(entry)), message, values)


def _of_another_unit(uses: Mapping[str, Sequence[data.Transaction]], books: Books) -> Iterator[Finding]:
    """Yield the first voucher that has a project's costs or income in a unit, when all before it had them in one."""
    for project, own in uses.items():
        if len(own) <= OFTEN or books.is_sealed(own[-1].date):
            continue
        counts = Counter[str]()
        for entry in own:
            units = {unit_of(row[0]) for row in books.rows(entry) if books.roles.has(row[0], Role.COSTS, Role.INCOME)}
            is_asked = len(counts) == 1 and counts.total() >= OFTEN and units and units.isdisjoint(counts)
            if is_asked and not books.is_sealed(entry.date) and is_reviewed(entry, books):
                message = N_(
                    '{voucher} of {unit} names the project "{project}", which the {count} others have in {known}.'
                )
                values = {
                    "voucher": entry,
                    "unit": sorted(units),
                    "project": project,
                    "count": counts.total(),
                    "known": min(counts),
                }
                yield Finding(entry, Subject("voucher", place(entry)), message, values)
            counts.update(units)


def _is_misspelt(project: str, known: str) -> bool:
    """Tell whether a project is another one with a slip in one of its longer words, or in its blanks and capitals."""
    if project == known:
        return False
    words, others = project.casefold().split(), known.casefold().split()
    if len(words) != len(others) or words == others:
        return "".join(words) == "".join(others)
    # Numbers and the short names of units tell one project from another.
    differing = [(one, other) for one, other in zip(words, others, strict=True) if one != other]
    return len(differing) == 1 and all(
        len(one) > LONGER and not _DIGIT.search(one + other) and is_misspelt(one, other) for one, other in differing
    )


@rule(
    "G106",
    title=N_("Income and cost of a grant name its project, as all others on the account do."),
    why=N_("What names no project, or another one, is missing when the grant is accounted for, and repaid."),
    mend=N_("Write the project of the grant, or acknowledge that this is of another one."),
    after=["G105"],
    sees=Sees(roles=(Role.INCOME, Role.COSTS), keys=(PROJECT,)),
    warns=True,
)
def usual_project(books: Books) -> Iterator[Finding]:
    elsewhere, corrected = books.once(moved_in), books.once(put_right)
    told: set[int] = set()
    for account, rows in sorted(books.postings.items()):
        is_income = books.roles.has(account, Role.INCOME)
        if not is_income and not books.roles.has(account, Role.COSTS):
            continue
        groups: dict[str, list[tuple[data.Transaction, str]]] = defaultdict(list)
        for entry, row in rows:
            written = (row.meta or {}).get(PROJECT)
            project = written if isinstance(written, str) else _project(entry)
            if id(entry) not in corrected and entry.meta.get(UNDERLAG) not in elsewhere:
                groups["" if is_income else entry.payee or ""].append((entry, project))
        for party, own in groups.items():
            counts = Counter(project for _, project in own)
            (usual, count), *others = counts.most_common()
            least = ON_INCOME if is_income else WITH_PARTY
            if not usual or count < least or len(others) != 1 or others[0][1] > 1 or not (is_income or party):
                continue
            for entry, project in own:
                if project != usual and id(entry) not in told:
                    told.add(id(entry))
                    message = N_(
                        '{voucher} names the project "{project}", but the {count} others on {account} name "{usual}".'
                    )
                    if not project:
                        message = N_('{voucher} names no project, but the {count} others on {account} name "{usual}".')
                    values = {
                        "voucher": entry,
                        "project": project,
                        "count": count,
                        "account": account,
                        "usual": usual,
                    }
                    yield Finding(entry, Subject("voucher", place(entry)), message, values)


USUALLY = 5
"""How many grants are decided before one that is not is strange."""


@rule(
    "G107",
    title=N_("A grant is decided for a project before it is paid, where the federation's others are."),
    why=N_("A grant that is a cost the day it is paid, or of no project, is by no decision that anybody can look up."),
    mend=N_("Book the decision against what is owed, with its project, and the payment against that."),
    after=["G101", "G103", "G104"],
    sees=Sees(roles=(Role.GRANTS_PAID,)),
    warns=True,
)
def decided_first(books: Books) -> Iterator[Finding]:
    decided = named = 0
    for entry in books.having(Role.GRANTS_PAID):
        rows = books.rows(entry)
        cost = sum((number for account, number in rows if books.roles.has(account, Role.GRANTS_PAID)), ZERO)
        owed = any(books.roles.has(account, Role.ACCRUED, Role.PROVISIONS) for account, _ in rows)
        paid = any(books.roles.has(account, Role.MONEY, Role.SUPPLIERS) and number < 0 for account, number in rows)
        of_provision = any(books.roles.has(account, Role.PROVISIONS) for account, _ in rows)
        if cost <= 0 or of_provision or CORRECTS in entry.meta:
            continue
        if owed and not paid and _project(entry):
            is_usual = named >= USUALLY and (decided - named) * USUALLY <= named
            if is_usual and not _names_decision(entry) and is_reviewed(entry, books):
                message = N_(
                    "{voucher} is a grant of {amount} kr and names no decision; the {count} before it name theirs."
                )
                values: dict[str, Any] = {"voucher": entry, "amount": cost, "count": named}
                yield Finding(entry, Subject("voucher", place(entry)), message, values)
                continue
            decided += 1
            named += _names_decision(entry)
        elif decided >= USUALLY and is_reviewed(entry, books):
            message = N_(
                "{voucher} makes a grant of {amount} kr a cost without a decision on a project; the {count} before it "
                "have one."
            )
            if paid:
                message = N_(
                    "{voucher} pays a grant of {amount} kr at once, without a decision that is owed; the {count} "
                    "before it have one."
                )
            values = {"voucher": entry, "amount": cost, "count": decided}
            yield Finding(entry, Subject("voucher", place(entry)), message, values)


def _names_decision(entry: data.Transaction) -> bool:
    """Tell whether a voucher, or its document, says who has decided it, and when or by which paragraph."""
    return names_decision(entry) or is_decision(str(entry.meta.get(UNDERLAG) or ""))


@rule(
    "G108",
    title=N_("A project is decided for one receiver, or for those that it was decided for first."),
    why=N_("A decision that is booked once more, for somebody else, is paid under the first one's name."),
    mend=N_("Write the project of the decision, or acknowledge by which decision another one gets money for it."),
    after=["G102", "G105"],
    sees=SEES,
    warns=True,
)
def decided_for_another(books: Books) -> Iterator[Finding]:
    decided: dict[str, tuple[data.Transaction, dict[str, str]]] = {}
    for entry in books.having(Role.ACCRUED):
        project, rows, receivers = _project(entry), books.rows(entry), _receivers(entry)
        is_decision = any(books.roles.has(account, Role.GRANTS_PAID) and number > 0 for account, number in rows)
        is_owed = any(books.roles.has(account, Role.ACCRUED) and number < 0 for account, number in rows)
        if not (project and receivers and is_decision and is_owed):
            continue
        first, known = decided.setdefault(project, (entry, receivers))
        if receivers.keys().isdisjoint(known) and not books.is_sealed(entry.date):
            message = N_('{voucher} decides "{project}" for {receivers}; {first} decided it for {known}.')
            values = {
                "voucher": entry,
                "project": project,
                "receivers": sorted(receivers.values()),
                "first": first,
                "known": sorted(known.values()),
            }
            yield Finding(entry, Subject("voucher", place(entry)), message, values)
        known.update(receivers)


MOST = 20
"""Of how many vouchers on an account one may name no project, where the others do."""


@rule(
    "G109",
    title=N_("What was decided and comes back to the result names the project that it was decided for."),
    why=N_(
        "A decision that is not used is taken back by a decision. What is let go without its project is a reserve that "
        "was kept for a worse year."
    ),
    mend=N_("Write the project whose decision is taken back, or acknowledge who has decided it."),
    after=["G103", "T125", "T128"],
    sees=Sees(roles=(Role.ACCRUED,), keys=(CORRECTS, PROJECT)),
    warns=True,
)
def comes_back_of_no_project(books: Books) -> Iterator[Finding]:
    corrected = books.once(put_right)
    for account, rows in sorted(books.postings.items()):
        if not books.roles.has(account, Role.ACCRUED):
            continue
        named = unnamed = 0
        for entry, row in rows:
            if id(entry) in corrected or any(books.roles.has(other, Role.EQUITY) for other, _ in books.rows(entry)):
                continue
            named += bool(_project(entry))
            unnamed += not _project(entry)
            is_asked = unnamed * MOST <= named and entry.date.year > books.first_year and is_reviewed(entry, books)
            if _project(entry) or row.units is None or not is_asked or books.is_sealed(entry.date):
                continue
            own = [
                (other, number)
                for other, number in books.rows(entry)
                if books.roles.has(other, Role.COSTS, Role.INCOME)
            ]
            if own and sum((number for _, number in own), ZERO) < 0:
                message = N_(
                    "{voucher} takes {amount} kr of {account} to {result}, and names no project; of {count} others on "
                    "the account nearly all do."
                )
                values = {
                    "voucher": entry,
                    "amount": -sum((number for _, number in own), ZERO),
                    "account": account,
                    "result": own[0][0],
                    "count": named + unnamed - 1,
                }
                yield Finding(entry, Subject("voucher", place(entry)), message, values, posting=row)


AT_ONCE = timedelta(31)
"""Within how long the grants of one decision are booked."""


@rule(
    "G110",
    title=N_("A decision is booked once, with all to whom it grants."),
    why=N_(
        "LKBR 3 kap.: a grant is by a decision that names its receiver. One that is booked months after, under the "
        "paragraph of another's, may be by none. A warning, since one paragraph may decide on several."
    ),
    mend=N_("Write the decision by which this one is granted, or acknowledge that the paragraph names it too."),
    after=["G103", "G107", "G108"],
    sees=Sees(roles=(Role.GRANTS_PAID,)),
    warns=True,
)
def decided_anew(books: Books) -> Iterator[Finding]:
    first: dict[str, data.Transaction] = {}
    for entry in books.having(Role.GRANTS_PAID):
        written = entry.meta.get(UNDERLAG)
        if not isinstance(written, str) or "§" not in written or not is_decision(written) or CORRECTS in entry.meta:
            continue
        other = first.setdefault(folded(written), entry)
        receivers, known = _receivers(entry), _receivers(other)
        is_late = entry.date - other.date > AT_ONCE and not books.is_sealed(entry.date)
        if is_late and receivers and known and not receivers.keys() & known.keys():
            message = N_('{voucher} grants {receiver} money by "{decision}", by which {other} was granted {day}.')
            values = {
                "voucher": entry,
                "receiver": next(iter(receivers.values())),
                "decision": written,
                "other": next(iter(known.values())),
                "day": other.date,
            }
            yield Finding(entry, Subject("voucher", place(entry)), message, values)
