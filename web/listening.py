"""The server that listens: how large a request may be, how long it may take, and by which key it is sealed.

forbundsbok serve --listen 10.1.2.3 --tls-cert bok.pem --tls-key bok.key --address https://bok.forbundet.se:5000
"""

import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from ipaddress import ip_address
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from cheroot.server import HTTPConnection, HTTPRequest
from cheroot.ssl.builtin import BuiltinSSLAdapter
from cheroot.wsgi import Server

from forbundsbok.plugins.language import N_, tr

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

LOOPBACK = "127.0.0.1"
THREADS = 32
HEAD, BODY = 64 * 2**10, 32 * 2**20
"""How large a request's head and body may be, in bytes."""


class ListenError(Exception):
    """The books would be shown to whom they must not, or cannot be shown there."""


class Patience(NamedTuple):
    """How long the server waits, in seconds."""

    silent: float = 10.0
    """For a client that says nothing."""
    asking: float = 15.0
    """For all of a request's head."""
    answering: float = 120.0
    """For its body, and until its answer is sent."""
    query: float = 10.0
    """For what is asked of the books, or filtered in them."""


PATIENCE = Patience()


class Site(NamedTuple):
    """Where the books are shown, and how."""

    listen: str
    port: int
    addresses: Sequence[str] = ()
    certificate: Path | None = None
    key: Path | None = None
    is_behind_proxy: bool = False

    @property
    def is_open(self) -> bool:
        """Whether others than this computer may reach it."""
        try:
            return self.is_behind_proxy or not ip_address(self.listen).is_loopback
        except ValueError:
            return True

    @property
    def is_secure(self) -> bool:
        """Whether a browser reaches it by TLS."""
        return all(origin.startswith("https://") for origin in self.origins)

    @property
    def origins(self) -> Sequence[str]:
        """The addresses by which it may be asked, as a browser sends them in Origin."""
        if self.addresses:
            return [_origin(each) for each in self.addresses]
        scheme = "https" if self.certificate else "http"
        names = [self.listen] if self.is_open else ["127.0.0.1", "localhost"]
        return [_origin(f"{scheme}://{f'[{name}]' if ':' in name else name}:{self.port}") for name in names]

    def refuse_unsafe(self, *, has_users: bool) -> None:
        """Raise ListenError for what would show the books, or passwords, to whoever listens."""
        if bool(self.certificate) != bool(self.key):
            raise ListenError(tr(N_("TLS takes both --tls-cert and --tls-key.")))
        if not self.is_open:
            return
        if not has_users:
            text = N_(
                "Others than this computer would reach the books, and there are no users: forbundsbok user add NAME"
            )
            raise ListenError(tr(text))
        if not self.certificate and not self.is_behind_proxy:
            text = N_("Others would reach the books without TLS: give --tls-cert and --tls-key, or --behind-proxy.")
            raise ListenError(tr(text))
        if not self.is_secure:
            raise ListenError(tr(N_("The address that readers write begins with https://: give it by --address.")))
        if self.is_behind_proxy and not self.addresses:
            raise ListenError(tr(N_("The address that readers write begins with https://: give it by --address.")))


def _origin(address: str) -> str:
    """An address as browsers write it: small letters, no port that its scheme says already, no path."""
    parts = urlsplit(address)
    usual = {"http": ":80", "https": ":443"}.get(parts.scheme, "")
    if not usual or not parts.hostname:
        raise ListenError(tr(N_("{address} is no address: write https://bok.forbundet.se"), address=address))
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2].lower().removesuffix(usual)}"


class _Request(HTTPRequest):
    """A request whose time is up when it is, however busily its client sends single bytes."""

    def parse_request(self) -> None:
        with self._for(self.server.patience.asking):
            super().parse_request()

    def respond(self) -> None:
        with self._for(self.server.patience.answering):
            super().respond()

    @contextmanager
    def _for(self, seconds: float) -> Iterator[None]:
        timer = Timer(seconds, _hang_up, [self.conn.socket])
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()


def _hang_up(connection: socket.socket) -> None:
    with suppress(OSError):
        socket.socket.shutdown(connection, socket.SHUT_RDWR)


class _Connection(HTTPConnection):
    RequestHandlerClass = _Request


class _Sealed(BuiltinSSLAdapter):
    """TLS that is agreed on when a request is read: a client that is silent then lets others in meanwhile."""

    def wrap(self, sock: socket.socket) -> tuple[ssl.SSLSocket, dict[str, Any]]:
        sealed = self.context.wrap_socket(sock, do_handshake_on_connect=False, server_side=True)
        return sealed, {"wsgi.url_scheme": "https", "HTTPS": "on"}


class _Server(Server):
    patience: Patience


def listening(app: "WSGIApplication", site: Site, patience: Patience = PATIENCE) -> Server:
    """Return a server that is ready to answer. Raises ListenError."""
    server = _Server((site.listen, site.port), app, THREADS, server_name="", request_queue_size=64)
    server.patience = patience
    server.timeout = patience.silent
    server.server_name = ""  # else it tells its version
    server.ConnectionClass = _Connection
    server.max_request_header_size = HEAD
    server.max_request_body_size = BODY
    try:
        if site.certificate and site.key:
            server.ssl_adapter = _Sealed(str(site.certificate), str(site.key))
            server.ssl_adapter.context.minimum_version = ssl.TLSVersion.TLSv1_2
    except (OSError, ssl.SSLError) as error:
        text = N_("{file} cannot be used for TLS: {why}")
        raise ListenError(tr(text, file=site.certificate, why=error.strerror or error)) from error
    try:
        server.prepare()
    except OSError as error:
        if site.listen == LOOPBACK:
            text = N_("Port {port} is taken. Choose another by --port.")
            raise ListenError(tr(text, port=site.port)) from error
        text = N_("{address}, port {port}, cannot be listened on: {why}")
        raise ListenError(tr(text, address=site.listen, port=site.port, why=error)) from error
    return server
