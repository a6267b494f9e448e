"""All the rules of a federation's books in one plugin, their errors sorted by file and line.

plugin "forbundsbok.federation"
"""

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from beancount.core import data

from forbundsbok.plugins import (
    accruals,
    acknowledgements,
    assets,
    attest,
    balanced_budget,
    budget,
    capitalisation,
    chart,
    closures,
    commitments,
    credit_notes,
    fees,
    flows,
    grants,
    imports,
    internal,
    internal_control,
    investment_grants,
    journal,
    labels,
    left_out,
    loans,
    locks,
    main_file,
    open_items,
    organisation,
    particulars,
    payment_files,
    payouts,
    payroll,
    plausibility,
    provisions,
    recurrence,
    rights,
    seal,
    surplus,
    templates,
    units,
    vat,
    vouchers,
    words,
)
from forbundsbok.plugins.acknowledgements import answered
from forbundsbok.plugins.books import Books
from forbundsbok.plugins.charges import awaiting_approval
from forbundsbok.plugins.clearing import complete_with_clearing
from forbundsbok.plugins.collector import collector_at_rest
from forbundsbok.plugins.findings import LATER, WARNINGS, Finding, RuleError, Untried, Warnings, error_of
from forbundsbok.plugins.places import place_of
from forbundsbok.plugins.rulebook import Telling, findings

__plugins__ = ("federation",)

MODULES: tuple[ModuleType, ...] = (
    organisation,
    units,
    chart,
    closures,
    labels,
    budget,
    fees,
    surplus,
    provisions,
    loans,
    commitments,
    balanced_budget,
    internal,
    vouchers,
    templates,
    words,
    imports,
    seal,
    journal,
    locks,
    main_file,
    left_out,
    rights,
    attest,
    internal_control,
    capitalisation,
    assets,
    flows,
    investment_grants,
    vat,
    open_items,
    credit_notes,
    payment_files,
    payouts,
    grants,
    plausibility,
    recurrence,
    accruals,
    particulars,
    payroll,
    acknowledgements,
)
"""The modules of rules, which enter them into the rulebook as they are imported; in the order of the catalogue."""


LARGE = 5_000
"""Directives from which on the garbage collector matters."""


def federation(entries: data.Directives, options_map: dict[str, Any]) -> tuple[data.Directives, list[Any]]:
    """Complete the vouchers with clearing, and report every broken rule.

    Beancount knows no warnings: they are left in the options, for whoever asks for them (plugins.loading). Who loads
    may let the errors wait too.

    Beancount answers later from what it keeps beside the main file (`.main.bean.picklecache`), as long as the `.bean`
    files that it read are as they were. The rules see more than these, and in a copy of the folder those are the
    files of the first one: what is kept is never answered from.
    """
    options_map["include"] = _ReadAnew(options_map.get("include", ()))
    with _collector_kept_off(entries):
        entries, incomplete = complete_with_clearing(_printable(entries), options_map)
        # The options that will hold the warnings, which hold the books, are not those that the books hold.
        books = Books(entries, dict(options_map), incomplete)
        telling = Telling(books)
        is_later = options_map.get(LATER, False)
        errors = [] if is_later else sorted(_told(telling.errors(), books), key=place_of)

    def found(findings: Callable[[], Iterable[Finding]]) -> list[RuleError]:
        with collector_at_rest():
            return sorted(_told(findings(), books), key=place_of)

    options_map[WARNINGS] = Warnings(lambda quiet: found(lambda: telling.warnings(quiet)), telling.quiet)
    return entries, [Untried(lambda: found(telling.errors))] if is_later else errors


class _ReadAnew(list[str]):
    """The files that were read, of which one more is kept: so they never are those that are there."""

    def __reduce__(self) -> tuple[type, tuple[list[str]]]:
        return list, ([*self, "read anew"],)


def _printable(entries: data.Directives) -> data.Directives:
    """Return directives that Beancount can print below an error: it stumbles over one whose values are None."""
    return [
        entry._replace(values=[]) if isinstance(entry, data.Custom) and entry.values is None else entry
        for entry in entries
    ]


def checked(
    entries: data.Directives, options_map: Mapping[str, Any], names: Iterable[str] = ()
) -> tuple[data.Directives, list[RuleError]]:
    """Complete the vouchers; return all with what the rules find, of some modules or codes only where any are named."""
    entries, incomplete = complete_with_clearing(entries, options_map)
    books = Books(entries, options_map, incomplete)
    return entries, list(_told(findings(books, names), books))


def _told(found: Iterable[Finding], books: Books) -> Iterator[RuleError]:
    """Yield findings as they are told: warnings with their answers, fixes as somebody is to approve them."""
    for each in found:
        yield error_of(awaiting_approval(answered(each, books) if each.warns else each, books))


@contextmanager
def _collector_kept_off(entries: data.Directives) -> Iterator[None]:
    """Keep Python's garbage collector off a large ledger's directives, while the rules run and afterwards.

    They are millions of objects without cycles, which reference counts free when the ledger goes. Walking them
    again and again would take as long as all the rules do.
    """
    if len(entries) < LARGE:
        yield
        return
    if gc.get_freeze_count():  # a ledger loaded before, as Fava does when a file changes
        gc.unfreeze()
        gc.collect()
    with collector_at_rest():
        yield
        gc.freeze()
