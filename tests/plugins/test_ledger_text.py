"""Directives as text: whatever a document says, it is read again as it was proposed, and bean-format leaves it."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from beancount.core import account, data
from beancount.core.amount import Amount
from beancount.parser.grammar import ValueType
from hypothesis import given
from hypothesis import strategies as st

from forbundsbok.plugins.ledger_text import (
    TextError,
    aligned,
    cleaned,
    directives_text,
    ledger_text,
    posting,
    refuse_unlike,
    voucher,
)

DAYS = st.dates(date(1900, 1, 1), date(2100, 1, 1))
TEXTS = st.text(st.characters() | st.sampled_from('"\\;#^*!{}0123456789 \n\r\t\x00\x85\u2028\ud800'), max_size=30)
# Beancount rounds negative numbers of more digits than Python's 28.
AMOUNTS = st.decimals(-(10**20), 10**20, places=2) | st.decimals(-(10**6), 10**6, places=12)
ACCOUNTS = st.sampled_from(["Assets:FK:1610-Internbank", "Income:NAV:3119-Avgifter:Österby", "Equity:RT:2010-Å:2:X-1"])
SEK = st.builds(Amount, AMOUNTS, st.just("SEK"))
VALUES: st.SearchStrategy[Any] = TEXTS | DAYS | AMOUNTS | st.booleans() | SEK | st.none()
META = st.dictionaries(st.from_regex(r"[a-z][a-zA-Z0-9_-]{1,8}", fullmatch=True), VALUES, max_size=3)
MARKS = st.frozensets(st.from_regex(r"[A-Za-z0-9_/.-]*[A-Za-z0-9]", fullmatch=True), max_size=2)

POSTINGS = st.builds(data.Posting, ACCOUNTS, SEK, st.none(), st.none(), st.sampled_from([None, "!"]), META)
VOUCHERS = st.builds(
    data.Transaction,
    META,
    DAYS,
    st.sampled_from("*!"),
    st.none() | TEXTS,
    TEXTS,
    MARKS,
    MARKS,
    st.lists(POSTINGS, max_size=3),
)
OF_CUSTOM = (
    st.builds(ValueType, TEXTS, st.just(str))
    | st.builds(ValueType, SEK, st.just(Amount))
    | st.builds(ValueType, AMOUNTS, st.just(Decimal))
    | st.builds(ValueType, DAYS, st.just(date))
    | st.builds(ValueType, st.booleans(), st.just(bool))
    | st.builds(ValueType, ACCOUNTS, st.just(account.TYPE))
)
OTHERS = (
    st.builds(data.Open, META, DAYS, ACCOUNTS, st.sampled_from([None, ["SEK"], ["SEK", "EUR"]]), st.none())
    | st.builds(data.Close, META, DAYS, ACCOUNTS)
    | st.builds(data.Balance, META, DAYS, ACCOUNTS, SEK, st.none() | st.just(Decimal("0.01")), st.none())
    | st.builds(data.Note, META, DAYS, ACCOUNTS, TEXTS, st.none(), st.none())
    | st.builds(data.Event, META, DAYS, TEXTS, TEXTS)
    | st.builds(data.Custom, META, DAYS, TEXTS, st.lists(OF_CUSTOM, min_size=1, max_size=3))
)


@given(st.lists(VOUCHERS | OTHERS, max_size=4))
def test_directives_are_read_as_they_were_and_stay_as_they_are_formatted(entries: data.Directives) -> None:
    read = [cleaned(entry) for entry in entries]
    text = ledger_text([("ett", read[:2]), ("två", read[2:])])  # raises TextError unless it reads the same
    assert aligned(text) == text


def test_vouchers_as_an_accountant_would_write_them() -> None:
    rows = [
        posting("Assets:FK:1610-Internbank", Decimal("1250"), "SEK"),
        posting("Income:FK:30-X", Decimal("-1250.0"), "SEK"),
    ]
    rows[1] = rows[1]._replace(meta={"projekt": "P1"})
    made = voucher(date(2025, 3, 14), 'Moms "25%"', "I 14", rows, "Borås stad")
    assert ledger_text([("Ur brev.txt", [made._replace(flag="!", links=frozenset(["K-2025-0083"]))])]) == (
        ";; Ur brev.txt\n\n"
        '2025-03-14 ! "Borås stad" "Moms \\"25%\\"" ^K-2025-0083\n'
        '  ver: "I 14"\n'
        "  Assets:FK:1610-Internbank   1250.00 SEK\n"
        "  Income:FK:30-X             -1250.00 SEK\n"
        '    projekt: "P1"\n'
    )


def test_what_would_be_read_otherwise_is_refused() -> None:
    day, rows = date(2025, 3, 14), [posting("Assets:FK:1610-Internbank", Decimal(f"-1{0:028}1"), "SEK")]
    with pytest.raises(TextError, match="it would be read otherwise"):  # Beancount rounds what has more digits
        ledger_text([("", [voucher(day, "Stort", "I 1", rows)])])
    with pytest.raises(TextError, match="this is no amount: NaN"):
        ledger_text(
            [("", [voucher(day, "Inget", "I 1", [posting("Assets:FK:1610-Internbank", Decimal("NaN"), "SEK")])])]
        )
    with pytest.raises(TextError, match="Invalid token"):
        ledger_text([("", [data.Close({"Åtta": "x"}, day, "Assets:FK:1610-Internbank")])])


def test_a_text_that_ends_lines_elsewhere_is_written_as_it_is() -> None:
    for ending in "\x0b\x0c\x1c\x85\u2028\u2029":
        entry = voucher(date(2025, 1, 2), f"ett{ending}två", "I 1", [posting("Assets:A", Decimal(1), "SEK")])
        refuse_unlike(directives_text([entry]), [entry])
