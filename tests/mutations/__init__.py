"""Mutants of the real ledger: one thing changed at random in what a module's rules govern.

A module here, named as the module of rules that it tries, has `mutants(entries, random)`, which yields them. What
several of them do to a directive, a posting or the whole ledger stands here:

    mutated = entry._replace(postings=[plus(first, some_amount(random)), second])
    yield Mutant("an amount changed", swapped(entries, entry, mutated), "V50[23]", place_of(entry))
"""

from bisect import insort
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from random import Random
from typing import Any, NamedTuple

from beancount.core.data import Custom, Directive, Posting, Transaction, entry_sortkey


class Mutant(NamedTuple):
    """A ledger with one change that a module must find.

    `codes` is a regular expression of the codes of which one must be reported, `about` a text that its
    message must hold, or the `file:line` that it must point at.
    """

    what: str
    entries: list[Directive]
    codes: str
    about: str


Change = Callable[[Random, Any], tuple[str, list[Directive], str, str]]
"""Changes a directive: what is changed, what stands in its place, the codes to report, and what the error must name."""


def changed(
    entries: list[Directive], random: Random, sorts: Iterable[tuple[Sequence[Any], Change]], each: int
) -> Iterator[Mutant]:
    """Yield so many mutants of each sort: some directives, and a change of one of them."""
    for governed, change in sorts:
        for _ in range(each):
            entry = random.choice(governed)
            what, instead, codes, about = change(random, entry)
            yield Mutant(f"{what}: {place_of(entry)}", swapped(entries, entry, *instead), codes, about)


def place_of(blamed: Any) -> str:
    """Return the `file:line` of a directive or a posting."""
    return f"{blamed.meta['filename'].rsplit('/', 1)[-1]}:{blamed.meta['lineno']}"


# Ledgers


def swapped(entries: list[Directive], old: Directive, *new: Directive) -> list[Directive]:
    """Return the entries with others where one stood, or with none. Raises ValueError where it does not stand there."""
    at = _place_in(entries, old)
    return [*entries[:at], *new, *entries[at + 1 :]]


_PLACES: dict[int, int] = {}
"""Where directives stood in a list that one was looked for in: in its variants they stand there still, or nearly."""

NEAR = 24
"""How far away one is looked for before the whole list is."""


def _place_in(entries: list[Directive], old: Directive) -> int:
    stood = _PLACES.get(id(old), 0)
    near = range(max(stood - NEAR, 0), min(stood + NEAR, len(entries)))
    at = next((at for at in near if entries[at] is old), None)
    if at is None:
        at = list(map(id, entries)).index(id(old))
        _PLACES.update({id(entry): at for at, entry in enumerate(entries)})
    return at


def rebooked(entries: list[Directive], old: Directive, *new: Directive) -> list[Directive]:
    """Return the entries with others instead of one, each where its date puts it."""
    mutated = swapped(entries, old)
    for entry in new:
        insort(mutated, entry, key=entry_sortkey)
    return mutated


# Directives


def with_meta(entry: Any, **meta: object) -> Any:
    """Return a directive with some of its metadata set."""
    return entry._replace(meta={**entry.meta, **meta})


def without_meta(entry: Any, *keys: str) -> Any:
    """Return a directive without some of its metadata."""
    return entry._replace(meta={key: value for key, value in entry.meta.items() if key not in keys})


def with_row(entry: Transaction, index: int, *rows: Posting) -> Transaction:
    """Return a voucher with others where one of its rows stood, or with none."""
    return entry._replace(postings=[*entry.postings[:index], *rows, *entry.postings[index + 1 :]])


# Postings


def number_of(row: Posting) -> Decimal:
    """Return the number of a posting that has one."""
    assert row.units
    assert row.units.number is not None
    return row.units.number


def with_number(row: Posting, number: Decimal) -> Posting:
    """Return a posting of another number, in the same currency."""
    assert row.units
    return row._replace(units=row.units._replace(number=number))


def plus(row: Posting, more: Decimal) -> Posting:
    """Return a posting of a larger number."""
    return with_number(row, number_of(row) + more)


def some_amount(random: Random) -> Decimal:
    """Return an öre, some öre or many kronor, up or down."""
    sign = random.choice((1, -1))
    return sign * Decimal(random.choice((1, random.randint(2, 99), random.randint(100, 5000000)))) / 100


# Supplier invoices, and what is decided of them


def values_of(entry: Custom) -> list[Any]:
    """Return the values of a directive of ours."""
    return [each.value for each in entry.values]


def row_on(entry: Transaction, part: str) -> Posting | None:
    """Return the first posting on an account that has a part in its name."""
    return next((posting for posting in entry.postings if part in posting.account), None)


def bought_row(entry: Transaction) -> Posting:
    """Return the posting of what is bought, which stands first."""
    return entry.postings[0] if ":2510-" not in entry.postings[0].account else entry.postings[1]


def unit_of(entry: Transaction) -> str:
    return bought_row(entry).account.split(":")[1]


def cost_of(entry: Transaction) -> Decimal:
    return number_of(bought_row(entry))


def owed_by(entry: Transaction) -> Decimal:
    return abs(sum((number_of(posting) for posting in entry.postings if ":2510-" in posting.account), Decimal(0)))


def scaled(entry: Transaction, owed: Decimal) -> Transaction:
    """Return an invoice of another amount, in the same proportions."""
    factor, postings = owed / owed_by(entry), []
    for posting in entry.postings:
        number = (number_of(posting) * factor).quantize(Decimal("0.01"))
        if ":2510-" in posting.account:
            number = owed if number_of(posting) > 0 else -owed
        postings.append(with_number(posting, number))
    return entry._replace(postings=postings)


def in_account(entry: Transaction, account: str) -> Transaction:
    bought = bought_row(entry)
    return entry._replace(
        postings=[each._replace(account=account) if each is bought else each for each in entry.postings]
    )


# Warnings, and what clerks do


def unsealed(entries: list[Directive]) -> list[Directive]:
    """Return the entries of books that nobody has examined: of sealed years no rule warns."""
    return [entry for entry in entries if not isinstance(entry, Custom) or entry.type != "bokslut"]


def with_open_last_year(entries: list[Directive]) -> list[Directive]:
    """Return the entries of books whose last year is open, and the one before complete and not sealed."""
    opened: list[Directive] = []
    for entry in entries:
        if not isinstance(entry, Custom) or entry.type not in ("bokslut", "sigilljournal"):
            opened.append(entry)
        elif entry.type == "bokslut" and entry.date.year == 2023:
            opened.append(without_meta(entry, *(key for key in entry.meta if key.startswith("sigill"))))
    return opened


def turned(entry: Transaction) -> Transaction:
    """Return a voucher with all signs reversed."""
    return entry._replace(postings=[with_number(row, -number_of(row)) for row in entry.postings])


def slipped(number: Decimal) -> Decimal | None:
    """Return a number with its first two neighbouring digits that differ changed about, None where none differ."""
    text = f"{number:.2f}"
    places = [i for i in range(len(text) - 4) if text[i].isdigit() and text[i] != text[i + 1]]
    at = next((i for i in places if text[i + 1] != "0" or i > text.startswith("-")), None)
    return Decimal(text[:at] + text[at + 1] + text[at] + text[at + 2 :]) if at is not None else None
