"""Open items come to what their accounts say, on any day; a listing that does not is never shown."""

from datetime import date
from decimal import Decimal

import pytest
from beancount.core import data

from forbundsbok.plugins.accounts import unit_of
from forbundsbok.plugins.loading import LoadedLedger
from forbundsbok.plugins.roles import Role
from forbundsbok.queries.general_ledger import GeneralLedger
from forbundsbok.queries.open_items import ItemsAt, open_at, total_of
from forbundsbok.queries.proofs import StatementError

ACCOUNTS = {Role.CUSTOMERS: ":1510-", Role.SUPPLIERS: ":2510-"}
DAYS = [date(2022, 12, 31), date(2023, 1, 20), date(2023, 12, 31), date(2024, 6, 15), date(2024, 12, 31)]


@pytest.fixture(scope="module")
def general_ledger(sjuharad_ledger: GeneralLedger) -> GeneralLedger:
    return sjuharad_ledger


@pytest.fixture(scope="module", params=DAYS, ids=str)
def items(request: pytest.FixtureRequest, sjuharad_loaded: LoadedLedger, general_ledger: GeneralLedger) -> ItemsAt:
    """What is open at the end of a day."""
    return ItemsAt.on(sjuharad_loaded.entries, general_ledger, request.param)


@pytest.mark.parametrize("role", ACCOUNTS)
def test_what_is_open_is_the_balance_of_every_unit(sjuharad_loaded: LoadedLedger, items: ItemsAt, role: Role) -> None:
    balances: dict[str, Decimal] = {}
    for entry in sjuharad_loaded.entries:
        if isinstance(entry, data.Transaction) and entry.date <= items.day:
            for row in entry.postings:
                if ACCOUNTS[role] in row.account and row.units and row.units.number:
                    unit = unit_of(row.account)
                    balances[unit] = balances.get(unit, Decimal(0)) + row.units.number
    sign = 1 if role is Role.CUSTOMERS else -1
    listing = items.of(role)
    by_unit = {unit: is_open for unit, (is_open, _) in listing.by_unit().items()}
    assert by_unit == {unit: sign * number for unit, number in balances.items() if number}
    assert listing.total == sign * sum(balances.values())
    assert any(by_unit.values())
    for unit, is_open in by_unit.items():
        assert items.of(role, unit).total == is_open


def test_an_opening_balance_is_without_link_until_it_is_paid(
    sjuharad_loaded: LoadedLedger, general_ledger: GeneralLedger
) -> None:
    first, last = (open_at(sjuharad_loaded.entries, general_ledger, Role.SUPPLIERS, day) for day in (DAYS[0], DAYS[-1]))
    assert not first.lines
    assert total_of(first.loose) == first.total > 0
    assert last.lines
    assert not last.loose


@pytest.mark.parametrize("role", ACCOUNTS)
def test_a_listing_that_is_not_the_balance_is_never_shown(
    sjuharad_loaded: LoadedLedger, general_ledger: GeneralLedger, role: Role
) -> None:
    entries = list(sjuharad_loaded.entries)
    lost = next(
        entry
        for entry in entries
        if isinstance(entry, data.Transaction)
        and entry.links
        and any(ACCOUNTS[role] in row.account for row in entry.postings)
    )
    entries.remove(lost)
    account = next(row.account for row in lost.postings if ACCOUNTS[role] in row.account)
    with pytest.raises(StatementError, match=f"öppna poster på {account}"):
        open_at(entries, general_ledger, role, DAYS[-1])


def test_what_is_open_day_after_day_is_what_is_open_on_each(
    sjuharad_loaded: LoadedLedger, general_ledger: GeneralLedger
) -> None:
    """`check` asks for the end of each year, and each takes in only what is booked since the one before."""
    entries = sjuharad_loaded.entries
    days = sorted({entry.date for entry in entries if isinstance(entry, data.Transaction)})[::60]
    for at in ItemsAt.each(entries, general_ledger, days):
        for role in ACCOUNTS:
            assert at.of(role) == open_at(entries, general_ledger, role, at.day)
