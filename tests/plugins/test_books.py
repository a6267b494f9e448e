"""The collected books: made file by file they are the same; a rule needs no other voucher than it says that it sees."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from beancount.core import data

from forbundsbok.plugins.accounts import AccountName
from forbundsbok.plugins.books import Books, Collected
from forbundsbok.plugins.clearing import complete_with_clearing
from forbundsbok.plugins.findings import Finding, changed_by
from forbundsbok.plugins.ledger_text import posting, voucher
from forbundsbok.plugins.numbers import FreeNumbers
from forbundsbok.plugins.rulebook import RULES, Sees
from forbundsbok.plugins.units import read_units
from forbundsbok.plugins.years import FiscalYears
from tests.rule_ledgers import FAILING, PASSING, loaded, of_modules


@pytest.mark.parametrize("path", of_modules(PASSING[::5]))
def test_books_collected_file_by_file_are_the_same(path: Path) -> None:
    entries, _, _ = loaded(path)
    by_file: dict[str, list[data.Directive]] = defaultdict(list)
    for entry in entries:
        by_file[str(entry.meta["filename"])].append(entry)
    assert Collected.merged(map(Collected.of, by_file.values())) == Collected.of(entries)


class SeenBooks(Books):
    """Books that hold the vouchers that rules see, and of the others only what books keep."""

    def __init__(self, whole: Books, seen: frozenset[int]) -> None:
        kept = [entry for entry in whole.entries if not isinstance(entry, data.Transaction) or id(entry) in seen]
        super().__init__(kept, whole.options, [entry for entry in whole.incomplete if id(entry) in seen])
        self.whole = whole

    def movements(self, account: str) -> dict[int, Decimal | None]:
        return self.whole.movements(account)

    @property
    def posted_names(self) -> dict[str, AccountName]:
        return self.whole.posted_names

    @property
    def first_booked(self) -> date:
        return self.whole.first_booked

    @property
    def last_booked(self) -> date:
        return self.whole.last_booked

    @property
    def fiscal_years(self) -> FiscalYears:
        return self.whole.fiscal_years


def said(finding: Finding) -> tuple[str, list[data.Directive]]:
    """Return what a finding says, and what its fix changes, and beside what."""
    fix = finding.proposal(FreeNumbers(())) if finding.proposal else finding.fix
    return finding.told(), [entry for step in fix for entry in (*changed_by(step), step.at)]


@pytest.mark.parametrize("path", of_modules(FAILING))
def test_a_rule_needs_no_voucher_but_those_it_sees(path: Path) -> None:
    entries, _, options = loaded(path)
    accounts = {f"Expenses:{unit}:6990-Annat" for unit in ("X", *read_units(entries))}
    for number, account in enumerate(sorted(accounts), 1):
        rows = [posting(account, Decimal(1), "SEK"), posting(account, Decimal(-1), "SEK")]
        other = voucher(date(2024, 6, 3), "Något helt annat", f"ZZ {number}", rows)
        other.meta.update(data.new_metadata("annat.bean", number))
        entries.append(other)
    entries, incomplete = complete_with_clearing(sorted(entries, key=data.entry_sortkey), options)
    whole = Books(entries, options, incomplete)

    @cache
    def seen_by(sees: Sees) -> frozenset[int]:
        return frozenset(id(entry) for entry in sees.vouchers(whole))

    @cache
    def books_of(vouchers: frozenset[int]) -> SeenBooks:
        return SeenBooks(whole, vouchers)

    for rule in RULES.values():
        if rule.sees.every:  # nothing is kept from it
            continue
        seen = books_of(seen_by(rule.sees))
        assert list(map(said, rule.check(seen))) == list(map(said, rule.check(whole))), rule.code
