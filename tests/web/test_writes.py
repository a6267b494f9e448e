"""Who has the role bokföra writes in the books by Fava's pages: what passes all rules, by the safe write."""

import json
from hashlib import sha256
from pathlib import Path

import pytest

from forbundsbok.plugins.loading import load_ledger
from forbundsbok.web.users import Users
from tests.scripts.books import make_books
from tests.web.server import CHEAP, PASSWORD, SLUG, Attacked, started, upload

pytestmark = [pytest.mark.xdist_group("page")]


@pytest.mark.slow
def test_what_passes_all_rules_is_written(tmp_path: Path) -> None:
    ledger = make_books(tmp_path / "books")
    year = ledger.with_name("2025.bean")
    with ledger.open("a", encoding="utf-8") as file:
        file.write(f'\n2024-12-31 custom "fava-option" "default-file" "{year}"\n')
    users = Users(tmp_path / "users.json", CHEAP)
    users.add("bo", "bokföra", PASSWORD)
    with started(ledger, users.path, "--write") as server:
        text = year.read_text(encoding="utf-8")
        amended = text.replace("Ingående balanser", "Ingående balanser 2025")
        assert put(server, year, amended) == sha256(amended.encode()).hexdigest()
        assert year.read_text(encoding="utf-8") == amended

        entry = {
            "t": "Transaction",
            "date": "2025-01-30",
            "flag": "*",
            "payee": "",
            "narration": "Flyttat",
            "tags": [],
            "links": [],
            "meta": {"ver": "B 1"},
            "postings": [
                {"account": "Assets:RT:1910-Kassa-och-bank", "amount": "100.00 SEK"},
                {"account": "Liabilities:RT:2890-Observationskonto", "amount": "-100.00 SEK"},
            ],
        }
        answer = server.ask(f"{SLUG}/api/add_entries", "PUT", {"entries": [entry]}, server.cookie("bo"))
        assert answer.status == 200, answer.text
        assert '"Flyttat"' in year.read_text(encoding="utf-8")

        journal = json.loads(server.ask(f"{SLUG}/api/journal", cookie=server.cookie("bo")).text)["data"]
        [moved] = [each["entry_hash"] for each in journal if each.get("narration") == "Flyttat"]
        answer = upload(server, "kvitto.pdf", "%PDF-1.4", hash=moved)
        assert answer.status == 200, answer.text
        assert (ledger.parent / "underlag" / "kvitto.pdf").read_text() == "%PDF-1.4"
        assert 'underlag: "underlag/kvitto.pdf"' in year.read_text(encoding="utf-8")
        assert upload(server, "kvitto.pdf", "annat").status == 422
    assert not load_ledger(ledger).errors


def put(server: Attacked, path: Path, source: str) -> str:
    sent = {"file_path": str(path), "source": source, "sha256sum": sha256(path.read_bytes()).hexdigest()}
    answer = server.ask(f"{SLUG}/api/source", "PUT", sent, server.cookie("bo"))
    assert answer.status == 200, answer.text
    told: str = json.loads(answer.text)["data"]
    return told
