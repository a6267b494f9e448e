"""Bank files of the tests' own making, and a federation whose bank they are of."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from beancount import loader
from beancount.parser import printer

from forbundsbok.importers.bgmax import BgMax
from forbundsbok.importers.camt import Camt
from forbundsbok.importers.camt_details import Notifications, Reports
from forbundsbok.importers.document import Document
from forbundsbok.importers.door import Door, Proposal
from forbundsbok.importers.intake import proposed
from forbundsbok.importers.mapping import read_mapping
from forbundsbok.scripts.store.fixes import without
from tests.main_file import head

IBAN = "SE4550000000058398257466"
BANK = "Assets:FK:1610-Internbank"
TRANSIT = "Assets:FK:1690-Bankgiro-på-väg"
OBSERVATION = "Liabilities:FK:2890-Observationskonto"
BANKGIRO = "9912346"

MAPPING = f"""
[bank."{IBAN}"]
account = "{BANK}"
observation = "{OBSERVATION}"
series-in = "I"
series-out = "U"

[bgmax."{BANKGIRO}"]
account = "{TRANSIT}"
observation = "{OBSERVATION}"
series = "I"
"""

LEDGER = f"""{head("Kommunalförbundet Väst")}
2024-12-31 custom "unit" "FK" "Förbundskansli"
  overskott: "behalls"
2024-12-31 custom "unit" "NAV" "Navet"
  overskott: "behalls"

2024-12-31 open Assets:FK:1510-Kundfordringar SEK
2024-12-31 open Assets:FK:1610-Internbank SEK
2024-12-31 open Assets:FK:1690-Bankgiro-på-väg SEK
2024-12-31 open Assets:FK:1790-Avräkning SEK
2024-12-31 open Assets:NAV:1510-Kundfordringar SEK
2024-12-31 open Assets:NAV:1790-Avräkning SEK
2024-12-31 open Equity:FK:2010-Eget-kapital SEK
2024-12-31 open Liabilities:NAV:2510-Leverantörsskulder SEK
2024-12-31 open Liabilities:FK:2890-Observationskonto SEK
2024-12-31 open Income:NAV:3119-Medlemsavgifter SEK
2024-12-31 open Expenses:NAV:6820-Licenser SEK

2024-12-31 * "Ingående balanser"
  ver: "B 1"
  Assets:FK:1610-Internbank      500000.00 SEK
  Equity:FK:2010-Eget-kapital   -500000.00 SEK
"""


def invoice(number: int, amount: str, *, flag: str = "*", payee: str = "Borås stad", **meta: str) -> str:
    """Return a customer invoice of Navet's, K-2025-0083, with links and further metadata."""
    more = "".join(f'\n  {key}: "{value}"' for key, value in meta.items())
    return f"""
2025-03-03 {flag} "{payee}" "Medlemsavgifter kvartal 2" ^K-2025-{number:04}
  ver: "K {number}"{more}
  Assets:NAV:1510-Kundfordringar    {amount} SEK
  Income:NAV:3119-Medlemsavgifter  -{amount} SEK
"""


def debt(number: int, amount: str, flag: str = "!", **meta: str) -> str:
    """Return a supplier invoice of Navet's, L-2025-0301; one that is approved would need rights to approve."""
    more = "".join(f'\n  {key}: "{value}"' for key, value in meta.items())
    return f"""
2025-03-04 {flag} "Leverantör 017 IT" "Licenser kvartal 2" ^L-2025-{number:04}
  ver: "L {number}"{more}
  Expenses:NAV:6820-Licenser                {amount} SEK
  Liabilities:NAV:2510-Leverantörsskulder  -{amount} SEK
"""


@lru_cache(maxsize=4)  # the books are the same before each document
def _loaded(text: str) -> tuple[Sequence[Any], Sequence[str]]:
    entries, errors, _ = loader.load_string(text, dedent=False)
    return entries, [error.message for error in errors if not error.message.startswith(("V503", "V504"))]


@dataclass
class Books:
    """A ledger in a folder, with the doors of its bank."""

    folder: Path
    text: str = LEDGER
    mapping: str = MAPPING

    def load(self) -> list[Any]:
        """Return the ledger's directives; it must be in order, but for numbers and years that are left out."""
        entries, wrong = _loaded(self.text.lstrip())
        assert not wrong, "\n".join(wrong)
        return list(entries)

    def doors(self) -> tuple[Camt, BgMax, Notifications, Reports]:
        path = self.folder / "import.toml"
        path.write_text(self.mapping, encoding="utf-8")
        mapping = read_mapping(path)
        bank = mapping.table("bank"), mapping.table("bgmax")
        return Camt(*bank), BgMax(mapping.table("bgmax")), Notifications(*bank), Reports(*bank)

    def propose(self, content: bytes | str, door: type[Door] = Camt, name: str = "document") -> Proposal:
        """Return what a document would add."""
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return proposed(Document(path), next(each for each in self.doors() if type(each) is door), self.load())

    def take(self, content: bytes | str, door: type[Door] = Camt) -> Proposal:
        """Add what a document adds to the ledger, written as text: the ledger must be in order with it."""
        self.text = self.text.lstrip()
        proposal = self.propose(content, door)
        self.text = without(self.text, proposal.replaced)
        self.text += "\n" + "\n".join(printer.format_entry(entry) for entry in proposal.entries)
        self.load()
        return proposal


def camt_entry(amount: str, reference: str = "", details: str = "", more: str = "", day: str = "2025-03-14") -> str:
    """Return a booked entry, money out when the amount is negative."""
    sign = "DBIT" if amount.startswith("-") else "CRDT"
    own = f"<AcctSvcrRef>{escape(reference)}</AcctSvcrRef>" if reference else ""
    return f"""
    <Ntry><Amt Ccy="SEK">{amount.lstrip("-")}</Amt><CdtDbtInd>{sign}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
      <BookgDt><Dt>{day}</Dt></BookgDt>{own}{f"<NtryDtls>{details}</NtryDtls>" if details else ""}{more}</Ntry>"""


def camt_detail(
    amount: str = "", references: Sequence[str] = (), text: str = "", name: str = "", shares: Sequence[str] = ()
) -> str:
    """Return a payment of an entry; `shares` are the amounts of its references."""
    party = "Cdtr" if amount.startswith("-") else "Dbtr"
    sign = "DBIT" if amount.startswith("-") else "CRDT"
    told = f'<Amt Ccy="SEK">{amount.lstrip("-")}</Amt><CdtDbtInd>{sign}</CdtDbtInd>' if amount else ""
    share = [f'<RfrdDocAmt><RmtdAmt Ccy="SEK">{each}</RmtdAmt></RfrdDocAmt>' for each in shares]
    share += [""] * (len(references) - len(share))
    strd = "".join(
        f"<Strd>{amounts}<CdtrRefInf><Ref>{escape(each)}</Ref></CdtrRefInf></Strd>"
        for each, amounts in zip(references, share, strict=True)
    )
    ustrd = f"<Ustrd>{escape(text)}</Ustrd>" if text else ""
    parties = f"<RltdPties><{party}><Pty><Nm>{escape(name)}</Nm></Pty></{party}></RltdPties>" if name else ""
    return f"<TxDtls>{told}{parties}<RmtInf>{ustrd}{strd}</RmtInf></TxDtls>"


def camt_statement(
    entries: Iterable[str] = (),
    opening: str = "500000.00",
    closing: str = "500000.00",
    *,
    first: str = "2025-03-14",
    last: str = "2025-03-14",
    number: int | None = 52,
    account: str = IBAN,
) -> str:
    """Return a statement of an account in SEK."""

    def balance(code: str, amount: str, day: str) -> str:
        sign = "DBIT" if amount.startswith("-") else "CRDT"
        return f"""
      <Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="SEK">{amount.lstrip("-")}</Amt>
        <CdtDbtInd>{sign}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"""

    counted = f"<ElctrncSeqNb>{number}</ElctrncSeqNb>" if number is not None else ""
    return f"""
  <Stmt><Id>2025-{number}</Id>{counted}
    <FrToDt><FrDtTm>{first}T00:00:00</FrDtTm><ToDtTm>{last}T23:59:59</ToDtTm></FrToDt>
    <Acct><Id><IBAN>{account}</IBAN></Id><Ccy>SEK</Ccy></Acct>
    {balance("OPBD", opening, first)}{balance("CLBD", closing, last)}{"".join(entries)}
  </Stmt>"""


def camt(*statements: str, version: str = "08") -> str:
    """Return a whole file."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"><BkToCstmrStmt>
  <GrpHdr><MsgId>M1</MsgId><CreDtTm>2025-03-14T23:00:00</CreDtTm></GrpHdr>{"".join(statements)}
</BkToCstmrStmt></Document>"""


def one_day(*entries: tuple[str, str, str], number: int = 52, opening: str = "500000.00") -> str:
    """Return a file of a day, with entries of an amount, the bank's reference and details, and balances that fit."""
    closing = Decimal(opening) + sum((Decimal(amount) for amount, _, _ in entries), Decimal(0))
    written = [camt_entry(*entry) for entry in entries]
    return camt(camt_statement(written, opening, f"{closing:.2f}", number=number))


@dataclass
class Paid:
    """A payment of a BgMax file; öre. `refs` are 22 and 23 records: reference and share."""

    ore: int
    reference: str = ""
    name: str = ""
    message: str = ""
    refs: Sequence[tuple[str, int]] = ()
    serial: int = 0
    deduction: bool = field(default=False)


def bgmax_deposit(
    paid: Sequence[Paid], *, serial: int = 56, day: date = date(2025, 3, 14), currency: str = "SEK"
) -> list[str]:
    """Return the records of a deposit."""
    records = [f"05{BANKGIRO:0>10}{'':10}{currency}"]
    for position, each in enumerate(paid, 1):
        number = each.serial or position
        tail = f"21{number:012}0"
        code = "21" if each.deduction else "20"
        records.append(f"{code}0003783511{each.reference:>25}{each.ore:018}{tail}{'0' if each.deduction else ''}")
        for reference, ore in each.refs:
            records.append(f"{'22' if ore >= 0 else '23'}0003783511{reference:>25}{abs(ore):018}{tail}")
        records += [f"25{each.message:50.50}"] if each.message else []
        records += [f"26{each.name:35.35}"] if each.name else []
    total = sum(-each.ore if each.deduction else each.ore for each in paid)
    records.append(f"15{5841:035}{day:%Y%m%d}{serial:05}{total:018}{currency}{len(paid):08}")
    return records


def bgmax(*deposits: Iterable[str], mark: str = "P", end: str = "\r\n") -> bytes:
    """Return a whole file."""
    records = [record for deposit in deposits for record in deposit]
    counts = [sum(record[:2] in codes for record in records) for codes in (("20",), ("21",), ("22", "23"), ("15",))]
    whole = [f"01BGMAX{'':15}0120250314173035010331{mark}", *records, "70" + "".join(f"{each:08}" for each in counts)]
    return "".join(f"{record:80}{end}" for record in whole).encode("latin-1")
