"""Mutants of vouchers: their numbers and years, what corrects them, pads.

Not tried, as it leaves every number in its place: the last voucher of a series removed, a day within the year,
two vouchers that change numbers. What happened cannot be told from the numbers alone; balance assertions and
the seal of the year show it.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from random import Random

from beancount.core.amount import Amount
from beancount.core.data import Directive, Pad, Transaction, entry_sortkey

from forbundsbok.plugins.numbers import Ver, read_ver
from tests.mutations import Mutant, number_of, place_of, plus, swapped, unsealed, with_meta, without_meta

COUNT = 20
SERIES = ("A", "B", "L", "M", "N")
"""The series that are kept: a third of the vouchers, which is quick, and all that are corrected."""

CORRECTIONS = 4


def mutants(entries: list[Directive], random: Random) -> Iterator[Mutant]:
    """Yield mutants of every kind."""
    entries = [entry for entry in entries if not isinstance(entry, Transaction) or entry.meta["ver"][0] in SERIES]
    vouchers = {ver: entry for entry in entries if isinstance(entry, Transaction) and (ver := read_ver(entry))}
    last: dict[tuple[int, str], int] = {}
    for ver in vouchers:
        last[ver.year, ver.series] = max(ver.number, last.get((ver.year, ver.series), 0))
    inner = [ver for ver in vouchers if ver.number < last[ver.year, ver.series]]
    for ver in random.sample(inner, COUNT):
        yield from _numbers(entries, vouchers, ver, last, random)
        yield from _dates(entries, vouchers[ver], ver)
    for entry in [entry for entry in vouchers.values() if "rattar" in entry.meta]:
        yield from _corrections(entries, vouchers, entry, random)
    for day in (date(2023, 6, 30), date(2024, 12, 31)):
        yield from _pads(entries, random, day)
    yield from _void(unsealed(entries), random.sample(sorted(vouchers), COUNT), vouchers, random)


def _numbers(
    entries: list[Directive],
    vouchers: dict[Ver, Transaction],
    ver: Ver,
    last: dict[tuple[int, str], int],
    random: Random,
) -> Iterator[Mutant]:
    entry = vouchers[ver]
    place = place_of(entry)
    end = last[ver.year, ver.series]
    without = [other for other in entries if other is not entry]
    lacking = without_meta(entry, "ver")
    yield Mutant(f"{ver} is removed", without, "V503", str(ver))
    # In a sealed year the seal tells which of the two is the copy.
    yield Mutant(f"{ver} is doubled", [*unsealed(entries), entry._replace()], "V502", place)
    yield Mutant(f"{ver} is not numbered", swapped(entries, entry, lacking), "V501", place)
    wrong = (
        f"{ver.series}{ver.number}",
        f"{ver.series} 0{ver.number}",
        f"{ver.series} 0",
        ver.series,
        "",
        str(ver).lower(),
    )
    for text in (*wrong, f"{ver} ", None, True, Decimal(ver.number), Amount(Decimal(1), "SEK"), entry.date):
        yield Mutant(f"{ver} is written {text!r}", swapped(entries, entry, with_meta(entry, ver=text)), "V501", place)
    # Of two with the same number either may be the wrong one: the message names both.
    twin = ver._replace(number=random.choice([number for number in range(1, end + 1) if number != ver.number]))
    yield Mutant(
        f"{ver} is {twin}", swapped(entries, entry, with_meta(entry, ver=str(twin))), "V502", f"{twin} {ver.year}"
    )
    far = ver._replace(number=end + random.randint(1, 1000))
    yield Mutant(f"{ver} is {far}", swapped(entries, entry, with_meta(entry, ver=str(far))), "V503", str(ver))
    other = random.choice(sorted({series for _, series in last} - {ver.series}))
    moved = ver._replace(series=other)
    yield Mutant(f"{ver} is {moved}", swapped(entries, entry, with_meta(entry, ver=str(moved))), "V50[23]", str(ver))
    yield Mutant(
        f"{ver} is of a new series", swapped(entries, entry, with_meta(entry, ver=f"X{ver}")), "V503", str(ver)
    )


def _void(
    entries: list[Directive], vers: list[Ver], vouchers: dict[Ver, Transaction], random: Random
) -> Iterator[Mutant]:
    """Yield ledgers in which a voucher is made void by a word or two."""
    for ver in vers:
        entry = vouchers[ver]
        text = random.choice(("Makulerat nummer", "Makulerad", "Makulerad verifikation", "Makulerat: fel"))
        void = entry._replace(postings=[], payee=None, narration=text, links=frozenset())
        yield Mutant(f"{ver} is void: {text}", swapped(entries, entry, void), "V512", str(ver))
        if entry.links:
            used = void._replace(narration="Makulerad: fakturan registrerades två gånger", links=entry.links)
            yield Mutant(f"{ver} was used, and is void", swapped(entries, entry, used), "V512", str(ver))


def _dates(entries: list[Directive], entry: Transaction, ver: Ver) -> Iterator[Mutant]:
    for year in (2003, 2021, 2022, 2023, 2024, 2025, 2026, 2042, 2203):
        if year != ver.year:
            day = entry.date.replace(year=year, day=min(entry.date.day, 28))
            moved = sorted(swapped(entries, entry, entry._replace(date=day)), key=entry_sortkey)
            codes = "V50[23]" if year in (2023, 2024, 2025) else "V504"
            yield Mutant(f"{ver} is dated {day}", moved, codes, str(ver))


def _corrections(
    entries: list[Directive], vouchers: dict[Ver, Transaction], entry: Transaction, random: Random
) -> Iterator[Mutant]:
    ver = read_ver(entry)
    assert ver is not None
    place = place_of(entry)
    lacking = without_meta(entry, "rattar")
    yield Mutant(f"{ver} corrects nothing", swapped(entries, entry, lacking), "V505", place)
    for text in (
        "",
        "L",
        "L 0",
        "l 5",
        "felkontering",
        "L 99999",
        f"{ver}",
        None,
        True,
        Decimal(5),
        entry.date,
        f"{entry.meta['rattar']} 2031",
    ):
        yield Mutant(f"{ver} corrects {text!r}", swapped(entries, entry, with_meta(entry, rattar=text)), "V505", place)
    accounts = {row.account for row in entry.postings}
    strangers = [
        other for other, voucher in vouchers.items() if accounts.isdisjoint(row.account for row in voucher.postings)
    ]
    for other in random.sample([other for other in strangers if other.year == ver.year], CORRECTIONS):
        codes = "V506" if vouchers[other].date <= entry.date else "V505"
        yield Mutant(
            f"{ver} corrects {other}", swapped(entries, entry, with_meta(entry, rattar=str(other))), codes, place
        )
    earlier = entry._replace(date=date(ver.year, 1, 1))
    moved = sorted(swapped(entries, entry, earlier), key=entry_sortkey)
    yield Mutant(f"{ver} is older than what it corrects", moved, "V505", place)
    still_open = unsealed(entries)
    twice = entry._replace(postings=[plus(row, number_of(row)) for row in entry.postings])
    yield Mutant(f"{ver} corrects twice of what was booked", swapped(still_open, entry, twice), "V509", place)
    for account in ("Assets:NAV:1710-Interimsfordringar", "Assets:FK:1610-Internbank"):
        rows = [row._replace(account=account) if number_of(row) > 0 else row for row in entry.postings]
        passing = swapped(still_open, entry, entry._replace(postings=rows))
        yield Mutant(f"{ver} moves the cost to {account}", passing, "V510", place)
    for account in ("Liabilities:NAV:2970-Förutbetalda-intäkter", "Income:NAV:3010-Försäljning-och-övriga-intäkter"):
        rows = [row._replace(account=account) if number_of(row) > 0 else row for row in entry.postings]
        if account.startswith("Income"):
            prepaid = "Assets:NAV:1710-Interimsfordringar"
            rows = [row._replace(account=prepaid) if number_of(row) < 0 else row for row in rows]
        passing = swapped(still_open, entry, entry._replace(postings=rows))
        yield Mutant(f"{ver} moves the result to {account}", passing, "V5(06|10|13)|V509", place)


def _pads(entries: list[Directive], random: Random, day: date) -> Iterator[Mutant]:
    accounts = sorted({row.account for entry in entries if isinstance(entry, Transaction) for row in entry.postings})
    for account in random.sample(accounts, COUNT // 2):
        pad = Pad({"filename": "main.bean", "lineno": 99}, day, account, "Equity:FK:2010-Eget-kapital")
        yield Mutant(f"{account} is padded", sorted([*entries, pad], key=entry_sortkey), "V507", "main.bean:99")
