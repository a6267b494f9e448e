"""The intake: a document is read once, recognised, named, and proposed."""

import shutil
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from beancount.core import data
from click.testing import CliRunner

from forbundsbok.importers.archive import free_path
from forbundsbok.importers.bgmax import BgMax
from forbundsbok.importers.document import HEAD, Document
from forbundsbok.importers.door import Proposal
from forbundsbok.importers.intake import doors, proposed, recognise
from forbundsbok.importers.mapping import Table, read_mapping
from forbundsbok.importers.problems import DocumentError
from forbundsbok.plugins.imports import UNDERLAG, read_imports
from forbundsbok.plugins.loading import load_ledger
from forbundsbok.scripts.forbundsbok import main
from tests.scripts.books import SIE, bgmax, make_books

EXAMPLE = Path(__file__).parents[2] / "docs" / "exempel" / "dalen"
STATEMENT, INVOICE, YEAR = "kontoutdrag-2024-12-30.xml", "faktura-4711.xml", "bokforing-2024.se"


@contextmanager
def opened() -> Iterator[Counter[str]]:
    """Count how often each file is opened, by whatever means, in a test that is alone in its process."""
    times: Counter[str] = Counter()
    is_counted = True

    def count(event: str, arguments: Sequence[object]) -> None:
        if event == "open" and is_counted:
            times[str(arguments[0])] += 1

    sys.addaudithook(count)
    try:
        yield times
    finally:
        is_counted = False


def take_in(ledger: Path, *documents: Path) -> Counter[str]:
    """Import documents, and return how often each was opened."""
    with opened() as times:
        result = CliRunner().invoke(main, ["import", *map(str, documents), "--ledger", str(ledger)])
    assert result.exit_code == 0, result.output
    return Counter({path.name: times[str(path)] for path in documents})


@pytest.mark.alone
def test_a_document_is_opened_once(tmp_path: Path) -> None:
    inbox = Path(shutil.copytree(EXAMPLE, tmp_path / "inbox"))
    ledger = tmp_path / "books" / "main.bean"
    ledger.parent.mkdir()
    (inbox / "import.toml").rename(ledger.with_name("import.toml"))
    assert take_in(ledger, inbox / YEAR) == {YEAR: 1}
    assert take_in(ledger, inbox / STATEMENT, inbox / INVOICE) == {STATEMENT: 1, INVOICE: 1}
    assert take_in(ledger, inbox / STATEMENT, inbox / INVOICE) == {STATEMENT: 1, INVOICE: 1}  # they came before
    assert len(read_imports(load_ledger(ledger).entries)) == 3


def test_every_file_is_known_by_the_door_of_its_kind_and_no_other(tmp_path: Path) -> None:
    contents = {"inbet.txt": bgmax("20250314", 10000), "2024.se": SIE.encode("cp437"), "brev.txt": b"Hej"}
    inbox = [Document(Path(name), content) for name, content in contents.items()]
    every = doors(read_mapping(tmp_path / "import.toml"))
    known = {str(each): [door.kind for door in every if door.knows(each)] for each in inbox}
    assert known == {"inbet.txt": ["bgmax"], "2024.se": ["sie-4E"], "brev.txt": []}
    assert len({door.kind for door in every}) == len(every) == 8


def test_a_table_that_no_door_reads_is_refused(tmp_path: Path) -> None:
    (tmp_path / "import.toml").write_text('[bnk."1"]\naccount = "x"\n')
    with pytest.raises(DocumentError, match="har bnk, som inget läser; den får ha"):
        doors(read_mapping(tmp_path / "import.toml"))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ('[bank."1"]\naccount = "1910"', 'account = "Assets:GY:1610-Internbank"'),
        ('[bgmax."9912346"]\nobservation = "Liabilities:GY:2890-Observationskonto"', "Assets:GY:1610-Internbank"),
        ('[sie.accounts]\n"1930" = "Expenses:GY:1910-Kassa"', "Assets:GY:1610-Internbank"),
        ('[peppol]\nbuyer = "222000-1234"', "Assets:GY:1610-Internbank"),
        (
            '[bank."1"]\naccount = "Assets:GY:1920-Bank"\nobservation = "Liabilities:GY:2890-Observationskonto"\n'
            '[bgmax."9912346"]\naccount = "Assets:GY:1920-Bank"\nobservation = "Liabilities:GY:2890-Observationskonto"',
            'account = "Assets:GY:1690-Bankgiro-på-väg"',
        ),
    ],
)
def test_an_example_names_a_unit_of_these_books(tmp_path: Path, wrong: str, said: str) -> None:
    """None of another federation's: the mapping names accounts of its own, or else nothing is known of its units."""
    path = tmp_path / "import.toml"
    of_theirs = (
        '[bank."2"]\naccount = "Assets:GY:1930-Sparkonto"\nobservation = "Liabilities:GY:2890-Observationskonto"'
    )
    path.write_text(f"{of_theirs}\n{wrong}", encoding="utf-8")
    with pytest.raises(DocumentError) as error:
        doors(read_mapping(path))
    assert said in str(error.value)
    path.write_text('[bank."1"]\naccount = "1910"', encoding="utf-8")
    with pytest.raises(DocumentError, match='account = "Assets:ENHET:1610-Internbank"'):
        doors(read_mapping(path))


@pytest.mark.alone
def test_several_of_a_kind_are_opened_once_each(tmp_path: Path) -> None:
    """Which comes first is told by what they hold."""
    inbox = Path(shutil.copytree(EXAMPLE, tmp_path / "inbox"))
    ledger = tmp_path / "books" / "main.bean"
    ledger.parent.mkdir()
    (inbox / "import.toml").rename(ledger.with_name("import.toml"))
    take_in(ledger, inbox / YEAR)
    second = inbox / "faktura-4712.xml"
    second.write_text((inbox / INVOICE).read_text(encoding="utf-8").replace("4711", "4712"), encoding="utf-8")
    assert take_in(ledger, inbox / INVOICE, second) == {INVOICE: 1, second.name: 1}
    payments = [inbox / f"inbet-{serial}.txt" for serial in (1, 2)]
    for serial, path in enumerate(payments, 1):
        path.write_bytes(bgmax("20250314", 10000, serial=serial))
    assert set(take_in(make_books(tmp_path / "others"), *payments).values()) == {1}


def test_a_document_is_named_in_one_place(tmp_path: Path) -> None:
    """What a door proposes does not say where the document is kept; the intake says it in all of it."""
    every = doors(read_mapping(make_books(tmp_path).with_name("import.toml")))
    existing = load_ledger(tmp_path / "main.bean").entries
    [(document, door)] = recognise([Document(tmp_path / "inbet.txt", bgmax("20250314", 10000, 25050))], every)
    assert not any(UNDERLAG in entry.meta for entry in door.propose(document, existing).entries)
    proposal = proposed(document, door, existing)
    *vouchers, came = proposal.entries
    assert {entry.meta[UNDERLAG] for entry in vouchers} == {proposal.stored}
    assert [list(entry.meta)[:2] for entry in vouchers] == [["ver", UNDERLAG]] * 2
    [kept] = read_imports([came])
    assert (kept.path, kept.sha256) == (proposal.stored, document.sha256)
    booked = [*existing, came._replace(meta=came.meta | {"filename": "x", "lineno": 1})]
    assert proposed(document, door, booked).entries == []


def test_what_check_would_not_read_again_as_it_is_written_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The document is read again before anything of it is written, whatever its door has made of it."""
    ledger = make_books(tmp_path)
    path = tmp_path / "inbet.txt"
    path.write_bytes(bgmax("20250314", 10000, 25050))
    wrong = BgMax.propose

    def propose(self: BgMax, document: Document, existing: data.Directives) -> Proposal:
        made = wrong(self, document, existing)
        first, *others = made.entries
        return replace(made, entries=[first._replace(meta=first.meta | {"bankref": "another"}), *others])

    monkeypatch.setattr(BgMax, "propose", propose)
    before = {each: each.read_bytes() for each in tmp_path.rglob("*") if each.is_file()}
    result = CliRunner().invoke(main, ["import", str(path), "--ledger", str(ledger)])
    assert result.exit_code == 1
    assert "100,00 kr finns inte i underlag/" in result.output
    assert "inbet.txt:0" not in result.output
    assert {each: each.read_bytes() for each in tmp_path.rglob("*") if each.is_file()} == before
    monkeypatch.undo()
    assert CliRunner().invoke(main, ["import", str(path), "--ledger", str(ledger)]).exit_code == 0


@pytest.mark.alone
def test_a_document_that_stands_in_another_needs_no_file(tmp_path: Path) -> None:
    every = doors(read_mapping(make_books(tmp_path).with_name("import.toml")))
    inside = Path("brev.zip") / "2024.se"
    with opened() as times:
        [(document, door)] = recognise([Document(inside, SIE.encode("cp437"))], every)
    assert (str(document), door.kind) == (str(inside), "sie-4E")
    assert not times[str(inside)]


def test_what_a_codec_reads_is_read_once() -> None:
    asked = []

    def codec(document: Document) -> int:
        asked.append(document)
        return len(document.read())

    document = Document(Path("a"), b"abc")
    assert (document.records(codec), document.records(codec), len(asked)) == (3, 3, 1)


@pytest.mark.alone
def test_the_head_of_a_document_that_nobody_has_read(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(bytes(3 * HEAD))
    document = Document(path)
    with opened() as times:
        assert (len(document.head), document.size) == (HEAD, 3 * HEAD)
        assert (len(document.read()), len(document.head)) == (3 * HEAD, HEAD)
    assert times[str(path)] == 2


def test_free_paths() -> None:
    taken = {"underlag/2025/a.xml", "underlag/2025/a-2.xml"}
    assert free_path("underlag/2025/a.xml", taken.__contains__) == "underlag/2025/a-3.xml"
    assert free_path("underlag/2025/b.xml", taken.__contains__) == "underlag/2025/b.xml"
    for outside in ("../a.xml", "/a.xml", "underlag/../../a.xml"):
        with pytest.raises(ValueError, match="below the ledger's folder"):
            free_path(outside, taken.__contains__)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "filen är tom: hämta den på nytt"),
        (b" \r\n", "filen är tom: hämta den på nytt"),
        (b"%PDF-1.7\n", "det är en PDF, som är till för att läsas av en människa"),
        (b"<!DOCTYPE html>\n<html>", "det är en webbsida: logga in, och hämta filen på nytt"),
        (b"\xef\xbb\xbf\r\n<HTML>", "det är en webbsida: logga in, och hämta filen på nytt"),
        (b"\x1f\x8b\x08\x00", "den är packad på annat sätt än zip: packa upp den"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "den är sparad av ett kontorsprogram"),
        (b":20:STARTUMS\r\n:25:5000\r\n", "det är MT940, ett äldre kontoutdrag: be banken om camt.053"),
        (b';; Verifikationer 2025\n\n2025-01-08 * "Hyra"\n', "det är en fil med böcker som de här"),
        ("Bokföringsdag;Text;Belopp\r\n".encode("latin-1"), "det är en tabell (CSV): be banken om camt.053"),
        (b'<rsm:CrossIndustryInvoice xmlns:rsm="urn:un:unece:uncefact"/>', "det är en faktura i ett annat format"),
        (b'<Order xmlns="urn:oasis:names:specification:ubl:schema:xsd:Order-2"/>', "det är ett UBL-dokument som inte"),
        (
            b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.060.001.05"/>',
            "det är ett meddelande i bankens format",
        ),
        ("#FLAGGA 0\n".encode("utf-16"), "den är sparad i UTF-16: be om filen som systemet skrev den"),
        (b'<SieEntry xmlns="http://www.sie.se/sie5"/>', "det är SIE 5: be systemet om SIE 4"),
        (b"01AUTOGIRO              20250314AUTOGIRO9900\r\n", "det är en girofil som inte läses här"),
        (b"00TL1TOTALIN   20250314\r\n", "det är en girofil som inte läses här"),
        (b"Hej\n", "den är inte av något slag som kan läsas in: "),
    ],
)
def test_what_is_sent_by_mistake_is_called_what_it_is(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "inkom"
    path.write_bytes(content)
    with pytest.raises(DocumentError) as error:
        recognise([Document(path)], doors(Table("import.toml", "", {})))
    assert str(error.value).startswith(f"{path}: {told}")
    assert "camt.053" in str(error.value)
