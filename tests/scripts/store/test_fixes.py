"""Fixes as edits of a file: what they change is written as it was meant, and all else stays byte for byte."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from beancount.core import data
from beancount.parser import parser
from hypothesis import given, settings
from hypothesis import strategies as st

from forbundsbok.plugins.clearing import complete_with_clearing, without_clearing
from forbundsbok.plugins.findings import Add, Below, Finding, Remove, Replace, Step, Subject, step_text
from forbundsbok.plugins.ledger_text import custom_of, posting, voucher
from forbundsbok.scripts.store import StoreError
from forbundsbok.scripts.store.fixes import Edits, FixError, edited, files_of

BOOKS = Path("/books/2025.bean")
OPEN = "2025-01-01 open Assets:RT:1910-Kassa SEK"
NOTE = '  ; för "kassan"; och mer'
VOUCHER = """2025-03-01 * "Material; och mer" #tagg ; sagt
  #annan
    ver: "L1"
\tsyfte: "a; b" ; syftet
  ; om raden
  Expenses:RT:6010-Material   100.00 SEK
    ver: "radens"
  Assets:RT:1910-Kassa
"""


def read_as(text: str) -> list[data.Directive]:
    """Return the directives of a text as those of a file."""
    read, errors, _ = parser.parse_string(text.encode(), report_filename=str(BOOKS))
    assert errors == []
    return sorted(read, key=lambda entry: entry.meta["lineno"])


def found(*steps: Step) -> Finding:
    return Finding(steps[0].at, Subject("prov", "x"), "prov", fix=steps, rule="X100")


def edits(text: str, *findings: Finding) -> Edits:
    return edited(findings, lambda _: text)


def written(text: str, *findings: Finding) -> str:
    done = edits(text, *findings)
    assert (done.waiting, done.refused) == ([], [])
    return done.texts[BOOKS]


def below(text: str, meta: Mapping[str, Any], number: int = 0) -> str:
    return written(text, found(Below(read_as(text)[number], meta)))


def test_a_fix_that_cannot_be_made_is_told_as_what_cannot_be_written() -> None:
    assert issubclass(FixError, StoreError)


# Metadata below a directive


def test_metadata_of_the_directive_is_replaced_however_it_is_indented_and_that_of_rows_is_not() -> None:
    expected = VOUCHER.replace("  #annan\n", '  ver: "L 1"\n  syfte: "c"\n  #annan\n', 1)
    expected = expected.replace('    ver: "L1"\n\tsyfte: "a; b" ; syftet\n', "  ; syftet\n")
    assert below(VOUCHER, {"ver": "L 1", "syfte": "c"}) == expected


@pytest.mark.parametrize("indent", ["  ", "    ", "\t"])
def test_metadata_of_other_directives_than_vouchers(indent: str) -> None:
    text = f'{OPEN}\n{indent}benamning: "Kassa"\n{indent}intern: TRUE\n'
    assert below(text, {"benamning": "Bank"}) == f'{OPEN}\n  benamning: "Bank"\n{indent}intern: TRUE\n'


def test_metadata_below_a_last_line_that_does_not_end() -> None:
    assert below(OPEN, {"benamning": "Bank"}) == f'{OPEN}\n  benamning: "Bank"\n'


@pytest.mark.parametrize(
    "text",
    [
        '2025-03-01 * "På två\n  rader"\n  ver: "L1"\n',
        '2025-03-01 * "Material"\n  ver: "på två\n  rader"\n',
    ],
)
def test_a_text_over_several_lines_is_not_edited(text: str) -> None:
    done = edits(text, found(Below(read_as(text)[0], {"ver": "L 1"})))
    assert done.texts == {}
    [why] = done.refused
    assert why.endswith(
        f"{BOOKS}:1 har ändrats under tiden, eller har en text eller inställning som går över flera rader"
    )


# Directives whole


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_each_line_keeps_its_ending_and_new_ones_take_that_of_the_line_before(ending: str) -> None:
    other = {"\n": "\r\n", "\r\n": "\n"}[ending]
    before = f"; a{other}{OPEN}{ending}; b{other}{OPEN}x{other}; c{ending}".replace("Kassa SEKx", "Bank SEK")
    old, also = read_as(before)
    new = old._replace(meta={"benamning": "Kassa"})
    done = written(
        before, found(Replace(old, [new, new])), found(Below(also, {"intern": True})), found(Add([new], old))
    )
    text = f'{OPEN}{ending}  benamning: "Kassa"{ending}'
    assert done == (
        f"; a{other}{text}{ending}{text}; b{other}{OPEN}x{other}  intern: TRUE{other}; c{ending}{ending}{text}"
    ).replace("Kassa SEKx", "Bank SEK")


def test_comments_inside_a_directive_are_kept() -> None:
    text = f'{OPEN} ; nyöppnat\n{NOTE}\n  benamning: "a;b"\n\n; efter\n'
    (old,) = read_as(text)
    kept = '; nyöppnat\n; för "kassan"; och mer\n'
    indented = kept.replace("; ny", "  ; ny").replace("; för", "  ; för")
    assert written(text, found(Replace(old, [old]))) == f'{OPEN}\n  benamning: "a;b"\n{indented}\n; efter\n'
    assert written(text, found(Remove(old))) == f"{kept}\n; efter\n"


def test_added_directives_stand_at_the_end_after_an_empty_line() -> None:
    (old,) = read_as(OPEN)
    new = custom_of("prov", old.date, ["x"])
    line = '2025-01-01 custom "prov" "x"\n'
    for text in (OPEN, f"{OPEN}\n", f"{OPEN}\n\n"):
        assert written(text, found(Add([new], old))) == f"{OPEN}\n\n{line}"
    assert written(f"{OPEN}\r\n", found(Add([new], old))) == f"{OPEN}\r\n\r\n{line}".replace('"\n', '"\r\n')


def test_computed_clearing_is_not_written() -> None:
    rows = [
        posting("Expenses:UTB:6010-Material", Decimal(100), "SEK"),
        posting("Assets:RT:1910-Kassa", -Decimal(100), "SEK"),
    ]
    own = voucher(read_as(OPEN)[0].date, "Material", "L 1", rows)
    accounts = ["Expenses:UTB:6010-Material", "Assets:RT:1910-Kassa", "Assets:RT:1790-Avräkning"]
    accounts.append("Assets:UTB:1790-Avräkning")
    opens = [data.Open({}, own.date, account, ["SEK"], None) for account in accounts]
    completed: Any
    *_, completed = complete_with_clearing([*opens, own], {"operating_currency": ["SEK"]}).entries
    assert len(completed.postings) == 4
    assert without_clearing(completed) == own
    by_hand = own._replace(postings=[*rows, posting("Assets:RT:1790-Avräkning", Decimal(1), "SEK")])
    assert without_clearing(by_hand) == by_hand
    # As a rule divides a voucher: what is known of its place is gone.
    divided = completed._replace(meta={"ver": "L 2"})
    for step in (Add([divided], own), Replace(own, [divided])):
        assert "Avräkning" not in step_text(step)


# Fixes that meet, and those that cannot be made


def test_two_steps_below_the_same_directive_are_both_made() -> None:
    (old,) = read_as(OPEN)
    fix = found(Below(old, {"benamning": "Kassa"}), Below(old, {"intern": True}))
    assert written(OPEN, fix) == f'{OPEN}\n  benamning: "Kassa"\n  intern: TRUE\n'


def test_other_steps_that_change_the_same_directive_are_refused() -> None:
    (old,) = read_as(OPEN)
    done = edits(OPEN, found(Below(old, {"intern": True}), Remove(old)))
    assert done == ({}, [], [f"X100 rättas inte maskinellt: två av dess steg ändrar {BOOKS}:1"])


def test_a_second_fix_of_a_directive_or_with_the_same_text_waits() -> None:
    (old,) = read_as(OPEN)
    new = custom_of("prov", old.date, ["x"])
    first, second, third = (
        found(Remove(old), Add([new], old)),
        found(Below(old, {"intern": True})),
        found(Add([new], old)),
    )
    done = edits(OPEN, first, second, third)
    assert done.texts == {BOOKS: '2025-01-01 custom "prov" "x"\n'}
    assert done.waiting == [second, third]


@pytest.mark.parametrize("meta", [{}, {"filename": "<prov>", "lineno": 0}])
def test_what_stands_in_no_file(meta: dict[str, Any]) -> None:
    old = read_as(OPEN)[0]._replace(meta=meta)
    fix = found(Add([old], old))
    assert files_of(fix) == {None}
    assert edits(OPEN, fix).refused == ["X100 rättas inte maskinellt: direktivet som den avser står inte i någon fil"]


def test_what_has_changed_or_cannot_be_written_is_refused_alone() -> None:
    text = f"{OPEN}\n{OPEN}\n"
    first, second = read_as(text)
    moved = first._replace(meta={**first.meta, "lineno": 7})
    (other,) = read_as(OPEN.replace("Kassa", "Bank"))
    unlike = voucher(first.date, "x", "L 1", [posting("Assets:RT:1910-Kassa", Decimal("NaN"), "SEK")])
    wrong: list[Step] = [Remove(moved), Remove(other), Replace(first, [unlike]), Below(first, {"x": object()})]
    done = edits(text, *map(found, wrong), found(Remove(second)))
    assert done.texts == {BOOKS: f"{OPEN}\n"}
    assert len(done.refused) == len(wrong)


# All other lines

LINES = st.lists(
    st.one_of(
        st.text(alphabet=st.characters(blacklist_characters="\n", blacklist_categories=["Cs"])).map("; {}".format),
        st.sampled_from(["", "\r", "; \u2028 \x85 \x0c \x1c \r;", OPEN.replace("Kassa", "Bank"), f"* {OPEN}"]),
        st.binary(max_size=4).map(lambda each: ";" + each.replace(b"\n", b"").decode("utf-8", "surrogateescape")),
    ),
    max_size=5,
).map(lambda lines: "".join(f"{line}\n" for line in lines))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(before=LINES, between=LINES, after=LINES, ending=st.sampled_from(["\n", "\r\n"]))
def test_all_other_lines_stay_byte_for_byte(before: str, between: str, after: str, ending: str) -> None:
    (old,) = read_as(OPEN)
    target = f"{OPEN}{ending}"
    text = "".join([before, target, "\n", between, target, "\n", target, "\n", after])
    places = [before, f"{before}{target}\n{between}", f"{before}{target}\n{between}{target}\n"]
    lines = [part.count("\n") + 1 for part in places]
    at = [old._replace(meta={"filename": str(BOOKS), "lineno": line}) for line in lines]
    new = custom_of("prov", old.date, ["x"])
    done = written(text, found(Replace(at[0], [new])), found(Below(at[1], {"intern": True})), found(Remove(at[2])))
    changed = f'2025-01-01 custom "prov" "x"{ending}'
    assert done == "".join([before, changed, "\n", between, target, f"  intern: TRUE{ending}", "\n", "\n", after])
    added = written(text, found(Add([new], at[0])))
    assert added.startswith(text)
    assert added[len(text) :].strip() == changed.strip()
