"""Documents on disk: what of them no voucher tells, as that one leads out of the books, or is another's copy."""

from pathlib import Path

import pytest
from beancount import loader

from forbundsbok.plugins.findings import WARNINGS
from forbundsbok.plugins.loading import load_ledger
from forbundsbok.scripts.store.trust import doubts

RULES = Path(__file__).parents[1] / "rules" / "particulars"


@pytest.fixture
def books(tmp_path: Path) -> Path:
    """A ledger of which each invoice has its own document."""
    (tmp_path / "base.bean").write_bytes((RULES / "base.bean").read_bytes())
    (tmp_path / "main.bean").write_bytes((RULES / "T168.ok.bean").read_bytes())
    folder = tmp_path / "underlag" / "2025"
    folder.mkdir(parents=True)
    for number in range(1, 8):
        (folder / f"L-{number:04}.txt").write_text(f"faktura {number}\n", "utf-8")
    return tmp_path


def codes(books: Path) -> list[str]:
    """Return the rules that find something, but that the invoices are not paid."""
    loaded = load_ledger(books / "main.bean")
    return [each.finding.rule for each in [*loaded.errors, *loaded.warnings] if each.finding.rule != "R915"]


def document(books: Path, number: int) -> Path:
    return books / "underlag" / "2025" / f"L-{number:04}.txt"


def test_each_has_its_own(books: Path) -> None:
    assert codes(books) == []


def test_a_link_out_of_the_folder(books: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("annat") / "faktura.txt"
    document(books, 3).rename(outside)
    document(books, 3).symlink_to(outside)
    (doubt,) = doubts(books / "main.bean", load_ledger(books / "main.bean"), ())
    assert str(outside) in str(doubt.message)
    assert doubt.source["lineno"] == 28


def test_a_linked_folder(books: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("annat") / "2025"
    (books / "underlag" / "2025").rename(outside)
    (books / "underlag" / "2025").symlink_to(outside)
    (doubt,) = doubts(books / "main.bean", load_ledger(books / "main.bean"), ())
    assert str(doubt.message) == f"underlag/2025 är en länk till {outside}: lägg själva mappen på dess plats"


def test_a_link_behind_a_link(books: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    (books / "underlag" / "2025").rename(books / "underlag" / "här")
    (books / "underlag" / "2025").symlink_to(books / "underlag" / "här")
    assert not list(doubts(books / "main.bean", load_ledger(books / "main.bean"), ()))
    outside = tmp_path_factory.mktemp("annat") / "faktura.txt"
    document(books, 3).rename(outside)
    document(books, 3).symlink_to(outside)
    (doubt,) = doubts(books / "main.bean", load_ledger(books / "main.bean"), ())
    assert str(doubt.message).startswith("underlag/2025/L-0003.txt är en länk till ")


def test_a_link_within_the_folder_is_the_copy_of_what_it_leads_to(books: Path) -> None:
    document(books, 3).unlink()
    document(books, 3).symlink_to(document(books, 2))
    assert codes(books) == ["T168"]


def test_a_link_in_a_circle_is_no_document(books: Path) -> None:
    document(books, 3).unlink()
    document(books, 3).symlink_to(document(books, 3))
    assert codes(books) == ["T162"]


def test_a_copy(books: Path) -> None:
    assert len(document(books, 4).read_bytes()) == len(document(books, 2).read_bytes())
    document(books, 4).write_bytes(document(books, 2).read_bytes())
    assert codes(books) == ["T168"]
    document(books, 4).write_bytes(b"faktura 9\n")
    assert codes(books) == []


def test_a_copy_of_what_joins_them_is_none(books: Path) -> None:
    """An invoice and its payment may be on one document, however often that is kept."""
    main = books / "main.bean"
    main.write_text(main.read_text("utf-8").replace("^L-2025-0004", "^L-2025-0004 ^L-2025-0002"), "utf-8")
    document(books, 4).write_bytes(document(books, 2).read_bytes())
    assert "T168" not in codes(books)


@pytest.mark.parametrize("kept", [0, 2, 5])
def test_what_is_gone_is_said_of_each_or_once(books: Path, kept: int) -> None:
    for number in range(kept + 1, 8):
        document(books, number).unlink()
    assert codes(books) == (["T162"] * (7 - kept) if kept > 3 else ["T169"])


def test_books_that_say_where_their_documents_are_miss_none(books: Path) -> None:
    for number in range(1, 8):
        document(books, number).unlink()
    with (books / "main.bean").open("a", encoding="utf-8") as main:
        main.write('\n2025-01-01 custom "arkiv" "Förbundets dokumentarkiv"\n')
    assert codes(books) == []


def test_beancounts_cache_keeps_no_answer(books: Path) -> None:
    """It knows the .bean files alone: a document that is gone, or a copy of the folder, would be told as before."""
    kept = loader.pickle_cache_function(lambda _: str(books / ".cache"), 0, loader._uncached_load_file)

    def found() -> list[str]:
        _, _, options = kept(str(books / "main.bean"), None, None, None)
        return [each.finding.rule for each in options[WARNINGS]]

    before = found()
    assert (books / ".cache").exists()
    for number in range(1, 8):
        document(books, number).unlink()
    assert [each for each in found() if each not in before] == ["T169"]
