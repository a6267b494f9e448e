"""Grants to investments: what was got for an asset is owed, and released over the asset's life.

    2024-04-24 custom "investeringsbidrag" "Norr" Liabilities:ENHET:2388-Investeringsbidrag:Norr 900000.00 SEK
      tillgang: "Station Norr stomme, Station Norr tak"

    2024-12-31 * "Upplösning av investeringsbidrag Norr 2024"
      ver: "A 31"
      Liabilities:ENHET:2389-Upplöst-investeringsbidrag:Norr    15000.00 SEK
      Income:ENHET:3570-Upplösning-av-investeringsbidrag       -15000.00 SEK

The directive is dated the day of the grant, and has the whole of it; each grant has an account of its own. It is
released as the assets that it paid for are depreciated (RKR R2), with the rest when they are gone: on an account of
what is released whose detail is that of the grant's, on one that the unit's grants share, or on the grant's own
account. An asset that is not in use yet may be named later, by another directive of the same name and account; one
with another amount says what the grant is of from its date on, where more is granted or some of it is paid back.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from forbundsbok.plugins.accounts import parse_account, unit_of
from forbundsbok.plugins.assets import Asset, registered_assets
from forbundsbok.plugins.books import Books
from forbundsbok.plugins.corrections import number_of
from forbundsbok.plugins.directives import Field, Kind, account_under, positive_money, text
from forbundsbok.plugins.events import Event
from forbundsbok.plugins.findings import Finding, Subject, as_written
from forbundsbok.plugins.flows import Flow, flows
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.money import ZERO
from forbundsbok.plugins.months import Month
from forbundsbok.plugins.revisions import Registered, as_revised
from forbundsbok.plugins.rulebook import Sees, rule, unreadable
from forbundsbok.plugins.spelling import nearest
from forbundsbok.plugins.years import last_day_of_year

OWED, RELEASED = "investeringsbidrag", "upplost-investeringsbidrag"
"""The kinds of account of what was got, and of what is released of it."""

SEES = Sees(roles=(OWED, RELEASED))

NEAR = Decimal(1)
"""Grants are released in whole kronor too: what differs by less than one a month is as planned."""


@dataclass(frozen=True)
class InvestmentGrant(Registered):
    """A grant to an investment: its account, the whole of it in kronor, the assets that it paid for."""

    account: str
    amount: Decimal
    assets: str = ""

    def revised_by(self, later: "InvestmentGrant") -> "InvestmentGrant":
        """Return what a later directive makes of it: assets that it does not name are as they were."""
        return super().revised_by(replace(later, assets=later.assets or self.assets))

    @property
    def granted(self) -> date:
        return self.states[0].since


INVESTMENT_GRANT = Kind(
    "investeringsbidrag",
    values=(
        Field(N_("name"), text),
        Field(N_("account"), account_under("Liabilities")),
        Field(N_("amount"), positive_money),
    ),
    meta=(Field("tillgang", text, required=False),),
    make=lambda entry, given: InvestmentGrant(
        given["name"], given["account"], given["amount"], given.get("tillgang", ""), entry=entry
    ),
    example='2024-04-24 custom "investeringsbidrag" "Station Norr" '
    'Liabilities:ENHET:2388-Investeringsbidrag:Station-Norr 900000.00 SEK\n  tillgang: "Station Norr"',
)


def investment_grants(books: Books) -> list[InvestmentGrant]:
    """Return the grants as they have come to be; what is no revision of one is none (N132)."""
    return as_revised(books.declared(INVESTMENT_GRANT), lambda grant: grant.account)


# The assets


class _Life(NamedTuple):
    """An asset, with those that went on with what remained of it."""

    parts: Sequence[Asset]

    def depreciated(self, month: Month, impaired: bool) -> Decimal:
        """Return what is depreciated or gone at the end of a month, with what is written down or without."""
        return sum((each.depreciated(month, impaired=impaired) + each.sold_at(month) for each in self.parts), ZERO)

    def is_gone(self, month: Month) -> bool:
        last = self.parts[-1].disposed
        return last is not None and Month.of(last) <= month


def _assets_of(grant: InvestmentGrant, known: Mapping[str, Asset]) -> tuple[list[_Life], list[str]]:
    """Return the assets that a grant paid for, and the names that are of none."""
    names = [grant.assets] if grant.assets in known else [each.strip() for each in grant.assets.split(",")]
    after = {each.replaces: each for each in known.values() if each.replaces}
    lives = []
    for name in names:
        if name in known:
            parts = [known[name]]
            while (successor := after.get(parts[-1].name)) and successor not in parts:
                parts.append(successor)
            lives.append(_Life(parts))
    return lives, [name for name in names if name and name not in known]


def _known_assets(books: Books) -> dict[str, Asset]:
    return {asset.name: asset for asset in books.once(registered_assets).assets}


def _share(lives: Sequence[_Life], start: Month, month: Month, impaired: bool) -> Decimal:
    """Return which part of a grant is released at the end of a month, when it begins to be in another."""
    if not lives or month < start:
        return ZERO
    before, cost, now = ZERO, ZERO, ZERO
    for life in lives:
        worth = life.parts[0].whole_at(month)
        cost += worth
        before += life.depreciated(start.after(-1), impaired)
        now += worth if life.is_gone(month) else life.depreciated(month, impaired)
    return (now - before) / (cost - before) if cost > before else Decimal(1)


# What is booked


@dataclass
class _Judged:
    """Grants that are judged together, since they are released on one account, and their accounts."""

    grants: list[InvestmentGrant]
    accounts: set[str]


class GrantRegister:
    """The grants beside what their accounts have."""

    def __init__(self, books: Books) -> None:
        self._first_booked, self._postings = books.first_booked, books.postings
        self.grants = [each for each in books.once(investment_grants) if books.roles.has(each.account, OWED)]
        own = {each.account for each in self.grants}
        self.accounts = {each for each in books.postings if each in own or books.roles.has(each, RELEASED)}
        self.flows: dict[str, list[Flow]] = defaultdict(list)
        for flow in books.once(flows) if self.grants else ():
            if flow.account in own:
                self.flows[flow.account].append(flow)
        self.assets = _known_assets(books)

    def received(self, grant: InvestmentGrant, until: date) -> list[tuple[date, Decimal]]:
        """Return what has come of a grant by a day, and gone back; of one older than the books all of it had come."""
        own = [each for each in self.flows[grant.account] if each.entry.date <= until]
        came = [(each.entry.date, -each.amount) for each in own if each.event is not Event.GRANT_RELEASED]
        if grant.granted <= self._first_booked:
            back = [(each.entry.date, -each.amount) for each in own if each.event is Event.GRANT_REPAID]
            return [(grant.granted, grant.at(self._first_booked).amount), *back]
        return came

    def repaid(self, grant: InvestmentGrant) -> list[Flow]:
        """Return what of a grant has gone back."""
        return [each for each in self.flows[grant.account] if each.event is Event.GRANT_REPAID]

    def planned(self, grant: InvestmentGrant, year: int) -> tuple[Decimal, Decimal]:
        """Return the least and the most that is to be released by the end of a year, in kronor.

        What comes when the asset is in use is released from that month on, or from the next.
        """
        month = Month(year, 12)
        lives, _ = _assets_of(grant, self.assets)
        first = min((life.parts[0].first for life in lives), default=month)
        sums = []
        for later in (0, 1):
            for impaired in (True, False):
                released = ZERO
                for day, amount in self.received(grant, last_day_of_year(year)):
                    start = max(Month.of(day).after(later), first)
                    released += amount * _share(lives, start, month, impaired)
                sums.append(released)
        return min(sums), max(sums)

    def judged(self) -> list[_Judged]:
        """Return the grants with their accounts, those together that are released on one."""
        judged: list[_Judged] = []
        own = {grant.account for grant in self.grants}
        for unit in sorted({unit_of(grant.account) for grant in self.grants}):
            grants = {_detail(each.account): each for each in self.grants if unit_of(each.account) == unit}
            released = [each for each in self.accounts if unit_of(each) == unit and each not in own]
            shared = {account for account in released if _detail(account) not in grants}
            together = _Judged([], shared)
            for detail, grant in grants.items():
                accounts = {grant.account, *(each for each in released if _detail(each) == detail)}
                if shared and len(accounts) == 1:
                    together.grants.append(grant)
                    together.accounts |= accounts
                else:
                    judged.append(_Judged([grant], accounts))
            judged += [together] if together.grants else []
        return judged

    def left(self, accounts: Iterable[str], day: date) -> Decimal:
        """Return what is owed on accounts at the end of a day, in kronor."""
        rows = (each for account in accounts for each in self._postings.get(account, ()))
        return -sum((number_of(row) for entry, row in rows if entry.date <= day), ZERO)


def _detail(account: str) -> tuple[str, ...]:
    name = parse_account(account)
    return name.detail if name else ()


unreadable(
    "N131",
    INVESTMENT_GRANT,
    title=N_("A grant to an investment has a name, an account, and the whole that is granted."),
    why=N_("LKBR 9 kap.: the notes show what was received and released of such grants."),
)


@rule(
    "N132",
    title=N_("A grant to an investment has an account of its own, and names assets of the register."),
    why=N_("It is released over the life of what it paid for."),
    mend=N_("Give it an account of grants to investments, and write the asset's name as the register has it."),
    after=["N131", "D701"],
    sees=SEES,
)
def own_account(books: Books) -> Iterator[Finding]:
    grants = {grant.name: grant for grant in books.once(investment_grants)}
    known = _known_assets(books)
    owners: dict[str, InvestmentGrant] = {}
    for each in books.declared(INVESTMENT_GRANT):
        owner, first = owners.setdefault(each.account, each), grants[each.name].states[0]
        _, strangers = _assets_of(each, known)
        near = next((near for name in strangers if (near := nearest(name, known))), None)
        values = {"grant": each.name, "account": each.account, "owner": owner.name, "first": first.entry}
        if not books.roles.has(each.account, OWED):
            message = N_('{grant}: {account} is no account of grants to investments ("investeringsbidrag").')
        elif owner.name != each.name:
            message = N_("{grant}: {account} is the account of {owner} already.")
        elif first.account != each.account or each.entry not in [state.entry for state in grants[each.name].states]:
            message = N_(
                "{grant} is registered already, at {first}: what changes later has a later day, and its account."
            )
        elif strangers and near:
            message = N_("{grant}: the register has no {asset} (is {near} meant?).")
        elif strangers:
            message = N_("{grant}: the register has no {asset}.")
        else:
            continue
        values = {**values, "asset": next(iter(strangers), None), "near": near}
        yield Finding(each.entry, Subject("investeringsbidrag", each.name), message, values)


@rule(
    "N133",
    title=N_("What is received of a grant to an investment is what the register says."),
    why=N_("The note of such grants and the cash flow tell what was received: a sum of two sources that agree."),
    mend=N_("Put the sum right, where it is wrong: in the register, or in the voucher by which the grant came."),
    after=["N131", "N132", "F001"],
    sees=SEES,
)
def received_as_registered(books: Books) -> Iterator[Finding]:
    register = books.once(GrantRegister)
    for grant in register.grants:
        came = sum((amount for _, amount in register.received(grant, date.max)), ZERO)
        lives, _ = _assets_of(grant, register.assets)
        begun = min((life.parts[0].first.year for life in lives), default=date.max.year)
        # Of what is not built yet, more may come.
        is_complete = begun in books.boksluts and grant.granted.year in books.boksluts
        repaid = register.repaid(grant)
        back = sum((each.amount for each in repaid), ZERO)
        if back and came + back == grant.amount:
            message = N_(
                "{grant} is of {amount} kr, and {repaid} kr of it is paid back: write what it is of from then on:\n"
                "{form}"
            )
            entry = repaid[-1].entry
            form = (
                f'{entry.date} custom "{INVESTMENT_GRANT.type}" "{grant.name}" {grant.account} {came} {books.currency}'
            )
            values = {"grant": grant.name, "amount": grant.amount, "repaid": back, "form": as_written(form)}
            yield Finding(entry, Subject("investeringsbidrag", grant.name), message, values)
        elif came > grant.amount or (came < grant.amount and is_complete):
            message = N_("{grant} is of {amount} kr, but the vouchers have {booked} kr come on {account}.")
            values = {"grant": grant.name, "amount": grant.amount, "booked": came, "account": grant.account}
            yield Finding(grant.entry, Subject("investeringsbidrag", grant.name), message, values)


@rule(
    "N134",
    title=N_("A grant to an investment is released as its asset is depreciated."),
    why=N_("RKR R2: it is income in the years in which what it paid for is a cost."),
    mend=N_("Book the release that the message tells, or put the life of the asset right."),
    after=["N131", "N132", "N133", "D701", "D707"],
    sees=SEES,
)
def released_as_depreciated(books: Books) -> Iterator[Finding]:
    register = books.once(GrantRegister)
    for judged in register.judged():
        for year, bokslut in books.boksluts.items():
            day = last_day_of_year(year)
            grants = [each for each in judged.grants if each.granted <= day]
            received = [amount for each in grants for _, amount in register.received(each, day)]
            released = sum(received, ZERO) - register.left(judged.accounts, day)
            planned = [register.planned(each, year) for each in grants]
            least, most = sum((low for low, _ in planned), ZERO), sum((high for _, high in planned), ZERO)
            near = max((NEAR * (1 + Month(year, 12).since(Month.of(each.granted))) for each in grants), default=NEAR)
            if not grants or least - near < released < most + near:
                continue
            message = N_(
                "At the end of {year} {released} kr of {grants} is released, but as the assets are depreciated it "
                "should be {planned} kr."
            )
            if not all(each.assets for each in grants):
                message = N_(
                    "At the end of {year} {released} kr of {grants} is released, but not of which assets: name them "
                    "by tillgang."
                )
            values = {
                "year": year,
                "released": released,
                "grants": [each.name for each in grants],
                "planned": most.quantize(Decimal("0.01")),
            }
            about = [Subject("investeringsbidrag", each.name, year) for each in grants]
            yield Finding(bokslut, about[0], message, values, also=about[1:])
            break


@rule(
    "N135",
    title=N_("A grant to an investment stands in the register."),
    why=N_("Without it nobody knows of which asset it is, and over how long it is released."),
    mend=N_("Write the grant as the message shows, with its asset."),
    after=["N131", "N132"],
    sees=SEES,
    warns=True,
)
def unregistered(books: Books) -> Iterator[Finding]:
    registered = {grant.account for grant in books.once(investment_grants)}
    for account in sorted(books.postings):
        if not books.roles.has(account, OWED) or account in registered:
            continue
        owed = -sum((number_of(row) for _, row in books.postings[account]), ZERO)
        if owed:
            entry, row = books.postings[account][0]
            message = N_(
                "{amount} kr is left of a grant on {account}, of which no directive tells the asset. Write it, without "
                "tillgang as long as the asset is not in use:\n{form}"
            )
            name = account.rsplit(":", 1)[-1].lstrip("0123456789-").replace("-", " ")
            grant = f'{entry.date} custom "{INVESTMENT_GRANT.type}" "{name}" {account} {owed} {books.currency}'
            values = {"amount": owed, "account": account, "form": as_written(f'{grant}\n  tillgang: "..."')}
            yield Finding(entry, Subject("account", account), message, values, posting=row)
