"""The doors as beangulp's command line and Fava's import page know them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from beancount import loader
from beancount.core import data
from beancount.parser import parser
from fava.core import FavaLedger
from fava.core.ingest import ImporterExtractError

import forbundsbok.importers.config
from forbundsbok.plugins.imports import read_imports
from tests.scripts.books import MAIN, SIE, bgmax, make_books


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """A folder with a document of payments, a SIE year, and a letter."""
    folder = tmp_path / "inbox"
    folder.mkdir()
    (folder / "inbet.txt").write_bytes(bgmax("20250314", 10000, 25050))
    (folder / "2024.se").write_bytes(SIE.encode("cp437"))
    (folder / "brev.txt").write_bytes(b"Hej")
    return folder


def beangulp(ledger: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "FORBUNDSBOK_LEDGER": str(ledger), "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-m", "forbundsbok.importers.config", *map(str, arguments)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, encoding="utf-8", check=False)


@pytest.mark.slow
def test_beangulp_extracts(tmp_path: Path, inbox: Path) -> None:
    ledger = make_books(tmp_path / "books")
    (inbox / "2024.se").unlink()
    done = beangulp(ledger, "extract", "--existing", ledger, inbox)
    assert done.returncode == 0, done.stderr
    entries, errors, _ = parser.parse_string(done.stdout)
    assert errors == []
    vouchers = [entry for entry in entries if isinstance(entry, data.Transaction)]
    assert [(each.flag, each.meta["ver"]) for each in vouchers] == [("!", "I 1"), ("!", "I 2")]
    assert [came.kind for came in read_imports(entries)] == ["bgmax"]

    (ledger.parent / "import.toml").write_text("")
    done = beangulp(ledger, "extract", inbox)
    assert done.returncode == 1
    assert "bankgiro 991-2346, med 350,50 kr i 1 insättning, saknas i" in done.stderr
    assert "Traceback" not in done.stderr
    (ledger.parent / "import.toml").write_text("[bgmx]\n")
    done = beangulp(ledger, "extract", inbox)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.endswith("filen har bgmx, som inget läser; den får ha bank, bgmax, peppol, sie\n")


def test_fava_imports(tmp_path: Path, inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    options = f"""
2024-12-31 custom "fava-option" "import-config" "{forbundsbok.importers.config.__file__}"
2024-12-31 custom "fava-option" "import-dirs" "../inbox"
"""
    path = make_books(tmp_path / "books", MAIN + options)
    monkeypatch.setenv("FORBUNDSBOK_LEDGER", str(path))
    loader.initialize(use_cache=False)
    ledger = FavaLedger(str(path))
    assert ledger.errors == []
    found = {file.basename: [each.importer_name for each in file.importers] for file in ledger.ingest.import_data()}
    assert found == {"inbet.txt": ["forbundsbok.bgmax"], "2024.se": ["forbundsbok.sie-4E"], "brev.txt": []}
    entries = ledger.ingest.extract(str(inbox / "inbet.txt"), "forbundsbok.bgmax")
    assert [entry.meta["ver"] for entry in entries if isinstance(entry, data.Transaction)] == ["I 1", "I 2"]
    ledger.file.insert_entries(entries)
    ledger.load_file()
    assert ledger.errors == []
    assert ledger.ingest.extract(str(inbox / "inbet.txt"), "forbundsbok.bgmax") == []
    (inbox / "inbet.txt").write_bytes(bgmax("20250314", 10000)[:-80])
    with pytest.raises(ImporterExtractError, match="slutposten"):
        ledger.ingest.extract(str(inbox / "inbet.txt"), "forbundsbok.bgmax")
