"""Documents read again: a voucher that is no longer as its document has it is told with both amounts."""

import hashlib
import re
import shutil
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from forbundsbok.importers.intake import doors
from forbundsbok.importers.mapping import Table
from forbundsbok.importers.reread import READERS, document_changes
from forbundsbok.plugins.loading import load_ledger
from forbundsbok.scripts.forbundsbok import main
from tests.importers.bank_files import IBAN, camt, camt_entry, camt_statement
from tests.importers.peppol.ubl_files import Document as Invoice
from tests.scripts.books import SIE, bgmax, make_books

BANK = f"""
[bank."{IBAN}"]
account = "Assets:RT:1910-Kassa-och-bank"
observation = "Liabilities:RT:2890-Observationskonto"
"""
PAYROLL = """#FLAGGA 0
#PROGRAM "Lön" 1.0
#FORMAT PC8
#GEN 20250325
#SIETYP 4
#FNAMN "Räddningstjänsten Norra"
#KONTO 1910 "Kassa och bank"
#KONTO 2890 "Observationskonto"
#VER P "" 20250325 "Löner mars"
{
#TRANS 1910 {} -500.00
#TRANS 2890 {} 500.00
}
"""


def statement() -> bytes:
    entries = [camt_entry("1.00", reference="A1"), camt_entry("-40.00", reference="A2")]
    return camt(camt_statement(entries, "100000.00", "99961.00")).encode()


@pytest.fixture
def taken_in(tmp_path: Path) -> Callable[[str, bytes], Path]:
    """Books into which a document has come, and the file that it made."""

    def take_in(name: str, content: bytes) -> Path:
        ledger = make_books(tmp_path / "books")
        if name.endswith(".xml"):
            (ledger.parent / "import.toml").write_text(BANK, encoding="utf-8")
        (tmp_path / name).write_bytes(content)
        result = CliRunner().invoke(main, ["import", str(tmp_path / name), "--ledger", str(ledger)])
        assert result.exit_code == 0, result.output
        assert told(ledger) == []
        return next((ledger.parent / "import").iterdir())

    return take_in


def told(ledger: Path) -> list[str]:
    return [str(each.message) for each in document_changes(ledger.parent, load_ledger(ledger).entries)]


def changed(made: Path, *changes: tuple[str, str]) -> list[str]:
    """Return what is told when the file of an import is changed."""
    text = made.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    made.write_text(text, encoding="utf-8")
    return told(made.parent.parent / "main.bean")


@pytest.mark.parametrize(
    ("name", "content", "changes", "amounts"),
    [
        ("inbet.txt", bgmax("20250314", 10000, 25050), [("250.50", "205.50")], ("205,50", "250,50")),
        ("utdrag.xml", statement(), [("40.00", "60.00")], ("-60,00", "-40,00")),
        ("lon.si", PAYROLL.encode("cp437"), [("500.00", "800.00")], ("800,00", "500,00")),
    ],
)
def test_an_amount_that_is_changed_is_told_beside_the_document_s(
    name: str,
    content: bytes,
    changes: list[tuple[str, str]],
    amounts: tuple[str, str],
    taken_in: Callable[[str, bytes], Path],
) -> None:
    made = taken_in(name, content)
    [message] = changed(made, *changes)
    booked, stated = amounts
    assert f" har {booked} kr, men underlag/2025/" in message
    assert f" har {stated} kr" in message
    result = CliRunner().invoke(main, ["check", "--json", "--ledger", str(made.parent.parent / "main.bean")])
    assert result.exit_code == 1
    assert f"har {stated} kr" in result.output


def test_what_was_changed_is_told_when_more_comes_in_and_neither_paid_nor_closed(
    taken_in: Callable[[str, bytes], Path], tmp_path: Path
) -> None:
    made = taken_in("lon.si", PAYROLL.encode("cp437"))
    [message] = changed(made, ("500.00", "800.00"))
    ledger = made.parent.parent / "main.bean"
    text = ledger.read_text(encoding="utf-8")
    ledger.write_text(f'{text}\n2025-12-31 custom "bokslut" 2025\n', encoding="utf-8")
    (ledger.parent / "import.toml").touch()

    def run(*arguments: str | Path) -> tuple[int, str]:
        result = CliRunner().invoke(main, [*map(str, arguments), "--ledger", str(ledger)])
        return result.exit_code, result.stderr

    for command in (("lock", "2025-03", "--yes"), ("seal", "2025", "--yes"), ("pay", "--day", "2025-04-01", "--yes")):
        code, told_then = run(*command)
        assert (code, message in told_then) == (1, True), told_then
    ledger.write_text(text, encoding="utf-8")
    (tmp_path / "inbet.txt").write_bytes(bgmax("20250314", 10000, 25050))
    code, told_then = run("import", tmp_path / "inbet.txt")
    assert (code, message in told_then) == (0, True), told_then
    assert len(list(made.parent.iterdir())) == 2


def test_a_change_that_says_why_is_accepted_and_an_empty_reason_is_not(taken_in: Callable[[str, bytes], Path]) -> None:
    made = taken_in("inbet.txt", bgmax("20250314", 10000, 25050))
    assert len(changed(made, ("250.50", "205.50"), ('  ver: "I 2"\n', '  ver: "I 2"\n  andrad: " "\n'))) == 1
    assert changed(made, ('andrad: " "', 'andrad: "Banken rättade beloppet samma dag"')) == []


def test_a_voucher_that_is_not_in_the_document_it_names(taken_in: Callable[[str, bytes], Path]) -> None:
    made = taken_in("utdrag.xml", statement())
    [message] = changed(made, ('bankref: "A2"', 'bankref: "A3"'))
    assert message.startswith("U 1 ")
    assert "-40,00 kr finns inte i underlag/2025/" in message


def test_what_was_kept_elsewhere_is_in_the_year_that_came(tmp_path: Path) -> None:
    """A purchase that says that it came with a year from another system, and so was approved there."""
    ledger = tmp_path / "books" / "main.bean"
    (tmp_path / "2024.se").write_bytes(SIE.encode("cp437"))
    (tmp_path / "karta.toml").write_text('[sie]\ndefault-unit = "RT"\n')
    arguments = [
        "import",
        str(tmp_path / "2024.se"),
        "--ledger",
        str(ledger),
        "--mapping",
        str(tmp_path / "karta.toml"),
    ]
    assert CliRunner().invoke(main, arguments).exit_code == 0
    assert told(ledger) == []
    made = next((ledger.parent / "import").iterdir())
    with made.open("a", encoding="utf-8") as file:
        file.write(
            '\n2024-04-02 * "Data AB" "Datorer"\n  ver: "I 2"\n  underlag: "underlag/2024/2024.se"\n'
            "  Assets:RT:1910-Kassa-och-bank  -900.00 SEK\n  Income:RT:3119-Medlemsavgifter  900.00 SEK\n"
        )
    [message] = told(ledger)
    assert message.startswith("I 2 ")
    assert "900,00 kr finns inte i underlag/2024/2024.se" in message


def test_a_document_that_is_no_year_and_one_that_is_not_there(tmp_path: Path) -> None:
    """An import line that is made up, with or without a file that answers to its digest."""
    ledger = make_books(tmp_path / "books")
    content = b"Hej"
    kept = ledger.parent / "underlag" / "2025" / "ar.se"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(content)
    with (ledger.parent / "2025.bean").open("a", encoding="utf-8") as file:
        digest = hashlib.sha256(content).hexdigest()
        file.write(f'\n2025-01-02 custom "import" "sie-4E" "underlag/2025/ar.se"\n  sha256: "{digest}"\n')
        file.write(
            '\n2025-01-02 * "Data AB" "Datorer"\n  ver: "U 1"\n  underlag: "underlag/2025/ar.se"\n'
            "  Assets:RT:1910-Kassa-och-bank  -900.00 SEK\n  Liabilities:RT:2890-Observationskonto  900.00 SEK\n"
        )
    [message] = told(ledger)
    assert message.startswith("underlag/2025/ar.se kan inte läsas igen som sie-4E: ")
    kept.unlink()
    [message] = told(ledger)
    assert message.startswith("underlag/2025/ar.se kan inte läsas (")


REVERSED = " SEK\n  Assets:RT:1650-Momsfordran  100.00 SEK\n  Liabilities:RT:2617-Moms-omvänd  -100.00"


@pytest.mark.parametrize(
    ("owed", "vat", "said"),
    [
        ("1250.00", "250.00", ""),
        ("1250.00", "125.00", ""),  # what cannot be deducted is a cost
        ("1250.00", f"250.00{REVERSED}", ""),
        ("1520.00", "250.00", "L 1 (2025.bean:1) har 1 520,00 kr, men underlag/2025/L-0001.xml har 1 250,00 kr: "),
        ("1250.00", "300.00", "L 1 (2025.bean:1) drar av 300,00 kr i moms, men underlag/2025/L-0001.xml har 250,00"),
    ],
)
def test_an_invoice_owes_and_deducts_what_its_document_says(owed: str, vat: str, said: str, tmp_path: Path) -> None:
    kept = tmp_path / "underlag" / "2025" / "L-0001.xml"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(Invoice().xml())
    cost = Decimal(owed) - Decimal(vat.split()[0])
    digest = hashlib.sha256(kept.read_bytes()).hexdigest()
    (tmp_path / "2025.bean").write_text(
        f'''2025-03-05 ! "Datakonsult i Borås AB" "Licenser"
  ver: "L 1"
  underlag: "underlag/2025/L-0001.xml"
  Expenses:RT:6510-Kontorsmaterial  {cost} SEK
  Assets:RT:1650-Momsfordran  {vat} SEK
  Liabilities:RT:2510-Leverantörsskulder  -{owed} SEK

2025-03-05 custom "import" "peppol" "underlag/2025/L-0001.xml"
  sha256: "{digest}"
''',
        encoding="utf-8",
    )
    entries = load_ledger(tmp_path / "2025.bean").entries
    messages = [str(each.message).replace(f"{tmp_path.name}/", "") for each in document_changes(tmp_path, entries)]
    assert [message[: len(said)] for message in messages] == [said] * bool(said)


@pytest.mark.parametrize(
    ("said", "told_of"),
    [
        ("", ""),
        ("forfallodag: 2025-04-04", ""),
        ("forfallodag: 2025-03-06", "forfallodag 2025-03-06, men underlag/2025/L-0001.xml har 2025-04-04"),
        ('fakturanr: "20246"', "fakturanr 20246, men underlag/2025/L-0001.xml har 20245"),
        ('orgnr: "559999-0009"', "orgnr 559999-0009, men underlag/2025/L-0001.xml har"),
        ('bankgiro: "50501055"', ""),
        ('iban: "SE4550000000058398257466"', "iban SE4550000000058398257466, men underlag/2025/L-0001.xml har"),
        ("fakturadatum: 2025-03-04", "är daterad 2025-03-04, men underlag/2025/L-0001.xml 2025-03-05"),
        ('forfallodag: 2025-03-06\n  andrad: "ok"', "forfallodag 2025-03-06, men"),
        ('forfallodag: 2025-03-06\n  andrad: "Kortare tid enligt avtal med leverantören"', ""),
    ],
)
def test_an_invoice_has_the_numbers_days_and_accounts_of_its_document(said: str, told_of: str, tmp_path: Path) -> None:
    messages = _of_invoice(tmp_path, f"  {said}\n" if said else "", "1000.00", "250.00", "1250.00")
    assert len(messages) == bool(told_of)
    assert told_of in "".join(messages)


MAPPED = '[peppol.suppliers."556677-8899"]\nname = "Leverantör 017 IT"\n'


@pytest.mark.parametrize(
    ("payee", "meta", "mapping", "is_told"),
    [
        ("Datakonsult", "", "", False),
        ("DATAKONSULT I BORAS AB (publ)", "", "", False),
        ("Datakonsult Falköping", "", "", True),
        ("Skurks Datakonsult", "", "", True),
        ("Skurks Datakonsult", '  andrad: "Bekräftat av kundtjänst: bytt namn"\n', "", False),
        ("Leverantör 017 IT", "", "", True),
        ("Leverantör 017 IT", "", MAPPED, False),
        ("Leverantör 017 IT", "", "[peppol", True),
    ],
)
def test_an_invoice_is_of_the_supplier_of_its_document(
    payee: str, meta: str, mapping: str, is_told: bool, tmp_path: Path
) -> None:
    """By the name that stands there, or that the mapping gives; one that is shortened is the same."""
    (tmp_path / "import.toml").write_text(mapping, encoding="utf-8")
    messages = _of_invoice(tmp_path, meta, "1000.00", "250.00", "1250.00", payee)
    assert len(messages) == is_told
    assert all(f"är med {payee}, men " in each and "är från Datakonsult i Borås AB: " in each for each in messages)


def test_a_payment_is_with_whom_the_bank_or_the_invoice_names(tmp_path: Path) -> None:
    """What the bank names nobody for is the invoice's; what is of no invoice is named by whoever looks into it."""
    shutil.copytree(Path("docs/exempel/bank").resolve(), tmp_path / "bank")
    ledger = tmp_path / "bank" / "main.bean"
    documents = [str(tmp_path / "bank" / name) for name in ("bankgirot.txt", "avisering.xml", "kontoutdrag.xml")]
    result = CliRunner().invoke(main, ["import", *documents, "--ledger", str(ledger)])
    assert result.exit_code == 0, result.output
    made = next((ledger.parent / "import").iterdir())
    assert told(ledger) == []
    named = ('* "Sördals kommun" "Inbetalning: Medlemsavgift', '* "Falkby kommun" "Inbetalning: Medlemsavgift')
    [message] = changed(made, named)
    assert "är med Falkby kommun, men underlag/2025/bgmax-2025-03-14.txt är från Sördals kommun: " in message
    text = '"Inbetalning: Medlemsavgift kvartal 2" ^K-2025-0001'
    billed = (f'* "Norrdals kommun" {text}', f'* "Sördals kommun" {text}')
    [message] = changed(made, (named[1], named[0]), billed)
    assert "är med Sördals kommun, men betalar en faktura till Norrdals kommun, och underlag/2025/" in message
    assert changed(made, (billed[1], billed[0]), ('! "Betalning: Avgifter"', '! "Banken" "Avgifter"')) == []


def test_an_invoice_whose_voucher_is_gone(tmp_path: Path) -> None:
    [message] = _of_invoice(tmp_path, "", "", "", "")
    assert message.startswith("underlag/2025/L-0001.xml är faktura 20245 från ")
    assert message.endswith("1 250,00 kr, och ingen verifikation bokför den")


def _of_invoice(
    folder: Path, meta: str, cost: str, vat: str, owed: str, payee: str = "Datakonsult i Borås AB"
) -> list[str]:
    """Return what is told of books with an invoice that came in, and a voucher of it where it costs something."""
    kept = folder / "underlag" / "2025" / "L-0001.xml"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(Invoice().xml())
    digest = hashlib.sha256(kept.read_bytes()).hexdigest()
    voucher = f"""2025-03-05 ! "{payee}" "Licenser"
  ver: "L 1"
  underlag: "underlag/2025/L-0001.xml"
{meta}  Expenses:RT:6510-Kontorsmaterial  {cost} SEK
  Assets:RT:1650-Momsfordran  {vat} SEK
  Liabilities:RT:2510-Leverantörsskulder  -{owed} SEK

"""
    came_in = f'2025-03-05 custom "import" "peppol" "underlag/2025/L-0001.xml"\n  sha256: "{digest}"\n'
    (folder / "2025.bean").write_text((voucher if cost else "") + came_in, encoding="utf-8")
    entries = load_ledger(folder / "2025.bean").entries
    return [
        str(each.message).replace(f"{folder.name}/", "").replace(f"{folder}/", "")
        for each in document_changes(folder, entries)
    ]


def test_what_a_statement_has_is_booked(taken_in: Callable[[str, bytes], Path]) -> None:
    """A voucher without the bank's reference, and a balance that is taken away."""
    made = taken_in("utdrag.xml", statement())
    text = made.read_text(encoding="utf-8")
    [message] = changed(made, ('  underlag: "underlag/2025/kontoutdrag-2025-03-14.xml"\n  bankref: "A2"\n', ""))
    assert message.endswith("har -40,00 kr den 2025-03-14 (A2), och ingen verifikation har den referensen")
    made.write_text(re.sub(r"\n2025-03-15 balance .*\n(  .*\n)*", "\n", text), encoding="utf-8")
    [message] = told(made.parent.parent / "main.bean")
    assert "säger att det fanns 99 961,00 kr på Assets:RT:1910-Kassa-och-bank efter 2025-03-14" in message


def test_the_rows_of_pay_are_those_of_its_file(taken_in: Callable[[str, bytes], Path]) -> None:
    """The same sum divided otherwise, or one employee's pay under another's number."""
    made = taken_in("lon.si", DIVIDED.encode("cp437"))
    text = made.read_text(encoding="utf-8")
    [message] = changed(made, ("300.00", "350.00"), ("200.00", "150.00"))
    assert message.startswith("P 1 (")
    assert " har andra rader än underlag/2025/lon.si" in message
    made.write_text(text, encoding="utf-8")
    [message] = changed(made, ('dimension-7: "14"', 'dimension-7: "12"'))
    assert " har andra rader än underlag/2025/lon.si" in message
    made.write_text(text, encoding="utf-8")
    # What is divided further is the same pay.
    account = "Liabilities:RT:2890-Observationskonto"
    made.write_text(re.sub(f"{account} +300.00", f"{account}  100.00 SEK\n  {account}  200.00", text), encoding="utf-8")
    assert told(made.parent.parent / "main.bean") == []


DIVIDED = PAYROLL.replace("#TRANS 2890 {} 500.00", '#TRANS 2890 {7 "12"} 300.00\n#TRANS 2890 {7 "14"} 200.00').replace(
    "#VER P", '#DIM 7 "Anställd"\n#OBJEKT 7 "12" "Ek"\n#OBJEKT 7 "14" "Alm"\n#VER P'
)


def test_every_kind_that_comes_in_is_read_again() -> None:
    only_tells, corrects, is_made_here = {"camt.052"}, {"pain.002"}, {"pain.001"}
    kinds = {door.kind for door in doors(Table("import.toml", "", {}))}
    assert set(READERS) == kinds - only_tells - corrects | is_made_here
