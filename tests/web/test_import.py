"""Fava's import page in a program that runs: from Extract to Save, by HTTP alone, and what the reading pages say."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from beancount.core import data
from click.testing import CliRunner

import forbundsbok.importers.config
from forbundsbok.plugins.loading import load_ledger
from forbundsbok.scripts.forbundsbok import main
from tests.importers.bank_files import BANK, LEDGER, MAPPING, camt_detail, invoice, one_day
from tests.web.server import started

pytestmark = [pytest.mark.xdist_group("page")]
OPTIONS = f"""
2024-12-31 custom "fava-option" "import-config" "{forbundsbok.importers.config.__file__}"
2024-12-31 custom "fava-option" "import-dirs" "inbox"
"""
SAVE = "add_entries"


class RunningFava:
    """A running Fava, asked as its own pages ask."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.slug = ""

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any, str | None]:
        """Return the status, what the answer holds, and where it leads."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        told = None if body is None else json.dumps(body)
        connection.request(method, path, told, {"Content-Type": "application/json"} if told else {})
        answer = connection.getresponse()
        text = answer.read().decode()
        is_data = "json" in answer.headers.get("Content-Type", "")
        return answer.status, json.loads(text) if is_data else text, answer.headers.get("Location")

    def api(self, method: str, name: str, body: object = None, **query: str) -> tuple[int, Any]:
        status, told, _ = self.ask(method, f"/{self.slug}/api/{name}?{urlencode(query)}", body)
        return status, told


@contextmanager
def running(ledger: Path) -> Iterator[RunningFava]:
    """Run Fava as it is, of some books, until the end of the block."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {**os.environ, "FORBUNDSBOK_LEDGER": str(ledger), "BEANCOUNT_DISABLE_LOAD_CACHE": "1"}
    command = [sys.executable, "-m", "fava.cli", str(ledger), "--port", str(port)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            pages = RunningFava(port)
            for _ in range(300):
                try:
                    leads_to = pages.ask("GET", "/")[2]
                    break
                except ConnectionRefusedError:
                    assert server.poll() is None
                    time.sleep(0.1)
            assert leads_to
            pages.slug = leads_to.split("/")[1]
            yield pages
        finally:
            server.terminate()


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    """Books with an open invoice, and the statement in whose day it was paid."""
    path = tmp_path / "main.bean"
    path.write_text((LEDGER + invoice(1, "12500.00", ocr="1000017") + OPTIONS).lstrip(), encoding="utf-8")
    (tmp_path / "import.toml").write_text(MAPPING, encoding="utf-8")
    (tmp_path / "inbox").mkdir()
    paid = ("12500.00", "R1", camt_detail("12500.00", ["1000017"], name="Ulricehamns kommun"))
    content = one_day(paid, ("-49.00", "R2", ""))
    (tmp_path / "inbox" / "kontoutdrag.xml").write_text(content, encoding="utf-8")
    return path


@pytest.mark.slow
def test_a_statement_is_saved_in_a_running_fava(ledger: Path) -> None:
    document = {"filename": str(ledger.parent / "inbox" / "kontoutdrag.xml"), "importer": "forbundsbok.camt.053"}
    with running(ledger) as pages:
        status, found = pages.api("GET", "imports")
        assert status == 200
        [file] = found["data"]
        assert (file["name"], [each["importer_name"] for each in file["importers"]]) == (
            document["filename"],
            [document["importer"]],
        )
        status, extracted = pages.api("GET", "extract", **document)
        assert status == 200
        entries = extracted["data"]
        assert [entry["t"] for entry in entries] == ["Balance", "Transaction", "Transaction", "Balance"]
        status, saved = pages.api("PUT", SAVE, {"entries": entries})
        assert (status, saved["data"]) == (200, "Stored 4 entries.")
        assert pages.api("GET", "errors")[1]["data"] == []
        assert pages.api("GET", "extract", **document)[1]["data"] == []
        register = pages.ask("GET", f"/{pages.slug}/api/account_report?a={BANK}")[1]
        assert "512451.00" in json.dumps(register)
    loaded = load_ledger(ledger)
    assert not loaded.errors
    vouchers = [entry for entry in loaded.entries if isinstance(entry, data.Transaction) and "bankref" in entry.meta]
    assert sorted((each.meta["bankref"], each.flag, sorted(each.links)) for each in vouchers) == [
        ("R1", "*", ["K-2025-0001"]),
        ("R2", "!", []),
    ]
    checked = CliRunner().invoke(main, ["check", "--ledger", str(ledger)])
    assert checked.exit_code == 0, checked.output
    # What Fava has saved, the command knows.
    again = CliRunner().invoke(main, ["import", document["filename"], "--ledger", str(ledger)])
    assert "inget nytt" in again.output


@pytest.mark.slow
def test_the_reading_pages_show_an_import_and_say_how_it_is_saved(ledger: Path) -> None:
    document = {"filename": str(ledger.parent / "inbox" / "kontoutdrag.xml"), "importer": "forbundsbok.camt.053"}
    before = ledger.read_bytes()
    with started(ledger, ledger.with_name("users.json"), FORBUNDSBOK_LEDGER=str(ledger)) as server:
        slug = server.ask("/").headers["Location"].split("/")[1]
        entries = json.loads(server.ask(f"/{slug}/api/extract?{urlencode(document)}").text)["data"]
        assert [entry["t"] for entry in entries] == ["Balance", "Transaction", "Transaction", "Balance"]
        answer = server.ask(f"/{slug}/api/{SAVE}", "PUT", {"entries": entries})
        assert (answer.status, json.loads(answer.text)) == (
            401,
            {"error": "Böckerna läses bara här: inget sparas. Ta in dokument med   forbundsbok import FIL"},
        )
    assert ledger.read_bytes() == before
