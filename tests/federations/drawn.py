"""Books by chance: a chart drawn within what accounts are, and events drawn one after the other.

    books = drawn(7)

The same number draws the same books. What is drawn can happen: what is sold was bought, what is paid was billed, and
every event is dated after the one that it follows.
"""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from tests.federations.chart import KOMMUN_BAS
from tests.federations.events import NEVER, Asset, Claim, Federation, detail, next_month, rounded

UNITS = ("AA", "B2", "CENTRAL", "D", "EKO")
MEMBERS = ("Norrby", "Söderby", "Österby")
# Accounts whose number tells with its fourth digit what they are.
TOLD_BY_FOUR = ("investeringsbidrag", "upplost-investeringsbidrag", "konst")


def chart(chance: Random) -> dict[str, str]:
    """Draw the numbers of a chart: of four to six digits, each in the group of Kommun-Bas that it is of."""
    digits, names, taken = chance.choice((4, 5, 6)), {}, set[str]()
    without = {word for word in ("aktier-nedskrivning",) if chance.random() < 0.5}
    for word, name in KOMMUN_BAS.items():
        if word in without:
            continue
        number, label = name.split("-", 1)
        keep = 4 if word in TOLD_BY_FOUR or word.endswith(("-avskrivning", "-nedskrivning")) else 3
        prefix = chance.choice(("351", "310", "801", "332")) if word == "medlemsbidrag" else number[:keep]
        while True:
            rest = "".join(chance.choice("01234567") for _ in range(digits - len(prefix)))
            if (prefix + rest) not in taken and prefix + rest != "1790":
                break
        taken.add(prefix + rest)
        names[word] = f"{prefix}{rest}-{label}"
    return names


class _Chance:
    """The events to draw from, and what there is for them to happen to."""

    def __init__(self, books: Federation, chance: Random) -> None:
        self.books, self.chance = books, chance
        self.claims: list[Claim] = []
        self.debts: list[Claim] = []
        self.assets: list[Asset] = []
        self.shares: list[Asset] = []
        self.provisions: dict[str, Decimal] = {}
        self.count = 0

    @property
    def events(self) -> list[Callable[[date], object]]:
        """What can happen."""
        return [
            self.contribution,
            self.service,
            self.cost,
            self.cost,
            self.received,
            self.received,
            self.paid,
            self.paid,
            self.set_off,
            self.asset,
            self.asset_otherwise,
            self.disposal,
            self.write_down,
            self.move,
            self.unfinished,
            self.loan,
            self.shares_bought,
            self.shares_down,
            self.shares_sold,
            self.grant,
            self.provision,
            self.provision_change,
            self.interest,
            self.capital,
            self.extraordinary,
            self.internal,
            self.lending,
            self.store,
            self.fund,
            self.given,
            self.cheaper,
            self.part,
        ]

    def name(self, what: str) -> str:
        self.count += 1
        return f"{what} {self.count}"

    def unit(self) -> str:
        return self.chance.choice(list(self.books.units))

    def amount(self, most: int = 900_000) -> int:
        return self.chance.randint(30_000, most)

    def contribution(self, day: date) -> None:
        member = self.chance.choice(MEMBERS)
        self.claims.append(self.books.contribution(self.unit(), day, member, self.amount(), self.name("Bidrag")))

    def service(self, day: date) -> None:
        word = self.chance.choice(("forsaljning", "taxor"))
        self.claims.append(
            self.books.service(self.unit(), day, self.name("Kund"), self.amount(), self.name("Uppdrag"), word)
        )

    def cost(self, day: date) -> None:
        word = self.chance.choice(("material", "tjanster", "leasing"))
        bill = self.books.invoice(self.unit(), day, self.name("Leverantör"), word, self.amount(), self.name("Köp"))
        self.debts.append(bill)

    def received(self, day: date) -> None:
        if self.claims:
            self._settled(self.claims, self.books.received, day)

    def paid(self, day: date) -> None:
        if self.debts:
            self._settled(self.debts, self.books.paid, day)

    def _settled(self, of: list[Claim], pay: Callable[[Claim, date, int], object], day: date) -> None:
        """Settle one of what is open: all of it, or now and then a part."""
        claim = of.pop(self.chance.randrange(len(of)))
        if self.chance.random() < 0.2:
            of.append(claim)
            pay(claim, day, int(claim.amount) // 3)
        else:
            pay(claim, day, 0)

    def set_off(self, day: date) -> None:
        if self.claims and self.debts:
            debt, claim = self.chance.choice(self.debts), self.chance.choice(self.claims)
            self.books.set_off(debt, claim, day)
            self.debts = [each for each in self.debts if each.amount]
            self.claims = [each for each in self.claims if each.amount]

    def asset(self, day: date) -> None:
        group = self.chance.choice(("immateriella", "byggnader", "maskiner", "mark", "konst"))
        months = 0 if group in {"mark", "konst"} else self.chance.choice((36, 50, 60, 84, 120))
        bought = self.books.bought(
            self.name("Sak"), self.unit(), group, self.amount(), day, self.name("Säljare"), months
        )
        self.assets.append(bought[0])
        self.debts.append(bought[1])

    def asset_otherwise(self, day: date) -> None:
        name, unit, cost, seller = self.name("Sak"), self.unit(), self.amount(), self.name("Säljare")
        how = self.chance.choice(("at once", "with material", "corrected"))
        if how == "at once":
            self.assets.append(self.books.bought_at_once(name, unit, "maskiner", cost, day, seller, 60))
            return
        if how == "with material":
            asset, debt = self.books.bought_with(name, unit, "maskiner", cost, cost // 7, day, seller, 60)
        else:
            asset, debt = self.books.expensed_first(name, unit, "maskiner", cost, day, seller, 60)
        self.assets.append(asset)
        self.debts.append(debt)

    def held(self, day: date, *, depreciated: bool) -> list[Asset]:
        """Return the assets that something may happen to: in use, in their time, and not changed in this month."""
        here = [asset for asset in self.assets if asset.gone == NEVER and bool(asset.months) == depreciated]
        return [each for each in here if not depreciated or (each.spread[-1][0] <= day and each.left(day) > 2)]

    def disposal(self, day: date) -> None:
        held = [*self.held(day, depreciated=True), *self.held(day, depreciated=False)]
        if not held:
            return
        asset = self.chance.choice(held)
        if self.chance.random() < 0.3:
            self.books.scrapped(asset, day)
        else:
            self.claims.append(self.books.sold(asset, day, self.amount(), self.name("Köpare")))

    def given(self, day: date) -> None:
        """Be given a thing."""
        name, unit = self.name("Gåva"), self.unit()
        self.assets.append(self.books.given(name, unit, "maskiner", self.amount(), day, self.name("Givare"), 60))

    def cheaper(self, day: date) -> None:
        """Get some of what a thing cost back."""
        if held := self.held(day, depreciated=True):
            asset = self.chance.choice(held)
            self.books.price_reduced(asset, day, int(asset.worth(day)) // 10, self.name("Säljare"))

    def part(self, day: date) -> None:
        """Sell a part of a thing."""
        if held := [asset for asset in self.held(day, depreciated=True) if not asset.lowered]:
            asset = self.chance.choice(held)
            self.claims.append(
                self.books.part_sold(asset, day, int(asset.cost) // 4, self.amount(), self.name("Köpare"))
            )

    def fund(self, day: date) -> None:
        """Place money, which is worth more at the year-end, and sell some of it later."""
        name, unit, cost = self.name("Fond"), self.unit(), self.amount()
        self.books.fund_bought(name, unit, day, cost)
        self.books.fund_revalued(name, unit, date(day.year, 12, 31), cost // 20)
        later = date(day.year + 1, 2, day.day % 28 + 1)
        if later <= self.books.last:
            self.books.fund_sold(name, unit, later, cost, Decimal("0.4"))

    def write_down(self, day: date) -> None:
        held = self.held(day, depreciated=True)
        if not held:
            return
        asset = self.chance.choice(held)
        if asset.lowered and self.chance.random() < 0.5:
            self.books.written_down(asset, day, -asset.lowered // 5)
        else:
            self.books.written_down(asset, day, asset.worth(day) // 4)

    def move(self, day: date) -> None:
        held = [asset for asset in self.held(day, depreciated=True) if not asset.lowered]
        other = self.unit()
        if held and (asset := self.chance.choice(held)).unit != other:
            self.assets.append(self.books.moved(asset, day, other))

    def unfinished(self, day: date) -> None:
        unit, name, cost = self.unit(), self.name("Bygge"), self.amount()
        _, bill = self.books.bought(name, unit, "pagaende", cost, day, self.name("Byggare"))
        self.debts.append(bill)
        later = day + timedelta(days=60)
        if later <= self.books.last and self.chance.random() < 0.7:
            first = cost // 3
            parts = {f"{name} stomme": (cost - first, 300), f"{name} tak": (first, 120)}
            self.books.activated(unit, later, detail(name), "byggnader", parts)

    def loan(self, day: date) -> None:
        """Take a loan, of which a part falls due each year on its day, and is short at the year-end before."""
        name, amount, day = self.name("Lån"), self.amount(), day.replace(day=min(day.day, 28))
        part = amount // 8
        self.books.loan(name, day, amount, day.replace(year=day.year + 8), part, "3.1")
        for year in range(day.year, self.books.last.year + 1):
            if year > day.year:
                self.books.amortised(name, day.replace(year=year), part, short=True)
            self.books.made_short(name, date(year, 12, 31), part)

    def shares_bought(self, day: date) -> None:
        self.shares.append(
            self.books.shares_bought(self.name("Bolag"), self.unit(), day, self.amount(), self.name("Säljare"))
        )

    def shares_sold(self, day: date) -> None:
        if self.shares:
            self.books.shares_sold(self.shares.pop(), day, self.amount(), self.name("Köpare"))

    def shares_down(self, day: date) -> None:
        if self.shares:
            share = self.chance.choice(self.shares)
            self.books.shares_written_down(share, day, (share.cost - share.lowered) // 3)

    def grant(self, day: date) -> None:
        """Buy what a grant is got for, and release the grant as it is depreciated, year by year."""
        name, main, cost = self.name("Stöd"), self.books.main, self.amount()
        asset = self.books.bought_at_once(f"{name} maskin", main, "maskiner", cost, day, self.name("Säljare"), 60)
        amount, released = Decimal(cost // 3), Decimal(0)
        self.books.investment_grant(name, asset.name, day, cost // 3, "Staten")
        for year in range(day.year, self.books.last.year + 1):
            last = date(year, 12, 31)
            due = rounded(amount * asset.depreciated(last) / asset.cost)
            if due > released:
                self.books.grant_released(name, last, due - released)
            released = due

    def provision(self, day: date) -> None:
        code, pension, amount = f"P{len(self.provisions)}", self.chance.random() < 0.5, self.amount()
        self.books.provision(code, day, self.name("Avsättning"), pension=pension, total=0 if pension else amount)
        kind, cost = ("Nyintjänad", "pensionskostnad") if pension else ("Grundbelopp", "avsattningskostnad")
        self.books.provided(code, kind, day, amount, cost=cost, text=self.name("Avsättning"))
        self.provisions[code] = Decimal(amount)

    def provision_change(self, day: date) -> None:
        if self.provisions:
            code = self.chance.choice(list(self.provisions))
            part = self.provisions[code] // 4
            if part > 100:
                self.books.provision_paid(code, "Utbetalning", day, part, f"Mottagare {code}", self.name("Utbetalning"))
                self.provisions[code] -= part

    def interest(self, day: date) -> None:
        self.books.interest_earned(self.unit(), day, self.amount(60_000))
        self.books.interest_paid(day, self.amount(60_000), self.name("Ränta"))

    def capital(self, day: date) -> None:
        self.books.capital(day, self.name("Kommun"), self.amount())

    def extraordinary(self, day: date) -> None:
        amount = self.amount() * self.chance.choice((1, -1))
        self.books.extraordinary(self.unit(), day, amount, self.name("Ovanligt"), self.name("Part"))

    def internal(self, day: date) -> None:
        seller, buyer = self.unit(), self.unit()
        if seller != buyer:
            self.books.internal(day, seller, buyer, self.amount(), self.name("Tjänst"))

    def lending(self, day: date) -> None:
        name, unit, amount, later = self.name("Bolag"), self.unit(), self.amount(), day + timedelta(days=90)
        self.books.lent(name, unit, day, amount)
        if later <= self.books.last:
            self.books.lent(name, unit, later, -(amount // 2))

    def store(self, day: date) -> None:
        self.books.stock_taken(self.unit(), day, self.amount(80_000))


def drawn(number: int, count: int = 60) -> Federation:
    """Draw some books: two years from a day that need not be a New Year's Eve."""
    chance = Random(number)
    opening = chance.choice((date(2022, 12, 31), date(2023, 6, 30)))
    codes = chance.sample(UNITS, chance.randint(1, len(UNITS)))
    units = {code: (f"Enhet {code}", opening) for code in codes}
    books = Federation(f"Förbund {number}", chart(chance), opening, date(2024, 12, 31), codes[0], units)
    for code in codes:
        if chance.random() < 0.3:
            books.banks[code] = code
    books.opens(codes[0], "bank", chance.randint(-200_000, 4_000_000))
    books.opens(codes[0], "semesterloneskuld", -chance.randint(1, 400_000))
    if chance.random() < 0.5:
        books.owned("Gammal bil", codes[-1], "maskiner", "Bil", 480_000, 96, date(2020, 1, 1))
    books.opened_with()
    happens = _Chance(books, chance)
    span = (books.last - next_month(opening)).days
    for days in sorted(chance.randrange(span) for _ in range(count)):
        chance.choice(happens.events)(next_month(opening) + timedelta(days=days))
    for year in books.sheet.years:
        _year_end(books, chance, year)
    books.depreciated()
    return books


def _year_end(books: Federation, chance: Random, year: int) -> None:
    """Draw what is settled and moved between years: VAT, pay, accruals, and the reserve."""
    unit, last = chance.choice(list(books.units)), date(year, 12, 31)
    if chance.random() < 0.7:
        books.vat_settled(date(year, 11, 12), date(year, 10, 31))
    if chance.random() < 0.5:
        books.salaries(date(year, 12, 18), dict.fromkeys(books.units, chance.randint(20_000, 400_000)))
        books.holiday_pay(last, unit, chance.randint(1_000, 90_000))
    if chance.random() < 0.5:
        books.prepaid(unit, year, "hyra", chance.randint(10_000, 90_000), f"Förutbetald hyra {year + 1}")
    if chance.random() < 0.5:
        books.accrued(unit, year, "revision", chance.randint(10_000, 90_000), f"Upplupen revision {year}")
        books.interest_accrued(year, chance.randint(1_000, 90_000))
    if chance.random() < 0.4:
        books.reserved(last, chance.randint(10_000, 90_000))
