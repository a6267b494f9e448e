"""Valid documents of banks at random, over the width of the standards, with what should be booked beside them.

The bank here is a list of movements. Documents tell of them; the books that should come of it are computed from the
movements alone, by other code than the doors': whole öre, sums by account, and an invoice settled where a payment of
its amount names it.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from tests.importers.bank_files import BANK, BANKGIRO, IBAN, OBSERVATION, TRANSIT

FIRST = date(2025, 1, 7)
OPENING = 50_000_000
CUSTOMERS = "Assets:NAV:1510-Kundfordringar"
SUPPLIERS = "Liabilities:NAV:2510-Leverantörsskulder"
SWEDEN = ZoneInfo("Europe/Stockholm")

VERSIONS = [f"{number:02}" for number in range(2, 15)]


@dataclass
class Bill:
    """An invoice: öre, more than nothing what we are to get."""

    number: int
    ore: int
    ocr: str
    is_paid: bool = False

    @property
    def account(self) -> str:
        return CUSTOMERS if self.ore > 0 else SUPPLIERS

    @property
    def link(self) -> str:
        return f"{'K' if self.ore > 0 else 'L'}-2025-{self.number:04}"

    def text(self) -> str:
        other = "Income:NAV:3119-Medlemsavgifter" if self.ore > 0 else "Expenses:NAV:6820-Licenser"
        key = "ocr" if self.ore > 0 else "fakturanr"
        return (
            f'\n2025-01-02 * "Motpart {self.number}" "Faktura {self.number}" ^{self.link}\n'
            f'  ver: "{self.link[0]} {self.number}"\n  {key}: "{self.ocr}"\n'
            f"  {self.account}  {kronor(self.ore)} SEK\n  {other}  {kronor(-self.ore)} SEK\n"
        )


@dataclass
class Part:
    """A payment of a movement: öre, and the invoice that it names, if any."""

    ore: int
    bill: Bill | None = None
    reference: str = ""


@dataclass
class Move:
    """What the bank has booked in one amount on a day."""

    day: date
    ore: int
    parts: list[Part]
    reference: str
    is_reversal: bool = False
    is_notified: bool = False
    """Whether its payments are told of by a notification alone."""
    rows: dict[str, int] = field(default_factory=dict)


def kronor(ore: int) -> str:
    return f"{'-' if ore < 0 else ''}{abs(ore) // 100}.{abs(ore) % 100:02}"


def make_bills(random: Random, count: int = 12) -> list[Bill]:
    made = []
    for number in range(1, count + 1):
        ore = random.randrange(100, 2_000_000) * (1 if random.random() < 0.7 else -1)
        made.append(Bill(number, ore, f"77{number:03}{random.randrange(1000, 9999)}"))
    return made


def ways_to_name(random: Random, bill: Bill) -> str:
    """Return a reference that names an invoice, in one of the ways that payers and banks write it."""
    written = [bill.ocr, f"000{bill.ocr}", bill.link, f"FAKTURA {bill.ocr}", f"{bill.ocr[:3]} {bill.ocr[3:]}"]
    written += [f"{bill.ocr}{luhn(bill.ocr)}", rf(bill.ocr)]
    return random.choice(written)


def luhn(digits: str) -> int:
    total = 0
    for position, each in enumerate(reversed(digits)):
        doubled = int(each) * (2 if position % 2 == 0 else 1)
        total += doubled // 10 + doubled % 10
    return -total % 10


def rf(digits: str) -> str:
    return f"RF{98 - int(f'{digits}271500') % 97:02}{digits}"


def make_moves(random: Random, bills: Sequence[Bill], days: int) -> list[Move]:
    """Return the movements of some days, each with what it should be booked as; bills are paid once."""
    moves: list[Move] = []
    left = list(bills)
    random.shuffle(left)
    style = random.choice(["unique", "unique", "reused", "none", "placeholder"])
    for day in (FIRST + timedelta(days=number) for number in range(days)):
        for _ in range(random.choice([0, 1, 1, 2, 4])):
            move = _make_move(random, day, left)
            number = len(moves) + 1
            move.reference = {
                "unique": f"R{number:05}",
                "reused": random.choice(["BGINB", "AVGIFT", f"{day:%m%d}"]),
                "none": "",
                "placeholder": random.choice(["0", "NOTPROVIDED", "NONREF", " - "]),
            }[style]
            moves.append(move)
    return moves


def _make_move(random: Random, day: date, left: list[Bill]) -> Move:
    kind = random.choice(["paid", "paid", "batch", "unknown", "fee", "charge", "reversal", "information"])
    if kind in ("paid", "batch", "charge") and left:
        first = left.pop()
        chosen = [first]
        if kind == "batch":
            others = [each for each in left if (each.ore > 0) == (first.ore > 0)][: random.randrange(1, 4)]
            for each in others:
                left.remove(each)
            chosen += others
        parts = [Part(each.ore, each, ways_to_name(random, each)) for each in chosen]
        if kind == "batch" and random.random() < 0.4:
            parts.append(Part(random.randrange(100, 9000) * (1 if first.ore > 0 else -1), None, "99999999"))
        rows: dict[str, int] = defaultdict(int)
        for part in parts:
            rows[part.bill.account if part.bill else OBSERVATION] -= part.ore
        total = sum(part.ore for part in parts)
        if kind == "charge":  # the bank keeps a fee of what came, or takes one more
            fee = random.randrange(1, min(abs(total), 5000))
            rows[OBSERVATION] += fee
            total -= fee
        return Move(day, total, parts, "", rows=dict(rows))
    if kind == "information":
        return Move(day, 0, [], "", rows={})
    ore = random.randrange(1, 900_000) * random.choice([1, -1])
    parts = [Part(ore, None, random.choice(["", "88888888"]))] if random.random() < 0.6 else []
    return Move(day, ore, parts, "", kind == "reversal", rows={OBSERVATION: -ore})


# Their documents


@dataclass
class Statement:
    """What one statement tells: its movements, and how it is written."""

    id: str
    number: int | None
    first: date
    last: date
    opening: int
    moves: list[Move]
    in_utc: bool
    pages: int
    balances: str
    """Which balances it has: "both", "closing", or "apart": its pages are files, of which only the ends have one."""

    @property
    def closing(self) -> int:
        return self.opening + sum(move.ore for move in self.moves)


def make_statements(random: Random, moves: Sequence[Move], days: int) -> list[Statement]:
    """Return statements that tell of all movements, in their order: of a day, a part of one, or several days."""
    is_numbered = random.random() < 0.6
    is_unnamed = random.random() < 0.3
    in_utc = random.random() < 0.3
    made: list[Statement] = []
    day, end, opening, number = FIRST, FIRST + timedelta(days=days), OPENING, random.randrange(1, 300)
    while day < end:
        last = min(day + timedelta(days=random.choice([0, 0, 0, 1, 3])), end - timedelta(days=1))
        own = [move for move in moves if day <= move.day <= last]
        parts = [own]
        if day == last and len(own) > 1 and random.random() < 0.4:
            at = random.randrange(1, len(own))
            parts = [own[:at], own[at:]]
        for part in parts:
            # Of two of a day with one name and no number, the second may be the first with more in it.
            is_told_apart = is_numbered or sum(move.ore for move in part) != 0
            name = "KONTOUTDRAG" if is_unnamed and is_told_apart else f"S-{number}"
            pages = random.choice([1, 1, 1, 2, 3]) if is_numbered or not is_unnamed else 1
            balances = random.choice(["both"] * 8 + ["closing", "apart"])
            made.append(
                Statement(name, number if is_numbered else None, day, last, opening, part, in_utc, pages, balances)
            )
            opening, number = made[-1].closing, number + 1
        day = last + timedelta(days=1)
    return made


def _instant(day: date, at: time, in_utc: bool) -> str:
    if not in_utc:
        return f"{day}T{at}"
    return f"{datetime.combine(day, at, SWEDEN).astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"


def _amount(ore: int, random: Random) -> str:
    written = kronor(abs(ore))
    return written.removesuffix(".00") if random.random() < 0.2 else written


def _signed(ore: int) -> str:
    return "DBIT" if ore < 0 else "CRDT"


def _balance(code: str, ore: int, day: date, random: Random, between: bool = False) -> str:
    sub = "<SubTp><Cd>INTM</Cd></SubTp>" if between else ""
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry>{sub}</Tp><Amt Ccy='SEK'>{_amount(ore, random)}</Amt>"
        f"<CdtDbtInd>{_signed(ore)}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"
    )


def _entry(move: Move, version: str, in_utc: bool, random: Random, has_details: bool = True) -> str:
    status = "<Sts>BOOK</Sts>" if version < "08" else "<Sts><Cd>BOOK</Cd></Sts>"
    at = time(random.choice([0, 9, 23]), 30)
    booked = f"<DtTm>{_instant(move.day, at, in_utc)}</DtTm>" if in_utc else f"<Dt>{move.day}</Dt>"
    reversal = "<RvslInd>true</RvslInd>" if move.is_reversal else ""
    reference = f"<AcctSvcrRef>{move.reference}</AcctSvcrRef>" if move.reference else ""
    parts = move.parts if has_details else []
    details = "".join(_detail(part, version, random) for part in parts)
    many = f"<Btch><NbOfTxs>{len(move.parts)}</NbOfTxs></Btch>" if len(move.parts) > 1 else ""
    below = f"<NtryDtls>{many}{details}</NtryDtls>" if details else ""
    information = "<AddtlNtryInf>Information om ränta</AddtlNtryInf>" if not move.ore else ""
    return (
        f"<Ntry><Amt Ccy='SEK'>{_amount(move.ore, random)}</Amt><CdtDbtInd>{_signed(move.ore)}</CdtDbtInd>{reversal}"
        f"{status}<BookgDt>{booked}</BookgDt>{reference}{below}{information}</Ntry>\n"
    )


def _detail(part: Part, version: str, random: Random) -> str:
    amount = f"<Amt Ccy='SEK'>{_amount(part.ore, random)}</Amt>"
    own = f"<AmtDtls><TxAmt>{amount}</TxAmt></AmtDtls>" if version < "04" or random.random() < 0.5 else amount
    if version >= "04":
        own += f"<CdtDbtInd>{_signed(part.ore)}</CdtDbtInd>"
    remittance = ""
    if part.reference:
        places = [
            f"<Ustrd>{part.reference}</Ustrd>",
            f"<Strd><CdtrRefInf><Ref>{part.reference}</Ref></CdtrRefInf></Strd>",
            f"<Strd><RfrdDocInf><Nb>{part.reference}</Nb></RfrdDocInf></Strd>",
        ]
        remittance = f"<RmtInf>{random.choice(places[1:] if ' ' in part.reference else places)}</RmtInf>"
    return f"<TxDtls>{own}{remittance}</TxDtls>"


def statement_text(each: Statement, version: str, random: Random) -> list[str]:
    """Return the elements of a statement, one for each of its pages, in any order."""
    pages = max(1, min(each.pages, len(each.moves)))
    size = -(-len(each.moves) // pages) or 1
    parts = [each.moves[at * size : (at + 1) * size] for at in range(pages)]
    parts = [part for part in parts if part] or [[]]
    written, opening = [], each.opening
    for position, part in enumerate(parts, 1):
        closing = opening + sum(move.ore for move in part)
        is_first, is_last = position == 1, position == len(parts)
        paged = f"<StmtPgntn><PgNb>{position}</PgNb><LastPgInd>{str(is_last).lower()}</LastPgInd></StmtPgntn>"
        number = f"<ElctrncSeqNb>{each.number}</ElctrncSeqNb>" if each.number is not None else ""
        is_apart = each.balances == "apart" and len(parts) > 1
        opens = _balance("OPBD", opening, each.first, random, not is_first) if each.balances != "closing" else ""
        closes = _balance("CLBD", closing, each.last, random, not is_last)
        opens, closes = (opens if is_first or not is_apart else ""), (closes if is_last or not is_apart else "")
        entries = "".join(_entry(move, version, each.in_utc, random, not move.is_notified) for move in part)
        written.append(
            f"<Stmt><Id>{each.id}</Id>{paged if len(parts) > 1 else ''}{number}"
            f"<FrToDt><FrDtTm>{_instant(each.first, time(0), each.in_utc)}</FrDtTm>"
            f"<ToDtTm>{_instant(each.last, time(23, 59, 59), each.in_utc)}</ToDtTm></FrToDt>"
            f"<Acct><Id><IBAN>{IBAN}</IBAN></Id><Ccy>SEK</Ccy></Acct>{opens}"
            f"{closes}{entries}</Stmt>\n"
        )
        opening = closing
    if each.balances != "apart" and random.random() < 0.2:
        random.shuffle(written)
    return written


FOREIGN = f"""<Stmt><Id>EUR-1</Id><Acct><Id><IBAN>{IBAN}</IBAN></Id><Ccy>EUR</Ccy></Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">0</Amt><Dt><Dt>2025-01-07</Dt></Dt></Bal>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">2</Amt><CdtDbtInd>CRDT</CdtDbtInd>
<Dt><Dt>2025-01-07</Dt></Dt></Bal>
<Ntry><Amt Ccy="EUR">2</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2025-01-07</Dt></BookgDt></Ntry>
</Stmt>"""


def statement_documents(random: Random, statements: Sequence[Statement]) -> list[bytes]:
    """Return documents, each with one statement or with several that follow on each other."""
    version = random.choice(VERSIONS)
    is_wrapped, with_foreign = random.random() < 0.2, random.random() < 0.2
    documents, at = [], 0
    while at < len(statements):
        own = list(statements[at : at + random.choice([1, 1, 2, 3])])
        if any(each.balances == "apart" for each in own):
            own = own[:1]
        pages = [page for each in own for page in statement_text(each, version, random)]
        if with_foreign and not at:
            pages[-1] += FOREIGN
        for number, body in enumerate(pages if own[0].balances == "apart" else ["".join(pages)]):
            message = (
                f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"><BkToCstmrStmt>'
                f"<GrpHdr><MsgId>M{at}.{number}</MsgId></GrpHdr>{body}</BkToCstmrStmt></Document>"
            )
            whole = f"<BizMsgEnvlp><AppHdr/>{message}</BizMsgEnvlp>" if is_wrapped else message
            documents.append(f'<?xml version="1.0" encoding="UTF-8"?>\n{whole}'.encode())
        at += len(own)
    return documents


def notification_documents(random: Random, moves: Sequence[Move]) -> list[bytes]:
    """Return notifications of the movements whose payments their statements leave out, a few in each."""
    version, in_utc = random.choice(VERSIONS), random.random() < 0.3
    told = [move for move in moves if move.is_notified]
    documents, at = [], 0
    while at < len(told):
        own = told[at : at + random.choice([1, 2, 5])]
        entries = "".join(_entry(move, version, in_utc, random) for move in own)
        message = (
            f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.{version}"><BkToCstmrDbtCdtNtfctn>'
            f"<GrpHdr><MsgId>M{at}</MsgId></GrpHdr><Ntfctn><Id>A-{at}</Id><Acct><Id><IBAN>{IBAN}</IBAN></Id></Acct>"
            f"{entries}</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>"
        )
        documents.append(message.encode())
        at += len(own)
    return documents


@dataclass
class Report:
    """What a bank tells of a day before its statement: a report (052), or a statement by noon (053)."""

    kind: str
    content: bytes
    told: int
    ore: int
    pending: int


PENDING = """<Ntry><Amt Ccy='SEK'>12.50</Amt><CdtDbtInd>DBIT</CdtDbtInd>{status}
<BookgDt><Dt>2025-01-07</Dt></BookgDt></Ntry>"""


def make_reports(random: Random, moves: Sequence[Move]) -> list[Report]:
    """Return reports of days that go on: of all that has come, or of what is new, with or without balances."""
    made: list[Report] = []
    for day in sorted({move.day for move in moves}):
        own = [move for move in moves if move.day == day]
        is_growing = random.random() < 0.5
        at = 0
        while at < len(own):
            end = at + random.choice([1, 2, len(own)])
            told = own[0 if is_growing else at : end]
            made.append(_report(random, day, told, len(made)))
            at = end
    return made


def _report(random: Random, day: date, moves: Sequence[Move], number: int) -> Report:
    kind, version, in_utc = random.choice(["052", "052", "053"]), random.choice(VERSIONS), random.random() < 0.3
    message, part = {"052": ("BkToCstmrAcctRpt", "Rpt"), "053": ("BkToCstmrStmt", "Stmt")}[kind]
    pending = random.choice([0, 0, 1, 3])
    status = "<Sts>PDNG</Sts>" if version < "08" else "<Sts><Cd>PDNG</Cd></Sts>"
    held = [("OPBD", 0), ("ITBD", sum(move.ore for move in moves)), ("ITAV", 0), ("CLAV", 5)]
    held += [("CLBD", 0)] if kind == "052" else []
    balances = "".join(_balance(*each, day, random) for each in held if random.random() < 0.5)
    entries = [_entry(move, version, in_utc, random, random.random() < 0.7) for move in moves]
    entries += [PENDING.format(status=status)] * pending
    random.shuffle(entries)
    whole = (
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.{kind}.001.{version}"><{message}>'
        f"<GrpHdr><MsgId>R{number}</MsgId></GrpHdr><{part}><Id>R-{number}</Id>"
        f"<CreDtTm>{_instant(day, time(12, number % 60), in_utc)}</CreDtTm>"
        f"<Acct><Id><IBAN>{IBAN}</IBAN></Id><Ccy>SEK</Ccy></Acct>{balances}{''.join(entries)}</{part}>"
        f"</{message}></Document>"
    )
    if random.random() < 0.2:
        whole = f"<BizMsgEnvlp><AppHdr/>{whole}</BizMsgEnvlp>"
    return Report(kind, whole.encode(), len(moves), sum(move.ore for move in moves), pending)


def expected_rows(moves: Sequence[Move]) -> list[tuple[str, tuple[tuple[str, int], ...]]]:
    """Return what should be booked: the day, and the sums of each account in öre, of each voucher."""
    made = []
    for move in moves:
        rows = {BANK: move.ore, **move.rows}
        own = tuple(sorted((account, ore) for account, ore in rows.items() if ore))
        if own:
            made.append((str(move.day), own))
    return sorted(made)


# BgMax


@dataclass
class GiroPayment:
    """A payment or a deduction (negative) to a bankgiro number."""

    ore: int
    refs: list[tuple[str, int]]
    reference: str
    rows: dict[str, int]
    serial: int


@dataclass
class GiroDeposit:
    bankgiro: str
    day: date
    serial: int
    currency: str
    payments: list[GiroPayment]


OTHER_BANKGIRO, NOT_OURS = "8881234", "7771234"
OTHER_TRANSIT = "Assets:FK:1691-Bankgiro-två"
TRANSITS = {BANKGIRO: TRANSIT, OTHER_BANKGIRO: OTHER_TRANSIT}


def make_deposits(random: Random, bills: Sequence[Bill]) -> list[GiroDeposit]:
    left = [each for each in bills if each.ore > 0]
    random.shuffle(left)
    made: list[GiroDeposit] = []
    serials: dict[tuple[str, date], int] = defaultdict(int)
    for _ in range(random.choice([1, 1, 2, 3, 5])):
        bankgiro = random.choice([BANKGIRO, BANKGIRO, OTHER_BANKGIRO, NOT_OURS])
        day = FIRST + timedelta(days=random.randrange(3))
        serials[bankgiro, day] += 1
        currency = "EUR" if random.random() < 0.1 else "SEK"
        is_ours = bankgiro != NOT_OURS and currency == "SEK"
        payments = [
            _giro_payment(random, left if is_ours else [], number) for number in range(1, random.choice([1, 2, 5]) + 1)
        ]
        if sum(each.ore for each in payments) < 0:
            payments = [each for each in payments if each.ore >= 0]
        made.append(GiroDeposit(bankgiro, day, serials[bankgiro, day], currency, payments))
    return made


def _giro_payment(random: Random, left: list[Bill], serial: int) -> GiroPayment:
    kind = random.choice(["one", "one", "several", "shares", "wrong shares", "unknown", "deduction", "nothing"])
    if kind == "one" and left:
        bill = left.pop()
        written = random.choice([bill.ocr, f"FAKT {bill.ocr}", f"{bill.ocr}{luhn(bill.ocr)}", rf(bill.ocr)])
        return GiroPayment(bill.ore, [], written, {CUSTOMERS: -bill.ore}, serial)
    if kind in ("several", "shares", "wrong shares") and len(left) > 1:
        if kind == "wrong shares":
            bills = left[-2:]
            total = sum(each.ore for each in bills) + 100_000_000
            refs = [(each.ocr, each.ore) for each in bills]
            return GiroPayment(total, refs, "", {OBSERVATION: -total}, serial)
        bills = [left.pop(), left.pop()]
        total = sum(each.ore for each in bills)
        if kind == "several" and random.random() < 0.3:
            return GiroPayment(total, [], " ".join(each.ocr for each in bills), {CUSTOMERS: -total}, serial)
        refs = [(each.ocr, each.ore if kind == "shares" else 0) for each in bills]
        return GiroPayment(total, refs, "", {CUSTOMERS: -total}, serial)
    if kind == "nothing":
        return GiroPayment(0, [], "", {}, serial)
    ore = random.randrange(1, 90_000) * (-1 if kind == "deduction" else 1)
    return GiroPayment(ore, [], random.choice(["", "66666666"]), {OBSERVATION: -ore}, serial)


def giro_document(random: Random, deposits: Sequence[GiroDeposit]) -> bytes:
    """Return a BgMax file with all kinds of records, known and unknown."""
    records = [f"01BGMAX{'':15}0120250314173035010331P"]
    counts: dict[str, int] = defaultdict(int)
    for deposit in deposits:
        records.append(f"05{deposit.bankgiro:0>10}{'':10}{deposit.currency}")
        for paid in deposit.payments:
            code, kind = ("21", "0") if paid.ore < 0 else ("20", "")
            tail = f"{random.choice('01235')}{random.choice('12')}{paid.serial:012}{random.choice('01')}{kind}"
            counts[code] += 1
            records.append(f"{code}0003783511{paid.reference:<25}{abs(paid.ore):018}{tail}")
            for reference, share in paid.refs:
                counts["22"] += 1
                records.append(f"220003783511{reference:>25}{share:018}21{paid.serial:012}0")
            for information in ("25Avser betalning", "26Åkes Färg AB", "27Gatan 1", "28Borås", "29005561234567"):
                if random.random() < 0.2:
                    records.append(information)
            if random.random() < 0.1:
                records.append(f"{random.choice(['30', '31', '24', '99'])} något nytt")
        counts["15"] += 1
        total = sum(paid.ore for paid in deposit.payments)
        records.append(
            f"15{5841:035}{deposit.day:%Y%m%d}{deposit.serial:05}{total:018}{deposit.currency}"
            f"{len(deposit.payments):08}"
        )
    records.append("70" + "".join(f"{counts[code]:08}" for code in ("20", "21", "22", "15")))
    ending = random.choice(["\r\n", "\n"])
    return "".join(f"{record:80}{ending}" for record in records).encode("latin-1")


def expected_giro(deposits: Sequence[GiroDeposit]) -> list[tuple[str, tuple[tuple[str, int], ...]]]:
    made = []
    for deposit in deposits:
        if deposit.currency != "SEK" or deposit.bankgiro == NOT_OURS:
            continue
        for paid in deposit.payments:
            rows = {TRANSITS[deposit.bankgiro]: paid.ore, **paid.rows}
            if own := tuple(sorted((account, ore) for account, ore in rows.items() if ore)):
                made.append((str(deposit.day), own))
    return sorted(made)


def several(random: Random, items: Sequence[bytes]) -> Iterator[list[bytes]]:
    """Yield the documents of a few runs, all in the end: those of a run in any order."""
    at = 0
    while at < len(items):
        count = random.choice([1, 2, len(items)])
        own = list(items[at : at + count])
        random.shuffle(own)
        yield own
        at += count
