"""Mutants of internal sales: their rows, units and accounts, and the marks of the accounts.

An amount that is changed on one row alone leaves the voucher unbalanced, which is Beancount's to report: here
another row takes the difference. A whole sale that is removed, doubled or moved to another day, and a sale to
another unit than the true one, are as right as before for eliminations; the numbers of vouchers, the units'
budgets and the clearing show them.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from random import Random
from statistics import median

from beancount.core.amount import Amount
from beancount.core.data import Custom, Directive, Open, Posting, Transaction

from tests.mutations import Mutant, number_of, place_of, plus, swapped, unsealed, with_meta, with_number, without_meta

COUNT = 40
VOUCHERS = 600
"""The rules look at one voucher at a time, or at those of one account, so a part of the others will do."""

BANK = "Assets:FK:1610-Internbank"


def mutants(entries: list[Directive], random: Random) -> Iterator[Mutant]:
    """Yield mutants of every kind."""
    marked = {entry.account for entry in entries if isinstance(entry, Open) and entry.meta.get("intern")}
    vouchers = [entry for entry in entries if isinstance(entry, Transaction)]
    sales = [entry for entry in vouchers if any(row.account in marked for row in entry.postings)]
    others = [entry for entry in vouchers if entry not in sales]
    kept = set(map(id, [*sales, *random.sample(others, VOUCHERS)]))
    entries = [entry for entry in entries if not isinstance(entry, Transaction) or id(entry) in kept]
    yield from _sales(entries, sales, random)
    yield from _of_few(entries, sales)
    yield from _purchases(entries, [entry for entry in others if id(entry) in kept], random)
    yield from _marks(entries, marked, random)
    yield from _as_external(entries, sales, random)
    yield from _invoiced(entries, [entry for entry in others if id(entry) in kept], random)


def _sales(entries: list[Directive], sales: list[Transaction], random: Random) -> Iterator[Mutant]:
    usual = median(abs(number_of(entry.postings[0])) for entry in sales)
    for entry in random.sample(sales, COUNT):
        ver = entry.meta["ver"]
        income, expense = sorted(entry.postings, key=lambda row: row.account, reverse=True)
        seller, buyer = (row.account.split(":")[1] for row in (income, expense))
        ore = Decimal(random.randint(1, 10**5)) / 100
        bank = expense._replace(account=BANK)
        external = f"Expenses:{buyer}:6510-Kontorsmaterial"

        def mutant(what: str, codes: str, *rows: Posting, of: Transaction = entry) -> Mutant:
            blamed = next((row for row in rows if not _is_marked(row)), rows[-1])
            return Mutant(
                f"{of.meta['ver']} {what}",
                swapped(entries, of, of._replace(postings=list(rows))),
                codes,
                place_of(blamed),
            )

        yield mutant("has an öre more", "I401", plus(income, -ore), expense, with_number(bank, ore))
        yield mutant("has an öre less", "I401", income, plus(expense, -ore), with_number(bank, ore))
        yield mutant("is bought from outside", "I401", with_number(bank, -number_of(expense)), expense)
        yield mutant("is sold to outside", "I401", income, bank)
        yield mutant("is bought as other things", "I401", income, expense._replace(account=external))
        yield mutant(
            "is partly something else",
            "I401",
            income,
            plus(expense, -ore),
            with_number(expense, ore)._replace(account=external),
        )
        yield mutant(
            "has a payment too",
            "I403",
            income,
            expense,
            with_number(bank, -ore),
            with_number(bank, ore)._replace(account=external),
        )
        tenfold = entry._replace(postings=[with_number(row, 10 * number_of(row)) for row in entry.postings])
        # What even then is less than most sales is nobody's surprise.
        if abs(10 * number_of(income)) > usual:
            yield Mutant(
                f"{ver} has a zero too many", swapped(unsealed(entries), entry, tenfold), "I407", place_of(entry)
            )
        yield mutant("is sold and bought on one account", "I402", income, expense._replace(account=income.account))
        itself = f"Expenses:{seller}:7610-Interna-tjänster"
        # The seller buys nothing internally, so it has no such account: it is opened for the mutant.
        opened = next(other for other in entries if isinstance(other, Open) and other.account == expense.account)
        own = [
            opened._replace(account=itself),
            *swapped(entries, entry, entry._replace(postings=[income, expense._replace(account=itself)])),
        ]
        yield Mutant(f"{ver} is sold to the seller", own, "I402", place_of(expense))


def _of_few(entries: list[Directive], sales: list[Transaction]) -> Iterator[Mutant]:
    """Yield a large sale of two units that have hardly dealt with each other, as interest that nobody has agreed."""
    opened = unsealed(entries)
    counts = Counter(tuple(sorted(row.account for row in each.postings)) for each in sales)
    for entry in [each for each in sales if counts[tuple(sorted(row.account for row in each.postings))] < 5]:
        rows = [with_number(row, Decimal(400_000).copy_sign(number_of(row))) for row in entry.postings]
        meta = {**entry.meta, "ver": "N 9001", "lineno": entry.meta["lineno"] + 1}
        later = entry._replace(postings=rows, meta=meta, date=date(2024, 12, 30))
        yield Mutant(f"{entry.meta['ver']} again and large", [*opened, later], "I407", place_of(later))


def _purchases(entries: list[Directive], others: list[Transaction], random: Random) -> Iterator[Mutant]:
    """Yield vouchers of which a row is moved to an internal account, as by a slip of the hand."""
    costs = [entry for entry in others if any(row.account.startswith("Expenses") for row in entry.postings)]
    for entry in random.sample(costs, COUNT):
        rows = list(entry.postings)
        index = next(index for index, row in enumerate(rows) if row.account.startswith("Expenses"))
        unit = rows[index].account.split(":")[1]
        account = "Income:ADM:3610-Interna-tjänster" if unit == "ADM" else f"Expenses:{unit}:7610-Interna-tjänster"
        rows[index] = rows[index]._replace(account=account)
        blamed = next(row for row in rows if not _is_marked(row))
        mutated = swapped(entries, entry, entry._replace(postings=rows))
        yield Mutant(f"{entry.meta['ver']} is internal", mutated, "I401", place_of(blamed))


def _as_external(entries: list[Directive], sales: list[Transaction], random: Random) -> Iterator[Mutant]:
    """Yield sales on accounts that are not marked, with nothing or an öre on the bank or with receivable and debt."""
    for entry in random.sample([entry for entry in sales if ":3610-" in str(entry.postings)], COUNT):
        income, expense = sorted(entry.postings, key=lambda row: row.account, reverse=True)
        seller, buyer = (row.account.split(":")[1] for row in (income, expense))
        sold = income._replace(account=f"Income:{seller}:3010-Försäljning-och-övriga-intäkter")
        bought = expense._replace(account=f"Expenses:{buyer}:6510-Kontorsmaterial")
        bank = expense._replace(account=BANK)
        claim = bought._replace(account=f"Assets:{seller}:1510-Kundfordringar")
        debt = sold._replace(account=f"Liabilities:{buyer}:2510-Leverantörsskulder")
        ore = Decimal("0.01")
        for what, rows in (
            ("nothing on the bank", [sold, bought, with_number(bank, Decimal(0))]),
            ("an öre on the bank", [sold, plus(bought, -ore), with_number(bank, ore)]),
            ("receivable and debt", [sold, claim, bought, debt]),
        ):
            mutated = swapped(entries, entry, entry._replace(postings=rows))
            yield Mutant(f"{entry.meta['ver']} with {what}", mutated, "I405", place_of(entry))


def _invoiced(entries: list[Directive], others: list[Transaction], random: Random) -> Iterator[Mutant]:
    """Yield invoices whose other party is a unit of the federation."""
    names = [entry.values[1].value for entry in entries if isinstance(entry, Custom) and entry.type == "unit"]
    invoices = [
        entry for entry in others if any(":1510-" in row.account or ":2510-" in row.account for row in entry.postings)
    ]
    for entry in random.sample([entry for entry in invoices if entry.payee], COUNT):
        blamed = next(row for row in entry.postings if ":1510-" in row.account or ":2510-" in row.account)
        name = random.choice(names)
        mutated = swapped(entries, entry, entry._replace(payee=name))
        yield Mutant(f"{entry.meta['ver']} is of {name}", mutated, "I406", place_of(blamed))


def _marks(entries: list[Directive], marked: set[str], random: Random) -> Iterator[Mutant]:
    opens = [entry for entry in entries if isinstance(entry, Open)]
    for opened in opens:
        if opened.account in marked:
            for mark in ("TRUE", "", None, Decimal(1), Amount(Decimal(1), "SEK"), opened.date):
                yield _marked(entries, opened, mark)
            bare = without_meta(opened, "intern")
            yield Mutant(f"{opened.account} is not marked", swapped(entries, opened, bare), "I404", place_of(opened))
    balances = [
        entry
        for entry in opens
        if not entry.account.startswith(("Income", "Expenses")) and ":1790-" not in entry.account
    ]
    for opened in random.sample(balances, COUNT):
        yield _marked(entries, opened, True)
    used = {row.account for entry in entries if isinstance(entry, Transaction) for row in entry.postings}
    results = [
        entry for entry in opens if entry.account.startswith(("Income", "Expenses")) and entry.account not in marked
    ]
    for opened in random.sample([entry for entry in results if entry.account in used], COUNT):
        # Used once it may be the voucher that is wrong, more often it must be the mark.
        yield Mutant(
            f"{opened.account} is internal",
            swapped(entries, opened, with_meta(opened, intern=True)),
            "I40[14]",
            opened.account,
        )


def _marked(entries: list[Directive], opened: Open, mark: object) -> Mutant:
    mutated = swapped(entries, opened, with_meta(opened, intern=mark))
    return Mutant(f"{opened.account} is marked {mark!r}", mutated, "I404", place_of(opened))


def _is_marked(row: Posting) -> bool:
    return row.account.split(":")[2][:4] in ("3610", "7610", "8490", "8590")
