"""Users, as the command enters them, and the servers that others than this computer reach."""

import socket
import ssl
import subprocess
import time
from html.parser import HTMLParser
from http.client import HTTPSConnection
from pathlib import Path
from urllib.parse import urlencode

import pytest
from click.testing import CliRunner

from forbundsbok.scripts.forbundsbok import main
from forbundsbok.web.listening import ListenError, Site
from forbundsbok.web.users import IDLE, LONGEST_WAIT, Sessions, Users, UsersError
from tests.scripts.books import make_books
from tests.web.server import CHEAP, PASSWORD, SLUG, started

pytestmark = [pytest.mark.xdist_group("page")]


@pytest.fixture
def users(tmp_path: Path) -> Users:
    users = Users(tmp_path / "settings" / "users.json", CHEAP)
    users.add("anna", "läsa", PASSWORD)
    return users


def test_the_command_enters_and_takes_away(tmp_path: Path) -> None:
    path = tmp_path / "settings" / "users.json"

    def run(*arguments: str, answers: str = "") -> tuple[int, str]:
        ran = CliRunner().invoke(main, ["user", *arguments, "--users", str(path)], input=answers)
        return ran.exit_code, ran.output

    assert run("list") == (0, "")
    code, told = run("add", "anna", "--role", "bokföra", answers=f"{PASSWORD}\n{PASSWORD}\n")
    assert (code, told.splitlines()[-1]) == (0, "anna får logga in, med rollen bokföra.")
    assert PASSWORD not in told
    assert path.stat().st_mode & 0o777 == 0o600
    assert PASSWORD not in path.read_text()
    assert '"scrypt:32768:8:1$' in path.read_text()
    assert run("list") == (0, "anna  bokföra\n")
    before = path.read_bytes()
    assert run("add", "bo", answers="kort\nkort\n")[0] == 1
    assert run("add", "../bo", answers=f"{PASSWORD}\n{PASSWORD}\n")[0] == 1
    assert run("remove", "bo") == (1, "Fel: Det finns ingen användare bo.\n")
    assert path.read_bytes() == before
    assert run("remove", "anna") == (0, "anna får inte längre logga in.\n")
    assert run("list") == (0, "")


@pytest.mark.parametrize("text", ["", "[]", "{", '{"a": {}}', '{"a": {"role": "chef", "password": "x"}}', '{"a": 1}'])
def test_a_file_that_is_none_of_users_lets_nobody_in(users: Users, text: str) -> None:
    users.path.write_text(text)
    with pytest.raises(UsersError, match="ingen fil med användare"):
        users.read()


def test_a_session_ends_when_nobody_asks(users: Users) -> None:
    now = [1000.0]
    sessions = Sessions(users, lambda: now[0])
    token = sessions.log_in("anna", PASSWORD, "here")
    assert isinstance(token, str)
    assert token not in repr(vars(sessions))
    for _ in range(3):
        now[0] += IDLE - 1
        assert sessions.user(token) is not None
    now[0] += IDLE - 1
    assert sessions.user(token, is_there=False) is not None  # what a page asks by itself keeps nobody logged in
    now[0] += 2
    assert sessions.user(token) is None
    now[0] -= IDLE
    assert sessions.user(token) is None  # nor does it come back


def test_who_guesses_waits_longer_each_time(users: Users) -> None:
    now = [1000.0]
    sessions = Sessions(users, lambda: now[0])
    waits = []
    for _ in range(20):
        wait = sessions.log_in("anna", "gissning", "there")
        assert isinstance(wait, float)
        waits.append(wait)
        now[0] += wait
    assert waits[:8] == [0.0, 0.0, 0.0, 0.0, 1.0, 2.0, 4.0, 8.0]
    assert waits[-1] == LONGEST_WAIT
    # Another name from there is slowed too, and the name from elsewhere.
    sessions.log_in("anna", "gissning", "there")
    assert isinstance(sessions.log_in("bo", PASSWORD, "there"), float)
    assert isinstance(sessions.log_in("anna", PASSWORD, "elsewhere"), float)
    now[0] += LONGEST_WAIT
    assert isinstance(sessions.log_in("anna", PASSWORD, "there"), str)


@pytest.mark.parametrize(
    ("site", "origins"),
    [
        (Site("127.0.0.1", 5000), ["http://127.0.0.1:5000", "http://localhost:5000"]),
        (Site("::1", 5000), ["http://127.0.0.1:5000", "http://localhost:5000"]),
        (Site("10.1.2.3", 443, (), Path("c"), Path("k")), ["https://10.1.2.3"]),
        (Site("127.0.0.1", 5000, ("https://Bok.Example:443/",), is_behind_proxy=True), ["https://bok.example"]),
        (Site("127.0.0.1", 5000, ("https://a", "https://b:8443")), ["https://a", "https://b:8443"]),
    ],
    ids=str,
)
def test_the_addresses_that_are_answered(site: Site, origins: list[str]) -> None:
    assert site.origins == origins


def test_an_address_is_one() -> None:
    for address in ("bok.example", "ftp://bok.example", "https://", ""):
        with pytest.raises(ListenError):
            _ = Site("127.0.0.1", 5000, (address,)).origins


def test_users_among_the_books_are_refused(tmp_path: Path) -> None:
    ledger = make_books(tmp_path)
    Users(tmp_path / "users.json", CHEAP).add("anna", "läsa", PASSWORD)
    ran = CliRunner().invoke(main, ["serve", "--ledger", str(ledger), "--users", str(tmp_path / "users.json")])
    assert ran.exit_code == 1
    assert "ligger bland böckerna" in ran.output


class _Form(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_the_log_in_page_can_be_heard_and_reached_by_keyboard(users: Users, tmp_path: Path) -> None:
    with started(make_books(tmp_path / "books"), users.path) as server:
        first = server.ask("/logga-in?till=/x%22%3E%3Cscript%3E")
        refused = server.log_in('<script>"', "fel")
    tags = _Form(refused.text).tags
    assert first.headers["Cache-Control"] == "no-store"
    assert "<script" not in first.text + refused.text
    assert [each["lang"] for tag, each in tags if tag == "html"] == ["sv"]
    labelled = {each["for"] for tag, each in tags if tag == "label"}
    inputs = [each for tag, each in tags if tag == "input"]
    assert labelled == {each["id"] for each in inputs} == {"namn", "losenord"}
    assert [each["autocomplete"] for each in inputs] == ["username", "current-password"]
    [alert] = [each for tag, each in tags if each.get("role") == "alert"]
    assert {each["aria-describedby"] for each in inputs} == {alert["id"]}
    assert [tag for tag, _ in tags if tag in {"main", "h1", "button", "form"}] == ["main", "h1", "form", "button"]
    assert "Fel användarnamn eller lösenord." in refused.text


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("tls")
    made, key = folder / "bok.pem", folder / "bok.key"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    command += ["-addext", "subjectAltName=DNS:localhost", "-out", str(made), "-keyout", str(key)]
    subprocess.run(command, check=True, capture_output=True)
    return made, key


@pytest.mark.slow
def test_by_tls_the_cookie_is_secure_and_the_silent_hold_nobody(
    users: Users, certificate: tuple[Path, Path], tmp_path: Path
) -> None:
    made, key = certificate
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = ["--listen", "0.0.0.0", "--tls-cert", str(made), "--tls-key", str(key)]
    options += ["--address", f"https://localhost:{port}", "--port", str(port)]
    with started(make_books(tmp_path / "books"), users.path, *options):
        silent = [socket.create_connection(("127.0.0.1", port)) for _ in range(5)]
        context = ssl.create_default_context(cafile=str(made))
        begun = time.monotonic()
        connection = HTTPSConnection("localhost", port, context=context, timeout=20)
        form = urlencode({"namn": "anna", "losenord": PASSWORD})
        kind = "application/x-www-form-urlencoded"
        headers = {"Origin": f"https://localhost:{port}", "Content-Type": kind}
        connection.request("POST", "/logga-in", form, headers)
        answer = connection.getresponse()
        answer.read()
        assert time.monotonic() - begun < 5
        cookie = answer.headers["Set-Cookie"]
        assert cookie.startswith("__Host-forbundsbok=")
        assert cookie.endswith("; Secure; HttpOnly; Path=/; SameSite=Strict")
        connection.request("GET", f"{SLUG}/income_statement/", headers={"Cookie": cookie.partition(";")[0]})
        answer = connection.getresponse()
        assert answer.status == 200
        assert answer.headers["Strict-Transport-Security"]
        answer.read()
        connection.request("GET", f"{SLUG}/api/errors", headers={"Host": "evil.example"})
        assert connection.getresponse().status == 421
        for each in silent:
            each.close()
        with socket.create_connection(("127.0.0.1", port), timeout=20) as plain:  # no page without TLS
            plain.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert b"200 OK" not in plain.recv(4096)


def test_behind_a_proxy_the_log_has_the_readers_own_address(users: Users, tmp_path: Path) -> None:
    users.add("greta", "granska", PASSWORD)
    with started(
        make_books(tmp_path / "books"), users.path, "--behind-proxy", "--address", "https://bok.example"
    ) as server:
        sent = {"Host": "bok.example", "Origin": "https://bok.example", "X_Forwarded_For": "6.6.6.6, 10.0.0.7"}
        assert server.log_in("greta", **{**sent, "Host": f"127.0.0.1:{server.port}"}).status == 421
        answer = server.log_in("greta", **sent)
        assert answer.headers["Set-Cookie"].endswith("; Secure; HttpOnly; Path=/; SameSite=Strict")
        cookie = answer.headers["Set-Cookie"].partition(";")[0]
        told = server.ask("/logg", cookie=cookie, Host="bok.example").text
    assert '"address": "10.0.0.7"' in told
    assert "6.6.6.6" not in told
