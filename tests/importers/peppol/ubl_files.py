"""Invoices of Peppol BIS Billing 3 to test with, of our own making: their sums are right until something is changed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from xml.sax.saxutils import escape, quoteattr

NAMESPACES = (
    'xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2" '
    'xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"'
)
PROFILE = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"


@dataclass(frozen=True)
class Extra:
    """An allowance, or a charge."""

    amount: str
    is_charge: bool = False
    percent: str = "25"
    category: str = "S"
    base: str = ""
    factor: str = ""

    @property
    def added(self) -> Decimal:
        return Decimal(self.amount) if self.is_charge else -Decimal(self.amount)


@dataclass(frozen=True)
class Item:
    """A line."""

    name: str = "Licenser"
    quantity: str = "1"
    price: str = "1000.00"
    base: str = ""
    percent: str = "25"
    category: str = "S"
    cost: str = ""
    extras: Sequence[Extra] = ()

    @property
    def net(self) -> Decimal:
        worth = Decimal(self.quantity) * Decimal(self.price) / Decimal(self.base or 1)
        return _ore(worth + sum(extra.added for extra in self.extras))


@dataclass(frozen=True)
class Document:
    """An invoice, or a credit note. A field that is "" is left out."""

    id: str = "20245"
    is_credit_note: bool = False
    issued: str = "2025-03-05"
    due: str = "2025-04-04"
    type_code: str = ""
    currency: str = "SEK"
    note: str = ""
    cost: str = ""
    reference: str = "NAV-BVC"
    order: str = ""
    of: Sequence[str] = ()
    supplier: str = "Datakonsult i Borås AB"
    supplier_number: str = "5566778899"
    supplier_scheme: str = "0007"
    supplier_vat: str = "SE556677889901"
    buyer: str = "Sjuhärads kommunalförbund"
    buyer_number: str = "2220001234"
    buyer_endpoint: str = "2220001234"
    buyer_scheme: str = "0007"
    payee: str = ""
    ocr: str = "2024517"
    account: str = "50501055"
    bank: str = "SE:BANKGIRO"
    terms: str = "30 dagar netto"
    items: Sequence[Item] = field(default_factory=lambda: (Item(),))
    extras: Sequence[Extra] = ()
    prepaid: str = ""
    rounding: str = ""
    attached: str = ""

    def xml(self) -> bytes:
        """Return the document in UTF-8."""
        kind = "CreditNote" if self.is_credit_note else "Invoice"
        due = f"<cbc:DueDate>{self.due}</cbc:DueDate>" if self.due and not self.is_credit_note else ""
        code = self.type_code or ("381" if self.is_credit_note else "380")
        return "\n".join(
            [
                '<?xml version="1.0" encoding="UTF-8"?>',
                f'<{kind} xmlns="urn:oasis:names:specification:ubl:schema:xsd:{kind}-2" {NAMESPACES}>',
                f"<cbc:CustomizationID>{PROFILE}</cbc:CustomizationID>",
                _text("ID", self.id),
                f"<cbc:IssueDate>{self.issued}</cbc:IssueDate>{due}",
                f"<cbc:{kind}TypeCode>{code}</cbc:{kind}TypeCode>",
                _text("Note", self.note),
                f"<cbc:DocumentCurrencyCode>{self.currency}</cbc:DocumentCurrencyCode>",
                _text("AccountingCost", self.cost),
                _text("BuyerReference", self.reference),
                _within("OrderReference", _text("ID", self.order)),
                *(
                    _within("BillingReference", _within("InvoiceDocumentReference", _text("ID", each)))
                    for each in self.of
                ),
                self._attached(),
                self._supplier(),
                self._customer(),
                _within("PayeeParty", _within("PartyName", _text("Name", self.payee))),
                self._means(),
                _within("PaymentTerms", _text("Note", self.terms)),
                *(self._extra(extra, of_document=True) for extra in self.extras),
                self._taxes(),
                self._totals(),
                *(self._line(number, item) for number, item in enumerate(self.items, 1)),
                f"</{kind}>\n",
            ]
        ).encode()

    def taxes(self) -> dict[tuple[str, str], Decimal]:
        """Return what the VAT of each category and rate is taken of."""
        taxable: dict[tuple[str, str], Decimal] = {}
        parts = [(item.category, item.percent, item.net) for item in self.items]
        parts += [(extra.category, extra.percent, extra.added) for extra in self.extras]
        for category, percent, part in parts:
            taxable[category, percent] = taxable.get((category, percent), Decimal(0)) + part
        return taxable

    @property
    def tax(self) -> Decimal:
        return sum((_vat(taxable, percent) for (_, percent), taxable in self.taxes().items()), Decimal(0))

    @property
    def payable(self) -> Decimal:
        whole = sum(self.taxes().values(), Decimal(0)) + self.tax
        return whole - Decimal(self.prepaid or 0) + Decimal(self.rounding or 0)

    def _amount(self, name: str, number: Decimal | str) -> str:
        return f'<cbc:{name} currencyID="{self.currency}">{number}</cbc:{name}>' if number != "" else ""

    def _supplier(self) -> str:
        vat = f"{_text('CompanyID', self.supplier_vat)}{_within('TaxScheme', _text('ID', 'VAT'))}"
        return _party(
            "AccountingSupplierParty",
            _text("EndpointID", self.supplier_number, self.supplier_scheme),
            _within("PartyName", _text("Name", self.supplier)),
            _within("PartyTaxScheme", vat) if self.supplier_vat else "",
            _within(
                "PartyLegalEntity",
                _text("RegistrationName", f"{self.supplier} (publ)")
                + _text("CompanyID", self.supplier_number, self.supplier_scheme),
            ),
        )

    def _customer(self) -> str:
        return _party(
            "AccountingCustomerParty",
            _text("EndpointID", self.buyer_endpoint, self.buyer_scheme),
            _within(
                "PartyLegalEntity",
                _text("RegistrationName", self.buyer) + _text("CompanyID", self.buyer_number, "0007"),
            ),
        )

    def _means(self) -> str:
        due = f"<cbc:PaymentDueDate>{self.due}</cbc:PaymentDueDate>" if self.due and self.is_credit_note else ""
        branch = _within("FinancialInstitutionBranch", _text("ID", self.bank))
        account = _within("PayeeFinancialAccount", _text("ID", self.account) + branch)
        code = "<cbc:PaymentMeansCode>30</cbc:PaymentMeansCode>"
        return _within("PaymentMeans", f"{code}{due}{_text('PaymentID', self.ocr)}{account}")

    def _extra(self, extra: Extra, *, of_document: bool) -> str:
        tax = _tax("TaxCategory", extra.category, extra.percent) if of_document else ""
        factor = f"<cbc:MultiplierFactorNumeric>{extra.factor}</cbc:MultiplierFactorNumeric>" if extra.factor else ""
        return _within(
            "AllowanceCharge",
            f"<cbc:ChargeIndicator>{str(extra.is_charge).lower()}</cbc:ChargeIndicator>{factor}"
            f"{self._amount('Amount', extra.amount)}{self._amount('BaseAmount', extra.base)}{tax}",
        )

    def _taxes(self) -> str:
        subtotals = "\n".join(
            _within(
                "TaxSubtotal",
                self._amount("TaxableAmount", taxable)
                + self._amount("TaxAmount", _vat(taxable, percent))
                + _tax("TaxCategory", category, percent),
            )
            for (category, percent), taxable in self.taxes().items()
        )
        return _within("TaxTotal", f"{self._amount('TaxAmount', self.tax)}\n{subtotals}")

    def _totals(self) -> str:
        net = sum((item.net for item in self.items), Decimal(0))
        without_tax = sum(self.taxes().values(), Decimal(0))
        allowances = sum((Decimal(each.amount) for each in self.extras if not each.is_charge), Decimal(0))
        charges = sum((Decimal(each.amount) for each in self.extras if each.is_charge), Decimal(0))
        return _within(
            "LegalMonetaryTotal",
            "\n".join(
                [
                    self._amount("LineExtensionAmount", net),
                    self._amount("TaxExclusiveAmount", without_tax),
                    self._amount("TaxInclusiveAmount", without_tax + self.tax),
                    self._amount("AllowanceTotalAmount", allowances or ""),
                    self._amount("ChargeTotalAmount", charges or ""),
                    self._amount("PrepaidAmount", self.prepaid),
                    self._amount("PayableRoundingAmount", self.rounding),
                    self._amount("PayableAmount", self.payable),
                ]
            ),
        )

    def _line(self, number: int, item: Item) -> str:
        kind, quantity = ("CreditNote", "Credited") if self.is_credit_note else ("Invoice", "Invoiced")
        base = f'<cbc:BaseQuantity unitCode="C62">{item.base}</cbc:BaseQuantity>' if item.base else ""
        return _within(
            f"{kind}Line",
            f"<cbc:ID>{number}</cbc:ID>"
            f'<cbc:{quantity}Quantity unitCode="C62">{item.quantity}</cbc:{quantity}Quantity>\n'
            f"{self._amount('LineExtensionAmount', item.net)}{_text('AccountingCost', item.cost)}\n"
            + "".join(self._extra(extra, of_document=False) for extra in item.extras)
            + _within("Item", _text("Name", item.name) + _tax("ClassifiedTaxCategory", item.category, item.percent))
            + _within("Price", self._amount("PriceAmount", item.price) + base),
        )

    def _attached(self) -> str:
        """Return a document within the document, in base64."""
        binary = f'<cbc:EmbeddedDocumentBinaryObject mimeCode="application/pdf" filename="f.pdf">{self.attached}'
        attached = _within("Attachment", f"{binary}</cbc:EmbeddedDocumentBinaryObject>")
        return _within("AdditionalDocumentReference", _text("ID", "1") + attached) if self.attached else ""


def changed(xml: bytes, name: str, written: str, *, nth: int = 0) -> bytes:
    """Return a document in which the nth element of a name has another text."""
    found = list(re.finditer(rf"<cbc:{name}(?: [^>]*)?>([^<]*)</".encode(), xml))[nth]
    return xml[: found.start(1)] + written.encode() + xml[found.end(1) :]


def _text(name: str, written: str, scheme: str = "") -> str:
    attribute = f" schemeID={quoteattr(scheme)}" if scheme else ""
    return f"<cbc:{name}{attribute}>{escape(written)}</cbc:{name}>" if written else ""


def _within(name: str, content: str) -> str:
    return f"<cac:{name}>{content}</cac:{name}>" if content else ""


def _party(name: str, *content: str) -> str:
    return _within(name, _within("Party", "\n".join(filter(None, content))))


def _tax(name: str, category: str, percent: str) -> str:
    rate = f"<cbc:Percent>{percent}</cbc:Percent>" if category != "O" else ""
    return _within(name, f"<cbc:ID>{category}</cbc:ID>{rate}{_within('TaxScheme', _text('ID', 'VAT'))}")


def _vat(taxable: Decimal, percent: str) -> Decimal:
    return _ore(taxable * Decimal(percent) / 100)


def _ore(number: Decimal) -> Decimal:
    return number.quantize(Decimal("0.01"), ROUND_HALF_UP)
