"""The doors as beangulp's command line and Fava's import page know them."""

import json
import os
import subprocess
import sys
from pathlib import Path
from runpy import run_module

import pytest
from beancount import loader
from beancount.core import data
from beancount.parser import parser
from click.testing import CliRunner
from fava.application import create_app
from fava.core import FavaLedger
from fava.core.charts import dumps
from fava.core.ingest import ImporterExtractError
from fava.serialisation import deserialise, serialise

import forbundsbok.importers.config
from forbundsbok.plugins.imports import read_imports
from forbundsbok.scripts.forbundsbok import main
from tests.importers.bank_files import (
    LEDGER,
    MAPPING,
    camt,
    camt_detail,
    camt_entry,
    camt_statement,
    invoice,
    one_day,
)
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


CONFIG = "forbundsbok.importers.config"


@pytest.mark.slow
def test_beangulp_extracts(tmp_path: Path, inbox: Path) -> None:
    ledger = make_books(tmp_path / "books")
    (inbox / "2024.se").unlink()
    environment = {**os.environ, "FORBUNDSBOK_LEDGER": str(ledger), "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-m", CONFIG, "extract", "--existing", str(ledger), str(inbox)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    entries, errors, _ = parser.parse_string(done.stdout)
    assert errors == []
    vouchers = [entry for entry in entries if isinstance(entry, data.Transaction)]
    assert [(each.flag, each.meta["ver"]) for each in vouchers] == [("!", "I 1"), ("!", "I 2")]
    assert [came.kind for came in read_imports(entries)] == ["bgmax"]


@pytest.mark.filterwarnings("ignore:.*found in sys.modules")
def test_beangulp_says_what_the_mapping_lacks(
    tmp_path: Path, inbox: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ledger = make_books(tmp_path / "books")
    (inbox / "2024.se").unlink()
    monkeypatch.setenv("FORBUNDSBOK_LEDGER", str(ledger))
    monkeypatch.setattr(sys, "argv", ["config", "extract", str(inbox)])
    (ledger.parent / "import.toml").write_text("")
    with pytest.raises(SystemExit) as ended:
        run_module(CONFIG, run_name="__main__")
    assert ended.value.code == 1
    assert "bankgiro 991-2346, med 350,50 kr i 1 insättning, saknas i" in capsys.readouterr().err
    (ledger.parent / "import.toml").write_text("[bgmx]\n")
    with pytest.raises(SystemExit) as ended:
        run_module(CONFIG, run_name="__main__")
    # Python prints a text, and ends with 1.
    assert str(ended.value.code).endswith(
        "filen har bgmx, som inget läser; den får ha bank, bgmax, payments, peppol, sie"
    )
    assert capsys.readouterr().out == ""


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
    # As Fava's page hands them back: through its own reading and writing.
    ledger.file.insert_entries([deserialise(json.loads(dumps(serialise(entry)))) for entry in entries])
    ledger.load_file()
    assert ledger.errors == []
    assert ledger.ingest.extract(str(inbox / "inbet.txt"), "forbundsbok.bgmax") == []
    (inbox / "inbet.txt").write_bytes(bgmax("20250314", 10000)[:-80])
    with pytest.raises(ImporterExtractError, match="slutposten"):
        ledger.ingest.extract(str(inbox / "inbet.txt"), "forbundsbok.bgmax")


def test_a_statement_is_saved_by_favas_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From Extract to Save through the application itself."""
    options = f"""
2024-12-31 custom "fava-option" "import-config" "{forbundsbok.importers.config.__file__}"
2024-12-31 custom "fava-option" "import-dirs" "inbox"
"""
    ledger = tmp_path / "main.bean"
    invoices = invoice(1, "12500.00", ocr="1000017")
    ledger.write_text((LEDGER + invoices + options).lstrip(), encoding="utf-8")
    (tmp_path / "import.toml").write_text(MAPPING, encoding="utf-8")
    (tmp_path / "inbox").mkdir()
    document = tmp_path / "inbox" / "kontoutdrag.xml"
    content = one_day(("12500.00", "R1", camt_detail("12500.00", ["1000017"])), ("-49.00", "R2", ""))
    document.write_text(content, encoding="utf-8")
    monkeypatch.setenv("FORBUNDSBOK_LEDGER", str(ledger))
    loader.initialize(use_cache=False)
    page = create_app([str(ledger)]).test_client()
    slug = page.get("/").headers["Location"].split("/")[1]
    query = {"filename": str(document), "importer": "forbundsbok.camt.053"}
    entries = page.get(f"/{slug}/api/extract", query_string=query).get_json()["data"]
    assert [entry["t"] for entry in entries] == ["Balance", "Transaction", "Transaction", "Balance"]
    saved = page.put(f"/{slug}/api/add_entries", json={"entries": entries})
    assert saved.status_code == 200, saved.text
    loaded = FavaLedger(str(ledger))
    assert loaded.errors == []
    assert {"K-2025-0001"} in [set(entry.links) for entry in loaded.all_entries_by_type.Transaction]
    assert page.get(f"/{slug}/api/extract", query_string=query).get_json()["data"] == []
    # What Fava could not save is told before.
    evening = camt(camt_statement([camt_entry("-1.00", "R3")], "512451.00", "512450.00", number=53))
    document.write_text(evening, encoding="utf-8")
    told = page.get(f"/{slug}/api/extract", query_string=query)
    assert "kan inte sparas här, för det innehåller mer än vad" in told.get_json()["error"]
    checked = CliRunner().invoke(main, ["check", "--ledger", str(ledger)])
    assert checked.exit_code == 0, checked.output
