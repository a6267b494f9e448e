"""SIE files for tests: a sound one to spoil in one place, and any that can be."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Context, Decimal
from pathlib import Path

from hypothesis import strategies as st

from forbundsbok.importers.sie.codec.records import (
    Account,
    Balance,
    Dimension,
    Heading,
    Object,
    Objects,
    Row,
    SieFile,
    Voucher,
)

_WIDE = Context(prec=200)

SOUND = """#FLAGGA 0
#PROGRAM "Bokföring" 4.2
#FORMAT PC8
#GEN 20250110 CH
#SIETYP 4
#ORGNR 222000-0000
#FNAMN "Norrby kommunalförbund"
#RAR 0 20240101 20241231
#DIM 1 "Kostnadsställe"
#OBJEKT 1 NAV "Navet"
#KONTO 1930 "Bank"
#KONTO 3010 "Avgifter"
#IB 0 1930 500.00
#UB 0 1930 1750.50
#RES 0 3010 -1250.50
#VER A 1 20240315 "Avgift mars"
{
#TRANS 1930 {} 1000.00
#TRANS 3010 {1 NAV} -1000.00 20240315 "Avgift"
}
#VER A 2 20240415 "Avgift april"
{
#TRANS 1930 {} 250.50
#TRANS 3010 {1 NAV} -250.50 20240415 "Avgift"
}
#KONTO 2010 "Eget kapital"
#IB 0 2010 -500.00
#UB 0 2010 -500.00
"""
"""A year, 4E, without anything to say against it."""

DAILY = """#FLAGGA 0
#PROGRAM "Lön" 1.0
#FORMAT PC8
#GEN 20240325
#SIETYP 4
#FNAMN "Norrby kommunalförbund"
#VER "" "" 20240325 "Löner mars"
{
#TRANS 5010 {} 30000.00
#TRANS 2710 {} -30000.00
}
"""
"""Vouchers to take in, 4I, without anything to say against it."""


def spoiled(old: str, new: str, sound: str = SOUND) -> str:
    """Return a sound file with the first of one text replaced by another; `old` must be there."""
    assert old in sound
    return sound.replace(old, new, 1)


def saved(folder: Path, text: str | bytes, name: str = "fil.se", encoding: str = "cp437") -> Path:
    """Write a file, and return its path."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return path


def of_many_vouchers(vouchers: int) -> str:
    """Return a year of as many vouchers, numbered from 1, whose balances agree."""
    year, _, _ = SOUND.partition("#IB")
    lines = [year + f"#IB 0 1930 0.00\n#UB 0 1930 {vouchers}.00\n#RES 0 3010 -{vouchers}.00"]
    for number in range(1, vouchers + 1):
        day = date(2024, 1, 1) + timedelta(days=number % 366)
        lines += [
            f'#VER A {number} {day:%Y%m%d} "Avgift {number}"',
            "{",
            f'#TRANS 1930 {{}} 1.00 {day:%Y%m%d} "Avgift {number}"',
            f'#TRANS 3010 {{1 NAV}} -1.00 {day:%Y%m%d} "Avgift {number}"',
            "}",
        ]
    return "\n".join([*lines, ""])


# Any file that can be written

# Letters that other encodings have for åäö are left out: a file of a few of them alone may be either.
_OTHERS = "åäöüÅÄÖ".encode("mac-roman")
_CP437 = [chr(code) for code in range(32, 127)] + [
    bytes([code]).decode("cp437") for code in range(0x80, 0xC0) if code not in _OTHERS
]
# What ends with a backslash cannot stand before the quote that ends a text.
_TEXTS = st.one_of(
    st.sampled_from(["", "Avgift", 'Kabel "USB"', "C:\\Bokföring\\fil", "åäö ÅÄÖ é", "{1 NAV}", "#VER", "}"]),
    st.text(_CP437, max_size=12),
).filter(lambda text: not text.endswith("\\"))
_CODES = st.one_of(st.sampled_from(["A", "NAV", "1", "#", "a b", 'x"y', "{", "Å"]), _TEXTS.filter(bool))
_DAYS = st.dates(date(2024, 1, 1), date(2024, 12, 31))
_AMOUNTS = st.one_of(
    st.integers(-1_000_000, 1_000_000), st.integers(-(10**40), 10**40), st.sampled_from([0, 1, -1])
).map(lambda ore: Decimal(ore).scaleb(-2, _WIDE))
_NUMBERS = st.from_regex(r"[1-8][0-9]{3}", fullmatch=True)


def _objects(draw: st.DrawFn, objects: list[tuple[str, str]]) -> Objects:
    return tuple(draw(st.lists(st.sampled_from(objects), max_size=3, unique=True))) if objects else ()


@st.composite
def _rows(draw: st.DrawFn, accounts: list[str], objects: list[tuple[str, str]]) -> tuple[Row, ...]:
    """Draw rows that sum to zero, or none."""
    amounts = draw(st.lists(_AMOUNTS, max_size=4))
    if amounts:
        total = Decimal(0)
        for amount in amounts:
            total = _WIDE.add(total, amount)
        amounts.append(_WIDE.minus(total))
    return tuple(
        Row(
            0,
            draw(st.sampled_from(accounts)),
            _objects(draw, objects),
            amount,
            draw(st.none() | _DAYS),
            draw(_TEXTS),
            draw(st.none() | st.decimals(-1000, 1000, places=3)),
            draw(_TEXTS),
        )
        for amount in amounts
    )


def _equity(balances: list[Balance]) -> list[Balance]:
    """Return the balances of equity with which the year opens with nothing in all."""
    opening = Decimal(0)
    for each in balances:
        opening = _WIDE.subtract(opening, each.amount) if each.kind == "IB" else opening
    return [Balance(0, kind, 0, "", "20999", (), opening, None) for kind in ("IB", "UB")]


@st.composite
def files(draw: st.DrawFn) -> SieFile:
    """Draw a 4E file, its balances explained by its vouchers, as one that was written and read would be."""
    accounts = draw(st.lists(_NUMBERS, min_size=1, max_size=5, unique=True))
    keys = draw(st.lists(st.tuples(st.sampled_from(["1", "6", "20"]), _CODES), max_size=4, unique=True))
    vouchers = [
        Voucher(
            0,
            draw(_TEXTS),
            str(number),
            draw(_DAYS),
            draw(_TEXTS),
            draw(st.none() | _DAYS),
            draw(_TEXTS),
            draw(_rows(accounts, keys)),
            draw(_rows(accounts, keys)),
            (),
        )
        for number in range(draw(st.integers(0, 3)))
    ]
    # Some of the rows were added afterwards.
    vouchers = [voucher._replace(added=voucher.rows[: draw(st.integers(0, 2))]) for voucher in vouchers]
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for voucher in vouchers:
        for row in voucher.rows:
            sums[row.account] = _WIDE.add(sums[row.account], row.amount)
    balances = []
    for account in accounts:
        closing = "UB" if account < "3" else "RES"
        opening = draw(_AMOUNTS) if closing == "UB" else Decimal(0)
        if closing == "UB":
            balances.append(Balance(0, "IB", 0, "", account, (), opening, None))
        balances.append(Balance(0, closing, 0, "", account, (), _WIDE.add(opening, sums[account]), None))
        balances.append(Balance(0, "PSALDO", 0, "202401", account, _objects(draw, keys), draw(_AMOUNTS), None))
    balances += _equity(balances)
    return SieFile(
        Heading(
            flag="0",
            program=draw(_TEXTS),
            program_version=draw(_TEXTS),
            format="PC8",
            generated=draw(_DAYS),
            generated_by=draw(_TEXTS),
            type="4E",
            company=draw(_TEXTS),
            org_number="222000-0000",
            address=tuple(draw(st.lists(_TEXTS, min_size=4, max_size=4) | st.just([]))),
            years={0: (date(2024, 1, 1), date(2024, 12, 31))},
        ),
        {number: Account(number, draw(_TEXTS), "", draw(_TEXTS), ("7201",)) for number in [*accounts, "20999"]},
        {"20": Dimension("20", draw(_TEXTS), "")},
        {key: Object(*key, draw(_TEXTS)) for key in keys},
        balances,
        vouchers,
        [],
        "cp437",
    )
