"""A started server, and what one who is logged in, or is not, may send to it by HTTP."""

import json
import multiprocessing
import os
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from hashlib import sha256
from http.client import HTTPConnection
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, urlencode

from forbundsbok.scripts.forbundsbok import main
from forbundsbok.web import serve
from forbundsbok.web.listening import PATIENCE, Patience

SLUG = quote("/räddningstjänsten-norra")
PASSWORD = "korrekt häst batteri"
CHEAP = "scrypt:256:8:1"
"""How passwords are hashed where that is not what is tried: the real way takes its time, as it shall."""
ROLES = {"lasse": "läsa", "greta": "granska", "bo": "bokföra"}


class Answer(NamedTuple):
    status: int
    text: str
    headers: Mapping[str, str]


class Attacked:
    """A server, its books, and what an attacker may send."""

    def __init__(self, port: int, ledger: Path, users: Path) -> None:
        self.port = port
        self.ledger = ledger
        self.users = users
        self.origin = f"http://127.0.0.1:{port}"
        self.cookies: dict[str, str] = {}

    def ask(self, path: str, method: str = "GET", body: object = None, cookie: str = "", **headers: str) -> Answer:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        sent = {"Origin": self.origin} if method != "GET" else {}
        if cookie:
            sent["Cookie"] = cookie
        told = body if isinstance(body, str | bytes | None) else json.dumps(body)
        if told is not None:
            sent["Content-Type"] = "application/json"
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(
            method,
            path,
            told.encode() if isinstance(told, str) else told,
            {name: value for name, value in sent.items() if value},
        )
        answer = connection.getresponse()
        read = Answer(answer.status, answer.read().decode("utf-8", "replace"), dict(answer.headers))
        connection.close()
        return read

    def log_in(self, name: str, password: str = PASSWORD, **more: str) -> Answer:
        form = urlencode({"namn": name, "losenord": password})
        return self.ask("/logga-in", "POST", form, Content_Type="application/x-www-form-urlencoded", **more)

    def cookie(self, name: str) -> str:
        """Who is logged in asks by this."""
        if name not in self.cookies:
            answer = self.log_in(name)
            assert answer.status == 303, answer.text
            self.cookies[name] = answer.headers["Set-Cookie"].partition(";")[0]
        return self.cookies[name]

    def digests(self) -> dict[str, str]:
        folder = self.ledger.parent
        return {
            str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest()
            for path in folder.rglob("*")
            if path.is_file()
        }

    def raw(self, text: str | bytes, wait: float = 20) -> str:
        with socket.create_connection(("127.0.0.1", self.port), timeout=wait) as connection:
            connection.sendall(text.encode() if isinstance(text, str) else text)
            try:
                return b"".join(iter(lambda: connection.recv(65536), b"")).decode("utf-8", "replace")
            except ConnectionResetError:
                return ""


# Each server is forked from a process that has loaded the program, which takes ten times as long as all else: one
# such process for all tests that start any, which are of one group.
_LOADED = multiprocessing.get_context("forkserver")
_LOADED.set_forkserver_preload(["__main__", __name__])


def _serve(arguments: Sequence[str], environment: Mapping[str, str], patience: Patience, told: Connection) -> None:
    os.environ.update(environment)
    os.dup2(told.fileno(), 1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    serve.serve = partial(serve.serve, patience=patience)
    main(["serve", *arguments])


@contextmanager
def started(
    ledger: Path, users: Path, *options: str, patience: Patience = PATIENCE, **environment: str
) -> Iterator[Attacked]:
    """A server of some books, as the command starts it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    arguments = ["--ledger", str(ledger), "--port", str(port), "--users", str(users), *options]
    reading, writing = _LOADED.Pipe(duplex=False)
    server = _LOADED.Process(target=_serve, args=(arguments, environment, patience, writing))
    server.start()
    writing.close()
    try:
        with Path(f"/dev/fd/{reading.fileno()}").open() as told:
            assert told.readline().startswith("http")
        yield Attacked(port, ledger, users)
    finally:
        server.terminate()
        server.join()
        reading.close()


def whole_file(server: Attacked, source: str) -> dict[str, str]:
    """What replaces the main file."""
    digest = sha256(server.ledger.read_bytes()).hexdigest()
    return {"file_path": str(server.ledger), "source": source, "sha256sum": digest}


def upload(server: Attacked, name: str, content: str, **fields: str) -> Answer:
    """Send a document, as a form does."""
    parts = [f'Content-Disposition: form-data; name="{key}"\r\n\r\n{value}' for key, value in fields.items()]
    parts.append(f'Content-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n{content}')
    body = "".join(f"--del\r\n{part}\r\n" for part in parts) + "--del--\r\n"
    kind = "multipart/form-data; boundary=del"
    return server.ask(f"{SLUG}/api/add_document", "PUT", body, server.cookie("bo"), Content_Type=kind)
