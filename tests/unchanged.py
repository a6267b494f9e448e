"""What does not change of books that are tried in a thousand variants is read, and completed with clearing, once.

    with worked_out_once(entries, options):
        checked(swapped(entries, one, another), options, ("vat",))

    with read_once(main), as_it_was(main.parent):
        file.write_text(text)
        load_ledger(main)

    with loaded_once(main):
        load_ledger(main)
        load_untried(main)

Only the vouchers of a variant that are not those of the books go through the program; for the others stands what it
made of them before, since that depends on nothing else than the accounts, and their digests on nothing else than
the folder. A variant with other accounts is new, and one that has a voucher twice. A file that has changed is read.
"""

import copy
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import cache
from itertools import compress, count, repeat
from operator import is_
from pathlib import Path
from typing import Any

import pytest
from beancount.core import data
from beancount.core.data import Close, Directive, Open
from beancount.ops import validation
from beancount.parser import booking

from forbundsbok.plugins import books, federation, loading, reading, sigill
from forbundsbok.plugins.books import Books
from forbundsbok.plugins.checksums import Item
from forbundsbok.plugins.clearing import Completed, complete_with_clearing
from forbundsbok.plugins.corrections import Row, rows_of
from forbundsbok.plugins.loading import UntriedLedger
from forbundsbok.plugins.reading import Before
from forbundsbok.plugins.sigill import item_of


@contextmanager
def worked_out_once(entries: list[Directive], options: Any) -> Iterator[None]:
    """Complete and read the vouchers of sound books once for all their variants, as long as that lasts."""
    whole = complete_with_clearing(entries, options)
    assert not whole.incomplete
    known = {id(before): after for before, after in zip(entries, whole.entries, strict=True)}
    accounts = _accounts(entries)
    account_ids = [id(entry) for entry in entries if isinstance(entry, Open | Close)]
    is_account = frozenset(account_ids).__contains__
    sound = Books(whole.entries, options)
    assert not validation.validate_check_transaction_balances(whole.entries, options)  # type: ignore[no-untyped-call]
    rows = {id(entry): sound.rows(entry) for entry in sound.vouchers}

    def completed(variant: list[Directive], given: Any) -> Completed:
        ids = list(map(id, variant))
        made: list[Any] = list(map(known.get, ids))
        new = list(compress(count(), map(is_, made, repeat(None))))
        has_new_accounts = any(isinstance(variant[at], Open | Close) for at in new)
        is_as_it_was = not has_new_accounts and list(filter(is_account, ids)) == account_ids
        has_other_accounts = not is_as_it_was and _accounts(variant) != accounts
        has_other_currency = given["operating_currency"] != options["operating_currency"]
        if has_other_currency or has_other_accounts or len(set(ids)) < len(ids):
            return complete_with_clearing(variant, given)
        places = sorted([*new, *compress(count(), map(is_account, ids))]) if new else []
        again = complete_with_clearing([variant[at] for at in places], given)
        for at, entry in zip(places, again.entries, strict=True):
            made[at] = made[at] or entry
        return Completed(made, again.incomplete)

    def read(entry: Any, currency: str) -> Sequence[Row]:
        return rows[id(entry)] if currency == sound.currency and id(entry) in rows else rows_of(entry, currency)

    def with_digest(entry: Directive, folder: str) -> Item:
        if id(entry) not in rows:
            return item_of(entry, folder)
        key = id(entry), folder
        if key not in digests:
            digests[key] = item_of(entry, folder)
        return digests[key]

    balances = validation.validate_check_transaction_balances

    def balanced(variant: list[Directive], given: Any) -> Any:
        has_other_tolerance = any(given[key] != options[key] for key in options if "tolerance" in key)
        new = [entry for entry in variant if has_other_tolerance or id(entry) not in rows]
        return balances(new, given)  # type: ignore[no-untyped-call]

    digests: dict[tuple[int, str], Item] = {}
    checks = [balanced if each is balances else each for each in validation.VALIDATIONS]
    assert balanced in checks
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(federation, "complete_with_clearing", completed)
        patch.setattr(books, "rows_of", read)
        patch.setattr(sigill, "item_of", with_digest)
        patch.setattr(validation, "VALIDATIONS", checks)
        yield


@contextmanager
def read_once(main: Path) -> Iterator[None]:
    """Read and work out the files of sound books once for all their variants, as long as that lasts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "_read_file", _once(reading._read_file))
        patch.setattr(booking, "book", _booked_once(booking.book))
        sound = reading.read_files(main)
        booked, errors = booking.book(sound.entries, sound.options)  # type: ignore[no-untyped-call]
        assert not [*sound.errors, *errors]
        with worked_out_once(booked, sound.options):
            yield


@contextmanager
def as_it_was(folder: Path) -> Iterator[None]:
    """Let the files of a folder be changed, and put them back."""
    kept = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    try:
        yield
    finally:
        for path in folder.rglob("*"):
            if path.is_file() and path not in kept:
                path.unlink()
        for path, content in kept.items():
            if not path.is_file() or path.read_bytes() != content:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)


@contextmanager
def loaded_once(main: Path) -> Iterator[None]:
    """Load books once, whoever asks for them, as long as that lasts: nobody changes them where they stand."""
    load, known = loading._untried, cache(loading._untried)

    def loaded(path: Path, *, is_later: bool, before: Before | None = None) -> UntriedLedger:
        if path != main or before:
            return load(path, is_later=is_later, before=before)
        ledger = known(path, is_later=is_later)
        return ledger._replace(entries=[*ledger.entries], found=[*ledger.found], options={**ledger.options})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loading, "_untried", loaded)
        yield


def _accounts(entries: list[Directive]) -> list[tuple[type, date, str]]:
    """Return what clearing asks of the accounts: when each is opened and closed."""
    return [(type(entry), entry.date, entry.account) for entry in entries if isinstance(entry, Open | Close)]


def _once(read: Callable[..., Any]) -> Callable[..., Any]:
    known: dict[str, tuple[bytes, Any]] = {}

    def remembered(content: bytes, name: str) -> tuple[Any, list[Any], list[Any], Any]:
        if name not in known:
            known[name] = (content, read(content, name))
        first, found = known[name]
        if first != content:
            found = read(content, name)
        builder, entries, errors, options = found
        return builder, list(entries), list(errors), copy.deepcopy(options)

    return remembered


def _booked_once(book: Callable[..., Any]) -> Callable[..., Any]:
    known: dict[int, tuple[Any, Any]] = {}  # by identity: a file that is as it was gives the same directives again

    def remembered(entries: list[Any], options: Any) -> tuple[list[Any], list[Any]]:
        kept = [known[id(entry)][1] for entry in entries if id(entry) in known]
        booked, errors = book([entry for entry in entries if id(entry) not in known], options)
        if not known and not errors:
            known.update((id(entry), (entry, after)) for entry, after in zip(entries, booked, strict=True))
        return sorted([*kept, *booked], key=data.entry_sortkey), errors

    return remembered
