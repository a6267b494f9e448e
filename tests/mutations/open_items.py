"""Mutants of open items: what is paid, of which invoice, on which account, to whom and when; what is booked twice.

Not tried: a part payment, which is legal (only one that looks mistyped is told), a payment on another day after its
invoice, and a payer's name, since anybody may pay for another.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

from beancount.core.data import Custom, Directive, Transaction

from tests.mutations import Mutant, changed, number_of, place_of, rebooked, swapped, with_meta, with_number

EACH = 25
SUPPLIERS, CUSTOMERS = ":2510-", ":1510-"
ASIDE = "Liabilities:FK:2970-Förutbetalda-intäkter"
LAST = 2024
Found = tuple[str, list[Directive], str, str]


def mutants(entries: list[Directive], random: Random) -> Iterator[Mutant]:
    """Yield mutants of every kind, of a third of the items, which is quick; the years are open: warnings come."""
    links = sorted({link for entry in entries if isinstance(entry, Transaction) for link in entry.links})
    kept = set(random.sample(links, len(links) // 3))
    entries = [entry for entry in entries if _is_kept(entry, kept)]
    vouchers = [entry for entry in entries if isinstance(entry, Transaction) and entry.links]
    invoices = {link: entry for entry in vouchers if _series(entry) in "KL" for link in entry.links}
    paid = [entry for entry in vouchers if _series(entry) in "UI"]
    out = [entry for entry in paid if _row(entry, SUPPLIERS) and number_of(_row(entry, SUPPLIERS)) > 0]
    back = [entry for entry in paid if entry not in out]
    accounts = sorted({row.account for entry in vouchers for row in entry.postings if _is_ledger(row.account)})
    sorts = [
        (out, _more),
        (back, _more),
        (paid, _swapped_digits),
        (out, lambda random, entry: _linked(random, entry, _others(invoices, entry, "L"))),
        (back, lambda random, entry: _linked(random, entry, _others(invoices, entry, "K"))),
        (paid, _unknown_link),
        (paid, _without_link),
        (paid, lambda random, entry: _elsewhere(random, entry, accounts)),
        (out, lambda random, entry: _payee(random, entry, out)),
    ]
    yield from changed(entries, random, sorts, EACH)
    for entry in random.sample(paid, EACH):
        copy = with_meta(entry, ver="U 9001", lineno=entry.meta["lineno"] + 1)
        yield Mutant(f"paid twice: {place_of(entry)}", rebooked(entries, entry, entry, copy), "R90[14]", place_of(copy))
    for entry in random.sample(paid, EACH):
        [link] = entry.links
        early = entry._replace(date=invoices[link].date - timedelta(days=random.randint(1, 30)))
        yield Mutant(f"paid before: {place_of(entry)}", rebooked(entries, entry, early), "R906", place_of(entry))
    for entry in random.sample(sorted(invoices.values(), key=place_of), 2 * EACH):
        yield _billed_twice(entries, entry, random)
    for entry in random.sample([entry for entry in invoices.values() if _series(entry) == "L"], EACH):
        yield _numbered_twice(entries, entry, random)
    yield from _of_money(entries, [each for each in paid if each.date.year == LAST], invoices, random)
    yield from _kept_aside(entries, [each for each in back if each.date.year == LAST], invoices, random)
    yield from _lowered(entries, [each for each in invoices.values() if each.date.year == LAST], random)


def _lowered(entries: list[Directive], billed: list[Transaction], random: Random) -> Iterator[Mutant]:
    """Credit a claim in another's name, move a claim that nobody names, and make a debt income."""
    for entry in random.sample([each for each in billed if _row(each, CUSTOMERS)], EACH):
        row = with_number(_row(entry, CUSTOMERS), Decimal(-3000))
        bare = with_meta(entry, ver="K 9001", lineno=entry.meta["lineno"] + 1)
        income = with_number(row, Decimal(3000))._replace(account="Income:FK:3010-Försäljning-och-övriga-intäkter")
        credit = bare._replace(payee="Kund 999 Skola", narration="Rabatt", postings=[row, income])
        place = place_of(credit)
        yield Mutant(f"credited in another name: {place}", rebooked(entries, entry, entry, credit), "R90[489]", place)
        other = with_number(row, Decimal(3000))._replace(account="Assets:ADM:1510-Kundfordringar")
        moved = bare._replace(payee=None, narration="Omföring", links=frozenset(), postings=[row, other])
        yield Mutant(f"a claim is moved: {place}", rebooked(entries, entry, entry, moved), "R916", place)
    for entry in random.sample([each for each in billed if _row(each, SUPPLIERS)], EACH):
        row = with_number(_row(entry, SUPPLIERS), Decimal(3000))
        income = with_number(row, Decimal(-3000))._replace(account="Income:FK:3010-Försäljning-och-övriga-intäkter")
        bare = with_meta(entry, ver="M 9001", lineno=entry.meta["lineno"] + 1)
        none = bare._replace(payee=None, narration="Justering", links=frozenset(), postings=[row, income])
        place = place_of(none)
        yield Mutant(f"a debt is income: {place}", rebooked(entries, entry, entry, none), "R910", place)
        back = [with_number(each, -number_of(each)) for each in entry.postings]
        gone = bare._replace(narration="Justering", postings=back)
        yield Mutant(f"a debt is taken away: {place}", rebooked(entries, entry, entry, gone), "R9(09|10)", place)


def _kept_aside(
    entries: list[Directive], back: list[Transaction], invoices: dict[str, Transaction], random: Random
) -> Iterator[Mutant]:
    """Take away an invoice, and keep what is paid of it as a debt, of customers that have had some before."""
    kept = {each.payee for each in entries if isinstance(each, Transaction) and not each.links}
    for entry in random.sample(back, EACH):
        [link] = entry.links
        before = [each for each in invoices.values() if each.payee == entry.payee and each.date < entry.date]
        if len(before) < 4 or entry.payee in kept:
            continue
        rows = [row._replace(account=ASIDE) if _is_ledger(row.account) else row for row in entry.postings]
        mutated = swapped(entries, entry, entry._replace(links=frozenset(), postings=rows))
        place = place_of(entry)
        yield Mutant(f"kept aside: {place}", swapped(mutated, invoices[link]), "R918", place)


def _of_money(
    entries: list[Directive], paid: list[Transaction], invoices: dict[str, Transaction], random: Random
) -> Iterator[Mutant]:
    """Yield payments that are booked beside their invoice, kept in part, taken back, or of no invoice at all."""
    income, cost = "Income:FK:3010-Försäljning-och-övriga-intäkter", "Expenses:FK:6510-Kontorsmaterial"
    whole = Counter(each.payee for each in paid if _row(each, CUSTOMERS))
    for entry in random.sample([each for each in paid if each.payee and len(each.links) == 1], EACH):
        [link], place, row = entry.links, place_of(entry), _row(entry)
        other = income if number_of(row) < 0 else cost
        rows = [each._replace(account=other) if each is row else each for each in entry.postings]
        beside = entry._replace(postings=rows, links=frozenset())
        yield Mutant(f"beside its invoice: {place}", swapped(entries, entry, beside), "R919", place)
        if number_of(row) > 0:
            odd = _of_all(entry, Decimal("0.7313"))._replace(links=frozenset())
            yield Mutant(f"of no invoice: {place}", swapped(entries, entry, odd), "R916", place)
            back = with_meta(_of_all(entry, Decimal(-1)), ver="M 9001", rattar=entry.meta["ver"], lineno=9001)
            again = with_meta(entry, ver="U 9002", lineno=9002)
            twice = rebooked(entries, entry, entry, back, again)
            yield Mutant(f"taken back and paid again: {place}", twice, "R917", place_of(back))
        elif whole[entry.payee] > 6:
            part = _of_all(entry, Decimal("0.6271"))
            yield Mutant(f"kept in part: {place}", swapped(entries, entry, part), "R9(12|20)", place)
            sold = invoices[link]
            off = with_meta(_of_all(sold, Decimal(-1)), ver="M 9003", lineno=9003)._replace(date=entry.date)
            written = rebooked(entries, entry, off)
            yield Mutant(f"written off: {place}", written, "R910|R928", place_of(off))


def _is_kept(entry: Directive, links: set[str]) -> bool:
    if isinstance(entry, Transaction):
        return not links.isdisjoint(entry.links) or _series(entry) == "B"
    return not (isinstance(entry, Custom) and entry.type == "bokslut")


def _series(entry: Transaction) -> str:
    return str(entry.meta["ver"]).split(" ")[0]


def _is_ledger(account: str) -> bool:
    return SUPPLIERS in account or CUSTOMERS in account


def _row(entry: Transaction, part: str = ":") -> Any:
    return next((row for row in entry.postings if part in row.account and _is_ledger(row.account)), None)


def _others(invoices: dict[str, Transaction], entry: Transaction, series: str) -> list[str]:
    """Return the links of invoices that a payment cannot settle: of other parties, and another amount is open."""
    number = -number_of(_row(entry))
    return [
        link
        for link, invoice in invoices.items()
        if link[0] == series and invoice.payee != entry.payee and number_of(_row(invoice)) != number
    ]


def _of_all(entry: Transaction, factor: Decimal) -> Transaction:
    postings = [with_number(row, (number_of(row) * factor).quantize(Decimal("0.01"))) for row in entry.postings]
    return entry._replace(postings=postings)


def _more(random: Random, entry: Transaction) -> Found:
    more = _of_all(entry, 1 + Decimal(random.randint(1, 3000)) / 1000)
    return "more is paid", [more], "R90[24]", place_of(entry)


def _swapped_digits(random: Random, entry: Transaction) -> Found:
    row = _row(entry)
    digits = list(f"{abs(number_of(row)):.2f}".replace(".", ""))
    places = [
        (one, other)
        for one in range(len(digits))
        for other in range(one)
        if digits[one] != digits[other] and (other or digits[one] != "0")
    ]
    one, other = random.choice(places)
    digits[one], digits[other] = digits[other], digits[one]
    number = Decimal("".join(digits)) / 100
    postings = [with_number(each, number.copy_sign(number_of(each))) for each in entry.postings]
    return f"paid {number}", [entry._replace(postings=postings)], "R90[24]|R912", place_of(entry)


def _linked(random: Random, entry: Transaction, links: list[str]) -> Found:
    link = random.choice(links)
    # The payment, or else the invoice that is settled by two.
    return f"of {link}", [entry._replace(links=frozenset({link}))], "R90[123468]", link


def _unknown_link(random: Random, entry: Transaction) -> Found:
    [link] = entry.links
    series, year, number = link.split("-")
    wrong = random.choice([f"{series}-{year}-9{number}", f"{series}-{year[2:]}-{number}", f"{series}{year}-{number}"])
    return f"of {wrong}", [entry._replace(links=frozenset({wrong}))], "R907", place_of(entry)


def _without_link(random: Random, entry: Transaction) -> Found:
    return "without link", [entry._replace(links=frozenset())], "R913", place_of(entry)


def _elsewhere(random: Random, entry: Transaction, accounts: list[str]) -> Found:
    row = _row(entry)
    kind = SUPPLIERS if SUPPLIERS in row.account else CUSTOMERS
    account = random.choice([each for each in accounts if each != row.account and kind in each])
    postings = [each._replace(account=account) if each is row else each for each in entry.postings]
    return f"paid on {account}", [entry._replace(postings=postings)], "R903", place_of(entry)


def _payee(random: Random, entry: Transaction, paid: list[Transaction]) -> Found:
    payee = random.choice(sorted({each.payee or "" for each in paid} - {entry.payee}))
    return f"paid to {payee}", [entry._replace(payee=payee)], "R908", place_of(entry)


def _billed_twice(entries: list[Directive], entry: Transaction, random: Random) -> Mutant:
    number = random.randint(9001, 9999)
    link = f"{_series(entry)}-{entry.date.year}-{number}"
    copy = with_meta(entry, ver=f"{_series(entry)} {number}", lineno=entry.meta["lineno"] + 1)
    copy = copy._replace(links=frozenset({link}))
    return Mutant(f"billed twice: {place_of(entry)}", rebooked(entries, entry, entry, copy), "R911", place_of(copy))


def _numbered_twice(entries: list[Directive], entry: Transaction, random: Random) -> Mutant:
    fakturanr = str(random.randint(1000, 99999))
    first = with_meta(entry, fakturanr=fakturanr)
    later = entry.date + timedelta(days=random.randint(0, 31 - entry.date.day if entry.date.month == 12 else 60))
    number = random.randint(9001, 9999)
    copy = with_meta(
        _of_all(entry, random.choice((Decimal(1), Decimal("0.8")))),
        ver=f"L {number}",
        fakturanr=f"0{fakturanr[:2]} {fakturanr[2:]}",
        lineno=entry.meta["lineno"] + 1,
    )
    copy = copy._replace(links=frozenset({f"L-{entry.date.year}-{number}"}), date=later)
    mutated = rebooked(swapped(entries, entry, first), first, first, copy)
    return Mutant(f"number {fakturanr} twice: {place_of(entry)}", mutated, "R905", place_of(copy))
