"""The books in the browser: they can be read, and nothing that is asked changes a file or reaches beyond them."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import quote

import pytest
from click.testing import CliRunner
from fava.application import create_app
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from forbundsbok.scripts.forbundsbok import main
from forbundsbok.web import queries, serve
from forbundsbok.web.listening import Patience
from forbundsbok.web.serve import reading_app

PORT = 5000
HOST = f"127.0.0.1:{PORT}"
TITLE = "/räddningstjänsten-norra"
QUERY = f"{TITLE}/api/query"
DOWNLOAD = f"{TITLE}/download-query/query_result.csv"

# An importer that shows whatever file it is given.
IMPORTERS = """
import datetime
import beangulp
from beancount.core import data

class Text(beangulp.Importer):
    name = "text"
    def identify(self, filepath): return True
    def account(self, filepath): return "Assets:RT:1910-Kassa-och-bank"
    def extract(self, filepath, existing):
        meta = data.new_metadata(filepath, 1)
        return [data.Note(meta, datetime.date(2022, 1, 1), self.account(filepath), open(filepath).read(), None, None)]

CONFIG = [Text()]
"""

READING = [
    "SELECT account, sum(position) WHERE account ~ ':RT:1' GROUP BY account",
    "BALANCES FROM year = 2022",
    "JOURNAL 'Assets:RT:1910'",
    "PRINT FROM year = 2022 AND month = 4",
    "  select sum(number)\nfrom year = 2022 ;",
    "SELECT account ; en kommentar\n",
    "/* en kommentar */ SELECT account",
    "SELECT account FROM (SELECT account, number) WHERE number > 0",
    "SELECT account FROM accounts",
    "SELECT account FROM 'csv:{path}'",  # a text, which is true
    "SELECT account; .output {path}",  # to the parser, and so here, the rest of the line is a comment
]

# What {path} stands for would be written, or read.
ATTACKS = [
    ".output {path}",
    "  .output {path}",
    "\n.output {path}",
    ".OUTPUT {path}",
    "output {path}",
    ".output {path}\nSELECT account",
    "SELECT account;\n.output {path}",
    "/* SELECT */ .output {path}",
    "; SELECT\n.output {path}",
    ".explain SELECT account",
    "explain SELECT account",
    ".format csv",
    "set format csv",
    ".set boxed true",
    ".run filen",
    "run filen",
    "RUN böckerna",
    ".parse SELECT 1",
    "help",
    "? select",
    ".help targets",
    "!ls",
    ".history",
    ".clear",
    ".errors",
    ".reload",
    ".tables",
    ".describe postings",
    "exit",
    "quit",
    "EOF",
    ".EOF",
    "CREATE TABLE x USING 'csv:{path}'",
    "create\ttable x using 'csv:{path}'",
    "/* SELECT */ CREATE TABLE x USING 'csv:{path}'",
    "; SELECT\nCREATE TABLE x USING 'csv:{path}'",
    "CREATE TABLE x USING 'beancount:{path}'",
    "CREATE TABLE x AS SELECT account",
    "CREATE TABLE x (a str)",
    "INSERT INTO postings (account) VALUES ('Assets:RT:1910-Kassa-och-bank')",
    'SELECT account FROM #"csv:{path}"',
    "SELECT account FROM (CREATE TABLE x USING 'csv:{path}')",
    "SELECT account SELECT account",
    "SELECT account;\nCREATE TABLE x USING 'csv:{path}'",
    "BALANCES; PRINT;\nPRINT",
    "UPDATE postings SET number = 0",
    "DROP TABLE postings",
    "ATTACH '{path}'",
    "",
    " ",
    ";",
    "\0",
]

MISTAKES = {
    "SELECT account FROM": "fel vid tecken 20",
    "SELECT konto": 'column "konto" not found',
    "SELECT account WHERE account ~ '('": "unterminated subpattern",
    "SELECT 2024-13-01": "month must be in 1..12",
    "PRINT FROM postings": "Frågan kan inte",
    "SELECT " + "(" * 2000 + "1" + ")" * 2000: "recursion",
}


@pytest.fixture(scope="module")
def ledger(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Books with a stored query that reads, one that does not, a document with a script and Fava's import page."""
    folder = tmp_path_factory.mktemp("books")
    (folder / "inbox").mkdir()
    (folder / "inbox" / "kontoutdrag.txt").write_text("saldo 100")
    (folder / "importers.py").write_text(IMPORTERS)
    (folder / "faktura.html").write_text("<script>fetch('/')</script>")
    (folder / "faktura.pdf").write_bytes(b"%PDF-1.4")
    path = folder / "main.bean"
    path.write_text(
        tiny.read_text(encoding="utf-8")
        + f"""
2022-12-31 query "böckerna" "SELECT account"
2022-12-31 query "filen" "CREATE TABLE x USING 'csv:{path}'"
2022-12-31 document Assets:RT:1910-Kassa-och-bank "faktura.html"
2022-12-31 document Assets:RT:1910-Kassa-och-bank "faktura.pdf"
2022-12-31 custom "fava-option" "import-config" "importers.py"
2022-12-31 custom "fava-option" "import-dirs" "inbox"
""",
        encoding="utf-8",
    )
    return path


class Browser(FlaskClient):
    """Asks by the address that `make fava` shows."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        kwargs.setdefault("base_url", f"http://{HOST}")
        return super().open(*args, **kwargs)


@pytest.fixture(scope="module")
def app(ledger: Path) -> Iterator[Flask]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(serve, "IMPORTERS", ledger.parent / "importers.py")
        app = reading_app(ledger, PORT)
        app.test_client_class = Browser
        yield app


@pytest.fixture
def browser(app: Flask, ledger: Path, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    monkeypatch.chdir(ledger.parent)  # where a path without folder would be written
    return app.test_client()


def told_by(answer: TestResponse) -> str:
    text: str = answer.get_json()["error"] if answer.is_json else answer.text
    return text


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def ask(browser: FlaskClient, query: str, door: str = QUERY) -> TestResponse:
    return browser.get(door, query_string={"query_string": query})


def test_a_query_is_answered_when_modules_have_come_meanwhile(
    browser: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process that answers opens no folder, so it may look for no module."""
    monkeypatch.syspath_prepend(str(tmp_path))
    answer = ask(browser, "SELECT sum(position)")
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("query", READING)
def test_a_query_that_reads_is_answered(browser: FlaskClient, ledger: Path, query: str) -> None:
    before = files(ledger.parent)
    answer = ask(browser, query.replace("{path}", str(ledger)))
    assert answer.status_code == 200, answer.text
    data = answer.get_json()["data"]
    assert data["contents"] if query.startswith("PRINT") else data["rows"]
    assert files(ledger.parent) == before


def test_print_shows_the_directives(browser: FlaskClient) -> None:
    answer = ask(browser, "PRINT FROM year = 2022 AND month = 4").get_json()["data"]
    assert answer["t"] == "string"
    assert '2022-04-10 * "Leverantör 001 Båtar" "Båt"' in answer["contents"]


@pytest.mark.parametrize("door", [QUERY, DOWNLOAD])
@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_changes_nothing_and_is_refused(browser: FlaskClient, ledger: Path, attack: str, door: str) -> None:
    before = files(ledger.parent)
    for query in sorted({attack.replace("{path}", str(ledger.parent / name)) for name in ("main.bean", "ny.txt")}):
        answer = ask(browser, query, door)
        assert answer.status_code == 400
        assert "Här läses böckerna" in told_by(answer) or "Frågan kan inte" in told_by(answer)
        assert files(ledger.parent) == before


def test_plain_fava_obeys_the_same_attack(ledger: Path, tmp_path: Path) -> None:
    """What the gate is for: when this no longer holds, Fava or beanquery has mended it."""
    book = tmp_path / "main.bean"
    book.write_bytes((ledger.parent / "main.bean").read_bytes())
    plain = create_app([book], load=True, read_only=True).test_client()
    ask(plain, f".output {book}")
    assert book.read_bytes() == b""


def test_a_stored_query_is_judged_by_its_text(browser: FlaskClient) -> None:
    answer = ask(browser, "run böckerna", DOWNLOAD)
    assert answer.status_code == 200
    assert answer.text.startswith("account")
    assert ask(browser, "run filen", DOWNLOAD).status_code == 400


@pytest.mark.parametrize(("query", "told"), MISTAKES.items(), ids=range(len(MISTAKES)))
@pytest.mark.parametrize("door", [QUERY, DOWNLOAD])
def test_a_mistake_is_told(browser: FlaskClient, door: str, query: str, told: str) -> None:
    answer = ask(browser, query, door)
    assert answer.status_code == 400
    assert told in told_by(answer)


def test_an_error_is_no_page(browser: FlaskClient) -> None:
    answer = ask(browser, "SELECT account WHERE account ~ '(?P<script>)(?P<script>)'", DOWNLOAD)
    assert "script" in answer.text
    assert answer.mimetype == "text/plain"


HOLDING = "(([A-Za-z]+)+:?)+$"


PATIENCE = Patience(query=1.0)


@pytest.fixture(scope="module")
def impatient(ledger: Path) -> FlaskClient:
    """Who asks where a query may take a second."""
    app = reading_app(ledger, PORT, PATIENCE)
    app.test_client_class = Browser
    return app.test_client()


@pytest.mark.parametrize("door", [QUERY, DOWNLOAD])
def test_a_query_that_would_hold_the_server_is_ended(impatient: FlaskClient, door: str) -> None:
    query = f"SELECT account WHERE account + '!' ~ '{HOLDING}'"
    answers: list[TestResponse] = []
    asking = Thread(target=lambda: answers.append(ask(impatient, query, door)))
    begun = time.monotonic()
    asking.start()
    assert impatient.application.test_client().get("/static/favicon.ico").status_code == 200
    assert ask(impatient, "SELECT account LIMIT 1").status_code == 200  # nor does another who asks wait
    assert not answers
    asking.join()
    assert PATIENCE.query <= time.monotonic() - begun < 10
    assert answers[0].status_code == 400
    assert "mer än 1 sekunder" in told_by(answers[0])


def test_a_filter_that_would_hold_the_server_is_ended(impatient: FlaskClient) -> None:
    for name in ("account", "filter"):
        pattern = HOLDING.replace("$", "!") if name == "account" else f'narration:"{HOLDING}!"'
        answer = impatient.get(f"{TITLE}/api/income_statement", query_string={name: pattern})
        assert answer.status_code == 400, answer.text
        assert "mer än" in told_by(answer)
    for pattern in ("RT:.*", "(RT|FK)+"):
        assert impatient.get(f"{TITLE}/api/income_statement", query_string={"account": pattern}).status_code == 200


def test_an_answer_takes_no_more_than_its_memory() -> None:
    # One large piece: smaller ones may have room in what the process has already, and has freed.
    with pytest.raises(queries.QueryError, match="mer minne"):
        queries.limited(lambda: len(bytes(4 * queries.MOST)), 10)
    assert queries.limited(lambda: len(bytes(2**20)), 10) == 2**20


def test_the_process_that_answers_can_open_no_file(tmp_path: Path) -> None:
    with pytest.raises(queries.QueryError, match="Too many open files"):
        queries.limited(lambda: (tmp_path / "ny").write_text(""), 10)
    assert [*tmp_path.iterdir()] == []


PAGES = [
    "",
    "income_statement/",
    "balance_sheet/",
    "trial_balance/",
    "journal/",
    "query/",
    "import/",
    "options/",
    "help/",
    "errors/",
    "account/Assets:RT:1910-Kassa-och-bank/",
    "api/income_statement",
    "api/balance_sheet?time=2022",
    "api/trial_balance?account=Assets:RT",
    "api/journal_page?page=1&order=asc",
    "api/account_report?a=Assets:RT:1910-Kassa-och-bank",
    "api/account_report?a=Assets:RT:1910-Kassa-och-bank&r=changes",
    "api/statistics",
    "api/ledger_data",
    "api/options",
    "api/errors",
    "api/imports",
    "api/changed",
    "download-journal/",
]


@pytest.mark.parametrize("page", PAGES)
def test_the_pages_are_shown(browser: FlaskClient, page: str) -> None:
    assert browser.get(f"{TITLE}/{page}", follow_redirects=True).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": f"evil.example:{PORT}"},
        {"Host": f"127.0.0.1.evil.example:{PORT}"},
        {"Host": f"localhost.evil.example:{PORT}"},
        {"Host": f"evil.example@127.0.0.1:{PORT}"},
        {"Host": f"127.0.0.1:{PORT}, evil.example"},
        {"Host": f"localhost.:{PORT}"},
        {"Host": f"0.0.0.0:{PORT}"},
        {"Host": "127.0.0.1"},
        {"Host": "localhost:5001"},
        {"Host": ""},
        {"Host": "evil.example", "X-Forwarded-Host": HOST},
        {"Host": HOST, "Origin": "http://evil.example"},
        {"Host": HOST, "Origin": f"https://{HOST}"},
        {"Host": HOST, "Origin": f"http://localhost:{PORT}"},
        {"Host": HOST, "Origin": "null"},
        {"Host": HOST, "Sec-Fetch-Site": "cross-site"},
        {"Host": HOST, "Sec-Fetch-Site": "same-site"},
    ],
    ids=str,
)
@pytest.mark.parametrize("path", ["/", f"{TITLE}/income_statement/", f"{TITLE}/api/ledger_data", "/static/app.js"])
def test_another_page_or_name_is_refused(browser: FlaskClient, path: str, headers: dict[str, str]) -> None:
    answer = browser.get(path, headers=headers)
    assert answer.status_code == (403 if {"Origin", "Sec-Fetch-Site"} & set(headers) else 421)
    assert "Böckerna visas bara på sin egen adress" in answer.text


@pytest.mark.parametrize(
    "headers",
    [{"Host": HOST}, {"Host": f"LOCALHOST:{PORT}"}, {"Host": HOST, "Origin": f"http://{HOST}"}]
    + [{"Host": HOST, "Sec-Fetch-Site": site} for site in ("none", "same-origin")],
    ids=str,
)
def test_this_computers_own_browser_is_let_in(browser: FlaskClient, headers: dict[str, str]) -> None:
    assert browser.get(f"{TITLE}/income_statement/", headers=headers).status_code == 200


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "PROPFIND"])
def test_nothing_but_get_is_heard(browser: FlaskClient, ledger: Path, method: str) -> None:
    before = files(ledger.parent)
    source = {"file_path": str(ledger), "source": "", "sha256sum": sha256(ledger.read_bytes()).hexdigest()}
    for path in ("source", "add_entries", f"document?filename={ledger.parent / 'faktura.html'}", "query"):
        assert browser.open(f"{TITLE}/api/{path}", method=method, json=source).status_code in {401, 405}
    assert files(ledger.parent) == before


def test_a_document_runs_no_script(browser: FlaskClient, ledger: Path) -> None:
    def shown(name: str) -> TestResponse:
        return browser.get(f"{TITLE}/document/", query_string={"filename": str(ledger.parent / name)})

    assert shown("faktura.html").headers["Content-Security-Policy"] == "sandbox"
    assert shown("faktura.html").headers["X-Content-Type-Options"] == "nosniff"
    assert "Content-Security-Policy" not in shown("faktura.pdf").headers  # a browser shows no PDF in a sandbox


def test_a_page_may_load_its_own_files_alone(browser: FlaskClient) -> None:
    for path in ("income_statement/", "api/ledger_data", "no_such_page/"):
        headers = browser.get(f"{TITLE}/{path}").headers
        assert headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'")
        assert (headers["X-Frame-Options"], headers["Referrer-Policy"]) == ("SAMEORIGIN", "same-origin")


def test_what_is_not_on_the_list_is_not_answered(browser: FlaskClient) -> None:
    assert browser.get("/jump?time=2022", headers={"Referer": "http://evil.example/"}).status_code == 404
    nothing = browser.get(f"{TITLE}/extension/Okand/")
    assert (nothing.status_code, nothing.text.partition(":")[0]) == (404, "Det finns inget på den här adressen")


def test_no_page_runs_but_our_own(tiny: Path, tmp_path: Path) -> None:
    (tmp_path / "sida.py").write_text("open(__file__ + '.run', 'w')")
    path = tmp_path / "main.bean"
    named = '\n2022-12-31 custom "fava-extension" "sida"\n'
    path.write_text(tiny.read_text(encoding="utf-8") + named, encoding="utf-8")
    client = reading_app(path, PORT).test_client()
    told = client.get(f"{TITLE}/api/errors", base_url=f"http://{HOST}").get_json()["data"][0]["message"]
    assert "Bara förbundsboks egna sidor visas" in told
    assert [each.name for each in tmp_path.glob("*.run")] == []


def test_no_file_beyond_the_books_is_read(browser: FlaskClient, ledger: Path, tmp_path: Path) -> None:
    other = tmp_path / "annan.txt"
    other.write_text("hemligt")

    def asked(door: str, path: Path) -> TestResponse:
        return browser.get(f"{TITLE}/{door}", query_string={"filename": str(path), "importer": "text"})

    inbox = ledger.parent / "inbox"
    assert "saldo 100" in asked("api/extract", inbox / "kontoutdrag.txt").text
    assert "saldo 100" in asked("document/", inbox / "kontoutdrag.txt").text
    for path in (other, inbox / ".." / ".." / tmp_path.name / "annan.txt", ledger.parent / "importers.py"):
        assert asked("api/extract", path).status_code == 404
        assert asked("document/", path).status_code == 404
        assert asked("api/source", path).status_code == (500 if path.parent == ledger.parent else 404)


def test_books_that_change_are_still_behind_the_gate(app: Flask, browser: FlaskClient, ledger: Path) -> None:
    [(_, books)] = app.config["LEDGERS"].items()
    books.load_file()
    before = files(ledger.parent)
    assert ask(browser, f".output {ledger}").status_code == 400
    assert files(ledger.parent) == before


def test_the_command_speaks_swedish() -> None:
    asked = subprocess.run(
        [sys.executable, "-m", "forbundsbok.scripts.forbundsbok", "serve", "--help"], capture_output=True, text=True
    )
    assert asked.stdout.startswith("Användning: ")
    assert "Visa böckerna i webbläsaren" in asked.stdout


def test_the_command_serves_them_on_this_computer_alone(ledger: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "forbundsbok.scripts.forbundsbok",
        "serve",
        "--ledger",
        str(ledger),
        "--port",
        str(port),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            assert server.stdout.readline().startswith(f"http://127.0.0.1:{port} visar ")
            before = files(ledger.parent)
            for hosts, status in {
                (f"127.0.0.1:{port}",): "302",
                (f"localhost:{port}",): "302",
                (f"evil.example:{port}",): "421",
                (f"127.0.0.1:{port}", "evil.example"): "421",
                (): "421",
            }.items():
                head = "".join(f"Host: {host}\r\n" for host in hosts)
                assert raw(port, f"GET / HTTP/1.1\r\n{head}Connection: close\r\n\r\n").startswith(f"HTTP/1.1 {status}")
            path = f"{quote(QUERY)}?query_string={quote(f'.output {ledger}')}"
            for asked in (path, f"http://127.0.0.1:{port}{path}"):
                answer = raw(port, f"GET {asked} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n")
                assert answer.startswith("HTTP/1.1 400")
            assert raw(port, "GET / HTTP/1.0\r\n\r\n").startswith("HTTP/1.1 421")
            assert files(ledger.parent) == before
            taken = CliRunner().invoke(main, ["serve", "--ledger", str(ledger), "--port", str(port)])
            assert (taken.exit_code, taken.stdout) == (1, "")
            assert taken.stderr == f"Fel: Port {port} är upptagen. Välj en annan med --port.\n"
            with pytest.raises(OSError), socket.create_connection(("127.0.0.2", port), timeout=5):
                pass
        finally:
            server.terminate()


def raw(port: int, request: str) -> str:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(request.encode())
        return b"".join(iter(lambda: connection.recv(65536), b"")).decode()


def test_whatever_is_written_into_the_books_the_pages_live_on(ledger: Path, tmp_path: Path) -> None:
    path = tmp_path / "main.bean"
    sound = ledger.read_text(encoding="utf-8").replace("faktura.", f"{ledger.parent}/faktura.")
    path.write_text(sound, encoding="utf-8")
    app = reading_app(path, PORT)
    client = app.test_client()

    def errors() -> list[str]:
        for _, books in app.config["LEDGERS"].items():
            books.load_file()  # as when Fava sees that a file has changed
        assert client.get(f"{TITLE}/income_statement/", headers={"Host": HOST}).status_code == HTTPStatus.OK
        told = client.get(f"{TITLE}/api/errors", headers={"Host": HOST}).get_json()
        return [str(error["message"]) for error in told["data"]]

    before = errors()
    wrong = '2022-12-30 * "x"\n  Assets:RT:1910-Kassa-och-bank  1/0 SEK\n  Equity:RT:2010-Eget-kapital\n'
    path.write_text(sound + wrong, encoding="utf-8")
    assert "Raden delar med noll: skriv själva beloppet" in errors()
    path.write_text(sound + wrong.replace("1/0", "\u202e"), encoding="utf-8")
    assert "\u202e" not in "".join(errors())
    path.write_text(sound, encoding="utf-8")
    assert errors() == before
