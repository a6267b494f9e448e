"""Invoices and credit notes of Peppol BIS Billing 3 (UBL 2.1), with their sums computed again.

    <Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2" ...>
      <cbc:ID>20245</cbc:ID>
      <cac:LegalMonetaryTotal>
        <cbc:PayableAmount currencyID="SEK">1250.00</cbc:PayableAmount>

Amounts are as the document writes them: those of a credit note are positive, and an invoice that takes back more
than it charges has a negative amount to pay. The sums are those of EN 16931 (BR-CO-10 to 17, BR-S-08 and its likes)
and of Peppol (R040, R051, R120). Some of them leave room, as they do there:

- A line's net amount, and an allowance of some per cent, may differ 0.02 (R120, R040), for prices are rounded.
- At a rate above zero, the VAT of a category may differ less than 1.00 from its rate (BR-CO-17, BR-S-09), and what it
  is taken of less than 1.00 from its lines, allowances and charges (BR-S-08): each seller rounds in its own way.

Everything else agrees exactly. An invoice may stand in an envelope (SBDH, or any other that holds one alone). Documents
attached in it are not read, whatever their size.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import NamedTuple

from forbundsbok.importers.document import Document
from forbundsbok.importers.formats.xml import (
    Element,
    amount,
    child,
    children,
    day,
    enclosed,
    line_of,
    name_of,
    namespace_of,
    number,
    own_text,
    read_xml,
    require,
    shown,
    text,
    truth,
    while_readable,
)
from forbundsbok.importers.problems import MOST_PROBLEMS, Problem, refused
from forbundsbok.plugins.findings import Message, as_written, phrase
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.money import ZERO

NAMESPACES = {
    "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2": "Invoice",
    "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2": "CreditNote",
}
PROFILE = "urn:cen.eu:en16931:2017"
"""How the identifier of the rules begins that an invoice follows: EN 16931, which Peppol BIS Billing 3 narrows."""

SWEDISH = "0007"
"""The scheme of Swedish organisation numbers (ISO 6523)."""

SWEDEN = "SE"
STANDARD = "S"
"""The category of what is sold with VAT."""

ONCE = (
    "ID",
    "IssueDate",
    "{}TypeCode",
    "DocumentCurrencyCode",
    "LegalMonetaryTotal",
    "AccountingSupplierParty/Party",
    "AccountingCustomerParty/Party",
)
"""What stands once in an Invoice and in a CreditNote."""

LINE_ROOM = Decimal("0.02")
TAX_ROOM = Decimal(1)
"""What differs less than this, at a rate above zero, is rounded."""
LONGEST = 100
"""The most characters of an identifier."""

HUNDRED = Decimal(100)
ORE = Decimal("0.01")

_WIDE = Context(prec=150, rounding=ROUND_HALF_UP)
_ORGANISATION = re.compile(r"(?:16|18|19|20)?(\d{6})[-+]?(\d{4})", re.ASCII)
_SWEDISH_VAT = re.compile(r"SE(?!663000)(\d{10})\d\d", re.ASCII)  # 663000: a group of companies
_ATTACHED = re.compile(
    rb"(<(?:[\w.-]++:)?EmbeddedDocumentBinaryObject(?:\s++[\w.:-]++\s*+=\s*+(?:\"[^<\"]*+\"|'[^<']*+'))*+\s*+>)([^<]*+)"
)
_BEGINNING = re.compile(rb"urn:oasis:names:specification:ubl:schema:xsd:(?:Invoice|CreditNote)-2[\"']")


class Tax(NamedTuple):
    """A category of VAT (S, Z, E, AE, K, G, O, L, M) and its rate in per cent."""

    category: str
    percent: Decimal

    def __str__(self) -> str:
        return f"{self.category} {self.percent.normalize():f} %"


class Party(NamedTuple):
    """A supplier or a customer.

    `number`: the organisation number, "556677-8899"; a foreign party's own identifier; "" when there is none.
    `country`: that of its address, "SE". `identifiers`: all that identifies the party, Swedish organisation numbers in
    the same form.
    """

    line: int
    name: str
    legal_name: str
    number: str
    vat: str
    country: str
    identifiers: tuple[str, ...]

    @property
    def vat_country(self) -> str:
        """Return the country in which it is registered for VAT, as far as it tells; "" when it does not."""
        if self.vat[:2].isalpha():
            return self.vat[:2]
        return self.country or (SWEDEN if organisation_number(self.number) else "")


class Means(NamedTuple):
    """How to pay. `bank` is "SE:BANKGIRO", "SE:PLUSGIRO" or a BIC, of the account."""

    line: int
    code: str
    reference: str
    account: str
    bank: str


class Allowance(NamedTuple):
    """An allowance, or a charge, on the document or on a line (where it has no tax of its own)."""

    line: int
    is_charge: bool
    amount: Decimal
    base: Decimal | None
    percent: Decimal | None
    reason: str
    tax: Tax | None

    @property
    def added(self) -> Decimal:
        """What it adds to the sum: less than zero for an allowance."""
        return self.amount if self.is_charge else -self.amount


class Subtotal(NamedTuple):
    """The VAT of a category."""

    line: int
    tax: Tax
    taxable: Decimal
    amount: Decimal


class Totals(NamedTuple):
    """The sums of the document; those that are left out are zero."""

    line: int
    net: Decimal
    allowances: Decimal
    charges: Decimal
    without_tax: Decimal
    tax: Decimal
    with_tax: Decimal
    prepaid: Decimal
    rounding: Decimal
    payable: Decimal


class InvoiceLine(NamedTuple):
    """A line. `price` is that of `base_quantity`; `cost` is the buyer's own text of where to book it."""

    line: int
    id: str
    quantity: Decimal
    net: Decimal
    price: Decimal
    base_quantity: Decimal
    name: str
    description: str
    tax: Tax
    cost: str
    allowances: tuple[Allowance, ...]


@dataclass(frozen=True)
class Invoice:
    """An invoice or a credit note. Texts that are left out are ""."""

    is_credit_note: bool
    id: str
    issued: date
    due: date | None
    type_code: str
    currency: str
    tax_currency: str
    notes: tuple[str, ...]
    buyer_reference: str
    order_reference: str
    billing_references: tuple[str, ...]
    cost: str
    terms: str
    supplier: Party
    representative_vat: str
    customer: Party
    payee: str
    means: tuple[Means, ...]
    allowances: tuple[Allowance, ...]
    subtotals: tuple[Subtotal, ...]
    totals: Totals
    lines: tuple[InvoiceLine, ...]

    @property
    def has_swedish_vat(self) -> bool:
        """Tell whether its VAT is Swedish: of who is registered here, or has a representative who is."""
        return SWEDEN in (self.supplier.vat_country, self.representative_vat[:2])


def is_invoice(beginning: bytes) -> bool:
    """Tell from its beginning whether a file is of this kind, in UTF-16 too."""
    return b"<" in beginning and _BEGINNING.search(beginning.replace(b"\0", b"")) is not None


def read_invoice(document: Document) -> Invoice:
    """Return the invoice of a document. Raises DocumentError with all that is wrong in it."""
    root = _unwrapped(read_xml(_without_attached(document)))
    problems = _kind_problems(root)
    if not problems:
        invoice = _Reader(root, problems).invoice()
        # A sum of what could not be read would be another error without another cause.
        problems += [] if problems else _disagreements(invoice)
    if problems:
        raise refused(str(document), problems[:MOST_PROBLEMS])
    return invoice


def organisation_number(written: str) -> str:
    """Return a Swedish organisation number as 556677-8899, "" when it is none."""
    match = _ORGANISATION.fullmatch(written.replace(" ", ""))
    return f"{match[1]}-{match[2]}" if match else ""


def to_ore(number: Decimal) -> Decimal:
    """Return an amount rounded half up, away from zero, to two decimals."""
    return number.quantize(ORE, context=_WIDE)


def _without_attached(document: Document) -> Document:
    """Return a document without what is attached in it, its lines where they were: reading it costs nothing then."""
    content = document.text
    if b"EmbeddedDocumentBinaryObject" not in content:
        return document
    return Document(document.path, _ATTACHED.sub(lambda found: found[1] + b"\n" * found[2].count(b"\n"), content))


def _unwrapped(root: Element) -> Element:
    """Return the one invoice that an envelope holds; of none or several, the envelope."""
    found = _enclosed(root)
    return found[0] if len(found) == 1 else root


def _enclosed(root: Element) -> list[Element]:
    """Return the invoices that an envelope holds; none of what is an invoice itself."""
    names = [f"{{{namespace}}}{name}" for namespace, name in NAMESPACES.items()]
    return [] if root.tag in names else enclosed(root, names)


def _kind_problems(root: Element) -> list[Problem]:
    namespace, name = namespace_of(root), name_of(root)
    if count := len(_enclosed(root)):
        told = N_("the envelope holds {count} invoices: give each for itself")
        return [Problem(line_of(root), phrase(told, count=count))]
    if NAMESPACES.get(namespace) != name:
        told = N_("it is {name} of {namespace}: an Invoice or a CreditNote of UBL 2.1 is read here")
        return [Problem(line_of(root), phrase(told, name=shown(name), namespace=shown(namespace)))]
    profile = text(root, "CustomizationID")
    if profile.startswith(PROFILE):
        return []
    at = child(root, "CustomizationID")
    told = N_("CustomizationID is {text}, which is not Peppol BIS Billing 3: ask the supplier for that")
    return [Problem(line_of(root if at is None else at), phrase(told, text=shown(profile)))]


class _Reader:
    """Reads a document, and collects what cannot be read; zero then stands in its place."""

    def __init__(self, root: Element, problems: list[Problem]) -> None:
        self.root = root
        self.problems = problems
        self.is_credit_note = name_of(root) == "CreditNote"
        self.currency = text(root, "DocumentCurrencyCode")
        self.tax_total = self._tax_total()

    def invoice(self) -> Invoice:
        root, kind = self.root, name_of(self.root)
        require(root, [f"{kind}Line", *(each.format(kind) for each in ONCE)], self.problems)
        for path in ONCE:
            if again := children(root, path.format(kind))[1:]:
                message = phrase("{path} stands again, and is meant once", path=path.format(kind))
                self.problems.append(Problem(line_of(again[0]), message))
        due = day(root, "DueDate", self.problems)
        means = tuple(self._means(each) for each in while_readable(children(root, "PaymentMeans"), self.problems))
        if due is None and (dated := [each for each in children(root, "PaymentMeans") if text(each, "PaymentDueDate")]):
            due = day(dated[0], "PaymentDueDate", self.problems)
        return Invoice(
            is_credit_note=self.is_credit_note,
            id=self._identifier(root, "ID"),
            issued=day(root, "IssueDate", self.problems) or date.min,
            due=due,
            type_code=text(root, f"{kind}TypeCode"),
            currency=self.currency,
            tax_currency=text(root, "TaxCurrencyCode"),
            notes=tuple(own_text(each) for each in children(root, "Note")),
            buyer_reference=self._identifier(root, "BuyerReference"),
            order_reference=self._identifier(root, "OrderReference/ID"),
            billing_references=tuple(
                own_text(each) for each in children(root, "BillingReference/InvoiceDocumentReference/ID")
            ),
            cost=self._identifier(root, "AccountingCost"),
            terms=text(root, "PaymentTerms/Note"),
            supplier=self._party("AccountingSupplierParty/Party"),
            representative_vat=self._vat_number(child(root, "TaxRepresentativeParty")),
            customer=self._party("AccountingCustomerParty/Party"),
            payee=text(root, "PayeeParty/PartyName/Name"),
            means=means,
            allowances=tuple(self._allowances(root, of_document=True)),
            subtotals=tuple(self._subtotals()),
            totals=self._totals(),
            lines=tuple(self._line(each) for each in while_readable(children(root, f"{kind}Line"), self.problems)),
        )

    def _identifier(self, element: Element, path: str) -> str:
        """Return a text that identifies something, which cannot be cut."""
        written = text(element, path)
        if len(written) <= LONGEST:
            return written
        told = N_("{path} has {count} characters, and {most} at most are read: {text}")
        message = phrase(told, path=path, count=len(written), most=LONGEST, text=shown(written))
        self.problems.append(Problem(line_of(children(element, path)[0]), message))
        return ""

    def _money(self, element: Element, path: str) -> Decimal:
        """Return an amount in the currency of the document; zero where there is none."""
        value = amount(element, path, self.problems)
        if value is None:
            return ZERO
        self._check_currency(children(element, path)[0], path)
        return value

    def _check_currency(self, element: Element, path: str) -> None:
        currency = element.get("currencyID")
        if currency != self.currency:
            told = N_("{path} is in {currency}, but the document is in {own}")
            message = phrase(told, path=path, currency=shown(currency or ""), own=shown(self.currency))
            self.problems.append(Problem(line_of(element), message))

    def _party(self, path: str) -> Party:
        found = child(self.root, path)
        if found is None:
            return Party(0, "", "", "", "", "", ())
        vat = self._vat_number(found)
        legal, endpoint = self._identifier(found, "PartyLegalEntity/CompanyID"), self._identifier(found, "EndpointID")
        own = [own_text(each)[:LONGEST] for each in children(found, "PartyIdentification/ID")]
        swedish_vat = _SWEDISH_VAT.fullmatch(vat)
        # A number without a scheme is Swedish when nothing says that the party is not.
        country = text(found, "PostalAddress/Country/IdentificationCode").upper()
        schemes = (SWEDISH, "") if country in (SWEDEN, "") and vat[:2] in (SWEDEN, "") else (SWEDISH,)
        swedish = [
            organisation_number(legal) if _scheme(found, "PartyLegalEntity/CompanyID") in schemes else "",
            organisation_number(endpoint) if _scheme(found, "EndpointID") == SWEDISH else "",
            organisation_number(swedish_vat[1]) if swedish_vat else "",
        ]
        identifiers = tuple(dict.fromkeys(filter(None, [*swedish, legal, vat, endpoint, *own])))
        legal_name = text(found, "PartyLegalEntity/RegistrationName")
        return Party(
            line_of(found),
            text(found, "PartyName/Name") or legal_name,
            legal_name,
            next(filter(None, [*swedish, legal, vat]), ""),
            vat,
            country,
            identifiers,
        )

    def _vat_number(self, party: Element | None) -> str:
        schemes = [] if party is None else children(party, "PartyTaxScheme")
        stated = (each for each in schemes if text(each, "TaxScheme/ID").upper() == "VAT")
        return next((self._identifier(each, "CompanyID").upper().replace(" ", "") for each in stated), "")

    def _means(self, element: Element) -> Means:
        return Means(
            line_of(element),
            text(element, "PaymentMeansCode"),
            self._identifier(element, "PaymentID"),
            self._identifier(element, "PayeeFinancialAccount/ID"),
            self._identifier(element, "PayeeFinancialAccount/FinancialInstitutionBranch/ID").upper(),
        )

    def _allowances(self, element: Element, *, of_document: bool) -> Iterator[Allowance]:
        for each in while_readable(children(element, "AllowanceCharge"), self.problems):
            needed = ["ChargeIndicator", "Amount", *(["TaxCategory/ID"] if of_document else [])]
            require(each, needed, self.problems)
            base = self._money(each, "BaseAmount") if child(each, "BaseAmount") is not None else None
            yield Allowance(
                line_of(each),
                truth(each, "ChargeIndicator", self.problems) or False,
                self._money(each, "Amount"),
                base,
                number(each, "MultiplierFactorNumeric", self.problems),
                text(each, "AllowanceChargeReason"),
                self._tax(each, "TaxCategory") if of_document else None,
            )

    def _tax(self, element: Element, path: str) -> Tax:
        found = children(element, path)
        if len(found) != 1:
            told = N_("{name} has {count} {path}: each has one category of VAT")
            message = phrase(told, name=name_of(element), count=len(found), path=path)
            self.problems.append(Problem(line_of(element), message))
            return Tax("", ZERO)
        category = self._identifier(found[0], "ID")
        percent = number(found[0], "Percent", self.problems)
        if percent is None and category not in ("O", ""):
            require(found[0], ["Percent"], self.problems)
        return Tax(category, percent or ZERO)

    def _tax_total(self) -> Element | None:
        """Return the VAT in the currency of the document; another may state it in the supplier's own."""
        found = [each for each in children(self.root, "TaxTotal") if children(each, "TaxSubtotal")]
        if len(found) > 1:
            found = [each for each in found if _currency(each, "TaxAmount") == self.currency] or found
        if len(found) == 1:
            return found[0]
        message = phrase("{count} TaxTotal have a TaxSubtotal, and one is meant", count=len(found))
        self.problems.append(Problem(line_of(found[1] if found else self.root), message))
        return None

    def _subtotals(self) -> Iterator[Subtotal]:
        found = [] if self.tax_total is None else children(self.tax_total, "TaxSubtotal")
        for each in while_readable(found, self.problems):
            require(each, ["TaxableAmount", "TaxAmount", "TaxCategory/ID"], self.problems)
            tax = self._tax(each, "TaxCategory")
            yield Subtotal(line_of(each), tax, self._money(each, "TaxableAmount"), self._money(each, "TaxAmount"))

    def _totals(self) -> Totals:
        found, whole = child(self.root, "LegalMonetaryTotal"), self.tax_total
        if found is None or whole is None:
            return Totals(0, *[ZERO] * 9)
        require(
            found,
            ["LineExtensionAmount", "TaxExclusiveAmount", "TaxInclusiveAmount", "PayableAmount"],
            self.problems,
        )
        require(whole, ["TaxAmount"], self.problems)
        return Totals(
            line_of(found),
            net=self._money(found, "LineExtensionAmount"),
            allowances=self._money(found, "AllowanceTotalAmount"),
            charges=self._money(found, "ChargeTotalAmount"),
            without_tax=self._money(found, "TaxExclusiveAmount"),
            tax=self._money(whole, "TaxAmount"),
            with_tax=self._money(found, "TaxInclusiveAmount"),
            prepaid=self._money(found, "PrepaidAmount"),
            rounding=self._money(found, "PayableRoundingAmount"),
            payable=self._money(found, "PayableAmount"),
        )

    def _line(self, element: Element) -> InvoiceLine:
        quantity = "CreditedQuantity" if self.is_credit_note else "InvoicedQuantity"
        require(
            element,
            ["ID", quantity, "LineExtensionAmount", "Item/Name", "Item/ClassifiedTaxCategory/ID", "Price/PriceAmount"],
            self.problems,
        )
        price = number(element, "Price/PriceAmount", self.problems)
        if price is not None:
            self._check_currency(children(element, "Price/PriceAmount")[0], "Price/PriceAmount")
        base = number(element, "Price/BaseQuantity", self.problems)
        if base is not None and base <= 0:
            at = line_of(children(element, "Price/BaseQuantity")[0])
            message = phrase("Price/BaseQuantity is {number}: it must be above zero", number=f"{base:f}")
            self.problems.append(Problem(at, message))
        item = child(element, "Item")
        return InvoiceLine(
            line_of(element),
            self._identifier(element, "ID"),
            number(element, quantity, self.problems) or ZERO,
            self._money(element, "LineExtensionAmount"),
            price or ZERO,
            Decimal(1) if base is None else base,
            text(element, "Item/Name"),
            text(element, "Item/Description"),
            Tax("", ZERO) if item is None else self._tax(item, "ClassifiedTaxCategory"),
            self._identifier(element, "AccountingCost"),
            tuple(self._allowances(element, of_document=False)),
        )


def _currency(element: Element, path: str) -> str:
    found = child(element, path)
    return "" if found is None else found.get("currencyID") or ""


def _scheme(element: Element, path: str) -> str:
    found = child(element, path)
    return "" if found is None else found.get("schemeID") or ""


# The sums, computed again


def _disagreements(invoice: Invoice) -> list[Problem]:
    return [
        *(problem for line in invoice.lines for problem in _line_problems(line)),
        *(problem for allowance in invoice.allowances if (problem := _allowance_problem(allowance))),
        *_tax_problems(invoice),
        *_total_problems(invoice),
    ]


def _line_problems(line: InvoiceLine) -> Iterator[Problem]:
    """R120: quantity x (price / base quantity), charges and allowances."""
    yield from (problem for allowance in line.allowances if (problem := _allowance_problem(allowance)))
    worth = _WIDE.divide(_WIDE.multiply(line.quantity, line.price), line.base_quantity)
    net = to_ore(_WIDE.add(worth, _sum(allowance.added for allowance in line.allowances)))
    if abs(line.net - net) > LINE_ROOM:
        because = phrase("{quantity} at {price}, charges and allowances", quantity=line.quantity, price=line.price)
        yield _unequal(line.line, phrase("The net amount of line {line}", line=line.id), line.net, net, because)


def _allowance_problem(allowance: Allowance) -> Problem | None:
    """R040: an allowance of some per cent is that of its base."""
    if allowance.base is None or allowance.percent is None:
        return None
    computed = _share(allowance.base, allowance.percent)
    if abs(allowance.amount - computed) <= LINE_ROOM:
        return None
    what = phrase("The charge") if allowance.is_charge else phrase("The allowance")
    because = phrase("{percent} % of {amount}", percent=allowance.percent, amount=allowance.base)
    return _unequal(allowance.line, what, allowance.amount, computed, because)


def _tax_problems(invoice: Invoice) -> Iterator[Problem]:
    """BR-S-08 and its likes, BR-CO-17: what each category of VAT is taken of, and how much it is."""
    parts: dict[Tax, list[Decimal]] = {}
    for tax, part in _taxed(invoice):
        parts.setdefault(tax, []).append(part)
    seen = set()
    for subtotal in invoice.subtotals:
        tax = subtotal.tax
        if tax in seen:
            yield Problem(subtotal.line, phrase("VAT of {tax} stands twice", tax=str(tax)))
            continue
        seen.add(tax)
        own = parts.get(tax, [])
        if not _is_near(subtotal.taxable, _sum(own), tax):
            what = phrase("The taxable amount of {tax}", tax=str(tax))
            because = phrase("its lines, charges and allowances")
            yield _unequal(subtotal.line, what, subtotal.taxable, _sum(own), because)
        computed = _share(subtotal.taxable, tax.percent)
        if not _is_near(subtotal.amount, computed, tax):
            because = phrase("{percent} % of {amount}", percent=tax.percent, amount=subtotal.taxable)
            what = phrase("The VAT of {tax}", tax=str(tax))
            yield _unequal(subtotal.line, what, subtotal.amount, computed, because)
    for tax, own in parts.items():
        if tax not in seen:
            told = N_("VAT of {tax} has no TaxSubtotal, but lines, charges and allowances of {amount}")
            yield Problem(invoice.totals.line, phrase(told, tax=str(tax), amount=_sum(own)))


def _is_near(written: Decimal, computed: Decimal, tax: Tax) -> bool:
    """Tell whether an amount of a category is what it comes to: to the öre, or nearly at a rate above zero."""
    return written == computed or (tax.percent > 0 and abs(written - computed) < TAX_ROOM)


def _taxed(invoice: Invoice) -> Iterator[tuple[Tax, Decimal]]:
    for line in invoice.lines:
        yield line.tax, line.net
    for allowance in invoice.allowances:
        if allowance.tax is not None:
            yield allowance.tax, allowance.added


def _total_problems(invoice: Invoice) -> Iterator[Problem]:
    """BR-CO-10 to 16: the sums of the document."""
    totals = invoice.totals
    given = invoice.allowances
    sums = (
        ("LineExtensionAmount", totals.net, _sum(line.net for line in invoice.lines), phrase("the lines")),
        (
            "AllowanceTotalAmount",
            totals.allowances,
            _sum(each.amount for each in given if not each.is_charge),
            phrase("the allowances"),
        ),
        (
            "ChargeTotalAmount",
            totals.charges,
            _sum(each.amount for each in given if each.is_charge),
            phrase("the charges"),
        ),
        (
            "TaxExclusiveAmount",
            totals.without_tax,
            totals.net - totals.allowances + totals.charges,
            phrase("lines, less allowances, and charges"),
        ),
        (
            "TaxTotal/TaxAmount",
            totals.tax,
            _sum(each.amount for each in invoice.subtotals),
            phrase("VAT of all categories"),
        ),
        ("TaxInclusiveAmount", totals.with_tax, totals.without_tax + totals.tax, phrase("amount without VAT, and VAT")),
        (
            "PayableAmount",
            totals.payable,
            totals.with_tax - totals.prepaid + totals.rounding,
            phrase("amount with VAT, less what is prepaid, and rounding"),
        ),
    )
    for name, written, computed, what in sums:
        if written != computed:
            yield _unequal(totals.line, as_written(name), written, computed, what)


def _unequal(line: int, name: Message, written: Decimal, computed: Decimal, of: Message) -> Problem:
    told = N_("{name} is {written}, but {of} come to {computed}: ask the supplier for a right invoice")
    return Problem(line, phrase(told, name=name, written=written, of=of, computed=computed))


def _share(whole: Decimal, percent: Decimal) -> Decimal:
    return to_ore(_WIDE.divide(_WIDE.multiply(whole, percent), HUNDRED))


def _sum(numbers: Iterable[Decimal]) -> Decimal:
    return sum(numbers, ZERO)
