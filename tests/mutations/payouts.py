"""Mutants of payouts: money to a stranger against a balance account or income, to nobody, or to another bank account.

Left out: what is paid in the first year of the books, whose claims and debts are of an older time, and a second payout
to whom an account has paid before.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from beancount.core.data import Directive, Open, Posting, Transaction

from tests.mutations import (
    Mutant,
    changed,
    number_of,
    place_of,
    rebooked,
    row_on,
    swapped,
    unsealed,
    with_meta,
    with_number,
)

EACH = 45
FEW = 20
BANK = "Assets:FK:1610-Internbank"
YEAR = 2024
HELD = (
    "Assets:FK:1510-Kundfordringar",
    "Assets:FK:1710-Interimsfordringar",
    "Liabilities:FK:2890-Övriga-kortfristiga-skulder",
    "Liabilities:FK:2970-Förutbetalda-intäkter",
)
GIFTS = "Expenses:FK:5390-Gåvor"
NEW = Open({"filename": "nya.bean", "lineno": 1}, date(2022, 12, 31), GIFTS, ["SEK"], None)
KEYS = ("bankgiro", "plusgiro", "iban", "konto", "orgnr")


def mutants(entries: list[Directive], random: Random) -> Iterator[Mutant]:
    """Yield mutants of every kind."""
    entries = unsealed(entries)
    vouchers = [entry for entry in entries if isinstance(entry, Transaction) and entry.date.year == YEAR]
    paid = [entry for entry in vouchers if _pays_supplier(entry) and entry.date.month > 1]
    sorts = [(paid, _against_balance), (paid, _against_income), (paid, _to_nobody)]
    yield from changed(entries, random, sorts, EACH)
    billed = [entry for entry in vouchers if entry.meta["ver"].startswith("K ") and len(entry.links) == 1]
    billed = [entry for entry in billed if row_on(entry, "Income:") and not row_on(entry, "Liabilities:")]
    for entry in random.sample(billed, EACH):
        yield _kept_as_debt(entries, entry)
    yield from _other_numbers(entries, vouchers, random)
    for _ in range(EACH):
        yield _account(entries, random)
    yield from _names(entries, vouchers, paid, random)
    yield from _laid_out(entries, vouchers, random)
    yield from _numbers(entries, vouchers, random)
    for entry in [each for each in vouchers if row_on(each, ":2740-") and row_on(each, ":1610-")]:
        other = swapped(entries, entry, entry._replace(payee="Leverantör 999 Skatteombud"))
        yield Mutant(f"tax on pensions to another: {place_of(entry)}", other, "R94[19]", place_of(entry))
    invoices = {link: each for each in vouchers if "forfallodag" in each.meta for link in each.links}
    later = [each for each in paid if each.date.month > 3 and each.links and each.links <= invoices.keys()]
    for entry in random.sample(later, FEW):
        [link] = entry.links
        if (invoices[link].meta["forfallodag"] - invoices[link].date).days >= 30:
            at_once = entry._replace(payee="Leverantör 999 Konsult", date=invoices[link].date + timedelta(days=1))
            yield Mutant(f"paid at once: {link}", rebooked(entries, entry, at_once), "R929", place_of(entry))


def _pays_supplier(entry: Transaction) -> bool:
    row = row_on(entry, ":2510-")
    return bool(row and number_of(row) > 1000 and row_on(entry, ":1610-") and len(entry.postings) == 2)


def _against(entry: Transaction, account: str, payee: str | None) -> Transaction:
    postings = [row._replace(account=account) if ":2510-" in row.account else row for row in entry.postings]
    return entry._replace(postings=postings, payee=payee, links=frozenset())


def _against_balance(random: Random, entry: Transaction) -> tuple[str, list[Directive], str, str]:
    account, payee = random.choice(HELD), random.choice(("Leverantör 999 Konsult", None))
    return f"against {account}", [_against(entry, account, payee)], "R94[14]", place_of(entry)


def _against_income(random: Random, entry: Transaction) -> tuple[str, list[Directive], str, str]:
    account = "Income:NAV:3010-Försäljning-och-övriga-intäkter"
    changed_to = _against(entry, account, random.choice(("Leverantör 999 Konsult", None)))
    if random.random() < 0.5:
        owed = "Liabilities:NAV:2510-Leverantörsskulder"
        rows = [row._replace(account=owed) if ":1610-" in row.account else row for row in changed_to.postings]
        changed_to = changed_to._replace(postings=rows)
    return "against income", [changed_to], "R942", place_of(entry)


def _to_nobody(random: Random, entry: Transaction) -> tuple[str, list[Directive], str, str]:
    return "to nobody", [entry._replace(payee=random.choice((None, "", " ")))], "R944", place_of(entry)


def _kept_as_debt(entries: list[Directive], entry: Transaction) -> Mutant:
    """Credit a customer on a debt, while the invoice is open since nobody has paid it."""
    without = [
        each
        for each in entries
        if not (isinstance(each, Transaction) and each.links & entry.links and row_on(each, ":1610-"))
    ]
    postings = [
        with_number(row._replace(account=HELD[2]) if ":1510-" in row.account else row, -number_of(row))
        for row in entry.postings
    ]
    credit = with_meta(entry, ver="K 9001", lineno=entry.meta["lineno"] + 1)
    credit = credit._replace(postings=postings, links=frozenset())
    return Mutant(
        f"kept as debt: {place_of(entry)}", rebooked(without, entry, entry, credit), "R94[23]", place_of(credit)
    )


def _other_numbers(entries: list[Directive], vouchers: list[Transaction], random: Random) -> Iterator[Mutant]:
    """Name another account, or organisation number, on a supplier's second invoice than on its first."""
    suppliers: dict[str, list[Transaction]] = defaultdict(list)
    for entry in vouchers:
        if entry.meta["ver"].startswith("L ") and entry.payee:
            suppliers[entry.payee].append(entry)
    pairs = [own[:2] for _, own in sorted(suppliers.items()) if len(own) > 1]
    for _ in range(EACH):
        first, second = random.choice(pairs)
        key = random.choice(KEYS)
        other = random.choice(KEYS[:-1]) if key != "orgnr" else key
        mutated = swapped(entries, first, with_meta(first, **{key: "5050-1055"}))
        mutated = swapped(mutated, second, with_meta(second, **{other: str(random.randint(1000000, 9999999))}))
        yield Mutant(f"{key}, then another {other}: {place_of(second)}", mutated, "R945", place_of(second))


def _names(
    entries: list[Directive], vouchers: list[Transaction], paid: list[Transaction], random: Random
) -> Iterator[Mutant]:
    """Yield what goes to another: by a name that is nearly the supplier's, past invoices, by its party or account."""
    every = [entry for entry in entries if isinstance(entry, Transaction)]
    times = Counter(entry.payee for entry in every)
    billed = Counter(entry.payee for entry in every if entry.meta["ver"].startswith("L "))
    bills = [
        each
        for each in vouchers
        if each.meta["ver"].startswith("L ") and each.date.month > 6 and billed[each.payee] > 6
    ]
    bills = [each for each in bills if row_on(each, "Expenses:") and len(each.links) == 1 and "rattar" not in each.meta]
    # A supplier that takes cards too is told of the first time.
    at_once = {each.payee for each in every if row_on(each, ":1610-") and row_on(each, "Expenses:")}
    known = [each for each in bills if times[each.payee] > 8 and each.payee not in at_once and not row_on(each, ":5")]
    for entry in random.sample(known, FEW):
        place, name = place_of(entry), f"{entry.payee} {random.choice(('AB', 'HB', 'i Sverige AB'))}"
        like = entry._replace(payee=name)
        if not name.endswith("Sverige AB"):
            yield Mutant(f"{name}: {place}", swapped(entries, entry, like), "R947", place)
        rows = [row._replace(account=BANK) if ":2510-" in row.account else row for row in entry.postings]
        straight = entry._replace(postings=rows, links=frozenset())
        yield Mutant(f"straight from the bank: {place}", swapped(entries, entry, straight), "R948", place)
        # Who has been repaid an outlay works here.
        outlay = with_meta(straight, ver="U 9001", lineno=entry.meta["lineno"] + 1)._replace(
            narration="Utlägg: material"
        )
        worker = rebooked(entries, entry, entry, outlay._replace(date=date(YEAR, 1, 2)))
        yield Mutant(f"bought of who works here: {place}", worker, "R953", place)
    for entry, other in zip(random.sample(bills, FEW), random.sample(bills, FEW), strict=True):
        if entry.payee != other.payee:
            first, last = sorted((entry, other), key=lambda each: (each.date, each.meta["lineno"]))
            same = swapped(entries, first, with_meta(first, bankgiro="5050-1055"))
            same = swapped(same, last, with_meta(last, bankgiro="50501055"))
            yield Mutant(f"one bankgiro of two: {place_of(last)}", same, "R951", place_of(last))
    for entry in random.sample(paid, FEW):
        place = place_of(entry)
        named = swapped(entries, entry, with_meta(entry, motpart="Leverantör 999 Konsult"))
        yield Mutant(f"for another: {place}", named, "R952", place)
        *before, bank = sorted(entry.postings, key=number_of, reverse=True)
        bank = bank._replace(meta={**(bank.meta or {}), "motpart": "Leverantör 999 Konsult"})
        named = swapped(entries, entry, entry._replace(postings=[*before, bank]))
        yield Mutant(f"its row for another: {place}", named, "R952", place)
    taxes = [each for each in vouchers if row_on(each, ":2710-") and row_on(each, ":1610-") and each.date.month > 1]
    for entry in random.sample(taxes, min(FEW, len(taxes))):
        place, name = place_of(entry), random.choice(("Skatteverkets ombud", "Leverantör 999 Skatt"))
        yield Mutant(f"tax to {name}: {place}", swapped(entries, entry, entry._replace(payee=name)), "R94[179]", place)


def _laid_out(entries: list[Directive], vouchers: list[Transaction], random: Random) -> Iterator[Mutant]:
    """Repay an outlay again, repay far more than any, and give somebody who works here a first gift."""
    bills = [each for each in vouchers if row_on(each, ":2510-") and len(each.postings) == 2 and each.date.month < 11]
    bills = [each for each in bills if row_on(each, "Expenses:") and "rattar" not in each.meta]
    for entry in random.sample(bills, FEW):
        cost, name = row_on(entry, "Expenses:"), entry.meta["filename"].rsplit("/", 1)[-1]
        assert cost

        def repaid(text: str, amount: int, lineno: int, of: Transaction = entry, row: Posting = cost) -> Transaction:
            rows = [with_number(row, Decimal(amount)), with_number(row._replace(account=BANK), -Decimal(amount))]
            outlay: Transaction = with_meta(of, ver=f"U {lineno}", lineno=lineno)
            return outlay._replace(payee="Medarbetare 931", narration=text, links=frozenset(), postings=rows)

        small = random.randint(300, 900)
        first = repaid("Utlägg: material", small, 90_001)
        later = entry.date + timedelta(random.randint(1, 40))
        again = repaid("Utlägg: resa", small, 90_002)._replace(date=later)
        place = place_of(entry)
        yield Mutant(f"twice: {place}", rebooked(entries, entry, entry, first, again), "R954", f"{name}:90002")
        large = repaid("Utlägg: material", random.randint(2_000_000, 9_000_000), 90_003)._replace(date=later)
        yield Mutant(f"a large one: {place}", rebooked(entries, entry, entry, first, large), "R955", f"{name}:90003")
        text = random.choice(("Presentkort till avtackning", "Friskvårdsbidrag", "Gåva vid födelsedag"))
        gift = repaid(text, random.randint(5000, 9000), 90_004)
        gift = gift._replace(
            postings=[row._replace(account=GIFTS) if row is gift.postings[0] else row for row in gift.postings]
        )
        yield Mutant(f"a first gift: {place}", rebooked([NEW, *entries], entry, entry, gift), "R955", f"{name}:90004")


def _numbers(entries: list[Directive], vouchers: list[Transaction], random: Random) -> Iterator[Mutant]:
    """Mistype a supplier's number of organisation or account, and give two suppliers one number."""
    bills = [each for each in vouchers if each.meta["ver"].startswith("L ") and each.payee and each.links]
    for entry, other in zip(random.sample(bills, FEW), random.sample(bills, FEW), strict=True):
        key, number = random.choice((("orgnr", "212000-1496"), ("bankgiro", "5050-1055")))
        digit = random.choice([at for at, each in enumerate(number) if each.isdigit()])
        wrong = f"{number[:digit]}{(int(number[digit]) + random.randint(1, 9)) % 10}{number[digit + 1 :]}"
        mistyped = swapped(entries, entry, with_meta(entry, **{key: wrong}))
        yield Mutant(f"{key} {wrong}: {place_of(entry)}", mistyped, "R956", place_of(entry))
        if entry.payee != other.payee and entry.date != other.date:
            last = max(entry, other, key=lambda each: each.date)
            one = swapped(entries, entry, with_meta(entry, orgnr="556036-0793"))
            one = swapped(one, other, with_meta(other, orgnr="5560360793"))
            yield Mutant(f"one number of two: {place_of(last)}", one, "R956", place_of(last))


def _account(entries: list[Directive], random: Random) -> Mutant:
    day, number = date(YEAR, random.randint(1, 12), random.randint(1, 28)), random.choice((1811, 1915, 1940, 1950))
    opened = Open({"filename": "nya.bean", "lineno": 1}, day, f"Assets:FK:{number}-Nytt-konto", ["SEK"], None)
    return Mutant(f"opened {opened.account} {day}", [*entries, opened], "R946", opened.account)
