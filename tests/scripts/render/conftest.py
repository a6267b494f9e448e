"""Annual accounts of the federations with answer sheets: their books loaded, and each report made, once."""

from collections.abc import Callable
from functools import cache

import pytest

from forbundsbok.plugins.loading import LoadedLedger, load_ledger
from forbundsbok.queries.general_ledger import GeneralLedger, read
from forbundsbok.queries.report import AnnualReport, report
from forbundsbok.queries.statement import Period
from forbundsbok.queries.statements import comparative
from tests.federations.events import Federation

LoadFederation = Callable[[Callable[[], Federation]], LoadedLedger]
ReportOf = Callable[[Callable[[], Federation], Period, str], AnnualReport]


def made_of(ledger: GeneralLedger, period: Period, layout: str = "") -> AnnualReport:
    """Return the annual accounts of a period, with what is beside it by default."""
    return report(ledger, period, comparative(ledger, period, None), layout=layout)


@pytest.fixture(scope="session")
def load_federation(tmp_path_factory: pytest.TempPathFactory) -> LoadFederation:
    """Return what loads the books of a federation, all their years closed."""

    @cache
    def load(federation: Callable[[], Federation]) -> LoadedLedger:
        books = federation()
        return load_ledger(books.write(tmp_path_factory.mktemp("books"), closed=books.sheet.years))

    return load


@pytest.fixture(scope="session")
def report_of(load_federation: LoadFederation) -> ReportOf:
    """Return what makes the annual accounts of a federation."""

    @cache
    def ledger_of(federation: Callable[[], Federation]) -> GeneralLedger:
        loaded = load_federation(federation)
        return read(loaded.entries, loaded.options)

    return cache(lambda federation, period, layout: made_of(ledger_of(federation), period, layout))
