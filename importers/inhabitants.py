"""Inhabitants pinned for a year's fees: those of the payers in a document of SCB, with its day and its digest.

pinned_inhabitants(document, payers, 2025)
2025-01-01 custom "invanare" 2024-12-31
antal: "1490 9731, 1491 12336"
underlag: "underlag/2025/invanare-2024-12-31.json"
sha256: "0c1f..."
"""

from collections.abc import Iterable

from beancount.core import data

from forbundsbok.importers.document import Document
from forbundsbok.importers.formats.scb import day_of, periods_of, read_inhabitants
from forbundsbok.importers.problems import Problem, refused, refused_whole
from forbundsbok.plugins.documents import KEY
from forbundsbok.plugins.fees import INHABITANTS, FeePayer
from forbundsbok.plugins.findings import phrase
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.ledger_text import custom_of
from forbundsbok.plugins.years import first_day_of_year

OLDEST = 2
"""How many years before that of the fees the inhabitants may be of."""


def pinned_inhabitants(document: Document, payers: Iterable[FeePayer], year: int, period: str = "") -> data.Custom:
    """Return the directive of the inhabitants of a year's fees, of the period that is meant if there are several.

    Raises DocumentError, OSError.
    """
    counts = document.records(read_inhabitants)
    periods = list(periods_of(counts))
    if period and period not in periods:
        text = N_("it has nothing of {period}, but of {periods}")
        raise refused_whole(document, phrase(text, period=period, periods=", ".join(periods)))
    if not period and len(periods) > 1:
        text = N_("it is of several periods, {periods}: say which is meant by   --period {period}")
        raise refused_whole(document, phrase(text, periods=", ".join(periods), period=periods[-1]))
    chosen = period or periods[0]
    day = day_of(chosen)
    if not year - OLDEST <= day.year <= year:
        text = N_("it is of {day}: the fees of {year} are reckoned by inhabitants of {first} to {year}")
        raise refused_whole(document, phrase(text, day=day, year=year, first=year - OLDEST))
    members = [payer for payer in payers if payer.code]
    if not members:
        text = N_("no payer has a kommunkod yet: declare them by avgiftsbetalare first")
        raise refused_whole(document, phrase(text))
    problems = [
        Problem(0, phrase(N_("it lacks {payer}, with kommunkod {code}"), payer=payer.full_name, code=payer.code))
        for payer in members
        if not counts[chosen].get(payer.code)
    ]
    if problems:
        raise refused(str(document), problems)
    codes = dict.fromkeys(payer.code for payer in members)
    suffix = document.suffix.lower() or ".csv"
    meta = {
        "antal": ", ".join(f"{code} {counts[chosen][code]}" for code in codes),
        KEY: f"{KEY}/{year}/invanare-{day}{suffix}",
        "sha256": document.sha256,
    }
    return custom_of(INHABITANTS.type, first_day_of_year(year), [day], meta)
