"""Mutants of VAT: its amount, its sign, its side, its row forgotten, more taken part than there were.

Left out, because they are rates too:
- VAT, or the amount that it is on, some öre off, and a rate of a mixture that comes to what the rows may be;
- another rate, or none, where the party's invoices on the account are few or have several.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal
from random import Random

from beancount.core.data import Custom, Directive, Posting, Transaction

from forbundsbok.plugins.numbers import read_ver
from tests.mutations import Mutant, number_of, place_of, row_on, swapped, with_meta, with_number, with_row

EACH = 50
INPUT, OUTPUT = ":1650-", ":2610-"
RATES = (25, 12, 6, 0)
SLIP = Decimal("0.40")


def mutants(entries: list[Directive], random: Random) -> Iterator[Mutant]:
    """Yield mutants of every kind, of books that nobody has examined: the sealed ones are warned of no more."""
    entries = [entry for entry in entries if not isinstance(entry, Custom) or entry.type != "bokslut"]
    vouchers = [entry for entry in entries if isinstance(entry, Transaction)]
    invoices = [entry for entry in vouchers if _is_single(entry)]
    for entry in random.sample(invoices, EACH):
        yield from _amounts(entries, entry, random)
    for entry in random.sample(invoices, EACH):
        yield from _sides(entries, entry)
    for entry in [entry for entry in vouchers if "deltagare" in entry.meta]:
        yield from _representation(entries, entry)
    rates = _rates(vouchers)
    for entry in random.sample(_usual(invoices, rates), EACH):
        yield from _forgotten(entries, entry, has_one_rate=_has_one_rate(_number(_plain_row(entry)), rates))


def _vat_row(entry: Transaction) -> Posting:
    row = row_on(entry, INPUT) or row_on(entry, OUTPUT)
    assert row
    return row


def _plain_row(entry: Transaction) -> Posting:
    """Return the row that VAT is on."""
    return next(row for row in entry.postings if row.account.startswith(("Expenses", "Income")))


def _other_row(entry: Transaction) -> Posting:
    return next(row for row in entry.postings if row is not _vat_row(entry) and row is not _plain_row(entry))


def _is_single(entry: Transaction) -> bool:
    """Tell whether a voucher has one row of cost or income and one of VAT, and is corrected by no other."""
    parts = Counter(row.account.split(":")[0] for row in entry.postings)
    has_vat = bool(row_on(entry, INPUT)) != bool(row_on(entry, OUTPUT))
    ver = read_ver(entry)
    return bool(ver) and has_vat and len(entry.postings) == 3 and parts["Expenses"] + parts["Income"] == 1


def _booked(entries: list[Directive], entry: Transaction, **numbers: Decimal) -> list[Directive]:
    """Return the entries with other numbers in a voucher, the last row of which takes what is left."""
    rows = {"vat": _vat_row(entry), "plain": _plain_row(entry)}
    changed = {id(row): with_number(row, numbers[name]) for name, row in rows.items() if name in numbers}
    last = _other_row(entry)
    rest = -sum((number_of(changed.get(id(row), row)) for row in rows.values()), Decimal(0))
    changed[id(last)] = with_number(last, rest)
    return swapped(entries, entry, entry._replace(postings=[changed.get(id(row), row) for row in entry.postings]))


def _is_a_rate(vat: Decimal, plain: Decimal) -> bool:
    return any(abs(abs(vat) - abs(plain) * rate / 100) < SLIP for rate in RATES)


def _amounts(entries: list[Directive], entry: Transaction, random: Random) -> Iterator[Mutant]:
    place = place_of(entry)
    vat, plain = number_of(_vat_row(entry)), number_of(_plain_row(entry))
    slips = {
        "VAT swaps two digits": (_swapped_digits(vat, random), plain),
        "the net swaps two digits": (vat, _swapped_digits(plain, random)),
        "VAT is ten times as much": (10 * vat, plain),
        "the net is ten times as much": (vat, 10 * plain),
        "VAT is of the other sign": (-vat, plain),
        "VAT has some kronor more": (vat + Decimal(random.randint(40, 5000)) / 100, plain),
    }
    if "deltagare" in entry.meta:
        del slips["the net is ten times as much"]  # of what costs more than its base, less may be deducted
    for what, (its, of) in slips.items():
        if (its * of < 0) != (vat * plain < 0) or not _is_a_rate(its, of):
            yield Mutant(f"{what}: {place}", _booked(entries, entry, vat=its, plain=of), "M70[14]", place)


def _swapped_digits(number: Decimal, random: Random) -> Decimal:
    """Return a number with two neighbouring digits before the decimals changed about, if they differ."""
    whole, decimals = str(number).split(".")
    places = [i for i in range(len(whole) - 1) if whole[i].isdigit() and whole[i] != whole[i + 1]]
    if not places:
        return number * 2
    at = random.choice(places)
    return Decimal(f"{whole[:at]}{whole[at + 1]}{whole[at]}{whole[at + 2 :]}.{decimals}")


def _sides(entries: list[Directive], entry: Transaction) -> Iterator[Mutant]:
    place, row = place_of(entry), _vat_row(entry)
    there, other = (INPUT, OUTPUT) if INPUT in row.account else (OUTPUT, INPUT)
    accounts = {INPUT: "Assets:FK:1650-Momsfordran", OUTPUT: "Liabilities:FK:2610-Utgående-moms"}
    at = entry.postings.index(row)
    elsewhere = with_row(entry, at, row._replace(account=accounts[other]))
    yield Mutant(f"VAT on {other} instead of {there}: {place}", swapped(entries, entry, elsewhere), "M702", place)
    if there == INPUT:
        counter = with_number(row, -number_of(row) + 1)._replace(account=accounts[OUTPUT])
        charged = with_row(entry, at, row, counter)
        yield Mutant(f"reverse charge, unequal: {place}", swapped(entries, entry, charged), "M703", place)


def _representation(entries: list[Directive], entry: Transaction) -> Iterator[Mutant]:
    place, plain = place_of(entry), number_of(_plain_row(entry))
    most = int(plain / 300)
    for count in {1, most // 2, most} - {0}:
        told = with_meta(entry, deltagare=f"{count} deltagare från styrgruppen")
        yield Mutant(f"{count} take part: {place}", swapped(entries, entry, told), "M704", place)


Rates = dict[tuple[str | None, str], list[int]]
"""The rates that are booked beside each party's account numbers, in per cent."""


def _rates(vouchers: list[Transaction]) -> Rates:
    rates: Rates = defaultdict(list)
    for entry in vouchers:
        plain = [row for row in entry.postings if row.account.startswith(("Expenses", "Income"))]
        if len(plain) == 1:
            vat = row_on(entry, INPUT) or row_on(entry, OUTPUT)
            rate = round(100 * abs(number_of(vat) / number_of(plain[0]))) if vat else 0
            rates[entry.payee, _number(plain[0])].append(rate)
    return rates


def _number(row: Posting) -> str:
    return row.account.split(":")[2]


def _usual(invoices: list[Transaction], rates: Rates) -> list[Transaction]:
    """Return the invoices whose party has many on one account, all with the same rate."""
    return [
        entry
        for entry in invoices
        if entry.payee and len(own := rates[entry.payee, _number(_plain_row(entry))]) > 6
        if len(set(own)) == 1 and "deltagare" not in entry.meta
    ]


def _has_one_rate(number: str, rates: Rates) -> bool:
    """Tell whether all parties have the same rate on an account number."""
    return len({rate for (_, each), own in rates.items() if each == number for rate in own}) == 1


def _forgotten(entries: list[Directive], entry: Transaction, *, has_one_rate: bool) -> Iterator[Mutant]:
    """Yield a voucher without VAT, and with other rates, which are told where the account has one rate only."""
    place, vat, plain = place_of(entry), _vat_row(entry), _plain_row(entry)
    whole = with_number(plain, number_of(plain) + number_of(vat))
    rows = [whole if row is plain else row for row in entry.postings if row is not vat]
    yield Mutant(f"VAT is forgotten: {place}", swapped(entries, entry, entry._replace(postings=rows)), "M705", place)
    for rate in (25, 12, 6) if has_one_rate else ():
        due = (number_of(plain) * rate / 100).quantize(Decimal("0.01"))
        if abs(abs(due) - abs(number_of(vat))) > 1:
            sign = 1 if number_of(vat) * due > 0 else -1
            yield Mutant(f"VAT of {rate} %: {place}", _booked(entries, entry, vat=sign * due), "M705", place)
