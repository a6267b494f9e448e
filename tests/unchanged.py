"""What does not change of books that are tried in a thousand variants is completed with clearing, and read, once.

    with worked_out_once(entries, options):
        checked(swapped(entries, one, another), options, ("vat",))

Only the vouchers of a variant that are not those of the books go through the program; for the others stands what it
made of them before, since that depends on nothing else than the accounts. A variant with other accounts is new, and
one that has a voucher twice.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from beancount.core.data import Close, Directive, Open

from forbundsbok.plugins import books, federation
from forbundsbok.plugins.books import Books
from forbundsbok.plugins.clearing import Completed, complete_with_clearing
from forbundsbok.plugins.corrections import Row, rows_of


@contextmanager
def worked_out_once(entries: list[Directive], options: Any) -> Iterator[None]:
    """Complete and read the vouchers of sound books once for all their variants, as long as that lasts."""
    whole = complete_with_clearing(entries, options)
    assert not whole.incomplete
    known = {id(before): after for before, after in zip(entries, whole.entries, strict=True)}
    accounts = _accounts(entries)
    sound = Books(whole.entries, options)
    rows = {id(entry): sound.rows(entry) for entry in sound.vouchers}

    def completed(variant: list[Directive], given: Any) -> Completed:
        has_other_accounts = list(map(id, _accounts(variant))) != list(map(id, accounts))
        if given is not options or has_other_accounts or len(set(map(id, variant))) < len(variant):
            return complete_with_clearing(variant, given)
        new = [entry for entry in variant if id(entry) not in known or isinstance(entry, Open | Close)]
        made = complete_with_clearing(new, given)
        anew = dict(zip(map(id, new), made.entries, strict=True))
        return Completed([anew.get(id(entry)) or known[id(entry)] for entry in variant], made.incomplete)

    def read(entry: Any, currency: str) -> list[Row]:
        return list(rows[id(entry)]) if currency == sound.currency and id(entry) in rows else rows_of(entry, currency)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(federation, "complete_with_clearing", completed)
        patch.setattr(books, "rows_of", read)
        yield


def _accounts(entries: list[Directive]) -> list[Directive]:
    return [entry for entry in entries if isinstance(entry, Open | Close)]
