"""Documents read again: whether the vouchers of what came in are still as their documents have them.

    2025-03-14 * "Kommunernas försäkring" "Premie"
      ver: "U 31"
      underlag: "underlag/2025/kontoutdrag-2025-03-14.xml"
      bankref: "5490000000123"
      andrad: "Banken tog två premier i en post; den andra är U 32"

The document that is kept is what the bank, the supplier or the other system said. A voucher that names it and has
other amounts, another account to pay to or another day is an error, unless it says why (`andrad`); so is what no
voucher books (importers.unbooked). Vouchers of sealed years are the seal's to guard.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from beancount.core import data

from forbundsbok.importers.archive import alteration
from forbundsbok.importers.bank_entries import references_in, references_of
from forbundsbok.importers.bgmax import payments_of
from forbundsbok.importers.camt import movements_of
from forbundsbok.importers.camt_details import notified_movements
from forbundsbok.importers.document import Document
from forbundsbok.importers.formats.ubl import Invoice, read_invoice
from forbundsbok.importers.payment_orders import KIND, sent_otherwise
from forbundsbok.importers.peppol.ledger import booked_debt, stated_debt
from forbundsbok.importers.peppol.mapping import REVERSED
from forbundsbok.importers.problems import DocumentError
from forbundsbok.importers.reread_parties import other_parties
from forbundsbok.importers.sie.codec.check import read_sie
from forbundsbok.importers.sie.codec.records import Row, SieFile, Voucher
from forbundsbok.importers.sie.ledger import GAP, OTHER_DIMENSION, identity_of
from forbundsbok.importers.unbooked import Booked, unbooked
from forbundsbok.plugins.accounts import CLEARING_NUMBER, is_clearing
from forbundsbok.plugins.acknowledgements import is_reason
from forbundsbok.plugins.corrections import CORRECTS, number_of
from forbundsbok.plugins.findings import Message, phrase
from forbundsbok.plugins.imports import ALTERED, MOVED_IN, UNDERLAG, Import, read_imports
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.money import ZERO
from forbundsbok.plugins.open_items import DUE, INVOICE_DATE, SUPPLIER, SUPPLIERS_NUMBER, invoice_day
from forbundsbok.plugins.parties import ACCOUNTS, plain_number
from forbundsbok.plugins.roles import Role, Roles, read_roles
from forbundsbok.plugins.sigill import is_sealed
from forbundsbok.plugins.years import read_boksluts

Vouchers = Sequence[data.Transaction]


class DocumentChange(NamedTuple):
    """What is not as it came, in the shape of Beancount's errors."""

    source: Mapping[str, Any]
    message: Message
    entry: data.Directive | None = None


def document_changes(folder: Path, entries: data.Directives) -> Iterator[DocumentChange]:
    """Yield the documents kept below a ledger's folder that are not as they came, and the vouchers not as in theirs."""
    closed = [year for year, bokslut in read_boksluts(entries).items() if is_sealed(bokslut)]
    last_sealed = max(closed, default=0)
    all_booked = booked_by("", [], entries)
    noted = {entry.meta.get(UNDERLAG) for entry in entries if isinstance(entry, data.Note)}
    vouchers: dict[str, list[data.Transaction]] = defaultdict(list)
    for entry in all_booked.vouchers:
        if entry.date.year > last_sealed:
            vouchers[str(entry.meta.get(UNDERLAG))].append(entry)
    for came in read_imports(entries):
        if wrong := alteration(folder, came):
            yield DocumentChange(came.entry.meta, wrong, came.entry)
            continue
        booked = all_booked._replace(file=came.path, own=vouchers[came.path], is_noted=came.path in noted)
        yield from _of(folder, came, booked, is_open=came.entry.date.year > last_sealed)


def booked_by(path: str, own: data.Directives, entries: data.Directives) -> Booked:
    """Return what a document is held against in books, by its path and the directives that it made."""
    return Booked(
        path,
        [entry for entry in own if isinstance(entry, data.Transaction)],
        [entry for entry in entries if isinstance(entry, data.Transaction)],
        [entry for entry in entries if isinstance(entry, data.Balance)],
        read_roles(entries),
        any(isinstance(entry, data.Note) for entry in own),
    )


def _of(folder: Path, came: Import, booked: Booked, *, is_open: bool) -> Iterator[DocumentChange]:
    try:
        document = Document(folder / came.path)
        for entry, message in other_parties(came.kind, document, booked, _is_explained, folder):
            yield DocumentChange(entry.meta, message, entry)
        for found, message in differences(came.kind, document, booked, is_whole=is_open):
            its = found or came.entry
            yield DocumentChange(its.meta, message, its)
    except DocumentError as error:
        text = N_("{file} cannot be read again as {kind}: {why}")
        yield DocumentChange(came.entry.meta, phrase(text, file=came.path, kind=came.kind, why=error), came.entry)


def differences(
    kind: str, document: Document, booked: Booked, *, is_whole: bool
) -> Iterator[tuple[data.Transaction | None, Message]]:
    """Yield how a document and what is booked of it differ, with the voucher where it is one that is otherwise.

    What is lacking is told of a document that is booked whole. Raises DocumentError.
    """
    yield from _unlike(kind, document, booked.own, booked.roles)
    if is_whole:
        yield from ((None, message) for message in unbooked(kind, document, booked))


def _unlike(
    kind: str, document: Document, vouchers: Vouchers, roles: Roles
) -> Iterator[tuple[data.Transaction, Message]]:
    """Yield the vouchers of a document that are not as it has them."""
    own = [each for each in vouchers if not _is_explained(each)]
    if own and kind in READERS:
        yield from READERS[kind](document, own, roles)


def _is_explained(entry: data.Transaction) -> bool:
    """Tell whether a voucher says why it is not as its document has it, or corrects one that is."""
    why = entry.meta.get(ALTERED)
    return CORRECTS in entry.meta or (isinstance(why, str) and is_reason(why))


def _differs(entry: data.Transaction, booked: Decimal, stated: Decimal) -> tuple[data.Transaction, Message]:
    text = N_(
        "{voucher} has {booked} kr, but {file} has {stated} kr: write the amount of the document, or below the "
        'voucher\'s first line {key}: "..." with the reason'
    )
    path = entry.meta[UNDERLAG]
    return entry, phrase(text, voucher=entry, booked=booked, file=path, stated=stated, key=ALTERED)


def _unknown(entry: data.Transaction, booked: Decimal) -> tuple[data.Transaction, Message]:
    text = N_(
        "{voucher} of {booked} kr is not in {file}, which it names as its document: name its own document, or write "
        'below its first line {key}: "..." with the reason'
    )
    return entry, phrase(text, voucher=entry, booked=booked, file=entry.meta[UNDERLAG], key=ALTERED)


def _of_movements(
    read: Callable[[Document], Iterable[tuple[str, Decimal]]],
) -> "Reader":
    """Return what compares vouchers, each of a movement of money, with a document that has them by their references."""

    def compare(document: Document, vouchers: Vouchers, roles: Roles) -> Iterator[tuple[data.Transaction, Message]]:
        stated: dict[str, list[Decimal]] = defaultdict(list)
        for reference, amount in read(document):
            stated[reference].append(amount)
        for entry in vouchers:
            moved = _moved(entry, roles)
            # One that is told apart by its day counts with the others of that day, not of its document.
            own, *others = references_in(next(iter(references_of(entry)), ""))
            amounts = stated[own] if own in stated else [number for name in others for number in stated.get(name, ())]
            if not amounts:
                yield _unknown(entry, moved[0])
            elif not set(moved) & set(amounts):
                yield _differs(entry, moved[0], amounts[0])

    return compare


def _moved(entry: data.Transaction, roles: Roles) -> list[Decimal]:
    """Return what a voucher moves on each account of money, or on each asset where none is known as money."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in entry.postings:
        if row.account.startswith("Assets:") and not is_clearing(row.account):
            sums[row.account] += number_of(row)
    money = [amount for account, amount in sums.items() if roles.has(account, Role.MONEY)]
    return money or list(sums.values()) or [ZERO]


def _of_invoice(document: Document, vouchers: Vouchers, roles: Roles) -> Iterator[tuple[data.Transaction, Message]]:
    invoice = document.records(read_invoice)
    owed, tax = stated_debt(invoice), invoice.totals.tax
    for entry in vouchers:
        booked = booked_debt(entry, roles)
        # What the buyer accounts for is both owed and deducted, and stands on no invoice.
        of_vat = (row for row in entry.postings if roles.has(row.account, Role.INPUT_VAT, Role.OUTPUT_VAT))
        vat = sum(map(number_of, of_vat), ZERO)
        if booked != owed:
            yield _differs(entry, booked, owed)
        elif abs(vat) > abs(tax):
            # Less may be deducted than was invoiced, as of representation, and never more.
            text = N_("{voucher} deducts {booked} kr of VAT, but {file} has {stated} kr: write the VAT of the document")
            yield entry, phrase(text, voucher=entry, booked=abs(vat), file=entry.meta[UNDERLAG], stated=abs(tax))
        elif _is_reversed(invoice) and not _owes_vat(entry, roles):
            text = N_("{voucher} has no VAT that the buyer accounts for, and {file} has: write its two rows of VAT")
            yield entry, phrase(text, voucher=entry, file=entry.meta[UNDERLAG])
        else:
            yield from _stated_otherwise(entry, invoice)


def _is_reversed(invoice: Invoice) -> bool:
    """Tell whether the buyer accounts for VAT, of so much that it comes to something."""
    of_buyer = (each.taxable for each in invoice.subtotals if each.tax.category in REVERSED)
    return abs(sum(of_buyer, ZERO)) >= 1


def _owes_vat(entry: data.Transaction, roles: Roles) -> bool:
    return any(roles.has(row.account, Role.OUTPUT_VAT) for row in entry.postings)


def _stated_otherwise(entry: data.Transaction, invoice: Invoice) -> Iterator[tuple[data.Transaction, Message]]:
    """Yield that a voucher says of an invoice what the document does not: its numbers, its days, where to pay."""
    stated: dict[str, object] = {SUPPLIER: invoice.supplier.number, SUPPLIERS_NUMBER: invoice.id, DUE: invoice.due}
    for key, value in stated.items():
        booked = entry.meta.get(key)
        if booked and value and plain_number(str(booked)) != plain_number(str(value)):
            yield _says(entry, key, booked, value)
    if (day := invoice_day(entry)) != invoice.issued:
        text = N_(
            "{voucher} is dated {day}, but {file} {issued}: write the day of the document, or below the first line "
            "{key}: {issued}"
        )
        values = {"day": day, "issued": invoice.issued, "key": INVOICE_DATE}
        yield entry, phrase(text, voucher=entry, file=entry.meta[UNDERLAG], **values)
    accounts = {plain_number(each.account): each.account for each in invoice.means if each.account}
    for key in ACCOUNTS if accounts else ():
        booked = entry.meta.get(key)
        if booked and plain_number(str(booked)) not in accounts:
            yield _says(entry, key, booked, next(iter(accounts.values())))


def _says(entry: data.Transaction, key: str, booked: object, stated: object) -> tuple[data.Transaction, Message]:
    text = N_(
        "{voucher} has {key} {booked}, but {file} has {stated}: write what the document says, or below the voucher's "
        'first line {altered}: "..." with who has confirmed it'
    )
    values = {"key": key, "booked": str(booked), "stated": str(stated), "altered": ALTERED}
    return entry, phrase(text, voucher=entry, file=entry.meta[UNDERLAG], **values)


def _of_sie(document: Document, vouchers: Vouchers, _: Roles) -> Iterator[tuple[data.Transaction, Message]]:
    file = document.records(read_sie)
    changed = list(_unlike_sie(file, vouchers, CLEARING_NUMBER))
    if changed and any(row.account == CLEARING_NUMBER for each in file.vouchers for row in each.rows):
        # The mapping may have it elsewhere, where it is no clearing.
        changed = min(changed, list(_unlike_sie(file, vouchers, "")), key=len)
    yield from changed


def _unlike_sie(file: SieFile, vouchers: Vouchers, clearing: str) -> Iterator[tuple[data.Transaction, Message]]:
    """Yield the vouchers that are not in a file, of which the rows on an account for clearing do not count."""

    def debits_of(voucher: Voucher) -> Decimal:
        return sum((max(row.amount, ZERO) for row in voucher.rows if row.account != clearing), ZERO)

    alike: dict[tuple[date, Decimal], list[Voucher]] = defaultdict(list)
    for each in file.vouchers:
        alike[each.day, debits_of(each)].append(each)
    left = Counter({key: len(own) for key, own in alike.items()})
    first = file.heading.years[0][0] if 0 in file.heading.years else None
    changed = []
    for entry in vouchers:
        if entry.meta.get(GAP):
            continue
        if first and entry.date < first:
            first = None  # the opening balance, which is no voucher of the file
        elif left[key := (entry.date, _debits(entry))]:
            left[key] -= 1
            rows = [[row for row in each.rows if row.account != clearing] for each in alike[key]]
            if not any(_has_rows(entry, own) for own in rows):
                text = N_("{voucher} has other rows than {file}: write the amounts and objects of the document")
                yield entry, phrase(text, voucher=entry, file=entry.meta[UNDERLAG])
        else:
            changed.append(entry)
    numbered = {(each.series, each.number): each for each in file.vouchers if left[each.day, debits_of(each)]}
    for entry in changed:
        own = numbered.get(identity_of(entry))
        if own is None or own.day != entry.date:
            days = [amount for (day, amount), count in left.items() if count and day == entry.date]
            yield _differs(entry, _debits(entry), days[0]) if len(days) == 1 else _unknown(entry, _debits(entry))
        else:
            yield _differs(entry, _debits(entry), debits_of(own))


def _has_rows(entry: data.Transaction, rows: Sequence[Row]) -> bool:
    """Tell whether a voucher has the amounts of some rows, with their objects; one that is divided has other ones."""
    own = [row for row in entry.postings if not is_clearing(row.account)]
    if len(own) != len(rows):
        return True
    left = [(row.amount, set(row.objects)) for row in rows]
    for row in own:
        said = {
            (match[1], str(value))
            for key, value in (row.meta or {}).items()
            if (match := OTHER_DIMENSION.fullmatch(key))
        }
        same = next((each for each in left if each[0] == number_of(row) and said <= each[1]), None)
        if same is None:
            return False
        left.remove(same)
    return True


def _debits(entry: data.Transaction) -> Decimal:
    return sum((max(number_of(row), ZERO) for row in entry.postings if not is_clearing(row.account)), ZERO)


Reader = Callable[[Document, Vouchers, Roles], Iterator[tuple[data.Transaction, Message]]]

READERS: Mapping[str, Reader] = {
    "camt.053": _of_movements(movements_of),
    "camt.054": _of_movements(notified_movements),
    "bgmax": _of_movements(payments_of),
    KIND: sent_otherwise,
    "peppol": _of_invoice,
    "sie-4I": _of_sie,
    MOVED_IN: _of_sie,
}
"""What reads a document of each kind again, and yields the vouchers that are not as it has them."""
