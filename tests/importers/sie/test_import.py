"""SIE files into books: what is proposed, and what is refused with what to write."""

import tempfile
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from beancount import loader
from beancount.core import data
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forbundsbok.importers.document import Document
from forbundsbok.importers.door import Proposal
from forbundsbok.importers.intake import proposed
from forbundsbok.importers.mapping import Table, read_mapping
from forbundsbok.importers.problems import DocumentError
from forbundsbok.importers.sie.codec.records import SieFile
from forbundsbok.importers.sie.codec.writer import sie_bytes
from forbundsbok.importers.sie.door import SieVoucherDoor, SieYearDoor
from forbundsbok.importers.sie.ledger import identity_of, identity_text, root_of
from forbundsbok.importers.sie.mapping import read_sie_mapping
from forbundsbok.plugins.accounts import parse_account
from forbundsbok.plugins.directives import custom_values, customs
from forbundsbok.plugins.ledger_text import ledger_text
from forbundsbok.plugins.loading import load_ledger
from forbundsbok.scripts.forbundsbok import main
from tests.importers.sie.files import DAILY, SOUND, files, saved
from tests.main_file import head

HEAD = head("Norrby kommunalförbund")
YEAR = """#FLAGGA 0
#PROGRAM "Bokföring" 4.2
#FORMAT PC8
#GEN 20250110
#SIETYP 4
#FNAMN "Norrby kommunalförbund"
#RAR 0 20240101 20241231
#DIM 1 "Kostnadsställe"
#OBJEKT 1 NAV "Navet"
#OBJEKT 1 Nord "Kontor Nord"
#KONTO 1930 "Bank"
#KONTO 2010 "Eget kapital"
#KONTO 3010 "Avgifter"
#IB 0 1930 500.00
#IB 0 2010 -500.00
#UB 0 1930 1750.50
#UB 0 2010 -500.00
#RES 0 3010 -1250.50
#VER A 1 20240315 "Marks kommun | Avgift mars" 20240316 CH
{
#TRANS 1930 {1 NAV} 1000.00
#TRANS 3010 {1 NAV 6 P1} -1000.00 20240314 "Rad" 2.5 KL
}
#VER A 3 20240415 "Avgift april"
{
#TRANS 1930 {1 NAV} 250.50
#TRANS 3010 {1 NAV} -250.50
}
"""
MAPPING = {"default-unit": "NAV", "units": {"Nord": "NORD"}}
PAYROLL = MAPPING | {"default-series": "N"}


def replaced(*changes: tuple[str, str], text: str = YEAR) -> str:
    """Return a file in which some texts, which must be there, are replaced by others."""
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


def propose(folder: Path, text: str, existing: Sequence[Any] = (), mapping: Any = None, name: str = "f.se") -> Proposal:
    """Return what the door of a year proposes for a text."""
    table = Table("import.toml", "sie", MAPPING if mapping is None else mapping)
    return proposed(Document(saved(folder, text, name)), SieYearDoor(table), list(existing))


def daily(folder: Path, text: str, existing: data.Directives, mapping: Any = None) -> Proposal:
    """Return what the door of vouchers proposes for a text."""
    table = Table("import.toml", "sie", PAYROLL if mapping is None else mapping)
    return proposed(Document(saved(folder, text, "f.si")), SieVoucherDoor(table), list(existing))


def books(*proposals: Proposal, text: str = "") -> data.Directives:
    """Return the books that hold some proposals, which break no rule."""
    written = ledger_text([(proposal.stored, proposal.entries) for proposal in proposals])
    entries, errors, _ = loader.load_string(HEAD + text + written)
    assert [error.message for error in errors] == []
    return entries


def refused(folder: Path, text: str, existing: Sequence[Any] = (), mapping: Any = None) -> str:
    """Return what is said when a year is refused."""
    with pytest.raises(DocumentError) as error:
        propose(folder, text, existing, mapping, "other.se")
    return "\n".join(error.value.messages)


def vouchers(entries: data.Directives) -> list[data.Transaction]:
    """Return the vouchers among directives."""
    return [entry for entry in entries if isinstance(entry, data.Transaction)]


def test_a_year_becomes_units_accounts_opening_and_vouchers(tmp_path: Path) -> None:
    proposal = propose(tmp_path, YEAR)
    text = ledger_text([("", proposal.entries)])
    assert '2023-12-31 custom "unit" "NAV" "Navet"\n  overskott: "behalls"\n' in text
    assert 'custom "sie-object" "1" "Nord" "Kontor Nord"' in text
    opening, first, gap, second = vouchers(proposal.entries)
    assert (opening.date, opening.meta["ver"], opening.narration) == (
        date(2023, 12, 31),
        "B 1",
        "Ingående balanser 2023-12-31",
    )
    assert (first.payee, first.narration, first.meta["ver"]) == ("Marks kommun", "Avgift mars", "A 1")
    assert (first.meta["registrerad"], first.meta["sign"], first.meta["underlag"]) == (
        date(2024, 3, 16),
        "CH",
        "underlag/2024/f.se",
    )
    row = first.postings[1]
    assert row.account == "Income:NAV:3010-Avgifter"
    assert {key: str(value) for key, value in (row.meta or {}).items()} == {
        "text": "Rad",
        "datum": "2024-03-14",
        "kvantitet": "2.5",
        "sign": "KL",
        "projekt": "P1",
    }
    assert (gap.meta["ver"], gap.meta["lucka"], gap.postings) == ("A 2", True, [])
    assert second.meta["ver"] == "A 3"
    assert (proposal.day, proposal.title) == (date(2024, 12, 31), "Norrby kommunalförbund")
    assert list(map(str, proposal.notes)) == ["en verifikation utan rader redovisar 1 nummer som saknas i filen"]
    books(proposal)


def test_the_organisation_number_comes_in_and_that_of_another_is_refused(tmp_path: Path) -> None:
    own = replaced(("#SIETYP 4\n", "#SIETYP 4\n#ORGNR 222000-9993\n"))
    existing = books(propose(tmp_path, own))
    assert [custom_values(each) for each in customs(existing, "organisationsnummer")] == [["222000-9993"]]
    assert "222000-9985" in refused(tmp_path, own.replace("9993", "9985"), existing)
    misspelt = propose(tmp_path, own.replace("9993", "9992"), name="m.se")
    assert not list(customs(misspelt.entries, "organisationsnummer"))
    assert any("#ORGNR" in str(note) for note in misspelt.notes)


def test_all_that_the_mapping_lacks_is_listed_at_once_and_can_be_pasted(tmp_path: Path) -> None:
    text = replaced(
        ("{1 NAV} 1000.00", "{} 1000.00"),
        ("{1 NAV} 250.50", "{1 Nord} 250.50"),
        ("3010", "8699"),
        ("VER A 3", "VER 1 3"),
        ("VER A 1", 'VER "" 1'),
        ('"Avgifter"', '"Årets resultat"'),
        ("#IB 0 1930 500.00\n", ""),
        ("#IB 0 2010 -500.00\n", ""),
        ("#UB 0 2010 -500.00\n", ""),
        ("1750.50", "1250.50"),
    )
    said = refused(tmp_path, text, mapping={})
    assert "rader utan objekt i dimension 1, som är enheten: 1 rad, debet 1 000,00" in said
    assert 'objekt "Nord" i dimension 1 (Kontor Nord) är ingen enhet: 1 rad, debet 250,50' in said
    assert "konto 8699 (Årets resultat) hör inte till någon kontogrupp i böckerna: 2 rader, debet 0,00" in said
    assert 'serien "1" är inte skriven med stora bokstäver: 2 rader, debet 250,50' in said
    assert "verifikationer utan serie: 2 rader, debet 1 000,00" in said
    pasted = said[said.index("\n[sie]") :]
    assert pasted == (
        '\n[sie]\ndefault-series = "A"\ndefault-unit = "NAV"\n'
        '[sie.accounts]\n"8699" = "NNNN-Årets-resultat"\n'
        '[sie.series]\n"1" = "A"\n'
        '[sie.units]\n"Nord" = "NORD"'
    )
    mapping = {
        "default-unit": "FK",
        "default-series": "A",
        "accounts": {"8699": "3090-Årets-resultat"},
        "series": {"1": "C"},
        "units": {"Nord": "NORD"},
    }
    entries = books(propose(tmp_path, text, mapping=mapping))
    assert [entry.meta["ver"] for entry in vouchers(entries)] == ["A 1", "C 1", "C 2", "C 3"]


def test_the_same_file_twice_and_the_year_with_more_vouchers_add_only_what_is_new(tmp_path: Path) -> None:
    first = propose(tmp_path, YEAR)
    existing = books(first)
    assert propose(tmp_path, YEAR, existing).entries == []
    longer = replaced(("1750.50", "1850.50"), ("-1250.50", "-1350.50")) + (
        '#VER A 4 20240515 "Avgift maj"\n{\n#TRANS 1930 {1 NAV} 100.00\n#TRANS 3010 {1 NAV} -100.00\n}\n'
    )
    second = propose(tmp_path, longer, existing, name="g.se")
    assert [entry.meta["ver"] for entry in vouchers(second.entries)] == ["A 4"]
    assert list(map(str, second.notes)) == ["finns redan i böckerna och tas inte med: 2 verifikationer"]
    books(first, second)


def test_a_voucher_that_came_with_other_rows_is_refused(tmp_path: Path) -> None:
    existing = books(propose(tmp_path, YEAR))
    changed = replaced((" 250.50\n", " 251.50\n"), (" -250.50\n", " -251.50\n"), ("1750", "1751"), ("-1250", "-1251"))
    said = refused(tmp_path, changed, existing)
    assert ": A 3 finns i böckerna (" in said
    assert "med andra rader: Assets:NAV:1930-Bank, Income:NAV:3010-Avgifter." in said


def test_the_next_year_opens_with_what_the_ledger_closes_with(tmp_path: Path) -> None:
    first = propose(tmp_path, YEAR)
    existing = books(first)
    following = replaced(
        ("20240101 20241231", "20250101 20251231"),
        ("202403", "202503"),
        ("20240415", "20250415"),
        ("#IB 0 1930 500.00", "#IB 0 1930 1750.50"),
        ("#UB 0 1930 1750.50", "#UB 0 1930 3001.00"),
        ("0 2010 -500.00", "0 2010 -1750.50"),
    )
    second = propose(tmp_path, following, existing, name="g.se")
    assert [entry.meta["ver"] for entry in vouchers(second.entries)] == ["A 1", "A 2", "A 3"]
    assert min(entry.date for entry in second.entries) > date(2024, 12, 31)
    books(first, second)
    said = refused(tmp_path, replaced(("1750.50", "1751.50"), ("3001.00", "3002.00"), text=following), existing)
    assert (
        "konto 1930 har ingående balans 1 751,50 den 2025-01-01, men böckernas utgående balans den "
        "2024-12-31 är 1 750,50" in said
    )
    assert "eget kapital (konton 20) har ingående balans -1 751,50 den 2025-01-01" in said


def test_opening_balances_that_lack_earlier_results_have_them_moved_to_equity(tmp_path: Path) -> None:
    text = replaced(("#IB 0 2010 -500.00", "#IB 0 2010 -300.00"), ("#UB 0 2010 -500.00", "#UB 0 2010 -300.00"))
    assert (
        "de ingående balanserna (#IB) är tillsammans 200,00, inte noll: rätta dem i det andra "
        "systemet och exportera igen" in refused(tmp_path, text)
    )
    text = replaced(("#RES 0", "#RAR -1 20230101 20231231\n#RES -1 3010 -200.00\n#RES 0"), text=text)
    first = propose(tmp_path, text)
    opening = vouchers(first.entries)[0]
    assert {posting.account: str(posting.units.number) for posting in opening.postings if posting.units} == {
        "Assets:NAV:1930-Bank": "500.00",
        "Equity:NAV:2010-Eget-kapital": "-500.00",
    }
    assert "överskott från tidigare år, 200,00, som filen inte har i eget kapital (#RES -1), ingår i 2010" in list(
        map(str, first.notes)
    )
    existing = books(first)
    following = replaced(
        ("20240101 20241231", "20250101 20251231"),
        ("20230101 20231231", "20240101 20241231"),
        ("#RES -1 3010 -200.00", "#RES -1 3010 -1250.50\n#RES -2 3010 -200.00"),
        ("202403", "202503"),
        ("20240415", "20250415"),
        ("#IB 0 1930 500.00", "#IB 0 1930 1750.50"),
        ("#UB 0 1930 1750.50", "#UB 0 1930 3001.00"),
        text=text,
    )
    books(first, propose(tmp_path, following, existing, name="g.se"))


def test_accounts_of_class_9_that_take_out_each_other_come_in(tmp_path: Path) -> None:
    internal = '#VER M 1 20240331 "Fördelning"\n{\n#TRANS 9010 {1 NAV} 50.00\n#TRANS 9999 {1 Nord} -50.00\n}\n'
    mapping = MAPPING | {"accounts": {"9000-9999": "3990-Internredovisning:{number}"}}
    moved = propose(tmp_path, YEAR + internal, mapping=mapping)
    assert [entry.meta["ver"] for entry in vouchers(moved.entries)][-1] == "A 3"
    books(moved)


@pytest.mark.parametrize("kind", ["UB", "RES"])
def test_balances_that_the_file_has_not_are_not_asked_for(tmp_path: Path, kind: str) -> None:
    text = "".join(line for line in YEAR.splitlines(keepends=True) if not line.startswith(f"#{kind} "))
    books(propose(tmp_path, text))


def test_balances_of_the_file_that_its_vouchers_do_not_give_are_refused(tmp_path: Path) -> None:
    said = refused(tmp_path, replaced(("1750.50", "1800.50")))
    assert "Konto 1930: #IB 500,00 + verifikationer 1 250,50 = 1 750,50, men #UB är 1 800,50" in said


def test_balances_that_the_ledger_does_not_come_to_are_refused(tmp_path: Path) -> None:
    here = """
2024-05-02 * "Ränta"
  ver: "R 1"
  Assets:NAV:1930-Bank     7.00 SEK
  Income:NAV:3010-Avgifter  -7.00 SEK
"""
    again = replaced(("#GEN 20250110", "#GEN 20250111"))
    said = refused(tmp_path, again, books(propose(tmp_path, YEAR), text=here))
    assert "konto 1930 har utgående balans 1 750,50 den 2024-12-31, men böckernas skulle bli 1 757,50" in said
    without = "".join(line for line in again.splitlines(keepends=True) if not line.startswith("#UB "))
    said = refused(tmp_path, without, books(propose(tmp_path, YEAR), text=here))
    assert "konto 3010 är -1 250,50 för 2024, men skulle" in said
    assert "-1 257,50" in said


def test_opening_balances_by_unit(tmp_path: Path) -> None:
    text = replaced(("#UB 0 1930", "#OIB 0 1930 {1 Nord} 120.00\n#OIB 0 2010 {1 Nord} -50.00\n#UB 0 1930"))
    opening = vouchers(propose(tmp_path, text).entries)[0]
    assert {posting.account: str(posting.units.number) for posting in opening.postings if posting.units} == {
        "Assets:NAV:1930-Bank": "380.00",
        "Assets:NORD:1930-Bank": "120.00",
        "Equity:NAV:2010-Eget-kapital": "-450.00",
        "Equity:NORD:2010-Eget-kapital": "-50.00",
    }


@pytest.mark.parametrize(
    ("months", "expected"),
    [
        (["8.33", "8.34", "8.33"] * 4, [("2024-01-01", "yearly", "100.00")]),
        (["10.00"] * 6 + ["20.00"] * 6, [("2024-01-01", "monthly", "10.00"), ("2024-07-01", "monthly", "20.00")]),
        (["0.00"] * 11 + ["5.00"], [("2024-12-01", "monthly", "5.00")]),
        (["5.00"] + ["0.00"] * 11, [("2024-01-01", "monthly", "5.00"), ("2024-02-01", "monthly", "0.00")]),
    ],
)
def test_a_budget_by_month(tmp_path: Path, months: list[str], expected: list[tuple[str, str, str]]) -> None:
    lines = [f"#PBUDGET 0 2024{month:02} 3010 {{}} {amount}" for month, amount in enumerate(months, start=1)]
    entries = propose(tmp_path, replaced(("#VER A 1", "\n".join([*lines, "#VER A 1"])))).entries
    budgets = [(str(entry.date), *custom_values(entry)) for entry in customs(entries, "budget")]
    assert [(day, period, str(amount.number)) for day, _, period, amount in budgets] == expected
    assert {account for _, account, *_ in budgets} == {"Income:NAV:3010-Avgifter"}


def test_files_that_are_no_year_are_refused(tmp_path: Path) -> None:
    balances = YEAR.partition("#VER")[0]
    for kind in "123":
        said = refused(tmp_path, replaced(("#SIETYP 4", f"#SIETYP {kind}"), text=balances))
        assert f"det är en SIE-fil av typ {kind}, saldon utan verifikationer" in said
        assert "exportera typ 4E, med verifikationer, ur det andra systemet" in said
    assert "(#RAR 0), kan inte vara ett räkenskapsår: högst 18 månader" in refused(
        tmp_path, replaced(("20241231", "20261231"))
    )
    assert "filen är i EUR, böckerna i SEK: exportera den i SEK" in refused(
        tmp_path, replaced(("#DIM 1", "#VALUTA EUR\n#DIM 1")), books(propose(tmp_path, YEAR))
    )


def test_each_kind_is_known_by_its_own_door(tmp_path: Path) -> None:
    table = Table("import.toml", "sie", {})
    with_some_balances = replaced(("#VER", "#IB 0 2710 -5.00\n#UB 0 2710 -5.00\n#VER"), text=DAILY)
    for name, text, kinds in (
        ("fil.se", SOUND, ["sie-4E"]),
        ("fil.se", DAILY, ["sie-4I"]),
        ("fil.SI", with_some_balances, ["sie-4I"]),
        ("fil.se", with_some_balances, ["sie-4E"]),
        ("fil.se", "%PDF-1.7", []),
        ("fil.se", "", []),
    ):
        document = Document(saved(tmp_path, text, name))
        assert [door.kind for door in (SieYearDoor(table), SieVoucherDoor(table)) if door.knows(document)] == kinds


# Vouchers of another system

OPEN = """
2023-12-31 open Liabilities:NAV:2710-Preliminär-skatt SEK
2023-12-31 open Expenses:NAV:5010-Löner SEK
"""


def test_daily_vouchers_are_booked_on_what_is_open_with_the_next_number(tmp_path: Path) -> None:
    moved = propose(tmp_path, YEAR)
    existing = books(moved, text=OPEN)
    first = daily(tmp_path, DAILY, existing)
    (voucher,) = vouchers(first.entries)
    assert (voucher.meta["ver"], voucher.meta["sie"]) == ("N 1", "")
    assert [posting.account for posting in voucher.postings] == [
        "Expenses:NAV:5010-Löner",
        "Liabilities:NAV:2710-Preliminär-skatt",
    ]
    assert not any(isinstance(entry, data.Open) for entry in first.entries)
    existing = books(moved, first, text=OPEN)
    assert daily(tmp_path, DAILY, existing).entries == []
    second = daily(tmp_path, replaced(("mars", "april"), text=DAILY), existing)
    assert [entry.meta["ver"] for entry in vouchers(second.entries)] == ["N 2"]


def test_daily_vouchers_that_somebody_must_approve_or_explain_wait(tmp_path: Path) -> None:
    existing = books(
        propose(tmp_path, YEAR), text=OPEN + "2023-12-31 open Liabilities:NAV:2510-Leverantörsskulder SEK\n"
    )
    invoice = replaced(("2710", "2510"), text=DAILY)
    correction = replaced(("Löner mars", "Rättelse av löner mars"), text=DAILY)
    for text in (invoice, correction):
        (voucher,) = vouchers(daily(tmp_path, text, existing).entries)
        assert voucher.flag == "!"
    (voucher,) = vouchers(daily(tmp_path, DAILY, existing).entries)
    assert voucher.flag == "*"


def test_what_is_paid_waits_for_who_may_approve_it(tmp_path: Path) -> None:
    right = '2023-12-31 custom "attest" "CHEF" "NAV" 50000.00 SEK\n'
    moved = propose(tmp_path, YEAR)
    existing = books(moved, text=OPEN + right)
    brought_in = replaced(("5010 {} 30000", "1930 {} 30000"), ("2710", "3010"), text=DAILY)
    for text, flag in ((DAILY, "!"), (brought_in, "*")):
        proposal = daily(tmp_path, text, existing)
        assert [voucher.flag for voucher in vouchers(proposal.entries)] == [flag]
        books(moved, proposal, text=OPEN + right)


def test_an_invoice_that_a_row_names_can_be_settled(tmp_path: Path) -> None:
    text = replaced(
        ("{1 NAV} 1000.00", "{1 NAV 10 K-2024-0007} 1000.00"), ("{1 NAV 6 P1}", "{1 NAV 6 P-2024-0001 10 31}")
    )
    first = vouchers(propose(tmp_path, text).entries)[1]
    assert first.links == {"K-2024-0007"}
    assert [(row.meta or {}).get("faktura") for row in first.postings] == ["K-2024-0007", "31"]


def test_a_year_with_fixed_assets_comes_in_without_their_register(tmp_path: Path) -> None:
    """The register begins with the first voucher of fixed assets that is booked here."""
    text = replaced(("#KONTO 1930", '#KONTO 1210 "Inventarier"\n#KONTO 1930')).replace("1930 {1 NAV}", "1210 {1 NAV}")
    text = text.replace("#UB 0 1930 1750.50", "#UB 0 1210 1250.50\n#UB 0 1930 500.00")
    # They are bought on credit: what is got against income is a gift, which the books must say (F001).
    text = text.replace('3010 "Avgifter"', '2510 "Leverantörsskulder"').replace("#RES 0 3010", "#UB 0 2510")
    text = text.replace("#TRANS 3010", "#TRANS 2510")
    moved = propose(tmp_path, text)
    books(moved)
    kept_here = """
2024-05-02 * "Dator"
  ver: "A 4"
  Assets:NAV:1210-Inventarier  100.00 SEK
  Assets:NAV:1930-Bank        -100.00 SEK
"""
    with pytest.raises(AssertionError, match="D702"):
        books(moved, text=kept_here)


def test_what_has_happened_in_a_moved_in_voucher_the_mapping_says(tmp_path: Path) -> None:
    """A thing against income is refused, with the line of the mapping that lets it in."""
    text = replaced(("#KONTO 1930", '#KONTO 1210 "Inventarier"\n#KONTO 1930'))
    text = text.replace("#TRANS 1930 {1 NAV} 250.50", "#TRANS 1210 {1 NAV} 250.50")
    text = text.replace("#UB 0 1930 1750.50", "#UB 0 1210 250.50\n#UB 0 1930 1500.00")
    path, ledger = saved(tmp_path, text, "2024.se"), tmp_path / "main.bean"
    mapping = tmp_path / "import.toml"
    mapping.write_text('[sie]\ndefault-unit = "NAV"\n[sie.units]\nNord = "NORD"\n', encoding="utf-8")
    for dry in (["--dry-run"], []):
        result = CliRunner().invoke(main, ["import", str(path), "--ledger", str(ledger), *dry])
        assert result.exit_code == 1
        assert '[sie.handelse]:   "A 3 2024" = "overtagande"' in result.output
    for said, code in (("avyttring", "F002"), ("nytt-lan", "F00"), ("overtagande", "")):
        mapping.write_text(
            f'[sie]\ndefault-unit = "NAV"\n[sie.units]\nNord = "NORD"\n[sie.handelse]\n"A 3 2024" = "{said}"\n',
            encoding="utf-8",
        )
        result = CliRunner().invoke(main, ["import", str(path), "--ledger", str(ledger)])
        assert (result.exit_code, code in result.output) == (1 if code else 0, True), result.output
    loaded = load_ledger(ledger)
    assert not loaded.errors
    assert [each.meta["ver"] for each in vouchers(loaded.entries) if each.meta.get("handelse")] == ["A 3"]


@pytest.mark.parametrize(("voucher", "is_told"), [("A 9 2024", True), ("A 3 2023", False), ("A 3 2024", False)])
def test_what_happened_in_a_voucher_that_the_year_has_not_is_refused(
    voucher: str, is_told: bool, tmp_path: Path
) -> None:
    mapping = MAPPING | {"handelse": {voucher: "overtagande"}}
    if is_told:
        assert 'har "A 9 2024", som inte är någon verifikation' in refused(tmp_path, YEAR, mapping=mapping)
    else:
        made = vouchers(propose(tmp_path, YEAR, mapping=mapping).entries)
        assert sum(each.meta.get("handelse") == "overtagande" for each in made) == (voucher == "A 3 2024")


def test_daily_vouchers_with_numbers_come_once(tmp_path: Path) -> None:
    moved = propose(tmp_path, YEAR)
    numbered = replaced(('#VER "" ""', "#VER L 7"), text=DAILY)
    first = daily(tmp_path, numbered, books(moved, text=OPEN))
    again = daily(tmp_path, replaced(("#GEN 20240325", "#GEN 20240326"), text=numbered), books(moved, first, text=OPEN))
    assert [entry.meta["sie"] for entry in vouchers(first.entries)] == ["L 7"]
    assert (again.entries, list(map(str, again.notes))) == (
        [],
        ["finns redan i böckerna och tas inte med: 1 verifikation"],
    )


def test_a_number_of_another_file_is_of_another_voucher(tmp_path: Path) -> None:
    """Each payroll begins with its first number: the day tells it from those of other months."""
    moved = propose(tmp_path, YEAR)
    march = replaced(('#VER "" ""', "#VER L 7"), text=DAILY)
    first = daily(tmp_path, march, books(moved, text=OPEN))
    existing = books(moved, first, text=OPEN)
    april = replaced(("20240325", "20240425"), ("30000.00", "31000.00"), text=march)
    second = daily(tmp_path, april, existing)
    assert [(each.meta["ver"], each.meta["sie"], each.flag) for each in vouchers(second.entries)] == [
        ("L 2", "L 7", "*")
    ]
    assert second.notes == []
    corrected = daily(tmp_path, replaced(("30000.00", "30500.00"), text=march), existing)
    (voucher,) = vouchers(corrected.entries)
    assert (voucher.meta["ver"], voucher.flag) == ("L 2", "!")
    assert voucher.meta["observera"] == "kan vara L 1 2024-03-25, sänd igen"
    assert str(corrected.notes[0]).startswith("L 2: L 1 (")
    assert "är av samma dag och har samma nummer: är det den som sänts igen, ta bort L 2" in str(corrected.notes[0])
    books(moved, first, corrected, text=OPEN)


def test_files_of_a_run_come_in_by_their_days(tmp_path: Path) -> None:
    """However they are listed, the numbers of the ledger follow the days."""
    door = SieVoucherDoor(Table("import.toml", "sie", PAYROLL))
    march, april = (
        Document(Path(f"{name}.si"), replaced(("20240325", day), text=DAILY).encode("cp437"))
        for name, day in (("b", "20240325"), ("a", "20240425"))
    )
    assert door.in_turn([april, march]) == door.in_turn([march, april]) == [march, april]
    years = [
        Document(Path(f"{name}.se"), text.encode("cp437"))
        for name, text in (("b", YEAR), ("a", YEAR.replace("2024", "2025").replace("2023", "2024")))
    ]
    assert SieYearDoor(Table("import.toml", "sie", MAPPING)).in_turn(years[::-1]) == years


@pytest.mark.parametrize(
    ("named", "line"),
    [
        ("Navet", '"100" = "NAV"'),
        ("navets", '"100" = "NAV"'),
        ("Lönekontoret", '"100" = "..."  # NORD, NAV'),
        ("", '"100" = "..."  # NORD, NAV'),
    ],
)
def test_an_object_that_is_no_unit_is_proposed_as_one_of_the_ledger(named: str, line: str, tmp_path: Path) -> None:
    two = '2023-12-31 custom "unit" "NORD" "Kontor Nord"\n  overskott: "behalls"\n'
    existing = books(propose(tmp_path, YEAR), text=OPEN + two)
    text = replaced(("5010 {}", "5010 {1 100}"), ("#VER", f'#OBJEKT 1 100 "{named}"\n#VER'), text=DAILY)
    with pytest.raises(DocumentError) as error:
        daily(tmp_path, text, existing)
    assert "\n".join(error.value.messages).endswith(f"\n[sie.units]\n{line}")
    if "..." not in line:
        assert daily(tmp_path, text, existing, PAYROLL | {"units": {"100": "NAV"}}).entries


def test_a_default_unit_is_proposed_among_those_of_the_ledger(tmp_path: Path) -> None:
    two = '2023-12-31 custom "unit" "NORD" "Kontor Nord"\n  overskott: "behalls"\n'
    existing = books(propose(tmp_path, YEAR), text=OPEN + two)
    with pytest.raises(DocumentError) as error:
        daily(tmp_path, DAILY, existing, {"default-unit": "FK", "default-series": "N"})
    assert error.value.messages[-1].endswith('\n[sie]\ndefault-unit = "..."  # NORD, NAV')


def test_a_file_that_says_that_it_was_taken_in_is_noted(tmp_path: Path) -> None:
    note = "#FLAGGA 1: filen säger att den redan har lästs in, här eller i ett annat system"
    first, existing = propose(tmp_path, YEAR), books(propose(tmp_path, YEAR), text=OPEN)
    read = ("#FLAGGA 0", "#FLAGGA 1")
    assert note in map(str, propose(tmp_path, replaced(read)).notes)
    assert note in map(str, daily(tmp_path, replaced(read, text=DAILY), existing).notes)
    assert note not in map(str, [*first.notes, *daily(tmp_path, DAILY, existing).notes])


def test_a_voucher_of_a_day_before_its_accounts_are_opened_is_refused(tmp_path: Path) -> None:
    existing = books(propose(tmp_path, YEAR), text=OPEN)
    for day, said in [
        ("20221130", "är daterad 2022-11-30, och böckerna har "),
        ("20240410", "är daterad 2024-04-10, och böckerna har stängt Expenses:NAV:5010-Löner sedan 2024-04-01"),
    ]:
        closed = data.Close({}, date(2024, 4, 1), "Expenses:NAV:5010-Löner")
        with pytest.raises(DocumentError) as error:
            daily(tmp_path, replaced(("20240325", day), text=DAILY), [*existing, closed])
        assert said in str(error.value)
        assert "inactive" not in str(error.value)
        assert "är datumet rätt? Rätta det i det andra systemet" in str(error.value)


@pytest.mark.parametrize(
    ("series", "number", "kept"), [("P", "", "P"), ("P", "7", "P 7"), ("", "7", "7"), ("", "", ""), ("1", "", "1 ")]
)
def test_series_and_number_are_kept_without_blanks_around(series: str, number: str, kept: str) -> None:
    assert identity_text(series, number) == kept
    entry = data.Transaction({"sie": kept}, date(2024, 1, 1), "*", None, "", data.EMPTY_SET, data.EMPTY_SET, [])
    assert identity_of(entry) == (series, number)


def test_two_payrolls_in_one_file_are_refused(tmp_path: Path) -> None:
    """Pasted after each other, or twice the same: pay would be booked twice without a word."""
    with pytest.raises(DocumentError, match="#FLAGGA står även på rad 1, och inleder en fil: ge filerna var för sig"):
        daily(tmp_path, DAILY + DAILY, books(propose(tmp_path, YEAR), text=OPEN))


def test_a_payroll_of_another_organisation_is_refused(tmp_path: Path) -> None:
    own = books(propose(tmp_path, YEAR), text=f'{OPEN}2024-01-01 custom "organisationsnummer" "222000-0315"\n')
    for number in ("222000-0315", "2220000315", "162220000315", ""):
        stated = replaced(("#FNAMN", f"#ORGNR {number}\n#FNAMN"), text=DAILY) if number else DAILY
        assert daily(tmp_path, stated, own).entries
    other = replaced(("#FNAMN", "#ORGNR 556677-8899\n#FNAMN"), text=DAILY)
    with pytest.raises(DocumentError, match="böckerna är 222000-0315:s"):
        daily(tmp_path, other, own)


def test_a_payroll_without_numbers_comes_once(tmp_path: Path) -> None:
    moved = propose(tmp_path, YEAR)
    first = daily(tmp_path, DAILY, books(moved, text=OPEN))
    existing = books(moved, first, text=OPEN)
    again = replaced(("#GEN 20240325", "#GEN 20240326"), text=DAILY)
    second = daily(tmp_path, again, existing)
    assert second.entries == []
    assert "har inga nummer, och kom förut med samma dag, text och rader" in str(second.notes[-1])
    more = again + DAILY[DAILY.index("#VER") :].replace("Löner", "Traktamenten").replace("30000", "800")
    third = daily(tmp_path, more, existing)
    assert [(each.narration, each.flag) for each in vouchers(third.entries)] == [
        ("Löner mars", "!"),
        ("Traktamenten mars", "*"),
    ]
    assert "är av samma dag och har samma rader" in str(third.notes[0])
    twice = daily(tmp_path, DAILY + DAILY[DAILY.index("#VER") :], books(moved, text=OPEN))
    assert len(vouchers(twice.entries)) == 2, "a file knows its own vouchers"


def test_a_payroll_by_employee_keeps_its_objects(tmp_path: Path) -> None:
    text = replaced(("5010 {}", '5010 {1 "NAV" 7 "12" 6 "P1"}'), ("#VER", '#OBJEKT 7 "12" "Anna Ek"\n#VER'), text=DAILY)
    moved = propose(tmp_path, YEAR)
    proposal = daily(tmp_path, text, books(moved, text=OPEN))
    (voucher,) = vouchers(proposal.entries)
    assert voucher.postings[0].meta == {"dimension-7": "12", "projekt": "P1"}
    assert [custom_values(each) for each in customs(proposal.entries, "sie-object")] == [["7", "12", "Anna Ek"]]
    books(moved, proposal, text=OPEN)


def test_signs_that_are_seldom_in_any_text_are_noted(tmp_path: Path) -> None:
    assert "Texten har '╩╬' i sig" in str(propose(tmp_path, replaced(("Avgift april", "Avgift ╬╩"))).notes[-1])


def test_accounts_of_five_digits_are_opened_as_they_are(tmp_path: Path) -> None:
    text = replaced(("1930", "19300"), ("2010", "201000"), ("3010", "30101"))
    entries = books(propose(tmp_path, text))
    opened = {entry.account for entry in entries if isinstance(entry, data.Open)}
    assert {"Assets:NAV:19300-Bank", "Equity:NAV:201000-Eget-kapital", "Income:NAV:30101-Avgifter"} <= opened


def test_accounts_of_seven_digits_are_proposed_by_the_first_six(tmp_path: Path) -> None:
    text = replaced(
        ("1930", "1930000"), ("2010", "2010000"), ("3010", "3010101"), ("#IB", '#KONTO 3010102 "Bidrag"\n#IB')
    )
    text = text.replace("#TRANS 3010101 {1 NAV} -250.50", "#TRANS 3010102 {1 NAV} -250.50")
    text = text.replace("-1250.50", "-1000.00\n#RES 0 3010102 -250.50", 1)
    said = refused(tmp_path, text)
    assert "konto 1930000 (Bank) har fler siffror än böckernas konton" in said
    proposed_lines = said[said.index("[sie.accounts]") :].splitlines()[1:]
    accounts = dict(line.replace('"', "").split(" = ") for line in proposed_lines)
    assert accounts == {
        "1930000": "193000-Bank:1930000",
        "2010000": "201000-Eget-kapital:2010000",
        "3010101": "301010-Avgifter:3010101",
        "3010102": "301010-Avgifter:3010102",
    }
    books(propose(tmp_path, text, mapping=MAPPING | {"accounts": accounts}))


def test_daily_accounts_of_five_digits_are_those_of_four(tmp_path: Path) -> None:
    existing = books(propose(tmp_path, YEAR), text=OPEN)
    text = replaced(("5010", "50101"), ("2710", "271099"), text=DAILY)
    with pytest.raises(DocumentError) as error:
        daily(tmp_path, text, existing)
    accounts = {"50101": "Expenses:NAV:5010-Löner", "271099": "Liabilities:NAV:2710-Preliminär-skatt"}
    for number, account in accounts.items():
        assert f'"{number}" = "{account}"' in str(error.value)
    (voucher,) = vouchers(daily(tmp_path, text, existing, PAYROLL | {"accounts": accounts}).entries)
    assert [posting.account for posting in voucher.postings] == list(accounts.values())


def test_numbers_of_a_payroll_are_not_those_of_the_year(tmp_path: Path) -> None:
    payroll = replaced(('#VER "" ""', "#VER A 4"), ("2710", "5010"), text=DAILY)  # it leaves balances as they are
    first = propose(tmp_path, YEAR)
    second = daily(tmp_path, payroll, books(first, text=OPEN))
    assert [entry.meta["ver"] for entry in vouchers(second.entries)] == ["A 4"]
    existing = books(first, second, text=OPEN)
    longer = replaced(("1750.50", "1850.50"), ("-1250.50", "-1350.50")) + (
        '#VER A 4 20240515 "Avgift maj"\n{\n#TRANS 1930 {1 NAV} 100.00\n#TRANS 3010 {1 NAV} -100.00\n}\n'
        '#VER L 1 20240325 "Löner"\n{\n#TRANS 5010 {1 NAV} 0.00\n#TRANS 2710 {1 NAV} 0.00\n}\n'
    )
    third = propose(tmp_path, longer, existing, name="g.se")
    assert [(entry.meta["ver"], entry.meta.get("sie")) for entry in vouchers(third.entries)] == [
        ("L 1", None),
        ("A 5", "A 4"),
    ]


def test_daily_vouchers_open_nothing(tmp_path: Path) -> None:
    existing = books(propose(tmp_path, YEAR))
    with pytest.raises(DocumentError) as error:
        daily(tmp_path, DAILY, existing)
    said = "\n".join(error.value.messages)
    assert "konto 5010 är inte öppet i NAV: 1 rad, debet 30 000,00" in said
    assert '[sie.accounts]\n"5010" = "Expenses:NAV:5010-Konto"\n"2710" = "Liabilities:NAV:2710-Konto"' in said
    with pytest.raises(DocumentError, match=r"enheten RU, för rader utan enhet, finns inte i böckerna \(NAV\)"):
        daily(tmp_path, DAILY, existing, {"default-unit": "RU", "default-series": "N"})
    whole = PAYROLL | {"accounts": {"5010": "Expenses:NAV:5010-Löner:Mars", "2700-2799": "Liabilities:NAV:2710-Skatt"}}
    assert sum(isinstance(entry, data.Open) for entry in daily(tmp_path, DAILY, existing, whole).entries) == 2


def test_a_detail_must_be_told(tmp_path: Path) -> None:
    details = (
        OPEN + "2023-12-31 open Expenses:NAV:5010-Löner:Mars SEK\n2023-12-31 open Expenses:NAV:5010-Löner:April SEK\n"
    )
    details = details.replace("2023-12-31 open Expenses:NAV:5010-Löner SEK\n", "")
    existing = books(propose(tmp_path, YEAR), text=details)
    with pytest.raises(
        DocumentError, match="konto 5010 kan vara vilket som helst av NAV:s Expenses:NAV:5010-Löner:Mars, Expenses"
    ):
        daily(tmp_path, DAILY, existing)
    text = replaced(("5010 {}", '5010 {20 "April"}'), ("#VER", '#DIM 20 "Delkonto"\n#VER'), text=DAILY)
    (voucher,) = vouchers(daily(tmp_path, text, existing).entries)
    assert voucher.postings[0].account == "Expenses:NAV:5010-Löner:April"


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        ({"acounts": {}}, r"\[sie\] har acounts, som inget läser"),
        (
            {"accounts": {"19x": "1910-Kassa"}},
            '"19x" är inget kontointervall',
        ),
        (
            {"accounts": {"1999-1900": "1910-Kassa"}},
            '"1999-1900" är inget kontointervall',
        ),
        ({"accounts": {"2116": "8690-Reserver"}}, 'accounts: "8690-Reserver" ska vara ett konto under enheten'),
        ({"accounts": {"2116": "NNNN-{name}"}}, 'accounts: "NNNN-{name}" ska vara ett konto under enheten'),
        ({"accounts": {"1930": "Expenses:FK:1910-Kassa"}}, 'accounts: "Expenses:FK:1910-Kassa" ska vara'),
        ({"units": {"Nord": "Nord"}}, 'units: "Nord" ska vara en enhets kod'),
        ({"series": {"1": "a"}}, 'series: "a" ska vara stora bokstäver'),
        ({"surplus": {"NAV": "lost"}}, 'surplus: "lost" ska vara "behalls" eller "overfors"'),
        ({"handelse": {"A17": "overtagande"}}, 'handelse: "A17" ska vara en verifikation och dess år, "A 17 2024"'),
        ({"dimension": "6"}, 'dimension: "6" ska vara en annan dimension än den för projekt'),
    ],
)
def test_a_mapping_that_means_nothing_is_refused(mapping: dict[str, Any], said: str) -> None:
    with pytest.raises(DocumentError, match=said):
        SieYearDoor(Table("import.toml", "sie", mapping))


def test_the_example_has_a_place_for_every_account_of_bas() -> None:
    example = read_mapping(Path(__file__).parents[3] / "docs" / "exempel" / "bas-import.toml")
    mapping = read_sie_mapping(example.table("sie"))
    for number in map(str, range(1000, 10000)):
        target = mapping.target(number, "Namn, utan och med", "FK")
        name = parse_account(target or f"{root_of(number)}:FK:{number}-Namn")
        assert name is not None
        assert name.root == root_of(name.number)


# Whatever stands in it


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(files(), st.sampled_from([{}, MAPPING | {"default-series": "V"}]))
def test_any_file_is_proposed_or_refused(file: SieFile, mapping: Any) -> None:
    _try(sie_bytes(file)[0], mapping)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_damage_is_proposed_or_refused(draw: st.DataObject) -> None:
    fields = YEAR.split(" ")
    for _ in range(draw.draw(st.integers(1, 3))):
        at = draw.draw(st.integers(0, len(fields) - 1))
        fields[at] = draw.draw(
            st.sampled_from(["", "-1", "0", "{1 X}", '""', "99999999", "1e9", "00010101", "{", "6", "9" * 40])
        )
    _try(" ".join(fields).encode("cp437"), MAPPING)


def _try(content: bytes, mapping: Any) -> None:
    table = Table("import.toml", "sie", mapping)
    with tempfile.TemporaryDirectory() as name:
        path = saved(Path(name), content)
        for door in (SieYearDoor(table), SieVoucherDoor(table)):
            with suppress(DocumentError):
                ledger_text([("", proposed(Document(path), door, []).entries)])
