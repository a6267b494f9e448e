"""Vouchers (verifikationer): their numbers, their fiscal years, and what corrects them.

Every transaction is a voucher, with a number that runs within its series and fiscal year:

    2024-01-24 * "Leverantör 017 IT" "Licenser kvartal 1"
      ver: "L 31"
      Expenses:NAV:6820-Licenser                 1000.00 SEK
      Liabilities:NAV:2510-Leverantörsskulder   -1000.00 SEK

Numbers are given as vouchers are registered, so their dates need not rise with them. A number that
was given and not used is accounted for by a voucher without rows. A correction names the number of
what it corrects, with the year when that is another one, and several with commas between:

    2024-02-05 * "Rättelse av felkonterad faktura"
      ver: "M 12"
      rattar: "L 31, L 405 2023"
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache, partial
from typing import Any, NamedTuple

from beancount.core import data

from forbundsbok.plugins.accounts import is_clearing, parse_account
from forbundsbok.plugins.books import Books
from forbundsbok.plugins.canonical import canonical
from forbundsbok.plugins.corrections import CORRECTS, Row, corrected_numbers
from forbundsbok.plugins.findings import Below, Finding, Message, Remove, Step, Subject, as_written
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.money import ZERO
from forbundsbok.plugins.months import same_day_in
from forbundsbok.plugins.numbers import VOID, FreeNumbers, Ver, gaps_in, read_ver
from forbundsbok.plugins.parties import same_party
from forbundsbok.plugins.places import place
from forbundsbok.plugins.review import WAITS, is_reviewed
from forbundsbok.plugins.rights import ATTEST, MOTTAGNING
from forbundsbok.plugins.roles import Role, Roles
from forbundsbok.plugins.rulebook import EVERY, Sees, rule
from forbundsbok.plugins.years import FiscalYears

CORRECTION_WORDS = ("Rättelse", "Rättning")
"""How the text of a voucher begins that says itself to be a correction."""

_NEARLY_NAMED = re.compile(r"\b([A-ZÅÄÖ]+)[\s.:-]*0*([1-9][0-9]{0,8})(?:\s+([12][0-9]{3}))?\b")
_NEARLY_VER = re.compile(r"\W*(?P<series>[A-ZÅÄÖ]*)\W*0*(?P<number>[1-9][0-9]{0,8})?\W*", re.ASCII)
"""What of a number can be told from one that is written in another way, as "l-031"."""

WHY_VOID = 2
"""How many words say at least why a number is void, beside that it is."""

_WORD = re.compile(r"[^\W\d_]{2,}")
_VOID_WORDS = ("makuler", "nummer", "numret", "verifikation")
"""How words begin that say that a number is void, and not why."""

Series = tuple[int, str]
"""A fiscal year and the letters of a series."""


class Stranger(NamedTuple):
    """A number that stands alone after a gap, while the same one is missing in another year or series."""

    entry: data.Transaction
    number: Ver
    missing: Ver


class Numbering:
    """Who bears each number, which vouchers bear a wrong one, and which numbers are missing.

    A voucher with a wrong number, or of a wrong year, leaves its right number missing. The two are one mistake: what
    may be the number of a voucher that has a finding is not missing, once for each.
    """

    def __init__(self, books: Books) -> None:
        self.bearers: dict[Ver, data.Transaction] = {}
        self.outside: dict[int, list[data.Transaction]] = defaultdict(list)
        self.twins: list[tuple[data.Transaction, data.Transaction]] = []
        self.instead: dict[int, Ver] = {}
        """The missing number that a voucher may have instead of its own, by its identity."""
        self._closed = books.written_boksluts
        self._in_place: dict[Series, set[int]] = defaultdict(set)
        unnumbered = []
        years = books.fiscal_years if books.vouchers else None
        for entry in books.vouchers:
            ver = read_ver(entry)
            first = self.bearers.setdefault(ver, entry) if ver else None
            if ver is None:
                unnumbered.append(entry)
            if years and not years.have(entry.date):
                self.outside[entry.date.year].append(entry)
            elif first is not None and first is not entry:
                self.twins.append((first, entry))
            elif ver is not None:
                self._in_place[ver.year, ver.series].add(ver.number)
        self.twins = [self._told_apart(*each, books) for each in self.twins]
        self.missing = {series: gaps for series, own in self._in_place.items() if (gaps := gaps_in(own))}
        self._account_for(entry for entries in self.outside.values() for entry in entries)
        self._account_for(entry for _, entry in self.twins)
        self.strangers = list(self._strangers())
        self.unnumbered = [(entry, self._meant(entry)) for entry in unnumbered]
        self.missing = {series: gaps for series, gaps in self.missing.items() if gaps}

    def _told_apart(
        self, first: data.Transaction, entry: data.Transaction, books: Books
    ) -> tuple[data.Transaction, data.Transaction]:
        """Return two vouchers of a number, the stranger last: it stands in a file with fewer others of its year."""
        of_year = books.once(_vouchers_by_file_and_year)
        if of_year[first.meta.get("filename"), first.date.year] >= of_year[entry.meta.get("filename"), entry.date.year]:
            return first, entry
        if ver := read_ver(entry):
            self.bearers[ver] = entry
        return entry, first

    def following(self, year: int) -> list[Ver]:
        """Return the number that each series of a year goes on with."""
        own = sorted(series for series, numbers in self._in_place.items() if numbers and series[0] == year)
        return [Ver(*series, max(self._in_place[series]) + 1) for series in own]

    def next_numbers(self, year: int) -> list[str]:
        """Return the next number of each series in a year, also of those that it has not begun."""
        letters = {series for of, series in self._in_place if of <= year}
        return [f"{each} {max(self._in_place.get((year, each), ()), default=0) + 1}" for each in sorted(letters)]

    def follower(self, year: int, series: str, gap: range) -> data.Transaction:
        """Return the voucher with the first number after a gap; between the two there may be one that is meant."""
        after = (Ver(year, series, number) for number in self._in_place[year, series] if number >= gap.stop)
        return self.bearers[min(ver for ver in after if ver in self.bearers)]

    def _account_for(self, entries: Iterable[data.Transaction]) -> None:
        """Take the numbers that vouchers may have instead: the same one elsewhere, or another one of their series."""
        for entry in entries:
            if ver := read_ver(entry):
                own = self.missing.get((ver.year, ver.series), [])
                in_series = (ver._replace(number=gap.start) for gap in own)
                if missing := self._take([*self._namesakes(ver), *in_series]):
                    self.instead[id(entry)] = missing

    def _namesakes(self, ver: Ver) -> list[Ver]:
        """Return the same number in other years and, of the same year, in other series."""
        others = sorted(self.missing)
        years = (ver._replace(year=year) for year, letters in others if letters == ver.series)
        series = (ver._replace(series=letters) for year, letters in others if year == ver.year)
        return [other for other in (*years, *series) if other != ver]

    def _strangers(self) -> Iterator[Stranger]:
        for series in list(self.missing):
            own = self._in_place[series]
            for gap in self.missing[series]:
                ver = Ver(*series, gap.stop)
                is_alone = ver.number in own and ver.number + 1 not in own
                if is_alone and (missing := self._take(self._namesakes(ver)) or self._next_before(ver)):
                    own.remove(ver.number)
                    self.missing[series] = gaps_in(own)
                    yield Stranger(self.bearers[ver], ver, missing)
        for series, own in self._in_place.items():
            # The only one of its series and year may be of the year where the same number is missing.
            if own == {1} and (missing := self._take([(ver := Ver(*series, 1))._replace(year=series[0] - 1)])):
                yield Stranger(self.bearers[ver], ver, missing)

    def _next_before(self, ver: Ver) -> Ver | None:
        """Return the same number in the year before, where that is open and its series goes on with it."""
        before = ver._replace(year=ver.year - 1)
        own = self._in_place.get((before.year, before.series))
        return before if own and max(own) + 1 == ver.number and before.year not in self._closed else None

    def _meant(self, entry: data.Transaction) -> Callable[[FreeNumbers], str] | None:
        """Return the number of a voucher without one that can be read, where there is but one that it may be."""
        year = entry.date.year
        missing = [(each, gap) for each in sorted(self.missing) if each[0] == year for gap in self.missing[each]]
        following = [((year, ver.series), range(ver.number, ver.number + 1)) for ver in self.following(year)]
        fitting = _fitting(entry, missing) or _fitting(entry, following)
        if len(fitting) == 1:
            [ver] = fitting
            if self._take(fitting):
                return lambda _: str(ver)
            self._in_place[year, ver.series].add(ver.number)
            return lambda numbers: numbers.free(ver.series, year)
        # Which one it is cannot be told, but it may be one that is missing.
        self._take(Ver(*series, gap.start) for series, gap in missing)
        return None

    def _take(self, numbers: Iterable[Ver]) -> Ver | None:
        """Take the first of some numbers that is missing, so that it is not missing any more."""
        for ver in numbers:
            gaps = self.missing.get((ver.year, ver.series), [])
            for index, gap in enumerate(gaps):
                if ver.number in gap:
                    parts = range(gap.start, ver.number), range(ver.number + 1, gap.stop)
                    gaps[index : index + 1] = [part for part in parts if part]
                    return ver
        return None


def _vouchers_by_file_and_year(books: Books) -> Counter[tuple[Any, int]]:
    return Counter((entry.meta.get("filename"), entry.date.year) for entry in books.vouchers)


def _fitting(entry: data.Transaction, gaps: Iterable[tuple[Series, range]]) -> list[Ver]:
    """Return the numbers of gaps that what is written as a voucher's number may mean, no more than two of each."""
    match = _NEARLY_VER.fullmatch(str(entry.meta.get("ver") or "").upper())
    if match is None:
        return []
    number = int(match["number"] or 0)
    return [
        Ver(*series, each)
        for series, gap in gaps
        if match["series"] in ("", series[1])
        for each in (gap[:2] if not number else [number] if number in gap else [])
    ]


# Numbers and years.


@rule(
    "V501",
    title=N_('Every voucher has a number: a series of capital letters and a number from 1, as "L 123".'),
    why=N_("LKBR 3 kap. and RKR R1: every posting is traced to its voucher by the number."),
    mend=N_("Write the number below the voucher's first line."),
    sees=EVERY,
)
def number_of_a_voucher(books: Books) -> Iterator[Finding]:
    numbering = books.once(Numbering)
    for entry, number in numbering.unnumbered:
        given = entry.meta.get("ver")
        message = N_('The number "{ver}" is not written as "L 123": a series, a space and a number.')
        if given is None:
            message = N_("This voucher has no number.")
        values: dict[str, Any] = {"ver": str(given)}
        proposal = partial(_numbered, entry, number) if number else None
        if proposal is None and (next_numbers := numbering.next_numbers(entry.date.year)):
            values = {"what": Message(message, values), "year": entry.date.year, "following": next_numbers}
            message = N_("{what} The series of {year} go on with {following}.")
            if likely := next((each for each in next_numbers if each.split()[0] == _likely_series(entry, books)), ""):
                values |= {"likely": likely}
                message = N_(
                    "{what} Most vouchers on the same accounts are of the series that goes on with {likely}. "
                    "The series of {year} go on with {following}."
                )
        yield Finding(entry, Subject("voucher", place(entry)), message, values, proposal=proposal)


def _likely_series(entry: data.Transaction, books: Books) -> str:
    """Return the series of most vouchers that move the same accounts, whatever unit's; none where none does."""
    moved = _account_numbers(entry)
    series = Counter(
        ver.series for each in books.vouchers if (ver := read_ver(each)) and _account_numbers(each) == moved
    )
    return series.most_common(1)[0][0] if series else ""


def _account_numbers(entry: data.Transaction) -> set[str]:
    names = (parse_account(row.account) for row in entry.postings if not is_clearing(row.account))
    return {name.number for name in names if name}


def misdated(entry: data.Directive) -> Subject:
    """Return what a finding is about that asks for the day that was meant."""
    return Subject("day", place(entry))


def _numbered(entry: data.Transaction, number: Callable[[FreeNumbers], str], numbers: FreeNumbers) -> list[Step]:
    return [Below(entry, {"ver": number(numbers)})]


@rule(
    "V502",
    title=N_("A number is borne by one voucher in its series and fiscal year."),
    why=N_("LKBR 3 kap. and RKR R1: a number that two vouchers bear identifies neither."),
    mend=N_("Give the one whose number is wrong its own, or remove it when it is the same voucher twice."),
    sees=EVERY,
)
def number_twice(books: Books) -> Iterator[Finding]:
    numbering = books.once(Numbering)
    for first, entry in numbering.twins:
        ver = read_ver(entry)
        fix: Sequence[Step] = ()
        if canonical(first, "") == canonical(entry, ""):
            if books.is_sealed(entry.date):
                continue  # L807 tells which of the two is a copy
            message = N_("{ver} of {year} stands twice, also at {other}.")
            fix = [Remove(entry)]
        else:
            message = N_("{ver} of {year} is borne by two vouchers, this one and that at {other}.")
        values = {"ver": str(ver), "year": entry.date.year, "other": place(first)}
        missing = None if fix else numbering.instead.get(id(entry))
        also = [misdated(entry)] if missing is not None and missing.year != entry.date.year else []
        told = _and_missing(message, values, missing, entry)
        yield Finding(entry, Subject("voucher", place(entry)), *told, fix=fix, also=also)


@rule(
    "V503",
    title=N_("In each series and fiscal year the numbers run from 1 without gap."),
    why=N_("RKR R1: only an unbroken series shows that no voucher has been taken away."),
    mend=N_("Write the missing voucher; account for a number that was never used by a voucher without rows."),
    after=["L806", "L808", "L823"],
    sees=EVERY,
)
def gap_in_series(books: Books) -> Iterator[Finding]:
    numbering = books.once(Numbering)
    for entry, ver, missing in numbering.strangers:
        message = N_("{ver} of {year} comes without {before}, while {missing} of {missing_year} is missing.")
        if missing.year != ver.year:
            message = N_(
                "{ver} of {year} comes without {before}, while {missing} of {missing_year} is missing. "
                "Did you mean {meant}?"
            )
        if missing in numbering.following(missing.year):
            message = N_(
                "{ver} of {year} comes without {before}, while the series of {missing_year} goes on with {missing}."
            )
        if ver.number == 1:
            message = N_("{ver} of {year} is the only one of its series, while {missing} of {missing_year} is missing.")
        values: dict[str, Any] = {"ver": str(ver), "year": ver.year, "before": str(ver._replace(number=ver.number - 1))}
        values |= {"missing": str(missing), "missing_year": missing.year}
        values["meant"] = same_day_in(missing.year, entry.date)
        yield Finding(entry, Subject("series", ver.series, ver.year), message, values)
    for (year, series), gaps in numbering.missing.items():
        message = N_(
            "Series {series} of {year} lacks {missing}. Write back what stood there, from a copy of the books, their "
            "history or the document. Only a number that was never used is accounted for by a voucher without rows, "
            "which says why and is approved:\n{text}"
        )
        values = {"series": series, "year": year, "missing": [_gap_label(series, gap) for gap in gaps]}
        # The number after the longest gap is the likeliest to be a wrong one.
        follower = numbering.follower(year, series, max(gaps, key=len))
        void = f'{follower.date} * "{VOID}: ..."\n  ver: "{series} {gaps[0].start}"\n  {ATTEST}: "..."'
        values["text"] = as_written(void)
        yield Finding(follower, Subject("series", series, year), message, values)


@rule(
    "V512",
    title=N_("A number that is void says why it was not used."),
    why=N_(
        "RKR R1: an unbroken series shows that no voucher has been taken away, and a number that is made void by two "
        "words hides one as well as a gap does. One that bears what only a purchase or an invoice has was used: its "
        "rows were taken away, and the money or the debt with them."
    ),
    mend=N_("Write back the voucher that stood there, or why the number was never used."),
    after=["V501", "V502", "V504"],
    sees=EVERY,
    warns=True,
)
def void_numbers(books: Books) -> Iterator[Finding]:
    silent: dict[int, list[data.Transaction]] = defaultdict(list)
    for entry in books.vouchers:
        if entry.postings or books.is_sealed(entry.date):
            continue
        if not _says_why_void(entry):
            silent[entry.date.year].append(entry)
        elif bears := [key for key in _OF_A_VOUCHER if entry.meta.get(key)] + [f"^{link}" for link in entry.links]:
            message = N_(
                "{voucher} is without rows, but was used: it bears {bears}. Write back its rows, and correct it by "
                "a voucher of its own (rattar)."
            )
            values: dict[str, Any] = {"voucher": entry, "bears": sorted(bears)}
            yield Finding(entry, Subject("voucher", place(entry)), message, values)
    for year, entries in silent.items():
        message = N_(
            "{vouchers} is without rows and does not say why the number was not used. Write back what stood there, "
            "from a copy of the books, their history or the document; or write why after {void} in the text."
        )
        plural = N_(
            "{vouchers} are without rows and do not say why the numbers were not used. Write back what stood there, "
            "from a copy of the books, their history or the document; or write why after {void} in each text."
        )
        also = [Subject("voucher", place(entry)) for entry in entries]
        values = {"vouchers": [str(entry.meta.get("ver")) for entry in entries], "void": VOID, "count": len(entries)}
        yield Finding(entries[0], Subject("void", str(year), year), message, values, plural, also=also)


_OF_A_VOUCHER = (MOTTAGNING, "forfallodag", "fakturanr", "motpart", "projekt", "syfte", "deltagare", CORRECTS)
"""The metadata that tells of a purchase, an invoice or a payment: a number that was never used has none of it."""


def _says_why_void(entry: data.Transaction) -> bool:
    """Tell whether the text of a voucher without rows says more than that its number is void."""
    said = " ".join(filter(None, (entry.payee, entry.narration))).casefold()
    words = [word for word in _WORD.findall(said) if not word.startswith(_VOID_WORDS)]
    return len(words) >= WHY_VOID


def _gap_label(series: str, gap: range) -> str | Message:
    if len(gap) == 1:
        return f"{series} {gap.start}"
    return Message(N_("{first} to {last}"), {"first": f"{series} {gap.start}", "last": f"{series} {gap.stop - 1}"})


@rule(
    "V504",
    title=N_("A voucher is dated in a fiscal year of the books, closed or open."),
    why=N_(
        "LKBR 1 kap. 5 §, the fiscal year is the calendar year; what is outside those of the books is in no statement."
    ),
    mend=N_("Write the date as it should be, or close the year before."),
    sees=EVERY,
)
def year_of_a_voucher(books: Books) -> Iterator[Finding]:
    numbering = books.once(Numbering)
    for year, entries in numbering.outside.items():
        message = N_(
            "{voucher} is dated {day}: did you mean {meant}? The books have {years}, and before them the opening "
            "balance {opening}."
        )
        if len(entries) > 1:
            message = N_(
                "{voucher} is dated {day}, and {others} more in {year}: did you mean {meant}? The books have {years}, "
                "and before them the opening balance {opening}."
            )
        values = {"voucher": entries[0], "day": entries[0].date, "year": year, "others": len(entries) - 1}
        values |= {"years": _years(books.fiscal_years), "opening": books.fiscal_years.opening}
        missing = numbering.instead.get(id(entries[0]))
        values["meant"] = same_day_in(_year_meant(entries[0], numbering, books), entries[0].date)
        vouchers = [each for entry in entries for each in (Subject("voucher", place(entry)), misdated(entry))]
        told = _and_missing(message, values, missing)
        yield Finding(entries[0], Subject("year", str(year), year), *told, also=vouchers)


def _year_meant(entry: data.Transaction, numbering: Numbering, books: Books) -> int:
    """Return the year that was meant by one that the books do not have.

    It lacks the voucher's number, or has come to it, or is the last one that anything is booked in.
    """
    ver, missing = read_ver(entry), numbering.instead.get(id(entry))
    if missing is not None:
        return missing.year
    years = books.fiscal_years
    own = (ver.series, ver.number) if ver else None
    following = [year for year in reversed(years.open) for each in numbering.following(year) if each[1:] == own]
    booked = [year for year in reversed(years.open) if numbering.following(year)]
    return next(iter([*following, *booked]), years.start)


def _and_missing(
    message: str, values: Mapping[str, Any], missing: Ver | None, entry: data.Transaction | None = None
) -> tuple[str, Mapping[str, Any]]:
    """Return a message and its values, with what is missing where a number may be that, and the day of that year."""
    if missing is None:
        return message, values
    what = {"what": Message(message, values), "missing": str(missing), "year": missing.year}
    if entry is not None and entry.date.year != missing.year:
        what["meant"] = same_day_in(missing.year, entry.date)
        return N_("{what} {missing} of {year} is missing: did you mean {meant}?"), what
    return N_("{what} {missing} of {year} is missing."), what


def _years(years: FiscalYears) -> Message:
    values = {"closed": sorted(years.closed), "open": list(years.open)}
    return Message(N_("{closed} closed, {open} open") if years.closed else N_("{open} open"), values)


# Corrections.


@rule(
    "V505",
    title=N_("A correction names the voucher that it corrects, which is in the books and not younger than it."),
    why=N_("RKR R1: one must be able to find the correction from what it corrects, and the other way round."),
    mend=N_("Write the number of the corrected voucher as rattar, with the year when it is of another one."),
    sees=EVERY,
)
def what_is_corrected(books: Books) -> Iterator[Finding]:
    for entry in books.vouchers:
        says_so = (entry.narration or "").startswith(CORRECTION_WORDS)
        if CORRECTS in entry.meta:
            if breach := _breach(entry, books):
                yield Finding(entry, Subject("voucher", place(entry)), *breach)
        elif says_so and is_reviewed(entry, books):
            paid = -sum((number for account, number in books.rows(entry) if books.roles.has(account, Role.MONEY)), ZERO)
            message = N_('{voucher} is a correction but does not say of what: write {key}: "L 123".')
            if paid > 0:
                message = N_(
                    '{voucher} pays {amount} kr out as a correction, and does not say of what: write {key}: "L 123", '
                    "or find out whom it is paid to and for what; then the text is to say that."
                )
            values = {"voucher": entry, "key": CORRECTS, "amount": paid}
            yield Finding(entry, Subject("voucher", place(entry)), message, values)


def _breach(entry: data.Transaction, books: Books) -> tuple[str, Mapping[str, Any]] | None:
    """Return what is wrong with the numbers that a correction names, with its values."""
    values = {"voucher": entry, "named": entry.meta[CORRECTS] or "", "day": entry.date}
    named = corrected_numbers(entry)
    if not named:
        if near := _nearly(str(values["named"]), entry, books):
            return N_('{voucher} corrects "{named}", which is no number. Is this meant?\n  {key}: "{near}"'), {
                **values,
                "near": near,
                "key": CORRECTS,
            }
        return N_('{voucher} corrects "{named}", which is no number as "L 31", or "L 31 2023" of another year.'), values
    for ver in named:
        corrected = books.once(Numbering).bearers.get(ver)
        values |= {"ver": str(ver), "year": ver.year, "corrected": corrected}
        if corrected is None:
            return N_("{voucher} corrects {ver} of {year}, which is not in the books."), values
        if corrected is entry:
            return N_("{voucher} corrects itself."), values
        if corrected.date > entry.date:
            values["later"] = corrected.date
            return N_("{voucher} of {day} corrects {corrected}, which is of {later}."), values
    return None


def _nearly(named: str, entry: data.Transaction, books: Books) -> str:
    """Return the numbers that are meant by some that are written otherwise ("l1", "U 1 och U 2"), if all are there."""
    if any(letter.isdigit() for letter in _NEARLY_NAMED.sub("", named.upper())):
        return ""
    written = ", ".join(" ".join(filter(None, parts)) for parts in _NEARLY_NAMED.findall(named.upper()))
    meant = corrected_numbers(entry._replace(meta={**entry.meta, CORRECTS: written}))
    return written if meant and all(ver in books.once(Numbering).bearers for ver in meant) else ""


@rule(
    "V506",
    title=N_("A correction changes an account that the voucher that it corrects has changed."),
    why=N_("What has no account in common corrects nothing of that voucher: another one must be meant."),
    mend=N_("Write the number of the voucher that is meant, or correct the account."),
    after=["V505"],
    sees=EVERY,
)
def account_in_common(books: Books) -> Iterator[Finding]:
    for entry in books.corrections:
        corrected = [books.once(Numbering).bearers.get(ver) for ver in corrected_numbers(entry)]
        strangers = [each for each in corrected if each and not _accounts(each, entry, books) & _own_accounts(entry)]
        if strangers:
            message = N_("{voucher} changes no account that {corrected} has changed.")
            values = {"voucher": entry, "corrected": strangers[0]}
            yield Finding(entry, Subject("voucher", place(entry)), message, values)


def _accounts(corrected: data.Transaction, correction: data.Transaction, books: Books) -> set[str]:
    """Return the accounts that a voucher has changed, and those that its other corrections have moved it to."""
    (booking,) = books.bookings([corrected])
    own = (corrected, *(entry for entry in booking.vouchers if entry is not correction))
    return {account for entry in own for account in _own_accounts(entry)}


def _own_accounts(entry: data.Transaction) -> set[str]:
    return {posting.account for posting in entry.postings if not is_clearing(posting.account)}


class Correcting(NamedTuple):
    """A correction, what it corrects, and what is booked by account before it: at first, and by earlier corrections."""

    entry: data.Transaction
    corrected: Sequence[data.Transaction]
    first: Mapping[str, Decimal]
    before: Mapping[str, Decimal]

    @property
    def subject(self) -> Subject:
        return Subject("voucher", place(self.entry))


def _correcting(books: Books) -> list[Correcting]:
    """Return the corrections that are reviewed here in a year that is open, in the order of their dates."""
    bearers = books.once(Numbering).bearers
    moved: dict[int, list[Row]] = defaultdict(list)
    found = []
    for entry in books.corrections:
        corrected = {id(each): each for ver in corrected_numbers(entry) if (each := bearers.get(ver)) is not None}
        if corrected and not books.is_sealed(entry.date) and is_reviewed(entry, books):
            first = _sums(row for each in corrected.values() for row in books.rows(each))
            earlier = {row: None for identity in corrected for row in moved[identity]}
            before = _sums([*first.items(), *earlier])
            found.append(Correcting(entry, list(corrected.values()), first, before))
        for identity in corrected:
            moved[identity] += books.rows(entry)
    return found


def _sums(rows: Iterable[Row]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for account, number in rows:
        sums[account] += number
    return dict(sums)


@rule(
    "V509",
    title=N_("A correction takes no more off an account than is booked there."),
    why=N_(
        "What is left of the voucher and its corrections is what was meant from the beginning. More is another thing, "
        "which hides behind the approval and the document of the first."
    ),
    mend=N_("Write what is corrected in the correction, and the rest in a voucher of its own with its document."),
    after=["V505", "V506", "T151"],
    sees=EVERY,
    warns=True,
)
def no_more_than_booked(books: Books) -> Iterator[Finding]:
    for each in books.once(_correcting):
        moved = _sums(books.rows(each.entry))
        if all(each.before[account] + moved.get(account, ZERO) == -first for account, first in each.first.items()):
            continue  # all of it had the wrong sign
        for account, number in moved.items():
            first, before = each.first.get(account, ZERO), each.before.get(account, ZERO)
            if number * first < 0 and (before + number) * first < 0:
                message = N_(
                    "{voucher} takes {amount} kr off {account}, where {booked} kr is left of {corrected}: "
                    "{more} kr of it corrects nothing."
                )
                left = abs(before) if before * first > 0 else ZERO
                values = {
                    "voucher": each.entry,
                    "amount": abs(number),
                    "account": account,
                    "booked": left,
                    "corrected": list(each.corrected),
                    "more": abs(number) - left,
                }
                yield Finding(each.entry, each.subject, message, values)
                break


_CLAIMS, _DEBTS = (Role.CUSTOMERS, Role.OTHER_CLAIMS), (Role.SUPPLIERS, Role.OTHER_DEBTS)
_NEITHER = (Role.MONEY, Role.TAX_ACCOUNT, Role.INPUT_VAT, Role.PAYROLL_DEBTS)


@cache
def _own_role(account: str, roles: Roles) -> Role | None:
    """Return what kind of money, claim or debt an account is of, None of another one."""
    if roles.has(account, Role.MONEY):
        return Role.MONEY
    if roles.has(account, *_NEITHER):
        return None
    return next((role for role in (*_CLAIMS, *_DEBTS) if roles.has(account, role)), None)


@rule(
    "V510",
    title=N_("A correction pays nothing, and makes no claim and no debt that what it corrects did not have."),
    why=N_(
        "A cost that becomes a claim disappears from the result, and money that leaves by a correction leaves without "
        "an invoice. A warning, since a payment may have been booked as something else."
    ),
    mend=N_("Book the payment, the claim or the debt in a voucher of its own, or acknowledge what it was."),
    after=["V505", "V506", "V509"],
    sees=EVERY,
    warns=True,
)
def nothing_in_passing(books: Books) -> Iterator[Finding]:
    for each in books.once(_correcting):
        had = {_own_role(account, books.roles) for account in (*each.first, *each.before)}
        moved: dict[Role, list[Row]] = defaultdict(list)
        for account, number in books.rows(each.entry):
            if (role := _own_role(account, books.roles)) and role not in had:
                moved[role].append((account, number))
        for role, rows in moved.items():
            number = sum((number for _, number in rows), ZERO)
            # What lowers a claim or a debt settles it, and is followed there. Of pay too much has been paid.
            if role is not Role.MONEY and any(books.roles.has(account, Role.PAY) for account in each.first):
                continue
            if number and (role is Role.MONEY or (number > 0) == (role in _CLAIMS)):
                message = N_("{voucher} corrects {corrected}, and moves {amount} kr to {account} in passing.")
                if number < 0:
                    message = N_("{voucher} corrects {corrected}, and takes {amount} kr from {account} in passing.")
                values = {
                    "voucher": each.entry,
                    "corrected": list(each.corrected),
                    "amount": abs(number),
                    "account": rows[0][0],
                }
                yield Finding(each.entry, each.subject, message, values)
                break


@rule(
    "V511",
    title=N_("A correction is with the party that the corrected voucher is with."),
    why=N_("A debt or a claim that a correction gives another name goes to another account than the invoice says."),
    mend=N_("Correct the whole voucher, and book the right one with its own document; or write the party as it was."),
    after=["V505", "V506", "V510"],
    sees=EVERY,
    warns=True,
)
def same_party_as_corrected(books: Books) -> Iterator[Finding]:
    for each in books.once(_correcting):
        parties = [entry.payee for entry in each.corrected if entry.payee]
        payee = each.entry.payee
        if not payee or len(parties) < len(each.corrected) or any(same_party(payee, party) for party in parties):
            continue
        if any(_own_role(account, books.roles) for account, _ in books.rows(each.entry)):
            message = N_("{voucher} with {payee} corrects {corrected}, which is with {party}.")
            values = {"voucher": each.entry, "payee": payee, "corrected": list(each.corrected), "party": parties[0]}
            yield Finding(each.entry, each.subject, message, values)


_RESULT = (Role.INCOME, Role.COSTS)
_OF_THE_BALANCE = (*_CLAIMS, *_DEBTS, Role.ACCRUED, Role.PREPAID)


@rule(
    "V513",
    title=N_("A correction leaves in the result what is there, unless the balance had a part in the voucher."),
    why=N_(
        "A cost that becomes prepaid, an income that becomes a debt, or a debt that becomes income changes the result, "
        "and has no document but the first one's. A warning, since it may have been booked in the wrong time."
    ),
    mend=N_("Book it as what it is, with its own document, or acknowledge why the result was wrong."),
    after=["V505", "V506", "V509", "V510", "V511", "T151"],
    sees=EVERY,
    warns=True,
)
def between_result_and_balance(books: Books) -> Iterator[Finding]:
    for each in books.once(_correcting):
        rows = books.rows(each.entry)
        result = sum((number for account, number in rows if books.roles.has(account, *_RESULT)), ZERO)
        kept = next((row for row in rows if books.roles.has(row[0], *_OF_THE_BALANCE)), None)
        new = [row for row in rows if row[0] not in each.before]
        strange = [row for row in new if books.roles.has(row[0], Role.ACCRUED, Role.PREPAID, *_RESULT)]
        if abs(result) >= 1 and kept and strange:
            message = N_(
                "{voucher} corrects {corrected}, and moves {amount} kr between the result and {kept}; {new} had no "
                "part in what it corrects."
            )
            values = {
                "voucher": each.entry,
                "corrected": list(each.corrected),
                "amount": abs(result),
                "kept": kept[0],
                "new": strange[0][0],
            }
            yield Finding(each.entry, each.subject, message, values)


# Pads, and what waits.


@rule(
    "V507",
    title=N_("Nothing is booked by pad: what a balance lacks is a voucher."),
    why=N_("LKBR 3 kap.: Beancount would book the difference without voucher, number and approval."),
    mend=N_("Remove the pad, see what the balance assertion lacks, and write a voucher that says why."),
)
def pad(books: Books) -> Iterator[Finding]:
    for entry in books.collected.pads:
        message = N_(
            "Pad would book on {account} without a voucher. Remove it, and write a voucher against {source} for what "
            "the next balance assertion lacks."
        )
        values = {"account": entry.account, "source": entry.source_account}
        yield Finding(entry, Subject("account", entry.account), message, values)


@rule(
    "V508",
    title=N_("A closed year has no voucher that waits."),
    why=N_(
        "The flag ! says that somebody is still to approve the voucher, or to find out what it is; LKBR 3 kap.: the "
        "annual accounts are made of what has been."
    ),
    mend=N_("Approve the voucher, or book what it was, and write * for !."),
    sees=Sees(flags=WAITS),
)
def waiting(books: Books) -> Iterator[Finding]:
    for entry in books.vouchers if books.boksluts else ():
        if entry.flag == WAITS and (bokslut := books.boksluts.get(entry.date.year)):
            message = N_(
                "{voucher} waits (flag {flag}) while {year} is closed ({bokslut}). When it is approved, and its rows "
                "are right, write * for {flag}."
            )
            values = {"voucher": entry, "flag": WAITS, "year": entry.date.year, "bokslut": bokslut}
            yield Finding(entry, Subject("voucher", place(entry)), message, values)
