"""Supplier invoices and credit notes that come by Peppol: each becomes a voucher that waits for approval.

    [peppol]
    buyer = "222000-1234"                         # our own organisation number: an invoice to others is refused
    vat = "Assets:FK:1650-Momsfordran"
    payable = "2510-Leverantörsskulder"           # accounts without root and unit are those of the invoice's unit
    rounding = "7890-Öresutjämning"               # only needed when an invoice is rounded
    prepaid = "1710-Interimsfordringar"           # only needed when a part of an invoice is paid before
    series = "L"
    gln = ["7300010000001"]                       # other numbers that suppliers know us by, when there are any

    [peppol.references."NAV-BVC"]                 # the buyer's reference, or the order: which unit, who signs
    unit = "NAV"
    attest = "BVC-NAV"
    mottagning = "HL-NAV"
    account = "6510-Kontorsmaterial"              # when neither the invoice nor the supplier tells the account

    [peppol.suppliers."556677-8899"]
    name = "Leverantör 017 IT"                    # as the books name it; its own name without this
    account = "6820-Licenser-och-datakommunikation"

    [peppol.costs]                                # what suppliers write as accounting cost, but account numbers
    "Städ plan 2" = "6120-Städning"

The voucher of an invoice:

    2025-03-05 ! "Leverantör 017 IT" "Faktura 20245: Licenser" ^L-2025-0301
      ver: "L 301"
      underlag: "underlag/2025/L-0301.xml"
      attest: "BVC-NAV"
      mottagning: "HL-NAV"
      forfallodag: 2025-04-04
      orgnr: "556677-8899"
      fakturanr: "20245"
      ocr: "2024517"
      bankgiro: "5050-1055"
      Expenses:NAV:6820-Licenser-och-datakommunikation  1000.00 SEK
      Assets:FK:1650-Momsfordran                         250.00 SEK
      Liabilities:NAV:2510-Leverantörsskulder          -1250.00 SEK

Whoever approves it writes `*` for `!`. A line's account is what its accounting cost says, a number of an account
that the unit has open or a text in `[peppol.costs]`; without one that of the invoice, of the supplier, of the
reference. Allowances and charges on the whole invoice are divided over the lines with the same VAT. VAT is deducted
as the supplier states it, Swedish VAT only. A credit note is booked the other way round, and has the link of the
invoice that it names too; its debt says by `faktura` which one it is taken from: that invoice when so much is open of
it, else the credit note, which then is to be paid back or set off.
"""

import itertools
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import ClassVar, NamedTuple, TypeVar

from beancount.core import data
from beancount.core.amount import Amount

from forbundsbok.importers.door import Door, Proposal
from forbundsbok.importers.formats.ubl import (
    STANDARD,
    Invoice,
    Line,
    Tax,
    is_invoice,
    organisation_number,
    read_invoice,
    to_ore,
)
from forbundsbok.importers.mapping import Table
from forbundsbok.importers.open_items import INVOICE, OpenItems
from forbundsbok.importers.problems import DocumentError, Problem
from forbundsbok.plugins.accounts import parse_account
from forbundsbok.plugins.attest import BOUGHT, PAYABLE, REPRESENTATION, role_of
from forbundsbok.plugins.canonical import quoted
from forbundsbok.plugins.imports import UNDERLAG
from forbundsbok.plugins.mending import VER, Numbers, indented, kronor, named, row, voucher, voucher_text
from forbundsbok.plugins.units import read_units
from forbundsbok.plugins.vouchers import WAITS, fiscal_years
from forbundsbok.plugins.years import first_day_of_year

CURRENCY = "SEK"
SUPPLIER, NUMBER = "orgnr", "fakturanr"
"""The metadata of a supplier's invoice: the supplier's organisation number, and its own number of the invoice."""

BANKS = {"SE:BANKGIRO": ("bankgiro", 4), "SE:PLUSGIRO": ("plusgiro", 1)}
"""The metadata of an account to pay to, by its bank, and how many digits it has after its hyphen."""

PLAIN = {False: ("380", "80", "82", "84", "383", "388", "393", "395", "780"), True: ("381", "81", "83", "396", "532")}
"""The types (UNTDID 1001) of invoices and of credit notes that are what they seem, also those sold to a factor."""

SPECIAL = {
    "384": "a corrected invoice, which replaces another: ask for a credit note and a new invoice",
    "386": "an invoice in advance: book it by hand on the account of what is prepaid",
    "389": "an invoice that the buyer has made: book it by hand",
    "261": "a credit note that the buyer has made: book it by hand",
}
WITHOUT_VAT = ("Z", "E", "O")
REVERSED = {
    "AE": "omvänd betalningsskyldighet, the buyer accounts for the VAT",
    "K": "bought in another EU country, the buyer accounts for the VAT",
    "G": "bought outside the EU, the buyer accounts for the VAT",
}
EXAMPLES = {"rounding": "7890-Öresutjämning", "prepaid": "1710-Interimsfordringar"}
LONGEST = 80
"""The most characters of a name in a narration."""

BEGINNING = 65536
_ACCOUNT = re.compile(r"\d{4}(?:-.+)?", re.ASCII)
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", re.ASCII)
ZERO = Decimal(0)
T = TypeVar("T")

EXAMPLE = """[peppol]
buyer = "222000-1234"
vat = "Assets:FK:1650-Momsfordran"
payable = "2510-Leverantörsskulder"
series = "L"
[peppol.references."NAV-BVC"]
unit = "NAV"
attest = "BVC-NAV"
mottagning = "HL-NAV"
account = "6510-Kontorsmaterial"
"""


class Reference(NamedTuple):
    """What a buyer's reference tells; `account` may be ""."""

    unit: str
    attest: str
    mottagning: str
    account: str


class Supplier(NamedTuple):
    """What the books call a supplier, and what it sells; both may be ""."""

    name: str
    account: str


class PeppolMapping:
    """The mapping's `[peppol]`. Raises DocumentError."""

    def __init__(self, table: Table) -> None:
        self.filename = table.filename
        self.buyer = organisation_number(table.text("buyer"))
        if not self.buyer:
            raise table.wrong("buyer", "an organisation number", 'buyer = "222000-1234"')
        self.gln = frozenset(table.texts("gln", []))
        self.vat = table.account("vat")
        self.payable = table.text("payable")
        self.rounding = table.text("rounding", "")
        self.prepaid = table.text("prepaid", "")
        self.series = table.text("series", "L")
        if not VER.fullmatch(f"{self.series} 1"):
            raise table.wrong("series", "capital letters", 'series = "L"')
        references, suppliers, costs = (table.table(key) for key in ("references", "suppliers", "costs"))
        self.references = {_plain(name): _reference(each) for name, each in _unlike(references, references.tables())}
        self.suppliers = {_party(number): _supplier(each) for number, each in _unlike(suppliers, suppliers.tables())}
        self.costs = {_plain(cost): account for cost, account in _unlike(costs, costs.pairs())}
        table.finish()

    def reference(self, invoice: Invoice) -> Reference | None:
        """Return what the buyer's reference tells, or else the order."""
        written = filter(None, (invoice.buyer_reference, invoice.order_reference))
        return next((found for each in written if (found := self.references.get(_plain(each)))), None)

    def supplier(self, number: str) -> Supplier:
        return self.suppliers.get(_party(number), Supplier("", ""))


class Peppol(Door):
    """The door of supplier invoices, with the table `[peppol]` of the mapping."""

    kind: ClassVar[str] = "peppol"

    def __init__(self, table: Table) -> None:
        self._filename = table.filename
        self._mapping = PeppolMapping(table) if table else None

    def identify(self, filepath: str) -> bool:
        with Path(filepath).open("rb") as file:
            return is_invoice(file.read(BEGINNING))

    def begins(self, filepath: str) -> date:
        return read_invoice(Path(filepath)).issued

    def propose(self, filepath: str, existing: data.Directives) -> Proposal:
        """Return the voucher of an invoice. Raises DocumentError with all that stands in its way."""
        if self._mapping is None:
            message = f"{filepath}: invoices need a mapping: write in {self._filename}, for instance"
            raise DocumentError([f"{message}\n{indented(EXAMPLE)}"])
        invoice = read_invoice(Path(filepath))
        before = _vouchers_of(invoice.supplier.number, existing)
        if invoice.type_code in PLAIN[invoice.is_credit_note] and (booked := _booked_before(invoice, before)):
            return _come_before(filepath, invoice, booked)
        booking = _Booking(filepath, invoice, self._mapping, existing)
        made = booking.voucher(before)
        return Proposal([made], made.meta[UNDERLAG], invoice.issued, _notes(invoice, made, before))


@dataclass
class _Booking:
    """Makes the voucher of an invoice, and collects all that stands in its way."""

    filename: str
    invoice: Invoice
    mapping: PeppolMapping
    existing: data.Directives
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.units = read_units(self.existing)
        self.open = _open_accounts(self.existing, self.invoice.issued)
        self.lines: dict[str, list[Line]] = defaultdict(list)
        for line in self.invoice.lines:
            self.lines[line.cost or self.invoice.cost].append(line)

    def voucher(self, before: Sequence[data.Transaction]) -> data.Transaction:
        """Return the voucher. Raises DocumentError."""
        self._check_kind()
        if self.problems:
            raise self._refused()
        reference = self.mapping.reference(self.invoice)
        if reference is None:
            self._report_reference()
            for cost in self.lines:
                self._is_account(cost)
            raise self._refused()
        rows = self._rows(reference)
        if not rows:
            self._report("it comes to nothing: there is nothing to book")
        if self.problems:
            raise self._refused()
        made = self._made(self.invoice.issued, reference, rows, before)
        booked = [entry for entry in self.existing if isinstance(entry, data.Transaction)]
        years = fiscal_years(self.existing, sorted([*booked, made], key=lambda entry: entry.date))
        if made.date.year in years.closed:
            later = self._made(first_day_of_year(years.start), reference, rows, before)
            self._report(
                f"it is dated {made.date}, and {made.date.year} is closed. Keep it as {later.meta[UNDERLAG]}, and "
                f"write the voucher by hand, on the day on which it came",
                voucher_text(later),
            )
        elif not years.have(made.date):
            self._report(f"it is dated {made.date}, and the books have {years}: is the date right?")
        if self.problems:
            raise self._refused()
        return made

    def _made(
        self, day: date, reference: Reference, rows: Iterable[data.Posting], before: Sequence[data.Transaction]
    ) -> data.Transaction:
        invoice, supplier = self.invoice, self.invoice.supplier
        ver = Numbers(self.existing).free(self.mapping.series, day.year)
        series, number = ver.split(" ")
        payee = self.mapping.supplier(supplier.number).name or _short(supplier.name)
        made = voucher(day, _narration(invoice), ver, rows, payee)
        made.meta[UNDERLAG] = f"underlag/{day.year}/{series}-{int(number):04}.xml"
        made.meta["attest"], made.meta["mottagning"] = reference.attest, reference.mottagning
        if invoice.due:
            made.meta["forfallodag"] = invoice.due
        made.meta[SUPPLIER], made.meta[NUMBER] = supplier.number, invoice.id
        made.meta.update(_payment(invoice))
        own, credited = f"{series}-{day.year}-{int(number):04}", _links_of(invoice.billing_references, before)
        of = self._settles(made, credited) or own
        postings = [_said_of(each, of) if credited else each for each in made.postings]
        return made._replace(flag=WAITS, links=frozenset({own, *credited}), postings=postings)

    def _settles(self, made: data.Transaction, credited: set[str]) -> str:
        """Return the one invoice of which at least what a credit note credits is open; "" when there is none."""
        if len(credited) != 1:
            return ""
        (link,) = credited
        is_open = [each.total for each in OpenItems(self.existing).named(link) if each.link == link and each.is_certain]
        return link if is_open and ZERO < -_owed(made) <= -is_open[0] else ""

    # The rows

    def _rows(self, reference: Reference) -> list[data.Posting]:
        totals, unit = self.invoice.totals, reference.unit
        numbers = self._costs(reference)
        numbers[self._vat()] += totals.tax
        numbers[self._sometimes(unit, "rounding", self.mapping.rounding, totals.rounding)] += totals.rounding
        numbers[self._sometimes(unit, "prepaid", self.mapping.prepaid, totals.prepaid)] -= totals.prepaid
        payable = self.mapping.payable
        where_to = f'[peppol]\npayable = "{payable}"'
        numbers[self._account(unit, payable, (PAYABLE,), totals.payable, where_to)] -= totals.payable
        assert not sum(numbers.values(), ZERO), numbers
        sign = -1 if self.invoice.is_credit_note else 1
        return [row(account, sign * number, CURRENCY) for account, number in numbers.items() if number]

    def _costs(self, reference: Reference) -> dict[str, Decimal]:
        """Return what each account is charged, with allowances and charges divided over the lines with their VAT."""
        costs: dict[str, Decimal] = defaultdict(Decimal)
        sizes: dict[Tax | None, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        for cost, lines in self.lines.items():
            account = self._cost_account(reference, cost)
            for line in lines:
                costs[account] += line.net
                sizes[line.tax][account] += abs(line.net)
                sizes[None][account] += abs(line.net)
        added: dict[Tax | None, Decimal] = defaultdict(Decimal)
        for allowance in self.invoice.allowances:
            added[allowance.tax] += allowance.added
        for tax, whole in added.items():
            over = sizes[tax] if any(sizes[tax].values()) else sizes[None]
            for account, part in _divided(whole, over).items():
                costs[account] += part
        return costs

    def _cost_account(self, reference: Reference, cost: str) -> str:
        """Return the account of lines: as their accounting cost says, or else the supplier, or the reference."""
        supplier, net = self.invoice.supplier, self._net(cost)
        if cost:
            if not self._is_account(cost):
                return ""
            written, where_to = self.mapping.costs.get(_plain(cost), cost), _cost_text(cost)
        elif written := self.mapping.supplier(supplier.number).account:
            where_to = _supplier_text(supplier.number)
        else:
            written, where_to = reference.account, _supplier_text(supplier.number)
        if written:
            return self._account(reference.unit, written, BOUGHT, net, where_to, self.lines[cost][0].line)
        message = f"nothing tells the account of {_kr(net)} from {supplier.name}: write in {self.mapping.filename}"
        self._report(message, where_to, self.lines[cost][0].line)
        return ""

    def _vat(self) -> str:
        vat, tax = self.mapping.vat, self.invoice.totals.tax
        if tax and vat not in itertools.chain.from_iterable(self.open.values()):
            message = f"{vat} is not open on {self.invoice.issued}, for {_kr(tax)} of VAT"
            self._report(f"{message}: open it, or name another in {self.mapping.filename}", f'[peppol]\nvat = "{vat}"')
        return vat

    def _sometimes(self, unit: str, key: str, written: str, number: Decimal) -> str:
        """Return the account of what only some invoices have, "" for the others."""
        if not number:
            return ""
        where_to = f'[peppol]\n{key} = "{EXAMPLES[key]}"'
        if written:
            return self._account(unit, written, BOUGHT, number, where_to)
        message = f"the invoice has {_kr(number)} of {key}: write its account in {self.mapping.filename}"
        self._report(message, where_to)
        return ""

    def _account(
        self, unit: str, written: str, groups: tuple[str, ...], number: Decimal, where_to: str, line: int = 0
    ) -> str:
        """Return the open account of a unit that is written as `6820` or `6820-Licenser`, "" when it is reported."""
        if unit not in self.units:
            message = f"{self.mapping.filename} names the unit {unit}, and the books have"
            self._report(f"{message} {', '.join(self.units)}")
            return ""
        if not written.startswith(groups):
            message = f"{written} is no account that {_kr(number)} of an invoice can stand on"
            self._report(f"{message}: name another in {self.mapping.filename}", where_to, line)
            return ""
        near = self.open.get((unit, written[:4]), [])
        found = [account for account in near if written in (written[:4], _below(account))]
        if len(found) == 1:
            return found[0]
        if found:
            message = f"{unit} has {len(found)} accounts {written}, for {_kr(number)}: write which"
        else:
            message = (
                f"{unit} has no account {written} open on {self.invoice.issued}, for {_kr(number)}: open it, or name"
            )
        known = f" ({' or '.join(map(_below, near))})" if near else ""
        self._report(f"{message} one that is open{known} in {self.mapping.filename}", where_to, line)
        return ""

    def _net(self, cost: str) -> Decimal:
        return sum((line.net for line in self.lines[cost]), ZERO)

    # What stands in the way

    def _check_kind(self) -> None:
        """Report what cannot be booked by this door at all."""
        invoice, supplier = self.invoice, self.invoice.supplier
        if invoice.type_code not in PLAIN[invoice.is_credit_note]:
            self._report(
                f"it is of type {invoice.type_code}, {SPECIAL.get(invoice.type_code, 'which is no such document')}"
            )
        if invoice.currency != CURRENCY:
            self._report(
                f"{invoice.totals.payable:.2f} {invoice.currency} to pay, and the ledger is in {CURRENCY}: write the "
                f"voucher by hand at the rate of the day, with these below its first line",
                f"{SUPPLIER}: {quoted(supplier.number)}\n{NUMBER}: {quoted(invoice.id)}",
            )
        self._check_buyer()
        if not supplier.number:
            message = f"{_short(supplier.name)} states no organisation number: ask for an invoice that does"
            self._report(message, line=supplier.line)
        for subtotal in invoice.subtotals:
            category = subtotal.tax.category
            if category != STANDARD and category not in WITHOUT_VAT:
                why = REVERSED.get(category, "which is not known here")
                message = f"{subtotal.taxable:.2f} {invoice.currency} have VAT of category {category}: {why}"
                self._report(f"{message}. Write the voucher by hand, with the VAT that it means", line=subtotal.line)
        self._check_vat()

    def _check_vat(self) -> None:
        """Report VAT that is not Swedish. Without a VAT number a Swedish supplier's may be: that is noted."""
        supplier, tax = self.invoice.supplier, self.invoice.totals.tax
        swedish = supplier.vat.startswith("SE") if supplier.vat else bool(organisation_number(supplier.number))
        if tax and not swedish:
            stated = f"VAT number {supplier.vat}" if supplier.vat else "no VAT number"
            self._report(
                f"{_short(supplier.name)} charges {tax:.2f} {self.invoice.currency} of VAT, with {stated}: only "
                f"Swedish VAT is deducted. Ask for a right invoice, or write the voucher by hand",
                line=supplier.line,
            )

    def _check_buyer(self) -> None:
        customer, buyer = self.invoice.customer, self.mapping.buyer
        stated = organisation_number(customer.number)
        if stated == buyer or (not stated and self.mapping.gln & set(customer.identifiers)):
            return
        number = customer.number or "without organisation number"
        message = f"it is to {_short(customer.name)} ({number}), and we are {buyer}: send it back"
        self._report(f"{message}, or ask for an invoice with our number", line=customer.line)

    def _report_reference(self) -> None:
        invoice, filename = self.invoice, self.mapping.filename
        owed = f"{_kr(invoice.totals.payable)} from {_short(invoice.supplier.name)}"
        written = [each for each in (invoice.buyer_reference, invoice.order_reference) if each]
        if not written:
            message = f"{owed} have neither a buyer's reference nor an order, so nothing tells whose they are"
            self._report(f"{message}: ask for an invoice with the reference of a unit")
            return
        keys = [f'unit = "..."  # {", ".join(self.units)}', 'attest = "..."', 'mottagning = "..."', 'account = "..."']
        self._report(
            f"nothing tells whose {owed} are, with reference {' and order '.join(written)}: write in {filename}",
            "\n".join([f"[peppol.references.{_toml(written[0])}]", *keys]),
        )

    def _is_account(self, cost: str) -> bool:
        """Tell whether an accounting cost is mapped, or may be an account; report it when it is neither."""
        if not cost or _plain(cost) in self.mapping.costs or _ACCOUNT.fullmatch(cost):
            return True
        names = ", ".join(dict.fromkeys(_short(line.name) for line in self.lines[cost][:3]))
        message = f"{_kr(self._net(cost))} ({names}) have the accounting cost {cost}, which is no account"
        line = self.lines[cost][0].line
        self._report(f"{message}: write in {self.mapping.filename}", _cost_text(cost), line=line)
        return False

    def _report(self, message: str, paste: str = "", line: int = 0) -> None:
        problem = Problem(line, "\n".join(filter(None, [message, indented(paste)])))
        self.problems.append(problem.at(self.filename))

    def _refused(self) -> DocumentError:
        return DocumentError(dict.fromkeys(self.problems))


def _said_of(posting: data.Posting, link: str) -> data.Posting:
    """Return a row that says, when it is of a debt, of which invoice: what is open of each can then be told."""
    role = role_of(posting.account)
    return posting._replace(meta={INVOICE: link}) if role is not None and role.group == PAYABLE else posting


def _divided(whole: Decimal, sizes: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Divide an amount by size, to the öre: the largest takes what is left, or the first when all are nothing."""
    total, largest = sum(sizes.values(), ZERO), max(sizes, key=lambda each: sizes[each])
    parts = {each: to_ore(whole * size / total) if total else ZERO for each, size in sizes.items() if each != largest}
    return {**parts, largest: whole - sum(parts.values(), ZERO)}


def _narration(invoice: Invoice) -> str:
    names = list(dict.fromkeys(line.name for line in invoice.lines))
    more = " m.m." if len(names) > 1 else ""
    return f"{_called(invoice)}: {_short(names[0])}{more}"


def _called(invoice: Invoice) -> str:
    if not invoice.is_credit_note and invoice.totals.payable >= 0:
        return f"Faktura {invoice.id}"
    of = ", ".join(_short(each) for each in invoice.billing_references[:3])
    return f"Kreditfaktura {invoice.id}" + (f" avser {of}" if of else "")


def _payment(invoice: Invoice) -> dict[str, str]:
    """Return how to pay, as metadata: the first account of each kind, and the first reference."""
    meta: dict[str, str] = {}
    for means in invoice.means:
        if means.reference:
            meta.setdefault("ocr", means.reference)
        if means.account:
            plain = means.account.replace("-", "").replace(" ", "")
            key, digits = BANKS.get(means.bank, ("iban" if _IBAN.fullmatch(plain) else "konto", 0))
            shown = f"{plain[:-digits]}-{plain[-digits:]}" if digits and plain.isdecimal() else plain
            meta.setdefault(key, shown)
    return meta


def _notes(invoice: Invoice, made: data.Transaction, before: Sequence[data.Transaction]) -> list[str]:
    """Return what whoever approves an invoice should know."""
    called, notes = f"{made.meta['ver']} {made.payee}, {_called(invoice)}", []
    if not before:
        notes.append(f"{called}: the first from {invoice.supplier.number} with an organisation number in the books")
    for key in (*(key for key, _ in BANKS.values()), "iban", "konto"):
        paid = [entry for entry in before if entry.meta.get(key)]
        if key in made.meta and paid and paid[-1].meta[key] != made.meta[key]:
            notes.append(
                f"{called}: to be paid to {key} {made.meta[key]}, but {named(paid[-1])} says "
                f"{paid[-1].meta[key]}: ask the supplier, by a number that you know, before it is paid"
            )
    if invoice.billing_references and not _links_of(invoice.billing_references, before):
        mend = "write its link (^L-2025-0301) on this voucher when it has come in"
        notes.append(f"{called}: an invoice that the books do not know by number: {mend}")
    if invoice.payee and invoice.payee != invoice.supplier.name:
        notes.append(f"{called}: to be paid to {_short(invoice.payee)}")
    if "forfallodag" not in made.meta and invoice.totals.payable > 0 and not invoice.is_credit_note:
        notes.append(f"{called}: without due date; terms: {_short(invoice.terms) or 'none'}")
    if invoice.totals.tax and not invoice.supplier.vat:
        notes.append(f"{called}: {_kr(invoice.totals.tax)} of VAT without the supplier's VAT number: is it deductible?")
    if any((name := parse_account(each.account)) and name.number.startswith(REPRESENTATION) for each in made.postings):
        notes.append(f"{called}: representation: write syfte and deltagare, and see how much VAT is deductible")
    return notes


# What the ledger has


def _vouchers_of(number: str, existing: data.Directives) -> list[data.Transaction]:
    """Return the vouchers of a supplier's invoices, in the order of the ledger."""
    return [
        entry
        for entry in existing
        if isinstance(entry, data.Transaction)
        and NUMBER in entry.meta
        and number
        and _party(str(entry.meta.get(SUPPLIER))) == _party(number)
        and any((role := role_of(each.account)) and role.bought for each in entry.postings)
    ]


def _booked_before(invoice: Invoice, before: Iterable[data.Transaction]) -> data.Transaction | None:
    """Return the voucher of the same invoice: a credit note may bear the number of an invoice."""
    owed = _owed_by(invoice)
    for entry in before:
        if _plain(str(entry.meta[NUMBER])) == _plain(invoice.id) and _owed(entry) * owed >= 0:
            return entry
    return None


def _come_before(filepath: str, invoice: Invoice, booked: data.Transaction) -> Proposal:
    """Return the proposal of an invoice that is booked already. Raises DocumentError when it was another amount."""
    owed, was = _owed_by(invoice), _owed(booked)
    what = f"{filepath}: {_called(invoice)} from {invoice.supplier.name} is in the ledger as {named(booked)}"
    if invoice.currency == CURRENCY and owed != was:
        ask = "ask the supplier which is right, and for another number"
        raise DocumentError([f"{what} with {_kr(was)}, but is of {_kr(owed)} here: {ask}"])
    return Proposal([], "", invoice.issued, [f"{what}: it adds nothing"])


def _owed_by(invoice: Invoice) -> Decimal:
    return -invoice.totals.payable if invoice.is_credit_note else invoice.totals.payable


def _owed(entry: data.Transaction) -> Decimal:
    """Return what a voucher owes to suppliers."""
    owed = ZERO
    for account, units, *_ in entry.postings:
        role = role_of(account)
        if role is not None and role.group == PAYABLE and isinstance(units, Amount):
            owed -= units.number or ZERO
    return owed


def _links_of(references: Iterable[str], before: Iterable[data.Transaction]) -> set[str]:
    """Return the links of the invoices that a credit note names."""
    named_there = set(map(_plain, references))
    return {link for entry in before if _plain(str(entry.meta[NUMBER])) in named_there for link in entry.links or ()}


def _open_accounts(existing: data.Directives, day: date) -> dict[tuple[str, str], list[str]]:
    """Return the accounts that are open on a day, by unit and number."""
    closed = {entry.account for entry in existing if isinstance(entry, data.Close) and entry.date <= day}
    accounts = defaultdict(list)
    for entry in existing:
        if isinstance(entry, data.Open) and entry.date <= day and entry.account not in closed:
            name = parse_account(entry.account)
            if name is not None:
                accounts[name.unit, name.number].append(entry.account)
    return accounts


def _below(account: str) -> str:
    """Return an account as it is called within its unit: 6820-Licenser."""
    return account.split(":", 2)[2]


# Texts


def _unlike(table: Table, values: Iterable[tuple[str, T]]) -> Iterator[tuple[str, T]]:
    """Yield what a table holds by its keys, of which no two may mean the same."""
    seen = dict[str, str]()
    for key, value in values:
        if (first := seen.setdefault(_party(_plain(key)), key)) != key:
            raise DocumentError([f"{table.filename}: [{table.name}] has {first!r} and {key!r}, which mean the same"])
        yield key, value


def _reference(table: Table) -> Reference:
    found = Reference(table.text("unit"), table.text("attest"), table.text("mottagning"), table.text("account", ""))
    table.finish()
    return found


def _supplier(table: Table) -> Supplier:
    found = Supplier(table.text("name", ""), table.text("account", ""))
    table.finish()
    return found


def _party(number: str) -> str:
    """Return a supplier's number in the form in which organisation numbers are compared."""
    return organisation_number(number) or number


def _plain(written: str) -> str:
    """Return a text to compare by: people write capitals and spaces as they like."""
    return " ".join(written.split()).casefold()


def _short(written: str) -> str:
    return written if len(written) <= LONGEST else f"{written[: LONGEST - 3].rstrip()}..."


def _toml(written: str) -> str:
    """Return a text as TOML writes it."""
    return json.dumps(written, ensure_ascii=False)


def _cost_text(cost: str) -> str:
    return f'[peppol.costs]\n{_toml(cost)} = "..."'


def _supplier_text(number: str) -> str:
    return f'[peppol.suppliers.{_toml(number)}]\naccount = "..."'


def _kr(number: Decimal) -> str:
    return f"{kronor(number)} {CURRENCY}"
