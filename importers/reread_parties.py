"""Documents read again for their parties: whether a voucher is still with whom its document says.

    2025-03-14 * "Norrdals kommun" "Inbetalning: Medlemsavgift kvartal 2" ^K-2025-0001
      ver: "I 4"
      underlag: "underlag/2025/kontoutdrag-2025-03-14.xml"
      bankref: "5490000000123"

A payment of an invoice is with whom the bank names, or with whom the invoice is. A supplier's invoice is of the
supplier of its document, by the name there or by the one that the mapping gives; so is one that shortens it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from beancount.core import data

from forbundsbok.importers.bank_entries import parties_in, references_in, references_of, rows_of
from forbundsbok.importers.bgmax import payers_of
from forbundsbok.importers.document import Document
from forbundsbok.importers.formats.camt import read_camt, read_notifications
from forbundsbok.importers.formats.ubl import read_invoice
from forbundsbok.importers.mapping import FILE, read_mapping
from forbundsbok.importers.problems import DocumentError
from forbundsbok.importers.unbooked import Booked
from forbundsbok.plugins.findings import Message, phrase
from forbundsbok.plugins.imports import ALTERED, UNDERLAG
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.ledger_text import cleaned_text
from forbundsbok.plugins.open_items import SUPPLIER
from forbundsbok.plugins.parties import folded, party_key, plain_number


def other_parties(
    kind: str, document: Document, booked: Booked, is_explained: Callable[[data.Transaction], bool], folder: Path
) -> Iterator[tuple[data.Transaction, Message]]:
    """Yield the vouchers of a document that are with another party than it says. Raises DocumentError."""
    own = [entry for entry in booked.own if entry.payee and not is_explained(entry)]
    if own and kind in PAYERS:
        named = dict(PAYERS[kind](document))
        for entry in own:
            yield from _of_payer(entry, named, booked)
    elif own and kind == "peppol":
        yield from _of_supplier(own, document, booked, folder)


def _of_payer(
    entry: data.Transaction, named: Mapping[str, str], booked: Booked
) -> Iterator[tuple[data.Transaction, Message]]:
    # What settles no invoice is named by whoever found out what it was.
    names = (name for reference in references_of(entry) for name in references_in(reference))
    party = next((named[name] for name in names if name in named), None)
    billed = {
        each.payee
        for each in booked.vouchers
        if each is not entry and each.payee and each.links and entry.links and not each.links.isdisjoint(entry.links)
    }
    if party is not None and billed and not _is_one_of(entry.payee or "", {party, *billed} - {""}):
        yield _other(entry, party) if party else _other_than_billed(entry, min(billed))


def _of_supplier(
    own: Iterable[data.Transaction], document: Document, booked: Booked, folder: Path
) -> Iterator[tuple[data.Transaction, Message]]:
    invoice = document.records(read_invoice)
    number = plain_number(invoice.supplier.number)
    stated = {invoice.supplier.name, invoice.supplier.legal_name, invoice.payee, _mapped(number, folder)} - {""}
    for entry in own:
        known = {
            each.payee
            for each in booked.vouchers
            if each.payee and each.meta.get(UNDERLAG) != entry.meta.get(UNDERLAG) and number and _has(each, number)
        }
        if not _is_one_of(entry.payee or "", stated | known):
            yield _other(entry, invoice.supplier.name)


def _mapped(number: str, folder: Path) -> str:
    """Return the name that the mapping beside the ledger gives a supplier, "" where it gives none."""
    try:
        suppliers = read_mapping(folder / FILE).table("peppol").table("suppliers")
        return next((table.text("name", "") for key, table in suppliers.tables() if plain_number(key) == number), "")
    except DocumentError:  # told when a document comes in
        return ""


def _has(entry: data.Transaction, number: str) -> bool:
    return plain_number(str(entry.meta.get(SUPPLIER) or "")) == number


def _is_one_of(payee: str, names: Iterable[str]) -> bool:
    """Tell whether a payee is one of some parties, whichever of the two names is the whole one.

    No slip of the keys is forgiven: a program wrote the name.
    """
    mine, own = set(party_key(payee).split()), folded(payee)
    for name in map(cleaned_text, names):  # as the voucher was written
        its, other = set(party_key(name).split()), folded(name)
        # A bank shows the beginning of a long name.
        if mine <= its or its <= mine or own.startswith(other) or other.startswith(own):
            return True
    return False


def _other(entry: data.Transaction, stated: str) -> tuple[data.Transaction, Message]:
    text = N_(
        "{voucher} is with {payee}, but {file} is of {stated}: write the party of the document, or below the "
        'voucher\'s first line {altered}: "..." with who has confirmed it'
    )
    values = {"payee": entry.payee, "stated": stated, "altered": ALTERED}
    return entry, phrase(text, voucher=entry, file=entry.meta[UNDERLAG], **values)


def _other_than_billed(entry: data.Transaction, billed: str) -> tuple[data.Transaction, Message]:
    text = N_(
        "{voucher} is with {payee}, but pays an invoice of {billed}, and {file} names no other party: write that one, "
        'or below the voucher\'s first line {altered}: "..." with who has confirmed it'
    )
    values = {"payee": entry.payee, "billed": billed, "altered": ALTERED}
    return entry, phrase(text, voucher=entry, file=entry.meta[UNDERLAG], **values)


def _of_statement(document: Document) -> Iterator[tuple[str, str]]:
    for each in document.records(read_camt).statements:
        yield from parties_in(rows_of(each.id, each.entries))


def _of_notification(document: Document) -> Iterator[tuple[str, str]]:
    for each in document.records(read_notifications):
        yield from parties_in(rows_of(each.id, each.entries))


PAYERS: Mapping[str, Callable[[Document], Iterable[tuple[str, str]]]] = {
    "camt.053": _of_statement,
    "camt.054": _of_notification,
    "bgmax": payers_of,
}
"""What reads with whom the payments of a document of each kind are, by their references."""
