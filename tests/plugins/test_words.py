"""What is known as a word: every key and directive that the books, the handbook and the doors write."""

import re
from pathlib import Path

from beancount.core import data
from beancount.parser import parser

from forbundsbok.importers import payments
from forbundsbok.importers.open_items import NAMES
from forbundsbok.importers.peppol import ledger as peppol
from forbundsbok.importers.sie import ledger as sie
from forbundsbok.plugins import federation
from forbundsbok.plugins.books import Books
from forbundsbok.plugins.directives import KINDS
from forbundsbok.plugins.imports import BANKREF
from forbundsbok.plugins.words import OPEN_KEYS, ROW_KEYS, VOUCHER_KEYS, known_words

ROOT = Path(__file__).parents[2]
BOOKS = sorted((ROOT / "ledger").rglob("*.bean"))


def test_every_key_and_directive_of_the_books_is_known() -> None:
    assert federation.MODULES  # imported, they enter their kinds
    words = known_words(Books([], {}))
    for path in BOOKS:
        for entry in parser.parse_file(str(path))[0]:
            own = {key for key in entry.meta if not key.startswith("sigill")}
            assert own <= words.everywhere, f"{path}: {own - words.everywhere}"
            if isinstance(entry, data.Transaction):
                assert all((row.meta or {}).keys() <= words.everywhere for row in entry.postings)
            if isinstance(entry, data.Custom) and not entry.type.startswith("fava-"):
                assert entry.type in KINDS


def test_every_key_that_the_handbook_names_in_its_examples_is_known() -> None:
    handbook = (ROOT / "docs" / "handbok.md").read_text(encoding="utf-8")
    examples = "\n".join(re.findall(r"```beancount\n(.*?)```", handbook, re.DOTALL))
    keys = set(re.findall(r"^ +([a-z][-\w]*):", examples, re.MULTILINE))
    assert len(keys) > 10
    assert keys <= known_words(Books([], {})).everywhere


def test_every_key_that_the_doors_write_is_known() -> None:
    assert {*NAMES, peppol.SUPPLIER, peppol.NUMBER, BANKREF, payments.OBSERVE} <= VOUCHER_KEYS
    assert {sie.GAP, sie.SIE, *sie.KEYS.values()} <= VOUCHER_KEYS
    assert {*sie.KEYS.values(), sie.SIE} <= ROW_KEYS
    assert {sie.SIE, sie.SIE_DETAIL} <= OPEN_KEYS
