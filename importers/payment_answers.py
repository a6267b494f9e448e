"""The door of pain.002: what the bank answers to a payment file.

    2025-03-14 * "Leverantör 017 IT" "Rättelse: banken har avvisat Licenser (AC01)" ^L-2025-0301 ^...
      ver: "U 95"
      rattar: "U 80"
      Assets:FK:1990-Utbetalningar-på-väg        1250.00 SEK
      Liabilities:NAV:2510-Leverantörsskulder   -1250.00 SEK

A payment that the bank rejects, alone or with its batch or file, is owed again: its voucher is corrected, and a later
file pays it. That the bank accepts a payment books nothing: the statement tells when it is paid. Nor does a rejection
of what the statement has paid: the two contradict each other, and the bank is asked.
"""

import re
from collections.abc import Sequence
from datetime import date
from typing import ClassVar

from beancount.core import data

from forbundsbok.importers.archive import dated_path
from forbundsbok.importers.document import Document
from forbundsbok.importers.door import Door, Proposal
from forbundsbok.importers.formats.pain import REJECTED, TransferStatus, read_answer
from forbundsbok.importers.mapping import Table
from forbundsbok.importers.payments import series_in
from forbundsbok.plugins.books import Books
from forbundsbok.plugins.clearing import without_clearing
from forbundsbok.plugins.corrections import CORRECTS, corrected_numbers, number_of
from forbundsbok.plugins.findings import Message, counted, phrase
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.ledger_text import posting
from forbundsbok.plugins.numbers import FreeNumbers, read_ver
from forbundsbok.plugins.payment_files import PAYMENT_FILE, file_of, sent_transfers, transfer_link


class PaymentAnswers(Door):
    """Answers to the files that these books have made."""

    kind: ClassVar[str] = "pain.002"

    def __init__(self, table: Table) -> None:
        self._series = series_in(table, "series", "U") if table else "U"

    def knows(self, document: Document) -> bool:
        return re.search(rb"[:$]pain\.002\.001\.\d\d", document.head.replace(b"\0", b"")) is not None

    def begins(self, document: Document) -> date:
        return document.records(read_answer).day

    def propose(self, document: Document, existing: data.Directives) -> Proposal:
        day, statuses = document.records(read_answer)
        vouchers = [entry for entry in existing if isinstance(entry, data.Transaction)]
        numbers = FreeNumbers(vouchers)
        corrected = {ver for entry in vouchers for ver in corrected_numbers(entry)}
        sent = sent_transfers(Books(sorted(existing, key=lambda entry: entry.date), {}))
        notes: list[Message] = []
        entries: data.Directives = []
        known = [entry for entry in vouchers if PAYMENT_FILE in entry.meta and transfer_link(entry.links)]
        of_file = [entry for entry in known if any(_is_about(each, entry) for each in statuses)]
        if not of_file:
            notes.append(phrase("no payment of these books is in it: nothing is booked"))
        for entry in of_file:
            status = _status(entry, statuses)
            if status is None or status.code != REJECTED:
                continue
            if read_ver(entry) in corrected:
                text = N_("{voucher} is corrected already: that the bank rejects it adds nothing")
                notes.append(phrase(text, voucher=entry))
                continue
            transfer = sent.get(transfer_link(entry.links))
            if transfer and transfer.paid > 0:
                text = N_(
                    "the bank rejects {voucher}, but its statement has {paid} kr of it paid: nothing is booked. Ask "
                    "the bank which is right; money that comes back is booked when the statement has it"
                )
                notes.append(phrase(text, voucher=entry, paid=transfer.paid))
                continue
            on = max(day, entry.date)
            entries.append(_taken_back(entry, status, on, numbers.free(self._series, on.year)))
        if of_file and not entries and not notes:
            one = N_("the bank does not reject the payment: its statement tells when it is paid")
            many = N_("the bank rejects none of the {count} payments: its statement tells when they are paid")
            notes.append(counted(len(of_file), one, many))
        return Proposal(entries, dated_path(day, "betalsvar", ".xml"), day, notes)


def _is_about(status: TransferStatus, entry: data.Transaction) -> bool:
    """Tell whether the bank says something of a payment: of itself, of its batch, or of its file."""
    if status.id:
        return status.id in entry.links
    batch = str(entry.meta[PAYMENT_FILE])
    return status.batch == batch if status.batch else file_of(batch) == status.file


def _status(entry: data.Transaction, statuses: Sequence[TransferStatus]) -> TransferStatus | None:
    """Return what the bank says of a payment: the most particular of what it says."""
    own = [each for each in statuses if _is_about(each, entry)]
    return max(own, key=lambda each: (bool(each.id), bool(each.batch)), default=None)


def _taken_back(entry: data.Transaction, status: TransferStatus, day: date, ver: str) -> data.Transaction:
    """Return the voucher that corrects one of a payment: what was owed is owed again."""
    year = f" {entry.date.year}" if entry.date.year != day.year else ""
    why = f" ({status.why})" if status.why else ""
    text = f"Rättelse: banken har avvisat {str(entry.narration or '').removeprefix('Betalning: ')}{why}"
    rows = [
        posting(row.account, -number_of(row), row.units.currency)  # type: ignore[union-attr]
        for row in reversed(without_clearing(entry).postings)
    ]
    meta = {"ver": ver, CORRECTS: f"{entry.meta['ver']}{year}"}
    return data.Transaction(meta, day, "*", entry.payee, text, data.EMPTY_SET, entry.links, rows)
