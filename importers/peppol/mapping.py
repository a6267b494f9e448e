"""The table `[peppol]` of a mapping: which unit an invoice is of, who approves it, and which account it goes to.

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
rate = 25                                     # per cent of VAT that we account for, where it is not 25

[peppol.reverse]                              # what we account for the VAT of, as buyer: where the outgoing VAT stands
AE = "Liabilities:FK:2617-Utgående-moms-omvänd"     # sold in Sweden with reverse charge, such as building
K = "Liabilities:FK:2617-Utgående-moms-omvänd"      # bought in another EU country
G = "Liabilities:FK:2617-Utgående-moms-omvänd"      # bought outside of the EU
vat = "Assets:FK:1650-Momsfordran"                  # where it is deducted, when that is another account

[peppol.costs]                                # what suppliers write as accounting cost, but account numbers
"Städ plan 2" = "6120-Städning"
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, TypeVar

from forbundsbok.importers.formats.ubl import Invoice, organisation_number
from forbundsbok.importers.mapping import SOME_UNIT, Table, toml_text
from forbundsbok.importers.problems import refused_whole
from forbundsbok.plugins.findings import phrase
from forbundsbok.plugins.language import N_
from forbundsbok.plugins.numbers import VER
from forbundsbok.plugins.parties import folded
from forbundsbok.plugins.roles import Role, Roles
from forbundsbok.plugins.vat import RATES

T = TypeVar("T")

EXAMPLE = """[peppol]
buyer = "222000-1234"
vat = "Assets:{unit}:1650-Momsfordran"
payable = "2510-Leverantörsskulder"
series = "L"
[peppol.references."{unit}-CHEF"]
unit = "{unit}"
attest = "CHEF-{unit}"
mottagning = "HL-{unit}"
account = "6510-Kontorsmaterial"
"""


REVERSED = {
    "AE": N_("omvänd betalningsskyldighet, the buyer accounts for the VAT"),
    "K": N_("bought in another EU country, the buyer accounts for the VAT"),
    "G": N_("bought outside the EU, the buyer accounts for the VAT"),
}
"""The categories of what the buyer accounts for the VAT of."""


class Reference(NamedTuple):
    """What a buyer's reference tells; `account` may be ""."""

    unit: str
    attest: str
    mottagning: str
    account: str


class Supplier(NamedTuple):
    """What the books call a supplier, and what it sells; both may be "". `rate`: its VAT in Sweden, in per cent."""

    name: str
    account: str
    rate: int = max(RATES)


class Reverse(NamedTuple):
    """Where the VAT stands that the buyer accounts for: by category where it is owed, and where it is deducted."""

    owed: Mapping[str, str]
    deducted: str


class PeppolMapping:
    """The mapping's `[peppol]`. Raises DocumentError."""

    def __init__(self, table: Table) -> None:
        self.filename = table.filename
        self.buyer = organisation_number(table.text("buyer"))
        if not self.buyer:
            raise table.wrong("buyer", phrase("an organisation number"), 'buyer = "222000-1234"')
        self.gln = frozenset(table.texts("gln", []))
        self.vat = table.account("vat")
        self.payable = table.text("payable")
        self.rounding = table.text("rounding", "")
        self.prepaid = table.text("prepaid", "")
        self.series = table.text("series", "L")
        if not VER.fullmatch(f"{self.series} 1"):
            raise table.wrong("series", phrase("capital letters"), 'series = "L"')
        self.reverse = _reverse(table.table("reverse"), self.vat)
        references, suppliers, costs = (table.table(key) for key in ("references", "suppliers", "costs"))
        self.references = {folded(name): _reference(each) for name, each in _unlike(references, references.tables())}
        self.suppliers = {party(number): _supplier(each) for number, each in _unlike(suppliers, suppliers.tables())}
        self.costs = {folded(cost): account for cost, account in _unlike(costs, costs.pairs())}
        table.finish()

    def reference(self, invoice: Invoice) -> Reference | None:
        """Return what the buyer's reference tells, or else the order."""
        written = filter(None, (invoice.buyer_reference, invoice.order_reference))
        return next((found for each in written if (found := self.references.get(folded(each)))), None)

    def supplier(self, number: str) -> Supplier:
        return self.suppliers.get(party(number), Supplier("", ""))


def _unlike(table: Table, values: Iterable[tuple[str, T]]) -> Iterator[tuple[str, T]]:
    """Yield what a table holds by its keys, of which no two may mean the same."""
    seen = dict[str, str]()
    for key, value in values:
        if (first := seen.setdefault(party(folded(key)), key)) != key:
            text = N_("[{table}] has {first} and {second}, which mean the same")
            message = phrase(text, table=table.name, first=repr(first), second=repr(key))
            raise refused_whole(table.filename, message)
        yield key, value


def _reference(table: Table) -> Reference:
    found = Reference(table.text("unit"), table.text("attest"), table.text("mottagning"), table.text("account", ""))
    table.finish()
    return found


def _supplier(table: Table) -> Supplier:
    found = Supplier(table.text("name", ""), table.text("account", ""), table.whole("rate", max(RATES)))
    if found.rate not in RATES:
        raise table.wrong("rate", phrase("one of {rates}", rates=list(map(str, RATES))), f"rate = {max(RATES)}")
    table.finish()
    return found


def _reverse(table: Table, vat: str) -> Reverse:
    owed = {category: table.account(category) for category in REVERSED if category in table}
    found = Reverse(owed, table.account("vat", vat))
    for category in REVERSED.keys() - owed.keys():
        table.account(category, "")  # it may be there
    table.finish()
    return found


# Texts that people write, and lines to write in the mapping


def example_for(units: Iterable[str], accounts: Iterable[str], roles: Roles) -> str:
    """Return an example of the table with the units and the accounts that a ledger has open, as far as it has any."""
    codes = list(units)
    unit = codes[0] if codes else SOME_UNIT
    text = EXAMPLE.format(unit=unit)
    for account in sorted(accounts, reverse=True):
        if roles.has(account, Role.INPUT_VAT):
            text = _with("vat", account, text)
        elif roles.has(account, Role.SUPPLIERS):
            text = _with("payable", account.split(":", 2)[2], text)
    own = f'unit = "{unit}"\n'
    return text.replace(own, f"{own.rstrip()}  # {', '.join(codes)}\n") if len(codes) > 1 else text


def _with(key: str, written: str, text: str) -> str:
    """Return lines of which that of a key says something else."""
    return "".join(f'{key} = "{written}"\n' if line.startswith(f"{key} =") else line for line in text.splitlines(True))


def party(number: str) -> str:
    """Return a supplier's number in the form in which organisation numbers are compared."""
    return organisation_number(number) or number


def cost_text(cost: str) -> str:
    """Return the lines that give an accounting cost an account."""
    return f'[peppol.costs]\n{toml_text(cost)} = "..."'


def reverse_text(category: str, account: str) -> str:
    """Return the lines that give the VAT of a category, which the buyer accounts for, an account."""
    return f'[peppol.reverse]\n{category} = "{account}"'


def supplier_text(number: str) -> str:
    """Return the lines that give a supplier an account."""
    return f'[peppol.suppliers.{toml_text(number)}]\naccount = "..."'
