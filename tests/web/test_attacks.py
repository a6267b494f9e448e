"""A started server is attacked by HTTP: all is refused, and nothing in the folder of the books is another."""

import json
import re
import select
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from click.testing import CliRunner
from flask import Flask
from werkzeug.test import TestResponse

from forbundsbok.scripts.forbundsbok import main
from forbundsbok.web import serve
from forbundsbok.web.listening import PATIENCE, ListenError, Patience, Site
from forbundsbok.web.users import Sessions, Users
from tests.scripts.books import make_books
from tests.web.server import CHEAP, PASSWORD, ROLES, SLUG, Attacked, started, upload, whole_file

pytestmark = [pytest.mark.xdist_group("page")]


def books_in(folder: Path) -> Path:
    """Books with documents, an inbox, and a file beyond them that the attacker wants."""
    ledger = make_books(folder / "books")
    (folder / "books" / "inbox").mkdir()
    (folder / "hemligt.txt").write_text("hemligt")
    (folder / "books" / "lank.txt").symlink_to(folder / "hemligt.txt")
    (folder / "books" / "faktura.pdf").write_bytes(b"%PDF-1.4")
    with ledger.open("a", encoding="utf-8") as file:
        file.write(f"""
2024-12-31 query "filen" "CREATE TABLE x USING 'csv:{ledger}'"
2024-12-31 document Assets:RT:1910-Kassa-och-bank "faktura.pdf"
2024-12-31 document Assets:RT:1910-Kassa-och-bank "{folder}/hemligt.txt"
2024-12-31 document Assets:RT:1910-Kassa-och-bank "lank.txt"
2024-12-31 * "Flyttat"
  ver: "B 2"
  underlag: "faktura.pdf"
  Assets:RT:1910-Kassa-och-bank              1.00 SEK
  Liabilities:RT:2890-Observationskonto     -1.00 SEK
2024-12-31 custom "fava-option" "import-dirs" "inbox"
2024-12-31 custom "fava-option" "import-dirs" "{folder}"
""")
    return ledger


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attacked]:
    """A server that lets who has the role write, with users of all roles."""
    folder = tmp_path_factory.mktemp("attacked")
    users = Users(folder / "settings" / "users.json", CHEAP)
    for name, role in ROLES.items():
        users.add(name, role, PASSWORD)
    with started(books_in(folder), users.path, "--write") as attacked:
        yield attacked


@pytest.fixture(autouse=True)
def unchanged(server: Attacked) -> Iterator[None]:
    before = server.digests()
    yield
    assert server.digests() == before


WRITES = [
    ("PUT", "source"),
    ("PUT", "source_slice"),
    ("DELETE", "source_slice?entry_hash=x&sha256sum=y"),
    ("PUT", "add_entries"),
    ("PUT", "add_document"),
    ("PUT", "attach_document"),
    ("PUT", "move"),
    ("PUT", "upload_import_file"),
    ("DELETE", "document?filename={folder}/faktura.pdf"),
]


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/static/app.js",
        "/logg",
        "/logga-ut",
        "/jump",
        "{slug}/",
        "{slug}/income_statement/",
        "{slug}/extension/X/",
    ],
)
def test_nothing_is_shown_before_the_log_in(server: Attacked, path: str) -> None:
    for cookie in ("", "forbundsbok=", "forbundsbok=x", f"forbundsbok={'0' * 64}", "__Host-forbundsbok=x"):
        answer = server.ask(path.format(slug=SLUG), cookie=cookie)
        assert (answer.status, answer.text) == (303, "")
        assert answer.headers["Location"].startswith("/logga-in?till=/")


@pytest.mark.parametrize("door", ["ledger_data", "source", "query?query_string=PRINT", "changed", "errors"])
def test_no_data_is_told_before_the_log_in(server: Attacked, door: str) -> None:
    answer = server.ask(f"{SLUG}/api/{door}")
    assert (answer.status, [*json.loads(answer.text)]) == (401, ["error"])


@pytest.mark.parametrize(("method", "door"), WRITES, ids=str)
@pytest.mark.parametrize("name", ["", "lasse", "greta"])
def test_who_only_reads_writes_nothing(server: Attacked, name: str, method: str, door: str) -> None:
    cookie = server.cookie(name) if name else ""
    path = f"{SLUG}/api/{door.format(folder=server.ledger.parent)}"
    answer = server.ask(path, method, whole_file(server, ""), cookie)
    assert answer.status == (
        401 if not name or "move" in door or "upload" in door or door.startswith("document") else 403
    )


@pytest.mark.parametrize(
    "query",
    [
        ".output {file}",
        "CREATE TABLE x USING 'csv:{file}'",
        "INSERT INTO postings (account) VALUES ('x')",
        'SELECT account FROM #"csv:{file}"',
        "SELECT account;\n.output {file}",
        "SELECT account; SELECT account\nSELECT account",
        ".run filen",
        "run filen",
    ],
)
@pytest.mark.parametrize("door", ["api/query", "download-query/query_result.csv", "download-query/query_result.xlsx"])
def test_no_query_does_more_than_read(server: Attacked, door: str, query: str) -> None:
    files = (server.ledger, server.ledger.parent / "ny.txt", "/etc/passwd")
    for each in sorted({query.format(file=file) for file in files}):
        asked = urlencode({"query_string": each})
        answer = server.ask(f"{SLUG}/{door}?{asked}", cookie=server.cookie("bo"))
        assert answer.status == 400, answer.text
        assert "root:" not in answer.text


@pytest.fixture(scope="module")
def impatient(server: Attacked) -> Iterator[Attacked]:
    """A server that waits for nobody long."""
    patience = Patience(silent=20.0, asking=1.0, query=2.0)
    with started(server.ledger, server.users, patience=patience) as attacked:
        yield attacked


def test_a_query_that_lasts_makes_nobody_wait(impatient: Attacked) -> None:
    slow = urlencode(
        {"query_string": "SELECT account WHERE account + 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!' ~ '(a+)+$'"}
    )
    cookie = impatient.cookie("lasse")
    head = f"GET {SLUG}/api/query?{slow} HTTP/1.1\r\nHost: 127.0.0.1:{impatient.port}\r\nCookie: {cookie}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", impatient.port), timeout=30) as connection:
        connection.sendall(head.encode())
        begun = time.monotonic()
        for _ in range(5):
            assert impatient.ask(f"{SLUG}/api/trial_balance", cookie=cookie).status == 200
            assert impatient.ask(f"{SLUG}/api/query?query_string=SELECT%201", cookie=cookie).status == 200
        assert select.select([connection], [], [], 0) == ([], [], [])  # it is the query that waits
        answer = connection.recv(65536).decode()
    assert answer.startswith("HTTP/1.1 400")
    assert 2 <= time.monotonic() - begun < 10


BEYOND = [
    "{folder}/../hemligt.txt",
    "{folder}/inbox/../../hemligt.txt",
    "{folder}/lank.txt",
    "/etc/passwd",
    "../hemligt.txt",
]
DOORS = [
    "document/?filename={file}",
    "document/?filename={file}%00.pdf",
    "api/source?filename={file}",
    "api/extract?importer=forbundsbok.camt.053&filename={file}",
    "statement/?entry_hash={file}&key=filename",
    "extension/{file}/",
    "extension_js_module/{file}.js",
    "help/{file}",
    "download-query/query_result.{file}?query_string=SELECT%201",
    "{file}/",
]


@pytest.mark.parametrize("file", BEYOND)
@pytest.mark.parametrize("door", DOORS)
def test_no_file_beyond_the_books_is_read(server: Attacked, door: str, file: str) -> None:
    named = str(server.ledger.parent.parent / "hemligt.txt") if file.startswith("{folder}/..") else None
    for each in filter(None, (file.format(folder=server.ledger.parent), named)):
        answer = server.ask(f"{SLUG}/{door.format(file=quote(each, safe=''))}", cookie=server.cookie("bo"))
        assert answer.status in {400, 404, 500}
        assert "hemligt\n" not in f"{answer.text}\n"
        assert "root:" not in answer.text


@pytest.mark.parametrize(
    "path",
    ["/static/../../../etc/passwd", "/static/%2e%2e/%2e%2e/app.py", "/static//etc/passwd", "/static/..%5c..%5capp.py"],
)
def test_no_static_file_is_another(server: Attacked, path: str) -> None:
    answer = server.ask(path, cookie=server.cookie("bo"))
    assert answer.status in {400, 404}
    assert "root:" not in answer.text


def test_the_import_page_sees_no_other_folder(server: Attacked) -> None:
    answer = server.ask(f"{SLUG}/api/imports", cookie=server.cookie("bo"))
    assert "hemligt" not in answer.text


HOSTS = ["evil.example", "evil.example:{port}", "127.0.0.1.evil.example:{port}", "localhost.:{port}", "127.0.0.1:1"]


@pytest.mark.parametrize("host", HOSTS)
def test_another_host_is_refused(server: Attacked, host: str) -> None:
    for path in ("/", "/logga-in", f"{SLUG}/api/ledger_data", "/static/app.js"):
        answer = server.ask(path, cookie=server.cookie("bo"), Host=host.format(port=server.port))
        assert answer.status == 421


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "https://127.0.0.1:{port}"},
        {"Origin": "http://localhost:{port}"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
    ],
    ids=str,
)
def test_what_another_site_sends_is_refused(server: Attacked, headers: dict[str, str]) -> None:
    sent = {name: value.format(port=server.port) for name, value in headers.items()}
    cookie = server.cookie("bo")
    for method, path in (("GET", f"{SLUG}/api/ledger_data"), ("PUT", f"{SLUG}/api/source"), ("POST", "/logga-in")):
        assert (
            server.ask(path, method, whole_file(server, "") if method != "GET" else None, cookie, **sent).status == 403
        )
    assert server.ask(f"{SLUG}/api/source", "PUT", whole_file(server, ""), cookie, Origin="").status == 403


def test_a_session_cannot_be_fixed_nor_replayed(server: Attacked) -> None:
    answer = server.log_in("lasse", Cookie="forbundsbok=mitt-eget-val")
    cookie = answer.headers["Set-Cookie"]
    assert "mitt-eget-val" not in cookie
    assert re.fullmatch(r"forbundsbok=[\w-]{43}; HttpOnly; Path=/; SameSite=Strict", cookie)
    token = cookie.partition(";")[0]
    again = server.log_in("lasse", Cookie=token).headers["Set-Cookie"].partition(";")[0]
    assert token != again
    assert server.ask(f"{SLUG}/api/errors", cookie=token).status == 401  # who logs in anew leaves the old one
    assert server.ask(f"{SLUG}/api/errors", cookie=again).status == 200
    assert server.ask("/logga-ut", "POST", "", again).status == 303
    assert server.ask(f"{SLUG}/api/errors", cookie=again).status == 401


def test_who_is_taken_away_is_out_at_once(server: Attacked) -> None:
    users = Users(server.users, CHEAP)
    users.add("tillfällig", "läsa", PASSWORD)
    cookie = server.cookie("tillfällig")
    assert server.ask(f"{SLUG}/api/errors", cookie=cookie).status == 200
    users.add("tillfällig", "läsa", PASSWORD + "!")
    assert server.ask(f"{SLUG}/api/errors", cookie=cookie).status == 401
    users.remove("tillfällig")
    assert server.log_in("tillfällig", PASSWORD + "!").status == 401


def test_guessing_is_slowed(server: Attacked) -> None:
    now = [1000.0]
    site = Site("127.0.0.1", server.port)
    client = serve.books_app(server.ledger, site, Sessions(Users(server.users), lambda: now[0])).test_client()

    def log_in(password: str) -> TestResponse:
        form = {"namn": "lasse", "losenord": password}
        return client.post("/logga-in", data=form, headers={"Origin": server.origin}, base_url=server.origin)

    told = [log_in(f"gissning {place}") for place in range(6)]
    assert [each.status_code for each in told] == [401, 401, 401, 401, 429, 429]
    assert int(told[5].headers["Retry-After"]) >= 1
    assert log_in(PASSWORD).status_code == 429  # nor is the right one heard meanwhile
    now[0] += 1.2
    assert log_in(PASSWORD).status_code == 303


def test_large_requests_are_refused(server: Attacked) -> None:
    cookie = server.cookie("bo")
    head = f"Host: 127.0.0.1:{server.port}\r\nOrigin: {server.origin}\r\nCookie: {cookie}\r\n"
    large = 64 * 2**20
    assert server.raw(f"PUT {SLUG}/api/source HTTP/1.1\r\n{head}Content-Length: {large}\r\n\r\n").startswith(
        "HTTP/1.1 413"
    )
    assert server.raw(f"GET /{'x' * 2**17} HTTP/1.1\r\n{head}\r\n")[:12] in {"HTTP/1.1 414", ""}
    assert server.raw(f"GET / HTTP/1.1\r\n{head}X-X: {'x' * 2**17}\r\n\r\n")[:12] in {"HTTP/1.1 413", ""}
    assert server.ask(f"{SLUG}/api/errors", cookie=cookie).status == 200


def test_slow_requests_hold_nobody_and_end(impatient: Attacked) -> None:
    cookie = impatient.cookie("bo")
    begun = time.monotonic()
    with ExitStack() as opened:
        slow = {
            opened.enter_context(socket.create_connection(("127.0.0.1", impatient.port), timeout=10)) for _ in range(20)
        }
        for connection in slow:
            connection.sendall(b"GET / HTTP/1.1\r\nX-Slow: ")
        while slow:  # a byte at a time, so that it is never silent for long
            ended, _, _ = select.select(slow, [], [], 0.1)
            for connection in ended:
                with suppress(ConnectionResetError):
                    assert connection.recv(4096)[:12] in {b"", b"HTTP/1.1 400", b"HTTP/1.1 408"}
            slow -= {*ended}
            for connection in slow:
                with suppress(ConnectionError):
                    connection.sendall(b"x")
            assert impatient.ask(f"{SLUG}/api/errors", cookie=cookie).status == 200
            assert time.monotonic() - begun < 10  # the silence that is waited for is twice as long


def test_the_servers_patience_is_what_the_handbook_says(
    server: Attacked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    had: list[Patience | float] = []

    def listening(app: Flask, site: Site, patience: Patience) -> None:
        [(_, books)] = app.config["LEDGERS"].items()
        had.extend([patience, books.query_shell.shell.seconds, books.get_filtered.seconds])
        raise ListenError

    monkeypatch.setattr(serve, "listening", listening)
    command = ["serve", "--ledger", str(server.ledger), "--users", str(tmp_path / "users.json")]
    assert CliRunner().invoke(main, command).exit_code == 1
    assert had == [PATIENCE, PATIENCE.query, PATIENCE.query]
    handbook = (Path(__file__).parents[2] / "docs" / "handbok.md").read_text(encoding="utf-8")
    assert f"i högst {PATIENCE.query:g} sekunder var" in handbook
    for told in ("tyst i {silent:g} sekunder", "färdigt på {asking:g} eller", "svar på {answering:g} kopplas"):
        assert told.format(**PATIENCE._asdict()) in handbook


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "TRACE", "CONNECT", "PATCH", "POST", "PROPFIND", "MKCOL", "X"])
def test_odd_methods_are_not_heard(server: Attacked, method: str) -> None:
    for path in (
        f"{SLUG}/api/source",
        f"{SLUG}/income_statement/",
        f"{SLUG}/api/add_entries",
        "/logga-in",
        "/ingen/alls",
        "*",
    ):
        answer = server.ask(path, method, cookie=server.cookie("bo"))
        assert answer.status in {400, 401, 405}
        assert "räddningstjänsten" not in answer.text.lower()


@pytest.mark.parametrize(
    "injected", ["%0d%0aSet-Cookie:%20x=y", "%0aX-Injected:%201", "\\evil.example", "//evil.example"]
)
def test_no_header_is_injected_and_nobody_is_led_elsewhere(server: Attacked, injected: str) -> None:
    for path in (f"/logga-in?till={injected}", f"/logga-in?till=/{injected}"):
        form = urlencode({"namn": "lasse", "losenord": PASSWORD})
        answer = server.ask(path, "POST", form, Content_Type="application/x-www-form-urlencoded")
        assert answer.status == 303
        assert re.fullmatch(r"/([^/\\\r\n][^\\\r\n]*)?", answer.headers["Location"])
        assert "X-Injected" not in answer.headers
        assert answer.headers["Set-Cookie"].startswith("forbundsbok=")
    answer = server.ask("/jump?time=2022", cookie=server.cookie("bo"), Referer="http://evil.example/")
    assert answer.status == 404


def test_the_log_says_who_and_what_and_cannot_be_forged(server: Attacked) -> None:
    assert server.ask("/logg", cookie=server.cookie("lasse")).status == 403
    forged = '"}\n{"user": "bo", "path": "/forged"}'
    server.ask(f"{SLUG}/api/payee_accounts?{urlencode({'payee': forged})}", cookie=server.cookie("lasse"))
    server.log_in('x"}\n{"user": "bo", "path": "/forged"}')
    lines = [json.loads(line) for line in server.ask("/logg", cookie=server.cookie("greta")).text.splitlines()]
    assert not [line for line in lines if line.get("path") == "/forged"]
    seen = [line for line in lines if line["user"] == "lasse" and "payee_accounts" in line["path"]]
    assert [line["status"] for line in seen] == [200]
    assert all(set(line) == {"time", "user", "address", "method", "path", "status"} for line in lines)
    assert PASSWORD not in server.ask("/logg", cookie=server.cookie("greta")).text
    for file in server.users.parent.iterdir():
        assert file.stat().st_mode & 0o077 == 0


STEERING = [
    'plugin "os"',
    '2022-12-31 custom "fava-extension" "evil"',
    '2022-12-31 custom "fava-option" "import-config" "underlag/evil.py"',
    '2022-12-31 custom "fava-option" "import-dirs" "/"',
    'option "insert_pythonpath" "TRUE"',
    'include "/etc/passwd"',
    'include\t"../hemligt.txt"',
]
WRONG = [
    '2025-01-30 * "Obalans"\n  ver: "B 2"\n  Assets:RT:1910-Kassa-och-bank  1.00 SEK\n',
    '2025-01-30 * "Lucka i numren"\n  ver: "B 7"\n  Assets:RT:1910-Kassa-och-bank  0.00 SEK\n',
    "2024-12-31 open Assets:RT\n",
    "detta är inga böcker\n",
]


@pytest.mark.parametrize("added", STEERING + WRONG)
def test_what_breaks_a_rule_or_steers_the_server_is_not_written(server: Attacked, added: str) -> None:
    source = f"{server.ledger.read_text(encoding='utf-8')}\n{added}\n"
    answer = server.ask(f"{SLUG}/api/source", "PUT", whole_file(server, source), server.cookie("bo"))
    assert answer.status == 422, answer.text
    assert json.loads(answer.text)["error"].startswith("Inget skrivs:")


def test_no_other_file_is_written(server: Attacked) -> None:
    beyond = server.ledger.parent.parent / "hemligt.txt"
    for path in (beyond, server.ledger.parent / "ny.bean", Path("/etc/passwd"), server.ledger.parent / "lank.txt"):
        sent = {**whole_file(server, "x"), "file_path": str(path)}
        answer = server.ask(f"{SLUG}/api/source", "PUT", sent, server.cookie("bo"))
        assert answer.status == 500
    assert beyond.read_text() == "hemligt"


@pytest.mark.parametrize(
    "name", ["evil.py", "evil.bean", ".dold.pdf", "x.html", "x.svg", "../../ut.sh", "x", "", "x\x01.pdf"]
)
def test_no_document_of_another_kind_is_taken_in(server: Attacked, name: str) -> None:
    assert upload(server, name, "x").status in {400, 422}


def test_a_document_that_cannot_be_named_is_not_kept(server: Attacked) -> None:
    """For there is no such voucher, or it has its document, and the rules refuse another."""
    assert upload(server, "faktura.pdf", "x", hash="finns inte").status == 404
    journal = json.loads(server.ask(f"{SLUG}/api/journal", cookie=server.cookie("bo")).text)["data"]
    [moved] = [each["entry_hash"] for each in journal if each.get("narration") == "Flyttat"]
    answer = upload(server, "faktura.pdf", "x", hash=moved)
    assert (answer.status, "Inget skrivs" in answer.text) == (422, True)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--listen", "0.0.0.0"], "inga användare"),
        (["--listen", "::"], "inga användare"),
        (["--behind-proxy", "--address", "https://bok.example"], "inga användare"),
        (["--write"], "ska ha ett namn"),
        (["--listen", "0.0.0.0", "--with-user"], "utan TLS"),
        (["--behind-proxy", "--with-user"], "börjar med https://"),
        (["--behind-proxy", "--with-user", "--address", "http://bok.example"], "börjar med https://"),
        (["--tls-cert", "x"], "både --tls-cert och --tls-key"),
        (["--with-user", "--open-file"], "chmod 600"),
    ],
    ids=str,
)
def test_it_refuses_to_be_open(
    server: Attacked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], told: str
) -> None:
    def listening(*of: object) -> None:
        raise AssertionError("it listens")

    monkeypatch.setattr(serve, "listening", listening)
    users = Users(tmp_path / "users.json", CHEAP)
    if "--with-user" in options:
        users.add("lasse", "läsa", PASSWORD)
    if "--open-file" in options:
        users.path.chmod(0o644)
    given = [each for each in options if each not in {"--with-user", "--open-file"}]
    command = ["serve", "--ledger", str(server.ledger), "--users", str(users.path), "--port", "5999", *given]
    ran = CliRunner().invoke(main, command)
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert told in ran.stderr
