"""The voucher of an invoice, which waits for approval.

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
reference; what is bought in advance stands as prepaid. Allowances and charges on the whole invoice are divided over the
lines with the same VAT. VAT is deducted as the supplier states it, Swedish VAT only. VAT that the buyer accounts for
(omvänd betalningsskyldighet) is both owed and deducted, where `[peppol.reverse]` says. A credit note is booked the
other way round, and has the link of the invoice that it names too; its debt says by `faktura` which one it is taken
from: that invoice when so much is open of it, else the credit note, which then is to be paid back or set off. An
invoice whose credit note came first takes it off its debt, by a row of its own that names the credit note.
"""

import itertools
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from beancount.core import data

from forbundsbok.importers.archive import dated_path, kept_path
from forbundsbok.importers.document import Document
from forbundsbok.importers.door import with_underlag
from forbundsbok.importers.formats.ubl import Invoice, InvoiceLine, Tax, to_ore
from forbundsbok.importers.open_items import OpenItems
from forbundsbok.importers.payments import OBSERVE
from forbundsbok.importers.peppol.ledger import (
    NUMBER,
    SUPPLIER,
    below_unit,
    booked_debt,
    credited_before,
    links_of,
    open_accounts,
    same_number,
)
from forbundsbok.importers.peppol.mapping import PeppolMapping, Reference, cost_text, supplier_text
from forbundsbok.importers.peppol.prepayments import credits_advance, is_deducted_again, paid_before, taken_off
from forbundsbok.importers.peppol.refusals import IN_ADVANCE, Refusals, kr, short
from forbundsbok.plugins.check_digits import printed
from forbundsbok.plugins.corrections import number_of
from forbundsbok.plugins.findings import as_written, phrase
from forbundsbok.plugins.imports import IMPORT, SHA256
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.ledger_text import custom_of, directives_text, posting, voucher
from forbundsbok.plugins.money import CURRENCY, ZERO
from forbundsbok.plugins.numbers import FreeNumbers
from forbundsbok.plugins.open_items import INVOICE, INVOICE_DATE, invoice_day, own_link
from forbundsbok.plugins.parties import folded
from forbundsbok.plugins.review import WAITS
from forbundsbok.plugins.roles import Role, Roles, read_roles
from forbundsbok.plugins.units import read_units
from forbundsbok.plugins.years import FiscalYears, first_day_of_year, fiscal_years

BANKS = {"SE:BANKGIRO": "bankgiro", "SE:PLUSGIRO": "plusgiro"}
"""The metadata of an account to pay to, by its bank."""

EXAMPLES = {"rounding": "7890-Öresutjämning", "prepaid": "1710-Interimsfordringar"}
CALLED = {"rounding": N_("rounding"), "prepaid": N_("what is prepaid")}
"""What only some invoices have, by its key in the mapping: an account for example, and what it is called."""

_ACCOUNT = re.compile(r"(\d{4,6})(?:-.+)?", re.ASCII)
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", re.ASCII)


class InvoiceBooking:
    """Makes the voucher of an invoice, and collects all that stands in its way."""

    def __init__(self, document: Document, invoice: Invoice, mapping: PeppolMapping, existing: data.Directives) -> None:
        self._document = document
        self.invoice = invoice
        self.mapping = mapping
        self.existing = existing
        self._booked = [entry for entry in existing if isinstance(entry, data.Transaction)]
        self.units = read_units(self.existing)
        self.roles = read_roles(self.existing)
        self.open = open_accounts(self.existing, self.invoice.issued)
        self._ever_open = {entry.account for entry in existing if isinstance(entry, data.Open)}
        of_vat = (account for account in self._open_now() if self.roles.has(account, Role.OUTPUT_VAT))
        self.refusals = Refusals(document, invoice, mapping, of_vat)
        self.lines: dict[str, list[InvoiceLine]] = defaultdict(list)
        for line in self.invoice.lines:
            self.lines[line.cost or self.invoice.cost].append(line)

    def booked(self, before: Sequence[data.Transaction]) -> data.Transaction | data.Note:
        """Return the voucher; a note that it came, where there is nothing to book.

        Raises DocumentError.
        """
        self.refusals.check_kind()
        if self.refusals:
            raise self.refusals.error()
        reference = self.mapping.reference(self.invoice)
        if reference is None:
            self.refusals.add_unknown_reference(self.units)
            for cost in self.lines:
                self._is_account(cost)
            raise self.refusals.error()
        rows = self._rows(reference, before)
        if self.refusals:
            raise self.refusals.error()
        if not rows:
            return self._remark(reference.unit, paid_before(self.invoice, before, self.roles))
        made = self._voucher_on(self.invoice.issued, reference, rows, before)
        years = fiscal_years(self.existing, sorted([*self._booked, made], key=lambda entry: entry.date))
        if made.date.year in years.closed:
            later = self._voucher_on(first_day_of_year(years.start), reference, rows, before)
            kept = invoice_path(later)
            came_in = custom_of(IMPORT, later.date, ["peppol", kept], {SHA256: self._document.sha256})
            text = N_(
                "it is dated {day}, and {year} is closed. Keep it as {file}, and write the voucher by hand, "
                "on the day on which it came"
            )
            self.refusals.add(
                phrase(text, day=made.date, year=made.date.year, file=kept),
                directives_text([with_underlag(later, kept), came_in]),
            )
        self._refuse_other_years(years)
        return made

    def _remark(self, unit: str, paid: Sequence[data.Transaction]) -> data.Note:
        """Return the note of an invoice of nothing, or of nothing more than was paid before: its document is kept."""
        account = self._account(unit, self.mapping.payable, Role.SUPPLIERS, ZERO, '[peppol]\npayable = "..."')
        years = fiscal_years(self.existing, self._booked)
        self._refuse_other_years(years)
        issued = self.invoice.issued
        day = first_day_of_year(years.start) if issued.year in years.closed else issued
        of = ", ".join(f"{each.meta.get('ver')} {each.date.year}" for each in paid)
        what = f"drar av allt som {of} har bokfört" if paid else "är på noll kronor: det finns inget att bokföra"
        text = f"{invoice_title(self.invoice)} från {self._payee()} {what}"
        return data.Note({}, day, account, text, data.EMPTY_SET, data.EMPTY_SET)

    def _refuse_other_years(self, years: FiscalYears) -> None:
        """Raise what was reported, and that the books do not have the invoice's year. Raises DocumentError."""
        if not years.have(self.invoice.issued):
            text = (
                N_("it is dated {day}, and the books have {closed} closed, {open} open: is the date right?")
                if years.closed
                else N_("it is dated {day}, and the books have {open} open: is the date right?")
            )
            values = {"day": self.invoice.issued, "closed": sorted(years.closed), "open": years.open}
            self.refusals.add(phrase(text, **values))
        if self.refusals:
            raise self.refusals.error()

    def _voucher_on(
        self, day: date, reference: Reference, rows: Iterable[data.Posting], before: Sequence[data.Transaction]
    ) -> data.Transaction:
        invoice, supplier = self.invoice, self.invoice.supplier
        ver = FreeNumbers(self._booked).free(self.mapping.series, day.year)
        made = voucher(day, _narration(invoice), ver, rows, self._payee())
        made.meta["attest"], made.meta["mottagning"] = reference.attest, reference.mottagning
        if invoice.due:
            made.meta["forfallodag"] = invoice.due
        made.meta[SUPPLIER], made.meta[NUMBER] = supplier.number, invoice.id
        alike = same_number(invoice, before, self.roles)
        if day != invoice.issued or alike:
            made.meta[INVOICE_DATE] = invoice.issued
        if alike:
            made.meta[OBSERVE] = f"samma nummer som {alike[0].meta.get('ver')} {invoice_day(alike[0])}"
        elif credits := credited_before(invoice, before):
            made.meta[OBSERVE] = f"{', '.join(str(each.meta.get('ver')) for each in credits)} är kreditfaktura på den"
        elif is_deducted_again(invoice, before, self.roles):
            made.meta[OBSERVE] = "momsen på det som betalats förut kan vara avdragen två gånger"
        elif paid_without_transfer(invoice):
            made.meta[OBSERVE] = "betalas på annat sätt än med betalfil"
        made.meta.update(_payment(invoice))
        own, credited = own_link(ver, day), links_of(invoice.billing_references, before)
        credited = credited.union(*(entry.links for entry in paid_before(invoice, before, self.roles)))
        of = self._settles(made, credited) or own
        set_off = self._set_off(made, before)
        links = {own, *credited, *(row.meta[INVOICE] for row in set_off if row.meta)}
        rows = _less(made.postings, set_off)
        postings = [_said_of(each, of, self.roles) if len(links) > 1 else each for each in rows]
        return made._replace(flag=WAITS, links=frozenset(links), postings=[*postings, *set_off])

    def _payee(self) -> str:
        supplier = self.invoice.supplier
        return self.mapping.supplier(supplier.number).name or short(supplier.name)

    def _set_off(self, made: data.Transaction, before: Sequence[data.Transaction]) -> list[data.Posting]:
        """Return the parts of an invoice's debt that credit notes which came before it have taken already."""
        links = sorted(link for each in credited_before(self.invoice, before) for link in each.links)
        if not links:
            return []
        open_items = OpenItems(self.existing)
        found = []
        for row in made.postings:
            left = -number_of(row) if self.roles.has(row.account, Role.SUPPLIERS) else ZERO
            for link in links:
                items = [each for each in open_items.named(link) if each.link == link and each.is_certain]
                part = min(left, sum((each.open.get(row.account, ZERO) for each in items), ZERO))
                if part > 0:
                    found.append(posting(row.account, -part, CURRENCY, {INVOICE: link}))
                    left -= part
        return found

    def _settles(self, made: data.Transaction, credited: set[str]) -> str:
        """Return the one invoice of which at least what a credit note credits is open; "" when there is none."""
        if len(credited) != 1:
            return ""
        (link,) = credited
        is_open = [each.total for each in OpenItems(self.existing).named(link) if each.link == link and each.is_certain]
        return link if is_open and ZERO < -booked_debt(made, self.roles) <= -is_open[0] else ""

    # The rows

    def _rows(self, reference: Reference, before: Sequence[data.Transaction]) -> list[data.Posting]:
        totals, unit = self.invoice.totals, reference.unit
        numbers = self._costs(
            reference, self.invoice.type_code == IN_ADVANCE or credits_advance(self.invoice, before, self.roles)
        )
        numbers[self._vat_account(self.mapping.vat, "[peppol]\nvat", totals.tax)] += totals.tax
        for account, tax in self._reversed():
            numbers[account] += tax
        numbers[self._sometimes(unit, "rounding", self.mapping.rounding, totals.rounding)] += totals.rounding
        if paid := paid_before(self.invoice, before, self.roles):
            for account, number in taken_off(paid, self.roles):
                numbers[account] += number
        else:
            numbers[self._sometimes(unit, "prepaid", self.mapping.prepaid, totals.prepaid)] -= totals.prepaid
        payable = self.mapping.payable
        where_to = '[peppol]\npayable = "..."'
        numbers[self._account(unit, payable, Role.SUPPLIERS, totals.payable, where_to)] -= totals.payable
        assert not sum(numbers.values(), ZERO), numbers
        sign = -1 if self.invoice.is_credit_note else 1
        return [posting(account, sign * number, CURRENCY) for account, number in numbers.items() if number]

    def _costs(self, reference: Reference, is_in_advance: bool) -> dict[str, Decimal]:
        """Return what each account is charged, with allowances and charges divided over the lines with their VAT."""
        costs: dict[str, Decimal] = defaultdict(Decimal)
        sizes: dict[Tax | None, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        for cost, lines in self.lines.items():
            if is_in_advance:
                account = self._sometimes(reference.unit, "prepaid", self.mapping.prepaid, self._net(cost))
            else:
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
            written, where_to = self.mapping.costs.get(folded(cost), cost), cost_text(cost)
        elif written := self.mapping.supplier(supplier.number).account:
            where_to = supplier_text(supplier.number)
        else:
            written, where_to = reference.account, supplier_text(supplier.number)
        if written:
            return self._account(reference.unit, written, Role.PURCHASES, net, where_to, self.lines[cost][0].line)
        text = N_("nothing tells the account of {amount} from {supplier}: write in {file}")
        message = phrase(text, amount=kr(net), supplier=supplier.name, file=self.mapping.filename)
        self.refusals.add(message, where_to, self.lines[cost][0].line)
        return ""

    def _reversed(self) -> Iterator[tuple[str, Decimal]]:
        """Yield the rows of VAT that the buyer accounts for: as much is owed as is deducted."""
        rate, reverse = self.mapping.supplier(self.invoice.supplier.number).rate, self.mapping.reverse
        for subtotal in self.invoice.subtotals:
            category, tax = subtotal.tax.category, to_ore(subtotal.taxable * rate / 100)
            if category in reverse.owed:
                yield self._vat_account(reverse.deducted, "[peppol.reverse]\nvat", tax), tax
                yield self._vat_account(reverse.owed[category], f"[peppol.reverse]\n{category}", tax), -tax

    def _vat_account(self, account: str, key: str, tax: Decimal) -> str:
        """Return an account of VAT; report it when it is not open."""
        if tax and account not in self._open_now():
            text = N_("{account} is not open on {day}, for {amount} of VAT: open it, or name another in {file}")
            file, day = self.mapping.filename, self.invoice.issued
            message = phrase(text, account=account, day=day, amount=kr(tax), file=file)
            self.refusals.add(message, f'{key} = "..."', opens=self._to_open(account))
        return account

    def _open_now(self) -> set[str]:
        return set(itertools.chain.from_iterable(self.open.values()))

    def _to_open(self, account: str) -> str:
        """Return an account that the ledger could open, "" for one that it has open on other days."""
        return "" if account in self._ever_open else account

    def _sometimes(self, unit: str, key: str, written: str, number: Decimal) -> str:
        """Return the account of what only some invoices have, "" for the others."""
        if not number:
            return ""
        if written:
            return self._account(unit, written, Role.PURCHASES, number, f'[peppol]\n{key} = "..."')
        example = EXAMPLES[key]
        found = next(iter(self.open.get((unit, _number(example)), ())), "")
        opens = "" if found else self._to_open(self._account_in(unit, example))
        text = N_("the invoice has {amount} of {what}: write its account in {file}")
        message = phrase(text, amount=kr(number), what=phrase(CALLED[key]), file=self.mapping.filename)
        self.refusals.add(message, f'[peppol]\n{key} = "{below_unit(found) if found else example}"', opens=opens)
        return ""

    def _account(self, unit: str, written: str, role: Role, number: Decimal, where_to: str, line: int = 0) -> str:
        """Return the open account of a unit that is written as `6820` or `6820-Licenser`, "" when it is reported."""
        if unit not in self.units:
            text = N_("{file} names the unit {unit}, and the books have {units}")
            units = as_written(", ".join(self.units))
            self.refusals.add(phrase(text, file=self.mapping.filename, unit=unit, units=units))
            return ""
        near = self.open.get((unit, _number(written)), [])
        if not (any(self.roles.has(account, role) for account in near) if near else self._is_of(written, role)):
            text = N_("{account} is no account that {amount} of an invoice can stand on: name another in {file}")
            message = phrase(text, account=written, amount=kr(number), file=self.mapping.filename)
            self.refusals.add(message, where_to, line)
            return ""
        found = [account for account in near if written in (_number(written), below_unit(account))]
        if len(found) == 1:
            return found[0]
        if found:
            text = N_("{unit} has {count} accounts {account}, for {amount}: write which in {file} ({near})")
        elif near:
            text = N_(
                "{unit} has no account {account} open on {day}, for {amount}: open it, or name one that is open "
                "({near}) in {file}"
            )
        else:
            text = N_(
                "{unit} has no account {account} open on {day}, for {amount}: open it, or name one that is open in "
                "{file}"
            )
        message = phrase(
            text,
            unit=unit,
            count=len(found),
            account=written,
            day=self.invoice.issued,
            amount=kr(number),
            near=list(map(below_unit, near)),
            file=self.mapping.filename,
        )
        opens = "" if near or written.isdecimal() else self._to_open(self._account_in(unit, written))
        self.refusals.add(message, where_to, line, opens)
        return ""

    def _is_of(self, written: str, role: Role) -> bool:
        return self.roles.slag_of_number(_number(written)).within(*role.words)

    def _account_in(self, unit: str, written: str) -> str:
        """Return the account of a unit that is written as `6820-Licenser`."""
        return f"{self.roles.slag_of_number(_number(written)).roots[0]}:{unit}:{written}"

    def _net(self, cost: str) -> Decimal:
        return sum((line.net for line in self.lines[cost]), ZERO)

    def _is_account(self, cost: str) -> bool:
        """Tell whether an accounting cost is mapped, or may be an account; report it when it is neither."""
        if not cost or folded(cost) in self.mapping.costs or _ACCOUNT.fullmatch(cost):
            return True
        names = ", ".join(dict.fromkeys(short(line.name) for line in self.lines[cost][:3]))
        text = N_("{amount} ({lines}) have the accounting cost {cost}, which is no account: write in {file}")
        message = phrase(text, amount=kr(self._net(cost)), lines=names, cost=cost, file=self.mapping.filename)
        self.refusals.add(message, cost_text(cost), line=self.lines[cost][0].line)
        return False


def _number(written: str) -> str:
    """Return the number of an account that is written as `6820-Licenser`."""
    match = _ACCOUNT.fullmatch(written)
    return match[1] if match else ""


def _said_of(posting: data.Posting, link: str, roles: Roles) -> data.Posting:
    """Return a row that says, when it is of a debt, of which invoice: what is open of each can then be told."""
    return posting._replace(meta={INVOICE: link}) if roles.has(posting.account, Role.SUPPLIERS) else posting


def _less(rows: Iterable[data.Posting], parts: Sequence[data.Posting]) -> Iterator[data.Posting]:
    """Yield rows less the parts of them that stand for themselves."""
    for row in rows:
        if left := number_of(row) - sum((number_of(each) for each in parts if each.account == row.account), ZERO):
            yield posting(row.account, left, CURRENCY)


def _divided(whole: Decimal, sizes: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Divide an amount by size, to the öre: the largest takes what is left, or the first when all are nothing."""
    total, largest = sum(sizes.values(), ZERO), max(sizes, key=lambda each: sizes[each])
    parts = {each: to_ore(whole * size / total) if total else ZERO for each, size in sizes.items() if each != largest}
    return {**parts, largest: whole - sum(parts.values(), ZERO)}


def _narration(invoice: Invoice) -> str:
    names = list(dict.fromkeys(line.name for line in invoice.lines))
    more = " m.m." if len(names) > 1 else ""
    return f"{invoice_title(invoice)}: {short(names[0])}{more}"


def invoice_title(invoice: Invoice) -> str:
    """Return what an invoice is called: Faktura 20245."""
    if not invoice.is_credit_note and invoice.totals.payable >= 0:
        return f"Faktura {invoice.id}"
    of = ", ".join(short(each) for each in invoice.billing_references[:3])
    return f"Kreditfaktura {invoice.id}" + (f" avser {of}" if of else "")


def invoice_path(entry: data.Transaction | data.Note) -> str:
    """Return where the invoice of a voucher is to be kept: by the voucher's number; that of a note by its day."""
    if isinstance(entry, data.Note):
        return dated_path(entry.date, "faktura", ".xml")
    series, number = entry.meta["ver"].split(" ")
    return kept_path(entry.date.year, f"{series}-{int(number):04}.xml")


WITHOUT_TRANSFER = {
    "10": N_("in cash"),
    "48": N_("by card"),
    "49": N_("by direct debit (autogiro)"),
    "54": N_("by card"),
    "55": N_("by card"),
    "59": N_("by direct debit (autogiro)"),
    "97": N_("by set-off between the parties"),
}
"""How an invoice is paid without that the buyer sends anything, by the codes of means of payment (UNCL 4461)."""


def paid_without_transfer(invoice: Invoice) -> str:
    """Return how an invoice is paid that the buyer is to send nothing for; nothing for any other."""
    told = [WITHOUT_TRANSFER.get(means.code, "") for means in invoice.means]
    return told[0] if told and all(told) else ""


def _payment(invoice: Invoice) -> dict[str, str]:
    """Return how to pay, as metadata: the first account of each kind, and the first reference.

    No account is kept of what the supplier draws: it would be paid twice.
    """
    meta: dict[str, str] = {}
    for means in invoice.means:
        if means.reference:
            meta.setdefault("ocr", means.reference)
        if means.account and means.code not in WITHOUT_TRANSFER:
            number = means.account.replace("-", "").replace(" ", "")
            key = BANKS.get(means.bank) or ("iban" if _IBAN.fullmatch(number) else "konto")
            meta.setdefault(key, printed(key, number))
    return meta
