"""Reading a ledger's files: whatever stands in them is read as Beancount reads it, or is an error at its line."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from beancount import loader
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from forbundsbok.plugins.findings import WARNINGS
from forbundsbok.plugins.loading import load_changed, load_ledger, load_untried, placed_messages
from forbundsbok.plugins.places import place_of
from forbundsbok.plugins.reading import ONE_BY_ONE, read_files

HEAD = """option "operating_currency" "SEK"
option "tolerance_multiplier" "0"
2024-01-01 open Assets:A SEK
2024-01-01 open Assets:B SEK
"""
FIRST = HEAD.count("\n") + 1
ROWS = "\n  Assets:A  {amount} SEK\n  Assets:B"
DIVISIONS = ("1/0", "0/0", "1/(2-2)", "1/0.00", "1/-0", "(1/0", "2*(3/(1-1))", "1/0 + 1/0")
PLACES = {
    "amount": '2024-01-02 * "x"\n  Assets:A  {amount} SEK\n  Assets:B',
    "price": '2024-01-02 * "x"\n  Assets:A  1 SEK @ {amount} EUR\n  Assets:B',
    "cost": '2024-01-02 * "x"\n  Assets:A  1 SEK {{{amount} EUR}}\n  Assets:B',
    "metadata": '2024-01-02 * "x"\n  ange: {amount}\n  Assets:A  1 SEK\n  Assets:B',
    "metadata of a row": '2024-01-02 * "x"\n  Assets:A  1 SEK\n    ange: {amount} SEK\n  Assets:B',
    "custom number": '\n2024-01-02 custom "x" {amount}',
    "custom amount": '\n2024-01-02 custom "x" {amount} SEK',
    "balance": "\n2024-01-02 balance Assets:A {amount} SEK",
    "tolerance": "\n2024-01-02 balance Assets:A 0 ~ {amount} SEK",
    "pushmeta": "\npushmeta ange: {amount}",
}

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(text: str | bytes, name: str = "main.bean") -> Path:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return written


def errors_of(path: Path) -> list[tuple[int, str]]:
    return [(line, message.partition(": ")[2]) for (_, line), message in placed_messages(load_ledger(path).errors)]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("division", DIVISIONS)
def test_a_division_by_zero_is_told_at_its_line(place: str, division: str, write: Write) -> None:
    before = PLACES[place].partition("{amount}")[0]
    path = write(f"{HEAD}{PLACES[place].format(amount=division)}\n")
    assert errors_of(path) == [(FIRST + before.count("\n"), "Raden delar med noll: skriv själva beloppet")]


def test_all_divisions_by_zero_are_told_and_no_other(write: Write) -> None:
    amounts = ["1/3*3", "1/0", "10/4", "4/(2-2)", "1/2"]
    text = "".join(f'2024-01-0{number} * "1/0"{ROWS.format(amount=each)}\n' for number, each in enumerate(amounts, 2))
    path = write(f'{HEAD}{text}; 1/0\n2024-02-01 note Assets:A "rad\n1/0 SEK"\n')
    assert [line for line, _ in errors_of(path)] == [FIRST + 4, FIRST + 10]


def test_an_amount_that_sums_cannot_hold_is_told_at_its_line(write: Write) -> None:
    good = '2024-01-02 * "x"' + ROWS.format(amount="123456789012345.67")
    assert errors_of(write(f"{HEAD}{good}\n")) == []
    for amount in ("1" + "0" * 15, "1" + "0" * 27 + ".00", f"{'9' * 14} * {'9' * 14}"):
        wrong = '2024-01-03 * "x"' + ROWS.format(amount=amount)
        expected = "Ett belopp på raden är för stort: det har fler än 15 siffror före decimaltecknet"
        assert errors_of(write(f"{HEAD}{good}\n{wrong}\n")) == [(FIRST + 4, expected)]


def test_a_voucher_that_beancount_cannot_compute_is_told(write: Write) -> None:
    rows = f"  Assets:A  1.{'0' * 40}1 SEK\n  Assets:B  -99999999999999.99 SEK\n"
    rows += f"  Assets:A  1 SEK @@ 1.{'1' * 27} EUR\n  Assets:B\n"
    path = write(f'{HEAD}2024-01-02 * "x"\n{rows}2024-01-03 * "y"{ROWS.format(amount="1")}\n')
    assert FIRST in [line for line, _ in errors_of(path)]


@pytest.mark.parametrize("key", ["lineno", "filename"])
@pytest.mark.parametrize("value", ['"text"', "2024-01-01", "5", "NULL"])
def test_metadata_that_hides_where_a_line_stands_is_told_there(key: str, value: str, write: Write) -> None:
    two = "".join(f'2024-01-02 note Assets:A "{each}"\n  {key}: {value}\n' for each in "ab")
    path = write(HEAD + two)
    told = f"{key} är programmets eget ord för var en rad står: kalla det något annat"
    assert errors_of(path) == [(FIRST + 1, told), (FIRST + 3, told)]
    assert {place_of(error)[0] for error in load_ledger(path).errors} == {str(path)}


@pytest.mark.parametrize("value", ["1", '"text"', "NULL", "2024-01-01", "#tag", "1/3 SEK"])
def test_what_is_pushed_and_never_ended_is_told_where_it_begins(value: str, write: Write) -> None:
    path = write(f"{HEAD}pushtag #a\npushmeta ange: {value}\n")
    assert errors_of(path) == [
        (FIRST, "pushtag #a avslutas aldrig: skriv   poptag #a   där den ska sluta gälla"),
        (FIRST + 1, "pushmeta ange: avslutas aldrig: skriv   popmeta ange:   där den ska sluta gälla"),
    ]
    assert errors_of(write(f"{HEAD}pushtag #a\npushmeta ange: {value}\npoptag #a\npopmeta ange:\n")) == []


def test_a_missing_quotation_mark_is_told_where_the_text_begins_and_alone(write: Write) -> None:
    vouchers = [f'2024-01-0{number} * "x"\n  ver: "L {number}"{ROWS.format(amount="1")}\n' for number in range(2, 5)]
    told = "Ett citattecken saknas: texten som börjar på raden har inget slut"
    text = HEAD + "".join(vouchers)
    assert errors_of(write(text)) == []
    for quote in re.finditer('"', text[len(HEAD) :]):
        at = len(HEAD) + quote.start()
        line = text.count("\n", 0, at) + 1
        opens = text[len(HEAD) : at].count('"') % 2 == 0
        [(told_at, message)] = errors_of(write(text[:at] + text[at + 1 :]))
        if not opens:
            assert (told_at, message) == (line, told)


@pytest.mark.parametrize("flag", ["*", "!"])
@pytest.mark.parametrize("below", ['\n  ver: "M 1"', ""])
def test_a_missing_date_is_told_at_the_line_that_lacks_it_and_alone(flag: str, below: str, write: Write) -> None:
    sound = '2024-01-02 * "x"\n  Assets:A  1 SEK\n  Assets:B'
    path = write(f'{HEAD}{flag} "Städ AB" "Städning"{below}\n  Assets:A  5 SEK\n  Assets:B\n\n{sound}\n')
    told = "Datumet saknas: en verifikation börjar med sin dag, som   2025-02-18 *"
    assert errors_of(path) == [(FIRST, told)]


def test_a_heading_of_an_outline_lacks_no_date(write: Write) -> None:
    assert not read_files(write(f'{HEAD}* "Januari"\n\n2024-01-02 * "x"\n  Assets:A  1 SEK\n  Assets:B\n')).errors


def test_while_files_cannot_be_read_nothing_else_is_told(write: Write) -> None:
    others = '2024-01-02 balance Assets:A 5 SEK\n2024-01-03 * "y"\n  Assets:C  1 SEK\n  Assets:B  -2 SEK\n'
    assert len(errors_of(write(HEAD + others))) == 3
    assert [line for line, _ in errors_of(write(HEAD + others + "2024-01-04 opn Assets:D\n"))] == [FIRST + 4]


def test_encodings(write: Write) -> None:
    text = HEAD + '2024-01-02 * "Överskott"' + ROWS.format(amount="1") + "\n"
    for marks in ("", "\ufeff", "\ufeff\ufeff"):
        path = write(f"{marks}{text}".encode())
        assert errors_of(path) == []
        assert [entry.narration for entry in load_ledger(path).entries if hasattr(entry, "narration")] == ["Överskott"]
    told = "Filen är inte skriven i UTF-8, vilket Överskott här visar: spara den som UTF-8"
    assert errors_of(write(text.encode("latin-1"))) == [(FIRST, told)]
    for encoding in ("utf-16", "utf-16-le", "utf-16-be"):
        assert errors_of(write(text.encode(encoding))) == [(1, "Filen är skriven i UTF-16: spara den som UTF-8")]
    assert errors_of(write(HEAD.encode() + b"; \xe5\n")) == []


def test_includes_are_told_at_the_line_that_includes(write: Write, tmp_path: Path) -> None:
    (tmp_path / "mapp").mkdir()
    write("", "a.bean")
    write('include "saknas.bean"\n', "b.bean")
    path = write(f'{HEAD}include "a.bean"\ninclude "?.bean"\ninclude "finns/*.bean"\ninclude "mapp"\n')
    found = [(Path(file).name, line) for (file, line), _ in placed_messages(load_ledger(path).errors)]
    assert found == [("b.bean", 1), *(("main.bean", FIRST + number) for number in (1, 2, 3))]
    messages = " ".join(message for _, message in placed_messages(load_ledger(path).errors))
    for told in ('include "saknas.bean" träffar ingen fil', 'include "finns/*.bean" träffar ingen fil'):
        assert told in messages
    assert f"Filen {tmp_path / 'mapp'} kan inte läsas: " in messages
    assert f"Filen {tmp_path / 'a.bean'} tas med två gånger" in messages


@pytest.mark.parametrize(
    "text", ['plugin ""', 'plugin "finns.inte"', 'include ""', 'option "tolerance_multiplier" "x"']
)
def test_what_beancount_stumbles_over_is_an_error_without_a_traceback(text: str, write: Write) -> None:
    [(_, message)] = errors_of(write(f"{HEAD}{text}\n"))
    assert "Traceback" not in message


def test_a_directive_without_values_stops_no_pad(write: Write) -> None:
    pad = "2024-01-02 pad Assets:A Assets:B\n2024-01-03 balance Assets:A 1 SEK\n"
    assert errors_of(write(f'{HEAD}2024-01-01 custom "mall"\n{pad}')) == []


def test_a_sound_ledger_is_read_as_beancount_reads_it(sjuharad: Path) -> None:
    loader.initialize(use_cache=False)
    entries, errors, options = loader.load_file(str(sjuharad))
    loaded = load_ledger(sjuharad)
    assert loaded.errors == errors == []
    assert loaded.entries == entries
    apart = ("input_hash", "dcontext", WARNINGS)
    assert {key: loaded.options[key] for key in options if key not in apart} == {
        key: options[key] for key in options if key not in apart
    }
    assert loaded.warnings == list(options[WARNINGS])
    assert str(loaded.options["dcontext"]) == str(options["dcontext"])


PIECES = [
    *(
        "1/0",
        "0/0",
        "/",
        "(",
        ")",
        "-",
        "10 /",
        "1" * 40,
        "9" * 400,
        "0.000000000000000000000000000000001",
        "1e5",
        "1,5",
    ),
    *(
        "lineno: 1",
        "filename:",
        '  lineno: "x"\n',
        "pushmeta a1: NULL\n",
        "pushtag #a\n",
        "poptag #b\n",
        "popmeta x1:\n",
    ),
    *('"', '""', "\\", "'", ";", "\n", "\n\n", "\r", "\t", " ", "\0", "\ufeff", "\x1b[31m", "\u202e", "å", "“"),
    *(
        "2024-13-41",
        "0000-00-00",
        "9999-99-99",
        "2024-01-01",
        "Assets:A",
        "Assets:Ö",
        "assets:a",
        "#",
        "^",
        "*",
        "!",
        "txn",
    ),
    *("{", "{{", "}", "}}", "@", "@@", "~", "{1 SEK, 2024-01-01}", "SEK", "kr", "TRUE", "NULL", "#a", "^b"),
    *('option "booking_method" "x"\n', 'option "name_assets" "Å"\n', 'plugin ""\n', 'include "*"\n', 'include ""\n'),
    *('option "display_precision" "SEK:1/0"\n', 'option "documents" "\\0"\n', 'plugin "beancount.plugins.auto"\n'),
    *("2024-01-01 pad Assets:A Assets:B\n", "2024-01-01 custom", "2024-01-01 close Assets:A\n", "2024-01-01 query"),
]
SOUND = (
    HEAD
    + 'plugin "forbundsbok.federation"\n2024-01-01 custom "unit" "A" "Enhet"\n'
    + "".join(f'2024-01-{day:02} * "x" #a ^b\n  ver: "L {day}"{ROWS.format(amount="10/4")}\n' for day in range(2, 6))
    + '2024-02-01 balance Assets:A 10 SEK\n2024-12-31 custom "bokslut" 2024\n'
)


@st.composite
def mangled(draw: st.DrawFn) -> bytes:
    text = SOUND
    for _ in range(draw(st.integers(1, 5))):
        first = draw(st.integers(0, len(text)))
        end = min(len(text), first + draw(st.sampled_from([0, 0, 1, 1, 2, 5, 20])))
        text = text[:first] + draw(st.one_of(st.sampled_from(PIECES), st.text(max_size=3))) + text[end:]
    content = text.encode("utf-8", "surrogatepass")
    if draw(st.integers(0, 9)) == 0:
        first = draw(st.integers(0, len(content)))
        content = content[:first] + draw(st.binary(max_size=3)) + content[first + 1 :]
    return content


@pytest.mark.slow
@settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(mangled())
@example(b"\xff\xfe")
@example(b"")
@example(b"(" * 100_000)
def test_whatever_stands_in_a_ledger_it_loads_with_errors(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "main.bean"
    path.write_bytes(content)
    loaded = load_ledger(path)
    messages = [message for _, message in placed_messages([*loaded.errors, *loaded.warnings])]
    assert not [message for message in messages if "Traceback" in message or message.startswith("<")]
    assert read_files(path).options["include"] == [str(path)]


FILES = {
    "main.bean": f'{HEAD}plugin "forbundsbok.federation"\ninclude "units/*.bean"\ninclude "2024.bean"\n',
    "2024.bean": '2024-01-01 custom "unit" "A" "Enhet"\n2024-01-09 balance Assets:A 10 SEK\n',
    **{
        f"units/{name}.bean": "".join(
            f'2024-01-{day:02} * "x" #a ^b\n  ver: "{name} {day}"{ROWS.format(amount="10/4")}\n' for day in days
        )
        for name, days in (("L", (2, 3)), ("K", (2, 4)))
    },
}
ADDED = [
    '2024-01-05 * "y"\n  Assets:A  1\n  Assets:B  -1\n',
    '2024-01-05 * "y"\n  Assets:A  1 SEK {2 EUR}\n  Assets:B\n',
    '2024-01-05 * "y"\n  Assets:A\n  Assets:B\n',
    '2024-01-05 document Assets:A "a.pdf"\n',
    '2024-01-05 note Assets:A "a"\n',
    '2024-01-02 * "y"\n  ver: "L 7"\n  Assets:A  -1 SEK\n  Assets:B  1 SEK\n',
    'option "operating_currency" "EUR"\n',
    'plugin "beancount.plugins.auto"\n',
    'include "../more/*.bean"\n',
    "2024-01-01 close Assets:A\n",
    "2024-01-06 pad Assets:A Assets:B\n2024-01-08 balance Assets:A 3 SEK\n",
]


@st.composite
def changes(draw: st.DrawFn) -> dict[str, str | None]:
    """Draw what some files are changed to, None for one that is taken away."""
    names = draw(st.lists(st.sampled_from([*FILES, "units/M.bean", "more/a.bean"]), min_size=0, max_size=3))
    changed: dict[str, str | None] = {}
    for name in names:
        text = FILES.get(name, "")
        first = draw(st.integers(0, len(text)))
        piece = draw(st.sampled_from([*ADDED, *PIECES]))
        changed[name] = draw(st.sampled_from([text + piece, piece + text, text[:first] + piece + text[first:], None]))
    return changed


@pytest.mark.slow
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes(), changes())
def test_a_ledger_that_has_changed_is_read_as_if_it_were_read_anew(
    tmp_path: Path, first: dict[str, str | None], then: dict[str, str | None]
) -> None:
    root = tmp_path / "tree"
    for folder in (books := tmp_path / "books", moved := Path(f"{root}{books}")):
        shutil.rmtree(folder, ignore_errors=True)
        for name, text in (FILES | first | (then if folder is moved else {})).items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            if text is not None:
                (folder / name).write_text(text, encoding="utf-8", errors="surrogatepass")
    before = load_untried(books / "main.bean") if (books / "main.bean").exists() else None
    if before is None or not (moved / "main.bean").exists():
        return
    assert before.files or first
    changed, anew = load_changed(moved / "main.bean", before.files, str(root)), load_ledger(moved / "main.bean")
    assert repr(changed.entries) == repr(anew.entries)  # in which what 0/0 comes to is equal to itself
    assert placed_messages([*changed.errors, *changed.warnings]) == placed_messages([*anew.errors, *anew.warnings])
    apart = ("input_hash", "dcontext", WARNINGS)
    assert {key: changed.options[key] for key in anew.options if key not in apart} == {
        key: anew.options[key] for key in anew.options if key not in apart
    }


@pytest.mark.parametrize("key", ONE_BY_ONE)
def test_no_one_answers_for_many_vouchers_at_once(key: str, write: Write) -> None:
    path = write(f'{HEAD}pushmeta {key}: "FD"\npopmeta {key}:\n')
    [(line, text)] = errors_of(path)
    assert (line, text.startswith(f"pushmeta {key}: skulle svara")) == (FIRST, True)
