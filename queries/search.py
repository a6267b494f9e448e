"""The vouchers in which all that is looked for stands: words, numbers, amounts.

    vouchers_with(entries, read_terms(["hyra", "6020", "38 462,50"]))

A word is found in a voucher's number, party, text, links, account names and metadata (its document's name is one),
whatever capitals it is written with. A number is found in them as a whole number, as the beginning of an account's
number, and as the amount of a row, whatever its sign. `1000..2000` is an amount between the two, also an open end.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from beancount.core import data

from forbundsbok.plugins.accounts import parse_account, unit_of
from forbundsbok.plugins.clearing import without_clearing
from forbundsbok.plugins.documents import KEY
from forbundsbok.plugins.findings import phrase
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.numbers import VER, read_ver
from forbundsbok.plugins.parties import folded
from forbundsbok.plugins.refusal import RefusalError

Test = Callable[["FoundVoucher"], bool]

_NUMBER = r"\d[\d   ]*(?:[.,]\d{1,2})?"
_AMOUNT = re.compile(rf"[-+−]?({_NUMBER})(?:\s*(?:kr|sek))?", re.IGNORECASE)
_WORD = re.compile(
    r'"([^"]*)"'
    r"|([A-ZÅÄÖ]{1,3} [1-9]\d{0,8}(?!\S)"  # L 17
    r"|[1-9]\d{0,2}(?:[   ]\d{3})+(?:[.,]\d{1,2})?(?!\S)"  # 38 462,50
    r"|[^\s\"]+)"
)
_RANGE = re.compile(rf"({_NUMBER})?\.\.({_NUMBER})?")


class TermError(RefusalError):
    """What is looked for and can stand nowhere; the text says why."""


@dataclass(frozen=True)
class FoundVoucher:
    """A voucher with what an accountant wrote in it: no rows of clearing, which are computed."""

    entry: data.Transaction

    @property
    def number(self) -> str:
        """Its number, as it is written; empty where it has none."""
        return str(self.entry.meta.get("ver") or "")

    @property
    def document(self) -> str:
        """The document that it names, empty where it names none."""
        return str(self.entry.meta.get(KEY) or "")

    @property
    def rows(self) -> Sequence[data.Posting]:
        return self.entry.postings

    @property
    def amounts(self) -> set[Decimal]:
        """The amounts of its rows in kronor, without signs."""
        return {abs(row.units.number) for row in self.rows if row.units and row.units.number is not None}

    @property
    def texts(self) -> Iterator[str]:
        """Whatever stands in it that is no amount."""
        entry = self.entry
        yield from (entry.payee or "", entry.narration or "", *sorted(entry.links), *sorted(entry.tags))
        for meta in (entry.meta, *(row.meta or {} for row in self.rows)):
            for key, value in meta.items():
                if key not in ("filename", "lineno") and not key.startswith("__"):
                    yield str(value)
        yield from (row.account for row in self.rows)


def vouchers_with(
    entries: Iterable[data.Directive],
    terms: Iterable[Test],
    first: date = date.min,
    last: date = date.max,
    unit: str = "",
) -> list[FoundVoucher]:
    """Return the vouchers that hold every term, by date and number; of a unit, those with a row of its own."""
    terms = list(terms)
    found = []
    for entry in entries:
        if isinstance(entry, data.Transaction) and first <= entry.date <= last:
            voucher = FoundVoucher(without_clearing(entry))
            if unit and not any(unit_of(row.account) == unit for row in voucher.rows):
                continue
            if all(term(voucher) for term in terms):
                found.append(voucher)
    return sorted(found, key=lambda voucher: (voucher.entry.date, read_ver(voucher.entry) or (0, "", 0)))


def words_of(written: str) -> list[str]:
    """Return the words of a line: a number, an amount or what stands within quotation marks is one."""
    return [quoted or word for quoted, word in _WORD.findall(written)]


def read_terms(words: Iterable[str]) -> list[Test]:
    """Return what each word asks of a voucher. Raises TermError."""
    return [_term(word.strip()) for word in words if word.strip()]


def _term(word: str) -> Test:
    if (between := _RANGE.fullmatch(word)) and any(between.groups()):
        lowest, highest = (_kronor(each) if each else None for each in between.groups())
        if lowest is not None and highest is not None and lowest > highest:
            turned = f"{between[2]}..{between[1]}"
            text = N_("{word} begins above where it ends, so that no amount is between: is {turned} meant?")
            raise TermError(str(phrase(text, word=word, turned=turned)))
        return lambda voucher: any(
            (lowest is None or amount >= lowest) and (highest is None or amount <= highest)
            for amount in voucher.amounts
        )
    if VER.fullmatch(word.upper()):
        return lambda voucher: _has_whole(word, voucher)
    if written := _AMOUNT.fullmatch(word):
        amount = _kronor(written[1])
        return lambda voucher: amount in voucher.amounts or _begins_account(word, voucher) or _has_whole(word, voucher)
    return lambda voucher: _has_text(word, voucher)


def _kronor(written: str) -> Decimal:
    return Decimal(re.sub(r"\s", "", written).replace(",", "."))


def _has_text(word: str, voucher: FoundVoucher) -> bool:
    looked_for = folded(word)
    return any(looked_for in folded(text) for text in (voucher.entry.date.isoformat(), *voucher.texts))


def _has_whole(word: str, voucher: FoundVoucher) -> bool:
    """Tell whether a text has a number with no digit or letter before or after it: L 17 is not found in L 170."""
    whole = re.compile(rf"(?<!\w){re.escape(folded(word))}(?!\w)")
    return any(whole.search(folded(text)) for text in voucher.texts)


def _begins_account(word: str, voucher: FoundVoucher) -> bool:
    names = (parse_account(row.account) for row in voucher.rows)
    return word.isdecimal() and any(name is not None and name.number.startswith(word) for name in names)
