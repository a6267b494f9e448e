"""An invoice of member fees, and a reminder, as a PDF (PDF/A-3a and PDF/UA-1): in Swedish, as they are sent.

    invoice_pdf(invoice, Issuer("Sjöhöjdens kommunalförbund", "222000-0315", sender))

The same invoice gives the same bytes.
"""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from forbundsbok.plugins.language import N_, telling_in, tr
from forbundsbok.plugins.ledger_text import cleaned_text
from forbundsbok.plugins.money import amount_text
from forbundsbok.queries.fees import FeeInvoice, Issuer
from forbundsbok.scripts.render.fees import LANGUAGE, NO_VAT, line_texts
from forbundsbok.scripts.render.pdf import ARCHIVED, read_by_typst, typeset

TEMPLATE = Path(__file__).with_name("fee_invoice.typ")


def _on_paper(issuer: Issuer) -> dict[str, Any]:
    told = (issuer.sender.address, tr(N_("Org. no. {number}"), number=issuer.number), issuer.sender.contact)
    return {"name": cleaned_text(issuer.name), "lines": [cleaned_text(each) for each in told if each]}


def invoice_pdf(invoice: FeeInvoice, issuer: Issuer) -> bytes:
    """Return an invoice as a PDF."""
    with telling_in(LANGUAGE):
        payer = invoice.payer
        facts = [
            (tr(N_("Invoice number")), invoice.number),
            (tr(N_("Invoice date")), str(invoice.voucher.date)),
            (tr(N_("Due date")), str(invoice.due)),
            (tr(N_("Your reference")), payer.reference),
            (tr(N_("Your org. no.")), payer.number),
        ]
        content = {
            "title": tr(N_("Invoice {number}"), number=invoice.number),
            "language": LANGUAGE,
            "sender": _on_paper(issuer),
            "to": [cleaned_text(each) for each in (payer.full_name, *payer.address.split(", ")) if each],
            "facts": [[name, cleaned_text(value)] for name, value in facts if value],
            "intro": [tr(N_("Member fees {year}, quarter {quarter}"), year=invoice.year, quarter=invoice.quarter)],
            "columns": ["narrow", "wide", "narrow"],
            "heads": [tr(N_("What")), tr(N_("The fee of the year")), tr(N_("To pay"))],
            "rows": [list(line_texts(line)) for line in invoice.lines],
            "total": [tr(N_("To pay, kronor")), amount_text(invoice.total, LANGUAGE)],
            "closing": [
                tr(
                    N_("Pay to bankgiro {bankgiro} at the latest {day}, and state {number}."),
                    bankgiro=issuer.sender.bankgiro,
                    day=invoice.due,
                    number=invoice.number,
                ),
                tr(NO_VAT),
            ],
        }
        pdf: bytes = typeset(TEMPLATE.read_bytes(), read_by_typst(content), invoice.voucher.date, **ARCHIVED)
        return pdf


class Overdue(NamedTuple):
    """An invoice that is overdue: its number, day, due day, days late, and what is open of it."""

    number: str
    day: str
    due: str
    late: int
    amount: Decimal


def reminder_pdf(payee: str, items: Sequence[Overdue], day: Any, issuer: Issuer) -> bytes:
    """Return a reminder of what a customer has not paid, as a PDF."""
    with telling_in(LANGUAGE):
        total = sum((item.amount for item in items), Decimal(0))
        content = {
            "title": tr(N_("Reminder")),
            "language": LANGUAGE,
            "sender": _on_paper(issuer),
            "to": [cleaned_text(payee)],
            "facts": [[tr(N_("Date")), str(day)]],
            "intro": [tr(N_("By our books these invoices are not paid {day}."), day=day)],
            "columns": ["wide", "narrow", "narrow", "narrow", "narrow"],
            "heads": [tr(each) for each in (N_("Invoice"), N_("Invoiced"), N_("Due"), N_("Days late"), N_("Open"))],
            "rows": [
                [cleaned_text(item.number), item.day, item.due, str(item.late), amount_text(item.amount, LANGUAGE)]
                for item in items
            ],
            "total": [tr(N_("To pay, kronor")), amount_text(total, LANGUAGE)],
            "closing": [
                tr(
                    N_(
                        "Pay to bankgiro {bankgiro}, and state the number of the invoice. If you have paid already, "
                        "tell us when."
                    ),
                    bankgiro=issuer.sender.bankgiro,
                )
            ],
        }
        pdf: bytes = typeset(TEMPLATE.read_bytes(), read_by_typst(content), day, **ARCHIVED)
        return pdf
