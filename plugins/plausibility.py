"""Plausibility: what may be right and seldom is, so that a person looks at it.

    2025-03-12 * "Leverantör 012 El" "Elnät mars" ^L-2025-0031
      ver: "C 1"

All rules here warn; a warning is put right, or acknowledged (plugins.acknowledgements).
"""

from collections import defaultdict
from collections.abc import Iterator

from beancount.core import data

from forbundsbok.plugins.books import Books
from forbundsbok.plugins.findings import Finding, Subject
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.numbers import read_ver
from forbundsbok.plugins.places import place
from forbundsbok.plugins.rulebook import EVERY, rule

ESTABLISHED = 3
"""How many series books use before a new one is strange."""


@rule(
    "T101",
    title=N_("A voucher is of a series that the books use."),
    why=N_("A mistyped letter begins a series of its own with number 1, which no gap shows."),
    mend=N_("Write the right series and its next number, or acknowledge the first voucher of a new series."),
    sees=EVERY,
    warns=True,
)
def series_in_use(books: Books) -> Iterator[Finding]:
    # Books that have just begun use few series, and take each for the first time.
    by_year: dict[int, dict[str, list[data.Transaction]]] = defaultdict(lambda: defaultdict(list))
    for entry in books.vouchers:
        if ver := read_ver(entry):
            by_year[ver.year][ver.series].append(entry)
    used: set[str] = set()
    for year, own in sorted(by_year.items()):
        for series, entries in sorted(own.items()) if len(used) >= ESTABLISHED else ():
            if series not in used and len(entries) == 1:
                message = N_("{voucher} is the only one of series {series} in {year}, and none was used before.")
                values = {"voucher": entries[0], "series": series, "year": year}
                yield Finding(entries[0], Subject("voucher", place(entries[0])), message, values)
        used |= own.keys()
