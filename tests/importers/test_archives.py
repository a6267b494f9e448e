"""Archives: what a zip file holds comes in, each by its own name, and nothing that it is called or claims does harm."""

import re
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner

from forbundsbok.importers import archives
from forbundsbok.importers.archives import members
from forbundsbok.importers.document import Document
from forbundsbok.importers.problems import DocumentError
from forbundsbok.plugins.imports import read_imports
from forbundsbok.plugins.loading import load_ledger
from forbundsbok.scripts.forbundsbok import main
from tests.importers.bank_files import LEDGER, MAPPING, Paid, bgmax, bgmax_deposit, one_day

STATEMENT = one_day(("1.00", "R1", "")).encode()
DEPOSIT = bgmax(bgmax_deposit([Paid(100)]))


def zipped(contents: dict[str, bytes]) -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return made.getvalue()


def read(content: bytes, most_bytes: int = 1_000_000) -> list[tuple[str, bytes]]:
    return [(str(each), each.read()) for each in members(Document(Path("a.zip"), content), most_bytes)]


def books(folder: Path) -> Path:
    ledger = folder / "main.bean"
    ledger.write_text(LEDGER.lstrip(), encoding="utf-8")
    (folder / "import.toml").write_text(MAPPING, encoding="utf-8")
    return ledger


def test_documents_of_an_archive_come_in_and_are_kept_as_they_came(tmp_path: Path) -> None:
    ledger = books(tmp_path)
    path = tmp_path / "mars.zip"
    path.write_bytes(zipped({"mars/": b"", "mars/utdrag.xml": STATEMENT, "mars/bg.txt": DEPOSIT, "__MACOSX/._x": b"x"}))
    result = CliRunner().invoke(main, ["import", str(path), "--ledger", str(ledger)])
    assert result.exit_code == 0, result.output
    assert f"{path}/utdrag.xml (camt.053): 1 verifikation" in result.output
    assert f"{path}/bg.txt (bgmax): 1 verifikation" in result.output
    kept = {(tmp_path / came.path).read_bytes() for came in read_imports(load_ledger(ledger).entries)}
    assert kept == {STATEMENT, DEPOSIT}
    again = CliRunner().invoke(main, ["import", str(path), "--ledger", str(ledger)])
    assert again.output.count("inget att lägga till") == 2


@pytest.mark.parametrize("name", ["../../x.xml", "/etc/x.xml", "C:\\x\\x.xml", "a/../../x.xml"])
def test_what_a_member_is_called_leads_nowhere(name: str) -> None:
    assert read(zipped({name: STATEMENT})) == [("a.zip/x.xml", STATEMENT)]


def test_what_is_no_archive_of_documents_stays_as_it_is() -> None:
    for content in (STATEMENT, zipped({"[Content_Types].xml": b"", "xl/a.xml": b""}), zipped({"mimetype": b"x"})):
        assert read(content) == [("a.zip", content)]


def test_archives_in_an_archive_are_read_with_it() -> None:
    days = {
        "0314.zip": zipped({"a.xml": STATEMENT}),
        "0315.zip": zipped({"a.xml": DEPOSIT, "b.docx": zipped({"x": b""})}),
    }
    found = read(zipped(days))
    assert found[:2] == [("a.zip/0314.zip/a.xml", STATEMENT), ("a.zip/0315.zip/a.xml", DEPOSIT)]
    assert [name for name, _ in found[2:]] == ["a.zip/0315.zip/b.docx"]
    assert read(deep(3)) == [("a.zip/b.zip/b.zip/a.xml", STATEMENT)]


def bomb() -> bytes:
    """Return an archive that says that it holds a byte, and holds three megabytes."""
    content = bytearray(zipped({"a.xml": bytes(3_000_000)}))
    for mark, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = content.index(mark) + at
        content[place : place + 4] = (1).to_bytes(4, "little")
    return bytes(content)


def encrypted() -> bytes:
    content = bytearray(zipped({"a.xml": STATEMENT}))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + at] |= 1
    return bytes(content)


def deep(times: int) -> bytes:
    """Return archives in each other."""
    content = STATEMENT
    for number in range(times):
        content = zipped({"b.zip" if number else "a.xml": content})
    return content


WRONG = {
    "large": (zipped({"a.xml": bytes(3_000_000)}), "arkivet innehåller mer än 1 MB"),
    "large together": (zipped({"a.xml": bytes(600_000), "b.xml": bytes(600_000)}), "arkivet innehåller mer än 1 MB"),
    "larger than it says": (bomb(), "arkivet "),
    "encrypted": (encrypted(), "a.xml i arkivet har ett lösenord"),
    "large with what is in it": (zipped({"b.zip": zipped({"a.xml": bytes(1_000_001)})}), "arkivet innehåller mer än"),
    "deep": (deep(4), "i den ligger arkiv mer än 3 djupt"),
    "many in those in it": (
        zipped({name: zipped({str(number): b"" for number in range(500)}) for name in ("b.zip", "c.zip")}),
        "arkivet innehåller 1002 filer",
    ),
    "damaged in it": (zipped({"b.zip": zipped({"a.xml": STATEMENT})[:-30]}), "arkivet kan inte läsas"),
    "encrypted in it": (zipped({"b.zip": encrypted()}), "a.xml i arkivet har ett lösenord"),
    "many": (zipped({str(number): b"" for number in range(1001)}), "arkivet innehåller 1001 filer"),
    "empty": (zipped({"tom/": b""}), "arkivet innehåller inget dokument"),
    "cut short": (zipped({"a.xml": STATEMENT})[:-30], "arkivet kan inte läsas"),
    "no archive": (b"PK\x03\x04" + b"x" * 100, "arkivet kan inte läsas"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_an_archive_that_cannot_be_read_safely_is_refused(kind: str) -> None:
    content, said = WRONG[kind]
    with pytest.raises(DocumentError) as error:
        read(content)
    assert re.search(f"^a.zip(/[bc].zip)*: {said}", str(error.value))


def test_a_damaged_member_is_refused() -> None:
    content = bytearray(zipped({"a.xml": STATEMENT}))
    content[60:70] = b"\0" * 10
    with pytest.raises(DocumentError, match="arkivet kan inte läsas"):
        read(bytes(content))
    assert archives.MOST_MEMBERS == 1000


def test_what_is_for_a_person_to_read_is_set_aside_by_name(tmp_path: Path) -> None:
    ledger = books(tmp_path)
    path = tmp_path / "bank.zip"
    beside = {"LÄSMIG.txt": "Filer från banken".encode(), "bild.PDF": b"%PDF-1.7", "lista.xlsx": zipped({"a": b""})}
    path.write_bytes(zipped({"inbet.dat": DEPOSIT, **beside}))
    result = CliRunner().invoke(main, ["import", str(path), "--ledger", str(ledger)])
    assert result.exit_code == 0, result.output
    assert "inbet.dat (bgmax): 1 verifikation" in result.output
    for name in beside:
        assert f"bank.zip/{name} (inget underlag): inget nytt" in result.output
    assert result.output.count("den läggs åt sidan") == 3


@pytest.mark.parametrize("content", [{"LÄSMIG.txt": b"Hej"}, {"a.txt": b"Hej", "b.pdf": b"%PDF"}], ids=["one", "two"])
def test_an_archive_of_nothing_known_is_refused(tmp_path: Path, content: dict[str, bytes]) -> None:
    path = tmp_path / "bank.zip"
    path.write_bytes(zipped(content))
    result = CliRunner().invoke(main, ["import", str(path), "--ledger", str(books(tmp_path))])
    assert result.exit_code == 1
    assert "inte av något slag som kan läsas in" in result.output


def test_what_a_program_reads_is_never_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "bank.zip"
    path.write_bytes(zipped({"inbet.dat": DEPOSIT, "okand.xml": b"<a/>"}))
    result = CliRunner().invoke(main, ["import", str(path), "--ledger", str(books(tmp_path))])
    assert result.exit_code == 1
    assert "okand.xml: den är inte av något slag" in result.output
