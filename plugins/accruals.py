"""Accruals: what is prepaid or accrued at year-end comes back in the next year, with the same amount.

    2024-12-31 * "Förutbetald kostnad: lokalhyra kvartal 1 2025"
      ver: "B 44"
      Assets:NAV:1710-Interimsfordringar            456389.00 SEK
      Expenses:NAV:6020-Lokalhyror                 -456389.00 SEK

    2025-01-01 * "Återföring: förutbetald kostnad: lokalhyra kvartal 1 2025"
      ver: "M 11"
      Expenses:NAV:6020-Lokalhyror                  456389.00 SEK
      Assets:NAV:1710-Interimsfordringar           -456389.00 SEK

What is prepaid (17) is an asset, what is accrued (29) a debt: neither has the other sign. Accrued costs of the year's
last day are taken back before the end of March, as all prepaid ones are; pay, grants and income that are accrued are
settled in their own time. Within the year, for the report of a tertial, accrued costs are taken back in the next month,
and of what is prepaid something is used before the year is over.

An accrual may say below its first line which invoice it is of, by its number: `faktura: "L 39"`.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from beancount.core import data

from forbundsbok.plugins.accounts import is_clearing, unit_of
from forbundsbok.plugins.books import Books
from forbundsbok.plugins.corrections import CORRECTS, has_amount, named_numbers, number_of
from forbundsbok.plugins.findings import Finding, Subject
from forbundsbok.plugins.grants import PROJECT
from forbundsbok.plugins.imports import UNDERLAG, moved_in
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.money import ZERO
from forbundsbok.plugins.months import Month, same_day_in
from forbundsbok.plugins.open_items import INVOICE
from forbundsbok.plugins.places import place
from forbundsbok.plugins.review import is_reviewed, put_right
from forbundsbok.plugins.roles import Role
from forbundsbok.plugins.rulebook import EVERY, Sees, rule
from forbundsbok.plugins.surplus import surplus_account
from forbundsbok.plugins.years import last_day_of_year

TAKEN_BACK = (3, 31)
"""The month and day by which what was accrued at year-end has come back."""

SEES = Sees(roles=(Role.PREPAID, Role.ACCRUED))
_RESULT = (Role.COSTS, Role.INCOME)


@dataclass(frozen=True)
class AccrualMovement:
    """What a voucher moves on an account of accruals, against an account of costs or income."""

    entry: data.Transaction
    account: str
    against: str
    number: Decimal

    @property
    def subject(self) -> Subject:
        return Subject("voucher", place(self.entry))


@dataclass(frozen=True)
class YearEnd:
    """What is accrued on an account at a year-end, and what comes back in the next year, without those that agree."""

    accrued: Sequence[AccrualMovement]
    back: Sequence[AccrualMovement]


@dataclass(frozen=True)
class AccrualAccount:
    """What each voucher raises and takes back on an account of accruals, in the order of their dates."""

    sign: int
    raised: Sequence[AccrualMovement]
    back: Sequence[AccrualMovement]


def accrual_accounts(books: Books) -> list[AccrualAccount]:
    """Return the movements of each account of accruals; those of a corrected voucher are what it came to."""
    elsewhere = books.once(moved_in)
    joined = {id(booking.first): booking for booking in books.bookings(books.corrections) if len(booking.vouchers) > 1}
    corrected = books.once(put_right)
    accounts = []
    for account, rows in sorted(books.postings.items()):
        sign = 1 if books.roles.has(account, Role.PREPAID) else -1 if books.roles.has(account, Role.ACCRUED) else 0
        raised: list[AccrualMovement] = []
        back: list[AccrualMovement] = []
        for entry, row in rows if sign else ():
            number = sign * number_of(row)
            if id(entry) in joined:
                number = sign * joined[id(entry)].sums(books.currency).get(account, ZERO)
            elif id(entry) in corrected:
                continue
            if number and has_amount(row, books.currency) and entry.meta.get(UNDERLAG) not in elsewhere:
                movement = AccrualMovement(entry, account, _against(entry, books), abs(number))
                (raised if number > 0 else back).append(movement)
        if raised or back:
            accounts.append(AccrualAccount(sign, raised, back))
    return accounts


def year_ends(books: Books) -> list[YearEnd]:
    """Return what does not agree of the accruals of each account and year-end."""
    ends: list[YearEnd] = []
    for account in books.once(accrual_accounts):
        accrued: dict[int, list[AccrualMovement]] = defaultdict(list)
        back: dict[int, list[AccrualMovement]] = defaultdict(list)
        for each in account.raised:
            if _is_of_year_end(each) and _comes_back(account.sign, each.against, books):
                accrued[each.entry.date.year].append(each)
        for each in account.back:
            back[each.entry.date.year].append(each)
        ends += [_unlike(own, back[year + 1]) for year, own in accrued.items()]
    return [end for end in ends if end.accrued]


def _is_of_year_end(accrual: AccrualMovement) -> bool:
    return accrual.entry.date == last_day_of_year(accrual.entry.date.year)


def within_years(books: Books) -> list[tuple[AccrualMovement, date]]:
    """Return what is accrued within a year and does not come back, with the day by which it should have."""
    kept: list[tuple[AccrualMovement, date]] = []
    for account in books.once(accrual_accounts):
        own = [
            each
            for each in account.raised
            if not _is_of_year_end(each)
            and _comes_back(account.sign, each.against, books)
            and _moves_result(each, books)
        ]
        back = list(account.back)
        for same in (True, False):
            for each in list(own):
                later = [one for one in back if one.against == each.against and one.entry.date >= each.entry.date]
                met = [one for one in later if one.number == each.number] if same else later
                # Of what is prepaid for longer than the year something is used in it.
                if met and (same or account.sign > 0 or sum((one.number for one in met), ZERO) >= each.number):
                    own.remove(each)
                    back.remove(met[0])
        kept += [(each, _due_within_year(account.sign, each.entry.date)) for each in own]
    return kept


def _moves_result(accrual: AccrualMovement, books: Books) -> bool:
    """Tell whether a voucher moves a cost or an income as it is to another time, and books no invoice."""
    rows = [row for row in accrual.entry.postings if number_of(row) and not is_clearing(row.account)]
    return all(books.roles.has(row.account, *_RESULT, Role.PREPAID, Role.ACCRUED) for row in rows)


def _due_within_year(sign: int, day: date) -> date:
    return last_day_of_year(day.year) if sign > 0 else Month.of(day).after(1).last_day


def _against(entry: data.Transaction, books: Books) -> str:
    """Return the one account of costs or income of a voucher, none where it has others or several."""
    accounts = {row.account for row in entry.postings if books.roles.has(row.account, *_RESULT)}
    return accounts.pop() if len(accounts) == 1 else ""


def _comes_back(sign: int, against: str, books: Books) -> bool:
    if sign > 0:
        return books.roles.has(against, *_RESULT)
    own_time = (Role.PAY, Role.PAYROLL_FEES, Role.GRANTS_PAID)
    return books.roles.has(against, Role.COSTS) and not books.roles.has(against, *own_time)


def _unlike(accrued: Sequence[AccrualMovement], back: Sequence[AccrualMovement]) -> YearEnd:
    """Return what is left when each amount is taken from both sides, those of the same other account first."""
    waiting, left = list(back), list(accrued)
    for same in (True, False):
        for each in list(left):
            met = (one for one in waiting if one.number == each.number and (one.against == each.against) == same)
            if one := next(met, None):
                waiting.remove(one)
                left.remove(each)
    return YearEnd(left, waiting)


@rule(
    "T121",
    title=N_("What was accrued at year-end comes back with the amount that it had."),
    why=N_("What comes back with another amount leaves a rest in the balance that no invoice or payment explains."),
    mend=N_("Correct the amount by a voucher with rattar, or acknowledge that it comes back by parts."),
    sees=SEES,
    warns=True,
)
def comes_back_as_it_was(books: Books) -> Iterator[Finding]:
    for end in books.once(year_ends):
        for back in end.back:
            meant = _meant(back, end)
            if meant:
                message = N_("{voucher} takes back {amount} kr of {account}, but {accrued} accrued {meant} kr.")
                values = {
                    "voucher": back.entry,
                    "amount": back.number,
                    "account": back.account,
                    "accrued": meant.entry,
                    "meant": meant.number,
                }
                yield Finding(back.entry, back.subject, message, values, also=[meant.subject])


def _meant(back: AccrualMovement, end: YearEnd) -> AccrualMovement | None:
    """Return the accrual that a voucher takes back with another amount: more, or the same digits in another order."""
    own = [each for each in end.accrued if each.against == back.against and back.against]
    slips = [each for each in own if sorted(str(each.number)) == sorted(str(back.number))]
    more = [each for each in own if len(own) == 1 and back.number > each.number]
    return next(iter(slips or more), None)


@rule(
    "T138",
    title=N_("What was accrued comes back on the account that it came from."),
    why=N_(
        "What comes back on another account makes two costs wrong: the one that was moved is in no year, and the other "
        "in one that it is not of."
    ),
    mend=N_("Correct the account by a voucher with rattar, or acknowledge why it comes back there."),
    after=["T107", "T121"],
    sees=SEES,
    warns=True,
)
def comes_back_where_it_was(books: Books) -> Iterator[Finding]:
    for account in books.once(accrual_accounts):
        accrued = [each for each in account.raised if each.against]
        for back in account.back:
            of_year = [each for each in accrued if _may_come_back_with(each, back)]
            same = [each for each in of_year if each.number == back.number]
            on_its_own = [each for each in of_year if each.against == back.against]
            if back.against and len(same) == 1 and not on_its_own and not books.is_sealed(back.entry.date):
                message = N_(
                    "{voucher} takes back {amount} kr on {against}, but {accrued} accrued that amount of {meant}."
                )
                values = {
                    "voucher": back.entry,
                    "amount": back.number,
                    "against": back.against,
                    "accrued": same[0].entry,
                    "meant": same[0].against,
                }
                # What has come back elsewhere has not come back where it should.
                yield Finding(back.entry, back.subject, message, values, also=[same[0].subject])


def _may_come_back_with(accrued: AccrualMovement, back: AccrualMovement) -> bool:
    """Tell whether what comes back may be what was accrued at the last year-end, or earlier in the year."""
    day, last = accrued.entry.date, back.entry.date
    return day.year + 1 == last.year if _is_of_year_end(accrued) else day.year == last.year and day <= last


@rule(
    "T122",
    title=N_("What was accrued comes back: that of a year-end before the end of March, that of a month in the next."),
    why=N_("What stays is a cost or an income of the wrong year, and an asset or a debt that is none any more."),
    mend=N_("Take it back, or acknowledge why it stays."),
    after=["T121", "T124", "T138"],
    sees=Sees(roles=(*SEES.roles, *_RESULT)),
    warns=True,
)
def comes_back(books: Books) -> Iterator[Finding]:
    for end in books.once(year_ends):
        by_parts = sum((each.number for each in end.back), ZERO)
        for each in end.accrued:
            if by_parts < each.number:
                yield from _kept(
                    each, same_day_in(each.entry.date.year + 1, date(each.entry.date.year, *TAKEN_BACK)), books
                )
    for each, due in books.once(within_years):
        yield from _kept(each, due, books)


def _kept(accrued: AccrualMovement, due: date, books: Books) -> Iterator[Finding]:
    if books.last_booked > due:
        message = N_("{amount} kr on {account}, which {voucher} accrued, has not come back by {due}.")
        values: dict[str, Any] = {
            "amount": accrued.number,
            "account": accrued.account,
            "voucher": accrued.entry,
            "due": due,
        }
        if instead := _booked_instead(accrued, due, books):
            message = N_(
                "{amount} kr on {account}, which {voucher} accrued, has not come back by {due}. {instead} has that "
                "amount on {other}: should it be on {account}?"
            )
            values |= {"instead": instead[0], "other": instead[1]}
        at = instead[0] if instead else _at(accrued, books)
        where = instead[0] if instead else accrued.entry
        yield Finding(at, accrued.subject, message, values, place=where.meta)


def _booked_instead(accrued: AccrualMovement, due: date, books: Books) -> tuple[data.Transaction, str] | None:
    """Return the one voucher that has the amount as a cost or an income, where it should take the accrual back.

    Its row is on the side that would take the accrual back, and its unit the same.
    """
    unit, sign = unit_of(accrued.account), 1 if books.roles.has(accrued.account, Role.PREPAID) else -1
    found = []
    for account, rows in books.postings.items():
        if books.roles.has(account, *_RESULT) and unit_of(account) == unit:
            found += [
                (entry, account)
                for entry, row in rows
                if accrued.entry.date < entry.date <= due and number_of(row) == -sign * accrued.number
            ]
    return found[0] if len(found) == 1 else None


def _at(accrued: AccrualMovement, books: Books) -> data.Directive:
    """Return what an accrual that does not come back is told of: what is open in the year that it should come back."""
    # The voucher itself stands in a year that may be sealed, of which nothing is told; it is where to look.
    opened = books.opens.get(accrued.account)
    return opened if opened and books.is_sealed(accrued.entry.date) else accrued.entry


@rule(
    "T123",
    title=N_("Accruals, debts of payroll, and cash are on their own side of the balance."),
    why=N_(
        "A prepaid cost in credit, an accrued one in debit, pay that is paid before it is booked, or a cash box with "
        "less than nothing is a mistyped row."
    ),
    mend=N_("Look for the voucher that turned it: its sign, day, amount, account or unit, or that it is booked twice."),
    after=["T121", "T124"],
    sees=Sees(roles=(*SEES.roles, Role.PAYROLL_DEBTS, Role.CASH)),
    warns=True,
)
def own_side(books: Books) -> Iterator[Finding]:
    told: set[int] = set()
    for account, rows in sorted(books.postings.items()):
        sign = _side(account, books)
        balance, turned = ZERO, None
        for at, (entry, row) in enumerate(rows) if sign else ():
            before = balance
            balance += sign * number_of(row)
            if balance >= 0:
                turned = None
            elif before >= 0 or turned is None:
                turned = entry
            is_last = at + 1 == len(rows) or rows[at + 1][0].date > entry.date
            if is_last and turned and not books.is_sealed(entry.date):
                # A voucher that turns several accounts has one cause.
                if id(turned) not in told:
                    told.add(id(turned))
                    message = N_("{voucher} leaves {account} with {balance} kr on the wrong side.")
                    values = {"voucher": turned, "account": account, "balance": -balance}
                    yield Finding(turned, Subject("voucher", place(turned)), message, values)
                break


def _side(account: str, books: Books) -> int:
    # What a unit carries may be a deficit, where its agreement says so (S206).
    if surplus_account(account, books.roles):
        return 0
    if books.roles.has(account, Role.PREPAID, Role.CASH):
        return 1
    return -1 if books.roles.has(account, Role.ACCRUED, Role.PAYROLL_DEBTS) else 0


# What a voucher says of itself

_TAKES_BACK = re.compile(r"återför", re.IGNORECASE)
"""How the text of a voucher begins that takes an accrual back."""


@rule(
    "T124",
    title=N_("A voucher that says that it takes an accrual back lowers it."),
    why=N_("With its signs reversed it accrues a second time: the cost is wrong by twice the amount."),
    mend=N_("Turn the signs, or write in its text what it accrues."),
    sees=SEES,
    warns=True,
)
def taken_back_the_wrong_way(books: Books) -> Iterator[Finding]:
    for account in books.once(accrual_accounts):
        for each in account.raised:
            if not each.against or not _TAKES_BACK.match((each.entry.narration or "").strip()):
                continue
            origin = next((one for one in reversed(account.raised) if _is_origin(one, each)), None)
            message = N_("{voucher} says that it takes back, but raises {account} by {amount} kr.")
            if origin:
                message = N_("{voucher} says that it takes back, but raises {account} by {amount} kr as {origin} did.")
            values = {
                "voucher": each.entry,
                "account": each.account,
                "amount": each.number,
                "origin": origin.entry if origin else None,
            }
            yield Finding(each.entry, each.subject, message, values, also=[origin.subject] if origin else [])


def _is_origin(accrued: AccrualMovement, back: AccrualMovement) -> bool:
    """Tell whether a voucher accrued what another one says that it takes back."""
    same = (accrued.number, accrued.against) == (back.number, back.against)
    return same and accrued.entry is not back.entry and accrued.entry.date <= back.entry.date


@rule(
    "R921",
    title=N_("An accrual names the invoice whose cost it moves."),
    why=N_("By the invoice an auditor sees what is prepaid; another one, or none, proves nothing of it."),
    mend=N_("Write the number of the invoice that is accrued, with its year where that is another: L 31 2024."),
    sees=EVERY,
)
def of_its_invoice(books: Books) -> Iterator[Finding]:
    accruals = [entry for entry in books.having(*SEES.roles) if INVOICE in entry.meta]
    found = books.bearers if accruals else {}
    for entry in accruals:
        account = _against(entry, books)
        named = named_numbers(entry, INVOICE)
        values = {"voucher": entry, "account": account, "key": INVOICE}
        subject = Subject("voucher", place(entry))
        lacking = [ver for ver in named if ver not in found]
        if lacking:
            message = N_("{voucher} names {invoice} of {year}, which there is none of.")
            yield Finding(entry, subject, message, values | {"invoice": str(lacking[0]), "year": lacking[0].year})
        elif named and account:
            invoices = [found[ver] for ver in named]
            moved = abs(sum((number for each, number in books.rows(entry) if each == account), ZERO))
            sums = [booking.sums(books.currency).get(account, ZERO) for booking in books.bookings(invoices)]
            if abs(sum(sums, ZERO)) < moved:
                message = N_("{voucher} moves {amount} kr of {account}, but {invoices} has {sum} kr there.")
                more = {"amount": moved, "invoices": invoices, "sum": sum(sums, ZERO)}
                yield Finding(entry, subject, message, values | more)


# Debts that become income


@rule(
    "T125",
    title=N_("What becomes income was owed for something that was got, or is owed no more."),
    why=N_("An old debt that is taken to income without its origin makes a result that nobody has earned."),
    mend=N_(
        "Name what the debt arose from: by a link, a projekt, or rattar with the voucher's number; or acknowledge why "
        "it is owed no more."
    ),
    after=["G103", "T124"],
    sees=Sees(roles=(Role.OTHER_DEBTS, *SEES.roles), keys=(CORRECTS,)),
    warns=True,
)
def debt_to_income(books: Books) -> Iterator[Finding]:
    elsewhere = books.once(moved_in)
    for account, rows in sorted(books.postings.items()):
        if not books.roles.has(account, Role.OTHER_DEBTS, Role.ACCRUED) or books.roles.has(
            account, Role.PREPAID_INCOME
        ):
            continue
        origins: list[data.Transaction] = []
        is_for_income = False
        for entry, row in rows:
            number = number_of(row)
            if number < 0:
                origins.append(entry)
                is_for_income = is_for_income or _is_got(entry, books)
            elif number > 0 and not is_for_income and CORRECTS not in entry.meta and _becomes_income(entry, books):
                if entry.meta.get(UNDERLAG) in elsewhere or any(_is_of(entry, origin) for origin in origins):
                    continue
                message = N_(
                    "{voucher} takes {amount} kr of {account} to income, and names nothing that it arose from."
                )
                values = {"voucher": entry, "amount": number, "account": account}
                yield Finding(entry, Subject("voucher", place(entry)), message, values, posting=row)


def _is_got(entry: data.Transaction, books: Books) -> bool:
    """Tell whether a voucher owes what is got before it is earned: against money, a customer or income."""
    return any(
        number_of(row) > 0 and books.roles.has(row.account, Role.MONEY, Role.CUSTOMERS, Role.INCOME)
        for row in entry.postings
    )


def _becomes_income(entry: data.Transaction, books: Books) -> bool:
    rows = books.rows(entry)
    return any(books.roles.has(account, Role.INCOME) and number < 0 for account, number in rows) and not any(
        books.roles.has(account, Role.MONEY, Role.CUSTOMERS) for account, _ in rows
    )


def _is_of(entry: data.Transaction, origin: data.Transaction) -> bool:
    """Tell whether a voucher has the link or the project of another one."""
    project = entry.meta.get(PROJECT)
    return bool(entry.links & origin.links) or (project is not None and project == origin.meta.get(PROJECT))


USES = 6
"""How many uses of an account of accruals make one of another kind strange."""


@rule(
    "T128",
    title=N_("What is accrued, decided or got in advance becomes income of the kind that it always did."),
    why=N_(
        "A debt that is let go as another income, and an income that is put aside where none of its kind was, move a "
        "result to another year. A warning, since there is a first time for each."
    ),
    mend=N_("Book it on the income that it is of, or acknowledge what has been earned, or not yet."),
    after=["T107", "T143", "A603", "A605"],
    sees=Sees(roles=(Role.ACCRUED,)),
    warns=True,
)
def usual_income(books: Books) -> Iterator[Finding]:
    used: dict[str, set[str]] = defaultdict(set)
    came: dict[str, set[Decimal]] = defaultdict(set)
    count: Counter[str] = Counter()
    for entry in books.having(Role.ACCRUED):
        rows = books.rows(entry)
        earned = {
            account: books.roles.slag(account).name for account, _ in rows if books.roles.has(account, Role.INCOME)
        }
        is_asked = entry.date.year > books.first_year and not books.is_sealed(entry.date) and is_reviewed(entry, books)
        for account, number in rows if CORRECTS not in entry.meta else ():
            if not books.roles.has(account, Role.ACCRUED):
                continue
            # What is let go just as it came in is earned by what it was paid for.
            is_whole = number in came[account]
            came[account].add(-number)
            new = [income for income, slag in earned.items() if slag not in used[account]] if not is_whole else []
            if new and is_asked and count[account] >= USES:
                message = N_(
                    "{voucher} moves {amount} kr between {account} and {income}; {count} vouchers before have moved "
                    "nothing between them."
                )
                values = {
                    "voucher": entry,
                    "amount": abs(number),
                    "account": account,
                    "income": new,
                    "count": count[account],
                }
                yield Finding(entry, Subject("voucher", place(entry)), message, values)
            used[account] |= set(earned.values())
            count[account] += 1


# Accruals that nothing shows

NAMED = 5
"""How many accruals of income name who is to pay before one that does not is strange."""


@rule(
    "T136",
    title=N_("Income that is accrued says who is to pay it, where all others do."),
    why=N_(
        "LKBR 3 kap.: a claim is on somebody. Income that nobody owes is made up to reach a result, and stands until "
        "somebody asks for it."
    ),
    mend=N_("Write the payee first on the voucher's first line, or acknowledge by which agreement it is earned."),
    after=["T107", "T124"],
    sees=SEES,
    warns=True,
)
def claim_on_nobody(books: Books) -> Iterator[Finding]:
    named = 0
    for entry in books.having(Role.PREPAID):
        rows = books.rows(entry)
        raised = sum((number for account, number in rows if books.roles.has(account, Role.PREPAID)), ZERO)
        earned = -sum((number for account, number in rows if books.roles.has(account, Role.INCOME)), ZERO)
        if raised <= 0 or earned <= 0 or CORRECTS in entry.meta or entry.meta.get(UNDERLAG) in books.once(moved_in):
            continue
        if entry.payee:
            named += 1
        elif named >= NAMED and not books.is_sealed(entry.date):
            message = N_(
                "{voucher} takes {amount} kr to income that nobody has been billed for, and does not say who owes it; "
                "the {count} before it do."
            )
            values = {"voucher": entry, "amount": earned, "count": named}
            yield Finding(entry, Subject("voucher", place(entry)), message, values)


OFTEN = 10
"""How many invoices on an account, none of them ever prepaid, make the first that is strange."""


@rule(
    "T137",
    title=N_("What is prepaid is of a kind that is paid in advance."),
    why=N_(
        "A cost that is moved to later months makes this one's result better: rent, licences and insurance are of a "
        "time that comes, and what has been done is not. A warning, since an agreement may be paid in advance."
    ),
    mend=N_("Take it back to cost, or acknowledge by which agreement it is paid in advance."),
    after=["R921", "T107"],
    sees=Sees(roles=(*SEES.roles, Role.SUPPLIERS)),
    warns=True,
)
def prepaid_of_what_is_done(books: Books) -> Iterator[Finding]:
    for account in sorted(account for account in books.postings if books.roles.has(account, Role.COSTS)):
        billed = 0
        for entry, row in books.postings[account]:
            accounts = [other for other, _ in books.rows(entry)]
            if any(books.roles.has(other, Role.SUPPLIERS) for other in accounts):
                billed += 1
            elif number_of(row) < 0 and any(books.roles.has(other, Role.PREPAID) for other in accounts):
                is_new = not books.is_sealed(entry.date) and entry.date.year > books.first_year
                if billed >= OFTEN and is_new and CORRECTS not in entry.meta and is_reviewed(entry, books):
                    message = N_(
                        "{voucher} makes {amount} kr of {account} prepaid; of the {count} invoices on it none was."
                    )
                    values = {"voucher": entry, "amount": -number_of(row), "account": account, "count": billed}
                    yield Finding(entry, Subject("voucher", place(entry)), message, values, posting=row)
                break
            elif number_of(row) > 0 and any(books.roles.has(other, Role.PREPAID) for other in accounts):
                break  # what was prepaid before the books is taken back
