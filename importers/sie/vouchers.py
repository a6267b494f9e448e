"""The vouchers of a SIE file as vouchers of the ledger: their numbers, their texts, and those that came before.

A voucher keeps its series and number where they run as the ledger's must, from 1 without gap in a calendar year.
A number that the file lacks is accounted for:

    2023-05-02 * "Nummer utan verifikation i filen"
      ver: "A 17"
      lucka: TRUE

Numbers of a broken fiscal year, or that run in no order, are given anew, and the file's are kept:

    2010-01-31 * "Lön januari"
      ver: "A 1"
      sie: "A 43"

In a year that comes again, series and number tell which voucher it is. A payroll begins with P 1 in each of its files:
of vouchers, day, rows and number together do, and the text where there is no number. One that may be another's copy
comes in, and waits (`!`) for a person.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from beancount.core import data
from beancount.core.amount import Amount

from forbundsbok.importers.mapping import toml_text
from forbundsbok.importers.payments import OBSERVE
from forbundsbok.importers.problems import Problem, refused
from forbundsbok.importers.sie.accounts import SieAccounts
from forbundsbok.importers.sie.codec.records import Objects, Row, Voucher
from forbundsbok.importers.sie.ledger import (
    GAP,
    PROJECT_KEY,
    SIE,
    exact,
    identity_of,
    identity_text,
    key_of,
    payee_and_narration,
    text_of,
)
from forbundsbok.importers.sie.mapping import SERIES, Lacks, SieMapping
from forbundsbok.plugins.accounts import CLEARING_NUMBER, parse_account
from forbundsbok.plugins.events import EVENT
from forbundsbok.plugins.findings import phrase
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.numbers import VER
from forbundsbok.plugins.open_items import INVOICE, INVOICE_LINK
from forbundsbok.plugins.places import where
from forbundsbok.plugins.review import WAITS

GAP_TEXT = "Nummer utan verifikation i filen"
MOST_GAPS = 100
"""More numbers than this that are missing, and more than there are vouchers, are no gaps: they begin elsewhere."""

Used = dict[tuple[str, int], set[int]]
"""The numbers that are taken, by series and calendar year."""


class Coding(NamedTuple):
    """The coding (kontering) of a voucher of a file: its series in the ledger, and the account of each of its rows."""

    voucher: Voucher
    series: str
    accounts: tuple[str, ...]
    like: data.Transaction | None = None
    """The voucher of the ledger that it may be, sent again."""

    @property
    def has_number(self) -> bool:
        return self.voucher.number not in ("", "0")

    @property
    def identity(self) -> tuple[str, str]:
        """The voucher's series and number in the file."""
        return self.voucher.series, self.voucher.number

    @property
    def content(self) -> tuple[object, ...]:
        """What makes it the same voucher, if its identity is the same."""
        rows = ((account, each.amount) for account, each in zip(self.accounts, self.voucher.rows, strict=True))
        return self.voucher.day, *sorted(rows)


def codings(vouchers: Iterable[Voucher], accounts: SieAccounts, mapping: SieMapping, since: date) -> list[Coding]:
    """Return vouchers with their accounts, open since a day, and series.

    What cannot be told is counted, and its voucher left out.
    """
    found = []
    for voucher in vouchers:
        series = _series_of(voucher.series, mapping, accounts.lacks, [row.amount for row in voucher.rows])
        of_rows = tuple(
            accounts.account(accounts.key(row.account, row.objects), since, [row.amount]) for row in voucher.rows
        )
        if series is not None and None not in of_rows:
            found.append(Coding(voucher, series, tuple(filter(None, of_rows))))
    return found


def without_known(filename: str, vouchers: list[Coding], known: Iterable[data.Transaction]) -> list[Coding]:
    """Return the vouchers of a year that are not among the known ones.

    Raises DocumentError for those known with other rows. Series and number tell which voucher it is. Where several bear
    the same, as some systems number, their rows do.
    """
    before = _by_identity(known)
    times = Counter(each.identity for each in vouchers)
    left, mistakes = [], []
    for each in vouchers:
        candidates = before[each.identity] if each.has_number else []
        same = next((entry for entry in candidates if _content(entry) == each.content), None)
        if same is not None:
            candidates.remove(same)
        elif len(candidates) == 1 and times[each.identity] == 1:
            mistakes.append(_differs(each, candidates[0]))
        else:
            left.append(each)
    if mistakes:
        raise refused(filename, mistakes)
    return left


def without_sent_again(vouchers: list[Coding], known: Iterable[data.Transaction]) -> list[Coding]:
    """Return the vouchers of another system that are not among those that came from it before.

    A number is one of its file alone: with another day, it is another voucher. Of the same day, but with other rows, it
    may be a corrected one. Without numbers, a whole file that came before is the same file; where only some of its
    vouchers did, they may be copies or not.
    """
    before = _by_identity(known)
    left, copies = [], 0
    for each in vouchers:
        candidates = before[each.identity]
        same = next((entry for entry in candidates if _is_copy(each, entry)), None)
        if same is not None:
            candidates.remove(same)
            copies += 1
        if same is not None and each.has_number:
            continue
        if same is None and each.has_number:
            same = next((entry for entry in candidates if entry.date == each.voucher.day), None)
        left.append(each._replace(like=same))
    return [] if copies == len(vouchers) else left


def _by_identity(known: Iterable[data.Transaction]) -> dict[tuple[str, str], list[data.Transaction]]:
    before: dict[tuple[str, str], list[data.Transaction]] = defaultdict(list)
    for entry in known:
        if not entry.meta.get(GAP):
            before[identity_of(entry)].append(entry)
    return before


def _is_copy(each: Coding, entry: data.Transaction) -> bool:
    if _content(entry) != each.content:
        return False
    return each.has_number or text_of(entry).split() == each.voucher.text.split()


def numbered(vouchers: list[Coding], used: Used, calendar: bool) -> list[tuple[str, Coding | date]]:
    """Return each voucher with its number in the ledger, and the days of the numbers that the file lacks.

    `used` is what the ledger has, and grows. `calendar`: whether the file's numbers may be kept, as those of a
    calendar year are.
    """
    groups: dict[tuple[str, int], list[Coding]] = defaultdict(list)
    for each in vouchers:
        groups[each.series, each.voucher.day.year].append(each)
    found: list[tuple[str, Coding | date]] = []
    for (series, year), group in groups.items():
        taken = used.setdefault((series, year), set())
        own = _own_numbers(group, taken) if calendar else None
        if own is not None:
            days = {number: each.voucher.day for number, each in own.items()}
            found += [(f"{series} {number}", day) for number, day in _gaps(days, taken)]
            taken.update(range(1, max(own) + 1))
            found += [(f"{series} {number}", each) for number, each in own.items()]
            continue
        last = max(taken, default=0)
        found += [(f"{series} {last + place}", each) for place, each in enumerate(group, start=1)]
        taken.update(range(last + 1, last + len(group) + 1))
    return found


def used_numbers(entries: Iterable[data.Directive]) -> Used:
    """Return the numbers of the ledger's vouchers."""
    used: Used = defaultdict(set)
    for entry in entries:
        if isinstance(entry, data.Transaction) and (match := VER.fullmatch(str(entry.meta.get("ver")))):
            used[match["series"], entry.date.year].add(int(match["number"]))
    return used


def transaction(ver: str, each: Coding, accounts: SieAccounts, event: str = "") -> data.Transaction:
    """Return the ledger's voucher for one of a file; `event` is what the mapping says has happened."""
    voucher = each.voucher
    payee, narration = payee_and_narration(voucher.text)
    meta: data.Meta = {"ver": ver}
    if (own := identity_text(voucher.series, voucher.number)) != ver:
        meta[SIE] = own
    if event:
        meta[EVENT] = event
    if voucher.registered:
        meta["registrerad"] = voucher.registered
    if voucher.sign:
        meta["sign"] = voucher.sign
    others = [accounts.others(row.objects) for row in voucher.rows]
    shared = _shared_project(others)
    if shared:
        meta[PROJECT_KEY] = shared
    postings = [
        _posting(account, row, objects, voucher.day, shared, accounts.currency)
        for account, row, objects in zip(each.accounts, voucher.rows, others, strict=True)
    ]
    # An invoice that a row names as this ledger names its own is one that payments can settle.
    invoices = (number for each in others for dimension, number in each if key_of(dimension) == INVOICE)
    links = frozenset(filter(INVOICE_LINK.fullmatch, invoices))
    flag = WAITS if each.like else "*"
    if each.like:
        meta[OBSERVE] = f"kan vara {each.like.meta.get('ver')} {each.like.date}, sänd igen"
    return data.Transaction(meta, voucher.day, flag, payee, narration, data.EMPTY_SET, links, postings)


def gap(ver: str, day: date) -> data.Transaction:
    """Return the voucher that accounts for a number that the file lacks."""
    meta: data.Meta = {"ver": ver, GAP: True}
    return data.Transaction(meta, day, "*", None, GAP_TEXT, data.EMPTY_SET, data.EMPTY_SET, [])


def _series_of(file_series: str, mapping: SieMapping, lacks: Lacks, amounts: Iterable[Decimal]) -> str | None:
    """Return the ledger's series for one of a file; None where that cannot be told, which is counted."""
    found = mapping.series.get(file_series)
    if found is None:
        legal = file_series if SERIES.fullmatch(file_series) else None
        found = legal if file_series else mapping.default_series or None
    if found is None and not file_series:
        lacks.add("sie", "default-series", phrase("vouchers without series"), 'default-series = "A"', amounts)
    elif found is None:
        what = phrase('series "{series}" is not of capital letters', series=file_series)
        letters = "".join(SERIES.findall(file_series.upper())) or "A"
        lacks.add("sie.series", file_series, what, f'{toml_text(file_series)} = "{letters}"', amounts)
    return found


def _posting(account: str, row: Row, objects: Objects, day: date, shared: str, currency: str) -> data.Posting:
    meta: data.Meta = {}
    if row.text:
        meta["text"] = row.text
    if row.day and row.day != day:
        meta["datum"] = row.day
    if row.quantity is not None:
        meta["kvantitet"] = row.quantity
    if row.sign:
        meta["sign"] = row.sign
    for dimension, number in objects:
        if not (shared and key_of(dimension) == PROJECT_KEY):
            meta[key_of(dimension)] = number
    return data.Posting(account, Amount(exact(row.amount), currency), None, None, None, meta)


def _shared_project(others: list[Objects]) -> str:
    """Return the project that all rows have, or nothing."""
    projects = {next((number for dimension, number in each if key_of(dimension) == PROJECT_KEY), "") for each in others}
    return projects.pop() if len(projects) == 1 else ""


def _own_numbers(group: list[Coding], taken: set[int]) -> dict[int, Coding] | None:
    """Return the vouchers of a series and year by the numbers that they have, when those may stand."""
    numbers: dict[int, Coding] = {}
    for each in group:
        text = each.voucher.number
        if not (text.isascii() and text.isdigit() and 0 < int(text[:10]) < 10**9) or len(text) > 9:
            return None
        if each.voucher.series != group[0].voucher.series or numbers.setdefault(int(text), each) is not each:
            return None
    missing = max(numbers) - len(taken | numbers.keys())
    if taken & numbers.keys() or missing > max(MOST_GAPS, len(numbers)):
        return None
    return dict(sorted(numbers.items()))


def _gaps(days: Mapping[int, date], taken: set[int]) -> Iterator[tuple[int, date]]:
    """Yield the numbers that are missing from 1 on, each with the day of the next that there is."""
    following = min(days.items())[1]
    gaps = []
    for number in range(max(days), 0, -1):
        if number in days:
            following = days[number]
        elif number not in taken:
            gaps.append((number, following))
    yield from reversed(gaps)


def _content(entry: data.Transaction) -> tuple[object, ...]:
    rows = (
        (posting.account, posting.units.number)
        for posting in entry.postings
        if isinstance(posting.units, Amount)
        and ((name := parse_account(posting.account)) is None or name.number != CLEARING_NUMBER)
    )
    return entry.date, *sorted(rows)


def _differs(each: Coding, entry: data.Transaction) -> Problem:
    voucher = each.voucher
    called = f"{voucher.series} {voucher.number}".strip()
    differing = set(each.content) ^ set(_content(entry))
    accounts = sorted({item[0] for item in differing if isinstance(item, tuple)})
    text = N_(
        "{voucher} is in the ledger ({place}) with other rows: {what}. "
        "Correct one of the two, so that they are the same voucher, or give it another number"
    )
    dated = phrase("it is dated {there} there, {here} here", there=entry.date, here=voucher.day)
    return Problem(voucher.line, phrase(text, voucher=called, place=where(entry), what=accounts or dated))
