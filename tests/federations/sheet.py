"""An answer sheet: what the statements of some books must say, summed from what happened and from nothing else.

An event adds what it knows of itself, by category and in kronor, as a person would on paper:

    sheet.result(day, "STAB", "verksamhetens-kostnader", Decimal(-12000))
    sheet.stock(day, "leverantorsskulder", Decimal(15000), "STAB")
    sheet.move(day, "maskiner", "anskaffning", "inkop", Decimal(12000))
    sheet.cash(day, "forvarv-materiella", Decimal(-12000))

No account, no layout and no statement is asked. What is a debt or a claim first when the year ends, as VAT that is
shown net and a bank account that is overdrawn, is decided here from the sums of the day. The rows are named by the
words of the law.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple

NOTHING = Decimal("0.00")

RESULT = (
    "verksamhetens-intakter",
    "verksamhetens-kostnader",
    "avskrivningar",
    "medlemsbidrag",
    "finansiella-intakter",
    "finansiella-kostnader",
    "extraordinara-intakter",
    "extraordinara-kostnader",
)

# What is owned and owed, and the line of the balance that it stands on.
ASSETS = {
    "immateriella": "immateriella",
    "mark-och-byggnader": "mark-och-byggnader",
    "maskiner": "maskiner",
    "pagaende": "ovriga-materiella",
    "finansiella": "finansiella",
    "forrad": "forrad",
    "kundfordringar": "fordringar",
    "ovriga-fordringar": "fordringar",
    "kortfristig-utlaning": "fordringar",
    "interimsfordringar": "fordringar",
    "placeringar": "placeringar",
}
DEBTS = {
    "reserv": "resultatutjamningsreserv",
    "kapital": "ovrigt-eget-kapital",
    "pensioner": "avsattningar-pensioner",
    "andra-avsattningar": "andra-avsattningar",
    "lan": "langfristiga-skulder",
    "investeringsbidrag": "langfristiga-skulder",
    "kortfristiga-lan": "kortfristiga-skulder",
    "personalskatter": "kortfristiga-skulder",
    "ovriga-skulder": "kortfristiga-skulder",
    "semesterloneskuld": "kortfristiga-skulder",
    "interimsskulder": "kortfristiga-skulder",
    "overskott-att-overfora": "kortfristiga-skulder",
}
# What is owned while it is positive and owed while it is negative: on which line each. VAT is one matter of the whole
# federation; banks and suppliers are judged account by account.
TURNING = {
    "moms": ("fordringar", "kortfristiga-skulder"),
    "bank": ("kassa-och-bank", "kortfristiga-skulder"),
    "leverantorer": ("fordringar", "kortfristiga-skulder"),
}

BALANCE = (
    "immateriella",
    "mark-och-byggnader",
    "maskiner",
    "ovriga-materiella",
    "finansiella",
    "anlaggningstillgangar",
    "forrad",
    "fordringar",
    "placeringar",
    "kassa-och-bank",
    "omsattningstillgangar",
    "tillgangar",
    "arets-resultat",
    "resultatutjamningsreserv",
    "ovrigt-eget-kapital",
    "eget-kapital",
    "avsattningar-pensioner",
    "andra-avsattningar",
    "avsattningar",
    "langfristiga-skulder",
    "kortfristiga-skulder",
    "skulder",
    "eget-kapital-avsattningar-och-skulder",
)
BELOW = ("panter", "ansvar-pensioner", "ansvar-ovriga")
FIXED, CURRENT = BALANCE[:5], BALANCE[6:10]

# The cash flow: what is taken out of the result, and what is invested and financed.
ADJUSTED = (
    "av-och-nedskrivningar",
    "gjorda-avsattningar",
    "realisationsvinster",
    "realisationsforluster",
    "ovriga-ej-likviditetspaverkande",
    "utbetalning-av-avsattningar",
)
INVESTED = (
    "forvarv-immateriella",
    "forsaljning-immateriella",
    "forvarv-materiella",
    "forsaljning-materiella",
    "forvarv-finansiella",
    "forsaljning-finansiella",
    "investeringsbidrag",
    "aterbetalda-investeringsbidrag",
)
WORKING = ("forandring-placeringar",)
FINANCED = (
    "nya-lan",
    "amortering",
    "okning-langfristiga-fordringar",
    "minskning-langfristiga-fordringar",
    "kapitaltillskott",
)

BALANSKRAV = (
    "realisationsvinster",
    "realisationsvinster-undantag",
    "realisationsforluster-undantag",
    "orealiserade",
    "aterforing-orealiserade",
    "reservering",
    "anvandning",
    "synnerliga-skal",
)


class Line(NamedTuple):
    """A figure: the statement, its row, the year, and what it must be, in kronor."""

    table: str
    row: str
    year: int
    amount: Decimal


class Sheet:
    """The sums of what happened in some books, which open with the balances of a day."""

    def __init__(self, opening: date, last: int) -> None:
        self.opening, self.last = opening, last
        self._sums: dict[tuple[str, str, int], Decimal] = defaultdict(lambda: NOTHING)
        self._stocks: list[tuple[date, str, str, Decimal]] = []
        self._moves: list[tuple[date, str, str, str, Decimal]] = []
        self.deficits: dict[int, Decimal] = {}  # what was left to restore of earlier years when the books opened

    # What an event adds.

    def add(self, day: date, table: str, row: str, amount: Decimal) -> None:
        """Add to a row that is a plain sum of the year's events."""
        self._sums[table, row, day.year] += amount

    def result(self, day: date, unit: str, row: str, amount: Decimal) -> None:
        """Add income (positive) or a cost (negative) of a unit."""
        assert row in RESULT, row
        self.add(day, "resultat", row, amount)
        self._of_unit(day, unit, row, amount)

    def inside(self, day: date, unit: str, amount: Decimal) -> None:
        """Add what one unit sells (positive) to another, which buys it: it stands in their own accounts alone."""
        self._of_unit(day, unit, "verksamhetens-intakter" if amount > 0 else "verksamhetens-kostnader", amount)

    def _of_unit(self, day: date, unit: str, row: str, amount: Decimal) -> None:
        income = row.endswith(("intakter", "bidrag"))
        self.add(day, "resultat", f"{unit} {row}", amount)
        self.add(day, "drift", f"{unit} {'intakter' if income else 'kostnader'}", amount)

    def stock(self, day: date, kind: str, amount: Decimal, whose: str = "") -> None:
        """Change what is owned or owed: both are positive; what may turn is positive while it is owned."""
        assert kind in {*ASSETS, *DEBTS, *TURNING}, kind
        self._stocks.append((day, kind, whose, amount))

    def cash(self, day: date, row: str, amount: Decimal) -> None:
        """Add to a row of the cash flow: money in is positive."""
        assert row in {*ADJUSTED, *WORKING, *INVESTED, *FINANCED}, row
        self.add(day, "kassaflode", row, amount)

    def unpaid(self, day: date, amount: Decimal) -> None:
        """Change what is owed for fixed assets (positive) or claimed for those sold (negative), without VAT."""
        self.move(day, "obetalt", "inkop" if amount > 0 else "forsaljning", "andring", amount)

    def settled(self, day: date, amount: Decimal) -> None:
        """Take back what `unpaid` added: the same amount, when it is paid."""
        self.move(day, "obetalt", "inkop" if amount > 0 else "forsaljning", "andring", -amount)

    def move(self, day: date, note: str, block: str, what: str, amount: Decimal) -> None:
        """Add to a note that goes from what there was to what there is; `in` and `ut` follow."""
        self._moves.append((day, note, block, what, amount))

    # What the sheet answers.

    @property
    def years(self) -> range:
        """The years of the books after the day that they open."""
        return range(self.opening.year + (self.opening.month == 12), self.last + 1)

    def lines(self) -> Iterator[Line]:
        """Yield every figure, year by year."""
        for year in self.years:
            for table, rows in (
                ("resultat", self.income(year)),
                *((f"resultat-{unit}", self.income(year, f"{unit} ")) for unit in self._units(year)),
                ("balans", self.balance(year)),
                ("kassaflode", self.cash_flow(year)),
                ("balanskrav", self.balanced(year)),
                ("drift", self.units(year)),
            ):
                yield from (Line(table, row, year, amount) for row, amount in rows.items())
            yield from self.notes(year)

    def left(self, year: int, unit: str) -> Decimal:
        """Return what a unit has left of a year."""
        return self.income(year, f"{unit} ")["arets-resultat"]

    def income(self, year: int, unit: str = "") -> dict[str, Decimal]:
        """Return the statement of income, of the federation or of a unit."""
        row = {name: self._sums["resultat", f"{unit}{name}", year] for name in RESULT}
        row["verksamhetens-nettokostnader"] = _sum(row, RESULT[:3])
        row["verksamhetens-resultat"] = row["verksamhetens-nettokostnader"] + row["medlemsbidrag"]
        row["resultat-efter-finansiella-poster"] = row["verksamhetens-resultat"] + _sum(row, RESULT[4:6])
        row["extraordinara-poster"] = _sum(row, RESULT[6:])
        row["arets-resultat"] = row["resultat-efter-finansiella-poster"] + row["extraordinara-poster"]
        return row

    def balance(self, year: int) -> dict[str, Decimal]:
        """Return the balance at the end of a year; `opening.year` gives the one that the books open with."""
        row = {name: self._sums["balans", name, year] for name in (*BALANCE, *BELOW)}
        for (kind, _), amount in self._by_kind(year).items():
            if kind in TURNING:
                owned, owed = TURNING[kind]
                row[owned if amount > 0 else owed] += abs(amount)
            else:
                row[ASSETS.get(kind) or DEBTS[kind]] += amount
        row["ovrigt-eget-kapital"] += sum((self.result_of(past) for past in self.years if past < year), NOTHING)
        row["arets-resultat"] = self.result_of(year) if year in self.years else NOTHING
        row["anlaggningstillgangar"] = _sum(row, FIXED)
        row["omsattningstillgangar"] = _sum(row, CURRENT)
        row["tillgangar"] = row["anlaggningstillgangar"] + row["omsattningstillgangar"]
        row["eget-kapital"] = _sum(row, ("arets-resultat", "resultatutjamningsreserv", "ovrigt-eget-kapital"))
        row["avsattningar"] = _sum(row, ("avsattningar-pensioner", "andra-avsattningar"))
        row["skulder"] = _sum(row, ("langfristiga-skulder", "kortfristiga-skulder"))
        row["eget-kapital-avsattningar-och-skulder"] = _sum(row, ("eget-kapital", "avsattningar", "skulder"))
        return row

    def cash_flow(self, year: int) -> dict[str, Decimal]:
        """Return the cash flow. What is owed for fixed assets is no debt of the operations, nor is an overdraft."""
        row = {name: self._sums["kassaflode", name, year] for name in (*ADJUSTED, *WORKING, *INVESTED, *FINANCED)}
        row["arets-resultat"] = self.result_of(year)
        now, before = self.balance(year), self.balance(self._before(year))
        bought, sold = (self.moved(year, "obetalt", block) for block in ("inkop", "forsaljning"))
        lent = self._change(year, "kortfristig-utlaning")
        row["forandring-fordringar"] = before["fordringar"] - now["fordringar"] - sold + lent
        row["forandring-forrad"] = before["forrad"] - now["forrad"]
        loans = self._change(year, "kortfristiga-lan")
        overdraft = self.overdraft(year) - self.overdraft(self._before(year))
        change = now["kortfristiga-skulder"] - before["kortfristiga-skulder"]
        row["forandring-kortfristiga-skulder"] = change - loans - overdraft - bought
        changes = ("forandring-fordringar", "forandring-forrad", "forandring-kortfristiga-skulder")
        row["lopande"] = _sum(row, ("arets-resultat", *ADJUSTED, *WORKING, *changes))
        row["investering"] = _sum(row, INVESTED)
        row["finansiering"] = _sum(row, FINANCED)
        row["arets-kassaflode"] = _sum(row, ("lopande", "investering", "finansiering"))
        row["likvida-medel-in"] = self.liquid(self._before(year))
        row["likvida-medel-ut"] = self.liquid(year)
        row["overtrasserad-bank-in"] = -self.overdraft(self._before(year))
        row["overtrasserad-bank-ut"] = -self.overdraft(year)
        return row

    def balanced(self, year: int) -> dict[str, Decimal]:
        """Return the statement on balanced books."""
        row = {name: self._sums["balanskrav", name, year] for name in BALANSKRAV}
        row["arets-resultat"] = self.result_of(year)
        row["efter-balanskravsjusteringar"] = row["arets-resultat"] + _sum(row, BALANSKRAV[:5])
        row["balanskravsresultat"] = row["efter-balanskravsjusteringar"] + _sum(row, BALANSKRAV[5:7])
        stood, restored, left = self._deficits(year, row)
        for each, of, total in (("in", stood, "underskott-in"), ("tillbaka", restored, "aterstallt")):
            row |= {f"{each}-{past}": amount for past, amount in of.items()}
            row[total] = sum(of.values(), NOTHING)
        row |= {f"underskott-{past}": amount for past, amount in left.items()}
        row["underskott-ut"] = sum(left.values(), NOTHING)
        return row

    def _deficits(self, year: int, row: dict[str, Decimal]) -> tuple[dict[int, Decimal], ...]:
        """Return the deficits when a year began, what it restores of each, the oldest first, and what is left."""
        stood = dict(self.deficits)
        if year > self.years[0]:
            before = self.balanced(self._before(year))
            years = (past for past in (*self.deficits, *self.years) if past < year)
            stood = {past: amount for past in years if (amount := before.get(f"underskott-{past}", NOTHING))}
        surplus, restored = max(row["balanskravsresultat"], NOTHING), {}
        for past in sorted(stood):
            restored[past] = min(surplus, stood[past])
            surplus -= restored[past]
        left = {past: amount - restored[past] for past, amount in stood.items()}
        if (own := -row["balanskravsresultat"] - row["synnerliga-skal"]) > 0:
            left[year] = own
        return stood, restored, left

    def units(self, year: int) -> dict[str, Decimal]:
        """Return what each unit took in, what it cost and what remains."""
        row = {name: amount for (table, name, of), amount in self._sums.items() if (table, of) == ("drift", year)}
        for unit in self._units(year):
            row[f"{unit} netto"] = sum(
                (row.get(f"{unit} {part}", NOTHING) for part in ("intakter", "kostnader")), NOTHING
            )
        return row

    def notes(self, year: int) -> Iterator[Line]:
        """Yield the notes: plain sums of the year, and those that go from what there was to what there is."""
        totals: dict[str, Decimal] = {}
        for (table, row, of), amount in [*self._sums.items()]:
            if of <= year and table == "investeringar":
                totals[row] = totals.get(row, NOTHING) + amount
            if of == year and table not in {"resultat", "balans", "kassaflode", "balanskrav", "drift"}:
                yield Line(table, row, year, amount)
        yield from (Line("investeringar-totalt", row, year, amount) for row, amount in totals.items())
        yield from (Line(table, row, year, amount) for (table, row), amount in self._kinds(year).items())
        before, now = self.balance(self._before(year)), self.balance(year)
        for row, amount in (
            ("in", before["eget-kapital"]),
            ("resultat", self.result_of(year)),
            ("ut", now["eget-kapital"]),
        ):
            yield Line("not-eget-kapital", f"totalt {row}", year, amount)
        blocks: dict[tuple[str, str], dict[str, Decimal]] = {}
        for day, note, block, what, amount in self._moves:
            if note == "obetalt" or day.year > year:
                continue
            rows = blocks.setdefault((note, block), {"in": NOTHING, "ut": NOTHING})
            rows["ut"] += amount
            row = what if self._within(day, year) else "in"
            rows[row] = rows.get(row, NOTHING) + amount
        for (note, block), rows in blocks.items():
            yield from (Line(f"not-{note}", f"{block} {row}", year, amount) for row, amount in rows.items())

    def _units(self, year: int) -> list[str]:
        """Return the units that have anything in a year."""
        return sorted({row.split()[0] for table, row, of in self._sums if (table, of) == ("drift", year)})

    def _kinds(self, year: int) -> dict[tuple[str, str], Decimal]:
        """Return what claims and short debts are of each kind, those that have turned among the others."""
        rows: dict[tuple[str, str], Decimal] = {}
        for (kind, _), amount in self._by_kind(year).items():
            line = TURNING[kind][amount < 0] if kind in TURNING else ASSETS.get(kind) or DEBTS[kind]
            if amount and line in {"fordringar", "kortfristiga-skulder"}:
                rows[f"not-{line}", kind] = rows.get((f"not-{line}", kind), NOTHING) + abs(amount)
        return rows

    # What its rows are made of.

    def _by_kind(self, year: int) -> dict[tuple[str, str], Decimal]:
        """Return what is owned and owed, what may turn bank by bank and supplier account by account."""
        kinds: dict[tuple[str, str], Decimal] = defaultdict(lambda: NOTHING)
        for _, kind, whose, amount in self._until(year):
            kinds[kind, whose if kind in {"bank", "leverantorer"} else ""] += amount
        return kinds

    def result_of(self, year: int) -> Decimal:
        """Return what remains of a year."""
        return sum((self._sums["resultat", name, year] for name in RESULT), NOTHING)

    def liquid(self, year: int) -> Decimal:
        """Return the money that there is at the end of a year; what is overdrawn is taken off."""
        return sum((amount for _, kind, _, amount in self._until(year) if kind == "bank"), NOTHING)

    def overdraft(self, year: int) -> Decimal:
        """Return what is overdrawn at the end of a year."""
        banks: dict[str, Decimal] = defaultdict(lambda: NOTHING)
        for _, kind, whose, amount in self._until(year):
            if kind == "bank":
                banks[whose] += amount
        return sum((-amount for amount in banks.values() if amount < 0), NOTHING)

    def moved(self, year: int, note: str, block: str) -> Decimal:
        """Return what a block of a note changed by in a year."""
        moves = ((day, amount) for day, of, part, _, amount in self._moves if (of, part) == (note, block))
        return sum((amount for day, amount in moves if self._within(day, year)), NOTHING)

    def stands(self, year: int, *kinds: str) -> Decimal:
        """Return what is owned or owed of some kinds at the end of a year."""
        return sum((amount for _, kind, _, amount in self._until(year) if kind in kinds), NOTHING)

    def _change(self, year: int, kind: str) -> Decimal:
        return self.stands(year, kind) - self.stands(self._before(year), kind)

    def _until(self, year: int) -> Iterator[tuple[date, str, str, Decimal]]:
        opened = year < self.years[0]
        return (each for each in self._stocks if (each[0] <= self.opening if opened else each[0].year <= year))

    def _within(self, day: date, year: int) -> bool:
        return day.year == year and day > self.opening

    def _before(self, year: int) -> int:
        return year - 1


def _sum(row: dict[str, Decimal], names: Iterable[str]) -> Decimal:
    return sum((row[name] for name in names), NOTHING)
