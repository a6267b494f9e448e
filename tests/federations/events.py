"""What happens in a federation: each event writes its vouchers, and adds to the answer sheet what it is.

    books = Federation("Räddningstjänsten", KOMMUN_BAS, date(2022, 12, 31), date(2024, 12, 31), "STAB", {...})
    invoice = books.invoice("NORR", date(2023, 3, 1), "material", 12_000, "Slangar")
    books.paid(invoice, date(2023, 3, 30))
    books.write(folder)
    books.sheet.lines()

The two are written side by side and know nothing of each other: the voucher by accounts, the sheet by category. An
account is found by a word in the federation's own chart, so that the same events make books of any chart.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from tests.federations.chart import DECLARED, GROUPS, INTERNAL, OPENED
from tests.federations.sheet import NOTHING, Sheet
from tests.main_file import head

Amount = int | Decimal
ORE = Decimal("0.01")
APPROVER = "FD"
# What a voucher says of itself below its first line.
NO_MORE: Mapping[str, str] = {}
RECEIVED = {"mottagning": '"HL"'}
DECIDED = {"kvittens": '"T152 Förbundsordningen § 14, och direktionens beslut i december"'}
SIZE_OF_VAT = Decimal("0.25")

LOWERING = ("Utbetalning", "Upplösning")
NEVER = date.max
EVERY = {3: '"kvartalsvis"', 12: '"arsvis"'}
MONTHS = (
    "januari",
    "februari",
    "mars",
    "april",
    "maj",
    "juni",
    "juli",
    "augusti",
    "september",
    "oktober",
    "november",
    "december",
)


@dataclass(eq=False)
class Voucher:
    """A voucher to be written: its number is given when all are known."""

    series: str
    day: date
    payee: str
    text: str
    rows: list[tuple[str, Decimal]]
    of: tuple["Voucher", ...] = ()
    billed: bool = False
    said: Mapping[str, str] = field(default_factory=dict)
    corrects: "Voucher | None" = None
    number: int = 0

    @property
    def link(self) -> str:
        """The link that this voucher and all that concerns it share."""
        return f"^{self.series}-{self.day.year}-{self.number:04d}"


@dataclass(eq=False)
class Claim:
    """What is to be paid: the invoice, the account and unit that it stands on, and what of it buys or sells assets."""

    voucher: Voucher
    unit: str
    account: str
    amount: Decimal
    row: str = ""
    invested: Decimal = NOTHING

    def settle(self, amount: Amount) -> tuple[Decimal, Decimal]:
        """Return what is settled of it, all unless an amount is said, and what of that buys or sells assets."""
        paid = Decimal(amount) or self.amount
        share = rounded(self.invested * paid / self.amount) if self.invested else NOTHING
        self.amount -= paid
        self.invested -= share
        return paid, share


@dataclass(eq=False)
class Asset:
    """A fixed asset: what it cost, and what is depreciated month by month."""

    name: str
    unit: str
    group: str
    detail: str
    cost: Decimal
    months: int = 0
    first: date = NEVER
    every: int = 1  # how many months apart its depreciation is booked
    gone: date = NEVER
    lowered: Decimal = NOTHING  # what it is written down by
    taken: Decimal = NOTHING  # what of its depreciation went with parts of it
    spread: list[tuple[date, Decimal, Decimal, int]] = field(default_factory=list)

    def spreads(self, since: date, amount: Decimal, months: int, before: Decimal = NOTHING) -> None:
        """Depreciate an amount in equal parts from a month on, after what was depreciated before it."""
        self.spread.append((since, before, amount, months))

    def depreciated(self, day: date) -> Decimal:
        """Return what is depreciated by the end of a day's month: each month ends at the nearest öre."""
        day = min(day, self.gone)
        for since, before, amount, months in reversed(self.spread):
            if since <= day:
                return before + rounded(amount * min(_months(since, day) + 1, months) / months)
        return NOTHING

    def due(self, month: date) -> Decimal:
        """Return what is booked as depreciation in a month."""
        if month > self.gone:
            return NOTHING
        return self._booked(month) - self._booked(month - timedelta(days=1))

    def _booked(self, day: date) -> Decimal:
        """Return what is booked by the end of a day's month: every so many months of a year, and when it ends."""
        ends = min(self.gone, _moved(self.first, self.months - 1))
        waits = day.month % self.every if _months(day, ends) > 0 else 0
        return self.depreciated(_moved(day, -waits))

    def worth(self, day: date) -> Decimal:
        """Return what remains of it in the books at the end of a day's month."""
        return self.cost - self.depreciated(day) + self.taken - self.lowered

    def left(self, day: date) -> int:
        """Return the months that remain after a day's month."""
        return self.months - _months(self.first, day) - 1


def rounded(amount: Amount) -> Decimal:
    """Return an amount in whole öre."""
    return Decimal(amount).quantize(ORE, ROUND_HALF_UP)


def month_end(day: date) -> date:
    """Return the last day of a month."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def _months(first: date, day: date) -> int:
    return (day.year - first.year) * 12 + day.month - first.month


def _moved(day: date, months: int) -> date:
    """Return the first day of the month that is so many months later."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, 1)


def next_month(day: date) -> date:
    """Return the first day of the month after."""
    return month_end(day) + timedelta(days=1)


class Federation:
    """Some books, and their answer sheet. `main` is the unit that has the bank, the VAT and the loans."""

    def __init__(
        self,
        name: str,
        chart: Mapping[str, str],
        opening: date,
        last: date,
        main: str,
        units: Mapping[str, tuple[str, date]],
    ) -> None:
        self.name, self.chart, self.opening, self.last, self.main, self.units = name, chart, opening, last, main, units
        self.banks = dict.fromkeys(units, main)
        self.sheet = Sheet(opening, last.year)
        self.vouchers: list[Voucher] = []
        self.directives: list[tuple[date, str]] = []
        self.opened: dict[str, date] = {}
        self.assets: list[Asset] = []
        self.plans: dict[tuple[int, str, str], Decimal] = defaultdict(lambda: NOTHING)
        self.alone: set[str] = set()
        self.undivided = False  # whether it declares no unit
        self._opening: list[tuple[str, Decimal]] = []
        self.provisions: dict[str, str] = {}
        self.terms: dict[str, tuple[Decimal, date]] = {}  # the rate of each loan, and the day that it falls due
        self.carrying: dict[str, str] = {}  # the units that carry their surplus, and what it is of
        self.grants: dict[str, Decimal] = {}  # what each grant to an investment is of
        self.funds: dict[str, tuple[Decimal, Decimal]] = {}  # what each is worth in the books, and has gained
        self.owed: list[tuple[date, str, Decimal]] = []  # what the long part of each loan rises and falls by

    # Accounts, vouchers and directives.

    def account(self, unit: str, word: str, *details: str) -> str:
        """Return the account of a unit that a word of the chart means, and open it."""
        number = self.chart[word]
        name = ":".join([_root(number), unit, number, *details])
        self.opened.setdefault(name, max(self.units[unit][1], self.opening))
        return name

    def voucher(
        self,
        series: str,
        day: date,
        text: str,
        rows: Sequence[tuple[str, Decimal]],
        payee: str = "",
        of: Sequence[Voucher] = (),
        billed: bool = False,
        said: Mapping[str, str] = NO_MORE,
        corrects: Voucher | None = None,
    ) -> Voucher:
        """Enter a voucher. Everything is approved by one who may approve all of it."""
        assert sum(amount for _, amount in rows) == 0, (text, rows)
        rows = [(account, amount) for account, amount in rows if amount]
        said = {"attest": f'"{APPROVER}"', **said}
        made = Voucher(series, day, payee, text, rows, tuple(of), billed, said, corrects)
        self.vouchers.append(made)
        return made

    def answer(self, voucher: Voucher, warning: str) -> None:
        """Answer what is warned of a voucher: the code and why it is as it should be."""
        voucher.said = {**voucher.said, "kvittens": f'"{warning}"'}

    def say(self, day: date, kind: str, values: str, **said: str) -> None:
        """Enter a directive."""
        below = "".join(f"\n  {key}: {value}" for key, value in said.items())
        self.directives.append((day, f'{day} custom "{kind}" {values}{below}'))

    def bank(self, unit: str) -> str:
        """Return the account of the bank that pays for a unit."""
        return self.account(self.banks[unit], "bank")

    def _banked(self, day: date, unit: str, amount: Decimal) -> tuple[str, Decimal]:
        self.sheet.stock(day, "bank", amount, self.banks[unit])
        return self.bank(unit), amount

    def _vat(self, day: date, word: str, amount: Decimal) -> tuple[str, Decimal]:
        self.sheet.stock(day, "moms", amount)
        return self.account(self.main, word), amount

    # The books open.

    def opens(self, unit: str, word: str, amount: Amount, *details: str) -> str:
        """Enter a balance that the books open with, debit positive, and return its account."""
        kind, owned = OPENED[word]
        self.sheet.stock(self.opening, kind, Decimal(amount * owned), unit)
        account = self.account(unit, word, *details)
        if kind == "reserv":
            self.sheet.move(self.opening, "eget-kapital", "reserv", "omforing", Decimal(amount * owned))
        self._opening.append((account, Decimal(amount)))
        return account

    def owned(
        self,
        name: str,
        unit: str,
        group: str,
        detail: str,
        cost: int,
        months: int = 0,
        first: date = NEVER,
        every: int = 1,
    ) -> Asset:
        """Enter an asset that the books open with, depreciated from `first` on."""
        asset = self._registered(Asset(name, unit, group, detail, Decimal(cost), months, first, every))
        self.opens(unit, group, cost, detail)
        note = GROUPS[group][0]
        self.sheet.move(self.opening, note, "anskaffning", "inkop", asset.cost)
        if depreciated := asset.depreciated(self.opening):
            self.opens(unit, f"{group}-avskrivning", -depreciated)
            self.sheet.move(self.opening, note, "avskrivning", "arets", -depreciated)
        return asset

    def unfinished_open(self, unit: str, where: str, cost: int) -> None:
        """Enter unfinished plant that the books open with: a project that has cost so much."""
        self.opens(unit, "pagaende", cost, where)
        self.sheet.move(self.opening, "pagaende", "anskaffning", "inkop", Decimal(cost))
        self.sheet.add(self.opening, "investeringar", f"{unit} {where}", Decimal(cost))

    def opened_with(self) -> None:
        """Enter the opening voucher, if there is anything: the equity of a unit is what it has less what it owes."""
        if not self._opening:
            return
        worth: dict[str, Decimal] = defaultdict(lambda: NOTHING)
        for account, amount in self._opening:
            worth[account.split(":")[1]] += amount
        for unit, amount in worth.items():
            self._opening.append((self.account(unit, "kapital"), -amount))
            self.sheet.stock(self.opening, "kapital", amount)
            self.sheet.move(self.opening, "eget-kapital", "kapital", "in", amount)
        self.voucher("B", self.opening, "Ingående balanser", self._opening)

    # What members pay, what is sold and granted.

    def contribution(self, unit: str, day: date, member: str, amount: Amount, text: str) -> Claim:
        """Bill a member its contribution."""
        return self._billed(unit, day, member, amount, text, "medlemsbidrag", "medlemsbidrag", NOTHING, member)

    def service(self, unit: str, day: date, customer: str, net: Amount, text: str, word: str = "forsaljning") -> Claim:
        """Bill a customer for a service, with VAT; what is a fee has none."""
        vat = rounded(net * SIZE_OF_VAT) if word == "forsaljning" else NOTHING
        return self._billed(unit, day, customer, net, text, word, "verksamhetens-intakter", vat)

    def grant(self, unit: str, day: date, giver: str, amount: Amount, text: str) -> Claim:
        """Claim a grant for the year's costs."""
        return self._billed(unit, day, giver, amount, text, "bidrag", "verksamhetens-intakter", NOTHING)

    def _billed(
        self,
        unit: str,
        day: date,
        customer: str,
        net: Amount,
        text: str,
        word: str,
        row: str,
        vat: Decimal,
        *details: str,
    ) -> Claim:
        net = rounded(net)
        account = self.account(unit, "kundfordringar")
        rows = [(account, net + vat), (self.account(unit, word, *details), -net)]
        if vat:
            rows.append(self._vat(day, "utgaende-moms", -vat))
        self.sheet.stock(day, "kundfordringar", net + vat)
        self.sheet.result(day, unit, row, net)
        if word == "medlemsbidrag":
            self.sheet.add(day, "medlemsbidrag", customer, net)
        else:
            self.sheet.add(day, "intakter", word, net)
        due = day + timedelta(days=30)
        voucher = self.voucher("K", day, text, rows, customer, billed=True, said={"forfallodag": str(due)})
        return Claim(voucher, unit, account, net + vat)

    def received(self, claim: Claim, day: date, amount: Amount = 0) -> Voucher:
        """Let a customer pay, all or a part."""
        paid, sold = claim.settle(amount)
        self._collected(claim, day, paid, sold)
        rows = [self._banked(day, claim.unit, paid), (claim.account, -paid)]
        text = f"Inbetalning: {claim.voucher.text}"
        return self.voucher("I", day, text, rows, claim.voucher.payee, [claim.voucher])

    def _collected(self, claim: Claim, day: date, paid: Decimal, sold: Decimal) -> None:
        self.sheet.stock(day, "kundfordringar", -paid)
        if sold:
            self.sheet.settled(day, -sold)
            self.sheet.cash(day, claim.row, sold)

    # What is bought.

    def invoice(
        self, unit: str, day: date, supplier: str, word: str, net: Amount, text: str, vat: Decimal = SIZE_OF_VAT
    ) -> Claim:
        """Receive an invoice for what is a cost of the operations."""
        net = rounded(net)
        self.sheet.result(day, unit, "verksamhetens-kostnader", -net)
        self.sheet.add(day, "kostnader", word, -net)
        return self._owed(unit, day, supplier, [(self.account(unit, word), net)], rounded(net * vat), text)

    def credited(self, claim: Claim, day: date, word: str, net: Amount) -> Voucher:
        """Receive a credit note on an invoice, for a part of it or all."""
        net, vat = Decimal(net), rounded(net * SIZE_OF_VAT)
        self.sheet.result(day, claim.unit, "verksamhetens-kostnader", net)
        self.sheet.add(day, "kostnader", word, net)
        self.sheet.stock(day, "leverantorer", net + vat, claim.account)
        claim.amount -= net + vat
        rows = [
            (claim.account, net + vat),
            (self.account(claim.unit, word), -net),
            self._vat(day, "ingaende-moms", -vat),
        ]
        text = f"Kreditfaktura: {claim.voucher.text}"
        return self.voucher("L", day, text, rows, claim.voucher.payee, [claim.voucher], said=RECEIVED)

    def refunded(self, claim: Claim, day: date) -> None:
        """Let a supplier pay back what was credited after it was paid."""
        self.sheet.stock(day, "leverantorer", claim.amount, claim.account)
        rows = [self._banked(day, claim.unit, -claim.amount), (claim.account, claim.amount)]
        self.voucher("I", day, f"Återbetalning: {claim.voucher.text}", rows, claim.voucher.payee, [claim.voucher])

    def _owed(
        self, unit: str, day: date, supplier: str, bought: list[tuple[str, Decimal]], vat: Decimal, text: str
    ) -> Claim:
        amount = sum((part for _, part in bought), NOTHING) + vat
        account = self.account(unit, "leverantorer")
        rows = [*bought, *([self._vat(day, "ingaende-moms", vat)] if vat else []), (account, -amount)]
        self.sheet.stock(day, "leverantorer", -amount, account)
        due = day + timedelta(days=30)
        said = {**RECEIVED, "forfallodag": str(due)}
        return Claim(self.voucher("L", day, text, rows, supplier, billed=True, said=said), unit, account, amount)

    def paid(self, claim: Claim, day: date, amount: Amount = 0) -> Voucher:
        """Pay a supplier, all or a part."""
        paid, bought = claim.settle(amount)
        self._paid(claim, day, paid, bought)
        rows = [(claim.account, paid), self._banked(day, claim.unit, -paid)]
        return self.voucher("U", day, f"Betalning: {claim.voucher.text}", rows, claim.voucher.payee, [claim.voucher])

    def _paid(self, claim: Claim, day: date, paid: Decimal, bought: Decimal) -> None:
        self.sheet.stock(day, "leverantorer", paid, claim.account)
        if bought:
            self.sheet.settled(day, bought)
            self.sheet.cash(day, claim.row, -bought)

    def set_off(self, debt: Claim, claim: Claim, day: date) -> Voucher:
        """Let a debt and a claim settle each other, as far as both go: an old car that is taken in part payment."""
        amount = min(debt.amount, claim.amount)
        self._paid(debt, day, *debt.settle(amount))
        self._collected(claim, day, *claim.settle(amount))
        rows = [(debt.account, amount), (claim.account, -amount)]
        return self.voucher(
            "M", day, f"Kvittning: {debt.voucher.text}", rows, debt.voucher.payee, [debt.voucher, claim.voucher]
        )

    def vat_settled(self, day: date, until: date) -> None:
        """Settle what VAT there is on all accounts by a day with Skatteverket, over the account of its declaration."""
        words = ("ingaende-moms", "utgaende-moms")
        rows = [
            (account, -self.balance(account, until)) for account in (self.account(self.main, word) for word in words)
        ]
        declared = self.account(self.main, "momsredovisning")
        net = sum((amount for _, amount in rows), NOTHING)
        if not any(amount for _, amount in rows):
            return
        self.voucher("M", day, f"Momsdeklaration till och med {until}", [*rows, (declared, -net)])
        if net:
            self.sheet.stock(day, "moms", net)
            rows = [self._banked(day, self.main, -net), (declared, net)]
            self.voucher("I" if net < 0 else "U", day, f"Moms till och med {until}", rows, "Skatteverket")

    def balance(self, account: str, until: date) -> Decimal:
        """Return what stands on an account at the end of a day."""
        vouchers = (voucher for voucher in self.vouchers if voucher.day <= until)
        return sum((part for each in vouchers for name, part in each.rows if name == account), NOTHING)

    # Pay.

    def salaries(self, day: date, gross: Mapping[str, int]) -> None:
        """Pay the units' salaries of a month; tax and fees follow on the twelfth of the next."""
        rows, taxes = [], []
        for unit, amount in gross.items():
            tax, fees = rounded(amount * Decimal("0.30")), rounded(amount * Decimal("0.3142"))
            rows += [
                (self.account(unit, "loner"), Decimal(amount)),
                (self.account(unit, "arbetsgivaravgifter"), fees),
                (self.account(unit, "skatt"), -tax),
                (self.account(unit, "avgifter"), -fees),
                (self.account(unit, "nettoloner"), tax - amount),
            ]
            taxes += [(unit, tax, fees)]
            self.sheet.result(day, unit, "verksamhetens-kostnader", -(amount + fees))
            self.sheet.add(day, "kostnader", "loner", Decimal(-amount))
            self.sheet.add(day, "kostnader", "arbetsgivaravgifter", -fees)
            self.sheet.stock(day, "personalskatter", tax + fees)
        self.voucher("P", day, f"Löner {_month(day)}", rows)
        later = day + timedelta(days=2)
        net = {unit: amount - tax for (unit, tax, _), amount in zip(taxes, gross.values(), strict=True)}
        out = [(self.account(unit, "nettoloner"), amount) for unit, amount in net.items()]
        self.voucher("U", later, f"Nettolöner {_month(day)}", [*out, *self._from_banks(later, net)])
        self.sheet.stock(day, "ovriga-skulder", sum(net.values(), NOTHING))
        self.sheet.stock(later, "ovriga-skulder", -sum(net.values(), NOTHING))
        twelfth = next_month(day).replace(day=12)
        if twelfth > self.last:
            return
        both = {unit: tax + fees for unit, tax, fees in taxes}
        out = [
            row
            for unit, tax, fees in taxes
            for row in ((self.account(unit, "skatt"), tax), (self.account(unit, "avgifter"), fees))
        ]
        text = f"Skatter och avgifter {_month(day)}"
        self.voucher("U", twelfth, text, [*out, *self._from_banks(twelfth, both)], "Skatteverket")
        self.sheet.stock(twelfth, "personalskatter", -sum(both.values(), NOTHING))

    def _from_banks(self, day: date, amounts: Mapping[str, Decimal]) -> list[tuple[str, Decimal]]:
        banks: dict[str, Decimal] = defaultdict(lambda: NOTHING)
        for unit, amount in amounts.items():
            banks[self.banks[unit]] += amount
        return [self._banked(day, unit, -amount) for unit, amount in banks.items()]

    def holiday_pay(self, day: date, unit: str, change: Amount) -> None:
        """Change what is owed for holidays that are not taken."""
        change = Decimal(change)
        rows = [(self.account(unit, "semesterforandring"), change), (self.account(unit, "semesterloneskuld"), -change)]
        self.voucher("B", day, "Förändring av semesterlöneskuld enligt lönesystemet", rows)
        self.sheet.result(day, unit, "verksamhetens-kostnader", -change)
        self.sheet.add(day, "kostnader", "loner", -change)
        self.sheet.stock(day, "semesterloneskuld", change)

    # Between units, and between years.

    def internal(self, day: date, seller: str, buyer: str, amount: Amount, text: str) -> None:
        """Let a unit sell to another: the federation's own statements show nothing of it."""
        amount = Decimal(amount)
        rows = [(self.account(seller, "intern-forsaljning"), -amount), (self.account(buyer, "intern-kostnad"), amount)]
        self.voucher("N", day, text, rows)
        self.sheet.inside(day, seller, amount)
        self.sheet.inside(day, buyer, -amount)

    def prepaid(self, unit: str, year: int, word: str, amount: Amount, text: str) -> None:
        """Move a cost of the next year there."""
        self._accrued(unit, year, word, "interimsfordringar", "interimsfordringar", -Decimal(amount), text)

    def accrued(self, unit: str, year: int, word: str, amount: Amount, text: str) -> None:
        """Take a cost of this year that is not billed."""
        self._accrued(unit, year, word, "upplupna-kostnader", "interimsskulder", Decimal(amount), text)

    def _accrued(self, unit: str, year: int, word: str, balance: str, kind: str, amount: Decimal, text: str) -> None:
        last, first = date(year, 12, 31), date(year + 1, 1, 1)
        for day, sign, series, what in ((last, 1, "B", text), (first, -1, "M", f"Återföring: {text.lower()}")):
            if day > self.last:
                continue
            cost = sign * amount
            rows = [(self.account(unit, word), cost), (self.account(unit, balance), -cost)]
            self.voucher(series, day, what, rows)
            self.sheet.result(day, unit, "verksamhetens-kostnader", -cost)
            self.sheet.add(day, "kostnader", word, -cost)
            self.sheet.stock(day, kind, cost if kind in {"interimsskulder"} else -cost)

    def surplus_carried(self, unit: str, year: int) -> None:
        """Carry what a unit has left of a year's fees to the next: it is no income of the year."""
        amount, last, first = self.sheet.left(year, unit), date(year, 12, 31), date(year + 1, 1, 1)
        assert amount > 0, (unit, year, amount)
        accounts = (
            self.account(unit, "overfort-overskott", str(year)),
            self.account(unit, "overskott-att-overfora", str(year)),
        )
        for day, sign, text in ((last, 1, f"Överskott {year} överförs"), (first, -1, f"Överskott {year} intas")):
            if day <= self.last:
                self.voucher("B", day, text, [(accounts[0], sign * amount), (accounts[1], -sign * amount)])
                self.sheet.result(day, unit, "verksamhetens-intakter", -sign * amount)
                self.sheet.add(day, "intakter", self.carrying[unit], -sign * amount)
                self.sheet.stock(day, "overskott-att-overfora", sign * amount)

    # Money that costs and earns.

    def fund_bought(self, name: str, unit: str, day: date, cost: int) -> None:
        """Place money in a fund for some months."""
        rows = [
            (self.account(unit, "placeringar", detail(name)), Decimal(cost)),
            self._banked(day, unit, -Decimal(cost)),
        ]
        self.voucher("U", day, f"Placering i {name}", rows, "Fondbolaget", said=RECEIVED)
        self.funds[name] = Decimal(cost), NOTHING
        self.sheet.stock(day, "placeringar", Decimal(cost))
        self.sheet.cash(day, "forandring-placeringar", -Decimal(cost))

    def fund_revalued(self, name: str, unit: str, day: date, amount: int) -> None:
        """Let a fund be worth more: nothing is realised."""
        gain, (worth, gained) = Decimal(amount), self.funds[name]
        rows = [
            (self.account(unit, "placeringar", detail(name)), gain),
            (self.account(unit, "orealiserad-vinst"), -gain),
        ]
        self.voucher("B", day, f"Värdering av {name}", rows)
        self.funds[name] = worth + gain, gained + gain
        self.sheet.stock(day, "placeringar", gain)
        self.sheet.result(day, unit, "finansiella-intakter", gain)
        self.sheet.add(day, "finansiella-intakter", "orealiserad-vinst", gain)
        self.sheet.cash(day, "ovriga-ej-likviditetspaverkande", -gain)
        self.sheet.add(day, "balanskrav", "orealiserade", -gain)

    def fund_sold(self, name: str, unit: str, day: date, price: int, part: Decimal = Decimal(1)) -> None:
        """Sell a part of a fund: the gain is of the year, and so is its part of what was gained before."""
        worth, gained = self.funds[name]
        sold, back, amount = rounded(worth * part), rounded(gained * part), Decimal(price)
        rows = [
            self._banked(day, unit, amount),
            (self.account(unit, "placeringar", detail(name)), -sold),
            (self.account(unit, "vinst-placering"), sold - amount),
        ]
        self.voucher("I", day, f"Försäljning av {name}", rows, "Fondbolaget")
        self.funds[name] = worth - sold, gained - back
        self.sheet.stock(day, "placeringar", -sold)
        self.sheet.result(day, unit, "finansiella-intakter", amount - sold)
        self.sheet.add(day, "finansiella-intakter", "vinst-placering", amount - sold)
        self.sheet.cash(day, "forandring-placeringar", sold)
        self.sheet.add(day, "balanskrav", "aterforing-orealiserade", back)

    def interest_earned(self, unit: str, day: date, amount: Amount) -> None:
        """Earn interest on the bank account."""
        amount = Decimal(amount)
        rows = [self._banked(day, unit, amount), (self.account(unit, "finansiella-intakter"), -amount)]
        self.voucher("I", day, f"Ränta på bankkonto {day.year}", rows, "Banken")
        self.sheet.result(day, unit, "finansiella-intakter", amount)
        self.sheet.add(day, "finansiella-intakter", "finansiella-intakter", amount)

    def loan(
        self, name: str, day: date, amount: int, due: date, yearly: int, rate: str, lender: str = "Kommuninvest"
    ) -> None:
        """Take a loan."""
        account = self.account(self.main, "lan", detail(name))
        self.registered_loan(name, day, amount, due, yearly, rate)
        rows = [self._banked(day, self.main, Decimal(amount)), (account, -Decimal(amount))]
        self.voucher("I", day, f"Nytt lån {name}", rows, lender)
        self.owed.append((day, name, Decimal(amount)))
        self.sheet.stock(day, "lan", Decimal(amount))
        self.sheet.cash(day, "nya-lan", Decimal(amount))
        self.sheet.move(day, "langfristiga-lan", "lan", "nya", Decimal(amount))

    def registered_loan(self, name: str, day: date, amount: int, due: date, yearly: int, rate: str) -> None:
        """Enter a loan in the register."""
        account = self.account(self.main, "lan", detail(name))
        said = {"forfaller": str(due), **({"amortering": f"{yearly}.00 SEK"} if yearly else {}), "ranta": rate}
        self.say(day, "lan", f'"{name}" {account} {amount}.00 SEK', **said)
        self.terms[name] = Decimal(rate), due

    def loan_open(
        self, name: str, taken: date, amount: int, remains: int, due: date, yearly: int, rate: str, short: int = 0
    ) -> None:
        """Enter a loan that the books open with, of which a part is short."""
        self.registered_loan(name, taken, amount, due, yearly, rate)
        self.opens(self.main, "lan", -(remains - short), detail(name))
        self.owed.append((self.opening, name, Decimal(remains - short)))
        self.sheet.move(self.opening, "langfristiga-lan", "lan", "nya", Decimal(remains - short))
        if short:
            self.opens(self.main, "kortfristiga-lan", -short, detail(name))

    def made_short(self, name: str, day: date, amount: Amount) -> None:
        """Move what falls due within a year to the short debts: no money moves."""
        amount = Decimal(amount)
        long, short = (self.account(self.main, word, detail(name)) for word in ("lan", "kortfristiga-lan"))
        self.voucher("B", day, f"Kortfristig del av lån {name}", [(long, amount), (short, -amount)])
        self.owed.append((day, name, -amount))
        self.sheet.stock(day, "lan", -amount)
        self.sheet.stock(day, "kortfristiga-lan", amount)
        self.sheet.move(day, "langfristiga-lan", "lan", "till-kortfristiga", -amount)

    def refinanced(self, old: str, new: str, day: date, amount: int, due: date, rate: str) -> None:
        """Let a new loan take the place of one that falls due, and is short: no money moves."""
        self.registered_loan(new, day, amount, due, 0, rate)
        short, long = (
            self.account(self.main, "kortfristiga-lan", detail(old)),
            self.account(self.main, "lan", detail(new)),
        )
        rows = [(short, Decimal(amount)), (long, -Decimal(amount))]
        self.voucher("M", day, f"Lån {old} läggs om till {new}", rows, "Kommuninvest")
        self.owed.append((day, new, Decimal(amount)))
        self.sheet.stock(day, "lan", Decimal(amount))
        self.sheet.stock(day, "kortfristiga-lan", -Decimal(amount))
        self.sheet.move(day, "langfristiga-lan", "lan", "omlaggning", Decimal(amount))

    def amortised(self, name: str, day: date, amount: Amount, *, short: bool, lender: str = "Kommuninvest") -> None:
        """Pay off a part of a loan, from its short part or from the long one."""
        amount, word = Decimal(amount), "kortfristiga-lan" if short else "lan"
        rows = [(self.account(self.main, word, detail(name)), amount), self._banked(day, self.main, -amount)]
        self.voucher("U", day, f"{'Amortering' if short else 'Extra amortering'} av lån {name}", rows, lender)
        self.sheet.stock(day, word, -amount)
        self.sheet.cash(day, "amortering", -amount)
        if not short:
            self.owed.append((day, name, -amount))
            self.sheet.move(day, "langfristiga-lan", "lan", "amorterat", -amount)

    def interest_paid(self, day: date, amount: Amount, text: str, lender: str = "Kommuninvest") -> None:
        """Pay interest on loans."""
        amount = Decimal(amount)
        rows = [(self.account(self.main, "finansiella-kostnader"), amount), self._banked(day, self.main, -amount)]
        self.voucher("U", day, text, rows, lender, said=RECEIVED)
        self.sheet.result(day, self.main, "finansiella-kostnader", -amount)
        self.sheet.add(day, "finansiella-kostnader", "finansiella-kostnader", -amount)

    def interest_accrued(self, year: int, amount: Amount) -> None:
        """Take the interest of the year that is paid in the next."""
        for day, sign, series in ((date(year, 12, 31), 1, "B"), (date(year + 1, 1, 1), -1, "M")):
            if day > self.last:
                continue
            cost = sign * Decimal(amount)
            rows = [
                (self.account(self.main, "finansiella-kostnader"), cost),
                (self.account(self.main, "upplupna-rantor"), -cost),
            ]
            self.voucher(series, day, f"{'Återföring: u' if sign < 0 else 'U'}pplupen ränta {year}", rows)
            self.sheet.result(day, self.main, "finansiella-kostnader", -cost)
            self.sheet.add(day, "finansiella-kostnader", "finansiella-kostnader", -cost)
            self.sheet.stock(day, "interimsskulder", cost)

    def extraordinary(self, unit: str, day: date, amount: Amount, text: str, payee: str) -> None:
        """Get (positive) or pay (negative) what is neither usual nor recurring."""
        amount, word = Decimal(amount), "extraordinara-intakter" if amount > 0 else "extraordinara-kostnader"
        rows = [self._banked(day, unit, amount), (self.account(unit, word), -amount)]
        said = NO_MORE if amount > 0 else RECEIVED
        self.voucher("I" if amount > 0 else "U", day, text, rows, payee, said=said)
        self.sheet.result(day, unit, word, amount)
        self.sheet.add(day, "extraordinara-poster", word, amount)

    # Fixed assets.

    def _registered(self, asset: Asset, **said: str) -> Asset:
        self.assets.append(asset)
        if asset.months:
            asset.spreads(asset.first, asset.cost, asset.months)
            account = self.account(asset.unit, asset.group, asset.detail)
            if asset.every > 1:
                said["avskrivs"] = EVERY[asset.every]
            self.say(
                asset.first,
                "asset",
                f'"{asset.name}" {account} {asset.cost:.2f} SEK',
                manader=str(asset.months),
                **said,
            )
        return asset

    def bought(
        self,
        name: str,
        unit: str,
        group: str,
        cost: int,
        day: date,
        supplier: str,
        months: int = 0,
        vat: Decimal = SIZE_OF_VAT,
    ) -> tuple[Asset, Claim]:
        """Buy a fixed asset on credit: it is depreciated from the month after on."""
        return self.bought_in_parts(unit, group, detail(name), {name: (cost, months)}, day, supplier, vat)

    def bought_in_parts(
        self,
        unit: str,
        group: str,
        where: str,
        parts: Mapping[str, tuple[int, int]],
        day: date,
        supplier: str,
        vat: Decimal = SIZE_OF_VAT,
    ) -> tuple[Asset, Claim]:
        """Buy what has components, each with a life of its own, on one invoice and one account."""
        cost = Decimal(sum(part for part, _ in parts.values()))
        row = GROUPS[group][1]
        account = self.account(unit, group, where)
        claim = self._owed(unit, day, supplier, [(account, cost)], rounded(cost * vat), where.replace("-", " "))
        claim.invested, claim.row = cost, f"forvarv-{row}"
        self._acquired(day, unit, group, where, cost)
        self.sheet.unpaid(day, cost)
        made = [
            self._registered(
                Asset(name, unit, group, where, Decimal(part), months, next_month(day) if months else NEVER)
            )
            for name, (part, months) in parts.items()
        ]
        return made[0], claim

    def bought_at_once(
        self, name: str, unit: str, group: str, cost: int, day: date, supplier: str, months: int = 0
    ) -> Asset:
        """Buy a fixed asset and pay it from the bank, with VAT."""
        net, vat, row = Decimal(cost), rounded(cost * SIZE_OF_VAT), GROUPS[group][1]
        rows = [
            (self.account(unit, group, detail(name)), net),
            self._vat(day, "ingaende-moms", vat),
            self._banked(day, unit, -(net + vat)),
        ]
        self.voucher("U", day, name, rows, supplier, said=RECEIVED)
        self._acquired(day, unit, group, detail(name), net)
        self.sheet.cash(day, f"forvarv-{row}", -net)
        return self._registered(Asset(name, unit, group, detail(name), net, months, next_month(day)))

    def given(self, name: str, unit: str, group: str, cost: int, day: date, giver: str, months: int) -> Asset:
        """Be given a fixed asset: income, and no money."""
        worth, line = Decimal(cost), GROUPS[group][0]
        rows = [(self.account(unit, group, detail(name)), worth), (self.account(unit, "gavor"), -worth)]
        self.voucher("M", day, f"Gåva: {name}", rows, giver, said={"handelse": '"overtagande"'})
        self.sheet.stock(day, line, worth)
        self.sheet.move(day, line, "anskaffning", "overtagande", worth)
        self.sheet.result(day, unit, "verksamhetens-intakter", worth)
        self.sheet.add(day, "intakter", "gavor", worth)
        self.sheet.cash(day, "ovriga-ej-likviditetspaverkande", -worth)
        return self._registered(Asset(name, unit, group, detail(name), worth, months, next_month(day)))

    def bought_with(
        self, name: str, unit: str, group: str, cost: int, beside: int, day: date, supplier: str, months: int
    ) -> tuple[Asset, Claim]:
        """Buy a fixed asset on an invoice that also has material."""
        net, other, where = Decimal(cost), Decimal(beside), detail(name)
        bought = [(self.account(unit, group, where), net), (self.account(unit, "material"), other)]
        claim = self._owed(unit, day, supplier, bought, rounded((net + other) * SIZE_OF_VAT), name)
        claim.invested, claim.row = net, f"forvarv-{GROUPS[group][1]}"
        self.sheet.result(day, unit, "verksamhetens-kostnader", -other)
        self.sheet.add(day, "kostnader", "material", -other)
        self._acquired(day, unit, group, where, net)
        self.sheet.unpaid(day, net)
        return self._registered(Asset(name, unit, group, where, net, months, next_month(day))), claim

    def expensed_first(
        self, name: str, unit: str, group: str, cost: int, day: date, supplier: str, months: int
    ) -> tuple[Asset, Claim]:
        """Buy a fixed asset that was booked as material, and correct it: it was bought all the same."""
        net, where = Decimal(cost), detail(name)
        claim = self._owed(
            unit, day, supplier, [(self.account(unit, "material"), net)], rounded(net * SIZE_OF_VAT), name
        )
        claim.invested, claim.row = net, f"forvarv-{GROUPS[group][1]}"
        rows = [(self.account(unit, group, where), net), (self.account(unit, "material"), -net)]
        self.voucher("M", day, f"Rättelse: {name} är en investering", rows, corrects=claim.voucher)
        self._acquired(day, unit, group, where, net)
        self.sheet.unpaid(day, net)
        return self._registered(Asset(name, unit, group, where, net, months, next_month(day))), claim

    def _acquired(self, day: date, unit: str, group: str, where: str, cost: Decimal) -> None:
        line = GROUPS[group][0]
        self.sheet.stock(day, line, cost)
        self.sheet.move(day, line, "anskaffning", "inkop", cost)
        self.sheet.add(day, "investeringar", f"{unit} {where}", cost)

    def _depreciated(self, month: date) -> None:
        day = month_end(month)
        rows: dict[tuple[str, str], Decimal] = defaultdict(lambda: NOTHING)
        for asset in self.assets:
            rows[asset.unit, asset.group] += asset.due(month)
        written = []
        for (unit, group), amount in rows.items():
            if not amount:
                continue
            written += [
                (self.account(unit, "avskrivningar"), amount),
                (self.account(unit, f"{group}-avskrivning"), -amount),
            ]
            line = GROUPS[group][0]
            self.sheet.result(day, unit, "avskrivningar", -amount)
            self.sheet.cash(day, "av-och-nedskrivningar", amount)
            self.sheet.stock(day, line, -amount)
            self.sheet.move(day, line, "avskrivning", "arets", -amount)
        if written:
            self.voucher("A", day, f"Avskrivningar {_month(day)}", written)

    def written_down(self, asset: Asset, month: date, amount: Amount) -> None:
        """Write an asset down (positive) or take a write-down back (negative), at the end of a month.

        A chart may have no account for it: then it is taken off the cost itself. Land is in no register.
        """
        amount, day, line = Decimal(amount), month_end(month), GROUPS[asset.group][0]
        word, of_cost = f"{asset.group}-nedskrivning", (asset.group, asset.detail)
        against = self.account(asset.unit, *((word,) if word in self.chart else of_cost))
        rows = [(self.account(asset.unit, "nedskrivningar"), amount), (against, -amount)]
        self.voucher("A", day, f"{'Nedskrivning' if amount > 0 else 'Återföring av nedskrivning'} {asset.name}", rows)
        asset.lowered += amount
        if asset.months:
            self.say(day, "nedskrivning" if amount > 0 else "aterforing", f'"{asset.name}" {abs(amount):.2f} SEK')
            asset.spreads(next_month(day), asset.worth(day), asset.left(day), asset.depreciated(day))
        self.sheet.result(day, asset.unit, "avskrivningar", -amount)
        self.sheet.cash(day, "av-och-nedskrivningar", amount)
        self.sheet.stock(day, line, -amount)
        if word in self.chart:
            self.sheet.move(day, line, "nedskrivning", "arets" if amount > 0 else "aterforing", -amount)
        else:
            self.sheet.move(day, line, "anskaffning", "nedskrivning", -amount)

    def scrapped(self, asset: Asset, day: date) -> None:
        """Scrap an asset: its last month is depreciated."""
        self.voucher("A", day, f"Utrangering av {asset.name}", self._disposed(asset, day, NOTHING, NOTHING))

    def sold(self, asset: Asset, day: date, price: int, buyer: str, *, vat: Decimal = SIZE_OF_VAT) -> Claim:
        """Sell an asset on credit: its last month is depreciated."""
        tax = rounded(price * vat)
        claimed, row = self.account(asset.unit, "kundfordringar"), f"forsaljning-{GROUPS[asset.group][1]}"
        rows = [(claimed, price + tax), *self._disposed(asset, day, Decimal(price), tax)]
        self.sheet.stock(day, "kundfordringar", price + tax)
        self.sheet.unpaid(day, -Decimal(price))
        text, due = f"Försäljning av {asset.name}", day + timedelta(days=30)
        voucher = self.voucher("K", day, text, rows, buyer, billed=True, said={"forfallodag": str(due)})
        return Claim(voucher, asset.unit, claimed, price + tax, row, Decimal(price))

    def price_reduced(self, asset: Asset, day: date, amount: int, supplier: str) -> None:
        """Get some of what an asset cost back from its supplier: it has cost less, from then on."""
        back, line = Decimal(amount), GROUPS[asset.group][0]
        asset.cost -= back
        self.say(day, "anskaffningsvarde", f'"{asset.name}" {asset.cost:.2f} SEK')
        account = self.account(asset.unit, asset.group, asset.detail)
        rows = [self._banked(day, asset.unit, back), (account, -back)]
        self.voucher("I", day, f"Prisavdrag {asset.name}", rows, supplier)
        asset.spreads(next_month(day), asset.worth(day), asset.left(day), asset.depreciated(day))
        self.sheet.stock(day, line, -back)
        self.sheet.move(day, line, "anskaffning", "inkop", -back)
        self.sheet.add(day, "investeringar", f"{asset.unit} {asset.detail}", -back)
        self.sheet.cash(day, f"forvarv-{GROUPS[asset.group][1]}", back)

    def part_sold(self, asset: Asset, day: date, part: int, price: int, buyer: str) -> Claim:
        """Sell a part of an asset on credit, by what the part cost: its share of the depreciation goes with it."""
        cost, tax, line = Decimal(part), rounded(price * SIZE_OF_VAT), GROUPS[asset.group][0]
        gone = rounded((asset.depreciated(day) - asset.taken) * cost / asset.cost)
        self.say(day, "delutrangering", f'"{asset.name}" {cost:.2f} SEK')
        claimed = self.account(asset.unit, "kundfordringar")
        rows = [
            (claimed, price + tax),
            (self.account(asset.unit, asset.group, asset.detail), -cost),
            (self.account(asset.unit, f"{asset.group}-avskrivning"), gone),
            self._vat(day, "utgaende-moms", -tax),
        ]
        self._gained(asset, day, price - (cost - gone), rows)
        asset.cost, asset.taken = asset.cost - cost, asset.taken + gone
        asset.spreads(next_month(day), asset.worth(day), asset.left(day), asset.depreciated(day))
        self.sheet.stock(day, line, gone - cost)
        self.sheet.stock(day, "kundfordringar", price + tax)
        self.sheet.move(day, line, "anskaffning", "forsaljning", -cost)
        self.sheet.move(day, line, "avskrivning", "forsaljning", gone)
        self.sheet.unpaid(day, -Decimal(price))
        due = day + timedelta(days=30)
        text = f"Försäljning av en del av {asset.name}"
        voucher = self.voucher("K", day, text, rows, buyer, billed=True, said={"forfallodag": str(due)})
        return Claim(voucher, asset.unit, claimed, price + tax, f"forsaljning-{GROUPS[asset.group][1]}", Decimal(price))

    def _disposed(self, asset: Asset, day: date, price: Decimal, tax: Decimal) -> list[tuple[str, Decimal]]:
        """Return the rows that take an asset off; its cost on an account of what is disposed of, where there is one."""
        asset.gone = day
        line, worth, depreciated = GROUPS[asset.group][0], asset.worth(day), asset.depreciated(day) - asset.taken
        if asset.months:
            self.say(day, "utrangering", f'"{asset.name}"')
        apart = f"{asset.group}-utrangering"
        rows = [
            (
                self.account(asset.unit, apart)
                if apart in self.chart
                else self.account(asset.unit, asset.group, asset.detail),
                -asset.cost,
            )
        ]
        if depreciated:
            rows.append((self.account(asset.unit, f"{asset.group}-avskrivning"), depreciated))
        if asset.lowered:
            rows.append((self.account(asset.unit, f"{asset.group}-nedskrivning"), asset.lowered))
        if tax:
            rows.append(self._vat(day, "utgaende-moms", -tax))
        self._gained(asset, day, price - worth, rows)
        for block, amount in (
            ("anskaffning", -asset.cost),
            ("avskrivning", depreciated),
            ("nedskrivning", asset.lowered),
        ):
            if amount:
                self.sheet.move(day, line, block, "forsaljning", amount)
        self.sheet.stock(day, line, -worth)
        return rows

    def _gained(self, asset: Asset, day: date, gain: Decimal, rows: list[tuple[str, Decimal]]) -> None:
        if not gain:
            return
        word, row, kind = (
            ("realisationsvinst", "verksamhetens-intakter", "realisationsvinster")
            if gain > 0
            else ("realisationsforlust", "verksamhetens-kostnader", "realisationsforluster")
        )
        rows.append((self.account(asset.unit, word), -gain))
        self.sheet.result(day, asset.unit, row, gain)
        self.sheet.add(day, "intakter" if gain > 0 else "kostnader", word, gain)
        self.sheet.cash(day, kind, -gain)
        if gain > 0:
            self.sheet.add(day, "balanskrav", "realisationsvinster", -gain)

    def moved(self, asset: Asset, month: date, unit: str) -> Asset:
        """Move an asset to another unit at the end of a month: nothing is bought and nothing sold."""
        day, line = month_end(month), GROUPS[asset.group][0]
        asset.gone = day
        worth, depreciated = asset.worth(day), asset.depreciated(day) - asset.taken
        self.say(day, "utrangering", f'"{asset.name}"')
        rows = [
            (self.account(asset.unit, asset.group, asset.detail), -asset.cost),
            (self.account(asset.unit, f"{asset.group}-avskrivning"), depreciated),
            (self.account(unit, asset.group, asset.detail), worth),
        ]
        self.voucher("M", day, f"{asset.name} går över till {self.units[unit][0]}", rows)
        self.sheet.move(day, line, "anskaffning", "omklassificering", worth - asset.cost)
        self.sheet.move(day, line, "avskrivning", "omklassificering", depreciated)
        name, months = f"{asset.name} {unit}", asset.left(day)
        made = Asset(name, unit, asset.group, asset.detail, worth, months, next_month(day))
        return self._registered(made, ersatter=f'"{asset.name}"')

    def activated(
        self, unit: str, day: date, unfinished: str, group: str, parts: Mapping[str, tuple[int, int]]
    ) -> Asset:
        """Take what was unfinished into use, as an asset with components."""
        cost, line = Decimal(sum(part for part, _ in parts.values())), GROUPS[group][0]
        rows = [(self.account(unit, group, unfinished), cost), (self.account(unit, "pagaende", unfinished), -cost)]
        self.voucher("M", day, f"{unfinished.replace('-', ' ')} tas i bruk", rows)
        self.sheet.stock(day, "pagaende", -cost)
        self.sheet.stock(day, line, cost)
        self.sheet.move(day, "pagaende", "anskaffning", "omklassificering", -cost)
        self.sheet.move(day, line, "anskaffning", "omklassificering", cost)
        made = [
            self._registered(Asset(name, unit, group, unfinished, Decimal(part), months, next_month(day)))
            for name, (part, months) in parts.items()
        ]
        return made[0]

    def shares_bought(self, name: str, unit: str, day: date, cost: int, seller: str) -> Asset:
        """Buy shares, paid at once."""
        asset = Asset(name, unit, "aktier", detail(name), Decimal(cost))
        rows = [(self.account(unit, "aktier", asset.detail), asset.cost), self._banked(day, unit, -asset.cost)]
        self.voucher("U", day, f"Köp av andelar i {name}", rows, seller, said=RECEIVED)
        self.sheet.stock(day, "finansiella", asset.cost)
        self.sheet.cash(day, "forvarv-finansiella", -asset.cost)
        self.sheet.move(day, "finansiella", "anskaffning", "forvarv", asset.cost)
        return asset

    def shares_written_down(self, asset: Asset, day: date, amount: Amount) -> None:
        """Write shares down, on an account of write-downs where there is one: no money is paid for it."""
        amount = Decimal(amount)
        apart = "aktier-nedskrivning"
        credited = (
            self.account(asset.unit, apart) if apart in self.chart else self.account(asset.unit, "aktier", asset.detail)
        )
        rows = [(self.account(asset.unit, "nedskrivning-aktier"), amount), (credited, -amount)]
        self.voucher("B", day, f"Nedskrivning av andelar i {asset.name}", rows)
        asset.lowered += amount
        self.sheet.result(day, asset.unit, "finansiella-kostnader", -amount)
        self.sheet.add(day, "finansiella-kostnader", "nedskrivning-aktier", -amount)
        self.sheet.cash(day, "av-och-nedskrivningar", amount)
        self.sheet.stock(day, "finansiella", -amount)
        block, what = ("nedskrivning", "arets") if apart in self.chart else ("anskaffning", "nedskrivning")
        self.sheet.move(day, "finansiella", block, what, -amount)

    def shares_revalued(self, asset: Asset, day: date, amount: int) -> None:
        """Let shares be worth more (positive), or no longer: nothing is realised, and no money moves."""
        change = Decimal(amount)
        account, result = (
            self.account(asset.unit, "aktier", asset.detail),
            self.account(asset.unit, "orealiserad-vinst"),
        )
        said = {"handelse": '"vardeandring"'}
        revalued = self.voucher(
            "B", day, f"Värdeändring av andelar i {asset.name}", [(account, change), (result, -change)], said=said
        )
        warned = (
            "T147 Värderas till verkligt värde (LKBR 7 kap.)" if amount > 0 else "T104 Tidigare värdeökning återförs"
        )
        self.answer(revalued, warned)
        asset.lowered -= change
        self.sheet.result(day, asset.unit, "finansiella-intakter", change)
        self.sheet.add(day, "finansiella-intakter", "orealiserad-vinst", change)
        self.sheet.cash(day, "ovriga-ej-likviditetspaverkande", -change)
        self.sheet.stock(day, "finansiella", change)
        self.sheet.move(day, "finansiella", "anskaffning", "vardeandring", change)
        self.sheet.add(day, "balanskrav", "orealiserade" if amount > 0 else "aterforing-orealiserade", -change)

    def shares_sold(self, asset: Asset, day: date, price: int, buyer: str) -> None:
        """Sell shares, paid at once: the gain or loss is financial."""
        amount, worth = Decimal(price), asset.cost - asset.lowered
        gain, apart = amount - worth, "aktier-nedskrivning" in self.chart
        rows = [
            self._banked(day, asset.unit, amount),
            (self.account(asset.unit, "aktier", asset.detail), -(asset.cost if apart else worth)),
        ]
        if apart:
            rows.append((self.account(asset.unit, "aktier-nedskrivning"), asset.lowered))
        if gain:
            word = "vinst-aktier" if gain > 0 else "forlust-aktier"
            rows.append((self.account(asset.unit, word), -gain))
            row = "finansiella-intakter" if gain > 0 else "finansiella-kostnader"
            self.sheet.result(day, asset.unit, row, gain)
            self.sheet.add(day, row, word, gain)
            self.sheet.cash(day, "realisationsvinster" if gain > 0 else "realisationsforluster", -gain)
            if gain > 0:
                self.sheet.add(day, "balanskrav", "realisationsvinster", -gain)
        self.voucher("I", day, f"Försäljning av andelar i {asset.name}", rows, buyer)
        self.sheet.stock(day, "finansiella", -worth)
        self.sheet.cash(day, "forsaljning-finansiella", amount)
        self.sheet.move(day, "finansiella", "anskaffning", "forsaljning", -(asset.cost if apart else worth))
        if asset.lowered and apart:
            self.sheet.move(day, "finansiella", "nedskrivning", "forsaljning", asset.lowered)
        asset.gone = day

    def lent(self, name: str, unit: str, day: date, amount: Amount, *, short: bool = False) -> None:
        """Lend money for long (positive), or get it back (negative), maybe from the part that has become short."""
        amount, word = Decimal(amount), "kortfristig-utlaning" if short else "langfristiga-fordringar"
        rows = [(self.account(unit, word, detail(name)), amount), self._banked(day, unit, -amount)]
        text = f"Utlåning till {name}" if amount > 0 else f"Återbetalning av utlåning till {name}"
        said = dict(RECEIVED) if amount > 0 else {}
        self.voucher("U" if amount > 0 else "I", day, text, rows, name, said=said)
        self.sheet.stock(day, "kortfristig-utlaning" if short else "finansiella", amount)
        self.sheet.cash(day, f"{'okning' if amount > 0 else 'minskning'}-langfristiga-fordringar", -amount)
        if not short:
            self.sheet.move(day, "finansiella", "utlaning", "utlanat" if amount > 0 else "aterbetalt", amount)

    def lent_short(self, name: str, unit: str, day: date, amount: Amount) -> None:
        """Move what is to be got back within a year to the short claims: no money moves."""
        amount = Decimal(amount)
        short, long = (
            self.account(unit, word, detail(name)) for word in ("kortfristig-utlaning", "langfristiga-fordringar")
        )
        self.voucher("B", day, f"Kortfristig del av utlåning till {name}", [(short, amount), (long, -amount)])
        self.sheet.stock(day, "kortfristig-utlaning", amount)
        self.sheet.stock(day, "finansiella", -amount)
        self.sheet.move(day, "finansiella", "utlaning", "kortfristig-del", -amount)

    def stock_taken(self, unit: str, day: date, change: Amount, word: str = "material") -> None:
        """Count what is in store: what there is more of than before is no cost yet."""
        change = Decimal(change)
        rows = [(self.account(unit, "forrad"), change), (self.account(unit, word), -change)]
        self.voucher("B", day, f"Inventering av förråd {day.year}", rows)
        self.sheet.result(day, unit, "verksamhetens-kostnader", change)
        self.sheet.add(day, "kostnader", word, change)
        self.sheet.stock(day, "forrad", change)

    # Grants for assets.

    def investment_grant(self, name: str, asset: str, day: date, amount: int, giver: str) -> None:
        """Get a grant for an asset: a debt, that is released over the asset's life."""
        account = self.account(self.main, "investeringsbidrag", detail(name))
        self.say(day, "investeringsbidrag", f'"{name}" {account} {amount}.00 SEK', tillgang=f'"{asset}"')
        rows = [self._banked(day, self.main, Decimal(amount)), (account, -Decimal(amount))]
        self.voucher("I", day, f"Investeringsbidrag till {name}", rows, giver)
        self.sheet.stock(day, "investeringsbidrag", Decimal(amount))
        self.sheet.cash(day, "investeringsbidrag", Decimal(amount))
        self.sheet.move(day, "investeringsbidrag", "bidrag", "erhallet", Decimal(amount))
        self.grants[name] = Decimal(amount)

    def grant_repaid(self, name: str, day: date, amount: int, giver: str) -> None:
        """Pay a part of a grant back: it is of less from then on."""
        account, back = self.account(self.main, "investeringsbidrag", detail(name)), Decimal(amount)
        self.grants[name] -= back
        self.say(day, "investeringsbidrag", f'"{name}" {account} {self.grants[name]:.2f} SEK')
        rows = [(account, back), self._banked(day, self.main, -back)]
        self.voucher("U", day, f"Återbetalat investeringsbidrag {name}", rows, giver)
        self.sheet.stock(day, "investeringsbidrag", -back)
        self.sheet.cash(day, "aterbetalda-investeringsbidrag", -back)
        self.sheet.move(day, "investeringsbidrag", "bidrag", "aterbetalt", -back)

    def grant_off_cost(self, unit: str, where: str, day: date, amount: int, giver: str) -> Claim:
        """Claim a grant for what is being built, and take it off its cost, as the voucher says."""
        grant, account = Decimal(amount), self.account(unit, "pagaende", where)
        claimed = self.account(unit, "kundfordringar")
        said = {"handelse": '"bidrag-erhallet"', "forfallodag": str(day + timedelta(days=30))}
        rows = [(claimed, grant), (account, -grant)]
        voucher = self.voucher("K", day, f"Bidrag till {where}", rows, giver, billed=True, said=said)
        self.sheet.stock(day, "kundfordringar", grant)
        self.sheet.stock(day, "pagaende", -grant)
        self.sheet.move(day, "pagaende", "anskaffning", "bidrag", -grant)
        self.sheet.unpaid(day, -grant)
        return Claim(voucher, unit, claimed, grant, "investeringsbidrag", grant)

    def grant_released(self, name: str, day: date, amount: Amount) -> None:
        """Release a part of a grant as income: no money comes in."""
        amount = Decimal(amount)
        rows = [
            (self.account(self.main, "upplost-investeringsbidrag", detail(name)), amount),
            (self.account(self.main, "upplosning-investeringsbidrag"), -amount),
        ]
        self.voucher("A", day, f"Upplösning av investeringsbidrag {name} {_month(day)}", rows)
        self.sheet.result(day, self.main, "verksamhetens-intakter", amount)
        self.sheet.add(day, "intakter", "upplosning-investeringsbidrag", amount)
        self.sheet.cash(day, "ovriga-ej-likviditetspaverkande", -amount)
        self.sheet.stock(day, "investeringsbidrag", -amount)
        self.sheet.move(day, "investeringsbidrag", "bidrag", "upplost", -amount)

    # Provisions.

    def provision(self, code: str, day: date, label: str, *, pension: bool = False, total: int = 0) -> None:
        """Enter a provision; what was set aside before the books open is `provided` with `before`."""
        self.provisions[code] = "pensioner" if pension else "andra-avsattningar"
        account = self.account(self.main, self.provisions[code], code)
        said = {"benamning": f'"{label}"', "slag": '"pension"' if pension else '"ovrigt"'}
        if total:
            said["totalbelopp"] = f"{total}.00 SEK"
        self.say(day, "provision", f'"{code}" {account}', **said)

    def provision_open(self, code: str, kind: str, amount: int) -> None:
        """Enter what a provision had in the day that the books open."""
        word = self.provisions[code]
        self.opens(self.main, word, -amount, code, detail(kind))
        self.plans[self.opening.year, code, kind] += amount
        self.sheet.move(self.opening, code, "avsattning", "in", Decimal(amount))

    def provided(self, code: str, kind: str, day: date, amount: Amount, *, cost: str, text: str) -> None:
        """Set aside (positive) or release (negative) against a cost: of the operations, or interest."""
        amount, word = rounded(amount), self.provisions[code]
        rows = [(self.account(self.main, cost), amount), (self.account(self.main, word, code, detail(kind)), -amount)]
        self.voucher("B", day, text, rows)
        self._planned(code, kind, day, amount)
        financial = cost == "ranta-pension"
        self.sheet.result(day, self.main, "finansiella-kostnader" if financial else "verksamhetens-kostnader", -amount)
        self.sheet.add(day, "finansiella-kostnader" if financial else "kostnader", cost, -amount)
        self.sheet.cash(day, "gjorda-avsattningar", amount)

    def provision_paid(self, code: str, kind: str, day: date, amount: Amount, payee: str, text: str) -> None:
        """Pay from a provision."""
        amount, word = Decimal(amount), self.provisions[code]
        rows = [(self.account(self.main, word, code, detail(kind)), amount), self._banked(day, self.main, -amount)]
        self.voucher("U", day, text, rows, payee, said={"motpart": f'"{payee}"'})
        self._planned(code, kind, day, -amount)
        self.sheet.cash(day, "utbetalning-av-avsattningar", -amount)

    def provision_taken_over(self, code: str, kind: str, day: date, amount: Amount, member: str, *, paid: bool) -> None:
        """Take over an obligation from a member, who pays for it, or does not."""
        amount, word = Decimal(amount), self.provisions[code]
        row = (self.account(self.main, word, code, detail(kind)), -amount)
        text = f"Övertagen avsättning från {member}"
        self._planned(code, kind, day, amount)
        if paid:
            self.voucher("I", day, text, [self._banked(day, self.main, amount), row], member)
            self.sheet.cash(day, "gjorda-avsattningar", amount)
        else:
            rows = [(self.account(self.main, "kapital"), amount), row]
            self.voucher("B", day, text, rows, member, said=DECIDED)
            self.sheet.stock(day, "kapital", -amount)
            self.sheet.move(day, "eget-kapital", "kapital", "overtagande", -amount)

    def _planned(self, code: str, kind: str, day: date, amount: Decimal) -> None:
        self.plans[day.year, code, kind] += abs(amount) if kind in LOWERING else amount
        self.sheet.stock(day, self.provisions[code], amount)
        self.sheet.move(day, code, "avsattning", kind.lower(), amount)

    # Equity.

    def capital(self, day: date, member: str, amount: Amount) -> None:
        """Let a new member pay its capital."""
        amount = Decimal(amount)
        rows = [self._banked(day, self.main, amount), (self.account(self.main, "kapital"), -amount)]
        self.voucher("I", day, f"Andelskapital {member}", rows, member, said=DECIDED)
        self.sheet.stock(day, "kapital", amount)
        self.sheet.cash(day, "kapitaltillskott", amount)
        self.sheet.move(day, "eget-kapital", "kapital", "tillskott", amount)

    def reserved(self, day: date, amount: Amount) -> None:
        """Reserve a part of the year's surplus (positive), or use the reserve (negative)."""
        amount = Decimal(amount)
        what = "reservering" if amount > 0 else "anvandning"
        self.say(day, "balanskrav", f'"{what}" {abs(amount):.2f} SEK')
        rows = [(self.account(self.main, "kapital"), amount), (self.account(self.main, "reserv"), -amount)]
        self.voucher(
            "B",
            day,
            "Reservering till resultatutjämningsreserv" if amount > 0 else "Användning av resultatutjämningsreserv",
            rows,
        )
        self.sheet.stock(day, "kapital", -amount)
        self.sheet.stock(day, "reserv", amount)
        self.sheet.move(day, "eget-kapital", "reserv", "omforing", amount)
        self.sheet.move(day, "eget-kapital", "kapital", "omforing", -amount)
        self.sheet.add(day, "balanskrav", what, -amount)

    def decided(self, year: int, what: str, amount: int) -> None:
        """Let the board decide of a year's result: a gain or loss that counts by exception, a deficit not restored."""
        day = date(year, 12, 31)
        self.say(day, "balanskrav", f'"{what}" {amount}.00 SEK', beslut=f'"Direktionen {year + 1}-03-12 § 14"')
        row = {"vinst-undantag": "realisationsvinster-undantag", "forlust-undantag": "realisationsforluster-undantag"}
        self.sheet.add(day, "balanskrav", row.get(what, what), Decimal(amount))

    def deficit_before(self, year: int, amount: int) -> None:
        """Open the books with a deficit of an earlier year that is to be restored."""
        self.say(self.opening, "underskott", f"{year} {amount}.00 SEK")
        self.sheet.deficits[year] = Decimal(amount)

    def unit_equity(self, day: date, giver: str, taker: str, amount: Amount) -> None:
        """Move equity between units: the federation's own is as it was."""
        amount = Decimal(amount)
        rows = [(self.account(giver, "kapital"), amount), (self.account(taker, "kapital"), -amount)]
        text = f"Eget kapital från {self.units[giver][0]} till {self.units[taker][0]}"
        self.voucher("B", day, text, rows, said={"beslut": f'"Direktionen {day.year - 1}-12-12 § 99"'})

    # What stands in no account: leases, pledges and what may have to be paid.

    def lease(self, name: str, begins: date, ends: date, yearly: int) -> None:
        """Enter an operational lease, with what it costs a year."""
        self.say(begins, "leasing", f'"{name}" {begins} {ends} {yearly}.00 SEK')
        for year in range(max(begins.year, self.sheet.years[0]), self.last.year + 1):
            left = max(_months(date(year, 12, 1), ends), 0)
            for row, months in (
                ("inom-ett-ar", min(left, 12)),
                ("ett-till-fem-ar", min(max(left - 12, 0), 48)),
                ("senare", max(left - 60, 0)),
            ):
                self.sheet.add(date(year, 12, 31), "leasing", row, rounded(Decimal(yearly) * months / 12))

    def pledge(self, day: date, name: str, amount: int) -> None:
        """Pledge something."""
        self.say(day, "pant", f'"{name}" {amount}.00 SEK')
        self._below(day, "panter", amount)

    def contingent(self, day: date, name: str, amount: int, *, pension: bool = False) -> None:
        """Take on what may have to be paid."""
        self.say(day, "ansvar", f'"{name}" {amount}.00 SEK', slag='"pensioner"' if pension else '"ovriga"')
        self._below(day, "ansvar-pensioner" if pension else "ansvar-ovriga", amount)

    def _below(self, day: date, row: str, amount: int) -> None:
        for year in range(max(day.year, self.sheet.years[0]), self.last.year + 1):
            self.sheet.add(date(year, 12, 31), "balans", row, Decimal(amount))

    # A unit ends.

    def ended(self, unit: str, day: date, taker: str) -> None:
        """End a unit: what it has and owes goes to another, with what it is worth."""
        rows, worth = [], NOTHING
        for name in [name for name in self.opened if name.split(":")[1] == unit]:
            root, _, number, *details = name.split(":")
            amount = self.balance(name, day)
            if root not in {"Assets", "Liabilities"}:
                worth -= amount
            elif amount:
                word = next(word for word, of in self.chart.items() if of == number)
                rows += [(name, -amount), (self.account(taker, word, *details), amount)]
        if rows:
            self.voucher("B", day, f"{self.units[unit][0]} går över till {self.units[taker][0]}", rows)
        if worth > 0:
            self.internal(day, taker, unit, worth, f"Vad {self.units[unit][0]} är värd")
        if worth < 0:
            self.internal(day, unit, taker, -worth, f"Vad {self.units[unit][0]} är skyldig")
        self.say(day, "enhet-slut", f'"{unit}"')

    def depreciated(self) -> None:
        """Depreciate all assets, month by month: a voucher for each, when all else is known."""
        month = next_month(self.opening)
        while month <= self.last:
            self._depreciated(month)
            month = next_month(month)

    # The ledger.

    def text(self, closed: Iterable[int] = ()) -> str:
        """Return the ledger, with some years closed."""
        self._numbered()
        own = [
            *(self._unit(code, title, begins) for code, (title, begins) in self.units.items()),
            *self._kinds(),
            *(
                (day, f"{day} open {account} SEK{self._internal(account)}")
                for account, day in sorted(self.opened.items())
            ),
            *self._plan(),
            *self.directives,
            *((voucher.day, _written(voucher)) for voucher in self.vouchers),
            *((date(year, 12, 31), f'{year}-12-31 custom "bokslut" {year}') for year in closed),
        ]
        return head(self.name) + "\n" + "\n\n".join(text for _, text in sorted(own, key=lambda each: each[0])) + "\n"

    def write(self, folder: Path, closed: Iterable[int] = ()) -> Path:
        """Write the ledger to a folder, and return its main file."""
        main = folder / "main.bean"
        main.write_text(self.text(closed), encoding="utf-8")
        return main

    def _numbered(self) -> None:
        numbers: dict[tuple[str, int], int] = defaultdict(int)
        for voucher in sorted(self.vouchers, key=lambda each: each.day):
            numbers[voucher.series, voucher.day.year] += 1
            voucher.number = numbers[voucher.series, voucher.day.year]

    def _unit(self, code: str, title: str, begins: date) -> tuple[date, str]:
        day = max(begins, self.opening)
        right = f'{day} custom "attest" "{APPROVER}" "{code}" 100000000.00 SEK\n  roll: "Förbundsdirektör"'
        if begins > self.opening:
            right += '\n  beslut: "Direktionen 2022-12-12 § 98"'
        clearing = "" if code in self.alone else f"\n\n{day} open Assets:{code}:1790-Avräkning SEK"
        kept = "overfors" if code in self.carrying else "behalls"
        declared = "" if self.undivided else f'{day} custom "unit" "{code}" "{title}"\n  overskott: "{kept}"\n\n'
        return date.min, f"{declared}{right}{clearing}"

    def _kinds(self) -> list[tuple[date, str]]:
        used = {name.split(":")[2] for name in self.opened}
        declared = {word: kind for word, kind in DECLARED.items() if self.chart.get(word) in used}
        numbers = {self.chart[word].split("-")[0]: kind for word, kind in declared.items()}
        own = {
            f"Income:{unit}:{self.chart['overfort-overskott']}": f"overskott-{word}"
            for unit, word in self.carrying.items()
        }
        said = {**{f'"{number}"': kind for number, kind in numbers.items()}, **own}
        return [(date.min, f'{self.opening} custom "kontoslag" {what} "{kind}"') for what, kind in said.items()]

    def _internal(self, account: str) -> str:
        return "\n  intern: TRUE" if account.split(":")[2] in {self.chart[word] for word in INTERNAL} else ""

    def _plan(self) -> list[tuple[date, str]]:
        return [
            (date(year, 12, 31), f'{year}-12-31 custom "provision-plan" "{code}" "{kind}" {amount:.2f} SEK')
            for (year, code, kind), amount in self.plans.items()
            if amount
        ]


def detail(name: str) -> str:
    """Return a name as it is written in an account."""
    return name.replace(" ", "-").replace(":", "-")


def _written(voucher: Voucher) -> str:
    links = " ".join(each.link for each in ((voucher,) if voucher.billed else ()) + voucher.of)
    title = f'"{voucher.payee}" "{voucher.text}"' if voucher.payee else f'"{voucher.text}"'
    said = {"ver": f'"{voucher.series} {voucher.number}"', **voucher.said}
    if voucher.corrects:
        said["rattar"] = f'"{voucher.corrects.series} {voucher.corrects.number}"'
    if voucher.series == "B" and voucher.text == "Ingående balanser":
        said.pop("attest")
    lines = [f"{voucher.day} * {title} {links}".rstrip(), *(f"  {key}: {value}" for key, value in said.items())]
    for place, (account, amount) in enumerate(voucher.rows):
        lines.append(f"  {account}  {amount:.2f} SEK")
        if len(voucher.of) > 1:  # a row of each invoice says which one it is of
            lines.append(f'    faktura: "{voucher.of[place].link[1:]}"')
    return "\n".join(lines)


def _month(day: date) -> str:
    return f"{MONTHS[day.month - 1]} {day.year}"


def _root(number: str) -> str:
    if number[0] == "1":
        return "Assets"
    if number[0] == "2":
        return "Equity" if number[1] == "0" else "Liabilities"
    if number[0] == "3" or (number[0] == "8" and number[1] in "012347"):
        return "Income"
    return "Expenses"
