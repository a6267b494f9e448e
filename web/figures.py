"""What the pages show of the books: each thing made once a load, whoever asks, and by one at a time.

    figures = Figures(entries, errors, options)
    figures.once(statement, "resultat", Period(2024), None)

Books that are loaded again have figures of their own.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from threading import RLock
from typing import Any, TypeVar, cast

from beancount.core import data

from forbundsbok.plugins.books import Books
from forbundsbok.plugins.findings import RuleError
from forbundsbok.plugins.language import N_, tr
from forbundsbok.plugins.loading import LedgerError, LoadedLedger, placed_messages
from forbundsbok.plugins.seal_history import seal_history
from forbundsbok.queries.approvals import WaitingVoucher, waiting
from forbundsbok.queries.comparison import Contradiction
from forbundsbok.queries.general_ledger import GeneralLedger, read
from forbundsbok.queries.report import AnnualReport, report
from forbundsbok.queries.statement import Period
from forbundsbok.queries.statements import comparative
from forbundsbok.scripts.render.csv import read_contradictions

T = TypeVar("T")

MOST = 200
"""So many statements, reports and traces are kept."""


class Figures:
    """The books as they were loaded, and what has been made of them. Raises LedgerError where nothing can be."""

    def __init__(self, entries: Sequence[Any], errors: Sequence[Any], options: Mapping[str, Any]) -> None:
        self.entries = entries
        self.errors = errors
        self.options = options
        # Without a lock, all who ask at the same time would make the same thing, and each take as long as all.
        self._lock = RLock()
        self._made = lru_cache(MOST)(lambda make, *asked: make(self.ledger, *asked))

    def once(self, make: Callable[..., T], *asked: object) -> T:
        """Return what a function makes of the ledger for what is asked, made once. Raises what it does."""
        with self._lock:
            return cast(T, self._made(make, *asked))

    def alone(self, work: Callable[[], T]) -> T:
        """Return what some work with the ledger gives, which nobody else works with then."""
        with self._lock:
            return work()

    @property
    def ledger(self) -> GeneralLedger:
        """The general ledger, also where rules are broken."""
        with self._lock:
            return self._read

    @cached_property
    def _read(self) -> GeneralLedger:
        if self.unread:
            raise LedgerError([message for _, message in placed_messages(self.unread)])
        return read(list(self.entries), self.options)

    @cached_property
    def apart(self) -> "Figures":
        """The same books by themselves, for what takes long: who looks at a page does not wait for it."""
        return Figures(self.entries, self.errors, self.options)

    @property
    def unread(self) -> Sequence[Any]:
        """What Beancount could not read or book."""
        errors = (getattr(each, "error", each) for each in self.errors)
        return [each for each in errors if not isinstance(each, RuleError)]

    @property
    def broken(self) -> Sequence[RuleError]:
        """What the rules have found."""
        errors = (getattr(each, "error", each) for each in self.errors)
        return [each for each in errors if isinstance(each, RuleError)]

    @property
    def warnings(self) -> Sequence[RuleError]:
        """What the rules warn of, acknowledged or not."""
        with self._lock:
            return self._warnings

    @cached_property
    def _warnings(self) -> Sequence[RuleError]:
        return self._loaded.warnings

    @property
    def _loaded(self) -> LoadedLedger:
        return LoadedLedger(list(self.entries), list(self.errors), self.options)

    @cached_property
    def seals(self) -> Sequence[str]:
        """Which years are sealed and which months locked, and what has been opened again."""
        return list(seal_history(self._loaded))

    def contradictions(self, period: Period) -> Sequence[Contradiction]:
        """The known contradictions of the printed report of a year, which stand beside the books."""
        known = Path(self.ledger.folder, "printed", f"{period}-contradictions.csv")
        return list(read_contradictions(known).values()) if known.is_file() else []

    @cached_property
    def latest(self) -> Period:
        """What is shown where nobody asks for a year: the last one, as far as it is booked."""
        with self._lock:
            if not self.ledger.years:
                raise LedgerError([tr(N_("Nothing is booked yet."))])
            year = self.ledger.years[-1]
            months = 12 if self.ledger.is_over(year) else self.ledger.booked_until(year).number
            return Period(year, 1, months)

    def report(self, period: Period, language: str, compare: Period | None = None, layout: str = "") -> AnnualReport:
        """Return the annual accounts of a period. Raises StatementError as `report` does."""
        return self.once(report, period, comparative(self.ledger, period, compare), language, layout)

    @property
    def books(self) -> Books:
        """The books as the rules see them, for forms."""
        with self._lock:
            return self._books

    @cached_property
    def _books(self) -> Books:
        if self.unread:
            raise LedgerError([message for _, message in placed_messages(self.unread)])
        return Books(list(self.entries), self.options)

    @property
    def waiting(self) -> Sequence[WaitingVoucher]:
        """What waits for somebody's approval."""
        with self._lock:
            return self._waiting

    @cached_property
    def _waiting(self) -> Sequence[WaitingVoucher]:
        return waiting(self.entries, self.options)

    def voucher_at(self, file: str, line: int) -> data.Transaction | None:
        """Return the voucher that stands somewhere."""
        with self._lock:
            return self._by_place.get((file, line))

    @cached_property
    def _by_place(self) -> Mapping[tuple[str, int], data.Transaction]:
        vouchers = (each for each in self.entries if isinstance(each, data.Transaction))
        return {(str(each.meta["filename"]), int(each.meta["lineno"])): each for each in vouchers}
