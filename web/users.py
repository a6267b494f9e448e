"""Who may see the books in the browser, and change them: users, their sessions, and the log of what they did.

    forbundsbok user add anna --role bokföra

The file of users stands outside the books, and only its owner may read it:

    {"anna": {"role": "bokföra", "password": "scrypt:32768:8:1$...", "signature": "AC"}}

`läsa` sees the books, `granska` the log too (`/logg`), `bokföra` also writes. Who has a signature approves by it, as
the books' rights say. The server keeps of a session only what
its token hashes to; the token ends when nobody has asked by it for a while, or its user goes or has a new password.
"""

import json
import os
import re
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from html import escape
from http import HTTPStatus
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote, urlencode

from werkzeug import Request, Response
from werkzeug.security import check_password_hash, generate_password_hash

from forbundsbok.plugins.language import N_, language, tr
from forbundsbok.plugins.ledger_text import visible
from forbundsbok.plugins.parties import folded
from forbundsbok.scripts.store.files import write_atomically
from forbundsbok.web.gate import HEADERS, POLICY

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

ROLES = ("läsa", "granska", "bokföra")
SHORTEST = 12
IDLE = 30 * 60.0
"""For how many seconds nobody may ask before a session ends."""
FREE = 5
"""How many times a password may be wrong before one has to wait."""
LONGEST_WAIT = 15 * 60.0
HASHING = "scrypt"
"""How a password is hashed: with what costs an attacker most, as Werkzeug has it."""
LOGIN, LOGOUT, LOG = "/logga-in", "/logga-ut", "/logg"
LOGGED_OUT = N_("Nothing is written: you are logged out")
TO_LOGIN, LOG_IN = N_("Log in"), N_("Log in to the books")
PART = "partial"
"""What a link of Fava's pages asks by for what it puts in the place of what is shown, with the title as JSON."""
_NAME = re.compile(r"[^\W_][\w.@-]{0,63}")
_OWN_PATH = re.compile(r"/(?![/\\])[^\x00-\x20\\]*")


class UsersError(Exception):
    """The file of users cannot be trusted, or says something else than what is asked."""


class User(NamedTuple):
    """Somebody who may log in."""

    name: str
    role: str
    password: str
    sign: str = ""
    """The signature by which the books know this person, where it is said: who approves in person is known by it."""


def users_file() -> Path:
    """Where users stand, unless one says another file."""
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "forbundsbok" / "users.json"


class Users:
    """The file of users, whose passwords are hashed in a way that costs time and memory."""

    def __init__(self, path: Path, hashing: str = HASHING) -> None:
        self.path = path
        self.hashing = hashing

    def read(self) -> dict[str, User]:
        """Everybody by name. Raises UsersError for a file that others may read, or that is not one of users."""
        try:
            mode = self.path.stat().st_mode
            text = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return {}
        if mode & 0o077:
            text = N_("{file} can be read by others than its owner: write   chmod 600 {file}")
            raise UsersError(tr(text, file=self.path))
        try:
            users = {
                name: User(name, each["role"], each["password"], each.get("signature", ""))
                for name, each in json.loads(text).items()
            }
        except (ValueError, TypeError, KeyError, AttributeError):
            users = {"": User("", "", "")}
        if any(
            not _NAME.fullmatch(each.name) or each.role not in ROLES or not isinstance(each.sign, str)
            for each in users.values()
        ):
            raise UsersError(tr(N_("{file} is no file of users."), file=self.path))
        return users

    def add(self, name: str, role: str, password: str, sign: str | None = None) -> None:
        """Enter somebody, or give somebody who is there another role and password. Raises UsersError.

        The signature stays as it was where none is said; an empty one takes it away.
        """
        if not _NAME.fullmatch(name):
            text = N_("{name} cannot be a user's name: write letters, digits, full stops and hyphens.")
            raise UsersError(tr(text, name=name))
        if len(password) < SHORTEST:
            raise UsersError(tr(N_("The password is too short: {count} characters at least."), count=SHORTEST))
        users = self.read()
        own = (users[name].sign if name in users else "") if sign is None else sign.strip()
        others = (each.name for each in users.values() if each.name != name and folded(each.sign) == folded(own))
        another = next(others, None) if own else None
        if another is not None:
            text = N_("{sign} is the signature of {name}: one person, one user.")
            raise UsersError(tr(text, sign=own, name=another))
        self._write({**users, name: User(name, role, generate_password_hash(password, self.hashing), own)})

    def remove(self, name: str) -> None:
        """Take somebody away. Raises UsersError for one who is not there."""
        users = self.read()
        if users.pop(name, None) is None:
            raise UsersError(tr(N_("There is no user {name}."), name=name))
        self._write(users)

    def _write(self, users: Mapping[str, User]) -> None:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self.path.exists():
            os.close(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        told = {
            each.name: {
                "role": each.role,
                "password": each.password,
                **({"signature": each.sign} if each.sign else {}),
            }
            for each in users.values()
        }
        write_atomically(self.path, json.dumps(told, ensure_ascii=False, indent=2) + "\n")


class _Session:
    def __init__(self, user: User, now: float) -> None:
        self.user = user
        self.seen = now


class Sessions:
    """Who is logged in, by what their tokens hash to; and who has to wait for having guessed."""

    def __init__(self, users: Users, now: Callable[[], float] = time.monotonic) -> None:
        self.users = users
        self.now = now
        self._sessions: dict[str, _Session] = {}
        self._failures: dict[str, tuple[int, float]] = {}
        self._lock = Lock()
        self._nobody = User("", "", generate_password_hash(secrets.token_hex(), users.hashing))

    def log_in(self, name: str, password: str, address: str) -> str | float:
        """A new token; or how many seconds to wait for the next try."""
        keys = (f"user {name}", f"address {address}")
        with self._lock:  # one at a time: to try a password takes memory and a while, as it shall
            wait = max(self._failures.get(key, (0, 0.0))[1] for key in keys) - self.now()
            if wait > 0:
                return wait
            user = self.users.read().get(name, self._nobody)
            if not check_password_hash(user.password, password[:1024]) or user is self._nobody:
                return max(self._fail(key) for key in keys)
            self._failures.pop(keys[0], None)
            self._forget()
            token = secrets.token_urlsafe(32)
            self._sessions[_digest(token)] = _Session(user, self.now())
            return token

    def _fail(self, key: str) -> float:
        if len(self._failures) > 10_000:
            now = self.now()
            self._failures = {each: (count, end) for each, (count, end) in self._failures.items() if end > now}
        count = self._failures.get(key, (0, 0.0))[0] + 1
        wait = min(2.0 ** (count - FREE), LONGEST_WAIT) if count >= FREE else 0.0
        self._failures[key] = (count, self.now() + wait)
        return wait

    def _forget(self) -> None:
        ended = [key for key, session in self._sessions.items() if self.now() - session.seen > IDLE]
        for key in ended:
            del self._sessions[key]

    def user(self, token: str, *, is_there: bool = True) -> User | None:
        """Whose session a token is; what a page asks by itself does not say that somebody is there."""
        session = self._sessions.get(_digest(token))
        if session is None:
            return None
        user = self.users.read().get(session.user.name)
        if user is None or user.password != session.user.password or self.now() - session.seen > IDLE:
            self.log_out(token)
            return None
        if is_there:
            session.seen = self.now()
        return user

    def log_out(self, token: str) -> None:
        """End a session."""
        self._sessions.pop(_digest(token), None)


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()


class Log:
    """Who saw and changed what: a file a month beside that of the users, a line of JSON a request."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = Lock()

    @property
    def path(self) -> Path:
        """The file of the month that is."""
        return self.folder / f"logg-{datetime.now(UTC):%Y-%m}.jsonl"

    def write(self, **what: Any) -> None:
        line = json.dumps({"time": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", **what}, ensure_ascii=True) + "\n"
        with self._lock:
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                os.write(descriptor, line.encode())
            finally:
                os.close(descriptor)


class Entrance:
    """Lets in who is logged in, and writes down what they ask."""

    def __init__(self, app: "WSGIApplication", sessions: Sessions, *, is_secure: bool, is_behind_proxy: bool) -> None:
        self.app = app
        self.sessions = sessions
        self.log = Log(sessions.users.path.parent)
        self.is_secure = is_secure
        self.is_behind_proxy = is_behind_proxy
        self.cookie = "__Host-forbundsbok" if is_secure else "forbundsbok"

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        request = Request(environ)
        token = request.cookies.get(self.cookie, "")
        try:
            user = self.sessions.user(token, is_there=not request.path.endswith("/api/changed"))
            answer = self._own(request, token, user)
        except UsersError as error:
            return Response(str(error), HTTPStatus.SERVICE_UNAVAILABLE)(environ, start_response)
        if answer is None:
            environ["forbundsbok.user"] = user
            return self.app(environ, self._logged(request, user, start_response))
        if request.method != "GET":
            self._log(request, user, answer.status_code)
        answer.headers.update({**HEADERS, "Content-Security-Policy": POLICY, "Cache-Control": "no-store"})
        return answer(environ, start_response)

    def _own(self, request: Request, token: str, user: User | None) -> Response | None:
        """What is answered here; None for what the books answer."""
        if request.method not in {"GET", "HEAD"} and "Origin" not in request.headers:
            return Response(tr(N_("A browser that writes says from which page.")), HTTPStatus.FORBIDDEN)
        if request.path == LOGIN:
            return self._log_in(request, token)
        if user is None:
            return _to_nobody(request)
        if request.path == LOGOUT:
            return self._log_out(token) if request.method == "POST" else _page(_logout_form(user))
        if request.path == LOG and request.method == "GET":
            if user.role != "granska":
                return Response(tr(N_("The log is for who has the role granska.")), HTTPStatus.FORBIDDEN)
            text = self.log.path.read_text(encoding="utf-8") if self.log.path.exists() else ""
            return Response(text, mimetype="text/plain")
        return None

    def _log_in(self, request: Request, token: str) -> Response:
        asked = request.args.get("till", "/")
        if request.method != "POST":
            return _page(_login_form(asked))
        name, password = (request.form.get(field, "") for field in ("namn", "losenord"))
        came = self.sessions.log_in(name, password, self._address(request))
        if isinstance(came, str):
            self.sessions.log_out(token)
            answer = _redirected(asked if _OWN_PATH.fullmatch(asked) else "/")
            answer.set_cookie(self.cookie, came, secure=self.is_secure, httponly=True, samesite="Strict", path="/")
            return answer
        text = tr(N_("Name or password is wrong."))
        if came:
            waiting = N_("Wait {seconds} seconds before you try again.")
            text = f"{text} {tr(waiting, seconds=str(int(came) + 1))}"
        status = HTTPStatus.TOO_MANY_REQUESTS if came else HTTPStatus.UNAUTHORIZED
        answer = _page(_login_form(asked, text, name), status)
        if came:
            answer.headers["Retry-After"] = str(int(came) + 1)
        return answer

    def _log_out(self, token: str) -> Response:
        self.sessions.log_out(token)
        answer = _redirected(LOGIN)
        answer.delete_cookie(self.cookie, secure=self.is_secure, httponly=True, samesite="Strict", path="/")
        return answer

    def _address(self, request: Request) -> str:
        forwarded = request.headers.get("X-Forwarded-For", "") if self.is_behind_proxy else ""
        return forwarded.rpartition(",")[2].strip() or request.remote_addr or ""

    def _logged(self, request: Request, user: User | None, start_response: "StartResponse") -> "StartResponse":
        def started(status: str, *rest: Any) -> Any:
            if not request.path.startswith("/static/") and not request.path.endswith("/api/changed"):
                self._log(request, user, int(status.split()[0]))
            return start_response(status, *rest)

        return started

    def _log(self, request: Request, user: User | None, status: int) -> None:
        self.log.write(
            user=user.name if user else request.form.get("namn", "")[:64] if request.path == LOGIN else "",
            address=self._address(request),
            method=request.method,
            path=request.full_path.rstrip("?")[:2000],
            status=status,
        )


def _to_nobody(request: Request) -> Response:
    """Return what leads to the log-in, and from there to what is asked."""
    if "/api/" in request.path or request.method not in {"GET", "HEAD", "POST"}:
        told = json.dumps({"error": tr(N_("You are not logged in: load the page again."))})
        return Response(told, HTTPStatus.UNAUTHORIZED, mimetype="application/json")
    if request.path == LOGOUT and request.method == "POST":
        return _redirected(LOGIN)
    asked = [(name, said) for name, said in request.args.items(multi=True) if name != PART]
    till = f"{request.path}?{urlencode(asked)}" if asked else request.path
    login = f"{LOGIN}?till={_quoted(till)}"
    if request.method != "POST" and PART in request.args:
        named = json.dumps(tr(LOG_IN)).replace("<", "\\u003c")
        body = _login_form(till)
        return Response(f'<script type="application/json" id="page-title">{named}</script>{body}', mimetype="text/html")
    if request.method != "POST":
        return _redirected(login)
    # The address of a form has what was filled in.
    told = N_("Your log-in has ended. Log in, and look at it once more.")
    body = _ENDED.format(
        title=escape(tr(LOGGED_OUT)), told=escape(tr(told)), login=escape(login, quote=True), link=escape(tr(TO_LOGIN))
    )
    return _page(body, HTTPStatus.UNAUTHORIZED, LOGGED_OUT)


def _quoted(path: str) -> str:
    return quote(path, safe="/")


def _redirected(path: str) -> Response:
    return Response("", HTTPStatus.SEE_OTHER, {"Location": path})


def _page(body: str, status: HTTPStatus = HTTPStatus.OK, title: str = LOG_IN) -> Response:
    page = _PAGE.format(language=language(), title=escape(tr(title)), body=body)
    return Response(page, status, mimetype="text/html")


def _login_form(till: str, told: str = "", name: str = "") -> str:
    """Return the form that leads to where one was on the way; `told` says why not, to who called themselves `name`."""
    alert = f'<p role="alert" id="fel">{escape(told)}</p>' if told else ""
    described = ' aria-describedby="fel" aria-invalid="true"' if told else ""
    first = " autofocus" if told else ""  # which is read out with what it is described by
    action = f"{LOGIN}?till={_quoted(till)}" if _OWN_PATH.fullmatch(till) else LOGIN
    return _LOGIN.format(
        title=escape(tr(LOG_IN)),
        alert=alert,
        action=escape(action, quote=True),
        described=described,
        first=first,
        value=escape(visible(name[:64]), quote=True),
        name=escape(tr(N_("User name"))),
        password=escape(tr(N_("Password"))),
        button=escape(tr(TO_LOGIN)),
    )


def _logout_form(user: User) -> str:
    text = N_("You are logged in as {name}, with the role {role}.")
    return _LOGOUT.format(
        title=escape(tr(N_("Log out"))),
        action=LOGOUT,
        told=escape(tr(text, name=user.name, role=user.role)),
        button=escape(tr(N_("Log out"))),
    )


_PAGE = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; font: 1.1rem/1.5 system-ui, sans-serif; }}
main {{ max-width: 22rem; margin: 12vh auto 0; padding: 0 1rem; }}
h1 {{ font-size: 1.4rem; }}
label {{ display: block; margin-top: 1rem; }}
input, button {{ box-sizing: border-box; width: 100%; min-height: 2.75rem; padding: 0 .6rem; font: inherit; }}
button {{ margin-top: 1.5rem; }}
:focus-visible {{ outline: 3px solid Highlight; outline-offset: 2px; }}
[role=alert] {{ border-left: 4px solid currentColor; padding-left: .7rem; }}
</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""
_LOGIN = """<h1>{title}</h1>
{alert}
<form method="post" action="{action}">
<label for="namn">{name}</label>
<input id="namn" name="namn" value="{value}" autocomplete="username" autocapitalize="none" required{described}>
<label for="losenord">{password}</label>
<input id="losenord" name="losenord" type="password" autocomplete="current-password" required{described}{first}>
<button type="submit">{button}</button>
</form>"""
_ENDED = """<h1>{title}</h1>
<p role="alert">{told}</p>
<p><a href="{login}">{link}</a></p>"""
_LOGOUT = """<h1>{title}</h1>
<p>{told}</p>
<form method="post" action="{action}">
<button type="submit">{button}</button>
</form>"""
