"""Mutants of what may be right and seldom is: signs reversed, payments past a provision, months not depreciated.

Left out, because what is said of it may be right:
- signs reversed where the text says that something is taken back, or in a correction;
- signs reversed of what is corrected later, of which the correction tells;
- signs reversed of what is accrued, prepaid or provided for, which takes back what was booked before.
"""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from random import Random

from beancount.core.data import Balance, Custom, Directive, Open, Posting, Transaction

from forbundsbok.plugins.corrections import corrected_numbers
from forbundsbok.plugins.numbers import read_ver
from tests.mutations import (
    Mutant,
    number_of,
    place_of,
    rebooked,
    row_on,
    swapped,
    turned,
    unsealed,
    with_meta,
    with_number,
)

EACH = 70
FEW = 9
FIRST_YEAR = 2023
"""In which every series is used for the first time."""
CASH, BANK = "Assets:NAV:1910-Handkassa", "Assets:FK:1610-Internbank"
SHARES, INCOME = "Assets:FK:1310-Aktier:Gryning-Vård", "Income:FK:3010-Försäljning-och-övriga-intäkter"
AMOUNT = Decimal(500_000)
BEFORE = re.compile(r":(17|20|22|29)\d\d-|:1790-")


def mutants(entries: list[Directive], random: Random) -> Iterator[Mutant]:
    """Yield mutants of every kind."""
    yield from _not_agreed(entries)
    entries = unsealed(entries)
    vouchers = [entry for entry in entries if isinstance(entry, Transaction)]
    corrected = {ver for entry in vouchers for ver in corrected_numbers(entry)}
    sound = [entry for entry in vouchers if _is_sound(entry) and read_ver(entry) not in corrected]
    invoices = [entry for entry in sound if row_on(entry, ":2510-")]
    for entry in random.sample([each for each in invoices if row_on(each, "Expenses:")], EACH):
        yield _turned(entries, entry, "T102")
    others = [entry for entry in sound if entry not in invoices]
    for entry in random.sample([each for each in others if row_on(each, "Expenses:")], EACH):
        yield _turned(entries, entry, "T103")
    for entry in random.sample([each for each in others if not row_on(each, "Expenses:")], EACH):
        yield _turned(entries, entry, "T104")
    for entry in [entry for entry in vouchers if row_on(entry, ":2293-") and row_on(entry, ":1610-")]:
        rows = [_past_provision(row) for row in entry.postings]
        past = entry._replace(postings=rows)
        if entry.payee:
            place = place_of(entry)
            yield Mutant(f"a cost instead of the provision: {place}", swapped(entries, entry, past), "T105", place)
    yield from _series(entries, random.sample(vouchers, EACH))
    yield from _members(entries, random)
    yield from _habits(entries, vouchers, random)
    accruals = [entry for entry in vouchers if row_on(entry, ":2970-") and row_on(entry, "Income:")]
    for entry in random.sample(accruals, EACH // 3):
        silent = entry._replace(narration="Omföring")
        place = f"{entry.meta['ver']} ("
        yield Mutant(f"no text: {place_of(entry)}", swapped(entries, entry, silent), "T143", place)
    late = [entry for entry in vouchers if entry.date.year > FIRST_YEAR]
    yield from _frauds(entries, late, random)
    yield from _given_away(entries, late, random)
    yield from _sold_and_moved(entries, late, random)
    yield from _paid_back(entries, late, random)


def _paid_back(entries: list[Directive], vouchers: list[Transaction], random: Random) -> Iterator[Mutant]:
    """A supplier's refund is booked as income, by one that has never paid for anything."""
    paying = {each.payee for each in entries if isinstance(each, Transaction) and row_on(each, "Income:")}
    bills = [each for each in vouchers if row_on(each, ":2510-") and row_on(each, ":1650-") and each.date.month > 6]
    counts = Counter(each.payee for each in vouchers if row_on(each, ":2510-") and row_on(each, ":1650-"))
    known = [each for each in bills if each.payee not in paying and counts[each.payee] > FEW]
    for entry in random.sample(known, EACH // 3):
        money = with_number(entry.postings[0], Decimal(3000))._replace(account=BANK)
        income = with_number(money, Decimal(-3000))._replace(account=INCOME)
        refund = with_meta(entry, ver="I 9001")._replace(
            narration="Återbetalning", links=frozenset(), postings=[money, income]
        )
        yield Mutant(f"a refund as income: {place_of(entry)}", swapped(entries, entry, refund), "T144", place_of(entry))


def _sold_and_moved(entries: list[Directive], vouchers: list[Transaction], random: Random) -> Iterator[Mutant]:
    """Yield assets that are sold and stay in the register, and equity that goes to another unit by no decision."""
    gone = {entry.values[0].value for entry in entries if isinstance(entry, Custom) and entry.type == "utrangering"}
    names = [entry.values[0].value for entry in entries if isinstance(entry, Custom) and entry.type == "asset"]
    earning = [each for each in vouchers if not each.payee and "rattar" not in each.meta and row_on(each, ":1610-")]
    paid_in = [each for each in earning if (row := row_on(each, "Income:")) and number_of(row) < 0]
    for name in [each for each in names if each not in gone]:
        entry = random.choice(paid_in)
        sold = entry._replace(narration=f"Försäljning av {name}")
        yield Mutant(f"{name} is sold: {place_of(entry)}", swapped(entries, entry, sold), "T174", place_of(entry))
    for entry in random.sample(paid_in, EACH // 5):
        far = entry._replace(date=max(each.date for each in vouchers) + timedelta(random.randint(70, 190)))
        yield Mutant(f"far ahead: {place_of(entry)}", rebooked(entries, entry, far), "T175", place_of(entry))
        row, amount = entry.postings[0], Decimal(random.randint(1000, 900_000))
        moved = _bare(
            entry,
            [
                with_number(row._replace(account="Equity:FK:2010-Eget-kapital"), amount),
                with_number(row._replace(account="Equity:NAV:2010-Eget-kapital"), -amount),
            ],
        )
        yield Mutant(f"equity moved: {place_of(entry)}", swapped(entries, entry, moved), "T152", place_of(entry))


def _frauds(entries: list[Directive], vouchers: list[Transaction], random: Random) -> Iterator[Mutant]:
    """Yield what a careful thief books: refunds in cash, debts of another unit, cash from the bank, and the like."""
    billed = [each for each in vouchers if len(each.postings) == 2 and row_on(each, ":2510-")]
    bills = [each for each in billed if (cost := row_on(each, "Expenses:")) and number_of(cost) > 1000]
    for entry in random.sample(bills, EACH // 3):
        place, unit = place_of(entry), entry.postings[0].account.split(":")[1]
        cash = [row._replace(account=CASH) if ":2510-" in row.account else row for row in turned(entry).postings]
        refund = entry._replace(postings=cash, narration="Återbetalning", links=frozenset())
        yield Mutant(f"a refund in cash: {place}", swapped(entries, entry, refund), "T144", place)
        other = "MC" if unit != "MC" else "VU"
        rows = [
            row._replace(account=row.account.replace(f":{unit}:", f":{other}:")) if ":2510-" in row.account else row
            for row in entry.postings
        ]
        yield Mutant(f"owed by {other}: {place}", swapped(entries, entry, entry._replace(postings=rows)), "T145", place)
        taken = [
            with_number(entry.postings[0]._replace(account=CASH), AMOUNT),
            with_number(entry.postings[1]._replace(account=BANK), -AMOUNT),
        ]
        yield Mutant(f"cash: {place}", swapped(entries, entry, _bare(entry, taken)), "T146", place)
        raised = [taken[0]._replace(account=SHARES), taken[1]._replace(account=INCOME)]
        yield Mutant(f"shares written up: {place}", swapped(entries, entry, _bare(entry, raised)), "T147", place)
        spent = next(row.account for row in entry.postings if row.account.startswith("Expenses:"))
        moved = [taken[0]._replace(account=spent.replace(f":{unit}:", f":{other}:")), taken[1]._replace(account=spent)]
        yield Mutant(f"a cost moved to {other}: {place}", swapped(entries, entry, _bare(entry, moved)), "T148", place)


def _given_away(entries: list[Directive], vouchers: list[Transaction], random: Random) -> Iterator[Mutant]:
    """Yield shares and assets that leave for little, equity that changes, and money that nobody has looked into."""
    costs = [each for each in vouchers if row_on(each, ":1610-") and each.date.month in range(2, 12)]
    for entry in random.sample(costs, EACH // 3):
        place, row = place_of(entry), entry.postings[0]
        lost, price = Decimal(random.randint(60, 100)) / 100, Decimal(100_000)
        cost = "Expenses:FK:8510-Räntekostnader"
        sold = [
            with_number(row._replace(account=SHARES), -price),
            with_number(row._replace(account=cost), price * lost),
            with_number(row._replace(account=BANK), price - price * lost),
        ]
        yield Mutant(f"shares given away: {place}", swapped(entries, entry, _bare(entry, sold)), "T153", place)
        gone = [
            with_number(row._replace(account="Assets:NAV:1210-Inventarier:Äldre"), -price),
            with_number(row._replace(account="Assets:NAV:1219-Ackumulerade-avskrivningar"), price * lost / 2),
            with_number(row._replace(account="Assets:NAV:1710-Interimsfordringar"), price - price * lost / 2),
        ]
        yield Mutant(f"scrapped for a claim: {place}", swapped(entries, entry, _bare(entry, gone)), "T154", place)
        first = _bare(entry, [with_number(row._replace(account=BANK), price)])
        first = first._replace(date=entry.date.replace(month=1, day=1), postings=[*first.postings, _against(first)])
        said = random.choice((None, "Enligt beslut", "Nya regler", "2024"))
        first = first if said is None else with_meta(first, beslut=said)
        yield Mutant(f"equity by {said}: {place}", swapped(entries, entry, first), "T152", place)
        text = random.choice(("Inbetalning att utreda", "Utreds", "Okänd avsändare", "Oklar inbetalning"))
        looked = _bare(entry, [with_number(row._replace(account=BANK), price), _against(first)])
        looked = looked._replace(
            narration=text, postings=[looked.postings[0], looked.postings[1]._replace(account=INCOME)]
        )
        yield Mutant(f"{text}: {place}", swapped(entries, entry, looked), "T155", place)


def _against(entry: Transaction) -> Posting:
    row = entry.postings[0]
    return with_number(row._replace(account="Equity:FK:2010-Eget-kapital"), -number_of(row))


def _bare(entry: Transaction, rows: list[Posting]) -> Transaction:
    return entry._replace(postings=rows, payee=None, links=frozenset(), narration="Omfördelat enligt underlag")


def _is_sound(entry: Transaction) -> bool:
    """Tell whether a voucher has costs or income, and neither takes back nor is corrected."""
    says = re.search("kredit|åter|rätt|ersättning", entry.narration or "", re.IGNORECASE)
    has_result = row_on(entry, "Expenses:") or row_on(entry, "Income:")
    return (
        bool(has_result)
        and not says
        and not any(BEFORE.search(row.account) for row in entry.postings)
        and not (row_on(entry, ":3610-") or row_on(entry, ":8490-"))
    )


def _past_provision(row: Posting) -> Posting:
    return row._replace(account="Expenses:RU:4510-Projektbidrag") if ":2293-" in row.account else row


def _turned(entries: list[Directive], entry: Transaction, code: str) -> Mutant:
    place = place_of(entry)
    return Mutant(f"signs reversed: {place}", swapped(entries, entry, turned(entry)), code, place)


def _series(entries: list[Directive], vouchers: list[Transaction]) -> Iterator[Mutant]:
    for entry in vouchers:
        ver = read_ver(entry)
        if ver and ver.series != "B" and ver.year > FIRST_YEAR:
            place = place_of(entry)
            yield Mutant(f"{ver} is X 1", swapped(entries, entry, with_meta(entry, ver="X 1")), "T101", place)


def _habits(entries: list[Directive], vouchers: list[Transaction], random: Random) -> Iterator[Mutant]:
    """Yield vouchers of another series than their kind has, and received by a misspelt signature."""
    billed = [entry for entry in vouchers if row_on(entry, ":2510-") and "mottagning" in entry.meta]
    for entry in random.sample([each for each in billed if each.date.year > FIRST_YEAR], EACH // 3):
        place = place_of(entry)
        other = with_meta(entry, ver="K 9999")
        yield Mutant(f"a supplier's invoice is K 9999: {place}", swapped(entries, entry, other), "T112", place)
        sign = entry.meta["mottagning"]
        misspelt = with_meta(entry, mottagning=f"{sign[:1]}{sign}")
        yield Mutant(f"received by {sign[:1]}{sign}: {place}", swapped(entries, entry, misspelt), "T113", place)


def _not_agreed(entries: list[Directive]) -> Iterator[Mutant]:
    """Yield ledgers in which a bank account is not agreed at the end of a year, as it was the year before."""
    for entry in entries:
        if isinstance(entry, Balance) and re.search(":1[69]10-", entry.account) and entry.date.year > 2023:
            what = f"not agreed: {entry.account} {entry.date}"
            yield Mutant(what, swapped(entries, entry), "T142", entry.account)


def _members(entries: list[Directive], random: Random) -> Iterator[Mutant]:
    """Yield fees on the account of another member."""
    accounts = [entry.account for entry in entries if isinstance(entry, Open) and ":311" in entry.account]
    fees = [entry for entry in entries if isinstance(entry, Transaction) and entry.payee and row_on(entry, ":311")]
    billed = [each for each in fees if row_on(each, ":1510-") and each.date.year > FIRST_YEAR]
    for entry in random.sample(billed, EACH // 3):
        rows = [row._replace(account=INCOME) if ":311" in row.account else row for row in entry.postings]
        place, stray = place_of(entry), entry._replace(payee="Grannkommunen", postings=rows)
        yield Mutant(f"a fee as other income: {place}", swapped(entries, entry, stray), "T141", place)
    for entry in random.sample(fees, EACH // 3):
        row = row_on(entry, ":311")
        assert row
        head, _, own = row.account.rpartition(":")
        other = random.choice([each for each in accounts if each.startswith(f"{head}:") and each != row.account])
        rows = [each._replace(account=other) if each is row else each for each in entry.postings]
        what = f"{own} on {other}: {place_of(entry)}"
        yield Mutant(what, swapped(entries, entry, entry._replace(postings=rows)), "T141", place_of(row))
