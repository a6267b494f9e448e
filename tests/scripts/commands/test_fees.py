"""`forbundsbok fees` and `remind`: from a file of SCB to invoices, once; another file or year changes nothing."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from forbundsbok.scripts.forbundsbok import main
from tests.fees import json_stat

EXAMPLE = Path(__file__).parents[3] / "docs/exempel/avgifter/main.bean"
BOOKS, PINNED = re.split(";; Inlästa .*", EXAMPLE.read_text(encoding="utf-8"))
"""The handbook's federation, and the inhabitants of its two municipalities."""
COUNTS: dict[str, int | None] = {"00": 10_600_000, "1490": 9731, "1491": 12336}
BY_HAND = """
2025-01-10 * "Norrby kommun" "Avgift för januari" ^K-2025-0001
  ver: "K 1"
  motpart: "Norrby kommun"
  forfallodag: 2025-02-10
  Assets:RU:1510-Kundfordringar     10000.00 SEK
  Income:RU:3119-Avgifter:Norrby   -10000.00 SEK
"""


@pytest.fixture
def books(tmp_path: Path) -> Path:
    path = tmp_path / "books" / "main.bean"
    path.parent.mkdir()
    path.write_text(BOOKS, encoding="utf-8")
    (tmp_path / "scb.json").write_bytes(json_stat(COUNTS))
    return path


@pytest.fixture
def pinned(books: Path) -> Path:
    """The books with the inhabitants, whose file is kept elsewhere."""
    books.write_text(BOOKS + PINNED, encoding="utf-8")
    return books


def run(books: Path, command: str, *args: object, answer: str = "") -> Result:
    words = [command, *map(str, args), "--ledger", str(books)]
    return CliRunner().invoke(main, words, input=answer, env={"COLUMNS": "400"})


def files(books: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(books.parent)): path.read_bytes() for path in books.parent.rglob("*") if path.is_file()
    }


def test_inhabitants_are_pinned_once_with_their_file(books: Path, tmp_path: Path) -> None:
    before = files(books)
    scb = tmp_path / "scb.json"
    for args, answer in ((["--dry-run"], ""), ([], "nej\n")):
        assert run(books, "fees", 2025, "--inhabitants", scb, *args, answer=answer).exit_code == 0
        assert files(books) == before
    assert run(books, "fees", 2025, "--inhabitants", scb, answer="ja\n").exit_code == 0
    after = files(books)
    assert after["underlag/2025/invanare-2024-12-31.json"] == scb.read_bytes()
    assert 'antal: "1490 9731, 1491 12336"' in after["main.bean"].decode()
    again = run(books, "fees", 2025, "--inhabitants", scb, "--yes")
    assert again.exit_code == 0
    assert "redan inlästa" in again.output
    assert files(books) == after

    # Other numbers take their place; a file that was changed on disk is told.
    scb.write_bytes(json_stat({**COUNTS, "1490": 9800}))
    assert run(books, "fees", 2025, "--inhabitants", scb, "--yes").exit_code == 0
    assert "9 800 × 41,00 kr" in run(books, "fees", 2025).output
    (books.parent / "underlag/2025/invanare-2024-12-31-2.json").write_bytes(json_stat(COUNTS))
    changed = run(books, "fees", 2025)
    assert changed.exit_code == 1
    assert "SHA-256" in changed.output


CSV = '"region";"Folkmängd 2024"\n"00 Riket";10600000\n"1490 Norrby";9731\n"1491 Söderby";12336\n'
LONG = """"Region","Kön","Tid","Folkmängd"
"1490","män","2024",4731
"1490","kvinnor","2024",5000
"1491","män","2024",6336
"1491","kvinnor","2024",6000
"""


@pytest.mark.parametrize(
    "content",
    [
        CSV.encode(),
        CSV.encode("cp1252"),
        ("Folkmängd efter region och år\n\n" + CSV + "\nKälla: SCB\n").encode(),
        LONG.encode(),
        json_stat(COUNTS).replace(b'"value": [', b'"status": {}, "value": ['),
    ],
    ids=["csv", "cp1252", "titled", "long", "json"],
)
def test_the_layouts_of_scb_are_read(books: Path, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "scb.csv").write_bytes(content)
    result = run(books, "fees", 2025, "--inhabitants", tmp_path / "scb.csv", "--yes")
    assert result.exit_code == 0, result.output
    assert 'antal: "1490 9731, 1491 12336"' in books.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "ingen rubrikrad"),
        (b"{}", "json-stat2"),
        (b"%PDF-1.7 \xe2\xe3", "ingen rubrikrad"),
        (b"konto;belopp\n3119;1\n", "ingen rubrikrad har en kolumn region"),
        (b"kommun;antal\nNorrby;9731\n", "ingen kolumn är folkmängden"),
        ("region;Folkmängd 2024\nNorrby;9731\n".encode(), "fyra siffrorna"),
        (CSV.replace("9731", "9731,5").encode(), 'kommun 1490 har "9731,5" invånare'),
        (CSV.replace("1491 S", "1490 S").encode(), "1490 står två gånger"),
        (CSV.replace("1491 S", "1492 S").encode(), "den saknar Söderby kommun, med kommunkod 1491"),
        (CSV.replace("12336", "..").encode(), "den saknar Söderby kommun"),
        (CSV.replace("2024", "2019").encode(), "den gäller 2019-12-31"),
        (CSV.replace("2024", "2026").encode(), "den gäller 2026-12-31"),
        (json_stat(COUNTS, ("2023", "2024")), "flera perioder, 2023, 2024"),
        (json_stat({**COUNTS, "1491": None}), "den saknar Söderby kommun"),
        (json_stat(COUNTS).replace(b"9731", b"9731.5"), 'kommun 1490 har "9731.5" invånare'),
        (json_stat(COUNTS)[:200], "json-stat2"),
        (LONG.replace("kvinnor", "annat").encode(), "uppdelad på kön"),
    ],
)
def test_another_file_is_refused_and_changes_nothing(books: Path, tmp_path: Path, content: bytes, told: str) -> None:
    before = files(books)
    (tmp_path / "fel.csv").write_bytes(content)
    result = run(books, "fees", 2025, "--inhabitants", tmp_path / "fel.csv", "--yes")
    assert result.exit_code == 1, result.output
    assert told in result.output
    assert files(books) == before


def test_a_period_is_chosen(books: Path, tmp_path: Path) -> None:
    (tmp_path / "scb.json").write_bytes(json_stat(COUNTS, ("2023", "2024M11")))
    result = run(books, "fees", 2025, "--inhabitants", tmp_path / "scb.json", "--period", "2024M11", "--yes")
    assert result.exit_code == 0, result.output
    assert 'custom "invanare" 2024-11-30' in books.read_text(encoding="utf-8")
    assert run(books, "fees", 2025, "--inhabitants", tmp_path / "scb.json", "--period", "2025").exit_code == 1


def test_the_fees_are_shown_with_their_arithmetic(pinned: Path) -> None:
    told = run(pinned, "fees", 2025)
    assert told.exit_code == 0, told.output
    lines = [re.sub(r" {2,}", "|", line.strip()) for line in told.output.splitlines()]
    assert "Bas|9 731 × 41,00 kr|398 971,00|KA 99 742,75, RU 299 228,25" in lines
    assert "Kvartal 1-4: 114 339,25|114 339,25|114 339,25|114 339,25" in lines
    assert "Summa|226 186,75|736 946,25|963 133,00|0,00" in lines
    data = json.loads(run(pinned, "fees", 2025, "--json").stdout)
    assert data["payers"][0]["amount"] == "457357.00"
    assert data["payers"][1]["fees"][0]["units"] == {"KA": "126444.00", "RU": "379332.00"}


def test_a_quarter_is_invoiced_once(pinned: Path) -> None:
    before = files(pinned)
    args = ["2025", "--quarter", "1", "--date", "2025-01-15"]
    for more, answer in (([], ""), (["--book", "--dry-run"], ""), (["--book"], "nej\n")):
        assert run(pinned, "fees", *args, *more, answer=answer).exit_code == 0
        assert files(pinned) == before
    written = run(pinned, "fees", *args, "--book", answer="ja\n")
    assert written.exit_code == 0, written.output
    assert "Söderby kommun får ingen faktura för Peppol: skriv orgnr, referens" in written.output
    after = files(pinned)
    assert sorted(after.keys() - before.keys()) == [f"underlag/2025/K-000{n}" for n in ("1.pdf", "1.xml", "2.pdf")]
    assert after["underlag/2025/K-0001.pdf"].startswith(b"%PDF")
    assert after["main.bean"].decode().count('avgift: "2025-Q1"') == 2
    again = run(pinned, "fees", *args, "--book", "--yes")
    assert "det finns inget att skriva" in again.output
    assert files(pinned) == after
    assert "B927" not in run(pinned, "check").output

    # One payment settles what each unit has of an invoice, in whole or as far as it goes.
    settled = {"": ("24935.69", "89403.56"), "50000": ("24935.69", "25064.31")}
    for amount, parts in settled.items():
        words = ["inbetalning", "--settles", "K 1", "--date", "2025-02-14", "--account", "1910", "--dry-run"]
        paid = run(pinned, "new", *words, *(["--amount", amount] if amount else []))
        assert paid.exit_code == 0, paid.output
        found = re.findall(r"Assets:(?:KA|RU):1510-Kundfordringar +-(\S+) SEK", paid.output)
        assert tuple(found) == parts

    # The quarters follow each other; what was mistyped afterwards is told.
    skipped = run(pinned, "fees", 2025, "--quarter", 3, "--date", "2025-07-01")
    assert skipped.exit_code == 1
    assert "skriv --quarter 2 först" in skipped.output
    text = pinned.read_text(encoding="utf-8")
    pinned.write_text(text.replace("89403.56", "98403.56"), encoding="utf-8")
    told = run(pinned, "check").output
    assert "B927 På Income:RU:3119-Avgifter:Norrby är 98 403,56 kr fakturerade" in told


def test_what_is_invoiced_by_hand_is_taken_off(pinned: Path) -> None:
    pinned.write_text(BOOKS + PINNED + BY_HAND, encoding="utf-8")
    written = run(pinned, "fees", 2025, "--quarter", 1, "--date", "2025-01-15", "--book", "--yes")
    assert written.exit_code == 0, written.output
    assert "Norrby kommun: 10 000,00 kr är redan fakturerade för hand (K 1 (books/main.bean:" in written.output
    text = pinned.read_text(encoding="utf-8")
    assert text.count('avgift: "2025-Q1"') == 2
    assert re.search(r"Assets:RU:1510-Kundfordringar +79403\.56 SEK", text)
    assert "B927" not in run(pinned, "check").output


def test_what_is_invoiced_too_much_is_told_and_not_taken_from_another_unit(pinned: Path) -> None:
    pinned.write_text(BOOKS + PINNED + BY_HAND.replace("10000", "400000"), encoding="utf-8")
    before = files(pinned)
    result = run(pinned, "fees", 2025, "--quarter", 1, "--date", "2025-01-15", "--dry-run", "--book")
    assert result.exit_code == 0, result.output
    assert "310 596,44 kr mer än till och med kvartal 1" in result.output
    assert "Norrby kommun\n" not in result.output
    assert "B927" in run(pinned, "check").output
    assert files(pinned) == before


@pytest.mark.parametrize(
    ("args", "code", "told"),
    [
        (["2024"], 1, "ingen taxa finns för 2024, men för 2025"),
        (["25"], 2, ""),
        (["2025", "--quarter", "5"], 2, ""),
        (["2025", "--book"], 2, "--quarter"),
        (["2025", "--quarter", "1", "--date", "2026-01-15"], 2, "--date 2025-01-15"),
        (["2025", "--quarter", "1", "--json"], 2, "--json"),
        (["2025", "--period", "2024"], 2, "--inhabitants"),
        (["2025", "--inhabitants", "finns-inte.json"], 1, "finns-inte.json"),
    ],
)
def test_what_cannot_be_meant_is_told(pinned: Path, args: list[str], code: int, told: str) -> None:
    before = files(pinned)
    result = run(pinned, "fees", *args)
    assert result.exit_code == code, result.output
    assert told in result.output
    assert files(pinned) == before


def test_without_inhabitants_there_are_no_fees(books: Path) -> None:
    result = run(books, "fees", 2025)
    assert result.exit_code == 1
    assert "forbundsbok fees 2025 --inhabitants" in result.output
    assert result.output.count("per invånare") == 1


def test_who_has_not_paid_is_reminded(pinned: Path, tmp_path: Path) -> None:
    pinned.write_text(BOOKS + PINNED + BY_HAND, encoding="utf-8")
    out = tmp_path / "paminnelser"
    early = run(pinned, "remind", "--at", "2025-02-12", "--out", out)
    assert early.exit_code == 0, early.output
    assert "Inget är förfallet sedan mer än 5 dagar" in early.output
    assert not out.exists()
    for _ in range(2):
        late = run(pinned, "remind", "--at", "2025-03-31", "--out", out)
        assert late.exit_code == 0, late.output
        assert [path.name for path in out.iterdir()] == ["paminnelse-2025-03-31-Norrby-kommun.pdf"]
    [row] = [line.split("  ") for line in late.output.splitlines() if line.startswith("Norrby")]
    assert [cell.strip() for cell in row if cell.strip()][2:5] == ["0,00", "10 000,00", "0,00"]
