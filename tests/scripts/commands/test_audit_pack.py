"""`forbundsbok audit-pack`: what is in it proves itself, is whole, and is the same bytes for the same books."""

import hashlib
import re
import shutil
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from forbundsbok.scripts.forbundsbok import main
from tests.federations.bildat import bildat

pytestmark = pytest.mark.slow

YEAR = 2024


def run(*args: object) -> str:
    ran = CliRunner().invoke(main, list(map(str, args)))
    assert ran.exit_code == 0, ran.output
    return ran.output


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("books")
    path = bildat().write(folder, closed=(2023,))
    text = path.read_text(encoding="utf-8")
    for day, document in (
        ("2023-\\d\\d-\\d\\d \\*", "0.pdf"),
        (f"{YEAR}-07-10", "K-1.pdf"),
        (f"{YEAR}-08-09", "lank.pdf"),
    ):
        text = re.sub(rf"^({day} .*\n)", rf'\1  underlag: "underlag/{document}"\n', text, count=1, flags=re.MULTILINE)
    path.write_text(text, encoding="utf-8")
    (folder / "underlag").mkdir()
    (folder / "underlag" / "K-1.pdf").write_bytes(b"%PDF-1.4 fakturan")
    (folder / "underlag" / "0.pdf").write_bytes(b"%PDF-1.4 beslutet")
    run("seal", YEAR - 1, "--yes", "--ledger", path)
    outside = tmp_path_factory.mktemp("outside") / "hemligt.pdf"
    outside.write_bytes(b"%PDF-1.4 hemligt")
    (folder / "underlag" / "lank.pdf").symlink_to(outside)
    (folder / "import.toml").write_text("[sie]\n", encoding="utf-8")
    (folder / "anteckningar.txt").write_text("inget av böckernas", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def pack(ledger: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pack") / "revision.zip"
    assert "revision.zip: " in run("audit-pack", YEAR, "--out", path, "--ledger", ledger)
    return path


@pytest.fixture(scope="module")
def unpacked(pack: Path) -> Path:
    with zipfile.ZipFile(pack) as archive:
        archive.extractall(pack.parent)
    return pack.parent / f"revision-{YEAR}"


def test_every_file_has_its_digest_and_there_is_no_other(unpacked: Path) -> None:
    lines = (unpacked / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    listed = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    there = {path.relative_to(unpacked).as_posix(): path for path in unpacked.rglob("*") if path.is_file()}
    del there["SHA256SUMS"]
    assert {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in there.items()} == listed
    assert {
        "LÄS-MIG.txt", "arsredovisning-2024.pdf", "bokforing-2024.se", "figures.csv", "data/postings.parquet",
        "bocker/main.bean", "bocker/import.toml", "bocker/underlag/K-1.pdf",
    } <= set(listed)  # fmt: skip


def test_what_is_not_of_the_books_stays_out(unpacked: Path) -> None:
    assert not (unpacked / "bocker" / "anteckningar.txt").exists()
    assert not (unpacked / "bocker" / "underlag" / "lank.pdf").exists()  # leads out of the books
    assert all(b"hemligt" not in path.read_bytes() for path in unpacked.rglob("*") if path.is_file())
    told = (unpacked / "LÄS-MIG.txt").read_text(encoding="utf-8")
    assert "1 finns här, 1 förvaras på annat håll" in told


def test_the_books_within_give_the_figures_within(unpacked: Path, tmp_path: Path) -> None:
    books = unpacked / "bocker" / "main.bean"
    assert "inga fel" in run("check", "--ledger", books)  # the seal of the year before covers a document of its own
    run("export", "--ledger", books, "--year", YEAR, "--out", tmp_path, "--format", "csv", "--format", "pdf")
    for name in ("figures.csv", "arsredovisning-2024.pdf"):
        assert (tmp_path / name).read_bytes() == (unpacked / name).read_bytes()


def test_the_same_books_elsewhere_give_the_same_bytes(ledger: Path, pack: Path, tmp_path: Path) -> None:
    shutil.copytree(ledger.parent, tmp_path / "copy", symlinks=True)
    again = tmp_path / "again.zip"
    run("audit-pack", YEAR, "--out", again, "--ledger", tmp_path / "copy" / "main.bean")
    assert again.read_bytes() == pack.read_bytes()


def test_books_with_errors_give_none(ledger: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "main.bean"
    wrong.write_text(
        ledger.read_text(encoding="utf-8") + '\n2024-02-02 * "A"\n  Assets:X  1.00 SEK\n', encoding="utf-8"
    )
    out = tmp_path / "out.zip"
    ran = CliRunner().invoke(main, ["audit-pack", str(YEAR), "--out", str(out), "--ledger", str(wrong)])
    assert ran.exit_code == 1
    assert not out.exists()
